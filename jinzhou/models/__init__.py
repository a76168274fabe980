"""This room estimates: return risk and its backtest, efficiency frontiers, checks on real data.

It leaves rows and dates to `registry`, descriptive measures to `measures`, words and figures to
`exhibits`. Heavy libraries are imported by the module that uses them.
"""

from jinzhou.models.backtest import backtest
from jinzhou.models.dea import dea
from jinzhou.models.density import density_break
from jinzhou.models.detection import detection
from jinzhou.models.drift import drift
from jinzhou.models.forensics import forensics
from jinzhou.models.incidence import incidence
from jinzhou.models.leakcheck import leakcheck
from jinzhou.models.return_risk import COVARIATES, PASTS, if_enough, return_risk, rule_risk
from jinzhou.models.visits import visit_effect
from jinzhou.models.watch_list import watch_list

__all__ = ["COVARIATES", "PASTS", "backtest", "dea", "density_break", "detection", "drift", "forensics", "if_enough", "incidence",
           "leakcheck", "return_risk", "rule_risk", "visit_effect", "watch_list"]
