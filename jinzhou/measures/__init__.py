"""This room computes what is: poverty, illness, funds, exit, from frames of rows.

It leaves estimation to `models`, cutting by date to `registry`, and wording to `exhibits`.
"""

from jinzhou.measures.arithmetic import check_figures, check_tables
from jinzhou.measures.exit import exit_card, exit_progress, housing_clearance
from jinzhou.measures.funds import cost_per_exit, growth, payment_rates
from jinzhou.measures.illness import (
    catastrophic, illness_share, impoverishing, payer_ladder, zero_burden,
)
from jinzhou.measures.inequality import concentration, inequality
from jinzhou.measures.monitoring import monitoring_delays, monitoring_flow, monitoring_moves, relative_poverty
from jinzhou.measures.multidimensional import GUARANTEES, multidimensional
from jinzhou.measures.plan import money_arms, past_projects, plan_limits
from jinzhou.measures.poverty import (
    completeness, lookback, poverty_change, poverty_contributions, poverty_indices, poverty_rates, stock_flow, stock_flow_years,
)
from jinzhou.measures.quality import entry_countdown, quality_index
from jinzhou.measures.reconciliation import reconcile
from jinzhou.measures.spot_check import draw_spot_check, spot_check_plan, spot_check_rates
from jinzhou.measures.survival import survival

__all__ = [
    "GUARANTEES", "catastrophic", "check_figures", "check_tables", "completeness", "concentration", "cost_per_exit", "draw_spot_check",
    "entry_countdown", "exit_card", "exit_progress", "growth", "housing_clearance", "illness_share",
    "impoverishing", "inequality", "lookback", "money_arms", "monitoring_delays", "monitoring_flow", "monitoring_moves", "multidimensional", "past_projects", "payer_ladder", "payment_rates", "plan_limits", "poverty_change", "poverty_contributions",
    "poverty_indices", "poverty_rates", "quality_index",
    "reconcile", "relative_poverty", "spot_check_plan", "spot_check_rates", "stock_flow", "stock_flow_years", "survival", "zero_burden",
]
