"""Dangerous housing: how far, how fast, and whether it is cleared in time."""

import pandas as pd

from jinzhou.chapters.exit import data, figures
from jinzhou.chapters.exit.analysis.housing import (
    HousingBurn,
    HousingClearance,
    housing_builders,
    housing_burn,
    housing_clearance,
)
from jinzhou.publish.section import Page, Section, section
from jinzhou.publish.table import Table
from jinzhou.reference import targets, thresholds
from jinzhou.registry.snapshot import Snapshot
from jinzhou.words import percent

FUNNEL = (
    "listed",
    "started",
    "completed",
    "accepted",
    "occupied",
    "rest",
    "grade_d",
    "rest_d",
)
PLAN_YEAR = 2018


@section("housing")
def housing(snapshot: Snapshot, *, seed: int = 2018) -> Section:
    """Dwellings listed, completed and accepted; grade D left, and the probability of clearing it.

    Parameters
    ----------
    seed : int
        Of the simulated paces.
    """
    ledger = data.housing(snapshot)
    clearance = housing_clearance(
        ledger, official=targets.housing_reported(PLAN_YEAR, county=snapshot.county)
    )
    burn = housing_burn(
        ledger,
        as_of=snapshot.as_of,
        deadline=thresholds.day_of("housing_deadline"),
        seed=seed,
    )
    page = Page("exit.housing", snapshot, **_values(clearance, burn))
    cited = ("housing_funnel", "housing_forecast", "housing_batches")
    return page.section(
        findings=[page.finding("progress", tables=cited)],
        tables=[
            _funnel_table(page, clearance.funnel),
            _batch_table(page, clearance.batches),
            _forecast_table(page, burn),
            _builder_table(page, housing_builders(ledger)),
        ],
        figures=[page.figure("housing_burn", figures.burn_down(burn, page))],
        steps=[
            page.step("clear", office="housing", deadline="day", basis="housing_funnel")
        ]
        if clearance.funnel.at["all", "rest_d"]
        else [],
        county=page.counties("rest_d", clearance.funnel["rest_d"]),
        result=clearance,
    )


def _values(clearance: HousingClearance, burn: HousingBurn) -> dict[str, object]:
    """What the section says in words."""
    city, speed = clearance.funnel.loc["all"], burn.speeds.loc["all"]
    forecast = burn.forecast.rows.set_index("matter")
    return {
        "deadline": burn.deadline,
        "days": burn.days,
        "overlap": clearance.overlap,
        "union": clearance.union,
        "probability": forecast.at["all", "probability"],
        "needed": speed["needed"],
        "recent": speed["recent"],
        "required": percent(float(thresholds.threshold("exit_housing").value)),
        **{c: int(city[c]) for c in ("listed", "completed", "rest_d")},
    }


def _funnel_table(page: Page, funnel: pd.DataFrame) -> Table:
    """Households from the list to occupation, by county."""
    return page.table(
        "housing_funnel",
        funnel.rename_axis("county"),
        {"county": "place"} | dict.fromkeys(FUNNEL, "count"),
        counts=FUNNEL,
        total="all",
    )


def _batch_table(page: Page, batches: pd.DataFrame) -> Table:
    """Households of each batch beside the number reported."""
    return page.table(
        "housing_batches",
        batches,
        {"batch": "label:housing_batch"}
        | dict.fromkeys(("households", "official", "difference"), "count"),
    )


def _forecast_table(page: Page, burn: HousingBurn) -> Table:
    """Needed and recent completions by county."""
    speeds, forecast = burn.speeds, burn.forecast.rows.set_index("matter")
    needed = speeds["needed"].where(speeds["needed"] > 0)
    rows = speeds.assign(
        pace=speeds["recent"] / needed, probability=forecast["probability"]
    )
    return page.table(
        "housing_forecast",
        rows.rename_axis("county"),
        {"county": "place", "left": "count", "pace": "share", "probability": "share"},
        counts=("left",),
        total="all",
    )


def _builder_table(page: Page, builders: pd.DataFrame) -> Table:
    """Defects by builder."""
    rows = builders.assign(
        builder=builders["builder"].replace("unknown", page.text("no_builder")),
        apart=[page.words("yes") if a is True else "" for a in builders["apart"]],
    )
    return page.table(
        "housing_builders",
        rows,
        {"builder": "text"}
        | dict.fromkeys(("completed", "defects", "open"), "count")
        | dict.fromkeys(("share", "ci_low", "ci_high"), "share")
        | {"apart": "text"},
    )
