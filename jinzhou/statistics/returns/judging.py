"""What a list or a probability is worth against what happened, and its uncertainty.

Everything is computed for any weights of the rows: ones, or the numbers of times that a
bootstrap draw holds each cluster.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from jinzhou.statistics.hazard import Likelihood, fit

CLIP = 1e-6
"""Probabilities are held this far from 0 and 1 before a logit is taken."""
BINS = 2_000
"""Bins, narrow in the logit, in which a bootstrap draw's calibration is fitted; the
slope itself is fitted on the rows."""


class Judge:
    """All metrics of one score for any weights; what the weights leave is done once."""

    def __init__(
        self,
        rows: pd.DataFrame,
        name: str,
        capacities: Sequence[float],
        *,
        probability: bool,
    ):
        y, score = rows["y"].to_numpy(float), rows[name].to_numpy(float)
        self.capacities, self.probability = capacities, probability
        self.order = np.argsort(-score, kind="stable")
        self.y, self.score = y[self.order], score[self.order]
        self.last_of_tie = np.append(self.score[1:] != self.score[:-1], True)
        dates, counties = pd.factorize(rows["date"])[0], pd.factorize(rows["county"])[0]
        self.dates = ListCells(dates[self.order], self.score)
        self.quotas = (
            ListCells((dates * (counties.max() + 1) + counties)[self.order], self.score)
            if counties.max()
            else None
        )
        if probability:
            held = np.clip(self.score, CLIP, 1 - CLIP)
            self.logit = np.log(held / (1 - held))
            # a draw's slope is sought from that of all rows, in bins of neighbours
            self.start: tuple[float, float, float] | None = None
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
        """Each metric's value; none where no row, or every row, is an event."""
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
                self.capacities,
                cells.at_capacities(w, hits, self.capacities),
                strict=True,
            ):
                found[f"recall_{share * 100:g}{label}"] = recall
                if not label:
                    found[f"precision_{share * 100:g}"] = exact
        if self.probability:
            found["brier"] = float((w * (self.score - self.y) ** 2).sum() / w.sum())
            if self.start is None:
                self.start = a, b, level = slope_and_level(
                    self.y, self.logit, w, (0.0, 1.0, 0.0)
                )
            else:
                rows, events = (
                    np.add.reduceat(w, self.bins),
                    np.add.reduceat(hits, self.bins),
                )
                a, b, level = slope_and_level(
                    events / np.maximum(rows, 1e-12), self.middle, rows, self.start
                )
            found["slope"], found["in_the_large"] = b, level
        return found

    def recall(self, shares: Sequence[float]) -> list[float]:
        """Recall at many capacities, every row once."""
        return [
            r for r, _ in self.dates.at_capacities(np.ones(len(self.y)), self.y, shares)
        ]


class ListCells:
    """Lists cut within cells (dates, or counties of a date); rows by falling score."""

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
        """Recall and precision of a list of the first share of each cell.

        A tie at the cut-off is shared evenly.
        """
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


def slope_and_level(
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


def limits(
    judges: Mapping[str, Judge], weights: Sequence[np.ndarray], tail: Sequence[float]
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


def calibration(y: np.ndarray, risk: np.ndarray, groups: int = 10) -> pd.DataFrame:
    """Mean risk and share of events in groups of equal size by risk."""
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
