"""Cost efficiency: whether a unit uses too much, or the wrong mix at given prices.

The least cost is one more linear program over the reference set of `dea`, solved by
`simplex`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.statistics.frontier.dea import EFFICIENT, dea
from jinzhou.statistics.frontier.model import DeaModel, Prepared, numbers, prepare
from jinzhou.statistics.frontier.programs import OPTIMAL, Programs
from jinzhou.statistics.frontier.simplex import solve
from jinzhou.statistics.frontier.technology import CONVEX, Technology


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CostEfficiency:
    """Cost of the outputs against the cheapest way to make them.

    Attributes
    ----------
    scores : DataFrame, indexed by unit
        `technical` (input-oriented), `allocative` (the right mix), `cost` (their
        product: least cost over cost), all within (0, 1], `actual` and `least` cost,
        `status` (efficient means `cost` is 1).
    targets : DataFrame, indexed by unit
        The cheapest inputs, in the units of the data.
    inputs, outputs, returns_to_scale, n, enough, dropped, excluded
        As in `dea.Frontier`.
    """

    scores: pd.DataFrame
    targets: pd.DataFrame
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    returns_to_scale: str
    n: int
    enough: bool
    dropped: pd.Series
    excluded: pd.Series

    def table(self) -> pd.DataFrame:
        """A copy of `scores`, safe to format."""
        return self.scores.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        mean = self.scores[["cost", "technical", "allocative"]].mean()
        return (
            f"Cost efficiency of {self.n} units, {self.returns_to_scale} returns: "
            f"mean {mean['cost']:.3f} (technical {mean['technical']:.3f}, "
            f"allocative {mean['allocative']:.3f})."
        )


def cost_efficiency(
    units: pd.DataFrame, model: DeaModel, *, prices: Mapping[str, float | str]
) -> CostEfficiency:
    """Technical, allocative and cost efficiency at given prices.

    Parameters
    ----------
    units, model
        As in `dea`; inputs move, whatever the orientation, and returns to scale are not
        fdh.
    prices : mapping
        Input -> price per unit of the data, one number for all or the name of a column
        of `units`.

    Returns
    -------
    CostEfficiency

    Raises
    ------
    ParameterError
        An input without a price, or a price that is missing, negative or zero for all
        inputs of a unit.

    References
    ----------
    Farrell (1957), J. of the Royal Statistical Society A 120, 253-290; Färe,
    Grosskopf and Lovell (1985), The Measurement of Efficiency of Production.
    """
    model.check(returns_to_scale=CONVEX)
    given = prepare(units, model)
    own = units.loc[given.names]
    price = _prices(own, given, prices)
    m = len(given.inputs)
    actual = (price * given.X * given.scale[:m]).sum(axis=1)
    bad = ~np.isfinite(price).all(axis=1) | (price < 0).any(axis=1) | ~(actual > 0)
    if bad.any():
        raise ParameterError("statistics.dea.price", unit=given.names[bad][0])
    plain = dea(own, model.without_options(orientation="input"))
    technical = plain.scores["score"].to_numpy()
    least = least_cost(
        given.technology, given.Y, price * given.scale[:m] / actual[:, None]
    )
    cost = least.cost
    status = np.select(
        [np.isnan(cost) | np.isnan(technical), np.abs(cost - 1) <= EFFICIENT],
        ["no comparable unit", "efficient"],
        "inefficient",
    )
    return CostEfficiency(
        scores=pd.DataFrame(
            {
                "technical": technical,
                "allocative": cost / technical,
                "cost": cost,
                "actual": actual,
                "least": cost * actual,
                "status": status,
            },
            index=given.names,
        ),
        targets=pd.DataFrame(
            least.inputs * given.scale[:m],
            index=given.names,
            columns=list(given.inputs),
        ),
        inputs=given.inputs,
        outputs=given.outputs,
        returns_to_scale=model.returns_to_scale,
        n=given.n,
        enough=given.enough,
        dropped=given.excluded.value_counts(),
        excluded=given.excluded,
    )


def _prices(
    own: pd.DataFrame, given: Prepared, prices: Mapping[str, float | str]
) -> np.ndarray:
    """Price (n, m) of each input for each unit."""
    found, lacking = [], []
    for name in given.inputs:
        price = prices.get(name)
        if price is None or (isinstance(price, str) and price not in own):
            lacking.append(name)
        elif isinstance(price, str):
            found.append(numbers(own, [price])[:, 0])
        else:
            found.append(np.full(given.n, float(price)))
    if lacking:
        raise ParameterError("statistics.dea.no_price", missing=lacking)
    return np.column_stack(found)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeastCost:
    """Cheapest inputs: `cost` (n,) and `inputs` (n, m); NaN where there is no answer."""

    cost: np.ndarray
    inputs: np.ndarray


def least_cost(reference: Technology, Y: np.ndarray, price: np.ndarray) -> LeastCost:
    """The least price x inputs that make outputs Y (n, s) at prices (n, m).

    X lambda - x* + slack = 0 and Y lambda - slack = Y.
    """
    n, m = price.shape
    slacks = reference.slack_columns()
    own = np.hstack([np.zeros((reference.rows, m)), slacks.columns])
    own[:m, :m] = -np.eye(m)
    cost = np.zeros((n, own.shape[1]))
    cost[:, :m] = price
    b = np.hstack([np.zeros((n, m)), Y, np.ones((n, int(reference.bounded)))])
    size = np.ones(n) if reference.bounded else np.abs(b).max(axis=1, initial=0.0)
    found = solve(
        Programs(
            shared=reference.columns()[None],
            own=own[None],
            b=b / size[:, None],
            costs=(cost,),
            start=slacks.start_after(m),
        )
    )
    good = found.status == OPTIMAL
    return LeastCost(
        cost=np.where(good, found.objective * size, np.nan),
        inputs=np.where(good[:, None], found.own[:, :m] * size[:, None], np.nan),
    )
