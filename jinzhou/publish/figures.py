"""Figures: functions that take frames or results and give a `Figure`, drawn with our own fonts.

Every glyph must be in the font; a missing one is an error, never a box on a page.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure as Drawing

from jinzhou.publish.chapter import county_name, number, words
from jinzhou.publish.drawing import (
    BLUE,
    GREEN,
    INK,
    RED,
    SAND,
    SOFT,
    canvas,
    checked_glyphs,
    style_axes,
)
from jinzhou.publish.figure import Figure
from jinzhou.reference import areas


def finish(name: str, title: str, drawing: Drawing, alt: str, note: str = "") -> Figure:
    """A drawing whose letters have been checked, as a figure."""
    checked_glyphs(drawing, title)
    return Figure(name=name, title=title, drawing=drawing, alt=alt, note=note)


def bridge(
    flows: pd.Series, *, lang: str, name: str = "bridge", title: str = ""
) -> Figure:
    """Stock before, what moved it, stock after; `flows` is one row of a `StockFlow` in order."""
    w = words(lang)
    labels = {
        "opening": w("上季末", "opening"),
        "exited": w("脱贫", "exited"),
        "returned": w("返贫", "returned"),
        "newly_identified": w("新识别", "newly\nidentified"),
        "member_added": w("补录", "members\nadded"),
        "removed": w("清退", "removed"),
        "natural_increase": w("自然增加", "natural\nincrease"),
        "natural_decrease": w("自然减少", "natural\ndecrease"),
        "closing": w("本季末", "closing"),
    }
    return _moved(
        flows,
        labels,
        {"exited", "removed", "natural_decrease"},
        lang=lang,
        name=name,
        unit=w("人", "persons"),
        title=title or w("未脱贫人口变化", "How the stock of poor persons moved"),
        alt=w("存量桥图", "bridge of the stock"),
    )


def monitored_bridge(flows: pd.Series, *, lang: str) -> Figure:
    """Households monitored before, entered, cleared, and after; `flows` is one row of a `MonitoringFlow`."""
    w = words(lang)
    labels = {
        "opening": w("上季末", "opening"),
        "entered": w("新纳入", "entered"),
        "cleared": w("帮扶消除", "cleared\nby help"),
        "natural": w("自然消除", "cleared\nnaturally"),
        "closing": w("本季末", "closing"),
    }
    return _moved(
        flows,
        labels,
        {"cleared", "natural"},
        lang=lang,
        name="monitored_bridge",
        unit=w("户", "households"),
        title=w("监测对象变动", "How the monitored moved"),
        alt=w("监测对象桥图", "bridge of the monitored"),
    )


def _moved(
    flows: pd.Series,
    labels: Mapping[str, str],
    down: set[str],
    *,
    lang: str,
    name: str,
    unit: str,
    title: str,
    alt: str,
) -> Figure:
    w = words(lang)
    drawing = canvas(7.2, 3.6)
    ax = drawing.subplots()
    level = float(flows["opening"])
    steps = [
        level,
        *(
            -float(flows[k]) if k in down else float(flows[k])
            for k in labels
            if k not in ("opening", "closing")
        ),
    ]
    top = max(float(flows["closing"]), *np.cumsum(steps))
    base = max(
        0.0,
        min(flows["opening"], flows["closing"])
        - 1.2 * abs(flows["closing"] - flows["opening"])
        - 0.05 * top,
    )
    for place, (key, label) in enumerate(labels.items()):
        value = float(flows[key])
        if key in ("opening", "closing"):
            ax.bar(place, value - base, bottom=base, color=INK, width=0.62)
            ax.text(
                place,
                value,
                f"{value:.0f}",
                ha="center",
                va="bottom",
                fontsize=9,
                color=INK,
            )
            level = value if key == "opening" else level
            continue
        signed = -value if key in down else value
        ax.bar(
            place,
            abs(signed),
            bottom=min(level, level + signed),
            color=GREEN if signed < 0 else RED,
            width=0.62,
        )
        ax.text(
            place,
            max(level, level + signed),
            f"{'−' if signed < 0 else '+'}{value:.0f}" if value else "0",
            ha="center",
            va="bottom",
            fontsize=9,
            color=INK,
        )
        ax.plot([place - 0.31, place + 1.31], [level + signed] * 2, color=SOFT, lw=0.6)
        level += signed
    ax.set_xticks(range(len(labels)), list(labels.values()))
    ax.set_ylim(base, top + 0.12 * (top - base))
    ax.set_ylabel(unit, fontsize=9)
    style_axes(ax)
    return finish(
        name,
        title,
        drawing,
        alt,
        w("纵轴不从零开始。", "The axis does not start at zero.") if base else "",
    )


def tiles(
    values: Mapping[str, float],
    *,
    kind: str,
    lang: str,
    name: str,
    title: str,
    alt: str,
) -> Figure:
    """Schematic map of the counties, shaded by value.

    No boundaries are drawn, so there is no map to be reviewed.
    """
    w = words(lang)
    placed = areas.tiles(code for code in values if code != areas.ALL)
    columns = 1 + max(column for column, _ in placed.values())
    lines = 1 + max(line for _, line in placed.values())
    drawing = canvas(0.4 + columns, 0.3 + lines)
    ax = drawing.subplots()
    known = [v for v in values.values() if np.isfinite(v)]
    low, high = (min(known), max(known)) if known else (0, 1)
    for code, (x, y) in placed.items():
        value = values.get(code, np.nan)
        strength, face = _shade(value, low, high)
        ax.add_patch(_tile(x, y, face))
        ink = "white" if strength > 0.55 else INK
        ax.text(
            x + 0.48,
            -y + 0.62,
            county_name(code, lang).replace(" ", "\n"),
            ha="center",
            va="center",
            fontsize=8.5,
            color=ink,
        )
        ax.text(
            x + 0.48,
            -y + 0.2,
            number(value, kind, lang),
            ha="center",
            va="center",
            fontsize=9,
            color=ink,
        )
    ax.set_xlim(-0.05, columns + 0.05)
    ax.set_ylim(0.92 - lines, 1.02)
    ax.set_aspect("equal")
    ax.axis("off")
    return finish(
        name,
        title,
        drawing,
        alt,
        alt + w("示意图，不表示行政区划界线。", " Schematic; not a map of boundaries."),
    )


def _shade(value: float, low: float, high: float) -> tuple[float, tuple]:
    """How dark a tile is (0-1) and its colour; grey where the value is unknown."""
    if not np.isfinite(value):
        return 0.0, (0.9, 0.9, 0.9)
    strength = (value - low) / (high - low) if high > low else 0.0
    light, dark = np.array([0.95, 0.96, 0.97]), np.array([0.18, 0.40, 0.56])
    return strength, tuple(light * (1 - strength) + dark * strength)


def _tile(x: float, y: float, face):
    from matplotlib.patches import Rectangle

    return Rectangle((x, -y), 0.96, 0.96, facecolor=face, edgecolor="white")


def trend(
    frame: pd.DataFrame,
    *,
    lang: str,
    name: str,
    title: str,
    preliminary: int = 2,
    kind: str = "share",
) -> Figure:
    """A quarterly series with its interval; the last `preliminary` quarters are marked 初步数.

    `frame` is indexed by quarter text and has `value`, `ci_low`, `ci_high`.
    """
    w = words(lang)
    drawing = canvas(7.2, 2.7)
    ax = drawing.subplots()
    x = np.arange(len(frame))
    scale = 100 if kind == "share" else 1
    value, low, high = (
        frame[c].to_numpy(float) * scale for c in ("value", "ci_low", "ci_high")
    )
    ax.fill_between(x, low, high, color=BLUE, alpha=0.16, lw=0)
    ax.plot(x, value, color=BLUE, lw=1.8, marker="o", ms=4)
    if preliminary:
        ax.axvspan(
            len(frame) - preliminary - 0.5,
            len(frame) - 0.5,
            color=SAND,
            alpha=0.35,
            lw=0,
        )
        ax.text(
            len(frame) - preliminary / 2 - 0.5,
            ax.get_ylim()[1],
            w("初步数", "preliminary"),
            ha="center",
            va="top",
            fontsize=9,
        )
    step = max(1, len(frame) // 8)
    ax.set_xticks(x[::step], frame.index[::step])
    ax.set_ylim(bottom=0)
    ax.set_ylabel("%" if kind == "share" else "", fontsize=9)
    style_axes(ax)
    return finish(
        name,
        title,
        drawing,
        title,
        w("浅色带为95%区间。", "The band is the 95% interval."),
    )


def calibration(table: pd.DataFrame, *, lang: str) -> Figure:
    """Predicted against observed, ten groups of equal size."""
    w = words(lang)
    drawing = canvas(3.5, 3.0)
    ax = drawing.subplots()
    top = 100 * max(table["predicted"].max(), table["observed"].max()) * 1.08
    ax.plot([0, top], [0, top], color=SOFT, lw=1, ls="--")
    ax.plot(
        100 * table["predicted"],
        100 * table["observed"],
        color=BLUE,
        marker="o",
        ms=5,
        lw=1,
    )
    ax.set_xlabel(w("预测返贫率（%）", "predicted (%)"), fontsize=9)
    ax.set_ylabel(w("实际返贫率（%）", "observed (%)"), fontsize=9)
    style_axes(ax)
    return finish(
        "risk_calibration",
        w("预测与实际", "Predicted and observed"),
        drawing,
        w(
            "十组户的预测返贫率与实际返贫率",
            "predicted and observed returns in ten groups",
        ),
        w("虚线上为完全一致。", "On the dashed line both agree."),
    )


def recall_curve(
    recall: pd.DataFrame, labels: Mapping[str, str], *, lang: str
) -> Figure:
    """Share of the returns that a list of a given size would have held."""
    w = words(lang)
    drawing = canvas(3.5, 3.0)
    ax = drawing.subplots()
    for (score, label), colour, dash in zip(
        labels.items(),
        (BLUE, RED, GREEN, INK, SOFT),
        ("-", "--", ":", "-.", (0, (1, 3))),
    ):
        ax.plot(
            100 * recall["share"],
            100 * recall[score],
            color=colour,
            lw=1.8,
            ls=dash,
            label=label,
        )
    ax.set_xlabel(w("走访户占比（%）", "households visited (%)"), fontsize=9)
    ax.set_ylabel(w("覆盖的返贫（%）", "returns covered (%)"), fontsize=9)
    ax.legend(frameon=False, fontsize=8)
    ax.set_ylim(bottom=0)
    style_axes(ax)
    return finish(
        "risk_recall",
        w("名单能覆盖多少返贫", "What a list would have held"),
        drawing,
        w("名单大小与覆盖的返贫比例", "size of the list and returns covered"),
    )


def splits(table: pd.DataFrame, *, lang: str) -> Figure:
    """Which rows trained and which judged at each date of the backtest."""
    w = words(lang)
    drawing = canvas(7.2, 0.28 * len(table) + 1.0)
    ax = drawing.subplots()
    number_of = lambda day: pd.Timestamp(day).year + (pd.Timestamp(day).quarter - 1) / 4
    for row, split in enumerate(table.itertuples()):
        ax.barh(
            row,
            number_of(split.train_to) - number_of(split.train_from) + 0.25,
            left=number_of(split.train_from),
            color=BLUE,
            height=0.55,
        )
        ax.barh(
            row,
            number_of(split.test_to) - number_of(split.date),
            left=number_of(split.date) + 0.25,
            color=RED,
            height=0.55,
        )
        ax.text(
            number_of(split.test_to) + 0.32,
            row,
            f"{split.test_events}",
            va="center",
            fontsize=8,
        )
    ax.set_yticks(
        range(len(table)),
        [f"{pd.Timestamp(d).year}Q{pd.Timestamp(d).quarter}" for d in table["date"]],
    )
    ax.invert_yaxis()
    ax.set_xticks(
        range(
            int(number_of(table["train_from"].min())),
            int(number_of(table["test_to"].max())) + 1,
        )
    )
    style_axes(ax)
    return finish(
        "risk_splits",
        w("回测的时间划分", "Windows of the backtest"),
        drawing,
        w("每次回测的训练与检验时段", "training and judging windows"),
        w(
            "蓝：训练；红：检验；数字为检验期返贫户数。",
            "Blue trains, red judges; numbers are returns judged.",
        ),
    )


def ladder(steps: pd.DataFrame, labels: Mapping[str, str], *, lang: str) -> Figure:
    """Who pays a bill, step by step down to the patient."""
    w = words(lang)
    drawing = canvas(7.2, 2.6)
    ax = drawing.subplots()
    left = 0.0
    for place, step in enumerate(steps.itertuples()):
        share = 100 * step.share
        whole = step.step in ("total", "patient")
        ax.bar(
            place,
            share,
            bottom=0 if whole else left - share,
            color=INK
            if step.step == "total"
            else RED
            if step.step == "patient"
            else BLUE,
            width=0.62,
        )
        ax.text(
            place,
            (share if whole else left) + 1.5,
            f"{share:.1f}%",
            ha="center",
            fontsize=9,
        )
        left = share if step.step == "total" else left - (0 if whole else share)
    ax.set_xticks(range(len(steps)), [labels[s] for s in steps["step"]])
    ax.set_ylim(0, 112)
    ax.set_ylabel(w("占总费用%", "% of total cost"), fontsize=9)
    style_axes(ax)
    return finish(
        "payer_ladder",
        w("住院费用由谁支付", "Who pays a stay"),
        drawing,
        w("逐层支付", "payers step by step"),
    )
