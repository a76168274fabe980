"""Words and numbers that people read: text files by language, filled by one formatter.

A text file is TOML. Its leaves are sentences, titles, headings and labels with ``{fields}``; a
field says how its number is written: ``{stays:count}``, ``{share:share}``,
``{share:share:interval}``, ``{share:share:change:last_quarter}``. An office changes a wording by
putting a file of the same name, with the changed lines alone, into the folder that
``JINZHOU_REFERENCE`` names. A further language is a further file.
"""

import math
import os
import string
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

REFERENCE_VARIABLE = "JINZHOU_REFERENCE"
"""Environment variable naming a folder whose files change those of the package."""
LEVEL = 0.95
"""Level of every interval that is printed."""
KINDS = ("count", "share", "yuan", "wan_yuan", "number", "score", "text")
PACKAGE = Path(__file__).parent
LANGUAGES = tuple(
    sorted(
        (path.name.split(".")[1] for path in PACKAGE.glob("words.*.toml")),
        key=lambda lang: (lang != "zh", lang),
    )
)
"""Languages that have a file of common words, Chinese first."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval and the number that it is compared with.

    Attributes
    ----------
    value, low, high : float
        NaN or None where unknown.
    before : float or None
        The same figure of the earlier period; None when there is none.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    before: float | None = None


class Words:
    """The words of one part of the package in one language, with the common words behind them.

    Parameters
    ----------
    part : str
        Path of the text file below the package without its ending, for example
        ``chapters/illness/text``; empty for the common words alone.
    lang : str
        ``zh`` or ``en``.
    """

    def __init__(self, part: str, lang: str) -> None:
        self.part = part
        self.lang = lang
        common = _tree("words", lang)
        self._trees = (_tree(part, lang), common) if part else (common,)

    @property
    def tree(self) -> Mapping:
        """The texts of this part alone."""
        return self._trees[0]

    def __call__(self, key: str, /, **values: object) -> str:
        """The text under a dotted key, its fields filled."""
        found = self.find(key)
        if not isinstance(found, str):
            raise KeyError(f"no text {key!r} in {self.part or 'words'}, {self.lang}")
        return self.fill(found, values)

    def find(self, key: str) -> object:
        """What stands under a dotted key: a text, a table of texts, or None."""
        for tree in self._trees:
            found = _walk(tree, key)
            if found is not None:
                return found
        return None

    def label(self, group: str, code: object) -> str:
        """The word for a code of a group; an empty text for a missing code."""
        if code is None or code != code:
            return ""
        for tree in self._trees:
            known = _walk(tree, f"labels.{group}")
            if isinstance(known, Mapping) and str(code) in known:
                return self.fill(str(known[str(code)]), {})
        raise KeyError(f"no word for {code!r} of {group!r} in {self.part or 'words'}")

    def group(self, name: str) -> Mapping[str, str]:
        """The words of a group of labels by code, in the order of the file."""
        found = self.find(f"labels.{name}")
        if not isinstance(found, Mapping):
            raise KeyError(f"no labels {name!r} in {self.part or 'words'}, {self.lang}")
        return found

    def fill(self, text: str, values: Mapping[str, object]) -> str:
        """A text with its fields filled."""
        return _Formatter(self).vformat(
            text, (), {"level": percent(LEVEL)} | dict(values)
        )

    def join(self, texts: Iterable[object]) -> str:
        """Several texts with the language's comma between them."""
        return self("comma").join(str(text) for text in texts)

    def day(self, day: str | date, form: str = "day") -> str:
        """A day of the year in words; ``long`` with the year."""
        when = date.fromisoformat(day) if isinstance(day, str) else day
        values = {"year": when.year, "month_number": when.month, "number": when.day}
        return self(f"date.{form}", month=self(f"months.m{when.month}"), **values)

    def interval(self, low: float | None, high: float | None, kind: str) -> str:
        """The interval in brackets; where it is unknown the brackets say so."""
        if not (_known(low) and _known(high)):
            return self("interval.unknown")
        return self("interval.known", low=number(low, kind), high=number(high, kind))

    def change(self, estimate: Estimate, kind: str, since: str, unit: str = "") -> str:
        """How a figure moved since `since`, in words chosen by rule.

        A past figure inside the interval of the present one is 「基本持平」; shares change in
        percentage points.
        """
        now, before = estimate.value, estimate.before
        if not (_known(now) and _known(before)):
            return self("change.unknown")
        moved = now - before
        inside = (
            _known(estimate.low)
            and _known(estimate.high)
            and estimate.low <= before <= estimate.high
        )
        period = self(f"since.{since}")
        if moved == 0 or inside:
            return self("change.about" if moved else "change.same", since=period)
        if kind == "share":
            amount = self("change.points", amount=trimmed(abs(moved) * 100, 2))
        else:
            amount = number(abs(moved), kind) + unit
        return self(
            "change.up" if moved > 0 else "change.down", since=period, amount=amount
        )


class _Formatter(string.Formatter):
    """``{value:kind}``, ``{value:kind:interval}``, ``{value:kind:change:since:unit}``."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def format_field(self, value: object, spec: str) -> str:
        kind, *how = spec.split(":")
        if kind and kind not in KINDS:
            return format(value, spec)
        if how and how[0] == "interval":
            return self._words.interval(value.low, value.high, kind)
        if how and how[0] == "change":
            return self._words.change(value, kind, *how[1:])
        if isinstance(value, Estimate):
            value = value.value
        if kind:
            return number(value, kind)
        if isinstance(value, (list, tuple, set, frozenset)):
            return self._words.join(value)
        return number(value, "number") if isinstance(value, float) else str(value)


def number(value: float | None, kind: str) -> str:
    """A number as a brief writes it: no thousands comma, at most two decimals.

    A missing value is 「—」, never zero. `kind` is one of `KINDS`: ``share`` is 0-1 and written in
    percent, ``wan_yuan`` is yuan written in 10,000 yuan, ``score`` has three decimals.
    """
    if kind == "text":
        return "" if value is None or value != value else str(value)
    if not _known(value):
        return "—"
    if kind == "share":
        text = f"{100 * value:.2f}%" if 0 < value < 0.1 else f"{100 * value:.1f}%"
        return _unsigned(text)
    if kind in ("count", "score"):
        return _unsigned(f"{value:.{0 if kind == 'count' else 3}f}")
    if kind == "wan_yuan":
        return trimmed(value / 10_000, 2)
    return trimmed(value, 0 if kind == "yuan" and abs(value) >= 100 else 2)


def trimmed(value: float, digits: int) -> str:
    """Fixed decimals without trailing zeros, and no minus before zero."""
    text = f"{value:.{digits}f}"
    return _unsigned(text.rstrip("0").rstrip(".") if "." in text else text)


def percent(share: float) -> str:
    """A share that is a constant (a level, a threshold), in percent without needless decimals."""
    return trimmed(100 * share, 2) + "%"


@cache
def words(part: str, lang: str) -> Words:
    """The words of a part of the package in a language, read once."""
    return Words(part, lang)


def text_files(part: str, lang: str) -> list[Path]:
    """The text file of a part, then the office's own file of that part if there is one."""
    folder = os.environ.get(REFERENCE_VARIABLE)
    own = Path(folder) / f"{part.replace('/', '.')}.{lang}.toml" if folder else None
    return [PACKAGE / f"{part}.{lang}.toml", *([own] if own and own.is_file() else [])]


@cache
def _tree(part: str, lang: str) -> dict:
    tree: dict = {}
    for path in text_files(part, lang):
        with path.open("rb") as file:
            tree = _merged(tree, tomllib.load(file))
    return tree


def _merged(tree: dict, more: Mapping) -> dict:
    """`tree` with the leaves of `more` in place of its own."""
    made = dict(tree)
    for key, value in more.items():
        old = made.get(key)
        made[key] = (
            _merged(old, value)
            if isinstance(value, Mapping) and isinstance(old, Mapping)
            else value
        )
    return made


def _walk(tree: Mapping, key: str) -> object:
    found: object = tree
    for step in key.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = found[step]
    return found


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _unsigned(text: str) -> str:
    """No minus before a zero."""
    return text if any(c in "123456789" for c in text) else text.removeprefix("-")
