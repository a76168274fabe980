"""What a plan of next year's money starts from: arms, past projects and limits of ledgers."""

import numpy as np
import pandas as pd

from jinzhou.chapters.funding.analysis.allocation import Limits
from jinzhou.chapters.funding.analysis.payments import Growth
from jinzhou.errors import ParameterError
from jinzhou.reference import areas

CONTROLS = ("need", "ill", "able", "remote")
"""What of a township is held equal when projects are compared: columns of `past_projects`."""


def money_arms(projects: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Arms of money (a county's projects of one category): this year's plan, next year's pool.

    Parameters
    ----------
    projects : DataFrame
        `county`, `project_type`, `plan_year`, `allocated`, `budget` (yuan), as
        `registry.projects` gives them.
    year : int
        The plan to be held against others; the pool is that of the year after.

    Returns
    -------
    DataFrame
        `county`, `category`, `today` (yuan allocated in `year`), `ready` (yuan of the
        pool of `year` + 1: with all of it approved in time, the most that can start).
    """
    known = projects[_has_county(projects)]
    keys = ["county", "project_type"]
    today = known[known["plan_year"] == year].groupby(keys)["allocated"].sum()
    ready = known[known["plan_year"] == year + 1].groupby(keys)["budget"].sum()
    arms = pd.concat([today.rename("today"), ready.rename("ready")], axis=1).fillna(0.0)
    return (
        arms.rename_axis(["county", "category"])
        .reset_index()
        .sort_values(["county", "category"], ignore_index=True)
    )


def past_projects(
    projects: pd.DataFrame, poor: pd.DataFrame, *, first_year: int, last_year: int
) -> pd.DataFrame:
    """Paid projects of some plan years as `money_response` asks for them.

    Parameters
    ----------
    projects : DataFrame
        As `registry.projects` gives them.
    poor : DataFrame
        Households poor at the start: `town`, `persons`, and the matching
        covariates.

    Returns
    -------
    DataFrame, indexed by project
        `county`, `category`, `town`, `yuan` (paid), `households` (linked), `persons`
        (those times the mean size of the township's poor households: the link names
        households), and of the township at the start `need` (log of persons poor),
        `ill`, `able`, `remote` (means).
    """
    rows = projects[
        projects["plan_year"].between(first_year, last_year)
        & (projects["paid"] > 0)
        & _has_county(projects)
    ]
    towns = poor.groupby("town").agg(
        people=("persons", "sum"),
        size=("persons", "mean"),
        ill=("ill", "mean"),
        able=("able", "mean"),
        remote=("remote", "mean"),
    )
    of = towns.reindex(rows["town"]).set_axis(rows.index)
    return pd.DataFrame(
        {
            "county": rows["county"],
            "category": rows["project_type"],
            "town": rows["town"],
            "yuan": rows["paid"],
            "households": rows["linked_households"],
            "persons": rows["linked_households"] * of["size"],
            "need": np.log(of["people"]),
            "ill": of["ill"],
            "able": of["able"],
            "remote": of["remote"],
        }
    ).set_axis(rows["project_id"])


def plan_limits(
    arms: pd.DataFrame, growth: Growth, *, at_least: float, at_most: float
) -> Limits:
    """Limits of a plan that gives the same money as today's.

    A share of today's for each county, own budgets that grow with the province's, and a
    multiple of today's for each category.

    Parameters
    ----------
    growth : Growth
        Own budgets of the counties (`now`) and the province's growth; a county whose
        budget is unknown, or an unknown growth, sets no such floor.
    at_least, at_most : float
        Of today's money: no county gets a smaller share, no category a larger multiple.

    Raises
    ------
    ParameterError
        `at_least` is not in [0, 1], or `at_most` below 1.
    """
    if not 0 <= at_least <= 1 or not at_most >= 1:
        raise ParameterError("chapters.plan.limits", at_least=at_least, at_most=at_most)
    counties, categories = (
        arms.groupby("county")["today"].sum(),
        arms.groupby("category")["today"].sum(),
    )
    before, rate = None, None
    if growth.province == growth.province:
        own = growth.rows[
            (growth.rows["level"] == "county") & growth.rows["now"].notna()
        ].assign(code=lambda f: f["area"].map(areas.county_code))
        own = own[own["code"].isin(counties.index)].set_index("code")["now"]
        before, rate = own.to_dict(), float(growth.province)
    return Limits(
        total=float(arms["today"].sum()),
        floors=(at_least * counties).to_dict(),
        before=before,
        growth=rate,
        ceilings=(at_most * categories).to_dict(),
    )


def _has_county(projects: pd.DataFrame) -> pd.Series:
    """Projects of a county; the others are the city's own, or nobody knows."""
    return projects["county"].notna() & (projects["county"] != areas.UNKNOWN)
