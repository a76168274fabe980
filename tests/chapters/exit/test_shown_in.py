"""A row of indicators.csv appears in the tables and lists that it names, and in no other."""

import pytest

from jinzhou.chapters import exit as exits
from jinzhou.reference import indicators
from jinzhou.registry import open_store

MADE = {
    "hard_core": exits.still_poor,
    "guarantees": exits.exited_guarantees,
    "livelihoods": exits.livelihoods,
    "helpers": exits.duties_by_county,
}
"""Tables whose rows are the indicators that name them, and their sections."""


@pytest.fixture(scope="module")
def now(store):
    return open_store(store).at("2018-09-30")


def shown(section, now, name):
    (table,) = (t for t in section(now).tables if t.name == name)
    return table.frame["what"].tolist()


@pytest.mark.parametrize("name", MADE)
def test_each_table_shows_the_rows_that_name_it(now, name):
    records = indicators.indicators()
    expected = [record.zh for record in records if name in record.shown_in]
    assert shown(MADE[name], now, name) == expected and expected


def test_townships_and_lists_follow_the_rows(now):
    towns = exits.indicators(now).tables[0]
    assert towns.frame.columns.tolist()[1:] == indicators.shown_in("exit_towns")
    listed = {sheet.name.partition("_")[0] for sheet in exits.exit_card(now).lists}
    assert listed <= {"exit", "restricted"} and "exit" in listed
    assert indicators.listed_in("restricted") == ["graduates_employed"]
