"""Judging counts: strictness, the unknown, empty denominators, units, years, past days."""

import dataclasses

import pandas as pd
import pytest

from jinzhou.chapters.exit.analysis.indicators import judge
from jinzhou.reference import indicators

ROAD = next(r for r in indicators.indicators() if r.id == "paved_road")


def judged(met, counted, unknown, as_of="2018-09-30", absent=None, **changes):
    one = dataclasses.replace(ROAD, **changes)
    counts = pd.DataFrame(
        [
            {
                "indicator": "paved_road",
                "level": level,
                "county": county,
                "town": "all",
                "village": "all",
                "met": float(met),
                "counted": float(counted),
                "unknown": float(unknown),
            }
            for level, county in (("city", "all"), ("county", "a"))
        ]
    )
    return judge(counts, [one], as_of=as_of, absent=absent).at("a").loc["paved_road"]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ((100, 100, 0), "pass"),
        ((99, 100, 0), "fail"),
        ((99, 100, 1), "unknown"),
        ((98, 100, 1), "fail"),
        ((0, 0, 0), "unknown"),
    ],
)
def test_at_least_a_hundred(given, status):
    assert judged(*given)["status"] == status


def test_below_is_strict():
    for met, status in ((1, "pass"), (2, "fail"), (3, "fail")):
        assert judged(met, 100, 0, threshold="exit_incidence")["status"] == status
    assert judged(1, 100, 1, threshold="exit_incidence")["status"] == "unknown"


def test_ninety_eight_per_cent_stands_beside_all():
    row = judged(99, 100, 0, threshold="exit_culture", clearing="nobody_left")
    assert (row["status"], row["cleared"], row["rest"]) == ("pass", "fail", 1)
    assert (
        judged(99, 100, 1, threshold="exit_culture", clearing="nobody_left")["cleared"]
        == "unknown"
    )


def test_nobody_to_count_is_unknown_and_not_zero():
    row = judged(0, 0, 0)
    assert (row["status"], row["missing"]) == ("unknown", "nobody") and row[
        "value"
    ] != row["value"]


def test_without_a_unit_nothing_is_judged():
    row = judged(100, 100, 0, unit="")
    assert (row["status"], row["missing"]) == ("unknown", "unit")


def test_other_years_and_tables_not_delivered():
    assert judged(100, 100, 0, first=2021)["status"] == "not in force"
    assert judged(100, 100, 0, absent={"paved_road": "village"})["status"] == "unknown"


def test_a_deadline_in_the_past_is_overdue_unless_it_passes():
    late = judged(99, 100, 0, as_of="2018-11-02", deadline="housing_deadline")
    assert late["overdue"] and late["days_left"] == -2
    assert judged(99, 100, 1, as_of="2018-11-02", deadline="housing_deadline")[
        "overdue"
    ]
    assert not judged(100, 100, 0, as_of="2018-11-02", deadline="housing_deadline")[
        "overdue"
    ]
    assert not judged(99, 100, 0, as_of="2018-10-31", deadline="housing_deadline")[
        "overdue"
    ]


def test_without_a_threshold_a_value_is_described():
    assert judged(50, 100, 0, threshold="")["status"] == "described"
    assert judged(0, 0, 0, threshold="")["status"] == "unknown"


def test_two_offices_are_counted():
    counts = pd.DataFrame(
        [
            {
                "indicator": "paved_road",
                "level": "city",
                "county": "all",
                "town": "all",
                "village": "all",
                "met": 1.0,
                "counted": 1.0,
                "unknown": 0.0,
            }
        ]
    )
    for n in (0, 1, 2):
        assert (
            judge(counts, [ROAD], as_of="2018-09-30", offices={"transport": n})
            .at()["offices"]
            .iloc[0]
            == n
        )
