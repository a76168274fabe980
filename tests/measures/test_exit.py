"""The exit card, the targets and the housing list: strictness, vetoes, and the unknown."""

import pandas as pd
import pytest

from jinzhou import measures
from jinzhou.errors import ParameterError

GOOD = {name: {"done": 100, "all": 100, "unknown": 0} for name in ("housing", "education", "health", "road", "culture")}
FEW = {"poor": 100, "population": 100_000, "exited": 1_000, "checked_exited": 500, "wrong_exits": 0, "unregistered": 98_900, "checked_unregistered": 2_000, "missed": 0}


def status(**changes):
    return measures.exit_card(GOOD | changes, incidence=FEW).rows.set_index("indicator")["status"]


def test_all_six_pass():
    found = measures.exit_card(GOOD, incidence=FEW)
    assert set(found.rows["status"]) == {"pass"} and found.status == "pass"


@pytest.mark.parametrize(("done", "expected"), [(98, "pass"), (97, "fail")])
def test_not_below_includes_the_number(done, expected):
    assert status(housing={"done": done, "all": 100, "unknown": 0})["housing"] == expected


def test_one_road_missing_fails_and_one_veto_is_enough():
    found = measures.exit_card(GOOD | {"road": {"done": 99, "all": 100, "unknown": 0}}, incidence=FEW)
    assert found.status == "fail" and found.rows.set_index("indicator").loc["road", "rest"] == 1


def test_unknown_is_never_a_pass():
    assert status(road={"done": 99, "all": 100, "unknown": 1})["road"] == "unknown"
    assert status(road={"done": 98, "all": 100, "unknown": 1})["road"] == "fail"
    assert status(housing={"done": 98, "all": 100, "unknown": 1})["housing"] == "pass"
    found = measures.exit_card({k: v for k, v in GOOD.items() if k != "health"}, incidence=FEW)
    assert found.status == "unknown" and found.rows.set_index("indicator").loc["health", "missing"] == "no data"


def test_incidence_below_is_strict_and_its_upper_bound_decides():
    def incidence(**changes):
        return measures.exit_card(GOOD, incidence=FEW | changes).rows.iloc[0]

    assert incidence()["status"] == "pass"
    assert incidence(poor=2_000)["status"] == "fail"            # 2 % is not below 2 %
    assert incidence(checked_unregistered=100)["status"] == "unknown"   # the upper bound is above
    assert incidence(checked_exited=0)["status"] == "unknown"
    assert incidence(missed=100)["status"] == "fail"


def test_exit_progress_against_a_straight_path():
    found = measures.exit_progress({2018: 50, 2019: 0}, targets={2018: 100, 2019: 10}, as_of="2018-06-30").rows
    assert found["status"].tolist() == ["on path", "not begun"] and found["due"].iloc[0] == pytest.approx(181 / 365)
    late = measures.exit_progress({}, targets={2018: 365}, as_of="2018-12-31").rows.iloc[0]
    assert (late["behind"], late["status"]) == (365, "behind")
    with pytest.raises(ParameterError):
        measures.exit_progress({}, targets={2018: 0}, as_of="2018-12-31")


def test_lots_are_matched_by_household():
    housing = pd.DataFrame({
        "household_id": ["1", "2", "2", "3"], "county": "a", "funding_batch": ["batch_950", "batch_950", "batch_938", "lookback"], "grade": ["D", "C", "C", "D"],
        "started_on": pd.to_datetime(["2018-05-01", None, "2018-08-20", None]), "completed_on": pd.to_datetime(["2018-07-01", None, None, None]),
        "accepted_on": pd.to_datetime([None] * 4), "occupied_on": pd.to_datetime([None] * 4)})
    found = measures.housing_clearance(housing, official={"batch_950": 2, "batch_938": 2})
    assert (found.overlap, found.union) == (1, 2)
    assert found.batches.set_index("batch")["difference"].dropna().to_dict() == {"batch_938": -1, "batch_950": 0}
    assert found.funnel.loc["all", ["listed", "started", "completed", "rest_d"]].tolist() == [3, 2, 1, 1]
    assert found.rest["household_id"].tolist() == ["3"]
