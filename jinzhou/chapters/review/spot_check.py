"""The list that a spot-check team takes along: drawn households, columns to fill in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.publish.chapter import ListSheet, county_name, words
from jinzhou.reference.vocabulary import TABLES

if TYPE_CHECKING:
    from jinzhou.statistics.spot_check import SpotCheckDraw


def draw_sheet(
    drawn: SpotCheckDraw, *, county: str, heads: pd.Series, lang: str = "zh"
) -> ListSheet:
    """One county's draw under the headings of the spot-check ledger, so that the filled sheet can be loaded.

    Parameters
    ----------
    drawn : SpotCheckDraw
        Of exited households.
    heads : Series
        Masked name of the head, by household number.
    """
    w = words(lang)
    table = TABLES["spot_check"]
    rows = drawn.rows[drawn.rows["county"] == county].sort_values(
        ["town", "village", "household_id"], ignore_index=True
    )
    name = county_name(county, "zh")
    frame = pd.DataFrame(
        {
            table["check_id"].zh: f"CC{drawn.seed}",
            table["household_id"].zh: rows["household_id"],
            w("户主", "Head"): rows["household_id"].map(heads).fillna(""),
            w("乡镇", "Township"): rows["town"].fillna(""),
            w("村", "Village"): rows["village"].fillna(""),
            w("家庭人口", "Persons"): rows["household_size"],
            table["sample_frame"].zh: table["sample_frame"].label("exited"),
            table["sample_seed"].zh: str(drawn.seed),
            table["stratum"].zh: name,
            table["weight"].zh: rows["weight"].round(6),
            w("抽中次序", "Order"): rows["order"],
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
        tab=w("抽查名单", "Draw"),
        title=w(
            f"{name}脱贫户抽查名单",
            f"{county_name(county, 'en')}: exited households drawn",
        ),
        county=county,
        frame=frame,
        inputs=inputs,
        note=w(
            f"随机种子{drawn.seed}；填好后放入导出文件夹即可读入",
            f"Seed {drawn.seed}; put the filled sheet among the exports to load it",
        ),
    )
