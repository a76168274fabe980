"""What became of every row and cell of the exports, as sheets for the office that made them.

Every problem has the address that leads to it, as Excel writes it; no sheet has a value from the
exports, except the name of a county.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.publish.section import ListSheet
from jinzhou.reference.vocabulary import TABLES
from jinzhou.words import Words, words

if TYPE_CHECKING:
    from jinzhou.registry.load_report import LoadReport

TEXT = "chapters/review/load_report"
COUNTS = (
    "rows",
    "accepted",
    "rejected",
    "blank",
    "heading",
    "sum",
    "footer",
    "not_recognised",
)
"""Columns of the overview; a row of a sheet is counted in one of those after the first."""


def load_report(report: LoadReport, *, lang: str = "zh") -> tuple[ListSheet, ...]:
    """Sheets of the import report.

    Files and their rows, rows left out, cells left empty, unknown headings, and the counties that
    areas.csv does not list if there are any.
    """
    said = words(TEXT, lang)
    frames = {
        "overview": _overview(report, said),
        "rejects": _places(report.rejects, said),
        "problems": _places(report.problems, said),
        "unknown": _unknown(report, said),
    }
    if len(report.unlisted):
        frames["unlisted"] = report.unlisted.rename(
            columns={name: said(f"columns.{name}") for name in report.unlisted}
        )
    return tuple(
        ListSheet(
            name="import_report",
            tab=said(f"{key}.tab"),
            title=said(f"{key}.title"),
            county="",
            frame=frame,
            note=said(f"{key}.note", waiting=report.waiting),
        )
        for key, frame in frames.items()
    )


def reason(text: str, said: Words) -> str:
    """A reason of the registry room in a language."""
    return said(f"reasons.{text.replace(' ', '_').replace(',', '')}")


def _overview(report: LoadReport, said: Words) -> pd.DataFrame:
    """A row for each sheet, and the sum."""
    sheets = report.sheets.rename(columns={"not recognised": "not_recognised"})
    total: dict[str, object] = {"file": said("all"), "sheet": "", "table": ""}
    total |= {key: int(sheets[key].sum()) for key in COUNTS}
    known = [TABLES[t].zh if t else said("not_recognised") for t in sheets["table"]]
    frame = pd.concat(
        [sheets.assign(table=known), pd.DataFrame([total])], ignore_index=True
    )
    return _headed(frame, ("file", "sheet", "table", *COUNTS), said)


def _places(rows: pd.DataFrame, said: Words) -> pd.DataFrame:
    """A row for each row or cell that could not be read, with its address."""
    where = zip(rows["file"], rows["sheet"], rows["cell"], strict=True)
    frame = pd.DataFrame(
        {
            "file": rows["file"].astype(str).to_numpy(),
            "sheet": rows["sheet"].astype(str).to_numpy(),
            "address": [f"[{f}]{f'{t}!' if t else ''}{c}" for f, t, c in where],
            "column": rows["column"].to_numpy(),
            "reason": [reason(text, said) for text in rows["reason"]],
        }
    )
    return _headed(frame, frame.columns, said)


def _unknown(report: LoadReport, said: Words) -> pd.DataFrame:
    """A row for each heading that its table does not know."""
    rows = report.unknown
    close = zip(rows["similarity"], rows["proposed"], strict=True)
    frame = pd.DataFrame(
        {
            "place": rows["place"].to_numpy(),
            "known_table": [TABLES[t].zh for t in rows["table"]],
            "unknown_heading": rows["heading"].to_numpy(),
            "proposed": rows["proposed"].to_numpy(),
            "similarity": [f"{value:.2f}" if named else "" for value, named in close],
        }
    )
    return _headed(frame, frame.columns, said)


def _headed(frame: pd.DataFrame, columns, said: Words) -> pd.DataFrame:
    """Chosen columns under the headings of a language."""
    return frame[list(columns)].set_axis(
        [said(f"columns.{name}") for name in columns], axis=1
    )
