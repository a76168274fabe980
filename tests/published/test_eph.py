"""A real panel with our very question: poor before, not poor now; poor next quarter?"""

import pandas as pd
import pytest

from jinzhou.chapters.validation.analysis.argentina import (
    EPH_COVARIATES,
    eph_exited,
    eph_labels,
)
from jinzhou.registry.covariates import income_rule
from jinzhou.statistics.returns.backtest import Sampling, backtest
from tests.conftest import SHARED

FILE = SHARED / "data" / "eph_households_2003_2009.parquet"


@pytest.mark.skipif(
    not FILE.is_file(),
    reason="the Argentine household panel is not beside the project (../shared/data)",
)
def test_hazard_beats_the_income_margin_on_the_argentine_panel():
    panel = eph_exited(pd.read_parquet(FILE))
    assert (
        0.25 < panel["returned_1"].mean() < 0.37
    )  # a third of the exited fall back within a quarter
    found = backtest(
        panel,
        eph_labels(panel, first="2008-06-30"),
        covariates=EPH_COVARIATES,
        rules={"income margin": income_rule},
        sampling=Sampling(draws=20),
    )
    for metric in ("auc", "average_precision", "recall_5", "recall_10"):
        assert (
            found.value("hazard", metric)["value"]
            > found.value("income margin", metric)["value"]
        ), metric
    assert found.value("hazard", "auc")["ci_low"] > 0.65
    assert 0.8 < found.value("hazard", "slope")["value"] < 1.2


def test_a_household_counts_only_after_it_was_poor_and_left():
    rows = pd.DataFrame(
        {
            "hh": [1, 1, 1, 2, 2, 2, 3, 4],
            "ANO4": [2004] * 8,
            "TRIMESTRE": [1, 2, 3, 1, 2, 3, 1, 3],
            "IPCF": [10.0, 100.0, 10.0] + [100.0] * 5,
            "PONDERA": 1,
            "IX_TOT": 1,
            "IX_MEN10": 0,
            "AGLOMERADO": 1,
        }
    )
    found = eph_exited(rows)
    assert found["household_id"].tolist() == ["1"] and found["returned_1"].tolist() == [
        1.0
    ]
    assert found["poor_share"].tolist() == [1.0]
