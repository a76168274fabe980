"""Figures of the illness chapter: bills and their forecast, the policy, what is left after the exit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from jinzhou.publish.chapter import Figure, number, words
from jinzhou.publish.figures import (
    BLUE,
    GREEN,
    INK,
    RED,
    SAND,
    SOFT,
    canvas,
    finish,
    style_axes,
)

if TYPE_CHECKING:
    from jinzhou.chapters.illness.analysis.attribution import BurdenChange
    from jinzhou.chapters.illness.analysis.bills import PolicyTail
    from jinzhou.statistics.policy_effect import InterruptedSeries, StaggeredDid
    from jinzhou.statistics.trend import Trend


def quarter_label(number_of: int) -> str:
    """8074 -> ``2018Q3``."""
    return f"{number_of // 4}Q{number_of % 4 + 1}"


def nowcast(
    trend: Trend,
    *,
    name: str,
    title: str,
    unit: str,
    source: str,
    scale: float = 1.0,
    lang: str,
) -> Figure:
    """A quarterly series: recorded, expected in the end, without the season, and the next two quarters."""
    w = words(lang)
    rows, ahead = trend.rows, trend.forecast
    drawing = canvas(7.2, 3.0)
    ax = drawing.subplots()
    x = rows.index.to_numpy()
    ax.bar(
        x,
        rows["observed"] / scale,
        color=SAND,
        width=0.62,
        label=w("已录入", "recorded"),
    )
    late = rows[rows["status"] == "preliminary"]
    if len(late):
        at = late.index.to_numpy()
        ax.bar(
            at,
            (late["expected"] - late["observed"]) / scale,
            bottom=late["observed"] / scale,
            color="white",
            edgecolor=SOFT,
            hatch="///",
            width=0.62,
            lw=0.6,
            label=w("预计补录（初步数）", "still to be recorded (preliminary)"),
        )
        ax.errorbar(
            at,
            late["expected"] / scale,
            yerr=[
                (late["expected"] - late["ci_low"]) / scale,
                (late["ci_high"] - late["expected"]) / scale,
            ],
            fmt="none",
            ecolor=INK,
            capsize=3,
            lw=1,
        )
    if rows["adjusted"].notna().any():
        ax.fill_between(
            x,
            (rows["adjusted_ci_low"] / scale).to_numpy(float),
            (rows["adjusted_ci_high"] / scale).to_numpy(float),
            color=BLUE,
            alpha=0.15,
            lw=0,
        )
        ax.plot(
            x,
            rows["adjusted"] / scale,
            color=BLUE,
            lw=1.8,
            label=w("季节调整后", "without the season"),
        )
    if len(ahead):
        at = ahead.index.to_numpy()
        ax.errorbar(
            at,
            ahead["value"] / scale,
            yerr=[
                (ahead["value"] - ahead["ci_low"]) / scale,
                (ahead["ci_high"] - ahead["value"]) / scale,
            ],
            fmt="o",
            color=RED,
            ecolor=RED,
            capsize=3,
            ms=4,
            lw=1,
            label=w("预测", "forecast"),
        )
    ends = [*x, *ahead.index]
    step = -(-len(ends) // 9)
    ax.set_xticks(ends[::step], [quarter_label(int(q)) for q in ends[::step]])
    top = (
        float(
            np.nanmax(
                [
                    rows["ci_high"].max(),
                    rows["observed"].max(),
                    rows["adjusted_ci_high"].max()
                    if rows["adjusted"].notna().any()
                    else 0,
                    ahead["ci_high"].max() if len(ahead) else 0,
                ]
            )
        )
        / scale
    )
    ax.set_ylim(0, top * 1.28 if top > 0 else 1)
    ax.set_ylabel(unit, fontsize=9)
    ax.legend(frameon=False, fontsize=8, ncols=2, loc="upper left")
    style_axes(ax)
    return finish(
        name,
        title,
        drawing,
        title,
        w("色带与误差线为95%区间。", "Band and bars are 95% intervals. ") + source,
    )


def tail(result: PolicyTail, *, source: str, lang: str) -> Figure:
    """Zero-burden stays by months since the exit, with the end of the two years."""
    w = words(lang)
    rows = result.months
    drawing = canvas(7.2, 2.7)
    ax = drawing.subplots()
    x = np.arange(len(rows))
    share = 100 * rows["share"].to_numpy(float)
    ax.errorbar(
        x,
        share,
        yerr=[share - 100 * rows["ci_low"], 100 * rows["ci_high"] - share],
        fmt="o",
        color=BLUE,
        ecolor=BLUE,
        capsize=3,
        ms=5,
        lw=1.2,
    )
    width = int(rows.index[2] - rows.index[1]) if len(rows) > 2 else 6
    last = rows.index.max()
    labels = [
        w("未脱贫", "not exited")
        if m < 0
        else w(f"{m}个月以上", f"{m}+")
        if m == last and m > 24
        else w(f"{m}–{m + width - 1}月", f"{m}-{m + width - 1}")
        for m in rows.index
    ]
    ax.set_xticks(x, labels)
    inside = [i for i, m in enumerate(rows.index) if m >= 24]
    if inside:
        ax.axvline(inside[0] - 0.5, color=RED, lw=1, ls="--")
        ax.text(
            inside[0] - 0.45,
            2,
            w("满两年", "two years"),
            fontsize=9,
            color=RED,
            va="bottom",
        )
    ax.set_ylim(0, 105)
    ax.set_ylabel(w("零负担住院占比%", "stays at zero, %"), fontsize=9)
    ax.set_xlabel(w("脱贫后月数", "months since the exit"), fontsize=9)
    style_axes(ax)
    return finish(
        "policy_tail",
        w("脱贫后政策是否延续", "Does the policy go on after the exit"),
        drawing,
        w("按脱贫后月数的零负担占比", "zero burden by months since the exit"),
        w(
            "误差线为95%区间，已考虑同村聚集。",
            "Bars are 95% intervals that allow for villages. ",
        )
        + source,
    )


def policy(result: InterruptedSeries, *, source: str, lang: str) -> Figure:
    """The monthly series, its fit, and the fit carried on without the policy."""
    w = words(lang)
    rows = result.rows
    drawing = canvas(7.2, 2.9)
    ax = drawing.subplots()
    x = np.arange(len(rows))
    ax.plot(
        x,
        100 * rows["value"],
        color=INK,
        marker="o",
        ms=3,
        lw=0,
        label=w("实际", "observed"),
    )
    ax.plot(x, 100 * rows["fitted"], color=BLUE, lw=1.6, label=w("拟合", "fitted"))
    after = rows["after"].to_numpy(bool)
    if after.any():
        first = int(np.flatnonzero(after)[0])
        ax.plot(
            x[after],
            100 * rows["without"][after],
            color=RED,
            lw=1.6,
            ls="--",
            label=w("若无此政策（外推）", "without the policy (carried on)"),
        )
        ax.axvline(first - 0.5, color=SOFT, lw=1)
    months = rows.index
    at = [i for i, m in enumerate(months) if m.month in (1, 7)]
    ax.set_xticks(at, [str(months[i]) for i in at])
    for label in ax.get_xticklabels():
        label.set_rotation(0)
        label.set_fontsize(8)
    low = min(
        0.0,
        100
        * float(
            np.nanmin(
                [rows["value"].min(), rows["without"].min(), rows["fitted"].min()]
            )
        )
        * 1.1,
    )
    ax.set_ylim(
        low,
        100
        * float(
            np.nanmax(
                [rows["value"].max(), rows["without"].max(), rows["fitted"].max(), 0.01]
            )
        )
        * 1.3,
    )
    ax.set_ylabel(w("个人自付占总费用%", "own payment, % of cost"), fontsize=9)
    ax.legend(frameon=False, fontsize=8, ncols=3, loc="upper left")
    style_axes(ax)
    return finish(
        "policy_interrupted",
        w(
            "“零负担”前后个人自付占比（按入院月）",
            "Own share of the cost before and after the policy (month of admission)",
        ),
        drawing,
        w("中断时间序列", "interrupted time series"),
        source,
    )


def event_study(
    result: StaggeredDid, *, source: str, lang: str, unit: str = ""
) -> Figure:
    """Effect by periods since the start; before it the placebo periods."""
    w = words(lang)
    rows = result.events
    drawing = canvas(7.2, 2.8)
    ax = drawing.subplots()
    x = rows.index.to_numpy()
    for side, colour, label in (
        (x < 0, SOFT, w("政策前（安慰剂）", "before (placebo)")),
        (x >= 0, BLUE, w("政策后", "after")),
    ):
        part = rows[side]
        ax.errorbar(
            x[side],
            part["effect"],
            yerr=[part["effect"] - part["ci_low"], part["ci_high"] - part["effect"]],
            fmt="o",
            color=colour,
            ecolor=colour,
            capsize=3,
            ms=4,
            lw=1.2,
            label=label,
        )
    ax.axhline(0, color=INK, lw=0.8)
    ax.axvline(-0.5, color=RED, lw=1, ls="--")
    ax.set_xlabel(w("距政策开始的季度数", "quarters since the start"), fontsize=9)
    ax.set_ylabel(
        w(
            f"与尚未开始的地方相比的变化{unit}",
            f"change against places not yet begun{unit}",
        ),
        fontsize=9,
    )
    ax.legend(frameon=False, fontsize=8, loc="lower left")
    style_axes(ax)
    return finish(
        "policy_event_study",
        w(
            "分批实施的政策效应（事件研究）",
            "Effect of a staggered policy (event study)",
        ),
        drawing,
        w("按距政策开始的季度", "by quarters since the start"),
        w(
            "误差线为95%区间；-1为对照季度。",
            "Bars are 95% intervals; -1 is the reference. ",
        )
        + source,
    )


def burden(
    result: BurdenChange, labels: dict[str, str], *, source: str, lang: str
) -> Figure:
    """What moved own payments as a share of income, part by part."""
    w = words(lang)
    rows = result.parts
    drawing = canvas(7.2, 2.7)
    ax = drawing.subplots()
    level = 100 * rows.at["all", "before"]
    names = [
        w("上一年", "year before"),
        *[labels[f] for f in rows.index if f != "all"],
        w("近一年", "last year"),
    ]
    top = 100 * max(rows.at["all", "before"], rows.at["all", "after"])
    ax.bar(0, level, color=INK, width=0.6)
    ax.text(
        0,
        level + 0.02 * top,
        number(rows.at["all", "before"], "share", lang),
        ha="center",
        va="bottom",
        fontsize=9,
    )
    for place, name in enumerate([f for f in rows.index if f != "all"], start=1):
        part = 100 * rows.at[name, "part"]
        ax.bar(
            place,
            abs(part),
            bottom=min(level, level + part),
            color=GREEN if part < 0 else RED,
            width=0.6,
        )
        text = f"{part:+.2f}".replace("-", "−")
        ax.text(
            place,
            max(level, level + part) + 0.02 * top,
            f"{text}\n({100 * rows.at[name, 'ci_low']:.2f}, {100 * rows.at[name, 'ci_high']:.2f})".replace(
                "-", "−"
            ),
            ha="center",
            va="bottom",
            fontsize=8,
        )
        ax.plot([place - 0.3, place + 1.3], [level + part] * 2, color=SOFT, lw=0.6)
        level += part
    ax.bar(len(names) - 1, 100 * rows.at["all", "after"], color=INK, width=0.6)
    ax.text(
        len(names) - 1,
        100 * rows.at["all", "after"] + 0.02 * top,
        number(rows.at["all", "after"], "share", lang),
        ha="center",
        va="bottom",
        fontsize=9,
    )
    ax.set_xticks(range(len(names)), names)
    ax.set_ylim(0, top * 1.32)
    ax.set_ylabel(w("自付占纯收入%", "own payment, % of income"), fontsize=9)
    style_axes(ax)
    return finish(
        "burden_change",
        w("自付负担为何变化", "What moved the burden of own payments"),
        drawing,
        w("各因素的贡献", "parts of each factor"),
        w(
            "括号内为95%区间，单位百分点；各部分之和等于总变化。",
            "Brackets: 95% intervals, percentage points; the parts sum to the change. ",
        )
        + source,
    )


def attribution(rows: pd.DataFrame, *, source: str, lang: str) -> Figure:
    """Share of returns registered as by illness beside the share the model attributes to it, by county."""
    w = words(lang)
    drawing = canvas(7.2, 0.42 * len(rows) + 1.2)
    ax = drawing.subplots()
    y = np.arange(len(rows))
    for shift, prefix, colour, label in (
        (-0.14, "crude", SOFT, w("登记原因为因病", "registered cause illness")),
        (0.14, "model", BLUE, w("模型归因", "attributed by the model")),
    ):
        value = 100 * rows[f"{prefix}_share"].to_numpy(float)
        low, high = (
            100 * rows[f"{prefix}_ci_low"].to_numpy(float),
            100 * rows[f"{prefix}_ci_high"].to_numpy(float),
        )
        ax.errorbar(
            value,
            y + shift,
            xerr=[value - low, high - value],
            fmt="o",
            color=colour,
            ecolor=colour,
            capsize=3,
            ms=5,
            lw=1.2,
            label=label,
        )
    ax.set_yticks(y, rows.iloc[:, 0])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlim(0, 100)
    ax.set_xlabel(w("占返贫的%", "% of returns"), fontsize=9)
    ax.legend(frameon=False, fontsize=8, loc="lower right")
    style_axes(ax)
    return finish(
        "illness_attribution",
        w("返贫有多少与疾病有关", "How many returns have to do with illness"),
        drawing,
        w("两种口径", "two ways of counting"),
        w("误差线为95%区间。", "Bars are 95% intervals. ") + source,
    )
