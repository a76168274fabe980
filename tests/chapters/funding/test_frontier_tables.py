"""Tables of the frontier: what a dash says, and which bootstrap is named."""

import numpy as np
import pandas as pd
import pytest

from jinzhou.chapters.funding import frontier_tables
from jinzhou.publish.chapter import number
from jinzhou.statistics.frontier.bootstrap import dea_intervals
from jinzhou.statistics.frontier.dea import dea
from jinzhou.statistics.frontier.model import DeaModel
from jinzhou.statistics.frontier.outliers import leave_one_out

N = 24
RNG = np.random.default_rng(6)
UNITS = pd.DataFrame(
    {
        "paid": RNG.uniform(100, 900, N),
        "cadres": RNG.uniform(2, 9, N),
        "poor": RNG.uniform(200, 900, N),
    },
    index=pd.Index([f"乡{i}" for i in range(N)], name="town"),
)
UNITS["exits"] = (UNITS["paid"] * UNITS["poor"]) ** 0.4 * np.exp(
    -RNG.exponential(0.2, N)
)
UNITS["lasting"] = UNITS["exits"] * RNG.uniform(0.4, 0.7, N)
SIDES = {
    "inputs": ["paid", "cadres", "poor"],
    "outputs": ["exits", "lasting"],
    "orientation": "output",
    "returns_to_scale": "variable",
}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_open_interval_is_a_dash_and_the_note_says_why(lang):
    intervals = dea_intervals(UNITS, DeaModel(**SIDES), replications=200)
    scores, *_ = frontier_tables.tables(
        frontier=dea(UNITS, DeaModel(**SIDES)),
        intervals=intervals,
        peers=leave_one_out(UNITS, DeaModel(**SIDES)),
        circumstances=None,
        places=pd.Series(dtype=str),
        lang=lang,
    )
    high = scores.frame.iloc[:, 5]
    assert (
        np.array_equal(high.isna(), intervals.scores["ci_high"] == np.inf)
        and high.isna().any()
        and high.notna().any()
    )
    assert {number(v, scores.formats[high.name], lang) for v in high[high.isna()]} == {
        "—"
    }
    assert (
        f"{intervals.size}个乡镇" in scores.note
        if lang == "zh"
        else f"({intervals.size} townships at a time, 200 times; a dash" in scores.note
    )


def test_the_smoothed_bootstrap_is_named_with_its_scale():
    intervals = dea_intervals(
        UNITS, DeaModel(**SIDES), replications=100, convention="farrell"
    )
    scores, *_ = frontier_tables.tables(
        frontier=dea(UNITS, DeaModel(**SIDES)),
        intervals=intervals,
        peers=leave_one_out(UNITS, DeaModel(**SIDES)),
        circumstances=None,
        places=pd.Series(dtype=str),
        lang="zh",
    )
    assert "farrell口径，100次" in scores.note and scores.frame.iloc[
        :, 2:7
    ].notna().all(axis=None)
