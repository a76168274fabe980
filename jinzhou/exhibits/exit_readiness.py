"""What stands between a county and its exit: the card, the targets, the housing list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.exhibits import figures
from jinzhou.exhibits.chapter import Chapter, Fact, Problem, Sentence, Step, Table, by_county, county_name, number, trimmed, words

if TYPE_CHECKING:
    from jinzhou.measures.exit import ExitCard, ExitProgress, HousingClearance

NAMES = {"incidence": ("综合贫困发生率", "comprehensive incidence"), "housing": ("住房安全", "safe housing"), "education": ("义务教育建档", "schooling on file"),
         "health": ("健康扶贫“六个一”", "six health services"), "road": ("沥青（水泥）路通村", "paved road to the village"), "culture": ("综合文化服务中心", "culture centre")}
UNITS = {"incidence": ("人", "persons"), "housing": ("户", "households"), "education": ("人", "persons"), "health": ("人", "persons"),
         "road": ("个村", "villages"), "culture": ("个村", "villages")}
OFFICES = {"incidence": "coordination", "housing": "housing", "education": "education", "health": "health", "road": "transport", "culture": "culture"}


def exit_readiness(
    *, card: ExitCard, county: str, persons: ExitProgress, villages: ExitProgress, housing: HousingClearance, offices: dict[str, str], lang: str = "zh",
) -> Chapter:
    """The exit chapter, for release; `county` is the code of the county of the card."""
    w = words(lang)
    place = county_name(county, lang)
    state = {"pass": w("达标", "pass"), "fail": w("未达标", "fail"), "unknown": w("未能判定", "unknown")}
    missing = {"no data": w("没有数据", "no data"), "spot check of exited households": w("缺已脱贫户抽查", "no spot check of exited households"),
               "spot check of unregistered households": w("缺非建档立卡户抽查", "no spot check of unregistered households"), "rural population": w("缺农业户籍人口", "no rural population"),
               "the upper bound is above the threshold: too few households checked": w("区间上限超过标准，抽查户数不足", "the upper bound is above the threshold: too few checked")}
    r = card.rows
    signs = {"<": w("低于", "below"), ">=": w("不低于", "at least")}
    table = pd.DataFrame({
        w("指标", "Indicator"): [w(*NAMES[i]) for i in r["indicator"]], w("分子", "Numerator"): r["numerator"], w("分母", "Denominator"): r["denominator"],
        w("数值", "Value"): r["value"], w("下限", "Low"): r["low"], w("上限", "High"): r["high"],
        w("标准", "Threshold"): [f"{signs[d]}{trimmed(100 * t, 1)}%" if lang == "zh" else f"{signs[d]} {trimmed(100 * t, 1)}%" for d, t in zip(r["direction"], r["threshold"])],
        w("结论", "Status"): r["status"].map(state), w("尚差", "Rest"): r["rest"],
        w("缺什么", "What is missing"): [_missing(m, missing, w) for m in r["missing"]]})
    count = r["status"].value_counts()
    progress = pd.concat([persons.rows.assign(kind=w("人", "persons")), villages.rows.assign(kind=w("村", "villages"))], ignore_index=True)
    on = {"done": w("已完成", "done"), "behind": w("滞后", "behind"), "on path": w("按进度", "on path"), "not begun": w("未到期", "not begun")}
    progress_table = pd.DataFrame({
        w("年度", "Year"): progress["year"], w("对象", "Of"): progress["kind"], w("计划", "Target"): progress["target"], w("已退出", "Exited"): progress["done"],
        w("完成率", "Share"): progress["share"], w("时间进度", "Year gone"): progress["due"], w("落后", "Behind"): progress["behind"], w("状态", "Status"): progress["status"].map(on)})
    funnel = {"listed": w("列入", "Listed"), "started": w("开工", "Started"), "completed": w("竣工", "Completed"), "accepted": w("验收", "Accepted"), "occupied": w("入住", "Occupied"),
              "rest": w("未竣工", "Not completed"), "grade_d": w("其中D级", "Grade D"), "rest_d": w("D级未清底", "Grade D left")}
    funnel_table = by_county(housing.funnel.rename(columns=funnel), lang)
    lots = {"batch_950": w("省扶贫系统年初", "province, beginning of the year"), "batch_938": w("省住建厅8月", "housing department, August"), "lookback": w("回头看排查", "look-back"), "other": w("其他", "other")}
    batch_table = pd.DataFrame({w("资金批次", "Lot"): housing.batches["batch"].map(lots), w("台账户数", "Households"): housing.batches["households"],
                                w("通报户数", "Reported"): housing.batches["official"], w("差额", "Difference"): housing.batches["difference"]})
    city = housing.funnel.iloc[-1]
    failed = [w(*NAMES[i]) for i, s in zip(r["indicator"], r["status"]) if s == "fail"]
    unknown = [w(*NAMES[i]) for i, s in zip(r["indicator"], r["status"]) if s == "unknown"]
    joined = w("、", ", ")
    first = persons.rows.iloc[0] if len(persons.rows) else None
    sentences = [Sentence(text=w(
        f"{place}6项退出指标达标{count.get('pass', 0)}项、未达标{count.get('fail', 0)}项（{joined.join(failed) or '无'}）、未能判定{count.get('unknown', 0)}项（{joined.join(unknown) or '无'}）；每项均为一票否决。",
        f"{place}: {count.get('pass', 0)} of 6 indicators pass, {count.get('fail', 0)} fail ({joined.join(failed) or 'none'}), {count.get('unknown', 0)} unknown ({joined.join(unknown) or 'none'}); each one is a veto."), tables=("exit_card",))]
    if first is not None:
        sentences.append(Sentence(text=w(
            f"全市{int(first['year'])}年计划脱贫{int(first['target'])}人，截止日已录入退出{int(first['done'])}人；退出多在年末集中验收。",
            f"In the whole city {int(first['target'])} persons are to exit in {int(first['year'])}; {int(first['done'])} were on record by the day. Exits are verified at the year's end."), tables=("exit_progress",)))
    sentences.append(Sentence(text=w(
        f"危房改造列入{int(city['listed'])}户，竣工{int(city['completed'])}户；D级未清底{int(city['rest_d'])}户（98%达标与清底是两个标准，后者要求为零）。两批资金重合{housing.overlap}户，合计{housing.union}户。",
        f"{int(city['listed'])} dwellings are listed, {int(city['completed'])} completed; {int(city['rest_d'])} of grade D are left (98% passes the exit test, clearing asks for zero). {housing.overlap} households are in both lots, {housing.union} in either."), tables=("housing_funnel", "housing_batches")))
    steps = [Step(matter=w(f"补齐{w(*NAMES[i])}", f"Complete: {w(*NAMES[i])}"), office=offices[OFFICES[i]],
                  target=w(f"{'尚有' if i == 'incidence' else '尚差'}{number(x, 'count')}{UNITS[i][0]}", f"{number(x, 'count')} {UNITS[i][1]} left"), deadline=w("退出验收前", "before verification"), basis="exit_card")
             for i, s, x in zip(r["indicator"], r["status"], r["rest"]) if s != "pass"]
    if city["rest_d"]:
        steps.append(Step(matter=w("D级危房清底", "Clear dwellings of grade D"), office=offices["housing"], target=w(f"{int(city['rest_d'])}户", f"{int(city['rest_d'])} households"), deadline=w("10月31日", "31 October"), basis="housing_funnel"))
    shares = [(w(*NAMES[i]), v) for i, v in zip(r["indicator"], r["value"]) if i != "incidence"]
    return Chapter(
        name="exit_readiness", title=w("退出准备", "Readiness to exit"), lang=lang,
        tables=(
            Table(name="exit_card", title=w(f"{place}退出指标", f"Exit card of {place}"), frame=table,
                  formats={table.columns[1]: "count", table.columns[2]: "count", table.columns[8]: "count"} | {c: "share" for c in table.columns[3:6]},
                  note=w("综合贫困发生率＝（未脱贫＋错退＋漏评）÷农业户籍人口，后两项由抽查推算；点值和上限都低于标准才算达标。缺数据不算达标。",
                         "Incidence adds wrongly exited and missed persons from the spot check; both the value and its upper bound must be below. Missing data never pass.")),
            Table(name="exit_progress", title=w("全市脱贫退出进度", "Exits against targets, whole city"), frame=progress_table,
                  formats={c: "count" for c in progress_table.columns[[2, 3, 6]]} | {c: "share" for c in progress_table.columns[4:6]}),
            Table(name="housing_funnel", title=w("危房改造进度（户）", "Dangerous housing (households)"), frame=funnel_table, formats=dict.fromkeys(funnel.values(), "count"),
                  counts=tuple(funnel.values()), total=county_name("all", lang)),
            Table(name="housing_batches", title=w("资金批次核对（户）", "Lots matched by household"), frame=batch_table, formats=dict.fromkeys(batch_table.columns[1:], "count"),
                  note=w(f"两批重合{housing.overlap}户，合计{housing.union}户。", f"{housing.overlap} households are in both lots, {housing.union} in either.")),
        ),
        figures=(figures.progress(shares, lang=lang, name="exit_shares", title=w(f"{place}五项落实完成率", f"Five guarantees of {place}")),),
        facts=(Fact(key="exit", label=w("退出指标", "Exit indicators"), text=w(f"{place}达标{count.get('pass', 0)}项", f"{count.get('pass', 0)} of 6 pass"),
                    change=w(f"未达标{count.get('fail', 0)}项", f"{count.get('fail', 0)} fail"), year_change=w(f"未能判定{count.get('unknown', 0)}项", f"{count.get('unknown', 0)} unknown")),),
        problems=(Problem(title=w("退出准备：六项指标与住房清底", "Exit: six indicators, housing"), sentences=tuple(sentences), office=offices["coordination"]),),
        steps=tuple(steps),
        notes=(w("「低于」不含本数，「不低于」含本数。", "'Below' is strict, 'at least' is not."),),
        county={w("D级未清底（户）", "Grade D left"): {k: number(v, "count") for k, v in housing.funnel["rest_d"].items()}},
    )


def _missing(text: str, known: dict[str, str], w) -> str:
    if not text:
        return ""
    head, _, tail = text.partition(" units without data")
    if text.endswith("units without data"):
        return w(f"{head}个单位缺数据", text)
    return w("；", "; ").join(known.get(part, part) for part in text.split("; ")) if ": " not in text or text not in known else known[text]
