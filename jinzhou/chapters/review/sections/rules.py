"""What the rules find, what to correct first, and how much is still to be entered."""

import pandas as pd

from jinzhou import registry
from jinzhou.chapters.review import data, figures
from jinzhou.chapters.review.analysis.ledgers import completeness as filled_fields
from jinzhou.chapters.review.analysis.quality import entry_countdown, quality_index
from jinzhou.publish.section import Page, Section, section
from jinzhou.publish.table import Table
from jinzhou.reference import thresholds
from jinzhou.registry.snapshot import Snapshot

FIRST = 10
"""Rules that the table of what to correct first shows."""
NAMED = 3
SEVERITIES = ("error", "logic", "doubt")


@section("household", "member")
def rules(snapshot: Snapshot) -> Section:
    """Every rule: tested, failed or not testable; and what to correct first."""
    report = data.rules(snapshot)
    results = report.results
    first = report.first_to_mend(len(results))
    lang = snapshot.lang
    named = [
        Page("review.rules", snapshot).text("named", rule=rule, failed=int(failed))
        for rule, failed in zip(
            first[lang].head(NAMED), first["failed"].head(NAMED), strict=True
        )
    ]
    errors = int(results.loc[results["severity"] == "error", "failed"].sum())
    page = Page(
        "review.rules",
        snapshot,
        rules=len(results),
        tested=int((results["tested"] > 0).sum()),
        untestable=int((results["status"] == "not testable").sum()),
        errors=errors,
        first=FIRST,
    )
    page.values["deadline"] = page.words.day(thresholds.entry_deadline(snapshot.as_of))
    worst = page.words("semicolon" if lang == "en" else "comma").join(named)
    return page.section(
        findings=[page.finding("first", tables=("rules_first", "rules"), worst=worst)],
        tables=[
            _first_table(page, first.head(FIRST)),
            _rule_table(page, report, first),
        ],
        steps=[
            page.step(
                "answer", office="coordination", deadline="entries", basis="rules"
            )
        ],
        result=report,
    )


def _first_table(page: Page, first: pd.DataFrame) -> Table:
    rows = first.assign(
        order=range(1, len(first) + 1),
        text=first[page.snapshot.lang],
        office=[page.office(key) for key in first["office"]],
    )
    return page.table(
        "rules_first",
        rows,
        {"order": "count", "text": "text", "failed": "count", "county": "place"}
        | {"county_failed": "count", "office": "text", "rule": "text"},
    )


def _rule_table(page: Page, report, first: pd.DataFrame) -> Table:
    """All rules: those that fail by what to correct first, then the others."""
    others = report.results[~report.results["rule"].isin(first["rule"])]
    others = others.sort_values("tested", kind="stable", ascending=False)
    rows = pd.concat([first.drop(columns="county"), others])
    status = report.results.set_index("rule")["status"]
    rows = rows.assign(status=rows["rule"].map(status), text=rows[page.snapshot.lang])
    return page.table(
        "rules",
        rows,
        {"rule": "text", "severity": "label:severity", "text": "text"}
        | {"tested": "count", "failed": "count", "status": "label:rule_status"},
    )


@section("household", "member")
def completeness(snapshot: Snapshot) -> Section:
    """Share of the required fields that are filled."""
    found = filled_fields(registry.required_fields(snapshot))
    page = Page("review.completeness", snapshot)
    return page.section(
        tables=[
            page.table(
                "completeness",
                found.fields,
                {"field": "label:field", "rows": "count", "filled": "count"}
                | {"share": "share", "status": "label:test_status"},
            )
        ],
        figures=[page.figure("completeness", figures.completeness(found.fields, page))],
        result=found,
    )


@section("household", "member")
def quality(snapshot: Snapshot) -> Section:
    """One number for how sound the registry is, by county and township."""
    counts = data.rules(snapshot).counts
    found = quality_index(counts)
    earlier = data.earlier_quality(snapshot)
    rows = found.rows.assign(before=earlier.rows["index"].reindex(found.rows.index))
    towns = quality_index(counts, by="town").rows
    towns = towns.drop(index=["all", "unknown"], errors="ignore")
    towns = towns.sort_values("index", kind="stable").rename_axis("town")
    weights = [f"{weight:.0f}" for weight in found.weights]
    page = Page("review.quality", snapshot, weights=weights)
    return page.section(
        tables=[
            page.table(
                "quality",
                rows.rename_axis("county"),
                {"county": "place", "tested": "count", "failed": "count"}
                | dict.fromkeys(SEVERITIES, "share")
                | {"index": "score", "before": "score"},
                total="all",
            ),
            page.table(
                "quality_towns",
                towns,
                {"town": "text", "tested": "count", "failed": "count"}
                | {"index": "score"},
            ),
        ],
        figures=[page.figure("quality", figures.quality(rows, page))],
        result=found,
    )


@section("event")
def countdown(snapshot: Snapshot) -> Section:
    """Changes of the year that must be entered or corrected before the deadline."""
    found = entry_countdown(
        registry.entries(snapshot),
        faulty=data.rules(snapshot).faulty("event"),
        as_of=snapshot.as_of,
        deadline=thresholds.entry_deadline(snapshot.as_of),
    )
    last = found.rows.iloc[-1]
    page = Page(
        "review.countdown",
        snapshot,
        days=found.days_left,
        **{c: last[c] for c in ("due", "waiting", "faulty", "per_day")},
    )
    page.values["deadline"] = page.words.day(thresholds.entry_deadline(snapshot.as_of))
    counts = ("due", "recorded", "clean", "faulty", "waiting", "left")
    return page.section(
        findings=[
            page.finding("left" if found.days_left else "over", tables="countdown")
        ],
        tables=[
            page.table(
                "countdown",
                found.rows.rename_axis("county"),
                {"county": "place"}
                | dict.fromkeys(counts, "count")
                | {"per_day": "number", "pace": "number"},
                counts=counts,
                total="all",
            )
        ],
        result=found,
    )
