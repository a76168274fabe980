"""What every figure is drawn with: colours, canvas, axes, and our own fonts.

Every glyph must be in the font; a missing one is an error, never a box on a page.
"""

import os
import warnings
from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pylopdf_fonts_zh_cn
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Drawing
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from jinzhou.errors import ReleaseError
from jinzhou.reference import areas
from jinzhou.words import number

INK, SOFT, BLUE, RED, SAND, GREEN = (
    "#22303c",
    "#8a97a3",
    "#2f6690",
    "#b23a48",
    "#d9c7a3",
    "#4f7c5a",
)
PALE, DEEP, EMPTY = (
    np.array(colour) for colour in ((0.95, 0.96, 0.97), (0.18, 0.40, 0.56), (0.9,) * 3)
)
"""Least and highest value of a map, and a county without one."""
FONT_VARIABLE = "JINZHOU_FONTS"
"""Environment variable naming a folder of the office's own fonts (ttf, otf)."""


def font_files() -> list[Path]:
    """Fonts in order of preference: the office's own folder first, then the package's."""
    own = os.environ.get(FONT_VARIABLE)
    folder = Path(pylopdf_fonts_zh_cn.__file__).parent
    mine = (
        sorted(p for p in Path(own).glob("*") if p.suffix.lower() in {".ttf", ".otf"})
        if own
        else []
    )
    return [
        *mine,
        folder / "NotoSansSC-Regular.otf",
        folder / "NotoSerifSC-Regular.otf",
    ]


@cache
def _family() -> list[str]:
    names = []
    for path in font_files():
        font_manager.fontManager.addfont(path)
        names.append(font_manager.FontProperties(fname=path).get_name())
    return list(dict.fromkeys(names))


def canvas(width: float, height: float) -> Drawing:
    """An empty drawing of a size in inches, on a canvas that no screen needs."""
    drawing = Drawing(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(drawing)
    return drawing


def style_axes(ax) -> None:
    """The plain frame of every figure: two spines, small ticks."""
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(SOFT)
    ax.tick_params(colors=INK, labelsize=9, length=3, color=SOFT)


def checked_glyphs(drawing: Drawing, title: str) -> None:
    """Set the font of every text of a drawing and make sure that each glyph is there.

    Raises
    ------
    ReleaseError
        The font lacks a glyph: never a box on a page.
    """
    for text in drawing.findobj(Text):
        # the first tick's label is among them; those made when drawn copy its font
        text.set_fontfamily(_family())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        drawing.canvas.draw()
    drawing.set_layout_engine("none")  # placed now; drawing it again only draws
    ours = [w for w in caught if any(family in str(w.message) for family in _family())]
    missing = [str(w.message) for w in ours if "missing from" in str(w.message)]
    if missing:
        raise ReleaseError(
            "publish.figure.glyphs",
            title=title,
            count=len(missing),
            variable=FONT_VARIABLE,
        )


def bridge(
    flows: pd.Series, labels: Mapping[str, str], *, down: Collection[str], unit: str
) -> tuple[Drawing, bool]:
    """A stock, what moved it, and the stock after.

    Parameters
    ----------
    flows : Series
        ``opening``, the flows (unsigned), ``closing``.
    labels : mapping, flow -> label
        In the order of the figure, opening first and closing last.
    down : collection of str
        Flows that lower the stock.
    unit : str
        Label of the axis.

    Returns
    -------
    Figure, bool
        The drawing, and whether its axis starts at zero.
    """
    drawing = canvas(7.2, 3.6)
    ax = drawing.subplots()
    signed = {
        key: -float(flows[key]) if key in down else float(flows[key])
        for key in labels
        if key not in ("opening", "closing")
    }
    opening, closing = float(flows["opening"]), float(flows["closing"])
    levels = np.cumsum([opening, *signed.values()])
    top = max(closing, *levels)
    base = min(opening, closing) - 1.2 * abs(closing - opening) - 0.05 * top
    base = max(0.0, base)
    level = opening
    for x, key in enumerate(labels):
        if key in ("opening", "closing"):
            value = float(flows[key])
            ax.bar(x, value - base, bottom=base, color=INK, width=0.62)
            _above(ax, x, value, f"{value:.0f}")
            continue
        move = signed[key]
        low, high = sorted((level, level + move))
        colour = GREEN if move < 0 else RED
        ax.bar(x, high - low, bottom=low, color=colour, width=0.62)
        sign = "−" if move < 0 else "+"
        _above(ax, x, high, f"{sign}{abs(move):.0f}" if move else "0")
        ax.plot([x - 0.31, x + 1.31], [level + move] * 2, color=SOFT, lw=0.6)
        level += move
    ax.set_xticks(range(len(labels)), list(labels.values()))
    ax.set_ylim(base, top + 0.12 * (top - base))
    ax.set_ylabel(unit, fontsize=9)
    style_axes(ax)
    return drawing, base == 0


def _above(ax: Axes, x: float, y: float, text: str) -> None:
    """A number above a bar."""
    ax.annotate(
        text,
        (x, y),
        xytext=(0, 2),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=9,
        color=INK,
    )


def tile_map(
    values: Mapping[str, float], *, kind: str, name: Callable[[str], str]
) -> Drawing:
    """Schematic map of the counties, shaded by value.

    No boundaries are drawn, so there is no map to be reviewed.

    Parameters
    ----------
    values : mapping, county code -> number
    kind : str
        How the numbers are written, one of `words.KINDS`.
    name : callable
        Name of a county by its code.
    """
    placed = areas.tiles(code for code in values if code != areas.ALL)
    columns = 1 + max(column for column, _ in placed.values())
    lines = 1 + max(line for _, line in placed.values())
    drawing = canvas(0.4 + columns, 0.3 + lines)
    ax = drawing.subplots()
    known = [v for v in values.values() if np.isfinite(v)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    for code, (x, y) in placed.items():
        value = values.get(code, np.nan)
        strength, face = _shade(value, low, high)
        ax.add_patch(Rectangle((x, -y), 0.96, 0.96, facecolor=face, edgecolor="white"))
        ink = "white" if strength > 0.55 else INK
        texts = (
            (0.62, name(code).replace(" ", "\n"), 8.5),
            (0.2, number(value, kind), 9),
        )
        for above, text, size in texts:
            ax.text(
                x + 0.48,
                above - y,
                text,
                ha="center",
                va="center",
                fontsize=size,
                color=ink,
            )
    ax.set_xlim(-0.05, columns + 0.05)
    ax.set_ylim(0.92 - lines, 1.02)
    ax.set_aspect("equal")
    ax.axis("off")
    return drawing


def _shade(value: float, low: float, high: float) -> tuple[float, tuple]:
    """How dark a tile is (0-1) and its colour; grey where the value is unknown."""
    if not np.isfinite(value):
        return 0.0, tuple(EMPTY)
    strength = (value - low) / (high - low) if high > low else 0.0
    return strength, tuple(PALE * (1 - strength) + DEEP * strength)
