"""Simulation studies that `make bench` runs in full and the tests in small."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jinzhou import measures, models


def village_incomes(seed: int, *, villages: int = 60, copied: float = 0.0) -> tuple[pd.DataFrame, set[str]]:
    """A small registry's incomes: honest, or with a share of villages that copy one household's sheet.

    Wages and businesses are lognormal with a third of the households without one of them; a fifth
    round an amount to 100 yuan; aid is statutory (multiples of 12); some exits.
    """
    rng = np.random.default_rng([seed, villages])
    size = rng.integers(12, 45, villages)
    village = np.repeat(np.arange(villages), size)
    n = len(village)
    wage = np.where(rng.random(n) < 0.35, 0, rng.lognormal(8.2, 0.6, n))
    business = np.where(rng.random(n) < 0.2, 0, rng.lognormal(7.9, 0.7, n))
    for amount in (wage, business):
        rounded = rng.random(n) < 0.2
        amount[rounded] = np.round(amount[rounded], -2)
    frame = pd.DataFrame({
        "county": np.where(village < villages // 2, "210726", "210727"), "area_code": [f"2107{v:08d}" for v in village],
        "wage_income": wage.round(2), "business_income": business.round(2), "property_income": np.where(rng.random(n) < 0.7, 0, rng.integers(1, 6, n) * 100.0),
        "transfer_income": rng.integers(0, 40, n) * 12.0})
    frame["net_income_pc"] = (frame[["wage_income", "business_income", "property_income", "transfer_income"]].sum(axis=1) / rng.integers(1, 5, n)).round(2)
    frame["net_before"] = (frame["net_income_pc"] / rng.lognormal(0.08, 0.2, n)).round(2)
    frame["aid"], frame["aid_before"], frame["aid_after"] = (rng.integers(0, 40, n) * 60.0 for _ in range(3))
    chosen = rng.permutation(villages)[: int(round(copied * villages))]
    parts = ["wage_income", "business_income", "property_income", "transfer_income", "net_income_pc"]
    for v in chosen:
        rows = np.flatnonzero(village == v)
        model = frame.iloc[rows].assign(both=lambda f: (f["wage_income"] > 0) & (f["business_income"] > 0)).sort_values("both").index[-1]
        share = rows[rng.random(len(rows)) < 0.8]                     # the rest have sheets of their own
        frame.loc[share, parts] = frame.loc[model, parts].to_numpy(float)
    return frame, {f"2107{v:08d}" for v in chosen}


def forensic_study(seeds: int, *, copied: float = 0.0) -> dict[str, float]:
    """Shares of villages with a doubt, over many small registries.

    Returns
    -------
    dict
        `copied`: share of the villages that copy which carry a doubt; `honest`: the same for the others.
    """
    caught = kept = copies = honest = 0
    for seed in range(seeds):
        incomes, true = village_incomes(seed, copied=copied)
        found = set(models.forensics(incomes, seed=seed).villages()["unit"])
        everyone = set(incomes["area_code"])
        caught, copies = caught + len(found & true), copies + len(true)
        kept, honest = kept + len(found - true), honest + len(everyone - true)
    return {"copied": caught / copies if copies else np.nan, "honest": kept / honest}


FRAMES = (345, 350, 1_150, 5_500, 6_950, 4_600, 4_100)
"""Exited households of the seven units."""


def spot_check_study(draws: int, *, seed: int = 1) -> dict[str, float]:
    """Share of intervals that cover the truth: of one unit (exact), and of the city (strata joined).

    Each draw has a registry of its own, with a rate of wrong exits between 0.5 and 4 %.
    """
    rng = np.random.default_rng(seed)
    covered = {"unit": 0, "city": 0}
    for _ in range(draws):
        rate = rng.uniform(0.005, 0.04)
        wrong = rng.binomial(FRAMES, rate)
        found = [rng.hypergeometric(bad, size - bad, 280) for bad, size in zip(wrong, FRAMES)]
        checks = pd.DataFrame({
            "county": np.repeat([f"{i}" for i in range(7)], 280), "sample_frame": "exited", "weight": np.repeat(np.array(FRAMES) / 280, 280),
            "found": [("wrongly_exited",) if i < k else ("consistent",) for k in found for i in range(280)]})
        rows = measures.spot_check_rates(checks, mark=0.02).rows
        rows = rows[rows["rate"] == "wrong_exit"].set_index("county")
        unit, city = rows.loc["4"], rows.loc["all"]
        covered["unit"] += unit["low"] <= wrong[4] / FRAMES[4] <= unit["high"]
        covered["city"] += city["low"] <= wrong.sum() / sum(FRAMES) <= city["high"]
    return {name: hits / draws for name, hits in covered.items()}
