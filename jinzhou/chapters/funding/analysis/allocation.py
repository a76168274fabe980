"""Where the next yuan should go: plans under constraints, each best under some response that the data allow.

The answer is a range of plans beside today's, with what each constraint costs and what all of it assumes, and never an order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import highspy
import numpy as np
import pandas as pd

from jinzhou.chapters.funding.analysis.money_response import ARM, Response
from jinzhou.errors import EstimationError, ParameterError
from jinzhou.reference.vocabulary import ALLOCATION_ASSUMPTIONS
from jinzhou.statistics.intervals import normal_quantile
from jinzhou.statistics.units import listed, two_units

WAN = 10_000.0
SEGMENTS, FINE = 20, 100
"""Straight pieces that stand for the concave response of an arm, shorter where it bends most: under each draw, and for the mean and its prices."""
COLUMNS = ["constraint", "county", "category", "bound"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Allocation:
    """Defensible plans beside today's.

    Attributes
    ----------
    status : str
        ``planned``; ``not identified`` (the response is not known well enough: no plan); ``infeasible`` (the constraints cannot all hold: see `clash`);
        ``money in two units`` (amounts that differ from others by about 10,000: no plan).
    why : tuple of str
        Codes from the response when not identified, ``no money`` (nothing to place), or ``no free arm`` (each is held, see `Response.arms` and `arms`); the names of the amounts when in two units.
    plans : DataFrame, indexed by plan
        ``today``; ``expected`` (most expected exits), ``cautious`` (least of the largest regret over the draws), ``small step`` (the least money
        moved that still brings `share` of the expected gain). Columns `exits`, `ci_low`, `ci_high` (persons a year, of the arms that are free), `gain`, `gain_ci_low`, `gain_ci_high` (against today),
        `better` (share of the draws in which it brings more than today's), `regret`, `regret_most` (what the best plan of a draw would have brought more: mean, and the largest over the draws, which ``cautious`` makes least), `moved` (yuan), `spent`.
    arms : DataFrame, indexed by (county, category)
        `today`, one column per plan, `low`, `high` (range of the plans that are best under a draw, and of those named), `direction` (``more``, ``less``: the whole range lies
        above or below today's money; ``undecided``; ``held``), `status` (``free`` or why the arm is held).
    counties, categories : DataFrame
        The same columns, summed.
    prices : DataFrame
        One row per constraint: `constraint`, `county`, `category`, `bound` (yuan), `used` (yuan, plan ``expected``), `binding`, `price` (lasting exits that 10,000 yuan of loosening
        would add), `ci_low`, `ci_high` (over the draws).
    today_breaks : DataFrame
        Constraints that today's plan does not keep: `constraint`, `county`, `category`, `bound`, `today`.
    clash : DataFrame
        The smallest set of constraints that cannot hold together: `constraint`, `county`, `category`, `bound`, `loosen` (yuan by which this one alone would have to give way; missing when it alone does not mend everything).
    assumes : tuple of str
        Keys of `vocabulary.ALLOCATION_ASSUMPTIONS`.
    level : float
    draws : int
    """

    status: str
    why: tuple[str, ...]
    plans: pd.DataFrame
    arms: pd.DataFrame
    counties: pd.DataFrame
    categories: pd.DataFrame
    prices: pd.DataFrame
    today_breaks: pd.DataFrame
    clash: pd.DataFrame
    assumes: tuple[str, ...]
    level: float
    draws: int

    def table(self) -> pd.DataFrame:
        """A copy of `arms`, safe to format."""
        return self.arms.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        if self.status == "not identified":
            return f"no plan: the response is not identified ({', '.join(self.why)})."
        if self.status == "money in two units":
            return f"no plan: money in two units ({', '.join(self.why)})."
        if self.status == "infeasible":
            return f"no plan: {len(self.clash)} constraints cannot hold together ({', '.join(dict.fromkeys(self.clash['constraint']))})."
        best = self.plans.loc["expected"]
        return (
            f"{int((self.arms['status'] == 'free').sum())} of {len(self.arms)} arms free; gain over today {best['gain']:.1f} lasting exits "
            f"({best['gain_ci_low']:.1f} to {best['gain_ci_high']:.1f}), better in {best['better']:.0%} of {self.draws} draws."
        )


def allocation(
    arms: pd.DataFrame,
    *,
    response: Response,
    total: float,
    floors: Mapping[str, float] | None = None,
    before: Mapping[str, float] | None = None,
    growth: float | None = None,
    ceilings: Mapping[str, float] | None = None,
    share: float = 0.8,
    level: float = 0.9,
) -> Allocation:
    """Plans that would bring more lasting exits for the same money, as far as the response is known.

    Parameters
    ----------
    arms : DataFrame
        One row per arm: `county`, `category`, `today` (yuan of today's plan), `ready` (yuan of projects ready to start; no plan
        gives a free arm more; missing when nobody knows, and then the arm is held).
    response : Response
        From `money_response` or `known_response`. Arms that it does not estimate are held at today's money.
    total : float
        Yuan to give; no plan gives more, and with none there is no plan.
    floors : mapping, county -> yuan, optional
        Least that a county gets.
    before, growth : mapping county -> yuan, and float, optional
        A county's own budget and the province's growth (0.1 is +10 %): that budget grows no less (R50, 不低于) and stays in the county, so no plan
        gives it less. A county with a budget of zero has no such floor.
    ceilings : mapping, category -> yuan, optional
        Most that a category gets.
    share : float
        Of the expected gain that the plan ``small step`` has to bring.
    level : float
        Of the ranges over the draws.

    Raises
    ------
    ParameterError
        An arm twice, a missing or negative amount (arms named), an unknown county or category, `growth` without `before`.
    EstimationError
        The solver stopped without an answer.

    Notes
    -----
    A linear programme with each arm's concave response in straight pieces (exact up to the pieces), solved by HiGHS for the mean response and for every draw;
    prices are its dual values. A clash is found by deleting constraints while the rest still cannot hold (Chinneck and Dravnieks 1991, ORSA Journal on Computing 3, 157-168).
    Not in it: effects of money beyond lasting exits, shifts of prices and staff with the amount, and fairness other than by the floors.
    """
    normal_quantile(level)
    floors, ceilings = dict(floors or {}), dict(ceilings or {})
    frame = _frame(arms, total, floors, before, growth, ceilings, share)
    assumes = (
        response.counts,
        *(key for key in ALLOCATION_ASSUMPTIONS if key not in ("all", "additional")),
    )
    empty = pd.DataFrame()
    rest = dict(assumes=assumes, level=level, draws=len(response.exits))
    nothing = dict(
        plans=empty, arms=empty, counties=empty, categories=empty, prices=empty
    )
    if not total > 0:
        return Allocation(
            status="not identified",
            why=("no money",),
            today_breaks=empty,
            clash=empty,
            **nothing,
            **rest,
        )
    mixed = _mixed_units(frame, total, floors, before, ceilings)
    if mixed or response.status != "estimated":
        return Allocation(
            status="money in two units" if mixed else "not identified",
            why=mixed or response.why,
            today_breaks=empty,
            clash=empty,
            **nothing,
            **rest,
        )
    known = response.arms.reindex(frame.index)
    learnt = known["status"].fillna("too few projects")
    status = np.select(
        [learnt != "estimated", frame["ready"].isna(), frame["today"] > known["upper"]],
        [learnt, "readiness unknown", "more than was seen"],
        "free",
    )
    free = status == "free"
    frame = frame.assign(
        status=status,
        held=np.where(free, np.nan, frame["today"]),
        cap=np.where(free, np.fmin(frame["ready"], known["upper"]), np.nan),
    )
    if not free.any():
        held = dict(
            nothing, arms=frame[["today"]].assign(direction="held", status=status)
        )
        return Allocation(
            status="not identified",
            why=("no free arm",),
            today_breaks=empty,
            clash=empty,
            **held,
            **rest,
        )
    problem = _constraints(frame, known, total, floors, before, growth, ceilings)
    breaks = problem.broken(frame["today"].to_numpy())
    if problem.feasible(np.arange(len(problem.names))) is None:
        return Allocation(
            status="infeasible",
            why=(),
            today_breaks=breaks,
            clash=problem.clash(),
            **nothing,
            **rest,
        )
    return _planned(
        frame,
        known,
        response,
        problem,
        share=share,
        level=level,
        breaks=breaks,
        rest=rest,
    )


def _frame(arms, total, floors, before, growth, ceilings, share) -> pd.DataFrame:
    """The arms, indexed, after every amount has been looked at."""
    missing = [c for c in (*ARM, "today", "ready") if c not in arms.columns]
    if missing:
        raise ParameterError(
            f"没有这些列：{', '.join(missing)}。",
            f"no such columns: {', '.join(missing)}.",
        )
    frame = arms.set_index(ARM)[["today", "ready"]].astype(float).sort_index()
    if frame.index.has_duplicates:
        raise ParameterError(
            f"{listed(frame.index[frame.index.duplicated()])} 有多行；每县每类应只有一行。",
            f"{listed(frame.index[frame.index.duplicated()])}: more than one row; expected one per county and category.",
        )
    wrong = frame.index[~(frame["today"] >= 0) | (frame["ready"] < 0)]
    if len(wrong):
        raise ParameterError(
            f"{listed(wrong)}：金额缺失或为负；today 应为不小于0的数，ready 可以缺失。",
            f"{listed(wrong)}: a missing or negative amount; expected today >= 0, and ready >= 0 or missing.",
        )
    if not total >= 0 or not 0 < share <= 1:
        raise ParameterError(
            f"total={total}、share={share}；总额应不小于0，share 应在0与1之间。",
            f"total={total}, share={share}; expected a total of 0 or more and a share in (0, 1].",
        )
    if (growth is None) != (before is None):
        raise ParameterError(
            "growth 与 before 应同时给出。", "`growth` and `before` go together."
        )
    for name, given, level in (
        ("floors", floors, "county"),
        ("before", before or {}, "county"),
        ("ceilings", ceilings, "category"),
    ):
        unknown = [
            key for key in given if key not in frame.index.get_level_values(level)
        ]
        if unknown:
            raise ParameterError(
                f"{name} 中没有对应的{'县' if level == 'county' else '项目类型'}：{', '.join(map(str, unknown))}。",
                f"{name}: no arm of {', '.join(map(str, unknown))}.",
            )
        bad = [key for key, value in given.items() if not value >= 0]
        if bad:
            raise ParameterError(
                f"{name}：{', '.join(map(str, bad))} 的金额缺失或为负。",
                f"{name}: a missing or negative amount for {', '.join(map(str, bad))}.",
            )
    return frame


def _mixed_units(
    frame: pd.DataFrame, total: float, floors, before, ceilings
) -> tuple[str, ...]:
    """Names of amounts that seem to be in another unit than today's plan."""
    names = [
        f"{column} {' '.join(arm)}"
        for column in ("today", "ready")
        for arm in two_units(frame[column])
    ]
    counties, categories = (frame["today"].groupby(level=name).sum() for name in ARM)
    stated = [
        ("ready", frame["ready"].sum(), frame["today"].sum()),
        ("total", total, frame["today"].sum()),
        *((f"floors {k}", v, counties[k]) for k, v in floors.items()),
        *((f"before {k}", v, counties[k]) for k, v in (before or {}).items()),
        *((f"ceilings {k}", v, categories[k]) for k, v in ceilings.items()),
    ]
    return (
        *names,
        *(
            name
            for name, value, planned in stated
            if value > 0
            and planned > 0
            and abs(abs(np.log10(value / planned)) - 4) < np.log10(5)
        ),
    )


def _constraints(
    frame: pd.DataFrame,
    known: pd.DataFrame,
    total: float,
    floors,
    before,
    growth,
    ceilings,
) -> _Constraints:
    """Every constraint as a named row over the arms, in yuan."""
    county, category = (frame.index.get_level_values(name).to_numpy() for name in ARM)
    rows = [("total", "", "", total, -np.inf, total, np.ones(len(frame)))]
    rows += [
        ("floor", k, "", v, v, np.inf, county == k) for k, v in sorted(floors.items())
    ]
    rows += [
        ("growth", k, "", v * (1 + growth), v * (1 + growth), np.inf, county == k)
        for k, v in sorted((before or {}).items())
        if v > 0
    ]
    rows += [
        ("ceiling", "", k, v, -np.inf, v, category == k)
        for k, v in sorted(ceilings.items())
    ]
    least = np.minimum(np.fmin(frame["today"], frame["ready"]), known["lower"])
    for a, (ready, held, lower, upper) in enumerate(
        zip(frame["ready"], frame["held"], least, known["upper"])
    ):
        one = np.arange(len(frame)) == a
        if held == held:
            rows.append(("held", county[a], category[a], held, held, held, one))
            continue
        rows.append(("ready", county[a], category[a], ready, -np.inf, ready, one))
        if upper < ready:
            rows.append(
                ("seen most", county[a], category[a], upper, -np.inf, upper, one)
            )
        if lower > 0:
            rows.append(
                ("seen least", county[a], category[a], lower, lower, np.inf, one)
            )
    names = pd.DataFrame([r[:4] for r in rows], columns=COLUMNS)
    return _Constraints(
        names=names,
        matrix=np.array([r[6] for r in rows], dtype=float),
        low=np.array([r[4] for r in rows], dtype=float),
        high=np.array([r[5] for r in rows], dtype=float),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Constraints:
    """low <= matrix x <= high, in yuan: `names` (rows of `COLUMNS`), `matrix` (r, A), `low`, `high` (r,)."""

    names: pd.DataFrame
    matrix: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def broken(self, x: np.ndarray) -> pd.DataFrame:
        """Constraints that the amounts `x` (A,) do not keep."""
        used = self.matrix @ x
        room = 1e-9 * (1 + np.abs(used))
        bad = (used < self.low - room) | (used > self.high + room)
        return self.names[bad].assign(today=used[bad]).reset_index(drop=True)

    def feasible(self, kept: np.ndarray, *, loosen: int | None = None) -> float | None:
        """Whether the rows `kept` can hold together (1.0 or None); with `loosen`, the least yuan by which that row has to give way."""
        arms = self.matrix.shape[1]
        cost = np.zeros(arms + (loosen is not None))
        matrix = np.hstack([self.matrix[kept], np.zeros((len(kept), len(cost) - arms))])
        if loosen is not None:
            cost[-1] = -1.0
            matrix[kept == loosen, -1] = 1.0 if np.isfinite(self.low[loosen]) else -1.0
        solver = _solver(
            matrix,
            self.low[kept] / WAN,
            self.high[kept] / WAN,
            np.full(len(cost), np.inf),
            cost,
        )
        if not _solve(solver, must=False):
            return None
        return (
            1.0 if loosen is None else float(solver.getSolution().col_value[-1]) * WAN
        )

    def clash(self) -> pd.DataFrame:
        """The smallest set that cannot hold together, by deletion, and by how much each alone would have to give way."""
        kept = np.arange(len(self.names))
        for row in range(len(self.names)):
            rest = kept[kept != row]
            if self.feasible(rest) is None:
                kept = rest
        everything = np.arange(len(self.names))
        loosen = [self.feasible(everything, loosen=int(row)) for row in kept]
        return (
            self.names.iloc[kept]
            .assign(loosen=[np.nan if v is None else v for v in loosen])
            .reset_index(drop=True)
        )


class _Solver(highspy.Highs):
    """HiGHS without callbacks, which this file does not use: turning them on prints a banner before any option can be set."""

    def enableCallbacks(self) -> None:
        pass


def _solver(
    matrix: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    upper: np.ndarray,
    cost: np.ndarray,
) -> _Solver:
    """A programme that maximises `cost` x over 0 <= x <= upper and low <= matrix x <= high."""
    solver = _Solver()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    none = np.empty(0)
    solver.addCols(
        len(cost),
        cost,
        np.zeros(len(cost)),
        np.minimum(upper, highspy.kHighsInf),
        0,
        none.astype(np.int32),
        none.astype(np.int32),
        none,
    )
    solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
    filled = matrix != 0
    starts = np.concatenate([[0], np.cumsum(filled.sum(axis=1))[:-1]]).astype(np.int32)
    solver.addRows(
        len(matrix),
        np.maximum(low, -highspy.kHighsInf),
        np.minimum(high, highspy.kHighsInf),
        int(filled.sum()),
        starts,
        np.nonzero(filled)[1].astype(np.int32),
        matrix[filled],
    )
    return solver


def _solve(solver: _Solver, *, must: bool = True) -> bool:
    """Run; False when nothing is feasible, an error where something has to be."""
    solver.run()
    status = solver.getModelStatus()
    if not must and status in (
        highspy.HighsModelStatus.kInfeasible,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
    ):
        return False
    if status != highspy.HighsModelStatus.kOptimal:
        raise EstimationError(
            f"求解未达最优（{solver.modelStatusToString(status)}）。",
            f"the solver reached no optimum ({solver.modelStatusToString(status)}).",
        )
    return True


def _planned(
    frame,
    known,
    response: Response,
    problem: _Constraints,
    *,
    share,
    level,
    breaks,
    rest,
) -> Allocation:
    """The plans, their ranges and prices, once something is feasible."""
    today, free = frame["today"].to_numpy(), frame["held"].isna().to_numpy()
    places = response.arms.index.get_indexer(frame.index[free])
    reference, E, b = (
        known["reference"].to_numpy(float)[free],
        response.exits[:, places],
        response.elasticity[:, places],
    )
    cap = frame["cap"].to_numpy()[free]
    pieces, fine = (
        _pieces(cap, reference, E, b, SEGMENTS),
        _pieces(cap, reference, E, b, FINE),
    )
    varies = (problem.names["constraint"] != "held").to_numpy()
    fixed = problem.matrix @ np.where(free, 0.0, frame["held"])
    matrix = np.repeat(problem.matrix[varies][:, free], SEGMENTS, axis=1)
    low, high = (
        (problem.low - fixed)[varies] / WAN,
        (problem.high - fixed)[varies] / WAN,
    )

    def exits(x):
        """Lasting exits of the free arms under each draw."""
        return (E * (x[free] / reference) ** b).sum(axis=1)

    def amounts(solver, of=pieces):
        """Yuan of every arm in the solver's answer."""
        x = frame["held"].to_numpy().copy()
        x[free] = (
            np.array(solver.getSolution().col_value)[: len(of.length)]
            .reshape(free.sum(), -1)
            .sum(axis=1)
            * WAN
        )
        return x

    solver = _solver(
        np.repeat(problem.matrix[varies][:, free], FINE, axis=1),
        low,
        high,
        fine.length,
        fine.mean,
    )
    _solve(solver)
    expected, dual = (
        amounts(solver, fine),
        np.abs(np.array(solver.getSolution().row_dual)),
    )
    solver = _solver(matrix, low, high, pieces.length, pieces.mean)
    best, duals = np.empty((len(E), len(frame))), np.empty((len(E), len(dual)))
    everything = np.arange(len(pieces.length), dtype=np.int32)
    for d in range(len(E)):
        solver.changeColsCost(len(everything), everything, pieces.slopes[d])
        _solve(solver)
        best[d], duals[d] = (
            amounts(solver),
            np.abs(np.array(solver.getSolution().row_dual)),
        )
    top = np.array([exits(x)[d] for d, x in enumerate(best)])
    plans = {
        "today": today,
        "expected": expected,
        "cautious": amounts(_cautious(matrix, low, high, pieces, top)),
        "small step": amounts(
            _small_step(
                matrix, low, high, pieces, today[free] / WAN, exits(today).mean(), share
            )
        ),
    }
    tail = [(1 - level) / 2, (1 + level) / 2]
    table = pd.DataFrame(
        {name: _plan_row(x, today, exits, top, tail) for name, x in plans.items()}
    ).T
    table.index.name = "plan"
    made = {name: x for name, x in plans.items() if name != "today"}
    bottom, ceiling = np.quantile(best, tail, axis=0)
    ranges = _widened(frame[["today"]].assign(**made, low=bottom, high=ceiling), made)
    counties, categories = (_grouped(ranges, best, free, name, tail) for name in ARM)
    spread = np.quantile(duals, tail, axis=0)
    prices = (
        problem.names[varies]
        .assign(
            used=(problem.matrix @ expected)[varies],
            binding=dual > 1e-9,
            price=dual,
            ci_low=spread[0],
            ci_high=spread[1],
        )
        .reset_index(drop=True)
    )
    return Allocation(
        status="planned",
        why=(),
        plans=table,
        arms=ranges.assign(
            direction=np.where(free, _direction(ranges), "held"), status=frame["status"]
        ),
        counties=counties,
        categories=categories,
        prices=prices,
        today_breaks=breaks,
        clash=pd.DataFrame(),
        **rest,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pieces:
    """Straight pieces of every free arm, arm by arm: `length` (A x K,) in 10,000 yuan, the last one open (a constraint ends it, and so has the
    price), `slopes` (draws, A x K) in exits per 10,000 yuan, `mean` over the draws."""

    length: np.ndarray
    slopes: np.ndarray
    mean: np.ndarray


def _pieces(
    cap: np.ndarray, reference: np.ndarray, E: np.ndarray, b: np.ndarray, count: int
) -> _Pieces:
    """Chords of the concave responses between breakpoints that are denser near zero, where a response bends most."""
    knots = cap[:, None] * np.linspace(0, 1, count + 1) ** 2.5
    length = np.diff(knots, axis=1).ravel() / WAN
    rise = np.diff(
        E[:, :, None] * (knots / reference[:, None]) ** b[:, :, None], axis=2
    ).reshape(len(E), -1)
    slopes = np.divide(rise, length, out=np.zeros_like(rise), where=length > 0)
    length[count - 1 :: count] = np.inf
    return _Pieces(length=length, slopes=slopes, mean=slopes.mean(axis=0))


def _plan_row(x, today, exits, top, tail) -> dict[str, float]:
    brings = exits(x)
    gain, regret = brings - exits(today), np.maximum(top - brings, 0.0)
    (low, high), (gain_ci_low, gain_ci_high) = (
        np.quantile(brings, tail),
        np.quantile(gain, tail),
    )
    return {
        "exits": brings.mean(),
        "ci_low": low,
        "ci_high": high,
        "gain": gain.mean(),
        "gain_ci_low": gain_ci_low,
        "gain_ci_high": gain_ci_high,
        "better": float((gain > 1e-9).mean()),
        "regret": regret.mean(),
        "regret_most": regret.max(),
        "moved": float(np.abs(x - today).sum() / 2),
        "spent": float(x.sum()),
    }


def _widened(ranges: pd.DataFrame, plans) -> pd.DataFrame:
    """The range over the draws, and the plans shown beside it, which it must hold."""
    shown = ranges[list(plans)]
    return ranges.assign(
        low=np.minimum(ranges["low"], shown.min(axis=1)),
        high=np.maximum(ranges["high"], shown.max(axis=1)),
    )


def _direction(ranges: pd.DataFrame) -> np.ndarray:
    room = 1.0 + 1e-6 * ranges["today"]  # one yuan
    return np.select(
        [
            ranges["low"] > ranges["today"] + room,
            ranges["high"] < ranges["today"] - room,
        ],
        ["more", "less"],
        "undecided",
    )


def _grouped(
    ranges: pd.DataFrame, best: np.ndarray, free: np.ndarray, name: str, tail
) -> pd.DataFrame:
    """Sums over the arms of a county or category; the range is that of the sums, not the sum of the ranges."""
    summed = ranges.drop(columns=["low", "high"]).groupby(level=name).sum()
    sums = pd.DataFrame(best.T, index=ranges.index).groupby(level=name).sum()
    summed["low"], summed["high"] = np.quantile(sums.to_numpy(), tail, axis=1)
    summed = _widened(
        summed, [c for c in summed.columns if c not in ("today", "low", "high")]
    )
    moves = pd.Series(free, index=ranges.index).groupby(level=name).any()
    return summed.assign(direction=np.where(moves, _direction(summed), "held"))


def _cautious(matrix, low, high, pieces: _Pieces, top: np.ndarray) -> _Solver:
    """The plan whose largest regret over the draws is least: one more column, the regret, at least each draw's."""
    rows = np.vstack(
        [
            np.hstack([matrix, np.zeros((len(matrix), 1))]),
            np.hstack([pieces.slopes, np.ones((len(top), 1))]),
        ]
    )
    solver = _solver(
        rows,
        np.concatenate([low, top]),
        np.concatenate([high, np.full(len(top), np.inf)]),
        np.append(pieces.length, np.inf),
        np.append(np.zeros(len(pieces.length)), -1.0),
    )
    _solve(solver)
    return solver


def _small_step(
    matrix, low, high, pieces: _Pieces, today: np.ndarray, brings: float, share: float
) -> _Solver:
    """The plan that moves the least money from `today` and still brings `share` of the expected gain: two more columns an arm, more and less."""
    solver = _solver(matrix, low, high, pieces.length, pieces.mean)
    _solve(solver)
    most = float(pieces.mean @ np.array(solver.getSolution().col_value))
    asked = min(brings + share * (most - brings), most) - 1e-6 * abs(most)
    arms = len(today)
    moves = np.hstack(
        [np.repeat(np.eye(arms), SEGMENTS, axis=1), -np.eye(arms), np.eye(arms)]
    )
    rows = np.vstack(
        [
            np.hstack([matrix, np.zeros((len(matrix), 2 * arms))]),
            moves,
            np.append(pieces.mean, np.zeros(2 * arms)),
        ]
    )
    solver = _solver(
        rows,
        np.concatenate([low, today, [asked]]),
        np.concatenate([high, today, [np.inf]]),
        np.append(pieces.length, np.full(2 * arms, np.inf)),
        np.append(np.zeros(len(pieces.length)), np.full(2 * arms, -1.0)),
    )
    _solve(solver)
    return solver
