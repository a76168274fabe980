"""The money that those who fall back will need."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from jinzhou.chapters.funding.analysis.exit_cost import FEWEST_CLUSTERS
from jinzhou.statistics.intervals import normal_quantile

LEAST_TIED = 0.5
"""With less of the year's payments tied to households than this, help per person is not known (ours)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportNeed:
    """Expected returned persons, what help pays per person and year, and their product; intervals at `level`.

    Attributes
    ----------
    persons, persons_ci_low, persons_ci_high : float
        Expected to return within the horizon.
    each, each_ci_low, each_ci_high : float
        Yuan paid per person of a household that was helped in `year`.
    need, need_ci_low, need_ci_high : float
        Yuan of one year of such help.
    helped : int
        Persons of the households helped.
    tied : float
        Share of the year's payments of projects for households that a household is linked to.
    unsized : int
        Households at risk without a size; they count as the mean of the others.
    year : int
        Last closed year.
    status : str
        ``shown``, ``no interval`` (helped in fewer than five townships), ``not tied`` (too little is tied to households, or nobody was helped), ``no size`` (no household at risk has one).
    level : float
    """

    persons: float
    persons_ci_low: float
    persons_ci_high: float
    each: float
    each_ci_low: float
    each_ci_high: float
    need: float
    need_ci_low: float
    need_ci_high: float
    helped: int
    tied: float
    unsized: int
    year: int
    status: str
    level: float

    def table(self) -> pd.DataFrame:
        """One row with every figure."""
        return pd.DataFrame([asdict(self)])

    def summary(self) -> str:
        """One line for a log or a notebook."""
        if self.status in ("not tied", "no size"):
            return f"need of money of those who fall back: unknown ({self.status})."
        return f"{self.persons:,.0f} persons expected to fall back x {self.each:,.0f} yuan of help = {self.need:,.0f} yuan [{self.need_ci_low:,.0f}, {self.need_ci_high:,.0f}]."


def support_need(
    chance: pd.Series,
    paid: pd.DataFrame,
    *,
    persons: pd.Series,
    events: int,
    level: float = 0.95,
) -> SupportNeed:
    """Money for those who will fall back: expected returned persons x what help pays per helped person and year (R15).

    Parameters
    ----------
    chance : Series, indexed by household
        Probability of a return within the horizon.
    paid : DataFrame
        See `registry.help_paid`: `household_id` (missing: tied to nobody), `town`, `persons`, `yuan`, `year`. Households without persons count on neither side.
    persons : Series, indexed by household
        Size of the household, missing when blank.
    events : int
        Known returns that the level of `chance` rests on.

    Notes
    -----
    Assumes that who falls back is helped as those helped were, for one year. Persons: the draw (Poisson-binomial, households whole) and the
    level (1 / sqrt(events)). Yuan per person: a ratio, delete-one-township jackknife of its logarithm with Student's t (Rust and Rao 1996, Statistical
    Methods in Medical Research 5, 283-310). Product: the two errors taken as independent, on the log scale (delta method). Prices and rules of
    the year stay as they were.
    """
    from scipy.stats import t as student

    z, nan = normal_quantile(level), float("nan")
    size = persons.reindex(chance.index).astype(float)
    size = size.where(size > 0)
    unsized = int(size.isna().sum())
    p, n = chance.to_numpy(float), size.fillna(size.mean()).to_numpy()
    expected = float((p * n).sum()) if unsized < len(size) else nan
    error = float(np.sqrt((p * (1 - p) * n**2).sum() + expected**2 / events))
    home = paid["household_id"].notna()
    known = paid[home & (paid["persons"] > 0)]
    people, yuan = float(known["persons"].sum()), float(known["yuan"].sum())
    total = float(paid["yuan"].sum())
    tied = float(paid.loc[home, "yuan"].sum()) / total if total > 0 else nan
    each = yuan / people if people and tied >= LEAST_TIED else nan
    answer = dict(
        persons=expected,
        persons_ci_low=max(0.0, expected - z * error),
        persons_ci_high=expected + z * error,
        each=each,
        each_ci_low=nan,
        each_ci_high=nan,
        need=expected * each,
        need_ci_low=nan,
        need_ci_high=nan,
        helped=int(people),
        tied=tied,
        unsized=unsized,
        year=int(paid["year"].max()) if len(paid) else 0,
        level=level,
    )
    towns = known.groupby("town")[["yuan", "persons"]].sum()
    k = len(towns)
    if not np.isfinite(each):
        return SupportNeed(**answer, status="not tied")
    if not expected > 0:
        return SupportNeed(**answer, status="no size")
    if k < FEWEST_CLUSTERS:
        return SupportNeed(**answer, status="no interval")
    without = np.log(yuan - towns["yuan"].to_numpy()) - np.log(
        people - towns["persons"].to_numpy()
    )
    spread = float(np.sqrt((k - 1) / k * ((without - without.mean()) ** 2).sum()))
    half = float(student.ppf(0.5 + level / 2, k - 1)) * spread
    both = float(np.hypot(half, z * error / expected))
    answer |= dict(
        zip(
            ("each_ci_low", "each_ci_high", "need_ci_low", "need_ci_high"),
            (
                float(v * np.exp(e))
                for v, e in (
                    (each, -half),
                    (each, half),
                    (expected * each, -both),
                    (expected * each, both),
                )
            ),
        )
    )
    return SupportNeed(**answer, status="shown")
