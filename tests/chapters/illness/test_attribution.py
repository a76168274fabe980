"""What illness adds to the returns, and what moved the burden of bills."""

import numpy as np
import pandas as pd
import pytest
from illness_studies import attribution_study
from numpy.testing import assert_allclose
from return_world import WORLD_COVARIATES, world

from jinzhou.chapters.illness.analysis.attribution import attributable_fraction
from jinzhou.chapters.illness.analysis.burden import burden_change
from jinzhou.chapters.risk.model import COVARIATES
from jinzhou.errors import EstimationError, ParameterError
from jinzhou.statistics.returns.fitting import HazardOptions
from jinzhou.statistics.returns.return_risk import if_enough


@pytest.mark.parametrize("link", ["cloglog", "logit"])
def test_the_fraction_of_two_groups_by_hand(link):
    """One 0/1 term: the model is saturated, so the fraction is that of the table."""
    ill = np.repeat([True, False], [400, 600])
    y = np.concatenate(
        [np.repeat([1.0, 0.0], [80, 320]), np.repeat([1.0, 0.0], [60, 540])]
    )
    rows = pd.DataFrame(
        {
            "ill": ill,
            "returned_1": y,
            "household_id": np.arange(1_000).astype(str),
            "county": "a",
            "quarter_end": pd.Timestamp("2018-03-31"),
        }
    )
    term = COVARIATES[0].__class__("ill", lambda p: p["ill"].to_numpy(float), "illness")
    found = attributable_fraction(
        rows,
        as_of="2018-03-31",
        covariates=(term,),
        options=HazardOptions(link=link),
        late=False,
    )
    last = found.rows.loc["all"]
    assert_allclose(
        [last["expected"], last["without"], last["fraction"]],
        [140, 100, 1 - 100 / 140],
        rtol=1e-5,
    )
    # delta method on log(without / expected) of the saturated table
    p1, p0, n1, n0 = 0.2, 0.1, 400, 600
    total, rest = n1 * p1 + n0 * p0, (n1 + n0) * p0
    gradient = np.array([-n1 / total, (n1 + n0) / rest - n0 / total])
    se = np.sqrt(gradient**2 @ [p1 * (1 - p1) / n1, p0 * (1 - p0) / n0])
    assert_allclose(
        np.log((1 - last["ci_low"]) / (1 - last["fraction"])), 1.959964 * se, rtol=2e-3
    )  # the cluster factor is G / (G - 1)


def test_counties_rebuild_the_whole():
    rows = world(3, households=3_000, quarters=8)
    found = attributable_fraction(
        rows,
        as_of=rows["quarter_end"].max().date().isoformat(),
        covariates=WORLD_COVARIATES,
        late=False,
    ).rows
    counties = found.drop(index="all")
    assert_allclose(
        counties[["expected", "without"]].sum(),
        found.loc["all", ["expected", "without"]].astype(float),
    )
    assert (
        (found["ci_low"] <= found["fraction"]) & (found["fraction"] <= found["ci_high"])
    ).all()


def test_terms_that_are_absent_are_named():
    rows = world(3, households=3_000, quarters=8).assign(ill_last=False)
    found = attributable_fraction(
        rows,
        as_of=rows["quarter_end"].max().date().isoformat(),
        covariates=WORLD_COVARIATES,
        late=False,
    )
    assert found.absent == ("ill_last",) and set(found.terms) == {"ill_now", "chronic"}
    assert "illness (2 terms)" in found.summary("en") and "疾病" in found.summary("zh")


def test_what_cannot_be_attributed_is_refused():
    rows = world(3, households=1_500, quarters=3)
    with pytest.raises(ParameterError, match="没有原因为 'weather' 的因素"):
        attributable_fraction(
            rows, as_of="2030-01-01", reason="weather", covariates=WORLD_COVARIATES
        )
    with pytest.raises(EstimationError, match="少于 30"):
        attributable_fraction(
            rows.assign(returned_1=0.0), as_of="2030-01-01", covariates=WORLD_COVARIATES
        )
    assert (
        if_enough(
            attributable_fraction,
            rows.assign(returned_1=0.0),
            as_of="2030-01-01",
            covariates=WORLD_COVARIATES,
        )
        is None
    )


def homes(
    treated: float, total: float, own: float, income: float, n: int = 60, seed: int = 1
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    scale = rng.uniform(0.5, 1.5, n)
    return pd.DataFrame(
        {
            "household_id": np.arange(n).astype(str),
            "area_code": [f"v{i % 12}" for i in range(n)],
            "treated": treated,
            "total": total * scale,
            "own": own * scale,
            "income": income,
        }
    )


def test_the_parts_of_the_burden_sum_exactly_and_turn_with_the_years():
    one, two = homes(0.8, 3_000, 900, 12_000), homes(1.1, 3_300, 400, 14_000, seed=2)
    found, back = burden_change(one, two), burden_change(two, one)
    parts = found.parts.drop(index="all")["part"]
    whole = found.parts.loc["all"]
    assert_allclose(parts.sum(), whole["part"], rtol=1e-12)
    assert_allclose(whole["part"], whole["after"] - whole["before"], rtol=1e-12)
    assert_allclose(parts, -back.parts.drop(index="all")["part"], rtol=1e-10)
    assert parts["prevalence"] > 0 > parts["own_share"] and parts["income"] < 0


def test_only_what_changed_has_a_part():
    one = homes(0.8, 3_000, 900, 12_000)
    found = burden_change(one, one.assign(own=one["own"] / 2)).parts
    assert_allclose(found.loc[["prevalence", "cost", "income"], "part"], 0, atol=1e-15)
    assert_allclose(found.at["own_share", "part"], -found.at["all", "before"] / 2)
    assert (
        found.at["own_share", "ci_low"]
        <= found.at["own_share", "part"]
        <= found.at["own_share", "ci_high"]
    )
    same = burden_change(one, one).parts
    assert_allclose(same[["part", "ci_low", "ci_high"]], 0, atol=1e-15)


def test_own_payments_of_zero_are_an_answer_and_no_bills_are_none():
    one = homes(0.8, 3_000, 900, 12_000)
    assert burden_change(one, one.assign(own=0.0)).parts.at["all", "after"] == 0
    for bad in (
        one.assign(treated=0.0, total=0.0, own=0.0),
        one.assign(income=0.0),
        one.iloc[:0],
    ):
        found = burden_change(one, bad)
        assert (found.status, found.reason) == (
            "not identified",
            "the second year has no bills or no income",
        ) and not len(found.parts)


def test_intervals_hold_the_fraction_in_small():
    """The full study, 200 replications, is printed by `make bench`."""
    found = attribution_study(range(25))
    assert found["interval"] >= 0.84 and abs(found["estimated"] - found["true"]) < 0.03


def test_the_burden_says_itself_in_words():
    one = homes(0.8, 3_000, 900, 12_000)
    found = burden_change(one, one.assign(own=one["own"] / 2))
    assert "自付占收入由7.72%变为3.86%" in found.summary("zh")
    assert (
        "报销后自付比例" in found._repr_html_() and "income" not in found._repr_html_()
    )
    none = burden_change(one, one.iloc[:0])
    assert "近一年没有账单或收入" in none.summary("zh")
