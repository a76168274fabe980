"""Tables of the illness chapter: bills, services, trend, policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.chapters.illness.illness_figures import quarter_label
from jinzhou.publish.chapter import Table, by_county, county_name, number, words
from jinzhou.reference.vocabulary import ICD_CHAPTERS

if TYPE_CHECKING:
    from jinzhou.chapters.illness.analysis.attribution import BurdenChange
    from jinzhou.chapters.illness.analysis.bills import (
        Bills,
        ChronicBurden,
        PayerLadder,
        PolicyStart,
        PolicyTail,
    )
    from jinzhou.chapters.illness.analysis.health_service import HealthServices
    from jinzhou.statistics.policy_effect import InterruptedSeries, StaggeredDid
    from jinzhou.statistics.trend import Trend

REASONS = {
    # what a result says, in the reader's words
    "settlement number repeated": ("结算编号重复", "settlement number repeated"),
    "same stay settled twice": ("同一人同一次就诊重复结算", "same stay settled twice"),
    "amount missing": ("总费用或个人自付空白", "total cost or own payment missing"),
    "negative amount": ("金额为负", "negative amount"),
    "no cost": ("总费用为零", "total cost of zero"),
    "own payment above total cost": (
        "个人自付大于总费用",
        "own payment above total cost",
    ),
    "another unit of money": (
        "金额单位不一致（元、万元、分）",
        "another unit of money",
    ),
    "holds": ("成立", "holds"),
    "broken": ("有不成立", "broken"),
    "not testable": ("不可检验", "not testable"),
    "final": ("", ""),
    "preliminary": ("初步数", "preliminary"),
    "no records": ("无记录", "no records"),
    "not identified": ("无法识别", "not identified"),
    "no records: nothing to raise": (
        "当季尚无记录，无法推算",
        "nothing is recorded yet that could be raised",
    ),
    "no records: nobody treated, or no sheet": (
        "无记录：无人就诊还是缺表，不能判定",
        "no records: nobody treated or a sheet missing, not known",
    ),
    "too few earlier quarters show the delay": (
        "以往季度太少，录入延迟未知",
        "too few earlier quarters show the delay",
    ),
    "too few quarters to tell the season": (
        "季度太少，未作季节调整",
        "too few quarters to tell the season",
    ),
    "too few quarters since the last change of policy": (
        "政策变动后的季度太少，不作预测",
        "too few quarters since the policy changed: no forecast",
    ),
    "the start of the policy is not known": (
        "政策开始日期未知",
        "the start of the policy is not known",
    ),
    "too few periods before or after the start": (
        "政策前后的期数太少",
        "too few periods before or after the start",
    ),
    "the outcome never changes": ("指标没有变化", "the outcome never changes"),
    "no place began inside the data": (
        "数据期内没有地方开始实施",
        "no place began inside the data",
    ),
    "only one place": (
        "只有一个单位，没有可比的地方",
        "only one place, nobody to compare with",
    ),
    "all places began together": (
        "各县同日开始，没有尚未实施的地方可比",
        "all counties began on one day: nobody to compare with",
    ),
    "too few places to compare": ("可比的地方太少", "too few places to compare"),
    "too few clusters": ("可比的地方太少", "too few clusters"),
    "the first year has no bills or no income": (
        "上一年没有账单或收入",
        "no bills or income in the first year",
    ),
    "the second year has no bills or no income": (
        "近一年没有账单或收入",
        "no bills or income in the second year",
    ),
    "begun": ("已开始", "begun"),
    "not begun": ("未开始", "not begun"),
    "begun before the data": ("数据期前已开始", "begun before the data"),
    "too few stays": ("住院太少，未能判定", "too few stays, not determined"),
    "first": ("起点", "first"),
    "none seen": ("未见下降", "no step down seen"),
    "down": ("下降", "step down"),
    "too few": ("人次太少", "too few stays"),
    "step down": ("满两年前有下降", "a step down before two years"),
    "not determined": ("未能判定", "not determined"),
    "determined": ("", ""),
    "estimated": ("", ""),
    "decomposed": ("", ""),
    "": ("", ""),
}
FACTORS = {
    "prevalence": ("患病就诊", "people treated"),
    "cost": ("人均费用", "cost of each"),
    "own_share": ("报销后自付比例", "share left to them"),
    "income": ("收入", "income"),
    "all": ("合计", "All"),
}
SERVICES = {
    "health_card": ("健康卡", "health card"),
    "health_record": ("健康档案", "health record"),
    "designated_hospital": ("定点医院", "designated hospital"),
    "family_doctor": ("家庭医生团队", "family doctor"),
    "contract": ("签约", "contract"),
    "checkup": ("健康体检", "check-up"),
    "all_six": ("六项齐全", "all six"),
    "serious_illness_treated": ("大病集中救治", "serious illness treated"),
    "chronic_contracted": ("慢病签约管理", "chronic illness contracted"),
    "safety_net": ("重病兜底保障", "safety net"),
}
PLACES = {
    "county": ("县内", "in the county"),
    "city": ("市内县外", "elsewhere in the city"),
    "province": ("省内市外", "elsewhere in the province"),
    "outside": ("省外", "outside the province"),
    "all": ("合计", "All"),
}
PAYERS = {
    "total": ("总费用", "total cost"),
    "basic": ("基本医保", "basic\ninsurance"),
    "catastrophic": ("大病保险", "catastrophic\ninsurance"),
    "aid": ("医疗救助", "medical aid"),
    "other": ("补充与兜底", "supplement\nand floor"),
    "hospital": ("医院减免", "hospital"),
    "patient": ("个人自付", "patient"),
}
WAYS = {
    "discharged": (
        "今年入院、已出院、已结算的患者",
        "in-patients of this year, discharged and settled",
    ),
    "admitted": (
        "今年入院并已结算的患者",
        "in-patients admitted this year and settled",
    ),
    "placed": ("其中能对应到户的", "of them placed in a household"),
    "stays": ("人次（不是人数）", "stays (not persons)"),
}


def said(reason: str, lang: str) -> str:
    """A status or reason of a result in the reader's words."""
    return REASONS[reason][lang != "zh"]


def _pick(names: Mapping[str, tuple[str, str]], key: str, lang: str) -> str:
    return names[key][lang != "zh"] if key in names else key


def checked(bills: Bills, *, source: str, lang: str) -> Table:
    """Bills left out by reason, and the identities."""
    w = words(lang)
    names = {
        "cost": w(
            "总费用＝政策内＋全自费＋超限价＋先行自付",
            "cost = within policy + wholly own + above limit + own first",
        ),
        "payers": w("总费用＝基金＋医院＋个人", "cost = funds + hospital + patient"),
        "funds": w("基金支付＝各基金之和", "funds = sum of funds"),
        "patient": w("个人负担＝账户＋现金", "patient = account + cash"),
    }
    rows = [(w("可用的结算", "bills used"), len(bills.rows), float("nan"), "")]
    rows += [
        (w("剔除：", "left out: ") + said(r.reason, lang), r.bills, float("nan"), "")
        for r in bills.left_out.itertuples()
    ]
    rows += [
        (
            w("等式：", "identity: ") + names[r.identity],
            r.tested,
            r.broken,
            said(r.status, lang),
        )
        for r in bills.identities.itertuples()
    ]
    rows += [
        (
            w("没有账单的季度：", "quarter without bills: ") + q,
            0,
            float("nan"),
            w(
                "无人就诊还是缺表，不能判定",
                "nobody treated or a sheet missing, not known",
            ),
        )
        for q in bills.quarters
    ]
    frame = pd.DataFrame(
        rows,
        columns=[
            w("项目", "Item"),
            w("笔数", "Bills"),
            w("不成立", "Broken"),
            w("结论", "Result"),
        ],
    )
    return Table(
        name="bills_checked",
        title=w("结算记录核对", "Check of the settlements"),
        frame=frame,
        formats={frame.columns[1]: "count", frame.columns[2]: "count"},
        source=source,
        note=w(
            "等式容许误差0.05元；等式不成立的仍计入并列出笔数。",
            "Identities hold within 0.05 yuan; bills that break one are used and counted.",
        ),
    )


def gaps(ladder: PayerLadder, *, source: str, lang: str) -> Table:
    """What basic, catastrophic and aid leave, by part of the cost."""
    w = words(lang)
    names = {
        "wholly_own": w("目录外全自费", "wholly own (off the list)"),
        "above_limit": w("超限价", "above the price limit"),
        "own_first": w("先行自付", "own part first"),
        "deductible": w("起付线", "deductible"),
        "shared": w("政策内按比例分担", "shared within policy"),
    }
    total = county_name("all", lang)
    frame = pd.DataFrame(
        {
            w("缺口所在", "Where the gap is"): [
                *(names[p] for p in ladder.gaps["part"]),
                total,
            ],
            w("金额（万元）", "Amount (10,000 yuan)"): [
                *ladder.gaps["yuan"],
                ladder.gaps["yuan"].sum(),
            ],
            w("占总费用", "Share of cost"): [
                *ladder.gaps["share"],
                ladder.gaps["share"].sum(),
            ],
        }
    )
    return Table(
        name="payer_gaps",
        title=w(
            "基本医保、大病保险、救助之后的缺口",
            "What basic insurance, catastrophic insurance and aid leave",
        ),
        frame=frame,
        formats={frame.columns[1]: "wan_yuan", frame.columns[2]: "share"},
        source=source,
        note=w(
            "缺口由补充保险、医院减免和个人承担。",
            "Left to supplement, hospital and patient.",
        ),
    )


def reimbursement(
    cost: pd.DataFrame, places: pd.DataFrame, *, source: str, lang: str
) -> Table:
    """Own share and both ratios by county and by place of the hospital, with intervals."""
    w = words(lang)
    rows = []
    for part, name in (
        (cost, lambda g: county_name(g, lang)),
        (
            places[places["group"] != "all"],
            lambda g: (
                w("就医地：", "hospital: ")
                + (
                    _pick(PLACES, g, lang)
                    if isinstance(g, str)
                    else w("未知", "unknown")
                )
            ),
        ),
    ):
        wide = {
            m: part[part["measure"] == m].set_index("group")
            for m in ("own", "of_total", "of_policy")
        }
        for g in wide["own"].index:
            rows.append(
                (
                    name(g),
                    int(wide["own"].at[g, "households"]),
                    *(
                        wide[m].at[g, c]
                        for m in ("own", "of_total", "of_policy")
                        for c in ("value", "ci_low", "ci_high")
                    ),
                )
            )
    heads = [w("单位", "Unit"), w("住院人次", "Stays")]
    for zh, en in (
        ("自付÷总费用", "own / cost"),
        ("基金÷总费用", "funds / cost"),
        ("基金÷政策内费用", "funds / within policy"),
    ):
        heads += [w(zh, en), w(f"{zh}下限", f"{en} low"), w(f"{zh}上限", f"{en} high")]
    frame = pd.DataFrame(rows, columns=heads)
    return Table(
        name="reimbursement",
        title=w(
            "自付比例与两种报销比例（今年住院）",
            "Own share and both reimbursement ratios (stays of this year)",
        ),
        frame=frame,
        formats={heads[1]: "count"} | dict.fromkeys(heads[2:], "share"),
        counts=(heads[1],),
        source=source,
        note=w(
            "区间为95%，已考虑同村聚集。基金÷政策内费用可超过100%：补充与兜底也付政策外费用。",
            "95% intervals that allow for villages. Funds can exceed the cost within policy: supplement and floor also pay outside it.",
        ),
    )


def treated(ways: pd.DataFrame, official: int, *, source: str, lang: str) -> Table:
    """Persons treated by every way of counting, beside the figure reported."""
    w = words(lang)
    frame = pd.DataFrame(
        {
            w("口径", "Way of counting"): [w(*WAYS[c]) for c in ways["count"]],
            w("数量", "Number"): ways["persons"],
            w("与通报数之差", "Difference from the report"): ways["difference"],
        }
    )
    return Table(
        name="persons_treated",
        title=w("已收治人数与通报数", "Persons treated and the figure reported"),
        frame=frame,
        formats={frame.columns[1]: "count", frame.columns[2]: "count"},
        source=source,
        note=w(
            f"通报数{official}人；分母（应收治人数）讲话未说明。",
            f"{official} reported; the number to be treated is not said.",
        )
        if official
        else w("本单位没有通报数。", "No figure was reported for this unit."),
    )


def tail(result: PolicyTail, *, source: str, lang: str) -> Table:
    """Zero burden by months since the exit."""
    w = words(lang)
    m = result.months
    last = m.index.max() if len(m) else 0
    width = 6 if len(m) < 3 else int(m.index[2] - m.index[1])
    label = [
        w("未脱贫", "not exited")
        if k < 0
        else w(f"{k}个月以上", f"{k} months or more")
        if k == last and k > 24
        else w(f"{k}–{k + width - 1}个月", f"{k}-{k + width - 1} months")
        for k in m.index
    ]
    heads = [
        w("脱贫后", "Since the exit"),
        w("住院人次", "Stays"),
        w("零负担人次", "At zero"),
        w("占比", "Share"),
        w("区间下限", "Low"),
        w("区间上限", "High"),
        w("较前一段", "Change"),
        w("变化下限", "Change low"),
        w("变化上限", "Change high"),
        w("判断", "Verdict"),
    ]
    frame = pd.DataFrame(
        dict(
            zip(
                heads,
                (
                    label,
                    m["stays"],
                    m["zero"],
                    m["share"],
                    m["ci_low"],
                    m["ci_high"],
                    m["change"],
                    m["change_ci_low"],
                    m["change_ci_high"],
                    [said(s, lang) for s in m["step"]],
                ),
            )
        )
    ).reset_index(drop=True)
    verdict = (
        w("结论：", "Verdict: ")
        + {
            "holds": w("满两年前未见下降。", "no step down before two years."),
            "step down": w(
                "满两年前有下降，见表。", "a step down before two years, see the table."
            ),
            "not determined": w(
                "未能判定，人次太少。", "not determined, too few stays."
            ),
        }[result.verdict]
    )
    return Table(
        name="policy_tail",
        title=w("脱贫后两年政策延续", "The policy in the two years after the exit"),
        frame=frame,
        formats={heads[1]: "count", heads[2]: "count"}
        | dict.fromkeys(heads[3:9], "share"),
        counts=(heads[1], heads[2]),
        source=source,
        note=verdict
        + w(
            f"脱贫日期不明的住院{result.unknown}人次未计入。变化区间已按比较次数放宽。",
            f" {result.unknown} stays without a day of exit are left out. Intervals of changes are widened for the number of comparisons.",
        ),
    )


def chronic(result: ChronicBurden, *, source: str, lang: str) -> Table:
    """Chronic out-patients by year."""
    w = words(lang)
    y = result.years
    heads = {
        "patients": w("慢病门诊患者", "Patients"),
        "yuan": w("人均自付（元）", "Own payment each (yuan)"),
        "ci_low": w("自付下限", "Low"),
        "ci_high": w("自付上限", "High"),
        "households": w("有收入记录的户", "Households"),
        "above": w("超过纯收入10%的户", "Above 10% of income"),
        "share": w("占比", "Share"),
        "share_ci_low": w("占比下限", "Share low"),
        "share_ci_high": w("占比上限", "Share high"),
    }
    frame = y.rename(columns=heads)[list(heads.values())].reset_index(
        names=w("截至", "Year to")
    )
    return Table(
        name="chronic_burden",
        title=w("慢性病门诊自付", "Own payments of chronic out-patients"),
        frame=frame,
        formats={
            heads["patients"]: "count",
            heads["households"]: "count",
            heads["above"]: "count",
        }
        | {heads[k]: "yuan" for k in ("yuan", "ci_low", "ci_high")}
        | {heads[k]: "share" for k in ("share", "share_ci_low", "share_ci_high")},
        counts=(heads["patients"], heads["households"], heads["above"]),
        source=source,
        note=w(
            "下限：目录外和在外购药不在结算数据中。两年均按当时已录入的结算计算，可比。",
            "A lower bound: drugs bought elsewhere are in no settlement. Both years count what was recorded by their own last day.",
        ),
    )


def in_county(rows: pd.DataFrame, *, threshold: float, source: str, lang: str) -> Table:
    """In-county stays by chapter of the diagnosis; `rows` is indexed by chapter with stays, hits, share, low, high."""
    w = words(lang)
    heads = [
        w("疾病类别", "Chapter"),
        w("住院人次", "Stays"),
        w("县内人次", "In the county"),
        w("县内占比", "Share"),
        w("区间下限", "Low"),
        w("区间上限", "High"),
        w("达标", "Passes"),
    ]
    order = [
        *rows.drop(index="all")
        .sort_values(["rows"], ascending=False, kind="stable")
        .index,
        "all",
    ]
    r = rows.loc[order]
    name = lambda k: (
        county_name("all", lang)
        if k == "all"
        else w("未知", "unknown")
        if k == "unknown"
        else ICD_CHAPTERS[k][1 if lang == "zh" else 2]
    )
    verdict = lambda low, high: (
        w("是", "yes")
        if low >= threshold
        else w("否", "no")
        if high < threshold
        else w("未能判定", "not determined")
    )
    frame = pd.DataFrame(
        dict(
            zip(
                heads,
                (
                    [name(k) for k in order],
                    r["rows"].to_numpy(),
                    r["hits"].to_numpy(),
                    r["share"].to_numpy(),
                    r["ci_low"].to_numpy(),
                    r["ci_high"].to_numpy(),
                    [
                        verdict(low, high)
                        for low, high in zip(r["ci_low"], r["ci_high"])
                    ],
                ),
            )
        )
    )
    return Table(
        name="in_county",
        title=w(
            "大病不出县：县内住院占比（今年）",
            "Treated in the county: share of stays (this year)",
        ),
        frame=frame,
        formats={heads[1]: "count", heads[2]: "count"}
        | dict.fromkeys(heads[3:6], "share"),
        counts=(heads[1], heads[2]),
        total=county_name("all", lang),
        source=source,
        note=w(
            f"达标线{number(threshold, 'share')}（待核实），区间整个在其上或其下才判定；所有住院都算，按ICD-10章归类，不列病名。",
            f"Pass mark {number(threshold, 'share')} (to be verified), judged only where the whole interval lies on one side; all stays, by chapter of ICD-10, no diagnosis is shown.",
        ),
    )


def six_ones(result: HealthServices, *, source: str, lang: str) -> Table:
    """The six ones and the three batches over all."""
    w = words(lang)
    heads = [
        w("项目", "Service"),
        w("应享受", "Due"),
        w("已落实", "Reached"),
        w("占比", "Share"),
        w("区间下限", "Low"),
        w("区间上限", "High"),
    ]
    s, b = (f[f["group"] == "all"] for f in (result.services, result.batches))
    rows = [
        (w(*SERVICES[r.service]), r.ill, r.have, r.share, r.ci_low, r.ci_high)
        for r in s.itertuples()
    ]
    rows += [
        (w(*SERVICES[r.batch]), r.needed, r.reached, r.share, r.ci_low, r.ci_high)
        for r in b.itertuples()
    ]
    frame = pd.DataFrame(rows, columns=heads)
    return Table(
        name="six_ones",
        title=w("“六个一”与“三个一批”", "Six ones and three batches"),
        frame=frame,
        formats=dict.fromkeys(heads[1:3], "count") | dict.fromkeys(heads[3:6], "share"),
        counts=(heads[1], heads[2]),
        source=source,
        note=w(
            f"对象为登记患慢性病或大病的在册人口；台账中没有的{result.unlisted}人情况未知，不计入占比，列入名单。重病兜底：住院自付高于贫困线的大病患者。",
            f"Of registered persons with a chronic or serious illness; {result.unlisted} are not on the ledger, unknown, in the list but in no share. Safety net: serious illness whose stays cost the patient more than the line.",
        )
        if result.status == "determined"
        else w(
            "没有健康扶贫服务台账：未能判定。",
            "No service ledger was delivered: not determined.",
        ),
    )


def services_by_county(
    result: HealthServices,
    screened: pd.DataFrame,
    clinic: pd.DataFrame,
    *,
    source: str,
    lang: str,
) -> tuple[Table, Table]:
    """Screening and care by county; village clinics with a doctor."""
    w = words(lang)
    heads = {
        "rows": w("在册人口", "Persons"),
        "hits": w("已筛查", "Screened"),
        "share": w("筛查率", "Share"),
        "ci_low": w("区间下限", "Low"),
        "ci_high": w("区间上限", "High"),
        "inpatient": w("近一年住院", "In-patient"),
        "outpatient": w("仅门诊", "Out-patient only"),
        "none": w("未就诊", "No care"),
    }
    table = by_county(screened.rename(columns=heads), lang)
    counts = tuple(
        heads[k] for k in ("rows", "hits", "inpatient", "outpatient", "none")
    )
    one = Table(
        name="screening",
        title=w("精准医疗识别：筛查与就诊", "Screened, and told apart by care"),
        frame=table,
        formats=dict.fromkeys(counts, "count")
        | {heads[k]: "share" for k in ("share", "ci_low", "ci_high")},
        counts=counts,
        total=county_name("all", lang),
        source=source,
        note=w(
            "已筛查：健康状况已填写，或有体检、健康档案日期。",
            "Screened: health on record, or a day of a check-up or health record.",
        ),
    )
    names = {
        "villages": w("行政村", "Villages"),
        "clinic": w("有卫生室", "With a clinic"),
        "doctor": w("有卫生室且有医师", "With clinic and doctor"),
        "unknown": w("空白", "Blank"),
        "share": w("占比", "Share"),
    }
    made = by_county(clinic.rename(columns=names), lang)
    two = Table(
        name="clinics",
        title=w("村卫生室与医师", "Village clinics and doctors"),
        frame=made,
        formats={v: "share" if k == "share" else "count" for k, v in names.items()},
        total=county_name("all", lang),
        source=source,
        note=w(
            "乡镇卫生院是否规范化、有无全科医学人才，登记中没有数据：未能判定；此表是数据中最接近的。",
            "Whether township hospitals are up to standard is not in the registry: not determined. This is the nearest the data have.",
        ),
    )
    return one, two


def bills_trend(
    trend: Trend,
    *,
    name: str,
    title: str,
    unit: str,
    kind: str,
    note: str,
    source: str,
    lang: str,
) -> Table:
    """A quarterly trend and its forecast."""
    w = words(lang)
    heads = [
        w("季度", "Quarter"),
        w(f"已录入（{unit}）", f"Recorded ({unit})"),
        w("预计最终", "Expected in the end"),
        w("下限", "Low"),
        w("上限", "High"),
        w("季节调整后", "Without season"),
        w("调整后下限", "Adjusted low"),
        w("调整后上限", "Adjusted high"),
        w("说明", "Note"),
    ]
    r = trend.rows
    frame = (
        pd.DataFrame(
            dict(
                zip(
                    heads,
                    (
                        [quarter_label(int(q)) for q in r.index],
                        r["observed"],
                        r["expected"],
                        r["ci_low"],
                        r["ci_high"],
                        r["adjusted"],
                        r["adjusted_ci_low"],
                        r["adjusted_ci_high"],
                        [
                            "；".join(x for x in (said(s, lang), said(why, lang)) if x)
                            if lang == "zh"
                            else "; ".join(
                                x for x in (said(s, lang), said(why, lang)) if x
                            )
                            for s, why in zip(r["status"], r["reason"])
                        ],
                    ),
                )
            )
        )
        .reset_index(drop=True)
        .tail(12)
    )
    ahead = trend.forecast
    if len(ahead):
        more = pd.DataFrame(
            {
                heads[0]: [quarter_label(int(q)) for q in ahead.index],
                heads[2]: ahead["value"].to_numpy(),
                heads[3]: ahead["ci_low"].to_numpy(),
                heads[4]: ahead["ci_high"].to_numpy(),
                heads[8]: w("预测", "forecast"),
            }
        )
        frame = pd.concat([frame, more], ignore_index=True)
    past = (
        w(
            f"回看以往预测{len(trend.backtest)}次，{int(trend.backtest['inside'].sum())}次落在95%区间内。",
            f"Of {len(trend.backtest)} forecasts made in the past, {int(trend.backtest['inside'].sum())} fell inside their 95% interval.",
        )
        if len(trend.backtest)
        else ""
    )
    told = "".join(
        said(x, lang) + w("。", ". ")
        for x in (trend.not_adjusted, trend.not_forecast)
        if x
    )
    return Table(
        name=name,
        title=title,
        frame=frame,
        formats=dict.fromkeys(heads[1:8], kind),
        counts=(),
        source=source,
        note=w(
            "初步数按以往录入延迟推算（链梯法）；季节因素由带趋势和政策断点的回归估计；区间为95%，已考虑同村聚集。",
            "Preliminary quarters are raised by the past delay (chain ladder); the season is that of a regression with trend and breaks; 95% intervals allow for villages. ",
        )
        + told
        + past
        + note,
    )


def policy_effect(
    start: PolicyStart,
    series: InterruptedSeries,
    places: StaggeredDid,
    *,
    source: str,
    lang: str,
) -> Table:
    """The answers of both designs, and the placebo dates."""
    w = words(lang)
    heads = [
        w("方法", "Method"),
        w("日期", "Date"),
        w("效应（百分点）", "Effect (percentage points)"),
        w("下限", "Low"),
        w("上限", "High"),
        w("结论", "Result"),
    ]
    cross = lambda low, high: (
        w("显著", "significant")
        if low > 0 or high < 0
        else w("不显著", "not significant")
    )
    rows = []
    if series.status == "estimated":
        rows.append(
            (
                w("中断时间序列", "interrupted series"),
                start.day,
                100 * series.effect,
                100 * series.ci_low,
                100 * series.ci_high,
                cross(series.ci_low, series.ci_high),
            )
        )
        rows.append(
            (
                w(
                    "同上，Newey–West误差（偏窄）",
                    "the same, Newey-West errors (too narrow)",
                ),
                start.day,
                100 * series.effect,
                100 * series.hac_ci_low,
                100 * series.hac_ci_high,
                "",
            )
        )
        rows += [
            (
                w("安慰剂日期", "placebo date"),
                f"{r.start:%Y-%m-%d}",
                100 * r.effect,
                100 * r.ci_low,
                100 * r.ci_high,
                cross(r.ci_low, r.ci_high),
            )
            for r in series.placebo.itertuples()
        ]
    else:
        rows.append(
            (
                w("中断时间序列", "interrupted series"),
                start.day,
                float("nan"),
                float("nan"),
                float("nan"),
                w("无法识别：", "not identified: ") + said(series.reason, lang),
            )
        )
    if places.status == "estimated":
        rows.append(
            (
                w(
                    "分批双重差分（组别—时间效应）",
                    "staggered differences (group-time)",
                ),
                "",
                100 * places.effect,
                100 * places.ci_low,
                100 * places.ci_high,
                cross(places.ci_low, places.ci_high),
            )
        )
        rows.append(
            (
                w("同上，政策前（安慰剂）", "the same, before the policy (placebo)"),
                "",
                100 * places.before,
                100 * places.before_ci_low,
                100 * places.before_ci_high,
                cross(places.before_ci_low, places.before_ci_high),
            )
        )
    else:
        rows.append(
            (
                w("分批双重差分", "staggered differences"),
                "",
                float("nan"),
                float("nan"),
                float("nan"),
                w("无法识别：", "not identified: ") + said(places.reason, lang),
            )
        )
    frame = pd.DataFrame(rows, columns=heads)
    bad = int(series.placebo["significant"].sum())
    return Table(
        name="policy_effect",
        title=w(
            "“零负担”政策对住院自付占比的作用",
            "Effect of the zero-burden policy on the own share of stays",
        ),
        frame=frame,
        formats=dict.fromkeys(heads[2:5], "number"),
        source=source,
        note=w(
            "开始月份由账单判断（多数住院自付变为零的月份），文件未见。",
            "The starting month is read from the bills; the document is not in the data. ",
        )
        + (
            w(
                f"{len(series.placebo)}个安慰剂日期中有{bad}个也显著（纯属偶然时约二十个中有一个）：政策之前可能另有变化，效应不一定全是该政策的。",
                f"{bad} of {len(series.placebo)} placebo dates are significant too (by chance one in twenty would be): something else may have changed before, so perhaps not all of the effect is the policy's.",
            )
            if bad
            else ""
        ),
    )


def burden(result: BurdenChange, *, source: str, lang: str) -> Table:
    """Parts of the change of own payments / income."""
    w = words(lang)
    heads = [
        w("因素", "Factor"),
        w("上一年", "Year before"),
        w("近一年", "Last year"),
        w("贡献（百分点）", "Part (percentage points)"),
        w("下限", "Low"),
        w("上限", "High"),
    ]
    p = result.parts
    units = {
        "prevalence": (w("户均就诊患者", " (persons treated per household)"), "number"),
        "cost": (w("每名患者费用（元）", " (yuan per person treated)"), "yuan"),
        "own_share": (w("自付占费用", " (own / cost)"), "share"),
        "income": (w("户均纯收入（元）", " (yuan per household)"), "yuan"),
        "all": (w("自付占纯收入", " (own payment / income)"), "share"),
    }
    text = lambda name, value: number(value, units[name][1], lang)
    frame = pd.DataFrame(
        {
            heads[0]: [
                w(*FACTORS[f]) + w(f"：{units[f][0]}", units[f][0]) for f in p.index
            ],
            heads[1]: [text(f, v) for f, v in p["before"].items()],
            heads[2]: [text(f, v) for f, v in p["after"].items()],
            heads[3]: 100 * p["part"].to_numpy(float),
            heads[4]: 100 * p["ci_low"].to_numpy(float),
            heads[5]: 100 * p["ci_high"].to_numpy(float),
        },
        columns=heads,
    )
    return Table(
        name="burden_change",
        title=w(
            "自付负担为何变化：患病、费用、报销、收入",
            "What moved the burden: people treated, cost, reimbursement, income",
        ),
        frame=frame,
        formats=dict.fromkeys(heads[3:], "number"),
        source=source,
        note=(
            w(
                "各因素贡献之和等于合计（沙普利分解）；区间按村重抽样。两年均按各自截止日已录入的账单。",
                "The parts sum to the whole (Shapley); intervals resample villages. Both years count what was recorded by their own last day.",
            )
        )
        if result.status == "decomposed"
        else w("无法识别：", "not identified: ") + said(result.reason, lang),
    )


def attribution(
    rows: pd.DataFrame, crude_rows: pd.Series, *, source: str, lang: str
) -> Table:
    """Crude share of returns by illness and the share attributed by the model; columns as for the figure."""
    w = words(lang)
    heads = [
        w("单位", "Unit"),
        w("返贫户数", "Returns"),
        w("登记因病占比", "Registered share"),
        w("登记下限", "Registered low"),
        w("登记上限", "Registered high"),
        w("模型归因占比", "Attributed share"),
        w("归因下限", "Attributed low"),
        w("归因上限", "Attributed high"),
    ]
    frame = pd.DataFrame(
        dict(
            zip(
                heads,
                (
                    rows.iloc[:, 0],
                    crude_rows.to_numpy(),
                    *(
                        rows[c].to_numpy()
                        for c in (
                            "crude_share",
                            "crude_ci_low",
                            "crude_ci_high",
                            "model_share",
                            "model_ci_low",
                            "model_ci_high",
                        )
                    ),
                ),
            )
        )
    )
    return Table(
        name="illness_attribution",
        title=w(
            "返贫：登记因病与模型归因（近一年）",
            "Returns: registered and attributed to illness (last year)",
        ),
        frame=frame,
        formats={heads[1]: "count"} | dict.fromkeys(heads[2:], "share"),
        counts=(heads[1],),
        total=county_name("all", lang),
        source=source,
        note=w(
            "模型归因：若无住院、慢性病、大病和医疗自付，模型预计会少掉的返贫占比，收入等其他条件不变；是关联，不等于证明因果。",
            "Attributed: the share of returns the model would not expect without stays, illness and own payments, income and all else as they are; an association, no proof of cause.",
        ),
    )
