"""What a chapter cannot answer because a table was not delivered, and which table would answer it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.exhibits.chapter import Sentence, Table, words
from jinzhou.vocabulary import TABLES, Question

if TYPE_CHECKING:
    from jinzhou.measures.questions import Answerable


def hidden(open_questions: Answerable, questions: Mapping[str, Question]) -> set[str]:
    """Tables, figures, facts and tabs of a chapter that would show the answers that are not there."""
    return {part for key in _open(open_questions) for part in questions[key].shown}


def sentences(open_questions: Answerable, questions: Mapping[str, Question], *, lang: str) -> tuple[Sentence, ...]:
    """Which questions are open and which tables would answer them; nothing when every question can be answered."""
    w = words(lang)
    rows = open_questions.rows.loc[_open(open_questions)]
    if not len(rows):
        return ()
    missing = tuple(dict.fromkeys(name for names in rows["missing"] for name in names))
    which = w("，各缺哪张见表", "; the table says which one each lacks") if rows["missing"].nunique() > 1 else ""
    asked = [questions[key] for key in rows.index]
    return (Sentence(text=w(f"没有提供{_names(missing, lang)}，以下问题不能回答{which}：{'；'.join(one.zh for one in asked)}。补交后重出简报即可。",
                            f"Without {_names(missing, lang)} it cannot be said {'; '.join(one.en for one in asked)}{which}. Deliver what is missing and make the brief again."), tables=("unanswered",)),)


def tables(open_questions: Answerable, questions: Mapping[str, Question], *, lang: str) -> tuple[Table, ...]:
    """One table of the questions without an answer: which of their tables are there, which are not, what to do; none when there is no such question."""
    w = words(lang)
    rows = open_questions.rows.loc[_open(open_questions)]
    if not len(rows):
        return ()
    frame = pd.DataFrame({
        w("不能回答的问题", "Question without an answer"): [w(questions[key].zh, questions[key].en) for key in rows.index], w("已有的表", "Tables found"): [_names(found, lang) or "—" for found in rows["found"]],
        w("缺的表", "Tables missing"): [_names(missing, lang) for missing in rows["missing"]],
        w("怎么办", "What to do"): w("补交缺的表，重新读入并出简报", "deliver what is missing, load, make the brief again")})
    return (Table(name="unanswered", title=w("因缺表不能回答的问题", "Questions without an answer, for want of a table"), frame=frame,
                  note=w("缺表不等于没有：这些问题一律不写0，也不作判断。", "A missing table is not a zero: nothing is counted as none and nothing is judged.")),)


def _open(open_questions: Answerable) -> list[str]:
    rows = open_questions.rows
    return list(rows.index[rows["status"] == "no data"])


def _names(tables: tuple[str, ...], lang: str) -> str:
    return words(lang)("、".join(f"《{TABLES[name].zh}》" for name in tables), ", ".join(f"the table {name}" for name in tables))
