"""Data envelopment analysis: how far each unit is from the best observed ones.

Scores compare with the best that was observed, not with what is possible. This file holds the
radial measures; other measures are in `dea_measures`, change over time in `malmquist`, sampling
error in `frontier_bootstrap`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import EstimationError, ParameterError
from jinzhou.statistics.frontier.simplex import INFEASIBLE, UNBOUNDED, UNSOLVED
from jinzhou.statistics.frontier.technology import (
    RETURNS,
    Moves,
    Technology,
    hyperbolic,
    move,
)
from jinzhou.statistics.tolerance import SOLVED

ORIENTATIONS = ("input", "output", "graph")
DISPOSALS = ("strong", "weak")
STATUSES = (
    "efficient",
    "weakly efficient",
    "inefficient",
    "infeasible",
    "no comparable unit",
)
EFFICIENT = SOLVED
"""A score within this of 1, and slacks (scaled data) within it of 0, count as efficient."""
UNITS_PER_COLUMN = 3
"""Units that each input and output asks for; with fewer, nearly every unit looks efficient (a rule of thumb of the field)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frontier:
    """Scores of the units that could be compared.

    Attributes
    ----------
    scores : DataFrame, indexed by unit
        `score` and `status`, one of `STATUSES`; `reciprocal` (1 / score) where the score is a ratio.
        Radial (Farrell): theta <= 1 for inputs, the share of its inputs that would do; phi >= 1 for
        outputs, the multiple of its outputs that could be had; gamma <= 1 for both at once (inputs
        times gamma, outputs over gamma). Super-efficiency passes 1. ``weakly efficient`` is radially
        efficient with slack; ``infeasible``: no combination of the others reaches the unit at all;
        ``no comparable unit``: a zero makes the score 0 or unbounded. Both have no score.
    slacks, targets : DataFrame, indexed by unit
        Phase-two slacks and efficient targets by input and output, in the units of the data.
    peers : DataFrame
        `unit`, `peer`, `weight`: the efficient units that a target is made of.
    inputs, outputs : tuple of str
        Undesirable outputs stand at the end of the inputs: less is better.
    orientation, returns, measure : str
        As asked for; `measure` names the model.
    n : int
    enough : bool
        At least `UNITS_PER_COLUMN` reference units per input and output. With fewer the scores are not
        informative: nearly every unit looks efficient, and no ranks may be made of them.
    dropped : Series, indexed by reason
        Rows left out; with `n` it sums to the rows given.
    excluded : Series, indexed by unit
        The same by name: unit -> reason.
    collinear : tuple of str
        Inputs (or outputs) that are an exact linear combination of those before them: they bring nothing of their own,
        and only make more units look efficient.
    """

    scores: pd.DataFrame
    slacks: pd.DataFrame
    targets: pd.DataFrame
    peers: pd.DataFrame
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    orientation: str
    returns: str
    measure: str
    n: int
    enough: bool
    dropped: pd.Series
    excluded: pd.Series
    collinear: tuple[str, ...]

    def table(self) -> pd.DataFrame:
        """A copy of `scores`, safe to format."""
        return self.scores.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        counts = self.scores["status"].value_counts()
        none = "".join(
            f", {counts[s]} {s}"
            for s in ("infeasible", "no comparable unit")
            if s in counts
        )
        few = (
            ""
            if self.enough
            else f" Too few units for {len(self.inputs) + len(self.outputs)} inputs and outputs: scores are not informative."
        )
        repeated = (
            f" No information of their own: {', '.join(map(str, self.collinear))}."
            if self.collinear
            else ""
        )
        return (
            f"{self.measure}, {self.orientation}-oriented, {self.returns} returns: {counts.get('efficient', 0)} of {self.n} units efficient{none}, "
            f"mean score {self.scores['score'].mean():.3f}.{few}{repeated}"
        )


def dea(
    units: pd.DataFrame,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    orientation: str = "input",
    returns: str = "constant",
    super_efficiency: bool = False,
    undesirable: Sequence[str] = (),
    disposal: str = "strong",
    fixed: Sequence[str] = (),
    restrictions: Mapping[tuple[str, str], tuple[float, float]] | None = None,
    reference: pd.DataFrame | None = None,
) -> Frontier:
    """Radial efficiency with slacks, targets and peers.

    Parameters
    ----------
    units : DataFrame
        One row per unit; its index names them. Inputs and outputs are not negative; each unit needs
        a positive input and a positive output. Others are left out, named with their reason.
    orientation : {"input", "output", "graph"}
        What moves: inputs shrink, outputs grow, or both at once by one factor (hyperbolic).
    returns : {"constant", "variable", "decreasing", "increasing", "fdh"}
        See `technology.RETURNS`.
    super_efficiency : bool
        Each unit is compared with the others only, so that scores beyond 1 tell efficient units apart.
    undesirable : sequence of str
        Outputs of which less is better, such as persons returned to poverty. They may not exceed
        the unit's own level; in graph orientation they shrink like inputs.
    disposal : {"strong", "weak"}
        Weak: they can only be cut together with the good outputs.
    fixed : sequence of str
        Inputs or outputs that nobody there decides on (distance, terrain): they bind a comparison,
        are not asked to move, and their slack is not counted.
    restrictions : mapping, optional
        Assurance region: ``{("a", "b"): (low, high)}`` keeps the multiplier of a between `low` and `high`
        times that of b, per unit of the data; both are inputs or both outputs.
    reference : DataFrame, optional
        Compare with these units instead (another year, another county). Scores may then pass 1.

    Raises
    ------
    ParameterError
        An unknown option, column or restriction; unit names that repeat; a reference unit that is not sound.
    EstimationError
        The solver reached no answer for some unit.

    Notes
    -----
    Data are divided by their means, so units of measurement change neither scores nor phase-two
    slacks. Phase two maximises the sum of scaled slacks among the optima of phase one; slacks and
    weights need not be unique, scores are. Charnes, Cooper and Rhodes (1978), EJOR 2, 429-444;
    Banker, Charnes and Cooper (1984), Management Science 30, 1078-1092; Andersen and Petersen
    (1993), Management Science 39, 1261-1264; Banker and Morey (1986), Operations Research 34,
    513-521; Thompson et al. (1990), J. of Econometrics 46, 93-108; Kuosmanen (2005), AJAE 87, 1077-1082.
    """
    choice("orientation", orientation, ORIENTATIONS)
    given = prepare(
        units,
        inputs=inputs,
        outputs=outputs,
        returns=returns,
        undesirable=undesirable,
        disposal=disposal,
        fixed=fixed,
        restrictions=restrictions,
        reference=reference,
    )
    if super_efficiency and reference is not None:
        raise ParameterError(
            "超效率与外部参照集不能同时使用；外部参照本已不含本单元，请去掉其一。",
            "super_efficiency and reference exclude each other; an outside reference leaves the unit out already: drop one.",
        )
    if disposal == "weak" and (returns == "fdh" or super_efficiency):
        raise ParameterError(
            "弱可处置性不能与 fdh 或超效率同时使用；请改用 disposal=strong。",
            "weak disposal cannot be combined with fdh or super_efficiency; use disposal=strong.",
        )
    m = len(given.inputs)
    GX, GY = (
        np.where(given.moves[:m], given.X, 0.0),
        np.where(given.moves[m:], given.Y, 0.0),
    )
    bad = np.isin(given.inputs, list(undesirable))
    if orientation == "input":
        GX, GY = np.where(bad, 0.0, GX), np.zeros_like(GY)
    elif orientation == "output":
        GX = np.zeros_like(GX)
    if given.n and not (GX.any() or GY.any()):
        raise ParameterError(
            "该方向上所有指标都被设为固定；至少一项应可调整。",
            "every column of this orientation is fixed; at least one must be able to move.",
        )
    how = hyperbolic if orientation == "graph" else move
    found = how(
        given.technology,
        given.X,
        given.Y,
        GX,
        GY,
        exclude=np.arange(given.n) if super_efficiency else None,
        slack_weights=given.moves.astype(float),
        inside=not super_efficiency and reference is None,
    )
    score = 1 + found.beta if orientation == "output" else 1 - found.beta
    by = score[:, None]
    goal_x = (
        given.X if orientation == "output" else np.where(GX != 0, given.X * by, given.X)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        goal_y = (
            given.Y
            if orientation == "input"
            else np.where(
                GY != 0,
                given.Y * by if orientation == "output" else given.Y / by,
                given.Y,
            )
        )
    beyond = (
        (score < 1 - EFFICIENT) if orientation == "output" else (score > 1 + EFFICIENT)
    )
    return frontier(
        given,
        found,
        score=score,
        empty=~(score > 1e-9),
        full=np.abs(score - 1) <= EFFICIENT,
        beyond=beyond,
        goal=np.hstack([goal_x, goal_y]),
        orientation=orientation,
        measure=("super-efficiency" if super_efficiency else "radial")
        + (" against an outside reference" if reference is not None else ""),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """Checked and scaled data of a model.

    `X` (n, m) with undesirable outputs last, `Y` (n, s), `technology` of the reference units, `moves`
    (m + s,) False where fixed, `scale` (m + s,) to multiply by for the units of the data.
    """

    X: np.ndarray
    Y: np.ndarray
    technology: Technology
    moves: np.ndarray
    scale: np.ndarray
    names: pd.Index
    peers: pd.Index
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    n: int
    enough: bool
    excluded: pd.Series
    collinear: tuple[str, ...]


def prepare(
    units: pd.DataFrame,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    returns: str,
    undesirable: Sequence[str] = (),
    disposal: str = "strong",
    fixed: Sequence[str] = (),
    restrictions: Mapping | None = None,
    reference: pd.DataFrame | None = None,
) -> Prepared:
    """Check the units and options that all models share; see `dea` for what they mean."""
    choice("returns", returns, RETURNS)
    choice("disposal", disposal, DISPOSALS)
    inputs, outputs, undesirable, fixed = (
        tuple(inputs),
        tuple(outputs),
        tuple(undesirable),
        tuple(fixed),
    )
    if not inputs or not outputs:
        raise ParameterError(
            "至少需要一个投入和一个产出。",
            "at least one input and one output are needed.",
        )
    columns = [*inputs, *undesirable, *outputs]
    if len(set(columns)) < len(columns):
        raise ParameterError(
            "同一列用了两次；投入、产出和非期望产出应互不相同。",
            "a column is used twice; inputs, outputs and undesirable outputs must differ.",
        )
    unknown = [c for c in columns if c not in units] + [
        c for c in fixed if c not in columns
    ]
    if unknown:
        raise ParameterError(
            f"没有这些列：{'、'.join(map(str, unknown))}；请核对列名。",
            f"no such columns: {', '.join(map(str, unknown))}; check the names.",
        )
    if not units.index.is_unique:
        raise ParameterError(
            "单元名称有重复；每个单元应只有一行。",
            "unit names repeat; expected one row per unit.",
        )
    m = len(inputs) + len(undesirable)
    values, reason = _sound(units, columns, len(inputs), m)
    used = reason == ""
    values, names = values[used], units.index[used]
    others, peers = values, names
    if reference is not None:
        missing = [c for c in columns if c not in reference]
        if missing or not reference.index.is_unique:
            raise ParameterError(
                f"参照集缺少列 {'、'.join(map(str, missing)) or '（无）'}，或单元名称有重复。",
                f"the reference lacks columns {', '.join(map(str, missing)) or '(none)'}, or its unit names repeat.",
            )
        others, why = _sound(reference, columns, len(inputs), m)
        peers = reference.index
        if (why != "").any():
            wrong = [f"{u}: {r}" for u, r in zip(peers[why != ""], why[why != ""])][:5]
            raise ParameterError(
                f"参照集的单元不可用（{'；'.join(wrong)}）；请先剔除或补齐。",
                f"unsound units in the reference ({'; '.join(wrong)}); mend or remove them first.",
            )
    scale = others.mean(axis=0) if len(others) else np.ones(len(columns))
    scale = np.where(scale > 0, scale, 1.0)
    weak = np.array([c in undesirable and disposal == "weak" for c in columns[:m]])
    tech = Technology(
        X=others[:, :m] / scale[:m],
        Y=others[:, m:] / scale[m:],
        returns=returns,
        weak=weak,
        cone=assurance_cone(restrictions or {}, columns, m, scale, returns),
    )
    return Prepared(
        X=values[:, :m] / scale[:m],
        Y=values[:, m:] / scale[m:],
        technology=tech,
        moves=np.array([c not in fixed for c in columns]),
        scale=scale,
        names=names,
        peers=peers,
        inputs=tuple(columns[:m]),
        outputs=outputs,
        n=int(used.sum()),
        enough=len(others) >= UNITS_PER_COLUMN * len(columns),
        excluded=pd.Series(reason[~used], index=units.index[~used], dtype=str),
        collinear=_collinear(others[:, :m], columns[:m])
        + _collinear(others[:, m:], columns[m:]),
    )


def assurance_cone(
    restrictions: Mapping[tuple[str, str], tuple[float, float]],
    columns: Sequence[str],
    m: int,
    scale: np.ndarray,
    returns: str,
) -> np.ndarray:
    """Directions (m + s, q) that let the envelopment know the bounds on the ratios of multipliers.

    low w_b - w_a <= 0 and w_a - high w_b <= 0: each is one more column of the envelopment.
    """
    out = []
    for (a, b), (low, high) in restrictions.items():
        if (
            a not in columns
            or b not in columns
            or (columns.index(a) < m) != (columns.index(b) < m)
            or a == b
        ):
            raise ParameterError(
                f"权重限制 {a}/{b} 不可用；两列应同为投入或同为产出。",
                f"restriction {a}/{b} cannot be used; both must be inputs or both outputs.",
            )
        if not (0 <= low <= high and high > 0):
            raise ParameterError(
                f"权重限制 {a}/{b} 的上下限为 {low}、{high}；应为 0 ≤ 下限 ≤ 上限，上限为正。",
                f"restriction {a}/{b} has bounds {low}, {high}; expected 0 <= low <= high, high above 0.",
            )
        if returns == "fdh":
            raise ParameterError(
                "自由处置包（fdh）没有权重，不能加权重限制。",
                "the free disposal hull (fdh) has no multipliers to restrict.",
            )
        i, j = columns.index(a), columns.index(b)
        for one, other, bound in ((i, j, low), (j, i, 1 / high)):
            if bound > 0:  # w_one >= bound w_other
                d = np.zeros(len(columns))
                d[other], d[one] = bound / scale[other], -1 / scale[one]
                out.append((-d if i < m else d) / np.abs(d).max())
    return np.array(out).T if out else np.zeros((len(columns), 0))


def frontier(
    given: Prepared,
    found: Moves,
    *,
    score,
    empty,
    full,
    beyond,
    goal,
    orientation: str,
    measure: str,
    ratio: bool = True,
) -> Frontier:
    """The result of a model, in the units of the data.

    score (n,); empty, full, beyond (n,) bool: no meaning, on the frontier, beyond it; goal (n, m + s): the point before slacks.
    """
    if (found.status == UNSOLVED).any():
        which = given.names[found.status == UNSOLVED][0]
        raise EstimationError(
            f"单元 {which} 求解未得结果；请检查其数据的数量级。",
            f"the solver reached no answer for unit {which}; check the size of its data.",
            unit=which,
        )
    m = len(given.inputs)
    slack = (found.slack * given.moves > EFFICIENT).any(axis=1)
    infeasible, empty = found.status == INFEASIBLE, empty | (found.status == UNBOUNDED)
    status = np.select(
        [infeasible, empty, beyond | (full & ~slack), full],
        ["infeasible", "no comparable unit", "efficient", "weakly efficient"],
        "inefficient",
    )
    none = infeasible | empty
    score = np.where(none, np.nan, score) + 0.0  # no minus zero
    scores = pd.DataFrame(
        {"score": score, "reciprocal": 1 / score} if ratio else {"score": score},
        index=given.names,
    ).assign(status=status)
    slacks = np.where(none[:, None], np.nan, found.slack * given.scale) + 0.0
    sign = np.where(np.arange(slacks.shape[1]) < m, -1.0, 1.0)
    columns = [*given.inputs, *given.outputs]
    real = ~none[found.unit] & (found.weight > EFFICIENT)
    return Frontier(
        scores=scores,
        slacks=pd.DataFrame(slacks, index=given.names, columns=columns),
        targets=pd.DataFrame(
            goal * given.scale + sign * slacks, index=given.names, columns=columns
        ),
        peers=pd.DataFrame(
            {
                "unit": given.names[found.unit[real]],
                "peer": given.peers[found.peer[real]],
                "weight": found.weight[real],
            }
        ),
        inputs=given.inputs,
        outputs=given.outputs,
        orientation=orientation,
        returns=given.technology.returns,
        measure=measure,
        n=given.n,
        enough=given.enough,
        dropped=given.excluded.value_counts(),
        excluded=given.excluded,
        collinear=given.collinear,
    )


def choice(name: str, value: object, allowed: Sequence[str]) -> None:
    """Refuse a value that is not among those allowed."""
    if value not in allowed:
        raise ParameterError(
            f"{name}={value!r}；应为 {'、'.join(allowed)} 之一。",
            f"{name}={value!r}; expected one of {', '.join(allowed)}.",
        )


def numbers(units: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """Values (rows, columns) as floats, NaN where missing; a column of words is refused."""
    words = [
        c
        for c in columns
        if not pd.api.types.is_numeric_dtype(units[c])
        and pd.to_numeric(units[c], errors="coerce").isna().gt(units[c].isna()).any()
    ]
    if words:
        raise ParameterError(
            f"列 {'、'.join(map(str, words))} 含有不是数字的值；请先换成数字。",
            f"column {', '.join(map(str, words))} holds values that are no numbers; convert them first.",
        )
    return np.column_stack(
        [
            pd.to_numeric(units[c], errors="coerce").to_numpy(float, na_value=np.nan)
            for c in columns
        ]
    )


def _sound(
    units: pd.DataFrame, columns: list[str], inputs: int, m: int
) -> tuple[np.ndarray, np.ndarray]:
    """Values (rows, columns) and, by row, why it cannot be used (empty when it can)."""
    values = numbers(units, columns)
    reason = np.select(
        [
            ~np.isfinite(values).all(axis=1),
            (values < 0).any(axis=1),
            ~(values[:, :inputs] > 0).any(axis=1),
            ~(values[:, m:] > 0).any(axis=1),
        ],
        ["missing value", "negative value", "no input", "no output"],
        "",
    )
    return values, reason


def _collinear(values: np.ndarray, columns: Sequence[str]) -> tuple[str, ...]:
    """Columns (rows, k) that are an exact linear combination of those before them; unknown with fewer rows than columns."""
    if len(values) < len(columns):
        return ()
    unit = values / np.maximum(np.linalg.norm(values, axis=0), 1e-300)
    ranks = [
        0,
        *(
            np.linalg.matrix_rank(unit[:, : k + 1], tol=1e-10)
            for k in range(len(columns))
        ),
    ]
    return tuple(name for k, name in enumerate(columns) if ranks[k + 1] == ranks[k])
