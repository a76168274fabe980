"""How much of a frontier rests on single units: partial frontiers, and each peer left out in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.statistics.frontier.bootstrap import SMOOTH
from jinzhou.statistics.frontier.dea import EFFICIENT, choice, dea, prepare
from jinzhou.statistics.frontier.simplex import INFEASIBLE
from jinzhou.statistics.frontier.technology import move

_BLOCK = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PartialFrontier:
    """Scores against m units drawn among the others that are comparable.

    Attributes
    ----------
    scores : DataFrame, indexed by unit
        One column per m (input: the expected share of inputs, output: multiple of outputs), and `comparable`: other units that
        make at least as much (input) or use at most as much (output). Far beyond 1 even for a large m: the
        unit does what none comparable to it does, a great achievement or a wrong number. `status` is
        ``compared``, or ``no comparable unit`` (and no score): an end of the range, where nothing can be said.
    beyond : Series, indexed by m
        Share of units compared whose score passes 1 by more than `margin`. When it levels off as m grows, the rest are suspects.
    margin : float
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
        return (
            f"Order-m, {self.orientation}-oriented, {self.n} units: "
            + ", ".join(f"m={m}: {v:.0%} beyond" for m, v in self.beyond.items())
            + "."
        )


def order_m(
    units: pd.DataFrame,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    sizes: Sequence[int] = (10, 25, 50, 100),
    orientation: str = "input",
    margin: float = 0.1,
) -> PartialFrontier:
    """Order-m efficiency: against the best of m comparable units drawn at random among the others, in expectation.

    Notes
    -----
    The expectation is computed from the order statistics, exactly; nothing is drawn. The unit
    itself is left out, as the search for outliers asks. Cazals, Florens and Simar (2002), J. of Econometrics 106, 1-25; Simar (2003), J. of Productivity Analysis 20, 391-424.
    """
    choice("orientation", orientation, ("input", "output"))
    sizes = tuple(sizes)
    if not sizes or min(sizes) < 1:
        raise ParameterError(
            f"m 为 {sizes}；应为正整数。", f"sizes={sizes}; expected positive numbers."
        )
    given = prepare(units, inputs=inputs, outputs=outputs, returns="fdh")
    n, output = given.n, orientation == "output"
    own, held = (given.Y, given.X) if output else (given.X, given.Y)
    found, comparable = np.full((n, len(sizes)), np.nan), np.zeros(n, dtype=int)
    for k in np.array_split(
        np.arange(n), max(1, n * n * (own.shape[1] + held.shape[1]) // _BLOCK)
    ):
        can = np.all(
            held[None] <= held[k, None] if output else held[None] >= held[k, None],
            axis=2,
        )
        can[np.arange(len(k)), k] = False
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = own[None] / own[k, None]
        # an amount of zero bounds nothing for outputs; for inputs, whoever uses some cannot be reached
        ratio = np.where(
            own[k, None] > 0,
            ratio,
            np.inf if output else np.where(own[None] > 0, np.inf, 0.0),
        )
        best = ratio.min(axis=2) if output else ratio.max(axis=2)
        # worst to best: the best of m is at most the j-th with chance (j / count) ** m
        order = np.sort(np.where(can, best if output else -best, np.inf), axis=1)
        comparable[k] = can.sum(axis=1)
        share = np.minimum(np.arange(n + 1) / np.maximum(comparable[k, None], 1), 1.0)
        with np.errstate(invalid="ignore"):
            value = np.where(np.arange(n) < comparable[k, None], order, 0.0)
        for place, size in enumerate(sizes):
            weight = np.diff(share**size, axis=1)
            found[k, place] = (np.where(weight > 0, value, 0.0) * weight).sum(
                axis=1
            ) * (1 if output else -1)
    none = comparable == 0
    scores = pd.DataFrame(
        np.where(none[:, None], np.nan, found), index=given.names, columns=[*sizes]
    )
    beyond = (scores < 1 - margin if output else scores > 1 + margin)[~none].mean()
    scores = scores.assign(
        comparable=comparable, status=np.where(none, "no comparable unit", "compared")
    )
    return PartialFrontier(
        scores=scores,
        beyond=beyond,
        orientation=orientation,
        margin=margin,
        n=n,
        dropped=given.excluded.value_counts(),
        excluded=given.excluded,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeaveOneOut:
    """What the scores of the others lose when one efficient unit is taken away.

    Attributes
    ----------
    peers : DataFrame, indexed by peer
        `followers` (units that its weight helps to judge), `mean_change` over all other units, `largest_change` and `unit` that has it,
        `unreached` (followers that no other unit reaches without it). Sorted by mean change.
    """

    peers: pd.DataFrame
    orientation: str
    returns: str
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
            f"{len(self.peers)} peers of {self.n} units: without {self.peers.index[0]} the others' scores move by {first['mean_change']:.3f} on average, "
            f"at most {first['largest_change']:.3f}."
        )


def leave_one_out(
    units: pd.DataFrame,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    orientation: str = "input",
    returns: str = "variable",
) -> LeaveOneOut:
    """Score the others again without each peer in turn; only those who lean on it can change.

    Notes
    -----
    Wilson (1995), J. of Productivity Analysis 6, 27-45.
    """
    choice("orientation", orientation, ("input", "output"))
    choice("returns", returns, SMOOTH)
    plain = dea(
        units, inputs=inputs, outputs=outputs, orientation=orientation, returns=returns
    )
    names, output = plain.scores.index, orientation == "output"
    given = prepare(units.loc[names], inputs=inputs, outputs=outputs, returns=returns)
    links = plain.peers[plain.peers["unit"] != plain.peers["peer"]]
    k, without = names.get_indexer(links["unit"]), names.get_indexer(links["peer"])
    X, Y = given.X[k], given.Y[k]
    found = move(
        given.technology,
        X,
        Y,
        np.zeros_like(X) if output else X,
        Y if output else np.zeros_like(Y),
        exclude=without,
    )
    before = plain.scores["score"].to_numpy()[k]
    change = np.abs((1 + found.beta if output else 1 - found.beta) - before)
    frame = pd.DataFrame(
        {
            "peer": links["peer"].to_numpy(),
            "unit": links["unit"].to_numpy(),
            "change": change,
            "unreached": found.status == INFEASIBLE,
        }
    )
    frame = frame.sort_values(
        ["peer", "change"], ascending=[True, False], kind="stable"
    )
    peers = frame.groupby("peer").agg(
        followers=("unit", "size"),
        total=("change", "sum"),
        largest_change=("change", "max"),
        unit=("unit", "first"),
        unreached=("unreached", "sum"),
    )
    peers.insert(1, "mean_change", peers.pop("total") / max(len(names) - 1, 1))
    peers.loc[~(peers["largest_change"] > EFFICIENT), "unit"] = None
    return LeaveOneOut(
        peers=peers.sort_values(
            ["mean_change", "followers"], ascending=False, kind="stable"
        ),
        orientation=orientation,
        returns=returns,
        n=plain.n,
        enough=plain.enough,
        dropped=plain.dropped,
        excluded=plain.excluded,
    )
