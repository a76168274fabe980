"""The stock of poor persons on a day, and the recorded changes between two days."""

import pandas as pd

from jinzhou.errors import RegistryError
from jinzhou.registry.household_panel import coverage
from jinzhou.registry.ledgers import table
from jinzhou.registry.privacy import mask_name
from jinzhou.registry.quarters import quarters_before
from jinzhou.registry.relations import ask
from jinzhou.registry.snapshot import Snapshot
from jinzhou.registry.store import Store

FOUND_KINDS = ("returned", "newly_identified", "member_added")
"""Kinds of change by which a checking round adds persons to the stock."""


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
    year = snapshot.views.year
    if year is None:
        raise RegistryError("registry.stock.no_household", day=snapshot.as_of)
    base = ask(snapshot.everywhere, "stock/stock").set_index("county")["persons"]
    base = base[base.index == snapshot.county] if snapshot.county else base
    since = pd.Timestamp(year, 9, 30)
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
    return ask(snapshot, "stock/stock_changes", since=since)


def found_by_round(snapshot: Snapshot, *, round: str) -> pd.DataFrame:
    """What a checking round (回头看) added: recorded changes of `FOUND_KINDS` under its name.

    Parameters
    ----------
    round : str
        Name of the round in the ledger of changes; no row carries an unknown one.

    Returns
    -------
    DataFrame
        Rows of the event table, `persons` being 1 where a row names a person.
    """
    events = table(snapshot, "event")
    named = (events["source_round"] == round) & events["kind"].isin(FOUND_KINDS)
    return events[named].assign(persons=events.loc[named, "persons"].fillna(1))


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
    """Households registered as exited in the latest registry year, by county.

    The frame of a spot check.
    """
    return ask(snapshot, "stock/exited_households").set_index("county")["n"]


def household_places(snapshot: Snapshot) -> pd.DataFrame:
    """`town` and `village` of each household by its number, from its latest registry year."""
    homes = ask(snapshot, "home")
    return homes.set_index("household_id")[["town", "village"]]


def entries(snapshot: Snapshot) -> pd.DataFrame:
    """Changes of the year of `as_of`.

    Those entered, and those that the field has found and nobody has entered.

    Returns
    -------
    DataFrame
        `event_id` and `recorded_on` (missing while it waits), `household_id`, `county`, `kind`. A
        home visit that found a return, or a spot check that found a wrong exit or a missed
        household, waits until an event of the household is recorded after it.
    """
    return ask(snapshot, "stock/entries")


def spot_check_frame(snapshot: Snapshot) -> pd.DataFrame:
    """Households registered as exited in the latest registry year.

    `household_id`, `county`, `town`, `village`, `household_size`, `exit_year`.
    """
    return ask(snapshot, "stock/spot_check_frame")


def stock_by_year(
    snapshot: Snapshot,
) -> dict[int, tuple[pd.DataFrame, pd.Series, pd.Series]]:
    """Changes, opening and closing stock of every registry year with one before it (R12)."""
    held = snapshot.views.frame(
        "select distinct snapshot from stored.household order by 1"
    )
    years = [int(year) for year in held["snapshot"]]
    ends = {year: f"{year}-09-30" for year in years}
    stocks = {year: stock(snapshot.on(day)) for year, day in ends.items()}
    return {
        year: (
            stock_changes(snapshot.on(ends[year]), since=ends[before]),
            stocks[before],
            stocks[year],
        )
        for before, year in zip(years, years[1:], strict=False)
        if year == before + 1
    }
