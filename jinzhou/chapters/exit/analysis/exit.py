"""What stands between a county and its exit: the six vetoes, the targets, the stock they were made for, the poorest villages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.reference.thresholds import Threshold, threshold
from jinzhou.statistics.forecast import Forecast, on_time
from jinzhou.statistics.spot_check import combined, exact_interval
from jinzhou.statistics.tolerance import passes

VETOES = ("incidence", "housing", "education", "health", "road", "culture")
"""「一率五落实」: one rate and five guarantees, each one a veto."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExitCard:
    """The six vetoes of one county, and what each consists of.

    Attributes
    ----------
    rows : DataFrame, one row per veto and part of it
        `veto` (one of `VETOES`), `indicator` (``incidence`` or the part's id), `numerator`,
        `denominator`, `value`, `low`, `high` (0-1), `direction`, `threshold`, `status` (``pass``,
        ``fail``, ``unknown``), `cleared` (the same against the stricter mark said beside it), `missing`
        (codes of what is missing), `unknown` (units without data), `rest` (units that do not meet it;
        for the incidence persons of its upper bound above the mark's number).
    vetoes : Series, indexed by veto
        A veto fails when a part fails, else it is unknown when a part is.
    terms : DataFrame, indexed by term of the incidence
        `persons`, `ci_low`, `ci_high` of ``poor``, ``wrong_exits``, ``missed`` and their sum ``all``;
        `checked`, `found` (households of the spot check); `population`.
    status : str
        ``fail`` when any veto fails, else ``unknown`` when any is unknown, else ``pass``.
    """

    rows: pd.DataFrame
    vetoes: pd.Series
    terms: pd.DataFrame
    status: str

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        count = self.vetoes.value_counts()
        return f"{count.get('pass', 0)} pass, {count.get('fail', 0)} fail, {count.get('unknown', 0)} unknown: {self.status}."


def exit_card(
    parts: pd.DataFrame,
    veto_of: Mapping[str, str],
    *,
    incidence: Mapping[str, float],
    level: float = 0.95,
) -> ExitCard:
    """Hold the six vetoes of a place against their marks (R01-R09).

    Parameters
    ----------
    parts : DataFrame, indexed by indicator
        Rows of `IndicatorStatus` of the place: `met`, `counted`, `unknown`, `value`, `low`, `high`,
        `direction`, `threshold`, `status`, `cleared`, `missing`, `rest`.
    veto_of : mapping, indicator -> veto
        Parts of the five guarantees. A guarantee without any part is unknown.
    incidence : mapping
        `poor` (registered persons still poor), `population` (rural persons), `checked_exited`,
        `wrong_exits`, `exited` (persons exited), `checked_unregistered`, `missed`, `unregistered`;
        `unfilled` (villages without a population). Without checks of both kinds, or with a village
        whose population is not known, the incidence is unknown.

    Notes
    -----
    Comprehensive incidence = (registered poor + wrongly exited + missed) / rural population, the
    two error terms as checked rate x population; it passes only when its upper bound does (R01).
    「低于」 is strict, 「不低于」 is not. The interval joins the exact ones of the two error rates by
    MOVER (`spot_check.combined`).
    """
    first, terms = _incidence(incidence, threshold("exit_incidence"), level)
    rows = [first]
    for veto in VETOES[1:]:
        mine = [i for i, v in veto_of.items() if v == veto and i in parts.index]
        rows += [
            {
                "veto": veto,
                "indicator": i,
                "numerator": p["met"],
                "denominator": p["counted"],
            }
            | {
                c: p[c]
                for c in (
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
            }
            for i, p in ((i, parts.loc[i]) for i in mine)
        ]
        if not mine:
            rows.append(
                {
                    "veto": veto,
                    "indicator": veto,
                    "status": "unknown",
                    "cleared": "",
                    "missing": "no indicator",
                    "direction": "",
                }
            )
    frame = pd.DataFrame(rows)
    vetoes = frame.groupby("veto")["status"].agg(_worst).reindex(list(VETOES))
    return ExitCard(rows=frame, vetoes=vetoes, terms=terms, status=_worst(vetoes))


def incidence_counts(counts: pd.DataFrame) -> dict[str, float]:
    """The mapping that `exit_card` asks for, from the counts of one place (indexed by indicator, see `registry.count_indicators`)."""

    def of(indicator: str, column: str) -> float:
        return float(counts.at[indicator, column]) if indicator in counts.index else 0.0

    def known(indicator: str) -> float:
        return of(indicator, "counted") - of(indicator, "unknown")

    registered, people = of("poor_persons", "counted"), of("rural_population", "met")
    return {
        "poor": of("poor_persons", "met"),
        "population": people,
        "unfilled": of("rural_population", "counted") - people,
        "checked_exited": known("wrong_exits"),
        "wrong_exits": known("wrong_exits") - of("wrong_exits", "met"),
        "exited": registered - of("poor_persons", "met"),
        "checked_unregistered": known("missed"),
        "missed": known("missed") - of("missed", "met"),
        "unregistered": people - registered,
    }


KNOWN = 0.95
"""Share of the rows that must be known for a past day's gap to count."""


QUARTERS = 5
"""Past quarters whose pace is used for what carries its own dates."""


def exit_forecast(
    card: ExitCard,
    now: pd.DataFrame,
    past: Mapping[str, pd.DataFrame],
    paths: pd.DataFrame,
    *,
    county: str,
    as_of: str,
    deadline: str,
    seed: int = 2018,
) -> Forecast:
    """Whether each part of the card passes by its day at the county's own pace (R10).

    Parameters
    ----------
    card : ExitCard
    now : DataFrame, indexed by indicator
        `met`, `counted`, `unknown` of the county.
    past : mapping, day -> such a DataFrame
        On the same day of past years, oldest first: the yearly pace of what only registry years tell.
    paths : DataFrame
        `registry.IndicatorCounts.paths`: the pace, by quarters, of what carries its own dates; those who
        left the registry since are not in it.
    deadline : str

    Notes
    -----
    Rows without data count as not met. See `exit_gaps` and `on_time` for what is assumed.
    """
    day = pd.Timestamp(as_of)
    until = (pd.Timestamp(deadline) - day).days / 365
    dated = [
        i
        for i in paths["indicator"].unique()
        if i in set(card.rows["indicator"])
        and i in now.index
        and now.at[i, "counted"] > 0
    ]
    ends = [
        day - pd.offsets.QuarterEnd(n) if n else day for n in range(QUARTERS, -1, -1)
    ]
    steps = {}
    for i in dated:
        mine = paths[(paths["indicator"] == i) & (paths["county"] == county)]
        had = [mine.loc[mine["quarter"] <= end, "met"].max() for end in ends[:-1]]
        mark = card.rows.set_index("indicator").at[i, "threshold"]
        steps[i] = [
            _gap(now.loc[i], mark) + now.at[i, "met"] - (0.0 if x != x else x)
            for x in had
        ] + [_gap(now.loc[i], mark)]
    gaps = exit_gaps(card, now, past)
    rows = pd.concat(
        [
            on_time(
                gaps.drop(columns=dated), periods=until, unit="year", seed=seed
            ).rows,
            on_time(
                pd.DataFrame(steps), periods=4 * until, unit="quarter", seed=seed
            ).rows,
        ]
    )
    order = {m: n for n, m in enumerate(gaps)}
    return Forecast(
        rows=rows.sort_values(
            "matter", key=lambda names: names.map(order), ignore_index=True
        )
    )


def exit_gaps(
    card: ExitCard, now: pd.DataFrame, past: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Units between each part of the card and its mark, on past days and now (for `on_time`).

    Parameters
    ----------
    card : ExitCard
    now : DataFrame, indexed by indicator
        `met`, `counted`, `unknown` of the place.
    past : mapping, day -> such a DataFrame
        Oldest first.

    Returns
    -------
    DataFrame
        One row a day, the last one now; one column per part. Rows without data count as not met; the
        gap is missing where more than 5 % of the rows are unknown or nobody is counted. The
        incidence's gap is its upper bound above the mark in persons, the errors of the spot check
        and the population as they are now.
    """
    frames = [*past.values(), now]
    parts = card.rows[card.rows["indicator"].isin(now.index)].set_index("indicator")[
        "threshold"
    ]
    gaps = {}
    first = card.rows[card.rows["indicator"] == "incidence"].iloc[0]
    extra = card.terms.at["all", "ci_high"] - card.terms.at["poor", "persons"]
    estimated = first["missing"] in ("", "upper bound")
    gaps["incidence"] = [
        f.at["poor_persons", "met"]
        + extra
        - first["threshold"] * first["denominator"]
        + 1
        if estimated and "poor_persons" in f.index
        else np.nan
        for f in frames
    ]
    for indicator, mark in parts.items():
        gaps[indicator] = [
            _gap(f.loc[indicator], mark) if indicator in f.index else np.nan
            for f in frames
        ]
    return pd.DataFrame(gaps)


def _gap(row: pd.Series, mark: float) -> float:
    if row["counted"] <= 0 or row["unknown"] > (1 - KNOWN) * row["counted"]:
        return np.nan
    return (
        float(np.ceil(mark * row["counted"] - row["met"] - 1e-9)) + 0.0
    )  # no minus before zero


def _worst(found: pd.Series) -> str:
    given = set(found)
    return "fail" if "fail" in given else "pass" if given == {"pass"} else "unknown"


def _incidence(
    given: Mapping[str, float], limit: Threshold, level: float
) -> tuple[dict, pd.DataFrame]:
    people, poor = given.get("population") or np.nan, given.get("poor", np.nan)
    lacks = [
        name
        for name, bad in (
            ("exited not checked", not given.get("checked_exited")),
            ("unregistered not checked", not given.get("checked_unregistered")),
            ("population", not given.get("population") or given.get("unfilled", 0) > 0),
        )
        if bad
    ]
    terms = {"poor": (poor, poor, poor, np.nan, np.nan)}
    for term, checked, persons in (
        ("wrong_exits", "checked_exited", "exited"),
        ("missed", "checked_unregistered", "unregistered"),
    ):
        n, k, size = (
            given.get(checked) or 0,
            given.get(term) or 0,
            given.get(persons, 0),
        )
        rates = (
            (
                k / n,
                *exact_interval(int(k), int(n), max(int(size), int(n)), level=level),
            )
            if n
            else (np.nan,) * 3
        )
        terms[term] = (*(size * r for r in rates), n, k)
    frame = pd.DataFrame.from_dict(
        terms,
        orient="index",
        columns=["persons", "ci_low", "ci_high", "checked", "found"],
    )
    errors = frame.iloc[1:, :3].to_numpy(float).T
    frame.loc["all"] = (
        [*(poor + x for x in combined(np.ones(2), *errors)), np.nan, np.nan]
        if not set(lacks) - {"population"}
        else [np.nan] * 5
    )
    frame["population"] = people
    total, low, high = frame.loc["all", ["persons", "ci_low", "ci_high"]] / people
    status = (
        "unknown"
        if lacks
        else "fail"
        if not passes(total, limit.value, limit.direction)
        else "pass"
        if passes(high, limit.value, limit.direction)
        else "unknown"
    )
    if status == "unknown" and not lacks:
        lacks = ["upper bound"]
    above = (
        frame.at["all", "ci_high"] if not np.isnan(frame.at["all", "ci_high"]) else poor
    )
    return {
        "veto": "incidence",
        "indicator": "incidence",
        "numerator": frame.at["all", "persons"],
        "denominator": people,
        "value": total,
        "low": low,
        "high": high,
        "direction": limit.direction,
        "threshold": limit.value,
        "status": status,
        "cleared": "",
        "missing": "; ".join(lacks),
        "unknown": given.get("unfilled", 0),
        "rest": max(0.0, above - limit.value * people) if people == people else np.nan,
    }, frame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExitProgress:
    """Exits against the year's target.

    Attributes
    ----------
    rows : DataFrame, one row per target year
        `year`, `target`, `done`, `share`, `due` (share of the year gone by the cut), `behind`
        (persons short of the straight path; 0 when ahead), `status` (``on path``, ``behind``, ``done``,
        ``not begun``; ``unknown`` for a target without a unit).
    """

    rows: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return "; ".join(
            f"{r.year}: {r.done:,} of {r.target:,} ({r.status})"
            for r in self.rows.itertuples()
        )


def exit_progress(
    done: Mapping[int, int],
    *,
    targets: Mapping[int, int],
    as_of: str,
    units: Mapping[int, str] | None = None,
) -> ExitProgress:
    """Persons or villages exited in each target year against a straight path (R11).

    `units` names what each year's target counts; a target without one is not judged.

    Raises
    ------
    ParameterError
        A target is not positive.
    """
    day = pd.Timestamp(as_of)
    rows = []
    for year, target in sorted(targets.items()):
        if target <= 0:
            raise ParameterError(
                f"{year} 年目标为 {target}；应为正数。",
                f"target of {year} is {target}; expected positive.",
            )
        start = pd.Timestamp(year, 1, 1)
        due = float(np.clip((day - start).days + 1, 0, 365) / 365)
        count = int(done.get(year, 0))
        behind = max(0, round(due * target) - count)
        status = (
            "unknown"
            if units is not None and not units.get(year)
            else "done"
            if count >= target
            else "not begun"
            if due == 0
            else "behind"
            if behind
            else "on path"
        )
        rows.append((year, target, count, count / target, due, behind, status))
    return ExitProgress(
        rows=pd.DataFrame(
            rows, columns=["year", "target", "done", "share", "due", "behind", "status"]
        )
    )


def stock_question(
    stock: int, *, found: int, targets: Mapping[int, int]
) -> pd.DataFrame:
    """The stock that nobody counted: do the planned exits contain what the look-back found (R12, arithmetic A6, A10)?

    Parameters
    ----------
    stock : int
        Registered poor persons on the day of the registry that is asked.
    found : int
        Persons that the look-back added.
    targets : mapping, year -> persons

    Returns
    -------
    DataFrame
        `answer` (``contained``, ``not contained``: what the plan's stock would be under either
        answer; ``registry``: the count itself), `stock`, `planned`, `short` (persons left without a
        target once every target is met, 0 at least).
    """
    planned = sum(targets.values())
    rows = [
        ("contained", planned, planned, 0),
        ("not contained", planned + found, planned, found),
        ("registry", stock, planned, max(0, stock - planned)),
    ]
    return pd.DataFrame(rows, columns=["answer", "stock", "planned", "short"])


def village_scores(villages: pd.DataFrame, items: Sequence[str]) -> pd.DataFrame:
    """Deep-poor villages by what they lack (R14).

    Parameters
    ----------
    villages : DataFrame
        One row a village; each of `items` true, false or missing.

    Returns
    -------
    DataFrame
        The rows with `lacks` (items known to be missing), `unknown` (items not known), `rank` (villages
        that lack as many and know as much share one), most lacking first.
    """
    has = villages[list(items)].astype("boolean")
    rows = villages.assign(
        lacks=(~has).sum(axis=1).astype(int), unknown=has.isna().sum(axis=1).astype(int)
    )
    rows["rank"] = rows["lacks"].rank(method="min", ascending=False).astype(int)
    return rows.sort_values(
        ["lacks", "unknown", "area_code"],
        ascending=[False, False, True],
        ignore_index=True,
    )
