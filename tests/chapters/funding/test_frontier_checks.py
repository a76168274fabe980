"""What the frontier stands on, in words: since last year, scale, single townships; and what cannot be told."""

import pandas as pd
import pytest
from frontier_study import frontier_world, shift_world

from jinzhou.chapters.funding import frontier_tables
from jinzhou.statistics.frontier.malmquist import malmquist
from jinzhou.statistics.frontier.model import DeaModel
from jinzhou.statistics.frontier.outliers import leave_one_out
from jinzhou.statistics.frontier.scale_test import returns_to_scale_test

GIVEN = {"inputs": ["x"], "outputs": ["y"]}
PANEL = {"unit": "unit", "period": "period", "groups": 10}
MODEL = DeaModel(
    inputs=["a", "b", "c"],
    outputs=["y"],
    orientation="output",
    returns_to_scale="constant",
)
UNITS = frontier_world(n=60, seed=1)
SCALE, PEERS = (
    returns_to_scale_test(
        UNITS, DeaModel(**GIVEN), replications=100, nulls=("constant",)
    ),
    leave_one_out(UNITS, DeaModel(**GIVEN)),
)


@pytest.mark.parametrize(
    ("lang", "out", "same", "back"),
    [
        ("zh", "前沿比上年前移", "看不出前沿比上年移动", "前沿比上年后退"),
        ("en", "moved out by", "cannot be told to have moved", "fell back by"),
    ],
)
def test_the_sentence_follows_the_interval(lang, out, same, back):
    for shift, told in ((0.4, out), (0.0, same), (-0.4, back)):
        moved = malmquist(shift_world(1, shift=shift), MODEL, **PANEL)
        text = frontier_tables.checks_sentence(moved, SCALE, PEERS, lang=lang).text
        assert (
            told in text
            and ("不等于钱更有效" if lang == "zh" else "need not work better") in text
            if shift > 0
            else told in text
        )
        table = frontier_tables.checks(moved, SCALE, PEERS, lang=lang)
        assert (
            table.frame.iloc[0, 2:5].tolist()
            == moved.means[["technical", "technical_ci_low", "technical_ci_high"]]
            .iloc[-1]
            .tolist()
            and told in table.frame.iloc[0, 5]
        )


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("zh", "未能判定（乡镇太少）"),
        ("en", "cannot be determined (too few townships)"),
    ],
)
def test_a_county_with_too_few_townships_for_an_interval_is_not_told_to_stand_still(
    lang, told
):
    frame = shift_world(1)
    moved = malmquist(frame[frame["unit"] < 18], MODEL, **PANEL)
    assert (
        moved.status == "compared"
        and told in frontier_tables.checks_sentence(moved, SCALE, PEERS, lang=lang).text
    )
    table = frontier_tables.checks(moved, SCALE, PEERS, lang=lang)
    assert (
        table.frame.iloc[0, 2] == moved.means["technical"].iloc[-1]
        and table.frame.iloc[0, 3:5].isna().all()
        and told in table.frame.iloc[0, 5]
    )


@pytest.mark.parametrize(
    ("lang", "periods", "few", "nobody", "unknown"),
    [
        (
            "zh",
            "没有两个年度的拨付",
            "乡镇太少",
            "没有两个年度都可比的乡镇",
            "未能判定",
        ),
        (
            "en",
            "no two years",
            "too few townships",
            "no township is sound",
            "cannot be determined",
        ),
    ],
)
def test_what_cannot_be_told_says_why_and_has_no_number(
    lang, periods, few, nobody, unknown
):
    frame, nothing = shift_world(1), UNITS.iloc[:0]
    scale, peers = (
        returns_to_scale_test(
            nothing, DeaModel(**GIVEN), replications=100, nulls=("constant",)
        ),
        leave_one_out(nothing, DeaModel(**GIVEN)),
    )
    for rows, why in (
        (frame[frame["period"] == 1], periods),
        (frame[frame["unit"] < 6], few),
        (frame.assign(a=float("nan")), nobody),
    ):
        moved = malmquist(rows, MODEL, **PANEL)
        table = frontier_tables.checks(moved, scale, peers, lang=lang)
        assert (
            why in table.frame.iloc[0, 5]
            and why
            in frontier_tables.checks_sentence(moved, scale, peers, lang=lang).text
        )
        assert (
            table.frame.iloc[:, 2:5].isna().all(axis=None)
            and table.frame.iloc[:, 5]
            .str.contains(unknown if lang == "zh" else "determined")
            .all()
        )


def test_a_township_that_decides_the_frontier_is_named():
    far = pd.concat(
        [
            UNITS,
            pd.DataFrame({"x": [1.0, 5.0], "y": [9.0, 30.0]}, index=["远乡", "远镇"]),
        ]
    )
    peers = leave_one_out(far, DeaModel(orientation="output", **GIVEN))
    assert peers.peers["mean_change"].iloc[0] >= frontier_tables.LEANS
    assert (
        f"前沿靠{peers.peers.index[0]}撑着"
        in frontier_tables.checks_sentence(
            malmquist(shift_world(1), MODEL, **PANEL),
            SCALE,
            peers,
            lang="zh",
        ).text
    )
