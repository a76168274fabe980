"""What moved the burden of bills between two years."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.statistics.shapley import product_change
from jinzhou.words import Words

FACTORS = ("prevalence", "cost", "own_share", "income")
"""Own payments / income are persons treated per household x cost of each x share left to them /
income."""
SUMS = ("households", "treated", "total", "own", "income")
COLUMNS = ("before", "after", "part", "ci_low", "ci_high")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BurdenChange(Result):
    """What moved own payments as a share of income from one year to another.

    Attributes
    ----------
    status : {"decomposed", "not identified"}
    reason : str
    parts : DataFrame, indexed by `FACTORS`, ``all`` last
        `before`, `after` (the factor in each year; of ``all`` the burden), `part` (its part of the
        change), `ci_low`, `ci_high`. The parts sum to the change.
    households, treated : tuple of int
        Of the two years.
    clusters : int
    """

    shown: ClassVar[str] = "parts"
    kinds: ClassVar[Mapping[str, str]] = {"factor": "label:factor"} | dict.fromkeys(
        ("part", "ci_low", "ci_high"), "share"
    )
    status: str
    reason: str
    parts: pd.DataFrame
    households: tuple[int, int]
    treated: tuple[int, int]
    clusters: int

    def sentence(self, words: Words) -> str:
        """The burden in both years, and the part of each factor."""
        if self.status != "decomposed":
            return words(
                "summary.BurdenChange.unknown",
                reason=words.label("reason", self.reason),
            )
        whole = self.parts.loc["all"]
        parts = [
            words(
                "summary.BurdenChange.part",
                factor=words.label("factor", factor),
                points=100 * self.parts.at[factor, "part"],
            )
            for factor in FACTORS
        ]
        return words(
            "summary.BurdenChange.text",
            before=whole["before"],
            after=whole["after"],
            parts=parts,
        )


def burden_change(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    cluster: str = "area_code",
    draws: int = 400,
    seed: int = 2018,
    level: float = 0.95,
) -> BurdenChange:
    """Decompose the change of own payments / income between two years, exactly.

    Parameters
    ----------
    before, after : DataFrame
        One row per household: `treated` (persons with a bill), `total` and `own` (yuan of the
        year), `income` (yuan of the household and year), and the cluster.
    draws : int
        Villages drawn with replacement for the intervals; both years of a village stay together.

    Notes
    -----
    The parts are those of Shapley (`statistics.shapley`). A household with income of zero or less
    counts with that income in the sum; one whose income is blank is left out with its bills.
    Intervals are of the basic bootstrap.

    References
    ----------
    Shorrocks (2013), Journal of Economic Inequality 11, 99-126.
    """
    known = [year[year["income"].notna()] for year in (before, after)]
    sums = _cluster_sums(known, cluster)
    reason = _unidentified(sums.sum(axis=1))
    return BurdenChange(
        status="not identified" if reason else "decomposed",
        reason=reason,
        parts=pd.DataFrame(columns=list(COLUMNS))
        if reason
        else _parts(sums, draws=draws, seed=seed, level=level),
        households=(len(known[0]), len(known[1])),
        treated=(int(before["treated"].sum()), int(after["treated"].sum())),
        clusters=sums.shape[1],
    )


def _cluster_sums(years: list[pd.DataFrame], cluster: str) -> np.ndarray:
    """`SUMS` of each cluster in both years, array (2, clusters, 5)."""
    names = [year[cluster].astype("string").fillna("") for year in years]
    every = sorted(set().union(*names))
    return np.stack(
        [
            year.assign(households=1.0)
            .groupby(name)[list(SUMS)]
            .sum()
            .reindex(every, fill_value=0.0)
            .to_numpy(float)
            for year, name in zip(years, names, strict=True)
        ]
    )


def _unidentified(totals: np.ndarray) -> str:
    """Why the change cannot be decomposed, empty where it can."""
    needed = [SUMS.index(name) for name in SUMS if name != "own"]  # zero is an answer
    for year, total in zip(("first", "second"), totals, strict=True):
        if not (total[needed] > 0).all():
            return f"the {year} year has no bills or no income"
    return ""


def _parts(sums: np.ndarray, *, draws: int, seed: int, level: float) -> pd.DataFrame:
    """Factors of both years and their parts, with intervals from clusters drawn anew."""
    before, after, part = _decomposed(sums.sum(axis=1)[:, None, :])
    n = sums.shape[1]
    rng = np.random.default_rng(seed)
    weight = rng.multinomial(n, np.full(n, 1 / n), size=draws).astype(float)
    drawn = _decomposed(np.stack([weight @ year for year in sums]))[2]
    tail = (1 - level) / 2
    low, high = (2 * part - np.nanquantile(drawn, q, axis=0) for q in (1 - tail, tail))
    columns = (before[0], after[0], part[0], low[0], high[0])
    return pd.DataFrame(
        dict(zip(COLUMNS, columns, strict=True)),
        index=pd.Index([*FACTORS, "all"], name="factor"),
    )


def _decomposed(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Factors of both years and parts, each (draws, 5), from sums (2, draws, 5)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        n, treated, total, own, income = np.moveaxis(sums, -1, 0)
        factors = np.stack(
            [treated / n, total / treated, own / total, income / n], axis=-1
        )
        multiplied = np.concatenate([factors[..., :3], 1 / factors[..., 3:]], axis=-1)
        burden = multiplied.prod(axis=-1)
        parts = product_change(multiplied[0], multiplied[1])
    whole = (burden[1] - burden[0])[..., None]
    return (
        np.concatenate([factors[0], burden[0][..., None]], axis=-1),
        np.concatenate([factors[1], burden[1][..., None]], axis=-1),
        np.concatenate([parts, whole], axis=-1),
    )
