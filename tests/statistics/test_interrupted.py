"""Change of level at a date: known effects, placebo dates, answers that refuse."""

import numpy as np
import pandas as pd
import pytest
from illness_studies import interrupted_study
from numpy.testing import assert_allclose
from scipy.special import stdtrit

from jinzhou.errors import ParameterError
from jinzhou.statistics import serial_correlation
from jinzhou.statistics.interrupted import interrupted_series


def months(values) -> pd.Series:
    return pd.Series(
        np.asarray(values, float),
        index=pd.period_range("2015-01", periods=len(values), freq="M"),
    )


def test_a_clean_jump_is_found_exactly():
    index = pd.period_range("2015-01", periods=45, freq="M")
    season = np.array([0.02, -0.01, 0.0, -0.01])[index.quarter - 1]
    value = 0.3 + 0.001 * np.arange(45) + season - 0.2 * (index >= "2018-01")
    found = interrupted_series(
        months(value + 1e-9 * np.sin(np.arange(45.0) ** 2)), start="2018-01-01"
    )
    assert_allclose(found.effect, -0.2, atol=1e-6)
    assert (
        found.status == "estimated"
        and found.ci_low <= found.effect <= found.ci_high
        and len(found.placebo) == 8
    )
    assert_allclose(
        found.rows["without"].iloc[-1] - found.rows["fitted"].iloc[-1], 0.2, atol=1e-6
    )


@pytest.mark.parametrize(
    ("series", "start", "reason"),
    [
        (months(np.arange(40.0)), "", "the start of the policy is not known"),
        (
            months(np.arange(10.0)),
            "2015-08-01",
            "too few periods before or after the start",
        ),
        (
            months(np.arange(40.0)),
            "2018-03-01",
            "too few periods before or after the start",
        ),
        (months(np.zeros(45)), "2018-01-01", "the outcome never changes"),
    ],
)
def test_an_interrupted_series_that_cannot_answer(series, start, reason):
    found = interrupted_series(series, start=start)
    assert (
        (found.status, found.reason) == ("not identified", reason)
        and np.isnan(found.effect)
        and reason in found.summary("en")
    )


def test_trend_season_level_and_unit_do_not_touch_the_interval():
    """What the regression takes out does not move the interval; another unit scales it."""
    noise = np.random.default_rng(4).normal(0, 0.01, 45).cumsum()
    bare = interrupted_series(months(noise), start="2018-01-01")
    taken = (
        5.0
        + 0.3 * np.arange(45)
        + np.array([1.0, -2.0, 0.5, 0.0])[np.arange(45) // 3 % 4]
        - 0.7 * (np.arange(45) >= 36)
    )
    full = interrupted_series(months(100 * (noise + taken)), start="2018-01-01")
    for name in (
        "effect",
        "ci_low",
        "ci_high",
        "averaged_effect",
        "averaged_ci_low",
        "averaged_ci_high",
    ):
        assert_allclose(
            getattr(full, name), 100 * (getattr(bare, name) - 0.7), rtol=1e-7
        )
    assert_allclose(full.correlation, bare.correlation, rtol=1e-6)
    assert_allclose(
        full.placebo[["ci_low", "ci_high"]].to_numpy(float),
        100 * bare.placebo[["ci_low", "ci_high"]].to_numpy(float),
        atol=1e-6,
    )


def test_the_weights_before_the_series_is_seen_are_those_of_their_definition():
    """Information from contrasts, and the slope at the scale orthogonal to the correlation."""
    index = months(np.zeros(20)).index.delete([3, 4, 11])
    n, place = 17, np.arange(17) >= 12
    X = np.column_stack([np.ones(n), np.arange(n) ** 1.5, place])
    Q, df = np.linalg.qr(X, mode="complete")[0][:, 3:], 14
    time = index.astype("int64").to_numpy()
    distance = np.abs(np.subtract.outer(time, time))

    def covariance(r, chance):
        return (1 - chance) * np.where(distance % 2, np.sign(r), 1.0) * abs(
            r
        ) ** distance + chance * np.eye(n)

    def log_variance(r):
        """Of the effect, where the scale keeps the determinant of the contrasts at 1."""
        inside = np.linalg.inv(X.T @ np.linalg.inv(covariance(r, 0.0)) @ X)[-1, -1]
        return np.log(inside) - np.linalg.slogdet(Q.T @ covariance(r, 0.0) @ Q)[1] / df

    def information(r, chance):
        step = 1e-5
        slopes = [
            (covariance(r + step, chance) - covariance(r - step, chance)) / (2 * step),
            (covariance(r, chance + step) - covariance(r, chance - step)) / (2 * step),
        ]
        W = [
            np.linalg.solve(Q.T @ covariance(r, chance) @ Q, Q.T @ slope @ Q)
            for slope in slopes
        ]
        return (
            np.array(
                [
                    [np.trace(a @ b) - np.trace(a) * np.trace(b) / df for b in W]
                    for a in W
                ]
            )
            / 2
        )

    without = [
        information(r, 0.0)[0, 0]
        / np.hypot(
            (log_variance(r + 1e-5) - log_variance(r - 1e-5)) / 2e-5,
            0.1 * np.sqrt(information(r, 0.0)[0, 0]),
        )
        for r in serial_correlation.CORRELATIONS
    ]
    chance = [
        np.sqrt(np.linalg.det(information(r, c)))
        for c in serial_correlation.NUGGETS[1:]
        for r in serial_correlation.CORRELATIONS
    ]
    process = serial_correlation.error_grid(index)
    inverse = np.linalg.inv(X.T @ process.precision @ X)
    estimator = inverse @ (X.T @ process.precision)
    found = serial_correlation.prior_weights(
        process.precision - process.precision @ X @ estimator,
        process.slopes,
        estimator[:, -1],
        inverse[:, -1, -1],
        df,
    )
    assert_allclose(
        found,
        np.concatenate([without / np.sum(without), chance / np.sum(chance)]),
        rtol=1e-5,
    )


def test_months_without_a_value_are_left_out_and_counted():
    rng = np.random.default_rng(2)
    full = months(0.3 + rng.normal(0, 0.01, 45) - 0.2 * (np.arange(45) >= 36))
    holes = full.copy()
    holes.iloc[[4, 5, 20]] = np.nan
    found = interrupted_series(holes, start="2018-01-01")
    assert (
        found.left_out == 3
        and abs(found.effect - interrupted_series(full, start="2018-01-01").effect)
        < 0.01
    )


def test_a_series_of_days_is_refused():
    with pytest.raises(ParameterError, match="PeriodIndex"):
        interrupted_series(pd.Series([1.0, 2.0]), start="2018-01-01")


def test_newey_west_errors_are_those_of_the_textbook():
    """By hand: Bartlett weights to the lag, n / (n - k), t quantiles."""
    series = months(np.random.default_rng(9).normal(0, 0.01, 45).cumsum())
    found = interrupted_series(series, start="2018-01-01", placebos=0)
    n, quarter, after = 45, series.index.quarter, np.arange(45) >= 36
    X = np.column_stack(
        [np.ones(n), np.arange(n), *((quarter == q) for q in (2, 3, 4)), after]
    ).astype(float)
    inverse = np.linalg.inv(X.T @ X)
    beta = inverse @ X.T @ series.to_numpy()
    score = X * (series.to_numpy() - X @ beta)[:, None]
    middle, lags = score.T @ score, int(4 * (n / 100) ** (2 / 9))
    for lag in range(1, lags + 1):
        part = score[lag:].T @ score[:-lag]
        middle += (1 - lag / (lags + 1)) * (part + part.T)
    se = np.sqrt(n / (n - 6) * (inverse @ middle @ inverse)[-1, -1])
    assert_allclose(found.effect, beta[-1], rtol=1e-8)
    assert_allclose(found.ci_high, beta[-1] + stdtrit(n - 6, 0.975) * se, rtol=1e-8)


def test_the_averaged_interval_holds_the_effect_in_small():
    """The full study, 200 replications, is printed by `make bench`."""
    series = {
        name: value.mean()
        for name, value in interrupted_study(range(25), placebos=4).items()
    }
    assert series["averaged"] >= 0.8 and series["did_refuses"] == 1.0
    assert series["newey_west"] <= series["averaged"]
