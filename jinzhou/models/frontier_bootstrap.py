"""Sampling error of efficiency scores: the smoothed bootstrap, and a test of returns to scale.

The estimated frontier lies inside the true one, so scores flatter; the bootstrap says by how much
and how surely.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.models.dea import EFFICIENT, Frontier, Prepared, choice, dea, prepare
from jinzhou.models.simplex import OPTIMAL
from jinzhou.models.technology import move, technology

CONVENTIONS = ("shephard", "farrell")
"""On which scale the bias is taken off: Shephard's distance (1 / theta for inputs, 1 / phi for outputs; the default) or
Farrell's score itself. The two corrected scores of one unit can differ by a tenth: name the convention with the number."""
SMOOTH = ("constant", "variable", "decreasing", "increasing")
AT_ONCE = 12_000
"""Programs solved together."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrontierIntervals:
    """Scores with bias and intervals.

    Attributes
    ----------
    scores : DataFrame, indexed by unit
        `score` as `dea` gives it, `corrected` for bias, `bias` (score less corrected), `low`, `high` (interval of the
        true score), `reciprocal`, `reciprocal_low`, `reciprocal_high` (of the corrected score and its interval), `status`.
    ranks : DataFrame or None
        `rank` by corrected score (1 is best), `low`, `high`. None when there are too few units for ranks to mean anything.
    convention : str
        One of `CONVENTIONS`: the scale of the bias.
    reason : str
        Empty, or why there are no intervals: ``fewer than two units off the frontier``.
    bandwidth : float
        Of the smoothing, on distances (1 / theta for inputs, phi for outputs).
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
        few = "" if self.enough else " Too few units: scores are not informative, no ranks."
        return (f"{self.n} units, {self.orientation}-oriented, {self.returns} returns, bias on {self.convention}'s scale, {self.replications:,} replications: "
                f"mean score {self.scores['score'].mean():.3f}, corrected {self.scores['corrected'].mean():.3f}.{few}")


def dea_intervals(
    units: pd.DataFrame, *, inputs: Sequence[str], outputs: Sequence[str], orientation: str = "input", returns: str = "variable",
    convention: str = "shephard", replications: int = 2000, level: float = 0.95, bandwidth: float | None = None, seed: int = 2018,
) -> FrontierIntervals:
    """Radial scores corrected for bias, with intervals, by the smoothed homogeneous bootstrap.

    Parameters
    ----------
    units, inputs, outputs, orientation, returns
        As in `dea`; orientation is input or output, returns are not fdh.
    convention : {"shephard", "farrell"}
        See `CONVENTIONS`.
    replications : int
        At least 100; 2,000 for figures that are published.
    bandwidth : float, optional
        Of the smoothing, on distances; else Silverman's rule on the reflected distances beyond 1.

    Raises
    ------
    ParameterError
        An option that is not among those allowed, or what `dea` refuses.

    Notes
    -----
    Pseudo-units keep their mix and lie off the estimated frontier by a distance drawn from the smoothed,
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
        raise ParameterError(f"带宽为 {bandwidth}；应为正数。", f"bandwidth={bandwidth}; expected above 0.")
    plain = dea(units, inputs=inputs, outputs=outputs, orientation=orientation, returns=returns)
    comparable = plain.scores["score"].notna().to_numpy()
    names = plain.scores.index[comparable]
    given = prepare(units.loc[names], inputs=inputs, outputs=outputs, returns=returns)
    output = orientation == "output"
    score = plain.scores["score"].to_numpy()[comparable]
    distance = np.maximum(score if output else 1 / score, 1.0)
    h = silverman(distance) if bandwidth is None else float(bandwidth)
    if not h > 0:
        return _result(plain, None, convention=convention, reason="fewer than two units off the frontier", bandwidth=np.nan, level=level, replications=0)
    rng = np.random.default_rng(seed)
    draws = np.concatenate(list(pseudo_scores(given, distance, returns=(returns,), output=output, bandwidth=h, replications=replications, rng=rng)), axis=1)[0]
    return _result(plain, draws, convention=convention, reason="", bandwidth=h, level=level, replications=replications)


def pseudo_scores(
    given: Prepared, distance: np.ndarray, *, returns: Sequence[str], output: bool, bandwidth: float, replications: int, rng: np.random.Generator,
) -> Iterator[np.ndarray]:
    """Scores within (0, 1] of the true units against pseudo-units, in pieces (len(returns), replications of the piece, n).

    distance (n,): at least 1, what the units are projected on the frontier by.
    """
    piece = max(1, AT_ONCE // given.n)
    for first in range(0, replications, piece):
        drawn = smooth(distance, (min(piece, replications - first), given.n), bandwidth, rng)
        yield np.stack([against_pseudo(given, drawn / distance, returns=one, output=output) for one in returns])


def against_pseudo(given: Prepared, factor: np.ndarray, *, returns: str, output: bool) -> np.ndarray:
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
    count, m = len(factor), given.X.shape[1]
    t = technology(given.X, given.Y, returns)
    shared = np.repeat(t.columns()[None], count, axis=0)
    if output:
        shared[:, m:m + given.Y.shape[1]] /= factor[:, None, :]
    else:
        shared[:, :m] *= factor[:, None, :]
    X, Y = np.tile(given.X, (count, 1)), np.tile(given.Y, (count, 1))
    found = move(t, X, Y, np.zeros_like(X) if output else X, Y if output else np.zeros_like(Y), inside=False, shared=shared)
    beta = np.where(found.status == OPTIMAL, found.beta, np.nan).reshape(factor.shape)
    return 1 / (1 + beta) if output else 1 - beta


def smooth(distance: np.ndarray, shape: tuple[int, int], bandwidth: float, rng: np.random.Generator) -> np.ndarray:
    """Draws of distances (>= 1) from the smoothed distribution of those given (n,), reflected at 1.

    Notes
    -----
    Reflection makes the mean 1, about which the variance is put right; shrinking towards the mean of the
    distances instead, as printed in Simar and Wilson (1998), keeps pseudo-units off the frontier and takes
    off too much bias when the bandwidth is not small.
    """
    both = np.concatenate([distance, 2 - distance])
    moved = rng.choice(both, shape) + bandwidth * rng.standard_normal(shape) - 1
    return 1 + np.abs(moved) / np.sqrt(1 + bandwidth ** 2 / both.var())


def silverman(distance: np.ndarray) -> float:
    """Bandwidth for distances (n,) reflected at 1, units on the frontier left out; 0 when fewer than two are off it."""
    off = distance[distance > 1 + EFFICIENT]
    if len(off) < 2:
        return 0.0
    both = np.concatenate([off, 2 - off])
    quarter = np.subtract(*np.percentile(both, [75, 25])) / 1.34
    rule = 0.9 * min(both.std(ddof=1), quarter) * len(both) ** -0.2
    return float(rule * (len(both) / len(distance)) ** 0.2 * distance.std(ddof=1) / both.std(ddof=1))


def _result(plain: Frontier, draws: np.ndarray | None, *, convention: str, reason: str, bandwidth: float, level: float, replications: int) -> FrontierIntervals:
    """draws (B, units with a score): scores within (0, 1] against pseudo-units, some beyond 1."""
    output = plain.orientation == "output"
    scores = plain.scores[["score"]].copy()
    has = scores["score"].notna().to_numpy()
    estimate = scores.loc[has, "score"].to_numpy()
    failures, ranks = 0, None
    corrected = low = high = np.full(len(estimate), np.nan)
    if draws is not None:
        failures = int(np.isnan(draws).sum())
        inverse = output == (convention == "farrell")       # the scale of the bias is 1 / draw: 1 / theta (Shephard, inputs) or phi (Farrell, outputs)
        on, back = (1 / draws, 1 / (1 / estimate if output else estimate)) if inverse else (draws, 1 / estimate if output else estimate)
        truth = 2 * back - on                                # what each replication says of the true distance
        centre = np.nanmean(truth, axis=0)
        ends = np.nanquantile(truth, [(1 - level) / 2, (1 + level) / 2], axis=0)
        as_score = (lambda v: np.divide(1.0, v, out=np.full(v.shape, np.inf), where=v > 0)) if inverse != output else (lambda v: v)
        corrected = as_score(centre)
        low, high = np.sort(np.stack([as_score(ends[0]), as_score(ends[1])]), axis=0)
        if plain.enough:
            better = 1.0 if inverse else -1.0                # rank 1 is the smallest distance, or the largest score
            order = lambda v: pd.DataFrame(better * v).rank(axis=1, method="min").to_numpy()
            each = order(truth[~np.isnan(truth).any(axis=1)])
            ranks = pd.DataFrame({"rank": order(centre[None])[0].astype(int), "low": np.quantile(each, (1 - level) / 2, axis=0, method="lower").astype(int),
                                  "high": np.quantile(each, (1 + level) / 2, axis=0, method="higher").astype(int)}, index=scores.index[has])
    for name, values in {"corrected": corrected, "bias": estimate - corrected, "low": low, "high": high, "reciprocal": 1 / corrected,
                         "reciprocal_low": 1 / high, "reciprocal_high": 1 / low}.items():
        scores.loc[has, name] = values
    return FrontierIntervals(
        scores=scores.assign(status=plain.scores["status"]), ranks=ranks, inputs=plain.inputs, outputs=plain.outputs, orientation=plain.orientation,
        returns=plain.returns, convention=convention, reason=reason, bandwidth=bandwidth, level=level, replications=replications, failures=failures,
        n=plain.n, enough=plain.enough, dropped=plain.dropped, excluded=plain.excluded)


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
        tested = "; ".join(f"{name}: ratio {row.statistic:.3f}, p {row.p_value:.3f}" for name, row in self.tests.iterrows())
        return f"Returns to scale of {self.n} units: {self.returns} ({tested})."


def returns_test(
    units: pd.DataFrame, *, inputs: Sequence[str], outputs: Sequence[str], orientation: str = "input", replications: int = 1000, level: float = 0.95,
    seed: int = 2018,
) -> ReturnsTest:
    """Test constant against variable returns and, when rejected, non-increasing against variable.

    Notes
    -----
    The statistic is the ratio of mean scores within (0, 1]; its distribution under the null comes from
    pseudo-units of the null's frontier. Simar and Wilson (2002), EJOR 139, 115-132.
    """
    choice("orientation", orientation, ("input", "output"))
    check_numbers(replications, level)
    output = orientation == "output"
    scores = {r: dea(units, inputs=inputs, outputs=outputs, orientation=orientation, returns=r) for r in ("constant", "decreasing", "variable")}
    frame = pd.DataFrame({r: f.scores["reciprocal" if output else "score"] for r, f in scores.items()}).dropna()
    given = prepare(units.loc[frame.index], inputs=inputs, outputs=outputs, returns="variable")
    rows, answer = {}, "variable"
    for null in ("constant", "decreasing"):
        theta = np.minimum(frame[null].to_numpy(), 1.0)
        h = silverman(1 / theta)
        if not h > 0:
            answer = "unknown"
            break
        statistic = theta.mean() / np.minimum(frame["variable"].to_numpy(), 1.0).mean()
        draws = np.concatenate(list(pseudo_scores(given, 1 / theta, returns=(null, "variable"), output=output, bandwidth=h, replications=replications,
                                                  rng=np.random.default_rng(seed))), axis=1)
        ratio = np.nanmean(draws[0], axis=1) / np.nanmean(draws[1], axis=1)
        p = float((1 + (ratio <= statistic).sum()) / (1 + len(ratio)))
        rows[null] = {"statistic": float(statistic), "critical": float(np.quantile(ratio, 1 - level)), "p_value": p, "rejected": p < 1 - level}
        if not rows[null]["rejected"]:
            answer = null
            break
    tests = pd.DataFrame.from_dict(rows, orient="index", columns=["statistic", "critical", "p_value", "rejected"])
    return ReturnsTest(tests=tests, returns=answer, orientation=orientation, level=level, replications=replications, n=len(frame), enough=scores["variable"].enough)


def check_numbers(replications: int, level: float) -> None:
    if replications < 100:
        raise ParameterError(f"自助法次数为 {replications}；至少应为 100。", f"replications={replications}; expected at least 100.")
    if not 0.5 <= level < 1:
        raise ParameterError(f"置信水平为 {level}；应在 0.5 与 1 之间。", f"level={level}; expected between 0.5 and 1.")
