"""Counts of the monitored groups: entries, clearings and who is left; delays; moves since 2020."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.words import Words

GROUPS = ("unstable_exit", "marginal", "sudden_hardship")
"""The groups of reference/monitoring_groups.csv."""
NO_GROUP = "none"
UNUSABLE = ("cleared before entry",)
"""Faults of a record whose days cannot be counted."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MonitoringFlow(Result):
    """Households monitored at the quarter's beginning and end, and what moved them.

    Attributes
    ----------
    groups, counties : DataFrame, indexed by group or county with a last row of the sum
        `opening`, `entered`, `cleared` (by help), `natural` (death, departure), `closing`, and
        `early` (of those cleared in the quarter, too early), `ready` (of those open, may be
        cleared), `not_ready`, `not_known`: households (records).
    closes : bool
        Whether opening + entered - cleared - natural = closing in every row.
    dropped : Series, indexed by reason
        Records left out because their days contradict each other.
    since, as_of : str
        Last day before the quarter, and the last day of it.
    """

    shown: ClassVar[str] = "groups"
    groups: pd.DataFrame
    counties: pd.DataFrame
    closes: bool
    dropped: pd.Series
    since: str
    as_of: str

    def sentence(self, words: Words) -> str:
        """The equation of the stock, and whether it closes."""
        last = self.groups.iloc[-1]
        return words(
            "summary.MonitoringFlow",
            opening=last["opening"],
            entered=last["entered"],
            cleared=last["cleared"] + last["natural"],
            closing=last["closing"],
            closes=words.label("closes", "yes" if self.closes else "no"),
            dropped=int(self.dropped.sum()),
        )


def monitoring_flow(cases: pd.DataFrame, *, since: str, as_of: str) -> MonitoringFlow:
    """Entries and clearings between two days, and who is left.

    Parameters
    ----------
    cases : DataFrame
        `registry.monitoring(...).cases`. A record counts from its month of identification to its
        month of clearing.
    since, as_of : str
        Last day before the quarter, and the last day of it.

    References
    ----------
    docs/requirements.md R78.
    """
    used = cases[~cases["fault"].isin(UNUSABLE)]
    counts = _movements(used, pd.Timestamp(since), pd.Timestamp(as_of))
    category, county = used["category"].fillna(NO_GROUP), used["county"]
    county = county.fillna("unknown")
    without = [NO_GROUP] if category.eq(NO_GROUP).any() else []
    groups = _summed(counts, category, [*GROUPS, *without])
    counties = _summed(counts, county, sorted(county.unique()))
    closes = all(
        (
            t["opening"] + t["entered"] - t["cleared"] - t["natural"] == t["closing"]
        ).all()
        for t in (groups, counties)
    )
    left_out = cases["fault"][cases["fault"].isin(UNUSABLE)]
    return MonitoringFlow(
        groups=groups.rename_axis("group"),
        counties=counties.rename_axis("county"),
        closes=closes,
        dropped=left_out.value_counts(),
        since=since,
        as_of=as_of,
    )


def _movements(
    used: pd.DataFrame, before: pd.Timestamp, day: pd.Timestamp
) -> pd.DataFrame:
    """What each record counts as, 0 or 1 a column."""
    identified, verdict = used["identified_on"], used["verdict"]
    cleared, natural = used["cleared_on"].notna(), used["natural"]
    now = cleared & (used["cleared_on"] > before)
    return pd.DataFrame(
        {
            "opening": (identified <= before) & ~(used["cleared_on"] <= before),
            "entered": (identified > before) & (identified <= day),
            "cleared": now & ~natural,
            "natural": now & natural,
            "closing": ~cleared,
            "early": now & (verdict == "cleared too early"),
            "ready": verdict == "may be cleared",
            "not_ready": verdict == "may not be cleared",
            "not_known": verdict == "not known",
        }
    ).astype("int64")


def _summed(
    counts: pd.DataFrame, keys: pd.Series, order: Sequence[str]
) -> pd.DataFrame:
    """Sums by key in an order, with a last row of all."""
    made = counts.groupby(keys.to_numpy()).sum().reindex(order, fill_value=0)
    made.loc["all"] = made.sum()
    return made.astype("int64")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MonitoringDelays(Result):
    """How fast households were entered and helped.

    Attributes
    ----------
    rows : DataFrame, indexed by group with a last row of the sum
        `entries`, `named` (of them, by a rule before or at the entry), `median_late`, `ninth_late`
        (days from the first quarter's end in which a rule named the household to the record),
        `timed` (with days of finding and record), `in_time` (of them, within `limit` working days),
        `due` (whose first month is over), `measured` (of them, with a measure within it).
    limit : int
        Working days.
    """

    kinds: ClassVar[Mapping[str, str]] = {
        "median_late": "count",
        "ninth_late": "count",
    }
    rows: pd.DataFrame
    limit: int

    def sentence(self, words: Words) -> str:
        """Entries, how late they were, and how soon they were helped."""
        last = self.rows.iloc[-1]
        values = {name: last[name] for name in self.rows}
        return words("summary.MonitoringDelays", limit=self.limit, **values)


def monitoring_delays(
    cases: pd.DataFrame, *, since: str, limit: float
) -> MonitoringDelays:
    """Delays of entries: against the rules, against the procedure, until the first measure.

    Parameters
    ----------
    cases : DataFrame
        `registry.monitoring(...).cases`.
    since : str
        Entries made after this day are counted.
    limit : float
        Working days from finding to approval (reference/thresholds.csv, `approval_days`).

    References
    ----------
    docs/requirements.md R27.
    """
    entered = cases[cases["identified_on"] > pd.Timestamp(since)]

    parts = {g: entered[entered["category"] == g] for g in GROUPS} | {"all": entered}
    rows = pd.DataFrame({key: _delays(part, limit) for key, part in parts.items()}).T
    whole = ["entries", "named", "timed", "in_time", "due", "measured"]
    return MonitoringDelays(
        rows=rows.astype(dict.fromkeys(whole, "int64")).rename_axis("group"),
        limit=int(limit),
    )


def _delays(part: pd.DataFrame, limit: float) -> dict[str, float]:
    """Counts and days of some entries."""
    late = part["days_late"].dropna()
    days = part["working_days"].dropna()
    measure = part["measure_late"].dropna()
    return {
        "entries": len(part),
        "named": int(part["first_fired"].notna().sum()),
        "median_late": late.median() if len(late) else np.nan,
        "ninth_late": late.quantile(0.9) if len(late) else np.nan,
        "timed": len(days),
        "in_time": int((days <= limit).sum()),
        "due": len(measure),
        "measured": int(measure.eq(False).sum()),
    }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MonitoringMoves(Result):
    """Where households of the end of poverty stand now.

    Attributes
    ----------
    households, persons : DataFrame, indexed by origin with a last row of the sum
        Origins ``exited`` and ``ordinary``; `never` (never monitored, on the registry), one column
        a group and ``<group>_cleared``, `left` (no longer on the registry), `all`, the sum of the
        row.
    closes : bool
        Whether both tables sum.
    """

    shown: ClassVar[str] = "households"
    kinds: ClassVar[Mapping[str, str]] = {"origin": "label:origin"}
    households: pd.DataFrame
    persons: pd.DataFrame
    closes: bool

    def sentence(self, words: Words) -> str:
        """Of the households that had been registered as poor: monitored, and left."""
        row = self.households.loc["exited"]
        return words(
            "summary.MonitoringMoves",
            all=row["all"],
            now=int(row[list(GROUPS)].sum()),
            left=row["left"],
            closes=words.label("closes", "yes" if self.closes else "no"),
        )


def monitoring_moves(moves: pd.DataFrame) -> MonitoringMoves:
    """From registered poor (exited by 2020) and ordinary households to the three groups.

    Parameters
    ----------
    moves : DataFrame
        `registry.monitoring(...).moves`.

    References
    ----------
    docs/requirements.md R78.
    """
    origin = np.where(moves["registered"], "exited", "ordinary")
    group = moves["group"].where(moves["group"].isin(GROUPS), NO_GROUP)
    now = np.select(
        [moves["state"] == "left", moves["group"] == "", moves["state"] == "monitored"],
        ["left", "never", group],
        group + "_cleared",
    )
    columns = ["never", *GROUPS, *(f"{g}_cleared" for g in GROUPS), "left"]
    odd = sorted(set(now) - set(columns))

    def count(values: np.ndarray) -> pd.DataFrame:
        made = (
            pd.DataFrame({"origin": origin, "now": now, "n": values})
            .groupby(["origin", "now"])["n"]
            .sum()
            .unstack(fill_value=0)
        )
        made = made.reindex(
            index=["exited", "ordinary"], columns=[*columns, *odd], fill_value=0
        )
        made["all"] = made.sum(axis=1)
        made.loc["all"] = made.sum()
        return made.astype("int64")

    persons = moves["persons"].fillna(0).to_numpy()
    by_household, by_person = count(np.ones(len(moves))), count(persons)
    closes = (
        int(by_household.loc["all", "all"]) == len(moves)
        and int(by_person.loc["all", "all"]) == int(persons.sum())
        and not odd
    )
    return MonitoringMoves(households=by_household, persons=by_person, closes=closes)
