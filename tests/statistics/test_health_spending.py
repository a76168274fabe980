"""Illness, spending, payers: every number by hand."""

import numpy as np
import pandas as pd
import pytest

from jinzhou.chapters.illness.analysis.payments import payer_ladder, zero_burden
from jinzhou.errors import ParameterError
from jinzhou.statistics.health_spending import (
    PaymentColumns,
    catastrophic,
    illness_share,
    impoverishing,
)
from jinzhou.statistics.intervals import design_effect, wilson
from jinzhou.statistics.survey import SurveyDesign

HOMES = pd.DataFrame(
    {
        "oop_year": [0.0, 500.0, 3_000.0, 100.0, np.nan, 4_000.0],
        "net_income_pc": [3_000.0, 3_000.0, 3_200.0, 0.0, 3_000.0, 2_000.0],
        "household_size": [1, 1, 2, 1, 1, 2],
        "county": ["a", "a", "a", "b", "b", "b"],
    }
)


def test_catastrophic_by_hand():
    found = catastrophic(HOMES, line=2_995).rates.set_index("measure")
    # ratios of income: 0, .167, .469, no income but paid, 1.0
    assert found["households"].tolist() == [5, 5, 5]
    assert found["affected"].tolist() == [4, 3, 4]
    assert found.loc["income 10%", "overshoot"] == pytest.approx(
        np.mean([0, 1 / 6 - 0.1, 0.46875 - 0.1, 0.9, 0.9])
    )


def test_households_without_income_are_counted_not_dropped():
    found = catastrophic(HOMES, line=2_995)
    assert found.no_income == 1 and found.dropped.to_dict() == {"payment missing": 1}
    assert found.rates["households"].iloc[0] + found.dropped.sum() == len(HOMES)


def test_a_payment_exactly_at_the_threshold_is_not_above_it():
    one = pd.DataFrame(
        {"oop_year": [300.0], "net_income_pc": [3_000.0], "household_size": [1]}
    )
    assert (
        catastrophic(one, line=2_995, thresholds=(0.10,)).rates["affected"].iloc[0] == 0
    )


def test_a_negative_payment_and_one_above_its_bill_are_left_out_and_said():
    homes = HOMES.assign(
        oop_year=[-1.0, 500.0, 3_000.0, 100.0, 200.0, 0.0],
        bill=[100.0, 499.0, 3_000.0, 100.0, np.nan, 0.0],
    )
    found = catastrophic(homes, line=2_995, columns=PaymentColumns(cost="bill"))
    assert found.dropped.to_dict() == {
        "payment negative": 1,
        "payment above the total cost": 1,
    }
    assert found.rates["households"].iloc[0] + found.dropped.sum() == len(
        homes
    ) and "2 left out" in found.summary("en")
    pushed = impoverishing(homes, line=3_000, columns=PaymentColumns(cost="bill"))
    assert (
        pushed.dropped.to_dict() == found.dropped.to_dict()
        and len(pushed.pushed) == pushed.counts.loc["all", "pushed"]
    )
    without = catastrophic(homes.assign(household_size=0), line=2_995)
    assert without.dropped.to_dict() == {
        "payment negative": 1,
        "size missing or zero": 5,
    } and set(without.rates["status"]) == {"no rows"}


def test_payments_that_are_all_zero_are_an_answer():
    found = catastrophic(HOMES.assign(oop_year=0.0), line=2_995).rates
    assert (
        (found["affected"] == 0).all()
        and (found["share"] == 0).all()
        and (found["ci_high"] > 0).all()
    )
    assert (
        found["mean_positive_overshoot"].isna().all()
        and (found["overshoot"] == 0).all()
    )
    pushed = impoverishing(HOMES.assign(oop_year=0.0), line=3_000).counts.loc["all"]
    assert (
        pushed["pushed"],
        pushed["further"],
        pushed["gap_after"] - pushed["gap_before"],
    ) == (0, 0, 0)


def test_capacity_leaves_food_aside_where_it_is_less_than_the_line():
    homes = pd.DataFrame(
        {
            "oop_year": [450.0, 450.0],
            "net_income_pc": [2_000.0, 2_000.0],
            "household_size": [1, 1],
            "food": [500.0, 5_000.0],
        }
    )
    found = (
        catastrophic(homes, line=1_000, columns=PaymentColumns(food="food"))
        .rates.set_index("measure")
        .loc["capacity 40%"]
    )
    assert found["affected"] == 1  # 450 / 1,500 and 450 / 1,000
    blank = catastrophic(
        homes.assign(food=[np.nan, -1.0]),
        line=1_000,
        columns=PaymentColumns(food="food"),
    )
    assert blank.dropped.to_dict() == {"food missing or negative": 2}


def test_the_sdg_of_2025_needs_its_line_and_counts_a_payment_from_nothing_left():
    homes = pd.DataFrame(
        {
            "oop_year": [450.0, 10.0, 0.0],
            "net_income_pc": [2_000.0, 900.0, 900.0],
            "household_size": [2, 1, 1],
        }
    )
    assert (
        "discretionary 40%"
        not in catastrophic(homes, line=500).rates["measure"].tolist()
    )
    found = (
        catastrophic(
            homes,
            line=500,
            discretionary_line=1_000,
            design=SurveyDesign(weights="household_size"),
        )
        .rates.set_index("measure")
        .loc["discretionary 40%"]
    )
    # 450 of 2,000 left over; 10 of less than nothing; nothing paid
    assert found["affected"] == 1 and found["share"] == 0.25


def test_groups_of_spending_rebuild_the_whole_and_weights_count_persons():
    homes = HOMES.dropna()
    by = catastrophic(
        homes, line=2_995, by="county", design=SurveyDesign(weights="household_size")
    ).rates.query("measure == 'income 10%'")
    whole = (
        catastrophic(homes, line=2_995, design=SurveyDesign(weights="household_size"))
        .rates.query("measure == 'income 10%'")
        .iloc[0]
    )
    assert (
        np.average(by["share"], weights=by["weight"]) == pytest.approx(whole["share"])
        and by["affected"].sum() == whole["affected"]
    )
    assert np.average(by["overshoot"], weights=by["weight"]) == pytest.approx(
        whole["overshoot"]
    )
    assert whole["mean_positive_overshoot"] == pytest.approx(
        whole["overshoot"] / whole["share"]
    )


def test_the_edge_of_the_line_is_a_choice_for_payments_too():
    homes = pd.DataFrame(
        {
            "oop_year": [500.0, 100.0],
            "net_income_pc": [3_500.0, 3_000.0],
            "household_size": [1, 1],
        }
    )
    below, at = (impoverishing(homes, line=3_000, by=None, edge=e) for e in ("<", "<="))
    # 3,500 less 500 is at the line; 3,000 is at it before
    assert below.counts.loc[
        "all", ["poor_before", "poor_after", "pushed", "further"]
    ].tolist() == [0, 1, 1, 0]
    assert at.counts.loc[
        "all", ["poor_before", "poor_after", "pushed", "further"]
    ].tolist() == [1, 2, 1, 1]
    with pytest.raises(ParameterError):
        impoverishing(homes, line=3_000, by=None, edge=">")


def test_shares_of_the_pushed_stand_beside_their_counts():
    found = impoverishing(HOMES, line=3_000)
    shares = found.shares.set_index(["group", "measure"])["value"]
    for group, row in found.counts.iterrows():
        assert shares[group, "pushed"] == pytest.approx(
            row["pushed"] / row["households"]
        ) and shares[group, "gap_change"] == pytest.approx(
            row["gap_after"] - row["gap_before"]
        )


def test_pushed_under_the_line_is_at_it_before_and_below_it_after():
    found = impoverishing(HOMES, line=3_000)
    assert found.counts.loc[
        "all", ["households", "poor_before", "poor_after", "pushed", "further"]
    ].astype(int).tolist() == [5, 2, 4, 2, 2]
    assert found.pushed["after"].tolist() == [2_500.0, 1_700.0]


BILL = pd.DataFrame(
    {
        "medfee_sumamt": [1_000.0, 500.0],
        "inscp_scp_amt": [900.0, 500.0],
        "hifp_pay": [600.0, 300.0],
        "hifmi_pay": [100.0, 0.0],
        "maf_pay": [100.0, 50.0],
        "oth_pay": [50.0, 0.0],
        "fund_pay_sumamt": [850.0, 350.0],
        "hosp_part_amt": [50.0, 0.0],
        "psn_part_amt": [100.0, 140.0],
        "med_type": ["inpatient"] * 2,
        "county": ["a", "b"],
    }
)


def test_ladder_leads_from_the_bill_to_the_patient():
    found = payer_ladder(BILL)
    assert found.steps.set_index("step")["yuan"].to_dict() == {
        "total": 1_500,
        "basic": 900,
        "catastrophic": 100,
        "aid": 150,
        "other": 50,
        "hospital": 50,
        "patient": 240,
    }
    assert found.broken == 1  # the second bill lacks 10 yuan
    assert (found.of_total, found.of_policy) == (
        pytest.approx(0.8),
        pytest.approx(1_200 / 1_400),
    )


def test_ladder_names_the_column_it_lacks():
    with pytest.raises(ParameterError, match="inscp_scp_amt"):
        payer_ladder(BILL.drop(columns="inscp_scp_amt"))


def test_zero_burden_means_zero():
    found = zero_burden(
        pd.concat(
            [BILL.assign(psn_part_amt=[0.0, 0.01]), BILL.assign(med_type="outpatient")]
        )
    )
    assert found.counts.loc["all", ["stays", "above_zero"]].tolist() == [2, 1]
    assert len(found.stays) == 1


def test_illness_share_rebuilds_the_whole_and_counts_the_unknown():
    frame = pd.DataFrame(
        {
            "illness": pd.array([True, False, True, None], dtype="boolean"),
            "county": ["a", "a", "b", "b"],
            "persons": [2, 3, 4, 5],
        }
    )
    found = illness_share(frame, illness="illness", by="county", persons="persons")
    assert found.shares["with_illness"].tolist() == [1, 1] and found.shares[
        "persons_with_illness"
    ].tolist() == [2, 4]
    assert found.shares["rows"].sum() + found.dropped == len(frame)


def test_wilson_is_honest_at_nothing_and_everything():
    low, high = wilson([0, 10], [10, 10])
    assert low[0] == 0 and high[0] == pytest.approx(
        0.2775, abs=1e-4
    )  # Wilson 1927: z^2 / (n + z^2)
    assert high[1] == 1 and low[1] == pytest.approx(1 - 0.2775, abs=1e-4)
    with pytest.raises(ParameterError):
        wilson([1], [2], level=1.5)


def test_villages_that_are_alike_widen_the_interval():
    y = np.repeat([1, 0, 1, 0], 25).astype(float)
    village = np.repeat(["a", "b", "c", "d"], 25)
    assert design_effect(y, village, np.ones(100)) > 10
    assert design_effect(y, np.arange(100).astype(str), np.ones(100)) == pytest.approx(
        1, abs=0.02
    )
    frame = pd.DataFrame({"y": y > 0, "g": "all", "v": village})
    narrow = illness_share(frame, illness="y", by="g").shares.iloc[0]
    wide = illness_share(frame, illness="y", by="g", cluster="v").shares.iloc[0]
    assert wide["ci_high"] - wide["ci_low"] > 2 * (narrow["ci_high"] - narrow["ci_low"])


def test_wilson_covers_its_level():
    rng = np.random.default_rng(3)
    hits = rng.binomial(200, 0.07, 4_000)
    low, high = wilson(hits, np.full(4_000, 200))
    assert 0.94 < ((low <= 0.07) & (0.07 <= high)).mean() < 0.97
