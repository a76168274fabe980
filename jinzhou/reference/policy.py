"""Dated poverty lines, thresholds, targets and offices, read from `reference/`, each with its source.

No constant of policy is typed into code: a value lives in one file of `reference/` with its unit,
source and mark (``seed`` said in the speech, ``published`` read in a public source, ``memory``
to be verified: a brief prints 「待核实」 after it, ``ours`` our proposal, ``demo`` assumed for demonstration
data alone, and never used with others).
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinzhou.errors import ParameterError

LINE_SERIES = ("nbs", "registry", "monitoring")
PROVINCE = "210000"
"""Liaoning: whose monitoring line is looked up unless another is named."""
NATION = "000000"
POVERTY_ENDS = 2020
"""Last year in which anyone is registered as poor; from the next on households are monitored instead."""
REFERENCE_VARIABLE = "JINZHOU_REFERENCE"
"""Environment variable naming a folder whose files stand in for those of `reference/` of the same name."""


@dataclass(frozen=True, slots=True)
class PovertyLine:
    """One line of one year, yuan per person per year in current prices; `zh` is the source in Chinese, where it is given."""

    series: str
    year: int
    yuan: float
    source: str
    mark: str
    province: str = NATION
    zh: str = ""

    @property
    def to_verify(self) -> bool:
        """Whether a reader must be told 「待核实」."""
        return self.mark in ("memory", "demo")


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


@dataclass(frozen=True, slots=True)
class MonitoringGroup:
    """One group of monitored households: who (SQL over the panel's columns), named by any of `triggers`."""

    key: str
    first_day: date
    last_day: date | None
    who: str
    triggers: tuple[str, ...]
    zh: str
    en: str
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class ClearingRule:
    """One condition of clearing (风险消除): SQL over a case's columns; NULL is unknown.

    `natural` tells whether it is asked of a natural clearing (death, departure), of no other.
    """

    key: str
    first_day: date
    last_day: date | None
    natural: bool
    value: str
    sql: str
    zh: str
    en: str
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Something that a brief measures, the days for which it is meant, and what to read on other days.

    `parts` names the tables, figures and page-one figures that show it; ``county:<chapter>`` the
    chapter's columns beside the counties.
    """

    key: str
    parts: tuple[str, ...]
    first_day: date
    last_day: date
    zh: str
    en: str
    instead_zh: str
    instead_en: str
    source: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """One thing that the speech asks to be measured.

    Attributes
    ----------
    id, requirement : str
        Name, and number of the requirement (R01-R80).
    object : str
        Relation of `registry.indicators` whose rows are counted; empty for a thing that another
        table shows (`shown_in`).
    counted, met : str
        SQL predicates: rows in the denominator, and those of them in the numerator. A counted row
        whose `met` is NULL is unknown. ``{key}`` stands for a value of thresholds.csv.
    weight : str
        SQL of what a row counts for, ``1`` or a number of persons.
    done_on : str
        SQL of the day since when a row meets it; empty when only registry years tell.
    threshold, clearing : str
        Keys of thresholds.csv: the pass mark, and the stricter one said beside it (清底); empty for none.
    veto : str
        Which of the six exit indicators fails with it; empty for none.
    office, deadline : str
        Keys of offices.csv and thresholds.csv (a day); empty when nobody has said.
    unit : str
        What is counted; without it nothing is judged.
    first, last : int
        Years in which it holds.
    shown_in : tuple of str
        Tables, figures or files of a brief that show it.
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


def _rows(name: str) -> tuple[dict[str, str], ...]:
    own = os.environ.get(REFERENCE_VARIABLE, "")
    return _read(name, own if own and (Path(own) / f"{name}.csv").is_file() else "")


@cache
def _read(name: str, folder: str) -> tuple[dict[str, str], ...]:
    place = Path(folder) if folder else files("jinzhou.reference")
    return tuple(
        csv.DictReader(
            place.joinpath(f"{name}.csv").read_text(encoding="utf-8-sig").splitlines()
        )
    )


def line_series(as_of: str) -> str:
    """The series in force on a day: the NBS line until 2020, the monitoring line from 2021."""
    return "monitoring" if monitored_period(as_of) else "nbs"


def monitored_period(as_of: str) -> bool:
    """Whether a day lies after 2020, when nobody is registered as poor and households are monitored."""
    return date.fromisoformat(as_of).year > POVERTY_ENDS


def poverty_line(
    year: int, *, series: str, province: str = PROVINCE, synthetic: bool = False
) -> PovertyLine:
    """The poverty line of a year.

    Parameters
    ----------
    series : {"nbs", "registry", "monitoring"}
        The NBS statistical line, the registry planning line, the monitoring line. They differ and
        are never mixed, so the series is always named.
    province : str
        Six-digit code; of the monitoring line, which each province sets. The nation's row of the
        same year stands in for a province without its own; another year's never does.
    synthetic : bool
        Whether the data are a demonstration: only then may an assumed line be used.

    Raises
    ------
    ParameterError
        The series is unknown, or has no value for that year.
    """
    years = _lines(series, province, synthetic)
    if year not in years:
        if series == "monitoring":
            raise ParameterError(
                f"没有 {year} 年的监测线（省代码 {province}）；现有：{'、'.join(map(str, years)) or '无'}年。不能用别年的线代替。请在 reference/monitoring_lines.csv 中补充本省当年的数并写明文号。",
                f"no monitoring line for {year} (province {province}); there are {', '.join(map(str, years)) or 'none'}. Another year's must not stand in. "
                "Add the province's own to reference/monitoring_lines.csv with its document.",
            )
        raise ParameterError(
            f"{series} 系列没有 {year} 年的贫困线；现有 {min(years)}–{max(years)} 年。"
            "请在 reference/series.csv 中补充并写明来源。",
            f"no {series} line for {year}; there are {min(years)}-{max(years)}. "
            "Add it to reference/series.csv with its source.",
        )
    return years[year]


def poverty_lines(
    *, series: str, province: str = PROVINCE, synthetic: bool = False
) -> dict[int, float]:
    """All years of one series, yuan per person per year; errors as `poverty_line`."""
    return {
        year: line.yuan for year, line in _lines(series, province, synthetic).items()
    }


def monitoring_lines(
    as_of: str, *, province: str = PROVINCE, synthetic: bool = False
) -> dict[int, PovertyLine | None]:
    """The monitoring line of every year from 2020 to the year of a day, None where none is known."""
    known = _lines("monitoring", province, synthetic)
    return {
        year: known.get(year)
        for year in range(POVERTY_ENDS, date.fromisoformat(as_of).year + 1)
    }


def _lines(series: str, province: str, synthetic: bool) -> dict[int, PovertyLine]:
    """Lines of a series by year; of the monitoring line the province's own, else the nation's, else an assumed one."""
    if series not in LINE_SERIES:
        raise ParameterError(
            f"贫困线系列为 {series!r}；应为 {'、'.join(LINE_SERIES)} 之一。",
            f"line series {series!r}; expected one of {', '.join(LINE_SERIES)}.",
        )
    if series != "monitoring":
        rows = [r for r in _rows("series") if r["series"] == f"line_{series}"]
        return {
            int(r["year"]): PovertyLine(
                series, int(r["year"]), float(r["value"]), r["source"], r["mark"]
            )
            for r in rows
        }
    order = {True: 0, False: 1}
    rows = [
        r
        for r in _rows("monitoring_lines")
        if r["province"] in (province, NATION) and (synthetic or r["mark"] != "demo")
    ]
    rows = sorted(
        rows,
        key=lambda r: (
            int(r["year"]),
            r["mark"] == "demo",
            order[r["province"] == province],
        ),
    )
    found: dict[int, PovertyLine] = {}
    for r in rows:
        found.setdefault(
            int(r["year"]),
            PovertyLine(
                series,
                int(r["year"]),
                float(r["value"]),
                r["source"],
                r["mark"],
                r["province"],
                r["zh"],
            ),
        )
    return found


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
            return Threshold(
                key, value, row["direction"], row["unit"], row["phrase"], row["source"]
            )
    raise _unknown(key, "thresholds")


def entry_deadline(as_of: str) -> str:
    """Day of the year of `as_of` by which its changes must be entered: the speech's 30 November, in any year."""
    return (
        f"{date.fromisoformat(as_of).year}{str(threshold('data_deadline').value)[4:]}"
    )


def target(key: str, year: int) -> Target:
    """A planned number; ParameterError lists the keys when key or year is unknown."""
    for row in _rows("targets"):
        if row["key"] == key and int(row["year"]) == year:
            return Target(
                key, year, int(row["value"]), row["unit"], row["phrase"], row["source"]
            )
    raise _unknown(f"{key} {year}", "targets")


def targets(key: str) -> dict[int, int]:
    """Planned numbers of one key by year, empty when the plan names none."""
    return {
        int(r["year"]): int(r["value"]) for r in _rows("targets") if r["key"] == key
    }


def target_units(key: str) -> dict[int, str]:
    """Unit of each year's planned number, empty where the file leaves it blank."""
    return {
        int(r["year"]): r["unit"].strip() for r in _rows("targets") if r["key"] == key
    }


def housing_lots(year: int, *, county: str = "") -> dict[str, float]:
    """Households reported in each lot of dangerous housing (R44); NaN for a county, the report is the city's."""
    return {
        lot: float("nan") if county else float(target(f"housing_{lot}", year).value)
        for lot in ("batch_950", "batch_938")
    }


def microcredit_said(year: int, *, county: str = "") -> float:
    """Yuan of small loans reported for a year (R54); NaN when nothing was said, or for a county: the report is the city's."""
    return (
        float(targets("microcredit").get(year, "nan")) if not county else float("nan")
    )


def statements() -> tuple[Statement, ...]:
    """What the figures of the speech must obey (requirements A1-A18)."""
    return tuple(
        Statement(
            r["id"],
            tuple(r["left"].split("+")),
            r["relation"],
            tuple(r["right"].split("+")),
            r["zh"],
            r["en"],
            r["source"],
        )
        for r in _rows("statements")
    )


def figures() -> dict[str, float]:
    """Every figure said: targets by key and by ``key_year``, and thresholds; a day is the number yyyymmdd."""
    said: dict[str, float] = {}
    for row in _rows("targets"):
        said[f"{row['key']}_{row['year']}"] = float(row["value"])
    for key, years in (
        (r["key"], [x for x in _rows("targets") if x["key"] == r["key"]])
        for r in _rows("targets")
    ):
        if len(years) == 1:
            said[key] = float(years[0]["value"])
    for row in _rows("thresholds"):
        if row["value"]:
            said[row["key"]] = (
                float(row["value"].replace("-", ""))
                if row["unit"] == "date"
                else float(row["value"])
            )
    return said


def office(key: str, lang: str = "zh", *, as_of: str = "") -> str:
    """Name of the office that answers for a matter (R69) on a day, of all when the file names several; ParameterError when unknown."""
    known = offices(lang, as_of=as_of)
    if key not in known:
        raise _unknown(key, "offices")
    return known[key]


def offices(lang: str = "zh", *, as_of: str = "") -> dict[str, str]:
    """Names of all offices that answer, by key; a key that stands twice has both names.

    On a day after 2020 those of the reform take the place of the earlier ones (from memory, to be verified).
    """
    later = (
        {row["key"]: row[lang] for row in _rows("offices_after_2020")}
        if as_of and monitored_period(as_of)
        else {}
    )
    named: dict[str, list[str]] = {}
    for row in _rows("offices"):
        named.setdefault(row["key"], []).append(row[lang])
    return {
        key: ("、" if lang == "zh" else "; ").join(names)
        for key, names in named.items()
    } | later


def indicators() -> tuple[Indicator, ...]:
    """The indicator records, in the order of reference/indicators.csv."""
    return tuple(
        Indicator(
            **{
                key: r[key].strip()
                for key in (
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
                )
            },
            weight=r["weight"].strip() or "1",
            first=int(r["from"] or 0),
            last=int(r["to"] or 9999),
            shown_in=tuple(r["shown_in"].split()),
        )
        for r in _rows("indicators")
    )


def vetoes() -> dict[str, str]:
    """Which of the six exit indicators each record belongs to, by record."""
    return {one.id: one.veto for one in indicators() if one.veto}


def veto_records() -> tuple[Indicator, ...]:
    """The records behind the exit card whose past is asked for: parts of a veto, the stock and the population."""
    return tuple(
        one
        for one in indicators()
        if one.veto or one.id in ("poor_persons", "rural_population")
    )


def day_of(key: str) -> str:
    """A day of thresholds.csv as text, empty when the file leaves it blank; ParameterError when unknown."""
    return str(threshold(key).value)


def score_weights() -> dict[str, float]:
    """Weights of the score card by indicator, from a file that the office gives (reference/score_weights.csv).

    Returns
    -------
    dict
        Empty when there is no such file: no weights are invented, and nothing is scored.

    Raises
    ------
    ParameterError
        A weight has no document or no date, or is not positive.
    """
    own = Path(os.environ.get(REFERENCE_VARIABLE, ""), "score_weights.csv")
    if not (
        os.environ.get(REFERENCE_VARIABLE)
        and own.is_file()
        or files("jinzhou.reference").joinpath("score_weights.csv").is_file()
    ):
        return {}
    rows = _rows("score_weights")
    bad = [
        r["indicator"]
        for r in rows
        if not (r.get("document") and r.get("dated")) or float(r["weight"] or 0) <= 0
    ]
    if bad:
        raise ParameterError(
            f"score_weights.csv 中 {'、'.join(bad)} 没有文号、日期，或权重不为正；请按文件补全。",
            f"score_weights.csv: {', '.join(bad)} without document or date, or with a weight that is not positive; complete it from the document.",
        )
    return {r["indicator"]: float(r["weight"]) for r in rows}


def _unknown(key: str, file: str, column: str = "key") -> ParameterError:
    known = "、".join(dict.fromkeys(row[column] for row in _rows(file)))
    return ParameterError(
        f"reference/{file}.csv 中没有 {key}；现有：{known}。",
        f"{key} is not in reference/{file}.csv; known: {known}.",
    )


def trigger_rules() -> tuple[TriggerRule, ...]:
    """The trigger rules of monitoring, in the order of the file."""
    return tuple(
        TriggerRule(
            key=r["trigger"],
            first_day=date.fromisoformat(r["from"]),
            last_day=date.fromisoformat(r["to"]) if r["to"] else None,
            reason=r["reason"],
            value=r["value"],
            sql=r["sql"],
            zh=r["zh"],
            en=r["en"],
            source=r["source"],
            mark=r["mark"],
        )
        for r in _rows("triggers")
    )


def _days(row: dict[str, str]) -> dict[str, object]:
    return {
        "first_day": date.fromisoformat(row["from"]),
        "last_day": date.fromisoformat(row["to"]) if row["to"] else None,
        **{part: row[part] for part in ("zh", "en", "source", "mark")},
    }


def monitoring_groups() -> tuple[MonitoringGroup, ...]:
    """The groups of monitored households, in order: a household belongs to the first that names it."""
    return tuple(
        MonitoringGroup(
            key=r["group"],
            who=r["who"],
            triggers=tuple(r["triggers"].split()),
            **_days(r),
        )
        for r in _rows("monitoring_groups")
    )


def clearing_rules() -> tuple[ClearingRule, ...]:
    """The conditions of clearing, in the order of the file."""
    return tuple(
        ClearingRule(
            key=r["condition"],
            natural=r["natural"] == "yes",
            value=r["value"],
            sql=r["sql"],
            **_days(r),
        )
        for r in _rows("clearing")
    )


def scopes() -> tuple[Scope, ...]:
    """What is measured in some years only, in the order of the file."""
    return tuple(
        Scope(
            key=r["matter"],
            parts=tuple(r["parts"].split()),
            first_day=date.fromisoformat(r["from"]),
            last_day=date.fromisoformat(r["to"]),
            **{
                part: r[part]
                for part in ("zh", "en", "instead_zh", "instead_en", "source")
            },
        )
        for r in _rows("scope")
    )


def not_applicable(as_of: str) -> tuple[Scope, ...]:
    """What has ended by a day, so that a brief must not show it as if it still held."""
    return tuple(s for s in scopes() if s.last_day < date.fromisoformat(as_of))


def require_scope(key: str, as_of: str) -> None:
    """Refuse to measure on a day what ended before it.

    Raises
    ------
    ParameterError
        The matter ended before the day (the message says what to read instead), or is unknown.
    """
    known = {s.key: s for s in scopes()}
    if key not in known:
        raise _unknown(key, "scope", "matter")
    one = known[key]
    if one.last_day < date.fromisoformat(as_of):
        raise ParameterError(
            f"{as_of}：{one.zh}适用至 {one.last_day}，此后不再适用；请改看{one.instead_zh}。",
            f"{as_of}: {one.en} ended on {one.last_day} and no longer applies; read {one.instead_en} instead.",
        )
