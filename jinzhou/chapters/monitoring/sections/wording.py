"""How groups, marks and lines are worded in the monitoring chapter."""

from jinzhou.publish.section import Page
from jinzhou.reference import triggers
from jinzhou.reference.lines import PovertyLine


def group_names(page: Page) -> dict[str, str]:
    """Name of each group of monitored households, of none, and of all."""
    named = {g.key: getattr(g, page.words.lang) for g in triggers.monitoring_groups()}
    return named | {"none": page.words("no_category"), "all": page.words("all")}


def line_text(page: Page, line: PovertyLine | None) -> str:
    """A line in words, with what is to be verified."""
    if line is None:
        return page.words("line.unknown")
    key = line.mark if line.mark in ("memory", "demo") else "known"
    return page.words(f"line.{key}", yuan=line.yuan)
