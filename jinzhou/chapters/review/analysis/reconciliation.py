"""Amounts that stand in two ledgers, counted: explained and unexplained (R22, R41, R44, R56)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.words import Words

AMOUNTS = ("ledger", "recorded", "gap", "explained", "unexplained")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reconciliation(Result):
    """Comparisons of ledgers, one row per comparison and group.

    Attributes
    ----------
    rows : DataFrame
        `comparison`, the group (its sum as ``all``), `cases`, `ledger`, `recorded`, `gap`,
        `explained`, `unexplained` (`gap` = `explained` + `unexplained`), `open` (cases
        unexplained).
    open : DataFrame
        The unexplained cases as given, largest gap first within each comparison.
    """

    kinds: ClassVar[Mapping[str, str]] = dict.fromkeys(AMOUNTS, "yuan")
    rows: pd.DataFrame
    open: pd.DataFrame

    def sentence(self, words: Words) -> str:
        """How many comparisons, and cases without an explanation."""
        return words(
            "summary.Reconciliation",
            comparisons=self.rows["comparison"].nunique(),
            cases=len(self.open),
        )


def reconcile(rows: pd.DataFrame, *, by: str = "county") -> Reconciliation:
    """Sum what one ledger has and the other has not, by comparison and group.

    Parameters
    ----------
    rows : DataFrame
        Result of `registry.reconciliation`: `comparison`, `ledger`, `recorded`, `gap` (not below
        zero), `explained_by` (missing when nothing explains the gap), the group.
    by : str
        Column of the group.

    Returns
    -------
    Reconciliation
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
    whole = rows.groupby("comparison", as_index=False)[values].sum()
    table = pd.concat([parts, whole.assign(**{by: "all"})], ignore_index=True)
    table = table.sort_values(
        ["comparison", by],
        key=lambda c: c.replace("all", "~") if c.name == by else c,
        ignore_index=True,
    )
    left = rows[rows["open"] == 1].sort_values(
        ["comparison", "gap"], ascending=[True, False], kind="stable"
    )
    added = ["cases", "explained", "unexplained", "open"]
    return Reconciliation(
        rows=table[["comparison", by, *values]],
        open=left.drop(columns=added).reset_index(drop=True),
    )
