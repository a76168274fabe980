"""What a frontier compares: inputs, outputs and assumptions, checked and scaled.

The outer layer of every envelopment: it knows column names, leaves rows out and says
why, and hands arrays to `technology`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.statistics.frontier.technology import RETURNS_TO_SCALE, Technology

ORIENTATIONS = ("input", "output", "graph", "none")
DISPOSALS = ("strong", "weak")
UNITS_PER_COLUMN = 3
"""Units that each input and output asks for; with fewer, nearly every unit looks
efficient (a rule of thumb of the field)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeaModel:
    """Inputs, outputs and assumptions of an envelopment.

    Attributes
    ----------
    inputs, outputs : sequence of str
        Columns, not negative.
    orientation : {"input", "output", "graph", "none"}
        What moves: inputs shrink, outputs grow, both at once by one factor
        (hyperbolic), or every slack counts (slacks-based measure alone).
    returns_to_scale : {"constant", "variable", "decreasing", "increasing", "fdh"}
        See `technology.RETURNS_TO_SCALE`.
    undesirable : sequence of str
        Outputs of which less is better, such as persons returned to poverty. They may
        not exceed the unit's own level; in graph orientation they shrink like inputs.
    disposal : {"strong", "weak"}
        Weak: undesirable outputs can only be cut together with the good ones.
    fixed : sequence of str
        Inputs or outputs that nobody there decides on (distance, terrain): they bind a
        comparison, are not asked to move, and their slack is not counted.
    restrictions : mapping
        Assurance region: ``{("a", "b"): (low, high)}`` keeps the multiplier of a
        between `low` and `high` times that of b, per unit of the data; both are inputs
        or both outputs.

    Raises
    ------
    ParameterError
        An unknown option, no input or output, or a column that is used twice.

    References
    ----------
    Banker and Morey (1986), Operations Research 34, 513-521 (fixed columns);
    Thompson, Langemeier, Lee, Lee and Thrall (1990), J. of Econometrics 46, 93-108
    (assurance regions); Kuosmanen (2005), American J. of Agricultural Economics 87,
    1077-1082 (weak disposability).

    Examples
    --------
    >>> DeaModel(inputs=["staff"], outputs=["visits"], orientation="output").columns
    ('staff', 'visits')
    """

    inputs: Sequence[str]
    outputs: Sequence[str]
    orientation: str = "input"
    returns_to_scale: str = "variable"
    undesirable: Sequence[str] = ()
    disposal: str = "strong"
    fixed: Sequence[str] = ()
    restrictions: Mapping[tuple[str, str], tuple[float, float]] | None = None

    def __post_init__(self) -> None:
        for name in ("inputs", "outputs", "undesirable", "fixed"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        choice("orientation", self.orientation, ORIENTATIONS)
        choice("returns_to_scale", self.returns_to_scale, RETURNS_TO_SCALE)
        choice("disposal", self.disposal, DISPOSALS)
        if not self.inputs or not self.outputs:
            raise ParameterError("statistics.dea.no_sides")
        if len(set(self.columns)) < len(self.columns):
            raise ParameterError("statistics.dea.column_twice")
        unknown = [c for c in self.fixed if c not in self.columns]
        if unknown:
            raise ParameterError("statistics.dea.columns", missing=unknown)
        if self.disposal == "weak" and self.returns_to_scale == "fdh":
            raise ParameterError("statistics.dea.weak_disposal")

    @property
    def columns(self) -> tuple[str, ...]:
        """Inputs, undesirable outputs, outputs."""
        return (*self.inputs, *self.undesirable, *self.outputs)

    @property
    def m(self) -> int:
        """Columns of which less is better."""
        return len(self.inputs) + len(self.undesirable)

    @property
    def output(self) -> bool:
        """Whether outputs move and inputs stay."""
        return self.orientation == "output"

    def check(
        self,
        *,
        orientation: Sequence[str] = ORIENTATIONS,
        returns_to_scale: Sequence[str] = RETURNS_TO_SCALE,
        options: Sequence[str] = (),
    ) -> None:
        """Refuse what a measure cannot do; `options` names those that it can."""
        choice("orientation", self.orientation, orientation)
        choice("returns_to_scale", self.returns_to_scale, returns_to_scale)
        for name in ("undesirable", "fixed", "restrictions"):
            if getattr(self, name) and name not in options:
                raise ParameterError("statistics.dea.not_in_measure", option=name)

    def without_options(self, **changed: str) -> DeaModel:
        """The same sides, orientation and returns to scale alone, some of them changed."""
        kept = {f.name: getattr(self, f.name) for f in fields(self) if f.name in _SIDES}
        return DeaModel(**(kept | changed))


_SIDES = ("inputs", "outputs", "orientation", "returns_to_scale")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """Checked and scaled data of a model.

    Attributes
    ----------
    X : ndarray (n, m)
        Inputs, then undesirable outputs, over their means in the reference set.
    Y : ndarray (n, s)
    technology : Technology
        Of the reference set.
    moves : ndarray of bool (m + s,)
        False where the column is fixed.
    scale : ndarray (m + s,)
        Multiplied by which the numbers are in the units of the data.
    names, peers : Index
        Units (n,) and reference units (N,).
    inputs, outputs : tuple of str
    enough : bool
        At least `UNITS_PER_COLUMN` reference units per column.
    excluded : Series, indexed by unit
        Why a row was left out.
    collinear : tuple of str
        Columns that repeat those before them.
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
    enough: bool
    excluded: pd.Series
    collinear: tuple[str, ...]

    @property
    def n(self) -> int:
        """Units that can be compared."""
        return len(self.X)


def prepare(
    units: pd.DataFrame, model: DeaModel, *, reference: pd.DataFrame | None = None
) -> Prepared:
    """Check the units, leave out those that cannot be compared, and scale the columns.

    Raises
    ------
    ParameterError
        A column that is not there, unit names that repeat, or an unsound reference
        unit.
    """
    columns, m = list(model.columns), model.m
    unknown = [c for c in columns if c not in units]
    if unknown:
        raise ParameterError("statistics.dea.columns", missing=unknown)
    if not units.index.is_unique:
        raise ParameterError("statistics.dea.names_repeat")
    values, reason = _sound(units, model)
    used = reason == ""
    values, names = values[used], units.index[used]
    others, peers = values, names
    if reference is not None:
        others, peers = _reference_set(reference, model), reference.index
    scale = others.mean(axis=0) if len(others) else np.ones(len(columns))
    scale = np.where(scale > 0, scale, 1.0)
    weak = model.undesirable if model.disposal == "weak" else ()
    return Prepared(
        X=values[:, :m] / scale[:m],
        Y=values[:, m:] / scale[m:],
        technology=Technology(
            X=others[:, :m] / scale[:m],
            Y=others[:, m:] / scale[m:],
            returns_to_scale=model.returns_to_scale,
            weak=np.array([c in weak for c in columns[:m]]),
            cone=assurance_cone(model, scale),
        ),
        moves=np.array([c not in model.fixed for c in columns]),
        scale=scale,
        names=names,
        peers=peers,
        inputs=tuple(columns[:m]),
        outputs=tuple(columns[m:]),
        enough=len(others) >= UNITS_PER_COLUMN * len(columns),
        excluded=pd.Series(reason[~used], index=units.index[~used], dtype=str),
        collinear=_collinear(others[:, :m], columns[:m])
        + _collinear(others[:, m:], columns[m:]),
    )


def _reference_set(reference: pd.DataFrame, model: DeaModel) -> np.ndarray:
    """Values (N, m + s) of an outside reference set, which has to be sound as it is."""
    missing = [c for c in model.columns if c not in reference]
    if missing:
        raise ParameterError("statistics.dea.reference_columns", missing=missing)
    if not reference.index.is_unique:
        raise ParameterError("statistics.dea.names_repeat")
    values, reason = _sound(reference, model)
    bad = reason != ""
    if bad.any():
        raise ParameterError(
            "statistics.dea.reference_unsound",
            found=list(dict.fromkeys(reason[bad])),
            units=list(reference.index[bad][:5]),
        )
    return values


def assurance_cone(model: DeaModel, scale: np.ndarray) -> np.ndarray:
    """Directions (m + s, q) that keep ratios of multipliers within their bounds.

    low w_b - w_a <= 0 and w_a - high w_b <= 0: each is one more column of the
    envelopment.
    """
    columns, m = list(model.columns), model.m
    out = []
    for (a, b), (low, high) in (model.restrictions or {}).items():
        pair = f"{a}/{b}"
        if a not in columns or b not in columns or a == b:
            raise ParameterError("statistics.dea.restriction_columns", pair=pair)
        i, j = columns.index(a), columns.index(b)
        if (i < m) != (j < m):
            raise ParameterError("statistics.dea.restriction_columns", pair=pair)
        if not (0 <= low <= high and high > 0):
            raise ParameterError(
                "statistics.dea.restriction_bounds", pair=pair, low=low, high=high
            )
        if model.returns_to_scale == "fdh":
            raise ParameterError("statistics.dea.restriction_fdh")
        for one, other, bound in ((i, j, low), (j, i, 1 / high)):
            if bound > 0:  # the multiplier of one is at least bound times the other's
                d = np.zeros(len(columns))
                d[other], d[one] = bound / scale[other], -1 / scale[one]
                out.append((-d if i < m else d) / np.abs(d).max())
    return np.array(out).T if out else np.zeros((len(columns), 0))


def choice(name: str, value: object, allowed: Sequence[object]) -> None:
    """Refuse a value that is not among those allowed."""
    if value not in allowed:
        raise ParameterError(
            "statistics.options.choice", name=name, found=value, known=list(allowed)
        )


def numbers(units: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """Values (rows, columns) as floats, NaN where missing; words are refused."""
    values = {c: pd.to_numeric(units[c], errors="coerce") for c in columns}
    words = [c for c, v in values.items() if v.isna().gt(units[c].isna()).any()]
    if words:
        raise ParameterError("statistics.dea.not_numbers", columns=words)
    return np.column_stack(
        [v.to_numpy(float, na_value=np.nan) for v in values.values()]
    )


def _sound(units: pd.DataFrame, model: DeaModel) -> tuple[np.ndarray, np.ndarray]:
    """Values (rows, columns) and, by row, why it cannot be used (empty when it can)."""
    values = numbers(units, model.columns)
    reason = np.select(
        [
            ~np.isfinite(values).all(axis=1),
            (values < 0).any(axis=1),
            ~(values[:, : len(model.inputs)] > 0).any(axis=1),
            ~(values[:, model.m :] > 0).any(axis=1),
        ],
        ["missing value", "negative value", "no input", "no output"],
        "",
    )
    return values, reason


def _collinear(values: np.ndarray, columns: Sequence[str]) -> tuple[str, ...]:
    """Columns (rows, k) that are a linear combination of those before them.

    Unknown, and so empty, with fewer rows than columns.
    """
    if len(values) < len(columns):
        return ()
    return repeated(values, columns)


def repeated(values: np.ndarray, names: Sequence[str]) -> tuple[str, ...]:
    """Names of the columns (rows, k) that the ones before them make up."""
    unit = values / np.maximum(np.linalg.norm(values, axis=0), 1e-300)
    ranks = [0]
    for k in range(1, len(names) + 1):
        ranks.append(int(np.linalg.matrix_rank(unit[:, :k], tol=1e-10)))
    return tuple(name for k, name in enumerate(names) if ranks[k + 1] == ranks[k])
