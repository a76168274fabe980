"""Who may fall back, and would the list have worked: tables, figures, lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from jinzhou.exhibits import figures
from jinzhou.exhibits.chapter import Chapter, Fact, Figure, Problem, ListSheet, Sentence, Step, Table, by_county, county_name, interval, number, words

if TYPE_CHECKING:
    from jinzhou.models.backtest import Backtest
    from jinzhou.models.return_risk import Covariate, ReturnRisk, WatchList

RESULTS = ("稳定", "有风险", "已返贫", "无法联系", "不属实")
RESULTS_EN = ("stable", "at risk", "returned", "unreachable", "untrue")


def return_risk(
    *, risk: ReturnRisk, watch: WatchList, backtest: Backtest, covariates: Sequence[Covariate], offices: Mapping[str, str],
    heads: pd.Series, last_visit: pd.Series, lang: str = "zh",
) -> Chapter:
    """The risk chapter and one list a county.

    Parameters
    ----------
    covariates : sequence of Covariate
        Terms with the words that explain them.
    offices : mapping, key -> name
    heads : Series
        Masked name of the head by household number.
    last_visit : Series
        Day of the last home visit by household number.
    """
    w = words(lang)
    terms = {c.name: (c.zh if lang == "zh" else c.en) or c.name for c in covariates}
    labels = {"hazard": w("模型", "model"), "income margin": w("只看收入", "income margin alone"), "illness or disability": w("只看病残", "illness or disability alone")}
    names = {"auc": "AUC", "average_precision": w("平均精确率", "average precision"), "recall_5": w("走访5%覆盖的返贫", "recall visiting 5%"),
             "precision_5": w("走访5%的命中率", "precision visiting 5%"), "recall_10": w("走访10%覆盖的返贫", "recall visiting 10%"),
             "precision_10": w("走访10%的命中率", "precision visiting 10%"), "brier": w("Brier分数", "Brier score"),
             "slope": w("校准斜率", "calibration slope"), "in_the_large": w("总体偏差（对数）", "calibration in the large (log)")}
    m = backtest.metrics
    metrics = pd.DataFrame({
        w("方法", "Score"): m["score"].map(labels), w("指标", "Metric"): m["metric"].map(names), w("数值", "Value"): m["value"].round(4),
        w("区间下限", "Low"): m["low"].round(4), w("区间上限", "High"): m["high"].round(4)})
    c = risk.coefficients
    coefficients = pd.DataFrame({
        w("因素", "Term"): ["—" if n == "intercept" else terms.get(n, n) for n in c.index], w("风险比", "Hazard ratio"): c["hazard_ratio"].round(3).to_numpy(),
        w("区间下限", "Low"): np.exp(c["low"]).round(3).to_numpy(), w("区间上限", "High"): np.exp(c["high"]).round(3).to_numpy()}).iloc[1:]
    split = backtest.splits
    windows = pd.DataFrame({
        w("截止日", "Date"): split["date"], w("训练行数", "Training rows"): split["train_rows"], w("训练返贫", "Training returns"): split["train_events"],
        w("检验户数", "Households judged"): split["test_rows"], w("检验返贫", "Returns judged"): split["test_events"],
        w("结果未定", "Not final"): split["not_final"]})
    rows = watch.rows
    counted = pd.DataFrame({"listed": rows.groupby("county").size(), "risk": rows.groupby("county")["risk"].mean()})
    scored = risk.scores.groupby("county").agg(at_risk=("risk", "size"), expected=("risk", "sum"))
    county = scored.join(counted).fillna({"listed": 0})
    county.loc["all"] = [len(risk.scores), risk.scores["risk"].sum(), len(rows), rows["risk"].mean()]
    heading = {"at_risk": w("评估户数", "Households scored"), "expected": w("预计下季返贫户", "Expected returns next quarter"),
               "listed": w("名单户数", "On the list"), "risk": w("名单平均风险", "Mean risk on the list")}
    county_table = by_county(county.rename(columns=heading), lang)
    reasons = rows["reason_1"].value_counts()
    reason_table = pd.DataFrame({w("首要原因", "First reason"): [terms.get(n, w("其他", "other")) for n in reasons.index],
                                 w("户数", "Households"): reasons.to_numpy()})
    recall = backtest.value("hazard", "recall_5")
    rule = backtest.value("income margin", "recall_5")
    low, high = recall["low"], recall["high"]
    level = float((backtest.calibration["events"].sum()) / (backtest.calibration["predicted"] * backtest.calibration["rows"]).sum())
    by_office = rows["office"].value_counts()
    moves = {"new": w("新进入", "new"), "same": w("持平", "same"), "first": w("首次", "first list")}
    problem = Problem(
        title=w("返贫风险：谁、在哪、为什么", "Risk of return: who, where, why"),
        sentences=(
            Sentence(text=w(f"{len(rows)}户列入重点走访，较上季新进{int((rows['change'] == 'new').sum())}户。首要原因前三位：{'、'.join(reason_table.iloc[:3, 0])}。",
                            f"{len(rows)} households are listed for a visit, {int((rows['change'] == 'new').sum())} of them new. First reasons: {', '.join(reason_table.iloc[:3, 0])}."), tables=("risk_counties", "risk_reasons")),
            Sentence(text=w(f"模型估计：走访5%的户可覆盖{number(recall['value'], 'share')}的返贫（{interval(low, high, 'share')}），只看收入为{number(rule['value'], 'share')}。",
                            f"The model estimates that visiting 5% of the households covers {number(recall['value'], 'share')} of the returns ({interval(low, high, 'share', 'en')}); income alone {number(rule['value'], 'share')}."), tables=("risk_backtest",)),
            Sentence(text=w(f"回测中实际返贫约为预测的{level:.1f}倍：最近的返贫当时还没有录入，排序不受影响，数量偏低。",
                            f"In the backtest {level:.1f} times as many returned as predicted: recent returns had not been recorded yet. The order is not affected, the level is."), tables=("risk_backtest",)),
            Sentence(text=w("走访本身会降低返贫、也会增加发现，二者的作用仅凭登记数据无法识别；风险按“不走访”计算。",
                            "A visit lowers the risk and raises detection; registry data alone cannot separate the two (not identified). Risk is scored as if no visit were made.")),
        ), office=offices["coordination"], list_name="risk")
    steps = tuple(Step(matter=w("走访名单户并回填结果", "Visit the listed households and fill in the result"), office=offices[key],
                       target=w(f"{int(count)}户", f"{int(count)} households"), deadline=w("下季末前", "by the end of next quarter"), basis="risk_counties")
                  for key, count in by_office.items())
    lists = []
    for code, part in rows.groupby("county"):
        lists.append(_list(part, str(code), terms, offices, heads, last_visit, moves, lang))
    return Chapter(
        name="return_risk", title=w("返贫风险", "Who may fall back into poverty?"), lang=lang,
        tables=(
            Table(name="risk_counties", title=w("返贫风险与走访名单", "Risk and lists by county"), frame=county_table,
                  formats={heading["at_risk"]: "count", heading["expected"]: "number", heading["listed"]: "count", heading["risk"]: "share"},
                  counts=(heading["at_risk"], heading["listed"]), total=county_name("all", lang)),
            Table(name="risk_reasons", title=w("名单户的首要原因", "First reasons of the listed"), frame=reason_table,
                  formats={w("户数", "Households"): "count"}, counts=(w("户数", "Households"),)),
            Table(name="risk_backtest", title=w("回测：模型与简单规则", "Backtest: the model beside simple rules"), frame=metrics,
                  formats=dict.fromkeys(metrics.columns[2:], "score"),
                  note=w(f"{len(split)}个截止日，{int(split['test_events'].sum())}次返贫；区间为按户整群自助法（{backtest.draws}次）。",
                         f"{len(split)} dates, {int(split['test_events'].sum())} returns; intervals by bootstrap of households ({backtest.draws} draws).")),
            Table(name="risk_splits", title=w("回测的时间划分", "Windows of the backtest"), frame=windows,
                  formats=dict.fromkeys(windows.columns[1:], "count")),
            Table(name="risk_terms", title=w("模型各因素", "Terms of the model"), frame=coefficients.reset_index(drop=True),
                  formats=dict.fromkeys(coefficients.columns[1:], "number"),
                  note=w("风险比大于1表示与返贫同时出现得更多，不表示因果。", "A ratio above 1 goes with more returns; it is no proof of a cause.")),
        ),
        figures=(figures.recall_curve(backtest.recall, labels, lang=lang), figures.calibration(backtest.calibration, lang=lang),
                 figures.splits(split, lang=lang), *_map(scored, lang)),
        facts=(Fact(key="watch", label=w("高风险户", "High-risk households"), text=w(f"{len(rows)}户", f"{len(rows)} households"),
                    change=w(f"新进{int((rows['change'] == 'new').sum())}户，退出{len(watch.left)}户", f"{int((rows['change'] == 'new').sum())} new, {len(watch.left)} left"),
                    year_change=w(f"列入重点走访，回测可覆盖下季度返贫的{number(_recall_at(backtest, len(rows) / max(1, len(risk.scores))), 'share')}",
                                  f"listed for a visit; in the backtest such a list covers {number(_recall_at(backtest, len(rows) / max(1, len(risk.scores))), 'share')} of next quarter's returns")),),
        problems=(problem,), steps=steps,
        notes=(w("返贫风险：离散时间风险模型（互补双对数），标准误按户聚类；只用截止日前已录入的数据。",
                 "Risk: discrete-time hazard (complementary log-log), errors clustered by household, only data recorded by the day."),
               w(f"训练{risk.n}行、{risk.events}次返贫；被剔除的因素：{'、'.join(risk.dropped) or '无'}。",
                 f"{risk.n} training rows, {risk.events} returns; terms left out: {', '.join(risk.dropped) or 'none'}.")),
        lists=tuple(lists), county={w("名单户数", "Listed households"): {k: number(v, "count") for k, v in county["listed"].items()}})


def _map(scored: pd.DataFrame, lang: str) -> tuple[Figure, ...]:
    """Expected share of households that return, by unit; nothing to compare when there is one."""
    if len(scored) < 2:
        return ()
    w = words(lang)
    share = (scored["expected"] / scored["at_risk"]).sort_values()
    low, high = (f"{county_name(code, lang)}{w('', ' ')}{number(share[code], 'share')}" for code in (share.index[0], share.index[-1]))
    title = w("下季返贫风险：各户平均", "Risk of return next quarter: mean of households")
    return (figures.tiles(share.to_dict(), kind="share", lang=lang, name="risk_map", title=title,
                          alt=w(f"最高：{high}；最低：{low}。", f"Highest: {high}; lowest: {low}.")),)


def _recall_at(backtest: Backtest, share: float) -> float:
    """Recall of the model at a share of households, between the points that were computed."""
    return float(np.interp(share, backtest.recall["share"], backtest.recall["hazard"]))


def _list(part: pd.DataFrame, code: str, terms, offices, heads, last_visit, moves, lang: str) -> ListSheet:
    w = words(lang)

    def reason(row, name: str) -> str:
        if not name:
            return ""
        if name == "log_margin" and row.net_income_pc == row.net_income_pc:
            return w(f"人均纯收入{row.net_income_pc:.0f}元，为贫困线的{row.net_income_pc / row.line:.2f}倍",
                     f"net income {row.net_income_pc:.0f} yuan per head, {row.net_income_pc / row.line:.2f} of the line")
        return terms.get(name, name)

    def moved(row) -> str:
        if row.change in moves:
            return moves[row.change]
        return w(f"{'上升' if row.places > 0 else '下降'}{abs(row.places)}位", f"{'up' if row.places > 0 else 'down'} {abs(row.places)}")

    visits = part["household_id"].map(last_visit)
    frame = pd.DataFrame({
        w("排名", "Rank"): np.arange(1, len(part) + 1), w("乡镇", "Township"): part["town"].to_numpy(), w("村", "Village"): part["village"].to_numpy(),
        w("户编号", "Household number"): part["household_id"].to_numpy(), w("户主", "Head"): part["household_id"].map(heads).fillna("").to_numpy(),
        w("风险", "Risk"): part["risk"].to_numpy(), w("风险下限", "Risk low"): part["risk_low"].to_numpy(), w("风险上限", "Risk high"): part["risk_high"].to_numpy(),
        **{w(f"原因{zh}", f"Reason {i}"): [reason(row, getattr(row, f"reason_{i}")) for row in part.itertuples()] for i, zh in ((1, "一"), (2, "二"), (3, "三"))},
        w("最近走访", "Last visit"): ["" if pd.isna(d) else f"{d:%Y-%m-%d}" for d in visits],
        w("较上季", "Since last quarter"): [moved(row) for row in part.itertuples()],
        w("建议部门", "Suggested office"): part["office"].map(offices).to_numpy(),
    })
    inputs = {w("走访日期", "Visited on"): (), w("走访结果", "Result"): RESULTS if lang == "zh" else RESULTS_EN,
              w("采取措施", "Measure taken"): (), w("备注", "Remarks"): ()}
    tied = int(part["tied_at_cutoff"].sum())
    return ListSheet(name=f"risk_{code}", title=w(f"{county_name(code, lang)}返贫风险走访名单", f"{county_name(code, lang)}: households to visit"), county=code,
                     tab=w("走访名单", "List"), shares=tuple(frame.columns[5:8]), frame=frame, inputs=inputs, note=w(f"名单末位有{tied}户并列，按户编号取舍。", f"{tied} households tie at the cut-off; broken by household number.") if tied else "")
