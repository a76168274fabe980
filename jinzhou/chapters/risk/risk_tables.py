"""Tables of the risk chapter: why to believe the list, what it cannot know, and the model card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.publish.chapter import (
    Table,
    by_county,
    county_name,
    in_brackets,
    number,
    words,
)
from jinzhou.reference.vocabulary import codes

if TYPE_CHECKING:
    from jinzhou.chapters.risk.analysis.support import SupportNeed
    from jinzhou.registry.triggers import Replay, Triggers
    from jinzhou.statistics.returns.backtest import Backtest
    from jinzhou.statistics.returns.detection import Detection
    from jinzhou.statistics.returns.drift import Drift
    from jinzhou.statistics.returns.incidence import Incidence
    from jinzhou.statistics.returns.leakcheck import LeakCheck
    from jinzhou.statistics.returns.return_risk import ReturnRisk
    from jinzhou.statistics.returns.visits import VisitEffect
    from jinzhou.statistics.returns.watch_list import WatchList
    from jinzhou.statistics.survival import SurvivalCurve

SCORES = {
    "hazard": ("模型", "model"),
    "boosting": ("提升树", "boosted trees"),
    "income margin": ("只看收入", "income margin alone"),
    "illness or disability": ("只看病残", "illness or disability alone"),
    "monitoring rules": ("监测规则", "monitoring rules"),
}
WHY = {
    "input": ("情况变化", "a recorded input changed"),
    "newly at risk": ("新纳入评估（新脱贫或重新脱贫）", "newly at risk"),
    "no longer at risk": ("不再评估（返贫、离开或注销）", "no longer at risk"),
    "model": ("模型更新", "the model moved"),
    "others": ("他户名次变化", "others passed it"),
}
CHECKS = {
    "features_fixed": (
        "各因素不随以后的数据变化",
        "terms do not change with later data",
    ),
    "labels_closed": (
        "训练结果的窗口均已结束并已录入",
        "labels come from closed, recorded windows",
    ),
    "time_order": ("各户时间顺序正确", "clocks run forward"),
    "outcome_outside": ("因素中不含结果", "no term holds the outcome"),
    "list_unmoved": (
        "以后的数据换成噪声，名单不变",
        "the list stays when later data are noise",
    ),
    "future_shuffled": (
        "打乱以后的结果，模型不能预测",
        "shuffled later outcomes are not predicted",
    ),
}
FEWEST_RETURNS = 10
"""A group with fewer returns is not called the one with the lowest recall."""
READING = {
    "stable": ("稳定", "stable"),
    "watch": ("关注", "watch"),
    "changed": ("须查明原因", "explain before use"),
}


def metric_name(metric: str, w) -> str:
    """A metric of the backtest in words."""
    fixed = {
        "auc": "AUC",
        "average_precision": w("平均精确率", "average precision"),
        "brier": w("Brier分数", "Brier score"),
        "slope": w("校准斜率", "calibration slope"),
        "in_the_large": w("总体偏差（对数）", "calibration in the large (log)"),
    }
    if metric in fixed:
        return fixed[metric]
    kind, share, *quota = metric.split("_")
    each = w("（各县同比例）", " (each county alike)") if quota else ""
    return (
        w(
            f"走访{share}%{'覆盖的返贫' if kind == 'recall' else '的命中率'}",
            f"{kind} visiting {share}%",
        )
        + each
    )


def backtest_tables(backtest: Backtest, lang: str) -> tuple[Table, ...]:
    """The model beside the challenger and the rules, the windows, and recall by group."""
    w = words(lang)
    m = backtest.metrics
    metrics = pd.DataFrame(
        {
            w("方法", "Score"): [w(*SCORES.get(s, (s, s))) for s in m["score"]],
            w("指标", "Metric"): [metric_name(x, w) for x in m["metric"]],
            w("数值", "Value"): m["value"].round(4),
            w("区间下限", "Low"): m["ci_low"].round(4),
            w("区间上限", "High"): m["ci_high"].round(4),
        }
    )
    split = backtest.splits
    windows = pd.DataFrame(
        {
            w("截止日", "Date"): split["date"],
            w("训练行数", "Training rows"): split["train_rows"],
            w("训练返贫", "Training returns"): split["train_events"],
            w("检验户数", "Households judged"): split["test_rows"],
            w("检验返贫", "Returns judged"): split["test_events"],
            w("结果未定", "Not final"): split["not_final"],
        }
    )
    g = backtest.groups
    overall = float(
        backtest.value("hazard", f"recall_{backtest.capacities[0] * 100:g}")["value"]
    )
    groups = pd.DataFrame(
        {
            w("组", "Group"): [_group(r, lang) for r in g.itertuples()],
            w("返贫户", "Returns"): g["returns"],
            w("名单内", "On the list"): g["listed"],
            w("覆盖率", "Recall"): g["recall"],
            w("区间下限", "Low"): g["ci_low"],
            w("区间上限", "High"): g["ci_high"],
            w("上名单比例", "Share listed"): g["share_listed"],
            w("拉平后总覆盖率", "Recall of all if equalised"): g["equal_recall"],
        }
    )
    return (
        Table(
            name="risk_backtest",
            title=w(
                "回测：模型、提升树与简单规则",
                "Backtest: the model beside boosted trees and simple rules",
            ),
            frame=metrics,
            formats=dict.fromkeys(metrics.columns[2:], "score"),
            note=w(
                f"{len(split)}个截止日，{int(split['test_events'].sum())}次返贫；区间为按户整群自助法（{backtest.draws}次）。并列按平均计。",
                f"{len(split)} dates, {int(split['test_events'].sum())} returns; intervals by bootstrap of households ({backtest.draws} draws). Ties are shared.",
            ),
        ),
        Table(
            name="risk_groups",
            title=w("名单对各类户的覆盖", "Recall of the list by group"),
            frame=groups,
            formats={
                c: "count" if i < 3 else "share"
                for i, c in enumerate(groups.columns)
                if i
            },
            counts=(groups.columns[1], groups.columns[2]),
            note=w(
                f"走访{100 * backtest.capacities[0]:g}%时总覆盖率{number(overall, 'share')}；末列为各组覆盖率拉平（按已知结果最优分配）后的总覆盖率，两者之差是拉平的代价。",
                f"Visiting {100 * backtest.capacities[0]:g}% covers {number(overall, 'share')} of all; the last column is what all groups reach when places are shared for equal recall (best possible in hindsight): the difference is the cost.",
            ),
        ),
        Table(
            name="risk_splits",
            title=w("回测的时间划分", "Windows of the backtest"),
            frame=windows,
            formats=dict.fromkeys(windows.columns[1:], "count"),
        ),
    )


def _group(row, lang: str) -> str:
    """A group of households in words."""
    w = words(lang)
    if row.partition == "county":
        return county_name(row.group, lang)
    named = {
        "elderly": ("有60岁以上老人", "a member of 60 or more"),
        "disabled": ("有残疾人", "a disabled member"),
        "single_person": ("独居", "living alone"),
    }[row.partition]
    return w(*named) if row.group == "True" else w(f"非{named[0]}", f"not: {named[1]}")


def change_table(watch: WatchList, terms: Mapping[str, str], lang: str) -> Table:
    """Why households came onto the list and left it."""
    w = words(lang)
    new = watch.rows[watch.rows["change"] == "new"]
    parts = [(w("进入", "entered"), new), (w("退出", "left"), watch.left)]
    rows = [
        (label, w(*WHY[why]), terms.get(term, "—") if term else "—", int(count))
        for label, part in parts
        for (why, term), count in part[["why", "why_term"]].value_counts().items()
        if why
    ]
    frame = pd.DataFrame(
        rows,
        columns=[
            w("名单变动", "Change"),
            w("原因", "Why"),
            w("变化的因素", "Changed input"),
            w("户数", "Households"),
        ],
    )
    share = watch.explained()
    return Table(
        name="risk_changes",
        title=w("为什么进入或退出名单", "Why households entered or left the list"),
        frame=frame,
        formats={frame.columns[3]: "count"},
        counts=(frame.columns[3],),
        note=w(
            f"{number(share, 'share')}的进出由本户情况的变化解释。",
            f"{number(share, 'share')} of the changes are explained by a change of the household itself.",
        )
        if share == share
        else w("没有上季名单可比。", "There is no earlier list to compare."),
    )


def limit_tables(
    visits: VisitEffect | None,
    detection: Detection,
    replay: Replay,
    triggers: Triggers,
    lang: str,
) -> tuple[Table, ...]:
    """What visits hide, what records miss, how late entries were."""
    w = words(lang)
    tables = []
    if visits is not None and visits.top_visited:
        source = {
            "fitted": w(
                "模型（作用、选择与发现混在一起）",
                "model (effect, selection and detection together)",
            ),
            "random": w("随机走访", "random visits"),
        }
        v = visits.table()
        frame = pd.DataFrame(
            {
                w("来源", "Source"): [source[i] for i in v.index],
                w("有走访与无走访之比", "Visited over not"): v["effect"].to_numpy(),
                w("区间下限", "Low"): v["ci_low"].to_numpy(),
                w("区间上限", "High"): v["ci_high"].to_numpy(),
            }
        )
        known = (
            w("可以识别", "identified")
            if visits.identified
            else w(
                f"无法识别：随机走访{visits.random_rows}户次、{visits.random_events}次返贫，至少需要{visits.needed_rows}户次",
                f"not identified: {visits.random_rows} random household-quarters with {visits.random_events} returns, {visits.needed_rows} are needed",
            )
        )
        tables.append(
            Table(
                name="risk_visits",
                title=w("走访的作用", "Effect of visits"),
                frame=frame,
                formats=dict.fromkeys(frame.columns[1:], "number"),
                note=w(
                    f"走访的作用{known}。风险最高的一成中{number(visits.top_visited, 'share')}被走访过；如果被走访户不走访时的风险是记录相同的未走访户的{visits.tipping_ratio:.2f}倍，这一成的风险就比评分高20%。"
                    f"在可能的范围内，这一成的真实风险是评分的{visits.band_ci_low:.2f}至{visits.band_ci_high:.2f}倍。",
                    f"Effect of visits: {known}. Of the top decile {number(visits.top_visited, 'share')} were visited; if visited households were, without the visit, {visits.tipping_ratio:.2f} times as risky as "
                    f"unvisited ones with the same records, the decile's risk would be 20% higher than scored. It lies between {visits.band_ci_low:.2f} and {visits.band_ci_high:.2f} of what is scored.",
                ),
            )
        )
    if detection.identified:
        d = detection.rows
        name = {
            "unvisited": w("未走访", "not visited"),
            "visited": w("走访过", "visited"),
            "all": w("合计", "All"),
        }
        frame = pd.DataFrame(
            {
                w("户", "Households"): [name[i] for i in d.index],
                w("平时录入", "Recorded in the ordinary course"): d[
                    "ordinary"
                ].to_numpy(),
                w("回头看发现", "Found by the look-back"): d["looked_back"].to_numpy(),
                w("平时录入占比", "Share recorded"): d["share"].to_numpy(),
                w("区间下限", "Low"): d["ci_low"].to_numpy(),
                w("区间上限", "High"): d["ci_high"].to_numpy(),
            }
        )
        tables.append(
            Table(
                name="risk_detection",
                title=w("返贫有多少被及时录入", "How many returns are recorded"),
                frame=frame,
                formats=dict.fromkeys(frame.columns[1:3], "count")
                | dict.fromkeys(frame.columns[3:], "share"),
                counts=tuple(frame.columns[1:3]),
                total=w("合计", "All"),
                note=w(
                    f"{detection.window[0]}至{detection.window[1]}发生的返贫；实际返贫至少是平时录入的{detection.factor:.1f}倍（{detection.factor_ci_low:.1f}–{detection.factor_ci_high:.1f}）。回头看也没有发现的不在内。",
                    f"Returns of {detection.window[0]} to {detection.window[1]}; at least {detection.factor:.1f} times as many as recorded in the ordinary course ({detection.factor_ci_low:.1f}-{detection.factor_ci_high:.1f}). What the look-back missed too is not in it.",
                ),
            )
        )
    late = replay.table()
    if len(replay.rows):
        frame = by_county(
            late.rename(
                columns={
                    "entries": w("录入返贫户", "Entries"),
                    "named": w("规则曾点名", "Named by a rule"),
                    "median_days": w("点名到录入天数（中位）", "Days late (median)"),
                    "ninth_decile": w("九成以内", "Ninth decile"),
                    "within_30": w("发生后30日内录入", "Recorded within 30 days"),
                }
            ),
            lang,
        )
        tables.append(
            Table(
                name="risk_replay",
                title=w(
                    "如果当时按规则监测：录入晚了多久",
                    "Replay: how late entries were against the rules",
                ),
                frame=frame,
                formats=dict(
                    zip(
                        frame.columns[1:],
                        ("count", "count", "number", "number", "share"),
                    )
                ),
                counts=tuple(frame.columns[1:3]),
                total=county_name("all", lang),
                note=w(
                    f"规则：{triggers.rules_on or '各季当时有效的'}；不能检验：{_untested(triggers, 'zh')}。规则点名不等于已经返贫。",
                    f"Rules of {triggers.rules_on or 'each quarter'}; not testable: {_untested(triggers, 'en')}. To be named is not to have returned.",
                ),
            )
        )
    return tuple(tables)


def _untested(triggers: Triggers, lang: str) -> str:
    rules = triggers.rules[
        (triggers.rules["tested"] == 0) & (triggers.rules["unknown"] > 0)
    ]
    return ("、" if lang == "zh" else ", ").join(rules[lang]) or (
        "无" if lang == "zh" else "none"
    )


def outlook_tables(
    incidence: Incidence | None,
    survivals: tuple[SurvivalCurve, ...],
    need: SupportNeed | None,
    lang: str,
) -> tuple[Table, ...]:
    """Expected returns of the next quarters, the money for them, and who stays out of poverty."""
    w = words(lang)
    tables = []
    if incidence is not None:
        t = incidence.table()
        frame = pd.DataFrame(
            {
                w("未来季度", "Quarters ahead"): t.index.astype(str),
                w("累计返贫概率（平均）", "Mean probability of a return"): t[
                    "returned"
                ].to_numpy(),
                w("累计离开概率（平均）", "Mean probability of leaving"): t[
                    "left"
                ].to_numpy(),
                w("预计返贫户", "Expected returns"): (
                    t["returned"] * len(incidence.rows)
                ).to_numpy(),
            }
        )
        tables.append(
            Table(
                name="risk_outlook",
                title=w("未来四个季度的返贫", "Returns of the next quarters"),
                frame=frame,
                formats=dict(zip(frame.columns[1:], ("share", "share", "number"))),
                note=w(
                    f"今后{len(t)}个季度预计返贫{incidence.expected:.0f}户（95%区间{incidence.expected_ci_low:.0f}–{incidence.expected_ci_high:.0f}），按不走访、平时录入水平计；死亡、迁出为竞争事件。",
                    f"{incidence.expected:.0f} returns expected within {len(t)} quarters (95% interval {incidence.expected_ci_low:.0f}-{incidence.expected_ci_high:.0f}), without visits, at the ordinary level of recording; death and departure compete.",
                ),
            )
        )
    if need is not None:
        tables.append(_need(need, lang))
    causes = {
        code: zh if lang == "zh" else code.replace("_", " ")
        for zh, code in reversed(codes("cause").items())
    }
    for survival in survivals:
        rows = survival.rows
        named = {
            "exit_year": w("脱贫年度", "Year of exit"),
            "primary_cause": w("致贫原因", "Cause"),
        }[survival.by]
        label = [
            w("合计", "All")
            if g == "all"
            else causes.get(g, g) or w("未填", "not recorded")
            for g in rows["group"]
        ]
        frame = pd.DataFrame(
            {
                named: label,
                w("脱贫后月数", "Months since exit"): rows["months"].astype(str),
                w("仍未返贫", "Still out of poverty"): rows["share"],
                w("区间下限", "Low"): rows["ci_low"],
                w("区间上限", "High"): rows["ci_high"],
                w("观察户数", "Households followed"): rows["at_risk"],
                w("说明", "Note"): [
                    w("观察期不够", "not followed so long") if r else ""
                    for r in rows["reason"]
                ],
            }
        )
        tables.append(
            Table(
                name=f"risk_survival_{survival.by}",
                title=w(
                    f"脱贫后仍未返贫的比例（按{named}）",
                    f"Share still out of poverty, by {named.lower()}",
                ),
                frame=frame,
                formats=dict(
                    zip(frame.columns[2:6], ("share", "share", "share", "count"))
                ),
                note=w(
                    "乘积限估计；只计已录入的返贫，最近几季偏乐观。",
                    "Product-limit estimate; recorded returns only, so the latest quarters are too favourable.",
                ),
            )
        )
    return tuple(tables)


def _need(need: SupportNeed, lang: str) -> Table:
    w = words(lang)
    rows = (
        (
            w("预计返贫人口（人）", "Persons expected to fall back"),
            need.persons,
            need.persons_ci_low,
            need.persons_ci_high,
            "count",
        ),
        (
            w(
                "每个受帮扶人一年的帮扶支出（元）",
                "Help paid per helped person and year (yuan)",
            ),
            need.each,
            need.each_ci_low,
            need.each_ci_high,
            "yuan",
        ),
        (
            w("所需扶持资金（万元）", "Money needed (10,000 yuan)"),
            need.need,
            need.need_ci_low,
            need.need_ci_high,
            "wan_yuan",
        ),
    )
    unknown = {
        "not tied": w(
            "到户支出对不上户，未能判定",
            "unknown: payments cannot be tied to households",
        ),
        "no size": w("没有户规模，未能判定", "unknown: no household size"),
        "no interval": w(
            "不足5个乡镇，不给区间", "fewer than five townships: no interval"
        ),
    }
    frame = pd.DataFrame(
        {
            w("项目", "Item"): [r[0] for r in rows],
            w("估计", "Estimate"): [number(r[1], r[4]) for r in rows],
            w("区间下限", "Low"): [number(r[2], r[4]) for r in rows],
            w("区间上限", "High"): [number(r[3], r[4]) for r in rows],
            w("说明", "Note"): [
                unknown.get(need.status, "") if not (r[3] == r[3]) else "" for r in rows
            ],
        }
    )
    return Table(
        name="risk_need",
        title=w("返贫人口所需的扶持资金", "Money for those who fall back"),
        frame=frame,
        note=w(
            f"今后四个季度预计返贫人口×{need.year}年到户项目支出÷受帮扶人口（{need.helped}人），按95%区间，两个误差视为独立。假定返贫者同样受帮扶一年、价格和政策不变；服务全村的项目不计。"
            f"到户项目支出的{number(need.tied, 'share')}当年能对到户（其余未带户，或措施次年才开始）；{need.unsized}户没有户规模，按平均计。",
            f"Persons expected to fall back within four quarters x payments of projects for households in {need.year} over the persons helped ({need.helped}); 95% intervals, the two errors taken as independent. "
            f"Assumes that they are helped alike for one year, with prices and rules as they were; projects that serve a village are left out. {number(need.tied, 'share')} of the payments can be tied to households within the year (else no household is linked, or its measure begins later); "
            f"{need.unsized} households without a size count as the mean.",
        ),
    )


def drift_table(drift: Drift, terms: Mapping[str, str], lang: str) -> Table:
    """Stability of the inputs since the last quarter."""
    w = words(lang)
    rows = drift.rows
    frame = pd.DataFrame(
        {
            w("因素", "Term"): [
                w("评分", "score") if n == "score" else terms.get(n, n)
                for n in rows.index
            ],
            "PSI": rows["psi"].astype(float).to_numpy(),
            w("上季缺失", "Missing before"): rows["missing_before"]
            .astype(float)
            .to_numpy(),
            w("本季缺失", "Missing now"): rows["missing"].astype(float).to_numpy(),
            w("判断", "Reading"): [w(*READING[r]) for r in rows["reading"]],
        }
    )
    return Table(
        name="risk_drift",
        title=w(
            "与上季相比各因素的稳定性", "Stability of the inputs since last quarter"
        ),
        frame=frame,
        formats=dict(zip(frame.columns[1:4], ("score", "share", "share"))),
        note=w(
            "PSI低于0.10为稳定，0.25及以上须查明原因。",
            "PSI below 0.10 is stable; from 0.25 on, explain before use.",
        ),
    )


def leak_table(leaks: LeakCheck, lang: str) -> Table:
    """The checks that nothing of the future is known."""
    w = words(lang)
    rows = leaks.rows
    frame = pd.DataFrame(
        {
            w("检查", "Check"): [w(*CHECKS[n]) for n in rows.index],
            w("结果", "Result"): [
                w("通过", "passed") if p else w("未通过", "failed")
                for p in rows["passed"]
            ],
            w("发现", "Found"): rows["found"].to_numpy(),
        }
    )
    return Table(
        name="risk_leaks",
        title=w("泄漏检查", "Leak checks"),
        frame=frame,
        note=w(
            f"以{leaks.early}与{leaks.late}两次所见比较。",
            f"What was known on {leaks.early} and on {leaks.late} is compared.",
        ),
    )


def card(
    risk: ReturnRisk,
    watch: WatchList,
    backtest: Backtest | None,
    visits: VisitEffect | None,
    detection: Detection,
    drift: Drift,
    leaks: LeakCheck | None,
    terms: Mapping[str, str],
    lang: str,
) -> Table:
    """The model card, made from the run itself."""
    w = words(lang)
    none = w("无", "none")
    reasons = {
        "all missing": w("全部缺失", "all missing"),
        "does not vary": w("没有变化", "does not vary"),
        "follows from other terms": w("由其他因素决定", "follows from other terms"),
    }
    if risk.method == "rules":
        rows = [
            (
                w("方法", "Method"),
                w(
                    "监测规则排序（已知返贫太少，不能估计概率）",
                    "order of the trigger rules (too few returns for a probability)",
                ),
            )
        ]
    else:
        rows = [
            (
                w("方法", "Method"),
                w(
                    "离散时间风险模型（互补双对数）；村与户的既往以收缩乘子计入；各因素作用向零收缩，幅度由数据估计",
                    "discrete-time hazard (complementary log-log); past of village and household as shrunken multipliers; effects drawn to zero as far as the data say",
                ),
            ),
            (
                w("结果", "Outcome"),
                w(
                    f"此后{risk.horizon_quarters}个季度内录入的返贫或纳入监测",
                    f"a return or entry into monitoring recorded within {risk.horizon_quarters} quarter(s)",
                ),
            ),
            (
                w("训练", "Trained on"),
                w(
                    f"{risk.n}户季、{risk.events}次返贫、{risk.clusters}户，截至{risk.as_of}",
                    f"{risk.n} household-quarters, {risk.events} returns, {risk.clusters} households, up to {risk.as_of}",
                ),
            ),
            (
                w("剔除的因素", "Terms left out"),
                "、".join(
                    f"{terms.get(k, k)}（{reasons[v]}）"
                    for k, v in risk.dropped.items()
                )
                or none,
            ),
            (
                w("同季全体相同的因素", "Same for all within a quarter"),
                "、".join(terms.get(c, c) for c in risk.calendar) or none,
            ),
            (
                w("惩罚估计", "Penalised"),
                risk.penalised
                and w(f"是：{risk.penalised}", f"yes: {risk.penalised}")
                or w("否", "no"),
            ),
            (
                w("填补最多的因素", "Most imputed terms"),
                "、".join(
                    f"{terms.get(k, k)} {number(v / max(risk.n, 1), 'share')}"
                    for k, v in risk.missing.nlargest(3).items()
                    if v
                )
                or none,
            ),
            (
                w("迟录校正", "Late records"),
                w(
                    "发生当季起各季已录入：",
                    "recorded from the quarter of the event on: ",
                )
                + "、".join(number(s, "share") for s in risk.reported),
            ),
            (
                w("村、户差异（方差）", "Variance of villages, households"),
                f"{risk.village_frailty_variance:.2f}、{risk.household_frailty_variance:.2f}",
            ),
            (
                w(
                    "水平调整（最近四季，对数）",
                    "Level set on the last four quarters (log)",
                ),
                f"{risk.shift:+.2f}",
            ),
        ]
    if backtest is not None:
        lines = {
            m: backtest.value("hazard", m)
            for m in (
                "auc",
                f"recall_{backtest.capacities[0] * 100:g}",
                "slope",
                "in_the_large",
            )
        }
        rows += [
            (
                metric_name(m, w),
                f"{v['value']:.3f} "
                + (
                    f"[{v['ci_low']:.3f}, {v['ci_high']:.3f}]"
                    if v["ci_low"] == v["ci_low"]
                    else w(
                        "（区间未知：返贫太少）", "(interval unknown: too few returns)"
                    )
                ),
            )
            for m, v in lines.items()
        ]
        groups = backtest.groups
        worst = groups[groups["returns"] >= FEWEST_RETURNS].nsmallest(1, "recall")
        rows += [
            (
                w("覆盖最低的组", "Group with the lowest recall"),
                f"{_group(r, lang)} {number(r.recall, 'share')}{in_brackets(r.ci_low, r.ci_high, 'share', lang)}",
            )
            for r in worst.itertuples()
        ]
    rows += [
        (
            w("走访", "Visits"),
            w("按不走访评分；", "scored without a visit; ")
            + (
                w("作用可以识别", "effect identified")
                if visits and visits.identified
                else w("作用无法识别", "effect not identified")
            ),
        ),
        (
            w("发现率", "Detection"),
            w("可以识别", "identified")
            if detection.identified
            else w("无法识别", "not identified"),
        ),
        (
            w("最不稳定的因素", "Least stable input"),
            f"{terms.get(i, i)} PSI {drift.rows.at[i, 'psi']:.2f}"
            if len(drift.rows) and (i := drift.rows["psi"].astype(float).idxmax())
            else none,
        ),
        (
            w("名单进出可解释", "List changes explained"),
            number(watch.explained(), "share"),
        ),
        (
            w("泄漏检查", "Leak checks"),
            w("未运行", "not run")
            if leaks is None
            else w("全部通过", "all passed")
            if leaks.passed
            else leaks.summary(),
        ),
        (
            w("不能用于", "Not for"),
            w(
                "认定、清退或处罚任何户；只供安排走访",
                "deciding on, removing or punishing any household; only for planning visits",
            ),
        ),
    ]
    return Table(
        name="risk_card",
        title=w("模型卡", "Model card"),
        frame=pd.DataFrame(rows, columns=[w("项目", "Item"), w("内容", "Content")]),
        note=w("由本次运行自动生成。", "Made from this run."),
    )
