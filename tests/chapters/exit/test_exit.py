"""The exit card and the targets: strictness, vetoes, and the unknown."""

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from jinzhou.chapters.exit.analysis.card import (
    IncidenceCounts,
    exit_card,
    incidence_counts,
)
from jinzhou.chapters.exit.analysis.indicators import judge
from jinzhou.chapters.exit.analysis.pace import Progress, exit_forecast, exit_gaps
from jinzhou.chapters.exit.analysis.targets import (
    exit_progress,
    stock_question,
    village_scores,
)
from jinzhou.errors import ParameterError
from jinzhou.reference import indicators

VETO_OF = {
    "safe_housing": "housing",
    "at_school": "education",
    "six_ones": "health",
    "paved_road": "road",
    "culture_centre": "culture",
}
FEW = {
    "poor": 100,
    "population": 10_000,
    "exited": 1_000,
    "checked_exited": 500,
    "wrong_exits": 0,
    "unregistered": 8_900,
    "checked_unregistered": 800,
    "missed": 0,
}
RECORDS = [one for one in indicators.indicators() if one.id in VETO_OF]


def parts(**changes):
    """Rows of a county with 100 of 100 unless told: (met, counted, unknown)."""
    given = dict.fromkeys(VETO_OF, (100, 100, 0)) | changes
    counts = pd.DataFrame(
        [
            {
                "indicator": i,
                "level": "county",
                "county": "a",
                "town": "all",
                "village": "all",
                "met": m,
                "counted": c,
                "unknown": u,
            }
            for i, (m, c, u) in given.items()
        ]
    )
    return judge(counts, RECORDS, as_of="2018-09-30").at("a")


def card(incidence=FEW, **changes):
    given = IncidenceCounts(**incidence)
    return exit_card(parts(**changes), VETO_OF, incidence=given)


def test_all_six_pass():
    found = card()
    assert set(found.vetoes) == {"pass"} and found.status == "pass"


@pytest.mark.parametrize(("done", "expected"), [(98, "pass"), (97, "fail")])
def test_not_below_includes_the_number_and_clearing_asks_for_all(done, expected):
    row = (
        card(safe_housing=(done, 100, 0))
        .rows.set_index("indicator")
        .loc["safe_housing"]
    )
    assert row["status"] == expected and row["cleared"] == "fail"


def test_one_road_missing_fails_and_one_veto_is_enough():
    found = card(paved_road=(99, 100, 0))
    assert (
        found.status == "fail"
        and found.rows.set_index("indicator").loc["paved_road", "rest"] == 1
    )


def test_unknown_is_never_a_pass():
    assert card(paved_road=(99, 100, 1)).vetoes["road"] == "unknown"
    assert card(paved_road=(98, 100, 1)).vetoes["road"] == "fail"
    assert card(safe_housing=(98, 100, 1)).vetoes["housing"] == "pass"
    assert card(six_ones=(0, 0, 0)).vetoes["health"] == "unknown"
    found = exit_card(
        parts().drop("six_ones"), VETO_OF, incidence=IncidenceCounts(**FEW)
    )
    assert (
        found.status == "unknown"
        and found.rows.set_index("veto").loc["health", "missing"] == "no indicator"
    )


def test_a_veto_is_as_good_as_its_worst_part():
    both = VETO_OF | {"paved_road": "culture"}
    assert (
        exit_card(
            parts(paved_road=(99, 100, 0)), both, incidence=IncidenceCounts(**FEW)
        ).vetoes["culture"]
        == "fail"
    )


def test_incidence_below_is_strict_and_its_upper_bound_decides():
    def incidence(**changes):
        return card(FEW | changes).rows.iloc[0]

    assert incidence()["status"] == "pass"
    assert incidence(poor=200)["status"] == "fail"  # 2 % is not below 2 %
    assert incidence(checked_unregistered=100)["missing"] == "upper bound"
    assert incidence(missed=40)["status"] == "fail"
    for change, missing in (
        ({"checked_exited": 0}, "exited not checked"),
        ({"population": 0}, "population"),
        ({"unfilled": 1}, "population"),
    ):
        assert (
            incidence(**change)["status"] == "unknown"
            and missing in incidence(**change)["missing"]
        )


def test_terms_of_the_incidence_add_up_and_rebuild_the_counts():
    terms = card(FEW | {"wrong_exits": 2, "missed": 4}).terms
    assert terms["persons"].iloc[:3].sum() == pytest.approx(
        terms.at["all", "persons"]
    ) and terms.at["missed", "persons"] == pytest.approx(8_900 * 4 / 800)
    assert (
        terms.at["all", "ci_low"]
        < terms.at["all", "persons"]
        < terms.at["all", "ci_high"]
    )
    counts = pd.DataFrame(
        {"met": [40, 9, 18, 1_000], "counted": [100, 10, 20, 1_000], "unknown": 0},
        index=["poor_persons", "wrong_exits", "missed", "rural_population"],
    )
    assert asdict(incidence_counts(counts)) == {
        "poor": 40,
        "population": 1_000,
        "unfilled": 0,
        "checked_exited": 10,
        "wrong_exits": 1,
        "exited": 60,
        "checked_unregistered": 20,
        "missed": 2,
        "unregistered": 900,
    }


def test_gaps_forget_days_on_which_too_much_is_unknown():
    now = parts(safe_housing=(90, 100, 0))
    past = {
        "2016": parts(safe_housing=(50, 100, 0)),
        "2017": parts(safe_housing=(10, 100, 80), paved_road=(0, 0, 0)),
    }
    progress = Progress(county="a", now=now, past=past, paths=pd.DataFrame())
    gaps = exit_gaps(card(safe_housing=(90, 100, 0)), progress)
    assert (
        gaps["safe_housing"].tolist()[0::2] == [48, 8]
        and np.isnan(gaps["safe_housing"][1])
        and np.isnan(gaps["paved_road"][1])
    )


def test_exit_progress_against_a_straight_path():
    found = exit_progress(
        {2018: 50, 2019: 0}, targets={2018: 100, 2019: 10}, as_of="2018-06-30"
    ).rows
    assert found["status"].tolist() == ["on path", "not begun"] and found["due"].iloc[
        0
    ] == pytest.approx(181 / 365)
    late = exit_progress({}, targets={2018: 365}, as_of="2018-12-31").rows.iloc[0]
    assert (late["behind"], late["status"]) == (365, "behind")
    with pytest.raises(ParameterError):
        exit_progress({}, targets={2018: 0}, as_of="2018-12-31")


def test_a_target_without_a_unit_is_not_judged():
    found = exit_progress(
        {2018: 100, 2019: 1},
        targets={2018: 100, 2019: 10},
        units={2018: "", 2019: "persons"},
        as_of="2019-12-31",
    ).rows
    assert found["status"].tolist() == ["unknown", "behind"]


def test_both_answers_to_the_stock_are_shown():
    found = stock_question(
        17_500, found=3_463, targets={2018: 8_300, 2019: 8_700}
    ).set_index("answer")
    assert (
        found["short"].to_dict()
        == {"contained": 0, "not contained": 3_463, "registry": 500}
        and found.at["not contained", "stock"] == 20_463
    )


def test_villages_that_lack_as_many_share_a_rank_and_unknown_is_not_lacking():
    rows = pd.DataFrame(
        {
            "area_code": ["a", "b", "c"],
            "x": [True, False, None],
            "y": [False, True, False],
        }
    )
    found = village_scores(rows, ("x", "y")).set_index("area_code")
    assert (
        found["lacks"].to_dict() == {"a": 1, "b": 1, "c": 1}
        and found["unknown"].to_dict() == {"a": 0, "b": 0, "c": 1}
        and set(found["rank"]) == {1}
    )


def test_what_carries_its_dates_is_forecast_by_quarters_and_the_rest_by_years():
    now = parts(safe_housing=(90, 100, 0), six_ones=(60, 100, 0))
    past = {
        f"{y}-09-30": parts(safe_housing=(done, 100, 0))
        for y, done in ((2015, 60), (2016, 70), (2017, 80))
    }
    ends = pd.to_datetime(
        [
            "2017-06-30",
            "2017-09-30",
            "2017-12-31",
            "2018-03-31",
            "2018-06-30",
            "2018-09-30",
        ]
    )
    paths = pd.DataFrame(
        {
            "indicator": "six_ones",
            "county": "a",
            "quarter": ends,
            "met": [10.0, 20, 30, 40, 50, 60],
        }
    )
    found = exit_forecast(
        card(safe_housing=(90, 100, 0), six_ones=(60, 100, 0)),
        Progress(county="a", now=now, past=past, paths=paths),
        as_of="2018-09-30",
        deadline="2019-12-31",
    ).rows.set_index("matter")
    assert found.loc["six_ones", ["unit", "left", "periods", "speed"]].tolist() == [
        "quarter",
        40,
        5,
        10,
    ] and found.loc["safe_housing", ["unit", "left", "periods", "speed"]].tolist() == [
        "year",
        8,
        3,
        10,
    ]
    assert (
        found.at["six_ones", "probability"] > 0.9
        and found.at["safe_housing", "probability"] > 0.9
        and found.at["paved_road", "status"] == "done"
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_card_indicators_and_progress_say_themselves(lang):
    found = card(paved_road=(99, 100, 0))
    assert "5" in found.summary(lang) and "<table>" in found._repr_html_()
    progress = exit_progress({2018: 50}, targets={2018: 100}, as_of="2018-06-30")
    assert "50" in progress.summary(lang) and "100" in progress.summary(lang)
    counts = parts().reset_index().assign(level="city")
    status = judge(counts, RECORDS, as_of="2018-09-30")
    assert "2018-09-30" in status.summary(lang)
