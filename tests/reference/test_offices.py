"""Who answers: one office or two under a key, before and after the reform of 2021."""

import pytest

from jinzhou.reference import offices, targets


@pytest.mark.parametrize(
    ("key", "day", "expected"),
    [
        ("coordination", "2018-09-30", 1),
        ("health", "2018-09-30", 2),
        ("health", "2023-06-30", 2),
    ],
)
def test_offices_under_a_key_are_counted(key, day, expected):
    assert offices.answering(as_of=day)[key] == expected
    assert offices.answering(as_of=day).keys() == offices.offices(as_of=day).keys()


def test_the_unit_of_a_duty_is_that_of_its_ending():
    units = targets.duty_units()
    assert units["户数"] == "户" and units["万元"] == "万元" and all(units.values())
