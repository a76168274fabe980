"""What out-patients with a chronic illness pay themselves in a year."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.statistics.estimates import estimates, ratio
from jinzhou.statistics.shares import share_by
from jinzhou.statistics.survey import SurveyDesign, tally
from jinzhou.words import Words, percent

COLUMNS = (
    "patients",
    "mean_payment",
    "ci_low",
    "ci_high",
    "above",
    "households",
    "share",
    "share_ci_low",
    "share_ci_high",
    "no_income",
)
COUNTS = ("patients", "above", "households", "no_income")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChronicBurden(Result):
    """What out-patients with a chronic disease pay themselves in a year.

    Attributes
    ----------
    years : DataFrame, indexed by the last day of the year
        `patients`, `mean_payment` (yuan per patient) with `ci_low`, `ci_high`; `above` (households
        whose chronic out-patient payment is above the threshold of income), `households` (with
        income known), `share`, `share_ci_low`, `share_ci_high`, `no_income`.
    threshold : float
    """

    shown: ClassVar[str] = "years"
    kinds: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("mean_payment", "ci_low", "ci_high"), "yuan"
    ) | dict.fromkeys(("share", "share_ci_low", "share_ci_high"), "share")
    years: pd.DataFrame
    threshold: float

    def sentence(self, words: Words) -> str:
        """Patients and payments of each year."""
        years = [
            words(
                "summary.ChronicBurden.year",
                day=day,
                patients=row["patients"],
                paid=row["mean_payment"],
                share=row["share"],
                threshold=percent(self.threshold),
            )
            for day, row in self.years.iterrows()
        ]
        return words("semicolon").join(years) + words("stop")


def chronic_burden(
    years: Mapping[str, pd.DataFrame],
    *,
    threshold: float = 0.10,
    cluster: str = "area_code",
    level: float = 0.95,
) -> ChronicBurden:
    """Own payments of chronic out-patients by year.

    A lower bound, for drugs bought elsewhere are in no settlement.

    Parameters
    ----------
    years : mapping, last day -> DataFrame
        `registry.yearly_bills` of that day: one row per household, `chronic_patients`,
        `chronic_own` in yuan of the year, `income`.
    threshold : float
        Share of income.

    Notes
    -----
    A household whose income is zero or less is above the threshold when it paid anything, and
    counted; one whose income is blank is in no share. A payment exactly at the threshold is not
    above it.

    References
    ----------
    docs/requirements.md R40.
    """
    rows = {
        day: _year(
            households[households["chronic_patients"] > 0],
            threshold=threshold,
            cluster=cluster,
            level=level,
        )
        for day, households in years.items()
    }
    frame = pd.DataFrame.from_dict(rows, orient="index").reindex(columns=list(COLUMNS))
    whole = (
        frame.rename_axis("year")
        .astype(dict.fromkeys(COUNTS, float))
        .fillna(dict.fromkeys(COUNTS, 0))
        .astype(dict.fromkeys(COUNTS, "int64"))
    )
    return ChronicBurden(years=whole, threshold=threshold)


def _year(
    homes: pd.DataFrame, *, threshold: float, cluster: str, level: float
) -> dict[str, float]:
    """The row of a year from its households with a chronic out-patient."""
    if not len(homes):
        return {"patients": 0}
    amounts = {k: homes[k].to_numpy(float) for k in ("chronic_own", "chronic_patients")}
    sums = tally(homes, amounts, reasons={}, design=SurveyDesign(clusters=cluster))
    each = {"mean": ratio(sums, "chronic_own", "chronic_patients")}
    mean = estimates(sums, each, level=level).iloc[0]
    known = homes[homes["income"].notna()]
    above = np.where(
        known["income"] > 0,
        known["chronic_own"] > threshold * known["income"],
        known["chronic_own"] > 0,
    )
    row = {
        "patients": int(homes["chronic_patients"].sum()),
        "mean_payment": mean["value"],
        "ci_low": mean["ci_low"],
        "ci_high": mean["ci_high"],
        "above": int(above.sum()),
        "households": len(known),
        "no_income": int((known["income"] <= 0).sum()),
    }
    if len(known):
        found = share_by(known, above, by=None, cluster=cluster, level=level).loc["all"]
        row |= {"share": found["share"]}
        row |= {f"share_{end}": found[end] for end in ("ci_low", "ci_high")}
    return row
