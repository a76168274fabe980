"""This room turns county exports into a checked store, a household-quarter panel, and frames.

It leaves statistics to `statistics`, and documents to `publish`.
"""

from jinzhou.registry.answers import OUTCOMES, answered, read_answers
from jinzhou.registry.candidates import (
    omitted_members,
    split_members,
    unregistered_households,
    unsupported_parents,
)
from jinzhou.registry.health import (
    ill_persons,
    screened_persons,
    settlements,
    stays_by_chapter,
    village_clinics,
    yearly_bills,
)
from jinzhou.registry.household_panel import (
    builder,
    coverage,
    known_returns,
    outcomes,
    panel,
    require_quarter,
)
from jinzhou.registry.indicators import count_indicators, indicator_history
from jinzhou.registry.ledgers import (
    exited_persons,
    exited_villages,
    guarantees,
    income_history,
    last_visits,
    remeasured,
    required_fields,
    returned_illness,
    table,
    visit_days,
)
from jinzhou.registry.money import (
    ALIKE,
    allocations,
    borrowers,
    cohort,
    exit_rounds,
    exits,
    fund_trace,
    help_paid,
    helped,
    income_gains,
    loans,
    projects,
    spending,
    town_counties,
    township_years,
    townships,
)
from jinzhou.registry.monitored_households import monitoring
from jinzhou.registry.quarters import (
    backtest_dates,
    quarter_end,
    quarter_number,
    quarter_text,
    quarters_before,
    registry_year_before,
)
from jinzhou.registry.read import load
from jinzhou.registry.readiness import (
    VILLAGE_ITEMS,
    benefits,
    department_reach,
    exits_by_county,
    industry_income,
    measures_after_exit,
    student_debt,
    village_cadres,
    village_incomes,
    village_needs,
)
from jinzhou.registry.rules import check, reconciliation
from jinzhou.registry.snapshot import Snapshot, per_snapshot
from jinzhou.registry.stocks import (
    entries,
    exited_households,
    found_by_round,
    household_places,
    masked_heads,
    spot_check_frame,
    stock,
    stock_by_year,
    stock_changes,
    stock_series,
)
from jinzhou.registry.store import open_store
from jinzhou.registry.trigger_rules import replay, triggers
