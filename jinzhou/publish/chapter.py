"""What a chapter hands over to be released, and how its numbers are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.publish.figure import Figure
from jinzhou.publish.section import (
    Fact,
    ListSheet,
    Problem,
    Section,
    Sentence,
    Step,
    delivered_names,
)
from jinzhou.publish.table import Table
from jinzhou.reference import areas
from jinzhou.reference.offices import offices as offices_on
from jinzhou.words import number as number_of
from jinzhou.words import trimmed
from jinzhou.words import words as words_of


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


NAMED = 3
"""Questions that the sentence about missing tables names; the table has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A chapter before it is computed: the list of its sections.

    Attributes
    ----------
    name : str
        Name of its notebook and of its record.
    folder : str
        Its folder below ``chapters``; ``text.<lang>.toml`` there has its words.
    office : str
        Key of the office that answers for it.
    sections : tuple of functions
        Each takes a snapshot and gives a `Section`, in the order of the brief.
    """

    name: str
    folder: str
    office: str
    sections: tuple[Callable[..., Section], ...]

    def at(self, snapshot) -> Chapter:
        """The chapter of a snapshot.

        A section that a notebook has computed on this snapshot is taken as it is, with the
        arguments that it was computed with; the others are computed now.
        """
        made = [
            snapshot.sections.get((self.folder, function.__name__))
            or function(snapshot)
            for function in self.sections
        ]
        said = words_of(f"chapters/{self.folder}/text", snapshot.lang)
        open_tables, open_sentences = _unanswered(self, made, said)
        answered = [s for s in made if not s.missing]
        lists = tuple(x for s in answered for x in s.lists)
        offices = offices_on(snapshot.lang, as_of=snapshot.as_of)
        findings = tuple(dict.fromkeys(x for s in answered for x in s.findings))
        county: dict[str, dict[str, str]] = {}
        for one in answered:
            county |= {h: dict(texts) for h, texts in one.county.items()}
        return Chapter(
            name=self.name,
            title=said("chapter.title"),
            lang=snapshot.lang,
            tables=(*open_tables, *(x for s in answered for x in s.tables)),
            figures=tuple(x for s in answered for x in s.figures),
            facts=tuple(x for s in answered for x in s.facts),
            problems=(
                Problem(
                    title=said("chapter.problem"),
                    office=offices[self.office],
                    list_name=lists[0].name.partition("_")[0] if lists else "",
                    sentences=open_sentences + findings,
                ),
            ),
            steps=tuple(x for s in answered for x in s.steps),
            sentences=tuple(x for s in answered for x in s.opening),
            notes=tuple(x for s in answered for x in s.notes),
            lists=lists,
            county=county,
        )


def _unanswered(
    plan: Plan, made: Sequence[Section], said
) -> tuple[tuple[Table, ...], tuple[Sentence, ...]]:
    """The table and the sentence of the questions that lack a table; nothing when none does."""
    lacking = [(f, s) for f, s in zip(plan.sections, made, strict=True) if s.missing]
    if not lacking:
        return (), ()
    questions = [said(f"{s.key}.unanswered") for _, s in lacking]
    missing = tuple(dict.fromkeys(name for _, s in lacking for name in s.missing))
    named = said("semicolon").join(questions[:NAMED])
    if len(questions) > NAMED:
        named = said("unanswered.more", questions=named, count=len(questions))
    name = f"{plan.folder}_unanswered"
    frame = pd.DataFrame(
        {
            "question": questions,
            "missing": [
                said.join(delivered_names(s.missing, said)) for _, s in lacking
            ],
            "found": [
                said.join(
                    delivered_names([n for n in f.needs if n not in s.missing], said)
                )
                or said("none")
                for f, s in lacking
            ],
        }
    )
    table = Table(
        name=name,
        title=said("unanswered.title"),
        frame=frame,
        headings={c: said(f"unanswered.columns.{c}") for c in frame},
        note=said("unanswered.note"),
    )
    sentence = said(
        "unanswered.sentence", tables=delivered_names(missing, said), questions=named
    )
    return (table,), (Sentence(text=sentence, tables=(name,)),)


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
    if code is None or code != code or code == areas.UNKNOWN:
        return "未知" if lang == "zh" else "Unknown"
    return areas.name(code, lang)


def by_county(frame: pd.DataFrame, lang: str) -> pd.DataFrame:
    """A frame indexed by county code with the name as its first column, in the order of codes."""
    order = sorted(frame.index, key=lambda code: (code == "all", str(code)))
    heading = "县（市、区）" if lang == "zh" else "County"
    named = frame.loc[order].reset_index(drop=True)
    named.insert(0, heading, [county_name(code, lang) for code in order])
    return named


def number(value: float, kind: str, lang: str = "zh") -> str:
    """A number as a brief writes it (`words.number`)."""
    return number_of(value, kind)


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
