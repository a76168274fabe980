"""CPU seconds of the measures on a million households, and their errors on many designs: part of ``make bench``."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from jinzhou import measures


def million(seed: int = 1, *, rows: int = 1_000_000, strata: int = 50, clusters: int = 200) -> pd.DataFrame:
    """Households of 50 strata with 200 clusters each, in no order."""
    rng = np.random.default_rng(seed)
    county, village = rng.integers(0, strata, rows), rng.integers(0, clusters, rows)
    return pd.DataFrame({"county": county, "village": village, "area_code": (county * 1_000 + village).astype(str), "household_size": rng.integers(1, 6, rows),
                         "net_income_pc": rng.lognormal(9.0, 0.7, rows), "oop_year": rng.lognormal(6.0, 1.0, rows) * (rng.random(rows) < 0.4)})


def cpu(work: Callable[[], object], times: int = 5) -> float:
    """Median CPU seconds of a call, after a first one."""
    work()
    taken = []
    for _ in range(times):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return float(np.median(taken))


def speed() -> dict[str, float]:
    """CPU seconds after loading, by measure; weights, strata and clusters throughout."""
    rows = million()
    design = {"weights": "household_size", "strata": "county", "clusters": "village"}
    named = design | {"clusters": "area_code"}
    parts = [part for _, part in rows.groupby("county")]
    return {
        "FGT 1, clusters as numbers (to reach: 0.1)": cpu(lambda: measures.poverty_rates(rows, line=5_000, alpha=1, **design)),
        "FGT 1, clusters as text": cpu(lambda: measures.poverty_rates(rows, line=5_000, alpha=1, **named)),
        "concentration index (to reach: 0.4)": cpu(lambda: measures.concentration(rows, value="oop_year", **design)),
        "concentration index, clusters as text": cpu(lambda: measures.concentration(rows, value="oop_year", **named)),
        "six indices of poverty": cpu(lambda: measures.poverty_indices(rows, line=5_000, **design), 3),
        "catastrophic": cpu(lambda: measures.catastrophic(rows, line=5_000, **design), 3),
        "impoverishing by 50 counties": cpu(lambda: measures.impoverishing(rows, line=5_000, by="county", **design), 3),
        "growth and redistribution": cpu(lambda: measures.poverty_change(rows, rows, line_before=5_000, line_after=5_200, alpha=1, **design), 3),
        "FGT 1 in 50 partitions": cpu(lambda: measures.poverty_rates(iter(parts), line=5_000, alpha=1, **design), 3)}


def jackknife_study(villages: int) -> pd.Series:
    """Linearised error over that of the delete-one-cluster jackknife, by group and measure, on a generated design of 4 counties.

    The two differ by terms of the order of one over the villages of a county and subgroup (half of
    them here), largest where ranks or a ratio of ratios enter.
    """
    from measures import test_errors as errors                            # the tests' own designs and replicates

    found, jackknife = errors.replicates(errors.survey(10, villages=villages), errors.survey(11, villages=villages, year=1), errors.answers)
    return found["se"] / jackknife


def coverage_study(draws: int) -> pd.Series:
    """Share of 95 % intervals that hold the value of a population of 20,000 villages, by measure, from designs of 100 villages."""
    from measures import test_errors as errors

    def estimate(rows: pd.DataFrame) -> pd.DataFrame:
        parts = [measures.poverty_indices(rows, line=errors.LINE, **errors.DESIGN), measures.inequality(rows, **errors.DESIGN),
                 measures.concentration(rows, value="oop_year", **errors.DESIGN), measures.multidimensional(rows, k=0.4, **errors.DESIGN)]
        return pd.concat([p.estimates.assign(measure=p.name + ": " + p.estimates["measure"]) for p in parts]).set_index("measure")

    truth = estimate(errors.survey(1, villages=5_000))["value"]
    held = sum(found["low"].le(truth) & found["high"].ge(truth) for found in (estimate(errors.survey(1_000 + k, villages=25)) for k in range(draws)))
    return held / draws


def main() -> None:
    """Print the figures."""
    print("\nMeasures on 1,000,000 households, CPU seconds after loading")
    for name, seconds in speed().items():
        print(f"  {name:<46}{seconds:7.3f}", flush=True)
    for villages in (25, 50, 120):
        ratio = jackknife_study(villages)
        worst = (ratio - 1).abs().idxmax()
        print(f"Linearised error over the jackknife's, {len(ratio)} estimates, {villages} villages a county: {ratio.min():.4f} to {ratio.max():.4f}, median {ratio.median():.4f}"
              f" (to reach: 0.98 to 1.02); farthest {worst}, beyond 2 %: {int(((ratio - 1).abs() > 0.02).sum())}", flush=True)
    covered = coverage_study(400)
    print(f"Intervals of {len(covered)} estimates cover in {covered.min():.3f} to {covered.max():.3f} of 400 designs of 100 villages, median {covered.median():.3f}"
          f" (they say 0.95; 400 designs know it to 0.011); least {covered.idxmin()}")


if __name__ == "__main__":
    main()
