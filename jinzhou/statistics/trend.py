"""A quarterly series of bills or returns: what is still to be recorded, the season, the next two quarters.

Records come late, so the last quarters are raised by the delay of the past (chain ladder: Mack 1993,
ASTIN Bulletin 23, 213-225; its factors are the product limit of the delay read backwards, Kalbfleisch
and Lawless 1989, JASA 84, 360-372). The season is that of a regression of the logarithm on quarters,
a trend and the known breaks. Errors hold clusters: villages are alike in illness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from jinzhou.errors import ParameterError

FEWEST_COHORTS = 4
"""Quarters that must be old enough to have had a delay before it is read from them."""
SEASON_QUARTERS = 9
"""Fewer quarters than two years and one are not adjusted for the season."""
FORECAST_QUARTERS = 8
"""Fewer quarters than this since the last break are not carried on."""
AHEAD = 2
STATUS = ("final", "preliminary", "no records", "not identified")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nowcast:
    """Counts or amounts by quarter, raised by what is still to be recorded.

    Attributes
    ----------
    rows : DataFrame, indexed by quarter number
        `observed`, `expected`, `ci_low`, `ci_high`, `se` (of what the records will say in the end),
        `status` (one of `STATUS`), `reason`.
    reported : tuple of float
        Share recorded by the end of the quarter, one quarter later, ...; empty when unknown.
    """

    rows: pd.DataFrame
    reported: tuple[float, ...]

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        late = self.rows[self.rows["status"] == "preliminary"]
        return f"{len(self.rows)} quarters, {len(late)} preliminary: {late['observed'].sum():,.0f} recorded, {late['expected'].sum():,.0f} expected."


def delay_triangle(
    rows: pd.DataFrame,
    *,
    as_of: str,
    happened: str,
    recorded: str,
    value: str | None = None,
) -> np.ndarray:
    """Sums by quarter and delay, (quarters, delays); what lies beyond `as_of` is NaN.

    Parameters
    ----------
    rows : DataFrame
        One row per bill or event; `happened` and `recorded` are days, `value` an amount (else rows
        are counted). Rows without either day are not counted.

    Returns
    -------
    array (Q, D)
        The first row is the first quarter with a row, the last the quarter of `as_of`. Delays past
        the one by which 99.5 % of the older half of the quarters are recorded fall into the last column.
    """
    rows = rows[rows[happened].notna() & rows[recorded].notna()]
    day = pd.Timestamp(as_of)
    end = day.year * 4 + day.quarter - 1
    if not len(rows):
        return np.empty((0, 0))
    at = (rows[happened].dt.year * 4 + rows[happened].dt.quarter - 1).to_numpy()
    delay = np.maximum(
        (rows[recorded].dt.year * 4 + rows[recorded].dt.quarter - 1).to_numpy() - at, 0
    )
    known = at + delay <= end
    amount = np.ones(len(rows)) if value is None else rows[value].to_numpy(float)
    first = int(at.min())
    cohorts = end - first + 1
    old = known & (at < first + max(1, cohorts // 2))
    by_delay = np.bincount(delay[old], amount[old]) if old.any() else np.ones(1)
    whole = by_delay.sum()
    longest = (
        int(np.searchsorted(np.cumsum(by_delay) / whole, 0.995)) if whole > 0 else 0
    )
    made = np.zeros((cohorts, longest + 1))
    np.add.at(
        made, (at[known] - first, np.minimum(delay[known], longest)), amount[known]
    )
    age = end - first - np.arange(cohorts)
    made[np.arange(longest + 1)[None, :] > age[:, None]] = np.nan
    return made


def nowcast(triangle: np.ndarray, *, last: int, level: float = 0.95) -> Nowcast:
    """Raise the latest quarters by the delay of the earlier ones.

    Parameters
    ----------
    triangle : array (Q, D)
        From `delay_triangle`.
    last : int
        Number (year x 4 + quarter - 1) of the last row.

    Notes
    -----
    Mack's error of prediction holds the draw and the error of the factors, whatever the counts'
    dispersion; t quantiles with as many degrees of freedom as the factor with the fewest quarters
    allows. A quarter with no record at all is ``no records``: a factor times nothing tells nothing.
    """
    Q, D = triangle.shape
    index = pd.RangeIndex(last - Q + 1, last + 1, name="quarter")
    if not Q:
        return Nowcast(
            rows=pd.DataFrame(
                columns=[
                    "observed",
                    "expected",
                    "ci_low",
                    "ci_high",
                    "se",
                    "status",
                    "reason",
                ]
            ),
            reported=(),
        )
    C = np.cumsum(np.nan_to_num(triangle), axis=1)
    age = np.minimum(np.isfinite(triangle).sum(axis=1) - 1, D - 1)
    observed = C[np.arange(Q), age]
    factor, spread, below, df = (
        np.ones(max(D - 1, 0)),
        np.zeros(max(D - 1, 0)),
        np.ones(max(D - 1, 0)),
        np.zeros(max(D - 1, 0)),
    )
    known = True
    for j in range(D - 1):
        have = (age > j) & (C[:, j] > 0)
        if have.sum() < FEWEST_COHORTS:
            known = False
            break
        below[j], df[j] = C[have, j].sum(), have.sum() - 1
        factor[j] = C[have, j + 1].sum() / below[j]
        spread[j] = (
            C[have, j] * (C[have, j + 1] / C[have, j] - factor[j]) ** 2
        ).sum() / df[j]
    expected, se = observed.astype(float).copy(), np.zeros(Q)
    status, reason = np.full(Q, "final", dtype=object), np.full(Q, "", dtype=object)
    low, high = expected.copy(), expected.copy()
    for i in np.flatnonzero(age < D - 1):
        if not observed[i] > 0:
            status[i], reason[i] = "no records", "no records: nothing to raise"
        elif not known:
            status[i], reason[i] = (
                "not identified",
                "too few earlier quarters show the delay",
            )
        else:
            status[i] = "preliminary"
            value, error = observed[i], 0.0
            for j in range(age[i], D - 1):
                error += spread[j] / factor[j] ** 2 * (1 / value + 1 / below[j])
                value *= factor[j]
            expected[i], se[i] = value, value * np.sqrt(error)
            # the error lies in what is still to come: on the square-root scale of that part, never below what is recorded
            rest = value - observed[i]
            half = (
                stdtrit(df[age[i] : D - 1].min(), 0.5 + level / 2)
                * se[i]
                / (2 * np.sqrt(rest))
                if rest > 0
                else 0.0
            )
            low[i], high[i] = (
                observed[i] + max(np.sqrt(rest) - half, 0.0) ** 2,
                observed[i] + (np.sqrt(rest) + half) ** 2,
            )
            continue
        expected[i] = low[i] = high[i] = np.nan
    old = (age == D - 1) & (observed == 0)
    status[old], reason[old] = "no records", "no records: nobody treated, or no sheet"
    rows = pd.DataFrame(
        {
            "observed": observed,
            "expected": expected,
            "ci_low": low,
            "ci_high": high,
            "se": se,
            "status": status,
            "reason": reason,
        },
        index=index,
    )
    reported = tuple(float(1 / np.prod(factor[j:])) for j in range(D)) if known else ()
    return Nowcast(rows=rows, reported=reported)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trend:
    """A quarterly series, seasonally adjusted, with its forecast.

    Attributes
    ----------
    rows : DataFrame, indexed by quarter number
        `observed`, `expected`, `ci_low`, `ci_high` (raised by late records), `adjusted`, `adjusted_ci_low`,
        `adjusted_ci_high` (without the season), `status`, `reason`.
    season : Series, indexed by 1..4
        Factor of each quarter of the year, geometric mean 1; empty when not identified.
    forecast : DataFrame, indexed by quarter number
        `value`, `ci_low`, `ci_high`; no rows when `not_forecast` says why.
    backtest : DataFrame
        `origin`, `ahead`, `forecast`, `ci_low`, `ci_high`, `happened`, `inside`: forecasts made in the past
        from what was recorded then.
    reported : tuple of float
        As `Nowcast`.
    not_adjusted, not_forecast : str
        Why there is no season, no forecast; empty otherwise.
    clusters : int
    level : float
    """

    rows: pd.DataFrame
    season: pd.Series
    forecast: pd.DataFrame
    backtest: pd.DataFrame
    reported: tuple[float, ...]
    not_adjusted: str
    not_forecast: str
    clusters: int
    level: float

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        inside = (
            f"{int(self.backtest['inside'].sum())} of {len(self.backtest)} past forecasts inside their interval"
            if len(self.backtest)
            else self.not_forecast
        )
        return f"{len(self.rows)} quarters, {(self.rows['status'] == 'preliminary').sum()} preliminary; {self.not_adjusted or 'seasonally adjusted'}; {inside}."


def quarterly_trend(
    rows: pd.DataFrame,
    *,
    as_of: str,
    happened: str = "admitted_on",
    recorded: str = "setl_time",
    value: str | None = None,
    cluster: str = "area_code",
    breaks: Sequence[str] = (),
    level: float = 0.95,
) -> Trend:
    """Count or sum by quarter, raise by late records, take out the season, carry on two quarters.

    Parameters
    ----------
    rows : DataFrame
        One row per bill or event, known by `as_of`.
    value : str, optional
        Column to sum, not negative; without it rows are counted.
    cluster : str
        Villages (or households): the intervals allow for rows of a cluster being alike.
    breaks : sequence of str
        Days on which a policy began: the level may jump there, and is not read as season. An empty text is no day.

    Raises
    ------
    ParameterError
        `value` has negative numbers: `measures.checked_bills` leaves those out and says so.
    """
    if value is not None and (rows[value] < 0).any():
        raise ParameterError(
            f"{value} 有{int((rows[value] < 0).sum())}行为负数；请先用 measures.checked_bills 核对。",
            f"{value} is negative in {int((rows[value] < 0).sum())} rows; pass the bills through measures.checked_bills first.",
        )
    day = pd.Timestamp(as_of)
    last = day.year * 4 + day.quarter - 1
    triangle = delay_triangle(
        rows, as_of=as_of, happened=happened, recorded=recorded, value=value
    )
    raised = nowcast(triangle, last=last, level=level)
    jumps = sorted(
        pd.Timestamp(b).year * 4 + pd.Timestamp(b).quarter - 1 for b in breaks if b
    )
    relative, clusters = _cluster_error(
        rows, raised.rows.index, happened, value, cluster
    )
    found, season, why = _adjusted(raised.rows, relative, jumps, level)
    forecast, backtest, why_not = _carried(triangle, last, jumps, level)
    return Trend(
        rows=found,
        season=season,
        forecast=forecast,
        backtest=backtest,
        reported=raised.reported,
        not_adjusted=why,
        not_forecast=why_not,
        clusters=clusters,
        level=level,
    )


def _cluster_error(
    rows, index, happened: str, value: str | None, cluster: str
) -> tuple[np.ndarray, int]:
    """Relative standard error (Q,) of each quarter's sum, and the number of clusters.

    All villages are in the registry, so that one is larger than another is no error; error is how a
    village's rows of a quarter, together, depart from its usual part of the whole.
    """
    rows = rows[rows[happened].notna()]
    if not len(rows) or not len(index):
        return np.zeros(len(index)), 0
    at = (
        rows[happened].dt.year * 4 + rows[happened].dt.quarter - 1
    ).to_numpy() - index[0]
    codes, names = pd.factorize(rows[cluster].astype("string").fillna(""))
    use = (at >= 0) & (at < len(index))
    amount = np.ones(len(rows)) if value is None else rows[value].to_numpy(float)
    G, Q = len(names), len(index)
    sums = np.bincount(codes[use] * Q + at[use], amount[use], G * Q).reshape(G, Q)
    total = sums.sum(axis=0)
    if G < 2 or Q < 2 or not total.sum() > 0:
        return np.full(Q, np.nan), G
    usual = sums.sum(axis=1, keepdims=True) / total.sum()
    squares = Q / (Q - 1) * ((sums - usual * total) ** 2).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(squares) / total, G


def _design(index: np.ndarray, jumps: Sequence[int]) -> np.ndarray:
    """Constant, three quarters of the year (sum zero), trend, jumps inside the series."""
    parts = [
        np.ones(len(index)),
        *(
            np.where(index % 4 == q, 1.0, np.where(index % 4 == 3, -1.0, 0.0))
            for q in range(3)
        ),
        (index - index.mean()) / 4,
    ]
    inside = [j for j in jumps if index[0] < j <= index[-1]]
    return np.column_stack(parts + [(index >= j).astype(float) for j in inside])


def _seasonal(
    index: np.ndarray, y: np.ndarray, jumps
) -> tuple[np.ndarray, np.ndarray, float, int]:
    """Effects of the four quarters (sum zero), their covariance (4, 4), residual variance, degrees of freedom."""
    X = _design(index, jumps)
    inverse = np.linalg.pinv(X.T @ X)
    beta = inverse @ X.T @ y
    df = len(y) - np.linalg.matrix_rank(X)
    variance = float(((y - X @ beta) ** 2).sum() / df)
    to_four = np.vstack([np.eye(3), -np.ones(3)])
    return (
        to_four @ beta[1:4],
        variance * to_four @ inverse[1:4, 1:4] @ to_four.T,
        variance,
        df,
    )


def _adjusted(
    rows: pd.DataFrame, relative: np.ndarray, jumps, level: float
) -> tuple[pd.DataFrame, pd.Series, str]:
    found = rows[
        ["observed", "expected", "ci_low", "ci_high", "status", "reason"]
    ].copy()
    found[["adjusted", "adjusted_ci_low", "adjusted_ci_high"]] = np.nan
    usable = (rows["expected"] > 0).to_numpy()
    index = rows.index.to_numpy()[usable]
    parameters = 5 + sum(index[0] < j <= index[-1] for j in jumps) if len(index) else 5
    empty = pd.Series(dtype=float)
    if len(index) < max(SEASON_QUARTERS, parameters + 2) or len(set(index % 4)) < 4:
        return found, empty, "too few quarters to tell the season"
    y = np.log(rows["expected"].to_numpy()[usable])
    effect, cov, _, df = _seasonal(index, y, jumps)
    q = index % 4
    delay = (rows["se"] / rows["expected"]).to_numpy()[usable]
    error = np.sqrt(np.nan_to_num(relative[usable]) ** 2 + delay**2 + np.diag(cov)[q])
    half = stdtrit(df, 0.5 + level / 2) * error
    adjusted = y - effect[q]
    (
        found.loc[usable, "adjusted"],
        found.loc[usable, "adjusted_ci_low"],
        found.loc[usable, "adjusted_ci_high"],
    ) = (np.exp(adjusted + s * half) for s in (0, -1, 1))
    return found, pd.Series(np.exp(effect), index=pd.RangeIndex(1, 5)), ""


def _smoothed(z: np.ndarray) -> tuple[float, float, float]:
    """Level, weight and one-step variance of simple exponential smoothing, the weight by least squares of one-step errors.

    Four degrees of freedom are lost to the season and the weight.
    """
    best = None
    for weight in np.linspace(0.05, 1.0, 20):
        level, errors = z[: min(4, len(z))].mean(), []
        for value in z:
            errors.append(value - level)
            level += weight * errors[-1]
        errors = np.array(errors[2:])
        loss = float((errors**2).sum())
        if best is None or loss < best[0]:
            best = (loss, level, weight, loss / max(len(errors) - 4, 1))
    return best[1], best[2], best[3]


def _ahead(rows: pd.DataFrame, jumps, level: float) -> pd.DataFrame | None:
    """The next quarters from a nowcast; None when the quarters since the last break are too few."""
    start = max([j for j in jumps if j <= rows.index[-1]], default=rows.index[0])
    use = rows[(rows["expected"] > 0) & (rows.index >= start)]
    if len(use) < FORECAST_QUARTERS or len(set(use.index % 4)) < 4:
        return None
    index, y = use.index.to_numpy(), np.log(use["expected"].to_numpy())
    effect, cov, _, df = _seasonal(index, y, ())
    centre, weight, variance = _smoothed(y - effect[index % 4])
    late = float((use["se"] / use["expected"]).to_numpy()[-1] ** 2)
    ahead = np.arange(rows.index[-1] + 1, rows.index[-1] + 1 + AHEAD)
    error = np.sqrt(
        variance * (1 + (np.arange(AHEAD) * weight**2))
        + weight**2 * late
        + np.diag(cov)[ahead % 4]
    )
    half = stdtrit(df, 0.5 + level / 2) * error
    value = centre + effect[ahead % 4]
    return pd.DataFrame(
        {
            "value": np.exp(value),
            "ci_low": np.exp(value - half),
            "ci_high": np.exp(value + half),
        },
        index=pd.Index(ahead, name="quarter"),
    )


def _known(triangle: np.ndarray, back: int) -> np.ndarray:
    """The triangle as it was `back` quarters ago."""
    part = triangle[: len(triangle) - back].copy()
    age = len(part) - 1 - np.arange(len(part))
    part[np.arange(part.shape[1])[None, :] > age[:, None]] = np.nan
    return part


def _carried(
    triangle: np.ndarray, last: int, jumps, level: float
) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    none = pd.DataFrame(columns=["value", "ci_low", "ci_high"])
    tried = pd.DataFrame(
        columns=[
            "origin",
            "ahead",
            "forecast",
            "ci_low",
            "ci_high",
            "happened",
            "inside",
        ]
    )
    if not len(triangle):
        return none, tried, "no records"
    now = nowcast(triangle, last=last, level=level).rows
    rows = []
    for back in range(len(triangle) - FORECAST_QUARTERS, 0, -1):
        then = nowcast(_known(triangle, back), last=last - back, level=level).rows
        made = _ahead(then, [j for j in jumps if j <= last - back], level)
        if made is None:
            continue
        for step, (quarter, one) in enumerate(made.iterrows(), start=1):
            happened = now["expected"].get(quarter, np.nan)
            broken = any(
                last - back < j <= quarter for j in jumps
            )  # a policy that nobody could foresee
            if (
                np.isfinite(happened)
                and not broken
                and now.at[quarter, "status"] == "final"
            ):
                rows.append(
                    (
                        last - back,
                        step,
                        one["value"],
                        one["ci_low"],
                        one["ci_high"],
                        happened,
                        one["ci_low"] <= happened <= one["ci_high"],
                    )
                )
    tried = pd.DataFrame(rows, columns=tried.columns)
    made = _ahead(now, jumps, level)
    if made is None:
        return none, tried, "too few quarters since the last change of policy"
    return made, tried, ""
