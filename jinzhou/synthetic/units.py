"""What the demonstration registry knows of each county (`demonstration.csv`)."""

from collections.abc import Mapping
from dataclasses import dataclass

from jinzhou.errors import ParameterError
from jinzhou.reference import areas
from jinzhou.reference.files import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One county of the demonstration.

    Attributes
    ----------
    household_share : float
        Share of the city's registered households.
    townships, rural_population : int
    own_funds : float
        Own budget of the first year, in 10,000 yuan.
    urban : bool
        Whether it has no poor village.
    exits : bool
        Whether it is the county that is to leave poverty: the deep-poor villages lie in
        it.
    """

    household_share: float
    townships: int
    rural_population: int
    own_funds: float
    urban: bool
    exits: bool


def units() -> Mapping[str, Unit]:
    """The counties of the demonstration by code, in the order of the file.

    Raises
    ------
    ParameterError
        A county that areas.csv does not list, or not exactly one that is to leave
        poverty.
    """
    found = {
        row["county"]: Unit(
            household_share=float(row["household_share"]),
            townships=int(row["townships"]),
            rural_population=int(row["rural_population"]),
            own_funds=float(row["own_funds"]),
            urban=row["urban"] == "yes",
            exits=row["exits"] == "yes",
        )
        for row in rows("demonstration")
    }
    strange = [code for code in found if code not in areas.counties()]
    if strange or sum(unit.exits for unit in found.values()) != 1:
        raise ParameterError(
            "synthetic.units.wrong", found=strange, known=list(areas.counties())
        )
    return found


def exit_county() -> str:
    """The county that is to leave poverty."""
    return next(code for code, unit in units().items() if unit.exits)


def urban_counties() -> list[str]:
    """Counties without poor villages."""
    return [code for code, unit in units().items() if unit.urban]


def hospital_code(number: int, *, of_city: bool = True) -> str:
    """An invented code of a hospital of the city, or of the capital of its province."""
    place = areas.partition() if of_city else f"{areas.partition()[:2]}01"
    return f"H{place}{number:03d}"
