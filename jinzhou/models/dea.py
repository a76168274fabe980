"""Data envelopment analysis: how far each unit is from the best observed ones.

Scores compare with the best that was observed, not with what is possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
import pandas as pd

from jinzhou.errors import EstimationError, ParameterError

ORIENTATIONS = ("input", "output")
RETURNS = ("constant", "variable")
"""Constant returns: Charnes, Cooper and Rhodes (CCR); variable: Banker, Charnes and Cooper (BCC)."""
EFFICIENT = 1e-6
"""A score within this of 1, and slacks (scaled data) within it of 0, count as efficient."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frontier:
    """Scores of the units that could be compared.

    Attributes
    ----------
    scores : DataFrame, indexed by unit
        `score` (theta <= 1 for inputs: the share of its inputs that would do; phi >= 1 for outputs:
        the multiple of its outputs that could be had), `reciprocal` (1 / score), `status`:
        ``efficient``, ``weakly efficient`` (radially efficient with slack), ``inefficient``,
        ``no comparable unit`` (a zero makes the score meaningless).
    slacks, targets : DataFrame, indexed by unit
        Phase-two slacks and efficient targets by input and output, in the units of the data.
    peers : DataFrame
        `unit`, `peer`, `weight`: the efficient units that a target is made of.
    inputs, outputs, orientation, returns
        As asked for.
    n : int
    enough : bool
        At least three units per input and output; fewer make nearly every unit look efficient.
    dropped : Series, indexed by reason
        Rows left out; with `n` it sums to the rows given.
    """

    scores: pd.DataFrame
    slacks: pd.DataFrame
    targets: pd.DataFrame
    peers: pd.DataFrame
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    orientation: str
    returns: str
    n: int
    enough: bool
    dropped: pd.Series

    def table(self) -> pd.DataFrame:
        """A copy of `scores`, safe to format."""
        return self.scores.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        best = (self.scores["status"] == "efficient").sum()
        return (f"{self.orientation}-oriented, {self.returns} returns: {best} of {self.n} units efficient, "
                f"mean score {self.scores['score'].mean():.3f}.")


def dea(
    units: pd.DataFrame, *, inputs: Sequence[str], outputs: Sequence[str], orientation: str = "input",
    returns: str = "constant",
) -> Frontier:
    """Radial efficiency with slacks, targets and peers.

    Parameters
    ----------
    units : DataFrame
        One row per unit; its index names them. Inputs and outputs are not negative; each unit needs
        a positive input and a positive output. Others are dropped, counted by reason.
    orientation : {"input", "output"}
    returns : {"constant", "variable"}

    Raises
    ------
    ParameterError
        An unknown option, no input or output, or unit names that repeat.
    EstimationError
        The solver did not reach an optimum for some unit.

    Notes
    -----
    Data are divided by their column means, so units of measurement change neither scores nor
    phase-two slacks. Phase two maximises the sum of scaled slacks; slacks and weights need not be
    unique, scores are. Charnes, Cooper and Rhodes (1978), EJOR 2, 429-444; Banker, Charnes and
    Cooper (1984), Management Science 30, 1078-1092.
    """
    for name, value, allowed in (("orientation", orientation, ORIENTATIONS), ("returns", returns, RETURNS)):
        if value not in allowed:
            raise ParameterError(f"{name}={value!r}；应为 {'、'.join(allowed)} 之一。",
                                 f"{name}={value!r}; expected one of {', '.join(allowed)}.")
    inputs, outputs = tuple(inputs), tuple(outputs)
    if not inputs or not outputs:
        raise ParameterError("至少需要一个投入和一个产出。", "at least one input and one output are needed.")
    if not units.index.is_unique:
        raise ParameterError("单元名称有重复；每个单元应只有一行。", "unit names repeat; expected one row per unit.")
    X, Y = units[list(inputs)].to_numpy(float), units[list(outputs)].to_numpy(float)
    reason = np.select(
        [~np.isfinite(np.hstack([X, Y])).all(axis=1), (np.hstack([X, Y]) < 0).any(axis=1), ~(X > 0).any(axis=1), ~(Y > 0).any(axis=1)],
        ["missing value", "negative value", "no input", "no output"], "")
    used = reason == ""
    X, Y, names = X[used], Y[used], units.index[used]
    scale_x, scale_y = (np.where(m > 0, m, 1.0) for m in (X.mean(axis=0), Y.mean(axis=0))) if used.any() else (1.0, 1.0)
    solved = _solve(X / scale_x, Y / scale_y, output=orientation == "output", variable=returns == "variable")
    score = solved.score
    empty = ~(score > 1e-9) | ~np.isfinite(score)
    full = np.abs(score - 1) <= EFFICIENT
    slack = (solved.slack_x > EFFICIENT).any(axis=1) | (solved.slack_y > EFFICIENT).any(axis=1)
    status = np.select([empty, full & ~slack, full], ["no comparable unit", "efficient", "weakly efficient"], "inefficient")
    with np.errstate(divide="ignore"):
        scores = pd.DataFrame({"score": score, "reciprocal": 1 / score, "status": status}, index=names)
    scores.loc[empty, ["score", "reciprocal"]] = np.nan
    slacks = np.hstack([solved.slack_x * scale_x, solved.slack_y * scale_y])
    factor = score[:, None]
    goal = np.hstack([X - slacks[:, :X.shape[1]], factor * Y + slacks[:, X.shape[1]:]]) if orientation == "output" else \
        np.hstack([factor * X - slacks[:, :X.shape[1]], Y + slacks[:, X.shape[1]:]])
    columns = [*inputs, *outputs]
    unit, peer = np.nonzero(solved.weights)
    peers = pd.DataFrame({"unit": names[unit], "peer": names[peer], "weight": solved.weights[unit, peer]})
    return Frontier(
        scores=scores, slacks=pd.DataFrame(slacks, index=names, columns=columns),
        targets=pd.DataFrame(goal, index=names, columns=columns), peers=peers, inputs=inputs, outputs=outputs,
        orientation=orientation, returns=returns, n=int(used.sum()),
        enough=bool(used.sum() >= 3 * len(columns)), dropped=pd.Series(reason[~used]).value_counts())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Solved:
    """`score` (n,), `slack_x` (n, m), `slack_y` (n, s), `weights` (n, n) by unit and peer."""

    score: np.ndarray
    slack_x: np.ndarray
    slack_y: np.ndarray
    weights: np.ndarray


def _solve(X: np.ndarray, Y: np.ndarray, *, output: bool, variable: bool) -> _Solved:
    """Two phases for every unit. X (n, m), Y (n, s), scaled."""
    n, m, s = len(X), X.shape[1], Y.shape[1]
    score = np.array(_radial(X, Y, output=output, variable=variable))
    slack_x, slack_y, weights = np.zeros((n, m)), np.zeros((n, s)), np.zeros((n, n))
    if not n:
        return _Solved(score=score, slack_x=slack_x, slack_y=slack_y, weights=weights)
    # phase two: one model, only its right-hand side changes
    solver = _solver()
    for _ in range(n):
        solver.addVar(0.0, highspy.kHighsInf)
    for place in range(m + s):
        solver.addVar(0.0, highspy.kHighsInf)
        solver.changeColCost(n + place, -1.0)
    for i in range(m):
        _add_row(solver, X[:, i], [(n + i, 1.0)], 0.0, 0.0)
    for r in range(s):
        _add_row(solver, Y[:, r], [(n + m + r, -1.0)], 0.0, 0.0)
    if variable:
        _add_row(solver, np.ones(n), [], 1.0, 1.0)
    for o in range(n):
        x, y = (X[o], score[o] * Y[o]) if output else (score[o] * X[o], Y[o])
        # the radial point is on the frontier to the solver's tolerance; leave it that much room
        for i in range(m):
            solver.changeRowBounds(i, x[i], x[i] + 1e-9 * (1 + x[i]))
        for r in range(s):
            solver.changeRowBounds(m + r, y[r] - 1e-9 * (1 + y[r]), y[r])
        values = np.where((values := _run(solver, o)) > EFFICIENT, values, 0.0)   # below is the solver's tolerance
        weights[o] = values[:n]
        slack_x[o], slack_y[o] = values[n:n + m], values[n + m:]
    return _Solved(score=score, slack_x=slack_x, slack_y=slack_y, weights=weights)


def _radial(X: np.ndarray, Y: np.ndarray, *, output: bool, variable: bool) -> list[float]:
    """Radial score of every unit, warm-started from the one before.

    The unit's own values stand in the first column; where they hold a zero the model is built
    anew, because an entry that is absent from the matrix cannot be changed later.
    """
    n, m, s = len(X), X.shape[1], Y.shape[1]
    scores, solver = [], None
    own = Y if output else X
    for o in range(n):
        zeros = (own[o] == 0).any()
        if solver is None or zeros:
            solver = _solver()
            solver.addVar(-highspy.kHighsInf, highspy.kHighsInf)
            solver.changeColCost(0, -1.0 if output else 1.0)
            for _ in range(n):
                solver.addVar(0.0, highspy.kHighsInf)
            for i in range(m):
                first = [] if output else [(0, -X[o, i])]
                _add_row(solver, X[:, i], first, -highspy.kHighsInf, X[o, i] if output else 0.0, shift=1)
            for r in range(s):
                first = [(0, -Y[o, r])] if output else []
                _add_row(solver, Y[:, r], first, 0.0 if output else Y[o, r], highspy.kHighsInf, shift=1)
            if variable:
                _add_row(solver, np.ones(n), [], 1.0, 1.0, shift=1)
        else:
            for i in range(m):
                if output:
                    solver.changeRowBounds(i, -highspy.kHighsInf, X[o, i])
                else:
                    solver.changeCoeff(i, 0, -X[o, i])
            for r in range(s):
                if output:
                    solver.changeCoeff(m + r, 0, -Y[o, r])
                else:
                    solver.changeRowBounds(m + r, Y[o, r], highspy.kHighsInf)
        scores.append(_run(solver, o)[0])
        if zeros:
            solver = None
    return scores


def _solver() -> highspy._core._Highs:
    solver = highspy._core._Highs()      # `highspy.Highs` turns callbacks on and prints a banner doing so
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    return solver


def _add_row(solver, coefficients: np.ndarray, first: list, low: float, high: float, *, shift: int = 0) -> None:
    """Add one row: coefficients of the weights (columns `shift`...), and of single columns."""
    place = np.flatnonzero(coefficients)
    extra = [(i, v) for i, v in first if v != 0]
    index = np.array([i for i, _ in extra] + list(place + shift), dtype=np.int32)
    value = np.array([v for _, v in extra] + list(coefficients[place]), dtype=float)
    solver.addRow(low, high, len(index), index, value)


def _run(solver: highspy._core._Highs, unit: int) -> np.ndarray:
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kUnbounded:
        return np.full(solver.getNumCol(), np.inf)
    if status != highspy.HighsModelStatus.kOptimal:
        raise EstimationError(
            f"第 {unit + 1} 个单元求解未达最优（{solver.modelStatusToString(status)}）。",
            f"no optimum for unit {unit + 1} ({solver.modelStatusToString(status)}).", unit=unit)
    return np.array(solver.getSolution().col_value)
