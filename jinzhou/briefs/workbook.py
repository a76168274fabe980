"""The list that a visiting team carries: one sheet, ready to print and to fill in."""

from __future__ import annotations

import io
from datetime import datetime

import pandas as pd
import xlsxwriter

from jinzhou.exhibits.chapter import RiskList, words
from jinzhou.vocabulary import CAUTION, DEMO

CREATED = datetime(2018, 1, 1)
"""Fixed, so that the same list gives the same bytes."""
WIDEST = 19
PERCENT = ("风险", "Risk")


def list_workbook(one: RiskList, *, lang: str, synthetic: bool) -> bytes:
    """The list as an xlsx file.

    Numbers of households are text cells, registry text never becomes a formula, the empty columns
    have drop-downs where answers are coded, and the sheet prints on A4 across with its headings.
    """
    w = words(lang)
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    book.set_properties({"title": one.title, "created": CREATED})
    sheet = book.add_worksheet(w("走访名单", "List"))
    cell = {"border": 1, "border_color": "#c8ced3", "valign": "vcenter", "font_size": 10}
    title = book.add_format({"bold": True, "font_size": 15, "align": "center", "valign": "vcenter"})
    notice = book.add_format({"font_size": 10, "font_color": "#b23a48", "align": "center", "valign": "vcenter", "text_wrap": True})
    head = book.add_format(cell | {"bold": True, "bg_color": "#eef1f3", "align": "center", "text_wrap": True})
    text = book.add_format(cell | {"num_format": "@", "text_wrap": True})
    share = book.add_format(cell | {"num_format": "0.0%", "align": "center"})
    count = book.add_format(cell | {"num_format": "0", "align": "center"})
    fill = book.add_format(cell | {"bg_color": "#fffbe9", "text_wrap": True})
    headings = [*one.frame.columns, *one.inputs]
    last = len(headings) - 1
    english = "For checking only: the list raises doubts, people decide."
    parts = [w(f"{CAUTION}：名单只提出疑点，由人决定", english)]
    if synthetic:
        parts.insert(0, w(f"{DEMO}，并非真实农户", f"Demonstration data ({DEMO}), no real household"))
    if one.note:
        parts.append(one.note)
    sheet.merge_range(0, 0, 0, last, one.title, title)
    sheet.merge_range(1, 0, 1, last, "　".join(parts) if lang == "zh" else " · ".join(parts), notice)
    sheet.set_row(0, 28)
    sheet.set_row(1, 20)
    sheet.set_row(2, 32)
    for place, heading in enumerate(headings):
        sheet.write_string(2, place, heading, head)
    for row, values in enumerate(one.frame.itertuples(index=False), 3):
        for place, value in enumerate(values):
            heading = headings[place]
            if isinstance(value, str):
                sheet.write_string(row, place, value, text)
            elif value is None or value != value:
                sheet.write_blank(row, place, None, text)
            elif heading.startswith(PERCENT):
                sheet.write_number(row, place, float(value), share)
            else:
                sheet.write_number(row, place, float(value), count)
        for place in range(one.frame.shape[1], len(headings)):
            sheet.write_blank(row, place, None, fill)
    for place, (heading, choices) in enumerate(one.inputs.items(), one.frame.shape[1]):
        if choices and len(one.frame):
            sheet.data_validation(3, place, 2 + len(one.frame), place, {"validate": "list", "source": list(choices)})
    widths = [_width(heading, one.frame) for heading in headings]
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    for row, values in enumerate(one.frame.itertuples(index=False), 3):
        lines = max((-(-_wide(v) // int(widths[i] - 1)) for i, v in enumerate(values)), default=1)
        sheet.set_row(row, 15 * max(2, lines))
    sheet.freeze_panes(3, 0)
    sheet.autofilter(2, 0, 2 + len(one.frame), last)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 2)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer(f"&L{parts[0]}&C&P / &N")
    book.close()
    return stream.getvalue()


def _wide(value: object) -> int:
    """Characters that a text takes, a Chinese one counting as two."""
    return sum(2 if ord(c) > 0x2E80 else 1 for c in value) if isinstance(value, str) else 1


def _width(heading: str, frame: pd.DataFrame) -> float:
    """Column width in characters: what the texts need, but wrapped beyond `WIDEST` so that A4 holds the row."""
    if heading not in frame:
        return 12
    if frame[heading].dtype.kind in "if":
        return max(6, 0.5 * _wide(heading) + 2.5)
    longest = max(map(_wide, frame[heading]), default=0)
    return min(WIDEST, max(0.5 * _wide(heading) + 2.5, longest + 1.5))
