"""Records are not truth: a return that nobody looks for is not recorded.

A look-back that goes to every household finds returns that the ordinary course had
missed. Where the records tell the two apart, the share that the ordinary course finds
can be estimated; where they do not, the level of true returns is not known and is not
made up.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.words import Words

FEWEST_FOUND = 30
"""A look-back with fewer returns of its own says nothing about detection."""
COLUMNS = ("ordinary", "looked_back", "share", "ci_low", "ci_high")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detection(Result):
    """How much of what happens is recorded.

    Attributes
    ----------
    rows : DataFrame, indexed by ``unvisited``, ``visited``, ``all``
        Returns of the quarters that the look-back covered: `ordinary` (recorded in the
        ordinary course), `looked_back` (found by it alone), `share` (ordinary / both),
        `ci_low`, `ci_high`.
    factor, factor_ci_low, factor_ci_high : float
        Returns that happened for each one recorded in the ordinary course; NaN when not
        identified.
    identified : bool
    why : str
        Why not: ``no look-back``, ``too few found``, ``window not covered``; empty when
        identified.
    window : tuple of str
        First and last day of the quarters used; empty without a look-back.
    """

    rows: pd.DataFrame
    factor: float
    factor_ci_low: float
    factor_ci_high: float
    identified: bool
    why: str
    window: tuple[str, ...]

    def sentence(self, words: Words) -> str:
        """Share of returns that the ordinary course records, or why it is not known."""
        if not self.identified:
            why = words.label("detection", self.why)
            return words("summary.Detection.unknown", why=why)
        return words(
            "summary.Detection.identified",
            share=1 / self.factor,
            ci_low=1 / self.factor_ci_high,
            ci_high=1 / self.factor_ci_low,
        )


def detection(
    panel: pd.DataFrame,
    *,
    as_of: str,
    outcome: str | pd.Series = "returned_1",
    window_quarters: int = 6,
    delay_quarters: int = 2,
) -> Detection:
    """Share of returns that the ordinary course records, from a look-back.

    Parameters
    ----------
    panel : DataFrame
        `next_return_round` names the round that found a return ("" in the ordinary
        course); `visited_now`; the outcome known by `as_of`.
    window_quarters : int
        Quarters before the look-back whose returns it looks for.
    delay_quarters : int
        The last quarters of the window are left out: their ordinary records were still
        under way.

    Notes
    -----
    Taken together, ordinary course and look-back are held to find everything. What both
    miss is not in the data: if the look-back finds the share c of what the ordinary
    course missed, the factor is too small by (1 - share)(1 - c) at most, so it is a
    lower bound. The interval is Jeffreys's. A look-back that reports only returns of
    its own quarter says nothing about the quarters before and is not used.
    """
    label = panel[outcome] if isinstance(outcome, str) else outcome
    hit = (label > 0) & (panel["quarter_end"] <= pd.Timestamp(as_of))
    if "next_return_round" not in panel:
        return _unknown("no look-back")
    found = hit & (panel["next_return_round"].fillna("") != "")
    if not found.any():
        return _unknown("no look-back")
    if int(found.sum()) < FEWEST_FOUND:
        return _unknown("too few found")
    last = panel.loc[found, "quarter_end"].max()
    ends = [
        last - pd.offsets.QuarterEnd(k) for k in range(delay_quarters, window_quarters)
    ]
    inside = hit & panel["quarter_end"].isin(ends)
    late, ordinary = inside & found, inside & ~found
    if int(late.sum()) < FEWEST_FOUND // 2 or int(ordinary.sum()) < 5:
        return _unknown("window not covered")
    table = _shares(ordinary, late, panel["visited_now"].astype(bool))
    share, low, high = table.loc["all", ["share", "ci_low", "ci_high"]]
    return Detection(
        rows=table,
        factor=1 / share,
        factor_ci_low=1 / high,
        factor_ci_high=1 / low,
        identified=True,
        why="",
        window=(min(ends).date().isoformat(), max(ends).date().isoformat()),
    )


def _shares(ordinary: pd.Series, late: pd.Series, visited: pd.Series) -> pd.DataFrame:
    """Share recorded in the ordinary course, of the unvisited, the visited and all."""
    from statsmodels.stats.proportion import proportion_confint

    parts = {"unvisited": ~visited, "visited": visited, "all": visited.notna()}
    rows = {}
    for name, part in parts.items():
        recorded, looked_back = int((part & ordinary).sum()), int((part & late).sum())
        total = recorded + looked_back
        share = low = high = np.nan
        if total:
            share = recorded / total
            low, high = proportion_confint(recorded, total, method="jeffreys")
        rows[name] = (recorded, looked_back, share, low, high)
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS))


def _unknown(why: str) -> Detection:
    """No share, and why."""
    empty = pd.DataFrame(
        np.nan, index=["unvisited", "visited", "all"], columns=list(COLUMNS)
    )
    return Detection(
        rows=empty.assign(ordinary=0, looked_back=0),
        factor=np.nan,
        factor_ci_low=np.nan,
        factor_ci_high=np.nan,
        identified=False,
        why=why,
        window=(),
    )
