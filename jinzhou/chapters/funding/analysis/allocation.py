"""Where the next yuan should go: plans under constraints, each best under some response.

The answer is a range of plans beside today's, with what each constraint costs and what all of it
assumes, and never an order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from jinzhou.chapters.funding.analysis.constraints import Constraints, constraints
from jinzhou.chapters.funding.analysis.plans import Plans, Problem, plan_money, problem
from jinzhou.chapters.funding.analysis.response import ARM, Response
from jinzhou.errors import ParameterError
from jinzhou.statistics.intervals import normal_quantile
from jinzhou.statistics.tolerance import SOLVED
from jinzhou.statistics.units import listed, two_units

ASSUMPTIONS = (
    "same_response",
    "not_random",
    "split_as_before",
    "diminishing",
    "inside_what_was_seen",
    "held_arms",
)
"""What every plan assumes besides what its response counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a plan of money has to keep to.

    Attributes
    ----------
    total : float
        Yuan to give; no plan gives more, and with none there is no plan.
    floors : mapping, county -> yuan
        Least that a county gets.
    before, growth : mapping county -> yuan, and float, optional
        A county's own budget and the province's growth (0.1 is +10 %): that budget grows no
        less (R50, 不低于) and stays in the county, so no plan gives it less. A county with a
        budget of zero has no such floor. Both or none.
    ceilings : mapping, category -> yuan
        Most that a category gets.

    Raises
    ------
    ParameterError
        A negative total, an amount that is missing or negative, `growth` without `before`.
    """

    total: float
    floors: Mapping[str, float] = field(default_factory=dict)
    before: Mapping[str, float] | None = None
    growth: float | None = None
    ceilings: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.total >= 0:
            raise ParameterError("chapters.allocation.total", found=self.total)
        if (self.growth is None) != (self.before is None):
            raise ParameterError("chapters.allocation.growth")
        for name, _, given in self.by_area():
            bad = [key for key, value in given.items() if not value >= 0]
            if bad:
                raise ParameterError("chapters.allocation.amount", name=name, areas=bad)

    def by_area(self) -> list[tuple[str, str, Mapping[str, float]]]:
        """Name, level of the arms' index, and amounts of each kind of limit."""
        return [
            ("floors", "county", self.floors),
            ("before", "county", self.before or {}),
            ("ceilings", "category", self.ceilings),
        ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Allocation:
    """Defensible plans beside today's.

    Attributes
    ----------
    status : str
        ``planned``; ``not identified`` (the response is not known well enough: no plan);
        ``infeasible`` (the constraints cannot all hold: see `clash`); ``money in two units``
        (amounts that differ from others by about 10,000: no plan).
    why : tuple of str
        Codes from the response when not identified, ``no money`` (nothing to give), or ``no
        free arm`` (each is held, see `Response.arms` and `arms`); the names of the amounts when
        in two units.
    plans : DataFrame, indexed by plan
        ``today``; ``expected`` (most expected exits), ``cautious`` (least of the largest regret
        over the draws), ``small step`` (the least money moved that still brings `share` of the
        expected gain). Columns `exits`, `ci_low`, `ci_high` (persons a year, of the arms that
        are free), `gain`, `gain_ci_low`, `gain_ci_high` (against today), `better` (share of the
        draws in which it brings more than today's), `regret`, `regret_most` (what the best plan
        of a draw would have brought more: mean, and the largest over the draws, which
        ``cautious`` makes least), `moved` (yuan), `spent`.
    arms : DataFrame, indexed by (county, category)
        `today`, one column per plan, `low`, `high` (range of the plans that are best under a
        draw, and of those named), `direction` (``more``, ``less``: the whole range lies above
        or below today's money; ``undecided``; ``held``), `status` (``free`` or why the arm is
        held).
    counties, categories : DataFrame
        The same columns, summed.
    prices : DataFrame
        One row per constraint: `constraint`, `county`, `category`, `bound` (yuan), `used`
        (yuan, plan ``expected``), `binding`, `price` (lasting exits that 10,000 yuan of
        loosening would add), `ci_low`, `ci_high` (over the draws).
    today_breaks : DataFrame
        Constraints that today's plan does not keep: `constraint`, `county`, `category`,
        `bound`, `today`.
    clash : DataFrame
        The smallest set of constraints that cannot hold together: `constraint`, `county`,
        `category`, `bound`, `loosen` (yuan by which this one alone would have to give way;
        missing when it alone does not suffice).
    assumes : tuple of str
        `Response.counts` and `ASSUMPTIONS`.
    level : float
    draws : int
    """

    status: str
    assumes: tuple[str, ...]
    level: float
    draws: int
    why: tuple[str, ...] = ()
    plans: pd.DataFrame = field(default_factory=pd.DataFrame)
    arms: pd.DataFrame = field(default_factory=pd.DataFrame)
    counties: pd.DataFrame = field(default_factory=pd.DataFrame)
    categories: pd.DataFrame = field(default_factory=pd.DataFrame)
    prices: pd.DataFrame = field(default_factory=pd.DataFrame)
    today_breaks: pd.DataFrame = field(default_factory=pd.DataFrame)
    clash: pd.DataFrame = field(default_factory=pd.DataFrame)

    def table(self) -> pd.DataFrame:
        """A copy of `arms`, safe to format."""
        return self.arms.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        why = ", ".join(self.why)
        if self.status == "not identified":
            return f"no plan: the response is not identified ({why})."
        if self.status == "money in two units":
            return f"no plan: money in two units ({why})."
        if self.status == "infeasible":
            kinds = ", ".join(dict.fromkeys(self.clash["constraint"]))
            return f"no plan: {len(self.clash)} constraints cannot hold together ({kinds})."
        best, free = self.plans.loc["expected"], (self.arms["status"] == "free").sum()
        return (
            f"{free} of {len(self.arms)} arms free; gain over today {best['gain']:.1f} "
            f"lasting exits ({best['gain_ci_low']:.1f} to {best['gain_ci_high']:.1f}), "
            f"better in {best['better']:.0%} of {self.draws} draws."
        )


def allocation(
    arms: pd.DataFrame,
    *,
    response: Response,
    limits: Limits,
    share: float = 0.8,
    level: float = 0.9,
) -> Allocation:
    """Plans that would bring more lasting exits for the same money, as far as is known.

    Parameters
    ----------
    arms : DataFrame
        One row per arm: `county`, `category`, `today` (yuan of today's plan), `ready` (yuan of
        projects ready to start; no plan gives a free arm more; missing when nobody knows, and
        then the arm is held).
    response : Response
        From `money_response` or `known_response`. Arms that it does not estimate are held at
        today's money.
    limits : Limits
    share : float
        Of the expected gain that the plan ``small step`` has to bring.
    level : float
        Of the ranges over the draws.

    Returns
    -------
    Allocation

    Raises
    ------
    ParameterError
        An arm twice, a missing or negative amount (arms named), an unknown county or category.
    EstimationError
        The solver stopped without an answer.

    Notes
    -----
    A linear program with each arm's concave response in straight pieces (exact up to the
    pieces), solved by HiGHS for the mean response and for every draw; prices are its dual
    values. A clash is found by deleting constraints while the rest still cannot hold. Not in
    it: effects of money beyond lasting exits, shifts of prices and staff with the amount, and
    fairness other than by the floors.

    References
    ----------
    Chinneck and Dravnieks (1991), ORSA J. on Computing 3, 157-168.
    """
    normal_quantile(level)
    if not 0 < share <= 1:
        raise ParameterError("chapters.allocation.share", found=share)
    frame = _frame(arms, limits)
    asked = _Asked(
        assumes=(response.counts, *ASSUMPTIONS), level=level, draws=len(response.exits)
    )
    if not limits.total > 0:
        return asked.answer("not identified", why=("no money",))
    mixed = _mixed_units(frame, limits)
    if mixed:
        return asked.answer("money in two units", why=mixed)
    if response.status != "estimated":
        return asked.answer("not identified", why=response.why)
    frame = _held(frame, response)
    if not (frame["status"] == "free").any():
        held = frame[["today"]].assign(direction="held", status=frame["status"])
        return asked.answer("not identified", why=("no free arm",), arms=held)
    bounds = _constraints(frame, limits)
    breaks = bounds.broken(frame["today"].to_numpy())
    if not bounds.feasible():
        return asked.answer("infeasible", today_breaks=breaks, clash=bounds.clash())
    what = problem(frame, response, bounds)
    found = plan_money(what, share=share, level=level)
    return asked.planned(what, found, breaks)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What every answer repeats."""

    assumes: tuple[str, ...]
    level: float
    draws: int

    def answer(
        self, status: str, *, why: tuple[str, ...] = (), **tables: pd.DataFrame
    ) -> Allocation:
        """An answer without plans."""
        return Allocation(
            status=status,
            why=why,
            assumes=self.assumes,
            level=self.level,
            draws=self.draws,
            **tables,
        )

    def planned(self, what: Problem, found: Plans, breaks: pd.DataFrame) -> Allocation:
        """Plans with their ranges, by arm, county and category."""
        frame, free = what.frame, what.free
        tail = ((1 - self.level) / 2, (1 + self.level) / 2)
        named = {name: x for name, x in found.amounts.items() if name != "today"}
        low, high = np.quantile(found.best, tail, axis=0)
        table = frame[["today"]].assign(**named, low=low, high=high)
        ranges = _widened(table, list(named))
        grouped = {name: _grouped(ranges, found.best, free, name, tail) for name in ARM}
        direction = np.where(free, _direction(ranges), "held")
        return self.answer(
            "planned",
            plans=found.table,
            arms=ranges.assign(direction=direction, status=frame["status"]),
            counties=grouped["county"],
            categories=grouped["category"],
            prices=found.prices,
            today_breaks=breaks,
        )


def _frame(arms: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """The arms, indexed, after every amount has been looked at."""
    missing = [c for c in (*ARM, "today", "ready") if c not in arms.columns]
    if missing:
        raise ParameterError("chapters.allocation.columns", missing=missing)
    frame = arms.set_index(ARM)[["today", "ready"]].astype(float).sort_index()
    if frame.index.has_duplicates:
        again = listed(frame.index[frame.index.duplicated()])
        raise ParameterError("chapters.allocation.arm_twice", arms=again)
    wrong = frame.index[~(frame["today"] >= 0) | (frame["ready"] < 0)]
    if len(wrong):
        raise ParameterError("chapters.allocation.arm_amount", arms=listed(wrong))
    for name, level, given in limits.by_area():
        known = set(frame.index.get_level_values(level))
        unknown = [key for key in given if key not in known]
        if unknown:
            raise ParameterError(
                f"chapters.allocation.unknown_{level}", name=name, areas=unknown
            )
    return frame


def _mixed_units(frame: pd.DataFrame, limits: Limits) -> tuple[str, ...]:
    """Names of amounts that seem to be in another unit than today's plan."""
    names = [
        f"{column} {' '.join(arm)}"
        for column in ("today", "ready")
        for arm in two_units(frame[column])
    ]
    total = frame["today"].sum()
    stated = [
        ("ready", frame["ready"].sum(), total),
        ("total", limits.total, total),
    ]
    for name, level, given in limits.by_area():
        today = frame["today"].groupby(level=level).sum()
        stated += [(f"{name} {key}", value, today[key]) for key, value in given.items()]
    for name, value, today in stated:
        if value > 0 and today > 0:
            apart = abs(np.log10(value / today))
            if abs(apart - 4) < np.log10(5):
                names.append(name)
    return tuple(names)


def _held(frame: pd.DataFrame, response: Response) -> pd.DataFrame:
    """The arms with `status`, `held` (yuan, missing where free), `cap`, and the response.

    `reference`, `lower` and `upper` are the response's.
    """
    known = response.arms.reindex(frame.index)
    learnt = known["status"].fillna("too few projects")
    status = np.select(
        [
            learnt != "estimated",
            frame["ready"].isna(),
            frame["today"] > known["upper"],
        ],
        [learnt, "readiness unknown", "more than was seen"],
        "free",
    )
    free = status == "free"
    return frame.assign(
        status=status,
        held=np.where(free, np.nan, frame["today"]),
        cap=np.where(free, np.fmin(frame["ready"], known["upper"]), np.nan),
        reference=known["reference"].astype(float),
        lower=known["lower"],
        upper=known["upper"],
    )


def _constraints(frame: pd.DataFrame, limits: Limits) -> Constraints:
    """Every constraint as a named row over the arms, in yuan."""
    county, category = (frame.index.get_level_values(name).to_numpy() for name in ARM)
    rows = constraints(len(frame))
    rows.most("total", "", "", limits.total, np.ones(len(frame)))
    for k, v in sorted(limits.floors.items()):
        rows.least("floor", k, "", v, county == k)
    for k, v in sorted((limits.before or {}).items()):
        if v > 0:
            rows.least("growth", k, "", v * (1 + (limits.growth or 0.0)), county == k)
    for k, v in sorted(limits.ceilings.items()):
        rows.most("ceiling", "", k, v, category == k)
    least = np.minimum(np.fmin(frame["today"], frame["ready"]), frame["lower"])
    for a, arm in enumerate(frame.itertuples()):
        one, at = np.arange(len(frame)) == a, (county[a], category[a])
        if arm.status != "free":
            rows.exactly("held", *at, arm.held, one)
            continue
        rows.most("ready", *at, arm.ready, one)
        if arm.upper < arm.ready:
            rows.most("seen most", *at, arm.upper, one)
        if least.iloc[a] > 0:
            rows.least("seen least", *at, least.iloc[a], one)
    return rows.done()


def _widened(ranges: pd.DataFrame, plans: list[str]) -> pd.DataFrame:
    """The range over the draws, and the plans shown beside it, which it must hold."""
    shown = ranges[plans]
    return ranges.assign(
        low=np.minimum(ranges["low"], shown.min(axis=1)),
        high=np.maximum(ranges["high"], shown.max(axis=1)),
    )


def _direction(ranges: pd.DataFrame) -> np.ndarray:
    """Whether the whole range lies more than one yuan above or below today's money."""
    room = 1.0 + SOLVED * ranges["today"]
    more = ranges["low"] > ranges["today"] + room
    less = ranges["high"] < ranges["today"] - room
    return np.select([more, less], ["more", "less"], "undecided")


def _grouped(
    ranges: pd.DataFrame,
    best: np.ndarray,
    free: np.ndarray,
    name: str,
    tail: tuple[float, float],
) -> pd.DataFrame:
    """Sums over the arms of a county or category.

    The range is that of the sums, not the sum of the ranges.
    """
    summed = ranges.drop(columns=["low", "high"]).groupby(level=name).sum()
    plans = [c for c in summed.columns if c != "today"]
    sums = pd.DataFrame(best.T, index=ranges.index).groupby(level=name).sum()
    summed["low"], summed["high"] = np.quantile(sums.to_numpy(), tail, axis=1)
    summed = _widened(summed, plans)
    moves = pd.Series(free, index=ranges.index).groupby(level=name).any()
    return summed.assign(direction=np.where(moves, _direction(summed), "held"))
