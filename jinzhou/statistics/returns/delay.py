"""Events are recorded late: how late, and what that hides of the latest rows."""

import numpy as np
import pandas as pd

FEWEST_EVENTS = 30
"""Fewer events than this do not tell the delay, and are not fitted."""


def reported_share(panel: pd.DataFrame, *, as_of: str) -> tuple[float, ...]:
    """Share of returns recorded 0, 1, 2, ... quarters after they happened.

    Returns known by `as_of` are seen only when they were recorded in time, so the delay
    is read backwards: a product limit over the delays of returns old enough to have had
    each one (Kalbfleisch and Lawless 1989, JASA 84, 360-372). What a look-back found
    (`next_return_round`) is left out: it is another way of recording. The last value is
    1: returns never recorded are not counted here.
    """
    if "next_return_recorded_on" not in panel or not len(panel):
        return (1.0,)
    day = pd.Timestamp(as_of)
    events = panel.loc[
        (panel["next_return_recorded_on"] <= day).to_numpy(),
        [
            "household_id",
            "next_return_on",
            "next_return_recorded_on",
            *(["next_return_round"] if "next_return_round" in panel else []),
        ],
    ]
    if "next_return_round" in events:
        events = events[events["next_return_round"].fillna("") == ""]
    events = events.drop_duplicates(["household_id", "next_return_on"])
    if len(events) < FEWEST_EVENTS:
        return (1.0,)
    happened, recorded = (
        events[c].dt.year * 4 + events[c].dt.quarter
        for c in ("next_return_on", "next_return_recorded_on")
    )
    delay, age = (
        (recorded - happened).to_numpy(),
        (day.year * 4 + day.quarter - happened).to_numpy(),
    )
    longest = int(np.quantile(delay, 0.99))
    share = 1.0
    found = [1.0]
    for d in range(longest, 0, -1):
        old = age >= d
        within = int((old & (delay <= d)).sum())
        share *= 1 - (int((old & (delay == d)).sum()) / within if within else 0.0)
        found.append(share)
    return tuple(found[::-1])


def recorded_offset(
    train: pd.DataFrame, reported: tuple[float, ...], day: pd.Timestamp, horizon: int
) -> np.ndarray:
    """Log share of each row's returns recorded by the day: an offset."""
    quarter = (
        train["quarter_end"].dt.year * 4 + train["quarter_end"].dt.quarter
    ).to_numpy()
    known = np.zeros(len(train))
    for lead in range(1, horizon + 1):
        age = np.clip(day.year * 4 + day.quarter - quarter - lead, 0, len(reported) - 1)
        known += np.array(reported)[age] / horizon
    return np.log(np.maximum(known, 1e-3))
