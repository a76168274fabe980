"""Sections of the illness chapter on small frames: what is said, what is left open, the lists."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from illness_world import FIRST, stays

from jinzhou.chapters import illness
from jinzhou.chapters.illness import data
from jinzhou.chapters.illness.analysis.policy import out_of_pocket_by_month
from jinzhou.chapters.illness.sections import effects, trends
from jinzhou.publish.section import Page
from jinzhou.reference.vocabulary import TABLES
from jinzhou.statistics.interrupted import interrupted_series

RNG = np.random.default_rng(5)
GUARANTEES = ("income_ok", "school_ok", "medical_ok", "dwelling_ok", "water_ok")
HOMES = pd.DataFrame(
    {
        "net_income_pc": RNG.lognormal(8.3, 0.6, 400),
        "oop_year": RNG.exponential(300, 400),
        "household_size": RNG.integers(1, 6, 400),
        "county": np.where(np.arange(400) % 2, "210727", "210726"),
        "area_code": np.arange(400) // 10,
        "household_id": [f"h{i}" for i in range(400)],
        "line": 3_000.0,
        "quarter_end": pd.Timestamp("2018-09-30"),
    }
)
ANSWERS = HOMES.assign(**{g: (RNG.random(400) < 0.9).astype(float) for g in GUARANTEES})
ANSWERS.loc[:4, "water_ok"] = np.nan


def a_snapshot(lang="zh"):
    return SimpleNamespace(
        as_of="2018-09-30",
        year=2018,
        quarter="2018Q3",
        county="",
        lang=lang,
        line_series="",
        synthetic=True,
        sections={},
        store=SimpleNamespace(tables=tuple(TABLES)),
        quarters_back=lambda n: {1: "2018-06-30", 2: "2018-03-31", 4: "2017-09-30"}[n],
    )


@pytest.fixture
def given(monkeypatch):
    """A function that puts frames in the place of what the registry gives."""

    def put(**frames):
        for name, frame in frames.items():
            monkeypatch.setattr(data, name, lambda snapshot, frame=frame: frame)

    line = SimpleNamespace(yuan=3_000.0)
    put(poverty_line=line, masked_heads=pd.Series({"h1": "张*"}))
    return put


def texts(section):
    return [s.text for s in section.findings]


def a_year_earlier(homes, factor):
    before = homes.assign(
        net_income_pc=homes["net_income_pc"] * factor,
        quarter_end=pd.Timestamp("2017-09-30"),
    )
    return pd.concat([before, homes])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_figure_of_depth_stands_with_its_interval(given, lang):
    given(households=HOMES, panel=a_year_earlier(HOMES, 0.9), guarantees=ANSWERS)
    depth, lacking = (
        section(a_snapshot(lang))
        for section in (illness.poverty_depth, illness.guarantees)
    )
    for table in (*depth.tables, lacking.tables[0]):
        rows = table.frame
        assert (rows["ci_low"] <= rows["value"]).all()
        assert (rows["value"] <= rows["ci_high"]).all()
        assert rows["measure"].is_unique
    change = depth.tables[1].frame["value"]
    assert change[3] + change[4] == pytest.approx(change[2])
    several = lacking.tables[0].frame["value"]
    assert several.tail(5).sum() == pytest.approx(1)
    assert several[2] == pytest.approx(several[0] * several[1])
    assert "5" in lacking.tables[0].note and len(lacking.tables[1].frame) == 2


def test_households_without_income_are_named_only_where_there_are_any(given):
    given(households=HOMES, panel=a_year_earlier(HOMES, 0.9))
    assert "瓦茨" not in illness.poverty_depth(a_snapshot()).tables[0].note
    some = HOMES.assign(net_income_pc=HOMES["net_income_pc"].where(HOMES.index > 2, 0))
    given(households=some)
    assert "瓦茨" in illness.poverty_depth(a_snapshot()).tables[0].note


def test_no_rows_a_year_before_leaves_the_change_unsaid(given):
    given(households=HOMES, panel=HOMES)
    assert not any("一年来" in t for t in texts(illness.poverty_depth(a_snapshot())))


def test_sentences_say_which_way_and_leave_out_what_is_not_clear(given):
    given(households=HOMES, panel=a_year_earlier(HOMES, 0.9))
    said = texts(illness.poverty_depth(a_snapshot()))
    assert "平均收入变化使其下降" in said[0] and "分配变化的作用与零分不开" in said[0]
    assert not any("集中指数" in t for t in said)  # payments do not follow income here
    poorer = HOMES.assign(oop_year=np.exp(-HOMES["net_income_pc"] / 2_000) * 500)
    given(households=poorer)
    assert "较穷" in texts(illness.poverty_depth(a_snapshot()))[0]
    assert "poorer" in texts(illness.poverty_depth(a_snapshot("en")))[0]
    given(households=HOMES.assign(oop_year=HOMES["net_income_pc"] / 10))
    assert "较富" in texts(illness.poverty_depth(a_snapshot()))[0]


def all_stays(frame):
    return SimpleNamespace(
        all=frame, year=frame, quarter=frame, quarter_before=frame.iloc[:0]
    )


@pytest.fixture(scope="module")
def staggered_world():
    first = FIRST.year * 4 + FIRST.quarter - 1
    quarter = {f"c{i:02d}": q for i, q in enumerate(np.repeat([6, 8, -1], 6))}
    starts = {c: None if q < 0 else 3 * q for c, q in quarter.items()}
    frame, _ = stays(3, quarters=12, villages=36, starts=starts)
    return frame, {c: None if q < 0 else first + q for c, q in quarter.items()}


@pytest.mark.parametrize(
    ("lang", "word"), [("zh", "无法识别"), ("en", "not identified")]
)
def test_what_is_not_identified_is_said(given, staggered_world, lang, word):
    frame, starts = staggered_world
    given(stays=all_stays(frame))
    page = Page("illness.zero_burden_effect", a_snapshot(lang))
    series = interrupted_series(out_of_pocket_by_month(frame), start=None)
    one_day = dict.fromkeys(starts, FIRST.year * 4 + 7)
    together = effects.effect_table(
        page, "", series, effects.compare_counties(frame, one_day)
    )
    assert sum(word in r for r in together.frame["result"]) == 2
    assert together.frame["effect"].isna().all()
    found = effects.compare_counties(frame, starts)
    shown = effects.effect_table(page, "", series, found).frame.set_index("method")
    method = page.text("methods.group_time")
    assert shown.at[method, "effect"] == pytest.approx(100 * found.effect)


def test_a_short_series_says_that_it_is_not_adjusted(given, staggered_world):
    frame, _ = staggered_world
    given(stays=all_stays(frame[frame["admitted_on"] < "2015-06-01"]))
    page = Page("illness.stays_trend", a_snapshot())
    short = trends.quarterly_trend(data.stays(None).all, as_of="2015-06-30")
    assert (
        "季度太少" in trends.trend_table(page, "stays_trend", short, kind="count").note
    )


def test_payments_without_two_years_of_bills_are_not_decomposed(given):
    columns = ["area_code", "treated", "total", "own", "income"]
    empty = pd.DataFrame({c: pd.Series(dtype=float) for c in columns})
    one = pd.DataFrame([["v", 1.0, 1.0, 1.0, 1.0]], columns=columns)
    given(yearly_bills={"2017-09-30": empty, "2018-09-30": one})
    section = illness.burden_change(a_snapshot())
    assert "无法识别" in section.tables[0].note and not section.figures


ZERO = pd.DataFrame(
    {
        "household_id": ["h1", None, "h2", "h1"],
        "county": ["210727", "unknown", "210727", "210727"],
        "area_code": ["a", None, "a", "a"],
        "person_key": ["p1", "p2", "p3", "p1"],
        "setl_id": ["s1", "s2", "s3", "s4"],
        "med_type": "inpatient",
        "hospital_place": ["city", "county", None, "county"],
        "admitted_on": pd.Timestamp("2018-07-30"),
        "discharged_on": pd.Timestamp("2018-07-31"),
        "setl_time": pd.to_datetime(["2018-08-02", None, "2018-08-01", "2018-08-03"]),
        "medfee_sumamt": 1_000.0,
        "hifp_pay": [900.0, 900.0, None, 1_000.0],
        "hosp_part_amt": 0.0,
        "cvlserv_pay": [20.0, 0.0, 0.0, 0.0],
        "oth_pay": [30.0, 0.0, 0.0, 0.0],
        "psn_part_amt": [50.0, 100.0, 1_000.0, 0.0],
    }
)


def test_the_list_of_stays_has_every_stay_the_table_counts_and_no_diagnosis(given):
    given(stays=all_stays(ZERO))
    section = illness.zero_burden(a_snapshot())
    by_county = {s.county: s.frame for s in section.lists}
    counted = section.result.counts["above_zero"]
    assert {c: len(f) for c, f in by_county.items()} == {
        c: counted[c] for c in ("210727", "unknown")
    }
    above = by_county["210727"]
    assert above["户编号"].tolist() == ["h2", "h1"]  # most yuan first
    assert above["户主"].tolist() == ["", "张*"]
    assert above["个人自付（元）"].tolist() == [1_000, 50]
    assert above["基本医保（元）"].tolist() == [0, 900]
    assert above["补充与兜底（元）"].tolist() == [0, 50]
    assert above["就医地点"].tolist() == ["", "市内县外"]
    assert above["结算年月"].tolist() == ["2018-08", "2018-08"]
    assert not [c for c in above if "病" in c and c != "大病保险（元）"]
    assert above["责任单位"].nunique() == 1


def test_a_threshold_is_passed_or_missed_only_by_the_whole_interval(given):
    near = {"infection": 0.99, "neoplasm": 0.9, "blood": 0.3}
    rows = pd.DataFrame(
        [
            {"chapter": chapter, "county": "210727", "area_code": f"v{i % 40}"}
            | {"hospital_place": "county" if i < 400 * share else "city"}
            for chapter, share in near.items()
            for i in range(400)
        ]
    )
    given(stays=all_stays(ZERO), stays_by_chapter=rows, reported_treated=0)
    table = illness.treated(a_snapshot()).tables[0].frame.set_index("chapter")
    assert table.at["传染病和寄生虫病", "verdict"] == "是"
    assert table.at["肿瘤", "verdict"] == "未能判定"
    assert table.at["血液和免疫疾病", "verdict"] == "否"
