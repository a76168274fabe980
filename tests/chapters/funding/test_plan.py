"""What a plan starts from, from the ledgers."""

import numpy as np
import pandas as pd
import pytest

from jinzhou.chapters.funding.analysis.allocation import Limits
from jinzhou.chapters.funding.analysis.payments import Growth
from jinzhou.chapters.funding.analysis.plan import (
    money_arms,
    past_projects,
    plan_limits,
)
from jinzhou.errors import ParameterError
from jinzhou.statistics.units import listed, two_units

PROJECTS = pd.DataFrame(
    {
        "project_id": ["A", "B", "C", "D", "E"],
        "county": ["210726", "210726", "210727", "unknown", "210727"],
        "town": ["甲", "甲", "乙", None, "乙"],
        "project_type": ["industry", "industry", "health", "industry", "health"],
        "plan_year": [2018, 2019, 2018, 2018, 2017],
        "allocated": [100.0, 0.0, 50.0, 7.0, 30.0],
        "budget": [100.0, 80.0, 50.0, 7.0, 30.0],
        "paid": [90.0, 0.0, 20.0, 7.0, 30.0],
        "linked_households": [10, 0, 4, 3, 6],
    }
)
POOR = pd.DataFrame(
    {
        "town": ["甲", "甲", "乙"],
        "persons": [2.0, 4.0, 5.0],
        "ill": [0, 1, 1],
        "able": [1.0, 0.5, 0.0],
        "remote": [0.1, 0.3, 0.2],
    }
)
GROWTH = Growth(
    rows=pd.DataFrame(
        {
            "level": ["city", "county", "county"],
            "area": ["锦州市", "黑山县", "义县"],
            "before": [1.0, 20.0, 0.0],
            "now": [1.0, 22.0, np.nan],
        }
    ),
    year=2018,
    province=0.15,
)


def test_arms_hold_todays_plan_and_next_years_pool():
    arms = money_arms(PROJECTS, year=2018)
    assert arms.to_numpy().tolist() == [
        ["210726", "industry", 100.0, 80.0],
        ["210727", "health", 50.0, 0.0],
    ]


def test_past_projects_carry_what_their_township_was_like():
    past = past_projects(PROJECTS, POOR, first_year=2017, last_year=2018)
    assert past.index.tolist() == ["A", "C", "E"]  # D has no county, B is not paid
    assert past.loc["A", ["persons", "need", "ill"]].tolist() == [
        30.0,
        np.log(6.0),
        0.5,
    ]
    assert past.loc["E", ["yuan", "households", "persons"]].tolist() == [30.0, 6, 30.0]


def test_limits_are_todays_money_and_budgets_that_grow_with_the_provinces():
    arms = money_arms(PROJECTS, year=2018)
    limits = plan_limits(arms, GROWTH, at_least=0.8, at_most=1.5)
    assert limits == Limits(
        total=150.0,
        floors={"210726": 80.0, "210727": 40.0},
        ceilings={"health": 75.0, "industry": 150.0},
        before={"210726": 22.0},
        growth=0.15,
    )
    unknown = plan_limits(
        arms,
        Growth(rows=GROWTH.rows, year=2018, province=np.nan),
        at_least=0,
        at_most=1,
    )
    assert unknown.growth is None and unknown.before is None
    for wrong in ({"at_least": 1.1, "at_most": 1.0}, {"at_least": 0.5, "at_most": 0.9}):
        with pytest.raises(ParameterError):
            plan_limits(arms, GROWTH, **wrong)


def test_two_units_are_told_apart_from_wide_amounts():
    rng = np.random.default_rng(1)
    yuan = pd.Series(
        np.exp(rng.normal(13, 0.8, 60)), index=[f"P{i}" for i in range(60)]
    )
    assert (
        not len(two_units(yuan))
        and not len(two_units(yuan.head(1)))
        and not len(two_units(yuan * 0))
    )
    assert list(two_units(yuan.mask(yuan.index.isin(["P7", "P3"]), yuan / 1e4))) == [
        "P3",
        "P7",
    ]
    assert not len(
        two_units(pd.Series(10 ** rng.uniform(2, 8, 300)))
    )  # wide, without a gap
    assert listed([("210726", "health"), "b"]) == "210726 health, b" and listed(
        range(7)
    ).endswith("(+2)")
