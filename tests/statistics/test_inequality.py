"""Watts, Sen, Sen-Shorrocks-Thon, Gini and concentration: by their definitions, in ties, at the ends, and without income."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from jinzhou.errors import ParameterError
from jinzhou.statistics.inequality import concentration, inequality
from jinzhou.statistics.poverty import (
    poverty_contributions,
    poverty_indices,
    poverty_rates,
)
from jinzhou.statistics.poverty_change import poverty_change
from jinzhou.statistics.survey import SurveyDesign

HOMES = pd.DataFrame(
    {
        "net_income_pc": [100.0, 110, 150, 160, 110, 100],
        "oop_year": [9.0, 1, 0, 4, 2, 5],
        "ill": [1, 0, 0, 1, 1, 1],
        "household_size": [3, 1, 2, 2, 4, 1],
        "county": list("aabbab"),
    }
)


def values(found) -> pd.Series:
    return found.estimates.set_index(["group", "measure"])["value"].loc["all"]


def test_watts_sen_and_sst_by_their_definitions():
    y = np.array([100.0, 110, 150, 160])
    found = values(poverty_indices(pd.DataFrame({"net_income_pc": y}), line=125))
    assert found["watts"] == pytest.approx(
        (np.log(1.25) + np.log(125 / 110)) / 4, abs=1e-15
    )
    # Gini of the poor (100, 110) is 10 / (4 x 105); H = 1/2, I = .16
    assert found["sen"] == pytest.approx(0.5 * (0.16 + 0.84 * 10 / 420), abs=1e-15)
    # Shorrocks 1995: sum (2 n - 2 i + 1) gap_i / n^2, poorest first
    assert found["sst"] == pytest.approx((7 * 0.2 + 5 * 0.12) / 16, abs=1e-15)


def test_sen_1976_has_his_small_sample_factor_and_by_default_doubling_changes_nothing():
    y = pd.DataFrame({"net_income_pc": [100.0, 110, 120, 160]})
    # Sen 1976: 2 / ((q + 1) n z) sum of gap times the rank among the poor, the poorest ranked q
    assert values(poverty_indices(y, line=125, sen="1976"))["sen"] == pytest.approx(
        2 / (4 * 4 * 125) * (25 * 3 + 15 * 2 + 5 * 1), abs=1e-15
    )
    once, twice = (values(poverty_indices(f, line=125)) for f in (y, pd.concat([y, y])))
    pd.testing.assert_series_equal(once, twice, rtol=1e-14)
    with pytest.raises(ParameterError, match="1976"):
        poverty_indices(y, line=125, sen="thon")


def test_indices_agree_with_the_rates_and_with_each_other_at_the_ends():
    found = values(
        poverty_indices(HOMES, line=125, design=SurveyDesign(weights="household_size"))
    )
    for alpha, name in enumerate(("headcount", "gap", "severity")):
        assert poverty_rates(
            HOMES, line=125, alpha=alpha, design=SurveyDesign(weights="household_size")
        ).rates["rate"].iloc[0] == pytest.approx(found[name], rel=1e-14)
    none = values(poverty_indices(HOMES, line=50))
    assert (none == 0).all()
    same = values(poverty_indices(HOMES.assign(net_income_pc=100.0), line=125))
    assert (
        same["headcount"] == 1
        and same["sen"] == pytest.approx(0.2)
        and same["sst"] == pytest.approx(0.2)
    )


def test_the_edge_moves_headcounts_alone():
    frame = pd.DataFrame({"net_income_pc": [100.0, 125, 125, 150]})
    below, at = (values(poverty_indices(frame, line=125, edge=e)) for e in ("<", "<="))
    assert (below["headcount"], at["headcount"]) == (0.25, 0.75)
    names = ["gap", "severity", "watts", "sst"]
    pd.testing.assert_series_equal(below[names], at[names])


def test_households_without_income_are_counted_and_shown():
    frame = pd.DataFrame({"net_income_pc": [0.0, -50, 100, 150, np.nan]})
    found = poverty_indices(frame, line=125)
    rows = found.estimates.set_index("measure")
    assert rows.loc[
        "watts", "status"
    ] == "households without income left out: 2" and rows.loc[
        "watts", "value"
    ] == pytest.approx(np.log(1.25) / 2)
    assert rows.loc["headcount", "value"] == 0.75 and rows.loc[
        "gap", "value"
    ] == pytest.approx((1 + 1.4 + 0.2) / 4)
    assert found.dropped.to_dict() == {"income missing": 1} and rows.loc[
        "gap", "households"
    ] + found.dropped.sum() == len(frame)
    assert poverty_rates(frame, line=125).rates["no_income"].iloc[0] == 2
    gini = inequality(frame).estimates.set_index("measure")
    assert gini.loc["gini", "status"] == "values of zero or less: 2"
    nothing = (
        inequality(frame.assign(net_income_pc=0.0))
        .estimates.set_index("measure")
        .loc["gini"]
    )
    assert np.isnan(nothing["value"]) and nothing["status"] == "mean of zero or less"


def test_gini_is_half_the_relative_mean_difference():
    y, w = HOMES["net_income_pc"].to_numpy(), HOMES["household_size"].to_numpy()
    pairs = (w[:, None] * w * np.abs(y[:, None] - y)).sum()
    assert values(inequality(HOMES, design=SurveyDesign(weights="household_size")))[
        "gini"
    ] == pytest.approx(pairs / (2 * w.sum() * (w * y).sum()), rel=1e-14)
    # weights are persons: one row of weight 3 is three rows
    rows = HOMES.loc[HOMES.index.repeat(w)]
    assert values(inequality(rows))["gini"] == pytest.approx(
        values(inequality(HOMES, design=SurveyDesign(weights="household_size")))[
            "gini"
        ],
        rel=1e-14,
    )
    assert values(inequality(pd.DataFrame({"net_income_pc": [5.0] * 7})))["gini"] == 0


def test_the_order_of_the_file_does_not_move_an_index_of_ties():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "net_income_pc": rng.integers(1, 5, 300) * 1_000.0,
            "oop_year": rng.exponential(500, 300),
            "household_size": rng.integers(1, 6, 300),
        }
    )
    found = [
        concentration(
            f, value="oop_year", design=SurveyDesign(weights="household_size")
        ).estimates
        for f in (frame, frame[::-1], frame.sort_values("oop_year"))
    ]
    for other in found[1:]:
        assert_frame_equal(found[0], other, rtol=1e-12)
    # equal means in each tie say the same as their rows
    means = (
        frame.assign(sum=frame["oop_year"] * frame["household_size"])
        .groupby("net_income_pc")[["sum", "household_size"]]
        .sum()
        .reset_index()
    )
    assert values(
        concentration(
            means.assign(oop_year=means["sum"] / means["household_size"]),
            value="oop_year",
            design=SurveyDesign(weights="household_size"),
        )
    )["standard"] == pytest.approx(found[0]["value"].iloc[0], rel=1e-12)


def test_concentration_of_a_variable_over_itself_is_its_gini_and_over_its_reverse_the_opposite():
    gini = values(inequality(HOMES, value="oop_year"))["gini"]
    assert (
        values(concentration(HOMES, value="oop_year", rank="oop_year"))["standard"]
        == gini
    )
    assert values(
        concentration(
            HOMES.assign(back=-HOMES["oop_year"]), value="oop_year", rank="back"
        )
    )["standard"] == pytest.approx(-gini, rel=1e-14)


def test_the_four_indices_are_tied_to_each_other_by_the_mean():
    found = values(
        concentration(
            HOMES,
            value="ill",
            bounds=(0, 1),
            design=SurveyDesign(weights="household_size"),
        )
    )
    mean = np.average(HOMES["ill"], weights=HOMES["household_size"])
    assert found["generalised"] == pytest.approx(mean * found["standard"]) and found[
        "erreygers"
    ] == pytest.approx(4 * mean * found["standard"])
    assert found["wagstaff"] == pytest.approx(found["standard"] / (1 - mean))
    # Erreygers' and Wagstaff's indices of health and of illness mirror each other; the standard one does not
    well = values(
        concentration(
            HOMES.assign(well=1 - HOMES["ill"]),
            value="well",
            bounds=(0, 1),
            design=SurveyDesign(weights="household_size"),
        )
    )
    assert well["erreygers"] == pytest.approx(-found["erreygers"]) and well[
        "wagstaff"
    ] == pytest.approx(-found["wagstaff"])
    assert well["standard"] != pytest.approx(-found["standard"])
    # the bounds of another scale change nothing
    scaled = values(
        concentration(
            HOMES.assign(ill=10 + 5 * HOMES["ill"]),
            value="ill",
            bounds=(10, 15),
            design=SurveyDesign(weights="household_size"),
        )
    )
    assert scaled[["erreygers", "wagstaff"]].tolist() == pytest.approx(
        found[["erreygers", "wagstaff"]].tolist()
    )


def test_payments_that_are_all_zero_have_no_concentration_and_say_so():
    found = concentration(
        HOMES.assign(oop_year=0.0), value="oop_year", bounds=(0, 1)
    ).estimates.set_index("measure")
    assert found["status"].to_dict() == {
        "standard": "mean of zero or less",
        "generalised": "ok",
        "erreygers": "ok",
        "wagstaff": "mean at a bound",
    }
    assert (
        np.isnan(found.loc["standard", "value"])
        and found.loc["generalised", "value"] == 0
    )


@pytest.mark.parametrize("wrong", [{"bounds": (1, 0)}, {"bounds": (0, 1)}])
def test_bounds_must_hold(wrong):
    with pytest.raises(ParameterError):
        concentration(HOMES, value="oop_year", **wrong)


def test_groups_are_ranked_within_themselves():
    by = concentration(HOMES, value="oop_year", by="county").estimates.set_index(
        ["group", "measure"]
    )
    for county in "ab":
        alone = concentration(
            HOMES[HOMES["county"] == county], value="oop_year"
        ).estimates.set_index("measure")
        assert by.loc[(county, "standard"), "value"] == pytest.approx(
            alone.loc["standard", "value"], rel=1e-13
        )


def test_parts_sum_to_the_whole():
    found = poverty_contributions(
        HOMES,
        line=125,
        alpha=1,
        by="county",
        design=SurveyDesign(weights="household_size"),
    ).estimates.set_index(["group", "measure"])["value"]
    assert found.unstack().loc[
        ["a", "b"], ["size", "contribution"]
    ].sum().tolist() == pytest.approx([1, 1])
    assert sum(found[g, "size"] * found[g, "rate"] for g in "ab") == pytest.approx(
        found["all", "rate"]
    )
    for wrong in ({"alpha": 3}, {"edge": ">"}, {"line": -1}):
        with pytest.raises(ParameterError):
            poverty_contributions(HOMES, **({"line": 125, "by": "county"} | wrong))


@pytest.mark.parametrize("alpha", [0, 1, 2])
def test_growth_and_redistribution_sum_to_the_change_and_each_can_be_all_of_it(alpha):
    rng = np.random.default_rng(4)
    before = pd.DataFrame(
        {
            "net_income_pc": rng.lognormal(8, 0.5, 500),
            "household_size": rng.integers(1, 6, 500),
        }
    )

    def change(after, lines=(2_500, 2_500)):
        found = values(
            poverty_change(
                before,
                after,
                alpha=alpha,
                design=SurveyDesign(weights="household_size"),
                lines=lines,
            )
        )
        assert found["growth"] + found["redistribution"] == pytest.approx(
            found["change"], abs=1e-14
        )
        assert found["change"] == pytest.approx(
            found["after"] - found["before"], abs=1e-15
        )
        return found

    richer = change(before.assign(net_income_pc=before["net_income_pc"] * 1.1))
    assert richer["growth"] < 0 and richer["redistribution"] == pytest.approx(
        0, abs=1e-12
    )
    w, y = before["household_size"], before["net_income_pc"]
    squeezed = change(
        before.assign(net_income_pc=0.7 * y + 0.3 * np.average(y, weights=w))
    )
    assert squeezed["redistribution"] < 0 and squeezed["growth"] == pytest.approx(
        0, abs=1e-12
    )
    # income and line that grow alike change nothing
    assert change(before.assign(net_income_pc=y * 1.06), (2_500, 2_650))[
        "change"
    ] == pytest.approx(0, abs=1e-12)
    # the other way round undoes it
    after = before.assign(net_income_pc=(y * 1.1) ** 1.02)
    back = values(
        poverty_change(
            after,
            before,
            alpha=alpha,
            lines=(2_500, 2_500),
            design=SurveyDesign(weights="household_size"),
        )
    )
    forth = change(after)
    assert back[["growth", "redistribution"]].tolist() == pytest.approx(
        (-forth[["growth", "redistribution"]]).tolist(), abs=1e-14
    )


def test_growth_of_a_mean_that_is_not_positive_is_not_defined():
    before = pd.DataFrame({"net_income_pc": [-10.0, 5.0]})
    found = poverty_change(
        before, pd.DataFrame({"net_income_pc": [1.0, 5.0]}), lines=(3, 3)
    ).estimates.set_index("measure")
    assert found.loc[
        "growth", "status"
    ] == "a mean is zero or less, or a date has no rows" and np.isnan(
        found.loc["growth", "value"]
    )
    assert found.loc["change", "value"] == 0


@pytest.mark.parametrize(
    "wrong",
    [{"alpha": 3}, {"lines": (125, 0)}, {"lines": (np.inf, 125)}, {"edge": "=<"}],
)
def test_poverty_change_lists_what_it_accepts(wrong):
    with pytest.raises(ParameterError):
        poverty_change(HOMES, HOMES, **({"lines": (125, 125)} | wrong))
