"""Who stays out of poverty: share not returned after 12, 24, 36 months (R16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

FEWEST_AT_RISK = 10
"""Fewer households than this in a quarter since the exit do not carry a share any further."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SurvivalCurve:
    """Share still out of poverty by time since the exit.

    Attributes
    ----------
    curve : DataFrame
        `group`, `quarters` (since the exit), `at_risk`, `events`, `share`, `ci_low`, `ci_high`.
    rows : DataFrame
        `group`, `months`, `share`, `ci_low`, `ci_high`, `at_risk` (at the last quarter used), `reason`
        (``not followed so long`` where `share` is missing).
    by : str
    """

    curve: pd.DataFrame
    rows: pd.DataFrame
    by: str

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        first = self.rows[self.rows["group"] == "all"].set_index("months")["share"]
        return (
            "share still out of poverty: "
            + ", ".join(
                f"{m} months {v:.1%}" if v == v else f"{m} months unknown"
                for m, v in first.items()
            )
            + "."
        )


def survival_curve(
    panel: pd.DataFrame,
    *,
    by: str = "exit_year",
    months: Sequence[int] = (12, 24, 36),
    outcome: str = "returned_1",
) -> SurvivalCurve:
    """Product-limit share of exited households that have not returned.

    Parameters
    ----------
    panel : DataFrame
        One row per household and quarter; `quarters_since_exit`, the outcome of the next quarter
        (missing: not followed), and `by`. ``exit_year`` is the year of the spell's own exit.
    months : sequence of int
        Multiples of 3.

    Notes
    -----
    A household enters the count in the quarter since its exit in which it is first seen (delayed
    entry) and leaves it when it returns, leaves the registry or is last seen; leaving is taken as
    censoring. Kaplan and Meier (1958), JASA 53, 457-481; Greenwood's variance on the complementary
    log-log scale. Returns that have not been recorded yet are not in the count, so the latest
    quarters are too favourable.
    """
    rows = panel[panel[outcome].notna() & panel["quarters_since_exit"].notna()]
    ends = rows["quarter_end"].dt.year * 4 + rows["quarter_end"].dt.quarter - 1
    spell_year = ((ends - rows["quarters_since_exit"]) // 4).astype("int64")
    group = (
        spell_year.astype(str) if by == "exit_year" else rows[by].fillna("").astype(str)
    )
    frame = pd.DataFrame(
        {
            "group": group.to_numpy(),
            "quarters": rows["quarters_since_exit"].to_numpy().astype("int64"),
            "y": rows[outcome].to_numpy(float),
        }
    )
    counts = (
        pd.concat([frame, frame.assign(group="all")])
        .groupby(["group", "quarters"])["y"]
        .agg(["size", "sum"])
        .reset_index()
    )
    curves, answers = [], []
    for name, part in counts.groupby("group"):
        part = part.set_index("quarters").reindex(
            range(0, int(part["quarters"].max()) + 1)
        )
        n, d = part["size"].fillna(0).to_numpy(), part["sum"].fillna(0).to_numpy()
        carried = np.cumprod(n >= FEWEST_AT_RISK).astype(bool)
        n, d = n[carried], d[carried]
        share = np.cumprod(1 - d / n)
        spread = np.sqrt(np.cumsum(d / np.maximum(n * (n - d), 1e-9)))
        with np.errstate(divide="ignore", invalid="ignore"):
            half = 1.959964 * spread / np.abs(np.log(share))
            low, high = share ** np.exp(half), share ** np.exp(-half)
        low, high = np.where(share < 1, low, 1.0), np.where(share < 1, high, 1.0)
        # the row of quarter q holds the return of the quarter after it
        curves.append(
            pd.DataFrame(
                {
                    "group": name,
                    "quarters": np.arange(1, len(n) + 1),
                    "at_risk": n.astype("int64"),
                    "events": d.astype("int64"),
                    "share": share,
                    "ci_low": low,
                    "ci_high": high,
                }
            )
        )
        for m in months:
            at = m // 3 - 1
            known = at < len(n)
            answers.append(
                (
                    name,
                    m,
                    share[at] if known else np.nan,
                    low[at] if known else np.nan,
                    high[at] if known else np.nan,
                    int(n[at]) if known else 0,
                    "" if known else "not followed so long",
                )
            )
    return SurvivalCurve(
        curve=pd.concat(curves, ignore_index=True),
        by=by,
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
    )
