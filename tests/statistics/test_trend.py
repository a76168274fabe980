"""Late records, season and forecast: by hand, with a known truth in small, and on series that cannot answer."""

import numpy as np
import pandas as pd
import pytest
from illness_studies import delay_study
from illness_world import known, last_day, stays
from numpy.testing import assert_allclose

from jinzhou.errors import ParameterError
from jinzhou.statistics.nowcast import delay_triangle, nowcast
from jinzhou.statistics.trend import quarterly_trend

NAN = np.nan


def test_chain_ladder_of_mack_by_hand():
    triangle = np.array(
        [
            [50, 30, 20],
            [60, 40, 20],
            [40, 24, 16],
            [55, 30, 22],
            [48, 36, NAN],
            [52, NAN, NAN],
        ],
        dtype=float,
    )
    rows = nowcast(triangle, last=8074).rows
    first = (80 + 100 + 64 + 85 + 84) / (50 + 60 + 40 + 55 + 48)
    second = (100 + 120 + 80 + 107) / (80 + 100 + 64 + 85)
    assert_allclose(
        rows["expected"].to_numpy()[-2:], [84 * second, 52 * first * second]
    )
    # error of the last but one, written out: sigma^2 / f^2 (1 / C + 1 / sum C) C^2 f^2
    C1, C2 = np.array([80, 100, 64, 85.0]), np.array([100, 120, 80, 107.0])
    sigma2 = (C1 * (C2 / C1 - second) ** 2).sum() / 3
    assert_allclose(
        rows["se"].iloc[-2],
        84 * second * np.sqrt(sigma2 / second**2 * (1 / 84 + 1 / C1.sum())),
    )
    assert rows["status"].tolist() == ["final"] * 4 + ["preliminary"] * 2
    assert_allclose(
        nowcast(triangle, last=8074).reported, [1 / first / second, 1 / second, 1.0]
    )


def test_an_interval_never_says_less_than_what_is_recorded():
    rng = np.random.default_rng(4)
    for _ in range(50):
        triangle = np.column_stack(
            [rng.poisson(9, 10), rng.poisson(4, 10), rng.poisson(1, 10)]
        ).astype(float)
        triangle[-1, 1:], triangle[-2, 2:] = NAN, NAN
        rows = nowcast(triangle, last=8074).rows.dropna(subset=["expected"])
        assert (
            (rows["ci_low"] >= rows["observed"]).all()
            and (rows["ci_low"] <= rows["expected"]).all()
            and (rows["expected"] <= rows["ci_high"]).all()
        )


def test_quarters_that_cannot_be_raised_say_why():
    triangle = np.array(
        [[50, 30], [60, 40], [0, 0], [55, 30], [48, 30], [0, NAN]], dtype=float
    )
    rows = nowcast(triangle, last=8074).rows
    assert rows["status"].tolist() == [
        "final",
        "final",
        "no records",
        "final",
        "final",
        "no records",
    ]
    assert rows["reason"].iloc[-1] == "no records: nothing to raise" and np.isnan(
        rows["expected"].iloc[-1]
    )
    few = nowcast(triangle[3:5], last=8074)
    assert few.rows["status"].tolist() == ["final", "final"]
    short = np.array([[50, 30], [60, 40], [48, NAN]], dtype=float)
    assert (
        nowcast(short, last=8074).rows["status"].tolist()[-1] == "not identified"
        and nowcast(short, last=8074).reported == ()
    )


def test_rows_of_the_triangle_are_the_rows_recorded():
    frame, truth = stays(3, quarters=10)
    day = last_day(9)
    made = delay_triangle(
        known(frame, day), as_of=day, happened="admitted_on", recorded="setl_time"
    )
    assert np.nansum(made) == len(known(frame, day))
    assert (
        (made[:5].sum(axis=1) == truth["counts"][:5]).all()
        and np.isnan(made[-1, 1:]).all()
        and not np.isnan(made[-1, 0])
    )


def test_what_is_recorded_later_changes_nothing():
    frame, _ = stays(5, quarters=12, ahead=2)
    day = last_day(11)
    one = quarterly_trend(known(frame, day), as_of=day)
    late = frame[frame["setl_time"] > day].assign(admitted_on=pd.Timestamp(day))
    two = quarterly_trend(pd.concat([known(frame, day), late]), as_of=day)
    pd.testing.assert_frame_equal(
        one.rows.drop(columns=["adjusted_ci_low", "adjusted_ci_high"]),
        two.rows.drop(columns=["adjusted_ci_low", "adjusted_ci_high"]),
    )
    pd.testing.assert_frame_equal(one.forecast, two.forecast)


def test_the_season_is_found_and_the_unit_of_money_does_not_matter():
    frame, _ = stays(7, quarters=16, mean=4_000, level_sd=0.01)
    day = last_day(15)
    trend = quarterly_trend(known(frame, day), as_of=day)
    assert_allclose(np.log(trend.season), [0.15, -0.05, -0.12, 0.02], atol=0.04)
    assert_allclose(np.log(trend.season).sum(), 0, atol=1e-12)
    yuan, wan = (
        quarterly_trend(
            known(frame, day).assign(psn_part_amt=frame["psn_part_amt"] / k),
            as_of=day,
            value="psn_part_amt",
        )
        for k in (1, 10_000)
    )
    assert_allclose(yuan.rows["adjusted"], wan.rows["adjusted"] * 10_000)
    assert_allclose(yuan.forecast, wan.forecast * 10_000)


def test_a_known_jump_is_not_read_as_season():
    frame, _ = stays(9, quarters=16, mean=3_000, level_sd=0.01)
    day = last_day(15)
    rows = known(frame, day)
    thin = rows[
        (rows["admitted_on"] < "2017-10-01") | (np.arange(len(rows)) % 4 == 0)
    ]  # three quarters of the stays end with 2017Q3
    aware = quarterly_trend(thin, as_of=day, breaks=["2017-10-01", ""])
    assert_allclose(np.log(aware.season), [0.15, -0.05, -0.12, 0.02], atol=0.08)
    assert (
        aware.not_forecast == "too few quarters since the last change of policy"
        and not len(aware.forecast)
    )


def test_series_that_cannot_answer():
    frame, _ = stays(11, quarters=6)
    day = last_day(5)
    short = quarterly_trend(known(frame, day), as_of=day)
    assert (
        short.not_adjusted == "too few quarters to tell the season"
        and short.rows["adjusted"].isna().all()
        and not len(short.forecast)
    )
    none = quarterly_trend(frame.iloc[:0], as_of=day)
    assert not len(none.rows) and none.not_forecast == "no records"
    with pytest.raises(ParameterError, match="负数"):
        quarterly_trend(
            frame.assign(psn_part_amt=-1.0), as_of=day, value="psn_part_amt"
        )
    zero = quarterly_trend(
        known(frame, day).assign(psn_part_amt=0.0), as_of=day, value="psn_part_amt"
    )
    assert set(zero.rows["status"]) == {"no records"} and not len(zero.forecast)


def test_a_quarter_without_claims_is_left_out_of_the_season():
    frame, _ = stays(13, quarters=16, mean=2_000)
    day = last_day(15)
    rows = known(frame, day)
    gap = rows[
        (rows["admitted_on"] < "2016-07-01") | (rows["admitted_on"] >= "2016-10-01")
    ]
    trend = quarterly_trend(gap, as_of=day)
    assert (trend.rows["status"] == "no records").sum() == 1 and np.isnan(
        trend.rows.loc[2016 * 4 + 2, "adjusted"]
    )
    assert_allclose(np.log(trend.season), [0.15, -0.05, -0.12, 0.02], atol=0.12)


def test_intervals_hold_the_truth_in_small():
    """The full study, 200 replications, is printed by `make bench`."""
    found = delay_study(range(30))
    assert (
        found["delay_corrected"] >= 0.85
        and found["forecast"] >= 0.85
        and found["backtested"] >= 0.88
        and found["adjusted"] >= 0.85
    )
