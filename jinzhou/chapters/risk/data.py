"""What the risk chapter reads: households at risk, their returns, rules, help paid."""

import pandas as pd

from jinzhou import registry
from jinzhou.registry.snapshot import Snapshot, per_snapshot
from jinzhou.registry.trigger_rules import Replay, Triggers

PANEL_TABLES = (
    "household",
    "member",
    "income",
    "living",
    "visit",
    "measure",
    "home_visit",
    "village",
    "event",
)
"""Tables that the rows of the panel rest on, where they were delivered."""


@per_snapshot
def at_risk(snapshot: Snapshot) -> pd.DataFrame:
    """Household-quarters out of poverty of all counties, which train the model."""
    return registry.panel(snapshot.everywhere, at_risk=True)


@per_snapshot
def triggers(snapshot: Snapshot, rules_on: str) -> Triggers:
    """What the monitoring rules of a day say of each household-quarter."""
    return registry.triggers(
        at_risk(snapshot), rules_on=rules_on, synthetic=snapshot.synthetic
    )


@per_snapshot
def panel(snapshot: Snapshot, rules_on: str) -> pd.DataFrame:
    """`at_risk` with the number of rules that name each household-quarter."""
    return at_risk(snapshot).assign(triggers=triggers(snapshot, rules_on).count())


@per_snapshot
def outcome(snapshot: Snapshot, day: str, horizon_quarters: int) -> pd.Series:
    """Whether each row returned within the horizon, as known on a day, if known."""
    found = registry.outcomes(
        at_risk(snapshot), as_of=[day], horizon_quarters=horizon_quarters
    )
    return found[day]


@per_snapshot
def outcomes(snapshot: Snapshot, folds: int, horizon_quarters: int) -> pd.DataFrame:
    """The same as known on each date of a rolling backtest."""
    dates = registry.backtest_dates(
        snapshot.as_of, folds=folds, horizon_quarters=horizon_quarters
    )
    return pd.DataFrame({d: outcome(snapshot, d, horizon_quarters) for d in dates})


@per_snapshot
def replay(snapshot: Snapshot, rules_on: str) -> Replay:
    """When the rules would first have named the households that were entered."""
    found = triggers(snapshot, rules_on)
    return registry.replay(at_risk(snapshot), found, as_of=snapshot.as_of)


@per_snapshot
def household_sizes(snapshot: Snapshot) -> pd.Series:
    """Persons of each household at risk on the day, missing when blank."""
    rows = at_risk(snapshot)
    now = rows[rows["quarter_end"] == snapshot.as_of]
    return now.set_index("household_id")["household_size"]


@per_snapshot
def help_paid(snapshot: Snapshot) -> pd.DataFrame:
    """What projects for households paid in the last closed year, by household."""
    return registry.help_paid(snapshot)


@per_snapshot
def masked_heads(snapshot: Snapshot) -> pd.Series:
    """Masked name of each household's head, for lists."""
    return registry.masked_heads(snapshot.store)


@per_snapshot
def last_visits(snapshot: Snapshot) -> pd.Series:
    """Day of the last home visit by household number."""
    return registry.last_visits(snapshot.everywhere)
