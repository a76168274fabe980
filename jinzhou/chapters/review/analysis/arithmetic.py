"""Figures that must close: the sums of a speech, of a brief, of a table."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

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
