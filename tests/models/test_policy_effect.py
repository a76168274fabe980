"""Did the policy change the bills: known effects, placebo dates, and answers that refuse."""

import numpy as np
import pandas as pd
import pytest
from illness_studies import interrupted_study, staggered_study
from numpy.testing import assert_allclose

from jinzhou import models
from jinzhou.errors import ParameterError


def months(values) -> pd.Series:
    return pd.Series(np.asarray(values, float), index=pd.period_range("2015-01", periods=len(values), freq="M"))


def test_a_clean_jump_is_found_exactly():
    index = pd.period_range("2015-01", periods=45, freq="M")
    season = np.array([0.02, -0.01, 0.0, -0.01])[index.quarter - 1]
    value = 0.3 + 0.001 * np.arange(45) + season - 0.2 * (index >= "2018-01")
    found = models.interrupted(months(value + 1e-9 * np.sin(np.arange(45.0) ** 2)), start="2018-01-01")
    assert_allclose(found.effect, -0.2, atol=1e-6)
    assert found.status == "estimated" and found.low <= found.effect <= found.high and len(found.placebo) == 8
    assert_allclose(found.rows["without"].iloc[-1] - found.rows["fitted"].iloc[-1], 0.2, atol=1e-6)


@pytest.mark.parametrize(("series", "start", "reason"), [
    (months(np.arange(40.0)), "", "the start of the policy is not known"), (months(np.arange(10.0)), "2015-08-01", "too few periods before or after the start"),
    (months(np.arange(40.0)), "2018-03-01", "too few periods before or after the start"), (months(np.zeros(45)), "2018-01-01", "the outcome never changes")])
def test_an_interrupted_series_that_cannot_answer(series, start, reason):
    found = models.interrupted(series, start=start)
    assert (found.status, found.reason) == ("not identified", reason) and np.isnan(found.effect) and reason in found.summary()


def test_months_without_a_value_are_left_out_and_counted():
    rng = np.random.default_rng(2)
    full = months(0.3 + rng.normal(0, 0.01, 45) - 0.2 * (np.arange(45) >= 36))
    holes = full.copy()
    holes.iloc[[4, 5, 20]] = np.nan
    found = models.interrupted(holes, start="2018-01-01")
    assert found.left_out == 3 and abs(found.effect - models.interrupted(full, start="2018-01-01").effect) < 0.01


def test_a_series_of_days_is_refused():
    with pytest.raises(ParameterError, match="PeriodIndex"):
        models.interrupted(pd.Series([1.0, 2.0]), start="2018-01-01")


def rows(starts: dict[str, float | None], effect: float = -1.0, periods: int = 10, noise: float = 0.0, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    made = []
    for k, (place, start) in enumerate(starts.items()):
        for t in range(periods):
            made.append((place, t, k + 0.3 * t + (effect if start is not None and t >= start else 0.0) + noise * rng.normal()))
    return pd.DataFrame(made, columns=["county", "quarter", "value"])


STARTS = {f"a{i}": 4 for i in range(4)} | {f"b{i}": 7 for i in range(4)} | {f"n{i}": None for i in range(4)}


def test_group_time_effects_without_noise_are_exact():
    found = models.staggered(rows(STARTS), starts=STARTS)
    assert_allclose(found.effect, -1.0)
    assert_allclose(found.groups.loc[found.groups["period"] >= found.groups["start"], "effect"], -1.0)
    assert_allclose(found.events.loc[found.events.index < 0, "effect"], 0.0, atol=1e-12)
    assert_allclose(found.before, 0.0, atol=1e-12)


def test_effects_that_grow_are_not_averaged_away():
    """Where effects grow, two-way fixed effects use the early places as comparison for the late ones; these do not."""
    growing = rows(STARTS, effect=0.0)
    start = growing["county"].map(STARTS).astype(float)
    growing["value"] += np.where(growing["quarter"] >= start, -(growing["quarter"] - start + 1.0), 0.0)
    found = models.staggered(growing, starts=STARTS)
    assert_allclose(found.events.loc[found.events.index >= 0, "effect"], -(found.events.index[found.events.index >= 0] + 1.0))
    dummies = pd.get_dummies(growing[["county", "quarter"]].astype(str), drop_first=True, dtype=float).assign(one=1.0, treated=(growing["quarter"] >= start).astype(float))
    two_way = np.linalg.lstsq(dummies.to_numpy(), growing["value"].to_numpy(), rcond=None)[0][-1]
    assert abs(two_way - found.effect) > 0.4


@pytest.mark.parametrize(("starts", "reason"), [
    (dict.fromkeys(STARTS, 4), "all places began together"), (dict.fromkeys(STARTS, None), "no place began inside the data"),
    (dict.fromkeys(STARTS, 0), "no place began inside the data"), ({**dict.fromkeys(STARTS, 4), "n3": None}, "too few places to compare")])
def test_no_variation_is_answered_with_the_reason(starts, reason):
    found = models.staggered(rows(starts), starts=starts)
    assert (found.status, found.reason) == ("not identified", reason) and np.isnan(found.effect)


def test_places_not_used_are_counted():
    early = {**STARTS, "a0": 0}
    data = rows(early)
    data = data[~((data["county"] == "b0") & (data["quarter"] == 3))]
    found = models.staggered(data, starts=early)
    assert found.left_out.to_dict() == {"a period without a value": 1, "began before the data do": 1}
    assert models.staggered(rows({"a": 4}), starts={"a": 4}).reason == "only one place"
    few = models.staggered(rows(STARTS), starts=STARTS, cluster={k: k[0] for k in STARTS})
    assert (few.status, few.reason) == ("not identified", "too few clusters")


def test_intervals_hold_the_effect_in_small_and_placebos_are_quiet():
    """The full study, 200 replications, is printed by `make bench`."""
    series = {name: value.mean() for name, value in interrupted_study(range(25), placebos=4).items()}
    assert series["interval"] >= 0.8 and series["placebo"] <= 0.12 and series["did_refuses"] == 1.0
    places = staggered_study(range(25))
    assert places["interval"] >= 0.84 and places["placebo_periods"] <= 0.16 and places["placebo_date"] <= 0.16


def test_no_bill_at_all_is_no_comparison():
    from jinzhou.models.policy_effect import staggered

    nothing = pd.DataFrame({"unit": pd.Series(dtype=str), "period": pd.Series(dtype=int), "outcome": pd.Series(dtype=float)})
    found = staggered(nothing, unit="unit", period="period", outcome="outcome", starts={})
    assert found.status == "not identified" and found.clusters == 0
