"""How far the projects have come, where each yuan went, and whether next year's are ready."""

import pandas as pd

from jinzhou.chapters.funding import data, estimates, figures
from jinzhou.chapters.funding.analysis.projects import (
    DAYS_STANDING,
    FULL,
    Progress,
    project_progress,
    readiness,
)
from jinzhou.chapters.funding.analysis.trace import CHAIN
from jinzhou.chapters.funding.sections.shared import (
    TRACED,
    answer,
    county_sheets,
    days,
    noted_table,
    offices_of,
    reasons,
    texts,
    type_names,
)
from jinzhou.publish.section import Page, Section, Sentence, section
from jinzhou.registry.snapshot import Snapshot
from jinzhou.words import percent

PAID_IN_FULL = 0.95
"""More than this share paid without acceptance is paid too early (rules Q-fund-001d)."""
PAID_HALF = 0.5
"""Less than this share paid long after acceptance is paid too late (rules Q-fund-001e)."""


@section("project")
def project_stages(snapshot: Snapshot, *, since: str = data.SINCE) -> Section:
    """Projects begun, finished, accepted and paid, and those behind plan.

    References
    ----------
    docs/requirements.md R52, R57.
    """
    found = project_progress(
        data.projects(snapshot),
        years=data.plan_years(snapshot, since=since),
        groups=data.counties(snapshot),
    )
    page = Page(
        "funding.project_stages",
        snapshot,
        **{c: found.stages.iloc[-1][c] for c in ("projects", "late")},
        full=percent(PAID_IN_FULL),
        half=percent(PAID_HALF),
        days=DAYS_STANDING,
    )
    formats = {"county": "place"} | dict.fromkeys(
        ("projects", "begun", "finished", "accepted", "late"), "count"
    )
    formats |= {"days_late": "number", "paid_unaccepted": "count"}
    note = page.text("tables.project_progress.note")
    if found.mixed:
        note += page.text("mixed", count=len(found.mixed))
    return answer(
        page,
        findings=[_stages_finding(page, found)],
        tables=[
            noted_table(
                page,
                "project_progress",
                found.stages,
                formats | {"accepted_unpaid": "count"},
                note=note,
            )
        ],
        lists=_late_sheets(page, found.late),
        result=found,
    )


def _stages_finding(page: Page, found: Progress) -> Sentence:
    """How many are late, and whether payment and acceptance agree where money is known."""
    last = found.stages.iloc[-1]
    if last["status"] == "no project":
        return page.finding("none", tables="project_progress")
    agree = {c: last[c] for c in ("paid_unaccepted", "accepted_unpaid")}
    known = last["paid_unaccepted"] == last["paid_unaccepted"]
    said = page.text("agree", **agree) if known else page.text("agree_unknown")
    return page.finding("late", tables="project_progress", agree=said)


def _late_sheets(page: Page, late: pd.DataFrame) -> list:
    """Projects behind plan or incomplete, the latest first."""
    rows = pd.DataFrame(
        {
            "county": late["county"],
            "town": texts(late["town"]),
            "village": texts(late["village"]),
            "project_id": late["project_id"],
            "project_name": texts(late["project_name"]),
            "problem": reasons(page, "late", late["why"]),
            "planned_end": days(late["planned_end"]),
            "finished_on": days(late["finished_on"]),
            "accepted_on": days(late["accepted_on"]),
            "days_late": late["late_end"],
            "allocated_yuan": late["allocated"],
            "paid_yuan": late["paid"],
            "office": offices_of(page, late["project_type"]),
        }
    )
    return county_sheets(page, "late", rows)


@section(*TRACED)
def fund_trace(snapshot: Snapshot, *, since: str = data.SINCE) -> Section:
    """Each yuan followed from the allocation to a household, its helper and a result.

    References
    ----------
    docs/requirements.md R56.
    """
    found = estimates.traced(snapshot, since=since)
    last = found.rows.iloc[-1]
    page = Page(
        "funding.fund_trace",
        snapshot,
        share=last["share"],
        target=percent(found.target),
        broken=len(found.broken),
    )
    some = last["status"] != "nothing to trace"
    drawing = figures.trace(found.rows, page, target=found.target) if some else None
    formats = {"county": "place"} | dict.fromkeys(
        ("paid", "village", "traced", *CHAIN), "wan_yuan"
    )
    return answer(
        page,
        findings=[page.finding("share" if some else "none", tables="fund_trace")],
        tables=[
            page.table(
                "fund_trace",
                found.rows,
                formats | {"share": "share", "status": "label:status"},
                total="all",
            )
        ],
        figures=[page.figure("fund_trace", drawing)] if drawing else [],
        steps=[
            page.step(
                "complete",
                office="finance",
                deadline="next_quarter",
                basis="fund_trace",
            )
        ]
        if len(found.broken)
        else [],
        lists=_broken_sheets(page, found.broken),
        result=found,
    )


def _broken_sheets(page: Page, broken: pd.DataFrame) -> list:
    """Links that are missing, the most money first."""
    of_project = offices_of(page, broken["project_type"])
    finance = page.office("finance")
    rows = pd.DataFrame(
        {
            "county": broken["county"],
            "town": texts(broken["town"]),
            "project_id": texts(broken["project_id"]),
            "project_type": type_names(page, broken["project_type"]),
            "link": [page.words.label("link", link) for link in broken["link"]],
            "households": broken["households"],
            "yuan": broken["yuan"].round(0).astype("int64"),
            "office": [
                finance if link in ("fund", "project") else office
                for link, office in zip(broken["link"], of_project, strict=True)
            ],
        }
    )
    return county_sheets(page, "broken", rows)


@section("project", "project_household")
def ready_projects(snapshot: Snapshot) -> Section:
    """Whether next year's projects could start.

    References
    ----------
    docs/requirements.md R58.
    """
    year = snapshot.year + 1
    budget = estimates.paid(snapshot).rates["allocated"].drop("all")
    found = readiness(
        data.projects(snapshot),
        year=year,
        budget=budget,
        groups=data.counties(snapshot),
    )
    last = found.rows.iloc[-1]
    page = Page(
        "funding.ready_projects",
        snapshot,
        year=year,
        full=percent(FULL),
        **{c: last[c] for c in ("projects", "ready", "ratio")},
    )
    formats = {"county": "place"} | dict.fromkeys(
        ("projects", "disclosed", "sited", "linked", "ready"), "count"
    )
    formats |= {"ready_yuan": "wan_yuan", "budget": "wan_yuan", "ratio": "share"}
    lacking = last["status"] in ("fail", "no pool")
    known = last["status"] in ("pass", "fail")
    page.values["status"] = page.words.label("status", last["status"])
    return answer(
        page,
        findings=[page.finding("ready" if known else "unknown", tables="readiness")],
        tables=[
            page.table(
                "readiness",
                found.rows,
                formats | {"status": "label:status"},
                total="all",
            )
        ],
        steps=[
            page.step(
                "prepare",
                office="coordination",
                deadline="year_end",
                basis="readiness",
            )
        ]
        if lacking
        else [],
        lists=_pool_sheets(page, found.gaps),
        result=found,
    )


def _pool_sheets(page: Page, gaps: pd.DataFrame) -> list:
    """Projects of the pool that could not start, and what they lack."""
    rows = pd.DataFrame(
        {
            "county": gaps["county"],
            "town": texts(gaps["town"]),
            "village": texts(gaps["village"]),
            "project_id": gaps["project_id"],
            "project_name": texts(gaps["project_name"]),
            "lacks": reasons(page, "lacks", gaps["why"]),
            "budget_yuan": gaps["budget"],
            "office": offices_of(page, gaps["project_type"]),
        }
    )
    return county_sheets(page, "pool", rows)
