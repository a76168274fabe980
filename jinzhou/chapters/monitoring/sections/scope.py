"""Lines, moves since the end of poverty, relative poverty, and what no longer applies."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from jinzhou.chapters.monitoring import data
from jinzhou.chapters.monitoring.analysis.monitoring import monitoring_moves
from jinzhou.chapters.monitoring.analysis.relative_poverty import (
    SHARES,
    relative_poverty,
)
from jinzhou.chapters.monitoring.sections.wording import group_names
from jinzhou.publish.section import Page, Section, section
from jinzhou.reference import scope
from jinzhou.registry.cases import FAULTS
from jinzhou.registry.snapshot import Snapshot


@section("household")
def lines(snapshot: Snapshot) -> Section:
    """The monitoring line of each year, and whether it is known."""
    page = Page("monitoring.lines", snapshot)
    zh = snapshot.lang == "zh"
    rows = [
        {
            "year": str(year),
            "yuan": line.yuan if line else np.nan,
            "mark": page.words.label("mark", line.mark if line else "unknown"),
            "source": (line.zh if zh else line.source) if line else "",
        }
        for year, line in sorted(data.monitoring_lines(snapshot).items())
    ]
    return page.section(
        tables=[
            page.table(
                "monitoring_lines",
                pd.DataFrame(rows),
                {"year": "text", "yuan": "yuan", "mark": "text", "source": "text"},
            )
        ],
        result=rows,
    )


@section("household", "monitoring")
def moves(snapshot: Snapshot) -> Section:
    """Where the households of the end of poverty stand today."""
    found = monitoring_moves(data.monitoring(snapshot).moves)
    page = Page("monitoring.moves", snapshot)
    named = group_names(page)
    groups = {g: name for g, name in named.items() if g not in ("none", "all")}
    headings = groups | {
        f"{g}_cleared": page.text("cleared", group=name) for g, name in groups.items()
    }
    parts = [
        counts.assign(
            origin=[
                page.text(f"origin_{unit}", who=page.words.label("origin", who))
                for who in counts.index
            ]
        )
        for unit, counts in (
            ("households", found.households),
            ("persons", found.persons),
        )
    ]
    rows = pd.concat(parts, ignore_index=True)
    columns = [c for c in rows if c != "origin"]
    return page.section(
        tables=[
            page.table(
                "monitoring_moves",
                rows,
                {"origin": "text"} | dict.fromkeys(columns, "count"),
                counts=columns[:-1],
                headings={c: h for c, h in headings.items() if c in columns},
            )
        ],
        result=found,
    )


@section("household", "income")
def relative(snapshot: Snapshot, *, shares: Sequence[float] = SHARES) -> Section:
    """Persons below shares of the median: a sensitivity table.

    Parameters
    ----------
    shares : sequence of float
        Relative lines, as shares of the median income.
    """
    households = data.monitoring(snapshot).households
    found = relative_poverty(households, shares=tuple(shares))
    page = Page("monitoring.relative", snapshot, dropped=int(found.dropped.sum()))
    rows = found.rows.assign(share=[f"{100 * s:g}%" for s in found.rows["share"]])
    own = found.source == "registry"
    note = page.text("tables.relative_poverty." + ("note" if own else "note_all"))
    return page.section(
        tables=[
            page.table(
                "relative_poverty",
                rows,
                {"county": "place", "share": "text", "median": "yuan", "line": "yuan"}
                | dict.fromkeys(
                    ("households", "poor_households", "poor_persons"), "count"
                )
                | {"rate": "share"},
                counts=("poor_households", "poor_persons"),
                note=note,
            )
        ],
        result=found,
    )


@section("household", "monitoring")
def faults(snapshot: Snapshot) -> Section:
    """Faults of the monitoring ledger itself."""
    counts = data.monitoring(snapshot).cases["fault"].value_counts()
    page = Page("monitoring.faults", snapshot)
    records = [counts.get(fault, 0) for fault in FAULTS]
    rows = pd.DataFrame({"fault": FAULTS, "records": records})
    return page.section(
        tables=[
            page.table(
                "monitoring_faults",
                rows,
                {"fault": "label:fault", "records": "count"},
                counts=("records",),
            )
        ],
        result=counts,
    )


@section("household")
def not_applicable(snapshot: Snapshot) -> Section:
    """What is no longer measured, and what to read instead."""
    page = Page("monitoring.not_applicable", snapshot)
    lang = snapshot.lang
    rows = pd.DataFrame(
        [
            {
                "matter": getattr(one, lang),
                "until": str(one.last_day),
                "instead": getattr(one, f"instead_{lang}"),
            }
            for one in scope.not_applicable(snapshot.as_of)
        ],
        columns=["matter", "until", "instead"],
    )
    return page.section(
        tables=[page.table("not_applicable", rows, dict.fromkeys(rows, "text"))]
    )
