"""What goes with inefficiency: truncated regression of efficiency scores.

Least squares or a Tobit on the scores is not valid: the scores depend on each other and
the ones at 1 are an artefact of the estimate. The bootstrap knows that they are
estimates; no library of Python holds it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import EstimationError, ParameterError
from jinzhou.statistics.frontier.bootstrap import check_numbers
from jinzhou.statistics.frontier.dea import EFFICIENT, dea
from jinzhou.statistics.frontier.model import (
    DeaModel,
    choice,
    numbers,
    prepare,
    repeated,
)
from jinzhou.statistics.frontier.resampling import AT_ONCE, against_pseudo
from jinzhou.statistics.frontier.technology import CONVEX
from jinzhou.statistics.frontier.truncated import (
    Truncated,
    truncated_draws,
    truncated_regression,
)

ALGORITHMS = (1, 2)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SecondStage:
    """Truncated regression of the distance.

    The distance is 1 / theta for inputs, phi for outputs: 1 on the frontier, larger is
    worse.

    Attributes
    ----------
    coefficients : DataFrame, indexed by term
        `beta`, `se`, `ci_low`, `ci_high`, `p_value` by parametric bootstrap; the last
        row is `sigma`. A positive beta goes with *more* inefficiency. Association, not
        effect.
    distances : DataFrame, indexed by unit
        `distance` estimated, `corrected` for bias (algorithm 2, else missing), `used`
        in the regression.
    algorithm : {1, 2}
    orientation, returns_to_scale, n, enough, dropped, excluded
        As in `dea.Frontier`.
    level : float
    replications, failures : int
        Bootstrap fits, and those that did not converge, left out.
    loglik : float
    """

    coefficients: pd.DataFrame
    distances: pd.DataFrame
    algorithm: int
    orientation: str
    returns_to_scale: str
    level: float
    replications: int
    failures: int
    loglik: float
    n: int
    enough: bool
    dropped: pd.Series
    excluded: pd.Series

    def table(self) -> pd.DataFrame:
        """A copy of `coefficients`, safe to format."""
        return self.coefficients.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        few = "" if self.enough else " Too few units: scores are not informative."
        return (
            f"Simar-Wilson algorithm {self.algorithm}: {self.distances['used'].sum()} "
            f"of {self.n} units in the truncated regression, "
            f"{self.replications:,} replications.{few}"
        )


def second_stage(
    units: pd.DataFrame,
    model: DeaModel,
    *,
    covariates: Sequence[str],
    algorithm: int = 2,
    first_replications: int = 100,
    replications: int = 2000,
    level: float = 0.95,
    seed: int = 2018,
) -> SecondStage:
    """Regress efficiency on circumstances, by algorithm 1 or 2 of Simar and Wilson.

    Parameters
    ----------
    units, model
        As in `dea`; orientation input or output, returns to scale not fdh.
    covariates : sequence of str
        Columns of `units`; a constant is added. Rows without one of them are left out,
        named.
    algorithm : {1, 2}
        1: units on the estimated frontier are left out, scores as estimated. 2: all
        units, scores corrected for bias by `first_replications` pseudo-samples that
        follow the regression.

    Returns
    -------
    SecondStage

    Raises
    ------
    ParameterError
        An option that is not among those allowed, or what `dea` refuses.
    EstimationError
        Covariates that are a combination of each other; fewer units than terms; no
        convergence.

    Notes
    -----
    Distance d = z beta + e, e normal, truncated at d >= 1. It supposes that
    circumstances move units within the frontier and not the frontier itself
    (separability). Intervals are percentiles of the draws: on samples whose distances
    are known they hold the generating value more often than intervals of beta* - beta,
    which the skew of the estimator pushes the wrong way (`benchmarks/frontier_bench.py`
    prints both). P-values are two-sided, from the same draws.

    References
    ----------
    Simar and Wilson (2007), J. of Econometrics 136, 31-64.
    """
    model.check(orientation=("input", "output"), returns_to_scale=CONVEX)
    _check(units, covariates, algorithm)
    check_numbers(replications, level)
    blank = ~np.isfinite(numbers(units, covariates)).all(axis=1)
    plain = dea(units[~blank], model)
    known = plain.scores["score"].notna()
    scores = plain.scores[known]
    excluded = pd.concat(
        [
            pd.Series("missing covariate", index=units.index[blank], dtype=str),
            plain.excluded,
            plain.scores.loc[~known, "status"],
        ]
    )
    terms = ["constant", *covariates]
    given = units.loc[scores.index]
    design = _design(numbers(given, covariates), terms)
    distance = _distances(scores, model)
    rng = np.random.default_rng(seed)
    fit, corrected, used = _fit(
        given,
        model,
        distance,
        design,
        first_replications if algorithm == 2 else 0,
        rng,
    )
    rows = design.Z[used]
    drawn = truncated_draws(rows @ fit.beta[0], fit.sigma[0], replications, rng)
    again = truncated_regression(drawn, rows)
    return SecondStage(
        coefficients=_coefficients(design, fit, again, level),
        distances=pd.DataFrame(
            {"distance": distance, "corrected": corrected, "used": used},
            index=scores.index,
        ),
        algorithm=algorithm,
        level=level,
        replications=replications,
        failures=int((~again.converged).sum()),
        loglik=float(fit.loglik[0]),
        dropped=excluded.value_counts(),
        excluded=excluded,
        orientation=plain.orientation,
        returns_to_scale=plain.returns_to_scale,
        enough=plain.enough,
        n=len(distance),
    )


def _check(units: pd.DataFrame, covariates: Sequence[str], algorithm: int) -> None:
    choice("algorithm", algorithm, ALGORITHMS)
    unknown = [c for c in covariates if c not in units]
    if unknown:
        raise ParameterError("statistics.dea.columns", missing=unknown)
    if not covariates:
        raise ParameterError("statistics.second_stage.no_covariates")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Design:
    """Covariates on a common scale.

    Attributes
    ----------
    Z : ndarray (n, k)
        The constant first.
    terms : list of str (k,)
    back : ndarray (k, k)
        Takes coefficients to the covariates' own units.
    """

    Z: np.ndarray
    terms: list[str]
    back: np.ndarray


def _design(values: np.ndarray, terms: list[str]) -> _Design:
    Z = np.column_stack([np.ones(len(values)), values])
    again = repeated(Z, terms)
    if again:
        raise EstimationError(
            "statistics.second_stage.collinear", covariates=list(again)
        )
    middle, spread = Z.mean(axis=0), Z.std(axis=0)
    middle[0], spread[0] = 0.0, 1.0
    back = np.eye(len(terms)) / spread[:, None]
    back[0] -= middle / spread
    return _Design(Z=(Z - middle) / spread, terms=terms, back=back)


def _distances(scores: pd.DataFrame, model: DeaModel) -> np.ndarray:
    column = "score" if model.output else "reciprocal"
    return np.maximum(scores[column].to_numpy(), 1.0)


def _fit(
    units: pd.DataFrame,
    model: DeaModel,
    distance: np.ndarray,
    design: _Design,
    first_replications: int,
    rng: np.random.Generator,
) -> tuple[Truncated, np.ndarray, np.ndarray]:
    """The fit, corrected distances (n,) and which units (n,) it uses.

    Without first replications, algorithm 1.
    """
    used = distance > 1 + EFFICIENT
    if used.sum() <= len(design.terms) + 1:
        raise EstimationError(
            "statistics.second_stage.few_units",
            found=int(used.sum()),
            terms=len(design.terms),
        )
    fit = truncated_regression(distance[None, used], design.Z[used])
    corrected = np.full(len(distance), np.nan)
    if first_replications and fit.converged[0]:
        middle, sigma = design.Z @ fit.beta[0], fit.sigma[0]
        mean = _pseudo(units, model, distance, middle, sigma, first_replications, rng)
        corrected, used = 2 * distance - mean, np.ones(len(distance), dtype=bool)
        fit = truncated_regression(np.maximum(corrected, 1.0)[None], design.Z)
    if not fit.converged[0]:
        raise EstimationError("statistics.second_stage.not_converged")
    return fit, corrected, used


def _pseudo(
    units: pd.DataFrame,
    model: DeaModel,
    distance: np.ndarray,
    middle: np.ndarray,
    sigma: float,
    replications: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Mean distance (n,) against pseudo-samples that follow the regression."""
    given = prepare(units, model)
    piece = max(1, AT_ONCE // given.n)
    found = []
    for first in range(0, replications, piece):
        drawn = truncated_draws(middle, sigma, min(piece, replications - first), rng)
        score = against_pseudo(
            given,
            drawn / distance,
            returns_to_scale=model.returns_to_scale,
            output=model.output,
        )
        found.append(1 / score)
    return np.nanmean(np.concatenate(found), axis=0)


def _coefficients(
    design: _Design, fit: Truncated, again: Truncated, level: float
) -> pd.DataFrame:
    """Estimates in the covariates' own units, with errors from the bootstrap fits."""
    good = again.converged
    draws = np.column_stack([again.beta[good] @ design.back.T, again.sigma[good]])
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    rarer = np.minimum((draws <= 0).sum(axis=0), (draws >= 0).sum(axis=0))
    p = np.minimum(2 * (1 + rarer) / (1 + len(draws)), 1.0)
    p[-1] = np.nan  # a standard deviation is not tested against zero
    return pd.DataFrame(
        {
            "beta": np.append(design.back @ fit.beta[0], fit.sigma[0]),
            "se": draws.std(axis=0, ddof=1),
            "ci_low": low,
            "ci_high": high,
            "p_value": p,
        },
        index=[*design.terms, "sigma"],
    )
