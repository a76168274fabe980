"""What the reference units show to be possible, and how far a point can move inside it. Arrays only.

Every radial and directional score is one question: the largest beta such that
X lam <= x - beta gx and Y lam >= y + beta gy for weights lam that the returns to scale allow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jinzhou.statistics.frontier.simplex import (
    INFEASIBLE,
    OPTIMAL,
    UNBOUNDED,
    UNSOLVED,
    Programs,
    Solved,
    solve,
)

RETURNS = ("constant", "variable", "decreasing", "increasing", "fdh")
"""Constant: Charnes, Cooper and Rhodes (CCR, CRS); variable: Banker, Charnes and Cooper (BCC, VRS); decreasing: sum of
weights at most 1 (DRS, non-increasing); increasing: at least 1 (IRS, non-decreasing); fdh: free disposal hull, one peer."""
_PAIRS = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Technology:
    """Reference units, already scaled.

    Attributes
    ----------
    X : ndarray (N, m)
        Inputs, with undesirable outputs as further columns.
    Y : ndarray (N, s)
    returns : str
        One of `RETURNS`.
    weak : ndarray of bool (m,)
        Undesirable outputs that can only be cut along with the good ones (weak disposability).
    cone : ndarray (m + s, q)
        Directions that restrictions on the multipliers add, see `dea.assurance_cone`.
    """

    X: np.ndarray
    Y: np.ndarray
    returns: str
    weak: np.ndarray
    cone: np.ndarray

    @property
    def convex(self) -> bool:
        """Whether the sum of weights is bound, so that size matters."""
        return self.returns in ("variable", "decreasing", "increasing")

    def columns(self) -> np.ndarray:
        """Columns (m + s + 1 or 0, N + ...) of the reference units and of what goes with them."""
        columns = np.vstack(
            [self.X.T, self.Y.T] + ([np.ones(len(self.X))] if self.convex else [])
        )
        extra = []
        if (
            self.weak.any() and self.convex
        ):  # Kuosmanen (2005): abated activity keeps its inputs, loses goods and bads
            idle = columns.copy()
            idle[
                np.concatenate(
                    [
                        self.weak,
                        np.ones(self.Y.shape[1], dtype=bool),
                        np.zeros(int(self.convex), dtype=bool),
                    ]
                )
            ] = 0.0
            extra.append(idle)
        if self.cone.shape[1]:
            extra.append(
                np.vstack([self.cone, np.zeros((int(self.convex), self.cone.shape[1]))])
            )
        return np.hstack([columns, *extra])

    def slack_columns(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Own columns (rows, e) of the slacks, the row that each belongs to, and `Programs.start`."""
        m, s = self.X.shape[1], self.Y.shape[1]
        rows = m + s + self.convex
        sign = np.concatenate(
            [
                np.where(self.weak, 0.0, 1.0),
                -np.ones(s),
                [{"variable": 0.0, "decreasing": 1.0, "increasing": -1.0}[self.returns]]
                if self.convex
                else [],
            ]
        )
        where = np.flatnonzero(sign)
        own = np.zeros((rows, len(where)))
        own[where, np.arange(len(where))] = sign[where]
        start = np.full(rows, -1)
        start[where] = np.arange(len(where))
        return own, where, start


def technology(X, Y, returns: str, *, weak=None, cone=None) -> Technology:
    """A `Technology` with the usual nothing for what is not given."""
    return Technology(
        X=X,
        Y=Y,
        returns=returns,
        weak=np.zeros(X.shape[1], dtype=bool) if weak is None else weak,
        cone=np.zeros((X.shape[1] + Y.shape[1], 0)) if cone is None else cone,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moves:
    """How far each point moved.

    `beta` (K,), NaN unless `status` is `OPTIMAL`; `slack` (K, m + s); `unit`, `peer`, `weight` list
    the reference units used.
    """

    status: np.ndarray
    beta: np.ndarray
    slack: np.ndarray
    unit: np.ndarray
    peer: np.ndarray
    weight: np.ndarray


def move(
    t: Technology,
    X,
    Y,
    GX,
    GY,
    *,
    exclude=None,
    slack_weights=None,
    inside: bool = True,
    floor=None,
    shared=None,
) -> Moves:
    """Largest beta from points (X, Y) along (-GX, +GY), all (K, .), then the largest weighted sum of slacks.

    Parameters
    ----------
    exclude : ndarray (K,), optional
        Reference unit that a point may not use, -1 for none.
    slack_weights : ndarray (m + s,), optional
        Weights of phase two; without them phase two is left out and the slacks are those found.
    inside : bool
        The points belong to the technology, so beta >= 0.
    floor : ndarray (K, s), optional
        Right-hand side of the outputs when it is not Y (used by `hyperbolic`).
    shared : ndarray (G, rows, N), optional
        Columns of G technologies in place of t's, each for K / G of the points in order (used by the bootstrap).
    """
    if t.returns == "fdh":
        return _move_fdh(t, X, Y, GX, GY, exclude=exclude, slack_weights=slack_weights)
    K, m = X.shape
    b = np.hstack([X, Y if floor is None else floor, np.ones((K, int(t.convex)))])
    g = np.hstack([GX, -GY, np.zeros((K, int(t.convex)))])
    size = unit_size(b)
    length = np.abs(g).max(axis=1)
    length[length == 0] = 1.0
    slacks, where, start = t.slack_columns()
    signs = 1 if inside else 2
    own = np.zeros((K, b.shape[1], signs + slacks.shape[1]))
    own[:, :, 0] = g / length[:, None]
    if not inside:
        own[:, :, 1] = -own[:, :, 0]
    own[:, :, signs:] = slacks
    first = np.zeros((1, own.shape[2]))
    first[0, :signs] = [-1.0, 1.0][:signs]
    costs = [first]
    if slack_weights is not None:
        second = np.zeros((1, own.shape[2]))
        real = where < len(slack_weights)
        second[0, signs:][real] = -slack_weights[where[real]]
        costs.append(second)
    found = solve(
        Programs(
            shared=t.columns()[None] if shared is None else shared,
            own=own,
            b=b / size[:, None],
            costs=tuple(costs),
            start=np.where(start >= 0, start + signs, -1),
            exclude=exclude,
        )
    )
    return _moves(
        found,
        t,
        size=size,
        signs=signs,
        where=where,
        scale=size / length,
        inside=inside,
    )


def unit_size(b: np.ndarray) -> np.ndarray:
    """What to divide each right-hand side (K, r) by, so that its smallest part counts: a hamlet beside a city is not rounding."""
    positive = np.abs(b)
    most = positive.max(axis=1, initial=0.0)
    least = np.where(positive > 0, positive, np.inf).min(axis=1, initial=np.inf)
    return np.where(most > 0, np.maximum(least, 1e-8 * most), 1.0)


def _moves(
    found: Solved,
    t: Technology,
    *,
    size: np.ndarray,
    signs: int,
    where: np.ndarray,
    scale: np.ndarray,
    inside: bool,
) -> Moves:
    m, s = t.X.shape[1], t.Y.shape[1]
    slack = np.zeros((len(size), m + s))
    real = where < m + s
    slack[:, where[real]] = found.own[:, signs:][:, real] * size[:, None]
    one = found.column < len(t.X)
    beta = np.where(found.status == OPTIMAL, -found.objective * scale, np.nan)
    status = np.where(
        inside & (found.status == INFEASIBLE), UNSOLVED, found.status
    )  # a point of the technology reaches itself
    return Moves(
        status=status,
        beta=beta,
        slack=slack,
        unit=found.unit[one],
        peer=found.column[one],
        weight=found.weight[one] * size[found.unit[one]],
    )


def _move_fdh(
    t: Technology,
    X,
    Y,
    GX,
    GY,
    *,
    exclude=None,
    slack_weights=None,
    graph: bool = False,
) -> Moves:
    """The same for one peer at a time: every pair is looked at. With `graph`, 1 - beta is the hyperbolic score."""
    K, (N, m), s = len(X), t.X.shape, t.Y.shape[1]
    beta, peer, status = (
        np.full(K, np.nan),
        np.zeros(K, dtype=int),
        np.full(K, INFEASIBLE),
    )
    slack = np.zeros((K, m + s))
    weights = np.ones(m + s) if slack_weights is None else slack_weights
    for k in np.array_split(np.arange(K), max(1, K * N * (m + s) // _PAIRS)):
        if not len(k):
            continue
        reach = np.full((len(k), N), np.inf)
        for own, other, g, way in [
            *((X[k, i], t.X[:, i], GX[k, i], 1.0) for i in range(m)),
            *((Y[k, r], t.Y[:, r], GY[k, r], -1.0) for r in range(s)),
        ]:
            moves = g != 0
            gap = way * (own[:, None] - other[None, :])
            with np.errstate(divide="ignore", invalid="ignore"):
                if graph:
                    ratio = 1 - (
                        other[None, :] / own[:, None]
                        if way > 0
                        else own[:, None] / other[None, :]
                    )
                else:
                    ratio = gap / g[:, None]
            reach = np.minimum(
                reach,
                np.where(moves[:, None], ratio, np.where(gap >= 0, np.inf, -np.inf)),
            )
        if exclude is not None:
            has = np.flatnonzero(exclude[k] >= 0)
            reach[has, exclude[k[has]]] = -np.inf
        best = reach.max(axis=1)
        tied = reach >= best[:, None] - 1e-12 * (1 + np.abs(best[:, None]))
        # among the best, the one that leaves most slack
        step = np.where(np.isfinite(best), best, 0.0)[:, None]
        x, y = (
            (
                X[k] * (1 - step * (GX[k] != 0)),
                Y[k] / np.where(GY[k] != 0, 1 - step, 1.0),
            )
            if graph
            else (X[k] - step * GX[k], Y[k] + step * GY[k])
        )
        left = (
            (x * weights[:m]).sum(axis=1)[:, None]
            - (t.X * weights[:m]).sum(axis=1)
            + (t.Y * weights[m:]).sum(axis=1)
            - (y * weights[m:]).sum(axis=1)[:, None]
        )
        at = np.where(tied, left, -np.inf).argmax(axis=1)
        peer[k], beta[k] = at, best
        status[k] = np.where(
            best == -np.inf, INFEASIBLE, np.where(best == np.inf, UNBOUNDED, OPTIMAL)
        )
        slack[k] = np.maximum(np.hstack([x - t.X[at], t.Y[at] - y]), 0.0)
    good = np.flatnonzero(status == OPTIMAL)
    slack[status != OPTIMAL] = 0.0
    beta[status != OPTIMAL] = np.nan
    return Moves(
        status=status,
        beta=beta,
        slack=slack,
        unit=good,
        peer=peer[good],
        weight=np.ones(len(good)),
    )


def hyperbolic(
    t: Technology,
    X,
    Y,
    GX,
    GY,
    *,
    exclude=None,
    slack_weights=None,
    inside: bool = True,
) -> Moves:
    """Smallest gamma with X lam <= gamma x and Y lam >= y / gamma where GX, GY are not zero; `beta` is 1 - gamma.

    Newton's method on 1 / gamma: its tangent gives a linear program whose solution rises to the
    answer, quadratically (the best output ratio is concave in gamma, 1 / gamma convex).
    Färe, Grosskopf and Lovell (1985), The Measurement of Efficiency of Production.
    """
    if t.returns == "fdh":
        return _move_fdh(
            t, X, Y, GX, GY, exclude=exclude, slack_weights=slack_weights, graph=True
        )

    def step(k: np.ndarray, gamma: np.ndarray, weights) -> Moves:
        at = np.maximum(gamma, 1e-9)[:, None]
        floor = np.where(GY[k] != 0, Y[k] * (2 / at - 1 / at**2), Y[k])
        return move(
            t,
            X[k],
            Y[k],
            GX[k],
            GY[k] / at**2,
            exclude=None if exclude is None else exclude[k],
            slack_weights=weights,
            inside=inside,
            floor=floor,
        )

    every = np.arange(len(X))
    gamma, todo = np.ones(len(X)), every
    for _ in range(40):
        new = 1 - step(todo, gamma[todo], None).beta
        moving = (np.abs(new - gamma[todo]) > 1e-12) & (new > 1e-9)
        gamma[todo] = np.where(np.isfinite(new), new, 1.0)
        todo = todo[moving]
        if not len(todo):
            break
    return step(every, gamma, slack_weights)
