"""Figures of the exit chapter: the card on one page, duties, the burn-down, benefits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

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
from jinzhou.words import number

if TYPE_CHECKING:
    from jinzhou.chapters.exit.analysis.housing import HousingBurn
    from jinzhou.publish.section import Page

WIDTH = 7.2
PALE, RULE = "#e9edf0", "#e3e7ea"
COLOURS = {
    "pass": GREEN,
    "done": GREEN,
    "fail": RED,
    "late": RED,
    "open": BLUE,
    "unknown": SAND,
    "described": SOFT,
}
BAR_LEFT, BAR_WIDTH = 34.0, 17.0
COLUMNS = (
    ("indicator", 0, "left"),
    ("value", 60, "right"),
    ("threshold", 62, "left"),
    ("verdict", 75, "center"),
    ("left", 83, "left"),
    ("probability", 100, "right"),
)
"""Columns of the one-page card: key of the heading, position, alignment."""
LABEL_WIDTH = {"zh": 20, "en": 38}


def exit_page(rows: pd.DataFrame, page: Page) -> Drawing:
    """The exit card: a row per veto with value, threshold, verdict, what is left, probability.

    Parameters
    ----------
    rows : DataFrame
        `label`, `value`, `low`, `high`, `threshold` (0-1), `threshold_text`, `status`, `verdict`,
        `left`, `probability` (texts).
    """
    drawing = canvas(WIDTH, 0.42 * len(rows) + 1.1)
    ax = drawing.subplots()
    ax.set_xlim(0, 100)
    ax.set_ylim(len(rows) + 0.1, -1.0)
    ax.axis("off")
    for key, x, side in COLUMNS:
        heading = page.text(f"figure.{key}")
        ax.text(x, -0.55, heading, ha=side, va="center", fontsize=8.5, color=SOFT)
    ax.plot([0, 100], [-0.12, -0.12], color=INK, lw=0.8)
    limit = LABEL_WIDTH[page.words.lang]
    for y, row in enumerate(rows.itertuples()):
        short = len(row.label) <= limit
        label = row.label if short else row.label[: limit - 1] + "…"
        middle = y + 0.36
        _text(ax, 0, middle, label, "left")
        _value_bar(ax, middle, row)
        _text(ax, 60, middle, number(row.value, "share"), "right")
        _text(ax, 62, middle, row.threshold_text, "left")
        ax.text(
            75,
            middle,
            row.verdict,
            ha="center",
            va="center",
            fontsize=8.5,
            color="white" if row.status in ("pass", "fail") else INK,
            bbox={
                "boxstyle": "round,pad=0.25",
                "facecolor": COLOURS[row.status],
                "edgecolor": "none",
            },
        )
        _text(ax, 83, middle, row.left, "left")
        _text(ax, 100, middle, row.probability, "right")
        ax.plot([0, 100], [y + 0.86, y + 0.86], color=RULE, lw=0.6)
    return drawing


def _text(ax: Axes, x: float, y: float, text: str, side: str) -> None:
    ax.text(x, y, text, ha=side, va="center", fontsize=8.5, color=INK)


def _value_bar(ax: Axes, y: float, row) -> None:
    """A value between zero and its scale, its bounds and the threshold."""
    scale = max(0.04, 2 * row.threshold) if row.threshold < 0.5 else 1.0

    def x(share: float) -> float:
        return BAR_LEFT + BAR_WIDTH * min(1.0, share / scale)

    ax.barh(y, BAR_WIDTH, left=BAR_LEFT, height=0.34, color=PALE)
    if np.isfinite(row.value):
        width = x(row.value) - BAR_LEFT
        ax.barh(y, width, left=BAR_LEFT, height=0.34, color=COLOURS[row.status])
    if np.isfinite(row.low) and np.isfinite(row.high) and row.high > row.low:
        ax.plot([x(row.low), x(row.high)], [y, y], color=INK, lw=1.2)
    ax.plot([x(row.threshold)] * 2, [y - 0.24, y + 0.24], color=INK, lw=1.0)


def duties(rows: pd.DataFrame) -> Drawing:
    """A bar per duty of what is done: `label`, `share` (0-1), `status`, `text`."""
    drawing = canvas(WIDTH, 0.36 * max(1, len(rows)) + 0.7)
    ax = drawing.subplots()
    for y, row in enumerate(rows.itertuples()):
        ax.barh(y, 100, color=PALE, height=0.55)
        if np.isfinite(row.share):
            done = 100 * min(1.0, row.share)
            ax.barh(y, done, color=COLOURS[row.status], height=0.55)
        ax.text(102, y, row.text, va="center", fontsize=8.5)
    ax.set_yticks(range(len(rows)), rows["label"])
    ax.invert_yaxis()
    ax.set_xlim(0, 190)
    ax.set_xticks([0, 25, 50, 75, 100])
    style_axes(ax)
    return drawing


def burn_down(burn: HousingBurn, page: Page) -> Drawing:
    """What is left week by week, and the straight way from today to zero on the day."""
    left = burn.left["all"]
    drawing = canvas(WIDTH, 2.6)
    ax = drawing.subplots()
    last = left.index[-1]
    x = (left.index - last).days.to_numpy()
    ax.plot(x, left.to_numpy(), color=BLUE, lw=1.8, marker="o", ms=4)
    ax.text(x[-1], left.iloc[-1], f" {int(left.iloc[-1])}", va="bottom", fontsize=9)
    ticks = list(x[::2])
    if burn.days > 0:
        ax.plot([0, burn.days], [left.iloc[-1], 0], color=RED, lw=1.2, ls="--")
        ticks.append(burn.days)
    days = [f"{last + pd.Timedelta(days=int(t)):%m-%d}" for t in ticks]
    ax.set_xticks(ticks, days)
    ax.set_ylim(bottom=0)
    ax.set_ylabel(page.text("figure.households"), fontsize=9)
    style_axes(ax)
    return drawing


def cliff(bands: pd.DataFrame, page: Page) -> Drawing:
    """Benefits a person and year against income over the line, the poor and the exited."""
    drawing = canvas(WIDTH, 2.8)
    ax = drawing.subplots()
    middle = bands["band"] + (bands["band"].iloc[1] - bands["band"].iloc[0]) / 2
    for group, colour in (("poor", RED), ("exited", BLUE)):
        ax.plot(
            middle,
            bands[f"{group}_benefit"],
            color=colour,
            lw=1.8,
            marker="o",
            ms=4,
            label=page.words.label("poor_or_exited", group),
        )
    ax.axvline(1.0, color=SOFT, lw=1, ls="--")
    ax.set_xlabel(page.text("figure.income"), fontsize=9)
    ax.set_ylabel(page.text("figure.yuan"), fontsize=9)
    ax.set_ylim(bottom=0)
    ax.legend(frameon=False, fontsize=8)
    style_axes(ax)
    return drawing


def measures_after_exit(curve: pd.DataFrame, months: int, page: Page) -> Drawing:
    """Share of exited households that still have a measure, by months since the exit."""
    drawing = canvas(WIDTH, 2.4)
    ax = drawing.subplots()
    share = 100 * curve["helped"] / curve["households"]
    ax.plot(curve["month"], share, color=BLUE, lw=1.8)
    ax.axvline(months, color=SOFT, lw=1, ls="--")
    ax.set_xlabel(page.text("figure.months"), fontsize=9)
    ax.set_ylabel("%", fontsize=9)
    ax.set_ylim(0, 100)
    style_axes(ax)
    return drawing
