"""How far projects have come, and which of next year's could start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.chapters.funding.analysis.payments import UNIT_FACTOR
from jinzhou.result import Result
from jinzhou.words import Words

DAYS_STANDING = 90
"""Days after which a finished project without acceptance is listed (docs/requirements.md R57)."""
FULL = 1.0
"""Ready projects over next year's money that passes (docs/requirements.md R58)."""
_BEGUN = ("begun", "finished", "accepted")
_COUNTED = ("begun", "finished", "accepted", "late", "paid_unaccepted")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Progress(Result):
    """How far projects have come.

    Attributes
    ----------
    stages : DataFrame, indexed by county with a last row of the sum
        `projects`, `begun`, `finished`, `accepted` (each includes the later ones), `late` (not
        finished, or finished, after the planned day), `days_late` (median of the late),
        `paid_unaccepted`, `accepted_unpaid` (projects; missing when no allocation or no payment of
        any project is known), `status`: ``shown``, ``no project``.
    late : DataFrame
        Projects not finished and behind plan, not accepted, paid without acceptance or accepted
        without payment, worst first: the columns of `registry.projects` and `why` (tuple of
        ``late``, ``late start``, ``not accepted``, ``paid without acceptance``, ``accepted without
        payment``, ``no households``).
    mixed : tuple of str
        Projects whose budget, allocation or payment are in two units; their money is not compared.
    """

    shown: ClassVar[str] = "stages"
    stages: pd.DataFrame
    late: pd.DataFrame
    mixed: tuple[str, ...]

    def sentence(self, words: Words) -> str:
        """How many projects are behind plan."""
        last = self.stages.iloc[-1]
        columns = ("projects", "begun", "finished", "accepted", "late")
        return words("summary.Progress", **{c: last[c] for c in columns})


def project_progress(
    projects: pd.DataFrame,
    *,
    years: Sequence[int],
    groups: Sequence[str] = (),
    days: int = DAYS_STANDING,
) -> Progress:
    """Payment, completion, acceptance and lateness of the projects of some plan years.

    Parameters
    ----------
    projects : DataFrame
        See `registry.projects`.
    years : sequence of int
        Plan years.
    groups : sequence of str
        Counties to show even when they have no project.
    days : int
        Days after which a finished project without acceptance is listed.

    References
    ----------
    docs/requirements.md R52, R57.
    """
    rows = projects[projects["plan_year"].isin(list(years))]
    money = rows[["budget", "allocated", "paid"]]
    money = money.where(money > 0)
    mixed = (money.max(axis=1) / money.min(axis=1) >= UNIT_FACTOR).to_numpy()
    judged = rows.assign(
        begun=rows["stage"].isin(_BEGUN),
        finished=rows["stage"].isin(_BEGUN[1:]),
        accepted=rows["stage"] == "accepted",
        late=(rows["late_end"] > 0) & (rows["stage"] != "pool"),
        paid_unaccepted=_true(rows["paid_unaccepted"]) & ~mixed,
        accepted_unpaid=_true(rows["accepted_unpaid"]) & ~mixed,
    )
    stages = _stages(judged, groups)
    if len(rows) and (rows["allocated"].isna().all() or rows["paid"].isna().all()):
        stages[["paid_unaccepted", "accepted_unpaid"]] = np.nan
    return Progress(
        stages=stages,
        late=_listed(judged, days),
        mixed=tuple(rows.loc[mixed, "project_id"]),
    )


def _true(values: pd.Series) -> pd.Series:
    return values.astype("boolean").fillna(False)


def _stages(judged: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """Projects by county and stage, with a row of the sum."""
    columns = ["projects", *_COUNTED, "accepted_unpaid"]
    counted = judged.assign(projects=1).groupby("county")[columns].sum()
    counted = counted.reindex(sorted({*counted.index, *groups})).fillna(0)
    counted = counted.astype("int64")
    counted.loc["all"] = counted.sum()
    late = judged[judged["late"]]
    median = late.groupby("county")["late_end"].median()
    median.loc["all"] = late["late_end"].median()
    counted["days_late"] = median.reindex(counted.index)
    counted["status"] = np.where(counted["projects"] > 0, "shown", "no project")
    return counted


def _listed(judged: pd.DataFrame, days: int) -> pd.DataFrame:
    """Projects that need an answer, with the reasons, the latest first."""
    tied = judged["village_wide"].astype(bool) | (judged["linked_households"] > 0)
    flags = {
        "late": judged["stage"].eq("begun") & judged["late"],
        "late start": judged["stage"].eq("pool") & (judged["late_start"] > 0),
        "not accepted": judged["days_waiting"] >= days,
        "paid without acceptance": judged["paid_unaccepted"],
        "accepted without payment": judged["accepted_unpaid"],
        "no households": judged["begun"] & ~tied,
    }
    chosen, why = flagged(flags, len(judged))
    return (
        judged[chosen]
        .assign(why=why)
        .sort_values(["late_end", "project_id"], ascending=[False, True], kind="stable")
        .reset_index(drop=True)
    )


def flagged(
    flags: Mapping[str, pd.Series], rows: int
) -> tuple[np.ndarray, list[tuple[str, ...]]]:
    """Which rows have any of some flags, and the names of those that each has."""
    raised = np.column_stack(
        [np.zeros((rows, 0), bool), *(f.to_numpy(bool) for f in flags.values())]
    )
    chosen = np.asarray(raised.any(axis=1))
    names = list(flags)
    why = [
        tuple(name for name, has in zip(names, row, strict=True) if has)
        for row in raised[chosen]
    ]
    return chosen, why


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Readiness(Result):
    """Projects of next year's pool that could start, against next year's money.

    Attributes
    ----------
    rows : DataFrame, indexed by county with a last row of the sum
        `projects`, `disclosed`, `sited`, `linked`, `ready` (all three; projects), `ready_yuan`,
        `pool_yuan`, `budget` (yuan), `ratio` = ready_yuan / budget, `status`: ``pass`` (at least
        1), ``fail``, ``no pool``, ``no budget``.
    gaps : DataFrame
        Projects that are not ready: `project_id`, `project_name`, `county`, `town`, `village`,
        `project_type`, `budget`, `why` (tuple of ``not disclosed``, ``no site``, ``no
        households``).
    year : int
    """

    rows: pd.DataFrame
    gaps: pd.DataFrame
    year: int

    def sentence(self, words: Words) -> str:
        """How many projects of the pool could start."""
        last = self.rows.iloc[-1]
        columns = ("projects", "ready", "ready_yuan", "budget")
        return words(
            "summary.Readiness", year=self.year, **{c: last[c] for c in columns}
        )


def readiness(
    projects: pd.DataFrame, *, year: int, budget: pd.Series, groups: Sequence[str] = ()
) -> Readiness:
    """Ready projects of the pool of a year over its money.

    Parameters
    ----------
    projects : DataFrame
        See `registry.projects`: `ready` and what it is made of.
    budget : Series, indexed by county
        Yuan of `year`, or what is expected of it.

    References
    ----------
    docs/requirements.md R58.
    """
    rows = projects[projects["plan_year"] == year]
    tied = (rows["linked_households"] > 0) | rows["village_wide"].astype(bool)
    ready, money = rows["ready"].astype(bool), rows["budget"].fillna(0.0)
    parts = pd.DataFrame(
        {
            "county": rows["county"],
            "projects": 1,
            "disclosed": rows["disclosed_plan_on"].notna(),
            "sited": rows["has_site"].astype(bool),
            "linked": tied,
            "ready": ready,
            "ready_yuan": money.where(ready, 0.0),
            "pool_yuan": money,
        }
    )
    made = parts.groupby("county").sum()
    made = made.reindex(sorted({*made.index, *groups, *budget.index})).fillna(0)
    made["budget"] = budget.reindex(made.index).fillna(0.0)
    made.loc["all"] = made.sum()
    counts = ["projects", "disclosed", "sited", "linked", "ready"]
    made[counts] = made[counts].astype("int64")
    made["ratio"] = made["ready_yuan"] / made["budget"].where(made["budget"] > 0)
    made["status"] = np.select(
        [made["projects"] == 0, made["budget"] <= 0, made["ratio"] >= FULL],
        ["no pool", "no budget", "pass"],
        "fail",
    )
    made.index.name = "county"
    return Readiness(rows=made, gaps=_gaps(rows, parts), year=year)


def _gaps(rows: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Projects that could not start, and what they lack."""
    columns = ["project_id", "project_name", "county", "town", "village"]
    columns += ["project_type", "budget"]
    lacks = {
        "not disclosed": ~parts["disclosed"],
        "no site": ~parts["sited"],
        "no households": ~parts["linked"],
    }
    missing = ~parts["ready"].to_numpy(bool)
    why = [
        tuple(name for name, flag in lacks.items() if flag.iloc[i])
        for i in np.flatnonzero(missing)
    ]
    return rows.loc[missing, columns].assign(why=why).reset_index(drop=True)
