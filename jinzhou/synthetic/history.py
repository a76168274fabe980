"""What happened in the window and what was recorded, and the days on which it did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from jinzhou.synthetic.parameters import FIRST_QUARTER

LOOKBACK = "2018回头看"
BLANK = np.array(None, dtype=object)
FOREVER = np.datetime64("2099-12-31")


Place = int | np.signedinteger
"""Position of a household or a person."""


class Event(NamedTuple):
    """One row of the records: of a household, or of a person of it (index, else -1)."""

    home: Place
    person: Place
    kind: str
    reason: str
    happened_on: np.datetime64
    recorded_on: np.datetime64
    source_round: str = ""


class Joining(NamedTuple):
    """A person who joins a household during the window: born, or omitted until then."""

    home: Place
    day: np.datetime64
    birth: np.datetime64 | None
    reason: str


@dataclass(frozen=True, slots=True)
class History:
    """What happened (H households, Q quarters).

    Attributes
    ----------
    events : DataFrame
        `home`, `person` (index into `members`, -1 for the household), `kind`, `reason`,
        `happened_on`, `recorded_on`, `source_round`.
    members : DataFrame
        All persons ever recorded, with `enter` and `leave` (days of the records).
    margin, ill, job_loss, disaster, visited, random_visit, aid : arrays (H, Q)
        log(income / line), and what happened in the quarter.
    start_margin : array (H,)
        log(income / line) in 2014.
    exited_before : array (H,)
        Exited before the window opens (left truncation).
    planned : array (H,)
        Planned to exit at the end of 2018.
    draw_probability : array (Q,)
        Probability of a random visit.
    dibao : array (H,)
    hazards : DataFrame
        The truth, one row per household-quarter at risk: `home`, `quarter`, `h0` (without a visit),
        `h`, `eta` of h0, `visited`, `returned`, `detected` (the return is in the records), and the
        value of every term of `eta` by the name of its coefficient.
    hidden : DataFrame
        `home`, `quarter` of true returns that were never recorded.
    """

    events: pd.DataFrame
    members: pd.DataFrame
    margin: np.ndarray
    start_margin: np.ndarray
    ill: np.ndarray
    job_loss: np.ndarray
    disaster: np.ndarray
    visited: np.ndarray
    random_visit: np.ndarray
    aid: np.ndarray
    dibao: np.ndarray
    exited_before: np.ndarray
    planned: np.ndarray
    draw_probability: np.ndarray
    hazards: pd.DataFrame
    hidden: pd.DataFrame


def day_in(
    rng: np.random.Generator,
    quarter: int | np.ndarray,
    months: tuple[int, ...],
    count: int,
) -> np.ndarray:
    """Random days (1-28) in the given months (0-2) of quarters counted from the window's start."""
    month = (FIRST_QUARTER + quarter) * 3 + rng.choice(months, count) - 1970 * 12
    return month.astype("datetime64[M]").astype("datetime64[D]") + rng.integers(
        0, 28, count
    )


def given(where: ArrayLike, values: ArrayLike) -> np.ndarray:
    """Values where they are written down, None where the field is left blank."""
    return np.where(where, np.asarray(values, dtype=object), BLANK)


def quarter_start(quarter: int) -> np.datetime64:
    """First day of a quarter counted from the window's start."""
    return np.datetime64(
        f"{(FIRST_QUARTER + quarter) // 4}-{(FIRST_QUARTER + quarter) % 4 * 3 + 1:02d}-01"
    )


def with_detection(truth: pd.DataFrame, rows: list) -> pd.DataFrame:
    """`detected`: the return of that household and quarter is in the records."""
    found = [
        (home, int(happened.astype("datetime64[M]").astype(int)) // 3 + 1970 * 4)
        for home, _, kind, _, happened, *_ in rows
        if kind == "returned"
    ]
    keys = pd.MultiIndex.from_tuples(found, names=["home", "quarter"])
    return truth.assign(
        detected=truth["returned"]
        & pd.MultiIndex.from_frame(truth[["home", "quarter"]]).isin(keys)
    )
