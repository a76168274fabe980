"""The money that those who fall back will need."""

from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.statistics.intervals import normal_quantile
from jinzhou.words import Estimate, Words

LEAST_TIED = 0.5
"""With less of the year's payments tied to households than this, help per person is not
known (ours)."""
FEWEST_CLUSTERS = 5
"""Fewer townships than this give no interval (ours)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportNeed(Result):
    """Expected returned persons, help paid per person and year, and their product.

    Attributes
    ----------
    persons, persons_ci_low, persons_ci_high : float
        Expected to return within the horizon.
    per_person, per_person_ci_low, per_person_ci_high : float
        Yuan paid per person of a household that was helped in `year`.
    need, need_ci_low, need_ci_high : float
        Yuan of one year of such help.
    helped : int
        Persons of the households helped.
    tied : float
        Share of the year's payments of projects for households that a household is
        linked to.
    unsized : int
        Households at risk without a size; they count as the mean of the others.
    year : int
        Last closed year.
    status : str
        ``shown``, ``no interval`` (helped in fewer than five townships), ``not tied``
        (too little is tied to households, or nobody was helped), ``no size`` (no
        household at risk has one).
    level : float
        Of the intervals.
    """

    persons: float
    persons_ci_low: float
    persons_ci_high: float
    per_person: float = float("nan")
    per_person_ci_low: float = float("nan")
    per_person_ci_high: float = float("nan")
    need: float = float("nan")
    need_ci_low: float = float("nan")
    need_ci_high: float = float("nan")
    helped: int
    tied: float
    unsized: int
    year: int
    status: str
    level: float

    def table(self) -> pd.DataFrame:
        """One row with every figure."""
        return pd.DataFrame([asdict(self)])

    def sentence(self, words: Words) -> str:
        """Persons, help per person and their product, or why it is unknown."""
        if self.need != self.need:
            reason = words.label("need_status", self.status)
            return words("summary.SupportNeed.unknown", reason=reason)
        return words(
            "summary.SupportNeed.text",
            persons=self.persons,
            per_person=self.per_person,
            need=Estimate(self.need, self.need_ci_low, self.need_ci_high),
        )


def support_need(
    probability: pd.Series,
    paid: pd.DataFrame,
    *,
    persons: pd.Series,
    events: int,
    level: float = 0.95,
) -> SupportNeed:
    """Money for those who will fall back: expected persons times help per person (R15).

    Parameters
    ----------
    probability : Series, indexed by household
        Probability of a return within the horizon.
    paid : DataFrame
        See `registry.help_paid`: `household_id` (missing: tied to nobody), `town`,
        `persons`, `yuan`, `year`. Households without persons count on neither side.
    persons : Series, indexed by household
        Size of the household, missing when blank.
    events : int
        Known returns that the level of `probability` rests on.
    level : float
        Of the intervals.

    Returns
    -------
    SupportNeed

    Notes
    -----
    Assumes that who falls back is helped as those helped were, for one year, with prices
    and rules unchanged. Persons: the draw (Poisson-binomial, households whole) and the
    level (1 / sqrt(events)). Yuan per person: a ratio, delete-one-township jackknife of
    its logarithm with Student's t. Product: the two errors taken as independent, on the
    log scale (delta method).

    References
    ----------
    Rust and Rao (1996), Statistical Methods in Medical Research 5, 283-310.
    """
    expected, error, unsized = _expected_persons(probability, persons, events)
    reach = normal_quantile(level) * error
    known = paid[paid["household_id"].notna() & (paid["persons"] > 0)]
    helped = float(known["persons"].sum())
    tied = _tied(paid)
    untied = SupportNeed(
        persons=expected,
        persons_ci_low=max(0.0, expected - reach),
        persons_ci_high=expected + reach,
        helped=int(helped),
        tied=tied,
        unsized=unsized,
        year=int(paid["year"].max()) if len(paid) else 0,
        status="not tied",
        level=level,
    )
    if not (helped and tied >= LEAST_TIED):
        return untied
    ratio = float(known["yuan"].sum()) / helped
    need = expected * ratio
    if not expected > 0:
        return replace(untied, per_person=ratio, need=need, status="no size")
    half = _ratio_half_width(known, level)
    if half is None:
        return replace(untied, per_person=ratio, need=need, status="no interval")
    both = float(np.hypot(half, reach / expected))
    return replace(
        untied,
        per_person=ratio,
        per_person_ci_low=ratio * np.exp(-half),
        per_person_ci_high=ratio * np.exp(half),
        need=need,
        need_ci_low=need * np.exp(-both),
        need_ci_high=need * np.exp(both),
        status="shown",
    )


def _expected_persons(
    probability: pd.Series, persons: pd.Series, events: int
) -> tuple[float, float, int]:
    """Expected returned persons, their standard error, households without a size."""
    size = persons.reindex(probability.index).astype(float)
    size = size.where(size > 0)
    unsized = int(size.isna().sum())
    p, n = probability.to_numpy(float), size.fillna(size.mean()).to_numpy()
    expected = float((p * n).sum()) if unsized < len(size) else float("nan")
    drawn = (p * (1 - p) * n**2).sum()
    return expected, float(np.sqrt(drawn + expected**2 / events)), unsized


def _tied(paid: pd.DataFrame) -> float:
    """Share of the payments that a household is linked to; NaN without payments."""
    total = float(paid["yuan"].sum())
    linked = float(paid.loc[paid["household_id"].notna(), "yuan"].sum())
    return linked / total if total > 0 else float("nan")


def _ratio_half_width(known: pd.DataFrame, level: float) -> float | None:
    """Half width of the interval of log yuan per person; None with few townships."""
    from scipy.stats import t as student

    towns = known.groupby("town")[["yuan", "persons"]].sum()
    k = len(towns)
    if k < FEWEST_CLUSTERS:
        return None
    rest = known[["yuan", "persons"]].sum() - towns
    without = np.log(rest["yuan"].to_numpy()) - np.log(rest["persons"].to_numpy())
    spread = float(np.sqrt((k - 1) / k * ((without - without.mean()) ** 2).sum()))
    return float(student.ppf(0.5 + level / 2, k - 1)) * spread
