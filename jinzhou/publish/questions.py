"""What the questions of a chapter rest on: which cannot be answered because a table was not delivered, and the source line of the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.publish.chapter import Chapter, Sentence, Table, words
from jinzhou.reference.vocabulary import TABLES, Question

if TYPE_CHECKING:
    from jinzhou.publish.answerable import Answerable

NAMED = 3
"""Questions that the sentence names; the table has them all."""


def hidden(open_questions: Answerable, questions: Mapping[str, Question]) -> set[str]:
    """Tables, figures, facts and tabs of a chapter that would show the answers that are not there."""
    return {part for key in _open(open_questions) for part in questions[key].shown}


def sentences(
    open_questions: Answerable,
    questions: Mapping[str, Question],
    *,
    name: str,
    lang: str,
) -> tuple[Sentence, ...]:
    """Which tables are missing and the first questions that they leave open, with the table of that `name`; nothing when every question can be answered."""
    w = words(lang)
    rows = open_questions.rows.loc[_open(open_questions)]
    if not len(rows):
        return ()
    missing = tuple(dict.fromkeys(one for names in rows["missing"] for one in names))
    asked = [questions[key] for key in rows.index]
    zh = "；".join(one.zh for one in asked[:NAMED]) + (
        f"，等{len(asked)}个问题" if len(asked) > NAMED else ""
    )
    en = "; ".join(one.en for one in asked[:NAMED]) + (
        f"; and {len(asked) - NAMED} more questions stay open"
        if len(asked) > NAMED
        else ""
    )
    return (
        Sentence(
            text=w(
                f"没有提供{'、'.join(f'《{TABLES[one].zh}》' for one in missing)}，不能回答：{zh}。补交后重出简报即可。",
                f"Without {'the table' if len(missing) == 1 else 'the tables'} {_names(missing, lang)} it cannot be said {en}. Deliver what is missing and make the brief again.",
            ),
            tables=(name,),
        ),
    )


def tables(
    open_questions: Answerable,
    questions: Mapping[str, Question],
    *,
    name: str,
    lang: str,
) -> tuple[Table, ...]:
    """One table of the questions without an answer, `name` its own in the brief: what each lacks, what of it is there, what to do; none when there is no such question."""
    w = words(lang)
    rows = open_questions.rows.loc[_open(open_questions)]
    if not len(rows):
        return ()
    frame = pd.DataFrame(
        {
            w("不能回答的问题", "Question without an answer"): [
                w(questions[key].zh, questions[key].en) for key in rows.index
            ],
            w("缺的表", "Tables missing"): [
                _names(missing, lang) for missing in rows["missing"]
            ],
            w("已有的表", "Tables found"): [
                _names(found, lang) or "—" for found in rows["found"]
            ],
        }
    )
    return (
        Table(
            name=name,
            title=w(
                "因缺表不能回答的问题",
                "Questions without an answer, for want of a table",
            ),
            frame=frame,
            note=w(
                "缺表不等于没有：这些问题一律不写0，也不作判断。补交缺的表，重新读入，再出简报，即可回答。",
                "A missing table is not a zero: nothing is counted as none and nothing is judged. Deliver what is missing, load it and make the brief again for the answer.",
            ),
        ),
    )


def with_sources(
    chapter: Chapter, questions: Mapping[str, Question], *, as_of: str
) -> Chapter:
    """The chapter with the tables of the registry under each of its tables and figures that names no source: those that the question needs."""
    w = words(chapter.lang)
    under = {
        part: w(
            f"{'、'.join(TABLES[name].zh for name in one.needs)}，{as_of}前录入。",
            f"{', '.join(one.needs)}, recorded by {as_of}.",
        )
        for one in reversed(questions.values())
        for part in one.shown
    }
    return replace(
        chapter,
        tables=tuple(
            t if t.source or t.name not in under else replace(t, source=under[t.name])
            for t in chapter.tables
        ),
        figures=tuple(
            replace(f, note=f.note + w("资料来源：", " Source: ") + under[f.name])
            if f.name in under
            else f
            for f in chapter.figures
        ),
    )


def _open(open_questions: Answerable) -> list[str]:
    rows = open_questions.rows
    return list(rows.index[rows["status"] == "no data"])


def _names(tables: tuple[str, ...], lang: str) -> str:
    return words(lang)("、".join(TABLES[name].zh for name in tables), ", ".join(tables))
