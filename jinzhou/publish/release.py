"""Release of a chapter: small cells withheld, then tables, figures, lists and a record on disk."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pandas as pd

from jinzhou.errors import ParameterError, ReleaseError
from jinzhou.publish.chapter import Chapter, ListSheet, Table, without, words
from jinzhou.publish.workbook import workbook
from jinzhou.reference.policy import not_applicable
from jinzhou.reference.vocabulary import DEMO

DIGITS = 10
"""Significant digits of a published number that is not whole."""
ROUNDS = 20
"""Most rounds of withholding second cells; every round hides at least one more."""


@dataclass(frozen=True, slots=True)
class Release:
    """What was written for one chapter, as paths relative to the folder."""

    chapter: str
    files: tuple[str, ...]
    withheld: int

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return (
            f"{self.chapter}: {len(self.files)} files, {self.withheld} cells withheld."
        )


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
        Day of the data: what ended before it is left out and said so in the notes. Empty: nothing is.

    Raises
    ------
    ParameterError
        `min_cell` is no whole number of at least 1.
    ReleaseError
        A file cannot be written.
    """
    if not isinstance(min_cell, int) or min_cell < 1:
        raise ParameterError(
            f"最小单元格为 {min_cell!r}；应为不小于1的整数。",
            f"min_cell={min_cell!r}; expected a whole number of at least 1.",
        )
    out = Path(out)
    chapter = _in_force(chapter, as_of) if as_of else chapter
    files, tables, withheld = [], [], 0
    mark = (
        words(chapter.lang)(DEMO, f"demonstration data ({DEMO})") if synthetic else ""
    )
    county = _county_columns(chapter, min_cell)
    try:
        for table in chapter.tables:
            hidden = withhold(table, min_cell)
            withheld += int(hidden.to_numpy().sum())
            text = _texts(table, hidden, chapter.lang)
            files.append(
                _write(
                    out,
                    f"tables/{table.name}.csv",
                    _csv(table, hidden, chapter.lang, mark),
                )
            )
            tables.append(
                {
                    "name": table.name,
                    "title": table.title,
                    "columns": [table.heading(c) for c in table.frame],
                    "rows": text,
                    "numeric": [table.numeric(c) for c in table.frame],
                    "note": table.note,
                    "source": table.source,
                    "whole": table.whole,
                    "links": [list(table.frame.columns).index(c) for c in table.links],
                }
            )
        for figure in chapter.figures:
            files.append(
                _write(out, f"figures/{figure.name}.svg", figure.svg(mark=mark))
            )
        books: dict[str, list[ListSheet]] = {}
        for one in chapter.lists:
            books.setdefault(one.name, []).append(
                one
            )  # lists of one name are sheets of one workbook
        for name, sheets in books.items():
            files.append(
                _write(
                    out,
                    f"lists/{name}.xlsx",
                    workbook(sheets, lang=chapter.lang, synthetic=synthetic),
                )
            )
        record = {
            "name": chapter.name,
            "title": chapter.title,
            "lang": chapter.lang,
            "tables": tables,
            "figures": [
                {"name": f.name, "title": f.title, "alt": f.alt, "note": f.note}
                for f in chapter.figures
            ],
            **{
                part: [asdict(one) for one in getattr(chapter, part)]
                for part in ("facts", "problems", "steps", "sentences")
            },
            "notes": list(chapter.notes),
            "lists": [
                {
                    "name": x.name,
                    "title": x.title,
                    "rows": len(x.frame) if len(x.frame) >= min_cell else None,
                }
                for x in chapter.lists
            ],
            "county": county,
        }
        text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        files.append(_write(out, f"released/{chapter.name}.json", text.encode()))
    except OSError as error:
        raise ReleaseError(
            f"无法写入{chapter.title}的成果：{error.strerror or error}。请检查磁盘空间和写入权限。",
            f"cannot write the outputs of {chapter.name}: {error.strerror or error}. Check free space and permission.",
        ) from error
    return Release(chapter=chapter.name, files=tuple(files), withheld=withheld)


def _in_force(chapter: Chapter, as_of: str) -> Chapter:
    """The chapter without what ended before a day, and a note on each part that is left out."""
    w = words(chapter.lang)
    shown = (
        {t.name for t in chapter.tables}
        | {f.name for f in chapter.figures}
        | {f.key for f in chapter.facts}
    )
    ended = [s for s in not_applicable(as_of) if shown.intersection(s.parts)]
    notes = (
        w(
            f"{one.zh}：适用至{one.last_day}，本期不列；改看{one.instead_zh}。",
            f"Left out, no longer in force since {one.last_day}: {one.en}; read {one.instead_en}.",
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
    """Write workbooks by file name into `out`; earlier ones of the same name are replaced once all are made.

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
        for (name, sheets), part in zip(books.items(), made.values()):
            part.write_bytes(workbook(sheets, lang=lang, synthetic=synthetic))
        for path, part in made.items():
            part.replace(path)
    except OSError as error:
        raise ReleaseError(
            f"无法写入 {out.name} 中的工作簿：{error.strerror or error}。请关闭已打开的文件，检查磁盘空间和写入权限。",
            f"cannot write the workbooks in {out.name}: {error.strerror or error}. Close open files, check free space and permission.",
        ) from error
    return tuple(made)


def withhold(table: Table, min_cell: int) -> pd.DataFrame:
    """Which cells of a table are withheld, as a frame of booleans like `table.frame`.

    Small counts first; then, until nothing changes, the smallest further count in each row and
    column that would otherwise hold a single withheld cell beside a sum; then the shares in rows
    that lost a count.
    """
    frame, counts = table.frame, [c for c in table.counts if c in table.frame]
    hidden = pd.DataFrame(False, index=frame.index, columns=frame.columns)
    if not counts:
        return hidden
    values = frame[counts].astype(float)
    body = (
        frame.iloc[:, 0].astype("string") != table.total
        if table.total
        else pd.Series(True, index=frame.index)
    )
    hidden[counts] = (values > 0) & (values < min_cell)
    hidden.iloc[list(table.impersonal)] = False
    if table.total:
        for _ in range(ROUNDS):
            before = int(hidden.to_numpy().sum())
            for column in counts:
                inside = hidden.loc[body, column]
                # one alone, or several whose sum leaves no choice (all of them 1, or all the most that is withheld)
                sum_of = values.loc[body & hidden[column], column].sum()
                if inside.sum() == 1 or (
                    inside.any()
                    and sum_of in (inside.sum(), inside.sum() * (min_cell - 1))
                ):
                    _hide_next(hidden, values.loc[body & ~hidden[column], column])
            if len(counts) > 1:
                for row in frame.index[hidden[counts].sum(axis=1) == 1]:
                    others = values.loc[
                        row, [c for c in counts if not hidden.at[row, c]]
                    ]
                    others = others[others > 0]
                    if len(others):
                        hidden.at[row, others.idxmin()] = True
            if int(hidden.to_numpy().sum()) == before:
                break
    lost = hidden[counts].any(axis=1)
    for column in frame:
        if table.formats.get(column) == "share":
            hidden.loc[lost, column] = True
    return hidden


def _hide_next(hidden: pd.DataFrame, candidates: pd.Series) -> None:
    candidates = candidates[candidates > 0]
    if len(candidates):
        hidden.at[candidates.idxmin(), candidates.name] = True


def _county_columns(chapter: Chapter, min_cell: int) -> dict[str, dict[str, str]]:
    """Columns for page two, withheld by the same rule; texts that are no whole number pass."""
    made = {}
    for heading, texts in chapter.county.items():
        whole = {code: int(t) for code, t in texts.items() if t.isdigit()}
        frame = pd.DataFrame({"code": list(whole), "n": list(whole.values())})
        hidden = withhold(
            Table(name="county", title="", frame=frame, counts=("n",), total="all"),
            min_cell,
        )["n"]
        lost = set(frame.loc[hidden, "code"])
        made[heading] = {
            code: _withheld(chapter.lang) if code in lost else text
            for code, text in texts.items()
        }
    return made


def _withheld(lang: str) -> str:
    return words(lang)("隐去", "withheld")


def _texts(table: Table, hidden: pd.DataFrame, lang: str) -> list[list[str]]:
    gone = _withheld(lang)
    return [
        [gone if h else cell for cell, h in zip(row, lost, strict=True)]
        for row, lost in zip(table.cells(), hidden.to_numpy(), strict=True)
    ]


def _csv(table: Table, hidden: pd.DataFrame, lang: str, mark: str) -> bytes:
    """Raw numbers with withheld cells in words, a last column for a mark; UTF-8 with BOM, which Excel opens as it is."""
    frame = table.frame.astype(object).where(~hidden, _withheld(lang))
    for name in frame:
        if table.formats.get(name) == "wan_yuan":  # as the heading says
            frame[name] = [
                v / 10_000 if isinstance(v, (int, float)) else v for v in frame[name]
            ]
        if table.formats.get(name) == "count":
            frame[name] = [
                round(v) if isinstance(v, float) and v == v else v for v in frame[name]
            ]
    frame = frame.rename(columns=table.headings)
    if mark:
        frame[mark] = words(lang)("是", "yes")
    text = io.StringIO()
    frame.map(_published).to_csv(text, index=False, lineterminator="\r\n")
    return ("\ufeff" + text.getvalue()).encode("utf-8")


def _published(value: object) -> object:
    """A number with `DIGITS` significant digits: those behind them differ between processors."""
    if isinstance(value, float) and math.isfinite(value) and not value.is_integer():
        return float(f"{value:.{DIGITS}g}")
    return value


def _write(out: Path, name: str, data: bytes) -> str:
    path = out / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return name
