"""What every comparison of overlap-weighted sides has: ratio, E-value, joint p-values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.result import Result
from jinzhou.statistics.intervals import normal_quantile
from jinzhou.statistics.overlap import OverlapMeans
from jinzhou.words import Words

FEWEST_CLUSTERS = 5
"""Fewer clusters than this on either side give no interval."""
FEWEST_EFFECTIVE = 30.0
"""Fewer households than this (effective number) on either side are no comparison."""
BOTH = (
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cohort:
    """Complete rows of a comparison.

    Attributes
    ----------
    rows : DataFrame
    covariates, unknown : tuples of str
        Those with a value somewhere (k of them), and those without any.
    dropped : Series, indexed by reason
    design : array (n, k + 1)
        A constant and the covariates.
    persons, outcome : arrays (n,)
    clusters : array (n,)
        Codes from 0.
    """

    rows: pd.DataFrame
    covariates: tuple[str, ...]
    unknown: tuple[str, ...]
    dropped: pd.Series
    design: np.ndarray
    persons: np.ndarray
    outcome: np.ndarray
    clusters: np.ndarray


def complete_rows(
    frame: pd.DataFrame,
    *,
    columns: Sequence[str],
    covariates: Sequence[str],
    outcome: str,
    cluster: str,
    more: Sequence[str] = (),
) -> Cohort:
    """The rows that have all that a comparison needs; the others by reason.

    A row counts with the first that it lacks of `columns`, cluster, persons, outcome,
    `more` and the covariates.
    """
    known, unknown = _known(frame, covariates)
    needed = [*columns, cluster, "persons", outcome, *more, *known]
    rows, dropped = _usable(frame, needed)
    return Cohort(
        rows=rows,
        covariates=known,
        unknown=unknown,
        dropped=dropped,
        design=np.column_stack([np.ones(len(rows)), rows[list(known)].to_numpy(float)]),
        persons=rows["persons"].to_numpy(float),
        outcome=rows[outcome].to_numpy(float),
        clusters=pd.factorize(rows[cluster])[0],
    )


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


def means(side: np.ndarray, w: np.ndarray, *values: np.ndarray) -> list[float]:
    """Weighted mean of each of the values on a side."""
    return [
        float((w[side] * v[side]).sum() / w[side].sum()) if side.any() else np.nan
        for v in values
    ]


def over(a: float, b: float) -> float:
    """Quotient of the two; NaN without a positive second."""
    return a / b if b > 0 else np.nan


def log_influence(fit: OverlapMeans, j: int) -> np.ndarray:
    """Influence of each cluster on log(mean_rest / mean): a cost whose money is given."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return (
            fit.influence_rest[:, j] / fit.mean_rest[j]
            - fit.influence[:, j] / fit.mean[j]
        )


def standard_error(influence: np.ndarray, clusters: int) -> tuple[float, int]:
    """Standard error of a sum over clusters, and its degrees of freedom."""
    k = len(influence)
    return float(np.sqrt(k / (k - 1) * (influence**2).sum())), max(clusters - 1, 1)


def e_value(ratio: float) -> float:
    """Least ratio of something unrecorded that would explain a ratio away; 1 for none."""
    if not np.isfinite(ratio) or ratio <= 0:
        return np.nan
    r = max(ratio, 1 / ratio)
    return float(r + np.sqrt(r * (r - 1)))


def common_columns(
    fit: OverlapMeans,
    z: np.ndarray,
    people: np.ndarray,
    clusters: np.ndarray,
    *,
    raw: tuple[float, float],
    level: float,
    amounts: bool = False,
) -> dict[str, Any]:
    """What every comparison has.

    Shares (0-1) have a ratio with its interval and E-values; `amounts` may be negative
    and have none. `raw` holds the means of both sides before weighting.
    """
    both = z.any() and (~z).any()
    fewest = (
        min(len(np.unique(clusters[z])), len(np.unique(clusters[~z]))) if both else 0
    )
    status = "not separated"
    if not _comparable(fit, amounts):
        status = "no overlap"
    elif fewest < FEWEST_CLUSTERS:
        status = "no interval"
    adjusted = adjusted_rest = ratio = low = high = np.nan
    if status != "no overlap":
        adjusted, adjusted_rest = fit.mean[0], fit.mean_rest[0]
        if not amounts:
            ratio = adjusted / adjusted_rest
    if status == "not separated" and not amounts:
        low, high = _ratio_limits(fit, ratio, fewest, level)
    return {
        "households": int(z.sum()),
        "persons": int(people[z].sum()),
        "effective_sample_size": fit.effective_sample_size,
        "effective_sample_size_rest": fit.effective_sample_size_rest,
        "clusters": fewest,
        "raw": raw[0],
        "raw_rest": raw[1],
        "adjusted": adjusted,
        "adjusted_rest": adjusted_rest,
        "ratio": ratio,
        "ratio_ci_low": low,
        "ratio_ci_high": high,
        "balance_before": np.abs(fit.before).max() if len(fit.before) else 0.0,
        "balance_after": np.abs(fit.after).max() if len(fit.after) else 0.0,
        "status": status,
        "e_value": e_value(ratio),
        "e_limit": _e_limit(low, high),
    }


def _comparable(fit: OverlapMeans, amounts: bool) -> bool:
    """Enough effective households on both sides, and shares above zero."""
    size = min(fit.effective_sample_size, fit.effective_sample_size_rest)
    if not fit.converged or size < FEWEST_EFFECTIVE:
        return False
    return amounts or min(fit.mean[0], fit.mean_rest[0]) > 0


def _ratio_limits(
    fit: OverlapMeans, ratio: float, clusters: int, level: float
) -> tuple[float, float]:
    from scipy.stats import t as student

    se, df = standard_error(log_influence(fit, 0), clusters)
    half = student.ppf(0.5 + level / 2, df) * se
    return ratio * np.exp(-half), ratio * np.exp(half)


def _e_limit(low: float, high: float) -> float:
    """The E-value of the limit nearer 1; 1 when the interval holds it."""
    if not np.isfinite(low):
        return np.nan
    if low <= 1 <= high:
        return 1.0
    return e_value(low if low > 1 else high)


def balance_rows(
    name: str, covariates: Sequence[str], fit: OverlapMeans
) -> pd.DataFrame:
    """Standardised differences of the covariates that were asked for."""
    k = len(covariates)
    return pd.DataFrame(
        {
            "unit": name,
            "covariate": list(covariates),
            "before": fit.before[:k],
            "after": fit.after[:k],
        }
    )


def comparison(
    found: Mapping[str, tuple[dict[str, Any], pd.DataFrame]],
    cohort: Cohort,
    *,
    more: Sequence[str],
    level: float,
    name: str,
) -> OverlapComparison:
    """Rows and balance of every unit or kind, with Holm's correction for their number.

    `more` names the columns that these comparisons add.
    """
    normal_quantile(level)
    rows = pd.DataFrame.from_dict(
        {key: row for key, (row, _) in found.items()},
        orient="index",
        columns=None if found else [*BOTH, *more],
    )
    rows.index.name = name
    rows["p_joint"] = _holm(rows["p"].to_numpy(float))
    rows.loc[
        (rows["status"] == "not separated") & (rows["p_joint"] < 1 - level), "status"
    ] = "separated"
    balance = pd.DataFrame(columns=["unit", "covariate", "before", "after"])
    if found:
        balance = pd.concat([part for _, part in found.values()], ignore_index=True)
    return OverlapComparison(
        rows=rows,
        balance=balance,
        covariates=cohort.covariates,
        unknown=cohort.unknown,
        dropped=cohort.dropped,
        level=level,
    )


def _holm(p: np.ndarray) -> np.ndarray:
    """Holm's adjusted p-values; missing ones stay missing and are not counted."""
    from statsmodels.stats.multitest import multipletests

    out, known = np.full(len(p), np.nan), np.isfinite(p)
    if known.any():
        out[known] = multipletests(p[known], method="holm")[1]
    return out
