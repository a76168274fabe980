"""This room computes what is: poverty, illness, funds, exit, from frames of rows.

It leaves estimation to `models`, cutting by date to `registry`, and wording to `exhibits`.
"""

from jinzhou.chapters.exit.analysis.behaviour import benefit_cliff
from jinzhou.chapters.exit.analysis.duties import duty_board, score_card
from jinzhou.chapters.exit.analysis.exit import (
    exit_card,
    exit_forecast,
    exit_progress,
    incidence_counts,
    stock_question,
    village_scores,
)
from jinzhou.chapters.exit.analysis.housing import (
    housing_builders,
    housing_burn,
    housing_clearance,
)
from jinzhou.chapters.exit.analysis.indicators import judge
from jinzhou.chapters.illness.analysis.bills import (
    checked_bills,
    chronic_burden,
    cost_shares,
    own_share_quarters,
    own_share_series,
    payer_ladder,
    persons_treated,
    policy_tail,
    share_by,
    zero_burden,
    zero_burden_start,
)
from jinzhou.chapters.illness.analysis.health_service import (
    SIX,
    clinics,
    health_services,
    screening,
)
from jinzhou.chapters.monitoring.analysis.monitoring import (
    monitoring_delays,
    monitoring_flow,
    monitoring_moves,
    relative_poverty,
)
from jinzhou.chapters.review.analysis.ledgers import (
    completeness,
    lookback,
    stock_flow,
    stock_flow_years,
)
from jinzhou.chapters.review.analysis.quality import entry_countdown, quality_index
from jinzhou.chapters.review.analysis.reconciliation import reconcile
from jinzhou.statistics.arithmetic import check_figures, check_tables
from jinzhou.statistics.forecast import on_time
from jinzhou.statistics.health_spending import (
    catastrophic,
    illness_share,
    impoverishing,
)
from jinzhou.statistics.inequality import concentration, inequality
from jinzhou.statistics.spot_check import (
    draw_spot_check,
    spot_check_plan,
    spot_check_rates,
)

__all__ = [
    "SIX",
    "benefit_cliff",
    "catastrophic",
    "check_figures",
    "check_tables",
    "checked_bills",
    "chronic_burden",
    "clinics",
    "completeness",
    "concentration",
    "cost_shares",
    "draw_spot_check",
    "duty_board",
    "entry_countdown",
    "exit_card",
    "exit_forecast",
    "exit_progress",
    "health_services",
    "housing_builders",
    "housing_burn",
    "housing_clearance",
    "illness_share",
    "impoverishing",
    "incidence_counts",
    "inequality",
    "judge",
    "lookback",
    "monitoring_delays",
    "monitoring_flow",
    "monitoring_moves",
    "on_time",
    "own_share_quarters",
    "own_share_series",
    "payer_ladder",
    "persons_treated",
    "policy_tail",
    "quality_index",
    "reconcile",
    "relative_poverty",
    "score_card",
    "screening",
    "share_by",
    "spot_check_plan",
    "spot_check_rates",
    "stock_flow",
    "stock_flow_years",
    "stock_question",
    "village_scores",
    "zero_burden",
    "zero_burden_start",
]
