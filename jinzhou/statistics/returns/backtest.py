"""Would the list have worked? Rolling dates, each with only what was known then.

At every date the hazard is fitted on labels known by that date and scores the
households at risk on it; the outcome that judges it is the one known at the end. Simple
rules stand in the same table, always.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.errors import EstimationError, ParameterError
from jinzhou.result import Result
from jinzhou.statistics.returns.fitting import PLAIN, HazardOptions
from jinzhou.statistics.returns.group_recall import group_recall
from jinzhou.statistics.returns.judging import CLIP, Judge, calibration, limits
from jinzhou.statistics.returns.return_risk import at_risk_on, return_risk
from jinzhou.statistics.returns.terms import Covariate, scored_values, term_values
from jinzhou.words import Words

Values = Callable[[pd.DataFrame], np.ndarray]
MODEL = "hazard"
CHALLENGER_ROWS = 20_000
"""A challenger is fitted on all returns and at most so many other rows; its odds are
scaled back (King and Zeng 2001)."""


def boosting(X: np.ndarray, y: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Probabilities of new rows from boosted trees (HistGradientBoosting)."""
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
    """Probabilities of new rows from scikit-learn's ridge, terms standardised."""
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rivals:
    covariates: Sequence[Covariate]
    rules: Mapping[str, Values]
    challengers: Mapping[str, Callable]
    groups: Mapping[str, Values]


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
    return _judged(
        pd.concat([part for part, _ in judged], ignore_index=True),
        [split for _, split in judged],
        rivals,
        sampling,
    )


def _judged(
    rows: pd.DataFrame, splits: list[tuple], rivals: _Rivals, sampling: Sampling
) -> Backtest:
    """Every score of the judged rows against what happened."""
    weights = _draws(rows["cluster"], sampling)
    fitted = [MODEL, *rivals.challengers]
    judges = {
        name: Judge(rows, name, sampling.capacities, probability=name in fitted)
        for name in [*fitted, *rivals.rules]
    }
    shares = np.arange(0.01, 0.301, 0.01).tolist()
    return Backtest(
        metrics=limits(judges, weights, sampling.tail),
        splits=pd.DataFrame(splits, columns=list(SPLITS)),
        calibration=calibration(rows["y"].to_numpy(float), rows[MODEL].to_numpy(float)),
        recall=pd.DataFrame(
            {"share": shares}
            | {name: judge.recall(shares) for name, judge in judges.items()}
        ),
        groups=group_recall(
            rows[["date", "county", "y", MODEL, *rivals.groups]].rename(
                columns={MODEL: "risk"}
            ),
            list(rivals.groups),
            weights,
            share=sampling.capacities[0],
            tail=sampling.tail,
        ),
        capacities=tuple(sampling.capacities),
        draws=sampling.draws,
    )


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
        | challenger_risks(
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


def challenger_risks(
    train: pd.DataFrame, y: np.ndarray, here: pd.DataFrame, covariates, challengers
) -> dict[str, np.ndarray]:
    """Challengers' probabilities for a date, from the hazard's own rows and terms."""
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
