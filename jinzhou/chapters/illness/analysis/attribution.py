"""What would not have happened without illness: the attributable fraction of an outcome.

Other terms stay as they are, income among them: what illness does by lowering income is not in the
fraction. It is an association, causal only as far as the terms hold all that lets ill and healthy
households differ. The registry is the population, so the error is that of the coefficients, robust
to rows of a household (or village) that resemble each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.registry.covariates import RETURN_TERMS
from jinzhou.result import Result
from jinzhou.statistics.hazard import Likelihood, cluster_cov, inverse_link
from jinzhou.statistics.intervals import normal_quantile
from jinzhou.statistics.returns.fitting import (
    PLAIN,
    HazardOptions,
    Training,
    estimate,
    training_rows,
)
from jinzhou.statistics.returns.terms import Covariate, design_matrix
from jinzhou.words import Words

COVARIATES = tuple(Covariate(**term) for term in RETURN_TERMS)
"""Terms of the hazard of return."""
STANDING = tuple(
    c
    for c in COVARIATES
    if c.reason in ("illness", "disability", "age", "labour", "place")
)
"""Terms that say who a household is, not how poor: for the fraction of poverty itself."""
COLUMNS = ("expected", "without", "fraction", "ci_low", "ci_high")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AttributableFraction(Result):
    """Share of an outcome that would not have happened with some terms switched off.

    Attributes
    ----------
    rows : DataFrame, indexed by group (``all`` last)
        `expected` (outcomes the model expects), `without` (the same with the terms at zero),
        `fraction`, `ci_low`, `ci_high`.
    reason : str
        Group of the terms.
    terms : tuple of str
        Terms switched off.
    absent : tuple of str
        Terms asked for that the data do not have, or that do not vary.
    n, events, clusters : int
    level : float
    """

    kinds: ClassVar[Mapping[str, str]] = {
        "expected": "count",
        "without": "count",
    } | dict.fromkeys(("fraction", "ci_low", "ci_high"), "share")
    rows: pd.DataFrame
    reason: str
    terms: tuple[str, ...]
    absent: tuple[str, ...]
    n: int
    events: int
    clusters: int
    level: float

    def sentence(self, words: Words) -> str:
        """The fraction of all expected outcomes, with its interval."""
        last = self.rows.iloc[-1]
        return words(
            "summary.AttributableFraction",
            fraction=last["fraction"],
            low=last["ci_low"],
            high=last["ci_high"],
            expected=last["expected"],
            terms=len(self.terms),
            reason=words.label("term_group", self.reason),
        )


def attributable_fraction(
    panel: pd.DataFrame,
    *,
    as_of: str,
    reason: str = "illness",
    outcome: str | pd.Series = "returned_1",
    covariates: Sequence[Covariate] = COVARIATES,
    by: str | None = "county",
    late: bool = True,
    options: HazardOptions = PLAIN,
) -> AttributableFraction:
    """Share of the outcomes that the model would not expect with every term of a reason at zero.

    Parameters
    ----------
    panel : DataFrame
        Rows of `registry.panel`; those with a known outcome and a quarter ended by `as_of` count.
    reason : str
        Group of terms, as in `Covariate.reason`.
    outcome : str or Series
        ``returned_1`` for returns; any 0/1 column or Series of the rows.
    by : str, optional
        Column of groups; the coefficients are those of all rows.
    late : bool
        Whether outcomes are recorded late (returns): the latest quarters then need an offset.
    options : HazardOptions
        Link, clusters and level; the rest is not used.

    Raises
    ------
    ParameterError, EstimationError
        No term has the reason; fewer than 30 outcomes, or no convergence.

    Notes
    -----
    1 - sum of the hazards without / sum of the hazards, over the households at risk; the interval
    is symmetric in log(1 - fraction).

    References
    ----------
    Bruzzi and others (1985), American Journal of Epidemiology 122, 904-914; standardised as in
    Greenland and Drescher (1993), Biometrics 49, 865-872.
    """
    asked = _terms_of(covariates, reason)
    label = panel[outcome] if isinstance(outcome, str) else outcome
    data = training_rows(
        panel, label, as_of=as_of, covariates=covariates, options=options, late=late
    )
    terms = tuple(c.name for c in data.design.terms if c.reason == reason)
    clusters = pd.factorize(data.rows[options.cluster])[0]
    return AttributableFraction(
        rows=_fractions(data, clusters, reason=reason, by=by, options=options),
        reason=reason,
        terms=terms,
        absent=tuple(t for t in asked if t not in terms),
        n=len(data.y),
        events=int(data.y.sum()),
        clusters=int(clusters.max()) + 1,
        level=options.level,
    )


def _terms_of(covariates: Sequence[Covariate], reason: str) -> list[str]:
    asked = [c.name for c in covariates if c.reason == reason]
    if not asked:
        known = sorted({c.reason for c in covariates if c.reason})
        raise ParameterError(
            "chapters.attribution.reason", found=repr(reason), known=known
        )
    return asked


def _fractions(
    data: Training,
    clusters: np.ndarray,
    *,
    reason: str,
    by: str | None,
    options: HazardOptions,
) -> pd.DataFrame:
    """One row per group, ``all`` last: expected outcomes with and without the terms."""
    link, Z = options.link, data.Z
    found, _ = estimate(data, link)
    Z0 = _switched_off(data, reason)
    likelihood = Likelihood(Z, data.y, link=link, offset=data.late)
    cov = cluster_cov(likelihood, beta=found.beta, clusters=clusters)
    eta, eta0 = Z @ found.beta, Z0 @ found.beta
    hazard, without = inverse_link(eta, link), inverse_link(eta0, link)
    slope, slope0 = _slope(eta, link), _slope(eta0, link)
    z = normal_quantile(options.level)
    rows = {}
    for name, here in _groups(data.rows, by).items():
        total, rest = hazard[here].sum(), without[here].sum()
        # derivative of log(rest / total) in the coefficients
        gradient = slope0[here] @ Z0[here] / rest - slope[here] @ Z[here] / total
        half = z * np.sqrt(max(float(gradient @ cov @ gradient), 0.0))
        ratio = rest / total
        low, high = 1 - ratio * np.exp(half), 1 - ratio * np.exp(-half)
        rows[name] = (total, rest, 1 - ratio, low, high)
    made = pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS))
    return made.rename_axis(by or "group")


def _groups(rows: pd.DataFrame, by: str | None) -> dict[str, np.ndarray]:
    """Which rows belong to each group, and to all."""
    every = {"all": np.ones(len(rows), bool)}
    if by is None:
        return every
    group = rows[by].fillna("").to_numpy()
    return {name: group == name for name in sorted(set(group))} | every


def _switched_off(data: Training, reason: str) -> np.ndarray:
    """The design matrix with every term of the reason at zero."""
    values = data.design.values.copy()
    for j, covariate in enumerate(data.design.terms):
        if covariate.reason == reason:
            values[:, j] = 0.0
    return design_matrix(values, data.design.terms)


def _slope(eta: np.ndarray, link: str) -> np.ndarray:
    """Derivative of the probability in the linear predictor."""
    if link == "logit":
        p = inverse_link(eta, link)
        return p * (1 - p)
    return np.exp(np.minimum(eta, 30) - np.exp(np.minimum(eta, 30)))
