"""What the review reads: the stock and its changes, rules, candidates, spot checks."""

import pandas as pd

from jinzhou import registry
from jinzhou.chapters.review.analysis.ledgers import StockFlow, stock_flow
from jinzhou.chapters.review.analysis.quality import QualityIndex, quality_index
from jinzhou.registry.rules import RuleReport
from jinzhou.registry.snapshot import Snapshot, per_snapshot

FIRST_PAYMENTS = "2015-01-01"
"""Payments are read from this day on for the tests of the numbers."""


@per_snapshot
def quarter_flow(snapshot: Snapshot) -> StockFlow:
    """Stock at the end of the last quarter, what moved it, stock now."""
    before = snapshot.before(1)
    return stock_flow(
        registry.stock_changes(snapshot, since=before.as_of),
        opening=registry.stock(before),
        closing=registry.stock(snapshot),
    )


def year_flow(snapshot: Snapshot) -> StockFlow:
    """The same over the last whole registry year."""
    opens, closes = registry.registry_year_before(snapshot.as_of)
    end = snapshot.on(closes)
    return stock_flow(
        registry.stock_changes(end, since=opens),
        opening=registry.stock(snapshot.on(opens)),
        closing=registry.stock(end),
    )


def returned_last_quarter(snapshot: Snapshot) -> int:
    """Persons recorded as returned in the quarter before."""
    before = snapshot.before(1)
    changes = registry.stock_changes(before, since=snapshot.quarters_back(2))
    return int(changes.loc[changes["kind"] == "returned", "persons"].sum())


@per_snapshot
def rules(snapshot: Snapshot) -> RuleReport:
    """Every rule on the registry year, with its findings."""
    return registry.check(snapshot)


def earlier_quality(snapshot: Snapshot) -> QualityIndex:
    """The quality index at the end of the last quarter."""
    return quality_index(registry.check(snapshot.before(1), findings=False).counts)


@per_snapshot
def villages(snapshot: Snapshot) -> pd.DataFrame:
    """Names of villages by area code."""
    rows = registry.table(snapshot, "village")
    return rows.drop_duplicates("area_code").set_index("area_code")


@per_snapshot
def candidates(snapshot: Snapshot) -> dict[str, pd.DataFrame]:
    """Persons and households to ask about, by kind."""
    omitted = registry.omitted_members(snapshot)
    strong = omitted["strength"] == "strong"
    return {
        "omitted_strong": omitted[strong],
        "omitted_weak": omitted[~strong],
        "split": registry.split_members(snapshot),
        "parents": registry.unsupported_parents(snapshot),
        "unregistered": registry.unregistered_households(snapshot),
    }
