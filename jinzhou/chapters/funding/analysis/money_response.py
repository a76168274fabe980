"""How lasting exits rise with money, by arm: a county's projects of one category.

A description of projects with the same recorded circumstances; an effect only if nothing else
moved both money and exits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from jinzhou.chapters.funding.analysis.response import (
    ARM,
    COEFFICIENTS,
    Response,
)
from jinzhou.errors import ParameterError
from jinzhou.statistics.intervals import normal_quantile
from jinzhou.statistics.mixed_counts import MixedCounts, mixed_counts
from jinzhou.statistics.units import two_units

FEW_PROJECTS = 3
"""An arm with fewer projects is held at today's money."""
PRIOR = {"county": 0.3, "elasticity": 0.2, "arm": 0.3, "cluster": 0.3}
"""Standard deviations that each block of deviations starts from, see `mixed_counts`."""
FEW_ROWS = 30
"""Fewer projects than this in all identify no response."""
LEAST_ELASTICITY = 0.02
"""Drawn elasticities below this, and above 1, are taken as these limits."""
_ARM_COLUMNS = [
    "reference",
    "exits",
    "ci_low",
    "ci_high",
    "elasticity",
    "lower",
    "upper",
    "projects",
    "status",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseModel:
    """What a response is estimated from.

    Attributes
    ----------
    outcome : str
        ``lasting`` (persons of these households whose exit has lasted the full months, or is
        expected to), or ``persons`` taken in, to be multiplied by what help adds for a person
        (`with_effect`): then nobody's exit is counted who would have exited anyway.
    years : float
        Years that the projects span: `reference` and `exits` are per year.
    controls : sequence of str
        Numbers known before the money came (starting poverty, remoteness, illness). What money
        itself changes (households taken in) must not be among them.
    cluster : str, optional
        Column of areas whose projects resemble one another.
    unmeasured : float
        See `Response`: 0.2 lets unrecorded differences between arms account for a factor of
        0.67 to 1.5. It is chosen, not estimated.

    Raises
    ------
    ParameterError
        `years` is not above zero, or `unmeasured` below it.
    """

    outcome: str = "lasting"
    years: float = 1.0
    controls: Sequence[str] = ("poverty",)
    cluster: str | None = "town"
    unmeasured: float = 0.2

    def __post_init__(self) -> None:
        object.__setattr__(self, "controls", tuple(self.controls))
        if not self.years > 0:
            raise ParameterError("chapters.money_response.years", found=self.years)
        if self.unmeasured < 0:
            raise ParameterError(
                "chapters.money_response.unmeasured", found=self.unmeasured
            )

    @property
    def numbers(self) -> list[str]:
        """Columns that have to be numbers."""
        return ["yuan", "households", self.outcome, *self.controls]

    @property
    def columns(self) -> list[str]:
        """All columns in use."""
        cluster = [self.cluster] if self.cluster else []
        return [*ARM, *self.numbers, *cluster]


def money_response(
    projects: pd.DataFrame,
    model: ResponseModel | None = None,
    *,
    draws: int = 200,
    seed: int = 2018,
    level: float = 0.95,
) -> Response:
    """How lasting exits, or the persons reached, rise with money, from past projects.

    Parameters
    ----------
    projects : DataFrame
        One row per project (or per township's projects of a category): `county`, `category`,
        `yuan` paid, `households` taken in, the outcome, the controls, and the cluster.
    model : ResponseModel, optional
        The defaults of `ResponseModel` without it.
    draws, seed : int

    Returns
    -------
    Response

    Raises
    ------
    ParameterError
        A column is missing, or `level` or `draws` make no sense.

    Notes
    -----
    Counts with variance mean + alpha mean^2: log E[lasting] = category + county + arm + cluster
    + (elasticity + category's deviation) x log(yuan) + controls. Deviations of counties, arms,
    clusters and elasticities are drawn towards zero by as much as their estimated variances
    ask (`mixed_counts`). Money was not assigned at random: the elasticity says how exits
    differed between projects with more and less money and the same recorded circumstances, and
    is an effect only if nothing unrecorded moved both. It is not identified, and no plan
    follows, with few projects, without lasting exits, when all projects of all categories have
    nearly the same amount, when counties share no amounts, or when no category's elasticity
    has an interval above zero.

    References
    ----------
    Breslow and Clayton (1993), J. of the American Statistical Association 88, 9-25.
    """
    model = ResponseModel() if model is None else model
    z = normal_quantile(level)
    missing = [c for c in model.columns if c not in projects.columns]
    if missing:
        raise ParameterError("chapters.money_response.columns", missing=missing)
    if draws < 1:
        raise ParameterError("chapters.money_response.draws", found=draws)
    sample = _sample(projects, model)
    why = _unidentified(sample, model.outcome)
    if why:
        return _not_identified(sample, model, why)
    design = _design(sample, model)
    if design.collinear:
        return replace(
            _not_identified(sample, model, ("collinear controls",)),
            collinear=design.collinear,
        )
    fit = mixed_counts(
        sample.used[model.outcome].to_numpy(float),
        design.fixed,
        list(design.blocks.values()),
        np.array([PRIOR[name] for name in design.blocks]),
    )
    coefficients = _coefficients(fit, design, model, z)
    status = _arm_status(sample.arms, coefficients, design)
    if not (status == "estimated").any():
        flat = (coefficients.loc[design.elasticity_terms, "ci_low"] <= 0).any()
        why = ("no effect of money" if flat else "few projects",)
        return replace(
            _not_identified(replace(sample, status=status), model, why),
            coefficients=coefficients,
            dispersion=fit.dispersion,
        )
    return replace(
        _drawn(
            replace(sample, status=status), model, design, fit, (draws, seed, level)
        ),
        coefficients=coefficients,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sample:
    """Projects in use, why others are not, and the arms.

    Attributes
    ----------
    used : DataFrame
    excluded : Series, indexed by project
    arms : DataFrame, indexed by (county, category)
        `reference`, `projects`.
    status : Series, indexed as `arms`
    """

    used: pd.DataFrame
    excluded: pd.Series
    arms: pd.DataFrame
    status: pd.Series

    @property
    def amount(self) -> np.ndarray:
        """Logarithm of yuan (n,)."""
        return np.log(self.used["yuan"].to_numpy(float))

    @property
    def codes(self) -> np.ndarray:
        """Arm of each project (n,)."""
        return self.arms.index.get_indexer(pd.MultiIndex.from_frame(self.used[ARM]))


def _sample(projects: pd.DataFrame, model: ResponseModel) -> _Sample:
    numbers = projects[model.numbers].astype(float)
    absent = (~np.isfinite(numbers)).any(axis=1)
    reason = np.select(
        [
            absent | projects[model.columns].isna().any(axis=1),
            numbers["yuan"] <= 0,
            numbers["households"] <= 0,
            numbers[model.outcome] < 0,
        ],
        ["missing value", "no money", "no households", "negative outcome"],
        "",
    )
    mixed = two_units(numbers.loc[reason == "", "yuan"])
    unlike = projects.index.isin(mixed) & (reason == "")
    reason = pd.Series(np.where(unlike, "money in two units", reason), projects.index)
    used = projects[reason == ""]
    arms = used.groupby(ARM).agg(reference=("yuan", "sum"), projects=("yuan", "size"))
    arms["reference"] = arms["reference"].astype(float) / model.years
    enough = arms["projects"] >= FEW_PROJECTS
    status = pd.Series(np.where(enough, "estimated", "too few projects"), arms.index)
    return _Sample(used=used, excluded=reason[reason != ""], arms=arms, status=status)


def _unidentified(sample: _Sample, outcome: str) -> tuple[str, ...]:
    """Codes of what keeps a response from being estimated."""
    used, amount = sample.used, sample.amount
    if (sample.excluded == "money in two units").any():
        return ("money in two units",)
    if len(used) < FEW_ROWS:
        return ("few projects",)
    if used[outcome].sum() <= 0:
        return ("no lasting exits",)
    amounts = pd.Series(amount)
    mean = amounts.groupby(used["category"].to_numpy()).transform("mean")
    if (amount - mean.to_numpy()).std() < 0.05:
        return ("one amount",)
    by_county = amounts.groupby(used["county"].to_numpy())
    ranges = by_county.agg(["min", "max"]).sort_values("min")
    begins, so_far = ranges["min"].to_numpy(), ranges["max"].cummax().to_numpy()
    if len(ranges) > 1 and (begins[1:] > so_far[:-1]).all():
        return ("no overlap",)
    return ()


def _not_identified(
    sample: _Sample, model: ResponseModel, why: tuple[str, ...]
) -> Response:
    """The answer without a response."""
    unknown = dict.fromkeys(
        ("exits", "ci_low", "ci_high", "elasticity", "lower", "upper"), np.nan
    )
    none = np.empty((0, len(sample.arms)))
    return Response(
        arms=sample.arms.assign(status=sample.status, **unknown)[_ARM_COLUMNS],
        exits=none,
        elasticity=none,
        status="not identified",
        why=why,
        coefficients=pd.DataFrame(columns=COEFFICIENTS),
        dispersion=np.nan,
        clipped=0.0,
        unmeasured=model.unmeasured,
        n=len(sample.used),
        dropped=sample.excluded.value_counts(),
        excluded=sample.excluded,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Design:
    """Columns of the model.

    Attributes
    ----------
    fixed : ndarray (n, f)
        Categories, log yuan from the category's median, controls.
    blocks : mapping, name -> ndarray (n, levels)
    slope : ndarray (n,)
        log yuan from the category's median.
    categories : list of str
    counties : int
        How many, each with a deviation before those of the elasticities.
    collinear : tuple of str
    """

    fixed: np.ndarray
    blocks: dict[str, np.ndarray]
    slope: np.ndarray
    categories: list[str]
    counties: int
    collinear: tuple[str, ...]

    @property
    def columns(self) -> np.ndarray:
        """All columns (n, p)."""
        return np.column_stack([self.fixed, *self.blocks.values()])

    @property
    def pooled(self) -> int:
        """Position of the pooled elasticity among the coefficients."""
        return len(self.categories)

    @property
    def deviations(self) -> int:
        """Position of the first category's deviation from it."""
        return self.fixed.shape[1] + self.counties

    @property
    def elasticity_terms(self) -> list[str]:
        """Names of the categories' elasticities."""
        return [f"elasticity: {name}" for name in self.categories]


def _design(sample: _Sample, model: ResponseModel) -> _Design:
    used, amount = sample.used, sample.amount
    categories = sorted(used["category"].unique())
    medians = pd.Series(amount).groupby(used["category"].to_numpy()).transform("median")
    slope = amount - medians.to_numpy()
    dummies = _dummies(used["category"], categories)
    controls = used[list(model.controls)].to_numpy(float)
    spread = controls.std(axis=0)
    scaled = (controls - controls.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    fixed = np.column_stack([dummies, slope, scaled])
    first = len(categories) + 1
    ranks = [
        np.linalg.matrix_rank(fixed[:, : first + i])
        for i in range(len(model.controls) + 1)
    ]
    counties = sorted(used["county"].unique())
    blocks = {
        "county": _dummies(used["county"], counties),
        "elasticity": dummies * slope[:, None],
        "arm": (sample.codes[:, None] == np.arange(len(sample.arms))).astype(float),
    }
    if model.cluster:
        of = used[model.cluster]
        blocks["cluster"] = _dummies(of, sorted(of.unique()))
    return _Design(
        fixed=fixed,
        blocks=blocks,
        slope=slope,
        categories=categories,
        counties=len(counties),
        collinear=tuple(
            name for i, name in enumerate(model.controls) if ranks[i + 1] == ranks[i]
        ),
    )


def _dummies(values: pd.Series, levels: Sequence[str]) -> np.ndarray:
    known = np.array(levels, dtype=object)
    return (values.to_numpy()[:, None] == known).astype(float)


def _coefficients(
    fit: MixedCounts, design: _Design, model: ResponseModel, z: float
) -> pd.DataFrame:
    """Pooled elasticity, controls, and each category's elasticity."""
    se, k = np.sqrt(np.diag(fit.cov)), design.pooled
    value = {"elasticity": (fit.beta[k], se[k])}
    for i, name in enumerate(model.controls):
        value[name] = (fit.beta[k + 1 + i], se[k + 1 + i])
    for i, name in enumerate(design.elasticity_terms):
        at = [k, design.deviations + i]
        error = float(np.sqrt(fit.cov[np.ix_(at, at)].sum()))
        value[name] = (fit.beta[at].sum(), error)
    table = pd.DataFrame.from_dict(value, orient="index", columns=["value", "se"])
    table.index.name = "term"
    half = z * table["se"]
    return table.assign(ci_low=table["value"] - half, ci_high=table["value"] + half)


def _arm_status(
    arms: pd.DataFrame, coefficients: pd.DataFrame, design: _Design
) -> pd.Series:
    """Status of each arm once the elasticities are known."""
    enough = arms["projects"] >= FEW_PROJECTS
    low = coefficients.loc[design.elasticity_terms, "ci_low"].to_numpy()
    flat = [c for c, end in zip(design.categories, low, strict=True) if end <= 0]
    without = enough & arms.index.get_level_values("category").isin(flat)
    status = pd.Series(np.where(enough, "estimated", "too few projects"), arms.index)
    return status.mask(without, "no effect of money")


def _drawn(
    sample: _Sample,
    model: ResponseModel,
    design: _Design,
    fit: MixedCounts,
    asked: tuple[int, int, float],
) -> Response:
    """The response with its joint draws; `asked` are their number, seed and level."""
    draws, seed, level = asked
    table, codes = sample.arms, sample.codes
    rng = np.random.default_rng(seed)
    drawn = rng.multivariate_normal(fit.beta, fit.cov, draws, method="eigh")
    theta = np.vstack([fit.beta, drawn])
    eta = theta @ design.columns.T  # (draws + 1, rows)
    exits = np.zeros((len(theta), len(table)))
    for a in range(len(table)):
        exits[:, a] = np.exp(eta[:, codes == a]).sum(axis=1) / model.years
    names = table.index.get_level_values("category")
    of = np.array([design.categories.index(name) for name in names])
    elasticity = theta[:, [design.pooled]] + theta[:, design.deviations + of]
    bounded = np.clip(elasticity, LEAST_ELASTICITY, 1.0)
    noise = rng.normal(0, model.unmeasured, exits[1:].shape)
    spread = exits[1:] * np.exp(noise - model.unmeasured**2 / 2)
    tail = (1 - level) / 2
    low, high = np.quantile(spread, [tail, 1 - tail], axis=0)
    category = sample.used["category"].to_numpy()
    seen = np.array(
        [
            np.exp(np.quantile(design.slope[category == name], [0.05, 0.95]))
            for name in design.categories
        ]
    )[of]
    arms = table.assign(
        status=sample.status,
        exits=exits[0],
        ci_low=low,
        ci_high=high,
        elasticity=bounded[0],
        lower=table["reference"] * seen[:, 0],
        upper=table["reference"] * seen[:, 1],
    )
    return replace(
        _not_identified(sample, model, ()),
        arms=arms[_ARM_COLUMNS],
        exits=spread,
        elasticity=bounded[1:],
        status="estimated",
        dispersion=fit.dispersion,
        clipped=float((elasticity[1:] > 1).mean()),
    )
