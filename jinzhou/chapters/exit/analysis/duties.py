"""The duty board: what each office has to do, has done, what is late, and the days left."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.words import Words

PACE_DAYS = 28
"""Days of reports whose pace is shown."""
KEYS = ["task", "county", "department"]
BOARD = [
    "department",
    "county",
    "task",
    "unit",
    "target",
    "value",
    "left",
    "share",
    "due_on",
    "days_left",
    "needed",
    "pace",
    "reported_on",
    "silent",
    "offices",
    "status",
    "missing",
]
PARTS = ["county", "indicator", "weight", "value", "points"]
SCORES = ["score", "known", "lower", "upper"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DutyBoard(Result):
    """Duties as reported, on a day.

    Attributes
    ----------
    rows : DataFrame, one row per task and office
        `department`, `county` (``all`` for the city), `task`, `unit`, `target`, `value`, `left`,
        `share`, `due_on`, `days_left`, `needed`, `pace` (units a day until the day; over the last
        28 days of reports), `reported_on`, `silent` (days since the last report), `offices` (how
        many report the task), `status`: ``done``, ``open``, ``late`` (the day is past),
        ``unknown``, with `missing`: ``unit``, ``target``, ``value``, ``due``, ``two offices`` or
        empty.
    day, days : int or None, int
        Day n of the campaign (missing when its first day is not known), and its length.
    first_day : str
        First day of the campaign as the file says it, or of the reports.
    assumed : bool
        Whether the first day is that of the first report, because no document named it.
    """

    kinds: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("target", "value", "left", "days_left", "silent"), "count"),
        "share": "share",
    }
    rows: pd.DataFrame
    day: int | None
    days: int
    first_day: str
    assumed: bool

    def sentence(self, words: Words) -> str:
        """How many duties have each status, and which day of the campaign it is."""
        count = self.rows["status"].value_counts()
        each = [
            words("summary.each", n=int(n), status=words.label("state", s))
            for s, n in count.items()
        ]
        if not self.day:
            return words("summary.DutyBoard.undated", each=each)
        return words("summary.DutyBoard.day", each=each, day=self.day, days=self.days)


def duty_board(
    reports: pd.DataFrame,
    *,
    units: Mapping[str, str],
    as_of: str,
    first_day: str = "",
    days: int = 100,
) -> DutyBoard:
    """The last report of every task against its target and its day (R69, R71, R76).

    Parameters
    ----------
    reports : DataFrame
        Rows of the table `duty` as known: `department`, `task`, `target`, `value`, `due_on`,
        `reported_on`, `county`.
    units : mapping, ending -> unit
        Endings of a task's name that say its unit; a task with none of them has a target without
        a unit.
    as_of : str
        Day of the data.
    first_day : str
        First day of the campaign; when empty that of the first report is taken, and `assumed`.
    days : int
        Length of the campaign.

    Returns
    -------
    DutyBoard

    Notes
    -----
    A task that two offices report is shown once for each and judged for neither. A target without
    a unit, without a day or without a report is not judged.
    """
    day = pd.Timestamp(as_of)
    rows = _dated(reports)
    board = _measured(_last_and_before(rows, day), day)
    board["unit"] = [_unit(str(task), units) for task in board["task"]]
    by_task = board.groupby(["task", "county"])["department"]
    board["offices"] = by_task.transform("nunique")
    board["missing"] = _missing(board)
    board["status"] = _status(board)
    start = first_day or _first_report(rows)
    board = board.sort_values(
        ["due_on", "department", "task", "county"], ignore_index=True
    )
    return DutyBoard(
        rows=board[BOARD],
        day=(day - pd.Timestamp(start)).days + 1 if start else None,
        days=days,
        first_day=start,
        assumed=not first_day,
    )


def _dated(reports: pd.DataFrame) -> pd.DataFrame:
    """The reports with numbers and days as such, the earliest of each office first."""
    return reports.assign(
        county=reports["county"].fillna("all"),
        target=reports["target"].astype(float),
        value=reports["value"].astype(float),
        reported_on=pd.to_datetime(reports["reported_on"]),
        due_on=pd.to_datetime(reports["due_on"]),
    ).sort_values(["department", "task", "county", "reported_on"], kind="stable")


def _last_and_before(rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Each task's last report, and the last one that is `PACE_DAYS` old."""
    last = rows.groupby(KEYS).tail(1)
    old = rows[rows["reported_on"] <= day - pd.Timedelta(days=PACE_DAYS)]
    before = old.groupby(KEYS).tail(1)
    return last[[*KEYS, "target", "value", "due_on", "reported_on"]].merge(
        before[[*KEYS, "value", "reported_on"]],
        on=KEYS,
        how="left",
        suffixes=("", "_before"),
    )


def _measured(board: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The board with what is left, the days, and the needed and past speed."""
    left = (board["target"] - board["value"]).clip(lower=0)
    days_left = (board["due_on"] - day).dt.days
    between = (board["reported_on"] - board["reported_on_before"]).dt.days
    return board.assign(
        left=left,
        share=board["value"] / board["target"].where(board["target"] > 0),
        days_left=days_left,
        silent=(day - board["reported_on"]).dt.days,
        pace=(board["value"] - board["value_before"]) / between,
        needed=left / days_left.where(days_left > 0),
    )


def _unit(task: str, units: Mapping[str, str]) -> str:
    """The unit that the name of a task ends with, or nothing."""
    return next((unit for end, unit in units.items() if task.endswith(end)), "")


def _missing(board: pd.DataFrame) -> np.ndarray:
    """Why a duty cannot be judged; empty when it can."""
    lacks = {
        "two offices": board["offices"] > 1,
        "target": board["target"].isna() | (board["target"] <= 0),
        "unit": board["unit"] == "",
        "value": board["value"].isna(),
        "due": board["due_on"].isna(),
    }
    return np.select(list(lacks.values()), list(lacks), "")


def _status(board: pd.DataFrame) -> np.ndarray:
    found = {
        "unknown": board["missing"] != "",
        "done": board["value"] >= board["target"],
        "late": board["days_left"] < 0,
    }
    return np.select(list(found.values()), list(found), "open")


def _first_report(rows: pd.DataFrame) -> str:
    return rows["reported_on"].min().date().isoformat() if len(rows) else ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreCard(Result):
    """Counties scored with weights from a document, or the reason why they are not.

    Attributes
    ----------
    scores : DataFrame, indexed by county
        `score` (0-100, missing when a weighted indicator is unknown there), `known` (share of the
        weights whose indicators are known), `lower`, `upper` (unknown ones at 0 and at 100).
    parts : DataFrame
        `county`, `indicator`, `weight`, `value`, `points`.
    refused : str
        ``no weights`` or empty.
    """

    shown: ClassVar[str] = "scores"
    kinds: ClassVar[Mapping[str, str]] = {"known": "share"}
    scores: pd.DataFrame
    parts: pd.DataFrame
    refused: str

    def sentence(self, words: Words) -> str:
        """How many counties are scored on how many indicators, or why none is."""
        if self.refused:
            return words("summary.ScoreCard.refused")
        return words(
            "summary.ScoreCard.scored",
            counties=len(self.scores),
            indicators=self.parts["indicator"].nunique(),
        )


def score_card(rows: pd.DataFrame, weights: Mapping[str, float]) -> ScoreCard:
    """Score counties by weighted shares (R73).

    Parameters
    ----------
    rows : DataFrame
        Rows of `IndicatorStatus`.
    weights : mapping, indicator -> weight
        From `score_weights`; an indicator that is not among the rows is unknown everywhere.

    Returns
    -------
    ScoreCard
        Without weights nothing is scored, and none is invented.
    """
    if not weights:
        return ScoreCard(
            scores=pd.DataFrame(columns=SCORES),
            parts=pd.DataFrame(columns=PARTS),
            refused="no weights",
        )
    counties = rows[rows["level"] == "county"]
    known = counties[(counties["counted"] > 0) & (counties["unknown"] == 0)]
    values = known.groupby(["county", "indicator"])["value"].mean()
    whole = sum(weights.values())
    records = [
        (county, indicator, weight, value, 100 * weight / whole * value)
        for county in sorted(counties["county"].unique())
        for indicator, weight in weights.items()
        for value in [values.get((county, indicator), np.nan)]
    ]
    parts = pd.DataFrame(records, columns=PARTS)
    judged = parts["weight"].where(parts["value"].notna(), 0.0) / whole
    scores = (
        parts.assign(known=judged)
        .groupby("county")
        .agg(lower=("points", "sum"), known=("known", "sum"))
    )
    scores = scores.assign(
        score=scores["lower"].where(scores["known"] > 1 - 1e-9),
        upper=scores["lower"] + 100 * (1 - scores["known"]),
    )
    return ScoreCard(scores=scores[SCORES], parts=parts, refused="")
