"""Linear programs of one shape, and their answers: what `simplex` and `highs` share."""

from dataclasses import dataclass

import numpy as np

OPTIMAL, INFEASIBLE, UNBOUNDED, UNSOLVED = 0, 1, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Programs:
    """K programs of r rows in G groups of K/G, in order.

    Attributes
    ----------
    shared : ndarray (G, r, N)
    own : ndarray (K or 1, r, e)
    b : ndarray (K, r)
    costs : tuple of ndarray (K or 1, e)
        Objectives on the own columns, first one first; the next is minimised among its
        optima.
    exclude : ndarray (K,), optional
        The shared column a program may not use; -1 for none.
    start : ndarray (r,)
        The own column with a single entry, +1 or -1, in each row (a slack), or -1 for
        none.
    """

    shared: np.ndarray
    own: np.ndarray
    b: np.ndarray
    costs: tuple[np.ndarray, ...]
    start: np.ndarray
    exclude: np.ndarray | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solved:
    """Answers by program.

    Attributes
    ----------
    status : ndarray of int (K,)
    objective : ndarray (K,)
        Of the first cost.
    own : ndarray (K, e)
        Values of the own columns.
    unit, column, weight : ndarray (L,)
        Shared columns above zero: program, column, value.
    fallbacks : int
        Programs that HiGHS solved.
    """

    status: np.ndarray
    objective: np.ndarray
    own: np.ndarray
    unit: np.ndarray
    column: np.ndarray
    weight: np.ndarray
    fallbacks: int
