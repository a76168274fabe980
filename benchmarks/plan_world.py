"""Arms of money with a known response, and the plans made from what their past projects show: small in the tests, full in `make bench`."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jinzhou.chapters.funding.analysis.allocation import Limits, allocation
from jinzhou.chapters.funding.analysis.money_response import money_response
from jinzhou.chapters.funding.analysis.response import known_response

COUNTIES, CATEGORIES = (
    [f"21070{i}" for i in range(1, 6)],
    ["industry", "infrastructure", "education", "health"],
)


def money_world(
    seed: int = 0, *, projects: int = 400
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Arms with today's and ready yuan and their true response, and past projects made by it.

    Exits of a project are negative binomial around category x county x arm x township effects x yuan^elasticity x starting poverty; poorer
    places get more money, so that the raw comparison of much with little money is confounded by what is recorded.
    """
    rng = np.random.default_rng([seed, projects])
    arms = pd.DataFrame(
        [(c, k) for c in COUNTIES for k in CATEGORIES], columns=["county", "category"]
    )
    elasticity = dict(zip(CATEGORIES, rng.uniform(0.45, 0.85, len(CATEGORIES))))
    of_category, of_county = (
        dict(zip(names, rng.normal(mean, 0.35, len(names))))
        for names, mean in ((CATEGORIES, 1.8), (COUNTIES, 0.0))
    )
    frame = arms.iloc[
        np.append(
            np.arange(len(arms)), rng.integers(0, len(arms), projects - len(arms))
        )
    ].reset_index(drop=True)
    frame["town"] = (
        frame["county"] + "-" + pd.Series(rng.integers(0, 8, projects)).astype(str)
    )
    of_arm = dict(
        zip(arms.itertuples(index=False, name=None), rng.normal(0, 0.2, len(arms)))
    )
    of_town = {town: rng.normal(0, 0.25) for town in sorted(frame["town"].unique())}
    frame["poverty"] = rng.beta(2, 8, projects)
    frame["yuan"] = np.exp(
        12.7 + 1.5 * (frame["poverty"] - 0.2) + rng.normal(0, 0.6, projects)
    )
    frame["households"] = rng.integers(5, 120, projects)
    own = np.array([of_arm[key] for key in zip(frame["county"], frame["category"])])
    mean = np.exp(
        own
        + frame["category"].map(of_category)
        + frame["county"].map(of_county)
        + frame["town"].map(of_town)
        + frame["category"].map(elasticity) * (np.log(frame["yuan"]) - 12.7)
        - 1.5 * (frame["poverty"] - 0.2)
    )
    frame["lasting"] = rng.poisson(mean * rng.gamma(4, 1 / 4, projects))
    sums = (
        frame.assign(mean=mean)
        .groupby(["county", "category"])
        .agg(reference=("yuan", "sum"), exits=("mean", "sum"))
        .reset_index()
    )
    arms = arms.merge(sums, how="left")
    arms["elasticity"] = arms["category"].map(elasticity)
    arms["today"] = (arms["reference"] * np.exp(rng.normal(0, 0.4, len(arms)))).round(
        -2
    )
    arms["ready"] = (arms["today"] * rng.uniform(1.1, 2.5, len(arms))).round(-2)
    return arms, frame


def true_exits(arms: pd.DataFrame, yuan: np.ndarray) -> float:
    """Lasting exits that the true response gives to a plan."""
    return float(
        (
            arms["exits"] * (np.asarray(yuan) / arms["reference"]) ** arms["elasticity"]
        ).sum()
    )


def plan_study(worlds: int, *, projects: int = 400) -> dict[str, float]:
    """Over worlds: how near the estimated plans come to the best one, and how often the stated gain holds the true one."""
    rows = []
    for seed in range(worlds):
        arms, past = money_world(seed, projects=projects)
        limits = Limits(total=arms["today"].sum())
        response = money_response(past, seed=seed)
        found = allocation(arms, response=response, limits=limits)
        if found.status != "planned":
            rows.append({"planned": 0.0})
            continue
        keys = pd.MultiIndex.from_frame(arms[["county", "category"]])
        amounts, seen = (
            found.arms.loc[keys],
            response.arms["upper"].loc[keys].to_numpy(),
        )
        today, plan = (
            true_exits(arms, arms["today"]),
            true_exits(arms, amounts["expected"]),
        )
        best = allocation(
            arms.assign(ready=np.fmin(arms["ready"], seen)),
            response=known_response(arms),
            limits=limits,
        )
        gain = found.plans.loc["expected"]
        rows.append(
            {
                "planned": 1.0,
                "true gain": plan - today,
                "stated gain": gain["gain"],
                "gain holds": float(
                    gain["gain_ci_low"] <= plan - today <= gain["gain_ci_high"]
                ),
                "better than today": float(plan > today),
                "share of the possible gain": (plan - today)
                / (best.plans.loc["expected", "exits"] - today),
            }
        )
    return {k: float(v) for k, v in pd.DataFrame(rows).mean().items()}


def main() -> None:
    """Printed by `make bench`."""
    for projects in (120, 400):
        print(
            f"plans from {projects} projects, 100 worlds: { {k: round(v, 3) for k, v in plan_study(100, projects=projects).items()} } (gain to hold: 0.9)",
            flush=True,
        )


if __name__ == "__main__":
    main()
