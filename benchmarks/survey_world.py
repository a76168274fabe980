"""Designs of villages and households with known dependence, and their replicates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jinzhou.statistics.health_spending import catastrophic, impoverishing
from jinzhou.statistics.inequality import concentration, inequality
from jinzhou.statistics.multidimensional import multidimensional
from jinzhou.statistics.poverty import poverty_contributions, poverty_indices
from jinzhou.statistics.poverty_change import poverty_change
from jinzhou.statistics.survey import SurveyDesign

GUARANTEES = dict.fromkeys(
    ("income_ok", "school_ok", "medical_ok", "dwelling_ok", "water_ok"), 1
)


DESIGN = SurveyDesign(weights="persons", strata="county", clusters="village")
LINE = 3_000.0


def survey(
    seed: int,
    *,
    counties: int = 4,
    villages: int = 50,
    size: int = 20,
    year: int = 0,
    heaped: int = 100,
) -> pd.DataFrame:
    """Households in villages that differ, villages named anew in each county, incomes with ties at whole hundreds (or `heaped`)."""
    rng = np.random.default_rng(seed)
    homes = rng.poisson(size, (counties, villages)) + 5
    county = np.repeat(np.arange(counties), homes.sum(axis=1))
    village = np.concatenate([np.repeat(np.arange(villages), row) for row in homes])
    place = rng.normal(0, 0.35, (counties, villages))[county, village] + 0.1 * county
    n = len(county)
    income = np.exp(8.25 + 0.05 * year + place + rng.normal(0, 0.55, n))
    income = np.round(income / heaped) * heaped + heaped / 2
    ill = rng.random(n) < 0.3 + 0.1 * (place < 0)
    return pd.DataFrame(
        {
            "county": county.astype(str),
            "village": [f"v{k}" for k in village],
            "household_size": rng.integers(1, 7, n),
            "net_income_pc": income,
            "persons": rng.integers(1, 7, n) + 0.5,
            "oop_year": np.where(ill, np.exp(rng.normal(7.5, 0.6, n)), 0.0).round(2),
            "ill": ill.astype(float),
            "town": np.where(village % 2, "near", "far"),
            "income_ok": (income >= LINE).astype(float),
            "school_ok": (rng.random(n) < 0.9).astype(float),
            "medical_ok": (rng.random(n) < 0.8).astype(float),
            "dwelling_ok": (rng.random(n) < 0.85 - 0.2 * (place < 0)).astype(float),
            "water_ok": (rng.random(n) < 0.9).astype(float),
        }
    )


def answers(
    rows: pd.DataFrame, later: pd.DataFrame, by: str | None = "town"
) -> pd.DataFrame:
    """Every kind of estimate on one design, by subgroup or for the whole: value and error by group and measure."""
    spent = catastrophic(rows, line=LINE, by=by, design=DESIGN).rates
    parts = [
        poverty_indices(rows, line=LINE, by=by, design=DESIGN).estimates,
        inequality(rows, by=by, design=DESIGN).estimates,
        concentration(rows, value="oop_year", by=by, design=DESIGN).estimates.assign(
            measure=lambda f: "payment " + f["measure"]
        ),
        concentration(
            rows, value="ill", bounds=(0, 1), by=by, design=DESIGN
        ).estimates.assign(measure=lambda f: "illness " + f["measure"]),
        multidimensional(
            rows, cutoffs=GUARANTEES, k=0.4, by=by, design=DESIGN
        ).estimates.assign(measure=lambda f: "dimensions " + f["measure"]),
        impoverishing(rows, line=LINE, by=by, design=DESIGN).shares.assign(
            measure=lambda f: "payment " + f["measure"]
        ),
        poverty_change(
            rows, later, lines=(LINE, LINE * 1.1), alpha=1, by=by, design=DESIGN
        ).estimates.assign(measure=lambda f: "change " + f["measure"]),
        poverty_contributions(
            rows, line=LINE, alpha=1, by="town", design=DESIGN
        ).estimates.assign(measure=lambda f: "part " + f["measure"]),
        *(
            spent[["group", "measure", name, se]]
            .set_axis(["group", "measure", "value", "se"], axis=1)
            .assign(measure=lambda f, name=name: f["measure"] + " " + name)
            for name, se in (
                ("share", "se"),
                ("overshoot", "overshoot_se"),
                ("mean_positive_overshoot", "mean_positive_overshoot_se"),
            )
        ),
    ]
    return pd.concat(parts).set_index(["group", "measure"])[["value", "se"]]


def replicates(
    rows: pd.DataFrame, later: pd.DataFrame, estimate
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Estimates and errors of the whole design, and the jackknife's error: each village left out once, the others of its county weighted up."""
    found = estimate(rows, later)
    squares = pd.Series(0.0, index=found.index)
    for county, villages in rows.groupby("county")["village"].unique().items():
        n, changes = len(villages), []
        for village in villages:
            kept = [
                f[~((f["county"] == county) & (f["village"] == village))]
                for f in (rows, later)
            ]
            kept = [
                f.assign(
                    persons=f["persons"]
                    * np.where(f["county"] == county, n / (n - 1), 1.0)
                )
                for f in kept
            ]
            changes.append(estimate(*kept)["value"] - found["value"])
        squares += (n - 1) / n * sum((c - sum(changes) / n) ** 2 for c in changes)
    return found, np.sqrt(squares)


def large_county(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The design of a seed: one county in two years, its villages drawn from 100 to 250, as many as the counties of Jinzhou have."""
    villages = int(np.random.default_rng(seed).integers(100, 251))
    return survey(2 * seed, counties=1, villages=villages), survey(
        2 * seed + 1, counties=1, villages=villages, year=1
    )
