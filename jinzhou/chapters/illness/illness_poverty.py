"""How far illness drives poverty: how many, where, which bill, the trend, the policy, what next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.chapters.illness import illness_figures, illness_tables
from jinzhou.publish import figures, questions
from jinzhou.publish.chapter import (
    Chapter,
    Fact,
    Figure,
    ListSheet,
    Problem,
    Sentence,
    Step,
    Table,
    by_county,
    change,
    county_name,
    in_brackets,
    interval,
    number,
    without,
    words,
)
from jinzhou.reference.vocabulary import ILLNESS_QUESTIONS

if TYPE_CHECKING:
    from jinzhou.chapters.illness.analysis.attribution import (
        AttributableFraction,
        BurdenChange,
    )
    from jinzhou.chapters.illness.analysis.bills import (
        Bills,
        ChronicBurden,
        PayerLadder,
        PolicyStart,
        PolicyTail,
        ZeroBurden,
    )
    from jinzhou.chapters.illness.analysis.health_service import HealthServices
    from jinzhou.publish.answerable import Answerable
    from jinzhou.statistics.health_spending import (
        HealthSpending,
        IllnessShare,
        Impoverishing,
    )
    from jinzhou.statistics.policy_effect import InterruptedSeries, StaggeredDid
    from jinzhou.statistics.trend import Trend

PRELIMINARY = 2
"""Last quarters whose late records are still to come."""


def illness_poverty(
    *,
    asked: Answerable,
    returns: IllnessShare,
    returns_county: IllnessShare,
    stock: IllnessShare,
    spending: HealthSpending,
    pushed: Impoverishing,
    attributed: AttributableFraction | None,
    attributed_poor: AttributableFraction | None,
    crude: pd.DataFrame,
    bills: Bills,
    ladder: PayerLadder,
    ladder_before: PayerLadder,
    cost: pd.DataFrame,
    cost_places: pd.DataFrame,
    zero: ZeroBurden,
    zero_before: float,
    tail: PolicyTail,
    chronic: ChronicBurden,
    in_county: pd.DataFrame,
    in_county_mark: float,
    treated: pd.DataFrame,
    official_treated: int,
    services: HealthServices,
    screened: pd.DataFrame,
    clinics: pd.DataFrame,
    stays: Trend,
    payments: Trend,
    ill_returns: Trend,
    start: PolicyStart,
    policy: InterruptedSeries,
    places: StaggeredDid,
    burden: BurdenChange,
    poverty: tuple[Table, ...],
    means: tuple[Sentence, ...],
    quarter: str,
    as_of: str,
    offices: dict[str, str],
    lists: tuple[ListSheet, ...] = (),
    lang: str = "zh",
) -> Chapter:
    """The illness chapter, for release.

    Parameters
    ----------
    asked : Answerable
        Which of `vocabulary.ILLNESS_QUESTIONS` the delivered tables can answer. What would answer the others is left out, and the chapter says so.
    returns, returns_county, stock : IllnessShare
        Returns by quarter; this quarter's by county; poor households by county.
    attributed : AttributableFraction or None
        Of the returns of the last year; None when too few are known. `attributed_poor`: of the households still poor.
    crude : DataFrame
        `measures.share_by` of the same returns: cause illness on the record.
    ladder, ladder_before : PayerLadder
        In-patient settlements of this year to date, and of the year before.
    cost, cost_places : DataFrame
        `measures.cost_shares` of this year's stays by county and by place of the hospital.
    zero_before : float
        Share of stays at zero in the quarter before.
    in_county : DataFrame
        `measures.share_by` of this year's stays by chapter; `in_county_mark` the pass mark.
    treated : DataFrame
        `measures.persons_treated`; `official_treated` the figure that was reported, 0 for none.
    stays, payments, ill_returns : Trend
        In-patient stays, own payments of stays, returns registered as by illness.
    poverty, means
        Of `poverty_tables` and `poverty_sentences`.
    """
    w = words(lang)
    gone = questions.hidden(asked, ILLNESS_QUESTIONS)
    attributed_poor = None if "illness_attribution" in gone else attributed_poor
    of_bills = w(f"医疗费用结算，{as_of}前录入。", f"settlements recorded by {as_of}.")
    of_events = w(
        f"动态管理台账，{as_of}前录入。", f"ledger of changes recorded by {as_of}."
    )
    of_registry = w(
        f"建档立卡信息和收入表、医疗费用结算，{as_of}前录入。",
        f"registry, incomes and settlements recorded by {as_of}.",
    )
    of_services = w(
        f"健康扶贫服务台账、成员表，{as_of}前录入。",
        f"service ledger and members recorded by {as_of}.",
    )
    trend_rows = returns.shares.tail(12)
    series = trend_rows.rename(columns={"share": "value"})[
        ["value", "ci_low", "ci_high"]
    ]
    late = list(series.index[-PRELIMINARY:])
    back, entered = _event(quarter, w)
    heads = {
        "rows": w(f"{back}户数", f"Households that {entered}"),
        "with_illness": w("因病户数", "by illness"),
        "persons": w(f"{back}人数", f"Persons that {entered}"),
        "persons_with_illness": w("因病人数", "by illness (persons)"),
        "share": w("因病占比", "Share"),
        "ci_low": w("区间下限", "Low"),
        "ci_high": w("区间上限", "High"),
    }
    trend_table = trend_rows.reset_index(names=w("季度", "Quarter")).rename(
        columns=heads
    )
    trend_table[w("说明", "Note")] = [
        w("初步数", "preliminary") if q in late else "" for q in trend_rows.index
    ]
    shares = {
        v: "share" for k, v in heads.items() if k in ("share", "ci_low", "ci_high")
    }
    counts = tuple(
        v
        for k, v in heads.items()
        if k in ("rows", "with_illness", "persons", "persons_with_illness")
    )
    county_table = by_county(returns_county.shares.rename(columns=heads), lang)
    stock_heads = heads | {
        "rows": w("未脱贫户数", "Poor households"),
        "with_illness": w("有病人户数", "with illness"),
        "persons": w("未脱贫人数", "Poor persons"),
        "persons_with_illness": w("有病人户的人数", "persons in them"),
        "share": w("占比", "Share"),
    }
    model = (
        attributed_poor.rows
        if attributed_poor
        else pd.DataFrame(columns=["fraction", "ci_low", "ci_high"], dtype=float)
    )
    model_heads = {
        "fraction": w("模型归因占比", "Attributed share"),
        "ci_low": w("归因下限", "Attributed low"),
        "ci_high": w("归因上限", "Attributed high"),
    }
    whole = model.iloc[-1] if len(model) else None
    told_all = (
        ""
        if whole is None
        else w(
            f"全部合计{number(whole['fraction'], 'share')}{in_brackets(whole['ci_low'], whole['ci_high'], 'share')}。",
            f"All together {number(whole['fraction'], 'share')}{in_brackets(whole['ci_low'], whole['ci_high'], 'share', 'en')}.",
        )
    )
    stock_table = by_county(
        stock.shares.rename(columns=stock_heads).join(
            model[list(model_heads)].rename(columns=model_heads)
        ),
        lang,
    )
    spending_table, spending_formats = _spending(spending, lang)
    pushed_table, pushed_formats, pushed_counts = _pushed(pushed, lang)
    payers = {step: w(*text) for step, text in illness_tables.PAYERS.items()}
    ladder_table = pd.DataFrame(
        {
            w("层次", "Payer"): [
                payers[x].replace("\n", " ") for x in ladder.steps["step"]
            ],
            w("金额（万元）", "Amount (10,000 yuan)"): ladder.steps["yuan"],
            w("占总费用", "Share"): ladder.steps["share"],
            w("付后余额（万元）", "Left after it (10,000 yuan)"): ladder.steps["left"],
            w("上年占比", "Share last year"): ladder_before.steps["share"],
        }
    )
    zero_heads = {
        "stays": w("住院人次", "Stays"),
        "above_zero": w("未达零负担人次", "Above zero"),
        "share_zero": w("零负担占比", "Share at zero"),
        "ci_low": w("区间下限", "Low"),
        "ci_high": w("区间上限", "High"),
        "yuan": w("个人自付（元）", "Own payment (yuan)"),
    }
    zero_table = by_county(zero.counts.rename(columns=zero_heads), lang)
    attribution_rows = _attribution(attributed, crude, lang)
    tables = [
        *questions.tables(
            asked, ILLNESS_QUESTIONS, name="illness_unanswered", lang=lang
        ),
        Table(
            name="illness_trend",
            title=w(
                f"{back}中因病占比（按录入季度）",
                f"Share of {back} by illness (quarter of the record)",
            ),
            frame=trend_table,
            formats=dict.fromkeys(counts, "count") | shares,
            counts=counts,
            source=of_events,
            note=w(
                "最近两季为初步数，迟录的记录尚未到齐。区间为95%，已考虑同村聚集。",
                "The last two quarters are preliminary. 95% intervals allow for villages.",
            ),
        ),
        Table(
            name="illness_counties",
            title=w(
                f"{quarter}{back}中因病占比",
                f"{back.capitalize()} by illness, {quarter}",
            ),
            frame=county_table,
            formats=dict.fromkeys(counts, "count") | shares,
            counts=counts,
            source=of_events,
        ),
        illness_tables.attribution(
            attribution_rows,
            crude["rows"].reindex(attribution_rows.index),
            source=of_registry,
            lang=lang,
        ),
        Table(
            name="illness_stock",
            title=w("未脱贫户中有病人的占比", "Poor households with an ill member"),
            frame=stock_table,
            formats={
                v: "share" if k in ("share", "ci_low", "ci_high") else "count"
                for k, v in stock_heads.items()
            }
            | dict.fromkeys(model_heads.values(), "share"),
            counts=tuple(
                stock_heads[k]
                for k in ("rows", "with_illness", "persons", "persons_with_illness")
            ),
            source=of_registry,
            note=w(
                f"健康状况空白的{stock.dropped}户未计入。模型归因：与脱贫户比，若没有病人、住院和医疗自付，模型预计会少掉的未脱贫户占比，是关联不是因果。"
                + told_all,
                f"{stock.dropped} households with blank health are left out. Attributed: the share of the households still poor that the model would not expect without illness, stays and own payments; an association. "
                + told_all,
            ),
        ),
        Table(
            name="catastrophic",
            title=w(
                "医疗自付负担（按纯收入口径）",
                "Burden of own payments (income stands for means)",
            ),
            frame=spending_table,
            formats=spending_formats,
            counts=tuple(spending_table.columns[1:3]),
            source=of_registry,
            note=w(
                f"纯收入不高于零的{spending.no_income}户：有自付即计入。未计入{int(spending.dropped.sum())}户（收入或自付缺失、为负）。",
                f"{spending.no_income} households without income count when they paid anything; {int(spending.dropped.sum())} are left out (income or payment missing or negative).",
            ),
        ),
        Table(
            name="impoverishing",
            title=w("自付前后的贫困", "Poverty before and after own payments"),
            frame=pushed_table,
            formats=pushed_formats,
            counts=pushed_counts,
            total=county_name("all", lang),
            source=of_registry,
            note=w(
                "区间为“因自付跌破”占全部户的95%区间。",
                "The interval is that of the share pushed under.",
            ),
        ),
        *(replace(table, source=of_registry) for table in poverty),
        illness_tables.checked(bills, source=of_bills, lang=lang),
        Table(
            name="payer_ladder",
            title=w("住院费用由谁支付（今年以来）", "Who pays for stays (this year)"),
            frame=ladder_table,
            formats={
                ladder_table.columns[1]: "wan_yuan",
                ladder_table.columns[2]: "share",
                ladder_table.columns[3]: "wan_yuan",
                ladder_table.columns[4]: "share",
            },
            source=of_bills,
            note=w(
                f"{ladder.settlements}人次；{ladder.broken}人次的费用等式不成立，故余额不必为零。",
                f"{ladder.settlements} stays; the identities of {ladder.broken} do not hold, so what is left need not be zero.",
            ),
        ),
        illness_tables.gaps(ladder, source=of_bills, lang=lang),
        illness_tables.reimbursement(cost, cost_places, source=of_bills, lang=lang),
        Table(
            name="zero_burden",
            title=w(
                f"{quarter}住院“零负担”检验", f"Zero burden of in-patients, {quarter}"
            ),
            frame=zero_table,
            formats={
                zero_heads["stays"]: "count",
                zero_heads["above_zero"]: "count",
                zero_heads["yuan"]: "yuan",
            }
            | {zero_heads[k]: "share" for k in ("share_zero", "ci_low", "ci_high")},
            counts=(zero_heads["stays"], zero_heads["above_zero"]),
            total=county_name("all", lang),
            source=of_bills,
            note=w(
                "初步数：最近两季的结算尚未到齐。区间为95%，已考虑同村聚集。",
                "Preliminary: settlements of the last two quarters are incomplete. 95% intervals allow for villages.",
            ),
        ),
        illness_tables.tail(tail, source=of_bills, lang=lang),
        illness_tables.chronic(chronic, source=of_bills, lang=lang),
        illness_tables.in_county(
            in_county, threshold=in_county_mark, source=of_bills, lang=lang
        ),
        illness_tables.treated(treated, official_treated, source=of_bills, lang=lang),
        illness_tables.six_ones(services, source=of_services, lang=lang),
        *illness_tables.services_by_county(
            services, screened, clinics, source=of_services, lang=lang
        ),
        illness_tables.bills_trend(
            stays,
            name="stays_trend",
            title=w("住院人次（按入院季度）", "Stays by quarter of admission"),
            unit=w("人次", "stays"),
            kind="count",
            note="",
            source=of_bills,
            lang=lang,
        ),
        illness_tables.bills_trend(
            payments,
            name="payments_trend",
            title=w(
                "住院个人自付（按入院季度）",
                "Own payments of stays by quarter of admission",
            ),
            unit=w("万元", "10,000 yuan"),
            kind="wan_yuan",
            note="",
            source=of_bills,
            lang=lang,
        ),
        illness_tables.bills_trend(
            ill_returns,
            name="ill_returns_trend",
            title=w(
                "因病返贫户（按发生季度，日常录入）",
                "Returns by illness by quarter of the event, ordinary course",
            ),
            unit=w("户", "households"),
            kind="count",
            note=w(
                "“回头看”集中补录的不计，因为它们的延迟不是平常的延迟。",
                "Those found by the look-back are left out: theirs is not the ordinary delay.",
            ),
            source=of_events,
            lang=lang,
        ),
        illness_tables.policy_effect(start, policy, places, source=of_bills, lang=lang),
        illness_tables.burden(burden, source=of_registry, lang=lang),
    ]
    drawn_source = w("资料来源：", "Source: ")
    own = cost[(cost["group"] == "all") & (cost["measure"] == "own")].iloc[0]
    drawn = [
        _noted(
            figures.trend(
                series,
                lang=lang,
                name="illness_trend",
                title=w(f"{back}中因病占比", f"Share of {back} by illness"),
            ),
            " " + drawn_source + of_events,
        ),
        _noted(
            figures.ladder(ladder.steps, payers, lang=lang),
            w(
                f"个人自付占比{interval(own['ci_low'], own['ci_high'], 'share')}。",
                f"Share of patients: {interval(own['ci_low'], own['ci_high'], 'share', 'en')}. ",
            )
            + drawn_source
            + of_bills,
        ),
    ]
    if len(stays.rows):
        drawn.append(
            illness_figures.nowcast(
                stays,
                name="stays_trend",
                title=w(
                    "住院人次：已录入、预计最终、季节调整、预测",
                    "Stays: recorded, expected, without the season, forecast",
                ),
                unit=w("人次", "stays"),
                source=drawn_source + of_bills,
                lang=lang,
            )
        )
    if len(attribution_rows):
        drawn.append(
            illness_figures.attribution(
                attribution_rows, source=drawn_source + of_registry, lang=lang
            )
        )
    if len(tail.months):
        drawn.append(
            illness_figures.tail(tail, source=drawn_source + of_bills, lang=lang)
        )
    if policy.status == "estimated":
        drawn.append(
            illness_figures.policy(policy, source=drawn_source + of_bills, lang=lang)
        )
    if places.status == "estimated":
        drawn.append(
            illness_figures.event_study(
                places, source=drawn_source + of_bills, lang=lang
            )
        )
    if burden.status == "decomposed":
        drawn.append(
            illness_figures.burden(
                burden,
                {k: w(*v) for k, v in illness_tables.FACTORS.items()},
                source=drawn_source + of_registry,
                lang=lang,
            )
        )
    z = zero.counts.iloc[-1]
    problem = Problem(
        title=w("因病致贫返贫：占比、账单与政策", "Illness: share, bills and policy"),
        office=offices["health"],
        list_name="illness" if lists else "",
        sentences=questions.sentences(
            asked, ILLNESS_QUESTIONS, name="illness_unanswered", lang=lang
        )
        + _sentences(
            quarter,
            trend_rows,
            attribution_rows,
            attributed,
            ladder,
            ladder_before,
            payers,
            zero,
            zero_before,
            pushed,
            stays,
            policy,
            places,
            tail,
            burden,
            services,
            treated,
            official_treated,
            _event(quarter, w),
            lang,
        )
        + means,
    )
    lacking = len(services.missing)
    under = int(pushed.counts.iloc[-1]["pushed"])
    sheet = (
        w(
            "（逐笔列入各县名单“未达零负担”表）",
            " (one by one on the county lists, sheet “Above zero”)",
        )
        if lists and z["above_zero"]
        else ""
    )
    steps = (
        Step(
            matter=w(
                "逐笔核实未达零负担的住院结算",
                "Check the stays that cost the patient something",
            )
            + sheet,
            office=offices["health"],
            target=w(f"{int(z['above_zero'])}人次", f"{int(z['above_zero'])} stays"),
            deadline=w("下月末前", "by the end of next month"),
            basis="zero_burden",
        ),
        Step(
            matter=w(
                "走访因自付跌破贫困线的户，落实兜底",
                "Visit households pushed under the line and apply the floor",
            ),
            office=offices["income_floor"],
            target=w(f"{under}户", f"{under} households"),
            deadline=w("下月末前", "by the end of next month"),
            basis="impoverishing",
        ),
        Step(
            matter=w(
                "补齐患病人口的六个一、三个一批",
                "Complete the six ones and three batches",
            ),
            office=offices["health"],
            target=w(f"{lacking}人", f"{lacking} persons"),
            deadline=w("下季度末前", "by the end of next quarter"),
            basis="six_ones",
        ),
    )
    due = (z["above_zero"], under, lacking)
    return without(
        Chapter(
            name="illness_poverty",
            title=w("因病致贫返贫", "Illness and poverty"),
            lang=lang,
            tables=tuple(tables),
            figures=tuple(drawn),
            problems=(problem,),
            steps=tuple(step for step, n in zip(steps, due) if n),
            lists=lists,
            facts=(
                Fact(
                    key="zero_burden",
                    label=w("住院自付超标", "Stays above zero burden"),
                    text=w(
                        f"{int(z['above_zero'])}人次", f"{int(z['above_zero'])} stays"
                    )
                    if z["stays"]
                    else w("未能判定", "not determined"),
                    change=w(
                        f"建档立卡住院{int(z['stays'])}人次，零负担{number(z['share_zero'], 'share')}（初步数）",
                        f"of {int(z['stays'])} stays; {number(z['share_zero'], 'share')} at zero (preliminary)",
                    ),
                    year_change=w("上季度零负担", "at zero last quarter ")
                    + number(zero_before, "share"),
                ),
            ),
            notes=(
                w(
                    "灾难性支出：家庭一年医疗自付超过纯收入的10%、25%，或超过支付能力（纯收入减贫困线）的40%。",
                    "Catastrophic: own payments of a year above 10% and 25% of income, or 40% of capacity (income less the line).",
                ),
                w(
                    "报销比例有两个：基金÷总费用，基金÷政策内费用；两者同时给出。",
                    "There are two reimbursement ratios, of the total and of the cost within policy; both are given.",
                ),
                w(
                    "政策作用：各县同日开始时没有可比的县，只能看前后；同期其他变化也在其中，故另试安慰剂日期。",
                    "Policy: when all counties begin on one day only before and after can be compared; what else changed then is in the number, so placebo dates are tried too.",
                ),
            ),
            county={
                w("住院未达零负担（人次）", "Stays above zero"): {
                    k: number(v, "count") for k, v in zero.counts["above_zero"].items()
                }
            },
        ),
        gone,
    )


def _event(quarter: str, w) -> tuple[str, str]:
    """What is counted, as a noun and as a verb: after 2020 nobody is registered as returned, households are entered into monitoring."""
    return (
        (w("新纳入监测", "entries into monitoring"), "were entered into monitoring")
        if int(quarter[:4]) > 2020
        else (w("返贫", "returns"), "returned")
    )


def _noted(figure: Figure, more: str) -> Figure:
    return replace(figure, note=figure.note + more)


def _spending(
    spending: HealthSpending, lang: str
) -> tuple[pd.DataFrame, dict[str, str]]:
    w = words(lang)
    names = {
        "income 10%": w("自付超过纯收入10%", "own payment above 10% of income"),
        "income 25%": w("自付超过纯收入25%", "above 25% of income"),
        "capacity 40%": w("自付超过支付能力40%", "above 40% of capacity to pay"),
    }
    s = spending.rates
    frame = pd.DataFrame(
        {
            w("指标", "Measure"): s["measure"].map(names),
            w("户数", "Households"): s["households"],
            w("超标户数", "Affected"): s["affected"],
            w("占比", "Share"): s["share"],
            w("区间下限", "Low"): s["ci_low"],
            w("区间上限", "High"): s["ci_high"],
            w("平均超出", "Overshoot"): s["overshoot"],
            w("超出下限", "Overshoot low"): s["overshoot_ci_low"],
            w("超出上限", "Overshoot high"): s["overshoot_ci_high"],
            w("超标户平均超出", "Mean positive overshoot"): s[
                "mean_positive_overshoot"
            ],
        }
    )
    return frame, {c: "count" for c in frame.columns[1:3]} | {
        c: "share" for c in frame.columns[3:]
    }


def _pushed(
    pushed: Impoverishing, lang: str
) -> tuple[pd.DataFrame, dict[str, str], tuple[str, ...]]:
    w = words(lang)
    heads = {
        "households": w("户数", "Households"),
        "poor_before": w("自付前低于贫困线", "Below the line before"),
        "poor_after": w("自付后低于贫困线", "Below the line after"),
        "pushed": w("因自付跌破", "Pushed under"),
        "ci_low": w("占比下限", "Share low"),
        "ci_high": w("占比上限", "Share high"),
        "further": w("本已低于又自付", "Further below"),
        "gap_before": w("自付前缺口", "Gap before"),
        "gap_after": w("自付后缺口", "Gap after"),
    }
    errors = pushed.shares[pushed.shares["measure"] == "pushed"].set_index("group")
    table = by_county(
        pushed.counts.join(errors[["ci_low", "ci_high"]])[list(heads)].rename(
            columns=heads
        ),
        lang,
    )
    share = ("ci_low", "ci_high", "gap_before", "gap_after")
    return (
        table,
        {v: "share" if k in share else "count" for k, v in heads.items()},
        tuple(v for k, v in heads.items() if k not in share),
    )


def _attribution(
    attributed: AttributableFraction | None, crude: pd.DataFrame, lang: str
) -> pd.DataFrame:
    """Name, crude and attributed shares by county; the attributed are missing when too few returns are known."""
    rows = crude.rename(
        columns={
            "share": "crude_share",
            "ci_low": "crude_ci_low",
            "ci_high": "crude_ci_high",
        }
    )[["crude_share", "crude_ci_low", "crude_ci_high"]].copy()
    model = (
        attributed.rows.rename(
            columns={
                "fraction": "model_share",
                "ci_low": "model_ci_low",
                "ci_high": "model_ci_high",
            }
        )
        if attributed
        else pd.DataFrame(
            columns=["model_share", "model_ci_low", "model_ci_high"], dtype=float
        )
    )
    rows = rows.join(model[["model_share", "model_ci_low", "model_ci_high"]])
    rows.insert(0, "name", [county_name(g, lang) for g in rows.index])
    return rows


def _sentences(
    quarter,
    trend_rows,
    attribution_rows,
    attributed,
    ladder,
    ladder_before,
    payers,
    zero,
    zero_before,
    pushed,
    stays,
    policy,
    places,
    tail,
    burden,
    services,
    treated,
    official,
    event,
    lang,
) -> tuple[Sentence, ...]:
    w = words(lang)
    back, entered = event
    widest = ladder.steps.iloc[1:].sort_values("share", ascending=False).iloc[0]
    patient, patient_before = (
        ladder.steps.iloc[-1]["share"],
        ladder_before.steps.iloc[-1]["share"],
    )
    under = int(pushed.counts.iloc[-1]["pushed"])
    found = [_share_sentence(quarter, trend_rows, back, entered, lang)]
    if attributed is not None:
        a = attribution_rows.loc["all"]
        found.append(
            Sentence(
                text=w(
                    f"模型估计，近一年返贫中有{number(a['model_share'], 'share')}{in_brackets(a['model_ci_low'], a['model_ci_high'], 'share')}与疾病有关，登记原因因病占{number(a['crude_share'], 'share')}。",
                    f"The model attributes {number(a['model_share'], 'share')}{in_brackets(a['model_ci_low'], a['model_ci_high'], 'share', 'en')} of the returns of the last year to illness; {number(a['crude_share'], 'share')} are registered so.",
                ),
                tables=("illness_attribution",),
            )
        )
    if ladder.settlements:
        found.append(
            Sentence(
                text=w(
                    f"今年住院费用中{payers[widest['step']]}支付最多，占{number(widest['share'], 'share')}；个人自付占{number(patient, 'share')}，上年为{number(patient_before, 'share')}。基金占总费用{number(ladder.of_total, 'share')}，占政策内费用{number(ladder.of_policy, 'share')}。",
                    f"{payers[widest['step']].replace(chr(10), ' ')} pays most of this year's stays, {number(widest['share'], 'share')}; patients pay {number(patient, 'share')} against {number(patient_before, 'share')} a year before. Funds are {number(ladder.of_total, 'share')} of the total and {number(ladder.of_policy, 'share')} of the cost within policy.",
                ),
                tables=("payer_ladder", "payer_gaps"),
            )
        )
    else:
        found.append(
            Sentence(
                text=w(
                    "今年没有住院结算记录：是无人住院还是没有交表，不能判定。",
                    "There is no settlement of a stay this year: whether nobody was treated or nothing was delivered cannot be told.",
                ),
                tables=("payer_ladder",),
            )
        )
    if policy.status == "estimated":
        bad = int(policy.placebo["significant"].sum())
        low, high = sorted((100 * policy.ci_low, 100 * policy.ci_high))
        told = (
            w("分批比较无法识别：", " A staggered comparison is not identified: ")
            + illness_tables.said(places.reason, lang)
            + w("。", ".")
            if places.status != "estimated"
            else ""
        )
        found.append(
            Sentence(
                text=w(
                    f"模型估计，“零负担”开始后住院自付占比变化{number(100 * policy.effect, 'number')}个百分点（95%区间{number(low, 'number')}至{number(high, 'number')}），政策前{len(policy.placebo)}个安慰剂日期有{bad}个也显著。",
                    f"The model puts the change of the own share since the zero burden at {number(100 * policy.effect, 'number')} percentage points (95% interval {number(low, 'number')} to {number(high, 'number')}); {bad} of {len(policy.placebo)} placebo dates before it are significant too.",
                )
                + told,
                tables=("policy_effect",),
            )
        )
    this = int(quarter[:4]) * 4 + int(quarter[-1]) - 1
    last = stays.rows.loc[this] if this in stays.rows.index else None
    if last is not None and last["status"] == "preliminary":
        found.append(
            Sentence(
                text=w(
                    f"本季住院已录入{int(last['observed'])}人次，按以往延迟预计最终{number(last['expected'], 'count')}人次{in_brackets(last['ci_low'], last['ci_high'], 'count')}。",
                    f"{int(last['observed'])} stays of the quarter are recorded; by the past delay {number(last['expected'], 'count')} are expected in the end{in_brackets(last['ci_low'], last['ci_high'], 'count', 'en')}.",
                ),
                tables=("stays_trend",),
            )
        )
    elif last is None or not last["observed"] > 0:
        found.append(
            Sentence(
                text=w(
                    "本季还没有住院结算记录，不能推算最终人次。",
                    "No stay of the quarter is recorded yet: the final number cannot be told.",
                ),
                tables=("stays_trend",),
            )
        )
    verdict = {
        "holds": w(
            "脱贫后两年内零负担占比未见下降",
            "no step down of the zero burden within two years of the exit is seen",
        ),
        "step down": w(
            "脱贫后满两年前零负担占比有下降",
            "the zero burden steps down before two years",
        ),
        "not determined": w(
            "脱贫后两年政策延续未能判定",
            "whether the policy lasts two years after the exit is not determined",
        ),
    }[tail.verdict]
    found.append(
        Sentence(
            text=verdict[0].upper() + verdict[1:] + w("。", "."),
            tables=("policy_tail",),
        )
    )
    if services.status == "determined":
        six = services.services[
            (services.services["group"] == "all")
            & (services.services["service"] == "all_six")
        ].iloc[0]
        found.append(
            Sentence(
                text=w(
                    f"患病人口六个一齐全{number(six['share'], 'share')}{in_brackets(six['ci_low'], six['ci_high'], 'share')}，六个一或三个一批缺项{len(services.missing)}人。",
                    f"{number(six['share'], 'share')} of the ill have all six services{in_brackets(six['ci_low'], six['ci_high'], 'share', 'en')}; {len(services.missing)} lack one of them or their batch.",
                ),
                tables=("six_ones",),
            )
        )
    persons = int(treated["persons"].iloc[0])
    found.append(
        Sentence(
            text=w(
                f"近一年因自付跌破贫困线{under}户（按纯收入口径）。",
                f"Own payments of the last year push {under} households under the line (income stands for means).",
            ),
            tables=("impoverishing",),
        )
    )
    found.append(
        Sentence(
            text=w(
                f"今年已收治建档立卡住院患者{persons}人"
                + (
                    f"，与通报的{official}人{'一致' if persons == official else f'相差{abs(persons - official)}人'}。"
                    if official
                    else "。"
                ),
                f"{persons} registered persons were treated as in-patients this year"
                + (
                    f", {'as reported' if persons == official else f'{abs(persons - official)} from the {official} reported'}."
                    if official
                    else "."
                ),
            ),
            tables=("persons_treated",),
        )
    )
    return tuple(found)


def _share_sentence(
    quarter: str, trend_rows: pd.DataFrame, back: str, entered: str, lang: str
) -> Sentence:
    """Returns of the quarter, how many by illness, and against the quarter before."""
    w = words(lang)
    if quarter not in trend_rows.index:
        return Sentence(
            text=w(
                f"本季没有{back}记录，因病占比未能判定。",
                f"No record of {back} in the quarter: the share by illness cannot be determined.",
            ),
            tables=("illness_trend",),
        )
    place = trend_rows.index.get_loc(quarter)
    now, before = trend_rows.iloc[place], trend_rows.iloc[place - 1] if place else None
    moved = change(
        now["share"],
        before["share"] if before is not None else None,
        kind="share",
        low=now["ci_low"],
        high=now["ci_high"],
        lang=lang,
        since=w("上季度", "last quarter"),
    )
    return Sentence(
        text=w(
            f"本季{back}{int(now['rows'])}户，登记原因因病{int(now['with_illness'])}户，占{number(now['share'], 'share')}{in_brackets(now['ci_low'], now['ci_high'], 'share')}，{moved}（初步数）。",
            f"{int(now['rows'])} households {entered}, {int(now['with_illness'])} with illness on the record, {number(now['share'], 'share')}{in_brackets(now['ci_low'], now['ci_high'], 'share', 'en')}, {moved} (preliminary).",
        ),
        tables=("illness_trend",),
    )
