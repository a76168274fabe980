"""What the monitoring chapter reads: every household and record held to the rules."""

import pandas as pd

from jinzhou import registry
from jinzhou.chapters.monitoring.analysis.monitoring import (
    MonitoringFlow,
    monitoring_flow,
)
from jinzhou.reference import lines
from jinzhou.reference.lines import PovertyLine
from jinzhou.registry.monitored_households import Monitoring
from jinzhou.registry.snapshot import Snapshot, per_snapshot


@per_snapshot
def monitoring(snapshot: Snapshot) -> Monitoring:
    """Households and records of monitoring, judged by the rules."""
    return registry.monitoring(snapshot)


@per_snapshot
def flow(snapshot: Snapshot) -> MonitoringFlow:
    """Households monitored before the quarter, what moved them, and after."""
    return monitoring_flow(
        monitoring(snapshot).cases,
        since=snapshot.quarters_back(1),
        as_of=snapshot.as_of,
    )


@per_snapshot
def monitoring_lines(snapshot: Snapshot) -> dict[int, PovertyLine | None]:
    """The monitoring line of each year; None where none is known."""
    return lines.monitoring_lines(snapshot.as_of, synthetic=snapshot.synthetic)


@per_snapshot
def masked_heads(snapshot: Snapshot) -> pd.Series:
    """Masked name of each household's head, for lists."""
    return registry.masked_heads(snapshot.store)
