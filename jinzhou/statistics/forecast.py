"""Whether the work will be done by the day: needed speed, best past speed, probability.

The probability rests on the pace so far; scipy has no predictive law of a sum of future values.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.words import Words

FEWEST = 3
"""Past periods without which no probability is given."""
DRAWS = 4_000
COLUMNS = [
    "matter",
    "unit",
    "left",
    "periods",
    "speed",
    "best",
    "needed",
    "feasible",
    "probability",
    "status",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecast(Result):
    """What is left of each matter and whether its pace suffices.

    Attributes
    ----------
    rows : DataFrame, one row per matter
        `matter`, `unit` (name of a period), `left` (units to go now), `periods` (past speeds
        used), `speed`, `best` (mean and highest past speed), `needed` (units per period until
        the day), `feasible` (needed within the best), `probability` (0-1; missing when
        unknown), `status`: ``done`` (nothing is left), ``open``, ``late`` (the day is past and
        something is left), ``unknown`` (what is left is not known, or fewer than `FEWEST` past
        periods).
    """

    rows: pd.DataFrame

    def sentence(self, words: Words) -> str:
        """How many matters are done, open, late or unknown."""
        counts = self.rows["status"].value_counts()
        each = [
            words("summary.Forecast.each", n=int(n), status=words(f"values.{s}"))
            for s, n in counts.items()
        ]
        return words("summary.Forecast.text", n=len(self.rows), each=each)


def on_time(
    left: pd.DataFrame,
    *,
    periods: float,
    unit: str,
    seed: int = 2018,
    draws: int = DRAWS,
) -> Forecast:
    """The probability that what is left reaches zero within the periods that remain.

    Parameters
    ----------
    left : DataFrame, one column per matter, one row per past day in order
        Units still to go, at equal distances of one period; the last row is now. Missing where
        it was not known.
    periods : float
        Periods until the day, negative when it is past.
    unit : str
        Name of a period.
    draws : int
        Simulated futures.

    Returns
    -------
    Forecast

    Notes
    -----
    The speed of a period is how many units fewer are left at its end. Assumed: the county's
    speeds are independent draws from one normal law whose mean and variance are its own,
    nothing is known of them beyond the past periods, and the future is as the past: no season,
    no last push, the remaining units no harder. A future draws the variance (scaled inverse
    chi-square), the mean given it, then the sum of the speeds that remain; that is the
    predictive law of a normal sample under the usual reference prior, so that few past periods
    give wide answers; more time, or less to do, never lowers them. With the same seed every
    matter is judged by the same draws. Requirements R10 and R49.

    References
    ----------
    Gelman, Carlin, Stern, Dunson, Vehtari and Rubin (2013), Bayesian Data Analysis, section
    3.2.
    """
    rows = []
    for matter in left:
        stream = np.random.default_rng(seed)
        one = _matter(left[matter].to_numpy(float), periods, stream, draws)
        rows.append({"matter": matter, "unit": unit, **one})
    return Forecast(rows=pd.DataFrame(rows, columns=COLUMNS))


def _matter(
    known: np.ndarray, periods: float, stream: np.random.Generator, draws: int
) -> dict[str, object]:
    """One row of a forecast from the units left (days,)."""
    speeds = known[:-1] - known[1:]
    speeds = speeds[~np.isnan(speeds)]
    now, n = known[-1] if len(known) else np.nan, len(speeds)
    needed = np.nan
    if now <= 0:
        needed = 0.0
    elif periods > 0 and now > 0:
        needed = now / periods
    status, probability = _status(now, n, periods)
    if status == "open":
        done = _sums(speeds, periods, stream, draws)
        probability = float((done >= now).mean())
    best = speeds.max() if n else np.nan
    return {
        "left": now,
        "periods": n,
        "speed": speeds.mean() if n else np.nan,
        "best": best,
        "needed": needed,
        "feasible": bool(needed <= best) if n and needed == needed else None,
        "probability": probability,
        "status": status,
    }


def _status(now: float, n: int, periods: float) -> tuple[str, float]:
    """Status of a matter, and its probability where no future has to be drawn."""
    if now <= 0:
        return "done", 1.0
    if np.isnan(now):
        return "unknown", np.nan
    if periods <= 0:
        return "late", 0.0
    return ("unknown" if n < FEWEST else "open"), np.nan


def _sums(
    speeds: np.ndarray, periods: float, stream: np.random.Generator, draws: int
) -> np.ndarray:
    """Simulated units done in the periods that remain."""
    n = len(speeds)
    variance = speeds.var(ddof=1) * (n - 1) / stream.chisquare(n - 1, draws)
    mean = speeds.mean() + np.sqrt(variance / n) * stream.standard_normal(draws)
    return periods * mean + np.sqrt(periods * variance) * stream.standard_normal(draws)
