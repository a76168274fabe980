"""Tables of the exit chapter: card, forecast, targets, housing, livelihoods, behaviour, duties, and the index of requirements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from jinzhou.publish.chapter import (
    ListSheet,
    Table,
    by_county,
    county_name,
    number,
    trimmed,
    words,
)
from jinzhou.reference import areas
from jinzhou.reference.indicators import Indicator, shown_in
from jinzhou.reference.vocabulary import TABLES

if TYPE_CHECKING:
    from jinzhou.chapters.exit.analysis.behaviour import BenefitCliff
    from jinzhou.chapters.exit.analysis.duties import DutyBoard, ScoreCard
    from jinzhou.chapters.exit.analysis.exit import ExitCard, ExitProgress
    from jinzhou.chapters.exit.analysis.housing import HousingBurn
    from jinzhou.chapters.exit.analysis.indicators import IndicatorStatus
    from jinzhou.statistics.forecast import Forecast

VETOES = {
    "incidence": ("综合贫困发生率", "Comprehensive incidence"),
    "housing": ("住房安全", "Safe housing"),
    "education": ("教育扶贫", "Education"),
    "health": ("健康扶贫", "Health"),
    "road": ("沥青（水泥）路通村", "Paved road"),
    "culture": ("综合文化服务中心", "Culture centre"),
}
UNITS = {
    "persons": ("人", "persons"),
    "households": ("户", "households"),
    "villages": ("个村", "villages"),
    "projects": ("个项目", "projects"),
    "stays": ("人次", "stays"),
    "petitions": ("件", "petitions"),
    "": ("", ""),
}
ITEMS = {
    "paved_road": ("硬化路", "paved road"),
    "bus": ("客车", "bus"),
    "clinic": ("卫生室", "clinic"),
    "doctors": ("医师", "doctor"),
    "culture_rooms": ("文化室", "culture room"),
    "safe_water": ("安全饮水", "safe water"),
    "safe_dwellings": ("危房清零", "dwellings all safe"),
    "collective_income": ("集体收入", "own income"),
}
LACKS = {
    "exited not checked": ("缺已脱贫户抽查", "no spot check of exited households"),
    "unregistered not checked": (
        "缺非建档立卡户抽查",
        "no spot check of unregistered households",
    ),
    "population": ("有村未填农业户籍人口", "a village without its rural population"),
    "upper bound": (
        "区间上限超过标准，抽查户数不足",
        "the upper bound is above the mark: too few checked",
    ),
    "nobody": ("分母为空", "nobody to count"),
    "unit": ("没有写单位", "no unit is given"),
    "no indicator": ("没有该项指标", "no indicator"),
    "target": ("没有目标值", "no target"),
    "value": ("没有完成值", "no value reported"),
    "due": ("没有时限", "no day"),
    "two offices": ("两个部门上报同一任务", "two offices report one task"),
}


def verdicts(lang: str) -> dict[str, str]:
    """Words of a verdict."""
    w = words(lang)
    return {
        "pass": w("达标", "pass"),
        "fail": w("未达标", "fail"),
        "unknown": w("未能判定", "unknown"),
        "described": w("只作描述", "described"),
        "not in force": w("不适用", "not in force"),
        "done": w("已完成", "done"),
        "late": w("逾期", "late"),
        "open": w("进行中", "open"),
        "behind": w("滞后", "behind"),
        "on path": w("按进度", "on path"),
        "not begun": w("未到期", "not begun"),
        "": "",
    }


def mark_text(direction: str, value: float, lang: str, *, short: bool = False) -> str:
    """「不低于98%」, or its sign; empty without a mark."""
    w = words(lang)
    if not direction or value != value:
        return ""
    sign = (
        {"<": "<", ">=": "≥", "<=": "≤"}[direction]
        if short
        else {
            "<": w("低于", "below "),
            ">=": w("不低于", "at least "),
            "<=": w("不超过", "at most "),
        }[direction]
    )
    return f"{sign}{trimmed(100 * value, 1)}%"


def missing_text(codes: str, unknown: float, absent: str, lang: str) -> str:
    """What is missing, in words."""
    w = words(lang)
    said = []
    for code in str(codes or "").split("; "):
        if code == "table":
            said.append(
                w(f"未提供{TABLES[absent].zh}", f"table {absent} was not delivered")
                if absent
                else w("未提供所需的表", "a table it needs was not delivered")
            )
        elif code == "rows":
            said.append(w(f"{unknown:.0f}个缺数据", f"{unknown:.0f} without data"))
        elif code in LACKS:
            said.append(w(*LACKS[code]))
    return w("；", "; ").join(said)


def offices_of(key: str, offices: Mapping[str, str], lang: str) -> str:
    """Names of who answers, with a mark when they are two."""
    w = words(lang)
    names = offices.get(key, w("未明确", "nobody named"))
    return (
        names + w("（两家）", " (two offices)")
        if len(names.replace("; ", "、").split("、")) > 1
        else names
    )


def card_tables(
    card: ExitCard, labels: Mapping[str, str], place: str, lang: str
) -> tuple[Table, Table]:
    """The exit card and the terms of its incidence."""
    w, state, r = words(lang), verdicts(lang), card.rows
    name = {
        "incidence": w(
            "（未脱贫＋错退＋漏评）÷农业人口",
            "(poor + wrongly exited + missed) / rural population",
        )
    } | dict(labels)
    frame = pd.DataFrame(
        {
            w("指标", "Indicator"): [w(*VETOES[v]) for v in r["veto"]],
            w("内容", "What"): [name.get(i, "") for i in r["indicator"]],
            w("分子", "Numerator"): r["numerator"],
            w("分母", "Denominator"): r["denominator"],
            w("数值", "Value"): r["value"],
            w("下限", "Low"): r["low"],
            w("上限", "High"): r["high"],
            w("标准", "Mark"): [
                mark_text(d, t, lang) for d, t in zip(r["direction"], r["threshold"])
            ],
            w("结论", "Verdict"): r["status"].map(state),
            w("清底", "Cleared"): r["cleared"].map(state).fillna(""),
            w("尚差", "Left"): r["rest"],
            w("缺什么", "What is missing"): [
                missing_text(m, u, "", lang) for m, u in zip(r["missing"], r["unknown"])
            ],
        }
    )
    terms = {
        "poor": w("登记未脱贫", "registered and poor"),
        "wrong_exits": w("错退（推算）", "wrongly exited (estimated)"),
        "missed": w("漏评（推算）", "missed (estimated)"),
        "all": w("合计", "All"),
    }
    t = card.terms.reset_index(names="term")
    terms_table = pd.DataFrame(
        {
            w("组成", "Term"): t["term"].map(terms),
            w("人数", "Persons"): t["persons"],
            w("下限", "Low"): t["ci_low"],
            w("上限", "High"): t["ci_high"],
            w("抽查户", "Checked"): t["checked"],
            w("查出户", "Found"): t["found"],
            w("占农业人口", "Share"): t["persons"] / t["population"],
        }
    )
    count = dict.fromkeys([*frame.columns[[2, 3, 10]]], "count")
    open_rows = tuple(
        i for i, v in enumerate(r["veto"]) if v in ("road", "culture")
    ) + tuple(i for i, x in enumerate(r["indicator"]) if x == "education_projects")
    return (
        Table(
            name="exit_card",
            title=w(f"{place}退出指标", f"Exit card of {place}"),
            frame=frame,
            formats=count | dict.fromkeys(frame.columns[4:7], "share"),
            counts=tuple(count),
            impersonal=open_rows,
            note=w(
                "六项均为一票否决，各项的每一内容都须达标。综合贫困发生率的点值和上限都低于标准才算达标；下限、上限对其他指标是把缺数据的全算未达标、全算达标。缺数据不算达标。“清底”按100%另判。",
                "Each of six is a veto and every part must pass. The incidence passes only when its upper bound is below. For shares, low and high count all unknown as "
                "failing, as passing. "
                "Missing data never pass. 'Cleared' asks for all (清底).",
            ),
        ),
        Table(
            name="incidence_terms",
            title=w(
                f"{place}综合贫困发生率的组成", f"Terms of the incidence of {place}"
            ),
            frame=terms_table,
            formats=dict.fromkeys(terms_table.columns[1:6], "count")
            | {terms_table.columns[6]: "share"},
            note=w(
                "错退、漏评人数＝抽查发现率×总体人数，95%区间。",
                "Errors are rate found x population, with 95% intervals.",
            ),
        ),
    )


def forecast_table(
    forecast: Forecast,
    labels: Mapping[str, str],
    *,
    name: str,
    title: str,
    note: str,
    impersonal: tuple[int, ...],
    lang: str,
) -> Table:
    """What is left, the needed and the best speed, the chance of being in time."""
    w, state, r = words(lang), verdicts(lang), forecast.rows
    period = {
        "year": w("年", "year"),
        "quarter": w("季", "quarter"),
        "week": w("周", "week"),
    }
    answer = {True: w("够", "yes"), False: w("不够", "no")}
    frame = pd.DataFrame(
        {
            w("事项", "Matter"): [labels.get(m, m) for m in r["matter"]],
            w("尚差", "Left"): r["left"],
            w("每期", "Period"): r["unit"].map(period),
            w("以往期数", "Past periods"): r["periods"],
            w("每期所需", "Needed"): r["needed"],
            w("以往平均", "Mean"): r["speed"],
            w("以往最快", "Best"): r["best"],
            w("最快速度够不够", "Best suffices"): r["feasible"]
            .map(answer)
            .fillna(w("未能判定", "unknown")),
            w("按期概率", "Chance in time"): r["probability"],
            w("状态", "Status"): r["status"].map(state),
        }
    )
    return Table(
        name=name,
        title=title,
        frame=frame,
        formats={
            frame.columns[1]: "count",
            frame.columns[3]: "count",
            frame.columns[8]: "share",
        }
        | dict.fromkeys(frame.columns[4:7], "number"),
        counts=tuple(frame.columns[i] for i in (1, 4, 5, 6)),
        impersonal=impersonal,
        note=note,
    )


def target_tables(
    persons: ExitProgress,
    villages: ExitProgress,
    by_place: pd.DataFrame,
    question: pd.DataFrame,
    lang: str,
) -> tuple[Table, ...]:
    """Exits against targets, exits by county, and the stock that the plan was made for."""
    w, state = words(lang), verdicts(lang)
    progress = pd.concat(
        [
            persons.rows.assign(kind=w("人", "persons")),
            villages.rows.assign(kind=w("村", "villages")),
        ],
        ignore_index=True,
    )
    table = pd.DataFrame(
        {
            w("年度", "Year"): progress["year"],
            w("对象", "Of"): progress["kind"],
            w("计划", "Target"): progress["target"],
            w("已退出", "Exited"): progress["done"],
            w("完成率", "Share"): progress["share"],
            w("时间进度", "Year gone"): progress["due"],
            w("落后", "Behind"): progress["behind"],
            w("状态", "Status"): progress["status"].map(state),
        }
    )
    years = by_place.pivot_table(
        index="county",
        columns="year",
        values=["persons", "villages"],
        aggfunc="sum",
        fill_value=0,
    ).astype(int)
    years.columns = [
        w(f"{y}年{'人' if kind == 'persons' else '村'}", f"{y} {kind}")
        for kind, y in years.columns
    ]
    years.loc["all"] = years.sum()
    place_table = by_county(years, lang)
    answers = {
        "contained": w("含在剩余人口内", "the look-back is contained"),
        "not contained": w("不含在内", "it is not contained"),
        "registry": w("登记存量", "the registry's count"),
    }
    ask = pd.DataFrame(
        {
            w("问法", "Answer"): question["answer"].map(answers),
            w("应退出", "Stock"): question["stock"],
            w("计划退出", "Planned"): question["planned"],
            w("没有目标的", "Without a target"): question["short"],
        }
    )
    return (
        Table(
            name="exit_progress",
            title=w("全市脱贫退出进度", "Exits against targets, whole city"),
            frame=table,
            formats={c: "count" for c in table.columns[[2, 3, 6]]}
            | {c: "share" for c in table.columns[4:6]},
            note=w(
                "按年内时间的直线进度比较；分县目标未说明。没有写单位的目标不判定。",
                "Compared with the straight path of the year; targets by county are not said. A target without a unit is not judged.",
            ),
        ),
        Table(
            name="exit_counties",
            title=w("各县已录入退出", "Exits on record by county"),
            frame=place_table,
            formats=dict.fromkeys(place_table.columns[1:], "count"),
            counts=tuple(
                c for c in place_table.columns[1:] if c.endswith((w("人", "persons"),))
            ),
            total=county_name("all", lang),
        ),
        Table(
            name="stock_question",
            title=w(
                "“回头看”查出的人是否含在退出存量内",
                "Does the planned stock contain what the look-back found",
            ),
            frame=ask,
            formats=dict.fromkeys(ask.columns[1:], "count"),
            note=w(
                "讲话未说明，两种答案都列出；登记存量是截止日的实际登记数。",
                "The speech does not say; both answers are shown, and the registry's own count on the day.",
            ),
        ),
    )


def indicator_table(
    now: IndicatorStatus,
    county: str,
    labels: Mapping[str, str],
    records: Sequence,
    offices: Mapping[str, str],
    lang: str,
) -> Table:
    """Every measured indicator in the city (or the county) that says it is shown here, with its verdict."""
    w, state = words(lang), verdicts(lang)
    r = now.at(county).reset_index()
    r = r[r["indicator"].isin(shown_in("indicators", records))].reset_index(drop=True)
    kinds = {one.id: one.unit for one in records}
    units = {one.id: w(*UNITS.get(one.unit, (one.unit, one.unit))) for one in records}
    frame = pd.DataFrame(
        {
            "R": r["requirement"],
            w("指标", "Indicator"): r["indicator"].map(labels),
            w("达到", "Met"): r["met"],
            w("应计", "Counted"): r["counted"],
            w("单位", "Unit"): r["indicator"].map(units),
            w("数值", "Value"): r["value"],
            w("标准", "Mark"): [
                mark_text(d, t, lang) for d, t in zip(r["direction"], r["threshold"])
            ],
            w("结论", "Verdict"): r["status"].map(state),
            w("清底", "Cleared"): r["cleared"].map(state),
            w("缺什么", "Missing"): [
                missing_text(m, u, a, lang)
                for m, u, a in zip(r["missing"], r["unknown"], r["absent"])
            ],
            w("责任单位", "Answers"): [
                offices_of(k, offices, lang) for k in r["office"]
            ],
            w("时限", "By"): r["deadline"].where(
                ~r["overdue"], r["deadline"] + w("（已过）", " (past)")
            ),
        }
    )
    return Table(
        name="indicators",
        title=w("各项指标", "All indicators"),
        frame=frame,
        whole=True,
        formats={
            frame.columns[2]: "count",
            frame.columns[3]: "count",
            frame.columns[5]: "share",
        },
        counts=tuple(frame.columns[2:4]),
        impersonal=tuple(
            i
            for i, k in enumerate(r["indicator"])
            if kinds[k] in ("villages", "projects")
        ),
        note=w(
            "数值＝达到÷有数据的；只作描述的没有公布的标准。",
            "Value: met over those with data; 'described' has no known mark.",
        ),
    )


def county_board(
    now: IndicatorStatus,
    labels: Mapping[str, str],
    offices: Mapping[str, str],
    lang: str,
) -> Table:
    """Each office's measured matters by county: share met and a mark."""
    w = words(lang)
    r = now.rows[
        now.rows["level"].isin(("county", "city"))
        & (now.rows["threshold"].notna())
        & (now.rows["status"] != "not in force")
    ]
    mark = {"pass": "", "fail": w("×", " ×"), "unknown": w("？", " ?")}
    r = r.assign(
        text=[
            (number(v, "share", lang) if v == v else "") + mark[s]
            for v, s in zip(r["value"], r["status"])
        ]
    )
    codes = areas.ordered(r["county"])
    wide = r.pivot_table(
        index="indicator", columns="county", values="text", aggfunc="first", sort=False
    ).reindex(columns=["all", *codes])
    head = r.drop_duplicates("indicator").set_index("indicator").loc[wide.index]
    frame = pd.DataFrame(
        {
            w("责任单位", "Answers"): [
                offices_of(k, offices, lang) for k in head["office"]
            ],
            w("事项", "Matter"): [labels[i] for i in wide.index],
            w("时限", "By"): head["deadline"].to_numpy(),
            **{
                w("全市", "City") if c == "all" else county_name(c, lang): wide[c]
                .fillna("—")
                .to_numpy()
                for c in wide
            },
        }
    )
    frame = frame.sort_values(frame.columns[0], kind="stable", ignore_index=True)
    return Table(
        name="duty_counties",
        title=w("各部门事项分县完成率", "Each office's matters by county"),
        frame=frame,
        note=w(
            "×未达标，？未能判定（缺数据）；名单见各县清单。",
            "× fails, ? unknown (data missing); the rows behind are in the county's list.",
        ),
    )


def duty_table(board: DutyBoard, lang: str) -> Table:
    """The duty board."""
    w, state, r = words(lang), verdicts(lang), board.rows
    frame = pd.DataFrame(
        {
            w("责任部门", "Office"): r["department"],
            w("任务", "Task"): r["task"],
            w("范围", "Where"): [
                w("全市", "City") if c == "all" else county_name(c, lang)
                for c in r["county"]
            ],
            w("目标", "Target"): r["target"],
            w("完成", "Done"): r["value"],
            w("完成率", "Share"): r["share"],
            w("尚差", "Left"): r["left"],
            w("时限", "By"): r["due_on"].dt.strftime("%Y-%m-%d").fillna(""),
            w("余天", "Days left"): r["days_left"],
            w("每日所需", "Needed a day"): r["needed"],
            w("近28天每日", "Last 28 days a day"): r["pace"],
            w("上报", "Reported"): r["reported_on"].dt.strftime("%m-%d"),
            w("状态", "Status"): r["status"].map(state),
            w("缺什么", "Missing"): [
                missing_text(m, 0, "", lang) for m in r["missing"]
            ],
        }
    )
    day = (
        w(f"第{board.day}天，共{board.days}天", f"day {board.day} of {board.days}")
        if board.day and 0 < board.day <= board.days
        else w(
            f"已过百日（第{board.day}天）",
            f"the {board.days} days are over (day {board.day})",
        )
        if board.day and board.day > board.days
        else w("起始日未说明", "first day not said")
    )
    how = (
        w(
            "，起始日按首次上报日计，讲话未说明",
            "; the first day is that of the first report, the speech names none",
        )
        if board.assumed and board.day
        else ""
    )
    return Table(
        name="duty_board",
        title=w("八个责任进展", "Eight duties"),
        frame=frame,
        formats=dict.fromkeys([frame.columns[i] for i in (3, 4, 6, 8)], "count")
        | dict.fromkeys([frame.columns[i] for i in (9, 10)], "number")
        | {frame.columns[5]: "share"},
        note=w(
            f"百日攻坚：{day}{how}。数为部门自报；同一事项由登记数据算出的完成率另表。",
            f"Hundred days: {day}{how}. Figures are the offices' own; the same matters measured from the registry are in another table.",
        ),
    )


def described(
    now: IndicatorStatus,
    records: Sequence[Indicator],
    labels: Mapping[str, str],
    *,
    name: str,
    title: str,
    lang: str,
    note: str = "",
) -> Table:
    """The indicators that name this table, by county, as shares with the whole's count."""
    w = words(lang)
    ids = shown_in(name, records)
    r = now.rows[
        now.rows["level"].isin(("county", "city")) & now.rows["indicator"].isin(ids)
    ]
    codes = areas.ordered(r["county"])
    wide = r.pivot_table(
        index="indicator",
        columns="county",
        values="value",
        aggfunc="first",
        dropna=False,
    ).reindex(index=ids, columns=["all", *codes])
    whole = r[r["level"] == "city"].set_index("indicator").reindex(ids)
    frame = pd.DataFrame(
        {
            w("内容", "What"): [labels[i] for i in ids],
            w("达到", "Met"): whole["met"].to_numpy(),
            w("有数据", "Known"): (whole["counted"] - whole["unknown"]).to_numpy(),
            w("缺数据", "Unknown"): whole["unknown"].to_numpy(),
            **{
                w("全市", "City") if c == "all" else county_name(c, lang): wide[
                    c
                ].to_numpy()
                for c in wide
            },
        }
    )
    return Table(
        name=name,
        title=title,
        frame=frame,
        formats=dict.fromkeys(frame.columns[1:4], "count")
        | dict.fromkeys(frame.columns[4:], "share"),
        counts=tuple(frame.columns[1:4]),
        note=note,
    )


def industry_table(rows: pd.DataFrame, lang: str) -> Table:
    """Share of their income that households with an industry measure have from industry (R59)."""
    w = words(lang)
    c = rows.set_index("county")
    c = pd.concat([c, c.sum().rename("all").to_frame().T])
    share = {
        "lasting": c["lasting"] / c["households"].where(c["households"] > 0),
        "share": c["industry"] / c["net"].where(c["net"] > 0),
        "blank": c["households"] - c["known"],
    }
    heads = {
        "households": w("有产业措施（户）", "With an industry measure"),
        "lasting": w("分红两年以上", "Paid in two years"),
        "share": w("产业收入占比", "Share from industry"),
        "blank": w("收入不全（户）", "Income incomplete"),
    }
    frame = by_county(
        c[["households"]].assign(**share)[list(heads)].rename(columns=heads), lang
    )
    return Table(
        name="industry_income",
        title=w(
            "有产业措施户的产业收入占比",
            "Income from industry of households with an industry measure",
        ),
        frame=frame,
        formats=dict(zip(heads.values(), ("count", "share", "share", "count"))),
        counts=(heads["households"], heads["blank"]),
        total=county_name("all", lang),
        note=w(
            "产业收入＝经营性收入－经营性支出＋资产收益分红，与纯收入合计相比；收入不全或纯收入不大于0的户不计入占比，全部如此的县写“—”，未能判定。",
            "Business income less its costs, and dividends, over net income, both summed; households with a part missing or without a net income above 0 are left out of the share, "
            "and a county of none but such has a dash: unknown.",
        ),
    )


def village_table(villages: pd.DataFrame, lang: str) -> Table:
    """Deep-poor villages and what each lacks."""
    w = words(lang)
    known = [i for i in ITEMS if i in villages]
    lacks = [
        w("、", ", ").join(
            w(*ITEMS[i]) for i in known if row[i] is False or row[i] == False
        )
        for _, row in villages[known]
        .astype(object)
        .where(villages[known].notna(), None)
        .iterrows()
    ]  # noqa: E712 (numpy booleans)
    frame = pd.DataFrame(
        {
            w("位次", "Rank"): villages["rank"],
            w("县（市、区）", "County"): [
                county_name(c, lang) for c in villages["county"]
            ],
            w("乡镇", "Township"): villages["town"],
            w("村", "Village"): villages["village"],
            w("未脱贫人口", "Still poor"): villages["persons"],
            w("缺几项", "Lacks"): villages["lacks"],
            w("不明几项", "Unknown"): villages["unknown"],
            w("缺什么", "What"): lacks,
        }
    )
    return Table(
        name="deep_villages",
        title=w("深度贫困村短板", "What deep-poor villages lack"),
        frame=frame,
        formats=dict.fromkeys([frame.columns[i] for i in (0, 4, 5, 6)], "count"),
        counts=(frame.columns[4],),
        note=w(
            f"共{len(known)}项：{'、'.join(ITEMS[i][0] for i in known)}；缺项相同的并列。",
            f"{len(known)} items: {', '.join(ITEMS[i][1] for i in known)}; villages that lack as many share a rank.",
        ),
    )


def housing_tables(
    burn: HousingBurn, builders: pd.DataFrame, lang: str
) -> tuple[Table, ...]:
    """Needed and recent completions by county, and defects by builder."""
    w = words(lang)
    chance = burn.forecast.rows.set_index("matter")
    s = burn.speeds.assign(
        pace=burn.speeds["recent"]
        / burn.speeds["needed"].where(burn.speeds["needed"] > 0),
        probability=chance["probability"],
    )
    named = by_county(
        s[["left", "pace", "probability"]].rename(
            columns={
                "left": w("D级未竣工", "Grade D left"),
                "pace": w("近14天速度为所需的", "Last 14 days over needed"),
                "probability": w("按期概率", "Chance in time"),
            }
        ),
        lang,
    )
    f = pd.DataFrame(
        {
            w("施工单位", "Builder"): builders["builder"].replace(
                "unknown", w("未登记", "not on record")
            ),
            w("竣工", "Completed"): builders["completed"],
            w("有质量问题", "Defects"): builders["defects"],
            w("未整改", "Open"): builders["open"],
            w("占比", "Share"): builders["share"],
            w("下限", "Low"): builders["ci_low"],
            w("上限", "High"): builders["ci_high"],
            w("高于平均", "Above all"): builders["apart"].map(
                {True: w("是", "yes"), False: ""}
            ),
        }
    )
    return (
        Table(
            name="housing_forecast",
            title=w(f"D级危房到{burn.deadline}能否清底", f"Grade D by {burn.deadline}"),
            frame=named,
            counts=(named.columns[1],),
            total=county_name("all", lang),
            formats={named.columns[1]: "count"}
            | dict.fromkeys(named.columns[2:], "share"),
            note=w(
                f"余{burn.days}天；按近8周净进度模拟，以往速度独立同分布、今后同以往为假设，无季节、无突击。",
                f"{burn.days} days left; simulated from the net pace of eight weeks, taking speeds as independent and the future as the past: no season, no last push.",
            ),
        ),
        Table(
            name="housing_builders",
            title=w("危房改造质量问题分施工单位", "Defects by builder"),
            frame=f,
            formats=dict.fromkeys(f.columns[1:4], "count")
            | dict.fromkeys(f.columns[4:7], "share"),
            note=w(
                "95%区间；“高于平均”指区间整个在全部平均之上，属疑点，供核查。",
                "95% intervals; 'above all' when the whole interval lies above the share of all: a doubt, to be checked.",
            ),
        ),
    )


def village_tables(
    incomes: pd.DataFrame, cadres: pd.DataFrame, floor: float, lang: str
) -> tuple[Table, Table]:
    """Collective income and resident cadres by county; described, not ranked."""
    w = words(lang)
    i = incomes.assign(zero=incomes["yuan"] == 0, known=incomes["yuan"].notna())
    both = incomes.dropna(subset=["yuan", "yuan_before"])

    def one(rows: pd.DataFrame, pair: pd.DataFrame) -> list[float]:
        before = pair["yuan_before"].sum()
        return [
            len(rows),
            int((~rows["known"]).sum()),
            int(rows["zero"].sum()),
            rows["yuan"].median() / 10_000,
            pair["yuan"].sum() / before - 1 if before else np.nan,
        ]

    groups = {
        c: one(i[i["county"] == c], both[both["county"] == c])
        for c in sorted(set(i["county"].dropna()))
    } | {"all": one(i, both)}
    money = by_county(
        pd.DataFrame.from_dict(
            groups,
            orient="index",
            columns=[
                w("村数", "Villages"),
                w("未填", "Unknown"),
                w("无收入的村", "Without income"),
                w("中位数（万元）", "Median (10,000 yuan)"),
                w("比上年", "Growth"),
            ],
        ),
        lang,
    )
    c = cadres.assign(
        few=cadres["days"] < floor, change=cadres["share"] - cadres["share_before"]
    )
    rows = {
        k: [
            len(g),
            g["days"].median(),
            int(g["few"].sum()),
            int(g["days"].isna().sum()),
            g["share_before"].mean(),
            g["share"].mean(),
        ]
        for k, g in [*c.groupby("county"), ("all", c)]
    }
    people = by_county(
        pd.DataFrame.from_dict(
            rows,
            orient="index",
            columns=[
                w("驻村干部", "Cadres"),
                w("驻村天数中位数", "Median days"),
                w(f"不足{floor:.0f}天", f"Below {floor:.0f} days"),
                w("天数未填", "Days unknown"),
                w(
                    "所驻村贫困人口占比（上年）",
                    "Poor share of their villages, year before",
                ),
                w("今年", "Now"),
            ],
        ),
        lang,
    )
    return (
        Table(
            name="collective_income",
            title=w("村级集体经济收入", "Villages' own income"),
            frame=money,
            formats=dict.fromkeys(money.columns[1:4], "count")
            | {money.columns[4]: "number", money.columns[5]: "share"},
            note=w(
                "三年行动计划的收入标准未说明，只作描述。",
                "The plan's mark is not said; described only.",
            ),
        ),
        Table(
            name="cadres",
            title=w("驻村干部", "Resident cadres"),
            frame=people,
            formats=dict.fromkeys([people.columns[j] for j in (1, 2, 3, 4)], "count")
            | dict.fromkeys(people.columns[5:], "share"),
            note=w(
                f"只作描述，不排名：派到难村的干部所驻村本来更穷。{floor:.0f}天为待核实的数。",
                f"Described and not ranked: hard villages are given to somebody. {floor:.0f} days is from memory, to be verified.",
            ),
        ),
    )


def behaviour_tables(
    cliff: BenefitCliff,
    curve: pd.DataFrame,
    debts: pd.DataFrame,
    reach: pd.DataFrame,
    months: int,
    lang: str,
) -> tuple[Table, ...]:
    """Transfers by year, measures after the exit, student debt, departments' reach."""
    w = words(lang)
    s = cliff.shares
    share = pd.DataFrame(
        {
            w("年度", "Year"): s["year"],
            w("对象", "Of"): s["group"].map(
                {"poor": w("未脱贫户", "still poor"), "exited": w("脱贫户", "exited")}
            ),
            w("户数", "Households"): s["households"],
            w("转移性收入占纯收入", "Transfers over net income"): s["share"],
        }
    )
    some = curve[curve["month"].isin([0, 3, 6, 9, 12, 18, 24, 30, 36])]
    tail = pd.DataFrame(
        {
            w("脱贫后月数", "Months since exit"): some["month"],
            w("户数", "Households"): some["households"],
            w("仍有措施", "With a measure"): some["helped"],
            w("占比", "Share"): some["helped"] / some["households"],
        }
    )
    known = debts["ratio"].dropna()
    debt = pd.DataFrame(
        {
            w("内容", "What"): [
                w("有助学贷款的户", "households with a student loan"),
                w("其中毕业生未就业", "of which a graduate is without work"),
                w("贷款超过一年纯收入", "loan above a year's net income"),
                w("收入不明", "income unknown"),
            ],
            w("户数", "Households"): [
                len(debts),
                int((debts["unemployed"] > 0).sum()),
                int((known > 1).sum()),
                int(debts["ratio"].isna().sum()),
            ],
        }
    )
    by = pd.DataFrame(
        {
            w("部门", "Department"): reach["department"].replace(
                "unknown", w("未登记", "not on record")
            ),
            w("已开工项目", "Projects begun"): reach["projects"],
            w("带到建档立卡户", "Reach registered households"): reach["linked"],
            w("占比", "Share"): reach["linked"] / reach["projects"],
            w("户次", "Households"): reach["households"],
        }
    )
    line = w(
        f"贫困线处，未脱贫户比脱贫户每人每年多得{number(cliff.loss, 'yuan')}元；线下5%以内未脱贫户{cliff.just_under}户，线上5%以内{cliff.just_above}户。只是并存，不能说由此不愿脱贫。",
        f"At the line the poor receive {number(cliff.loss, 'yuan')} yuan a person and year more than the exited; {cliff.just_under} poor households lie within 5% below the "
        f"line, {cliff.just_above} within 5% above. "
        "They occur together; that people stay for it is not shown.",
    )
    return (
        Table(
            name="transfer_share",
            title=w("转移性收入占比", "Share of transfers"),
            frame=share,
            formats={share.columns[2]: "count", share.columns[3]: "share"},
            counts=(share.columns[2],),
            note=line,
        ),
        Table(
            name="measure_tail",
            title=w(
                "脱贫后仍有帮扶措施的户", "Households with a measure after the exit"
            ),
            frame=tail,
            formats=dict.fromkeys(tail.columns[:3], "count")
            | {tail.columns[3]: "share"},
            counts=tuple(tail.columns[1:3]),
            note=w(
                f"医疗政策延续{months}个月，其他政策“顺延一段时间”没有数值。",
                f"Medical policy lasts {months} months; for the others no number is said.",
            ),
        ),
        Table(
            name="student_debt",
            title=w("助学贷款负担", "Student debt"),
            frame=debt,
            formats={debt.columns[1]: "count"},
            counts=(debt.columns[1],),
        ),
        Table(
            name="department_reach",
            title=w(
                "部门项目带到建档立卡户",
                "Departments' projects that reach registered households",
            ),
            frame=by,
            formats={
                by.columns[1]: "count",
                by.columns[2]: "count",
                by.columns[3]: "share",
                by.columns[4]: "count",
            },
            counts=(by.columns[4],),
            note=w(
                "基础设施项目惠及全村，没有到户台账不等于没有针对性。",
                "Infrastructure serves a whole village: no household on file is no proof of neglect.",
            ),
        ),
    )


def score_table(scores: ScoreCard, lang: str) -> Table:
    """The score card, or why there is none."""
    w = words(lang)
    if scores.refused:
        frame = pd.DataFrame(
            {
                w("结果", "Result"): [w("不打分", "not scored")],
                w("原因", "Why"): [
                    w(
                        "没有提供带文号和日期的权重文件（score_weights.csv）；权重不自行设定",
                        "no file of weights with document and date (score_weights.csv); none are invented",
                    )
                ],
            }
        )
        return Table(name="score_card", title=w("考核评价", "Score card"), frame=frame)
    named = by_county(
        scores.scores.rename(
            columns={
                "score": w("得分", "Score"),
                "known": w("有数据的权重", "Weights with data"),
                "lower": w("缺项全不得分", "Unknown at 0"),
                "upper": w("缺项全得分", "Unknown in full"),
            }
        ),
        lang,
    )
    return Table(
        name="score_card",
        title=w("考核评价", "Score card"),
        frame=named,
        formats={c: "number" for c in named.columns[[1, 3, 4]]}
        | {named.columns[2]: "share"},
        note=w(
            "有缺项的不给总分，只给上下限。",
            "With an unknown part no score is given, only its bounds.",
        ),
    )


def index_table(
    records: Sequence, offices: Mapping[str, str], year: int, lang: str
) -> Table:
    """R-number -> what the speech says -> table or figure that shows it, from the indicator records; a thing of later years with its first."""
    w = words(lang)
    rows: dict[str, dict[str, list[str]]] = {}
    for one in records:
        row = rows.setdefault(one.requirement, {"what": [], "shown": [], "office": []})
        row["what"].append(getattr(one, lang))
        later = (
            w(f"（{one.first}年起的简报）", f" (briefs from {one.first} on)")
            if one.first > year
            else ""
        )
        row["shown"] += [
            s + later for s in one.shown_in if s + later not in row["shown"]
        ]
        if one.office and one.office not in row["office"]:
            row["office"].append(one.office)
    order = sorted(rows)
    frame = pd.DataFrame(
        {
            "R": order,
            w("内容", "What"): [
                rows[r]["what"][0]
                + (w("等", " and more") if len(rows[r]["what"]) > 1 else "")
                for r in order
            ],
            w("见", "Shown in"): [w("、", ", ").join(rows[r]["shown"]) for r in order],
            w("责任单位", "Answers"): [
                w("；", "; ").join(offices.get(o, "") for o in rows[r]["office"])
                for r in order
            ],
        }
    )
    return Table(
        name="requirements_index",
        title=w("R编号索引", "Index of requirements"),
        frame=frame,
        whole=True,
        links=(frame.columns[2],),
        note=w(
            "由指标记录（reference/indicators.csv）生成。",
            "Made from the indicator records (reference/indicators.csv).",
        ),
    )


def town_table(
    now: IndicatorStatus,
    county: str,
    records: Sequence[Indicator],
    labels: Mapping[str, str],
    lang: str,
) -> Table:
    """What each township of a county lacks: rows that do not meet an indicator, or may not.

    The columns are the indicators that name this table.
    """
    w = words(lang)
    name = "exit_towns"
    ids = shown_in(name, records)
    villages = {record.id for record in records if record.object == "village"}
    r = now.rows[
        (now.rows["level"] == "town")
        & (now.rows["county"] == county)
        & now.rows["indicator"].isin(ids)
    ]
    wide = (
        r.assign(left=r["rest"] + r["unknown"])
        .pivot_table(
            index="town",
            columns="indicator",
            values="left",
            aggfunc="sum",
            fill_value=0,
        )
        .reindex(columns=ids, fill_value=0)
    )
    wide.loc[county_name("all", lang)] = wide.sum()
    frame = (
        wide.rename(index={"unknown": w("未知", "Unknown")})
        .rename(columns=labels)
        .reset_index(names=w("乡镇", "Township"))
    )
    return Table(
        name=name,
        title=w(
            f"{county_name(county, lang)}各乡镇尚差（含缺数据）",
            f"{county_name(county, lang)}: left by township, data missing included",
        ),
        frame=frame,
        formats=dict.fromkeys(frame.columns[1:], "count"),
        counts=tuple(labels[i] for i in ids if i not in villages),
        total=county_name("all", lang),
    )


def debt_list(
    debts: pd.DataFrame, heads: pd.Series, county: str, lang: str
) -> tuple[ListSheet, ...]:
    """Households whose graduates owe a loan, a restricted sheet."""
    w = words(lang)
    mine = debts[debts["county"] == county]
    if not len(mine):
        return ()
    frame = pd.DataFrame(
        {
            w("序号", "No."): range(1, len(mine) + 1),
            w("乡镇", "Township"): mine["town"]
            .replace("unknown", w("未知", "unknown"))
            .to_numpy(),
            w("村", "Village"): mine["village"].to_numpy(),
            w("户编号", "Household number"): mine["household_id"].to_numpy(),
            w("户主", "Head"): mine["household_id"].map(heads).fillna("").to_numpy(),
            w("毕业生", "Graduates"): mine["graduates"].to_numpy(),
            w("未就业", "Without work"): mine["unemployed"].to_numpy(),
            w("贷款（元）", "Loan (yuan)"): mine["debt"]
            .round(0)
            .astype(int)
            .to_numpy(),
            w("贷款/年纯收入", "Loan over income"): mine["ratio"].round(2).to_numpy(),
        }
    )
    return (
        ListSheet(
            name=f"restricted_{county}",
            tab=w("助学贷款", "Student loans"),
            title=w(
                f"{county_name(county, lang)}：有助学贷款的户",
                f"{county_name(county, lang)}: households with a student loan",
            ),
            county=county,
            frame=frame,
            inputs={w("办理日期", "Done on"): (), w("说明", "Note"): ()},
            note=w("限内部使用", "restricted"),
        ),
    )


def rest_lists(
    rest: pd.DataFrame,
    labels: Mapping[str, str],
    heads: pd.Series,
    villages: Mapping[str, str],
    county: str,
    chosen: Sequence[str],
    lang: str,
    *,
    book: str = "exit",
    note: str = "",
) -> tuple[ListSheet, ...]:
    """One sheet an indicator of workbook `book`: who does not meet it, or of whom it is not known."""
    w = words(lang)
    sheets = []
    for indicator in chosen:
        mine = rest[(rest["indicator"] == indicator) & (rest["county"] == county)]
        if not len(mine):
            continue
        frame = pd.DataFrame(
            {
                w("序号", "No."): range(1, len(mine) + 1),
                w("乡镇", "Township"): mine["town"]
                .replace("unknown", w("未知", "unknown"))
                .to_numpy(),
                w("村", "Village"): mine["village"].map(villages).fillna("").to_numpy(),
                w("户编号", "Household number"): mine["household_id"]
                .fillna("")
                .to_numpy(),
                w("户主", "Head"): mine["household_id"]
                .map(heads)
                .fillna("")
                .to_numpy(),
                w("对象编号", "Case"): mine["case_id"].to_numpy(),
                w("情况", "State"): mine["state"]
                .map(
                    {
                        "not met": w("未达到", "not met"),
                        "unknown": w("缺数据", "no data"),
                    }
                )
                .to_numpy(),
            }
        )
        sheets.append(
            ListSheet(
                name=f"{book}_{county}",
                note=note,
                tab=f"{len(sheets) + 1} {labels[indicator][:24]}",
                title=w(
                    f"{county_name(county, lang)}：未达到「{labels[indicator]}」",
                    f"{county_name(county, lang)}: not met: {labels[indicator]}",
                ),
                county=county,
                frame=frame,
                inputs={w("办理日期", "Done on"): (), w("说明", "Note"): ()},
            )
        )
    return tuple(sheets)
