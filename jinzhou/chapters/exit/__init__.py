"""What still stands between a county and its exit, who answers for it, and is there time."""

from jinzhou.chapters.exit.sections.card import exit_card
from jinzhou.chapters.exit.sections.duties import (
    department_reach,
    duties,
    duties_by_county,
    indicators,
    requirements,
    scores,
)
from jinzhou.chapters.exit.sections.housing import housing
from jinzhou.chapters.exit.sections.livelihoods import (
    benefits,
    livelihoods,
    measures_after_exit,
    student_debt,
    village_incomes,
)
from jinzhou.chapters.exit.sections.progress import (
    exit_progress,
    exited_guarantees,
    still_poor,
)
from jinzhou.publish.chapter import Plan

CHAPTER = Plan(
    name="exit_readiness",
    folder="exit",
    office="coordination",
    sections=(
        exit_card,
        exit_progress,
        housing,
        duties,
        duties_by_county,
        still_poor,
        exited_guarantees,
        livelihoods,
        village_incomes,
        benefits,
        measures_after_exit,
        student_debt,
        department_reach,
        scores,
        indicators,
        requirements,
    ),
)
"""Every section in the order of the brief."""
