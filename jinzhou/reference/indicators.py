"""What has to be measured (`indicators.csv`), and the weights of a score."""

from collections.abc import Iterable
from dataclasses import dataclass

from jinzhou.errors import ParameterError
from jinzhou.reference.files import optional_rows, rows

STOCK = ("poor_persons", "rural_population")
"""Records behind the exit card that are no part of a veto."""
TEXTS = (
    "id",
    "requirement",
    "object",
    "zh",
    "en",
    "counted",
    "met",
    "done_on",
    "threshold",
    "clearing",
    "veto",
    "office",
    "deadline",
    "unit",
    "source",
    "listed_in",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One thing that has to be measured.

    Attributes
    ----------
    id, requirement : str
        Name, and number of the requirement (R01-R80).
    object : str
        Relation of `registry.indicators` whose rows are counted; empty for a thing that
        another table shows (`shown_in`).
    counted, met : str
        SQL predicates: rows in the denominator, and those of them in the numerator. A
        counted row whose `met` is NULL is unknown. ``{key}`` stands for a value of
        thresholds.csv.
    weight : str
        SQL of what a row counts for, ``1`` or a number of persons.
    done_on : str
        SQL of the day since when a row meets it; empty when only registry years tell.
    threshold, clearing : str
        Keys of thresholds.csv: the threshold, and the stricter one stated beside it
        (清底); empty for none.
    veto : str
        Which of the six exit indicators fails with it; empty for none.
    office, deadline : str
        Keys of offices.csv and deadlines.csv; empty when nobody has said.
    unit : str
        What is counted; without it nothing is judged.
    first, last : int
        Years in which it holds.
    shown_in : tuple of str
        Tables, figures or files of a brief that show it.
    listed_in : str
        Workbook of the county that lists the rest, ``exit`` or ``restricted``; empty for none.
    """

    id: str
    requirement: str
    object: str
    zh: str
    en: str
    counted: str
    met: str
    weight: str
    done_on: str
    threshold: str
    clearing: str
    veto: str
    office: str
    deadline: str
    unit: str
    first: int
    last: int
    shown_in: tuple[str, ...]
    source: str
    listed_in: str = ""


def indicators() -> tuple[Indicator, ...]:
    """The indicator records, in the order of the file."""
    return tuple(
        Indicator(
            **{key: row[key].strip() for key in TEXTS},
            weight=row["weight"].strip() or "1",
            first=int(row["from"] or 0),
            last=int(row["to"] or 9999),
            shown_in=tuple(row["shown_in"].split()),
        )
        for row in rows("indicators")
    )


def shown_in(table: str, records: Iterable[Indicator] | None = None) -> list[str]:
    """Names of the records (all of them by default) that a table has to show, in order."""
    given = indicators() if records is None else records
    return [record.id for record in given if table in record.shown_in]


def listed_in(workbook: str, records: Iterable[Indicator] | None = None) -> list[str]:
    """Names of the records whose rest a workbook of the county has to list, in order."""
    given = indicators() if records is None else records
    return [record.id for record in given if record.listed_in == workbook]


def vetoes() -> dict[str, str]:
    """Which of the six exit indicators each record belongs to, by record."""
    return {record.id: record.veto for record in indicators() if record.veto}


def veto_records() -> tuple[Indicator, ...]:
    """The records behind the exit card: parts of a veto, stock and population."""
    return tuple(record for record in indicators() if record.veto or record.id in STOCK)


def score_weights() -> dict[str, float]:
    """Weights of the score card by indicator, from a file that the office gives.

    Returns
    -------
    dict
        Empty when there is no such file: no weights are invented, and nothing is
        scored.

    Raises
    ------
    ParameterError
        A weight has no document or no date, or is not positive.
    """
    given = optional_rows("score_weights")
    bad = [
        row["indicator"]
        for row in given
        if not (row.get("document") and row.get("dated"))
        or float(row["weight"] or 0) <= 0
    ]
    if bad:
        raise ParameterError("reference.indicators.weights", found=bad)
    return {row["indicator"]: float(row["weight"]) for row in given}
