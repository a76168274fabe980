"""Household x quarter panel, and the one place where rows are cut by date.

A row of quarter q is built only from what had been recorded by q's last day, so a row used for
training has the same information that a row scored today has. Outcomes look ahead of q and use
what was recorded by `as_of`. The features are defined once, in relations/panel/panel.sql.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError, RegistryError
from jinzhou.reference import areas
from jinzhou.reference.lines import poverty_line, poverty_lines
from jinzhou.registry.quarters import (
    day_of,
    quarter_end,
    quarter_number,
    quarter_text,
    quarters_before,
    snapshot_of,
)
from jinzhou.registry.relations import text
from jinzhou.registry.snapshot import Snapshot, per_snapshot
from jinzhou.registry.store import Store
from jinzhou.words import LANGUAGES


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
    row = con.execute(
        "select make_date(min(snapshot), 9, 30), greatest(make_date(max(snapshot), 9, 30),"
        " (select max(recorded_on) from event), (select max(recorded_on) from home_visit),"
        " (select max(setl_time) from visit)) from household"
    ).fetchone()
    con.close()
    if row is None or row[0] is None:
        raise RegistryError("registry.panel.empty")
    return Coverage(*row)


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
            "registry.panel.quarter",
            found=quarter_text(number),
            first=quarter_text(first),
            last=quarter_text(last),
        )
    if county:
        _require_county(store, county)
    return quarter_text(number)


def _require_county(store: Store, county: str) -> None:
    with store.connect(tables=["household"]) as con:
        rows = con.execute("select distinct county from household").fetchall()
    held = {code for (code,) in rows}
    if county not in held:
        known = areas.ordered(held - {None})
        raise ParameterError(
            "registry.panel.county",
            found=county,
            known={
                lang: [f"{c} {areas.name(c, lang)}" for c in known]
                for lang in LANGUAGES
            },
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
        Whether a year without a line is an error; else `line` and what is made of it are missing
        there.

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
        `as_of` is no date, the county has no household, or the line series has no value for a
        year needed.
    RegistryError
        The store holds no household known by `as_of`.
    """
    cut = day_of(snapshot.as_of)
    first, latest = _years_known(snapshot)
    known = poverty_lines(series=snapshot.series, synthetic=snapshot.synthetic)
    last = _last_ended(cut)
    quarters = _quarters_of(first, last, min(known, default=0), since)
    years = sorted({snapshot_of(n) for n in quarters})
    if not set(years) & set(range(first, latest + 1)):
        raise RegistryError(
            "registry.panel.year", found=snapshot_of(last), first=first, last=latest
        )
    lines = _line_rows(snapshot, years, known, first=first, need_line=need_line)
    given = {"quarters": _quarter_rows(quarters), "lines": lines}
    query = text("panel/panel")
    table = snapshot.views.arrow(query, given, county=snapshot.county, at_risk=at_risk)
    return _labelled(table.to_pandas(), cut)


def _years_known(snapshot: Snapshot) -> tuple[int, int]:
    """First and latest registry year known, once the county is known to have households."""
    views = snapshot.views
    if views.first_year is None or views.year is None:
        raise RegistryError("registry.panel.no_household", day=snapshot.as_of)
    if snapshot.county:
        _require_county(snapshot.store, snapshot.county)
    return views.first_year, views.year


def _labelled(frame: pd.DataFrame, cut: pd.Timestamp) -> pd.DataFrame:
    """The rows with their outcomes of the next quarter and of the next four."""
    for horizon in (1, 4):
        frame[f"returned_{horizon}"] = _label(frame, cut, horizon, "return")
        frame[f"left_{horizon}"] = _label(frame, cut, horizon, "leave")
    return frame


def _last_ended(cut: pd.Timestamp) -> int:
    """The last quarter that had ended by a day."""
    number = cut.year * 4 + cut.quarter - 1
    return number - (cut != quarter_end(number))


def _quarters_of(first: int, last: int, lines_from: int, since: str) -> list[int]:
    """Quarters from the first registry year with a line to `last`, none ended before `since`."""
    begins = max(first, min(lines_from, snapshot_of(last)))
    return [
        n
        for n in range(begins * 4 + 2, last + 1)
        if not since or quarter_end(n) >= day_of(since)
    ]


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
    """The rows at risk of the panel's last quarters as a function of the day alone."""
    return lambda day: panel(
        snapshot.on(day), since=quarters_before(day, quarters - 1), at_risk=True
    )


def known_returns(panel: pd.DataFrame, day: str) -> pd.Series:
    """Return within the next quarter as known on a day (for `models.leakcheck`)."""
    return outcomes(panel, as_of=[day], horizon_quarters=1)[day]


def _quarter_rows(quarters: Sequence[int]) -> pd.DataFrame:
    """Number, first and last day, and registry year of each quarter."""
    days = [
        (quarter_end(n - 1) + pd.Timedelta(days=1), quarter_end(n)) for n in quarters
    ]
    return pd.DataFrame(
        {
            "quarter": np.array(quarters, dtype="int64"),
            "opens": pd.to_datetime([opens for opens, _ in days]).date,
            "closes": pd.to_datetime([closes for _, closes in days]).date,
            "snapshot": np.array([snapshot_of(n) for n in quarters], dtype="int64"),
        }
    )


def _line(
    snapshot: Snapshot, year: int, known: Mapping[int, float], *, need_line: bool
) -> float | None:
    """The line of a registry year; None where none is known and none is needed."""
    if year in known or not need_line:
        return known.get(year)
    line = poverty_line(year, series=snapshot.series, synthetic=snapshot.synthetic)
    return line.yuan


def _line_rows(
    snapshot: Snapshot,
    years: Sequence[int],
    known: Mapping[int, float],
    *,
    first: int,
    need_line: bool,
) -> pd.DataFrame:
    """The line of each registry year from the first on, missing where none is known."""
    lines: dict[int, float | None] = {
        y: yuan for y, yuan in known.items() if first <= y < min(years)
    }
    lines |= {y: _line(snapshot, y, known, need_line=need_line) for y in years}
    return pd.DataFrame(lines.items(), columns=["snapshot", "line"]).astype(
        {"snapshot": "int64", "line": float}
    )


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
