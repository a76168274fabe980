"""The lists of a county: households to visit, and those that left the list."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from jinzhou.chapters.risk import data
from jinzhou.chapters.risk.sections.wording import line_words
from jinzhou.publish.section import ListSheet, Page
from jinzhou.registry.snapshot import Snapshot
from jinzhou.statistics.returns.watch_list import WatchList
from jinzhou.words import number

REASONS = ("reason_1", "reason_2", "reason_3")
RISK = ("risk", "risk_ci_low", "risk_ci_high")
ANSWERS = {
    "visited_on": "",
    "result": "visit_result",
    "measure_taken": "",
    "remarks": "",
}
"""Columns that the visitor fills in, and the words that a drop-down offers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheets:
    """Writes the lists in the words of a page.

    Attributes
    ----------
    terms : mapping, term or rule -> words
    by_rules : bool
        Whether households are ranked by rules, without a probability.
    """

    page: Page
    snapshot: Snapshot
    terms: Mapping[str, str]
    by_rules: bool

    def made(self, watch: WatchList) -> list[ListSheet]:
        """For each county the households to visit, and those that left."""
        sheets = []
        for code, part in watch.rows.groupby("county"):
            sheets.append(self._visit(str(code), part))
            left = watch.left[watch.left["county"] == code]
            if len(left):
                sheets.append(self._left(str(code), left))
        return sheets

    def _visit(self, code: str, part: pd.DataFrame) -> ListSheet:
        """The households of one county to visit, with columns to fill in."""
        if self.by_rules:
            score = {"rules_met": part["eta"].astype("int64")}
        else:
            score = {name: part[name] for name in RISK}
        last = data.last_visits(self.snapshot).reindex(part["household_id"])
        rows = list(part.itertuples())
        frame = pd.DataFrame(
            self._household(part)
            | {name: column.to_numpy() for name, column in score.items()}
            | {name: [self._reason(row, name) for row in rows] for name in REASONS}
            | {
                "last_visit": ["" if pd.isna(d) else f"{d:%Y-%m-%d}" for d in last],
                "moved": [self._moved(row) for row in rows],
                "office": [self.page.office(key) for key in part["office"]],
            }
        )
        frame.insert(0, "rank", np.arange(1, len(frame) + 1))
        sheet = self.page.sheet(
            "visit",
            frame,
            name=f"risk_{code}",
            county=code,
            inputs=ANSWERS,
            shares=() if self.by_rules else RISK,
        )
        return replace(sheet, note=self._note(part))

    def _household(self, part: pd.DataFrame) -> dict[str, object]:
        """Where a household lives, its number and its masked head."""
        heads = data.masked_heads(self.snapshot)
        return {
            "town": part["town"].to_numpy(),
            "village": part["village"].to_numpy(),
            "household_id": part["household_id"].to_numpy(),
            "head": part["household_id"].map(heads).fillna("").to_numpy(),
        }

    def _reason(self, row, column: str) -> str:
        """A reason in words; income with its amount and the line."""
        name, income = getattr(row, column), row.net_income_pc
        if not name:
            return ""
        if name == "log_margin" and income == income:
            return self.page.text(
                "lists.visit.income",
                income=number(income, "count"),
                ratio=f"{income / row.line:.2f}",
                line=line_words(self.page),
            )
        return self.terms.get(name, name)

    def _moved(self, row) -> str:
        """How a household's rank moved since the last list, or why it is new."""
        page = self.page
        if row.change == "new":
            why = self.terms.get(row.why_term, "") or page.words.label("why", row.why)
            return page.text("lists.visit.new", why=why)
        if row.change in ("same", "first"):
            return page.text(f"lists.visit.{row.change}")
        way = "up" if row.ranks_moved > 0 else "down"
        return page.text(f"lists.visit.{way}", ranks=abs(row.ranks_moved))

    def _note(self, part: pd.DataFrame) -> str:
        """Ties at the cut-off, households listed for a least share, level of intervals."""
        page = self.page
        tied, quota = int(part["tied_at_cutoff"].sum()), int(part["quota"].sum())
        said = [page.text("lists.visit.tied", tied=tied)] if tied else []
        said += [page.text("lists.visit.quota", quota=quota)] if quota else []
        said += [] if self.by_rules else [page.text("lists.visit.intervals")]
        return page.words("between").join(said)

    def _left(self, code: str, left: pd.DataFrame) -> ListSheet:
        """Households of the last list that are not on this one, and why."""
        frame = pd.DataFrame(
            {"rank": left["rank"].to_numpy()}
            | self._household(left)
            | {"why": [self._why(row) for row in left.itertuples()]}
        )
        return self.page.sheet(
            "left", frame, name=f"risk_{code}", county=code, inputs={}
        )

    def _why(self, row) -> str:
        why = self.page.words.label("why", row.why)
        if not row.why_term:
            return why
        term = self.terms.get(row.why_term, row.why_term)
        return self.page.text("lists.left.because", why=why, term=term)
