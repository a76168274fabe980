"""Figures of the illness chapter: drawings of results, worded by the section's page."""

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
from jinzhou.registry.household_panel import quarter_text
from jinzhou.statistics.trend import Trend
from jinzhou.words import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinzhou.chapters.illness.analysis.burden import BurdenChange
    from jinzhou.chapters.illness.analysis.policy import PolicyTail
    from jinzhou.publish.section import Page
    from jinzhou.statistics.interrupted import InterruptedSeries
    from jinzhou.statistics.staggered import StaggeredDid

WIDTH = 7.2
"""Inches: the width of a page's text."""
TICKS = 9
"""Quarters named below an axis at most."""


def share_trend(rows: pd.DataFrame, page: Page, preliminary: int) -> Drawing:
    """A share by quarter with its interval; the last quarters are preliminary."""
    drawing = canvas(WIDTH, 2.7)
    ax = drawing.subplots()
    x = np.arange(len(rows))
    value, low, high = (
        100 * rows[c].to_numpy(float) for c in ("share", "ci_low", "ci_high")
    )
    ax.fill_between(x, low, high, color=BLUE, alpha=0.16, lw=0)
    ax.plot(x, value, color=BLUE, lw=1.8, marker="o", ms=4)
    first = len(rows) - preliminary - 0.5
    ax.axvspan(first, len(rows) - 0.5, color=SAND, alpha=0.35, lw=0)
    ax.text(
        first + preliminary / 2,
        ax.get_ylim()[1],
        page.text("preliminary"),
        ha="center",
        va="top",
        fontsize=9,
    )
    step = max(1, len(rows) // 8)
    ax.set_xticks(x[::step], rows.index[::step])
    ax.set_ylim(bottom=0)
    ax.set_ylabel("%", fontsize=9)
    style_axes(ax)
    return drawing


def nowcast(trend: Trend, page: Page) -> Drawing:
    """A quarterly series: recorded, expected in the end, seasonally adjusted, and forecast."""
    rows, ahead = trend.rows, trend.forecast
    drawing = canvas(WIDTH, 3.0)
    ax = drawing.subplots()
    x = rows.index.to_numpy()
    recorded = page.text("figure.recorded")
    ax.bar(x, rows["observed"], color=SAND, width=0.62, label=recorded)
    late = rows[rows["status"] == "preliminary"]
    if len(late):
        _late_bars(ax, late, page.text("figure.late"))
    if rows["adjusted"].notna().any():
        low, high = (rows[f"adjusted_ci_{e}"].to_numpy(float) for e in ("low", "high"))
        ax.fill_between(x, low, high, color=BLUE, alpha=0.15, lw=0)
        adjusted = page.text("figure.adjusted")
        ax.plot(x, rows["adjusted"], color=BLUE, lw=1.8, label=adjusted)
    if len(ahead):
        at = ahead.index.to_numpy()
        points(ax, at, ahead, "value", colour=RED, label=page.text("figure.forecast"))
    ends = [*x, *ahead.index]
    step = -(-len(ends) // TICKS)
    ax.set_xticks(ends[::step], [quarter_text(int(q)) for q in ends[::step]])
    columns = rows[["ci_high", "observed", "adjusted_ci_high"]]
    tops = [columns.max().max(), ahead["ci_high"].max() if len(ahead) else 0]
    top = float(np.nanmax(tops))
    ax.set_ylim(0, top * 1.28 if top > 0 else 1)
    ax.set_ylabel(page.text("figure.unit"), fontsize=9)
    ax.legend(frameon=False, fontsize=8, ncols=2, loc="upper left")
    style_axes(ax)
    return drawing


def _late_bars(ax: Axes, late: pd.DataFrame, label: str) -> None:
    """What is still to be recorded, above what is, with its interval."""
    at = late.index.to_numpy()
    ax.bar(
        at,
        late["expected"] - late["observed"],
        bottom=late["observed"],
        color="white",
        edgecolor=SOFT,
        hatch="///",
        width=0.62,
        lw=0.6,
        label=label,
    )
    below, above = (
        late["expected"] - late["ci_low"],
        late["ci_high"] - late["expected"],
    )
    ax.errorbar(
        at,
        late["expected"],
        yerr=[below, above],
        fmt="none",
        ecolor=INK,
        capsize=3,
        lw=1,
    )


def points(
    ax: Axes,
    x: np.ndarray,
    rows: pd.DataFrame,
    column: str,
    *,
    colour: str,
    label: str = "",
    scale: float = 1.0,
) -> None:
    """Points with their intervals."""
    value = scale * rows[column].to_numpy(float)
    low = scale * rows["ci_low"].to_numpy(float)
    high = scale * rows["ci_high"].to_numpy(float)
    ax.errorbar(
        x,
        value,
        yerr=[value - low, high - value],
        fmt="o",
        color=colour,
        ecolor=colour,
        capsize=3,
        ms=4,
        lw=1.2,
        label=label or None,
    )


def tail(result: PolicyTail, labels: Sequence[str], page: Page) -> Drawing:
    """Zero-burden stays by months since the exit, with the end of the two years."""
    rows = result.months
    drawing = canvas(WIDTH, 2.7)
    ax = drawing.subplots()
    x = np.arange(len(rows))
    points(ax, x, rows, "share", colour=BLUE, scale=100)
    ax.set_xticks(x, labels)
    inside = [i for i, month in enumerate(rows.index) if month >= 24]
    if inside:
        ax.axvline(inside[0] - 0.5, color=RED, lw=1, ls="--")
        end = page.text("figure.two_years")
        ax.text(inside[0] - 0.45, 2, end, fontsize=9, color=RED, va="bottom")
    ax.set_ylim(0, 105)
    ax.set_ylabel(page.text("figure.share"), fontsize=9)
    ax.set_xlabel(page.text("figure.months"), fontsize=9)
    style_axes(ax)
    return drawing


def interrupted(result: InterruptedSeries, page: Page) -> Drawing:
    """The monthly series, its fit, and the fit carried on without the policy."""
    rows = result.rows
    drawing = canvas(WIDTH, 2.9)
    ax = drawing.subplots()
    x = np.arange(len(rows))
    observed, fitted = page.text("figure.observed"), page.text("figure.fitted")
    ax.plot(x, 100 * rows["value"], color=INK, marker="o", ms=3, lw=0, label=observed)
    ax.plot(x, 100 * rows["fitted"], color=BLUE, lw=1.6, label=fitted)
    after = rows["after"].to_numpy(bool)
    if after.any():
        ax.plot(
            x[after],
            100 * rows["without"][after],
            color=RED,
            lw=1.6,
            ls="--",
            label=page.text("figure.without"),
        )
        ax.axvline(int(np.flatnonzero(after)[0]) - 0.5, color=SOFT, lw=1)
    half_years = [i for i, month in enumerate(rows.index) if month.month in (1, 7)]
    ax.set_xticks(half_years, [str(rows.index[i]) for i in half_years], fontsize=8)
    lines = rows[["value", "without", "fitted"]]
    low, high = float(lines.min().min()), float(lines.max().max())
    ax.set_ylim(min(0.0, 110 * low), 130 * max(high, 0.01))
    ax.set_ylabel(page.text("figure.own_share"), fontsize=9)
    ax.legend(frameon=False, fontsize=8, ncols=3, loc="upper left")
    style_axes(ax)
    return drawing


def event_study(result: StaggeredDid, page: Page) -> Drawing:
    """Effect by quarters since the start; before it the placebo quarters."""
    rows = result.events
    drawing = canvas(WIDTH, 2.8)
    ax = drawing.subplots()
    x = rows.index.to_numpy()
    for side, colour, key in ((x < 0, SOFT, "before"), (x >= 0, BLUE, "after")):
        label = page.text(f"figure.{key}")
        points(ax, x[side], rows[side], "effect", colour=colour, label=label)
    ax.axhline(0, color=INK, lw=0.8)
    ax.axvline(-0.5, color=RED, lw=1, ls="--")
    ax.set_xlabel(page.text("figure.quarters"), fontsize=9)
    ax.set_ylabel(page.text("figure.change"), fontsize=9)
    ax.legend(frameon=False, fontsize=8, loc="lower left")
    style_axes(ax)
    return drawing


def burden(result: BurdenChange, page: Page) -> Drawing:
    """What moved own payments as a share of income, factor by factor."""
    rows = result.parts
    drawing = canvas(WIDTH, 2.7)
    ax = drawing.subplots()
    factors = [f for f in rows.index if f != "all"]
    start, end = rows.at["all", "before"], rows.at["all", "after"]
    top = 100 * max(start, end)
    last = len(factors) + 1
    for x, share in ((0, start), (last, end)):
        ax.bar(x, 100 * share, color=INK, width=0.6)
        _above(ax, x, 100 * share + 0.02 * top, number(share, "share"), 9)
    level = 100 * start
    for x, factor in enumerate(factors, start=1):
        part = 100 * rows.at[factor, "part"]
        bottom, upper = sorted((level, level + part))
        colour = GREEN if part < 0 else RED
        ax.bar(x, abs(part), bottom=bottom, color=colour, width=0.6)
        low, high = (100 * rows.at[factor, c] for c in ("ci_low", "ci_high"))
        text = f"{part:+.2f}\n({low:.2f}, {high:.2f})".replace("-", "−")
        _above(ax, x, upper + 0.02 * top, text, 8)
        ax.plot([x - 0.3, x + 1.3], [level + part] * 2, color=SOFT, lw=0.6)
        level += part
    names = [page.words.label("factor", f) for f in factors]
    ax.set_xticks(
        range(last + 1),
        [page.text("figure.year_before"), *names, page.text("figure.last_year")],
    )
    ax.set_ylim(0, top * 1.32)
    ax.set_ylabel(page.text("figure.own_of_income"), fontsize=9)
    style_axes(ax)
    return drawing


def _above(ax: Axes, x: float, y: float, text: str, size: float) -> None:
    ax.text(x, y, text, ha="center", va="bottom", fontsize=size)


def attribution(rows: pd.DataFrame, page: Page) -> Drawing:
    """Share of returns registered as by illness beside the share attributed, by county."""
    drawing = canvas(WIDTH, 0.42 * len(rows) + 1.2)
    ax = drawing.subplots()
    y = np.arange(len(rows))
    for shift, kind, colour in ((-0.14, "crude", SOFT), (0.14, "model", BLUE)):
        value, low, high = (
            100 * rows[f"{kind}{end}"].to_numpy(float)
            for end in ("", "_ci_low", "_ci_high")
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
            label=page.text(f"figure.{kind}"),
        )
    ax.set_yticks(y, [page.county(code) for code in rows.index])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlim(0, 100)
    ax.set_xlabel(page.text("figure.of_returns"), fontsize=9)
    ax.legend(frameon=False, fontsize=8, loc="lower right")
    style_axes(ax)
    return drawing


def ladder(steps: pd.DataFrame, page: Page) -> Drawing:
    """Who pays a bill, layer by layer down to the patient."""
    drawing = canvas(WIDTH, 2.6)
    ax = drawing.subplots()
    left = 0.0
    colours = {"total": INK, "patient": RED}
    for x, step in enumerate(steps.itertuples()):
        share = 100 * step.share
        whole = step.step in colours
        bottom = 0 if whole else left - share
        colour = colours.get(step.step, BLUE)
        ax.bar(x, share, bottom=bottom, color=colour, width=0.62)
        height = (share if whole else left) + 1.5
        ax.text(x, height, f"{share:.1f}%", ha="center", fontsize=9)
        if step.step == "total":
            left = share
        elif not whole:
            left -= share
    labels = [page.words.label("payer_short", step) for step in steps["step"]]
    ax.set_xticks(range(len(steps)), labels)
    ax.set_ylim(0, 112)
    ax.set_ylabel(page.text("figure.of_cost"), fontsize=9)
    style_axes(ax)
    return drawing
