"""The chance of being in time: done, late, unknown, monotone, calibrated."""

import numpy as np
import pandas as pd
import pytest
from duty_studies import on_time_study

from jinzhou.statistics.forecast import on_time


def of(left, periods=4.0):
    return on_time(pd.DataFrame({"x": left}), periods=periods, unit="year").rows.iloc[0]


@pytest.mark.parametrize(
    ("left", "periods", "status", "chance"),
    [
        ([9, 6, 3, 0], 4, "done", 1.0),
        ([9, 6, 3, 1], 0, "late", 0.0),
        ([9, 6, 3, 1], -2, "late", 0.0),
        ([5, 4], 4, "unknown", None),
        ([9, np.nan, np.nan, 3], 4, "unknown", None),
        ([9, 6, 3, np.nan], 4, "unknown", None),
        ([], 4, "unknown", None),
    ],
)
def test_what_is_known_without_a_draw(left, periods, status, chance):
    row = of(left, periods)
    assert row["status"] == status and (
        row["probability"] == chance
        if chance is not None
        else np.isnan(row["probability"])
    )


def test_speeds_by_hand():
    row = of([100, 90, 70, 60, 50], 2.0)
    assert (
        row["left"],
        row["periods"],
        row["speed"],
        row["best"],
        row["needed"],
        row["feasible"],
    ) == (50, 4, 12.5, 20, 25, False)


def test_more_time_and_less_to_do_never_lower_the_chance():
    times = [of([100, 90, 70, 60, 50], t)["probability"] for t in (1, 2, 4, 8)]
    assert times == sorted(times) and times[0] < 0.2 and times[-1] > 0.9
    less = [
        of(np.array([100, 90, 70, 60, 50]) - shift, 4)["probability"]
        for shift in (0, 20, 40)
    ]
    assert less == sorted(less)


def test_a_matter_that_grows_is_unlikely():
    assert of([10, 12, 13, 15, 16])["probability"] < 0.1


def test_same_seed_same_answer():
    frame = pd.DataFrame({"x": [9.0, 7, 6, 4], "y": [9.0, 7, 6, 4]})
    found = on_time(frame, periods=2, unit="week").rows
    assert (
        found["probability"].nunique() == 1
        and (
            found["probability"]
            == on_time(frame, periods=2, unit="week").rows["probability"]
        ).all()
    )


def test_the_chance_is_calibrated_over_500_simulated_counties():
    """Each tenth of the counties within 7 points; speeds gamma, so not of the law that the forecast assumes."""
    found = on_time_study(500, draws=1_000, futures=100)
    assert found["difference"].abs().max() < 0.07, found
    assert found["happened"].iloc[-1] - found["happened"].iloc[0] > 0.8
