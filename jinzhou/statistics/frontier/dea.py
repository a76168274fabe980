"""Data envelopment analysis: how far each unit is from the best observed ones.

Scores compare with the best that was observed, not with what is possible. This file
holds the radial measures; others are in `measures`, change over time in `malmquist`,
sampling error in `bootstrap`. No kept library of Python gives slacks, peers, targets
and the reason for a missing score together, or solves the thousands of programs of a
bootstrap at once.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import EstimationError, ParameterError
from jinzhou.statistics.frontier.free_disposal import fdh_distance
from jinzhou.statistics.frontier.model import DeaModel, Prepared, prepare
from jinzhou.statistics.frontier.programs import INFEASIBLE, UNBOUNDED, UNSOLVED
from jinzhou.statistics.frontier.technology import (
    Distances,
    Points,
    directional_distance,
    hyperbolic_distance,
)
from jinzhou.statistics.tolerance import SOLVED

STATUSES = (
    "efficient",
    "weakly efficient",
    "inefficient",
    "infeasible",
    "no comparable unit",
)
EFFICIENT = SOLVED
"""A score within this of 1, and slacks (scaled data) within it of 0, count as
efficient.
"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frontier:
    """Scores of the units that could be compared.

    Attributes
    ----------
    scores : DataFrame, indexed by unit
        `score` and `status`, one of `STATUSES`; `reciprocal` (1 / score) where the
        score is a ratio. Radial (Farrell): theta <= 1 for inputs, the share of its
        inputs that would do; phi >= 1 for outputs, the multiple of its outputs that
        could be had; gamma <= 1 for both at once (inputs times gamma, outputs over
        gamma). Super-efficiency passes 1. ``weakly efficient`` is radially efficient
        with slack; ``infeasible``: no combination of the others reaches the unit at
        all; ``no comparable unit``: a zero makes the score 0 or unbounded. Both have no
        score.
    slacks, targets : DataFrame, indexed by unit
        Phase-two slacks and efficient targets by input and output, in the units of the
        data.
    peers : DataFrame
        `unit`, `peer`, `weight`: the efficient units that a target is made of.
    inputs, outputs : tuple of str
        Undesirable outputs stand at the end of the inputs: less is better.
    orientation, returns_to_scale, measure : str
        As asked for; `measure` names the measure.
    n : int
    enough : bool
        At least `model.UNITS_PER_COLUMN` reference units per input and output. With
        fewer the scores are not informative: nearly every unit looks efficient, and no
        ranks may be made.
    dropped : Series, indexed by reason
        Rows left out; with `n` it sums to the rows given.
    excluded : Series, indexed by unit
        The same by name: unit -> reason.
    collinear : tuple of str
        Inputs (or outputs) that are an exact linear combination of those before them:
        they bring nothing of their own, and only make more units look efficient.
    """

    scores: pd.DataFrame
    slacks: pd.DataFrame
    targets: pd.DataFrame
    peers: pd.DataFrame
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    orientation: str
    returns_to_scale: str
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
        parts = [f"{counts.get('efficient', 0)} of {self.n} units efficient"]
        parts += [
            f"{counts[s]} {s}"
            for s in ("infeasible", "no comparable unit")
            if s in counts
        ]
        parts.append(f"mean score {self.scores['score'].mean():.3f}")
        columns = len(self.inputs) + len(self.outputs)
        notes = []
        if not self.enough:
            notes.append(
                f"Too few units for {columns} inputs and outputs: "
                "scores are not informative."
            )
        if self.collinear:
            names = ", ".join(map(str, self.collinear))
            notes.append(f"No information of their own: {names}.")
        head = (
            f"{self.measure}, {self.orientation}-oriented, "
            f"{self.returns_to_scale} returns: "
        )
        return " ".join([head + ", ".join(parts) + ".", *notes])


def dea(
    units: pd.DataFrame,
    model: DeaModel,
    *,
    super_efficiency: bool = False,
    reference: pd.DataFrame | None = None,
) -> Frontier:
    """Radial efficiency with slacks, targets and peers.

    Parameters
    ----------
    units : DataFrame
        One row per unit; its index names them. Each unit needs a positive input and a
        positive output. Others are left out, named with their reason.
    model : DeaModel
        Orientation ``input``, ``output`` or ``graph``.
    super_efficiency : bool
        Each unit is compared with the others only, so that scores beyond 1 tell
        efficient units apart.
    reference : DataFrame, optional
        The reference set, when it is other units (another year, another county). Scores
        may then pass 1.

    Returns
    -------
    Frontier

    Raises
    ------
    ParameterError
        A column that is not there; unit names that repeat; a reference unit that is not
        sound; every column of the orientation is fixed; options that exclude each
        other.
    EstimationError
        The solver reached no answer for some unit.

    Notes
    -----
    Data are divided by their means, so units of measurement change neither scores
    nor phase-two slacks. Phase two maximises the sum of scaled slacks among the optima
    of phase one; slacks and weights need not be unique, scores are.

    References
    ----------
    Charnes, Cooper and Rhodes (1978), European J. of Operational Research 2,
    429-444; Banker, Charnes and Cooper (1984), Management Science 30, 1078-1092;
    Andersen and Petersen (1993), Management Science 39, 1261-1264.

    Examples
    --------
    >>> clinics = pd.DataFrame({"staff": [2, 4, 8], "visits": [2, 8, 8]}, index=list("abc"))
    >>> model = DeaModel(inputs=["staff"], outputs=["visits"], returns_to_scale="constant")
    >>> dea(clinics, model).scores["score"].round(6).tolist()
    [0.5, 1.0, 0.5]
    """
    model.check(
        orientation=("input", "output", "graph"),
        options=("undesirable", "fixed", "restrictions"),
    )
    if super_efficiency and reference is not None:
        raise ParameterError("statistics.dea.reference_and_super")
    if model.disposal == "weak" and super_efficiency:
        raise ParameterError("statistics.dea.weak_disposal")
    given = prepare(units, model, reference=reference)
    points = _radial_points(
        given,
        model,
        exclude=np.arange(given.n) if super_efficiency else None,
        inside=not super_efficiency and reference is None,
    )
    found = distance(given, points, hyperbolic=model.orientation == "graph")
    score = 1 + found.beta if model.output else 1 - found.beta
    gain = 1 - score if model.output else score - 1
    measure = "super-efficiency" if super_efficiency else "radial"
    return frontier(
        given,
        found,
        Scored(
            score=score,
            empty=~(score > 1e-9),
            on_frontier=np.abs(score - 1) <= EFFICIENT,
            beyond=gain > EFFICIENT,
            before_slacks=_before_slacks(points, score, model.orientation),
            orientation=model.orientation,
            measure=measure
            + (" against an outside reference" if reference is not None else ""),
        ),
    )


def _radial_points(
    given: Prepared, model: DeaModel, *, exclude: np.ndarray | None, inside: bool
) -> Points:
    """Units with the direction that the orientation gives them; fixed columns stay."""
    m = model.m
    GX = np.where(given.moves[:m], given.X, 0.0)
    GY = np.where(given.moves[m:], given.Y, 0.0)
    if model.orientation == "input":  # undesirable outputs stay
        GX[:, len(model.inputs) :] = 0.0
        GY = np.zeros_like(GY)
    elif model.output:
        GX = np.zeros_like(GX)
    if given.n and not (GX.any() or GY.any()):
        raise ParameterError("statistics.dea.all_fixed")
    return Points(X=given.X, Y=given.Y, GX=GX, GY=GY, exclude=exclude, inside=inside)


def _before_slacks(points: Points, score: np.ndarray, orientation: str) -> np.ndarray:
    """Inputs and outputs (n, m + s) after the radial move, before slacks."""
    by = score[:, None]
    x, y = points.X, points.Y
    with np.errstate(divide="ignore", invalid="ignore"):
        if orientation != "output":
            x = np.where(points.GX != 0, x * by, x)
        if orientation != "input":
            y = np.where(
                points.GY != 0, y * by if orientation == "output" else y / by, y
            )
    return np.hstack([x, y])


def distance(given: Prepared, points: Points, *, hyperbolic: bool = False) -> Distances:
    """Distances to the technology of a model; slacks of fixed columns do not count."""
    reference, weights = given.technology, given.moves.astype(float)
    if reference.returns_to_scale == "fdh":
        return fdh_distance(
            reference, points, slack_weights=weights, hyperbolic=hyperbolic
        )
    how = hyperbolic_distance if hyperbolic else directional_distance
    return how(reference, points, slack_weights=weights)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """What a measure says of its units, in scaled data.

    Attributes
    ----------
    score : ndarray (n,)
    empty, on_frontier, beyond : ndarray of bool (n,)
        The score has no meaning, is on the frontier, is beyond it.
    before_slacks : ndarray (n, m + s)
        Inputs and outputs after the move, before slacks.
    orientation, measure : str
    ratio : bool
        The score is a ratio, so that a reciprocal stands beside it.
    """

    score: np.ndarray
    empty: np.ndarray
    on_frontier: np.ndarray
    beyond: np.ndarray
    before_slacks: np.ndarray
    orientation: str
    measure: str
    ratio: bool = True


def frontier(given: Prepared, found: Distances, scored: Scored) -> Frontier:
    """The result of a measure, in the units of the data."""
    if (found.status == UNSOLVED).any():
        which = given.names[found.status == UNSOLVED][0]
        raise EstimationError("statistics.dea.unsolved", unit=which)
    m = len(given.inputs)
    slack = (found.slack * given.moves > EFFICIENT).any(axis=1)
    infeasible = found.status == INFEASIBLE
    empty = scored.empty | (found.status == UNBOUNDED)
    full = scored.on_frontier
    status = np.select(
        [infeasible, empty, scored.beyond | (full & ~slack), full],
        ["infeasible", "no comparable unit", "efficient", "weakly efficient"],
        "inefficient",
    )
    none = infeasible | empty
    score = np.where(none, np.nan, scored.score) + 0.0  # no minus zero
    scores = pd.DataFrame({"score": score}, index=given.names)
    if scored.ratio:
        scores["reciprocal"] = 1 / score
    slacks = np.where(none[:, None], np.nan, found.slack * given.scale) + 0.0
    sign = np.where(np.arange(slacks.shape[1]) < m, -1.0, 1.0)
    targets = scored.before_slacks * given.scale + sign * slacks
    columns = [*given.inputs, *given.outputs]
    real = ~none[found.point] & (found.weight > EFFICIENT)
    return Frontier(
        scores=scores.assign(status=status),
        slacks=pd.DataFrame(slacks, index=given.names, columns=columns),
        targets=pd.DataFrame(targets, index=given.names, columns=columns),
        peers=pd.DataFrame(
            {
                "unit": given.names[found.point[real]],
                "peer": given.peers[found.peer[real]],
                "weight": found.weight[real],
            }
        ),
        inputs=given.inputs,
        outputs=given.outputs,
        orientation=scored.orientation,
        returns_to_scale=given.technology.returns_to_scale,
        measure=scored.measure,
        n=given.n,
        enough=given.enough,
        dropped=given.excluded.value_counts(),
        excluded=given.excluded,
        collinear=given.collinear,
    )
