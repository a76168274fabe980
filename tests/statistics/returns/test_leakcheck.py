"""Six planted leaks, each caught by its own check; the honest builder passes them all."""

import numpy as np
import pandas as pd
import pytest

from jinzhou import registry
from jinzhou.chapters.risk.model import COVARIATES
from jinzhou.errors import EstimationError, ParameterError
from jinzhou.statistics.returns.leakcheck import leakcheck
from jinzhou.statistics.returns.terms import Covariate
from tests.snapshots import snapshot

EARLY, LATE = "2018-03-31", "2018-09-30"
KNOWN = registry.known_returns


@pytest.fixture(scope="module")
def build(store):
    """The panel's last quarters by day, made once a day."""
    made = {}

    def at(day):
        if day not in made:
            made[day] = registry.builder(snapshot(store, LATE))(day)
        return made[day].copy()

    return at


def check(panel, build, known=KNOWN, covariates=COVARIATES):
    rows = leakcheck(
        panel, build, known, early=EARLY, late=LATE, covariates=covariates
    ).rows
    return set(rows.index[~rows["passed"]])


def test_the_builder_of_the_registry_passes_all_six(panel, build):
    found = leakcheck(
        panel, build, KNOWN, early=EARLY, late=LATE, covariates=COVARIATES
    )
    assert found.passed and len(found.rows) == 6 and "all passed" in found.summary("en")


def test_a_feature_by_the_day_it_happened_and_not_by_its_record(panel, build):
    """Record date: a stay recorded late is in the late panel's early quarter."""
    leaky = panel.copy()
    old = leaky["quarter_end"] <= EARLY
    leaky.loc[old, "oop_year"] += 500.0 * (
        leaky.loc[old, "household_id"].str[-1] == "7"
    )
    assert "features_fixed" in check(leaky, build)


def test_a_label_before_its_window_has_closed(panel, build):
    """Mutated future: what becomes of the last quarters is taken for known."""

    def early_known(rows, day):
        return KNOWN(rows, LATE)

    assert {"labels_closed", "list_unmoved"} & check(panel, build, known=early_known)


def test_a_list_that_reads_what_comes_later(panel, build):
    peek = Covariate(
        "next_stay",
        lambda p: (
            p.groupby("household_id")["stays_now"].shift(-1).fillna(0).to_numpy(float)
        ),
        "illness",
    )
    assert "features_fixed" in check(panel, build, covariates=(*COVARIATES, peek))


def test_shuffled_time(panel, build):
    leaky = panel.copy()
    leaky["quarters_since_exit"] = np.random.default_rng(1).permutation(
        leaky["quarters_since_exit"].to_numpy()
    )
    assert "time_order" in check(leaky, build)


def test_an_outcome_among_the_features(panel, build):
    """A target built from tomorrow's income, and the outcome itself."""
    tomorrow = panel["returned_1"].fillna(0) * -1.0 + np.random.default_rng(2).normal(
        0, 0.05, len(panel)
    )
    leaky = panel.assign(tomorrow=tomorrow)
    income = Covariate(
        "tomorrow",
        lambda p: (
            p["tomorrow"].to_numpy(float) if "tomorrow" in p else np.zeros(len(p))
        ),
        "income",
    )
    rows = leakcheck(
        leaky, build, KNOWN, early=EARLY, late=LATE, covariates=(*COVARIATES, income)
    ).rows
    assert (
        not rows.loc["outcome_outside", "passed"]
        and rows.loc["outcome_outside", "found"] == "tomorrow"
    )
    blank = Covariate(
        "blank", lambda p: np.where(p["next_return_on"].isna(), np.nan, 1.0), "income"
    )
    assert "outcome_outside" in check(panel, build, covariates=(*COVARIATES, blank))


def test_statistics_of_the_test_period(panel, build):
    """A term standardised with the mean of all quarters that the panel holds."""
    scaled = Covariate(
        "scaled",
        lambda p: (p["log_margin"] - p["log_margin"].mean()).to_numpy(float),
        "income",
        missing=0.0,
    )
    assert "features_fixed" in check(panel, build, covariates=(*COVARIATES, scaled))


def test_scores_that_hold_shuffled_outcomes_are_caught():
    from jinzhou.statistics.returns.leakcheck import _future_shuffled

    day = pd.Timestamp(EARLY)
    rng = np.random.default_rng(3)
    here = pd.DataFrame(
        {"household_id": [f"H{i}" for i in range(2_000)], "quarter_end": day}
    )
    final = pd.Series((rng.random(2_000) < 0.1).astype(float))
    scores = here.assign(risk=rng.random(2_000))
    assert _future_shuffled(scores, here, final, day, 1)[0]
    shuffled = np.random.default_rng(1).permutation(
        final.to_numpy()
    )  # a score that knows the shuffle
    assert not _future_shuffled(scores.assign(risk=shuffled), here, final, day, 1)[0]


def test_days_in_the_wrong_order_and_too_few_returns(panel, build):
    with pytest.raises(ParameterError, match="应早于"):
        leakcheck(panel, build, KNOWN, early=LATE, late=EARLY, covariates=COVARIATES)
    with pytest.raises(EstimationError):
        leakcheck(
            panel,
            build,
            lambda rows, day: KNOWN(rows, day) * 0.0,
            early=EARLY,
            late=LATE,
            covariates=COVARIATES,
        )
