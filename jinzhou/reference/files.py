"""The one place that reads reference files: the package's own, or an office's in their
place.

A file ``NAME.csv`` in the folder that ``JINZHOU_REFERENCE`` names stands in for the
package's file of that name. What lies in ``reference/city/`` belongs to one city. A
folder whose ``areas.csv`` names another city has to bring all of it: the numbers of one
city never answer for another.
"""

import csv
import os
from functools import cache
from pathlib import Path

from jinzhou.errors import ParameterError
from jinzhou.words import REFERENCE_VARIABLE

FOLDER = Path(__file__).parent
CITY = "city"
"""Folder of what belongs to one city."""

Rows = tuple[dict[str, str], ...]


def rows(name: str) -> Rows:
    """Rows of a reference file, in its order.

    Parameters
    ----------
    name : str
        Path without ending, for example ``thresholds``, ``codes/status`` or ``areas``.

    Raises
    ------
    ParameterError
        The office's folder describes another city and lacks this file of the city's
        own.
    """
    return read(file_of(name))


def optional_rows(name: str) -> Rows:
    """Rows of a file that an office may give; empty without it."""
    path = file_of(name)
    return read(path) if path.is_file() else ()


def keyed(name: str, key: str, value: str) -> dict[str, str]:
    """Two columns of a file as a mapping, the first row of a key counting."""
    found: dict[str, str] = {}
    for row in rows(name):
        found.setdefault(row[key], row[value])
    return found


def file_of(name: str) -> Path:
    """Where a reference file is read from."""
    own = office_folder()
    if own and (own / f"{name}.csv").is_file():
        return own / f"{name}.csv"
    city = FOLDER / CITY / f"{name}.csv"
    if not city.is_file():
        return FOLDER / f"{name}.csv"
    if own and name != "areas" and _city(file_of("areas")) != _city(_own_areas()):
        raise ParameterError(
            "reference.files.another_city",
            file=f"{name}.csv",
            folder=own.name,
            example=f"{FOLDER.name}/{CITY}/{name}.csv",
        )
    return city


def office_folder() -> Path | None:
    """The folder of the office's own files, if one is named."""
    folder = os.environ.get(REFERENCE_VARIABLE)
    return Path(folder) if folder else None


def unknown(key: object, file: str, column: str = "key") -> ParameterError:
    """The error for a key that a file does not have; it lists those that it has."""
    known = list(dict.fromkeys(row[column] for row in rows(file)))
    return ParameterError(
        "reference.files.unknown", found=key, file=f"{file}.csv", known=known
    )


def _own_areas() -> Path:
    return FOLDER / CITY / "areas.csv"


def _city(areas: Path) -> str:
    return next((r["code"] for r in read(areas) if r["level"] == "city"), "")


@cache
def read(path: Path) -> Rows:
    """Rows of one file, read once."""
    text = path.read_text(encoding="utf-8-sig")
    return tuple(csv.DictReader(text.splitlines()))
