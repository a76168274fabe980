"""Frames behind the exit chapter that no share can show: villages, debts, benefits, measures after the exit, departments."""

from __future__ import annotations

import pandas as pd

from jinzhou.reference.vocabulary import POOR_NOW
from jinzhou.registry.ledgers import query
from jinzhou.registry.snapshot import Snapshot

_POOR = ", ".join(f"'{code}'" for code in POOR_NOW)
VILLAGE_ITEMS = (
    "paved_road",
    "bus",
    "clinic",
    "doctors",
    "culture_rooms",
    "safe_water",
    "safe_dwellings",
    "collective_income",
)
"""What a village should have; each is yes, no or unknown (R07, R08, R14, R43, R64)."""


def village_needs(snapshot: Snapshot) -> pd.DataFrame:
    """Deep-poor villages that have not left, with what each has (R14).

    Returns
    -------
    DataFrame
        `county`, `town`, `village`, `area_code`, `persons` (still poor), and each of
        `VILLAGE_ITEMS` as a boolean, missing when unknown.
    """
    return query(
        snapshot,
        """select county, town, village, area_code, poor_persons as persons, paved_road, bus, clinic > 0 as clinic, doctors > 0 as doctors,
            culture_rooms > 0 as culture_rooms, unsafe_water_households = 0 as safe_water, unsafe_dwellings = 0 as safe_dwellings, collective_income > 0 as collective_income
        from village where is_deep_poor and not coalesce(exited, false) and snapshot = (select max(snapshot) from village) order by area_code""",
    )


def village_incomes(snapshot: Snapshot) -> pd.DataFrame:
    """Collective income of every village in the latest registry year and the year before: `county`, `area_code`, `yuan`, `yuan_before` (R64)."""
    return query(
        snapshot,
        """with last as (select max(snapshot) as year from village)
        select v.county, v.area_code, v.collective_income::double as yuan, b.collective_income::double as yuan_before
        from village v join last on v.snapshot = last.year left join village b on b.area_code = v.area_code and b.snapshot = v.snapshot - 1
        order by v.area_code""",
    )


def village_cadres(snapshot: Snapshot) -> pd.DataFrame:
    """Resident cadres with their village's share of poor persons now and a year before: `county`, `days`, `share`, `share_before` (R65)."""
    return query(
        snapshot,
        """with last as (select max(snapshot) as year from village)
        select c.county, c.days_in_village as days, v.poor_persons / nullif(v.population, 0) as share, b.poor_persons / nullif(b.population, 0) as share_before
        from cadre c cross join last left join village v on v.area_code = c.area_code and v.snapshot = last.year
        left join village b on b.area_code = c.area_code and b.snapshot = last.year - 1 order by c.cadre_id""",
    )


def exits_by_county(snapshot: Snapshot) -> pd.DataFrame:
    """Persons exited by the year of the record and poor villages that have left by year of exit: `county`, `year`, `persons`, `villages` (R11)."""
    rows = query(
        snapshot,
        """select coalesce(county, 'unknown') as county, year(recorded_on)::int as year, sum(coalesce(persons, 1))::bigint as persons, 0 as villages from event
            where kind = 'exited' and person_id is null group by all
        union all select coalesce(county, 'unknown'), exit_year::int, 0, count(*) from village
            where is_poor_village and exited and exit_year is not null and snapshot = (select max(snapshot) from village) group by all""",
    )
    return rows.groupby(["county", "year"], as_index=False)[
        ["persons", "villages"]
    ].sum()


def benefits(snapshot: Snapshot) -> pd.DataFrame:
    """Income and what is paid to each household, by registry year (R66).

    Returns
    -------
    DataFrame
        `county`, `snapshot`, `poor`, `persons`, `net_income_pc`, `transfer_pc` (dibao, tekun and other
        transfers, without pension), `transfer`, `net_income`, `measures_pc` (paid by measures begun
        in the income year), all yuan.
    """
    return query(
        snapshot,
        f"""with paid as (select household_id, (year(started_on) + (strftime(started_on, '%m%d') > '0930')::int)::int as snapshot, sum(amount_yuan)::double as yuan
            from measure group by all)
        select h.county, h.snapshot::int as snapshot, h.registration_status in ({_POOR}) as poor, h.household_size::int as persons, i.net_income_pc::double as net_income_pc,
            (coalesce(i.dibao_payment, 0) + coalesce(i.tekun_payment, 0) + coalesce(i.other_transfer, 0))::double / nullif(h.household_size, 0) as transfer_pc,
            i.transfer_income::double as transfer, i.net_income::double as net_income, coalesce(p.yuan, 0) / nullif(h.household_size, 0) as measures_pc
        from household h join income i using (household_id, snapshot) left join paid p using (household_id, snapshot)
        order by h.household_id, h.snapshot""",
    )


def measures_after_exit(snapshot: Snapshot, *, months: int = 36) -> pd.DataFrame:
    """Share of exited households with a measure under way, by whole months since the exit (R74).

    Returns
    -------
    DataFrame
        `month` (0 to `months`), `households` (whose exit is that long past), `helped`. Households that
        returned later are followed until they did.
    """
    return (
        query(
            snapshot,
            f"""
        with out as (select household_id, county, max(happened_on) as left_on from event where kind = 'exited' and person_id is null group by all),
        back as (select household_id, max(happened_on) as back_on from event where kind = 'returned' and person_id is null group by household_id),
        spans as (select o.household_id, o.county, m.month, o.left_on + to_months(m.month::int) as day, m.month
                  from out o cross join (select unnest(range({int(months) + 1})) as month) m left join back b using (household_id)
                  where o.left_on + to_months(m.month::int) <= ?::date and (b.back_on is null or b.back_on < o.left_on or o.left_on + to_months(m.month::int) < b.back_on)),
        held as (select s.household_id, s.month, bool_or(m.started_on <= s.day and (m.ended_on is null or m.ended_on >= s.day)) as helped
                 from spans s join measure m using (household_id) group by all)
        select s.county, s.month::int as month, count(*) as households, count(*) filter (where h.helped) as helped
        from spans s left join held h using (household_id, month) group by all order by s.county, month""",
            values=(snapshot.as_of,),
        )
        .groupby("month", as_index=False)[["households", "helped"]]
        .sum()
    )


def department_reach(snapshot: Snapshot) -> pd.DataFrame:
    """Projects begun by department, and those that carry a registered household (R70): `department`, `projects`, `linked`, `households`."""
    rows = query(
        snapshot,
        """select p.county, coalesce(p.department, 'unknown') as department, count(*) as projects, count(l.links) as linked,
            coalesce(sum(l.links), 0)::bigint as households
        from project p left join (select project_id, count(*) as links from project_household group by project_id) l using (project_id)
        where p.started_on is not null group by all order by all""",
    )
    return rows.groupby("department", as_index=False)[
        ["projects", "linked", "households"]
    ].sum()


def industry_income(snapshot: Snapshot) -> pd.DataFrame:
    """Income from industry of households with an industry measure, latest registry year, by county (R59).

    Returns
    -------
    DataFrame
        `county`, `households`, `lasting` (dividends in two years or more), `known` (every part of the income is filled and the net income is above 0), `industry` (yuan: business
        income less its costs, and dividends) and `net` (yuan: net income) of the known.
    """
    return query(
        snapshot,
        """
        with aided as (select distinct household_id from measure where measure_type = 'industry'),
        paying as (select household_id, count(*) filter (where asset_dividend > 0) as years from income group by household_id),
        rows as (select coalesce(h.county, 'unknown') as county, coalesce(p.years, 0) as years, i.business_income - i.business_expense + i.asset_dividend as yuan,
                case when i.net_income > 0 then i.net_income end as net
            from household h join aided using (household_id) left join income i using (household_id, snapshot) left join paying p using (household_id)
            where h.snapshot = (select max(snapshot) from household))
        select county, count(*) as households, count(*) filter (where years >= 2) as lasting, count(yuan + net) as known,
            sum(yuan) filter (where net is not null)::double as industry, sum(net) filter (where yuan is not null)::double as net
        from rows group by county order by county""",
    )


def student_debt(snapshot: Snapshot) -> pd.DataFrame:
    """Registered households whose graduates owe a student loan (R63), for a restricted list.

    Returns
    -------
    DataFrame
        `household_id`, `county`, `town`, `village`, `graduates`, `unemployed`, `debt`, `net_income`
        (yuan), `ratio` (debt over net income, missing when the income is unknown or not above 0).
    """
    con = snapshot.store.connect(
        as_of=pd.Timestamp(snapshot.as_of).date(),
        tables=("household", "member", "income", "graduate"),
    )
    snapshot.store.side_views(con)
    rows = con.execute("""
        with last as (select max(snapshot) as year from household)
        select h.household_id, h.county, h.town, h.village, count(*)::int as graduates, count(*) filter (where g.job_state = 'unemployed')::int as unemployed,
            sum(p.loan)::double as debt, any_value(i.net_income)::double as net_income, sum(p.loan)::double / nullif(greatest(any_value(i.net_income)::double, 0), 0) as ratio
        from graduate g join private_graduate p using (person_id) join member m on m.person_id = g.person_id cross join last
        join household h on h.household_id = m.household_id and h.snapshot = m.snapshot left join income i on i.household_id = h.household_id and i.snapshot = h.snapshot
        where m.snapshot = last.year and p.loan > 0 group by h.household_id, h.county, h.town, h.village order by h.county, h.town, h.village, h.household_id""").df()
    con.close()
    return (
        rows[rows["county"] == snapshot.county].reset_index(drop=True)
        if snapshot.county
        else rows
    )
