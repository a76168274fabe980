"""Tables of what a lasting exit costs, raw and like with like, and where the difference is real."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from jinzhou.publish.chapter import (
    Sentence,
    Table,
    by_county,
    county_name,
    in_brackets,
    number,
    words,
)
from jinzhou.reference.vocabulary import codes

if TYPE_CHECKING:
    from jinzhou.chapters.funding.analysis.exit_cost import ExitCost, Ranking
    from jinzhou.statistics.matching import OverlapComparison

STATUS = {
    "shown": ("", ""),
    "no interval": ("不足5处", "too few places"),
    "no exits": ("没有脱贫", "no exits"),
    "not known": ("未能判定", "not known"),
    "nothing spent": ("没有支出", "nothing spent"),
}
EXPLAINED = (
    "不足5处：乡镇（村）不足5个，不给区间；未能判定：没有满24个月的脱贫。",
    "Too few places: fewer than five, no interval. Not known: no exit has been followed for the full months.",
)
JOINT = (
    "结论按各类一并比较的校正p值：单看区间不含零的，仍可能分不开。",
    " The verdict goes by p-values corrected for the comparisons made together: an interval that holds no zero may still not be separated.",
)
"""Why a verdict can differ from what one interval shows."""
ALIKE = {
    "separated": ("差异成立", "real"),
    "not separated": ("分不开", "not separated"),
    "no interval": ("地方太少", "too few places"),
    "no overlap": ("没有条件相近的户", "no like households"),
}
COVARIATE = {
    "margin": ("起始收入与线之比（对数）", "starting income over the line (log)"),
    "ill": ("患病人数", "members ill"),
    "disabled": ("残疾人数", "members disabled"),
    "able": ("劳动力占比", "share able to work"),
    "elderly": ("老人数", "members of 60 and more"),
    "unsafe": ("危房", "unsafe dwelling"),
    "remote": ("距主干路（对数）", "distance to the road (log)"),
    "poor_village": ("贫困村", "poor village"),
}
KINDS = {
    code: (label, code.replace("_", " "))
    for label, code in reversed(codes("project").items())
}


def tables(
    *,
    cost: ExitCost,
    cost_town: ExitCost,
    cost_type: ExitCost,
    counties: OverlapComparison,
    towns: OverlapComparison,
    kinds: OverlapComparison,
    gain: OverlapComparison,
    ranks: Ranking,
    places: pd.Series,
    lang: str,
) -> tuple[Table, ...]:
    """What a lasting exit costs, and what income a yuan brings; `places` is the county of each township."""
    return (
        _county(cost, lang),
        _alike(counties, cost, lang),
        _town(towns, cost_town, ranks, places, lang),
        _type(cost_type, lang),
        *_kinds(kinds, lang),
        *_gain(gain, kinds, lang),
        _balance(counties, towns, kinds, gain, lang),
    )


def kind_name(code: str, lang: str) -> str:
    """A type of project in words; ``all`` are those for single households together."""
    return words(lang)(*KINDS.get(code, (code, code)))


def gain_sentence(gain: OverlapComparison, *, lang: str) -> Sentence:
    """What a yuan of help brings in income, or why it cannot be said."""
    w = words(lang)
    if "all" not in gain.rows.index or gain.day is None:
        why = (
            w(
                "期初之后还没有满一年的登记收入",
                "no registry year of income that began after the start is over",
            )
            if gain.day is None
            else w("没有受过项目帮扶的户", "no household was helped by a project")
        )
        return Sentence(
            text=w(
                f"每投入1元增收多少未能判定：{why}。",
                f"What income a yuan brings cannot be determined: {why}.",
            ),
            tables=("income_per_yuan",),
        )
    one = gain.rows.loc["all"]
    if one["status"] in ("no overlap", "no interval"):
        return Sentence(
            text=w(
                f"每投入1元增收多少未能判定：{ALIKE[one['status']][0]}。",
                f"What income a yuan brings cannot be determined: {ALIKE[one['status']][1]}.",
            ),
            tables=("income_per_yuan",),
        )
    year = gain.day.year + 1
    found = w(
        f"每投入1元，{year}年人均纯收入比条件相近、没有受过帮扶的户多增{number(one['per_yuan'], 'score')}元{in_brackets(one['per_yuan_ci_low'], one['per_yuan_ci_high'], 'score', lang)}，未调整为{number(one['raw_per_yuan'], 'score')}元",
        f"Each yuan of help went with {number(one['per_yuan'], 'score')} yuan more of yearly income in {year}{in_brackets(one['per_yuan_ci_low'], one['per_yuan_ci_high'], 'score', lang)} "
        f"than alike households without help gained ({number(one['raw_per_yuan'], 'score')} before adjustment)",
    )
    kinds = gain.rows.drop(index="all")
    real = kinds[(kinds["status"] == "separated") & (kinds["effect"] > 0)]
    each = "".join(
        w(
            f"，其中{kind_name(c, lang)}类{number(x.per_yuan, 'score')}元",
            f"; {kind_name(c, lang)} {number(x.per_yuan, 'score')}",
        )
        for c, x in zip(real.index, real.itertuples())
    )
    open_ = (
        w("，与没有增收分不开", "; it cannot be told apart from none")
        if one["status"] == "not separated"
        else ""
    )
    return Sentence(
        text=w(
            f"{found}{each}{open_}。只是一年的登记收入，不含以后各年，也不是试验证明。",
            f"{found}{each}{open_}. One year's recorded income, without the years after, and no trial.",
        ),
        tables=("income_per_yuan", "income_gain"),
    )


def _heads(lang: str) -> dict[str, tuple[str, str]]:
    w = words(lang)
    return {
        "spent": (w("支出（万元）", "Paid (10,000 yuan)"), "wan_yuan"),
        "exits": (w("期内脱贫（人）", "Exits in the period"), "count"),
        "lasting": (w("已稳定（人）", "Lasting"), "count"),
        "returned": (w("已返贫（人）", "Returned"), "count"),
        "unknown": (w("未满24个月（人）", "Not yet known"), "count"),
        "cost_per_exit": (w("每脱贫1人（元）", "Per exit (yuan)"), "yuan"),
        "cost_ci_low": (w("下限", "Low"), "yuan"),
        "cost_ci_high": (w("上限", "High"), "yuan"),
        "lasting_share": (w("稳定占比（估计）", "Lasting share (estimate)"), "share"),
        "cost_per_lasting": (
            w("每稳定脱贫1人（元）", "Per lasting exit (yuan)"),
            "yuan",
        ),
        "lasting_ci_low": (w("下限 ", "Low "), "yuan"),
        "lasting_ci_high": (w("上限 ", "High "), "yuan"),
    }


def _county(cost: ExitCost, lang: str) -> Table:
    w = words(lang)
    heads = _heads(lang)
    order = sorted(cost.costs.index, key=lambda code: (code == "all", str(code)))
    frame = by_county(
        cost.costs[list(heads)].rename(columns={k: v[0] for k, v in heads.items()}),
        lang,
    )
    frame[w("说明", "Note")] = [w(*STATUS[s]) for s in cost.costs.loc[order, "status"]]
    return Table(
        name="cost_per_exit",
        title=w("脱贫成本（分县）", "Cost of an exit, by county"),
        frame=frame,
        formats=dict(heads.values()),
        counts=tuple(heads[k][0] for k in ("exits", "lasting", "returned", "unknown")),
        total=county_name("all", lang),
        note=w(
            f"稳定脱贫：脱贫满{cost.months}个月未返贫；未满的一律写“未知”，不算稳定。稳定占比用乘积限估计，未满的只计已观察的月份。区间为按乡镇整群的折刀法。这是发生额之比，不是效果。支出和脱贫都只计期内；退出多在年末录入，年中出的简报已计本年支出、未计本年退出，数字偏高。{EXPLAINED[0]}",
            f"Lasting: no return within {cost.months} months; younger exits are not yet known and never count as lasting. The share is a product-limit estimate in which they count for the months "
            "for which they were seen. Intervals: jackknife over townships. A ratio of what happened, not an effect. Both money and exits are those of the period; exits are recorded at the end of a year, so within a year its money counts and its exits do not yet: the figure is too high then. "
            f"{EXPLAINED[1]}",
        ),
    )


def _alike(alike: OverlapComparison, cost: ExitCost, lang: str) -> Table:
    w = words(lang)
    r = alike.rows.loc[sorted(alike.rows.index)]
    frame = pd.DataFrame(
        {
            w("县（市、区）", "County"): [county_name(c, lang) for c in r.index],
            w("起始贫困户", "Poor at the start"): r["households"].to_numpy(),
            w("未调整（元）", "Raw (yuan)"): cost.costs.reindex(r.index)[
                "cost_per_lasting"
            ].to_numpy(),
            w("同类相比（元）", "Like with like (yuan)"): r["cost_adjusted"].to_numpy(),
            w("下限", "Low"): r["adjusted_ci_low"].to_numpy(),
            w("上限", "High"): r["adjusted_ci_high"].to_numpy(),
            w("成本比（未调整）", "Cost ratio, raw"): r["cost_ratio_raw"].to_numpy(),
            w("成本比（同类）", "Cost ratio, like"): r["cost_ratio"].to_numpy(),
            w("校正p值", "Joint p"): r["p_joint"].to_numpy(),
            w("E值", "E-value"): r["e_value"].to_numpy(),
            w("结论", "Verdict"): [w(*ALIKE[s]) for s in r["status"]],
        }
    )
    return Table(
        name="cost_alike",
        title=w(
            "同类相比：与别处条件相近的户比，稳定脱贫成本差多少",
            "Like with like: cost of a lasting exit beside alike households elsewhere",
        ),
        frame=frame,
        formats=_formats(frame, 1),
        counts=(frame.columns[1],),
        note=w(
            f"重叠加权：{'、'.join(COVARIATE[c][0] for c in alike.covariates)}加权后两边完全相等（最大标准差异由{number(r['balance_before'].max(), 'number')}降到{number(r['balance_after'].max(), 'number')}）。{_not_alike(alike, lang)}"
            "成本比大于1为比同类贵。p值已作多重比较校正。E值：没有记录的因素须与所在地和脱贫同时有这么强的关联（比值），才能把脱贫比例之差解释掉。",
            f"Overlap weights make {len(alike.covariates)} starting conditions equal on both sides (largest standardised difference {number(r['balance_before'].max(), 'number')} before, {number(r['balance_after'].max(), 'number')} after).{_not_alike(alike, lang)} Above 1 is dearer than "
            "alike households elsewhere; p-values are corrected for all units. E-value: how strongly something unrecorded would have to go with both place and exit to explain the difference of exit shares away.",
        ),
    )


def _not_alike(alike: OverlapComparison, lang: str) -> str:
    """What nobody delivered and alike households may therefore differ in."""
    names = [words(lang)(*COVARIATE[c]) for c in alike.unknown]
    return (
        words(lang)(
            f"未知而没有比照的条件：{'、'.join(names)}。",
            f" Not known, so that alike households may differ in it: {', '.join(names)}.",
        )
        if names
        else ""
    )


def _formats(frame: pd.DataFrame, counts: int) -> dict[str, str]:
    """Formats of a comparison: counts, then yuan, then plain ratios."""
    names = list(frame.columns)
    return (
        dict.fromkeys(names[1 : 1 + counts], "count")
        | dict.fromkeys(names[1 + counts : 5 + counts], "yuan")
        | dict.fromkeys(names[5 + counts : -1], "score")
    )


def _town(
    alike: OverlapComparison,
    cost: ExitCost,
    ranks: Ranking,
    places: pd.Series,
    lang: str,
) -> Table:
    w = words(lang)
    r = alike.rows
    place = ranks.rows.reindex(r.index)
    span = [
        w(f"第{int(a)}–{int(b)}位", f"{int(a)}-{int(b)}") if s == "placed" else "—"
        for a, b, s in zip(
            place["first"].fillna(0), place["last"].fillna(0), place["status"]
        )
    ]
    frame = pd.DataFrame(
        {
            w("县（市、区）", "County"): [
                county_name(places.get(t, ""), lang) for t in r.index
            ],
            w("乡镇", "Township"): r.index,
            w("起始贫困户", "Poor at the start"): r["households"].to_numpy(),
            w("未调整（元）", "Raw (yuan)"): cost.costs.reindex(r.index)[
                "cost_per_lasting"
            ].to_numpy(),
            w("同类相比（元）", "Like with like (yuan)"): r["cost_adjusted"].to_numpy(),
            w("下限", "Low"): r["adjusted_ci_low"].to_numpy(),
            w("上限", "High"): r["adjusted_ci_high"].to_numpy(),
            w("名次范围", "Range of places"): span,
            w("结论", "Verdict"): [w(*ALIKE[s]) for s in r["status"]],
        }
    )
    stuck = int((ranks.rows["status"] == "not separated").sum())
    frame = (
        frame.assign(_c=[places.get(t, "") for t in r.index])
        .sort_values(["_c", frame.columns[1]], kind="stable")
        .drop(columns="_c")
        .reset_index(drop=True)
    )
    return Table(
        name="cost_towns",
        title=w(
            "稳定脱贫成本（分乡镇，未调整与同类相比）",
            "Cost of a lasting exit, by township, raw and like with like",
        ),
        frame=frame,
        formats={frame.columns[2]: "count"} | dict.fromkeys(frame.columns[3:7], "yuan"),
        counts=(frame.columns[2],),
        note=w(
            f"名次由低到高，只在联合区间能分开时给范围，分不开的写“—”{f'（{stuck}个）' if stuck else ''}。乡镇资金按发生额取定，区间只反映脱贫的偶然性。顺序按代码，不按名次。",
            f"Places from the lowest cost, as ranges that joint intervals allow; a dash{f' ({stuck})' if stuck else ''}: told apart from no other. The money is taken as given. Listed by county, not by rank.",
        ),
    )


def _type(cost: ExitCost, lang: str) -> Table:
    w = words(lang)
    heads = {
        k: v for k, v in _heads(lang).items() if k not in ("returned", "lasting_share")
    }
    rows = cost.costs.drop(index="all")
    frame = (
        rows[list(heads)]
        .rename(columns={k: v[0] for k, v in heads.items()})
        .reset_index(drop=True)
    )
    frame.insert(
        0, w("项目类型", "Project type"), [kind_name(c, lang) for c in rows.index]
    )
    unlinked = ("无带户", "none linked")
    frame[w("说明", "Note")] = [
        w(*(unlinked if s == "no exits" else STATUS[s])) for s in rows["status"]
    ]
    return Table(
        name="cost_by_type",
        title=w(
            "脱贫成本（分项目类型，未调整）", "Cost of an exit, by project type, raw"
        ),
        frame=frame,
        formats=dict(heads.values()),
        counts=tuple(heads[k][0] for k in ("exits", "lasting", "unknown")),
        note=w(
            f"脱贫人数为脱贫前已受该类项目带动的户；一户可受多类项目带动，不能相加。无带户：台账没有带动的户，无从计算。{EXPLAINED[0]}",
            f"Exits of households that a project of the type had taken in before; one household may count under several types. None linked: the books name no household. {EXPLAINED[1]}",
        ),
    )


def _kinds(kinds: OverlapComparison, lang: str) -> tuple[Table, Table]:
    w = words(lang)
    r = kinds.rows
    open_ = [
        w("无上限", "no upper end")
        if np.isfinite(low) and not np.isfinite(high)
        else number(high, "yuan", lang)
        for low, high in zip(r["extra_ci_low"], r["extra_ci_high"])
    ]
    kind, verdict = (
        [kind_name(c, lang) for c in r.index],
        [w(*ALIKE[s]) for s in r["status"]],
    )
    effect = pd.DataFrame(
        {
            w("项目类型", "Project type"): kind,
            w("受助户轮次", "Household-rounds helped"): r["households"].to_numpy(),
            w("受助户（未调整）", "Helped, raw"): r["raw"].to_numpy(float),
            w("其他户（未调整）", "Others, raw"): r["raw_rest"].to_numpy(float),
            w("受助户（同类）", "Helped, like"): r["adjusted"].to_numpy(float),
            w("其他户（同类）", "Others, like"): r["adjusted_rest"].to_numpy(float),
            w("多稳定脱贫（百分点）", "Additional (points)"): 100
            * r["effect"].to_numpy(float),
            w("下限", "Low"): 100 * r["effect_ci_low"].to_numpy(float),
            w("上限", "High"): 100 * r["effect_ci_high"].to_numpy(float),
            w("结论", "Verdict"): verdict,
        }
    )
    money = pd.DataFrame(
        {
            w("项目类型", "Project type"): kind,
            w("每人花费（元）", "Yuan per person"): r["yuan"].to_numpy(float),
            w("每多1人（元）", "Per additional exit (yuan)"): r["cost_extra"].to_numpy(
                float
            ),
            w("下限", "Low"): r["extra_ci_low"].to_numpy(float),
            w("上限", "High"): open_,
            w("E值", "E-value"): r["e_value"].to_numpy(float),
            w("E值（区间端）", "E-value of the limit"): r["e_limit"].to_numpy(float),
            w("结论", "Verdict"): verdict,
        }
    )
    names, yuan = list(effect.columns), list(money.columns)
    return (
        Table(
            name="cost_kinds_alike",
            title=w(
                "哪类项目多带来稳定脱贫（同类相比）",
                "Which kind of project brings more lasting exits, like with like",
            ),
            frame=effect,
            counts=tuple(names[1:2]),
            formats=dict.fromkeys(names[1:2], "count")
            | dict.fromkeys(names[2:6], "share")
            | dict.fromkeys(names[6:9], "number"),
            note=w(
                "每轮从9月30日起12个月；受助须在该轮开始之前；一户受过的其他类项目也作为条件。稳定脱贫按已观察月份估计。这是模型估计，不是试验结果。"
                + JOINT[0],
                "Rounds of 12 months from 30 September; help must come before its round; help of other kinds is a condition too. Lasting exits are expected from the months seen. A model's estimate, no trial."
                + JOINT[1],
            ),
        ),
        Table(
            name="cost_kinds_extra",
            title=w(
                "每多稳定脱贫1人花多少（同类相比）",
                "What one more lasting exit costs, like with like",
            ),
            frame=money,
            formats=dict.fromkeys(yuan[1:4], "yuan")
            | dict.fromkeys(yuan[5:7], "score"),
            note=w(
                "花费为该轮之前一年平均到每人的拨付。“无上限”表示不能排除没有作用。E值：没有记录的因素须与受助和脱贫同时有这么强的关联（比值）才能解释掉；为1表示无须任何遗漏因素即可解释。"
                + JOINT[0],
                "Yuan paid per person in the year before the round. 'No upper end': no effect cannot be ruled out. E-value: how strongly something unrecorded would have to go with both help and exit; 1: nothing unrecorded is needed."
                + JOINT[1],
            ),
        ),
    )


def _gain(
    gain: OverlapComparison, kinds: OverlapComparison, lang: str
) -> tuple[Table, Table]:
    """Income gained beside alike households, and for each yuan, beside the cost of a lasting exit."""
    w = words(lang)
    r = gain.rows
    kind = [
        w("各类到户项目", "Any for households") if c == "all" else kind_name(c, lang)
        for c in r.index
    ]
    income = pd.DataFrame(
        {
            w("项目类型", "Project type"): kind,
            w("受助户", "Households helped"): r["households"].to_numpy(),
            w("受助户增收（未调整）", "Helped, raw"): r["raw"].to_numpy(float),
            w("未受助户（未调整）", "Not helped, raw"): r["raw_rest"].to_numpy(float),
            w("受助户（同类）", "Helped, like"): r["adjusted"].to_numpy(float),
            w("未受助户（同类）", "Not helped, like"): r["adjusted_rest"].to_numpy(
                float
            ),
            w("多增收", "Gained more"): r["effect"].to_numpy(float),
            w("下限", "Low"): r["effect_ci_low"].to_numpy(float),
            w("上限", "High"): r["effect_ci_high"].to_numpy(float),
        }
    )
    open_ = [
        w("无上限", "open")
        if np.isfinite(low) and not np.isfinite(high)
        else number(high, "number", lang)
        for low, high in zip(r["extra_ci_low"], r["extra_ci_high"])
    ]
    money = pd.DataFrame(
        {
            w("项目类型", "Project type"): kind,
            w("人均帮扶支出（元）", "Help per head (yuan)"): r["yuan"].to_numpy(float),
            w("每投入1元年增收（未调整）", "Income per yuan, raw"): r[
                "raw_per_yuan"
            ].to_numpy(float),
            w("同类相比", "Like with like"): r["per_yuan"].to_numpy(float),
            w("下限", "Low"): r["per_yuan_ci_low"].to_numpy(float),
            w("上限", "High"): r["per_yuan_ci_high"].to_numpy(float),
            w("每多增收1元花费（元）", "Yuan per yuan of income"): r[
                "cost_extra"
            ].to_numpy(float),
            w("下限 ", "Low "): r["extra_ci_low"].to_numpy(float),
            w("上限 ", "High "): open_,
            w("每多稳定脱贫1人（元）", "Yuan per lasting exit more"): kinds.rows[
                "cost_extra"
            ]
            .reindex(r.index)
            .to_numpy(float),
            w("E值", "E-value"): r["e_value"].to_numpy(float),
            w("E值（区间端）", "E-value of the limit"): r["e_limit"].to_numpy(float),
            w("结论", "Verdict"): [w(*ALIKE[s]) for s in r["status"]],
        }
    )
    names, heads = list(income.columns), list(money.columns)
    left = int(gain.dropped.sum())
    when = (
        w(f"{gain.day:%Y-%m-%d}", f"{gain.day:%Y-%m-%d}")
        if gain.day is not None
        else "—"
    )
    return (
        Table(
            name="income_gain",
            title=w(
                "受帮扶户的收入多增多少（元/人·年，同类相比）",
                "Income gained by households helped (yuan a head and year, like with like)",
            ),
            frame=income,
            counts=(names[1],),
            formats=dict.fromkeys(names[1:], "count"),
            note=w(
                f"期初贫困户；受助指{when}前已由该类项目带动且有支出；增收为期初到最近一个登记年度人均纯收入之差，当年价，两边同年比较。此后才受助的户两边都不算；缺收入等未用的户{left}户。",
                f"Households poor at the start; helped: taken in by {when} by a project of the kind that has paid. Gain of net income per head to the latest registry year, prices of each year, the same years on both sides. "
                f"Households first helped later are on neither side; {left} without an income or a condition are left out.",
            ),
        ),
        Table(
            name="income_per_yuan",
            title=w(
                "每投入1元增收多少（与每多稳定脱贫1人的花费并列）",
                "Income gained for each yuan, beside the cost of one more lasting exit",
            ),
            frame=money,
            formats={heads[1]: "yuan"}
            | dict.fromkeys(heads[2:6], "score")
            | dict.fromkeys(heads[6:8], "number")
            | {heads[9]: "yuan", heads[10]: "score", heads[11]: "score"},
            note=w(
                "每投入1元年增收＝多增收÷人均帮扶支出（期初到该登记年度末的全部支出）；区间按乡镇整群，资金按发生额取定；“无上限”表示不能排除没有增收。只是一年的登记收入：没有计入以后各年，也不含脱贫、治病、上学等其他成效，不能单凭它给项目排队。"
                "与条件相近的户之差，不是试验，不能证明因果；E值：没有记录的因素须与受助和增收同时有这么强的关联才能解释掉，为1表示无须任何遗漏因素。"
                + JOINT[0],
                "Income per yuan: gained more over help per head (all paid from the start to the end of that registry year); intervals by townships, money taken as given; open: no gain cannot be ruled out. One year's recorded income: no later years, and nothing of exits, health or schooling, "
                "so it cannot rank kinds by itself. A difference from alike households, no trial and no proof of cause; E-value: how strongly something unrecorded would have to go with both help and gain; 1: nothing unrecorded is needed."
                + JOINT[1],
            ),
        ),
    )


def _balance(
    counties: OverlapComparison,
    towns: OverlapComparison,
    kinds: OverlapComparison,
    gain: OverlapComparison,
    lang: str,
) -> Table:
    w = words(lang)
    sides = {
        w("分县", "Counties"): counties,
        w("分乡镇", "Townships"): towns,
        w("分项目类型", "Project types"): kinds,
        w("增收", "Income gained"): gain,
    }
    largest = {
        label: one.balance.assign(
            before=one.balance["before"].abs(), after=one.balance["after"].abs()
        )
        .groupby("covariate")[["before", "after"]]
        .max()
        for label, one in sides.items()
    }
    conditions = [
        c for c in COVARIATE if any(c in one.covariates for one in sides.values())
    ]
    frame = pd.DataFrame(
        {
            w("条件", "Condition"): [w(*COVARIATE[c]) for c in conditions],
            **{
                label: rows["before"].reindex(conditions).to_numpy(float)
                for label, rows in largest.items()
            },
            w("加权后（最大）", "After, largest"): pd.concat(
                [rows["after"].reindex(conditions) for rows in largest.values()], axis=1
            )
            .max(axis=1)
            .to_numpy(float),
        }
    )
    left = int(counties.dropped.sum())
    return Table(
        name="balance",
        title=w(
            "条件平衡：加权前的差异，加权后还剩多少",
            "Balance of starting conditions: differences before weighting, and what is left after",
        ),
        frame=frame,
        formats=dict.fromkeys(frame.columns[1:], "score"),
        note=w(
            f"标准差异为均值之差除以标准差，各单位中取最大；0.1以下视为平衡。缺条件而未用的户{left}户。",
            f"Differences of means over standard deviations, the largest of all units; below 0.1 is balanced. {left} households without these data are left out.",
        ),
    )
