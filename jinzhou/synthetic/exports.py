"""Frames of codes written as the exports of a county office look: headings, labels, damage and all."""

from __future__ import annotations

from collections.abc import Sequence
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
    """Heading of a column; every second style writes the unit in full-width brackets or an alias."""
    if style % 2 and column.unit and "(" not in column.zh:
        return f"{column.zh}（{column.unit}）"
    if style % 3 == 2 and column.aliases and column.aliases[0].isascii() is False:
        return column.aliases[0]
    return column.zh


def cells(column: Column, values: pd.Series, style: int) -> pd.Series:
    """Cell texts of a column; missing values are empty."""
    missing = values.isna() if column.kind != "set" else values.map(len) == 0
    if column.kind in ("date", "due"):
        written = DATE_STYLES[style % len(DATE_STYLES)]
        days = pd.Categorical(
            pd.to_datetime(values)
        )  # few distinct days: format each once
        names = days.categories
        texts = (
            (names - EPOCH).days.astype(str)
            if written == SERIAL
            else names.strftime(written)
        )
        text = pd.Series(
            np.append(texts.to_numpy(dtype=object), "")[days.codes], index=values.index
        )
    elif column.kind == "month":
        text = pd.to_datetime(values).dt.strftime("%Y%m")
    elif column.kind == "flag":
        text = values.map({True: "是", False: "否"})
    elif column.kind == "code":
        text = values.map(
            {code: column.label(code) for code in values.dropna().unique()}
        )
    elif column.kind == "set":
        joint = "，" if style % 2 else ","
        text = values.map(lambda codes: joint.join(column.label(c) for c in codes))
    elif column.kind == "integer":
        text = pd.to_numeric(values).astype("Int64").astype("string")
    elif column.kind == "money":
        number = pd.to_numeric(values).astype(float)
        if style % 5 == 4:
            text = number.map("{:,.2f}".format, na_action="ignore")
        else:
            exact = pa.array(number, from_pandas=True).cast(
                pa.decimal128(18, 2 if column.unit == "元" else 6), safe=False
            )
            text = pd.Series(exact.cast(pa.string()).to_pandas(), index=values.index)
    elif column.kind == "number":
        text = pd.to_numeric(values).map("{:g}".format, na_action="ignore")
    else:
        text = values.astype("string")
    return text.astype("string").where(~missing, "").fillna("")


def _layout(
    table: Table, frame: pd.DataFrame, year: int | None, style: int, exported: str
):
    """Title rows, the columns delivered, and their headings."""
    columns = [c for c in table.columns if c.name in frame]
    day = datetime.fromisoformat(exported)
    title = (
        f"{table.zh}（{DEMO}）"
        + (f"　{year}年度" if year else "")
        + f"　导出日期：{day.year}年{day.month}月{day.day}日"
    )
    return title, columns, [heading(c, style) for c in columns]


def write_csv(
    path: Path,
    table: Table,
    frame: pd.DataFrame,
    *,
    year: int | None = None,
    style: int = 0,
    encoding: str = "gb18030",
    wrap: Sequence[str] = (),
    footer: bool = False,
    exported: str = DATA_END,
) -> None:
    """One csv with three heading rows; `wrap` names columns written as ``="…"``."""
    title, columns, names = _layout(table, frame, year, style, exported)
    text = {}
    for c in columns:
        body = cells(c, frame[c.name], style)
        text[c.name] = (
            ('="' + body + '"').where(body != "", "") if c.name in wrap else body
        )
    buffer = BytesIO()
    pa.csv.write_csv(
        pa.Table.from_pandas(pd.DataFrame(text), preserve_index=False).cast(
            pa.schema([(c.name, pa.string()) for c in columns])
        ),
        buffer,
        pa.csv.WriteOptions(include_header=False),
    )
    body = buffer.getvalue().decode()
    groups = ["基础信息"] + [""] * (len(columns) - 1)
    head = "\n".join(
        [title + "," * (len(columns) - 1), ",".join(groups), ",".join(names)]
    )
    foot = f"\n填表人：某某{',' * (len(columns) - 1)}" if footer else ""
    path.write_bytes((head + "\n" + body.rstrip("\n") + foot + "\n").encode(encoding))


def write_workbook(
    path: Path,
    sheets: Sequence[tuple[str, Table, pd.DataFrame, int | None]],
    *,
    style: int = 0,
    sums: bool = False,
    hidden: bool = False,
    exported: str = DATA_END,
) -> None:
    """One workbook, one sheet per (name, table, frame, year); numbers and dates as Excel holds them."""
    with xlsxwriter.Workbook(
        path,
        {
            "constant_memory": True,
            "strings_to_numbers": False,
            "strings_to_formulas": False,
            "strings_to_urls": False,
        },
    ) as book:
        book.set_properties({"created": datetime.fromisoformat(exported)})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        bold = book.add_format({"bold": True, "align": "center"})
        for name, table, frame, year in sheets:
            sheet = book.add_worksheet(name)
            title, columns, names = _layout(table, frame, year, style, exported)
            sheet.merge_range(0, 0, 0, max(1, len(columns) - 1), title, bold)
            sheet.write(1, 0, "基础信息")
            sheet.write_row(2, 0, names, bold)
            body = []
            for c in columns:
                if c.kind in ("date", "due"):
                    serial = (pd.to_datetime(frame[c.name]) - EPOCH).dt.days
                    body.append((serial.to_numpy(dtype=float, na_value=np.nan), day))
                elif c.kind in ("money", "number", "integer"):
                    body.append(
                        (
                            pd.to_numeric(frame[c.name]).to_numpy(
                                dtype=float, na_value=np.nan
                            ),
                            None,
                        )
                    )
                else:
                    body.append(
                        (cells(c, frame[c.name], style).to_numpy(dtype=object), None)
                    )
            for row in range(len(frame)):
                for place, (values, form) in enumerate(body):
                    value = values[row]
                    if isinstance(value, str):
                        if value:
                            sheet.write_string(row + 3, place, value)
                    elif value == value:
                        sheet.write_number(row + 3, place, value, form)
            if sums:
                sheet.write(len(frame) + 3, 0, "合计")
                sheet.write_number(len(frame) + 3, 1, len(frame))
        if hidden:
            note = book.add_worksheet("填报说明")
            note.write(0, 0, f"本表为{DEMO}，各列口径见数据字典。")
            note.hide()


def write_exports(
    folder: Path, made: dict[str, pd.DataFrame], *, exported: str = DATA_END
) -> list[Path]:
    """All tables in the layout of the real exports of a day; returns the files in order."""
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []

    def path(name: str) -> Path:
        files.append(folder / name)
        return files[-1]

    def book(name: str, tables: Sequence[str], **form) -> None:
        write_workbook(
            path(name),
            [(n, TABLES[n], made[n], None) for n in tables if n in made],
            exported=exported,
            **form,
        )

    for name, stem in (
        ("household", "户信息"),
        ("member", "家庭成员"),
        ("income", "家庭收入"),
        ("living", "生产生活条件"),
    ):
        table, frame = TABLES[name], made[name]
        for style, (year, rows) in enumerate(frame.groupby("snapshot")):
            rows = rows.reset_index(drop=True)
            if name == "household" and year == frame["snapshot"].max():
                sheets = [
                    (str(c), table, part.reset_index(drop=True), year)
                    for c, part in rows.groupby("county_name")
                ]
                write_workbook(
                    path(f"{year}年{stem}.xlsx"),
                    sheets,
                    style=1,
                    hidden=True,
                    exported=exported,
                )
                continue
            write_csv(
                path(f"{year}年{stem}.csv"),
                table,
                rows,
                year=year,
                style=style,
                encoding=("gb18030", "utf-8-sig", "gb18030", "gb18030", "utf-8")[
                    style % 5
                ],
                wrap=("id_number", "household_id")
                if name == "member" and style % 2
                else (),
                footer=style == 2,
                exported=exported,
            )
    for style, (name, stem) in enumerate(
        (
            ("visit", "一站式结算明细"),
            ("event", "动态管理台账"),
            ("measure", "帮扶措施"),
            ("home_visit", "走访记录"),
            ("project_household", "项目带户"),
            ("health_service", "健康扶贫服务"),
            ("roster", "户籍参保名册"),
            ("wall", "三上墙检查"),
            ("file_check", "档案检查"),
        )
    ):
        write_csv(
            path(f"{stem}.csv"),
            TABLES[name],
            made[name],
            style=style,
            footer=style == 1,
            encoding="utf-8-sig" if name == "wall" else "gb18030",
            exported=exported,
        )
    book(
        "项目与资金.xlsx",
        ("project", "fund", "payment", "fund_year"),
        style=1,
        sums=True,
    )
    book(
        "行业部门台账.xlsx",
        ("housing", "loan", "duty", "monitoring", "graduate", "training"),
    )
    write_workbook(
        path("行政村.xlsx"),
        [
            (str(y), TABLES["village"], rows.reset_index(drop=True), int(y))
            for y, rows in made["village"].groupby("snapshot")
        ],
        style=1,
        exported=exported,
    )
    book(
        "帮扶与检查.xlsx", ("helper", "cadre", "spot_check", "disclosure"), hidden=True
    )
    return files
