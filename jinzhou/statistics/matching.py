"""What money brought: a unit, or those with a kind of help, beside comparable others.

Differences between comparable households in what was recorded. What nobody recorded may
still differ; each comparison says how strong that would have to be to explain it away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.result import Result
from jinzhou.statistics.intervals import normal_quantile
from jinzhou.statistics.overlap import OverlapMeans, overlap_means
from jinzhou.words import Words

FEWEST_CLUSTERS = 5
"""Fewer clusters than this on either side give no interval."""
FEWEST_EFFECTIVE = 30.0
"""Fewer households than this (effective number) on either side are no comparison."""
_BOTH = (
    "households",
    "persons",
    "effective_sample_size",
    "effective_sample_size_rest",
    "clusters",
    "raw",
    "raw_rest",
    "adjusted",
    "adjusted_rest",
    "ratio",
    "ratio_ci_low",
    "ratio_ci_high",
    "balance_before",
    "balance_after",
    "status",
    "e_value",
    "e_limit",
    "p",
)
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
"""Log of the risk ratio that stands for a difference of one standard deviation, for E-values of amounts (VanderWeele and Ding 2017)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OverlapComparison(Result):
    """Units or kinds of projects beside alike households.

    Attributes
    ----------
    rows : DataFrame, indexed by unit or kind
        `households`, `persons` (given), `effective_sample_size`,
        `effective_sample_size_rest` (effective numbers after weighting); shares of
        persons with a lasting exit `raw`, `raw_rest`, `adjusted`, `adjusted_rest`;
        `ratio`, `ratio_ci_low`, `ratio_ci_high` (adjusted over adjusted_rest);
        `e_value`, `e_limit` (how strongly something unrecorded would have to go with
        both to explain the ratio, or its limit nearer 1, away; 1: nothing is needed);
        `p`, `p_joint` (Holm); `balance_before`, `balance_after` (largest standardised
        difference of the covariates); `status`: ``separated`` (p_joint below 1 -
        level), ``not separated``, ``no interval`` (few clusters), ``no overlap``. Units
        add `cost_ratio_raw`, `cost_ratio`, `cost_ci_low`, `cost_ci_high` (cost per
        lasting exit over that of the rest, raw and like with like) and `cost_adjusted`,
        `adjusted_ci_low`, `adjusted_ci_high` (yuan: the rest's cost times the ratio).
        Kinds add `effect`, `effect_ci_low`, `effect_ci_high` (additional lasting exits
        per person), `yuan` (per person helped and round), `cost_extra`, `extra_ci_low`,
        `extra_ci_high` (yuan per additional lasting exit; no upper end when the effect
        may be none; missing when nothing was paid in the year before). Gains
        (`income_per_yuan`) have the columns of kinds with yuan of income per head and
        year in cluster_code of exits (no `ratio`: a gain may be negative), and
        `raw_per_yuan`, `per_yuan`, `per_yuan_ci_low`, `per_yuan_ci_high`: yuan of
        yearly income gained for each yuan of help, raw and like with like; its last row
        is ``all``.
    balance : DataFrame
        `unit`, `covariate`, `before`, `after`: standardised differences.
    covariates : tuple of str
        Conditions that were made alike.
    unknown : tuple of str
        Conditions asked for that are known of no household (their table is missing):
        households may differ in them.
    dropped : Series, indexed by reason
        Rows left out.
    level : float
    day : Timestamp or None
        Of gains: help that began by then counts, and the income is that of the registry
        year that begins then; None when no such year is over.
    """

    rows: pd.DataFrame
    balance: pd.DataFrame
    covariates: tuple[str, ...]
    unknown: tuple[str, ...]
    dropped: pd.Series
    level: float
    day: pd.Timestamp | None = None

    def sentence(self, words: Words) -> str:
        """How many are separated from comparable others, and how well balanced."""
        if not len(self.rows):
            return words("summary.OverlapComparison.nobody")
        state = self.rows["status"].value_counts()
        separated = int(state.get("separated", 0))
        close = int(state.get("not separated", 0))
        return words(
            "summary.OverlapComparison.text",
            compared=len(self.rows),
            separated=separated,
            not_separated=close,
            unanswered=len(self.rows) - separated - close,
            before=self.rows["balance_before"].max(),
            after=self.rows["balance_after"].max(),
        )


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
    from scipy.stats import t as student

    covariates, unknown = _known(cohort, covariates)
    rows, dropped = _usable(
        cohort, [by, cluster, "persons", outcome, money, *covariates]
    )
    X, w, y = (
        _design(rows, covariates),
        rows["persons"].to_numpy(float),
        rows[outcome].to_numpy(float),
    )
    cluster_code = pd.factorize(rows[cluster])[0]
    m = rows[money].to_numpy(float)
    found, balance = {}, []
    for unit in sorted(rows[by].unique()):
        z = (rows[by] == unit).to_numpy()
        fit = overlap_means(z, X, w, np.column_stack([y, m]), cluster_code)
        raw, rest = (_means(side, w, y, m) for side in (z, ~z))
        row = _row(fit, z, w, cluster_code, raw[0], rest[0], level)
        row["cost_ratio_raw"] = (
            _over(raw[1], raw[0]) / _over(rest[1], rest[0])
            if rest[0] > 0 and rest[1] > 0
            else np.nan
        )
        influence = _log_influence(fit, 0) - (0 if shared else _log_influence(fit, 1))
        row |= dict.fromkeys((*_COSTS[1:], "p"), np.nan)
        if row["status"] != "no overlap" and min(fit.mean[1], fit.mean_rest[1]) > 0:
            log = np.log(fit.mean[1] / fit.mean[0]) - np.log(
                fit.mean_rest[1] / fit.mean_rest[0]
            )
            row["cost_ratio"] = np.exp(log)
            cost = _over(rest[1], rest[0])
            row["cost_adjusted"] = cost * np.exp(log)
            if row["status"] != "no interval":
                se, df = _error(influence, row["clusters"])
                half = student.ppf(0.5 + level / 2, df) * se
                row["cost_ci_low"], row["cost_ci_high"] = (
                    np.exp(log - half),
                    np.exp(log + half),
                )
                row["adjusted_ci_low"], row["adjusted_ci_high"] = (
                    cost * row["cost_ci_low"],
                    cost * row["cost_ci_high"],
                )
                row["p"] = 2 * student.sf(abs(log) / se, df)
        found[unit] = row
        balance.append(
            pd.DataFrame(
                {
                    "unit": unit,
                    "covariate": list(covariates),
                    "before": fit.before,
                    "after": fit.after,
                }
            )
        )
    return _answer(found, _COSTS, balance, covariates, unknown, dropped, level, by)


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
    found, balance, covariates, unknown, dropped = _by_kind(
        rounds,
        helped,
        covariates=covariates,
        outcome=outcome,
        cluster=cluster,
        level=level,
        amounts=False,
    )
    return _answer(
        found, _EFFECTS, balance, covariates, unknown, dropped, level, "project_type"
    )


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
    parts = []
    for one in (paid, single):
        found, balance, known, unknown, dropped = _by_kind(
            gains,
            one,
            covariates=covariates,
            outcome=outcome,
            cluster=cluster,
            level=level,
            amounts=True,
        )
        parts.append(
            _answer(
                found, _GAINS, balance, known, unknown, dropped, level, "project_type"
            )
        )
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
    rounds: pd.DataFrame,
    helped: pd.DataFrame,
    *,
    covariates: Sequence[str],
    outcome: str,
    cluster: str,
    level: float,
    amounts: bool,
):
    """Each kind beside comparable households: rows, balance, covariates, rows left out."""
    from scipy.stats import t as student

    covariates, unknown = _known(rounds, covariates)
    rows, dropped = _usable(
        rounds, ["household_id", "day", cluster, "persons", outcome, *covariates]
    )
    kinds = sorted(helped["project_type"].unique())
    taken = helped.pivot_table(
        index=["household_id", "day"],
        columns="project_type",
        values="yuan",
        aggfunc="sum",
    )
    taken = taken.reindex(pd.MultiIndex.from_frame(rows[["household_id", "day"]]))
    w, y = rows["persons"].to_numpy(float), rows[outcome].to_numpy(float)
    cluster_code = pd.factorize(rows[cluster])[0]
    base = _design(rows, covariates)
    day = pd.get_dummies(rows["day"], drop_first=True).to_numpy(float)
    has = taken.notna().to_numpy()
    ever = has.copy()
    if amounts:
        at = pd.Index(rows["household_id"]).get_indexer(helped["household_id"])
        ever[
            at[at >= 0], pd.Index(kinds).get_indexer(helped["project_type"])[at >= 0]
        ] = True
    spread = (
        float(np.sqrt(w @ (y - w @ y / w.sum()) ** 2 / w.sum()))
        if amounts and len(y)
        else np.nan
    )
    found, balance = {}, []
    others = has.astype(float)
    for i, kind in enumerate(kinds):
        used = has[:, i] | ~ever[:, i] if amounts else slice(None)
        z, people, value, where = has[used, i], w[used], y[used], cluster_code[used]
        X = np.column_stack([base[used], day[used], np.delete(others[used], i, axis=1)])
        money = np.nan_to_num(taken.iloc[:, i].to_numpy(float)[used]) / people
        fit = overlap_means(z, X, people, np.column_stack([value, money]), where)
        (raw, raw_money), rest = (
            _means(z, people, value, money),
            _means(~z, people, value)[0],
        )
        row = _row(fit, z, people, where, raw, rest, level, amounts=amounts)
        row |= dict.fromkeys((*(_GAINS if amounts else _EFFECTS), "p"), np.nan)
        if row["status"] != "no overlap":
            effect, yuan = fit.mean[0] - fit.mean_rest[0], fit.mean[1]
            row["effect"], row["yuan"], low, high = effect, yuan, np.nan, np.nan
            if row["status"] != "no interval":
                se, df = _error(
                    fit.influence[:, 0] - fit.influence_rest[:, 0], row["clusters"]
                )
                half = student.ppf(0.5 + level / 2, df) * se
                low, high = effect - half, effect + half
                row["effect_ci_low"], row["effect_ci_high"], row["p"] = (
                    low,
                    high,
                    2 * student.sf(abs(effect) / se, df),
                )
            if yuan > 0:
                row["cost_extra"], row["extra_ci_low"], row["extra_ci_high"] = (
                    yuan / e if e > 0 else np.nan for e in (effect, high, low)
                )
            if amounts:
                row["raw_per_yuan"] = _over(raw - rest, raw_money)
                row["per_yuan"], row["per_yuan_ci_low"], row["per_yuan_ci_high"] = (
                    _over(e, yuan) for e in (effect, low, high)
                )
                row["e_value"], row["e_limit"] = (
                    e_value(np.exp(RISK_PER_SPREAD * e / spread))
                    for e in (
                        effect,
                        0.0 if low <= 0 <= high else low if low > 0 else high,
                    )
                )
        found[kind] = row
        k = len(covariates)
        balance.append(
            pd.DataFrame(
                {
                    "unit": kind,
                    "covariate": list(covariates),
                    "before": fit.before[:k],
                    "after": fit.after[:k],
                }
            )
        )
    return found, balance, covariates, unknown, dropped


def e_value(ratio: float) -> float:
    """Least ratio of something unrecorded that would explain a ratio away; 1 for none."""
    if not np.isfinite(ratio) or ratio <= 0:
        return np.nan
    r = max(ratio, 1 / ratio)
    return float(r + np.sqrt(r * (r - 1)))


def _known(
    frame: pd.DataFrame, covariates: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Covariates with a value somewhere, and those without any."""
    unknown = tuple(
        c for c in covariates if c in frame and len(frame) and frame[c].isna().all()
    )
    return tuple(c for c in covariates if c not in unknown), unknown


def _usable(frame: pd.DataFrame, columns: list[str]) -> tuple[pd.DataFrame, pd.Series]:
    missing = [c for c in columns if c not in frame]
    if missing:
        raise ParameterError("statistics.matching.columns", missing=missing)
    blank = frame[columns].isna()
    reason = np.where(
        blank.any(axis=1),
        "missing " + blank.idxmax(axis=1).astype(str),
        np.where(frame["persons"].fillna(0) <= 0, "no persons", ""),
    )
    return frame[reason == ""].reset_index(drop=True), pd.Series(
        reason[reason != ""], dtype=object
    ).value_counts()


def _design(rows: pd.DataFrame, covariates: Sequence[str]) -> np.ndarray:
    return np.column_stack([np.ones(len(rows)), rows[list(covariates)].to_numpy(float)])


def _means(side: np.ndarray, w: np.ndarray, *values: np.ndarray) -> list[float]:
    return [
        float((w[side] * v[side]).sum() / w[side].sum()) if side.any() else np.nan
        for v in values
    ]


def _over(a: float, b: float) -> float:
    return a / b if b > 0 else np.nan


def _log_influence(fit: OverlapMeans, j: int) -> np.ndarray:
    """Influence of each cluster on log(mean_rest / mean): a cost whose money is given."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return (
            fit.influence_rest[:, j] / fit.mean_rest[j]
            - fit.influence[:, j] / fit.mean[j]
        )


def _error(influence: np.ndarray, clusters: int) -> tuple[float, int]:
    k = len(influence)
    return float(np.sqrt(k / (k - 1) * (influence**2).sum())), max(clusters - 1, 1)


def _row(
    fit: OverlapMeans,
    z: np.ndarray,
    w: np.ndarray,
    cluster_code: np.ndarray,
    raw: float,
    rest: float,
    level: float,
    *,
    amounts: bool = False,
) -> dict[str, object]:
    """What every comparison has. Shares (0-1) have a ratio with its interval and E-values; `amounts` may be negative and have none."""
    from scipy.stats import t as student

    clusters = (
        min(len(np.unique(cluster_code[z])), len(np.unique(cluster_code[~z])))
        if z.any() and (~z).any()
        else 0
    )
    comparable = (
        fit.converged
        and min(fit.effective_sample_size, fit.effective_sample_size_rest)
        >= FEWEST_EFFECTIVE
        and (amounts or min(fit.mean[0], fit.mean_rest[0]) > 0)
    )
    row = {
        "households": int(z.sum()),
        "persons": int(w[z].sum()),
        "effective_sample_size": fit.effective_sample_size,
        "effective_sample_size_rest": fit.effective_sample_size_rest,
        "clusters": clusters,
        "raw": raw,
        "raw_rest": rest,
        "adjusted": fit.mean[0] if comparable else np.nan,
        "adjusted_rest": fit.mean_rest[0] if comparable else np.nan,
        "ratio": fit.mean[0] / fit.mean_rest[0]
        if comparable and not amounts
        else np.nan,
        "ratio_ci_low": np.nan,
        "ratio_ci_high": np.nan,
        "balance_before": np.abs(fit.before).max() if len(fit.before) else 0.0,
        "balance_after": np.abs(fit.after).max() if len(fit.after) else 0.0,
        "status": "no overlap"
        if not comparable
        else "no interval"
        if clusters < FEWEST_CLUSTERS
        else "not separated",
    }
    if row["status"] == "not separated" and not amounts:
        se, df = _error(_log_influence(fit, 0), clusters)
        half = student.ppf(0.5 + level / 2, df) * se
        row["ratio_ci_low"], row["ratio_ci_high"] = (
            row["ratio"] * np.exp(-half),
            row["ratio"] * np.exp(half),
        )
    row["e_value"] = e_value(row["ratio"])
    low, high = row["ratio_ci_low"], row["ratio_ci_high"]
    row["e_limit"] = (
        np.nan
        if not np.isfinite(low)
        else 1.0
        if low <= 1 <= high
        else e_value(low if low > 1 else high)
    )
    return row


def _answer(
    found: dict,
    more: Sequence[str],
    balance: list,
    covariates: Sequence[str],
    unknown: tuple[str, ...],
    dropped: pd.Series,
    level: float,
    name: str,
) -> OverlapComparison:
    normal_quantile(level)
    rows = pd.DataFrame.from_dict(
        found, orient="index", columns=None if found else [*_BOTH, *more]
    )
    rows.index.name = name
    rows["p_joint"] = _holm(rows["p"].to_numpy(float))
    rows.loc[
        (rows["status"] == "not separated") & (rows["p_joint"] < 1 - level), "status"
    ] = "separated"
    return OverlapComparison(
        rows=rows,
        balance=pd.concat(balance, ignore_index=True)
        if balance
        else pd.DataFrame(columns=["unit", "covariate", "before", "after"]),
        covariates=tuple(covariates),
        unknown=unknown,
        dropped=dropped,
        level=level,
    )


def _holm(p: np.ndarray) -> np.ndarray:
    """Holm's adjusted p-values; missing ones stay missing and are not counted."""
    from statsmodels.stats.multitest import multipletests

    out, known = np.full(len(p), np.nan), np.isfinite(p)
    if known.any():
        out[known] = multipletests(p[known], method="holm")[1]
    return out
