"""Measures of groups with linearised errors, from the sums that a survey keeps.

No library serves: estimates, their influence and their errors must combine exactly over
partitions and under strata and clusters (statsmodels has no survey design errors).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.statistics.intervals import design_errors, mean_interval, share_interval
from jinzhou.statistics.survey import Tally
from jinzhou.words import Words


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measure:
    """An estimate of each group, and the influence of each cell on its own group's.

    Attributes
    ----------
    value : array (groups,)
    influence : array (cells,)
    share : bool
        A share of rows between 0 and 1: its interval is a score interval.
    least, most : float
        What it can be; an interval ends there.
    status : array of str (groups,), optional
        Why there is no value, or what was left out of it; empty where nothing is to be
        said.
    """

    value: np.ndarray
    influence: np.ndarray
    share: bool = False
    least: float = -np.inf
    most: float = np.inf
    status: np.ndarray | None = None


def ratio(
    sums: Tally,
    above: np.ndarray | str,
    below: np.ndarray | str = "weight",
    *,
    share: bool = False,
    least: float = 0.0,
    most: float = np.inf,
    status: np.ndarray | None = None,
) -> Measure:
    """Ratio of two sums over each group, not negative unless said, linearised."""
    above, below = (
        np.asarray(sums.cells[x] if isinstance(x, str) else x, float)
        for x in (above, below)
    )
    top, bottom = sums.by_group(above), sums.by_group(below)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = top / bottom
        influence = (above - sums.each(value) * below) / sums.each(bottom)
    return Measure(
        value=value,
        influence=np.nan_to_num(influence),
        share=share,
        least=least,
        most=most,
        status=status,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimates(Result):
    """Measures of groups with their errors, one row per group and measure.

    Attributes
    ----------
    estimates : DataFrame
        `group`, `measure`, `value`, `se` (linearised), `ci_low`, `ci_high`,
        `households` (rows used), `weight` (their sum), `status`: ``ok``, or what is not
        defined, left out, or how a stratum with one cluster was taken.
    dropped : Series, indexed by reason
        Rows left out of every measure; with `households` of one measure it sums to the
        rows given.
    name : str
        What was measured, with its line, edge or rank.
    level : float
    """

    shown: ClassVar[str] = "estimates"
    kinds: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("value", "se", "ci_low", "ci_high"), "score"
    )
    estimates: pd.DataFrame
    dropped: pd.Series
    name: str
    level: float

    def sentence(self, words: Words) -> str:
        """Groups, rows used and rows left out."""
        first = self.estimates.drop_duplicates("group")
        return words(
            "summary.Estimates",
            groups=len(first),
            households=int(first["households"].sum()),
            dropped=int(self.dropped.sum()),
        )


def estimates(
    sums: Tally, measures: Mapping[str, Measure], *, level: float = 0.95
) -> pd.DataFrame:
    """The frame of `Estimates`, by the groups' labels, then by the measures."""
    cells, rows = sums.cells, sums.by_group("rows")
    names, group = list(measures), sums.cells["group"].to_numpy()
    z = np.column_stack([measures[m].influence for m in names])
    found = design_errors(
        z,
        stratum=cells["stratum"],
        cluster=cells["cluster"],
        group=group,
        inside=cells["rows"].to_numpy() > 0,
        groups=sums.groups,
    )
    parts = []
    for k, name in enumerate(names):
        m = measures[name]
        se = np.where(np.isnan(m.value), np.nan, found.se[:, k])
        if m.share:
            low, high = share_interval(
                m.value, se, found.df, rows, found.clusters, level=level
            )
        else:
            low, high = np.clip(
                mean_interval(m.value, se, found.df, level=level), m.least, m.most
            )
        said = np.full(sums.groups, "", object) if m.status is None else m.status
        status = [
            _status(*group_state)
            for group_state in zip(
                rows, said, np.isnan(m.value), found.df, found.lonely, strict=True
            )
        ]
        parts.append(
            pd.DataFrame(
                {
                    "group": sums.names,
                    "measure": name,
                    "value": m.value,
                    "se": se,
                    "ci_low": low,
                    "ci_high": high,
                    "households": rows.astype("int64"),
                    "weight": sums.by_group("weight"),
                    "status": status,
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    first = (
        sums.names.argsort() if sums.groups > 1 else np.arange(sums.groups)
    )  # a missing label sorts last
    return frame.iloc[
        (first[:, None] + sums.groups * np.arange(len(names))).ravel()
    ].reset_index(drop=True)


def parts_of_whole(
    sums: Tally, name: str, *, level: float = 0.95
) -> list[pd.DataFrame]:
    """For each group its `size` and its `contribution` to a sum, as `estimates`."""
    whole, group = sums.ungrouped(), sums.cells["group"].to_numpy()
    return [
        estimates(
            whole,
            {
                "size": ratio(
                    whole, whole.cells["weight"] * (group == code), share=True
                ),
                "contribution": ratio(
                    whole, whole.cells[name] * (group == code), name, most=1.0
                ),
            },
            level=level,
        ).assign(group=label)
        for code, label in enumerate(sums.names)
    ]


def _status(rows: float, said: str, undefined: bool, df: int, lonely: int) -> str:
    if not rows:
        return "no rows"
    if undefined:
        return said or "not defined"
    if df < 1:
        error = "one cluster: no error"
    elif lonely:
        error = f"strata with one cluster, taken about the mean of all: {lonely}"
    else:
        error = ""
    return "; ".join(x for x in (said, error) if x) or "ok"
