"""What happened in the window and what was recorded, and the days on which it did."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from jinzhou.synthetic.parameters import FIRST_QUARTER

NOT_YET, POOR, EXITED, GONE = range(4)
"""States of a household."""
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


class Unrecorded(NamedTuple):
    """A true return that waits to be recorded, in `record_quarter` when it is detected."""

    home: Place
    quarter: int
    record_quarter: int
    detected: bool


@dataclass(slots=True, kw_only=True)
class Quarter:
    """What happens to H households in one quarter."""

    t: int
    aid: np.ndarray
    grade: np.ndarray
    margin: np.ndarray
    visited: np.ndarray
    random_visit: np.ndarray
    ill: np.ndarray = field(init=False)
    job_loss: np.ndarray = field(init=False)
    disaster: np.ndarray = field(init=False)
    h0: np.ndarray = field(init=False)
    returned: np.ndarray = field(init=False)

    @property
    def winter(self) -> bool:
        """October to March."""
        return (FIRST_QUARTER + self.t) % 4 in (0, 3)


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


def exact_subset(sizes: np.ndarray, order: np.ndarray, total: int) -> np.ndarray:
    """Indices, taken in `order`, whose sizes add up to `total` exactly.

    Large ones are passed over near the end, so the last places go to households that fit.
    """
    chosen, left = [], total
    for index in order:
        size = sizes[index]
        fits_near_the_end = left > 40 or size <= max(1, left // 2) or size == left
        if 0 < size <= left and fits_near_the_end:
            chosen.append(index)
            left -= size
            if not left:
                return np.array(chosen)
    for index in order:
        if 0 < sizes[index] <= left and index not in set(chosen):
            chosen.append(index)
            left -= sizes[index]
            if not left:
                return np.array(chosen)
    raise ValueError(
        f"{total} persons cannot be put together from {len(order)} households"
    )
