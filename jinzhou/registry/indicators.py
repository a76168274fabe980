"""Every indicator of reference/indicators.csv over the store: who is counted, who meets it, of whom it is not known.

An indicator is a record: an object, the predicate of the rows counted, that of the rows that meet
it. All indicators of an object are counted in one scan of its relation, by village; every higher
level is a sum. The row behind each figure is kept, so that the rest of a rate is always a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError, RegistryError
from jinzhou.reference.indicators import Indicator, indicators
from jinzhou.reference.lines import poverty_line
from jinzhou.reference.thresholds import threshold
from jinzhou.reference.vocabulary import ABLE, POOR_NOW
from jinzhou.registry.frames import (
    BILLS,
    DWELLING_OK,
    MEDICAL_OK,
    PROJECT_ROWS,
    REPAIRS,
    SCHOOL_OK,
)
from jinzhou.registry.panel import LEAVE_EVENTS
from jinzhou.registry.snapshot import Snapshot

LEVELS = ("city", "county", "town", "village")
_POOR = ", ".join(f"'{code}'" for code in POOR_NOW)
_ABLE = ", ".join(f"'{code}'" for code in ABLE)
_LEAVE = ", ".join(f"'{code}'" for code in LEAVE_EVENTS)
_PUPIL = "school_status not in ('not_in_school', 'preschool_age')"
_AFTER_SCHOOL = "school_status similar to '(senior|vocational|college|technician|university)_[0-9]|postgraduate'"

PERSON = f"""
select m.*, h.town, h.area_code, h.household_id is not null as placed, h.poor, h.exited,
    m.person_id as case_id, 1 as persons, date_sub('year', m.birth_date, make_date(m.snapshot::int, 9, 30)) as age,
    list_contains(m.health_status, 'chronic') as chronic, list_contains(m.health_status, 'serious') as serious,
    list_contains(m.health_status, 'disabled') or m.disability_grade is not null as disabled, labour_capacity in ({_ABLE}) as able,
    {_PUPIL} as at_school, coalesce({_AFTER_SCHOOL}, false) as after_school, s.person_id is not null as in_health_ledger,
    s.health_card_on, s.health_record_on, s.designated_hospital, s.family_doctor_team, s.contract_signed_on, s.checkup_on, s.batch,
    t.trained, v.stays, v.own_yuan
from (select * from member where snapshot = $year and change_kind is distinct from 'natural_decrease') m
join status h using (household_id)
left join (select * from health_service where snapshot = $year) s using (person_id)
left join (select person_id, true as trained from training group by person_id) t using (person_id)
left join (select person_key, count(*) as stays, sum(psn_part_amt)::double as own_yuan from {BILLS}
           where med_type = 'inpatient' and admitted_on > make_date($year - 1, 9, 30) group by person_key) v using (person_key)"""

HOUSEHOLD = f"""
with people as (select household_id,
        {SCHOOL_OK} as school_ok, {MEDICAL_OK} as medical_ok,
        count(*) filter (where able) as able, bool_and(able is not null) as labour_known, bool_or(after_school) as after_school,
        bool_and(age >= 60) as all_old, max(work_months) as longest_work
    from person m group by household_id),
help as (select household_id, bool_or(measure_type = 'industry') as industry, bool_or(measure_type = 'education') as student_aid,
        bool_or(ended_on is null or ended_on >= $day) as helped_now from measure group by household_id),
paying as (select household_id, count(*) filter (where asset_dividend > 0) as years_paid from income group by household_id),
load as (select helper_id, count(*) as helped from household where snapshot = $year and helper_id is not null group by helper_id),
poor_phones as (select distinct p.phone from private_household p join status using (household_id) where p.snapshot = $year and p.phone is not null),
helpers as (select h.helper_id, l.helped, h.unit, p.phone in (select phone from poor_phones) as helper_poor
    from helper h left join load l using (helper_id) left join private_helper p using (helper_id))
select s.household_id, s.household_id as case_id, s.county, s.town, s.area_code, s.poor, s.exited, s.persons, h.exit_year, s.exited_on,
    p.*  exclude (household_id), h.helper_id, k.helped, k.unit as helper_unit, k.helper_poor, h.helper_id is not null as has_helper,
    g.dwelling_grade, g.safe_water, g.unsafe_dwelling, d.accepted_on, d.appraised_on,
    {DWELLING_OK} as dwelling_ok,
    i.net_income_pc::double as net_income_pc, i.net_income::double as net_income, i.transfer_income::double as transfer_income,
    coalesce(a.industry, false) as industry, coalesce(a.student_aid, false) as student_aid, coalesce(a.helped_now, false) as helped_now,
    coalesce(y.years_paid, 0) as years_paid
from status s left join (select * from household where snapshot = $year) h using (household_id)
left join people p using (household_id) left join (select * from living where snapshot = $year) g using (household_id)
left join (select * from income where snapshot = $year) i using (household_id)
left join {REPAIRS} d using (household_id)
left join help a using (household_id) left join paying y using (household_id) left join helpers k on k.helper_id = h.helper_id"""

VILLAGE = """
select v.* replace (coalesce(h.county, v.county) as county), v.area_code as case_id, null::varchar as household_id,
    case when v.is_poor_village and v.exited then true when v.is_poor_village then false end as has_left, coalesce(h.registered, 0) as registered
from village v left join (select area_code, any_value(county) as county, count(*) as registered from status group by area_code) h using (area_code)
where v.snapshot = (select max(snapshot) from village)"""

HOUSING = """
select d.household_id, d.household_id as case_id, coalesce(s.county, d.county) as county, s.town, s.area_code, d.* exclude (household_id, county)
from (select household_id, any_value(county) as county, bool_or(grade = 'D') as grade_d, bool_or(started_on is not null) as started, bool_or(completed_on is not null) as completed,
        bool_or(accepted_on is not null and acceptance = 'pass') as accepted, bool_or(occupied_on is not null) as occupied,
        bool_or(defect is not null) as defect, arg_max(acceptance, accepted_on) = 'pass' as last_passed,
        max(appraised_on) filter (where funding_batch = 'lookback' or funding_batch is null) as found_on,
        min(started_on) filter (where funding_batch = 'lookback' or funding_batch is null) as found_started_on
      from housing group by household_id) d left join status s using (household_id)"""

GRADUATE = """
select g.* exclude (county, source_id, source_row), g.person_id as case_id, m.household_id, m.county, m.town, m.area_code
from graduate g left join person m using (person_id)"""

TRAINING = """
select t.* exclude (county, source_id, source_row), t.person_id as case_id, m.household_id, m.county, m.town, m.area_code
from training t left join person m using (person_id)"""

STAY = """
select v.setl_id as case_id, p.household_id, p.county, p.town, p.area_code, v.hospital_place, v.psn_part_amt::double as own_yuan, v.admitted_on,
    h.exited_on, date_sub('month', h.exited_on, v.admitted_on) as months_since_exit
from visit v join (select person_key, any_value(household_id) as household_id, any_value(county) as county, any_value(town) as town, any_value(area_code) as area_code
    from person where person_key is not null group by person_key having count(distinct household_id) = 1) p using (person_key)
join status h on h.household_id = p.household_id where v.med_type = 'inpatient' and year(v.admitted_on) = year($day)"""

PROJECT = f"""
select r.* replace (coalesce(r.paid, 0) as paid), coalesce(l.links, 0) as links
from ({PROJECT_ROWS}) r left join (select project_id, count(*) as links from project_household join status using (household_id) group by project_id) l using (project_id)"""

SPOT_CHECK = """
select c.household_id as case_id, c.household_id, c.county, s.town, s.area_code, c.sample_frame, c.found, coalesce(c.persons, 1) as persons
from spot_check c left join status s using (household_id)"""

PETITION = """select petition_id as case_id, null::varchar as household_id, county, town, area_code, received_on, closed_on from petition"""

OBJECTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    # object: (relation, tables that must have been delivered)
    "person": (PERSON, ("member",)),
    "household": (HOUSEHOLD, ("household",)),
    "village": (VILLAGE, ("village",)),
    "housing": (HOUSING, ("housing",)),
    "graduate": (GRADUATE, ("graduate",)),
    "training": (TRAINING, ("training",)),
    "stay": (STAY, ("visit",)),
    "project": (PROJECT, ("project",)),
    "spot_check": (SPOT_CHECK, ("spot_check",)),
    "petition": (PETITION, ("petition",)),
}
NEEDS = {
    "health_service": "in_health_ledger|health_card_on|contract_signed_on|batch",
    "training": "trained",
    "measure": "industry|student_aid|helped_now",
    "income": "net_income|transfer_income|years_paid",
    "living": "dwelling_ok|safe_water",
    "helper": "helped\\b|helper_unit|helper_poor",
    "visit": "stays|own_yuan",
}
"""Table -> columns of it (a pattern) that make an indicator of another object unknown when it was not delivered."""

STATUS = f"""
with late as (select household_id, any_value(county) as county,
        arg_max(kind, (recorded_on, event_id)) filter (where person_id is null and kind in ('identified', 'newly_identified', 'returned', 'reverted', 'exited', {_LEAVE})) as kind,
        arg_max(coalesce(persons, 1), (recorded_on, event_id)) filter (where person_id is null) as persons,
        coalesce(sum(case kind when 'natural_decrease' then -1 when 'natural_increase' then 1 when 'member_added' then 1 end * coalesce(persons, 1))
            filter (where person_id is not null), 0) as joined
    from event where recorded_on > make_date($year, 9, 30) group by household_id),
counted as (select household_id, count(*) as members from member where snapshot = $year and change_kind is distinct from 'natural_decrease' group by household_id),
left_on as (select household_id, max(happened_on) as exited_on from event where kind = 'exited' and person_id is null group by household_id)
select coalesce(h.household_id, l.household_id) as household_id, coalesce(h.county, l.county) as county, h.town, h.area_code,
    case when l.kind in ('identified', 'newly_identified', 'returned', 'reverted') then true when l.kind = 'exited' then false
         else h.registration_status in ({_POOR}) end as poor,
    case when l.kind = 'exited' then true when l.kind is not null then false else h.registration_status = 'exited' end as exited,
    coalesce(c.members + coalesce(l.joined, 0), l.persons, h.household_size) as persons,
    coalesce(x.exited_on, case when h.registration_status = 'exited' then make_date(h.exit_year::int, 12, 31) end) as exited_on
from (select * from household where snapshot = $year) h full join late l using (household_id)
left join counted c on c.household_id = h.household_id left join left_on x on x.household_id = coalesce(h.household_id, l.household_id)
where (h.household_id is not null or l.kind is not null) and (l.kind is null or l.kind not in ({_LEAVE})) and ($county or coalesce(h.county, l.county) = $code)"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IndicatorCounts:
    """Counts behind every indicator, as known on a day.

    Attributes
    ----------
    counts : DataFrame, one row per indicator and place
        `indicator`, `level` (one of `LEVELS`), `county`, `town`, `village` (area code; ``all`` above
        its level, ``unknown`` where the registry does not say), `met`, `counted`, `unknown` (in the
        indicator's own weight), `rows` (unweighted).
    rest : DataFrame
        `indicator`, `county`, `town`, `village`, `household_id`, `case_id`, `state` (``not met`` or
        ``unknown``) of every row that does not meet its indicator.
    paths : DataFrame
        `indicator`, `county`, `quarter` (its last day), `met`: how much of what meets a dated indicator now
        had met it by then; missing days count as from the start.
    absent : dict, indicator -> table
        Tables that an indicator needs and nobody delivered.
    moved : DataFrame
        Villages that stand in another county than before or than their code says: `village`, `name`,
        `before`, `county` (that of their households, which is used for every year).
    year : int
        Registry year.
    as_of : str
    """

    counts: pd.DataFrame
    rest: pd.DataFrame
    paths: pd.DataFrame
    absent: dict[str, str]
    moved: pd.DataFrame
    year: int
    as_of: str

    def table(self) -> pd.DataFrame:
        """A copy of `counts`, safe to format."""
        return self.counts.copy()

    def at(self, county: str = "") -> pd.DataFrame:
        """Counts of a county, or of the city, indexed by indicator."""
        c = self.counts
        rows = (
            c[(c["level"] == "county") & (c["county"] == county)]
            if county
            else c[c["level"] == "city"]
        )
        return rows.set_index("indicator")

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return (
            f"{self.counts['indicator'].nunique()} indicators counted on {self.as_of} (registry of {self.year}); "
            f"{len(self.absent)} without their table; {len(self.rest):,} rows do not meet theirs; {len(self.moved)} villages moved."
        )


def count_indicators(
    snapshot: Snapshot,
    *,
    records: Sequence[Indicator] | None = None,
    lists: Sequence[str] | None = None,
) -> IndicatorCounts:
    """Count every indicator by city, county, township and village.

    Parameters
    ----------
    snapshot : Snapshot
        A household's status is that of the latest registry year and what was recorded since;
        `$line` is of its series of poverty lines.
    records : sequence of Indicator, optional
        By default those of reference/indicators.csv.
    lists : sequence of str, optional
        Indicators whose rest is listed; by default all that have a pass mark.

    Raises
    ------
    RegistryError
        No registry year is known by `as_of`.
    ParameterError
        An indicator names an object, a column or a threshold that does not exist, or the line has
        no value for the year.
    """
    day = pd.Timestamp(snapshot.as_of).date()
    con = snapshot.store.connect(as_of=day)
    year = con.execute("select max(snapshot) from household").fetchone()[0]
    if year is None:
        raise RegistryError(
            f"到 {snapshot.as_of} 为止没有任何户信息，无法计算指标；请检查日期，或重新读入导出文件。",
            f"no household record is known by {snapshot.as_of}, no indicator can be counted; check the date, or load the exports again.",
        )
    snapshot.store.side_views(con)
    records = [
        one for one in (indicators() if records is None else records) if one.object
    ]
    unknown = sorted({one.object for one in records} - set(OBJECTS))
    if unknown:
        raise ParameterError(
            f"指标对象 {'、'.join(unknown)} 不存在；应为 {'、'.join(OBJECTS)} 之一。",
            f"no object {', '.join(unknown)}; expected one of {', '.join(OBJECTS)}.",
        )
    con.execute("set variable day = $1::date", [day])
    values = {
        "$year": str(int(year)),
        "$day": "getvariable('day')",
        "$line": repr(poverty_line(int(year), series=snapshot.series).yuan),
        "$county": str(not snapshot.county).lower(),
        "$code": f"'{snapshot.county}'",
    }
    con.execute(f"create temp table status as {_filled(STATUS, values)}")
    wanted = {one.object for one in records}
    if wanted & {"household", "graduate", "training", "stay"}:
        wanted |= {"person"}
    absent = {
        one.id: gone for one in records if (gone := _absent(one, snapshot.store.tables))
    }
    tallies, rests, paths = [], [], []
    for name, (sql, _) in OBJECTS.items():
        if name not in wanted:
            continue
        con.execute(
            f"create temp table {name if name == 'person' else f'rows_{name}'} as {_filled(sql, values)}"
        )
        mine = [
            one
            for one in records
            if one.object == name
            and one.id not in absent
            and one.first <= day.year <= one.last
        ]
        if mine:
            tally, rest, path = _scan(
                con,
                name if name == "person" else f"rows_{name}",
                mine,
                values,
                snapshot.county,
                [
                    one.id
                    for one in mine
                    if (lists is None and one.threshold) or one.id in (lists or ())
                ],
            )
            tallies.append(tally)
            rests.append(rest)
            paths.append(path)
    moved = con.execute("""
        with seen as (select area_code, arg_max(village, snapshot) as name, list(distinct county order by county) as counties, arg_max(county, snapshot) as own
                      from village where county is not null group by area_code)
        select area_code as village, name, coalesce(list_filter(counties, lambda x: x <> coalesce(h.county, own))[1], substr(area_code, 1, 6)) as before,
            coalesce(h.county, own) as county
        from seen left join (select area_code, any_value(county) as county from status group by area_code) h using (area_code)
        where len(counties) > 1 or substr(area_code, 1, 6) <> coalesce(h.county, own) order by area_code""").df()
    con.close()
    counts = (
        pd.concat(tallies, ignore_index=True)
        if tallies
        else pd.DataFrame(columns=["indicator", *_PLACE, *_SUMS])
    )
    return IndicatorCounts(
        counts=_levels(counts),
        rest=pd.concat(rests, ignore_index=True)
        if rests
        else pd.DataFrame(columns=_REST),
        paths=pd.concat(paths, ignore_index=True)
        if paths
        else pd.DataFrame(columns=_PATH),
        absent=absent,
        moved=moved,
        year=int(year),
        as_of=snapshot.as_of,
    )


_PLACE, _SUMS = ["county", "town", "village"], ["met", "counted", "unknown", "rows"]
_PATH = ["indicator", "county", "quarter", "met"]
_REST = ["indicator", *_PLACE, "household_id", "case_id", "state"]


def indicator_history(
    snapshot: Snapshot, *, years: int, records: Sequence[Indicator]
) -> dict[str, pd.DataFrame]:
    """Counts of a county as known on the same day of each of the past years, oldest first, indexed by indicator.

    A day before the registry, and an indicator whose table was not delivered, are left out.
    """
    found = {}
    for back in range(years, 0, -1):
        day = (
            (pd.Timestamp(snapshot.as_of) - pd.DateOffset(years=back))
            .date()
            .isoformat()
        )
        try:
            counted = count_indicators(snapshot.on(day), records=records, lists=())
        except RegistryError:
            continue
        rows = counted.at(snapshot.county)
        found[day] = rows[~rows.index.isin(list(counted.absent))]
    return found


def _filled(sql: str, values: Mapping[str, str]) -> str:
    """SQL with the year, the day and the line, and each ``{key}`` as its value of thresholds.csv."""
    for mark, value in values.items():
        sql = sql.replace(mark, value)
    return re.sub(r"\{(\w+)\}", lambda m: str(threshold(m.group(1)).value), sql)


def _absent(one: Indicator, delivered: Sequence[str]) -> str:
    """The first table that an indicator needs and that was not delivered, else empty."""
    needed = [
        *OBJECTS[one.object][1],
        *(
            table
            for table, columns in NEEDS.items()
            if re.search(rf"\b({columns})\b", f"{one.counted} {one.met}")
        ),
    ]
    return next((table for table in needed if table not in delivered), "")


def _scan(
    con: duckdb.DuckDBPyConnection,
    rows: str,
    records: Sequence[Indicator],
    values: Mapping[str, str],
    county: str,
    lists: Sequence[str],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Sums by village of all indicators of one relation, the rows behind them, and since when they were met."""
    text = [
        (
            _filled(one.counted, values),
            _filled(one.met, values),
            _filled(one.weight, values),
        )
        for one in records
    ]
    dated = {
        i: _filled(one.done_on, values) for i, one in enumerate(records) if one.done_on
    }
    verdict_days = "".join(f", ({day})::date as d{i}" for i, day in dated.items())
    where = f"where county = '{county}'" if county else ""
    verdicts = ", ".join(
        f"case when {counted} then coalesce(({met})::int, 2) end as v{i}, ({weight})::double as w{i}"
        for i, (counted, met, weight) in enumerate(text)
    )
    sums = ", ".join(
        f"sum(w{i}) filter (v{i} = 1) as m{i}, sum(w{i}) filter (v{i} is not null) as a{i}, sum(w{i}) filter (v{i} = 2) as u{i}, count(v{i}) as n{i}"
        for i in range(len(records))
    )
    try:
        con.execute(
            f"create or replace temp table verdicts as select coalesce(county, 'unknown') as county, coalesce(town, 'unknown') as town,"
            f" coalesce(area_code, 'unknown') as village, household_id, case_id::varchar as case_id, {verdicts}{verdict_days} from {rows} {where}"
        )
    except duckdb.Error as error:
        names = "、".join(one.id for one in records)
        raise ParameterError(
            f"指标 {names} 中有一项的分子或分母不是有效的 SQL：{error}；请检查 reference/indicators.csv。",
            f"the numerator or denominator of one of {names} is no valid SQL: {error}; check reference/indicators.csv.",
        ) from error
    wide = con.execute(
        f"select county, town, village, {sums} from verdicts group by county, town, village order by county, town, village"
    ).df()
    tally = pd.concat(
        [
            pd.DataFrame(
                {
                    "indicator": one.id,
                    **{p: wide[p] for p in _PLACE},
                    "met": wide[f"m{i}"].fillna(0.0),
                    "counted": wide[f"a{i}"].fillna(0.0),
                    "unknown": wide[f"u{i}"].fillna(0.0),
                    "rows": wide[f"n{i}"],
                }
            )
            for i, one in enumerate(records)
        ],
        ignore_index=True,
    )
    path = (
        pd.concat(
            [_path(con, one.id, i) for i, one in enumerate(records) if i in dated],
            ignore_index=True,
        )
        if dated
        else pd.DataFrame(columns=_PATH)
    )
    parts = [
        f"select {i} as place, county, town, village, household_id, case_id, v{i} as v from verdicts where v{i} <> 1"
        for i, one in enumerate(records)
        if one.id in lists
    ]
    if not parts:
        return tally, pd.DataFrame(columns=_REST), path
    rest = con.execute(
        " union all ".join(parts)
        + " order by place, county, town, village, household_id, case_id"
    ).df()
    rest["indicator"] = rest["place"].map(dict(enumerate(one.id for one in records)))
    rest["state"] = np.where(rest["v"] == 2, "unknown", "not met")
    return tally, rest[_REST], path


def _path(con: duckdb.DuckDBPyConnection, indicator: str, place: int) -> pd.DataFrame:
    """What meets an indicator now, by the quarter in which it came to."""
    rows = con.execute(
        f"select county, coalesce(last_day(date_trunc('quarter', d{place}) + interval 2 month), date '1900-01-01')::timestamp as quarter, sum(w{place}) as met"
        f" from verdicts where v{place} = 1 group by all order by all"
    ).df()
    rows["met"] = rows.groupby("county")["met"].cumsum()
    return rows.assign(indicator=indicator)[_PATH]


def _levels(villages: pd.DataFrame) -> pd.DataFrame:
    """Village sums with the sums of each township, county and the whole."""
    frames = []
    for level, keep in zip(LEVELS, ([], ["county"], ["county", "town"], _PLACE)):
        rows = (
            villages.groupby(["indicator", *keep], as_index=False, sort=True)[
                _SUMS
            ].sum()
            if level != "village"
            else villages
        )
        frames.append(
            rows.assign(level=level, **{p: "all" for p in _PLACE if p not in keep})
        )
    return pd.concat(frames, ignore_index=True)[["indicator", "level", *_PLACE, *_SUMS]]
