"""The six vetoes between a county and its exit, and what each consists of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from jinzhou.reference.thresholds import Threshold, threshold
from jinzhou.result import Result
from jinzhou.statistics.spot_check import combined, exact_interval
from jinzhou.statistics.tolerance import passes
from jinzhou.words import Words

VETOES = ("incidence", "housing", "education", "health", "road", "culture")
"""「一率五落实」: one rate and five guarantees, each one a veto."""
ESTIMATED = ("persons", "ci_low", "ci_high")
JUDGED = (
    "value",
    "low",
    "high",
    "direction",
    "threshold",
    "status",
    "cleared",
    "missing",
    "unknown",
    "rest",
)
"""Columns of `IndicatorStatus.rows` that the card takes over."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExitCard(Result):
    """The six vetoes of one county, and what each consists of.

    Attributes
    ----------
    rows : DataFrame, one row per veto and part of it
        `veto` (one of `VETOES`), `indicator` (``incidence`` or the part's id), `numerator`,
        `denominator`, `value`, `low`, `high` (0-1), `direction`, `threshold`, `status` (``pass``,
        ``fail``, ``unknown``), `cleared` (the same against the stricter threshold stated beside
        it), `missing` (codes of what is missing), `unknown` (units without data), `rest` (units
        that do not meet it; for the incidence persons of its upper bound above the number that
        the threshold allows).
    vetoes : Series, indexed by veto
        A veto fails when a part fails, else it is unknown when a part is.
    terms : DataFrame, indexed by term of the incidence
        `persons`, `ci_low`, `ci_high` of ``poor``, ``wrong_exits``, ``missed`` and their sum
        ``all``; `checked`, `found` (households of the spot check); `population`.
    status : str
        ``fail`` when any veto fails, else ``unknown`` when any is unknown, else ``pass``.
    """

    kinds: ClassVar[Mapping[str, str]] = {
        "numerator": "count",
        "denominator": "count",
        "value": "share",
        "low": "share",
        "high": "share",
        "threshold": "share",
        "unknown": "count",
        "rest": "count",
    }
    rows: pd.DataFrame
    vetoes: pd.Series
    terms: pd.DataFrame
    status: str

    def sentence(self, words: Words) -> str:
        """How many vetoes pass, fail and are unknown."""
        count = self.vetoes.value_counts()
        each = {s: int(count.get(s, 0)) for s in ("pass", "fail", "unknown")}
        return words(
            "summary.ExitCard", status=words.label("state", self.status), **each
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidenceCounts:
    """What the comprehensive incidence of one county or city is computed from.

    Attributes
    ----------
    poor, exited : float
        Registered persons still poor, and exited.
    population, unregistered : float
        Rural persons, and those of them who are not registered.
    checked_exited, wrong_exits : float
        Exited households that a spot check visited, and those found to be poor.
    checked_unregistered, missed : float
        Unregistered households that a spot check visited, and those found to be poor.
    unfilled : float
        Villages without a population.
    """

    poor: float
    exited: float
    population: float
    unregistered: float
    checked_exited: float
    wrong_exits: float
    checked_unregistered: float
    missed: float
    unfilled: float = 0.0

    def lacking(self) -> list[str]:
        """Codes of what the incidence cannot be judged without."""
        lacks = {
            "exited not checked": not self.checked_exited,
            "unregistered not checked": not self.checked_unregistered,
            "population": not self.population or self.unfilled > 0,
        }
        return [code for code, lacking in lacks.items() if lacking]


def exit_card(
    parts: pd.DataFrame,
    veto_of: Mapping[str, str],
    *,
    incidence: IncidenceCounts,
    level: float = 0.95,
) -> ExitCard:
    """Hold the six vetoes of a county against their thresholds (R01-R09).

    Parameters
    ----------
    parts : DataFrame, indexed by indicator
        Rows of `IndicatorStatus` of the county: `met`, `counted` and the columns of `JUDGED`.
    veto_of : mapping, indicator -> veto
        Parts of the five guarantees. A guarantee without any part is unknown.
    incidence : IncidenceCounts
        Without checks of both kinds, or with a village whose population is not known, the
        incidence is unknown.
    level : float
        Level of the intervals of the two error rates.

    Returns
    -------
    ExitCard

    Notes
    -----
    Comprehensive incidence = (registered poor + wrongly exited + missed) / rural population, the
    two error terms as checked rate x population; it passes only when its upper bound does (R01).
    「低于」 is strict, 「不低于」 is not. The interval joins the exact ones of the two error rates
    by the method of variance estimates recovery (`spot_check.combined`).
    """
    terms = _incidence_terms(incidence, level)
    rows = [_incidence_row(incidence, terms, threshold("exit_incidence"))]
    for veto in VETOES[1:]:
        ids = [i for i, v in veto_of.items() if v == veto and i in parts.index]
        rows += [_part(veto, i, parts.loc[i]) for i in ids] or [_no_part(veto)]
    frame = pd.DataFrame(rows)
    vetoes = frame.groupby("veto")["status"].agg(_worst).reindex(list(VETOES))
    return ExitCard(rows=frame, vetoes=vetoes, terms=terms, status=_worst(vetoes))


def _part(veto: str, indicator: str, judged: pd.Series) -> dict[str, Any]:
    """The row of an indicator that is part of a guarantee."""
    return {
        "veto": veto,
        "indicator": indicator,
        "numerator": judged["met"],
        "denominator": judged["counted"],
        **{column: judged[column] for column in JUDGED},
    }


def _no_part(veto: str) -> dict[str, Any]:
    """The row of a guarantee that no indicator measures."""
    return {
        "veto": veto,
        "indicator": veto,
        "status": "unknown",
        "cleared": "",
        "missing": "no indicator",
        "direction": "",
    }


def _worst(found: pd.Series) -> str:
    given = set(found)
    if "fail" in given:
        return "fail"
    return "pass" if given == {"pass"} else "unknown"


def incidence_counts(counts: pd.DataFrame) -> IncidenceCounts:
    """What `exit_card` asks for, from the counts of one county or city.

    Parameters
    ----------
    counts : DataFrame, indexed by indicator
        `met`, `counted`, `unknown`, from `registry.count_indicators`.
    """

    def of(indicator: str, column: str) -> float:
        return float(counts.at[indicator, column]) if indicator in counts.index else 0.0

    def known(indicator: str) -> float:
        return of(indicator, "counted") - of(indicator, "unknown")

    registered, people = of("poor_persons", "counted"), of("rural_population", "met")
    return IncidenceCounts(
        poor=of("poor_persons", "met"),
        exited=registered - of("poor_persons", "met"),
        population=people,
        unregistered=people - registered,
        checked_exited=known("wrong_exits"),
        wrong_exits=known("wrong_exits") - of("wrong_exits", "met"),
        checked_unregistered=known("missed"),
        missed=known("missed") - of("missed", "met"),
        unfilled=of("rural_population", "counted") - people,
    )


def _incidence_terms(given: IncidenceCounts, level: float) -> pd.DataFrame:
    """Persons of each term with their interval; the sum is missing without both checks."""
    frame = pd.DataFrame.from_dict(
        {
            "poor": (given.poor, given.poor, given.poor, np.nan, np.nan),
            "wrong_exits": _error_term(
                given.wrong_exits, given.checked_exited, given.exited, level
            ),
            "missed": _error_term(
                given.missed, given.checked_unregistered, given.unregistered, level
            ),
        },
        orient="index",
        columns=[*ESTIMATED, "checked", "found"],
    )
    total = [np.nan] * 3
    if not set(given.lacking()) - {"population"}:
        errors = frame.loc[["wrong_exits", "missed"], list(ESTIMATED)]
        bounds = combined(np.ones(2), *errors.to_numpy(float).T)
        total = [given.poor + bound for bound in bounds]
    frame.loc["all"] = [*total, np.nan, np.nan]
    frame["population"] = given.population or np.nan
    return frame


def _error_term(
    found: float, checked: float, persons: float, level: float
) -> tuple[float, ...]:
    """Persons in error: the checked rate and its exact interval times the population."""
    rates: tuple[float, ...] = (np.nan,) * 3
    if checked:
        n, k = int(checked), int(found)
        frame = max(int(persons), n)
        rates = (found / checked, *exact_interval(k, n, frame, level=level))
    return (*(persons * rate for rate in rates), checked, found)


def _incidence_row(
    given: IncidenceCounts, terms: pd.DataFrame, limit: Threshold
) -> dict[str, Any]:
    people = given.population or np.nan
    share, low, high = terms.loc["all", list(ESTIMATED)] / people
    required, lacks = float(limit.value), given.lacking()
    status = "unknown"
    if not lacks and not passes(share, required, limit.direction):
        status = "fail"
    elif not lacks and passes(high, required, limit.direction):
        status = "pass"
    elif not lacks:
        lacks = ["upper bound"]
    upper = terms.at["all", "ci_high"]
    above = given.poor if np.isnan(upper) else upper
    return {
        "veto": "incidence",
        "indicator": "incidence",
        "numerator": terms.at["all", "persons"],
        "denominator": people,
        "value": share,
        "low": low,
        "high": high,
        "direction": limit.direction,
        "threshold": required,
        "status": status,
        "cleared": "",
        "missing": "; ".join(lacks),
        "unknown": given.unfilled,
        "rest": max(0.0, above - required * people) if people == people else np.nan,
    }
