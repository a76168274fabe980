"""What a yuan buys: is the money there and paid, what does a lasting exit cost, who is on the frontier, which plans would do more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.chapters.funding import (
    cost_tables,
    frontier_tables,
    money_lists,
    money_tables,
    plan_tables,
    stochastic_tables,
)
from jinzhou.publish import figures, questions
from jinzhou.publish.chapter import (
    Chapter,
    Fact,
    Problem,
    Sentence,
    Step,
    county_name,
    in_brackets,
    interval,
    number,
    without,
    words,
)
from jinzhou.reference.vocabulary import FUNDING_QUESTIONS

if TYPE_CHECKING:
    from jinzhou.chapters.funding.analysis.allocation import Allocation
    from jinzhou.chapters.funding.analysis.exit_cost import ExitCost, Ranking
    from jinzhou.chapters.funding.analysis.funds import (
        FundTrace,
        Growth,
        Integration,
        PaymentRates,
        Progress,
        Readiness,
    )
    from jinzhou.chapters.funding.analysis.loans import Microcredit
    from jinzhou.chapters.funding.analysis.response import Response
    from jinzhou.publish.answerable import Answerable
    from jinzhou.statistics.frontier.bootstrap import FrontierIntervals
    from jinzhou.statistics.frontier.dea import Frontier
    from jinzhou.statistics.frontier.malmquist import Malmquist
    from jinzhou.statistics.frontier.outliers import LeaveOneOut
    from jinzhou.statistics.frontier.scale_test import ReturnsTest
    from jinzhou.statistics.frontier.second_stage import SecondStage
    from jinzhou.statistics.frontier.sfa import StochasticFrontier
    from jinzhou.statistics.matching import OverlapComparison


def funding_efficiency(
    *,
    asked: Answerable,
    rates: PaymentRates,
    carried: PaymentRates,
    progress: Progress,
    trace: FundTrace,
    growth: Growth,
    mixed: Integration,
    ready: Readiness,
    credit: Microcredit,
    cost: ExitCost,
    cost_town: ExitCost,
    cost_type: ExitCost,
    counties: OverlapComparison,
    towns: OverlapComparison,
    kinds: OverlapComparison,
    gain: OverlapComparison,
    ranks: Ranking,
    frontier: Frontier,
    intervals: FrontierIntervals,
    peers: LeaveOneOut,
    circumstances: SecondStage | None,
    moved: Malmquist,
    scale: ReturnsTest,
    chance: StochasticFrontier,
    plan: Allocation,
    response: Response,
    places: pd.Series,
    heads: pd.Series,
    offices: Mapping[str, str],
    as_of: str,
    lang: str = "zh",
) -> Chapter:
    """The funding chapter, for release, in the order of a finance bureau's questions; and one workbook a county.

    Parameters
    ----------
    asked : Answerable
        Which of `vocabulary.FUNDING_QUESTIONS` the delivered tables can answer. What would answer the others is left out, and the chapter says
        which table is missing; a figure that rests on a missing table is never shown as zero.
    rates, carried : PaymentRates
        Of this year's plan, and of all allocations on record.
    cost, cost_town, cost_type : ExitCost
        By county, township, and project type (exits of households that a project of the type had taken in).
    counties, towns, kinds : OverlapComparison
        The same, like with like.
    gain : OverlapComparison
        Income gained for each yuan (`models.income_per_yuan`).
    frontier, intervals, peers, circumstances
        Of the townships, output-oriented, variable returns; `circumstances` is None when there are too few townships for it.
    moved : Malmquist
        Of the townships in the last two years.
    scale : ReturnsTest
        Whether returns to scale are constant.
    chance : StochasticFrontier
        The same townships with chance set apart.
    plan, response
        Plans beside today's, and how lasting exits were taken to rise with money.
    places : Series
        County of each township.
    heads : Series
        Masked name of the head by household number.
    """
    w = words(lang)
    last, all_cost, traced = (
        rates.rates.iloc[-1],
        cost.costs.loc["all"],
        trace.rows.iloc[-1],
    )
    gone = questions.hidden(asked, FUNDING_QUESTIONS)
    lapsed = carried.rates.iloc[-1]["lapsed"]
    lasting = interval(
        all_cost["lasting_ci_low"], all_cost["lasting_ci_high"], "yuan", lang
    )
    bracket = (w("（", " ("), w("）", ")"))
    within = f"{bracket[0]}{lasting}{bracket[1]}" if lasting else ""
    per_lasting = number(all_cost["cost_per_lasting"], "yuan")
    problem = Problem(
        title=w(
            "资金效益：钱到没到、花没花、花得怎样",
            "Funds: arrived, spent, and to what effect",
        ),
        sentences=(
            *questions.sentences(
                asked, FUNDING_QUESTIONS, name="funding_unanswered", lang=lang
            ),
            _payment_sentence(rates, lapsed, lang),
            _trace_sentence(trace, lang),
            _progress_sentence(progress, lang),
            _growth_sentence(growth, lang),
            _cost_sentence(cost, per_lasting, within, lang),
            Sentence(text=_verdict(counties, lang), tables=("cost_alike",)),
            _kind_sentence(kinds, lang),
            cost_tables.gain_sentence(gain, lang=lang),
            _frontier_sentence(frontier, intervals, lang),
            *(
                (frontier_tables.checks_sentence(moved, scale, peers, lang=lang),)
                if frontier.enough
                else ()
            ),
            stochastic_tables.sentence(chance, lang=lang),
            plan_tables.sentence(plan, lang=lang),
            _credit_sentence(credit, lang),
        ),
        office=offices["finance"],
    )
    steps = [
        Step(
            matter=w(
                "加快支出，收回满两年的结余",
                "Speed up payment, take back what is two years old",
            ),
            office=offices["finance"],
            target=w(
                f"{number(last['carried'], 'wan_yuan')}万元",
                f"{number(last['carried'], 'wan_yuan')} x 10,000 yuan",
            ),
            deadline=w("年底前", "by the end of the year"),
            basis="payment_rates",
        )
    ]
    if len(trace.broken):
        steps.append(
            Step(
                matter=w(
                    "补齐资金断链的台账", "Complete the broken links of the money"
                ),
                office=offices["finance"],
                target=w(f"{len(trace.broken)}处", f"{len(trace.broken)} links"),
                deadline=w("下季度内", "within the next quarter"),
                basis="fund_trace",
            )
        )
    if ready.rows.iloc[-1]["status"] in ("fail", "no pool"):
        steps.append(
            Step(
                matter=w(
                    f"备足{ready.year}年项目", f"Make projects of {ready.year} ready"
                ),
                office=offices["coordination"],
                target=w(
                    f"可开工{int(ready.rows.iloc[-1]['ready'])}个、储备{int(ready.rows.iloc[-1]['projects'])}个",
                    f"{int(ready.rows.iloc[-1]['ready'])} ready of {int(ready.rows.iloc[-1]['projects'])}",
                ),
                deadline=w("年底前", "by the end of the year"),
                basis="readiness",
            )
        )
    tables = (
        *questions.tables(
            asked, FUNDING_QUESTIONS, name="funding_unanswered", lang=lang
        ),
        *money_tables.tables(
            rates=rates,
            carried=carried,
            growth=growth,
            mixed=mixed,
            progress=progress,
            trace=trace,
            ready=ready,
            credit=credit,
            lang=lang,
        ),
        *cost_tables.tables(
            cost=cost,
            cost_town=cost_town,
            cost_type=cost_type,
            counties=counties,
            towns=towns,
            kinds=kinds,
            gain=gain,
            ranks=ranks,
            places=places,
            lang=lang,
        ),
        *frontier_tables.tables(
            frontier=frontier,
            intervals=intervals,
            peers=peers,
            circumstances=circumstances,
            places=places,
            lang=lang,
        ),
        frontier_tables.checks(moved, scale, peers, lang=lang),
        *stochastic_tables.tables(chance, places=places, lang=lang)[
            : 2 if chance.rows["efficiency"].notna().any() else 1
        ],
        *plan_tables.tables(plan, response, lang=lang),
    )
    plans = plan_tables.figure(plan, lang=lang)
    codes = [c for c in rates.rates.index if c != "all"]
    bars = [
        (county_name(c, lang), rates.rates.at[c, "rate"])
        for c in [*sorted(codes), "all"]
    ]
    chapter = Chapter(
        name="funding_efficiency",
        title=w("资金效益", "What the money buys"),
        lang=lang,
        tables=tables,
        figures=(
            figures.progress(
                bars,
                lang=lang,
                name="payment_progress",
                title=w("资金支出进度", "Payment of the funds"),
            ),
            *((_cost_figure(counties, cost, lang),) if len(counties.rows) else ()),
            *((plans,) if plans else ()),
        ),
        facts=(
            Fact(
                key="payment",
                label=w("资金支出进度", "Funds paid"),
                text=number(last["rate"], "share"),
                change=w(
                    f"未付{number(last['carried'], 'wan_yuan')}万元",
                    f"{number(last['carried'], 'wan_yuan')} x 10,000 yuan not paid",
                )
                + (
                    w(
                        f"，贯通{number(traced['share'], 'share')}",
                        f"; {number(traced['share'], 'share')} traced",
                    )
                    if "fund_trace" not in gone
                    else ""
                ),
                year_change=w(
                    f"每稳定脱贫1人{per_lasting}元{within}",
                    f"{per_lasting} yuan per lasting exit{within}",
                )
                if lasting and "cost_per_exit" not in gone
                else "",
            ),
        ),
        problems=(problem,),
        steps=tuple(steps),
        notes=(
            w(
                "支出进度＝本年计划项目已拨付÷已下达；只计截止日前的拨付。",
                "Paid share: payments over allocations of this year's plan, up to the day of the data.",
            ),
            w(
                "稳定脱贫＝脱贫满24个月未返贫；未满24个月的为未知，任何表中都不算稳定。",
                "A lasting exit has stood for 24 months without a return; younger ones are not yet known and are lasting in no table.",
            ),
            w(
                "同类相比只能抵消已记录的条件；E值说明没有记录的因素要多强才能推翻结论。",
                "Like with like removes recorded conditions only; the E-value says how strong an unrecorded one would have to be.",
            ),
        ),
        county={
            w("支出进度", "Funds paid"): {
                k: number(v, "share") for k, v in rates.rates["rate"].items()
            }
        },
        lists=money_lists.lists(
            carried=carried,
            progress=progress,
            trace=trace,
            ready=ready,
            credit=credit,
            heads=heads,
            offices=offices,
            counties=sorted(codes),
            gone=gone,
            lang=lang,
        ),
    )
    return questions.with_sources(
        without(chapter, gone), FUNDING_QUESTIONS, as_of=as_of
    )


def _payment_sentence(rates: PaymentRates, lapsed: float, lang: str) -> Sentence:
    w = words(lang)
    last = rates.rates.iloc[-1]
    if last["status"] != "paid":
        return Sentence(
            text=w(
                f"今年计划{money_tables.STATE[last['status']][0]}，支出进度未能判定。",
                f"This year's plan: {money_tables.STATE[last['status']][1]}; the paid share cannot be determined.",
            ),
            tables=("payment_rates",),
        )
    return Sentence(
        text=w(
            f"今年下达{number(last['allocated'], 'wan_yuan')}万元，支出{number(last['paid'], 'wan_yuan')}万元，进度{number(last['rate'], 'share')}；历年结转满两年应收回{number(lapsed, 'wan_yuan')}万元。",
            f"{number(last['allocated'], 'wan_yuan')} x 10,000 yuan were allocated this year and {number(last['paid'], 'wan_yuan')} paid, {number(last['rate'], 'share')}; of earlier money {number(lapsed, 'wan_yuan')} is two years old and goes back.",
        ),
        tables=("payment_rates", "carried_over"),
    )


def _trace_sentence(trace: FundTrace, lang: str) -> Sentence:
    w = words(lang)
    t = trace.rows.iloc[-1]
    if t["status"] == "nothing to trace":
        return Sentence(
            text=w(
                "期内没有到户资金，六环贯通率未能判定。",
                "No money for households was paid in the period: the share traced cannot be determined.",
            ),
            tables=("fund_trace",),
        )
    return Sentence(
        text=w(
            f"到户资金六环贯通{number(t['share'], 'share')}（标准{trace.target:.0%}），断链{len(trace.broken)}处。",
            f"{number(t['share'], 'share')} of the money for households can be followed through six links (target {trace.target:.0%}), {len(trace.broken)} links are broken.",
        ),
        tables=("fund_trace",),
    )


def _progress_sentence(progress: Progress, lang: str) -> Sentence:
    w = words(lang)
    p = progress.stages.iloc[-1]
    if p["status"] == "no project":
        return Sentence(
            text=w("期内没有项目。", "There is no project in the period."),
            tables=("project_progress",),
        )
    agree = (
        w(
            "付款与验收是否相符未能判定",
            "whether payment and acceptance agree cannot be determined",
        )
        if p["paid_unaccepted"] != p["paid_unaccepted"]
        else w(
            f"付清未验收{int(p['paid_unaccepted'])}个、验收未付款{int(p['accepted_unpaid'])}个",
            f"{int(p['paid_unaccepted'])} are paid and not accepted, {int(p['accepted_unpaid'])} accepted and not paid",
        )
    )
    return Sentence(
        text=w(
            f"项目{int(p['projects'])}个，晚于计划完工{int(p['late'])}个；{agree}。",
            f"Of {int(p['projects'])} projects {int(p['late'])} are behind plan; {agree}.",
        ),
        tables=("project_progress",),
    )


def _growth_sentence(growth: Growth, lang: str) -> Sentence:
    w = words(lang)
    counted = growth.rows["status"].value_counts()
    if not len(counted):
        return Sentence(
            text=w(
                "没有本年和上年的财政投入，增幅未能判定。",
                "There are no budgets of this year and the last: growth cannot be determined.",
            ),
            tables=("growth",),
        )
    return Sentence(
        text=w(
            f"财政投入增幅不低于省的{counted.get('pass', 0)}个、低于省的{counted.get('fail', 0)}个、未能判定{counted.get('undefined', 0)}个（省增幅{number(growth.province, 'share')}）。",
            f"{counted.get('pass', 0)} budgets grew no less than the province's ({number(growth.province, 'share')}), {counted.get('fail', 0)} less, {counted.get('undefined', 0)} undefined.",
        ),
        tables=("growth",),
    )


def _cost_sentence(
    cost: ExitCost, per_lasting: str, within: str, lang: str
) -> Sentence:
    w = words(lang)
    status = cost.costs.loc["all", "status"]
    if status in ("no exits", "nothing spent", "not known"):
        why = (
            w(
                "还没有脱贫满规定月数的户",
                "no exit has been followed for the full months",
            )
            if status == "not known"
            else w(*cost_tables.STATUS[status])
        )
        return Sentence(
            text=w(
                f"每稳定脱贫1人的花费未能判定：{why}。",
                f"What a lasting exit costs cannot be determined: {why}.",
            ),
            tables=("cost_per_exit",),
        )
    return Sentence(
        text=w(
            f"每稳定脱贫1人{per_lasting}元{within}，这是发生额之比，年中时本年支出已计而退出未计，偏高。",
            f"One lasting exit costs {per_lasting} yuan{within}, a ratio of what happened: within a year its money counts and its exits do not yet, so it is too high.",
        ),
        tables=("cost_per_exit",),
    )


def _verdict(counties: OverlapComparison, lang: str) -> str:
    w = words(lang)
    r = counties.rows
    joint = w("、", ", ")
    real = r[r["status"] == "separated"]
    if not r["status"].isin(["separated", "not separated"]).any():
        return w(
            "没有可比的户或地方太少，各县与同类相比的差异未能判定，不排名。",
            "With nobody alike to compare or too few places, no difference between counties can be determined, and none is ranked.",
        )
    low = joint.join(county_name(c, lang) for c in real.index[real["cost_ratio"] < 1])
    high = joint.join(county_name(c, lang) for c in real.index[real["cost_ratio"] > 1])
    if not len(real):
        return w(
            "与条件相近的户相比，各县差异都分不开，不排名。",
            "Beside alike households no county can be told apart, and none is ranked.",
        )
    parts = [
        w(f"{low}低于同类", f"{low} lies below") if low else "",
        w(f"{high}高于同类", f"{high} above") if high else "",
    ]
    rest = int((r["status"] == "not separated").sum())
    said = joint.join(p for p in parts if p)
    return w(
        f"与条件相近的户相比，{said}，其余{rest}个分不开。",
        f"Beside alike households {said}; {rest} others cannot be told apart.",
    )


def _kind_sentence(kinds: OverlapComparison, lang: str) -> Sentence:
    w = words(lang)
    r = kinds.rows
    real = r[(r["status"] == "separated") & (r["effect"] > 0)] if len(r) else r
    if not len(r) or not r["status"].isin(["separated", "not separated"]).any():
        return Sentence(
            text=w(
                "没有可比的户或地方太少，哪类项目多带来稳定脱贫未能判定。",
                "With nobody alike to compare or too few places, it cannot be determined which kind of project brings more lasting exits.",
            ),
            tables=("cost_kinds_alike",),
        )
    if not len(real):
        return Sentence(
            text=w(
                "没有哪类项目能与没有作用区分开（模型估计，同类相比）。",
                "No kind of project can be told apart from no effect (model estimate, like with like).",
            ),
            tables=("cost_kinds_alike",),
        )
    parts = [
        w(
            f"{cost_tables.kind_name(c, lang)}类每多稳定脱贫1人约{number(x.cost_extra, 'yuan')}元{in_brackets(x.extra_ci_low, x.extra_ci_high, 'yuan', lang)}",
            f"{cost_tables.kind_name(c, lang)} brings one more for about {number(x.cost_extra, 'yuan')} yuan{in_brackets(x.extra_ci_low, x.extra_ci_high, 'yuan', lang)}",
        )
        for c, x in zip(real.index, real.itertuples())
    ]
    stuck, unlike = (
        int((r["status"] == "not separated").sum()),
        int(r["status"].isin(["no interval", "no overlap"]).sum()),
    )
    rest = w(
        f"{stuck}类不能与没有作用区分开"
        + (f"，{unlike}类没有条件相近的户可比" if unlike else ""),
        f"{stuck} kinds cannot be told apart from no effect"
        + (f", {unlike} have no alike households" if unlike else ""),
    )
    return Sentence(
        text=w(
            f"模型估计，{'、'.join(parts)}；{rest}。",
            f"The model estimates that {', '.join(parts)}; {rest}.",
        ),
        tables=("cost_kinds_alike", "cost_kinds_extra"),
    )


def _frontier_sentence(
    frontier: Frontier, intervals: FrontierIntervals, lang: str
) -> Sentence:
    w = words(lang)
    best = int((frontier.scores["status"] == "efficient").sum())
    if not frontier.enough:
        return Sentence(
            text=w(
                f"可比乡镇只有{frontier.n}个，效率得分没有参考价值，不给名次。",
                f"Only {frontier.n} townships can be compared: scores are not informative and no ranks are given.",
            ),
            tables=("dea_townships",),
        )
    known = intervals.scores["corrected"].dropna()
    gap, all_known = number(known.mean() - 1, "share"), len(known) == frontier.n
    return Sentence(
        text=w(
            f"{frontier.n}个乡镇相互比较，{best}个在观察到的前沿上；{'' if all_known else f'可判定的{len(known)}个'}去偏后平均还可多{gap}的产出，这是与最好者之差，不是应达到的水平。",
            f"Of {frontier.n} townships compared {best} are on the observed frontier; corrected for bias the mean gap {'' if all_known else f'of the {len(known)} that can be judged '}is {gap} of outputs, a distance to the best and no target.",
        ),
        tables=("dea_townships", "dea_peers"),
    )


def _credit_sentence(credit: Microcredit, lang: str) -> Sentence:
    w = words(lang)
    c = credit.counties.iloc[-1]
    return Sentence(
        text=w(
            f"小额信贷本年放款{number(c['lent'], 'wan_yuan')}万元，户贷率{number(c['reach'], 'share')}；逾期{number(c['overdue'], 'wan_yuan')}万元（{number(c['overdue_rate'], 'share')}），两季内到期{number(c['due_next'], 'wan_yuan')}万元。",
            f"Small loans: {number(c['lent'], 'wan_yuan')} x 10,000 yuan lent this year, {number(c['reach'], 'share')} of eligible households have had one; {number(c['overdue'], 'wan_yuan')} overdue ({number(c['overdue_rate'], 'share')}), "
            f"{number(c['due_next'], 'wan_yuan')} due within two quarters.",
        ),
        tables=("microcredit",),
    )


def _cost_figure(
    counties: OverlapComparison, cost: ExitCost, lang: str
) -> figures.Figure:
    w = words(lang)
    r = counties.rows.loc[sorted(counties.rows.index)]
    raw = cost.costs.reindex(r.index)
    frame = pd.DataFrame(
        {
            "label": [county_name(c, lang) for c in r.index],
            "raw": raw["cost_per_lasting"].to_numpy(),
            "value": r["cost_adjusted"].to_numpy(),
            "ci_low": r["adjusted_ci_low"].to_numpy(),
            "ci_high": r["adjusted_ci_high"].to_numpy(),
        }
    )
    return figures.forest(
        frame,
        lang=lang,
        name="cost_alike",
        title=w(
            "每稳定脱贫1人的成本：未调整与同类相比",
            "Cost of a lasting exit: raw and like with like",
        ),
        axis=w("元", "yuan"),
        whole=float(cost.costs.at["all", "cost_per_lasting"]),
    )
