"""Income gained per yuan of help, against worlds whose truth is known: small in the tests, full in `make bench`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from jinzhou import registry
from jinzhou.reference.lines import poverty_line
from jinzhou.statistics.matching import income_per_yuan
from jinzhou.synthetic import Registry, build
from jinzhou.synthetic.exports import write_exports

AS_OF, SINCE = "2018-09-30", "2015-12-31"
DAY = pd.Timestamp("2017-09-30")


def world(
    seed: int, *, n: int = 1_500, per_yuan: float = 0.08, hidden: float = 0.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Gains of poor households in 60 townships and the help they had; the sick are helped more and gain less, each yuan of industry money brings `per_yuan` a year, roads bring nothing.

    `hidden` is a drive that nobody records: it brings help and income.
    """
    rng = np.random.default_rng([seed, n])
    town = rng.integers(0, 60, n)
    ill, margin, u = (
        rng.poisson(0.6, n).astype(float),
        rng.normal(0, 0.4, n),
        rng.normal(0, 1, n),
    )
    persons = rng.integers(1, 5, n).astype(float)
    helped = rng.random(n) < 1 / (
        1 + np.exp(0.8 - 0.8 * ill + 0.5 * margin - hidden * u)
    )
    later = ~helped & (rng.random(n) < 0.2)
    yuan = np.where(helped | later, rng.lognormal(8.3, 0.4, n), 0.0)  # per head
    gain = (
        1_200
        - 250 * ill
        - 400 * margin
        + 300 * hidden * u
        + 150 * rng.normal(0, 1, 60)[town]
        + rng.normal(0, 900, n)
        + per_yuan * yuan
    )
    gains = pd.DataFrame(
        {
            "household_id": np.arange(n).astype(str),
            "day": DAY,
            "persons": persons,
            "town": town,
            "ill": ill,
            "margin": margin,
            "gain": gain,
        }
    )
    money = gains[["household_id"]].assign(
        project_type="industry",
        village_wide=False,
        yuan=yuan * persons,
        day=np.where(later, DAY + pd.DateOffset(years=1), DAY),
    )[helped | later]
    roads = gains.loc[town < 30, ["household_id"]].assign(
        project_type="infrastructure", village_wide=True, yuan=500.0, day=DAY
    )
    return gains, pd.concat([money, roads], ignore_index=True)


def world_study(seeds: int, **options) -> dict[str, float]:
    """Over worlds: mean of the estimate, of the raw figure, share of the 95 % intervals that hold the truth, and share called real, of ``all``."""
    truth, rows = options.get("per_yuan", 0.08), []
    for seed in range(seeds):
        row = income_per_yuan(
            *world(seed, **options), covariates=["ill", "margin"]
        ).rows.loc["all"]
        rows.append(
            {
                "estimate": row["per_yuan"],
                "raw": row["raw_per_yuan"],
                "holds": float(
                    row["per_yuan_ci_low"] <= truth <= row["per_yuan_ci_high"]
                ),
                "separated": float(row["status"] == "separated"),
            }
        )
    return {
        "truth": truth,
        **{k: float(v) for k, v in pd.DataFrame(rows).mean().items()},
    }


def added_income(made: Registry) -> pd.Series:
    """Yuan a head that help truly added to the income of the last year of a synthetic registry, by household.

    The generator lets an industry project add `aid_margin` to the log of a household's income; nothing else that money buys moves an income.
    """
    year = int(AS_OF[:4])
    quarter = (year - 2015) * 4 + 2
    income = poverty_line(year, series="nbs").yuan * np.exp(
        made.history.margin[:, quarter]
    )
    return pd.Series(
        np.where(
            made.history.aid[:, quarter],
            income * (1 - np.exp(-made.world.aid_margin)),
            0.0,
        ),
        index=made.homes["household_id"].to_numpy(),
    )


def registry_truth(
    made: Registry, gains: pd.DataFrame, helped: pd.DataFrame
) -> dict[str, float]:
    """Yuan of yearly income that a yuan brought to those whom the books call helped by the day, of the kind ``industry`` and of ``all``."""
    added = added_income(made)
    rows = gains.dropna(subset=["gain", *registry.ALIKE])
    by_day = helped[(helped["day"] == gains["day"].iloc[0]) & (helped["yuan"] > 0)]
    found = {}
    for kind, money in (
        ("industry", by_day[by_day["project_type"] == "industry"]),
        ("all", by_day[~by_day["village_wide"]]),
    ):
        yuan = money.groupby("household_id")["yuan"].sum().reindex(rows["household_id"])
        mine = yuan.notna().to_numpy()
        found[kind] = float(
            (rows["persons"] * added.reindex(rows["household_id"]).to_numpy())[
                mine
            ].sum()
            / yuan[mine].sum()
        )
    return found


def registry_gains(store: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the notebook gives to the estimator."""
    now = registry.open_store(store).at(AS_OF)
    gains = registry.income_gains(now, registry.cohort(now, since=SINCE), since=SINCE)
    return gains, registry.helped(
        now,
        days=sorted({*gains["day"].astype(str), *gains["until"].astype(str)}),
        since=SINCE,
    )


def registry_study(seeds: int, *, households: int) -> pd.DataFrame:
    """Over synthetic registries, means by kind: truth, estimate, raw figure, whether the interval holds the truth, and how often a kind that moves no income is called real.

    `books allow` is the estimator's answer when each household's gain is exactly what help added: it differs from the truth by help that the books have lost (broken links, `lost`: the share of the
    alike who had it), and the rest of the error is noise and unlike households. Small registries have as many projects as the city, so that nearly everyone able to work who
    is not on the books as helped was helped too, and the comparison is of little use there.
    """
    rows = []
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            made = build(households_count=households, seed=seed)
            write_exports(Path(folder) / "exports", made.tables)
            registry.load(Path(folder) / "exports", Path(folder) / "data" / "store")
            gains, helped = registry_gains(Path(folder) / "data" / "store")
        truth, added = (
            registry_truth(made, gains, helped),
            added_income(made).reindex(gains["household_id"]).to_numpy(),
        )
        gains = gains.assign(
            added=np.where(gains["gain"].notna(), added, np.nan),
            had=np.where(gains["gain"].notna(), added > 0, np.nan),
        )
        found, books, had = (
            income_per_yuan(gains, helped, covariates=registry.ALIKE, outcome=name).rows
            for name in ("gain", "added", "had")
        )
        idle = found.drop(index=["industry", "all", "housing"], errors="ignore")
        rows += [
            {
                "kind": kind,
                "truth": truth[kind],
                "books allow": books.at[kind, "per_yuan"],
                "lost": had.at[kind, "adjusted_rest"],
                "estimate": found.at[kind, "per_yuan"],
                "raw": found.at[kind, "raw_per_yuan"],
                "holds": float(
                    found.at[kind, "per_yuan_ci_low"]
                    <= truth[kind]
                    <= found.at[kind, "per_yuan_ci_high"]
                ),
                "separated": float(found.at[kind, "status"] == "separated"),
                "idle kinds called real": float((idle["status"] == "separated").any()),
            }
            for kind in truth
        ]
    return pd.DataFrame(rows).groupby("kind").mean()


def main() -> None:
    """Printed by `make bench`."""
    print(f"income per yuan, 500 worlds: {world_study(500)} (to hold: 0.95)")
    print(
        f"without any effect: {world_study(500, per_yuan=0.0)} (to hold: 0.95, real: at most 0.05)"
    )
    print(
        f"with an unrecorded drive: {world_study(200, hidden=0.8)} (biased, as it says)",
        flush=True,
    )
    for households, seeds in ((3_000, 24), (15_000, 8)):
        print(
            f"{seeds} synthetic registries of {households:,} households (to hold: 0.95):\n{registry_study(seeds, households=households).round(4).to_string()}",
            flush=True,
        )


if __name__ == "__main__":
    main()
