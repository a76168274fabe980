"""The rule catalogue run over the store: tested, failed or not testable, never passed unseen.

Rules are rows of reference/rules.csv: an object (a relation ``rules.<object>``), the predicate
of the rows
that can be tested, the predicate of those that fail, the years in which the rule holds. All rules
of an object are evaluated in one scan of its relation. Numbers and
severities are explained in docs/data-dictionary.md, the source of each row in docs/sources.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

import duckdb
import numpy as np
import pandas as pd

from jinzhou.errors import RegistryError, message
from jinzhou.reference.files import file_of, read
from jinzhou.reference.lines import POVERTY_ENDS, line_series, poverty_line
from jinzhou.reference.vocabulary import TABLES
from jinzhou.registry.relations import Views, ask
from jinzhou.registry.snapshot import Snapshot
from jinzhou.result import Result
from jinzhou.words import LANGUAGES, Words

SEVERITIES = ("error", "logic", "doubt")
DELIVERED = {
    "person": "member",
    "household": "household",
    "village": "village",
    "event": "event",
    "visit": "visit",
    "loan": "loan",
    "housing": "housing",
    "monitoring": "monitoring",
    "project": "project",
    "payment": "payment",
    "measure": "measure",
    "health_service": "health_service",
    "spot_check": "spot_check",
    "home_visit": "home_visit",
    "graduate": "graduate",
    "training": "training",
    "wall": "wall",
    "ledger": "income",
    "roster": "roster",
    "listed": "roster",
    "file_check": "file_check",
}
"""Object (a relation ``rules.<object>``) -> the table that must have been delivered."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One check.

    Attributes
    ----------
    id, object, severity : str
        Number; key of `DELIVERED`; one of `SEVERITIES`.
    first, last : int
        Registry years in which the rule holds.
    tested, failed : str
        SQL predicates over the object's relation: rows that can be tested, and those of them that
        fail. A row on which either is unknown (NULL) is not tested. `$line` is the year's line.
    show : tuple of str
        Columns whose values clash.
    zh, en, source, office : str
        What a failing row looks like; who asks for it; key of the office that answers.
    """

    id: str
    object: str
    severity: str
    first: int
    last: int
    tested: str
    failed: str
    show: tuple[str, ...]
    zh: str
    en: str
    source: str
    office: str

    @property
    def table(self) -> str:
        """Table that must have been delivered."""
        return DELIVERED[self.object]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RuleReport(Result):
    """Result of every rule on one registry year.

    Attributes
    ----------
    results : DataFrame, one row per rule
        `rule`, `object`, `table`, `severity`, `office`, `zh`, `en`, `tested`, `failed`, `status`
        (``clean``, ``failed``, ``not testable``), `why_zh` and `why_en` (reason when not testable).
    counts : DataFrame
        `rule`, `severity`, `county`, `town`, `tested`, `failed` for every rule that tested a row;
        rows of no county or township are counted under ``unknown``.
    failures : DataFrame
        `rule`, `county`, `household_id` (missing for villages, projects and helpers), `case_id`,
        `found` (the values that clash, as ``column=value``) of each failing case.
    year : int
        Registry year checked.
    """

    shown: ClassVar[str] = "results"
    results: pd.DataFrame
    counts: pd.DataFrame
    failures: pd.DataFrame
    year: int

    def faulty(self, object: str) -> pd.Series:
        """Cases of an object for which a rule of severity error fails."""
        rules = self.results.loc[
            (self.results["object"] == object) & (self.results["severity"] == "error"),
            "rule",
        ]
        return self.failures.loc[
            self.failures["rule"].isin(rules), "case_id"
        ].drop_duplicates()

    def of(self, county: str) -> RuleReport:
        """The same for one county; a rule that tested no row there is not testable there."""
        counts = self.counts[self.counts["county"] == county]
        mine = (
            counts.groupby("rule")[["tested", "failed"]]
            .sum()
            .reindex(self.results["rule"])
            .fillna(0)
            .astype(int)
        )
        r = self.results.assign(
            tested=mine["tested"].to_numpy(), failed=mine["failed"].to_numpy()
        )
        r["status"] = np.select(
            [r["tested"] == 0, r["failed"] > 0], ["not testable", "failed"], "clean"
        )
        for lang, text in _why("no_row").items():
            column = f"why_{lang}"
            r[column] = np.where(
                r["tested"] > 0,
                "",
                np.where(self.results[column] == "", text, self.results[column]),
            )
        return RuleReport(
            results=r,
            counts=counts.reset_index(drop=True),
            year=self.year,
            failures=self.failures[self.failures["county"] == county].reset_index(
                drop=True
            ),
        )

    def first_to_mend(self, count: int = 10) -> pd.DataFrame:
        """The rules to put right first: errors before logic before doubts, then the most cases.

        Returns
        -------
        DataFrame
            `rule`, `severity`, `zh`, `en`, `failed`, `tested`, `county` (that with the most cases),
            `county_failed`, `office`.
        """
        order = self.results["severity"].map({s: i for i, s in enumerate(SEVERITIES)})
        rows = self.results[self.results["failed"] > 0].assign(order=order)
        rows = rows.sort_values(
            ["order", "failed", "rule"], ascending=[True, False, True]
        ).head(count)
        counties = self.counts.groupby(["rule", "county"], as_index=False)[
            "failed"
        ].sum()
        most = (
            counties.sort_values(["failed", "county"], ascending=[False, True])
            .drop_duplicates("rule")
            .set_index("rule")
        )
        rows = rows.assign(
            county=rows["rule"].map(most["county"]),
            county_failed=rows["rule"].map(most["failed"]),
        )
        return rows[
            [
                "rule",
                "severity",
                "zh",
                "en",
                "failed",
                "tested",
                "county",
                "county_failed",
                "office",
            ]
        ].reset_index(drop=True)

    def sentence(self, words: Words) -> str:
        """How many rules are clean, failed or not testable."""
        status = self.results["status"].value_counts()
        return words(
            "summary.RuleReport",
            rules=len(self.results),
            year=self.year,
            clean=int(status.get("clean", 0)),
            failed=int(status.get("failed", 0)),
            not_testable=int(status.get("not testable", 0)),
        )


def catalogue() -> tuple[Rule, ...]:
    """All rules, in the order of the reference file rules.csv."""
    return _rules(file_of("rules"))


@cache
def _rules(file: Path) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            id=row["rule"],
            object=row["object"],
            severity=row["severity"],
            first=int(row["from"] or 0),
            last=int(row["to"] or 9999),
            tested=row["tested"],
            failed=row["failed"],
            show=tuple(row["show"].split()),
            zh=row["zh"],
            en=row["en"],
            source=row["source"],
            office=row["office"],
        )
        for row in read(file)
    )


def check(snapshot: Snapshot, *, findings: bool = True) -> RuleReport:
    """Run every rule on the registry year known at `as_of`.

    Parameters
    ----------
    snapshot : Snapshot
        Income rules use its series of poverty lines until 2020. With a county, that county alone is
        counted; rules still see the whole registry.
    findings : bool
        Whether to list the failing cases; without them `failures` is empty and the counts are
        the same.

    Raises
    ------
    RegistryError
        No registry year is known by `as_of`.
    ParameterError
        The line series has no value for the registry year.
    """
    views = snapshot.views
    year = views.year
    if year is None:
        raise RegistryError("registry.rules.no_household", day=snapshot.as_of)
    series = snapshot.line_series or line_series(f"{year}-12-31")
    # rules on the poverty line end with the last year in which anyone is poor
    values = {"year": year} | (
        {"line": poverty_line(year, series=series).yuan} if year <= POVERTY_ENDS else {}
    )
    tallies, failures = [], []
    why: dict[str, dict[str, str]] = {}
    for name, needed in DELIVERED.items():
        rules = [rule for rule in catalogue() if rule.object == name]
        due = [rule for rule in rules if rule.first <= year <= rule.last]
        why |= {rule.id: _not_due(rule) for rule in rules if rule not in due}
        if needed not in snapshot.store.tables:
            names = {"zh": TABLES[needed].zh, "en": needed}
            why |= {rule.id: _why("not_delivered", table=names) for rule in rules}
        elif due:
            tally, failing = _scan(views, name, due, values, snapshot.county, findings)
            tallies.append(tally)
            failures.append(failing)
    counts = _stack(tallies, ["rule", "county", "town", "tested", "failed"])
    severity = counts["rule"].map({rule.id: rule.severity for rule in catalogue()})
    counts.insert(1, "severity", severity)
    return RuleReport(
        results=_results(counts, why),
        counts=counts,
        failures=_stack(failures, _FAILURE),
        year=year,
    )


def _results(
    counts: pd.DataFrame, why: Mapping[str, Mapping[str, str]]
) -> pd.DataFrame:
    """One row a rule: what it tested and found, and why it tested nothing."""
    total = counts.groupby("rule")[["tested", "failed"]].sum()
    no_row = _why("no_row")
    rows = []
    for rule in catalogue():
        tested, failed = (
            (int(n) for n in total.loc[rule.id]) if rule.id in total.index else (0, 0)
        )
        reason = why.get(rule.id, no_row)
        rows.append(
            {
                "rule": rule.id,
                "object": rule.object,
                "table": rule.table,
                "severity": rule.severity,
                "office": rule.office,
                "zh": rule.zh,
                "en": rule.en,
                "tested": tested,
                "failed": failed,
                "status": "not testable"
                if not tested
                else ("failed" if failed else "clean"),
            }
            | {f"why_{lang}": "" if tested else reason[lang] for lang in LANGUAGES}
        )
    return pd.DataFrame(rows)


def _why(key: str, **values: object) -> dict[str, str]:
    """Why a rule is not testable, by language."""
    return {
        lang: message(f"registry.rules.{key}", lang, **values) for lang in LANGUAGES
    }


def _not_due(rule: Rule) -> dict[str, str]:
    """Why a rule of other years is not tested."""
    if rule.last == 9999:
        return _why("holds_from", first=rule.first)
    if not rule.first:
        return _why("holds_until", last=rule.last)
    return _why("holds_for", first=rule.first, last=rule.last)


def reconciliation(snapshot: Snapshot) -> pd.DataFrame:
    """Every amount that stands in two ledgers, for the latest registry year (R22, R41, R44, R56).

    Returns
    -------
    DataFrame
        `comparison`, `county`, `household_id` (missing for payments), `case_id`, `ledger`,
        `recorded`, `gap` (yuan; persons for ``dibao_list``, loans for ``enterprise_loan``, lots for
        ``housing_lots``), `reason` (first broken link of a payment), `explained_by` (missing when
        nothing explains the gap). See rules.ledger.
    """
    return ask(snapshot, "ledgers/reconciliation")


def _scan(
    views: Views,
    name: str,
    rules: list[Rule],
    values: Mapping[str, float],
    county: str,
    findings: bool,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts by county and failing cases of all rules of one object, its relation scanned once.

    A verdict is NULL where the rule cannot be tested; a row is kept when any of them is true.
    """
    sql = _verdicts(name, rules, county)
    given = {**values, "county": county}
    tallies = ", ".join(
        f"count(r{i}) as t{i}, count(*) filter (where r{i}) as f{i}"
        for i in range(len(rules))
    )
    with views.using(sql) as con:
        con.execute(
            sql, {key: value for key, value in given.items() if f"${key}" in sql}
        )
        wide = con.execute(
            f"select county, town, {tallies} from verdicts"
            " group by county, town order by county, town"
        ).df()
        failing = _failing(con, rules, wide) if findings else _stack([], _FAILURE)
    tally = pd.concat(
        [
            pd.DataFrame(
                {
                    "rule": rule.id,
                    "county": wide["county"],
                    "town": wide["town"],
                    "tested": wide[f"t{i}"],
                    "failed": wide[f"f{i}"],
                }
            )
            for i, rule in enumerate(rules)
        ],
        ignore_index=True,
    )
    return tally[tally["tested"] > 0], failing


def _verdicts(name: str, rules: Sequence[Rule], county: str) -> str:
    """SQL of a table with what each rule says of each row of an object."""
    verdicts = ", ".join(
        f"case when {rule.tested} then ({rule.failed}) end as r{i}"
        for i, rule in enumerate(rules)
    )
    shown = sorted({column for rule in rules for column in rule.show})
    chosen = ", ".join([*(f"{c} as show_{c}" for c in shown), verdicts])
    return (
        "create or replace temp table verdicts as select coalesce(county, 'unknown') as county,"
        " household_id, case_id::varchar as case_id, coalesce(home_town, 'unknown') as town,"
        f" {chosen} from rules.{name}"
        " left join (select household_id, town as home_town from relation.home)"
        " using (household_id)" + (" where county = $county" if county else "")
    )


def _failing(
    con: duckdb.DuckDBPyConnection, rules: Sequence[Rule], wide: pd.DataFrame
) -> pd.DataFrame:
    """The failing cases of each rule with the values that clash."""
    parts = []
    for i, rule in enumerate(rules):
        found = " || '; ' || ".join(
            f"'{c}=' || coalesce(show_{c}::varchar, '')" for c in rule.show
        )
        if wide[f"f{i}"].sum():
            parts.append(
                f"select {i} as place, county, household_id, case_id,"
                f" {found or repr('')} as found from verdicts where r{i}"
            )
    if not parts:
        return _stack([], _FAILURE)
    failing = con.execute(
        " union all ".join(parts)
        + " order by place, county, household_id, case_id, found"
    ).df()
    failing["rule"] = failing["place"].map(dict(enumerate(rule.id for rule in rules)))
    return failing.drop(columns="place")


_FAILURE = ["rule", "county", "household_id", "case_id", "found"]


def _stack(frames: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    full = [frame for frame in frames if len(frame)]
    return (
        pd.concat(full, ignore_index=True)[columns]
        if full
        else pd.DataFrame(columns=columns)
    )
