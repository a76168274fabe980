"""Cases planted into the monitoring period, each with every condition known: `scenarios.csv`.

Columns of that file: `share` of the households (at least one case); `who` carries it (exited or
ordinary households, or both); what is wrong (`trigger`), on the sheets of which registry `year`, a
bill in which `quarter`; first and last month in which the case is entered and cleared; conditions
of clearing that are not met (`fails`) or cannot be judged (`unknown`) on the day of clearing or,
while the case is open, on 30 June 2023; whether its clearing is written down as `natural`.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import pandas as pd

from jinzhou.reference.lines import poverty_lines
from jinzhou.synthetic.income_sheet import closed
from jinzhou.synthetic.units import hospital_code

FIRST_YEAR, LAST_YEAR = 2020, 2023
SUDDEN = ("bill", "cut")
"""Triggers of the third group: income may be above the line."""
INSURANCES = [
    "has_resident_insurance",
    "has_employee_insurance",
    "has_catastrophic_insurance",
]
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
NO_CHARGE = (
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
)
"""Columns of a settlement that are zero in a planted bill."""
Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One kind of planted case: a row of `scenarios.csv`."""

    key: str
    share: float
    who: str
    trigger: str
    year: int
    quarter: int
    entry: tuple[str, str] | None
    clearing: tuple[str, str] | None
    fails: tuple[str, ...]
    unknown: tuple[str, ...]
    natural: bool

    @property
    def shows(self) -> pd.Timestamp:
        """Last day of the quarter in which the trigger shows first."""
        month = 3 * self.quarter if self.quarter else 9
        return pd.Timestamp(self.year, month, 1) + pd.offsets.MonthEnd(0)

    @property
    def years(self) -> range:
        """Registry years on whose sheets it stands."""
        lasts = self.year == LAST_YEAR - 1
        return range(self.year, LAST_YEAR + 1 if lasts else self.year + 1)


@cache
def scenarios() -> tuple[Scenario, ...]:
    """Every kind of case, in the order in which they are drawn."""

    def months(first: str, last: str) -> tuple[str, str] | None:
        return (first, last) if first else None

    def listed(text: str) -> tuple[str, ...]:
        return tuple(text.split(";")) if text else ()

    path = resources.files("jinzhou.synthetic") / "scenarios.csv"
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return tuple(
        Scenario(
            key=row["key"],
            share=float(row["share"]),
            who=row["who"],
            trigger=row["trigger"],
            year=int(row["year"]),
            quarter=int(row["quarter"] or 0),
            entry=months(row["entered_from"], row["entered_to"]),
            clearing=months(row["cleared_from"], row["cleared_to"]),
            fails=listed(row["fails"]),
            unknown=listed(row["unknown"]),
            natural=row["natural"] == "yes",
        )
        for row in rows
    )


def persons_of(made: dict[str, pd.DataFrame]) -> pd.Series:
    """Persons of the household of each row of the incomes."""
    key = ["household_id", "snapshot"]
    size = made["household"].set_index(key)["household_size"].to_dict()
    persons = pd.MultiIndex.from_frame(made["income"][key]).map(size).astype(float)
    return pd.Series(persons, index=made["income"].index)


def close(income: pd.DataFrame, rows: pd.Index, persons: pd.Series) -> None:
    """Set the sums of the parts, to the fen."""
    income.loc[rows] = closed(income.loc[rows], persons[rows]).round(2)


def plant(
    rng: np.random.Generator,
    made: dict[str, pd.DataFrame],
    ordinary: np.ndarray,
    risk: pd.Series,
) -> pd.DataFrame:
    """Draw the households that carry cases and write every case into the tables; the truth."""
    drawn = _draw(rng, made, ordinary, risk)
    carrying = [home for home, _, _ in drawn]
    for name in ("measure", "project_household"):
        free = ~made[name]["household_id"].isin(carrying)
        made[name] = made[name][free].reset_index(drop=True)
    planter = Planter(rng, made, carrying)
    truth = [planter.plant(*case) for case in drawn]
    planter.finish()
    return pd.DataFrame(truth)


def _draw(
    rng: np.random.Generator,
    made: dict[str, pd.DataFrame],
    ordinary: np.ndarray,
    risk: pd.Series,
) -> list[tuple[str, Scenario, str]]:
    """Which household carries which scenario, and the group that the rules put it into."""
    years = made["household"].groupby("household_id")["snapshot"].nunique()
    moved = made["event"].loc[made["event"]["person_id"].isna(), "household_id"]
    free = years.index[years == LAST_YEAR - FIRST_YEAR + 1].difference(moved)
    weight = risk.reindex(free).fillna(risk.min()).to_numpy() + 1e-3
    # one random order for all scenarios, likelier households first
    order = free[np.argsort(-(np.log(weight) + rng.gumbel(size=len(free))))]
    among = np.isin(order, ordinary)
    waiting = {"exited": list(order[~among]), "ordinary": list(order[among])}
    group_of = {"exited": "unstable_exit", "ordinary": "marginal"}
    cases = []
    for kind in scenarios():
        least = 2 if kind.who == "both" else 1
        for i in range(max(least, round(kind.share * len(years)))):
            who = kind.who
            if who == "both":
                who = "ordinary" if i % 4 == 1 else "exited"
            sudden = kind.trigger in SUDDEN
            group = "sudden_hardship" if sudden else group_of[who]
            cases.append((waiting[who].pop(0), kind, group))
    return cases


class Planter:
    """Writes cases into the tables, and keeps the rows that they add to the ledgers."""

    def __init__(
        self,
        rng: np.random.Generator,
        made: dict[str, pd.DataFrame],
        carrying: list[str],
    ) -> None:
        self.rng, self.made = rng, made
        self.row_of = {
            name: {
                key: row
                for row, key in enumerate(
                    zip(made[name]["household_id"], made[name]["snapshot"], strict=True)
                )
            }
            for name in ("income", "living", "household")
        }
        member = made["member"]
        theirs = member[member["household_id"].isin(carrying)]
        self.people = {k: r.index for k, r in theirs.groupby("household_id")}
        self.persons = persons_of(made)
        self.line = poverty_lines(series="monitoring", synthetic=True)
        self.visits: list[Row] = []
        self.events: list[Row] = []
        self.measures: list[Row] = []
        self.watched: list[Row] = []

    def plant(self, home: str, kind: Scenario, group: str) -> Row:
        """Write one case; its truth."""
        member, income = self.made["member"], self.made["income"]
        people = self.people[home]
        head = people[member.loc[people, "relation_to_head"] == "head"]
        member.loc[head, "labour_capacity"] = "ordinary"
        self.trigger(home, kind, head)
        if "labour" in kind.fails:
            member.loc[people, "labour_capacity"] = "lost"
        blank = kind.trigger == "blank"
        if blank or kind.unknown:
            row = self.row_of["income"][home, LAST_YEAR - 1]
            income.loc[row, "net_income_pc"] = np.nan
        truth: Row = {
            "household_id": home,
            "scenario": kind.key,
            "group": "" if blank else group,
            "trigger": kind.trigger,
            "first_fired": pd.NaT if blank else kind.shows,
            "fails": ";".join(kind.fails),
            "unknown": ";".join(kind.unknown),
        }
        if kind.entry:
            truth |= self.enter(home, kind, group, kind.entry)
        return truth

    def trigger(self, home: str, kind: Scenario, head: pd.Index) -> None:
        """Write down what is wrong."""
        member, year = self.made["member"], kind.year
        if kind.trigger == "income":
            for sheet in kind.years:
                wanted = self.line[year] * self.rng.uniform(0.6, 0.95)
                self.set_income(home, sheet, wanted)
        elif kind.trigger == "cut":
            before = max(self.income(home, year - 1), 1.9 * self.line[LAST_YEAR])
            self.set_income(home, year - 1, before)
            for sheet in kind.years:
                self.set_income(home, sheet, 0.62 * self.income(home, year - 1))
        elif kind.trigger in ("dwelling", "water"):
            for sheet in kind.years:
                self.spoil(self.row_of["living"][home, sheet], kind.trigger)
        elif kind.trigger == "insurance":
            rows = [i for i in head if member.at[i, "snapshot"] in kind.years]
            member.loc[rows, INSURANCES] = False
        elif kind.trigger == "bill":
            known = year if kind.quarter >= 3 else year - 1
            row = self.row_of["income"][home, known]
            at = next(i for i in head if member.at[i, "snapshot"] == known)
            left = self.line[year] * self.rng.uniform(0.5, 0.8)
            amount = max(self.income(home, known) - left, 100) * self.persons[row]
            self.visits.append(_bill(self.rng, member.loc[at], kind.shows, amount))

    def income(self, home: str, year: int) -> float:
        """Income per head on the sheet of a year."""
        row = self.row_of["income"][home, year]
        return self.made["income"].at[row, "net_income_pc"]

    def set_income(self, home: str, year: int, wanted: float) -> None:
        """Scale every part of the income to reach `wanted` per head."""
        income, row = self.made["income"], self.row_of["income"][home, year]
        now = income.at[row, "net_income_pc"]
        parts = [c for c in income.columns if income[c].dtype.kind == "f"]
        income.loc[row, parts] = income.loc[row, parts] * wanted / now
        close(income, pd.Index([row]), self.persons)

    def spoil(self, row: int, trigger: str) -> None:
        """Make the water of a household unsafe, or its dwelling."""
        living = self.made["living"]
        if trigger == "water":
            living.loc[row, "safe_water"] = False
        else:
            grade = "D" if self.rng.random() < 0.4 else "C"
            living.loc[row, ["unsafe_dwelling", "dwelling_grade"]] = [True, grade]

    def month(self, window: tuple[str, str]) -> pd.Timestamp:
        """Draw a month between two."""
        months = pd.date_range(f"{window[0]}-01", f"{window[1]}-01", freq="MS")
        return months[int(self.rng.integers(len(months)))]

    def days(self, low: int, high: int) -> pd.Timedelta:
        """Draw a number of days."""
        return pd.Timedelta(days=int(self.rng.integers(low, high)))

    def enter(
        self, home: str, kind: Scenario, group: str, entry: tuple[str, str]
    ) -> Row:
        """The entry, its measure and its clearing: rows of the ledgers; the truth of their days."""
        month = self.month(entry)
        recorded = month + self.days(5, 27)
        found = recorded - self.days(6, 40)
        sheet = month.year - (month.month < 10)
        row = self.row_of["household"][home, sheet]
        size = int(self.made["household"].at[row, "household_size"])
        risk = RISKS[kind.trigger]
        shared: Row = {
            "household_id": home,
            "person_id": None,
            "persons": size,
            "approved_by": "县乡村振兴局",
            "reason": risk if risk in ("illness", "unstable_work") else "other",
        }
        entered = {"kind": "monitored", "happened_on": found, "recorded_on": recorded}
        self.events.append(shared | entered)
        cleared = self.month(kind.clearing) if kind.clearing else pd.NaT
        started = pd.NaT
        if "measure" not in kind.fails:
            started = self.help(home, kind, recorded)
        if kind.clearing:
            self.clear(kind, shared, cleared)
        income = self.income(home, sheet)
        said = self.income_said(kind, cleared)
        self.mark(home, group, month, cleared)
        self.watched.append(
            {
                "household_id": home,
                "monitoring_category": group,
                "identified_on": month,
                "income_at_identification": income,
                "cleared_on": cleared,
                "income_at_clearing": said,
                **self.card(kind),
            }
        )
        return {
            "identified_on": month,
            "recorded_on": recorded,
            "found_on": found,
            "measured_on": started,
            "cleared_on": cleared,
        }

    def help(self, home: str, kind: Scenario, recorded: pd.Timestamp) -> pd.Timestamp:
        """A measure, mostly within the month; its start."""
        late = self.rng.random() < 0.15
        started = recorded + (self.days(35, 80) if late else self.days(2, 28))
        self.measures.append(
            {
                "household_id": home,
                "measure_type": MEASURES[kind.trigger],
                "started_on": started,
                "ended_on": pd.NaT,
                "project_id": None,
                "amount_yuan": 600.0 * int(self.rng.integers(1, 6)),
                "funded_by": "county",
                "helper_id": None,
                "expected_income": np.nan,
            }
        )
        return started

    def clear(self, kind: Scenario, shared: Row, cleared: pd.Timestamp) -> None:
        """Events of a clearing, and of the death that ends a case naturally."""
        day = cleared + self.days(3, 27)
        ended = {"kind": "risk_cleared", "happened_on": day, "recorded_on": day}
        self.events.append(shared | ended)
        if kind.key == "natural":
            gone = cleared - pd.Timedelta(days=10)
            death = {
                "kind": "natural_decrease",
                "reason": "death",
                "happened_on": gone - pd.Timedelta(days=9),
                "recorded_on": gone,
                "approved_by": "乡镇政府",
            }
            self.events.append(shared | death)

    def income_said(self, kind: Scenario, cleared: pd.Timestamp) -> float:
        """Income written down at the clearing, where it was cleared by help."""
        if not kind.clearing or kind.natural:
            return np.nan
        bounds = (0.7, 0.95) if "income" in kind.fails else (1.1, 1.6)
        return round(self.line[cleared.year] * self.rng.uniform(*bounds), 2)

    def mark(
        self, home: str, group: str, month: pd.Timestamp, cleared: pd.Timestamp
    ) -> None:
        """The registry marks who is monitored on 30 September."""
        household = self.made["household"]
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            day = pd.Timestamp(year, 9, 30)
            if month <= day and not (cleared <= day):
                row = self.row_of["household"][home, year]
                columns = ["monitoring_category", "household_type"]
                household.loc[row, columns] = [group, "monitored"]

    def card(self, kind: Scenario) -> Row:
        """The rest of a row of the monitoring ledger."""
        sources = ["self_report", "cadre_check", "department_warning"]
        source = self.rng.choice(sources)
        bill = kind.trigger == "bill"
        mode = "natural" if kind.natural else "helped"
        repaired = bool(kind.clearing) and "guarantees" not in kind.fails
        return {
            "risk_1": RISKS[kind.trigger],
            "risk_2": "labour" if "labour" in kind.fails else None,
            "source": source,
            "compliant_oop": float(self.rng.integers(40, 300) * 100) if bill else 0.0,
            "school_ok": True,
            "medical_ok": True,
            "dwelling_ok": repaired or kind.trigger != "dwelling",
            "water_ok": kind.trigger != "water",
            "risk_cleared": bool(kind.clearing),
            "clear_mode": mode if kind.clearing else None,
            "contact": "村干部",
            "phone": "13904160000",
        }

    def finish(self) -> None:
        """Put the added rows into the tables, and strike off who has died."""
        made = self.made

        def joined(name: str, rows: list[Row]) -> pd.DataFrame:
            return pd.concat([made[name], pd.DataFrame(rows)], ignore_index=True)

        made["visit"] = joined("visit", self.visits).sort_values(
            ["setl_time", "setl_id"], ignore_index=True
        )
        made["measure"] = joined("measure", self.measures).sort_values(
            ["started_on", "household_id", "measure_type"], ignore_index=True
        )
        made["monitoring"] = pd.DataFrame(self.watched).sort_values(
            ["household_id", "identified_on"], ignore_index=True
        )
        event = joined("event", self.events).sort_values(
            ["recorded_on", "household_id"], kind="stable", ignore_index=True
        )
        numbers = [f"SJ{i:07d}" for i in range(1, len(event) + 1)]
        made["event"] = event.assign(event_id=numbers)
        left = {
            e["household_id"]: e["recorded_on"]
            for e in self.events
            if e["kind"] == "natural_decrease"
        }
        for name in ("household", "member", "income", "living"):
            frame = made[name]
            day = pd.to_datetime(frame["snapshot"].astype(str) + "-09-30")
            gone = frame["household_id"].map(left) <= day
            made[name] = frame[~gone].reset_index(drop=True)


def _bill(
    rng: np.random.Generator,
    person: pd.Series,
    quarter_end: pd.Timestamp,
    amount: float,
) -> Row:
    """One stay admitted and settled within the quarter, of which the patient pays `amount`."""
    admitted = quarter_end - pd.Timedelta(days=int(rng.integers(45, 80)))
    fen, total = round(amount * 100), round(amount * 240)
    money = dict.fromkeys(NO_CHARGE, 0) | {
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
