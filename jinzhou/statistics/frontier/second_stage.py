"""What goes with inefficiency: truncated regression of efficiency scores, with a bootstrap that knows they are estimates.

Least squares or a Tobit on the scores is not valid: the scores depend on each other and the ones
at 1 are an artefact of the estimate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import log_ndtr, ndtri_exp

from jinzhou.errors import EstimationError, ParameterError
from jinzhou.statistics.frontier.bootstrap import (
    AT_ONCE,
    SMOOTH,
    against_pseudo,
    check_numbers,
)
from jinzhou.statistics.frontier.dea import EFFICIENT, choice, dea, numbers, prepare

_ROOT = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SecondStage:
    """Truncated regression of the distance (1 / theta for inputs, phi for outputs: 1 on the frontier, larger is worse).

    Attributes
    ----------
    coefficients : DataFrame, indexed by term
        `beta`, `se`, `ci_low`, `ci_high`, `p_value` by parametric bootstrap; the last row is `sigma`. A positive beta
        goes with *more* inefficiency. Association, not effect.
    distances : DataFrame, indexed by unit
        `distance` estimated, `corrected` for bias (algorithm 2, else missing), `used` in the regression.
    algorithm : {1, 2}
    failures : int
        Bootstrap fits that did not converge, left out.
    """

    coefficients: pd.DataFrame
    distances: pd.DataFrame
    algorithm: int
    orientation: str
    returns: str
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
        return f"Simar-Wilson algorithm {self.algorithm}: {self.distances['used'].sum()} of {self.n} units in the truncated regression, {self.replications:,} replications.{few}"


def second_stage(
    units: pd.DataFrame,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    covariates: Sequence[str],
    algorithm: int = 2,
    orientation: str = "output",
    returns: str = "variable",
    first_replications: int = 100,
    replications: int = 2000,
    level: float = 0.95,
    seed: int = 2018,
) -> SecondStage:
    """Regress efficiency on circumstances, by algorithm 1 or 2 of Simar and Wilson (2007).

    Parameters
    ----------
    covariates : sequence of str
        Columns of `units`; a constant is added. Rows without one of them are left out, named.
    algorithm : {1, 2}
        1: units on the estimated frontier are left out, scores as estimated. 2: all units, scores corrected
        for bias by `first_replications` pseudo-samples that follow the regression.

    Raises
    ------
    ParameterError
        An option that is not among those allowed, or what `dea` refuses.
    EstimationError
        Covariates that are a combination of each other; fewer units than terms; no convergence.

    Notes
    -----
    Distance d = z beta + e, e normal, truncated at d >= 1. Simar and Wilson (2007), J. of Econometrics 136,
    31-64. It supposes that circumstances move units within the frontier and not the frontier
    itself (separability). Intervals are percentiles of the draws: on samples whose distances are known they hold the
    generating value more often than intervals of beta* - beta, which the skew of the estimator pushes the wrong way
    (`make bench` prints both). P-values are two-sided, from the same draws.
    """
    choice("orientation", orientation, ("input", "output"))
    choice("returns", returns, SMOOTH)
    if algorithm not in (1, 2):
        raise ParameterError(
            f"algorithm={algorithm!r}；应为 1 或 2。",
            f"algorithm={algorithm!r}; expected 1 or 2.",
        )
    check_numbers(replications, level)
    unknown = [c for c in covariates if c not in units]
    if unknown or not covariates:
        raise ParameterError(
            f"没有这些协变量：{'、'.join(map(str, unknown)) or '（未给出）'}。",
            f"no such covariates: {', '.join(map(str, unknown)) or '(none given)'}.",
        )
    blank = ~np.isfinite(numbers(units, covariates)).all(axis=1)
    plain = dea(
        units[~blank],
        inputs=inputs,
        outputs=outputs,
        orientation=orientation,
        returns=returns,
    )
    excluded = pd.concat(
        [
            pd.Series("missing covariate", index=units.index[blank], dtype=str),
            plain.excluded,
        ]
    )
    scores = plain.scores[plain.scores["score"].notna()]
    excluded = pd.concat(
        [excluded, plain.scores.loc[plain.scores["score"].isna(), "status"]]
    )
    Z = np.column_stack(
        [np.ones(len(scores)), numbers(units.loc[scores.index], covariates)]
    )
    terms = ["constant", *covariates]
    _independent(Z, terms)
    d = np.maximum(
        scores["score" if orientation == "output" else "reciprocal"].to_numpy(), 1.0
    )
    inner = d > 1 + EFFICIENT
    if inner.sum() <= len(terms) + 1:
        raise EstimationError(
            f"前沿以内只有 {inner.sum()} 个单元，不足以估计 {len(terms)} 个系数。",
            f"only {inner.sum()} units off the frontier; too few for {len(terms)} coefficients.",
        )
    middle, spread = Z.mean(axis=0), Z.std(axis=0)
    middle[0], spread[0] = 0.0, 1.0
    S = (
        Z - middle
    ) / spread  # fitted on a common scale, told in the covariates' own units
    rng = np.random.default_rng(seed)
    beta, sigma, loglik, ok = truncated_regression(d[None, inner], S[inner])
    corrected, used = np.full(len(d), np.nan), inner
    if algorithm == 2 and ok[0]:
        corrected = 2 * d - _pseudo(
            units.loc[scores.index],
            d,
            S @ beta[0],
            sigma[0],
            inputs,
            outputs,
            orientation,
            returns,
            first_replications,
            rng,
        )
        used = np.ones(len(d), dtype=bool)
        beta, sigma, loglik, ok = truncated_regression(
            np.maximum(corrected, 1.0)[None], S
        )
    if not ok[0]:
        raise EstimationError(
            "截断回归未收敛；请检查协变量的异常值。",
            "the truncated regression did not converge; look for outliers among the covariates.",
        )
    drawn = truncated_draws(S[used] @ beta[0], sigma[0], replications, rng)
    many, spreads, _, good = truncated_regression(drawn, S[used])
    back = np.eye(len(terms)) / spread[:, None]  # from the common scale back
    back[0] -= middle / spread
    estimate = np.append(back @ beta[0], sigma[0])
    draws = np.column_stack([many[good] @ back.T, spreads[good]])
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    p = np.minimum(
        2
        * (1 + np.minimum((draws <= 0).sum(axis=0), (draws >= 0).sum(axis=0)))
        / (1 + len(draws)),
        1.0,
    )
    p[-1] = np.nan  # a standard deviation is not tested against zero
    table = pd.DataFrame(
        {
            "beta": estimate,
            "se": draws.std(axis=0, ddof=1),
            "ci_low": low,
            "ci_high": high,
            "p_value": p,
        },
        index=[*terms, "sigma"],
    )
    return SecondStage(
        coefficients=table,
        distances=pd.DataFrame(
            {"distance": d, "corrected": corrected, "used": used}, index=scores.index
        ),
        algorithm=algorithm,
        orientation=orientation,
        returns=returns,
        level=level,
        replications=replications,
        failures=int((~good).sum()),
        loglik=float(loglik[0]),
        n=len(d),
        enough=plain.enough,
        dropped=excluded.value_counts(),
        excluded=excluded,
    )


def truncated_regression(
    D: np.ndarray, Z: np.ndarray, *, steps: int = 60
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Maximum likelihood of d = z beta + e given d >= 1, e normal, for many samples of one design.

    Parameters
    ----------
    D : ndarray (B, n), at least 1
    Z : ndarray (n, k)

    Returns
    -------
    beta (B, k), sigma (B,), log-likelihood (B,), converged (B,)

    Notes
    -----
    Newton's method on gamma = beta / sigma and theta = 1 / sigma, in which the likelihood is concave (Orme and
    Ruud 2002, Economics Letters 75, 209-213), halving a step that does not rise.
    """
    B, (n, k) = len(D), Z.shape
    gamma = np.linalg.lstsq(Z, D.T, rcond=None)[0].T
    theta = 1 / np.maximum((D - gamma @ Z.T).std(axis=1), 1e-8)
    gamma = gamma * theta[:, None]
    ll, done, todo = np.full(B, -np.inf), np.zeros(B, dtype=bool), np.arange(B)
    ll[:] = _loglik(D, Z, gamma, theta)
    outer = (Z[:, :, None] * Z[:, None, :]).reshape(n, k * k)
    for _ in range(steps):
        d, g, t = D[todo], gamma[todo], theta[todo]
        m = g @ Z.T
        r, u = t[:, None] * d - m, m - t[:, None]
        mills = np.exp(-0.5 * u * u - _ROOT - log_ndtr(u))
        curve = mills * (mills + u)
        gradient = np.column_stack(
            [(r - mills) @ Z, n / t - (r * d - mills).sum(axis=1)]
        )
        hessian = np.empty((len(todo), k + 1, k + 1))
        hessian[:, :k, :k] = -((1 - curve) @ outer).reshape(-1, k, k)
        hessian[:, :k, k] = hessian[:, k, :k] = (d - curve) @ Z
        hessian[:, k, k] = -n / t**2 - (d * d - curve).sum(axis=1)
        hessian -= (
            1e-10 * np.eye(k + 1) * np.abs(hessian).max(axis=(1, 2), keepdims=True)
        )
        move_ = -np.linalg.solve(hessian, gradient[:, :, None])[:, :, 0]
        rise = (gradient * move_).sum(axis=1)
        length = np.where(
            t + move_[:, k] > 0, 1.0, -0.5 * t / np.minimum(move_[:, k], -1e-300)
        )
        new = _loglik(
            d, Z, g + length[:, None] * move_[:, :k], t + length * move_[:, k]
        )
        for _ in range(30):
            worse = ~(new >= ll[todo] + 1e-4 * length * rise - 1e-9 * np.abs(ll[todo]))
            if not worse.any():
                break
            length[worse] /= 2
            new[worse] = _loglik(
                d[worse],
                Z,
                g[worse] + length[worse, None] * move_[worse, :k],
                t[worse] + length[worse] * move_[worse, k],
            )
        gamma[todo], theta[todo], ll[todo] = (
            g + length[:, None] * move_[:, :k],
            t + length * move_[:, k],
            new,
        )
        done[todo] = rise < 1e-10
        todo = todo[~done[todo]]
        if not len(todo):
            break
    return gamma / theta[:, None], 1 / theta, ll, done & np.isfinite(ll)


def truncated_draws(
    middle: np.ndarray, sigma: float, replications: int, rng: np.random.Generator
) -> np.ndarray:
    """Draws (replications, n) of normal(middle, sigma) given that they are at least 1."""
    tail = log_ndtr((middle - 1) / sigma)
    return np.maximum(
        middle
        - sigma
        * ndtri_exp(tail + np.log(rng.uniform(size=(replications, len(middle))))),
        1.0,
    )


def _loglik(
    D: np.ndarray, Z: np.ndarray, gamma: np.ndarray, theta: np.ndarray
) -> np.ndarray:
    m = gamma @ Z.T
    t = theta[:, None]
    return (np.log(t) - _ROOT - 0.5 * (t * D - m) ** 2 - log_ndtr(m - t)).sum(axis=1)


def _pseudo(
    units, d, middle, sigma, inputs, outputs, orientation, returns, replications, rng
) -> np.ndarray:
    """Mean distance (n,) of the units against pseudo-samples whose inefficiency follows the regression."""
    given = prepare(units, inputs=inputs, outputs=outputs, returns=returns)
    piece = max(1, AT_ONCE // given.n)
    distances = [
        1
        / against_pseudo(
            given,
            truncated_draws(middle, sigma, min(piece, replications - first), rng) / d,
            returns=returns,
            output=orientation == "output",
        )
        for first in range(0, replications, piece)
    ]
    return np.nanmean(np.concatenate(distances), axis=0)


def _independent(Z: np.ndarray, terms: Sequence[str]) -> None:
    """Refuse a design whose columns repeat each other, naming the first that adds nothing."""
    unit = Z / np.maximum(np.linalg.norm(Z, axis=0), 1e-300)
    for k in range(1, Z.shape[1] + 1):
        if np.linalg.matrix_rank(unit[:, :k], tol=1e-9) < k:
            name = terms[k - 1]
            raise EstimationError(
                f"协变量 {name} 可由其前各项线性表示；请删去一项。",
                f"covariate {name} is a combination of those before it; leave one out.",
                covariate=name,
            )
