"""Tables of the frontier: who is on it, how surely, and what the others could copy from their peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from jinzhou.chapters.funding.cost_tables import COVARIATE
from jinzhou.publish.chapter import (
    Sentence,
    Table,
    county_name,
    in_brackets,
    number,
    words,
)

if TYPE_CHECKING:
    from jinzhou.statistics.frontier.bootstrap import FrontierIntervals
    from jinzhou.statistics.frontier.dea import Frontier
    from jinzhou.statistics.frontier.malmquist import Malmquist
    from jinzhou.statistics.frontier.outliers import LeaveOneOut
    from jinzhou.statistics.frontier.scale_test import ReturnsTest
    from jinzhou.statistics.frontier.second_stage import SecondStage

NAMES = {
    "paid": ("支出（万元）", "Paid (10,000 yuan)"),
    "cadres": ("驻村干部（人）", "Cadres"),
    "poor": ("起始贫困（人）", "Poor at the start"),
    "exits": ("脱贫（人）", "Exits"),
    "lasting": ("稳定脱贫（人）", "Lasting exits"),
}
STATUS = {
    "efficient": ("有效", "efficient"),
    "weakly efficient": ("弱有效", "weakly efficient"),
    "inefficient": ("非有效", "inefficient"),
    "no comparable unit": ("无可比单元", "no comparable unit"),
    "infeasible": ("无解", "infeasible"),
}
LEANS = 0.05
"""Mean change of the other scores from which the frontier is said to lean on one township (chosen)."""
NO_INTERVALS = {
    "all units efficient": ("单元都在前沿上", "all units efficient"),
    "fewer than two units off the frontier": (
        "前沿以内不足两个单元",
        "fewer than two units off the frontier",
    ),
}
LEFT_OUT = {
    "missing value": ("缺数据", "missing value"),
    "negative value": ("有负值", "negative value"),
    "no input": ("没有投入", "no input"),
    "no output": ("没有产出", "no output"),
}


def tables(
    *,
    frontier: Frontier,
    intervals: FrontierIntervals,
    peers: LeaveOneOut,
    circumstances: SecondStage | None,
    places: pd.Series,
    lang: str,
) -> tuple[Table, ...]:
    """Who is on the frontier; `places` is the county of each township."""
    made = [
        _scores(frontier, intervals, circumstances is None, places, lang),
        _copy(frontier, places, lang),
        _peers(peers, frontier, places, lang),
    ]
    return (
        *made,
        *([_circumstances(circumstances, lang)] if circumstances is not None else []),
    )


def checks_sentence(
    moved: Malmquist, scale: ReturnsTest, peers: LeaveOneOut, *, lang: str
) -> Sentence:
    """Has the frontier moved since last year, is scale a reason, does one township decide it."""
    w = words(lang)
    front = _moved(moved, "technical", lang)
    if moved.status == "compared" and moved.means["technical_ci_low"].notna().iloc[-1]:
        one = moved.means.iloc[-1]
        front += in_brackets(
            one["technical_ci_low"] - 1, one["technical_ci_high"] - 1, "share", lang
        )
        front += (
            w(
                "，含年初贫困人口减少的影响，不等于钱更有效",
                ", fewer poor at the start included, so that money need not work better",
            )
            if one["technical_ci_low"] > 1
            else ""
        )
    found = [front, _size(scale, lang), _lean(peers, lang)]
    return Sentence(
        text=w("；".join(found) + "。", "; ".join(found) + "."),
        tables=("frontier_checks",),
    )


NOT_COMPARED = {
    "one period": ("没有两个年度的拨付", "no two years of payments"),
    "nobody compared": (
        "没有两个年度都可比的乡镇",
        "no township is sound in both years",
    ),
    "too few units": ("乡镇太少", "too few townships"),
}
MOVED = {
    "technical": (
        ("前沿比上年前移{}", "The frontier moved out by {} since last year"),
        (
            "看不出前沿比上年移动",
            "The frontier cannot be told to have moved since last year",
        ),
        ("前沿比上年后退{}", "The frontier fell back by {} since last year"),
    ),
    "efficiency": (
        ("离前沿近了{}", "nearer to it by {}"),
        ("看不出远近变化", "neither nearer nor farther"),
        ("离前沿远了{}", "farther from it by {}"),
    ),
}
"""What is said of a change whose interval lies above 1, holds it, or lies below."""


def _moved(moved: Malmquist, part: str, lang: str) -> str:
    """Whether the frontier moved, or townships came nearer to it; with too little to go by, why it cannot be said."""
    w = words(lang)
    open_ = (
        moved.status
        if moved.status in NOT_COMPARED
        else "too few units"
        if moved.means[f"{part}_ci_low"].isna().iloc[-1]
        else ""
    )
    if open_:
        said = w(*NOT_COMPARED[open_])
        return w(
            f"前沿比上年动没动未能判定（{said}）",
            f"Whether the frontier moved since last year cannot be determined ({said})",
        )
    one = moved.means.iloc[-1]
    up, same, down = MOVED[part]
    return w(
        *(
            up
            if one[f"{part}_ci_low"] > 1
            else down
            if one[f"{part}_ci_high"] < 1
            else same
        )
    ).format(number(abs(one[part] - 1), "share"))


def _size(scale: ReturnsTest, lang: str) -> str:
    w = words(lang)
    if not len(scale.tests) or not scale.enough:
        return w(
            "规模是不是原因未能判定", "whether scale is a reason cannot be determined"
        )
    one = scale.tests.loc["constant"]
    cost = number(1 - one["statistic"], "share")
    return (
        w(
            f"规模是原因之一，平均占产出的{cost}（p={one['p_value']:.3f}）",
            f"scale is a reason, for {cost} of outputs on average (p = {one['p_value']:.3f})",
        )
        if one["rejected"]
        else w(
            f"看不出规模是原因（p={one['p_value']:.3f}）",
            f"scale cannot be told to be a reason (p = {one['p_value']:.3f})",
        )
    )


def _lean(peers: LeaveOneOut, lang: str) -> str:
    w = words(lang)
    if not len(peers.peers) or not peers.enough:
        return w(
            "前沿靠不靠个别乡镇未能判定",
            "whether one township decides the frontier cannot be determined",
        )
    name, most = peers.peers.index[0], peers.peers["mean_change"].iloc[0]
    return (
        w(
            f"前沿靠{name}撑着：去掉它，其余得分平均变动{number(most, 'score')}，先核实",
            f"the frontier leans on {name}: without it the other scores move by {number(most, 'score')} on average; check it first",
        )
        if most >= LEANS
        else w(
            f"前沿不靠哪一个乡镇撑着（去掉任何一个，其余得分平均变动不超过{number(most, 'score')}）",
            f"no single township decides the frontier (without any one the others move by {number(most, 'score')} on average at most)",
        )
    )


def checks(
    moved: Malmquist, scale: ReturnsTest, peers: LeaveOneOut, *, lang: str
) -> Table:
    """What the frontier stands on: since last year, scale, single townships."""
    w = words(lang)

    def change(part: str) -> tuple[float, float, float]:
        return (
            tuple(moved.means[[part, f"{part}_ci_low", f"{part}_ci_high"]].iloc[-1])
            if moved.status == "compared"
            else (np.nan,) * 3
        )

    ratio = (
        scale.tests["statistic"].iloc[0]
        if len(scale.tests) and scale.enough
        else np.nan
    )
    most = (
        peers.peers["mean_change"].iloc[0]
        if len(peers.peers) and peers.enough
        else np.nan
    )
    rows = [
        (
            w("前沿比上年动了没有", "Has the frontier moved since last year"),
            w("前沿移动（倍）", "shift (times)"),
            *change("technical"),
            _moved(moved, "technical", lang),
        ),
        (
            w("乡镇离前沿近了还是远了", "Did townships come nearer to it"),
            w("效率变动（倍）", "efficiency (times)"),
            *change("efficiency"),
            _moved(moved, "efficiency", lang),
        ),
        (
            w("规模是不是原因", "Is scale a reason"),
            w(
                "不计规模与计规模的平均得分之比",
                "mean score without scale over with it",
            ),
            ratio,
            np.nan,
            np.nan,
            _size(scale, lang),
        ),
        (
            w("是不是一个乡镇定了前沿", "Does one township decide it"),
            w("去掉一个，其余平均变动最大", "largest mean change without one"),
            most,
            np.nan,
            np.nan,
            _lean(peers, lang),
        ),
    ]
    frame = pd.DataFrame(
        rows,
        columns=[
            w("问题", "Question"),
            w("量", "Measure"),
            w("数值", "Value"),
            w("下限", "Low"),
            w("上限", "High"),
            w("回答", "Answer"),
        ],
    )
    return Table(
        name="frontier_checks",
        title=w(
            "前沿可不可靠：动没动、规模、个别乡镇",
            "What the frontier stands on: since last year, scale, single townships",
        ),
        frame=frame,
        formats=dict.fromkeys(frame.columns[2:5], "score"),
        note=w(
            f"前两行为截止日前两个12个月的比较（Malmquist指数，规模报酬不变；投入：当年支出、驻村干部、年初贫困人口；产出：当年脱贫），大于1为进步；{moved.level:.0%}区间由逐组去掉乡镇重算得出，含前沿本身的误差。"
            f"年初贫困人口逐年减少，脱贫人数不减就表现为前移，不等于钱更有效。规模检验为Simar–Wilson（2002），{scale.replications}次。平均变动达到{LEANS:.2f}才说靠个别乡镇（设定值）。",
            f"Rows one and two compare the last two years of twelve months (Malmquist, constant returns; inputs: paid in the year, cadres, persons poor at its start; output: exits in it), above 1 is progress; {moved.level:.0%} "
            f"intervals by leaving out groups of townships, so that they hold the frontier's own error. Fewer poor at the start with as many exits shows as a shift outward and does not say that money works better. "
            f"Scale: Simar and Wilson (2002), {scale.replications} replications. Leaning on one township: a mean change of {LEANS:.2f} (chosen).",
        ),
    )


def _scores(
    frontier: Frontier,
    intervals: FrontierIntervals,
    alone: bool,
    places: pd.Series,
    lang: str,
) -> Table:
    w = words(lang)
    s = intervals.scores.replace(np.inf, np.nan)
    frame = pd.DataFrame(
        {
            w("县（市、区）", "County"): [
                county_name(places.get(t, ""), lang) for t in s.index
            ],
            w("乡镇", "Township"): s.index,
            w("得分", "Score"): s["score"].to_numpy(),
            w("修正后", "Corrected"): s["corrected"].to_numpy(),
            w("下限", "Low"): s["ci_low"].to_numpy(),
            w("上限", "High"): s["ci_high"].to_numpy(),
            w("修正后倒数", "Reciprocal, corrected"): s["reciprocal"].to_numpy(),
            w("状态", "Status"): [w(*STATUS[x]) for x in s["status"]],
        }
    )
    if intervals.ranks is not None:
        r = intervals.ranks.reindex(s.index)
        frame[w("名次范围", "Range of ranks")] = [
            f"{int(a)}–{int(b)}" if a == a else "—"
            for a, b in zip(r["ci_low"], r["ci_high"])
        ]
    few = (
        w(
            "单元数不足，得分没有参考价值，不给名次。",
            "Too few units: scores are not informative and no ranks are given.",
        )
        if not frontier.enough
        else ""
    )
    none = (
        w(
            f"没有区间（{w(*NO_INTERVALS.get(intervals.reason, (intervals.reason,) * 2))}）。",
            f"No intervals ({intervals.reason}). ",
        )
        if intervals.reason
        else ""
    )
    none += (
        w(
            "前沿以内的乡镇太少，未作效率与条件的回归。",
            "Too few townships off the frontier for a regression on circumstances. ",
        )
        if alone
        else ""
    )
    left = w("、", ", ").join(
        f"{u}（{w(*LEFT_OUT.get(why, (why, why)))}）"
        for u, why in frontier.excluded.items()
    )
    return Table(
        name="dea_townships",
        title=w(
            "乡镇效率前沿（数据包络分析，产出导向）",
            "Frontier of townships (DEA, output-oriented)",
        ),
        frame=frame,
        formats=dict.fromkeys(frame.columns[2:7], "score"),
        note=few
        + none
        + w(
            f"投入：期内支出、驻村干部、起始贫困人口；产出：期内脱贫、期内满24个月的稳定脱贫。规模报酬可变；得分≥1，为产出可达到的倍数；修正后为{_how(intervals, lang)}及95%区间。"
            f"前沿是观察到的最好水平，不是应达到的水平。{'未比较：' + left + '。' if left else ''}",
            f"Inputs: money paid, cadres, persons poor at the start; outputs: exits, exits that became lasting in the period. Variable returns; a score of 1 or more is the multiple of outputs within reach; corrected by "
            f"{_how(intervals, lang)}, 95% intervals. The frontier is the best observed, not what ought to be.{' Left out: ' + left + '.' if left else ''}",
        ),
    )


def _how(intervals: FrontierIntervals, lang: str) -> str:
    """How the scores were corrected, and what a dash means."""
    w = words(lang)
    if intervals.convention != "subsampling":
        return w(
            f"平滑自助法去偏（{intervals.convention}口径，{intervals.replications}次）",
            f"the smoothed bootstrap (bias on {intervals.convention}'s scale, {intervals.replications} replications)",
        )
    return w(
        f"子样本法去偏（每次抽{intervals.size}个乡镇，{intervals.replications}次；“—”为未能判定：投入不多于它的乡镇太少，看不出还能多多少）",
        f"subsampling ({intervals.size} townships at a time, {intervals.replications} times; a dash is not determined: too few townships make do with no more, so none shows how far it could go)",
    )


def _copy(frontier: Frontier, places: pd.Series, lang: str) -> Table:
    """What each township off the frontier could see at its peers."""
    w = words(lang)
    rows = []
    peers = (
        frontier.peers[frontier.peers["unit"] != frontier.peers["peer"]]
        .sort_values(["unit", "weight"], ascending=[True, False], kind="stable")
        .groupby("unit")
    )
    for unit in frontier.scores.index[
        frontier.scores["status"].isin(["inefficient", "weakly efficient"])
    ]:
        if unit not in peers.groups:
            continue
        mine = peers.get_group(unit)
        own = frontier.targets.loc[unit]
        score, slack = frontier.scores.at[unit, "score"], frontier.slacks.loc[unit]
        gain = {o: own[o] - (own[o] - slack[o]) / score for o in frontier.outputs}
        rows.append(
            (
                county_name(places.get(unit, ""), lang),
                unit,
                w("、", ", ").join(
                    f"{p} {100 * x:.0f}%"
                    for p, x in zip(mine["peer"].head(3), mine["weight"].head(3))
                ),
                gain["exits"],
                gain["lasting"],
                slack["paid"],
                slack["cadres"],
            )
        )
    frame = pd.DataFrame(
        rows,
        columns=[
            w("县（市、区）", "County"),
            w("乡镇", "Township"),
            w("可参照的乡镇及权重", "Peers and their weights"),
            w("可多脱贫（人）", "More exits within reach"),
            w("可多稳定脱贫（人）", "More lasting exits"),
            w("支出富余（万元）", "Money to spare (10,000 yuan)"),
            w("干部富余（人）", "Cadres to spare"),
        ],
    )
    return Table(
        name="dea_peers",
        title=w(
            "可以向谁学：参照乡镇与差距", "What the others could copy: peers and gaps"
        ),
        frame=frame,
        formats={
            frame.columns[3]: "number",
            frame.columns[4]: "number",
            frame.columns[5]: "wan_yuan",
            frame.columns[6]: "number",
        },
        note=w(
            "参照乡镇投入不多于、产出不少于本乡镇（按权重组合）。差距是与观察到的最好水平之差，没有扣除抽样误差；先去看做法，不下指标。",
            "Peers, in the weights shown, use no more and bring no less. The gap is to the best observed, sampling error not taken off: go and look before setting any target.",
        ),
    )


def _peers(
    peers: LeaveOneOut, frontier: Frontier, places: pd.Series, lang: str
) -> Table:
    w = words(lang)
    p = peers.peers
    frame = pd.DataFrame(
        {
            w("县（市、区）", "County"): [
                county_name(places.get(t, ""), lang) for t in p.index
            ],
            w("前沿乡镇", "Township on the frontier"): p.index,
            w("被参照次数", "Judges"): p["followers"].to_numpy(),
            w("去掉后其他得分平均变动", "Mean change without it"): p[
                "mean_change"
            ].to_numpy(),
            w("最大变动", "Largest change"): p["largest_change"].to_numpy(),
        }
    )
    return Table(
        name="dea_sensitivity",
        title=w(
            "前沿靠谁撑着：逐个去掉", "What the frontier leans on: each peer left out"
        ),
        frame=frame,
        formats={
            frame.columns[2]: "count",
            frame.columns[3]: "score",
            frame.columns[4]: "score",
        },
        note=w(
            "变动大的前沿乡镇，要么做法突出，要么数据有误，先核实。",
            "A peer that moves many scores is outstanding or wrong: check it first.",
        ),
    )


def _circumstances(stage: SecondStage, lang: str) -> Table:
    w = words(lang)
    c = stage.coefficients
    label = {"constant": ("常数", "constant"), "sigma": ("标准差", "sigma")} | COVARIATE
    frame = pd.DataFrame(
        {
            w("条件", "Circumstance"): [w(*label.get(t, (t, t))) for t in c.index],
            w("系数", "Coefficient"): c["beta"].to_numpy(),
            w("下限", "Low"): c["ci_low"].to_numpy(),
            w("上限", "High"): c["ci_high"].to_numpy(),
            w("p值", "p"): c["p_value"].to_numpy(),
        }
    )
    return Table(
        name="dea_circumstances",
        title=w(
            "效率与乡镇条件（截断回归）",
            "Efficiency and circumstances (truncated regression)",
        ),
        frame=frame,
        formats=dict.fromkeys(frame.columns[1:], "score"),
        note=w(
            f"因变量为产出得分，正系数为条件不利；是相伴关系，不是原因。Simar–Wilson（2007）算法{stage.algorithm}，{stage.replications}次。",
            f"Of the output score: a positive coefficient goes with a larger gap; an association, no cause. Simar and Wilson (2007), algorithm {stage.algorithm}, {stage.replications} replications.",
        ),
    )
