"""What the reference set shows to be possible, and how far a point can move in it.

Every radial and directional score is one question: the largest beta such that X lambda
<= x - beta gx and Y lambda >= y + beta gy for weights lambda that the returns to scale
allow. No library serves: solvers take one linear program at a time, and a bootstrap
asks for a million of them (`simplex`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jinzhou.statistics.frontier.programs import (
    INFEASIBLE,
    OPTIMAL,
    UNSOLVED,
    Programs,
    Solved,
)
from jinzhou.statistics.frontier.simplex import solve

RETURNS_TO_SCALE = ("constant", "variable", "decreasing", "increasing", "fdh")
"""Constant (CRS): Charnes, Cooper and Rhodes (1978). Variable (VRS): Banker, Charnes
and Cooper (1984). Decreasing: sum of weights at most 1 (non-increasing). Increasing: at
least 1 (non-decreasing). fdh: free disposal hull, one peer at a time."""
CONVEX = RETURNS_TO_SCALE[:4]
"""All but the free disposal hull."""
_LIMIT_SIGN = {"variable": 0.0, "decreasing": 1.0, "increasing": -1.0}
"""Sign of the slack in the row that bounds the sum of weights; 0 for an equation."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Technology:
    """The reference set, already scaled.

    Attributes
    ----------
    X : ndarray (N, m)
        Inputs, with undesirable outputs as further columns.
    Y : ndarray (N, s)
    returns_to_scale : str
        One of `RETURNS_TO_SCALE`.
    weak : ndarray of bool (m,)
        Undesirable outputs that can only be cut along with the good ones (weak
        disposability).
    cone : ndarray (m + s, q)
        Directions that restrictions on the multipliers add, see `model.assurance_cone`.
    """

    X: np.ndarray
    Y: np.ndarray
    returns_to_scale: str
    weak: np.ndarray
    cone: np.ndarray

    @property
    def bounded(self) -> bool:
        """Whether the sum of weights is bound, so that size matters."""
        return self.returns_to_scale in ("variable", "decreasing", "increasing")

    @property
    def rows(self) -> int:
        """Rows of a program: inputs, outputs and the bound on the sum of weights."""
        return self.X.shape[1] + self.Y.shape[1] + int(self.bounded)

    def columns(self) -> np.ndarray:
        """Columns (rows, N + ...) of the reference units, then those that go with them.

        Under weak disposability and bounded weights each unit has an abated twin that
        keeps its inputs and loses its outputs, good and bad (Kuosmanen 2005).
        """
        ones = [np.ones(len(self.X))] if self.bounded else []
        columns = np.vstack([self.X.T, self.Y.T, *ones])
        extra = []
        if self.weak.any() and self.bounded:
            lost = np.zeros(self.rows, dtype=bool)
            lost[: len(self.weak)] = self.weak
            lost[len(self.weak) : len(self.weak) + self.Y.shape[1]] = True
            abated = columns.copy()
            abated[lost] = 0.0
            extra.append(abated)
        if self.cone.shape[1]:
            weightless = np.zeros((int(self.bounded), self.cone.shape[1]))
            extra.append(np.vstack([self.cone, weightless]))
        return np.hstack([columns, *extra])

    def slack_columns(self) -> Slacks:
        """Columns of the slacks in each program."""
        outputs = -np.ones(self.Y.shape[1])
        limit = [_LIMIT_SIGN[self.returns_to_scale]] if self.bounded else []
        sign = np.concatenate([np.where(self.weak, 0.0, 1.0), outputs, limit])
        row = np.flatnonzero(sign)
        columns = np.zeros((self.rows, len(row)))
        columns[row, np.arange(len(row))] = sign[row]
        start = np.full(self.rows, -1)
        start[row] = np.arange(len(row))
        return Slacks(columns=columns, row=row, start=start)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slacks:
    """Slack columns of a program.

    Attributes
    ----------
    columns : ndarray (rows, e)
    row : ndarray (e,)
        The row that each belongs to: inputs, outputs, then the bound on the weights.
    start : ndarray (rows,)
        The slack of each row, -1 for none.
    """

    columns: np.ndarray
    row: np.ndarray
    start: np.ndarray

    def start_after(self, before: int, more: int = 0) -> np.ndarray:
        """`Programs.start` with `before` columns before the slacks and `more` rows after."""
        moved = np.where(self.start >= 0, self.start + before, -1)
        return np.append(moved, np.full(more, -1))


def technology(
    X: np.ndarray,
    Y: np.ndarray,
    returns_to_scale: str,
    *,
    weak: np.ndarray | None = None,
    cone: np.ndarray | None = None,
) -> Technology:
    """A technology, by default of strong disposability and free multipliers."""
    return Technology(
        X=X,
        Y=Y,
        returns_to_scale=returns_to_scale,
        weak=np.zeros(X.shape[1], dtype=bool) if weak is None else weak,
        cone=np.zeros((X.shape[1] + Y.shape[1], 0)) if cone is None else cone,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """Points to compare with a technology, and the direction in which each moves.

    Attributes
    ----------
    X, GX : ndarray (K, m)
        Inputs, and how much of them one step takes away.
    Y, GY : ndarray (K, s)
        Outputs, and how much one step adds.
    exclude : ndarray of int (K,), optional
        Reference unit that a point may not use, -1 for none.
    inside : bool
        The points belong to the technology, so that beta >= 0.
    """

    X: np.ndarray
    Y: np.ndarray
    GX: np.ndarray
    GY: np.ndarray
    exclude: np.ndarray | None = None
    inside: bool = True


def radial(
    X: np.ndarray,
    Y: np.ndarray,
    *,
    output: bool,
    exclude: np.ndarray | None = None,
    inside: bool = True,
) -> Points:
    """Points that move by shares of their own inputs, or outputs."""
    return Points(
        X=X,
        Y=Y,
        GX=np.zeros_like(X) if output else X,
        GY=Y if output else np.zeros_like(Y),
        exclude=exclude,
        inside=inside,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Distances:
    """How far each point can move.

    Attributes
    ----------
    status : ndarray of int (K,)
        `programs.OPTIMAL` and its like.
    beta : ndarray (K,)
        NaN unless the status is `OPTIMAL`.
    slack : ndarray (K, m + s)
    point, peer, weight : ndarray (L,)
        The reference units in use: point, reference unit, its weight.
    """

    status: np.ndarray
    beta: np.ndarray
    slack: np.ndarray
    point: np.ndarray
    peer: np.ndarray
    weight: np.ndarray


def directional_distance(
    reference: Technology,
    points: Points,
    *,
    slack_weights: np.ndarray | None = None,
    output_bounds: np.ndarray | None = None,
    shared: np.ndarray | None = None,
) -> Distances:
    """Largest beta of each point, then the largest weighted sum of slacks.

    Parameters
    ----------
    reference : Technology
        Not `fdh`, for which see `free_disposal`.
    slack_weights : ndarray (m + s,), optional
        Weights of phase two; without them it is left out and the slacks are those
        found.
    output_bounds : ndarray (K, s), optional
        Right-hand side of the outputs when it is not Y (`hyperbolic_distance`).
    shared : ndarray (G, rows, N), optional
        Columns of G reference sets, each for K / G of the points in order (the
        bootstrap).
    """
    K, limits = len(points.X), int(reference.bounded)
    outputs = points.Y if output_bounds is None else output_bounds
    b = np.hstack([points.X, outputs, np.ones((K, limits))])
    direction = np.hstack([points.GX, -points.GY, np.zeros((K, limits))])
    size = magnitude(b)
    length = np.abs(direction).max(axis=1)
    length[length == 0] = 1.0
    slacks = reference.slack_columns()
    signs = 1 if points.inside else 2
    own = np.zeros((K, b.shape[1], signs + slacks.columns.shape[1]))
    own[:, :, 0] = direction / length[:, None]
    if not points.inside:
        own[:, :, 1] = -own[:, :, 0]
    own[:, :, signs:] = slacks.columns
    first = np.zeros((1, own.shape[2]))
    first[0, :signs] = [-1.0, 1.0][:signs]
    costs = [first]
    if slack_weights is not None:
        second = np.zeros((1, own.shape[2]))
        counted = slacks.row < len(slack_weights)
        second[0, signs:][counted] = -slack_weights[slacks.row[counted]]
        costs.append(second)
    found = solve(
        Programs(
            shared=reference.columns()[None] if shared is None else shared,
            own=own,
            b=b / size[:, None],
            costs=tuple(costs),
            start=slacks.start_after(signs),
            exclude=points.exclude,
        )
    )
    read = slack_values(found, reference, slacks, first=signs) * size[:, None]
    status = found.status
    if points.inside:  # a point of the technology reaches itself
        status = np.where(status == INFEASIBLE, UNSOLVED, status)
    beta = np.where(found.status == OPTIMAL, -found.objective * (size / length), np.nan)
    return distances(found, reference, status=status, beta=beta, slack=read, size=size)


def slack_values(
    found: Solved, reference: Technology, slacks: Slacks, *, first: int
) -> np.ndarray:
    """Slacks (K, m + s) of the sides; the program's own ones begin at `first`."""
    width = reference.X.shape[1] + reference.Y.shape[1]
    out = np.zeros((len(found.own), width))
    real = slacks.row < width
    out[:, slacks.row[real]] = found.own[:, first:][:, real]
    return out


def distances(
    found: Solved,
    reference: Technology,
    *,
    status: np.ndarray,
    beta: np.ndarray,
    slack: np.ndarray,
    size: np.ndarray,
) -> Distances:
    """Answers of programs; weights are multiplied by the `size` (K,) of their point."""
    real = found.column < len(reference.X)
    return Distances(
        status=status,
        beta=beta,
        slack=slack,
        point=found.unit[real],
        peer=found.column[real],
        weight=found.weight[real] * size[found.unit[real]],
    )


def magnitude(b: np.ndarray) -> np.ndarray:
    """What to divide right-hand sides (K, r) by, so that the smallest part counts.

    A hamlet beside a city is not rounding.
    """
    size = np.abs(b)
    most = size.max(axis=1, initial=0.0)
    least = np.where(size > 0, size, np.inf).min(axis=1, initial=np.inf)
    return np.where(most > 0, np.maximum(least, 1e-8 * most), 1.0)


def hyperbolic_distance(
    reference: Technology, points: Points, *, slack_weights: np.ndarray | None = None
) -> Distances:
    """Inputs times gamma and outputs over gamma, by one factor; `beta` is 1 - gamma.

    The smallest gamma with X lambda <= gamma x and Y lambda >= y / gamma where GX, GY
    are not zero. Newton's method on 1 / gamma: its tangent gives a linear program whose
    solution rises to the answer, quadratically (the best output ratio is concave in
    gamma, 1 / gamma convex).

    References
    ----------
    Färe, Grosskopf and Lovell (1985), The Measurement of Efficiency of Production.
    """
    moving = points.GY != 0

    def step(k: np.ndarray, gamma: np.ndarray, weights: np.ndarray | None) -> Distances:
        at = np.maximum(gamma, 1e-9)[:, None]
        tangent = points.Y[k] * (2 / at - 1 / at**2)
        return directional_distance(
            reference,
            Points(
                X=points.X[k],
                Y=points.Y[k],
                GX=points.GX[k],
                GY=points.GY[k] / at**2,
                exclude=None if points.exclude is None else points.exclude[k],
                inside=points.inside,
            ),
            slack_weights=weights,
            output_bounds=np.where(moving[k], tangent, points.Y[k]),
        )

    every = np.arange(len(points.X))
    gamma, left = np.ones(len(every)), every
    for _ in range(40):
        new = 1 - step(left, gamma[left], None).beta
        changed = (np.abs(new - gamma[left]) > 1e-12) & (new > 1e-9)
        gamma[left] = np.where(np.isfinite(new), new, 1.0)
        left = left[changed]
        if not len(left):
            break
    return step(every, gamma, slack_weights)
