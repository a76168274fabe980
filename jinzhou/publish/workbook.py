"""Workbooks that an office prints, filters and fills in."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import xlsxwriter

from jinzhou.publish.section import ListSheet
from jinzhou.words import words

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
    styles = {name: book.add_format(style) for name, style in STYLES.items()}
    said = words("publish/text", lang)
    notices = [said("list.demo")] if synthetic else []
    notices.append(said("list.verdict"))
    for one in sheets:
        for part, first in enumerate(range(0, max(1, len(one.frame)), MOST_ROWS)):
            tab = one.tab + (f"({part + 1})" if part else "")
            rows = slice(first, first + MOST_ROWS)
            printed = _Printed(one=one, rows=rows, styles=styles)
            texts = [*notices, one.note] if one.note else notices
            notice = said("list.between").join(texts)
            printed.write(book.add_worksheet(tab), notice, footer=notices[0])
    book.close()
    return stream.getvalue()


CELL = {"border": 1, "border_color": "#c8ced3", "valign": "vcenter", "font_size": 10}
STYLES = {
    "title": {"bold": True, "font_size": 15, "align": "center", "valign": "vcenter"},
    "notice": {
        "font_size": 10,
        "font_color": "#b23a48",
        "align": "center",
        "valign": "vcenter",
        "text_wrap": True,
    },
    "head": CELL
    | {"bold": True, "bg_color": "#eef1f3", "align": "center", "text_wrap": True},
    "text": CELL | {"num_format": "@", "text_wrap": True},
    "share": CELL | {"num_format": "0.0%", "align": "center"},
    "count": CELL | {"num_format": "0", "align": "center"},
    "number": CELL | {"num_format": "0.##", "align": "center"},
    "fill": CELL | {"bg_color": "#fffbe9", "text_wrap": True, "num_format": "@"},
}
HEAD = 3
"""Rows above the first household: title, notice, headings."""
A4 = 9
"""Paper size of a spreadsheet program."""


@dataclass(frozen=True, kw_only=True)
class _Printed:
    """One sheet, or the part of a long one, as it is printed."""

    one: ListSheet
    rows: slice
    styles: Mapping[str, object]

    @property
    def frame(self) -> pd.DataFrame:
        return self.one.frame.iloc[self.rows]

    @property
    def headings(self) -> list[str]:
        return [*self.frame.columns, *self.one.inputs]

    def write(self, sheet, notice: str, *, footer: str) -> None:
        """Title, notice, headings and rows, and how the sheet prints."""
        headings, frame = self.headings, self.frame
        widths = [_width(heading, frame) for heading in headings]
        last = max(1, len(headings) - 1)
        sheet.merge_range(0, 0, 0, last, self.one.title, self.styles["title"])
        sheet.merge_range(1, 0, 1, last, notice, self.styles["notice"])
        sheet.set_row(0, 28)
        sheet.set_row(1, 20 * max(1, -(-_wide(notice) // max(60, int(sum(widths))))))
        sheet.set_row(2, 32)
        for column, heading in enumerate(headings):
            text = _broken(heading) if _numeric(heading, frame) else heading
            sheet.write_string(2, column, text, self.styles["head"])
            sheet.set_column(column, column, widths[column])
        self._write_rows(sheet, widths)
        self._write_choices(sheet)
        sheet.freeze_panes(HEAD, 0)
        sheet.autofilter(2, 0, 2 + len(frame), len(headings) - 1)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, 2)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer(f"&L{footer}&C&P / &N")

    def _write_rows(self, sheet, widths: Sequence[float]) -> None:
        frame, inputs = self.frame, list(self.one.inputs)
        styles = [self.styles[self._kind(c)] for c in frame]
        given = None
        if self.one.answers is not None:
            answers = self.one.answers.iloc[self.rows].reindex(columns=inputs)
            given = answers.fillna("").to_numpy(dtype=object)
        for row, values in enumerate(frame.itertuples(index=False)):
            lines = 2
            for column, value in enumerate(values):
                self._write_cell(sheet, HEAD + row, column, value, styles[column])
                width = widths[column]
                if isinstance(value, str) and 2 * len(value) >= width:
                    lines = max(lines, -(-_wide(value) // int(width - 1)))
            for i in range(len(inputs)):
                text = given[row, i] if given is not None else ""
                where = (HEAD + row, len(values) + i)
                if text:
                    sheet.write_string(*where, text, self.styles["fill"])
                else:
                    sheet.write_blank(*where, None, self.styles["fill"])
            sheet.set_row(HEAD + row, 15 * lines)

    def _write_cell(self, sheet, row: int, column: int, value, style) -> None:
        if isinstance(value, str):
            sheet.write_string(row, column, value, self.styles["text"])
        elif value is None or value != value:
            sheet.write_blank(row, column, None, self.styles["text"])
        else:
            sheet.write_number(row, column, float(value), style)

    def _kind(self, column: str) -> str:
        if column in self.one.shares:
            return "share"
        values = self.frame[column]
        whole = values.dtype.kind in "iu" or _whole(values)
        return "count" if whole else "number"

    def _write_choices(self, sheet) -> None:
        """Drop-downs of the columns to fill in."""
        frame = self.frame
        for column, choices in enumerate(self.one.inputs.values(), frame.shape[1]):
            if choices and len(frame):
                rule = {"validate": "list", "source": list(choices)}
                sheet.data_validation(HEAD, column, 2 + len(frame), column, rule)


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
