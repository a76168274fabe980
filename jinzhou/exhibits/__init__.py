"""This room makes results readable, in memory: tables, figures, sentences.

It leaves fitting to `models`, and every file to `briefs`. A chapter function takes results and a
language and gives a `Chapter`; figures are drawn with the fonts of the package only.
"""

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
    "validation",
]
