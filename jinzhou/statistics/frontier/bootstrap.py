"""Sampling error of efficiency scores: subsampling and the smoothed bootstrap.

The estimated frontier lies inside the true one, so scores flatter; resampling says by
how much and how surely. No library of Python holds a subsample bootstrap of envelopment
scores, and a loop over a solver costs some forty times the batch of `simplex`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.statistics import tolerance
from jinzhou.statistics.frontier.dea import EFFICIENT, Frontier, dea
from jinzhou.statistics.frontier.model import DeaModel, Prepared, choice, prepare
from jinzhou.statistics.frontier.resampling import (
    pseudo_scores,
    silverman,
    subsample_scores,
)
from jinzhou.statistics.frontier.technology import CONVEX

CONVENTIONS = ("subsampling", "shephard", "farrell")
"""Where the error comes from. ``subsampling`` (the default): samples of fewer units,
consistent, and right nearly as often as it says (`benchmarks/frontier_bench.py`). The
others are the smoothed bootstrap of 1998 with its bias taken off on the scale of
Shephard's distance (1 / theta for inputs, 1 / phi for outputs) or of Farrell's score
itself; its intervals are too short, the more so the more inputs and outputs there are.
The corrected scores of one unit can differ by a tenth: name the convention with the
number."""
SUBSAMPLE = 2 / 3
"""A subsample has n to this power of the n units. Chosen on simulated frontiers other
than those that judge it: with 0.8 intervals are too short, with 0.5 too many of them
are open."""
FEWEST_REPLICATIONS = 100
NONE_OFF = "fewer than two units off the frontier"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrontierIntervals:
    """Scores with bias and intervals.

    Attributes
    ----------
    scores : DataFrame, indexed by unit
        `score` as `dea` gives it, `corrected` for bias, `bias` (score less corrected),
        `ci_low`, `ci_high` (interval of the true score), `reciprocal`,
        `reciprocal_ci_low`, `reciprocal_ci_high` (of the corrected score and its
        interval), `status`, `reached` (share of the replications in which anything
        could be compared with the unit; 1 under smoothing). Where that misses more than
        the tail of the interval, its far end is open: 0 for inputs, infinite for
        outputs. Where it is half or less, `corrected` is missing: nobody observed is
        large (or small) enough to say how far the unit could go.
    ranks : DataFrame or None
        `rank` (1 is best; the median over the replications), `ci_low`, `ci_high`; units
        whose scores are equal within `tolerance.SOLVED` share a rank. None when there
        are too few units for ranks to mean anything.
    convention : str
        One of `CONVENTIONS`.
    reason : str
        Empty, or why there are no intervals: ``fewer than two units off the frontier``.
    size : int
        Units of a subsample; all of them under smoothing.
    bandwidth : float
        Of the smoothing, on distances (1 / theta for inputs, phi for outputs); missing
        under subsampling.
    replications, failures : int
        Asked for; programs among them without an answer (left out of means and
        quantiles).
    inputs, outputs, orientation, returns_to_scale, n, enough, dropped, excluded
        As in `dea.Frontier`.
    level : float
    """

    scores: pd.DataFrame
    ranks: pd.DataFrame | None
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    orientation: str
    returns_to_scale: str
    convention: str
    reason: str
    size: int
    bandwidth: float
    level: float
    replications: int
    failures: int
    n: int
    enough: bool
    dropped: pd.Series
    excluded: pd.Series

    def table(self) -> pd.DataFrame:
        """A copy of `scores`, safe to format."""
        return self.scores.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        head = (
            f"{self.n} units, {self.orientation}-oriented, "
            f"{self.returns_to_scale} returns"
        )
        if self.reason:
            return f"{head}: no intervals ({self.reason})."
        how = f"smoothed, bias on {self.convention}'s scale"
        if self.convention == "subsampling":
            how = f"subsampling {self.size} of them"
        open_ends = int((self.scores["reached"] < (1 + self.level) / 2).sum())
        parts = [
            f"{head}, {how}, {self.replications:,} replications: "
            f"mean score {self.scores['score'].mean():.3f}",
            f"corrected {self.scores['corrected'].mean():.3f}",
        ]
        if open_ends:
            parts.append(f"{open_ends} intervals open at the far end")
        few = (
            ""
            if self.enough
            else " Too few units: scores are not informative, no ranks."
        )
        return ", ".join(parts) + "." + few


def dea_intervals(
    units: pd.DataFrame,
    model: DeaModel,
    *,
    convention: str = "subsampling",
    replications: int = 2000,
    level: float = 0.95,
    bandwidth: float | None = None,
    seed: int = 2018,
) -> FrontierIntervals:
    """Radial scores corrected for bias, with intervals.

    Parameters
    ----------
    units, model
        As in `dea`; the orientation is input or output, returns to scale are not fdh.
    convention : {"subsampling", "shephard", "farrell"}
        See `CONVENTIONS`.
    replications : int
        At least 100; 2,000 for figures that are published.
    bandwidth : float, optional
        Of the smoothing (not of subsampling), on distances; else Silverman's rule on
        the reflected distances beyond 1.

    Returns
    -------
    FrontierIntervals

    Raises
    ------
    ParameterError
        An option that is not among those allowed, or what `dea` refuses.

    Notes
    -----
    Subsampling: the frontier of m of the n units, drawn without replacement, lies
    as far inside that of all n, relative to the rates of convergence, as that one lies
    inside the truth. With d = 1 / theta or phi and d* of a subsample, d (1 + (m / n)^k
    (d / d* - 1)) stands for the true distance; k is 2 / (inputs + outputs + 1), under
    constant returns 2 / (inputs + outputs). `corrected` is its median. Inefficiency may
    depend on size and mix.

    Smoothing: pseudo-units keep their mix and lie off the estimated frontier by a
    distance drawn from the smoothed, reflected distribution of distances; each true
    unit is compared with them. The difference between those scores and the estimate
    stands for that between the estimate and the truth. It supposes that inefficiency
    does not depend on size or mix.

    References
    ----------
    Kneip, Simar and Wilson (2008), Econometric Theory 24, 1663-1697; Park,
    Jeong and Simar (2010), Annals of Statistics 38, 1320-1340; Simar and Wilson (2011),
    J. of Productivity Analysis 36, 33-53; Simar and Wilson (1998), Management Science
    44, 49-61; Silverman's rule as in Daraio and Simar (2007), section 3.4.
    """
    _check(model, convention, bandwidth)
    check_numbers(replications, level)
    plain = dea(units, model)
    comparable = plain.scores["score"].notna().to_numpy()
    given = prepare(units.loc[plain.scores.index[comparable]], model)
    score = plain.scores["score"].to_numpy()[comparable]
    distance = np.maximum(score if model.output else 1 / score, 1.0)
    rng = np.random.default_rng(seed)
    if convention == "subsampling":
        drawn = _subsampling(given, distance, model, replications, rng)
    else:
        drawn = _smoothing(
            given, distance, model, convention, bandwidth, replications, rng
        )
    return _result(plain, drawn, convention=convention, level=level)


def _check(model: DeaModel, convention: str, bandwidth: float | None) -> None:
    model.check(orientation=("input", "output"), returns_to_scale=CONVEX)
    choice("convention", convention, CONVENTIONS)
    if bandwidth is not None and not bandwidth > 0:
        raise ParameterError("statistics.bootstrap.bandwidth", found=bandwidth)
    if bandwidth is not None and convention == "subsampling":
        raise ParameterError("statistics.bootstrap.bandwidth_unused")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Drawn:
    """What the replications say.

    Attributes
    ----------
    truth : ndarray (B, units with a score), optional
        Of the true distance (1 or more) or, without `distances`, of its reciprocal.
    distances : bool
    size, bandwidth
        As in `FrontierIntervals`.
    """

    truth: np.ndarray | None
    distances: bool
    size: int
    bandwidth: float = np.nan


def _subsampling(
    given: Prepared,
    distance: np.ndarray,
    model: DeaModel,
    replications: int,
    rng: np.random.Generator,
) -> _Drawn:
    size = max(2, round(given.n**SUBSAMPLE))
    if (distance > 1 + EFFICIENT).sum() < 2:
        return _Drawn(truth=None, distances=True, size=size)
    pieces = subsample_scores(
        given, output=model.output, size=size, replications=replications, rng=rng
    )
    draws = np.concatenate(list(pieces))
    constant = model.returns_to_scale == "constant"
    power = 2 / (len(given.inputs) + len(given.outputs) + (not constant))
    shrunk = (size / given.n) ** power * np.maximum(distance * draws - 1, 0.0)
    return _Drawn(truth=distance * (1 + shrunk), distances=True, size=size)


def _smoothing(
    given: Prepared,
    distance: np.ndarray,
    model: DeaModel,
    convention: str,
    bandwidth: float | None,
    replications: int,
    rng: np.random.Generator,
) -> _Drawn:
    output, farrell = model.output, convention == "farrell"
    h = silverman(distance) if bandwidth is None else float(bandwidth)
    if not h > 0:
        return _Drawn(truth=None, distances=output == farrell, size=given.n)
    pieces = pseudo_scores(
        given,
        distance,
        returns_to_scale=(model.returns_to_scale,),
        output=output,
        bandwidth=h,
        replications=replications,
        rng=rng,
    )
    draws, estimate = np.concatenate(list(pieces), axis=1)[0], 1 / distance
    truth = 2 / estimate - 1 / draws if output == farrell else 2 * estimate - draws
    return _Drawn(truth=truth, distances=output == farrell, size=given.n, bandwidth=h)


def _result(
    plain: Frontier, drawn: _Drawn, *, convention: str, level: float
) -> FrontierIntervals:
    scores = plain.scores[["score"]].copy()
    has = scores["score"].notna().to_numpy()
    estimate = scores.loc[has, "score"].to_numpy()
    truth, tails = drawn.truth, ((1 - level) / 2, (1 + level) / 2)
    corrected = low = high = reached = np.full(len(estimate), np.nan)
    ranks, failures = None, 0
    if truth is not None:
        failures, reached = int(np.isnan(truth).sum()), 1 - np.isinf(truth).mean(axis=0)
        centre, ends = _centre(truth, reached, tails, convention)
        if drawn.distances != (plain.orientation == "output"):
            centre, ends = _reciprocal(centre), _reciprocal(ends)
        corrected, (low, high) = centre, np.sort(ends, axis=0)
        if plain.enough:
            # rank 1 is the smallest distance, or the largest score
            best_first = truth if drawn.distances else -truth
            ranks = _ranks(best_first, tails, scores.index[has])
    with np.errstate(divide="ignore"):
        columns = {
            "corrected": corrected,
            "bias": estimate - corrected,
            "ci_low": low,
            "ci_high": high,
            "reciprocal": 1 / corrected,
            "reciprocal_ci_low": 1 / high,
            "reciprocal_ci_high": 1 / low,
            "reached": reached,
        }
    for name, values in columns.items():
        scores.loc[has, name] = values
    return FrontierIntervals(
        scores=scores.assign(status=plain.scores["status"]),
        ranks=ranks,
        inputs=plain.inputs,
        outputs=plain.outputs,
        orientation=plain.orientation,
        returns_to_scale=plain.returns_to_scale,
        convention=convention,
        reason=NONE_OFF if truth is None else "",
        size=drawn.size,
        bandwidth=drawn.bandwidth,
        level=level,
        replications=0 if truth is None else len(truth),
        failures=failures,
        n=plain.n,
        enough=plain.enough,
        dropped=plain.dropped,
        excluded=plain.excluded,
    )


def _centre(
    truth: np.ndarray, reached: np.ndarray, tails: tuple[float, float], convention: str
) -> tuple[np.ndarray, np.ndarray]:
    """Centre (units,) and ends (2, units) of the replications (B, units)."""
    if convention != "subsampling":
        return np.nanmean(truth, axis=0), np.nanquantile(truth, tails, axis=0)
    # no mean of the infinite, nor between it and others
    centre = np.where(reached > 0.5, np.nanmedian(truth, axis=0), np.nan)
    below = np.nanquantile(truth, tails[0], axis=0, method="lower")
    above = np.nanquantile(truth, tails[1], axis=0, method="higher")
    return centre, np.stack([below, above])


def _reciprocal(values: np.ndarray) -> np.ndarray:
    """1 / values; infinite where nothing is above zero, NaN where unknown."""
    out = np.full(values.shape, np.inf)
    np.divide(1.0, values, out=out, where=values > 0)
    return np.where(np.isnan(values), np.nan, out)


def _ranks(
    best_first: np.ndarray, tails: tuple[float, float], names: pd.Index
) -> pd.DataFrame:
    """Median rank of each unit and its interval.

    Replications (B, units) with a gap are left out.
    """
    whole = best_first[~np.isnan(best_first).any(axis=1)]
    each = tolerance.ranks(whole, tolerance.SOLVED)
    return pd.DataFrame(
        {
            "rank": np.quantile(each, 0.5, axis=0, method="lower"),
            "ci_low": np.quantile(each, tails[0], axis=0, method="lower"),
            "ci_high": np.quantile(each, tails[1], axis=0, method="higher"),
        },
        index=names,
        dtype=int,
    )


def check_numbers(replications: int, level: float) -> None:
    """Refuse too few replications, or a level that is none."""
    if replications < FEWEST_REPLICATIONS:
        raise ParameterError(
            "statistics.bootstrap.replications",
            found=replications,
            least=FEWEST_REPLICATIONS,
        )
    if not 0.5 <= level < 1:
        raise ParameterError(
            "statistics.bootstrap.level", found=level, least=0.5, most=1
        )
