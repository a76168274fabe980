"""Frames of codes written as the exports of a county office look: headings, labels, damage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import xlsxwriter

from jinzhou.reference.vocabulary import DEMO, TABLES, Column, Table
from jinzhou.synthetic.parameters import DATA_END

SERIAL = "serial"
DATE_STYLES = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d", "%Y年%m月%d日", SERIAL)
EPOCH = pd.Timestamp("1899-12-30")
"""Day 0 of a spreadsheet's serial dates."""


def heading(column: Column, style: int) -> str:
    """Heading of a column; some styles write the unit in full-width brackets, or an alias."""
    if style % 2 and column.unit and "(" not in column.zh:
        return f"{column.zh}（{column.unit}）"
    if style % 3 == 2 and column.aliases and column.aliases[0].isascii() is False:
        return column.aliases[0]
    return column.zh


def cells(column: Column, values: pd.Series, style: int) -> pd.Series:
    """Cell texts of a column; missing values are empty."""
    missing = values.map(len) == 0 if column.kind == "set" else values.isna()
    text = _texts(column, values, style)
    return text.astype("string").where(~missing, "").fillna("")


def _texts(column: Column, values: pd.Series, style: int) -> pd.Series:
    kind = column.kind
    if kind in ("date", "due"):
        return _days(values, DATE_STYLES[style % len(DATE_STYLES)])
    if kind == "month":
        return pd.to_datetime(values).dt.strftime("%Y%m")
    if kind == "flag":
        return values.map({True: "是", False: "否"})
    if kind == "code":
        return values.map({c: column.label(c) for c in values.dropna().unique()})
    if kind == "set":
        joint = "，" if style % 2 else ","
        return values.map(lambda codes: joint.join(column.label(c) for c in codes))
    if kind == "integer":
        return pd.to_numeric(values).astype("Int64")
    if kind == "money":
        return _money(column, pd.to_numeric(values).astype(float), style)
    if kind == "number":
        return pd.to_numeric(values).map("{:g}".format, na_action="ignore")
    return values


def _days(values: pd.Series, written: str) -> pd.Series:
    days = pd.Categorical(pd.to_datetime(values))  # few distinct days: format each once
    names = days.categories
    serial = written == SERIAL
    texts = (names - EPOCH).days.astype(str) if serial else names.strftime(written)
    texts = np.append(texts.to_numpy(dtype=object), "")
    return pd.Series(texts[days.codes], index=values.index)


def _money(column: Column, number: pd.Series, style: int) -> pd.Series:
    if style % 5 == 4:
        return number.map("{:,.2f}".format, na_action="ignore")
    digits = pa.decimal128(18, 2 if column.unit == "元" else 6)
    exact = pa.array(number, from_pandas=True).cast(digits, safe=False)
    return pd.Series(exact.cast(pa.string()).to_pandas(), index=number.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table as one sheet or csv: title rows, headings and columns."""

    table: Table
    frame: pd.DataFrame
    exported: str = DATA_END
    year: int | None = None
    style: int = 0

    @property
    def columns(self) -> list[Column]:
        """Columns delivered."""
        return [c for c in self.table.columns if c.name in self.frame]

    @property
    def headings(self) -> list[str]:
        """Headings of the columns."""
        return [heading(c, self.style) for c in self.columns]

    @property
    def title(self) -> str:
        """Title row: table, year and day of export."""
        day = datetime.fromisoformat(self.exported)
        year = f"　{self.year}年度" if self.year else ""
        made = f"　导出日期：{day.year}年{day.month}月{day.day}日"
        return f"{self.table.zh}（{DEMO}）{year}{made}"


def write_csv(
    path: Path,
    sheet: Sheet,
    *,
    encoding: str = "gb18030",
    wrap: Sequence[str] = (),
    footer: bool = False,
) -> None:
    """One csv with three heading rows; `wrap` names columns written as ``="…"``."""
    columns = sheet.columns
    text = {}
    for c in columns:
        body = cells(c, sheet.frame[c.name], sheet.style)
        wrapped = ('="' + body + '"').where(body != "", "")
        text[c.name] = wrapped if c.name in wrap else body
    schema = pa.schema([(c.name, pa.string()) for c in columns])
    rows = pa.Table.from_pandas(pd.DataFrame(text), preserve_index=False).cast(schema)
    buffer = BytesIO()
    pa.csv.write_csv(rows, buffer, pa.csv.WriteOptions(include_header=False))
    commas = "," * (len(columns) - 1)
    head = "\n".join(
        [sheet.title + commas, "基础信息" + commas, ",".join(sheet.headings)]
    )
    foot = f"\n填表人：某某{commas}" if footer else ""
    body = buffer.getvalue().decode().rstrip("\n")
    path.write_bytes(f"{head}\n{body}{foot}\n".encode(encoding))


def write_workbook(
    path: Path,
    sheets: Mapping[str, Sheet],
    *,
    sums: bool = False,
    hidden: bool = False,
) -> None:
    """One workbook of named sheets; numbers and dates as Excel holds them."""
    plain = dict.fromkeys(
        ("strings_to_numbers", "strings_to_formulas", "strings_to_urls"), False
    )
    created = next(iter(sheets.values())).exported
    with xlsxwriter.Workbook(path, {"constant_memory": True, **plain}) as book:
        book.set_properties({"created": datetime.fromisoformat(created)})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        bold = book.add_format({"bold": True, "align": "center"})
        for name, made in sheets.items():
            sheet = book.add_worksheet(name)
            width = max(1, len(made.columns) - 1)
            sheet.merge_range(0, 0, 0, width, made.title, bold)
            sheet.write(1, 0, "基础信息")
            sheet.write_row(2, 0, made.headings, bold)
            _write_rows(sheet, made, day)
            if sums:
                sheet.write(len(made.frame) + 3, 0, "合计")
                sheet.write_number(len(made.frame) + 3, 1, len(made.frame))
        if hidden:
            note = book.add_worksheet("填报说明")
            note.write(0, 0, f"本表为{DEMO}，各列口径见数据字典。")
            note.hide()


def _write_rows(
    sheet: xlsxwriter.worksheet.Worksheet,
    made: Sheet,
    day: xlsxwriter.format.Format,
) -> None:
    body: list[tuple[np.ndarray, object]] = []
    for c in made.columns:
        values = made.frame[c.name]
        if c.kind in ("date", "due"):
            serial = (pd.to_datetime(values) - EPOCH).dt.days
            body.append((serial.to_numpy(dtype=float, na_value=np.nan), day))
        elif c.kind in ("money", "number", "integer"):
            number = pd.to_numeric(values)
            body.append((number.to_numpy(dtype=float, na_value=np.nan), None))
        else:
            body.append((cells(c, values, made.style).to_numpy(dtype=object), None))
    for row in range(len(made.frame)):
        for place, (column, form) in enumerate(body):
            value = column[row]
            if isinstance(value, str):
                if value:
                    sheet.write_string(row + 3, place, value)
            elif value == value:
                sheet.write_number(row + 3, place, value, form)


YEARLY = {
    "household": "户信息",
    "member": "家庭成员",
    "income": "家庭收入",
    "living": "生产生活条件",
}
"""Tables written one file a year, and the files' names."""
SINGLE = {
    "visit": "一站式结算明细",
    "event": "动态管理台账",
    "measure": "帮扶措施",
    "home_visit": "走访记录",
    "project_household": "项目带户",
    "health_service": "健康扶贫服务",
    "roster": "户籍参保名册",
    "wall": "三上墙检查",
    "file_check": "档案检查",
}
"""Tables written as one csv."""
BOOKS: tuple[tuple[str, tuple[str, ...], int, dict[str, bool]], ...] = (
    # workbook, its tables, style of headings and cells, sums and hidden sheets
    ("项目与资金", ("project", "fund", "payment", "fund_year"), 1, {"sums": True}),
    (
        "行业部门台账",
        ("housing", "loan", "duty", "monitoring", "graduate", "training"),
        0,
        {},
    ),
    ("行政村", ("village",), 1, {}),
    (
        "帮扶与检查",
        ("helper", "cadre", "spot_check", "disclosure"),
        0,
        {"hidden": True},
    ),
)
ENCODINGS = ("gb18030", "utf-8-sig", "gb18030", "gb18030", "utf-8")


def write_exports(
    folder: Path, made: dict[str, pd.DataFrame], *, exported: str = DATA_END
) -> list[Path]:
    """All tables in the layout of the real exports of a day; returns the files in order."""
    folder.mkdir(parents=True, exist_ok=True)
    files = _write_years(folder, made, exported)
    for style, (name, stem) in enumerate(SINGLE.items()):
        files.append(folder / f"{stem}.csv")
        write_csv(
            files[-1],
            Sheet(table=TABLES[name], frame=made[name], exported=exported, style=style),
            footer=style == 1,
            encoding="utf-8-sig" if name == "wall" else "gb18030",
        )
    for stem, names, style, form in BOOKS:
        sheets = {
            sheet: Sheet(
                table=TABLES[name],
                frame=frame,
                exported=exported,
                year=year,
                style=style,
            )
            for name in names
            if name in made
            for sheet, frame, year in _parts(name, made[name])
        }
        files.append(folder / f"{stem}.xlsx")
        write_workbook(files[-1], sheets, **form)
    return files


def _parts(
    name: str, frame: pd.DataFrame
) -> list[tuple[str, pd.DataFrame, int | None]]:
    """Sheets of a table in a workbook: villages by year, the others whole."""
    if name != "village":
        return [(name, frame, None)]
    years = frame.groupby("snapshot")
    return [(str(y), rows.reset_index(drop=True), int(y)) for y, rows in years]


def _write_years(
    folder: Path, made: dict[str, pd.DataFrame], exported: str
) -> list[Path]:
    """A csv a year; the last year's households as a workbook with a sheet per county."""
    files = []
    for name, stem in YEARLY.items():
        frame = made[name]
        for style, (year, rows) in enumerate(frame.groupby("snapshot")):
            whole = Sheet(
                table=TABLES[name],
                frame=rows.reset_index(drop=True),
                exported=exported,
                year=year,
                style=style,
            )
            if name == "household" and year == frame["snapshot"].max():
                files.append(folder / f"{year}年{stem}.xlsx")
                counties = {
                    str(county): replace(
                        whole, frame=part.reset_index(drop=True), style=1
                    )
                    for county, part in whole.frame.groupby("county_name")
                }
                write_workbook(files[-1], counties, hidden=True)
                continue
            files.append(folder / f"{year}年{stem}.csv")
            odd = name == "member" and style % 2
            write_csv(
                files[-1],
                whole,
                encoding=ENCODINGS[style % 5],
                wrap=("id_number", "household_id") if odd else (),
                footer=style == 2,
            )
    return files
