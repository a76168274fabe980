"""Other measures of the same frontier: slacks-based, additive, directional, and the cheapest inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.statistics.frontier.dea import (
    EFFICIENT,
    Frontier,
    Prepared,
    choice,
    dea,
    frontier,
    numbers,
    prepare,
)
from jinzhou.statistics.frontier.simplex import INFEASIBLE, OPTIMAL, Programs, solve
from jinzhou.statistics.frontier.technology import RETURNS, Moves, move

CONVEX = tuple(r for r in RETURNS if r != "fdh")
SBM_ORIENTATIONS = ("none", "input", "output")


def directional(
    units: pd.DataFrame,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    direction: Mapping[str, float] | None = None,
    returns: str = "variable",
    undesirable: Sequence[str] = (),
    disposal: str = "strong",
    fixed: Sequence[str] = (),
    reference: pd.DataFrame | None = None,
) -> Frontier:
    """How many steps of a direction lead to the frontier: inputs and undesirable outputs down, outputs up.

    Parameters
    ----------
    direction : mapping, optional
        Column -> size of one step in the units of the data, the same for all; columns not named stay.
        Without it a step is the unit's own values, so that the score is a share.
    units, inputs, outputs, returns, undesirable, disposal, fixed, reference
        As in `dea`.

    Returns
    -------
    Frontier
        `score` is beta: 0 on the frontier, below 0 beyond an outside reference. It is no ratio, so no
        reciprocal stands beside it.

    Notes
    -----
    Chambers, Chung and Färe (1996), J. of Economic Theory 70, 407-419; undesirable outputs: Chung,
    Färe and Grosskopf (1997), J. of Environmental Management 51, 229-240.
    """
    if disposal == "weak" and returns == "fdh":
        raise ParameterError(
            "弱可处置性不能与 fdh 同时使用；请改用 disposal=strong。",
            "weak disposal cannot be combined with fdh; use disposal=strong.",
        )
    given = prepare(
        units,
        inputs=inputs,
        outputs=outputs,
        returns=returns,
        undesirable=undesirable,
        disposal=disposal,
        fixed=fixed,
        reference=reference,
    )
    columns = [*given.inputs, *given.outputs]
    if direction is None:
        G = np.hstack([given.X, given.Y]) * given.moves
    else:
        wrong = [
            c
            for c, step in direction.items()
            if c not in columns or c in fixed or not step >= 0
        ]
        if wrong or not any(direction.values()):
            raise ParameterError(
                f"方向不可用（{'、'.join(map(str, wrong)) or '全为零'}）；每一步应为非负数，指标应在模型内且不固定。",
                f"unusable direction ({', '.join(map(str, wrong)) or 'all zero'}); steps are not negative, for columns of the model that are not fixed.",
            )
        G = np.tile(
            np.array([direction.get(c, 0.0) for c in columns]) / given.scale,
            (given.n, 1),
        )
    m = len(given.inputs)
    found = move(
        given.technology,
        given.X,
        given.Y,
        G[:, :m],
        G[:, m:],
        slack_weights=given.moves.astype(float),
        inside=reference is None,
    )
    beta = found.beta[:, None]
    return frontier(
        given,
        found,
        score=found.beta,
        empty=np.zeros(given.n, dtype=bool),
        full=np.abs(found.beta) <= EFFICIENT,
        beyond=found.beta < -EFFICIENT,
        goal=np.hstack([given.X - beta * G[:, :m], given.Y + beta * G[:, m:]]),
        orientation="directional",
        measure="directional",
        ratio=False,
    )


def additive(
    units: pd.DataFrame,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    returns: str = "variable",
    undesirable: Sequence[str] = (),
    fixed: Sequence[str] = (),
) -> Frontier:
    """The largest sum of slacks, each in means of its column: `score` is 0 for efficient units, and is no ratio.

    Notes
    -----
    Charnes, Cooper, Golany, Seiford and Stutz (1985), J. of Econometrics 30, 91-107, with slacks in
    means so that units of measurement do not matter.
    """
    choice("returns", returns, CONVEX)
    given = prepare(
        units,
        inputs=inputs,
        outputs=outputs,
        returns=returns,
        undesirable=undesirable,
        fixed=fixed,
    )
    found = _slacks(given, -np.tile(given.moves.astype(float), (given.n, 1)))
    score = -found.beta
    return frontier(
        given,
        found,
        score=score,
        empty=np.zeros(given.n, dtype=bool),
        full=score <= EFFICIENT,
        beyond=np.zeros(given.n, dtype=bool),
        goal=np.hstack([given.X, given.Y]),
        orientation="graph",
        measure="additive",
        ratio=False,
    )


def sbm(
    units: pd.DataFrame,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    orientation: str = "none",
    returns: str = "constant",
    super_efficiency: bool = False,
) -> Frontier:
    """Slacks-based measure: every slack counts, as a share of the unit's own amount.

    Parameters
    ----------
    orientation : {"none", "input", "output"}
        Whose slacks count.
    super_efficiency : bool
        Efficient units are measured against the others only (score >= 1); the rest keep their score.

    Returns
    -------
    Frontier
        `score` within (0, 1], or beyond with super-efficiency. `slacks` are what is in excess and short; for
        a super-efficient unit they are negative: what it could give away and stay efficient.

    Notes
    -----
    An amount of zero has no share: its slack is not counted, and a super-efficient unit may not
    take up an input of which it has none. Tone (2001), EJOR 130, 498-509; Tone (2002), EJOR 143, 32-41.
    """
    choice("orientation", orientation, SBM_ORIENTATIONS)
    choice("returns", returns, CONVEX)
    given = prepare(units, inputs=inputs, outputs=outputs, returns=returns)
    shares_x, shares_y = (
        np.divide(1.0, V, out=np.zeros_like(V), where=V > 0)
        / np.maximum((V > 0).sum(axis=1, keepdims=True), 1)
        for V in (given.X, given.Y)
    )
    if orientation == "none":
        found, score = _sbm_plain(given, shares_x, shares_y)
    else:
        none = np.zeros_like(shares_y if orientation == "input" else shares_x)
        found = _slacks(
            given,
            -np.hstack(
                [shares_x, none] if orientation == "input" else [none, shares_y]
            ),
            rest=True,
        )
        score = 1 + found.beta if orientation == "input" else 1 / (1 - found.beta)
    full = np.abs(score - 1) <= EFFICIENT
    beyond = np.zeros(given.n, dtype=bool)
    if super_efficiency and full.any():
        again, value = _super_sbm(
            given, np.flatnonzero(full), shares_x, shares_y, orientation
        )
        found, score = _replace(found, score, np.flatnonzero(full), again, value)
        beyond = score > 1 + EFFICIENT
        full = np.abs(score - 1) <= EFFICIENT
    return frontier(
        given,
        found,
        score=score,
        empty=np.zeros(given.n, dtype=bool),
        full=full,
        beyond=beyond,
        goal=np.hstack([given.X, given.Y]),
        orientation=orientation,
        measure="super-SBM" if super_efficiency else "SBM",
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CostEfficiency:
    """Cost of the outputs against the cheapest way to make them.

    Attributes
    ----------
    scores : DataFrame, indexed by unit
        `technical` (input-oriented), `allocative` (the right mix), `cost` (their product: least cost over cost), all within
        (0, 1], `actual` and `least` cost, `status` (efficient means `cost` is 1).
    targets : DataFrame, indexed by unit
        The cheapest inputs, in the units of the data.
    """

    scores: pd.DataFrame
    targets: pd.DataFrame
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    returns: str
    n: int
    enough: bool
    dropped: pd.Series
    excluded: pd.Series

    def table(self) -> pd.DataFrame:
        """A copy of `scores`, safe to format."""
        return self.scores.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return (
            f"Cost efficiency of {self.n} units, {self.returns} returns: mean {self.scores['cost'].mean():.3f} "
            f"(technical {self.scores['technical'].mean():.3f}, allocative {self.scores['allocative'].mean():.3f})."
        )


def cost_efficiency(
    units: pd.DataFrame,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    prices: Mapping[str, float | str],
    returns: str = "constant",
) -> CostEfficiency:
    """Technical, allocative and cost efficiency at given prices.

    Parameters
    ----------
    prices : mapping
        Input -> price per unit of the data, one number for all or the name of a column of `units`.

    Raises
    ------
    ParameterError
        An input without a price, or a price that is missing, negative or zero for all inputs of a unit.

    Notes
    -----
    Farrell (1957), J. of the Royal Statistical Society A 120, 253-290; Färe, Grosskopf and Lovell (1985).
    """
    choice("returns", returns, CONVEX)
    given = prepare(units, inputs=inputs, outputs=outputs, returns=returns)
    lacking = [
        c
        for c in given.inputs
        if c not in prices or (isinstance(prices[c], str) and prices[c] not in units)
    ]
    if lacking:
        raise ParameterError(
            f"投入缺少价格：{'、'.join(lacking)}；每项投入应有价格。",
            f"inputs without a price: {', '.join(lacking)}; each input needs one.",
        )
    own = units.loc[given.names]
    P = np.column_stack(
        [
            numbers(own, [prices[c]])[:, 0]
            if isinstance(prices[c], str)
            else np.full(given.n, float(prices[c]))
            for c in given.inputs
        ]
    )
    n, m, t = given.n, len(given.inputs), given.technology
    actual = (P * given.X * given.scale[:m]).sum(axis=1)
    bad = ~np.isfinite(P).all(axis=1) | (P < 0).any(axis=1) | ~(actual > 0)
    if bad.any():
        unit = given.names[bad][0]
        raise ParameterError(
            f"单元 {unit} 的价格缺失、为负，或总费用为零；价格应为非负数。",
            f"unit {unit} has a missing or negative price, or no cost at all; prices are not negative.",
            unit=unit,
        )
    technical = dea(
        units.loc[given.names], inputs=inputs, outputs=outputs, returns=returns
    ).scores
    # X lam - x* + s = 0, Y lam - z = y: the least P x*
    slacks, where, start = t.slack_columns()
    columns = np.zeros((slacks.shape[0], m + slacks.shape[1]))
    columns[:m, :m] = -np.eye(m)
    columns[:, m:] = slacks
    cost = np.zeros((n, columns.shape[1]))
    cost[:, :m] = P * given.scale[:m] / actual[:, None]
    b = np.hstack([np.zeros((n, m)), given.Y, np.ones((n, int(t.convex)))])
    size = np.ones(n) if t.convex else np.abs(b).max(axis=1, initial=0.0)
    found = solve(
        Programs(
            shared=t.columns()[None],
            own=columns[None],
            b=b / size[:, None],
            costs=(cost,),
            start=np.where(start >= 0, start + m, -1),
        )
    )
    good = found.status == OPTIMAL
    ce = np.where(good, found.objective * size, np.nan)
    te = technical["score"].to_numpy()
    status = np.select(
        [~good | np.isnan(te), np.abs(ce - 1) <= EFFICIENT],
        ["no comparable unit", "efficient"],
        "inefficient",
    )
    return CostEfficiency(
        scores=pd.DataFrame(
            {
                "technical": te,
                "allocative": ce / te,
                "cost": ce,
                "actual": actual,
                "least": ce * actual,
                "status": status,
            },
            index=given.names,
        ),
        targets=pd.DataFrame(
            np.where(good[:, None], found.own[:, :m] * size[:, None], np.nan)
            * given.scale[:m],
            index=given.names,
            columns=list(given.inputs),
        ),
        inputs=given.inputs,
        outputs=given.outputs,
        returns=returns,
        n=n,
        enough=given.enough,
        dropped=given.excluded.value_counts(),
        excluded=given.excluded,
    )


def _slacks(given: Prepared, costs: np.ndarray, *, rest: bool = False) -> Moves:
    """The least sum of costs (n, m + s) times slacks; with `rest`, then the most of the other slacks. `beta` is the sum."""
    t, n = given.technology, given.n
    slacks, where, start = t.slack_columns()
    real = where < costs.shape[1]
    first = np.zeros((n, slacks.shape[1]))
    first[:, real] = costs[:, where[real]]
    second = np.where(first == 0, -1.0, 0.0) * real
    b = np.hstack([given.X, given.Y, np.ones((n, int(t.convex)))])
    found = solve(
        Programs(
            shared=t.columns()[None],
            own=slacks[None],
            b=b,
            costs=(first, second) if rest else (first,),
            start=start,
        )
    )
    return _read(found, given, found.own[:, real], found.objective, np.ones(n))


def _sbm_plain(
    given: Prepared, shares_x: np.ndarray, shares_y: np.ndarray
) -> tuple[Moves, np.ndarray]:
    """Non-oriented: Charnes and Cooper's change of variables; own columns t, S-, S+ (and the slack of convexity)."""
    t, n, m, s = given.technology, given.n, given.X.shape[1], given.Y.shape[1]
    slacks, where, start = t.slack_columns()
    rows = m + s + int(t.convex)
    own = np.zeros((n, rows + 1, 1 + slacks.shape[1]))
    own[:, :m, 0], own[:, m : m + s, 0] = -given.X, -given.Y
    own[:, m + s : rows, 0] = -1.0
    own[:, :rows, 1:] = slacks
    own[:, rows, 0] = 1.0
    own[:, rows, 1 + m : 1 + m + s] = shares_y
    cost = np.zeros((n, own.shape[2]))
    cost[:, 0] = 1.0
    cost[:, 1 : 1 + m] = -shares_x
    shared = np.vstack([t.columns(), np.zeros(len(t.X))])
    b = np.zeros((n, rows + 1))
    b[:, rows] = 1.0
    found = solve(
        Programs(
            shared=shared[None],
            own=own,
            b=b,
            costs=(cost,),
            start=np.append(np.where(start >= 0, start + 1, -1), -1),
        )
    )
    size = np.where(found.own[:, 0] > 0, found.own[:, 0], 1.0)
    return _read(
        found, given, found.own[:, 1 : 1 + m + s], found.objective, size
    ), found.objective


def _super_sbm(
    given: Prepared,
    which: np.ndarray,
    shares_x: np.ndarray,
    shares_y: np.ndarray,
    orientation: str,
) -> tuple[Moves, np.ndarray]:
    """Units `which` against the others: own columns t (non-oriented), p, q, slacks."""
    t, m, s = given.technology, given.X.shape[1], given.Y.shape[1]
    X, Y, shares_x, shares_y, n = (
        given.X[which],
        given.Y[which],
        shares_x[which],
        shares_y[which],
        len(which),
    )
    slacks, where, start = t.slack_columns()
    rows = m + s + int(t.convex)
    both = orientation == "none"
    head = 1 + m + s
    own = np.zeros((n, rows + int(both), head + slacks.shape[1]))
    cost = np.zeros((n, own.shape[2]))
    if orientation != "output":
        own[:, np.arange(m), 1 + np.arange(m)] = -1.0 * (X > 0)
        cost[:, 1 : 1 + m] = shares_x
    if orientation != "input":
        own[:, m + np.arange(s), 1 + m + np.arange(s)] = 1.0 * (Y > 0)
        if not both:
            cost[:, 1 + m : head] = shares_y
    own[:, :rows, head:] = slacks
    shared, b = t.columns(), np.hstack([X, Y, np.ones((n, int(t.convex)))])
    if both:
        own[:, :m, 0], own[:, m : m + s, 0] = -X, -Y
        own[:, m + s : rows, 0] = -1.0
        own[:, rows, 0] = 1.0
        own[:, rows, 1 + m : head] = -shares_y
        cost[:, 0] = 1.0
        shared = np.vstack([shared, np.zeros(len(t.X))])
        b = np.zeros((n, rows + 1))
        b[:, rows] = 1.0
        start = np.append(start, -1)
    found = solve(
        Programs(
            shared=shared[None],
            own=own,
            b=b,
            costs=(cost,),
            start=np.where(start >= 0, start + head, -1),
            exclude=which,
        )
    )
    size = np.where(found.own[:, 0] > 0, found.own[:, 0], 1.0) if both else np.ones(n)
    value = (
        found.objective
        if both
        else 1 + found.objective
        if orientation == "input"
        else 1 / np.where(found.objective < 1, 1 - found.objective, np.nan)
    )
    return _read(found, given, -found.own[:, 1:head], value, size), value


def _read(
    found, given: Prepared, slack: np.ndarray, value: np.ndarray, size: np.ndarray
) -> Moves:
    one = found.column < len(given.technology.X)
    return Moves(
        status=found.status,
        beta=np.where(found.status == OPTIMAL, value, np.nan),
        slack=slack / size[:, None],
        unit=found.unit[one],
        peer=found.column[one],
        weight=found.weight[one] / size[found.unit[one]],
    )


def _replace(
    old: Moves, score: np.ndarray, which: np.ndarray, new: Moves, value: np.ndarray
) -> tuple[Moves, np.ndarray]:
    """Answers of `which` taken from `new`; an efficient unit that the others cannot reach is infeasible."""
    status, slack, score, keep = (
        old.status.copy(),
        old.slack.copy(),
        score.copy(),
        ~np.isin(old.unit, which),
    )
    status[which], slack[which], score[which] = (
        new.status,
        new.slack,
        np.where(new.status == INFEASIBLE, np.nan, value),
    )
    return Moves(
        status=status,
        beta=old.beta,
        slack=slack,
        unit=np.concatenate([old.unit[keep], which[new.unit]]),
        peer=np.concatenate([old.peer[keep], new.peer]),
        weight=np.concatenate([old.weight[keep], new.weight]),
    ), score
