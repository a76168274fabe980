"""Check workbooks that came back filled in, and what became of each finding."""

from pathlib import Path

import fastexcel
import pandas as pd

from jinzhou.errors import RegistryError, by_language
from jinzhou.reference import areas
from jinzhou.reference.vocabulary import ANSWERS, CHECK_HEADINGS
from jinzhou.registry.cells import clean
from jinzhou.registry.read import column_letters, export_files, open_sheets
from jinzhou.registry.recognition import HEADING_ROWS
from jinzhou.registry.rules import RuleReport
from jinzhou.registry.store import Store

KEY = ["rule", "household_id", "case_id"]
OUTCOMES = ("corrected", "explained", "open", "gone", "not testable")


def read_answers(folder: str | Path) -> pd.DataFrame:
    """Findings and answers of all check workbooks in a folder.

    Returns
    -------
    DataFrame
        `rule`, `county` (code), `household_id`, `case_id`, `found` (as printed), `answer` (key of
        `vocabulary.ANSWERS` or empty), `note`. A finding that stands in two workbooks keeps the
        answered one.

    Raises
    ------
    RegistryError
        The folder is missing or holds no check workbook, a file cannot be opened, or an answer is
        not one of those that the sheet offers; the message gives file, sheet and cell.
    """
    folder = Path(folder)
    parts, wrong = [], []
    for path in export_files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            sheets = open_sheets(name, path.suffix.lower(), path.read_bytes())
        except (fastexcel.FastExcelError, UnicodeDecodeError, ValueError) as error:
            raise RegistryError("registry.answers.unreadable", file=name) from error
        for sheet in sheets:
            rows, bad = _read_sheet(sheet.rows)
            wrong += [f"{name} {sheet.name} {cell}" for cell in bad]
            if rows is not None:
                parts.append(rows)
    if wrong:
        raise RegistryError(
            "registry.answers.wrong",
            count=len(wrong),
            first=wrong[:5],
            allowed=by_language(ANSWERS.values()),
        )
    if not parts:
        raise RegistryError(
            "registry.answers.none",
            folder=folder.name,
            headings=by_language(CHECK_HEADINGS.values()),
        )
    rows = pd.concat(parts, ignore_index=True)
    return (
        rows.sort_values("answer", key=lambda a: a == "", kind="stable")
        .drop_duplicates(KEY)
        .sort_values(KEY, ignore_index=True)
    )


def answered(
    store: Store, report: RuleReport, answers: pd.DataFrame, *, found: pd.Series
) -> pd.DataFrame:
    """What became of each earlier finding, judged by the present check and not by the answer alone.

    Parameters
    ----------
    report : RuleReport
        The present check of the whole city.
    answers : DataFrame
        Result of `read_answers`.
    found : Series
        Values that clash as the workbook prints them, one per row of `report.failures`.

    Returns
    -------
    DataFrame
        `answers` with `outcome`: ``corrected`` (tested again, no longer failing), ``explained``
        (still failing with the same values, and the office wrote why), ``open`` (still failing),
        ``gone`` (the household is no longer on record: a deletion corrects nothing), ``not
        testable`` (the rule tested nothing this time).
    """
    now = (
        report.failures[KEY]
        .fillna("")
        .assign(now=[clean(text) or "" for text in found])
        .drop_duplicates(KEY)
    )
    rows = answers.merge(now, on=KEY, how="left")
    con = store.connect()
    known = {
        h
        for (h,) in con.execute(
            "select distinct household_id from household"
            " where snapshot = (select max(snapshot) from household)"
        ).fetchall()
    }
    con.close()
    tested = set(report.results.loc[report.results["tested"] > 0, "rule"])
    failing = rows["now"].notna()
    told = (
        (rows["answer"] == "explained")
        & (rows["note"] != "")
        & (rows["now"] == rows["found"])
    )
    outcome = pd.Series("corrected", index=rows.index)
    outcome[(rows["household_id"] != "") & ~rows["household_id"].isin(known)] = "gone"
    outcome[~rows["rule"].isin(tested)] = "not testable"
    outcome[failing] = "open"
    outcome[failing & told] = "explained"
    return rows.drop(columns="now").assign(outcome=outcome)


def _read_sheet(rows: pd.DataFrame) -> tuple[pd.DataFrame | None, list[str]]:
    """Findings of one sheet, and the addresses of answers that are none.

    None when it is no such sheet.
    """
    for at in range(min(HEADING_ROWS, len(rows))):
        texts = {
            clean(cell): place
            for place, cell in enumerate(rows.iloc[at])
            if cell is not None
        }
        for pick in (0, 1):
            places = {
                name: texts[heading]
                for name, headings in CHECK_HEADINGS.items()
                if (heading := clean(headings[pick])) in texts
            }
            if len(places) == len(CHECK_HEADINGS):
                return _findings(rows.iloc[at + 1 :], places)
    return None, []


def _findings(
    body: pd.DataFrame, places: dict[str, int]
) -> tuple[pd.DataFrame, list[str]]:
    frame = pd.DataFrame(
        {
            name: [clean(cell) if cell is not None else "" for cell in body[place]]
            for name, place in places.items()
        }
    ).fillna("")
    frame.index = body.index
    frame = frame[frame["rule"].str.startswith("Q-")]
    keys = {label: key for key, labels in ANSWERS.items() for label in labels}
    column = column_letters(places["answer"])
    bad = [
        f"{column}{row + 1}"
        for row, text in frame["answer"].items()
        if text and text not in keys
    ]
    frame["answer"] = frame["answer"].map(keys).fillna("")
    frame["county"] = frame["county"].map(areas.county_key)
    return frame.reset_index(drop=True), bad
