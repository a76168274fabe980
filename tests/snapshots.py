"""A store as known on a day, for tests."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from jinzhou.registry import Snapshot, open_store
from jinzhou.registry.store import Store


def snapshot(store: str | Path | Store, as_of: str, **more: str) -> Snapshot:
    """The store in a folder, or one already open, as known on a day."""
    opened = store if isinstance(store, Store) else open_store(store)
    return opened.at(as_of, **more)


def query(known: Snapshot, sql: str) -> pd.DataFrame:
    """SQL over the tables of the vocabulary as known on a snapshot's day."""
    with known.store.connect(as_of=date.fromisoformat(known.as_of)) as con:
        return con.execute(sql).df()
