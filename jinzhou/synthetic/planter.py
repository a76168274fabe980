"""Alters cells of the tables, and notes every row altered."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from jinzhou.reference.vocabulary import TABLES

Computed = Callable[[pd.DataFrame], object]
"""A new value computed from the rows as they were."""


class Planter:
    """Alters cells of copies of the tables and notes every altered row.

    Attributes
    ----------
    tables : dict of DataFrame
        The tables with errors.
    notes : list of (rule, table, key, snapshot)
    """

    def __init__(
        self, rng: np.random.Generator, tables: dict[str, pd.DataFrame]
    ) -> None:
        self.rng = rng
        self.tables = dict(tables)
        self.notes: list[tuple] = []
        self._copied: set[str] = set()

    def pick(
        self, name: str, share: float, where: pd.Series | None = None
    ) -> np.ndarray:
        """Positions of a random share of the rows that fit, at least one when any fits."""
        frame = self.tables[name]
        pool = np.arange(len(frame))
        if where is not None:
            pool = np.flatnonzero(where.to_numpy(dtype=bool))
        count = min(len(pool), max(1, int(share * len(pool))))
        return np.sort(self.rng.choice(pool, count, replace=False)) if count else pool

    def note(self, rule: str, name: str, rows: np.ndarray) -> None:
        """Write rows down under a rule, by the first column of the key that is not the year."""
        frame = self.tables[name]
        key = next(k for k in TABLES[name].key if k != "snapshot")
        years: list | np.ndarray = [None] * len(rows)
        if "snapshot" in frame:
            years = frame["snapshot"].to_numpy()[rows]
        keys = frame[key].to_numpy()[rows]
        self.notes += [(rule, name, k, y) for k, y in zip(keys, years, strict=True)]

    def set(
        self,
        rule: str,
        target: str,
        value: object,
        share: float,
        where: pd.Series | None = None,
    ) -> None:
        """Put a value, given or computed, into `target` (table.column) in a share of the rows."""
        name, column = target.split(".")
        self.put(rule, name, {column: value}, self.pick(name, share, where))

    def put(
        self, rule: str, name: str, values: Mapping[str, object], rows: np.ndarray
    ) -> None:
        """The same for given rows and several columns, all computed before any is written."""
        if not len(rows):
            return
        if name not in self._copied:
            self.tables[name] = self.tables[name].copy()
            self._copied.add(name)
        frame = self.tables[name]
        old = frame.iloc[rows]
        new = {c: v(old) if callable(v) else v for c, v in values.items()}
        for column, value in new.items():
            _write(frame, column, value, rows)
        self.note(rule, name, rows)


def _write(frame: pd.DataFrame, column: str, value: object, rows: np.ndarray) -> None:
    if frame[column].dtype == bool and value is None:
        frame[column] = frame[column].astype(object)
    cells = frame[column].to_numpy(copy=True)
    several = isinstance(value, pd.Series | np.ndarray | list)
    if cells.dtype != object:
        values = value.to_numpy() if isinstance(value, pd.Series) else value
        frame.iloc[rows, frame.columns.get_loc(column)] = values
        return
    fill = np.empty(len(rows), dtype=object)
    fill[:] = list(value) if several else [value] * len(rows)  # type: ignore[call-overload]
    cells[rows] = fill
    frame[column] = pd.Series(cells, index=frame.index, dtype=frame[column].dtype)
