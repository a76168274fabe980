"""The duty board: what each office has to do, what it has done, what is late, and how many days are left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

UNITS = ("万元", "户数", "人数", "村数", "件数", "公里")
"""Units that the name of a task may end with; a task that names none has a target without a unit."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DutyBoard:
    """Duties as reported, on a day.

    Attributes
    ----------
    rows : DataFrame, one row per task and office
        `department`, `county` (``all`` for the city), `task`, `unit`, `target`, `value`, `left`,
        `share`, `due_on`, `days_left`, `needed`, `pace` (units a day until the day; over the last 28
        days of reports), `reported_on`, `silent` (days since the last report), `offices` (how many
        report the task), `status`: ``done``, ``open``, ``late`` (the day is past), ``unknown``, with
        `missing`: ``unit``, ``target``, ``value``, ``due``, ``two offices`` or empty.
    day, days : int or None, int
        Day n of the campaign (missing when its first day is not known), and its length.
    first_day : str
        First day of the campaign as the file says it, or of the reports.
    assumed : bool
        Whether the first day is that of the first report, because no document named it.
    """

    rows: pd.DataFrame
    day: int | None
    days: int
    first_day: str
    assumed: bool

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        count = self.rows["status"].value_counts()
        return ", ".join(f"{n} {s}" for s, n in count.items()) + (
            f"; day {self.day} of {self.days}."
            if self.day
            else "; the campaign's first day is not known."
        )


def duty_board(
    reports: pd.DataFrame, *, as_of: str, first_day: str = "", days: int = 100
) -> DutyBoard:
    """The last report of every task against its target and its day (R69, R71, R76).

    Parameters
    ----------
    reports : DataFrame
        Rows of the table `duty` as known: `department`, `task`, `target`, `value`, `due_on`, `reported_on`, `county`.
    first_day : str
        First day of the campaign; when empty that of the first report is taken and said so.
    days : int
        Length of the campaign.

    Notes
    -----
    A task that two offices report with the same target is shown once for each and judged for
    neither. A target without a unit, without a day or without a report is not judged.
    """
    day = pd.Timestamp(as_of)
    rows = reports.assign(
        county=reports["county"].fillna("all"),
        target=reports["target"].astype(float),
        value=reports["value"].astype(float),
        reported_on=pd.to_datetime(reports["reported_on"]),
        due_on=pd.to_datetime(reports["due_on"]),
    ).sort_values(["department", "task", "county", "reported_on"], kind="stable")
    keys = ["task", "county", "department"]
    last = rows.groupby(keys).tail(1)
    before = (
        rows[rows["reported_on"] <= day - pd.Timedelta(days=28)].groupby(keys).tail(1)
    )
    board = last[[*keys, "target", "value", "due_on", "reported_on"]].merge(
        before[[*keys, "value", "reported_on"]],
        on=keys,
        how="left",
        suffixes=("", "_before"),
    )
    board["unit"] = board["task"].map(
        lambda task: next(
            (u.removesuffix("数") for u in UNITS if str(task).endswith(u)), ""
        )
    )
    board["offices"] = board.groupby(["task", "county"])["department"].transform(
        "nunique"
    )
    board["left"] = (board["target"] - board["value"]).clip(lower=0)
    board["share"] = board["value"] / board["target"].where(board["target"] > 0)
    board["days_left"] = (board["due_on"] - day).dt.days
    board["silent"] = (day - board["reported_on"]).dt.days
    board["pace"] = (board["value"] - board["value_before"]) / (
        board["reported_on"] - board["reported_on_before"]
    ).dt.days
    board["needed"] = board["left"] / board["days_left"].where(board["days_left"] > 0)
    missing = np.select(
        [
            board["offices"] > 1,
            board["target"].isna() | (board["target"] <= 0),
            board["unit"] == "",
            board["value"].isna(),
            board["due_on"].isna(),
        ],
        ["two offices", "target", "unit", "value", "due"],
        "",
    )
    board["missing"] = missing
    board["status"] = np.select(
        [missing != "", board["value"] >= board["target"], board["days_left"] < 0],
        ["unknown", "done", "late"],
        "open",
    )
    start = first_day or (
        rows["reported_on"].min().date().isoformat() if len(rows) else ""
    )
    number = (day - pd.Timestamp(start)).days + 1 if start else None
    board = board.sort_values(
        ["due_on", "department", "task", "county"], ignore_index=True
    )
    return DutyBoard(
        rows=board[
            [
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
        ],
        day=number,
        days=days,
        first_day=start,
        assumed=not first_day,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreCard:
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

    scores: pd.DataFrame
    parts: pd.DataFrame
    refused: str

    def table(self) -> pd.DataFrame:
        """A copy of `scores`, safe to format."""
        return self.scores.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return (
            "not scored: no file gives the weights."
            if self.refused
            else f"{len(self.scores)} counties scored on {self.parts['indicator'].nunique()} indicators."
        )


def score_card(rows: pd.DataFrame, weights: Mapping[str, float]) -> ScoreCard:
    """Score counties by weighted shares (R73); without weights nothing is scored, and none is invented.

    Parameters
    ----------
    rows : DataFrame
        Rows of `IndicatorStatus`.
    weights : mapping, indicator -> weight
        From `reference.indicators.score_weights`; an indicator that is not among the rows is unknown everywhere.
    """
    empty = pd.DataFrame(columns=["county", "indicator", "weight", "value", "points"])
    if not weights:
        return ScoreCard(
            scores=pd.DataFrame(columns=["score", "known", "lower", "upper"]),
            parts=empty,
            refused="no weights",
        )
    mine = rows[rows["level"] == "county"]
    whole = sum(weights.values())
    parts = [
        (county, i, w, v, 100 * w / whole * v)
        for county in sorted(mine["county"].unique())
        for i, w in weights.items()
        for v in [
            mine.loc[
                (mine["county"] == county)
                & (mine["indicator"] == i)
                & (mine["counted"] > 0)
                & (mine["unknown"] == 0),
                "value",
            ].mean()
        ]
    ]
    parts = pd.DataFrame(parts, columns=empty.columns)
    parts["known"] = parts["weight"].where(parts["value"].notna(), 0.0) / whole
    scores = parts.groupby("county").agg(
        points=("points", "sum"), known=("known", "sum")
    )
    scores["score"] = scores["points"].where(scores["known"] > 1 - 1e-9)
    scores = scores.assign(
        lower=scores["points"], upper=scores["points"] + 100 * (1 - scores["known"])
    )
    return ScoreCard(
        scores=scores[["score", "known", "lower", "upper"]],
        parts=parts.drop(columns="known"),
        refused="",
    )
