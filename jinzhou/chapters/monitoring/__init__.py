"""After 2020: who is monitored, who should be, whose risk is cleared, how late entries were."""

from jinzhou.chapters.monitoring.sections.cases import (
    clearing,
    delays,
    missed,
    monitored,
)
from jinzhou.chapters.monitoring.sections.scope import (
    faults,
    lines,
    moves,
    not_applicable,
    relative,
)
from jinzhou.publish.chapter import Plan

CHAPTER = Plan(
    name="monitoring",
    folder="monitoring",
    office="coordination",
    sections=(
        monitored,
        missed,
        clearing,
        delays,
        lines,
        moves,
        relative,
        faults,
        not_applicable,
    ),
)
"""Every section in the order of the brief."""
