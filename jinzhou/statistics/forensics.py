"""Signs of invented or copied numbers, each beside what honest data would show.

Every test states its null and the fewest rows it needs, says how many units it was run
on, and is corrected for all of them together. A finding asks for a visit; it proves
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.result import Result
from jinzhou.statistics.forensic_tests import (
    NULL_DRAWS,
    TESTS,
    ForensicColumns,
    Rule,
    benford,
    dealt,
    frame_of,
    line_breaks,
    scored_rows,
    speed,
)
from jinzhou.words import Words

ORDER = (
    "test",
    "unit",
    "group",
    "n",
    "statistic",
    "expected",
    "null_high",
    "p",
    "q",
    "status",
    "why",
    "mccrary",
    "mccrary_p",
    "rounded",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ForensicData:
    """What is tested.

    Attributes
    ----------
    incomes : DataFrame
        One row per household.
    visits : DataFrame, optional
        One row per unit and day.
    amounts : DataFrame, optional
        Payments and budgets.
    lines : mapping, name -> incomes per head
        To be tested for a break at `line`.
    """

    incomes: pd.DataFrame
    visits: pd.DataFrame | None = None
    amounts: pd.DataFrame | None = None
    lines: Mapping[str, Sequence[float]] = field(default_factory=dict)
    line: float = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forensics(Result):
    """Results of all tests.

    Attributes
    ----------
    rows : DataFrame
        `test`, `unit`, `group`, `n`, `statistic`, `expected` (its mean in honest data),
        `null_high` (its 95th percentile over the simulated honest data sets and all
        units), `p`, `q` (Benjamini-Hochberg over all tests of all units), `status`
        (``finding``, ``no finding``, ``too few``, ``not valid``), `why`; for the test
        at the line also McCrary's log difference (`mccrary`, `mccrary_p`) and the share
        of multiples of 100 within the bandwidth (`rounded`; `why` is ``rounded`` when
        heaps may make the break).
    tests : DataFrame, one row per test
        `test`, `unit`, `units` (tested), `too_few`, `findings`, `null_findings` (share
        of units that the same test flags in simulated honest data; missing where none
        is).
    level : float
        False-discovery rate.
    """

    rows: pd.DataFrame
    tests: pd.DataFrame
    level: float

    def of(self, group: str) -> Forensics:
        """The same for one group, found beside all data; all when it is empty."""
        if not group:
            return self
        inside = self.rows["group"].isin([group, "all"])
        rows = self.rows[inside].reset_index(drop=True)
        tests = self.tests.assign(**_counts(rows, self.tests["test"]))
        return Forensics(rows=rows, tests=tests, level=self.level)

    def flagged(self, unit: str) -> pd.DataFrame:
        """Units of a kind with a finding, their tests, smallest `q` first."""
        kinds = self.tests.loc[self.tests["unit"] == unit, "test"]
        chosen = (self.rows["status"] == "finding") & self.rows["test"].isin(kinds)
        by = self.rows[chosen].groupby(["unit", "group"])
        found = by.agg(tests=("test", list), q=("q", "min")).reset_index()
        return found.sort_values(["q", "unit"], ignore_index=True)

    def sentence(self, words: Words) -> str:
        """Tests made, units and findings."""
        return words(
            "summary.Forensics",
            tests=int(self.tests["units"].sum()),
            units=self.rows["unit"].nunique(),
            findings=int(self.tests["findings"].sum()),
            rate=self.level,
        )


def forensics(
    data: ForensicData,
    *,
    tests: Mapping[str, Rule],
    columns: ForensicColumns,
    level: float = 0.05,
    seed: int = 7,
) -> Forensics:
    """Run every test that the data allow.

    Parameters
    ----------
    tests : mapping, key of a test -> fewest rows and kind of unit
    level : float
        False-discovery rate over all tests together.
    seed : int
        Of the simulated honest data: rows dealt anew within their group, those of units
        with a finding left out.

    Raises
    ------
    ParameterError
        `level` is not between 0 and 1.

    References
    ----------
    Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57,
    289-300.
    """
    if not 0 < level < 1:
        raise ParameterError("statistics.level.between", found=level)
    rng = np.random.default_rng(seed)
    found, null = _by_unit(data.incomes, tests, columns, level, rng)
    if data.visits is not None and len(data.visits):
        real, null["speed"] = speed(data.visits, columns, tests["speed"].fewest, rng)
        found.append(real)
    if data.amounts is not None and len(data.amounts):
        digits = benford(data.amounts, columns, tests["benford"].fewest)
        found.append(digits.assign(test="benford"))
    if data.lines:
        found.append(line_breaks(data.lines, data.line).assign(test="line"))
    some = [f for f in found if len(f)]
    rows = pd.concat(some, ignore_index=True) if some else frame_of([]).assign(test="")
    rows = _judged(rows, level)
    high = {k: float(f["statistic"].quantile(0.95)) for k, f in null.items() if len(f)}
    rows["null_high"] = rows["test"].map(high)
    share = _null_share(null, level)
    keys = list(tests)
    return Forensics(
        rows=rows.reindex(columns=list(ORDER)),
        tests=pd.DataFrame(
            {"test": keys, "unit": [tests[k].unit for k in keys]}
            | _counts(rows, keys)
            | {"null_findings": [share.get(k, np.nan) for k in keys]}
        ),
        level=level,
    )


def _by_unit(
    incomes: pd.DataFrame,
    tests: Mapping[str, Rule],
    columns: ForensicColumns,
    level: float,
    rng: np.random.Generator,
) -> tuple[list[pd.DataFrame], dict[str, pd.DataFrame]]:
    """Rows of the tests of incomes, and of the same on honest data."""
    named = incomes[columns.unit].notna() & incomes[columns.group].notna()
    incomes = incomes[named].reset_index(drop=True)
    unit, codes = pd.factorize(incomes[columns.unit], sort=True)
    groups = incomes.groupby(columns.unit)[columns.group].first().reindex(codes)
    group = pd.factorize(incomes[columns.group], sort=True)[0]
    found, null = [], {}
    for key, prepare in TESTS.items():
        home, score = prepare(incomes, columns)
        if not len(home):
            continue
        fewest = tests[key].fewest
        real = scored_rows(key, fewest, groups, score(unit, len(codes)))
        found.append(real)
        bad = np.flatnonzero(real["p"].lt(level / len(real)).to_numpy())
        clean = ~np.isin(unit, bad)
        fakes = []
        for _ in range(NULL_DRAWS):
            moved = dealt(rng, unit, group, clean)
            fakes.append(scored_rows(key, fewest, groups, score(moved, len(codes))))
        null[key] = pd.concat(fakes, ignore_index=True)
    return found, null


def _judged(rows: pd.DataFrame, level: float) -> pd.DataFrame:
    """Adjusted p-values over all tested rows, and their verdict."""
    rows = rows.assign(q=np.nan)
    tested = rows["status"].eq("")
    rows.loc[tested, "q"] = benjamini_hochberg(rows.loc[tested, "p"].to_numpy(float))
    rows.loc[tested, "status"] = np.where(
        rows.loc[tested, "q"] <= level, "finding", "no finding"
    )
    return rows


def _counts(rows: pd.DataFrame, keys: Sequence[str]) -> dict[str, list[int]]:
    """Units tested, with too few rows, and with a finding, by test."""
    states = {
        "units": ("finding", "no finding"),
        "too_few": ("too few",),
        "findings": ("finding",),
    }
    return {
        name: [int((rows["status"].isin(s) & rows["test"].eq(k)).sum()) for k in keys]
        for name, s in states.items()
    }


def _null_share(null: Mapping[str, pd.DataFrame], level: float) -> dict[str, float]:
    """Share of honest units that each test flags."""
    share = {}
    for key, fake in null.items():
        p = fake.loc[fake["status"] == "", "p"].to_numpy(float)
        if len(p):
            share[key] = float((benjamini_hochberg(p) <= level).mean())
    return share


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """Adjusted p-values: the smallest false-discovery rate with each as a discovery."""
    from statsmodels.stats.multitest import multipletests

    return multipletests(p, method="fdr_bh")[1] if len(p) else p
