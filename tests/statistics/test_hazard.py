"""The likelihood kernel: exact compression, penalties, sampling, and the past of villages and households."""

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose

from jinzhou.statistics.hazard import (
    Likelihood,
    compress,
    fit,
    frailty_posterior,
    frailty_variance,
    inverse_link,
    mean_frailty,
    prior_precision,
    sum_before,
)
from jinzhou.statistics.separation import separated_columns


def drawn(n=4_000, seed=1, beta=(-2.0, 0.7, -0.4)):
    rng = np.random.default_rng(seed)
    Z = np.column_stack(
        [np.ones(n), rng.integers(0, 3, n), rng.integers(0, 2, n)]
    ).astype(float)
    return Z, (rng.random(n) < inverse_link(Z @ np.array(beta), "cloglog")).astype(
        float
    )


def test_equal_rows_compress_to_cells_with_the_same_answer():
    Z, y = drawn(60_000)
    offset = np.where(Z[:, 1] > 1, 0.1, 0.0)
    cells, share, weight, _ = compress(Z, y, np.ones(len(y)), offset)
    assert len(cells) == 6 and weight.sum() == len(y)
    assert_allclose(weight @ share, y.sum())
    whole, parts = (
        fit(Likelihood(Z, y, offset=offset)),
        fit(
            Likelihood(
                cells, share, weight=weight, offset=np.where(cells[:, 1] > 1, 0.1, 0.0)
            )
        ),
    )
    assert_allclose(whole.beta, parts.beta, atol=1e-10)
    reference = sm.GLM(
        y, Z, family=sm.families.Binomial(sm.families.links.CLogLog()), offset=offset
    ).fit(tol=1e-12)
    assert_allclose(whole.beta, reference.params, atol=1e-8)


def test_rows_that_differ_are_left_as_they_are():
    Z, y = drawn(60_000)
    Z[:, 1] += np.random.default_rng(2).normal(0, 1, len(y))
    assert compress(Z, y, np.ones(len(y)), np.zeros(len(y)))[0] is Z


def test_a_large_fit_starts_from_a_sample_and_ends_at_the_maximum():
    Z, y = drawn(250_000, beta=(-5.0, 0.7, -0.4))
    Z[:, 1] += np.random.default_rng(2).normal(0, 0.1, len(y))
    found = fit(Likelihood(Z, y))
    eta = Z @ found.beta
    mu = np.exp(eta)
    gradient = Z.T @ np.where(y > 0, mu * np.exp(-mu) / -np.expm1(-mu), -mu)
    assert found.converged and np.abs(gradient).max() < 1e-3


def test_firth_is_finite_where_the_maximum_is_not():
    """A column that separates; the penalised logit of a 2 x 2 table adds half a case to each cell."""
    y = np.array([1.0] * 5 + [0.0] * 15)
    Z = np.column_stack([np.ones(20), np.r_[np.ones(5), np.zeros(15)]])
    assert list(separated_columns(Z, y)) == [1]
    found = fit(Likelihood(Z, y, link="logit", firth=True))
    assert found.converged
    assert_allclose(
        found.beta,
        [np.log(0.5 / 15.5), np.log(5.5 / 0.5) - np.log(0.5 / 15.5)],
        atol=1e-6,
    )


@pytest.mark.parametrize("link", ["cloglog", "logit"])
def test_a_case_control_sample_answers_for_all_rows(link):
    rng = np.random.default_rng(3)
    n = 400_000
    Z = np.column_stack([np.ones(n), rng.normal(0, 1, n)])
    y = (rng.random(n) < inverse_link(Z @ np.array([-5.0, 0.8]), link)).astype(float)
    others = np.flatnonzero(y == 0)
    use = np.r_[np.flatnonzero(y), rng.choice(others, 2 * int(y.sum()), replace=False)]
    odds = len(others) / (2 * y.sum())
    found = fit(Likelihood(Z[use], y[use], link=link, odds=odds))
    assert_allclose(found.beta, [-5.0, 0.8], atol=0.12)
    assert_allclose(inverse_link(Z @ found.beta, link).mean(), y.mean(), rtol=0.05)
    assert (
        fit(Likelihood(Z[use], y[use], link=link)).beta[0] > -3
    )  # without the correction the level is the sample's


def test_the_prior_draws_what_is_noise_and_leaves_what_is_large():
    rng = np.random.default_rng(4)
    n, k = 3_000, 25
    X = rng.normal(0, 1, (n, k))
    y = (rng.random(n) < inverse_link(-3.5 + 0.4 * X[:, 0], "cloglog")).astype(float)
    Z = np.column_stack([np.ones(n), X])
    free = np.arange(k + 1) == 0
    plain = fit(Likelihood(Z, y))
    held = fit(Likelihood(Z, y, ridge=prior_precision(Z, plain, free=free)))
    assert held.beta[1] > 0.9 * plain.beta[1]
    assert (held.beta[2:] ** 2).sum() < 0.6 * (plain.beta[2:] ** 2).sum()
    assert prior_precision(Z, plain, free=free)[0] == 0


def test_spread_of_multipliers_is_recovered():
    rng = np.random.default_rng(5)
    expected = rng.gamma(2, 0.4, 20_000)
    z = np.exp(rng.normal(0, 0.5, 20_000) - 0.125)
    assert_allclose(
        frailty_variance(rng.poisson(z * expected), expected), 0.25, atol=0.04
    )
    assert frailty_variance(rng.poisson(expected), expected) < 0.03
    few = frailty_variance(rng.poisson(z[:50] * expected[:50]), expected[:50])
    assert few > 0.02  # little data is no evidence that all are the same


def test_posterior_of_multipliers_agrees_with_a_fine_integral():
    events, expected, variance = np.array([0.0, 1, 4]), np.array([0.5, 0.5, 1.0]), 0.3
    log_z = np.linspace(-6, 6, 20_001)
    density = np.exp(-((log_z + variance / 2) ** 2) / (2 * variance))[None, :] * np.exp(
        events[:, None] * log_z - expected[:, None] * np.exp(log_z)
    )
    density /= density.sum(axis=1)[:, None]
    found = frailty_posterior(events, expected, variance)
    centre = density @ log_z
    assert_allclose(np.exp(found.log_mean), density @ np.exp(log_z), rtol=1e-4)
    assert_allclose(found.log_centre, centre, atol=1e-4)
    assert_allclose(found.log_variance, density @ log_z**2 - centre**2, rtol=1e-3)
    assert_allclose(
        frailty_posterior(np.zeros(1), np.zeros(1), variance).log_mean, 0, atol=1e-4
    )  # no past: the prior, mean 1
    assert_allclose(
        mean_frailty(events, expected, variance), density @ np.exp(log_z), rtol=0.05
    )


def test_before_sums_earlier_times_alone():
    groups, times, values = (
        np.array([1, 0, 1, 1, 0, 1]),
        np.array([2, 0, 0, 2, 3, 1]),
        np.array([5.0, 1, 2, 7, 4, 3]),
    )
    brute = [
        sum(v for g, t, v in zip(groups, times, values) if g == a and t < b)
        for a, b in zip(groups, times)
    ]
    assert_allclose(sum_before(groups, times, values), brute)
