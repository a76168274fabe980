"""The checked store: Parquet files by table and year, private columns apart, and its manifest."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from jinzhou.errors import RegistryError, message
from jinzhou.reference import areas
from jinzhou.reference.vocabulary import TABLES, Column, Table
from jinzhou.registry.privacy import normal_number, pseudonym, read_key

if TYPE_CHECKING:
    from jinzhou.registry.headings import Unknown
    from jinzhou.registry.read import Reading
    from jinzhou.registry.snapshot import Snapshot

TYPES = {
    "text": "VARCHAR",
    "code": "VARCHAR",
    "set": "VARCHAR[]",
    "flag": "BOOLEAN",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "money": "DECIMAL(18,2)",
    "date": "DATE",
    "month": "DATE",
    "due": "DATE",
}
PERSON_NUMBER = {"member": "id_number", "visit": "certno", "roster": "certno"}
"""Columns from which `person_key` is made."""
SKIPPED = ("blank", "heading", "sum", "footer", "not recognised")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadReport:
    """What was read and what became of every row.

    Attributes
    ----------
    sheets : DataFrame, one row per sheet
        `file`, `sheet`, `table`, `rows`, `accepted`, `rejected`, and rows that are no data:
        `blank`, `heading`, `sum`, `footer`, `not recognised`. They add up to `rows`.
    rejects, problems : DataFrame
        `file`, `sheet`, `row`, `cell`, `column`, `reason`; rows left out, and cells left empty.
    unknown : DataFrame
        `place`, `table`, `heading`, `proposed`, `similarity`: headings that no table knows.
    waiting : int
        Headings in the mapping file that the office has not decided.
    store : Path
    unlisted : DataFrame
        `county`, `households`: counties that areas.csv does not list; their rows are kept.
    """

    sheets: pd.DataFrame
    rejects: pd.DataFrame
    problems: pd.DataFrame
    unknown: pd.DataFrame
    waiting: int
    store: Path
    unlisted: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """A copy of `sheets`, safe to format."""
        return self.sheets.copy()

    def unread(self) -> pd.DataFrame:
        """Sheets that no table knows, the longest first.

        A cover page is among them as well as an export without its key column.
        """
        return self.sheets[self.sheets["table"] == ""].sort_values(
            ["rows", "file", "sheet"], ascending=[False, True, True], ignore_index=True
        )

    def summary(self, lang: str = "zh") -> str:
        """The sum of all rows, checked when the report was made."""
        total = self.sheets[["rows", "accepted", "rejected", *SKIPPED]].sum()
        skipped = int(total[list(SKIPPED)].sum())
        more = ""
        if len(self.unlisted):
            more = message(
                "registry.load.unlisted",
                lang,
                counties=list(self.unlisted["county"]),
                households=int(self.unlisted["households"].sum()),
            )
        values = {"rows": int(total["rows"]), "read": int(total["accepted"])}
        return (
            message(
                "registry.load.summary",
                lang,
                **values,
                rejected=int(total["rejected"]),
                skipped=skipped,
                problems=len(self.problems),
            )
            + more
        )


@dataclass(frozen=True, slots=True)
class Store:
    """A checked store on disk."""

    folder: Path
    manifest: Mapping[str, object]

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables that were delivered."""
        return tuple(
            name for name in TABLES if any((self.folder / name).glob("*.parquet"))
        )

    @property
    def synthetic(self) -> bool:
        """Whether any export said that it is a demonstration."""
        return bool(self.manifest["synthetic"])

    def at(
        self, as_of: str, *, county: str = "", lang: str = "zh", line_series: str = ""
    ) -> Snapshot:
        """The store as known on a day, for one county or all, in a language."""
        from jinzhou.registry.snapshot import Snapshot

        return Snapshot(
            store=self,
            as_of=as_of,
            county=areas.county_code(county),
            lang=lang,
            line_series=line_series,
        )

    def connect(
        self, *, as_of: date | None = None, tables: Sequence[str] | None = None
    ) -> duckdb.DuckDBPyConnection:
        """A connection with one view per table of the vocabulary, as known on a day.

        A table that was not delivered is an empty view with the right columns, so that SQL never
        breaks; the property `tables` tells which were. Without `as_of` everything in the store is
        seen. Making a view costs about a millisecond: `tables` names those that are wanted.
        """
        con = duckdb.connect(config={"threads": 1})
        for table in (
            (TABLES[name] for name in tables) if tables is not None else TABLES.values()
        ):
            con.execute(f"create view {table.name} as {known_by(self, table, as_of)}")
        return con

    def side_views(self, con: duckdb.DuckDBPyConnection) -> None:
        """Views ``private_<table>`` on a connection, for rules about numbers and telephones.

        A side table that was not delivered is an empty view with the right columns.
        ``delivered_monitoring`` is
        the monitoring table as delivered, for the rule that asks for the date of a clearing: a
        flag without
        a date belongs to no day, so that no view of a day shows it.
        """
        con.execute(
            f"create view delivered_monitoring as {known_by(self, TABLES['monitoring'], None)}"
        )
        for table in TABLES.values():
            if any(c.private for c in table.columns):
                con.execute(
                    f"create view private_{table.name} as {side_table(self, table)}"
                )

    def private(self, table: str, columns: Sequence[str]) -> pd.DataFrame:
        """Key and chosen private columns of a table, for field lists and nothing else."""
        path = self.folder / "private" / f"{table}.parquet"
        keys = [k for k in TABLES[table].key]
        with duckdb.connect(config={"threads": 1}) as con:
            return con.execute(
                f"select {', '.join([*keys, *columns])} from read_parquet(?)",
                [str(path)],
            ).df()


def open_store(folder: str | Path) -> Store:
    """Open a store made by `load`.

    Raises
    ------
    RegistryError
        There is no store, or its manifest is damaged.
    """
    folder = Path(folder)
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RegistryError("registry.store.missing", folder=folder) from None
    except json.JSONDecodeError as error:
        raise RegistryError("registry.store.damaged", folder=folder) from error
    return Store(folder, manifest)


def known_by(store: Store, table: Table, as_of: date | None) -> str:
    """SQL of a table as known on a day: the one place that cuts rows and values by date.

    Rows count from the table's `known` column (a registry year from its 30 September, a month from
    its first day). Dates after the day, and values dated by such a date, are empty; planned dates
    are kept.
    """
    files = sorted((store.folder / table.name).glob("*.parquet"))
    names = stored_columns(table)
    if not files:
        columns = ", ".join(f"null::{kind} as {name}" for name, kind in names.items())
        return f"select {columns} where false"
    source = (
        "read_parquet(["
        + ", ".join("'" + str(f).replace("'", "''") + "'" for f in files)
        + "])"
    )
    stored = set(pq.read_schema(files[0]).names)
    later = [
        f"null::{kind} as {name}" for name, kind in names.items() if name not in stored
    ]
    if later:  # the store is older than these columns: they are unknown
        source = f"(select *, {', '.join(later)} from {source})"
    if as_of is None:
        return f"select * from {source}"
    day = f"date '{as_of:%Y-%m-%d}'"
    chosen = []
    for column in table.columns:
        if column.private:
            continue
        guard = column.name if column.kind in ("date", "month") else column.dated_by
        chosen.append(
            f"case when {guard} <= {day} then {column.name} end as {column.name}"
            if guard
            else column.name
        )
    extra = [name for name in names if name not in {c.name for c in table.columns}]
    known = (
        "make_date(snapshot::int, 9, 30)" if table.known == "snapshot" else table.known
    )
    where = f" where {known} <= {day}" if known else ""
    return f"select {', '.join(chosen + extra)} from {source} t{where}"


def side_table(store: Store, table: Table) -> str:
    """SQL of the key and the private columns of a table; empty where none was delivered."""
    path = store.folder / "private" / f"{table.name}.parquet"
    if path.is_file():
        place = str(path).replace("'", "''")
        return f"select * from read_parquet('{place}')"
    chosen = [c for c in table.columns if c.private or c.name in table.key]
    empty = ", ".join(f"null::{TYPES[c.kind]} as {c.name}" for c in chosen)
    return f"select {empty} where false"


def stored_columns(table: Table) -> dict[str, str]:
    """Columns of a stored table and their types; private ones are in the side table."""
    columns = {c.name: TYPES[c.kind] for c in table.columns if not c.private}
    if table.name in PERSON_NUMBER:
        columns["person_key"] = "VARCHAR"
    return columns | {
        "county": "VARCHAR",
        "source_id": "INTEGER",
        "source_row": "BIGINT",
    }


def write_store(
    readings: Sequence[Reading],
    store: Path,
    *,
    key_file: Path,
    checksums: Mapping[str, str],
    unknown: Sequence[Unknown] = (),
    waiting: int = 0,
) -> LoadReport:
    """Write what was read into a new store and put it in place of the earlier one.

    Raises
    ------
    RegistryError
        A row is neither accepted nor accounted for, or the store cannot be written.
    """
    frames, rejects = _merge(readings)
    county_of = _counties(frames["household"])
    rejects = pd.concat(
        [rejects, _unplaced(frames, county_of, readings)], ignore_index=True
    )
    sheets = _sheet_counts(readings, rejects)
    unfinished = store.with_name(f".unfinished-{store.name}")
    try:
        key = read_key(key_file)
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(parents=True)
        con = duckdb.connect(config={"threads": 1, "preserve_insertion_order": True})
        for name, frame in frames.items():
            _write_table(con, unfinished, TABLES[name], frame, county_of, key)
        con.close()
        inputs = [
            {
                "name": r.file,
                "sheet": r.sheet,
                "table": r.table,
                "sha256": checksums[r.file],
                **r.counts,
            }
            for r in readings
        ]
        for entry, row in zip(inputs, sheets.to_dict("records"), strict=True):
            entry |= {k: row[k] for k in ("accepted", "rejected")}
        manifest = {
            "synthetic": any(r.demo for r in readings),
            "inputs": inputs,
            "rows": {name: len(frame) for name, frame in frames.items()},
        }
        (unfinished / "manifest.json").write_text(
            json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n",
            encoding="utf-8",
        )
        problems = pd.concat([r.problems for r in readings], ignore_index=True)
        if store.exists():
            earlier = store.with_name(f".earlier-{store.name}")
            shutil.rmtree(earlier, ignore_errors=True)
            os.replace(store, earlier)
            os.replace(unfinished, store)
            shutil.rmtree(earlier)
        else:
            os.replace(unfinished, store)
    except (OSError, duckdb.IOException) as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise RegistryError(
            "registry.store.write",
            store=store.name,
            reason=getattr(error, "strerror", None) or type(error).__name__,
        ) from error
    columns = ["place", "table", "heading", "proposed", "similarity"]
    return LoadReport(
        sheets=sheets,
        rejects=rejects,
        problems=problems,
        store=store,
        waiting=waiting,
        unknown=pd.DataFrame(
            [[getattr(one, c) for c in columns] for one in unknown], columns=columns
        ),
        unlisted=_unlisted(frames["household"], county_of),
    )


def _merge(readings: Sequence[Reading]) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Accepted rows by table; rows whose key an earlier row has are rejected as duplicates."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for number, reading in enumerate(readings):
        if reading.table:
            parts.setdefault(reading.table, []).append(
                reading.frame.assign(source_id=number)
            )
    frames, rejects = {}, [r.rejects for r in readings]
    for name in TABLES:
        if name not in parts:
            continue
        table = TABLES[name]
        frame = pd.concat(parts[name], ignore_index=True)
        for column in table.columns:
            if column.name not in frame:
                frame[column.name] = (
                    np.nan if column.kind in ("money", "integer", "number") else None
                )
        key = [k for k in table.key]
        again = frame.duplicated(key, keep="first").to_numpy()
        if again.any():
            values = [c.name for c in table.columns if c.kind != "set"]
            same = frame.duplicated(values, keep="first").to_numpy()
            double = frame[again]
            rejects.append(
                pd.DataFrame(
                    {
                        "file": [readings[i].file for i in double["source_id"]],
                        "sheet": [readings[i].sheet for i in double["source_id"]],
                        "row": double["source_row"].to_numpy(),
                        "cell": [f"{row}:{row}" for row in double["source_row"]],
                        "column": "、".join(table[k].zh for k in key),
                        "reason": np.where(
                            same[again],
                            "duplicate of an accepted row",
                            "same key as an accepted row, other values",
                        ),
                    }
                )
            )
        frames[name] = frame[~again].reset_index(drop=True)
    return frames, pd.concat(rejects, ignore_index=True)


def _counties(household: pd.DataFrame) -> pd.Series:
    """County code of each household, from its latest year: the name first, then the area code."""
    latest = household.sort_values("snapshot", kind="stable").drop_duplicates(
        "household_id", keep="last"
    )
    return pd.Series(
        _county_codes(latest), index=latest["household_id"].to_numpy(dtype=object)
    )


def _county_codes(frame: pd.DataFrame) -> np.ndarray:
    """County of each row: code by a known name, else by the area code, else its own name."""
    names = areas.codes()
    code = pd.Series(None, index=frame.index, dtype=object)
    for column in ("county_name", "stratum", "area"):
        if column in frame:
            code = code.where(code.notna(), frame[column].map(names))
    if "area_code" in frame:
        code = code.where(code.notna(), _each(frame["area_code"], areas.county_of_area))
    if "county_name" in frame:
        code = code.where(
            code.notna(), _each(frame["county_name"], areas.unlisted_name)
        )
    return code.to_numpy(dtype=object)


def _each(column: pd.Series, known: Callable[[object], str | None]) -> pd.Series:
    """A function of each cell, computed once for equal cells."""
    return column.map({text: known(text) for text in column.dropna().unique()})


def _unlisted(household: pd.DataFrame, county_of: pd.Series) -> pd.DataFrame:
    """Counties of households that areas.csv does not list, and how many households each has."""
    count = household["household_id"].drop_duplicates().map(county_of).value_counts()
    other = count[~count.index.isin(list(areas.counties()))].sort_index()
    return other.rename_axis("county").rename("households").reset_index()


def _unplaced(
    frames: dict[str, pd.DataFrame], county_of: pd.Series, readings: Sequence[Reading]
) -> pd.DataFrame:
    """Households whose county cannot be told are rejected, and taken out of `frames`."""
    household = frames["household"]
    lost = household["household_id"].map(county_of).isna().to_numpy()
    rows = household[lost]
    frames["household"] = household[~lost].reset_index(drop=True)
    return pd.DataFrame(
        {
            "file": [readings[i].file for i in rows["source_id"]],
            "sheet": [readings[i].sheet for i in rows["source_id"]],
            "row": rows["source_row"].to_numpy(),
            "cell": [f"{row}:{row}" for row in rows["source_row"]],
            "column": TABLES["household"]["county_name"].zh,
            "reason": "unknown county",
        }
    )


def _sheet_counts(readings: Sequence[Reading], rejects: pd.DataFrame) -> pd.DataFrame:
    """Rows of each sheet by what became of them; raises when they do not add up."""
    counts = pd.DataFrame(
        [
            {"file": r.file, "sheet": r.sheet, "table": r.table, **r.counts}
            for r in readings
        ]
    )
    for name in ("rows", "accepted", "rejected", *SKIPPED):
        counts[name] = (
            counts.get(name, pd.Series(0, index=counts.index)).fillna(0).astype(int)
        )
    by_sheet = rejects.groupby(["file", "sheet"]).size()
    total = pd.Series(
        [by_sheet.get((r.file, r.sheet), 0) for r in readings], index=counts.index
    )
    counts["accepted"] -= total - counts["rejected"]
    counts["rejected"] = total
    off = counts["rows"] - counts[["accepted", "rejected", *SKIPPED]].sum(axis=1)
    if off.any():
        raise RegistryError("registry.store.sums", sheets=int((off != 0).sum()))
    return counts[["file", "sheet", "table", "rows", "accepted", "rejected", *SKIPPED]]


def _write_table(
    con,
    folder: Path,
    table: Table,
    frame: pd.DataFrame,
    county_of: pd.Series,
    key: bytes,
) -> None:
    frame = frame.copy()
    county = (
        frame["household_id"].map(county_of)
        if "household_id" in frame
        else pd.Series(None, index=frame.index, dtype=object)
    )
    own = pd.Series(_county_codes(frame), index=frame.index)
    frame["county"] = county.where(county.notna(), own)
    if table.name in PERSON_NUMBER:
        codes, distinct = pd.factorize(frame[PERSON_NUMBER[table.name]])
        keys = [
            pseudonym(n, key) if (n := normal_number(text)) else None
            for text in distinct
        ]
        frame["person_key"] = np.array([*keys, None], dtype=object)[codes]
    con.register("frame", _arrow_ready(table, frame))
    casts = [_cast(c) for c in table.columns]
    public = [
        f"{cast} as {c.name}"
        for c, cast in zip(table.columns, casts, strict=True)
        if not c.private
    ]
    extra = (
        ["county"]
        + (["person_key"] if table.name in PERSON_NUMBER else [])
        + ["source_id::integer as source_id", "source_row::bigint as source_row"]
    )
    order = ", ".join(["county nulls last", *table.key, "source_id", "source_row"])
    place = folder / table.name
    place.mkdir()
    years = sorted(frame["snapshot"].dropna().unique()) if table.yearly else [None]
    for year in years:
        where = f"where snapshot = {int(year)}" if year is not None else ""
        part = areas.partition()
        name = f"{part}-{int(year)}" if year is not None else part
        _copy(
            con,
            f"select {', '.join([*public, *extra])} from frame {where} order by {order}",
            place / f"{name}.parquet",
        )
    private = [
        f"{cast} as {c.name}"
        for c, cast in zip(table.columns, casts, strict=True)
        if c.private
    ]
    if private:
        (folder / "private").mkdir(exist_ok=True)
        shown = [
            f"{cast} as {c.name}"
            for c, cast in zip(table.columns, casts, strict=True)
            if c.name in table.key
        ]
        _copy(
            con,
            f"select {', '.join([*shown, *private])} from frame"
            f" order by {', '.join(table.key)}, source_id, source_row",
            folder / "private" / f"{table.name}.parquet",
        )
    con.unregister("frame")


def _copy(con, sql: str, path: Path) -> None:
    target = str(path).replace("'", "''")
    con.execute(f"copy ({sql}) to '{target}' (format parquet, compression zstd)")


def _arrow_ready(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Object columns given the types that DuckDB reads without guessing."""
    ready = {}
    for name in frame:
        column = next((c for c in table.columns if c.name == name), None)
        values = frame[name]
        if column is None:
            ready[name] = (
                values
                if name in ("source_id", "source_row")
                else values.astype("string")
            )
        elif column.kind in ("text", "code"):
            ready[name] = values.astype("string")
        elif column.kind == "set":
            ready[name] = values.map(
                lambda codes: "\x1f".join(codes), na_action="ignore"
            ).astype("string")
        elif column.kind == "flag":
            ready[name] = values.astype("boolean")
        elif column.kind in ("date", "month", "due"):
            ready[name] = pd.to_datetime(values)
        else:
            ready[name] = values.astype(float)
    return pd.DataFrame(ready)


def _cast(column: Column) -> str:
    """SQL that turns a prepared column into its stored type.

    Money comes in fen and leaves in yuan.
    """
    if column.kind == "money":
        return f"({column.name}::decimal(16,0) * 0.01::decimal(3,2))::decimal(18,2)"
    if column.kind == "set":
        return f"string_split({column.name}, chr(31))"
    return f"{column.name}::{TYPES[column.kind]}"
