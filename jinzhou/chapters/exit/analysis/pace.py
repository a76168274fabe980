"""Whether each part of the exit card passes by its day at the county's own pace."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.chapters.exit.analysis.card import ExitCard
from jinzhou.statistics.forecast import Forecast, on_time

KNOWN = 0.95
"""Share of the rows that must be known for a past day's gap to count."""
QUARTERS = 5
"""Past quarters whose pace is used for what carries its own dates."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Progress:
    """How far a county's indicators are, and how they got there.

    Attributes
    ----------
    county : str
    now : DataFrame, indexed by indicator
        `met`, `counted`, `unknown` of the county.
    past : mapping, day -> such a DataFrame
        On the same day of past years, oldest first: the yearly pace of what registry years
        alone show.
    paths : DataFrame
        `registry.IndicatorCounts.paths`: the pace, by quarters, of what carries its own dates;
        those who left the registry since are not in it.
    """

    county: str
    now: pd.DataFrame
    past: Mapping[str, pd.DataFrame]
    paths: pd.DataFrame


def exit_forecast(
    card: ExitCard,
    progress: Progress,
    *,
    as_of: str,
    deadline: str,
    seed: int = 2018,
) -> Forecast:
    """Whether each part of the card passes by its day at the county's own pace (R10).

    Parameters
    ----------
    card : ExitCard
    progress : Progress
    as_of, deadline : str
        Day of the data, and day of the exit.
    seed : int
        Of the simulated paces.

    Returns
    -------
    Forecast
        One row per part, in the order of the card.

    Notes
    -----
    Rows without data count as not met. See `exit_gaps` and `on_time` for what is assumed.
    """
    day = pd.Timestamp(as_of)
    years = (pd.Timestamp(deadline) - day).days / 365
    gaps = exit_gaps(card, progress)
    dated = dated_gaps(card, progress, day=day)
    rows = pd.concat(
        [
            on_time(
                gaps.drop(columns=list(dated)), periods=years, unit="year", seed=seed
            ).rows,
            on_time(dated, periods=4 * years, unit="quarter", seed=seed).rows,
        ]
    )
    order = {part: n for n, part in enumerate(gaps)}
    return Forecast(
        rows=rows.sort_values(
            "matter", key=lambda names: names.map(order), ignore_index=True
        )
    )


def exit_gaps(card: ExitCard, progress: Progress) -> pd.DataFrame:
    """Units between each part of the card and its threshold, on past days and now.

    Parameters
    ----------
    card : ExitCard
    progress : Progress

    Returns
    -------
    DataFrame
        One row a day, the last one now; one column per part. Rows without data count as not met;
        the gap is missing where more than 5 % of the rows are unknown or nobody is counted. The
        incidence's gap is its upper bound above the threshold in persons, the errors of the spot
        check and the population as they are now.
    """
    frames = [*progress.past.values(), progress.now]
    gaps = {"incidence": _incidence_gaps(card, frames)}
    for indicator, threshold in _thresholds(card, progress.now).items():
        gaps[str(indicator)] = [
            _gap(f.loc[indicator], threshold) if indicator in f.index else np.nan
            for f in frames
        ]
    return pd.DataFrame(gaps)


def dated_gaps(
    card: ExitCard, progress: Progress, *, day: pd.Timestamp
) -> pd.DataFrame:
    """Units between each part that carries its own dates and its threshold, by quarter.

    Returns
    -------
    DataFrame
        One row for each of the last `QUARTERS` quarter ends and one for `day`.
    """
    now, paths = progress.now, progress.paths
    of_county = paths[paths["county"] == progress.county]
    ends = [day - pd.offsets.QuarterEnd(n) for n in range(QUARTERS, 0, -1)]
    thresholds = _thresholds(card, now)
    gaps = {}
    for indicator in paths["indicator"].unique():
        if indicator not in thresholds or not now.at[indicator, "counted"] > 0:
            continue
        own = of_county[of_county["indicator"] == indicator]
        left = _gap(now.loc[indicator], thresholds[indicator])
        had = [own.loc[own["quarter"] <= end, "met"].max() for end in ends]
        met = now.at[indicator, "met"]
        gaps[indicator] = [left + met - (h if h == h else 0.0) for h in had] + [left]
    return pd.DataFrame(gaps)


def _thresholds(card: ExitCard, now: pd.DataFrame) -> pd.Series:
    """Threshold of each part of the card that is counted as an indicator."""
    parts = card.rows[card.rows["indicator"].isin(now.index)]
    return parts.set_index("indicator")["threshold"]


def _incidence_gaps(card: ExitCard, frames: list[pd.DataFrame]) -> list[float]:
    """Persons of the incidence's upper bound above its threshold on each day."""
    first = card.rows[card.rows["indicator"] == "incidence"].iloc[0]
    errors = card.terms.at["all", "ci_high"] - card.terms.at["poor", "persons"]
    if first["missing"] not in ("", "upper bound"):
        return [np.nan] * len(frames)
    allowed = first["threshold"] * first["denominator"]
    return [
        f.at["poor_persons", "met"] + errors - allowed + 1
        if "poor_persons" in f.index
        else np.nan
        for f in frames
    ]


def _gap(row: pd.Series, threshold: float) -> float:
    if row["counted"] <= 0 or row["unknown"] > (1 - KNOWN) * row["counted"]:
        return np.nan
    needed = np.ceil(threshold * row["counted"] - row["met"] - 1e-9)
    return float(needed) + 0.0  # no minus before zero
