"""Where the next yuan could go: plans beside today's, and what is known of money and exits."""

import numpy as np
import pandas as pd

from jinzhou.chapters.funding import data, estimates, figures
from jinzhou.chapters.funding.analysis.allocation import Allocation, allocation
from jinzhou.chapters.funding.analysis.plan import money_arms, plan_limits
from jinzhou.chapters.funding.sections.shared import HELPED, answer
from jinzhou.publish.section import Page, Section, Sentence, section
from jinzhou.publish.table import Table
from jinzhou.registry.snapshot import Snapshot
from jinzhou.words import percent

FEWEST_FREE = 2
"""Fewer arms than this leave no money that could be moved."""
NAMED = 5
"""Amounts that a sentence names."""
PLANS = ("today", "low", "high", "expected", "cautious", "small step")


@section(*HELPED, "fund")
def plans(
    snapshot: Snapshot,
    *,
    since: str = data.SINCE,
    at_least: float = 0.8,
    at_most: float = 1.2,
    seed: int = estimates.SEED,
) -> Section:
    """The same money placed otherwise: how much more, how surely, and what each limit costs.

    References
    ----------
    docs/requirements.md R53; docs/methods.md, allocation.
    """
    arms = money_arms(data.projects(snapshot), year=snapshot.year)
    limits = plan_limits(
        arms,
        estimates.budget_growth(snapshot),
        at_least=at_least,
        at_most=at_most,
    )
    found = allocation(
        arms,
        response=estimates.money_response(snapshot, since=since, seed=seed),
        limits=limits,
    )
    page = Page(
        "funding.plans",
        snapshot,
        level_of_plans=percent(found.level),
        draws=found.draws,
        assumed=page_assumptions(snapshot, found),
    )
    planned = found.status == "planned"
    return answer(
        page,
        findings=[_finding(page, found)],
        tables=_tables(page, found),
        figures=[page.figure("plan_counties", figures.ranges(found.counties, page))]
        if planned
        else [],
        result=found,
    )


def page_assumptions(snapshot: Snapshot, found: Allocation) -> str:
    """What every plan assumes, in words."""
    words = Page("funding.plans", snapshot).words
    said = [words.label("assumption", key) for key in found.assumes]
    return words("semicolon").join(said)


def _tables(page: Page, found: Allocation) -> list[Table]:
    """All tables of the plans; without a plan, what keeps it from being made."""
    if found.status == "infeasible":
        return [_limits_table(page, "plan_clash", found.clash, "loosen")]
    if found.status != "planned":
        return []
    tables = [
        _compare_table(page, found),
        page.table(
            "plan_counties",
            found.counties.rename_axis("county").sort_index(),
            {"county": "place"}
            | dict.fromkeys(PLANS, "wan_yuan")
            | {"direction": "label:direction"},
        ),
        page.table(
            "plan_arms",
            found.arms.reset_index().assign(note=lambda f: f["status"]),
            {"county": "place", "category": "label:project_type"}
            | dict.fromkeys(PLANS, "wan_yuan")
            | {"direction": "label:direction", "note": "label:arm"},
        ),
        _prices_table(page, found.prices),
    ]
    if len(found.today_breaks):
        tables.append(_limits_table(page, "plan_today", found.today_breaks, "today"))
    return tables


def _finding(page: Page, found: Allocation) -> Sentence:
    """What can be said about the plans in one sentence."""
    if found.status == "not identified":
        why = [page.words.label("arm", code) for code in found.why]
        return page.finding("not_identified", tables="plan_response", why=why)
    if found.status == "money in two units":
        named = list(found.why[:NAMED])
        return page.finding("two_units", tables="plan_response", why=named)
    if found.status == "infeasible":
        count = len(found.clash)
        return page.finding("infeasible", tables="plan_clash", count=count)
    best, arms = found.plans.loc["expected"], found.arms
    free = int((arms["status"] == "free").sum())
    said = {"arms": len(arms), "free": free}
    if free < FEWEST_FREE:
        tables = ("plan_arms", "plan_response")
        return page.finding("nothing_to_move", tables=tables, **said)
    moved = arms[arms["direction"].isin(["more", "less"])]
    broken = set(
        zip(found.today_breaks["county"], found.today_breaks["category"], strict=True)
    )
    over = sum(arm in broken for arm in moved.index)
    kind = "count" if best["gain"] >= 10 else "number"
    gains = {
        name: page.words.fill(f"{{value:{kind}}}", {"value": best[column]})
        for name, column in (
            ("gain", "gain"),
            ("low", "gain_ci_low"),
            ("high", "gain_ci_high"),
        )
    }
    return page.finding(
        "planned",
        tables=("plan_compare", "plan_counties"),
        **said,
        **gains,
        moved=len(moved),
        uncertain=page.text("uncertain") if best["gain_ci_low"] <= 0 else "",
        over=page.text("over", count=over) if over else "",
    )


def _compare_table(page: Page, found: Allocation) -> Table:
    """The plans side by side; today's is compared with nothing."""
    columns = {
        "exits": "number",
        "gain": "number",
        "gain_ci_low": "number",
        "gain_ci_high": "number",
        "better": "share",
        "regret_most": "number",
        "moved": "wan_yuan",
        "spent": "wan_yuan",
    }
    rows = found.plans.copy()
    against = ["gain", "gain_ci_low", "gain_ci_high", "better"]
    rows.loc["today", against] = np.nan
    names = [page.words.label("plan", plan) for plan in rows.index]
    return page.table(
        "plan_compare", rows.assign(plan=names), {"plan": "text"} | columns
    )


def _prices_table(page: Page, prices: pd.DataFrame) -> Table:
    """What each limit that binds costs, the dearest first."""
    rows = prices[prices["binding"]].sort_values(
        ["price", "constraint", "county", "category"],
        ascending=[False, True, True, True],
    )
    scores = dict.fromkeys(("price", "ci_low", "ci_high"), "score")
    formats = _limit_formats() | {"bound": "wan_yuan"} | scores
    return page.table("plan_prices", _limits(page, rows), formats)


def _limits_table(page: Page, name: str, rows: pd.DataFrame, column: str) -> Table:
    """Limits with their amount and one more."""
    formats = _limit_formats() | dict.fromkeys(("bound", column), "wan_yuan")
    return page.table(name, _limits(page, rows), formats)


def _limit_formats() -> dict[str, str]:
    return {"constraint": "label:constraint", "county": "text", "category": "text"}


def _limits(page: Page, rows: pd.DataFrame) -> pd.DataFrame:
    """Limits with their county and category in words, nothing where they have none."""
    return rows.assign(
        county=[page.county(c) if c else "" for c in rows["county"]],
        category=[
            page.words.label("project_type", c) if c else "" for c in rows["category"]
        ],
    )


@section(*HELPED, "fund")
def exits_by_money(
    snapshot: Snapshot, *, since: str = data.SINCE, seed: int = estimates.SEED
) -> Section:
    """How many more lasting exits money has gone with, by county and type of project.

    References
    ----------
    docs/requirements.md R53; docs/methods.md, response to money.
    """
    found = estimates.money_response(snapshot, since=since, seed=seed)
    rows = found.arms.reset_index()
    exits = ("exits", "ci_low", "ci_high")
    blank = [*exits, "elasticity"]
    if found.status != "estimated":
        rows[blank] = np.nan
    why = [page_label(snapshot, code) for code in found.why]
    known = int((rows["status"] == "estimated").sum())
    page = Page(
        "funding.exits_by_money",
        snapshot,
        projects=found.n,
        unmeasured=percent(round(float(np.exp(found.unmeasured) - 1), 2)),
        known=known,
        arms=len(rows),
        why=why,
    )
    note = page.text("tables.plan_response.note")
    estimated = found.status == "estimated"
    return answer(
        page,
        findings=[
            page.finding(
                "estimated" if estimated else "not_identified", tables="plan_response"
            )
        ],
        tables=[
            page.table(
                "plan_response",
                rows.assign(note=rows["status"]),
                {"county": "place", "category": "label:project_type"}
                | {"reference": "wan_yuan"}
                | dict.fromkeys(blank, "number")
                | {"projects": "count", "note": "label:arm"},
                note=note if not why else page.text("not_identified") + note,
            )
        ],
        result=found,
    )


def page_label(snapshot: Snapshot, code: str) -> str:
    """A reason of the response in words."""
    return Page("funding.exits_by_money", snapshot).words.label("arm", code)
