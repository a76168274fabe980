"""Which table a sheet holds, told by its headings, and which of its rows are data."""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from jinzhou.reference.vocabulary import (
    FOOTERS,
    SUM_ROWS,
    TABLES,
    Column,
    Table,
    columns_by_heading,
    plain_heading,
)
from jinzhou.registry.cells import clean
from jinzhou.registry.headings import Confirmed, Unknown, propose

HEADING_ROWS = 12
"""Rows from the top among which the headings are looked for."""


def recognise(rows: pd.DataFrame, confirmed: Confirmed = MappingProxyType({})):
    """The table whose headings stand in one of the top rows.

    Returns
    -------
    table : Table or None
    at : int
        Position of the heading row.
    columns : dict, position -> (Column, unit named by the heading)
    others : tuple of str
        Headings of that row which the table does not know; without a table, the fullest row.
    year : str
        Registry year, from the title when the table has no column for it.
    """
    top = rows.head(HEADING_ROWS)
    title = " ".join(
        str(cell) for cell in top.iloc[:3].to_numpy().ravel() if cell is not None
    )
    named = re.search(r"(20\d{2})\s*年", title)
    year = named.group(1) if named else ""
    best = None
    fullest: tuple[str, ...] = ()
    above: dict[int, str] = {}
    for at in range(len(top)):
        cells = {
            place: cell
            for place, cell in enumerate(top.iloc[at])
            if cell is not None and clean(cell)
        }
        # a heading merged over two rows stands in the upper one
        names = {
            place: name
            for place in rows.columns
            if (name := cells.get(place) or above.get(place))
        }
        above = cells if len(cells) > 1 else {}
        if len(cells) > len(fullest):
            fullest = tuple(str(name) for name in cells.values())
        for table, found in _candidates(names, confirmed, dated=bool(year)):
            if best is None or len(found) > len(best[2]):
                best = (table, at, found, names)
    if best is None:
        return None, -1, {}, fullest, ""
    table, at, found, names = best
    columns = {
        place: (column, _unit(str(names[place]))) for place, column in found.items()
    }
    unknown = tuple(str(names[place]) for place in names if place not in found)
    return table, at, columns, unknown, year


def _candidates(
    names: Mapping[int, str], confirmed: Confirmed, *, dated: bool
) -> Iterator[tuple[Table, dict[int, Column]]]:
    """Tables whose key columns all stand in a row, with the columns found by position."""
    plain = {place: plain_heading(name) for place, name in names.items()}
    for table in TABLES.values():
        known = {**columns_by_heading(table.name), **confirmed.get(table.name, {})}
        found: dict[int, Column] = {}
        for place, name in plain.items():
            if name in known and known[name] not in found.values():
                found[place] = known[name]
        needed = {c.name for c in table.columns if c.signature}
        if dated:
            needed -= {"snapshot"}
        if needed <= {column.name for column in found.values()}:
            yield table, found


def _unit(heading: str) -> str:
    match = re.search(r"[(（](万元|元)[)）]", heading)
    return match.group(1) if match else ""


def row_kinds(body: pd.DataFrame, headings: pd.Series) -> np.ndarray:
    """Class of each row below the headings: data (empty text), blank, heading, sum or footer."""
    filled = body.notna().to_numpy()
    count = filled.sum(axis=1)
    kind = np.full(len(body), "", dtype=object)
    if not len(body):
        return kind
    first = body.to_numpy(dtype=object)[np.arange(len(body)), filled.argmax(axis=1)]
    words = pd.Series(first, dtype=object)
    codes, distinct = pd.factorize(words)
    cleaned = [clean(text) or "" for text in distinct]
    is_sum = np.array(
        [text.replace(" ", "") in SUM_ROWS for text in cleaned] + [False]
    )[codes]
    is_foot = np.array([text.startswith(FOOTERS) for text in cleaned] + [False])[
        codes
    ] & (count <= 3)
    names = {
        place: plain_heading(name)
        for place, name in headings.items()
        if name is not None
    }
    candidates = np.flatnonzero(count > 1)
    place = next(iter(names))
    again = (
        body[place]
        .iloc[candidates]
        .map(lambda cell: cell is not None and plain_heading(cell) == names[place])
        if len(candidates) < 5_000
        else body[place].iloc[candidates] == headings[place]
    )
    kind[candidates[again.to_numpy(dtype=bool)]] = "heading"
    kind[is_foot] = "footer"
    kind[is_sum] = "sum"
    # blank cells that only look filled are rare: looked at only where a row has few
    for row in np.flatnonzero(count <= 2):
        if not any(clean(cell) for cell in body.iloc[row]):
            kind[row] = "blank"
    kind[count == 0] = "blank"
    return kind


def signature(table: Table) -> list[str]:
    """Headings by which a table is recognised."""
    return [column.zh for column in table.columns if column.signature]


def nearest_table(headings: Sequence[str]) -> Table:
    """The table that knows most of the headings."""
    plain = {plain_heading(heading) for heading in headings}
    return max(
        TABLES.values(),
        key=lambda table: len(plain & set(columns_by_heading(table.name))),
    )


def nearest_unknown(headings: Sequence[str], where: str) -> list[Unknown]:
    """Proposals for an unrecognised sheet, if its nearest table knows two headings."""
    table = nearest_table(headings)
    known = columns_by_heading(table.name)
    found = {
        known[plain].name for h in headings if (plain := plain_heading(h)) in known
    }
    if len(found) < 2:
        return []
    rest = [h for h in headings if plain_heading(h) not in known]
    proposals = propose(table.name, rest, taken=found, place=where)
    return [proposal for proposal in proposals if proposal.proposed]
