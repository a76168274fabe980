"""One linear program by SciPy's HiGHS: what the batched simplex leaves."""

from dataclasses import dataclass

import numpy as np

from jinzhou.statistics.frontier.programs import (
    INFEASIBLE,
    OPTIMAL,
    UNBOUNDED,
    UNSOLVED,
    Programs,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OneSolved:
    """Answer of one program.

    Values of the columns, `shared` (N,) and `own` (e,), are zero without an answer.
    """

    status: int
    objective: float
    shared: np.ndarray
    own: np.ndarray


def by_highs(p: Programs, k: int, group: int) -> OneSolved:
    """Program k, whose shared columns are those of `group`, objectives in turn."""
    from scipy.optimize import linprog

    shared = p.shared[group]
    N, matrix = shared.shape[1], np.hstack([shared, p.own[_row(p.own, k)]])
    upper: list[float | None] = [None] * matrix.shape[1]
    if p.exclude is not None and p.exclude[k] >= 0:
        upper[p.exclude[k]] = 0.0
    size = max(np.abs(p.b[k]).max(), 1.0)
    held: list[np.ndarray] = []
    levels: list[float] = []
    status, objective, values = UNSOLVED, np.nan, np.zeros(matrix.shape[1])
    for order, cost in enumerate(p.costs):
        c = np.concatenate([np.zeros(N), cost[_row(cost, k)]])
        found = linprog(
            c,
            A_ub=np.array(held) if held else None,
            b_ub=levels or None,
            A_eq=matrix,
            b_eq=p.b[k] / size,
            bounds=[(0, most) for most in upper],
            method="highs",
        )
        if found.status != 0:
            if order == 0:
                failed = {2: INFEASIBLE, 3: UNBOUNDED}
                status = failed.get(found.status, UNSOLVED)
            break
        values = found.x * size
        if order == 0:
            status, objective = OPTIMAL, found.fun * size
        held.append(c)
        levels.append(found.fun + 1e-10)
    return OneSolved(
        status=status, objective=objective, shared=values[:N], own=values[N:]
    )


def _row(values: np.ndarray, k: int) -> int:
    """Row of program k where one row may serve all."""
    return 0 if len(values) == 1 else k
