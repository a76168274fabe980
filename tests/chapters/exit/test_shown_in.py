"""A row of indicators.csv appears in the tables and lists that it names, and in no other."""

from dataclasses import replace

import pytest

from jinzhou import measures, registry
from jinzhou.chapters.exit import exit_tables
from jinzhou.reference import indicators, offices
from tests.snapshots import snapshot

DAY = "2018-09-30"
MADE = ("hard_core", "guarantees", "livelihoods", "helpers")
"""Tables whose rows are the indicators that name them."""


@pytest.fixture(scope="module")
def now(store):
    found = registry.count_indicators(snapshot(store, DAY))
    return measures.judge(
        found.counts,
        indicators.indicators(),
        as_of=DAY,
        absent=found.absent,
        offices=offices.offices(),
    )


def rows_of(now, records, name):
    labels = {record.id: record.zh for record in records}
    table = exit_tables.described(
        now, records, labels, name=name, title=name, lang="zh"
    )
    return table.frame["内容"].tolist()


@pytest.mark.parametrize("name", MADE)
def test_each_table_shows_the_rows_that_name_it(now, name):
    records = indicators.indicators()
    expected = [record.zh for record in records if name in record.shown_in]
    assert rows_of(now, records, name) == expected and expected


def test_one_word_in_a_row_moves_it_to_another_table(now):
    records = [
        replace(record, shown_in=("hard_core",)) if record.id == "trained" else record
        for record in indicators.indicators()
    ]
    moved = next(record.zh for record in records if record.id == "trained")
    assert moved in rows_of(now, records, "hard_core")
    assert moved not in rows_of(now, records, "livelihoods")


def test_townships_and_lists_follow_the_rows(now):
    records = indicators.indicators()
    labels = {record.id: record.zh for record in records}
    town = exit_tables.town_table(now, "210727", records, labels, "zh")
    shown = indicators.shown_in("exit_towns")
    assert town.frame.columns.tolist()[1:] == [labels[name] for name in shown]
    assert {record.listed_in for record in records} == {"", "exit", "restricted"}
    assert indicators.listed_in("restricted") == ["graduates_employed"]
