"""Is the money there and paid: this year's plan, what is carried over, budgets, integration."""

import pandas as pd

from jinzhou.chapters.funding import data, estimates, figures
from jinzhou.chapters.funding.analysis.payments import (
    YEARS_KEPT,
    PaymentRates,
    integration,
    payment_rates,
)
from jinzhou.chapters.funding.sections.shared import (
    EXITS,
    MONEY,
    TRACED,
    answer,
    county_sheets,
    days,
    estimate,
    noted_table,
    texts,
)
from jinzhou.publish.section import Fact, Page, Section, section
from jinzhou.publish.table import Table
from jinzhou.registry.snapshot import Snapshot

YEAR_AGES = ("fresh", "older", "lapsed")


@section(*MONEY)
def payment(snapshot: Snapshot, *, since: str = data.SINCE) -> Section:
    """Money allocated this year and paid, and what is carried over by its age.

    References
    ----------
    docs/requirements.md R52.
    """
    now = estimates.paid(snapshot)
    ever = payment_rates(
        data.allocations(snapshot),
        as_of=snapshot.as_of,
        groups=data.counties(snapshot),
    )
    last = now.rates.iloc[-1]
    page = Page(
        "funding.payment",
        snapshot,
        allocated=last["allocated"],
        paid=last["paid"],
        rate=last["rate"],
        carried=last["carried"],
        lapsed=ever.rates.iloc[-1]["lapsed"],
        years=YEARS_KEPT,
    )
    page.values["status"] = page.words.label("status", last["status"])
    known = last["status"] == "paid"
    return answer(
        page,
        findings=[
            page.finding(
                "paid" if known else "unknown", tables=("payment_rates", "carried_over")
            )
        ],
        tables=[_rates_table(page, now), _carried_table(page, ever)],
        figures=[page.figure("payment_progress", figures.progress(now.rates, page))]
        if known
        else [],
        facts=[_fact(page, since)],
        steps=[
            page.step(
                "speed", office="finance", deadline="year_end", basis="payment_rates"
            )
        ]
        if last["carried"] > 0
        else [],
        lists=_early_sheets(page, ever.early),
        county=page.counties("paid", now.rates["rate"], "share"),
        result=now,
    )


def _rates_table(page: Page, now: PaymentRates) -> Table:
    formats = {"county": "place", "projects": "count"}
    formats |= {"allocated": "wan_yuan", "paid": "wan_yuan", "rate": "share"}
    return noted_table(
        page,
        "payment_rates",
        now.rates,
        formats | {"carried": "wan_yuan"},
        note=page.text("mixed", count=len(now.mixed)) if now.mixed else "",
    )


def _carried_table(page: Page, ever: PaymentRates) -> Table:
    formats = {"county": "place", "allocated": "wan_yuan", "carried": "wan_yuan"}
    formats |= {"carried_rate": "share"} | dict.fromkeys(YEAR_AGES, "wan_yuan")
    early = {"early": len(ever.early), "early_yuan": ever.early["yuan"].sum()}
    return page.table(
        "carried_over",
        ever.rates.rename_axis("county"),
        formats,
        values=early,
        total="all",
    )


def _fact(page: Page, since: str) -> Fact:
    """The paid share, with what is traced and what a lasting exit costs where that is known."""
    snapshot = page.snapshot
    delivered = set(snapshot.store.tables)
    change, cost = page.text("unpaid"), ""
    if delivered.issuperset(TRACED):
        share = estimates.traced(snapshot, since=since).rows.iloc[-1]["share"]
        if share == share:
            change += page.text("traced", share=share)
    if delivered.issuperset(EXITS):
        whole = estimates.county_costs(snapshot, since=since).costs.loc["all"]
        if whole["lasting_ci_low"] == whole["lasting_ci_low"]:
            per_exit = estimate(whole, "cost_per_lasting", "lasting")
            cost = page.text("lasting", cost=per_exit)
    return page.fact("payment", unpaid=change, lasting_cost=cost)


def _early_sheets(page: Page, early: pd.DataFrame) -> list:
    """What was paid before the day of its allocation."""
    rows = pd.DataFrame(
        {
            "county": early["county"],
            "fund_id": early["fund_id"],
            "project_id": texts(early["project_id"]),
            "allocated_on": days(early["allocated_on"]),
            "paid_before": early["yuan"],
            "office": page.office("finance"),
        }
    )
    return county_sheets(page, "early", rows)


@section("fund_year")
def budget_growth(snapshot: Snapshot) -> Section:
    """Whether budgets grew no less than the province's.

    References
    ----------
    docs/requirements.md R50.
    """
    found = estimates.budget_growth(snapshot)
    count = found.rows["status"].value_counts()
    page = Page(
        "funding.budget_growth",
        snapshot,
        province=found.province,
        passed=count.get("pass", 0),
        failed=count.get("fail", 0),
        undefined=count.get("undefined", 0),
    )
    rows = found.rows.assign(against=(100 * found.rows["against"]).round(2))
    formats = {"area": "text", "before": "wan_yuan", "now": "wan_yuan"}
    formats |= {"growth": "share", "against": "number"}
    known = bool(found.rows["growth"].notna().any())
    return answer(
        page,
        findings=[page.finding("count" if len(count) else "none", tables="growth")],
        tables=[
            page.table(
                "growth",
                rows,
                formats | {"status": "label:status", "why": "label:growth"},
            )
        ],
        figures=[page.figure("growth", figures.growth(found, page))] if known else [],
        result=found,
    )


@section("project", "fund")
def integrated_funds(snapshot: Snapshot) -> Section:
    """How much of the money allocated was integrated agricultural money.

    References
    ----------
    docs/requirements.md R51.
    """
    found = integration(data.allocations(snapshot))
    rows = found.rows.assign(year=found.rows.index.astype(str))
    last = rows.tail(1)
    known = bool(last["share"].notna().any())
    page = Page(
        "funding.integrated_funds",
        snapshot,
        year="".join(last["year"]),
        share=last["share"].sum() if known else float("nan"),
    )
    formats = {"year": "text", "allocated": "wan_yuan", "integrated": "wan_yuan"}
    return answer(
        page,
        findings=[page.finding("share" if known else "none", tables="integration")],
        tables=[noted_table(page, "integration", rows, formats | {"share": "share"})],
        result=found,
    )
