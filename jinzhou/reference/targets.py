"""Planned and reported numbers of the city, by key and year (`targets.csv`)."""

from dataclasses import dataclass

from jinzhou.reference.files import keyed, rows, unknown

NAN = float("nan")
HOUSING_BATCHES = ("batch_950", "batch_938")
"""Codes of the batches of dangerous housing that the city reported (R44)."""


@dataclass(frozen=True, slots=True)
class Target:
    """One planned number of one year."""

    key: str
    year: int
    value: int
    unit: str
    phrase: str
    source: str


def target(key: str, year: int) -> Target:
    """A planned number; ParameterError lists the keys when key or year is unknown."""
    for row in rows("targets"):
        if row["key"] == key and int(row["year"]) == year:
            return Target(
                key, year, int(row["value"]), row["unit"], row["phrase"], row["source"]
            )
    raise unknown(f"{key} {year}", "targets")


def targets(key: str) -> dict[int, int]:
    """Planned numbers of one key by year, empty when the plan names none."""
    return {
        int(row["year"]): int(row["value"])
        for row in rows("targets")
        if row["key"] == key
    }


def target_units(key: str) -> dict[int, str]:
    """Unit of each year's planned number, empty where the file leaves it blank."""
    return {
        int(row["year"]): row["unit"].strip()
        for row in rows("targets")
        if row["key"] == key
    }


def housing_reported(year: int, *, county: str = "") -> dict[str, float]:
    """Households reported in each batch of dangerous housing (R44).

    NaN where nothing was reported, and for a county: the report is the city's.
    """
    return {
        batch: NAN if county else float(targets(f"housing_{batch}").get(year, NAN))
        for batch in HOUSING_BATCHES
    }


def microcredit_reported(year: int, *, county: str = "") -> float:
    """Yuan of small loans reported for a year (R54).

    NaN where nothing was reported, and for a county: the report is the city's.
    """
    return NAN if county else float(targets("microcredit").get(year, NAN))


def duty_units() -> dict[str, str]:
    """Unit of a reported duty, by the ending of its name that says it (`duty_units.csv`)."""
    return keyed("duty_units", "ending", "unit")
