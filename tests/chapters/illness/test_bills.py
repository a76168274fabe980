"""Bills: what cannot be one, who pays, the zero burden, its start and the years after the exit."""

import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from jinzhou.chapters.illness.analysis.checks import IDENTITIES, MONEY, checked_bills
from jinzhou.chapters.illness.analysis.chronic import chronic_burden
from jinzhou.chapters.illness.analysis.payments import (
    cost_shares,
    payer_ladder,
    persons_treated,
    zero_burden,
)
from jinzhou.chapters.illness.analysis.policy import policy_tail, zero_burden_start
from jinzhou.errors import ParameterError
from jinzhou.words import words


def bill(
    number: str,
    *,
    total: float = 4_000.0,
    own: float = 400.0,
    person: str = "p",
    admitted: str = "2018-02-01",
    **more,
) -> dict:
    """One stay whose identities hold."""
    inside = total * 0.9
    row = dict.fromkeys(MONEY, 0.0) | {
        "setl_id": number,
        "person_key": person,
        "med_type": "inpatient",
        "household_id": "h",
        "county": "210727",
        "area_code": "v1",
        "hospital_place": "county",
        "admitted_on": pd.Timestamp(admitted),
        "discharged_on": pd.Timestamp(admitted) + pd.Timedelta(days=5),
        "setl_time": pd.Timestamp(admitted) + pd.Timedelta(days=6),
        "medfee_sumamt": total,
        "inscp_scp_amt": inside,
        "fulamt_ownpay_amt": total - inside,
        "hifp_pay": total - own,
        "fund_pay_sumamt": total - own,
        "psn_part_amt": own,
        "psn_cash_pay": own,
    }
    return row | more


def frame(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


GOOD = [bill(f"a{i}", total=3_000.0 + 100 * i, person=f"p{i}") for i in range(30)]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ([bill("b", hifp_pay=-5.0)], "negative amount"),
        ([bill("b", psn_part_amt=-1.0)], "negative amount"),
        ([bill("b", psn_part_amt=4_000.06)], "own payment above total cost"),
        ([bill("a3", person="other")], "settlement number repeated"),
        ([bill("b", person="p4", total=3_400.0, own=1.0)], "same stay settled twice"),
        ([bill("b", medfee_sumamt=np.nan)], "amount missing"),
        ([bill("b", psn_part_amt=np.nan)], "amount missing"),
        ([bill("b", total=0.4, own=0.04)], "another unit of money"),
        ([bill("b", total=4e7, own=4.0)], "another unit of money"),
        ([bill("b", total=0.0, own=0.0)], "no cost"),
    ],
)
def test_what_cannot_be_a_bill_is_left_out_and_said(bad, reason):
    given = frame(*GOOD, *bad)
    found = checked_bills(given)
    assert (
        found.left_out["reason"].tolist() == [reason]
        and found.left_out["bills"].tolist() == [1]
        and found.status == "usable"
    )
    assert len(found.rows) + found.left_out["bills"].sum() == len(given)
    for lang in ("zh", "en"):
        said = words("chapters/illness/text", lang).label("reason", reason)
        assert said in found.summary(lang)


def test_own_payment_equal_to_the_cost_is_a_bill():
    assert not len(checked_bills(frame(*GOOD, bill("b", own=4_000.0))).left_out)


def test_all_zero_and_none_are_typed():
    zero = checked_bills(
        frame(*(bill(str(i), total=0.0, own=0.0, person=str(i)) for i in range(3)))
    )
    assert (
        zero.status == "all zero"
        and not len(zero.rows)
        and zero.left_out["bills"].sum() == 3
    )
    none = checked_bills(frame(*GOOD).iloc[:0])
    assert none.status == "no bills" and none.quarters == ()


def test_a_quarter_without_claims_is_named():
    rows = frame(
        *GOOD, *(bill(f"c{i}", person=f"q{i}", admitted="2018-08-01") for i in range(3))
    )
    assert checked_bills(rows).quarters == ("2018Q2",)


def test_bills_without_the_amounts_are_refused():
    with pytest.raises(ParameterError, match="psn_part_amt"):
        checked_bills(frame(*GOOD).drop(columns="psn_part_amt"))


def test_every_identity_is_tested_and_named():
    rows = frame(*GOOD)
    assert (checked_bills(rows).identities["status"] == "holds").all()
    for name, left, _ in IDENTITIES:
        broken = rows.copy()
        broken.loc[2, left] += 0.06
        status = checked_bills(broken).identities.set_index("identity")
        assert status.at[name, "broken"] == 1, name
        broken.loc[2, left] -= (
            0.01  # a difference of 0.05 is the platform's own tolerance
        )
        assert (
            checked_bills(broken).identities.set_index("identity").at[name, "broken"]
            == 0
        ), name
    blank = rows.assign(acct_pay=np.nan)
    assert (
        checked_bills(blank).identities.set_index("identity").at["patient", "status"]
        == "not testable"
    )


def test_steps_and_gaps_of_the_ladder_close():
    rows = frame(
        bill(
            "1",
            total=1_000.0,
            own=100.0,
            hifp_pay=500.0,
            hifmi_pay=100.0,
            maf_pay=50.0,
            oth_pay=150.0,
            fund_pay_sumamt=800.0,
            hosp_part_amt=100.0,
            inscp_scp_amt=900.0,
            fulamt_ownpay_amt=60.0,
            overlmt_selfpay=30.0,
            preselfpay_amt=10.0,
            act_pay_dedc=40.0,
        )
    )
    ladder = payer_ladder(rows)
    assert ladder.steps["left"].tolist() == [1_000, 500, 400, 350, 200, 100, 0]
    assert dict(zip(ladder.gaps["part"], ladder.gaps["yuan"], strict=True)) == {
        "wholly_own": 60,
        "above_limit": 30,
        "own_first": 10,
        "deductible": 40,
        "shared": 210,
    }
    assert ladder.gaps["yuan"].sum() == ladder.steps["left"].iloc[3]
    assert (ladder.of_total, round(ladder.of_policy, 6)) == (0.8, round(800 / 900, 6))


def test_cost_shares_are_ratios_of_sums():
    rows = frame(
        bill("1", total=1_000.0, own=0.0),
        bill("2", total=3_000.0, own=800.0, area_code="v2"),
        bill("3", total=4_000.0, own=0.0, county="210726", area_code="v3"),
    )
    found = cost_shares(rows).set_index(["group", "measure"])["value"]
    assert_allclose(
        [found["210727", "own"], found["all", "own"], found["all", "of_total"]],
        [0.2, 0.1, 0.9],
    )
    assert_allclose(found["all", "of_policy"], 7_200 / 7_200)


def months(
    zero_from: dict[str, int | None], stays: int = 12, seed: int = 1
) -> pd.DataFrame:
    """Stays of 24 months; each county at zero (nearly) from its month on."""
    rng = np.random.default_rng(seed)
    rows = []
    for county, start in zero_from.items():
        for m in range(24):
            free = rng.random(stays) < (
                0.95 if start is not None and m >= start else 0.01
            )
            rows.append(
                pd.DataFrame(
                    {
                        "county": county,
                        "admitted_on": pd.Timestamp("2017-01-01")
                        + pd.DateOffset(months=m),
                        "psn_part_amt": np.where(free, 0.0, 500.0),
                    }
                )
            )
    return pd.concat(rows, ignore_index=True)


def test_one_start_of_all_is_one_start():
    found = zero_burden_start(months({"a": 12, "b": 12, "unknown": 3}, stays=6))
    assert (
        found.day == "2018-01-01"
        and found.quarters == {"a": 2018 * 4, "b": 2018 * 4}
        and set(found.groups["status"]) == {"begun"}
    )


def test_a_county_with_few_stays_does_not_make_a_start_of_its_own():
    rows = months({"a": 12, "b": 12}, stays=20)
    few = months({"c": 12}, stays=1).iloc[
        [0, 5, 9, 11, 14, 15, 17, 18, 20, 21, 22]
    ]  # nobody was admitted in the first months
    found = zero_burden_start(pd.concat([rows, few]))
    assert found.day == "2018-01-01" and found.groups.at["c", "start"] == pd.Timestamp(
        "2018-01-01"
    )


def test_different_starts_stay_different():
    found = zero_burden_start(months({"a": 6, "b": 15, "c": None, "d": 0}))
    assert found.day == "" and found.groups["status"].to_dict() == {
        "a": "begun",
        "b": "begun",
        "c": "not begun",
        "d": "begun before the data",
    }
    assert found.quarters == {"a": 2017 * 4 + 2, "b": 2018 * 4 + 1, "c": None}


def test_no_stays_no_start():
    assert zero_burden_start(months({"a": 6}).iloc[:0]).day == ""
    assert zero_burden_start(months({"a": 6}).iloc[:5]).groups["status"].tolist() == [
        "too few stays"
    ]


def exited(share_by_month: dict[int, float], stays: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    rows = [
        pd.DataFrame(
            {
                "status": "exited",
                "months_since_exit": float(m),
                "area_code": [f"v{i % 40}" for i in range(stays)],
                "psn_part_amt": np.where(rng.random(stays) < s, 0.0, 9.0),
            }
        )
        for m, s in share_by_month.items()
    ]
    return pd.concat(rows, ignore_index=True)


def test_a_step_down_before_two_years_is_found_and_one_after_is_not_a_breach():
    kept = dict.fromkeys((2, 8, 14, 20), 0.95)
    assert policy_tail(exited(kept | {26: 0.2, 32: 0.2})).verdict == "holds"
    broken = policy_tail(exited(kept | {20: 0.6, 26: 0.2}))
    assert (
        broken.verdict == "step down"
        and broken.months.at[18, "step"] == "down"
        and broken.months.at[24, "step"] == "down"
    )
    # the day itself: 23 months is inside, 24 is not
    assert policy_tail(exited({**kept, 23: 0.2})).months.loc[18, "stays"] == 400
    assert 24 in policy_tail(exited({**kept, 24: 0.2})).months.index


def test_the_two_years_are_not_determined_without_stays():
    few = policy_tail(exited(dict.fromkeys((2, 8, 14), 0.95)))
    assert few.verdict == "not determined"
    assert policy_tail(exited({2: 0.9}).iloc[:0]).verdict == "not determined"
    unknown = policy_tail(
        exited(dict.fromkeys((2, 8, 14, 20), 0.95)).assign(months_since_exit=np.nan)
    )
    assert unknown.verdict == "not determined" and unknown.unknown == 800
    with pytest.raises(ParameterError, match="width=5"):
        policy_tail(exited({2: 0.9}), width=5)


def test_a_level_tail_is_seldom_called_a_step():
    rng = np.random.default_rng(11)
    alarms = []
    for _ in range(150):
        rows = exited(dict.fromkeys((2, 8, 14, 20, 26), 0.9), stays=120)
        rows["psn_part_amt"] = np.where(rng.random(len(rows)) < 0.9, 0.0, 9.0)
        alarms.append(policy_tail(rows).verdict == "step down")
    assert np.mean(alarms) <= 0.06


def test_persons_treated_by_every_way_of_counting():
    rows = frame(
        bill("1", person="a"),
        bill("2", person="a", admitted="2018-03-01"),
        bill("3", person="b", admitted="2018-09-28"),
        bill("4", person="c", admitted="2017-12-30"),
        bill("5", person="d", household_id=None),
        bill("6", person="e", med_type="outpatient"),
    )
    found = persons_treated(rows, as_of="2018-09-30", official=2).set_index("count")
    assert found["persons"].to_dict() == {
        "discharged": 2,
        "admitted": 3,
        "placed": 1,
        "stays": 3,
    }  # b is discharged on 3 October
    assert found["difference"].to_dict() == {
        "discharged": 0,
        "admitted": 1,
        "placed": -1,
        "stays": 1,
    }
    assert persons_treated(rows, as_of="2018-09-30")["difference"].isna().all()


def test_chronic_burden_counts_patients_households_and_missing_income():
    homes = pd.DataFrame(
        {
            "household_id": ["h1", "h2", "h3", "h4"],
            "county": "x",
            "area_code": ["v1", "v1", "v2", "v2"],
            "chronic_patients": [2.0, 1.0, 1.0, 0.0],
            "chronic_own": [1_100.0, 10.0, 40.0, 0.0],
            "income": [11_000.0, 0.0, np.nan, 9_000.0],
        }
    )
    year = chronic_burden({"2018-09-30": homes, "2017-09-30": homes.iloc[3:]}).years
    last = year.loc["2018-09-30"]
    assert (
        last["patients"] == 4
        and last["mean_payment"] == 287.5
        and last["households"] == 2
        and last["no_income"] == 1
    )
    assert (
        last["above"] == 1
    )  # 1,100 of 11,000 is exactly 10 %, not above; no income and paying is above
    assert year.loc["2017-09-30", "patients"] == 0 and np.isnan(
        year.loc["2017-09-30", "mean_payment"]
    )


def test_every_result_says_itself_in_words():
    """Sentence and page of each result, in both languages, without a code on screen."""
    rows = frame(*GOOD, bill("b", hifp_pay=-5.0))
    results = (
        checked_bills(rows),
        payer_ladder(rows),
        zero_burden(rows),
        zero_burden_start(months({"a": 6, "b": 15})),
        policy_tail(exited(dict.fromkeys((2, 8, 14, 20, 26), 0.9))),
    )
    for result in results:
        assert result.summary("zh") != result.summary("en")
        headings = re.findall("<th>(.*?)</th>", result._repr_html_())
        assert headings and not [h for h in headings if re.match("[a-z_]+$", h)]
