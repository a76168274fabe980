"""Product-limit share still without the event, by group and time since the start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.statistics.intervals import normal_quantile
from jinzhou.words import Words, number

FEWEST_AT_RISK = 10
"""Fewer units at risk than this do not carry a share any further."""
WHOLE = "all"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SurvivalCurve(Result):
    """Share still without the event by time since the start.

    Attributes
    ----------
    curve : DataFrame
        `group`, `quarters` (since the start), `at_risk`, `events`, `share`, `ci_low`,
        `ci_high`.
    rows : DataFrame
        `group`, `months`, `share`, `ci_low`, `ci_high`, `at_risk` (at the last quarter
        used), `reason` (``not followed so long`` where `share` is missing).
    by : str
    """

    kinds: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("share", "ci_low", "ci_high"), "share"
    )
    curve: pd.DataFrame
    rows: pd.DataFrame
    by: str

    def sentence(self, words: Words) -> str:
        """Shares of the whole at each number of months."""
        whole = self.rows[self.rows["group"] == WHOLE]
        shares = [
            words("summary.SurvivalCurve.at", months=m, share=number(s, "share"))
            for m, s in zip(whole["months"], whole["share"], strict=True)
        ]
        return words("summary.SurvivalCurve.text", shares=shares)


def survival_curve(
    rows: pd.DataFrame,
    *,
    elapsed: str,
    outcome: str,
    by: str | None = None,
    months: Sequence[int] = (12, 24, 36),
    level: float = 0.95,
) -> SurvivalCurve:
    """Product-limit (Kaplan-Meier) share still without the event, by group and for all.

    Parameters
    ----------
    rows : DataFrame
        One row per unit and quarter at risk.
    elapsed : str
        Column of full quarters since the start; missing: not at risk.
    outcome : str
        Column of the event in the quarter that follows (missing: not followed).
    by : str, optional
        Column of groups; a missing value is the group with the empty name.
    months : sequence of int
        Multiples of 3.

    Returns
    -------
    SurvivalCurve
        Intervals on the complementary log-log scale, variance of Tsiatis (1981): what
        statsmodels gives for counted episodes, a little narrower than Greenwood's.

    Notes
    -----
    A unit enters the count in the quarter in which it is first seen (delayed entry) and
    leaves it with the event or when it is last seen; leaving is censoring. Events not
    yet recorded are not counted, so the latest quarters are too favourable.

    References
    ----------
    Kaplan and Meier (1958), Journal of the American Statistical Association 53,
    457-481.
    """
    rows = rows[rows[outcome].notna() & rows[elapsed].notna()]
    frame = pd.DataFrame(
        {
            "group": "" if by is None else rows[by].fillna("").astype(str).to_numpy(),
            "quarters": rows[elapsed].to_numpy().astype("int64"),
            "y": rows[outcome].to_numpy(float),
        }
    )
    frames = [frame.assign(group=WHOLE), *([frame] if by is not None else [])]
    counts = pd.concat(frames).groupby(["group", "quarters"])["y"].agg(["size", "sum"])
    curves = {
        name: _curve(name, part.droplevel("group"), level)
        for name, part in counts.groupby(level="group")
    }
    answers = [_at(name, curve, m) for name, curve in curves.items() for m in months]
    return SurvivalCurve(
        curve=pd.concat(curves.values(), ignore_index=True),
        rows=pd.DataFrame(
            answers,
            columns=[
                "group",
                "months",
                "share",
                "ci_low",
                "ci_high",
                "at_risk",
                "reason",
            ],
        ),
        by=by or "",
    )


def _curve(name: object, counts: pd.DataFrame, level: float) -> pd.DataFrame:
    """The curve of one group from its units at risk (`size`) and events (`sum`)."""
    from statsmodels.duration.survfunc import SurvfuncRight

    counts = counts.reindex(range(int(counts.index.max()) + 1), fill_value=0)
    n, d = counts["size"].to_numpy(float), counts["sum"].to_numpy(float)
    carried = np.cumprod(n >= FEWEST_AT_RISK).astype(bool)
    n, d = n[carried], d[carried]
    start = np.arange(len(n))
    share, se = np.ones(len(n)), np.zeros(len(n))
    if d.any():
        # each quarter is an episode: it enters at its start and ends at its end
        found = SurvfuncRight(
            np.tile(start + 1.0, 2),
            np.repeat([1, 0], len(n)),
            entry=np.tile(start.astype(float), 2),
            freq_weights=np.concatenate([d, n - d]),
        )
        at = np.searchsorted(found.surv_times, start + 1, side="right")
        share = np.append(1.0, found.surv_prob)[at]
        se = np.append(0.0, found.surv_prob_se)[at]
    with np.errstate(divide="ignore", invalid="ignore"):
        half = normal_quantile(level) * se / np.abs(share * np.log(share))
        low, high = share ** np.exp(half), share ** np.exp(-half)
    return pd.DataFrame(
        {
            "group": name,
            "quarters": start + 1,  # the row of a quarter holds the event after it
            "at_risk": n.astype("int64"),
            "events": d.astype("int64"),
            "share": share,
            "ci_low": np.where(share < 1, low, 1.0),
            "ci_high": np.where(share < 1, high, 1.0),
        }
    )


def _at(name: object, curve: pd.DataFrame, months: int) -> tuple:
    """A group's share after so many months, or why there is none."""
    place = months // 3 - 1
    if place >= len(curve):
        return name, months, np.nan, np.nan, np.nan, 0, "not followed so long"
    row = curve.iloc[place]
    return (
        name,
        months,
        row["share"],
        row["ci_low"],
        row["ci_high"],
        row["at_risk"],
        "",
    )
