"""What the money buys: is it there and paid, what a lasting exit costs, who is on the frontier."""

from jinzhou.chapters.funding.sections.cost import (
    county_comparison,
    covariate_balance,
    exit_cost,
    exit_cost_by_type,
    township_comparison,
)
from jinzhou.chapters.funding.sections.credit import small_loans
from jinzhou.chapters.funding.sections.effects import income_per_yuan, project_types
from jinzhou.chapters.funding.sections.frontier import (
    frontier_checks,
    stochastic_frontier,
    township_circumstances,
    township_frontier,
)
from jinzhou.chapters.funding.sections.payments import (
    budget_growth,
    integrated_funds,
    payment,
)
from jinzhou.chapters.funding.sections.plan import exits_by_money, plans
from jinzhou.chapters.funding.sections.projects import (
    fund_trace,
    project_stages,
    ready_projects,
)
from jinzhou.publish.chapter import Plan

CHAPTER = Plan(
    name="funding_efficiency",
    folder="funding",
    office="finance",
    sections=(
        payment,
        fund_trace,
        project_stages,
        budget_growth,
        integrated_funds,
        ready_projects,
        small_loans,
        exit_cost,
        exit_cost_by_type,
        county_comparison,
        township_comparison,
        project_types,
        income_per_yuan,
        covariate_balance,
        township_frontier,
        frontier_checks,
        township_circumstances,
        stochastic_frontier,
        plans,
        exits_by_money,
    ),
)
"""Every section in the order of the brief."""
