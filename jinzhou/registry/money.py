"""Money and what came of it: allocations, payments, projects, households helped, exits and whether they lasted, small loans.

Each frame is defined once, as SQL over the store as known on a day. An exit is lasting when it has
stood for 24 months without a return; younger exits are not yet known, and count as neither.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.reference.thresholds import threshold
from jinzhou.registry.frames import PROJECT_ROWS, TRACE, VILLAGE_WIDE
from jinzhou.registry.ledgers import query, relation
from jinzhou.registry.panel import LEAVE_EVENTS, panel
from jinzhou.registry.quarters import quarter_end
from jinzhou.registry.rules import catalogue
from jinzhou.registry.snapshot import Snapshot
from jinzhou.registry.store import Store

EXIT_STATES = ("lasting", "returned", "left", "not yet known")
_LEFT = ", ".join(f"'{kind}'" for kind in LEAVE_EVENTS)

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
"""What like is told by: starting income over the line (log), members ill, members disabled, members able to work over members, members of 60
and more, an unsafe dwelling, distance to the main road of the village (log of 1 + km), a poor village."""


SPELLS = f"""
select *, case when returned_on <= whole then 'returned' when left_on < whole then 'left' when whole <= $day then 'lasting' else 'not yet known' end as state,
    least($months, date_sub('month', happened_on, least($day, coalesce(returned_on, $day), coalesce(left_on, $day))))::int as months_seen
from (
    select e.household_id, e.county, coalesce(e.persons, 1)::bigint as persons, e.happened_on, e.recorded_on, e.happened_on + to_months($months) as whole,
        (select min(r.happened_on) from event r where r.household_id = e.household_id and r.person_id is null and r.kind in ('returned', 'reverted')
            and r.happened_on > e.happened_on) as returned_on,
        (select min(l.happened_on) from event l where l.household_id = e.household_id and l.person_id is null and l.kind in ({_LEFT})
            and l.happened_on > e.happened_on) as left_on
    from event e where e.kind = 'exited' and e.person_id is null)"""
"""The one definition of a lasting exit: `state` of each exit on the day `$day`, and the whole months for which it was seen.

A return up to and on the day on which the months are full undoes it; who leaves the registry before was not seen long enough.
"""


def _spells(as_of: str) -> str:
    day = pd.Timestamp(as_of).date()
    return SPELLS.replace("$day", f"date '{day}'").replace(
        "$months", str(int(threshold("lasting_exit_months").value))
    )


def _payments(store: Store) -> Callable[[str], str]:
    """SQL of what has been paid: nothing paid is zero, but unknown where no table of payments was delivered."""
    return (
        (lambda column: f"coalesce({column}, 0)")
        if "payment" in store.tables
        else (lambda column: "null")
    )


def town_counties(snapshot: Snapshot) -> pd.Series:
    """County of each township that has registered households in the latest registry year."""
    rows = query(
        snapshot,
        """select town, min(county) as county from household where snapshot = (select max(snapshot) from household) and town is not null and county is not null
        group by town order by county, town""",
    )
    return rows.set_index("town")["county"]


def spending(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """Payments after `since` with the county, township, village and type of their project: `yuan`, `paid_on`."""
    return query(
        snapshot,
        """select p.county, p.town, p.area_code, p.project_type, y.paid_amount::double as yuan, y.paid_on
        from payment y join project p using (project_id) where y.paid_on > ?::date and p.county is not null
        order by y.payment_id""",
        values=(since,),
    )


def allocations(snapshot: Snapshot) -> pd.DataFrame:
    """Allocations with what has been paid from each.

    Returns
    -------
    DataFrame
        `fund_id`, `project_id`, `county` and `town` of the project (``unknown`` when it is on no
        list), `project_type`, `plan_year`, `level`, `allocated_on`, `allocated_amount`, `paid`,
        `paid_early` (yuan paid before the day of the allocation), `last_paid`. Without a table of payments what was paid is missing, not zero.
    """
    paid = _payments(snapshot.store)
    return query(
        snapshot,
        f"""
        with paid as (select y.fund_id, sum(y.paid_amount)::double as paid, max(y.paid_on) as last_paid,
            coalesce(sum(y.paid_amount) filter (where y.paid_on < f.allocated_on), 0)::double as paid_early
            from payment y join fund f using (fund_id) group by 1)
        select f.fund_id, f.project_id, coalesce(p.county, 'unknown') as county, p.town, p.project_type, p.plan_year::int as plan_year, f.level, f.allocated_on::timestamp as allocated_on,
            f.allocated_amount::double as allocated_amount, {paid("d.paid")}::double as paid, {paid("d.paid_early")}::double as paid_early, d.last_paid::timestamp as last_paid
        from (select * exclude (county) from fund) f left join project p using (project_id) left join paid d using (fund_id) order by f.fund_id""",
    )


def projects(snapshot: Snapshot) -> pd.DataFrame:
    """Every project of the pool with its money and dates, one row each.

    Returns
    -------
    DataFrame
        `project_id`, `project_name`, `county` (``unknown`` when it has none), `town`, `village`, `project_type`, `plan_year`,
        `department`, the planned and real days, `allocated`, `first_allocated`, `paid`, `first_paid`, `last_paid` (yuan),
        `budget` (yuan; `paid` is missing when no table of payments was delivered), `linked_households`, `stage` (``pool``, ``begun``, ``finished``, ``accepted``), `late_start` and `late_end`
        (days behind the plan on `as_of`, or when it began or finished; 0 in time, missing without a plan), `days_waiting` (finished and not
        accepted), `paid_unaccepted`
        and `accepted_unpaid` (rules Q-fund-001d and e; missing where they cannot be tested), `disclosed_plan_on`,
        `has_site`, `village_wide` (serves a village, not single households), `ready` (could start; see `frames.PROJECT_ROWS`).
    """
    paid = _payments(snapshot.store)
    rule = {
        r.id: f"case when {r.tested} and {paid('paid')} is not null then ({r.failed}) end"
        for r in catalogue()
        if r.id in ("Q-fund-001d", "Q-fund-001e")
    }
    day = f"date '{pd.Timestamp(snapshot.as_of).date()}'"
    rows = PROJECT_ROWS.replace("$day", day)
    return query(
        snapshot,
        f"""select project_id, project_name, coalesce(county, 'unknown') as county, town, village, area_code, project_type, plan_year::int as plan_year, department,
            planned_start::timestamp as planned_start, planned_end::timestamp as planned_end, started_on::timestamp as started_on, finished_on::timestamp as finished_on,
            accepted_on::timestamp as accepted_on, budget_total::double as budget, allocated::double as allocated, first_allocated::timestamp as first_allocated,
            {paid("paid")}::double as paid, first_paid::timestamp as first_paid, last_paid::timestamp as last_paid, linked_households::bigint as linked_households,
            case when accepted_on is not null then 'accepted' when finished_on is not null then 'finished' when started_on is not null then 'begun' else 'pool' end as stage,
            greatest(0, date_diff('day', planned_start, coalesce(started_on, {day})))::double as late_start,
            greatest(0, date_diff('day', planned_end, coalesce(finished_on, {day})))::double as late_end,
            case when finished_on is not null and accepted_on is null then date_diff('day', finished_on, {day}) end::double as days_waiting,
            {rule["Q-fund-001d"]} as paid_unaccepted, {rule["Q-fund-001e"]} as accepted_unpaid, disclosed_plan_on::timestamp as disclosed_plan_on, has_site, village_wide, ready
        from ({rows}) order by project_id""",
    )


def fund_trace(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """Payments after `since`, each yuan followed through the six links (R56); see `frames.TRACE`.

    Returns
    -------
    DataFrame
        `payment_id`, `project_id`, `county` (``unknown`` without a project), `town`, `project_type`, `paid_on`, `yuan`, `traced`,
        `lost_measure`, `lost_helper`, `lost_result` (yuan), `reason` (first broken link, missing when none).
    """
    return relation(
        snapshot,
        TRACE,
        f"""payment_id, project_id, fund_id, coalesce(county, 'unknown') as county, town, project_type, paid_on::timestamp as paid_on, households,
        paid_amount::double as yuan, traced::double as traced, coalesce(lost_measure, 0)::double as lost_measure, coalesce(lost_helper, 0)::double as lost_helper,
        coalesce(lost_result, 0)::double as lost_result, reason from {{rows}} where paid_on > date '{pd.Timestamp(since).date()}' order by payment_id""",
    )


def exits(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """All exits on record, and whether each has lasted.

    Returns
    -------
    DataFrame
        `household_id`, `county`, `town`, `area_code`, `persons`, `happened_on`, `recorded_on`, `counted` (recorded after `since`,
        the period of the spending), `state` (one of `EXIT_STATES`), `lasting` (True, False; missing while it is not known),
        `months_seen`, `project_types` (list: types of projects begun by the day of the exit that had taken the household in).
    """
    frame = query(
        snapshot,
        f"""
        with place as (select household_id, arg_max(town, snapshot) as town, arg_max(area_code, snapshot) as area_code from household group by 1),
        spells as ({_spells(snapshot.as_of)}),
        taken as (select s.household_id, s.happened_on, list(distinct p.project_type order by p.project_type) as project_types
                  from spells s join project_household l using (household_id) join project p on p.project_id = l.project_id and p.started_on <= s.happened_on group by all)
        select s.household_id, s.county, place.town, place.area_code, s.persons, s.happened_on::timestamp as happened_on, s.recorded_on::timestamp as recorded_on,
            s.recorded_on > ?::date as counted, s.state, s.months_seen, taken.project_types
        from spells s left join place using (household_id) left join taken using (household_id, happened_on)
        order by s.recorded_on, s.household_id, s.happened_on""",
        values=(since,),
    )
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
        `county`; inputs `paid` (yuan paid after `since`), `cadres` (resident cadres of its villages; missing when none of them is on the village table), `poor` (persons poor on `since`);
        outputs `exits` (persons whose exit was recorded after `since`), `lasting` (persons whose exit became lasting
        after `since`: the months were full by `as_of`), `returned` (persons whose exit was undone
        after `since`), `unknown` (persons whose exit is too young to tell); circumstances: the means of `ALIKE` over the cohort's households there.
    """
    frame = query(
        snapshot,
        f"""
        with money as (select p.county, p.town, sum(y.paid_amount)::double as paid from payment y join project p using (project_id)
                       where y.paid_on > $1::date and p.county is not null and p.town is not null group by all),
        people as (select county, town, sum(resident_cadres)::double as cadres from village
                   where snapshot = (select max(snapshot) from village) group by all),
        place as (select household_id, arg_max(town, snapshot) as town from household group by 1),
        out as (select s.county, place.town, coalesce(sum(persons) filter (where recorded_on > $1::date), 0)::double as exits,
                    coalesce(sum(persons) filter (where state = 'lasting' and whole > $1::date), 0)::double as lasting,
                    coalesce(sum(persons) filter (where state = 'returned' and returned_on > $1::date), 0)::double as returned,
                    coalesce(sum(persons) filter (where state = 'not yet known'), 0)::double as unknown
                from ({_spells(snapshot.as_of)}) s join place using (household_id) group by all)
        select money.county, money.town, money.paid, people.cadres,
            coalesce(out.exits, 0) as exits, coalesce(out.lasting, 0) as lasting, coalesce(out.returned, 0) as returned, coalesce(out.unknown, 0) as unknown
        from money left join people using (county, town) left join out using (county, town)
        order by county, town""",
        values=(since,),
    )
    by_town = cohort.groupby("town")
    return (
        frame.set_index("town")
        .join(by_town["persons"].sum().rename("poor"))
        .join(by_town[list(ALIKE)].mean())
        .fillna({"poor": 0.0})
    )


def township_years(snapshot: Snapshot) -> pd.DataFrame:
    """Townships in each of the last two years of twelve months that end with `as_of`: did they do more with the same than a year before?

    Returns
    -------
    DataFrame, one row per township and year
        `county`, `town`, `period` (last day of the year), inputs `paid` (yuan paid in it), `cadres` (resident cadres of its villages in the registry year before its end), `poor`
        (persons on the registry and poor in the registry year before its beginning), output `exits` (persons whose exit was recorded in it). A year without any
        payment in the whole city is before the ledger begins, and left out.
    """
    last = pd.Timestamp(snapshot.as_of)
    first, middle = (f"{last - pd.DateOffset(years=n):%Y-%m-%d}" for n in (2, 1))
    return query(
        snapshot,
        """
        with years(period, opens, closes) as (values ($2::date, $1::date, $2::date), ($3::date, $2::date, $3::date)),
        dated as (select years.*, (select max(snapshot) from village where make_date(snapshot::int, 9, 30) <= closes) as staffed,
            (select max(snapshot) from household where make_date(snapshot::int, 9, 30) <= opens) as counted from years),
        money as (select p.county, p.town, period, sum(y.paid_amount)::double as paid from payment y join project p using (project_id) join dated on y.paid_on > opens and y.paid_on <= closes
                  where p.county is not null and p.town is not null group by all),
        people as (select county, town, period, sum(resident_cadres)::double as cadres from village join dated on snapshot = staffed group by all),
        need as (select county, town, period, sum(household_size)::double as poor from household join dated on snapshot = counted where registration_status in ('poor', 'returned', 'planned_exit') group by all),
        place as (select household_id, arg_max(town, snapshot) as town from household group by 1),
        gone as (select e.county, place.town, period, sum(coalesce(e.persons, 1))::double as exits from event e join place using (household_id)
                 join dated on e.recorded_on > opens and e.recorded_on <= closes where e.kind = 'exited' and e.person_id is null group by all)
        select money.county, money.town, money.period::varchar as period, paid, cadres, poor, coalesce(exits, 0) as exits from money
        left join people using (county, town, period) left join need using (county, town, period) left join gone using (county, town, period) order by money.county, money.town, money.period""",
        values=(first, middle, f"{last:%Y-%m-%d}"),
    )


def cohort(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """Households poor on `since`, what they were like then, and their first exit recorded afterwards.

    Parameters
    ----------
    since : str
        Last day of a quarter.

    Returns
    -------
    DataFrame, one row per household
        `household_id`, `county`, `town`, `area_code`, `persons`, the columns of `ALIKE` as known on `since` (`poor_village` missing without a village table),
        `exited_on` (recorded), `state`, `months_seen` of that exit (missing without one), `gone_on` (left the registry before any exit), and `yuan`
        (what was paid in its township after `since` over the persons poor there on `since`). Empty when the registry begins after `since`.

    Raises
    ------
    ParameterError
        `since` is not the last day of a quarter.
    """
    day = pd.Timestamp(since)
    if day != quarter_end(day.year * 4 + day.quarter - 1):
        raise ParameterError(
            f"起始日为 {since}；应为某季度的最后一天，例如 2015-12-31。",
            f"since={since}; expected the last day of a quarter, such as 2015-12-31.",
        )
    known = query(
        snapshot.everywhere,
        "select count(*) as n from household where make_date(snapshot::int, 9, 30) <= $1::date",
        values=(since,),
    )["n"].iloc[0]
    if not known:
        texts = ["household_id", "county", "town", "area_code", "state"]
        numbers = ["persons", *ALIKE, "months_seen", "yuan"]
        return pd.DataFrame(
            {
                **{c: pd.Series(dtype=str) for c in texts},
                **{c: pd.Series(dtype=float) for c in numbers},
                **{
                    c: pd.Series(dtype="datetime64[us]")
                    for c in ("exited_on", "gone_on")
                },
            }
        )
    rows = panel(snapshot.on(since), since=since)
    rows = rows[rows["status"] == "poor"]
    more = query(
        snapshot.everywhere,
        f"""
        with road as (select household_id, road_distance_km from living where snapshot = (select max(snapshot) from living where make_date(snapshot::int, 9, 30) <= $1::date)),
        first as (select s.* from ({_spells(snapshot.as_of)}) s where s.recorded_on > $1::date
            qualify row_number() over (partition by s.household_id order by s.recorded_on, s.happened_on) = 1),
        gone as (select household_id, min(recorded_on) as gone_on from event where person_id is null and kind in ({_LEFT}) and recorded_on > $1::date group by 1),
        every as (select distinct household_id from household)
        select every.household_id, road.road_distance_km, first.recorded_on::timestamp as exited_on, first.state, first.months_seen::double as months_seen,
            case when first.recorded_on is null or gone.gone_on < first.recorded_on then gone.gone_on::timestamp end as gone_on
        from every left join road using (household_id) left join first using (household_id) left join gone using (household_id) order by every.household_id""",
        values=(since,),
    ).set_index("household_id")
    size = rows["household_size"].where(rows["household_size"] > 0)
    made = pd.DataFrame(
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
            "poor_village": rows["poor_village"].astype(float)
            if "village" in snapshot.store.tables
            else np.nan,
        }
    ).reset_index(drop=True)
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


def exit_rounds(
    snapshot: Snapshot, cohort: pd.DataFrame, *, since: str
) -> pd.DataFrame:
    """Household-rounds of a cohort: the twelve months from each 30 September after `since` that are over by the day.

    Returns
    -------
    DataFrame
        The cohort's columns for each round in which the household began poor and on the registry, with `day` (the round
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
    """What a cohort's recorded net income per head gained, from the registry year known on `since` to the latest one known on `as_of`.

    Returns
    -------
    DataFrame
        The cohort's columns with `day` and `until` (the last registry year begins and ends: help that had begun by its first day has had that year to bring income), `income_before`,
        `income_after` and `gain` (yuan per head and year, prices of the year; missing where an income is not on record, not above zero or above 100,000 yuan, which the
        dictionary calls an error). Empty when no registry year that began after `since` is over: help would have had less than a year.
    """
    rows = query(
        snapshot.everywhere,
        """
        with years as (select max(snapshot) filter (where make_date(snapshot::int, 9, 30) <= $1::date) as first, max(snapshot) as last from income),
        known as (select household_id, snapshot, case when net_income_pc > 0 and net_income_pc <= 100000 then net_income_pc::double end as yuan from income)
        select household_id, make_date(any_value(years.last)::int - 1, 9, 30)::timestamp as day, max(yuan) filter (where snapshot = years.first) as income_before,
            max(yuan) filter (where snapshot = years.last) as income_after
        from known, years where snapshot in (years.first, years.last) group by household_id order by household_id""",
        values=(since,),
    ).set_index("household_id")
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
        Count all that was paid after this day and up to the last of `days`. Without it, what was paid in the twelve months before each day.

    Returns
    -------
    DataFrame
        `household_id`, `day`, `project_type`, `village_wide` (serves a village), `yuan`: what the type's projects paid for it in the time (a
        project's payments divided equally among its households; for projects of a village, among the registered households there).
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
    window = (
        "y.paid_on > $1::date and y.paid_on <= (select max(day) from days)"
        if since
        else "y.paid_on <= d.day and y.paid_on > d.day - interval 1 year"
    )
    listed = ", ".join(f"(date '{pd.Timestamp(day).date()}')" for day in days)
    return query(
        snapshot,
        f"""
        with days(day) as (values {listed}),
        links as (
            select l.project_id, l.household_id from project_household l
            union select p.project_id, h.household_id from project p
                join (select household_id, arg_max(area_code, snapshot) as area_code from household group by 1) h on h.area_code = p.area_code
                where p.project_type in {VILLAGE_WIDE}),
        homes as (select project_id, count(*) as homes from links group by 1),
        began as (select l.project_id, l.household_id, coalesce(min(m.started_on), any_value(p.started_on)) as began
            from links l join project p using (project_id) left join measure m on m.project_id = l.project_id and m.household_id = l.household_id group by 1, 2),
        year as (select y.project_id, d.day, sum(y.paid_amount)::double as yuan from payment y join days d on {window} group by 1, 2),
        place as (select household_id, arg_max(county, snapshot) as county from household group by 1)
        select b.household_id as household_id, place.county, d.day::timestamp as day, p.project_type as project_type, p.project_type in {VILLAGE_WIDE} as village_wide, sum(coalesce(y.yuan, 0) / h.homes) as yuan
        from began b join days d on b.began <= d.day join project p using (project_id) join homes h using (project_id) join place using (household_id)
        left join year y on y.project_id = b.project_id and y.day = d.day
        group by b.household_id, place.county, d.day, p.project_type order by 3, 4, 1""",
        values=(since,) if since else (),
    )


def help_paid(snapshot: Snapshot) -> pd.DataFrame:
    """What projects for households paid in the last closed year, by household (R15).

    Returns
    -------
    DataFrame
        `household_id`, `county`, `town`, `persons` (of the registry year; missing when blank), `yuan` (of `helped`, projects that serve a village left
        out), `year`; a row without a household holds the rest of what a county's
        projects paid: no household is linked to it, or its measure begins after the year.
    """
    day = pd.Timestamp(snapshot.as_of)
    year = day.year if (day.month, day.day) == (12, 31) else day.year - 1
    tied = helped(snapshot.everywhere, days=[f"{year}-12-31"])
    tied = (
        tied[
            tied["project_type"]
            .map(lambda kind: f"'{kind}'" not in VILLAGE_WIDE)
            .astype(bool)
        ]
        .groupby("household_id", as_index=False)["yuan"]
        .sum()
    )
    place = query(
        snapshot.everywhere,
        """select household_id, arg_max(county, snapshot) as county, arg_max(town, snapshot) as town,
            max_by(household_size, snapshot) filter (where snapshot <= $1)::double as persons from household group by 1""",
        values=(year,),
    )
    tied = tied[tied["yuan"] > 0].merge(place, on="household_id")
    paid = query(
        snapshot.everywhere,
        f"""select p.county, sum(y.paid_amount)::double as yuan from payment y join project p using (project_id)
        where year(y.paid_on) = $1 and p.project_type not in {VILLAGE_WIDE} and p.county is not null group by 1 order by 1""",
        values=(year,),
    ).set_index("county")["yuan"]
    loose = (
        paid - tied.groupby("county")["yuan"].sum().reindex(paid.index).fillna(0.0)
    ).round(2)
    rows = pd.concat([tied, loose[loose > 0].reset_index()], ignore_index=True).reindex(
        columns=["household_id", "county", "town", "persons", "yuan"]
    )
    return (
        rows[rows["county"] == snapshot.county].reset_index(drop=True)
        if snapshot.county
        else rows
    ).assign(year=year)


def loans(snapshot: Snapshot) -> pd.DataFrame:
    """Small loans disbursed by `as_of`, one row each.

    Returns
    -------
    DataFrame
        `loan_id`, `household_id`, `county`, `town`, `village`, `bank`, `contract_amount`, `balance`, `subsidy_amount`, `disbursed_on`, `due_on`,
        `overdue` (yuan of principal that the ledger has as overdue and that was due by the day), `days_overdue`, `bad`, `enterprise`
        (户贷企用; missing when not said), `extended`. Balances are those of the ledger, which keeps no history.
    """
    day = f"date '{pd.Timestamp(snapshot.as_of).date()}'"
    return query(
        snapshot,
        f"""
        with place as (select household_id, arg_max(town, snapshot) as town, arg_max(village, snapshot) as village from household group by 1)
        select l.loan_id, l.household_id, coalesce(l.county, 'unknown') as county, place.town, place.village, l.bank, l.contract_amount::double as contract_amount, l.balance::double as balance,
            coalesce(l.subsidy_amount, 0)::double as subsidy_amount, l.disbursed_on::timestamp as disbursed_on, l.due_on::timestamp as due_on,
            case when l.due_on <= {day} then coalesce(l.overdue_principal, 0) else 0 end::double as overdue,
            case when l.due_on <= {day} and l.overdue_principal > 0 then date_diff('day', l.due_on, {day}) else 0 end::int as days_overdue,
            coalesce(l.npl, false) and l.due_on <= {day} as bad, l.own_use = 'enterprise' as enterprise, coalesce(l.extended, false) as extended
        from loan l left join place using (household_id) order by l.loan_id""",
    )


def borrowers(snapshot: Snapshot) -> pd.DataFrame:
    """Households that a small loan is meant for, by county: `eligible`, `with_loan` (of them, ever), `running` (with a balance).

    Eligible: on the latest registry, and a member of 18 to 65 who is not recorded as unable to work and not at school.
    """
    return query(
        snapshot,
        """
        with last as (select max(snapshot) as year from household),
        fit as (select distinct m.household_id from member m where m.snapshot = (select year from last) and m.change_kind is distinct from 'natural_decrease'
            and date_sub('year', m.birth_date, make_date(m.snapshot::int, 9, 30)) between 18 and 65
            and coalesce(m.labour_capacity, '') not in ('none', 'lost') and coalesce(m.school_status, 'not_in_school') in ('not_in_school')),
        lent as (select household_id, bool_or(balance > 0) as running from loan group by 1)
        select h.county, count(*)::bigint as eligible, count(l.household_id)::bigint as with_loan, count(*) filter (where l.running)::bigint as running
        from household h join fit using (household_id) left join lent l using (household_id)
        where h.snapshot = (select year from last) and h.county is not null group by 1 order by 1""",
    )
