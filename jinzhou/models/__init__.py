"""This room estimates: return risk and its backtest, efficiency frontiers, checks on real data.

It leaves rows and dates to `registry`, descriptive measures to `measures`, words and figures to
`exhibits`. Heavy libraries are imported by the module that uses them.
"""

from jinzhou.models.backtest import backtest
from jinzhou.models.dea import dea
from jinzhou.models.density import density_break
from jinzhou.models.forensics import forensics
from jinzhou.models.return_risk import COVARIATES, earlier_risk, return_risk
from jinzhou.models.watch_list import watch_list

__all__ = ["COVARIATES", "backtest", "dea", "density_break", "earlier_risk", "forensics", "return_risk", "watch_list"]
