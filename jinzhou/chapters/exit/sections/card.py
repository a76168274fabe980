"""The exit card of a county: six vetoes, their parts, and whether there is time."""

import pandas as pd

from jinzhou.chapters.exit import data, figures
from jinzhou.chapters.exit.analysis.card import ExitCard
from jinzhou.chapters.exit.sections.lists import rest_sheets
from jinzhou.chapters.exit.sections.wording import (
    IMPERSONAL,
    missing_text,
    office_text,
    state,
    threshold_text,
)
from jinzhou.publish.section import Page, Section, Step, section
from jinzhou.publish.table import Table
from jinzhou.reference import indicators, scope, thresholds
from jinzhou.registry.snapshot import Snapshot
from jinzhou.statistics.forecast import Forecast
from jinzhou.words import number

INCIDENCE = "incidence"


@section("household", "member")
def exit_card(
    snapshot: Snapshot,
    *,
    exit_county: str = "",
    past_years: int = 4,
    min_cell: int = 5,
    seed: int = 2018,
) -> Section:
    """Six indicators, each a veto: passed, failed or not determined, and the probability in time.

    Parameters
    ----------
    exit_county : str
        Code of the county that is to exit; empty for the one by plan.
    past_years : int
        Years whose pace is used where an indicator does not carry its dates.
    min_cell : int
        Fewer persons or households than this are not counted out in words.
    seed : int
        Of the simulated paces.
    """
    scope.require_scope("exit_card", snapshot.as_of)
    county = data.exit_county(snapshot, exit_county)
    card = data.card(snapshot, county)
    forecast = data.forecast(snapshot, county, years=past_years, seed=seed)
    deadline = thresholds.day_of("county_exit_deadline")
    page = Page("exit.exit_card", snapshot, deadline=deadline, min_cell=min_cell)
    page.values |= _values(page, card) | {"area": page.county(county)}
    return page.section(
        findings=[page.finding("card", tables=("exit_card", "exit_forecast"))],
        tables=[
            _card_table(page, card),
            _terms_table(page, card.terms),
            _forecast_table(page, forecast),
        ],
        figures=[
            page.figure(
                "exit_page", figures.exit_page(_one_page(page, card, forecast), page)
            )
        ],
        facts=[page.fact("exit")],
        steps=_steps(page, card, deadline, min_cell),
        lists=rest_sheets(page, county),
        result=card,
    )


def _values(page: Page, card: ExitCard) -> dict[str, object]:
    """How many vetoes pass, fail and are not determined, and which."""
    named = {
        status: [page.words.label("veto", v) for v in found.index]
        for status, found in card.vetoes.groupby(card.vetoes)
    }
    none = page.text("none")
    return {
        "vetoes": len(card.vetoes),
        **{s: len(named.get(s, ())) for s in ("pass", "fail", "unknown")},
        "failed": named.get("fail", none),
        "undetermined": named.get("unknown", none),
    }


def _part_name(page: Page, indicator: str) -> str:
    """What a part of the card is."""
    if indicator == INCIDENCE:
        return page.text("incidence")
    return page.indicators.get(indicator, "")


def _card_table(page: Page, card: ExitCard) -> Table:
    rows = card.rows
    shown = rows.assign(
        what=[_part_name(page, i) for i in rows["indicator"]],
        threshold_text=[
            threshold_text(page, d, t)
            for d, t in zip(rows["direction"], rows["threshold"], strict=True)
        ],
        status=[state(page, s) for s in rows["status"]],
        cleared=[state(page, s) for s in rows["cleared"]],
        missing=[
            missing_text(page, m, unknown=u)
            for m, u in zip(rows["missing"], rows["unknown"], strict=True)
        ],
    )
    villages = rows["veto"].isin(["road", "culture"])
    projects = rows["indicator"] == "education_projects"
    counts = ("numerator", "denominator", "rest")
    return page.table(
        "exit_card",
        shown,
        {"veto": "label:veto", "what": "text", "numerator": "count"}
        | {"denominator": "count", "value": "share", "low": "share", "high": "share"}
        | {"threshold_text": "text", "status": "text", "cleared": "text"}
        | {"rest": "count", "missing": "text"},
        counts=counts,
        impersonal=tuple(i for i, v in enumerate(villages | projects) if v),
    )


def _terms_table(page: Page, terms: pd.DataFrame) -> Table:
    rows = terms.assign(share=terms["persons"] / terms["population"])
    return page.table(
        "incidence_terms",
        rows.rename_axis("term"),
        {"term": "label:term"}
        | dict.fromkeys(("persons", "ci_low", "ci_high", "checked", "found"), "count")
        | {"share": "share"},
    )


def _forecast_table(page: Page, forecast: Forecast) -> Table:
    rows = forecast.rows
    units = {one.id: one.unit for one in indicators.indicators()}
    feasible = {True: page.text("enough"), False: page.text("not_enough")}
    shown = rows.assign(
        name=[
            page.words.label("veto", INCIDENCE)
            if m == INCIDENCE
            else page.indicators.get(m, m)
            for m in rows["matter"]
        ],
        feasible=rows["feasible"].map(feasible).fillna(page.words("not_determined")),
        status=[state(page, s) for s in rows["status"]],
    )
    return page.table(
        "exit_forecast",
        shown,
        {"name": "text", "left": "count", "unit": "label:period", "periods": "count"}
        | dict.fromkeys(("needed", "speed", "best"), "number")
        | {"feasible": "text", "probability": "share", "status": "text"},
        counts=("left", "needed", "speed", "best"),
        impersonal=tuple(
            i for i, m in enumerate(rows["matter"]) if units.get(m, "") in IMPERSONAL
        ),
    )


def _one_page(page: Page, card: ExitCard, forecast: Forecast) -> pd.DataFrame:
    """Of each veto the part with most left, and the least probability of its parts."""
    probability = forecast.rows.set_index("matter")["probability"]
    rows = []
    for veto, status in card.vetoes.items():
        parts = card.rows[card.rows["veto"] == veto]
        same = parts[parts["status"] == status]
        part = same.sort_values(
            "rest", ascending=False, kind="stable", na_position="last"
        ).iloc[0]
        known = probability.reindex(parts["indicator"])
        label = page.words.label("veto", veto)
        if len(parts) > 1 and part["indicator"] in page.indicators:
            label = page.text(
                "part", veto=label, indicator=page.indicators[part["indicator"]]
            )
        rows.append(
            {c: part[c] for c in ("value", "low", "high", "threshold")}
            | {
                "label": label,
                "threshold_text": threshold_text(
                    page,
                    part["direction"],
                    part["threshold"],
                    short=page.words.lang != "zh",
                ),
                "status": status,
                "verdict": state(page, status),
                "left": number(part["rest"], "count"),
                "probability": page.words("not_determined")
                if known.isna().any()
                else number(known.min(), "share"),
            }
        )
    return pd.DataFrame(rows)


def _steps(page: Page, card: ExitCard, deadline: str, min_cell: int) -> list[Step]:
    """A step for each part of the card that does not pass."""
    records = {one.id: one for one in indicators.indicators()}
    steps = []
    for row in card.rows[card.rows["status"] != "pass"].itertuples():
        if row.indicator == INCIDENCE:
            name, unit, office = (
                page.words.label("veto", INCIDENCE),
                "persons",
                "coordination",
            )
        elif row.indicator in records:
            one = records[row.indicator]
            name, unit, office = page.indicators[one.id], one.unit, one.office
        else:
            continue
        steps.append(
            Step(
                matter=page.text("steps.pass.matter", indicator=name),
                office=office_text(page, office),
                target=_target(page, row, unit, min_cell),
                deadline=deadline,
                basis="exit_card",
            )
        )
    return steps


def _target(page: Page, row, unit: str, min_cell: int) -> str:
    """What is left of a part, or what is missing to know it."""
    if row.status == "unknown":
        lacking = missing_text(page, row.missing, unknown=row.unknown)
        if lacking:
            return lacking
    left = number(row.rest, "count")
    if unit not in IMPERSONAL and 0 < row.rest < min_cell:
        left = page.text("few", least=min_cell)
    return page.text(
        "steps.pass.target", left=left, unit=page.words.label("unit", unit)
    )
