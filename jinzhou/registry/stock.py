"""The stock of poor persons on a day, and the recorded changes between two days."""

from __future__ import annotations

import pandas as pd

from jinzhou.errors import RegistryError
from jinzhou.reference.vocabulary import POOR_NOW
from jinzhou.registry.panel import coverage
from jinzhou.registry.privacy import mask_name
from jinzhou.registry.quarters import quarters_before
from jinzhou.registry.snapshot import Snapshot
from jinzhou.registry.store import Store

_POOR = ", ".join(f"'{code}'" for code in POOR_NOW)


def stock(snapshot: Snapshot) -> pd.Series:
    """Registered poor persons by county on a day, of one county when it is named.

    Counted from the members on record in the latest registry year known by then, plus what has
    been recorded since. On 30 September it is a count of its own, so the identity of stock and
    flows can fail there (R12).

    Raises
    ------
    RegistryError
        No registry year is known by the day.
    """
    day = pd.Timestamp(snapshot.as_of)
    con = snapshot.store.connect(as_of=day.date(), tables=("household", "member"))
    year = con.execute("select max(snapshot) from household").fetchone()[0]
    if year is None:
        raise RegistryError(
            f"到 {snapshot.as_of} 为止没有任何户信息；请检查日期，或重新读入导出文件。",
            f"no household record is known by {snapshot.as_of}; check the date, or load the exports again.",
        )
    counted = con.execute(
        "select county, count(*)::bigint as persons from household h join member m using (household_id, snapshot, county)"
        f" where h.snapshot = ? and h.registration_status in ({_POOR})"
        " and m.change_kind is distinct from 'natural_decrease' group by county order by county",
        [int(year)],
    ).df()
    con.close()
    base = counted.set_index("county")["persons"]
    base = base[base.index == snapshot.county] if snapshot.county else base
    since = pd.Timestamp(int(year), 9, 30)
    moved = stock_changes(snapshot, since=since.date().isoformat())
    if not len(moved):
        return base
    sign = (
        moved["kind"]
        .map({"exited": -1, "removed": -1, "natural_decrease": -1})
        .fillna(1)
    )
    return base.add(
        (moved["persons"] * sign).groupby(moved["county"]).sum(), fill_value=0
    ).astype("int64")


def stock_changes(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """Recorded changes of the stock after `since` and up to `as_of`.

    Returns
    -------
    DataFrame
        `household_id`, `county`, `kind`, `reason`, `persons`, `happened_on`, `recorded_on`,
        `source_round`; births, deaths, members added and departures only of households that were
        poor on the record at the time, the rest leave the stock as it is.
    """
    con = snapshot.store.connect(
        as_of=pd.Timestamp(snapshot.as_of).date(), tables=("household", "event")
    )
    rows = con.execute(
        f"""
        with states as (
            select household_id, make_date(snapshot, 9, 30) as known, '' as record,
                registration_status in ({_POOR}) as poor
            from household where registration_status is not null
            union all
            select household_id, recorded_on, event_id, kind in ('identified', 'newly_identified', 'returned', 'reverted')
            from event where person_id is null
                and kind in ('identified', 'newly_identified', 'returned', 'reverted', 'exited', 'removed', 'natural_decrease')
        ), changes as (
            select * from event where recorded_on > ?::date
                and kind in ('newly_identified', 'identified', 'returned', 'exited', 'removed', 'member_added',
                             'natural_increase', 'natural_decrease')
        )
        select household_id, county, case kind when 'identified' then 'newly_identified' else kind end as kind,
            reason, coalesce(persons, 1)::bigint as persons, happened_on::timestamp as happened_on,
            recorded_on::timestamp as recorded_on, source_round
        from (
            select c.*, (
                select arg_max(s.poor, (s.known, s.record)) from states s where s.household_id = c.household_id
                and (s.known < c.recorded_on or (s.known = c.recorded_on and s.record < c.event_id and s.record <> ''))
            ) as was_poor from changes c
        ) where kind in ('newly_identified', 'identified', 'returned', 'exited') or coalesce(was_poor, false)
        order by recorded_on, household_id, event_id
        """,
        [since],
    ).df()
    con.close()
    return (
        rows[rows["county"] == snapshot.county].reset_index(drop=True)
        if snapshot.county
        else rows
    )


def stock_series(snapshot: Snapshot, *, quarters: int = 5) -> tuple[int, ...]:
    """Persons poor at the end of the last quarters known to the registry, oldest first."""
    first = pd.Timestamp(coverage(snapshot.store).first)
    days = [quarters_before(snapshot.as_of, n) for n in range(quarters - 1, -1, -1)]
    return tuple(
        int(stock(snapshot.on(day)).sum()) for day in days if pd.Timestamp(day) >= first
    )


def masked_heads(store: Store) -> pd.Series:
    """Masked name of each household's head, by household number, from its latest registry year."""
    rows = store.private("household", ["head_name"])
    latest = rows.sort_values("snapshot", kind="stable").drop_duplicates(
        "household_id", keep="last"
    )
    names = latest["head_name"].fillna("").map(mask_name)
    return pd.Series(names.to_numpy(), index=latest["household_id"].to_numpy())


def exited_households(snapshot: Snapshot) -> pd.Series:
    """Households registered as exited in the latest registry year, by county: the frame of a spot check."""
    con = snapshot.store.connect(as_of=pd.Timestamp(snapshot.as_of).date())
    rows = con.execute("""select county, count(*) as n from household where registration_status = 'exited'
        and snapshot = (select max(snapshot) from household) group by county order by county""").df()
    con.close()
    counted = rows.set_index("county")["n"]
    return counted[counted.index == snapshot.county] if snapshot.county else counted


def household_places(store: Store) -> pd.DataFrame:
    """`town` and `village` of each household, by household number, from its latest registry year."""
    con = store.connect()
    rows = con.execute(
        "select household_id, arg_max(town, snapshot) as town, arg_max(village, snapshot) as village from household group by household_id"
    ).df()
    con.close()
    return rows.set_index("household_id")


def entries(snapshot: Snapshot) -> pd.DataFrame:
    """Changes of the year of `as_of`: those entered, and those that the field has found and nobody has entered.

    Returns
    -------
    DataFrame
        `event_id` and `recorded_on` (missing while it waits), `household_id`, `county`, `kind`. A
        home visit that found a return, or a spot check that found a wrong exit or a missed
        household, waits until an event of the household is recorded after it.
    """
    con = snapshot.store.connect(as_of=pd.Timestamp(snapshot.as_of).date())
    rows = con.execute(
        """
        with found as (
            select household_id, county, 'returned' as kind, max(visited_on) as day from home_visit
            where result = 'returned' and year(visited_on) = $year group by all
            union all select household_id, county, case when list_contains(found, 'missed') then 'newly_identified' else 'returned' end, max(checked_on)
            from spot_check where (list_contains(found, 'missed') or list_contains(found, 'wrongly_exited')) and year(checked_on) = $year group by all)
        select event_id, recorded_on::timestamp as recorded_on, household_id, coalesce(county, 'unknown') as county, kind from event where year(recorded_on) = $year
        union all
        select null, null, household_id, coalesce(min(county), 'unknown'), min(kind) from found f
        where not exists (select 1 from event e where e.household_id = f.household_id and e.recorded_on >= f.day) group by household_id
        order by county, household_id, event_id""",
        {"year": pd.Timestamp(snapshot.as_of).year},
    ).df()
    con.close()
    return (
        rows[rows["county"] == snapshot.county].reset_index(drop=True)
        if snapshot.county
        else rows
    )


def spot_check_frame(snapshot: Snapshot) -> pd.DataFrame:
    """Households registered as exited in the latest registry year: `household_id`, `county`, `town`, `village`, `household_size`, `exit_year`."""
    con = snapshot.store.connect(as_of=pd.Timestamp(snapshot.as_of).date())
    rows = con.execute("""select household_id, county, town, village, household_size::int as household_size, exit_year::int as exit_year from household
        where registration_status = 'exited' and snapshot = (select max(snapshot) from household) order by household_id""").df()
    con.close()
    return (
        rows[rows["county"] == snapshot.county].reset_index(drop=True)
        if snapshot.county
        else rows
    )


def stock_by_year(
    snapshot: Snapshot,
) -> dict[int, tuple[pd.DataFrame, pd.Series, pd.Series]]:
    """Changes, opening and closing stock of every registry year that has one before it, up to `as_of` (R12)."""
    con = snapshot.store.connect(as_of=pd.Timestamp(snapshot.as_of).date())
    years = [
        int(y)
        for (y,) in con.execute(
            "select distinct snapshot from household order by 1"
        ).fetchall()
    ]
    con.close()
    ends = {year: f"{year}-09-30" for year in years}
    stocks = {year: stock(snapshot.on(day)) for year, day in ends.items()}
    return {
        year: (
            stock_changes(snapshot.on(ends[year]), since=ends[before]),
            stocks[before],
            stocks[year],
        )
        for before, year in zip(years, years[1:])
        if year == before + 1
    }
