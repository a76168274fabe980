"""What an estimate, a load or a check returns: a frozen object with a table, a sentence, a page."""

from collections.abc import Mapping
from html import escape
from typing import ClassVar

import pandas as pd

from jinzhou import errors
from jinzhou.words import Words, number, words

ROWS_SHOWN = 60
"""Rows of a table that a notebook shows."""


class Result:
    """Base of every result: frozen, keyword-only, slotted dataclasses inherit from it.

    Attributes
    ----------
    shown : ClassVar[str]
        Name of the attribute that holds the table of the answer.
    kinds : ClassVar[mapping]
        Column -> one of `words.KINDS`, for the page in a notebook, or ``label:<group>``
        for a code whose word stands under ``[labels.<group>]``. Whole numbers are
        counts and other numbers plain numbers when not named.

    Notes
    -----
    Words stand in the room's text file (``statistics/text.<lang>.toml``,
    ``registry/text.<lang>.toml``, or the chapter's): ``[summary]`` by class, ``[columns]``
    by column, ``[values]`` for codes in cells.
    """

    __slots__ = ()
    shown: ClassVar[str] = "rows"
    kinds: ClassVar[Mapping[str, str]] = {}

    def table(self) -> pd.DataFrame:
        """A copy of the table of the answer, safe to format."""
        found = getattr(self, self.shown)
        return (found.to_frame() if isinstance(found, pd.Series) else found).copy()

    def summary(self, lang: str = "") -> str:
        """The answer in one sentence.

        Parameters
        ----------
        lang : str
            Empty for the language chosen with `errors.speak`.
        """
        return self.sentence(self._words(lang))

    def sentence(self, words: Words) -> str:
        """The answer in one sentence, from the words of the room."""
        raise NotImplementedError

    def _words(self, lang: str = "") -> Words:
        room = type(self).__module__.split(".")[1:]
        part = "/".join(room[: 2 if room[0] == "chapters" else 1])
        return words(f"{part}/text", lang or errors.language())

    def _repr_html_(self) -> str:
        """Sentence and table with headings and formats of the chosen language."""
        known = self._words()
        table = self.table()
        levels = [name for name in table.index.names if name is not None]
        table = table.reset_index(levels) if levels else table
        heads = "".join(f"<th>{escape(heading(c, known))}</th>" for c in table)
        body = "\n".join(
            f"<tr>{''.join(cells)}</tr>"
            for cells in zip(
                *(self._cells(table[c].head(ROWS_SHOWN), known) for c in table),
                strict=True,
            )
        )
        return (
            f"<p>{escape(self.sentence(known))}</p>\n<table>"
            f"<thead><tr>{heads}</tr></thead>\n<tbody>{body}</tbody></table>"
        )

    def _cells(self, column: pd.Series, known: Words) -> list[str]:
        kind = self.kinds.get(str(column.name), kind_of(column))
        group = kind.removeprefix("label:")
        if group != kind:
            return [f"<td>{escape(known.label(group, v))}</td>" for v in column]
        if kind == "text":
            return [f"<td>{escape(value_text(v, known))}</td>" for v in column]
        return [f'<td align="right">{escape(number(v, kind))}</td>' for v in column]


def kind_of(column: pd.Series) -> str:
    """How the numbers of a column are written when nothing says so."""
    return {"i": "count", "u": "count", "f": "number"}.get(column.dtype.kind, "text")


def heading(column: object, known: Words) -> str:
    """Heading of a column; the column's own name when the text file has none."""
    found = known.find(f"columns.{column}")
    return found if isinstance(found, str) else str(column)


def value_text(value: object, known: Words) -> str:
    """A cell that is no number: a known code by its word, missing as nothing."""
    if value is None or value is pd.NA or value != value:
        return ""
    if pd.api.types.is_bool(value):
        return known("yes" if value else "no")
    if isinstance(value, (list, tuple)):
        return known.join(value_text(v, known) for v in value)
    found = known.find("values")
    said = found.get(str(value)) if isinstance(found, Mapping) else None
    return said if isinstance(said, str) else str(value)
