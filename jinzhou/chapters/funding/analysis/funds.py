"""Money: allocated, paid, carried over, grown, integrated, traced to households, and ready for next year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

CHAIN = ("fund", "project", "household", "measure", "helper", "result")
"""The six links that a yuan is followed through (R56): 资金、项目、农户、措施、帮扶人、成果."""
UNIT_FACTOR = 1_000.0
"""Amounts of one project in two ledgers that differ by this factor and more are in two units."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PaymentRates:
    """Allocation, payment and what is carried over, one row per group.

    Attributes
    ----------
    rates : DataFrame, indexed by group with a last row of the sum
        `allocated`, `paid`, `carried` (yuan), `rate` (paid / allocated), `carried_rate`, and what is carried by its age:
        `fresh` (allocated less than a year ago), `older` (one to two years), `lapsed` (two years and more: to be handed back),
        `projects`, `status`: ``paid``, ``nothing allocated``, ``payments not known`` (no payment of any allocation is known, not even that it was none: what was paid and carried over is missing).
    early : DataFrame
        `fund_id`, `county`, `yuan`: paid before the day of the allocation.
    mixed : tuple of str
        Allocations left out because the payments from them are in another unit (see `UNIT_FACTOR`).
    as_of : str
    """

    rates: pd.DataFrame
    early: pd.DataFrame
    mixed: tuple[str, ...]
    as_of: str

    def table(self) -> pd.DataFrame:
        """A copy of `rates`, safe to format."""
        return self.rates.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.rates.iloc[-1]
        left = (
            f"; {len(self.mixed)} allocations in two units left out"
            if self.mixed
            else ""
        )
        if last["status"] == "payments not known":
            return f"{last['allocated'] / 1e4:,.0f} x 10,000 yuan allocated, payments not known{left}."
        return f"paid {last['rate']:.1%} of {last['allocated'] / 1e4:,.0f} x 10,000 yuan; {last['lapsed'] / 1e4:,.1f} lapsed{left}."


def payment_rates(
    fund: pd.DataFrame,
    *,
    as_of: str,
    by: str = "county",
    groups: Sequence[str] = (),
    years: int = 2,
) -> PaymentRates:
    """Share of allocated money that has been paid, and what is carried over by age (R52).

    Parameters
    ----------
    fund : DataFrame
        `fund_id`, `project_id`, `allocated_amount` (yuan), `allocated_on`, `paid`, `paid_early`, the group (see `registry.allocations`).
    groups : sequence of str
        Groups to show even when nothing was allocated to them.
    years : int
        Age from which unspent money is to be handed back (两年以上结余收回); the full years are included (满两年).

    Notes
    -----
    Paid is counted from the payments, not from the ledger's own 结转结余, which keeps no history. A payment without an
    allocation is in no group: `trace_funds` counts it. An allocation and its payments that differ by a factor of 1,000 and more are in two units; nothing is converted, they are left out and named.
    """
    known = (fund["allocated_amount"] > 0) & (fund["paid"] > 0)
    ratio = fund["paid"] / fund["allocated_amount"].where(known)
    mixed = known & ~ratio.between(1 / UNIT_FACTOR, UNIT_FACTOR, inclusive="neither")
    rows = fund[~mixed]
    left = (rows["allocated_amount"] - rows["paid"]).to_numpy()
    day = pd.Timestamp(as_of)
    lapsed = (rows["allocated_on"] + pd.DateOffset(years=years) <= day).to_numpy()
    older = (rows["allocated_on"] + pd.DateOffset(years=1) <= day).to_numpy() & ~lapsed
    rows = rows.assign(
        fresh=np.where(~older & ~lapsed, left, 0.0),
        older=np.where(older, left, 0.0),
        lapsed=np.where(lapsed, left, 0.0),
    )
    rates = rows.groupby(by)[
        ["allocated_amount", "paid", "fresh", "older", "lapsed"]
    ].sum()
    rates["projects"] = rows.groupby(by)["project_id"].nunique()
    rates = rates.reindex(sorted({*rates.index, *groups})).fillna(0.0)
    rates.columns = ["allocated", "paid", "fresh", "older", "lapsed", "projects"]
    rates.loc["all"] = rates.sum()
    rates["carried"] = rates["allocated"] - rates["paid"]
    base = rates["allocated"].replace(0, np.nan)
    rates["rate"], rates["carried_rate"] = rates["paid"] / base, rates["carried"] / base
    rates["projects"] = rates["projects"].astype("int64")
    unknown = len(fund) > 0 and bool(fund["paid"].isna().all())
    if unknown:
        rates[
            ["paid", "carried", "rate", "carried_rate", "fresh", "older", "lapsed"]
        ] = np.nan
    rates["status"] = np.select(
        [rates["allocated"] <= 0, unknown],
        ["nothing allocated", "payments not known"],
        "paid",
    )
    rates.index.name = by
    early = (
        rows.loc[
            rows["paid_early"] > 0,
            ["fund_id", "project_id", by, "allocated_on", "paid_early"],
        ]
        .rename(columns={"paid_early": "yuan"})
        .reset_index(drop=True)
    )
    return PaymentRates(
        rates=rates, early=early, mixed=tuple(fund.loc[mixed, "fund_id"]), as_of=as_of
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Growth:
    """Growth of city and county money against the province's.

    Attributes
    ----------
    rows : DataFrame, one row per area
        `area`, `level`, `before`, `now` (yuan), `growth` (0.1 is +10 %), `against` (growth less the
        province's), `status`: ``pass``, ``fail`` or ``undefined``, `why`.
    year : int
    province : float
        Growth of the province's money, NaN when undefined.
    """

    rows: pd.DataFrame
    year: int
    province: float

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        count = self.rows["status"].value_counts()
        return (
            f"{self.year}: {count.get('pass', 0)} areas grew no less than the province ({self.province:.1%}), "
            f"{count.get('fail', 0)} less, {count.get('undefined', 0)} undefined."
        )


def growth(fund_year: pd.DataFrame, *, year: int) -> Growth:
    """Whether each budget grew no less than the province's (R50: 不低于, so equality passes).

    A base of zero or an absent year is undefined, and says so; it is neither pass nor fail.
    """
    wide = (
        fund_year[fund_year["year"].isin([year - 1, year])]
        .pivot_table(
            index=["level", "area"], columns="year", values="amount", aggfunc="sum"
        )
        .reindex(columns=[year - 1, year])
    )
    rows = wide.reset_index().set_axis(["level", "area", "before", "now"], axis=1)
    why = np.select(
        [rows["before"].isna() | rows["now"].isna(), rows["before"] == 0],
        ["a year is missing", "the base is zero"],
        "",
    )
    rows["growth"] = np.where(
        why == "", rows["now"] / rows["before"].replace(0, np.nan) - 1, np.nan
    )
    province = rows.loc[rows["level"] == "province", "growth"]
    base = float(province.iloc[0]) if len(province) else np.nan
    rows["against"] = rows["growth"] - base
    rows["why"] = np.where(
        (why == "") & np.isnan(base), "the province's growth is unknown", why
    )
    rows["status"] = np.where(
        rows["why"] != "",
        "undefined",
        np.where(rows["against"] >= -1e-12, "pass", "fail"),
    )
    rows = rows[rows["level"] != "province"]
    order = rows["level"].map({"city": 0, "county": 1})
    rows = (
        rows.assign(_o=order)
        .sort_values(["_o", "area"])
        .drop(columns="_o")
        .reset_index(drop=True)
    )
    return Growth(
        rows=rows[
            ["area", "level", "before", "now", "growth", "against", "status", "why"]
        ],
        year=year,
        province=base,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Integration:
    """Integrated money (涉农整合) by plan year.

    Attributes
    ----------
    rows : DataFrame, indexed by plan year
        `allocated`, `integrated` (yuan), `share`, `status`: ``shown``, ``no level recorded`` (no allocation of the year says its level).
    unknown : float
        Yuan of allocations without a level; they are in `allocated`.
    """

    rows: pd.DataFrame
    unknown: float

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return (
            "integrated share: "
            + ", ".join(
                f"{y} {r.share:.1%}" if r.share == r.share else f"{y} unknown"
                for y, r in zip(self.rows.index, self.rows.itertuples())
            )
            + "."
        )


def integration(fund: pd.DataFrame) -> Integration:
    """Share of the year's allocations that was integrated agricultural money (R51).

    `fund` has `plan_year`, `level`, `allocated_amount`. The ledger does not say which money could have been integrated, so the
    base is all that was allocated: the share understates what 统筹 asks for.
    """
    rows = fund.dropna(subset=["plan_year"]).assign(
        year=lambda f: f["plan_year"].astype(int)
    )
    made = pd.DataFrame(
        {
            "allocated": rows.groupby("year")["allocated_amount"].sum(),
            "integrated": rows["allocated_amount"]
            .where(rows["level"] == "integrated", 0.0)
            .groupby(rows["year"])
            .sum(),
            "levels": rows.groupby("year")["level"].count(),
        }
    )
    made["share"] = np.where(
        (made["levels"] > 0) & (made["allocated"] > 0),
        made["integrated"] / made["allocated"].replace(0, np.nan),
        np.nan,
    )
    made["status"] = np.where(made["levels"] > 0, "shown", "no level recorded")
    return Integration(
        rows=made[["allocated", "integrated", "share", "status"]],
        unknown=float(rows.loc[rows["level"].isna(), "allocated_amount"].sum()),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Progress:
    """How far projects have come.

    Attributes
    ----------
    stages : DataFrame, indexed by county with a last row of the sum
        `projects`, `begun`, `finished`, `accepted` (each includes the later ones), `late` (not finished, or finished, after the planned day),
        `days_late` (median of the late), `paid_unaccepted`, `accepted_unpaid` (projects; missing when no allocation or no payment of any project is known), `status`: ``shown``, ``no project``.
    late : DataFrame
        Projects not finished and behind plan, not accepted, paid without acceptance or accepted without payment, worst first: the columns of
        `registry.projects` and `why` (tuple of ``late``, ``late start``, ``not accepted``, ``paid without acceptance``, ``accepted without payment``, ``no households``).
    mixed : tuple of str
        Projects whose budget, allocation or payment are in two units; their money is not compared.
    """

    stages: pd.DataFrame
    late: pd.DataFrame
    mixed: tuple[str, ...]

    def table(self) -> pd.DataFrame:
        """A copy of `stages`, safe to format."""
        return self.stages.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.stages.iloc[-1]
        money = (
            f"{last['paid_unaccepted']:.0f} paid without acceptance, {last['accepted_unpaid']:.0f} accepted without payment"
            if last["paid_unaccepted"] == last["paid_unaccepted"]
            else "their money is not known"
        )
        return f"{int(last['projects'])} projects, {int(last['begun'])} begun, {int(last['finished'])} finished, {int(last['accepted'])} accepted, {int(last['late'])} late; {money}."


def project_progress(
    projects: pd.DataFrame,
    *,
    years: Sequence[int],
    groups: Sequence[str] = (),
    days: int = 90,
) -> Progress:
    """Payment, completion, acceptance and lateness of the projects of some plan years (R52, R57).

    Parameters
    ----------
    projects : DataFrame
        See `registry.projects`.
    years : sequence of int
        Plan years.
    groups : sequence of str
        Counties to show even when they have no project.
    days : int
        Days after which a finished project without acceptance is listed.
    """
    rows = projects[projects["plan_year"].isin(list(years))]
    money = rows[["budget", "allocated", "paid"]].where(
        rows[["budget", "allocated", "paid"]] > 0
    )
    spread = money.max(axis=1) / money.min(axis=1)
    mixed = (spread >= UNIT_FACTOR).to_numpy()
    judged = rows.assign(
        paid_unaccepted=rows["paid_unaccepted"].astype("boolean").fillna(False)
        & ~mixed,
        accepted_unpaid=rows["accepted_unpaid"].astype("boolean").fillna(False)
        & ~mixed,
    )
    judged["is_late"] = (judged["late_end"] > 0) & (judged["stage"] != "pool")
    judged["begun"] = judged["stage"].isin(["begun", "finished", "accepted"])
    judged["finished"], judged["accepted"] = (
        judged["stage"].isin(["finished", "accepted"]),
        judged["stage"] == "accepted",
    )
    columns = [
        "begun",
        "finished",
        "accepted",
        "is_late",
        "paid_unaccepted",
        "accepted_unpaid",
    ]
    counted = (
        judged.assign(projects=1)
        .groupby("county")[["projects", *columns]]
        .sum()
        .astype("int64")
    )
    counted = (
        counted.reindex(sorted({*counted.index, *groups})).fillna(0).astype("int64")
    )
    counted.loc["all"] = counted.sum()
    late = judged[judged["is_late"]]
    median = late.groupby("county")["late_end"].median()
    counted["days_late"] = [
        late["late_end"].median() if c == "all" else median.get(c, np.nan)
        for c in counted.index
    ]
    counted["status"] = np.where(counted["projects"] > 0, "shown", "no project")
    if len(rows) and (rows["allocated"].isna().all() or rows["paid"].isna().all()):
        counted[["paid_unaccepted", "accepted_unpaid"]] = np.nan
    open_ = judged["stage"].eq("begun") & judged["is_late"]
    waiting = judged["stage"].eq("pool") & (judged["late_start"] > 0)
    standing = judged["days_waiting"] >= days
    none = (
        judged["begun"]
        & ~judged["village_wide"].astype(bool)
        & (judged["linked_households"] == 0)
    )
    flags = {
        "late": open_,
        "late start": waiting,
        "not accepted": standing,
        "paid without acceptance": judged["paid_unaccepted"],
        "accepted without payment": judged["accepted_unpaid"],
        "no households": none,
    }
    chosen = np.logical_or.reduce([f.to_numpy(bool) for f in flags.values()])
    why = [
        tuple(name for name, flag in flags.items() if bool(flag.iloc[i]))
        for i in np.flatnonzero(chosen)
    ]
    listed = (
        judged[chosen]
        .assign(why=why)
        .sort_values(["late_end", "project_id"], ascending=[False, True], kind="stable")
        .reset_index(drop=True)
    )
    return Progress(
        stages=counted.rename(columns={"is_late": "late"}),
        late=listed,
        mixed=tuple(rows.loc[mixed, "project_id"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FundTrace:
    """Yuan followed through the six links.

    Attributes
    ----------
    rows : DataFrame, indexed by county with a last row of the sum
        Yuan: `paid`, `village` (for a village, no household to trace to), `traced`, and what is lost at each link: `fund`, `project`,
        `household`, `measure`, `helper`, `result`; they add up. `share` = traced / (paid - village), `status`: ``pass``, ``fail``, ``nothing to trace``.
    broken : DataFrame
        `county`, `town`, `project_id`, `project_type`, `link`, `yuan`, `households`: what each project loses at each link, and for how many of its
        households (missing where the link is not theirs); most first.
    target : float
    """

    rows: pd.DataFrame
    broken: pd.DataFrame
    target: float

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.rows.iloc[-1]
        return f"traced {last['share']:.1%} of {(last['paid'] - last['village']) / 1e4:,.0f} x 10,000 yuan that go to households (target {self.target:.0%}); {len(self.broken)} broken links."


def trace_funds(
    payments: pd.DataFrame, *, target: float, groups: Sequence[str] = ()
) -> FundTrace:
    """Share of the yuan paid that can be followed from fund to result (R56).

    Parameters
    ----------
    payments : DataFrame
        See `registry.fund_trace`.
    target : float
        Least share (0-1); reaching it passes.
    """
    reason, yuan = payments["reason"].fillna(""), payments["yuan"]
    made = pd.DataFrame(
        {
            "county": payments["county"],
            "paid": yuan,
            "village": yuan.where(reason == "no_household_needed", 0.0),
            "traced": payments["traced"],
            "fund": yuan.where(reason == "no_fund", 0.0),
            "project": yuan.where(reason == "no_project", 0.0),
            "household": yuan.where(reason == "no_household", 0.0),
            "measure": payments["lost_measure"],
            "helper": payments["lost_helper"],
            "result": payments["lost_result"],
        }
    )
    rows = made.groupby("county").sum()
    rows = rows.reindex(sorted({*rows.index, *groups})).fillna(0.0)
    rows.loc["all"] = rows.sum()
    base = (rows["paid"] - rows["village"]).round(2)
    rows["share"] = rows["traced"] / base.where(base > 0)
    rows["status"] = np.select(
        [base <= 0, rows["share"] >= target - 1e-12],
        ["nothing to trace", "pass"],
        "fail",
    )
    long = made.assign(
        homes=payments["households"].astype(float),
        whole=yuan,
        town=payments["town"],
        project_id=payments["project_id"],
        project_type=payments["project_type"],
    ).melt(
        id_vars=["county", "town", "project_id", "project_type", "homes", "whole"],
        value_vars=list(CHAIN),
        var_name="link",
        value_name="yuan",
    )
    keys = ["county", "town", "project_id", "project_type", "link"]
    broken = (
        long[long["yuan"] > 0]
        .groupby(keys, dropna=False)
        .agg(yuan=("yuan", "sum"), whole=("whole", "sum"), homes=("homes", "max"))
        .reset_index()
    )
    theirs = broken["link"].isin(["measure", "helper", "result"])
    broken["households"] = (
        (broken["homes"] * broken["yuan"] / broken["whole"]).round().where(theirs)
    )
    broken = broken[[*keys, "yuan", "households"]]
    broken = broken.sort_values(
        ["yuan", "project_id", "link"], ascending=[False, True, True], kind="stable"
    ).reset_index(drop=True)
    return FundTrace(rows=rows, broken=broken, target=target)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Readiness:
    """Projects of next year's pool that could start, against next year's money.

    Attributes
    ----------
    rows : DataFrame, indexed by county with a last row of the sum
        `projects`, `disclosed`, `sited`, `linked`, `ready` (all three; projects), `ready_yuan`, `pool_yuan`, `budget` (yuan), `ratio` = ready_yuan / budget,
        `status`: ``pass`` (at least 1), ``fail``, ``no pool``, ``no budget``.
    gaps : DataFrame
        `project_id`, `county`, `why` (tuple of ``not disclosed``, ``no site``, ``no households``) of projects that are not ready.
    year : int
    """

    rows: pd.DataFrame
    gaps: pd.DataFrame
    year: int

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.rows.iloc[-1]
        return f"{self.year}: {int(last['ready'])} of {int(last['projects'])} projects ready, {last['ready_yuan'] / 1e4:,.0f} of {last['budget'] / 1e4:,.0f} x 10,000 yuan."


def readiness(
    projects: pd.DataFrame, *, year: int, budget: pd.Series, groups: Sequence[str] = ()
) -> Readiness:
    """Ready projects of the pool of `year` over its money (R58: at least 1).

    Parameters
    ----------
    projects : DataFrame
        See `registry.projects`: `ready` and what it is made of.
    budget : Series, indexed by county
        Yuan of `year`, or what is expected of it.
    """
    rows = projects[projects["plan_year"] == year]
    disclosed, sited, ready = (
        rows["disclosed_plan_on"].notna(),
        rows["has_site"].astype(bool),
        rows["ready"].astype(bool),
    )
    linked = (rows["linked_households"] > 0) | rows["village_wide"].astype(bool)
    money = rows["budget"].fillna(0.0)
    made = (
        pd.DataFrame(
            {
                "county": rows["county"],
                "projects": 1,
                "disclosed": disclosed,
                "sited": sited,
                "linked": linked,
                "ready": ready,
                "ready_yuan": money.where(ready, 0.0),
                "pool_yuan": money,
            }
        )
        .groupby("county")
        .sum()
    )
    made = made.reindex(sorted({*made.index, *groups, *budget.index})).fillna(0)
    made["budget"] = budget.reindex(made.index).fillna(0.0)
    made.loc["all"] = made.sum()
    made[["projects", "disclosed", "sited", "linked", "ready"]] = made[
        ["projects", "disclosed", "sited", "linked", "ready"]
    ].astype("int64")
    made["ratio"] = made["ready_yuan"] / made["budget"].where(made["budget"] > 0)
    made["status"] = np.select(
        [made["projects"] == 0, made["budget"] <= 0, made["ratio"] >= 1],
        ["no pool", "no budget", "pass"],
        "fail",
    )
    made.index.name = "county"
    why = [
        tuple(
            n
            for n, bad in (
                ("not disclosed", not d),
                ("no site", not s),
                ("no households", not h),
            )
            if bad
        )
        for d, s, h in zip(disclosed, sited, linked)
    ]
    gaps = pd.DataFrame(
        {
            "project_id": rows["project_id"],
            "project_name": rows["project_name"],
            "county": rows["county"],
            "town": rows["town"],
            "village": rows["village"],
            "project_type": rows["project_type"],
            "budget": rows["budget"],
            "why": why,
        }
    )[~ready.to_numpy()].reset_index(drop=True)
    return Readiness(rows=made, gaps=gaps, year=year)
