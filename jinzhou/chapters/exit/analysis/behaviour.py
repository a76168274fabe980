"""What leaving poverty costs a household, and how much of its income is paid to it (R66)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.words import Words

BAND, TOP = 0.1, 2.0
"""Width of a band of income over the line, and where the bands end."""
NEAR = 0.05
"""Distance from the line, as a share of it, within which households are just under or above."""
GROUPS = ["poor", "exited"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BenefitCliff(Result):
    """Benefits against income, on both sides of the line, among those still poor and those exited.

    Attributes
    ----------
    bands : DataFrame, one row per band of income over the line
        `band` (lower end, as a multiple of the line), `poor`, `exited` (households),
        `poor_benefit`, `exited_benefit` (mean yuan a person and year; missing below `fewest`
        households).
    loss : float
        Yuan a person and year by which the poor of the band at the line receive more than the
        exited of the same band; missing when either has fewer than `fewest` households.
    just_under, just_above : int
        Households still poor within `NEAR` below the line, within `NEAR` above it.
    shares : DataFrame
        `year`, `group` (``poor``, ``exited``), `households`, `share` (transfers over net income,
        of sums).
    """

    shown: ClassVar[str] = "bands"
    kinds: ClassVar[Mapping[str, str]] = {
        "poor_benefit": "yuan",
        "exited_benefit": "yuan",
    }
    bands: pd.DataFrame
    loss: float
    just_under: int
    just_above: int
    shares: pd.DataFrame

    def sentence(self, words: Words) -> str:
        """What the poor receive more than the exited at the line, and who is close to it."""
        return words(
            "summary.BenefitCliff",
            loss=self.loss,
            under=self.just_under,
            above=self.just_above,
        )


def benefit_cliff(
    benefits: pd.DataFrame, *, line: float, fewest: int = 30
) -> BenefitCliff:
    """What is paid to households by their income over the line, of the latest year (R66).

    Parameters
    ----------
    benefits : DataFrame
        From `registry.benefits`.
    line : float
        Yuan per person per year of the latest registry year.
    fewest : int
        Households below which a mean is not given.

    Returns
    -------
    BenefitCliff

    Notes
    -----
    Benefits are living allowances, support for the destitute, other transfers and the year's
    measures in money; not medical bills paid. The difference is a description: who has left
    differs in more than that.
    """
    last = benefits[benefits["snapshot"] == benefits["snapshot"].max()]
    ratio = last["net_income_pc"] / line
    bands = _bands(last, ratio, fewest)
    at = bands[np.isclose(bands["band"], 1.0)].iloc[0]
    poor = ratio[last["poor"].to_numpy(bool)]
    return BenefitCliff(
        bands=bands,
        loss=float(at["poor_benefit"] - at["exited_benefit"]),
        just_under=int(((poor >= 1 - NEAR) & (poor < 1)).sum()),
        just_above=int(((poor >= 1) & (poor < 1 + NEAR)).sum()),
        shares=_transfer_shares(benefits),
    )


def _bands(last: pd.DataFrame, ratio: pd.Series, fewest: int) -> pd.DataFrame:
    """Households and mean benefit of each band of income, by group."""
    clipped = ratio.clip(lower=0, upper=TOP - BAND / 2)
    band = np.floor(clipped / BAND + 1e-9).astype("Int64")
    group = np.where(last["poor"], *GROUPS)
    counts = pd.crosstab(band, group).reindex(
        index=range(round(TOP / BAND)), columns=GROUPS, fill_value=0
    )
    paid = last["transfer_pc"] + last["measures_pc"]
    means = paid.groupby([band, group]).mean().unstack()
    means = means.reindex(index=counts.index, columns=GROUPS).where(counts >= fewest)
    return pd.DataFrame(
        {
            "band": counts.index * BAND,
            "poor": counts["poor"],
            "exited": counts["exited"],
            "poor_benefit": means["poor"],
            "exited_benefit": means["exited"],
        }
    ).reset_index(drop=True)


def _transfer_shares(benefits: pd.DataFrame) -> pd.DataFrame:
    """Transfers over net income by year and group, of households with an income."""
    paid = benefits.assign(group=np.where(benefits["poor"], *GROUPS))
    paid = paid[paid["net_income"] > 0]
    sums = (
        paid.groupby(["snapshot", "group"])
        .agg(
            households=("net_income", "size"),
            transfer=("transfer", "sum"),
            income=("net_income", "sum"),
        )
        .reset_index()
    )
    sums["share"] = sums["transfer"] / sums["income"]
    years = sums.rename(columns={"snapshot": "year"})
    return years[["year", "group", "households", "share"]]
