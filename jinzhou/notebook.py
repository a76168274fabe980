"""The headings of a chapter's notebook: each section's question, and how to read its answer.

A markdown cell whose metadata name a section (``illness.zero_burden``) is worded from the
chapter's text file, so that an executed copy speaks the language of its brief. Run
``python -m jinzhou.notebook`` after a wording has changed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jinzhou.words import words

if TYPE_CHECKING:
    from nbformat import NotebookNode

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
"""Where the notebooks lie: beside the package."""


def heading(name: str, lang: str) -> str:
    """Markdown of a section (``illness.zero_burden``), a chapter (``illness.chapter``), the brief.

    ``publish.brief`` is the heading of the notebook that gathers the chapters.
    """
    room, _, section = name.partition(".")
    part = "publish/text" if room == "publish" else f"chapters/{room}/text"
    said = words(part, lang)
    mark = "#" if section in ("chapter", "brief") else "##"
    return f"{mark} {said(f'{section}.question')}\n\n{said(f'{section}.reading')}"


def worded(book: NotebookNode, lang: str) -> NotebookNode:
    """The notebook with its headings in a language, changed in place."""
    for cell in book.cells:
        name = cell.metadata.get("section")
        if name and cell.cell_type == "markdown":
            cell.source = heading(name, lang)
    return book


def refresh(folder: Path = NOTEBOOKS) -> None:
    """Word the headings of every notebook of a folder anew, in Chinese."""
    import nbformat

    for path in sorted(folder.glob("*.ipynb")):
        book = nbformat.read(path, as_version=4)
        nbformat.write(worded(book, "zh"), path)


if __name__ == "__main__":
    refresh()
