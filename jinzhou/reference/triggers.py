"""Rules of monitoring: triggers, groups of households, conditions of clearing.

Each holds from a day to a day and is one SQL expression over the columns that it names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from jinzhou.reference.files import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedRule:
    """What every dated rule has.

    Attributes
    ----------
    first_day, last_day : date
        Days in force; no last day while it holds.
    mark : str
        ``published``, ``memory`` (to be verified) or ``ours``.
    """

    key: str
    first_day: date
    last_day: date | None
    zh: str
    en: str
    source: str
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerRule(DatedRule):
    """One trigger: SQL over the panel's columns.

    `sql` is empty for a rule that the panel has no column for; `value` is its dated
    parameter.
    """

    reason: str
    value: str
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringGroup(DatedRule):
    """One group of monitored households: who (SQL), named by any of `triggers`."""

    who: str
    triggers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearingRule(DatedRule):
    """One condition of clearing (风险消除): SQL over a case's columns; NULL is unknown.

    `natural` tells whether it is asked of a natural clearing (death, departure), of no
    other.
    """

    natural: bool
    value: str
    sql: str


def trigger_rules() -> tuple[TriggerRule, ...]:
    """The trigger rules of monitoring, in the order of the file."""
    return tuple(
        TriggerRule(
            reason=row["reason"],
            value=row["value"],
            sql=row["sql"],
            **_dated(row, "trigger"),
        )
        for row in rows("triggers")
    )


def monitoring_groups() -> tuple[MonitoringGroup, ...]:
    """The groups of monitored households; the first that names one has it."""
    return tuple(
        MonitoringGroup(
            who=row["who"],
            triggers=tuple(row["triggers"].split()),
            **_dated(row, "group"),
        )
        for row in rows("monitoring_groups")
    )


def clearing_rules() -> tuple[ClearingRule, ...]:
    """The conditions of clearing, in the order of the file."""
    return tuple(
        ClearingRule(
            natural=row["natural"] == "yes",
            value=row["value"],
            sql=row["sql"],
            **_dated(row, "condition"),
        )
        for row in rows("clearing")
    )


def _dated(row: Mapping[str, str], key: str) -> dict:
    return {
        "key": row[key],
        "first_day": date.fromisoformat(row["from"]),
        "last_day": date.fromisoformat(row["to"]) if row["to"] else None,
        **{part: row[part] for part in ("zh", "en", "source", "mark")},
    }
