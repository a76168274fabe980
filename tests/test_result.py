"""A result shows itself in the chosen language: sentence, headings, numbers by kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from jinzhou.errors import speak
from jinzhou.result import Result
from jinzhou.statistics.interrupted import interrupted_series
from jinzhou.words import Words


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shares(Result):
    kinds: ClassVar[Mapping[str, str]] = {"share": "share"}
    __module__ = "jinzhou.statistics.example"
    rows: pd.DataFrame

    def sentence(self, words: Words) -> str:
        return words("comma").join(self.rows["group"])


@pytest.fixture
def shares():
    return Shares(
        rows=pd.DataFrame(
            {
                "group": ["all", "<b>"],
                "share": [0.312, np.nan],
                "events": [3, 4],
                "significant": pd.array([True, None], dtype="boolean"),
            }
        )
    )


def test_the_page_has_headings_words_and_numbers_of_the_language(shares):
    html = shares._repr_html_()
    assert "<th>事件</th>" in html and "31.2%" in html and ">—<" in html
    assert "合计" in html and "&lt;b&gt;" in html and "<td>是</td>" in html
    speak("en")
    try:
        assert "<th>Events</th>" in shares._repr_html_()
    finally:
        speak("zh")


def test_the_table_is_a_copy(shares):
    changed = shares.table()
    changed.loc[0, "share"] = 0.5
    assert shares.rows.loc[0, "share"] == 0.312


def test_the_sentence_is_in_the_language_asked_for(shares):
    assert shares.summary() == "all、<b>" and shares.summary("en") == "all, <b>"


def test_an_answer_that_is_none_says_why_in_both_languages():
    series = pd.Series(
        np.arange(10.0), index=pd.period_range("2015-01", periods=10, freq="M")
    )
    found = interrupted_series(series, start="")
    assert "政策何时开始不清楚" in found.summary("zh")
    assert found.reason in found.summary("en")
