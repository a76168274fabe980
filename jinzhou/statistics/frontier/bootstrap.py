"""Sampling error of efficiency scores: subsampling, the smoothed bootstrap, and a test of returns to scale.

The estimated frontier lies inside the true one, so scores flatter; the bootstrap says by how much
and how surely.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.statistics import tolerance
from jinzhou.statistics.frontier.dea import (
    EFFICIENT,
    Frontier,
    Prepared,
    choice,
    dea,
    prepare,
)
from jinzhou.statistics.frontier.simplex import INFEASIBLE, OPTIMAL
from jinzhou.statistics.frontier.technology import Technology, move, technology

CONVENTIONS = ("subsampling", "shephard", "farrell")
"""Where the error comes from. ``subsampling`` (the default): samples of fewer units, consistent, and right nearly as often as it says
(`tests/frontier_bench.py`). The others are the smoothed bootstrap of 1998 with its bias taken off on the scale of Shephard's distance (1 / theta
for inputs, 1 / phi for outputs) or of Farrell's score itself; its intervals are too short, the more so the more inputs and outputs there are. The
corrected scores of one unit can differ by a tenth: name the convention with the number."""
SUBSAMPLE = 2 / 3
"""A subsample has n to this power of the n units. Chosen on simulated frontiers other than those that judge it: with 0.8 intervals are too short, with
0.5 too many of them are open."""
SMOOTH = ("constant", "variable", "decreasing", "increasing")
AT_ONCE = 12_000
"""Programs solved together."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrontierIntervals:
    """Scores with bias and intervals.

    Attributes
    ----------
    scores : DataFrame, indexed by unit
        `score` as `dea` gives it, `corrected` for bias, `bias` (score less corrected), `ci_low`, `ci_high` (interval of the
        true score), `reciprocal`, `reciprocal_ci_low`, `reciprocal_ci_high` (of the corrected score and its interval), `status`, `reached` (share of
        the replications in which anything could be compared with the unit; 1 under smoothing). Where that misses more than the tail of the
        interval, its far end is open: 0 for inputs, infinite for outputs. Where it is half or less, `corrected` is missing: nobody observed is
        large (or small) enough to say how far the unit could go.
    ranks : DataFrame or None
        `rank` (1 is best; the median over the replications), `ci_low`, `ci_high`. None when there are too few units for ranks to mean anything.
    convention : str
        One of `CONVENTIONS`.
    reason : str
        Empty, or why there are no intervals: ``fewer than two units off the frontier``.
    size : int
        Units of a subsample; all of them under smoothing.
    bandwidth : float
        Of the smoothing, on distances (1 / theta for inputs, phi for outputs); missing under subsampling.
    replications, failures : int
        Asked for; programs among them without an answer (left out of means and quantiles).
    """

    scores: pd.DataFrame
    ranks: pd.DataFrame | None
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    orientation: str
    returns: str
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
        if self.reason:
            return f"{self.n} units, {self.orientation}-oriented, {self.returns} returns: no intervals ({self.reason})."
        few = (
            ""
            if self.enough
            else " Too few units: scores are not informative, no ranks."
        )
        how = (
            f"subsampling {self.size} of them"
            if self.convention == "subsampling"
            else f"smoothed, bias on {self.convention}'s scale"
        )
        open_ends = int((self.scores["reached"] < (1 + self.level) / 2).sum())
        return (
            f"{self.n} units, {self.orientation}-oriented, {self.returns} returns, {how}, {self.replications:,} replications: "
            f"mean score {self.scores['score'].mean():.3f}, corrected {self.scores['corrected'].mean():.3f}"
            f"{f', {open_ends} intervals open at the far end' if open_ends else ''}.{few}"
        )


def dea_intervals(
    units: pd.DataFrame,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    orientation: str = "input",
    returns: str = "variable",
    convention: str = "subsampling",
    replications: int = 2000,
    level: float = 0.95,
    bandwidth: float | None = None,
    seed: int = 2018,
) -> FrontierIntervals:
    """Radial scores corrected for bias, with intervals, by subsampling or by the smoothed homogeneous bootstrap.

    Parameters
    ----------
    units, inputs, outputs, orientation, returns
        As in `dea`; orientation is input or output, returns are not fdh.
    convention : {"subsampling", "shephard", "farrell"}
        See `CONVENTIONS`.
    replications : int
        At least 100; 2,000 for figures that are published.
    bandwidth : float, optional
        Of the smoothing (not of subsampling), on distances; else Silverman's rule on the reflected distances beyond 1.

    Raises
    ------
    ParameterError
        An option that is not among those allowed, or what `dea` refuses.

    Notes
    -----
    Subsampling: the frontier of m of the n units, drawn without replacement, lies as far inside that of all n, relative to the rates of
    convergence, as that one lies inside the truth. With d = 1 / theta or phi and d* of a subsample, d (1 + (m / n)^k (d / d* - 1)) stands for the
    true distance; k is 2 / (inputs + outputs + 1), under constant returns 2 / (inputs + outputs). `corrected` is its median. Inefficiency may
    depend on size and mix. Kneip, Simar and Wilson (2008), Econometric Theory 24, 1663-1697; Park, Jeong and Simar (2010), Annals of Statistics
    38, 1320-1340; Simar and Wilson (2011), J. of Productivity Analysis 36, 33-53.

    Smoothing: pseudo-units keep their mix and lie off the estimated frontier by a distance drawn from the smoothed,
    reflected distribution of distances; each true unit is compared with them. The
    difference between those scores and the estimate stands for that between the estimate and the
    truth. It supposes that inefficiency does not depend on size or mix. Simar and Wilson (1998),
    Management Science 44, 49-61; Silverman's rule as in Daraio and Simar (2007), section 3.4.
    """
    choice("orientation", orientation, ("input", "output"))
    choice("returns", returns, SMOOTH)
    choice("convention", convention, CONVENTIONS)
    check_numbers(replications, level)
    if bandwidth is not None and not bandwidth > 0:
        raise ParameterError(
            f"带宽为 {bandwidth}；应为正数。",
            f"bandwidth={bandwidth}; expected above 0.",
        )
    if bandwidth is not None and convention == "subsampling":
        raise ParameterError(
            "子样本法没有带宽；请去掉 bandwidth，或改用 convention=shephard。",
            "subsampling has no bandwidth: leave `bandwidth` out, or ask for convention=shephard.",
        )
    plain = dea(
        units, inputs=inputs, outputs=outputs, orientation=orientation, returns=returns
    )
    comparable = plain.scores["score"].notna().to_numpy()
    names = plain.scores.index[comparable]
    given = prepare(units.loc[names], inputs=inputs, outputs=outputs, returns=returns)
    output = orientation == "output"
    score = plain.scores["score"].to_numpy()[comparable]
    distance = np.maximum(score if output else 1 / score, 1.0)
    rest = {"convention": convention, "level": level, "output": output}
    rng = np.random.default_rng(seed)
    if convention == "subsampling":
        size, h = max(2, round(given.n**SUBSAMPLE)), np.nan
        if (distance > 1 + EFFICIENT).sum() < 2:
            return _result(
                plain,
                None,
                reason="fewer than two units off the frontier",
                size=size,
                bandwidth=h,
                **rest,
            )
        draws = np.concatenate(
            list(
                subsample_scores(
                    given,
                    returns=returns,
                    output=output,
                    size=size,
                    replications=replications,
                    rng=rng,
                )
            )
        )
        power = 2 / (len(given.inputs) + len(given.outputs) + (returns != "constant"))
        truth = distance * (
            1 + (size / given.n) ** power * np.maximum(distance * draws - 1, 0.0)
        )
        return _result(plain, truth, reason="", size=size, bandwidth=h, **rest)
    h = silverman(distance) if bandwidth is None else float(bandwidth)
    if not h > 0:
        return _result(
            plain,
            None,
            reason="fewer than two units off the frontier",
            size=given.n,
            bandwidth=np.nan,
            **rest,
        )
    draws = np.concatenate(
        list(
            pseudo_scores(
                given,
                distance,
                returns=(returns,),
                output=output,
                bandwidth=h,
                replications=replications,
                rng=rng,
            )
        ),
        axis=1,
    )[0]
    estimate = 1 / distance
    truth = (
        2 / estimate - 1 / draws
        if output == (convention == "farrell")
        else 2 * estimate - draws
    )
    return _result(plain, truth, reason="", size=given.n, bandwidth=h, **rest)


def subsample_scores(
    given: Prepared,
    *,
    returns: str,
    output: bool,
    size: int,
    replications: int,
    rng: np.random.Generator,
) -> Iterator[np.ndarray]:
    """Scores of all units against the frontiers of `size` of them, in pieces (replications of the piece, n); see `_scores` for what they are."""
    t = technology(given.X, given.Y, returns)
    columns = t.columns()
    piece = max(1, AT_ONCE // given.n)
    for first in range(0, replications, piece):
        chosen = rng.permuted(
            np.tile(np.arange(given.n), (min(piece, replications - first), 1)), axis=1
        )[:, :size]
        yield _scores(
            given,
            t,
            np.ascontiguousarray(columns[:, chosen].transpose(1, 0, 2)),
            output=output,
        )


def pseudo_scores(
    given: Prepared,
    distance: np.ndarray,
    *,
    returns: Sequence[str],
    output: bool,
    bandwidth: float,
    replications: int,
    rng: np.random.Generator,
) -> Iterator[np.ndarray]:
    """Scores within (0, 1] of the true units against pseudo-units, in pieces (len(returns), replications of the piece, n).

    distance (n,): at least 1, what the units are projected on the frontier by.
    """
    piece = max(1, AT_ONCE // given.n)
    for first in range(0, replications, piece):
        drawn = smooth(
            distance, (min(piece, replications - first), given.n), bandwidth, rng
        )
        yield np.stack(
            [
                against_pseudo(given, drawn / distance, returns=one, output=output)
                for one in returns
            ]
        )


def against_pseudo(
    given: Prepared, factor: np.ndarray, *, returns: str, output: bool
) -> np.ndarray:
    """Scores (G, n) of the true units against G sets of pseudo-units; NaN where the solver has no answer.

    Parameters
    ----------
    factor : ndarray (G, n)
        What multiplies each unit's inputs, or divides its outputs, to make the pseudo-unit.

    Returns
    -------
    ndarray
        Input: theta. Output: 1 / phi. Both may pass 1: a pseudo-unit lies inside the frontier.
    """
    m = given.X.shape[1]
    t = technology(given.X, given.Y, returns)
    shared = np.repeat(t.columns()[None], len(factor), axis=0)
    if output:
        shared[:, m : m + given.Y.shape[1]] /= factor[:, None, :]
    else:
        shared[:, :m] *= factor[:, None, :]
    score = _scores(given, t, shared, output=output)
    return np.where(
        np.isinf(score), np.nan, score
    )  # each unit's own mix is there, so something always reaches it


def _scores(
    given: Prepared, t: Technology, shared: np.ndarray, *, output: bool
) -> np.ndarray:
    """Scores (G, n), theta or 1 / phi, of all units against G technologies (G, rows, .): beyond 1 where the unit lies outside, infinite where
    nothing there reaches it at all, NaN where the solver has no answer."""
    X, Y = np.tile(given.X, (len(shared), 1)), np.tile(given.Y, (len(shared), 1))
    found = move(
        t,
        X,
        Y,
        np.zeros_like(X) if output else X,
        Y if output else np.zeros_like(Y),
        inside=False,
        shared=shared,
    )
    with np.errstate(divide="ignore"):
        score = 1 / (1 + found.beta) if output else 1 - found.beta
    return np.select(
        [found.status == OPTIMAL, found.status == INFEASIBLE], [score, np.inf], np.nan
    ).reshape(len(shared), -1)


def smooth(
    distance: np.ndarray,
    shape: tuple[int, int],
    bandwidth: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draws of distances (>= 1) from the smoothed distribution of those given (n,), reflected at 1.

    Notes
    -----
    Reflection makes the mean 1, about which the variance is put right; shrinking towards the mean of the
    distances instead, as printed in Simar and Wilson (1998), keeps pseudo-units off the frontier and takes
    off too much bias when the bandwidth is not small.
    """
    both = np.concatenate([distance, 2 - distance])
    moved = rng.choice(both, shape) + bandwidth * rng.standard_normal(shape) - 1
    return 1 + np.abs(moved) / np.sqrt(1 + bandwidth**2 / both.var())


def silverman(distance: np.ndarray) -> float:
    """Bandwidth for distances (n,) reflected at 1, units on the frontier left out; 0 when fewer than two are off it."""
    off = distance[distance > 1 + EFFICIENT]
    if len(off) < 2:
        return 0.0
    both = np.concatenate([off, 2 - off])
    quarter = np.subtract(*np.percentile(both, [75, 25])) / 1.34
    rule = 0.9 * min(both.std(ddof=1), quarter) * len(both) ** -0.2
    return float(
        rule
        * (len(both) / len(distance)) ** 0.2
        * distance.std(ddof=1)
        / both.std(ddof=1)
    )


def _result(
    plain: Frontier,
    truth: np.ndarray | None,
    *,
    output: bool,
    convention: str,
    reason: str,
    size: int,
    bandwidth: float,
    level: float,
) -> FrontierIntervals:
    """truth (B, units with a score): what each replication says of the true distance (1 or more) or, on the other scale, of its reciprocal."""
    scores = plain.scores[["score"]].copy()
    has = scores["score"].notna().to_numpy()
    estimate = scores.loc[has, "score"].to_numpy()
    failures, ranks, subsampled = 0, None, convention == "subsampling"
    corrected = low = high = reached = np.full(len(estimate), np.nan)
    if truth is not None:
        distances = subsampled or output == (convention == "farrell")
        tails = [(1 - level) / 2, (1 + level) / 2]
        failures, reached = int(np.isnan(truth).sum()), 1 - np.isinf(truth).mean(axis=0)
        as_score = (
            (lambda v: np.divide(1.0, v, out=np.full(v.shape, np.inf), where=v > 0))
            if distances != output
            else (lambda v: v)
        )
        if subsampled:  # no mean of the infinite, nor between it and others
            centre = np.where(reached > 0.5, np.nanmedian(truth, axis=0), np.nan)
            ends = np.stack(
                [
                    np.nanquantile(truth, tails[0], axis=0, method="lower"),
                    np.nanquantile(truth, tails[1], axis=0, method="higher"),
                ]
            )
        else:
            centre, ends = (
                np.nanmean(truth, axis=0),
                np.nanquantile(truth, tails, axis=0),
            )
        corrected = np.where(np.isnan(centre), np.nan, as_score(centre))
        low, high = np.sort(np.stack([as_score(ends[0]), as_score(ends[1])]), axis=0)
        if plain.enough:
            better = (
                1.0 if distances else -1.0
            )  # rank 1 is the smallest distance, or the largest score
            each = tolerance.ranks(
                better * truth[~np.isnan(truth).any(axis=1)], tolerance.SOLVED
            )
            ranks = pd.DataFrame(
                {
                    name: np.quantile(each, at, axis=0, method=how).astype(int)
                    for name, at, how in (
                        ("rank", 0.5, "lower"),
                        ("ci_low", tails[0], "lower"),
                        ("ci_high", tails[1], "higher"),
                    )
                },
                index=scores.index[has],
            )
    with np.errstate(divide="ignore"):
        for name, values in {
            "corrected": corrected,
            "bias": estimate - corrected,
            "ci_low": low,
            "ci_high": high,
            "reciprocal": 1 / corrected,
            "reciprocal_ci_low": 1 / high,
            "reciprocal_ci_high": 1 / low,
            "reached": reached,
        }.items():
            scores.loc[has, name] = values
    return FrontierIntervals(
        scores=scores.assign(status=plain.scores["status"]),
        ranks=ranks,
        inputs=plain.inputs,
        outputs=plain.outputs,
        orientation=plain.orientation,
        returns=plain.returns,
        convention=convention,
        reason=reason,
        size=size,
        bandwidth=bandwidth,
        level=level,
        replications=0 if truth is None else len(truth),
        failures=failures,
        n=plain.n,
        enough=plain.enough,
        dropped=plain.dropped,
        excluded=plain.excluded,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReturnsTest:
    """Which returns to scale the data allow.

    Attributes
    ----------
    tests : DataFrame, indexed by null hypothesis
        ``constant`` and, when that is rejected, ``decreasing`` (non-increasing): `statistic` (mean score under the null over mean
        score under variable returns, 1 when they agree), `critical` (rejected below), `p_value`, `rejected`.
    returns : str
        Returns not rejected: ``constant``, ``decreasing`` or ``variable``; ``unknown`` when every unit is efficient under the null.
    """

    tests: pd.DataFrame
    returns: str
    orientation: str
    level: float
    replications: int
    n: int
    enough: bool

    def table(self) -> pd.DataFrame:
        """A copy of `tests`, safe to format."""
        return self.tests.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        tested = "; ".join(
            f"{name}: ratio {row.statistic:.3f}, p {row.p_value:.3f}"
            for name, row in self.tests.iterrows()
        )
        return f"Returns to scale of {self.n} units: {self.returns} ({tested})."


def returns_test(
    units: pd.DataFrame,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    orientation: str = "input",
    replications: int = 1000,
    level: float = 0.95,
    nulls: Sequence[str] = ("constant", "decreasing"),
    seed: int = 2018,
) -> ReturnsTest:
    """Test constant against variable returns and, when rejected, non-increasing against variable.

    Parameters
    ----------
    nulls : sequence of str
        Tested in this order until one is not rejected; ``("constant",)`` asks only whether scale matters, and ``variable`` is then the answer to its rejection.

    Notes
    -----
    The statistic is the ratio of mean scores within (0, 1]; its distribution under the null comes from
    pseudo-units of the null's frontier. Simar and Wilson (2002), EJOR 139, 115-132.
    """
    choice("orientation", orientation, ("input", "output"))
    check_numbers(replications, level)
    output = orientation == "output"
    scores = {
        r: dea(
            units, inputs=inputs, outputs=outputs, orientation=orientation, returns=r
        )
        for r in (*nulls, "variable")
    }
    frame = pd.DataFrame(
        {r: f.scores["reciprocal" if output else "score"] for r, f in scores.items()}
    ).dropna()
    given = prepare(
        units.loc[frame.index], inputs=inputs, outputs=outputs, returns="variable"
    )
    rows, answer = {}, "variable"
    for null in nulls:
        theta = np.minimum(frame[null].to_numpy(), 1.0)
        h = silverman(1 / theta)
        if not h > 0:
            answer = "unknown"
            break
        statistic = theta.mean() / np.minimum(frame["variable"].to_numpy(), 1.0).mean()
        draws = np.concatenate(
            list(
                pseudo_scores(
                    given,
                    1 / theta,
                    returns=(null, "variable"),
                    output=output,
                    bandwidth=h,
                    replications=replications,
                    rng=np.random.default_rng(seed),
                )
            ),
            axis=1,
        )
        ratio = np.nanmean(draws[0], axis=1) / np.nanmean(draws[1], axis=1)
        p = float((1 + (ratio <= statistic).sum()) / (1 + len(ratio)))
        rows[null] = {
            "statistic": float(statistic),
            "critical": float(np.quantile(ratio, 1 - level)),
            "p_value": p,
            "rejected": p < 1 - level,
        }
        if not rows[null]["rejected"]:
            answer = null
            break
    tests = pd.DataFrame.from_dict(
        rows, orient="index", columns=["statistic", "critical", "p_value", "rejected"]
    )
    return ReturnsTest(
        tests=tests,
        returns=answer,
        orientation=orientation,
        level=level,
        replications=replications,
        n=len(frame),
        enough=scores["variable"].enough,
    )


def check_numbers(replications: int, level: float) -> None:
    if replications < 100:
        raise ParameterError(
            f"自助法次数为 {replications}；至少应为 100。",
            f"replications={replications}; expected at least 100.",
        )
    if not 0.5 <= level < 1:
        raise ParameterError(
            f"置信水平为 {level}；应在 0.5 与 1 之间。",
            f"level={level}; expected between 0.5 and 1.",
        )
