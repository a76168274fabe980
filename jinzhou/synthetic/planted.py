"""What the indicators of the exit chapter are in the synthetic registry, counted from its frames; and who built what."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jinzhou.synthetic.history import given

BUILDERS = 12
"""Builders of the rebuilding programme (chosen); the last one leaves most of the defects."""
CARELESS = "施工队12"
CARELESS_SHARE, OTHERS_SHARE = 0.6, 0.06
"""Share of the defective, and of the sound dwellings begun, that the careless builder built (chosen)."""
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


def with_builders(housing: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The ledger with the builder of every dwelling begun."""
    names = np.array([f"施工队{i:02d}" for i in range(1, BUILDERS)])[
        rng.integers(0, BUILDERS - 1, len(housing))
    ]
    careless = rng.random(len(housing)) < np.where(
        housing["defect"].notna(), CARELESS_SHARE, OTHERS_SHARE
    )
    return housing.assign(
        builder=np.where(
            housing["started_on"].isna(), None, np.where(careless, CARELESS, names)
        )
    )


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
    home = (
        tables["household"]
        .query("snapshot == @YEAR")
        .drop_duplicates("household_id")
        .set_index("household_id")
    )
    people = tables["member"].query("snapshot == @YEAR").drop_duplicates("person_id")
    people = people[
        people["household_id"].isin(home.index)
        & (people["change_kind"].isna() | (people["change_kind"] != "natural_decrease"))
    ]
    born = pd.to_datetime(people["birth_date"])
    age = (
        YEAR
        - born.dt.year
        - ((born.dt.month > 9) | (born.dt.month == 9) & (born.dt.day > 30)).astype(int)
    )
    held = people["health_status"].map(
        lambda codes: (
            set(codes) if isinstance(codes, (tuple, list)) and len(codes) else None
        )
    )
    chronic, serious = (
        held.map(lambda c, k=k: c is not None and k in c)
        for k in ("chronic", "serious")
    )
    service = (
        tables["health_service"]
        .drop_duplicates("person_id")
        .set_index("person_id")
        .reindex(people["person_id"])
    )
    service.index = people.index
    listed = people["person_id"].isin(tables["health_service"]["person_id"])
    registered = home["registration_status"].notna()
    dwelling = (
        tables["living"]
        .query("snapshot == @YEAR")
        .drop_duplicates("household_id")
        .set_index("household_id")
        .reindex(home.index)
    )
    ledger = tables["housing"]
    known = {
        c: ledger[c].where(ledger[c] <= DAY)
        for c in ("started_on", "completed_on", "accepted_on")
    }
    now = ledger["appraised_on"] <= DAY
    passed = (
        known["accepted_on"]
        .where((ledger["acceptance"] == "pass") & now)
        .groupby(ledger["household_id"])
        .max()
    )
    unsafe = (
        ledger["appraised_on"]
        .where(ledger["grade"].isin(["C", "D", "none"]) & now)
        .groupby(ledger["household_id"])
        .max()
    )
    repaired = (passed >= unsafe).reindex(home.index, fill_value=False)
    safe = pd.Series(
        np.where(
            repaired,
            True,
            dwelling["dwelling_grade"].map(
                {"A": True, "B": True, "C": False, "D": False, "none": False}
            ),
        ),
        home.index,
        dtype=object,
    )
    of_d = ledger[
        now
        & ledger["household_id"].isin(
            ledger.loc[now & (ledger["grade"] == "D"), "household_id"]
        )
    ]
    cleared = (
        known["completed_on"]
        .loc[of_d.index]
        .notna()
        .groupby(of_d["household_id"])
        .any()
    )
    schooling = people["school_status"]
    at_school = schooling.notna() & ~schooling.isin(["not_in_school", "preschool_age"])
    filed = pd.Series(
        np.where(
            at_school | people["out_of_school_reason"].notna(),
            True,
            np.where(schooling.isna(), None, False),
        ),
        people.index,
        dtype=object,
    )
    village = tables["village"].query("snapshot == @YEAR").drop_duplicates("area_code")
    county_name = dict(zip(home["county_name"], county_of.reindex(home.index)))
    place, home_place = (
        people["household_id"].map(county_of),
        pd.Series(home.index.map(county_of), home.index),
    )
    village_place = village["county_name"].map(county_name)
    six = pd.concat(
        [
            service[c].notna()
            if not c.endswith("_on")
            else pd.to_datetime(service[c]) <= DAY
            for c in SIX
        ],
        axis=1,
    ).all(axis=1)
    signed = pd.to_datetime(service["contract_signed_on"]) <= DAY
    poor = (
        people["household_id"]
        .map(home["registration_status"])
        .isin(["poor", "planned_exit", "returned"])
    )
    graduate = tables["graduate"].drop_duplicates("person_id")
    graduate = graduate[
        (graduate["graduated_on"] <= DAY)
        & graduate["job_state"].isin(["employed", "unemployed"])
    ]
    employed = pd.Series(
        np.where(
            graduate["job_state"] == "unemployed",
            False,
            given(graduate["employed_on"] <= DAY, True),
        ),
        graduate.index,
        dtype=object,
    )
    graduate_place = (
        graduate["person_id"]
        .map(people.set_index("person_id")["household_id"])
        .map(county_of)
    )
    rows = []
    for name, met, counted, where in (
        ("poor_persons", poor, poor | True, place),
        ("safe_housing", safe, registered, home_place),
        ("schooling_on_file", filed, age.between(6, 15), place),
        ("chronic_contracted", signed.where(listed), chronic, place),
        (
            "serious_treated",
            service["batch"]
            .isin(["serious_illness_treated", "safety_net"])
            .where(listed),
            serious,
            place,
        ),
        ("six_ones", six.where(listed), chronic | serious, place),
        (
            "paved_road",
            village["paved_road"],
            village["area_code"].notna(),
            village_place,
        ),
        (
            "culture_centre",
            (village["culture_rooms"].astype(float) > 0).where(
                village["culture_rooms"].notna()
            ),
            village["area_code"].notna(),
            village_place,
        ),
        (
            "grade_d_cleared",
            cleared,
            cleared | True,
            pd.Series(cleared.index.map(county_of), cleared.index),
        ),
        ("has_helper", home["helper_id"].notna(), registered, home_place),
        ("graduates_employed", employed, graduate["job_state"].notna(), graduate_place),
    ):
        frame = pd.DataFrame(
            {
                "county": where.fillna("unknown"),
                "met": met.astype("boolean"),
                "counted": counted,
            }
        ).query("counted")
        for county, part in frame.groupby("county"):
            rows.append(
                (
                    name,
                    county,
                    int(part["met"].sum()),
                    len(part),
                    int(part["met"].isna().sum()),
                )
            )
    return pd.DataFrame(
        rows, columns=["indicator", "county", "met", "counted", "unknown"]
    )
