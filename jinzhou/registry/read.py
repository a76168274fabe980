"""A folder of exports becomes typed tables; every row is accepted, rejected or counted as no data.

A table is recognised by its headings, never by the name of its file or sheet.
"""

import csv
import hashlib
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import fastexcel
import numpy as np
import pandas as pd

from jinzhou.errors import RegistryError, by_language
from jinzhou.reference.vocabulary import (
    DEMO,
    TABLES,
    Column,
    Table,
    plain_heading,
)
from jinzhou.registry.cells import convert
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
from jinzhou.registry.recognition import (
    HEADING_ROWS,
    nearest_table,
    nearest_unknown,
    recognise,
    row_kinds,
    signature,
)
from jinzhou.registry.write import write_store

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".csv")


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
    readings, checksums = _read_files(folder, confirmed, on_file)
    unknown = [heading for reading in readings for heading in reading.unknown]
    waiting = write_unknown(mapping, unknown, known_headings) if unknown else 0
    found = sorted({reading.table for reading in readings if reading.table})
    if not found:
        raise _nothing_recognised(readings)
    if "household" not in found:
        raise RegistryError(
            "registry.read.no_household",
            known=by_language((TABLES[name].zh, name) for name in found),
            headings=signature(TABLES["household"]),
        )
    return write_store(
        readings,
        store,
        key_file=Path(key_file) if key_file else store.parent / "jinzhou.key",
        checksums=checksums,
        unknown=unknown,
        waiting=waiting,
    )


def _read_files(
    folder: Path,
    confirmed: Confirmed,
    on_file: Callable[[str, int, int], None] | None,
) -> tuple[list[Reading], dict[str, str]]:
    """Every sheet of every file, and the checksum of each file.

    Raises
    ------
    RegistryError
        The folder is missing or empty, or a file cannot be read.
    """
    files = export_files(folder)
    readings: list[Reading] = []
    checksums: dict[str, str] = {}
    broken = []
    for number, path in enumerate(files, 1):
        name = path.relative_to(folder).as_posix()
        if on_file:
            on_file(name, number, len(files))
        try:
            data = path.read_bytes()
            checksums[name] = hashlib.sha256(data).hexdigest()
            sheets = open_sheets(name, path.suffix.lower(), data)
            readings += [read_sheet(sheet, confirmed) for sheet in sheets]
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
    return readings, checksums


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
    table, at, columns, others, year = recognise(rows, confirmed)
    if table is None:
        return _unrecognised(sheet, others)
    unknown = propose(
        table.name,
        [h for h in others if not re.search(r"\d{5}", h)],
        taken={c.name for c, _ in columns.values()},
        place=_where(sheet),
    )
    body = rows.iloc[at + 1 :]
    kind = row_kinds(body, rows.iloc[at])
    counts = {"rows": len(body)} | {
        k: int((kind == k).sum()) for k in ("blank", "heading", "sum", "footer")
    }
    body = body[kind == ""]
    source_row = body.index.to_numpy() + 1
    frame, problems = _converted(sheet, body, columns, source_row)
    if table.yearly and "snapshot" not in frame:
        frame["snapshot"] = float(year)
    absent = _absent_key(table, frame)
    bad = (absent != "").to_numpy()
    place_of = {column.zh: place for place, (column, _) in columns.items()}
    addresses = [
        f"{column_letters(place_of.get(name, 0))}{row}"
        for row, name in zip(source_row[bad], absent[bad], strict=True)
    ]
    rejects = pd.DataFrame(
        {
            "file": sheet.file,
            "sheet": sheet.name,
            "row": source_row[bad],
            "cell": addresses,
            "column": absent[bad].to_numpy(),
            "reason": "key is missing or unreadable",
        }
    )
    of_rejected = np.isin(
        problems["position"].to_numpy(dtype=float), np.flatnonzero(bad)
    )
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
        problems=problems[~of_rejected].drop(columns="position"),
        unknown=tuple(unknown),
        headings=tuple(c.zh for c, _ in columns.values()),
        demo=_is_demo(sheet),
    )


def _where(sheet: Sheet) -> str:
    return f"{sheet.file} {sheet.name}".strip()


def _is_demo(sheet: Sheet) -> bool:
    """Whether the top rows say that the export is a demonstration."""
    return any(
        DEMO in str(cell)
        for cell in sheet.rows.head(HEADING_ROWS).to_numpy().ravel()
        if cell is not None
    )


def _no_addresses() -> pd.DataFrame:
    """Rejects or problems of a sheet that has none."""
    return pd.DataFrame(columns=["file", "sheet", "row", "cell", "column", "reason"])


def _unrecognised(sheet: Sheet, cells: Sequence[str]) -> Reading:
    """A sheet that no table knows; `cells` are those of its fullest row."""
    headings = tuple(h for h in cells if looks_like_heading(h))
    return Reading(
        file=sheet.file,
        sheet=sheet.name,
        table="",
        frame=pd.DataFrame(),
        counts={"rows": len(sheet.rows), "not recognised": len(sheet.rows)},
        rejects=_no_addresses(),
        problems=_no_addresses(),
        unknown=tuple(nearest_unknown(headings, _where(sheet))),
        headings=headings,
        demo=_is_demo(sheet),
    )


def _converted(
    sheet: Sheet,
    body: pd.DataFrame,
    columns: Mapping[int, tuple[Column, str]],
    source_row: np.ndarray,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cells as values, and the address of each that could not be read.

    `position` of a problem is its row among those of `body`.
    """
    frame = pd.DataFrame(index=range(len(body)))
    problems = []
    for place, (column, unit) in columns.items():
        made = convert(column, body[place].to_numpy(dtype=object), unit=unit)
        frame[column.name] = made.values
        if not len(made.problems):
            continue
        where = made.problems.index.to_numpy()
        letters = column_letters(place)
        problems.append(
            pd.DataFrame(
                {
                    "file": sheet.file,
                    "sheet": sheet.name,
                    "row": source_row[where],
                    "cell": [f"{letters}{row}" for row in source_row[where]],
                    "column": column.zh,
                    "reason": made.problems.to_numpy(),
                    "position": where,
                }
            )
        )
    if not problems:
        return frame, _no_addresses().assign(position=[])
    return frame, pd.concat(problems, ignore_index=True)


def _absent_key(table: Table, frame: pd.DataFrame) -> pd.Series:
    """Heading of the first key column that a row leaves empty; an empty text for none."""
    absent = pd.Series("", index=frame.index)
    for column in table.columns:
        if column.signature and column.name in table.key:
            empty = frame[column.name].isna() & (absent == "")
            absent = absent.where(~empty, column.zh)
    return absent


def column_letters(place: int) -> str:
    """Letters of a column by position: 0 is A, 26 is AA."""
    text, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text


def _nothing_recognised(readings: list[Reading]) -> RegistryError:
    """The error for exports whose headings belong to no table, naming the nearest one."""
    headings = max((reading.headings for reading in readings), key=len, default=())
    nearest = nearest_table(headings)
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
