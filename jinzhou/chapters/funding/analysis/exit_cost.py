"""What one exit costs, and one that lasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.statistics.intervals import normal_quantile
from jinzhou.words import Words

FEWEST_CLUSTERS = 5
"""Fewer clusters than this give no interval."""
MONTHS = 24
"""Months without a return that make an exit lasting (docs/requirements.md R53)."""
UNKNOWN = ("no exits", "nothing spent", "not known")
"""Statuses without a cost of a lasting exit."""
_STATES = {
    "lasting": "lasting",
    "returned": "returned",
    "left": "left",
    "unknown": "not yet known",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExitCost(Result):
    """Money per exit, one row per group.

    Attributes
    ----------
    costs : DataFrame, indexed by group with a last row of the sum
        `spent` (yuan), `exits` (persons whose exit falls in the period of the spending); of all
        exits on record `lasting`, `returned`, `left`, `unknown` (persons; too young to tell);
        `cost_per_exit`, `cost_ci_low`, `cost_ci_high`, `lasting_share` (product-limit share of
        exits that stand for the full months), `cost_per_lasting`, `lasting_ci_low`,
        `lasting_ci_high`, `clusters`, `status`: ``shown``, ``no interval`` (fewer clusters than
        `FEWEST_CLUSTERS`), ``no exits``, ``not known`` (no exit was followed for the full months),
        ``nothing spent``.
    months : int
        Months without return that make an exit lasting.
    level : float
    """

    shown: ClassVar[str] = "costs"
    costs: pd.DataFrame
    months: int
    level: float

    def sentence(self, words: Words) -> str:
        """Yuan per exit and per lasting exit."""
        last = self.costs.iloc[-1]
        key = "unknown" if last["status"] in UNKNOWN else "cost"
        return words(
            f"summary.ExitCost.{key}",
            status=words.label("cost_status", last["status"]),
            per_exit=last["cost_per_exit"],
            per_lasting=last["cost_per_lasting"],
            months=self.months,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Persons:
    """Persons of exits by group and cluster: rows (groups x clusters).

    at_risk, returned (rows, months): in each month since the exit; states: persons by state and
    `exits` of the period.
    """

    at_risk: pd.DataFrame
    returned: pd.DataFrame
    states: pd.DataFrame


def cost_per_exit(
    spent: pd.DataFrame,
    exits: pd.DataFrame,
    *,
    by: str = "county",
    cluster: str = "town",
    shared: bool = False,
    months: int = MONTHS,
    level: float = 0.95,
    groups: Sequence[str] = (),
) -> ExitCost:
    """Money paid over persons who exited, and over those whose exit lasts.

    Parameters
    ----------
    spent : DataFrame
        `yuan`, the group and the cluster.
    exits : DataFrame
        One row per exit: `persons`, the group and the cluster, `counted` (in the period of the
        spending), `state` and `months_seen` (see `registry.exits`).
    cluster : str
        Areas within which exits resemble one another: townships for a county, villages for a
        township.
    shared : bool
        The money serves the whole group and not the cluster where the project stands (a township's
        projects take in households of all its villages): it is taken as given, and the interval
        tells how sure the exits are.
    groups : sequence of str
        Groups to show even when they have neither money nor exits.

    Notes
    -----
    A ratio of what happened, not an effect: harder areas cost more. The cost per lasting exit is
    the cost per exit over the product-limit share of exits that stand for `months` months: an exit
    too young to tell counts for the months for which it was seen and is never taken as lasting;
    with no exit followed to the end the share is not known. Intervals: delete-one-cluster jackknife
    of the logarithm with Student's t; none below `FEWEST_CLUSTERS`.

    References
    ----------
    docs/requirements.md R52, R53; Kaplan and Meier (1958), JASA 53, 457-481; Rust and Rao (1996),
    Statistical Methods in Medical Research 5, 283-310.
    """
    normal_quantile(level)
    rows = exits.dropna(subset=[by, cluster])
    persons = _persons(rows, by=by, cluster=cluster, months=months)
    money = spent.groupby([by, cluster])["yuan"].sum().rename("spent")
    units = persons.states.join(money, how="outer").fillna(0.0)
    months_of = (persons.at_risk, persons.returned)
    risk, gone = (f.reindex(units.index).fillna(0.0).to_numpy() for f in months_of)
    labels = units.index.get_level_values(0)
    found = {}
    for group in [*sorted({*labels, *groups}), "all"]:
        mine = np.ones(len(units), bool) if group == "all" else labels == group
        found[group] = _cost_row(units[mine], risk[mine], gone[mine], level, shared)
    costs = pd.DataFrame.from_dict(found, orient="index")
    costs.index.name = by
    for column in ("exits", *_STATES, "clusters"):
        costs[column] = costs[column].astype("int64")
    return ExitCost(costs=costs, months=months, level=level)


def _persons(rows: pd.DataFrame, *, by: str, cluster: str, months: int) -> _Persons:
    """Persons at risk and returned in each month since the exit, and persons by state."""
    n = rows["persons"].to_numpy(float)
    seen = rows["months_seen"].to_numpy(int)
    back = (rows["state"] == "returned").to_numpy()
    month = np.arange(months)
    # a return after `seen` whole months happens in month `seen`; who was seen for m months was at
    # risk in months 0..m-1
    last = np.minimum(np.where(back, seen, seen - 1), months - 1)
    at_risk = n[:, None] * (month <= last[:, None])
    returned = n[:, None] * (back[:, None] & (month == last[:, None]))
    states = {
        "exits": n * rows["counted"].to_numpy(float),
        **{name: n * (rows["state"] == s).to_numpy() for name, s in _STATES.items()},
    }
    group = [rows[by], rows[cluster]]
    at_risk, returned, counted = (
        pd.DataFrame(part, index=rows.index).groupby(group).sum()
        for part in (at_risk, returned, states)
    )
    return _Persons(at_risk=at_risk, returned=returned, states=counted)


def _log_cost(spent, exits, risk, gone):
    """Logs of the cost per exit and per lasting exit, and the share that lasts.

    Each row is one set of clusters; risk, gone (rows, months).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        stand = 1 - gone / np.where(risk > 0, risk, 1)
        followed = (risk > 0).all(axis=-1)
        share = np.where(followed, np.prod(stand, axis=-1), np.nan)
        per_exit = np.log(spent) - np.log(exits)
        return per_exit, per_exit - np.log(share), share


def _cost_row(
    units: pd.DataFrame, risk: np.ndarray, gone: np.ndarray, level: float, shared: bool
) -> dict[str, object]:
    """Costs of one group; `units` has a row per cluster, risk and gone are (clusters, months)."""
    spent, exits = units["spent"].to_numpy(), units["exits"].to_numpy()
    k, money, people = len(units), float(spent.sum()), float(exits.sum())
    total = (money, people, risk.sum(axis=0), gone.sum(axis=0))
    logs = [float(v) for v in _log_cost(*total)] if k else [np.nan] * 3
    row: dict[str, object] = {
        "spent": money,
        "exits": people,
        **{c: units[c].sum() for c in _STATES},
        "cost_per_exit": np.exp(logs[0]),
        "cost_ci_low": np.nan,
        "cost_ci_high": np.nan,
        "lasting_share": logs[2],
        "cost_per_lasting": np.exp(logs[1]),
        "lasting_ci_low": np.nan,
        "lasting_ci_high": np.nan,
        "clusters": k,
    }
    if not money > 0 or not people > 0:
        none = dict.fromkeys(("cost_per_exit", "cost_per_lasting"), np.nan)
        return row | none | {"status": "nothing spent" if people > 0 else "no exits"}
    if k >= FEWEST_CLUSTERS:
        left = np.full(k, money * (k - 1) / k) if shared else money - spent
        without = _log_cost(left, people - exits, total[2] - risk, total[3] - gone)
        row |= _jackknife("cost", logs[0], without[0], level)
        row |= _jackknife("lasting", logs[1], without[1], level)
    return row | {"status": _status(logs[1], row["lasting_ci_low"])}


def _jackknife(
    name: str, centre: float, left_out: np.ndarray, level: float
) -> dict[str, object]:
    """Interval of a cost from its logarithm with each cluster left out."""
    from scipy.stats import t as student

    if not (np.isfinite(left_out).all() and np.isfinite(centre)):
        return {}
    k = len(left_out)
    variance = (k - 1) / k * ((left_out - left_out.mean()) ** 2).sum()
    half = student.ppf(0.5 + level / 2, k - 1) * np.sqrt(variance)
    return {
        f"{name}_ci_low": np.exp(centre - half),
        f"{name}_ci_high": np.exp(centre + half),
    }


def _status(log_cost: float, ci_low: object) -> str:
    if not np.isfinite(log_cost):
        return "not known"
    return "shown" if ci_low == ci_low else "no interval"


def expected_lasting(
    rows: pd.DataFrame, exits: pd.DataFrame, *, months: int = MONTHS
) -> pd.Series:
    """Probability that the exit of each row lasts, given how long it has stood.

    It is 1 when the exit has lasted, 0 when it was undone or there is none.

    Parameters
    ----------
    rows : DataFrame
        `state` and `months_seen` of an exit; rows without an exit have no state.
    exits : DataFrame
        All exits on record: `persons`, `state`, `months_seen`.

    Notes
    -----
    An exit too young to tell, or whose household left, gets S(months) / S(months seen) with the
    product-limit share S of all exits: what exits as old as it have done, an expectation and not a
    count. Missing when no exit on record was followed so long.
    """
    whole = exits.assign(group=0, place=0)
    persons = _persons(whole, by="group", cluster="place", months=months)
    n, d = (f.to_numpy().sum(axis=0) for f in (persons.at_risk, persons.returned))
    hazard = np.divide(d, n, out=np.full(months, np.nan), where=n > 0)
    survive = np.concatenate([[1.0], np.cumprod(1 - hazard)])
    seen = rows["months_seen"].fillna(0).to_numpy(int)
    state = rows["state"].fillna("none").to_numpy(dtype=object)
    chance = np.select(
        [state == "lasting", (state == "returned") | (state == "none")],
        [1.0, 0.0],
        survive[months] / survive[seen],
    )
    return pd.Series(chance, index=rows.index)
