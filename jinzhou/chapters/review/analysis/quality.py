"""How sound the registry is, in one number with its parts, and what is still to be entered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.reference.thresholds import threshold
from jinzhou.result import Result
from jinzhou.words import Words

SEVERITIES = ("error", "logic", "doubt")
PACE_DAYS = 30
"""Days whose entries give the pace."""
COUNTS = ("due", "recorded", "waiting", "clean", "faulty", "late", "left")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QualityIndex(Result):
    """Share of tests passed, weighted by severity, one row per group.

    Attributes
    ----------
    rows : DataFrame, indexed by group with a last row ``all``
        `tested`, `failed`, the pass share of each severity (0-1; missing where nothing was tested)
        as `error`, `logic`, `doubt`, and `index` (0-1).
    weights : Series, by severity
    """

    kinds: ClassVar[Mapping[str, str]] = {
        "tested": "count",
        "failed": "count",
        **dict.fromkeys(SEVERITIES, "share"),
        "index": "score",
    }
    rows: pd.DataFrame
    weights: pd.Series

    def sentence(self, words: Words) -> str:
        """The index of all, and the tests that it rests on."""
        last = self.rows.iloc[-1]
        return words(
            "summary.QualityIndex",
            index=float(last["index"]),
            tested=int(last["tested"]),
            failed=int(last["failed"]),
        )


def quality_index(counts: pd.DataFrame, *, by: str = "county") -> QualityIndex:
    """Weighted pass share of the rules (R30).

    Parameters
    ----------
    counts : DataFrame
        `severity`, `tested`, `failed`, the group: `RuleReport.counts`.
    by : str
        Column of the group.

    Returns
    -------
    QualityIndex

    Notes
    -----
    Index = sum over severities of weight x (1 - failed / tested) over the weights of the
    severities that tested anything. Weights stand in `thresholds.csv` (``quality_weight_*``, the
    project's own).
    """
    weights = pd.Series(
        {s: float(threshold(f"quality_weight_{s}").value) for s in SEVERITIES}
    )
    groups = {group: _pass_shares(part, weights) for group, part in counts.groupby(by)}
    rows = pd.DataFrame(groups | {"all": _pass_shares(counts, weights)}).T
    rows.index.name = None
    return QualityIndex(rows=rows, weights=weights)


def _pass_shares(counts: pd.DataFrame, weights: pd.Series) -> pd.Series:
    """Tests, failures, pass share of each severity and the index of one group."""
    sums = counts.groupby("severity")[["tested", "failed"]].sum()
    sums = sums.reindex(list(SEVERITIES), fill_value=0)
    share = 1 - sums["failed"] / sums["tested"].replace(0, np.nan)
    known = share.notna()
    index = np.nan
    if known.any():
        index = float((weights * share)[known].sum() / weights[known].sum())
    return pd.Series(
        {
            "tested": sums["tested"].sum(),
            "failed": sums["failed"].sum(),
            **share.to_dict(),
            "index": index,
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EntryCountdown(Result):
    """The year's changes against the day by which they must be entered without error.

    Attributes
    ----------
    rows : DataFrame, indexed by group with a last row ``all``
        `due` = `recorded` + `waiting` (found in the field and not entered), `clean` (recorded and
        no rule of severity error fails for the household's changes), `faulty`, `late` (recorded
        after the deadline), `left` (`waiting` + `faulty`), `per_day` (left over the days left;
        missing when none is left), `pace` (recorded per day in the last 30 days).
    days_left : int
        From the day of the data to the deadline, 0 when it has passed.
    """

    rows: pd.DataFrame
    days_left: int

    def sentence(self, words: Words) -> str:
        """Changes to enter or correct, and the days left."""
        last = self.rows.iloc[-1]
        return words(
            "summary.EntryCountdown",
            left=int(last["left"]),
            due=int(last["due"]),
            days=self.days_left,
        )


def entry_countdown(
    entries: pd.DataFrame,
    *,
    faulty: pd.Series,
    as_of: str,
    deadline: str,
    by: str = "county",
) -> EntryCountdown:
    """What still has to be entered or corrected before the deadline, and the pace needed (R29).

    Parameters
    ----------
    entries : DataFrame
        `event_id` (missing while the change waits to be entered), `recorded_on`, the group.
    faulty : Series
        Numbers of events for which a rule of severity error fails.
    as_of, deadline : str
        Day of the data and day of entry.
    by : str
        Column of the group.

    Returns
    -------
    EntryCountdown

    Raises
    ------
    ParameterError
        The deadline lies in another year than the day of the data.
    """
    today, last_day = pd.Timestamp(as_of), pd.Timestamp(deadline)
    if today.year != last_day.year:
        raise ParameterError(
            "chapters.entry_countdown.year", deadline=deadline, day=as_of
        )
    states = _entry_states(entries, faulty, today, last_day)
    rows = states.groupby(entries[by]).sum()
    rows.loc["all"] = rows.sum()
    days = max(0, (last_day - today).days)
    rows["left"] = rows["waiting"] + rows["faulty"]
    rows["per_day"] = rows["left"] / days if days else np.nan
    rows.index.name = None
    return EntryCountdown(
        rows=rows.astype(dict.fromkeys(COUNTS, "int64")), days_left=days
    )


def _entry_states(
    entries: pd.DataFrame,
    faulty: pd.Series,
    today: pd.Timestamp,
    last_day: pd.Timestamp,
) -> pd.DataFrame:
    """One row a change: whether it is entered, without error and in time."""
    recorded = entries["recorded_on"].notna()
    wrong = recorded & entries["event_id"].isin(set(faulty))
    day = pd.to_datetime(entries["recorded_on"])
    recent = recorded & (day > today - pd.Timedelta(days=PACE_DAYS))
    return pd.DataFrame(
        {
            "due": 1,
            "recorded": recorded,
            "waiting": ~recorded,
            "clean": recorded & ~wrong,
            "faulty": wrong,
            "late": recorded & (day > last_day),
            "pace": recent / PACE_DAYS,
        }
    )
