"""Truncated regression of inefficiency on circumstances."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from frontier_study import regression_world
from numpy.testing import assert_allclose
from scipy.optimize import minimize
from scipy.stats import norm, truncnorm

from jinzhou.errors import EstimationError, ParameterError
from jinzhou.statistics.frontier.model import DeaModel
from jinzhou.statistics.frontier.second_stage import second_stage
from jinzhou.statistics.frontier.truncated import truncated_draws, truncated_regression

UNITS, DISTANCE = regression_world(n=200, seed=3)
KW = dict(covariates=["z", "w"])
MODEL = DeaModel(inputs=["x"], outputs=["y"], orientation="output")
Z = np.column_stack([np.ones(200), UNITS[["z", "w"]]])


def test_maximum_agrees_with_a_second_optimiser():
    def minus(p):
        m, s = Z @ p[:3], np.exp(p[3])
        return -(norm.logpdf(DISTANCE, m, s) - norm.logsf(1, m, s)).sum()

    fit = truncated_regression(DISTANCE[None], Z)
    other = minimize(minus, [1.0, 0, 0, -1], method="BFGS", options={"gtol": 1e-8})
    assert fit.converged.all()
    assert_allclose(np.append(fit.beta[0], np.log(fit.sigma[0])), other.x, atol=1e-5)
    assert_allclose(fit.loglik[0], -other.fun, atol=1e-8)


def test_many_samples_are_fitted_as_each_one_alone():
    draws = truncated_draws(Z @ [0.6, 0.3, 0.5], 0.3, 20, np.random.default_rng(1))
    fit = truncated_regression(draws, Z)
    assert fit.converged.all()
    for b in (0, 7, 19):
        one = truncated_regression(draws[b : b + 1], Z)
        assert_allclose(fit.beta[b], one.beta[0], atol=1e-7)
        assert_allclose(fit.loglik[b], one.loglik[0], atol=1e-8)


def test_draws_follow_the_truncated_normal():
    middle = np.array([-4.0, 0.5, 1.0, 3.0])  # from far below the bound to far above
    drawn = truncated_draws(middle, 0.5, 100_000, np.random.default_rng(0))
    assert drawn.min() >= 1
    assert_allclose(
        drawn.mean(axis=0),
        truncnorm.mean((1 - middle) / 0.5, np.inf, middle, 0.5),
        atol=0.01,
    )


def test_algorithm_2_finds_what_the_true_distances_say():
    known = truncated_regression(DISTANCE[None], Z).beta[0]
    found = second_stage(UNITS, MODEL, **KW)
    table = found.coefficients
    assert found.distances["used"].all() and found.failures == 0
    assert (np.abs(table["beta"].iloc[:3] - known) < 0.6 * table["se"].iloc[:3]).all()
    assert (table.loc[["z", "w"], "ci_low"] > 0).all() and (
        table.loc[["z", "w"], "p_value"] < 0.05
    ).all()  # both worsen efficiency, and the sign says so
    assert abs((found.distances["corrected"] - DISTANCE).mean()) < abs(
        (found.distances["distance"] - DISTANCE).mean()
    )


def test_algorithm_1_leaves_out_the_frontier():
    found = second_stage(UNITS, MODEL, **KW, algorithm=1)
    assert (
        found.distances["used"].equals(found.distances["distance"] > 1 + 1e-6)
        and found.distances["corrected"].isna().all()
    )
    assert_allclose(found.coefficients["beta"].iloc[:3], [0.6, 0.3, 0.5], atol=0.35)


def test_circumstances_in_other_units_tell_the_same():
    one, two = (
        second_stage(UNITS, MODEL, **KW, replications=200),
        second_stage(
            UNITS.assign(z=UNITS["z"] * 1e6 + 5e6),
            MODEL,
            **KW,
            replications=200,
        ),
    )
    first, second = (
        f.coefficients.loc["z", ["beta", "se", "ci_low", "ci_high"]].to_numpy(float)
        for f in (one, two)
    )
    assert_allclose(first, 1e6 * second, rtol=1e-5)
    assert_allclose(
        one.coefficients.loc["w", "p_value"],
        two.coefficients.loc["w", "p_value"],
        atol=0.011,
    )
    inward = second_stage(
        UNITS, replace(MODEL, orientation="input"), **KW, replications=200
    )
    assert inward.coefficients.loc["z", "beta"] > 0


def test_what_the_second_stage_refuses():
    with pytest.raises(EstimationError, match="协变量 v"):
        second_stage(
            UNITS.assign(v=2 * UNITS["z"] - UNITS["w"] + 3),
            MODEL,
            covariates=["z", "w", "v"],
        )
    with pytest.raises(EstimationError, match="协变量 c"):
        second_stage(
            UNITS.assign(c=1.0),
            MODEL,
            covariates=["c"],
        )
    with pytest.raises(EstimationError, match="不足以估计"):
        second_stage(UNITS.iloc[:5], MODEL, **KW)
    for wrong in (
        {"algorithm": 3},
        {"covariates": ["nothing"]},
        {"covariates": []},
        {"replications": 5},
    ):
        with pytest.raises(ParameterError):
            second_stage(UNITS, MODEL, **KW | wrong)
    for wrong in ({"returns_to_scale": "fdh"}, {"orientation": "graph"}):
        with pytest.raises(ParameterError):
            second_stage(UNITS, replace(MODEL, **wrong), **KW)


def test_rows_left_out_are_named():
    holed = UNITS.assign(z=[np.nan, *UNITS["z"][1:]], y=[*UNITS["y"][:-1], -1.0])
    found = second_stage(holed, MODEL, **KW, algorithm=1, replications=100)
    assert (
        found.excluded.to_dict() == {0: "missing covariate", 199: "negative value"}
        and found.n == 198
    )
    assert found.n + found.dropped.sum() == len(holed)
    assert isinstance(found.table(), pd.DataFrame) and "algorithm 1" in found.summary()
