"""Stochastic frontiers: how far each unit is from the best, noise kept apart.

The outer layer of `composed`: it knows column names, leaves rows out and says why. The
frontier is estimated, so it has errors and each score an interval; where the data show
no inefficiency, or cannot tell its mean, the answer is a status and not a score.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import EstimationError, ParameterError
from jinzhou.statistics.frontier.composed import (
    DISTRIBUTIONS,
    Composed,
    ComposedData,
    fit_composed,
)
from jinzhou.statistics.frontier.conditional import efficiency, quantiles
from jinzhou.statistics.frontier.model import choice
from jinzhou.statistics.intervals import normal_quantile
from jinzhou.statistics.units import listed, two_units

KINDS = ("production", "cost")
ROWS_PER_TERM = 5
"""Fewer rows than this for each parameter are refused."""
_PARTS = {"frontier": 0, "inefficiency": 1, "variance": 2}
_COLUMNS = ["value", "se", "z", "p", "ci_low", "ci_high"]
_SCORES = ["efficiency", "ci_low", "ci_high", "jlms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StochasticModel:
    """A stochastic frontier of production or cost, and what moves its inefficiency.

    Attributes
    ----------
    outcome : str
        Column of the output, or of the cost when `kind` is ``"cost"``: in levels, above
        zero; its logarithm is taken.
    terms : sequence of str
        Columns of the inputs, or of outputs and prices: in levels, above zero;
        coefficients are elasticities (Cobb-Douglas).
    kind : {"production", "cost"}
    distribution : {"half normal", "truncated normal", "exponential"}
        Of inefficiency; with `determinants` the truncated normal is used.
    linear : sequence of str
        Columns that enter as they are (dummies, a trend, shares).
    unit, time : str, optional
        Columns that name the unit and the period of a row. With `unit` and without
        `determinants` one inefficiency is estimated per unit (Battese and Coelli 1992);
        units need not be seen in every period. `time` is a number.
    decay : bool
        Inefficiency is exp(-eta (t - T)) times that of the panel's last period T; needs
        `unit` and `time`.
    determinants : sequence of str, optional
        Columns that move the mean of the truncated normal before truncation (Battese
        and Coelli 1995); rows are independent.
    determinants_constant : bool
        Whether that mean has a constant; without one it is the determinants' alone.

    Raises
    ------
    ParameterError
        An unknown or contradictory option, or no terms.
    """

    outcome: str
    terms: Sequence[str]
    kind: str = "production"
    distribution: str = "half normal"
    linear: Sequence[str] = ()
    unit: str | None = None
    time: str | None = None
    decay: bool = False
    determinants: Sequence[str] | None = None
    determinants_constant: bool = True

    def __post_init__(self) -> None:
        choice("kind", self.kind, KINDS)
        choice("distribution", self.distribution, DISTRIBUTIONS)
        for name in ("terms", "linear"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.determinants is not None:
            object.__setattr__(self, "determinants", tuple(self.determinants))
            object.__setattr__(self, "distribution", "truncated normal")
        if not self.terms:
            raise ParameterError("statistics.sfa.no_terms")
        alone = self.unit is None or self.time is None
        if self.decay and (alone or self.determinants is not None):
            raise ParameterError("statistics.sfa.decay")
        if self.determinants == () and not self.determinants_constant:
            raise ParameterError("statistics.sfa.no_determinants")

    @property
    def labels(self) -> list[str]:
        """Columns that name unit and period."""
        return [c for c in (self.unit, self.time) if c is not None]

    @property
    def numbers(self) -> tuple[str, ...]:
        """Columns of numbers, those in logarithms first."""
        moved = self.determinants or ()
        return (self.outcome, *self.terms, *self.linear, *moved)

    @property
    def frontier_terms(self) -> list[str]:
        """Names of the frontier's coefficients."""
        return ["constant", *self.terms, *self.linear]

    @property
    def mu_terms(self) -> list[str]:
        """Names of the coefficients of the mean before truncation."""
        if self.determinants is None:
            return ["mu"] if self.distribution == "truncated normal" else []
        constant = ["constant"] if self.determinants_constant else []
        return [*constant, *self.determinants]

    @property
    def parameters(self) -> int:
        """Parameters to estimate, the two variances among them."""
        return len(self.frontier_terms) + len(self.mu_terms) + 2 + self.decay


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StochasticFrontier:
    """A fitted frontier and the efficiency of each row.

    Attributes
    ----------
    coefficients : DataFrame, indexed by (`part`, `term`)
        `value`, `se`, `z`, `p`, `ci_low`, `ci_high`. Parts: ``frontier`` (the constant
        and elasticities), ``inefficiency`` (`mu`, or `constant` and the determinants of
        mu, and `eta`), ``variance`` (`sigma2` = noise + inefficiency, `gamma` = the
        share of the second). Errors are missing unless `status` is ``estimated``.
    rows : DataFrame, indexed as the frame given
        `efficiency` (0-1: output over the frontier's, or least cost over cost:
        E[exp(-u) | residual]), `ci_low`, `ci_high` (interval of exp(-u) given the
        residual), `jlms` (exp(-E[u | residual])), `status`: ``estimated``, the status
        of the fit when it gives no efficiencies, or why the row was left out (``missing
        value``, ``not positive``, ``money in two units``), and `why` (its columns).
    status : str
        ``estimated``; ``no inefficiency found`` (residuals are skewed the other way, or
        not enough: least squares is shown and no row has a score); ``mu not
        identified`` (the mean of inefficiency runs away; the exponential distribution
        that it runs to is shown, see `distribution`; with determinants the scores are
        shown without errors); ``no noise found`` (all variance is inefficiency, so
        errors mean nothing); ``not converged``; ``too few rows`` (fewer than
        `ROWS_PER_TERM` a parameter), ``collinear`` (see `collinear`) and ``money in two
        units`` (the rows that differ have that status too): nothing is fitted and
        `coefficients` is empty.
    kind, distribution : str
        As fitted; `distribution` differs from what was asked only when mu was not
        identified.
    loglik, ols_loglik : float
    lr, lr_p : float
        Likelihood ratio against no inefficiency, its p-value by the mixed chi-square.
    lr_restrictions : int
    skewness : float
        Of the least-squares residuals, signed so that inefficiency makes it negative.
    wrong_sign : tuple of str
        Elasticities significantly below zero: neither more input for less output nor a
        cost that falls with output or prices makes a frontier.
    collinear : tuple of str
        Columns that the ones before them make up, the constant first: with them in, no
        coefficient is identified. Leave them out, or give rows in which they differ.
    covariance : DataFrame
        Of the coefficients, in their order.
    n, units, periods : int
        Rows used, units, and periods (1 in a cross-section).
    level : float
    iterations : int
    dropped : Series, indexed by reason
        With `n` it sums to the rows given.
    """

    coefficients: pd.DataFrame
    rows: pd.DataFrame
    status: str
    kind: str
    distribution: str
    loglik: float
    ols_loglik: float
    lr: float
    lr_p: float
    lr_restrictions: int
    skewness: float
    wrong_sign: tuple[str, ...]
    collinear: tuple[str, ...]
    covariance: pd.DataFrame
    n: int
    units: int
    periods: int
    level: float
    iterations: int
    dropped: pd.Series

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        head = f"{self.kind} frontier"
        if self.coefficients.empty:
            which = ""
            if self.collinear:
                which = f" ({', '.join(self.collinear)}: leave out)"
            return f"{head} of {self.n:,} rows: {self.status}{which}."
        found = ""
        if self.rows["efficiency"].notna().any():
            found = f", mean efficiency {self.rows['efficiency'].mean():.3f}"
        return (
            f"{head}, {self.distribution}, {self.n:,} rows of {self.units:,} units: "
            f"{self.status}; log-likelihood {self.loglik:.3f}, LR against no inefficiency "
            f"{self.lr:.2f} (p {self.lr_p:.3f}){found}."
        )


def sfa(
    frame: pd.DataFrame,
    model: StochasticModel,
    *,
    money: Sequence[str] = (),
    level: float = 0.95,
) -> StochasticFrontier:
    """Stochastic frontier of a cross-section or a panel.

    Parameters
    ----------
    frame : DataFrame
        One row per unit, or per unit and period; its index names the rows. Left as it
        came.
    model : StochasticModel
    money : sequence of str
        Columns in yuan, which are searched for rows in 10,000 yuan.
    level : float
        Of the intervals. Those of the efficiencies hold the errors of the coefficients
        too, unless the fit has none (see `status`).

    Returns
    -------
    StochasticFrontier

    Raises
    ------
    ParameterError
        A column that is not there, or row names that repeat.
    EstimationError
        A panel with one period, or with two rows of a unit in one period (named).

    Notes
    -----
    The p-value of `lr` is half that of a chi-square with one degree less and half
    that of one with as many as restrictions, because gamma cannot be below zero (Kodde
    and Palm 1986).

    References
    ----------
    Battese and Coelli (1988), J. of Econometrics 38, 387-399; Battese and
    Coelli (1992), J. of Productivity Analysis 3, 153-169; Battese and Coelli (1995),
    Empirical Economics 20, 325-332; Jondrow, Lovell, Materov and Schmidt (1982), J. of
    Econometrics 19, 233-238; Kodde and Palm (1986), Econometrica 54, 1243-1248.
    """
    normal_quantile(level)
    _check(frame, model, money)
    rows = _judge(frame, model)
    used = frame[rows["status"] == ""]
    for column in money:
        mixed = two_units(used[column])
        rows.loc[mixed, ["status", "why"]] = ["money in two units", column]
    design = _design(used, model)
    reason = ""
    collinear: tuple[str, ...] = ()
    if (rows["status"] == "money in two units").any():
        reason = "money in two units"
    elif len(used) < ROWS_PER_TERM * model.parameters:
        reason = "too few rows"
    else:
        collinear = design.collinear()
        reason = "collinear" if collinear else ""
    if reason:
        return _nothing(rows, model, reason, level=level, collinear=collinear)
    panel = _panel(used, model)
    data = ComposedData(
        y=np.log(used[model.outcome].to_numpy(float)),
        X=design.X,
        sign=1 if model.kind == "production" else -1,
        group=panel.group,
        back=panel.back,
        Z=design.Z,
    )
    return _fitted(data, model, rows, panel, level)


def _check(frame: pd.DataFrame, model: StochasticModel, money: Sequence[str]) -> None:
    columns = (*model.numbers, *money, *model.labels)
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        raise ParameterError("statistics.sfa.columns", missing=missing)
    if not frame.index.is_unique:
        raise ParameterError("statistics.sfa.names_repeat")


def _judge(frame: pd.DataFrame, model: StochasticModel) -> pd.DataFrame:
    """Why a row cannot be used, and for which columns; empty where it can."""
    values = frame[list(model.numbers)].astype(float)
    absent = pd.concat([~np.isfinite(values), frame[model.labels].isna()], axis=1)
    below = values[[model.outcome, *model.terms]] <= 0
    status = np.select(
        [absent.any(axis=1), below.any(axis=1)], ["missing value", "not positive"], ""
    )
    table = pd.DataFrame({"status": status, "why": ""}, index=frame.index)
    for reason, found in (("missing value", absent), ("not positive", below)):
        rows = status == reason
        table.loc[rows, "why"] = [
            ", ".join(dict.fromkeys(found.columns[bad]))
            for bad in found[rows].to_numpy()
        ]
    return table


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Design:
    """Columns `X` (n, k) of the frontier, `Z` (n, q) of mu's determinants, and names."""

    X: np.ndarray
    Z: np.ndarray | None
    names: list[str]
    mu_names: list[str]

    def collinear(self) -> tuple[str, ...]:
        """Columns that the ones before them make up."""
        found = _made_up(self.X, self.names)
        if self.Z is not None:
            found += _made_up(self.Z, self.mu_names)
        return found


def _design(used: pd.DataFrame, model: StochasticModel) -> _Design:
    ones = np.ones(len(used))
    logs = [np.log(used[c].to_numpy(float)) for c in model.terms]
    linear = [used[c].to_numpy(float) for c in model.linear]
    Z = None
    if model.determinants is not None:
        moved = [used[c].to_numpy(float) for c in model.determinants]
        Z = np.column_stack([*([ones] * model.determinants_constant), *moved])
    return _Design(
        X=np.column_stack([ones, *logs, *linear]),
        Z=Z,
        names=model.frontier_terms,
        mu_names=model.mu_terms,
    )


def _made_up(X: np.ndarray, names: Sequence[str]) -> tuple[str, ...]:
    scaled = X / np.maximum(np.sqrt((X**2).mean(axis=0)), 1e-300)
    diagonal = np.abs(np.diag(np.linalg.qr(scaled, mode="r"))) / np.sqrt(len(X))
    return tuple(names[int(j)] for j in np.flatnonzero(diagonal < 1e-8))


def _nothing(
    rows: pd.DataFrame,
    model: StochasticModel,
    status: str,
    *,
    level: float,
    collinear: tuple[str, ...],
) -> StochasticFrontier:
    """The answer when nothing can be fitted."""
    used = rows["status"] == ""
    none = pd.MultiIndex.from_arrays([[], []], names=["part", "term"])
    scores = pd.DataFrame(np.nan, index=rows.index, columns=_SCORES)
    n = int(used.sum())
    return StochasticFrontier(
        coefficients=pd.DataFrame(columns=_COLUMNS, index=none, dtype=float),
        rows=scores.assign(status=rows["status"].mask(used, status), why=rows["why"]),
        status=status,
        kind=model.kind,
        distribution=model.distribution,
        loglik=np.nan,
        ols_loglik=np.nan,
        lr=np.nan,
        lr_p=np.nan,
        lr_restrictions=0,
        skewness=np.nan,
        wrong_sign=(),
        collinear=collinear,
        covariance=pd.DataFrame(),
        n=n,
        units=n,
        periods=0,
        level=level,
        iterations=0,
        dropped=rows.loc[~used, "status"].value_counts(),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Panel:
    """Unit of each row, periods before the last, and numbers of units and periods.

    `group` and `back` are (n,), or None where rows are independent, or nothing decays.
    """

    group: np.ndarray | None
    back: np.ndarray | None
    units: int
    periods: int


def _panel(used: pd.DataFrame, model: StochasticModel) -> _Panel:
    unit, time = model.unit, model.time
    periods = used[time].nunique() if time else 1
    units = used[unit].nunique() if unit else len(used)
    if unit and time:
        _check_panel(used, unit, time, periods)
    if unit is None or model.determinants is not None:
        return _Panel(group=None, back=None, units=units, periods=periods)
    group = pd.factorize(used[unit], sort=True)[0]
    if model.decay and np.bincount(group).max() < 2:
        raise EstimationError("statistics.sfa.seen_once")
    back = None
    if model.decay:
        back = (used[time].max() - used[time]).to_numpy(float)
    return _Panel(group=group, back=back, units=units, periods=periods)


def _check_panel(used: pd.DataFrame, unit: str, time: str, periods: int) -> None:
    twice = used.duplicated([unit, time])
    if twice.any():
        names = list(dict.fromkeys(used.loc[twice, unit]))
        raise EstimationError("statistics.sfa.twice", units=names, shown=listed(names))
    if periods == 1:
        raise EstimationError("statistics.sfa.one_period", period=used[time].iloc[0])


def _fitted(
    data: ComposedData,
    model: StochasticModel,
    rows: pd.DataFrame,
    panel: _Panel,
    level: float,
) -> StochasticFrontier:
    """The fit; the exponential distribution where the mean before truncation runs away."""
    fit = fit_composed(data, distribution=model.distribution)
    status, distribution, mu_terms = fit.status, model.distribution, model.mu_terms
    if status == "mu not identified" and data.Z is None:
        distribution, mu_terms = "exponential", []
        fit = fit_composed(data, distribution=distribution)
    index = _index(model, mu_terms)
    z = normal_quantile(level)
    coefficients = _coefficients(fit, index, z)
    restrictions = 1 + len(mu_terms) + model.decay
    lr = max(0.0, 2 * (fit.loglik - fit.ols_loglik))
    slopes = coefficients.loc["frontier"].reindex(model.terms)
    falling = slopes["value"] + z * slopes["se"] < 0
    return StochasticFrontier(
        coefficients=coefficients,
        rows=_scores(rows, fit, status, level),
        status=status,
        kind=model.kind,
        distribution=distribution,
        loglik=fit.loglik,
        ols_loglik=fit.ols_loglik,
        lr=lr,
        lr_p=mixed_chi_square(lr, restrictions),
        lr_restrictions=restrictions,
        skewness=fit.skewness,
        wrong_sign=tuple(slopes.index[falling]),
        collinear=(),
        covariance=pd.DataFrame(fit.cov, index=index, columns=index),
        n=len(data.y),
        units=panel.units,
        periods=panel.periods,
        level=level,
        iterations=fit.iterations,
        dropped=rows.loc[rows["status"] != "", "status"].value_counts(),
    )


def mixed_chi_square(statistic: float, restrictions: int) -> float:
    """p-value of a likelihood ratio with one of the restrictions at its bound.

    References
    ----------
    Kodde and Palm (1986), Econometrica 54, 1243-1248.
    """
    from scipy.stats import chi2

    if statistic <= 0:
        return 1.0
    lower = chi2.sf(statistic, restrictions - 1) if restrictions > 1 else 0.0
    return float(0.5 * lower + 0.5 * chi2.sf(statistic, restrictions))


def _index(model: StochasticModel, mu_terms: Sequence[str]) -> pd.MultiIndex:
    """Parts and terms in the order of `Composed.theta`."""
    pairs = [("frontier", term) for term in model.frontier_terms]
    pairs += [("inefficiency", term) for term in mu_terms]
    pairs += [("variance", "sigma2"), ("variance", "gamma")]
    pairs += [("inefficiency", "eta")] * model.decay
    return pd.MultiIndex.from_tuples(pairs, names=["part", "term"])


def _coefficients(fit: Composed, index: pd.MultiIndex, z: float) -> pd.DataFrame:
    from scipy.stats import chi2

    theta, se = fit.theta, np.sqrt(np.diag(fit.cov))
    low, high = theta - z * se, theta + z * se
    s, g = (index.get_loc(("variance", term)) for term in ("sigma2", "gamma"))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = theta / se
        # within their ranges: sigma2 by its logarithm, gamma by its logit
        wide = np.exp(z * se[s] / theta[s])
        low[s], high[s] = theta[s] / wide, theta[s] * wide
        odds = theta[g] / (1 - theta[g])
        wide = np.exp(z * se[g] / (theta[g] * (1 - theta[g])))
        low[g], high[g] = odds / wide / (1 + odds / wide), 1 - 1 / (1 + odds * wide)
    table = pd.DataFrame(
        {
            "value": theta,
            "se": se,
            "z": ratio,
            "p": chi2.sf(ratio**2, 1),
            "ci_low": low,
            "ci_high": high,
        },
        index=index,
    )
    # zero is their bound: see `lr`
    table.iloc[[s, g], [2, 3]] = np.nan
    return table.sort_index(
        level="part",
        key=lambda part: part.map(_PARTS),
        kind="stable",
        sort_remaining=False,
    )


def _scores(
    rows: pd.DataFrame, fit: Composed, status: str, level: float
) -> pd.DataFrame:
    used = (rows["status"] == "").to_numpy()
    found = pd.DataFrame(np.nan, index=rows.index, columns=_SCORES)
    if np.isfinite(fit.mean).all():
        value, inefficiency = efficiency(fit.mean, fit.spread, fit.path)
        tail = (1 - level) / 2
        low, high = (quantiles(fit.around, share) for share in (tail, 1 - tail))
        found.loc[used] = np.column_stack([value, low, high, np.exp(-inefficiency)])
        status = "estimated"
    return found.assign(status=rows["status"].mask(used, status), why=rows["why"])
