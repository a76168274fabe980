"""A quarterly series of bills or events: the season, the level, the next two quarters.

Records come late, so the last quarters are raised first (`nowcast`). The season is that
of a regression of the logarithm on quarters, a trend and the known breaks
(statsmodels). Errors hold clusters: rows of a cluster resemble one another.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from jinzhou.errors import ParameterError
from jinzhou.result import Result
from jinzhou.statistics.nowcast import delay_triangle, nowcast
from jinzhou.words import Words

SEASON_QUARTERS = 9
"""Fewer quarters than two years and one are not adjusted for the season."""
FORECAST_QUARTERS = 8
"""Fewer quarters than this since the last break are not carried on."""
AHEAD = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trend(Result):
    """A quarterly series, seasonally adjusted, with its forecast.

    Attributes
    ----------
    rows : DataFrame, indexed by quarter number
        `observed`, `expected`, `ci_low`, `ci_high` (raised by late records),
        `adjusted`, `adjusted_ci_low`, `adjusted_ci_high` (without the season),
        `status`, `reason`.
    season : Series, indexed by 1..4
        Factor of each quarter of the year, geometric mean 1; empty when not identified.
    forecast : DataFrame, indexed by quarter number
        `value`, `ci_low`, `ci_high`; no rows when `not_forecast` says why.
    backtest : DataFrame
        `origin`, `ahead`, `forecast`, `ci_low`, `ci_high`, `happened`, `inside`:
        forecasts made in the past from what was recorded then.
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

    def sentence(self, words: Words) -> str:
        """Quarters, season and how past forecasts did."""
        season = "adjusted"
        if self.not_adjusted:
            season = "not_adjusted"
        tested = words("summary.Trend.no_forecast")
        if len(self.backtest):
            tested = words(
                "summary.Trend.tested",
                inside=int(self.backtest["inside"].sum()),
                forecasts=len(self.backtest),
            )
        return words(
            "summary.Trend.text",
            quarters=len(self.rows),
            preliminary=int((self.rows["status"] == "preliminary").sum()),
            season=words(f"summary.Trend.{season}"),
            tested=tested,
        )


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
    """Count or sum by quarter, raise late records, take out the season, carry on.

    Parameters
    ----------
    rows : DataFrame
        One row per bill or event, known by `as_of`.
    value : str, optional
        Column to sum, not negative; without it rows are counted.
    cluster : str
        Villages (or households): the intervals allow for rows of a cluster being alike.
    breaks : sequence of str
        Days on which a policy began: the level may jump there, and is not read as
        season. An empty text is no day.

    Raises
    ------
    ParameterError
        `value` has negative numbers.
    """
    if value is not None and (rows[value] < 0).any():
        raise ParameterError(
            "statistics.trend.negative",
            column=value,
            found=int((rows[value] < 0).sum()),
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

    All villages are in the registry, so that one is larger than another is no error;
    error is how a village's rows of a quarter, together, depart from its usual part of
    the whole.
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
    """Constant, three quarters of the year (sum zero), trend, jumps inside."""
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
    """Effects of the four quarters, their covariance (4, 4), residual variance, df."""
    from statsmodels.regression.linear_model import OLS

    found = OLS(y, _design(index, jumps)).fit()
    to_four = np.vstack([np.eye(3), -np.ones(3)])
    cov = found.cov_params()[1:4, 1:4]
    return (
        to_four @ found.params[1:4],
        to_four @ cov @ to_four.T,
        float(found.scale),
        int(found.df_resid),
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
    """Level, weight and one-step variance of simple exponential smoothing.

    The weight by least squares of one-step errors (statsmodels), from the mean of the first
    four; four degrees of freedom are lost to the season and the weight.
    """
    from statsmodels.tsa.holtwinters import SimpleExpSmoothing

    start = float(z[:4].mean())
    model = SimpleExpSmoothing(
        z, initialization_method="known", initial_level=start
    ).fit()
    errors = model.resid[2:]
    variance = float((errors**2).sum() / max(len(errors) - 4, 1))
    weight = float(model.params["smoothing_level"])
    return float(model.level[-1]), weight, variance


def _ahead(rows: pd.DataFrame, jumps, level: float) -> pd.DataFrame | None:
    """The next quarters from a nowcast; None with too few since the last break."""
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
