"""A synthetic registry of Jinzhou's four counties and three districts, with its known truth.

The exports look as a county office's do; the truth is written beside them into ``truth/``, which
tests and benchmarks alone read. No person, household or village in it is real.
"""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.synthetic import (
    after2020,
    chains,
    faults,
    ledgers,
    money,
    planted,
    roster,
)
from jinzhou.synthetic.exports import write_exports
from jinzhou.synthetic.history import History
from jinzhou.synthetic.housing import dwellings
from jinzhou.synthetic.parameters import (
    DEFAULT_HOUSEHOLDS,
    POLICY_START,
    SNAPSHOTS,
    SUPPLEMENT_START,
    Targets,
    World,
)
from jinzhou.synthetic.people import (
    Places,
    fitting_causes,
    households,
    members,
    places,
)
from jinzhou.synthetic.process import simulate
from jinzhou.synthetic.sources import Sources, persons_at, registry_day, status_at

SMALLEST = 1_500
YEARS = (2018, after2020.LAST_YEAR)
"""Years of export: of the fight against poverty, of the monitoring period."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Registry:
    """A registry in memory.

    Attributes
    ----------
    tables : dict of DataFrame
        Tables of the vocabulary as exported (codes), with the planted errors.
    true_tables : dict of DataFrame
        The same before errors were planted.
    homes, villages : DataFrame
        Households and villages with what no registry records (`u`, `village_effect`).
    townships : DataFrame
        True efficiency of each township's industry money.
    history : History
    planted : DataFrame
        Errors by rule.
    omitted, split : DataFrame
        Members that the registry leaves out until the look-back, and grown children counted in a
        household that they have left: `person_id`, `household_id`.
    links : DataFrame
        Links of the money that the books have lost, and the ready projects of next year's pool
        (`chains`).
    world, targets : World, Targets
    """

    tables: dict[str, pd.DataFrame]
    true_tables: dict[str, pd.DataFrame]
    homes: pd.DataFrame
    villages: pd.DataFrame
    townships: pd.DataFrame
    history: History
    planted: pd.DataFrame
    omitted: pd.DataFrame
    split: pd.DataFrame
    links: pd.DataFrame
    world: World
    targets: Targets


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthesis:
    """What was written: files, rows by table, seconds."""

    folder: Path
    files: tuple[str, ...]
    rows: dict[str, int]
    seconds: float

    def summary(self) -> str:
        """One line for a log."""
        return f"{len(self.files)} files, {sum(self.rows.values()):,} rows, {self.seconds:.0f} s"


def build(
    *,
    households_count: int = DEFAULT_HOUSEHOLDS,
    seed: int = 2018,
    world: World | None = None,
) -> Registry:
    """The registry in memory; the same size, seed and world give the same registry.

    Raises
    ------
    ParameterError
        Fewer than 1,500 households: the counts of the speech cannot be scaled down further.
    """
    if households_count < SMALLEST:
        raise ParameterError(
            "synthetic.households.too_few", found=households_count, least=SMALLEST
        )
    rng = np.random.default_rng(seed)
    world = world or World()
    targets = Targets().scaled(households_count / DEFAULT_HOUSEHOLDS)
    where = places(rng, targets, world.hazard.village_sd)
    homes = households(rng, households_count, where, new_share=0.042)
    _choose_copied(where, homes, world)
    people = members(rng, homes)
    homes["cause"] = fitting_causes(homes, people)
    built = dwellings(rng, homes, targets)
    able = np.bincount(people["home"], people["able"], len(homes)) > 0
    plan = money.programme(rng, homes, able, where, world)
    past = simulate(rng, homes, people, built, plan.aid_from, world, targets)
    every = homes.index.to_numpy()
    days = {year: np.full(len(homes), registry_day(year)) for year in SNAPSHOTS}
    sources = Sources(
        rng=rng,
        homes=homes,
        places=where,
        dwellings=built,
        past=past,
        world=world,
        targets=targets,
        status={year: status_at(homes, past, year) for year in SNAPSHOTS},
        size={year: persons_at(past, every, day) for year, day in days.items()},
    )
    true_tables = ledgers.tables(sources, plan)
    true_tables, known = _added_later(sources, true_tables, seed)
    tables, errors = faults.plant(rng, true_tables, world.duplicate_share)
    return Registry(
        tables=tables,
        true_tables=true_tables,
        homes=homes,
        villages=where.villages,
        townships=plan.townships,
        history=past,
        planted=errors,
        world=world,
        targets=targets,
        **known,
    )


def _choose_copied(where: Places, homes: pd.DataFrame, world: World) -> None:
    """Mark the villages with most households as those that copy their sheets."""
    full = homes["village_index"].value_counts()
    where.villages["copied"] = False
    where.villages.loc[full.index[: world.copied_villages], "copied"] = True


def _added_later(
    src: Sources, tables: dict[str, pd.DataFrame], seed: int
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Tables drawn from streams of their own, on which the rest does not depend; their truth."""
    of_roster, of_builders, of_links = (
        np.random.default_rng([seed, number]) for number in (29, 31, 37)
    )
    listed, omitted, split = roster.roster(of_roster, src.homes, src.places, src.past)
    housing = planted.with_builders(tables["housing"], of_builders)
    tables, links = chains.chains(
        of_links, tables | {"roster": listed, "housing": housing}
    )
    return tables, {"omitted": omitted, "split": split, "links": links}


def synthesize(
    folder: str | Path,
    *,
    households: int = DEFAULT_HOUSEHOLDS,
    seed: int = 2018,
    year: int = 2018,
) -> Synthesis:
    """Write a synthetic registry into `folder` and its truth into ``folder/truth``.

    Parameters
    ----------
    folder : path
        Made if missing; earlier demonstration files of the same names are replaced.
    households : int
        Households ever registered; the counts of the speech are exact at 31,000 and scale with it.
    seed : int
        The same seed and size write the same bytes.
    year : {2018, 2023}
        Of the export: the fight against poverty, or the monitoring period (`after2020`), whose
        truth is ``truth/monitoring.csv``.

    Raises
    ------
    ParameterError
        `households` is below 1,500, or the year is another.
    OSError
        The folder cannot be written.
    """
    start = time.perf_counter()
    if year not in YEARS:
        raise ParameterError("synthetic.year.unknown", found=str(year), known=YEARS)
    folder = Path(folder)
    made = build(households_count=households, seed=seed)
    if year == 2018:
        tables = made.tables
        files = write_exports(folder, tables)
        _write_truth(folder / "truth", made)
    else:
        risk = made.history.hazards.groupby("home")["h0"].max()
        tables, truth = after2020.after_2020(
            np.random.default_rng([seed, year]),
            made.true_tables,
            risk.set_axis(made.homes["household_id"].to_numpy()[risk.index]),
        )
        files = write_exports(folder, tables, exported=after2020.DATA_END)
        (folder / "truth").mkdir(exist_ok=True)
        truth.to_csv(
            folder / "truth" / "monitoring.csv", index=False, lineterminator="\n"
        )
    return Synthesis(
        folder=folder,
        files=tuple(p.name for p in files),
        rows={name: len(frame) for name, frame in tables.items()},
        seconds=time.perf_counter() - start,
    )


def _write_truth(folder: Path, made: Registry) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    numbers = made.homes["household_id"].to_numpy()
    hazards = made.history.hazards.copy()
    hazards.insert(0, "household_id", numbers[hazards.pop("home")])
    hazards.to_parquet(folder / "hazards.parquet", index=False)
    pd.DataFrame(
        {
            "household_id": numbers,
            "u": made.homes["u"],
            "village_effect": made.homes["village_effect"],
        }
    ).to_parquet(folder / "households.parquet", index=False)
    made.planted.to_csv(folder / "planted_errors.csv", index=False, lineterminator="\n")
    made.villages.loc[made.villages["copied"], ["area_code"]].to_csv(
        folder / "copied_villages.csv", index=False, lineterminator="\n"
    )
    made.townships.to_csv(folder / "townships.csv", index=False, lineterminator="\n")
    for name, rows in (
        ("omitted_members", made.omitted),
        ("split_members", made.split),
        ("money_links", made.links),
    ):
        rows.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    planted.indicator_truth(
        made.tables, made.homes.set_index("household_id")["county"]
    ).to_csv(folder / "indicators.csv", index=False, lineterminator="\n")
    pd.DataFrame({"builder": [planted.CARELESS]}).to_csv(
        folder / "careless_builders.csv", index=False, lineterminator="\n"
    )
    hidden = made.history.hidden.copy()
    hidden.insert(0, "household_id", numbers[hidden.pop("home")])
    hidden.to_csv(folder / "unrecorded_returns.csv", index=False, lineterminator="\n")
    effects = {
        "world": asdict(made.world),
        "targets": asdict(made.targets),
        "policy_start": POLICY_START,
        "supplement_start": SUPPLEMENT_START,
    }
    (folder / "effects.json").write_text(
        json.dumps(effects, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
