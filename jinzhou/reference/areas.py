"""The areas of a city: codes, names and order, read from ``areas.csv``.

Codes are those of GB/T 2260: two digits for the province, two for the city, two for the
county.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinzhou.errors import ParameterError
from jinzhou.reference.files import file_of, read, rows

ALL, UNKNOWN = "all", "unknown"
"""What stands for the sum, and for rows whose county is not known."""
TILES_IN_ROW = 4
LEVELS = ("province", "city", "county")
COUNTY_CODE = re.compile(r"(?!00)\d{2}(?!00)\d{2}(?!00)\d{2}")
"""A code of a county: none of its three parts is zero."""
COUNTY_NAME = re.compile(r"[\u4e00-\u9fff]{1,14}[\u53bf\u533a\u5e02\u65d7]")
"""A name of a county: it ends in the word for county, district, city or banner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """One province, city or county.

    Attributes
    ----------
    code, level, parent : str
        Six digits; one of `LEVELS`; the code that it lies in.
    zh, en : str
        Names.
    aliases : tuple of str
        Other names in exports, such as earlier ones.
    tile : (column, row) or None
        Place on the schematic map.
    """

    code: str
    level: str
    parent: str
    zh: str
    en: str
    aliases: tuple[str, ...] = ()
    tile: tuple[int, int] | None = None

    def name(self, lang: str) -> str:
        """The name in a language."""
        return self.zh if lang == "zh" else self.en


def areas() -> Mapping[str, Area]:
    """All areas of the file by code, in its order.

    Raises
    ------
    ParameterError
        A code is malformed or stands twice, or there is not exactly one city and one
        province.
    """
    return _areas(file_of("areas"))


def city() -> Area:
    """The city whose registry this is."""
    return _only("city")


def province() -> Area:
    """The province that the city lies in."""
    return _only("province")


def counties() -> Mapping[str, Area]:
    """The counties and districts of the city by code, in the order of the file."""
    return {code: area for code, area in areas().items() if area.level == "county"}


def codes() -> dict[str, str]:
    """Code of each county by every name that it has: Chinese, English, aliases."""
    return {
        name: code
        for code, area in counties().items()
        for name in (area.zh, area.en, *area.aliases)
    }


def county_code(text: str) -> str:
    """Code of a county given by code or any of its names; the text itself if unknown."""
    return codes().get(text, text)


def county_key(text: str) -> str:
    """What stands for a county in tables: its code, its own name if the file does not
    list it.

    A text that is neither is `UNKNOWN`.
    """
    code = county_code(text)
    known = COUNTY_CODE.fullmatch(code) or COUNTY_NAME.fullmatch(code)
    return code if known else UNKNOWN


def county_of_area(code: object) -> str | None:
    """County code at the head of an area code; None where it is no code of a county."""
    head = code[:6] if isinstance(code, str) else ""
    return head if head in counties() or COUNTY_CODE.fullmatch(head) else None


def unlisted_name(text: object) -> str | None:
    """A county's own name if the file does not list it; None if it is no such name."""
    if not isinstance(text, str) or not COUNTY_NAME.fullmatch(text):
        return None
    return None if text in _names() else text


def name(code: str, lang: str) -> str:
    """Name of an area; of a county not in the file, its code or own name."""
    area = areas().get(code)
    return area.name(lang) if area else code


def ordered(found: Iterable[str]) -> list[str]:
    """County codes in the order of the file, then the others, sorted."""
    given = {code for code in found if code not in (ALL, UNKNOWN)}
    known = [code for code in counties() if code in given]
    return known + sorted(given - set(known))


def tiles(found: Iterable[str] = ()) -> dict[str, tuple[int, int]]:
    """Column and row on the schematic map of the city's counties and of those found.

    A county for which the file gives no tile gets the next free one of a row below.
    """
    placed = {code: area.tile for code, area in counties().items() if area.tile}
    below = max((row for _, row in placed.values()), default=-1) + 1
    rest = [c for c in ordered({*counties(), *found}) if c not in placed]
    return placed | {
        code: (number % TILES_IN_ROW, below + number // TILES_IN_ROW)
        for number, code in enumerate(rest)
    }


def exit_county(year: int) -> str:
    """The county that leaves poverty next as seen from a year; empty if the city has
    none.

    When all have left it is the last one.
    """
    due = sorted((int(r["year"]), r["county"]) for r in rows("exit_counties"))
    later = [county for last, county in due if last >= year]
    return (later or [county for _, county in due[-1:]] or [""])[0]


def partition() -> str:
    """Name of the part of a store that holds the city: four digits of its code."""
    return city().code[:4]


def unassigned_code() -> str:
    """A code that belongs to no county of the city, for invented identity numbers."""
    return f"{partition()}99"


def _names() -> set[str]:
    return {n for area in areas().values() for n in (area.zh, area.en, *area.aliases)}


def _only(level: str) -> Area:
    return next(area for area in areas().values() if area.level == level)


@cache
def _areas(file: Path) -> Mapping[str, Area]:
    given = read(file)
    found = {row["code"]: _area(row) for row in given}
    wrong = [
        code
        for code, area in found.items()
        if not re.fullmatch(r"\d{6}", code)
        or area.level not in LEVELS
        or (area.level == "county" and not COUNTY_CODE.fullmatch(code))
    ]
    levels = [area.level for area in found.values()]
    if (
        wrong
        or len(found) < len(given)
        or any(levels.count(level) != 1 for level in ("city", "province"))
        or "county" not in levels
    ):
        raise ParameterError("reference.areas.wrong", found=wrong, known=LEVELS)
    return found


def _area(row: Mapping[str, str]) -> Area:
    column, line = row.get("tile_column") or "", row.get("tile_row") or ""
    return Area(
        code=row["code"],
        level=row["level"],
        parent=row["parent"],
        zh=row["zh"],
        en=row["en"],
        aliases=tuple(a for a in (row.get("aliases") or "").split("|") if a),
        tile=(int(column), int(line)) if column and line else None,
    )
