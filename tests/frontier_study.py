"""Units whose true frontier is known, and what the estimates make of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jinzhou.models import dea_intervals, returns_test, second_stage
from jinzhou.models.second_stage import truncated_draws, truncated_regression


def frontier_world(*, n: int, seed: int, curve: float = 0.5) -> pd.DataFrame:
    """One input, one output: y = x0 ** curve, x = x0 / theta with theta = exp(-half-normal(0.3)); `theta` is the truth."""
    rng = np.random.default_rng(seed)
    least = rng.uniform(1, 9, n)
    theta = np.exp(-np.abs(rng.normal(0, 0.3, n)))
    return pd.DataFrame({"x": least / theta, "y": least ** curve, "theta": theta})


def coverage(*, samples: int, n: int, replications: int, seed: int, level: float = 0.95, convention: str = "shephard") -> dict[str, float]:
    """Share of units whose interval holds their true input score, and how far estimates are from it."""
    rows = []
    for sample in range(samples):
        world = frontier_world(n=n, seed=1000 * seed + sample)
        found = dea_intervals(world, inputs=["x"], outputs=["y"], replications=replications, level=level, convention=convention, seed=sample).scores
        raw, corrected = found["score"] - world["theta"], found["corrected"] - world["theta"]
        rows.append({"covered": world["theta"].between(found["low"], found["high"]).mean(), "bias": raw.mean(), "bias_corrected": corrected.mean(),
                     "error": raw.abs().mean(), "error_corrected": corrected.abs().mean(), "width": (found["high"] - found["low"]).mean()})
    frame = pd.DataFrame(rows)
    return frame.mean().to_dict() | {"covered_se": float(frame["covered"].std() / np.sqrt(samples))}


def returns_study(*, samples: int, n: int, curve: float, seed: int) -> float:
    """Share of samples in which constant returns are rejected at 5 %; with `curve` 1 they are true."""
    rejected = []
    for sample in range(samples):
        world = frontier_world(n=n, seed=1000 * seed + sample, curve=curve)
        rejected.append(returns_test(world, inputs=["x"], outputs=["y"], replications=200, seed=sample).tests.loc["constant", "rejected"])
    return float(np.mean(rejected))


def regression_world(*, n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Units whose output distance follows a truncated regression on two circumstances, and that distance."""
    rng = np.random.default_rng(seed)
    z, w = rng.normal(size=n), rng.uniform(size=n)
    distance = truncated_draws(0.6 + 0.3 * z + 0.5 * w, 0.3, 1, rng)[0]
    x = rng.uniform(1, 10, n)
    return pd.DataFrame({"x": x, "y": x ** 0.7 / distance, "z": z, "w": w}), distance


SLOPES = np.array([0.6, 0.3, 0.5])
"""What `regression_world` generates with: constant, z, w."""


def second_stage_study(*, samples: int, n: int, seed: int, algorithm: int = 2) -> pd.DataFrame:
    """By term: mean estimate, mean estimate on the true distances, and how often the 95 % interval holds the generating value."""
    rows = []
    for sample in range(samples):
        units, distance = regression_world(n=n, seed=1000 * seed + sample)
        found = second_stage(units, inputs=["x"], outputs=["y"], covariates=["z", "w"], algorithm=algorithm, replications=300, seed=sample).coefficients.iloc[:3]
        known = truncated_regression(distance[None], _design(units))[0][0]
        rows.append(found.assign(known=known, covered=(found["low"] <= SLOPES) & (SLOPES <= found["high"])))
    return pd.concat(rows).groupby(level=0, sort=False)[["beta", "known", "covered"]].mean()


def interval_study(*, samples: int, n: int, seed: int) -> pd.DataFrame:
    """With the true distances, so that only the regression speaks: cover of two bootstrap intervals, by term."""
    rows = []
    for sample in range(samples):
        units, distance = regression_world(n=n, seed=1000 * seed + sample)
        Z = _design(units)
        beta, sigma, _, _ = truncated_regression(distance[None], Z)
        draws, _, _, good = truncated_regression(truncated_draws(Z @ beta[0], sigma[0], 300, np.random.default_rng(sample)), Z)
        low, high = np.quantile(draws[good], [0.025, 0.975], axis=0)
        rows.append(pd.DataFrame({"percentile": (low <= SLOPES) & (SLOPES <= high), "of beta* - beta": (2 * beta[0] - high <= SLOPES) & (SLOPES <= 2 * beta[0] - low)},
                                 index=["constant", "z", "w"]))
    return pd.concat(rows).groupby(level=0, sort=False).mean()


def _design(units: pd.DataFrame) -> np.ndarray:
    return np.column_stack([np.ones(len(units)), units[["z", "w"]]])
