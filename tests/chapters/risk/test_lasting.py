"""Share still out of poverty: by hand, with delayed entry and censoring, against statsmodels."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from statsmodels.duration.survfunc import SurvfuncRight

from jinzhou.chapters.risk.analysis.lasting import still_out


def spells(n=400, seed=1, late=True):
    """Household-quarters of exits in early 2015, one hazard; some seen late, some leave."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        first = int(rng.integers(0, 4)) if late else 0
        last = int(rng.integers(6, 20))
        for q in range(first, last):
            y = float(rng.random() < 0.04)
            rows.append((f"H{i}", q, y))
            if y:
                break
    frame = pd.DataFrame(
        rows, columns=["household_id", "quarters_since_exit", "returned_1"]
    )
    frame["quarter_end"] = [
        pd.Timestamp("2015-03-31") + pd.offsets.QuarterEnd(int(q))
        for q in frame["quarters_since_exit"]
    ]
    return frame


@pytest.mark.parametrize("late", [False, True])
def test_the_curve_is_kaplan_meier_with_delayed_entry(late):
    frame = spells(late=late)
    curve = still_out(frame).curve.query("group == 'all'").set_index("quarters")
    last = frame.groupby("household_id").agg(
        entry=("quarters_since_exit", "min"),
        time=("quarters_since_exit", "max"),
        status=("returned_1", "max"),
    )
    reference = SurvfuncRight(
        last["time"] + 1, last["status"], entry=last["entry"] if late else None
    )
    found = curve["share"].reindex(reference.surv_times.astype(int)).dropna()
    assert len(found) >= 12
    assert_allclose(found, reference.surv_prob[: len(found)])


def test_months_not_followed_are_said_and_not_made_up():
    rows = still_out(spells()).rows.query("group == 'all'").set_index("months")
    assert rows.loc[12, "ci_low"] < rows.loc[12, "share"] < rows.loc[12, "ci_high"]
    short = spells().query("quarters_since_exit < 6")
    answer = still_out(short).rows.query("group == 'all'").set_index("months")
    assert (
        np.isnan(answer.loc[24, "share"])
        and answer.loc[24, "reason"] == "not followed so long"
        and answer.loc[12, "reason"] == ""
    )


def test_years_of_exit_rebuild_the_whole():
    frame = pd.concat(
        [
            spells(seed=1),
            spells(seed=2).assign(
                quarter_end=lambda f: f["quarter_end"] + pd.offsets.QuarterEnd(4),
                household_id=lambda f: "X" + f["household_id"],
            ),
        ]
    )
    curve = still_out(frame).curve
    assert set(curve["group"]) == {"2015", "2016", "all"}
    whole = curve[curve["group"] == "all"].set_index("quarters")["at_risk"]
    parts = curve[curve["group"] != "all"].groupby("quarters")["at_risk"].sum()
    assert (whole.loc[parts.index[:8]] == parts.iloc[:8]).all()
