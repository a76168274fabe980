"""Poverty rates: every number by hand."""

import pandas as pd
import pytest

from jinzhou.errors import ParameterError
from jinzhou.statistics.poverty import poverty_rates
from jinzhou.statistics.survey import SurveyDesign

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
        poverty_rates(frame, line=125, alpha=a).rates["rate"].iloc[0] for a in (0, 1, 2)
    ]
    assert found == pytest.approx(expected, abs=1e-12)


def test_income_at_the_line_is_not_below_it_and_the_edge_is_a_choice():
    assert poverty_rates(HOMES, line=125).rates["rate"].iloc[0] == pytest.approx(1 / 3)
    assert poverty_rates(HOMES, line=125, edge="<=").rates["rate"].iloc[
        0
    ] == pytest.approx(2 / 3)
    gaps = [
        poverty_rates(HOMES, line=125, alpha=1, edge=e).rates["rate"].iloc[0]
        for e in ("<", "<=")
    ]
    assert gaps[0] == gaps[1]


def test_every_row_is_used_or_accounted_for():
    found = poverty_rates(
        HOMES, line=125, design=SurveyDesign(weights="household_size")
    )
    assert found.rates["households"].sum() + found.dropped.sum() == len(HOMES)
    assert found.dropped.to_dict() == {"income missing": 1}
    assert "1 left out" in found.summary("en")


def test_groups_rebuild_the_whole():
    whole = poverty_rates(
        HOMES, line=130, design=SurveyDesign(weights="household_size")
    ).rates
    groups = poverty_rates(
        HOMES, line=130, design=SurveyDesign(weights="household_size"), by="county"
    ).rates
    assert (groups["rate"] * groups["weight"]).sum() / groups[
        "weight"
    ].sum() == pytest.approx(whole["rate"].iloc[0])


def test_money_unit_does_not_matter():
    fen = HOMES.assign(net_income_pc=HOMES["net_income_pc"] * 100)
    for alpha in (0, 1, 2):
        assert poverty_rates(HOMES, line=130, alpha=alpha).rates["rate"].iloc[
            0
        ] == pytest.approx(
            poverty_rates(fen, line=13_000, alpha=alpha).rates["rate"].iloc[0]
        )


@pytest.mark.parametrize("wrong", [{"alpha": 9}, {"line": 0}, {"edge": "="}])
def test_poverty_rates_lists_what_it_accepts(wrong):
    with pytest.raises(ParameterError):
        poverty_rates(HOMES, **({"line": 125} | wrong))
