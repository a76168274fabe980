"""Coelli's FRONTIER 4.1 example 1, and the rice farms of Coelli, Rao, O'Donnell and Battese (2005)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from jinzhou.chapters.validation.analysis.stochastic import stochastic_frontiers
from jinzhou.statistics.frontier.sfa import StochasticModel, sfa

HERE = Path(__file__).parent
FARMS = pd.read_csv(HERE / "rice_philippines.csv")
RICE = {"outcome": "output", "terms": ["area", "labour", "npk"]}
FITS = stochastic_frontiers(
    pd.read_csv(HERE / "frontier_41.csv", index_col="firm"), FARMS
)


def test_half_normal_frontier_matches_coelli_frontier_41_example_1():
    """Tolerances are explained in README.md beside this file."""
    found = FITS["FRONTIER 4.1"]
    assert_allclose(
        found.coefficients["value"],
        [0.56161963, 0.28110205, 0.53647981, 0.21700046, 0.79720730],
        atol=5e-6,
    )
    assert_allclose(
        [found.loglik, found.ols_loglik, found.lr],
        [-17.027229, -18.446849, 2.8392402],
        atol=1e-5,
    )
    assert_allclose(
        found.coefficients["se"],
        [0.20261668, 0.047643365, 0.045251553, 0.063909106, 0.13642399],
        rtol=0.02,
    )
    assert_allclose(found.rows["efficiency"].mean(), 0.74057, atol=5e-6)
    # 5 % of the mixed chi-square is at 2.706: inefficiency is found
    assert found.status == "estimated" and 0.04 < found.lr_p < 0.05


@pytest.mark.parametrize(
    ("name", "loglik", "others"),
    [
        ("cross-section", -86.20268, {"sigma2": 0.23863, "gamma": 0.88538}),
        ("BC92", -86.43042, {}),
        ("BC92 decay", -84.55036, {"eta": 0.05891}),
        ("BC92 decay, truncated", -84.40678, {}),
        ("BC95", -77.31363, {}),
        ("BC95 without constant", -77.84954, {}),
    ],
)
def test_rice_farms_reach_the_log_likelihoods_of_the_peer(name, loglik, others):
    found = FITS[name]
    assert found.status == "estimated"
    assert_allclose(found.loglik, loglik, atol=2e-5)
    for term, value in others.items():
        assert_allclose(
            found.coefficients.droplevel("part").loc[term, "value"], value, atol=1e-5
        )
    if name == "cross-section":
        assert_allclose(found.rows["efficiency"].mean(), 0.72298, atol=5e-6)


def test_mean_of_the_rice_farms_runs_away_to_the_exponential():
    found = sfa(FARMS, StochasticModel(distribution="truncated normal", **RICE))
    assert (found.status, found.distribution) == ("mu not identified", "exponential")
    assert_allclose(
        found.loglik,
        sfa(FARMS, StochasticModel(distribution="exponential", **RICE)).loglik,
    )
    assert found.rows[
        "efficiency"
    ].notna().all() and "mu" not in found.coefficients.index.get_level_values("term")


def test_panel_gives_each_farm_one_path():
    found = FITS["BC92 decay"]
    wide = (
        np.log(found.rows["jlms"])
        .groupby([FARMS["farm"], FARMS["year"]])
        .first()
        .unstack()
    )
    eta = found.coefficients.loc[("inefficiency", "eta"), "value"]
    assert_allclose(wide[1] / wide[8], np.exp(7 * eta))
    assert (found.units, found.periods, found.n) == (43, 8, 344)
