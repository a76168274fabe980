"""Who may fall back, and would the list have worked: tables, figures, lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from jinzhou.chapters.risk.risk_tables import (
    SCORES,
    WHY,
    backtest_tables,
    card,
    change_table,
    drift_table,
    leak_table,
    limit_tables,
    outlook_tables,
)
from jinzhou.publish import figures
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
    county_name,
    in_brackets,
    number,
    words,
)

if TYPE_CHECKING:
    from jinzhou.chapters.risk.analysis.support import SupportNeed
    from jinzhou.registry.triggers import Replay, Triggers
    from jinzhou.statistics.returns.backtest import Backtest
    from jinzhou.statistics.returns.detection import Detection
    from jinzhou.statistics.returns.drift import Drift
    from jinzhou.statistics.returns.incidence import Incidence
    from jinzhou.statistics.returns.leakcheck import LeakCheck
    from jinzhou.statistics.returns.return_risk import Covariate, ReturnRisk
    from jinzhou.statistics.returns.visits import VisitEffect
    from jinzhou.statistics.returns.watch_list import WatchList
    from jinzhou.statistics.survival import SurvivalCurve

RESULTS = ("稳定", "有风险", "已返贫", "无法联系", "不属实")
RESULTS_EN = ("stable", "at risk", "returned", "unreachable", "untrue")


def return_risk(
    *,
    risk: ReturnRisk,
    watch: WatchList,
    backtest: Backtest | None,
    visits: VisitEffect | None,
    detection: Detection,
    drift: Drift,
    incidence: Incidence | None,
    survivals: tuple[SurvivalCurve, ...],
    need: SupportNeed | None,
    triggers: Triggers,
    replay: Replay,
    leaks: LeakCheck | None,
    covariates: Sequence[Covariate],
    offices: Mapping[str, str],
    heads: pd.Series,
    last_visit: pd.Series,
    lang: str = "zh",
) -> Chapter:
    """The risk chapter, in this order: the list, why to believe it, what it cannot know, the model card; and one list a county.

    Parameters
    ----------
    risk : ReturnRisk
        By the hazard, or by the trigger rules when too few returns are known; then `backtest`,
        `visits`, `incidence` and `need` are None.
    covariates : sequence of Covariate
        Terms with the words that explain them.
    offices : mapping, key -> name
    heads : Series
        Masked name of the head by household number.
    last_visit : Series
        Day of the last home visit by household number.
    """
    w = words(lang)
    by_rules = risk.method == "rules"
    terms = {
        c.name: (c.zh if lang == "zh" else c.en) or c.name for c in covariates
    } | dict(triggers.rules[lang])
    after = int(risk.as_of[:4]) > 2020
    terms["line"] = (
        w("监测线", "the monitoring line") if after else w("贫困线", "the line")
    )
    campaign = (
        ("", "")
        if after
        else ("，回头看发现的返贫在其中", ", those found by a look-back among them")
    )
    rows = watch.rows
    counted = pd.DataFrame(
        {
            "listed": rows.groupby("county").size(),
            "risk": rows.groupby("county")["risk"].mean(),
        }
    )
    scored = risk.scores.groupby("county").agg(
        at_risk=("risk", "size"), expected=("risk", "sum")
    )
    county = scored.join(counted)
    county["listed"] = county["listed"].fillna(0)
    county.loc["all"] = [
        len(risk.scores),
        risk.scores["risk"].sum(),
        len(rows),
        rows["risk"].mean(),
    ]
    heading = {
        "at_risk": w("评估户数", "Households scored"),
        "expected": w("预计下季返贫户", "Expected returns next quarter"),
        "listed": w("名单户数", "On the list"),
        "risk": w("名单平均风险", "Mean risk on the list"),
    }
    county_table = by_county(
        (county[["at_risk", "listed"]] if by_rules else county).rename(columns=heading),
        lang,
    )
    share = number(len(rows) / max(1, len(risk.scores)), "share", lang)
    share_note = w(
        f"名单为所评估户的{share}，从风险最高的排起；全市的名单与单县的名单各按自己的户数取，同一县的户数因此不同。",
        f"The list holds {share} of the households scored, the highest risks first; the city's list and a county's take the share of their own households, so a county's number differs between them.",
    )
    reasons = rows["reason_1"].value_counts()
    reason_table = pd.DataFrame(
        {
            w("首要原因", "First reason"): [
                terms.get(n, w("其他", "other")) for n in reasons.index
            ],
            w("户数", "Households"): reasons.to_numpy(),
        }
    )
    new = int((rows["change"] == "new").sum())
    tables = [
        Table(
            name="risk_counties",
            title=w("返贫风险与走访名单", "Risk and lists by county"),
            frame=county_table,
            formats={
                k: v
                for k, v in zip(heading.values(), ("count", "number", "count", "share"))
                if k in county_table
            },
            counts=(heading["at_risk"], heading["listed"]),
            total=county_name("all", lang),
            note=share_note,
        ),
        Table(
            name="risk_reasons",
            title=w("名单户的首要原因", "First reasons of the listed"),
            frame=reason_table,
            formats={w("户数", "Households"): "count"},
            counts=(w("户数", "Households"),),
        ),
        change_table(watch, terms, lang),
    ]
    top = w("、", ", ").join(reason_table.iloc[:3, 0])
    sentences = [
        Sentence(
            text=w(
                f"{len(rows)}户列入重点走访，较上季新进{new}户。首要原因前三位：{top}。",
                f"{len(rows)} households are listed for a visit, {new} of them new. First reasons: {top}.",
            ),
            tables=("risk_counties", "risk_reasons"),
        )
    ]
    drawn, coverage = [], ""
    if by_rules:
        sentences.append(
            Sentence(
                text=w(
                    "已知返贫太少，不能估计概率；名单按监测规则点名的条数排序。",
                    "Too few returns are known for a probability; the list is in the order of the trigger rules.",
                )
            )
        )
    if backtest is not None:
        tables += backtest_tables(backtest, lang)
        recall, rule = (
            backtest.value("hazard", "recall_5"),
            backtest.value("income margin", "recall_5"),
        )
        low, high = recall["ci_low"], recall["ci_high"]
        level = float(
            (backtest.calibration["events"].sum())
            / (backtest.calibration["predicted"] * backtest.calibration["rows"]).sum()
        )
        held = number(
            _recall_at(backtest, len(rows) / max(1, len(risk.scores))), "share"
        )
        coverage = w(
            f"列入重点走访，回测可覆盖下季度返贫的{held}",
            f"listed for a visit; in the backtest such a list covers {held} of next quarter's returns",
        )
        sentences += [
            Sentence(
                text=w(
                    f"模型估计：走访5%的户可覆盖{number(recall['value'], 'share')}的返贫{in_brackets(low, high, 'share')}，只看收入为{number(rule['value'], 'share')}。",
                    f"The model estimates that visiting 5% of the households covers {number(recall['value'], 'share')} of the returns{in_brackets(low, high, 'share', 'en')}; income alone {number(rule['value'], 'share')}.",
                ),
                tables=("risk_backtest",),
            ),
            Sentence(
                text=w(
                    f"回测中实际返贫约为预测的{level:.1f}倍{campaign[0]}。",
                    f"In the backtest {level:.1f} times as many returned as predicted{campaign[1]}.",
                ),
                tables=("risk_backtest",),
            ),
        ]
        drawn = [
            figures.recall_curve(
                backtest.recall,
                {s: w(*SCORES[s]) for s in backtest.recall.columns[1:] if s in SCORES},
                lang=lang,
            ),
            figures.calibration(backtest.calibration, lang=lang),
            figures.splits(backtest.splits, lang=lang),
        ]
    if not by_rules:
        c = risk.coefficients
        coefficients = pd.DataFrame(
            {
                w("因素", "Term"): [
                    "—" if n == "intercept" else _piece(n, terms) for n in c.index
                ],
                w("风险比", "Hazard ratio"): c["hazard_ratio"].round(3).to_numpy(),
                w("区间下限", "Low"): np.exp(c["ci_low"]).round(3).to_numpy(),
                w("区间上限", "High"): np.exp(c["ci_high"]).round(3).to_numpy(),
            }
        ).iloc[1:]
        tables.append(
            Table(
                name="risk_terms",
                title=w("模型各因素", "Terms of the model"),
                frame=coefficients.reset_index(drop=True),
                formats=dict.fromkeys(coefficients.columns[1:], "number"),
                note=w(
                    "风险比大于1表示与返贫同时出现得更多，不表示因果。",
                    "A ratio above 1 goes with more returns; it is no proof of a cause.",
                ),
            )
        )
    tables += outlook_tables(incidence, survivals, need, lang)
    tables += limit_tables(visits, detection, replay, triggers, lang)
    if visits is None or not visits.identified:
        sentences.append(
            Sentence(
                text=w(
                    "走访本身会降低返贫、也会增加发现，二者的作用仅凭登记数据无法识别；风险按“不走访”计算。",
                    "A visit lowers the risk and raises detection; registry data alone cannot separate the two (not identified). Risk is scored as if no visit were made.",
                )
            )
        )
    if len(drift.rows):
        tables.append(drift_table(drift, terms, lang))
    if leaks is not None:
        tables.append(leak_table(leaks, lang))
    tables.append(
        card(risk, watch, backtest, visits, detection, drift, leaks, terms, lang)
    )
    steps = tuple(
        Step(
            matter=w(
                "走访名单户并回填结果",
                "Visit the listed households and fill in the result",
            ),
            office=offices[key],
            target=w(f"{int(count)}户", f"{int(count)} households"),
            deadline=w("下季末前", "by the end of next quarter"),
            basis="risk_counties",
        )
        for key, count in rows["office"].value_counts().items()
    )
    lists = []
    for code, part in rows.groupby("county"):
        lists += [
            _list(part, str(code), terms, offices, heads, last_visit, lang, by_rules),
            *_left(
                watch.left[watch.left["county"] == code], str(code), terms, heads, lang
            ),
        ]
    return Chapter(
        name="return_risk",
        title=w("返贫风险", "Who may fall back into poverty?"),
        lang=lang,
        tables=tuple(tables),
        figures=(*drawn, *(() if by_rules else _map(scored, lang))),
        facts=(
            Fact(
                key="watch",
                label=w("高风险户", "High-risk households"),
                text=w(f"{len(rows)}户", f"{len(rows)} households"),
                change=w(
                    f"新进{new}户，退出{len(watch.left)}户",
                    f"{new} new, {len(watch.left)} left",
                ),
                year_change=coverage,
            ),
        ),
        problems=(
            Problem(
                title=w(
                    "返贫风险：谁、在哪、为什么", "Risk of return: who, where, why"
                ),
                sentences=tuple(sentences),
                office=offices["coordination"],
                list_name="risk",
            ),
        ),
        steps=steps,
        notes=()
        if by_rules
        else (
            w(
                "返贫风险：离散时间风险模型（互补双对数），标准误按户聚类；只用截止日前已录入的数据，最近返贫的迟录已校正。",
                "Risk: discrete-time hazard (complementary log-log), errors clustered by household, only data recorded by the day, corrected for late records.",
            ),
            w(
                f"训练{risk.n}行、{risk.events}次返贫；被剔除的因素：{'、'.join(terms.get(k, k) for k in risk.dropped) or '无'}。",
                f"{risk.n} training rows, {risk.events} returns; terms left out: {', '.join(risk.dropped) or 'none'}.",
            ),
        ),
        lists=tuple(lists),
        county={
            w("名单户数", "Listed households"): {
                k: number(v, "count") for k, v in county["listed"].items()
            }
        },
    )


def _piece(name: str, terms: Mapping[str, str]) -> str:
    """A term, or a bend of a smooth one."""
    term, bend, knot = name.partition(" > ")
    return terms.get(term, term) + (f" > {knot}" if bend else "")


def _map(scored: pd.DataFrame, lang: str) -> tuple[Figure, ...]:
    """Expected share of households that return, by unit; nothing to compare when there is one."""
    if len(scored) < 2:
        return ()
    w = words(lang)
    share = (scored["expected"] / scored["at_risk"]).sort_values()
    low, high = (
        f"{county_name(code, lang)}{w('', ' ')}{number(share[code], 'share')}"
        for code in (share.index[0], share.index[-1])
    )
    title = w(
        "下季返贫风险：各户平均", "Risk of return next quarter: mean of households"
    )
    return (
        figures.tiles(
            share.to_dict(),
            kind="share",
            lang=lang,
            name="risk_map",
            title=title,
            alt=w(f"最高：{high}；最低：{low}。", f"Highest: {high}; lowest: {low}."),
        ),
    )


def _recall_at(backtest: Backtest, share: float) -> float:
    """Recall of the model at a share of households, between the points that were computed."""
    return float(np.interp(share, backtest.recall["share"], backtest.recall["hazard"]))


def _list(
    part: pd.DataFrame,
    code: str,
    terms,
    offices,
    heads,
    last_visit,
    lang: str,
    by_rules: bool,
) -> ListSheet:
    w = words(lang)

    def reason(row, name: str) -> str:
        if not name:
            return ""
        if name == "log_margin" and row.net_income_pc == row.net_income_pc:
            return w(
                f"人均纯收入{row.net_income_pc:.0f}元，为{terms['line']}的{row.net_income_pc / row.line:.2f}倍",
                f"net income {row.net_income_pc:.0f} yuan per head, {row.net_income_pc / row.line:.2f} of {terms['line']}",
            )
        return terms.get(name, name)

    def moved(row) -> str:
        if row.change == "new":
            why = terms.get(row.why_term, "") or w(*WHY[row.why])
            return w(f"新进入（{why}）", f"new ({why})")
        if row.change in ("same", "first"):
            return (
                w("持平", "same") if row.change == "same" else w("首次", "first list")
            )
        return w(
            f"{'上升' if row.ranks_moved > 0 else '下降'}{abs(row.ranks_moved)}位",
            f"{'up' if row.ranks_moved > 0 else 'down'} {abs(row.ranks_moved)}",
        )

    visits = last_visit.reindex(part["household_id"])
    score = (
        {w("触发规则数", "Rules that name it"): part["eta"].astype("int64").to_numpy()}
        if by_rules
        else {
            w("风险", "Risk"): part["risk"].to_numpy(),
            w("风险下限", "Risk low"): part["risk_ci_low"].to_numpy(),
            w("风险上限", "Risk high"): part["risk_ci_high"].to_numpy(),
        }
    )
    frame = pd.DataFrame(
        {
            w("排名", "Rank"): np.arange(1, len(part) + 1),
            w("乡镇", "Township"): part["town"].to_numpy(),
            w("村", "Village"): part["village"].to_numpy(),
            w("户编号", "Household number"): part["household_id"].to_numpy(),
            w("户主", "Head"): part["household_id"].map(heads).fillna("").to_numpy(),
            **score,
            **{
                w(f"原因{zh}", f"Reason {i}"): [
                    reason(row, getattr(row, f"reason_{i}"))
                    for row in part.itertuples()
                ]
                for i, zh in ((1, "一"), (2, "二"), (3, "三"))
            },
            w("最近走访", "Last visit"): [
                "" if pd.isna(d) else f"{d:%Y-%m-%d}" for d in visits
            ],
            w("较上季", "Since last quarter"): [
                moved(row) for row in part.itertuples()
            ],
            w("建议部门", "Suggested office"): part["office"].map(offices).to_numpy(),
        }
    )
    inputs = {
        w("走访日期", "Visited on"): (),
        w("走访结果", "Result"): RESULTS if lang == "zh" else RESULTS_EN,
        w("采取措施", "Measure taken"): (),
        w("备注", "Remarks"): (),
    }
    tied, quota = int(part["tied_at_cutoff"].sum()), int(part["quota"].sum())
    notes = [
        w(
            f"名单末位有{tied}户并列，按户编号取舍。",
            f"{tied} households tie at the cut-off; broken by household number.",
        )
        if tied
        else "",
        w(
            f"{quota}户因最低比例列入。",
            f"{quota} households are listed for the least share.",
        )
        if quota
        else "",
        "" if by_rules else w("风险区间为90%。", "Intervals of risk are 90%."),
    ]
    return ListSheet(
        name=f"risk_{code}",
        title=w(
            f"{county_name(code, lang)}返贫风险走访名单",
            f"{county_name(code, lang)}: households to visit",
        ),
        county=code,
        tab=w("走访名单", "List"),
        shares=() if by_rules else tuple(frame.columns[5:8]),
        frame=frame,
        inputs=inputs,
        note="".join(notes),
    )


def _left(
    left: pd.DataFrame, code: str, terms, heads, lang: str
) -> tuple[ListSheet, ...]:
    """Households of the last list that are not on this one, and why: a second sheet."""
    if not len(left):
        return ()
    w = words(lang)
    frame = pd.DataFrame(
        {
            w("上季排名", "Rank last quarter"): left["rank"].to_numpy(),
            w("乡镇", "Township"): left["town"].to_numpy(),
            w("村", "Village"): left["village"].to_numpy(),
            w("户编号", "Household number"): left["household_id"].to_numpy(),
            w("户主", "Head"): left["household_id"].map(heads).fillna("").to_numpy(),
            w("退出原因", "Why it left"): [
                w(*WHY[r.why])
                + (
                    w(
                        f"：{terms.get(r.why_term, r.why_term)}",
                        f": {terms.get(r.why_term, r.why_term)}",
                    )
                    if r.why_term
                    else ""
                )
                for r in left.itertuples()
            ],
        }
    )
    return (
        ListSheet(
            name=f"risk_{code}",
            title=w(
                f"{county_name(code, lang)}退出走访名单的户",
                f"{county_name(code, lang)}: households that left the list",
            ),
            county=code,
            tab=w("退出名单", "Left"),
            frame=frame,
        ),
    )
