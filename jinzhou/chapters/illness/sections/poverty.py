"""How deep poverty is among the registered, what moved it, and which guarantees lack."""

import pandas as pd

from jinzhou.chapters.illness import data
from jinzhou.publish.section import Page, Section, Sentence, section
from jinzhou.registry.snapshot import Snapshot
from jinzhou.statistics.inequality import concentration, inequality
from jinzhou.statistics.multidimensional import multidimensional
from jinzhou.statistics.poverty import poverty_indices
from jinzhou.statistics.poverty_change import poverty_change
from jinzhou.words import Estimate

INDICES = ("headcount", "gap", "severity", "watts", "sen", "sst", "gini", "standard")
CHANGES = ("before", "after", "change", "growth", "redistribution")
GUARANTEES = ("income_ok", "school_ok", "medical_ok", "dwelling_ok", "water_ok")
CUTOFFS = dict.fromkeys(GUARANTEES, 1)
"""A guarantee is yes or no (1 or 0); a no lies below its cut-off. Food and clothing are
known only by income at or above the line, a proxy."""
INTERVAL = ("value", "ci_low", "ci_high")
ANY_OF_FIVE = 1 / 5
"""A person lacks the guarantees when at least this share of them is not met: any of the five."""


@section("household", "income")
def poverty_depth(snapshot: Snapshot) -> Section:
    """Poverty indices, inequality, who bears the payments, and a year's change."""
    now, line = data.households(snapshot), data.poverty_line(snapshot).yuan
    indices = poverty_indices(now, line=line, design=data.DESIGN)
    parts = [indices, inequality(now, design=data.DESIGN)]
    borne = concentration(now, value="oop_year", design=data.DESIGN)
    depth = pd.concat([e.estimates for e in (*parts, borne)]).set_index("measure")
    without = depth.at["watts", "status"].startswith("households without income")
    moved = _yearly_change(snapshot)
    page = Page("illness.poverty_depth", snapshot, dropped=int(indices.dropped.sum()))
    return page.section(
        findings=[
            *_borne_finding(page, borne.estimates.set_index("measure").loc["standard"]),
            *_change_finding(page, moved),
        ],
        tables=[
            page.table(
                "poverty_indices",
                depth.loc[list(INDICES)],
                {"measure": "label:poverty_index"} | dict.fromkeys(INTERVAL, "score"),
                note=page.text(
                    "tables.poverty_indices."
                    + ("note_without_income" if without else "note")
                ),
            ),
            page.table(
                "poverty_change",
                moved.loc[list(CHANGES)],
                {"measure": "label:poverty_change"} | dict.fromkeys(INTERVAL, "share"),
            ),
        ],
        result=indices,
    )


def _yearly_change(snapshot: Snapshot) -> pd.DataFrame:
    """The change of the headcount in a year and its parts; incomes in lines of their year."""
    panel = data.panel(snapshot)
    rows = panel.assign(income_lines=panel["net_income_pc"] / panel["line"])
    before = rows["quarter_end"] == snapshot.quarters_back(4)
    after = rows["quarter_end"] == snapshot.as_of
    found = poverty_change(
        rows[before],
        rows[after],
        lines=(1, 1),
        income="income_lines",
        design=data.DESIGN,
    )
    return found.estimates.set_index("measure")


def _borne_finding(page: Page, borne: pd.Series) -> list[Sentence]:
    """Whom the payments fall on, where the interval leaves no doubt."""
    if borne["ci_low"] <= 0 <= borne["ci_high"]:
        return []
    key = "poorer" if borne["ci_high"] < 0 else "richer"
    values = {c: borne[c] for c in INTERVAL}
    return [page.finding(key, tables="poverty_indices", **values)]


def _change_finding(page: Page, moved: pd.DataFrame) -> list[Sentence]:
    """What moved the headcount in a year."""
    if moved.at["growth", "status"] != "ok":
        return []
    change = moved.at["change", "value"]
    return [
        page.finding(
            "fell" if change < 0 else "rose",
            tables="poverty_change",
            points=100 * abs(change),
            growth=_part(page, "growth", moved.loc["growth"]),
            redistribution=_part(page, "redistribution", moved.loc["redistribution"]),
        )
    ]


def _part(page: Page, name: str, row: pd.Series) -> str:
    """What one part did, in percentage points; not separated from none where it may be zero."""
    way = "down" if row["value"] < 0 else "up"
    if row["ci_low"] <= 0 <= row["ci_high"]:
        way = "none"
    subject = page.text(f"parts.{name}")
    return page.text(f"parts.{way}", part=subject, points=100 * abs(row["value"]))


@section("household", "member", "living", "income")
def guarantees(snapshot: Snapshot) -> Section:
    """Which of the two worries and three guarantees lack, overall and by county."""
    rows = data.guarantees(snapshot)
    whole = multidimensional(rows, cutoffs=CUTOFFS, k=ANY_OF_FIVE, design=data.DESIGN)
    counties = multidimensional(
        rows, cutoffs=CUTOFFS, k=ANY_OF_FIVE, by="county", design=data.DESIGN
    )
    found = whole.estimates.set_index("measure")
    some = found.loc["headcount"]
    page = Page(
        "illness.guarantees",
        snapshot,
        some=Estimate(*(some[c] for c in INTERVAL)),
        unknown=int(whole.dropped.sum()),
        least=found.at["headcount_least", "value"],
        most=found.at["headcount_most", "value"],
    )
    measures = ["headcount", "intensity", "m0"]
    measures += [
        f"{kind} {g}" for kind in ("deprived", "contribution") for g in GUARANTEES
    ]
    shown = found.loc[measures].assign(
        measure=[_guarantee_word(page, measure) for measure in measures]
    )
    wide = counties.estimates.pivot(
        index="group", columns="measure", values=list(INTERVAL)
    )
    by_county = pd.DataFrame(
        {
            f"{measure}_{column}": wide[column, measure]
            for measure in ("headcount", "m0")
            for column in INTERVAL
        }
    ).rename_axis("county")
    columns = list(by_county)
    return page.section(
        findings=[page.finding("some", tables="five_guarantees")],
        tables=[
            page.table(
                "five_guarantees",
                shown.reset_index(drop=True),
                {"measure": "text"} | dict.fromkeys(INTERVAL, "share"),
            ),
            page.table(
                "five_guarantees_counties",
                by_county,
                {"county": "place"}
                | dict.fromkeys(columns[:3], "share")
                | dict.fromkeys(columns[3:], "score"),
            ),
        ],
        result=whole,
    )


def _guarantee_word(page: Page, measure: str) -> str:
    kind, _, guarantee = measure.partition(" ")
    if not guarantee:
        return page.text(f"measures.{kind}")
    name = page.words.label("guarantee", guarantee)
    return page.text(f"measures.{kind}", guarantee=name)
