"""Who may be missing or counted too often, and what spot checks say."""

import pandas as pd

from jinzhou import registry
from jinzhou.chapters.review import data
from jinzhou.publish.section import Page, Section, section
from jinzhou.publish.table import Table
from jinzhou.reference.thresholds import threshold
from jinzhou.registry.snapshot import Snapshot
from jinzhou.statistics.spot_check import spot_check_plan, spot_check_rates
from jinzhou.words import percent

KINDS = ("omitted_strong", "omitted_weak", "split", "parents", "unregistered")
SIZES = ("population", "n_0", "n_1", "n_2")


@section("household", "member")
def candidates(snapshot: Snapshot) -> Section:
    """Persons and households that other lists have and the registry has not, and the reverse."""
    found = data.candidates(snapshot)
    counted = {k: found[k].groupby("county").size() for k in KINDS}
    rows = pd.DataFrame(counted).fillna(0).astype("int64")
    rows.loc["all"] = rows.sum()
    page = Page(
        "review.candidates", snapshot, strong=int(rows.at["all", "omitted_strong"])
    )
    return page.section(
        findings=[page.finding("omitted", tables="candidates")],
        tables=[
            page.table(
                "candidates",
                rows.rename_axis("county"),
                {"county": "place"} | dict.fromkeys(KINDS, "count"),
                counts=KINDS,
                total="all",
            )
        ],
        result=found,
    )


@section("household", "spot_check")
def spot_checks(snapshot: Snapshot) -> Section:
    """How many households to check, and the rates that the checks show."""
    required = float(threshold("wrong_exit").value)
    plan = spot_check_plan(registry.exited_households(snapshot), rate=required)
    rates = spot_check_rates(registry.table(snapshot, "spot_check"), threshold=required)
    page = Page("review.spot_checks", snapshot, required=percent(required))
    return page.section(
        tables=[
            page.table(
                "spot_check_plan",
                plan.rename_axis("county"),
                {"county": "place"} | dict.fromkeys(SIZES, "count"),
            ),
            _rates_table(page, rates.rows[rates.rows["checked"] > 0]),
        ],
        result=rates,
    )


def _rates_table(page: Page, rows: pd.DataFrame) -> Table:
    return page.table(
        "spot_check_rates",
        rows,
        {"rate": "label:spot_rate", "county": "place"}
        | {"checked": "count", "found": "count"}
        | dict.fromkeys(("value", "ci_low", "ci_high"), "share")
        | {"status": "label:spot_verdict"},
        counts=("checked", "found"),
    )
