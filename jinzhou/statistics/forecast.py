"""Whether the work will be done by the day: needed speed, best past speed, and a probability from the pace so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

FEWEST = 3
"""Past periods without which no probability is given."""
DRAWS = 4_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecast:
    """What is left of each matter and whether its pace suffices.

    Attributes
    ----------
    rows : DataFrame, one row per matter
        `matter`, `unit` (name of a period), `left` (units to go now), `periods` (past speeds used), `speed`, `best` (mean and
        highest past speed), `needed` (units per period until the day), `feasible` (needed within the
        best), `probability` (0-1; missing when unknown), `status`: ``done`` (nothing is left),
        ``open``, ``late`` (the day is past and something is left), ``unknown`` (what is left is not
        known, or fewer than `FEWEST` past periods).
    """

    rows: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        count = self.rows["status"].value_counts()
        return (
            ", ".join(f"{n} {s}" for s, n in count.items())
            + f" of {len(self.rows)} matters."
        )


def on_time(
    left: pd.DataFrame,
    *,
    periods: float,
    unit: str,
    seed: int = 2018,
    draws: int = DRAWS,
) -> Forecast:
    """The probability that what is left reaches zero within the periods that remain (R10, R49).

    Parameters
    ----------
    left : DataFrame, one column per matter, one row per past day in order
        Units still to go, at equal distances of one period; the last row is now. Missing where it
        was not known.
    periods : float
        Periods until the day, negative when it is past.
    draws : int
        Simulated futures.

    Notes
    -----
    The speed of a period is how many units fewer are left at its end. Assumed: the county's speeds
    are independent draws from one normal law whose mean and variance are its own, nothing is known
    of them beyond the past periods, and the future is as the past: no season, no last push, the
    remaining units no harder. A future draws the variance (scaled inverse chi-square), the mean
    given it, then the sum of the speeds that remain; that is the predictive law of a normal sample
    under the usual reference prior (Gelman et al. 2013, Bayesian Data Analysis, section 3.2), so
    that few past periods give wide answers; more time, or less to do, never lowers them. With the same seed
    every matter is judged by the same draws.
    """
    rows = []
    for matter in left:
        stream = np.random.default_rng(seed)
        known = left[matter].to_numpy(float)
        speeds = known[:-1] - known[1:]
        speeds = speeds[~np.isnan(speeds)]
        now, n = known[-1] if len(known) else np.nan, len(speeds)
        mean, best = (speeds.mean(), speeds.max()) if n else (np.nan, np.nan)
        needed = (
            now / periods if periods > 0 and now > 0 else 0.0 if now <= 0 else np.nan
        )
        chance = np.nan
        if now <= 0:
            status, chance = "done", 1.0
        elif np.isnan(now):
            status = "unknown"
        elif periods <= 0:
            status, chance = "late", 0.0
        elif n < FEWEST:
            status = "unknown"
        else:
            status = "open"
            chance = float((_sums(speeds, periods, stream, draws) >= now).mean())
        rows.append(
            (
                matter,
                unit,
                now,
                n,
                mean,
                best,
                needed,
                bool(needed <= best) if n and needed == needed else None,
                chance,
                status,
            )
        )
    return Forecast(
        rows=pd.DataFrame(
            rows,
            columns=[
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
            ],
        )
    )


def _sums(
    speeds: np.ndarray, periods: float, stream: np.random.Generator, draws: int
) -> np.ndarray:
    """Simulated units done in the periods that remain."""
    n = len(speeds)
    variance = speeds.var(ddof=1) * (n - 1) / stream.chisquare(n - 1, draws)
    mean = speeds.mean() + np.sqrt(variance / n) * stream.standard_normal(draws)
    return periods * mean + np.sqrt(periods * variance) * stream.standard_normal(draws)
