"""The backtest: metrics by hand and by scikit-learn, leaks that cannot help, simple rules beside."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from jinzhou import registry
from jinzhou.chapters.risk.model import COVARIATES, rules_for
from jinzhou.errors import EstimationError, ParameterError
from jinzhou.registry.covariates import GROUPS
from jinzhou.statistics.returns.backtest import (
    Sampling,
    backtest,
    challenger_risks,
    ridge_logit,
)
from jinzhou.statistics.returns.judging import Judge, ListCells
from tests.statistics.returns.test_return_risk import TERMS, simulated

RULES = {"z": lambda p: -p["z"].to_numpy()}


def judged(y, score, weight=None):
    judge = Judge(
        pd.DataFrame(
            {
                "y": np.asarray(y, float),
                "score": np.asarray(score, float),
                "date": 0,
                "county": "210727",
            }
        ),
        "score",
        (0.2,),
        probability=True,
    )
    return judge(np.ones(len(y)) if weight is None else weight)


def test_metrics_agree_with_scikit_learn_with_ties_and_weights():
    rng = np.random.default_rng(1)
    y, score = rng.integers(0, 2, 500), np.round(rng.uniform(0.01, 0.99, 500), 1)
    weight = rng.integers(0, 4, 500).astype(float)
    found = judged(y, score, weight)
    assert_allclose(found["auc"], roc_auc_score(y, score, sample_weight=weight))
    assert_allclose(
        found["average_precision"],
        average_precision_score(y, score, sample_weight=weight),
    )
    assert_allclose(found["brier"], brier_score_loss(y, score, sample_weight=weight))


def test_recall_at_capacity_shares_a_tie():
    found = judged(
        [1, 1, 0, 0, 0, 0, 0, 0, 0, 1],
        [0.9, 0.5, 0.5, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1],
    )
    assert_allclose(
        found["recall_20"], (1 + 1 / 3) / 3
    )  # one place for three tied, one of them returns
    assert_allclose(found["precision_20"], (1 + 1 / 3) / 2)


def test_calibration_of_a_true_probability():
    rng = np.random.default_rng(2)
    p = rng.uniform(0.02, 0.6, 40_000)
    found = judged(rng.random(40_000) < p, p)
    assert_allclose([found["slope"], found["in_the_large"]], [1, 0], atol=0.06)
    halved = judged(rng.random(40_000) < p, p / 2)
    assert halved["in_the_large"] > 0.6


def dates_of(frame, count):
    ends = sorted(frame["quarter_end"].unique())[-count:]
    return [pd.Timestamp(d).date().isoformat() for d in ends]


@pytest.fixture(scope="module")
def frame():
    return simulated(homes=1_500)


@pytest.fixture(scope="module")
def labels(frame):
    """Known one quarter after the row's own quarter, as the registry does."""
    return pd.DataFrame(
        {
            d: frame["returned_1"].where(frame["quarter_end"] < d)
            for d in dates_of(frame, 5)
        },
        index=frame.index,
    )


def test_the_model_beats_a_rule_that_knows_less(frame, labels):
    found = backtest(
        frame, labels, covariates=TERMS, rules=RULES, sampling=Sampling(draws=20)
    )
    assert found.value("hazard", "auc")["value"] > found.value("z", "auc")["value"]
    assert (
        len(found.splits) == 4
        and (found.splits["train_to"] < found.splits["date"]).all()
    )
    low, high = found.value("hazard", "auc")[["ci_low", "ci_high"]]
    assert low < found.value("hazard", "auc")["value"] < high
    assert "brier" not in set(
        found.metrics.loc[found.metrics["score"] == "z", "metric"]
    )


def test_labels_of_the_future_do_not_train(frame, labels):
    """Scores of a date come from labels known by it: shuffling the last column changes only the judging."""
    shuffled = labels.copy()
    shuffled.iloc[:, -1] = np.random.default_rng(3).permutation(
        labels.iloc[:, -1].to_numpy()
    )
    found = backtest(
        frame, shuffled, covariates=TERMS, rules=RULES, sampling=Sampling(draws=5)
    )
    assert abs(found.value("hazard", "auc")["value"] - 0.5) < 0.08


def test_outcomes_not_final_are_counted_not_judged(frame, labels):
    holes = labels.copy()
    last = holes.columns[-1]
    holes.loc[holes.index[::7], last] = np.nan
    found = backtest(
        frame, holes, covariates=TERMS, rules=RULES, sampling=Sampling(draws=5)
    )
    assert (found.splits["not_final"] > 0).all()
    assert (found.splits["test_rows"] + found.splits["not_final"] == 1_500).all()


def test_a_backtest_needs_dates_and_returns(frame, labels):
    with pytest.raises(ParameterError, match="两个日期"):
        backtest(frame, labels.iloc[:, :1], covariates=TERMS, rules=RULES)
    with pytest.raises(EstimationError, match="回测"):
        backtest(frame, labels * 0.0, covariates=TERMS, rules=RULES)


def test_on_the_synthetic_registry_simple_rules_stand_beside(panel):
    dates = registry.backtest_dates("2018-09-30", folds=2, horizon_quarters=1)
    found = backtest(
        panel,
        registry.outcomes(panel, as_of=dates, horizon_quarters=1),
        covariates=COVARIATES,
        rules=rules_for(panel),
        groups=GROUPS,
        sampling=Sampling(draws=5),
    )
    assert set(found.metrics["score"]) == {
        "hazard",
        "boosting",
        "income margin",
        "illness or disability",
    }


def test_lists_cut_within_cells_agree_with_counting_by_hand():
    """Dates and counties, ties, and weights of a bootstrap draw, against one loop over the cells."""
    rng = np.random.default_rng(4)
    n = 400
    codes, score, y, w = (
        rng.integers(0, 5, n),
        np.round(rng.random(n), 1),
        (rng.random(n) < 0.3).astype(float),
        rng.integers(0, 3, n).astype(float),
    )
    w[codes == 3] = 0  # a cell that the draw passed over
    order = np.argsort(-score, kind="stable")
    got, room_all = 0.0, 0.0
    for c in range(5):
        rows = [i for i in order if codes[i] == c]
        room = left = 0.2 * w[rows].sum()
        room_all += room
        for value in sorted(set(score[rows]), reverse=True):
            tied = [i for i in rows if score[i] == value]
            total = w[tied].sum()
            if total and left > 0:
                got += (w[tied] * y[tied]).sum() * min(1.0, left / total)
                left -= min(left, total)
    recall, precision = ListCells(codes[order], score[order]).at_capacities(
        w[order], (w * y)[order], [0.2]
    )[0]
    assert_allclose([recall, precision], [got / (w * y).sum(), got / room_all])


def test_recall_of_groups_adds_up_and_equalising_costs(frame, labels):
    two = frame.assign(
        county=np.where(frame["household_id"] < "H00500", "210726", "210727"),
        elderly=(frame["x"] > 0).astype(float),
    )
    found = backtest(
        two,
        labels,
        covariates=TERMS,
        rules=RULES,
        challengers={},
        groups={"elderly": lambda rows: rows["elderly"].to_numpy()},
        sampling=Sampling(draws=10),
    )
    for partition in ("county", "elderly"):
        part = found.groups[found.groups["partition"] == partition]
        assert part["returns"].sum() == found.splits["test_events"].sum()
        whole = part["listed"].sum() / part["returns"].sum()
        assert part["equal_recall"].iloc[0] <= whole + 0.01
        assert (part["ci_low"] <= part["recall"]).all() and (
            part["recall"] <= part["ci_high"]
        ).all()


def test_the_limits_hold_the_estimate_where_lists_are_of_a_few_households(
    frame, labels
):
    many = frame.assign(county=frame["household_id"].str[-4:].astype(int) // 15)
    found = backtest(
        many,
        labels,
        covariates=TERMS,
        rules=RULES,
        challengers={},
        sampling=Sampling(draws=60),
    ).metrics.dropna()
    assert found["metric"].str.endswith("_quota").any()
    assert (
        found["ci_low"].le(found["value"]).all()
        and found["ci_high"].ge(found["value"]).all()
    )


def test_a_challenger_on_a_sample_answers_for_all_rows():
    """Odds are scaled back: the mean probability is the base rate's."""
    frame = simulated(homes=4_000, quarters=10)
    known = frame.dropna(subset="returned_1")
    here = known[known["quarter_end"] == known["quarter_end"].max()]
    found = challenger_risks(
        known, known["returned_1"].to_numpy(), here, TERMS, {"ridge": ridge_logit}
    )["ridge"]
    assert_allclose(found.mean(), here["returned_1"].mean(), rtol=0.15)
