"""Frames that the measures ask for, each defined once as SQL over the store as known on a day."""

from __future__ import annotations

import re

import duckdb
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.reference.lines import POVERTY_ENDS
from jinzhou.reference.vocabulary import TABLES
from jinzhou.registry.frames import DWELLING_OK, MEDICAL_OK, REPAIRS, SCHOOL_OK
from jinzhou.registry.snapshot import Snapshot

PATIENTS = """(select person_key, min(household_id) as household_id, min(county) as county
    from member semi join (select person_key, max(snapshot) as snapshot from member group by person_key) latest using (person_key, snapshot)
    group by person_key having min(household_id) = max(household_id))"""
"""SQL: household and county of each person by pseudonym, from the latest registry year that has the
person; a number that two households carry belongs to neither."""


def query(snapshot: Snapshot, sql: str, *, values: tuple = ()) -> pd.DataFrame:
    """Run SQL over the views of the store; money comes as float yuan, counts as int.

    With `county`, rows of other counties are left out; the SQL must then give a `county` column.

    Raises
    ------
    ParameterError
        A value given, such as a day, cannot be read.
    """
    named = set(re.findall(r"\w+", sql))
    con = snapshot.store.connect(
        as_of=pd.Timestamp(snapshot.as_of).date(),
        tables=[name for name in TABLES if name in named],
    )
    try:
        frame = con.execute(sql, list(values)).df()
    except duckdb.ConversionException as error:
        given = ", ".join(repr(value) for value in values)
        raise ParameterError(
            f"参数不能识读：{given}；日期写作 2018-09-30。",
            f"a parameter cannot be read: {given}; a day is written 2018-09-30.",
        ) from error
    finally:
        con.close()
    for name in frame:
        if (
            frame[name].dtype == object
            and len(frame)
            and type(frame[name].dropna().head(1).squeeze()).__name__ == "Decimal"
        ):
            frame[name] = frame[name].astype(float)
    return (
        frame[frame["county"] == snapshot.county].reset_index(drop=True)
        if snapshot.county
        else frame
    )


def relation(snapshot: Snapshot, sql: str, chosen: str) -> pd.DataFrame:
    """Rows of a relation of `frames` for the latest registry year known by `as_of`.

    `chosen` follows ``from``'s place: ``select {chosen}`` with ``{rows}`` where the relation stands.
    Without any registry year the frame is empty.
    """
    year = query(
        snapshot.everywhere, "select max(snapshot)::int as year from household"
    )["year"].iloc[0]
    text = (
        chosen.replace("{rows}", f"({sql})")
        .replace("$year", "$1")
        .replace("$1", str(0 if pd.isna(year) else int(year)))
    )
    return query(snapshot, f"select {text}")


def table(snapshot: Snapshot, name: str) -> pd.DataFrame:
    """One table of the vocabulary as known on a day, without private columns.

    Raises
    ------
    ParameterError
        The table is not in the vocabulary.
    """
    if name not in TABLES:
        raise ParameterError(
            f"没有名为 {name!r} 的表；现有：{'、'.join(TABLES)}。",
            f"no table {name!r}; there are {', '.join(TABLES)}.",
        )
    money = [
        f"{c.name}::double as {c.name}"
        for c in TABLES[name].columns
        if c.kind == "money" and not c.private
    ]
    replace = f" replace ({', '.join(money)})" if money else ""
    return query(snapshot, f"select *{replace} from {name}")


REQUIRED = {
    "household": ("primary_cause", "helper_id"),
    "member": (
        "ethnicity",
        "relation_to_head",
        "health_status",
        "labour_capacity",
        "education",
    ),
    "income": ("net_income_pc",),
    "living": ("dwelling_grade", "safe_water"),
}
"""Fields that a file must fill, by table (R23; registry check list of 2017-18)."""


def required_fields(snapshot: Snapshot) -> dict[str, pd.Series]:
    """Values of each required field in the latest registry year, by field."""
    fields = {}
    for name, columns in REQUIRED.items():
        rows = query(
            snapshot,
            f"select county, {', '.join(columns)} from {name} where snapshot = (select max(snapshot) from {name})",
        )
        fields |= {column: rows[column] for column in columns}
    return fields


def guarantees(snapshot: Snapshot, *, line: float) -> pd.DataFrame:
    """Two worries and three guarantees of each registered household in the latest registry year (R34).

    Returns
    -------
    DataFrame
        One row per household in the order of its number: place, `household_size`, `registration_status`, and 1, 0 or missing (unknown) in
        `income_ok` (net income per head at or above `line`: the registry's only word on food and
        clothing, a proxy), `school_ok` (no child of 6-15 out of school without a reason on file), `medical_ok` (everyone
        in a basic medical insurance), `dwelling_ok` (grade A or B, or repaired since it was appraised as unsafe), `water_ok`. One certain breach settles a household, a blank that could be one leaves it unknown.
    """
    return query(
        snapshot,
        f"""
        with last as (select max(snapshot) as year from household),
        people as (select m.household_id, {SCHOOL_OK} as school_ok, {MEDICAL_OK} as medical_ok from member m
            where m.snapshot = (select year from last) and m.change_kind is distinct from 'natural_decrease' group by m.household_id)
        select h.household_id, h.county, h.town, h.area_code, h.household_size, h.registration_status, (i.net_income_pc >= $1)::int::double as income_ok,
            p.school_ok::int::double as school_ok, p.medical_ok::int::double as medical_ok, ({DWELLING_OK})::int::double as dwelling_ok, g.safe_water::int::double as water_ok
        from household h left join people p using (household_id) left join income i using (household_id, snapshot)
        left join living g using (household_id, snapshot) left join {REPAIRS} d using (household_id)
        where h.snapshot = (select year from last) order by h.household_id""",
        values=(line,),
    )


def exited_persons(snapshot: Snapshot) -> dict[int, int]:
    """Persons exited by the year of the record."""
    rows = query(
        snapshot,
        """select county, year(recorded_on)::int as year, coalesce(persons, 1)::bigint as persons from event
        where kind = 'exited' and person_id is null""",
    )
    return {int(y): int(n) for y, n in rows.groupby("year")["persons"].sum().items()}


def exited_villages(snapshot: Snapshot) -> dict[int, int]:
    """Poor villages that have left, by year of exit."""
    rows = query(
        snapshot,
        """select county, exit_year::int as year from village
        where is_poor_village and exited and exit_year is not null and snapshot = (select max(snapshot) from village)""",
    )
    return {int(y): int(n) for y, n in rows.groupby("year").size().items()}


def returned_illness(snapshot: Snapshot) -> pd.DataFrame:
    """Returns to poverty with the quarter of the record, `illness` (cause on the record) and `persons`.

    After 2020 an entry into monitoring stands in the place of a return. `quarter` is of the record, so that a quarter's figure does not change later;
    `happened` of the event; `round` names the look-back that found it, empty for the ordinary course.
    """
    rows = query(
        snapshot,
        """select e.household_id, e.county, h.area_code, coalesce(e.persons, 1)::bigint as persons, e.recorded_on,
            e.happened_on, e.reason = 'illness' as illness, e.reason, coalesce(e.source_round, '') as round
        from event e left join (select household_id, arg_max(area_code, snapshot) as area_code from household group by 1) h using (household_id)
        where (e.kind = 'returned' or e.kind = 'monitored' and year(e.recorded_on) > $1) and e.person_id is null order by e.recorded_on, e.household_id""",
        values=(POVERTY_ENDS,),
    )
    for name, column in (("quarter", "recorded_on"), ("happened", "happened_on")):
        day = pd.to_datetime(rows[column])
        rows[name] = day.dt.year.astype(str) + "Q" + day.dt.quarter.astype(str)
    return rows


def last_visits(snapshot: Snapshot) -> pd.Series:
    """Day of the last home visit known, by household number."""
    rows = query(
        snapshot,
        "select household_id, max(visited_on)::timestamp as day from home_visit group by 1",
    )
    return rows.set_index("household_id")["day"]


def income_history(snapshot: Snapshot) -> pd.DataFrame:
    """Incomes of the latest registry year with a year before, and the transfers around an exit.

    Returns
    -------
    DataFrame, one row per household
        `household_id`, `county`, `area_code`, the four parts, `net_income_pc`, `net_before`;
        `exit_year`, `aid` (transfers and dividends of the exit's income year), `aid_before`,
        `aid_after` (a year earlier and later; missing where a sheet is missing).
    """
    return query(
        snapshot,
        """
        with last as (select max(snapshot) as year from household),
        aid as (select household_id, snapshot, any_value(transfer_income + coalesce(asset_dividend, 0))::double as yuan from income group by all)
        select h.household_id, h.county, h.area_code, i.wage_income::double as wage_income, i.business_income::double as business_income,
            i.property_income::double as property_income, i.transfer_income::double as transfer_income, i.net_income_pc::double as net_income_pc,
            e.net_income_pc::double as net_before, h.exit_year::int as exit_year, a.yuan as aid, b.yuan as aid_before, c.yuan as aid_after
        from household h join last on h.snapshot = last.year left join income i using (household_id, snapshot)
        left join income e on e.household_id = h.household_id and e.snapshot = h.snapshot - 1
        left join aid a on a.household_id = h.household_id and a.snapshot = h.exit_year
        left join aid b on b.household_id = h.household_id and b.snapshot = h.exit_year - 1
        left join aid c on c.household_id = h.household_id and c.snapshot = h.exit_year + 1
        order by h.household_id""",
    )


def visit_days(snapshot: Snapshot) -> pd.DataFrame:
    """Households visited by village and day in the year of `as_of`: `county`, `area_code`, `day`, `households`."""
    return query(
        snapshot,
        """select v.county, h.area_code, v.visited_on::timestamp as day, count(distinct v.household_id)::int as households
        from home_visit v join (select household_id, arg_max(area_code, snapshot) as area_code from household group by 1) h using (household_id)
        where h.area_code is not null and v.county is not null and year(v.visited_on) = ? group by all order by v.county, h.area_code, day""",
        values=(pd.Timestamp(snapshot.as_of).year,),
    )


def remeasured(snapshot: Snapshot) -> dict[str, list[float]]:
    """Incomes per head by who wrote them and about whom, for a test at the line.

    ``exited``: on the latest sheets of exited households, where a break is what the decision to exit
    makes; ``spot_check`` and ``home_visit``: measured again later, where a break is a doubt; ``poor``:
    sheets of those still poor, where a heap just under the line is (R66).
    """
    rows = query(
        snapshot,
        """
        with last as (select max(snapshot) as year from household)
        select h.county, case when registration_status = 'exited' then 'exited' else 'poor' end as who, i.net_income_pc::double as yuan
        from household h join last on h.snapshot = last.year join income i using (household_id, snapshot) where registration_status is not null
        union all select c.county, 'spot_check', income_found::double from spot_check c where sample_frame = 'exited'
        union all select v.county, 'home_visit', income_found::double from home_visit v where year(visited_on) = ?""",
        values=(pd.Timestamp(snapshot.as_of).year,),
    )
    return {who: part["yuan"].dropna().tolist() for who, part in rows.groupby("who")}
