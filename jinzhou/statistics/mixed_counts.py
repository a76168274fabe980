"""Counts with a log link, overdispersion and blocks of random deviations.

statsmodels' mixed count models know neither a variance of mean + alpha mean^2 with several
crossed blocks nor a weak prior on the variances; with few levels theirs end at zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

PRIOR_LEVELS = 2
"""Levels' worth of weight of the standard deviation that a block starts from."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MixedCounts:
    """A fit.

    Attributes
    ----------
    beta : ndarray (p,)
        Fixed coefficients, then those of each block.
    cov : ndarray (p, p)
    dispersion : float
        alpha of the variance mean + alpha mean^2.
    variances : ndarray (blocks,)
    """

    beta: np.ndarray
    cov: np.ndarray
    dispersion: float
    variances: np.ndarray


def mixed_counts(
    y: np.ndarray,
    fixed: np.ndarray,
    blocks: Sequence[np.ndarray],
    prior: np.ndarray,
    *,
    rounds: int = 60,
) -> MixedCounts:
    """Penalised quasi-likelihood with variances by EM.

    Parameters
    ----------
    y : ndarray (n,)
        Counts, or expected ones.
    fixed : ndarray (n, f)
    blocks : sequence of ndarray (n, levels)
        Each block's coefficients are normal around zero.
    prior : ndarray (blocks,)
        Standard deviation that each block starts from, with the weight of `PRIOR_LEVELS`
        levels, so that a variance which few levels cannot tell from zero is not taken for
        zero.

    References
    ----------
    Breslow and Clayton (1993), J. of the American Statistical Association 88, 9-25.
    """
    X = np.column_stack([fixed, *blocks])
    f, sizes = fixed.shape[1], [b.shape[1] for b in blocks]
    edges = np.cumsum([f, *sizes])
    variances, alpha = prior**2, 0.0
    beta = np.zeros(X.shape[1])
    beta[:f] = np.linalg.lstsq(fixed, np.log(y + 0.5), rcond=None)[0]
    for _ in range(rounds):
        penalty = np.concatenate([np.zeros(f), np.repeat(1 / variances, sizes)])
        beta, mu, data = _penalised(y, X, beta, penalty, alpha)
        cov = np.linalg.inv(data + np.diag(penalty))
        left = max(len(y) - np.trace(cov @ data), 1.0)
        dispersion = _dispersion(y, mu, left)
        new = np.empty(len(sizes))
        for i, (a, b, s) in enumerate(zip(edges, edges[1:], prior, strict=False)):
            spread = beta[a:b] @ beta[a:b] + np.trace(cov[a:b, a:b])
            new[i] = (spread + PRIOR_LEVELS * s**2) / (b - a + PRIOR_LEVELS)
        still = np.abs(np.log(new / variances)).max() < 1e-3
        still = still and abs(dispersion - alpha) < 1e-4
        variances, alpha = new, dispersion
        if still:
            break
    return MixedCounts(beta=beta, cov=cov, dispersion=alpha, variances=variances)


def _penalised(
    y: np.ndarray, X: np.ndarray, beta: np.ndarray, penalty: np.ndarray, alpha: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients (p,), means (n,) and information of the data (p, p), by Newton's method."""
    for _ in range(50):
        mu = np.exp(np.minimum(X @ beta, 30))
        weight = 1 / (1 + alpha * mu)
        data = X.T @ (X * (mu * weight)[:, None])
        gradient = X.T @ ((y - mu) * weight) - penalty * beta
        step = np.linalg.solve(data + np.diag(penalty), gradient)
        beta = beta + step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < 1e-8:
            break
    return beta, mu, data


def _dispersion(y: np.ndarray, mu: np.ndarray, left: float) -> float:
    """The alpha at which Pearson's statistic equals its degrees of freedom; 0 if below already."""
    low, high = 0.0, 1e3
    for _ in range(60):
        middle = (low + high) / 2
        if ((y - mu) ** 2 / (mu + middle * mu**2)).sum() > left:
            low = middle
        else:
            high = middle
    return low
