"""Errors planted into the true tables, each written down by rule in the truth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from jinzhou.reference.vocabulary import TABLES
from jinzhou.synthetic.units import exit_county

PLANTED = ("rule", "table", "key", "snapshot")
DAY = pd.Timedelta(days=1)


class Planter:
    """Alters cells of copies of the tables and notes every altered row.

    Attributes
    ----------
    tables : dict of DataFrame
        The tables with errors.
    notes : list of (rule, table, key, snapshot)
    """

    def __init__(
        self, rng: np.random.Generator, tables: dict[str, pd.DataFrame]
    ) -> None:
        self.rng = rng
        self.tables = dict(tables)
        self.notes: list[tuple] = []
        self._copied: set[str] = set()

    def pick(
        self, name: str, share: float, where: pd.Series | None = None
    ) -> np.ndarray:
        """Positions of a random share of the rows that fit, at least one when any fits."""
        frame = self.tables[name]
        pool = (
            np.arange(len(frame))
            if where is None
            else np.flatnonzero(where.to_numpy(dtype=bool))
        )
        count = min(len(pool), max(1, int(share * len(pool))))
        return np.sort(self.rng.choice(pool, count, replace=False)) if count else pool

    def note(self, rule: str, name: str, rows: np.ndarray) -> None:
        """Write rows down under a rule, by the first column of the table's key that is not the year."""
        frame = self.tables[name]
        key = next(k for k in TABLES[name].key if k != "snapshot")
        years = (
            frame["snapshot"].to_numpy()[rows]
            if "snapshot" in frame
            else [None] * len(rows)
        )
        self.notes.extend(
            (rule, name, k, y) for k, y in zip(frame[key].to_numpy()[rows], years)
        )

    def set(
        self,
        rule: str,
        name: str,
        column: str,
        value,
        share: float,
        where: pd.Series | None = None,
    ) -> None:
        """Put `value` (or the value of a function of the old values) into a share of the rows."""
        self.put(rule, name, {column: value}, self.pick(name, share, where))

    def put(
        self, rule: str, name: str, values: dict[str, object], rows: np.ndarray
    ) -> None:
        """The same for given rows and several columns; values are computed before any is written."""
        if not len(rows):
            return
        if name not in self._copied:
            self.tables[name] = self.tables[name].copy()
            self._copied.add(name)
        frame = self.tables[name]
        old = frame.iloc[rows]
        new = {c: v(old) if isinstance(v, Callable) else v for c, v in values.items()}
        for column, value in new.items():
            if frame[column].dtype == bool and value is None:
                frame[column] = frame[column].astype(object)
            cells = frame[column].to_numpy(copy=True)
            if cells.dtype == object:
                fill = np.empty(len(rows), dtype=object)
                fill[:] = (
                    [value] * len(rows)
                    if not isinstance(value, (pd.Series, np.ndarray, list))
                    else list(value)
                )
                cells[rows] = fill
                frame[column] = pd.Series(
                    cells, index=frame.index, dtype=frame[column].dtype
                )
            else:
                frame.iloc[rows, frame.columns.get_loc(column)] = (
                    value.to_numpy() if isinstance(value, pd.Series) else value
                )
        self.note(rule, name, rows)


def plant(
    rng: np.random.Generator, tables: dict[str, pd.DataFrame], duplicate_share: float
) -> tuple[dict, pd.DataFrame]:
    """Tables with errors, and the list of them: `rule`, `table`, `key`, `snapshot`.

    Rule numbers are those of data dictionary section 19. Nothing planted touches the look-back, the
    stock or the totals that the speech names: persons treated in 2018 keep their numbers, loans of
    2018 their amounts, events of the look-back their dates.
    """
    p = Planter(rng, tables)
    _identity(p)
    _persons(p)
    _households(p)
    _incomes(p)
    _ledgers(p)
    # exact duplicates, as exports of several days put together have them
    for name in ("household", "income", "event", "visit"):
        rows = p.pick(name, duplicate_share)
        p.note("duplicate", name, rows)
        p.tables[name] = pd.concat(
            [p.tables[name], p.tables[name].iloc[rows]], ignore_index=True
        )
    return p.tables, pd.DataFrame(p.notes, columns=list(PLANTED)).astype(
        {"snapshot": "Int64"}
    )


def _identity(p: Planter) -> None:
    """Damaged, wrong and doubled numbers; one person keeps one fault through all years."""
    member, visit = p.tables["member"], p.tables["visit"]
    treated = visit.loc[
        (visit["med_type"] == "inpatient") & (visit["admitted_on"] >= "2018-01-01"),
        "psn_no",
    ].unique()
    everyone = member["person_id"].drop_duplicates()
    free = everyone[~everyone.isin(treated)].to_numpy(dtype=object)
    people = np.array_split(
        p.rng.choice(free, max(8, len(free) // 200), replace=False), 4
    )
    hit = member["person_id"].isin(np.concatenate(people))
    can = member["person_id"].isin(free) & ~hit

    def swapped_check(old: pd.DataFrame) -> list[str]:
        return [
            t[:17] + "0123456789X"[("0123456789X".index(t[17]) + 3) % 11] + t[18:]
            for t in old["id_number"]
        ]

    def other_sex(old: pd.DataFrame) -> pd.Series:
        return old["sex"].map({"male": "female", "female": "male"})

    for group, rule, column, value in (
        (
            people[0],
            "ID-scientific",
            "id_number",
            lambda old: [f"{float(t[:17]) * 10:.5E}" for t in old["id_number"]],
        ),
        (
            people[1],
            "ID-last-000",
            "id_number",
            lambda old: [t[:15] + "000" for t in old["id_number"]],
        ),
        (people[2], "Q-person-002", "id_number", swapped_check),
        (people[3], "Q-person-005", "sex", other_sex),
    ):
        p.put(
            rule,
            "member",
            {column: value},
            np.flatnonzero(member["person_id"].isin(group)),
        )
    rows = p.pick("member", 0.0008, (member["snapshot"] == 2018) & can)
    numbers = p.tables["member"]["id_number"].to_numpy(dtype=object)
    pairs = len(rows) // 2 * 2
    p.put(
        "Q-person-003",
        "member",
        {"id_number": list(numbers[rows[:pairs:2]])},
        rows[1:pairs:2],
    )
    p.set(
        "Q-person-004",
        "member",
        "id_number",
        lambda old: [t[:18] + "9" + t[19:] for t in old["id_number"]],
        0.004,
        p.tables["member"]["id_number"].str.len().eq(20) & can,
    )


def _persons(p: Planter) -> None:
    member = p.tables["member"]
    age = member["snapshot"] - member["birth_date"].dt.year
    healthy = member["health_status"].map(lambda h: h == ("healthy",))
    ill = member["health_status"].map(lambda h: "chronic" in h or "serious" in h)
    at_school = member["school_status"].notna() & (
        member["school_status"] != "not_in_school"
    )
    works = member["work_months"].notna()
    p.set(
        "Q-person-006",
        "member",
        "health_status",
        [("healthy", "chronic")],
        0.004,
        member["health_status"].map(lambda h: h == ("chronic",)),
    )
    p.set(
        "Q-person-008",
        "member",
        "relation_to_head",
        lambda old: old["sex"].map({"male": "daughter", "female": "son"}),
        0.003,
        member["relation_to_head"].isin(["son", "daughter"]),
    )
    p.set("Q-person-010", "member", "education", "primary", 0.004, at_school)
    p.put(
        "Q-person-011",
        "member",
        {"school_status": "not_in_school", "out_of_school_reason": None},
        p.pick(
            "member",
            0.006,
            (age >= 7)
            & (age <= 14)
            & ~member["household_id"].str.startswith(exit_county()),
        ),
    )
    p.set("Q-person-015", "member", "labour_capacity", "ordinary", 0.006, (age < 15))
    p.set(
        "Q-person-016",
        "member",
        "labour_capacity",
        "none",
        0.006,
        healthy & (age > 20) & (age < 55) & ~at_school,
    )
    p.set("Q-person-018", "member", "work_place", None, 0.004, works)
    p.set("Q-person-020", "member", "work_monthly_income", 35.0, 0.003, works)
    p.set(
        "Q-person-021",
        "member",
        "public_job_months",
        None,
        0.02,
        member["public_job_type"].notna(),
    )
    p.set(
        "Q-person-022",
        "member",
        "has_employee_insurance",
        True,
        0.002,
        member["has_resident_insurance"].astype(bool),
    )
    p.set("Q-person-023", "member", "has_catastrophic_insurance", False, 0.006, ill)
    p.set(
        "Q-person-024",
        "member",
        "has_resident_insurance",
        False,
        0.01,
        member["received_medical_aid"].astype(bool),
    )
    p.set("Q-person-026", "member", "ethnicity", None, 0.006)


def _households(p: Planter) -> None:
    household, member = p.tables["household"], p.tables["member"]
    exited = household["registration_status"] == "exited"
    illness = household["primary_cause"] == "illness"
    p.set(
        "Q-house-002",
        "household",
        "household_size",
        lambda old: old["household_size"] + 1,
        0.008,
    )
    # the cause says illness, every member says healthy
    homes = household["household_id"].iloc[
        p.pick("household", 0.006, illness & (household["snapshot"] == 2018))
    ]
    p.put(
        "Q-house-003",
        "member",
        {"health_status": [("healthy",)]},
        np.flatnonzero(
            (member["snapshot"] == 2018) & member["household_id"].isin(homes)
        ),
    )
    p.set(
        "Q-house-004",
        "household",
        "primary_cause",
        "schooling",
        0.004,
        household["household_size"] == 1,
    )
    p.set(
        "Q-house-005",
        "household",
        "secondary_causes",
        [("illness",)],
        0.006,
        p.tables["household"]["primary_cause"] == "illness",
    )
    p.set("Q-house-005", "household", "primary_cause", None, 0.003)
    p.set(
        "Q-house-006",
        "household",
        "household_category",
        "ordinary",
        0.006,
        household["household_category"] == "dibao",
    )
    p.set("Q-house-014", "household", "helper_id", None, 0.012)
    living = p.tables["living"]
    status = (
        living[["household_id", "snapshot"]]
        .merge(
            household.assign(exited=exited)[["household_id", "snapshot", "exited"]],
            how="left",
        )["exited"]
        .fillna(False)
    )
    p.set("Q-house-009b", "living", "safe_water", False, 0.004, status)
    p.set(
        "Q-living-001",
        "living",
        "arable_mu",
        lambda old: old["arable_mu"] * 100,
        0.001,
        living["arable_mu"] > 3,
    )
    p.set("Q-living-001", "living", "road_distance_km", 62.0, 0.0008)
    p.set(
        "Q-living-002",
        "living",
        "reforested_mu",
        lambda old: old["forest_mu"] + 5,
        0.002,
    )
    for column in (
        "power_production",
        "toilet",
        "fuel",
        "access_road",
        "in_cooperative",
    ):
        p.set("Q-living-003", "living", column, None, 0.003)


def _incomes(p: Planter) -> None:
    income = p.tables["income"]
    p.put(
        "Q-income-001a",
        "income",
        {c: lambda old, c=c: old[c] + 600 for c in ("total_income", "net_income")},
        p.pick("income", 0.010, income["wage_income"] > 0),
    )
    p.set(
        "Q-income-001d",
        "income",
        "transfer_income",
        lambda old: old["transfer_income"] + 480,
        0.004,
        income["transfer_income"] > 0,
    )
    p.set(
        "Q-income-001c",
        "income",
        "net_income_pc",
        lambda old: (old["net_income_pc"] * 1.1).round(2),
        0.004,
    )
    p.set(
        "Q-income-002",
        "income",
        "net_income_pc",
        lambda old: -old["net_income_pc"],
        0.0006,
    )
    p.set("Q-income-002", "income", "net_income_pc", None, 0.0008)
    p.set(
        "Q-income-003",
        "income",
        "business_expense",
        0.0,
        0.006,
        income["business_income"] > 0,
    )
    p.set(
        "Q-income-005",
        "income",
        "wage_income",
        150.0,
        0.003,
        income["wage_income"] > 300,
    )
    _left_out(p)
    p.put(
        "Q-income-006",
        "income",
        {"dibao_payment": 0.0},
        p.pick("income", 0.01, income["dibao_payment"] > 0),
    )


def _left_out(p: Planter) -> None:
    """Student aid that the ledger paid and the income sheet leaves out (漏统) or halves (错统); sums still close."""
    income, measure = p.tables["income"], p.tables["measure"]
    aid = measure[
        (measure["measure_type"] == "education")
        & (measure["started_on"] > "2017-09-30")
        & (measure["started_on"] <= "2018-09-30")
        & (measure["amount_yuan"] > 20)
    ]
    paid = (income["snapshot"] == 2018) & income["household_id"].isin(
        aid["household_id"]
    )
    size = p.tables["household"].set_index(["household_id", "snapshot"])[
        "household_size"
    ]
    taken = np.array([], int)
    for rule, share in (("Q-income-011a", 1.0), ("Q-income-011b", 0.5)):
        rows = p.pick("income", 0.06, paid & ~income.index.isin(taken))
        taken = rows
        old = p.tables["income"].iloc[rows]
        loss = (old["other_transfer"] * share).round(2)
        persons = pd.MultiIndex.from_frame(old[["household_id", "snapshot"]]).map(
            size.to_dict()
        )
        net = old["net_income"] - loss
        p.put(
            rule,
            "income",
            {
                "other_transfer": (old["other_transfer"] - loss),
                "transfer_income": old["transfer_income"] - loss,
                "total_income": old["total_income"] - loss,
                "net_income": net,
                "net_income_pc": (net / np.asarray(persons, float)).round(2),
            },
            rows,
        )


def _ledgers(p: Planter) -> None:
    event, visit, housing = p.tables["event"], p.tables["visit"], p.tables["housing"]
    exits = event["kind"] == "exited"
    p.put(
        "Q-event-002",
        "event",
        {
            "first_public_on": lambda old: old["second_public_on"],
            "second_public_on": lambda old: old["first_public_on"],
        },
        p.pick("event", 0.01, exits),
    )
    p.set("Q-event-002", "event", "meeting_on", None, 0.006, exits)
    p.set(
        "Q-event-003",
        "event",
        "recorded_on",
        lambda old: pd.to_datetime(old["recorded_on"].dt.year.astype(str) + "-12-06"),
        0.004,
        exits & (event["recorded_on"].dt.month == 11),
    )
    p.put(
        "Q-house-D01",
        "housing",
        {"completed_on": lambda old: old["accepted_on"] + 15 * DAY},
        p.pick(
            "housing",
            0.006,
            housing["accepted_on"].notna() & (housing["accepted_on"] < "2018-08-01"),
        ),
    )
    p.set(
        "Q-visit-001a",
        "visit",
        "medfee_sumamt",
        lambda old: old["medfee_sumamt"] + 100,
        0.002,
    )
    stays = (visit["med_type"] == "inpatient") & (visit["admitted_on"] < "2018-01-01")
    p.set(
        "Q-visit-001b",
        "visit",
        "discharged_on",
        lambda old: old["admitted_on"] - 2 * DAY,
        0.002,
        stays,
    )
    village = p.tables["village"]
    p.set(
        "Q-village-001",
        "village",
        "unsafe_dwellings",
        lambda old: old["households"] + 30,
        0.002,
    )
    p.set(
        "Q-village-002",
        "village",
        "collective_income",
        None,
        0.01,
        village["exited"].astype(bool),
    )
    loan = p.tables["loan"]
    before = loan["disbursed_on"] < "2018-01-01"
    p.set("Q-loan-001", "loan", "contract_amount", 60_000.0, 0.01, before)
    p.set(
        "Q-loan-001",
        "loan",
        "due_on",
        lambda old: old["disbursed_on"] + 1_500 * DAY,
        0.02,
        before,
    )
    payment = p.tables["payment"].merge(
        p.tables["fund"][["fund_id", "allocated_on", "allocated_amount"]], how="left"
    )
    rows = p.pick("payment", 0.006)
    p.put(
        "Q-fund-001",
        "payment",
        {"paid_on": list(payment["allocated_on"].iloc[rows] - 12 * DAY)},
        rows,
    )
    rows = p.pick("payment", 0.003)
    p.put(
        "Q-fund-001",
        "payment",
        {"paid_amount": list((payment["allocated_amount"].iloc[rows] * 1.2).round(4))},
        rows,
    )
    p.set("Q-fund-001", "project", "budget_other", 5.0, 0.006)
