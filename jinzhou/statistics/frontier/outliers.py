"""How much of a frontier rests on single units: order-m, and leaving peers out.

Both are a few array operations on the reference set of `dea`; no library of Python
holds them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.statistics import tolerance
from jinzhou.statistics.frontier.dea import EFFICIENT, dea
from jinzhou.statistics.frontier.model import DeaModel, prepare
from jinzhou.statistics.frontier.programs import INFEASIBLE
from jinzhou.statistics.frontier.technology import (
    CONVEX,
    directional_distance,
    radial,
)

_BLOCK = 2_000_000
"""Numbers in one array of pairs."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PartialFrontier:
    """Scores against m units drawn among the others that are comparable.

    Attributes
    ----------
    scores : DataFrame, indexed by unit
        One column per m (input: the expected share of inputs, output: multiple of
        outputs), and `comparable`: other units that make at least as much (input) or
        use at most as much (output). Far beyond 1 even for a large m: the unit does
        what none comparable to it does, a great achievement or a wrong number. `status`
        is ``compared``, or ``no comparable unit`` (and no score): an end of the range,
        where nothing can be said.
    beyond : Series, indexed by m
        Share of units compared whose score passes 1 by more than `margin`. When it
        levels off as m grows, the rest are suspects.
    orientation : str
    margin : float
    n, dropped, excluded
        As in `dea.Frontier`.
    """

    scores: pd.DataFrame
    beyond: pd.Series
    orientation: str
    margin: float
    n: int
    dropped: pd.Series
    excluded: pd.Series

    def table(self) -> pd.DataFrame:
        """A copy of `scores`, safe to format."""
        return self.scores.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        shares = ", ".join(f"m={m}: {v:.0%} beyond" for m, v in self.beyond.items())
        return f"Order-m, {self.orientation}-oriented, {self.n} units: {shares}."


def order_m(
    units: pd.DataFrame,
    model: DeaModel,
    *,
    sizes: Sequence[int] = (10, 25, 50, 100),
    margin: float = 0.1,
) -> PartialFrontier:
    """Order-m efficiency: against the best of m comparable units, in expectation.

    Parameters
    ----------
    units, model
        As in `dea`; orientation input or output. Returns to scale are not used: one
        peer at a time.
    sizes : sequence of int
        The m's.
    margin : float
        See `PartialFrontier.beyond`.

    Returns
    -------
    PartialFrontier

    Raises
    ------
    ParameterError
        Sizes below one, or what `dea` refuses.

    Notes
    -----
    The expectation is computed from the order statistics, exactly; nothing is
    drawn. The unit itself is left out, as the search for outliers asks.

    References
    ----------
    Cazals, Florens and Simar (2002), J. of Econometrics 106, 1-25; Simar
    (2003), J. of Productivity Analysis 20, 391-424.
    """
    model.check(orientation=("input", "output"))
    sizes = tuple(sizes)
    if not sizes or min(sizes) < 1:
        raise ParameterError("statistics.dea.order_m_sizes", found=sizes)
    given = prepare(units, model.without_options(returns_to_scale="fdh"))
    found = order_m_scores(given.X, given.Y, sizes, output=model.output)
    none = found.comparable == 0
    scores = pd.DataFrame(found.score, index=given.names, columns=[*sizes])
    passed = scores < 1 - margin if model.output else scores > 1 + margin
    return PartialFrontier(
        scores=scores.assign(
            comparable=found.comparable,
            status=np.where(none, "no comparable unit", "compared"),
        ),
        beyond=passed[~none].mean(),
        orientation=model.orientation,
        margin=margin,
        n=given.n,
        dropped=given.excluded.value_counts(),
        excluded=given.excluded,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OrderM:
    """Scores (n, len(sizes)) and counts (n,) of comparable units; NaN where none is."""

    score: np.ndarray
    comparable: np.ndarray


def order_m_scores(
    X: np.ndarray, Y: np.ndarray, sizes: Sequence[int], *, output: bool
) -> OrderM:
    """Scores of each unit against the expected best of m comparable ones."""
    own, held = (Y, X) if output else (X, Y)
    n, width = len(X), X.shape[1] + Y.shape[1]
    score, comparable = np.full((n, len(sizes)), np.nan), np.zeros(n, dtype=int)
    for k in np.array_split(np.arange(n), max(1, n * n * width // _BLOCK)):
        at_least = (
            held[None] <= held[k, None] if output else held[None] >= held[k, None]
        )
        can = np.all(at_least, axis=2)
        can[np.arange(len(k)), k] = False
        best = _against_each(own, k, output=output)
        # worst to best: the best of m is at most the j-th with probability (j / count) ** m
        order = np.sort(np.where(can, best if output else -best, np.inf), axis=1)
        count = can.sum(axis=1)
        share = np.minimum(np.arange(n + 1) / np.maximum(count[:, None], 1), 1.0)
        value = np.where(np.arange(n) < count[:, None], order, 0.0)
        for j, size in enumerate(sizes):
            weight = np.diff(share**size, axis=1)
            mean = (np.where(weight > 0, value, 0.0) * weight).sum(axis=1)
            score[k, j] = mean if output else -mean
        comparable[k] = count
    score[comparable == 0] = np.nan
    return OrderM(score=score, comparable=comparable)


def _against_each(own: np.ndarray, k: np.ndarray, *, output: bool) -> np.ndarray:
    """Scores (len(k), n) of units k against each unit alone.

    An amount of zero bounds nothing for outputs; for inputs, whoever uses some cannot
    be reached.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = own[None] / own[k, None]
    none = np.inf if output else np.where(own[None] > 0, np.inf, 0.0)
    ratio = np.where(own[k, None] > 0, ratio, none)
    return ratio.min(axis=2) if output else ratio.max(axis=2)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeaveOneOut:
    """What the scores of the others lose when one efficient unit is taken away.

    Attributes
    ----------
    peers : DataFrame, indexed by peer
        `followers` (units that its weight helps to judge), `mean_change` over all other
        units, `largest_change` and `unit` that has it, `unreached` (followers that no
        other unit reaches without it). Sorted by mean change.
    orientation, returns_to_scale, n, enough, dropped, excluded
        As in `dea.Frontier`.
    """

    peers: pd.DataFrame
    orientation: str
    returns_to_scale: str
    n: int
    enough: bool
    dropped: pd.Series
    excluded: pd.Series

    def table(self) -> pd.DataFrame:
        """A copy of `peers`, safe to format."""
        return self.peers.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        if not len(self.peers):
            return f"No unit of {self.n} is peer to another."
        first = self.peers.iloc[0]
        return (
            f"{len(self.peers)} peers of {self.n} units: without {self.peers.index[0]} "
            f"the others' scores move by {first['mean_change']:.3f} on average, "
            f"at most {first['largest_change']:.3f}."
        )


def leave_one_out(units: pd.DataFrame, model: DeaModel) -> LeaveOneOut:
    """Score the others again without each peer in turn.

    Only those that lean on it can change.

    Parameters
    ----------
    units, model
        As in `dea`; orientation input or output, returns to scale not fdh.

    Returns
    -------
    LeaveOneOut

    Raises
    ------
    ParameterError
        What `dea` refuses.

    References
    ----------
    Wilson (1995), J. of Productivity Analysis 6, 27-45.
    """
    model.check(orientation=("input", "output"), returns_to_scale=CONVEX)
    plain = dea(units, model)
    names, output = plain.scores.index, model.output
    given = prepare(units.loc[names], model)
    links = plain.peers[plain.peers["unit"] != plain.peers["peer"]]
    k, without = names.get_indexer(links["unit"]), names.get_indexer(links["peer"])
    found = directional_distance(
        given.technology,
        radial(given.X[k], given.Y[k], output=output, exclude=without),
    )
    score = 1 + found.beta if output else 1 - found.beta
    changes = pd.DataFrame(
        {
            "peer": links["peer"].to_numpy(),
            "unit": links["unit"].to_numpy(),
            "change": np.abs(score - plain.scores["score"].to_numpy()[k]),
            "unreached": found.status == INFEASIBLE,
        }
    )
    return LeaveOneOut(
        peers=_by_peer(changes, others=max(len(names) - 1, 1)),
        orientation=model.orientation,
        returns_to_scale=model.returns_to_scale,
        n=plain.n,
        enough=plain.enough,
        dropped=plain.dropped,
        excluded=plain.excluded,
    )


def _by_peer(changes: pd.DataFrame, *, others: int) -> pd.DataFrame:
    """Changes of followers by peer; ties by `tolerance.SOLVED`, in given order."""
    order = changes.assign(rank=_largest_first(changes["change"]))
    order = order.sort_values(["peer", "rank"], kind="stable")
    peers = order.groupby("peer").agg(
        followers=("unit", "size"),
        total=("change", "sum"),
        largest_change=("change", "max"),
        unit=("unit", "first"),
        unreached=("unreached", "sum"),
    )
    peers.insert(1, "mean_change", peers.pop("total") / others)
    peers.loc[~(peers["largest_change"] > EFFICIENT), "unit"] = None
    rank = _largest_first(peers["mean_change"])
    order = np.lexsort((-peers["followers"].to_numpy(), rank))
    return peers.iloc[order]


def _largest_first(values: pd.Series) -> np.ndarray:
    """Ranks from 1 for the largest; unknown ones last."""
    known = values.fillna(-np.inf).to_numpy(float)
    return tolerance.ranks(-known, tolerance.SOLVED)
