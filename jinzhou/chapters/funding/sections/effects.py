"""Which projects bring more lasting exits, and more income, beside matched households."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from jinzhou.chapters.funding import data, estimates, figures
from jinzhou.chapters.funding.sections.cost import COMPARED
from jinzhou.chapters.funding.sections.shared import HELPED, answer, estimate
from jinzhou.publish.section import Page, Section, Sentence, section
from jinzhou.publish.table import Table
from jinzhou.registry.snapshot import Snapshot
from jinzhou.statistics.comparison import OverlapComparison
from jinzhou.words import number

POINTS = ("effect", "effect_ci_low", "effect_ci_high")
SIDES = ("raw", "raw_rest", "adjusted", "adjusted_rest")
E_VALUES = ("e_value", "e_limit")
EXTRA = ("cost_extra", "extra_ci_low", "extra_ci_high")
PER_YUAN = ("raw_per_yuan", "per_yuan", "per_yuan_ci_low", "per_yuan_ci_high")
WITHOUT_MATCH = ("no interval", "no overlap")
"""Statuses of a comparison without an answer."""


def open_ended(
    page: Page, low: Iterable[float], high: Iterable[float], kind: str
) -> list[str]:
    """Upper ends of intervals; without one where the lower is known the words say so."""
    without = page.text("no_upper_end")
    return [
        without if np.isfinite(a) and not np.isfinite(b) else number(b, kind)
        for a, b in zip(low, high, strict=True)
    ]


@section(*HELPED)
def project_types(snapshot: Snapshot, *, since: str = data.SINCE) -> Section:
    """Additional lasting exits of households helped, by type of project.

    References
    ----------
    docs/requirements.md R53; VanderWeele and Ding (2017), Annals of Internal Medicine 167,
    268-274.
    """
    found = estimates.project_types(snapshot, since=since)
    page = Page("funding.project_types", snapshot)
    rows = found.rows.rename_axis("project_type")
    points = rows.assign(**{c: 100 * rows[c].to_numpy(float) for c in POINTS})
    known = bool(rows["effect_ci_low"].notna().any()) if len(rows) else False
    return answer(
        page,
        findings=[_types_finding(page, found.rows)],
        tables=[
            page.table(
                "cost_kinds_alike",
                points,
                {"project_type": "label:project_type", "households": "count"}
                | dict.fromkeys(SIDES, "share")
                | dict.fromkeys(POINTS, "number")
                | {"status": "label:compared"},
                counts=("households",),
            ),
            _extra_table(page, rows),
        ],
        figures=[page.figure("cost_kinds_alike", figures.effects(points, page))]
        if known
        else [],
        result=found,
    )


def _types_finding(page: Page, rows: pd.DataFrame) -> Sentence:
    """Which types bring more, for how much; how many do not, or have no matched households."""
    tables = ("cost_kinds_alike", "cost_kinds_extra")
    if not rows["status"].isin(COMPARED).any():
        return page.finding("none", tables=tables[0])
    more = rows[(rows["status"] == "separated") & (rows["effect"] > 0)]
    if not len(more):
        return page.finding("not_separated", tables=tables[0])
    parts = [
        page.text(
            "one_more",
            type=page.words.label("project_type", kind),
            cost=estimate(row, "cost_extra", "extra"),
        )
        for kind, row in more.iterrows()
    ]
    without = int(rows["status"].isin(WITHOUT_MATCH).sum())
    stuck = int((rows["status"] == "not separated").sum())
    rest = page.text("without_match", count=without) if without else ""
    return page.finding("more", tables=tables, types=parts, stuck=stuck, rest=rest)


def _extra_table(page: Page, rows: pd.DataFrame) -> Table:
    """What one more lasting exit costs."""
    high = open_ended(page, rows["extra_ci_low"], rows["extra_ci_high"], "yuan")
    return page.table(
        "cost_kinds_extra",
        rows.assign(extra_ci_high=high),
        {"project_type": "label:project_type"}
        | dict.fromkeys(("yuan", "cost_extra", "extra_ci_low"), "yuan")
        | {"extra_ci_high": "text"}
        | dict.fromkeys(E_VALUES, "score")
        | {"status": "label:compared"},
    )


@section(*HELPED)
def income_per_yuan(snapshot: Snapshot, *, since: str = data.SINCE) -> Section:
    """Yearly income gained for each yuan of help, beside matched households without it.

    References
    ----------
    docs/requirements.md R53.
    """
    found = estimates.income(snapshot, since=since)
    types = estimates.project_types(snapshot, since=since)
    page = Page(
        "funding.income_per_yuan",
        snapshot,
        dropped=int(found.dropped.sum()),
        day=f"{found.day:%Y-%m-%d}" if found.day is not None else "—",
        year=found.day.year + 1 if found.day is not None else "",
    )
    rows = found.rows.rename_axis("project_type")
    gains = ("households", *SIDES, *POINTS)
    known = bool(rows["per_yuan_ci_low"].notna().any()) if len(rows) else False
    return answer(
        page,
        findings=[_income_finding(page, found)],
        tables=[
            page.table(
                "income_gain",
                rows,
                {"project_type": "label:project_type"} | dict.fromkeys(gains, "count"),
                counts=("households",),
            ),
            _per_yuan_table(page, rows, types),
        ],
        figures=[page.figure("income_per_yuan", figures.per_yuan(rows, page))]
        if known
        else [],
        result=found,
    )


def _per_yuan_table(page: Page, rows: pd.DataFrame, types: OverlapComparison) -> Table:
    """Income for each yuan beside what one more lasting exit costs."""
    high = open_ended(page, rows["extra_ci_low"], rows["extra_ci_high"], "number")
    lasting = types.rows["cost_extra"].reindex(rows.index).to_numpy(float)
    return page.table(
        "income_per_yuan",
        rows.assign(extra_ci_high=high, lasting_extra=lasting),
        {"project_type": "label:project_type", "yuan": "yuan"}
        | dict.fromkeys(PER_YUAN, "score")
        | dict.fromkeys(EXTRA[:2], "number")
        | {"extra_ci_high": "text", "lasting_extra": "yuan"}
        | dict.fromkeys(E_VALUES, "score")
        | {"status": "label:compared"},
    )


def _income_finding(page: Page, found: OverlapComparison) -> Sentence:
    """What a yuan of help goes with in income, or why it cannot be said."""
    tables = ("income_per_yuan", "income_gain")
    if found.day is None:
        return page.finding("no_year", tables=tables[0])
    if "all" not in found.rows.index:
        return page.finding("nobody", tables=tables[0])
    whole = found.rows.loc["all"]
    if whole["status"] in WITHOUT_MATCH:
        status = page.words.label("compared", whole["status"])
        return page.finding("no_match", tables=tables[0], status=status)
    kinds = found.rows.drop(index="all")
    more = kinds[(kinds["status"] == "separated") & (kinds["effect"] > 0)]
    each = "".join(
        page.text(
            "of_type", type=page.words.label("project_type", kind), gain=row["per_yuan"]
        )
        for kind, row in more.iterrows()
    )
    stuck = whole["status"] == "not separated"
    return page.finding(
        "gain",
        tables=tables,
        gain=estimate(whole, "per_yuan"),
        raw=whole["raw_per_yuan"],
        each=each,
        stuck=page.text("not_separated") if stuck else "",
    )
