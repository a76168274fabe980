"""Frames behind the exit chapter that no share can show.

Villages, debts, benefits, measures after the exit, departments.
"""

import pandas as pd

from jinzhou.registry.relations import ask
from jinzhou.registry.snapshot import Snapshot

VILLAGE_ITEMS = (
    "paved_road",
    "bus",
    "clinic",
    "doctors",
    "culture_rooms",
    "safe_water",
    "safe_dwellings",
    "collective_income",
)
"""What a village should have; each is yes, no or unknown (R07, R08, R14, R43, R64)."""


def village_needs(snapshot: Snapshot) -> pd.DataFrame:
    """Deep-poor villages that have not left, with what each has (R14).

    Returns
    -------
    DataFrame
        `county`, `town`, `village`, `area_code`, `persons` (still poor), and each of
        `VILLAGE_ITEMS` as a boolean, missing when unknown.
    """
    return ask(snapshot, "readiness/village_needs")


def village_incomes(snapshot: Snapshot) -> pd.DataFrame:
    """Collective income of every village in the latest registry year and the year before.

    `county`, `area_code`, `yuan`, `yuan_before` (R64).
    """
    return ask(snapshot, "readiness/village_incomes")


def village_cadres(snapshot: Snapshot) -> pd.DataFrame:
    """Resident cadres with their village's share of poor persons now and a year before.

    `county`, `days`, `share`, `share_before` (R65).
    """
    return ask(snapshot, "readiness/village_cadres")


def exits_by_county(snapshot: Snapshot) -> pd.DataFrame:
    """Persons exited by the year of the record and poor villages that have left by year of exit.

    `county`, `year`, `persons`, `villages` (R11).
    """
    rows = ask(snapshot, "readiness/exits_by_county")
    return rows.groupby(["county", "year"], as_index=False)[
        ["persons", "villages"]
    ].sum()


def benefits(snapshot: Snapshot) -> pd.DataFrame:
    """Income and what is paid to each household, by registry year (R66).

    Returns
    -------
    DataFrame
        `county`, `snapshot`, `poor`, `persons`, `net_income_pc`, `transfer_pc` (dibao, tekun and
        other transfers, without pension), `transfer`, `net_income`, `measures_pc` (paid by measures
        begun in the income year), all yuan.
    """
    return ask(snapshot, "readiness/benefits")


def measures_after_exit(snapshot: Snapshot, *, months: int = 36) -> pd.DataFrame:
    """Share of exited households with a measure under way, by whole months since the exit (R74).

    Returns
    -------
    DataFrame
        `month` (0 to `months`), `households` (whose exit is that long past), `helped`. Households
        that returned later are followed until they did.
    """
    return (
        ask(snapshot, "readiness/measures_after_exit", months=int(months))
        .groupby("month", as_index=False)[["households", "helped"]]
        .sum()
    )


def department_reach(snapshot: Snapshot) -> pd.DataFrame:
    """Projects begun by department, and those that carry a registered household (R70).

    `department`, `projects`, `linked`, `households`.
    """
    rows = ask(snapshot, "readiness/department_reach")
    return rows.groupby("department", as_index=False)[
        ["projects", "linked", "households"]
    ].sum()


def industry_income(snapshot: Snapshot) -> pd.DataFrame:
    """Income from industry of households with an industry measure, by county (R59).

    Returns
    -------
    DataFrame
        `county`, `households`, `lasting` (dividends in two years or more), `known` (every part
        of the income is filled and the net income is above 0), `industry` (yuan: business
        income less its costs, and dividends) and `net` (yuan: net income) of the known.
    """
    return ask(snapshot, "readiness/industry_income")


def student_debt(snapshot: Snapshot) -> pd.DataFrame:
    """Registered households whose graduates owe a student loan (R63), for a restricted list.

    Returns
    -------
    DataFrame
        `household_id`, `county`, `town`, `village`, `graduates`, `unemployed`, `debt`, `net_income`
        (yuan), `ratio` (debt over net income, missing when the income is unknown or not above 0).
    """
    return ask(snapshot, "readiness/student_debt")
