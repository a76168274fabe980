"""Figures that must close: the sums of a speech, of a brief, of a table (A1-A18)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.reference.statements import Statement

RELATIONS = {
    "=": lambda left, right, slack: abs(left - right) <= slack,
    "<=": lambda left, right, slack: left <= right + slack,
    ">=": lambda left, right, slack: left >= right - slack,
    "<": lambda left, right, slack: left < right,
}
RESULTS = ("holds", "fails", "not said")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FigureCheck:
    """Statements about figures, held against them.

    Attributes
    ----------
    rows : DataFrame
        `id`, `zh`, `en`, `left`, `right` (values, missing when a figure is not said), `relation`,
        `result` (one of `RESULTS`), `missing` (keys of the figures that are not said).
    """

    rows: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        count = self.rows["result"].value_counts()
        return f"{len(self.rows)} statements: {count.get('holds', 0)} hold, {count.get('fails', 0)} fail, {count.get('not said', 0)} not said."


def check_figures(
    statements: Iterable[Statement],
    figures: Mapping[str, float],
    *,
    slack: float = 1e-9,
) -> FigureCheck:
    """Hold statements against figures: sum of parts, part of a whole, target against stock, one standard against another.

    Parameters
    ----------
    statements : iterable of `policy.Statement`
        Each side is keys of `figures` joined by ``+``.
    figures : mapping, key -> number
        A key that is absent or NaN was not said; a statement with such a key is neither true nor false.
    slack : float
        Largest difference that counts as equal, in the unit of the figures (rounded parts).

    Raises
    ------
    ParameterError
        A relation is not one of ``=``, ``<=``, ``>=``, ``<``.
    """
    rows = []
    for one in statements:
        if one.relation not in RELATIONS:
            raise ParameterError(
                f"{one.id} 的关系为 {one.relation!r}；应为 {'、'.join(RELATIONS)} 之一。",
                f"the relation of {one.id} is {one.relation!r}; expected one of {', '.join(RELATIONS)}.",
            )
        missing = [
            key
            for key in (*one.left, *one.right)
            if not np.isfinite(figures.get(key, np.nan))
        ]
        left, right = (
            sum(figures.get(key, np.nan) for key in side)
            for side in (one.left, one.right)
        )
        result = (
            "not said"
            if missing
            else "holds"
            if RELATIONS[one.relation](left, right, slack)
            else "fails"
        )
        rows.append(
            (
                one.id,
                one.zh,
                one.en,
                left,
                one.relation,
                right,
                result,
                " ".join(missing),
            )
        )
    return FigureCheck(
        rows=pd.DataFrame(
            rows,
            columns=[
                "id",
                "zh",
                "en",
                "left",
                "relation",
                "right",
                "result",
                "missing",
            ],
        )
    )


def check_tables(tables: Sequence[object]) -> FigureCheck:
    """The same for every counted column of tables that have a row of sums.

    Parameters
    ----------
    tables : sequence of `exhibits.Table`
        `name`, `frame`, `counts` (headings), `total` (value of the first column in the row of sums).
        A missing cell makes its column's sum one that is not said.
    """
    statements, figures = [], {}
    for table in tables:
        if not table.total:
            continue
        first = table.frame.iloc[:, 0].astype(str)
        for column in (c for c in table.counts if c in table.frame):
            values = pd.to_numeric(table.frame[column], errors="coerce").to_numpy(
                dtype=float
            )
            keys = [f"{table.name}:{column}:{i}" for i in range(len(values))]
            figures |= dict(zip(keys, values))
            body, whole = (
                tuple(k for k, t in zip(keys, first) if (t == table.total) is last)
                for last in (False, True)
            )
            if len(whole) == 1:
                statements.append(
                    Statement(
                        id=f"{table.name} {column}",
                        left=body,
                        relation="=",
                        right=whole,
                        zh=f"各行之和等于{table.total}",
                        en="the rows add up to the total",
                        source="",
                    )
                )
    return check_figures(statements, figures, slack=0.5e-6)
