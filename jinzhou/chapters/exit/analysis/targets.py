"""Exits against the targets, the stock that they were made for, the poorest villages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.result import Result
from jinzhou.words import Words


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExitProgress(Result):
    """Exits against the year's target.

    Attributes
    ----------
    rows : DataFrame, one row per target year
        `year`, `target`, `done`, `share`, `due` (share of the year gone by the day of the data),
        `behind` (persons short of the straight path; 0 when ahead), `status` (``on path``,
        ``behind``, ``done``, ``not begun``; ``unknown`` for a target without a unit).
    """

    kinds: ClassVar[Mapping[str, str]] = {
        "year": "text",
        "share": "share",
        "due": "share",
    }
    rows: pd.DataFrame

    def sentence(self, words: Words) -> str:
        """Of each year what is done of the target, and its status."""
        each = [
            words(
                "summary.ExitProgress",
                year=row.year,
                done=row.done,
                target=row.target,
                status=words.label("state", row.status),
            )
            for row in self.rows.itertuples()
        ]
        return words("semicolon").join(each)


def exit_progress(
    done: Mapping[int, int],
    *,
    targets: Mapping[int, int],
    as_of: str,
    units: Mapping[int, str] | None = None,
) -> ExitProgress:
    """Persons or villages exited in each target year against a straight path (R11).

    Parameters
    ----------
    done, targets : mapping, year -> persons or villages
    as_of : str
        Day of the data.
    units : mapping, year -> unit, optional
        What each year's target counts; a target without one is not judged.

    Returns
    -------
    ExitProgress

    Raises
    ------
    ParameterError
        A target is not positive.
    """
    day = pd.Timestamp(as_of)
    rows = []
    for year, target in sorted(targets.items()):
        if target <= 0:
            raise ParameterError(
                "chapters.exit_progress.target", year=year, found=target
            )
        days = (day - pd.Timestamp(year, 1, 1)).days + 1
        due = float(np.clip(days, 0, 365) / 365)
        count = int(done.get(year, 0))
        behind = max(0, round(due * target) - count)
        judged = units is None or bool(units.get(year))
        rows.append(
            {
                "year": year,
                "target": target,
                "done": count,
                "share": count / target,
                "due": due,
                "behind": behind,
                "status": _status(count >= target, due, behind)
                if judged
                else "unknown",
            }
        )
    columns = ["year", "target", "done", "share", "due", "behind", "status"]
    return ExitProgress(rows=pd.DataFrame(rows, columns=columns))


def _status(reached: bool, due: float, behind: int) -> str:
    if reached:
        return "done"
    if due == 0:
        return "not begun"
    return "behind" if behind else "on path"


def stock_question(
    stock: int, *, found: int, targets: Mapping[int, int]
) -> pd.DataFrame:
    """Whether the planned exits contain what the look-back found: both answers (R12).

    Parameters
    ----------
    stock : int
        Registered poor persons on the day of the registry that is asked.
    found : int
        Persons that the look-back added.
    targets : mapping, year -> persons

    Returns
    -------
    DataFrame
        `answer` (``contained``, ``not contained``: what the plan's stock would be under either
        answer; ``registry``: the count itself), `stock`, `planned`, `short` (persons left without
        a target once every target is met, 0 at least).
    """
    planned = sum(targets.values())
    rows = [
        ("contained", planned, planned, 0),
        ("not contained", planned + found, planned, found),
        ("registry", stock, planned, max(0, stock - planned)),
    ]
    return pd.DataFrame(rows, columns=["answer", "stock", "planned", "short"])


def village_scores(villages: pd.DataFrame, items: Sequence[str]) -> pd.DataFrame:
    """Deep-poor villages by what they lack (R14).

    Parameters
    ----------
    villages : DataFrame
        One row a village; each of `items` true, false or missing.
    items : sequence of str

    Returns
    -------
    DataFrame
        The rows with `lacks` (items known to be missing), `unknown` (items not known), `rank`
        (villages that lack as many share one), most lacking first.
    """
    has = villages[list(items)].astype("boolean")
    rows = villages.assign(
        lacks=(~has).sum(axis=1).astype(int), unknown=has.isna().sum(axis=1).astype(int)
    )
    rows["rank"] = rows["lacks"].rank(method="min", ascending=False).astype(int)
    return rows.sort_values(
        ["lacks", "unknown", "area_code"],
        ascending=[False, False, True],
        ignore_index=True,
    )
