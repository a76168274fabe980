"""The official trigger rules by date, and how late entries were against them."""

import numpy as np
import pandas as pd
import pytest

from jinzhou import registry
from jinzhou.errors import ParameterError
from jinzhou.reference.triggers import trigger_rules


def test_each_quarter_is_held_to_the_rules_of_its_own_day(panel):
    own = registry.triggers(panel)
    assert not own.fired["income_near_line"].any() and own.rules.loc[
        "income_near_line", ["tested", "fired", "unknown"]
    ].tolist() == [0, 0, 0]
    later = registry.triggers(panel, rules_on="2020-06-30")
    assert (
        later.fired["income_near_line"].any() and "serious_illness" not in later.fired
    )
    assert "serious_illness" in registry.triggers(panel, rules_on="2021-06-30").fired


def test_a_rule_counts_what_its_text_says_and_a_missing_input_does_not_fire(panel):
    found = registry.triggers(panel, rules_on="2020-06-30")
    below = panel["net_income_pc"] < panel["line"]
    assert (found.fired["income_below_line"] == below.fillna(False)).all()
    assert (
        found.rules.loc["income_below_line", "unknown"]
        == panel["net_income_pc"].isna().sum()
    )
    rigid = panel["oop_year"] > panel["net_income_pc"] * panel["household_size"]
    assert (found.fired["rigid_spending"] == rigid.fillna(False)).all()
    assert (found.count() == found.fired.sum(axis=1)).all()


def test_a_rule_without_a_column_is_not_testable_and_named(panel):
    found = registry.triggers(panel, rules_on="2021-06-30")
    assert found.rules.loc["disaster", "tested"] == 0 and found.rules.loc[
        "disaster", "unknown"
    ] == len(panel)
    for lang in ("zh", "en"):
        assert found.rules.loc["disaster", lang] in found.summary(lang)


def test_days_that_no_rule_knows_are_refused(panel):
    with pytest.raises(ParameterError, match="2020-03-20"):
        registry.triggers(panel, rules_on="gestern")
    with pytest.raises(ParameterError, match="没有任何监测规则"):
        registry.triggers(panel, rules_on="2001-01-01")
    assert min(r.first_day for r in trigger_rules()).year == 2014


def test_replay_finds_the_first_quarter_of_the_spell_that_a_rule_named(panel):
    rules = registry.triggers(panel, rules_on="2021-05-14")
    found = registry.replay(panel, rules, as_of="2018-09-30").rows
    assert len(found) and found.duplicated(["household_id", "happened_on"]).sum() == 0
    fired = rules.fired.any(axis=1)
    for row in found.sample(25, random_state=1).itertuples():
        spell = panel[
            (panel["household_id"] == row.household_id)
            & panel["at_risk"]
            & (panel["next_return_on"] == row.happened_on)
        ]
        named = spell.loc[fired[spell.index], "quarter_end"]
        assert (
            pd.isna(row.first_fired) and not len(named)
        ) or row.first_fired == named.min()
        if len(named):
            assert row.days_late == (row.recorded_on - named.min()).days
            assert rules.fired.loc[named.idxmin(), row.trigger]


def test_replay_knows_nothing_after_the_day(panel):
    rules = registry.triggers(panel, rules_on="2021-05-14")
    early = registry.replay(panel, rules, as_of="2017-12-31")
    assert (early.rows["recorded_on"] <= "2017-12-31").all()
    table = early.table()
    assert (
        table.loc["all", "entries"]
        == table.drop("all")["entries"].sum()
        == len(early.rows)
    )
    assert np.isfinite(table.loc["all", "median_days"])
    for lang in ("zh", "en"):
        assert str(len(early.rows)) in early.summary(lang)
