"""Ranks that intervals allow."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.statistics.intervals import normal_quantile
from jinzhou.words import Words


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranking(Result):
    """Ranges of ranks, one row per unit.

    Attributes
    ----------
    rows : DataFrame, indexed by unit
        `value`, `ci_low`, `ci_high` (jointly at `level`), `first`, `last` (best and worst rank that
        the unit may have, 1 is lowest), `separated` (units from which it is separated), `status`:
        ``ranked`` (separated from another), ``not separated``, ``no interval``.
    level : float
    """

    rows: pd.DataFrame
    level: float

    def sentence(self, words: Words) -> str:
        """How many units are separated from some other."""
        ranked = int((self.rows["status"] == "ranked").sum())
        return words("summary.Ranking", ranked=ranked, units=len(self.rows))


def rank_ranges(
    frame: pd.DataFrame, *, value: str, ci_low: str, ci_high: str, level: float = 0.95
) -> Ranking:
    """Ranks that units may have when their intervals hold together; never a rank without them.

    Parameters
    ----------
    frame : DataFrame
        One row per unit: a value above zero with its own interval at `level`.

    Notes
    -----
    Each interval is widened on the log scale to hold jointly (Bonferroni over the units); a unit
    may have any rank from one more than the units wholly below it.

    References
    ----------
    Klein, Wright and Wieczorek (2020), Journal of the Royal Statistical Society C 69, 589-606.
    """
    from scipy.stats import norm

    known = frame[[value, ci_low, ci_high]].dropna()
    k = len(known)
    factor = norm.ppf(1 - (1 - level) / 2 / max(k, 1)) / normal_quantile(level)
    centre, low, high = (np.log(known[c].to_numpy()) for c in (value, ci_low, ci_high))
    down = np.exp(centre - factor * (centre - low))
    up = np.exp(centre + factor * (high - centre))
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
        ["no interval", "ranked"],
        "not separated",
    )
    return Ranking(rows=rows, level=level)
