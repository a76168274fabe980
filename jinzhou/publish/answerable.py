"""Which questions of a chapter the delivered tables can answer; the others say which table would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.reference.vocabulary import TABLES, Question


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answerable:
    """Questions and the tables that they need.

    Attributes
    ----------
    rows : DataFrame, indexed by question
        `status`: ``answerable``, ``no data`` (a table that it needs was not delivered); `found`, `missing` (tuples of the tables that it needs: with the
        missing ones delivered the question can be answered).
    """

    rows: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        open_ = self.rows.index[self.rows["status"] == "no data"]
        if not len(open_):
            return f"all tables of {len(self.rows)} questions were delivered."
        missing = dict.fromkeys(
            name for tables in self.rows.loc[open_, "missing"] for name in tables
        )
        return f"no data for {len(open_)} of {len(self.rows)} questions ({', '.join(open_)}): deliver {', '.join(missing)}."


def answerable(
    delivered: Sequence[str], questions: Mapping[str, Question]
) -> Answerable:
    """Whether every table that a question needs was delivered.

    Parameters
    ----------
    delivered : sequence of str
        Tables of the store (`Store.tables`). A table that was delivered and holds no row of the place or period is for the estimate to judge.

    Raises
    ------
    ParameterError
        A question needs a table that is not in the vocabulary.
    """
    unknown = sorted(
        {name for one in questions.values() for name in one.needs if name not in TABLES}
    )
    if unknown:
        raise ParameterError(
            f"没有名为 {'、'.join(unknown)} 的表；现有：{'、'.join(TABLES)}。",
            f"no table {', '.join(unknown)}; there are {', '.join(TABLES)}.",
        )
    found = {
        key: tuple(n for n in one.needs if n in delivered)
        for key, one in questions.items()
    }
    missing = {
        key: tuple(n for n in one.needs if n not in delivered)
        for key, one in questions.items()
    }
    rows = pd.DataFrame(
        {
            "status": [
                "no data" if missing[key] else "answerable" for key in questions
            ],
            "found": list(found.values()),
            "missing": list(missing.values()),
        },
        index=pd.Index(list(questions), name="question"),
    )
    return Answerable(rows=rows)
