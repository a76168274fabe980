"""A small version of the benchmark: all rules against a bare scan of the same columns, and the store stacked."""

import studies

from jinzhou import registry
from tests.snapshots import snapshot


def test_a_stacked_registry_fails_each_rule_as_often_per_household(store, tmp_path):
    studies.stacked_store(store, tmp_path / "stacked", 3)
    one = registry.check(snapshot(store, "2018-12-31")).results.set_index("rule")
    three = registry.check(
        snapshot(tmp_path / "stacked", "2018-12-31")
    ).results.set_index("rule")
    rows = one[
        one["object"].isin(["person", "visit", "event", "housing", "measure"])
    ].index
    assert (three.loc[rows, "tested"] == 3 * one.loc[rows, "tested"]).all() and (
        three.loc[rows, "failed"] == 3 * one.loc[rows, "failed"]
    ).all()


def test_the_cost_of_all_rules_is_measured(store):
    cost = studies.rule_cost(store)
    assert (
        cost["rules"] > 0
        and cost["scan"] >= cost["narrow"] > 0
        and cost["persons"] > 5_000
    )
