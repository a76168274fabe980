"""What the funding chapter reads of the registry: money, projects, exits, as known on a day."""

import pandas as pd

from jinzhou import registry
from jinzhou.chapters.funding.analysis.exit_cost import expected_lasting
from jinzhou.reference.targets import microcredit_reported
from jinzhou.registry.snapshot import Snapshot, per_snapshot

SINCE = "2015-12-31"
"""Spending, and the exits set against it, come after this quarter end."""


@per_snapshot
def allocations(snapshot: Snapshot) -> pd.DataFrame:
    """Every allocation with what was paid from it."""
    return registry.allocations(snapshot)


@per_snapshot
def projects(snapshot: Snapshot) -> pd.DataFrame:
    """Every project of the pool with its money and dates."""
    return registry.projects(snapshot)


@per_snapshot
def county_of_town(snapshot: Snapshot) -> pd.Series:
    """Code of the county of each township."""
    return registry.town_counties(snapshot)


def counties(snapshot: Snapshot) -> list[str]:
    """Codes of the counties that have registered households."""
    return sorted(county_of_town(snapshot).unique())


def of_county(snapshot: Snapshot, towns: pd.Index) -> list[str]:
    """Code of the county of each of some townships, empty where it is unknown."""
    known = county_of_town(snapshot)
    return [known.get(town, "") for town in towns]


def plan_years(snapshot: Snapshot, *, since: str) -> range:
    """Plan years after a day, up to the present one."""
    return range(int(since[:4]) + 1, snapshot.year + 1)


@per_snapshot
def traced_payments(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """Payments, each yuan followed through the six links."""
    return registry.fund_trace(snapshot, since=since)


def budgets(snapshot: Snapshot) -> pd.DataFrame:
    """Yearly budgets of the province, the city and every county."""
    return registry.table(snapshot.everywhere, "fund_year")


def loans(snapshot: Snapshot) -> pd.DataFrame:
    """Small loans disbursed so far."""
    return registry.loans(snapshot)


def borrowers(snapshot: Snapshot) -> pd.DataFrame:
    """Households that a small loan is meant for, by county."""
    return registry.borrowers(snapshot)


def reported_loans(snapshot: Snapshot) -> float:
    """Yuan of small loans that were reported for the year, missing where no figure was."""
    return microcredit_reported(snapshot.year, county=snapshot.county)


@per_snapshot
def spending(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """Payments with the area and type of their project."""
    return registry.spending(snapshot, since=since)


@per_snapshot
def exits(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """All exits on record, and whether each has lasted."""
    return registry.exits(snapshot, since=since)


@per_snapshot
def _cohort(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    return registry.cohort(snapshot, since=since)


@per_snapshot
def poor(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """Households poor on a day, what they were like then, `lasting`: probability of an exit."""
    rows = _cohort(snapshot, since=since)
    return rows.assign(lasting=expected_lasting(rows, exits(snapshot, since=since)))


@per_snapshot
def rounds(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """The same by yearly round of exits, for as long as a household is still poor."""
    rows = registry.exit_rounds(snapshot, _cohort(snapshot, since=since), since=since)
    return rows.assign(lasting=expected_lasting(rows, exits(snapshot, since=since)))


@per_snapshot
def helped_by_round(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """Types of projects that had taken a household in when a round began."""
    days = rounds(snapshot, since=since)["day"].astype(str).unique()
    return registry.helped(snapshot, days=days)


@per_snapshot
def income_gains(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """What the recorded income of households poor on a day gained."""
    return registry.income_gains(snapshot, poor(snapshot, since=since), since=since)


@per_snapshot
def helped_by_year(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """Types of projects that had taken a household in when its last income year began or ended."""
    gains = income_gains(snapshot, since=since)
    days = sorted({*gains["day"].astype(str), *gains["until"].astype(str)})
    return registry.helped(snapshot, days=days, since=since)


@per_snapshot
def townships(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """Townships as units of efficiency: inputs, outputs and circumstances."""
    return registry.townships(snapshot, poor(snapshot, since=since), since=since)


def township_years(snapshot: Snapshot) -> pd.DataFrame:
    """Townships in each of the last two years of twelve months."""
    return registry.township_years(snapshot)


@per_snapshot
def masked_heads(snapshot: Snapshot) -> pd.Series:
    """Masked name of each household's head, for lists."""
    return registry.masked_heads(snapshot.store)
