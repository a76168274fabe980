"""Figures of the monitoring chapter: how the monitored moved, how late they were entered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.figure import Figure as Drawing

from jinzhou.publish.drawing import BLUE, RED, SAND, bridge, canvas, style_axes

if TYPE_CHECKING:
    from jinzhou.publish.section import Page

FLOWS = ("opening", "entered", "cleared", "natural", "closing")


def monitored_bridge(flows: pd.Series, page: Page) -> tuple[Drawing, bool]:
    """Households monitored before, entered, cleared, and after."""
    labels = {f: page.words.label("flow_short", f) for f in FLOWS}
    unit = page.text("figure.households")
    return bridge(flows, labels, down=("cleared", "natural"), unit=unit)


def conditions(rows: pd.DataFrame, page: Page) -> Drawing:
    """Of the open cases: how many meet each condition, fail it, or are not known."""
    drawing = canvas(7.2, 0.34 * len(rows) + 1.1)
    ax = drawing.subplots()
    left = pd.Series(0.0, index=rows.index)
    for key, colour in (("yes", BLUE), ("no", RED), ("unknown", SAND)):
        width = rows[f"open_{key}"].astype(float)
        label = page.text(f"figure.{key}")
        ax.barh(range(len(rows)), width, left=left, color=colour, label=label)
        left = left + width
    ax.set_yticks(range(len(rows)), rows["condition"])
    ax.invert_yaxis()
    ax.set_xlabel(page.text("figure.households"), fontsize=9)
    ax.legend(frameon=False, fontsize=8, ncols=3, loc="lower right")
    style_axes(ax)
    return drawing
