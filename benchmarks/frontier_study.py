"""Units whose true frontier is known, and what the estimates make of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jinzhou.statistics.frontier.bootstrap import dea_intervals
from jinzhou.statistics.frontier.dea import dea
from jinzhou.statistics.frontier.malmquist import malmquist
from jinzhou.statistics.frontier.model import DeaModel, prepare
from jinzhou.statistics.frontier.resampling import subsample_scores
from jinzhou.statistics.frontier.scale_test import returns_to_scale_test
from jinzhou.statistics.frontier.second_stage import second_stage
from jinzhou.statistics.frontier.truncated import truncated_draws, truncated_regression


def frontier_world(*, n: int, seed: int, curve: float = 0.5) -> pd.DataFrame:
    """One input, one output: y = x0 ** curve, x = x0 / theta with theta = exp(-half-normal(0.3)); `theta` is the truth."""
    rng = np.random.default_rng(seed)
    least = rng.uniform(1, 9, n)
    theta = np.exp(-np.abs(rng.normal(0, 0.3, n)))
    return pd.DataFrame({"x": least / theta, "y": least**curve, "theta": theta})


def many_world(*, n: int, seed: int) -> pd.DataFrame:
    """Three inputs, two outputs, as the townships have them: outputs on a quarter circle of radius (abc) ** 0.25, divided by exp(half-normal(0.2))."""
    rng = np.random.default_rng(seed)
    x, angle, phi = (
        rng.uniform(1, 10, (n, 3)),
        rng.uniform(0, np.pi / 2, n),
        np.exp(np.abs(rng.normal(0, 0.2, n))),
    )
    y = (x.prod(axis=1) ** 0.25 / phi)[:, None] * np.column_stack(
        [np.cos(angle), np.sin(angle)]
    )
    return pd.DataFrame(np.hstack([x, y]), columns=list("abcde")).assign(theta=1 / phi)


FRONTIERS = {"affine": lambda y: 2 + 0.5 * y, "curved": lambda y: 1 + 0.05 * y**2}
PUBLISHED = {
    ("affine", 50): (0.9732, 0.9653, 0.9393),
    ("affine", 100): (0.9807, 0.9838, 0.9649),
    ("curved", 50): (0.9727, 0.9283, 0.9030),
    ("curved", 100): (0.9805, 0.9229, 0.9049),
}
"""Share of units with an interval, share of those whose interval holds the true score, and of all: subsamples of n ** 0.7, the rate 2 / 3, 200 samples, standard errors
of the second .005, .003, .007, .007. The coverage study of the R package pgt (inst/simulations/coverage-results.csv, table 3 of its article). The tables of Simar and
Wilson themselves (1998 to 2011) are not at hand, so no figure of theirs is quoted."""


def published_world(*, n: int, seed: int, curve: str) -> pd.DataFrame:
    """The design of `PUBLISHED`: output uniform from 1 to 10, input `FRONTIERS` of it times exp(exponential(0.3))."""
    rng = np.random.default_rng(seed)
    y, theta = rng.uniform(1, 10, n), np.exp(-rng.exponential(0.3, n))
    return pd.DataFrame({"x": FRONTIERS[curve](y) / theta, "y": y, "theta": theta})


def published_intervals(
    *, samples: int, n: int, curve: str, seed: int, replications: int = 100
) -> pd.DataFrame:
    """The same by our subsamples: intervals of differences of scores, over the subsamples that reach the unit, none when they are fewer than half. One row a sample."""
    rows = []
    for sample in range(samples):
        world = published_world(n=n, seed=1000 * seed + sample, curve=curve)
        given = prepare(
            world, DeaModel(inputs=["x"], outputs=["y"], returns_to_scale="variable")
        )
        score = (
            dea(
                world,
                DeaModel(inputs=["x"], outputs=["y"], returns_to_scale="variable"),
            )
            .scores["score"]
            .to_numpy()
        )
        size = round(n**0.7)
        draws = np.concatenate(
            list(
                subsample_scores(
                    given,
                    output=False,
                    size=size,
                    replications=replications,
                    rng=np.random.default_rng(sample),
                )
            )
        )
        gap = np.where(np.isfinite(draws), draws - score, np.nan)
        some = np.isfinite(gap).mean(axis=0) >= 0.5
        low, high = np.full((2, n), np.nan)
        low[some], high[some] = score[some] - (size / n) ** (2 / 3) * np.nanquantile(
            gap[:, some], [0.975, 0.025], axis=0
        )
        held = world["theta"].between(low, high)
        rows.append((some.mean(), held[some].mean(), (held & some).mean()))
    return pd.DataFrame(
        rows, columns=["available", "covered_if_available", "delivered"]
    )


def coverage(
    *,
    samples: int,
    n: int,
    replications: int,
    seed: int,
    level: float = 0.95,
    convention: str = "subsampling",
    world=frontier_world,
    **sides,
) -> dict[str, float]:
    """Share of units whose interval holds their true score, the same of those with both ends, and how far estimates are from the truth (as theta).

    `closed`: share of intervals with both ends. The errors are of the units that have a corrected score; `width` is the mean of the samples' median width of the closed ones.
    """
    sides = {"inputs": ["x"], "outputs": ["y"], "orientation": "input"} | sides
    rows = []
    for sample in range(samples):
        drawn = world(n=n, seed=1000 * seed + sample)
        found = dea_intervals(
            drawn,
            DeaModel(**sides),
            replications=replications,
            level=level,
            convention=convention,
            seed=sample,
        ).scores
        if sides["orientation"] == "output":
            found = found.assign(
                score=1 / found["score"],
                corrected=found["reciprocal"],
                ci_low=found["reciprocal_ci_low"],
                ci_high=found["reciprocal_ci_high"],
            )
        raw, corrected = (
            found["score"] - drawn["theta"],
            found["corrected"] - drawn["theta"],
        )
        has, closed, held = (
            corrected.notna(),
            found["ci_low"] > 0,
            drawn["theta"].between(found["ci_low"], found["ci_high"]),
        )
        rows.append(
            {
                "covered": held.mean(),
                "closed": closed.mean(),
                "covered_closed": held[closed].mean(),
                "width": (found["ci_high"] - found["ci_low"])[closed].median(),
                "bias": raw[has].mean(),
                "bias_corrected": corrected.mean(),
                "error": raw[has].abs().mean(),
                "error_corrected": corrected.abs().mean(),
            }
        )
    frame = pd.DataFrame(rows)
    return frame.mean().to_dict() | {
        "covered_se": float(frame["covered"].std() / np.sqrt(samples))
    }


def returns_study(*, samples: int, n: int, curve: float, seed: int) -> float:
    """Share of samples in which constant returns are rejected at 5 %; with `curve` 1 they are true."""
    rejected = []
    for sample in range(samples):
        world = frontier_world(n=n, seed=1000 * seed + sample, curve=curve)
        rejected.append(
            returns_to_scale_test(
                world,
                DeaModel(inputs=["x"], outputs=["y"]),
                replications=200,
                seed=sample,
            ).tests.loc["constant", "rejected"]
        )
    return float(np.mean(rejected))


def shift_world(seed: int, *, n: int = 78, shift: float = 0.0) -> pd.DataFrame:
    """Units in two periods: three inputs, one output, constant returns, inefficiency drawn anew; the frontier moves by `shift` (log)."""
    rng = np.random.default_rng([seed, n])
    size, parts = rng.normal(0, 0.5, n), []
    for period in (1, 2):
        X = np.exp(0.8 * size[:, None] + rng.normal(0, 0.35, (n, 3)))
        y = np.exp(
            np.log(X) @ [0.4, 0.3, 0.3]
            - np.abs(rng.normal(0, 0.35, n))
            + shift * (period == 2)
        )
        parts.append(
            pd.DataFrame(X, columns=list("abc")).assign(
                y=y, unit=np.arange(n), period=period
            )
        )
    return pd.concat(parts, ignore_index=True)


def shift_study(
    samples: int, *, n: int = 78, shift: float = 0.0, groups: int = 10
) -> dict[str, float]:
    """Share of samples in which the intervals of the mean changes hold the truth (efficiency does not change), and in which that of the spread of the units alone holds the shift."""
    from scipy.stats import t as student

    rows = []
    for seed in range(samples):
        found = malmquist(
            shift_world(seed, n=n, shift=shift),
            DeaModel(
                inputs=list("abc"),
                outputs=["y"],
                orientation="output",
                returns_to_scale="constant",
            ),
            unit="unit",
            period="period",
            groups=groups,
        )
        one, true = (
            found.means.iloc[0],
            {"technical": np.exp(shift), "efficiency": 1.0, "index": np.exp(shift)},
        )
        log = np.log(found.changes["technical"].dropna())
        rows.append(
            {
                part: float(one[f"{part}_ci_low"] <= value <= one[f"{part}_ci_high"])
                for part, value in true.items()
            }
            | {
                "spread alone": float(
                    abs(log.mean() - shift)
                    <= student.ppf(0.975, len(log) - 1) * log.std() / np.sqrt(len(log))
                )
            }
        )
    return pd.DataFrame(rows).mean().to_dict()


def regression_world(*, n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Units whose output distance follows a truncated regression on two circumstances, and that distance."""
    rng = np.random.default_rng(seed)
    z, w = rng.normal(size=n), rng.uniform(size=n)
    distance = truncated_draws(0.6 + 0.3 * z + 0.5 * w, 0.3, 1, rng)[0]
    x = rng.uniform(1, 10, n)
    return pd.DataFrame({"x": x, "y": x**0.7 / distance, "z": z, "w": w}), distance


SLOPES = np.array([0.6, 0.3, 0.5])
"""What `regression_world` generates with: constant, z, w."""


def second_stage_study(
    *, samples: int, n: int, seed: int, algorithm: int = 2
) -> pd.DataFrame:
    """By term: mean estimate, mean estimate on the true distances, and how often the 95 % interval holds the generating value."""
    rows = []
    for sample in range(samples):
        units, distance = regression_world(n=n, seed=1000 * seed + sample)
        found = second_stage(
            units,
            DeaModel(inputs=["x"], outputs=["y"], orientation="output"),
            covariates=["z", "w"],
            algorithm=algorithm,
            replications=300,
            seed=sample,
        ).coefficients.iloc[:3]
        known = truncated_regression(distance[None], _design(units))[0][0]
        rows.append(
            found.assign(
                known=known,
                covered=(found["ci_low"] <= SLOPES) & (SLOPES <= found["ci_high"]),
            )
        )
    return (
        pd.concat(rows)
        .groupby(level=0, sort=False)[["beta", "known", "covered"]]
        .mean()
    )


def interval_study(*, samples: int, n: int, seed: int) -> pd.DataFrame:
    """With the true distances, so that only the regression speaks: cover of two bootstrap intervals, by term."""
    rows = []
    for sample in range(samples):
        units, distance = regression_world(n=n, seed=1000 * seed + sample)
        Z = _design(units)
        beta, sigma, _, _ = truncated_regression(distance[None], Z)
        draws, _, _, good = truncated_regression(
            truncated_draws(Z @ beta[0], sigma[0], 300, np.random.default_rng(sample)),
            Z,
        )
        low, high = np.quantile(draws[good], [0.025, 0.975], axis=0)
        rows.append(
            pd.DataFrame(
                {
                    "percentile": (low <= SLOPES) & (SLOPES <= high),
                    "of beta* - beta": (2 * beta[0] - high <= SLOPES)
                    & (SLOPES <= 2 * beta[0] - low),
                },
                index=["constant", "z", "w"],
            )
        )
    return pd.concat(rows).groupby(level=0, sort=False).mean()


def _design(units: pd.DataFrame) -> np.ndarray:
    return np.column_stack([np.ones(len(units)), units[["z", "w"]]])
