"""What a rule or a candidate list found, in a reader's words: headings, labels, yes and no."""

from functools import cache

import numpy as np
import pandas as pd

from jinzhou.reference.vocabulary import FOUND_TERMS, TABLES
from jinzhou.words import Words, words

TEXT = "chapters/review/findings"


def found_text(table: str, found: str, lang: str) -> str:
    """``column=value; …`` of a finding in the reader's words; empty for an empty text."""
    if not found:
        return ""
    said = words(TEXT, lang)
    parts = (part.partition("=") for part in found.split("; "))
    return said("semicolon").join(
        said(
            "found.pair",
            name=_name(table, column, lang),
            value=_value(table, column, value, said),
        )
        for column, _, value in parts
    )


def candidate_value(column: str, value: object, said: Words) -> object:
    """A cell of a candidate list as it is shown."""
    if value is None or value is pd.NA or value != value:
        return ""
    if isinstance(value, pd.Timestamp) or column == "known_on":
        return f"{value:%Y-%m-%d}"
    if isinstance(value, (bool, np.bool_)):
        return said("yes" if value else "no")
    if said.lang == "zh" and column in ("relation_to_head", "sex"):
        return _labels("member").get(column, {}).get(str(value), value)
    named = said.find(f"evidence_value.{value}") if isinstance(value, str) else None
    return named or value


def _name(table: str, column: str, lang: str) -> str:
    """A rule's own term, else the column's heading; in other languages the column's name."""
    if column in FOUND_TERMS:
        return FOUND_TERMS[column][lang != "zh"]
    return _headings(table).get(column, column) if lang == "zh" else column


def _value(table: str, column: str, value: str, said: Words) -> str:
    if not value:
        return said("found.blank")
    if said.lang != "zh":
        return value
    named = {"true": said("yes"), "false": said("no")}
    labels = _labels(table).get(column, {})
    if value.startswith("["):
        return said.join(labels.get(v, v) for v in value.strip("[]").split(", "))
    return named.get(value) or labels.get(value, value)


@cache
def _headings(table: str) -> dict[str, str]:
    """Headings of columns; a column of the table itself goes first."""
    names: dict[str, str] = {}
    for one in (TABLES[table], *TABLES.values()):
        for column in one.columns:
            names.setdefault(column.name, column.zh)
    return names


@cache
def _labels(table: str) -> dict[str, dict[str, str]]:
    """Labels of the codes of columns; a column of the table itself goes first."""
    labels: dict[str, dict[str, str]] = {}
    for one in (TABLES[table], *TABLES.values()):
        for column in one.columns:
            if column.labels and column.name not in labels:
                labels[column.name] = {
                    code: column.label(code) for code in column.labels.values()
                }
    return labels
