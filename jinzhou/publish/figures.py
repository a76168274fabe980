"""Figures: functions that take frames or results and give a `Figure`, drawn with our own fonts.

Every glyph must be in the font; a missing one is an error, never a box on a page.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure as Drawing

from jinzhou.publish.chapter import words
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
