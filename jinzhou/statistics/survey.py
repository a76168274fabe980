"""Sums that add: what a measure keeps of its rows, so that partitions combine exactly, and its answer with errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.statistics.intervals import design_errors, mean_interval, share_interval

Frames = pd.DataFrame | Iterable[pd.DataFrame]
"""One frame, or its partitions one after the other: each row in one of them. A measure keeps what
adds, so the answer is that of the whole: a cell for each cluster and group; where ranks enter, and
without clusters, each row's value, weight and codes (some 60 bytes a row), since a rank needs all rows."""

KEYS = ("group", "stratum", "cluster")
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
        raise ParameterError(
            f"列 {name} 中有不是数的值；应为数或空白。",
            f"column {name} holds values that are no numbers; expected numbers or blanks.",
        ) from error


def groups_of(frame: pd.DataFrame, by: str | None) -> pd.Series | None:
    """The column of groups, None without one; errors as `column`."""
    if by is None:
        return None
    _require(frame, by)
    return frame[by]


def _require(frame: pd.DataFrame, name: str) -> None:
    if name not in frame:
        raise ParameterError(
            f"数据中没有列 {name}；请检查列名。",
            f"the rows have no column {name}; check its name.",
        )


def require_unit(
    values: np.ndarray,
    scale: np.ndarray | float,
    *,
    low: float,
    high: float,
    zh: str,
    en: str,
    group: pd.Series | None = None,
) -> None:
    """Refuse money of another unit: the median of values / scale, over rows where it is positive, lies in [low, high].

    Told for each group with at least 30 such rows, fewer cannot show it; of long columns every k-th row is looked at.

    Raises
    ------
    ParameterError
        The median of a group lies outside.
    """
    some = slice(None, None, max(1, len(values) // LOOKED_AT))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = values[some] / (scale if np.ndim(scale) == 0 else scale[some])
    told = np.isfinite(ratio) & (ratio > 0)
    if group is None:
        medians = pd.Series(
            {"": np.median(ratio[told])} if told.sum() >= ENOUGH else {}, dtype=float
        )
    else:
        by = pd.Series(ratio[told]).groupby(group[some].to_numpy()[told])
        medians = by.median()[by.size() >= ENOUGH]
    wrong = medians[(medians < low) | (medians > high)]
    if len(wrong):
        where = "" if group is None else f" {', '.join(map(str, wrong.index[:5]))}"
        raise ParameterError(
            f"{zh}的中位数为 {wrong.iloc[0]:.3g}{where}；应在 {low:g} 与 {high:g} 之间。两者单位似不一致（元、万元、分），请统一为元。",
            f"the median of {en} is {wrong.iloc[0]:.3g}{where}; expected {low:g} to {high:g}. The two seem to be in different units of money; give both in yuan.",
            medians=wrong.to_dict(),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tally:
    """Sums over the rows that share group, stratum and cluster (and value, for measures of rank).

    Attributes
    ----------
    cells : DataFrame
        Codes `group`, `stratum`, `cluster`; `rows` used (0 where a cluster was drawn and all its rows
        left out), `weight`, and the sums of the measure.
    labels : dict, key -> Index or None
        Names of the codes; None where each row is a cluster of its own.
    dropped : Series, indexed by reason
        Rows left out; with the sum of `rows` it gives the rows read.
    """

    cells: pd.DataFrame
    labels: dict[str, pd.Index | None]
    dropped: pd.Series

    @property
    def groups(self) -> int:
        """Number of groups."""
        return len(self.labels["group"])

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
    weights: str | None = None,
    by: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
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
    weights : str, optional
        Persons per household, or sampling weights; missing or not positive leaves the row out.
    by, strata, clusters : str, optional
        Columns; a missing value is a group, stratum or cluster of its own. Without clusters each row is one.
    value : array (n,), optional
        For measures of rank: cells stay rows, each with its `value`.
    """
    w = column(frame, weights)
    if weights:
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
    codes, labels = {}, {}
    for key, name in zip(KEYS, (by, strata, clusters)):
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
        cells = _added(codes, columns, {k: len(v) for k, v in labels.items()})
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

    Cells of the same group, stratum and cluster are added; rows that are clusters of their own, and
    cells with a value, stand side by side. When no cluster lies in two partitions nothing is added
    in another order than in one frame, and the answers are equal to the bit; else to rounding.
    """
    tallies = list(tallies)
    if len(tallies) == 1:
        return tallies[0]
    if not tallies:
        raise ParameterError(
            "没有可计算的数据：分区为空。",
            "there is nothing to measure: no partition was given.",
        )
    codes, labels, rows = {}, {}, np.cumsum([0] + [len(t.cells) for t in tallies])
    for key in KEYS:
        if tallies[0].labels[key] is None:
            codes[key], labels[key] = (
                np.concatenate(
                    [t.cells[key] + start for t, start in zip(tallies, rows)]
                ),
                None,
            )
            continue
        labels[key] = (
            tallies[0].labels[key].append([t.labels[key] for t in tallies[1:]]).unique()
        )
        codes[key] = np.concatenate(
            [labels[key].get_indexer(t.labels[key])[t.cells[key]] for t in tallies]
        )
    columns = {
        name: np.concatenate([t.cells[name] for t in tallies])
        for name in tallies[0].cells.columns.difference(list(KEYS), sort=False)
    }
    if "value" in columns or labels["cluster"] is None:
        cells = pd.DataFrame(codes | columns)
    else:
        cells = _added(codes, columns, {k: len(v) for k, v in labels.items()})
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measure:
    """An estimate of each group and the influence of each cell on that of its own group.

    Attributes
    ----------
    value : array (groups,)
    influence : array (cells,)
    share : bool
        A share of rows between 0 and 1: its interval is a score interval.
    least, most : float
        What it can be; an interval ends there.
    status : array of str (groups,), optional
        Why there is no value, or what was left out of it; empty where nothing is to be said.
    """

    value: np.ndarray
    influence: np.ndarray
    share: bool = False
    least: float = -np.inf
    most: float = np.inf
    status: np.ndarray | None = None


def ratio(
    sums: Tally,
    above: np.ndarray | str,
    below: np.ndarray | str = "weight",
    *,
    share: bool = False,
    least: float = 0.0,
    most: float = np.inf,
    status: np.ndarray | None = None,
) -> Measure:
    """Ratio of two sums over each group, not negative unless said, with its linearisation."""
    above, below = (
        np.asarray(sums.cells[x] if isinstance(x, str) else x, float)
        for x in (above, below)
    )
    top, bottom = sums.by_group(above), sums.by_group(below)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = top / bottom
        influence = (above - sums.each(value) * below) / sums.each(bottom)
    return Measure(
        value=value,
        influence=np.nan_to_num(influence),
        share=share,
        least=least,
        most=most,
        status=status,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimates:
    """Measures of groups with their errors, one row per group and measure.

    Attributes
    ----------
    estimates : DataFrame
        `group`, `measure`, `value`, `se` (linearised), `ci_low`, `ci_high`, `households` (rows used), `weight`
        (their sum), `status`: ``ok``, or what is not defined, left out, or how a stratum with one cluster was taken.
    dropped : Series, indexed by reason
        Rows left out of every measure; with `households` of one measure it sums to the rows given.
    name : str
        What was measured, with its line, edge or rank.
    level : float
    """

    estimates: pd.DataFrame
    dropped: pd.Series
    name: str
    level: float

    def table(self) -> pd.DataFrame:
        """A copy of `estimates`, safe to format."""
        return self.estimates.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        first = self.estimates.drop_duplicates("group")
        return f"{self.name}: {len(first)} groups, {int(first['households'].sum()):,} households, {int(self.dropped.sum()):,} left out."


def estimates(
    sums: Tally, measures: Mapping[str, Measure], *, level: float = 0.95
) -> pd.DataFrame:
    """The frame of `Estimates`, in the order of the groups' labels, then of the measures."""
    cells, rows = sums.cells, sums.by_group("rows")
    names, group = list(measures), sums.cells["group"].to_numpy()
    z = np.column_stack([measures[m].influence for m in names])
    found = design_errors(
        z,
        stratum=cells["stratum"],
        cluster=cells["cluster"],
        group=group,
        inside=cells["rows"].to_numpy() > 0,
        groups=sums.groups,
    )
    parts = []
    for k, name in enumerate(names):
        m = measures[name]
        se = np.where(np.isnan(m.value), np.nan, found.se[:, k])
        if m.share:
            low, high = share_interval(
                m.value, se, found.df, rows, found.clusters, level=level
            )
        else:
            low, high = np.clip(
                mean_interval(m.value, se, found.df, level=level), m.least, m.most
            )
        said = np.full(sums.groups, "", object) if m.status is None else m.status
        status = [
            _status(*told)
            for told in zip(rows, said, np.isnan(m.value), found.df, found.lonely)
        ]
        parts.append(
            pd.DataFrame(
                {
                    "group": sums.labels["group"],
                    "measure": name,
                    "value": m.value,
                    "se": se,
                    "ci_low": low,
                    "ci_high": high,
                    "households": rows.astype("int64"),
                    "weight": sums.by_group("weight"),
                    "status": status,
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    first = (
        sums.labels["group"].argsort() if sums.groups > 1 else np.arange(sums.groups)
    )  # a missing label sorts last
    return frame.iloc[
        (first[:, None] + sums.groups * np.arange(len(names))).ravel()
    ].reset_index(drop=True)


def parts_of_whole(
    sums: Tally, name: str, *, level: float = 0.95
) -> list[pd.DataFrame]:
    """For each group a frame of its `size` among all weight and its `contribution` to the total of a sum, with errors, as `estimates`."""
    whole, group = sums.ungrouped(), sums.cells["group"].to_numpy()
    return [
        estimates(
            whole,
            {
                "size": ratio(
                    whole, whole.cells["weight"] * (group == code), share=True
                ),
                "contribution": ratio(
                    whole, whole.cells[name] * (group == code), name, most=1.0
                ),
            },
            level=level,
        ).assign(group=label)
        for code, label in enumerate(sums.labels["group"])
    ]


def _status(rows: float, said: str, undefined: bool, df: int, lonely: int) -> str:
    if not rows:
        return "no rows"
    if undefined:
        return said or "not defined"
    if df < 1:
        error = "one cluster: no error"
    elif lonely:
        error = f"strata with one cluster, taken about the mean of all: {lonely}"
    else:
        error = ""
    return "; ".join(x for x in (said, error) if x) or "ok"
