"""Which columns separate the outcomes, so that a likelihood has no maximum.

A coefficient runs away when a direction d leaves every event at or above, and every
non-event at or below, the plane z'd = 0, some of them strictly. Whether there is one is
a linear programme, which does not depend on where an iteration happened to stop. No
kept library offers the check; the programme itself is solved by HiGHS through scipy.
"""

import numpy as np

FIRST_ROWS = 400
"""Rows of each outcome that the first programme holds; violated rows are added."""
ROUNDS = 40
VIOLATED = 1e-7


def separated_columns(Z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Columns of the most efficient separating direction; none when outcomes overlap.

    Parameters
    ----------
    Z : array (n, k)
        Terms; the first column is the constant.
    y : array (n,)
        0 or 1.

    Returns
    -------
    array of int
        Indices of the columns, the constant left out.

    Notes
    -----
    Maximises the summed margins of all rows with a budget of 1 on the absolute values
    of the slopes per standard deviation: the whole budget is used when the outcomes
    separate, nothing of it when they overlap. Rows are generated: a programme over part
    of the rows that admits no direction settles the matter when that part has the rank
    of all.

    References
    ----------
    Konis (2007), Linear programming algorithms for detecting separated data in binary
    logistic regression models, University of Oxford. Albert and Anderson (1984),
    Biometrika 71, 1-10.
    """
    none = np.array([], dtype=int)
    event = y > 0
    if not event.any() or event.all() or Z.shape[1] < 2:
        return none
    scale = Z.std(axis=0)
    scale[scale == 0] = 1.0
    S = np.where(event, 1.0, -1.0)[:, None] * (Z / scale)
    rows = np.concatenate(
        [_spread(np.flatnonzero(event)), _spread(np.flatnonzero(~event))]
    )
    for _ in range(ROUNDS):
        d = _direction(S[rows])
        if np.abs(d[1:]).sum() < 0.5:
            outside = _outside_span(S, rows)
            if not len(outside):
                return none
            rows = np.concatenate([rows, outside])
            continue
        margin = S @ d
        broken = np.flatnonzero(margin < -VIOLATED * max(1.0, np.abs(d).max()))
        if not len(broken):
            return 1 + np.flatnonzero(np.abs(d[1:]) > 1e-6)
        worst = broken[np.argsort(margin[broken], kind="stable")[:FIRST_ROWS]]
        rows = np.unique(np.concatenate([rows, worst, _spread(broken)]))
    return none


def _spread(rows: np.ndarray) -> np.ndarray:
    """At most `FIRST_ROWS` of the rows, evenly spaced."""
    return rows[:: max(1, -(-len(rows) // FIRST_ROWS))]


def _direction(S: np.ndarray) -> np.ndarray:
    """The direction (k,) with the largest sum of margins, zero when none exists."""
    from scipy.optimize import linprog

    S = np.unique(S, axis=0)
    split = np.hstack([S, -S[:, 1:]])  # constant, slopes up, slopes down
    budget = np.append(0.0, np.ones(split.shape[1] - 1))
    found = linprog(
        -split.mean(axis=0),
        A_ub=np.vstack([-split, budget]),
        b_ub=np.append(np.zeros(len(split)), 1.0),
        bounds=[(None, None)] + [(0, None)] * (split.shape[1] - 1),
        method="highs",
    )
    if found.x is None:
        return np.zeros(S.shape[1])
    up, down = np.split(found.x[1:], 2)
    return np.append(found.x[0], up - down)


def _outside_span(S: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Rows that the chosen ones do not span, one for each missing dimension."""
    if len(rows) == len(S):
        return np.array([], dtype=int)
    _, values, vectors = np.linalg.svd(S[rows], full_matrices=True)
    rank = int((values > 1e-9 * values[0]).sum())
    left = np.abs(S @ vectors[rank:].T)
    if not left.size or left.max() <= 1e-9 * values[0]:
        return np.array([], dtype=int)
    return np.unique(left.argmax(axis=0))
