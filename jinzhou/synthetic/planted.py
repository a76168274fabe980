"""What the indicators of the exit chapter are in the synthetic registry, counted from its frames.

Written apart from the package's own SQL: the tests compare the two.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.synthetic.history import given

BUILDERS = 12
"""Builders of the rebuilding programme (chosen); the last one leaves most of the defects."""
CARELESS = "施工队12"
CARELESS_SHARE, OTHERS_SHARE = 0.6, 0.06
"""Share of the defective, and of the sound dwellings begun, that the careless builder built
(chosen)."""
SIX = (
    "health_card_on",
    "health_record_on",
    "designated_hospital",
    "family_doctor_team",
    "contract_signed_on",
    "checkup_on",
)
DAY = pd.Timestamp("2018-09-30")
YEAR = 2018
POOR = ["poor", "planned_exit", "returned"]
UNSAFE = ["C", "D", "none"]


def with_builders(housing: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The ledger with the builder of every dwelling begun."""
    n = len(housing)
    names = np.array([f"施工队{i:02d}" for i in range(1, BUILDERS)])
    builder = names[rng.integers(0, BUILDERS - 1, n)]
    share = np.where(housing["defect"].notna(), CARELESS_SHARE, OTHERS_SHARE)
    builder = np.where(rng.random(n) < share, CARELESS, builder)
    return housing.assign(builder=given(housing["started_on"].notna(), builder))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counted:
    """Rows that an indicator counts: whether each is met (or unknown), and its county."""

    met: pd.Series
    counted: pd.Series
    county: pd.Series


def indicator_truth(
    tables: dict[str, pd.DataFrame], county_of: pd.Series
) -> pd.DataFrame:
    """Met and counted of indicators on 30 September 2018, by county, from the exported frames.

    Parameters
    ----------
    tables : dict of DataFrame
        As exported, with the planted errors.
    county_of : Series
        County of each household.

    Returns
    -------
    DataFrame
        `indicator`, `county`, `met`, `counted`, `unknown`.
    """
    home = _of_year(tables["household"], "household_id").set_index("household_id")
    people = _people(tables["member"], home)
    indicators = (
        _of_persons(tables["health_service"], home, people, county_of)
        | _of_households(tables, home, county_of)
        | _of_villages(tables["village"], home, county_of)
        | _of_graduates(tables["graduate"], people, county_of)
    )
    rows = []
    for name in ORDER:
        one = indicators[name]
        frame = pd.DataFrame(
            {
                "county": one.county.fillna("unknown"),
                "met": one.met.astype("boolean"),
                "counted": one.counted,
            }
        ).query("counted")
        for county, part in frame.groupby("county"):
            met, unknown = int(part["met"].sum()), int(part["met"].isna().sum())
            rows.append((name, county, met, len(part), unknown))
    return pd.DataFrame(
        rows, columns=["indicator", "county", "met", "counted", "unknown"]
    )


ORDER = (
    "poor_persons",
    "safe_housing",
    "schooling_on_file",
    "chronic_contracted",
    "serious_treated",
    "six_ones",
    "paved_road",
    "culture_centre",
    "grade_d_cleared",
    "has_helper",
    "graduates_employed",
)


def _of_year(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    return frame[frame["snapshot"] == YEAR].drop_duplicates(key)


def _people(member: pd.DataFrame, home: pd.DataFrame) -> pd.DataFrame:
    """Registered persons, with age and what is written of their health."""
    people = _of_year(member, "person_id")
    here = people["change_kind"].isna() | (people["change_kind"] != "natural_decrease")
    people = people[people["household_id"].isin(home.index) & here]
    born = pd.to_datetime(people["birth_date"])
    month, day = born.dt.month, born.dt.day
    not_yet = (month > 9) | (month == 9) & (day > 30)

    def has(kind: str) -> pd.Series:
        return people["health_status"].map(
            lambda codes: isinstance(codes, tuple | list) and kind in codes
        )

    return people.assign(
        age=YEAR - born.dt.year - not_yet.astype(int),
        chronic=has("chronic"),
        serious=has("serious"),
    )


def _of_persons(
    services: pd.DataFrame,
    home: pd.DataFrame,
    people: pd.DataFrame,
    county_of: pd.Series,
) -> dict[str, Counted]:
    """Persons: poverty, schooling, contracts, treatment and the six services."""
    service = services.drop_duplicates("person_id").set_index("person_id")
    service = service.reindex(people["person_id"]).set_axis(people.index)
    listed = people["person_id"].isin(services["person_id"])
    county = people["household_id"].map(county_of)
    poor = people["household_id"].map(home["registration_status"]).isin(POOR)
    school = people["school_status"]
    outside = ["not_in_school", "preschool_age"]
    at_school = school.notna() & ~school.isin(outside)
    on_file = at_school | people["out_of_school_reason"].notna()
    known = on_file | school.notna()
    filed = pd.Series(given(known, on_file), people.index, dtype=object)
    signed = pd.to_datetime(service["contract_signed_on"]) <= DAY
    treated = service["batch"].isin(["serious_illness_treated", "safety_net"])
    has = [
        pd.to_datetime(service[c]) <= DAY if c.endswith("_on") else service[c].notna()
        for c in SIX
    ]
    six = pd.concat(has, axis=1).all(axis=1)
    chronic, serious = people["chronic"], people["serious"]
    everyone = pd.Series(True, people.index)
    return {
        name: Counted(met=met, counted=counted, county=county)
        for name, met, counted in (
            ("poor_persons", poor, everyone),
            ("schooling_on_file", filed, people["age"].between(6, 15)),
            ("chronic_contracted", signed.where(listed), chronic),
            ("serious_treated", treated.where(listed), serious),
            ("six_ones", six.where(listed), chronic | serious),
        )
    }


def _of_households(
    tables: dict[str, pd.DataFrame], home: pd.DataFrame, county_of: pd.Series
) -> dict[str, Counted]:
    """Households: safe dwellings, grade D cleared, and a helper."""
    ledger, living = tables["housing"], _of_year(tables["living"], "household_id")
    grade = living.set_index("household_id")["dwelling_grade"].reindex(home.index)
    county = pd.Series(home.index.map(county_of), home.index)
    registered = home["registration_status"].notna()
    safe_grade = grade.map({"A": True, "B": True} | dict.fromkeys(UNSAFE, False))
    now = ledger["appraised_on"] <= DAY
    accepted, completed = (
        ledger[c].where(ledger[c] <= DAY) for c in ("accepted_on", "completed_on")
    )

    def latest(day: pd.Series) -> pd.Series:
        return day.groupby(ledger["household_id"]).max()

    passed = latest(accepted.where((ledger["acceptance"] == "pass") & now))
    unsafe = latest(ledger["appraised_on"].where(ledger["grade"].isin(UNSAFE) & now))
    repaired = (passed >= unsafe).reindex(home.index, fill_value=False)
    safe = pd.Series(np.where(repaired, True, safe_grade), home.index, dtype=object)
    worst = ledger.loc[now & (ledger["grade"] == "D"), "household_id"]
    of_d = ledger[now & ledger["household_id"].isin(worst)]
    done = completed.loc[of_d.index].notna()
    cleared = done.groupby(of_d["household_id"]).any()
    at = pd.Series(cleared.index.map(county_of), cleared.index)
    return {
        "safe_housing": Counted(met=safe, counted=registered, county=county),
        "has_helper": Counted(
            met=home["helper_id"].notna(), counted=registered, county=county
        ),
        "grade_d_cleared": Counted(
            met=cleared, counted=pd.Series(True, cleared.index), county=at
        ),
    }


def _of_villages(
    villages: pd.DataFrame, home: pd.DataFrame, county_of: pd.Series
) -> dict[str, Counted]:
    village = _of_year(villages, "area_code")
    codes = county_of.reindex(home.index)
    county = village["county_name"].map(
        dict(zip(home["county_name"], codes, strict=True))
    )
    rooms, every = village["culture_rooms"], village["area_code"].notna()
    culture = (rooms.astype(float) > 0).where(rooms.notna())
    return {
        "paved_road": Counted(met=village["paved_road"], counted=every, county=county),
        "culture_centre": Counted(met=culture, counted=every, county=county),
    }


def _of_graduates(
    graduates: pd.DataFrame, people: pd.DataFrame, county_of: pd.Series
) -> dict[str, Counted]:
    graduate = graduates.drop_duplicates("person_id")
    past = graduate["graduated_on"] <= DAY
    state = graduate["job_state"]
    graduate = graduate[past & state.isin(["employed", "unemployed"])]
    out_of_work = graduate["job_state"] == "unemployed"
    in_work = graduate["employed_on"] <= DAY
    known = given(out_of_work | in_work, ~out_of_work)
    home = people.set_index("person_id")["household_id"]
    return {
        "graduates_employed": Counted(
            met=pd.Series(known, graduate.index, dtype=object),
            counted=graduate["job_state"].notna(),
            county=graduate["person_id"].map(home).map(county_of),
        )
    }
