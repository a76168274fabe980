"""Many small linear programs of one shape, solved together.

Each program is  min c z,  A z = b,  z >= 0  with few rows. Its columns are `shared` ones, the same
for all programs of a group (the reference units of an envelopment, at no cost), and a few of its
`own` (score, slacks). All programs take their simplex step at once, so the work is in a few large
array operations; shared columns enter only when some program's dual prices ask for them.
An answer is kept when primal and dual feasibility hold on a freshly factored basis, which proves it
optimal; the rest go to HiGHS one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

OPTIMAL, INFEASIBLE, UNBOUNDED, UNSOLVED = 0, 1, 2, 3
TINY = 1e-10
"""Reduced costs and values within this of zero count as zero; data are near 1."""
PIVOT = 1e-9
ARTIFICIAL = -1000
"""A basic column is coded j >= 0 (shared), -1-j (own) or ARTIFICIAL-row."""
START, GROW, CHUNK = 120, 150, 4_000_000
"""Columns to begin with, columns that may join at once, and numbers in one array of prices."""
LEFT = 99
"""The phase of a program that is not gone on with."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Programs:
    """K programs of r rows in G groups of K/G, in order.

    Attributes
    ----------
    shared : ndarray (G, r, N)
    own : ndarray (K or 1, r, e)
    b : ndarray (K, r)
    costs : tuple of ndarray (K or 1, e)
        Objectives on the own columns, first one first; the next is minimised among its optima.
    exclude : ndarray (K,), optional
        The shared column a program may not use; -1 for none.
    start : ndarray (r,)
        The own column with a single entry, +1 or -1, in each row (a slack), or -1 for none.
    """

    shared: np.ndarray
    own: np.ndarray
    b: np.ndarray
    costs: tuple[np.ndarray, ...]
    start: np.ndarray
    exclude: np.ndarray | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solved:
    """Answers by program.

    `status` (K,), `objective` (K,) of the first cost, `own` (K, e) values of the own columns;
    `unit`, `column`, `weight` list the shared columns above zero; `fallbacks` counts programs that HiGHS solved.
    """

    status: np.ndarray
    objective: np.ndarray
    own: np.ndarray
    unit: np.ndarray
    column: np.ndarray
    weight: np.ndarray
    fallbacks: int


def solve(programs: Programs) -> Solved:
    """Optimum of every program; see `Programs` for shapes."""
    state = _State(programs)
    state.run()
    return state.answer()


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
        self.place = np.full(N, -1)
        self.place[self.used] = np.arange(len(self.used))
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
        """Reduced costs (k, N) of the shared and (k, e) of the own columns at prices y (k, r)."""
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
        """Columns (k, r) by basis code; shared codes are places in `used`."""
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
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Columns that the earlier objectives forbid: moving them would lose what was reached."""
        closed = None
        for before in range(1, phase):
            d, e = self._reduced(before, k, self.y[before - 1][k], shared)
            room = self._tolerance(self.y[before - 1][k])
            one = (d > room, e > room)
            closed = one if closed is None else (closed[0] | one[0], closed[1] | one[1])
        return closed

    @staticmethod
    def _tolerance(y: np.ndarray) -> np.ndarray:
        return TINY * (1 + np.abs(y).max(axis=1, keepdims=True))

    def _iterate(self, k: np.ndarray, phase: int, shared: np.ndarray) -> None:
        """Primal simplex on programs k until each is optimal for this phase."""
        if not len(k):
            return
        barred = self.exclude[k]
        barred = np.where(barred >= 0, self.place[barred], -1)
        closed = self._closed(phase, k, shared)
        limit = 40 * self.r + 200
        for step in range(limit):
            if step % 20 == 19:
                k, barred, closed = self._refactor(k, barred, closed, shared)
                if not len(k):
                    return
            y = np.matmul(self._basic_cost(phase, k)[:, None, :], self.inverse[k])[:, 0]
            d, e = self._reduced(phase, k, y, shared)
            if closed is not None:
                d[closed[0]] = 0.0
                e[closed[1]] = 0.0
            has = np.flatnonzero(barred >= 0)
            d[has, barred[has]] = 0.0
            if (
                step > 4 * self.r + 10
            ):  # a long walk may be a circle: break ties by chance
                d *= self.rng.uniform(0.2, 1, (1, d.shape[1]))
                e *= self.rng.uniform(0.2, 1, (1, e.shape[1]))
            j, i = (
                (d.argmin(axis=1), e.argmin(axis=1))
                if d.shape[1]
                else (np.zeros(len(k), dtype=int), e.argmin(axis=1))
            )
            rows = np.arange(len(k))
            best_d = d[rows, j] if d.shape[1] else np.zeros(len(k))
            best_e = e[rows, i]
            done = np.minimum(best_d, best_e) >= -self._tolerance(y)[:, 0]
            if done.any():
                self._finish(k[done], phase, y[done])
                keep = ~done
                k, barred, j, i, best_d, best_e = (
                    k[keep],
                    barred[keep],
                    j[keep],
                    i[keep],
                    best_d[keep],
                    best_e[keep],
                )
                closed = None if closed is None else (closed[0][keep], closed[1][keep])
                if not len(k):
                    return
            code = np.where(best_d <= best_e, j, -1 - i)
            column = self._columns(k, code, shared)
            w = np.matmul(self.inverse[k], column[:, :, None])[:, :, 0]
            x = self.x[k]
            blocked = w > PIVOT
            ratio = np.full(w.shape, np.inf)
            np.divide(x, w, out=ratio, where=blocked)
            if (
                phase
            ):  # an artificial stays at zero: it leaves whichever way it would move
                stuck = (self.basis[k] <= ARTIFICIAL) & (np.abs(w) > PIVOT)
                ratio[stuck] = 0.0
                blocked |= stuck
            least = ratio.min(axis=1, keepdims=True)
            unbounded = ~blocked.any(axis=1)
            if unbounded.any():
                self.status[k[unbounded]] = UNBOUNDED if phase else UNSOLVED
                self.phase[k[unbounded]] = LEFT
                keep = ~unbounded
                k, barred, code, w, x, ratio, least, blocked = (
                    v[keep] for v in (k, barred, code, w, x, ratio, least, blocked)
                )
                closed = None if closed is None else (closed[0][keep], closed[1][keep])
                if not len(k):
                    return
            tie = blocked & (ratio <= least + 1e-13 * (1 + least))
            out = np.where(tie, np.abs(w), -1.0).argmax(axis=1)
            rows = np.arange(len(k))
            step_length = np.maximum(ratio[rows, out], 0.0)
            x = np.maximum(x - step_length[:, None] * w, 0.0)
            x[rows, out] = step_length
            self.x[k] = x
            pivot_row = self.inverse[k, out] / w[rows, out][:, None]
            w[rows, out] -= (
                1.0  # B^-1 loses w times the pivot row, whose own row becomes it
            )
            self.inverse[k] -= w[:, :, None] * pivot_row[:, None, :]
            self.basis[k, out] = code
        self.phase[k] = LEFT  # unsolved here: HiGHS will say

    def _matrix(self, k: np.ndarray, shared: np.ndarray) -> np.ndarray:
        matrix = np.zeros((len(k), self.r, self.r))
        for place in range(self.r):
            code = self.basis[k, place]
            real = code > ARTIFICIAL
            matrix[real, :, place] = self._columns(k[real], code[real], shared)
            row = ARTIFICIAL - code[~real]
            matrix[~real, row, place] = self.sign[k[~real], row]
        return matrix

    def _refactor(self, k, barred, closed, shared):
        """Fresh inverses; a program whose basis has become singular is left to HiGHS."""
        matrix = self._matrix(k, shared)
        good = ~_singular(matrix)
        self.phase[k[~good]] = LEFT
        k, barred, matrix = k[good], barred[good], matrix[good]
        closed = None if closed is None else (closed[0][good], closed[1][good])
        self.inverse[k] = np.linalg.inv(matrix)
        self.x[k] = np.maximum(
            np.matmul(self.inverse[k], self.p.b[k][:, :, None])[:, :, 0], 0.0
        )
        return k, barred, closed

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
        """Programs that a column outside `used` would change; the columns that most of them want join."""
        shared, count = self.p.shared, len(self.used)
        wish = np.full(self.K, -1)
        outside = np.flatnonzero(self.place < 0)
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
        self.place[wanted] = count + np.arange(len(wanted))
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
            barred = np.where(self.exclude[k] >= 0, self.place[self.exclude[k]], -1)
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
            where, place = np.nonzero((basis < 0) & (basis > ARTIFICIAL))
            own[k[where], -1 - basis[where, place]] = x[where, place]
            where, place = np.nonzero((basis >= 0) & (x > TINY))
            lists.append((k[where], self.used[basis[where, place]], x[where, place]))
        poor = np.unique(np.concatenate(poor))
        for one in poor:
            lists.append(self._by_highs(int(one), objective, own))
        unit, column, weight = (
            (np.concatenate(v) for v in zip(*lists))
            if lists
            else (np.zeros(0, dtype=int), np.zeros(0, dtype=int), np.zeros(0))
        )
        order = np.lexsort((column, unit))
        return Solved(
            status=self.status,
            objective=objective,
            own=own,
            unit=unit[order].astype(int),
            column=column[order].astype(int),
            weight=weight[order],
            fallbacks=len(poor),
        )

    def _by_highs(
        self, k: int, objective: np.ndarray, own: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """One program by SciPy's HiGHS, objectives in turn; fills its row and returns its weights."""
        from scipy.optimize import linprog

        p = self.p
        shared = p.shared[k // self.size if len(p.shared) > 1 else 0]
        matrix = np.hstack([shared, p.own[0 if len(p.own) == 1 else k]])
        bounds = [(0, None)] * matrix.shape[1]
        if self.exclude[k] >= 0:
            bounds[self.exclude[k]] = (0, 0)
        held, levels, values, size = [], [], None, max(np.abs(p.b[k]).max(), 1.0)
        for order, cost in enumerate(p.costs):
            c = np.concatenate(
                [np.zeros(shared.shape[1]), cost[0 if len(cost) == 1 else k]]
            )
            found = linprog(
                c,
                A_ub=np.array(held) if held else None,
                b_ub=levels or None,
                A_eq=matrix,
                b_eq=p.b[k] / size,
                bounds=bounds,
                method="highs",
            )
            if found.status != 0:
                if order == 0:
                    self.status[k] = {2: INFEASIBLE, 3: UNBOUNDED}.get(
                        found.status, UNSOLVED
                    )
                break
            values = found.x * size
            if order == 0:
                self.status[k], objective[k] = OPTIMAL, found.fun * size
            held.append(c)
            levels.append(found.fun + 1e-10)
        if values is None:
            return (np.zeros(0, dtype=int),) * 2 + (np.zeros(0),)
        own[k] = values[shared.shape[1] :]
        column = np.flatnonzero(values[: shared.shape[1]] > TINY)
        return np.full(len(column), k), column, values[column]


def _singular(matrix: np.ndarray) -> np.ndarray:
    """Which of the matrices (k, r, r) have no inverse worth the name, whatever the size of their columns and rows."""
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
