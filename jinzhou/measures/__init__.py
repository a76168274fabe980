"""This room computes what is: poverty, illness, funds, exit, from frames of rows.

It leaves estimation to `models`, cutting by date to `registry`, and wording to `exhibits`.
"""

from jinzhou.measures.exit import exit_card, exit_progress, housing_clearance
from jinzhou.measures.funds import cost_per_exit, growth, payment_rates
from jinzhou.measures.illness import (
    catastrophic, illness_share, impoverishing, payer_ladder, zero_burden,
)
from jinzhou.measures.poverty import completeness, lookback, poverty_rates, stock_flow
from jinzhou.measures.spot_check import spot_check_plan

__all__ = [
    "catastrophic", "completeness", "cost_per_exit", "exit_card", "exit_progress", "growth",
    "housing_clearance", "illness_share", "impoverishing", "lookback", "payer_ladder",
    "payment_rates", "poverty_rates", "spot_check_plan", "stock_flow", "zero_burden",
]
