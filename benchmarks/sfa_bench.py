"""Frontiers with a known truth: small in the tests, full in `make bench`."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
from scipy.stats import norm

from jinzhou.statistics.frontier.composed import ComposedData, fit_composed
from jinzhou.statistics.frontier.conditional import quantiles
from jinzhou.statistics.frontier.sfa import StochasticModel, sfa

NOISE, INEFFICIENCY = 0.2, 0.4
"""True sigma_v and sigma_u; gamma is 0.8."""


def inefficiency(rng: np.random.Generator, n: int, distribution: str) -> np.ndarray:
    """True u: half normal, truncated normal with mean 0.3 before truncation, or exponential."""
    if distribution == "exponential":
        return rng.exponential(INEFFICIENCY, n)
    mu = 0.3 if distribution == "truncated normal" else 0.0
    return mu + INEFFICIENCY * norm.isf(rng.random(n) * norm.sf(-mu / INEFFICIENCY))


def cross_section(
    n: int,
    *,
    distribution: str = "half normal",
    kind: str = "production",
    seed: int = 0,
) -> pd.DataFrame:
    """Units F0, F1, ... with log y = 1 + 0.5 log a + 0.4 log b + v -+ u, and their true `efficiency`."""
    rng = np.random.default_rng([seed, n])
    a, b = np.exp(rng.normal(0, 1, (2, n)))
    u = inefficiency(rng, n, distribution)
    y = np.exp(
        1
        + 0.5 * np.log(a)
        + 0.4 * np.log(b)
        + rng.normal(0, NOISE, n)
        - (u if kind == "production" else -u)
    )
    return pd.DataFrame(
        {"y": y, "a": a, "b": b, "efficiency": np.exp(-u)},
        index=[f"F{i}" for i in range(n)],
    )


def panel(units: int, periods: int, *, eta: float = 0.0, seed: int = 0) -> pd.DataFrame:
    """An unbalanced panel: a tenth of the rows is lost at random; u falls by `eta` a period."""
    rng = np.random.default_rng([seed, units, periods])
    unit, when = (
        np.repeat(np.arange(units), periods),
        np.tile(np.arange(1, periods + 1), units),
    )
    a, b = np.exp(rng.normal(0, 1, (2, units * periods)))
    u = inefficiency(rng, units, "half normal")[unit] * np.exp(-eta * (when - periods))
    y = np.exp(
        1 + 0.5 * np.log(a) + 0.4 * np.log(b) + rng.normal(0, NOISE, len(unit)) - u
    )
    frame = pd.DataFrame(
        {
            "unit": [f"U{i}" for i in unit],
            "time": when,
            "y": y,
            "a": a,
            "b": b,
            "efficiency": np.exp(-u),
        }
    )
    return frame[rng.random(len(frame)) > 0.1]


def coverage(
    n: int, *, samples: int, distribution: str = "half normal"
) -> dict[str, float]:
    """Share of the 95 % intervals that hold the truth, over samples in which a frontier was estimated (`estimated`: their share)."""
    slopes, rows, known, found = [], [], [], 0
    for seed in range(samples):
        frame = cross_section(n, distribution=distribution, seed=1_000 + seed)
        fit = sfa(
            frame,
            StochasticModel(outcome="y", terms=["a", "b"], distribution=distribution),
        )
        if fit.status != "estimated":
            continue
        found += 1
        table = fit.coefficients.droplevel("part")
        slopes += [
            table.loc[t, "ci_low"] <= v <= table.loc[t, "ci_high"]
            for t, v in {"a": 0.5, "b": 0.4}.items()
        ]
        rows.append(
            (
                (fit.rows["ci_low"] <= frame["efficiency"])
                & (frame["efficiency"] <= fit.rows["ci_high"])
            ).mean()
        )
        X = np.column_stack([np.ones(n), np.log(frame["a"]), np.log(frame["b"])])
        data = ComposedData(y=np.log(frame["y"].to_numpy()), X=X)
        inner = fit_composed(data, distribution=distribution)
        point = np.stack([inner.mean, inner.spread, inner.path])[None]
        known.append(
            (
                (quantiles(point, 0.025) <= frame["efficiency"])
                & (frame["efficiency"] <= quantiles(point, 0.975))
            ).mean()
        )
    return {
        "estimated": found / samples,
        "elasticities": float(np.mean(slopes)),
        "efficiencies": float(np.mean(rows)),
        "efficiencies, estimates as known": float(np.mean(known)),
    }


def frontier_cost(n: int = 10_000) -> dict[str, float]:
    """CPU seconds of one call with all errors and intervals, by distribution, after a first one."""
    cost = {}
    for distribution in ("half normal", "truncated normal", "exponential"):
        frame = cross_section(n, distribution=distribution, seed=1)
        sfa(frame.head(200), StochasticModel(outcome="y", terms=["a", "b"]))
        start = time.process_time()
        sfa(
            frame,
            StochasticModel(outcome="y", terms=["a", "b"], distribution=distribution),
        )
        cost[distribution] = time.process_time() - start
    return cost


def main() -> None:
    """Printed by `make bench`."""
    print(
        f"\nFrontier, 10,000 rows, CPU s: { {k: round(v, 3) for k, v in frontier_cost().items()} } (to reach: 0.3)",
        flush=True,
    )
    for distribution in ("half normal", "exponential", "truncated normal"):
        for n, samples in ((60, 300), (200, 300), (1_000, 100)):
            found = coverage(n, samples=samples, distribution=distribution)
            print(
                f"95 % intervals, {distribution}, {n:,} units x {samples}: { {k: round(v, 3) for k, v in found.items()} }",
                flush=True,
            )


if __name__ == "__main__":
    main()
