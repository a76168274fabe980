"""One column of cell texts becomes typed values; what cannot be read is listed, never guessed.

Work is done on the distinct texts of a column, so a column of 100,000 rows with few values costs
what its few values cost. Source: docs/data-dictionary.md, conventions and reading.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NoReturn

import numpy as np
import pandas as pd

from jinzhou.reference.vocabulary import MISSING_LABELS, NO, YES, Column
from jinzhou.registry.privacy import broken_by_excel

IDENTITY = frozenset({"id_number", "head_id_number", "certno", "borrower_id"})
"""Columns that hold identity numbers."""
SCALE = {"元": 1, "万元": 10_000}
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)

_MISSING = frozenset(MISSING_LABELS)
_DATE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?(?:[ T]00:00:00(?:\.0+)?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?")


@dataclass(frozen=True, slots=True)
class Converted:
    """Values of one column.

    Attributes
    ----------
    values : array (n,)
        float64 for money (fen), integer and number; object for the rest; missing is NaN or None.
    problems : Series, indexed by row position
        Class of each text that could not be read.
    """

    values: np.ndarray
    problems: pd.Series


LARGEST = 1e14
"""No amount, count or share of a county's registry is as large: in fen a trillion yuan."""


def clean(text: object) -> str | None:
    """Cell text without wrapping, padding and full-width forms; None when it is empty."""
    if text is None or text != text:
        return None
    text = str(text)
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = text.strip(" \t\r\n\xa0\u200b\ufeff").removeprefix("'").strip()
    return text or None


def convert(column: Column, texts: np.ndarray, *, unit: str = "") -> Converted:
    """Typed values of a column.

    Parameters
    ----------
    column : Column
    texts : array (n,) of str or None
    unit : str
        Unit that the heading names, empty when it names none; money is turned into fen.
    """
    codes, distinct = pd.factorize(texts)  # missing is -1
    numeric = column.kind in ("money", "integer", "number")
    scale = SCALE.get(unit or column.unit, 1) * 100 if column.kind == "money" else 1
    if numeric:
        out, bad = _numbers(
            distinct, column.kind, scale, in_ten_thousands=scale == 100 * SCALE["万元"]
        )
    else:
        out = np.empty(len(distinct), dtype=object)
        bad = {}
        lookup = _labels(column)
        for i, raw in enumerate(distinct):
            text = clean(raw)
            if (
                text is None
                or (column.kind != "text" and text.lower() in _MISSING)
                or (
                    column.kind == "text"
                    and text in ("无", "—", "--", "/", "空", "null", "nan")
                )
            ):
                continue
            try:
                out[i] = _READERS[column.kind](text, lookup, column)
            except ValueError as error:
                bad[i] = str(error)
    if not len(distinct):
        empty = (
            np.full(len(texts), np.nan)
            if numeric
            else np.full(len(texts), None, dtype=object)
        )
        return Converted(empty, pd.Series(dtype=object))
    values = out[codes]
    values[codes < 0] = np.nan if numeric else None
    if not bad:
        return Converted(values, pd.Series(dtype=object))
    rows = np.flatnonzero(np.isin(codes, list(bad)))
    return Converted(
        values, pd.Series([bad[c] for c in codes[rows]], index=rows, dtype=object)
    )


def _numbers(
    distinct: np.ndarray, kind: str, scale: int, *, in_ten_thousands: bool = False
) -> tuple[np.ndarray, dict[int, str]]:
    """Plain numbers at once, the rest one by one."""
    out = pd.to_numeric(pd.Series(distinct, dtype=object), errors="coerce").to_numpy(
        dtype=float, copy=True
    )
    bad: dict[int, str] = {}
    for i in np.flatnonzero(~np.isfinite(out)):
        out[i] = np.nan
        text = clean(distinct[i])
        if text is None or text.lower() in _MISSING:
            continue
        try:
            if in_ten_thousands and text.endswith(("万", "元")):
                _refuse("the cell names a unit of its own")
            out[i] = _number(text)
        except ValueError as error:
            bad[int(i)] = str(error)
    if kind == "money":
        out = np.round(out * scale)
    elif kind == "integer":
        for i in np.flatnonzero(np.isfinite(out) & (out != np.round(out))):
            bad[int(i)] = "not a whole number"
            out[i] = np.nan
    for i in np.flatnonzero(
        np.abs(out) >= LARGEST
    ):  # an identity number in a column of amounts
        bad[int(i)] = "too large"
        out[i] = np.nan
    return out, bad


def _number(text: str) -> float:
    plain = text.replace(",", "").replace(" ", "").removesuffix("元")
    if plain.endswith("%"):
        return (
            float(plain[:-1]) / 100
            if re.fullmatch(r"-?\d+(\.\d+)?%", plain)
            else _refuse("not a number")
        )
    times = 1
    if plain.endswith("万"):
        plain, times = plain[:-1], 10_000
    if not re.fullmatch(r"[-+]?\d+(\.\d*)?(e[-+]?\d+)?", plain, re.I):
        _refuse("not a number")
    return float(plain) * times


def _refuse(reason: str) -> NoReturn:
    raise ValueError(reason)


def _labels(column: Column) -> dict[str, str]:
    """Label (plain, lower case) or code -> code."""
    plain = {
        unicodedata.normalize("NFKC", label).lower(): code
        for label, code in column.labels.items()
    }
    return {code: code for code in column.labels.values()} | plain


def _text(text: str, lookup, column: Column) -> str:
    if column.name in IDENTITY:
        text = text.upper().replace(" ", "")
        if broken_by_excel(text):
            _refuse("identity number rounded by a spreadsheet")
        if not re.fullmatch(r"\d{14,17}[\dX]([0-9A-Z]{2,4})?", text):
            _refuse("not an identity number")
    elif column.name.endswith("_id") and re.fullmatch(r"\d(\.\d+)?[Ee]\+?\d+", text):
        _refuse("number rounded by a spreadsheet")
    elif column.name.endswith("_id"):
        text = text.removesuffix(".0")
    return text


def _code(text: str, lookup, column: Column) -> str:
    found: str | None = lookup.get(text.lower())
    return found if found is not None else _refuse("unknown label")


def _set(text: str, lookup, column: Column) -> tuple[str, ...]:
    parts = [part.strip().lower() for part in re.split(r"[,、;]", text) if part.strip()]
    if any(part not in lookup for part in parts):
        _refuse("unknown label")
    return tuple(sorted({lookup[part] for part in parts}))


def _flag(text: str, lookup, column: Column) -> bool:
    word = text.lower()
    if word in YES:
        return True
    return False if word in NO else _refuse("neither yes nor no")


def _date(text: str, lookup, column: Column) -> date:
    match = _DATE.fullmatch(text) or _COMPACT.fullmatch(text)
    if match:
        year, month, day = (int(part) if part else 1 for part in match.groups())
    elif re.fullmatch(r"\d{5}(\.\d+)?", text):
        found = date(1899, 12, 30) + timedelta(days=int(float(text)))
        year, month, day = found.year, found.month, found.day
    else:
        _refuse("not a date")
    try:
        found = date(year, month, day)
    except ValueError:
        _refuse("no such day")
    if not EARLIEST <= found <= LATEST:
        _refuse("no such day")
    return found.replace(day=1) if column.kind == "month" else found


_READERS = {
    "text": _text,
    "code": _code,
    "set": _set,
    "flag": _flag,
    "date": _date,
    "month": _date,
    "due": _date,
}
