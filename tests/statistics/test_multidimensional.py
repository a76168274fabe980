"""Alkire-Foster: the paper's example, cut-offs at fractions, unknown answers, parts of the whole, the registry's guarantees."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from jinzhou import registry
from jinzhou.errors import ParameterError
from jinzhou.statistics.multidimensional import multidimensional
from jinzhou.statistics.survey import SurveyDesign
from tests.snapshots import snapshot

GUARANTEES = dict.fromkeys(
    ("income_ok", "school_ok", "medical_ok", "dwelling_ok", "water_ok"), 1
)


PERSONS = pd.DataFrame(
    {
        "income": [13.1, 15.2, 12.5, 20],
        "schooling": [14, 7, 10, 11],
        "health": [4, 5, 1, 3],
        "access": [1, 0, 0, 1],
        "place": list("aabb"),
    }
)
CUTOFFS = {"income": 13, "schooling": 12, "health": 3, "access": 1}


def values(found, group="all") -> pd.Series:
    return found.estimates.set_index(["group", "measure"])["value"].loc[group]


def test_the_worked_example_of_alkire_and_foster_2011():
    found = values(multidimensional(PERSONS, cutoffs=CUTOFFS, k=0.5, depth=True))
    gaps = np.array([5 / 12, 1, 0.5 / 13, 2 / 12, 2 / 3, 1])
    assert found[
        ["headcount", "intensity", "m0", "m1", "m2"]
    ].tolist() == pytest.approx(
        [1 / 2, 3 / 4, 3 / 8, gaps.sum() / 16, (gaps**2).sum() / 16], abs=1e-15
    )
    assert found["m1"] == pytest.approx(0.205529, abs=5e-7) and found[
        "m2"
    ] == pytest.approx(0.165457, abs=5e-7)
    # censored headcounts 1/4 1/2 1/4 1/2; each over 4 x M0
    assert [found[f"contribution {d}"] for d in CUTOFFS] == pytest.approx(
        [1 / 6, 1 / 3, 1 / 6, 1 / 3]
    )
    assert found["deprived schooling"] == 0.75 and found["censored schooling"] == 0.5


def test_union_and_intersection_are_the_ends():
    assert (
        values(multidimensional(PERSONS, cutoffs=CUTOFFS, k=0.25))["headcount"] == 0.75
    )
    found = values(multidimensional(PERSONS, cutoffs=CUTOFFS, k=1))
    assert (found["headcount"], found["intensity"], found["m0"]) == (0.25, 1.0, 0.25)


@pytest.mark.parametrize("k", [Fraction(1, 3), 1 / 3, 0.3333, 2 / 6])
def test_a_third_means_a_third(k):
    """Six dimensions of a sixth: two of them are a third, whatever floating point makes of the sum."""
    no = np.array([[1, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]])
    frame = pd.DataFrame(1 - no, columns=list("abcdef"))
    assert values(
        multidimensional(
            frame,
            cutoffs=dict.fromkeys("abcdef", 1),
            k=k,
            dimension_weights=dict.fromkeys("abcdef", 1 / 6),
        )
    )["headcount"] == pytest.approx(1 / 3)
    # three ninths of unlike weights: 1/18 x 3 + 1/6 = 1/3
    weights = dict(a=1 / 6, b=1 / 6, c=1 / 18, d=1 / 18, e=1 / 18, f=1 / 2)
    mixed = pd.DataFrame(
        [[0, 1, 0, 0, 0, 1], [1, 1, 0, 0, 0, 1]], columns=list("abcdef")
    )
    assert (
        values(
            multidimensional(
                mixed,
                cutoffs=dict.fromkeys("abcdef", 1),
                k=k,
                dimension_weights=weights,
            )
        )["headcount"]
        == 0.5
    )


def test_unknown_is_unknown():
    frame = pd.DataFrame(
        {"a": [1, 0, 0, 1.0], "b": [1, 0, np.nan, np.nan], "c": [1, 1, 1, 0.0]}
    )
    found = multidimensional(frame, cutoffs=dict.fromkeys("abc", 1), k=2 / 3)
    rows = values(found)
    assert found.dropped.to_dict() == {"b unknown": 2} and rows["headcount"] == 0.5
    assert found.estimates.set_index("measure").loc[
        "headcount", "households"
    ] + found.dropped.sum() == len(frame)
    # of all four, one is poor for certain, and three could be
    assert (rows["headcount_least"], rows["headcount_most"]) == (0.25, 0.75)


def test_groups_make_up_the_whole_and_dimensions_their_group():
    found = multidimensional(PERSONS, cutoffs=CUTOFFS, k=0.25, by="place")
    a, b = values(found, "a"), values(found, "b")
    whole = values(multidimensional(PERSONS, cutoffs=CUTOFFS, k=0.25))
    assert a["size"] * a["m0"] + b["size"] * b["m0"] == pytest.approx(
        whole["m0"]
    ) and a["contribution"] + b["contribution"] == pytest.approx(1)
    assert a["contribution"] == pytest.approx(a["size"] * a["m0"] / whole["m0"])
    for group in (a, b):
        assert sum(group[f"contribution {d}"] for d in CUTOFFS) == pytest.approx(
            1
        ) and group["m0"] == pytest.approx(group["headcount"] * group["intensity"])


def test_nobody_poor_is_zero_and_says_why_there_is_no_intensity():
    found = multidimensional(
        PERSONS.assign(access=1, schooling=12, health=3, income=13),
        cutoffs=CUTOFFS,
        k=0.25,
    ).estimates.set_index("measure")
    assert (found.loc["headcount", "value"], found.loc["m0", "value"]) == (
        0,
        0,
    ) and found.loc["headcount", "ci_high"] > 0
    assert (
        found.loc["intensity", "status"]
        == found.loc["contribution income", "status"]
        == "none poor"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"k": 0},
        {"k": 1.2},
        {"cutoffs": {}},
        {"dimension_weights": {"income": 1}},
        {"dimension_weights": dict.fromkeys(CUTOFFS, 0)},
        {"cutoffs": {"wealth": 1}},
    ],
)
def test_multidimensional_lists_what_it_accepts(wrong):
    with pytest.raises(ParameterError):
        multidimensional(PERSONS, **({"cutoffs": CUTOFFS, "k": 0.5} | wrong))


def test_the_registry_gives_five_answers_and_leaves_blanks_unknown(store):
    rows = registry.guarantees(snapshot(store, "2018-09-30"), line=2_995)
    answers = rows[list(GUARANTEES)]
    assert rows["household_id"].is_unique and set(
        np.unique(answers.stack().dropna())
    ) == {0.0, 1.0}
    incomes = (
        registry.table(snapshot(store, "2018-09-30"), "income")
        .query("snapshot == 2018")
        .set_index("household_id")["net_income_pc"]
        .reindex(rows["household_id"])
        .to_numpy()
    )
    assert (answers["income_ok"].isna() == np.isnan(incomes)).all() and (
        (answers["income_ok"] == 1) == (incomes >= 2_995)
    ).all()
    members = registry.table(snapshot(store, "2018-09-30"), "member").query(
        "snapshot == 2018 and change_kind != 'natural_decrease'"
    )
    without = members[
        (members["has_resident_insurance"] == False)
        & (members["has_employee_insurance"] != True)
    ]["household_id"]  # noqa: E712
    assert (
        set(rows.loc[answers["medical_ok"] == 0, "household_id"])
        == set(without) & set(rows["household_id"])
        != set()
    )
    found = multidimensional(
        rows,
        cutoffs=GUARANTEES,
        k=0.2,
        by="county",
        design=SurveyDesign(
            weights="household_size", strata="county", clusters="area_code"
        ),
    )
    known = answers.notna().all(axis=1)
    poor = (answers[known] < 1).any(axis=1)
    whole = np.average(poor, weights=rows.loc[known, "household_size"])
    sizes = found.estimates.query("measure == 'headcount'")
    assert (
        np.average(sizes["value"], weights=sizes["weight"]) == pytest.approx(whole)
        and found.dropped.sum() == (~known).sum()
    )
    assert registry.guarantees(
        snapshot(store, "2018-09-30", county="210727"), line=2_995
    )["county"].unique().tolist() == ["210727"]
