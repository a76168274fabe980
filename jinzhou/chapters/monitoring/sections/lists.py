"""Lists of the monitoring chapter: named and not entered, still open, cleared too early."""

import pandas as pd

from jinzhou.chapters.monitoring import data
from jinzhou.chapters.monitoring.sections.wording import group_names, line_text
from jinzhou.publish.section import ListSheet, Page
from jinzhou.reference import triggers
from jinzhou.words import number

ANSWERS = {"checked_on": "", "result": "check_result", "remarks": ""}
PLACES = ["town", "village", "household_id"]
DOUBTFUL = ("cleared too early", "clearing not known")


def missed_sheets(page: Page) -> list[ListSheet]:
    """Households named by a rule and not entered, or marked without a record."""
    found = data.monitoring(page.snapshot)
    rows = found.households
    rows = rows[rows["state"].isin(["missed", "no entry on record"])]
    named = group_names(page)
    rules = found.triggers.rules[page.words.lang]
    line = data.monitoring_lines(page.snapshot).get(page.snapshot.year)
    limit = line_text(page, line)
    sheets = []
    for county, part in rows.groupby("county", sort=True):
        part = part.sort_values(PLACES)
        frame = _who(page, part).assign(
            rules_group=[named.get(g, "") for g in part["rules_group"]],
            evidence=[_evidence(page, row, limit) for row in part.itertuples()],
            first_fired=_days(part["first_fired"]),
            untested=[
                page.words.join(rules[key] for key in keys.split(";") if key)
                for keys in part["missing"]
            ],
        )
        sheets.append(_sheet(page, "missed", frame, str(county)))
    return sheets


def _evidence(page: Page, row, limit: str) -> str:
    """What each rule that names a household saw, with its numbers."""
    if row.state == "no entry on record":
        return page.text("evidence.no_record")
    values = {
        "income": row.net_income_pc,
        "paid": row.oop_year,
        "persons": row.household_size,
        "change": row.income_change,
        "limit": limit,
    }
    said = [
        page.optional(f"evidence.{key}", **values) or key
        for key in row.fired.split(";")
        if key
    ]
    return page.words("semicolon").join(said)


def case_sheets(page: Page) -> list[ListSheet]:
    """Open cases, and those cleared too early or not to be judged, by county."""
    cases = data.monitoring(page.snapshot).cases
    named = group_names(page)
    lang = page.words.lang
    asked = {c.key: getattr(c, lang) for c in triggers.clearing_rules()}

    def conditions(keys: str) -> str:
        return page.words.join(asked[k] for k in keys.split(";") if k)

    sheets = []
    for county, mine in cases.groupby("county", sort=True):
        mine = mine.sort_values(PLACES)
        for key, part in (
            ("open", mine[~mine["closed"]]),
            ("early", mine[mine["verdict"].isin(DOUBTFUL)]),
        ):
            if not len(part):
                continue
            frame = _who(page, part).assign(
                category=[named.get(g, "") for g in part["category"]],
                entered=_days(part["identified_on"], "%Y-%m"),
                cleared=_days(part["cleared_on"], "%Y-%m"),
                days_late=[
                    "" if pd.isna(v) else number(v, "count") for v in part["days_late"]
                ],
                verdict=[page.words.label("verdict", v) for v in part["verdict"]],
                fails=[conditions(keys) for keys in part["fails"]],
                unknown=[conditions(keys) for keys in part["unknown"]],
                fault=[page.words.label("fault", f) for f in part["fault"]],
            )
            sheets.append(_sheet(page, key, frame, str(county)))
    return sheets


def _who(page: Page, rows: pd.DataFrame) -> pd.DataFrame:
    """The columns that every list of households begins with."""
    heads = data.masked_heads(page.snapshot)
    return pd.DataFrame(
        {
            "order": range(1, len(rows) + 1),
            "town": rows["town"].fillna("").to_numpy(),
            "village": rows["village"].fillna("").to_numpy(),
            "household_id": rows["household_id"].to_numpy(),
            "head": [heads.get(h, "") for h in rows["household_id"]],
        }
    )


def _days(values: pd.Series, form: str = "%Y-%m-%d") -> list[str]:
    return ["" if pd.isna(day) else f"{day:{form}}" for day in values]


def _sheet(page: Page, key: str, frame: pd.DataFrame, county: str) -> ListSheet:
    name = f"monitoring_{county}"
    return page.sheet(key, frame, name=name, county=county, inputs=ANSWERS)
