"""Tables of the money: allocated, paid, carried over, grown, traced, ready; projects and small loans."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.publish.chapter import Table, by_county, county_name, number, words

if TYPE_CHECKING:
    from jinzhou.chapters.funding.analysis.funds import (
        FundTrace,
        Growth,
        Integration,
        PaymentRates,
        Progress,
        Readiness,
    )
    from jinzhou.chapters.funding.analysis.loans import Microcredit

STATE = {
    "pass": ("达标", "pass"),
    "fail": ("未达标", "fail"),
    "undefined": ("未能判定", "undefined"),
    "paid": ("", ""),
    "shown": ("", ""),
    "nothing allocated": ("没有下达资金", "nothing allocated"),
    "payments not known": ("未提供资金拨付台账", "no table of payments"),
    "eligible not known": ("符合条件户未知", "eligible households not known"),
    "no project": ("没有项目", "no project"),
    "nothing to trace": ("没有到户资金", "no money for households"),
    "no pool": ("没有储备项目", "no pool"),
    "no budget": ("没有资金规模可比", "no budget known"),
    "no loan": ("没有贷款", "no loan"),
    "no eligible household": ("没有符合条件的户", "no eligible household"),
    "no level recorded": ("台账未填资金级次", "no level recorded"),
}
WHY_GROWTH = {
    "": ("", ""),
    "the base is zero": ("上年为零，增幅无意义", "the base is zero"),
    "a year is missing": ("缺一年数据", "a year is missing"),
    "the province's growth is unknown": (
        "省级增幅未知",
        "the province's growth is unknown",
    ),
}
LINKS = {
    "fund": ("无资金指标", "no allocation"),
    "project": ("无项目", "no project"),
    "household": ("无带户", "no households"),
    "measure": ("无措施", "no measure"),
    "helper": ("无帮扶人", "no helper"),
    "result": ("无成果记录", "no result"),
}


def tables(
    *,
    rates: PaymentRates,
    carried: PaymentRates,
    growth: Growth,
    mixed: Integration,
    progress: Progress,
    trace: FundTrace,
    ready: Readiness,
    credit: Microcredit,
    lang: str,
) -> tuple[Table, ...]:
    """Is the money there and paid."""
    return (
        _payment(rates, lang),
        _carried(carried, lang),
        _progress(progress, lang),
        _trace(trace, lang),
        _growth(growth, lang),
        _integration(mixed, lang),
        _ready(ready, lang),
        *_credit(credit, lang),
    )


def _said(status: pd.Series, w) -> list[str]:
    return [w(*STATE[s]) for s in status]


def _noted(frame: pd.DataFrame, status: pd.Series, w) -> pd.DataFrame:
    """With a column of notes where there is any."""
    said = _said(status, w)
    return frame.assign(**{w("说明", "Note"): said}) if any(said) else frame


def _payment(rates: PaymentRates, lang: str) -> Table:
    w = words(lang)
    heads = {
        "projects": w("项目数", "Projects"),
        "allocated": w("下达（万元）", "Allocated (10,000 yuan)"),
        "paid": w("支出（万元）", "Paid (10,000 yuan)"),
        "rate": w("支出进度", "Paid share"),
        "carried": w("未支出（万元）", "Not paid (10,000 yuan)"),
    }
    frame = by_county(rates.rates[list(heads)].rename(columns=heads), lang)
    frame = _noted(frame, rates.rates.loc[_order(rates.rates), "status"], w)
    left = (
        w(
            f"另有{len(rates.mixed)}笔指标与拨付疑似元、万元混用，未计入。",
            f"{len(rates.mixed)} allocations whose payments seem to be in another unit are left out.",
        )
        if rates.mixed
        else ""
    )
    return Table(
        name="payment_rates",
        title=w("本年计划资金支出进度", "Payment of this year's money"),
        frame=frame,
        total=county_name("all", lang),
        formats={heads["projects"]: "count", heads["rate"]: "share"}
        | {heads[k]: "wan_yuan" for k in ("allocated", "paid", "carried")},
        note=left,
    )


def _order(frame: pd.DataFrame) -> list:
    return sorted(frame.index, key=lambda code: (code == "all", str(code)))


def _carried(carried: PaymentRates, lang: str) -> Table:
    w = words(lang)
    heads = {
        "allocated": w("历年下达（万元）", "Allocated, all years (10,000 yuan)"),
        "carried": w("结转结余（万元）", "Carried over (10,000 yuan)"),
        "carried_rate": w("结转率", "Carried share"),
        "fresh": w("其中不满1年", "Under 1 year"),
        "older": w("1年至不满2年", "1 to 2 years"),
        "lapsed": w("满2年", "2 years and more"),
    }
    frame = by_county(carried.rates[list(heads)].rename(columns=heads), lang)
    early = w(
        f"下达日期之前已拨付{len(carried.early)}笔、{number(carried.early['yuan'].sum(), 'wan_yuan')}万元，见分县清单。",
        f"{len(carried.early)} allocations were paid from before their day ({number(carried.early['yuan'].sum(), 'wan_yuan')} x 10,000 yuan); see the lists.",
    )
    return Table(
        name="carried_over",
        title=w("结转结余资金账龄", "Money carried over, by age"),
        frame=frame,
        total=county_name("all", lang),
        formats={heads["carried_rate"]: "share"}
        | {
            heads[k]: "wan_yuan"
            for k in ("allocated", "carried", "fresh", "older", "lapsed")
        },
        note=w(
            f"按下达日期算到{carried.as_of}；满两年的结余应收回统筹。由拨付台账计算，不用台账自填的结转数。{early}",
            f"Age from the day of the allocation to {carried.as_of}; two years and more go back. From the payments, not from the ledger's own figure. {early}",
        ),
    )


def _progress(progress: Progress, lang: str) -> Table:
    w = words(lang)
    heads = {
        "projects": w("项目数", "Projects"),
        "begun": w("开工", "Begun"),
        "finished": w("完工", "Finished"),
        "accepted": w("验收", "Accepted"),
        "late": w("晚于计划完工", "Behind plan"),
        "days_late": w("晚天数（中位）", "Days late (median)"),
        "paid_unaccepted": w("付清未验收", "Paid, not accepted"),
        "accepted_unpaid": w("验收未付款", "Accepted, not paid"),
    }
    frame = by_county(progress.stages[list(heads)].rename(columns=heads), lang)
    frame = _noted(frame, progress.stages.loc[_order(progress.stages), "status"], w)
    left = (
        w(
            f"{len(progress.mixed)}个项目预算、下达、拨付疑似元、万元混用，不比较金额。",
            f"{len(progress.mixed)} projects whose budget, allocation or payments seem to be in two units are not compared by money.",
        )
        if progress.mixed
        else ""
    )
    return Table(
        name="project_progress",
        title=w(
            "项目进度：开工、完工、验收、付款",
            "Projects: begun, finished, accepted, paid",
        ),
        frame=frame,
        total=county_name("all", lang),
        formats={
            h: "number" if k == "days_late" else "count" for k, h in heads.items()
        },
        note=w(
            "付清未验收：已拨付超过下达95%而未验收；验收未付款：验收满90天而拨付不足一半。",
            "Paid, not accepted: over 95% paid and not accepted. Accepted, not paid: accepted 90 days ago and under half paid.",
        )
        + left,
    )


def _trace(trace: FundTrace, lang: str) -> Table:
    w = words(lang)
    heads = (
        {
            "paid": w("已拨付", "Paid"),
            "village": w("村级项目", "For villages"),
            "traced": w("六环贯通", "Traced"),
        }
        | {k: w(*v) for k, v in LINKS.items()}
        | {"share": w("贯通率", "Share traced")}
    )
    frame = by_county(trace.rows[list(heads)].rename(columns=heads), lang)
    frame[w("结论", "Status")] = _said(trace.rows.loc[_order(trace.rows), "status"], w)
    return Table(
        name="fund_trace",
        title=w(
            "每一元走到哪里：资金—项目—农户—措施—帮扶人—成果（万元）",
            "Where each yuan went: fund, project, household, measure, helper, result (10,000 yuan)",
        ),
        frame=frame,
        total=county_name("all", lang),
        formats={h: "share" if k == "share" else "wan_yuan" for k, h in heads.items()},
        note=w(
            f"每笔拨付按项目带动的户平均分摊，断在哪一环记在哪一环，各列相加等于已拨付。贯通率＝六环贯通÷（已拨付－村级项目），标准{trace.target:.0%}（本项目建议值）。断链说明台账缺记录，不等于资金出了问题。",
            f"A payment is divided equally among the project's households and counted at the first link that is missing; the columns add up to what was paid. Share: traced over paid less villages, "
            f"at least {trace.target:.0%} (our proposal). A broken link is a missing record, not a finding about the money.",
        ),
    )


def _growth(growth: Growth, lang: str) -> Table:
    w = words(lang)
    g = growth.rows
    frame = pd.DataFrame(
        {
            w("地区", "Area"): g["area"],
            w("上年（万元）", "Last year (10,000 yuan)"): g["before"],
            w("本年（万元）", "This year (10,000 yuan)"): g["now"],
            w("增幅", "Growth"): g["growth"],
            w("与省差（百分点）", "Against province (points)"): (
                100 * g["against"]
            ).round(2),
            w("结论", "Status"): _said(g["status"], w),
            w("说明", "Note"): [w(*WHY_GROWTH[y]) for y in g["why"]],
        }
    )
    return Table(
        name="growth",
        title=w("财政专项投入增幅与省比较", "Growth of budgets against the province's"),
        frame=frame,
        formats={
            frame.columns[1]: "wan_yuan",
            frame.columns[2]: "wan_yuan",
            frame.columns[3]: "share",
        },
        note=w(
            f"省增幅{number(growth.province, 'share')}；「不低于」含相等。",
            f"The province grew {number(growth.province, 'share')}; equal growth passes.",
        ),
    )


def _integration(mixed: Integration, lang: str) -> Table:
    w = words(lang)
    frame = pd.DataFrame(
        {
            w("计划年度", "Plan year"): mixed.rows.index.astype(str),
            w("下达（万元）", "Allocated (10,000 yuan)"): mixed.rows[
                "allocated"
            ].to_numpy(),
            w("涉农整合（万元）", "Integrated (10,000 yuan)"): mixed.rows[
                "integrated"
            ].to_numpy(),
            w("整合占比", "Share"): mixed.rows["share"].to_numpy(),
        }
    )
    frame = _noted(frame, mixed.rows["status"], w)
    return Table(
        name="integration",
        title=w("涉农资金统筹整合", "Integration of agricultural funds"),
        frame=frame,
        formats=dict(zip(frame.columns[1:4], ("wan_yuan", "wan_yuan", "share"))),
        note=w(
            "台账没有“可整合”资金的口径，分母为全部下达资金，占比偏低。",
            "The ledger does not say what could have been integrated: the base is all money allocated, so the share is low.",
        ),
    )


def _ready(ready: Readiness, lang: str) -> Table:
    w = words(lang)
    heads = {
        "projects": w("储备项目", "Projects in the pool"),
        "disclosed": w("计划已公示", "Plan posted"),
        "sited": w("地点内容明确", "Place and content"),
        "linked": w("已带户或村级", "Households or village"),
        "ready": w("可开工", "Ready"),
        "ready_yuan": w("可开工金额（万元）", "Ready (10,000 yuan)"),
        "budget": w("资金规模（万元）", "Money (10,000 yuan)"),
        "ratio": w("储备率", "Ready over money"),
    }
    frame = by_county(ready.rows[list(heads)].rename(columns=heads), lang)
    frame[w("结论", "Status")] = _said(ready.rows.loc[_order(ready.rows), "status"], w)
    kinds = {
        k: "count" for k in ("projects", "disclosed", "sited", "linked", "ready")
    } | {"ready_yuan": "wan_yuan", "budget": "wan_yuan", "ratio": "share"}
    return Table(
        name="readiness",
        title=w(f"{ready.year}年项目储备", f"Projects ready for {ready.year}"),
        frame=frame,
        total=county_name("all", lang),
        formats={heads[k]: v for k, v in kinds.items()},
        note=w(
            "可开工：计划已公示、地点和内容明确、到户项目已落实带动的户。下年预算未定，以本年下达额为资金规模；储备率应不低于100%。",
            "Ready: plan posted, place and content named, households named unless it serves a village. Next year's money is taken as this year's; the ratio should reach 100%.",
        ),
    )


def _credit(credit: Microcredit, lang: str) -> tuple[Table, ...]:
    w = words(lang)
    heads = {
        "loans": (w("本年笔数", "Loans this year"), "count"),
        "lent": (w("本年放款（万元）", "Lent this year (10,000 yuan)"), "wan_yuan"),
        "eligible": (w("符合条件户", "Eligible households"), "count"),
        "with_loan": (w("获贷户", "Had a loan"), "count"),
        "reach": (w("户贷率", "Share"), "share"),
        "balance": (w("余额（万元）", "Balance (10,000 yuan)"), "wan_yuan"),
        "overdue": (w("逾期（万元）", "Overdue (10,000 yuan)"), "wan_yuan"),
        "overdue_rate": (w("逾期率", "Overdue rate"), "share"),
        "bad": (w("不良笔数", "Bad loans"), "count"),
        "enterprise": (w("户贷企用", "Used by firms"), "count"),
        "due_next": (
            w("两季内到期（万元）", "Due within 2 quarters (10,000 yuan)"),
            "wan_yuan",
        ),
        "subsidy": (
            w("本年贴息（万元）", "Subsidy this year (10,000 yuan)"),
            "wan_yuan",
        ),
    }
    frame = by_county(
        credit.counties[list(heads)].rename(
            columns={k: v[0] for k, v in heads.items()}
        ),
        lang,
    )
    frame = _noted(frame, credit.counties.loc[_order(credit.counties), "status"], w)
    said = (
        w(
            f"通报放款{number(credit.said, 'wan_yuan')}万元，台账与之相差{number(credit.difference, 'wan_yuan')}万元。",
            f"{number(credit.said, 'wan_yuan')} x 10,000 yuan were reported; the ledger differs by {number(credit.difference, 'wan_yuan')}.",
        )
        if credit.said == credit.said
        else ""
    )
    total = county_name("all", lang)
    banks = pd.DataFrame(
        {
            w("承贷银行", "Bank"): [
                w("未填", "not recorded") if b == "unknown" else b
                for b in credit.banks.index
            ],
            w("笔数", "Loans"): credit.banks["loans"].to_numpy(),
            w("余额（万元）", "Balance (10,000 yuan)"): credit.banks[
                "balance"
            ].to_numpy(),
            w("占比", "Share"): credit.banks["share"].to_numpy(),
            w("逾期率", "Overdue rate"): credit.banks["overdue_rate"].to_numpy(),
        }
    )
    return (
        Table(
            name="microcredit",
            title=w("扶贫小额信贷", "Small loans"),
            frame=frame,
            total=total,
            formats=dict(heads.values()),
            counts=tuple(
                heads[k][0] for k in ("loans", "with_loan", "bad", "enterprise")
            ),
            note=w(
                "符合条件：在册户中有18至65岁、未登记为丧失或无劳动力、不在校的成员。余额和逾期为台账导出时所记，到期日晚于数据截止日的不算逾期。",
                "Eligible: a member of 18 to 65, not recorded as unable to work, not at school. "
                "Balances are the ledger's at its export; nothing due after the day of the data counts as overdue.",
            )
            + said,
        ),
        Table(
            name="microcredit_banks",
            title=w("小额信贷按银行", "Small loans by bank"),
            frame=banks,
            formats=dict(
                zip(banks.columns[1:], ("count", "wan_yuan", "share", "share"))
            ),
            note=w(
                f"集中度（占比平方和）{number(credit.concentration, 'score')}，1为全在一家。",
                f"Concentration (sum of squared shares) {number(credit.concentration, 'score')}; 1 is one bank.",
            ),
        ),
    )
