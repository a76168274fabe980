"""Stochastic frontiers: gradients, known parameters, intervals, and answers where there is nothing to find."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.optimize import check_grad
from scipy.stats import norm
from sfa_bench import coverage, cross_section, panel

from jinzhou.errors import EstimationError, ParameterError
from jinzhou.statistics.frontier.composed import DISTRIBUTIONS
from jinzhou.statistics.frontier.conditional import efficiency, quantiles
from jinzhou.statistics.frontier.likelihood import Likelihood
from jinzhou.statistics.frontier.sfa import StochasticModel, mixed_chi_square, sfa

FARMS = cross_section(400, seed=3)
GIVEN = {"outcome": "y", "terms": ["a", "b"]}


def likelihood(distribution, *, grouped=False, decay=False, determinants=False, seed=1):
    rng = np.random.default_rng(seed)
    n, group = 24, np.repeat(np.arange(8), 3)
    X = np.column_stack([np.ones(n), rng.normal(size=n)])
    M = (
        np.column_stack([np.ones(n), rng.normal(size=n)])
        if determinants
        else np.ones((8 if grouped else n, int(distribution == "truncated normal")))
    )
    return Likelihood(
        rng.normal(size=n),
        X,
        M,
        exponential=distribution == "exponential",
        group=group if grouped else None,
        back=np.tile([2.0, 1.0, 0.0], 8) if decay else None,
    )


@pytest.mark.parametrize(
    ("distribution", "options"),
    [
        ("half normal", {}),
        ("truncated normal", {}),
        ("exponential", {}),
        ("half normal", {"grouped": True}),
        ("truncated normal", {"grouped": True, "decay": True}),
        ("exponential", {"grouped": True, "decay": True}),
        ("truncated normal", {"determinants": True}),
    ],
)
def test_gradient_agrees_with_finite_differences(distribution, options):
    one = likelihood(distribution, **options)
    rng = np.random.default_rng(5)
    for _ in range(4):
        theta = rng.normal(0, 0.4, one.k + one.q + 2 + (one.back is not None))
        assert check_grad(
            lambda t: one(t)[0], lambda t: one(t)[1], theta, epsilon=1e-6
        ) < 2e-4 * (1 + np.abs(one(theta)[1]).max())
        step = np.eye(len(theta)) * 1e-5
        plain = np.array([(one(theta + s)[1] - one(theta - s)[1]) / 2e-5 for s in step])
        assert_allclose(
            one.information(theta), plain, rtol=1e-5, atol=1e-5 * np.abs(plain).max()
        )


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_likelihood_and_efficiency_are_the_integrals_they_stand_for(distribution):
    """Three rows of one unit, with decay, against integration over u."""
    v, u, mu, eta = 0.6, 0.8, 0.3 if distribution == "truncated normal" else 0.0, 0.1
    y, back = np.array([0.2, -0.9, 0.4]), np.array([2.0, 1.0, 0.0])
    one = Likelihood(
        y,
        np.ones((3, 1)),
        np.ones((1, int(distribution == "truncated normal"))),
        exponential=distribution == "exponential",
        group=np.zeros(3, dtype=int),
        back=back,
    )
    theta = np.array(
        [
            0.1,
            *([mu] if distribution == "truncated normal" else []),
            np.log(v),
            np.log(u),
            eta,
        ]
    )
    path = np.exp(eta * back)
    prior = (
        (lambda x: np.exp(-x / u) / u)
        if distribution == "exponential"
        else lambda x: norm.pdf((x - mu) / u) / u / norm.cdf(mu / u)
    )
    joint = lambda x: prior(x) * np.prod(norm.pdf((y - 0.1 + path * x) / v) / v)
    total = quad(joint, 0, 12)[0]
    assert_allclose(-one(theta)[0], np.log(total), rtol=1e-8)
    mean, spread = (np.repeat(part, 3) for part in one.conditional(theta))
    bc88, expected = efficiency(mean, spread, path)
    assert_allclose(
        bc88[0],
        quad(lambda x: np.exp(-path[0] * x) * joint(x), 0, 12)[0] / total,
        rtol=1e-7,
    )
    assert_allclose(
        expected[2], quad(lambda x: x * joint(x), 0, 12)[0] / total, rtol=1e-7
    )
    limit = -np.log(quantiles(np.stack([mean, spread, path])[None], 0.1)[2])
    assert_allclose(quad(joint, limit, 12)[0] / total, 0.1, rtol=1e-6)


def test_interval_over_several_points_is_the_mixtures_quantile():
    rng = np.random.default_rng(6)
    around = np.stack(
        [
            rng.normal(0, 1, (8, 50)),
            rng.uniform(0.2, 0.6, (8, 50)),
            rng.uniform(0.8, 1.2, (8, 50)),
        ],
        axis=1,
    )
    for share in (0.025, 0.5, 0.975):
        x = -np.log(quantiles(around, share))
        beyond = norm.cdf((around[:, 0] - x / around[:, 2]) / around[:, 1]) / norm.cdf(
            around[:, 0] / around[:, 1]
        )
        assert_allclose(beyond.mean(axis=0), share, atol=1e-7)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
@pytest.mark.parametrize("kind", ["production", "cost"])
def test_known_parameters_are_recovered(kind, distribution):
    truth = {
        "constant": 1.0,
        "a": 0.5,
        "b": 0.4,
        "sigma2": 0.04 + 0.16,
        "gamma": 0.8,
    } | ({"mu": 0.3} if distribution == "truncated normal" else {})
    found = sfa(
        cross_section(4_000, distribution=distribution, kind=kind, seed=2),
        StochasticModel(kind=kind, distribution=distribution, **GIVEN),
    )
    table = found.coefficients.droplevel("part")
    for term, value in truth.items():
        assert abs(table.loc[term, "value"] - value) < 4 * table.loc[term, "se"], term
    assert (
        found.status == "estimated"
        and (table.loc[["constant", "a", "b"], "se"] < 0.12).all()
        and found.lr_p < 1e-6
    )
    true = cross_section(4_000, distribution=distribution, kind=kind, seed=2)[
        "efficiency"
    ]
    # rows share the error of the constant, so one sample may lie off its level
    assert (
        (found.rows["ci_low"] <= true) & (true <= found.rows["ci_high"])
    ).mean() == pytest.approx(0.95, abs=0.03)
    assert (
        np.corrcoef(true, found.rows["efficiency"])[0, 1] > 0.7
        and abs(true.mean() - found.rows["efficiency"].mean())
        < 4 * table.loc["constant", "se"]
    )


def test_intervals_cover_near_their_level():
    """Of the elasticities and of the efficiencies, 200 units; `make bench` has more samples and sizes."""
    found = coverage(200, samples=50)
    assert (
        0.90 <= found["elasticities"] <= 0.99 and 0.92 <= found["efficiencies"] <= 0.97
    )
    # taken as known, the estimates would make them too short
    assert found["efficiencies, estimates as known"] < found["efficiencies"]


def test_unbalanced_panel_with_decay_is_recovered():
    frame = panel(150, 6, eta=0.08, seed=4)
    found = sfa(frame, StochasticModel(unit="unit", time="time", decay=True, **GIVEN))
    table = found.coefficients.droplevel("part")
    for term, value in {
        "constant": 1.0,
        "a": 0.5,
        "b": 0.4,
        "eta": 0.08,
        "gamma": 0.8,
    }.items():
        assert abs(table.loc[term, "value"] - value) < 4 * table.loc[term, "se"], term
    assert len(frame) < 900 and found.n == len(frame)
    assert np.corrcoef(frame["efficiency"], found.rows["efficiency"])[0, 1] > 0.9
    # without decay each unit has one efficiency, whatever the order of its rows
    still = sfa(
        frame.sample(frac=1, random_state=1),
        StochasticModel(unit="unit", time="time", **GIVEN),
    ).rows["efficiency"]
    assert (
        still.groupby(frame["unit"]).nunique().max() == 1
        or still.groupby(frame["unit"]).std().max() < 1e-12
    )


def test_determinants_are_recovered_and_their_errors_hold():
    rng = np.random.default_rng(8)
    frame = cross_section(6_000, seed=8)
    z = rng.normal(size=len(frame))
    mean = 0.2 + 0.4 * z
    u = mean + 0.4 * norm.isf(rng.random(len(frame)) * norm.sf(-mean / 0.4))
    frame = frame.assign(
        z=z, y=np.exp(np.log(frame["y"]) - np.log(frame["efficiency"]) - u)
    )
    table = sfa(frame, StochasticModel(determinants=["z"], **GIVEN)).coefficients
    for term, value in {
        ("inefficiency", "constant"): 0.2,
        ("inefficiency", "z"): 0.4,
        ("frontier", "constant"): 1.0,
        ("frontier", "a"): 0.5,
    }.items():
        assert abs(table.loc[term, "value"] - value) < 4 * table.loc[term, "se"], term
    assert table.loc[("inefficiency", "z"), "se"] < 0.05


def test_units_of_measurement_change_the_constant_alone():
    one, other = (
        sfa(FARMS, StochasticModel(**GIVEN)),
        sfa(
            FARMS.assign(y=FARMS["y"] * 1e8, a=FARMS["a"] / 1e4, b=FARMS["b"] * 1e6),
            StochasticModel(**GIVEN),
        ),
    )
    assert_allclose(
        one.coefficients["value"].iloc[1:],
        other.coefficients["value"].iloc[1:],
        rtol=1e-6,
    )
    assert_allclose(one.rows["efficiency"], other.rows["efficiency"], rtol=1e-6)


def test_mixed_chi_square_has_the_points_of_kodde_and_palm_1986():
    for restrictions, point in {
        1: 2.706,
        2: 5.138,
        3: 7.045,
        4: 8.761,
        5: 10.371,
    }.items():
        assert mixed_chi_square(point, restrictions) == pytest.approx(0.05, abs=2e-5)
    assert mixed_chi_square(0.0, 1) == 1.0


def test_wrong_skewness_is_no_inefficiency_found():
    """A cost frontier asked for where the data are of production."""
    found = sfa(FARMS, StochasticModel(kind="cost", **GIVEN))
    assert found.status == "no inefficiency found" and found.skewness > 0
    assert found.rows["efficiency"].isna().all() and set(found.rows["status"]) == {
        "no inefficiency found"
    }
    assert (
        found.coefficients.loc[("variance", "gamma"), "value"] == 0
        and found.lr_p == 1
        and "no inefficiency found" in found.summary()
    )


def test_pure_noise_is_not_called_efficient():
    rng = np.random.default_rng(4)
    frame = FARMS.assign(
        y=np.exp(
            1
            + 0.5 * np.log(FARMS["a"])
            + 0.4 * np.log(FARMS["b"])
            + rng.normal(0, 0.2, len(FARMS))
        )
    )
    results = [
        sfa(frame, StochasticModel(distribution=d, **GIVEN)) for d in DISTRIBUTIONS
    ]
    for found in results:
        assert (
            found.status in ("no inefficiency found", "mu not identified")
            or found.lr_p > 0.05
        )


def test_elasticity_of_the_wrong_sign_is_named():
    found = sfa(
        FARMS.assign(c=FARMS["a"] / FARMS["b"]),
        StochasticModel(outcome="y", terms=["b", "c"]),
    )
    assert found.wrong_sign == ()
    assert sfa(
        FARMS.assign(c=1 / FARMS["a"]), StochasticModel(outcome="y", terms=["b", "c"])
    ).wrong_sign == ("c",)


def test_rows_left_out_say_which_column_and_why():
    frame = FARMS.copy()
    frame.loc["F0", "a"], frame.loc["F1", "b"], frame.loc["F2", ["a", "y"]] = (
        0.0,
        np.nan,
        -1.0,
    )
    found = sfa(frame, StochasticModel(**GIVEN))
    assert found.rows.loc[["F0", "F1", "F2"], "status"].tolist() == [
        "not positive",
        "missing value",
        "not positive",
    ]
    assert found.rows.loc[["F0", "F1", "F2"], "why"].tolist() == ["a", "b", "y, a"]
    assert (
        found.n + found.dropped.sum() == len(frame)
        and found.rows["efficiency"].notna().sum() == found.n
    )


def test_perfect_collinearity_names_the_column():
    found = sfa(
        FARMS.assign(c=3 * FARMS["a"] ** 2 / FARMS["b"]),
        StochasticModel(outcome="y", terms=["a", "b", "c"]),
    )
    assert (
        found.status == "collinear"
        and found.collinear == ("c",)
        and found.coefficients.empty
        and set(found.rows["status"]) == {"collinear"}
        and "c: leave out" in found.summary()
    )
    twice = sfa(
        FARMS.assign(z=np.arange(len(FARMS)), z2=2.0 * np.arange(len(FARMS))),
        StochasticModel(determinants=["z", "z2"], **GIVEN),
    )
    assert twice.collinear == ("z2",) and twice.n == len(FARMS)
    same = sfa(FARMS.assign(cadres=2.0), StochasticModel(linear=["cadres"], **GIVEN))
    assert same.collinear == ("cadres",) and np.isnan(same.lr_p)


def test_money_in_two_units_names_the_rows():
    frame = FARMS.assign(yuan=np.exp(13 + 0.3 * np.log(FARMS["a"])))
    frame.loc[["F5", "F9"], "yuan"] /= 10_000
    found = sfa(
        frame, StochasticModel(outcome="y", terms=["yuan", "b"]), money=["yuan"]
    )
    assert (
        found.status == "money in two units"
        and found.coefficients.empty
        and found.rows["efficiency"].isna().all()
        and "two units" in found.summary()
    )
    assert found.rows.index[found.rows["why"] == "yuan"].tolist() == ["F5", "F9"]
    assert found.n + found.dropped.sum() == len(frame) and sfa(
        frame, StochasticModel(outcome="y", terms=["yuan", "b"])
    ).n == len(frame)


def test_panel_of_one_period_or_with_a_unit_twice_is_refused():
    frame = panel(60, 3, seed=1)
    with pytest.raises(EstimationError, match="只有一期（2）"):
        sfa(
            frame[frame["time"] == 2],
            StochasticModel(unit="unit", time="time", decay=True, **GIVEN),
        )
    with pytest.raises(EstimationError, match="U7"):
        sfa(
            pd.concat(
                [
                    frame,
                    frame[frame["unit"] == "U7"].set_axis(
                        ["x", "y", "z"][: (frame["unit"] == "U7").sum()]
                    ),
                ]
            ),
            StochasticModel(unit="unit", time="time", **GIVEN),
        )
    alone = frame.drop_duplicates("unit").assign(time=lambda f: np.arange(len(f)) % 3)
    with pytest.raises(EstimationError, match="每个单元都只有一期"):
        sfa(alone, StochasticModel(unit="unit", time="time", decay=True, **GIVEN))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "profit"},
        {"distribution": "gamma"},
        {"terms": []},
        {"terms": ["nothing"]},
        {"decay": True},
        {"determinants": [], "determinants_constant": False},
        {"level": 95},
    ],
)
def test_options_list_what_they_accept(wrong):
    with pytest.raises(ParameterError):
        asked = {k: v for k, v in wrong.items() if k != "level"}
        sfa(FARMS, StochasticModel(**GIVEN | asked), level=wrong.get("level", 0.95))


def test_too_few_rows_are_no_frontier_and_repeated_names_are_refused():
    found = sfa(FARMS.head(20), StochasticModel(**GIVEN))
    assert (
        found.status == "too few rows"
        and found.coefficients.empty
        and set(found.rows["status"]) == {"too few rows"}
    )
    assert sfa(FARMS.head(0), StochasticModel(**GIVEN)).status == "too few rows"
    with pytest.raises(ParameterError, match="重复"):
        sfa(FARMS.set_axis(["same"] * len(FARMS)), StochasticModel(**GIVEN))


def test_frame_is_left_as_it_came_and_results_repeat():
    before = FARMS.copy()
    one, two = (
        sfa(FARMS, StochasticModel(**GIVEN)),
        sfa(FARMS, StochasticModel(**GIVEN)),
    )
    pd.testing.assert_frame_equal(FARMS, before)
    pd.testing.assert_frame_equal(one.table(), two.table(), check_exact=True)


def test_data_without_noise_are_said_to_have_none():
    found = sfa(
        cross_section(60, distribution="truncated normal", seed=9),
        StochasticModel(distribution="truncated normal", **GIVEN),
    )
    assert (
        found.status == "no noise found"
        and found.coefficients["se"].isna().all()
        and found.rows["efficiency"].between(0, 1).all()
    )
