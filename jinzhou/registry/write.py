"""What was read is written into a new store, which then takes the place of the earlier one."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pandas as pd

from jinzhou.errors import RegistryError
from jinzhou.reference import areas
from jinzhou.reference.vocabulary import TABLES, Column, Table
from jinzhou.registry.load_report import SKIPPED, LoadReport
from jinzhou.registry.privacy import normal_number, pseudonym, read_key
from jinzhou.registry.store import PERSON_NUMBER, TYPES

if TYPE_CHECKING:
    from jinzhou.registry.headings import Unknown
    from jinzhou.registry.read import Reading


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
        with duckdb.connect(
            config={"threads": 1, "preserve_insertion_order": True}
        ) as con:
            for name, frame in frames.items():
                _write_table(con, unfinished, TABLES[name], frame, county_of, key)
        manifest = _manifest(readings, checksums, sheets, frames)
        (unfinished / "manifest.json").write_text(
            json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n",
            encoding="utf-8",
        )
        problems = pd.concat([r.problems for r in readings], ignore_index=True)
        _put_in_place(unfinished, store)
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
            [[getattr(u, c) for c in columns] for u in unknown], columns=columns
        ),
        unlisted=_unlisted(frames["household"], county_of),
    )


def _manifest(
    readings: Sequence[Reading],
    checksums: Mapping[str, str],
    sheets: pd.DataFrame,
    frames: Mapping[str, pd.DataFrame],
) -> dict[str, object]:
    """What was read, sheet by sheet, and how many rows each table has."""
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
        entry |= {str(k): row[k] for k in ("accepted", "rejected")}
    return {
        "synthetic": any(r.demo for r in readings),
        "inputs": inputs,
        "rows": {name: len(frame) for name, frame in frames.items()},
    }


def _put_in_place(unfinished: Path, store: Path) -> None:
    """The new store under the name of the earlier one, which is removed afterwards."""
    if not store.exists():
        os.replace(unfinished, store)
        return
    earlier = store.with_name(f".earlier-{store.name}")
    shutil.rmtree(earlier, ignore_errors=True)
    os.replace(store, earlier)
    os.replace(unfinished, store)
    shutil.rmtree(earlier)


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
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    table: Table,
    frame: pd.DataFrame,
    county_of: pd.Series,
    key: bytes,
) -> None:
    """One table by year, and its private columns in a file apart."""
    frame = _with_county_and_person(table, frame, county_of, key)
    con.register("frame", _arrow_ready(table, frame))
    casts = {c.name: f"{_cast(c)} as {c.name}" for c in table.columns}
    public = [casts[c.name] for c in table.columns if not c.private]
    private = [casts[c.name] for c in table.columns if c.private]
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
    if private:
        (folder / "private").mkdir(exist_ok=True)
        keys = [casts[c.name] for c in table.columns if c.name in table.key]
        _copy(
            con,
            f"select {', '.join([*keys, *private])} from frame"
            f" order by {', '.join(table.key)}, source_id, source_row",
            folder / "private" / f"{table.name}.parquet",
        )
    con.unregister("frame")


def _with_county_and_person(
    table: Table, frame: pd.DataFrame, county_of: pd.Series, key: bytes
) -> pd.DataFrame:
    """A table's rows with `county` and, where persons have numbers, `person_key`."""
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
    return frame


def _copy(con: duckdb.DuckDBPyConnection, sql: str, path: Path) -> None:
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
    """SQL that turns a prepared column into its stored type; fen become yuan."""
    if column.kind == "money":
        return f"({column.name}::decimal(16,0) * 0.01::decimal(3,2))::decimal(18,2)"
    if column.kind == "set":
        return f"string_split({column.name}, chr(31))"
    return f"{column.name}::{TYPES[column.kind]}"
