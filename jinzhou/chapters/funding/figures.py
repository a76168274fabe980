"""Figures of the funding chapter: drawings of results, worded by the section's page."""

from __future__ import annotations

from collections.abc import Sequence
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
    from jinzhou.chapters.funding.analysis.payments import Growth
    from jinzhou.publish.section import Page

WIDTH = 7.2
"""Inches: the width of a page's text."""
EMPTY = "#e9edf0"
WAN = 10_000
"""Yuan in the unit that money is drawn in."""
BEHIND_TEXT = {"facecolor": "white", "edgecolor": "none", "pad": 1}
LINK_COLOURS = {
    "fund": "#7a4b3a",
    "project": "#a0674f",
    "household": RED,
    "measure": "#cf7f88",
    "helper": SAND,
    "result": SOFT,
}


def _rows(ax: Axes, labels: Sequence[str]) -> None:
    """One row a unit, the first on top."""
    ax.set_yticks(range(len(labels)), list(labels))
    ax.set_ylim(len(labels) - 0.4, -0.6)


def progress(rates: pd.DataFrame, page: Page) -> Drawing:
    """Share paid by county: horizontal bars, each with its value."""
    drawing = canvas(WIDTH, 0.34 * len(rates) + 0.6)
    ax = drawing.subplots()
    for y, share in enumerate(rates["rate"]):
        ax.barh(y, 100, color=EMPTY, height=0.6)
        if np.isfinite(share):
            ax.barh(y, 100 * min(share, 1.0), color=BLUE, height=0.6)
        ax.text(101.5, y, number(share, "share"), va="center", fontsize=9)
    _rows(ax, [page.county(code) for code in rates.index])
    ax.set_xlim(0, 112)
    ax.set_xticks([0, 25, 50, 75, 100])
    ax.set_xlabel(page.text("figure.share"), fontsize=9)
    style_axes(ax)
    return drawing


def trace(rows: pd.DataFrame, page: Page, *, target: float) -> Drawing:
    """Of the yuan paid for households: traced to a result, or lost at which link; by county."""
    drawing = canvas(WIDTH, 0.36 * len(rows) + 1.3)
    ax = drawing.subplots()
    base = (rows["paid"] - rows["village"]).to_numpy(float)
    left = np.zeros(len(rows))
    parts = {"traced": GREEN} | LINK_COLOURS
    for part, colour in parts.items():
        share = np.divide(
            100 * rows[part].to_numpy(float), base, out=0 * base, where=base > 0
        )
        label = page.text("figure.traced")
        if part != "traced":
            label = page.words.label("link", part)
        if share.any():
            y = np.arange(len(rows))
            ax.barh(y, share, left=left, color=colour, height=0.62, label=label)
        left += share
    ax.axvline(100 * target, color=INK, lw=1, ls="--")
    _rows(ax, [page.county(code) for code in rows.index])
    ax.set_xlim(0, 100)
    ax.set_xlabel(page.text("figure.share"), fontsize=9)
    _legend(ax, columns=4)
    style_axes(ax)
    return drawing


def _legend(ax: Axes, *, columns: int) -> None:
    """Above the axes, where it covers nothing."""
    ax.legend(
        frameon=False,
        fontsize=8,
        loc="lower right",
        ncols=columns,
        bbox_to_anchor=(1, 0.99),
    )


def growth(found: Growth, page: Page) -> Drawing:
    """Growth of each budget beside the province's."""
    rows = found.rows
    drawing = canvas(WIDTH, 0.34 * len(rows) + 0.8)
    ax = drawing.subplots()
    colours = {"pass": BLUE, "fail": RED}
    for y, row in enumerate(rows.itertuples()):
        if not np.isfinite(row.growth):
            ax.text(0.3, y, page.words("not_determined"), va="center", fontsize=9)
            continue
        ax.barh(y, 100 * row.growth, color=colours.get(row.status, SOFT), height=0.6)
        at = max(100 * row.growth, 0) + 0.3
        text = number(row.growth, "share")
        ax.text(at, y, text, va="center", fontsize=9, zorder=3, bbox=BEHIND_TEXT)
    if np.isfinite(found.province):
        ax.axvline(100 * found.province, color=INK, lw=1, ls="--")
    ax.axvline(0, color=SOFT, lw=0.8)
    _rows(ax, list(rows["area"]))
    ax.set_xlabel(page.text("figure.growth"), fontsize=9)
    ax.margins(x=0.12)
    style_axes(ax)
    return drawing


def intervals(ax: Axes, rows: pd.DataFrame, columns: Sequence[str], label: str) -> None:
    """Points with their intervals, one row each; a unit without an interval is a point alone."""
    value, low, high = (rows[c].to_numpy(float) for c in columns)
    y = np.arange(len(rows))
    known = np.isfinite(low) & np.isfinite(high)
    ax.hlines(y[known], low[known], high[known], color=BLUE, lw=1.6, zorder=2)
    ax.plot(value, y, "o", color=BLUE, ms=6, zorder=3, label=label)


def costs(rows: pd.DataFrame, page: Page, *, whole: float) -> Drawing:
    """Cost of a lasting exit by county: as it happened (hollow), and matched, with its interval."""
    drawing = canvas(WIDTH, 0.38 * len(rows) + 1.1)
    ax = drawing.subplots()
    columns = ("cost_adjusted", "adjusted_ci_low", "adjusted_ci_high")
    intervals(ax, rows, columns, page.text("figure.matched"))
    raw = rows["raw"].to_numpy(float)
    _hollow(ax, raw, page.text("figure.raw"))
    if np.isfinite(whole):
        ax.axvline(whole, color=SOFT, lw=1, ls="--", zorder=1)
    _rows(ax, [page.county(code) for code in rows.index])
    ax.set_xlim(left=0)
    ax.set_xlabel(page.text("figure.yuan"), fontsize=9)
    _legend(ax, columns=2)
    style_axes(ax)
    return drawing


def _hollow(ax: Axes, values: np.ndarray, label: str) -> None:
    y = np.arange(len(values))
    ax.plot(values, y, "o", mfc="white", mec=RED, ms=6, zorder=4, label=label)


def effects(rows: pd.DataFrame, page: Page) -> Drawing:
    """Additional lasting exits by type of project, in percentage points."""
    columns = ("effect", "effect_ci_low", "effect_ci_high")
    return _by_type(rows, columns, page, raw=100 * (rows["raw"] - rows["raw_rest"]))


def per_yuan(rows: pd.DataFrame, page: Page) -> Drawing:
    """Yearly income gained for each yuan of help, by type of project."""
    columns = ("per_yuan", "per_yuan_ci_low", "per_yuan_ci_high")
    return _by_type(rows, columns, page, raw=rows["raw_per_yuan"])


def _by_type(
    rows: pd.DataFrame, columns: Sequence[str], page: Page, *, raw: pd.Series
) -> Drawing:
    """Matched differences by type of project with their intervals, and the raw ones."""
    drawing = canvas(WIDTH, 0.38 * len(rows) + 1.1)
    ax = drawing.subplots()
    intervals(ax, rows, columns, page.text("figure.matched"))
    _hollow(ax, raw.to_numpy(float), page.text("figure.raw"))
    ax.axvline(0, color=INK, lw=0.8, zorder=1)
    _rows(ax, [page.words.label("project_type", code) for code in rows.index])
    ax.set_xlabel(page.text("figure.axis"), fontsize=9)
    _legend(ax, columns=2)
    style_axes(ax)
    return drawing


def scores(rows: pd.DataFrame, page: Page) -> Drawing:
    """Corrected scores of townships with their intervals, county by county."""
    drawing = canvas(WIDTH, 3.0)
    ax = drawing.subplots()
    known = rows[rows["corrected"].notna()]
    known = known.sort_values(["county", "corrected"], kind="stable")
    x, ticks, labels = 0.0, [], []
    for code, part in known.groupby("county", sort=True):
        at = x + np.arange(len(part))
        high = part["ci_high"].to_numpy(float)
        closed = np.isfinite(high)
        low = part["ci_low"].to_numpy(float)
        ax.vlines(at[closed], low[closed], high[closed], color=BLUE, lw=1.2, alpha=0.5)
        ax.plot(at, part["corrected"], "o", color=BLUE, ms=3.5)
        ticks.append(at.mean())
        labels.append(page.county(code).replace(" ", "\n"))
        x = at[-1] + 3
    ax.axhline(1, color=INK, lw=0.8)
    ax.set_xticks(ticks, labels)
    ax.set_ylabel(page.text("figure.multiple"), fontsize=9)
    style_axes(ax)
    ax.tick_params(axis="x", length=0)
    return drawing


def ranges(counties: pd.DataFrame, page: Page) -> Drawing:
    """Today's money of each county beside the range of defensible plans."""
    rows = counties.sort_index()
    drawing = canvas(WIDTH, 0.4 * len(rows) + 1.2)
    ax = drawing.subplots()
    low, high, best, today = (
        rows[c].to_numpy(float) / WAN for c in ("low", "high", "expected", "today")
    )
    y = np.arange(len(rows))
    label = page.text("figure.range")
    ax.hlines(y, low, high, color=SAND, lw=7, zorder=1, label=label)
    label = page.text("figure.expected")
    ax.plot(best, y, "o", color=BLUE, ms=6, zorder=2, label=label)
    _hollow(ax, today, page.text("figure.today"))
    _rows(ax, [page.county(code) for code in rows.index])
    ax.set_xlim(left=0)
    ax.set_xlabel(page.text("figure.money"), fontsize=9)
    _legend(ax, columns=3)
    style_axes(ax)
    return drawing
