"""A figure of a brief: a drawing, and what it shows in words."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

MARK_COLOUR = "#b23a48"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figure:
    """One figure; `alt` says in words what it shows."""

    name: str
    title: str
    drawing: Drawing
    alt: str = ""
    note: str = ""

    def svg(self, *, mark: str = "") -> bytes:
        """The drawing as SVG with its letters as paths, a mark below it.

        The same figure gives the same bytes.
        """
        import matplotlib
        from matplotlib.text import Text
        from matplotlib.transforms import Bbox

        stream, (width, height) = io.BytesIO(), self.drawing.get_size_inches()
        font = self.drawing.findobj(Text)[0].get_fontfamily() if mark else None
        note = self.drawing.text(
            1,
            0,
            mark,
            ha="right",
            va="top",
            fontsize=6.5,
            color=MARK_COLOUR,
            fontfamily=font,
        )
        with matplotlib.rc_context({"svg.hashsalt": "jinzhou", "svg.fonttype": "path"}):
            self.drawing.savefig(
                stream,
                format="svg",
                metadata={"Date": None, "Creator": None},
                transparent=True,
                bbox_inches=Bbox([[0, -0.14 if mark else 0], [width, height]]),
            )
        note.remove()
        return stream.getvalue()

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.svg()).decode("ascii")
        width = round(96 * self.drawing.get_size_inches()[0])
        note = f"<p><small>{escape(self.note)}</small></p>" if self.note else ""
        return (
            f"<p><strong>{escape(self.title)}</strong></p>"
            f'<img src="data:image/svg+xml;base64,{data}" width="{width}"'
            f' alt="{escape(self.alt or self.title)}"/>{note}'
        )
