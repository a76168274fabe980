"""A section: one question of a chapter with its answer in sentences, figures and tables.

A notebook cell shows it, a brief prints it, a chapter is the list of its sections. Its words stand
in the chapter's text files under the section's key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, wraps
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from jinzhou.publish.figure import Figure
from jinzhou.publish.table import Table
from jinzhou.reference import areas, offices
from jinzhou.reference.indicators import indicators
from jinzhou.reference.vocabulary import TABLES
from jinzhou.words import PACKAGE, Words, number, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    class Known(Protocol):
        """What a section is made from; `registry.snapshot.Snapshot` is one."""

        @property
        def as_of(self) -> str:
            """Day up to which the registry is known."""

        @property
        def lang(self) -> str:
            """Language of the words."""


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
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    note: str = ""
    tab: str = ""
    shares: tuple[str, ...] = ()
    answers: pd.DataFrame | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Section:
    """One question and its answer.

    Attributes
    ----------
    key, lang : str
        Name in the chapter's text files; language.
    findings : tuple of Sentence
        The answer, the most important first.
    opening : tuple of Sentence
        Sentences for page one.
    steps : tuple of Step
        Who does what by when.
    county : mapping, heading -> {county code: text}
        Columns beside the counties on page two.
    notes : tuple of str
        Definitions and methods, for the annex.
    missing : tuple of str
        Tables that were not delivered and without which there is no answer.
    result : object
        What the analysis returned, for exploring; not published.
    """

    key: str
    lang: str
    findings: tuple[Sentence, ...] = ()
    opening: tuple[Sentence, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    facts: tuple[Fact, ...] = ()
    steps: tuple[Step, ...] = ()
    lists: tuple[ListSheet, ...] = ()
    county: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    result: object = None

    def _repr_html_(self) -> str:
        texts = dict.fromkeys(s.text for s in (*self.opening, *self.findings))
        said = [f"<p>{escape(text)}</p>" for text in texts]
        drawn = [figure._repr_html_() for figure in self.figures]
        shown = [table._repr_html_() for table in self.tables]
        semicolon = words("", self.lang)("semicolon")
        todo = [
            f"<li>{escape(semicolon.join((s.matter, s.target, s.office, s.deadline)))}</li>"
            for s in self.steps
        ]
        steps = [f"<ul>{''.join(todo)}</ul>"] if todo else []
        return "\n".join([*said, *drawn, *shown, *steps])


class Page:
    """The words of one section, filled with its values: makes its tables, sentences and steps.

    Parameters
    ----------
    key : str
        ``chapter.section``: the section's texts stand under ``[section]`` in
        ``chapters/<chapter>/text.<lang>.toml``.
    snapshot : Snapshot
        Gives the day and the language.
    **values
        Fill the fields of every text of the section.
    """

    def __init__(self, key: str, snapshot: Known, /, **values: object) -> None:
        self.chapter, _, self.section_key = key.partition(".")
        self.snapshot: Any = snapshot
        self.words: Words = words(f"chapters/{self.chapter}/text", snapshot.lang)
        self.values = {"as_of": snapshot.as_of} | values

    def text(self, key: str, /, **values: object) -> str:
        """The text ``[section] key``, filled; or the chapter's, or the common one."""
        own = f"{self.section_key}.{key}"
        name = own if self.words.find(own) is not None else key
        return self.words(name, **self.values | values)

    def optional(self, key: str, /, **values: object) -> str:
        """The section's own text under `key`, or nothing when it has none."""
        if self.words.find(f"{self.section_key}.{key}") is None:
            return ""
        return self.text(key, **values)

    def finding(
        self, key: str, *, tables: str | Sequence[str] = (), **values: object
    ) -> Sentence:
        """The sentence ``findings.<key>``, and the tables that it rests on."""
        names = (tables,) if isinstance(tables, str) else tuple(tables)
        return Sentence(text=self.text(f"findings.{key}", **values), tables=names)

    def table(
        self,
        name: str,
        frame: pd.DataFrame,
        formats: Mapping[str, str],
        *,
        counts: Sequence[str] = (),
        values: Mapping[str, object] | None = None,
        headings: Mapping[str, str] | None = None,
        **options,
    ) -> Table:
        """The table ``tables.<name>``.

        Parameters
        ----------
        frame : DataFrame
            Index levels named in `formats` become columns.
        formats : mapping, column -> kind
            The columns shown, in order. A kind is one of `words.KINDS`; ``place`` is the code of a
            county (``all`` for the sum, ``unknown``); ``label:<group>`` a code whose word stands
            under ``[labels.<group>]``.
        counts : sequence of str
            Columns that count persons or households.
        values : mapping, optional
            Further fields of the title and the note.
        headings : mapping, optional
            Headings of columns that no text file knows, such as years or counties.
        **options
            `total` (``all``: the row of sums is that of ``all`` in a column of places), `whole`,
            `links`, `impersonal`, `note`, `source` of `Table`.
        """
        levels = [n for n in frame.index.names if n in formats and n not in frame]
        plain = frame.reset_index(levels) if levels else frame
        plain = plain.reset_index(drop=True)[list(formats)].copy()
        for column, kind in formats.items():
            if kind == "place":
                plain[column] = [self.county(code) for code in plain[column]]
            elif kind.startswith("label:"):
                group = kind.partition(":")[2]
                plain[column] = [
                    self.words.label(group, code) for code in plain[column]
                ]
        said, given = dict(values or {}), dict(headings or {})
        options.setdefault("note", self.optional(f"tables.{name}.note", **said))
        if options.get("links"):
            options.setdefault("titles", titles(self.words.lang))
        if options.get("total") == "all":
            options["total"] = self.words("all")
        return Table(
            name=name,
            title=self.text(f"tables.{name}.title", **said),
            frame=plain,
            headings={
                c: given.get(c) or self.heading(name, c, **said) for c in formats
            },
            formats={
                c: "text" if kind == "place" or kind.startswith("label:") else kind
                for c, kind in formats.items()
            },
            counts=tuple(counts),
            **options,
        )

    def heading(self, table: str, column: str, **values: object) -> str:
        """Heading of a column: the table's own, the section's, the chapter's, or the common one."""
        for key in (
            f"{self.section_key}.tables.{table}.columns.{column}",
            f"{self.section_key}.columns.{column}",
            f"columns.{column}",
        ):
            if self.words.find(key) is not None:
                return self.words(key, **self.values | values)
        raise KeyError(f"no heading {column!r} for table {table!r} of {self.chapter}")

    def county(self, code: object) -> str:
        """Name of a county by its code; ``all`` is the sum, what is not known is said."""
        return county_name(code, self.words)

    def figure(self, name: str, drawing: Drawing, **values: object) -> Figure:
        """The figure ``figures.<name>`` around a drawing."""
        from jinzhou.publish.drawing import checked_glyphs

        title = self.text(f"figures.{name}.title", **values)
        checked_glyphs(drawing, title)
        return Figure(
            name=name,
            title=title,
            drawing=drawing,
            alt=self.optional(f"figures.{name}.alt", **values) or title,
            note=self.optional(f"figures.{name}.note", **values),
        )

    def fact(self, key: str, *, trend: Sequence[float] = (), **values: object) -> Fact:
        """The page-one figure ``facts.<key>``."""
        return Fact(
            key=key,
            label=self.text(f"facts.{key}.label", **values),
            text=self.text(f"facts.{key}.text", **values),
            change=self.optional(f"facts.{key}.change", **values),
            year_change=self.optional(f"facts.{key}.year_change", **values),
            trend=tuple(trend),
        )

    def step(
        self, key: str, *, office: str, deadline: str, basis: str, **values: object
    ) -> Step:
        """The step ``steps.<key>``; `office` and `deadline` are keys of offices and deadlines."""
        return Step(
            matter=self.text(f"steps.{key}.matter", **values),
            office=self.office(office),
            target=self.text(f"steps.{key}.target", **values),
            deadline=self.text(f"deadlines.{deadline}", **values),
            basis=basis,
        )

    @property
    def offices(self) -> Mapping[str, str]:
        """Names of the offices on the day, by key."""
        return offices.offices(self.snapshot.lang, as_of=self.snapshot.as_of)

    def office(self, key: str) -> str:
        """Name of an office on the day."""
        return self.offices[key]

    @property
    def indicators(self) -> Mapping[str, str]:
        """What each indicator measures, by its number."""
        return {one.id: getattr(one, self.words.lang) for one in indicators()}

    def sheet(
        self,
        key: str,
        frame: pd.DataFrame,
        *,
        name: str,
        county: str,
        inputs: Mapping[str, str],
        values: Mapping[str, object] | None = None,
        **options,
    ) -> ListSheet:
        """The list ``lists.<key>`` of a county.

        Parameters
        ----------
        frame : DataFrame
            Code columns; their headings stand under ``lists.<key>.columns``.
        inputs : mapping, column -> group of labels
            Columns to fill in, with the words of a group as drop-down; an empty group is free text.
        values : mapping, optional
            Further fields of the tab, the title and the note.
        """
        where = f"lists.{key}"
        heads = {c: self._list_heading(key, c) for c in (*frame, *inputs)}
        shares = tuple(heads[c] for c in options.pop("shares", ()))
        said = {"county": self.county(county)} | dict(values or {})
        return ListSheet(
            name=name,
            tab=self.text(f"{where}.tab", **said),
            title=self.text(f"{where}.title", **said),
            county=county,
            frame=frame.rename(columns=heads).reset_index(drop=True),
            inputs={heads[c]: self._choices(group) for c, group in inputs.items()},
            note=self.optional(f"{where}.note", **said),
            shares=shares,
            **options,
        )

    def _list_heading(self, key: str, column: str) -> str:
        own = f"{self.section_key}.lists.{key}.columns.{column}"
        return self.words(
            own if self.words.find(own) is not None else f"columns.{column}",
            **self.values,
        )

    def _choices(self, group: str) -> tuple[str, ...]:
        if not group:
            return ()
        found = self.words.find(f"labels.{group}")
        if not isinstance(found, Mapping):
            raise KeyError(f"no labels {group!r} in {self.words.part}")
        return tuple(str(text) for text in found.values())

    def counties(
        self, heading: str, counted: pd.Series, kind: str = "count"
    ) -> dict[str, dict[str, str]]:
        """A column for page two: heading ``counties.<heading>``, a text for each county code."""
        return {
            self.text(f"counties.{heading}"): {
                str(code): number(value, kind) for code, value in counted.items()
            }
        }

    def section(self, **parts) -> Section:
        """The section of these parts (see `Section`); its ``notes`` are those of the text file."""
        made = {
            name: part if isinstance(part, Mapping) else tuple(part)
            for name, part in parts.items()
            if name != "result"
        }
        if "notes" not in made:
            notes = self.words.find(f"{self.section_key}.notes") or ()
            made["notes"] = tuple(self.words.fill(str(t), self.values) for t in notes)
        return Section(
            key=self.section_key,
            lang=self.snapshot.lang,
            result=parts.get("result"),
            **made,
        )


def county_name(code: object, said: Words) -> str:
    """Name of a county in the language of `said`."""
    if code == areas.ALL:
        return said("all")
    if code is None or code != code or code == areas.UNKNOWN:
        return said("unknown")
    return areas.name(str(code), said.lang)


@cache
def titles(lang: str) -> dict[str, str]:
    """Title of every table and figure of every chapter, without what is filled in, by name."""
    found: dict[str, str] = {}
    for path in sorted((PACKAGE / "chapters").glob(f"*/text.{lang}.toml")):
        said = words(f"chapters/{path.parent.name}/text", lang)
        for texts in said.tree.values():
            if isinstance(texts, Mapping):
                for part in ("tables", "figures"):
                    for name, one in texts.get(part, {}).items():
                        found.setdefault(name, re.sub(r"\{[^{}]*\}", "", one["title"]))
    return found


def section(*needs: str) -> Callable:
    """Make a function of a snapshot a section of its chapter.

    Parameters
    ----------
    *needs : str
        Tables of the registry that the answer rests on. Where one was not delivered the section
        says so and nothing is computed. Tables and figures without a source name these.
    """

    def wrap(function: Callable[..., Section]) -> Callable[..., Section]:
        chapter = function.__module__.split(".")[2]

        @wraps(function)
        def made(snapshot, **options) -> Section:
            missing = tuple(n for n in needs if n not in snapshot.store.tables)
            key = function.__name__
            said = words(f"chapters/{chapter}/text", snapshot.lang)
            if missing:
                answer = _unanswered(key, missing, said)
            else:
                answer = _sourced(function(snapshot, **options), needs, snapshot, said)
            snapshot.sections[chapter, key] = answer
            return answer

        made.needs = needs
        return made

    return wrap


def _unanswered(key: str, missing: tuple[str, ...], said: Words) -> Section:
    """A section that cannot be answered, saying which tables would answer it."""
    text = said(
        "unanswered.sentence",
        tables=delivered_names(missing, said),
        questions=said(f"{key}.unanswered"),
    )
    return Section(
        key=key, lang=said.lang, findings=(Sentence(text=text),), missing=missing
    )


def delivered_names(tables: Sequence[str], said: Words) -> list[str]:
    """Names of tables of the registry as a sentence writes them."""
    names = (TABLES[n].zh if said.lang == "zh" else n for n in tables)
    return [said("unanswered.table", name=name) for name in names]


def _sourced(
    answer: Section, needs: Sequence[str], known: Known, said: Words
) -> Section:
    """The section with its tables of the registry named under what names no source."""
    names = [TABLES[n].zh if said.lang == "zh" else n for n in needs]
    source = said("recorded", tables=names, as_of=known.as_of)
    under = said("source", source=source)
    return replace(
        answer,
        tables=tuple(
            t if t.source else replace(t, source=source) for t in answer.tables
        ),
        figures=tuple(replace(f, note=f.note + under) for f in answer.figures),
    )
