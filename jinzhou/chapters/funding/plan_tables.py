"""Where the next yuan could go: plans beside today's, their ranges, what each limit costs, and what all of it assumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from jinzhou.chapters.funding.cost_tables import kind_name
from jinzhou.publish import figures
from jinzhou.publish.chapter import (
    Figure,
    Sentence,
    Table,
    by_county,
    county_name,
    number,
    words,
)
from jinzhou.reference.vocabulary import (
    ALLOCATION_ASSUMPTIONS,
    ALLOCATION_CONSTRAINTS,
    ALLOCATION_DIRECTIONS,
    ALLOCATION_PLANS,
    ALLOCATION_REASONS,
)

if TYPE_CHECKING:
    from jinzhou.chapters.funding.analysis.allocation import Allocation
    from jinzhou.chapters.funding.analysis.response import Response

NOT_AN_ORDER = ("供研究参考，不是拨款指令：", "For study, no instruction to pay: ")


def tables(plan: Allocation, response: Response, *, lang: str) -> tuple[Table, ...]:
    """All tables of the plans; without a plan, why there is none."""
    if plan.status in ("not identified", "money in two units"):
        return (_response(response, lang),)
    if plan.status == "infeasible":
        return (_clash(plan, lang), _response(response, lang))
    return (
        _plans(plan, lang),
        _counties(plan, lang),
        _arms(plan, lang),
        _prices(plan, lang),
        *([_breaks(plan, lang)] if len(plan.today_breaks) else []),
        _response(response, lang),
    )


def sentence(plan: Allocation, *, lang: str) -> Sentence:
    """What can be said about the plans in one sentence."""
    w = words(lang)
    if plan.status == "not identified":
        why = w("、", ", ").join(w(*ALLOCATION_REASONS[code]) for code in plan.why)
        return Sentence(
            text=w(
                f"钱往哪里放更有效：无法识别（{why}），不给方案。",
                f"Where money would do more cannot be identified ({why}): no plan is given.",
            ),
            tables=("plan_response",),
        )
    if plan.status == "money in two units":
        return Sentence(
            text=w(
                f"金额似乎混用元和万元（{'、'.join(plan.why[:5])}），核对前不给方案。",
                f"Money seems to be in two units ({', '.join(plan.why[:5])}): no plan before that is checked.",
            ),
            tables=("plan_response",),
        )
    if plan.status == "infeasible":
        return Sentence(
            text=w(
                f"给定的{len(plan.clash)}条限制不能同时成立，没有方案；须先放宽其一。",
                f"{len(plan.clash)} of the limits cannot hold together, so there is no plan; one has to give way.",
            ),
            tables=("plan_clash",),
        )
    best, arms = plan.plans.loc["expected"], plan.arms
    free = int((arms["status"] == "free").sum())
    if free < 2:
        return Sentence(
            text=w(
                f"{len(arms)}个县×类别中只有{free}个看得出效果，没有可以相互调动的钱，不给方案。",
                f"Of {len(arms)} arms (county x category) {free} shows an effect: no money can be moved between them, and no plan is given.",
            ),
            tables=("plan_arms", "plan_response"),
        )
    moved = arms[arms["direction"].isin(["more", "less"])]
    middle, low, high = (
        number(best[k], "count" if best["gain"] >= 10 else "number")
        for k in ("gain", "gain_ci_low", "gain_ci_high")
    )
    gain = w(
        f"同样的钱另行安排，每年预计多稳定脱贫{middle}人（{plan.level:.0%}区间{low}至{high}）",
        f"The same money placed otherwise would be expected to bring {middle} more lasting exits a year ({plan.level:.0%} interval {low} to {high})",
    )
    verdict = (
        w(
            "，方向看不准，没有理由改变今年计划",
            "; the direction is uncertain and gives no reason to change today's plan",
        )
        if best["gain_ci_low"] <= 0
        else ""
    )
    over = int(
        moved.index.isin(
            list(zip(plan.today_breaks["county"], plan.today_breaks["category"]))
        ).sum()
    )
    because = (
        w(
            f"（其中{over}个只因今年数越过限额）",
            f" ({over} only because today's money passes a limit)",
        )
        if over
        else ""
    )
    told = w(
        f"{len(arms)}个县×类别中，{free}个可比较，{len(moved)}个增减方向明确{because}",
        f"of {len(arms)} arms (county x category) {free} can be compared and {len(moved)} have a clear direction{because}",
    )
    return Sentence(
        text=w(f"{gain}{verdict}；{told}。", f"{gain}{verdict}; {told}."),
        tables=("plan_compare", "plan_counties"),
    )


def figure(plan: Allocation, *, lang: str) -> Figure | None:
    """Today's money of each county beside the range of plans; None without a plan."""
    if plan.status != "planned":
        return None
    w = words(lang)
    rows = plan.counties.sort_index()
    frame = pd.DataFrame(
        {
            "label": [county_name(c, lang) for c in rows.index],
            **{k: rows[k].to_numpy() / 1e4 for k in ("today", "low", "high")},
            "value": rows["expected"].to_numpy() / 1e4,
        }
    )
    return figures.ranges(
        frame,
        lang=lang,
        name="plan_counties",
        title=w(
            "各县资金：今年计划与可辩护方案的范围",
            "Money by county: today's plan and the range of defensible plans",
        ),
        axis=w("万元", "10,000 yuan"),
    )


def _plans(plan: Allocation, lang: str) -> Table:
    w = words(lang)
    p = plan.plans
    frame = pd.DataFrame(
        {
            w("方案", "Plan"): [w(*ALLOCATION_PLANS[k]) for k in p.index],
            w("预计稳定脱贫（人/年）", "Lasting exits a year"): p["exits"].to_numpy(),
            w("比今年多", "More than today"): p["gain"].to_numpy(),
            w("下限", "Low"): p["gain_ci_low"].to_numpy(),
            w("上限", "High"): p["gain_ci_high"].to_numpy(),
            w("优于今年的概率", "Chance of doing better"): p["better"].to_numpy(),
            w("最大遗憾", "Largest regret"): p["regret_most"].to_numpy(),
            w("调动（万元）", "Moved (10,000 yuan)"): p["moved"].to_numpy(),
            w("安排（万元）", "Placed (10,000 yuan)"): p["spent"].to_numpy(),
        }
    )
    frame.loc[p.index.get_loc("today"), frame.columns[2:6]] = np.nan
    assumed = w("；", "; ").join(
        w(*ALLOCATION_ASSUMPTIONS[key]) for key in plan.assumes
    )
    return Table(
        name="plan_compare",
        title=w("同样的钱，几种安排", "The same money, placed in several ways"),
        frame=frame,
        formats=dict.fromkeys(frame.columns[1:5], "number")
        | {
            frame.columns[5]: "share",
            frame.columns[6]: "number",
            frame.columns[7]: "wan_yuan",
            frame.columns[8]: "wan_yuan",
        },
        note=w(
            f"{NOT_AN_ORDER[0]}只比较“可调整”的县×类别的稳定脱贫；区间{plan.level:.0%}，来自对效果的{plan.draws}次抽取。最大遗憾：各次抽取中，比该次最好的安排最多少多少；“最稳妥”就是使它最小的安排。前提：{assumed}。",
            f"{NOT_AN_ORDER[1]}lasting exits of the arms that can move, intervals {plan.level:.0%} over {plan.draws} draws of the response. Largest regret: the most that the best plan of a draw would have brought more; “least regret” is the plan that makes it smallest. Assumed: {assumed}.",
        ),
    )


def _columns(rows: pd.DataFrame, lang: str) -> tuple[pd.DataFrame, dict[str, str]]:
    w = words(lang)
    heads = {
        "today": w("今年计划", "Today"),
        "low": w("方案下限", "Plans, low"),
        "high": w("方案上限", "Plans, high"),
        "expected": w("预期最多", "Most expected"),
        "cautious": w("最稳妥", "Least regret"),
        "small step": w("小幅调整", "Small step"),
    }
    frame = rows[list(heads)].rename(columns=heads)
    frame[w("方向", "Direction")] = [
        w(*ALLOCATION_DIRECTIONS[d]) for d in rows["direction"]
    ]
    return frame, dict.fromkeys(heads.values(), "wan_yuan")


def _counties(plan: Allocation, lang: str) -> Table:
    w = words(lang)
    frame, formats = _columns(plan.counties, lang)
    return Table(
        name="plan_counties",
        title=w(
            "各县资金：今年计划与方案范围（万元）",
            "Money by county: today and the range of plans (10,000 yuan)",
        ),
        frame=by_county(frame, lang),
        formats=formats,
        note=w(
            f"{NOT_AN_ORDER[0]}范围含各种可能效果下最好方案的{plan.level:.0%}和上列各方案；整个范围都在今年计划之上或之下才写方向，其余为看不准。",
            f"{NOT_AN_ORDER[1]}the range holds {plan.level:.0%} of the plans that are best under some response, and those named; a direction is written only when all of it lies on one side of today.",
        ),
    )


def _arms(plan: Allocation, lang: str) -> Table:
    w = words(lang)
    rows = plan.arms.reset_index()
    frame, formats = _columns(rows, lang)
    frame.insert(
        0, w("类别", "Category"), [kind_name(c, lang) for c in rows["category"]]
    )
    frame.insert(
        0, w("县（市、区）", "County"), [county_name(c, lang) for c in rows["county"]]
    )
    frame[w("说明", "Note")] = [w(*ALLOCATION_REASONS[s]) for s in rows["status"]]
    return Table(
        name="plan_arms",
        title=w(
            "各县各类资金：今年计划与方案范围（万元）",
            "Money by county and category (10,000 yuan)",
        ),
        frame=frame,
        formats=formats,
        note=w(
            "保持今年数的各项不是说没有用，只是现有数据看不出增减会怎样。",
            "Arms that are held are not said to be useless: the data do not tell what more or less would do.",
        ),
    )


def _prices(plan: Allocation, lang: str) -> Table:
    w = words(lang)
    rows = plan.prices[plan.prices["binding"]].sort_values(
        ["price", "constraint", "county", "category"],
        ascending=[False, True, True, True],
    )
    frame = _named(rows, lang).assign(
        **{
            w("限额（万元）", "Limit (10,000 yuan)"): rows["bound"].to_numpy(),
            w(
                "每放宽1万元多稳定脱贫（人）",
                "Lasting exits per 10,000 yuan of loosening",
            ): rows["price"].to_numpy(),
            w("下限", "Low"): rows["ci_low"].to_numpy(),
            w("上限", "High"): rows["ci_high"].to_numpy(),
        }
    )
    heads = list(frame.columns)
    return Table(
        name="plan_prices",
        title=w("每条限制的代价", "What each limit costs"),
        frame=frame,
        formats={heads[3]: "wan_yuan"} | dict.fromkeys(heads[4:], "score"),
        note=w(
            "只列起作用的限制；下限、上限为各种可能效果下的范围。资金总额一行即再多1万元能多多少。",
            "Limits that bind only; low and high over the draws of the response. The row of the total is what 10,000 yuan more would bring.",
        ),
    )


def _breaks(plan: Allocation, lang: str) -> Table:
    w = words(lang)
    return _limits(
        plan.today_breaks,
        "today",
        lang,
        name="plan_today",
        title=w("今年计划越过的限制", "Limits that today's plan does not keep"),
        heading=w("今年计划（万元）", "Today (10,000 yuan)"),
        note=w(
            "这些项上方案与今年的差别来自限制，不来自效果。",
            "Where these stand, plans differ from today's by the limit and not by the response.",
        ),
    )


def _clash(plan: Allocation, lang: str) -> Table:
    w = words(lang)
    return _limits(
        plan.clash,
        "loosen",
        lang,
        name="plan_clash",
        title=w("不能同时成立的限制", "Limits that cannot hold together"),
        heading=w(
            "单独放宽多少即可（万元）", "Loosening that alone mends it (10,000 yuan)"
        ),
        note=w(
            "去掉其中任何一条，其余就能成立；“—”表示另有一组限制也不成立，单独放宽这一条不够。",
            "Without any one of them the rest can hold; a dash means that another set clashes too, so this one alone does not mend it.",
        ),
    )


def _limits(
    rows: pd.DataFrame,
    column: str,
    lang: str,
    *,
    name: str,
    title: str,
    heading: str,
    note: str,
) -> Table:
    """Named limits with their amount and one more."""
    frame = _named(rows, lang).assign(
        **{
            words(lang)("限额（万元）", "Limit (10,000 yuan)"): rows[
                "bound"
            ].to_numpy(),
            heading: rows[column].to_numpy(),
        }
    )
    return Table(
        name=name,
        title=title,
        frame=frame,
        formats=dict.fromkeys(frame.columns[3:], "wan_yuan"),
        note=note,
    )


def _named(rows: pd.DataFrame, lang: str) -> pd.DataFrame:
    w = words(lang)
    return pd.DataFrame(
        {
            w("限制", "Limit"): [
                w(*ALLOCATION_CONSTRAINTS[c]) for c in rows["constraint"]
            ],
            w("县（市、区）", "County"): [
                county_name(c, lang) if c else "" for c in rows["county"]
            ],
            w("类别", "Category"): [kind_name(c, lang) for c in rows["category"]],
        }
    )


def _response(response: Response, lang: str) -> Table:
    w = words(lang)
    rows = response.arms.reset_index()
    frame = pd.DataFrame(
        {
            w("县（市、区）", "County"): [county_name(c, lang) for c in rows["county"]],
            w("类别", "Category"): [kind_name(c, lang) for c in rows["category"]],
            w("以往每年（万元）", "Past, a year (10,000 yuan)"): rows[
                "reference"
            ].to_numpy(float),
            w("多稳定脱贫（人/年）", "Additional lasting exits a year"): rows[
                "exits"
            ].to_numpy(float),
            w("下限", "Low"): rows["ci_low"].to_numpy(float),
            w("上限", "High"): rows["ci_high"].to_numpy(float),
            w("钱多1%覆盖多%", "% more reached per 1% more money"): rows[
                "elasticity"
            ].to_numpy(float),
            w("项目数", "Projects"): rows["projects"].to_numpy(float),
            w("说明", "Note"): [w(*ALLOCATION_REASONS[s]) for s in rows["status"]],
        }
    )
    if response.status != "estimated":
        frame[list(frame.columns[3:7])] = np.nan
    why = w("、", ", ").join(w(*ALLOCATION_REASONS[code]) for code in response.why)
    return Table(
        name="plan_response",
        title=w(
            "钱与稳定脱贫：估计到什么程度",
            "Money and lasting exits: how far they are known",
        ),
        frame=frame,
        formats={
            frame.columns[2]: "wan_yuan",
            **dict.fromkeys(frame.columns[3:7], "number"),
            frame.columns[7]: "count",
        },
        note=(w(f"无法识别：{why}。", f"Not identified: {why}. ") if why else "")
        + w(
            f"覆盖人数随金额的变化来自{response.n}个已付款项目；每人多出的稳定脱贫来自与条件相近、未受帮扶的户比较。项目不是随机安排的；未登记的差异按各项约{np.exp(response.unmeasured) - 1:.0%}计入区间，这个幅度是设定的。",
            f"Persons reached per yuan from {response.n} paid projects; additional lasting exits per person from alike households without help. Projects were not placed by lot; what is not recorded is let into the "
            f"intervals at about {np.exp(response.unmeasured) - 1:.0%} per arm, a figure that is chosen.",
        ),
    )
