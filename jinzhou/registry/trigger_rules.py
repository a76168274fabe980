"""The official trigger rules of monitoring, by date: which households they name, and since when.

Each rule is one row of `reference/triggers.csv`: SQL over the panel's columns with a dated
parameter. A household-quarter is held to the rules in force on its own last day, or to those of
one chosen day, as if they had held all the time.
"""

from dataclasses import dataclass
from typing import ClassVar

import duckdb
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.reference.lines import poverty_lines
from jinzhou.reference.triggers import TriggerRule, trigger_rules
from jinzhou.result import Result
from jinzhou.words import Words


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Triggers(Result):
    """What the rules say of each household-quarter.

    Attributes
    ----------
    fired : DataFrame, indexed like the panel
        One bool column a rule; False where the rule was not in force or its input is missing.
    unknown : DataFrame, indexed like the panel
        One bool column a rule with SQL: in force, and its input is missing.
    lines : Series, indexed like the panel
        The monitoring line of the row's calendar year, missing where none is known.
    rules : DataFrame, indexed by trigger
        `zh`, `en`, `reason`, `source`, `mark`, `first_day` in force, `tested`, `fired`, `unknown`
        (rows in force whose input is missing). Both 0: not in force; `tested` alone 0: not
        testable.
    rules_on : str
        The day whose rules were applied to every row; empty for each row's own day.
    """

    shown: ClassVar[str] = "rules"
    fired: pd.DataFrame
    unknown: pd.DataFrame
    lines: pd.Series
    rules: pd.DataFrame
    rules_on: str

    def count(self) -> pd.Series:
        """Number of rules that name each household-quarter."""
        return self.fired.sum(axis=1).astype("int64").rename("triggers")

    def sentence(self, words: Words) -> str:
        """How many rules were tested, whom they name, and which could not be tested."""
        tested, unknown = self.rules["tested"], self.rules["unknown"]
        untested = self.rules[(tested == 0) & (unknown > 0)]
        key = "untested" if len(untested) else "tested"
        return words(
            f"summary.Triggers.{key}",
            rules=int((tested > 0).sum()),
            named=int(self.count().gt(0).sum()),
            untested=list(untested[words.lang]),
        )


def triggers(
    panel: pd.DataFrame, *, rules_on: str = "", synthetic: bool = False
) -> Triggers:
    """Apply the trigger rules to the rows of the panel.

    Parameters
    ----------
    panel : DataFrame
        From `panel`.
    rules_on : str
        A day such as ``"2020-03-20"``: its rules for every row. Empty: those of each row's quarter.
    synthetic : bool
        Whether the data are a demonstration: only then is an assumed monitoring line used.

    Raises
    ------
    ParameterError
        `rules_on` is no day, or earlier than every rule.
    """
    day, rules = _in_force(rules_on)
    testable = [r for r in rules if r.sql]
    found = _conditions(panel, testable, day, synthetic=synthetic)
    line = found.pop("monitoring_line")
    inside = pd.DataFrame({r.key: _inside(panel, r, day) for r in rules})
    missing = pd.DataFrame(
        {r.key: found[r.key].isna() & inside[r.key] for r in testable},
        index=panel.index,
    )
    fired = found.astype("boolean").fillna(False).astype(bool)
    rows = []
    for r in rules:
        asked = int(inside[r.key].sum())
        unknown = int(missing[r.key].sum()) if r.sql else asked
        named = int(fired[r.key].sum()) if r.sql else 0
        rows.append(
            {"trigger": r.key, "zh": r.zh, "en": r.en, "reason": r.reason}
            | {"source": r.source, "mark": r.mark, "first_day": r.first_day}
            | {"tested": asked - unknown, "fired": named, "unknown": unknown}
        )
    table = pd.DataFrame(rows).set_index("trigger")
    return Triggers(
        fired=fired, unknown=missing, lines=line, rules=table, rules_on=rules_on
    )


def _in_force(rules_on: str) -> tuple[pd.Timestamp | None, list[TriggerRule]]:
    """A day and the rules in force on it; all rules without one."""
    try:
        day = pd.Timestamp(rules_on) if rules_on else None
    except ValueError as error:
        raise ParameterError(
            "registry.triggers.day", found=rules_on, example="2020-03-20"
        ) from error
    rules = [
        r
        for r in trigger_rules()
        if day is None
        or (
            r.first_day <= day.date()
            and (r.last_day is None or day.date() <= r.last_day)
        )
    ]
    if not rules:
        raise ParameterError(
            "registry.triggers.early",
            found=rules_on,
            begins=str(min(r.first_day for r in trigger_rules())),
        )
    return day, rules


def _conditions(
    panel: pd.DataFrame,
    rules: list[TriggerRule],
    day: pd.Timestamp | None,
    *,
    synthetic: bool,
) -> pd.DataFrame:
    """What each rule says of each row, missing where its input is, and the monitoring line."""
    lines = pd.DataFrame(
        sorted(poverty_lines(series="monitoring", synthetic=synthetic).items()),
        columns=["year", "monitoring_line"],
    )
    cells = ", ".join(f'{_condition(r, day)} as "{r.key}"' for r in rules)
    with duckdb.connect(config={"threads": 1}) as con:
        con.register("monitoring", lines)
        con.register(
            "rows", panel.reset_index(drop=True).assign(place=range(len(panel)))
        )
        found = con.sql(
            f"select {cells}, monitoring_line from rows"
            " left join monitoring on monitoring.year = year(quarter_end) order by place"
        ).df()
    return found.set_index(panel.index)


def _inside(
    panel: pd.DataFrame, rule: TriggerRule, day: pd.Timestamp | None
) -> pd.Series:
    """The rows whose quarter lies in the time of a rule; all of them for a chosen day."""
    if day is not None:
        return pd.Series(True, index=panel.index)
    begun = panel["quarter_end"].ge(pd.Timestamp(rule.first_day))
    if rule.last_day is None:
        return begun
    return begun & panel["quarter_end"].le(pd.Timestamp(rule.last_day))


def _condition(rule: TriggerRule, day: pd.Timestamp | None) -> str:
    sql = f"({rule.sql.format(value=rule.value)})"
    if day is not None:
        return sql
    until = f" and quarter_end <= date '{rule.last_day}'" if rule.last_day else ""
    return f"case when quarter_end >= date '{rule.first_day}'{until} then {sql} else false end"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replay(Result):
    """When the rules would first have named the households that were entered.

    Attributes
    ----------
    rows : DataFrame, one row per recorded entry (return or entry into monitoring)
        `household_id`, `county`, `happened_on`, `recorded_on`, `first_fired` (last day of the first
        quarter of the spell in which a rule fired; missing when none did), `trigger`, `days_late`
        (from `first_fired` to the record; negative when the record came first), `days_to_record`
        (from the event to the record).
    """

    rows: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """By county: entries, named before, median and ninth decile of days late, in a month."""
        rows = self.rows
        late = rows["days_late"].clip(lower=0)

        def line(part: pd.DataFrame) -> pd.Series:
            days = late[part.index].dropna()
            return pd.Series(
                {
                    "entries": len(part),
                    "named": int(part["first_fired"].notna().sum()),
                    "median_days": days.median(),
                    "ninth_decile": days.quantile(0.9),
                    "within_30": float((part["days_to_record"] <= 30).mean())
                    if len(part)
                    else float("nan"),
                }
            )

        by = {code: line(part) for code, part in rows.groupby("county")}
        return pd.DataFrame(by | {"all": line(rows)}).T.astype(
            {"entries": "int64", "named": "int64"}
        )

    def sentence(self, words: Words) -> str:
        """How many entries a rule had named, and how late they were."""
        return words(
            "summary.Replay",
            entries=len(self.rows),
            named=int(self.rows["first_fired"].notna().sum()),
            delay=self.rows["days_late"].clip(lower=0).median(),
        )


def replay(panel: pd.DataFrame, found: Triggers, *, as_of: str) -> Replay:
    """How late entries were against the first quarter in which a rule named the household (R27).

    Only quarters of the spell out of poverty that ended with the entry count, with what was known
    at each quarter's end.
    """
    day = pd.Timestamp(as_of)
    known = panel[
        panel["at_risk"].to_numpy(bool)
        & (panel["next_return_recorded_on"] <= day).to_numpy()
    ]
    columns = ["household_id", "county", "next_return_on", "next_return_recorded_on"]
    entries = (
        known[columns]
        .drop_duplicates(["household_id", "next_return_on"])
        .set_index(["household_id", "next_return_on"])
    )
    any_fired = found.fired.loc[known.index].any(axis=1)
    named = (
        known[any_fired.to_numpy()]
        .sort_values("quarter_end")
        .drop_duplicates(["household_id", "next_return_on"])
    )
    first = named.set_index(["household_id", "next_return_on"])["quarter_end"]
    which = (
        found.fired.loc[named.index].idxmax(axis=1).set_axis(first.index)
        if len(named)
        else pd.Series(dtype=object)
    )
    rows = (
        entries.assign(
            first_fired=first.reindex(entries.index),
            trigger=which.reindex(entries.index),
        )
        .reset_index()
        .rename(
            columns={
                "next_return_on": "happened_on",
                "next_return_recorded_on": "recorded_on",
            }
        )
    )
    rows["days_late"] = (rows["recorded_on"] - rows["first_fired"]).dt.days
    rows["days_to_record"] = (rows["recorded_on"] - rows["happened_on"]).dt.days
    return Replay(rows=rows)
