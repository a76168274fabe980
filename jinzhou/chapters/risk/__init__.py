"""Who may fall back into poverty, whether the list works, and what it cannot know."""

from jinzhou.chapters.risk.estimates import Options
from jinzhou.chapters.risk.sections.backtests import (
    backtest,
    calibration,
    groups,
    windows,
)
from jinzhou.chapters.risk.sections.card import model_card
from jinzhou.chapters.risk.sections.limits import (
    detection,
    late_entries,
    visit_effect,
)
from jinzhou.chapters.risk.sections.model import drift, leak_checks, terms
from jinzhou.chapters.risk.sections.outlook import outlook, support_need, survival
from jinzhou.chapters.risk.sections.watch import list_changes, watch_list
from jinzhou.publish.chapter import Plan

CHAPTER = Plan(
    name="return_risk",
    folder="risk",
    office="coordination",
    sections=(
        watch_list,
        list_changes,
        backtest,
        calibration,
        groups,
        windows,
        terms,
        outlook,
        support_need,
        survival,
        visit_effect,
        detection,
        late_entries,
        drift,
        leak_checks,
        model_card,
    ),
)
"""Every section in the order of the brief."""
