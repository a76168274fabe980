"""Dangerous housing: batches matched by household, the way to occupation, the countdown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.statistics.forecast import Forecast, on_time
from jinzhou.statistics.intervals import wilson
from jinzhou.words import Words

STEPS = ("started", "completed", "accepted", "occupied")
RECENT = 14
"""Days whose completions give the recent speed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HousingClearance(Result):
    """The dangerous-housing list.

    Attributes
    ----------
    batches : DataFrame, one row per batch
        `batch`, `households`, `official` (the number that was funded, missing when none was
        named), `difference`.
    overlap, union : int
        Households in both named batches; in either.
    funnel : DataFrame, indexed by group with a last row of the sum
        `listed`, `started`, `completed`, `accepted`, `occupied` (households), `rest` (listed, not
        completed), `grade_d`, `rest_d` (the same of grade D: 清底 asks for zero).
    rest : DataFrame
        Households of grade D not completed.
    """

    shown: ClassVar[str] = "funnel"
    batches: pd.DataFrame
    overlap: int
    union: int
    funnel: pd.DataFrame
    rest: pd.DataFrame

    def sentence(self, words: Words) -> str:
        """Households listed and completed, grade D left, households in both batches."""
        last = self.funnel.iloc[-1]
        return words(
            "summary.HousingClearance",
            listed=int(last["listed"]),
            completed=int(last["completed"]),
            rest=int(last["rest_d"]),
            overlap=self.overlap,
        )


def housing_clearance(
    housing: pd.DataFrame, *, official: Mapping[str, float], by: str = "county"
) -> HousingClearance:
    """Batches matched by household, and the way from appraisal to occupation (R44-R46).

    Parameters
    ----------
    housing : DataFrame
        Rows of the housing ledger as known: a household in two batches has two rows.
    official : mapping, batch -> households
        What the batches are reported to hold; NaN where nothing is reported, as for a county.
    by : str
        Column of the group.

    Returns
    -------
    HousingClearance
    """
    held = {
        str(name): frozenset(households)
        for name, households in housing.groupby("funding_batch")["household_id"]
    }
    names = sorted(held.keys() | set(official))
    batches = pd.DataFrame(
        {
            "batch": names,
            "households": [len(held.get(n, ())) for n in names],
            "official": [official.get(n, np.nan) for n in names],
        }
    )
    batches["difference"] = batches["households"] - batches["official"]
    named = [held.get(n, frozenset()) for n in official]
    homes = _homes(housing, by)
    funnel = homes.groupby(by)[["listed", *STEPS, "rest", "grade_d", "rest_d"]].sum()
    funnel = funnel.astype("int64")
    funnel.loc["all"] = funnel.sum()
    rest = homes.loc[homes["rest_d"], [by, "household_id", "started"]]
    return HousingClearance(
        batches=batches,
        overlap=len(frozenset.intersection(*named)) if named else 0,
        union=len(frozenset.union(*named)) if named else 0,
        funnel=funnel,
        rest=rest.reset_index(drop=True),
    )


def _homes(housing: pd.DataFrame, by: str) -> pd.DataFrame:
    """One row a household: the furthest step of its dwellings, and whether D is left."""
    reached = {step: housing[f"{step}_on"].notna() for step in STEPS}
    rows = housing.assign(**reached, grade_d=housing["grade"] == "D")
    how = {by: "first", **dict.fromkeys((*STEPS, "grade_d"), "max")}
    homes = rows.groupby("household_id").agg(how).reset_index()
    rest = ~homes["completed"].astype(bool)
    return homes.assign(
        listed=1, rest=rest, rest_d=rest & homes["grade_d"].astype(bool)
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HousingBurn(Result):
    """Dwellings of grade D still to be completed, week by week.

    Attributes
    ----------
    left : DataFrame, indexed by day, one column per county and ``all``
        Listed and not completed at the end of each day; the last row is now.
    forecast : Forecast
        Of each county, in weeks; a dwelling listed later raises what is left.
    speeds : DataFrame, indexed by county
        `left`, `needed` (completions a day until the day), `recent` (a day over the last 14
        days), `feasible` (recent suffices; missing when the day is past and something is left).
    deadline : str
    days : int
        Days left, negative when the day is past.
    """

    shown: ClassVar[str] = "speeds"
    left: pd.DataFrame
    forecast: Forecast
    speeds: pd.DataFrame
    deadline: str
    days: int

    def sentence(self, words: Words) -> str:
        """Dwellings left, days left, needed and recent completions a day."""
        now = self.speeds.loc["all"]
        return words(
            "summary.HousingBurn",
            left=int(now["left"]),
            days=self.days,
            needed=float(now["needed"]),
            recent=float(now["recent"]),
        )


def housing_burn(
    housing: pd.DataFrame,
    *,
    as_of: str,
    deadline: str,
    by: str = "county",
    weeks: int = 8,
    seed: int = 2018,
) -> HousingBurn:
    """What is left of the D list each week, and whether the pace ends it in time (R45, R49).

    Parameters
    ----------
    housing : DataFrame
        Rows of the housing ledger as known; a household counts from its first appraisal as D and
        is done when a dwelling of it is completed after that.
    as_of : str
        Day of the data.
    deadline : str
        Day by which the list must be cleared.
    by : str
        Column of the group.
    weeks : int
        Past weeks whose net speed is used.
    seed : int
        Of the simulated paces.

    Returns
    -------
    HousingBurn
    """
    day = pd.Timestamp(as_of)
    homes = _grade_d(housing, by)
    left = _left_by_week(homes, day, by, weeks)
    days = (pd.Timestamp(deadline) - day).days
    return HousingBurn(
        left=left,
        forecast=on_time(left, periods=days / 7, unit="week", seed=seed),
        speeds=_speeds(left, _recent(homes, day, left.columns, by), days),
        deadline=deadline,
        days=days,
    )


def _grade_d(housing: pd.DataFrame, by: str) -> pd.DataFrame:
    """Households with a dwelling of grade D: day of the first appraisal, of completion."""
    homes = (
        housing[housing["grade"] == "D"]
        .groupby("household_id")
        .agg(
            **{by: (by, "first")},
            listed=("appraised_on", "min"),
            done=("completed_on", "max"),
        )
    )
    homes[by] = homes[by].fillna("unknown")
    return homes


def _left_by_week(
    homes: pd.DataFrame, day: pd.Timestamp, by: str, weeks: int
) -> pd.DataFrame:
    ends = [day - pd.Timedelta(days=7 * n) for n in range(weeks, -1, -1)]
    open_on = {
        end: ((homes["listed"] <= end) & ~(homes["done"] <= end))
        .groupby(homes[by])
        .sum()
        for end in pd.DatetimeIndex(ends)
    }
    left = pd.DataFrame(open_on).T.astype("int64")
    left["all"] = left.sum(axis=1)
    return left


def _recent(
    homes: pd.DataFrame, day: pd.Timestamp, columns: pd.Index, by: str
) -> pd.Series:
    """Completions of the last `RECENT` days of each group and of all."""
    since = day - pd.Timedelta(days=RECENT)
    done = (homes["done"] > since) & (homes["done"] <= day)
    recent = done.groupby(homes[by]).sum().reindex(columns[:-1], fill_value=0)
    recent["all"] = recent.sum()
    return recent


def _speeds(left: pd.DataFrame, recent: pd.Series, days: int) -> pd.DataFrame:
    """Needed and recent completions a day, and whether the recent ones suffice."""
    now = left.iloc[-1]
    needed = now / days if days > 0 else np.where(now > 0, np.nan, 0.0)
    speeds = pd.DataFrame({"left": now, "needed": needed, "recent": recent / RECENT})
    feasible = (speeds["recent"] >= speeds["needed"]).astype("boolean")
    return speeds.assign(feasible=feasible.where(speeds["needed"].notna()))


def housing_builders(housing: pd.DataFrame) -> pd.DataFrame:
    """Defects by builder among completed dwellings (R48).

    Parameters
    ----------
    housing : DataFrame
        Rows of the housing ledger as known.

    Returns
    -------
    DataFrame
        `builder` (missing ones under ``unknown``), `completed`, `defects`, `open` (defects of
        dwellings not accepted since), `share`, `ci_low`, `ci_high` (Wilson), `apart` (the interval
        lies above the share of all builders); most defects first. A builder whose interval is not
        apart cannot be distinguished from the others.
    """
    built = housing[housing["completed_on"].notna()]
    groups = built.assign(
        builder=built["builder"].fillna("unknown"),
        defects=built["defect"].notna(),
        open=built["defect"].notna() & (built["acceptance"] != "pass"),
    ).groupby("builder")
    rows = groups.agg(
        completed=("household_id", "size"),
        defects=("defects", "sum"),
        open=("open", "sum"),
    ).reset_index()
    rows["share"] = rows["defects"] / rows["completed"]
    rows["ci_low"], rows["ci_high"] = wilson(rows["defects"], rows["completed"])
    whole = rows["defects"].sum() / max(1, rows["completed"].sum())
    rows["apart"] = (rows["ci_low"] > whole) & (rows["builder"] != "unknown")
    return rows.sort_values(
        ["defects", "builder"], ascending=[False, True], ignore_index=True
    )
