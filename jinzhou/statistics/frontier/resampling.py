"""Scores against drawn reference sets: subsamples, or smoothed pseudo-units.

The inner layer of the bootstrap: arrays in, arrays out, a few thousand programs at
once.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from jinzhou.statistics.frontier.dea import EFFICIENT
from jinzhou.statistics.frontier.model import Prepared
from jinzhou.statistics.frontier.programs import INFEASIBLE, OPTIMAL
from jinzhou.statistics.frontier.technology import (
    Technology,
    directional_distance,
    radial,
    technology,
)

AT_ONCE = 12_000
"""Programs solved together."""


def subsample_scores(
    given: Prepared,
    *,
    output: bool,
    size: int,
    replications: int,
    rng: np.random.Generator,
) -> Iterator[np.ndarray]:
    """Scores of all units against the frontiers of `size` of them.

    Yields
    ------
    ndarray (replications of the piece, n)
        Theta or 1 / phi: beyond 1 where the unit lies outside, infinite where nothing
        there reaches it at all, NaN where the solver has no answer.
    """
    reference = _own_technology(given, given.technology.returns_to_scale)
    columns = reference.columns()
    piece = max(1, AT_ONCE // given.n)
    for first in range(0, replications, piece):
        every = np.tile(np.arange(given.n), (min(piece, replications - first), 1))
        chosen = rng.permuted(every, axis=1)[:, :size]
        shared = np.ascontiguousarray(columns[:, chosen].transpose(1, 0, 2))
        yield _scores(given, reference, shared, output=output)


def pseudo_scores(
    given: Prepared,
    distance: np.ndarray,
    *,
    returns_to_scale: Sequence[str],
    output: bool,
    bandwidth: float,
    replications: int,
    rng: np.random.Generator,
) -> Iterator[np.ndarray]:
    """Scores within (0, 1] of the true units against pseudo-units.

    Parameters
    ----------
    distance : ndarray (n,)
        At least 1: what the units are projected on the frontier by.

    Yields
    ------
    ndarray (len(returns_to_scale), replications of the piece, n)
    """
    piece = max(1, AT_ONCE // given.n)
    for first in range(0, replications, piece):
        shape = (min(piece, replications - first), given.n)
        factor = smooth(distance, shape, bandwidth, rng) / distance
        yield np.stack(
            [
                against_pseudo(given, factor, returns_to_scale=one, output=output)
                for one in returns_to_scale
            ]
        )


def against_pseudo(
    given: Prepared, factor: np.ndarray, *, returns_to_scale: str, output: bool
) -> np.ndarray:
    """Scores (G, n) of the true units against G sets of pseudo-units.

    Parameters
    ----------
    factor : ndarray (G, n)
        What multiplies each unit's inputs, or divides its outputs, to make the
        pseudo-unit.

    Returns
    -------
    ndarray
        Theta for inputs, 1 / phi for outputs. Both may pass 1: a pseudo-unit lies
        inside the frontier. NaN where the solver has no answer; each unit's own mix is
        there, so something always reaches it.
    """
    m = given.X.shape[1]
    reference = _own_technology(given, returns_to_scale)
    shared = np.repeat(reference.columns()[None], len(factor), axis=0)
    if output:
        shared[:, m : m + given.Y.shape[1]] /= factor[:, None, :]
    else:
        shared[:, :m] *= factor[:, None, :]
    score = _scores(given, reference, shared, output=output)
    return np.where(np.isinf(score), np.nan, score)


def _own_technology(given: Prepared, returns_to_scale: str) -> Technology:
    return technology(given.X, given.Y, returns_to_scale)


def _scores(
    given: Prepared, reference: Technology, shared: np.ndarray, *, output: bool
) -> np.ndarray:
    """Scores (G, n) against G technologies (G, rows, .), see `subsample_scores`."""
    X, Y = np.tile(given.X, (len(shared), 1)), np.tile(given.Y, (len(shared), 1))
    found = directional_distance(
        reference, radial(X, Y, output=output, inside=False), shared=shared
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
    """Draws of distances (>= 1) from the smoothed distribution of those given (n,).

    Notes
    -----
    Reflection at 1 makes the mean 1, about which the variance is put right;
    shrinking towards the mean of the distances instead, as printed in Simar and Wilson
    (1998), keeps pseudo-units off the frontier and takes off too much bias when the
    bandwidth is not small.
    """
    both = np.concatenate([distance, 2 - distance])
    moved = rng.choice(both, shape) + bandwidth * rng.standard_normal(shape) - 1
    return 1 + np.abs(moved) / np.sqrt(1 + bandwidth**2 / both.var())


def silverman(distance: np.ndarray) -> float:
    """Bandwidth for distances (n,) reflected at 1, units on the frontier left out.

    Returns
    -------
    float
        0 when fewer than two units are off the frontier.
    """
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
