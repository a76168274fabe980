"""What a load read, and what became of every row."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pandas as pd

from jinzhou.result import Result
from jinzhou.words import Words

SKIPPED = ("blank", "heading", "sum", "footer", "not recognised")
"""Rows of a sheet that are no data, by kind."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadReport(Result):
    """What was read and what became of every row.

    Attributes
    ----------
    sheets : DataFrame, one row per sheet
        `file`, `sheet`, `table`, `rows`, `accepted`, `rejected`, and rows that are no data:
        `blank`, `heading`, `sum`, `footer`, `not recognised`. They add up to `rows`.
    rejects, problems : DataFrame
        `file`, `sheet`, `row`, `cell`, `column`, `reason`; rows left out, and cells left empty.
    unknown : DataFrame
        `place`, `table`, `heading`, `proposed`, `similarity`: headings that no table knows.
    waiting : int
        Headings in the mapping file that the office has not decided.
    store : Path
    unlisted : DataFrame
        `county`, `households`: counties that areas.csv does not list; their rows are kept.
    """

    shown: ClassVar[str] = "sheets"
    sheets: pd.DataFrame
    rejects: pd.DataFrame
    problems: pd.DataFrame
    unknown: pd.DataFrame
    waiting: int
    store: Path
    unlisted: pd.DataFrame

    def unread(self) -> pd.DataFrame:
        """Sheets that no table knows, the longest first.

        A cover page is among them as well as an export without its key column.
        """
        return self.sheets[self.sheets["table"] == ""].sort_values(
            ["rows", "file", "sheet"], ascending=[False, True, True], ignore_index=True
        )

    def sentence(self, words: Words) -> str:
        """The sum of all rows, checked when the report was made."""
        total = self.sheets[["rows", "accepted", "rejected", *SKIPPED]].sum()
        text = words(
            "summary.LoadReport.text",
            rows=int(total["rows"]),
            read=int(total["accepted"]),
            rejected=int(total["rejected"]),
            skipped=int(total[list(SKIPPED)].sum()),
            problems=len(self.problems),
        )
        if not len(self.unlisted):
            return text
        return text + words(
            "summary.LoadReport.unlisted",
            counties=list(self.unlisted["county"]),
            households=int(self.unlisted["households"].sum()),
        )
