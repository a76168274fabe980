"""The model of the brief: all that its pages show, read from the released chapters."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jinzhou.errors import ReleaseError
from jinzhou.publish.section import county_name
from jinzhou.reference import areas
from jinzhou.reference.lines import monitored_period
from jinzhou.words import Words, words

ORDER = (
    "registry_review",
    "return_risk",
    "illness_poverty",
    "funding_efficiency",
    "exit_readiness",
)
PROBLEMS = (*ORDER[1:], ORDER[0])
"""Order of section three."""
ORDER_AFTER = ("monitoring", *ORDER[:4])
PROBLEMS_AFTER = ("monitoring", *ORDER[1:4], ORDER[0])
"""The same after 2020."""
WITHOUT_HEADLINE = ("monitoring", "registry_review")
"""Chapters whose first finding does not stand on page one: their opening sentences do."""
ELSEWHERE = ("bridge", "monitored_bridge", "risk_map", "risk_splits")
"""Figures that stand on page one, beside the counties, and in the annex on methods."""
LONGEST = 32
"""Rows of a table that a page shows; the rest is in its CSV."""
HEADLINES = 5
"""Sentences on page one."""


@dataclass(frozen=True, kw_only=True)
class _Released:
    """The chapters of a brief and where their tables stand."""

    order: tuple[str, ...]
    section: tuple[str, ...]
    chapters: Mapping[str, dict]
    numbers: Mapping[str, int]
    said: Words

    def parts(self, name: str, order: Sequence[str] = ()) -> list:
        """All that chapters hold under a name, in their order."""
        return [x for c in (order or self.order) for x in self.chapters[c][name]]

    def table(self, name: str) -> str:
        """How a table is referred to."""
        return self.said("brief.table_reference", number=self.numbers[name])

    def named(self, sentence: Mapping) -> str:
        """A sentence with the tables that it rests on."""
        known = [self.table(t) for t in sentence["tables"] if t in self.numbers]
        if not known:
            return sentence["text"]
        marks = self.said("brief.in_brackets", text=self.said.join(known))
        return sentence["text"] + marks


def brief_model(
    out: Path,
    *,
    as_of: str,
    sources: Sequence[Mapping[str, object]],
    synthetic: bool,
    county: str = "",
    lang: str = "zh",
    unit: str = "",
) -> dict:
    """All that the pages show, as plain lists and texts.

    Raises
    ------
    ReleaseError
        A chapter has not been released.
    """
    said = words("publish/text", lang)
    monitoring = monitored_period(as_of)
    released = _read(out, monitoring, said)
    figures = {f["name"]: f for f in released.parts("figures")}
    period = "monitoring" if monitoring else "poverty"
    area = areas.name(county or areas.city().code, said.lang)
    marks = [said("caution")] + ([said("brief.demo_mark")] if synthetic else [])
    split = figures.get("risk_splits")
    return {
        "lang": lang,
        "heading": said(f"brief.heading.{period}"),
        "place": area,
        "unit": unit or said(f"brief.unit.{period}", area=area),
        **_dates(as_of, said),
        "banner": " · ".join(marks),
        "synthetic": synthetic,
        "facts": [f | {"spark": _spark(f["trend"])} for f in released.parts("facts")],
        "summary": [released.named(s) for s in _headlines(released)],
        "bridge": figures.get("monitored_bridge", figures.get("bridge")),
        "map": figures.get("risk_map"),
        "counties": _counties(released),
        "problems": _problems(released),
        "steps": [
            [s["matter"], s["office"], s["target"], s["deadline"]]
            + [released.table(s["basis"])]
            for s in released.parts("steps", released.section)
        ],
        "tables": _tables(released, figures),
        "method_figures": [split] if split else [],
        "notes": released.parts("notes"),
        "sources": _sources(sources, said),
        "words": {"comma": said("comma")}
        | {key: said(f"brief.words.{key}") for key in WORDS}
        | {key: list(said.find(f"brief.columns.{key}").values()) for key in COLUMNS},
    }


WORDS = (
    "one",
    "two",
    "three",
    "four",
    "tables",
    "methods",
    "data",
    "office",
    "lists",
    "source",
    "note",
    "caution",
    "rules",
    "demo",
)
COLUMNS = ("steps", "files")


def _read(out: Path, monitoring: bool, said: Words) -> _Released:
    """The records of the chapters that belong to the period."""
    order, section = (ORDER_AFTER, PROBLEMS_AFTER) if monitoring else (ORDER, PROBLEMS)
    chapters = {}
    for name in order:
        path = out / "released" / f"{name}.json"
        if not path.is_file():
            raise ReleaseError("publish.brief.chapter", chapter=name)
        chapters[name] = json.loads(path.read_text(encoding="utf-8"))
    tables = [t["name"] for name in order for t in chapters[name]["tables"]]
    return _Released(
        order=order,
        section=section,
        chapters=chapters,
        numbers={name: n for n, name in enumerate(tables, start=1)},
        said=said,
    )


def _dates(as_of: str, said: Words) -> dict[str, str]:
    """The issue and the day of the data, in words."""
    day = date.fromisoformat(as_of)
    number = (day.month + 2) // 3
    ordinal = said(f"brief.quarters.q{number}")
    return {
        "issue": said("brief.issue", year=day.year, quarter=ordinal),
        "as_of": said("brief.as_of", day=said.day(day, "long")),
    }


def _headlines(released: _Released) -> list[Mapping]:
    """Sentences for page one: the openings, then the first finding of each other chapter."""
    first = list(released.parts("sentences"))
    for name in released.order:
        problems = released.chapters[name]["problems"]
        if problems and name not in WITHOUT_HEADLINE:
            first.append(problems[0]["sentences"][0])
    return first[:HEADLINES]


def _counties(released: _Released) -> dict:
    """The table of counties: a column for each text that a chapter gives by county."""
    said = released.said
    columns: dict[str, Mapping[str, str]] = {}
    for name in released.order:
        columns |= released.chapters[name]["county"]
    known = areas.ordered(code for texts in columns.values() for code in texts)
    none = said("none")
    return {
        "columns": [said("columns.county"), *columns],
        "rows": [
            [county_name(code, said), *(t.get(code, none) for t in columns.values())]
            for code in (*known, areas.ALL)
        ],
    }


def _problems(released: _Released) -> list[dict]:
    """Section three: a problem a chapter, with its figures and lists."""
    return [
        {
            "title": problem["title"],
            "office": problem["office"],
            "sentences": [released.named(s) for s in problem["sentences"]],
            "figures": [
                f
                for f in released.chapters[name]["figures"]
                if f["name"] not in ELSEWHERE
            ],
            "lists": _lists(released.chapters[name]["lists"], released.said),
        }
        for name in released.section
        for problem in released.chapters[name]["problems"]
    ]


def _tables(released: _Released, figures: Mapping[str, Mapping]) -> list[dict]:
    """The tables of the annex, numbered, cut to a page's length, their references resolved."""
    said = released.said
    withheld = said("withheld")
    made = []
    for table in released.parts("tables"):
        rows = table["rows"]
        shown = rows if table["whole"] else rows[:LONGEST]
        notes = [table["note"]] if table["note"] else []
        if len(shown) < len(rows):
            cut = {"rows": len(rows), "shown": LONGEST, "name": table["name"]}
            notes.append(said("brief.cut", **cut))
        if any(cell == withheld for row in rows for cell in row):
            notes.append(said("brief.withheld"))
        number = released.numbers[table["name"]]
        linked = [
            [
                _linked(cell, released, figures) if i in table["links"] else cell
                for i, cell in enumerate(row)
            ]
            for row in shown
        ]
        made.append(
            table
            | {
                "number": number,
                "rows": linked,
                "note": " ".join(notes),
                "label": said("brief.table", number=number),
            }
        )
    return made


def _linked(cell: str, released: _Released, figures: Mapping[str, Mapping]) -> str:
    """Names of tables and figures, as the brief refers to them."""
    comma = released.said("comma")
    texts = []
    for name in filter(None, cell.split(comma)):
        if name in released.numbers:
            texts.append(released.table(name))
        elif name in figures:
            texts.append(released.said("brief.figure", title=figures[name]["title"]))
        else:
            texts.append(name)
    return comma.join(texts)


def _lists(lists: Sequence[Mapping], said: Words) -> list[str]:
    """One text per workbook: its title or name, its sheets and rows.

    A number of rows that is withheld is not said here either.
    """
    books: dict[str, list[Mapping]] = {}
    for one in lists:
        books.setdefault(one["name"], []).append(one)
    texts = []
    for name, book in books.items():
        inside = [said("brief.sheets", count=len(book))] if len(book) > 1 else []
        rows = [x["rows"] for x in book]
        if None not in rows:
            inside.append(said("brief.rows", count=sum(rows)))
        title = f"{name}.xlsx" if len(book) > 1 else book[0]["title"]
        brackets = said("brief.in_brackets", text=said.join(inside)) if inside else ""
        texts.append(title + brackets)
    return texts


def _sources(sources: Sequence[Mapping[str, object]], said: Words) -> list[list[str]]:
    """Sheets that were read, then those that no table recognised."""
    return [
        [
            *(str(s[key]) for key in ("name", "sheet", "rows", "accepted")),
            str(s["rejected"]) if s["table"] else said("brief.unrecognised"),
            str(s["sha256"])[:12],
        ]
        for s in sorted(sources, key=lambda s: not s["table"])
    ]


def _spark(trend: Sequence[float]) -> str:
    """A small trend line as SVG, empty without at least two values."""
    if len(trend) < 2:
        return ""
    low, high = min(trend), max(trend)
    step = 92 / (len(trend) - 1)
    points = [
        (4 + step * i, 20 - 16 * ((v - low) / (high - low) if high > low else 0.5))
        for i, v in enumerate(trend)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="24" '
        f'viewBox="0 0 100 24"><polyline points="{line}" fill="none" '
        'stroke="#2f6690" stroke-width="1.6"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="#b23a48"/></svg>'
    )
