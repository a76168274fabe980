"""The same city after 2020: nobody is registered as poor, and three groups are monitored.

The tables of the earlier registry are moved five years on. Every household that was registered has
exited by 2020, the rest are ordinary rural households, and no rule of monitoring names anyone. Then
cases are planted, one household each, whose every condition is known: entries, clearings, early
clearings, households that nobody entered, and households that cannot be judged.
"""

import re

import numpy as np
import pandas as pd

from jinzhou.reference.lines import poverty_lines
from jinzhou.reference.vocabulary import TABLES, Column, Table
from jinzhou.synthetic import cases
from jinzhou.synthetic.cases import FIRST_YEAR, LAST_YEAR, close, persons_of
from jinzhou.synthetic.people import id_numbers

SHIFT = 5
"""Years by which the earlier registry is moved on."""
DATA_END = f"{LAST_YEAR}-12-31"
BIRTHS = 1826
"""Days by which births are moved: a fixed number, so that no two persons get the same number."""
ORDINARY = 0.12
"""Share of households that were never registered as poor (chosen)."""
PRICES = 3.2
"""Incomes and wages of 2023 over those of 2018 (chosen; one in fifteen would be below the line)."""
ABOVE = 1.12
"""Incomes that nothing is planted into are at least this multiple of the highest line (chosen)."""
WORST_YEAR = 0.75
"""And fall no lower in a year than to this share (chosen)."""
OWN_PAYMENT = 1_000.0
"""Most that a patient pays of one bill, where nothing is planted (chosen)."""
NO_LONGER = ("duty", "disclosure")
"""Tables of 2018 that an office of 2023 does not keep: duties of the hundred days, postings."""
RENAMED = {
    "县农委": "县农业农村局",
    "县卫计局": "县卫生健康局",
    "建档立卡贫困人口": "脱贫人口",
}


def after_2020(
    rng: np.random.Generator, tables: dict[str, pd.DataFrame], risk: pd.Series
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """The tables of the monitoring period, and the truth of every planted case.

    Parameters
    ----------
    rng : Generator
    tables : dict of DataFrame
        True tables of the earlier registry (no planted errors).
    risk : Series, by household number
        How likely each household is to be in need: planted cases are drawn in proportion.

    Returns
    -------
    tables : dict of DataFrame
    truth : DataFrame, one row per planted case
        `household_id`, `scenario`, `group` (of the rules), `trigger`, `first_fired` (last day of
        the first quarter in which the trigger shows), `identified_on`, `recorded_on`, `found_on`,
        `measured_on`, `cleared_on`, `fails`, `unknown` (conditions, joined by ``;``).
    """
    made = {
        name: _moved(TABLES[name], frame)
        for name, frame in tables.items()
        if name not in NO_LONGER
    }
    ordinary = _end_of_poverty(rng, made)
    made |= _other_tables(made)
    _calm(made)
    return made, cases.plant(rng, made, ordinary, risk)


MOVED_YEARS = ("snapshot", "plan_year", "year")
KEPT_DAYS = ("first_identified_on", "person_identified_on")
NUMBERS = ("id_number", "head_id_number", "certno", "borrower_id")
DATED_TEXTS = ("project_id", "list_id", "check_id", "allocation_doc")
DEARER = ("income", "measure", "home_visit", "spot_check")
"""Tables whose money follows prices."""


def _moved(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """A table five years on; registry years before the monitoring period are left out."""
    columns = [c for c in table.columns if c.name in frame]
    frame = frame.assign(**{c.name: _later(table, c, frame[c.name]) for c in columns})
    if "snapshot" not in frame:
        return frame
    return frame[frame["snapshot"] >= FIRST_YEAR].reset_index(drop=True)


def _later(table: Table, column: Column, values: pd.Series) -> pd.Series:
    """A column five years on."""
    name, kind = column.name, column.kind
    if name == "birth_date":
        return pd.to_datetime(values) + pd.Timedelta(days=BIRTHS)
    if kind in ("date", "month", "due") and name not in KEPT_DAYS:
        return pd.to_datetime(values) + pd.DateOffset(years=SHIFT)
    if name in MOVED_YEARS:
        return values + SHIFT
    if name in NUMBERS:
        known = values.dropna().unique()
        return values.map(dict(zip(known, _later_numbers(known), strict=True)))
    if name in DATED_TEXTS:
        return values.map(_later_text, na_action="ignore")
    if kind == "text":
        return values.replace(RENAMED)
    if kind == "money" and table.name in DEARER or name == "work_monthly_income":
        return (values * PRICES).round(2)
    return values


def _later_text(text: str) -> str:
    return re.sub(r"20\d\d", lambda year: str(int(year[0]) + SHIFT), text)


def _later_numbers(numbers: np.ndarray) -> list[str]:
    """Identity numbers of the same people, born later: birth date and check character change."""
    text = pd.Series(numbers, dtype=object)
    born = pd.to_datetime(text.str[6:14], format="%Y%m%d") + pd.Timedelta(days=BIRTHS)
    dates = born.dt.strftime("%Y%m%d").to_numpy(dtype=str)
    later = id_numbers(dates, text.str[14:17].astype(int).to_numpy())
    return [new + old[18:] for new, old in zip(later, numbers, strict=True)]


def _end_of_poverty(
    rng: np.random.Generator, made: dict[str, pd.DataFrame]
) -> np.ndarray:
    """Everyone registered has exited by 2020; a share of households never was: their numbers."""
    household = made["household"]
    last = (
        household.sort_values("snapshot")
        .drop_duplicates("household_id", keep="last")
        .set_index("household_id")
    )
    first = household.groupby("household_id")["snapshot"].min()
    new = first.index[first > FIRST_YEAR]  # not on the list when poverty ended
    rest = first.index.difference(new)
    more = max(1, round(ORDINARY * len(first)) - len(new))
    drawn = rng.choice(rest.to_numpy(), more, replace=False)
    ordinary = np.concatenate([new.to_numpy(), drawn])
    never = household["household_id"].isin(ordinary)
    exited = last["registration_status"] == "exited"
    year = (pd.to_numeric(last["exit_year"]) + 1).where(exited, FIRST_YEAR)
    year = household["household_id"].map(year.clip(upper=FIRST_YEAR)).astype(object)
    status = pd.Series("exited", index=household.index, dtype=object)
    household["registration_status"] = status.mask(never, None)
    household["exit_year"] = year.mask(never, None)
    household["household_type"] = np.where(never, "ordinary", "exited")
    for column in (
        "primary_cause",
        "first_identified_on",
        "identification_standard",
        "household_category",
    ):
        household[column] = household[column].mask(never, None)
    return ordinary


def _other_tables(made: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Tables that follow from the end of poverty: events, villages, checks, visits, dwellings."""
    event, village, visit = (made[n] for n in ("event", "village", "home_visit"))
    kept = event["kind"].isin(["member_added", "natural_increase", "natural_decrease"])
    check = made["spot_check"]
    check = check[check["sample_frame"] != "poor"]
    calm = {
        "wrongly_exited": "income_wrong",
        "wrongly_identified": "income_wrong",
        "missed": "consistent",
    }
    found = [tuple(calm.get(x, x) for x in codes) for codes in check["found"]]
    return {
        "event": event[kept].assign(source_round=None).reset_index(drop=True),
        "village": village.assign(
            exited=village["is_poor_village"],
            exit_year=village["exit_year"].clip(upper=FIRST_YEAR),
            poor_households=0,
            poor_persons=0,
            culture_rooms=village["culture_rooms"].fillna(1),
        ),
        "spot_check": check.assign(found=found).reset_index(drop=True),
        "home_visit": visit.assign(
            result=visit["result"].replace("returned", "at_risk")
        ),
        "housing": made["housing"].assign(funding_batch="other"),
    }


def _calm(made: dict[str, pd.DataFrame]) -> None:
    """Let no rule of monitoring name anyone.

    Homes are safe, members insured, bills small, and incomes above every line.
    """
    living, member = made["living"], made["member"]
    living["dwelling_grade"] = living["dwelling_grade"].replace({"C": "B", "D": "B"})
    living["unsafe_dwelling"], living["safe_water"] = False, True
    member["has_resident_insurance"] = ~member["has_employee_insurance"].astype(bool)
    member["has_catastrophic_insurance"] = True
    worst = _small_bills(made["visit"])
    _same_transfers(made)
    _raise_incomes(made["income"], persons_of(made), worst)


def _small_bills(visit: pd.DataFrame) -> pd.Series:
    """Cap what a patient pays; the most that each household paid in four quarters."""
    paid = visit["psn_part_amt"]
    over = (paid - OWN_PAYMENT).clip(lower=0).round(2)
    share = 1 - over / paid.where(paid > 0, 1)
    for column, sign in (("psn_part_amt", -1), ("oth_pay", 1), ("fund_pay_sumamt", 1)):
        visit[column] = (visit[column] + sign * over).round(2)
    visit["acct_pay"] = (visit["acct_pay"] * share).round(2)
    visit["psn_cash_pay"] = (visit["psn_part_amt"] - visit["acct_pay"]).round(2)
    quarter = visit["admitted_on"].dt.year * 4 + visit["admitted_on"].dt.quarter
    by = [visit["psn_no"].str[:-2], quarter]
    bills = visit["psn_part_amt"].groupby(by).sum().unstack(fill_value=0.0)
    quarters = range(int(quarter.min()), int(quarter.max()) + 1)
    bills = bills.reindex(columns=quarters, fill_value=0.0)
    return bills.T.rolling(4, min_periods=1).sum().T.max(axis=1)


def _same_transfers(made: dict[str, pd.DataFrame]) -> None:
    """The ledger of measures has one amount for all years, so transfers stay from year to year."""
    income, measure = made["income"], made["measure"]
    of_home = income.sort_values("snapshot").groupby("household_id")
    paid = of_home[["dibao_payment", "other_transfer"]].last()
    for column in paid:
        income[column] = income["household_id"].map(paid[column])
    other = measure["household_id"].map(paid["other_transfer"])
    measure["amount_yuan"] = measure["amount_yuan"].mask(
        measure["measure_type"] == "education", other.where(other > 0)
    )


def _raise_incomes(income: pd.DataFrame, persons: pd.Series, worst: pd.Series) -> None:
    """Lift incomes above every line and bill, and above a share of the year before."""
    close(income, income.index, persons)
    top = max(poverty_lines(series="monitoring", synthetic=True).values())
    bill = income["household_id"].map(worst).fillna(0) / persons
    floor = ABOVE * top + bill
    last: dict[str, float] = {}
    for _, rows in income.groupby("snapshot"):
        before = rows["household_id"].map(last).fillna(0)
        wanted = np.maximum(floor[rows.index], WORST_YEAR * before).round(2)
        _raise(income, rows.index, wanted, persons)
        now = income.loc[rows.index, "net_income_pc"]
        last |= dict(zip(rows["household_id"], now, strict=True))
    close(income, income.index, persons)


def _raise(
    income: pd.DataFrame, rows: pd.Index, wanted: pd.Series, persons: pd.Series
) -> None:
    """Raise incomes per head to at least `wanted` by business income (a sixth of it expense)."""
    short = (wanted - income.loc[rows, "net_income_pc"]).clip(lower=0)
    more = (short * persons[rows]).round(2)
    income.loc[rows, "business_expense"] += (more * 0.2).round(2)
    income.loc[rows, "business_income"] += more + (more * 0.2).round(2)
    per_head = income.loc[rows, "net_income_pc"]
    income.loc[rows, "net_income_pc"] = np.maximum(per_head, wanted)
