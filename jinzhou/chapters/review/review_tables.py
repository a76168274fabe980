"""Tables that tell whether numbers can be true: quality, countdown, reconciliation, figures said, doubts, spot checks, candidates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.publish.chapter import Table, by_county, county_name, trimmed, words
from jinzhou.reference.vocabulary import FORENSIC_TESTS

if TYPE_CHECKING:
    from jinzhou.chapters.review.analysis.quality import EntryCountdown, QualityIndex
    from jinzhou.chapters.review.analysis.reconciliation import Reconciliation
    from jinzhou.statistics.arithmetic import FigureCheck
    from jinzhou.statistics.forensics import Forensics
    from jinzhou.statistics.spot_check import SpotCheckRates

COMPARISONS = {
    "education_aid": (
        "教育资助台账—其他转移性收入（元）",
        "student aid - other transfers (yuan)",
    ),
    "public_job": ("公益岗位台账—工资性收入（元）", "public jobs - wages (yuan)"),
    "social_protection": (
        "综合保障台账—低保、特困、其他转移（元）",
        "social protection - transfers (yuan)",
    ),
    "dibao_list": ("低保名册—低保金（人）", "dibao list - dibao payment (persons)"),
    "dividend_source": (
        "分红收入—项目或贷款来源（元）",
        "dividend - project or loan behind it (yuan)",
    ),
    "enterprise_loan": ("户贷企用—分红收入（笔）", "loans lent on - dividend (loans)"),
    "housing_lots": (
        "危房两批名单—按户匹配（批次）",
        "housing lots - matched households (lots)",
    ),
    "settlement": (
        "医疗费总额—基金、医院、个人之和（元）",
        "settlement cost - sum of payers (yuan)",
    ),
    "fund_trace": (
        "拨付资金—项目、农户、措施、帮扶人、成果（元）",
        "payment - project, household, measure, helper, result (yuan)",
    ),
}
RATES = {
    "wrong_exit": ("错退率", "wrong exits"),
    "missed": ("漏评率", "missed"),
    "wrong_entry": ("错评率", "wrong entries"),
}
VERDICT = {
    "pass": ("低于标准", "below the mark"),
    "fail": ("不低于标准", "not below"),
    "unknown": ("未能判定", "cannot be told"),
}
RESULT = {"holds": "✓", "fails": "✗"}
GROUPS = {
    "exited": ("脱贫户登记收入", "exited, as registered"),
    "poor": ("未脱贫户登记收入", "still poor, as registered"),
    "spot_check": ("脱贫户抽查核实收入", "exited, measured by spot checks"),
    "home_visit": ("走访核实收入", "measured by home visits"),
}
KINDS = {
    "omitted_strong": ("疑似遗漏（两册均有）", "omitted, both lists"),
    "omitted_weak": ("疑似遗漏（证据弱）", "omitted, weak"),
    "split": ("疑似已分户子女", "split children"),
    "parents": ("老人单独立户而有成年子女", "old alone with grown children"),
    "unregistered": ("他部门名单有而未建档", "on other lists, unregistered"),
}


def tables(
    *,
    spot_rates: SpotCheckRates,
    quality: QualityIndex,
    earlier_quality: QualityIndex,
    towns: QualityIndex,
    countdown: EntryCountdown,
    reconciled: Reconciliation,
    said: FigureCheck,
    doubts: Forensics,
    candidates: Mapping[str, pd.DataFrame],
    villages: pd.DataFrame,
    years: pd.DataFrame,
    lang: str,
) -> tuple[Table, ...]:
    """All tables of this module, in the order in which the annex shows them."""
    return (
        _years(years, lang),
        _quality(quality, earlier_quality, lang),
        _towns(towns, lang),
        _countdown(countdown, lang),
        _reconciliation(reconciled, lang),
        _candidates(candidates, lang),
        _spot_rates(spot_rates, lang),
        _said(said, lang),
        *_doubts(doubts, villages, lang),
    )


def _quality(quality: QualityIndex, earlier: QualityIndex, lang: str) -> Table:
    w = words(lang)
    rows = quality.rows.assign(before=earlier.rows["index"].reindex(quality.rows.index))
    columns = {
        "tested": w("检验次数", "Tests"),
        "failed": w("不符", "Failed"),
        "error": w("错误类通过率", "Errors passed"),
        "logic": w("逻辑类通过率", "Logic passed"),
        "doubt": w("疑点类通过率", "Doubts passed"),
        "index": w("质量指数", "Index"),
        "before": w("上季末指数", "Last quarter"),
    }
    shares = dict.fromkeys(
        [columns[c] for c in ("error", "logic", "doubt")], "share"
    ) | {columns["index"]: "score", columns["before"]: "score"}
    weights = "、".join(f"{weight:.0f}" for weight in quality.weights)
    return Table(
        name="quality",
        title=w("数据质量指数", "Quality index"),
        frame=by_county(rows[list(columns)].rename(columns=columns), lang),
        formats={columns["tested"]: "count", columns["failed"]: "count"} | shares,
        total=county_name("all", lang),
        note=w(
            f"各级别通过率按错误、逻辑、疑点权重{weights}加权；不可检验的不计入。",
            f"Pass shares weighted {weights} for errors, logic, doubts; what is not testable does not count.",
        ),
    )


def _towns(towns: QualityIndex, lang: str) -> Table:
    w = words(lang)
    rows = towns.rows.drop(index=["all", "unknown"], errors="ignore").sort_values(
        "index", kind="stable"
    )
    frame = pd.DataFrame(
        {
            w("乡镇", "Township"): rows.index,
            w("检验次数", "Tests"): rows["tested"].to_numpy(),
            w("不符", "Failed"): rows["failed"].to_numpy(),
            w("质量指数", "Index"): rows["index"].to_numpy(),
        }
    )
    return Table(
        name="quality_towns",
        title=w(
            "数据质量指数（乡镇，低者在前）", "Quality index of townships, lowest first"
        ),
        frame=frame,
        formats={
            w("检验次数", "Tests"): "count",
            w("不符", "Failed"): "count",
            w("质量指数", "Index"): "score",
        },
    )


def _countdown(countdown: EntryCountdown, lang: str) -> Table:
    w = words(lang)
    columns = {
        "due": w("当年应录", "Due"),
        "recorded": w("已录入", "Recorded"),
        "clean": w("其中无错误", "Of these without error"),
        "faulty": w("待更正", "To mend"),
        "waiting": w("待录入", "To enter"),
        "left": w("尚需处理", "Left"),
        "per_day": w("每天须完成", "Needed a day"),
        "pace": w("近30天日均", "Pace of 30 days"),
    }
    counts = tuple(
        columns[c] for c in ("due", "recorded", "clean", "faulty", "waiting", "left")
    )
    return Table(
        name="countdown",
        title=w(
            f"动态调整录入倒计时（剩余{countdown.days_left}天）",
            f"Countdown of the entries ({countdown.days_left} days left)",
        ),
        frame=by_county(countdown.rows[list(columns)].rename(columns=columns), lang),
        counts=counts,
        total=county_name("all", lang),
        formats=dict.fromkeys(counts, "count")
        | {columns["per_day"]: "number", columns["pace"]: "number"},
        note=w(
            "待录入：走访、抽查查出返贫、漏评、错退而台账尚无记录。期限11月30日。",
            "To enter: found in the field and not in the ledger. Deadline 30 November.",
        ),
    )


def _reconciliation(reconciled: Reconciliation, lang: str) -> Table:
    w = words(lang)
    pick = 0 if lang == "zh" else 1
    whole = reconciled.rows[reconciled.rows["county"] == "all"]
    by = reconciled.rows[reconciled.rows["county"] != "all"]
    most = (
        by[by["open"] > 0]
        .sort_values(["open", "county"], ascending=[False, True])
        .drop_duplicates("comparison")
        .set_index("comparison")["county"]
    )
    whole = whole.round(2)
    frame = pd.DataFrame(
        {
            w("核对", "Comparison"): [
                COMPARISONS[c][pick] for c in whole["comparison"]
            ],
            w("笔数", "Cases"): whole["cases"].to_numpy(),
            w("台账", "Ledger"): whole["ledger"].to_numpy(),
            w("对方所记", "Recorded"): whole["recorded"].to_numpy(),
            w("差额", "Gap"): whole["gap"].to_numpy(),
            w("已说明", "Explained"): whole["explained"].to_numpy(),
            w("未说明", "Unexplained"): whole["unexplained"].to_numpy(),
            w("未说明笔数", "Cases unexplained"): whole["open"].to_numpy(),
            w("最多的县", "Most in"): [
                county_name(most[c], lang) if c in most.index else ""
                for c in whole["comparison"]
            ],
        }
    )
    counts = (w("笔数", "Cases"), w("未说明笔数", "Cases unexplained"))
    # some comparisons count persons or loans in the columns of amounts, so these are withheld by the same rule
    return Table(
        name="reconciliation",
        title=w("台账与登记对账", "Ledgers reconciled"),
        frame=frame,
        counts=tuple(frame.columns[1:8]),
        formats=dict.fromkeys(counts, "count")
        | dict.fromkeys(
            [
                w("台账", "Ledger"),
                w("对方所记", "Recorded"),
                w("差额", "Gap"),
                w("已说明", "Explained"),
                w("未说明", "Unexplained"),
            ],
            "yuan",
        ),
        note=w(
            "差额＝台账有而对方没有；已说明：当年无收入表、四舍五入、基础设施不对应农户。",
            "Gap: in the ledger, not in the other. Explained: no income sheet, rounding, infrastructure needs no household.",
        ),
    )


def _candidates(candidates: Mapping[str, pd.DataFrame], lang: str) -> Table:
    w = words(lang)
    pick = 0 if lang == "zh" else 1
    omitted = candidates["omitted"]
    parts = {
        "omitted_strong": omitted[omitted["strength"] == "strong"],
        "omitted_weak": omitted[omitted["strength"] == "weak"],
        "split": candidates["split"],
        "parents": candidates["parents"],
        "unregistered": candidates["unregistered"],
    }
    frame = (
        pd.DataFrame(
            {KINDS[k][pick]: part.groupby("county").size() for k, part in parts.items()}
        )
        .fillna(0)
        .astype("int64")
    )
    frame.loc["all"] = frame.sum()
    counts = tuple(KINDS[k][pick] for k in parts)
    return Table(
        name="candidates",
        title=w("待入户核实的人和户", "People and households to ask about"),
        frame=by_county(frame, lang),
        counts=counts,
        formats=dict.fromkeys(counts, "count"),
        total=county_name("all", lang),
        note=w(
            "只列待核实对象，不自动增减人口。",
            "Candidates only; nobody is added or removed.",
        ),
    )


def _years(years: pd.DataFrame, lang: str) -> Table:
    w = words(lang)
    columns = {
        "opening": w("上年末", "Opening"),
        "exited": w("脱贫", "Exited"),
        "returned": w("返贫", "Returned"),
        "newly_identified": w("新识别", "Newly identified"),
        "member_added": w("补录", "Members added"),
        "removed": w("清退", "Removed"),
        "natural_increase": w("自然增加", "Natural increase"),
        "natural_decrease": w("自然减少", "Natural decrease"),
        "closing": w("本年末", "Closing"),
        "difference": w("差额", "Difference"),
    }
    city = years[years["county"] == "all"]
    off = (
        years[(years["county"] != "all") & (years["difference"] != 0)]
        .groupby("year")["county"]
        .nunique()
    )
    frame = city[list(columns)].rename(columns=columns).reset_index(drop=True)
    frame.insert(0, w("登记年度", "Registry year"), city["year"].astype(str).to_numpy())
    frame[w("不衔接的县", "Counties off")] = (
        city["year"].map(off).fillna(0).astype(int).to_numpy()
    )
    return Table(
        name="stock_years",
        title=w(
            "历年存量与变动核对（人）",
            "Stock and flows of every registry year (persons)",
        ),
        frame=frame,
        formats=dict.fromkeys(columns.values(), "count")
        | {w("不衔接的县", "Counties off"): "count"},
        counts=tuple(list(columns.values())[:-1]),
        note=w(
            "登记年度截至9月30日；差额＝年末实有－（上年末＋变动）。",
            "Registry years end on 30 September; difference = counted closing less opening and flows.",
        ),
    )


def _spot_rates(rates: SpotCheckRates, lang: str) -> Table:
    w = words(lang)
    pick = 0 if lang == "zh" else 1
    rows = rates.rows[rates.rows["checked"] > 0]
    frame = pd.DataFrame(
        {
            w("指标", "Rate"): [RATES[r][pick] for r in rows["rate"]],
            w("县（市、区）", "County"): [county_name(c, lang) for c in rows["county"]],
            w("抽查", "Checked"): rows["checked"].to_numpy(),
            w("查出", "Found"): rows["found"].to_numpy(),
            w("推算比率", "Estimate"): rows["value"].to_numpy(),
            w("下限", "Low"): rows["ci_low"].to_numpy(),
            w("上限", "High"): rows["ci_high"].to_numpy(),
            w("判定", "Verdict"): [VERDICT[s][pick] for s in rows["status"]],
        }
    )
    counts = (w("抽查", "Checked"), w("查出", "Found"))
    return Table(
        name="spot_check_rates",
        title=w("抽查推算：错退率、漏评率、错评率", "Rates from spot checks"),
        frame=frame,
        counts=counts,
        formats=dict.fromkeys(counts, "count")
        | dict.fromkeys(
            [w("推算比率", "Estimate"), w("下限", "Low"), w("上限", "High")], "share"
        ),
        note=w(
            f"按抽样权重推算，95%精确区间；区间上限低于{rates.mark:.0%}才算低于标准。",
            f"Design weights, exact 95% intervals; below the mark only when the upper end is below {rates.mark:.0%}.",
        ),
    )


def _said(said: FigureCheck, lang: str) -> Table:
    w = words(lang)

    def value(x: float) -> str:
        return w("未说明", "not said") if x != x else trimmed(x, 2)

    r = said.rows
    frame = pd.DataFrame(
        {
            w("编号", "No."): r["id"],
            w("内容", "Statement"): r[lang],
            w("左边", "Left"): [value(x) for x in r["left"]],
            w("关系", ""): r["relation"],
            w("右边", "Right"): [value(x) for x in r["right"]],
            w("结果", "Result"): [
                RESULT.get(x, w("未说明", "not said")) for x in r["result"]
            ],
        }
    )
    return Table(
        name="speech_arithmetic",
        title=w("讲话数字核对", "The figures of the speech"),
        frame=frame.set_axis([c or "≟" for c in frame], axis=1),
        note=w(
            "✓成立，✗不成立；未说明：讲话没有给出其中一个数。",
            "✓ holds, ✗ fails; not said: the speech leaves one of the numbers out.",
        ),
    )


def _doubts(doubts: Forensics, villages: pd.DataFrame, lang: str) -> tuple[Table, ...]:
    w = words(lang)
    pick = 0 if lang == "zh" else 1
    t = doubts.tests
    tests = pd.DataFrame(
        {
            w("检验", "Test"): [getattr(FORENSIC_TESTS[k], lang) for k in t["test"]],
            w("无疑点时应有", "What honest data show"): [
                getattr(FORENSIC_TESTS[k], f"null_{lang}") for k in t["test"]
            ],
            w("最少行数", "Fewest rows"): [FORENSIC_TESTS[k].fewest for k in t["test"]],
            w("检验单位", "Units"): t["units"],
            w("数据不足", "Too few"): t["too_few"],
            w("疑点", "Doubts"): t["findings"],
            w("诚实数据误报", "On honest data"): t["null_findings"],
        }
    )
    found = doubts.villages()
    name = villages.drop_duplicates("area_code").set_index("area_code")
    listed = pd.DataFrame(
        {
            w("县（市、区）", "County"): [
                county_name(c, lang) for c in found["county"]
            ],
            w("乡镇", "Township"): found["unit"].map(name["town"]).fillna(""),
            w("村", "Village"): found["unit"].map(name["village"]).fillna(""),
            w("疑点", "Doubts"): [
                w("、", "; ").join(getattr(FORENSIC_TESTS[k], lang) for k in keys)
                for keys in found["tests"]
            ],
            w("校正后概率", "Adjusted p"): [_p(q) for q in found["q"]],
        }
    )
    line = doubts.rows[doubts.rows["test"] == "line"]
    status = {
        "finding": w("疑点", "doubt"),
        "no finding": w("无疑点", "no doubt"),
        "too few": w("数据不足", "too few"),
    }
    breaks = pd.DataFrame(
        {
            w("收入", "Incomes"): [GROUPS[u][pick] for u in line["unit"]],
            w("户数", "Households"): line["n"].to_numpy(),
            w("统计量", "Statistic"): line["statistic"].to_numpy(),
            w("校正后概率", "Adjusted p"): [_p(q) for q in line["q"]],
            w("麦克拉里检验概率", "McCrary p"): [_p(q) for q in line["mccrary_p"]],
            w("百元整数", "Multiples of 100"): line["rounded"].to_numpy(),
            w("结果", "Result"): [status[s] for s in line["status"]],
        }
    )
    return (
        Table(
            name="forensic_tests",
            title=w("数字真实性检验", "Tests of the numbers"),
            frame=tests,
            formats=dict.fromkeys(
                [
                    w("最少行数", "Fewest rows"),
                    w("检验单位", "Units"),
                    w("数据不足", "Too few"),
                    w("疑点", "Doubts"),
                ],
                "count",
            )
            | {w("诚实数据误报", "On honest data"): "share"},
            note=w(
                f"全部检验一并校正，错误发现率{doubts.level:.0%}。",
                f"All tests corrected together, false-discovery rate {doubts.level:.0%}.",
            ),
        ),
        Table(
            name="forensic_villages",
            title=w("有疑点的村", "Villages with a doubt"),
            frame=listed,
            note=w("疑点供核查参考，不是结论。", "For checking only; no finding."),
        ),
        Table(
            name="line_breaks",
            title=w("贫困线处的收入密度", "Density of incomes at the line"),
            frame=breaks,
            formats={
                w("户数", "Households"): "count",
                w("统计量", "Statistic"): "number",
                w("百元整数", "Multiples of 100"): "share",
            },
            note=w(
                "脱贫与否看收入，登记收入在线处断裂不足为奇；复核收入断裂才是疑点。百元整数超过三成时，断裂可能只是取整，应取原始金额再检。",
                "Exits look at income, so a break in registered incomes is expected; one in re-measured incomes is the doubt. Above 30% of multiples of 100 a break may be rounding: ask for raw amounts.",
            ),
        ),
    )


def _p(q: float) -> str:
    """An adjusted p-value as a reader is shown it."""
    return "" if q != q else "<0.001" if q < 0.001 else f"{q:.3f}"
