"""Tables of depth, change and guarantees say what their measures found, in both languages."""

import numpy as np
import pandas as pd
import pytest

from jinzhou import measures
from jinzhou.chapters.illness.poverty_tables import poverty_sentences, poverty_tables
from jinzhou.words import KINDS

RNG = np.random.default_rng(5)
HOMES = pd.DataFrame(
    {
        "net_income_pc": RNG.lognormal(8.3, 0.6, 400),
        "oop_year": RNG.exponential(300, 400),
        "household_size": RNG.integers(1, 6, 400),
        "county": np.where(np.arange(400) % 2, "210727", "210726"),
        "area_code": np.arange(400) // 10,
    }
)
ANSWERS = HOMES.assign(
    **{d: (RNG.random(400) < 0.9).astype(float) for d in measures.GUARANTEES}
)
ANSWERS.loc[:4, "water_ok"] = np.nan
DESIGN = {"weights": "household_size", "clusters": "area_code"}


def found(homes=HOMES, answers=ANSWERS):
    return {
        "payments": measures.concentration(homes, value="oop_year", **DESIGN),
        "guarantees": measures.multidimensional(answers, k=0.2, **DESIGN),
        "change": measures.poverty_change(
            homes.assign(net_income_pc=homes["net_income_pc"] * 0.9),
            homes,
            line_before=3_000,
            line_after=3_000,
            **DESIGN,
        ),
    }


def tables(lang, homes=HOMES):
    return {
        t.name: t
        for t in poverty_tables(
            indices=measures.poverty_indices(homes, line=3_000, **DESIGN),
            gini=measures.inequality(homes, **DESIGN),
            counties=measures.multidimensional(ANSWERS, k=0.2, by="county", **DESIGN),
            lang=lang,
            **found(homes),
        )
    }


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_figure_stands_with_its_interval(lang):
    for table in tables(lang).values():
        assert set(table.formats.values()) <= set(KINDS) and set(table.formats) == set(
            table.frame.columns[1:]
        )
        value, low, high = (table.frame.iloc[:, k] for k in (1, 2, 3))
        assert ((low <= value) & (value <= high)).all() and table.frame.iloc[
            :, 0
        ].is_unique
    several = tables(lang)["five_guarantees"].frame
    assert several.iloc[-5:, 1].sum() == pytest.approx(1) and several.iloc[
        2, 1
    ] == pytest.approx(several.iloc[0, 1] * several.iloc[1, 1])
    parts = tables(lang)["poverty_change"].frame.iloc[:, 1]
    assert parts[3] + parts[4] == pytest.approx(parts[2])
    assert (
        "5" in tables(lang)["five_guarantees"].note
        and tables(lang)["five_guarantees_counties"].frame.shape[0] == 2
    )


def test_households_without_income_are_named_only_where_there_are_any():
    assert "瓦茨" not in tables("zh")["poverty_indices"].note
    assert (
        "瓦茨"
        in tables(
            "zh",
            HOMES.assign(
                net_income_pc=HOMES["net_income_pc"].where(HOMES.index > 2, 0.0)
            ),
        )["poverty_indices"].note
    )


def test_no_rows_a_year_before_leaves_the_change_unsaid():
    answers = found() | {
        "change": measures.poverty_change(
            HOMES.iloc[:0], HOMES, line_before=3_000, line_after=3_000, **DESIGN
        )
    }
    assert not any("一年来" in s.text for s in poverty_sentences(**answers))


def test_sentences_say_which_way_and_leave_out_what_is_not_clear():
    texts = [s.text for s in poverty_sentences(**found(), lang="zh")]
    assert (
        "平均收入变化使其下降" in texts[0] and "分配变化的作用与零分不开" in texts[0]
    )  # incomes of all 10 % lower a year before
    assert not any("集中指数" in t for t in texts)  # payments here do not follow income
    poorer = HOMES.assign(oop_year=np.exp(-HOMES["net_income_pc"] / 2_000) * 500)
    assert (
        "较穷" in poverty_sentences(**found(poorer), lang="zh")[0].text
        and "poorer" in poverty_sentences(**found(poorer), lang="en")[0].text
    )
    richer = HOMES.assign(oop_year=HOMES["net_income_pc"] / 10)
    assert "较富" in poverty_sentences(**found(richer), lang="zh")[0].text
