"""Errors planted into the true tables, each written down by rule in the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd

PLANTED = ("rule", "table", "key", "snapshot")


def plant(rng: np.random.Generator, tables: dict[str, pd.DataFrame], duplicate_share: float) -> tuple[dict, pd.DataFrame]:
    """Tables with errors, and the list of them: `rule`, `table`, `key`, `snapshot`.

    Nothing planted touches the look-back, the stock or the ledgers' totals that the speech names.
    """
    made = dict(tables)
    notes: list[tuple] = []

    def pick(table: str, share: float, where: pd.Series | None = None) -> np.ndarray:
        frame = made[table]
        pool = np.arange(len(frame)) if where is None else np.flatnonzero(where.to_numpy())
        return np.sort(rng.choice(pool, min(len(pool), max(1, int(share * len(pool)))), replace=False)) if len(pool) else pool

    def note(rule: str, table: str, key: str, rows: np.ndarray) -> None:
        frame = made[table]
        years = frame["snapshot"].to_numpy()[rows] if "snapshot" in frame else [None] * len(rows)
        notes.extend((rule, table, k, y) for k, y in zip(frame[key].to_numpy()[rows], years))

    member = made["member"] = tables["member"].copy()
    # one person keeps one fault through all years
    number = member["id_number"].to_numpy(dtype=object).copy()
    people = np.sort(rng.choice(member["person_id"].unique(), max(6, member["person_id"].nunique() // 250), replace=False))
    third = len(people) // 3
    for rule, group in (("ID-scientific", people[:third]), ("ID-last-000", people[third: 2 * third]), ("Q-person-002", people[2 * third:])):
        rows = np.flatnonzero(member["person_id"].isin(group))
        for row in rows:
            text = number[row]
            if rule == "ID-scientific":
                number[row] = f"{float(text[:17]) * 10:.5E}"
            elif rule == "ID-last-000":
                number[row] = text[:15] + "000"
            else:
                number[row] = text[:17] + "0123456789X"[("0123456789X".index(text[17]) + 3) % 11] + text[18:]
        note(rule, "member", "person_id", rows)
    rows = pick("member", 0.0008, member["snapshot"] == 2018)
    number[rows[1:]] = number[rows[:-1]]
    note("Q-person-003", "member", "person_id", rows[1:])
    member["id_number"] = number
    health = member["health_status"].to_numpy(dtype=object).copy()
    rows = pick("member", 0.004, member["health_status"].map(lambda h: h == ("chronic",)))
    for row in rows:
        health[row] = ("healthy", "chronic")
    note("Q-person-006", "member", "person_id", rows)
    rows = pick("member", 0.004, member["work_months"].notna())
    member.iloc[rows, member.columns.get_loc("work_place")] = None
    note("Q-person-018", "member", "person_id", rows)
    rows = pick("member", 0.006)
    member.iloc[rows, member.columns.get_loc("ethnicity")] = None
    note("Q-person-026", "member", "person_id", rows)
    member["health_status"] = health

    household = made["household"] = tables["household"].copy()
    rows = pick("household", 0.008)
    household.iloc[rows, household.columns.get_loc("household_size")] += 1
    note("Q-house-002", "household", "household_id", rows)
    rows = pick("household", 0.006, household["primary_cause"] == "illness")
    second = household["secondary_causes"].to_numpy(dtype=object).copy()
    for row in rows:
        second[row] = ("illness",)
    household["secondary_causes"] = second
    note("Q-house-005", "household", "household_id", rows)
    rows = pick("household", 0.012)
    household.iloc[rows, household.columns.get_loc("helper_id")] = None
    note("Q-house-014", "household", "household_id", rows)

    income = made["income"] = tables["income"].copy()
    rows = pick("income", 0.010, income["wage_income"] > 0)
    income.iloc[rows, income.columns.get_loc("total_income")] += 600
    income.iloc[rows, income.columns.get_loc("net_income")] += 600
    note("Q-income-001a", "income", "household_id", rows)
    rows = pick("income", 0.006, income["business_income"] > 0)
    income.iloc[rows, income.columns.get_loc("business_expense")] = 0
    note("Q-income-003", "income", "household_id", rows)
    rows = pick("income", 0.004)
    income.iloc[rows, income.columns.get_loc("net_income_pc")] *= 1.1
    income["net_income_pc"] = income["net_income_pc"].round(2)
    note("Q-income-001c", "income", "household_id", rows)

    event = made["event"] = tables["event"].copy()
    rows = pick("event", 0.01, (event["kind"] == "exited"))
    first, second_day = event.columns.get_loc("first_public_on"), event.columns.get_loc("second_public_on")
    event.iloc[rows, [first, second_day]] = event.iloc[rows, [second_day, first]].to_numpy()
    note("Q-event-002", "event", "event_id", rows)

    housing = made["housing"] = tables["housing"].copy()
    rows = pick("housing", 0.006, housing["accepted_on"].notna())
    housing.iloc[rows, housing.columns.get_loc("completed_on")] = housing["accepted_on"].iloc[rows] + pd.Timedelta(days=15)
    note("Q-house-D01", "housing", "household_id", rows)

    visit = made["visit"] = tables["visit"].copy()
    rows = pick("visit", 0.002)
    visit.iloc[rows, visit.columns.get_loc("medfee_sumamt")] += 100
    note("Q-visit-001a", "visit", "setl_id", rows)

    # exact duplicates, as exports of several days put together have them
    for table, key in (("household", "household_id"), ("income", "household_id"), ("event", "event_id"), ("visit", "setl_id")):
        rows = pick(table, duplicate_share)
        note("duplicate", table, key, rows)
        made[table] = pd.concat([made[table], made[table].iloc[rows]], ignore_index=True)
    return made, pd.DataFrame(notes, columns=list(PLANTED))
