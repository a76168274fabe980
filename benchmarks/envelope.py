"""Envelopment programs written out one unit at a time for scipy's solver: the second opinion of the tests."""

import numpy as np
from scipy.optimize import linprog


def radial(
    X, Y, o, *, orientation, returns, x=None, y=None, skip=None, fixed=(), weak=()
):
    """theta or phi of the point (x, y), by default unit o, against (X, Y); NaN when infeasible, inf when unbounded.

    `fixed` and `weak` are places among the inputs; `skip` a unit left out.
    """
    x, y = (X[o] if x is None else x), (Y[o] if y is None else y)
    X, Y = (
        (X, Y)
        if skip is None
        else (np.delete(X, skip, axis=0), np.delete(Y, skip, axis=0))
    )
    n, m = X.shape
    copies = 2 if len(weak) and returns != "constant" else 1
    rows, right, equal, level = [], [], [], []
    for i in range(m):
        own = (
            -x[i]
            if orientation == "input" and i not in fixed and i not in weak
            else 0.0
        )
        row = np.concatenate(
            [[own], X[:, i], *([np.zeros(n) if i in weak else X[:, i]] * (copies - 1))]
        )
        (equal if i in weak else rows).append(row)
        (level if i in weak else right).append(0.0 if own else x[i])
    for r in range(Y.shape[1]):
        rows.append(
            np.concatenate(
                [
                    [y[r] if orientation == "output" else 0.0],
                    -Y[:, r],
                    np.zeros(n * (copies - 1)),
                ]
            )
        )
        right.append(0.0 if orientation == "output" else -y[r])
    ones = np.concatenate([[0.0], np.ones(n * copies)])
    if returns == "variable":
        equal.append(ones)
        level.append(1.0)
    elif returns != "constant":
        sign = 1.0 if returns == "decreasing" else -1.0
        rows.append(sign * ones)
        right.append(sign)
    cost = np.zeros(1 + n * copies)
    cost[0] = 1.0 if orientation == "input" else -1.0
    found = linprog(
        cost,
        A_ub=np.array(rows),
        b_ub=right,
        A_eq=np.array(equal) if equal else None,
        b_eq=level or None,
        bounds=[(0, None)] * len(cost),
        options={
            "primal_feasibility_tolerance": 1e-10,
            "dual_feasibility_tolerance": 1e-10,
        },
    )
    return {
        0: abs(found.fun) if found.fun is not None else np.nan,
        2: np.nan,
        3: np.inf,
    }[found.status]
