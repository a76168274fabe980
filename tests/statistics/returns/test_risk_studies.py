"""Small versions of the simulations that `make bench` runs in full: what must hold does hold."""

import numpy as np
import pandas as pd
import pytest
import risk_studies as studies
from numpy.testing import assert_allclose
from return_world import WORLD_COVARIATES, Policy, world

from jinzhou.statistics.returns.detection import detection
from jinzhou.statistics.returns.visits import visit_effect

HOMES = 12_000


@pytest.fixture(scope="module")
def rows():
    return world(3, households=HOMES)


def test_a_list_keeps_near_what_can_be_known_and_its_level_is_that_without_visits():
    found = studies.oracle_study([1], households=HOMES)
    assert (
        found.loc["full", ["2 %", "5 %", "10 %"]]
        > found.loc["ceiling", ["2 %", "5 %", "10 %"]] - 0.06
    ).all()
    assert 0.85 < found.loc["full", "top_decile"] < 1.15
    assert (
        found.loc["naive", "top_decile"] < 0.92
    )  # who ignores visits takes help for safety


def test_hidden_selection_of_visits_stays_inside_the_band_and_is_not_identified():
    found = studies.hidden_study([1], households=HOMES)
    assert found["inside"].all() and not found["identified"].any()
    assert (found["needed_rows"] > found["random_rows"]).all()


def test_intervals_hold_the_true_terms_and_the_households_hazards():
    inside, homes = studies.coverage_study(range(100, 104), households=6_000)
    assert inside.mean() > 0.85
    assert 0.80 < homes < 0.97


def test_lists_of_two_quarters_change_for_named_reasons(rows):
    found = studies.stability_study([3], households=HOMES)
    assert found["over_oracle"] > 0.8 and found["explained"] > 0.90


def test_reasons_sum_and_hold_the_largest_true_term():
    found = studies.reason_study([3], households=HOMES)
    assert found["sum_error"] < 1e-9 and found["largest_term_held"] > 0.85


def test_four_quarters_ahead_when_leaving_competes():
    found = studies.incidence_study([1], households=HOMES)
    assert abs(found["over_truth"] - 1) < 0.12
    assert found["ignoring_leaving"] > found["over_truth"] + 0.02


def test_case_control_samples_answer_for_all_rows():
    found = studies.case_control_study([1, 2, 3], households=HOMES, ratios=(1, 5))
    assert (found - 1).abs().max() < 0.06


def test_a_random_slice_that_is_large_enough_identifies_the_effect():
    rows = world(
        4,
        households=20_000,
        policy=Policy(chosen_by="hidden", capacity=0.4, random_slice=0.7),
    )
    label = rows["returned_1"].where(rows["quarter"] < studies.TRAINED)
    risk = studies.scored(rows, studies.TRAINED)
    found = visit_effect(rows, risk, outcome=label)
    assert found.identified and found.needed_rows <= found.random_rows
    assert found.random_ci_low < -0.8 < found.random_ci_high
    assert (
        found.fitted > found.random
    )  # the selection of the riskier hides part of the effect
    assert found.table().loc["random", "effect"] == pytest.approx(np.exp(found.random))


def test_a_larger_hidden_ratio_than_the_tipping_one_moves_the_top_decile_by_a_fifth(
    rows,
):
    risk = studies.scored(rows, studies.TRAINED)
    found = visit_effect(
        rows, risk, outcome=rows["returned_1"].where(rows["quarter"] < studies.TRAINED)
    )
    assert_allclose(1 + found.top_visited * (found.tipping_ratio - 1), 1.2)
    assert "not identified" in found.summary("en")
    assert "无法识别" in found.summary()


def test_no_visit_in_the_scoring_has_no_effect(rows):
    covariates = tuple(c for c in WORLD_COVARIATES if c.name != "visited_now")
    found = visit_effect(
        rows,
        studies.scored(rows, studies.TRAINED, covariates),
        outcome=rows["returned_1"].where(rows["quarter"] < studies.TRAINED),
    )
    assert not found.identified and found.band_ci_low == found.band_ci_high == 1


def test_detection_is_read_off_a_look_back_and_refused_without_one():
    found = studies.detection_study([1], households=40_000).iloc[0]
    assert abs(found["factor"] / found["true"] - 1) < 0.10
    quiet = world(1, households=4_000, detection=(0.55, 0.95))
    answer = detection(quiet, as_of=studies.day_of(quiet, 19))
    assert (
        not answer.identified
        and answer.why == "no look-back"
        and np.isnan(answer.factor)
    )
    assert "not identified" in answer.summary("en")
    assert "无法识别" in answer.summary()
    few = quiet.assign(
        next_return_round=np.where(quiet["returned_1"].cumsum() <= 10, "look-back", "")
    )
    assert detection(few, as_of=studies.day_of(quiet, 19)).why == "too few found"


def test_a_look_back_of_its_own_quarter_alone_is_not_used(rows):
    own = rows.assign(
        next_return_round=np.where(
            (rows["quarter"] == 17) & (rows["returned_1"] > 0), "look-back", ""
        )
    )
    answer = detection(own, as_of=studies.day_of(rows, 19))
    assert answer.why == "window not covered" and pd.isna(answer.factor_ci_low)
