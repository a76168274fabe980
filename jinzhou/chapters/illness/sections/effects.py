"""Whether the zero-burden policy changed what patients pay, and whether it lasts."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from jinzhou.chapters.illness import data, figures
from jinzhou.chapters.illness.analysis.policy import (
    out_of_pocket_by_month,
    out_of_pocket_by_quarter,
    zero_burden_start,
)
from jinzhou.chapters.illness.analysis.policy import policy_tail as months_since_exit
from jinzhou.publish.section import Page, Section, Sentence, section
from jinzhou.publish.table import Table
from jinzhou.registry.snapshot import Snapshot
from jinzhou.statistics.interrupted import InterruptedSeries, interrupted_series
from jinzhou.statistics.staggered import StaggeredDid, staggered_did

TWO_YEARS = 24
VERDICTS = {
    "holds": "holds",
    "step down": "steps_down",
    "not determined": "not_determined",
}


@section("visit", "member")
def zero_burden_effect(snapshot: Snapshot) -> Section:
    """Change of the patients' share since the zero burden began, with placebo dates."""
    stays = data.stays(snapshot).all
    start = zero_burden_start(stays)
    series = interrupted_series(out_of_pocket_by_month(stays), start=start.day)
    counties = compare_counties(stays, start.quarters)
    page = Page("illness.zero_burden_effect", snapshot)
    drawn = []
    if series.status == "estimated":
        drawn.append(
            page.figure("policy_interrupted", figures.interrupted(series, page))
        )
    if counties.status == "estimated":
        drawn.append(
            page.figure("policy_event_study", figures.event_study(counties, page))
        )
    found = series.status == "estimated"
    return page.section(
        findings=[_effect_finding(page, series, counties)] if found else [],
        tables=[effect_table(page, start.day, series, counties)],
        figures=drawn,
        result=series,
    )


def compare_counties(
    stays: pd.DataFrame, starts: Mapping[str, int | None]
) -> StaggeredDid:
    """Own share of the cost in counties that began against those that had not yet.

    Parameters
    ----------
    starts : mapping, county -> number of the starting quarter
        None where the policy has not begun.
    """
    return staggered_did(
        out_of_pocket_by_quarter(stays),
        unit="county",
        period="quarter",
        outcome="value",
        starts=starts,
    )


def _effect_finding(
    page: Page, series: InterruptedSeries, counties: StaggeredDid
) -> Sentence:
    """The effect in percentage points, and what the placebo dates and counties say."""
    compared = (
        ""
        if counties.status == "estimated"
        else page.text(
            "findings.not_staggered",
            reason=page.words.label("reason", counties.reason),
        )
    )
    return page.finding(
        "effect",
        tables="policy_effect",
        effect=100 * series.effect,
        low=100 * series.ci_low,
        high=100 * series.ci_high,
        averaged_low=100 * series.averaged_ci_low,
        averaged_high=100 * series.averaged_ci_high,
        placebos=len(series.placebo),
        significant=int(series.placebo["significant"].sum()),
        compared=compared,
    )


class _Effect(NamedTuple):
    method: str
    date: str
    effect: float
    ci_low: float
    ci_high: float
    result: str


def effect_table(
    page: Page, start: str, series: InterruptedSeries, counties: StaggeredDid
) -> Table:
    """The answers of both designs, and the placebo dates."""
    rows = [*_series_rows(page, start, series), *_staggered_rows(page, counties)]
    significant = int(series.placebo["significant"].sum())
    note = page.text("tables.policy_effect.note")
    if significant:
        note += page.text(
            "tables.policy_effect.note_placebo",
            placebos=len(series.placebo),
            significant=significant,
        )
    return page.table(
        "policy_effect",
        pd.DataFrame(rows, columns=_Effect._fields),
        {"method": "text", "date": "text"}
        | dict.fromkeys(("effect", "ci_low", "ci_high"), "number")
        | {"result": "text"},
        note=note,
    )


def _effect(page: Page, method: str, day: str, values) -> _Effect:
    """One row in percentage points; `values` are the effect and its interval."""
    effect, low, high = (100 * v for v in values)
    crosses = "significant" if low > 0 or high < 0 else "not_significant"
    result = page.text(f"results.{crosses}")
    return _Effect(page.text(f"methods.{method}"), day, effect, low, high, result)


def _unidentified(page: Page, method: str, day: str, reason: str) -> _Effect:
    said = page.words("not_identified", reason=page.words.label("reason", reason))
    return _Effect(page.text(f"methods.{method}"), day, np.nan, np.nan, np.nan, said)


def _series_rows(page: Page, start: str, series: InterruptedSeries) -> list[_Effect]:
    if series.status != "estimated":
        return [_unidentified(page, "series", start, series.reason)]
    main = (series.effect, series.ci_low, series.ci_high)
    averaged = (
        series.averaged_effect,
        series.averaged_ci_low,
        series.averaged_ci_high,
    )
    placebos = [
        _effect(page, "placebo", f"{r.start:%Y-%m-%d}", (r.effect, r.ci_low, r.ci_high))
        for r in series.placebo.itertuples()
    ]
    return [
        _effect(page, "series", start, main),
        _effect(page, "averaged", start, averaged),
        *placebos,
    ]


def _staggered_rows(page: Page, found: StaggeredDid) -> list[_Effect]:
    if found.status != "estimated":
        return [_unidentified(page, "staggered", "", found.reason)]
    return [
        _effect(page, "group_time", "", (found.effect, found.ci_low, found.ci_high)),
        _effect(
            page,
            "group_time_before",
            "",
            (found.before, found.before_ci_low, found.before_ci_high),
        ),
    ]


@section("visit", "member", "household")
def policy_tail(snapshot: Snapshot) -> Section:
    """Zero-burden stays by months since the exit: whether the policy lasts two years."""
    stays, year = data.stays(snapshot).all, snapshot.year
    start = zero_burden_start(stays).day or f"{year}-01-01"
    found = months_since_exit(stays[stays["admitted_on"] >= start])
    key = VERDICTS[found.verdict]
    page = Page("illness.policy_tail", snapshot, unknown=found.unknown)
    months = found.months.index
    rows = found.months.assign(
        since=month_labels(page, months),
        verdict=[page.words.label("reason", s) for s in found.months["step"]],
    )
    shares = ("share", "ci_low", "ci_high", "change", "change_ci_low", "change_ci_high")
    return page.section(
        findings=[page.finding(key, tables="policy_tail")],
        tables=[
            page.table(
                "policy_tail",
                rows,
                {"since": "text", "stays": "count", "zero": "count"}
                | dict.fromkeys(shares, "share")
                | {"verdict": "text"},
                counts=("stays", "zero"),
                note=page.text(f"verdicts.{key}")
                + page.text("tables.policy_tail.note"),
            )
        ],
        figures=[
            page.figure(
                "policy_tail",
                figures.tail(found, month_labels(page, months, short=True), page),
            )
        ]
        if len(months)
        else [],
        result=found,
    )


def month_labels(page: Page, months: pd.Index, *, short: bool = False) -> list[str]:
    """A label for each group of months since the exit."""
    last = months.max() if len(months) else 0
    width = int(months[2] - months[1]) if len(months) > 2 else 6
    kind = "short" if short else "long"
    labels = []
    for first in months:
        if first < 0:
            labels.append(page.text("months.before"))
        elif first == last and first > TWO_YEARS:
            labels.append(page.text(f"months.{kind}_open", first=int(first)))
        else:
            end = int(first + width - 1)
            labels.append(page.text(f"months.{kind}", first=int(first), last=end))
    return labels
