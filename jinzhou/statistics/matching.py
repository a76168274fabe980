"""What money brought: a unit, or those with a kind of help, beside comparable others.

Differences between comparable households in what was recorded. What nobody recorded may
still differ; each comparison says how strong that would have to be to explain it away.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from jinzhou.statistics.comparison import (
    Cohort,
    OverlapComparison,
    balance_rows,
    common_columns,
    comparison,
    complete_rows,
    e_value,
    log_influence,
    means,
    over,
    standard_error,
)
from jinzhou.statistics.overlap import OverlapMeans, overlap_means

_COSTS = (
    "cost_ratio_raw",
    "cost_ratio",
    "cost_ci_low",
    "cost_ci_high",
    "cost_adjusted",
    "adjusted_ci_low",
    "adjusted_ci_high",
)
_EFFECTS = (
    "effect",
    "effect_ci_low",
    "effect_ci_high",
    "yuan",
    "cost_extra",
    "extra_ci_low",
    "extra_ci_high",
)
_GAINS = (*_EFFECTS, "raw_per_yuan", "per_yuan", "per_yuan_ci_low", "per_yuan_ci_high")
RISK_PER_SPREAD = 0.91
"""Log of the risk ratio that stands for a difference of one standard deviation, for
E-values of amounts (VanderWeele and Ding 2017)."""


def compare_units(
    cohort: pd.DataFrame,
    *,
    by: str,
    covariates: Sequence[str],
    money: str = "yuan",
    outcome: str = "lasting",
    cluster: str = "town",
    shared: bool = False,
    level: float = 0.95,
) -> OverlapComparison:
    """Cost per lasting exit of each unit beside comparable households elsewhere.

    Parameters
    ----------
    cohort : DataFrame
        One row per household that was poor when the period began: `persons`, the unit,
        the cluster, the covariates as known then, `outcome` (0-1: whether its exit
        lasts, or the chance of it) and `money` (yuan per person spent where it lives).
    cluster : str
        Places within which households resemble one another: townships when counties are
        compared, villages when townships are.
    shared : bool
        The money serves a whole unit and is taken as given (townships); else it varies
        between clusters (townships of a county).

    Raises
    ------
    ParameterError
        A column is missing.

    Notes
    -----
    Overlap weights: a household of the unit weighs its chance, given the covariates, of
    living elsewhere, and the reverse; with a logit the means of the covariates agree
    exactly on both sides (Li, Morgan and Zaslavsky 2018, JASA 113, 390-400). Errors by
    clusters, with those of the logit (Lunceford and Davidian 2004, Statistics in
    Medicine 23, 2937-2960) and Student's t. E-values: VanderWeele and Ding (2017),
    Annals of Internal Medicine 167, 268-274.
    """
    cohort_rows = complete_rows(
        cohort,
        columns=[by],
        more=[money],
        covariates=covariates,
        outcome=outcome,
        cluster=cluster,
    )
    rows = cohort_rows.rows
    spent = rows[money].to_numpy(float)
    found = {}
    for unit in sorted(rows[by].unique()):
        z = (rows[by] == unit).to_numpy()
        found[unit] = _unit(cohort_rows, unit, z, spent, shared=shared, level=level)
    return comparison(found, cohort_rows, more=_COSTS, level=level, name=by)


def _unit(
    cohort: Cohort,
    unit: str,
    z: np.ndarray,
    money: np.ndarray,
    *,
    shared: bool,
    level: float,
) -> tuple[dict[str, Any], pd.DataFrame]:
    """One unit beside the others: its row and its balance."""
    w, y = cohort.persons, cohort.outcome
    fit = overlap_means(
        z, cohort.design, w, np.column_stack([y, money]), cohort.clusters
    )
    raw, rest = (means(side, w, y, money) for side in (z, ~z))
    row = common_columns(fit, z, w, cohort.clusters, raw=(raw[0], rest[0]), level=level)
    row["cost_ratio_raw"] = np.nan
    if rest[0] > 0 and rest[1] > 0:
        row["cost_ratio_raw"] = over(raw[1], raw[0]) / over(rest[1], rest[0])
    row |= dict.fromkeys((*_COSTS[1:], "p"), np.nan)
    if row["status"] != "no overlap" and min(fit.mean[1], fit.mean_rest[1]) > 0:
        row |= _cost(fit, row, over(rest[1], rest[0]), shared=shared, level=level)
    return row, balance_rows(unit, cohort.covariates, fit)


def _cost(
    fit: OverlapMeans, row: dict[str, Any], cost: float, *, shared: bool, level: float
) -> dict[str, float]:
    """Cost per lasting exit over that of the rest, like with like."""
    from scipy.stats import t as student

    log = np.log(fit.mean[1] / fit.mean[0]) - np.log(
        fit.mean_rest[1] / fit.mean_rest[0]
    )
    found = {"cost_ratio": np.exp(log), "cost_adjusted": cost * np.exp(log)}
    if row["status"] == "no interval":
        return found
    influence = log_influence(fit, 0) - (0 if shared else log_influence(fit, 1))
    se, df = standard_error(influence, row["clusters"])
    half = student.ppf(0.5 + level / 2, df) * se
    low, high = np.exp(log - half), np.exp(log + half)
    return found | {
        "cost_ci_low": low,
        "cost_ci_high": high,
        "adjusted_ci_low": cost * low,
        "adjusted_ci_high": cost * high,
        "p": 2 * student.sf(abs(log) / se, df),
    }


def compare_kinds(
    rounds: pd.DataFrame,
    helped: pd.DataFrame,
    *,
    covariates: Sequence[str],
    outcome: str = "lasting",
    cluster: str = "area_code",
    level: float = 0.95,
) -> OverlapComparison:
    """Additional lasting exits with a kind of project, beside comparable households.

    Parameters
    ----------
    rounds : DataFrame
        One row per household and round of exits, for as long as it is still poor:
        `household_id`, `day` (the round begins), `persons`, the cluster, the covariates
        as known before any of the money, `outcome` (0-1: leaves in the round and the
        exit lasts, or the chance of it).
    helped : DataFrame
        `household_id`, `day`, `project_type`, `yuan` (spent on the household in the
        year before the day).

    Notes
    -----
    Help comes before the round that it is judged by. Kinds are compared one by one;
    having been helped by the others is a covariate. Weights and errors as in
    `compare_units`; the interval of the cost per additional exit is that of the effect
    turned over (money taken as given).
    """
    cohort = complete_rows(
        rounds,
        columns=["household_id", "day"],
        covariates=covariates,
        outcome=outcome,
        cluster=cluster,
    )
    found = _by_kind(cohort, helped, level=level, amounts=False)
    return comparison(found, cohort, more=_EFFECTS, level=level, name="project_type")


def income_per_yuan(
    gains: pd.DataFrame,
    helped: pd.DataFrame,
    *,
    covariates: Sequence[str],
    outcome: str = "gain",
    cluster: str = "town",
    level: float = 0.95,
) -> OverlapComparison:
    """Yuan of yearly income gained beyond comparable households, for each yuan of help.

    Parameters
    ----------
    gains : DataFrame
        One row per household poor at the start: `household_id`, `day`, `persons`, the
        cluster, the covariates as known then, `outcome` (yuan per head and year gained
        since; missing rows are left out and counted).
    helped : DataFrame
        `household_id`, `day`, `project_type`, `village_wide`, `yuan` (all that was paid
        for the household, up to the end of the year of the income, by projects that had
        taken it in by the day). Without any yuan it was not helped. Rows of a later day
        say who was helped afterwards: such households are neither helped nor alike.

    Returns
    -------
    OverlapComparison
        By kind, and last ``all``: any project for single households (what serves a
        village takes in everybody there, and nobody alike is left to compare).

    Notes
    -----
    Gained per yuan = (mean gain of the helped - mean gain of the alike who were never
    helped) / mean help per head. Whoever was helped after the day is left out on both
    sides: the never helped are the comparison (Callaway and Sant'Anna 2021, J. of
    Econometrics 225, 200-230); where later help went to those who had stayed poor, that
    understates what help brought. The interval is that of the gain, by townships, with
    the money taken as given. Weights, errors and correction for several kinds as in
    `compare_kinds`. The E-value of a difference of amounts is that of the risk ratio
    exp(0.91 d), d in standard deviations of the outcome (VanderWeele and Ding 2017,
    Annals of Internal Medicine 167, 268-274). One year's income: nothing is said of the
    years after, nor of exits, health or schooling that the same money brought. Prices
    are those of each year: both sides gain over the same years, so that prices part
    them only through unlike starting incomes, which the weights make alike.
    """
    paid = helped[helped["yuan"] > 0]
    single = (
        paid[~paid["village_wide"].astype(bool)]
        .groupby(["household_id", "day"], as_index=False)["yuan"]
        .sum()
        .assign(project_type="all")
    )
    cohort = complete_rows(
        gains,
        columns=["household_id", "day"],
        covariates=covariates,
        outcome=outcome,
        cluster=cluster,
    )
    parts = [
        comparison(
            _by_kind(cohort, one, level=level, amounts=True),
            cohort,
            more=_GAINS,
            level=level,
            name="project_type",
        )
        for one in (paid, single)
    ]
    rows = (
        pd.concat([p.rows for p in parts if len(p.rows)])
        if any(len(p.rows) for p in parts)
        else parts[0].rows
    )
    return replace(
        parts[1],
        rows=rows,
        balance=pd.concat([p.balance for p in parts], ignore_index=True),
        day=gains["day"].iloc[0] if len(gains) else None,
    )


def _by_kind(
    cohort: Cohort, helped: pd.DataFrame, *, level: float, amounts: bool
) -> dict[str, tuple[dict[str, Any], pd.DataFrame]]:
    """Each kind beside comparable households: its row and its balance."""
    rows, people, y = cohort.rows, cohort.persons, cohort.outcome
    taken = helped.pivot_table(
        index=["household_id", "day"],
        columns="project_type",
        values="yuan",
        aggfunc="sum",
    )
    taken = taken.reindex(pd.MultiIndex.from_frame(rows[["household_id", "day"]]))
    day = pd.get_dummies(rows["day"], drop_first=True).to_numpy(float)
    has = taken.notna().to_numpy()
    others, ever = has.astype(float), has.copy()
    kinds = sorted(helped["project_type"].unique())
    spread = np.nan
    if amounts:
        at = pd.Index(rows["household_id"]).get_indexer(helped["household_id"])
        ever[
            at[at >= 0], pd.Index(kinds).get_indexer(helped["project_type"])[at >= 0]
        ] = True
        if len(y):
            mean = people @ y / people.sum()
            spread = float(np.sqrt(people @ (y - mean) ** 2 / people.sum()))
    found = {}
    for i, kind in enumerate(kinds):
        used = np.ones(len(rows), bool)
        if amounts:
            used = has[:, i] | ~ever[:, i]
        one = _Kind(
            z=has[used, i],
            X=np.column_stack(
                [cohort.design[used], day[used], np.delete(others[used], i, axis=1)]
            ),
            people=people[used],
            y=y[used],
            money=np.nan_to_num(taken.iloc[:, i].to_numpy(float)[used]) / people[used],
            clusters=cohort.clusters[used],
        )
        row, fit = _kind_row(one, spread=spread, level=level, amounts=amounts)
        found[kind] = row, balance_rows(kind, cohort.covariates, fit)
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Kind:
    """Those helped (z) with a kind, and those beside whom they are set, each (n,)."""

    z: np.ndarray
    X: np.ndarray
    people: np.ndarray
    y: np.ndarray
    money: np.ndarray
    clusters: np.ndarray


def _kind_row(
    one: _Kind, *, spread: float, level: float, amounts: bool
) -> tuple[dict[str, Any], OverlapMeans]:
    from scipy.stats import t as student

    z, people = one.z, one.people
    fit = overlap_means(
        z, one.X, people, np.column_stack([one.y, one.money]), one.clusters
    )
    raw, raw_money = means(z, people, one.y, one.money)
    rest = means(~z, people, one.y)[0]
    row = common_columns(
        fit, z, people, one.clusters, raw=(raw, rest), level=level, amounts=amounts
    )
    row |= dict.fromkeys((*(_GAINS if amounts else _EFFECTS), "p"), np.nan)
    if row["status"] == "no overlap":
        return row, fit
    effect, yuan = fit.mean[0] - fit.mean_rest[0], fit.mean[1]
    row["effect"], row["yuan"], low, high = effect, yuan, np.nan, np.nan
    if row["status"] != "no interval":
        influence = fit.influence[:, 0] - fit.influence_rest[:, 0]
        se, df = standard_error(influence, row["clusters"])
        half = student.ppf(0.5 + level / 2, df) * se
        low, high = effect - half, effect + half
        row["effect_ci_low"], row["effect_ci_high"] = low, high
        row["p"] = 2 * student.sf(abs(effect) / se, df)
    if yuan > 0:
        row["cost_extra"], row["extra_ci_low"], row["extra_ci_high"] = (
            yuan / e if e > 0 else np.nan for e in (effect, high, low)
        )
    if amounts:
        row["raw_per_yuan"] = over(raw - rest, raw_money)
        row["per_yuan"], row["per_yuan_ci_low"], row["per_yuan_ci_high"] = (
            over(e, yuan) for e in (effect, low, high)
        )
        nearest = 0.0 if low <= 0 <= high else low if low > 0 else high
        row["e_value"], row["e_limit"] = (
            e_value(np.exp(RISK_PER_SPREAD * e / spread)) for e in (effect, nearest)
        )
    return row, fit
