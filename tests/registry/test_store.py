"""The store: what is read back, as known on a day, and what is said when it cannot be."""

import datetime as dt
import shutil

import pytest

from jinzhou import registry
from jinzhou.errors import ParameterError, RegistryError
from jinzhou.reference.vocabulary import TABLES
from tests.snapshots import snapshot

LATE = "2030-12-31"


def test_private_columns_are_only_in_the_side_table(store):
    for name in registry.open_store(store).tables:
        rows = registry.table(snapshot(store, LATE), name)
        assert not {c.name for c in TABLES[name].columns if c.private} & set(rows)
    assert (
        registry.open_store(store)
        .private("household", ["head_name"])["head_name"]
        .notna()
        .any()
    )


@pytest.mark.parametrize("name", ["event", "visit", "household"])
def test_nothing_recorded_after_the_day_is_seen(store, name):
    day = dt.date(2017, 9, 30)
    rows, all_rows = (
        registry.table(snapshot(store, day.isoformat()), name),
        registry.table(snapshot(store, LATE), name),
    )
    assert 0 < len(rows) < len(all_rows)
    for column in TABLES[name].columns:
        if column.kind == "date" and not column.private:
            assert not (
                rows[column.name].dropna().astype("datetime64[s]") > "2017-09-30"
            ).any()


def test_a_table_that_was_not_delivered_is_empty_and_said_so(store, tmp_path):
    copy = tmp_path / "store"
    shutil.copytree(store, copy)
    shutil.rmtree(copy / "loan")
    assert "loan" not in registry.open_store(copy).tables
    rows = registry.table(snapshot(copy, LATE), "loan")
    assert len(rows) == 0 and list(rows) == list(
        registry.table(snapshot(store, LATE), "loan")
    )


def test_no_store_and_a_damaged_one(store, tmp_path):
    with pytest.raises(RegistryError, match="请先读入"):
        registry.open_store(tmp_path)
    (tmp_path / "manifest.json").write_text("{ cut")
    with pytest.raises(RegistryError, match="已损坏"):
        registry.open_store(tmp_path)


def test_an_unknown_table_is_refused(store):
    with pytest.raises(ParameterError, match="没有名为 'people' 的表"):
        registry.table(snapshot(store, LATE), "people")


def test_an_unwritable_place_keeps_what_was_there(exports, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RegistryError, match="无法写入数据库"):
        registry.load(exports, tmp_path / "file" / "store", key_file=tmp_path / "k.key")
    assert (tmp_path / "file").read_text() == "in the way"
