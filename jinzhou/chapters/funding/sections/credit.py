"""Small loans: what was lent, to how many, what may not come back."""

import pandas as pd

from jinzhou.chapters.funding import data
from jinzhou.chapters.funding.analysis.loans import Microcredit, microcredit
from jinzhou.chapters.funding.sections.shared import (
    answer,
    county_sheets,
    days,
    noted_table,
    reasons,
    texts,
)
from jinzhou.publish.section import Page, Section, section
from jinzhou.publish.table import Table
from jinzhou.registry.snapshot import Snapshot

AGES = (18, 65)
"""Ages of a member who makes a household eligible (`registry.borrowers`)."""


@section("loan")
def small_loans(snapshot: Snapshot) -> Section:
    """Loans of the year, households with one, arrears, and what falls due.

    References
    ----------
    docs/requirements.md R54, R55.
    """
    found = microcredit(
        data.loans(snapshot),
        data.borrowers(snapshot),
        as_of=snapshot.as_of,
        reported=data.reported_loans(snapshot),
    )
    last = found.counties.iloc[-1]
    columns = ("lent", "reach", "overdue", "overdue_rate", "due_next")
    page = Page(
        "funding.small_loans",
        snapshot,
        **{c: last[c] for c in columns},
        youngest=AGES[0],
        oldest=AGES[1],
        concentration=found.concentration,
    )
    reach = page.text("reach" if last["reach"] == last["reach"] else "reach_unknown")
    return answer(
        page,
        findings=[page.finding("lent", tables="microcredit", with_loan=reach)],
        tables=[_counties_table(page, found), _banks_table(page, found)],
        lists=_loan_sheets(page, found.warned),
        result=found,
    )


def _counties_table(page: Page, found: Microcredit) -> Table:
    formats = {
        "county": "place",
        "loans": "count",
        "lent": "wan_yuan",
        "eligible": "count",
        "with_loan": "count",
        "reach": "share",
        "balance": "wan_yuan",
        "overdue": "wan_yuan",
        "overdue_rate": "share",
        "bad": "count",
        "enterprise": "count",
        "due_next": "wan_yuan",
        "subsidy": "wan_yuan",
    }
    note = page.text("tables.microcredit.note")
    if found.reported == found.reported:
        note += page.text(
            "reported", reported=found.reported, difference=found.difference
        )
    return noted_table(
        page,
        "microcredit",
        found.counties,
        formats,
        counts=("loans", "with_loan", "bad", "enterprise"),
        note=note,
    )


def _banks_table(page: Page, found: Microcredit) -> Table:
    names = [
        page.text("no_bank") if bank == "unknown" else bank
        for bank in found.banks.index
    ]
    return page.table(
        "microcredit_banks",
        found.banks.assign(bank=names),
        {"bank": "text", "loans": "count", "balance": "wan_yuan"}
        | {"share": "share", "overdue_rate": "share"},
    )


def _loan_sheets(page: Page, warned: pd.DataFrame) -> list:
    """Loans to look at, the most overdue first."""
    rows = pd.DataFrame(
        {
            "county": warned["county"],
            "town": texts(warned["town"]),
            "village": texts(warned["village"]),
            "household_id": warned["household_id"],
            "head": warned["household_id"].map(data.masked_heads(page.snapshot)),
            "loan_id": warned["loan_id"],
            "bank": texts(warned["bank"]),
            "problem": reasons(page, "loan", warned["why"]),
            "balance_yuan": warned["balance"],
            "overdue_yuan": warned["overdue"],
            "due_on": days(warned["due_on"]),
            "days_overdue": warned["days_overdue"],
            "office": page.office("credit"),
        }
    )
    return county_sheets(page, "loans", rows.fillna({"head": ""}))
