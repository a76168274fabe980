"""What leaving poverty costs a household, and how much of its income is paid to it (R66)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

BAND, TOP = 0.1, 2.0
"""Width of a band of income over the line, and where the bands end."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BenefitCliff:
    """Benefits against income, on both sides of the line, among those still poor and those exited.

    Attributes
    ----------
    bands : DataFrame, one row per band of income over the line
        `band` (lower end, as a multiple of the line), `poor`, `exited` (households), `poor_benefit`,
        `exited_benefit` (mean yuan a person and year; missing below `fewest` households).
    loss : float
        Yuan a person and year by which the poor of the band at the line receive more than the exited of
        the same band; missing when either has fewer than `fewest` households.
    just_under, just_above : int
        Households still poor within 5 % below the line, within 5 % above it.
    shares : DataFrame
        `year`, `group` (``poor``, ``exited``), `households`, `share` (transfers over net income, of sums).
    """

    bands: pd.DataFrame
    loss: float
    just_under: int
    just_above: int
    shares: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """A copy of `bands`, safe to format."""
        return self.bands.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return f"At the line the poor receive {self.loss:.0f} yuan a person more than the exited; {self.just_under} poor households just under it, {self.just_above} just above."


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

    Notes
    -----
    Benefits are living allowances, support for the destitute, other transfers and the year's measures in
    money; not medical bills paid. The difference is a description: who has left differs in more than that.
    """
    last = benefits[benefits["snapshot"] == benefits["snapshot"].max()]
    ratio = last["net_income_pc"] / line
    cut = np.floor(ratio.clip(lower=0, upper=TOP - BAND / 2) / BAND + 1e-9).astype(
        "Int64"
    )
    paid = last["transfer_pc"] + last["measures_pc"]
    group = np.where(last["poor"], "poor", "exited")
    counts = pd.crosstab(cut, group).reindex(
        index=range(round(TOP / BAND)), columns=["poor", "exited"], fill_value=0
    )
    means = (
        paid.groupby([cut, group])
        .mean()
        .unstack()
        .reindex(index=counts.index, columns=["poor", "exited"])
    )
    means = means.where(counts >= fewest)
    bands = pd.DataFrame(
        {
            "band": counts.index * BAND,
            "poor": counts["poor"],
            "exited": counts["exited"],
            "poor_benefit": means["poor"],
            "exited_benefit": means["exited"],
        }
    ).reset_index(drop=True)
    at = bands[np.isclose(bands["band"], 1.0)].iloc[0]
    poor = ratio[last["poor"].to_numpy(bool)]
    sums = (
        benefits.assign(
            group=np.where(benefits["poor"], "poor", "exited"),
            counted=benefits["net_income"] > 0,
        )
        .query("counted")
        .groupby(["snapshot", "group"])
    )
    shares = sums.agg(
        households=("counted", "size"),
        transfer=("transfer", "sum"),
        income=("net_income", "sum"),
    ).reset_index()
    shares["share"] = shares["transfer"] / shares["income"]
    return BenefitCliff(
        bands=bands,
        loss=float(at["poor_benefit"] - at["exited_benefit"]),
        just_under=int(((poor >= 0.95) & (poor < 1)).sum()),
        just_above=int(((poor >= 1) & (poor < 1.05)).sum()),
        shares=shares.rename(columns={"snapshot": "year"})[
            ["year", "group", "households", "share"]
        ],
    )
