"""A store as known on a day, for tests."""

from __future__ import annotations

from pathlib import Path

from jinzhou.registry import Snapshot, open_store
from jinzhou.registry.store import Store


def snapshot(store: str | Path | Store, as_of: str, **more: str) -> Snapshot:
    """The store in a folder, or one already open, as known on a day."""
    opened = store if isinstance(store, Store) else open_store(store)
    return opened.at(as_of, **more)
