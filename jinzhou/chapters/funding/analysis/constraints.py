"""Named constraints on amounts of money, and which of them cannot hold together.

Linear programs go to HiGHS through highspy: SciPy's interface gives no dual values of ranges and
cannot change the costs of a solved program.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import highspy
import numpy as np
import pandas as pd

from jinzhou.errors import EstimationError
from jinzhou.statistics.tolerance import ROUNDING

WAN = 10_000.0
"""Yuan in the unit of the programs."""
COLUMNS = ["constraint", "county", "category", "bound"]


@dataclass(slots=True)
class Rows:
    """Constraints as they are written down, over `arms` amounts."""

    arms: int
    names: list[tuple[str, str, str, float]] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    matrix: list[np.ndarray] = field(default_factory=list)

    def most(
        self, kind: str, county: str, category: str, bound: float, of: np.ndarray
    ) -> None:
        """The amounts `of` (arms,) add up to at most the bound."""
        self._add((kind, county, category, bound), -np.inf, bound, of)

    def least(
        self, kind: str, county: str, category: str, bound: float, of: np.ndarray
    ) -> None:
        """They add up to at least the bound."""
        self._add((kind, county, category, bound), bound, np.inf, of)

    def exactly(
        self, kind: str, county: str, category: str, bound: float, of: np.ndarray
    ) -> None:
        """They add up to the bound."""
        self._add((kind, county, category, bound), bound, bound, of)

    def _add(
        self,
        name: tuple[str, str, str, float],
        low: float,
        high: float,
        of: np.ndarray,
    ) -> None:
        self.names.append(name)
        self.low.append(low)
        self.high.append(high)
        self.matrix.append(of)

    def done(self) -> Constraints:
        """The constraints as arrays."""
        return Constraints(
            names=pd.DataFrame(self.names, columns=COLUMNS),
            matrix=np.array(self.matrix, dtype=float).reshape(-1, self.arms),
            low=np.array(self.low, dtype=float),
            high=np.array(self.high, dtype=float),
        )


def constraints(arms: int) -> Rows:
    """No constraints yet, over so many amounts."""
    return Rows(arms)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Constraints:
    """low <= matrix x <= high, in yuan.

    Attributes
    ----------
    names : DataFrame
        Rows of `COLUMNS`.
    matrix : ndarray (r, arms)
    low, high : ndarray (r,)
    """

    names: pd.DataFrame
    matrix: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def broken(self, x: np.ndarray) -> pd.DataFrame:
        """Constraints that the amounts `x` (arms,) do not keep."""
        used = self.matrix @ x
        room = ROUNDING * (1 + np.abs(used))
        bad = (used < self.low - room) | (used > self.high + room)
        return self.names[bad].assign(today=used[bad]).reset_index(drop=True)

    def feasible(self, kept: np.ndarray | None = None) -> bool:
        """Whether the rows `kept`, or all, can hold together."""
        rows = np.arange(len(self.low)) if kept is None else kept
        arms = self.matrix.shape[1]
        return solves(
            program(
                self.matrix[rows],
                self.low[rows] / WAN,
                self.high[rows] / WAN,
                np.full(arms, np.inf),
                np.zeros(arms),
            )
        )

    def loosening(self, row: int) -> float:
        """Least yuan by which a row has to give way for all to hold; NaN if it cannot."""
        arms = self.matrix.shape[1]
        slack = np.zeros((len(self.low), 1))
        slack[row] = 1.0 if np.isfinite(self.low[row]) else -1.0
        solver = program(
            np.hstack([self.matrix, slack]),
            self.low / WAN,
            self.high / WAN,
            np.full(arms + 1, np.inf),
            np.append(np.zeros(arms), -1.0),
        )
        if not solves(solver):
            return np.nan
        return float(solver.getSolution().col_value[-1]) * WAN

    def clash(self) -> pd.DataFrame:
        """The smallest set that cannot hold together, by deletion.

        `loosen` is by how much each alone would have to give way.
        """
        kept = np.arange(len(self.names))
        for row in range(len(self.names)):
            rest = kept[kept != row]
            if not self.feasible(rest):
                kept = rest
        loosen = [self.loosening(int(row)) for row in kept]
        return self.names.iloc[kept].assign(loosen=loosen).reset_index(drop=True)


class Solver(highspy.Highs):
    """HiGHS without callbacks.

    Turning them on prints a banner before any option can be set.
    """

    def enableCallbacks(self) -> None:
        """Leave them off."""


def program(
    matrix: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    upper: np.ndarray,
    cost: np.ndarray,
) -> Solver:
    """A program that maximises cost x over 0 <= x <= upper and low <= matrix x <= high."""
    solver = Solver()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    none, indices = np.empty(0), np.empty(0, dtype=np.int32)
    solver.addCols(
        len(cost),
        cost,
        np.zeros(len(cost)),
        np.minimum(upper, highspy.kHighsInf),
        0,
        indices,
        indices,
        none,
    )
    solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
    filled = matrix != 0
    ends = np.cumsum(filled.sum(axis=1))
    solver.addRows(
        len(matrix),
        np.maximum(low, -highspy.kHighsInf),
        np.minimum(high, highspy.kHighsInf),
        int(filled.sum()),
        np.concatenate([[0], ends[:-1]]).astype(np.int32),
        np.nonzero(filled)[1].astype(np.int32),
        matrix[filled],
    )
    return solver


def solves(solver: Solver) -> bool:
    """Run; False when nothing is feasible.

    Raises
    ------
    EstimationError
        HiGHS stopped for another reason.
    """
    solver.run()
    status = solver.getModelStatus()
    infeasible = (
        highspy.HighsModelStatus.kInfeasible,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
    )
    if status in infeasible:
        return False
    if status != highspy.HighsModelStatus.kOptimal:
        raise EstimationError(
            "chapters.allocation.no_optimum", found=solver.modelStatusToString(status)
        )
    return True


def solve(solver: Solver) -> np.ndarray:
    """Values of the columns where something has to be feasible.

    Raises
    ------
    EstimationError
        Nothing is.
    """
    if not solves(solver):
        status = solver.modelStatusToString(solver.getModelStatus())
        raise EstimationError("chapters.allocation.no_optimum", found=status)
    return np.array(solver.getSolution().col_value)
