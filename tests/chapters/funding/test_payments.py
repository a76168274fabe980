"""Money: payment rates, growth, integration, by hand."""

import numpy as np
import pandas as pd
import pytest

from jinzhou.chapters.funding.analysis.payments import (
    growth,
    integration,
    payment_rates,
)


def allocations(**more) -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "fund_id": ["1", "2", "3"],
            "project_id": ["p", "q", "r"],
            "county": ["a", "b", "c"],
            "allocated_amount": [100.0, 50.0, 0.0],
            "paid": [50.0, 50.0, 0.0],
            "paid_early": [5.0, 0.0, 0.0],
            "allocated_on": pd.to_datetime(["2016-09-30", "2018-01-01", "2018-01-01"]),
        }
    )
    return rows.assign(**more)


def test_payment_rates_and_a_county_without_allocation():
    found = payment_rates(allocations(), as_of="2018-09-30", groups=["a", "d"])
    assert found.rates.loc["a", ["paid", "carried", "rate"]].tolist() == [50, 50, 0.5]
    assert found.rates.loc["all", "allocated"] == 150
    assert (
        found.rates.loc[["c", "d"], "status"].tolist() == ["nothing allocated"] * 2
        and found.rates.loc[["c", "d"], "rate"].isna().all()
    )


def test_money_of_exactly_two_years_goes_back():
    rows = payment_rates(allocations(), as_of="2018-09-30").rates
    assert rows.loc["a", ["fresh", "older", "lapsed"]].tolist() == [0, 0, 50]
    rows = payment_rates(allocations(), as_of="2018-09-29").rates
    assert rows.loc["a", ["fresh", "older", "lapsed"]].tolist() == [0, 50, 0]
    assert (rows[["fresh", "older", "lapsed"]].sum(axis=1) == rows["carried"]).all()


def test_a_payment_before_its_allocation_is_named():
    early = payment_rates(allocations(), as_of="2018-09-30").early
    assert early[["fund_id", "yuan"]].to_numpy().tolist() == [["1", 5.0]]


def test_money_in_two_units_is_named_and_left_out():
    found = payment_rates(allocations(paid=[50.0, 400_000.0, 0.0]), as_of="2018-09-30")
    assert (
        found.mixed == ("2",)
        and found.rates.loc["all", "allocated"] == 100
        and "two units" in found.summary("en")
    )


def test_growth_equal_to_the_province_passes_and_a_base_of_zero_is_undefined():
    rows = pd.DataFrame(
        [
            ("省", 2017, "province", 100.0),
            ("省", 2018, "province", 110.0),
            ("市", 2017, "city", 10.0),
            ("市", 2018, "city", 11.0),
            ("甲", 2017, "county", 5.0),
            ("甲", 2018, "county", 5.4),
            ("乙", 2017, "county", 0.0),
            ("乙", 2018, "county", 3.0),
            ("丙", 2018, "county", 3.0),
        ],
        columns=["area", "year", "level", "amount"],
    )
    found = growth(rows, year=2018).rows.set_index("area")
    assert found["status"].to_dict() == {
        "市": "pass",
        "甲": "fail",
        "乙": "undefined",
        "丙": "undefined",
    }
    assert (
        found.loc["乙", "why"] == "the base is zero"
        and found.loc["丙", "why"] == "a year is missing"
    )


def test_growth_without_the_province_decides_nothing():
    rows = pd.DataFrame(
        [("市", 2017, "city", 10.0), ("市", 2018, "city", 11.0)],
        columns=["area", "year", "level", "amount"],
    )
    assert growth(rows, year=2018).rows["status"].tolist() == ["undefined"]


def test_integrated_share_and_a_year_without_levels():
    rows = pd.DataFrame(
        {
            "plan_year": [2017, 2017, 2018, np.nan],
            "level": ["integrated", "county", None, "county"],
            "allocated_amount": [1.0, 3.0, 5.0, 9.0],
        }
    )
    found = integration(rows)
    assert (
        found.rows.loc[2017, "share"] == pytest.approx(0.25)
        and found.rows.loc[2018, "status"] == "no level recorded"
    )
    assert (
        np.isnan(found.rows.loc[2018, "share"])
        and found.unknown == 5
        and "2018" in found.summary("en")
    )


def test_payments_that_nobody_delivered_are_unknown_and_not_zero():
    found = payment_rates(allocations(paid=np.nan), as_of="2018-09-30", groups=["d"])
    assert (
        found.rates.loc[["a", "b", "all"], "status"].tolist()
        == ["payments not known"] * 3
        and found.rates.loc["d", "status"] == "nothing allocated"
    )
    assert (
        found.rates[["paid", "rate", "carried", "lapsed"]].isna().all(axis=None)
        and found.rates.loc["all", "allocated"] == 150
        and "not determined" in found.summary("en")
    )
