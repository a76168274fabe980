"""Money: rates, growth, cost per exit, by hand."""

import numpy as np
import pandas as pd
import pytest

from jinzhou import measures


def test_payment_rates_and_payments_without_an_allocation():
    fund = pd.DataFrame({"fund_id": ["1", "2", "3"], "allocated_amount": [100.0, 50.0, 0.0], "county": ["a", "b", "c"]})
    payment = pd.DataFrame({"fund_id": ["1", "1", "9"], "paid_amount": [30.0, 20.0, 7.0]})
    found = measures.payment_rates(fund, payment)
    assert found.rates.loc["a", ["paid", "carried", "rate"]].tolist() == [50, 50, 0.5]
    assert found.rates.loc["all", "allocated"] == 150 and found.unmatched == 7
    assert np.isnan(found.rates.loc["c", "rate"])


def test_growth_equal_to_the_province_passes_and_a_base_of_zero_is_undefined():
    rows = pd.DataFrame([("省", 2017, "province", 100.0), ("省", 2018, "province", 110.0), ("市", 2017, "city", 10.0), ("市", 2018, "city", 11.0),
                         ("甲", 2017, "county", 5.0), ("甲", 2018, "county", 5.4), ("乙", 2017, "county", 0.0), ("乙", 2018, "county", 3.0),
                         ("丙", 2018, "county", 3.0)], columns=["area", "year", "level", "amount"])
    found = measures.growth(rows, year=2018).rows.set_index("area")
    assert found["status"].to_dict() == {"市": "pass", "甲": "fail", "乙": "undefined", "丙": "undefined"}
    assert found.loc["乙", "why"] == "the base is zero" and found.loc["丙", "why"] == "a year is missing"


def test_growth_without_the_province_decides_nothing():
    rows = pd.DataFrame([("市", 2017, "city", 10.0), ("市", 2018, "city", 11.0)], columns=["area", "year", "level", "amount"])
    assert measures.growth(rows, year=2018).rows["status"].tolist() == ["undefined"]


def test_cost_per_exit_and_per_lasting_exit():
    spent = pd.DataFrame({"county": "a", "town": list("uvwxyz"), "yuan": [100.0] * 6})
    exits = pd.DataFrame({"county": "a", "town": list("uvwxyz"), "persons": [2] * 6, "counted": [True] * 5 + [False],
                          "lasting": pd.array([True, True, False, None, None, True], dtype="boolean")})
    found = measures.cost_per_exit(spent, exits).costs.loc["a"]
    assert found["cost_per_exit"] == pytest.approx(60) and found["lasting_share"] == pytest.approx(0.75)
    assert found["cost_per_lasting"] == pytest.approx(80)
    assert found["cost_low"] <= 60 <= found["cost_high"]


def test_no_exit_observed_long_enough_gives_no_cost_per_lasting_exit():
    spent = pd.DataFrame({"county": ["a"], "town": ["u"], "yuan": [100.0]})
    exits = pd.DataFrame({"county": ["a"], "town": ["u"], "persons": [2], "counted": [True], "lasting": pd.array([None], dtype="boolean")})
    found = measures.cost_per_exit(spent, exits).costs.loc["a"]
    assert found["cost_per_exit"] == 50 and np.isnan(found["cost_per_lasting"]) and np.isnan(found["cost_low"])


def test_cost_interval_covers_when_townships_differ():
    rng = np.random.default_rng(5)
    inside = 0
    for _ in range(100):
        exits = rng.poisson(40, 30) + 1
        spent = pd.DataFrame({"county": "a", "town": range(30), "yuan": 50.0 * exits * rng.lognormal(0, 0.4, 30)})
        rows = pd.DataFrame({"county": "a", "town": range(30), "persons": exits, "counted": True, "lasting": pd.array([True] * 30, dtype="boolean")})
        row = measures.cost_per_exit(spent, rows, draws=200).costs.loc["a"]
        inside += row["cost_low"] <= 50 * np.exp(0.08) <= row["cost_high"]
    assert inside >= 85
