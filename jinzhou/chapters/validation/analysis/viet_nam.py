"""Health spending and poverty in the Viet Nam living standards survey of 1998."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.statistics.health_spending import (
    HealthSpending,
    Impoverishing,
    PaymentColumns,
    catastrophic,
    impoverishing,
)
from jinzhou.statistics.survey import SurveyDesign


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VietNam:
    """Health spending and poverty in the Viet Nam living standards survey of 1998.

    Attributes
    ----------
    spending : HealthSpending
        Households whose health spending passes 5, 10, 15 and 25 % of total expenditure, and
        40 % of what is not food; unweighted.
    poverty : dict, line -> Impoverishing
        Before and after health spending, persons as weights, communes as clusters.
    elasticities : DataFrame
        `method` (least squares, or the quantile), `elasticity` of health spending by total
        expenditure.
    """

    spending: HealthSpending
    poverty: dict[float, Impoverishing]
    elasticities: pd.DataFrame


VIET_NAM_LINES = (941.77296, 1883.5459)
"""Thousand dong a head and year: 1.08 and 2.15 dollars a day, as in the World Bank's do-files."""


def viet_nam(survey: pd.DataFrame) -> VietNam:
    """Measures and elasticities on Ecdat's VietNamH, total expenditure standing for income.

    Parameters
    ----------
    survey : DataFrame
        Logarithms `lntotal`, `lnmed` (0 when nothing was spent), `lnrlfood`, `lnexp12m`
        (missing when nothing was spent), thousand dong per household and year; `hhsize`,
        `commune`, `urban`. The extract has no sampling weights.

    References
    ----------
    Cameron and Trivedi (2005), Microeconometrics, section 4.6.
    """
    from statsmodels.regression.quantile_regression import QuantReg

    spent = np.where(survey["lnmed"] > 0, np.exp(survey["lnmed"]), 0.0)
    households = pd.DataFrame(
        {
            "oop_year": spent,
            "net_income_pc": np.exp(survey["lntotal"]) / survey["hhsize"],
            "household_size": survey["hhsize"],
            "food": np.exp(survey["lnrlfood"]),
            "commune": survey["commune"],
        }
    )
    # a line above what anyone eats, so that capacity is all that is not food
    spending = catastrophic(
        households,
        line=1e5,
        thresholds=(0.05, 0.10, 0.15, 0.25),
        columns=PaymentColumns(food="food"),
        design=SurveyDesign(clusters="commune"),
    )
    poverty = {
        z: impoverishing(
            households,
            line=z,
            by=None,
            design=SurveyDesign(weights="household_size", clusters="commune"),
        )
        for z in VIET_NAM_LINES
    }
    both = survey[["lnexp12m", "lntotal"]].dropna().to_numpy(float)
    X = np.column_stack([np.ones(len(both)), both[:, 1]])
    slopes = [("least squares", np.linalg.lstsq(X, both[:, 0], rcond=None)[0][1])]
    slopes += [
        (f"quantile {q}", QuantReg(both[:, 0], X).fit(q=q).params[1])
        for q in (0.1, 0.5, 0.9)
    ]
    return VietNam(
        spending=spending,
        poverty=poverty,
        elasticities=pd.DataFrame(slopes, columns=["method", "elasticity"]),
    )
