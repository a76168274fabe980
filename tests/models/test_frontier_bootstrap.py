"""Bias, intervals and the test of returns to scale."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from jinzhou.errors import ParameterError
from jinzhou.models import dea, dea_intervals, returns_test
from jinzhou.models.dea import prepare
from jinzhou.models.frontier_bootstrap import against_pseudo, pseudo_scores, silverman, smooth
from tests.frontier_study import coverage, frontier_world
from tests.models import envelope

UNITS = frontier_world(n=30, seed=5).drop(columns="theta")
KW = dict(inputs=["x"], outputs=["y"])


@pytest.mark.parametrize("returns", ["constant", "variable", "decreasing", "increasing"])
@pytest.mark.parametrize("orientation", ["input", "output"])
def test_scores_against_pseudo_units_agree_with_a_second_solver(orientation, returns):
    given, factor = prepare(UNITS, returns=returns, **KW), np.random.default_rng(0).uniform(0.8, 1.4, (3, 30))
    found = against_pseudo(given, factor, returns=returns, output=orientation == "output")
    for g in range(3):
        X, Y = (given.X * factor[g][:, None], given.Y) if orientation == "input" else (given.X, given.Y / factor[g][:, None])
        for o in range(0, 30, 7):
            want = envelope.radial(X, Y, o, x=given.X[o], y=given.Y[o], orientation=orientation, returns=returns)
            assert_allclose(found[g, o], want if orientation == "input" else 1 / want, rtol=1e-9)


def test_conventions_take_the_bias_off_on_the_scale_they_name():
    theta = dea(UNITS, returns="variable", **KW).scores["score"].to_numpy()
    h = silverman(1 / theta)
    draws = np.concatenate(list(pseudo_scores(prepare(UNITS, returns="variable", **KW), 1 / theta, returns=("variable",), output=False, bandwidth=h, replications=100,
                                              rng=np.random.default_rng(9))), axis=1)[0]
    shephard, farrell = (dea_intervals(UNITS, replications=100, seed=9, convention=c, **KW) for c in ("shephard", "farrell"))
    assert_allclose(shephard.scores["corrected"], 1 / (2 / theta - (1 / draws).mean(axis=0)))
    assert_allclose(farrell.scores["corrected"], 2 * theta - draws.mean(axis=0))
    assert_allclose(shephard.scores["low"], 1 / np.quantile(2 / theta - 1 / draws, 0.975, axis=0))
    assert "shephard" in shephard.summary() and "farrell" in farrell.summary() and shephard.failures == 0
    for found in (shephard, farrell):
        s = found.scores
        assert (s["corrected"] < s["score"]).all() and (s["low"] <= s["corrected"]).all() and (s["corrected"] <= s["high"]).all()
        assert_allclose(s["reciprocal_low"], 1 / s["high"])


def test_output_scores_are_corrected_upwards():
    found = dea_intervals(UNITS, orientation="output", replications=100, **KW).scores
    assert (found["corrected"] > found["score"]).all() and (found["high"] > found["low"]).all()
    inverse = dea_intervals(UNITS, orientation="output", returns="constant", replications=100, **KW).scores
    inward = dea_intervals(UNITS, returns="constant", replications=100, **KW).scores          # one score, two orientations
    assert_allclose(1 / inverse["score"], inward["score"], rtol=1e-10)


def test_ranks_come_with_an_interval_or_not_at_all():
    ranks = dea_intervals(UNITS, replications=200, **KW).ranks
    assert (ranks["low"] <= ranks["rank"]).all() and (ranks["rank"] <= ranks["high"]).all() and (ranks["high"] > ranks["low"]).any()
    few = dea_intervals(UNITS.assign(z=1.0, w=1.0).iloc[:11], inputs=["x", "z", "w"], outputs=["y"], returns="constant", replications=100)
    assert few.ranks is None and not few.enough and "no ranks" in few.summary()


def test_same_seed_same_numbers_and_money_unit_does_not_matter():
    one, two = dea_intervals(UNITS, replications=100, **KW), dea_intervals(UNITS * [1e9, 1e-3], replications=100, **KW)
    pd.testing.assert_frame_equal(one.scores, dea_intervals(UNITS, replications=100, **KW).scores)
    assert_allclose(one.scores["corrected"], two.scores["corrected"], rtol=1e-8)


def test_no_spread_no_intervals():
    alike = pd.DataFrame({"x": np.arange(1.0, 11), "y": np.arange(1.0, 11)})
    found = dea_intervals(alike, returns="constant", replications=100, **KW)
    assert found.reason == "fewer than two units off the frontier" and found.scores["low"].isna().all() and found.ranks is None and "no intervals" in found.summary()
    assert returns_test(alike, replications=100, **KW).returns == "unknown"


def test_units_that_cannot_be_used_are_named_and_the_rest_scored():
    found = dea_intervals(pd.concat([UNITS, pd.DataFrame({"x": [-1.0], "y": [1.0]}, index=["乙镇"])]), replications=100, **KW)
    assert found.excluded.to_dict() == {"乙镇": "negative value"} and found.n == 30 and len(found.scores) == 30


def test_smoothing_keeps_spread_and_reaches_the_frontier():
    distance = 1 + np.random.default_rng(1).exponential(0.3, 500)
    drawn = smooth(distance, (200, 500), silverman(distance), np.random.default_rng(2))
    assert drawn.min() >= 1 and (drawn < 1.01).mean() > 0.5 * (distance < 1.01).mean()
    assert_allclose(((drawn - 1) ** 2).mean(), ((distance - 1) ** 2).mean(), rtol=0.02)


def test_bias_is_most_of_the_error_and_is_taken_off():
    found = coverage(samples=10, n=40, replications=200, seed=1)
    assert abs(found["bias_corrected"]) < 0.5 * found["bias"] and found["error_corrected"] < 0.8 * found["error"]
    assert 0.5 < found["covered"] < 0.99       # one sample's units stand or fall together; `make bench` prints it over many


def test_returns_to_scale_are_told_apart():
    constant = pd.DataFrame({"x": UNITS["x"], "y": UNITS["x"] * np.exp(-np.random.default_rng(3).exponential(0.3, 30))})
    assert returns_test(constant, replications=100, **KW).returns == "constant"
    found = returns_test(UNITS, replications=200, orientation="output", **KW)
    assert found.returns != "constant" and found.tests.loc["constant", "p_value"] < 0.05 and "Returns to scale" in found.summary()


@pytest.mark.parametrize("wrong", [{"returns": "fdh"}, {"orientation": "graph"}, {"convention": "debreu"}, {"replications": 10}, {"level": 1.0}, {"bandwidth": 0.0}])
def test_what_the_bootstrap_refuses(wrong):
    with pytest.raises(ParameterError):
        dea_intervals(UNITS, **KW | wrong)
