"""Counts held against their thresholds: pass, fail or 未能判定, and what is left to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from jinzhou.reference.indicators import Indicator
from jinzhou.reference.thresholds import Threshold, day_of, threshold
from jinzhou.result import Result
from jinzhou.words import Words

STATUSES = ("pass", "fail", "unknown", "described", "not in force")
"""``described``: no threshold is known, the value is shown and not judged."""
AREA = ["level", "county", "town", "village"]
COUNTED = ["met", "counted", "unknown"]
NOT_OVERDUE = ("pass", "described", "not in force")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IndicatorStatus(Result):
    """Every indicator of every area, judged.

    Attributes
    ----------
    rows : DataFrame
        `indicator`, `level`, `county`, `town`, `village`, `met`, `counted`, `unknown`,
        `requirement`, `value` (met of those known, 0-1), `low`, `high` (with all unknown failing,
        passing), `direction`, `threshold`, `status` (one of `STATUSES`), `cleared` (the same
        against the stricter threshold stated beside it, 清底; empty where none was stated),
        `missing` (``table``, ``nobody``, ``rows``, ``unit`` or empty), `absent` (name of the
        missing table), `rest` (known not to meet it), `office`, `offices` (how many answer),
        `deadline`, `days_left` (missing without a deadline), `overdue` (the day is past and it
        does not pass).
    as_of : str
    """

    kinds: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys((*COUNTED, "rest"), "count"),
        **dict.fromkeys(("value", "low", "high", "threshold"), "share"),
    }
    rows: pd.DataFrame
    as_of: str

    def at(self, county: str = "") -> pd.DataFrame:
        """Rows of a county, or of the city, indexed by indicator."""
        rows = self.rows
        if county:
            chosen = (rows["level"] == "county") & (rows["county"] == county)
        else:
            chosen = rows["level"] == "city"
        return rows[chosen].set_index("indicator")

    def sentence(self, words: Words) -> str:
        """How many indicators of the city have each status, and how many are overdue."""
        whole = self.rows[self.rows["level"] == "city"]
        count = whole["status"].value_counts()
        each = [
            words("summary.each", n=int(count[s]), status=words.label("state", s))
            for s in STATUSES
            if s in count
        ]
        return words(
            "summary.IndicatorStatus",
            each=each,
            overdue=int(whole["overdue"].sum()),
            day=self.as_of,
        )


def verdict(
    met: np.ndarray, counted: np.ndarray, unknown: np.ndarray, limit: Threshold
) -> np.ndarray:
    """Whether counts pass a threshold whatever the unknown rows are.

    Parameters
    ----------
    met, counted, unknown : ndarray (n,)
    limit : Threshold

    Returns
    -------
    ndarray of str (n,)
        ``pass`` when it passes with every unknown row failing, ``fail`` when it does not with
        every one passing, else ``unknown``; also for an empty denominator.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        worst, best = met / counted, (met + unknown) / counted
    if limit.direction == "<":
        worst, best = best, worst
    possible = np.where(limit.passes(best), "unknown", "fail")
    judged = np.where(limit.passes(worst), "pass", possible)
    return np.where(counted <= 0, "unknown", judged)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Setting:
    """What holds for every indicator on a day."""

    day: pd.Timestamp
    areas: pd.DataFrame
    absent: Mapping[str, str]
    offices: Mapping[str, int]

    def in_force(self, record: Indicator) -> bool:
        return record.first <= self.day.year <= record.last


def judge(
    counts: pd.DataFrame,
    records: Sequence[Indicator],
    *,
    as_of: str,
    absent: Mapping[str, str] | None = None,
    offices: Mapping[str, int] | None = None,
) -> IndicatorStatus:
    """Hold every indicator against its threshold, in every area.

    Parameters
    ----------
    counts : DataFrame
        From `registry.count_indicators`.
    records : sequence of Indicator
        Those without an object are shown by other tables and left out.
    as_of : str
        Day of the data.
    absent : mapping, indicator -> table
        Tables that nobody delivered: the indicator is unknown, in every area of `counts`.
    offices : mapping, key -> number, optional
        How many offices answer under each key, to say where two answer for one thing.

    Returns
    -------
    IndicatorStatus

    Notes
    -----
    「低于」 is strict, 「不低于」 is not (`Threshold.passes`). Without a unit nothing is judged.
    """
    whole = counts["level"].isin(("city", "county"))
    setting = _Setting(
        day=pd.Timestamp(as_of),
        areas=counts.loc[whole, AREA].drop_duplicates(),
        absent=absent or {},
        offices=offices or {},
    )
    frames = [_judged(counts, one, setting) for one in records if one.object]
    return IndicatorStatus(rows=pd.concat(frames, ignore_index=True), as_of=as_of)


def _judged(counts: pd.DataFrame, record: Indicator, setting: _Setting) -> pd.DataFrame:
    """The rows of one indicator."""
    rows = counts[counts["indicator"] == record.id]
    if record.id in setting.absent or not setting.in_force(record) or not len(rows):
        nothing = dict.fromkeys(COUNTED, 0.0)
        rows = setting.areas.assign(indicator=record.id, **nothing)
    met, counted, unknown = (rows[c].to_numpy(float) for c in COUNTED)
    with np.errstate(divide="ignore", invalid="ignore"):
        value, low = met / (counted - unknown), met / counted
        high = (met + unknown) / counted
    verdicts = _verdicts(record, setting, met, counted, unknown)
    due = day_of(record.deadline) if record.deadline else ""
    left = (pd.Timestamp(due) - setting.day).days if due else np.nan
    return rows[["indicator", *AREA, *COUNTED]].assign(
        requirement=record.requirement,
        value=value,
        low=low,
        high=high,
        **verdicts,
        absent=setting.absent.get(record.id, ""),
        rest=counted - met - unknown,
        office=record.office,
        offices=setting.offices.get(record.office, 0),
        deadline=due,
        days_left=left,
        overdue=(left < 0) & ~np.isin(verdicts["status"], NOT_OVERDUE),
    )


def _verdicts(
    record: Indicator,
    setting: _Setting,
    met: np.ndarray,
    counted: np.ndarray,
    unknown: np.ndarray,
) -> dict[str, Any]:
    """Threshold and verdict of each row, the stricter verdict, and what is missing."""

    def all_rows(code: str) -> np.ndarray:
        return np.full(len(counted), code, dtype=object)

    limit = threshold(record.threshold) if record.threshold else None
    strict = threshold(record.clearing) if record.clearing else None
    status = np.where(counted > 0, "described", "unknown")
    if limit:
        status = verdict(met, counted, unknown, limit)
    cleared = verdict(met, counted, unknown, strict) if strict else all_rows("")
    incomplete = np.where((status == "unknown") | (unknown > 0), "rows", "")
    missing = np.where(counted <= 0, "nobody", incomplete)
    if not record.unit:
        status, missing = all_rows("unknown"), all_rows("unit")
        cleared = all_rows("unknown" if strict else "")
    if record.id in setting.absent:
        missing = all_rows("table")
    if not setting.in_force(record):
        status, missing = all_rows("not in force"), all_rows("")
    return {
        "direction": limit.direction if limit else "",
        "threshold": limit.value if limit else np.nan,
        "status": status,
        "cleared": cleared,
        "missing": missing,
    }
