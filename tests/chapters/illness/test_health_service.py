"""Six ones, three batches, screening and clinics: complete, missing, unknown."""

import pandas as pd
from numpy.testing import assert_allclose

from jinzhou.chapters.illness.analysis.health_service import (
    SIX,
    clinics,
    health_services,
    screening,
)


def person(
    number: int,
    *,
    batch=None,
    own=0.0,
    serious=False,
    chronic=True,
    listed=True,
    lacks=(),
    county="a",
) -> dict:
    return {
        "person_id": f"p{number}",
        "household_id": f"h{number}",
        "county": county,
        "area_code": f"v{number % 3}",
        "town": "t",
        "village": "v",
        "serious": serious,
        "chronic": chronic,
        "listed": listed,
        "batch": batch,
        "own_yuan": own,
    } | {s: listed and s not in lacks for s in SIX}


ILL = pd.DataFrame(
    [
        person(1, batch="chronic_contracted"),
        person(2, batch="chronic_contracted", lacks=("contract", "checkup")),
        person(3, batch="safety_net", serious=True, own=3_000.01),
        person(
            4, serious=True, chronic=False, own=3_000.0, lacks=("checkup",), county="b"
        ),
        person(5, listed=False, county="b"),
    ]
)


def test_all_six_is_what_each_of_the_six_has():
    found = health_services(ILL, line=3_000)
    every = found.services[found.services["group"] == "all"].set_index("service")
    assert (
        every.loc["all_six", ["ill", "have"]].tolist() == [4, 2]
        and every.at["checkup", "have"] == 2
        and every.at["health_card", "have"] == 4
    )
    assert found.unlisted == 1  # unknown, so in no share
    parts = (
        found.services[found.services["group"] != "all"]
        .groupby("service")[["ill", "have"]]
        .sum()
    )
    assert (parts == every[["ill", "have"]].loc[parts.index]).all().all()


def test_everybody_who_lacks_something_is_listed_with_what():
    missing = health_services(ILL, line=3_000).missing.set_index("person_id")
    assert missing["lacks"].to_dict() == {
        "p2": "contract,checkup",
        "p4": "checkup",
        "p5": ",".join(SIX),
    }
    assert missing["batch_lacks"].to_dict() == {
        "p2": "chronic_contracted",
        "p4": "serious_illness_treated",
        "p5": "chronic_contracted",
    }


def test_who_needs_the_safety_net_paid_more_than_the_line():
    batches = health_services(ILL, line=3_000).batches
    every = batches[batches["group"] == "all"].set_index("batch")[["needed", "reached"]]
    assert every.loc["safety_net"].tolist() == [1, 1]  # 3,000 is not above 3,000
    assert every.loc["serious_illness_treated"].tolist() == [
        2,
        1,
    ]  # the safety net carries a serious illness too
    assert every.loc["chronic_contracted"].tolist() == [3, 2]


def test_without_a_ledger_nothing_is_determined():
    found = health_services(ILL.assign(listed=False), line=3_000)
    assert (
        found.status == "not determined"
        and not len(found.services)
        and not len(found.missing)
    )


def test_screened_and_care_add_up():
    people = pd.DataFrame(
        {
            "county": list("aab"),
            "area_code": list("xyz"),
            "screened": [True, False, True],
            "care": ["inpatient", "none", "outpatient"],
        }
    )
    found = screening(people)
    assert found.loc[
        "all", ["rows", "hits", "inpatient", "outpatient", "none"]
    ].tolist() == [3, 2, 1, 1, 1]


def test_a_blank_clinic_is_unknown_not_absent():
    villages = pd.DataFrame(
        {"county": list("aaab"), "clinic": [1, 1, 0, None], "doctors": [2, 0, 1, 1]}
    ).astype({"clinic": float, "doctors": float})
    found = clinics(villages)
    assert found.loc["all", ["villages", "clinic", "doctor", "unknown"]].tolist() == [
        4,
        2,
        1,
        1,
    ]
    assert_allclose(found.at["a", "share"], 1 / 3)
    assert pd.isna(found.at["b", "share"])


def test_services_say_themselves_in_words():
    found = health_services(ILL, line=3_000)
    assert "2 of 4" in found.summary("en") and "2人六项齐全" in found.summary("zh")
    assert "健康卡" in found._repr_html_() and "health_card" not in found._repr_html_()
    none = health_services(ILL.assign(listed=False), line=3_000)
    assert "未能判定" in none.summary("zh")
