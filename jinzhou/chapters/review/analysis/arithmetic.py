"""Figures that must close: the sums of a speech, of a brief, of a table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.reference.statements import Statement
from jinzhou.result import Result
from jinzhou.statistics.tolerance import ROUNDING
from jinzhou.words import Words

RELATIONS: dict[str, Callable[[float, float, float], bool]] = {
    "=": lambda left, right, slack: abs(left - right) <= slack,
    "<=": lambda left, right, slack: left <= right + slack,
    ">=": lambda left, right, slack: left >= right - slack,
    "<": lambda left, right, slack: left < right,
}
RESULTS = ("holds", "fails", "not said")
ROUNDED = 0.5e-6
"""Largest difference that counts as equal in a table, whose cells were rounded."""
COLUMNS = ["id", "zh", "en", "left", "relation", "right", "result", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FigureCheck(Result):
    """Statements about figures, held against them.

    Attributes
    ----------
    rows : DataFrame
        `id`, `zh`, `en`, `left`, `right` (values, missing when a figure is not said),
        `relation`, `result` (one of `RESULTS`), `missing` (keys of the figures that are not
        said).
    """

    rows: pd.DataFrame

    def sentence(self, words: Words) -> str:
        """How many statements hold."""
        count = self.rows["result"].value_counts()
        return words(
            "summary.FigureCheck",
            n=len(self.rows),
            **{name.replace(" ", "_"): int(count.get(name, 0)) for name in RESULTS},
        )


def check_figures(
    statements: Iterable[Statement],
    figures: Mapping[str, float],
    *,
    slack: float = ROUNDING,
) -> FigureCheck:
    """Hold statements against figures.

    Sum of parts, part of a whole, target against stock, one standard against another.

    Parameters
    ----------
    statements : iterable of Statement
        Each side is keys of `figures` that are added up.
    figures : mapping, key -> number
        A key that is absent or NaN was not said; a statement with such a key is neither true
        nor false.
    slack : float
        Largest difference that counts as equal, in the unit of the figures (rounded parts).

    Returns
    -------
    FigureCheck

    Raises
    ------
    ParameterError
        A relation is not one of `RELATIONS`.
    """
    rows = [_checked(one, figures, slack) for one in statements]
    return FigureCheck(rows=pd.DataFrame(rows, columns=COLUMNS))


def _checked(
    one: Statement, figures: Mapping[str, float], slack: float
) -> tuple[object, ...]:
    """One row of `FigureCheck`."""
    if one.relation not in RELATIONS:
        raise ParameterError(
            "chapters.arithmetic.relation",
            id=one.id,
            found=one.relation,
            known=list(RELATIONS),
        )
    keys = (*one.left, *one.right)
    missing = [key for key in keys if not np.isfinite(figures.get(key, np.nan))]
    left = sum(figures.get(key, np.nan) for key in one.left)
    right = sum(figures.get(key, np.nan) for key in one.right)
    result = "holds" if RELATIONS[one.relation](left, right, slack) else "fails"
    return (
        one.id,
        one.zh,
        one.en,
        left,
        one.relation,
        right,
        "not said" if missing else result,
        " ".join(missing),
    )


class Summed(Protocol):
    """A table that may have a row of sums.

    Attributes
    ----------
    name : str
    frame : DataFrame
    counts : sequence of str
        Headings of the counted columns.
    total : str
        Value of the first column in the row of sums, empty where there is none.
    """

    name: str
    frame: pd.DataFrame
    counts: Sequence[str]
    total: str


def check_tables(tables: Iterable[Summed]) -> FigureCheck:
    """Whether every counted column of tables adds up to its row of sums.

    Parameters
    ----------
    tables : iterable of Summed
        A missing cell makes its column's sum one that is not said.

    Returns
    -------
    FigureCheck
        One row per column; `zh` and `en` are empty.
    """
    statements: list[Statement] = []
    figures: dict[str, float] = {}
    for table in tables:
        if not table.total:
            continue
        first = table.frame.iloc[:, 0].astype(str)
        is_total = [text == table.total for text in first]
        if sum(is_total) != 1:
            continue
        for column in (c for c in table.counts if c in table.frame):
            values = pd.to_numeric(table.frame[column], errors="coerce")
            keys = [f"{table.name}:{column}:{i}" for i in range(len(values))]
            figures |= dict(zip(keys, values.astype(float), strict=True))
            marked = list(zip(keys, is_total, strict=True))
            statements.append(
                Statement(
                    id=f"{table.name} {column}",
                    left=tuple(key for key, last in marked if not last),
                    relation="=",
                    right=tuple(key for key, last in marked if last),
                    zh="",
                    en="",
                    source="",
                )
            )
    return check_figures(statements, figures, slack=ROUNDED)
