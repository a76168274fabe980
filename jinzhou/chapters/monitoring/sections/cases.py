"""Who is monitored, who was missed, whose risk is cleared, and how late entries were."""

import pandas as pd

from jinzhou.chapters.monitoring import data, figures
from jinzhou.chapters.monitoring.analysis.monitoring import monitoring_delays
from jinzhou.chapters.monitoring.sections.lists import case_sheets, missed_sheets
from jinzhou.chapters.monitoring.sections.wording import group_names, line_text
from jinzhou.publish.section import Page, Section, section
from jinzhou.publish.table import Table
from jinzhou.reference import thresholds, triggers
from jinzhou.registry.snapshot import Snapshot

FLOWS = (
    *figures.FLOWS,
    "ready",
    "not_ready",
    "not_known",
    "early",
)
ANSWERS = ("yes", "no", "unknown")


@section("household", "monitoring")
def monitored(snapshot: Snapshot) -> Section:
    """Households monitored, by group and county, and what moved them in the quarter."""
    flow, found = data.flow(snapshot), data.monitoring(snapshot)
    whole = flow.groups.loc["all"]
    early = int((found.cases["verdict"] == "cleared too early").sum())
    page = Page(
        "monitoring.monitored",
        snapshot,
        year=snapshot.year,
        dropped=int(flow.dropped.sum()),
        gone=whole["cleared"] + whole["natural"],
        early=early,
        **{c: whole[c] for c in ("opening", "entered", "cleared", "natural")},
        **{c: whole[c] for c in ("closing", "ready", "not_ready", "not_known")},
    )
    line = data.monitoring_lines(snapshot).get(snapshot.year)
    page.values["line"] = line_text(page, line)
    named = group_names(page)
    drawing, from_zero = figures.monitored_bridge(whole, page)
    counties = sorted(set(found.households["county"]))
    open_now = flow.counties["closing"].drop(index="all")
    open_now = open_now.reindex(counties, fill_value=0)
    open_now.loc["all"] = whole["closing"]
    finding = page.finding("stock", tables=("monitoring_groups", "monitoring_lines"))
    return page.section(
        opening=[finding],
        findings=[finding],
        tables=[
            page.table(
                "monitoring_groups",
                flow.groups.assign(group=[named[g] for g in flow.groups.index]),
                {"group": "text"} | dict.fromkeys(FLOWS, "count"),
                counts=FLOWS,
                total="all",
            ),
            page.table(
                "monitoring_counties",
                flow.counties.rename_axis("county"),
                {"county": "place"} | dict.fromkeys(FLOWS, "count"),
                counts=FLOWS,
                total="all",
            ),
        ],
        figures=[
            page.figure(
                "monitored_bridge",
                drawing,
                axis="" if from_zero else page.text("figure.axis"),
            )
        ],
        facts=[page.fact("monitored")],
        lists=case_sheets(page),
        county=page.counties("monitored", open_now),
        result=flow,
    )


@section("household", "monitoring", "member", "income")
def missed(snapshot: Snapshot) -> Section:
    """Households that a rule names and nobody entered; rules that could not be tested."""
    found = data.monitoring(snapshot)
    households = found.households
    state = households["state"].value_counts()
    limit = int(thresholds.threshold("approval_days").value)
    page = Page(
        "monitoring.missed",
        snapshot,
        year=snapshot.year,
        limit=limit,
        missed=int(state.get("missed", 0)),
        untestable=int(state.get("not testable", 0)),
        unrecorded=int(state.get("no entry on record", 0)),
    )
    line = data.monitoring_lines(snapshot).get(snapshot.year)
    page.values["line"] = line_text(page, line)
    counts = (
        households[households["state"] == "missed"]
        .groupby("county")
        .size()
        .reindex(sorted(set(households["county"])), fill_value=0)
    )
    counts.loc["all"] = counts.sum()
    finding = page.finding("named", tables=("monitoring_missed", "monitoring_rules"))
    deadlines = (
        ("missed", "visit", "approval"),
        ("untestable", "fill", "next_quarter"),
    )
    return page.section(
        opening=[finding],
        findings=[finding],
        tables=[_missed_table(page, households), _rule_table(page, found)],
        facts=[page.fact("missed")],
        steps=[
            page.step(
                key,
                office="coordination",
                deadline=day,
                basis="monitoring_missed" if key == "visit" else "monitoring_rules",
            )
            for number, key, day in deadlines
            if page.values[number]
        ],
        lists=missed_sheets(page),
        county=page.counties("missed", counts),
        result=households,
    )


def _missed_table(page: Page, households: pd.DataFrame) -> Table:
    """By county: missed by group, marked without a record, not testable."""
    state = households["state"]
    groups = [g.key for g in triggers.monitoring_groups()]
    flags = {g: (state == "missed") & (households["rules_group"] == g) for g in groups}
    flags |= {
        "missed": state == "missed",
        "unrecorded": state == "no entry on record",
        "untestable": state == "not testable",
        "registered": pd.Series(True, index=households.index),
    }
    rows = pd.DataFrame(
        {name: flag.groupby(households["county"]).sum() for name, flag in flags.items()}
    ).astype("int64")
    rows.loc["all"] = rows.sum()
    named = group_names(page)
    return page.table(
        "monitoring_missed",
        rows.rename_axis("county"),
        {"county": "place"} | dict.fromkeys(flags, "count"),
        counts=tuple(flags),
        headings={g: named[g] for g in groups},
        total="all",
    )


def _rule_table(page: Page, found) -> Table:
    """Rules of entry, and how far they could be tested."""
    rules, lang = found.triggers.rules, page.words.lang
    groups = triggers.monitoring_groups()
    used_for = {
        key: page.words.join(getattr(g, lang) for g in groups if key in g.triggers)
        for key in rules.index
    }
    used = rules[[bool(used_for[key]) for key in rules.index]]
    counts = ("tested", "fired", "unknown")
    return page.table(
        "monitoring_rules",
        used.assign(
            rule=used[lang],
            groups=[used_for[key] for key in used.index],
            since=used["first_day"].astype(str),
        ),
        {"rule": "text", "groups": "text", "since": "text"}
        | dict.fromkeys(counts, "count")
        | {"mark": "label:mark"},
        counts=counts,
    )


@section("household", "monitoring", "income", "measure")
def clearing(snapshot: Snapshot) -> Section:
    """Whether each condition of clearing is met by those open and by those cleared."""
    found, flow = data.monitoring(snapshot), data.flow(snapshot)
    whole = flow.groups.loc["all"]
    early = int((found.cases["verdict"] == "cleared too early").sum())
    page = Page(
        "monitoring.clearing",
        snapshot,
        early=early,
        **{c: int(whole[c]) for c in ("ready", "not_ready", "not_known")},
    )
    rows = _conditions(page, found.cases)
    counts = [f"{part}_{a}" for part in ("open", "cleared") for a in ANSWERS]
    steps = (("early", "check"), ("ready", "clear"))
    return page.section(
        findings=[page.finding("ready", tables="monitoring_clearing")],
        tables=[
            page.table(
                "monitoring_clearing",
                rows,
                {"condition": "text"}
                | dict.fromkeys(counts, "count")
                | {"mark": "label:mark"},
                counts=counts,
            )
        ],
        figures=[page.figure("monitoring_clearing", figures.conditions(rows, page))],
        steps=[
            page.step(
                key,
                office="coordination",
                deadline="next_quarter",
                basis="monitoring_clearing",
            )
            for number, key in steps
            if page.values[number]
        ],
        result=found.cases,
    )


def _conditions(page: Page, cases: pd.DataFrame) -> pd.DataFrame:
    """Answers to each condition, of open and of cleared cases."""
    rows = []
    for rule in triggers.clearing_rules():
        asked = cases["natural"] == rule.natural
        text = getattr(rule, page.words.lang)
        row: dict[str, object] = {
            "condition": page.text("natural", condition=text) if rule.natural else text,
            "mark": rule.mark,
        }
        for part, chosen in (("open", ~cases["closed"]), ("cleared", cases["closed"])):
            answer = cases.loc[chosen & asked, f"is_{rule.key}"]
            row |= {
                f"{part}_yes": int(answer.eq(True).fillna(False).sum()),
                f"{part}_no": int(answer.eq(False).fillna(False).sum()),
                f"{part}_unknown": int(answer.isna().sum()),
            }
        rows.append(row)
    return pd.DataFrame(rows)


@section("household", "monitoring", "event")
def delays(snapshot: Snapshot) -> Section:
    """How fast households were entered and helped."""
    limit = int(thresholds.threshold("approval_days").value)
    cases = data.monitoring(snapshot).cases
    found = monitoring_delays(cases, since=snapshot.quarters_back(4), limit=limit)
    whole = found.rows.loc["all"]
    idle = ~cases["closed"] & cases["measure_late"].eq(True).fillna(False)
    columns = tuple(found.rows)
    page = Page(
        "monitoring.delays",
        snapshot,
        limit=limit,
        idle=int(idle.sum()),
        **{c: whole[c] for c in columns},
    )
    named = group_names(page)
    counts = [c for c in columns if not c.endswith("_late")]
    return page.section(
        findings=[page.finding("late", tables="monitoring_delays")],
        tables=[
            page.table(
                "monitoring_delays",
                found.rows.assign(group=[named[g] for g in found.rows.index]),
                {"group": "text"} | dict.fromkeys(columns, "count"),
                counts=counts,
                total="all",
            )
        ],
        steps=[
            page.step(
                "measure",
                office="coordination",
                deadline="at_once",
                basis="monitoring_delays",
            )
        ]
        if page.values["idle"]
        else [],
        result=found,
    )
