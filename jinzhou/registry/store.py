"""The checked store: Parquet files by table and year, private columns apart, and its manifest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pyarrow.parquet as pq

from jinzhou.errors import RegistryError
from jinzhou.reference import areas
from jinzhou.reference.vocabulary import TABLES, Table

if TYPE_CHECKING:
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
        ``delivered_monitoring`` is the monitoring table as delivered, for the rule that asks for
        the date of a clearing: a flag without a date belongs to no day, so that no view of a day
        shows it.
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
