"""What the illness chapter reads of the registry: bills, returns, the ill, as known on a day."""

from dataclasses import dataclass

import pandas as pd

from jinzhou import registry
from jinzhou.chapters.illness.analysis.checks import Bills, checked_bills
from jinzhou.reference import lines, targets
from jinzhou.registry.snapshot import Snapshot, per_snapshot
from jinzhou.statistics.survey import SurveyDesign

YEARS_OF_BILLS = 3
"""Calendar years before the present one whose stays are read."""
DESIGN = SurveyDesign(weights="household_size", strata="county", clusters="area_code")
"""Shares of persons, with the errors of a sample of villages within counties."""


@per_snapshot
def panel(snapshot: Snapshot) -> pd.DataFrame:
    """Household-quarters of the last year."""
    return registry.panel(snapshot, since=snapshot.quarters_back(4))


@per_snapshot
def households(snapshot: Snapshot) -> pd.DataFrame:
    """Households of the quarter."""
    rows = panel(snapshot)
    return rows[rows["quarter_end"] == snapshot.as_of]


@per_snapshot
def poor_households(snapshot: Snapshot) -> pd.DataFrame:
    """Households still poor; `ill`: with a member chronically or seriously ill."""
    rows = households(snapshot)
    ill = (rows["chronic"] > 0) | (rows["serious"] > 0)
    return rows[rows["status"] == "poor"].assign(ill=ill)


@per_snapshot
def returns(snapshot: Snapshot) -> pd.DataFrame:
    """Households returned (after 2020: entered into monitoring), with cause and quarter."""
    return registry.returned_illness(snapshot)


@per_snapshot
def poverty_line(snapshot: Snapshot) -> lines.PovertyLine:
    """The line in force on the day."""
    return lines.poverty_line(
        snapshot.year,
        series=snapshot.line_series or lines.line_series(snapshot.as_of),
        synthetic=snapshot.synthetic,
    )


@per_snapshot
def guarantees(snapshot: Snapshot) -> pd.DataFrame:
    """Which of the five guarantees each household has."""
    return registry.guarantees(snapshot, line=poverty_line(snapshot).yuan)


@dataclass(frozen=True, kw_only=True, eq=False)
class Stays:
    """Settled in-patient stays, checked, and the periods that sections ask for.

    Attributes
    ----------
    bills : Bills
        All that were read, what was left out and why.
    all, year, year_before, quarter, quarter_before : DataFrame
        By day of admission: all usable, this calendar year, the one before, this quarter, the one
        before.
    """

    bills: Bills
    all: pd.DataFrame
    year: pd.DataFrame
    year_before: pd.DataFrame
    quarter: pd.DataFrame
    quarter_before: pd.DataFrame


@per_snapshot
def stays(snapshot: Snapshot) -> Stays:
    """Settled in-patient stays of registered persons."""
    year = snapshot.year
    since = f"{year - YEARS_OF_BILLS}-01-01"
    bills = checked_bills(registry.settlements(snapshot, since=since, kind="inpatient"))
    rows, day = bills.rows, bills.rows["admitted_on"]
    this_year, last_year = f"{year}-01-01", f"{year - 1}-01-01"
    last, before = snapshot.quarters_back(1), snapshot.quarters_back(2)
    return Stays(
        bills=bills,
        all=rows,
        year=rows[day >= this_year],
        year_before=rows[(day >= last_year) & (day < this_year)],
        quarter=rows[day > last],
        quarter_before=rows[(day > before) & (day <= last)],
    )


@per_snapshot
def stays_by_chapter(snapshot: Snapshot) -> pd.DataFrame:
    """Stays of this year by chapter of the diagnosis."""
    return registry.stays_by_chapter(snapshot, since=f"{snapshot.year}-01-01")


@per_snapshot
def yearly_bills(snapshot: Snapshot) -> dict[str, pd.DataFrame]:
    """Bills of the twelve months to the day, and to the day a year before, each as known then."""
    before = snapshot.before(4)
    return {
        before.as_of: registry.yearly_bills(before),
        snapshot.as_of: registry.yearly_bills(snapshot),
    }


@per_snapshot
def ill_persons(snapshot: Snapshot) -> pd.DataFrame:
    """Registered persons with a chronic or serious illness and the services they have."""
    return registry.ill_persons(snapshot)


def screened_persons(snapshot: Snapshot) -> pd.DataFrame:
    """Registered persons, whether screened, and their care of the last year."""
    return registry.screened_persons(snapshot)


def village_clinics(snapshot: Snapshot) -> pd.DataFrame:
    """Villages with their clinic and doctors."""
    return registry.village_clinics(snapshot)


@per_snapshot
def masked_heads(snapshot: Snapshot) -> pd.Series:
    """Masked name of each household's head, for lists."""
    return registry.masked_heads(snapshot.store)


def reported_treated(snapshot: Snapshot) -> int:
    """Persons treated this year as the city reported, 0 where no figure was reported."""
    if snapshot.county:
        return 0
    return targets.targets("treated_persons").get(snapshot.year, 0)
