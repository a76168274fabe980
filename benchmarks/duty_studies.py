"""Is the chance of being in time what it says? Simulated counties whose pace is known; and what the indicators cost."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from jinzhou import registry
from jinzhou.statistics import forecast

WORLDS = {
    # law of a period's speed given its mean and coefficient of variation
    "gamma": lambda rng, mean, cv, shape: rng.gamma(1 / cv**2, mean * cv**2, shape),
    "normal": lambda rng, mean, cv, shape: rng.normal(mean, cv * mean, shape),
    "season": lambda rng, mean, cv, shape: (
        rng.gamma(1 / cv**2, mean * cv**2, shape)
        * np.resize([0.2, 1.2, 1.6, 1.0], shape)
    ),
}


def on_time_study(
    counties: int = 500,
    *,
    world: str = "gamma",
    ready: float = 2.0,
    futures: int = 200,
    draws: int = 2_000,
    seed: int = 2018,
) -> pd.DataFrame:
    """Forecast chance against what happens, by tenths of the counties in order of their forecast.

    Each county has a mean speed of 5 to 60 units a period, a coefficient of variation of 0.2 to 0.8,
    4 to 8 past periods and 2 to 8 to go, and what is left is its mean speed over the time that remains
    times a number between 1/`ready` and `ready` (log-uniform). It is shown its past alone; what happens
    is the share of `futures` drawn from its true law in which it is in time.

    Returns
    -------
    DataFrame, indexed by tenth
        `forecast`, `happened` (means), `difference`.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for county in range(counties):
        past, ahead, mean, cv = (
            int(rng.integers(4, 9)),
            int(rng.integers(2, 9)),
            rng.uniform(5, 60),
            rng.uniform(0.2, 0.8),
        )
        speeds = WORLDS[world](rng, mean, cv, past)
        left = ahead * mean * np.exp(rng.uniform(-np.log(ready), np.log(ready)))
        path = left + np.append(np.cumsum(speeds[::-1])[::-1], 0.0)
        chance = (
            forecast.on_time(
                pd.DataFrame({"x": path}),
                periods=ahead,
                unit="period",
                seed=county,
                draws=draws,
            )
            .rows["probability"]
            .iloc[0]
        )
        rows.append(
            (
                chance,
                (
                    WORLDS[world](rng, mean, cv, (futures, ahead)).sum(axis=1) >= left
                ).mean(),
            )
        )
    frame = pd.DataFrame(rows, columns=["forecast", "happened"])
    tenth = pd.qcut(frame["forecast"].rank(method="first"), 10, labels=False)
    found = frame.groupby(tenth).mean()
    return found.assign(difference=found["happened"] - found["forecast"])


def indicator_cost(store: str | Path, as_of: str = "2018-09-30") -> dict[str, float]:
    """CPU seconds of counting every indicator once, and how many there are."""
    now = registry.open_store(store).at(as_of)
    registry.count_indicators(now, lists=())  # imports and files once
    start = time.process_time()
    found = registry.count_indicators(now)
    return {
        "cpu": time.process_time() - start,
        "indicators": found.counts["indicator"].nunique(),
        "relations": len(registry.indicators.OBJECTS),
    }


if __name__ == "__main__":
    for name in WORLDS:
        for ready in (2.0, 3.0):
            found = on_time_study(world=name, ready=ready)
            print(
                f"{name}, left within {ready:g} times the pace: "
                + " ".join(f"{100 * d:+.1f}" for d in found["difference"])
            )
    if len(sys.argv) > 1:
        print(indicator_cost(sys.argv[1]))
