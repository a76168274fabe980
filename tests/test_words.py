"""Words: fields, fallbacks, an office's own wording, and numbers as a brief writes them."""

import pytest

from jinzhou.errors import ParameterError, speak
from jinzhou.words import Estimate, Words, _tree, number


@pytest.fixture
def office(tmp_path, monkeypatch):
    monkeypatch.setenv("JINZHOU_REFERENCE", str(tmp_path))
    _tree.cache_clear()
    yield tmp_path
    _tree.cache_clear()


def test_fields_are_written_by_kind():
    words = Words("", "zh")
    filled = words.fill(
        "{n:count}户，占{s:share}{s:share:interval}，{s:share:change:last_quarter}；{names}",
        {"n": 12.0, "s": Estimate(0.5, 0.4, 0.6, 0.3), "names": ["甲", "乙"]},
    )
    assert (
        filled == "12户，占50.0%（95%区间40.0%–60.0%），比上季度增加20个百分点；甲、乙"
    )


def test_a_past_figure_inside_the_interval_is_no_change():
    change = Words("", "zh").change(Estimate(0.5, 0.4, 0.6, 0.45), "share", "last_year")
    assert change == "比上年同期基本持平"


def test_what_moved_is_said_in_points_or_units():
    words = Words("", "zh")
    rise = Estimate(0.60, 0.55, 0.65, 0.48)
    assert words.change(rise, "share", "last_quarter") == "比上季度增加12个百分点"
    fall = Estimate(90, before=100)
    assert words.change(fall, "count", "last_quarter", "人") == "比上季度减少10人"


def test_without_an_earlier_figure_nothing_is_compared():
    assert Words("", "en").change(Estimate(3), "count", "last_year") == (
        "no earlier figure"
    )


def test_an_unknown_interval_is_said_and_never_empty():
    assert Words("", "zh").fill("{s:share:interval}", {"s": Estimate(0.5)}) == (
        "（区间未能判定）"
    )


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (float("nan"), "share", "—"),
        (0.0312, "share", "3.12%"),
        (-0.0001, "share", "0.0%"),
        (-0.37, "count", "0"),
        (-0.001, "number", "0"),
        (3.14159, "number", "3.14"),
        (-0.4, "score", "-0.400"),
        (20_000.0, "wan_yuan", "2"),
        (0.312, "share", "31.2%"),
        (-0.0001, "count", "0"),
        (123456, "wan_yuan", "12.35"),
        (12.5, "yuan", "12.5"),
        (1234.5, "yuan", "1234"),
        (None, "text", ""),
    ],
)
def test_numbers_as_a_brief_writes_them(value, kind, text):
    assert number(value, kind) == text


def test_an_office_changes_one_wording_and_keeps_the_others(office):
    (office / "words.zh.toml").write_text('yes = "有"\n', encoding="utf-8")
    words = Words("", "zh")
    assert words("yes") == "有" and words("no") == "否"


def test_a_message_speaks_the_chosen_language():
    error = ParameterError("errors.language", found="fr", known=("zh", "en"))
    assert str(error) == "语言为 'fr'；应为 zh、en 之一。"
    speak("en")
    assert str(error) == "language='fr'; expected one of zh, en."
