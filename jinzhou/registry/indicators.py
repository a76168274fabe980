"""Every indicator of reference/indicators.csv over the store.

Who is counted, who meets it, of whom it is not known.

An indicator is a record: an object, the predicate of the rows counted, that of the rows that meet
it. All indicators of an object are counted in one scan of its relation, by village; every higher
level is a sum. The row behind each figure is kept, so that the rest of a rate is always a list.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import duckdb
import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError, RegistryError
from jinzhou.reference.indicators import Indicator, indicators
from jinzhou.reference.lines import poverty_line
from jinzhou.reference.thresholds import threshold
from jinzhou.registry.relations import Views, text
from jinzhou.registry.snapshot import Snapshot
from jinzhou.result import Result
from jinzhou.words import Words

LEVELS = ("city", "county", "town", "village")
OBJECTS = {
    "person": "member",
    "household": "household",
    "village": "village",
    "housing": "housing",
    "graduate": "graduate",
    "training": "training",
    "stay": "visit",
    "project": "project",
    "spot_check": "spot_check",
    "petition": "petition",
}
"""Object (a relation ``indicators.<object>``) -> the table that must have been delivered."""
NEEDS = {
    "health_service": "in_health_ledger|health_card_on|contract_signed_on|batch",
    "training": "trained",
    "measure": "industry|student_aid|helped_now",
    "income": "net_income|transfer_income|years_paid",
    "living": "dwelling_ok|safe_water",
    "helper": "helped\\b|helper_unit|helper_poor",
    "visit": "stays|own_yuan",
}
"""Table -> columns of it (a pattern) without which an indicator of another object is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IndicatorCounts(Result):
    """Counts behind every indicator, as known on a day.

    Attributes
    ----------
    counts : DataFrame, one row per indicator and place
        `indicator`, `level` (one of `LEVELS`), `county`, `town`, `village` (area code; ``all``
        above its level, ``unknown`` where the registry does not say), `met`, `counted`, `unknown`
        (in the indicator's own weight), `rows` (unweighted).
    rest : DataFrame
        `indicator`, `county`, `town`, `village`, `household_id`, `case_id`, `state` (``not met`` or
        ``unknown``) of every row that does not meet its indicator.
    paths : DataFrame
        `indicator`, `county`, `quarter` (its last day), `met`: how much of what meets a dated
        indicator now had met it by then; missing days count as from the start.
    absent : dict, indicator -> table
        Tables that an indicator needs and nobody delivered.
    moved : DataFrame
        Villages that stand in another county than before or than their code says: `village`,
        `name`, `before`, `county` (that of their households, which is used for every year).
    year : int
        Registry year.
    as_of : str
    """

    shown: ClassVar[str] = "counts"
    counts: pd.DataFrame
    rest: pd.DataFrame
    paths: pd.DataFrame
    absent: dict[str, str]
    moved: pd.DataFrame
    year: int
    as_of: str

    def at(self, county: str = "") -> pd.DataFrame:
        """Counts of a county, or of the city, indexed by indicator."""
        c = self.counts
        rows = (
            c[(c["level"] == "county") & (c["county"] == county)]
            if county
            else c[c["level"] == "city"]
        )
        return rows.set_index("indicator")

    def sentence(self, words: Words) -> str:
        """How many indicators were counted, and what is missing or not met."""
        return words(
            "summary.IndicatorCounts",
            indicators=int(self.counts["indicator"].nunique()),
            day=self.as_of,
            year=self.year,
            absent=len(self.absent),
            rest=len(self.rest),
            moved=len(self.moved),
        )


def count_indicators(
    snapshot: Snapshot,
    *,
    records: Sequence[Indicator] | None = None,
    lists: Sequence[str] | None = None,
) -> IndicatorCounts:
    """Count every indicator by city, county, township and village.

    Parameters
    ----------
    snapshot : Snapshot
        A household's status is that of the latest registry year and what was recorded since;
        `$line` is of its series of poverty lines.
    records : sequence of Indicator, optional
        By default those of reference/indicators.csv.
    lists : sequence of str, optional
        Indicators whose rest is listed; by default all that have a pass mark.

    Raises
    ------
    RegistryError
        No registry year is known by `as_of`.
    ParameterError
        An indicator names an object, a column or a threshold that does not exist, or the line has
        no value for the year.
    """
    views = snapshot.views
    if views.year is None:
        raise RegistryError("registry.indicators.no_household", day=snapshot.as_of)
    records = _known(indicators() if records is None else records)
    values = {
        "$year": str(views.year),
        "$day": "getvariable('day')",
        "$line": repr(poverty_line(views.year, series=snapshot.series).yuan),
    }
    absent = {
        r.id: gone for r in records if (gone := _absent(r, snapshot.store.tables))
    }
    found = []
    for name in OBJECTS:
        mine = _counted_now(records, name, absent, snapshot.year)
        if mine:
            listed = [r.id for r in mine if _is_listed(r, lists)]
            found.append(_scan(views, name, mine, values, snapshot.county, listed))
    tallies, rests, paths = zip(*found, strict=True) if found else ((), (), ())
    return IndicatorCounts(
        counts=_levels(_stack(tallies, ["indicator", *_PLACE, *_SUMS])),
        rest=_stack(rests, _REST),
        paths=_stack(paths, _PATH),
        absent=absent,
        moved=views.frame(text("stock/moved_villages")),
        year=views.year,
        as_of=snapshot.as_of,
    )


def _counted_now(
    records: Sequence[Indicator], name: str, absent: Mapping[str, str], year: int
) -> list[Indicator]:
    """The records of an object that hold in a year and whose tables were delivered."""
    return [
        r
        for r in records
        if r.object == name and r.id not in absent and r.first <= year <= r.last
    ]


def _is_listed(record: Indicator, lists: Sequence[str] | None) -> bool:
    """Whether the rest of an indicator is asked for."""
    return bool(record.threshold) if lists is None else record.id in lists


def _known(records: Sequence[Indicator]) -> list[Indicator]:
    """The records that count something, once their objects are known to exist."""
    counted = [one for one in records if one.object]
    unknown = sorted({one.object for one in counted} - set(OBJECTS))
    if unknown:
        raise ParameterError(
            "registry.indicators.object", found=unknown, known=list(OBJECTS)
        )
    return counted


def _stack(frames: Sequence[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    if not frames:
        return pd.DataFrame(columns=columns)
    return pd.concat(frames, ignore_index=True)


_PLACE, _SUMS = ["county", "town", "village"], ["met", "counted", "unknown", "rows"]
_PATH = ["indicator", "county", "quarter", "met"]
_REST = ["indicator", *_PLACE, "household_id", "case_id", "state"]


def indicator_history(
    snapshot: Snapshot, *, years: int, records: Sequence[Indicator]
) -> dict[str, pd.DataFrame]:
    """Counts as known on the same day of each of the past years, oldest first, by indicator.

    A day before the registry, and an indicator whose table was not delivered, are left out.
    """
    found = {}
    for back in range(years, 0, -1):
        day = (
            (pd.Timestamp(snapshot.as_of) - pd.DateOffset(years=back))
            .date()
            .isoformat()
        )
        try:
            counted = count_indicators(snapshot.on(day), records=records, lists=())
        except RegistryError:
            continue
        rows = counted.at(snapshot.county)
        found[day] = rows[~rows.index.isin(list(counted.absent))]
    return found


def _filled(sql: str, values: Mapping[str, str]) -> str:
    """SQL with the year, the day, the line, and each ``{key}`` as its threshold."""
    for mark, value in values.items():
        sql = sql.replace(mark, value)
    return re.sub(r"\{(\w+)\}", lambda m: str(threshold(m.group(1)).value), sql)


def _absent(one: Indicator, delivered: Sequence[str]) -> str:
    """The first table that an indicator needs and that was not delivered, else empty."""
    needed = [
        OBJECTS[one.object],
        *(
            table
            for table, columns in NEEDS.items()
            if re.search(rf"\b({columns})\b", f"{one.counted} {one.met}")
        ),
    ]
    return next((table for table in needed if table not in delivered), "")


def _scan(
    views: Views,
    name: str,
    records: Sequence[Indicator],
    values: Mapping[str, str],
    county: str,
    lists: Sequence[str],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Sums by village of all indicators of one object, the rest, and since when they were met."""
    sql = _verdicts(name, records, values, county)
    sums = ", ".join(
        f"sum(w{i}) filter (v{i} = 1) as m{i}, sum(w{i}) filter (v{i} is not null) as a{i},"
        f" sum(w{i}) filter (v{i} = 2) as u{i}, count(v{i}) as n{i}"
        for i in range(len(records))
    )
    with views.using(sql) as con:
        try:
            con.execute(sql)
        except duckdb.Error as error:
            raise ParameterError(
                "registry.indicators.predicate",
                indicators=[one.id for one in records],
                error=str(error),
            ) from error
        wide = con.execute(
            f"select county, town, village, {sums} from verdicts"
            " group by county, town, village order by county, town, village"
        ).df()
        paths = [_path(con, one.id, i) for i, one in enumerate(records) if one.done_on]
        rest = _rest(con, records, lists)
    tally = pd.concat(
        [
            pd.DataFrame(
                {
                    "indicator": one.id,
                    **{p: wide[p] for p in _PLACE},
                    "met": wide[f"m{i}"].fillna(0.0),
                    "counted": wide[f"a{i}"].fillna(0.0),
                    "unknown": wide[f"u{i}"].fillna(0.0),
                    "rows": wide[f"n{i}"],
                }
            )
            for i, one in enumerate(records)
        ],
        ignore_index=True,
    )
    path = pd.concat(paths, ignore_index=True) if paths else pd.DataFrame(columns=_PATH)
    return tally, rest, path


def _verdicts(
    name: str, records: Sequence[Indicator], values: Mapping[str, str], county: str
) -> str:
    """SQL of a table with what each indicator says of each row.

    1 met, 0 not, 2 unknown, NULL not counted.
    """
    verdicts = ", ".join(
        f"case when {_filled(one.counted, values)}"
        f" then coalesce(({_filled(one.met, values)})::int, 2) end as v{i},"
        f" ({_filled(one.weight, values)})::double as w{i}"
        + (f", ({_filled(one.done_on, values)})::date as d{i}" if one.done_on else "")
        for i, one in enumerate(records)
    )
    return (
        "create or replace temp table verdicts as select coalesce(county, 'unknown') as county,"
        " coalesce(town, 'unknown') as town, coalesce(area_code, 'unknown') as village,"
        f" household_id, case_id::varchar as case_id, {verdicts} from indicators.{name}"
        + (f" where county = '{county}'" if county else "")
    )


def _rest(
    con: duckdb.DuckDBPyConnection, records: Sequence[Indicator], lists: Sequence[str]
) -> pd.DataFrame:
    """The rows that do not meet the indicators asked for."""
    parts = [
        f"select {i} as place, county, town, village, household_id, case_id, v{i} as v"
        f" from verdicts where v{i} <> 1"
        for i, one in enumerate(records)
        if one.id in lists
    ]
    if not parts:
        return pd.DataFrame(columns=_REST)
    rest = con.execute(
        " union all ".join(parts)
        + " order by place, county, town, village, household_id, case_id"
    ).df()
    rest["indicator"] = rest["place"].map(dict(enumerate(one.id for one in records)))
    rest["state"] = np.where(rest["v"] == 2, "unknown", "not met")
    return rest[_REST]


def _path(con: duckdb.DuckDBPyConnection, indicator: str, place: int) -> pd.DataFrame:
    """What meets an indicator now, by the quarter in which it came to."""
    rows = con.execute(
        f"select county, coalesce(last_day(date_trunc('quarter', d{place}) + interval 2 month),"
        f" date '1900-01-01')::timestamp as quarter, sum(w{place}) as met from verdicts"
        f" where v{place} = 1 group by all order by all"
    ).df()
    rows["met"] = rows.groupby("county")["met"].cumsum()
    return rows.assign(indicator=indicator)[_PATH]


def _levels(villages: pd.DataFrame) -> pd.DataFrame:
    """Village sums with the sums of each township, county and the whole."""
    frames = []
    for level, keep in zip(
        LEVELS, ([], ["county"], ["county", "town"], _PLACE), strict=True
    ):
        rows = (
            villages.groupby(["indicator", *keep], as_index=False, sort=True)[
                _SUMS
            ].sum()
            if level != "village"
            else villages
        )
        frames.append(
            rows.assign(level=level, **{p: "all" for p in _PLACE if p not in keep})
        )
    return pd.concat(frames, ignore_index=True)[["indicator", "level", *_PLACE, *_SUMS]]
