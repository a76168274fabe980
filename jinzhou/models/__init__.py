"""This room estimates: return risk and its backtest, efficiency frontiers, checks on real data.

It leaves rows and dates to `registry`, descriptive measures to `measures`, words and figures to
`exhibits`. Heavy libraries are imported by the module that uses them.
"""

from jinzhou.chapters.illness.analysis.attribution import (
    STANDING,
    attributable_fraction,
    burden_change,
)
from jinzhou.statistics.density import density_test
from jinzhou.statistics.forensics import forensics
from jinzhou.statistics.frontier.bootstrap import dea_intervals
from jinzhou.statistics.frontier.dea import dea
from jinzhou.statistics.frontier.malmquist import malmquist
from jinzhou.statistics.frontier.model import DeaModel
from jinzhou.statistics.frontier.outliers import leave_one_out
from jinzhou.statistics.frontier.scale_test import returns_to_scale_test
from jinzhou.statistics.frontier.second_stage import second_stage
from jinzhou.statistics.frontier.sfa import StochasticModel, sfa
from jinzhou.statistics.matching import compare_kinds, compare_units, income_per_yuan
from jinzhou.statistics.returns.backtest import backtest
from jinzhou.statistics.returns.detection import detection
from jinzhou.statistics.returns.drift import drift
from jinzhou.statistics.returns.incidence import incidence
from jinzhou.statistics.returns.leakcheck import leakcheck
from jinzhou.statistics.returns.return_risk import (
    COVARIATES,
    FRAILTY_TERMS,
    if_enough,
    return_risk,
    rule_risk,
)
from jinzhou.statistics.returns.visits import visit_effect
from jinzhou.statistics.returns.watch_list import watch_list
from jinzhou.statistics.trend import quarterly_trend

__all__ = [
    "COVARIATES",
    "DeaModel",
    "FRAILTY_TERMS",
    "STANDING",
    "StochasticModel",
    "attributable_fraction",
    "backtest",
    "burden_change",
    "compare_kinds",
    "compare_units",
    "dea",
    "dea_intervals",
    "density_test",
    "detection",
    "drift",
    "forensics",
    "if_enough",
    "incidence",
    "income_per_yuan",
    "leakcheck",
    "leave_one_out",
    "malmquist",
    "quarterly_trend",
    "return_risk",
    "returns_to_scale_test",
    "rule_risk",
    "second_stage",
    "sfa",
    "visit_effect",
    "watch_list",
]
