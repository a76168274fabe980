"""Spot checks: how many households, which ones, and what the answers show. Exact, for a finite population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.statistics.tolerance import below


def upper_bound(
    found: int, checked: int, population: int, *, level: float = 0.95
) -> float:
    """One-sided exact upper bound of a rate from a simple random sample without replacement.

    The largest share D / N for which finding `found` or fewer of D cases among `checked` of N
    households still has a probability above 1 - `level` (hypergeometric; Buonaccorsi 1987, The
    American Statistician 41, 215-218).

    Raises
    ------
    ParameterError
        Not 0 <= found <= checked <= population with at least one household checked.
    """
    from scipy.stats import hypergeom

    if not 0 <= found <= checked <= population or not checked:
        raise ParameterError(
            f"抽查 {checked} 户、发现 {found} 户、总体 {population} 户；应为 0≤发现≤抽查≤总体，且至少抽查1户。",
            f"{found} found of {checked} checked of {population}; expected 0 <= found <= checked <= population, at least one checked.",
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
    """Two-sided exact interval of a rate from a simple random sample without replacement.

    The shares D / N whose acceptability is above 1 - `level`: the probability of the tail that ends
    at `found`, plus that of the other tail as far as it is no larger. It never covers less than
    `level` and lies within the interval that cuts both tails alike (Blaker 2000, Canadian Journal of
    Statistics 28, 783-798; here for the hypergeometric law). Errors as `upper_bound`.
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
    """Probability of a result at least as far out as `found` when `bad` of the population are cases."""
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
    """Fewest households to check so that `found` cases or fewer show a rate below `rate`.

    None when even a full check cannot show it: `found` cases are themselves `rate` or more.

    Raises
    ------
    ParameterError
        `rate` is not between 0 and 1, or the population is empty.
    """
    if not 0 < rate < 1 or population < 1:
        raise ParameterError(
            f"标准 {rate}、总体 {population} 户；标准应在0与1之间，总体至少1户。",
            f"rate {rate}, population {population}; expected a rate between 0 and 1 and at least one household.",
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
    """Households to check in each county to show a rate below the mark (R31-R33, R01).

    Parameters
    ----------
    population : Series, indexed by county
        Households in the frame, such as those that have left poverty.
    rate : float
        The mark; 错退率 and 漏评率 must be below 0.02 (practice, exit evaluation).
    found : sequence of int
        Cases that the check may find.

    Returns
    -------
    DataFrame, indexed by county with a last row ``all`` (the city drawn as one)
        `population` and, per entry of `found`, ``n_<found>``; missing where no check can show it.
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
class SpotCheckDraw:
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

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return f"{len(self.rows)} households drawn with seed {self.seed}."


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
        A household stands twice in the frame, a size is below zero, or a stratum is not in the frame.
    """
    if frame[unit].duplicated().any():
        raise ParameterError(
            f"抽样框有 {int(frame[unit].duplicated().sum())} 户重复；每户应只有一行。",
            f"{int(frame[unit].duplicated().sum())} households stand twice in the frame; expected one row each.",
        )
    unknown = sorted(set(sizes) - set(frame[by]))
    if unknown or min(sizes.values(), default=0) < 0:
        raise ParameterError(
            f"抽样数有误：{'、'.join(unknown) or '有负数'}；应为抽样框中的{by}，每项不小于0。",
            f"wrong sizes: {', '.join(unknown) or 'below zero'}; expected strata of {by} in the frame, none below 0.",
        )
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
class SpotCheckRates:
    """Rates that a spot check shows.

    Attributes
    ----------
    rows : DataFrame
        `rate` (name), the group (the whole as ``all``), `checked`, `found`, `population`
        (households), `value`, `ci_low`, `ci_high` (0-1), `status`: ``pass`` (the whole interval below the
        mark), ``fail`` (the rate is not below it), ``unknown`` (too few checked to tell, or none).
    mark : float
    """

    rows: pd.DataFrame
    mark: float

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        whole = self.rows[self.rows.iloc[:, 1] == "all"]
        return "; ".join(
            f"{r.rate} {r.value:.2%} ({r.ci_low:.2%}-{r.ci_high:.2%}): {r.status}"
            for r in whole.itertuples()
        )


ERRORS = {
    "wrong_exit": ("exited", "wrongly_exited"),
    "missed": ("unregistered", "missed"),
    "wrong_entry": ("poor", "wrongly_identified"),
}
"""Rate -> frame that is drawn from, finding that counts (错退率, 漏评率, 错评率; practice, exit evaluation)."""


def spot_check_rates(
    checks: pd.DataFrame, *, mark: float, by: str = "county", level: float = 0.95
) -> SpotCheckRates:
    """Wrong exits, missed and wrongly identified households, weighted by design, with intervals (R01, R31-R33).

    Parameters
    ----------
    checks : DataFrame
        `sample_frame`, `found` (list of findings), `weight` (inverse of the probability of being
        drawn), the group; each group is a stratum drawn at random. Rows without a weight tell of
        themselves alone and are left out.
    mark : float
        The rate must be below it.

    Notes
    -----
    A stratum's interval is exact (hypergeometric); its population is the sum of its weights. The
    whole is the stratified estimate, and its interval joins those of the strata by MOVER (Zou and
    Donner 2008, Statistics in Medicine 27, 1693-1702).
    """
    usable = checks[checks["weight"].notna() & checks[by].notna()]
    rows = []
    for name, (frame, finding) in ERRORS.items():
        mine = usable[usable["sample_frame"] == frame]
        hit = mine["found"].map(
            lambda codes: finding in list(codes) if codes is not None else False
        )
        strata = []
        for group, part in mine.assign(hit=hit).groupby(by):
            found, checked = int(part["hit"].sum()), len(part)
            population = max(checked, round(part["weight"].sum()))
            value = float((part["weight"] * part["hit"]).sum() / part["weight"].sum())
            strata.append(
                (
                    group,
                    checked,
                    found,
                    population,
                    value,
                    *exact_interval(found, checked, population, level=level),
                )
            )
        if strata:
            whole = np.array([s[1:] for s in strata], float)
            share = whole[:, 2] / whole[:, 2].sum()
            strata.append(
                (
                    "all",
                    *whole[:, :3].sum(axis=0).astype(int),
                    *combined(share, *whole[:, 3:].T),
                )
            )
        else:
            strata.append(("all", 0, 0, 0, np.nan, np.nan, np.nan))
        rows += [(name, *s, _verdict(*s[4:7], mark)) for s in strata]
    return SpotCheckRates(
        rows=pd.DataFrame(
            rows,
            columns=[
                "rate",
                by,
                "checked",
                "found",
                "population",
                "value",
                "ci_low",
                "ci_high",
                "status",
            ],
        ),
        mark=mark,
    )


def combined(
    share: np.ndarray, value: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[float, float, float]:
    """A weighted sum of independent estimates with its interval, from their own intervals (MOVER)."""
    total = float((share * value).sum())
    return (
        total,
        total - float(np.sqrt((share**2 * (value - low) ** 2).sum())),
        total + float(np.sqrt((share**2 * (high - value) ** 2).sum())),
    )


def _verdict(value: float, low: float, high: float, mark: float) -> str:
    if np.isnan(value):
        return "unknown"
    if below(high, mark):
        return "pass"
    return "unknown" if below(value, mark) else "fail"
