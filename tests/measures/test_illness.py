"""Illness, spending, payers: every number by hand."""

import numpy as np
import pandas as pd
import pytest

from jinzhou import measures
from jinzhou.errors import ParameterError
from jinzhou.measures.intervals import design_effect, wilson

HOMES = pd.DataFrame({
    "oop_year": [0.0, 500.0, 3_000.0, 100.0, np.nan, 4_000.0], "net_income_pc": [3_000.0, 3_000.0, 3_200.0, 0.0, 3_000.0, 2_000.0],
    "household_size": [1, 1, 2, 1, 1, 2], "county": ["a", "a", "a", "b", "b", "b"]})


def test_catastrophic_by_hand():
    found = measures.catastrophic(HOMES, line=2_995).rates.set_index("measure")
    # ratios of income: 0, .167, .469, no income but paid, 1.0
    assert found["households"].tolist() == [5, 5, 5]
    assert found["affected"].tolist() == [4, 3, 4]
    assert found.loc["income 10%", "overshoot"] == pytest.approx(np.mean([0, 1 / 6 - .1, .46875 - .1, .9, .9]))


def test_households_without_income_are_counted_not_dropped():
    found = measures.catastrophic(HOMES, line=2_995)
    assert found.no_income == 1 and found.dropped.to_dict() == {"payment missing": 1}
    assert found.rates["households"].iloc[0] + found.dropped.sum() == len(HOMES)


def test_a_payment_exactly_at_the_threshold_is_not_above_it():
    one = pd.DataFrame({"oop_year": [300.0], "net_income_pc": [3_000.0], "household_size": [1]})
    assert measures.catastrophic(one, line=2_995, thresholds=(0.10,)).rates["affected"].iloc[0] == 0


def test_pushed_under_the_line_is_at_it_before_and_below_it_after():
    found = measures.impoverishing(HOMES, line=3_000)
    assert found.counts.loc["all", ["households", "poor_before", "poor_after", "pushed", "further"]].astype(int).tolist() == [5, 2, 4, 2, 2]
    assert found.pushed["after"].tolist() == [2_500.0, 1_700.0]


BILL = pd.DataFrame({
    "medfee_sumamt": [1_000.0, 500.0], "inscp_scp_amt": [900.0, 500.0], "hifp_pay": [600.0, 300.0], "hifmi_pay": [100.0, 0.0], "maf_pay": [100.0, 50.0],
    "oth_pay": [50.0, 0.0], "fund_pay_sumamt": [850.0, 350.0], "hosp_part_amt": [50.0, 0.0], "psn_part_amt": [100.0, 140.0],
    "med_type": ["inpatient"] * 2, "county": ["a", "b"]})


def test_ladder_leads_from_the_bill_to_the_patient():
    found = measures.payer_ladder(BILL)
    assert found.steps.set_index("step")["yuan"].to_dict() == {
        "total": 1_500, "basic": 900, "catastrophic": 100, "aid": 150, "other": 50, "hospital": 50, "patient": 240}
    assert found.broken == 1          # the second bill lacks 10 yuan
    assert (found.of_total, found.of_policy) == (pytest.approx(0.8), pytest.approx(1_200 / 1_400))


def test_ladder_names_the_column_it_lacks():
    with pytest.raises(ParameterError, match="inscp_scp_amt"):
        measures.payer_ladder(BILL.drop(columns="inscp_scp_amt"))


def test_zero_burden_means_zero():
    found = measures.zero_burden(pd.concat([BILL.assign(psn_part_amt=[0.0, 0.01]), BILL.assign(med_type="outpatient")]))
    assert found.counts.loc["all", ["stays", "above_zero"]].tolist() == [2, 1]
    assert len(found.stays) == 1


def test_illness_share_rebuilds_the_whole_and_counts_the_unknown():
    frame = pd.DataFrame({"illness": pd.array([True, False, True, None], dtype="boolean"), "county": ["a", "a", "b", "b"], "persons": [2, 3, 4, 5]})
    found = measures.illness_share(frame, illness="illness", by="county", persons="persons")
    assert found.shares["with_illness"].tolist() == [1, 1] and found.shares["persons_with_illness"].tolist() == [2, 4]
    assert found.shares["rows"].sum() + found.dropped == len(frame)


def test_wilson_is_honest_at_nothing_and_everything():
    low, high = wilson([0, 10], [10, 10])
    assert low[0] == 0 and high[0] == pytest.approx(0.2775, abs=1e-4)       # Wilson 1927: z^2 / (n + z^2)
    assert high[1] == 1 and low[1] == pytest.approx(1 - 0.2775, abs=1e-4)
    with pytest.raises(ParameterError):
        wilson([1], [2], level=1.5)


def test_villages_that_are_alike_widen_the_interval():
    y = np.repeat([1, 0, 1, 0], 25).astype(float)
    village = np.repeat(["a", "b", "c", "d"], 25)
    assert design_effect(y, village, np.ones(100)) > 10
    assert design_effect(y, np.arange(100).astype(str), np.ones(100)) == pytest.approx(1, abs=0.02)
    frame = pd.DataFrame({"y": y > 0, "g": "all", "v": village})
    narrow = measures.illness_share(frame, illness="y", by="g").shares.iloc[0]
    wide = measures.illness_share(frame, illness="y", by="g", cluster="v").shares.iloc[0]
    assert wide["high"] - wide["low"] > 2 * (narrow["high"] - narrow["low"])


def test_wilson_covers_its_level():
    rng = np.random.default_rng(3)
    hits = rng.binomial(200, 0.07, 4_000)
    low, high = wilson(hits, np.full(4_000, 200))
    assert 0.94 < ((low <= 0.07) & (0.07 <= high)).mean() < 0.97
