"""One stated tolerance for comparing computed numbers: ties, ranks, thresholds.

Processors round differently, so two numbers that are equal in exact arithmetic may come
out some 1e-16 apart, in either order. Whatever is shown as a rank, a tie or a pass
therefore compares by the two tolerances here and nowhere by ``==`` or ``<`` alone. No
library serves: `scipy.stats.rankdata` knows exact ties only.
"""

import numpy as np

ROUNDING = 1e-9
"""Two numbers worked out by formula or by a converged fit are equal when they differ by
less than this, relative to their size where that is above 1."""
SOLVED = 1e-6
"""The same for answers of linear programs: a solver's own feasibility tolerance is 1e-9
to 1e-7.
"""


def room(values: np.ndarray, tolerance: float = ROUNDING) -> np.ndarray:
    """How far a number may lie from each of `values` and still equal it."""
    size = np.abs(np.asarray(values, dtype=float))
    return tolerance * np.maximum(1.0, np.where(np.isfinite(size), size, 1.0))


def ranks(values: np.ndarray, tolerance: float = ROUNDING) -> np.ndarray:
    """Ranks from 1 (smallest) along the last axis.

    Numbers equal within the tolerance share one.

    Parameters
    ----------
    values : ndarray (..., n)
        Without NaN; infinite values are equal to each other.
    tolerance : float
        `ROUNDING` or `SOLVED`. In ascending order a number ties with the one before it
        when their difference is within `room`.

    Returns
    -------
    ndarray of int (..., n)
        The smallest rank of each tie, as in competitions: 1, 2, 2, 4.

    Examples
    --------
    >>> ranks(np.array([0.3, 0.1 + 0.2, 0.5]))
    array([1, 1, 3])
    """
    values = np.asarray(values, dtype=float)
    order = np.argsort(values, axis=-1, kind="stable")
    ascending = np.take_along_axis(values, order, axis=-1)
    with np.errstate(invalid="ignore"):
        step = np.diff(ascending, axis=-1)
    apart = step > room(ascending[..., :-1], tolerance)
    first = np.zeros(values.shape, dtype=int)
    first[..., 1:] = np.where(apart, np.arange(1, values.shape[-1]), 0)
    found = np.empty(values.shape, dtype=int)
    tied = np.maximum.accumulate(first, axis=-1) + 1
    np.put_along_axis(found, order, tied, axis=-1)
    return found


def below(value: float, limit: float, tolerance: float = ROUNDING) -> bool:
    """Whether a computed number lies below a limit; one equal to it does not, nor NaN."""
    return bool(value < limit - float(room(np.asarray(limit), tolerance)))


def passes(value: float, limit: float, direction: str) -> bool:
    """Whether a computed number keeps to a threshold.

    Parameters
    ----------
    direction : {"<", ">="}
        Below the threshold, strictly, or at least the threshold. NaN passes neither.
    """
    if direction == "<":
        return below(value, limit)
    return not below(value, limit) and value == value
