"""Stock and flows, the look-back, completeness: every number by hand."""

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from jinzhou.chapters.review.analysis.ledgers import completeness, lookback, stock_flow
from jinzhou.errors import ParameterError

FLOWS = pd.DataFrame(
    {
        "county": ["a", "a", "b", "b"],
        "kind": ["exited", "returned", "newly_identified", "removed"],
        "persons": [5, 2, 4, 1],
    }
)


def test_stock_closes_to_the_person_and_a_difference_is_shown():
    opening, closing = pd.Series({"a": 10, "b": 20}), pd.Series({"a": 7, "b": 23})
    found = stock_flow(FLOWS, opening=opening, closing=closing)
    assert found.closes and found.flows.loc["all", "expected"] == 30
    off = stock_flow(FLOWS, opening=opening, closing=closing + 1)
    assert not off.closes and off.flows["difference"].tolist() == [1, 1, 2]
    assert "difference 2" in off.summary("en")


def test_stock_refuses_a_kind_it_cannot_place():
    with pytest.raises(ParameterError, match="exited"):
        stock_flow(
            FLOWS.assign(kind="born"),
            opening=pd.Series({"a": 1}),
            closing=pd.Series({"a": 1}),
        )


def test_lookback_counts_one_round_and_its_sum():
    events = pd.DataFrame(
        {
            "household_id": ["1", "2", "3", "3", "4"],
            "county": ["a", "a", "b", "b", "b"],
            "persons": [3, 2, 1, None, 9],
            "kind": [
                "returned",
                "newly_identified",
                "member_added",
                "returned",
                "returned",
            ],
            "source_round": ["r", "r", "r", "r", "other"],
        }
    )
    events = events[events["source_round"] == "r"].fillna({"persons": 1})
    found = lookback(events, round="r")
    assert found.counts.loc["all"].tolist() == [4, 2, 1, 7]
    assert found.twice == 1
    changed = lookback(events.assign(persons=[4, 2, 1, 1]), round="r")
    assert changed.counts.loc["all", "total"] == 8


def test_completeness_without_rows_is_not_testable():
    found = completeness(
        {"phone": pd.Series(["1", None]), "none": pd.Series([], dtype=object)}
    ).fields
    assert_frame_equal(
        found,
        pd.DataFrame(
            {
                "field": ["phone", "none"],
                "rows": [2, 0],
                "filled": [1, 0],
                "share": [0.5, float("nan")],
                "status": ["tested", "not testable"],
            }
        ),
        check_dtype=False,
    )
