"""Workbooks that an office prints, filters and fills in."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import xlsxwriter

from jinzhou.publish.chapter import ListSheet, words
from jinzhou.reference.vocabulary import CAUTION, DEMO

CREATED = datetime(2018, 1, 1)
"""Fixed, so that the same list gives the same bytes."""
WIDEST, WIDEST_LONG = 19, 34
"""Characters of a column of texts, and of one whose texts run over sixty."""
MOST_ROWS = 1_000_000
"""Rows that one sheet takes; Excel holds 1,048,576."""


def workbook(sheets: Sequence[ListSheet], *, lang: str, synthetic: bool) -> bytes:
    """Sheets as an xlsx file.

    Numbers of households are text cells, registry text never becomes a formula, the input columns
    have drop-downs where answers are coded, and each sheet prints on A4 across with its headings.
    A sheet of more than a million rows goes on in further sheets.
    """
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": sheets[0].title, "created": CREATED})
    cell = {
        "border": 1,
        "border_color": "#c8ced3",
        "valign": "vcenter",
        "font_size": 10,
    }
    styles = {
        "title": book.add_format(
            {"bold": True, "font_size": 15, "align": "center", "valign": "vcenter"}
        ),
        "notice": book.add_format(
            {
                "font_size": 10,
                "font_color": "#b23a48",
                "align": "center",
                "valign": "vcenter",
                "text_wrap": True,
            }
        ),
        "head": book.add_format(
            cell
            | {
                "bold": True,
                "bg_color": "#eef1f3",
                "align": "center",
                "text_wrap": True,
            }
        ),
        "text": book.add_format(cell | {"num_format": "@", "text_wrap": True}),
        "share": book.add_format(cell | {"num_format": "0.0%", "align": "center"}),
        "count": book.add_format(cell | {"num_format": "0", "align": "center"}),
        "number": book.add_format(cell | {"num_format": "0.##", "align": "center"}),
        "fill": book.add_format(
            cell | {"bg_color": "#fffbe9", "text_wrap": True, "num_format": "@"}
        ),
    }
    for one in sheets:
        for part, first in enumerate(range(0, max(1, len(one.frame)), MOST_ROWS)):
            tab = one.tab + (f"({part + 1})" if part else "")
            _sheet(
                book.add_worksheet(tab),
                one,
                first,
                styles,
                lang=lang,
                synthetic=synthetic,
            )
    book.close()
    return stream.getvalue()


def _sheet(
    sheet, one: ListSheet, first: int, styles: dict, *, lang: str, synthetic: bool
) -> None:
    """Title, notice, headings, rows from `first` on, and how the sheet prints."""
    w = words(lang)
    frame = one.frame.iloc[first : first + MOST_ROWS]
    headings = [*frame.columns, *one.inputs]
    last = max(1, len(headings) - 1)
    english = "For checking only: the sheet raises doubts, people decide."
    parts = [w(f"{CAUTION}：名单只提出疑点，由人决定", english)]
    if synthetic:
        parts.insert(
            0,
            w(
                f"{DEMO}，并非真实农户",
                f"Demonstration data ({DEMO}), no real household",
            ),
        )
    if one.note:
        parts.append(one.note)
    notice = "　".join(parts) if lang == "zh" else " · ".join(parts)
    widths = [_width(heading, frame) for heading in headings]
    sheet.merge_range(0, 0, 0, last, one.title, styles["title"])
    sheet.merge_range(1, 0, 1, last, notice, styles["notice"])
    sheet.set_row(0, 28)
    sheet.set_row(1, 20 * max(1, -(-_wide(notice) // max(60, int(sum(widths))))))
    sheet.set_row(2, 32)
    for place, heading in enumerate(headings):
        sheet.write_string(
            2,
            place,
            _broken(heading) if _numeric(heading, frame) else heading,
            styles["head"],
        )
        sheet.set_column(place, place, widths[place])
    kinds = [
        "share"
        if c in one.shares
        else "count"
        if frame[c].dtype.kind in "iu" or _whole(frame[c])
        else "number"
        for c in frame
    ]
    given = (
        one.answers.iloc[first : first + MOST_ROWS]
        .reindex(columns=list(one.inputs))
        .fillna("")
        .to_numpy(dtype=object)
        if one.answers is not None
        else None
    )
    for row, values in enumerate(frame.itertuples(index=False), 3):
        lines = 2
        for place, value in enumerate(values):
            if isinstance(value, str):
                sheet.write_string(row, place, value, styles["text"])
                if 2 * len(value) >= widths[place]:
                    lines = max(lines, -(-_wide(value) // int(widths[place] - 1)))
            elif value is None or value != value:
                sheet.write_blank(row, place, None, styles["text"])
            else:
                sheet.write_number(row, place, float(value), styles[kinds[place]])
        for i in range(len(one.inputs)):
            text = given[row - 3, i] if given is not None else ""
            if text:
                sheet.write_string(row, len(values) + i, text, styles["fill"])
            else:
                sheet.write_blank(row, len(values) + i, None, styles["fill"])
        sheet.set_row(row, 15 * lines)
    for place, choices in enumerate(one.inputs.values(), frame.shape[1]):
        if choices and len(frame):
            sheet.data_validation(
                3,
                place,
                2 + len(frame),
                place,
                {"validate": "list", "source": list(choices)},
            )
    sheet.freeze_panes(3, 0)
    sheet.autofilter(2, 0, 2 + len(frame), len(headings) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 2)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer(f"&L{parts[0]}&C&P / &N")


def _whole(values: pd.Series) -> bool:
    """Whether all known numbers are whole."""
    return values.dtype.kind == "f" and bool((values.dropna() % 1 == 0).all())


def _wide(value: object) -> int:
    """Characters that a text takes, a Chinese one counting as two."""
    if not isinstance(value, str):
        return 1
    return (
        len(value)
        if value.isascii()
        else sum(2 if ord(c) > 0x2E80 else 1 for c in value)
    )


def _numeric(heading: str, frame: pd.DataFrame) -> bool:
    """Whether the column holds numbers."""
    return heading in frame and frame[heading].dtype.kind in "iuf"


def _broken(heading: str) -> str:
    """A heading with its unit, which stands in brackets at the end, on a line of its own."""
    return heading.replace("（", "\n（", 1) if heading.endswith("）") else heading


def _width(heading: str, frame: pd.DataFrame) -> float:
    """Column width in characters: what the texts need, but wrapped so that A4 holds the row."""
    if heading not in frame:
        return 12
    if _numeric(heading, frame):
        lines = _broken(heading).split("\n")
        return (
            max(6, 0.5 * _wide(heading) + 2.5)
            if len(lines) == 1
            else max(6, *(_wide(line) + 1.5 for line in lines))
        )
    longest = max(map(_wide, frame[heading].head(2_000).unique()), default=0)
    return min(
        WIDEST if longest <= 60 else WIDEST_LONG,
        max(0.5 * _wide(heading) + 2.5, longest + 1.5),
    )
