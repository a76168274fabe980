"""Distances to the free disposal hull: every point beside every reference unit.

One peer at a time needs no linear program, and no library of Python serves it in
arrays.
"""

from dataclasses import dataclass

import numpy as np

from jinzhou.statistics.frontier.programs import INFEASIBLE, OPTIMAL, UNBOUNDED
from jinzhou.statistics.frontier.technology import Distances, Points, Technology

_PAIRS = 2_000_000
"""Numbers in one array of pairs."""


def fdh_distance(
    reference: Technology,
    points: Points,
    *,
    slack_weights: np.ndarray | None = None,
    hyperbolic: bool = False,
) -> Distances:
    """Largest beta with one peer at a time.

    Among the best peers, the one that leaves most slack.

    Parameters
    ----------
    slack_weights : ndarray (m + s,), optional
        Ones by default.
    hyperbolic : bool
        Inputs times gamma, outputs over gamma; `beta` is 1 - gamma.

    References
    ----------
    Deprins, Simar and Tulkens (1984), in: The Performance of Public
    Enterprises, 243-267.
    """
    K, (N, m), s = len(points.X), reference.X.shape, reference.Y.shape[1]
    weights = np.ones(m + s) if slack_weights is None else slack_weights
    beta, slack = np.full(K, np.nan), np.zeros((K, m + s))
    peer, status = np.zeros(K, dtype=int), np.full(K, INFEASIBLE)
    for k in np.array_split(np.arange(K), max(1, K * N * (m + s) // _PAIRS)):
        if not len(k):
            continue
        pairs = _Pairs(reference, points, k, hyperbolic)
        reach = pairs.reach()
        best = reach.max(axis=1)
        at = pairs.most_slack(reach, best, weights)
        peer[k], beta[k], slack[k] = at, best, pairs.slack(at, best)
        status[k] = np.where(best == np.inf, UNBOUNDED, OPTIMAL)
        status[k[best == -np.inf]] = INFEASIBLE
    good = np.flatnonzero(status == OPTIMAL)
    slack[status != OPTIMAL] = 0.0
    beta[status != OPTIMAL] = np.nan
    return Distances(
        status=status,
        beta=beta,
        slack=slack,
        point=good,
        peer=peer[good],
        weight=np.ones(len(good)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Some of the points `k` (K',) with every reference unit."""

    reference: Technology
    points: Points
    k: np.ndarray
    hyperbolic: bool

    def reach(self) -> np.ndarray:
        """Beta (K', N) up to each reference unit; infinite where nothing bounds it."""
        p, t, k = self.points, self.reference, self.k
        reach = np.full((len(k), len(t.X)), np.inf)
        for i in range(t.X.shape[1]):
            self._bound(reach, p.X[k, i], t.X[:, i], p.GX[k, i], 1.0)
        for r in range(t.Y.shape[1]):
            self._bound(reach, p.Y[k, r], t.Y[:, r], p.GY[k, r], -1.0)
        if p.exclude is not None:
            without = p.exclude[k]
            has = np.flatnonzero(without >= 0)
            reach[has, without[has]] = -np.inf
        return reach

    def _bound(
        self,
        reach: np.ndarray,
        own: np.ndarray,
        other: np.ndarray,
        step: np.ndarray,
        sign: float,
    ) -> None:
        """Lower `reach` to what one input (sign 1) or output (sign -1) allows."""
        own, other = own[:, None], other[None, :]
        gap = sign * (own - other)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.hyperbolic:
                ratio = 1 - (other / own if sign > 0 else own / other)
            else:
                ratio = gap / step[:, None]
        still = np.where(gap >= 0, np.inf, -np.inf)
        np.minimum(reach, np.where((step != 0)[:, None], ratio, still), out=reach)

    def moved(self, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The points after their move: inputs (K', m), outputs (K', s)."""
        p, k = self.points, self.k
        step = np.where(np.isfinite(beta), beta, 0.0)[:, None]
        if self.hyperbolic:
            x = p.X[k] * (1 - step * (p.GX[k] != 0))
            return x, p.Y[k] / np.where(p.GY[k] != 0, 1 - step, 1.0)
        return p.X[k] - step * p.GX[k], p.Y[k] + step * p.GY[k]

    def most_slack(
        self, reach: np.ndarray, best: np.ndarray, weights: np.ndarray
    ) -> np.ndarray:
        """The peers (K',) that leave most slack, among those that tie for the best beta."""
        t, m = self.reference, self.reference.X.shape[1]
        x, y = self.moved(best)
        left = (
            (x * weights[:m]).sum(axis=1)[:, None]
            - (t.X * weights[:m]).sum(axis=1)
            + (t.Y * weights[m:]).sum(axis=1)
            - (y * weights[m:]).sum(axis=1)[:, None]
        )
        tied = reach >= best[:, None] - 1e-12 * (1 + np.abs(best[:, None]))
        return np.where(tied, left, -np.inf).argmax(axis=1)

    def slack(self, at: np.ndarray, beta: np.ndarray) -> np.ndarray:
        """Slacks (K', m + s) against the chosen peers."""
        x, y = self.moved(beta)
        t = self.reference
        return np.maximum(np.hstack([x - t.X[at], t.Y[at] - y]), 0.0)
