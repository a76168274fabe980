"""Intervals of shares, without and with clusters."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from jinzhou.errors import ParameterError


def normal_quantile(level: float) -> float:
    """z with `level` of a normal distribution within +-z.

    Raises
    ------
    ParameterError
        `level` is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ParameterError(f"置信水平为 {level}；应在0与1之间。", f"level={level}; expected between 0 and 1.")
    return NormalDist().inv_cdf(0.5 + level / 2)


def wilson(hits: np.ndarray, tested: np.ndarray, *, level: float = 0.95, design: np.ndarray | float = 1.0):
    """Score interval of a share, honest at 0 and 100 %.

    Parameters
    ----------
    hits, tested : arrays
        Counts; NaN is returned where nothing was tested.
    design : array or float
        Design effect: the sample counts as `tested / design` independent rows.

    Returns
    -------
    low, high : arrays

    Notes
    -----
    Wilson (1927), Journal of the American Statistical Association 22, 209-212.
    """
    z = normal_quantile(level)
    hits, tested = np.asarray(hits, float), np.asarray(tested, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        n = tested / np.maximum(design, 1e-9)
        p = hits / tested
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low, high = np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)
    # the score interval reaches 0 and 1 there exactly; rounding must not say otherwise
    return np.where(p <= 0, 0.0, low), np.where(p >= 1, 1.0, high)


def design_effect(y: np.ndarray, cluster: np.ndarray, weight: np.ndarray) -> float:
    """Variance of a weighted share with clusters over its variance as a simple random sample.

    At least 1: clusters that happen to be alike do not make a sample better than it is. Taylor
    linearisation with the number of clusters over that less one (Cochran 1977, ch. 11).
    """
    total = weight.sum()
    if not total or len(y) < 2:
        return 1.0
    p = float((weight * y).sum() / total)
    if p in (0.0, 1.0):
        return 1.0
    _, codes = np.unique(cluster, return_inverse=True)
    score = np.bincount(codes, weight * (y - p)) / total
    groups = len(score)
    if groups < 2:
        return 1.0
    clustered = groups / (groups - 1) * float((score**2).sum())
    simple = p * (1 - p) / len(y)
    return max(1.0, clustered / simple)
