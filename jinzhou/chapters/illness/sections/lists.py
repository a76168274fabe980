"""Lists of the illness chapter: one workbook a county, a sheet a question."""

from collections.abc import Mapping

import pandas as pd

from jinzhou.publish.section import ListSheet, Page

ANSWERS = {"result": "verdict", "measure_taken": "", "remarks": ""}
"""Columns that the office fills in, and the words that its drop-down offers."""


def county_sheets(
    page: Page, key: str, rows: pd.DataFrame, *, inputs: Mapping[str, str]
) -> list[ListSheet]:
    """A sheet for each county of `rows`, whose column `county` is not shown."""
    return [
        page.sheet(
            key,
            part.drop(columns="county"),
            name=f"illness_{county}",
            county=str(county),
            inputs=inputs,
        )
        for county, part in rows.groupby("county", sort=True)
    ]
