"""Tables of how deep poverty is among the registered, who bears the payments, what moved it, and which guarantees lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.publish.chapter import (
    Sentence,
    Table,
    by_county,
    in_brackets,
    number,
    words,
)

if TYPE_CHECKING:
    from jinzhou.statistics.survey import Estimates

INDICES = {
    "headcount": ("低于贫困线（人口占比）", "persons below the line (share)"),
    "gap": ("贫困缺口", "gap"),
    "severity": ("贫困深度（缺口平方）", "severity (squared gap)"),
    "watts": ("瓦茨指数", "Watts"),
    "sen": ("森指数", "Sen"),
    "sst": ("SST指数", "Sen-Shorrocks-Thon"),
    "gini": ("纯收入基尼系数", "Gini of incomes"),
    "standard": ("医疗自付集中指数", "concentration of own payments"),
}
CHANGES = {
    "before": ("上年同期", "a year before"),
    "after": ("现在", "now"),
    "change": ("变化", "change"),
    "growth": ("其中：平均收入变化", "of it, growth of the mean"),
    "redistribution": ("其中：分配变化", "of it, redistribution"),
}
DIMENSIONS = {
    "income_ok": ("收入（吃穿）", "income (food, clothing)"),
    "school_ok": ("义务教育", "schooling"),
    "medical_ok": ("基本医疗", "medical insurance"),
    "dwelling_ok": ("住房安全", "dwelling"),
    "water_ok": ("饮水安全", "water"),
}


def poverty_tables(
    *,
    indices: Estimates,
    gini: Estimates,
    payments: Estimates,
    change: Estimates,
    guarantees: Estimates,
    counties: Estimates,
    lang: str = "zh",
) -> tuple[Table, ...]:
    """Depth of poverty, its change in a year, and the five guarantees, each figure with its interval.

    Parameters
    ----------
    indices, gini, payments : Estimates
        Of `measures.poverty_indices`, `inequality` and `concentration`, without groups.
    change : Estimates
        Of `measures.poverty_change` over a year, headcount.
    guarantees, counties : Estimates
        Of `measures.multidimensional` over the guarantees, without groups and by county.
    """
    w = words(lang)
    value, low, high = w("数值", "Value"), w("区间下限", "Low"), w("区间上限", "High")
    depth = pd.concat([e.estimates for e in (indices, gini, payments)])
    without = (
        depth.loc[depth["measure"] == "watts", "status"]
        .iloc[0]
        .startswith("households without income")
    )
    rows = guarantees.estimates.set_index("measure")
    several = {
        "headcount": w("有一项以上未落实的人口", "persons who lack one or more"),
        "intensity": w("其平均缺失份额", "mean share that they lack"),
        "m0": w("多维指数（两者之积）", "adjusted headcount (their product)"),
    }
    several |= {
        f"deprived {d}": w(f"未落实：{name[0]}", f"lacking: {name[1]}")
        for d, name in DIMENSIONS.items()
    }
    several |= {
        f"contribution {d}": w(
            f"占全部缺失：{name[0]}", f"part of all that lacks: {name[1]}"
        )
        for d, name in DIMENSIONS.items()
    }
    place = counties.estimates.pivot(
        index="group", columns="measure", values=["value", "ci_low", "ci_high"]
    )
    county_table = by_county(
        pd.DataFrame(
            {
                w("有一项以上未落实", "One or more lacking"): place[
                    "value", "headcount"
                ],
                low: place["ci_low", "headcount"],
                high: place["ci_high", "headcount"],
                w("多维指数", "Adjusted headcount"): place["value", "m0"],
                w("指数下限", "Index low"): place["ci_low", "m0"],
                w("指数上限", "Index high"): place["ci_high", "m0"],
            }
        ),
        lang,
    )
    unknown, least, most = (
        int(guarantees.dropped.sum()),
        rows.loc["headcount_least", "value"],
        rows.loc["headcount_most", "value"],
    )
    return (
        Table(
            name="poverty_indices",
            title=w(
                "登记户的贫困深度与医疗自付的分布（按纯收入口径）",
                "How deep poverty is among the registered, and who bears the payments (income stands for means)",
            ),
            frame=_rows(
                depth,
                {m: w(*text) for m, text in INDICES.items()},
                w("指标", "Measure"),
                value,
                low,
                high,
            ),
            formats={value: "score", low: "score", high: "score"},
            note=w(
                f"集中指数小于0表示较穷的户负担更多。未计入{int(indices.dropped.sum())}户（收入缺失）"
                + ("；瓦茨指数不含纯收入不高于零的户。" if without else "。"),
                f"A concentration below 0: the poorer carry more. {int(indices.dropped.sum())} households without a record of income left out{'; those with income of zero or less have no Watts index' if without else ''}.",
            ),
        ),
        Table(
            name="poverty_change",
            title=w(
                "一年来低于贫困线占比的变化及其来源",
                "The change of a year in the share below the line, and where it came from",
            ),
            frame=_rows(
                change.estimates,
                {m: w(*text) for m, text in CHANGES.items()},
                w("项目", "Part"),
                value,
                low,
                high,
            ),
            formats=dict.fromkeys((value, low, high), "share"),
            note=w(
                "收入均除以当年贫困线，两个时点各按当时的登记户；两部分按沙普利值平均，合计等于变化。",
                "Incomes are divided by the line of their year, each date with the households then registered; both orders averaged (Shapley), so the two parts make up the change.",
            ),
        ),
        Table(
            name="five_guarantees",
            title=w(
                "两不愁三保障：哪一项未落实",
                "Two worries and three guarantees: which are lacking",
            ),
            frame=_rows(
                guarantees.estimates, several, w("项目", "Part"), value, low, high
            ),
            formats=dict.fromkeys((value, low, high), "share"),
            note=w(
                f"吃穿只能以纯收入达到贫困线代替。有空白的{unknown}户未计入；若其空白全部落实或全部未落实，有缺失的人口占{number(least, 'share')}至{number(most, 'share')}。",
                f"Food and clothing are known only by income at the line. {unknown} households with a blank are left out; were all blanks met or all missed, {number(least, 'share')} to {number(most, 'share')} of persons would lack something.",
            ),
        ),
        Table(
            name="five_guarantees_counties",
            title=w("两不愁三保障：分县", "Two worries and three guarantees by county"),
            frame=county_table,
            formats=dict.fromkeys(county_table.columns[1:4], "share")
            | dict.fromkeys(county_table.columns[4:], "score"),
        ),
    )


def poverty_sentences(
    *, payments: Estimates, change: Estimates, guarantees: Estimates, lang: str = "zh"
) -> tuple[Sentence, ...]:
    """What those tables say, in three sentences at most."""
    w = words(lang)
    moved = change.estimates.set_index("measure")
    borne = payments.estimates.set_index("measure").loc["standard"]
    some = guarantees.estimates.set_index("measure").loc["headcount"]
    said = []
    if borne["ci_high"] < 0 or borne["ci_low"] > 0:
        said.append(
            Sentence(
                text=w(
                    f"医疗自付{'较多落在较穷的户' if borne['ci_high'] < 0 else '较多落在较富的户'}（集中指数{number(borne['value'], 'score')}，95%区间{number(borne['ci_low'], 'score')}至{number(borne['ci_high'], 'score')}）。",
                    f"Own payments fall more on the {'poorer' if borne['ci_high'] < 0 else 'richer'} (concentration index {number(borne['value'], 'score')}, 95% interval {number(borne['ci_low'], 'score')} to {number(borne['ci_high'], 'score')}).",
                ),
                tables=("poverty_indices",),
            )
        )
    if moved.loc["growth", "status"] == "ok":
        now = moved.loc["change"]
        points, way = (
            number(100 * abs(now["value"]), "number"),
            w("下降", "down") if now["value"] < 0 else w("上升", "up"),
        )
        said.append(
            Sentence(
                text=w(
                    f"一年来低于贫困线的人口占比{way}{points}个百分点，{_part(moved.loc['growth'], '平均收入变化', lang)}，{_part(moved.loc['redistribution'], '分配变化', lang)}。",
                    f"In a year the share of persons below the line went {way} {points} points: {_part(moved.loc['growth'], 'growth of the mean income', lang)}, {_part(moved.loc['redistribution'], 'its distribution', lang)}.",
                ),
                tables=("poverty_change",),
            )
        )
    said.append(
        Sentence(
            text=w(
                f"两不愁三保障有一项以上未落实的人口占{number(some['value'], 'share')}{in_brackets(some['ci_low'], some['ci_high'], 'share')}。",
                f"{number(some['value'], 'share')} of persons lack one or more of the guarantees{in_brackets(some['ci_low'], some['ci_high'], 'share', 'en')}.",
            ),
            tables=("five_guarantees",),
        )
    )
    return tuple(said)


def _part(row: pd.Series, name: str, lang: str) -> str:
    """What one part of a change did, in percentage points; not told from nothing where its interval holds zero."""
    w = words(lang)
    if row["ci_low"] <= 0 <= row["ci_high"]:
        return w(f"{name}的作用与零分不开", f"{name} cannot be told from no effect")
    points = number(100 * abs(row["value"]), "number")
    return w(
        f"{name}使其{'下降' if row['value'] < 0 else '上升'}{points}个百分点",
        f"{name} {'took off' if row['value'] < 0 else 'added'} {points}",
    )


def _rows(
    found: pd.DataFrame,
    names: dict[str, str],
    head: str,
    value: str,
    low: str,
    high: str,
) -> pd.DataFrame:
    """One row per measure with its name, value and interval."""
    rows = found.set_index("measure").loc[list(names)]
    return pd.DataFrame(
        {
            head: list(names.values()),
            value: rows["value"].to_numpy(),
            low: rows["ci_low"].to_numpy(),
            high: rows["ci_high"].to_numpy(),
        }
    )
