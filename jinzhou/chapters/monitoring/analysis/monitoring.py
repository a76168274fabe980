"""Counts of the monitored groups: entries, clearings and who is left; delays; movement since 2020; relative poverty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError

GROUPS = ("unstable_exit", "marginal", "sudden_hardship")
"""脱贫不稳定户, 边缘易致贫户, 突发严重困难户."""
NO_GROUP = "none"
UNUSABLE = ("cleared before entry",)
"""Faults of a record whose days cannot be counted."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MonitoringFlow:
    """Households monitored at the quarter's beginning and end, and what moved them.

    Attributes
    ----------
    groups, counties : DataFrame, indexed by group or county with a last row of the sum
        `opening`, `entered`, `cleared` (by help), `natural` (death, departure), `closing`, and
        `early` (of those cleared in the quarter, too early), `ready` (of those open, may be cleared),
        `not_ready`, `not_known`: households (records).
    closes : bool
        Whether opening + entered - cleared - natural = closing in every row.
    dropped : Series, indexed by reason
        Records left out because their days contradict each other.
    since, as_of : str
        Last day before the quarter, and the last day of it.
    """

    groups: pd.DataFrame
    counties: pd.DataFrame
    closes: bool
    dropped: pd.Series
    since: str
    as_of: str

    def table(self) -> pd.DataFrame:
        """A copy of `groups`, safe to format."""
        return self.groups.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        r = self.groups.iloc[-1]
        return (
            f"monitored {int(r['opening'])} + {int(r['entered'])} - {int(r['cleared'] + r['natural'])} = {int(r['closing'])}; closes: {self.closes}; "
            f"{int(self.dropped.sum())} records left out."
        )


def monitoring_flow(cases: pd.DataFrame, *, since: str, as_of: str) -> MonitoringFlow:
    """Entries and clearings between two days, and who is left (R78).

    Parameters
    ----------
    cases : DataFrame
        `registry.monitoring(...).cases`. A record counts from its month of identification to its
        month of clearing.
    """
    used = cases[~cases["fault"].isin(UNUSABLE)]
    before, day = pd.Timestamp(since), pd.Timestamp(as_of)
    cleared = used["cleared_on"].notna()
    counts = pd.DataFrame(
        {
            "opening": (used["identified_on"] <= before)
            & ~(used["cleared_on"] <= before),
            "entered": (used["identified_on"] > before)
            & (used["identified_on"] <= day),
            "cleared": cleared & (used["cleared_on"] > before) & ~used["natural"],
            "natural": cleared & (used["cleared_on"] > before) & used["natural"],
            "closing": ~cleared,
            "early": cleared
            & (used["cleared_on"] > before)
            & (used["verdict"] == "cleared too early"),
            "ready": used["verdict"] == "may be cleared",
            "not_ready": used["verdict"] == "may not be cleared",
            "not_known": used["verdict"] == "not known",
        }
    ).astype("int64")

    def by(keys: pd.Series, order: Sequence[str]) -> pd.DataFrame:
        made = counts.groupby(keys.to_numpy()).sum().reindex(order, fill_value=0)
        made.loc["all"] = made.sum()
        return made.astype("int64")

    category = used["category"].fillna(NO_GROUP)
    groups = by(
        category, [*GROUPS, *([NO_GROUP] if category.eq(NO_GROUP).any() else [])]
    )
    counties = by(
        used["county"].fillna("unknown"),
        sorted(used["county"].fillna("unknown").unique()),
    )
    closes = all(
        (
            t["opening"] + t["entered"] - t["cleared"] - t["natural"] == t["closing"]
        ).all()
        for t in (groups, counties)
    )
    left_out = cases["fault"][cases["fault"].isin(UNUSABLE)]
    return MonitoringFlow(
        groups=groups,
        counties=counties,
        closes=closes,
        dropped=left_out.value_counts(),
        since=since,
        as_of=as_of,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MonitoringDelays:
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

    rows: pd.DataFrame
    limit: int

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        r = self.rows.iloc[-1]
        return (
            f"{int(r['entries'])} entries, {int(r['named'])} named by a rule, median {r['median_late']:.0f} days late; "
            f"{int(r['in_time'])} of {int(r['timed'])} within {self.limit} working days, {int(r['measured'])} of {int(r['due'])} measured in the first month."
        )


def monitoring_delays(
    cases: pd.DataFrame, *, since: str, limit: float
) -> MonitoringDelays:
    """Delays of the entries made after `since` (R27): against the rules, against the procedure, and until the first measure.

    Parameters
    ----------
    limit : float
        Working days from finding to approval (threshold `approval_days`).
    """
    entered = cases[cases["identified_on"] > pd.Timestamp(since)]

    def line(part: pd.DataFrame) -> dict[str, float]:
        late, days, measure = (
            part["days_late"].dropna(),
            part["working_days"].dropna(),
            part["measure_late"].dropna(),
        )
        return {
            "entries": len(part),
            "named": int(part["first_fired"].notna().sum()),
            "median_late": late.median() if len(late) else np.nan,
            "ninth_late": late.quantile(0.9) if len(late) else np.nan,
            "timed": len(days),
            "in_time": int((days <= limit).sum()),
            "due": len(measure),
            "measured": int((measure == False).sum()),
        }  # noqa: E712 (elementwise)

    rows = pd.DataFrame(
        {
            key: line(part)
            for key, part in [
                *((g, entered[entered["category"] == g]) for g in GROUPS),
                ("all", entered),
            ]
        }
    ).T
    whole = ["entries", "named", "timed", "in_time", "due", "measured"]
    return MonitoringDelays(
        rows=rows.astype(dict.fromkeys(whole, "int64")), limit=int(limit)
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MonitoringMoves:
    """Where households of the end of poverty stand now.

    Attributes
    ----------
    households, persons : DataFrame, indexed by origin (``exited``, ``ordinary``) with a last row of the sum
        `never` (never monitored, on the registry), one column a group and ``<group>_cleared``, `left`
        (no longer on the registry), `all`, the sum of the row.
    closes : bool
        Whether both tables sum.
    """

    households: pd.DataFrame
    persons: pd.DataFrame
    closes: bool

    def table(self) -> pd.DataFrame:
        """A copy of `households`, safe to format."""
        return self.households.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        r = self.households.loc["exited"]
        now = int(r[list(GROUPS)].sum())
        return f"{int(r['all'])} households that had been registered as poor: {now} monitored now, {int(r['left'])} left; sums close: {self.closes}."


def monitoring_moves(moves: pd.DataFrame) -> MonitoringMoves:
    """From registered poor (exited by 2020) and ordinary households to the three groups (R78): a table that sums.

    Parameters
    ----------
    moves : DataFrame
        `registry.monitoring(...).moves`.
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
    one, two = count(np.ones(len(moves))), count(persons)
    closes = (
        int(one.loc["all", "all"]) == len(moves)
        and int(two.loc["all", "all"]) == int(persons.sum())
        and not odd
    )
    return MonitoringMoves(households=one, persons=two, closes=closes)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelativePoverty:
    """Share of persons below a share of the median, by county and share.

    Attributes
    ----------
    rows : DataFrame
        `county`, `share`, `median`, `line` (yuan per person per year), `households`, `persons` (with
        an income), `poor_households`, `poor_persons`, `rate` (of persons).
    source : str
        ``given`` (medians of all rural residents) or ``registry`` (of the registry's own persons,
        who are poorer than the county: a lower line).
    dropped : Series, indexed by reason
        Households left out.
    """

    rows: pd.DataFrame
    source: str
    dropped: pd.Series

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.rows[self.rows["county"] == "all"]
        return (
            f"medians: {self.source}; "
            + ", ".join(
                f"{100 * r.share:g}%: {100 * r.rate:.2f}%" for r in last.itertuples()
            )
            + f"; {int(self.dropped.sum())} left out."
        )


def relative_poverty(
    households: pd.DataFrame,
    *,
    shares: Sequence[float] = (0.4, 0.5, 0.6),
    medians: Mapping[str, float] | None = None,
    income: str = "net_income_pc",
    persons: str = "household_size",
    by: str = "county",
) -> RelativePoverty:
    """Relative poverty at several shares of the county's rural median (R77): a sensitivity table.

    Parameters
    ----------
    shares : sequence of float
        Of the median, each between 0 and 1.
    medians : mapping, county -> yuan per person per year, optional
        Rural medians from the statistics office. Without them the registry's own (weighted by
        persons) stand in, which are not those of the county: `source` says so.

    Raises
    ------
    ParameterError
        A share is not between 0 and 1, or a county has no median.

    Notes
    -----
    Poor is below the line (`<`): a measure of a population, no one's status.
    """
    if not shares or not all(0 < s < 1 for s in shares):
        raise ParameterError(
            f"份额为 {tuple(shares)}；应在0与1之间，例如 0.4、0.5、0.6。",
            f"shares={tuple(shares)}; expected between 0 and 1, such as 0.4, 0.5, 0.6.",
        )
    y, n = households[income].to_numpy(float), households[persons].to_numpy(float)
    reason = np.select(
        [~np.isfinite(y), ~(n > 0)], ["income missing", "persons missing or zero"], ""
    )
    used = households[reason == ""]
    lines = {}
    for county, part in used.groupby(by):
        if medians is not None and county not in medians:
            raise ParameterError(
                f"没有 {county} 的农村居民收入中位数；请补上，或不给中位数。",
                f"no rural median for {county}; add it, or give none at all.",
            )
        lines[county] = (
            medians[county]
            if medians is not None
            else _weighted_median(
                part[income].to_numpy(float), part[persons].to_numpy(float)
            )
        )
    rows = []
    for share in shares:
        poor = used[income].to_numpy(float) < share * used[by].map(lines).to_numpy(
            float
        )
        for county, inside in [
            *((c, (used[by] == c).to_numpy()) for c in sorted(lines)),
            ("all", np.ones(len(used), bool)),
        ]:
            people, low = (
                used.loc[inside, persons].sum(),
                used.loc[inside & poor, persons].sum(),
            )
            rows.append(
                (
                    county,
                    share,
                    lines.get(county, np.nan),
                    share * lines.get(county, np.nan),
                    int(inside.sum()),
                    int(people),
                    int((inside & poor).sum()),
                    int(low),
                    low / people if people else np.nan,
                )
            )
    columns = [
        "county",
        "share",
        "median",
        "line",
        "households",
        "persons",
        "poor_households",
        "poor_persons",
        "rate",
    ]
    return RelativePoverty(
        rows=pd.DataFrame(rows, columns=columns),
        source="registry" if medians is None else "given",
        dropped=pd.Series(reason[reason != ""]).value_counts(),
    )


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """Smallest value at which at least half of the weight lies at or below."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])
