"""Household x quarter panel, and the one place where rows are cut by date.

A row of quarter q is built only from what had been recorded by q's last day, so a row used for
training has the same information that a row scored today has. Outcomes look ahead of q and use
what was recorded by `as_of`. The features are defined once, in the SQL below (design section 1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError, RegistryError
from jinzhou.reference import areas
from jinzhou.reference.lines import poverty_line, poverty_lines
from jinzhou.reference.vocabulary import ABLE, POOR_NOW
from jinzhou.registry.frames import BILLS
from jinzhou.registry.quarters import (
    day_of,
    quarter_end,
    quarter_number,
    quarter_text,
    quarters_before,
    snapshot_of,
)
from jinzhou.registry.snapshot import Snapshot, per_snapshot
from jinzhou.registry.store import Store

RETURN_EVENTS = ("returned", "monitored")
"""Event kinds that are the outcome: 返贫, or entry into monitoring."""
LEAVE_EVENTS = ("removed", "natural_decrease")
"""Event kinds that end a household's record when they name no person: the competing events."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """First and last day on which anything in a store became known."""

    first: date
    last: date


def coverage(store: Store) -> Coverage:
    """Days between which the store knows something: registry years, events, visits, stays.

    Raises
    ------
    RegistryError
        The store holds no household.
    """
    con = store.connect()
    first, last = con.execute(
        "select make_date(min(snapshot), 9, 30), greatest(make_date(max(snapshot), 9, 30),"
        " (select max(recorded_on) from event), (select max(recorded_on) from home_visit),"
        " (select max(setl_time) from visit)) from household"
    ).fetchone()
    con.close()
    if first is None:
        raise RegistryError(
            "数据库中没有任何户信息；应至少有一个年度的户信息表。请重新读入导出文件。",
            "the store holds no household; expected at least one registry year. Load the exports again.",
        )
    return Coverage(first, last)


def require_quarter(store: Store, quarter: str, *, county: str = "") -> str:
    """The quarter in its standard form, once the store is known to hold data for it.

    Raises
    ------
    ParameterError
        The quarter is misspelt or outside the data, or the county is unknown or has no household.
    """
    number = quarter_number(quarter)
    known = coverage(store)
    last = known.last.year * 4 + (known.last.month - 1) // 3
    first = known.first.year * 4 + (known.first.month - 1) // 3
    if not first <= number <= last:
        raise ParameterError(
            f"{quarter_text(number)} 没有数据；现有数据为 {quarter_text(first)} 至 {quarter_text(last)}。"
            "请选择其中一个季度，或读入该季度的导出文件。",
            f"there are no data for {quarter_text(number)}; the store covers {quarter_text(first)} to "
            f"{quarter_text(last)}. Choose one of these, or load the exports of that quarter.",
        )
    if county:
        con = store.connect()
        _require_county(con, county)
        con.close()
    return quarter_text(number)


def _require_county(con: duckdb.DuckDBPyConnection, county: str) -> None:
    held = {
        code
        for (code,) in con.execute("select distinct county from household").fetchall()
    }
    if county not in held:
        known = areas.ordered(held - {None})
        names = "、".join(f"{c} {areas.name(c, 'zh')}" for c in known)
        english = ", ".join(f"{c} {areas.name(c, 'en')}" for c in known)
        raise ParameterError(
            f"县区代码为 {county!r}；数据中有：{names}。请改用其中一个代码。",
            f"county {county!r}; the store holds: {english}. Use one of these codes.",
        )


@per_snapshot
def panel(
    snapshot: Snapshot,
    *,
    since: str = "",
    at_risk: bool = False,
    need_line: bool = True,
) -> pd.DataFrame:
    """Household-quarters up to `as_of` with features known at each quarter's end.

    Parameters
    ----------
    snapshot : Snapshot
        Nothing recorded after its day is used, and quarters that have not ended by then are left
        out. `line`, `income_margin` and `log_margin` use its series of poverty lines; quarters of
        registry years before the series begins are left out.
    since : str
        Quarters that ended before this day are left out; empty for all that the registry knows.
    at_risk : bool
        Only the rows of households that have left poverty and may return.
    need_line : bool
        Whether a year without a line is an error; else `line` and what is made of it are missing there.

    Returns
    -------
    DataFrame
        One row per household and quarter, sorted by (household_id, quarter), RangeIndex.
        Incomes and own payments in yuan (per person and year; per household and quarter), shares
        0-1. Missing inputs stay missing. `past_margin` is the mean logarithm of earlier registry
        years' incomes over their lines. `labour` counts members recorded as able; where the
        record is blank, members aged 16-59 who are neither pupils nor ill nor disabled.
        `returned_h` is 1 when a return or an entry into monitoring happened in the h quarters
        after the row's quarter and was recorded by `as_of`, NaN when that window has not closed by
        `as_of`, when the household is not at risk, or when it had already returned unrecorded.
        `left_h` is the same for leaving the registry (death or departure of all, removal).

    Raises
    ------
    ParameterError
        `as_of` is no date, the county has no household, or the line series has no value for a year needed.
    RegistryError
        The store holds no household known by `as_of`.
    """
    cut = day_of(snapshot.as_of)
    # every row known by the cut is in; the SQL below holds each quarter to its own last day
    con = snapshot.store.connect(as_of=cut.date())
    first, latest = con.execute(
        "select min(snapshot), max(snapshot) from household"
    ).fetchone()
    if first is None:
        raise RegistryError(
            f"到 {cut:%Y-%m-%d} 为止没有任何户信息；应至少有一个年度的户信息表。"
            "请检查季度是否早于数据，或重新读入导出文件。",
            f"no household record is known by {cut:%Y-%m-%d}; expected at least one registry year. "
            "Check whether the quarter is earlier than the data, or load the exports again.",
        )
    if snapshot.county:
        _require_county(con, snapshot.county)
    last = (
        cut.year * 4
        + cut.quarter
        - 1
        - (cut != quarter_end(cut.year * 4 + cut.quarter - 1))
    )
    series = snapshot.series
    known_lines = poverty_lines(series=series, synthetic=snapshot.store.synthetic)
    begins = max(int(first), min(min(known_lines, default=0), snapshot_of(last)))
    quarters = [
        n
        for n in range(begins * 4 + 2, last + 1)
        if not since or quarter_end(n) >= day_of(since)
    ]
    years = sorted({snapshot_of(n) for n in quarters})
    if not set(years) & set(range(int(first), int(latest) + 1)):
        raise RegistryError(
            f"所要的季度属于 {snapshot_of(last)} 年度，数据库只有 {int(first)} 至 {int(latest)} 年度的户信息；请改用其中的季度，或读入该年度的导出文件。",
            f"the quarters asked for belong to registry year {snapshot_of(last)}; the store holds the years {int(first)} to {int(latest)}. "
            "Choose one of their quarters, or load the exports of that year.",
        )
    lines = [
        (
            y,
            known_lines[y]
            if y in known_lines
            else poverty_line(y, series=series, synthetic=snapshot.store.synthetic).yuan
            if need_line
            else None,
        )
        for y in years
    ]
    lines += [
        (y, yuan)
        for y, yuan in known_lines.items()
        if first <= y < min(years, default=0)
    ]  # for incomes of earlier years
    con.execute(
        "create temp table quarters (quarter bigint, opens date, closes date, snapshot bigint)"
    )
    con.executemany(
        "insert into quarters values (?, ?, ?, ?)",
        [
            (
                n,
                (quarter_end(n - 1) + pd.Timedelta(days=1)).date(),
                quarter_end(n).date(),
                snapshot_of(n),
            )
            for n in quarters
        ],
    )
    con.execute("create temp table lines (snapshot bigint, line double)")
    con.executemany("insert into lines values (?, ?)", lines)
    sql = _PANEL_SQL.replace(
        "/* rows */",
        (f"and h.county = '{snapshot.county}'" if snapshot.county else "")
        + (" and st.status = 'exited'" if at_risk else ""),
    )
    frame = con.sql(sql).to_arrow_table().to_pandas()
    con.close()
    for horizon in (1, 4):
        frame[f"returned_{horizon}"] = _label(frame, cut, horizon, "return")
        frame[f"left_{horizon}"] = _label(frame, cut, horizon, "leave")
    return frame


def outcomes(
    panel: pd.DataFrame, *, as_of: Sequence[str], horizon_quarters: int = 4
) -> pd.DataFrame:
    """The return label of each row as it was known at each of several dates.

    Parameters
    ----------
    panel : DataFrame
        From `panel`; its own `as_of` must not be earlier than the dates asked for.
    as_of : sequence of str
        Dates of knowledge; one column each, named as given.

    Returns
    -------
    DataFrame
        Indexed like `panel`; 1 returned, 0 not, NaN when the window had not closed by that date,
        or the household was not at risk, or had already returned unrecorded.
    """
    return pd.DataFrame(
        {day: _label(panel, day_of(day), horizon_quarters, "return") for day in as_of},
        index=panel.index,
    )


def builder(snapshot: Snapshot, *, quarters: int = 4) -> Callable[[str], pd.DataFrame]:
    """The rows at risk of the panel's last quarters as a function of the day alone (for `models.leakcheck`)."""
    return lambda day: panel(
        snapshot.on(day), since=quarters_before(day, quarters - 1), at_risk=True
    )


def known_returns(panel: pd.DataFrame, day: str) -> pd.Series:
    """Return within the next quarter as known on a day (for `models.leakcheck`)."""
    return outcomes(panel, as_of=[day], horizon_quarters=1)[day]


def _label(
    panel: pd.DataFrame, cut: pd.Timestamp, horizon: int, kind: str
) -> np.ndarray:
    """1, 0 or NaN for each row; `kind` is ``"return"`` or ``"leave"``."""
    numbers = panel["quarter"].to_numpy()
    ends = {n: quarter_end(int(n) + horizon) for n in np.unique(numbers)}
    window_end = (
        pd.Series(numbers, index=panel.index).map(ends).astype("datetime64[us]")
    )
    event = panel[f"next_{kind}_on"]
    recorded = panel[f"next_{kind}_recorded_on"]
    hit = (event <= window_end) & (recorded <= cut)
    label = hit.to_numpy(dtype=float)
    unknown_return = panel["already_returned_recorded_on"] <= cut
    label[((window_end > cut) | ~panel["at_risk"] | unknown_return).to_numpy()] = np.nan
    return label


def _list(values: Sequence[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_PANEL_SQL = f"""
with people as (
    select m.*, date_diff('year', birth_date, make_date(snapshot, 9, 30))
             - (strftime(birth_date, '%m%d') > '0930')::int as age,
        coalesce(school_status not in ('not_in_school', 'preschool_age'), false) as pupil
    from member m where change_kind is distinct from 'natural_decrease' and snapshot in (select snapshot from quarters)
), person_rows as (
    select *, coalesce(list_contains(health_status, 'chronic'), false) as is_chronic,
        coalesce(list_contains(health_status, 'serious'), false) as is_serious,
        coalesce(list_contains(health_status, 'disabled'), false) or disability_grade is not null
            as is_disabled
    from people
), members as (
    select household_id, snapshot, count(*) as members,
        sum((age >= 60)::int) as elderly, sum((age < 16)::int) as children,
        sum((case when labour_capacity is not null then labour_capacity in ({_list(ABLE)})
             else age between 16 and 59 and not pupil and not is_serious and not is_disabled
             end)::int) as labour,
        sum(is_disabled::int) as disabled,
        sum((is_disabled and disability_grade <= 2)::int) as severely_disabled,
        sum(is_chronic::int) as chronic, sum(is_serious::int) as serious,
        max(age) filter (where relation_to_head = 'head') as head_age,
        bool_or(has_dibao) as member_dibao, bool_or(has_tekun) as member_tekun,
        sum(work_months) as work_months,
        bool_and(coalesce(has_resident_insurance, has_employee_insurance)
                 or has_employee_insurance) as insured
    from person_rows group by all
), incomes as (
    select i.household_id, i.snapshot, i.net_income_pc::double as net_income_pc,
        i.wage_income::double as wage, i.business_income::double - i.business_expense::double as business,
        i.property_income::double as property, i.transfer_income::double as transfer,
        i.dibao_payment > 0 as dibao_paid,
        i.net_income_pc::double / nullif(lag(i.net_income_pc::double) over earlier, 0) - 1 as income_change,
        avg(ln(greatest(i.net_income_pc::double, 100) / b.line)) over (earlier rows between unbounded preceding and 1 preceding) as past_margin
    from income i left join lines b using (snapshot) window earlier as (partition by household_id order by snapshot)
), bills as (
    select person_key, (year(admitted_on) * 4 + quarter(admitted_on) - 1)::bigint as admitted,
        (year(setl_time) * 4 + quarter(setl_time) - 1)::bigint as settled,
        sum(psn_part_amt) as oop, sum((med_type = 'inpatient')::int) as stays
    from {BILLS} where admitted_on is not null group by all
), patients as (
    -- a person's household in a registry year; a number that two households carry belongs to neither
    select snapshot, person_key, min(household_id) as household_id from member
    where person_key is not null and snapshot in (select snapshot from quarters) group by all having min(household_id) = max(household_id)
), medical as (
    select p.household_id, q.quarter,
        sum(oop) filter (where admitted = q.quarter)::double as oop_now,
        sum(oop) filter (where admitted = q.quarter - 1)::double as oop_last,
        sum(oop)::double as oop_year,
        sum(stays) filter (where admitted = q.quarter)::bigint as stays_now,
        sum(stays) filter (where admitted = q.quarter - 1)::bigint as stays_last
    from bills b join quarters q
        on q.quarter between b.admitted and b.admitted + 3 and b.settled <= q.quarter
    join patients p on p.person_key = b.person_key and p.snapshot = q.snapshot
    group by all
), household_events as (
    select household_id, event_id, kind, happened_on, recorded_on, source_round from event
    where person_id is null and happened_on is not null and recorded_on is not null
), states as (
    -- what each record says of the household's state, and since when that was known
    select household_id, make_date(snapshot, 9, 30) as known, make_date(snapshot, 9, 30) as happened,
        '' as record, case when registration_status in ({_list(POOR_NOW)}) then 'poor'
                           when registration_status = 'exited' then 'exited' end as state,
        case when registration_status = 'exited' then make_date(exit_year, 12, 31) end as exited_on
    from household where registration_status is not null
    union all
    select household_id, recorded_on, happened_on, event_id,
        case when kind in ('identified', 'newly_identified', 'returned', 'reverted') then 'poor'
             when kind = 'exited' then 'exited' else 'outside' end,
        case when kind = 'exited' then happened_on end
    from household_events
    where kind in ('identified', 'newly_identified', 'returned', 'reverted', 'exited', {_list(LEAVE_EVENTS)})
), status as (
    select s.household_id, q.quarter,
        arg_max(s.state, (s.known, s.happened, s.record)) as status,
        max(case when s.exited_on is not null then least(s.exited_on, q.closes) end) as exited_on
    from states s join quarters q on s.known <= q.closes
    group by all
), spells as (
    select e.household_id, q.quarter, count(distinct happened_on) as earlier_returns
    from household_events e join quarters q on e.recorded_on <= q.closes
    where kind = 'returned' group by all
), help as (
    select m.household_id, q.quarter, count(*) as measures,
        bool_or(measure_type = 'industry') as measure_industry,
        bool_or(measure_type in ('employment', 'public_job')) as measure_employment,
        bool_or(measure_type = 'health') as measure_health,
        bool_or(measure_type = 'social_protection') as measure_protection
    from measure m join quarters q
        on m.started_on <= q.closes and (m.ended_on is null or m.ended_on >= q.opens)
    group by all
), calls as (
    select household_id, (year(visited_on) * 4 + quarter(visited_on) - 1)::bigint as visited,
        (year(recorded_on) * 4 + quarter(recorded_on) - 1)::bigint as recorded,
        bool_or(visit_reason = 'random') as random
    from home_visit where visited_on is not null group by all
), visits as (
    select c.household_id, q.quarter,
        bool_or(visited = q.quarter) as visited_now, bool_or(visited = q.quarter - 1) as visited_last,
        coalesce(bool_or(random) filter (where visited = q.quarter), false) as visit_random,
        min(q.quarter - visited)::double as quarters_since_visit
    from calls c join quarters q on c.visited <= q.quarter and c.recorded <= q.quarter
    group by all
), villages as (
    select area_code, snapshot, bool_or(is_poor_village) as poor_village,
        bool_or(is_deep_poor) as deep_village
    from village group by all
), rows as materialized (
    select h.household_id, q.quarter, q.closes::timestamp as quarter_end, h.county, h.town,
        h.area_code, h.village, coalesce(st.status, 'outside') as status,
        coalesce(st.status = 'exited', false) as at_risk,
        case when st.status = 'exited' then
            (q.quarter - (year(st.exited_on) * 4 + quarter(st.exited_on) - 1))::double
            end as quarters_since_exit,
        coalesce(sp.earlier_returns, 0) as earlier_returns, h.exit_year::double as exit_year,
        coalesce(h.household_size, m.members) as household_size,
        m.elderly::double as elderly, m.children::double as children, m.labour::double as labour,
        m.disabled::double as disabled, m.severely_disabled::double as severely_disabled,
        m.chronic::double as chronic, m.serious::double as serious,
        coalesce(coalesce(h.household_size, m.members) = 1, false) as single_person, m.head_age::double as head_age,
        coalesce(m.member_dibao, false) or coalesce(h.household_category in ('dibao', 'dibao_tekun'), false)
            or coalesce(i.dibao_paid, false) as dibao,
        coalesce(m.member_tekun, false) or coalesce(h.household_category in ('tekun', 'dibao_tekun'), false)
            as tekun,
        h.primary_cause, coalesce(h.primary_cause = 'illness', false) as cause_illness,
        i.net_income_pc, i.wage / nullif(h.household_size, 0) as wage_pc,
        i.business / nullif(h.household_size, 0) as business_pc,
        i.property / nullif(h.household_size, 0) as property_pc,
        i.transfer / nullif(h.household_size, 0) as transfer_pc,
        i.net_income_pc / l.line - 1 as income_margin,
        ln(greatest(i.net_income_pc, 100) / l.line) as log_margin, i.past_margin, i.income_change, l.line,
        coalesce(x.oop_now, 0) as oop_now, coalesce(x.oop_last, 0) as oop_last,
        coalesce(x.oop_year, 0) as oop_year, coalesce(x.stays_now, 0) as stays_now,
        coalesce(x.stays_last, 0) as stays_last, coalesce(x.stays_now, 0) > 0 as ill_now,
        coalesce(x.stays_last, 0) > 0 as ill_last, m.work_months::double as work_months,
        case g.dwelling_grade when 'A' then 0 when 'B' then 1 when 'C' then 2 when 'D' then 3
            end::double as dwelling_grade,
        g.unsafe_dwelling::double as unsafe_dwelling, g.safe_water::double as safe_water,
        m.insured::double as insured,
        coalesce(v.poor_village, false) as poor_village, coalesce(v.deep_village, false) as deep_village,
        coalesce(a.measures, 0) as measures,
        coalesce(a.measure_industry, false) as measure_industry,
        coalesce(a.measure_employment, false) as measure_employment,
        coalesce(a.measure_health, false) as measure_health,
        coalesce(a.measure_protection, false) as measure_protection,
        coalesce(c.visited_now, false) as visited_now, coalesce(c.visited_last, false) as visited_last,
        coalesce(c.visit_random, false) as visit_random, c.quarters_since_visit,
        q.quarter % 4 in (0, 3) as winter
    from household h join quarters q using (snapshot) join lines l using (snapshot)
    left join status st using (household_id, quarter)
    left join members m using (household_id, snapshot)
    left join incomes i using (household_id, snapshot)
    left join living g using (household_id, snapshot)
    left join villages v on v.area_code = h.area_code and v.snapshot = h.snapshot
    left join medical x using (household_id, quarter)
    left join spells sp using (household_id, quarter)
    left join help a using (household_id, quarter)
    left join visits c using (household_id, quarter)
    where coalesce(st.status, '') <> 'outside' /* rows */
), returns as (
    select household_id, happened_on, min(recorded_on) as recorded_on,
        arg_min(coalesce(source_round, ''), (recorded_on, event_id)) as round from household_events
    where kind in ({_list(RETURN_EVENTS)}) group by all
), leaves as (
    select household_id, happened_on, min(recorded_on) as recorded_on from household_events
    where kind in ({_list(LEAVE_EVENTS)}) group by all
), next_returns as (
    select household_id, quarter, min(happened_on) as happened_on, arg_min(recorded_on, happened_on) as recorded_on, arg_min(round, happened_on) as round
    from returns join quarters on closes < happened_on group by household_id, quarter
), next_leaves as (
    select household_id, quarter, min(happened_on) as happened_on, arg_min(recorded_on, happened_on) as recorded_on
    from leaves join quarters on closes < happened_on group by household_id, quarter
), hidden as (
    -- a return that had happened by the quarter's end but was written down only later
    select r.household_id, r.quarter, min(e.recorded_on) as already_returned_recorded_on
    from rows r join returns e using (household_id)
    where r.at_risk and e.happened_on <= r.quarter_end and e.recorded_on > r.quarter_end
    group by all
)
select rows.*, rt.happened_on::timestamp as next_return_on,
    rt.recorded_on::timestamp as next_return_recorded_on, rt.round as next_return_round,
    lv.happened_on::timestamp as next_leave_on, lv.recorded_on::timestamp as next_leave_recorded_on,
    hidden.already_returned_recorded_on::timestamp as already_returned_recorded_on
from rows
left join next_returns rt on rt.household_id = rows.household_id and rt.quarter = rows.quarter
left join next_leaves lv on lv.household_id = rows.household_id and lv.quarter = rows.quarter
left join hidden on hidden.household_id = rows.household_id and hidden.quarter = rows.quarter
order by rows.household_id, rows.quarter
"""
