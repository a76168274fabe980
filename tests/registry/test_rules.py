"""The rule catalogue: tested, failed, not testable."""

import pytest

from jinzhou import registry
from jinzhou.registry.rules import RULES


@pytest.fixture(scope="module")
def report(store):
    return registry.check(store, as_of="2018-09-30")


def test_rule_numbers_are_unique():
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_a_rule_without_rows_never_reads_as_passed(report):
    results = report.results
    untested = results[results["tested"] == 0]
    assert (untested["status"] == "not testable").all() and (untested["why"] != "").all()
    assert (results.loc[results["tested"] > 0, "status"] != "not testable").all()


def test_counties_add_up_to_the_rule(report):
    summed = report.counties.groupby("rule")[["tested", "failed"]].sum()
    for row in report.results[report.results["tested"] > 0].itertuples():
        assert tuple(summed.loc[row.rule]) == (row.tested, row.failed)


def test_every_failure_names_its_household(report):
    counts = report.failures.groupby("rule").size()
    for row in report.results[report.results["failed"] > 0].itertuples():
        assert counts[row.rule] == row.failed
    assert report.failures["household_id"].notna().all()


def test_a_table_that_was_not_delivered_makes_its_rules_not_testable(store, tmp_path):
    import shutil

    shutil.copytree(store, tmp_path / "store")
    shutil.rmtree(tmp_path / "store" / "loan")
    results = registry.check(tmp_path / "store", as_of="2018-09-30").results.set_index("rule")
    assert results.loc["Q-loan-001", "status"] == "not testable"
    assert "not delivered" in results.loc["Q-loan-001", "why"]


def test_summary_counts_what_the_table_shows(report):
    assert str(len(RULES)) in report.summary() and "not testable" in report.summary()
