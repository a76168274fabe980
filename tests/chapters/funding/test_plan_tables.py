"""Plans and frontiers in words: every answer has its text in both languages, and no plan is an order."""

import pandas as pd
import pytest
from plan_world import money_world
from sfa_bench import cross_section

from jinzhou.chapters.funding import plan_tables, stochastic_tables
from jinzhou.chapters.funding.analysis.allocation import Limits, allocation
from jinzhou.chapters.funding.analysis.money_response import (
    ResponseModel,
    money_response,
)
from jinzhou.chapters.funding.analysis.response import with_effect
from jinzhou.reference.vocabulary import ALLOCATION_ASSUMPTIONS, FRONTIER_STATUSES
from jinzhou.statistics.frontier.composed import STATUSES
from jinzhou.statistics.frontier.sfa import StochasticModel, sfa

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
PLAN = allocation(
    ARMS,
    response=RESPONSE,
    limits=Limits(
        total=TOTAL,
        ceilings={
            "industry": ARMS.loc[ARMS["category"] == "industry", "today"].sum() * 0.95
        },
    ),
)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_plans_are_shown_beside_todays_with_prices_and_assumptions(lang):
    shown = {t.name: t for t in plan_tables.tables(PLAN, RESPONSE, lang=lang)}
    assert list(shown) == [
        "plan_compare",
        "plan_counties",
        "plan_arms",
        "plan_prices",
        "plan_today",
        "plan_response",
    ]
    texts = [ALLOCATION_ASSUMPTIONS[key][lang == "en"] for key in PLAN.assumes]
    assert all(text in shown["plan_compare"].note for text in texts)
    assert ("不是拨款指令" if lang == "zh" else "no instruction to pay") in shown[
        "plan_compare"
    ].note
    assert len(shown["plan_counties"].frame) == len(CODES) and len(
        shown["plan_arms"].frame
    ) == len(ARMS)
    assert (shown["plan_prices"].frame.iloc[:, 4] > 0).all()
    assert plan_tables.figure(PLAN, lang=lang).title
    for table in shown.values():
        assert set(table.formats) <= set(table.frame.columns), table.name
    for table in plan_tables.sentence(PLAN, lang=lang).tables:
        assert table in shown


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_plan_says_why(lang):
    unknown = with_effect(money_response(PAST), EFFECT.assign(effect_ci_low=-0.1))
    plan = allocation(ARMS, response=unknown, limits=Limits(total=TOTAL))
    text = plan_tables.sentence(plan, lang=lang).text
    assert (
        "无法识别" if lang == "zh" else "cannot be identified"
    ) in text and plan_tables.figure(plan, lang=lang) is None
    assert [t.name for t in plan_tables.tables(plan, unknown, lang=lang)] == [
        "plan_response"
    ]
    one = ARMS[ARMS["county"] == "210702"]
    single = allocation(
        one,
        response=with_effect(money_response(PAST), EFFECT.head(1)),
        limits=Limits(total=one["today"].sum()),
    )
    assert "1" in plan_tables.sentence(single, lang=lang).text and plan_tables.sentence(
        single, lang=lang
    ).tables == ("plan_arms", "plan_response")
    mixed = allocation(ARMS, response=RESPONSE, limits=Limits(total=TOTAL / 1e4))
    assert "total" in plan_tables.sentence(mixed, lang=lang).text and [
        t.name for t in plan_tables.tables(mixed, RESPONSE, lang=lang)
    ] == ["plan_response"]
    clash = allocation(
        ARMS,
        response=RESPONSE,
        limits=Limits(total=TOTAL, floors={"210702": TOTAL * 2}),
    )
    names = [t.name for t in plan_tables.tables(clash, RESPONSE, lang=lang)]
    assert names == ["plan_clash", "plan_response"] and plan_tables.sentence(
        clash, lang=lang
    ).tables == ("plan_clash",)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_gain_that_may_be_none_gives_no_reason_to_change(lang):
    wide = with_effect(money_response(PAST, ResponseModel(unmeasured=1.5)), EFFECT)
    plan = allocation(ARMS, response=wide, limits=Limits(total=TOTAL))
    assert plan.plans.loc["expected", "gain_ci_low"] <= 0
    assert (
        "没有理由改变今年计划" if lang == "zh" else "no reason to change"
    ) in plan_tables.sentence(plan, lang=lang).text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_frontier_says_what_was_found(lang):
    frame = cross_section(200, seed=5)
    places = pd.Series("210727", index=frame.index)
    fit = sfa(frame, StochasticModel(outcome="y", terms=["a", "b"]))
    terms, scores = stochastic_tables.tables(fit, places=places, lang=lang)
    assert (
        len(terms.frame) == 5
        and len(scores.frame) == 200
        and ("常数" if lang == "zh" else "constant") in set(terms.frame.iloc[:, 0])
    )
    assert stochastic_tables.sentence(fit, lang=lang).tables == (
        "sfa_terms",
        "sfa_townships",
    )
    none = sfa(frame, StochasticModel(outcome="y", terms=["a", "b"], kind="cost"))
    assert (
        FRONTIER_STATUSES["no inefficiency found"][lang == "en"]
        in stochastic_tables.sentence(none, lang=lang).text
    )
    few = sfa(frame.head(9), StochasticModel(outcome="y", terms=["a", "b"]))
    assert (
        FRONTIER_STATUSES["too few rows"][lang == "en"]
        in stochastic_tables.sentence(few, lang=lang).text
        and stochastic_tables.tables(few, places=places, lang=lang)[0].frame.empty
    )
    same = sfa(
        frame.assign(cadres=2.0),
        StochasticModel(outcome="y", terms=["a", "b"], linear=["cadres"]),
    )
    assert (
        "投入彼此决定，分不开：驻村干部（人）"
        if lang == "zh"
        else "inputs determine one another: Cadres"
    ) in stochastic_tables.sentence(same, lang=lang).text
    assert set(STATUSES) <= set(FRONTIER_STATUSES)
