"""Terms of a hazard, and the matrix that they make of a panel."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.statistics.hazard import CHUNK

VILLAGE, HOUSEHOLD = "village_frailty", "household_frailty"
"""Names of the two frailties among the contributions."""
NOTHING_LEFT = 1e-8
"""Share of a term's variance that others leave, below which it follows from them."""


@dataclass(frozen=True, slots=True)
class Covariate:
    """One term of the hazard.

    Attributes
    ----------
    name : str
    value : callable(panel) -> array
        The term from the panel's columns; missing is NaN and becomes `missing`.
    reason : str
        Group of reasons; empty for a term that is no reason to visit.
    missing : float
        Value where the panel has none; a stated imputation, counted in the audit.
    set_to : float, optional
        Value when scoring: visits are scored as not made.
    knots : tuple of float
        A smooth term: piecewise linear with a bend at each knot. The term's
        contribution is that of all its pieces together.
    """

    name: str
    value: Callable[[pd.DataFrame], np.ndarray]
    reason: str = ""
    missing: float = 0.0
    set_to: float | None = None
    knots: tuple[float, ...] = ()

    def pieces(self) -> list[str]:
        """Names of the columns that the term takes in the design."""
        return [self.name, *(f"{self.name} > {knot:g}" for knot in self.knots)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Design:
    """Terms that a hazard can use.

    Attributes
    ----------
    terms : tuple of Covariate
        Those kept.
    values : array (n, terms)
    dropped : mapping, term -> why it was left out
        ``all missing``, ``does not vary`` or ``follows from other terms``.
    imputed : Series
        Values imputed per term.
    """

    terms: tuple[Covariate, ...]
    values: np.ndarray
    dropped: Mapping[str, str]
    imputed: pd.Series

    @property
    def Z(self) -> np.ndarray:
        """The design matrix: constant, terms and their bends."""
        return design_matrix(self.values, self.terms)


def term_values(
    panel: pd.DataFrame, covariates: Sequence[Covariate]
) -> tuple[np.ndarray, pd.DataFrame]:
    """Terms as a matrix (n, k), and which values were imputed (n, k)."""
    X = np.empty((len(panel), len(covariates)), order="F")
    imputed = np.zeros(X.shape, dtype=bool, order="F")
    for j, covariate in enumerate(covariates):
        X[:, j] = covariate.value(panel)
        if not np.isfinite(X[:, j].sum()):
            imputed[:, j] = ~np.isfinite(X[:, j])
            X[imputed[:, j], j] = covariate.missing
    return X, pd.DataFrame(imputed, columns=[c.name for c in covariates])


def design_matrix(values: np.ndarray, terms: Sequence[Covariate]) -> np.ndarray:
    """Design with the constant (first): each term and its bends."""
    Z = np.empty((len(values), 1 + sum(1 + len(c.knots) for c in terms)))
    starts = np.cumsum([1, *(1 + len(c.knots) for c in terms)])[:-1]
    for first in range(
        0, len(values), CHUNK
    ):  # the terms stand in columns, the design in rows
        part = slice(first, first + CHUNK)
        Z[part, 0] = 1
        Z[part, starts] = values[part]
    for j, c in enumerate(terms):
        for piece, knot in enumerate(c.knots, start=starts[j] + 1):
            Z[:, piece] = np.maximum(values[:, j] - knot, 0)
    return Z


def scored_values(
    panel: pd.DataFrame, terms: Sequence[Covariate]
) -> tuple[np.ndarray, pd.DataFrame]:
    """`term_values` with the terms that are scored at a set value."""
    X, imputed = term_values(panel, terms)
    for j, c in enumerate(terms):
        if c.set_to is not None:
            X[:, j] = c.set_to
    return X, imputed


def make_design(train: pd.DataFrame, covariates: Sequence[Covariate]) -> Design:
    """The terms that vary, are known, and do not follow from the others."""
    values, imputed = term_values(train, covariates)
    empty = imputed.to_numpy().all(axis=0)
    flat = values.max(axis=0) == values.min(axis=0)
    dropped = {
        c.name: "all missing" if none else "does not vary"
        for c, none, same in zip(covariates, empty, flat, strict=True)
        if none or same
    }
    kept = [j for j, c in enumerate(covariates) if c.name not in dropped]
    use = _independent(_correlation(values, kept))
    for i, j in enumerate(kept):
        if i not in use:
            dropped[covariates[j].name] = "follows from other terms"
    columns = [kept[i] for i in use]
    return Design(
        terms=tuple(covariates[j] for j in columns),
        values=values[:, columns] if len(columns) < len(covariates) else values,
        dropped=dropped,
        imputed=imputed.sum(),
    )


def _correlation(values: np.ndarray, kept: Sequence[int]) -> np.ndarray:
    """Correlations of the columns `kept`, read in chunks."""
    centre = values[0, kept]  # any common shift: keeps the sums of squares small
    moments = np.zeros((len(kept) + 1, len(kept) + 1))
    for start in range(0, len(values), CHUNK):
        part = values[start : start + CHUNK, kept] - centre
        rows = np.column_stack([np.ones(len(part)), part])
        moments += rows.T @ rows
    sums = moments[0, 1:]
    found = moments[1:, 1:] - np.outer(sums, sums) / len(values)
    size = np.sqrt(np.diag(found))
    return found / np.outer(size, size)


def _independent(correlation: np.ndarray) -> list[int]:
    """Columns of which something is left beside the earlier ones (Cholesky)."""
    use: list[int] = []
    for i in range(len(correlation)):
        part, beside = correlation[np.ix_(use, use)], correlation[use, i]
        rest = 1 - beside @ np.linalg.solve(part, beside) if use else 1.0
        if rest > NOTHING_LEFT:
            use.append(i)
    return use
