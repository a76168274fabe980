"""The headings of a chapter's notebook: each section's question, and how to read its answer.

A markdown cell whose metadata name a section (``illness.zero_burden``) is worded from the
chapter's text file, so that an executed copy speaks the language of its brief. Run
``python -m jinzhou.notebook`` after a wording has changed or a section was added to a chapter:
a section that the notebook lacks gets its heading and its cell, in the chapter's order.
"""

from __future__ import annotations

from copy import deepcopy
from importlib import import_module
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


def completed(book: NotebookNode) -> NotebookNode:
    """The notebook with a heading and a cell for every section of its chapter, changed in place.

    A notebook without the heading of a chapter stays as it is.
    """
    from nbformat.v4 import new_code_cell, new_markdown_cell

    named = [cell.metadata.get("section", "") for cell in book.cells]
    folder = next((n.partition(".")[0] for n in named if n.endswith(".chapter")), "")
    if not folder:
        return book
    after = next(i for i, name in enumerate(named) if name)
    for function in import_module(f"jinzhou.chapters.{folder}").CHAPTER.sections:
        name = f"{folder}.{function.__name__}"
        found = [c.metadata.get("section", "") for c in book.cells]
        if name not in found:
            after = _next_heading(book, after)
            title = new_markdown_cell(id=f"{function.__name__}-q")
            title.metadata["section"] = name
            cell = new_code_cell(f"{name}(now)", id=f"{function.__name__}-a")
            book.cells[after:after] = [title, cell]
        else:
            after = found.index(name)
    return book


def _next_heading(book: NotebookNode, start: int) -> int:
    """Index of the heading after cell `start`; of the last cell, which releases the chapter."""
    later = range(start + 1, len(book.cells))
    headings = (i for i in later if book.cells[i].cell_type == "markdown")
    return next(headings, len(book.cells) - 1)


def refresh(folder: Path = NOTEBOOKS) -> None:
    """Complete every notebook of a folder and word its headings anew, in Chinese."""
    import nbformat

    for path in sorted(folder.glob("*.ipynb")):
        book = nbformat.read(path, as_version=4)
        before = deepcopy(book)
        if worded(completed(book), "zh") != before:
            nbformat.write(book, path)


if __name__ == "__main__":
    refresh()
