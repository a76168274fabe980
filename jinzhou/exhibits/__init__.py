"""This room makes results readable, in memory: tables, figures, sentences.

It leaves fitting to `models`, and every file to `briefs`. A chapter function takes results and a
language and gives a `Chapter`; figures are drawn with the fonts of the package only.
"""

from jinzhou.chapters.review.findings import findings, found_text
from jinzhou.chapters.review.load_report import load_report
from jinzhou.chapters.review.spot_check import draw_sheet
from jinzhou.chapters.validation.chapter import validation
from jinzhou.publish.chapter import (
    Chapter,
    Fact,
    ListSheet,
    Problem,
    Sentence,
    Step,
    Table,
)

__all__ = [
    "Chapter",
    "Fact",
    "ListSheet",
    "Problem",
    "Sentence",
    "Step",
    "Table",
    "draw_sheet",
    "findings",
    "found_text",
    "load_report",
    "validation",
]
