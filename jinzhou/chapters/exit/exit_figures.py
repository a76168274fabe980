"""Figures of the exit chapter: the one-page card, the duty board, the burn-down, the cliff, measures after the exit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from jinzhou.publish.chapter import Figure, number, words
from jinzhou.publish.drawing import (
    BLUE,
    GREEN,
    INK,
    RED,
    SAND,
    SOFT,
    canvas,
    style_axes,
)
from jinzhou.publish.figures import finish

COLOURS = {
    "pass": GREEN,
    "done": GREEN,
    "fail": RED,
    "late": RED,
    "open": BLUE,
    "unknown": SAND,
    "described": SOFT,
}


def exit_page(rows: pd.DataFrame, *, lang: str, title: str, note: str) -> Figure:
    """The exit card on one page: a row per indicator with its value, its mark, its verdict and what is left.

    Parameters
    ----------
    rows : DataFrame
        `label`, `value`, `low`, `high`, `threshold` (0-1), `mark` (text), `status`, `verdict` (word), `left` (text), `chance` (text).
    """
    w = words(lang)
    drawing = canvas(7.2, 0.42 * len(rows) + 1.1)
    ax = drawing.subplots()
    ax.set_xlim(0, 100)
    ax.set_ylim(len(rows) + 0.1, -1.0)
    ax.axis("off")
    for x, text, side in (
        (0, w("指标", "Indicator"), "left"),
        (60, w("数值", "Value"), "right"),
        (62, w("标准", "Mark"), "left"),
        (75, w("结论", "Verdict"), "center"),
        (83, w("尚差", "Left"), "left"),
        (100, w("按期", "On time"), "right"),
    ):
        ax.text(x, -0.55, text, ha=side, va="center", fontsize=8.5, color=SOFT)
    ax.plot([0, 100], [-0.12, -0.12], color=INK, lw=0.8)
    for y, r in enumerate(rows.itertuples()):
        ax.text(0, y + 0.36, r.label, va="center", fontsize=8.5, color=INK)
        scale = max(0.04, 2 * r.threshold) if r.threshold < 0.5 else 1.0
        left, wide = 34.0, 17.0
        ax.barh(y + 0.36, wide, left=left, height=0.34, color="#e9edf0")
        if np.isfinite(r.value):
            ax.barh(
                y + 0.36,
                wide * min(1.0, r.value / scale),
                left=left,
                height=0.34,
                color=COLOURS[r.status],
            )
        if np.isfinite(r.low) and np.isfinite(r.high) and r.high > r.low:
            ax.plot(
                [
                    left + wide * min(1, r.low / scale),
                    left + wide * min(1, r.high / scale),
                ],
                [y + 0.36] * 2,
                color=INK,
                lw=1.2,
            )
        ax.plot(
            [left + wide * r.threshold / scale] * 2,
            [y + 0.12, y + 0.6],
            color=INK,
            lw=1.0,
        )
        ax.text(
            60,
            y + 0.36,
            number(r.value, "share", lang),
            ha="right",
            va="center",
            fontsize=8.5,
        )
        ax.text(62, y + 0.36, r.mark, va="center", fontsize=8.5)
        ax.text(
            75,
            y + 0.36,
            r.verdict,
            ha="center",
            va="center",
            fontsize=8.5,
            color="white" if r.status in ("pass", "fail") else INK,
            bbox={
                "boxstyle": "round,pad=0.25",
                "facecolor": COLOURS[r.status],
                "edgecolor": "none",
            },
        )
        ax.text(83, y + 0.36, r.left, va="center", fontsize=8.5)
        ax.text(100, y + 0.36, r.chance, ha="right", va="center", fontsize=8.5)
        ax.plot([0, 100], [y + 0.86, y + 0.86], color="#e3e7ea", lw=0.6)
    return finish("exit_page", title, drawing, title, note)


def duty_page(rows: pd.DataFrame, *, lang: str, title: str, note: str) -> Figure:
    """The duty board as bars of what is done, a row per duty: `label`, `share` (0-1), `status`, `text`."""
    drawing = canvas(7.2, 0.36 * max(1, len(rows)) + 0.7)
    ax = drawing.subplots()
    for place, r in enumerate(rows.itertuples()):
        ax.barh(place, 100, color="#e9edf0", height=0.55)
        if np.isfinite(r.share):
            ax.barh(
                place, 100 * min(1.0, r.share), color=COLOURS[r.status], height=0.55
            )
        ax.text(102, place, r.text, va="center", fontsize=8.5)
    ax.set_yticks(range(len(rows)), rows["label"])
    ax.invert_yaxis()
    ax.set_xlim(0, 190)
    ax.set_xticks([0, 25, 50, 75, 100])
    style_axes(ax)
    return finish("duty_page", title, drawing, title, note)


def burn_down(
    left: pd.Series, *, days_left: int, needed_zero: pd.Timestamp, lang: str, title: str
) -> Figure:
    """What is left week by week, and the straight way from today to zero on the day."""
    w = words(lang)
    drawing = canvas(7.2, 2.6)
    ax = drawing.subplots()
    x = (left.index - left.index[-1]).days.to_numpy()
    ax.plot(x, left.to_numpy(), color=BLUE, lw=1.8, marker="o", ms=4)
    ax.text(x[-1], left.iloc[-1], f" {int(left.iloc[-1])}", va="bottom", fontsize=9)
    if days_left > 0:
        ax.plot([0, days_left], [left.iloc[-1], 0], color=RED, lw=1.2, ls="--")
    ticks = [*x[::2], *([days_left] if days_left > 0 else [])]
    ax.set_xticks(
        ticks, [f"{(left.index[-1] + pd.Timedelta(days=int(t))):%m-%d}" for t in ticks]
    )
    ax.set_ylim(bottom=0)
    ax.set_ylabel(w("户", "households"), fontsize=9)
    style_axes(ax)
    return finish(
        "housing_burn",
        title,
        drawing,
        title,
        w(
            f"虚线：到{needed_zero:%Y-%m-%d}清零所需进度。",
            f"Dashed: the way to zero on {needed_zero:%Y-%m-%d}.",
        ),
    )


def cliff(bands: pd.DataFrame, labels: Mapping[str, str], *, lang: str) -> Figure:
    """Benefits a person and year against income over the line, the poor and the exited (R66)."""
    w = words(lang)
    drawing = canvas(7.2, 2.8)
    ax = drawing.subplots()
    middle = bands["band"] + (bands["band"].iloc[1] - bands["band"].iloc[0]) / 2
    for column, colour, key in (
        ("poor_benefit", RED, "poor"),
        ("exited_benefit", BLUE, "exited"),
    ):
        ax.plot(
            middle,
            bands[column],
            color=colour,
            lw=1.8,
            marker="o",
            ms=4,
            label=labels[key],
        )
    ax.axvline(1.0, color=SOFT, lw=1, ls="--")
    ax.set_xlabel(
        w("人均纯收入为贫困线的倍数", "net income per head over the line"), fontsize=9
    )
    ax.set_ylabel(w("元/人·年", "yuan a person and year"), fontsize=9)
    ax.set_ylim(bottom=0)
    ax.legend(frameon=False, fontsize=8)
    style_axes(ax)
    title = w("收入越过贫困线前后得到的补助", "Benefits on both sides of the line")
    return finish(
        "benefit_cliff",
        title,
        drawing,
        title,
        w(
            "虚线为贫困线；户数太少的档不画。",
            "Dashed: the line; bands with few households are left out.",
        ),
    )


def tail(curve: pd.DataFrame, *, months: int, lang: str) -> Figure:
    """Share of exited households that still have a measure, by months since the exit (R74)."""
    w = words(lang)
    drawing = canvas(7.2, 2.4)
    ax = drawing.subplots()
    ax.plot(
        curve["month"], 100 * curve["helped"] / curve["households"], color=BLUE, lw=1.8
    )
    ax.axvline(months, color=SOFT, lw=1, ls="--")
    ax.set_xlabel(w("脱贫后月数", "months since the exit"), fontsize=9)
    ax.set_ylabel("%", fontsize=9)
    ax.set_ylim(0, 100)
    style_axes(ax)
    title = w("脱贫后仍有帮扶措施的户", "Households with a measure after the exit")
    return finish(
        "measure_tail_curve",
        title,
        drawing,
        title,
        w(f"虚线：{months}个月。", f"Dashed: {months} months."),
    )
