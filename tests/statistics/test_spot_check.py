"""Spot checks: exact bounds cover the truth, and the plan is the smallest that shows it."""

import numpy as np
import pandas as pd
import pytest
import studies
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from jinzhou import registry
from jinzhou.errors import ParameterError
from jinzhou.statistics.spot_check import (
    draw_spot_check,
    exact_interval,
    sample_size,
    spot_check_plan,
    spot_check_rates,
    upper_bound,
)
from tests.snapshots import snapshot


def test_a_full_check_shows_the_rate_itself():
    assert upper_bound(3, 50, 50) == 3 / 50 and upper_bound(0, 50, 50) == 0


@pytest.mark.parametrize(("population", "bad"), [(300, 6), (300, 30), (2_000, 40)])
def test_the_bound_covers_the_truth_at_its_level(population, bad):
    """2,000 draws: at least 95 % of the upper bounds lie at or above the truth (the law is discrete, so more may)."""
    draws = np.random.default_rng(3).hypergeometric(bad, population - bad, 100, 2_000)
    bounds = {k: upper_bound(int(k), 100, population) for k in np.unique(draws)}
    assert np.mean([bounds[k] >= bad / population for k in draws]) >= 0.94
    exact = sum(
        hypergeom.pmf(k, population, bad, 100)
        for k in range(101)
        if upper_bound(k, 100, population) >= bad / population
    )
    assert exact >= 0.95


@settings(max_examples=60, deadline=None)
@given(st.integers(60, 5_000), st.integers(0, 3))
def test_one_household_fewer_would_not_show_it(population, found):
    n = sample_size(population, rate=0.02, found=found)
    if n is None:
        assert found / population >= 0.02
        return
    assert upper_bound(found, n, population) < 0.02
    assert n <= max(1, found) or upper_bound(found, n - 1, population) >= 0.02


def test_a_large_population_needs_what_the_binomial_needs():
    """Without a finite population: the smallest n with 0.98**n <= 0.05 is 149."""
    assert 147 <= sample_size(1_000_000, rate=0.02) <= 149


def test_the_plan_says_where_no_check_can_show_it():
    plan = spot_check_plan(pd.Series({"210702": 40, "210727": 4_000}), rate=0.02)
    assert plan.loc["all", "population"] == 4_040 and np.isnan(
        plan.loc["210702", "n_1"]
    )
    assert (
        plan.loc["210702", "n_0"] <= 40
        and plan.loc["210727"].is_monotonic_increasing is False
    )
    assert (
        plan.loc["210727", "n_0"]
        < plan.loc["210727", "n_1"]
        < plan.loc["210727", "n_2"]
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda: upper_bound(5, 4, 10),
        lambda: upper_bound(0, 0, 10),
        lambda: upper_bound(1, 11, 10),
    ],
)
def test_impossible_checks_are_refused(call):
    with pytest.raises(ParameterError, match="发现不应多于抽查"):
        call()


def test_impossible_marks_are_refused():
    with pytest.raises(ParameterError, match="标准应在零与一之间"):
        sample_size(100, rate=2)


@pytest.mark.parametrize(("population", "bad"), [(200, 4), (200, 60), (900, 18)])
def test_the_interval_never_covers_less_than_its_level(population, bad):
    law = hypergeom(population, bad, 80)
    covered = sum(
        law.pmf(k)
        for k in range(81)
        if law.pmf(k) > 1e-12
        and (i := exact_interval(k, 80, population))[0] <= bad / population <= i[1]
    )
    assert covered >= 0.95


def test_the_interval_holds_the_rate_and_is_a_point_after_a_full_check():
    assert exact_interval(3, 50, 50) == (3 / 50, 3 / 50)
    low, high = exact_interval(5, 200, 4_000)
    assert low < 5 / 200 < high < upper_bound(5, 200, 4_000, level=0.975) + 1e-9


def test_intervals_cover_the_truth():
    """Small version of the 2,000 draws of `make bench` (0.968 and 0.951 there)."""
    covered = studies.spot_check_study(150)
    assert all(0.90 <= share <= 1 for share in covered.values())


FRAME = pd.DataFrame(
    {
        "household_id": [f"h{i:03d}" for i in range(100)],
        "county": ["a"] * 70 + ["b"] * 30,
    }
)


def test_the_same_seed_draws_the_same_households_in_any_order():
    one = draw_spot_check(FRAME, {"a": 10, "b": 50}, seed=1)
    two = draw_spot_check(
        FRAME.sample(frac=1, random_state=3), {"b": 50, "a": 10}, seed=1
    )
    assert one.rows["household_id"].tolist() == two.rows["household_id"].tolist()
    assert (
        draw_spot_check(FRAME, {"a": 10}, seed=2).rows["household_id"].tolist()
        != one.rows["household_id"].tolist()[:10]
    )
    assert one.rows["county"].value_counts().to_dict() == {"a": 10, "b": 30}
    assert one.rows.groupby("county")["weight"].sum().to_dict() == {"a": 70, "b": 30}


def test_every_household_is_drawn_as_often():
    drawn = np.zeros(70)
    for seed in range(700):
        drawn[
            [
                int(h[1:])
                for h in draw_spot_check(FRAME, {"a": 10}, seed=seed).rows[
                    "household_id"
                ]
            ]
        ] += 1
    assert abs(drawn - 100).max() < 45 and drawn.sum() == 7_000


def test_a_draw_says_what_is_wrong():
    with pytest.raises(ParameterError, match="重复"):
        draw_spot_check(pd.concat([FRAME, FRAME]), {"a": 1}, seed=1)
    with pytest.raises(ParameterError, match="抽样框中没有|抽样数"):
        draw_spot_check(FRAME, {"c": 1}, seed=1)
    with pytest.raises(ParameterError, match="抽样框中没有|抽样数"):
        draw_spot_check(FRAME, {"a": -1}, seed=1)


def test_rates_are_weighted_and_the_unknown_is_no_pass():
    checks = pd.DataFrame(
        {
            "county": ["a"] * 100 + ["b"] * 100,
            "sample_frame": "exited",
            "weight": [1.0] * 100 + [9.0] * 100,
            "found": [("wrongly_exited",)] * 10 + [("consistent",)] * 190,
        }
    )
    rows = spot_check_rates(checks, threshold=0.02).rows.set_index(["rate", "county"])
    assert (
        rows.loc[("wrong_exit", "a"), "value"] == 0.1
        and rows.loc[("wrong_exit", "a"), "status"] == "fail"
    )
    assert (
        rows.loc[("wrong_exit", "all"), "value"] == pytest.approx(0.01)
        and rows.loc[("wrong_exit", "all"), "population"] == 1_000
    )
    assert (
        rows.loc[("wrong_exit", "b"), "status"] == "unknown"
    )  # none found, and a hundred are too few
    assert rows.loc[("missed", "all"), "status"] == "unknown" and np.isnan(
        rows.loc[("missed", "all"), "value"]
    )
    some = spot_check_rates(checks.assign(weight=np.nan), threshold=0.02).rows
    assert (some["status"] == "unknown").all()


def test_rates_of_the_registry(store):
    rows = spot_check_rates(
        registry.table(snapshot(store, "2018-09-30"), "spot_check"), threshold=0.02
    ).rows
    assert (
        set(rows["rate"]) == {"wrong_exit", "missed", "wrong_entry"}
        and (rows["ci_low"] <= rows["value"]).all()
        and (rows["value"] <= rows["ci_high"]).all()
    )
