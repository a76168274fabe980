"""Did a policy change the bills? Before against after, and those who began early against those who began later.

An interrupted time series knows only before and after: everything else that changed at the same time
is in its number, so it is tried on placebo dates too. A staggered difference-in-differences compares
with places that have not begun; where all begin on one day it has nobody to compare with, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from jinzhou.errors import ParameterError
from jinzhou.statistics.intervals import normal_quantile

FEWEST_BEFORE, FEWEST_AFTER = 12, 3
"""Periods of an interrupted series before and after the start."""
SEASONS = 4
CORRELATIONS = np.linspace(-0.4, 0.98, 24)
"""Grid of the correlation of what carries over from a period to the next."""
CHANCE = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9)
"""Grid of the share of a period's variance that carries nothing over: the chance of the bills that fell into it."""
FEWEST_CLUSTERS = 4
"""Fewer clusters than this do not tell how far places differ."""
FEWEST_UNITS = 2
"""Places of one starting date, or not yet begun, that a comparison needs."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InterruptedSeries:
    """Change of level at a date.

    Attributes
    ----------
    status : {"estimated", "not identified"}
    reason : str
        Why not, else empty.
    effect, ci_low, ci_high, p : float
        Of the outcome's unit; NaN when not identified.
    hac_ci_low, hac_ci_high : float
        The same with the covariance of Newey and West (1987), for comparison.
    rows : DataFrame, indexed by period
        `value`, `fitted`, `without` (the fit without the policy), `after`.
    placebo : DataFrame
        `start`, `effect`, `ci_low`, `ci_high`, `significant`: the policy's date moved into the time before it.
    correlation : float
        Mean of the posterior of the correlation of two neighbouring periods.
    left_out : int
        Periods without a value.
    """

    status: str
    reason: str
    effect: float
    ci_low: float
    ci_high: float
    p: float
    hac_ci_low: float
    hac_ci_high: float
    rows: pd.DataFrame
    placebo: pd.DataFrame
    correlation: float
    left_out: int

    def table(self) -> pd.DataFrame:
        """A copy of `placebo`, safe to format."""
        return self.placebo.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        if self.status != "estimated":
            return f"interrupted series: {self.status} ({self.reason})."
        return (
            f"interrupted series: {self.effect:+.3g} [{self.ci_low:.3g}, {self.ci_high:.3g}], p {self.p:.2g}; "
            f"{int(self.placebo['significant'].sum())} of {len(self.placebo)} placebo dates significant."
        )


def interrupted_series(
    series: pd.Series,
    *,
    start: str,
    frequency: str = "M",
    placebos: int = 8,
    level: float = 0.95,
) -> InterruptedSeries:
    """Change of level of a series at `start`, given its trend and its quarters of the year.

    Parameters
    ----------
    series : Series indexed by Period
        One value a period; missing periods are left out and counted.
    start : str
        Day on which the policy began; empty when nobody knows.
    frequency : {"M", "Q"}
        Of the index.
    placebos : int
        Dates tried in the time before, evenly spread, each on the periods before the policy alone.

    Notes
    -----
    Regression on a trend, the quarter of the year and the jump (Bernal, Cummins and Gasparrini 2017,
    International Journal of Epidemiology 46, 348-355). The error of a period is a first-order process
    and, added to it, the chance of the period's own bills. With so few periods a plug-in covariance
    (Newey-West among them, also returned) is too narrow: the correlation and the part of chance are
    averaged over their restricted likelihood, which makes the interval that of a mixture of t
    distributions (Zellner and Tiao 1964, JASA 59, 763-778). `_prior` says with which weights.

    Raises
    ------
    ParameterError
        The frequency is neither M nor Q, or the index is not of that frequency.
    """
    if (
        frequency not in ("M", "Q")
        or not isinstance(series.index, pd.PeriodIndex)
        or not series.index.freqstr.startswith(frequency)
    ):
        raise ParameterError(
            f"序列的频率应为 {frequency}（月 M 或季 Q 的 PeriodIndex）。",
            f"expected a PeriodIndex of frequency {frequency}, M or Q.",
        )
    kept = series[np.isfinite(series.to_numpy(float))].sort_index()
    missing = len(series) - len(kept)
    frame = pd.DataFrame({"value": kept.astype(float)})
    nothing = pd.DataFrame(
        columns=["start", "effect", "ci_low", "ci_high", "significant"]
    )

    def unknown(reason: str) -> InterruptedSeries:
        nan = float("nan")
        return InterruptedSeries(
            status="not identified",
            reason=reason,
            effect=nan,
            ci_low=nan,
            ci_high=nan,
            p=nan,
            hac_ci_low=nan,
            hac_ci_high=nan,
            rows=frame.assign(fitted=np.nan, without=np.nan, after=False),
            placebo=nothing,
            correlation=nan,
            left_out=missing,
        )

    if not start:
        return unknown("the start of the policy is not known")
    begin = pd.Period(start, frequency)
    after = np.asarray(kept.index >= begin)
    if (~after).sum() < FEWEST_BEFORE or after.sum() < FEWEST_AFTER:
        return unknown("too few periods before or after the start")
    if np.ptp(kept.to_numpy(float)) == 0:
        return unknown("the outcome never changes")
    found = _jump(kept, after, level, _Process.over(kept.index))
    X, beta = found["X"], found["beta"]
    frame = frame.assign(fitted=X @ beta, without=X[:, :-1] @ beta[:-1], after=after)
    before = kept[~after]
    tried, process = [], _Process.over(before.index)
    at = (
        np.unique(
            np.linspace(FEWEST_BEFORE - 4, len(before) - FEWEST_AFTER, placebos).astype(
                int
            )
        )
        if len(before) >= FEWEST_BEFORE + FEWEST_AFTER
        else []
    )
    for place in at:
        if np.ptp(before.to_numpy(float)) > 0:
            one = _jump(before, np.arange(len(before)) >= place, level, process)
            tried.append(
                (
                    before.index[place].start_time,
                    one["effect"],
                    one["ci_low"],
                    one["ci_high"],
                    bool(one["p"] < 1 - level),
                )
            )
    return InterruptedSeries(
        status="estimated",
        reason="",
        effect=found["effect"],
        ci_low=found["ci_low"],
        ci_high=found["ci_high"],
        p=found["p"],
        hac_ci_low=found["hac"][0],
        hac_ci_high=found["hac"][1],
        rows=frame,
        placebo=pd.DataFrame(tried, columns=nothing.columns),
        correlation=found["correlation"],
        left_out=missing,
    )


def _jump(
    series: pd.Series, after: np.ndarray, level: float, process: _Process
) -> dict:
    """Effect of the last column, its interval and two-sided p from the mixture over the points of the process."""
    index = series.index
    time = index.astype("int64").to_numpy().astype(float)
    quarter = index.quarter.to_numpy()
    terms = [
        np.ones(len(series)),
        after.astype(float),
        (time - time.mean()) / max(np.ptp(time), 1),
        *((quarter == q).astype(float) for q in range(2, SEASONS + 1)),
    ]
    kept: list[np.ndarray] = []
    for term in (
        terms
    ):  # a quarter of the year that has no period, or none but one, adds nothing
        if np.linalg.matrix_rank(np.column_stack([*kept, term])) > len(kept):
            kept.append(term)
    X = np.column_stack([kept[0], *kept[2:], kept[1]])
    y = series.to_numpy(float)
    n, k = X.shape
    precision = process.precision
    information = X.T @ precision @ X
    inverse = np.linalg.inv(information)
    estimator = inverse @ (X.T @ precision)  # (points, k, n)
    residual = (
        precision - precision @ X @ estimator
    )  # y' residual y: weighted squares about the fit
    centres = estimator @ y
    rest = np.maximum(np.einsum("i,gij,j->g", y, residual, y), 1e-300)
    errors = np.sqrt(rest / (n - k) * inverse[:, -1, -1])
    weights = np.log(
        _prior(residual, process.slopes, estimator[:, -1], inverse[:, -1, -1], n - k)
    )
    weights += (
        0.5 * process.logdet
        - 0.5 * np.linalg.slogdet(information)[1]
        - 0.5 * (n - k) * np.log(rest)
    )
    w = np.exp(weights - weights.max())
    w /= w.sum()
    errors = np.maximum(errors, 1e-300)
    effects = centres[:, -1]
    some = w > 1e-12  # the rest does not show

    def below(x: float) -> float:
        return float(w[some] @ stdtr(n - k, (x - effects[some]) / errors[some]))

    mean = float(w @ effects)
    spread = float(np.sqrt(w @ (errors**2 + (effects - mean) ** 2)))
    low, high = (
        _solve(lambda x: below(x) - target, mean - 60 * spread, mean + 60 * spread)
        for target in ((1 - level) / 2, (1 + level) / 2)
    )
    at_zero = below(0.0)
    return {
        "effect": mean,
        "ci_low": low,
        "ci_high": high,
        "p": 2 * min(at_zero, 1 - at_zero),
        "hac": _newey_west(X, y, level),
        "X": X,
        "beta": w @ centres,
        "correlation": float(w @ process.neighbours),
    }


@dataclass(frozen=True, slots=True)
class _Process:
    """Errors of a series with variance 1 for all `CHANCE` x `CORRELATIONS`, the first of `CHANCE` first.

    Attributes
    ----------
    precision : array (points, n, n)
        Inverses of the correlation matrices.
    logdet, neighbours : arrays (points,)
        Logarithms of the determinants of `precision`; correlation of two neighbouring periods.
    slopes : array (2, points, n, n)
        Of the correlation matrices, by the correlation and by the part of chance.
    """

    precision: np.ndarray
    logdet: np.ndarray
    neighbours: np.ndarray
    slopes: np.ndarray

    @classmethod
    def over(cls, index: pd.PeriodIndex) -> _Process:
        time = index.astype("int64").to_numpy()
        distance = np.abs(time[:, None] - time[None, :]).astype(
            float
        )  # gaps of any length
        n, sign, size = (
            len(time),
            np.where(CORRELATIONS < 0, -1.0, 1.0)[:, None, None],
            np.abs(CORRELATIONS)[:, None, None],
        )
        carried = sign**distance * size**distance
        steep = np.where(
            distance > 0,
            distance * sign ** (distance - 1) * size ** np.maximum(distance - 1, 0),
            0.0,
        )
        one, kept = np.eye(n), 1 - np.array(CHANCE)[:, None, None, None]
        slopes = np.empty((2, len(CHANCE), len(CORRELATIONS), n, n))
        slopes[0], slopes[1] = kept * steep, one - carried
        precision = np.linalg.inv((kept * carried + (1 - kept) * one).reshape(-1, n, n))
        return cls(
            precision=precision,
            logdet=np.linalg.slogdet(precision)[1],
            neighbours=np.outer(kept, CORRELATIONS).ravel(),
            slopes=slopes.reshape(2, -1, n, n),
        )


def _prior(
    residual: np.ndarray,
    slopes: np.ndarray,
    estimator: np.ndarray,
    variance: np.ndarray,
    df: int,
) -> np.ndarray:
    """Weight of each point before the series is seen: half for a process without chance, half for one with it.

    Parameters
    ----------
    residual, slopes : arrays (points, n, n), (2, points, n, n)
        Quadratic form of the residuals; slopes of the covariance.
    estimator, variance : arrays (points, n), (points,)
        Weights of the periods in the effect, and its variance when the scale is 1.

    Notes
    -----
    With chance: Jeffreys' prior of the restricted likelihood, the scale integrated out (Berger, De Oliveira
    and Sanso 2001, JASA 96, 1361-1374; with measurement error De Oliveira 2007, Canadian Journal of
    Statistics 35, 283-301). Without chance one parameter r is left, and the prior can make the interval
    right to the second order (Mukerjee and Ghosh 1997, Biometrika 84, 970-975). The effect is
    orthogonal to r and to the scale, so the condition is that prior x h' / J does not move with r, where
    J is the information on r and h the logarithm of the effect's variance, both at the scale orthogonal
    to r; for the scale itself the same rule gives the usual 1 / sigma. Where h hardly moves (by less than
    0.1 over a standard error of r) r does not matter to the interval, and the prior stops rising.
    """
    points = slopes @ residual  # (2, points, n, n)
    trace = np.trace(points, axis1=2, axis2=3)
    (aa, ab), (_, bb) = (
        np.einsum("apij,bpji->abp", points, points, optimize=True)
        - trace[:, None] * trace[None, :] / df
    ) / 2
    moves = (
        np.einsum("pi,pij,pj->p", estimator, slopes[0], estimator, optimize=True)
        / variance
        - trace[0] / df
    )
    few = len(CORRELATIONS)
    without = aa[:few] / np.sqrt(moves[:few] ** 2 + 0.1**2 * aa[:few])
    chance = np.sqrt(np.maximum(aa * bb - ab**2, 0))[few:]
    return np.maximum(
        np.concatenate([without / without.sum(), chance / chance.sum()]), 1e-300
    )


def _solve(function, low: float, high: float) -> float:
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return (low + high) / 2


def _newey_west(X: np.ndarray, y: np.ndarray, level: float) -> tuple[float, float]:
    """Interval of the last coefficient: ordinary least squares with Newey-West errors, lag floor(4 (n/100)^(2/9))."""
    inverse = np.linalg.pinv(X.T @ X)
    beta = inverse @ X.T @ y
    score = X * (y - X @ beta)[:, None]
    n, k = X.shape
    lags = int(4 * (n / 100) ** (2 / 9))
    middle = score.T @ score
    for lag in range(1, lags + 1):
        part = score[lag:].T @ score[:-lag]
        middle += (1 - lag / (lags + 1)) * (part + part.T)
    half = normal_quantile(level) * np.sqrt(
        max((n / (n - k) * inverse @ middle @ inverse)[-1, -1], 0)
    )
    return float(beta[-1] - half), float(beta[-1] + half)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StaggeredDid:
    """Effect of a policy that places began at different times.

    Attributes
    ----------
    status : {"estimated", "not identified"}
    reason : str
    effect, ci_low, ci_high : float
        Mean over the places that began and the periods since (each counts alike).
    before, before_ci_low, before_ci_high : float
        The same over the placebo periods before the start: far from zero, the comparison is doubtful.
    groups : DataFrame
        `start`, `period`, `effect`, `treated`, `compared` (places): group-time effects.
    events : DataFrame, indexed by periods since the start
        `effect`, `ci_low`, `ci_high`, `places`; -1 is the reference and zero.
    left_out : Series, indexed by reason
        Places not used.
    clusters : int
    """

    status: str
    reason: str
    effect: float
    ci_low: float
    ci_high: float
    before: float
    before_ci_low: float
    before_ci_high: float
    groups: pd.DataFrame
    events: pd.DataFrame
    left_out: pd.Series
    clusters: int

    def table(self) -> pd.DataFrame:
        """A copy of `events`, safe to format."""
        return self.events.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        if self.status != "estimated":
            return f"difference-in-differences: {self.status} ({self.reason})."
        return f"difference-in-differences: {self.effect:+.3g} [{self.ci_low:.3g}, {self.ci_high:.3g}] over {len(self.groups)} group-time effects, {self.clusters} clusters."


def staggered_did(
    rows: pd.DataFrame,
    *,
    starts: Mapping[str, int | None],
    unit: str = "county",
    period: str = "quarter",
    outcome: str = "value",
    cluster: Mapping[str, str] | None = None,
    level: float = 0.95,
) -> StaggeredDid:
    """Group-time effects against the places that have not begun yet.

    Parameters
    ----------
    rows : DataFrame
        One row per place and period (an integer), with the outcome.
    starts : mapping, place -> period of its start
        None (or NaN) for a place that has not begun.
    cluster : mapping, place -> cluster, optional
        Where the policy is decided above the places; by default each place is its own.

    Notes
    -----
    ATT(g, t) is the mean change since the period before g of those that began in g, less the same of
    those that have not begun by t (Callaway and Sant'Anna 2021, Journal of Econometrics 225, 200-230).
    A two-way fixed-effects regression would use places that began early as comparison for the late
    ones (Goodman-Bacon 2021, the same volume, 254-277) and is not offered. Errors from the influence
    of each place, each cohort's by n / (n - 1), summed by cluster, with t quantiles.
    """
    begun = pd.Series(starts, dtype="float64")
    wide = rows.pivot_table(index=unit, columns=period, values=outcome, aggfunc="mean")
    nan, left = float("nan"), pd.Series(dtype="int64")
    empty = pd.DataFrame(columns=["start", "period", "effect", "treated", "compared"])

    def unknown(why: str) -> StaggeredDid:
        return StaggeredDid(
            status="not identified",
            reason=why,
            effect=nan,
            ci_low=nan,
            ci_high=nan,
            before=nan,
            before_ci_low=nan,
            before_ci_high=nan,
            groups=empty,
            events=pd.DataFrame(columns=["effect", "ci_low", "ci_high", "places"]),
            left_out=left,
            clusters=0,
        )

    if wide.empty:  # no bill at all
        return unknown("no place began inside the data")
    periods = wide.columns.to_numpy()
    reason = pd.Series("", index=wide.index)
    reason[wide.isna().any(axis=1)] = "a period without a value"
    first = begun.reindex(wide.index)
    reason[(first <= periods.min()) & (reason == "")] = "began before the data do"
    used = wide[(reason == "").to_numpy()]
    first = first.reindex(used.index)
    left = reason[reason != ""].value_counts()
    G = first.where(first <= periods.max())
    cohorts = sorted(G.dropna().unique())
    if not cohorts:
        return unknown("no place began inside the data")
    if len(used) == 1:
        return unknown("only one place")
    if len(cohorts) == 1 and G.notna().all():
        return unknown("all places began together")
    groups, influence = [], []
    Y, start = used.to_numpy(float), G.to_numpy(float)
    for g in cohorts:
        base = np.flatnonzero(periods < g)
        if not len(base):
            continue
        treated = start == g
        for at, t in enumerate(periods):
            if at == base[-1]:
                continue
            free = ~treated & (np.isnan(start) | (start > max(t, g)))
            if treated.sum() < FEWEST_UNITS or free.sum() < FEWEST_UNITS:
                continue
            change = Y[:, at] - Y[:, base[-1]]
            effect = change[treated].mean() - change[free].mean()
            part = np.zeros(len(Y))
            for here, sign in ((treated, 1.0), (free, -1.0)):
                n = here.sum()
                part[here] = (
                    sign
                    * (change[here] - change[here].mean())
                    / n
                    * np.sqrt(n / (n - 1))
                )
            groups.append((int(g), int(t), effect, int(treated.sum()), int(free.sum())))
            influence.append(part)
    table = pd.DataFrame(groups, columns=empty.columns)
    after = (table["period"] >= table["start"]).to_numpy()
    if not after.any():
        return unknown("too few places to compare")
    codes = pd.factorize(
        pd.Series(used.index).map(cluster) if cluster else pd.Series(used.index)
    )[0]
    count = int(codes.max()) + 1
    if count < FEWEST_CLUSTERS:
        return unknown("too few clusters")
    phi = np.array(influence)
    df = max(1, count - len(cohorts) - int(np.isnan(start).any()))
    quantile = stdtrit(df, 0.5 + level / 2)

    def mean(chosen: np.ndarray) -> tuple[float, float, float]:
        if not chosen.any():
            return nan, nan, nan
        weight = table["treated"].to_numpy(float) * chosen
        weight /= weight.sum()
        value = float(weight @ table["effect"])
        half = quantile * np.sqrt((np.bincount(codes, weight @ phi, count) ** 2).sum())
        return value, value - half, value + half

    since = (table["period"] - table["start"]).to_numpy()
    events = pd.DataFrame(
        [
            (e, *mean(since == e), int(table["treated"].to_numpy()[since == e].sum()))
            for e in sorted(set(since))
        ],
        columns=["since", "effect", "ci_low", "ci_high", "places"],
    )
    events = (
        pd.concat(
            [
                events,
                pd.DataFrame(
                    [(-1, 0.0, 0.0, 0.0, int((~np.isnan(start)).sum()))],
                    columns=events.columns,
                ),
            ]
        )
        .sort_values("since")
        .set_index("since")
    )
    effect, low, high = mean(after)
    before = mean(~after)
    return StaggeredDid(
        status="estimated",
        reason="",
        effect=effect,
        ci_low=low,
        ci_high=high,
        before=before[0],
        before_ci_low=before[1],
        before_ci_high=before[2],
        groups=table,
        events=events,
        left_out=left,
        clusters=count,
    )
