"""Stochastic frontiers: how far each unit is from the best, with chance separated from inefficiency.

The frontier is estimated, so it has errors and each score an interval; where the data show no inefficiency,
or cannot tell its mean, the answer is a status and not a score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import EstimationError, ParameterError
from jinzhou.statistics.frontier.composed import (
    DISTRIBUTIONS,
    Composed,
    efficiency,
    fit_composed,
    quantiles,
)
from jinzhou.statistics.intervals import normal_quantile
from jinzhou.statistics.units import listed, two_units

KINDS = ("production", "cost")
ROWS_PER_TERM = 5
"""Fewer rows than this for each parameter are refused."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StochasticFrontier:
    """A fitted frontier and the efficiency of each row.

    Attributes
    ----------
    coefficients : DataFrame, indexed by (`part`, `term`)
        `value`, `se`, `z`, `p`, `ci_low`, `ci_high`. Parts: ``frontier`` (the constant and elasticities), ``inefficiency`` (`mu`, or
        `constant` and the determinants of mu, and `eta`), ``variance`` (`sigma2` = noise + inefficiency, `gamma` = the share of the second).
        Errors are missing unless `status` is ``estimated``.
    rows : DataFrame, indexed as the frame given
        `efficiency` (0-1: output over the frontier's, or least cost over cost: E[exp(-u) | residual]), `ci_low`, `ci_high` (interval of
        exp(-u) given the residual), `jlms` (exp(-E[u | residual])), `status`: ``estimated``, the status of the fit when it gives no
        efficiencies, or why the row was left out (``missing value``, ``not positive``, ``money in two units``), and `why` (its columns).
    status : str
        ``estimated``; ``no inefficiency found`` (residuals are skewed the other way, or not enough: least squares is shown and no row
        has a score); ``mu not identified`` (the mean of inefficiency runs away; the exponential distribution that it runs to is shown,
        see `distribution`; with determinants the scores are shown without errors); ``no noise found`` (all variance is inefficiency,
        so errors mean nothing); ``not converged``; ``too few rows`` (fewer than `ROWS_PER_TERM` a parameter), ``collinear`` (see `collinear`) and ``money in two units`` (the rows that
        differ have that status too): nothing is fitted and `coefficients` is empty.
    kind, distribution : str
        As fitted; `distribution` differs from what was asked only when mu was not identified.
    loglik, ols_loglik : float
    lr, lr_p : float
        Likelihood ratio against no inefficiency, its p-value by the mixed chi-square.
    lr_restrictions : int
    skewness : float
        Of the least-squares residuals, signed so that inefficiency makes it negative.
    wrong_sign : tuple of str
        Elasticities significantly below zero: neither more input for less output nor a cost that falls with output or prices makes a frontier.
    collinear : tuple of str
        Columns that the ones before them make up, the constant first: with them in, no coefficient can be told. Leave them out, or give rows in which they differ.
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
        if self.coefficients.empty:
            which = (
                f" ({', '.join(self.collinear)}: leave out)" if self.collinear else ""
            )
            return f"{self.kind} frontier of {self.n:,} rows: {self.status}{which}."
        found = (
            f", mean efficiency {self.rows['efficiency'].mean():.3f}"
            if self.rows["efficiency"].notna().any()
            else ""
        )
        return (
            f"{self.kind} frontier, {self.distribution}, {self.n:,} rows of {self.units:,} units: {self.status}; log-likelihood {self.loglik:.3f}, "
            f"LR against no inefficiency {self.lr:.2f} (p {self.lr_p:.3f}){found}."
        )


def sfa(
    frame: pd.DataFrame,
    *,
    outcome: str,
    terms: Sequence[str],
    kind: str = "production",
    distribution: str = "half normal",
    linear: Sequence[str] = (),
    unit: str | None = None,
    time: str | None = None,
    decay: bool = False,
    determinants: Sequence[str] | None = None,
    determinants_constant: bool = True,
    money: Sequence[str] = (),
    level: float = 0.95,
) -> StochasticFrontier:
    """Stochastic frontier of production or cost, of a cross-section or a panel, with or without determinants of inefficiency.

    Parameters
    ----------
    frame : DataFrame
        One row per unit, or per unit and period; its index names the rows. Left as it came.
    outcome : str
        Column of the output, or of the cost when `kind` is ``"cost"``: in levels, above zero; its logarithm is taken here.
    terms : sequence of str
        Columns of the inputs, or of outputs and prices: in levels, above zero; coefficients are elasticities (Cobb-Douglas).
    kind : {"production", "cost"}
    distribution : {"half normal", "truncated normal", "exponential"}
        Of inefficiency.
    linear : sequence of str
        Columns that enter as they are (dummies, a trend, shares).
    unit, time : str, optional
        Columns that name the unit and the period of a row. With `unit` and without `determinants` one inefficiency is estimated per
        unit (Battese and Coelli 1992); units need not be seen in every period. `time` is a number.
    decay : bool
        Inefficiency is exp(-eta (t - T)) times that of the panel's last period T; needs `unit` and `time`.
    determinants : sequence of str, optional
        Columns that move the mean of the truncated normal before truncation (Battese and Coelli 1995); rows are independent.
    determinants_constant : bool
        Whether that mean has a constant.
    money : sequence of str
        Columns in yuan, which are searched for rows in 10,000 yuan.
    level : float
        Of the intervals. Those of the efficiencies hold the errors of the coefficients too, unless the fit has none (see `status`).

    Raises
    ------
    ParameterError
        An unknown or contradictory option, a column that is not there, or row names that repeat.
    EstimationError
        A panel with one period, or with two rows of a unit in one period (named).

    Notes
    -----
    The p-value of `lr` is half that of a chi-square with one degree less and half that of one with as many as restrictions, because gamma
    cannot be below zero (Kodde and Palm 1986, Econometrica 54, 1243-1248). Without determinants' constant the mean before truncation is theirs alone.
    Efficiencies: Battese and Coelli (1988), Journal of Econometrics 38, 387-399; Jondrow and others (1982), JE 19, 233-238.
    """
    z = normal_quantile(level)
    terms, linear, money = tuple(terms), tuple(linear), tuple(money)
    named = tuple(determinants) if determinants is not None else None
    _options(
        frame,
        kind,
        distribution,
        unit,
        time,
        decay,
        named,
        determinants_constant,
        (outcome, *terms, *linear, *money, *(named or ())),
        terms,
    )
    if named is not None:
        distribution = "truncated normal"
    rows = _judge(
        frame,
        (outcome, *terms),
        (*linear, *(named or ())),
        [c for c in (unit, time) if c],
    )
    used = frame[rows["status"] == ""]
    for column in money:
        mixed = two_units(used[column])
        rows.loc[mixed, "status"], rows.loc[mixed, "why"] = "money in two units", column
    names = ["constant", *terms, *linear]
    X = np.column_stack(
        [
            np.ones(len(used)),
            *(np.log(used[c].to_numpy(float)) for c in terms),
            *(used[c].to_numpy(float) for c in linear),
        ]
    )
    Z, mu_names = None, ["mu"] if distribution == "truncated normal" else []
    if named is not None:
        Z = np.column_stack(
            [
                *([np.ones(len(used))] if determinants_constant else []),
                *(used[c].to_numpy(float) for c in named),
            ]
        )
        mu_names = [*(["constant"] if determinants_constant else []), *named]
    parameters = len(names) + len(mu_names) + 2 + decay
    mixed = (rows["status"] == "money in two units").any()
    if mixed or len(used) < ROWS_PER_TERM * parameters:
        return _nothing(
            rows,
            "money in two units" if mixed else "too few rows",
            kind=kind,
            distribution=distribution,
            level=level,
            n=int((rows["status"] == "").sum()),
        )
    collinear = (
        *_collinear(X, names),
        *(_collinear(Z, mu_names) if Z is not None else ()),
    )
    if collinear:
        return _nothing(
            rows,
            "collinear",
            kind=kind,
            distribution=distribution,
            level=level,
            n=len(used),
            collinear=collinear,
        )
    group, back, periods = _panel(used, unit, time, decay, named is not None)
    sign = 1 if kind == "production" else -1
    given = dict(sign=sign, group=group, back=back)
    y = np.log(used[outcome].to_numpy(float))
    fit = fit_composed(y, X, distribution=distribution, Z=Z, **given)
    status = fit.status
    if status == "mu not identified" and Z is None:
        fit, distribution, mu_names = (
            fit_composed(y, X, distribution="exponential", **given),
            "exponential",
            [],
        )
    index = pd.MultiIndex.from_tuples(
        [
            *(("frontier", t) for t in names),
            *(("inefficiency", t) for t in mu_names),
            ("variance", "sigma2"),
            ("variance", "gamma"),
            *([("inefficiency", "eta")] if decay else []),
        ],
        names=["part", "term"],
    )
    coefficients = _coefficients(fit, index, z)
    restrictions = 1 + len(mu_names) + decay
    lr = max(0.0, 2 * (fit.loglik - fit.ols_loglik))
    slopes = coefficients.loc["frontier"].reindex(terms)
    groups = len(used) if group is None else int(group.max()) + 1
    return StochasticFrontier(
        coefficients=coefficients,
        rows=_scores(rows, fit, status, level),
        status=status,
        kind=kind,
        distribution=distribution,
        loglik=fit.loglik,
        ols_loglik=fit.ols_loglik,
        lr=lr,
        lr_p=mixed_chi_square(lr, restrictions),
        lr_restrictions=restrictions,
        skewness=fit.skewness,
        wrong_sign=tuple(slopes.index[slopes["value"] + z * slopes["se"] < 0]),
        collinear=(),
        covariance=pd.DataFrame(fit.cov, index=index, columns=index),
        n=len(used),
        units=used[unit].nunique() if unit else groups,
        periods=periods,
        level=level,
        iterations=fit.iterations,
        dropped=rows.loc[rows["status"] != "", "status"].value_counts(),
    )


def _nothing(
    rows: pd.DataFrame,
    status: str,
    *,
    kind: str,
    distribution: str,
    level: float,
    n: int,
    collinear: tuple[str, ...] = (),
) -> StochasticFrontier:
    """The answer when nothing can be fitted."""
    used = rows["status"] == ""
    empty = pd.DataFrame(
        columns=["value", "se", "z", "p", "ci_low", "ci_high"],
        index=pd.MultiIndex.from_arrays([[], []], names=["part", "term"]),
        dtype=float,
    )
    found = pd.DataFrame(
        np.nan, index=rows.index, columns=["efficiency", "ci_low", "ci_high", "jlms"]
    ).assign(status=rows["status"].mask(used, status), why=rows["why"])
    return StochasticFrontier(
        coefficients=empty,
        rows=found,
        status=status,
        kind=kind,
        distribution=distribution,
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


def mixed_chi_square(statistic: float, restrictions: int) -> float:
    """p-value of a likelihood ratio with one restriction at its bound among `restrictions` (Kodde and Palm 1986)."""
    from scipy.stats import chi2

    if statistic <= 0:
        return 1.0
    lower = chi2.sf(statistic, restrictions - 1) if restrictions > 1 else 0.0
    return float(0.5 * lower + 0.5 * chi2.sf(statistic, restrictions))


def _options(
    frame, kind, distribution, unit, time, decay, named, constant, columns, terms
) -> None:
    for name, value, allowed in (
        ("kind", kind, KINDS),
        ("distribution", distribution, DISTRIBUTIONS),
    ):
        if value not in allowed:
            raise ParameterError(
                f"{name}={value!r}；应为 {'、'.join(allowed)} 之一。",
                f"{name}={value!r}; expected one of {', '.join(allowed)}.",
            )
    if not terms:
        raise ParameterError(
            "至少需要一个解释变量（terms）。", "at least one term is needed."
        )
    missing = [
        c for c in (*columns, *(c for c in (unit, time) if c)) if c not in frame.columns
    ]
    if missing:
        raise ParameterError(
            f"没有这些列：{listed(missing)}。", f"no such columns: {listed(missing)}."
        )
    if not frame.index.is_unique:
        raise ParameterError(
            "行名有重复；每行应有自己的名称。",
            "row names repeat; expected a name of its own for each row.",
        )
    if decay and (unit is None or time is None or named is not None):
        raise ParameterError(
            "随时间变化的效率（decay）需要 unit 和 time，且不能与 determinants 同用。",
            "decay needs `unit` and `time`, and no `determinants`.",
        )
    if named is not None and not named and not constant:
        raise ParameterError(
            "determinants 为空且不含常数；至少需要一列。",
            "determinants are empty and without a constant; expected at least one column.",
        )


def _judge(
    frame: pd.DataFrame,
    positive: Sequence[str],
    other: Sequence[str],
    labels: Sequence[str],
) -> pd.DataFrame:
    """Why a row cannot be used, and for which columns; empty where it can."""
    values = frame[[*positive, *other]].astype(float)
    absent = pd.concat([~np.isfinite(values), frame[list(labels)].isna()], axis=1)
    below = values[list(positive)] <= 0
    status = np.select(
        [absent.any(axis=1), below.any(axis=1)], ["missing value", "not positive"], ""
    )
    why = (
        [
            ", ".join(dict.fromkeys(c for c, bad in zip(found.columns, row) if bad))
            for found, row in (
                (absent, a) if s == "missing value" else (below, b)
                for s, a, b in zip(status, absent.to_numpy(), below.to_numpy())
            )
        ]
        if (status != "").any()
        else ""
    )
    return pd.DataFrame({"status": status, "why": why}, index=frame.index)


def _collinear(X: np.ndarray, names: Sequence[str]) -> tuple[str, ...]:
    """Columns that the ones before them make up."""
    scaled = X / np.maximum(np.sqrt((X**2).mean(axis=0)), 1e-300)
    diagonal = np.abs(np.diag(np.linalg.qr(scaled, mode="r"))) / np.sqrt(len(X))
    return tuple(names[j] for j in np.flatnonzero(diagonal < 1e-8))


def _panel(
    used: pd.DataFrame,
    unit: str | None,
    time: str | None,
    decay: bool,
    independent: bool,
):
    """Unit codes, periods before the last, and the number of periods."""
    periods = used[time].nunique() if time else 1
    if unit and time:
        twice = used.duplicated([unit, time])
        if twice.any():
            names = list(dict.fromkeys(used.loc[twice, unit]))
            raise EstimationError(
                f"{listed(names)} 在同一期有多行；每个单元每期应只有一行。",
                f"{listed(names)}: more than one row in a period; expected one row per unit and period.",
                units=names,
            )
        if periods == 1:
            only = used[time].iloc[0]
            raise EstimationError(
                f"面板只有一期（{only}）；时间变化无法识别。请增加年份，或按横截面估计（不给 time）。",
                f"the panel has only one period ({only}); change over time cannot be told. Add years, or fit a cross-section (no `time`).",
                period=only,
            )
    if unit is None or independent:
        return None, None, periods
    group = pd.factorize(used[unit], sort=True)[0]
    if decay and np.bincount(group).max() < 2:
        raise EstimationError(
            "每个单元都只有一期；时间变化无法识别。请按横截面估计。",
            "every unit is seen once; change over time cannot be told. Fit a cross-section.",
        )
    back = (used[time].max() - used[time]).to_numpy(float) if decay else None
    return group, back, periods


def _coefficients(fit: Composed, index: pd.MultiIndex, z: float) -> pd.DataFrame:
    from scipy.stats import chi2

    se = np.sqrt(np.diag(fit.cov))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = fit.theta / se
    low, high = fit.theta - z * se, fit.theta + z * se
    s, g = (index.get_loc(("variance", term)) for term in ("sigma2", "gamma"))
    with np.errstate(divide="ignore", invalid="ignore"):
        # within their ranges: sigma2 by its logarithm, gamma by its logit
        wide = np.exp(z * se[s] / fit.theta[s])
        low[s], high[s] = fit.theta[s] / wide, fit.theta[s] * wide
        odds, wide = (
            fit.theta[g] / (1 - fit.theta[g]),
            np.exp(z * se[g] / (fit.theta[g] * (1 - fit.theta[g]))),
        )
        low[g], high[g] = odds / wide / (1 + odds / wide), 1 - 1 / (1 + odds * wide)
    table = pd.DataFrame(
        {
            "value": fit.theta,
            "se": se,
            "z": ratio,
            "p": chi2.sf(ratio**2, 1),
            "ci_low": low,
            "ci_high": high,
        },
        index=index,
    )
    table.loc[[("variance", "sigma2"), ("variance", "gamma")], ["z", "p"]] = (
        np.nan
    )  # zero is their bound: see `lr`
    return table.sort_index(
        level="part",
        key=lambda part: part.map({"frontier": 0, "inefficiency": 1, "variance": 2}),
        kind="stable",
        sort_remaining=False,
    )


def _scores(
    rows: pd.DataFrame, fit: Composed, status: str, level: float
) -> pd.DataFrame:
    used = (rows["status"] == "").to_numpy()
    found = pd.DataFrame(
        np.nan, index=rows.index, columns=["efficiency", "ci_low", "ci_high", "jlms"]
    )
    if np.isfinite(fit.mean).all():
        value, inefficiency = efficiency(fit.mean, fit.spread, fit.path)
        tail = (1 - level) / 2
        found.loc[used] = np.column_stack(
            [
                value,
                quantiles(fit.around, tail),
                quantiles(fit.around, 1 - tail),
                np.exp(-inefficiency),
            ]
        )
        status = "estimated"
    return found.assign(status=rows["status"].mask(used, status), why=rows["why"])
