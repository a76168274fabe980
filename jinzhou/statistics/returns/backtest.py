"""Would the list have worked? Rolling dates, each with only what was known then.

At every date the hazard is fitted on labels known by that date and scores the
households at risk on it; the outcome that judges it is the one known at the end. Simple
rules stand in the same table, always.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.errors import EstimationError, ParameterError
from jinzhou.result import Result
from jinzhou.statistics.hazard import Likelihood, fit
from jinzhou.statistics.returns.fitting import PLAIN, HazardOptions
from jinzhou.statistics.returns.return_risk import at_risk_on, return_risk
from jinzhou.statistics.returns.terms import Covariate, scored_values, term_values
from jinzhou.words import Words

Values = Callable[[pd.DataFrame], np.ndarray]
MODEL = "hazard"
CLIP = 1e-6
"""Probabilities are held this far from 0 and 1 before a logit is taken."""
BINS = 2_000
"""Bins, narrow in the logit, in which a bootstrap draw's calibration is fitted; the slope itself is fitted on the rows."""
CHALLENGER_ROWS = 20_000
"""A challenger is fitted on all returns and at most so many other rows; its odds are scaled back (King and Zeng 2001)."""


def boosting(X: np.ndarray, y: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Gradient-boosted trees (scikit-learn's HistGradientBoosting): probabilities of the new rows."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=80,
        learning_rate=0.08,
        max_leaf_nodes=15,
        min_samples_leaf=40,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=0,
    )
    return model.fit(X, y).predict_proba(new)[:, 1]


def ridge_logit(X: np.ndarray, y: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Logistic regression with scikit-learn's default ridge, terms standardised: probabilities of the new rows."""
    from sklearn.linear_model import LogisticRegression

    centre, size = X.mean(axis=0), X.std(axis=0)
    model = LogisticRegression(max_iter=500).fit((X - centre) / size, y)
    return model.predict_proba((new - centre) / size)[:, 1]


CHALLENGERS: Mapping[
    str, Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
] = MappingProxyType({"boosting": boosting})
NO_GROUPS: Mapping[str, Values] = MappingProxyType({})
SPLITS = (
    "date",
    "train_from",
    "train_to",
    "train_rows",
    "train_events",
    "test_to",
    "test_rows",
    "test_events",
    "not_final",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """Shares of households that can be visited, and the cluster bootstrap."""

    capacities: Sequence[float] = (0.05, 0.10)
    draws: int = 100
    seed: int = 2018
    level: float = 0.95

    @property
    def tail(self) -> list[float]:
        """Quantiles of the draws that limit an interval."""
        return [(1 - self.level) / 2, (1 + self.level) / 2]


SAMPLING = Sampling()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Backtest(Result):
    """How the hazard and the rules would have done.

    Attributes
    ----------
    metrics : DataFrame
        One row per score and metric: `score`, `metric` (``auc``, ``average_precision``,
        ``recall_5``, ``precision_5``, ``recall_5_quota`` (every county visits the same
        share), ..., ``brier``, ``slope``, ``in_the_large``), `value`, `ci_low`,
        `ci_high`. Rules give no probability, so they have no row for the last three.
    splits : DataFrame, one row per date
        `date`, `train_from`, `train_to` (last quarter with a known label),
        `train_rows`, `train_events`, `test_to` (end of the outcome's window),
        `test_rows`, `test_events`, `not_final` (rows at risk whose outcome is not known
        at the end, not judged).
    calibration : DataFrame
        Ten groups of equal size by predicted risk: `predicted`, `observed`, `rows`,
        `events`.
    recall : DataFrame
        Recall at shares of 1-30 %: `share` and one column per score.
    groups : DataFrame
        Recall on a list of the first capacity, by group of households: `group`,
        `returns`, `listed` (of them), `recall`, `ci_low`, `ci_high`, `share_listed`
        (share of the group on the list), `equal_recall` (recall of everybody when each
        part of that partition has its own list that reaches the same recall, ties
        aside), by `partition` (county, elderly, disabled, single-person).
    capacities : tuple of float
    draws : int
        Bootstrap draws; households are drawn whole, with all their dates.
    """

    shown: ClassVar[str] = "metrics"
    kinds: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("value", "ci_low", "ci_high"), "score"
    )
    metrics: pd.DataFrame
    splits: pd.DataFrame
    calibration: pd.DataFrame
    recall: pd.DataFrame
    groups: pd.DataFrame
    capacities: tuple[float, ...]
    draws: int

    def value(self, score: str, metric: str) -> pd.Series:
        """`value`, `ci_low`, `ci_high` of one metric of one score."""
        found = self.metrics[
            (self.metrics["score"] == score) & (self.metrics["metric"] == metric)
        ]
        return found.iloc[0][["value", "ci_low", "ci_high"]]

    def sentence(self, words: Words) -> str:
        """Dates, returns judged, and the AUC with its interval."""
        auc = self.value(MODEL, "auc")
        return words(
            "summary.Backtest",
            dates=len(self.splits),
            events=int(self.splits["test_events"].sum()),
            auc=auc["value"],
            ci_low=auc["ci_low"],
            ci_high=auc["ci_high"],
        )


def backtest(
    panel: pd.DataFrame,
    labels: pd.DataFrame,
    *,
    covariates: Sequence[Covariate],
    rules: Mapping[str, Values],
    challengers: Mapping[str, Callable] = CHALLENGERS,
    groups: Mapping[str, Values] = NO_GROUPS,
    options: HazardOptions = PLAIN,
    sampling: Sampling = SAMPLING,
) -> Backtest:
    """Rolling as-of backtest of the hazard beside simple rules.

    Parameters
    ----------
    panel : DataFrame
    labels : DataFrame, indexed like `panel`
        One column per date of knowledge, in time order; the last one judges, the others
        train. A date's own quarter is scored.
    rules : mapping, name -> function of the panel's rows
        Scores without a fit.
    challengers : mapping, name -> function of (X, y, new X)
        Other models on the hazard's own rows and terms, visits not made when scoring.
    groups : mapping, name -> function of the panel's rows
        Households that the list must not pass over.

    Raises
    ------
    ParameterError
        Fewer than two dates.
    EstimationError
        No date could be fitted and judged (too few returns known).

    Notes
    -----
    Limits are the draws' quantiles, moved by as much as the draws' mean lies beside the
    estimate: a household drawn twice fills a short list of a small county twice, so
    that draws alone reach less than the list does. Recall at a capacity shares a tie at
    the cut-off evenly. The slope and the intercept in the large are from a logistic
    regression of the outcome on the logit of the risk (Cox 1958). Rows at risk whose
    outcome is not final are counted and not judged.
    """
    if labels.shape[1] < 2:
        raise ParameterError("statistics.backtest.dates")
    *dates, last = labels.columns
    used = panel["at_risk"].to_numpy(bool) | labels.notna().any(axis=1).to_numpy()
    panel, labels = panel[used], labels[used]
    rivals = _Rivals(
        covariates=covariates, rules=rules, challengers=challengers, groups=groups
    )
    judged = [
        found
        for date in dates
        if (found := _date(panel, labels, date, last, rivals, options)) is not None
    ]
    if not judged:
        raise EstimationError("statistics.backtest.nothing")
    rows = pd.concat([part for part, _ in judged], ignore_index=True)
    weights = _draws(rows["cluster"], sampling)
    fitted = [MODEL, *challengers]
    judges = {
        name: _Judge(rows, name, sampling.capacities, probability=name in fitted)
        for name in [*fitted, *rules]
    }
    shares = np.arange(0.01, 0.301, 0.01)
    return Backtest(
        metrics=_metrics(judges, weights, sampling.tail),
        splits=pd.DataFrame([split for _, split in judged], columns=list(SPLITS)),
        calibration=_calibration(
            rows["y"].to_numpy(float), rows[MODEL].to_numpy(float)
        ),
        recall=pd.DataFrame(
            {"share": shares}
            | {name: judge.recall(shares) for name, judge in judges.items()}
        ),
        groups=_groups(rows, list(groups), weights, sampling),
        capacities=tuple(sampling.capacities),
        draws=sampling.draws,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rivals:
    covariates: Sequence[Covariate]
    rules: Mapping[str, Values]
    challengers: Mapping[str, Callable]
    groups: Mapping[str, Values]


def _date(
    panel: pd.DataFrame,
    labels: pd.DataFrame,
    date: str,
    last: str,
    rivals: _Rivals,
    options: HazardOptions,
) -> tuple[pd.DataFrame, tuple] | None:
    """Scores and outcomes of one date with its row of `splits`; None without a fit."""
    here = at_risk_on(panel, date, "")
    try:
        risk = return_risk(
            panel,
            as_of=date,
            outcome=labels[date],
            covariates=rivals.covariates,
            options=options,
            score_all=False,
        )
    except EstimationError:
        return None  # too few returns known by then: the date is not in `splits`
    y = labels[last][here.index]
    judged = y.notna().to_numpy()
    if not judged.any():
        return None
    known = labels[date].notna() & (panel["quarter_end"] <= pd.Timestamp(date))
    scores = risk.scores.set_index("household_id")["risk"]
    part = pd.DataFrame(
        {
            "date": date,
            "cluster": here[options.cluster].to_numpy(),
            "county": here["county"].to_numpy(),
            "y": y.to_numpy(),
            MODEL: here["household_id"].map(scores).to_numpy(),
        }
        | {name: mask(here) > 0 for name, mask in rivals.groups.items()}
        | _challenged(
            panel[known],
            labels.loc[known, date].to_numpy(float),
            here,
            rivals.covariates,
            rivals.challengers,
        )
        | {name: rule(here) for name, rule in rivals.rules.items()}
    )
    ends = panel.loc[known, "quarter_end"]
    split = (
        date,
        ends.min(),
        ends.max(),
        int(known.sum()),
        int(labels.loc[known, date].sum()),
        pd.Timestamp(date) + pd.offsets.QuarterEnd(options.horizon_quarters),
        int(judged.sum()),
        int(np.nansum(y)),
        int((~judged).sum()),
    )
    return part[judged], split


def _draws(cluster: pd.Series, sampling: Sampling) -> list[np.ndarray]:
    """Weights of the rows in each bootstrap draw of whole clusters."""
    codes = pd.factorize(cluster)[0]
    count = codes.max() + 1
    rng = np.random.default_rng(sampling.seed)
    return [
        np.bincount(rng.integers(0, count, count), minlength=count)[codes].astype(
            np.float32
        )
        for _ in range(sampling.draws)
    ]


def _metrics(
    judges: Mapping[str, _Judge], weights: Sequence[np.ndarray], tail: Sequence[float]
) -> pd.DataFrame:
    """Every metric of every score, with the draws' limits."""
    metrics = []
    for name, judge in judges.items():
        value = judge(np.ones(len(judge.y)))
        drawn = pd.DataFrame([judge(w.astype(float)) for w in weights])
        for metric, number in value.items():
            low, high = np.quantile(drawn[metric], tail) + number - drawn[metric].mean()
            metrics.append((name, metric, number, low, high))
    return pd.DataFrame(
        metrics, columns=["score", "metric", "value", "ci_low", "ci_high"]
    )


def _challenged(
    train: pd.DataFrame, y: np.ndarray, here: pd.DataFrame, covariates, challengers
) -> dict[str, np.ndarray]:
    """Probabilities of the challengers for the rows of a date, from the hazard's training rows and terms."""
    if not challengers:
        return {}
    many = np.flatnonzero(y == 0)
    taken = many[:: max(1, len(many) // CHALLENGER_ROWS)]
    use = np.sort(np.concatenate([np.flatnonzero(y > 0), taken]))
    X, _ = term_values(train.iloc[use], covariates)
    new, _ = scored_values(here, covariates)
    varies = X.max(axis=0) > X.min(axis=0)
    back = len(taken) / len(many)  # share of the other rows taken
    sampled = {
        name: np.clip(challenger(X[:, varies], y[use], new[:, varies]), CLIP, 1 - CLIP)
        for name, challenger in challengers.items()
    }
    return {name: p * back / (1 - p + p * back) for name, p in sampled.items()}


def _groups(
    rows: pd.DataFrame,
    names_of: Sequence[str],
    weights: Sequence[np.ndarray],
    sampling: Sampling,
) -> pd.DataFrame:
    """Recall of the model's list within groups, and what a list with equal recall would give up."""
    share, tail = sampling.capacities[0], sampling.tail
    y, risk = rows["y"].to_numpy(float), rows[MODEL].to_numpy(float)
    dates = pd.factorize(rows["date"])[0]
    order = np.lexsort((-risk, dates))
    place = np.empty(len(rows))
    place[order] = (
        pd.Series(np.ones(len(rows))).groupby(dates[order]).cumsum().to_numpy()
    )
    room = np.bincount(dates)[dates] * share
    listed = place <= room
    found = []
    partitions = {"county": rows["county"].to_numpy()} | {
        name: rows[name].to_numpy() for name in names_of
    }
    for partition, label in partitions.items():
        codes, names = pd.factorize(label, sort=True)
        equal = _equal_recall(y, risk, dates, codes, share)
        hit = np.flatnonzero(y > 0)  # only returns count
        caught = np.array(
            [
                np.bincount(codes[hit], w[hit] * listed[hit], len(names))
                / np.maximum(np.bincount(codes[hit], w[hit], len(names)), 1e-12)
                for w in weights
            ]
        )
        low, high = (
            np.quantile(caught, tail, axis=0)
            if len(caught)
            else np.full((2, len(names)), np.nan)
        )
        returns, inside = (
            np.bincount(codes[hit], minlength=len(names)),
            np.bincount(codes[hit], listed[hit], len(names)),
        )
        for g, name in enumerate(names):
            known = returns[g] > 0
            found.append(
                (
                    partition,
                    str(name),
                    int(returns[g]),
                    int(inside[g]),
                    inside[g] / returns[g] if known else np.nan,
                    low[g] if known else np.nan,
                    high[g] if known else np.nan,
                    float(listed[codes == g].mean()),
                    equal,
                )
            )
    return pd.DataFrame(
        found,
        columns=[
            "partition",
            "group",
            "returns",
            "listed",
            "recall",
            "ci_low",
            "ci_high",
            "share_listed",
            "equal_recall",
        ],
    )


def _equal_recall(y, risk, dates, label, share) -> float:
    """The recall that all groups reach together when the places are shared so that each group's recall is the same.

    Found on the judged returns themselves, so it is the best that equalising could do.
    """
    order = np.lexsort((-risk, label))
    curves = []
    for g in range(label.max() + 1):
        mine = order[label[order] == g]
        caught = np.cumsum(y[mine])
        if caught[-1]:
            curves.append((caught / caught[-1], np.arange(1, len(mine) + 1)))
    room = share * len(y)
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        places = sum(
            int(size[min(np.searchsorted(recall, middle), len(size) - 1)])
            for recall, size in curves
        )
        low, high = (middle, high) if places <= room else (low, middle)
    return low


class _Judge:
    """All metrics of one score for any weights; what does not depend on the weights is done once."""

    def __init__(self, rows: pd.DataFrame, name: str, capacities, *, probability: bool):
        y, score = rows["y"].to_numpy(float), rows[name].to_numpy(float)
        self.capacities, self.probability = capacities, probability
        self.order = np.argsort(-score, kind="stable")
        self.y, self.score = y[self.order], score[self.order]
        self.last_of_tie = np.append(self.score[1:] != self.score[:-1], True)
        dates, counties = pd.factorize(rows["date"])[0], pd.factorize(rows["county"])[0]
        self.dates = _Cells(dates[self.order], self.score)
        self.quotas = (
            _Cells((dates * (counties.max() + 1) + counties)[self.order], self.score)
            if counties.max()
            else None
        )
        if probability:
            held = np.clip(self.score, CLIP, 1 - CLIP)
            self.logit = np.log(held / (1 - held))
            self.start = None  # a draw's slope is sought from that of all rows, in bins of neighbours
            place = np.cumsum(
                np.abs(np.diff(self.logit, prepend=self.logit[0]))
                + (self.logit[0] - self.logit[-1]) / len(y)
            )
            self.bins = np.unique(
                np.searchsorted(place, np.linspace(0, place[-1], BINS, endpoint=False))
            )
            self.middle = np.add.reduceat(self.logit, self.bins) / np.diff(
                np.append(self.bins, len(y))
            )

    def __call__(self, weight: np.ndarray) -> dict[str, float]:
        w = weight[self.order]
        hits = w * self.y
        hit, miss = (
            np.cumsum(hits)[self.last_of_tie],
            np.cumsum(w - hits)[self.last_of_tie],
        )
        if hit[-1] == 0 or miss[-1] == 0:
            return {}
        tp, fp = np.append(0, hit), np.append(0, miss)
        found = {"auc": float(np.trapezoid(tp, fp) / (hit[-1] * miss[-1]))}
        precision = hit / np.maximum(hit + miss, 1e-12)
        found["average_precision"] = float((np.diff(tp) * precision).sum() / hit[-1])
        for cells, label in ((self.dates, ""), (self.quotas, "_quota")):
            if cells is None:
                continue
            for share, (recall, exact) in zip(
                self.capacities, cells.at_capacities(w, hits, self.capacities)
            ):
                found[f"recall_{share * 100:g}{label}"] = recall
                if not label:
                    found[f"precision_{share * 100:g}"] = exact
        if self.probability:
            found["brier"] = float((w * (self.score - self.y) ** 2).sum() / w.sum())
            if self.start is None:
                self.start = a, b, level = _logistic(
                    self.y, self.logit, w, (0.0, 1.0, 0.0)
                )
            else:
                rows, events = (
                    np.add.reduceat(w, self.bins),
                    np.add.reduceat(hits, self.bins),
                )
                a, b, level = _logistic(
                    events / np.maximum(rows, 1e-12), self.middle, rows, self.start
                )
            found["slope"], found["in_the_large"] = b, level
        return found

    def recall(self, shares: Sequence[float]) -> list[float]:
        """Recall at many capacities, every row once."""
        return [
            r for r, _ in self.dates.at_capacities(np.ones(len(self.y)), self.y, shares)
        ]


class _Cells:
    """Lists cut within cells (dates, or counties of a date); rows come in the order of the score."""

    def __init__(self, codes: np.ndarray, score: np.ndarray):
        self.order = np.argsort(codes, kind="stable")
        codes, score = codes[self.order], score[self.order]
        new_cell = np.append(True, codes[1:] != codes[:-1])
        new_tie = new_cell | np.append(True, score[1:] != score[:-1])
        self.start = np.flatnonzero(new_cell)
        self.end = np.append(self.start[1:], len(codes))
        ties = np.flatnonzero(new_tie)
        tie = np.cumsum(new_tie) - 1
        self.first, self.after = (
            ties[tie],
            np.append(ties[1:], len(codes))[tie],
        )  # of each row's tie

    def at_capacities(
        self, w: np.ndarray, hits: np.ndarray, shares: Sequence[float]
    ) -> list[tuple[float, float]]:
        """Recall and precision when the first share of each cell's households are visited; a tie at the cut-off is shared evenly."""
        until, caught = (np.append(0.0, np.cumsum(v[self.order])) for v in (w, hits))
        total = until[self.end] - until[self.start]
        here = total > 0  # a draw may pass a cell over
        start, end = self.start[here], self.end[here]
        answers = []
        for share in shares:
            room = share * total[here]
            at = np.clip(
                np.searchsorted(until, until[start] + room, side="right") - 1,
                start,
                end - 1,
            )
            first, after = self.first[at], self.after[at]
            tied = np.maximum(until[after] - until[first], 1e-12)
            part = np.clip((until[start] + room - until[first]) / tied, 0, 1)
            got = float(
                (
                    caught[first]
                    - caught[start]
                    + (caught[after] - caught[first]) * part
                ).sum()
            )
            answers.append(
                (
                    got / max(float(hits.sum()), 1e-12),
                    got / max(float(room.sum()), 1e-12),
                )
            )
        return answers


def _logistic(
    y: np.ndarray, x: np.ndarray, weight: np.ndarray, start: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Intercept and slope of a weighted logit of y on x; intercept with x as offset."""
    X = np.column_stack([np.ones(len(x)), x])
    both = fit(Likelihood(X, y, link="logit", weight=weight), start=np.array(start[:2]))
    level = fit(
        Likelihood(X[:, :1], y, link="logit", weight=weight, offset=x),
        start=np.array([start[2]]),
    )
    return float(both.beta[0]), float(both.beta[1]), float(level.beta[0])


def _calibration(y: np.ndarray, risk: np.ndarray, groups: int = 10) -> pd.DataFrame:
    order = np.argsort(risk, kind="stable")
    parts = np.array_split(order, groups)
    return pd.DataFrame(
        [
            (risk[p].mean(), y[p].mean(), len(p), int(y[p].sum()))
            for p in parts
            if len(p)
        ],
        columns=["predicted", "observed", "rows", "events"],
    )
