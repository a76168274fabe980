"""Spot checks: exact bounds cover the truth, and the plan is the smallest that shows it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from jinzhou.errors import ParameterError
from jinzhou.measures.spot_check import sample_size, spot_check_plan, upper_bound


def test_a_full_check_shows_the_rate_itself():
    assert upper_bound(3, 50, 50) == 3 / 50 and upper_bound(0, 50, 50) == 0


@pytest.mark.parametrize(("population", "bad"), [(300, 6), (300, 30), (2_000, 40)])
def test_the_bound_covers_the_truth_at_its_level(population, bad):
    """2,000 draws: at least 95 % of the upper bounds lie at or above the truth (the law is discrete, so more may)."""
    draws = np.random.default_rng(3).hypergeometric(bad, population - bad, 100, 2_000)
    bounds = {k: upper_bound(int(k), 100, population) for k in np.unique(draws)}
    assert np.mean([bounds[k] >= bad / population for k in draws]) >= 0.94
    exact = sum(hypergeom.pmf(k, population, bad, 100) for k in range(101) if upper_bound(k, 100, population) >= bad / population)
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
    assert plan.loc["all", "population"] == 4_040 and np.isnan(plan.loc["210702", "n_1"])
    assert plan.loc["210702", "n_0"] <= 40 and plan.loc["210727"].is_monotonic_increasing is False
    assert plan.loc["210727", "n_0"] < plan.loc["210727", "n_1"] < plan.loc["210727", "n_2"]


@pytest.mark.parametrize("call", [lambda: upper_bound(5, 4, 10), lambda: upper_bound(0, 0, 10), lambda: upper_bound(1, 11, 10)])
def test_impossible_checks_are_refused(call):
    with pytest.raises(ParameterError, match="0≤发现≤抽查≤总体"):
        call()


def test_impossible_marks_are_refused():
    with pytest.raises(ParameterError, match="标准应在0与1之间"):
        sample_size(100, rate=2)
