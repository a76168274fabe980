"""A chapter: the list of its sections, and what it hands over to be released."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

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
from jinzhou.reference.offices import offices as offices_on
from jinzhou.words import Words, words


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
        known = [table.name for table in self.tables]
        raise ParameterError("publish.chapter.table", found=name, known=known)


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
        said = words(f"chapters/{self.folder}/text", snapshot.lang)
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
    plan: Plan, made: Sequence[Section], said: Words
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
