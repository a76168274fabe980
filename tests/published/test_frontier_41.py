"""Coelli's FRONTIER 4.1 example 1, and the rice farms of Coelli, Rao, O'Donnell and Battese (2005)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from jinzhou.models.sfa import sfa

HERE = Path(__file__).parent
RICE = pd.read_csv(HERE / "rice_philippines.csv")
PANEL = {"unit": "farm", "time": "year"}


def rice(**options):
    return sfa(RICE, outcome="output", terms=["area", "labour", "npk"], **options)


def test_half_normal_frontier_matches_coelli_frontier_41_example_1():
    """Tolerances are explained in README.md beside this file."""
    found = sfa(pd.read_csv(HERE / "frontier_41.csv", index_col="firm"), outcome="output", terms=["capital", "labour"])
    assert_allclose(found.coefficients["value"], [0.56161963, 0.28110205, 0.53647981, 0.21700046, 0.79720730], atol=5e-6)
    assert_allclose([found.loglik, found.ols_loglik, found.lr], [-17.027229, -18.446849, 2.8392402], atol=1e-5)
    assert_allclose(found.coefficients["se"], [0.20261668, 0.047643365, 0.045251553, 0.063909106, 0.13642399], rtol=0.02)
    assert_allclose(found.rows["efficiency"].mean(), 0.74057, atol=5e-6)
    # 5 % of the mixed chi-square is at 2.706: inefficiency is found
    assert found.status == "estimated" and 0.04 < found.lr_p < 0.05


@pytest.mark.parametrize(("options", "loglik", "others"), [
    ({}, -86.20268, {"sigma2": 0.23863, "gamma": 0.88538}),
    (PANEL, -86.43042, {}),
    (PANEL | {"decay": True}, -84.55036, {"eta": 0.05891}),
    (PANEL | {"decay": True, "distribution": "truncated normal"}, -84.40678, {}),
    ({"determinants": ["schooling", "bantog"]}, -77.31363, {}),
    ({"determinants": ["schooling", "bantog"], "determinants_constant": False}, -77.84954, {}),
], ids=["cross-section", "BC92", "BC92 decay", "BC92 truncated", "BC95", "BC95 without constant"])
def test_rice_farms_reach_the_log_likelihoods_of_the_peer(options, loglik, others):
    found = rice(**options)
    assert found.status == "estimated"
    assert_allclose(found.loglik, loglik, atol=2e-5)
    for term, value in others.items():
        assert_allclose(found.coefficients.droplevel("part").loc[term, "value"], value, atol=1e-5)
    if not options:
        assert_allclose(found.rows["efficiency"].mean(), 0.72298, atol=5e-6)


def test_mean_of_the_rice_farms_runs_away_to_the_exponential():
    found = rice(distribution="truncated normal")
    assert (found.status, found.distribution) == ("mu not identified", "exponential")
    assert_allclose(found.loglik, rice(distribution="exponential").loglik)
    assert found.rows["efficiency"].notna().all() and "mu" not in found.coefficients.index.get_level_values("term")


def test_panel_gives_each_farm_one_path():
    found = rice(**PANEL, decay=True)
    wide = np.log(found.rows["jlms"]).groupby([RICE["farm"], RICE["year"]]).first().unstack()
    eta = found.coefficients.loc[("inefficiency", "eta"), "value"]
    assert_allclose(wide[1] / wide[8], np.exp(7 * eta))
    assert (found.units, found.periods, found.n) == (43, 8, 344)
