"""What the numbers of the city's own documents must obey (`statements.csv`, A1-A18)."""

from dataclasses import dataclass

from jinzhou.reference.files import rows
from jinzhou.reference.thresholds import threshold_rows


@dataclass(frozen=True, slots=True)
class Statement:
    """What figures must obey: `left` and `right` are keys of figures, summed."""

    id: str
    left: tuple[str, ...]
    relation: str
    right: tuple[str, ...]
    zh: str
    en: str
    source: str


def statements() -> tuple[Statement, ...]:
    """The statements, in the order of the file."""
    return tuple(
        Statement(
            row["id"],
            tuple(row["left"].split("+")),
            row["relation"],
            tuple(row["right"].split("+")),
            row["zh"],
            row["en"],
            row["source"],
        )
        for row in rows("statements")
    )


def figures() -> dict[str, float]:
    """Every figure that a document gives, by key.

    Targets stand under ``key_year`` and, when they name one year only, under their key;
    thresholds under their key, a day as the number yyyymmdd.
    """
    given: dict[str, float] = {}
    years: dict[str, list[float]] = {}
    for row in rows("targets"):
        value = float(row["value"])
        given[f"{row['key']}_{row['year']}"] = value
        years.setdefault(row["key"], []).append(value)
    given |= {key: values[0] for key, values in years.items() if len(values) == 1}
    for row in threshold_rows():
        if row["value"]:
            given[row["key"]] = float(row["value"].replace("-", ""))
    return given
