"""Each yuan followed from the allocation to the result (docs/requirements.md R56)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.chapters.funding.analysis.payments import EQUAL
from jinzhou.result import Result
from jinzhou.words import Words

CHAIN = ("fund", "project", "household", "measure", "helper", "result")
"""The six links that a yuan is followed through, in their order."""
OF_HOUSEHOLDS = ("measure", "helper", "result")
"""Links that each household of a project has of its own."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FundTrace(Result):
    """Yuan followed through the six links.

    Attributes
    ----------
    rows : DataFrame, indexed by county with a last row of the sum
        Yuan: `paid`, `village` (for a village, no household to trace to), `traced`, and what is
        lost at each link: `fund`, `project`, `household`, `measure`, `helper`, `result`; they add
        up. `share` = traced / (paid - village), `status`: ``pass``, ``fail``, ``nothing to trace``.
    broken : DataFrame
        `county`, `town`, `project_id`, `project_type`, `link`, `yuan`, `households`: what each
        project loses at each link, and for how many of its households (missing where the link is
        not theirs); most first.
    target : float
    """

    rows: pd.DataFrame
    broken: pd.DataFrame
    target: float

    def sentence(self, words: Words) -> str:
        """The share traced, against its target."""
        last = self.rows.iloc[-1]
        key = "none" if last["status"] == "nothing to trace" else "share"
        return words(
            f"summary.FundTrace.{key}",
            share=last["share"],
            target=self.target,
            broken=len(self.broken),
        )


def trace_funds(
    payments: pd.DataFrame, *, target: float, groups: Sequence[str] = ()
) -> FundTrace:
    """Share of the yuan paid that can be followed from the fund to the result.

    Parameters
    ----------
    payments : DataFrame
        See `registry.fund_trace`.
    target : float
        Least share (0-1); reaching it passes.

    References
    ----------
    docs/requirements.md R56.
    """
    reason, yuan = payments["reason"].fillna(""), payments["yuan"]

    def lost(why: str) -> pd.Series:
        return yuan.where(reason == why, 0.0)

    made = pd.DataFrame(
        {
            "county": payments["county"],
            "paid": yuan,
            "village": lost("no_household_needed"),
            "traced": payments["traced"],
            "fund": lost("no_fund"),
            "project": lost("no_project"),
            "household": lost("no_household"),
            "measure": payments["lost_measure"],
            "helper": payments["lost_helper"],
            "result": payments["lost_result"],
        }
    )
    rows = made.groupby("county").sum()
    rows = rows.reindex(sorted({*rows.index, *groups})).fillna(0.0)
    rows.loc["all"] = rows.sum()
    base = (rows["paid"] - rows["village"]).round(2)
    rows["share"] = rows["traced"] / base.where(base > 0)
    rows["status"] = np.select(
        [base <= 0, rows["share"] >= target - EQUAL],
        ["nothing to trace", "pass"],
        "fail",
    )
    return FundTrace(rows=rows, broken=_broken(payments, made), target=target)


def _broken(payments: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """What each project loses at each link."""
    project = ["county", "town", "project_id", "project_type"]
    long = made.assign(
        homes=payments["households"].astype(float),
        whole=payments["yuan"],
        **{name: payments[name] for name in project[1:]},
    ).melt(
        id_vars=[*project, "homes", "whole"],
        value_vars=list(CHAIN),
        var_name="link",
        value_name="yuan",
    )
    keys = [*project, "link"]
    broken = (
        long[long["yuan"] > 0]
        .groupby(keys, dropna=False)
        .agg(yuan=("yuan", "sum"), whole=("whole", "sum"), homes=("homes", "max"))
        .reset_index()
    )
    theirs = broken["link"].isin(OF_HOUSEHOLDS)
    without = (broken["homes"] * broken["yuan"] / broken["whole"]).round()
    broken["households"] = without.where(theirs)
    return (
        broken[[*keys, "yuan", "households"]]
        .sort_values(
            ["yuan", "project_id", "link"], ascending=[False, True, True], kind="stable"
        )
        .reset_index(drop=True)
    )
