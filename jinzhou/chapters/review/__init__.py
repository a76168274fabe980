"""Is the registry true: the stock, the look-back, rules, invented numbers, who is missing."""

from jinzhou.chapters.review.sections.people import candidates, spot_checks
from jinzhou.chapters.review.sections.rules import (
    completeness,
    countdown,
    quality,
    rules,
)
from jinzhou.chapters.review.sections.stock import lookback, stock, stock_by_year
from jinzhou.chapters.review.sections.truth import (
    forensics,
    reconciliation,
    stated_figures,
)
from jinzhou.publish.chapter import Plan

CHAPTER = Plan(
    name="registry_review",
    folder="review",
    office="coordination",
    sections=(
        stock,
        lookback,
        rules,
        stock_by_year,
        forensics,
        reconciliation,
        candidates,
        countdown,
        completeness,
        quality,
        spot_checks,
        stated_figures,
    ),
)
"""Every section in the order of the brief."""
