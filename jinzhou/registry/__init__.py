"""This room turns county exports into a checked store, a household-quarter panel, and frames.

It leaves statistics to `measures` and `models`, and documents to `briefs`.
"""

from jinzhou.registry.answers import OUTCOMES, answered, read_answers
from jinzhou.registry.candidates import omitted_members, split_members, unregistered_households, unsupported_parents
from jinzhou.registry.health import ill_persons, screened_persons, settlements, stays_by_chapter, village_clinics, yearly_bills
from jinzhou.registry.indicators import count_indicators, indicator_history
from jinzhou.registry.ledgers import (
    exited_persons, exited_villages, guarantees, income_history,
    last_visits, remeasured, required_fields, returned_illness, table, visit_days,
)
from jinzhou.registry.money import ALIKE, allocations, borrowers, cohort, exit_rounds, exits, fund_trace, help_paid, helped, income_gains, loans, projects, spending, town_counties, township_years, townships
from jinzhou.registry.monitoring import monitoring
from jinzhou.registry.panel import (
    backtest_dates, builder, coverage, known_returns, outcomes, panel, quarter_end, quarter_number, quarter_text, quarters_before,
    registry_year_before, require_quarter,
)
from jinzhou.registry.read import load
from jinzhou.registry.readiness import (
    VILLAGE_ITEMS, benefits, department_reach, exits_by_county, industry_income, measures_after_exit, student_debt, village_cadres, village_incomes, village_needs,
)
from jinzhou.registry.rules import check, reconciliation
from jinzhou.registry.stock import entries, exited_households, household_places, masked_heads, spot_check_frame, stock, stock_by_year, stock_changes, stock_series
from jinzhou.registry.store import open_store
from jinzhou.registry.triggers import replay, triggers

__all__ = [
    "ALIKE", "OUTCOMES", "VILLAGE_ITEMS", "allocations", "answered", "backtest_dates", "benefits", "borrowers", "builder", "check",
    "cohort", "count_indicators", "coverage", "department_reach", "entries", "exit_rounds", "exited_households", "exited_persons",
    "exited_villages", "exits", "exits_by_county", "fund_trace", "guarantees", "help_paid", "helped", "household_places", "ill_persons", "income_gains", "income_history", "industry_income",
    "indicator_history", "known_returns", "last_visits", "load", "loans", "masked_heads", "measures_after_exit", "monitoring", "omitted_members",
    "open_store", "outcomes", "panel", "projects", "quarter_end", "quarter_number", "quarter_text", "quarters_before",
    "read_answers", "reconciliation", "registry_year_before", "remeasured", "replay", "require_quarter", "required_fields", "returned_illness",
    "screened_persons", "settlements", "spending", "split_members", "spot_check_frame", "stays_by_chapter", "stock", "stock_by_year", "stock_changes",
    "stock_series", "student_debt", "table", "town_counties", "township_years", "townships", "triggers", "unregistered_households", "unsupported_parents",
    "village_cadres", "village_clinics", "village_incomes", "village_needs", "visit_days", "yearly_bills",
]
