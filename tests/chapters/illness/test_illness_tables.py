"""The illness chapter says what is not identified in both languages, and its figures draw every glyph."""

import numpy as np
import pandas as pd
import pytest
from illness_world import FIRST, stays

from jinzhou import measures, models
from jinzhou.chapters.illness import illness_figures, illness_tables
from jinzhou.chapters.illness.illness_lists import illness_lists


@pytest.fixture(scope="module")
def staggered():
    first = FIRST.year * 4 + FIRST.quarter - 1
    quarter = {f"c{i:02d}": q for i, q in enumerate(np.repeat([6, 8, -1], 6))}
    frame, _ = stays(
        3,
        quarters=12,
        villages=36,
        starts={c: None if q < 0 else 3 * q for c, q in quarter.items()},
    )
    return frame, models.staggered_did(
        measures.own_share_quarters(frame),
        starts={c: None if q < 0 else first + q for c, q in quarter.items()},
    )


def test_every_reason_has_words_in_both_languages():
    for reason, texts in illness_tables.REASONS.items():
        assert len(texts) == 2 and (reason == "" or all(texts) or not any(texts)), (
            reason
        )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_not_identified_is_said(lang, staggered):
    frame, places = staggered
    start = measures.zero_burden_start(frame)
    series = models.interrupted_series(
        measures.own_share_series(frame), start=start.day
    )
    none = models.staggered_did(
        measures.own_share_quarters(frame),
        starts=dict.fromkeys(frame["county"].unique(), FIRST.year * 4 + 7),
    )
    table = illness_tables.policy_effect(start, series, none, source="", lang=lang)
    said = " ".join(table.frame.iloc[:, -1])
    assert (
        said.count({"zh": "无法识别", "en": "not identified"}[lang]) == 2
        and table.frame.iloc[:, 2].isna().all()
    )
    told = illness_tables.policy_effect(start, series, places, source="", lang=lang)
    assert told.frame.iloc[-2, 2] == pytest.approx(100 * places.effect)
    change = models.burden_change(
        pd.DataFrame(columns=["area_code", "treated", "total", "own", "income"]).astype(
            {"treated": float, "total": float, "own": float, "income": float}
        ),
        pd.DataFrame(
            {
                "area_code": ["v"],
                "treated": [1.0],
                "total": [1.0],
                "own": [1.0],
                "income": [1.0],
            }
        ),
    )
    assert {"zh": "无法识别", "en": "not identified"}[lang] in illness_tables.burden(
        change, source="", lang=lang
    ).note
    short = models.quarterly_trend(
        frame[frame["admitted_on"] < "2015-06-01"], as_of="2015-06-30"
    )
    trend = illness_tables.bills_trend(
        short,
        name="t",
        title="t",
        unit="人次",
        kind="count",
        note="",
        source="",
        lang=lang,
    )
    assert {"zh": "季度太少", "en": "too few"}[lang] in trend.note
    assert (
        illness_figures.event_study(places, source="", lang=lang)
        .svg()
        .startswith(b"<?xml")
    )
    assert illness_figures.nowcast(
        short, name="n", title="n", unit="人次", source="", lang=lang
    ).svg()


def test_lists_name_no_disease_and_give_the_office():
    pushed = pd.DataFrame(
        {
            "county": ["210727"],
            "town": ["t"],
            "village": ["v"],
            "household_id": ["h1"],
            "household_size": [3],
            "net_income_pc": [3_100.0],
            "oop_year": [900.0],
            "after": [2_800.0],
            "line": [2_995.0],
        }
    )
    missing = pd.DataFrame(
        {
            "county": ["210727", "210726"],
            "town": ["t", None],
            "village": ["v", None],
            "household_id": ["h1", "h2"],
            "person_id": ["p1", "p2"],
            "lacks": ["contract,checkup", ""],
            "batch_lacks": ["", "chronic_contracted"],
            "listed": [True, False],
        }
    )
    zero = measures.zero_burden(
        pd.DataFrame(
            {
                "household_id": ["h1", None, "h2", "h1"],
                "county": ["210727", "unknown", "210727", "210727"],
                "setl_id": ["s1", "s2", "s3", "s4"],
                "med_type": "inpatient",
                "hospital_place": ["city", "county", None, "county"],
                "admitted_on": pd.Timestamp("2018-07-30"),
                "setl_time": pd.to_datetime(
                    ["2018-08-02", None, "2018-08-01", "2018-08-03"]
                ),
                "medfee_sumamt": 1_000.0,
                "hifp_pay": [900.0, 900.0, None, 1_000.0],
                "hosp_part_amt": 0.0,
                "cvlserv_pay": [20.0, 0.0, 0.0, 0.0],
                "oth_pay": [30.0, 0.0, 0.0, 0.0],
                "psn_part_amt": [50.0, 100.0, 1_000.0, 0.0],
            }
        )
    )
    heads, offices = (
        pd.Series({"h1": "张*"}),
        {"health": "卫计委", "income_floor": "民政局"},
    )
    sheets = illness_lists(pushed, missing, zero.stays, heads=heads, offices=offices)
    assert [(s.county, s.tab) for s in sheets] == [
        ("210726", "缺服务"),
        ("210727", "未达零负担"),
        ("210727", "自付致贫"),
        ("210727", "缺服务"),
        ("unknown", "未达零负担"),
    ]
    assert sheets[3].frame["缺少的服务"].tolist() == ["签约、健康体检"] and sheets[
        2
    ].frame["责任单位"].tolist() == ["民政局"]
    above = sheets[1].frame
    assert (
        above["户编号"].tolist() == ["h2", "h1"]
        and above["户主"].tolist() == ["", "张*"]
        and above["责任单位"].eq("卫计委").all()
    )  # most yuan first
    assert (
        above["个人自付（元）"].tolist() == [1_000, 50]
        and above["基本医保（元）"].tolist() == [0, 900]
        and above["补充与兜底（元）"].tolist() == [0, 50]
    )
    assert (
        above["入院年月"].tolist() == ["2018-07", "2018-07"]
        and above["结算年月"].tolist() == ["2018-08", "2018-08"]
        and above["就医地点"].tolist() == ["", "市内县外"]
    )
    assert {
        s.county: len(s.frame) for s in sheets if s.tab == "未达零负担"
    } == zero.counts.loc[["210727", "unknown"], "above_zero"].to_dict()
    assert not any(
        "病" in c for s in sheets for c in s.frame.columns if c != "大病保险（元）"
    )
    assert sheets[0].frame["依据"].tolist() == [
        "服务台账中没有此人"
    ] and not illness_lists(
        pushed.iloc[:0],
        missing.iloc[:0],
        zero.stays.iloc[:0],
        heads=pd.Series(dtype=str),
        offices={},
    )


def test_a_mark_is_passed_or_missed_only_by_the_whole_interval():
    rows = pd.DataFrame(
        {
            "rows": [50, 50, 50, 0, 150],
            "hits": [48, 45, 20, 0, 113],
            "share": [0.96, 0.90, 0.40, np.nan, 0.75],
            "ci_low": [0.91, 0.79, 0.27, np.nan, 0.68],
            "ci_high": [0.99, 0.96, 0.55, np.nan, 0.82],
        },
        index=[*list(illness_tables.ICD_CHAPTERS)[:3], "unknown", "all"],
    )
    shown = illness_tables.in_county(rows, threshold=0.9, source="", lang="zh").frame
    assert shown["达标"].tolist() == ["是", "未能判定", "否", "未能判定", "否"]
