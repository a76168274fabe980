"""What is ahead: returns of the next quarters, money for them, who stays out."""

import pandas as pd

from jinzhou.chapters.risk import data, estimates, figures
from jinzhou.chapters.risk.analysis.lasting import still_out
from jinzhou.chapters.risk.analysis.support import SupportNeed
from jinzhou.chapters.risk.analysis.support import support_need as money_needed
from jinzhou.chapters.risk.sections.wording import of_shares, too_few
from jinzhou.publish.section import Page, Section, Sentence, section
from jinzhou.publish.table import Table
from jinzhou.registry.snapshot import Snapshot
from jinzhou.statistics.survival import SurvivalCurve
from jinzhou.words import Estimate, number

LEADS = 4
"""Quarters ahead."""
MONTHS = 12
"""Months since the exit that the sentence names."""
NEED_KINDS = {"persons": "count", "per_person": "yuan", "need": "wan_yuan"}


@section("household", "event")
def outlook(snapshot: Snapshot) -> Section:
    """Returns expected within each of the next four quarters; leaving competes."""
    found = estimates.incidence(snapshot)
    if found is None:
        return too_few(Page("risk.outlook", snapshot))
    rows = found.table()
    expected = Estimate(found.expected, found.expected_ci_low, found.expected_ci_high)
    page = Page("risk.outlook", snapshot, quarters=len(rows), expected=expected)
    shown = rows.assign(
        quarter=rows.index.astype(str),
        expected=rows["returned"] * len(found.rows),
    )
    return page.section(
        findings=[page.finding("expected", tables="risk_outlook")],
        tables=[
            page.table(
                "risk_outlook",
                shown,
                {"quarter": "text"}
                | of_shares(rows, "returned", "left")
                | {"expected": "number"},
            )
        ],
        result=found,
    )


@section("household", "event", "project", "payment", "measure")
def support_need(snapshot: Snapshot) -> Section:
    """Money for those expected to fall back: persons times help paid per person."""
    ahead = estimates.incidence(snapshot)
    if ahead is None:
        return too_few(Page("risk.support_need", snapshot))
    need = money_needed(
        ahead.rows.set_index("household_id")[f"returned_{LEADS}"],
        data.help_paid(snapshot),
        persons=data.household_sizes(snapshot),
        events=ahead.events[0],
    )
    page = Page(
        "risk.support_need",
        snapshot,
        quarters=LEADS,
        year=str(need.year),
        helped=need.helped,
        tied=need.tied,
        unsized=need.unsized,
        need=Estimate(need.need, need.need_ci_low, need.need_ci_high),
    )
    known = need.need == need.need
    return page.section(
        findings=[
            page.finding("needed", tables="risk_need")
            if known
            else page.finding("unknown", tables="risk_need", reason=_reason(page, need))
        ],
        tables=[_need_table(page, need)],
        result=need,
    )


def _reason(page: Page, need: SupportNeed) -> str:
    return page.words.label("need_status", need.status)


def _need_table(page: Page, need: SupportNeed) -> Table:
    """Persons, yuan per person, and their product, each with interval or reason."""
    rows = []
    for item, kind in NEED_KINDS.items():
        cells = [getattr(need, name) for name in (item, f"{item}_ci_low")]
        high = getattr(need, f"{item}_ci_high")
        why = "" if high == high else _reason(page, need)
        rows.append((item, *(number(v, kind) for v in (*cells, high)), why))
    frame = pd.DataFrame(rows, columns=["item", "value", "ci_low", "ci_high", "note"])
    return page.table(
        "risk_need",
        frame,
        {"item": "label:need"}
        | dict.fromkeys(("value", "ci_low", "ci_high", "note"), "text"),
    )


@section("household", "event")
def survival(snapshot: Snapshot) -> Section:
    """Share of exited households that have not returned, by year of exit, by cause."""
    rows = data.at_risk(snapshot)
    curves = {by: still_out(rows, by=by) for by in ("exit_year", "primary_cause")}
    page = Page("risk.survival", snapshot)
    by_year = curves["exit_year"]
    return page.section(
        findings=[_survival_finding(page, by_year)],
        tables=[
            _survival_table(page, "exit_year", by_year, "text"),
            _survival_table(
                page, "primary_cause", curves["primary_cause"], "label:cause"
            ),
        ],
        figures=[page.figure("risk_survival", figures.survival(by_year, page))],
        result=curves,
    )


def _survival_finding(page: Page, curve: SurvivalCurve) -> Sentence:
    """Share of all that have not returned within a year, or that this is not known."""
    table = "risk_survival_exit_year"
    at = curve.rows[(curve.rows["group"] == "all") & (curve.rows["months"] == MONTHS)]
    row = at.iloc[0]
    if row["share"] != row["share"]:
        return page.finding("unknown", tables=table, months=MONTHS)
    share = Estimate(row["share"], row["ci_low"], row["ci_high"])
    return page.finding("share", tables=table, months=MONTHS, share=share)


def _survival_table(page: Page, by: str, curve: SurvivalCurve, kind: str) -> Table:
    """Shares after so many months by group; those not recorded and all come last."""
    at_end = curve.rows["group"].map({"": 1, "all": 2}).fillna(0)
    rows = curve.rows.iloc[at_end.argsort(kind="stable")]
    groups = rows["group"]
    if by == "exit_year":
        groups = groups.replace({"all": page.words("all")})
    shown = rows.assign(
        group=groups,
        months=rows["months"].astype(str),
        note=[page.words.label("survival", reason) for reason in rows["reason"]],
    )
    return page.table(
        f"risk_survival_{by}",
        shown,
        {"group": kind, "months": "text"}
        | of_shares(rows, "share", "ci_low", "ci_high")
        | {"at_risk": "count", "note": "text"},
    )
