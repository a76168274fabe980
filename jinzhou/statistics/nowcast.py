"""Counts or amounts by quarter, raised by what is still to be recorded (chain ladder).

No kept library has it. The factors are the product limit of the delay read backwards
(Kalbfleisch and Lawless 1989); Mack (1993), ASTIN Bulletin 23, 213-225, gives the
error.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from jinzhou.result import Result
from jinzhou.words import Words

FEWEST_COHORTS = 4
"""Quarters that must be old enough to have had a delay before it is read from them."""
STATUS = ("final", "preliminary", "no records", "not identified")
COLUMNS = ("observed", "expected", "ci_low", "ci_high", "se", "status", "reason")
NOTHING_TO_RAISE = "no records: nothing to raise"
NO_DELAY = "too few earlier quarters show the delay"
NO_SHEET = "no records: nobody treated, or no sheet"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nowcast(Result):
    """Counts or amounts by quarter, raised by what is still to be recorded.

    Attributes
    ----------
    rows : DataFrame, indexed by quarter number
        `observed`, `expected`, `ci_low`, `ci_high`, `se` (of what the records will say
        in the end), `status` (one of `STATUS`), `reason`.
    reported : tuple of float
        Share recorded by the end of the quarter, one quarter later, ...; empty when
        unknown.
    """

    rows: pd.DataFrame
    reported: tuple[float, ...]

    def sentence(self, words: Words) -> str:
        """Quarters, those still preliminary, what is recorded and what is expected."""
        late = self.rows[self.rows["status"] == "preliminary"]
        return words(
            "summary.Nowcast",
            quarters=len(self.rows),
            preliminary=len(late),
            observed=float(late["observed"].sum()),
            expected=float(late["expected"].sum()),
        )


def delay_triangle(
    rows: pd.DataFrame,
    *,
    as_of: str,
    happened: str,
    recorded: str,
    value: str | None = None,
) -> np.ndarray:
    """Sums by quarter and delay, (quarters, delays); what lies beyond `as_of` is NaN.

    Parameters
    ----------
    rows : DataFrame
        One row per bill or event; `happened` and `recorded` are days, `value` an amount
        (else rows are counted). Rows without either day are not counted.

    Returns
    -------
    array (Q, D)
        The first row is the first quarter with a row, the last the quarter of `as_of`.
        Delays past the one by which 99.5 % of the older half of the quarters are
        recorded fall into the last column.
    """
    rows = rows[rows[happened].notna() & rows[recorded].notna()]
    day = pd.Timestamp(as_of)
    end = day.year * 4 + day.quarter - 1
    if not len(rows):
        return np.empty((0, 0))
    at = (rows[happened].dt.year * 4 + rows[happened].dt.quarter - 1).to_numpy()
    delay = np.maximum(
        (rows[recorded].dt.year * 4 + rows[recorded].dt.quarter - 1).to_numpy() - at, 0
    )
    known = at + delay <= end
    amount = np.ones(len(rows)) if value is None else rows[value].to_numpy(float)
    first = int(at.min())
    cohorts = end - first + 1
    old = known & (at < first + max(1, cohorts // 2))
    by_delay = np.bincount(delay[old], amount[old]) if old.any() else np.ones(1)
    whole = by_delay.sum()
    longest = (
        int(np.searchsorted(np.cumsum(by_delay) / whole, 0.995)) if whole > 0 else 0
    )
    made = np.zeros((cohorts, longest + 1))
    np.add.at(
        made, (at[known] - first, np.minimum(delay[known], longest)), amount[known]
    )
    age = end - first - np.arange(cohorts)
    made[np.arange(longest + 1)[None, :] > age[:, None]] = np.nan
    return made


def nowcast(triangle: np.ndarray, *, last: int, level: float = 0.95) -> Nowcast:
    """Raise the latest quarters by the delay of the earlier ones.

    Parameters
    ----------
    triangle : array (Q, D)
        From `delay_triangle`.
    last : int
        Number (year x 4 + quarter - 1) of the last row.

    Notes
    -----
    Mack's error of prediction holds the draw and the error of the factors, whatever the
    counts' dispersion; t quantiles with as many degrees of freedom as the factor with
    the fewest quarters allows. A quarter with no record at all is ``no records``: a
    factor times nothing tells nothing.
    """
    Q, D = triangle.shape
    index = pd.RangeIndex(last - Q + 1, last + 1, name="quarter")
    if not Q:
        return Nowcast(rows=pd.DataFrame(columns=list(COLUMNS)), reported=())
    chain = _chain(triangle)
    observed = chain.sums[np.arange(Q), chain.age].astype(float)
    rows = pd.DataFrame(
        {"observed": observed, "expected": observed, "ci_low": observed}
        | {"ci_high": observed, "se": 0.0, "status": "final", "reason": ""},
        index=index,
    )
    numbers = ["expected", "ci_low", "ci_high"]
    for i in np.flatnonzero(chain.age < D - 1):
        at = rows.index[i]
        if not observed[i] > 0:
            rows.loc[at, numbers] = np.nan
            rows.loc[at, ["status", "reason"]] = "no records", NOTHING_TO_RAISE
        elif not chain.known:
            rows.loc[at, numbers] = np.nan
            rows.loc[at, ["status", "reason"]] = "not identified", NO_DELAY
        else:
            rows.loc[at, [*numbers, "se"]] = _raised(chain, int(i), observed[i], level)
            rows.loc[at, "status"] = "preliminary"
    old = (chain.age == D - 1) & (observed == 0)
    rows.loc[old, ["status", "reason"]] = "no records", NO_SHEET
    reported = tuple(float(1 / np.prod(chain.factor[j:])) for j in range(D))
    return Nowcast(rows=rows, reported=reported if chain.known else ())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Chain:
    """Development factors: sums (Q, D), age (Q,), and by delay (D - 1,)."""

    sums: np.ndarray
    age: np.ndarray
    factor: np.ndarray
    spread: np.ndarray
    below: np.ndarray
    df: np.ndarray
    known: bool


def _chain(triangle: np.ndarray) -> _Chain:
    """Mack's factors; not known where too few quarters show a delay."""
    D = triangle.shape[1]
    C = np.cumsum(np.nan_to_num(triangle), axis=1)
    age = np.minimum(np.isfinite(triangle).sum(axis=1) - 1, D - 1)
    steps = max(D - 1, 0)
    factor, spread = np.ones(steps), np.zeros(steps)
    below, df = np.ones(steps), np.zeros(steps)
    known = True
    for j in range(D - 1):
        have = (age > j) & (C[:, j] > 0)
        if have.sum() < FEWEST_COHORTS:
            known = False
            break
        now, then = C[have, j], C[have, j + 1]
        below[j], df[j] = now.sum(), have.sum() - 1
        factor[j] = then.sum() / below[j]
        spread[j] = (now * (then / now - factor[j]) ** 2).sum() / df[j]
    return _Chain(
        sums=C, age=age, factor=factor, spread=spread, below=below, df=df, known=known
    )


def _raised(
    chain: _Chain, i: int, observed: float, level: float
) -> tuple[float, float, float, float]:
    """Expected value, its limits and standard error of one quarter.

    The error lies in what is still to come: on the square-root scale of that part,
    never below what is recorded.
    """
    ahead = slice(chain.age[i], len(chain.factor))
    value, error = observed, 0.0
    for factor, spread, below in zip(
        chain.factor[ahead], chain.spread[ahead], chain.below[ahead], strict=True
    ):
        error += spread / factor**2 * (1 / value + 1 / below)
        value *= factor
    se, rest = value * np.sqrt(error), value - observed
    half = 0.0
    if rest > 0:
        t = stdtrit(chain.df[ahead].min(), 0.5 + level / 2)
        half = t * se / (2 * np.sqrt(rest))
    root = np.sqrt(max(rest, 0.0))
    low = observed + max(root - half, 0.0) ** 2
    return value, low, observed + (root + half) ** 2, se
