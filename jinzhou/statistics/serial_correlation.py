"""The last coefficient of a regression, averaged over the correlation of its errors.

With a few dozen periods a plug-in covariance (Newey-West, a fitted autoregression) is
too narrow. Here the correlation is not plugged in but averaged over its restricted
likelihood with a prior that makes the interval right to the second order. No kept
library does this.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtr

CORRELATIONS = np.linspace(-0.4, 0.98, 24)
"""Grid of the correlation of what carries over from a period to the next."""
NUGGETS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9)
"""Grid of the share of a period's variance that carries nothing over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AveragedJump:
    """Posterior mean and interval of a coefficient, and the mean correlation."""

    effect: float
    ci_low: float
    ci_high: float
    correlation: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ErrorGrid:
    """Errors of variance 1 at every point of `NUGGETS` x `CORRELATIONS`.

    Attributes
    ----------
    precision : array (points, n, n)
        Inverses of the correlation matrices, the first of `NUGGETS` first.
    logdet, neighbours : arrays (points,)
        Log determinants of `precision`; correlation of two neighbouring periods.
    slopes : array (2, points, n, n)
        Of the correlation matrices, by the correlation and by the nugget.
    """

    precision: np.ndarray
    logdet: np.ndarray
    neighbours: np.ndarray
    slopes: np.ndarray


def error_grid(index: pd.PeriodIndex) -> ErrorGrid:
    """First-order autoregression plus white noise over periods with gaps."""
    time = index.astype("int64").to_numpy()
    distance = np.abs(time[:, None] - time[None, :]).astype(float)
    n = len(time)
    sign = np.where(CORRELATIONS < 0, -1.0, 1.0)[:, None, None]
    size = np.abs(CORRELATIONS)[:, None, None]
    carried = sign**distance * size**distance
    steep = np.where(
        distance > 0,
        distance * sign ** (distance - 1) * size ** np.maximum(distance - 1, 0),
        0.0,
    )
    one, kept = np.eye(n), 1 - np.array(NUGGETS)[:, None, None, None]
    slopes = np.empty((2, len(NUGGETS), len(CORRELATIONS), n, n))
    slopes[0], slopes[1] = kept * steep, one - carried
    precision = np.linalg.inv((kept * carried + (1 - kept) * one).reshape(-1, n, n))
    return ErrorGrid(
        precision=precision,
        logdet=np.linalg.slogdet(precision)[1],
        neighbours=np.outer(kept, CORRELATIONS).ravel(),
        slopes=slopes.reshape(2, -1, n, n),
    )


def averaged_jump(
    X: np.ndarray, y: np.ndarray, index: pd.PeriodIndex, *, level: float = 0.95
) -> AveragedJump:
    """The last coefficient of y (n,) on X (n, k), with the interval of its posterior.

    Notes
    -----
    Given the grid point the coefficient is t distributed with n - k degrees of freedom;
    the interval is that of the mixture.

    References
    ----------
    Zellner and Tiao (1964), Journal of the American Statistical Association 59,
    763-778.
    """
    grid = error_grid(index)
    n, k = X.shape
    precision = grid.precision
    information = X.T @ precision @ X
    inverse = np.linalg.inv(information)
    estimator = inverse @ (X.T @ precision)  # (points, k, n)
    residual = precision - precision @ X @ estimator
    effects = (estimator @ y)[:, -1]
    rest = np.maximum(np.einsum("i,gij,j->g", y, residual, y), 1e-300)
    variance = inverse[:, -1, -1]
    errors = np.maximum(np.sqrt(rest / (n - k) * variance), 1e-300)
    prior = prior_weights(residual, grid.slopes, estimator[:, -1], variance, n - k)
    likelihood = (
        grid.logdet - np.linalg.slogdet(information)[1] - (n - k) * np.log(rest)
    ) / 2
    log_weight = np.log(prior) + likelihood
    w = np.exp(log_weight - log_weight.max())
    w /= w.sum()
    some = w > 1e-12  # the rest does not show
    mean = float(w @ effects)
    spread = float(np.sqrt(w @ (errors**2 + (effects - mean) ** 2)))

    def below(x: float) -> float:
        return float(w[some] @ stdtr(n - k, (x - effects[some]) / errors[some]))

    reach = (mean - 60 * spread, mean + 60 * spread)
    low, high = (_root(below, p, *reach) for p in ((1 - level) / 2, (1 + level) / 2))
    return AveragedJump(
        effect=mean,
        ci_low=low,
        ci_high=high,
        correlation=float(w @ grid.neighbours),
    )


def prior_weights(
    residual: np.ndarray,
    slopes: np.ndarray,
    estimator: np.ndarray,
    variance: np.ndarray,
    df: int,
) -> np.ndarray:
    """Prior weight of each grid point: half without a nugget, half with one.

    Parameters
    ----------
    residual, slopes : arrays (points, n, n), (2, points, n, n)
        Quadratic form of the residuals; slopes of the covariance.
    estimator, variance : arrays (points, n), (points,)
        Weights of the periods in the effect, and its variance when the scale is 1.

    Notes
    -----
    With a nugget: Jeffreys' prior of the restricted likelihood, the scale integrated
    out. Without one a single parameter r is left, and the prior can make the interval
    right to the second order. The effect is orthogonal to r and to the scale, so the
    condition is that prior x h' / J does not move with r, where J is the information on
    r and h the logarithm of the effect's variance, both at the scale orthogonal to r.
    Where h moves by less than 0.1 over a standard error of r, the prior stops rising.

    References
    ----------
    Berger, De Oliveira and Sanso (2001), Journal of the American Statistical
    Association 96, 1361-1374. De Oliveira (2007), Canadian Journal of Statistics 35,
    283-301. Mukerjee and Ghosh (1997), Biometrika 84, 970-975.
    """
    points = slopes @ residual  # (2, points, n, n)
    trace = np.trace(points, axis1=2, axis2=3)
    (aa, ab), (_, bb) = (
        np.einsum("apij,bpji->abp", points, points, optimize=True)
        - trace[:, None] * trace[None, :] / df
    ) / 2
    moves = (
        np.einsum("pi,pij,pj->p", estimator, slopes[0], estimator, optimize=True)
        / variance
        - trace[0] / df
    )
    few = len(CORRELATIONS)
    without = aa[:few] / np.sqrt(moves[:few] ** 2 + 0.1**2 * aa[:few])
    nugget = np.sqrt(np.maximum(aa * bb - ab**2, 0))[few:]
    return np.maximum(
        np.concatenate([without / without.sum(), nugget / nugget.sum()]), 1e-300
    )


def _root(
    function: Callable[[float], float], target: float, low: float, high: float
) -> float:
    """Where a rising function passes `target`, by bisection."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < target else (low, middle)
    return (low + high) / 2
