"""Tests for invented or copied numbers, one by one: unit by unit, group by group.

A test gives n, statistic, expected value and p of each unit. Poisson, binomial and
chi-square laws are scipy's; what is counted is this project's own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from jinzhou.statistics.density import density_test

ORDERS_OF_MAGNITUDE = 3
"""Span of amounts from which Benford's law is expected of first digits."""
NULL_DRAWS = 20
"""Honest data sets that each test is run on beside the real one."""
ROWS = ("unit", "group", "n", "statistic", "expected", "p", "status", "why")


class Rule(Protocol):
    """What is asked of a test: fewest rows of a unit, and what a unit is."""

    @property
    def fewest(self) -> int:
        """Rows below which a unit is not tested."""
        ...

    @property
    def unit(self) -> str:
        """Kind of the unit."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ForensicColumns:
    """Columns of the rows to be tested.

    Attributes
    ----------
    unit, group : str
        What is tested, and what it is compared within.
    parts : tuple of str
        Amounts whose equality in two rows is a copy, when `earned` are above zero.
    earned : tuple of str
        Amounts that somebody asked for and wrote down; statutory amounts are round by
        rule.
    income, income_before : str
        Of the year and the year before.
    aid, aid_before, aid_after : str
        Transfers of the year that mattered and of its neighbours.
    day, visited : str
        Of visits: the day, and how many were visited on it.
    amount : str
        Of payments and budgets.
    """

    unit: str
    group: str
    parts: tuple[str, ...]
    earned: tuple[str, ...]
    income: str
    income_before: str
    aid: str
    aid_before: str
    aid_after: str
    visited: str
    amount: str


def dealt(
    rng: np.random.Generator, unit: np.ndarray, group: np.ndarray, clean: np.ndarray
) -> np.ndarray:
    """Unit of each row, the `clean` ones dealt anew in their group; -1 for others."""
    out = np.full(len(unit), -1)
    for one in range(group.max(initial=-1) + 1):
        rows = np.flatnonzero((group == one) & clean)
        out[rows] = unit[rng.permutation(rows)]
    return out


def scored_rows(
    key: str, fewest: int, groups: pd.Series, scored: tuple[np.ndarray, ...]
) -> pd.DataFrame:
    """A test's rows from its scores by unit; units with too few rows say so.

    Parameters
    ----------
    groups : Series, indexed by unit
    scored : n, statistic, expected, p, each an array (units,)
    """
    n, statistic, expected, p = scored
    few = n < fewest
    blank = np.where(few, np.nan, 1.0)
    return pd.DataFrame(
        {
            "unit": groups.index,
            "group": groups.to_numpy(),
            "n": n,
            "statistic": statistic * blank,
            "expected": expected * blank,
            "p": p * blank,
            "status": np.where(few, "too few", ""),
            "why": [
                f"{m} rows, {fewest} needed" if f else ""
                for m, f in zip(n, few, strict=True)
            ],
            "test": key,
        }
    )


def frame_of(rows: Sequence[tuple]) -> pd.DataFrame:
    """Rows of `ROWS` with their types, also when there is none."""
    numbers = dict.fromkeys(("statistic", "expected", "p"), float)
    texts = dict.fromkeys(("status", "why"), object)
    return pd.DataFrame(rows, columns=list(ROWS)).astype(numbers | texts)


Score = Callable[
    [np.ndarray, int], tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
]
"""Unit of each row (-1: none) and number of units -> n, statistic, expected, p."""


def _repeats(
    village: np.ndarray, code: np.ndarray, villages: int
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of each village, and those of them that repeat an earlier row's code."""
    inside = village >= 0
    n = np.bincount(village[inside], minlength=villages)
    key = (
        village[inside].astype("int64") * (int(code.max(initial=0)) + 1) + code[inside]
    )
    return n, n - np.bincount(
        np.unique(key) // (int(code.max(initial=0)) + 1), minlength=villages
    )


def copies(incomes: pd.DataFrame, columns: ForensicColumns) -> tuple[np.ndarray, Score]:
    """Rows with the same parts of income, against pairs that agree in the group."""
    from scipy.stats import poisson

    parts, earned = list(columns.parts), list(columns.earned)
    usable = incomes[(incomes[earned] > 0).all(axis=1)].dropna(subset=parts)
    home = usable.index.to_numpy()
    code = (
        pd.factorize(pd.MultiIndex.from_frame(usable[parts].round(2)))[0]
        if len(usable)
        else np.array([], int)
    )
    county, names = pd.factorize(usable[columns.group])

    def score(village: np.ndarray, villages: int):
        mine = village[home]
        n, extra = _repeats(mine, code, villages)
        inside = mine >= 0
        group = (
            pd.Series(
                1, index=pd.MultiIndex.from_arrays([county[inside], code[inside]])
            )
            .groupby(level=[0, 1])
            .size()
        )
        pairs = np.bincount(
            group.index.get_level_values(0),
            group * (group - 1) / 2,
            minlength=len(names),
        )
        size = np.bincount(county[inside], minlength=len(names)).astype(float)
        of = np.zeros(villages, int)
        of[mine[inside]] = county[inside]
        expected = pairs[of] * n * (n - 1) / np.maximum(1, size[of] * (size[of] - 1))
        return (
            n,
            extra.astype(float),
            expected,
            np.where(extra > 0, poisson.sf(extra - 1, np.maximum(expected, 1e-9)), 1.0),
        )

    return home, score


def growth(incomes: pd.DataFrame, columns: ForensicColumns) -> tuple[np.ndarray, Score]:
    """Rows whose income grew by the same ratio to four decimals."""
    from scipy.stats import poisson

    now, then = columns.income, columns.income_before
    usable = incomes[(incomes[now] > 0) & (incomes[then] > 0)]
    home = usable.index.to_numpy()
    ratio = (usable[now] / usable[then]).to_numpy(float)
    # two growths agree to four decimals so often, by the smooth distribution
    share = np.histogram(ratio.clip(0.2, 5), bins=np.arange(0.2, 5.02, 0.02))[0] / max(
        1, len(ratio)
    )
    agree = float((share**2).sum()) * 1e-4 / 0.02
    code = (ratio * 10_000).round().astype("int64")

    def score(village: np.ndarray, villages: int):
        n, extra = _repeats(village[home], code, villages)
        expected = n * (n - 1) / 2 * agree
        return (
            n,
            extra.astype(float),
            expected,
            np.where(extra > 0, poisson.sf(extra - 1, np.maximum(expected, 1e-9)), 1.0),
        )

    return home, score


def _asked(
    incomes: pd.DataFrame, columns: ForensicColumns
) -> tuple[np.ndarray, np.ndarray]:
    """Earned amounts of 1,000 and more in whole yuan, with the row of each."""
    values = incomes[list(columns.earned)].to_numpy(float)
    row, column = np.nonzero(values >= 1_000)
    return row, np.floor(values[row, column] + 1e-9).astype("int64")


def digits(incomes: pd.DataFrame, columns: ForensicColumns) -> tuple[np.ndarray, Score]:
    """Last digits of asked amounts against those of all other units."""
    from scipy.stats import chi2

    home, whole = _asked(incomes, columns)
    digit = whole % 10

    def score(village: np.ndarray, villages: int):
        mine = village[home]
        inside = mine >= 0
        seen = (
            np.bincount(mine[inside] * 10 + digit[inside], minlength=villages * 10)
            .reshape(villages, 10)
            .astype(float)
        )
        city = seen.sum(axis=0)
        n, total = seen.sum(axis=1), city.sum()
        expected = n[:, None] * city / max(1.0, total)
        other = (total - n)[:, None] * city / max(1.0, total)
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = np.nansum(
                (seen - expected) ** 2 * (1 / expected + 1 / other), axis=1
            )
        freedom = max(1, int((city > 0).sum()) - 1)
        return (
            n.astype(int),
            statistic,
            np.full(villages, float(freedom)),
            chi2.sf(statistic, freedom),
        )

    return home, score


def heaping(
    incomes: pd.DataFrame, columns: ForensicColumns
) -> tuple[np.ndarray, Score]:
    """Asked amounts that are multiples of 50, against all other units."""
    home, whole = _asked(incomes, columns)
    return home, _more_than_elsewhere(home, whole % 50 == 0)


def exit_jump(
    incomes: pd.DataFrame, columns: ForensicColumns
) -> tuple[np.ndarray, Score]:
    """Aid that comes once, in the year that mattered, against all other units."""
    aid, beside = columns.aid, [columns.aid_before, columns.aid_after]
    usable = incomes.dropna(subset=[aid, *beside])
    most = usable[beside].max(axis=1)
    once = (usable[aid] > 1.5 * most) & (usable[aid] > most + 300)
    return usable.index.to_numpy(), _more_than_elsewhere(
        usable.index.to_numpy(), once.to_numpy(dtype=bool)
    )


def _more_than_elsewhere(home: np.ndarray, hit: np.ndarray) -> Score:
    """One-sided binomial test of a unit's share of hits against all other units."""
    from scipy.stats import binom

    def score(village: np.ndarray, villages: int):
        mine = village[home]
        inside = mine >= 0
        n = np.bincount(mine[inside], minlength=villages)
        hits = np.bincount(mine[inside], hit[inside], minlength=villages)
        elsewhere = (hits.sum() - hits + 1) / (n.sum() - n + 2)
        return n, hits / np.maximum(1, n), elsewhere, binom.sf(hits - 1, n, elsewhere)

    return score


TESTS: Mapping[
    str, Callable[[pd.DataFrame, ForensicColumns], tuple[np.ndarray, Score]]
] = {
    "copies": copies,
    "growth": growth,
    "digits": digits,
    "heaping": heaping,
    "exit_jump": exit_jump,
}
"""Tests of incomes by unit."""


def speed(
    visits: pd.DataFrame,
    columns: ForensicColumns,
    fewest: int,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Most visited in one day against days spread as all are; honest days too."""
    from scipy.stats import nbinom, poisson

    unit, codes = pd.factorize(visits[columns.unit], sort=True)
    groups = visits.groupby(columns.unit)[columns.group].first().reindex(codes)
    days = np.bincount(unit, minlength=len(codes))
    counts = visits[columns.visited].to_numpy(float)
    # a day is in the ledger because somebody was visited: one is certain, the rest vary
    rest = max(counts.mean() - 1, 1e-6)
    variance = counts.var(ddof=1) if len(counts) > 1 else 0.0
    law = (
        nbinom(rest**2 / (variance - rest), rest / variance)
        if variance > rest * 1.0001
        else poisson(rest)
    )
    usual = law.ppf(0.5 ** (1 / np.maximum(1, days))) + 1

    def scored(values: np.ndarray) -> pd.DataFrame:
        largest = np.zeros(len(codes))
        np.maximum.at(largest, unit, values)
        tail = np.minimum(law.sf(largest - 2), 1 - 1e-12)
        p = -np.expm1(days * np.log1p(-tail))
        return scored_rows("speed", fewest, groups, (days, largest, usual, p))

    honest = [
        scored(1 + law.rvs(len(counts), random_state=rng)) for _ in range(NULL_DRAWS)
    ]
    return scored(counts), pd.concat(honest, ignore_index=True)


def benford(
    amounts: pd.DataFrame, columns: ForensicColumns, fewest: int
) -> pd.DataFrame:
    """First digits by group, where amounts span three orders of magnitude."""
    positive = amounts[amounts[columns.amount] > 0]
    return frame_of(
        [
            (group, group, len(part), *_first_digits(part[columns.amount], fewest))
            for group, part in positive.groupby(columns.group)
        ]
    )


def _first_digits(amounts: pd.Series, fewest: int) -> tuple:
    """Statistic, expected value, p, status and why of one group."""
    from scipy.stats import chi2

    nothing, n = (np.nan, np.nan, np.nan), len(amounts)
    if n < fewest:
        return (*nothing, "too few", f"{n} rows, {fewest} needed")
    yuan = amounts.to_numpy(float)
    orders = float(np.log10(np.quantile(yuan, 0.995) / np.quantile(yuan, 0.005)))
    if orders < ORDERS_OF_MAGNITUDE:
        why = f"amounts span {orders:.1f} orders of magnitude"
        return (*nothing, "not valid", f"{why}, {ORDERS_OF_MAGNITUDE} needed")
    law = np.log10(1 + 1 / np.arange(1, 10))
    digit = (yuan / 10 ** np.floor(np.log10(yuan))).astype(int).clip(1, 9)
    seen = np.bincount(digit, minlength=10)[1:]
    statistic = float(((seen - n * law) ** 2 / (n * law)).sum())
    return (statistic, 8.0, float(chi2.sf(statistic, 8)), "", "")


def line_breaks(lines: Mapping[str, Sequence[float]], line: float) -> pd.DataFrame:
    """A break of the density of incomes at a line, by group of incomes."""
    rows, beside = [], []
    for name, values in lines.items():
        found = density_test(np.asarray(values, float), line=line)
        few = found.status == "too few"
        why = "rounded" if found.status == "rounded" else ""
        if few:
            why = (
                f"{found.n_below} below and {found.n_above} above within the bandwidth"
            )
        state = (np.nan if few else 0.0, found.p, "too few" if few else "", why)
        rows.append((name, "all", found.n, found.statistic, *state))
        beside.append((found.mccrary, found.mccrary_p, found.rounded))
    more = np.array(beside, float).reshape(-1, 3).T
    return frame_of(rows).assign(mccrary=more[0], mccrary_p=more[1], rounded=more[2])
