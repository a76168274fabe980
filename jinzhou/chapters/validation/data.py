"""Published figures, where the public data lie, and in which language they are shown."""

import csv
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pandas as pd

PUBLISHED = Path(__file__).with_name("published.csv")


@dataclass(frozen=True, kw_only=True, eq=False)
class Material:
    """What the sections are made from, in the place of a snapshot.

    Attributes
    ----------
    folder : Path
        Small published data sets, as CSV.
    panel_file, plants_file : Path
        The Argentine household panel and the Illinois electric plants; they may be missing.
    lang : str
        ``zh`` or ``en``.
    draws : int
        Of the bootstrap.
    as_of : str
        Empty: nothing here is of a day.
    sections : dict
        What has been computed so far: (chapter, section) -> the latest `Section`.
    """

    folder: Path
    panel_file: Path
    plants_file: Path
    lang: str = "zh"
    draws: int = 60
    as_of: str = ""
    sections: dict = field(default_factory=dict, repr=False)

    def read(self, name: str, **options) -> pd.DataFrame:
        """A published data set."""
        return pd.read_csv(self.folder / f"{name}.csv", **options)


def material(
    folder: str, *, panel_file: str, plants_file: str, lang: str, draws: int = 60
) -> Material:
    """The material of a notebook's parameters, which are texts."""
    return Material(
        folder=Path(folder),
        panel_file=Path(panel_file),
        plants_file=Path(plants_file),
        lang=lang,
        draws=draws,
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """A published figure.

    Attributes
    ----------
    name : str
        Several figures of one name are numbered in the order of the file.
    digits : int
        Decimals that are compared.
    """

    name: str
    value: float
    digits: int
    source: str


@cache
def published(section: str) -> tuple[Figure, ...]:
    """Published figures of a section, in the order of ``published.csv``."""
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        return tuple(
            Figure(r["figure"], float(r["value"]), int(r["digits"]), r["source"])
            for r in csv.DictReader(file)
            if r["section"] == section
        )
