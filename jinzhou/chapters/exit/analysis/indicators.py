"""Counts held against their marks: pass, fail or 未能判定, and what stands between them and the mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.reference.indicators import Indicator
from jinzhou.reference.thresholds import Threshold, day_of, threshold

STATUSES = ("pass", "fail", "unknown", "described", "not in force")
"""``described``: no pass mark is known, the value is shown and not judged."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IndicatorStatus:
    """Every indicator at every place, judged.

    Attributes
    ----------
    rows : DataFrame
        `indicator`, `requirement`, `level`, `county`, `town`, `village`, `met`, `counted`,
        `unknown`, `value` (met of those known, 0-1), `low`, `high` (with all unknown failing,
        passing), `direction`, `threshold`, `status` (one of `STATUSES`), `cleared` (the same
        against the stricter mark said beside it, 清底; empty where none was said), `missing`
        (``table``, ``nobody``, ``rows``, ``unit`` or empty), `absent` (name of the missing table),
        `rest` (known not to meet it), `office`, `offices` (how many answer), `deadline`,
        `days_left` (missing without a deadline), `overdue` (the day is past and it does not pass).
    as_of : str
    """

    rows: pd.DataFrame
    as_of: str

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def at(self, county: str = "") -> pd.DataFrame:
        """Rows of a county, or of the city, indexed by indicator."""
        r = self.rows
        rows = (
            r[(r["level"] == "county") & (r["county"] == county)]
            if county
            else r[r["level"] == "city"]
        )
        return rows.set_index("indicator")

    def summary(self) -> str:
        """One line for a log or a notebook."""
        whole = self.rows[self.rows["level"] == "city"]
        count = whole["status"].value_counts()
        return (
            ", ".join(f"{count[s]} {s}" for s in STATUSES if s in count)
            + f"; {int(whole['overdue'].sum())} overdue on {self.as_of}."
        )


def verdict(
    met: np.ndarray, counted: np.ndarray, unknown: np.ndarray, mark: Threshold
) -> np.ndarray:
    """``pass`` when it would with every unknown row failing, ``fail`` when it would not with every one passing, else ``unknown``.

    An empty denominator is unknown.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        worst, best = met / counted, (met + unknown) / counted
    worst, best = (worst, best) if mark.direction != "<" else (best, worst)
    return np.where(
        counted <= 0,
        "unknown",
        np.where(
            mark.passes(worst), "pass", np.where(mark.passes(best), "unknown", "fail")
        ),
    )


def judge(
    counts: pd.DataFrame,
    records: Sequence[Indicator],
    *,
    as_of: str,
    absent: Mapping[str, str] | None = None,
    offices: Mapping[str, str] | None = None,
) -> IndicatorStatus:
    """Hold every indicator against its mark, at every place.

    Parameters
    ----------
    counts : DataFrame
        From `registry.count_indicators`.
    records : sequence of Indicator
        Those without an object are shown by other tables and left out.
    absent : mapping, indicator -> table
        Tables that nobody delivered: the indicator is unknown, at every place of `counts`.
    offices : mapping, key -> names, optional
        To tell where two offices answer for one thing.

    Notes
    -----
    「低于」 is strict, 「不低于」 is not (`policy.Threshold.passes`). Without a unit nothing is judged.
    """
    absent, offices = absent or {}, offices or {}
    day = pd.Timestamp(as_of)
    places = counts.loc[
        counts["level"].isin(("city", "county")), ["level", "county", "town", "village"]
    ].drop_duplicates()
    frames = []
    for one in records:
        if not one.object:
            continue
        in_force = one.first <= day.year <= one.last
        rows = counts[counts["indicator"] == one.id]
        if one.id in absent or not in_force or not len(rows):
            rows = places.assign(indicator=one.id, met=0.0, counted=0.0, unknown=0.0)
        met, counted, unknown = (
            rows[c].to_numpy(float) for c in ("met", "counted", "unknown")
        )
        known = counted - unknown
        with np.errstate(divide="ignore", invalid="ignore"):
            value, low, high = met / known, met / counted, (met + unknown) / counted
        mark = threshold(one.threshold) if one.threshold else None
        strict = threshold(one.clearing) if one.clearing else None
        status = (
            verdict(met, counted, unknown, mark)
            if mark
            else np.where(counted > 0, "described", "unknown")
        )
        cleared = (
            verdict(met, counted, unknown, strict)
            if strict
            else np.full(len(rows), "", dtype=object)
        )
        missing = np.where(
            counted <= 0,
            "nobody",
            np.where((status == "unknown") | (unknown > 0), "rows", ""),
        )
        if not one.unit:
            status, cleared, missing = (
                np.full(len(rows), x, dtype=object)
                for x in ("unknown", "unknown" if strict else "", "unit")
            )
        if one.id in absent:
            missing = np.full(len(rows), "table", dtype=object)
        if not in_force:
            status, missing = (
                np.full(len(rows), "not in force", dtype=object),
                np.full(len(rows), "", dtype=object),
            )
        due = day_of(one.deadline) if one.deadline else ""
        left = (pd.Timestamp(due) - day).days if due else np.nan
        names = [
            n for n in offices.get(one.office, "").replace("; ", "、").split("、") if n
        ]
        frames.append(
            rows[
                [
                    "indicator",
                    "level",
                    "county",
                    "town",
                    "village",
                    "met",
                    "counted",
                    "unknown",
                ]
            ].assign(
                requirement=one.requirement,
                value=value,
                low=low,
                high=high,
                direction=mark.direction if mark else "",
                threshold=mark.value if mark else np.nan,
                status=status,
                cleared=cleared,
                missing=missing,
                absent=absent.get(one.id, ""),
                rest=counted - met - unknown,
                office=one.office,
                offices=len(names),
                deadline=due,
                days_left=left,
                overdue=(left < 0)
                & ~np.isin(status, ("pass", "described", "not in force")),
            )
        )
    return IndicatorStatus(rows=pd.concat(frames, ignore_index=True), as_of=as_of)
