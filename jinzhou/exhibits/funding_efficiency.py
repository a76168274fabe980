"""What a yuan buys: payment, growth, cost per exit, frontiers of townships."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.exhibits import figures
from jinzhou.exhibits.chapter import Chapter, Fact, Problem, Sentence, Step, Table, by_county, county_name, interval, number, words
from jinzhou.vocabulary import PROJECT

if TYPE_CHECKING:
    from jinzhou.measures.funds import ExitCost, Growth, PaymentRates
    from jinzhou.models.dea import Frontier


def funding_efficiency(
    *, rates: PaymentRates, growth: Growth, cost: ExitCost, cost_type: ExitCost, frontiers: dict[str, Frontier], office: str, lang: str = "zh",
) -> Chapter:
    """The funding chapter, for release.

    Parameters
    ----------
    cost, cost_type : ExitCost
        By county, and by project type (exits of households that a project of the type helped).
    frontiers : mapping
        ``ccr input``, ``bcc input``, ``ccr output``, ``bcc output`` of the townships.
    """
    w = words(lang)
    total = county_name("all", lang)
    money = {"allocated": w("下达（万元）", "Allocated (10,000 yuan)"), "paid": w("支出（万元）", "Paid (10,000 yuan)"), "carried": w("结转（万元）", "Carried over (10,000 yuan)"),
             "rate": w("支出进度", "Paid share"), "carried_rate": w("结转率", "Carried share")}
    rate_table = by_county(rates.rates[list(money)].rename(columns=money), lang)
    state = {"pass": w("达标", "pass"), "fail": w("未达标", "fail"), "undefined": w("未能判定", "undefined")}
    why = {"": "", "the base is zero": w("上年为零，增幅无意义", "the base is zero"), "a year is missing": w("缺一年数据", "a year is missing"),
           "the province's growth is unknown": w("省级增幅未知", "the province's growth is unknown")}
    g = growth.rows
    growth_table = pd.DataFrame({
        w("地区", "Area"): g["area"], w("上年（万元）", "Last year (10,000 yuan)"): g["before"], w("本年（万元）", "This year (10,000 yuan)"): g["now"],
        w("增幅", "Growth"): g["growth"], w("与省差（百分点）", "Against province (points)"): (100 * g["against"]).round(2),
        w("结论", "Status"): g["status"].map(state), w("说明", "Note"): g["why"].map(why)})
    heads = {"spent": w("支出（万元）", "Paid (10,000 yuan)"), "exits": w("脱贫人数", "Exits"), "cost_per_exit": w("每脱贫1人（元）", "Per exit (yuan)"),
             "cost_low": w("下限", "Low"), "cost_high": w("上限", "High"), "observed": w("已满24个月", "Observed 24 months"), "lasting_share": w("稳定占比", "Lasting share"),
             "cost_per_lasting": w("每稳定脱贫1人（元）", "Per lasting exit (yuan)"), "lasting_low": w("下限 ", "Low "), "lasting_high": w("上限 ", "High ")}
    formats = {heads["spent"]: "wan_yuan", heads["exits"]: "count", heads["observed"]: "count", heads["lasting_share"]: "share"} | {
        heads[k]: "yuan" for k in ("cost_per_exit", "cost_low", "cost_high", "cost_per_lasting", "lasting_low", "lasting_high")}
    cost_table = by_county(cost.costs[list(heads)].rename(columns=heads), lang)
    kinds = {code: label for label, code in reversed(PROJECT.items())}
    types = cost_type.costs.drop(index="all")[list(heads)].rename(columns=heads).reset_index(drop=True)
    types.insert(0, w("项目类型", "Project type"), [w(kinds.get(c, c), c) for c in cost_type.costs.index if c != "all"])
    f = frontiers
    dea = pd.DataFrame({
        w("乡镇", "Township"): f["ccr input"].scores.index,
        w("CCR投入", "CCR input"): f["ccr input"].scores["score"].to_numpy(), w("BCC投入", "BCC input"): f["bcc input"].scores["score"].to_numpy(),
        w("CCR产出", "CCR output"): f["ccr output"].scores["score"].to_numpy(), w("BCC产出", "BCC output"): f["bcc output"].scores["score"].to_numpy(),
        w("BCC产出（倒数）", "BCC output (reciprocal)"): f["bcc output"].scores["reciprocal"].to_numpy(),
        w("状态", "Status"): f["bcc output"].scores["status"].map({"efficient": w("有效", "efficient"), "weakly efficient": w("弱有效", "weakly efficient"),
                                                                  "inefficient": w("非有效", "inefficient"), "no comparable unit": w("无可比单元", "no comparable unit")}).to_numpy(),
        w("参照乡镇", "Peers"): [w("、", ", ").join(p) for p in _peers(f["bcc output"])],
        w("可增稳定脱贫（人）", "Possible more lasting exits"): _gain(f["bcc output"]),
    }).round(4)
    slack = f["bcc input"].slacks.reset_index(names=w("乡镇", "Township")).round(2)
    slack.columns = [slack.columns[0], w("支出松弛（元）", "Slack of money (yuan)"), w("驻村干部松弛（人）", "Slack of cadres"),
                     w("脱贫松弛（人）", "Slack of exits"), w("稳定脱贫松弛（人）", "Slack of lasting exits")]
    last, all_cost = rates.rates.iloc[-1], cost.costs.loc["all"]
    counted = g["status"].value_counts()
    best = f["bcc output"]
    lasting = interval(all_cost["lasting_low"], all_cost["lasting_high"], "yuan", lang)
    problem = Problem(
        title=w("资金效益：钱到没到、花没花、花得怎样", "Funds: arrived, spent, and to what effect"),
        sentences=(
            Sentence(text=w(f"今年下达{number(last['allocated'], 'wan_yuan')}万元，支出{number(last['paid'], 'wan_yuan')}万元，进度{number(last['rate'], 'share')}，结转{number(last['carried'], 'wan_yuan')}万元。",
                            f"{number(last['allocated'], 'wan_yuan')} x 10,000 yuan were allocated this year and {number(last['paid'], 'wan_yuan')} paid, {number(last['rate'], 'share')}; {number(last['carried'], 'wan_yuan')} carried over."), tables=("payment_rates",)),
            Sentence(text=w(f"财政投入增幅不低于省的{counted.get('pass', 0)}个、低于省的{counted.get('fail', 0)}个、未能判定{counted.get('undefined', 0)}个（省增幅{number(growth.province, 'share')}）。",
                            f"{counted.get('pass', 0)} budgets grew no less than the province's ({number(growth.province, 'share')}), {counted.get('fail', 0)} less, {counted.get('undefined', 0)} undefined."), tables=("growth",)),
            Sentence(text=w(f"每稳定脱贫1人{number(all_cost['cost_per_lasting'], 'yuan')}元（{lasting}）。这是发生额之比，困难多的地方花费本来就高，不据此排名。",
                            f"One lasting exit costs {number(all_cost['cost_per_lasting'], 'yuan')} yuan ({lasting}). It is a ratio of what happened; harder places cost more, so it ranks nobody."), tables=("cost_per_exit",)),
            Sentence(text=w(f"{best.n}个乡镇相互比较，{int((best.scores['status'] == 'efficient').sum())}个在前沿上；前沿是观察到的最好水平，不是应达到的水平，且未含抽样误差。",
                            f"Of {best.n} townships compared with each other {int((best.scores['status'] == 'efficient').sum())} are on the frontier: the best observed, without sampling error."), tables=("dea_townships",)),
        ), office=office)
    return Chapter(
        name="funding_efficiency", title=w("资金效益", "What the money buys"), lang=lang,
        tables=(
            Table(name="payment_rates", title=w("扶贫资金支出进度", "Payment of the funds"), frame=rate_table,
                  formats={money[k]: "wan_yuan" for k in ("allocated", "paid", "carried")} | {money[k]: "share" for k in ("rate", "carried_rate")}, total=total,
                  note=w(f"未能对应指标的支出{number(rates.unmatched, 'wan_yuan')}万元，未计入。", f"{number(rates.unmatched, 'wan_yuan')} x 10,000 yuan of payments match no allocation of the year and are left out.")),
            Table(name="growth", title=w("财政专项投入增幅与省比较", "Growth of budgets against the province's"), frame=growth_table,
                  formats={growth_table.columns[1]: "wan_yuan", growth_table.columns[2]: "wan_yuan", growth_table.columns[3]: "share"}),
            Table(name="cost_per_exit", title=w("脱贫成本（分县）", "Cost of an exit, by county"), frame=cost_table, formats=formats,
                  counts=(heads["exits"], heads["observed"]), total=total,
                  note=w("稳定脱贫：满24个月未返贫。区间为乡镇整群自助法；乡镇不足5个的不给区间。", "Lasting: no return in 24 months. Intervals by bootstrap of townships; none below five townships.")),
            Table(name="cost_by_type", title=w("脱贫成本（分项目类型）", "Cost of an exit, by project type"), frame=types, formats=formats,
                  counts=(heads["exits"], heads["observed"]), note=w("脱贫人数为受该类项目带动的户；一户可受多类项目带动，不能相加。", "Exits of households that a project of the type helped; one household may count under several types.")),
            Table(name="dea_townships", title=w("乡镇效率（数据包络分析）", "Efficiency of townships (DEA)"), frame=dea,
                  formats=dict.fromkeys(dea.columns[1:6], "score") | {dea.columns[-1]: "number"},
                  note=w(f"投入：近两年支出、驻村干部；产出：脱贫人数、其中尚未返贫人数。CCR为规模报酬不变，BCC为可变。投入得分≤1，产出得分≥1。{'' if best.enough else '单元数不足，得分偏高。'}",
                         f"Inputs: money of two years, cadres; outputs: exits, exits not reversed. CCR constant, BCC variable returns. {'' if best.enough else 'Too few units: scores flatter.'}")),
            Table(name="dea_slacks", title=w("乡镇松弛量（BCC投入）", "Slacks of townships (BCC input)"), frame=slack,
                  formats={slack.columns[1]: "yuan"} | dict.fromkeys(slack.columns[2:], "number")),
        ),
        figures=(figures.progress([(r[0], r[1]) for r in zip(rate_table.iloc[:, 0], rate_table[money["rate"]])], lang=lang, name="payment_progress", title=w("资金支出进度", "Payment of the funds")),),
        facts=(Fact(key="payment", label=w("资金支出进度", "Funds paid"), text=number(last["rate"], "share"),
                    change=w(f"结转{number(last['carried'], 'wan_yuan')}万元", f"{number(last['carried'], 'wan_yuan')} x 10,000 yuan carried over"),
                    year_change=w(f"每稳定脱贫1人{number(all_cost['cost_per_lasting'], 'yuan')}元（{lasting}）", f"{number(all_cost['cost_per_lasting'], 'yuan')} yuan per lasting exit ({lasting})")),),
        problems=(problem,),
        steps=(Step(matter=w("加快支出，清理结转", "Speed up payment, clear what is carried over"), office=office,
                    target=w(f"{number(last['carried'], 'wan_yuan')}万元", f"{number(last['carried'], 'wan_yuan')} x 10,000 yuan"), deadline=w("年底前", "by the end of the year"), basis="payment_rates"),),
        notes=(w("支出进度＝本年计划项目已拨付÷已下达；只计截止日前的拨付。", "Paid share: payments over allocations of this year's plan, up to the day of the data."),),
        county={w("支出进度", "Funds paid"): {k: number(v, "share") for k, v in rates.rates["rate"].items()}},
    )


def _peers(frontier: Frontier) -> list[list[str]]:
    peers = frontier.peers.sort_values("weight", ascending=False).groupby("unit")["peer"].agg(lambda s: list(s[:3]))
    return [peers.get(unit, []) for unit in frontier.scores.index]


def _gain(frontier: Frontier) -> list[float]:
    """What reaching the peers would add to the last output, in its own unit.

    The target is score x output + slack, so the output itself is (target - slack) / score.
    """
    last = frontier.outputs[-1]
    target = frontier.targets[last]
    return (target - (target - frontier.slacks[last]) / frontier.scores["score"]).round(1).tolist()
