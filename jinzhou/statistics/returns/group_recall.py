"""Recall of a list within groups of households, and what equal recall would cost."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def group_recall(
    rows: pd.DataFrame,
    groups: Sequence[str],
    weights: Sequence[np.ndarray],
    *,
    share: float,
    tail: Sequence[float],
) -> pd.DataFrame:
    """Recall of a list of the highest risks within the parts of each partition.

    Parameters
    ----------
    rows : DataFrame
        `date`, `county`, `y` (returned), `risk`, and one column per group.
    groups : sequence of str
        Partitions beside the counties.
    weights : sequence of arrays (n,)
        How often each row stands in each bootstrap draw.
    share : float
        Share of a date's households on its list.
    tail : two quantiles of the draws

    Returns
    -------
    DataFrame
        `partition`, `group`, `returns`, `listed`, `recall`, `ci_low`, `ci_high`,
        `share_listed`, `equal_recall`.
    """
    y, risk = rows["y"].to_numpy(float), rows["risk"].to_numpy(float)
    listed = _listed(risk, pd.factorize(rows["date"])[0], share)
    parts = [
        _partition(rows[name], y, listed, weights, tail).assign(
            partition=name,
            equal_recall=equal_recall(
                y, risk, pd.factorize(rows[name], sort=True)[0], share
            ),
        )
        for name in ("county", *groups)
    ]
    return pd.concat(parts, ignore_index=True)[
        [
            "partition",
            "group",
            "returns",
            "listed",
            "recall",
            "ci_low",
            "ci_high",
            "share_listed",
            "equal_recall",
        ]
    ]


def _listed(risk: np.ndarray, dates: np.ndarray, share: float) -> np.ndarray:
    """Whether each row is among the first of its date (n,)."""
    order = np.lexsort((-risk, dates))
    place = np.empty(len(risk))
    place[order] = (
        pd.Series(np.ones(len(risk))).groupby(dates[order]).cumsum().to_numpy()
    )
    return place <= np.bincount(dates)[dates] * share


def _partition(
    label: pd.Series,
    y: np.ndarray,
    listed: np.ndarray,
    weights: Sequence[np.ndarray],
    tail: Sequence[float],
) -> pd.DataFrame:
    """Returns, those on the list, and recall with its limits, by group."""
    codes, names = pd.factorize(label.to_numpy(), sort=True)
    G, hit = len(names), np.flatnonzero(y > 0)  # only returns count
    caught = np.array(
        [
            np.bincount(codes[hit], w[hit] * listed[hit], G)
            / np.maximum(np.bincount(codes[hit], w[hit], G), 1e-12)
            for w in weights
        ]
    )
    low, high = np.full((2, G), np.nan)
    if len(caught):
        low, high = np.quantile(caught, tail, axis=0)
    returns = np.bincount(codes[hit], minlength=G)
    inside = np.bincount(codes[hit], listed[hit], G)
    known = returns > 0
    return pd.DataFrame(
        {
            "group": [str(name) for name in names],
            "returns": returns,
            "listed": inside.astype(int),
            "recall": np.where(known, inside / np.maximum(returns, 1), np.nan),
            "ci_low": np.where(known, low, np.nan),
            "ci_high": np.where(known, high, np.nan),
            "share_listed": [float(listed[codes == g].mean()) for g in range(G)],
        }
    )


def equal_recall(
    y: np.ndarray, risk: np.ndarray, label: np.ndarray, share: float
) -> float:
    """The recall that every group has when places are shared so that all have the same.

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
            int(size[min(int(np.searchsorted(recall, middle)), len(size) - 1)])
            for recall, size in curves
        )
        low, high = (middle, high) if places <= room else (low, middle)
    return low
