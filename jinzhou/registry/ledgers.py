"""Frames that the measures ask for, each defined once as SQL over the store as known on a day."""

import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.reference.lines import POVERTY_ENDS
from jinzhou.reference.vocabulary import TABLES
from jinzhou.registry.relations import ask, of_county
from jinzhou.registry.snapshot import Snapshot


def table(snapshot: Snapshot, name: str) -> pd.DataFrame:
    """One table of the vocabulary as known on a day, without private columns.

    Raises
    ------
    ParameterError
        The table is not in the vocabulary.
    """
    if name not in TABLES:
        raise ParameterError("registry.tables.name", found=name, known=list(TABLES))
    return of_county(snapshot, snapshot.views.frame(f"select * from stored.{name}"))


REQUIRED = {
    "household": ("primary_cause", "helper_id"),
    "member": (
        "ethnicity",
        "relation_to_head",
        "health_status",
        "labour_capacity",
        "education",
    ),
    "income": ("net_income_pc",),
    "living": ("dwelling_grade", "safe_water"),
}
"""Fields that a file must fill, by table (R23; registry check list of 2017-18)."""


def required_fields(snapshot: Snapshot) -> dict[str, pd.Series]:
    """Values of each required field in the latest registry year, by field."""
    fields: dict[str, pd.Series] = {}
    for name, columns in REQUIRED.items():
        rows = of_county(
            snapshot,
            snapshot.views.frame(
                f"select county, {', '.join(columns)} from stored.{name}"
                f" where snapshot = (select max(snapshot) from stored.{name})"
            ),
        )
        fields |= {column: rows[column] for column in columns}
    return fields


def guarantees(snapshot: Snapshot, *, line: float) -> pd.DataFrame:
    """Two assurances and three guarantees of each registered household (R34).

    Returns
    -------
    DataFrame
        One row per household in the order of its number: place, `household_size`,
        `registration_status`, and 1, 0 or missing (unknown) in `income_ok` (net income per head at
        or above `line`: the registry's only word on food and clothing, a proxy), `school_ok` (no
        child of 6-15 out of school without a reason on file), `medical_ok` (everyone in a basic
        medical insurance), `dwelling_ok` (grade A or B, or repaired since it was appraised as
        unsafe), `water_ok`. One certain breach settles a household, a blank that could be one
        leaves it unknown.
    """
    return ask(snapshot, "ledgers/guarantees", line=line)


def exited_persons(snapshot: Snapshot) -> dict[int, int]:
    """Persons exited by the year of the record."""
    rows = ask(snapshot, "ledgers/exited_persons")
    return {int(y): int(n) for y, n in rows.groupby("year")["persons"].sum().items()}


def exited_villages(snapshot: Snapshot) -> dict[int, int]:
    """Poor villages that have left, by year of exit."""
    rows = ask(snapshot, "ledgers/exited_villages")
    return {int(y): int(n) for y, n in rows.groupby("year").size().items()}


def returned_illness(snapshot: Snapshot) -> pd.DataFrame:
    """Returns to poverty with the quarter of the record, `illness` and `persons`.

    After 2020 an entry into monitoring stands in the place of a return. `quarter` is of the record,
    so that a quarter's figure does not change later; `happened` of the event; `round` names the
    look-back that found it, empty for the ordinary course.
    """
    rows = ask(snapshot, "ledgers/returned_illness", poverty_ends=POVERTY_ENDS)
    for name, column in (("quarter", "recorded_on"), ("happened", "happened_on")):
        day = pd.to_datetime(rows[column])
        rows[name] = day.dt.year.astype(str) + "Q" + day.dt.quarter.astype(str)
    return rows


def last_visits(snapshot: Snapshot) -> pd.Series:
    """Day of the last home visit known, by household number."""
    rows = ask(snapshot, "ledgers/last_visits")
    return rows.set_index("household_id")["day"]


def income_history(snapshot: Snapshot) -> pd.DataFrame:
    """Incomes of the latest registry year with a year before, and the transfers around an exit.

    Returns
    -------
    DataFrame, one row per household
        `household_id`, `county`, `area_code`, the four parts, `net_income_pc`, `net_before`;
        `exit_year`, `aid` (transfers and dividends of the exit's income year), `aid_before`,
        `aid_after` (a year earlier and later; missing where a sheet is missing).
    """
    return ask(snapshot, "ledgers/income_history")


def visit_days(snapshot: Snapshot) -> pd.DataFrame:
    """Households visited by village and day in the year of `as_of`.

    `county`, `area_code`, `day`, `households`.
    """
    return ask(snapshot, "ledgers/visit_days")


def remeasured(snapshot: Snapshot) -> dict[str, list[float]]:
    """Incomes per head by who wrote them and about whom, for a test at the line.

    ``exited``: on the latest sheets of exited households, where a break is what the decision to
    exit makes; ``spot_check`` and ``home_visit``: measured again later, where a break is a doubt;
    ``poor``: sheets of those still poor, where a heap just under the line is (R66).
    """
    rows = ask(snapshot, "ledgers/remeasured")
    return {who: part["yuan"].dropna().tolist() for who, part in rows.groupby("who")}
