"""Money and what came of it.

Allocations, payments, projects, households helped, exits and whether they lasted, small loans.

Each frame is defined once, as SQL over the store as known on a day. An exit is lasting when it has
stood for 24 months without a return; younger exits are not yet known, and count as neither.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.registry.household_panel import panel
from jinzhou.registry.quarters import quarter_end
from jinzhou.registry.relations import ask, of_county, text
from jinzhou.registry.rules import catalogue
from jinzhou.registry.snapshot import Snapshot

PAYMENT_RULES = {"paid_unaccepted": "Q-fund-001d", "accepted_unpaid": "Q-fund-001e"}
VILLAGE_WIDE = ("infrastructure", "administration")
"""Types of projects that serve a village and not single households (relation.project)."""
EXIT_STATES = ("lasting", "returned", "left", "not yet known")

ALIKE = (
    "margin",
    "ill",
    "disabled",
    "able",
    "elderly",
    "unsafe",
    "remote",
    "poor_village",
)
"""Covariates on which households are matched: starting income over the line (log), members ill,
members disabled, members able to work over members, members of 60 and more, an unsafe dwelling,
distance to the main road of the village (log of 1 + km), a poor village."""


def town_counties(snapshot: Snapshot) -> pd.Series:
    """County of each township that has registered households in the latest registry year."""
    rows = ask(snapshot, "money/town_counties")
    return rows.set_index("town")["county"]


def spending(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """Payments after `since` with the county, township, village and type of their project.

    `yuan`, `paid_on`.
    """
    return ask(snapshot, "money/spending", since=since)


def allocations(snapshot: Snapshot) -> pd.DataFrame:
    """Allocations with what has been paid from each.

    Returns
    -------
    DataFrame
        `fund_id`, `project_id`, `county` and `town` of the project (``unknown`` when it is on no
        list), `project_type`, `plan_year`, `level`, `allocated_on`, `allocated_amount`, `paid`,
        `paid_early` (yuan paid before the day of the allocation), `last_paid`. Without a table
        of payments what was paid is missing, not zero.
    """
    return ask(
        snapshot, "money/allocations", payments="payment" in snapshot.store.tables
    )


def projects(snapshot: Snapshot) -> pd.DataFrame:
    """Every project of the pool with its money and dates, one row each.

    Returns
    -------
    DataFrame
        `project_id`, `project_name`, `county` (``unknown`` when it has none), `town`, `village`,
        `project_type`, `plan_year`, `department`, the planned and real days, `allocated`,
        `first_allocated`, `paid`, `first_paid`, `last_paid` (yuan), `budget` (yuan; `paid` is
        missing when no table of payments was delivered), `linked_households`, `stage` (``pool``,
        ``begun``, ``finished``, ``accepted``), `late_start` and `late_end` (days behind the plan on
        `as_of`, or when it began or finished; 0 in time, missing without a plan), `days_waiting`
        (finished and not accepted), `paid_unaccepted` and `accepted_unpaid` (rules Q-fund-001d and
        e; missing where they cannot be tested), `disclosed_plan_on`, `has_site`, `village_wide`
        (serves a village, not single households), `ready` (could start; see relation.project).
    """
    judged = ", ".join(
        f"case when $payments and {rule.tested} then ({rule.failed}) end as {name}"
        for name, number in PAYMENT_RULES.items()
        for rule in catalogue()
        if rule.id == number
    )
    sql = f"""with judged as (select project_id, {judged}
        from (select *, getvariable('day') as census_day from relation.project))
        {text("money/projects")}"""
    payments = "payment" in snapshot.store.tables
    return of_county(snapshot, snapshot.views.frame(sql, payments=payments))


def fund_trace(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """Payments after `since`, each yuan followed through the six links (R56); see relation.trace.

    Returns
    -------
    DataFrame
        `payment_id`, `project_id`, `county` (``unknown`` without a project), `town`,
        `project_type`, `paid_on`, `yuan`, `traced`, `lost_measure`, `lost_helper`, `lost_result`
        (yuan), `reason` (first broken link, missing when none).
    """
    return ask(snapshot, "money/fund_trace", since=since)


def exits(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """All exits on record, and whether each has lasted.

    Returns
    -------
    DataFrame
        `household_id`, `county`, `town`, `area_code`, `persons`, `happened_on`, `recorded_on`,
        `counted` (recorded after `since`, the period of the spending), `state` (one of
        `EXIT_STATES`), `lasting` (True, False; missing while it is not known), `months_seen`,
        `project_types` (list: types of projects begun by the day of the exit that had taken the
        household in).
    """
    frame = ask(snapshot, "money/exits", since=since)
    frame["lasting"] = (
        frame["state"].map({"lasting": True, "returned": False}).astype("boolean")
    )
    return frame


def townships(snapshot: Snapshot, cohort: pd.DataFrame, *, since: str) -> pd.DataFrame:
    """Townships as units of efficiency, indexed by name.

    Parameters
    ----------
    cohort : DataFrame
        See `cohort`: who was poor on `since`.

    Returns
    -------
    DataFrame
        `county`; inputs `paid` (yuan paid after `since`), `cadres` (resident cadres of its
        villages; missing when none of them is on the village table), `poor` (persons poor on
        `since`); outputs `exits` (persons whose exit was recorded after `since`), `lasting`
        (persons whose exit became lasting after `since`: the months were full by `as_of`),
        `returned` (persons whose exit was undone after `since`), `unknown` (persons whose exit is
        too young to tell); circumstances: the means of `ALIKE` over the cohort's households there.
    """
    frame = ask(snapshot, "money/townships", since=since)
    by_town = cohort.groupby("town")
    return (
        frame.set_index("town")
        .join(by_town["persons"].sum().rename("poor"))
        .join(by_town[list(ALIKE)].mean())
        .fillna({"poor": 0.0})
    )


def township_years(snapshot: Snapshot) -> pd.DataFrame:
    """Townships in each of the last two years of twelve months that end with `as_of`.

    Did they do more with the same than a year before?

    Returns
    -------
    DataFrame, one row per township and year
        `county`, `town`, `period` (last day of the year), inputs `paid` (yuan paid in it),
        `cadres` (resident cadres of its villages in the registry year before its end), `poor`
        (persons on the registry and poor in the registry year before its beginning), output
        `exits` (persons whose exit was recorded in it). A year without any
        payment in the whole city is before the ledger begins, and left out.
    """
    last = pd.Timestamp(snapshot.as_of)
    first, middle = (f"{last - pd.DateOffset(years=n):%Y-%m-%d}" for n in (2, 1))
    return ask(
        snapshot,
        "money/township_years",
        first=first,
        middle=middle,
        last=f"{last:%Y-%m-%d}",
    )


def cohort(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """Households poor on `since`, what they were like then, and their first exit afterwards.

    Parameters
    ----------
    since : str
        Last day of a quarter.

    Returns
    -------
    DataFrame, one row per household
        `household_id`, `county`, `town`, `area_code`, `persons`, the columns of `ALIKE` as known on
        `since` (`poor_village` missing without a village table), `exited_on` (recorded), `state`,
        `months_seen` of that exit (missing without one), `gone_on` (left the registry before any
        exit), and `yuan` (what was paid in its township after `since` over the persons poor there
        on `since`). Empty when the registry begins after `since`.

    Raises
    ------
    ParameterError
        `since` is not the last day of a quarter.
    """
    day = pd.Timestamp(since)
    if day != quarter_end(day.year * 4 + day.quarter - 1):
        raise ParameterError("registry.quarters.end", found=since, example="2015-12-31")
    first = snapshot.views.first_year
    if first is None or pd.Timestamp(first, 9, 30) > day:
        return _nobody()
    rows = panel(snapshot.on(since), since=since)
    rows = rows[rows["status"] == "poor"]
    more = ask(snapshot.everywhere, "money/cohort", since=since).set_index(
        "household_id"
    )
    made = _matched_on(rows, villages="village" in snapshot.store.tables)
    found = more.reindex(made["household_id"])
    made["remote"] = np.log1p(
        found["road_distance_km"].astype(float).clip(0, 20).to_numpy()
    )
    for column in ("exited_on", "state", "months_seen", "gone_on"):
        made[column] = found[column].to_numpy()
    paid = spending(snapshot.everywhere, since=since).groupby("town")["yuan"].sum()
    made["yuan"] = made["town"].map(paid).fillna(0.0) / made["persons"].groupby(
        made["town"]
    ).transform("sum")
    return made


def _matched_on(rows: pd.DataFrame, *, villages: bool) -> pd.DataFrame:
    """Place, persons and what households are matched on, but for the distance to a road."""
    size = rows["household_size"].where(rows["household_size"] > 0)
    return pd.DataFrame(
        {
            "household_id": rows["household_id"],
            "county": rows["county"],
            "town": rows["town"],
            "area_code": rows["area_code"],
            "persons": size.astype(float),
            "margin": rows["log_margin"].clip(-1.5, 1.5),
            "ill": rows["chronic"] + rows["serious"],
            "disabled": rows["disabled"],
            "able": rows["labour"] / size,
            "elderly": rows["elderly"],
            "unsafe": (rows["dwelling_grade"] >= 2).astype(float),
            "poor_village": rows["poor_village"].astype(float) if villages else np.nan,
        }
    ).reset_index(drop=True)


def _nobody() -> pd.DataFrame:
    """A cohort without anybody."""
    texts = ["household_id", "county", "town", "area_code", "state"]
    numbers = ["persons", *ALIKE, "months_seen", "yuan"]
    days = ["exited_on", "gone_on"]
    return pd.DataFrame(
        {
            **{column: pd.Series(dtype=str) for column in texts},
            **{column: pd.Series(dtype=float) for column in numbers},
            **{column: pd.Series(dtype="datetime64[us]") for column in days},
        }
    )


def exit_rounds(
    snapshot: Snapshot, cohort: pd.DataFrame, *, since: str
) -> pd.DataFrame:
    """Household-rounds of a cohort.

    The twelve months from each 30 September after `since` that are over by the day.

    Returns
    -------
    DataFrame
        The cohort's columns for each round in which the household began poor and on the
        registry, with `day` (the round
        begins); `state` and `months_seen` only where the exit was recorded in the round.
    """
    first, last = pd.Timestamp(since), pd.Timestamp(snapshot.as_of)
    days = [
        day
        for year in range(first.year, last.year + 1)
        if (day := pd.Timestamp(year=year, month=9, day=30)) >= first
        and day + pd.DateOffset(years=1) <= last
    ]
    parts = []
    for day in days:
        rows = cohort[~(cohort["exited_on"] <= day) & ~(cohort["gone_on"] <= day)]
        within = rows["exited_on"] <= day + pd.DateOffset(years=1)
        parts.append(
            rows.assign(
                day=day,
                state=rows["state"].where(within),
                months_seen=rows["months_seen"].where(within),
            )
        )
    return (
        pd.concat(parts, ignore_index=True)
        if parts
        else cohort.iloc[:0].assign(day=pd.NaT)
    )


def income_gains(
    snapshot: Snapshot, cohort: pd.DataFrame, *, since: str
) -> pd.DataFrame:
    """What a cohort's recorded net income per head gained from `since` to the latest registry year.

    Returns
    -------
    DataFrame
        The cohort's columns with `day` and `until` (the last registry year begins and ends: help
        that had begun by its first day has had that year to bring income), `income_before`,
        `income_after` and `gain` (yuan per head and year, prices of the year; missing where an
        income is not on record, not above zero or above 100,000 yuan, which the
        dictionary calls an error). Empty when no registry year that began after `since` is over:
        help would have had less than a year.
    """
    rows = ask(snapshot.everywhere, "money/income_gains", since=since).set_index(
        "household_id"
    )
    late = rows["day"].iloc[0] if len(rows) else pd.NaT
    if not late > pd.Timestamp(since):
        return cohort.iloc[:0].assign(
            day=pd.NaT,
            until=pd.NaT,
            income_before=np.nan,
            income_after=np.nan,
            gain=np.nan,
        )
    found = rows.reindex(cohort["household_id"]).set_axis(cohort.index)
    return cohort.assign(
        day=late,
        until=late + pd.DateOffset(years=1),
        income_before=found["income_before"],
        income_after=found["income_after"],
        gain=found["income_after"] - found["income_before"],
    )


def helped(snapshot: Snapshot, *, days: Sequence[str], since: str = "") -> pd.DataFrame:
    """Which types of projects had taken a household in by each of some days.

    Parameters
    ----------
    since : str, optional
        Count all that was paid after this day and up to the last of `days`. Without it, what was
        paid in the twelve months before each day.

    Returns
    -------
    DataFrame
        `household_id`, `day`, `project_type`, `village_wide` (serves a village), `yuan`: what the
        type's projects paid for it in the time (a project's payments divided equally among its
        households; for projects of a village, among the registered households there).
    """
    if not len(days):
        return pd.DataFrame(
            {
                "household_id": pd.Series(dtype=str),
                "county": pd.Series(dtype=str),
                "day": pd.Series(dtype="datetime64[us]"),
                "project_type": pd.Series(dtype=str),
                "village_wide": pd.Series(dtype=bool),
                "yuan": pd.Series(dtype=float),
            }
        )
    return ask(snapshot, "money/helped", days=[str(day) for day in days], since=since)


def help_paid(snapshot: Snapshot) -> pd.DataFrame:
    """What projects for households paid in the last closed year, by household (R15).

    Returns
    -------
    DataFrame
        `household_id`, `county`, `town`, `persons` (of the registry year; missing when blank),
        `yuan` (of `helped`, projects that serve a village left
        out), `year`; a row without a household holds the rest of what a county's
        projects paid: no household is linked to it, or its measure begins after the year.
    """
    day = pd.Timestamp(snapshot.as_of)
    year = day.year if (day.month, day.day) == (12, 31) else day.year - 1
    tied = helped(snapshot.everywhere, days=[f"{year}-12-31"])
    tied = (
        tied[
            tied["project_type"].map(lambda kind: kind not in VILLAGE_WIDE).astype(bool)
        ]
        .groupby("household_id", as_index=False)["yuan"]
        .sum()
    )
    place = ask(snapshot.everywhere, "money/home_sizes", year=year)
    tied = tied[tied["yuan"] > 0].merge(place, on="household_id")
    paid = ask(snapshot.everywhere, "money/paid_by_county", year=year).set_index(
        "county"
    )["yuan"]
    loose = (
        paid - tied.groupby("county")["yuan"].sum().reindex(paid.index).fillna(0.0)
    ).round(2)
    rows = pd.concat([tied, loose[loose > 0].reset_index()], ignore_index=True).reindex(
        columns=["household_id", "county", "town", "persons", "yuan"]
    )
    return of_county(snapshot, rows).assign(year=year)


def loans(snapshot: Snapshot) -> pd.DataFrame:
    """Small loans disbursed by `as_of`, one row each.

    Returns
    -------
    DataFrame
        `loan_id`, `household_id`, `county`, `town`, `village`, `bank`, `contract_amount`,
        `balance`, `subsidy_amount`, `disbursed_on`, `due_on`, `overdue` (yuan of principal that the
        ledger has as overdue and that was due by the day), `days_overdue`, `bad`, `enterprise`
        (户贷企用; missing when not said), `extended`. Balances are those of the ledger, which keeps
        no history.
    """
    return ask(snapshot, "money/loans")


def borrowers(snapshot: Snapshot) -> pd.DataFrame:
    """Households that a small loan is meant for, by county.

    `eligible`, `with_loan` (of them, ever), `running` (with a balance).

    Eligible: on the latest registry, and a member of 18 to 65 who is not recorded as unable to
    work and not at school.
    """
    return ask(snapshot, "money/borrowers")
