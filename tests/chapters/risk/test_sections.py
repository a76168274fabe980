"""Sections of the risk chapter: what is said, what is left open, the lists, the card."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from jinzhou.chapters import risk
from jinzhou.chapters.risk.analysis.rivals import (
    best_rival,
    observed_over_predicted,
    recall_at,
)
from jinzhou.chapters.risk.model import TERMS
from jinzhou.errors import ParameterError
from jinzhou.reference.vocabulary import codes
from jinzhou.registry import open_store
from jinzhou.statistics.returns.backtest import Backtest
from jinzhou.statistics.returns.leakcheck import LeakCheck
from jinzhou.words import words

AS_OF, EARLY = "2018-09-30", "2015-03-31"
QUICK = risk.Options(folds=2, draws=5, leak_checks=False)


class Without:
    """A store as if some tables had not been delivered."""

    def __init__(self, store, *tables):
        self._store = store
        self.tables = tuple(t for t in store.tables if t not in tables)

    def __getattr__(self, name):
        return getattr(self._store, name)


@pytest.fixture(scope="module")
def now(store):
    return open_store(store).at(AS_OF)


@pytest.fixture(scope="module")
def early(store):
    """A quarter of which too few returns are known."""
    return open_store(store).at(EARLY)


def texts(section):
    return " ".join(s.text for s in section.findings)


def test_a_capacity_is_kept_and_every_county_has_its_list(now):
    options = replace(QUICK, capacity=40, county_share=0.005)
    section = risk.watch_list(now, options=options)
    visits = [s for s in section.lists if s.tab == "走访名单"]
    assert sum(len(s.frame) for s in visits) == 40 == len(section.result.rows)
    assert texts(section).startswith("40户列入重点走访")
    counties = section.tables[0].frame
    assert len(visits) == (counties["listed"].iloc[:-1] > 0).sum()
    assert counties["listed"].iloc[:-1].sum() == counties["listed"].iloc[-1] == 40
    assert sum(int(s.target[:-1]) for s in section.steps) == 40


def test_a_list_can_be_filled_in_and_gives_its_reasons_in_words(now):
    section = risk.watch_list(now, options=QUICK)
    sheet = max(section.lists, key=lambda s: len(s.frame))
    frame = sheet.frame
    assert frame["排名"].tolist() == list(range(1, len(frame) + 1))
    assert list(sheet.inputs) == ["走访日期", "走访结果", "采取措施", "备注"]
    assert sheet.inputs["走访结果"] == (
        "稳定",
        "有风险",
        "已返贫",
        "无法联系",
        "不属实",
    )
    assert sheet.shares == ("风险", "风险下限", "风险上限")
    assert frame["原因一"].ne("").all()
    visits = [s.frame for s in section.lists if s.tab == "走访名单"]
    said = " ".join(
        text
        for one in visits
        for column in ("原因一", "原因二", "原因三")
        for text in one[column]
    )
    assert "元，为贫困线的" in said and "_" not in said
    assert "风险区间为90%" in sheet.note


def test_too_few_returns_give_a_list_in_the_order_of_the_rules(early):
    made = {f.__name__: f(early) for f in risk.CHAPTER.sections}
    watch = made["watch_list"]
    assert "不能估计概率" in texts(watch)
    assert "触发规则数" in watch.lists[0].frame.columns
    assert not watch.figures and watch.facts[0].year_change == ""
    for name in ("backtest", "calibration", "groups", "windows", "terms", "outlook"):
        assert not made[name].tables and "返贫太少" in texts(made[name])
    assert "没有上季" in texts(made["list_changes"]) and "没有上季" in texts(
        made["drift"]
    )
    card = made["model_card"].tables[0].frame.set_index("item")["content"]
    assert "监测规则排序" in card["方法"] and card["泄漏检查"] == "未运行"
    said = [s.text for s in risk.CHAPTER.at(early).problems[0].sentences]
    assert len(said) == len(set(said))


def test_the_early_quarter_reads_in_english_too(store):
    there = open_store(store).at(EARLY, lang="en")
    for function in risk.CHAPTER.sections:
        section = function(there)
        assert section.findings or section.tables
        assert "nan" not in texts(section).lower().split()


def test_a_county_without_households_is_refused(early):
    with pytest.raises(ParameterError, match="没有可评估"):
        risk.watch_list(replace(early, county="210799", _kept={}, sections={}))


def test_without_events_the_list_stands_and_its_tests_are_left_open(now):
    store = Without(now.store, "event")
    there = replace(now, store=store, _kept={}, sections={})
    assert risk.backtest(there).missing == ("event",)
    card = risk.model_card(there, options=QUICK).tables[0].frame.set_index("item")
    assert "没有提供：《动态管理变动台账》" in card.at["所用的表", "content"]


def backtested(recalls):
    rows = [(s, "recall_5", v, v - 0.1, v + 0.1) for s, v in recalls.items()]
    rows += [(s, "auc", 0.5, 0.4, 0.6) for s in recalls]
    empty = pd.DataFrame()
    groups = {"predicted": [0.1, 0.2], "observed": [0.1, 0.5], "rows": [10, 10]}
    return Backtest(
        metrics=pd.DataFrame(
            rows, columns=["score", "metric", "value", "ci_low", "ci_high"]
        ),
        splits=empty,
        calibration=pd.DataFrame(groups | {"events": [1, 5]}),
        recall=pd.DataFrame({"share": [0.05, 0.10], "hazard": [0.2, 0.4]}),
        groups=empty,
        capacities=(0.05,),
        draws=0,
    )


def test_the_rival_named_is_the_best_one_run():
    scores = {"hazard": 0.9, "boosting": 0.3, "income margin": 0.4}
    assert best_rival(backtested(scores)) == "income margin"
    assert best_rival(backtested(scores | {"boosting": 0.5})) == "boosting"
    assert best_rival(backtested(scores | {"boosting": 0.4})) == "boosting"


def test_recall_and_level_are_read_off_the_backtest():
    tested = backtested({"hazard": 0.2})
    assert recall_at(tested, 0.075) == pytest.approx(0.3)
    assert observed_over_predicted(tested) == pytest.approx(6 / 3)


def test_a_failed_leak_check_is_said_in_words(now, monkeypatch):
    found = LeakCheck(
        rows=pd.DataFrame(
            {
                "passed": [True, False, False, True],
                "found": [
                    "",
                    "log_margin, dibao",
                    "3 labels of windows still open, 2 events not yet recorded",
                    "too few later outcomes",
                ],
            },
            index=["time_order", "features_fixed", "labels_closed", "future_shuffled"],
        ),
        early="2018-03-31",
        late=AS_OF,
    )
    monkeypatch.setattr(risk.estimates, "leaks", lambda snapshot, options: found)
    section = risk.leak_checks(now)
    assert "未通过" in texts(section) and "不要使用回测结果" in texts(section)
    cells = section.tables[0].frame["found"].tolist()
    assert cells[1] == "人均纯收入偏低、享受低保"
    assert cells[2].endswith("：3、2") and "未检验" in cells[3]


def test_groups_that_nobody_was_caught_in_get_no_interval(now):
    section = risk.groups(now, options=QUICK)
    rows = section.result.groups
    lowest = rows[rows["returns"] >= 10].nsmallest(1, "recall").iloc[0]
    if lowest["ci_low"] == lowest["ci_high"]:
        assert "区间未能判定" in texts(section)
    assert np.isfinite(rows["recall"]).any()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_term_and_every_cause_has_its_words(lang):
    said = words("chapters/risk/text", lang)
    assert all(said.find(f"labels.term.{name}") for name in TERMS)
    assert set(said.find("labels.variable")) <= set(TERMS)
    assert set(codes("cause").values()) | {"", "all"} == set(said.find("labels.cause"))
