"""Studies of the illness estimators with a known truth: in full by `make bench`, in small by the tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from illness_world import FIRST, known, last_day, stays
from return_world import TRUTH, WORLD_COVARIATES, world
from scipy.signal import lfilter
from scipy.special import stdtrit

from jinzhou.chapters.illness.analysis.attribution import attributable_fraction
from jinzhou.chapters.illness.analysis.policy import (
    out_of_pocket_by_month,
    out_of_pocket_by_quarter,
)
from jinzhou.statistics.interrupted import interrupted_series
from jinzhou.statistics.staggered import staggered_did
from jinzhou.statistics.trend import quarterly_trend

QUARTERS = 16
BY_QUARTER = {"unit": "county", "period": "quarter", "outcome": "value"}
FRESH = range(20_000, 21_000)
"""Replications that nothing was chosen on: the interval of the interrupted series was chosen on seeds 10,000 to 10,999 of other worlds."""
ILL = ("ill_now", "ill_last", "chronic")
"""Terms of the true hazard that are illness."""


def delay_study(seeds: Sequence[int], *, mean: float = 600.0) -> dict[str, float]:
    """Share of 95 % intervals that hold the final count of each of the last two quarters, the forecasts, and the adjusted level."""
    last, forecast, adjusted, backtest = [], [], [], []
    for seed in seeds:
        frame, truth = stays(seed, quarters=QUARTERS, ahead=2, mean=mean)
        trend = quarterly_trend(
            known(frame, last_day(QUARTERS - 1)), as_of=last_day(QUARTERS - 1)
        )
        for back in (1, 2):
            row = trend.rows.iloc[-back]
            last.append(
                row["ci_low"] <= truth["counts"][QUARTERS - back] <= row["ci_high"]
            )
        final = truth["counts"][QUARTERS:]
        forecast += [
            low <= n <= high
            for low, high, n in zip(
                trend.forecast["ci_low"], trend.forecast["ci_high"], final
            )
        ]
        season = np.array([0.15, -0.05, -0.12, 0.02])
        level = truth["expected"] / np.exp(season[np.arange(QUARTERS + 2) % 4])
        adjusted += [
            low <= v <= high
            for low, high, v in zip(
                trend.rows["adjusted_ci_low"], trend.rows["adjusted_ci_high"], level
            )
        ]
        backtest += list(trend.backtest["inside"])
    return {
        "delay_corrected": float(np.mean(last)),
        "forecast": float(np.mean(forecast)),
        "backtested": float(np.mean(backtest)),
        "adjusted": float(np.mean(adjusted)),
    }


def interrupted_study(
    seeds: Sequence[int], *, rho: float = 0.4, placebos: int = 6
) -> dict[str, np.ndarray]:
    """All counties begin in one month, one value a replication.

    Whether the interval with Newey-West errors and the averaged one hold the effect; the
    share of placebo dates called significant; whether the comparison of places refuses; the
    averaged interval's width over that of who knows the correlation.
    """
    plain, averaged, placebo, unidentified, width = [], [], [], [], []
    for seed in seeds:
        frame, truth = stays(
            seed,
            quarters=15,
            mean=500.0,
            starts={f"c{i}": 36 for i in range(6)},
            rho=rho,
        )
        start = (FIRST.asfreq("M", "start") + 36).start_time.date().isoformat()
        series = out_of_pocket_by_month(frame)
        found = interrupted_series(series, start=start, placebos=placebos)
        plain.append(found.ci_low <= truth["effect"] <= found.ci_high)
        averaged.append(
            found.averaged_ci_low <= truth["effect"] <= found.averaged_ci_high
        )
        placebo.append(found.placebo["significant"].astype(float).mean())
        quarter = FIRST.year * 4 + FIRST.quarter - 1 + 12
        unidentified.append(
            staggered_did(
                out_of_pocket_by_quarter(frame),
                **BY_QUARTER,
                starts={f"c{i}": quarter for i in range(6)},
            ).status
            == "not identified"
        )
        wide = found.averaged_ci_high - found.averaged_ci_low
        width.append(wide / _width_knowing(series, 36, rho))
    return {
        "newey_west": np.array(plain),
        "averaged": np.array(averaged),
        "placebo": np.array(placebo),
        "did_refuses": np.array(unidentified),
        "width_over_oracle": np.array(width),
    }


def _width_knowing(series: pd.Series, place: int, rho: float) -> float:
    """Width of the 95 % interval of who knows the correlation and need not guess it: generalised least squares with t quantiles."""
    n, quarter = len(series), series.index.quarter.to_numpy()
    X = np.column_stack(
        [
            np.ones(n),
            np.arange(n),
            *((quarter == q) for q in (2, 3, 4)),
            np.arange(n) >= place,
        ]
    ).astype(float)
    white = np.linalg.inv(
        np.linalg.cholesky(
            float(rho) ** np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
        )
    )
    W, y = white @ X, white @ series.to_numpy(float)
    rest = ((y - W @ np.linalg.lstsq(W, y, rcond=None)[0]) ** 2).sum() / (n - 6)
    return float(
        2 * stdtrit(n - 6, 0.975) * np.sqrt(rest * np.linalg.inv(W.T @ W)[-1, -1])
    )


NOISES = {
    "independent": (0.0, (), ()),
    "correlation .4": (0.0, (0.4,), ()),
    "correlation .8": (0.0, (0.8,), ()),
    "correlation .7, half chance": (1.0, (0.7,), ()),
    "correlation .9, half chance": (1.0, (0.9,), ()),
    "moving average .6": (0.0, (), (0.6,)),
    "moving average -.4": (0.0, (), (-0.4,)),
    "second order .4 .3": (0.0, (0.4, 0.3), ()),
    "seasonal .5": (0.0, (0.3, *[0.0] * 10, 0.5, -0.15), ()),
}
"""Kinds of error: standard deviation of what is added by chance over that of the process; autoregression; moving average."""
SPANS = ((45, 36), (36, 20), (96, 60))
"""Months, and the month of the start."""


def series_study(
    seeds: Sequence[int], *, noise: str, span: tuple[int, int]
) -> np.ndarray:
    """Whether the averaged interval holds the effect, 0, in series of another kind of error than the interval assumes, one value a replication."""
    chance, ar, ma = NOISES[noise]
    n, place = span
    inside = []
    for seed in seeds:
        rng = np.random.default_rng([seed, n, place])
        shock = rng.normal(size=n + 300)
        process = lfilter([1.0, *ma], [1.0, *(-np.array(ar))], shock)
        process = process / np.sqrt(
            (
                lfilter([1.0, *ma], [1.0, *(-np.array(ar))], np.eye(1, 2_000)[0]) ** 2
            ).sum()
        )  # variance 1
        values = 0.3 + 0.02 * (process + chance * rng.normal(size=n + 300))[300:]
        series = pd.Series(
            values, index=pd.period_range("2015-01", periods=n, freq="M")
        )
        found = interrupted_series(
            series, start=series.index[place].start_time.date().isoformat(), placebos=0
        )
        inside.append(found.averaged_ci_low <= 0 <= found.averaged_ci_high)
    return np.array(inside)


def staggered_study(seeds: Sequence[int], *, places: int = 48) -> dict[str, float]:
    """Places begin in three quarters or never: coverage of the effect, and placebo periods called significant."""
    inside, placebo, fake = [], [], []
    first = FIRST.year * 4 + FIRST.quarter - 1
    for seed in seeds:
        rng = np.random.default_rng(seed)
        quarter = {
            f"c{i:02d}": q
            for i, q in enumerate(
                rng.permutation(np.repeat([7, 9, 11, -1], places // 4))
            )
        }
        frame, truth = stays(
            seed,
            quarters=14,
            mean=1_500.0,
            villages=2 * places,
            starts={c: None if q < 0 else 3 * q for c, q in quarter.items()},
            county_sd=0.02,
        )
        rows = out_of_pocket_by_quarter(frame)
        found = staggered_did(
            rows,
            **BY_QUARTER,
            starts={c: None if q < 0 else first + q for c, q in quarter.items()},
        )
        inside.append(found.ci_low <= truth["effect"] <= found.ci_high)
        placebo.append(not found.before_ci_low <= 0 <= found.before_ci_high)
        early = rows[rows["quarter"] < first + 7]  # a false start before anybody began
        moved = staggered_did(
            early,
            **BY_QUARTER,
            starts={
                c: None if q in (-1, 11) else first + 4 for c, q in quarter.items()
            },
        )
        fake.append(not moved.ci_low <= 0 <= moved.ci_high)
    return {
        "interval": float(np.mean(inside)),
        "placebo_periods": float(np.mean(placebo)),
        "placebo_date": float(np.mean(fake)),
    }


def attribution_study(
    seeds: Sequence[int], *, households: int = 4_000, quarters: int = 10
) -> dict[str, float]:
    """Share of 95 % intervals that hold the fraction of the true hazards that illness adds, and the mean of both."""
    inside, found, true = [], [], []
    for seed in seeds:
        rows = world(seed, households=households, quarters=quarters, income_error=0.0)
        visit = -0.80 * rows["visited_now"].astype(float)
        without = rows["eta"] - sum(
            getattr(TRUTH, term) * rows[term].astype(float) for term in ILL
        )
        h, h0 = (1 - np.exp(-np.exp(eta + visit)) for eta in (rows["eta"], without))
        truth = 1 - h0.sum() / h.sum()
        answer = attributable_fraction(
            rows,
            as_of=rows["quarter_end"].max().date().isoformat(),
            covariates=WORLD_COVARIATES,
            by=None,
            late=False,
        ).rows.loc["all"]
        inside.append(answer["ci_low"] <= truth <= answer["ci_high"])
        found.append(answer["fraction"])
        true.append(truth)
    return {
        "interval": float(np.mean(inside)),
        "estimated": float(np.mean(found)),
        "true": float(np.mean(true)),
    }


def report(replications: int = 200) -> str:
    """Every figure beside its target."""
    seeds = range(replications)
    lines = [
        f"Illness, {replications} small replications (intervals to reach 0.93-0.97, placebos at most 0.06):"
    ]
    for mean in (100.0, 600.0):
        lines.append(
            f"  stays, {mean:.0f} a quarter: {_told(delay_study(seeds, mean=mean))}"
        )
    lines += [
        f"  interrupted series, correlation {rho}: {_told(interrupted_study(seeds, rho=rho))}"
        for rho in (0.0, 0.4, 0.7)
    ]
    lines += [
        f"  the same, {many:,} others, correlation {rho}: {_told(interrupted_study(FRESH[:many], rho=rho))}"
        for rho, many in (
            (0.0, 1_000),
            (0.2, 400),
            (0.4, 1_000),
            (0.6, 400),
            (0.7, 1_000),
            (0.8, 400),
        )
    ]
    lines += [
        f"  series of {span[0]} months, start at {span[1]}, 300 each: {_told({noise: series_study(FRESH[:300], noise=noise, span=span) for noise in NOISES})}"
        for span in SPANS
    ]
    lines.append(f"  staggered differences: {_told(staggered_study(seeds))}")
    lines.append(f"  attributable fraction: {_told(attribution_study(seeds))}")
    return "\n".join(lines)


def _told(figures: dict[str, float | np.ndarray]) -> str:
    """Figures; the mean of an array with 1.96 of its standard errors over the replications."""
    return ", ".join(
        f"{name} {np.mean(value):.3f}"
        + (
            f" +-{1.96 * np.std(value, ddof=1) / np.sqrt(len(value)):.3f}"
            if np.ndim(value)
            else ""
        )
        for name, value in figures.items()
    )


if __name__ == "__main__":
    print(report())
