"""Studies of the illness estimators with a known truth: in full by `make bench`, in small by the tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from illness_world import FIRST, known, last_day, stays
from return_world import TRUTH, WORLD_COVARIATES, world

from jinzhou import measures, models

QUARTERS = 16
ILL = ("ill_now", "ill_last", "chronic")
"""Terms of the true hazard that are illness."""


def delay_study(seeds: Sequence[int], *, mean: float = 600.0) -> dict[str, float]:
    """Share of 95 % intervals that hold the final count of each of the last two quarters, the forecasts, and the adjusted level."""
    last, forecast, adjusted, backtest = [], [], [], []
    for seed in seeds:
        frame, truth = stays(seed, quarters=QUARTERS, ahead=2, mean=mean)
        trend = models.quarterly_trend(known(frame, last_day(QUARTERS - 1)), as_of=last_day(QUARTERS - 1))
        for back in (1, 2):
            row = trend.rows.iloc[-back]
            last.append(row["low"] <= truth["counts"][QUARTERS - back] <= row["high"])
        final = truth["counts"][QUARTERS:]
        forecast += [low <= n <= high for low, high, n in zip(trend.forecast["low"], trend.forecast["high"], final)]
        season = np.array([0.15, -0.05, -0.12, 0.02])
        level = truth["expected"] / np.exp(season[np.arange(QUARTERS + 2) % 4])
        adjusted += [low <= v <= high for low, high, v in zip(trend.rows["adjusted_low"], trend.rows["adjusted_high"], level)]
        backtest += list(trend.backtest["inside"])
    return {"delay_corrected": float(np.mean(last)), "forecast": float(np.mean(forecast)), "backtested": float(np.mean(backtest)), "adjusted": float(np.mean(adjusted))}


def interrupted_study(seeds: Sequence[int], *, rho: float = 0.4, placebos: int = 6) -> dict[str, float]:
    """All counties begin in one month: coverage of the effect, with Newey-West errors beside it, and placebo dates called significant."""
    inside, plain, placebo, unidentified = [], [], [], []
    for seed in seeds:
        frame, truth = stays(seed, quarters=15, mean=500.0, starts={f"c{i}": 36 for i in range(6)}, rho=rho)
        start = (FIRST.asfreq("M", "start") + 36).start_time.date().isoformat()
        found = models.interrupted(measures.own_share_series(frame), start=start, placebos=placebos)
        inside.append(found.low <= truth["effect"] <= found.high)
        plain.append(found.hac_low <= truth["effect"] <= found.hac_high)
        placebo += list(found.placebo["significant"])
        quarter = FIRST.year * 4 + FIRST.quarter - 1 + 12
        unidentified.append(models.staggered(measures.own_share_quarters(frame), starts={f"c{i}": quarter for i in range(6)}).status == "not identified")
    return {"interval": float(np.mean(inside)), "newey_west": float(np.mean(plain)), "placebo": float(np.mean(placebo)), "did_refuses": float(np.mean(unidentified))}


def staggered_study(seeds: Sequence[int], *, places: int = 48) -> dict[str, float]:
    """Places begin in three quarters or never: coverage of the effect, and placebo periods called significant."""
    inside, placebo, fake = [], [], []
    first = FIRST.year * 4 + FIRST.quarter - 1
    for seed in seeds:
        rng = np.random.default_rng(seed)
        quarter = {f"c{i:02d}": q for i, q in enumerate(rng.permutation(np.repeat([7, 9, 11, -1], places // 4)))}
        frame, truth = stays(seed, quarters=14, mean=1_500.0, villages=2 * places, starts={c: None if q < 0 else 3 * q for c, q in quarter.items()}, county_sd=0.02)
        rows = measures.own_share_quarters(frame)
        found = models.staggered(rows, starts={c: None if q < 0 else first + q for c, q in quarter.items()})
        inside.append(found.low <= truth["effect"] <= found.high)
        placebo.append(not found.before_low <= 0 <= found.before_high)
        early = rows[rows["quarter"] < first + 7]                      # a false start before anybody began
        moved = models.staggered(early, starts={c: None if q in (-1, 11) else first + 4 for c, q in quarter.items()})
        fake.append(not moved.low <= 0 <= moved.high)
    return {"interval": float(np.mean(inside)), "placebo_periods": float(np.mean(placebo)), "placebo_date": float(np.mean(fake))}


def attribution_study(seeds: Sequence[int], *, households: int = 4_000, quarters: int = 10) -> dict[str, float]:
    """Share of 95 % intervals that hold the fraction of the true hazards that illness adds, and the mean of both."""
    inside, found, true = [], [], []
    for seed in seeds:
        rows = world(seed, households=households, quarters=quarters, income_error=0.0)
        visit = -0.80 * rows["visited_now"].astype(float)
        without = rows["eta"] - sum(getattr(TRUTH, term) * rows[term].astype(float) for term in ILL)
        h, h0 = (1 - np.exp(-np.exp(eta + visit)) for eta in (rows["eta"], without))
        truth = 1 - h0.sum() / h.sum()
        answer = models.attributable_fraction(rows, as_of=rows["quarter_end"].max().date().isoformat(), covariates=WORLD_COVARIATES, by=None, late=False).rows.loc["all"]
        inside.append(answer["low"] <= truth <= answer["high"])
        found.append(answer["fraction"])
        true.append(truth)
    return {"interval": float(np.mean(inside)), "estimated": float(np.mean(found)), "true": float(np.mean(true))}


def report(replications: int = 200) -> str:
    """Every figure beside its target."""
    seeds = range(replications)
    lines = [f"Illness, {replications} small replications (intervals to reach 0.93-0.97, placebos at most 0.06):"]
    for mean in (100.0, 600.0):
        lines.append(f"  stays, {mean:.0f} a quarter: {_told(delay_study(seeds, mean=mean))}")
    lines += [f"  interrupted series, correlation {rho}: {_told(interrupted_study(seeds, rho=rho))}" for rho in (0.0, 0.4, 0.7)]
    lines.append(f"  staggered differences: {_told(staggered_study(seeds))}")
    lines.append(f"  attributable fraction: {_told(attribution_study(seeds))}")
    return "\n".join(lines)


def _told(figures: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in figures.items())


if __name__ == "__main__":
    print(report())
