"""What a chapter hands over to be released, and how its numbers are written."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.reference.vocabulary import COUNTIES, COUNTIES_EN

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

FORMATS = ("count", "share", "yuan", "wan_yuan", "number", "score", "text")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """One table of a brief.

    Attributes
    ----------
    name, title : str
        File name (ascii) and heading in the chapter's language.
    frame : DataFrame
        Raw numbers; columns are headings in the chapter's language.
    formats : mapping, heading -> one of `FORMATS`
        ``share`` is 0-1 and written in percent, ``wan_yuan`` is yuan written in 10,000 yuan,
        ``score`` has three decimals.
    counts : tuple of str
        Headings that count persons or households: small cells are withheld in these.
    total : str
        Value of the first column that marks the row of sums, empty when there is none.
    note, source : str
    whole : bool
        Whether a page shows every row, however many.
    links : tuple of str
        Headings whose cells are names of tables and figures, written as their numbers in the brief.
    impersonal : tuple of int
        Places of rows that count villages or projects, where nothing is withheld.
    """

    name: str
    title: str
    frame: pd.DataFrame
    formats: dict[str, str] = field(default_factory=dict)
    counts: tuple[str, ...] = ()
    total: str = ""
    note: str = ""
    source: str = ""
    whole: bool = False
    links: tuple[str, ...] = ()
    impersonal: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figure:
    """One figure; `alt` says in words what it shows."""

    name: str
    title: str
    drawing: Drawing
    alt: str = ""
    note: str = ""

    def svg(self, *, mark: str = "") -> bytes:
        """The drawing as SVG with its letters as paths, a mark below it; the same figure gives the same bytes."""
        import matplotlib
        from matplotlib.text import Text
        from matplotlib.transforms import Bbox

        stream, (width, height) = io.BytesIO(), self.drawing.get_size_inches()
        font = self.drawing.findobj(Text)[0].get_fontfamily() if mark else None
        note = self.drawing.text(
            1,
            0,
            mark,
            ha="right",
            va="top",
            fontsize=6.5,
            color="#b23a48",
            fontfamily=font,
        )
        with matplotlib.rc_context({"svg.hashsalt": "jinzhou", "svg.fonttype": "path"}):
            self.drawing.savefig(
                stream,
                format="svg",
                metadata={"Date": None, "Creator": None},
                transparent=True,
                bbox_inches=Bbox([[0, -0.14 if mark else 0], [width, height]]),
            )
        note.remove()
        return stream.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence, and the tables that its numbers come from."""

    text: str
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One of page one's figures: label, value, change since last quarter and last year, a trend."""

    key: str
    label: str
    text: str
    change: str = ""
    year_change: str = ""
    trend: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What, where, how many, who answers, which list."""

    title: str
    sentences: tuple[Sentence, ...]
    office: str
    list_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the table that a meeting goes through; `basis` is a table's name."""

    matter: str
    office: str
    target: str
    deadline: str
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ListSheet:
    """One sheet to print and to fill in.

    Attributes
    ----------
    name, tab, title : str
        File name without suffix, name of the sheet, heading above the table.
    county : str
        Code of the county that it is for.
    frame : DataFrame
        With final headings; texts and numbers.
    inputs : mapping, heading -> values of its drop-down
        The empty columns, none for free text; filled where `answers` has the heading.
    shares : tuple of str
        Headings of shares (0-1).
    answers : DataFrame or None
        Values already in the input columns, row by row.
    """

    name: str
    title: str
    county: str
    frame: pd.DataFrame
    inputs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    note: str = ""
    tab: str = ""
    shares: tuple[str, ...] = ()
    answers: pd.DataFrame | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chapter:
    """All that one notebook hands over.

    Attributes
    ----------
    name : str
        Name of the notebook.
    title : str
    county : mapping, heading -> {county code: text}
        Columns for page two.
    notes : tuple of str
        Definitions and methods, for the annex.
    """

    name: str
    title: str
    lang: str
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    facts: tuple[Fact, ...] = ()
    problems: tuple[Problem, ...] = ()
    steps: tuple[Step, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    notes: tuple[str, ...] = ()
    lists: tuple[ListSheet, ...] = ()
    county: dict[str, dict[str, str]] = field(default_factory=dict)

    def table(self, name: str) -> Table:
        """One of the chapter's tables; ParameterError lists the names when it is unknown."""
        for table in self.tables:
            if table.name == name:
                return table
        known = "、".join(table.name for table in self.tables)
        raise ParameterError(
            f"本章没有名为 {name!r} 的表；现有：{known}。",
            f"no table {name!r} in this chapter; there are {known}.",
        )


def without(chapter: Chapter, parts: Iterable[str]) -> Chapter:
    """The chapter without some of its tables, figures and page-one figures, and what rests on them alone.

    A sentence goes when every table that it cites is gone, a step when its basis is;
    ``county:<chapter>`` stands for the chapter's columns beside the counties.
    """
    gone = set(parts)

    def stays(sentence: Sentence) -> bool:
        return not sentence.tables or not gone.issuperset(sentence.tables)

    return replace(
        chapter,
        tables=tuple(t for t in chapter.tables if t.name not in gone),
        figures=tuple(f for f in chapter.figures if f.name not in gone),
        facts=tuple(f for f in chapter.facts if f.key not in gone),
        sentences=tuple(s for s in chapter.sentences if stays(s)),
        problems=tuple(
            replace(
                p,
                sentences=tuple(
                    replace(s, tables=tuple(t for t in s.tables if t not in gone))
                    for s in p.sentences
                    if stays(s)
                ),
            )
            for p in chapter.problems
        ),
        steps=tuple(s for s in chapter.steps if s.basis not in gone),
        county={} if f"county:{chapter.name}" in gone else chapter.county,
    )


def words(lang: str):
    """A function that picks the Chinese or the English of two texts.

    Raises
    ------
    ParameterError
        The language is neither zh nor en.
    """
    if lang not in ("zh", "en"):
        raise ParameterError(
            f"语言为 {lang!r}；应为 zh 或 en。", f"lang={lang!r}; expected zh or en."
        )
    return (lambda zh, en: zh) if lang == "zh" else (lambda zh, en: en)


def county_name(code: str, lang: str) -> str:
    """Name of a unit by its code; the sum is 合计 / All, an unknown place 未知 / Unknown."""
    if code == "all":
        return "合计" if lang == "zh" else "All"
    return (COUNTIES if lang == "zh" else COUNTIES_EN).get(
        code, "未知" if lang == "zh" else "Unknown"
    )


def by_county(frame: pd.DataFrame, lang: str) -> pd.DataFrame:
    """A frame indexed by county code with the name as its first column, in the order of codes."""
    order = sorted(frame.index, key=lambda code: (code == "all", str(code)))
    heading = "县（市、区）" if lang == "zh" else "County"
    named = frame.loc[order].reset_index(drop=True)
    named.insert(0, heading, [county_name(code, lang) for code in order])
    return named


def number(value: float, kind: str, lang: str = "zh") -> str:
    """A number as a brief writes it: no thousands comma, at most two decimals.

    A missing value is 「—」, never zero.
    """
    if kind == "text":
        return "" if value is None or value != value else str(value)
    if value is None or not np.isfinite(value):
        return "—"
    if kind == "share":
        return _unsigned(
            f"{100 * value:.2f}%" if 0 < value < 0.1 else f"{100 * value:.1f}%"
        )
    if kind in ("count", "score"):
        return _unsigned(f"{value:.{0 if kind == 'count' else 3}f}")
    if kind == "wan_yuan":
        return trimmed(value / 10_000, 2)
    return trimmed(value, 0 if kind == "yuan" and abs(value) >= 100 else 2)


def trimmed(value: float, digits: int) -> str:
    """Fixed decimals without trailing zeros, and no minus before zero."""
    text = f"{value:.{digits}f}"
    return _unsigned(text.rstrip("0").rstrip(".") if "." in text else text)


def _unsigned(text: str) -> str:
    """No minus before a zero."""
    return text if any(c in "123456789" for c in text) else text.removeprefix("-")


def interval(low: float, high: float, kind: str, lang: str = "zh") -> str:
    """「95%区间a–b」; empty when it is unknown."""
    if not (np.isfinite(low) and np.isfinite(high)):
        return ""
    text = f"{number(low, kind, lang)}–{number(high, kind, lang)}"
    return f"95%区间{text}" if lang == "zh" else f"95% interval {text}"


def in_brackets(low: float, high: float, kind: str, lang: str = "zh") -> str:
    """`interval` in brackets after a figure; where it is unknown the brackets say so and are never empty."""
    text = interval(low, high, kind, lang) or (
        "区间未能判定" if lang == "zh" else "interval not determined"
    )
    return f"（{text}）" if lang == "zh" else f" ({text})"


def change(
    now: float,
    before: float,
    *,
    kind: str = "count",
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    lang: str = "zh",
    since: str = "",
) -> str:
    """How a figure moved, in words chosen by rule.

    With an interval of the present figure, a past figure inside it is 「基本持平」. Rates change in
    percentage points.
    """
    w = words(lang)
    if before is None or now is None or not (np.isfinite(now) and np.isfinite(before)):
        return w("无上期数", "no earlier figure")
    start = f"{since}" if lang == "zh" else f" {since}"
    moved = now - before
    if low is not None and high is not None and low <= before <= high or moved == 0:
        return w(
            f"比{start}{'持平' if moved == 0 else '基本持平'}",
            f"about as{start}" if moved else f"as{start}",
        )
    if kind == "share":
        amount, unit = trimmed(abs(moved) * 100, 2), w("个百分点", " percentage points")
    else:
        amount = number(abs(moved), kind, lang)
        unit = unit if lang == "zh" else f" {unit}" if unit else ""
    return w(
        f"比{start}{'增加' if moved > 0 else '减少'}{amount}{unit}",
        f"{'up' if moved > 0 else 'down'} {amount}{unit} on{start}",
    )
