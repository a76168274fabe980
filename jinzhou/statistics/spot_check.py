"""Spot checks: how many households, which ones, and what the answers show.

Exact, for a finite population: statsmodels' proportion intervals know infinite ones
alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.result import Result
from jinzhou.statistics.tolerance import below
from jinzhou.words import Estimate, Words


def upper_bound(
    found: int, checked: int, population: int, *, level: float = 0.95
) -> float:
    """One-sided exact upper bound of a rate from a sample without replacement.

    The largest share D / N for which finding `found` or fewer of D cases among
    `checked` of N households still has a probability above 1 - `level` (hypergeometric;
    Buonaccorsi 1987, The American Statistician 41, 215-218).

    Raises
    ------
    ParameterError
        Not 0 <= found <= checked <= population with at least one household checked.
    """
    from scipy.stats import hypergeom

    if not 0 <= found <= checked <= population or not checked:
        raise ParameterError(
            "statistics.spot_check.counts",
            found=found,
            checked=checked,
            population=population,
        )
    low, high = found, population - (checked - found)
    while low < high:  # the probability falls as D grows
        middle = (low + high + 1) // 2
        if hypergeom.cdf(found, population, middle, checked) > 1 - level:
            low = middle
        else:
            high = middle - 1
    return low / population


@cache
def exact_interval(
    found: int, checked: int, population: int, *, level: float = 0.95
) -> tuple[float, float]:
    """Two-sided exact interval of a rate from a sample without replacement.

    The shares D / N whose acceptability is above 1 - `level`: the probability of the
    tail that ends at `found`, plus that of the other tail as far as it is no larger. It
    never covers less than `level` and lies within the interval that cuts both tails
    alike (Blaker 2000, Canadian Journal of Statistics 28, 783-798; here for the
    hypergeometric law). Errors as `upper_bound`.
    """
    side = (1 + level) / 2
    low = population - round(
        upper_bound(checked - found, checked, population, level=side) * population
    )
    high = round(upper_bound(found, checked, population, level=side) * population)
    while low < high and _acceptability(low, found, checked, population) <= 1 - level:
        low += 1
    while high > low and _acceptability(high, found, checked, population) <= 1 - level:
        high -= 1
    return low / population, high / population


def _acceptability(bad: int, found: int, checked: int, population: int) -> float:
    """Probability of a result at least as far out as `found`, with `bad` cases."""
    from scipy.stats import hypergeom

    values = np.arange(max(0, checked - (population - bad)), min(checked, bad) + 1)
    mass = hypergeom.pmf(values, population, bad, checked)
    below, above = np.cumsum(mass), np.cumsum(mass[::-1])[::-1]  # P(X <= k), P(X >= k)
    at = found - values[0]
    if below[at] <= above[at]:
        other = above[above <= below[at] * (1 + 1e-9)]
        return float(below[at] + (other[0] if len(other) else 0.0))
    other = below[below <= above[at] * (1 + 1e-9)]
    return float(above[at] + (other[-1] if len(other) else 0.0))


def sample_size(
    population: int, *, rate: float, found: int = 0, level: float = 0.95
) -> int | None:
    """Fewest households to check for `found` cases to show a rate below `rate`.

    None when even a full check cannot show it: `found` cases are themselves `rate` or
    more.

    Raises
    ------
    ParameterError
        `rate` is not between 0 and 1, or the population is empty.
    """
    if not 0 < rate < 1 or population < 1:
        raise ParameterError(
            "statistics.spot_check.rate", rate=rate, population=population
        )
    if found / population >= rate:
        return None
    low, high = max(1, found), population
    while low < high:  # the bound falls as more are checked
        middle = (low + high) // 2
        if upper_bound(found, middle, population, level=level) < rate:
            high = middle
        else:
            low = middle + 1
    return low


def spot_check_plan(
    population: pd.Series,
    *,
    rate: float,
    found: Sequence[int] = (0, 1, 2),
    level: float = 0.95,
) -> pd.DataFrame:
    """Households to check in each county to show a rate below the threshold.

    Parameters
    ----------
    population : Series, indexed by county
        Households in the frame, such as those that have left poverty.
    rate : float
        The threshold of wrong exits and of missed households (R01, R31-R33).
    found : sequence of int
        Cases that the check may find.

    Returns
    -------
    DataFrame, indexed by county with a last row ``all`` (the city drawn as one)
        `population` and, per entry of `found`, ``n_<found>``; missing where no check
        can show it.
    """
    whole = pd.concat([population, pd.Series({"all": population.sum()})]).astype(int)
    sizes = {
        f"n_{k}": [
            np.nan
            if (n := sample_size(size, rate=rate, found=k, level=level)) is None
            else n
            for size in whole
        ]
        for k in found
    }
    return pd.DataFrame({"population": whole, **sizes}, index=whole.index)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpotCheckDraw(Result):
    """Households drawn, and how.

    Attributes
    ----------
    rows : DataFrame
        The frame's rows that were drawn, with `order` (of the draw within its stratum),
        `draw_probability` and `weight` (its inverse).
    seed : int
        The same frame, sizes and seed draw the same households.
    """

    rows: pd.DataFrame
    seed: int

    def sentence(self, words: Words) -> str:
        """How many households were drawn, and the seed."""
        return words("summary.SpotCheckDraw", n=len(self.rows), seed=self.seed)


def draw_spot_check(
    frame: pd.DataFrame,
    sizes: Mapping[str, int],
    *,
    seed: int,
    by: str = "county",
    unit: str = "household_id",
) -> SpotCheckDraw:
    """A stratified simple random sample without replacement (R32).

    Parameters
    ----------
    frame : DataFrame
        One row per household that may be drawn, in any order.
    sizes : mapping, stratum -> households
        A stratum that is smaller is checked in full; one that is not named is left out.
    seed : int
        To be stored with the list, so that anybody can draw it again.

    Raises
    ------
    ParameterError
        A household stands twice in the frame, a size is below zero, or a stratum is not
        in the frame.
    """
    if frame[unit].duplicated().any():
        twice = int(frame[unit].duplicated().sum())
        raise ParameterError("statistics.spot_check.twice", found=twice)
    unknown = sorted(set(sizes) - set(frame[by]))
    if unknown:
        raise ParameterError("statistics.spot_check.strata", found=unknown, by=by)
    if min(sizes.values(), default=0) < 0:
        raise ParameterError("statistics.spot_check.negative")
    parts = []
    for stratum in sorted(sizes):
        rows = frame[frame[by] == stratum].sort_values(unit, ignore_index=True)
        n = min(int(sizes[stratum]), len(rows))
        # a stream per stratum: one stratum's size does not change another's draw
        stream = np.random.default_rng([seed, *map(ord, str(stratum))])
        chosen = stream.permutation(len(rows))[:n]
        parts.append(
            rows.iloc[chosen].assign(
                order=np.arange(1, n + 1),
                draw_probability=n / max(1, len(rows)),
                weight=len(rows) / max(1, n),
            )
        )
    return SpotCheckDraw(
        rows=pd.concat(parts, ignore_index=True) if parts else frame.iloc[:0], seed=seed
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpotCheckRates(Result):
    """Rates that a spot check shows.

    Attributes
    ----------
    rows : DataFrame
        `rate` (name), the group (the whole as ``all``), `checked`, `found`,
        `population` (households), `value`, `ci_low`, `ci_high` (0-1), `status`:
        ``pass`` (the whole interval below the threshold), ``fail`` (the rate is not
        below it), ``unknown`` (too few checked to say, or none).
    by : str
        Column of the group.
    threshold : float
    """

    kinds: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("value", "ci_low", "ci_high"), "share"
    )
    rows: pd.DataFrame
    by: str
    threshold: float

    def sentence(self, words: Words) -> str:
        """Each rate of the whole, with its interval and verdict."""
        whole = self.rows[self.rows[self.by] == WHOLE]
        each = [
            words(
                "summary.SpotCheckRates.each",
                rate=words(f"values.{r.rate}"),
                share=Estimate(value=r.value, low=r.ci_low, high=r.ci_high),
                status=words(f"values.{r.status}"),
            )
            for r in whole.itertuples()
        ]
        return words("summary.SpotCheckRates.text", each=each)


WHOLE = "all"
ERRORS = {
    "wrong_exit": ("exited", "wrongly_exited"),
    "missed": ("unregistered", "missed"),
    "wrong_entry": ("poor", "wrongly_identified"),
}
"""Rate -> frame that is drawn from, finding that counts."""


def spot_check_rates(
    checks: pd.DataFrame,
    *,
    threshold: float,
    by: str = "county",
    level: float = 0.95,
) -> SpotCheckRates:
    """Wrong exits, missed and wrongly identified households, weighted by design.

    Parameters
    ----------
    checks : DataFrame
        `sample_frame`, `found` (list of findings), `weight` (inverse of the probability
        of being drawn), the group; each group is a stratum drawn at random. Rows
        without a weight speak for themselves alone and are left out.
    threshold : float
        The rate must be below it (R01, R31-R33).

    Returns
    -------
    SpotCheckRates

    Notes
    -----
    A stratum's interval is exact (hypergeometric); its population is the sum of its
    weights. The whole is the stratified estimate, and its interval joins those of the
    strata by MOVER.

    References
    ----------
    Zou and Donner (2008), Statistics in Medicine 27, 1693-1702.
    """
    usable = checks[checks["weight"].notna() & checks[by].notna()]
    rows = []
    for name, (frame, finding) in ERRORS.items():
        mine = usable[usable["sample_frame"] == frame]
        hit = [found is not None and finding in list(found) for found in mine["found"]]
        for row in _strata(mine.assign(hit=hit), by, level):
            verdict = _verdict(*row[4:], threshold)
            rows.append((name, *row, verdict))
    columns = ["rate", by, "checked", "found", "population"]
    columns += ["value", "ci_low", "ci_high", "status"]
    return SpotCheckRates(
        rows=pd.DataFrame(rows, columns=columns), by=by, threshold=threshold
    )


Stratum = tuple[str, int, int, int, float, float, float]
"""Group, checked, found, population, value, ci_low, ci_high."""


def _strata(checks: pd.DataFrame, by: str, level: float) -> list[Stratum]:
    """Every stratum, then the whole, from rows with `hit` and `weight`."""
    strata: list[Stratum] = []
    for group, part in checks.groupby(by):
        found, checked = int(part["hit"].sum()), len(part)
        weight = part["weight"].sum()
        population = max(checked, round(weight))
        value = float((part["weight"] * part["hit"]).sum() / weight)
        low, high = exact_interval(found, checked, population, level=level)
        strata.append((str(group), checked, found, population, value, low, high))
    if not strata:
        return [(WHOLE, 0, 0, 0, np.nan, np.nan, np.nan)]
    numbers = np.array([s[1:] for s in strata], float)
    checked, found, population = (int(v) for v in numbers[:, :3].sum(axis=0))
    share = numbers[:, 2] / numbers[:, 2].sum()
    value, low, high = combined(share, *numbers[:, 3:].T)
    return [*strata, (WHOLE, checked, found, population, value, low, high)]


def combined(
    share: np.ndarray, value: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[float, float, float]:
    """A weighted sum of independent estimates, with its interval by MOVER."""
    total = float((share * value).sum())
    return (
        total,
        total - float(np.sqrt((share**2 * (value - low) ** 2).sum())),
        total + float(np.sqrt((share**2 * (high - value) ** 2).sum())),
    )


def _verdict(value: float, low: float, high: float, threshold: float) -> str:
    if np.isnan(value):
        return "unknown"
    if below(high, threshold):
        return "pass"
    return "unknown" if below(value, threshold) else "fail"
