"""Release of a chapter: small cells withheld, then tables, figures, lists and a record on disk."""

import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from html import escape
from pathlib import Path

import pandas as pd

from jinzhou.errors import ParameterError, ReleaseError
from jinzhou.publish.chapter import Chapter, without
from jinzhou.publish.section import ListSheet
from jinzhou.publish.sums import column_sums
from jinzhou.publish.table import Table
from jinzhou.publish.withholding import withheld_counties, withhold
from jinzhou.publish.workbook import workbook
from jinzhou.reference.scope import not_applicable
from jinzhou.words import Words, words

DIGITS = 10
"""Significant digits of a published number that is not whole."""
WAN = 10_000
"""Yuan in 万元."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What was written for one chapter.

    Attributes
    ----------
    files : tuple of str
        Paths relative to the folder.
    withheld : int
        Cells withheld.
    unequal : tuple of str
        Table and column of every row of sums that is not the sum of its column.
    """

    chapter: str
    title: str
    lang: str
    files: tuple[str, ...]
    withheld: int
    unequal: tuple[str, ...] = ()

    def summary(self, lang: str = "zh") -> str:
        """One line for a log or a notebook."""
        said = words("publish/text", lang)
        line = said(
            "release.summary",
            chapter=self.title,
            files=len(self.files),
            withheld=self.withheld,
        )
        if not self.unequal:
            return line
        return line + said("release.unequal", columns=said.join(self.unequal))

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.summary(self.lang))}</p>"


def release(
    out: str | Path,
    chapter: Chapter,
    *,
    synthetic: bool,
    min_cell: int = 5,
    as_of: str = "",
) -> Release:
    """Write a chapter's tables (CSV), figures (SVG), lists (XLSX) and its record into `out`.

    Parameters
    ----------
    out : path
        Folder of the quarter; made if missing.
    synthetic : bool
        Whether every table, figure and sheet must say that the data are a demonstration.
    min_cell : int
        Counts of persons or households from 1 to `min_cell` - 1 are withheld, and with each a
        second cell of its row and column, so that sums do not give it away; shares in the same row
        are withheld too. A zero is shown: it tells of nobody.
    as_of : str
        Day of the data: what ended before it is left out and said so in the notes. Empty: nothing
        is left out.

    Raises
    ------
    ParameterError
        `min_cell` is no whole number of at least 1.
    ReleaseError
        A file cannot be written.
    """
    if not isinstance(min_cell, int) or min_cell < 1:
        raise ParameterError("publish.release.min_cell", found=min_cell, least=1)
    said = words("publish/text", chapter.lang)
    chapter = _in_force(chapter, as_of, said) if as_of else chapter
    mark = said("brief.demo_mark") if synthetic else ""
    hidden = {t.name: withhold(t, min_cell) for t in chapter.tables}
    sums = column_sums(chapter.tables)
    differ = sums[sums["equal"].eq(False)]
    unequal = [f"{row.table}: {row.column}" for row in differ.itertuples()]
    books: dict[str, list[ListSheet]] = {}
    for one in chapter.lists:  # lists of one name are sheets of one workbook
        books.setdefault(one.name, []).append(one)
    files = []
    folder = Path(out)
    try:
        for table in chapter.tables:
            data = _csv(table, hidden[table.name], said, mark)
            files.append(_write(folder, f"tables/{table.name}.csv", data))
        for figure in chapter.figures:
            data = figure.svg(mark=mark)
            files.append(_write(folder, f"figures/{figure.name}.svg", data))
        for name, sheets in books.items():
            data = workbook(sheets, lang=chapter.lang, synthetic=synthetic)
            files.append(_write(folder, f"lists/{name}.xlsx", data))
        record = _record(chapter, hidden, min_cell, said)
        record["sums"] = {"columns": len(sums), "unequal": unequal}
        text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        files.append(_write(folder, f"released/{chapter.name}.json", text.encode()))
    except OSError as error:
        raise ReleaseError(
            "publish.release.disk",
            chapter=chapter.title,
            why=error.strerror or error,
        ) from error
    return Release(
        chapter=chapter.name,
        title=chapter.title,
        lang=chapter.lang,
        files=tuple(files),
        withheld=sum(int(cells.to_numpy().sum()) for cells in hidden.values()),
        unequal=tuple(unequal),
    )


def _record(
    chapter: Chapter, hidden: Mapping[str, pd.DataFrame], min_cell: int, said: Words
) -> dict:
    """All that the brief needs of a chapter, as plain texts."""
    parts = ("facts", "problems", "steps", "sentences")
    return {
        "name": chapter.name,
        "title": chapter.title,
        "lang": chapter.lang,
        "tables": [_table_record(t, hidden[t.name], said) for t in chapter.tables],
        "figures": [
            {"name": f.name, "title": f.title, "alt": f.alt, "note": f.note}
            for f in chapter.figures
        ],
        **{part: [asdict(one) for one in getattr(chapter, part)] for part in parts},
        "notes": list(chapter.notes),
        "lists": [
            {
                "name": x.name,
                "title": x.title,
                "rows": len(x.frame) if len(x.frame) >= min_cell else None,
            }
            for x in chapter.lists
        ],
        "county": withheld_counties(
            chapter.county, min_cell=min_cell, word=said("withheld")
        ),
    }


def _table_record(table: Table, hidden: pd.DataFrame, said: Words) -> dict:
    columns = list(table.frame)
    word = said("withheld")
    return {
        "name": table.name,
        "title": table.title,
        "columns": [table.heading(c) for c in columns],
        "rows": [
            [word if lost else cell for cell, lost in zip(row, gone, strict=True)]
            for row, gone in zip(table.cells(), hidden.to_numpy(), strict=True)
        ],
        "numeric": [table.numeric(c) for c in columns],
        "note": table.note,
        "source": table.source,
        "whole": table.whole,
        "links": [columns.index(c) for c in table.links],
    }


def _in_force(chapter: Chapter, as_of: str, said: Words) -> Chapter:
    """The chapter without what ended before a day, and a note on each part that is left out."""
    shown = (
        {t.name for t in chapter.tables}
        | {f.name for f in chapter.figures}
        | {f.key for f in chapter.facts}
    )
    ended = [s for s in not_applicable(as_of) if shown.intersection(s.parts)]
    notes = (
        said(
            "release.ended",
            part=getattr(one, said.lang),
            last_day=one.last_day,
            instead=getattr(one, f"instead_{said.lang}"),
        )
        for one in ended
    )
    part = without(chapter, [name for one in ended for name in one.parts])
    return replace(part, notes=(*part.notes, *notes))


def write_workbooks(
    out: str | Path,
    books: Mapping[str, Sequence[ListSheet]],
    *,
    lang: str,
    synthetic: bool,
) -> tuple[Path, ...]:
    """Write workbooks by file name into `out`.

    Earlier ones of the same name are replaced once all are made.

    Raises
    ------
    ReleaseError
        A file cannot be written; the earlier ones stay.
    """
    out = Path(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        made = {
            out / f"{name}.xlsx": out / f".unfinished-{name}.xlsx" for name in books
        }
        for sheets, part in zip(books.values(), made.values(), strict=True):
            part.write_bytes(workbook(sheets, lang=lang, synthetic=synthetic))
        for path, part in made.items():
            part.replace(path)
    except OSError as error:
        raise ReleaseError(
            "publish.release.workbooks",
            folder=out.name,
            why=error.strerror or error,
        ) from error
    return tuple(made)


def _csv(table: Table, hidden: pd.DataFrame, said: Words, mark: str) -> bytes:
    """Raw numbers with withheld cells in words, a last column for a mark.

    UTF-8 with BOM, which Excel opens as it is.
    """
    frame = table.frame.astype(object).where(~hidden, said("withheld"))
    for name in frame:
        frame[name] = [_raw(value, table.formats.get(name)) for value in frame[name]]
    frame = frame.rename(columns=dict(table.headings))
    if mark:
        frame[mark] = said("yes")
    text = io.StringIO()
    frame.to_csv(text, index=False, lineterminator="\r\n")
    return ("\ufeff" + text.getvalue()).encode("utf-8")


def _raw(value: object, kind: str | None) -> object:
    """A number in the unit of its heading, with `DIGITS` significant digits.

    Those behind them differ between processors.
    """
    if kind == "wan_yuan" and isinstance(value, (int, float)):
        value = value / WAN
    if not isinstance(value, float) or not math.isfinite(value):
        return value
    if kind == "count":
        return round(value)
    return value if value.is_integer() else float(f"{value:.{DIGITS}g}")


def _write(out: Path, name: str, data: bytes) -> str:
    path = out / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return name
