"""Discrete-time hazard of return to poverty: who, how likely, and why.

Person-period rows with the complementary log-log link (Prentice and Gloeckler 1978,
Biometrika 65, 57-67): covariates are those of the quarter, entry may be late, leaving
is censoring, a household may return more than once. Visits lower the risk of those
visited, so the visit is in the model and every household is scored without one. What
the past of a village and of a household says beyond the covariates enters as a shrunken
frailty.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.errors import EstimationError, ParameterError, RegistryError
from jinzhou.result import Result
from jinzhou.statistics.hazard import inverse_link
from jinzhou.statistics.intervals import normal_quantile
from jinzhou.statistics.returns.fitting import (
    PLAIN,
    FittedHazard,
    HazardOptions,
    Training,
    fit_hazard,
    training_rows,
)
from jinzhou.statistics.returns.history import RowFrailty
from jinzhou.statistics.returns.terms import (
    HOUSEHOLD,
    VILLAGE,
    Covariate,
    Design,
    design_matrix,
    scored_values,
)
from jinzhou.words import Words

LINKS = ("cloglog", "logit")
FRAILTY_REASONS = ((VILLAGE, "place"), (HOUSEHOLD, "history"))
"""Groups of reasons of the two frailties."""
IDENTIFY = (
    "household_id",
    "county",
    "town",
    "village",
    "area_code",
    "household_size",
    "net_income_pc",
    "line",
)
"""Columns carried into the scores; those absent from the panel are left out."""
COEFFICIENTS = ("beta", "se", "z", "ci_low", "ci_high", "hazard_ratio")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReturnRisk(Result):
    """A fitted hazard and the households it scores.

    Attributes
    ----------
    method : {"hazard", "rules"}
    coefficients : DataFrame, indexed by piece of a term (`intercept` first)
        `beta`, `se` (cluster-robust), `z`, `ci_low`, `ci_high` (of beta),
        `hazard_ratio`.
    scores : DataFrame, one row per household at risk at `as_of`, in order of rank
        Identification columns, `risk` (probability of return within the horizon without
        a visit, rounded to 1e-6), `risk_ci_low`, `risk_ci_high` (of the household's own
        risk: the coefficients' error and what is not recorded about household and
        village), `rank` (1 is the highest; ties by household number), `eta`,
        `reason_1`..`reason_3` (terms, one per group of reasons, that raise the score
        most above the reference), `office` (key of the office of the first reason).
    inputs : DataFrame, indexed like `scores`
        Value of each term.
    contributions : DataFrame, indexed like `scores`
        Signed part of each term, `village_frailty` and `household_frailty`, in units of
        the linear predictor: beta x (value - reference). With `reference_eta` they sum
        to `eta`.
    reference : Series
        The reference household: median of each term over the training rows, visit not
        made, in a village and with a past like any other.
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
        Terms that are the same for everybody within each quarter: they cannot be told
        from anything else that those quarters had.
    penalised : str
        Empty, or why Firth's penalty was used: ``few returns``, or the terms that
        separate.
    missing : Series
        Values imputed per term in the training rows.
    reported : tuple of float
        Share of returns recorded by the end of their own quarter, one quarter later,
        ...
    village_frailty_variance, household_frailty_variance : float
        Variances of the logarithm of the frailties; 0 when none was used.
    top_visited : float
        Share of the training rows in the top decile of risk that were visited; NaN
        without visits.
    level, interval : float
        Of the coefficients' and of the households' intervals.
    """

    shown: ClassVar[str] = "coefficients"
    kinds: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("beta", "se", "z", "ci_low", "ci_high", "hazard_ratio"), "score"
    )
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

    def sentence(self, words: Words) -> str:
        """What was fitted and scored, or that the rules order the list."""
        if self.method == "rules":
            return words(
                "summary.ReturnRisk.rules", scored=len(self.scores), as_of=self.as_of
            )
        return words(
            "summary.ReturnRisk.hazard",
            horizon=self.horizon_quarters,
            as_of=self.as_of,
            rows=self.n,
            events=self.events,
            clusters=self.clusters,
            scored=len(self.scores),
            expected=float(self.scores["risk"].sum()),
        )


def return_risk(
    panel: pd.DataFrame,
    *,
    as_of: str,
    covariates: Sequence[Covariate],
    outcome: str | pd.Series = "returned_1",
    options: HazardOptions = PLAIN,
    county: str = "",
    score_all: bool = True,
) -> ReturnRisk:
    """Fit the hazard on labels known by `as_of`, and score the households at risk.

    Parameters
    ----------
    panel : DataFrame
        One row per household and quarter: `household_id`, `quarter_end`, `at_risk`, the
        covariates' columns. With `next_return_on` and `next_return_recorded_on` the
        labels of the latest quarters are corrected for returns that are recorded late.
    outcome : str or Series
        Label column, or a Series indexed like `panel`.
    county : str
        Score the households of one county alone; the fit uses all rows given.
    score_all : bool
        Score with intervals and contributions; False gives `risk` and `rank` alone.

    Raises
    ------
    ParameterError
        The link is unknown, or weights are not positive.
    RegistryError
        A household has two rows of one quarter, or has left poverty in the future.
    EstimationError
        Nobody is at risk at `as_of`, fewer than 30 returns in the training rows, every
        row a return, or no convergence.
    """
    if options.link not in LINKS:
        raise ParameterError(
            "statistics.return_risk.link", found=options.link, known=LINKS
        )
    _check(panel)
    scored = at_risk_on(panel, as_of, county)
    if not len(scored):
        raise EstimationError(_nobody(county), as_of=as_of, county=county)
    label = panel[outcome] if isinstance(outcome, str) else outcome
    training = training_rows(
        panel, label, as_of=as_of, covariates=covariates, options=options
    )
    return _scored(fit_hazard(training, options), scored, as_of, score_all)


def at_risk_on(panel: pd.DataFrame, as_of: str, county: str) -> pd.DataFrame:
    """Rows of the households at risk on a day, of one county or all."""
    here = (panel["quarter_end"] == pd.Timestamp(as_of)).to_numpy()
    rows = panel[here & panel["at_risk"].to_numpy(bool)]
    return rows[rows["county"] == county] if county else rows


def _scored(
    found: FittedHazard, scored: pd.DataFrame, as_of: str, score_all: bool
) -> ReturnRisk:
    """Scores, reasons and coefficients of a fitted hazard."""
    data, options, beta = found.training, found.options, found.estimated.beta
    terms, names = data.design.terms, [c.name for c in data.design.terms]
    X, unknown = scored_values(scored, terms)
    reference = pd.Series(np.median(data.design.values, axis=0), index=names)
    for c in terms:
        if c.set_to is not None:
            reference[c.name] = c.set_to
    S = design_matrix(X, terms)
    at = design_matrix(reference.to_numpy()[None, :], terms)
    fixed = S @ beta + found.shift
    frailty = (RowFrailty(*np.zeros((3, len(scored)))),) * 2
    if found.history:
        frailty = found.history.of(scored)
    eta = fixed + frailty[0].log_mean + frailty[1].log_mean
    scores = scored[[c for c in IDENTIFY if c in scored]].reset_index(drop=True)
    scores["risk"] = np.round(inverse_link(eta, options.link), 6)
    homes = scored["household_id"].to_numpy(str)
    order = np.lexsort((homes, -scores["risk"].to_numpy()))
    cov = np.full((len(beta), len(beta)), np.nan)
    inputs = contributions = pd.DataFrame(index=scores.index)
    if score_all:
        cov = found.covariance()
        scores["risk_ci_low"], scores["risk_ci_high"] = _interval(
            fixed, np.einsum("ij,jk,ik->i", S, cov, S), frailty, options
        )
        contributions = _contributions((S - at)[:, 1:] * beta[1:], terms, frailty)
        inputs = pd.DataFrame(X, columns=names).mask(unknown)
        scores["eta"] = eta
        hidden = unknown.reindex(columns=contributions.columns, fill_value=False)
        groups = {c.name: c.reason for c in terms} | dict(FRAILTY_REASONS)
        reasons = _reasons(contributions.mask(hidden), groups, options.offices)
        scores = pd.concat([scores, reasons], axis=1)
    scores, contributions, inputs = (
        f.iloc[order].reset_index(drop=True) for f in (scores, contributions, inputs)
    )
    scores.insert(scores.columns.get_loc("risk"), "rank", np.arange(1, len(scores) + 1))
    history = found.history
    return ReturnRisk(
        method="hazard",
        coefficients=_coefficients(beta, cov, data.names, options.level),
        scores=scores,
        inputs=inputs,
        contributions=contributions,
        reference=reference,
        reference_eta=float((at @ beta)[0]) + found.shift,
        shift=found.shift,
        as_of=as_of,
        horizon_quarters=options.horizon_quarters,
        n=len(data.y),
        events=int(data.y.sum()),
        clusters=int(data.rows[options.cluster].nunique()),
        dropped=data.design.dropped,
        calendar=_calendar(data.rows, data.design),
        penalised=found.penalised,
        missing=data.design.imputed,
        reported=data.reported,
        village_frailty_variance=history.village_frailty_variance if history else 0.0,
        household_frailty_variance=(
            history.household_frailty_variance if history else 0.0
        ),
        top_visited=_top_visited(data, beta),
        level=options.level,
        interval=options.interval,
    )


def _interval(
    fixed: np.ndarray,
    variance: np.ndarray,
    frailty: tuple[RowFrailty, RowFrailty],
    options: HazardOptions,
) -> list[np.ndarray]:
    """Limits of each household's own risk: coefficients' error and both frailties."""
    place, home = frailty
    spread = np.sqrt(variance + place.variance + home.variance)
    half = normal_quantile(options.interval) * spread
    # a frailty's mean lies above the centre of its logarithm
    centre = fixed + place.centre + home.centre
    return [np.round(inverse_link(centre + s * half, options.link), 6) for s in (-1, 1)]


def _contributions(
    pieces: np.ndarray,
    terms: Sequence[Covariate],
    frailty: tuple[RowFrailty, RowFrailty],
) -> pd.DataFrame:
    """Signed part of each term and of both frailties, from those of the pieces."""
    parts = np.empty((len(pieces), 0))
    if terms:
        starts = np.cumsum([0, *(1 + len(c.knots) for c in terms)])[:-1]
        parts = np.add.reduceat(pieces, starts, axis=1)
    frame = pd.DataFrame(parts, columns=[c.name for c in terms])
    frame[VILLAGE], frame[HOUSEHOLD] = (past.log_mean for past in frailty)
    return frame


def _coefficients(
    beta: np.ndarray, cov: np.ndarray, names: Sequence[str], level: float
) -> pd.DataFrame:
    se, q = np.sqrt(np.diag(cov)), normal_quantile(level)
    columns = (beta, se, beta / se, beta - q * se, beta + q * se, np.exp(beta))
    return pd.DataFrame(
        dict(zip(COEFFICIENTS, columns, strict=True)), index=list(names)
    )


def if_enough(estimator: Callable, *arguments, **options):
    """What an estimator answers, or None when too few returns are known for it.

    A list then falls back on the rules, and an earlier list is taken as not made.
    """
    try:
        return estimator(*arguments, **options)
    except EstimationError:
        return None


def rule_risk(
    panel: pd.DataFrame,
    fired: pd.DataFrame,
    rules: pd.DataFrame,
    *,
    as_of: str,
    offices: Mapping[str, str],
    county: str = "",
) -> ReturnRisk:
    """Households at risk in order of the rules that name them.

    The list when returns are too few for a hazard.

    Parameters
    ----------
    fired : DataFrame, indexed like `panel`
        One bool column a rule.
    rules : DataFrame, indexed by rule
        `reason` of each, one of `offices`.

    Returns
    -------
    ReturnRisk
        `method` is ``rules``; no coefficients; `risk` is missing: a count of rules is
        no probability. Order: rules that fired (`eta`), then the income margin, then
        the household number.

    Raises
    ------
    ParameterError
        Nobody is at risk at `as_of`.
    """
    here = at_risk_on(panel, as_of, county)
    if not len(here):
        raise ParameterError(_nobody(county), as_of=as_of, county=county)
    on = fired.loc[here.index]
    margin = here["income_margin"].fillna(np.inf).to_numpy(float)
    count = on.sum(axis=1).to_numpy(int)
    order = np.lexsort((here["household_id"].to_numpy(str), margin, -count))
    scores = here[[c for c in IDENTIFY if c in here]].reset_index(drop=True)
    scores[["risk", "risk_ci_low", "risk_ci_high"]] = np.nan
    scores["eta"] = count.astype(float)
    inputs = on.astype(float).reset_index(drop=True)
    named = {rule: rules.at[rule, "reason"] for rule in on.columns}
    reasons = _reasons(inputs, named, offices)
    scores, inputs = (
        f.iloc[order].reset_index(drop=True)
        for f in (pd.concat([scores, reasons], axis=1), inputs)
    )
    scores.insert(scores.columns.get_loc("risk"), "rank", np.arange(1, len(scores) + 1))
    none = pd.Series(dtype=float)
    return ReturnRisk(
        method="rules",
        coefficients=pd.DataFrame(columns=list(COEFFICIENTS)),
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


def _nobody(county: str) -> str:
    """Key of the error that nobody is at risk."""
    return "statistics.return_risk.nobody" + ("_in" if county else "")


def _check(panel: pd.DataFrame) -> None:
    twice = panel.duplicated(["household_id", "quarter_end"])
    if twice.any():
        raise RegistryError("statistics.return_risk.twice", found=int(twice.sum()))
    if "quarters_since_exit" in panel and (panel["quarters_since_exit"] < 0).any():
        count = int((panel["quarters_since_exit"] < 0).sum())
        raise RegistryError("statistics.return_risk.future", found=count)


def _calendar(train: pd.DataFrame, design: Design) -> tuple[str, ...]:
    """Terms that are the same for everybody within each quarter."""
    codes, quarters = pd.factorize(train["quarter_end"])
    if len(quarters) < 2:
        return ()
    first = np.full(len(quarters), -1)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    same = (design.values == design.values[first[codes]]).all(axis=0)
    return tuple(c.name for c, s in zip(design.terms, same, strict=True) if s)


def _top_visited(data: Training, beta: np.ndarray) -> float:
    """Share visited among the tenth of the training rows with the highest risk."""
    if "visited_now" not in data.rows or "visited_now" not in data.names:
        return float("nan")
    visited = data.rows["visited_now"].to_numpy(bool)
    without = data.Z @ beta - beta[data.names.index("visited_now")] * visited
    top = without >= np.quantile(without, 0.9)
    return float(visited[top].mean())


def _reasons(
    contributions: pd.DataFrame, reasons: Mapping[str, str], offices: Mapping[str, str]
) -> pd.DataFrame:
    """Three terms that raise each score most, one per group of reasons.

    Empty when fewer raise it. A contribution of NaN is that of an imputed value: what
    is not recorded is no reason.
    """
    groups = [g for g in offices if g in reasons.values()]
    rows = np.arange(len(contributions))
    best = np.full((len(rows), len(groups)), -np.inf)
    name = np.empty((len(rows), len(groups)), dtype=object)
    for at, group in enumerate(groups):
        members = [term for term, g in reasons.items() if g == group]
        values = contributions[members].fillna(-np.inf).to_numpy()
        top = values.argmax(axis=1)
        best[:, at] = values[rows, top]
        name[:, at] = np.array(members, dtype=object)[top]
    order = np.argsort(-best, axis=1, kind="stable")[:, :3]
    chosen = {f"reason_{i + 1}": np.full(len(rows), "", dtype=object) for i in range(3)}
    for i in range(min(3, len(groups))):
        raised = best[rows, order[:, i]] > 1e-9
        chosen[f"reason_{i + 1}"] = np.where(raised, name[rows, order[:, i]], "")
    chosen["office"] = np.full(len(rows), "coordination", dtype=object)
    if groups:
        first = np.array([offices[g] for g in groups], dtype=object)[order[:, 0]]
        chosen["office"] = np.where(chosen["reason_1"] != "", first, "coordination")
    return pd.DataFrame(chosen)
