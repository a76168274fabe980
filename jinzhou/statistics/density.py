"""Is there a break in a density at a line? Local polynomial test, and McCrary's beside.

The Python package of the method's authors is under the GPL and brings a plotting stack;
the estimator is short and is written here from the paper.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.result import Result
from jinzhou.words import Words

SMALLEST = 50
"""Observations within the bandwidth that each side needs."""
ROUNDED = 0.3
"""Share of values on multiples of 100 from which the data are said to be rounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DensityTest(Result):
    """Density just below and just above a line.

    Attributes
    ----------
    n, n_below, n_above : int
        Observations; within the bandwidth on each side.
    bandwidth : float
        In the unit of the data.
    density_below, density_above : float
        Density estimates at the line.
    statistic, p : float
        (above - below) over its standard error, and its two-sided p-value; NaN when
        `status` is not ``tested``.
    mccrary, mccrary_p : float
        Log difference of McCrary's (2008) estimate and its p-value.
    rounded : float
        Share of the values within the bandwidth that are multiples of 100.
    status : str
        ``tested``; ``too few``; ``rounded`` when heaps stand in the window (the test is
        computed, and a break may be a heap: ask for the raw amounts, or leave out the
        heaps on both sides).
    """

    n: int
    n_below: int
    n_above: int
    bandwidth: float
    density_below: float
    density_above: float
    statistic: float
    p: float
    mccrary: float
    mccrary_p: float
    rounded: float
    status: str

    def table(self) -> pd.DataFrame:
        """One row: what was found on each side, and both tests."""
        return pd.DataFrame([{f.name: getattr(self, f.name) for f in fields(self)}])

    def sentence(self, words: Words) -> str:
        """Densities at the line, statistic and p-value."""
        return words(
            "summary.DensityTest",
            below=f"{self.density_below:.3g}",
            above=f"{self.density_above:.3g}",
            statistic=self.statistic,
            p=self.p,
            n=self.n,
        )


def density_test(
    values: np.ndarray, *, line: float, bandwidth: float | None = None
) -> DensityTest:
    """Test whether a density is continuous at a line.

    Parameters
    ----------
    values : array (n,)
        Missing values are left out.
    line : float
        A value at the line counts as above it.
    bandwidth : float, optional
        By default the normal-reference one of `reference_bandwidth`.

    Raises
    ------
    ParameterError
        The bandwidth is not above zero.

    Notes
    -----
    The empirical distribution function is fitted on each side by a local polynomial of
    order 2 for the estimates and of order 3 for the test, with triangular weights; the
    slope at the line is the density. The standard error is that of the Hajek projection
    (jackknife form). Cattaneo, Jansson and Ma (2020), Journal of the American
    Statistical Association 115, 1449-1455. McCrary (2008), Journal of Econometrics 142,
    698-714.
    """
    from scipy.stats import norm

    x = np.asarray(values, float)
    x = np.sort(x[np.isfinite(x)]) - line
    if bandwidth is not None and bandwidth <= 0:
        raise ParameterError("statistics.density.bandwidth", found=bandwidth)
    n = len(x)
    h = bandwidth or (reference_bandwidth(x) if n > 2 else np.nan)
    near = np.abs(x) <= h
    below, above = int((near & (x < 0)).sum()), int((near & (x >= 0)).sum())
    rounded = (
        float((np.abs((x[near] + line) / 100 % 1) < 1e-9).mean())
        if near.any()
        else np.nan
    )
    found = DensityTest(
        n=n,
        n_below=below,
        n_above=above,
        bandwidth=float(h),
        density_below=np.nan,
        density_above=np.nan,
        statistic=np.nan,
        p=np.nan,
        mccrary=np.nan,
        mccrary_p=np.nan,
        rounded=rounded,
        status="too few",
    )
    if (
        min(below, above) < SMALLEST
        or min(len(np.unique(x[near & (x < 0)])), len(np.unique(x[near & (x >= 0)])))
        < 10
    ):
        return found
    density = [_side(x, h, order=2, above=side)[0] for side in (False, True)]
    robust = [_side(x, h, order=3, above=side) for side in (False, True)]
    influence = robust[1][1] - robust[0][1]
    error = float(np.sqrt((influence**2).sum()) / n)
    statistic = (robust[1][0] - robust[0][0]) / error
    log_difference, log_error = _mccrary(x, h)
    return replace(
        found,
        density_below=float(density[0]),
        density_above=float(density[1]),
        statistic=float(statistic),
        p=float(2 * norm.sf(abs(statistic))),
        mccrary=log_difference,
        mccrary_p=float(2 * norm.sf(abs(log_difference / log_error))),
        status="rounded" if rounded > ROUNDED else "tested",
    )


def reference_bandwidth(x: np.ndarray) -> float:
    """Bandwidth for a line at 0: best on average for normal data, order n^(-1/5)."""
    spread = min(
        np.std(x, ddof=1), np.subtract(*np.percentile(x, [75, 25])) / 1.349
    ) or np.std(x, ddof=1)
    return float(2.4 * spread * len(x) ** -0.2)


def _side(
    x: np.ndarray, h: float, *, order: int, above: bool
) -> tuple[float, np.ndarray]:
    """Density at 0 from one side, and each observation's influence on it (n,).

    x : (n,) sorted. The slope of a weighted polynomial fit to the empirical
    distribution function.
    """
    n = len(x)
    chosen = np.flatnonzero((x >= 0) & (x <= h) if above else (x < 0) & (x >= -h))
    u = x[chosen] / h
    weight = (1 - np.abs(u)) / h
    basis = u[:, None] ** np.arange(order + 1)
    distribution = np.searchsorted(x, x[chosen], side="right") / n
    gram = (basis * weight[:, None]).T @ basis / n
    solve = np.linalg.inv(gram)[1]
    loading = (
        (basis * weight[:, None]) @ solve / n
    )  # slope = sum loading * distribution
    slope = float(loading @ distribution)
    residual = distribution - basis @ (
        np.linalg.inv(gram) @ ((basis * weight[:, None]).T @ distribution / n)
    )
    # observation j moves the distribution function at every point to its right, and
    # brings its own residual
    tail = np.zeros(n + 1)
    tail[chosen] = loading
    suffix = np.cumsum(tail[::-1])[::-1]
    first = np.searchsorted(x, x, side="left")
    influence = suffix[first] - slope
    influence[chosen] += n * loading * residual
    return slope / h, influence / h


def _mccrary(x: np.ndarray, h: float) -> tuple[float, float]:
    """Log difference of the densities above and below 0, and its standard error."""
    n = len(x)
    width = 2 * np.std(x, ddof=1) * n**-0.5
    edges = np.arange(np.floor(x[0] / width), np.ceil(x[-1] / width) + 1) * width
    height = np.histogram(x, bins=edges)[0] / (n * width)
    middle = edges[:-1] + width / 2
    found = []
    for side in (middle < 0, middle > 0):
        m, y = middle[side], height[side]
        w = np.clip(1 - np.abs(m) / h, 0, None)
        if (w > 0).sum() < 3:
            return np.nan, np.nan
        basis = np.column_stack([np.ones(len(m)), m])
        found.append(
            float(
                np.linalg.solve(
                    (basis * w[:, None]).T @ basis, (basis * w[:, None]).T @ y
                )[0]
            )
        )
    if min(found) <= 0:
        return np.nan, np.nan
    return float(np.log(found[1] / found[0])), float(
        np.sqrt(24 / 5 * (1 / found[1] + 1 / found[0]) / (n * h))
    )
