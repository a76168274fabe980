"""The quality index, the countdown, reconciliation and the figures that must close."""

import re

import numpy as np
import pandas as pd
import pytest

from jinzhou import registry
from jinzhou.chapters.review.analysis.arithmetic import check_figures
from jinzhou.chapters.review.analysis.ledgers import stock_flow_years
from jinzhou.chapters.review.analysis.quality import entry_countdown, quality_index
from jinzhou.chapters.review.analysis.reconciliation import reconcile
from jinzhou.errors import ParameterError
from jinzhou.reference import statements
from tests.snapshots import snapshot

COUNTS = pd.DataFrame(
    {
        "county": ["a", "a", "a", "b"],
        "severity": ["error", "logic", "doubt", "error"],
        "tested": [100, 50, 10, 20],
        "failed": [10, 5, 5, 0],
    }
)


def test_index_by_hand():
    """Weights 5, 3, 1: (5 x 0.9 + 3 x 0.9 + 1 x 0.5) / 9; errors alone are judged alone."""
    rows = quality_index(COUNTS).rows
    assert rows.loc["a", "index"] == pytest.approx((5 * 0.9 + 3 * 0.9 + 0.5) / 9)
    assert rows.loc["b", "index"] == 1 and np.isnan(rows.loc["b", "logic"])
    assert rows.loc["all", ["tested", "failed"]].tolist() == [180, 20]


def test_nothing_tested_is_no_quality():
    assert np.isnan(
        quality_index(COUNTS.assign(tested=0, failed=0)).rows.loc["all", "index"]
    )


def test_countdown_by_hand():
    entries = pd.DataFrame(
        {
            "event_id": ["e1", "e2", "e3", None],
            "county": ["a", "a", "b", "b"],
            "recorded_on": pd.to_datetime(
                ["2018-10-20", "2018-08-01", "2018-10-25", None]
            ),
        }
    )
    found = entry_countdown(
        entries, faulty=pd.Series(["e2"]), as_of="2018-10-31", deadline="2018-11-30"
    )
    rows = found.rows
    assert found.days_left == 30 and rows.loc[
        "all", ["due", "recorded", "waiting", "clean", "faulty", "left"]
    ].tolist() == [4, 3, 1, 2, 1, 2]
    assert rows.loc["all", "per_day"] == pytest.approx(2 / 30) and rows.loc[
        "all", "pace"
    ] == pytest.approx(2 / 30)


def test_a_deadline_that_has_passed_leaves_no_days():
    entries = pd.DataFrame(
        {
            "event_id": ["e1"],
            "county": ["a"],
            "recorded_on": pd.to_datetime(["2018-12-06"]),
        }
    )
    found = entry_countdown(
        entries,
        faulty=pd.Series(dtype=object),
        as_of="2018-12-31",
        deadline="2018-11-30",
    )
    assert (
        found.days_left == 0
        and np.isnan(found.rows.loc["all", "per_day"])
        and found.rows.loc["all", "late"] == 1
    )
    with pytest.raises(ParameterError, match="同一年"):
        entry_countdown(
            entries,
            faulty=pd.Series(dtype=object),
            as_of="2019-01-31",
            deadline="2018-11-30",
        )


def test_what_the_field_found_waits_until_it_is_entered(store):
    opened = registry.open_store(store)
    rows = registry.entries(snapshot(opened, "2018-09-30"))
    waiting = rows[rows["event_id"].isna()]
    assert len(waiting) and waiting["household_id"].is_unique
    later = registry.entries(snapshot(opened, "2018-12-31"))
    recorded = set(later.loc[later["event_id"].notna(), "household_id"])
    still = set(later.loc[later["event_id"].isna(), "household_id"])
    assert not still & {
        h for h in waiting["household_id"] if h in recorded and h not in still
    }


def test_reconciliation_adds_up_and_finds_what_was_left_out(exports, store):
    rows = registry.reconciliation(snapshot(store, "2018-09-30"))
    found = reconcile(rows)
    table = found.rows
    assert np.allclose(table["gap"], table["explained"] + table["unexplained"])
    whole = table[table["county"] == "all"].set_index("comparison")
    assert set(whole.index) == {
        "education_aid",
        "public_job",
        "social_protection",
        "dibao_list",
        "dividend_source",
        "housing_lots",
        "settlement",
        "fund_trace",
        *({"enterprise_loan"} & set(rows["comparison"])),
    }
    for name, part in table[table["county"] != "all"].groupby("comparison"):
        assert part["gap"].sum() == pytest.approx(whole.loc[name, "gap"])
    planted = pd.read_csv(exports / "truth" / "planted_errors.csv", dtype=str)
    left_out = planted[planted["rule"].str.startswith("Q-income-011")]["key"]
    education = found.open[found.open["comparison"] == "education_aid"]
    assert len(left_out) >= 6 and set(education["case_id"]) == set(left_out)


def test_broken_chains_name_their_first_broken_link(store):
    rows = registry.reconciliation(snapshot(store, "2018-09-30"))
    chains = rows[rows["comparison"] == "fund_trace"]
    assert set(chains.loc[chains["gap"] > 0, "reason"]) <= {
        "no_fund",
        "no_project",
        "no_household_needed",
        "no_household",
        "no_measure",
        "no_helper",
        "no_result",
    }
    assert chains.loc[chains["gap"] == 0, "reason"].isna().all()
    assert (
        chains.loc[chains["reason"] == "no_household_needed", "explained_by"]
        == "no_household_needed"
    ).all()


def test_the_figures_of_the_speech():
    """A1-A5 close, A8 and A9 name two standards for one thing, the rest is not said."""
    found = check_figures(statements.statements(), statements.figures()).rows.set_index(
        "id"
    )["result"]
    assert list(found.index) == [f"A{i}" for i in range(1, 19)]
    assert (found[["A1", "A2", "A3", "A4", "A5"]] == "holds").all() and (
        found[["A8", "A9"]] == "fails"
    ).all()
    assert (found.drop(["A1", "A2", "A3", "A4", "A5", "A8", "A9"]) == "not said").all()


def test_a_changed_figure_breaks_its_statement():
    said = statements.figures() | {
        "lookback_total": 3_464.0,
        "housing_households": 1_888.0,
    }
    found = check_figures(statements.statements(), said).rows.set_index("id")["result"]
    assert found["A1"] == "fails" and found["A7"] == "holds"


def test_an_unknown_relation():
    with pytest.raises(ParameterError, match="关系"):
        check_figures([statements.Statement("x", ("a",), "~", ("b",), "", "", "")], {})


def test_the_stock_closes_in_every_registry_year_and_county(store):
    """R12: the synthetic registry's events explain every change of its yearly counts."""
    rows = stock_flow_years(registry.stock_by_year(snapshot(store, "2018-09-30")))
    assert (
        sorted(rows["year"].unique()) == [2015, 2016, 2017, 2018]
        and (rows["difference"] == 0).all()
    )
    city = rows[rows["county"] == "all"].set_index("year")
    assert (
        city["opening"].iloc[1:].to_numpy() == city["closing"].iloc[:-1].to_numpy()
    ).all()
    assert len(stock_flow_years({})) == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_index_countdown_and_reconciliation_say_themselves(lang):
    assert "180" in quality_index(COUNTS).summary(lang)
    entries = pd.DataFrame(
        {"event_id": [None], "county": ["a"], "recorded_on": pd.to_datetime([None])}
    )
    found = entry_countdown(
        entries,
        faulty=pd.Series(dtype=object),
        as_of="2018-10-31",
        deadline="2018-11-30",
    )
    assert "30" in found.summary(lang)
    rows = pd.DataFrame(
        {
            "comparison": ["public_job"],
            "county": ["a"],
            "ledger": [5.0],
            "recorded": [2.0],
            "gap": [3.0],
            "explained_by": [None],
        }
    )
    shown = [quality_index(COUNTS), found, reconcile(rows)]
    assert "1" in shown[-1].summary(lang)
    pages = "".join(result._repr_html_() for result in shown)
    assert "<th>质量指数</th>" in pages and "<th>待录入</th>" in pages
    assert not re.search("<th>[a-z]", pages)
