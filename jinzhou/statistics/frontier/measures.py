"""Other measures of the same frontier: directional, additive and slacks-based.

They share the reference set, checks and solver of `dea`; no library of Python holds
them together with the reasons for missing scores.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.statistics.frontier.dea import (
    EFFICIENT,
    Frontier,
    Scored,
    distance,
    frontier,
)
from jinzhou.statistics.frontier.model import DeaModel, Prepared, prepare
from jinzhou.statistics.frontier.programs import INFEASIBLE, OPTIMAL, Programs
from jinzhou.statistics.frontier.simplex import solve
from jinzhou.statistics.frontier.technology import (
    CONVEX,
    Distances,
    Points,
    distances,
    slack_values,
)

SBM_ORIENTATIONS = ("none", "input", "output")


def directional(
    units: pd.DataFrame,
    model: DeaModel,
    *,
    direction: Mapping[str, float] | None = None,
    reference: pd.DataFrame | None = None,
) -> Frontier:
    """How many steps of a direction lead to the frontier.

    Inputs and undesirable outputs go down, outputs up; the model's orientation is not
    used.

    Parameters
    ----------
    direction : mapping, optional
        Column -> size of one step in the units of the data, the same for all; columns
        not named stay. Without it a step is the unit's own values, so that the score is
        a share.
    units, model, reference
        As in `dea`.

    Returns
    -------
    Frontier
        `score` is beta: 0 on the frontier, below 0 beyond an outside reference. It is
        no ratio, so no reciprocal stands beside it.

    Raises
    ------
    ParameterError
        A step below zero or of a column that does not move; else as `dea`.

    References
    ----------
    Chambers, Chung and Färe (1996), J. of Economic Theory 70, 407-419;
    undesirable outputs: Chung, Färe and Grosskopf (1997), J. of Environmental
    Management 51, 229-240.
    """
    model.check(options=("undesirable", "fixed"))
    given = prepare(units, model, reference=reference)
    G, m = _steps(given, model, direction), model.m
    inside = reference is None
    points = Points(X=given.X, Y=given.Y, GX=G[:, :m], GY=G[:, m:], inside=inside)
    found = distance(given, points)
    beta = found.beta[:, None]
    return frontier(
        given,
        found,
        Scored(
            score=found.beta,
            empty=np.zeros(given.n, dtype=bool),
            on_frontier=np.abs(found.beta) <= EFFICIENT,
            beyond=found.beta < -EFFICIENT,
            before_slacks=np.hstack(
                [given.X - beta * points.GX, given.Y + beta * points.GY]
            ),
            orientation="directional",
            measure="directional",
            ratio=False,
        ),
    )


def _steps(
    given: Prepared, model: DeaModel, direction: Mapping[str, float] | None
) -> np.ndarray:
    """One step of each unit (n, m + s) in scaled data."""
    if direction is None:
        return np.hstack([given.X, given.Y]) * given.moves
    columns = model.columns
    wrong = [
        c
        for c, step in direction.items()
        if c not in columns or c in model.fixed or not step >= 0
    ]
    if wrong:
        raise ParameterError("statistics.dea.direction", found=wrong)
    if not any(direction.values()):
        raise ParameterError("statistics.dea.direction_zero")
    step = np.array([direction.get(c, 0.0) for c in columns]) / given.scale
    return np.tile(step, (given.n, 1))


def additive(units: pd.DataFrame, model: DeaModel) -> Frontier:
    """The largest sum of slacks, each in means of its column.

    Parameters
    ----------
    units, model
        As in `dea`; the orientation is not used, returns to scale are not fdh.

    Returns
    -------
    Frontier
        `score` is 0 for efficient units, and is no ratio.

    References
    ----------
    Charnes, Cooper, Golany, Seiford and Stutz (1985), J. of Econometrics 30,
    91-107, with slacks in means so that units of measurement do not matter.
    """
    model.check(returns_to_scale=CONVEX, options=("undesirable", "fixed"))
    given = prepare(units, model)
    found = _least_slacks(given, -np.tile(given.moves.astype(float), (given.n, 1)))
    score = -found.beta
    none = np.zeros(given.n, dtype=bool)
    return frontier(
        given,
        found,
        Scored(
            score=score,
            empty=none,
            on_frontier=score <= EFFICIENT,
            beyond=none,
            before_slacks=np.hstack([given.X, given.Y]),
            orientation="graph",
            measure="additive",
            ratio=False,
        ),
    )


def sbm(
    units: pd.DataFrame, model: DeaModel, *, super_efficiency: bool = False
) -> Frontier:
    """Slacks-based measure: every slack counts, as a share of the unit's own amount.

    Parameters
    ----------
    model : DeaModel
        The orientation (``none``, ``input``, ``output``) says whose slacks count.
    super_efficiency : bool
        Efficient units are measured against the others only (score >= 1); the rest keep
        their score.

    Returns
    -------
    Frontier
        `score` within (0, 1], or beyond with super-efficiency. `slacks` are what is in
        excess and short; for a super-efficient unit they are negative: what it could
        give away and stay efficient.

    Notes
    -----
    An amount of zero has no share: its slack is not counted, and a
    super-efficient unit may not take up an input of which it has none.

    References
    ----------
    Tone (2001), European J. of Operational Research 130, 498-509; Tone
    (2002), the same 143, 32-41.
    """
    model.check(orientation=SBM_ORIENTATIONS, returns_to_scale=CONVEX)
    given = prepare(units, model)
    shares = _shares(given.X), _shares(given.Y)
    found, score = _sbm(given, shares, model.orientation)
    full = np.abs(score - 1) <= EFFICIENT
    beyond = np.zeros(given.n, dtype=bool)
    if super_efficiency and full.any():
        which = np.flatnonzero(full)
        again, value = _super_sbm(given, which, shares, model.orientation)
        found, score = _replace(found, score, which, again, value)
        beyond = score > 1 + EFFICIENT
        full = np.abs(score - 1) <= EFFICIENT
    return frontier(
        given,
        found,
        Scored(
            score=score,
            empty=np.zeros(given.n, dtype=bool),
            on_frontier=full,
            beyond=beyond,
            before_slacks=np.hstack([given.X, given.Y]),
            orientation=model.orientation,
            measure="super-SBM" if super_efficiency else "SBM",
        ),
    )


def _shares(values: np.ndarray) -> np.ndarray:
    """What one unit of each slack counts (n, .): a share of the amount, averaged.

    An amount of zero has no share, and counts nothing.
    """
    positive = values > 0
    share = np.divide(1.0, values, out=np.zeros_like(values), where=positive)
    return share / np.maximum(positive.sum(axis=1, keepdims=True), 1)


def _sbm(
    given: Prepared, shares: tuple[np.ndarray, np.ndarray], orientation: str
) -> tuple[Distances, np.ndarray]:
    """Slacks and scores (n,) of an orientation."""
    shares_x, shares_y = shares
    if orientation == "none":
        return _sbm_both(given, shares_x, shares_y)
    if orientation == "input":
        costs = np.hstack([shares_x, np.zeros_like(shares_y)])
    else:
        costs = np.hstack([np.zeros_like(shares_x), shares_y])
    found = _least_slacks(given, -costs, rest=True)
    return found, (1 + found.beta if orientation == "input" else 1 / (1 - found.beta))


def _least_slacks(
    given: Prepared, costs: np.ndarray, *, rest: bool = False
) -> Distances:
    """The least sum of costs (n, m + s) times slacks; `beta` is the sum.

    With `rest`, then the most of the slacks without a cost.
    """
    t, n = given.technology, given.n
    slacks = t.slack_columns()
    real = slacks.row < costs.shape[1]
    first = np.zeros((n, slacks.columns.shape[1]))
    first[:, real] = costs[:, slacks.row[real]]
    second = np.where(first == 0, -1.0, 0.0) * real
    found = solve(
        Programs(
            shared=t.columns()[None],
            own=slacks.columns[None],
            b=np.hstack([given.X, given.Y, np.ones((n, int(t.bounded)))]),
            costs=(first, second) if rest else (first,),
            start=slacks.start,
        )
    )
    return distances(
        found,
        t,
        status=found.status,
        beta=np.where(found.status == OPTIMAL, found.objective, np.nan),
        slack=slack_values(found, t, slacks, first=0),
        size=np.ones(n),
    )


def _sbm_both(
    given: Prepared, shares_x: np.ndarray, shares_y: np.ndarray
) -> tuple[Distances, np.ndarray]:
    """Not oriented: Charnes and Cooper's change of variables.

    Own columns: t, S-, S+ and the slack of the bound on the weights.
    """
    t, (n, m), s = given.technology, given.X.shape, given.Y.shape[1]
    slacks, rows = t.slack_columns(), t.rows
    own = np.zeros((n, rows + 1, 1 + slacks.columns.shape[1]))
    own[:, :m, 0], own[:, m : m + s, 0] = -given.X, -given.Y
    own[:, m + s : rows, 0] = -1.0
    own[:, :rows, 1:] = slacks.columns
    own[:, rows, 0] = 1.0
    own[:, rows, 1 + m : 1 + m + s] = shares_y
    cost = np.zeros((n, own.shape[2]))
    cost[:, 0] = 1.0
    cost[:, 1 : 1 + m] = -shares_x
    found = solve(
        Programs(
            shared=np.vstack([t.columns(), np.zeros(len(t.X))])[None],
            own=own,
            b=_last_row_one(n, rows),
            costs=(cost,),
            start=slacks.start_after(1, more=1),
        )
    )
    read = _unscaled(found, given, found.own[:, 1 : 1 + m + s], found.objective)
    return read, found.objective


def _super_sbm(
    given: Prepared,
    which: np.ndarray,
    shares: tuple[np.ndarray, np.ndarray],
    orientation: str,
) -> tuple[Distances, np.ndarray]:
    """Units `which` against the others: own columns t (not oriented), p, q, slacks."""
    t, m, s = given.technology, given.X.shape[1], given.Y.shape[1]
    X, Y, n = given.X[which], given.Y[which], len(which)
    shares_x, shares_y = (share[which] for share in shares)
    slacks, rows = t.slack_columns(), t.rows
    both, head = orientation == "none", 1 + m + s
    own = np.zeros((n, rows + int(both), head + slacks.columns.shape[1]))
    cost = np.zeros((n, own.shape[2]))
    if orientation != "output":
        own[:, np.arange(m), 1 + np.arange(m)] = -1.0 * (X > 0)
        cost[:, 1 : 1 + m] = shares_x
    if orientation != "input":
        own[:, m + np.arange(s), 1 + m + np.arange(s)] = 1.0 * (Y > 0)
    if orientation == "output":
        cost[:, 1 + m : head] = shares_y
    own[:, :rows, head:] = slacks.columns
    shared, b = t.columns(), np.hstack([X, Y, np.ones((n, int(t.bounded)))])
    if both:
        own[:, :m, 0], own[:, m : m + s, 0] = -X, -Y
        own[:, m + s : rows, 0] = -1.0
        own[:, rows, 0] = 1.0
        own[:, rows, 1 + m : head] = -shares_y
        cost[:, 0] = 1.0
        shared = np.vstack([shared, np.zeros(len(t.X))])
        b = _last_row_one(n, rows)
    found = solve(
        Programs(
            shared=shared[None],
            own=own,
            b=b,
            costs=(cost,),
            start=slacks.start_after(head, more=int(both)),
            exclude=which,
        )
    )
    value = found.objective
    if orientation == "input":
        value = 1 + value
    elif orientation == "output":
        value = 1 / np.where(value < 1, 1 - value, np.nan)
    read = _unscaled(found, given, -found.own[:, 1:head], value, scaled=both)
    return read, value


def _last_row_one(n: int, rows: int) -> np.ndarray:
    """Right-hand sides (n, rows + 1) of programs whose last row normalises the others."""
    b = np.zeros((n, rows + 1))
    b[:, rows] = 1.0
    return b


def _unscaled(
    found, given: Prepared, slack: np.ndarray, value: np.ndarray, *, scaled: bool = True
) -> Distances:
    """Answers divided, where `scaled`, by the first own column: Charnes and Cooper's t."""
    t = found.own[:, 0]
    size = np.where(t > 0, t, 1.0) if scaled else np.ones(len(t))
    return distances(
        found,
        given.technology,
        status=found.status,
        beta=np.where(found.status == OPTIMAL, value, np.nan),
        slack=slack / size[:, None],
        size=1 / size,
    )


def _replace(
    old: Distances,
    score: np.ndarray,
    which: np.ndarray,
    new: Distances,
    value: np.ndarray,
) -> tuple[Distances, np.ndarray]:
    """Answers of `which` taken from `new`; what the others cannot reach is infeasible."""
    status, slack, score = old.status.copy(), old.slack.copy(), score.copy()
    keep = ~np.isin(old.point, which)
    status[which], slack[which] = new.status, new.slack
    score[which] = np.where(new.status == INFEASIBLE, np.nan, value)
    return Distances(
        status=status,
        beta=old.beta,
        slack=slack,
        point=np.concatenate([old.point[keep], which[new.point]]),
        peer=np.concatenate([old.peer[keep], new.peer]),
        weight=np.concatenate([old.weight[keep], new.weight]),
    ), score
