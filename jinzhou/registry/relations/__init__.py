"""Relations of the registry: one SQL file an object, read by panel, rules and indicators alike.

A file holds one query; its first lines say what a row is and what its columns mean. A file of this
folder is the view ``relation.<file>``, one of `rules` and `indicators` the view ``rules.<object>``
or ``indicators.<object>``; the other folders hold the queries of the functions of that name.
``stored.<table>`` is a table of the vocabulary as known on the snapshot's day, ``side.<table>`` its
private columns, ``delivered.<table>`` the table whatever the day. Each is made when a query first
names it. ``getvariable('day')`` is the day, ``getvariable('year')`` the latest registry year known
by it (0 before the first), any other variable a key of thresholds.csv; what else a query needs is
bound by name (``$since``).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pyarrow as pa

from jinzhou.errors import ParameterError
from jinzhou.reference.thresholds import threshold
from jinzhou.reference.vocabulary import TABLES
from jinzhou.registry.store import Store, known_by, side_table

if TYPE_CHECKING:
    from jinzhou.registry.snapshot import Snapshot

FOLDER = Path(__file__).parent
SCHEMAS = {"relation": "", "rules": "rules", "indicators": "indicators"}
"""Schema of the relations -> folder of their files."""
TABLE_SCHEMAS = ("stored", "side", "delivered")
"""Schemas of the tables of the vocabulary: as known on the day, their private columns, and as
delivered whatever the day."""
KEPT = "-- kept"
"""First words of a file whose rows are kept as a table, because several relations read them."""
_COMMENT = re.compile(r"--[^\n]*")
_VIEW = re.compile(rf"\b({'|'.join((*SCHEMAS, *TABLE_SCHEMAS))})\.(\w+)")
_VALUE = re.compile(r"\$([a-z]\w*)")
_THRESHOLD = re.compile(r"getvariable\('(\w+)'\)")
NOTHING: Mapping[str, pd.DataFrame] = MappingProxyType({})


@cache
def text(name: str) -> str:
    """The query of a file, for example ``money/spending``, with its comments."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def names(schema: str) -> list[str]:
    """The relations of a schema, in alphabetical order."""
    return sorted(p.stem for p in (FOLDER / SCHEMAS[schema]).glob("*.sql"))


class Views:
    """A connection to a store as known on a day, its views made when a query first names them.

    One connection serves all queries of a snapshot, one at a time.
    """

    def __init__(self, store: Store, as_of: date) -> None:
        self._store = store
        self._as_of = as_of
        self._made: set[str] = set()
        self._lock = threading.RLock()
        self._con = duckdb.connect(config={"threads": 1})
        for schema in (*SCHEMAS, *TABLE_SCHEMAS):
            self._con.execute(f"create schema {schema}")
        self._con.execute(f"set variable day = date '{as_of:%Y-%m-%d}'")
        self._con.execute("set variable year = 0")
        self.first_year, self.year = self.first(
            "select min(snapshot)::int, max(snapshot)::int from stored.household"
        )
        self._con.execute(f"set variable year = {self.year or 0}")

    @contextmanager
    def using(self, sql: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """The connection with everything that a query names, held until the block ends."""
        with self._lock:
            self._make(sql)
            yield self._con

    def first(self, sql: str) -> tuple:
        """The first row of a query."""
        with self.using(sql) as con:
            row = con.execute(sql).fetchone()
        return row or ()

    def frame(
        self, sql: str, given: Mapping[str, pd.DataFrame] = NOTHING, /, **values: object
    ) -> pd.DataFrame:
        """The rows of a query; money comes as yuan in float, counts as int. See `arrow`."""
        with self._answer(sql, given, values) as answer:
            return answer.df()

    def arrow(
        self, sql: str, given: Mapping[str, pd.DataFrame] = NOTHING, /, **values: object
    ) -> pa.Table:
        """The rows of a query.

        Parameters
        ----------
        given : mapping
            Frames that the query names.
        **values
            What it names as ``$name``; others are left.

        Raises
        ------
        ParameterError
            A value given, such as a day, cannot be read.
        """
        with self._answer(sql, given, values) as answer:
            return answer.to_arrow_table()

    @contextmanager
    def _answer(
        self, sql: str, given: Mapping[str, pd.DataFrame], values: Mapping[str, object]
    ) -> Iterator[duckdb.DuckDBPyRelation]:
        named = set(_VALUE.findall(_COMMENT.sub("", sql)))
        bound = {key: value for key, value in values.items() if key in named}
        with self.using(sql) as con:
            for name, rows in given.items():
                con.register(name, rows)
            try:
                yield con.sql(sql, params=bound)
            except duckdb.ConversionException as error:
                raise ParameterError(
                    "registry.relations.value",
                    found=[repr(value) for value in bound.values()],
                    example="2018-09-30",
                ) from error
            finally:
                for name in given:
                    con.unregister(name)

    def _make(self, sql: str) -> None:
        """Make what a query names and has not been made."""
        plain = _COMMENT.sub("", sql)
        for key in sorted(
            set(_THRESHOLD.findall(plain)) - self._made - {"day", "year"}
        ):
            self._made.add(key)
            self._con.execute(f"set variable {key} = {threshold(key).value}")
        for schema, name in sorted(set(_VIEW.findall(plain))):
            view = f"{schema}.{name}"
            if view not in self._made:
                self._made.add(view)
                query = self._query(schema, name)
                self._make(query)
                kind = "table" if query.startswith(KEPT) else "view"
                self._con.execute(f"create {kind} {view} as {query}")

    def _query(self, schema: str, name: str) -> str:
        """The SQL behind a view."""
        if schema in SCHEMAS:
            return text("/".join(filter(None, (SCHEMAS[schema], name))))
        if schema == "side":
            return side_table(self._store, TABLES[name])
        day = self._as_of if schema == "stored" else None
        return known_by(self._store, TABLES[name], day)


def ask(snapshot: Snapshot, name: str, **values: object) -> pd.DataFrame:
    """The rows of a file's query for a snapshot, of its county alone when it has one.

    Parameters
    ----------
    name : str
        Folder and file, for example ``money/spending``.
    **values
        What the query names as ``$name``.
    """
    return of_county(snapshot, snapshot.views.frame(text(name), **values))


def of_county(snapshot: Snapshot, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the snapshot's county, all of them when it has none."""
    if not snapshot.county:
        return frame
    return frame[frame["county"] == snapshot.county].reset_index(drop=True)
