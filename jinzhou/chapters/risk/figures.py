"""Figures of the risk chapter: drawings of results, worded by the section's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
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
    tile_map,
)
from jinzhou.statistics.returns.drift import ACT, WATCH

if TYPE_CHECKING:
    from jinzhou.publish.section import Page
    from jinzhou.statistics.survival import SurvivalCurve

WIDTH = 7.2
"""Inches: the width of a page's text."""
HALF = 3.5
"""Inches: a figure that stands beside another."""
STYLES = (
    (BLUE, "-"),
    (RED, "--"),
    (GREEN, ":"),
    (INK, "-."),
    (SOFT, (0, (1, 3))),
    (SAND, "-"),
)
"""Colour and dash of each line, so that a figure printed in grey can be read."""


def county_map(share: pd.Series, page: Page) -> Drawing:
    """Mean risk of each county on the schematic map."""
    return tile_map(share.to_dict(), kind="share", name=page.county)


def recall(rows: pd.DataFrame, page: Page) -> Drawing:
    """Share of the returns that lists of each size would have held, by score."""
    drawing = canvas(HALF, 3.0)
    ax = drawing.subplots()
    scores = [name for name in rows if name != "share"]
    for score, (colour, dash) in zip(scores, STYLES, strict=False):
        ax.plot(
            100 * rows["share"],
            100 * rows[score],
            color=colour,
            lw=1.8,
            ls=dash,
            label=page.words.label("score", score),
        )
    ax.set_xlabel(page.text("figure.visited"), fontsize=9)
    ax.set_ylabel(page.text("figure.covered"), fontsize=9)
    ax.legend(frameon=False, fontsize=8)
    ax.set_ylim(bottom=0)
    style_axes(ax)
    return drawing


def calibration(rows: pd.DataFrame, page: Page) -> Drawing:
    """Predicted against observed, ten groups of equal size."""
    drawing = canvas(HALF, 3.0)
    ax = drawing.subplots()
    predicted, observed = 100 * rows["predicted"], 100 * rows["observed"]
    top = 1.08 * max(predicted.max(), observed.max())
    ax.plot([0, top], [0, top], color=SOFT, lw=1, ls="--")
    ax.plot(predicted, observed, color=BLUE, marker="o", ms=5, lw=1)
    ax.set_xlabel(page.text("figure.predicted"), fontsize=9)
    ax.set_ylabel(page.text("figure.observed"), fontsize=9)
    style_axes(ax)
    return drawing


def windows(rows: pd.DataFrame, page: Page) -> Drawing:
    """Which quarters trained and which judged at each date of the backtest."""
    drawing = canvas(WIDTH, 0.28 * len(rows) + 1.0)
    ax = drawing.subplots()
    line = np.arange(len(rows))
    begins, ends, day, closes = (
        _year(rows[c]) for c in ("train_from", "train_to", "date", "test_to")
    )
    ax.barh(line, ends - begins + 0.25, left=begins, color=BLUE, height=0.55)
    ax.barh(line, closes - day, left=day + 0.25, color=RED, height=0.55)
    for at, (right, returns) in enumerate(
        zip(closes, rows["test_events"], strict=True)
    ):
        ax.text(right + 0.32, at, f"{returns}", va="center", fontsize=8)
    days = pd.to_datetime(rows["date"])
    ax.set_yticks(line, [f"{d.year}Q{d.quarter}" for d in days])
    ax.invert_yaxis()
    ax.set_xticks(range(int(begins.min()), int(closes.max()) + 1))
    style_axes(ax)
    return drawing


def _year(days: pd.Series) -> np.ndarray:
    """Days as years with quarters as fractions."""
    days = pd.to_datetime(days)
    return (days.dt.year + (days.dt.quarter - 1) / 4).to_numpy(float)


def hazard_ratios(rows: pd.DataFrame, page: Page) -> Drawing:
    """Hazard ratio of each term with its interval, on a logarithmic axis."""
    drawing = canvas(WIDTH, 0.24 * len(rows) + 0.8)
    ax = drawing.subplots()
    at = np.arange(len(rows))
    value, low, high = (
        rows[c].to_numpy(float) for c in ("hazard_ratio", "ci_low", "ci_high")
    )
    apart = (low > 1) | (high < 1)
    for which, colour in ((apart, BLUE), (~apart, SOFT)):
        ax.hlines(at[which], low[which], high[which], color=colour, lw=1.4)
        ax.plot(value[which], at[which], "o", color=colour, ms=4)
    ax.axvline(1, color=INK, lw=0.8, ls="--")
    ax.set_xscale("log")
    ticks = [t for t in (0.1, 0.2, 0.5, 1, 2, 5, 10) if low.min() <= t <= high.max()]
    ax.set_xticks(ticks, [f"{t:g}" for t in ticks])
    ax.minorticks_off()
    ax.set_yticks(at, rows["term"], fontsize=8)
    ax.invert_yaxis()
    ax.set_xlabel(page.text("figure.ratio"), fontsize=9)
    style_axes(ax)
    return drawing


def stability(rows: pd.DataFrame, page: Page) -> Drawing:
    """Stability index of the score and of each term, with the two thresholds."""
    shown = rows.sort_values("psi", ascending=False, kind="stable")
    drawing = canvas(WIDTH, 0.22 * len(shown) + 0.8)
    ax = drawing.subplots()
    at = np.arange(len(shown))
    colours = shown["reading"].map({"stable": SOFT, "watch": SAND, "changed": RED})
    ax.barh(at, shown["psi"], color=colours.fillna(SOFT), height=0.6)
    for threshold in (WATCH, ACT):
        ax.axvline(threshold, color=INK, lw=0.8, ls="--")
    ax.set_xlim(0, max(1.1 * ACT, 1.05 * float(shown["psi"].max())))
    ax.set_yticks(at, shown["term"], fontsize=8)
    ax.invert_yaxis()
    ax.set_xlabel(page.text("figure.psi"), fontsize=9)
    style_axes(ax)
    return drawing


def survival(curve: SurvivalCurve, page: Page) -> Drawing:
    """Share still out of poverty by quarters since the exit, by year of exit."""
    drawing = canvas(WIDTH, 3.0)
    ax = drawing.subplots()
    rows = curve.curve
    names = sorted(set(rows["group"]) - {"all"})
    for name, (colour, dash) in zip(names, STYLES, strict=False):
        part = rows[rows["group"] == name]
        at = np.append(0, 3 * part["quarters"])
        share = np.append(100, 100 * part["share"])
        label = page.text("figure.year", year=name)
        ax.step(at, share, where="post", color=colour, ls=dash, lw=1.6, label=label)
    ax.set_xticks(range(0, 3 * int(rows["quarters"].max()) + 1, 12))
    ax.set_xlabel(page.text("figure.months"), fontsize=9)
    ax.set_ylabel(page.text("figure.share"), fontsize=9)
    ax.legend(frameon=False, fontsize=8, ncols=2, loc="lower left")
    style_axes(ax)
    return drawing
