"""Many small linear programs of one shape, solved together.

Each program is  min c z,  A z = b,  z >= 0  with few rows. Its columns are `shared`
ones, the same for all programs of a group (the reference units of an envelopment, at no
cost), and a few of its `own` (score, slacks). All programs take their simplex step at
once, so the work is in a few large array operations; shared columns enter only when
some program's dual prices ask for them. An answer is kept when primal and dual
feasibility hold on a freshly factored basis, which proves it optimal; the rest go to
HiGHS one by one. No library solves batches of small programs: a loop over HiGHS costs
some forty times as much in a bootstrap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jinzhou.statistics.frontier.highs import by_highs
from jinzhou.statistics.frontier.programs import (
    INFEASIBLE,
    OPTIMAL,
    UNBOUNDED,
    UNSOLVED,
    Programs,
    Solved,
)

TINY = 1e-10
"""Reduced costs and values within this of zero count as zero; data are near 1."""
PIVOT = 1e-9
ARTIFICIAL = -1000
"""A basic column is coded j >= 0 (shared), -1-j (own) or ARTIFICIAL-row."""
START, GROW, CHUNK = 120, 150, 4_000_000
"""Columns to begin with, columns that may join at once, and numbers in one array of
prices.
"""
LEFT = 99
"""The phase of a program that is not gone on with."""


def solve(programs: Programs) -> Solved:
    """Optimum of every program; see `Programs` for shapes."""
    state = _State(programs)
    state.run()
    return state.answer()


@dataclass(frozen=True, slots=True, eq=False)
class _Walk:
    """Programs that are stepping.

    Attributes
    ----------
    k : ndarray (w,)
        Their numbers.
    barred : ndarray (w,)
        Position of the shared column that each may not use, -1 for none.
    d_closed, e_closed : ndarray of bool (w, .), optional
        Shared and own columns that must stay where they are.
    """

    k: np.ndarray
    barred: np.ndarray
    d_closed: np.ndarray | None
    e_closed: np.ndarray | None

    def keep(self, some: np.ndarray) -> _Walk:
        """Some of the programs (w,) bool."""
        closed = (self.d_closed, self.e_closed)
        return _Walk(
            self.k[some],
            self.barred[some],
            *(None if c is None else c[some] for c in closed),
        )

    def close(self, d: np.ndarray, e: np.ndarray) -> None:
        """Give reduced costs of zero to the columns that may not move."""
        if self.d_closed is not None and self.e_closed is not None:
            d[self.d_closed] = 0.0
            e[self.e_closed] = 0.0
        has = np.flatnonzero(self.barred >= 0)
        d[has, self.barred[has]] = 0.0


def _most_negative(d: np.ndarray, e: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Code (w,) of the column with the least reduced cost, and that cost."""
    rows, i = np.arange(len(e)), e.argmin(axis=1)
    best_e = e[rows, i]
    if not d.shape[1]:
        return -1 - i, np.minimum(best_e, 0.0)
    j = d.argmin(axis=1)
    best_d = d[rows, j]
    return np.where(best_d <= best_e, j, -1 - i), np.minimum(best_d, best_e)


class _State:
    """Bases of all programs. `phase` 0 seeks feasibility, then one phase per cost."""

    def __init__(self, p: Programs) -> None:
        self.p = p
        K, r = p.b.shape
        G, _, N = p.shared.shape
        self.K, self.r, self.e, self.size = K, r, p.own.shape[2], K // max(G, 1)
        # the shared columns in use: all of them, or a set that grows
        self.grows = G == 1 and N > 2 * START
        self.used = _first_columns(p.shared[0]) if self.grows else np.arange(N)
        self.position = np.full(N, -1)
        self.position[self.used] = np.arange(len(self.used))
        self.exclude = np.full(K, -1) if p.exclude is None else np.asarray(p.exclude)
        self.status = np.full(K, UNSOLVED)
        self.phase = np.zeros(K, dtype=int)
        self.y = np.zeros((len(p.costs), K, r))
        sign = np.where(p.b < 0, -1.0, 1.0)
        self.basis = np.tile(ARTIFICIAL - np.arange(r), (K, 1))
        self.sign = sign
        for row in np.flatnonzero(p.start >= 0):
            slack = p.own[:, row, p.start[row]] * np.ones(K)
            fits = (slack * p.b[:, row] > 0) | (p.b[:, row] == 0)
            self.basis[fits, row] = -1 - p.start[row]
            self.sign[fits, row] = slack[fits]
        self.inverse = np.zeros((K, r, r))
        self.inverse[:, np.arange(r), np.arange(r)] = self.sign
        self.x = np.abs(p.b)
        self.room = 1e-9 * np.maximum(
            1, 1e-5 * self.x.max(axis=1, initial=0.0)
        )  # what an equation may miss
        self.rng = np.random.default_rng(0)

    def run(self) -> None:
        active = np.arange(self.K)
        while len(active):
            shared = self.p.shared[:, :, self.used]
            for phase in range(len(self.p.costs) + 1):
                self._iterate(
                    active[
                        (self.phase[active] == phase)
                        & (self.status[active] == UNSOLVED)
                    ],
                    phase,
                    shared,
                )
            active = self._widen() if self.grows else active[:0]

    def _own(self, k: np.ndarray) -> np.ndarray:
        return self.p.own if len(self.p.own) == 1 else self.p.own[k]

    def _cost(self, phase: int, k: np.ndarray) -> np.ndarray:
        cost = self.p.costs[phase - 1]
        return cost if len(cost) == 1 else cost[k]

    def _basic_cost(self, phase: int, k: np.ndarray) -> np.ndarray:
        basis = self.basis[k]
        if phase == 0:
            return (basis <= ARTIFICIAL).astype(float)
        cost = np.broadcast_to(self._cost(phase, k), (len(k), self.e))
        own = (basis < 0) & (basis > ARTIFICIAL)
        return np.where(
            own, np.take_along_axis(cost, np.where(own, -1 - basis, 0), axis=1), 0.0
        )

    def _reduced(
        self, phase: int, k: np.ndarray, y: np.ndarray, shared: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Reduced costs of the shared (k, N) and own (k, e) columns at prices (k, r)."""
        if len(shared) == 1:
            d = -(y @ shared[0])
        else:
            d = np.empty((len(k), shared.shape[2]))
            bounds = np.searchsorted(k, np.arange(len(shared) + 1) * self.size)
            for g in np.unique(k // self.size):
                d[bounds[g] : bounds[g + 1]] = -(
                    y[bounds[g] : bounds[g + 1]] @ shared[g]
                )
        own = self._own(k)
        e = -(y @ own[0]) if len(own) == 1 else -np.matmul(y[:, None, :], own)[:, 0]
        return d, e if phase == 0 else e + self._cost(phase, k)

    def _columns(
        self, k: np.ndarray, code: np.ndarray, shared: np.ndarray
    ) -> np.ndarray:
        """Columns (k, r) by basis code; shared codes are positions in `used`."""
        is_own = code < 0
        out = np.empty((len(k), self.r))
        group = k // self.size if len(shared) > 1 else np.zeros(len(k), dtype=int)
        out[~is_own] = shared[group[~is_own], :, code[~is_own]]
        own = self._own(k[is_own])
        out[is_own] = own[
            np.zeros(is_own.sum(), dtype=int) if len(own) == 1 else np.arange(len(own)),
            :,
            -1 - code[is_own],
        ]
        return out

    def _closed(
        self, phase: int, k: np.ndarray, shared: np.ndarray
    ) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Columns that would lose what the earlier objectives reached."""
        d_closed = e_closed = None
        for before in range(1, phase):
            d, e = self._reduced(before, k, self.y[before - 1][k], shared)
            room = self._tolerance(self.y[before - 1][k])
            d_closed = d > room if d_closed is None else d_closed | (d > room)
            e_closed = e > room if e_closed is None else e_closed | (e > room)
        return d_closed, e_closed

    @staticmethod
    def _tolerance(y: np.ndarray) -> np.ndarray:
        return TINY * (1 + np.abs(y).max(axis=1, keepdims=True))

    def _iterate(self, k: np.ndarray, phase: int, shared: np.ndarray) -> None:
        """Primal simplex on programs k until each is optimal for this phase."""
        if not len(k):
            return
        barred = self.exclude[k]
        barred = np.where(barred >= 0, self.position[barred], -1)
        walk = _Walk(k, barred, *self._closed(phase, k, shared))
        for step in range(40 * self.r + 200):
            if step % 20 == 19:
                walk = self._refactor(walk, shared)
            if not len(walk.k):
                return
            prices = self._basic_cost(phase, walk.k)[:, None, :]
            y = np.matmul(prices, self.inverse[walk.k])[:, 0]
            d, e = self._reduced(phase, walk.k, y, shared)
            walk.close(d, e)
            if (
                step > 4 * self.r + 10
            ):  # a long walk may be a circle: break ties at random
                d *= self.rng.uniform(0.2, 1, (1, d.shape[1]))
                e *= self.rng.uniform(0.2, 1, (1, e.shape[1]))
            code, best = _most_negative(d, e)
            done = best >= -self._tolerance(y)[:, 0]
            if done.any():
                self._finish(walk.k[done], phase, y[done])
                walk, code = walk.keep(~done), code[~done]
            if len(walk.k):
                walk = self._pivot(walk, code, phase, shared)
        self.phase[walk.k] = LEFT  # unsolved here: HiGHS will say

    def _pivot(
        self, walk: _Walk, code: np.ndarray, phase: int, shared: np.ndarray
    ) -> _Walk:
        """Let the columns `code` enter the bases; leave out what has no bound."""
        column = self._columns(walk.k, code, shared)
        w = np.matmul(self.inverse[walk.k], column[:, :, None])[:, :, 0]
        x = self.x[walk.k]
        blocked = w > PIVOT
        ratio = np.full(w.shape, np.inf)
        np.divide(x, w, out=ratio, where=blocked)
        if phase:  # an artificial stays at zero: it leaves whichever way it would move
            stuck = (self.basis[walk.k] <= ARTIFICIAL) & (np.abs(w) > PIVOT)
            ratio[stuck] = 0.0
            blocked |= stuck
        bound = blocked.any(axis=1)
        if not bound.all():
            self.status[walk.k[~bound]] = UNBOUNDED if phase else UNSOLVED
            self.phase[walk.k[~bound]] = LEFT
            walk = walk.keep(bound)
            code, w, x, ratio, blocked = (
                v[bound] for v in (code, w, x, ratio, blocked)
            )
        if not len(walk.k):
            return walk
        k, rows = walk.k, np.arange(len(walk.k))
        least = ratio.min(axis=1, keepdims=True)
        tie = blocked & (ratio <= least + 1e-13 * (1 + least))
        out = np.where(tie, np.abs(w), -1.0).argmax(axis=1)
        length = np.maximum(ratio[rows, out], 0.0)
        x = np.maximum(x - length[:, None] * w, 0.0)
        x[rows, out] = length
        self.x[k] = x
        pivot_row = self.inverse[k, out] / w[rows, out][:, None]
        # B^-1 loses w times the pivot row, whose own row becomes it
        w[rows, out] -= 1.0
        self.inverse[k] -= w[:, :, None] * pivot_row[:, None, :]
        self.basis[k, out] = code
        return walk

    def _matrix(self, k: np.ndarray, shared: np.ndarray) -> np.ndarray:
        matrix = np.zeros((len(k), self.r, self.r))
        for at in range(self.r):
            code = self.basis[k, at]
            real = code > ARTIFICIAL
            matrix[real, :, at] = self._columns(k[real], code[real], shared)
            row = ARTIFICIAL - code[~real]
            matrix[~real, row, at] = self.sign[k[~real], row]
        return matrix

    def _refactor(self, walk: _Walk, shared: np.ndarray) -> _Walk:
        """Fresh inverses; a program whose basis has become singular is left to HiGHS."""
        matrix = self._matrix(walk.k, shared)
        good = ~_singular(matrix)
        self.phase[walk.k[~good]] = LEFT
        walk, matrix = walk.keep(good), matrix[good]
        k = walk.k
        self.inverse[k] = np.linalg.inv(matrix)
        basic = np.matmul(self.inverse[k], self.p.b[k][:, :, None])[:, :, 0]
        self.x[k] = np.maximum(basic, 0.0)
        return walk

    def _finish(self, k: np.ndarray, phase: int, y: np.ndarray) -> None:
        if phase == 0:
            left = np.where(self.basis[k] <= ARTIFICIAL, self.x[k], 0.0).sum(axis=1)
            feasible = left <= self.room[k]
            self.phase[k[feasible]] = 1
            self.status[k[~feasible]] = INFEASIBLE
            self.y[0][k[~feasible]] = y[~feasible]
            return
        self.y[phase - 1][k] = y
        if phase == len(self.p.costs):
            self.status[k] = OPTIMAL
        self.phase[k] = phase + 1

    def _widen(self) -> np.ndarray:
        """Let the columns that most programs want join `used`; the programs they change."""
        shared, count = self.p.shared, len(self.used)
        wish = np.full(self.K, -1)
        outside = np.flatnonzero(self.position < 0)
        k_all = np.flatnonzero((self.status == OPTIMAL) | (self.status == INFEASIBLE))
        if not len(outside):
            return wish[:0]
        columns = shared[:, :, outside]
        for k in np.array_split(k_all, max(1, len(k_all) * len(outside) // CHUNK)):
            worst = np.zeros(len(k))
            pick = np.zeros(len(k), dtype=int)
            still = np.ones((len(k), 1), dtype=bool)
            for order in range(len(self.p.costs)):
                y = self.y[order][k]
                room = self._tolerance(y)
                d = -(y @ columns[0])
                barred = self.exclude[k]
                if (barred >= 0).any():
                    position = np.searchsorted(outside, barred)
                    hit = (
                        (barred >= 0)
                        & (position < len(outside))
                        & (outside[np.minimum(position, len(outside) - 1)] == barred)
                    )
                    d[np.flatnonzero(hit), position[hit]] = 0.0
                if order:  # a later objective speaks only where the earlier ones leave a choice
                    d = np.where(still & (self.status[k] == OPTIMAL)[:, None], d, 0.0)
                at = d.argmin(axis=1)
                value = d[np.arange(len(k)), at]
                new = (value < -room[:, 0]) & (worst == 0)
                worst[new], pick[new] = value[new], outside[at[new]]
                if order + 1 < len(self.p.costs):
                    still = np.abs(d) <= room
            wish[k[worst < 0]] = pick[worst < 0]
        active = np.flatnonzero(wish >= 0)
        if not len(active):
            return active
        wanted, times = np.unique(wish[active], return_counts=True)
        wanted = wanted[np.argsort(-times, kind="stable")][:GROW]
        self.used = np.concatenate([self.used, wanted])
        self.position[wanted] = count + np.arange(len(wanted))
        infeasible = self.status[active] == INFEASIBLE
        self.phase[active] = np.where(infeasible, 0, 1)
        self.status[active] = UNSOLVED
        return active

    def answer(self) -> Solved:
        p, K, r = self.p, self.K, self.r
        objective, own = np.full(K, np.nan), np.zeros((K, self.e))
        lists = []
        shared = p.shared[:, :, self.used]
        good = np.flatnonzero(self.status == OPTIMAL)
        poor = [np.flatnonzero(self.status == UNSOLVED)]
        for k in np.array_split(
            good, max(1, len(good) * max(len(self.used), 1) // CHUNK)
        ):
            if not len(k):
                continue
            matrix = self._matrix(k, shared)
            singular = _singular(matrix)
            matrix[singular] = np.eye(r)
            x = np.linalg.solve(matrix, p.b[k][:, :, None])[:, :, 0]
            y = np.linalg.solve(
                matrix.transpose(0, 2, 1), self._basic_cost(1, k)[:, :, None]
            )[:, :, 0]
            basis = self.basis[k]
            d, e = self._reduced(1, k, y, shared)
            barred = np.where(self.exclude[k] >= 0, self.position[self.exclude[k]], -1)
            has = np.flatnonzero(barred >= 0)
            d[has, barred[has]] = 0.0
            scale = 1 + np.abs(y).max(axis=1)
            artificial = np.abs(np.where(basis <= ARTIFICIAL, x, 0.0)).max(axis=1)
            least = np.minimum(d.min(axis=1, initial=0.0), e.min(axis=1))
            proven = (
                ~singular
                & (x.min(axis=1) >= -self.room[k])
                & (artificial <= self.room[k])
                & (least >= -1e-9 * scale)
            )
            poor.append(k[~proven])
            k, x, basis = k[proven], np.maximum(x[proven], 0.0), basis[proven]
            objective[k] = (self._basic_cost(1, k) * x).sum(axis=1)
            at = np.nonzero((basis < 0) & (basis > ARTIFICIAL))
            own[k[at[0]], -1 - basis[at]] = x[at]
            at = np.nonzero((basis >= 0) & (x > TINY))
            lists.append((k[at[0]], self.used[basis[at]], x[at]))
        left = np.unique(np.concatenate(poor))
        for one in left:
            lists.append(self._by_highs(int(one), objective, own))
        unit, column, weight = _joined(lists)
        order = np.lexsort((column, unit))
        return Solved(
            status=self.status,
            objective=objective,
            own=own,
            unit=unit[order].astype(int),
            column=column[order].astype(int),
            weight=weight[order],
            fallbacks=len(left),
        )

    def _by_highs(
        self, k: int, objective: np.ndarray, own: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Fill the row of one program by HiGHS; its number, columns and weights (l,)."""
        group = k // self.size if len(self.p.shared) > 1 else 0
        found = by_highs(self.p, k, group)
        self.status[k], objective[k], own[k] = found.status, found.objective, found.own
        column = np.flatnonzero(found.shared > TINY)
        return np.full(len(column), k), column, found.shared[column]


def _joined(
    lists: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Programs, columns and weights of all pieces, end to end."""
    if not lists:
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int), np.zeros(0)
    unit, column, weight = (np.concatenate(v) for v in zip(*lists, strict=True))
    return unit, column, weight


def _singular(matrix: np.ndarray) -> np.ndarray:
    """Which matrices (k, r, r) have no inverse, whatever the size of their rows."""
    even = matrix / np.maximum(np.abs(matrix).max(axis=1, keepdims=True), 1e-300)
    even = even / np.maximum(np.abs(even).max(axis=2, keepdims=True), 1e-300)
    return np.abs(np.linalg.det(even)) < 1e-13


def _first_columns(shared: np.ndarray) -> np.ndarray:
    """Columns to begin with: extreme ones in random directions, seeded."""
    rng = np.random.default_rng(0)
    r, N = shared.shape
    size = np.abs(shared).mean(axis=1, keepdims=True)
    scaled = shared / np.where(size > 0, size, 1)
    picks = (
        (rng.exponential(size=(START, r)) @ scaled).argmin(axis=1),
        scaled.argmin(axis=1),
        scaled.argmax(axis=1),
    )
    return np.unique(np.concatenate([*picks, rng.choice(N, 20, replace=False)]))
