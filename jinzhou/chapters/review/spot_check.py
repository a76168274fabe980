"""The list that a spot-check team takes along: drawn households, columns to fill in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.publish.section import ListSheet
from jinzhou.reference import areas
from jinzhou.reference.vocabulary import TABLES
from jinzhou.words import words

if TYPE_CHECKING:
    from jinzhou.statistics.spot_check import SpotCheckDraw

TEXT = "chapters/review/findings"


def draw_sheet(
    drawn: SpotCheckDraw, *, county: str, heads: pd.Series, lang: str = "zh"
) -> ListSheet:
    """One county's draw under the headings of the ledger, so that it can be loaded filled in.

    Parameters
    ----------
    drawn : SpotCheckDraw
        Of exited households.
    heads : Series
        Masked name of the head, by household number.
    """
    said = words(TEXT, lang)
    table = TABLES["spot_check"]
    rows = drawn.rows[drawn.rows["county"] == county].sort_values(
        ["town", "village", "household_id"], ignore_index=True
    )
    frame = pd.DataFrame(
        {
            table["check_id"].zh: f"CC{drawn.seed}",
            table["household_id"].zh: rows["household_id"],
            said("draw.columns.head"): rows["household_id"].map(heads).fillna(""),
            said("draw.columns.town"): rows["town"].fillna(""),
            said("draw.columns.village"): rows["village"].fillna(""),
            said("draw.columns.persons"): rows["household_size"],
            table["sample_frame"].zh: table["sample_frame"].label("exited"),
            table["sample_seed"].zh: str(drawn.seed),
            table["stratum"].zh: areas.name(county, "zh"),
            table["weight"].zh: rows["weight"].round(6),
            said("draw.columns.order"): rows["order"],
        }
    )
    found = tuple(
        dict.fromkeys(
            table["found"].label(code) for code in table["found"].labels.values()
        )
    )
    inputs = {
        table["checked_on"].zh: (),
        table["checker"].zh: (),
        table["found"].zh: found,
        table["income_found"].zh: (),
    }
    return ListSheet(
        name=f"draw_{county}",
        tab=said("draw.tab"),
        title=said("draw.title", county=areas.name(county, lang)),
        county=county,
        frame=frame,
        inputs=inputs,
        note=said("draw.note", seed=drawn.seed),
    )
