"""A hazard on its training rows: what was known by a day, fitted, shrunk, levelled.

Own likelihood because penalty, frailty and clustered errors are needed in one pass
(`hazard`); where events are few or a term separates, Firth's penalty is used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from jinzhou.errors import EstimationError, ParameterError
from jinzhou.statistics.hazard import (
    Fit,
    Likelihood,
    cluster_cov,
    fit,
    prior_precision,
)
from jinzhou.statistics.returns.delay import (
    FEWEST_EVENTS,
    recorded_offset,
    reported_share,
)
from jinzhou.statistics.returns.history import FrailtyHistory
from jinzhou.statistics.returns.terms import Covariate, Design, make_design
from jinzhou.statistics.separation import separated_columns

EVENTS_A_TERM = 5
"""Fewer returns a term than this are fitted with Firth's penalty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardOptions:
    """How a hazard is fitted.

    Attributes
    ----------
    link : {"cloglog", "logit"}
    horizon_quarters : int
        Window of the label, for the record; with more than one quarter rows overlap,
        and the cluster-robust errors allow for it.
    cluster : str
        Column of clusters for the errors: households, or villages.
    weights : str, optional
        Column of sampling weights (inverse of the share sampled), positive.
    event_share : float, optional
        Share of returns among all rows when the rows given are a case-control sample:
        the likelihood is that of the sample, the risk that of all rows (the prior
        correction of King and Zeng 2001, carried over to both links), whose level is
        held to that share: `recalibrate_quarters` is not used then.
    frailty : bool
        Let a village's and a household's own past speak, in the score and, one quarter
        ahead, in the likelihood. Not with one quarter of labels, where there is no
        past.
    recalibrate_quarters : int
        Move the level so that the latest so many quarters with labels come out right; 0
        for none. Not done on fewer than 30 returns.
    level, interval : float
        Of the coefficients' and of the households' intervals.
    offices : mapping, group of reasons -> key of who answers
        In the order in which ties are settled.
    """

    link: str = "cloglog"
    horizon_quarters: int = 1
    cluster: str = "household_id"
    weights: str | None = None
    event_share: float | None = None
    frailty: bool = True
    recalibrate_quarters: int = 4
    level: float = 0.95
    interval: float = 0.90
    offices: Mapping[str, str] = field(default_factory=dict)


PLAIN = HazardOptions()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Training:
    """Rows whose label was known by a day, with what a likelihood needs of them."""

    rows: pd.DataFrame
    y: np.ndarray
    weight: np.ndarray
    odds: float
    design: Design
    Z: np.ndarray
    late: np.ndarray
    reported: tuple[float, ...]

    @property
    def names(self) -> list[str]:
        """Names of the columns of `Z`."""
        pieces = [piece for c in self.design.terms for piece in c.pieces()]
        return ["intercept", *pieces]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedHazard:
    """A hazard on its training rows.

    Attributes
    ----------
    estimated : Fit
    penalised : str
        Empty, or why Firth's penalty was used.
    likelihood : Likelihood
        What `estimated` maximises.
    history : FrailtyHistory or None
    shift : float
        What recalibration adds to the linear predictor.
    """

    training: Training
    options: HazardOptions
    estimated: Fit
    penalised: str
    likelihood: Likelihood
    history: FrailtyHistory | None
    shift: float

    def covariance(self) -> np.ndarray:
        """Cluster-robust covariance of the coefficients (k, k)."""
        rows = self.training.rows
        return cluster_cov(
            self.likelihood,
            beta=self.estimated.beta,
            clusters=pd.factorize(rows[self.options.cluster])[0],
        )


def training_rows(
    panel: pd.DataFrame,
    label: pd.Series,
    *,
    as_of: str,
    covariates: Sequence[Covariate],
    options: HazardOptions = PLAIN,
    late: bool = True,
) -> Training:
    """The rows up to a day whose label was known, as a likelihood needs them.

    Parameters
    ----------
    late : bool
        Correct the labels of the latest quarters for returns that are recorded late.
    """
    day = pd.Timestamp(as_of)
    rows = panel[((panel["quarter_end"] <= day) & label.notna()).to_numpy()]
    y = label[rows.index].to_numpy(float)
    _enough(y, as_of)
    weight = _weights(rows, options.weights)
    design = make_design(rows, covariates)
    reported = reported_share(panel, as_of=as_of) if late else (1.0,)
    return Training(
        rows=rows,
        y=y,
        weight=weight,
        odds=_sampled_odds(y, options.event_share),
        design=design,
        Z=design.Z,
        late=recorded_offset(rows, reported, day, options.horizon_quarters),
        reported=reported,
    )


def estimate(data: Training, link: str) -> tuple[Fit, str]:
    """The likelihood's maximum, penalised where events are few or a term separates."""
    if data.y.sum() < EVENTS_A_TERM * data.Z.shape[1]:
        penalised = "few returns"
    else:
        columns = [c.name for c in data.design.terms for _ in c.pieces()]
        separating = [columns[j - 1] for j in separated_columns(data.Z, data.y)]
        penalised = ", ".join(dict.fromkeys(separating))
    found = fit(
        Likelihood(
            data.Z,
            data.y,
            link=link,
            weight=data.weight,
            offset=data.late,
            firth=bool(penalised),
            odds=data.odds,
        )
    )
    if not found.converged:
        raise EstimationError(
            "statistics.return_risk.not_converged",
            passes=found.iterations,
            rows=len(data.y),
        )
    return found, penalised


def fit_hazard(data: Training, options: HazardOptions) -> FittedHazard:
    """Fit, shrink, let the past speak, and set the level."""
    first, penalised = estimate(data, options.link)
    # the visit, scored as not made, is left free: a prior would take it for weaker
    fixed = [c.set_to is not None for c in data.design.terms for _ in c.pieces()]
    ridge = prior_precision(data.Z, first, free=np.array([True, *fixed]))
    history, offset = None, data.late
    if options.frailty and data.rows["quarter_end"].nunique() > 1:
        history = FrailtyHistory(
            data.rows, data.y, data.weight, options.horizon_quarters
        )
        if options.horizon_quarters == 1:  # longer windows overlap
            offset = offset + history.earlier(data.Z @ first.beta + offset)
    likelihood = Likelihood(
        data.Z,
        data.y,
        link=options.link,
        weight=data.weight,
        offset=offset,
        ridge=ridge,
        firth=bool(penalised),
        odds=data.odds,
    )
    estimated = fit(likelihood, start=first.beta)
    known = data.Z @ estimated.beta + data.late
    if history:
        history.learn(known)
        known = known + sum(past.log_mean for past in history.of(data.rows))
    return FittedHazard(
        training=data,
        options=options,
        estimated=estimated,
        penalised=penalised,
        likelihood=likelihood,
        history=history,
        shift=_shift(data, known, options),
    )


def _enough(y: np.ndarray, as_of: str) -> None:
    events = int(y.sum())
    if events < FEWEST_EVENTS:
        raise EstimationError(
            "statistics.return_risk.few",
            as_of=as_of,
            events=events,
            fewest=FEWEST_EVENTS,
        )
    if events == len(y):
        raise EstimationError("statistics.return_risk.all_events", events=events)


def _weights(train: pd.DataFrame, weights: str | None) -> np.ndarray:
    if weights is None:
        return np.ones(len(train))
    weight = train[weights].to_numpy(float)
    wrong = int((~(weight > 0)).sum())
    if wrong:
        raise ParameterError(
            "statistics.return_risk.weights", column=weights, found=wrong
        )
    return weight


def _sampled_odds(y: np.ndarray, event_share: float | None) -> float:
    """How many times as often returns were sampled as other rows."""
    if event_share is None:
        return 1.0
    if not 0 < event_share < 1:
        raise ParameterError("statistics.return_risk.event_share", found=event_share)
    share = float(np.clip(y.mean(), 1e-9, 1 - 1e-9))
    return share / (1 - share) * (1 - event_share) / event_share


def _shift(data: Training, eta: np.ndarray, options: HazardOptions) -> float:
    """Shift of the linear predictor that sets the level of the risk."""
    if options.event_share is None:
        return level_of(
            data.rows,
            data.y,
            eta,
            quarters=options.recalibrate_quarters,
            link=options.link,
            weight=data.weight,
        )
    share = (data.weight @ data.y) / data.weight.sum()
    back = data.weight * np.where(
        data.y > 0,
        options.event_share / share,
        (1 - options.event_share) / (1 - share),
    )
    return _level(data.y, eta, back, options.link)


def level_of(
    rows: pd.DataFrame,
    y: np.ndarray,
    eta: np.ndarray,
    *,
    quarters: int,
    link: str = "cloglog",
    weight: np.ndarray | None = None,
) -> float:
    """Shift at which the latest quarters' returns are expected exactly."""
    ends = np.unique(rows["quarter_end"])
    recent = rows["quarter_end"].isin(ends[-quarters:] if quarters else ()).to_numpy()
    if y[recent].sum() < FEWEST_EVENTS:
        return 0.0
    w = np.ones(len(y)) if weight is None else weight
    return _level(y[recent], eta[recent], w[recent], link)


def _level(y: np.ndarray, eta: np.ndarray, weight: np.ndarray, link: str) -> float:
    """Constant beside an offset."""
    ones = np.ones((len(y), 1))
    rows = Likelihood(ones, y, link=link, weight=weight, offset=eta)
    return float(fit(rows).beta[0])
