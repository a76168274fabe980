"""What would not have happened without illness, and what moved the burden of bills between two years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.registry.covariates import RETURN_TERMS
from jinzhou.statistics.hazard import cluster_cov, inverse_link
from jinzhou.statistics.intervals import normal_quantile
from jinzhou.statistics.returns.fitting import (
    HazardOptions,
    estimate,
    training_rows,
)
from jinzhou.statistics.returns.terms import Covariate, design_matrix

FACTORS = ("prevalence", "cost", "own_share", "income")
"""Own payments as a share of income are persons treated per household x cost of each x share left to them / income."""

COVARIATES = tuple(Covariate(**term) for term in RETURN_TERMS)
"""Terms of the hazard of return."""
STANDING = tuple(
    c
    for c in COVARIATES
    if c.reason in ("illness", "disability", "age", "labour", "place")
)
"""Terms that say who a household is and not how poor it is: for the fraction of poverty itself."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AttributableFraction:
    """Share of an outcome that would not have happened with some terms switched off.

    Attributes
    ----------
    rows : DataFrame, indexed by group (``all`` last)
        `expected` (outcomes the model expects), `without` (the same with the terms at zero), `fraction`,
        `ci_low`, `ci_high`.
    terms : tuple of str
        Terms switched off.
    absent : tuple of str
        Terms asked for that the data do not have, or that do not vary.
    n, events, clusters : int
    level : float
    """

    rows: pd.DataFrame
    terms: tuple[str, ...]
    absent: tuple[str, ...]
    n: int
    events: int
    clusters: int
    level: float

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.rows.iloc[-1]
        return f"{last['fraction']:.1%} [{last['ci_low']:.1%}, {last['ci_high']:.1%}] of {last['expected']:.0f} expected outcomes would not have happened without {', '.join(self.terms)}."


def attributable_fraction(
    panel: pd.DataFrame,
    *,
    as_of: str,
    reason: str = "illness",
    outcome: str | pd.Series = "returned_1",
    covariates: Sequence[Covariate] = COVARIATES,
    cluster: str = "household_id",
    by: str | None = "county",
    link: str = "cloglog",
    late: bool = True,
    level: float = 0.95,
) -> AttributableFraction:
    """Share of the outcomes that the model would not expect with every term of a reason at zero.

    Parameters
    ----------
    panel : DataFrame
        Rows of `registry.panel`; those with a known outcome and a quarter ended by `as_of` are used.
    reason : str
        Group of terms, as in `Covariate.reason`.
    outcome : str or Series
        ``returned_1`` for returns; any 0/1 column or Series for another outcome of the rows.
    by : str, optional
        Column of groups; the coefficients are those of all rows.
    late : bool
        Whether outcomes are recorded late (returns), so that the latest quarters need the offset of `return_risk`.

    Notes
    -----
    1 - sum of the hazards without / sum of the hazards, over the households that were at risk
    (Bruzzi and others 1985, American Journal of Epidemiology 122, 904-914; standardised as in
    Greenland and Drescher 1993, Biometrics 49, 865-872). The registry is the population, so the error
    is that of the coefficients, robust to rows of a household (or village) being alike; the interval
    is symmetric in log(1 - fraction). Other terms stay as they are, income among them: what illness
    does by lowering income is not in it. An association, causal only as far as the terms hold all
    that lets ill and healthy households differ.

    Raises
    ------
    ParameterError
        No term has the reason.
    EstimationError
        As `return_risk`: fewer than 30 outcomes, or no convergence.
    """
    asked = [c.name for c in covariates if c.reason == reason]
    if not asked:
        known = sorted({c.reason for c in covariates if c.reason})
        raise ParameterError(
            f"没有原因为 {reason!r} 的因素；现有：{'、'.join(known)}。",
            f"no term has the reason {reason!r}; there are {', '.join(known)}.",
        )
    label = panel[outcome] if isinstance(outcome, str) else outcome
    options = HazardOptions(link=link)
    data = training_rows(
        panel, label, as_of=as_of, covariates=covariates, options=options, late=late
    )
    found, _ = estimate(data, link)
    train, y, Z, design, offset = data.rows, data.y, data.Z, data.design, data.late
    kept = design.terms
    off = design.values.copy()
    for j, c in enumerate(kept):
        if c.reason == reason:
            off[:, j] = 0.0
    Z0 = design_matrix(off, kept)
    codes = pd.factorize(train[cluster])[0]
    cov = cluster_cov(Z, y, beta=found.beta, clusters=codes, link=link, offset=offset)
    eta, eta0 = Z @ found.beta, Z0 @ found.beta
    hazard, without = inverse_link(eta, link), inverse_link(eta0, link)
    slope, slope0 = _slope(eta, link), _slope(eta0, link)
    group = train[by].fillna("").to_numpy() if by else np.full(len(y), "all")
    z = normal_quantile(level)
    rows = []
    for name in [*(sorted(set(group)) if by else []), "all"]:
        here = np.ones(len(y), bool) if name == "all" else group == name
        total, rest = hazard[here].sum(), without[here].sum()
        # derivative of log(rest / total) in the coefficients
        gradient = slope0[here] @ Z0[here] / rest - slope[here] @ Z[here] / total
        half = z * np.sqrt(max(float(gradient @ cov @ gradient), 0.0))
        ratio = rest / total
        rows.append(
            (
                name,
                total,
                rest,
                1 - ratio,
                1 - ratio * np.exp(half),
                1 - ratio * np.exp(-half),
            )
        )
    terms = tuple(c.name for c in kept if c.reason == reason)
    return AttributableFraction(
        rows=pd.DataFrame(
            rows,
            columns=[
                by or "group",
                "expected",
                "without",
                "fraction",
                "ci_low",
                "ci_high",
            ],
        ).set_index(by or "group"),
        terms=terms,
        absent=tuple(t for t in asked if t not in terms),
        n=len(y),
        events=int(y.sum()),
        clusters=int(codes.max()) + 1,
        level=level,
    )


def _slope(eta: np.ndarray, link: str) -> np.ndarray:
    """Derivative of the probability in the linear predictor."""
    if link == "logit":
        p = inverse_link(eta, link)
        return p * (1 - p)
    return np.exp(np.minimum(eta, 30) - np.exp(np.minimum(eta, 30)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BurdenChange:
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

    status: str
    reason: str
    parts: pd.DataFrame
    households: tuple[int, int]
    treated: tuple[int, int]
    clusters: int

    def table(self) -> pd.DataFrame:
        """A copy of `parts`, safe to format."""
        return self.parts.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        if self.status != "decomposed":
            return f"burden of bills: {self.status} ({self.reason})."
        whole = self.parts.loc["all"]
        text = ", ".join(
            f"{name} {self.parts.at[name, 'part']:+.2%}" for name in FACTORS
        )
        return f"own payments / income {whole['before']:.2%} -> {whole['after']:.2%}: {text}."


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
        One row per household: `treated` (persons with a bill), `total` and `own` (yuan of the year),
        `income` (yuan of the household and year), and the cluster.
    draws : int
        Villages drawn with replacement for the intervals; both years of a village stay together.

    Notes
    -----
    Each factor's part is the mean, over all orders in which the factors can change, of what its change
    adds (Shapley 1953; Shorrocks 2013, Journal of Economic Inequality 11, 99-126): no order is
    preferred, no remainder is left. A household with income of zero or less counts with that income
    in the sum; one whose income is blank is left out with its bills.
    """
    empty = pd.DataFrame(columns=["before", "after", "part", "ci_low", "ci_high"])
    size, people = (
        (int(before["income"].notna().sum()), int(after["income"].notna().sum())),
        tuple(int(f["treated"].sum()) for f in (before, after)),
    )
    before, after = (f[f["income"].notna()] for f in (before, after))
    names = sorted(
        set(before[cluster].astype("string").fillna(""))
        | set(after[cluster].astype("string").fillna(""))
    )
    sums = np.stack(
        [
            f.assign(_n=1.0, _c=f[cluster].astype("string").fillna(""))
            .groupby("_c")[["_n", "treated", "total", "own", "income"]]
            .sum()
            .reindex(names, fill_value=0.0)
            .to_numpy(float)
            for f in (before, after)
        ]
    )
    for year, part in zip(("first", "second"), sums.sum(axis=1)):
        if not (part[[0, 1, 2, 4]] > 0).all():  # an own payment of zero is an answer
            return BurdenChange(
                status="not identified",
                reason=f"the {year} year has no bills or no income",
                parts=empty,
                households=size,
                treated=people,
                clusters=len(names),
            )
    point = _shapley(sums.sum(axis=1)[:, None, :])
    rng = np.random.default_rng(seed)
    weight = rng.multinomial(
        len(names), np.full(len(names), 1 / len(names)), size=draws
    ).astype(float)
    drawn = _shapley(np.stack([weight @ part for part in sums]))
    tail = (1 - level) / 2
    low, high = (
        2 * point[2] - np.nanquantile(drawn[2], q, axis=0) for q in (1 - tail, tail)
    )  # basic bootstrap
    parts = pd.DataFrame(
        {
            "before": point[0][0],
            "after": point[1][0],
            "part": point[2][0],
            "ci_low": low[0],
            "ci_high": high[0],
        },
        index=pd.Index([*FACTORS, "all"], name="factor"),
    )
    return BurdenChange(
        status="decomposed",
        reason="",
        parts=parts,
        households=size,
        treated=people,
        clusters=len(names),
    )


def _shapley(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Factors of both years and parts, each (draws, 5), from sums (2, draws, 5)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        n, treated, total, own, income = np.moveaxis(sums, -1, 0)
        factors = np.stack(
            [treated / n, total / treated, own / total, income / n], axis=-1
        )  # (2, draws, 4)
        multiplier = np.stack(
            [factors[..., 0], factors[..., 1], factors[..., 2], 1 / factors[..., 3]],
            axis=-1,
        )
        burden = multiplier.prod(axis=-1)
        parts = np.zeros_like(multiplier[0])
        orders = list(permutations(range(4)))
        for order in orders:
            now, value = multiplier[0].copy(), burden[0]
            for j in order:
                now[..., j] = multiplier[1][..., j]
                moved = now.prod(axis=-1)
                parts[..., j] += (moved - value) / len(orders)
                value = moved
    whole = burden[1] - burden[0]
    return (
        np.concatenate([factors[0], burden[0][..., None]], axis=-1),
        np.concatenate([factors[1], burden[1][..., None]], axis=-1),
        np.concatenate([parts, whole[..., None]], axis=-1),
    )
