"""A folder of exports becomes typed tables; every row is accepted, rejected or counted as no data.

A table is recognised by its headings, never by the name of its file or sheet.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import fastexcel
import numpy as np
import pandas as pd

from jinzhou.errors import RegistryError, by_language
from jinzhou.reference.vocabulary import (
    DEMO,
    FOOTERS,
    SUM_ROWS,
    TABLES,
    Column,
    Table,
    columns_by_heading,
    plain_heading,
)
from jinzhou.registry.cells import clean, convert
from jinzhou.registry.headings import (
    FILE,
    Confirmed,
    Unknown,
    looks_like_heading,
    propose,
    read_confirmed,
    write_unknown,
)
from jinzhou.registry.load_report import LoadReport
from jinzhou.registry.write import write_store

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".csv")
HEADING_ROWS = 12
"""Rows from the top among which the headings are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sheet:
    """One sheet as texts: `rows` (n, m) with None for empty cells.

    `file` relative to the folder.
    """

    file: str
    name: str
    rows: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """One sheet read.

    Attributes
    ----------
    table : str
        Name in the vocabulary, empty when the headings belong to no table.
    frame : DataFrame
        Accepted rows: the table's columns (money in fen), `source_id`, `source_row`.
    counts : dict
        `rows`, `accepted`, `rejected`, and the skipped: `blank`, `heading`, `sum`, `footer`.
    rejects : DataFrame
        `file`, `sheet`, `row`, `cell` (address as Excel writes it), `column`, `reason`.
    problems : DataFrame
        The same for cells that were left empty while their row was kept.
    unknown : tuple of Unknown
        Headings that no column of the table knows, with the column that each resembles.
    headings : tuple of str
        The heading row; of an unrecognised sheet, the cells that resemble headings in its
        fullest row.
    """

    file: str
    sheet: str
    table: str
    frame: pd.DataFrame
    counts: dict[str, int]
    rejects: pd.DataFrame
    problems: pd.DataFrame
    unknown: tuple[Unknown, ...]
    headings: tuple[str, ...]
    demo: bool


def load(
    folder: str | Path,
    store: str | Path,
    *,
    key_file: str | Path | None = None,
    on_file: Callable[[str, int, int], None] | None = None,
) -> LoadReport:
    """Read a folder of exports into a store.

    Parameters
    ----------
    folder : path
        Read with its sub-folders; ``truth/``, hidden files and lock files (``~$``) are left out.
    store : path
        Replaced as a whole once everything has been read; an earlier store stays until then, and
        stays for good when anything fails.
    key_file : path, optional
        Key of the pseudonyms; by default ``jinzhou.key`` beside the store, made at first use.
    on_file : callable(name, number, count), optional
        Called when a file begins.

    Returns
    -------
    LoadReport

    Raises
    ------
    RegistryError
        The folder is missing or empty, a file cannot be read, no sheet is recognised, there is no
        household table, or the store cannot be written.
    """
    folder, store = Path(folder), Path(store)
    mapping = store.parent / FILE
    confirmed, known_headings = read_confirmed(mapping)
    files = export_files(folder)
    sheets, broken, checksums = [], [], {}
    for number, path in enumerate(files, 1):
        name = path.relative_to(folder).as_posix()
        if on_file:
            on_file(name, number, len(files))
        try:
            data = path.read_bytes()
            checksums[name] = hashlib.sha256(data).hexdigest()
            sheets.append(
                [
                    read_sheet(s, confirmed)
                    for s in open_sheets(name, path.suffix.lower(), data)
                ]
            )
        except (
            fastexcel.FastExcelError,
            UnicodeDecodeError,
            csv.Error,
            pd.errors.ParserError,
        ) as error:
            broken.append((name, type(error).__name__))
    if broken:
        raise RegistryError(
            "registry.read.unreadable",
            count=len(broken),
            names=[name for name, _ in broken],
            files=broken,
        )
    readings = [reading for file in sheets for reading in file]
    known = [reading for reading in readings if reading.table]
    unknown = [heading for reading in readings for heading in reading.unknown]
    waiting = write_unknown(mapping, unknown, known_headings) if unknown else 0
    if not known:
        raise _nothing_recognised(readings)
    if not any(reading.table == "household" for reading in known):
        found = sorted({r.table for r in known})
        raise RegistryError(
            "registry.read.no_household",
            known=by_language((TABLES[name].zh, name) for name in found),
            headings=_signature(TABLES["household"]),
        )
    return write_store(
        readings,
        store,
        key_file=Path(key_file) if key_file else store.parent / "jinzhou.key",
        checksums=checksums,
        unknown=unknown,
        waiting=waiting,
    )


def export_files(folder: Path) -> list[Path]:
    """Files to read, in the order of their names.

    Raises
    ------
    RegistryError
        The folder is missing, or holds no Excel or CSV file.
    """
    if not folder.is_dir():
        raise RegistryError("registry.read.no_folder", folder=folder)
    files = [
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and not path.name.startswith(("~$", "."))
        and path.name != FILE
        and "truth" not in path.relative_to(folder).parts[:-1]
    ]
    if not files:
        raise RegistryError("registry.read.no_file", folder=folder)
    return sorted(files, key=lambda path: path.relative_to(folder).as_posix())


def open_sheets(name: str, suffix: str, data: bytes) -> list[Sheet]:
    """All sheets of a file, hidden ones too, with the row numbers that Excel shows."""
    if suffix == ".csv":
        return [Sheet(file=name, name="", rows=_csv_rows(data))]
    book = fastexcel.read_excel(data)
    sheets = []
    for sheet in book.sheet_names:
        table = book.load_sheet(
            sheet, header_row=None, skip_rows=0, dtypes="string"
        ).to_arrow()
        # cells that hold nothing but blanks become None with the rest, in `clean`
        frame = pd.DataFrame(
            {
                i: table.column(i).to_numpy(zero_copy_only=False)
                for i in range(table.num_columns)
            }
        )
        sheets.append(Sheet(file=name, name=sheet, rows=frame))
    return sheets


def _csv_rows(data: bytes) -> pd.DataFrame:
    """Cells of a csv in UTF-8 (with or without BOM) or GB18030, ragged rows padded."""
    if b"\x00" in data[:4096]:
        raise csv.Error("not a text file")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    if not text.strip():
        return pd.DataFrame()
    width = max(
        (
            len(row)
            for row in csv.reader(io.StringIO("\n".join(text.split("\n", 40)[:40])))
        ),
        default=0,
    )
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            header=None,
            names=range(width),
            dtype=object,
            keep_default_na=False,
            na_values=[""],
            skip_blank_lines=False,
            engine="c",
            low_memory=False,
        )
    except pd.errors.ParserError:  # a row longer than the first forty
        rows = list(csv.reader(io.StringIO(text)))
        frame = pd.DataFrame(rows, dtype=object)
    return frame.astype(object).where(frame.notna(), None)


def read_sheet(sheet: Sheet, confirmed: Confirmed = MappingProxyType({})) -> Reading:
    """Recognise a sheet, also by headings that the office confirmed, and read its rows."""
    rows = sheet.rows
    nothing = pd.DataFrame(columns=["file", "sheet", "row", "cell", "column", "reason"])
    demo = any(
        DEMO in str(cell)
        for cell in rows.head(HEADING_ROWS).to_numpy().ravel()
        if cell is not None
    )
    table, at, columns, others, year = recognise(rows, confirmed)
    where = f"{sheet.file} {sheet.name}".strip()
    if table is None:
        headings = tuple(h for h in others if looks_like_heading(h))
        counts = {"rows": len(rows), "not recognised": len(rows)}
        return Reading(
            file=sheet.file,
            sheet=sheet.name,
            table="",
            frame=pd.DataFrame(),
            counts=counts,
            rejects=nothing,
            problems=nothing,
            unknown=tuple(_nearest_unknown(headings, where)),
            headings=headings,
            demo=demo,
        )
    unknown = propose(
        table.name,
        [h for h in others if not re.search(r"\d{5}", h)],
        taken={c.name for c, _ in columns.values()},
        place=where,
    )
    body = rows.iloc[at + 1 :]
    kind = _row_kinds(body, rows.iloc[at])
    counts = {"rows": len(body)} | {
        k: int((kind == k).sum()) for k in ("blank", "heading", "sum", "footer")
    }
    body = body[kind == ""]
    source_row = body.index.to_numpy() + 1
    frame = pd.DataFrame(index=range(len(body)))
    problems, rejected = [], pd.Series("", index=range(len(body)))
    for place, (column, unit) in columns.items():
        made = convert(column, body[place].to_numpy(dtype=object), unit=unit)
        frame[column.name] = made.values
        if len(made.problems):
            where = made.problems.index.to_numpy()
            problems.append(
                pd.DataFrame(
                    {
                        "file": sheet.file,
                        "sheet": sheet.name,
                        "row": source_row[where],
                        "cell": [
                            f"{column_letters(place)}{row}" for row in source_row[where]
                        ],
                        "column": column.zh,
                        "reason": made.problems.to_numpy(),
                        "position": where,
                    }
                )
            )
    if table.yearly and "snapshot" not in frame:
        frame["snapshot"] = float(year)
    for name in (c.name for c in table.columns if c.signature and c.name in table.key):
        absent = frame[name].isna().to_numpy()
        rejected = rejected.where(
            ~(absent & (rejected == "").to_numpy()), table[name].zh
        )
    bad = (rejected != "").to_numpy()
    place_of = {column.zh: place for place, (column, _) in columns.items()}
    rejects = pd.DataFrame(
        {
            "file": sheet.file,
            "sheet": sheet.name,
            "row": source_row[bad],
            "cell": [
                f"{column_letters(place_of.get(name, 0))}{row}"
                for row, name in zip(source_row[bad], rejected[bad], strict=True)
            ],
            "column": rejected[bad].to_numpy(),
            "reason": "key is missing or unreadable",
        }
    )
    cells = (
        pd.concat(problems, ignore_index=True)
        if problems
        else nothing.assign(position=[])
    )
    cells = cells[
        ~np.isin(cells["position"].to_numpy(dtype=float), np.flatnonzero(bad))
    ].drop(columns="position")
    frame["source_row"] = source_row
    frame = frame[~bad].reset_index(drop=True)
    counts |= {"rejected": int(bad.sum()), "accepted": len(frame)}
    return Reading(
        file=sheet.file,
        sheet=sheet.name,
        table=table.name,
        frame=frame,
        counts=counts,
        rejects=rejects,
        problems=cells,
        unknown=tuple(unknown),
        headings=tuple(c.zh for c, _ in columns.values()),
        demo=demo,
    )


def column_letters(place: int) -> str:
    """Letters of a column by position: 0 is A, 26 is AA."""
    text, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text


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
    best = None
    fullest: tuple[str, ...] = ()
    title = " ".join(
        str(cell) for cell in top.iloc[:3].to_numpy().ravel() if cell is not None
    )
    year = re.search(r"(20\d{2})\s*年", title)
    above: dict[int, str] = {}
    for at in range(len(top)):
        cells = {
            place: cell
            for place, cell in enumerate(top.iloc[at])
            if cell is not None and clean(cell)
        }
        # a heading merged over two rows stands in the upper one
        names = {place: cells.get(place) or above.get(place) for place in rows.columns}
        names = {place: name for place, name in names.items() if name}
        above = cells if len(cells) > 1 else {}
        if len(cells) > len(fullest):
            fullest = tuple(str(name) for name in cells.values())
        plain = {place: plain_heading(name) for place, name in names.items()}
        for table in TABLES.values():
            known = {**columns_by_heading(table.name), **confirmed.get(table.name, {})}
            found: dict[int, Column] = {}
            for place, name in plain.items():
                if name in known and known[name] not in found.values():
                    found[place] = known[name]
            have = {column.name for column in found.values()}
            needed = {c.name for c in table.columns if c.signature}
            if "snapshot" in needed and year:
                needed = needed - {"snapshot"}
            if needed <= have and (best is None or len(found) > len(best[2])):
                best = (table, at, found, names)
    if best is None:
        return None, -1, {}, fullest, ""
    table, at, found, names = best
    columns = {
        place: (column, _unit(str(names[place]))) for place, column in found.items()
    }
    unknown = tuple(str(names[place]) for place in names if place not in found)
    return table, at, columns, unknown, year.group(1) if year else ""


def _unit(heading: str) -> str:
    match = re.search(r"[(（](万元|元)[)）]", heading)
    return match.group(1) if match else ""


def _row_kinds(body: pd.DataFrame, headings: pd.Series) -> np.ndarray:
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


def _signature(table: Table) -> list[str]:
    return [column.zh for column in table.columns if column.signature]


def _nearest(headings: Sequence[str]) -> Table:
    """The table that knows most of the headings."""
    plain = {plain_heading(heading) for heading in headings}
    return max(
        TABLES.values(),
        key=lambda table: len(plain & set(columns_by_heading(table.name))),
    )


def _nearest_unknown(headings: Sequence[str], where: str) -> list[Unknown]:
    """Proposals for a sheet that no table recognises.

    None unless its nearest table knows two headings.
    """
    table = _nearest(headings)
    known = columns_by_heading(table.name)
    found = {
        known[plain].name for h in headings if (plain := plain_heading(h)) in known
    }
    if len(found) < 2:
        return []
    return [
        one
        for one in propose(
            table.name,
            [h for h in headings if plain_heading(h) not in known],
            taken=found,
            place=where,
        )
        if one.proposed
    ]


def _nothing_recognised(readings: list[Reading]) -> RegistryError:
    """The error for exports whose headings belong to no table, naming the nearest one."""
    headings = max((reading.headings for reading in readings), key=len, default=())
    nearest = _nearest(headings)
    plain = {plain_heading(heading) for heading in headings}
    missing = [
        c.zh for c in nearest.columns if c.signature and not plain & set(c.headings)
    ]
    asked = any(reading.unknown for reading in readings)
    return RegistryError(
        "registry.read.near" if asked else "registry.read.unknown",
        found=headings[:12],
        name=by_language([(nearest.zh, nearest.name)]),
        missing=missing,
        file=FILE,
        headings=headings,
        nearest=nearest.name,
    )
