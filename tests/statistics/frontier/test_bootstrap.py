"""Bias, intervals and the test of returns to scale."""

from math import comb

import envelope
import numpy as np
import pandas as pd
import pytest
from frontier_study import (
    PUBLISHED,
    coverage,
    frontier_world,
    many_world,
    published_intervals,
)
from numpy.testing import assert_allclose

from jinzhou.errors import ParameterError
from jinzhou.statistics.frontier.bootstrap import CONVENTIONS, dea_intervals
from jinzhou.statistics.frontier.dea import dea
from jinzhou.statistics.frontier.model import DeaModel, prepare
from jinzhou.statistics.frontier.resampling import (
    against_pseudo,
    pseudo_scores,
    silverman,
    smooth,
    subsample_scores,
)
from jinzhou.statistics.frontier.scale_test import returns_to_scale_test

UNITS = frontier_world(n=30, seed=5).drop(columns="theta")
KW = dict(inputs=["x"], outputs=["y"])


@pytest.mark.parametrize(
    "returns", ["constant", "variable", "decreasing", "increasing"]
)
@pytest.mark.parametrize("orientation", ["input", "output"])
def test_scores_against_pseudo_units_agree_with_a_second_solver(orientation, returns):
    given, factor = (
        prepare(UNITS, DeaModel(returns_to_scale=returns, **KW)),
        np.random.default_rng(0).uniform(0.8, 1.4, (3, 30)),
    )
    found = against_pseudo(
        given, factor, returns_to_scale=returns, output=orientation == "output"
    )
    for g in range(3):
        X, Y = (
            (given.X * factor[g][:, None], given.Y)
            if orientation == "input"
            else (given.X, given.Y / factor[g][:, None])
        )
        for o in range(0, 30, 7):
            want = envelope.radial(
                X,
                Y,
                o,
                x=given.X[o],
                y=given.Y[o],
                orientation=orientation,
                returns=returns,
            )
            assert_allclose(
                found[g, o], want if orientation == "input" else 1 / want, rtol=1e-9
            )


@pytest.mark.parametrize(
    "returns", ["constant", "variable", "decreasing", "increasing"]
)
@pytest.mark.parametrize("orientation", ["input", "output"])
def test_scores_against_subsamples_agree_with_a_second_solver(orientation, returns):
    given = prepare(UNITS, DeaModel(returns_to_scale=returns, **KW))
    found = next(
        subsample_scores(
            given,
            output=orientation == "output",
            size=6,
            replications=3,
            rng=np.random.default_rng(4),
        )
    )
    chosen = np.random.default_rng(4).permuted(np.tile(np.arange(30), (3, 1)), axis=1)[
        :, :6
    ]
    for g in range(3):
        for o in range(30):
            want = envelope.radial(
                given.X[chosen[g]],
                given.Y[chosen[g]],
                None,
                x=given.X[o],
                y=given.Y[o],
                orientation=orientation,
                returns=returns,
            )
            want = (
                np.inf if want != want else want if orientation == "input" else 1 / want
            )
            assert_allclose(found[g, o], want, rtol=1e-8)
    assert np.isinf(found).any() == (
        returns == "variable"
        or (orientation, returns) in {("input", "decreasing"), ("output", "increasing")}
    )


def test_subsampling_of_one_ratio_has_a_known_distribution():
    """Constant returns, one input, one output: a subsample's frontier is its best ratio, whose place among all ratios is hypergeometric."""
    ratio = np.sort((UNITS["y"] / UNITS["x"]).to_numpy())[::-1]
    found = dea_intervals(
        UNITS, DeaModel(returns_to_scale="constant", **KW), replications=4000
    )
    n, m = 30, found.size
    at_least = np.cumsum(
        [comb(n - 1 - k, m - 1) / comb(n, m) for k in range(n - m + 1)]
    )  # the best of the subsample is among the k best of all
    worst = ratio[0] / ratio[: n - m + 1] - 1
    gap = lambda share: (
        (m / n) * worst[np.searchsorted(at_least, share)]
    )  # inputs + outputs = 2: the rate is n itself
    unit = found.scores.loc[(UNITS["y"] / UNITS["x"]).idxmin()]
    assert m == 10 and found.failures == 0
    for end, share in (("ci_high", 0.025), ("corrected", 0.5), ("ci_low", 0.975)):
        assert_allclose(unit[end], unit["score"] / (1 + gap(share)), rtol=1e-9)


def test_an_interval_is_open_where_nobody_shows_how_far_a_unit_could_go():
    s = dea_intervals(UNITS, DeaModel(**KW), replications=200).scores
    largest = UNITS["y"].idxmax()
    assert (
        abs(s.at[largest, "reached"] - 10 / 30) < 0.15
        and s.at[largest, "ci_low"] == 0
        and np.isnan(s.at[largest, "corrected"])
        and s.at[largest, "reciprocal_ci_high"] == np.inf
    )
    assert (
        ((s["ci_low"] == 0) == (s["reached"] < 0.975)).mean() > 0.9
        and (s["corrected"].isna() == (s["reached"] <= 0.5)).all()
        and (s["ci_high"] > 0).all()
    )
    out = dea_intervals(UNITS, DeaModel(orientation="output", **KW), replications=200)
    smallest = UNITS["x"].idxmin()
    assert (
        out.scores.at[smallest, "ci_high"] == np.inf
        and out.scores.at[smallest, "ci_low"] >= 1
        and "open at the far end" in out.summary()
        and "subsampling 10 of them" in out.summary()
    )
    assert (
        dea_intervals(
            UNITS, DeaModel(**KW), convention="shephard", replications=100
        ).scores["reached"]
        == 1
    ).all()


def test_conventions_take_the_bias_off_on_the_scale_they_name():
    theta = (
        dea(UNITS, DeaModel(returns_to_scale="variable", **KW))
        .scores["score"]
        .to_numpy()
    )
    h = silverman(1 / theta)
    draws = np.concatenate(
        list(
            pseudo_scores(
                prepare(UNITS, DeaModel(returns_to_scale="variable", **KW)),
                1 / theta,
                returns_to_scale=("variable",),
                output=False,
                bandwidth=h,
                replications=100,
                rng=np.random.default_rng(9),
            )
        ),
        axis=1,
    )[0]
    shephard, farrell = (
        dea_intervals(UNITS, DeaModel(**KW), replications=100, seed=9, convention=c)
        for c in ("shephard", "farrell")
    )
    assert_allclose(
        shephard.scores["corrected"], 1 / (2 / theta - (1 / draws).mean(axis=0))
    )
    assert_allclose(farrell.scores["corrected"], 2 * theta - draws.mean(axis=0))
    assert_allclose(
        shephard.scores["ci_low"], 1 / np.quantile(2 / theta - 1 / draws, 0.975, axis=0)
    )
    assert (
        "shephard" in shephard.summary()
        and "farrell" in farrell.summary()
        and shephard.failures == 0
    )
    for found in (shephard, farrell):
        s = found.scores
        assert (
            (s["corrected"] < s["score"]).all()
            and (s["ci_low"] <= s["corrected"]).all()
            and (s["corrected"] <= s["ci_high"]).all()
        )
        assert_allclose(s["reciprocal_ci_low"], 1 / s["ci_high"])


def test_output_scores_are_corrected_upwards():
    found = dea_intervals(
        UNITS, DeaModel(orientation="output", **KW), replications=100
    ).scores
    assert (
        (
            found["corrected"].dropna() >= found["score"][found["corrected"].notna()]
        ).all()
        and (found["ci_high"] > found["ci_low"]).all()
        and (found["ci_low"] >= found["score"] - 1e-12).all()
    )
    smoothed = dea_intervals(
        UNITS,
        DeaModel(orientation="output", **KW),
        convention="shephard",
        replications=100,
    ).scores
    assert (smoothed["corrected"] > smoothed["score"]).all() and (
        smoothed["ci_high"] > smoothed["ci_low"]
    ).all()
    inverse = dea_intervals(
        UNITS,
        DeaModel(orientation="output", returns_to_scale="constant", **KW),
        replications=100,
    ).scores
    inward = dea_intervals(
        UNITS, DeaModel(returns_to_scale="constant", **KW), replications=100
    ).scores  # one score, two orientations
    assert_allclose(1 / inverse["score"], inward["score"], rtol=1e-10)


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_ranks_come_with_an_interval_or_not_at_all(convention):
    ranks = dea_intervals(
        UNITS, DeaModel(**KW), replications=200, convention=convention
    ).ranks
    assert (
        (ranks["ci_low"] <= ranks["rank"]).all()
        and (ranks["rank"] <= ranks["ci_high"]).all()
        and (ranks["ci_high"] > ranks["ci_low"]).any()
    )
    few = dea_intervals(
        UNITS.assign(z=1.0, w=1.0).iloc[:11],
        DeaModel(inputs=["x", "z", "w"], outputs=["y"], returns_to_scale="constant"),
        replications=100,
    )
    assert few.ranks is None and not few.enough and "no ranks" in few.summary()


def test_same_seed_same_numbers_and_money_unit_does_not_matter():
    one, two = (
        dea_intervals(UNITS, DeaModel(**KW), replications=100),
        dea_intervals(UNITS * [1e9, 1e-3], DeaModel(**KW), replications=100),
    )
    pd.testing.assert_frame_equal(
        one.scores, dea_intervals(UNITS, DeaModel(**KW), replications=100).scores
    )
    assert_allclose(one.scores["corrected"], two.scores["corrected"], rtol=1e-8)


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_no_spread_no_intervals(convention):
    alike = pd.DataFrame({"x": np.arange(1.0, 11), "y": np.arange(1.0, 11)})
    found = dea_intervals(
        alike,
        DeaModel(returns_to_scale="constant", **KW),
        replications=100,
        convention=convention,
    )
    assert (
        found.reason == "fewer than two units off the frontier"
        and found.scores["ci_low"].isna().all()
        and found.ranks is None
        and "no intervals" in found.summary()
    )
    assert (
        returns_to_scale_test(alike, DeaModel(**KW), replications=100).returns_to_scale
        == "unknown"
    )


def test_units_that_cannot_be_used_are_named_and_the_rest_scored():
    found = dea_intervals(
        pd.concat([UNITS, pd.DataFrame({"x": [-1.0], "y": [1.0]}, index=["乙镇"])]),
        DeaModel(**KW),
        replications=100,
    )
    assert (
        found.excluded.to_dict() == {"乙镇": "negative value"}
        and found.n == 30
        and len(found.scores) == 30
    )


def test_smoothing_keeps_spread_and_reaches_the_frontier():
    distance = 1 + np.random.default_rng(1).exponential(0.3, 500)
    drawn = smooth(distance, (200, 500), silverman(distance), np.random.default_rng(2))
    assert drawn.min() >= 1 and (drawn < 1.01).mean() > 0.5 * (distance < 1.01).mean()
    assert_allclose(((drawn - 1) ** 2).mean(), ((distance - 1) ** 2).mean(), rtol=0.02)


@pytest.mark.parametrize(
    ("convention", "left"), [("subsampling", 0.75), ("shephard", 0.5)]
)
def test_bias_is_most_of_the_error_and_is_taken_off(convention, left):
    found = coverage(samples=10, n=40, replications=200, seed=1, convention=convention)
    assert (
        abs(found["bias_corrected"]) < left * found["bias"]
        and found["error_corrected"] < 0.8 * found["error"]
    )
    assert (
        0.5 < found["covered"] <= 1
    )  # one sample's units stand or fall together; `make bench` prints it over many


def test_subsampling_holds_the_truth_where_the_smoothed_bootstrap_loses_it():
    sides = {"inputs": list("abc"), "outputs": list("de"), "orientation": "output"}
    subsampled, smoothed = (
        coverage(
            samples=6,
            n=50,
            replications=100,
            seed=1,
            convention=c,
            world=many_world,
            **sides,
        )
        for c in ("subsampling", "shephard")
    )
    assert (
        subsampled["covered"] > 0.9 > 0.8 > smoothed["covered"]
        and subsampled["covered_closed"] > 0.85
    )


def test_our_subsamples_cover_as_a_published_study_says():
    found = published_intervals(samples=40, n=50, curve="curved", seed=8)
    for name, published in zip(found, PUBLISHED["curved", 50]):
        assert abs(found[name].mean() - published) < 3 * found[name].sem() + 0.01


def test_returns_to_scale_are_told_apart():
    constant = pd.DataFrame(
        {
            "x": UNITS["x"],
            "y": UNITS["x"] * np.exp(-np.random.default_rng(3).exponential(0.3, 30)),
        }
    )
    assert (
        returns_to_scale_test(
            constant, DeaModel(**KW), replications=100
        ).returns_to_scale
        == "constant"
    )
    found = returns_to_scale_test(
        UNITS, DeaModel(orientation="output", **KW), replications=200
    )
    assert (
        found.returns_to_scale != "constant"
        and found.tests.loc["constant", "p_value"] < 0.05
        and "Returns to scale" in found.summary()
    )
    alone = returns_to_scale_test(
        UNITS,
        DeaModel(orientation="output", **KW),
        replications=200,
        nulls=("constant",),
    )
    assert alone.returns_to_scale == "variable" and alone.tests.index.tolist() == [
        "constant"
    ]
    pd.testing.assert_series_equal(
        alone.tests.loc["constant"], found.tests.loc["constant"]
    )
    with pytest.raises(ParameterError):
        returns_to_scale_test(
            UNITS, DeaModel(**KW), replications=100, nulls=("growing",)
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"returns_to_scale": "fdh"},
        {"orientation": "graph"},
        {"convention": "debreu"},
        {"replications": 10},
        {"level": 1.0},
        {"bandwidth": 0.0},
        {"bandwidth": 0.1},
    ],
)
def test_what_the_bootstrap_refuses(wrong):
    with pytest.raises(ParameterError):
        sides = {
            k: v for k, v in wrong.items() if k in ("returns_to_scale", "orientation")
        }
        rest = {k: v for k, v in wrong.items() if k not in sides}
        dea_intervals(UNITS, DeaModel(**KW | sides), **rest)
