"""Plans of money that are best in some sense, with what each constraint costs.

Concave responses are cut into straight pieces, so that each plan is one linear program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.chapters.funding.analysis.constraints import (
    WAN,
    Constraints,
    Solver,
    program,
    solve,
)
from jinzhou.chapters.funding.analysis.response import Response
from jinzhou.statistics.tolerance import ROUNDING

SEGMENTS, FINE = 20, 100
"""Straight pieces that stand for the concave response of an arm, shorter where it bends most:
under each draw, and for the mean and its prices."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """Arms, what they bring, and what a plan has to keep.

    Attributes
    ----------
    frame : DataFrame, indexed by (county, category)
        `today`, `held` (yuan; missing where the arm is free), `cap`, `reference`.
    free : ndarray of bool (A,)
        Which arms a plan may change.
    drawn, elasticity : ndarray (draws, F)
        Exits at the reference, and elasticities, of the free arms.
    constraints : Constraints
    """

    frame: pd.DataFrame
    free: np.ndarray
    drawn: np.ndarray
    elasticity: np.ndarray
    constraints: Constraints

    @property
    def reference(self) -> np.ndarray:
        """Yuan (F,) of the free arms at which exits are stated."""
        return self.frame["reference"].to_numpy(float)[self.free]

    def exits(self, x: np.ndarray) -> np.ndarray:
        """Lasting exits (draws,) of the free arms with amounts x (A,)."""
        share = (x[self.free] / self.reference) ** self.elasticity
        return (self.drawn * share).sum(axis=1)

    def pieces(self, count: int) -> Pieces:
        """The concave responses of the free arms, cut into chords.

        Breakpoints are denser near zero, where a response bends most.
        """
        cap = self.frame["cap"].to_numpy()[self.free]
        knots = cap[:, None] * np.linspace(0, 1, count + 1) ** 2.5
        length = np.diff(knots, axis=1).ravel() / WAN
        share = (knots / self.reference[:, None]) ** self.elasticity[:, :, None]
        rise = np.diff(self.drawn[:, :, None] * share, axis=2).reshape(
            len(self.drawn), -1
        )
        slopes = np.divide(rise, length, out=np.zeros_like(rise), where=length > 0)
        length[count - 1 :: count] = np.inf
        return Pieces(count=count, length=length, slopes=slopes, bounds=self.bounds())

    def bounds(self) -> Bounds:
        """The constraints that the free arms can do something about, in 10,000 yuan."""
        c, held = self.constraints, self.frame["held"]
        varies = (c.names["constraint"] != "held").to_numpy()
        fixed = c.matrix @ np.where(self.free, 0.0, held)
        return Bounds(
            rows=varies,
            matrix=c.matrix[varies][:, self.free],
            low=((c.low - fixed)[varies]) / WAN,
            high=((c.high - fixed)[varies]) / WAN,
        )

    def amounts(self, columns: np.ndarray, pieces: Pieces) -> np.ndarray:
        """Yuan (A,) of every arm from the columns of a program in pieces."""
        x = self.frame["held"].to_numpy().copy()
        used = columns[: len(pieces.length)].reshape(-1, pieces.count)
        x[self.free] = used.sum(axis=1) * WAN
        return x


def problem(
    frame: pd.DataFrame, response: Response, constraints: Constraints
) -> Problem:
    """The arms of a frame with what the response says of those that are free."""
    free = frame["held"].isna().to_numpy()
    at = response.arms.index.get_indexer(frame.index[free])
    return Problem(
        frame=frame,
        free=free,
        drawn=response.exits[:, at],
        elasticity=response.elasticity[:, at],
        constraints=constraints,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bounds:
    """low <= matrix x <= high over free arms (r, F), from the `rows` (bool) in use."""

    rows: np.ndarray
    matrix: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pieces:
    """Straight pieces of every free arm, arm by arm.

    Attributes
    ----------
    count : int
        Pieces of an arm.
    length : ndarray (F x count,)
        In 10,000 yuan, the last one of an arm open (a constraint ends it, and so has the price).
    slopes : ndarray (draws, F x count)
        Exits per 10,000 yuan.
    bounds : Bounds
    """

    count: int
    length: np.ndarray
    slopes: np.ndarray
    bounds: Bounds

    @property
    def mean(self) -> np.ndarray:
        """Slopes (F x count,) over the draws."""
        return self.slopes.mean(axis=0)

    @property
    def matrix(self) -> np.ndarray:
        """Rows of the bounds over the pieces."""
        return np.repeat(self.bounds.matrix, self.count, axis=1)

    def program(self, cost: np.ndarray) -> Solver:
        """The program over the pieces alone."""
        bounds = self.bounds
        return program(self.matrix, bounds.low, bounds.high, self.length, cost)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plans:
    """Plans and what they rest on.

    Attributes
    ----------
    amounts : mapping, plan -> ndarray (A,)
        Yuan of every arm; ``today`` first.
    table : DataFrame, indexed by plan
        See `allocation.Allocation.plans`.
    best : ndarray (draws, A)
        The best plan of each draw.
    prices : DataFrame
        See `allocation.Allocation.prices`.
    """

    amounts: Mapping[str, np.ndarray]
    table: pd.DataFrame
    best: np.ndarray
    prices: pd.DataFrame


def plan_money(problem: Problem, *, share: float, level: float) -> Plans:
    """Plans beside today's, once something is feasible.

    Parameters
    ----------
    share : float
        Of the expected gain that the plan ``small step`` has to bring.
    level : float
        Of the ranges over the draws.
    """
    today, tail = problem.frame["today"].to_numpy(), [(1 - level) / 2, (1 + level) / 2]
    fine, pieces = problem.pieces(FINE), problem.pieces(SEGMENTS)
    solver = fine.program(fine.mean)
    expected = problem.amounts(solve(solver), fine)
    dual = _prices(solver)
    best, duals = _best_by_draw(problem, pieces)
    top = np.array([problem.exits(x)[d] for d, x in enumerate(best)])
    step = _small_step(
        pieces, today[problem.free] / WAN, problem.exits(today).mean(), share
    )
    amounts = {
        "today": today,
        "expected": expected,
        "cautious": problem.amounts(_cautious(pieces, top), pieces),
        "small step": problem.amounts(step, pieces),
    }
    rows = {name: _plan_row(x, problem, top, tail) for name, x in amounts.items()}
    rows_used = pieces.bounds.rows
    low, high = np.quantile(duals, tail, axis=0)
    prices = problem.constraints.names[rows_used].assign(
        used=(problem.constraints.matrix @ expected)[rows_used],
        binding=dual > ROUNDING,
        price=dual,
        ci_low=low,
        ci_high=high,
    )
    return Plans(
        amounts=amounts,
        table=pd.DataFrame.from_dict(rows, orient="index").rename_axis("plan"),
        best=best,
        prices=prices.reset_index(drop=True),
    )


def _prices(solver: Solver) -> np.ndarray:
    return np.abs(np.array(solver.getSolution().row_dual))


def _best_by_draw(problem: Problem, pieces: Pieces) -> tuple[np.ndarray, np.ndarray]:
    """The best plan (draws, A) of every draw, and the prices (draws, r) of its rows."""
    solver = pieces.program(pieces.mean)
    every = np.arange(len(pieces.length), dtype=np.int32)
    best, duals = [], []
    for slopes in pieces.slopes:
        solver.changeColsCost(len(every), every, slopes)
        best.append(problem.amounts(solve(solver), pieces))
        duals.append(_prices(solver))
    return np.array(best), np.array(duals)


def _plan_row(
    x: np.ndarray, problem: Problem, top: np.ndarray, tail: list[float]
) -> dict[str, float]:
    """What a plan brings over the draws; `top` (draws,) is what the best of each brings."""
    brings = problem.exits(x)
    today = problem.frame["today"].to_numpy()
    gain, regret = brings - problem.exits(today), np.maximum(top - brings, 0.0)
    low, high = np.quantile(brings, tail)
    gain_low, gain_high = np.quantile(gain, tail)
    return {
        "exits": brings.mean(),
        "ci_low": low,
        "ci_high": high,
        "gain": gain.mean(),
        "gain_ci_low": gain_low,
        "gain_ci_high": gain_high,
        "better": float((gain > ROUNDING).mean()),
        "regret": regret.mean(),
        "regret_most": regret.max(),
        "moved": float(np.abs(x - today).sum() / 2),
        "spent": float(x.sum()),
    }


def _cautious(pieces: Pieces, top: np.ndarray) -> np.ndarray:
    """The plan whose largest regret over the draws is least.

    One more column, the regret, at least each draw's.
    """
    b, matrix = pieces.bounds, pieces.matrix
    rows = np.vstack(
        [
            np.hstack([matrix, np.zeros((len(matrix), 1))]),
            np.hstack([pieces.slopes, np.ones((len(top), 1))]),
        ]
    )
    return solve(
        program(
            rows,
            np.concatenate([b.low, top]),
            np.concatenate([b.high, np.full(len(top), np.inf)]),
            np.append(pieces.length, np.inf),
            np.append(np.zeros(len(pieces.length)), -1.0),
        )
    )


def _small_step(
    pieces: Pieces, today: np.ndarray, brings: float, share: float
) -> np.ndarray:
    """The plan that moves the least money and still brings `share` of the expected gain.

    Two more columns an arm, more and less than `today` (F,), in 10,000 yuan.
    """
    mean, matrix, b = pieces.mean, pieces.matrix, pieces.bounds
    most = float(mean @ solve(pieces.program(mean)))
    asked = min(brings + share * (most - brings), most) - 1e-6 * abs(most)
    arms = len(today)
    own = np.repeat(np.eye(arms), pieces.count, axis=1)
    rows = np.vstack(
        [
            np.hstack([matrix, np.zeros((len(matrix), 2 * arms))]),
            np.hstack([own, -np.eye(arms), np.eye(arms)]),
            np.append(mean, np.zeros(2 * arms)),
        ]
    )
    return solve(
        program(
            rows,
            np.concatenate([b.low, today, [asked]]),
            np.concatenate([b.high, today, [np.inf]]),
            np.append(pieces.length, np.full(2 * arms, np.inf)),
            np.append(np.zeros(len(pieces.length)), np.full(2 * arms, -1.0)),
        )
    )
