"""Dangerous housing: lots matched by household, the way to occupation, the burn-down to its day, defects by builder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.statistics.forecast import Forecast, on_time
from jinzhou.statistics.intervals import wilson


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HousingClearance:
    """The dangerous-housing list.

    Attributes
    ----------
    batches : DataFrame, one row per lot
        `batch`, `households`, `official` (the number that was funded, missing when none was named),
        `difference`.
    overlap, union : int
        Households in both named lots; in either.
    funnel : DataFrame, indexed by group with a last row of the sum
        `listed`, `started`, `completed`, `accepted`, `occupied` (households), `rest` (listed, not
        completed), `grade_d`, `rest_d` (the same of grade D: 清底 asks for zero).
    rest : DataFrame
        Households of grade D not completed.
    """

    batches: pd.DataFrame
    overlap: int
    union: int
    funnel: pd.DataFrame
    rest: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """A copy of `funnel`, safe to format."""
        return self.funnel.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.funnel.iloc[-1]
        return (
            f"{int(last['listed']):,} households, {int(last['completed']):,} completed, grade D left "
            f"{int(last['rest_d'])}; {self.overlap} households in both lots."
        )


def housing_clearance(
    housing: pd.DataFrame, *, official: Mapping[str, int], by: str = "county"
) -> HousingClearance:
    """Lots matched by household, and the way from appraisal to occupation (R44-R46).

    Parameters
    ----------
    housing : DataFrame
        Rows of the housing ledger as known: a household in two lots has two rows.
    official : mapping, lot -> households
        What the lots are said to hold; NaN where nothing is said, as for a single county.
    """
    lots = (
        housing.dropna(subset=["funding_batch"])
        .groupby("funding_batch")["household_id"]
        .agg(lambda s: frozenset(s))
    )
    names = sorted(set(lots.index) | set(official))
    batches = pd.DataFrame(
        {
            "batch": names,
            "households": [len(lots.get(n, ())) for n in names],
            "official": [official.get(n, np.nan) for n in names],
        }
    )
    batches["difference"] = batches["households"] - batches["official"]
    named = [lots.get(n, frozenset()) for n in official]
    overlap = len(frozenset.intersection(*named)) if named else 0
    union = len(frozenset.union(*named)) if named else 0
    steps = ["started", "completed", "accepted", "occupied"]
    homes = (
        housing.assign(
            **{s: housing[f"{s}_on"].notna() for s in steps},
            grade_d=housing["grade"] == "D",
        )
        .groupby("household_id")
        .agg({by: "first", **{s: "max" for s in steps}, "grade_d": "max"})
        .reset_index()
    )
    homes["listed"] = 1
    homes["rest"] = ~homes["completed"].astype(bool)
    homes["rest_d"] = homes["rest"] & homes["grade_d"].astype(bool)
    columns = ["listed", *steps, "rest", "grade_d", "rest_d"]
    funnel = homes.groupby(by)[columns].sum().astype("int64")
    funnel.loc["all"] = funnel.sum()
    rest = homes.loc[homes["rest_d"], [by, "household_id", "started"]].reset_index(
        drop=True
    )
    return HousingClearance(
        batches=batches, overlap=overlap, union=union, funnel=funnel, rest=rest
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HousingBurn:
    """Dwellings of grade D still to be completed, week by week.

    Attributes
    ----------
    left : DataFrame, indexed by day, one column per county and ``all``
        Listed and not completed at the end of each day; the last row is now.
    forecast : Forecast
        Of each county, in periods of `step` days; a dwelling listed later raises what is left.
    speeds : DataFrame, indexed by county
        `left`, `needed` (completions a day until the day), `recent` (a day over the last 14 days),
        `feasible` (recent suffices; missing when the day is past and something is left).
    deadline : str
    days : int
        Days left, negative when the day is past.
    """

    left: pd.DataFrame
    forecast: Forecast
    speeds: pd.DataFrame
    deadline: str
    days: int

    def table(self) -> pd.DataFrame:
        """A copy of `speeds`, safe to format."""
        return self.speeds.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        now = self.speeds.loc["all"]
        return f"{int(now['left'])} dwellings of grade D left, {self.days} days; needed {now['needed']:.2f} a day, last 14 days {now['recent']:.2f}."


def housing_burn(
    housing: pd.DataFrame,
    *,
    as_of: str,
    deadline: str,
    by: str = "county",
    weeks: int = 8,
    seed: int = 2018,
) -> HousingBurn:
    """What is left of the D list each week, and whether the last weeks' pace ends it in time (R45, R49).

    Parameters
    ----------
    housing : DataFrame
        Rows of the housing ledger as known; a household counts from its first appraisal as D and is
        done when a dwelling of it is completed after that.
    deadline : str
        Day by which the list must be cleared.
    weeks : int
        Past weeks whose net speed is used.
    """
    day = pd.Timestamp(as_of)
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
    days = pd.DatetimeIndex(
        [day - pd.Timedelta(days=7 * n) for n in range(weeks, -1, -1)]
    )
    left = pd.DataFrame(
        {
            d: ((homes["listed"] <= d) & ~(homes["done"] <= d)).groupby(homes[by]).sum()
            for d in days
        }
    ).T.astype("int64")
    left["all"] = left.sum(axis=1)
    until = (pd.Timestamp(deadline) - day).days
    recent = (
        ((homes["done"] > day - pd.Timedelta(days=14)) & (homes["done"] <= day))
        .groupby(homes[by])
        .sum()
        .reindex(left.columns[:-1], fill_value=0)
    )
    recent["all"] = recent.sum()
    now = left.iloc[-1] if len(left) else pd.Series(dtype="int64")
    speeds = pd.DataFrame(
        {
            "left": now,
            "needed": now / until if until > 0 else np.where(now > 0, np.nan, 0.0),
            "recent": recent / 14,
        }
    )
    speeds["feasible"] = (
        (speeds["recent"] >= speeds["needed"])
        .astype("boolean")
        .where(speeds["needed"].notna())
    )
    return HousingBurn(
        left=left,
        forecast=on_time(left, periods=until / 7, unit="week", seed=seed),
        speeds=speeds,
        deadline=deadline,
        days=until,
    )


def housing_builders(housing: pd.DataFrame) -> pd.DataFrame:
    """Defects by builder among completed dwellings (R48).

    Returns
    -------
    DataFrame
        `builder` (missing ones under ``unknown``), `completed`, `defects`, `open` (defects of dwellings not
        accepted since), `share`, `ci_low`, `ci_high` (Wilson), `apart` (the interval lies above the share of
        all builders); most defects first. A builder whose interval is not apart is not told from the others.
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
