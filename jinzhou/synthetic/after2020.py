"""The same city after 2020: five years later nobody is registered as poor, and three groups are monitored.

The tables of the earlier registry are moved five years on. Every household that was registered has
exited by 2020, the rest are ordinary rural households, and no rule of monitoring names anyone. Then
cases are planted, one household each, whose every condition is known: entries, clearings, early
clearings, households that nobody entered, and households that cannot be judged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.reference.lines import poverty_lines
from jinzhou.reference.vocabulary import TABLES
from jinzhou.synthetic.people import id_numbers
from jinzhou.synthetic.units import hospital_code

SHIFT = 5
"""Years by which the earlier registry is moved on."""
FIRST_YEAR, LAST_YEAR = 2020, 2023
DATA_END = f"{LAST_YEAR}-12-31"
BIRTHS = 1826
"""Days by which births are moved: a fixed number, so that no two persons get the same number."""
ORDINARY = 0.12
"""Share of households that were never registered as poor (chosen)."""
PRICES = 3.2
"""Incomes and wages of 2023 over those of 2018 (chosen; about one in fifteen would be below the line)."""
ABOVE = 1.12
"""Incomes that nothing is planted into are at least this multiple of the highest line (chosen)."""
WORST_YEAR = 0.75
"""And fall no lower in a year than to this share (chosen)."""
OWN_PAYMENT = 1_000.0
"""Most that a patient pays of one bill, where nothing is planted (chosen)."""
NO_LONGER = ("duty", "disclosure")
"""Tables of 2018 that an office of 2023 does not keep: the hundred days' duties, the postings of exits."""
RENAMED = {
    "县农委": "县农业农村局",
    "县卫计局": "县卫生健康局",
    "建档立卡贫困人口": "脱贫人口",
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of planted case.

    Attributes
    ----------
    share : float
        Of the households; at least one.
    who : str
        ``exited``, ``ordinary`` or ``both``.
    trigger, year : str, int
        What is wrong, and on the sheets of which registry year (a bill: in which quarter, as a date).
    entry, clearing : tuple of (first month, last month), or None
        Months in which the case was entered and cleared.
    fails, unknown : tuple of str
        Conditions of clearing that are not met, and that cannot be judged, on the day of clearing
        or, while the case is open, on 30 June 2023.
    """

    key: str
    share: float
    who: str
    trigger: str
    year: int
    entry: tuple[str, str] | None = None
    clearing: tuple[str, str] | None = None
    fails: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    natural: bool = False


EARLY, LATE, SOON = (
    ("2021-10", "2022-02"),
    ("2022-10", "2022-12"),
    ("2022-10", "2022-11"),
)
SCENARIOS = (
    Scenario(
        "cleared_income", 0.005, "both", "income", 2021, EARLY, ("2023-03", "2023-06")
    ),
    Scenario(
        "cleared_dwelling",
        0.004,
        "both",
        "dwelling",
        2021,
        EARLY,
        ("2022-10", "2023-02"),
    ),
    Scenario(
        "cleared_bill",
        0.004,
        "both",
        "bill",
        20213,
        ("2021-10", "2022-01"),
        ("2022-10", "2023-01"),
    ),
    Scenario(
        "early_months",
        0.001,
        "exited",
        "dwelling",
        2021,
        ("2022-07", "2022-07"),
        ("2022-10", "2022-11"),
        ("months",),
    ),
    Scenario(
        "early_measure", 0.001, "exited", "dwelling", 2021, EARLY, LATE, ("measure",)
    ),
    Scenario(
        "early_income",
        0.001,
        "exited",
        "income",
        2022,
        SOON,
        ("2023-05", "2023-06"),
        ("income", "stable"),
    ),
    Scenario(
        "early_stable",
        0.001,
        "ordinary",
        "income",
        2022,
        SOON,
        ("2023-05", "2023-06"),
        ("stable",),
    ),
    Scenario(
        "early_guarantee",
        0.001,
        "exited",
        "dwelling",
        2022,
        SOON,
        ("2023-05", "2023-06"),
        ("guarantees",),
    ),
    Scenario(
        "early_labour", 0.001, "exited", "dwelling", 2021, EARLY, LATE, ("labour",)
    ),
    Scenario(
        "natural_without_cause",
        0.001,
        "exited",
        "dwelling",
        2021,
        EARLY,
        LATE,
        ("natural",),
        natural=True,
    ),
    Scenario(
        "natural",
        0.001,
        "exited",
        "dwelling",
        2021,
        ("2021-10", "2021-12"),
        ("2022-09", "2022-09"),
        natural=True,
    ),
    Scenario("may_clear", 0.004, "both", "dwelling", 2021, EARLY),
    Scenario(
        "stay_income", 0.008, "both", "income", 2022, LATE, None, ("income", "stable")
    ),
    Scenario(
        "stay_spending",
        0.005,
        "both",
        "bill",
        20224,
        ("2022-11", "2022-12"),
        None,
        ("spending",),
    ),
    Scenario(
        "stay_months",
        0.002,
        "both",
        "water",
        2022,
        ("2023-03", "2023-04"),
        None,
        ("months", "guarantees"),
    ),
    Scenario(
        "stay_measure", 0.001, "exited", "dwelling", 2021, EARLY, None, ("measure",)
    ),
    Scenario(
        "stay_labour", 0.001, "exited", "dwelling", 2021, EARLY, None, ("labour",)
    ),
    Scenario(
        "unknown_income",
        0.001,
        "exited",
        "dwelling",
        2021,
        EARLY,
        None,
        (),
        ("income", "stable", "spending"),
    ),
    Scenario("missed_income", 0.003, "both", "income", 2022),
    Scenario("missed_dwelling", 0.001, "both", "dwelling", 2022),
    Scenario("missed_insurance", 0.001, "both", "insurance", 2022),
    Scenario("missed_bill", 0.001, "both", "bill", 20224),
    Scenario("missed_cut", 0.001, "both", "cut", 2022),
    Scenario("untestable", 0.001, "exited", "blank", 2022),
)
SUDDEN = ("bill", "cut")
"""Triggers of the third group: income may be above the line."""


def after_2020(
    rng: np.random.Generator, tables: dict[str, pd.DataFrame], risk: pd.Series
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """The tables of the monitoring period, and the truth of every planted case.

    Parameters
    ----------
    tables : dict of DataFrame
        True tables of the earlier registry (no planted errors).
    risk : Series, by household number
        How likely each household is to be in need: planted cases are drawn in proportion.

    Returns
    -------
    tables : dict of DataFrame
    truth : DataFrame, one row per planted case
        `household_id`, `scenario`, `group` (of the rules), `trigger`, `first_fired` (last day of the
        first quarter in which the trigger shows), `identified_on`, `recorded_on`, `found_on`,
        `measured_on`, `cleared_on`, `fails`, `unknown` (conditions, joined by ``;``).
    """
    made = {
        name: _moved(TABLES[name], frame)
        for name, frame in tables.items()
        if name not in NO_LONGER
    }
    ordinary = _registration(rng, made)
    _calm(made)
    cases = _draw(rng, made, ordinary, risk)
    truth = _plant(rng, made, cases)
    return made, truth


def _moved(table, frame: pd.DataFrame) -> pd.DataFrame:
    """A table five years on; registry years before the monitoring period are left out."""
    frame = frame.copy()
    numbers = {}
    for column in table.columns:
        if column.name not in frame:
            continue
        values = frame[column.name]
        if column.name == "birth_date":
            frame[column.name] = pd.to_datetime(values) + pd.Timedelta(days=BIRTHS)
        elif column.kind in ("date", "month", "due") and column.name not in (
            "first_identified_on",
            "person_identified_on",
        ):
            frame[column.name] = pd.to_datetime(values) + pd.DateOffset(years=SHIFT)
        elif column.name in ("snapshot", "plan_year", "year"):
            frame[column.name] = values + SHIFT
        elif column.name in ("id_number", "head_id_number", "certno", "borrower_id"):
            known = values.dropna().unique()
            numbers = dict(zip(known, _later_numbers(known)))
            frame[column.name] = values.map(numbers)
        elif column.name in ("project_id", "list_id", "check_id", "allocation_doc"):
            frame[column.name] = values.map(
                lambda text: re.sub(r"20\d\d", lambda y: str(int(y[0]) + SHIFT), text),
                na_action="ignore",
            )
        elif column.kind == "text":
            frame[column.name] = values.replace(RENAMED)
        elif (
            column.kind == "money"
            and table.name in ("income", "measure", "home_visit", "spot_check")
            or column.name == "work_monthly_income"
        ):
            frame[column.name] = (values * PRICES).round(2)
    return (
        frame[frame["snapshot"] >= FIRST_YEAR].reset_index(drop=True)
        if "snapshot" in frame
        else frame
    )


def _later_numbers(numbers: np.ndarray) -> list[str]:
    """Identity numbers of the same people, born later: birth date and check character change."""
    text = pd.Series(numbers, dtype=object)
    born = pd.to_datetime(text.str[6:14], format="%Y%m%d") + pd.Timedelta(days=BIRTHS)
    return [
        new + old[18:]
        for new, old in zip(
            id_numbers(
                born.dt.strftime("%Y%m%d").to_numpy(dtype=str),
                text.str[14:17].astype(int).to_numpy(),
            ),
            numbers,
        )
    ]


def _registration(rng, made: dict[str, pd.DataFrame]) -> np.ndarray:
    """Everyone registered has exited by 2020; a share of the households never was. Returns those."""
    household = made["household"]
    last = (
        household.sort_values("snapshot")
        .drop_duplicates("household_id", keep="last")
        .set_index("household_id")
    )
    first = household.groupby("household_id")["snapshot"].min()
    new = first.index[first > FIRST_YEAR]  # not on the list when poverty ended
    rest = first.index.difference(new)
    ordinary = np.concatenate(
        [
            new.to_numpy(),
            rng.choice(
                rest.to_numpy(),
                max(1, round(ORDINARY * len(first)) - len(new)),
                replace=False,
            ),
        ]
    )
    exit_year = (
        (pd.to_numeric(last["exit_year"]) + 1)
        .where(last["registration_status"] == "exited", FIRST_YEAR)
        .clip(upper=FIRST_YEAR)
    )
    never = household["household_id"].isin(ordinary)
    household["registration_status"] = pd.Series(
        "exited", index=household.index, dtype=object
    ).mask(never, None)
    household["exit_year"] = (
        household["household_id"].map(exit_year).astype(object).mask(never, None)
    )
    household["household_type"] = np.where(never, "ordinary", "exited")
    for column in (
        "primary_cause",
        "first_identified_on",
        "identification_standard",
        "household_category",
    ):
        household[column] = household[column].mask(never, None)
    event = made["event"]
    kept = event["kind"].isin(["member_added", "natural_increase", "natural_decrease"])
    made["event"] = event[kept].assign(source_round=None).reset_index(drop=True)
    village = made["village"]
    made["village"] = village.assign(
        exited=village["is_poor_village"],
        exit_year=village["exit_year"].clip(upper=FIRST_YEAR),
        poor_households=0,
        poor_persons=0,
        culture_rooms=village["culture_rooms"].fillna(1),
    )
    check = made["spot_check"]
    calm = {
        "wrongly_exited": "income_wrong",
        "wrongly_identified": "income_wrong",
        "missed": "consistent",
    }
    made["spot_check"] = (
        check[check["sample_frame"] != "poor"]
        .assign(
            found=lambda c: [
                tuple(calm.get(x, x) for x in found) for found in c["found"]
            ]
        )
        .reset_index(drop=True)
    )
    made["home_visit"] = made["home_visit"].assign(
        result=made["home_visit"]["result"].replace("returned", "at_risk")
    )
    made["housing"] = made["housing"].assign(funding_batch="other")
    return ordinary


def _calm(made: dict[str, pd.DataFrame]) -> None:
    """No rule of monitoring names anyone: safe homes, insured members, small bills, incomes above every line."""
    living, member, visit, income = (
        made[name] for name in ("living", "member", "visit", "income")
    )
    living["dwelling_grade"] = living["dwelling_grade"].replace({"C": "B", "D": "B"})
    living["unsafe_dwelling"], living["safe_water"] = False, True
    member["has_resident_insurance"] = ~member["has_employee_insurance"].astype(bool)
    member["has_catastrophic_insurance"] = True
    over = (visit["psn_part_amt"] - OWN_PAYMENT).clip(lower=0).round(2)
    share = 1 - over / visit["psn_part_amt"].where(visit["psn_part_amt"] > 0, 1)
    for column, sign in (("psn_part_amt", -1), ("oth_pay", 1), ("fund_pay_sumamt", 1)):
        visit[column] = (visit[column] + sign * over).round(2)
    visit["acct_pay"] = (visit["acct_pay"] * share).round(2)
    visit["psn_cash_pay"] = (visit["psn_part_amt"] - visit["acct_pay"]).round(2)
    quarter = visit["admitted_on"].dt.year * 4 + visit["admitted_on"].dt.quarter
    bills = (
        visit["psn_part_amt"]
        .groupby([visit["psn_no"].str[:-2], quarter])
        .sum()
        .unstack(fill_value=0.0)
    )
    bills = bills.reindex(
        columns=range(int(quarter.min()), int(quarter.max()) + 1), fill_value=0.0
    )
    worst = bills.T.rolling(4, min_periods=1).sum().T.max(axis=1)
    size = made["household"].set_index(["household_id", "snapshot"])["household_size"]
    persons = (
        pd.MultiIndex.from_frame(income[["household_id", "snapshot"]])
        .map(size.to_dict())
        .astype(float)
    )
    # the ledger of measures has one amount for all years, so transfers stay the same from year to year
    paid = (
        income.sort_values("snapshot")
        .groupby("household_id")[["dibao_payment", "other_transfer"]]
        .last()
    )
    for column in paid:
        income[column] = income["household_id"].map(paid[column])
    aid, other = (
        made["measure"]["measure_type"] == "education",
        made["measure"]["household_id"].map(paid["other_transfer"]),
    )
    made["measure"]["amount_yuan"] = made["measure"]["amount_yuan"].mask(
        aid, other.where(other > 0)
    )
    _close(income, income.index, persons)
    floor = (
        ABOVE * max(poverty_lines(series="monitoring", synthetic=True).values())
        + income["household_id"].map(worst).fillna(0) / persons
    )
    last: dict[str, float] = {}
    for _, rows in income.groupby("snapshot"):
        wanted = np.maximum(
            floor[rows.index], WORST_YEAR * rows["household_id"].map(last).fillna(0)
        ).round(2)
        _raise(income, rows.index, wanted, persons)
        last |= dict(zip(rows["household_id"], income.loc[rows.index, "net_income_pc"]))
    _close(income, income.index, persons)


def _raise(income: pd.DataFrame, rows: pd.Index, wanted: pd.Series, persons) -> None:
    """Raise incomes per head to at least `wanted` by business income (and a sixth of it as expense)."""
    people = pd.Series(persons, index=income.index)[rows]
    more = ((wanted - income.loc[rows, "net_income_pc"]).clip(lower=0) * people).round(
        2
    )
    income.loc[rows, "business_expense"] += (more * 0.2).round(2)
    income.loc[rows, "business_income"] += more + (more * 0.2).round(2)
    income.loc[rows, "net_income_pc"] = np.maximum(
        income.loc[rows, "net_income_pc"], wanted
    )


def _close(income: pd.DataFrame, rows: pd.Index, persons) -> None:
    """Sums of the parts, to the fen."""
    part = income.loc[rows]
    part = part.assign(
        property_income=part["asset_dividend"] + part["other_property"],
        transfer_income=part[
            [
                "family_planning_subsidy",
                "dibao_payment",
                "tekun_payment",
                "pension_payment",
                "eco_compensation",
                "other_transfer",
            ]
        ].sum(axis=1),
    )
    part["total_income"] = part[
        ["wage_income", "business_income", "property_income", "transfer_income"]
    ].sum(axis=1)
    part["net_income"] = part["total_income"] - part["business_expense"]
    part["net_income_pc"] = (
        part["net_income"] / pd.Series(persons, index=income.index)[rows]
    )
    income.loc[rows] = part.round(2)


def _draw(
    rng, made: dict[str, pd.DataFrame], ordinary: np.ndarray, risk: pd.Series
) -> pd.DataFrame:
    """Which household carries which scenario: `household_id`, `scenario`, `group`."""
    household = made["household"]
    years = household.groupby("household_id")["snapshot"].nunique()
    moved = made["event"].loc[made["event"]["person_id"].isna(), "household_id"]
    free = years.index[years == LAST_YEAR - FIRST_YEAR + 1].difference(moved)
    weight = risk.reindex(free).fillna(risk.min()).to_numpy() + 1e-3
    # one random order for all scenarios, likelier households first
    order = free[np.argsort(-(np.log(weight) + rng.gumbel(size=len(free))))]
    waiting = {
        "exited": list(order[~np.isin(order, ordinary)]),
        "ordinary": list(order[np.isin(order, ordinary)]),
    }
    rows = []
    for one in SCENARIOS:
        count = max(2 if one.who == "both" else 1, round(one.share * len(years)))
        for i in range(count):
            who = (
                one.who
                if one.who != "both"
                else ("ordinary" if i % 4 == 1 else "exited")
            )
            group = (
                "sudden_hardship"
                if one.trigger in SUDDEN
                else {"exited": "unstable_exit", "ordinary": "marginal"}[who]
            )
            rows.append((waiting[who].pop(0), one, group))
    return pd.DataFrame(rows, columns=["household_id", "scenario", "group"])


def _plant(rng, made: dict[str, pd.DataFrame], cases: pd.DataFrame) -> pd.DataFrame:
    """Write every case into the tables; returns the truth."""
    household, income, living, member = (
        made[name] for name in ("household", "income", "living", "member")
    )
    for name in ("measure", "project_household"):
        made[name] = made[name][
            ~made[name]["household_id"].isin(cases["household_id"])
        ].reset_index(drop=True)
    place = {
        name: {
            key: row
            for row, key in enumerate(
                zip(made[name]["household_id"], made[name]["snapshot"])
            )
        }
        for name in ("income", "living", "household")
    }
    people = {
        key: rows.index
        for key, rows in member[
            member["household_id"].isin(cases["household_id"])
        ].groupby("household_id")
    }
    persons = (
        pd.MultiIndex.from_frame(income[["household_id", "snapshot"]])
        .map(
            household.set_index(["household_id", "snapshot"])[
                "household_size"
            ].to_dict()
        )
        .astype(float)
    )
    line = poverty_lines(series="monitoring", synthetic=True)
    visits, events, measures, watched, truth = [], [], [], [], []

    def set_income(home: str, year: int, wanted: float) -> None:
        row = place["income"][home, year]
        now = income.at[row, "net_income_pc"]
        parts = [c for c in income.columns if income[c].dtype.kind == "f"]
        income.loc[row, parts] = income.loc[row, parts] * wanted / now
        _close(income, pd.Index([row]), persons)

    for home, one, group in cases.itertuples(index=False):
        sheet = one.year if one.trigger != "bill" else one.year // 10
        shows = pd.Timestamp(sheet, 9, 30)
        head = people[home][member.loc[people[home], "relation_to_head"] == "head"]
        member.loc[head, "labour_capacity"] = "ordinary"
        lasting = (
            range(one.year, LAST_YEAR + 1) if one.year == LAST_YEAR - 1 else (one.year,)
        )
        if one.trigger == "income":
            for year in lasting:
                set_income(home, year, line[one.year] * rng.uniform(0.6, 0.95))
        elif one.trigger == "cut":
            set_income(
                home,
                one.year - 1,
                max(
                    income.at[place["income"][home, one.year - 1], "net_income_pc"],
                    1.9 * line[LAST_YEAR],
                ),
            )
            for year in lasting:
                set_income(
                    home,
                    year,
                    0.62
                    * income.at[place["income"][home, one.year - 1], "net_income_pc"],
                )
        elif one.trigger in ("dwelling", "water"):
            for year in lasting:
                row = place["living"][home, year]
                if one.trigger == "dwelling":
                    living.loc[row, ["unsafe_dwelling", "dwelling_grade"]] = [
                        True,
                        "D" if rng.random() < 0.4 else "C",
                    ]
                else:
                    living.loc[row, "safe_water"] = False
        elif one.trigger == "insurance":
            rows = [i for i in head if member.at[i, "snapshot"] in lasting]
            member.loc[
                rows,
                [
                    "has_resident_insurance",
                    "has_employee_insurance",
                    "has_catastrophic_insurance",
                ],
            ] = False
        elif one.trigger == "bill":
            number = one.year % 10
            shows = pd.Timestamp(sheet, number * 3, 1) + pd.offsets.MonthEnd(0)
            known = sheet if number >= 3 else sheet - 1
            row = place["income"][home, known]
            person = member.loc[
                [i for i in head if member.at[i, "snapshot"] == known][0]
            ]
            visits.append(
                _bill(
                    rng,
                    person,
                    shows,
                    max(
                        income.at[row, "net_income_pc"]
                        - line[sheet] * rng.uniform(0.5, 0.8),
                        100,
                    )
                    * persons[row],
                )
            )
        if "labour" in one.fails:
            member.loc[people[home], "labour_capacity"] = "lost"
        if one.trigger == "blank" or one.unknown:
            income.loc[place["income"][home, LAST_YEAR - 1], "net_income_pc"] = np.nan
        record = {
            "household_id": home,
            "scenario": one.key,
            "group": group if one.trigger != "blank" else "",
            "trigger": one.trigger,
            "first_fired": shows if one.trigger != "blank" else pd.NaT,
            "fails": ";".join(one.fails),
            "unknown": ";".join(one.unknown),
        }
        if one.entry:
            record |= _entered(
                rng, one, home, group, made, place, line, events, measures, watched
            )
        truth.append(record)
    made["visit"] = pd.concat(
        [made["visit"], pd.DataFrame(visits)], ignore_index=True
    ).sort_values(["setl_time", "setl_id"], ignore_index=True)
    made["measure"] = pd.concat(
        [made["measure"], pd.DataFrame(measures)], ignore_index=True
    ).sort_values(["started_on", "household_id", "measure_type"], ignore_index=True)
    made["monitoring"] = pd.DataFrame(watched).sort_values(
        ["household_id", "identified_on"], ignore_index=True
    )
    event = pd.concat(
        [made["event"], pd.DataFrame(events)], ignore_index=True
    ).sort_values(["recorded_on", "household_id"], kind="stable", ignore_index=True)
    made["event"] = event.assign(
        event_id=[f"SJ{i:07d}" for i in range(1, len(event) + 1)]
    )
    left = {
        e["household_id"]: e["recorded_on"]
        for e in events
        if e["kind"] == "natural_decrease"
    }
    for name in ("household", "member", "income", "living"):
        gone = made[name]["household_id"].map(left) <= pd.to_datetime(
            made[name]["snapshot"].astype(str) + "-09-30"
        )
        made[name] = made[name][~gone].reset_index(drop=True)
    return pd.DataFrame(truth)


def _bill(
    rng, person: pd.Series, quarter_end: pd.Timestamp, amount: float
) -> dict[str, object]:
    """One stay admitted and settled within the quarter, of which the patient pays `amount`."""
    admitted = quarter_end - pd.Timedelta(days=int(rng.integers(45, 80)))
    fen, total = round(amount * 100), round(amount * 240)
    money = dict.fromkeys(
        (
            "fulamt_ownpay_amt",
            "overlmt_selfpay",
            "preselfpay_amt",
            "act_pay_dedc",
            "cvlserv_pay",
            "hifes_pay",
            "hifmi_pay",
            "hifob_pay",
            "maf_pay",
            "oth_pay",
            "hosp_part_amt",
            "acct_pay",
        ),
        0,
    )
    money |= {
        "medfee_sumamt": total,
        "inscp_scp_amt": total,
        "hifp_pay": total - fen,
        "fund_pay_sumamt": total - fen,
        "psn_part_amt": fen,
        "psn_cash_pay": fen,
    }
    return {
        "mdtrt_id": f"JZ{person['person_id']}{quarter_end:%y%m}",
        "setl_id": f"JS{person['person_id']}{quarter_end:%y%m}",
        "psn_no": person["person_id"],
        "certno": person["id_number"],
        "insutype": "resident",
        "psn_type": "脱贫人口",
        "med_type": "inpatient",
        "fixmedins_code": hospital_code(4),
        "fixmedins_name": "市中心医院",
        "hospital_place": "city",
        "admitted_on": admitted,
        "discharged_on": admitted + pd.Timedelta(days=int(rng.integers(8, 25))),
        "diag_code": "I63",
        "diag_name": "脑梗死",
        "setl_time": admitted + pd.Timedelta(days=30),
        **{name: value / 100 for name, value in money.items()},
    }


def _month(rng, window: tuple[str, str]) -> pd.Timestamp:
    months = pd.date_range(f"{window[0]}-01", f"{window[1]}-01", freq="MS")
    return months[int(rng.integers(len(months)))]


RISKS = {
    "income": "unstable_work",
    "dwelling": "housing",
    "water": "water",
    "bill": "illness",
    "cut": "unstable_work",
    "insurance": "illness",
}
MEASURES = {
    "income": "employment",
    "dwelling": "housing",
    "water": "water",
    "bill": "health",
    "cut": "employment",
    "insurance": "health",
}


def _entered(
    rng,
    one: Scenario,
    home: str,
    group: str,
    made,
    place,
    line,
    events,
    measures,
    watched,
) -> dict[str, object]:
    """The entry, its measure and its clearing: rows of the ledgers, and the truth of their days."""
    month = _month(rng, one.entry)
    recorded = month + pd.Timedelta(days=int(rng.integers(5, 27)))
    found = recorded - pd.Timedelta(days=int(rng.integers(6, 40)))
    persons = int(
        made["household"].at[
            place["household"][home, month.year - (month.month < 10)], "household_size"
        ]
    )
    reason = {"illness": "illness", "unstable_work": "unstable_work"}.get(
        RISKS[one.trigger], "other"
    )
    shared = {
        "household_id": home,
        "person_id": None,
        "persons": persons,
        "approved_by": "县乡村振兴局",
        "reason": reason,
    }
    events.append(
        shared | {"kind": "monitored", "happened_on": found, "recorded_on": recorded}
    )
    cleared = _month(rng, one.clearing) if one.clearing else pd.NaT
    started = pd.NaT
    if "measure" not in one.fails:
        started = recorded + pd.Timedelta(
            days=int(
                rng.integers(35, 80) if rng.random() < 0.15 else rng.integers(2, 28)
            )
        )
        measures.append(
            {
                "household_id": home,
                "measure_type": MEASURES[one.trigger],
                "started_on": started,
                "ended_on": pd.NaT,
                "project_id": None,
                "amount_yuan": 600.0 * int(rng.integers(1, 6)),
                "funded_by": "county",
                "helper_id": None,
                "expected_income": np.nan,
            }
        )
    if one.clearing:
        day = cleared + pd.Timedelta(days=int(rng.integers(3, 27)))
        events.append(
            shared | {"kind": "risk_cleared", "happened_on": day, "recorded_on": day}
        )
        if one.key == "natural":
            gone = cleared - pd.Timedelta(days=10)
            events.append(
                shared
                | {
                    "kind": "natural_decrease",
                    "reason": "death",
                    "happened_on": gone - pd.Timedelta(days=9),
                    "recorded_on": gone,
                    "approved_by": "乡镇政府",
                }
            )
    income = made["income"].at[
        place["income"][home, month.year - (month.month < 10)], "net_income_pc"
    ]
    said = np.nan
    if one.clearing and not one.natural:
        said = round(
            line[cleared.year]
            * (
                rng.uniform(0.7, 0.95)
                if "income" in one.fails
                else rng.uniform(1.1, 1.6)
            ),
            2,
        )
    for year in range(
        FIRST_YEAR, LAST_YEAR + 1
    ):  # the registry marks who is monitored on 30 September
        day = pd.Timestamp(year, 9, 30)
        if month <= day and not (cleared <= day):
            made["household"].loc[
                place["household"][home, year],
                ["monitoring_category", "household_type"],
            ] = [group, "monitored"]
    watched.append(
        {
            "household_id": home,
            "monitoring_category": group,
            "identified_on": month,
            "risk_1": RISKS[one.trigger],
            "risk_2": "labour" if "labour" in one.fails else None,
            "source": rng.choice(["self_report", "cadre_check", "department_warning"]),
            "income_at_identification": income,
            "compliant_oop": float(rng.integers(40, 300) * 100)
            if one.trigger == "bill"
            else 0.0,
            "school_ok": True,
            "medical_ok": True,
            "dwelling_ok": bool(one.clearing)
            and "guarantees" not in one.fails
            or one.trigger != "dwelling",
            "water_ok": one.trigger != "water",
            "risk_cleared": bool(one.clearing),
            "clear_mode": ("natural" if one.natural else "helped")
            if one.clearing
            else None,
            "cleared_on": cleared,
            "income_at_clearing": said,
            "contact": "村干部",
            "phone": "13904160000",
        }
    )
    return {
        "identified_on": month,
        "recorded_on": recorded,
        "found_on": found,
        "measured_on": started,
        "cleared_on": cleared,
    }
