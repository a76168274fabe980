"""Households that the teams can visit, and why each came onto the list or left it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.result import Result
from jinzhou.statistics.returns.return_risk import ReturnRisk
from jinzhou.statistics.returns.terms import HOUSEHOLD, VILLAGE
from jinzhou.words import Words


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WatchList(Result):
    """Households to visit.

    Attributes
    ----------
    rows : DataFrame
        Chosen rows of the scores in order of rank, with `tied_at_cutoff`, `quota`
        (chosen for a county's or township's share, not for its rank alone), `change`
        (``new``, ``up``, ``down``, ``same``, or ``first`` when there is no earlier
        list), `ranks_moved` (moved up, > 0), and for new ones `why` and `why_term` as
        in `left`.
    left : DataFrame
        Households of the earlier list that are not on this one, with `why`: ``input``
        (a recorded input changed; `why_term` names the one that moved the score most),
        ``newly at risk`` or ``no longer at risk`` (left poverty, returned, or left the
        registry), ``model`` (the coefficients or the reference moved), ``others``
        (others passed it; its own score did not move towards the change).
    capacity : int
    quotas : mapping, place -> least number
    """

    rows: pd.DataFrame
    left: pd.DataFrame
    capacity: int
    quotas: Mapping[str, int]

    def sentence(self, words: Words) -> str:
        """Households listed, new ones, and those that left the list."""
        new = int((self.rows["change"] == "new").sum())
        return words(
            "summary.WatchList", listed=len(self.rows), new=new, left=len(self.left)
        )

    def explained(self) -> float:
        """Share of entries and departures explained by the household's own change."""
        why = pd.concat(
            [self.rows.loc[self.rows["change"] == "new", "why"], self.left["why"]]
        )
        return (
            float(why.isin(["input", "newly at risk", "no longer at risk"]).mean())
            if len(why)
            else float("nan")
        )


def watch_list(
    risk: ReturnRisk,
    *,
    capacity: int,
    previous: ReturnRisk | None = None,
    county_share: float = 0.0,
    town_share: float = 0.0,
    quotas: Mapping[str, int] | None = None,
) -> WatchList:
    """The list that the field teams can visit, and what changed since the last one.

    Parameters
    ----------
    capacity : int
        Households that can be visited in the quarter.
    previous : ReturnRisk, optional
        Scores of the quarter before; its list is made with the same options.
    county_share, town_share : float
        Least share of its households at risk that each county, each township has on the
        list (rounded down); 0 for none. A place takes its own highest risks first.
    quotas : mapping, county code -> number
        Least number for a county, instead of its share.

    Raises
    ------
    ParameterError
        `capacity` is not positive, a share is not between 0 and 1, or the quotas exceed
        the capacity.

    Notes
    -----
    Ties at the cut-off are broken by household number; the rows tied there are marked.
    """
    if capacity < 1:
        raise ParameterError("statistics.watch_list.capacity", found=capacity)
    for name, share in (("county_share", county_share), ("town_share", town_share)):
        if not 0 <= share < 1:
            raise ParameterError("statistics.watch_list.share", name=name, found=share)
    chosen, least = _choose(
        risk.scores, capacity, county_share, town_share, quotas or {}
    )
    rows = risk.scores[chosen > 0].copy()
    rows["quota"] = chosen[chosen > 0] == 2
    score = risk.scores["risk"] if risk.method == "hazard" else risk.scores["eta"]
    outside, cut = score[chosen == 0], score[rows.index[~rows["quota"]]].min()
    rows["tied_at_cutoff"] = (
        (score[rows.index] == cut) & ~rows["quota"] & bool((outside == cut).any())
    )
    if previous is None:
        return WatchList(
            rows=rows.assign(change="first", ranks_moved=0, why="", why_term=""),
            capacity=capacity,
            quotas=least,
            left=rows.iloc[:0].assign(why="", why_term=""),
        )
    before, _ = _choose(
        previous.scores, capacity, county_share, town_share, quotas or {}
    )
    earlier = previous.scores.assign(listed=before > 0).set_index("household_id")
    moved = _moved(risk, previous)
    return WatchList(
        rows=_entered(rows, earlier, moved),
        left=_left(rows, earlier, moved),
        capacity=capacity,
        quotas=least,
    )


def _entered(
    rows: pd.DataFrame, earlier: pd.DataFrame, moved: pd.DataFrame
) -> pd.DataFrame:
    """The list with each household's move since the earlier one, and why it is new."""
    rank = rows["household_id"].map(earlier["rank"])
    listed = rows["household_id"].map(earlier["listed"]).fillna(False).astype(bool)
    places = (rank - rows["rank"]).where(listed, 0).fillna(0).astype("int64")
    change = np.select([~listed, places > 0, places < 0], ["new", "up", "down"], "same")
    rows = rows.assign(change=change, ranks_moved=places, why="", why_term="")
    new = change == "new"
    why = _why(rows.loc[new, "household_id"], moved, +1, "newly at risk")
    rows.loc[new, ["why", "why_term"]] = why.to_numpy()
    return rows


def _left(
    rows: pd.DataFrame, earlier: pd.DataFrame, moved: pd.DataFrame
) -> pd.DataFrame:
    """Households of the earlier list that are not on this one, and why."""
    gone = earlier[earlier["listed"]].drop(columns="listed").reset_index()
    left = gone[~gone["household_id"].isin(rows["household_id"])]
    left = left.reset_index(drop=True)
    why = _why(left["household_id"], moved, -1, "no longer at risk")
    left[["why", "why_term"]] = why.to_numpy()
    return left


def _choose(
    scores: pd.DataFrame,
    capacity: int,
    county_share: float,
    town_share: float,
    quotas: Mapping[str, int],
) -> tuple[np.ndarray, dict[str, int]]:
    """0 not on the list, 1 by rank, 2 for an area's least number; rows by rank."""
    must = np.zeros(len(scores), bool)
    least: dict[str, int] = {}
    for column, share, fixed in (
        ("town", town_share, {}),
        ("county", county_share, quotas),
    ):
        if not (share or fixed) or column not in scores:
            continue
        keys = (
            scores["county"] + "·" + scores["town"].fillna("")
            if column == "town"
            else scores["county"]
        )
        number = pd.Series(
            {k: int(fixed.get(k, share * n)) for k, n in keys.value_counts().items()}
        )
        # what the townships already give their county counts for the county
        turn = pd.Series(~must).groupby(keys.to_numpy()).cumsum().where(~must, 0)
        have = pd.Series(must).groupby(keys.to_numpy()).sum()
        wanted = keys.map(number) - keys.map(have)
        must = must | ((turn > 0).to_numpy() & (turn.to_numpy() <= wanted.to_numpy()))
        least |= {k: int(n) for k, n in number.items() if n}
    if must.sum() > capacity:
        raise ParameterError(
            "statistics.watch_list.least", found=int(must.sum()), capacity=capacity
        )
    free = np.flatnonzero(~must)[: capacity - int(must.sum())]
    by_rank = np.zeros(len(scores), bool)
    by_rank[:capacity] = True
    chosen = np.where(must & ~by_rank, 2, np.where(must, 1, 0))
    chosen[free] = 1
    return chosen, least


def _moved(risk: ReturnRisk, previous: ReturnRisk) -> pd.DataFrame:
    """Change of the linear predictor of households in both: inputs, and the model."""
    now, then = (
        r.contributions.set_axis(r.scores["household_id"]) for r in (risk, previous)
    )
    both = now.index.intersection(then.index)
    terms = [t for t in now.columns if t in then.columns]
    x, x_then = (
        r.inputs.set_axis(r.scores["household_id"]).reindex(index=both, columns=terms)
        for r in (risk, previous)
    )
    total = now.loc[both, terms] - then.loc[both, terms]
    same = ((x == x_then) | (x.isna() & x_then.isna())).to_numpy() & ~np.isin(
        terms, [VILLAGE, HOUSEHOLD]
    )
    moved = total.mask(same, 0.0)
    moved["model"] = total.where(same, 0.0).sum(axis=1)
    return moved


def _why(homes: pd.Series, moved: pd.DataFrame, sign: int, absent: str) -> pd.DataFrame:
    here = sign * moved.reindex(homes)
    inputs = here.drop(columns="model")
    best = inputs.fillna(0).max(axis=1).to_numpy()
    term = (
        inputs.columns.to_numpy()[inputs.fillna(0).to_numpy().argmax(axis=1)]
        if len(inputs)
        else np.array([], dtype=object)
    )
    model = here["model"].to_numpy()
    missing = here["model"].isna().to_numpy()
    by_input = ~missing & (best > 1e-9) & (best >= np.nan_to_num(model))
    why = np.select(
        [missing, by_input, np.nan_to_num(model) > 1e-9],
        [absent, "input", "model"],
        "others",
    )
    return pd.DataFrame(
        {"why": why, "why_term": np.where(by_input, term, "")},
        columns=["why", "why_term"],
    )
