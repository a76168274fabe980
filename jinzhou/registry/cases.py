"""Cases of monitoring: how late each was entered, and whether it may be cleared.

The conditions of clearing are `reference/clearing.csv`, each held to the household's numbers on the
day of judging: the day of clearing, or `as_of` of a case that is still open.
"""

import duckdb
import numpy as np
import pandas as pd

from jinzhou.reference.thresholds import threshold
from jinzhou.reference.triggers import clearing_rules, monitoring_groups
from jinzhou.registry.relations import text
from jinzhou.registry.snapshot import Snapshot
from jinzhou.registry.trigger_rules import Triggers

VERDICTS = (
    "cleared",
    "cleared too early",
    "clearing not known",
    "may be cleared",
    "may not be cleared",
    "not known",
)
"""Of a case: the first three of those cleared, the last three of those still open."""
CASE_COLUMNS = [
    "household_id",
    "county",
    "category",
    "identified_on",
    "risk_1",
    "cleared_on",
    "clear_mode",
    "income_at_clearing",
    "compliant_oop",
    "school_ok",
    "medical_ok",
    "dwelling_ok",
    "water_ok",
]


def judged_cases(
    snapshot: Snapshot, records: pd.DataFrame, rows: pd.DataFrame, found: Triggers
) -> pd.DataFrame:
    """Every record with its delay and its conditions of clearing."""
    day = pd.Timestamp(snapshot.as_of)
    cases = records.rename(columns={"monitoring_category": "category"})[CASE_COLUMNS]
    cases = cases.sort_values(["household_id", "identified_on"], ignore_index=True)
    for name in ("identified_on", "cleared_on"):
        cases[name] = pd.to_datetime(cases[name])
    cases["natural"] = cases["clear_mode"].eq("natural").fillna(False).astype(bool)
    # without a day nobody knows that it happened: the case is open
    cases["closed"] = cases["cleared_on"].notna()
    # months are known, days are not: a month's last day is the latest that it can mean
    until = (cases["cleared_on"].fillna(day) + pd.offsets.MonthEnd(0)).clip(upper=day)
    cases["months"] = (
        (until.dt.year - cases["identified_on"].dt.year) * 12
        + until.dt.month
        - cases["identified_on"].dt.month
    ).astype("int64")
    cases = cases.join(_events(snapshot, cases))
    judged = _row_at(rows, cases["household_id"], until, found)
    cases = pd.concat([cases, judged], axis=1)
    cases = _named_at_entry(cases, rows, found)
    cases = _delays(cases, day)
    cases["fault"] = _fault(cases)
    return _judged(cases)


def _named_at_entry(
    cases: pd.DataFrame, rows: pd.DataFrame, found: Triggers
) -> pd.DataFrame:
    """Which rule named the household when it was entered, since when, and what it was then."""
    ids, entered = cases["household_id"], cases["identified_on"]
    quarter = entered + pd.offsets.MonthEnd(0) + pd.offsets.QuarterEnd(0)
    at_entry = _row_at(rows, ids, quarter, found)
    before = _row_at(rows, ids, entered - pd.Timedelta(days=1), found)
    named = at_entry["fired"].fillna("") != ""
    status = at_entry["status"].fillna(before["status"])
    return cases.assign(
        first_fired=at_entry["first_fired"].fillna(before["first_fired"]),
        trigger=at_entry["fired"].where(named, before["fired"]).fillna(""),
        registered=status.map({"exited": True, "outside": False}),
    )


def _delays(cases: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Days from the first naming to the record, working days from finding, and late measures."""
    entry = cases["recorded_on"].fillna(
        (cases["identified_on"] + pd.offsets.MonthEnd(0)).clip(upper=day)
    )
    cases["days_late"] = (entry - cases["first_fired"]).dt.days.clip(lower=0)
    both = cases["found_on"].notna() & cases["recorded_on"].notna()
    cases["working_days"] = np.nan
    cases.loc[both, "working_days"] = np.busday_count(
        cases.loc[both, "found_on"].to_numpy("datetime64[D]"),
        cases.loc[both, "recorded_on"].to_numpy("datetime64[D]"),
    )
    due = entry + pd.DateOffset(months=int(threshold("measure_months").value))
    late = (cases["measured_on"] > due) | cases["measured_on"].isna()
    cases["measure_late"] = late.astype(object).where(
        cases["measured_on"].notna() | (due < day), None
    )
    return cases


def _events(snapshot: Snapshot, cases: pd.DataFrame) -> pd.DataFrame:
    """Days of finding, record, first measure and departure of each case, and its measures."""
    frame = cases[["household_id", "identified_on", "cleared_on"]].assign(
        case=range(len(cases))
    )
    made = snapshot.views.frame(text("monitoring/events"), {"cases": frame})
    made = made.set_index("case")
    made.index = cases.index
    return made


def _row_at(
    rows: pd.DataFrame, ids: pd.Series, days: pd.Series, found: Triggers
) -> pd.DataFrame:
    """The household's row of the last quarter that had ended by a day, and its earlier incomes."""
    number = (
        days.dt.year * 4
        + days.dt.quarter
        - 1
        - (
            days.dt.normalize() < (days + pd.offsets.QuarterEnd(0)).dt.normalize()
        ).astype("int64")
    ).clip(upper=rows["quarter"].max())
    place = pd.MultiIndex.from_frame(rows[["household_id", "quarter"]])

    def at(back: int) -> np.ndarray:
        return place.get_indexer(pd.MultiIndex.from_arrays([ids, number - back]))

    def take(values: pd.Series, where: np.ndarray) -> pd.Series:
        return values.reset_index(drop=True).reindex(where).set_axis(ids.index)

    here, one, two = at(0), at(1), at(2)
    made = pd.DataFrame(
        {
            name: take(rows[name], here)
            for name in (
                "town",
                "village",
                "status",
                "first_fired",
                "fired",
                "net_income_pc",
                "monitoring_line",
                "labour",
            )
        }
    )
    for key in found.fired:
        flag = found.fired[key].astype(object).mask(found.unknown[key], None)
        made[key] = take(flag, here).astype("boolean")
    for back, where in ((1, one), (2, two)):
        made[f"income_{back}"], made[f"line_{back}"] = (
            take(rows["net_income_pc"], where),
            take(rows["monitoring_line"], where),
        )
    return made


FAULTS = (
    "cleared before entry",
    "group not yet in force",
    "registered household entered as marginal",
    "ordinary household entered as unstable exit",
    "no category",
)


def _fault(cases: pd.DataFrame) -> pd.Series:
    """What is wrong with a record itself."""
    begins = {g.key: pd.Timestamp(g.first_day) for g in monitoring_groups()}
    month_end = cases["identified_on"] + pd.offsets.MonthEnd(0)
    return pd.Series(
        np.select(
            [
                (cases["cleared_on"] < cases["identified_on"]).to_numpy(),
                (month_end < cases["category"].map(begins)).to_numpy(),
                (cases["category"].eq("marginal") & cases["registered"].eq(True))
                .fillna(False)
                .to_numpy(bool),
                (cases["category"].eq("unstable_exit") & cases["registered"].eq(False))
                .fillna(False)
                .to_numpy(bool),
                cases["category"].isna().to_numpy(),
            ],
            list(FAULTS),
            "",
        ),
        index=cases.index,
    )


def _judged(cases: pd.DataFrame) -> pd.DataFrame:
    """Every condition of clearing in force on the day of judging.

    Yes, no or unknown, and the verdict.
    """
    rules = clearing_rules()
    con = duckdb.connect(config={"threads": 1})
    con.register("cases", cases.assign(place=range(len(cases))))
    cells = ", ".join(
        f'case when "natural" = {str(r.natural).lower()}'
        f" then ({r.sql.format(value=r.value)}) end as is_{r.key}"
        for r in rules
    )
    made = (
        con.sql(f"select {cells} from cases order by place")
        .df()
        .astype("boolean")
        .set_index(cases.index)
    )
    con.close()
    asked = {r.key: cases["natural"] == r.natural for r in rules}

    def joined(state) -> pd.Series:
        text = pd.Series("", index=cases.index, dtype=object)
        for key, inside in asked.items():
            text = text.where(~(state(made[f"is_{key}"]) & inside), text + key + ";")
        return text.str.rstrip(";")

    fails, unknown = (
        joined(lambda x: x.eq(False).fillna(False).astype(bool)),
        joined(lambda x: x.isna()),
    )
    broken, closed = cases["fault"] == FAULTS[0], cases["closed"]
    verdict = np.select(
        [
            closed & broken,
            closed & (fails != ""),
            closed & (unknown != ""),
            closed,
            fails != "",
            unknown != "",
        ],
        [
            "clearing not known",
            "cleared too early",
            "clearing not known",
            "cleared",
            "may not be cleared",
            "not known",
        ],
        "may be cleared",
    )
    return pd.concat([cases.drop(columns=["labour", "fired"]), made], axis=1).assign(
        fails=fails, unknown=unknown, verdict=verdict
    )
