"""The three monitored groups after 2020: who belongs in, and what became of each household.

Entry rules are the dated trigger rules (`triggers`), put together into groups by
`reference/monitoring_groups.csv`; cases are judged in `cases`. Everything is judged
at the ends of quarters with what was recorded by then. Entry asks for income below the line
(「低于」), clearing for income above it (「稳定超过」): a household exactly at the line keeps its
status.
"""

from dataclasses import dataclass
from typing import ClassVar

import duckdb
import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.reference.triggers import MonitoringGroup, monitoring_groups
from jinzhou.registry.cases import judged_cases
from jinzhou.registry.household_panel import panel
from jinzhou.registry.ledgers import table
from jinzhou.registry.relations import ask
from jinzhou.registry.snapshot import Snapshot
from jinzhou.registry.trigger_rules import Triggers, triggers
from jinzhou.result import Result
from jinzhou.words import Words

OPEN, CLEARED, MISSED, UNRECORDED, UNTESTABLE, QUIET = (
    "monitored",
    "cleared",
    "missed",
    "no entry on record",
    "not testable",
    "no rule",
)
STATES = (OPEN, CLEARED, MISSED, UNRECORDED, UNTESTABLE, QUIET)
"""Of a household on the day: monitored now; cleared; named by a rule and not entered; marked as
monitored without a row in the ledger; not named, but a rule could not be tested; not named."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Monitoring(Result):
    """Every household and every case of monitoring, held to the rules.

    Attributes
    ----------
    households : DataFrame, one row per household on the registry at the last quarter's end
        `household_id`, place, `household_size`, `registered` (exited from poverty, not an ordinary
        household), `state` (one of `STATES`), `group` (of the record while open, else of the rules,
        empty for none), `rules_group`, `fired` (keys of the rules that name it), `missing` (rules
        that could not be tested), both joined by ``;``, `first_fired` (last day of the first
        quarter of the unbroken run in which a rule names it), `monitoring_line`, `net_income_pc`,
        `oop_year`, `income_change`.
    cases : DataFrame, one row per record of monitoring known by the day
        `household_id`, `county`, place, `category`, `registered`, `identified_on`, `recorded_on`
        (of the event; missing without one), `found_on`, `first_fired`, `trigger`, `days_late` (from
        `first_fired` to the record, 0 when the record came first, missing when no rule named it),
        `working_days` (from finding to record, Monday to Friday, holidays not taken out),
        `measured_on`, `measure_late` (no measure within a month of the record; missing while the
        month runs), `cleared_on`, `natural`, `verdict` (one of `cases.VERDICTS`), `fails`,
        `unknown` (conditions, joined by ``;``), one column ``is_<condition>`` each (True, False or
        missing), `fault` (what is wrong with the record itself, empty for nothing), and the numbers
        `months`, `net_income_pc`, `income_at_clearing`, `monitoring_line`.
    moves : DataFrame, one row per household seen in the period
        `household_id`, `county`, `persons`, `registered`, `state` (of `STATES`, or ``left`` when no
        longer on the registry), `group` (of the record, open or cleared; else empty).
    triggers : Triggers
    as_of : str
    """

    shown: ClassVar[str] = "cases"
    households: pd.DataFrame
    cases: pd.DataFrame
    moves: pd.DataFrame
    triggers: Triggers
    as_of: str

    def sentence(self, words: Words) -> str:
        """Households monitored and missed, and cases cleared too early or ready to clear."""
        state = self.households["state"].value_counts()
        verdict = self.cases["verdict"].value_counts()
        return words(
            "summary.Monitoring",
            cases=len(self.cases),
            open=int(state.get(OPEN, 0)),
            day=self.as_of,
            early=int(verdict.get("cleared too early", 0)),
            ready=int(verdict.get("may be cleared", 0)),
            missed=int(state.get(MISSED, 0)),
            untestable=int(state.get(UNTESTABLE, 0)),
        )


def monitoring(snapshot: Snapshot) -> Monitoring:
    """Hold every household and every record of monitoring to the rules in force (R27, R78).

    Parameters
    ----------
    snapshot : Snapshot
        Its series of poverty lines is not used: the monitoring line holds.

    Raises
    ------
    ParameterError
        The day is earlier than every group of monitored households, or no date.

    Notes
    -----
    A line that is missing for a year leaves the rules that need it untested (unknown), never held
    to another year's line. Income is the latest yearly sheet known at the quarter's end, held to
    the line of that calendar year; claims from insurance are not on record.
    """
    groups = monitoring_groups()
    begins = min(g.first_day for g in groups)
    if snapshot.as_of < begins.isoformat():
        raise ParameterError(
            "registry.monitoring.early", day=snapshot.as_of, begins=str(begins)
        )
    frame = panel(snapshot.held_to("monitoring"), need_line=False)
    found = triggers(frame, synthetic=snapshot.store.synthetic)
    rows = pd.concat([frame, _named(frame, found, groups)], axis=1)
    records = table(snapshot, "monitoring")
    cases = judged_cases(snapshot, records, rows, found)
    now = rows[rows["quarter"] == rows["quarter"].max()]
    marked = ask(snapshot, "monitoring/marked")["household_id"]
    households = _households(now, found, cases, marked)
    return Monitoring(
        households=households,
        cases=cases,
        moves=_moves(rows, households, cases),
        triggers=found,
        as_of=snapshot.as_of,
    )


def _named(
    frame: pd.DataFrame, found: Triggers, groups: tuple[MonitoringGroup, ...]
) -> pd.DataFrame:
    """The group that the rules name in each household-quarter, since when, and what is missing."""
    con = duckdb.connect(config={"threads": 1})
    con.register("rows", frame[["status"]].assign(place=range(len(frame))))
    who = (
        con.sql(
            f"select {', '.join(f'({g.who}) as {g.key}' for g in groups)} from rows order by place"
        )
        .df()
        .set_index(frame.index)
    )
    con.close()
    group = pd.Series("", index=frame.index, dtype=object)
    missing = pd.Series(False, index=frame.index)
    asked: dict[str, pd.Series] = {}
    for g in groups:
        inside = who[g.key] & frame["quarter_end"].ge(pd.Timestamp(g.first_day))
        if g.last_day:
            inside &= frame["quarter_end"].le(pd.Timestamp(g.last_day))
        keys = [k for k in g.triggers if k in found.fired]
        group = group.mask(
            inside & found.fired[keys].any(axis=1) & (group == ""), g.key
        )
        missing |= inside & found.unknown[keys].any(axis=1)
        asked |= {k: asked.get(k, False) | inside for k in keys}
    named = (group != "").to_numpy()
    ids, quarter = frame["household_id"].to_numpy(), frame["quarter"].to_numpy()
    follows = np.r_[
        False, (ids[1:] == ids[:-1]) & (quarter[1:] == quarter[:-1] + 1) & named[:-1]
    ]
    first = (
        frame["quarter_end"].where(named & ~follows).groupby(ids).ffill().where(named)
    )

    def joined(flags: pd.DataFrame) -> pd.Series:
        """Keys of the rules asked of the row, in the order of the files."""
        text = pd.Series("", index=frame.index, dtype=object)
        for key, inside in asked.items():
            text = text.where(~(flags[key] & inside), text + key + ";")
        return text.str.rstrip(";")

    return pd.DataFrame(
        {
            "rules_group": group,
            "first_fired": first,
            "fired": joined(found.fired),
            "missing": joined(
                found.unknown.assign(**{k: found.unknown[k] & missing for k in asked})
            ),
            "monitoring_line": found.lines,
        }
    )


def _households(
    now: pd.DataFrame, found: Triggers, cases: pd.DataFrame, marked: pd.Series
) -> pd.DataFrame:
    """The state of each household on the registry at the last quarter's end."""
    last = cases.drop_duplicates("household_id", keep="last").set_index("household_id")
    ids = now["household_id"]
    open_now = ids.isin(last.index[~last["closed"]])
    cleared_on = ids.map(
        last["cleared_on"].where(last["closed"]) + pd.offsets.MonthEnd(0)
    )
    closed = ids.isin(last.index[last["closed"]])
    named = now["rules_group"] != ""
    again = closed & named & (now["first_fired"] > cleared_on)
    state = np.select(
        [open_now, closed & ~again, named, ids.isin(marked), now["missing"] != ""],
        [OPEN, CLEARED, MISSED, UNRECORDED, UNTESTABLE],
        QUIET,
    )
    frame = now[
        [
            "household_id",
            "county",
            "town",
            "village",
            "household_size",
            "rules_group",
            "fired",
            "missing",
            "first_fired",
            "monitoring_line",
            "net_income_pc",
            "oop_year",
            "income_change",
            "unsafe_dwelling",
            "safe_water",
            "insured",
        ]
    ].assign(registered=(now["status"] == "exited"), state=state)
    frame["group"] = (
        ids.map(last["category"])
        .where(open_now, frame["rules_group"].where(state == MISSED, ""))
        .fillna("")
    )
    return frame.reset_index(drop=True)


def _moves(
    rows: pd.DataFrame, households: pd.DataFrame, cases: pd.DataFrame
) -> pd.DataFrame:
    """Where every household that the period has seen stands now.

    It started as exited or as ordinary.
    """
    first = rows.drop_duplicates("household_id", keep="first").set_index("household_id")
    state = (
        households.set_index("household_id")["state"]
        .reindex(first.index)
        .fillna("left")
    )
    last = cases.drop_duplicates("household_id", keep="last").set_index("household_id")[
        "category"
    ]
    return pd.DataFrame(
        {
            "household_id": first.index,
            "county": first["county"].to_numpy(),
            "persons": first["household_size"].to_numpy(),
            "registered": (first["status"] == "exited").to_numpy(),
            "state": state.to_numpy(),
            "group": first.index.map(last).fillna("").to_numpy(),
        }
    )
