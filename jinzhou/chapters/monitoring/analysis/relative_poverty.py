"""Relative poverty: persons below shares of the median."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.result import Result
from jinzhou.words import Words, percent

SHARES = (0.4, 0.5, 0.6)
"""Relative poverty lines, as shares of the median."""
COLUMNS = [
    "county",
    "share",
    "median",
    "line",
    "households",
    "persons",
    "poor_households",
    "poor_persons",
    "rate",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelativePoverty(Result):
    """Share of persons below a share of the median, by county and share.

    Attributes
    ----------
    rows : DataFrame
        `county`, `share`, `median`, `line` (yuan per person per year), `households`, `persons`
        (with an income), `poor_households`, `poor_persons`, `rate` (of persons).
    source : str
        ``given`` (medians of all rural residents) or ``registry`` (of the registry's own persons,
        who are poorer than the county: a lower line).
    dropped : Series, indexed by reason
        Households left out.
    """

    kinds: ClassVar[Mapping[str, str]] = {
        "share": "share",
        "median": "yuan",
        "line": "yuan",
        "rate": "share",
    }
    rows: pd.DataFrame
    source: str
    dropped: pd.Series

    def sentence(self, words: Words) -> str:
        """Whose medians, and the rate of all counties at each share."""
        whole = self.rows[self.rows["county"] == "all"]
        shares = [
            words(
                "summary.RelativePoverty.each",
                share=percent(share),
                rate=rate,
            )
            for share, rate in zip(whole["share"], whole["rate"], strict=True)
        ]
        return words(
            "summary.RelativePoverty.text",
            source=words.label("medians", self.source),
            shares=shares,
            dropped=int(self.dropped.sum()),
        )


def relative_poverty(
    households: pd.DataFrame,
    *,
    shares: Sequence[float] = SHARES,
    medians: Mapping[str, float] | None = None,
    income: str = "net_income_pc",
    persons: str = "household_size",
    by: str = "county",
) -> RelativePoverty:
    """Relative poverty at several shares of the county's rural median: a sensitivity table.

    Parameters
    ----------
    shares : sequence of float
        Of the median, each between 0 and 1.
    medians : mapping, county -> yuan per person per year, optional
        Rural medians from the statistics office. Without them the registry's own (weighted by
        persons) stand in, which are not those of the county: `source` says so.

    Raises
    ------
    ParameterError
        A share is not between 0 and 1, or a county has no median.

    Notes
    -----
    Poor is below the line (`<`): a measure of a population, no one's status.

    References
    ----------
    docs/requirements.md R77.
    """
    if not shares or not all(0 < s < 1 for s in shares):
        raise ParameterError(
            "chapters.relative_poverty.shares",
            found=str(tuple(shares)),
            known=[f"{share:g}" for share in SHARES],
        )
    frame = pd.DataFrame(
        {
            "county": households[by].to_numpy(),
            "income": households[income].to_numpy(float),
            "persons": households[persons].to_numpy(float),
        }
    )
    reason = np.select(
        [~np.isfinite(frame["income"]), ~(frame["persons"] > 0)],
        ["income missing", "persons missing or zero"],
        "",
    )
    used = frame[reason == ""]
    found = _medians(used, medians)
    counties = [*sorted(found), "all"]
    rows = [_rate(used, found, county, s) for s in shares for county in counties]
    return RelativePoverty(
        rows=pd.DataFrame(rows, columns=COLUMNS),
        source="registry" if medians is None else "given",
        dropped=pd.Series(reason[reason != ""]).value_counts(),
    )


def _medians(used: pd.DataFrame, given: Mapping[str, float] | None) -> dict[str, float]:
    """The median of each county that has households: given, or the registry's own."""
    found = {}
    for county, part in used.groupby("county"):
        name = str(county)
        if given is not None and name not in given:
            raise ParameterError("chapters.relative_poverty.median", found=name)
        found[name] = (
            _weighted_median(part["income"].to_numpy(), part["persons"].to_numpy())
            if given is None
            else given[name]
        )
    return found


def _rate(
    used: pd.DataFrame, medians: Mapping[str, float], county: str, share: float
) -> tuple:
    """The row of a county, or of all, at one share of the medians."""
    rows = used if county == "all" else used[used["county"] == county]
    poor = rows[rows["income"] < share * rows["county"].map(medians).astype(float)]
    people, low = rows["persons"].sum(), poor["persons"].sum()
    median = medians.get(county, np.nan)
    rate = low / people if people else np.nan
    sizes = (len(rows), int(people), len(poor), int(low))
    return (county, share, median, share * median, *sizes, rate)


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """Smallest value at which at least half of the weight lies at or below."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])
