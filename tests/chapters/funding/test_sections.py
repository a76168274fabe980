"""Sections of the funding chapter: what is said, what is left open, the lists."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from frontier_study import frontier_world, shift_world
from gain_studies import world
from plan_world import money_world
from sfa_bench import cross_section

from jinzhou.chapters import funding
from jinzhou.chapters.funding import data, estimates
from jinzhou.chapters.funding.analysis.allocation import Limits, allocation
from jinzhou.chapters.funding.analysis.money_response import (
    ResponseModel,
    money_response,
)
from jinzhou.chapters.funding.analysis.response import with_effect
from jinzhou.chapters.funding.sections import frontier, plan
from jinzhou.publish.section import Page
from jinzhou.reference.vocabulary import TABLES
from jinzhou.statistics.frontier.bootstrap import dea_intervals
from jinzhou.statistics.frontier.composed import STATUSES
from jinzhou.statistics.frontier.dea import dea
from jinzhou.statistics.frontier.model import DeaModel
from jinzhou.statistics.frontier.outliers import leave_one_out
from jinzhou.statistics.frontier.scale_test import returns_to_scale_test
from jinzhou.statistics.frontier.sfa import StochasticModel, sfa
from jinzhou.statistics.matching import compare_kinds, income_per_yuan

LANGUAGES = pytest.mark.parametrize("lang", ["zh", "en"])


def a_snapshot(lang="zh"):
    return SimpleNamespace(
        as_of="2018-09-30",
        year=2018,
        lang=lang,
        county="",
        sections={},
        store=SimpleNamespace(tables=tuple(TABLES)),
    )


@pytest.fixture
def given(monkeypatch):
    """A function that puts results in the place of what the registry gives."""

    def put(room, **results):
        for name, result in results.items():
            made = lambda snapshot, result=result, **more: result  # noqa: E731
            monkeypatch.setattr(room, name, made)

    put(data, county_of_town=pd.Series(dtype=str))
    return put


def texts(section) -> str:
    return " ".join(s.text for s in section.findings)


# income for each yuan ------------------------------------------------------------------

GAINS, HELPED = world(1)
GIVEN = {"covariates": ["ill", "margin"]}
KINDS = compare_kinds(
    GAINS.assign(lasting=(GAINS["gain"] > 1_000).astype(float)),
    HELPED[HELPED["day"] == GAINS["day"].iloc[0]],
    cluster="town",
    **GIVEN,
)


@LANGUAGES
def test_income_per_yuan_stands_beside_the_cost_of_an_exit(given, lang):
    gain = income_per_yuan(GAINS, HELPED, **GIVEN)
    given(estimates, income=gain, project_types=KINDS)
    section = funding.income_per_yuan(a_snapshot(lang))
    income, money = section.tables
    types = money.frame["project_type"]
    assert income.frame["project_type"].tolist() == types.tolist()
    assert types.iloc[-1] == ("各类到户项目" if lang == "zh" else "Any for households")
    extra = money.frame["lasting_extra"]
    assert extra.iloc[0] == KINDS.rows.loc["industry", "cost_extra"]
    assert np.isnan(extra.iloc[-1])
    without = "无上限" if lang == "zh" else "no upper end"
    assert money.frame["extra_ci_high"].iloc[1] == without
    whole = gain.rows.loc["all"]
    said = texts(section)
    for number in (whole["per_yuan"], whole["raw_per_yuan"]):
        assert f"{number:.3f}" in said
    assert f"{whole['per_yuan_ci_low']:.3f}–{whole['per_yuan_ci_high']:.3f}" in said
    assert ("不是试验证明" if lang == "zh" else "no trial") in said and "2018" in said
    assert ("不能证明因果" if lang == "zh" else "no proof of cause") in money.note
    assert set(section.findings[0].tables) == {income.name, money.name}
    assert [f.name for f in section.figures] == ["income_per_yuan"]


@pytest.mark.parametrize(
    ("lang", "early", "nobody", "few", "none"),
    [
        (
            "zh",
            "还没有满一年的登记收入",
            "没有受过项目帮扶的户",
            "地方太少",
            "与没有增收分不开",
        ),
        (
            "en",
            "is over",
            "no household was helped",
            "too few clusters",
            "not separated from none",
        ),
    ],
)
def test_what_income_cannot_be_said_says_why(given, lang, early, nobody, few, none):
    given(estimates, project_types=KINDS)
    for gain, why in (
        (income_per_yuan(GAINS.iloc[:0], HELPED, **GIVEN), early),
        (income_per_yuan(GAINS, HELPED.iloc[:0], **GIVEN), nobody),
        (income_per_yuan(GAINS.assign(town=GAINS["town"] % 3), HELPED, **GIVEN), few),
        (income_per_yuan(*world(5, per_yuan=0.0), **GIVEN), none),
    ):
        given(estimates, income=gain)
        section = funding.income_per_yuan(a_snapshot(lang))
        assert why in texts(section) and "nan" not in texts(section)
        rows = [len(gain.rows)] * 2 if len(gain.rows) else []
        assert [len(t.frame) for t in section.tables] == rows


# the frontier of townships ---------------------------------------------------------------

N = 24
RNG = np.random.default_rng(6)
UNITS = pd.DataFrame(
    {
        "paid": RNG.uniform(100, 900, N),
        "cadres": RNG.uniform(2, 9, N),
        "poor": RNG.uniform(200, 900, N),
    },
    index=pd.Index([f"乡{i}" for i in range(N)], name="town"),
)
UNITS["exits"] = (UNITS["paid"] * UNITS["poor"]) ** 0.4 * np.exp(
    -RNG.exponential(0.2, N)
)
UNITS["lasting"] = UNITS["exits"] * RNG.uniform(0.4, 0.7, N)
UNITS = UNITS.assign(ill=0.5, able=RNG.random(N), remote=RNG.random(N))
RENAMED = {"unit": "town", "a": "paid", "b": "cadres", "c": "poor", "y": "exits"}


def years(**options):
    return shift_world(1, **options).rename(columns=RENAMED)


@pytest.fixture
def townships(given):
    """The frontier of UNITS, computed once a test."""
    given(
        data,
        townships=UNITS,
        county_of_town=pd.Series("210727", index=UNITS.index),
        township_years=years(),
    )
    given(
        estimates,
        frontier=dea(UNITS, estimates.TOWNSHIPS),
        without_each_peer=leave_one_out(UNITS, estimates.TOWNSHIPS),
    )


@LANGUAGES
def test_an_open_interval_is_a_dash_and_the_note_says_why(townships, lang):
    section = funding.township_frontier(a_snapshot(lang))
    scores, peers = section.tables
    high = scores.frame["ci_high"]
    infinite = section.result.scores["ci_high"].to_numpy() == np.inf
    assert np.array_equal(high.isna(), infinite) and 0 < infinite.sum() < N
    at = list(scores.frame).index("ci_high")
    cells = np.array(scores.cells())[high.isna(), at]
    assert set(cells) == {"—"}
    size = section.result.size
    how = f"{size}个乡镇" if lang == "zh" else f"({size} townships at a time, 200 times"
    assert how in scores.note
    assert peers.frame["town"].isin(UNITS.index).all()
    assert len(section.figures) == 1


def test_the_smoothed_bootstrap_is_named_with_its_scale(townships, monkeypatch):
    smoothed = dea_intervals(
        UNITS, estimates.TOWNSHIPS, replications=100, convention="farrell"
    )
    monkeypatch.setattr(frontier, "dea_intervals", lambda *a, **k: smoothed)
    scores = funding.township_frontier(a_snapshot()).tables[0]
    assert "farrell口径，100次" in scores.note
    assert scores.frame[list(frontier.SCORES)].notna().all(axis=None)


@pytest.mark.parametrize(
    ("lang", "out", "same", "back"),
    [
        ("zh", "前沿比上年前移", "看不出前沿比上年移动", "前沿比上年后退"),
        ("en", "moved out by", "is not seen to have moved", "fell back by"),
    ],
)
def test_the_sentence_follows_the_interval(townships, given, lang, out, same, back):
    better = "不等于钱更有效" if lang == "zh" else "need not work better"
    columns = ["technical", "technical_ci_low", "technical_ci_high"]
    for shift, word in ((0.4, out), (0.0, same), (-0.4, back)):
        given(data, township_years=years(shift=shift))
        section = funding.frontier_checks(a_snapshot(lang), replications=100)
        assert word in texts(section) and (better in texts(section)) == (shift > 0)
        first = section.tables[0].frame.iloc[0]
        moved = section.result.means[columns].iloc[-1]
        shown = first[["value", "ci_low", "ci_high"]].tolist()
        assert shown == moved.tolist() and word in first["answer"]


@pytest.mark.parametrize(
    ("lang", "periods", "few", "nobody"),
    [
        ("zh", "没有两个年度的拨付", "乡镇太少", "没有两个年度都可比的乡镇"),
        ("en", "no two years", "too few townships", "no township is sound"),
    ],
)
def test_a_movement_that_is_not_known_says_why_and_has_no_number(
    townships, given, lang, periods, few, nobody
):
    frame = years()
    for rows, why, known in (
        (frame[frame["period"] == 1], periods, False),
        (frame[frame["town"] < 6], few, False),
        (frame.assign(paid=float("nan")), nobody, False),
        (frame[frame["town"] < 18], few, True),  # compared, too few for an interval
    ):
        given(data, township_years=rows)
        section = funding.frontier_checks(a_snapshot(lang), replications=100)
        first = section.tables[0].frame.iloc[0]
        assert why in first["answer"] and why in texts(section)
        assert math.isnan(first["ci_low"]) and math.isnan(first["value"]) != known


def test_too_few_townships_are_not_compared(given):
    nothing = UNITS.iloc[:0]
    given(data, townships=nothing, township_years=years())
    given(
        estimates,
        frontier=dea(nothing, estimates.TOWNSHIPS),
        without_each_peer=leave_one_out(nothing, estimates.TOWNSHIPS),
    )
    now = a_snapshot()
    for section, word in (
        (funding.township_frontier(now, replications=100), "没有参考价值"),
        (funding.frontier_checks(now, replications=100), "未能判定"),
        (funding.township_circumstances(now, replications=100), "未能判定"),
    ):
        assert word in texts(section) and not section.figures
        assert all(len(t.frame) for t in section.tables)


def test_scale_and_a_township_that_decides_the_frontier_are_named():
    units = frontier_world(n=60, seed=1)
    model = DeaModel(inputs=["x"], outputs=["y"], orientation="output")
    page = Page("funding.frontier_checks", a_snapshot())
    far = pd.DataFrame({"x": [1.0, 5.0], "y": [9.0, 30.0]}, index=["远乡", "远镇"])
    leave = leave_one_out(pd.concat([units, far]), model)
    assert leave.peers["mean_change"].iloc[0] >= frontier.LEANS
    assert f"前沿靠{leave.peers.index[0]}撑着" in frontier.leaning(page, leave)
    none = leave_one_out(units.iloc[:0], model)
    assert "未能判定" in frontier.leaning(page, none)
    scale = returns_to_scale_test(
        units.iloc[:0], model, replications=100, nulls=("constant",)
    )
    assert "未能判定" in frontier.scale_reason(page, scale)


def test_every_answer_of_a_stochastic_frontier_has_its_word():
    for lang in ("zh", "en"):
        page = Page("funding.stochastic_frontier", a_snapshot(lang))
        assert all(page.words.label("stochastic", status) for status in STATUSES)


GIVEN_TERMS = {"outcome": "y", "terms": ["a", "b"]}


@LANGUAGES
def test_a_stochastic_frontier_says_what_was_found(given, monkeypatch, lang):
    frame = cross_section(200, seed=5)
    fits = {
        "found": sfa(frame, StochasticModel(**GIVEN_TERMS)),
        "none": sfa(frame, StochasticModel(**GIVEN_TERMS, kind="cost")),
        "few": sfa(frame.head(9), StochasticModel(**GIVEN_TERMS)),
    }
    given(data, townships=frame, county_of_town=pd.Series("210727", index=frame.index))
    page = Page("funding.stochastic_frontier", a_snapshot(lang))
    made = {}
    for name, fit in fits.items():
        found = _renamed(fit)
        monkeypatch.setattr(frontier, "sfa", lambda *a, found=found, **k: found)
        made[name] = funding.stochastic_frontier(a_snapshot(lang))
    assert made["found"].findings[0].tables == ("sfa_terms", "sfa_townships")
    terms, scores = made["found"].tables
    constant = "常数" if lang == "zh" else "constant"
    assert len(terms.frame) == 5 and len(scores.frame) == 200
    assert constant in set(terms.frame["term"])
    for name, status in (("none", "no inefficiency found"), ("few", "too few rows")):
        assert page.words.label("stochastic", status) in texts(made[name])
    assert made["few"].tables == ()


def _renamed(fit):
    """A fit whose inputs bear the names of the townships' inputs."""
    names = {"a": "paid", "b": "poor"}
    return replace(fit, coefficients=fit.coefficients.rename(index=names, level=1))


# plans ------------------------------------------------------------------------------------

CODES = {
    "210701": "210702",
    "210702": "210703",
    "210703": "210711",
    "210704": "210726",
    "210705": "210727",
}
ARMS, PAST = (
    frame.assign(county=frame["county"].map(CODES)) for frame in money_world(1)
)
EFFECT = pd.DataFrame(
    {"effect": 0.1, "effect_ci_low": 0.08, "effect_ci_high": 0.12},
    index=["industry", "education"],
)
RESPONSE = with_effect(money_response(PAST), EFFECT)
TOTAL = float(ARMS["today"].sum())
CEILING = ARMS.loc[ARMS["category"] == "industry", "today"].sum() * 0.95
PLANNED = allocation(
    ARMS, response=RESPONSE, limits=Limits(total=TOTAL, ceilings={"industry": CEILING})
)


@pytest.fixture
def planned(given, monkeypatch):
    """A function that gives the section of a plan."""
    given(data, projects=pd.DataFrame())
    given(estimates, budget_growth=None, money_response=RESPONSE)
    monkeypatch.setattr(plan, "money_arms", lambda *a, **k: ARMS)
    monkeypatch.setattr(plan, "plan_limits", lambda *a, **k: {})

    def section(found, lang):
        monkeypatch.setattr(plan, "allocation", lambda *a, **k: found)
        return funding.plans(a_snapshot(lang))

    return section


@LANGUAGES
def test_plans_are_shown_beside_todays_with_prices_and_assumptions(planned, lang):
    section = planned(PLANNED, lang)
    shown = {t.name: t for t in section.tables}
    assert list(shown) == [
        "plan_compare",
        "plan_counties",
        "plan_arms",
        "plan_prices",
        "plan_today",
    ]
    page = Page("funding.plans", a_snapshot(lang))
    note = shown["plan_compare"].note
    assert all(page.words.label("assumption", key) in note for key in PLANNED.assumes)
    assert ("不是拨款指令" if lang == "zh" else "no instruction to pay") in note
    assert len(shown["plan_counties"].frame) == len(CODES)
    assert len(shown["plan_arms"].frame) == len(ARMS)
    assert (shown["plan_prices"].frame["price"] > 0).all()
    assert section.figures[0].title
    assert set(section.findings[0].tables) <= set(shown)


@LANGUAGES
def test_no_plan_says_why(planned, lang):
    unknown = with_effect(money_response(PAST), EFFECT.assign(effect_ci_low=-0.1))
    section = planned(
        allocation(ARMS, response=unknown, limits=Limits(total=TOTAL)), lang
    )
    assert ("无法识别" if lang == "zh" else "cannot be identified") in texts(section)
    assert section.figures == () == section.tables
    county = ARMS[ARMS["county"] == "210702"]
    single = planned(
        allocation(
            county,
            response=with_effect(money_response(PAST), EFFECT.head(1)),
            limits=Limits(total=county["today"].sum()),
        ),
        lang,
    )
    assert "1" in texts(single)
    assert single.findings[0].tables == ("plan_arms", "plan_response")
    mixed = planned(
        allocation(ARMS, response=RESPONSE, limits=Limits(total=TOTAL / 1e4)), lang
    )
    assert "total" in texts(mixed) and mixed.tables == ()
    clash = planned(
        allocation(
            ARMS,
            response=RESPONSE,
            limits=Limits(total=TOTAL, floors={"210702": TOTAL * 2}),
        ),
        lang,
    )
    assert [t.name for t in clash.tables] == ["plan_clash"]
    assert clash.findings[0].tables == ("plan_clash",)


@LANGUAGES
def test_a_gain_that_may_be_none_gives_no_reason_to_change(planned, lang):
    wide = with_effect(money_response(PAST, ResponseModel(unmeasured=1.5)), EFFECT)
    found = allocation(ARMS, response=wide, limits=Limits(total=TOTAL))
    assert found.plans.loc["expected", "gain_ci_low"] <= 0
    words = "没有理由改变今年计划" if lang == "zh" else "no reason to change"
    assert words in texts(planned(found, lang))
