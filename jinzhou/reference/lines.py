"""Poverty lines and monitoring lines by year, each with its source.

`series.csv` holds the national lines, `monitoring_lines.csv` those of each province
from 2020.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from jinzhou.errors import ParameterError
from jinzhou.reference import areas
from jinzhou.reference.files import rows

LINE_SERIES = ("nbs", "registry", "monitoring")
NATION = "000000"
POVERTY_ENDS = 2020
"""Last year in which anyone is registered as poor; later households are monitored."""


@dataclass(frozen=True, slots=True)
class PovertyLine:
    """One line of one year, yuan per person per year in current prices.

    Attributes
    ----------
    source, zh : str
        The source in English, and in Chinese where the file gives it.
    mark : str
        ``published``, ``memory`` (to be verified), ``ours`` or ``demo`` (assumed, for
        demonstration data alone).
    province : str
        Six digits; `NATION` for a line of the whole country.
    """

    series: str
    year: int
    yuan: float
    source: str
    mark: str
    province: str = NATION
    zh: str = ""

    @property
    def to_verify(self) -> bool:
        """Whether a reader must be told that the number is to be verified."""
        return self.mark in ("memory", "demo")


def line_series(as_of: str) -> str:
    """The series in force on a day: the NBS line until 2020, then the monitoring line."""
    return "monitoring" if monitored_period(as_of) else "nbs"


def monitored_period(as_of: str) -> bool:
    """Whether a day lies after 2020, when households are monitored instead."""
    return date.fromisoformat(as_of).year > POVERTY_ENDS


def poverty_line(
    year: int, *, series: str, province: str = "", synthetic: bool = False
) -> PovertyLine:
    """The poverty line of a year.

    Parameters
    ----------
    series : {"nbs", "registry", "monitoring"}
        The NBS statistical line, the registry planning line, the monitoring line. They
        differ and are never mixed, so the series is always named.
    province : str
        Six-digit code; of the monitoring line, which each province sets. Empty for the
        province of areas.csv. The nation's row of the same year stands in for a
        province without its own; another year's never does.
    synthetic : bool
        Whether the data are a demonstration: only then may an assumed line be used.

    Raises
    ------
    ParameterError
        The series is unknown, or has no value for that year.
    """
    province = province or areas.province().code
    years = _lines(series, province, synthetic)
    if year in years:
        return years[year]
    if series == "monitoring":
        raise ParameterError(
            "reference.lines.no_monitoring_line",
            year=year,
            province=province,
            known=list(years),
        )
    raise ParameterError(
        "reference.lines.no_line",
        series=series,
        year=year,
        first=min(years),
        last=max(years),
    )


def poverty_lines(
    *, series: str, province: str = "", synthetic: bool = False
) -> dict[int, float]:
    """All years of one series, yuan per person per year; errors as `poverty_line`."""
    lines = _lines(series, province or areas.province().code, synthetic)
    return {year: line.yuan for year, line in lines.items()}


def monitoring_lines(
    as_of: str, *, province: str = "", synthetic: bool = False
) -> dict[int, PovertyLine | None]:
    """The monitoring line of every year from 2020 to that of a day; None if unknown."""
    known = _lines("monitoring", province or areas.province().code, synthetic)
    last = date.fromisoformat(as_of).year
    return {year: known.get(year) for year in range(POVERTY_ENDS, last + 1)}


def still_poor(income: float, line: float, *, registered: bool) -> bool:
    """Whether income leaves a household poor, given the status it has.

    Entry asks for income below the line, exit for income stably above it, so a
    household exactly at the line keeps its status.
    """
    return income <= line if registered else income < line


def _lines(series: str, province: str, synthetic: bool) -> dict[int, PovertyLine]:
    """Lines by year: the province's own, else the nation's, else an assumed one."""
    if series not in LINE_SERIES:
        raise ParameterError(
            "reference.lines.series", found=series, known=list(LINE_SERIES)
        )
    if series != "monitoring":
        given = [row for row in rows("series") if row["series"] == f"line_{series}"]
        return {int(row["year"]): _line(series, row) for row in given}
    given = [
        row
        for row in rows("monitoring_lines")
        if row["province"] in (province, NATION)
        and (synthetic or row["mark"] != "demo")
    ]
    given.sort(
        key=lambda row: (
            int(row["year"]),
            row["mark"] == "demo",
            row["province"] != province,
        )
    )
    found: dict[int, PovertyLine] = {}
    for row in given:
        found.setdefault(int(row["year"]), _line(series, row))
    return found


def _line(series: str, row: Mapping[str, str]) -> PovertyLine:
    return PovertyLine(
        series=series,
        year=int(row["year"]),
        yuan=float(row["value"]),
        source=row["source"],
        mark=row["mark"],
        province=row.get("province", NATION),
        zh=row.get("zh", ""),
    )
