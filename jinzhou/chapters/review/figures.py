"""Figures of the review: how the stock of poor persons moved, which tests raise findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.figure import Figure as Drawing

from jinzhou.publish.drawing import BLUE, INK, SOFT, bridge, canvas, style_axes

if TYPE_CHECKING:
    from jinzhou.publish.section import Page

DOWN = ("exited", "removed", "natural_decrease")
FLOWS = (
    "opening",
    "exited",
    "returned",
    "newly_identified",
    "member_added",
    "removed",
    "natural_increase",
    "natural_decrease",
    "closing",
)
"""From the stock before to the stock after, in the order of the figure and the table."""


def stock_bridge(flows: pd.Series, page: Page) -> tuple[Drawing, bool]:
    """Stock before, what moved it, stock after; and whether the axis starts at zero."""
    labels = {f: page.words.label("flow_short", f) for f in FLOWS}
    return bridge(flows, labels, down=DOWN, unit=page.text("figure.persons"))


def completeness(fields: pd.DataFrame, page: Page) -> Drawing:
    """Share of each required field that is filled, the least complete on top."""
    rows = fields.dropna(subset=["share"]).sort_values("share", kind="stable")
    drawing = canvas(7.2, 0.3 * len(rows) + 0.9)
    ax = drawing.subplots()
    share = 100 * rows["share"].to_numpy(float)
    ax.barh(range(len(rows)), share, color=BLUE, height=0.6)
    for y, value in enumerate(share):
        ax.text(value + 0.6, y, f"{value:.1f}%", va="center", fontsize=9, color=INK)
    names = [page.words.label("field", f) for f in rows["field"]]
    ax.set_yticks(range(len(rows)), names)
    ax.invert_yaxis()
    ax.set_xlim(0, 112)
    ax.set_xlabel(page.text("figure.filled"), fontsize=9)
    style_axes(ax)
    return drawing


def quality(rows: pd.DataFrame, page: Page) -> Drawing:
    """The quality index of each county, now and at the end of the last quarter."""
    drawing = canvas(7.2, 0.36 * len(rows) + 1.0)
    ax = drawing.subplots()
    y = range(len(rows))
    before, now = 100 * rows["before"], 100 * rows["index"]
    ax.scatter(before, y, color=SOFT, s=30, label=page.text("figure.before"))
    ax.scatter(now, y, color=BLUE, s=36, zorder=3, label=page.text("figure.now"))
    ax.set_yticks(y, [page.county(code) for code in rows.index])
    ax.invert_yaxis()
    ax.set_xlabel(page.text("figure.index"), fontsize=9)
    ax.legend(frameon=False, fontsize=8, loc="best")
    style_axes(ax)
    return drawing
