"""How verdicts, thresholds and what is missing are worded in the exit chapter."""

from jinzhou.publish.section import Page
from jinzhou.reference.offices import answering
from jinzhou.reference.vocabulary import TABLES
from jinzhou.words import trimmed

DIRECTIONS = {"<": "below", ">=": "at_least", "<=": "at_most"}
SIGNS = {"<": "<", ">=": "≥", "<=": "≤"}
IMPERSONAL = ("villages", "projects")
"""Units that count no person or household: nothing is withheld."""


def threshold_text(
    page: Page, direction: str, value: float, *, short: bool = False
) -> str:
    """「不低于98%」, or its sign; empty without a threshold."""
    if not direction or value != value:
        return ""
    share = f"{trimmed(100 * value, 1)}%"
    if short:
        return SIGNS[direction] + share
    return page.words(f"threshold.{DIRECTIONS[direction]}", share=share)


def missing_text(
    page: Page, codes: object, *, unknown: float = 0, absent: str = ""
) -> str:
    """What is missing, in words."""
    parts = []
    for code in str(codes or "").split("; "):
        if code == "table" and absent:
            name = TABLES[absent].zh if page.words.lang == "zh" else absent
            parts.append(page.words("missing.table", name=name))
        elif code == "table":
            parts.append(page.words("missing.some_table"))
        elif code == "rows":
            parts.append(page.words("missing.rows", rows=f"{unknown:.0f}"))
        elif page.words.find(f"labels.lacks.{code}") is not None:
            parts.append(page.words.label("lacks", code))
    return page.words("semicolon").join(parts)


def office_text(page: Page, key: str) -> str:
    """Names of who answers, with a note when they are two or nobody is named."""
    names = page.offices.get(key, page.words("nobody_named"))
    several = answering(as_of=page.snapshot.as_of).get(key, 0) > 1
    return names + page.words("two_offices") if several else names


def state(page: Page, code: object) -> str:
    """A verdict in words."""
    return page.words.label("state", code) if isinstance(code, str) else ""


def month_day(day) -> str:
    """A day as a table writes it, empty without one."""
    return "" if day != day or day is None else f"{day:%Y-%m-%d}"
