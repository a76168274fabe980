"""Money for those who fall back, by hand."""

import numpy as np
import pandas as pd
import pytest

from jinzhou.chapters.risk.analysis.support import support_need

TOWNS = ("a", "b", "c", "d", "e")


def paid(**changes):
    """Ten households of two in five townships: 1,000 yuan a person, 2,000 in the last."""
    rows = pd.DataFrame(
        {
            "household_id": [f"h{i}" for i in range(10)],
            "town": np.repeat(TOWNS, 2),
            "persons": 2.0,
            "yuan": [2_000.0] * 8 + [4_000.0] * 2,
            "year": 2017,
        }
    )
    return rows.assign(**changes)


def need(rows, probability=(0.5, 0.5), persons=(2, 4)):
    ids = [f"h{i}" for i in range(len(probability))]
    return support_need(
        pd.Series(probability, index=ids),
        rows,
        persons=pd.Series(persons, index=ids, dtype=float),
        events=100,
    )


def test_need_is_expected_persons_times_help_per_person():
    found = need(paid())
    assert (
        found.persons == 3.0
        and found.per_person == 24_000 / 20
        and found.need == 3_600
        and found.status == "shown"
    )
    error = np.sqrt(0.25 * 4 + 0.25 * 16 + 9 / 100)  # two draws, and the level
    assert (
        found.persons_ci_high == pytest.approx(3 + 1.959964 * error)
        and found.persons_ci_low == 0.0
    )
    without = np.log([20_000 / 16] * 4 + [1_000.0])
    spread = np.sqrt(4 / 5 * ((without - without.mean()) ** 2).sum())
    assert np.log(found.per_person_ci_high / 1_200) == pytest.approx(2.776445 * spread)
    assert np.log(found.need_ci_high / 3_600) == pytest.approx(
        np.hypot(2.776445 * spread, 1.959964 * error / 3)
    )


def test_payments_that_no_household_is_linked_to_lower_the_share_and_then_refuse():
    loose = pd.DataFrame(
        {
            "household_id": [None],
            "town": ["a"],
            "persons": [np.nan],
            "yuan": [8_000.0],
            "year": [2017],
        }
    )
    found = need(pd.concat([paid(), loose]))
    assert (
        found.tied == 24 / 32 and found.per_person == 1_200
    )  # divided among those who are known to be helped alone
    found = need(pd.concat([paid(), loose.assign(yuan=24_001.0)]))
    assert (
        found.status == "not tied"
        and np.isnan(found.need)
        and "unknown" in found.summary("en")
    )
    assert need(paid().iloc[:0]).status == "not tied"


def test_few_townships_give_no_interval_and_blank_sizes_are_not_zero():
    found = need(paid(town="a"))
    assert (
        found.status == "no interval"
        and found.need == 3_600
        and np.isnan(found.need_ci_low)
    )
    found = need(paid(), persons=(2, np.nan))
    assert found.persons == 2.0 and found.unsized == 1
    assert need(paid(), persons=(np.nan, np.nan)).status == "no size"
    blank = paid()
    blank.loc[9, "persons"] = np.nan  # on neither side of the ratio
    assert need(blank).per_person == 20_000 / 18
