"""What became of every row and cell of the exports, as sheets for the office that delivered them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.publish.chapter import ListSheet, words
from jinzhou.reference.vocabulary import TABLES

if TYPE_CHECKING:
    from jinzhou.registry.store import LoadReport

REASONS = {
    "key is missing or unreadable": "编号缺失或无法识读，整行未读入",
    "duplicate of an accepted row": "与已读入的行完全重复",
    "same key as an accepted row, other values": "编号与已读入的行相同、内容不同，整行未读入",
    "unknown county": "所属县（市、区）无法识别，整行未读入",
    "not a number": "不是数字",
    "not a whole number": "不是整数",
    "too large": "数值大得不可能，是否填错了列",
    "the cell names a unit of its own": "表头单位为万元，单元格另写了单位，无法确定金额",
    "identity number rounded by a spreadsheet": "证件号码被Excel改坏，无法恢复，请从原系统重新导出",
    "number rounded by a spreadsheet": "编号被Excel改坏，无法恢复，请从原系统重新导出",
    "not an identity number": "不是证件号码",
    "unknown label": "不在可选范围内的填法",
    "neither yes nor no": "既不是“是”也不是“否”",
    "not a date": "不是日期",
    "no such day": "没有这一天",
}
"""Chinese of every reason that the registry room gives."""


def load_report(report: LoadReport, *, lang: str = "zh") -> tuple[ListSheet, ...]:
    """Sheets of the import report: files and their rows, rows left out, cells left empty, unknown headings.

    Every problem has the address that leads to it, as Excel writes it; no sheet has a value from
    the exports.
    """
    w = words(lang)
    kinds = {
        "rows": w("总行数", "Rows"),
        "accepted": w("读入", "Accepted"),
        "rejected": w("拒收", "Rejected"),
        "blank": w("空行", "Blank"),
        "heading": w("重复表头", "Headings again"),
        "sum": w("合计行", "Sums"),
        "footer": w("表尾", "Footers"),
        "not recognised": w("未识别", "Not recognised"),
    }
    where = {"file": w("文件", "File"), "sheet": w("工作表", "Sheet")}
    s = report.sheets
    overview = pd.DataFrame(
        {
            where["file"]: s["file"],
            where["sheet"]: s["sheet"],
            w("识别为", "Read as"): [
                TABLES[t].zh if t else w("未识别", "not recognised") for t in s["table"]
            ],
            **{zh: s[k] for k, zh in kinds.items()},
        }
    )
    total = pd.DataFrame(
        [
            {
                where["file"]: w("合计", "All"),
                where["sheet"]: "",
                w("识别为", "Read as"): "",
                **{zh: int(s[k].sum()) for k, zh in kinds.items()},
            }
        ]
    )
    sheets = [
        ListSheet(
            name="import_report",
            tab=w("总览", "Summary"),
            title=w("数据读入报告", "Import report"),
            county="",
            frame=pd.concat([overview, total], ignore_index=True),
            note=w(
                "总行数＝读入＋拒收＋空行＋重复表头＋合计行＋表尾＋未识别",
                "Rows = accepted + rejected + rows that are no data",
            ),
        )
    ]
    for rows, tab, title in (
        (
            report.rejects,
            w("拒收的行", "Rows left out"),
            w("拒收的行", "Rows left out"),
        ),
        (
            report.problems,
            w("留空的单元格", "Cells left empty"),
            w(
                "无法识读、留空的单元格（行仍保留）",
                "Cells that could not be read (their rows are kept)",
            ),
        ),
    ):
        frame = pd.DataFrame(
            {
                **{zh: rows[k].astype(str).to_numpy() for k, zh in where.items()},
                w("位置", "Address"): [
                    f"[{f}]{f'{t}!' if t else ''}{c}"
                    for f, t, c in zip(rows["file"], rows["sheet"], rows["cell"])
                ],
                w("列", "Column"): rows["column"].to_numpy(),
                w("原因", "Reason"): [w(REASONS.get(r, r), r) for r in rows["reason"]],
            }
        )
        sheets.append(
            ListSheet(
                name="import_report", tab=tab, title=title, county="", frame=frame
            )
        )
    u = report.unknown
    headings = pd.DataFrame(
        {
            w("出处", "Place"): u["place"].to_numpy(),
            w("表", "Table"): [TABLES[t].zh for t in u["table"]],
            w("不认识的表头", "Unknown heading"): u["heading"].to_numpy(),
            w("建议对应", "Proposed"): u["proposed"].to_numpy(),
            w("相似度", "Similarity"): [
                f"{v:.2f}" if p else "" for v, p in zip(u["similarity"], u["proposed"])
            ],
        }
    )
    sheets.append(
        ListSheet(
            name="import_report",
            tab=w("不认识的表头", "Unknown headings"),
            title=w("不认识的表头", "Unknown headings"),
            county="",
            frame=headings,
            note=w(
                f"请在“表头对照.csv”的“确认”列填“是”“否”或该表的表头，再读入一次；尚有{report.waiting}个未确认",
                f"Decide them in the column 确认 of 表头对照.csv and load again; {report.waiting} wait",
            ),
        )
    )
    return tuple(sheets)
