"""Efficiency of a row given its residuals: arrays in, arrays out.

No library of Python holds these moments with the errors of the estimates in them.
"""

import numpy as np
from scipy.special import log_ndtr, ndtri_exp

from jinzhou.statistics.frontier.likelihood import log_mills


def efficiency(
    mean: np.ndarray, spread: np.ndarray, path: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """E[exp(-eta u) | e] and E[eta u | e], by row.

    Parameters
    ----------
    mean, spread, path : ndarray (n,)
        mu*, sigma* and eta_it, see `composed.Composed`.

    References
    ----------
    Battese and Coelli (1988), J. of Econometrics 38, 387-399; Jondrow,
    Lovell, Materov and Schmidt (1982), J. of Econometrics 19, 233-238.
    """
    z = mean / spread
    shifted = z - path * spread
    # both tails are far out together: the difference of L keeps the digits that log Phi
    # would lose
    expected = np.exp(log_mills(shifted)[0] - log_mills(z)[0])
    return expected, path * spread * log_mills(z)[1]


def quantiles(around: np.ndarray, share: float) -> np.ndarray:
    """exp(-eta u) (n,) where eta u is exceeded with probability `share`.

    Given the residuals and the errors of the estimates.

    Parameters
    ----------
    around : ndarray (J, 3, n)
        mu*, sigma* and eta_it at points of equal weight; one point takes the estimates
        as known.

    References
    ----------
    Horrace and Schmidt (1996), J. of Productivity Analysis 7, 257-282.
    """
    mean, spread, path = around[:, 0], around[:, 1], around[:, 2]
    below = log_ndtr(mean / spread)
    quantile = mean - spread * ndtri_exp(np.log(share) + below)
    each = path * np.maximum(quantile, 0.0)
    if len(around) == 1:
        return np.exp(-each[0])
    low, high, x = each.min(axis=0), each.max(axis=0), each.mean(axis=0)
    left = np.arange(len(x))
    # Newton's steps, held between the quantiles of the mixture's parts, on the rows that
    # still move
    for _ in range(60):
        now, m, s = x[left], mean[:, left], spread[:, left]
        p, b = path[:, left], below[:, left]
        w = (m - now / p) / s
        beyond = np.exp(log_ndtr(w) - b).mean(axis=0) - share
        density = (np.exp(-w * w / 2 - b) / (s * p)).mean(axis=0) / np.sqrt(2 * np.pi)
        low[left] = np.where(beyond > 0, now, low[left])
        high[left] = np.where(beyond > 0, high[left], now)
        step = now + beyond / np.maximum(density, 1e-300)
        inside = (step > low[left]) & (step < high[left])
        x[left] = np.where(inside, step, (low[left] + high[left]) / 2)
        left = left[np.abs(x[left] - now) > 1e-6]
        if not len(left):
            break
    return np.exp(-x)
