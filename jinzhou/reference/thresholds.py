"""Thresholds that hold everywhere, and the city's own standards and days.

`thresholds.csv` is the same for every city; `standards.csv` (what a county, a village, a household
has to reach) and `deadlines.csv` (by when) are the city's.
"""

from dataclasses import dataclass
from datetime import date

from jinzhou.errors import ParameterError
from jinzhou.reference.files import Rows, rows

FILES = ("thresholds", "standards", "deadlines")


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
        file=", ".join(f"{name}.csv" for name in FILES),
        known=[row["key"] for row in threshold_rows()],
    )


def day_of(key: str) -> str:
    """A day as text, empty where the file leaves it blank; errors as `threshold`."""
    return str(threshold(key).value)


def entry_deadline(as_of: str) -> str:
    """Day of the year of `as_of` by which its changes must be entered, in any year."""
    return f"{date.fromisoformat(as_of).year}{day_of('data_deadline')[4:]}"


def threshold_rows() -> Rows:
    """The rows of all three files."""
    return tuple(row for name in FILES for row in rows(name))
