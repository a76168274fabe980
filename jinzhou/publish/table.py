"""A table of a brief: code columns with headings, kinds of numbers, and what may be withheld."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

import pandas as pd

from jinzhou.words import number


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """One table of a brief.

    Attributes
    ----------
    name, title : str
        File name (ascii) and heading in the chapter's language.
    frame : DataFrame
        Raw numbers, and words where the column is a text.
    headings : mapping, column -> heading
        In the chapter's language; a column without one is its own heading.
    formats : mapping, column -> one of `words.KINDS`
    counts : tuple of str
        Columns that count persons or households: small cells are withheld in these.
    total : str
        Value of the first column that names the row of sums, empty when there is none.
    note, source : str
    whole : bool
        Whether a page shows every row, however many.
    links : tuple of str
        Columns whose cells are names of tables and figures, written as their numbers in the brief.
    impersonal : tuple of int
        Positions of rows that count villages or projects, where nothing is withheld.
    titles : mapping, name -> title
        Of the tables and figures that `links` name, for where there are no numbers.
    """

    name: str
    title: str
    frame: pd.DataFrame
    headings: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    counts: tuple[str, ...] = ()
    total: str = ""
    note: str = ""
    source: str = ""
    whole: bool = False
    links: tuple[str, ...] = ()
    impersonal: tuple[int, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)

    def heading(self, column: str) -> str:
        """The heading of a column."""
        return self.headings.get(column, column)

    def kind(self, column: str) -> str:
        """How the numbers of a column are written."""
        known = self.formats.get(column)
        if known is not None:
            return known
        return "number" if self.frame[column].dtype.kind in "if" else "text"

    def numeric(self, column: str) -> bool:
        """Whether a column holds numbers, which stand to the right."""
        return (
            self.formats.get(column, "text") != "text"
            or self.frame[column].dtype.kind in "if"
        )

    def cells(self) -> list[list[str]]:
        """Every cell as a brief writes it, row by row."""
        columns = [
            [number(value, self.kind(column)) for value in self.frame[column]]
            for column in self.frame
        ]
        return [list(row) for row in zip(*columns, strict=True)]

    def _repr_html_(self) -> str:
        return table_html(self)


def _titled(cell: str, titles: Mapping[str, str]) -> str:
    """The titles of the tables and figures that a cell names."""
    return re.sub(r"\w+", lambda m: titles.get(m.group(), m.group()), cell)


SHOWN = 15
"""Rows of a longer table that a notebook shows; the whole stands in the CSV."""


def table_html(table: Table) -> str:
    """The table as a notebook shows it, with its title, note and source."""
    columns = list(table.frame)
    sides = ["right" if table.numeric(c) else "left" for c in columns]
    head = "".join(
        f'<th style="text-align: {side}">{escape(table.heading(c))}</th>'
        for c, side in zip(columns, sides, strict=True)
    )
    rows = [
        [
            _titled(cell, table.titles) if column in table.links else cell
            for column, cell in zip(columns, row, strict=True)
        ]
        for row in table.cells()
    ]
    shown = rows if table.whole or len(rows) <= SHOWN + 5 else rows[:SHOWN]
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="text-align: {side}">{escape(cell)}</td>'
            for cell, side in zip(row, sides, strict=True)
        )
        + "</tr>"
        for row in shown
    )
    more = f" … {len(shown)} / {len(rows)}" if len(shown) < len(rows) else ""
    under = " ".join(escape(text) for text in (table.note, table.source) if text)
    return (
        f"<p><strong>{escape(table.title)}</strong>{more}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        + (f"<p><small>{under}</small></p>" if under else "")
    )
