"""How sound the registry is, in one number with its parts, and how much is still to enter before the deadline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.reference.thresholds import threshold

SEVERITIES = ("error", "logic", "doubt")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QualityIndex:
    """Share of tests passed, weighted by severity, one row per group.

    Attributes
    ----------
    rows : DataFrame, indexed by group with a last row ``all``
        `tested`, `failed`, the pass share of each severity (0-1; missing where nothing was tested)
        as `error`, `logic`, `doubt`, and `index` (0-1).
    weights : Series, by severity
    """

    rows: pd.DataFrame
    weights: pd.Series

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.rows.iloc[-1]
        return f"quality index {last['index']:.4f} over {last['tested']:,.0f} tests, {last['failed']:,.0f} failed."


def quality_index(counts: pd.DataFrame, *, by: str = "county") -> QualityIndex:
    """Weighted pass share of the rules (R30).

    Parameters
    ----------
    counts : DataFrame
        `severity`, `tested`, `failed`, the group: `RuleReport.counts`.

    Notes
    -----
    Index = sum over severities of weight x (1 - failed / tested) over the weights of the severities
    that tested anything. Weights stand in reference/thresholds.csv (``quality_weight_*``, ours).
    """
    weights = pd.Series(
        {s: float(threshold(f"quality_weight_{s}").value) for s in SEVERITIES}
    )

    def of(part: pd.DataFrame) -> pd.Series:
        sums = (
            part.groupby("severity")[["tested", "failed"]]
            .sum()
            .reindex(list(SEVERITIES), fill_value=0)
        )
        share = 1 - sums["failed"] / sums["tested"].replace(0, np.nan)
        known = share.notna()
        index = (
            float((weights * share)[known].sum() / weights[known].sum())
            if known.any()
            else np.nan
        )
        return pd.Series(
            {
                "tested": sums["tested"].sum(),
                "failed": sums["failed"].sum(),
                **share.to_dict(),
                "index": index,
            }
        )

    rows = pd.DataFrame(
        {group: of(part) for group, part in counts.groupby(by)} | {"all": of(counts)}
    ).T
    rows.index.name = None
    return QualityIndex(rows=rows, weights=weights)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EntryCountdown:
    """The year's changes against the day by which they must be entered without error.

    Attributes
    ----------
    rows : DataFrame, indexed by group with a last row ``all``
        `due` = `recorded` + `waiting` (found in the field and not entered), `clean` (recorded and no
        rule of severity error fails for the household's changes), `faulty`, `late` (recorded after
        the deadline), `left` (`waiting` + `faulty`), `per_day` (left over the days left; missing
        when none is left), `pace` (recorded per day in the last 30 days).
    days_left : int
        From the day of the data to the deadline, 0 when it has passed.
    """

    rows: pd.DataFrame
    days_left: int

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.rows.iloc[-1]
        return f"{last['left']:.0f} of {last['due']:.0f} changes to enter or mend, {self.days_left} days left."


def entry_countdown(
    entries: pd.DataFrame,
    *,
    faulty: pd.Series,
    as_of: str,
    deadline: str,
    by: str = "county",
) -> EntryCountdown:
    """What still has to be entered or mended before the deadline, and the pace that takes (R29).

    Parameters
    ----------
    entries : DataFrame
        `event_id` (missing while the change waits to be entered), `recorded_on`, the group.
    faulty : Series
        Numbers of events for which a rule of severity error fails.

    Raises
    ------
    ParameterError
        The deadline lies in another year than the day of the data.
    """
    today, last_day = pd.Timestamp(as_of), pd.Timestamp(deadline)
    if today.year != last_day.year:
        raise ParameterError(
            f"截止日 {deadline} 与数据日 {as_of} 不在同一年；应为当年的截止日。",
            f"deadline {deadline} and day of the data {as_of} lie in two years; expected the deadline of that year.",
        )
    recorded = entries["recorded_on"].notna()
    wrong = recorded & entries["event_id"].isin(set(faulty))
    recent = recorded & (
        pd.to_datetime(entries["recorded_on"]) > today - pd.Timedelta(days=30)
    )
    parts = pd.DataFrame(
        {
            by: entries[by],
            "due": 1,
            "recorded": recorded,
            "waiting": ~recorded,
            "clean": recorded & ~wrong,
            "faulty": wrong,
            "late": recorded & (pd.to_datetime(entries["recorded_on"]) > last_day),
            "pace": recent / 30,
        }
    )
    rows = parts.groupby(by).sum()
    rows.loc["all"] = rows.sum()
    days = max(0, (last_day - today).days)
    rows["left"] = rows["waiting"] + rows["faulty"]
    rows["per_day"] = rows["left"] / days if days else np.nan
    rows.index.name = None
    return EntryCountdown(
        rows=rows.astype(
            {
                c: "int64"
                for c in (
                    "due",
                    "recorded",
                    "waiting",
                    "clean",
                    "faulty",
                    "late",
                    "left",
                )
            }
        ),
        days_left=days,
    )
