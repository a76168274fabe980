"""Thresholds (`thresholds.csv`), and the city's own days (`deadlines.csv`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jinzhou.errors import ParameterError
from jinzhou.reference.files import Rows, rows


@dataclass(frozen=True, slots=True)
class Threshold:
    """One threshold. `direction` is ``<`` (strict, 低于) or ``>=`` (不低于, 达到)."""

    key: str
    value: float | str
    direction: str
    unit: str
    phrase: str
    source: str

    def passes(self, value: float) -> bool:
        """Whether `value` passes; 「低于」 is strict (Civil Code art. 1259)."""
        limit = float(self.value)
        return value < limit if self.direction == "<" else value >= limit


def threshold(key: str) -> Threshold:
    """A threshold by key; ParameterError lists the keys when it is unknown."""
    for row in threshold_rows():
        if row["key"] == key:
            value = row["value"] if row["unit"] == "date" else float(row["value"])
            return Threshold(
                key, value, row["direction"], row["unit"], row["phrase"], row["source"]
            )
    raise ParameterError(
        "reference.files.unknown",
        found=key,
        file="thresholds.csv, deadlines.csv",
        known=[row["key"] for row in threshold_rows()],
    )


def day_of(key: str) -> str:
    """A day as text, empty where the file leaves it blank; errors as `threshold`."""
    return str(threshold(key).value)


def entry_deadline(as_of: str) -> str:
    """Day of the year of `as_of` by which its changes must be entered, in any year."""
    return f"{date.fromisoformat(as_of).year}{day_of('data_deadline')[4:]}"


def threshold_rows() -> Rows:
    """The rows of both files."""
    return rows("thresholds") + rows("deadlines")
