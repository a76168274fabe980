"""Did the policy change the bills: known effects, placebo dates, and answers that refuse."""

import numpy as np
import pandas as pd
import pytest
from illness_studies import interrupted_study, staggered_study
from numpy.testing import assert_allclose

from jinzhou import models
from jinzhou.errors import ParameterError
from jinzhou.statistics import policy_effect


def months(values) -> pd.Series:
    return pd.Series(
        np.asarray(values, float),
        index=pd.period_range("2015-01", periods=len(values), freq="M"),
    )


def test_a_clean_jump_is_found_exactly():
    index = pd.period_range("2015-01", periods=45, freq="M")
    season = np.array([0.02, -0.01, 0.0, -0.01])[index.quarter - 1]
    value = 0.3 + 0.001 * np.arange(45) + season - 0.2 * (index >= "2018-01")
    found = models.interrupted_series(
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
    found = models.interrupted_series(series, start=start)
    assert (
        (found.status, found.reason) == ("not identified", reason)
        and np.isnan(found.effect)
        and reason in found.summary()
    )


def test_trend_season_level_and_unit_do_not_touch_the_interval():
    """The interval belongs to the noise: what the regression takes out does not move it, and another unit of the share scales it."""
    noise = np.random.default_rng(4).normal(0, 0.01, 45).cumsum()
    bare = models.interrupted_series(months(noise), start="2018-01-01")
    taken = (
        5.0
        + 0.3 * np.arange(45)
        + np.array([1.0, -2.0, 0.5, 0.0])[np.arange(45) // 3 % 4]
        - 0.7 * (np.arange(45) >= 36)
    )
    full = models.interrupted_series(months(100 * (noise + taken)), start="2018-01-01")
    for name in ("effect", "ci_low", "ci_high"):
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
    """Information from contrasts and numeric slopes, and the slope of the effect's variance at the scale orthogonal to the correlation."""
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
        for r in policy_effect.CORRELATIONS
    ]
    chance = [
        np.sqrt(np.linalg.det(information(r, c)))
        for c in policy_effect.CHANCE[1:]
        for r in policy_effect.CORRELATIONS
    ]
    process = policy_effect._Process.over(index)
    inverse = np.linalg.inv(X.T @ process.precision @ X)
    estimator = inverse @ (X.T @ process.precision)
    found = policy_effect._prior(
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
    found = models.interrupted_series(holes, start="2018-01-01")
    assert (
        found.left_out == 3
        and abs(
            found.effect - models.interrupted_series(full, start="2018-01-01").effect
        )
        < 0.01
    )


def test_a_series_of_days_is_refused():
    with pytest.raises(ParameterError, match="PeriodIndex"):
        models.interrupted_series(pd.Series([1.0, 2.0]), start="2018-01-01")


def rows(
    starts: dict[str, float | None],
    effect: float = -1.0,
    periods: int = 10,
    noise: float = 0.0,
    seed: int = 5,
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    made = []
    for k, (place, start) in enumerate(starts.items()):
        for t in range(periods):
            made.append(
                (
                    place,
                    t,
                    k
                    + 0.3 * t
                    + (effect if start is not None and t >= start else 0.0)
                    + noise * rng.normal(),
                )
            )
    return pd.DataFrame(made, columns=["county", "quarter", "value"])


STARTS = (
    {f"a{i}": 4 for i in range(4)}
    | {f"b{i}": 7 for i in range(4)}
    | {f"n{i}": None for i in range(4)}
)


def test_group_time_effects_without_noise_are_exact():
    found = models.staggered_did(rows(STARTS), starts=STARTS)
    assert_allclose(found.effect, -1.0)
    assert_allclose(
        found.groups.loc[found.groups["period"] >= found.groups["start"], "effect"],
        -1.0,
    )
    assert_allclose(found.events.loc[found.events.index < 0, "effect"], 0.0, atol=1e-12)
    assert_allclose(found.before, 0.0, atol=1e-12)


def test_effects_that_grow_are_not_averaged_away():
    """Where effects grow, two-way fixed effects use the early places as comparison for the late ones; these do not."""
    growing = rows(STARTS, effect=0.0)
    start = growing["county"].map(STARTS).astype(float)
    growing["value"] += np.where(
        growing["quarter"] >= start, -(growing["quarter"] - start + 1.0), 0.0
    )
    found = models.staggered_did(growing, starts=STARTS)
    assert_allclose(
        found.events.loc[found.events.index >= 0, "effect"],
        -(found.events.index[found.events.index >= 0] + 1.0),
    )
    dummies = pd.get_dummies(
        growing[["county", "quarter"]].astype(str), drop_first=True, dtype=float
    ).assign(one=1.0, treated=(growing["quarter"] >= start).astype(float))
    two_way = np.linalg.lstsq(
        dummies.to_numpy(), growing["value"].to_numpy(), rcond=None
    )[0][-1]
    assert abs(two_way - found.effect) > 0.4


@pytest.mark.parametrize(
    ("starts", "reason"),
    [
        (dict.fromkeys(STARTS, 4), "all places began together"),
        (dict.fromkeys(STARTS, None), "no place began inside the data"),
        (dict.fromkeys(STARTS, 0), "no place began inside the data"),
        ({**dict.fromkeys(STARTS, 4), "n3": None}, "too few places to compare"),
    ],
)
def test_no_variation_is_answered_with_the_reason(starts, reason):
    found = models.staggered_did(rows(starts), starts=starts)
    assert (found.status, found.reason) == ("not identified", reason) and np.isnan(
        found.effect
    )


def test_places_not_used_are_counted():
    early = {**STARTS, "a0": 0}
    data = rows(early)
    data = data[~((data["county"] == "b0") & (data["quarter"] == 3))]
    found = models.staggered_did(data, starts=early)
    assert found.left_out.to_dict() == {
        "a period without a value": 1,
        "began before the data do": 1,
    }
    assert (
        models.staggered_did(rows({"a": 4}), starts={"a": 4}).reason == "only one place"
    )
    few = models.staggered_did(
        rows(STARTS), starts=STARTS, cluster={k: k[0] for k in STARTS}
    )
    assert (few.status, few.reason) == ("not identified", "too few clusters")


def test_intervals_hold_the_effect_in_small_and_placebos_are_quiet():
    """The full study, 200 replications, is printed by `make bench`."""
    series = {
        name: value.mean()
        for name, value in interrupted_study(range(25), placebos=4).items()
    }
    assert (
        series["interval"] >= 0.8
        and series["placebo"] <= 0.12
        and series["did_refuses"] == 1.0
    )
    places = staggered_study(range(25))
    assert (
        places["interval"] >= 0.84
        and places["placebo_periods"] <= 0.16
        and places["placebo_date"] <= 0.16
    )


def test_no_bill_at_all_is_no_comparison():
    from jinzhou.statistics.policy_effect import staggered_did

    nothing = pd.DataFrame(
        {
            "unit": pd.Series(dtype=str),
            "period": pd.Series(dtype=int),
            "outcome": pd.Series(dtype=float),
        }
    )
    found = staggered_did(
        nothing, unit="unit", period="period", outcome="outcome", starts={}
    )
    assert found.status == "not identified" and found.clusters == 0
