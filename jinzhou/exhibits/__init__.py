"""This room makes results readable, in memory: tables, figures, sentences.

It leaves fitting to `models`, and every file to `briefs`. A chapter function takes results and a
language and gives a `Chapter`; figures are drawn with the fonts of the package only.
"""

from jinzhou.exhibits.chapter import (
    Chapter,
    Fact,
    Problem,
    ListSheet,
    Sentence,
    Step,
    Table,
)
from jinzhou.exhibits.exit_readiness import exit_readiness
from jinzhou.exhibits.findings import findings, found_text
from jinzhou.exhibits.funding_efficiency import funding_efficiency
from jinzhou.exhibits.illness_lists import illness_lists
from jinzhou.exhibits.illness_poverty import illness_poverty
from jinzhou.exhibits.load_report import load_report
from jinzhou.exhibits.monitoring import monitoring
from jinzhou.exhibits.poverty_tables import poverty_sentences, poverty_tables
from jinzhou.exhibits.registry_review import registry_review
from jinzhou.exhibits.return_risk import return_risk
from jinzhou.exhibits.spot_check import draw_sheet
from jinzhou.exhibits.validation import validation

__all__ = [
    "Chapter",
    "Fact",
    "ListSheet",
    "Problem",
    "Sentence",
    "Step",
    "Table",
    "draw_sheet",
    "exit_readiness",
    "findings",
    "found_text",
    "funding_efficiency",
    "illness_lists",
    "illness_poverty",
    "load_report",
    "monitoring",
    "poverty_sentences",
    "poverty_tables",
    "registry_review",
    "return_risk",
    "validation",
]
