"""This room estimates: return risk and its backtest, efficiency frontiers, checks on real data.

It leaves rows and dates to `registry`, descriptive measures to `measures`, words and figures to
`exhibits`. Heavy libraries are imported by the module that uses them.
"""

from jinzhou.models.allocation import allocation
from jinzhou.models.attribution import STANDING, attributable_fraction, burden_change
from jinzhou.models.backtest import backtest
from jinzhou.models.dea import dea
from jinzhou.models.dea_measures import additive, cost_efficiency, directional, sbm
from jinzhou.models.dea_outliers import leave_one_out, order_m
from jinzhou.models.density import density_break
from jinzhou.models.detection import detection
from jinzhou.models.drift import drift
from jinzhou.models.forensics import forensics
from jinzhou.models.frontier_bootstrap import dea_intervals, returns_test
from jinzhou.models.incidence import incidence
from jinzhou.models.leakcheck import leakcheck
from jinzhou.models.like_with_like import compare_kinds, compare_units, income_per_yuan
from jinzhou.models.malmquist import malmquist
from jinzhou.models.money_response import known_response, money_response, with_effect
from jinzhou.models.policy_effect import interrupted, staggered
from jinzhou.models.return_risk import (
    COVARIATES,
    PASTS,
    if_enough,
    return_risk,
    rule_risk,
)
from jinzhou.models.second_stage import second_stage
from jinzhou.models.sfa import sfa
from jinzhou.models.trend import quarterly_trend
from jinzhou.models.visits import visit_effect
from jinzhou.models.watch_list import watch_list

__all__ = [
    "COVARIATES",
    "PASTS",
    "STANDING",
    "additive",
    "allocation",
    "attributable_fraction",
    "backtest",
    "burden_change",
    "compare_kinds",
    "compare_units",
    "cost_efficiency",
    "dea",
    "dea_intervals",
    "density_break",
    "detection",
    "directional",
    "drift",
    "forensics",
    "if_enough",
    "incidence",
    "income_per_yuan",
    "interrupted",
    "known_response",
    "leakcheck",
    "leave_one_out",
    "malmquist",
    "money_response",
    "order_m",
    "quarterly_trend",
    "return_risk",
    "returns_test",
    "rule_risk",
    "sbm",
    "second_stage",
    "sfa",
    "staggered",
    "visit_effect",
    "watch_list",
    "with_effect",
]
