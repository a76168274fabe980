"""Amounts that stand in two ledgers, counted: explained and unexplained (R22, R41, R44, R56)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

AMOUNTS = ("ledger", "recorded", "gap", "explained", "unexplained")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reconciliation:
    """Comparisons of ledgers, one row per comparison and group.

    Attributes
    ----------
    rows : DataFrame
        `comparison`, the group (its sum as ``all``), `cases`, `ledger`, `recorded`, `gap`,
        `explained`, `unexplained` (`gap` = `explained` + `unexplained`), `open` (cases unexplained).
    open : DataFrame
        The unexplained cases as given, largest gap first within each comparison.
    """

    rows: pd.DataFrame
    open: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return f"{self.rows['comparison'].nunique()} comparisons, {len(self.open):,} cases unexplained."


def reconcile(rows: pd.DataFrame, *, by: str = "county") -> Reconciliation:
    """Sum what one ledger has and the other has not, by comparison and group.

    Parameters
    ----------
    rows : DataFrame
        Result of `registry.reconciliation`: `comparison`, `ledger`, `recorded`, `gap` (not below
        zero), `explained_by` (missing when nothing explains the gap), the group.
    """
    known = rows["explained_by"].notna()
    rows = rows.assign(
        cases=1,
        recorded=rows["recorded"].fillna(0.0),
        explained=np.where(known, rows["gap"], 0.0),
        unexplained=np.where(known, 0.0, rows["gap"]),
        open=((rows["gap"] > 0) & ~known).astype(int),
    )
    values = ["cases", *AMOUNTS, "open"]
    parts = rows.groupby(["comparison", by], as_index=False)[values].sum()
    whole = (
        rows.groupby("comparison", as_index=False)[values].sum().assign(**{by: "all"})
    )
    table = pd.concat([parts, whole], ignore_index=True).sort_values(
        ["comparison", by],
        key=lambda c: c.replace("all", "~") if c.name == by else c,
        ignore_index=True,
    )
    left = rows[rows["open"] == 1].sort_values(
        ["comparison", "gap"], ascending=[True, False], kind="stable"
    )
    return Reconciliation(
        rows=table[["comparison", by, *values]],
        open=left.drop(
            columns=["cases", "explained", "unexplained", "open"]
        ).reset_index(drop=True),
    )
