"""What a yuan brings, in words a finance bureau reads, in both languages and without an answer."""

import numpy as np
import pytest
from gain_studies import world

from jinzhou.chapters.funding import cost_tables
from jinzhou.statistics.matching import compare_kinds, income_per_yuan

GAINS, HELPED = world(1)
GIVEN = {"covariates": ["ill", "margin"]}
KINDS = compare_kinds(
    GAINS.assign(lasting=(GAINS["gain"] > 1_000).astype(float)),
    HELPED[HELPED["day"] == GAINS["day"].iloc[0]],
    cluster="town",
    **GIVEN,
)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_income_per_yuan_stands_beside_the_cost_of_an_exit(lang):
    gain = income_per_yuan(GAINS, HELPED, **GIVEN)
    income, money = cost_tables._gain(gain, KINDS, lang)
    assert income.frame.iloc[:, 0].tolist() == money.frame.iloc[
        :, 0
    ].tolist() and money.frame.iloc[-1, 0] == (
        "各类到户项目" if lang == "zh" else "Any for households"
    )
    assert money.frame.iloc[0, 9] == KINDS.rows.loc[
        "industry", "cost_extra"
    ] and np.isnan(money.frame.iloc[-1, 9])
    assert money.frame.iloc[1, 8] == ("无上限" if lang == "zh" else "open") and list(
        money.frame
    )[2:4] == (
        ["每投入1元年增收（未调整）", "同类相比"]
        if lang == "zh"
        else ["Income per yuan, raw", "Like with like"]
    )
    said = cost_tables.gain_sentence(gain, lang=lang)
    one = gain.rows.loc["all"]
    assert (
        f"{one['per_yuan']:.3f}" in said.text
        and f"{one['per_yuan_ci_low']:.3f}–{one['per_yuan_ci_high']:.3f}" in said.text
        and f"{one['raw_per_yuan']:.3f}" in said.text
        and "2018" in said.text
    )
    assert (
        ("不是试验证明" if lang == "zh" else "no trial") in said.text
        and ("不能证明因果" if lang == "zh" else "no proof of cause") in money.note
        and set(said.tables) == {income.name, money.name}
    )


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
            "too few places",
            "cannot be told apart from none",
        ),
    ],
)
def test_what_cannot_be_said_says_why(lang, early, nobody, few, none):
    cases = [
        (income_per_yuan(GAINS.iloc[:0], HELPED, **GIVEN), early),
        (income_per_yuan(GAINS, HELPED.iloc[:0], **GIVEN), nobody),
        (income_per_yuan(GAINS.assign(town=GAINS["town"] % 3), HELPED, **GIVEN), few),
        (income_per_yuan(*world(5, per_yuan=0.0), **GIVEN), none),
    ]
    for gain, why in cases:
        assert (
            why in cost_tables.gain_sentence(gain, lang=lang).text
            and "nan" not in cost_tables.gain_sentence(gain, lang=lang).text
        )
        assert [len(t.frame) for t in cost_tables._gain(gain, KINDS, lang)] == [
            len(gain.rows)
        ] * 2
