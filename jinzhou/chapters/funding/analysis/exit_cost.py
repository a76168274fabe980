"""What one exit costs, and one that lasts; where the intervals tell units apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.statistics.intervals import normal_quantile

FEWEST_CLUSTERS = 5
"""Fewer places than this give no interval."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExitCost:
    """Money per exit, one row per group.

    Attributes
    ----------
    costs : DataFrame, indexed by group with a last row of the sum
        `spent` (yuan), `exits` (persons whose exit falls in the period of the spending); of all exits on record `lasting`, `returned`,
        `left`, `unknown` (persons; too young to tell); `cost_per_exit`, `cost_ci_low`, `cost_ci_high`, `lasting_share` (product-limit share
        of exits that stand for the full months), `cost_per_lasting`, `lasting_ci_low`, `lasting_ci_high`, `clusters`, `status`: ``shown``, ``no interval`` (fewer
        than five places), ``no exits``, ``not known`` (no exit was followed for the full months), ``nothing spent``.
    months : int
        Months without return that make an exit lasting.
    level : float
    """

    costs: pd.DataFrame
    months: int
    level: float

    def table(self) -> pd.DataFrame:
        """A copy of `costs`, safe to format."""
        return self.costs.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.costs.iloc[-1]
        if last["status"] in ("no exits", "nothing spent", "not known"):
            return f"cost of a lasting exit: {last['status']}."
        return f"{last['cost_per_exit']:,.0f} yuan per exit, {last['cost_per_lasting']:,.0f} per exit lasting {self.months} months."


def cost_per_exit(
    spent: pd.DataFrame,
    exits: pd.DataFrame,
    *,
    by: str = "county",
    cluster: str = "town",
    shared: bool = False,
    months: int = 24,
    level: float = 0.95,
    groups: Sequence[str] = (),
) -> ExitCost:
    """Money paid over persons who exited, and over those whose exit lasts (R52, R53).

    Parameters
    ----------
    spent : DataFrame
        `yuan`, the group and the cluster.
    exits : DataFrame
        One row per exit: `persons`, the group and the cluster, `counted` (in the period of the spending), `state` and `months_seen` (see `registry.exits`).
    cluster : str
        Places that are alike within: townships for a county, villages for a township.
    shared : bool
        The money serves the whole group and not the place where the project stands (a township's projects take in households of all its
        villages): it is taken as given, and the interval tells how sure the exits are.
    groups : sequence of str
        Groups to show even when they have neither money nor exits.

    Notes
    -----
    A ratio of what happened, not an effect: harder places cost more. The cost per lasting exit is the cost per exit over the product-limit share of
    exits that stand for `months` months (Kaplan and Meier 1958): an exit too young to tell counts for the months for which it was seen
    and is never taken as lasting; with no exit followed to the end the share is not known. Intervals: delete-one-cluster
    jackknife of the logarithm with Student's t (Rust and Rao 1996, Statistical Methods in Medical Research 5, 283-310); none below five places.
    """
    normal_quantile(level)
    money = spent.groupby([by, cluster])["yuan"].sum()
    rows = exits.dropna(subset=[by, cluster])
    risk, gone, people = _counts(rows, by=by, cluster=cluster, months=months)
    units = people.join(money.rename("spent"), how="outer").fillna(0.0)
    risk, gone = (f.reindex(units.index).fillna(0.0).to_numpy() for f in (risk, gone))
    labels = units.index.get_level_values(0)
    found = {}
    for group in [*sorted({*labels, *groups}), "all"]:
        mine = np.ones(len(units), bool) if group == "all" else labels == group
        found[group] = _cost_row(units[mine], risk[mine], gone[mine], level, shared)
    costs = pd.DataFrame.from_dict(found, orient="index")
    costs.index.name = by
    for column in ("exits", "lasting", "returned", "left", "unknown", "clusters"):
        costs[column] = costs[column].astype("int64")
    return ExitCost(costs=costs, months=months, level=level)


def _counts(
    rows: pd.DataFrame, *, by: str, cluster: str, months: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Persons at risk and returned in each month since the exit, and persons by state, by group and cluster."""
    keys, n = [by, cluster], rows["persons"].to_numpy(float)
    seen = rows["months_seen"].to_numpy(int)
    back = (rows["state"] == "returned").to_numpy()
    month = np.arange(months)
    # a return after `seen` whole months happens in month `seen`; who was seen for m months was at risk in months 0..m-1
    last = np.minimum(np.where(back, seen, seen - 1), months - 1)
    at_risk = pd.DataFrame(n[:, None] * (month <= last[:, None]), index=rows.index)
    returned = pd.DataFrame(
        n[:, None] * (back[:, None] & (month == last[:, None])), index=rows.index
    )
    group = [rows[k] for k in keys]
    states = {
        "lasting": "lasting",
        "returned": "returned",
        "left": "left",
        "unknown": "not yet known",
    }
    people = pd.DataFrame(
        {
            "exits": n * rows["counted"].to_numpy(float),
            **{name: n * (rows["state"] == s).to_numpy() for name, s in states.items()},
        },
        index=rows.index,
    )
    return tuple(frame.groupby(group).sum() for frame in (at_risk, returned, people))


def _log_cost(spent, exits, risk, gone):
    """Logs of the cost per exit and per lasting exit, and the share that lasts; each row is one set of places. risk, gone (rows, months)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(
            (risk > 0).all(axis=-1),
            np.prod(1 - gone / np.where(risk > 0, risk, 1), axis=-1),
            np.nan,
        )
        per_exit = np.log(spent) - np.log(exits)
        return per_exit, per_exit - np.log(share), share


def _cost_row(
    units: pd.DataFrame, risk: np.ndarray, gone: np.ndarray, level: float, shared: bool
) -> dict[str, object]:
    """Costs of one group; `units` has a row per cluster, risk and gone are (clusters, months)."""
    from scipy.stats import t as student

    spent, exits = units["spent"].to_numpy(), units["exits"].to_numpy()
    k = len(units)
    total = [x.sum(axis=0) for x in (spent, exits, risk, gone)]
    per_exit, per_lasting, share = (
        (float(v) for v in _log_cost(*total)) if k else (np.nan,) * 3
    )
    row = {
        "spent": total[0],
        **{
            c: units[c].sum()
            for c in ("exits", "lasting", "returned", "left", "unknown")
        },
        "cost_per_exit": np.exp(per_exit),
        "cost_ci_low": np.nan,
        "cost_ci_high": np.nan,
        "lasting_share": share,
        "cost_per_lasting": np.exp(per_lasting),
        "lasting_ci_low": np.nan,
        "lasting_ci_high": np.nan,
        "clusters": k,
    }
    if not row["spent"] > 0 or not row["exits"] > 0:
        return (
            row
            | dict.fromkeys(("cost_per_exit", "cost_per_lasting"), np.nan)
            | {"status": "nothing spent" if row["exits"] > 0 else "no exits"}
        )
    if k >= FEWEST_CLUSTERS:
        money = np.full(k, total[0] * (k - 1) / k) if shared else total[0] - spent
        without = _log_cost(
            money,
            *(whole - part for whole, part in zip(total[1:], (exits, risk, gone))),
        )
        times = student.ppf(0.5 + level / 2, k - 1)
        for name, centre, left_out in (
            ("cost", per_exit, without[0]),
            ("lasting", per_lasting, without[1]),
        ):
            if np.isfinite(left_out).all() and np.isfinite(centre):
                half = times * np.sqrt(
                    (k - 1) / k * ((left_out - left_out.mean()) ** 2).sum()
                )
                row[f"{name}_ci_low"], row[f"{name}_ci_high"] = (
                    np.exp(centre - half),
                    np.exp(centre + half),
                )
    status = (
        "not known"
        if not np.isfinite(per_lasting)
        else "shown"
        if np.isfinite(row["lasting_ci_low"])
        else "no interval"
    )
    return row | {"status": status}


def expected_lasting(
    rows: pd.DataFrame, exits: pd.DataFrame, *, months: int = 24
) -> pd.Series:
    """Chance that the exit of each row lasts, given how long it has stood: 1 when it has lasted, 0 when it was undone or there is none.

    Parameters
    ----------
    rows : DataFrame
        `state` and `months_seen` of an exit; rows without an exit have no state.
    exits : DataFrame
        All exits on record: `persons`, `state`, `months_seen`.

    Notes
    -----
    An exit too young to tell, or whose household left, gets S(months) / S(months seen) with the product-limit share S of all exits: what exits
    as old as it have done, an expectation and not a count. Missing when no exit on record was followed so long.
    """
    risk, gone, _ = _counts(
        exits.assign(group=0, place=0), by="group", cluster="place", months=months
    )
    n, d = (f.to_numpy().sum(axis=0) for f in (risk, gone))
    survive = np.concatenate(
        [
            [1.0],
            np.cumprod(1 - np.divide(d, n, out=np.full(months, np.nan), where=n > 0)),
        ]
    )
    seen = rows["months_seen"].fillna(0).to_numpy(int)
    state = rows["state"].fillna("none").to_numpy(dtype=object)
    chance = np.select(
        [state == "lasting", (state == "returned") | (state == "none")],
        [1.0, 0.0],
        survive[months] / survive[seen],
    )
    return pd.Series(chance, index=rows.index)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranking:
    """Places that intervals allow.

    Attributes
    ----------
    rows : DataFrame, indexed by unit
        `value`, `ci_low`, `ci_high` (jointly at `level`), `first`, `last` (best and worst place that the unit may have, 1 is lowest), `separated`
        (units from which it is told apart), `status`: ``placed`` (told apart from another), ``not separated``, ``no interval``.
    level : float
    """

    rows: pd.DataFrame
    level: float

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return f"{(self.rows['status'] == 'placed').sum()} of {len(self.rows)} units are told apart from some other; no other rank is shown."


def rank_ranges(
    frame: pd.DataFrame, *, value: str, ci_low: str, ci_high: str, level: float = 0.95
) -> Ranking:
    """Places that units may have when their intervals hold together; a rank is never given without them.

    Parameters
    ----------
    frame : DataFrame
        One row per unit: a value above zero with its own interval at `level`.

    Notes
    -----
    Each interval is widened on the log scale to hold jointly (Bonferroni over the units); a unit may have any place from one more
    than the units wholly below it. Klein, Wright and Wieczorek (2020), Journal of the Royal Statistical Society C 69, 589-606.
    """
    from scipy.stats import norm

    known = frame[[value, ci_low, ci_high]].dropna()
    k = len(known)
    factor = norm.ppf(1 - (1 - level) / 2 / max(k, 1)) / normal_quantile(level)
    centre = np.log(known[value].to_numpy())
    down = np.exp(centre - factor * (centre - np.log(known[ci_low].to_numpy())))
    up = np.exp(centre + factor * (np.log(known[ci_high].to_numpy()) - centre))
    below = (up[None, :] < down[:, None]).sum(axis=1)
    above = (down[None, :] > up[:, None]).sum(axis=1)
    rows = pd.DataFrame(
        {
            "value": known[value],
            "ci_low": down,
            "ci_high": up,
            "first": below + 1,
            "last": k - above,
            "separated": below + above,
        },
        index=known.index,
    ).reindex(frame.index)
    rows["status"] = np.select(
        [rows["value"].isna(), rows["separated"] > 0],
        ["no interval", "placed"],
        "not separated",
    )
    return Ranking(rows=rows, level=level)
