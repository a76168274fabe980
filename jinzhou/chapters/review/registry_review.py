"""Is the registry true? Tables, figures and sentences of the registry review."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.chapters.review import review_tables
from jinzhou.publish import figures
from jinzhou.publish.chapter import (
    Chapter,
    Fact,
    Problem,
    Sentence,
    Step,
    Table,
    by_county,
    change,
    county_name,
    number,
    words,
)

if TYPE_CHECKING:
    from jinzhou.chapters.review.analysis.quality import EntryCountdown, QualityIndex
    from jinzhou.chapters.review.analysis.reconciliation import Reconciliation
    from jinzhou.registry.rules import RuleReport
    from jinzhou.statistics.arithmetic import FigureCheck
    from jinzhou.statistics.forensics import Forensics
    from jinzhou.statistics.health_spending import IllnessShare
    from jinzhou.statistics.poverty import Completeness, Lookback, StockFlow
    from jinzhou.statistics.spot_check import SpotCheckRates

TEN = 10
FIELDS = {
    "phone_known": ("联系电话", "telephone"),
    "primary_cause": ("主要致贫原因", "primary cause"),
    "helper_id": ("帮扶责任人", "helper"),
    "health_status": ("健康状况", "health"),
    "labour_capacity": ("劳动能力", "labour capacity"),
    "education": ("文化程度", "education"),
    "ethnicity": ("民族", "ethnicity"),
    "relation_to_head": ("与户主关系", "relation to head"),
    "net_income_pc": ("人均纯收入", "net income per head"),
    "dwelling_grade": ("住房等级", "dwelling grade"),
    "safe_water": ("安全饮水", "safe water"),
}


def registry_review(
    *,
    flow: StockFlow,
    year_flow: StockFlow,
    lookback: Lookback,
    completeness: Completeness,
    rules: RuleReport,
    quarter: str,
    returns: IllnessShare,
    previous_returns: int,
    year_ago_stock: int,
    stock_trend: tuple[float, ...],
    spot_checks: pd.DataFrame,
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
    offices: Mapping[str, str],
    lang: str = "zh",
) -> Chapter:
    """The look-back table, the stock identity, completeness and the rules, for release.

    Parameters
    ----------
    flow, year_flow : StockFlow
        This quarter's, and from the last 30 September to this one.
    returns : IllnessShare
        Recorded returns with cause illness by quarter; `quarter` is told.
    previous_returns : int
        Persons returned last quarter.
    year_ago_stock, stock_trend
        Persons poor a year ago; at the end of the last quarters, oldest first.
    spot_checks : DataFrame
        Result of `measures.spot_check_plan` for the households that have left poverty.
    quality, earlier_quality, towns : QualityIndex
        Of the counties now and at the end of the last quarter; of the townships.
    said : FigureCheck
        The figures of the speech.
    candidates : mapping, kind -> DataFrame
        ``omitted``, ``split``, ``parents``, ``unregistered``: candidate lists of `registry`.
    villages : DataFrame
        `area_code`, `town`, `village`, for the names of villages with a doubt.
    years : DataFrame
        Result of `measures.stock_flow_years`.
    offices : mapping, key -> name
        Offices that answer.
    """
    w = words(lang)
    city = flow.flows.iloc[-1]
    look = lookback.counts.iloc[-1]
    last = w("上季度", "last quarter")
    kinds = {
        "returned": w("返贫", "Returned"),
        "newly_identified": w("新识别", "Newly identified"),
        "member_added": w("户内遗漏", "Omitted members"),
        "total": w("合计", "Total"),
    }
    look_table = by_county(lookback.counts.rename(columns=kinds), lang)
    columns = {
        "opening": w("上季末", "Opening"),
        "exited": w("脱贫", "Exited"),
        "returned": w("返贫", "Returned"),
        "newly_identified": w("新识别", "Newly identified"),
        "member_added": w("补录", "Members added"),
        "removed": w("清退", "Removed"),
        "natural_increase": w("自然增加", "Natural increase"),
        "natural_decrease": w("自然减少", "Natural decrease"),
        "closing": w("本季末", "Closing"),
        "difference": w("差额", "Difference"),
    }
    flow_table = by_county(flow.flows[list(columns)].rename(columns=columns), lang)
    year_columns = columns | {
        "opening": w("上年9月30日", "30 Sep last year"),
        "closing": w("本年9月30日", "30 Sep this year"),
    }
    year_table = by_county(
        year_flow.flows[list(columns)].rename(columns=year_columns), lang
    )
    total = county_name("all", lang)
    fields = completeness.fields.assign(
        field=[w(*FIELDS.get(f, (f, f))) for f in completeness.fields["field"]]
    )
    field_table = fields.set_axis(
        [
            w("项目", "Field"),
            w("应填", "Required"),
            w("已填", "Filled"),
            w("完整率", "Share"),
            "status",
        ],
        axis=1,
    )
    field_table["status"] = field_table["status"].map(
        {"tested": w("已检验", "tested"), "not testable": w("不可检验", "not testable")}
    )
    field_table = field_table.rename(columns={"status": w("状态", "Status")})
    state = {
        "clean": w("无疑点", "clean"),
        "failed": w("有疑点", "doubts"),
        "not testable": w("不可检验", "not testable"),
    }
    kind = {
        "error": w("错误", "error"),
        "logic": w("逻辑", "logic"),
        "doubt": w("疑点", "doubt"),
    }
    first = rules.first_to_mend(len(rules.results))
    rest = rules.results[~rules.results["rule"].isin(first["rule"])].sort_values(
        "tested", kind="stable", ascending=False
    )
    r = pd.concat([first, rest]).merge(
        rules.results[["rule", "status"]], on="rule", suffixes=("_", "")
    )
    rule_table = pd.DataFrame(
        {
            w("规则", "Rule"): r["rule"],
            w("级别", "Severity"): r["severity"].map(kind),
            w("内容", "What fails"): r[lang],
            w("可检验", "Tested"): r["tested"],
            w("不符", "Failed"): r["failed"],
            w("结果", "Result"): r["status"].map(state),
        }
    )
    top = first.head(TEN)
    mend_table = pd.DataFrame(
        {
            w("先后", "Order"): range(1, len(top) + 1),
            w("内容", "What fails"): top[lang],
            w("不符", "Failed"): top["failed"],
            w("最多的县", "Most in"): [
                county_name(code, lang) for code in top["county"]
            ],
            w("该县", "There"): top["county_failed"],
            w("责任单位", "Answers"): top["office"].map(offices),
            w("规则", "Rule"): top["rule"],
        }
    )
    sizes = {
        "population": w("已脱贫户", "Exited households"),
        "n_0": w("未发现错退", "None found"),
        "n_1": w("发现1户", "One found"),
        "n_2": w("发现2户", "Two found"),
    }
    spot_table = by_county(spot_checks.rename(columns=sizes), lang)
    testable, untestable = (
        int((r["tested"] > 0).sum()),
        int((r["status"] == "not testable").sum()),
    )
    errors = int(
        rules.results.loc[rules.results["severity"] == "error", "failed"].sum()
    )
    gap = int(year_flow.flows.iloc[-1]["difference"])
    illness = returns.shares.loc[quarter] if quarter in returns.shares.index else None
    poor = int(city["closing"])
    returned = int(city["returned"])
    facts = [
        Fact(
            key="stock",
            label=w("未脱贫人口", "Persons still poor"),
            text=f"{poor}{w('人', '')}",
            change=change(
                poor,
                int(city["opening"]),
                unit=w("人", "persons"),
                lang=lang,
                since=last,
            ),
            year_change=change(
                poor,
                year_ago_stock,
                unit=w("人", "persons"),
                lang=lang,
                since=w("上年同期", "a year ago"),
            ),
            trend=stock_trend,
        ),
        Fact(
            key="returned",
            label=w("返贫（含监测新增）", "Returned to poverty"),
            text=f"{returned}{w('人', '')}",
            change=change(
                returned,
                previous_returns,
                unit=w("人", "persons"),
                lang=lang,
                since=last,
            ),
            year_change=""
            if illness is None
            else w(
                f"其中因病{int(illness['persons_with_illness'])}人；按户计占{number(illness['share'], 'share')}（95%区间{number(illness['ci_low'], 'share')}–{number(illness['ci_high'], 'share')}）",
                f"{int(illness['persons_with_illness'])} by illness, {number(illness['share'], 'share')} of households (95% interval {number(illness['ci_low'], 'share')}–{number(illness['ci_high'], 'share')})",
            ),
        ),
    ]
    sentences = (
        [
            Sentence(
                text=w(
                    f"{lookback.round}查出返贫{int(look['returned'])}人、新识别{int(look['newly_identified'])}人、户内遗漏{int(look['member_added'])}人，共{int(look['total'])}人；同期清退{int(city['removed'])}人。",
                    f"The look-back ({lookback.round}) found {int(look['returned'])} returned, {int(look['newly_identified'])} newly identified and {int(look['member_added'])} omitted persons, {int(look['total'])} in all; {int(city['removed'])} were removed.",
                ),
                tables=("lookback",),
            )
        ]
        if int(look["total"])
        else []
    )
    worst = w("、", "; ").join(
        w(f"{t.zh}（{t.failed}条）", f"{t.en} ({t.failed})")
        for t in first.head(3).itertuples()
    )
    problem = Problem(
        title=w("数据质量：疑点不等于造假", "Data quality: a doubt is no proof"),
        sentences=(
            Sentence(
                text=w(
                    f"规则{len(r)}条，可检验{testable}条，不可检验{untestable}条。最先要改的三项：{worst}。",
                    f"{len(r)} rules, {testable} testable, {untestable} not testable. First to mend: {worst}.",
                ),
                tables=("rules_first", "rules"),
            ),
            Sentence(
                text=w(
                    f"上年9月30日至本年9月30日，存量与变动{'衔接一致，差额为0人' if gap == 0 else f'相差{gap}人，需逐县核对'}。",
                    f"From 30 September to 30 September stock and flows {'agree to the person' if gap == 0 else f'differ by {gap} persons'}.",
                ),
                tables=("stock_year",),
            ),
            _doubt_sentence(doubts, lang),
            _left_out_sentence(reconciled, candidates, lang),
            _countdown_sentence(countdown, lang),
        ),
        office=offices["coordination"],
    )
    steps = (
        Step(
            matter=w("逐条答复数据疑点", "Answer the doubts one by one"),
            office=offices["coordination"],
            target=w(f"错误{errors}条", f"{errors} errors"),
            deadline=w("11月30日前", "by 30 November"),
            basis="rules",
        ),
    )
    return Chapter(
        name="registry_review",
        title=w("建档立卡数据核查", "Is the registry true?"),
        lang=lang,
        tables=(
            Table(
                name="lookback",
                title=w("“回头看”查出人口（人）", "What the look-back found (persons)"),
                frame=look_table,
                formats=dict.fromkeys(kinds.values(), "count"),
                counts=tuple(kinds.values()),
                total=total,
                source=w("动态管理变动台账", "event ledger"),
            ),
            Table(
                name="stock_flow",
                title=w(
                    "本季度未脱贫人口变动（人）",
                    "Stock and flows of the quarter (persons)",
                ),
                frame=flow_table,
                formats=dict.fromkeys(columns.values(), "count"),
                counts=tuple(v for k, v in columns.items() if k != "difference"),
                total=total,
                note=w(
                    "差额＝本季末实有－（上季末＋变动）。",
                    "Difference = counted closing less opening and flows.",
                ),
            ),
            Table(
                name="stock_year",
                title=w(
                    "年度存量与变动核对（人）",
                    "Stock and flows of the registry year (persons)",
                ),
                frame=year_table,
                formats=dict.fromkeys(year_columns.values(), "count"),
                counts=tuple(v for k, v in year_columns.items() if k != "difference"),
                total=total,
            ),
            Table(
                name="completeness",
                title=w("必填项完整率", "Completeness of required fields"),
                frame=field_table,
                formats={
                    w("应填", "Required"): "count",
                    w("已填", "Filled"): "count",
                    w("完整率", "Share"): "share",
                },
                note=w("空白为未知，不作“否”。", "A blank is unknown, not 'no'."),
            ),
            Table(
                name="rules_first",
                title=w("最先要改的十项", "Ten things to put right first"),
                frame=mend_table,
                formats={
                    w("先后", "Order"): "count",
                    w("不符", "Failed"): "count",
                    w("该县", "There"): "count",
                },
                note=w(
                    "先错误，后逻辑，再疑点；同级按条数。",
                    "Errors before logic before doubts; then by number.",
                ),
            ),
            Table(
                name="rules",
                title=w("核查规则结果", "Results of the rules"),
                frame=rule_table,
                formats={w("可检验", "Tested"): "count", w("不符", "Failed"): "count"},
                note=w(
                    "没有可检验数据的规则写“不可检验”，不算通过。",
                    "A rule that tested no row is not testable; it has not passed.",
                ),
            ),
            Table(
                name="spot_check_plan",
                title=w(
                    "抽查多少户才能说明错退率低于2%",
                    "Households to check to show wrong exits below 2%",
                ),
                frame=spot_table,
                formats=dict.fromkeys(sizes.values(), "count"),
                note=w(
                    "简单随机抽查，95%把握（有限总体的精确上限）；“—”为发现这么多户就已说明不了。合计行按全市统一抽取。",
                    "Simple random draw, 95% confidence (exact, finite population); a dash: with so many found no check shows it. The last row draws from the whole city.",
                ),
            ),
            *review_tables.tables(
                spot_rates=spot_rates,
                quality=quality,
                earlier_quality=earlier_quality,
                towns=towns,
                countdown=countdown,
                reconciled=reconciled,
                said=said,
                doubts=doubts,
                candidates=candidates,
                villages=villages,
                years=years,
                lang=lang,
            ),
        ),
        figures=(figures.bridge(city, lang=lang),),
        facts=tuple(facts),
        problems=(problem,),
        steps=steps,
        sentences=tuple(sentences),
        notes=(
            w(
                "未脱贫人口：登记状态为未脱贫、预脱贫、返贫的户内在册成员数。",
                "Persons still poor: members on record of households registered as poor, planning exit or returned.",
            ),
            w(
                "疑点不是结论：每项检验同时在模拟的诚实数据上做一遍，并对全部检验作多重比较校正（错误发现率5%）。",
                "A doubt is no finding: every test is run on simulated honest data too, and corrected for all tests together (false-discovery rate 5%).",
            ),
            w(
                "变动按录入日期计入，只用数据截止日前已录入的记录。",
                "Changes count by the day they were recorded, up to the day of the data.",
            ),
        ),
        county={
            w("未脱贫人口（人）", "Still poor (persons)"): {
                c: number(v, "count") for c, v in flow.flows["closing"].items()
            },
            w("返贫（人）", "Returned (persons)"): {
                c: number(v, "count") for c, v in flow.flows["returned"].items()
            },
        },
    )


def _doubt_sentence(doubts: Forensics, lang: str) -> Sentence:
    w = words(lang)
    tested = int(doubts.tests["units"].sum())
    found = len(doubts.villages())
    honest = doubts.tests["null_findings"].max()
    beside = (
        w(
            f"同样的检验在模拟的诚实数据上最多误报{number(honest, 'share')}",
            f"on simulated honest data the same tests raise at most {number(honest, 'share')}",
        )
        if honest == honest
        else w("没有足够数据模拟", "too few data to simulate")
    )
    return Sentence(
        text=w(
            f"数字真实性检验{tested}项，{found}个村出现疑点（{beside}），请入村核对，不作结论。",
            f"{tested} tests of the numbers raise doubts in {found} villages ({beside}); to be looked at on the spot.",
        ),
        tables=("forensic_tests", "forensic_villages"),
    )


def _left_out_sentence(
    reconciled: Reconciliation, candidates: Mapping[str, pd.DataFrame], lang: str
) -> Sentence:
    w = words(lang)
    paid = reconciled.open[
        reconciled.open["comparison"].isin(
            ["education_aid", "public_job", "social_protection"]
        )
    ]
    strong = candidates["omitted"]["strength"].eq("strong").sum()
    return Sentence(
        text=w(
            f"台账已发而收入表少记{len(paid)}笔、{number(paid['gap'].sum(), 'yuan')}元未说明；户籍、参保名册都有而登记没有{int(strong)}人，待入户核实。",
            f"{len(paid)} payments ({number(paid['gap'].sum(), 'yuan', lang)} yuan) are missing from income sheets without a reason; "
            f"{int(strong)} persons are on the hukou and insurance lists and not in the registry.",
        ),
        tables=("reconciliation", "candidates"),
    )


def _countdown_sentence(countdown: EntryCountdown, lang: str) -> Sentence:
    w = words(lang)
    last = countdown.rows.iloc[-1]
    pace = (
        w(
            f"还剩{countdown.days_left}天，每天须完成{number(last['per_day'], 'number')}条",
            f"{countdown.days_left} days are left, {number(last['per_day'], 'number', lang)} a day",
        )
        if countdown.days_left
        else w("录入期限已过", "the deadline has passed")
    )
    return Sentence(
        text=w(
            f"当年变动{int(last['due'])}条，待录入{int(last['waiting'])}条、待更正{int(last['faulty'])}条，{pace}。",
            f"Of {int(last['due'])} changes of the year {int(last['waiting'])} wait to be entered and {int(last['faulty'])} to be mended; {pace}.",
        ),
        tables=("countdown",),
    )
