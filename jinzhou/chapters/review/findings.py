"""One county's findings as sheets to answer: summary, what comes first, one sheet per family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.chapters.review.found import candidate_value, found_text
from jinzhou.publish.section import ListSheet, county_name
from jinzhou.reference.vocabulary import ANSWERS, CHECK_HEADINGS, RULE_FAMILIES
from jinzhou.words import Words, percent, words

if TYPE_CHECKING:
    from jinzhou.registry.rules import RuleReport

TEXT = "chapters/review/findings"
SEVERITIES = ("error", "logic", "doubt")
OUTCOMES = ("corrected", "explained", "open", "gone", "not testable")
VERDICTS = ("true", "not_true", "open")
KEY = ["rule", "household_id", "case_id"]
REPEATED = 5
"""Findings of one rule in one village from which they are listed together (ours)."""
EVERYWHERE = 0.05
"""Share of failures from which a rule says nothing of one village (ours)."""


def findings(
    report: RuleReport,
    *,
    county: str,
    places: pd.DataFrame,
    heads: pd.Series,
    offices: Mapping[str, str],
    candidates: Mapping[str, pd.DataFrame] | None = None,
    answers: pd.DataFrame | None = None,
    lang: str = "zh",
) -> tuple[ListSheet, ...]:
    """Sheets of one county's check workbook.

    Parameters
    ----------
    report : RuleReport
        Of that county (`RuleReport.of`).
    places : DataFrame, indexed by household number
        `town`, `village`.
    heads : Series
        Masked name of the head, by household number.
    candidates : mapping, kind -> DataFrame, optional
        ``omitted``, ``split``, ``parents``, ``unregistered``: candidate lists of `registry`, one
        sheet each; a person or household to ask about, never to be removed or added by the list.
    answers : DataFrame, optional
        Result of `registry.answered`: what became of the last check's findings. Explained ones
        keep their answer.
    """
    mine = answers[answers["county"] == county] if answers is not None else None
    book = _Workbook(
        report=report,
        county=county,
        places=places,
        heads=heads,
        offices=offices,
        answers=mine,
        lang=lang,
    )
    sheets = [book.summary(), book.first(), book.rules_sheet()]
    repeated = book.repeated()
    if len(repeated.frame):
        sheets.append(repeated)
    sheets += [s for family in RULE_FAMILIES if (s := book.family(family)) is not None]
    for kind, rows in (candidates or {}).items():
        here = rows[rows["county"] == county].reset_index(drop=True)
        if len(here):
            sheets.append(book.candidates(kind, here))
    return tuple(sheets)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Workbook:
    """What the sheets of one county have in common."""

    report: RuleReport
    county: str
    places: pd.DataFrame
    heads: pd.Series
    offices: Mapping[str, str]
    answers: pd.DataFrame | None
    lang: str

    @property
    def said(self) -> Words:
        return words(TEXT, self.lang)

    @cached_property
    def rules(self) -> pd.DataFrame:
        return self.report.results.set_index("rule")

    def read_back(self, key: str) -> str:
        """A heading by which the filled workbook is read."""
        return CHECK_HEADINGS[key][self.lang != "zh"]

    def severities(self, rules: pd.Series) -> pd.Series:
        names = {key: self.said(f"severity.{key}") for key in SEVERITIES}
        return rules.map(self.rules["severity"]).map(names)

    def texts(self, rules: pd.Series) -> pd.Series:
        return rules.map(self.rules[self.lang])

    def answering(self, rules: pd.Series) -> pd.Series:
        """Name of the office that answers for each rule."""
        return rules.map(self.rules["office"]).map(self.offices)

    def headed(self, columns: Mapping[str, object]) -> pd.DataFrame:
        return pd.DataFrame(
            {self.said(f"columns.{name}"): values for name, values in columns.items()}
        )

    def sheet(
        self,
        key: str,
        frame: pd.DataFrame,
        *,
        inputs: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
        answers: pd.DataFrame | None = None,
        **more: object,
    ) -> ListSheet:
        """A sheet with the words of a key, which `more` fills, and what is to be filled in."""
        fields = {"county": county_name(self.county, self.said)} | more
        note = f"{key}.note"
        return ListSheet(
            name=f"check_{self.county}",
            tab=self.said(f"{key}.tab", **fields),
            title=self.said(f"{key}.title", **fields),
            note=self.said(note, **fields) if self.said.find(note) else "",
            county=self.county,
            frame=frame,
            inputs=inputs,
            answers=answers,
        )

    def summary(self) -> ListSheet:
        """Rules and findings by family, and what became of the last check's."""
        results = self.report.results
        family = results["rule"].str.split("-").str[1]
        rows = [
            self._family_counts(key, results[family == key]) for key in RULE_FAMILIES
        ]
        frame = pd.DataFrame(rows)
        total: dict[str, object] = {frame.columns[0]: self.said("all")}
        total |= {name: int(frame[name].sum()) for name in frame.columns[1:]}
        frame = pd.concat([frame, pd.DataFrame([total])], ignore_index=True)
        return self.sheet("summary", frame, year=str(self.report.year))

    def _family_counts(self, key: str, results: pd.DataFrame) -> dict[str, object]:
        said = self.said
        counts: dict[str, object] = {
            said("columns.family"): RULE_FAMILIES[key][self.lang != "zh"],
            said("columns.rules"): len(results),
            said("columns.testable"): int((results["tested"] > 0).sum()),
            said("columns.not_testable"): int((results["tested"] == 0).sum()),
        }
        for severity in SEVERITIES:
            failed = results.loc[results["severity"] == severity, "failed"]
            counts[said(f"severity.{severity}")] = int(failed.sum())
        counts[said("columns.all_findings")] = int(results["failed"].sum())
        if self.answers is not None:
            mine = self.answers[self.answers["rule"].str.split("-").str[1] == key]
            for outcome in OUTCOMES:
                name = said(f"outcome.{outcome.replace(' ', '_')}")
                here = int((mine["outcome"] == outcome).sum())
                counts[said("columns.last_check", outcome=name)] = here
        return counts

    def first(self) -> ListSheet:
        """What to correct first."""
        first = self.report.first_to_mend()
        return self.sheet(
            "first",
            self.headed(
                {
                    "order": range(1, len(first) + 1),
                    "rule": first["rule"],
                    "severity": self.severities(first["rule"]),
                    "finding": first[self.lang],
                    "findings": first["failed"].astype(int),
                    "tested": first["tested"].astype(int),
                    "office": first["office"].map(self.offices),
                }
            ),
        )

    def rules_sheet(self) -> ListSheet:
        """Every rule with its result."""
        rows = self.report.results
        status = rows["status"].str.replace(" ", "_")
        return self.sheet(
            "rules",
            self.headed(
                {
                    "rule": rows["rule"],
                    "severity": self.severities(rows["rule"]),
                    "finding": rows[self.lang],
                    "tested": rows["tested"],
                    "failed": rows["failed"],
                    "status": status.map(lambda s: self.said(f"status.{s}")),
                    "reason": rows[f"why_{self.lang}"],
                    "office": rows["office"].map(self.offices),
                }
            ),
        )

    def repeated(self) -> ListSheet:
        """The same finding again in one village: something to ask, no ground for blame (R33)."""
        rows = self.report.failures.dropna(subset=["household_id"])
        home = self.places.reindex(rows["household_id"])
        rows = rows.assign(
            town=home["town"].to_numpy(), village=home["village"].to_numpy()
        )
        seen = (
            rows.groupby(["rule", "town", "village"])
            .agg(findings=("case_id", "size"), homes=("household_id", "nunique"))
            .reset_index()
        )
        share = seen["rule"].map(self.rules["failed"] / self.rules["tested"])
        seen = seen[(seen["homes"] >= REPEATED) & (share < EVERYWHERE)].sort_values(
            ["homes", "rule", "town", "village"], ascending=[False, True, True, True]
        )
        frame = self.headed(
            {
                "town": seen["town"],
                "village": seen["village"],
                "rule": seen["rule"],
                "severity": self.severities(seen["rule"]),
                "finding": self.texts(seen["rule"]),
                "households": seen["homes"],
                "findings": seen["findings"],
                "office": self.answering(seen["rule"]),
            }
        ).reset_index(drop=True)
        return self.sheet(
            "repeated", frame, homes=REPEATED, everywhere=percent(EVERYWHERE)
        )

    def family(self, key: str) -> ListSheet | None:
        """The findings of one family of rules, with the columns to answer in."""
        failures = self.report.failures
        rows = failures[failures["rule"].str.split("-").str[1] == key]
        rows = rows.reset_index(drop=True)
        if not len(rows):
            return None
        home = self.places.reindex(rows["household_id"])
        said, back = self.said, self.read_back
        found = [
            found_text(self.rules.at[rule, "table"], text, self.lang)
            for rule, text in zip(rows["rule"], rows["found"], strict=True)
        ]
        frame = pd.DataFrame(
            {
                back("rule"): rows["rule"],
                said("columns.severity"): self.severities(rows["rule"]),
                said("columns.finding"): self.texts(rows["rule"]),
                back("county"): county_name(self.county, said),
                said("columns.town"): home["town"].fillna("").to_numpy(),
                said("columns.village"): home["village"].fillna("").to_numpy(),
                back("household_id"): rows["household_id"].fillna(""),
                said("columns.head"): self._heads(rows["household_id"]),
                back("case_id"): rows["case_id"],
                back("found"): found,
                said("columns.office"): self.answering(rows["rule"]),
            }
        )
        allowed = tuple(pair[self.lang != "zh"] for pair in ANSWERS.values())
        return self.sheet(
            "family",
            frame,
            family=RULE_FAMILIES[key][self.lang != "zh"],
            inputs={back("answer"): allowed, back("note"): ()},
            answers=self._explained(rows),
        )

    def _heads(self, households: pd.Series) -> pd.Series:
        return households.map(self.heads).fillna("")

    def _explained(self, rows: pd.DataFrame) -> pd.DataFrame | None:
        """Answers of the last check that still stand."""
        if self.answers is None or not len(self.answers):
            return None
        kept = self.answers[self.answers["outcome"] == "explained"]
        kept = kept.drop_duplicates(KEY)[[*KEY, "answer", "note"]]
        found = rows[KEY].fillna("").merge(kept, on=KEY, how="left")
        names = {key: pair[self.lang != "zh"] for key, pair in ANSWERS.items()}
        return pd.DataFrame(
            {
                self.read_back("answer"): found["answer"].map(names),
                self.read_back("note"): found["note"],
            }
        )

    def candidates(self, kind: str, rows: pd.DataFrame) -> ListSheet:
        """People or households to ask about, with the evidence for each."""
        said = self.said
        known: Sequence[str] = [c for c in rows if said.find(f"evidence.{c}")]
        frame = self.headed(
            {
                "town": rows["town"].fillna(""),
                "village": rows["village"].fillna(""),
                "household_id": rows["household_id"],
                "head": self._heads(rows["household_id"]),
            }
        ).assign(
            **{
                said(f"evidence.{name}"): [
                    candidate_value(name, value, said) for value in rows[name]
                ]
                for name in known
            }
        )
        verdicts = tuple(said(f"verdict.{key}") for key in VERDICTS)
        inputs = {said("columns.verdict"): verdicts, said("columns.remarks"): ()}
        return self.sheet(f"candidates.{kind}", frame, inputs=inputs)
