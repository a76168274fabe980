"""How far illness drives poverty, and which payer leaves the bill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.exhibits import figures
from jinzhou.exhibits.chapter import Chapter, Fact, Problem, Sentence, Step, Table, by_county, change, county_name, interval, number, words

if TYPE_CHECKING:
    from jinzhou.measures.illness import HealthSpending, IllnessShare, Impoverishing, PayerLadder, ZeroBurden

PRELIMINARY = 2
"""Last quarters whose late records are still to come."""


def illness_poverty(
    *, returns: IllnessShare, returns_county: IllnessShare, stock: IllnessShare, spending: HealthSpending, pushed: Impoverishing,
    ladder: PayerLadder, ladder_before: PayerLadder, zero: ZeroBurden, zero_before: float, treated: int, official_treated: int,
    quarter: str, offices: dict[str, str], lang: str = "zh",
) -> Chapter:
    """The illness chapter, for release.

    Parameters
    ----------
    returns, returns_county, stock : IllnessShare
        Returns by quarter; this quarter's by county; poor households by county.
    ladder, ladder_before : PayerLadder
        In-patient settlements of this year to date, and of the year before.
    zero_before : float
        Share of stays at zero in the quarter before.
    treated, official_treated : int
        Distinct persons treated as in-patients this year, and the figure that was reported.
    """
    w = words(lang)
    trend_rows = returns.shares.tail(12)
    series = trend_rows.rename(columns={"share": "value"})[["value", "low", "high"]]
    late = list(series.index[-PRELIMINARY:])
    heads = {"rows": w("返贫户数", "Households returned"), "with_illness": w("因病户数", "by illness"), "persons": w("返贫人数", "Persons returned"),
             "persons_with_illness": w("因病人数", "by illness (persons)"), "share": w("因病占比", "Share"), "low": w("区间下限", "Low"), "high": w("区间上限", "High")}
    trend_table = trend_rows.reset_index(names=w("季度", "Quarter")).rename(columns=heads)
    trend_table[w("说明", "Note")] = [w("初步数", "preliminary") if q in late else "" for q in trend_rows.index]
    shares = {v: "share" for k, v in heads.items() if k in ("share", "low", "high")}
    counts = tuple(v for k, v in heads.items() if k in ("rows", "with_illness", "persons", "persons_with_illness"))
    county_table = by_county(returns_county.shares.rename(columns=heads), lang)
    stock_heads = heads | {"rows": w("未脱贫户数", "Poor households"), "with_illness": w("有病人户数", "with illness"), "persons": w("未脱贫人数", "Poor persons"),
                           "persons_with_illness": w("有病人户的人数", "persons in them"), "share": w("占比", "Share")}
    stock_table = by_county(stock.shares.rename(columns=stock_heads), lang)
    names = {"income 10%": w("自付超过纯收入10%", "own payment above 10% of income"), "income 25%": w("自付超过纯收入25%", "above 25% of income"),
             "capacity 40%": w("自付超过支付能力40%", "above 40% of capacity to pay")}
    s = spending.rates
    spending_table = pd.DataFrame({
        w("指标", "Measure"): s["measure"].map(names), w("户数", "Households"): s["households"], w("超标户数", "Affected"): s["affected"],
        w("占比", "Share"): s["share"], w("区间下限", "Low"): s["low"], w("区间上限", "High"): s["high"],
        w("平均超出", "Overshoot"): s["overshoot"], w("超标户平均超出", "Mean positive overshoot"): s["mean_positive_overshoot"]})
    pushed_heads = {"households": w("户数", "Households"), "poor_before": w("自付前低于贫困线", "Below the line before"), "poor_after": w("自付后低于贫困线", "Below the line after"),
                    "pushed": w("因自付跌破", "Pushed under"), "further": w("本已低于又自付", "Further below"), "gap_before": w("自付前缺口", "Gap before"), "gap_after": w("自付后缺口", "Gap after")}
    pushed_table = by_county(pushed.counts.rename(columns=pushed_heads), lang)
    payers = {"total": w("总费用", "total cost"), "basic": w("基本医保", "basic\ninsurance"), "catastrophic": w("大病保险", "catastrophic\ninsurance"),
              "aid": w("医疗救助", "medical aid"), "other": w("补充与兜底", "supplement\nand floor"), "hospital": w("医院减免", "hospital"), "patient": w("个人自付", "patient")}
    ladder_table = pd.DataFrame({
        w("层次", "Payer"): [payers[x].replace("\n", " ") for x in ladder.steps["step"]], w("金额（万元）", "Amount (10,000 yuan)"): ladder.steps["yuan"],
        w("占总费用", "Share"): ladder.steps["share"], w("上年占比", "Share last year"): ladder_before.steps["share"]})
    zero_heads = {"stays": w("住院人次", "Stays"), "above_zero": w("未达零负担人次", "Above zero"), "share_zero": w("零负担占比", "Share at zero"),
                  "low": w("区间下限", "Low"), "high": w("区间上限", "High"), "yuan": w("个人自付（元）", "Own payment (yuan)")}
    zero_table = by_county(zero.counts.rename(columns=zero_heads), lang)
    now, z = trend_rows.iloc[-1], zero.counts.iloc[-1]
    before = trend_rows.iloc[-2] if len(trend_rows) > 1 else None
    moved = change(now["share"], before["share"] if before is not None else None, kind="share", low=now["low"], high=now["high"], lang=lang, since=w("上季度", "last quarter"))
    widest = ladder.steps.iloc[1:].sort_values("share", ascending=False).iloc[0]
    problem = Problem(
        title=w("因病致贫返贫：占比、账单与政策", "Illness: share, bills and policy"),
        sentences=(
            Sentence(text=w(f"本季返贫{int(now['rows'])}户，登记原因因病{int(now['with_illness'])}户，占{number(now['share'], 'share')}（{interval(now['low'], now['high'], 'share')}），{moved}（初步数）。",
                            f"{int(now['rows'])} households returned, {int(now['with_illness'])} with illness on the record, {number(now['share'], 'share')} ({interval(now['low'], now['high'], 'share', 'en')}), {moved} (preliminary)."), tables=("illness_trend",)),
            Sentence(text=w(f"今年住院费用中{payers[widest['step']]}支付最多，占{number(widest['share'], 'share')}；个人自付占{number(ladder.steps.iloc[-1]['share'], 'share')}，上年为{number(ladder_before.steps.iloc[-1]['share'], 'share')}。基金占总费用{number(ladder.of_total, 'share')}，占政策内费用{number(ladder.of_policy, 'share')}。",
                            f"{payers[widest['step']].replace(chr(10), ' ')} pays most of this year's stays, {number(widest['share'], 'share')}; patients pay {number(ladder.steps.iloc[-1]['share'], 'share')} against {number(ladder_before.steps.iloc[-1]['share'], 'share')} a year before. Funds are {number(ladder.of_total, 'share')} of the total and {number(ladder.of_policy, 'share')} of the cost within policy."), tables=("payer_ladder",)),
            Sentence(text=w(f"近一年因自付跌破贫困线{int(pushed.counts.iloc[-1]['pushed'])}户（按纯收入口径）。",
                            f"Own payments of the last year push {int(pushed.counts.iloc[-1]['pushed'])} households under the line (income stands for means)."), tables=("impoverishing",)),
            Sentence(text=w(f"今年已收治建档立卡住院患者{treated}人" + (f"，与通报的{official_treated}人{'一致' if treated == official_treated else f'相差{abs(treated - official_treated)}人'}。" if official_treated else "。"),
                            f"{treated} registered persons were treated as in-patients this year" + (f", {'as reported' if treated == official_treated else f'{abs(treated - official_treated)} from the {official_treated} reported'}." if official_treated else ".")), tables=("zero_burden",)),
        ), office=offices["health"])
    return Chapter(
        name="illness_poverty", title=w("因病致贫返贫", "Illness and poverty"), lang=lang,
        tables=(
            Table(name="illness_trend", title=w("返贫中因病占比（按录入季度）", "Share of returns by illness (quarter of the record)"), frame=trend_table,
                  formats=dict.fromkeys(counts, "count") | shares, counts=counts,
                  note=w("最近两季为初步数，迟录的记录尚未到齐。区间已考虑同村聚集。", "The last two quarters are preliminary. Intervals allow for villages.")),
            Table(name="illness_counties", title=w(f"{quarter}返贫中因病占比", f"Returns by illness, {quarter}"), frame=county_table, formats=dict.fromkeys(counts, "count") | shares, counts=counts),
            Table(name="illness_stock", title=w("未脱贫户中有病人的占比", "Poor households with an ill member"), frame=stock_table,
                  formats={v: "share" if k in ("share", "low", "high") else "count" for k, v in stock_heads.items()},
                  counts=tuple(stock_heads[k] for k in ("rows", "with_illness", "persons", "persons_with_illness")),
                  note=w(f"健康状况空白的{stock.dropped}户未计入。", f"{stock.dropped} households with blank health are left out.")),
            Table(name="catastrophic", title=w("医疗自付负担（按纯收入口径）", "Burden of own payments (income stands for means)"), frame=spending_table,
                  formats={c: "count" for c in spending_table.columns[1:3]} | {c: "share" for c in spending_table.columns[3:]},
                  counts=tuple(spending_table.columns[1:3]),
                  note=w(f"纯收入不高于零的{spending.no_income}户：有自付即计入。", f"{spending.no_income} households without income count when they paid anything.")),
            Table(name="impoverishing", title=w("自付前后的贫困", "Poverty before and after own payments"), frame=pushed_table,
                  formats={v: "share" if k.startswith("gap") else "count" for k, v in pushed_heads.items()},
                  counts=tuple(v for k, v in pushed_heads.items() if not k.startswith("gap")), total=county_name("all", lang)),
            Table(name="payer_ladder", title=w("住院费用由谁支付（今年以来）", "Who pays for stays (this year)"), frame=ladder_table,
                  formats={ladder_table.columns[1]: "wan_yuan", ladder_table.columns[2]: "share", ladder_table.columns[3]: "share"},
                  note=w(f"{ladder.settlements}人次；{ladder.broken}人次的费用等式不成立。", f"{ladder.settlements} stays; the identities of {ladder.broken} do not hold.")),
            Table(name="zero_burden", title=w(f"{quarter}住院“零负担”检验", f"Zero burden of in-patients, {quarter}"), frame=zero_table,
                  formats={zero_heads["stays"]: "count", zero_heads["above_zero"]: "count", zero_heads["yuan"]: "yuan"} | {zero_heads[k]: "share" for k in ("share_zero", "low", "high")},
                  counts=(zero_heads["stays"], zero_heads["above_zero"]), total=county_name("all", lang),
                  note=w("初步数：最近两季的结算尚未到齐。", "Preliminary: settlements of the last two quarters are incomplete.")),
        ),
        figures=(figures.trend(series, lang=lang, name="illness_trend", title=w("返贫中因病占比", "Share of returns by illness")),
                 figures.ladder(ladder.steps, payers, lang=lang)),
        facts=(Fact(key="zero_burden", label=w("住院自付超标", "Stays above zero burden"),
                    text=w(f"{int(z['above_zero'])}人次", f"{int(z['above_zero'])} stays"),
                    change=w(f"建档立卡住院{int(z['stays'])}人次，零负担{number(z['share_zero'], 'share')}（初步数）", f"of {int(z['stays'])} stays; {number(z['share_zero'], 'share')} at zero (preliminary)"),
                    year_change=w("上季度零负担", "at zero last quarter ") + number(zero_before, "share")),),
        problems=(problem,),
        steps=(Step(matter=w("逐笔核实未达零负担的住院结算", "Check the stays that cost the patient something"), office=offices["health"],
                    target=w(f"{int(z['above_zero'])}人次", f"{int(z['above_zero'])} stays"), deadline=w("下月末前", "by the end of next month"), basis="zero_burden"),),
        notes=(w("灾难性支出：家庭一年医疗自付超过纯收入的10%、25%，或超过支付能力（纯收入减贫困线）的40%。", "Catastrophic: own payments of a year above 10% and 25% of income, or 40% of capacity (income less the line)."),
               w("报销比例有两个：基金÷总费用，基金÷政策内费用；两者同时给出。", "There are two reimbursement ratios, of the total and of the cost within policy; both are given.")),
        county={w("住院未达零负担（人次）", "Stays above zero"): {k: number(v, "count") for k, v in zero.counts["above_zero"].items()}},
    )
