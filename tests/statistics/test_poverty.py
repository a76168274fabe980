"""Poverty, stock and flows, the look-back, completeness: every number by hand."""

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from jinzhou import measures
from jinzhou.errors import ParameterError

HOMES = pd.DataFrame(
    {
        "net_income_pc": [100.0, 125.0, 150.0, None],
        "household_size": [2, 1, 1, 3],
        "county": ["a", "a", "b", "b"],
    }
)


@pytest.mark.parametrize(
    ("incomes", "expected"),
    [
        ([100, 100, 150, 150], (0.5, 0.10, 0.02)),
        ([124, 124, 150, 150], (0.5, 0.004, 0.000032)),
        ([100, 110, 150, 160], (0.5, 0.08, 0.0136)),
    ],
)
def test_fgt_of_the_world_bank_handbook_chapter_4(incomes, expected):
    frame = pd.DataFrame({"net_income_pc": incomes})
    found = [
        measures.poverty_rates(frame, line=125, alpha=a).rates["rate"].iloc[0]
        for a in (0, 1, 2)
    ]
    assert found == pytest.approx(expected, abs=1e-12)


def test_income_at_the_line_is_not_below_it_and_the_edge_is_a_choice():
    assert measures.poverty_rates(HOMES, line=125).rates["rate"].iloc[
        0
    ] == pytest.approx(1 / 3)
    assert measures.poverty_rates(HOMES, line=125, edge="<=").rates["rate"].iloc[
        0
    ] == pytest.approx(2 / 3)
    gaps = [
        measures.poverty_rates(HOMES, line=125, alpha=1, edge=e).rates["rate"].iloc[0]
        for e in ("<", "<=")
    ]
    assert gaps[0] == gaps[1]


def test_every_row_is_used_or_accounted_for():
    found = measures.poverty_rates(HOMES, line=125, weights="household_size")
    assert found.rates["households"].sum() + found.dropped.sum() == len(HOMES)
    assert found.dropped.to_dict() == {"income missing": 1}
    assert "1 left out" in found.summary()


def test_groups_rebuild_the_whole():
    whole = measures.poverty_rates(HOMES, line=130, weights="household_size").rates
    groups = measures.poverty_rates(
        HOMES, line=130, weights="household_size", by="county"
    ).rates
    assert (groups["rate"] * groups["weight"]).sum() / groups[
        "weight"
    ].sum() == pytest.approx(whole["rate"].iloc[0])


def test_money_unit_does_not_matter():
    fen = HOMES.assign(net_income_pc=HOMES["net_income_pc"] * 100)
    for alpha in (0, 1, 2):
        assert measures.poverty_rates(HOMES, line=130, alpha=alpha).rates["rate"].iloc[
            0
        ] == pytest.approx(
            measures.poverty_rates(fen, line=13_000, alpha=alpha).rates["rate"].iloc[0]
        )


@pytest.mark.parametrize("wrong", [{"alpha": 9}, {"line": 0}, {"edge": "="}])
def test_poverty_rates_lists_what_it_accepts(wrong):
    with pytest.raises(ParameterError):
        measures.poverty_rates(HOMES, **({"line": 125} | wrong))


FLOWS = pd.DataFrame(
    {
        "county": ["a", "a", "b", "b"],
        "kind": ["exited", "returned", "newly_identified", "removed"],
        "persons": [5, 2, 4, 1],
    }
)


def test_stock_closes_to_the_person_and_a_difference_is_shown():
    opening, closing = pd.Series({"a": 10, "b": 20}), pd.Series({"a": 7, "b": 23})
    found = measures.stock_flow(FLOWS, opening=opening, closing=closing)
    assert found.closes and found.flows.loc["all", "expected"] == 30
    off = measures.stock_flow(FLOWS, opening=opening, closing=closing + 1)
    assert not off.closes and off.flows["difference"].tolist() == [1, 1, 2]
    assert "does not close" in off.summary()


def test_stock_refuses_a_kind_it_cannot_place():
    with pytest.raises(ParameterError, match="exited"):
        measures.stock_flow(
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
    found = measures.lookback(events, round="r")
    assert found.counts.loc["all"].tolist() == [4, 2, 1, 7]
    assert found.twice == 1
    changed = measures.lookback(events.assign(persons=[4, 2, 1, None, 9]), round="r")
    assert changed.counts.loc["all", "total"] == 8


def test_completeness_without_rows_is_not_testable():
    found = measures.completeness(
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
