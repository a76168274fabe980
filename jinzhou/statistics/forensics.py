"""Signs of invented or copied numbers: doubts (疑点), each beside what honest data would show.

Every test states its null and the fewest rows it needs (`vocabulary.FORENSIC_TESTS`), says how many
units it was run on, and is corrected for all of them together. A doubt asks for a visit; it proves nothing (practice, section 7).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.reference.vocabulary import FORENSIC_TESTS
from jinzhou.statistics.density import density_test

PARTS = ("wage_income", "business_income", "property_income", "transfer_income")
"""Parts of income whose equality in two households is a copy, when the first two are both above zero."""
EARNED = ("wage_income", "business_income")
"""Amounts that somebody asked for and wrote down; statutory amounts are round by rule and left out."""


NULL_DRAWS = 20
"""Honest data sets that each test is run on beside the real one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forensics:
    """Results of all tests.

    Attributes
    ----------
    rows : DataFrame
        `test`, `unit` (village code, county code or group), `county`, `n`, `statistic`, `expected`
        (its mean in honest data), `null_high` (its 95th percentile over the simulated honest data
        sets and all units), `p`, `q` (Benjamini-Hochberg over all tests of all units), `status`
        (``finding``, ``no finding``, ``too few``, ``not valid``), `why`; for the test at the line also
        McCrary's log difference (`mccrary`, `mccrary_p`) and the share of multiples of 100 within the
        bandwidth (`rounded`; `why` is ``rounded`` when heaps may make the break).
    tests : DataFrame, one row per test
        `test`, `units` (tested), `too_few`, `findings`, `null_findings` (share of units that the same
        test flags in simulated honest data; missing where none is simulated).
    level : float
        False-discovery rate.
    """

    rows: pd.DataFrame
    tests: pd.DataFrame
    level: float

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def of(self, county: str) -> Forensics:
        """The same for one county, found beside the whole city's data; everything when `county` is empty."""
        if not county:
            return self
        rows = self.rows[self.rows["county"].isin([county, "all"])].reset_index(
            drop=True
        )
        tested = rows["status"].isin(["finding", "no finding"])
        count = {
            "units": tested,
            "too_few": rows["status"] == "too few",
            "findings": rows["status"] == "finding",
        }
        tests = self.tests.assign(
            **{
                k: [
                    int((v & (rows["test"] == key)).sum()) for key in self.tests["test"]
                ]
                for k, v in count.items()
            }
        )
        return Forensics(rows=rows, tests=tests, level=self.level)

    def villages(self) -> pd.DataFrame:
        """Villages with a doubt: `unit`, `county`, `tests` (list of keys), smallest `q`; most doubtful first."""
        found = self.rows[
            (self.rows["status"] == "finding")
            & self.rows["test"].isin(
                [k for k, t in FORENSIC_TESTS.items() if t.unit == "village"]
            )
        ]
        by = (
            found.groupby(["unit", "county"])
            .agg(tests=("test", list), q=("q", "min"))
            .reset_index()
        )
        return by.sort_values(["q", "unit"], ignore_index=True)

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return (
            f"{int(self.tests['units'].sum())} tests of {self.rows['unit'].nunique()} units: "
            f"{int(self.tests['findings'].sum())} findings at a false-discovery rate of {self.level:.0%}."
        )


def forensics(
    incomes: pd.DataFrame,
    *,
    visits: pd.DataFrame | None = None,
    amounts: pd.DataFrame | None = None,
    lines: Mapping[str, Sequence[float]] | None = None,
    line: float = np.nan,
    level: float = 0.05,
    seed: int = 7,
) -> Forensics:
    """Run every test that the data allow.

    Parameters
    ----------
    incomes : DataFrame, one row per household of the latest registry year
        `county`, `area_code`, the parts of `PARTS` (yuan), `net_income_pc`, `net_before` (a year
        earlier), `aid` (transfers and dividends), `aid_before`, `aid_after`, `exit_year`, `year` (of
        the exit's income), as `registry.income_history` gives them.
    visits : DataFrame, optional
        `county`, `area_code`, `day`, `households` visited on it.
    amounts : DataFrame, optional
        `county`, `yuan`: payments and budgets.
    lines : mapping, group -> incomes per head (yuan), optional
        To be tested for a break at `line`.
    line : float
        Poverty line of the year.
    level : float
        False-discovery rate over all tests together (Benjamini and Hochberg 1995, JRSS B 57, 289-300).
    seed : int
        Of the simulated honest data.

    Raises
    ------
    ParameterError
        `level` is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ParameterError(
            f"错误发现率为 {level}；应在0与1之间。",
            f"level={level}; expected between 0 and 1.",
        )
    rng = np.random.default_rng(seed)
    incomes = incomes[
        incomes["area_code"].notna() & incomes["county"].notna()
    ].reset_index(drop=True)
    village, codes = pd.factorize(incomes["area_code"], sort=True)
    place = (
        pd.Series(incomes["county"].to_numpy(), index=incomes["area_code"])
        .groupby(level=0)
        .first()
        .reindex(codes)
    )
    county = pd.factorize(incomes["county"], sort=True)[0]
    found, null = [], {}
    for key, prepare in (
        ("copies", _copies),
        ("growth", _growth),
        ("digits", _digits),
        ("heaping", _heaping),
        ("exit_jump", _exit_jump),
    ):
        home, score = prepare(incomes)
        if not len(home):
            continue
        real = _rows(key, place, score(village, len(codes)))
        found.append(real)
        # honest data: households dealt out anew within their county, those of doubtful villages left out
        clean = ~np.isin(
            village, np.flatnonzero(real["p"].lt(level / len(real)).to_numpy())
        )
        fakes = [
            _rows(key, place, score(_dealt(rng, village, county, clean), len(codes)))
            for _ in range(NULL_DRAWS)
        ]
        null[key] = pd.concat(fakes, ignore_index=True)
    if visits is not None and len(visits):
        real, fake = _speed(visits, rng)
        found.append(real)
        null["speed"] = fake
    if amounts is not None and len(amounts):
        found.append(_benford(amounts).assign(test="benford"))
    if lines:
        found.append(_lines(lines, line).assign(test="line"))
    rows = (
        pd.concat([f for f in found if len(f)], ignore_index=True)
        if any(len(f) for f in found)
        else _frame([]).assign(test="")
    )
    rows["q"] = np.nan
    tested = rows["status"].eq("")
    rows.loc[tested, "q"] = benjamini_hochberg(rows.loc[tested, "p"].to_numpy(float))
    rows.loc[tested, "status"] = np.where(
        rows.loc[tested, "q"] <= level, "finding", "no finding"
    )
    high = {
        key: float(fake["statistic"].quantile(0.95))
        for key, fake in null.items()
        if len(fake)
    }
    rows["null_high"] = rows["test"].map(high)
    share = {}
    for key, fake in null.items():
        usable = fake[fake["status"] == ""]
        if len(usable):
            share[key] = float(
                (benjamini_hochberg(usable["p"].to_numpy(float)) <= level).mean()
            )
    tests = pd.DataFrame(
        [
            {
                "test": key,
                "units": int((tested & (rows["test"] == key)).sum()),
                "too_few": int(
                    (rows["test"].eq(key) & rows["status"].eq("too few")).sum()
                ),
                "findings": int(
                    (rows["test"].eq(key) & rows["status"].eq("finding")).sum()
                ),
                "null_findings": share.get(key, np.nan),
            }
            for key in FORENSIC_TESTS
        ]
    )
    order = [
        "test",
        "unit",
        "county",
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
    ]
    return Forensics(rows=rows.reindex(columns=order), tests=tests, level=level)


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """Adjusted p-values: the smallest false-discovery rate at which each would be a discovery."""
    if not len(p):
        return p
    order = np.argsort(p, kind="stable")
    stepped = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.minimum.accumulate(stepped[::-1])[::-1].clip(max=1)
    out = np.empty(len(p))
    out[order] = q
    return out


def _dealt(
    rng: np.random.Generator, village: np.ndarray, county: np.ndarray, clean: np.ndarray
) -> np.ndarray:
    """Village of each household after those that are `clean` were dealt out anew in their county (a code); -1 for the others."""
    out = np.full(len(village), -1)
    for one in range(county.max(initial=-1) + 1):
        rows = np.flatnonzero((county == one) & clean)
        out[rows] = village[rng.permutation(rows)]
    return out


def _rows(key: str, place: pd.Series, scored: tuple[np.ndarray, ...]) -> pd.DataFrame:
    """A test's rows from its scores by village: n, statistic, expected, p; villages with too few rows say so."""
    n, statistic, expected, p = scored
    fewest = FORENSIC_TESTS[key].fewest
    few = n < fewest
    blank = np.where(few, np.nan, 1.0)
    return pd.DataFrame(
        {
            "unit": place.index,
            "county": place.to_numpy(),
            "n": n,
            "statistic": statistic * blank,
            "expected": expected * blank,
            "p": p * blank,
            "status": np.where(few, "too few", ""),
            "why": [f"{m} rows, {fewest} needed" if f else "" for m, f in zip(n, few)],
            "test": key,
        }
    )


def _frame(rows: Sequence[tuple]) -> pd.DataFrame:
    return pd.DataFrame(
        rows,
        columns=["unit", "county", "n", "statistic", "expected", "p", "status", "why"],
    ).astype(
        {
            "statistic": float,
            "expected": float,
            "p": float,
            "status": object,
            "why": object,
        }
    )


Score = Callable[
    [np.ndarray, int], tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
]
"""Village of each household (-1: none) and number of villages -> n, statistic, expected, p by village."""


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


def _copies(incomes: pd.DataFrame) -> tuple[np.ndarray, Score]:
    from scipy.stats import poisson

    usable = incomes[(incomes[list(EARNED)] > 0).all(axis=1)].dropna(subset=list(PARTS))
    home = usable.index.to_numpy()
    code = (
        pd.factorize(pd.MultiIndex.from_frame(usable[list(PARTS)].round(2)))[0]
        if len(usable)
        else np.array([], int)
    )
    county, names = pd.factorize(usable["county"])

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


def _growth(incomes: pd.DataFrame) -> tuple[np.ndarray, Score]:
    from scipy.stats import poisson

    usable = incomes[(incomes["net_income_pc"] > 0) & (incomes["net_before"] > 0)]
    home, ratio = (
        usable.index.to_numpy(),
        (usable["net_income_pc"] / usable["net_before"]).to_numpy(float),
    )
    # chance that two growths agree to four decimals, from the smooth shape of the distribution
    share = np.histogram(ratio.clip(0.2, 5), bins=np.arange(0.2, 5.02, 0.02))[0] / max(
        1, len(ratio)
    )
    chance = float((share**2).sum()) * 1e-4 / 0.02
    code = (ratio * 10_000).round().astype("int64")

    def score(village: np.ndarray, villages: int):
        n, extra = _repeats(village[home], code, villages)
        expected = n * (n - 1) / 2 * chance
        return (
            n,
            extra.astype(float),
            expected,
            np.where(extra > 0, poisson.sf(extra - 1, np.maximum(expected, 1e-9)), 1.0),
        )

    return home, score


def _asked(incomes: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Earned amounts of 1,000 yuan and more in whole yuan, with the household (row) of each."""
    values = incomes[list(EARNED)].to_numpy(float)
    row, column = np.nonzero(values >= 1_000)
    return row, np.floor(values[row, column] + 1e-9).astype("int64")


def _digits(incomes: pd.DataFrame) -> tuple[np.ndarray, Score]:
    from scipy.stats import chi2

    home, whole = _asked(incomes)
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


def _heaping(incomes: pd.DataFrame) -> tuple[np.ndarray, Score]:
    home, whole = _asked(incomes)
    return home, _more_than_elsewhere(home, whole % 50 == 0)


def _exit_jump(incomes: pd.DataFrame) -> tuple[np.ndarray, Score]:
    usable = incomes.dropna(subset=["aid", "aid_before", "aid_after"])
    beside = usable[["aid_before", "aid_after"]].max(axis=1)
    home = usable.index.to_numpy()
    return home, _more_than_elsewhere(
        home,
        ((usable["aid"] > 1.5 * beside) & (usable["aid"] > beside + 300)).to_numpy(
            dtype=bool
        ),
    )


def _more_than_elsewhere(home: np.ndarray, hit: np.ndarray) -> Score:
    """One-sided binomial test of a village's share of hits against all other villages."""
    from scipy.stats import binom

    def score(village: np.ndarray, villages: int):
        mine = village[home]
        inside = mine >= 0
        n = np.bincount(mine[inside], minlength=villages)
        hits = np.bincount(mine[inside], hit[inside], minlength=villages)
        elsewhere = (hits.sum() - hits + 1) / (n.sum() - n + 2)
        return n, hits / np.maximum(1, n), elsewhere, binom.sf(hits - 1, n, elsewhere)

    return score


def _speed(
    visits: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Largest number of households visited in one day against days spread as the city's are."""
    from scipy.stats import nbinom, poisson

    village, codes = pd.factorize(visits["area_code"], sort=True)
    place = visits.groupby("area_code")["county"].first().reindex(codes)
    days, counts = (
        np.bincount(village, minlength=len(codes)),
        visits["households"].to_numpy(float),
    )
    # a day is in the ledger because somebody was visited: one household is certain, the rest vary
    rest, variance = (
        max(counts.mean() - 1, 1e-6),
        counts.var(ddof=1) if len(counts) > 1 else 0.0,
    )
    law = (
        nbinom(rest**2 / (variance - rest), rest / variance)
        if variance > rest * 1.0001
        else poisson(rest)
    )

    def scored(values: np.ndarray) -> pd.DataFrame:
        largest = np.zeros(len(codes))
        np.maximum.at(largest, village, values)
        p = -np.expm1(days * np.log1p(-np.minimum(law.sf(largest - 2), 1 - 1e-12)))
        return _rows(
            "speed",
            place,
            (days, largest, law.ppf(0.5 ** (1 / np.maximum(1, days))) + 1, p),
        )

    return scored(counts), pd.concat(
        [scored(1 + law.rvs(len(counts), random_state=rng)) for _ in range(NULL_DRAWS)],
        ignore_index=True,
    )


def _benford(amounts: pd.DataFrame) -> pd.DataFrame:
    """First digits by county, only where the amounts span three orders of magnitude."""
    from scipy.stats import chi2

    fewest = FORENSIC_TESTS["benford"].fewest
    law = np.log10(1 + 1 / np.arange(1, 10))
    rows = []
    for county, part in amounts[amounts["yuan"] > 0].groupby("county"):
        yuan = part["yuan"].to_numpy(float)
        orders = float(np.log10(np.quantile(yuan, 0.995) / np.quantile(yuan, 0.005)))
        if len(yuan) < fewest:
            rows.append(
                (
                    county,
                    county,
                    len(yuan),
                    np.nan,
                    np.nan,
                    np.nan,
                    "too few",
                    f"{len(yuan)} rows, {fewest} needed",
                )
            )
        elif orders < 3:
            rows.append(
                (
                    county,
                    county,
                    len(yuan),
                    np.nan,
                    np.nan,
                    np.nan,
                    "not valid",
                    f"amounts span {orders:.1f} orders of magnitude, 3 needed",
                )
            )
        else:
            digit = (yuan / 10 ** np.floor(np.log10(yuan))).astype(int).clip(1, 9)
            seen = np.bincount(digit, minlength=10)[1:]
            statistic = float(((seen - len(yuan) * law) ** 2 / (len(yuan) * law)).sum())
            rows.append(
                (
                    county,
                    county,
                    len(yuan),
                    statistic,
                    8.0,
                    float(chi2.sf(statistic, 8)),
                    "",
                    "",
                )
            )
    return _frame(rows)


def _lines(lines: Mapping[str, Sequence[float]], line: float) -> pd.DataFrame:
    rows, beside = [], []
    for group, values in lines.items():
        broken = density_test(np.asarray(values, float), line=line)
        few = broken.status == "too few"
        why = (
            f"{broken.n_below} below and {broken.n_above} above within the bandwidth"
            if few
            else "rounded"
            if broken.status == "rounded"
            else ""
        )
        rows.append(
            (
                group,
                "all",
                broken.n,
                broken.statistic,
                np.nan if few else 0.0,
                broken.p,
                "too few" if few else "",
                why,
            )
        )
        beside.append((broken.mccrary, broken.mccrary_p, broken.rounded))
    return _frame(rows).assign(
        **dict(
            zip(
                ("mccrary", "mccrary_p", "rounded"),
                np.array(beside, float).reshape(-1, 3).T,
            )
        )
    )
