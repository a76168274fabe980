"""Lists of the exit chapter: who does not meet an indicator, one workbook for the county."""

from dataclasses import replace

import pandas as pd

from jinzhou.chapters.exit import data
from jinzhou.publish.section import ListSheet, Page
from jinzhou.reference.indicators import listed_in

ANSWERS = {"done_on": "", "remarks": ""}
LONGEST_TAB = 24


def rest_sheets(page: Page, county: str) -> list[ListSheet]:
    """A sheet for each indicator: who does not meet it, or of whom it is not known."""
    sheets = [
        *_sheets(page, county, book="exit"),
        *_sheets(page, county, book="restricted"),
    ]
    restricted = page.text("restricted")
    return [
        replace(s, note=restricted) if s.name.startswith("restricted") else s
        for s in sheets
    ]


def _sheets(page: Page, county: str, *, book: str) -> list[ListSheet]:
    rest = data.counted(page.snapshot).rest
    rest = rest[rest["county"] == county]
    made: list[ListSheet] = []
    for indicator in listed_in(book):
        mine = rest[rest["indicator"] == indicator]
        if not len(mine):
            continue
        name = page.indicators[indicator]
        sheet = page.sheet(
            "rest",
            _rows(page, mine),
            name=f"{book}_{county}",
            county=county,
            inputs=ANSWERS,
            values={"indicator": name},
        )
        tab = f"{len(made) + 1} {name[:LONGEST_TAB]}"
        made.append(replace(sheet, tab=tab))
    return made


def _rows(page: Page, mine: pd.DataFrame) -> pd.DataFrame:
    snapshot = page.snapshot
    villages, heads = data.village_names(snapshot), data.masked_heads(snapshot)
    return pd.DataFrame(
        {
            "order": range(1, len(mine) + 1),
            "town": mine["town"].replace("unknown", page.words("unknown")).to_numpy(),
            "village": mine["village"].map(villages).fillna("").to_numpy(),
            "household_id": mine["household_id"].fillna("").to_numpy(),
            "head": mine["household_id"].map(heads).fillna("").to_numpy(),
            "case_id": mine["case_id"].to_numpy(),
            "state": [page.words.label("rest_state", s) for s in mine["state"]],
        }
    )


def debt_sheets(page: Page, debts: pd.DataFrame, county: str) -> list[ListSheet]:
    """Households whose graduates owe a loan, a restricted sheet."""
    mine = debts[debts["county"] == county]
    if not len(mine):
        return []
    heads = data.masked_heads(page.snapshot)
    frame = pd.DataFrame(
        {
            "order": range(1, len(mine) + 1),
            "town": mine["town"].replace("unknown", page.words("unknown")).to_numpy(),
            "village": mine["village"].to_numpy(),
            "household_id": mine["household_id"].to_numpy(),
            "head": mine["household_id"].map(heads).fillna("").to_numpy(),
            "graduates": mine["graduates"].to_numpy(),
            "unemployed": mine["unemployed"].to_numpy(),
            "debt": mine["debt"].round(0).astype(int).to_numpy(),
            "ratio": mine["ratio"].round(2).to_numpy(),
        }
    )
    return [
        page.sheet(
            "debts",
            frame,
            name=f"restricted_{county}",
            county=county,
            inputs=ANSWERS,
        )
    ]
