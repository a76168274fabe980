"""Errors planted into the true tables, each written down by rule in the truth."""

import numpy as np
import pandas as pd

from jinzhou.synthetic.planter import Computed, Planter
from jinzhou.synthetic.units import exit_county

PLANTED = ("rule", "table", "key", "snapshot")
DAY = pd.Timedelta(days=1)
CHECKS = "0123456789X"


def plant(
    rng: np.random.Generator, tables: dict[str, pd.DataFrame], duplicate_share: float
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Tables with errors, and the list of them: `rule`, `table`, `key`, `snapshot`.

    Rules are those of the reference file `rules.csv`. Nothing planted touches the look-back, the
    stock or the totals that the speech names: persons treated in 2018 keep their numbers, loans of
    2018 their amounts, events of the look-back their dates.
    """
    p = Planter(rng, tables)
    _identity(p)
    _persons(p)
    _households(p)
    _living(p, tables["household"])
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
    stay = (visit["med_type"] == "inpatient") & (visit["admitted_on"] >= "2018-01-01")
    everyone = member["person_id"].drop_duplicates()
    free = everyone[~everyone.isin(visit.loc[stay, "psn_no"].unique())]
    chosen = p.rng.choice(
        free.to_numpy(dtype=object), max(8, len(free) // 200), replace=False
    )
    people = np.array_split(chosen, 4)
    can = member["person_id"].isin(free) & ~member["person_id"].isin(chosen)
    changes: tuple[tuple[str, str, Computed], ...] = (
        ("ID-scientific", "id_number", _in_powers_of_ten),
        (
            "ID-last-000",
            "id_number",
            lambda o: [t[:15] + "000" for t in o["id_number"]],
        ),
        ("Q-person-002", "id_number", _wrong_check),
        ("Q-person-005", "sex", _other_sex),
    )
    for group, (rule, column, value) in zip(people, changes, strict=True):
        rows = np.flatnonzero(member["person_id"].isin(group))
        p.put(rule, "member", {column: value}, rows)
    rows = p.pick("member", 0.0008, (member["snapshot"] == 2018) & can)
    numbers = p.tables["member"]["id_number"]
    pairs = len(rows) // 2 * 2
    copied = list(numbers.to_numpy(dtype=object)[rows[:pairs:2]])
    p.put("Q-person-003", "member", {"id_number": copied}, rows[1:pairs:2])
    cards = p.tables["member"]["id_number"].str.len().eq(20) & can
    p.set("Q-person-004", "member.id_number", _wrong_kind, 0.004, cards)


def _in_powers_of_ten(old: pd.DataFrame) -> list[str]:
    return [f"{float(t[:17]) * 10:.5E}" for t in old["id_number"]]


def _wrong_check(old: pd.DataFrame) -> list[str]:
    return [
        t[:17] + CHECKS[(CHECKS.index(t[17]) + 3) % 11] + t[18:]
        for t in old["id_number"]
    ]


def _wrong_kind(old: pd.DataFrame) -> list[str]:
    return [t[:18] + "9" + t[19:] for t in old["id_number"]]


def _other_sex(old: pd.DataFrame) -> pd.Series:
    return old["sex"].map({"male": "female", "female": "male"})


def _persons(p: Planter) -> None:
    member = p.tables["member"]
    age = member["snapshot"] - member["birth_date"].dt.year
    status, school = member["health_status"], member["school_status"]
    healthy = status.map(lambda codes: codes == ("healthy",))
    chronic = status.map(lambda codes: codes == ("chronic",))
    ill = status.map(lambda codes: "chronic" in codes or "serious" in codes)
    at_school = school.notna() & (school != "not_in_school")
    works = member["work_months"].notna()
    child = member["relation_to_head"].isin(["son", "daughter"])
    both = [("healthy", "chronic")]
    p.set("Q-person-006", "member.health_status", both, 0.004, chronic)
    p.set("Q-person-008", "member.relation_to_head", _other_child, 0.003, child)
    p.set("Q-person-010", "member.education", "primary", 0.004, at_school)
    # so that one indicator passes in the county that is to exit
    here = ~member["household_id"].str.startswith(exit_county())
    out = {"school_status": "not_in_school", "out_of_school_reason": None}
    rows = p.pick("member", 0.006, (age >= 7) & (age <= 14) & here)
    p.put("Q-person-011", "member", out, rows)
    grown = healthy & (age > 20) & (age < 55) & ~at_school
    insured, aided = (
        member[c].astype(bool)
        for c in ("has_resident_insurance", "received_medical_aid")
    )
    job = member["public_job_type"].notna()
    p.set("Q-person-015", "member.labour_capacity", "ordinary", 0.006, age < 15)
    p.set("Q-person-016", "member.labour_capacity", "none", 0.006, grown)
    p.set("Q-person-018", "member.work_place", None, 0.004, works)
    p.set("Q-person-020", "member.work_monthly_income", 35.0, 0.003, works)
    p.set("Q-person-021", "member.public_job_months", None, 0.02, job)
    p.set("Q-person-022", "member.has_employee_insurance", True, 0.002, insured)
    p.set("Q-person-023", "member.has_catastrophic_insurance", False, 0.006, ill)
    p.set("Q-person-024", "member.has_resident_insurance", False, 0.01, aided)
    p.set("Q-person-026", "member.ethnicity", None, 0.006)


def _other_child(old: pd.DataFrame) -> pd.Series:
    return old["sex"].map({"male": "daughter", "female": "son"})


def _households(p: Planter) -> None:
    household, member = p.tables["household"], p.tables["member"]
    illness = household["primary_cause"] == "illness"
    p.set("Q-house-002", "household.household_size", _one_more, 0.008)
    # the cause says illness, every member says healthy
    now = illness & (household["snapshot"] == 2018)
    homes = household["household_id"].iloc[p.pick("household", 0.006, now)]
    theirs = (member["snapshot"] == 2018) & member["household_id"].isin(homes)
    healthy = {"health_status": [("healthy",)]}
    p.put("Q-house-003", "member", healthy, np.flatnonzero(theirs))
    single = household["household_size"] == 1
    p.set("Q-house-004", "household.primary_cause", "schooling", 0.004, single)
    illness = p.tables["household"]["primary_cause"] == "illness"
    second = [("illness",)]
    p.set("Q-house-005", "household.secondary_causes", second, 0.006, illness)
    p.set("Q-house-005", "household.primary_cause", None, 0.003)
    dibao = household["household_category"] == "dibao"
    p.set("Q-house-006", "household.household_category", "ordinary", 0.006, dibao)
    p.set("Q-house-014", "household.helper_id", None, 0.012)


def _one_more(old: pd.DataFrame) -> pd.Series:
    return old["household_size"] + 1


def _living(p: Planter, household: pd.DataFrame) -> None:
    """Errors of the sheet of living conditions; `household` as it was before its own errors."""
    living = p.tables["living"]
    key = ["household_id", "snapshot"]
    exited = household["registration_status"] == "exited"
    of_home = household[key].assign(exited=exited)
    status = living[key].merge(of_home, how="left")["exited"].fillna(False)
    p.set("Q-house-009b", "living.safe_water", False, 0.004, status)
    some = living["arable_mu"] > 3
    p.set(
        "Q-living-001", "living.arable_mu", lambda o: o["arable_mu"] * 100, 0.001, some
    )
    p.set("Q-living-001", "living.road_distance_km", 62.0, 0.0008)
    p.set("Q-living-002", "living.reforested_mu", lambda o: o["forest_mu"] + 5, 0.002)
    for column in ("power_production", "toilet", "fuel", "access_road"):
        p.set("Q-living-003", f"living.{column}", None, 0.003)
    p.set("Q-living-003", "living.in_cooperative", None, 0.003)


def _incomes(p: Planter) -> None:
    income = p.tables["income"]

    def more(column: str, yuan: float) -> Computed:
        return lambda old: old[column] + yuan

    wages, business = income["wage_income"], income["business_income"]
    transfers, dibao = income["transfer_income"], income["dibao_payment"]
    raised = {c: more(c, 600) for c in ("total_income", "net_income")}
    p.put("Q-income-001a", "income", raised, p.pick("income", 0.010, wages > 0))
    added = more("transfer_income", 480)
    p.set("Q-income-001d", "income.transfer_income", added, 0.004, transfers > 0)
    p.set("Q-income-001c", "income.net_income_pc", _a_tenth_more, 0.004)
    p.set("Q-income-002", "income.net_income_pc", lambda o: -o["net_income_pc"], 0.0006)
    p.set("Q-income-002", "income.net_income_pc", None, 0.0008)
    p.set("Q-income-003", "income.business_expense", 0.0, 0.006, business > 0)
    p.set("Q-income-005", "income.wage_income", 150.0, 0.003, wages > 300)
    _left_out(p)
    rows = p.pick("income", 0.01, dibao > 0)
    p.put("Q-income-006", "income", {"dibao_payment": 0.0}, rows)


def _a_tenth_more(old: pd.DataFrame) -> pd.Series:
    return (old["net_income_pc"] * 1.1).round(2)


def _left_out(p: Planter) -> None:
    """Student aid paid by the ledger that the income sheet leaves out (漏统) or halves (错统)."""
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
    _dated_ledgers(p)
    village, loan = p.tables["village"], p.tables["loan"]
    exited = village["exited"].astype(bool)
    many = "village.unsafe_dwellings"
    p.set("Q-village-001", many, lambda o: o["households"] + 30, 0.002)
    p.set("Q-village-002", "village.collective_income", None, 0.01, exited)
    before = loan["disbursed_on"] < "2018-01-01"
    p.set("Q-loan-001", "loan.contract_amount", 60_000.0, 0.01, before)
    p.set("Q-loan-001", "loan.due_on", _four_years_later, 0.02, before)
    fund = p.tables["fund"][["fund_id", "allocated_on", "allocated_amount"]]
    payment = p.tables["payment"].merge(fund, how="left")
    rows = p.pick("payment", 0.006)
    early = list(payment["allocated_on"].iloc[rows] - 12 * DAY)
    p.put("Q-fund-001", "payment", {"paid_on": early}, rows)
    rows = p.pick("payment", 0.003)
    over = list((payment["allocated_amount"].iloc[rows] * 1.2).round(4))
    p.put("Q-fund-001", "payment", {"paid_amount": over}, rows)
    p.set("Q-fund-001", "project.budget_other", 5.0, 0.006)


def _four_years_later(old: pd.DataFrame) -> pd.Series:
    return old["disbursed_on"] + 1_500 * DAY


def _dated_ledgers(p: Planter) -> None:
    """Days out of order in events, dwellings and settlements."""
    event, visit, housing = (p.tables[n] for n in ("event", "visit", "housing"))
    exits = event["kind"] == "exited"
    swapped: dict[str, object] = {
        "first_public_on": lambda old: old["second_public_on"],
        "second_public_on": lambda old: old["first_public_on"],
    }
    p.put("Q-event-002", "event", swapped, p.pick("event", 0.01, exits))
    p.set("Q-event-002", "event.meeting_on", None, 0.006, exits)
    november = exits & (event["recorded_on"].dt.month == 11)
    p.set("Q-event-003", "event.recorded_on", _sixth_of_december, 0.004, november)
    accepted = housing["accepted_on"]
    rows = p.pick("housing", 0.006, accepted.notna() & (accepted < "2018-08-01"))
    late: dict[str, object] = {"completed_on": lambda o: o["accepted_on"] + 15 * DAY}
    p.put("Q-house-D01", "housing", late, rows)
    p.set(
        "Q-visit-001a", "visit.medfee_sumamt", lambda o: o["medfee_sumamt"] + 100, 0.002
    )
    stay = (visit["med_type"] == "inpatient") & (visit["admitted_on"] < "2018-01-01")
    p.set("Q-visit-001b", "visit.discharged_on", _before_admission, 0.002, stay)


def _sixth_of_december(old: pd.DataFrame) -> pd.Series:
    return pd.to_datetime(old["recorded_on"].dt.year.astype(str) + "-12-06")


def _before_admission(old: pd.DataFrame) -> pd.Series:
    return old["admitted_on"] - 2 * DAY
