"""Dated poverty lines, thresholds, targets and offices, read from `reference/`, each with its source.

No constant of policy is typed into code: a value lives in one file of `reference/` with its unit,
source and mark (``seed`` said in the speech, ``published`` read in a public source, ``memory``
to be verified: a brief prints 「待核实」 after it, ``ours`` our proposal).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from jinzhou.errors import ParameterError

LINE_SERIES = ("nbs", "registry", "monitoring")


@dataclass(frozen=True, slots=True)
class PovertyLine:
    """One line of one year, yuan per person per year in current prices."""

    series: str
    year: int
    yuan: float
    source: str
    mark: str

    @property
    def to_verify(self) -> bool:
        """Whether a reader must be told 「待核实」."""
        return self.mark == "memory"


@dataclass(frozen=True, slots=True)
class Threshold:
    """One pass mark. `direction` is ``<`` (strict, 低于) or ``>=`` (不低于, 达到)."""

    key: str
    value: float | str
    direction: str
    unit: str
    phrase: str
    source: str

    def passes(self, value: float) -> bool:
        """Whether `value` passes; 「低于」 is strict, 「不低于」 is not (Civil Code art. 1259)."""
        return value < self.value if self.direction == "<" else value >= self.value


@dataclass(frozen=True, slots=True)
class Target:
    """One planned number of one year."""

    key: str
    year: int
    value: int
    unit: str
    phrase: str
    source: str


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that figures must obey: `left` and `right` are keys of figures, summed."""

    id: str
    left: tuple[str, ...]
    relation: str
    right: tuple[str, ...]
    zh: str
    en: str
    source: str


@dataclass(frozen=True, slots=True)
class TriggerRule:
    """One rule of monitoring: SQL over the panel's columns, in force from `first_day` to `last_day`.

    `sql` is empty for a rule that the panel has no column for; `value` is its dated parameter.
    """

    key: str
    first_day: date
    last_day: date | None
    reason: str
    value: str
    sql: str
    zh: str
    en: str
    source: str
    mark: str


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    text = files("jinzhou.reference").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def poverty_line(year: int, *, series: str) -> PovertyLine:
    """The poverty line of a year.

    Parameters
    ----------
    series : {"nbs", "registry", "monitoring"}
        The NBS statistical line, the registry planning line, the monitoring line. They differ and
        are never mixed, so the series is always named.

    Raises
    ------
    ParameterError
        The series is unknown, or has no value for that year.
    """
    if series not in LINE_SERIES:
        raise ParameterError(
            f"贫困线系列为 {series!r}；应为 {'、'.join(LINE_SERIES)} 之一。",
            f"line series {series!r}; expected one of {', '.join(LINE_SERIES)}.",
        )
    years = {int(r["year"]): r for r in _rows("series") if r["series"] == f"line_{series}"}
    if year not in years:
        raise ParameterError(
            f"{series} 系列没有 {year} 年的贫困线；现有 {min(years)}–{max(years)} 年。"
            "请在 reference/series.csv 中补充并写明来源。",
            f"no {series} line for {year}; there are {min(years)}-{max(years)}. "
            "Add it to reference/series.csv with its source.",
        )
    row = years[year]
    return PovertyLine(series, year, float(row["value"]), row["source"], row["mark"])


def poverty_lines(*, series: str) -> dict[int, float]:
    """All years of one series, yuan per person per year; errors as `poverty_line`."""
    known = sorted(int(r["year"]) for r in _rows("series") if r["series"] == f"line_{series}")
    return {year: poverty_line(year, series=series).yuan for year in known or [0]}


def still_poor(income: float, line: float, *, registered: bool) -> bool:
    """Whether income leaves a household poor, given the status it has.

    Entry asks for income below the line (「低于」), exit for income above it (「稳定超过」), so a
    household exactly at the line keeps its status (`facts.md` section 11).
    """
    return income <= line if registered else income < line


def threshold(key: str) -> Threshold:
    """A pass mark by key; ParameterError lists the keys when it is unknown."""
    for row in _rows("thresholds"):
        if row["key"] == key:
            value = row["value"] if row["unit"] == "date" else float(row["value"])
            return Threshold(key, value, row["direction"], row["unit"], row["phrase"], row["source"])
    raise _unknown(key, "thresholds")


def entry_deadline(as_of: str) -> str:
    """Day of the year of `as_of` by which its changes must be entered: the speech's 30 November, in any year."""
    return f"{date.fromisoformat(as_of).year}{str(threshold('data_deadline').value)[4:]}"


def target(key: str, year: int) -> Target:
    """A planned number; ParameterError lists the keys when key or year is unknown."""
    for row in _rows("targets"):
        if row["key"] == key and int(row["year"]) == year:
            return Target(key, year, int(row["value"]), row["unit"], row["phrase"], row["source"])
    raise _unknown(f"{key} {year}", "targets")


def targets(key: str) -> dict[int, int]:
    """Planned numbers of one key by year, empty when the plan names none."""
    return {int(r["year"]): int(r["value"]) for r in _rows("targets") if r["key"] == key}


def housing_lots(year: int, *, county: str = "") -> dict[str, float]:
    """Households reported in each lot of dangerous housing (R44); NaN for a county, the report is the city's."""
    return {lot: float("nan") if county else float(target(f"housing_{lot}", year).value) for lot in ("batch_950", "batch_938")}


def statements() -> tuple[Statement, ...]:
    """What the figures of the speech must obey (requirements A1-A18)."""
    return tuple(Statement(r["id"], tuple(r["left"].split("+")), r["relation"], tuple(r["right"].split("+")), r["zh"], r["en"], r["source"])
                 for r in _rows("statements"))


def figures() -> dict[str, float]:
    """Every figure said: targets by key and by ``key_year``, and thresholds; a day is the number yyyymmdd."""
    said: dict[str, float] = {}
    for row in _rows("targets"):
        said[f"{row['key']}_{row['year']}"] = float(row["value"])
    for key, years in ((r["key"], [x for x in _rows("targets") if x["key"] == r["key"]]) for r in _rows("targets")):
        if len(years) == 1:
            said[key] = float(years[0]["value"])
    for row in _rows("thresholds"):
        said[row["key"]] = float(row["value"].replace("-", "")) if row["unit"] == "date" else float(row["value"])
    return said


def office(key: str, lang: str = "zh") -> str:
    """Name of the office that answers for a matter (R69); ParameterError when unknown."""
    for row in _rows("offices"):
        if row["key"] == key:
            return row[lang]
    raise _unknown(key, "offices")


def offices(lang: str = "zh") -> dict[str, str]:
    """Names of all offices that answer, by key."""
    return {row["key"]: row[lang] for row in _rows("offices")}


def _unknown(key: str, file: str) -> ParameterError:
    known = "、".join(dict.fromkeys(row["key"] for row in _rows(file)))
    return ParameterError(
        f"reference/{file}.csv 中没有 {key}；现有：{known}。",
        f"{key} is not in reference/{file}.csv; known: {known}.",
    )


@cache
def trigger_rules() -> tuple[TriggerRule, ...]:
    """The trigger rules of monitoring, in the order of the file."""
    return tuple(TriggerRule(key=r["trigger"], first_day=date.fromisoformat(r["from"]), last_day=date.fromisoformat(r["to"]) if r["to"] else None,
                             reason=r["reason"], value=r["value"], sql=r["sql"], zh=r["zh"], en=r["en"], source=r["source"], mark=r["mark"])
                 for r in _rows("triggers"))
