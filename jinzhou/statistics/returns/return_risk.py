"""Discrete-time hazard of return to poverty: who, how likely, and why.

Person-period rows with the complementary log-log link (Prentice and Gloeckler 1978, Biometrics
34, 57-67): covariates are those of the quarter, entry may be late, leaving is censoring, a
household may return more than once. Visits lower the risk of those visited, so the visit is in the
model and every household is scored without one. What the past of a village and of a household says
beyond the covariates enters as a shrunken multiplier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from jinzhou.errors import EstimationError, ParameterError, RegistryError
from jinzhou.statistics.hazard import (
    CHUNK,
    Fit,
    Frailty,
    cluster_cov,
    fit,
    frailty_posterior,
    frailty_variance,
    inverse_link,
    mean_frailty,
    prior_precision,
    sum_before,
)
from jinzhou.statistics.separation import separated_columns

FEWEST_EVENTS = 30
"""Fewer returns than this in the training rows are not fitted."""
EVENTS_A_TERM = 5
"""Fewer returns a term than this are fitted with Firth's penalty."""
PLACE, HOME = "village_frailty", "household_frailty"
"""Names of the two multipliers among the contributions."""


@dataclass(frozen=True, slots=True)
class Covariate:
    """One term of the hazard.

    Attributes
    ----------
    name : str
    value : callable(panel) -> array
        The term from the panel's columns; missing is NaN and becomes `missing`.
    missing : float
        Value where the panel has none; a stated imputation, counted in the audit.
    reason : str
        Group of reasons, one of `OFFICES`; empty for a term that is no reason to visit.
    zh, en : str
        What a household with a high term is told to have.
    set_to : float, optional
        Value when scoring: visits are scored as not made.
    knots : tuple of float
        A smooth term: piecewise linear with a bend at each knot. The term's contribution is that
        of all its pieces together.
    """

    name: str
    value: Callable[[pd.DataFrame], np.ndarray]
    reason: str = ""
    zh: str = ""
    en: str = ""
    missing: float = 0.0
    set_to: float | None = None
    knots: tuple[float, ...] = ()

    def pieces(self) -> list[str]:
        """Names of the columns that the term takes in the design."""
        return [self.name, *(f"{self.name} > {knot:g}" for knot in self.knots)]


OFFICES = {
    "illness": "health",
    "disability": "income_floor",
    "age": "income_floor",
    "labour": "jobs",
    "income": "industry",
    "housing": "housing",
    "place": "coordination",
    "history": "coordination",
    "protection": "income_floor",
}
"""Reason -> key of the office that answers (reference/offices.csv)."""


def _column(
    name: str, low: float = -np.inf, high: float = np.inf
) -> Callable[[pd.DataFrame], np.ndarray]:
    return lambda panel: np.clip(panel[name].to_numpy(float), low, high)


def _any(name: str) -> Callable[[pd.DataFrame], np.ndarray]:
    def value(panel: pd.DataFrame) -> np.ndarray:
        number = panel[name].to_numpy(float)
        return np.where(np.isnan(number), np.nan, number > 0)

    return value


COVARIATES: tuple[Covariate, ...] = (
    Covariate(
        "log_margin",
        _column("log_margin", -0.5, 1.2),
        "income",
        "人均纯收入偏低",
        "low income per head",
        0.3,
    ),
    Covariate(
        "past_margin",
        lambda p: np.clip(
            p["past_margin"].fillna(p["log_margin"]).to_numpy(float), -0.5, 1.2
        ),
        "income",
        "往年人均纯收入偏低",
        "low income per head in earlier years",
        0.3,
    ),
    Covariate(
        "income_fall",
        lambda p: np.clip(-p["income_change"].to_numpy(float), 0, 1),
        "income",
        "收入比上年下降",
        "income fell since last year",
    ),
    Covariate(
        "ill_now",
        _column("ill_now"),
        "illness",
        "本季有人住院",
        "a stay in hospital this quarter",
    ),
    Covariate(
        "ill_last",
        _column("ill_last"),
        "illness",
        "上季有人住院",
        "a stay in hospital last quarter",
    ),
    Covariate(
        "own_payment",
        lambda p: np.log1p(p["oop_year"].to_numpy(float) / 1_000),
        "illness",
        "近一年医疗自付较多",
        "high own medical payments in the last year",
    ),
    Covariate(
        "chronic",
        _any("chronic"),
        "illness",
        "有长期慢性病人",
        "a chronically ill member",
    ),
    Covariate(
        "serious", _any("serious"), "illness", "有大病病人", "a seriously ill member"
    ),
    Covariate(
        "disabled", _any("disabled"), "disability", "有残疾人", "a disabled member"
    ),
    Covariate(
        "severely_disabled",
        _any("severely_disabled"),
        "disability",
        "有重度残疾人",
        "a severely disabled member",
    ),
    Covariate(
        "elderly", _any("elderly"), "age", "有60岁以上老人", "a member aged 60 or more"
    ),
    Covariate("single_person", _column("single_person"), "age", "独居", "lives alone"),
    Covariate(
        "no_labour",
        lambda p: 1 - _any("labour")(p),
        "labour",
        "没有劳动力",
        "nobody able to work",
    ),
    Covariate(
        "no_work",
        lambda p: np.isnan(p["work_months"].to_numpy(float)),
        "labour",
        "无人务工",
        "nobody in paid work",
    ),
    Covariate(
        "dwelling_grade",
        _column("dwelling_grade"),
        "housing",
        "住房等级较差",
        "poor dwelling grade",
    ),
    Covariate(
        "dibao",
        _column("dibao"),
        "protection",
        "享受低保",
        "on the minimum living allowance",
    ),
    Covariate(
        "deep_village",
        _column("deep_village"),
        "place",
        "所在村为深度贫困村",
        "in a deep-poverty village",
    ),
    Covariate(
        "poor_village",
        _column("poor_village"),
        "place",
        "所在村为贫困村",
        "in a poor village",
    ),
    Covariate(
        "quarters_since_exit",
        _column("quarters_since_exit", 0, 12),
        "history",
        "脱贫时间短",
        "left poverty recently",
        6.0,
    ),
    Covariate(
        "aid",
        _column("measure_industry"),
        "income",
        "没有产业帮扶",
        "no industry support",
    ),
    Covariate(
        "winter",
        _column("winter"),
        zh="冬季（一、四季度）",
        en="winter (quarters 1 and 4)",
    ),
    Covariate(
        "visited_now",
        _column("visited_now"),
        zh="本季已走访",
        en="visited this quarter",
        set_to=0.0,
    ),
)
"""Terms of the hazard in the registry; names and offices are defined here and nowhere else."""
FRAILTY_TERMS = (
    Covariate(
        PLACE,
        _column("area_code"),
        "place",
        "同村其他户以往返贫偏多",
        "more returns among the village's other households than their records explain",
    ),
    Covariate(
        HOME,
        _column("household_id"),
        "history",
        "本户曾经返贫",
        "the household returned before",
    ),
)
"""The two multipliers as reasons; their values are estimated, not read."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReturnRisk:
    """A fitted hazard and the households it scores.

    Attributes
    ----------
    method : {"hazard", "rules"}
    coefficients : DataFrame, indexed by piece of a term (`intercept` first)
        `beta`, `se` (cluster-robust), `z`, `ci_low`, `ci_high` (of beta), `hazard_ratio`.
    scores : DataFrame, one row per household at risk at `as_of`, in order of rank
        Identification columns, `risk` (probability of return within the horizon without a visit,
        rounded to 1e-6), `risk_ci_low`, `risk_ci_high` (of the household's own risk: the coefficients'
        error and what is not recorded about household and village), `rank` (1 is the highest; ties
        by household number), `eta`, `reason_1`..`reason_3` (terms, one per group of reasons, that
        raise the score most above the reference), `office` (key of the office of the first reason).
    inputs : DataFrame, indexed like `scores`
        Value of each term.
    contributions : DataFrame, indexed like `scores`
        Signed part of each term, `village_frailty` and `household_frailty`, in units of the linear
        predictor: beta x (value - reference). With `reference_eta` they sum to `eta`.
    reference : Series
        The reference household: median of each term over the training rows, visit not made, in a
        village and with a past like any other.
    reference_eta : float
    shift : float
        Part of `reference_eta` that recalibration on the latest quarters added.
    as_of : str
    horizon_quarters : int
    n, events, clusters : int
        Training rows, returns among them, clusters.
    dropped : mapping, term -> why it was left out
        ``all missing``, ``does not vary`` or ``follows from other terms``.
    calendar : tuple of str
        Terms that are the same for everybody within each quarter: they cannot be told from anything
        else that those quarters had.
    penalised : str
        Empty, or why Firth's penalty was used: ``few returns``, or the terms that separate.
    missing : Series
        Values imputed per term in the training rows.
    reported : tuple of float
        Share of returns recorded by the end of their own quarter, one quarter later, ...
    village_frailty_variance, household_frailty_variance : float
        Variances of the logarithm of the multipliers; 0 when no past was used.
    top_visited : float
        Share of the training rows in the top decile of risk that were visited; NaN without visits.
    level, interval : float
        Of the coefficients' and of the households' intervals.
    """

    method: str
    coefficients: pd.DataFrame
    scores: pd.DataFrame
    inputs: pd.DataFrame
    contributions: pd.DataFrame
    reference: pd.Series
    reference_eta: float
    shift: float
    as_of: str
    horizon_quarters: int
    n: int
    events: int
    clusters: int
    dropped: Mapping[str, str]
    calendar: tuple[str, ...]
    penalised: str
    missing: pd.Series
    reported: tuple[float, ...]
    village_frailty_variance: float
    household_frailty_variance: float
    top_visited: float
    level: float
    interval: float

    def table(self) -> pd.DataFrame:
        """A copy of `coefficients`, safe to format."""
        return self.coefficients.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        if self.method == "rules":
            return f"too few returns are known for a hazard; {len(self.scores):,} households in the order of the trigger rules as of {self.as_of}."
        return (
            f"hazard of return within {self.horizon_quarters} quarter(s) as of {self.as_of}: {self.n:,} rows, "
            f"{self.events:,} returns, {self.clusters:,} clusters; {len(self.scores):,} households scored, "
            f"expected returns without visits {self.scores['risk'].sum():.0f}."
        )


def return_risk(
    panel: pd.DataFrame,
    *,
    as_of: str,
    outcome: str | pd.Series = "returned_1",
    horizon_quarters: int = 1,
    covariates: Sequence[Covariate] = COVARIATES,
    cluster: str = "household_id",
    link: str = "cloglog",
    weights: str | None = None,
    event_share: float | None = None,
    frailty: bool = True,
    recalibrate_quarters: int = 4,
    identify: Sequence[str] = (
        "household_id",
        "county",
        "town",
        "village",
        "area_code",
        "household_size",
        "net_income_pc",
        "line",
    ),
    county: str = "",
    score_all: bool = True,
    level: float = 0.95,
    interval: float = 0.90,
) -> ReturnRisk:
    """Fit the hazard on rows whose label was known by `as_of`, and score the households at risk.

    Parameters
    ----------
    panel : DataFrame
        Rows of `registry.panel`, one per household and quarter; `quarter_end`, `at_risk`, the
        covariates' columns. With `next_return_on` and `next_return_recorded_on` the labels of the
        latest quarters are corrected for returns that are recorded late (`reported_share`).
    outcome : str or Series
        Label column, or a Series indexed like `panel` (from `registry.outcomes` for an earlier date).
    horizon_quarters : int
        Window of the label, for the record; with more than one quarter rows overlap, and the
        cluster-robust errors allow for it.
    cluster : str
        Column of clusters for the errors: households, or villages.
    link : {"cloglog", "logit"}
    weights : str, optional
        Column of sampling weights (inverse of the share sampled), positive; a weight of zero is an error.
    event_share : float, optional
        Share of returns among all rows when the rows given are a case-control sample: the likelihood
        is that of the sample, the risk that of all rows (the prior correction of King and Zeng 2001,
        Political Analysis 9, 137-163, carried over to both links), whose level is held to that share:
        `recalibrate_quarters` is not used then.
    frailty : bool
        Let a village's and a household's own past speak (`hazard.multipliers`), in the score and, one
        quarter ahead, in the likelihood (`hazard.earlier`). Not with one quarter of labels, where
        there is no past.
    recalibrate_quarters : int
        Move the level so that the latest so many quarters with labels come out right; 0 for none.
        Not done on fewer than 30 returns.
    identify : sequence of str
        Columns carried into `scores`; those absent from the panel are left out.
    county : str
        Score the households of one county alone; the fit uses all rows given.
    score_all : bool
        Score with intervals and contributions; False gives `risk` and `rank` alone (backtests).

    Raises
    ------
    ParameterError
        The link is unknown, or weights are not positive.
    RegistryError
        A household has two rows of one quarter, or has left poverty in the future.
    EstimationError
        Nobody is at risk at `as_of`, fewer than 30 returns in the training rows, every row a return,
        or no convergence.
    """
    if link not in ("cloglog", "logit"):
        raise ParameterError(
            f"link={link!r}；应为 cloglog 或 logit。",
            f"link={link!r}; expected cloglog or logit.",
        )
    _check(panel)
    day = pd.Timestamp(as_of)
    label = panel[outcome] if isinstance(outcome, str) else outcome
    past = (panel["quarter_end"] <= day).to_numpy()
    train = panel[past & label.notna().to_numpy()]
    scored = panel[
        (panel["quarter_end"] == day).to_numpy() & panel["at_risk"].to_numpy(bool)
    ]
    scored = scored[scored["county"] == county] if county else scored
    if not len(scored):
        raise EstimationError(*_nobody(as_of, county))
    y = label[train.index].to_numpy(float)
    _enough(y, as_of)
    weight, odds = _weights(train, y, weights), _sampled_odds(y, event_share)
    design = _design(train, covariates)
    reported = reported_share(panel, as_of=as_of)
    offset = late = _late(train, reported, day, horizon_quarters)
    Z, estimated, penalised = _estimate(
        y=y,
        design=design,
        covariates=covariates,
        weight=weight,
        offset=offset,
        odds=odds,
        link=link,
    )
    terms = [c for c in covariates if c.name not in design.dropped]
    names = ["intercept", *(piece for c in terms for piece in c.pieces())]
    clusters = pd.factorize(train[cluster])[0]
    # the visit, scored as not made, is left free: a prior would take it for weaker than it is
    free = np.array([True, *(c.set_to is not None for c in terms for _ in c.pieces())])
    ridge = prior_precision(Z, estimated, free=free)
    history = (
        _History(train, y, weight, horizon_quarters)
        if frailty and train["quarter_end"].nunique() > 1
        else None
    )
    if (
        history and horizon_quarters == 1
    ):  # longer windows overlap: an earlier row's label would hold this one's
        offset = offset + history.earlier(Z @ estimated.beta + offset)
    estimated = fit(
        Z,
        y,
        link=link,
        weight=weight,
        offset=offset,
        ridge=ridge,
        firth=bool(penalised),
        odds=odds,
        start=estimated.beta,
    )
    eta_seen = Z @ estimated.beta
    known = eta_seen + late
    if history:
        history.learn(known)
        known = known + sum(past.log_mean for past in history.of(train))
    shift = (
        _recalibrated(train, y, known, weight, link, recalibrate_quarters)
        if event_share is None
        else _level(y, known, weight, link, event_share)
    )

    X, unknown = _values(scored, terms)
    for j, c in enumerate(terms):
        if c.set_to is not None:
            X[:, j] = c.set_to
    seen = design.values
    reference = pd.Series(np.median(seen, axis=0), index=[c.name for c in terms])
    for c in terms:
        if c.set_to is not None:
            reference[c.name] = c.set_to
    S = _pieces(X, terms)
    fixed = S @ estimated.beta + shift
    of_place, of_home = (
        history.of(scored) if history else (_OfRows(*np.zeros((3, len(scored)))),) * 2
    )
    eta = fixed + of_place.log_mean + of_home.log_mean
    scores = scored[[c for c in identify if c in scored]].reset_index(drop=True)
    scores["risk"] = np.round(inverse_link(eta, link), 6)
    order = np.lexsort(
        (scored["household_id"].to_numpy(str), -scores["risk"].to_numpy())
    )
    cov = np.full((len(names), len(names)), np.nan)
    contributions, inputs = (
        pd.DataFrame(index=scores.index),
        pd.DataFrame(index=scores.index),
    )
    if score_all:
        cov = cluster_cov(
            Z,
            y,
            beta=estimated.beta,
            clusters=clusters,
            link=link,
            weight=weight,
            offset=offset,
            odds=odds,
            ridge=ridge,
        )
        z = NormalDist().inv_cdf(0.5 + interval / 2)
        half = z * np.sqrt(
            np.einsum("ij,jk,ik->i", S, cov, S) + of_place.variance + of_home.variance
        )
        centre = (
            fixed + of_place.centre + of_home.centre
        )  # a multiplier's mean lies above the centre of its logarithm
        scores["risk_ci_low"], scores["risk_ci_high"] = (
            np.round(inverse_link(centre + s * half, link), 6) for s in (-1, 1)
        )
        at = reference.to_numpy()[None, :]
        pieces = (S - _pieces(at, terms))[:, 1:] * estimated.beta[1:]
        starts = np.cumsum([0, *(1 + len(c.knots) for c in terms)])[:-1]
        parts = (
            np.add.reduceat(pieces, starts, axis=1) if terms else np.empty((len(S), 0))
        )
        contributions = pd.DataFrame(parts, columns=[c.name for c in terms])
        contributions[PLACE], contributions[HOME] = of_place.log_mean, of_home.log_mean
        inputs = pd.DataFrame(X, columns=[c.name for c in terms]).mask(unknown)
        scores["eta"] = eta
        scores = pd.concat(
            [
                scores,
                _reasons(
                    contributions.mask(
                        unknown.reindex(columns=contributions.columns, fill_value=False)
                    ),
                    (*terms, *FRAILTY_TERMS),
                ),
            ],
            axis=1,
        )
    scores, contributions, inputs = (
        f.iloc[order].reset_index(drop=True) for f in (scores, contributions, inputs)
    )
    scores.insert(scores.columns.get_loc("risk"), "rank", np.arange(1, len(scores) + 1))
    se = np.sqrt(np.diag(cov))
    q = NormalDist().inv_cdf(0.5 + level / 2)
    beta = estimated.beta
    coefficients = pd.DataFrame(
        {
            "beta": beta,
            "se": se,
            "z": beta / se,
            "ci_low": beta - q * se,
            "ci_high": beta + q * se,
            "hazard_ratio": np.exp(beta),
        },
        index=names,
    )
    return ReturnRisk(
        method="hazard",
        coefficients=coefficients,
        scores=scores,
        inputs=inputs,
        contributions=contributions,
        reference=reference,
        reference_eta=float((_pieces(reference.to_numpy()[None, :], terms) @ beta)[0])
        + shift,
        shift=shift,
        as_of=as_of,
        horizon_quarters=horizon_quarters,
        n=len(y),
        events=int(y.sum()),
        clusters=int(clusters.max() + 1),
        dropped=design.dropped,
        calendar=_calendar(train, design, terms),
        penalised=penalised,
        missing=design.imputed,
        reported=reported,
        village_frailty_variance=history.village_frailty_variance if history else 0.0,
        household_frailty_variance=history.household_frailty_variance
        if history
        else 0.0,
        top_visited=_top_visited(train, eta_seen, terms, estimated.beta, names),
        level=level,
        interval=interval,
    )


def reported_share(panel: pd.DataFrame, *, as_of: str) -> tuple[float, ...]:
    """Share of the returns that are recorded 0, 1, 2, ... quarters after the quarter they happened in.

    Returns known by `as_of` are seen only when they were recorded in time, so the delay is read
    backwards: a product limit over the delays of returns old enough to have had each one (Kalbfleisch
    and Lawless 1989, JASA 84, 360-372). What a look-back found (`next_return_round`) is left out: it
    is another way of recording. The last value is 1: returns never recorded are not counted here.
    """
    if "next_return_recorded_on" not in panel or not len(panel):
        return (1.0,)
    day = pd.Timestamp(as_of)
    events = panel.loc[
        (panel["next_return_recorded_on"] <= day).to_numpy(),
        [
            "household_id",
            "next_return_on",
            "next_return_recorded_on",
            *(["next_return_round"] if "next_return_round" in panel else []),
        ],
    ]
    if "next_return_round" in events:
        events = events[events["next_return_round"].fillna("") == ""]
    events = events.drop_duplicates(["household_id", "next_return_on"])
    if len(events) < FEWEST_EVENTS:
        return (1.0,)
    happened, recorded = (
        events[c].dt.year * 4 + events[c].dt.quarter
        for c in ("next_return_on", "next_return_recorded_on")
    )
    delay, age = (
        (recorded - happened).to_numpy(),
        (day.year * 4 + day.quarter - happened).to_numpy(),
    )
    longest = int(np.quantile(delay, 0.99))
    share = 1.0
    found = [1.0]
    for d in range(longest, 0, -1):
        old = age >= d
        within = int((old & (delay <= d)).sum())
        share *= 1 - (int((old & (delay == d)).sum()) / within if within else 0.0)
        found.append(share)
    return tuple(found[::-1])


def if_enough(estimate: Callable, *arguments, **options):
    """What an estimator answers, or None when too few returns are known for it (`EstimationError`).

    A list then falls back on the trigger rules, and an earlier list is taken as not made.
    """
    try:
        return estimate(*arguments, **options)
    except EstimationError:
        return None


def rule_risk(
    panel: pd.DataFrame,
    fired: pd.DataFrame,
    rules: pd.DataFrame,
    *,
    as_of: str,
    county: str = "",
    identify: Sequence[str] = (
        "household_id",
        "county",
        "town",
        "village",
        "area_code",
        "household_size",
        "net_income_pc",
        "line",
    ),
) -> ReturnRisk:
    """Households at risk in order of the trigger rules that name them: the list when returns are too few for a hazard.

    Parameters
    ----------
    fired : DataFrame, indexed like `panel`
        One bool column a rule (`registry.triggers(...).fired`).
    rules : DataFrame, indexed by rule
        `reason` of each, one of `OFFICES`.

    Returns
    -------
    ReturnRisk
        `method` is ``rules``; no coefficients; `risk` is missing: a count of rules is no probability.
        Order: rules that fired (`eta`), then the income margin, then the household number.

    Raises
    ------
    ParameterError
        Nobody is at risk at `as_of`.
    """
    here = panel[
        (panel["quarter_end"] == pd.Timestamp(as_of)).to_numpy()
        & panel["at_risk"].to_numpy(bool)
    ]
    here = here[here["county"] == county] if county else here
    if not len(here):
        raise ParameterError(*_nobody(as_of, county))
    on = fired.loc[here.index]
    margin = here["income_margin"].fillna(np.inf).to_numpy(float)
    count = on.sum(axis=1).to_numpy(int)
    order = np.lexsort((here["household_id"].to_numpy(str), margin, -count))
    scores = here[[c for c in identify if c in here]].reset_index(drop=True)
    scores["risk"], scores["risk_ci_low"], scores["risk_ci_high"], scores["eta"] = (
        np.nan,
        np.nan,
        np.nan,
        count.astype(float),
    )
    scores = (
        pd.concat(
            [
                scores,
                _reasons(
                    on.astype(float).reset_index(drop=True),
                    [
                        Covariate(name, _column(name), rules.at[name, "reason"])
                        for name in on.columns
                    ],
                ),
            ],
            axis=1,
        )
        .iloc[order]
        .reset_index(drop=True)
    )
    scores.insert(scores.columns.get_loc("risk"), "rank", np.arange(1, len(scores) + 1))
    inputs = on.astype(float).reset_index(drop=True).iloc[order].reset_index(drop=True)
    none = pd.Series(dtype=float)
    return ReturnRisk(
        method="rules",
        coefficients=pd.DataFrame(
            columns=["beta", "se", "z", "ci_low", "ci_high", "hazard_ratio"]
        ),
        scores=scores,
        inputs=inputs,
        contributions=inputs,
        reference=none,
        reference_eta=0.0,
        shift=0.0,
        as_of=as_of,
        horizon_quarters=0,
        n=0,
        events=0,
        clusters=0,
        dropped={},
        calendar=(),
        penalised="",
        missing=none,
        reported=(1.0,),
        village_frailty_variance=0.0,
        household_frailty_variance=0.0,
        top_visited=float("nan"),
        level=0.95,
        interval=0.90,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Design:
    """`values` (n, terms) of the terms kept, `dropped` term -> why, `imputed` values per term."""

    values: np.ndarray
    dropped: Mapping[str, str]
    imputed: pd.Series


def _nobody(as_of: str, county: str) -> tuple[str, str]:
    where, place = (
        (f"（县区 {county}）", f" in county {county}") if county else ("", "")
    )
    return (
        f"{as_of} 没有可评估返贫风险的户{where}；请检查日期是否为季度末日，该县区是否有脱贫户。",
        f"nobody is at risk at {as_of}{place}; check that it is the last day of a quarter and that the county has households that left poverty.",
    )


def _check(panel: pd.DataFrame) -> None:
    twice = panel.duplicated(["household_id", "quarter_end"])
    if twice.any():
        raise RegistryError(
            f"同一户同一季度有重复行{int(twice.sum())}行；每户每季度应为一行。请检查户信息表是否重复读入。",
            f"{int(twice.sum())} rows repeat a household and quarter; expected one. Check whether a household sheet was loaded twice.",
        )
    if "quarters_since_exit" in panel and (panel["quarters_since_exit"] < 0).any():
        count = int((panel["quarters_since_exit"] < 0).sum())
        raise RegistryError(
            f"quarters_since_exit（脱贫后季度数）有{count}行为负数；脱贫日期不应晚于所在季度。请核对脱贫时间。",
            f"quarters_since_exit is negative in {count} rows; a household cannot have left poverty after the quarter. Check the exit dates.",
        )


def _enough(y: np.ndarray, as_of: str) -> None:
    events = int(y.sum())
    if events < FEWEST_EVENTS:
        raise EstimationError(
            f"到 {as_of} 为止只有 {events} 次返贫记录，少于 {FEWEST_EVENTS}，无法估计。可改用监测规则筛查。",
            f"only {events} returns are known by {as_of}, fewer than {FEWEST_EVENTS}; use the trigger rules instead.",
            events=events,
        )
    if events == len(y):
        raise EstimationError(
            f"{len(y)}行训练数据全部返贫，没有可比的户；请检查结果变量。",
            f"all {len(y)} training rows are returns; there is nothing to compare. Check the outcome.",
            events=events,
        )


def _weights(train: pd.DataFrame, y: np.ndarray, weights: str | None) -> np.ndarray:
    weight = np.ones(len(y)) if weights is None else train[weights].to_numpy(float)
    if not (weight > 0).all():
        raise ParameterError(
            f"权重 {weights} 有{int((~(weight > 0)).sum())}行不是正数；请删去这些行，或补上权重。",
            f"weight {weights} is not positive in {int((~(weight > 0)).sum())} rows; leave these rows out or fill the weight in.",
        )
    return weight


def _sampled_odds(y: np.ndarray, event_share: float | None) -> float:
    """How many times as often returns were sampled as other rows."""
    if event_share is None:
        return 1.0
    if not 0 < event_share < 1:
        raise ParameterError(
            f"event_share={event_share}；应在0与1之间。",
            f"event_share={event_share}; expected a share between 0 and 1.",
        )
    share = float(np.clip(y.mean(), 1e-9, 1 - 1e-9))
    return share / (1 - share) * (1 - event_share) / event_share


def _values(
    panel: pd.DataFrame, covariates: Sequence[Covariate]
) -> tuple[np.ndarray, pd.DataFrame]:
    """Terms as a matrix (n, k), and which values were imputed (n, k)."""
    X = np.empty((len(panel), len(covariates)), order="F")
    imputed = np.zeros(X.shape, dtype=bool, order="F")
    for j, covariate in enumerate(covariates):
        X[:, j] = covariate.value(panel)
        if not np.isfinite(X[:, j].sum()):
            imputed[:, j] = ~np.isfinite(X[:, j])
            X[imputed[:, j], j] = covariate.missing
    return X, pd.DataFrame(imputed, columns=[c.name for c in covariates])


def _pieces(values: np.ndarray, terms: Sequence[Covariate]) -> np.ndarray:
    """Design with the constant: each term and its bends."""
    Z = np.empty((len(values), 1 + sum(1 + len(c.knots) for c in terms)))
    starts = np.cumsum([1, *(1 + len(c.knots) for c in terms)])[:-1]
    for first in range(
        0, len(values), CHUNK
    ):  # the terms stand in columns, the design in rows
        part = slice(first, first + CHUNK)
        Z[part, 0] = 1
        Z[part, starts] = values[part]
    for j, c in enumerate(terms):
        for piece, knot in enumerate(c.knots, start=starts[j] + 1):
            Z[:, piece] = np.maximum(values[:, j] - knot, 0)
    return Z


def _design(train: pd.DataFrame, covariates: Sequence[Covariate]) -> _Design:
    values, imputed = _values(train, covariates)
    empty, flat = (
        imputed.to_numpy().all(axis=0),
        values.max(axis=0) == values.min(axis=0),
    )
    dropped = {
        c.name: "all missing" if none else "does not vary"
        for c, none, same in zip(covariates, empty, flat)
        if none or same
    }
    kept = [j for j, c in enumerate(covariates) if c.name not in dropped]
    # a term that the others determine: nothing is left of it in a Cholesky factor of the correlations
    centre = values[0, kept]  # any common shift: keeps the sums of squares small
    moments = np.zeros((len(kept) + 1, len(kept) + 1))
    for start in range(0, len(values), CHUNK):
        rows = np.column_stack(
            [
                np.ones(len(values[start : start + CHUNK])),
                values[start : start + CHUNK, kept] - centre,
            ]
        )
        moments += rows.T @ rows
    correlation = moments[1:, 1:] - np.outer(moments[0, 1:], moments[0, 1:]) / len(
        values
    )
    size = np.sqrt(np.diag(correlation))
    correlation = correlation / np.outer(size, size)
    use: list[int] = []
    for i in range(len(kept)):
        part = correlation[np.ix_(use, use)]
        rest = (
            1 - correlation[i, use] @ np.linalg.solve(part, correlation[use, i])
            if use
            else 1.0
        )
        if rest > 1e-8:
            use.append(i)
        else:
            dropped[covariates[kept[i]].name] = "follows from other terms"
    columns = [kept[i] for i in use]
    return _Design(
        values=values[:, columns] if len(columns) < len(covariates) else values,
        dropped=dropped,
        imputed=imputed.sum(),
    )


def _estimate(
    *, y, design: _Design, covariates, weight, offset, odds: float, link: str
) -> tuple[np.ndarray, Fit, str]:
    terms = [c for c in covariates if c.name not in design.dropped]
    Z = _pieces(design.values, terms)
    weighted = None if (weight == 1).all() else weight
    if y.sum() < EVENTS_A_TERM * Z.shape[1]:
        penalised = "few returns"
    else:
        columns = [c.name for c in terms for _ in c.pieces()]
        separating = [columns[j - 1] for j in separated_columns(Z, y)]
        penalised = ", ".join(dict.fromkeys(separating))
    found = fit(
        Z,
        y,
        link=link,
        weight=weighted,
        offset=offset,
        firth=bool(penalised),
        odds=odds,
    )
    if not found.converged:
        raise EstimationError(
            f"迭代 {found.iterations} 次未收敛（{len(y):,} 行）。请检查是否有几乎相同的因素。",
            f"no convergence after {found.iterations} passes over {len(y):,} rows; check for terms that are nearly the same.",
            iterations=found.iterations,
        )
    return Z, found, penalised


def _late(
    train: pd.DataFrame, reported: tuple[float, ...], day: pd.Timestamp, horizon: int
) -> np.ndarray:
    """Log share of each row's returns that had been recorded by the day: an offset of the linear predictor."""
    quarter = (
        train["quarter_end"].dt.year * 4 + train["quarter_end"].dt.quarter
    ).to_numpy()
    known = np.zeros(len(train))
    for lead in range(1, horizon + 1):
        age = np.clip(day.year * 4 + day.quarter - quarter - lead, 0, len(reported) - 1)
        known += np.array(reported)[age] / horizon
    return np.log(np.maximum(known, 1e-3))


@dataclass(frozen=True, slots=True, eq=False)
class _OfRows:
    """Frailty looked up for rows: log of the mean, centre and variance of the log; arrays (n,)."""

    log_mean: np.ndarray
    centre: np.ndarray
    variance: np.ndarray


class _History:
    """What villages and households had before, beyond their covariates.

    A village speaks through its other households alone, so that a household's own past counts once.
    """

    def __init__(
        self, train: pd.DataFrame, y: np.ndarray, weight: np.ndarray, horizon: int
    ):
        self.y, self.share = y, weight / horizon
        self.times = np.unique(train["quarter_end"], return_inverse=True)[1]
        self.home, names = pd.factorize(train["household_id"])
        self.homes = pd.Index(names)
        self.village, self.villages = np.zeros(len(train), int), None
        if "area_code" in train:
            self.village, names = pd.factorize(
                train["area_code"], use_na_sentinel=False
            )
            self.villages = pd.Index(names)

    def learn(self, eta: np.ndarray) -> None:
        """Posteriors given the linear predictor of every row."""
        D, M = self._spread(*self._exposure(eta))
        self.own = frailty_posterior(D, M, self.household_frailty_variance)

    def _spread(
        self, hits: np.ndarray, mu: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Both variances and what villages say; returns households' events and what is expected of them in their villages."""
        D, M = np.bincount(self.home, hits), np.bincount(self.home, mu)
        self.village_frailty_variance = 0.0
        self.place = Frailty(
            log_mean=np.zeros(len(D)),
            log_centre=np.zeros(len(D)),
            log_variance=np.zeros(len(D)),
        )
        if self.villages is not None:
            self.events, self.expected = (
                np.bincount(self.village, hits),
                np.bincount(self.village, mu),
            )
            self.village_frailty_variance = frailty_variance(self.events, self.expected)
            lives = np.empty(len(D), int)
            lives[self.home] = self.village
            self.place = frailty_posterior(
                np.maximum(self.events[lives] - D, 0),
                np.maximum(self.expected[lives] - M, 0),
                self.village_frailty_variance,
            )
        M = M * np.exp(self.place.log_mean)
        self.household_frailty_variance = frailty_variance(D, M)
        return D, M

    def of(self, rows: pd.DataFrame) -> tuple[_OfRows, _OfRows]:
        """Village's and household's multipliers of rows; one without a past has the prior of all."""
        at = self.homes.get_indexer(rows["household_id"])
        own = _OfRows(
            log_mean=np.where(at >= 0, self.own.log_mean[at], 0.0),
            centre=np.where(
                at >= 0, self.own.log_centre[at], -self.household_frailty_variance / 2
            ),
            variance=np.where(
                at >= 0, self.own.log_variance[at], self.household_frailty_variance
            ),
        )
        place = _OfRows(
            *(
                np.where(at >= 0, part[at], 0.0)
                for part in (
                    self.place.log_mean,
                    self.place.log_centre,
                    self.place.log_variance,
                )
            )
        )
        new = np.flatnonzero(at < 0)
        if len(new) and self.villages is not None:
            there = self.villages.get_indexer(rows["area_code"].iloc[new])
            found = frailty_posterior(
                np.where(there >= 0, self.events[there], 0.0),
                np.where(there >= 0, self.expected[there], 0.0),
                self.village_frailty_variance,
            )
            place.log_mean[new], place.centre[new], place.variance[new] = (
                found.log_mean,
                found.log_centre,
                found.log_variance,
            )
        return place, own

    def earlier(self, eta: np.ndarray) -> np.ndarray:
        """What each row's village and household had told before the row's quarter, on the scale of the linear predictor.

        The probability of a quarter given the past holds the multiplier's mean given the past, so
        this offset makes the rows' product the likelihood of the whole history: terms that follow
        from earlier returns (time since the exit) no longer stand in for what is not recorded.
        """
        hits, mu = self._exposure(eta)
        self._spread(hits, mu)
        D, M = (sum_before(self.home, self.times, v) for v in (hits, mu))
        place = 1.0
        if self.villages is not None:
            place = mean_frailty(
                *(
                    np.maximum(sum_before(self.village, self.times, v) - own, 0)
                    for v, own in ((hits, D), (mu, M))
                ),
                self.village_frailty_variance,
            )
        return np.log(
            place
            * mean_frailty(
                D,
                sum_before(self.home, self.times, mu * place),
                self.household_frailty_variance,
            )
        )

    def _exposure(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.y * self.share, np.exp(np.minimum(eta, 3)) * (
            1 - self.y / 2
        ) * self.share  # an event ends the exposure


def _recalibrated(train, y, eta, weight, link: str, quarters: int) -> float:
    """Shift of the linear predictor at which the latest quarters' returns are expected exactly."""
    if not quarters:
        return 0.0
    ends = np.unique(train["quarter_end"])[-quarters:]
    recent = train["quarter_end"].isin(ends).to_numpy()
    if y[recent].sum() < FEWEST_EVENTS:
        return 0.0
    return float(
        fit(
            np.ones((int(recent.sum()), 1)),
            y[recent],
            link=link,
            weight=weight[recent],
            offset=eta[recent],
        ).beta[0]
    )


def _level(y, eta, weight, link: str, event_share: float) -> float:
    """Shift of the linear predictor at which a case-control sample, weighted back to all rows, has their share of returns."""
    share = (weight @ y) / weight.sum()
    back = weight * np.where(
        y > 0, event_share / share, (1 - event_share) / (1 - share)
    )
    return float(
        fit(np.ones((len(y), 1)), y, link=link, weight=back, offset=eta).beta[0]
    )


def _calendar(
    train: pd.DataFrame, design: _Design, terms: Sequence[Covariate]
) -> tuple[str, ...]:
    codes, quarters = pd.factorize(train["quarter_end"])
    if len(quarters) < 2:
        return ()
    first = np.full(len(quarters), -1)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return tuple(
        c.name
        for j, c in enumerate(terms)
        if (design.values[:, j] == design.values[first[codes], j]).all()
    )


def _top_visited(train, eta, terms, beta, names) -> float:
    """Share visited among the tenth of the training rows with the highest risk without a visit."""
    if "visited_now" not in train or "visited_now" not in names:
        return float("nan")
    visited = train["visited_now"].to_numpy(bool)
    without = eta - beta[names.index("visited_now")] * visited
    top = without >= np.quantile(without, 0.9)
    return float(visited[top].mean())


def _reasons(contributions: pd.DataFrame, terms: Sequence[Covariate]) -> pd.DataFrame:
    """Three terms that raise each score most, one per group of reasons; empty when fewer raise it.

    A contribution of NaN is that of an imputed value: what is not recorded is no reason.
    """
    groups = [g for g in OFFICES if any(c.reason == g for c in terms)]
    best, name = (
        np.full((len(contributions), len(groups)), -np.inf),
        np.empty((len(contributions), len(groups)), dtype=object),
    )
    for place, group in enumerate(groups):
        members = [c.name for c in terms if c.reason == group]
        values = contributions[members].fillna(-np.inf).to_numpy()
        top = values.argmax(axis=1)
        best[:, place] = values[np.arange(len(values)), top]
        name[:, place] = np.array(members, dtype=object)[top]
    order = np.argsort(-best, axis=1, kind="stable")[:, :3]
    rows = np.arange(len(contributions))
    chosen = {}
    for i in range(3):
        if i >= len(groups):
            chosen[f"reason_{i + 1}"] = np.full(len(rows), "", dtype=object)
            continue
        raised = best[rows, order[:, i]] > 1e-9
        chosen[f"reason_{i + 1}"] = np.where(raised, name[rows, order[:, i]], "")
    first = np.array([OFFICES[g] for g in groups], dtype=object)[order[:, 0]]
    chosen["office"] = np.where(chosen["reason_1"] != "", first, "coordination")
    return pd.DataFrame(chosen)
