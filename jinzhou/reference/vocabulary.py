"""Names, headings, labels and units of every registry table: the data dictionary, read
from data.

`tables.csv` and `columns.csv` list what our own exports write, in order; `codes/` has
one file per list of labels, in which the first label of a code is the one written. A
heading of an export is matched to a column through `Column.headings` after
`plain_heading` has removed spaces, full-width forms and bracketed units. Labels are
mapped to English codes, never numbers to numbers, because code numbers differ between
systems. All of it is read once, when the module is imported.

References
----------
docs/data-dictionary.md
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from jinzhou.reference.files import keyed, rows

KINDS = (
    "text",
    "code",
    "set",
    "flag",
    "integer",
    "number",
    "money",
    "date",
    "month",
    "due",
)
POOR_NOW = ("poor", "planned_exit", "returned")
"""Codes of `status` that count together as now poor."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a registry table.

    Attributes
    ----------
    name, zh : str
        The package's name and the heading that our own exports write.
    kind : str
        One of `KINDS`. ``money`` is stored in yuan whatever the export's unit;
        ``month`` is a date of which only year and month are known (stored as the first
        day); ``due`` is a planned date, which may lie after the day the row was known.
    aliases : tuple of str
        Other headings seen for the same column.
    unit : str
        Unit of the export: 元, 万元, 亩, 平方米, 公里, 月, 天; empty for none.
    labels : mapping, label -> code
        Allowed labels of a ``code`` or ``set`` column; the first label of a code is
        written.
    private : bool
        Kept in the side table only: names, numbers, phones, accounts, diagnoses.
    signature : bool
        The table is recognised only when this heading is present.
    dated_by : str
        Column whose date tells since when this value is known; empty means the row's
        own date.
    """

    name: str
    zh: str
    kind: str = "text"
    aliases: tuple[str, ...] = ()
    unit: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    private: bool = False
    signature: bool = False
    dated_by: str = ""

    @property
    def headings(self) -> tuple[str, ...]:
        """All accepted headings in plain form, the field name itself included."""
        names = (self.zh, *self.aliases, self.name)
        return tuple(dict.fromkeys(plain_heading(name) for name in names))

    def label(self, code: str) -> str:
        """Chinese label of a code.

        Raises
        ------
        KeyError
            The code is not in the list.
        """
        for label, known in self.labels.items():
            if known == code:
                return label
        raise KeyError(code)


@dataclass(frozen=True, slots=True)
class Table:
    """One registry table or ledger.

    Attributes
    ----------
    name, zh : str
        Name in the store and title of the export.
    key : tuple of str
        Columns that identify a row.
    columns : tuple of Column
    known : str
        Column that says when a row became known; ``"snapshot"`` means 30 September of
        that year, empty means always known (lists that carry no date).
    """

    name: str
    zh: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    known: str = ""

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def yearly(self) -> bool:
        """Whether the table is a yearly snapshot."""
        return "snapshot" in self.key


@cache
def columns_by_heading(table: str) -> Mapping[str, Column]:
    """Plain heading -> column of a table; of two with one heading the first counts."""
    found: dict[str, Column] = {}
    for column in TABLES[table].columns:
        for heading in column.headings:
            found.setdefault(heading, column)
    return MappingProxyType(found)


def plain_heading(text: object) -> str:
    """Heading without spaces, full-width forms, brackets' content, asterisks or line
    breaks.

    「耕地面积（亩）」, 「耕地面积(亩)」 and 「 耕地面积 」 become one string.
    """
    plain = unicodedata.normalize("NFKC", str(text))
    plain = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", plain)
    return re.sub(r"[\s*:：\u200b\ufeff]+", "", plain).lower()


def codes(name: str) -> Mapping[str, str]:
    """Label -> code of a list in `codes/`, in the order of the file."""
    return MappingProxyType(keyed(f"codes/{name}", "label", "code"))


def cell_words(kind: str) -> tuple[str, ...]:
    """Words of cells that are no data, of one kind of `cell_words.csv`."""
    return tuple(row["text"] for row in rows("cell_words") if row["kind"] == kind)


def pairs(name: str, key: str) -> Mapping[str, tuple[str, str]]:
    """Key -> (Chinese, English) of a reference file."""
    return MappingProxyType({row[key]: (row["zh"], row["en"]) for row in rows(name)})


def _column(row: Mapping[str, str]) -> Column:
    return Column(
        name=row["column"],
        zh=row["zh"],
        kind=row["kind"],
        aliases=tuple(row["aliases"].split("|")) if row["aliases"] else (),
        unit=row["unit"],
        labels=codes(row["codes"]) if row["codes"] else MappingProxyType({}),
        private=row["private"] == "yes",
        signature=row["signature"] == "yes",
        dated_by=row["dated_by"],
    )


def _tables() -> dict[str, Table]:
    columns: dict[str, list[Column]] = {}
    for row in rows("columns"):
        columns.setdefault(row["table"], []).append(_column(row))
    return {
        row["table"]: Table(
            name=row["table"],
            zh=row["zh"],
            key=tuple(row["key"].split()),
            columns=tuple(columns[row["table"]]),
            known=row["known"],
        )
        for row in rows("tables")
    }


TABLES: Mapping[str, Table] = MappingProxyType(_tables())
"""All tables by name."""

MISSING_LABELS = cell_words("missing")
"""Cell texts that mean missing in text, label and date columns."""
SUM_ROWS = cell_words("sum")
FOOTERS = cell_words("footer")
YES = cell_words("yes")
NO = cell_words("no")
DEMO = cell_words("demonstration")[0]
"""Words in an export's title row that mark a synthetic registry."""

RULE_FAMILIES = pairs("rule_families", "family")
"""Family of a rule by the second part of its number, with the name of its sheet."""
ICD_CHAPTERS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        row["chapter"]: (row["pattern"], row["zh"], row["en"])
        for row in rows("icd_chapters")
    }
)
"""Pattern of the code and names of the chapters of ICD-10 in which stays are counted.

The first that fits counts; a diagnosis itself is never shown.
"""
FOUND_TERMS = pairs("found_terms", "term")
"""Names of what a rule shows beside its columns."""
CHECK_HEADINGS = pairs("check_headings", "key")
"""Headings of a check workbook by which its answers are read back."""
ANSWERS = pairs("answers", "answer")
"""What an office may answer to a finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForensicTest:
    """One test for invented numbers: fewest rows, and what a unit of it is."""

    fewest: int
    unit: str


FORENSIC_TESTS: Mapping[str, ForensicTest] = MappingProxyType(
    {
        row["test"]: ForensicTest(fewest=int(row["fewest"]), unit=row["unit"])
        for row in rows("forensic_tests")
    }
)
"""Tests for invented numbers; the fewest rows of ``line`` are those on each side."""
