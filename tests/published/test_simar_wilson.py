"""Simar and Wilson (1998), Illinois electric plants: scores corrected for bias."""

import pandas as pd
import pytest
from numpy.testing import assert_allclose

from jinzhou.statistics.frontier.bootstrap import dea_intervals
from jinzhou.statistics.frontier.model import DeaModel
from tests.conftest import SHARED

FILE = SHARED / "data" / "electric_plants.csv"


@pytest.mark.skipif(
    not FILE.is_file(),
    reason="the Illinois electric plants are not beside the project (../shared/data)",
)
def test_corrected_scores_of_the_electric_plants():
    plants = pd.read_csv(FILE, index_col="plant")
    found = dea_intervals(
        plants,
        DeaModel(inputs=["labor", "fuel", "capital"], outputs=["output"]),
        convention="shephard",
        bandwidth=0.014,
        replications=2000,
        seed=1,
    ).scores
    assert len(found) == 19 and found["corrected"].notna().all()
    assert_allclose(
        found["score"].iloc[:6], [0.86913, 1, 1, 0.93065, 1, 0.90714], atol=5e-6
    )
    assert_allclose(
        found["corrected"].iloc[:6],
        [0.85348, 0.94225, 0.95242, 0.91896, 0.94507, 0.89287],
        atol=5e-3,
    )
