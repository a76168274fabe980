"""What several sections of the funding chapter write the same way: notes, offices, lists."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from jinzhou.chapters.funding import data
from jinzhou.publish.section import ListSheet, Page, Section, Sentence
from jinzhou.publish.table import Table
from jinzhou.words import Estimate

MONEY = ("project", "fund", "payment")
EXITS = ("project", "payment", "household", "event")
TRACED = (*MONEY, "project_household", "measure", "housing", "household", "event")
MATCHED = (*EXITS, "member", "living", "income")
HELPED = (*MATCHED, "project_household")
"""Tables of the registry that money, exits, the six links, and matched comparisons rest on."""
OFFICES = {
    "industry": "industry",
    "infrastructure": "transport",
    "education": "education",
    "health": "health",
    "housing": "housing",
    "employment": "jobs",
    "finance": "credit",
}
"""Office that answers for a type of project; the others are the finance bureau's."""
INPUTS = {"result": "answer", "remarks": ""}
"""Columns of a list that the office fills in, and the words that its drop-down offers."""


def noted_table(
    page: Page, name: str, rows: pd.DataFrame, formats: Mapping[str, str], **options
) -> Table:
    """A table by county, with a column of notes where any status has something to say."""
    said = [page.words.label("status", status) for status in rows["status"]]
    shown = dict(formats) | ({"note": "text"} if any(said) else {})
    frame = rows.assign(note=said)
    if "county" in formats:
        frame, options = frame.rename_axis("county"), {"total": "all"} | options
    return page.table(name, frame, shown, **options)


def answer(
    page: Page, findings: Sequence[Sentence], tables: Sequence[Table], **parts
) -> Section:
    """A section without the tables that hold no row; its findings say why there is none."""
    empty = {table.name for table in tables if not len(table.frame)}
    return page.section(
        findings=[
            replace(said, tables=tuple(n for n in said.tables if n not in empty))
            for said in findings
        ],
        tables=[table for table in tables if table.name not in empty],
        **parts,
    )


def estimate(row: pd.Series, column: str, prefix: str = "") -> Estimate:
    """A figure of a row with its interval, for a sentence."""
    name = prefix or column
    return Estimate(row[column], row[f"{name}_ci_low"], row[f"{name}_ci_high"])


def type_names(page: Page, codes: Iterable[object]) -> list[str]:
    """Types of projects in words; nothing for a project without one."""
    return [
        page.words.label("project_type", c) if isinstance(c, str) else "" for c in codes
    ]


def offices_of(page: Page, types: Iterable[object]) -> list[str]:
    """Names of the offices that answer for projects of some types."""
    return [page.office(OFFICES.get(str(kind), "finance")) for kind in types]


def texts(values: pd.Series) -> list[str]:
    """Texts of a list, nothing where one is missing."""
    return [v if isinstance(v, str) else "" for v in values]


def days(values: pd.Series) -> list[str]:
    """Days of a list, nothing where one is missing."""
    return [f"{d:%Y-%m-%d}" if pd.notna(d) else "" for d in values]


def reasons(page: Page, group: str, why: Iterable[tuple[str, ...]]) -> list[str]:
    """Reasons of a list in words."""
    return [
        page.words.join(page.words.label(group, code) for code in codes)
        for codes in why
    ]


def county_sheets(page: Page, key: str, rows: pd.DataFrame, **options) -> list:
    """A sheet for every county, also where nothing was found; `county` is not shown."""
    codes = sorted({*data.counties(page.snapshot), *rows["county"]})
    sheets: list[ListSheet] = []
    for county in codes:
        mine = rows[rows["county"] == county].drop(columns="county")
        sheet = page.sheet(
            key, mine, name=f"funds_{county}", county=county, inputs=INPUTS, **options
        )
        sheets.append(sheet)
    return sheets
