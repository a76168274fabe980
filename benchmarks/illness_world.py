"""Stays in hospital whose delay, season, policy effect and counts are known, for the studies of the illness estimators."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

DELAY = (0.45, 0.30, 0.15, 0.10)
"""Share of stays settled 0, 1, 2, 3 quarters after the admission."""
SEASON = (0.15, -0.05, -0.12, 0.02)
"""Log effect of each quarter of the year on the number of stays."""
OWN_SHARE = 0.33
FIRST = pd.Period("2014Q4", "Q") + 1


def stays(
    seed: int,
    *,
    quarters: int = 16,
    ahead: int = 0,
    mean: float = 600.0,
    villages: int = 60,
    village_sd: float = 0.5,
    level_sd: float = 0.04,
    delay: tuple[float, ...] = DELAY,
    starts: Mapping[str, int | None] | None = None,
    effect: float = -0.15,
    share_sd: float = 0.02,
    rho: float = 0.4,
    county_sd: float = 0.01,
) -> tuple[pd.DataFrame, dict]:
    """Stays of `quarters` + `ahead` quarters, all of them; the caller cuts by `setl_time`.

    Parameters
    ----------
    mean : float
        Stays a quarter; their logarithm moves by a first-order process of innovation `level_sd`.
    starts : mapping, county -> month number (0 is the first month), or None when the policy never comes
    effect : float
        Change of the own share of the cost from the start on.
    share_sd, rho, county_sd : float
        Monthly shock of all counties to the own share, its correlation, and the counties' own shocks.

    Returns
    -------
    stays : DataFrame
        `county`, `area_code`, `admitted_on`, `setl_time`, `psn_part_amt`, `medfee_sumamt`.
    truth : dict
        `counts` (stays by quarter), `expected` (their means), `effect`.
    """
    rng = np.random.default_rng([seed, quarters])
    counties = list(starts) if starts else [f"c{i}" for i in range(6)]
    weight = np.exp(rng.normal(0, village_sd, villages))
    county_of = np.arange(villages) % len(counties)
    total = quarters + ahead
    level = np.zeros(total)
    for t in range(1, total):
        level[t] = 0.6 * level[t - 1] + rng.normal(0, level_sd)
    mu = mean * np.exp(
        np.array(SEASON)[np.arange(total) % 4] + 0.01 * np.arange(total) + level
    )
    shock, own_shock = np.zeros(3 * total), np.zeros((len(counties), 3 * total))
    for m in range(3 * total):
        before = (shock[m - 1], own_shock[:, m - 1]) if m else (0.0, 0.0)
        shock[m] = rho * before[0] + np.sqrt(1 - rho**2) * rng.normal(0, share_sd)
        own_shock[:, m] = rho * before[1] + np.sqrt(1 - rho**2) * rng.normal(
            0, county_sd, len(counties)
        )
    n = rng.poisson(mu)
    quarter = np.repeat(np.arange(total), n)
    village = rng.choice(villages, len(quarter), p=weight / weight.sum())
    county = county_of[village]
    first_day = np.array(
        [(FIRST + t).start_time for t in range(total)], dtype="datetime64[D]"
    )
    admitted = first_day[quarter] + rng.integers(0, 90, len(quarter))
    wait = rng.choice(len(delay), len(quarter), p=delay)
    settled = np.maximum(
        np.array(
            [(FIRST + t).start_time for t in range(total + len(delay))],
            dtype="datetime64[D]",
        )[quarter + wait]
        + rng.integers(0, 90, len(quarter)),
        admitted,
    )
    month = (
        admitted.astype("datetime64[M]") - first_day[0].astype("datetime64[M]")
    ).astype(int)
    begin = np.array(
        [np.inf if not starts or starts[c] is None else starts[c] for c in counties]
    )
    share = (
        OWN_SHARE
        + shock[month]
        + own_shock[county, month]
        + np.where(month >= begin[county], effect, 0.0)
        + rng.normal(0, 0.05, len(quarter))
    )
    cost = np.exp(rng.normal(8.4, 0.5, len(quarter)))
    frame = pd.DataFrame(
        {
            "county": np.array(counties)[county],
            "area_code": [f"V{v:03d}" for v in village],
            "admitted_on": pd.to_datetime(admitted),
            "setl_time": pd.to_datetime(settled),
            "med_type": "inpatient",
            "medfee_sumamt": cost,
            "psn_part_amt": cost * np.clip(share, 0, 1),
        }
    )
    return frame, {"counts": n, "expected": mu, "effect": effect}


def last_day(quarter: int) -> str:
    """Last day of a quarter of the world."""
    return (FIRST + quarter).end_time.date().isoformat()


def known(frame: pd.DataFrame, day: str) -> pd.DataFrame:
    """What had been settled by a day."""
    return frame[(frame["setl_time"] <= day) & (frame["admitted_on"] <= day)]
