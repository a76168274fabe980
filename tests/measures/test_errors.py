"""Standard errors of the measures: against the jackknife by whole clusters, and the linearisation written out."""

import numpy as np
import pandas as pd
import pytest

from jinzhou import measures
from jinzhou.measures.intervals import design_errors

DESIGN = {"weights": "persons", "strata": "county", "clusters": "village"}
LINE = 3_000.0


def survey(seed: int, *, counties: int = 4, villages: int = 50, size: int = 20, year: int = 0, heaped: int = 100) -> pd.DataFrame:
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
    return pd.DataFrame({
        "county": county.astype(str), "village": [f"v{k}" for k in village], "household_size": rng.integers(1, 7, n), "net_income_pc": income, "persons": rng.integers(1, 7, n) + 0.5,
        "oop_year": np.where(ill, np.exp(rng.normal(7.5, 0.6, n)), 0.0).round(2), "ill": ill.astype(float), "town": np.where(village % 2, "near", "far"),
        "income_ok": (income >= LINE).astype(float), "school_ok": (rng.random(n) < 0.9).astype(float), "medical_ok": (rng.random(n) < 0.8).astype(float),
        "dwelling_ok": (rng.random(n) < 0.85 - 0.2 * (place < 0)).astype(float), "water_ok": (rng.random(n) < 0.9).astype(float)})


def answers(rows: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """Every kind of estimate on one design, for the whole and for two subgroups: value and error by group and measure."""
    design = DESIGN | {"by": "town"}
    spent = measures.catastrophic(rows, line=LINE, **design).rates
    parts = [
        measures.poverty_indices(rows, line=LINE, **DESIGN).estimates,
        measures.poverty_indices(rows, line=LINE, **design).estimates,
        measures.inequality(rows, **design).estimates,
        measures.concentration(rows, value="oop_year", **design).estimates.assign(measure=lambda f: "payment " + f["measure"]),
        measures.concentration(rows, value="ill", bounds=(0, 1), **design).estimates.assign(measure=lambda f: "illness " + f["measure"]),
        measures.multidimensional(rows, k=0.4, **design).estimates.assign(measure=lambda f: "dimensions " + f["measure"]),
        measures.impoverishing(rows, line=LINE, **design).shares.assign(measure=lambda f: "payment " + f["measure"]),
        measures.poverty_change(rows, later, line_before=LINE, line_after=LINE * 1.1, alpha=1, **design).estimates.assign(measure=lambda f: "change " + f["measure"]),
        measures.poverty_contributions(rows, line=LINE, alpha=1, **design).estimates.assign(measure=lambda f: "part " + f["measure"]),
        *(spent[["group", "measure", name, se]].set_axis(["group", "measure", "value", "se"], axis=1).assign(measure=lambda f, name=name: f["measure"] + " " + name)
          for name, se in (("share", "se"), ("overshoot", "overshoot_se"), ("mean_positive_overshoot", "mean_positive_overshoot_se")))]
    return pd.concat(parts).set_index(["group", "measure"])[["value", "se"]]


def replicates(rows: pd.DataFrame, later: pd.DataFrame, estimate) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Estimates and errors of the whole design, and the jackknife's error: each village left out once, the others of its county weighted up."""
    found = estimate(rows, later)
    squares = pd.Series(0.0, index=found.index)
    for county, villages in rows.groupby("county")["village"].unique().items():
        n, changes = len(villages), []
        for village in villages:
            kept = [f[~((f["county"] == county) & (f["village"] == village))] for f in (rows, later)]
            kept = [f.assign(persons=f["persons"] * np.where(f["county"] == county, n / (n - 1), 1.0)) for f in kept]
            changes.append(estimate(*kept)["value"] - found["value"])
        squares += (n - 1) / n * sum((c - sum(changes) / n) ** 2 for c in changes)
    return found, np.sqrt(squares)


def test_errors_agree_with_the_jackknife_by_whole_clusters():
    """Within 2 %: the two differ by terms of the order of one over the villages of a county and group."""
    found, jackknife = replicates(survey(1), survey(2, year=1), answers)
    ratio = found["se"] / jackknife
    assert ratio.notna().all() and ratio.index.is_unique
    assert (ratio - 1).abs().max() < 0.02, ratio.sort_values()


def test_the_components_of_a_headcount_agree_with_the_bootstrap_by_whole_clusters():
    """Their error needs the density of incomes at the line, by a kernel; the jackknife fails here, a village moves too few across the line."""
    rows, later = survey(3, heaped=1e-6), survey(4, year=2, heaped=1e-6)
    found = measures.poverty_change(rows, later, line_before=LINE, line_after=LINE, **DESIGN).estimates.set_index("measure")["se"]
    rng, draws = np.random.default_rng(5), []
    for _ in range(250):
        # n - 1 of the n villages of a county, with replacement (Rao and Wu 1988)
        times = {c: np.bincount(rng.integers(0, 50, 49), minlength=50) * 50 / 49 for c in "0123"}
        drawn = [f.assign(persons=f["persons"] * [times[c][int(v[1:])] for c, v in zip(f["county"], f["village"])]) for f in (rows, later)]
        drawn = [f[f["persons"] > 0] for f in drawn]
        draws.append(measures.poverty_change(*drawn, line_before=LINE, line_after=LINE, **DESIGN).estimates.set_index("measure")["value"])
    ratio = found / pd.concat(draws, axis=1).std(axis=1)
    assert ((ratio - 1).abs() < 0.15).all(), ratio           # an error from 250 draws is itself known to 4 %
