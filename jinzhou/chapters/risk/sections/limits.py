"""What the registry cannot say: effect of visits, unrecorded and late returns."""

import math

from jinzhou.chapters.risk import data, estimates
from jinzhou.chapters.risk.estimates import DEFAULT, Options
from jinzhou.chapters.risk.sections.wording import too_few
from jinzhou.publish.section import Page, Section, section
from jinzhou.registry.snapshot import Snapshot
from jinzhou.registry.trigger_rules import Triggers
from jinzhou.words import Estimate, percent

HIGHER = 0.20
"""How much higher the top decile's risk would be at the tipping ratio."""


@section("household", "event")
def visit_effect(snapshot: Snapshot, *, options: Options = DEFAULT) -> Section:
    """What visits do to returns, as far as the registry can tell."""
    if estimates.scoring(snapshot, options).method == "rules":
        return too_few(Page("risk.visit_effect", snapshot))
    found = estimates.visits(snapshot, options)
    page = Page(
        "risk.visit_effect",
        snapshot,
        rows=found.random_rows,
        events=found.random_events,
        needed=found.needed_rows,
        top_visited=found.top_visited,
        tipping=f"{found.tipping_ratio:.2f}",
        band_low=f"{found.band_ci_low:.2f}",
        band_high=f"{found.band_ci_high:.2f}",
        higher=percent(HIGHER),
    )
    if not found.top_visited > 0:
        return page.section(findings=[page.finding("not_identified")], result=found)
    ratio = Estimate(
        *(
            math.exp(v)
            for v in (found.random, found.random_ci_low, found.random_ci_high)
        )
    )
    known = "identified" if found.identified else "not_identified"
    return page.section(
        findings=[page.finding(known, tables="risk_visits", ratio=ratio)],
        tables=[
            page.table(
                "risk_visits",
                found.table(),
                {"source": "label:visit_source"}
                | dict.fromkeys(("effect", "ci_low", "ci_high"), "number"),
                values={"known": page.text(f"known.{known}")},
            )
        ],
        result=found,
    )


@section("household", "event")
def detection(snapshot: Snapshot) -> Section:
    """How many of the returns are recorded in the ordinary course."""
    found = estimates.detection(snapshot)
    page = Page("risk.detection", snapshot)
    if not found.identified:
        reason = page.words.label("detection", found.why)
        return page.section(
            findings=[page.finding("not_identified", reason=reason)], result=found
        )
    low, high = found.factor_ci_low, found.factor_ci_high
    said = {
        "first": found.window[0],
        "last": found.window[1],
        "factor": f"{found.factor:.1f}",
        "factor_low": f"{low:.1f}",
        "factor_high": f"{high:.1f}",
    }
    return page.section(
        findings=[page.finding("factor", tables="risk_detection", **said)],
        tables=[
            page.table(
                "risk_detection",
                found.rows.rename_axis("households"),
                {"households": "label:visited"}
                | dict.fromkeys(("ordinary", "looked_back"), "count")
                | dict.fromkeys(("share", "ci_low", "ci_high"), "share"),
                counts=("ordinary", "looked_back"),
                total="all",
                values=said,
            )
        ],
        result=found,
    )


@section("household", "event")
def late_entries(snapshot: Snapshot, *, options: Options = DEFAULT) -> Section:
    """How late returns were entered, held to the monitoring rules."""
    rules = data.triggers(snapshot, options.rules_on)
    found = data.replay(snapshot, options.rules_on)
    page = Page("risk.late_entries", snapshot)
    if not len(found.rows):
        return page.section(findings=[page.finding("none")], result=found)
    counted = found.table()
    ends = [*sorted(code for code in counted.index if code != "all"), "all"]
    shown = counted.loc[ends].rename_axis("county")
    whole = counted.loc["all"]
    days = {"median_days": "number", "ninth_decile": "number", "within_30": "share"}
    return page.section(
        findings=[
            page.finding(
                "late",
                tables="risk_replay",
                entries=int(whole["entries"]),
                named=int(whole["named"]),
                days=round(whole["median_days"]),
            )
            if whole["named"]
            else page.finding("unnamed", tables="risk_replay")
        ],
        tables=[
            page.table(
                "risk_replay",
                shown,
                {"county": "place", "entries": "count", "named": "count"} | days,
                counts=("entries", "named"),
                total="all",
                values={
                    "rules_on": rules.rules_on or page.text("own_day"),
                    "untested": _untested(page, rules) or page.words("nothing"),
                    "days": "30",
                },
            )
        ],
        result=found,
    )


def _untested(page: Page, rules: Triggers) -> list[str]:
    """Rules in force that the registry's columns cannot test."""
    table = rules.rules
    open_ = (table["tested"] == 0) & (table["unknown"] > 0)
    return list(table.loc[open_, page.words.lang])
