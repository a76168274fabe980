"""Discrete-time hazard of return to poverty: who, how likely, and why.

Person-period rows with the complementary log-log link (Prentice and Gloeckler 1978, Biometrics
34, 57-67): covariates are those of the quarter, entry may be late, leaving is censoring. Visits
lower the risk of those visited, so the visit is in the model and every household is scored
without one; a model that leaves visits out would hide the risk that yesterday's help removed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from jinzhou.errors import EstimationError, ParameterError

FEWEST_EVENTS = 30
"""Fewer returns than this in the training rows are not fitted."""
CHUNK = 65_536


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
    """

    name: str
    value: Callable[[pd.DataFrame], np.ndarray]
    reason: str = ""
    zh: str = ""
    en: str = ""
    missing: float = 0.0
    set_to: float | None = None


OFFICES = {"illness": "health", "disability": "income_floor", "age": "income_floor", "labour": "jobs",
           "income": "industry", "housing": "housing", "place": "coordination", "history": "coordination",
           "protection": "income_floor"}
"""Reason -> key of the office that answers (reference/offices.csv)."""


def _column(name: str, low: float = -np.inf, high: float = np.inf) -> Callable[[pd.DataFrame], np.ndarray]:
    return lambda panel: np.clip(panel[name].to_numpy(float), low, high)


def _any(name: str) -> Callable[[pd.DataFrame], np.ndarray]:
    def value(panel: pd.DataFrame) -> np.ndarray:
        number = panel[name].to_numpy(float)
        return np.where(np.isnan(number), np.nan, number > 0)

    return value


COVARIATES: tuple[Covariate, ...] = (
    Covariate("log_margin", _column("log_margin", -0.5, 1.2), "income", "人均纯收入偏低", "low income per head", 0.3),
    Covariate("income_fall", lambda p: np.clip(-p["income_change"].to_numpy(float), 0, 1), "income", "收入比上年下降", "income fell since last year"),
    Covariate("ill_now", _column("ill_now"), "illness", "本季有人住院", "a stay in hospital this quarter"),
    Covariate("ill_last", _column("ill_last"), "illness", "上季有人住院", "a stay in hospital last quarter"),
    Covariate("own_payment", lambda p: np.log1p(p["oop_year"].to_numpy(float) / 1_000), "illness", "近一年医疗自付较多", "high own medical payments in the last year"),
    Covariate("chronic", _any("chronic"), "illness", "有长期慢性病人", "a chronically ill member"),
    Covariate("serious", _any("serious"), "illness", "有大病病人", "a seriously ill member"),
    Covariate("disabled", _any("disabled"), "disability", "有残疾人", "a disabled member"),
    Covariate("severely_disabled", _any("severely_disabled"), "disability", "有重度残疾人", "a severely disabled member"),
    Covariate("elderly", _any("elderly"), "age", "有60岁以上老人", "a member aged 60 or more"),
    Covariate("single_person", _column("single_person"), "age", "独居", "lives alone"),
    Covariate("no_labour", lambda p: 1 - _any("labour")(p), "labour", "没有劳动力", "nobody able to work"),
    Covariate("no_work", lambda p: np.isnan(p["work_months"].to_numpy(float)), "labour", "无人务工", "nobody in paid work"),
    Covariate("dwelling_grade", _column("dwelling_grade"), "housing", "住房等级较差", "poor dwelling grade"),
    Covariate("dibao", _column("dibao"), "protection", "享受低保", "on the minimum living allowance"),
    Covariate("deep_village", _column("deep_village"), "place", "所在村为深度贫困村", "in a deep-poverty village"),
    Covariate("poor_village", _column("poor_village"), "place", "所在村为贫困村", "in a poor village"),
    Covariate("quarters_since_exit", _column("quarters_since_exit", 0, 12), "history", "脱贫时间短", "left poverty recently", 6.0),
    Covariate("earlier_returns", _any("earlier_returns"), "history", "曾经返贫", "returned to poverty before"),
    Covariate("aid", _column("measure_industry"), "income", "没有产业帮扶", "no industry support"),
    Covariate("winter", _column("winter"), zh="冬季（一、四季度）", en="winter (quarters 1 and 4)"),
    Covariate("visited_now", _column("visited_now"), zh="本季已走访", en="visited this quarter", set_to=0.0),
)
"""Terms of the hazard in the registry; names and offices are defined here and nowhere else."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReturnRisk:
    """A fitted hazard and the households it scores.

    Attributes
    ----------
    coefficients : DataFrame, indexed by term (`intercept` first)
        `beta`, `se` (cluster-robust), `z`, `low`, `high` (of beta), `hazard_ratio`.
    scores : DataFrame, one row per household at risk at `as_of`, in order of rank
        Identification columns, `risk` (probability of return within the horizon without a visit,
        rounded to 1e-6), `risk_low`, `risk_high`, `rank` (1 is the highest; ties by household
        number), `eta`, `reason_1`..`reason_3` (terms, one per group of reasons, that raise the
        score most above the reference), `office` (key of the office of the first reason).
    contributions : DataFrame, indexed like `scores`
        Signed part of each term: beta x (value - reference). With `reference_eta` they sum to `eta`.
    reference : Series
        The reference household: median of each term over the training rows, visit not made.
    reference_eta : float
    as_of : str
    horizon_quarters : int
    n, events, clusters : int
        Training rows, returns among them, clusters.
    dropped : dict
        Terms left out because they do not vary in the training rows.
    missing : Series
        Values imputed per term in the training rows.
    converged : bool
    level : float
    """

    coefficients: pd.DataFrame
    scores: pd.DataFrame
    contributions: pd.DataFrame
    reference: pd.Series
    reference_eta: float
    as_of: str
    horizon_quarters: int
    n: int
    events: int
    clusters: int
    dropped: tuple[str, ...]
    missing: pd.Series
    converged: bool
    level: float

    def table(self) -> pd.DataFrame:
        """A copy of `coefficients`, safe to format."""
        return self.coefficients.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return (f"hazard of return within {self.horizon_quarters} quarter(s) as of {self.as_of}: {self.n:,} rows, "
                f"{self.events:,} returns, {self.clusters:,} clusters; {len(self.scores):,} households scored, "
                f"expected returns without visits {self.scores['risk'].sum():.0f}.")


def return_risk(
    panel: pd.DataFrame, *, as_of: str, outcome: str | pd.Series = "returned_1", horizon_quarters: int = 1,
    covariates: Sequence[Covariate] = COVARIATES, cluster: str = "household_id", link: str = "cloglog",
    identify: Sequence[str] = ("household_id", "county", "town", "village", "area_code", "household_size", "net_income_pc", "line"),
    county: str = "", score_all: bool = True, level: float = 0.95,
) -> ReturnRisk:
    """Fit the hazard on rows whose label was known by `as_of`, and score the households at risk.

    Parameters
    ----------
    panel : DataFrame
        Rows of `registry.panel`; `quarter_end`, `at_risk`, the covariates' columns.
    outcome : str or Series
        Label column, or a Series indexed like `panel` (from `registry.outcomes` for an earlier date).
    horizon_quarters : int
        Window of the label, for the record; with more than one quarter rows overlap, and the
        cluster-robust errors allow for it.
    cluster : str
        Column of clusters for the errors: households, or villages.
    link : {"cloglog", "logit"}
    identify : sequence of str
        Columns carried into `scores`; those absent from the panel are left out.
    county : str
        Score the households of one county alone; the fit uses all rows given.
    score_all : bool
        Score with intervals and contributions; False gives `risk` and `rank` alone (backtests).

    Raises
    ------
    ParameterError
        The link is unknown, or nobody is at risk at `as_of`.
    EstimationError
        Fewer than 30 returns in the training rows, or no convergence.
    """
    if link not in ("cloglog", "logit"):
        raise ParameterError(f"link={link!r}；应为 cloglog 或 logit。", f"link={link!r}; expected cloglog or logit.")
    day = pd.Timestamp(as_of)
    label = panel[outcome] if isinstance(outcome, str) else outcome
    past = (panel["quarter_end"] <= day).to_numpy()
    train = panel[past & label.notna().to_numpy()]
    scored = panel[(panel["quarter_end"] == day).to_numpy() & panel["at_risk"].to_numpy(bool)]
    scored = scored[scored["county"] == county] if county else scored
    if not len(scored):
        raise ParameterError(f"{as_of} 没有可评估返贫风险的户；请检查日期是否为季度末日。",
                             f"nobody is at risk at {as_of}; check that it is the last day of a quarter.")
    y = label[train.index].to_numpy(float)
    if y.sum() < FEWEST_EVENTS:
        raise EstimationError(
            f"到 {as_of} 为止只有 {int(y.sum())} 次返贫记录，少于 {FEWEST_EVENTS}，无法估计。可改用简单规则筛查。",
            f"only {int(y.sum())} returns are known by {as_of}, fewer than {FEWEST_EVENTS}; use the simple rules instead.",
            events=int(y.sum()))
    X, imputed = _design(train, covariates)
    missing = imputed.sum()
    varies = X.max(axis=0) > X.min(axis=0)
    terms = [c for c, keep in zip(covariates, varies) if keep]
    X = X[:, varies]
    fit = _fit(y=y, X=X, link=link)
    if not fit.converged:
        raise EstimationError(f"迭代 {fit.iterations} 次未收敛（{len(y):,} 行）。",
                              f"no convergence after {fit.iterations} iterations on {len(y):,} rows.", iterations=fit.iterations)
    names = ["intercept", *(c.name for c in terms)]
    codes = pd.factorize(train[cluster])[0]
    reference = pd.Series(np.median(X, axis=0), index=names[1:])
    for c in terms:
        if c.set_to is not None:
            reference[c.name] = c.set_to
    Z, unknown = _design(scored, terms)
    for j, c in enumerate(terms):
        if c.set_to is not None:
            Z[:, j] = c.set_to
    eta = fit.beta[0] + Z @ fit.beta[1:]
    scores = scored[[c for c in identify if c in scored]].reset_index(drop=True)
    scores["risk"] = np.round(_inverse(eta, link), 6)
    order = np.lexsort((scored["household_id"].to_numpy(str), -scores["risk"].to_numpy()))
    cov = np.full((len(names), len(names)), np.nan)
    contributions = pd.DataFrame(index=scores.index)
    if score_all:
        cov = _cluster_cov(y=y, X=X, beta=fit.beta, groups=codes, link=link)
        z = NormalDist().inv_cdf(0.5 + level / 2)
        half = z * np.sqrt(np.einsum("ij,jk,ik->i", _with_one(Z), cov, _with_one(Z)))
        scores["risk_low"], scores["risk_high"] = (np.round(_inverse(eta + s * half, link), 6) for s in (-1, 1))
        contributions = pd.DataFrame((Z - reference.to_numpy()) * fit.beta[1:], columns=names[1:])
        scores["eta"] = eta
        scores = pd.concat([scores, _reasons(contributions.mask(unknown), terms)], axis=1)
    scores, contributions = scores.iloc[order].reset_index(drop=True), contributions.iloc[order].reset_index(drop=True)
    scores.insert(scores.columns.get_loc("risk"), "rank", np.arange(1, len(scores) + 1))
    se = np.sqrt(np.diag(cov))
    q = NormalDist().inv_cdf(0.5 + level / 2)
    coefficients = pd.DataFrame({"beta": fit.beta, "se": se, "z": fit.beta / se, "low": fit.beta - q * se,
                                 "high": fit.beta + q * se, "hazard_ratio": np.exp(fit.beta)}, index=names)
    return ReturnRisk(
        coefficients=coefficients, scores=scores, contributions=contributions, reference=reference,
        reference_eta=float(fit.beta[0] + reference.to_numpy() @ fit.beta[1:]), as_of=as_of,
        horizon_quarters=horizon_quarters, n=len(y), events=int(y.sum()), clusters=int(codes.max() + 1),
        dropped=tuple(c.name for c, keep in zip(covariates, varies) if not keep), missing=missing,
        converged=fit.converged, level=level)


def earlier_risk(panel: pd.DataFrame, **arguments) -> ReturnRisk | None:
    """`return_risk` of an earlier date, or None when too few returns were known by then.

    The list then says that it is the first one.
    """
    try:
        return return_risk(panel, **arguments)
    except EstimationError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WatchList:
    """Households to visit.

    Attributes
    ----------
    rows : DataFrame
        The first `capacity` rows of the scores, with `tied_at_cutoff`, `change` (``new``, ``up``,
        ``down``, ``same``, or ``first`` when there is no earlier list) and `places` (moved up, > 0).
    left : DataFrame
        Households of the earlier list that are not on this one, with `why` (``risk fell``,
        ``returned or left``).
    capacity : int
    """

    rows: pd.DataFrame
    left: pd.DataFrame
    capacity: int

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        new = (self.rows["change"] == "new").sum()
        return f"{len(self.rows)} households on the list, {new} new, {len(self.left)} left it."


def watch_list(risk: ReturnRisk, *, capacity: int, previous: ReturnRisk | None = None) -> WatchList:
    """The list that the field teams can visit, and what changed since the last one.

    Ties at the cut-off are broken by household number; the rows tied there are marked.

    Raises
    ------
    ParameterError
        `capacity` is not positive.
    """
    if capacity < 1:
        raise ParameterError(f"名单容量为 {capacity}；应为正整数。", f"capacity={capacity}; expected a positive number.")
    rows = risk.scores.head(capacity).copy()
    cut = rows["risk"].iloc[-1]
    beyond = risk.scores["risk"].iloc[capacity:capacity + 1]
    rows["tied_at_cutoff"] = (rows["risk"] == cut) & bool((beyond == cut).any())
    if previous is None:
        return WatchList(rows=rows.assign(change="first", places=0), left=rows.iloc[:0].assign(why=""), capacity=capacity)
    earlier = previous.scores.set_index("household_id")["rank"]
    before = rows["household_id"].map(earlier)
    listed = before <= capacity
    places = (before - rows["rank"]).where(listed, 0).fillna(0).astype("int64")
    rows["change"] = np.select([~listed, places > 0, places < 0], ["new", "up", "down"], "same")
    rows["places"] = places
    gone = previous.scores.head(capacity)
    gone = gone[~gone["household_id"].isin(rows["household_id"])]
    still = gone["household_id"].isin(risk.scores["household_id"])
    left = gone.assign(why=np.where(still, "risk fell", "returned or left")).reset_index(drop=True)
    return WatchList(rows=rows, left=left, capacity=capacity)


def _design(panel: pd.DataFrame, covariates: Sequence[Covariate]) -> tuple[np.ndarray, pd.DataFrame]:
    """Terms as a matrix (n, k), and which values were imputed (n, k)."""
    X = np.empty((len(panel), len(covariates)))
    imputed = np.empty(X.shape, dtype=bool)
    for j, covariate in enumerate(covariates):
        value = np.asarray(covariate.value(panel), dtype=float)
        imputed[:, j] = ~np.isfinite(value)
        X[:, j] = np.where(imputed[:, j], covariate.missing, value)
    return X, pd.DataFrame(imputed, columns=[c.name for c in covariates])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    """`beta` (k + 1,), the intercept first."""

    beta: np.ndarray
    converged: bool
    iterations: int


def _fit(*, y: np.ndarray, X: np.ndarray, link: str) -> _Fit:
    """Maximum likelihood of a binary hazard. y (n,), X (n, k)."""
    from glum import GeneralizedLinearRegressor

    model = GeneralizedLinearRegressor(family="binomial", link=link, alpha=0, gradient_tol=1e-8, max_iter=200)
    model.fit(X, y)
    return _Fit(beta=np.concatenate([[model.intercept_], model.coef_]), converged=model.n_iter_ < 200, iterations=int(model.n_iter_))


def _inverse(eta: np.ndarray, link: str) -> np.ndarray:
    return -np.expm1(-np.exp(np.minimum(eta, 30))) if link == "cloglog" else 1 / (1 + np.exp(-eta))


def _with_one(X: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(X)), X])


def _cluster_cov(*, y: np.ndarray, X: np.ndarray, beta: np.ndarray, groups: np.ndarray, link: str) -> np.ndarray:
    """Sandwich covariance (k + 1, k + 1) with clusters; observed information as bread.

    The small-sample factor is G / (G - 1) x (n - 1) / (n - k), as in Stata and statsmodels
    (Liang and Zeger 1986, Biometrika 73, 13-22).
    """
    k, G = len(beta), int(groups.max()) + 1
    bread, score = np.zeros((k, k)), np.zeros((G, k))
    for start in range(0, len(y), CHUNK):                       # keeps memory to one chunk
        part = slice(start, start + CHUNK)
        Z = _with_one(X[part])
        eta = Z @ beta
        p = np.clip(_inverse(eta, link), 1e-12, 1 - 1e-12)
        if link == "cloglog":
            mu = np.exp(np.minimum(eta, 30))
            first = mu * (y[part] / p - 1)
            second = first - mu**2 * y[part] * (1 - p) / p**2
        else:
            first, second = y[part] - p, -p * (1 - p)
        bread -= Z.T @ (Z * second[:, None])
        gradient = Z * first[:, None]
        for j in range(k):
            score[:, j] += np.bincount(groups[part], gradient[:, j], G)
    inverse = np.linalg.inv(bread)
    factor = G / (G - 1) * (len(y) - 1) / (len(y) - k)
    return factor * inverse @ (score.T @ score) @ inverse


def _reasons(contributions: pd.DataFrame, terms: Sequence[Covariate]) -> pd.DataFrame:
    """Three terms that raise each score most, one per group of reasons; empty when fewer raise it.

    A contribution of NaN is that of an imputed value: what is not recorded is no reason.
    """
    groups = [g for g in OFFICES if any(c.reason == g for c in terms)]
    best, name = np.full((len(contributions), len(groups)), -np.inf), np.empty((len(contributions), len(groups)), dtype=object)
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
