"""How heavy the payments are: catastrophic and impoverishing spending, chronic illness, depth."""

import pandas as pd

from jinzhou.chapters.illness import data, figures
from jinzhou.chapters.illness.analysis.burden import burden_change as explain
from jinzhou.chapters.illness.analysis.chronic import chronic_burden as chronic_patients
from jinzhou.chapters.illness.sections.lists import ANSWERS, county_sheets
from jinzhou.publish.section import Page, Section, section
from jinzhou.publish.table import Table
from jinzhou.registry.snapshot import Snapshot
from jinzhou.statistics.health_spending import (
    Impoverishing,
    catastrophic,
    impoverishing,
)
from jinzhou.statistics.survey import SurveyDesign
from jinzhou.words import percent

INCOME_SHARES = (0.10, 0.25)
"""Shares of income above which own payments are catastrophic (Wagstaff, van Doorslaer 2003)."""
CAPACITY_SHARE = 0.40
"""And above this share of the capacity to pay, income less the poverty line (Xu et al. 2003)."""
SHARES = ("share", "ci_low", "ci_high")


@section("household", "member", "income", "visit")
def health_spending(snapshot: Snapshot) -> Section:
    """Households whose own payments are catastrophic, or push them under the poverty line."""
    now, line = data.households(snapshot), data.poverty_line(snapshot).yuan
    spending = catastrophic(
        now,
        line=line,
        thresholds=INCOME_SHARES,
        capacity=CAPACITY_SHARE,
        design=SurveyDesign(clusters="area_code"),
    )
    pushed = impoverishing(now, line=line, design=SurveyDesign(clusters="area_code"))
    low, high = (percent(share) for share in INCOME_SHARES)
    under = int(pushed.counts.iloc[-1]["pushed"])
    page = Page(
        "illness.health_spending",
        snapshot,
        low_share=low,
        high_share=high,
        capacity_share=percent(CAPACITY_SHARE),
        under=under,
        no_income=spending.no_income,
        dropped=int(spending.dropped.sum()),
    )
    rates = spending.rates.assign(
        measure=[page.text(f"measures.{m}") for m in spending.rates["measure"]]
    )
    over = ("overshoot", "overshoot_ci_low", "overshoot_ci_high")
    return page.section(
        findings=[page.finding("pushed", tables="impoverishing")],
        tables=[
            page.table(
                "catastrophic",
                rates,
                {"measure": "text", "households": "count", "affected": "count"}
                | dict.fromkeys((*SHARES, *over, "mean_positive_overshoot"), "share"),
                counts=("households", "affected"),
            ),
            _impoverishing_table(page, pushed),
        ],
        steps=[
            page.step(
                "visit",
                office="income_floor",
                deadline="next_month",
                basis="impoverishing",
            )
        ]
        if under
        else [],
        lists=_pushed_sheets(page, pushed.pushed),
        result=pushed,
    )


def _impoverishing_table(page: Page, found: Impoverishing) -> Table:
    """Households poor before and after their own payments, by county."""
    interval = found.shares[found.shares["measure"] == "pushed"].set_index("group")
    moved = found.counts.join(interval[["ci_low", "ci_high"]])
    counts = ("households", "poor_before", "poor_after", "pushed", "further")
    return page.table(
        "impoverishing",
        moved.rename_axis("county"),
        {"county": "place"}
        | dict.fromkeys(counts[:4], "count")
        | {"ci_low": "share", "ci_high": "share", "further": "count"}
        | {"gap_before": "share", "gap_after": "share"},
        counts=counts,
        total="all",
    )


def _pushed_sheets(page: Page, pushed: pd.DataFrame):
    """Households pushed under the line, by county, the poorest first."""
    rows = pushed.sort_values(["after", "household_id"], kind="stable")
    made = pd.DataFrame(
        {
            "county": rows["county"],
            "town": rows["town"].fillna(""),
            "village": rows["village"].fillna(""),
            "household_id": rows["household_id"],
            "head": rows["household_id"].map(data.masked_heads(page.snapshot)),
            "household_size": rows["household_size"],
            "net_income_pc": rows["net_income_pc"].round(0),
            "oop_year": rows["oop_year"].round(0),
            "after": rows["after"].round(0),
            "line": rows["line"].round(0),
            "office": page.office("income_floor"),
        }
    )
    return county_sheets(page, "pushed", made.fillna({"head": ""}), inputs=ANSWERS)


@section("household", "member", "income", "visit")
def chronic_burden(snapshot: Snapshot) -> Section:
    """Own payments of out-patients with a chronic illness, in two years."""
    found = chronic_patients(data.yearly_bills(snapshot))
    page = Page("illness.chronic_burden", snapshot, threshold=percent(INCOME_SHARES[0]))
    counts = ("patients", "households", "above")
    return page.section(
        tables=[
            page.table(
                "chronic_burden",
                found.years.rename_axis("until"),
                {"until": "text", "patients": "count"}
                | dict.fromkeys(("mean_payment", "ci_low", "ci_high"), "yuan")
                | {"households": "count", "above": "count"}
                | dict.fromkeys(("share", "share_ci_low", "share_ci_high"), "share"),
                counts=counts,
            )
        ],
        result=found,
    )


@section("household", "member", "income", "visit")
def burden_change(snapshot: Snapshot) -> Section:
    """What moved own payments as a share of income: prevalence, cost, reimbursement, income."""
    found = explain(*data.yearly_bills(snapshot).values())
    page = Page("illness.burden_change", snapshot)
    parts = found.parts
    kinds = {"cost": "yuan", "income": "yuan", "own_share": "share", "all": "share"}
    rows = pd.DataFrame(
        {
            "factor": [page.text(f"factors.{f}") for f in parts.index],
            **{
                when: [
                    page.words.fill(
                        f"{{value:{kinds.get(f, 'number')}}}", {"value": value}
                    )
                    for f, value in parts[when].items()
                ]
                for when in ("before", "after")
            },
            **{
                c: 100 * parts[c].to_numpy(float) for c in ("part", "ci_low", "ci_high")
            },
        }
    )
    known = found.status == "decomposed"
    note = (
        page.text("tables.burden_change.note")
        if known
        else page.words(
            "not_identified", reason=page.words.label("reason", found.reason)
        )
    )
    return page.section(
        tables=[
            page.table(
                "burden_change",
                rows,
                dict.fromkeys(("factor", "before", "after"), "text")
                | dict.fromkeys(("part", "ci_low", "ci_high"), "number"),
                note=note,
            )
        ],
        figures=[page.figure("burden_change", figures.burden(found, page))]
        if known
        else [],
        result=found,
    )
