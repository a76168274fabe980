"""Links of the money: households named by projects, next year's pool, links that books lost."""

import numpy as np
import pandas as pd

from jinzhou.synthetic.money import PLAN_YEARS

POSTED, NAMED, NO_SITE = 0.70, 0.65, 0.04
"""Shares of next year's pool whose plan is posted, of posted household projects that name
households, and without a place (chosen)."""
REBUILT_LINKED = 0.96
"""Share of the dwellings begun that a housing project of the township names (chosen)."""
NO_HOUSEHOLDS, NO_MEASURE = 0.03, 0.02
"""Shares of projects that lose all their households, and of measures that lose their project, in
the books (chosen)."""
LINK = ["project_id", "household_id"]


def chains(
    rng: np.random.Generator, tables: dict[str, pd.DataFrame]
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Name households in housing projects, make part of the pool ready, and break some links.

    Parameters
    ----------
    rng : Generator
    tables : dict of DataFrame
        True tables; a changed copy is returned.

    Returns
    -------
    tables : dict of DataFrame
    truth : DataFrame
        `link` (``household``: the project lost its households, ``measure``: the measure lost its
        project), `project_id`, `household_id`, and the projects of the pool by `link` = ``ready``.
    """
    project, links, measure = (
        tables[name].copy() for name in ("project", "project_household", "measure")
    )
    named = _rebuilt(rng, tables, project)
    pool, posted = _post_plans(rng, project)
    waiting = _name_households(rng, tables["household"], project.loc[pool[posted]])
    lost, kept = _lose_households(rng, links)
    broken = _lose_measures(rng, measure, lost)
    links = pd.concat([kept, named, *waiting], ignore_index=True).drop_duplicates(
        LINK, ignore_index=True
    )
    ready = _ready(project.loc[pool], posted, links)
    truth = pd.concat(
        [
            pd.DataFrame({"link": "household", "project_id": lost}),
            broken.assign(link="measure"),
            pd.DataFrame({"link": "ready", "project_id": ready}),
        ],
        ignore_index=True,
    )
    changed = {"project": project, "project_household": links, "measure": measure}
    return tables | changed, truth[["link", *LINK]]


def _rebuilt(
    rng: np.random.Generator, tables: dict[str, pd.DataFrame], project: pd.DataFrame
) -> pd.DataFrame:
    """Links of dwellings to the township's latest housing project begun before them."""
    town = (
        tables["household"]
        .sort_values("snapshot")
        .drop_duplicates("household_id", keep="last")
        .set_index("household_id")["town"]
    )
    homes = tables["housing"].dropna(subset=["started_on"])
    homes = homes.drop_duplicates("household_id")[["household_id", "started_on"]]
    homes = homes[rng.random(len(homes)) < REBUILT_LINKED]
    homes = homes.assign(town=homes["household_id"].map(town).astype(object))
    homes = homes.dropna(subset=["town"]).sort_values("started_on", kind="stable")
    housing = (project["project_type"] == "housing") & project["started_on"].notna()
    begun = project.loc[housing, ["project_id", "town", "started_on"]]
    begun = begun.sort_values(["started_on", "project_id"])
    begun = begun.assign(
        town=begun["town"].astype(object),
        started_on=begun["started_on"].astype(homes["started_on"].dtype),
    )
    found = pd.merge_asof(homes, begun, on="started_on", by="town").dropna(
        subset=["project_id"]
    )
    return found[LINK].assign(link_mechanism="直接受益")


def _post_plans(
    rng: np.random.Generator, project: pd.DataFrame
) -> tuple[pd.Index, np.ndarray]:
    """Post plans of next year's pool, and take the place from a few; the pool, which are posted."""
    pool = project.index[project["plan_year"] == PLAN_YEARS[-1]]
    posted = rng.random(len(pool)) < POSTED
    lead = pd.to_timedelta(rng.integers(170, 260, int(posted.sum())), unit="D")
    planned = project.loc[pool[posted], "planned_start"]
    project.loc[pool[posted], "disclosed_plan_on"] = (planned - lead).to_numpy()
    nowhere = pool[rng.random(len(pool)) < NO_SITE]
    project.loc[nowhere, ["village", "area_code"]] = None
    return pool, posted


def _name_households(
    rng: np.random.Generator, household: pd.DataFrame, posted: pd.DataFrame
) -> list[pd.DataFrame]:
    """Poor households that posted projects other than roads name."""
    poor = household["registration_status"].isin(["poor", "planned_exit", "returned"])
    now = household[poor & (household["snapshot"] == 2018)]
    in_town = now.groupby("town")["household_id"].apply(list)
    parts = []
    for row in posted.itertuples():
        waiting = in_town.get(row.town, [])
        if row.project_type != "infrastructure" and waiting and rng.random() < NAMED:
            count = min(len(waiting), int(rng.integers(5, 40)))
            chosen = rng.choice(waiting, count, replace=False)
            named = {"project_id": row.project_id, "household_id": chosen}
            parts.append(pd.DataFrame(named | {"link_mechanism": "直接受益"}))
    return parts


def _lose_households(
    rng: np.random.Generator, links: pd.DataFrame
) -> tuple[np.ndarray, pd.DataFrame]:
    """Projects that lose all their households, and the links that stay."""
    known = links["project_id"].drop_duplicates().sort_values().to_numpy()
    lost = known[rng.random(len(known)) < NO_HOUSEHOLDS]
    return lost, links[~links["project_id"].isin(lost)]


def _lose_measures(
    rng: np.random.Generator, measure: pd.DataFrame, lost: np.ndarray
) -> pd.DataFrame:
    """Take the project from some measures; the links broken so."""
    project = measure["project_id"]
    carried = measure.index[project.notna() & ~project.isin(lost)]
    cut = carried[rng.random(len(carried)) < NO_MEASURE]
    broken = measure.loc[cut, LINK].drop_duplicates()
    of_measure = pd.MultiIndex.from_frame(measure[LINK])
    at = of_measure.isin(pd.MultiIndex.from_frame(broken))
    measure.loc[at, "project_id"] = None
    return broken


def _ready(pool: pd.DataFrame, posted: np.ndarray, links: pd.DataFrame) -> pd.Series:
    """Projects of the pool with a posted plan, a place, a content, and their households if any."""
    named = pool["project_id"].isin(links["project_id"])
    complete = pool["area_code"].notna() & pool["content"].notna()
    enough = pool["project_type"].eq("infrastructure") | named
    return pool.loc[posted & complete & enough, "project_id"]
