"""Illness and poverty: how many, which bill, the trend, the policy, which services lack."""

from jinzhou.chapters.illness.sections.bills import payers, treated, zero_burden
from jinzhou.chapters.illness.sections.burden import (
    burden_change,
    chronic_burden,
    health_spending,
)
from jinzhou.chapters.illness.sections.effects import policy_tail, zero_burden_effect
from jinzhou.chapters.illness.sections.poverty import guarantees, poverty_depth
from jinzhou.chapters.illness.sections.returns import (
    attributed_returns,
    ill_poor_households,
    returns_by_illness,
)
from jinzhou.chapters.illness.sections.services import (
    clinics,
    health_services,
    screening,
)
from jinzhou.chapters.illness.sections.trends import stays_trend
from jinzhou.publish.chapter import Plan

CHAPTER = Plan(
    name="illness_poverty",
    folder="illness",
    office="health",
    sections=(
        returns_by_illness,
        attributed_returns,
        ill_poor_households,
        payers,
        zero_burden,
        zero_burden_effect,
        stays_trend,
        policy_tail,
        health_services,
        health_spending,
        treated,
        poverty_depth,
        guarantees,
        chronic_burden,
        burden_change,
        screening,
        clinics,
    ),
)
"""Every section in the order of the brief."""
