"""Dated lines, targets and offices: what is unknown is refused with what is known."""

import shutil

import pandas as pd
import pytest

from jinzhou import errors, registry
from jinzhou.chapters.illness.analysis.payments import payer_ladder
from jinzhou.errors import ParameterError, RegistryError
from jinzhou.reference import lines, offices, targets, thresholds
from jinzhou.statistics.intervals import wilson
from tests.snapshots import snapshot


@pytest.mark.parametrize(
    ("call", "words_zh", "words_en"),
    [
        (lambda: lines.poverty_line(2018, series="world"), "应为 ", "expected one of"),
        (
            lambda: lines.poverty_line(1901, series="registry"),
            "没有 1901 年的贫困线",
            "no registry line for 1901",
        ),
        (
            lambda: thresholds.threshold("colour"),
            "deadlines.csv 中没有 colour",
            "colour is not in the reference file thresholds.csv",
        ),
        (
            lambda: targets.target("exit_persons", 1901),
            "targets.csv 中没有 exit_persons 1901",
            "is not in the reference file targets.csv",
        ),
        (
            lambda: offices.office("nobody"),
            "offices.csv 中没有 nobody",
            "nobody is not in the reference file offices.csv",
        ),
        (lambda: errors.speak("fr"), "应为 zh、en 之一", "expected one of"),
        (lambda: errors.speak("fr"), "应为 zh、en 之一", "expected one of zh, en"),
        (
            lambda: wilson(1, 2, level=2),
            "应在零与一之间",
            "expected between zero and one",
        ),
        (
            lambda: payer_ladder(pd.DataFrame({"medfee_sumamt": [1.0]})),
            "结算表缺少",
            "settlements lack",
        ),
    ],
)
def test_each_refusal_says_what_is_known_in_both_languages(call, words_zh, words_en):
    with pytest.raises(ParameterError) as caught:
        call()
    assert words_zh in caught.value.said("zh")
    assert words_en in caught.value.said("en")


def test_the_household_at_the_line_keeps_its_status():
    assert lines.still_poor(2995, 2995, registered=True) and not lines.still_poor(
        2995, 2995, registered=False
    )


def test_nothing_is_known_before_the_first_export(store):
    early = "2001-01-01"
    for call in (
        lambda: registry.check(snapshot(store, early)),
        lambda: registry.panel(snapshot(store, early)),
    ):
        with pytest.raises(RegistryError, match="没有任何户信息"):
            call()


def test_a_store_without_households_is_refused(store, tmp_path):
    copy = tmp_path / "store"
    shutil.copytree(store, copy)
    shutil.rmtree(copy / "household")
    with pytest.raises(RegistryError, match="数据库中没有任何户信息"):
        registry.coverage(registry.open_store(copy))


def test_a_misspelt_day(store):
    with pytest.raises(ParameterError, match="应写作 2018-09-30"):
        registry.panel(snapshot(store, "last autumn"))
