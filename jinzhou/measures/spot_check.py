"""How many households a spot check needs, and what it then shows: exact, for a finite population."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import hypergeom

from jinzhou.errors import ParameterError


def upper_bound(found: int, checked: int, population: int, *, level: float = 0.95) -> float:
    """One-sided exact upper bound of a rate from a simple random sample without replacement.

    The largest share D / N for which finding `found` or fewer of D cases among `checked` of N
    households still has a probability above 1 - `level` (hypergeometric; Buonaccorsi 1987, The
    American Statistician 41, 215-218).

    Raises
    ------
    ParameterError
        Not 0 <= found <= checked <= population with at least one household checked.
    """
    if not 0 <= found <= checked <= population or not checked:
        raise ParameterError(
            f"抽查 {checked} 户、发现 {found} 户、总体 {population} 户；应为 0≤发现≤抽查≤总体，且至少抽查1户。",
            f"{found} found of {checked} checked of {population}; expected 0 <= found <= checked <= population, at least one checked.")
    low, high = found, population - (checked - found)
    while low < high:                                       # the probability falls as D grows
        middle = (low + high + 1) // 2
        if hypergeom.cdf(found, population, middle, checked) > 1 - level:
            low = middle
        else:
            high = middle - 1
    return low / population


def sample_size(population: int, *, rate: float, found: int = 0, level: float = 0.95) -> int | None:
    """Fewest households to check so that `found` cases or fewer show a rate below `rate`.

    None when even a full check cannot show it: `found` cases are themselves `rate` or more.

    Raises
    ------
    ParameterError
        `rate` is not between 0 and 1, or the population is empty.
    """
    if not 0 < rate < 1 or population < 1:
        raise ParameterError(f"标准 {rate}、总体 {population} 户；标准应在0与1之间，总体至少1户。",
                             f"rate {rate}, population {population}; expected a rate between 0 and 1 and at least one household.")
    if found / population >= rate:
        return None
    low, high = max(1, found), population
    while low < high:                                       # the bound falls as more are checked
        middle = (low + high) // 2
        if upper_bound(found, middle, population, level=level) < rate:
            high = middle
        else:
            low = middle + 1
    return low


def spot_check_plan(population: pd.Series, *, rate: float, found: Sequence[int] = (0, 1, 2), level: float = 0.95) -> pd.DataFrame:
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
    sizes = {f"n_{k}": [np.nan if (n := sample_size(size, rate=rate, found=k, level=level)) is None else n for size in whole] for k in found}
    return pd.DataFrame({"population": whole, **sizes}, index=whole.index)
