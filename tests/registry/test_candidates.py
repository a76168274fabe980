"""Omitted, split and unsupported: what the lists show, against the truth of the synthetic registry."""

import pandas as pd
import pytest

from jinzhou import registry
from tests.snapshots import snapshot

BEFORE = "2018-06-30"
"""The day before the look-back found the omitted members."""


@pytest.fixture(scope="module")
def truth(exports):
    def read(name):
        return pd.read_csv(exports / "truth" / f"{name}.csv", dtype=str)

    return read


def test_omitted_members_are_found_before_the_lookback(store, truth):
    """Of the members that the look-back was to find, and of the candidates, how many are right."""
    omitted = truth("omitted_members")
    con = registry.open_store(store).connect()
    registered = con.execute(
        "select household_id from household where snapshot = 2017"
    ).df()["household_id"]
    omitted = omitted[
        omitted["household_id"].isin(registered)
    ]  # a household that nobody has registered omits nobody yet
    added = (
        con.execute(
            "select person_id, household_id, birth_date from member where snapshot = 2018"
        )
        .df()
        .set_index("person_id")
    )
    con.close()
    found = registry.omitted_members(snapshot(store, BEFORE))
    keys = set(
        zip(
            omitted["household_id"],
            pd.to_datetime(
                added["birth_date"].reindex(omitted["person_id"]).to_numpy()
            ),
        )
    )
    rows = found.merge(
        pd.DataFrame(keys, columns=["household_id", "birth"])
        .groupby("household_id")
        .size()
        .rename("true"),
        on="household_id",
        how="left",
    )
    strong = rows[rows["strength"] == "strong"]
    recall_all = omitted["household_id"].isin(rows["household_id"]).mean()
    recall = omitted["household_id"].isin(strong["household_id"]).mean()
    precision = strong["true"].notna().mean()
    print(
        f"omitted members: recall {recall:.2f} strong, {recall_all:.2f} with weak; precision {precision:.2f} strong, {rows['true'].notna().mean():.2f} with weak"
    )
    assert recall_all >= 0.95 and recall >= 0.75 and precision >= 0.75


def test_members_that_the_lookback_added_are_candidates_no_more(store, truth):
    after = registry.omitted_members(snapshot(store, "2018-09-30"))
    strong = after[
        (after["strength"] == "strong")
        & after["household_id"].isin(truth("omitted_members")["household_id"])
    ]
    assert len(strong) <= 0.1 * len(truth("omitted_members"))


def test_people_who_left_the_record_are_weak(store):
    found = registry.omitted_members(snapshot(store, BEFORE))
    assert (found.loc[found["was_on_record"].notna(), "strength"] == "weak").all()


def test_split_members_are_those_with_a_family_of_their_own(store, truth):
    found = registry.split_members(snapshot(store, "2018-09-30"))
    split = set(truth("split_members")["person_id"])
    assert len(found) and found["person_id"].isin(split).mean() >= 0.9
    assert found["person_id"].isin(split).sum() >= 0.8 * len(
        split
    )  # the rest have no readable number, or their head has none
    assert (found["age"] >= 18).all()


def test_unsupported_parents_are_old_and_alone(store):
    found = registry.unsupported_parents(snapshot(store, "2018-09-30"))
    con = registry.open_store(store).connect()
    youngest = (
        con.execute("""select household_id, min(date_sub('year', birth_date, date '2018-09-30')) as age from member
        where snapshot = 2018 group by household_id""")
        .df()
        .set_index("household_id")["age"]
    )
    con.close()
    assert (
        len(found)
        and (youngest[found["household_id"]] >= 60).all()
        and (found["children"] >= 1).all()
    )


def test_unregistered_households_stand_on_a_list_and_in_no_year(tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "户.csv").write_text(
        "年度,县(市、区、旗),户编号,户主姓名,家庭人口数,脱贫属性\n2018,义县,2107270000001,甲,2,未脱贫\n",
        encoding="utf-8",
    )
    (folder / "抽查.csv").write_text(
        "抽查编号,户编号,抽样框,层,检查日期,发现问题,核实收入\nC1,2107270000001,脱贫户,义县,2018-09-01,漏评,2000\n"
        "C1,2107279000001,非建档立卡户,义县,2018-09-01,漏评,2100\nC1,2107279000002,非建档立卡户,义县,2018-09-01,一致,9000\n",
        encoding="utf-8",
    )
    (folder / "危房.csv").write_text(
        "户编号,鉴定日期,等级,四类重点对象,资金批次\n2107279000003,2018-06-01,D,低保,其他\n2107279000004,2018-06-01,A,低保,其他\n",
        encoding="utf-8",
    )
    registry.load(folder, tmp_path / "store")
    found = registry.unregistered_households(snapshot(tmp_path / "store", "2018-09-30"))
    assert dict(zip(found["household_id"], found["list"])) == {
        "2107279000001": "spot_check",
        "2107279000003": "housing",
    }


def test_one_county_alone(store):
    whole = registry.omitted_members(snapshot(store, BEFORE))
    part = registry.omitted_members(snapshot(store, BEFORE, county="210727"))
    assert len(part) == (whole["county"] == "210727").sum() and 0 < len(part) < len(
        whole
    )


def test_without_a_list_there_are_no_candidates(store, tmp_path):
    import shutil

    shutil.copytree(store, tmp_path / "store")
    shutil.rmtree(tmp_path / "store" / "roster")
    assert len(registry.omitted_members(snapshot(tmp_path / "store", BEFORE))) == 0
