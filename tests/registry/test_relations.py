"""One file an object: the definitions that panel, rules and indicators share."""

from __future__ import annotations

import threading

import pandas as pd
import pytest

from jinzhou import registry
from jinzhou.errors import ParameterError
from jinzhou.registry import relations
from tests.snapshots import query, snapshot

DAY = "2018-09-30"


@pytest.mark.parametrize("schema", relations.SCHEMAS)
def test_every_relation_says_what_a_row_is_and_can_be_read(store, schema):
    views = snapshot(store, DAY).views
    for name in relations.names(schema):
        file = "/".join(filter(None, (relations.SCHEMAS[schema], name)))
        first = relations.text(file).removeprefix(relations.KEPT).lstrip()
        assert first.startswith("-- "), file
        assert len(views.frame(f"select * from {schema}.{name} limit 1")) <= 1


def test_a_blank_capacity_is_neither_able_nor_without_labour(store):
    people = snapshot(store, DAY).views.frame(
        "select labour_capacity, able, without_labour, able_assumed from relation.person"
    )
    blank = people[people["labour_capacity"].isna()]
    assert len(blank) and blank[["able", "without_labour"]].isna().all(axis=None)
    weak = people[people["labour_capacity"] == "weak"]
    assert not weak["able"].any() and not weak["without_labour"].any()
    known = people[people["able"].notna()]
    assert (known["able_assumed"] == known["able"]).all()


def test_panel_rules_and_indicators_count_the_same_members(store):
    now = snapshot(store, DAY)
    rows = registry.panel(now, since="2018-07-01").set_index("household_id")
    names = ["disabled", "chronic", "serious", "elderly"]
    for schema in ("rules", "indicators"):
        other = now.views.frame(f"select * from {schema}.household")
        other = other.set_index("household_id").reindex(rows.index)
        both = other["members"].notna()
        assert both.sum() > 1_000
        pd.testing.assert_frame_equal(
            other.loc[both, names].astype(float), rows.loc[both, names].astype(float)
        )


def test_nothing_recorded_after_the_day_is_seen(store):
    early = snapshot(store, "2016-09-30")
    assert early.views.year == 2016
    seen = early.views.first("select max(recorded_on) from stored.event")[0]
    assert str(seen) <= "2016-09-30"
    assert (
        len(query(early, "select * from event"))
        == early.views.first("select count(*) from stored.event")[0]
    )


def test_snapshots_of_one_day_share_a_connection_and_threads_take_turns(store):
    now = snapshot(store, DAY)
    assert now.of("210727").views is now.views is not now.before(1).views
    alone = registry.exits_by_county(snapshot(store, DAY))
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(registry.exits_by_county(now)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for rows in found:
        pd.testing.assert_frame_equal(rows, alone)


def test_a_value_that_cannot_be_read_is_named(store):
    with pytest.raises(ParameterError, match="2018-09-30"):
        registry.spending(snapshot(store, DAY), since="last autumn")
