"""Sums that add: what a measure keeps of rows, so that partitions combine exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError

Frames: TypeAlias = pd.DataFrame | Iterable[pd.DataFrame]
"""One frame, or its partitions one after the other. A measure keeps what
adds, so the answer is that of the whole: a cell for each cluster and group; where ranks
enter, and without clusters, each row's value, weight and codes (some 60 bytes a row),
since a rank needs all rows.
"""

KEYS = ("group", "stratum", "cluster")


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyDesign:
    """How rows were drawn and count, and the level of intervals.

    Attributes
    ----------
    weights : str, optional
        Column of persons per household, or of sampling weights; missing or not positive
        leaves the row out. Without it each row counts once.
    strata, clusters : str, optional
        Columns; a cluster is named within its stratum. Without clusters each row is
        one.
    level : float
    """

    weights: str | None = None
    strata: str | None = None
    clusters: str | None = None
    level: float = 0.95


ROWS_ALONE = SurveyDesign()
"""Every row counts once and is a cluster of its own."""
ENOUGH = 30
"""Rows from which a median is said to show the unit of a money column."""
LOOKED_AT = 50_000
"""Rows about as many of which that median is taken from."""


def column(frame: pd.DataFrame, name: str | None) -> np.ndarray:
    """A column as floats, missing as NaN; ones without a name.

    Raises
    ------
    ParameterError
        The frame has no such column, or it holds something that is no number.
    """
    if name is None:
        return np.ones(len(frame))
    _require(frame, name)
    try:
        return frame[name].to_numpy(float)
    except (TypeError, ValueError) as error:
        raise ParameterError("statistics.survey.not_numbers", column=name) from error


def groups_of(frame: pd.DataFrame, by: str | None) -> pd.Series | None:
    """The column of groups, None without one; errors as `column`."""
    if by is None:
        return None
    _require(frame, by)
    return frame[by]


def _require(frame: pd.DataFrame, name: str) -> None:
    if name not in frame:
        raise ParameterError("statistics.survey.no_column", column=name)


def require_unit(
    values: np.ndarray,
    scale: np.ndarray | float,
    *,
    least: float,
    most: float,
    message: str,
    group: pd.Series | None = None,
) -> None:
    """Refuse money of another unit: the median of values / scale lies in [least, most].

    Judged over rows where it is positive, for each group with at least 30 of them,
    fewer cannot show it; of long columns every k-th row is looked at.

    Parameters
    ----------
    message : str
        Key of the error, filled with `found`, `least`, `most` and `groups`.

    Raises
    ------
    ParameterError
        The median of a group lies outside.
    """
    some = slice(None, None, max(1, len(values) // LOOKED_AT))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = values[some] / np.broadcast_to(scale, values.shape)[some]
    known = np.isfinite(ratio) & (ratio > 0)
    if group is None:
        enough = known.sum() >= ENOUGH
        medians = pd.Series(
            {"all": np.median(ratio[known])} if enough else {}, dtype=float
        )
    else:
        by = pd.Series(ratio[known]).groupby(group[some].to_numpy()[known])
        medians = by.median()[by.size() >= ENOUGH]
    wrong = medians[(medians < least) | (medians > most)]
    if len(wrong):
        raise ParameterError(
            message,
            found=f"{wrong.iloc[0]:.3g}",
            least=f"{least:g}",
            most=f"{most:g}",
            groups=[str(name) for name in wrong.index[:5]],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tally:
    """Sums over rows that share group, stratum and cluster (and value, for ranks).

    Attributes
    ----------
    cells : DataFrame
        Codes `group`, `stratum`, `cluster`; `rows` used (0 where a cluster was drawn
        and all its rows left out), `weight`, and the sums of the measure.
    labels : dict, key -> Index or None
        Names of the codes; None where each row is a cluster of its own.
    dropped : Series, indexed by reason
        Rows left out; with the sum of `rows` it gives the rows read.
    """

    cells: pd.DataFrame
    labels: dict[str, pd.Index | None]
    dropped: pd.Series

    @property
    def names(self) -> pd.Index:
        """Labels of the groups."""
        labels = self.labels["group"]
        return pd.Index(["all"]) if labels is None else labels

    @property
    def groups(self) -> int:
        """Number of groups."""
        return len(self.names)

    def by_group(self, sums: np.ndarray | str) -> np.ndarray:
        """Sum over each group, shape (groups,)."""
        return np.bincount(
            self.cells["group"],
            self.cells[sums] if isinstance(sums, str) else sums,
            minlength=self.groups,
        )

    def each(self, of_group: np.ndarray) -> np.ndarray:
        """The value of each cell's group; a single group's stands for all."""
        return (
            of_group if self.groups == 1 else of_group[self.cells["group"].to_numpy()]
        )

    def ungrouped(self) -> Tally:
        """The same cells as one group."""
        return replace(
            self,
            cells=self.cells.assign(group=0),
            labels=self.labels | {"group": pd.Index(["all"])},
        )


def tally(
    frame: pd.DataFrame,
    sums: Mapping[str, np.ndarray],
    *,
    reasons: Mapping[str, np.ndarray],
    by: str | None = None,
    design: SurveyDesign = ROWS_ALONE,
    counts: Mapping[str, np.ndarray] | None = None,
    value: np.ndarray | None = None,
) -> Tally:
    """Sum the rows of a frame.

    Parameters
    ----------
    sums, counts : mapping, name -> array (n,)
        Summed with weights, and without.
    reasons : mapping, reason -> bool array (n,)
        Rows to leave out; a row counts under the first that holds.
    by : str, optional
        Column of groups; a missing value is a group, stratum or cluster of its own.
    value : array (n,), optional
        For measures of rank: cells stay rows, each with its `value`.
    """
    w = column(frame, design.weights)
    if design.weights:
        reasons = {
            **reasons,
            "weight missing": ~np.isfinite(w),
            "weight not positive": ~(w > 0),
        }
    used, dropped = np.ones(len(frame), bool), {}
    for reason, mask in reasons.items():
        if mask.any():
            dropped[reason] = int((mask & used).sum())
            used &= ~mask
    whole = used.all()
    w = w if whole else np.where(used, w, 0.0)
    keep = (
        (lambda a: np.asarray(a, float))
        if whole
        else (lambda a: np.where(used, a, 0.0))
    )
    codes: dict[str, np.ndarray] = {}
    labels: dict[str, pd.Index | None] = {}
    for key, name in zip(KEYS, (by, design.strata, design.clusters), strict=True):
        codes[key], labels[key] = _codes(frame, name, key)
    columns = (
        {"rows": used.astype(float), "weight": w}
        | {k: keep(v) * w for k, v in sums.items()}
        | {k: keep(v) for k, v in (counts or {}).items()}
    )
    if value is not None:
        columns["value"] = keep(value)
    if value is not None or labels["cluster"] is None:
        cells = pd.DataFrame(codes | columns)
    else:
        cells = _added(codes, columns, _sizes(labels))
    return Tally(
        cells=cells,
        labels=labels,
        dropped=pd.Series({k: v for k, v in dropped.items() if v}, dtype="int64"),
    )


def _codes(
    frame: pd.DataFrame, name: str | None, key: str
) -> tuple[np.ndarray, pd.Index | None]:
    if name is None:
        return (
            (np.arange(len(frame)), None)
            if key == "cluster"
            else (np.zeros(len(frame), np.int64), pd.Index(["all"]))
        )
    _require(frame, name)
    codes, labels = pd.factorize(frame[name], use_na_sentinel=False)
    return codes, pd.Index(labels)


def _sizes(labels: Mapping[str, pd.Index | None]) -> dict[str, int]:
    return {k: 0 if v is None else len(v) for k, v in labels.items()}


def _added(
    codes: Mapping[str, np.ndarray],
    columns: Mapping[str, np.ndarray],
    sizes: Mapping[str, int],
) -> pd.DataFrame:
    """One cell for each combination of codes that occurs, in the order of the codes."""
    joint = (codes["group"] * sizes["stratum"] + codes["stratum"]) * sizes[
        "cluster"
    ] + codes["cluster"]
    span = sizes["group"] * sizes["stratum"] * sizes["cluster"]
    if span <= len(joint):  # few enough codes to hold a cell for each
        found = np.flatnonzero(np.bincount(joint, minlength=span))
        totals = {
            k: np.bincount(joint, v, minlength=span)[found] for k, v in columns.items()
        }
    else:
        cell, found = pd.factorize(joint, sort=True)
        totals = {
            k: np.bincount(cell, v, minlength=len(found)) for k, v in columns.items()
        }
    keys = {
        "group": found // (sizes["stratum"] * sizes["cluster"]),
        "stratum": found // sizes["cluster"] % sizes["stratum"],
        "cluster": found % sizes["cluster"],
    }
    return pd.DataFrame(keys | totals)


def combine(tallies: Iterable[Tally]) -> Tally:
    """Add the tallies of partitions: the same sums as those of all their rows together.

    Cells of the same group, stratum and cluster are added; rows that are clusters of
    their own, and cells with a value, stand side by side. When no cluster lies in two
    partitions nothing is added in another order than in one frame, and the answers are
    equal to the bit; else to rounding.
    """
    tallies = list(tallies)
    if len(tallies) == 1:
        return tallies[0]
    if not tallies:
        raise ParameterError("statistics.survey.nothing")
    starts = np.cumsum([0] + [len(t.cells) for t in tallies])[:-1]
    codes: dict[str, np.ndarray] = {}
    labels: dict[str, pd.Index | None] = {}
    for key in KEYS:
        given = [t.labels[key] for t in tallies]
        if given[0] is None:  # each row is a cluster of its own
            moved = [t.cells[key] + s for t, s in zip(tallies, starts, strict=True)]
            codes[key], labels[key] = np.concatenate(moved), None
            continue
        every = given[0].append(given[1:]).unique()
        labels[key] = every
        codes[key] = np.concatenate(
            [
                every.get_indexer(own)[t.cells[key]]
                for own, t in zip(given, tallies, strict=True)
            ]
        )
    columns = {
        name: np.concatenate([t.cells[name] for t in tallies])
        for name in tallies[0].cells.columns.difference(list(KEYS), sort=False)
    }
    if "value" in columns or labels["cluster"] is None:
        cells = pd.DataFrame(codes | columns)
    else:
        cells = _added(codes, columns, _sizes(labels))
    dropped = pd.concat([t.dropped for t in tallies])
    return Tally(
        cells=cells,
        labels=labels,
        dropped=dropped.groupby(level=0, sort=False).sum().astype("int64"),
    )


def tallied(households: Frames, rows: Callable[[pd.DataFrame], Tally]) -> Tally:
    """Tally of a frame or of its partitions."""
    return combine(
        rows(part)
        for part in (
            [households] if isinstance(households, pd.DataFrame) else households
        )
    )
