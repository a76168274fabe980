"""Frames behind the exit chapter, against plain counts of the same tables."""

import pandas as pd
import pytest

from jinzhou import registry
from tests.snapshots import snapshot

DAY = "2018-09-30"


def test_exits_by_county_add_up_to_the_city(store):
    found = (
        registry.exits_by_county(snapshot(store, DAY))
        .groupby("year")[["persons", "villages"]]
        .sum()
    )
    assert found["persons"][found["persons"] > 0].to_dict() == registry.exited_persons(
        snapshot(store, DAY)
    )
    assert found["villages"][
        found["villages"] > 0
    ].to_dict() == registry.exited_villages(snapshot(store, DAY))


def test_the_fifteen_deep_villages_of_yixian(store):
    found = registry.village_needs(snapshot(store, DAY))
    assert (
        len(found) == 15
        and set(found["county"]) == {"210727"}
        and found[list(registry.VILLAGE_ITEMS)].notna().to_numpy().any()
    )
    whole = (
        registry.table(snapshot(store, DAY), "village")
        .query("snapshot == 2018")
        .set_index("area_code")
    )
    assert (
        found.set_index("area_code")["paved_road"]
        == whole["paved_road"].reindex(found["area_code"])
    ).all()


def test_measures_after_the_exit_by_hand(store):
    events, measures = (
        registry.table(snapshot(store, DAY), "event"),
        registry.table(snapshot(store, DAY), "measure"),
    )
    exits = (
        events[(events["kind"] == "exited") & events["person_id"].isna()]
        .groupby("household_id")["happened_on"]
        .max()
    )
    back = (
        events[(events["kind"] == "returned") & events["person_id"].isna()]
        .groupby("household_id")["happened_on"]
        .max()
        .reindex(exits.index)
    )
    day = exits + pd.DateOffset(months=12)
    followed = exits[(day <= DAY) & ~((back >= exits) & (back <= day))].index
    mine = measures[measures["household_id"].isin(followed)]
    at = mine["household_id"].map(day)
    held = mine[
        (mine["started_on"] <= at)
        & (mine["ended_on"].isna() | (mine["ended_on"] >= at))
    ]["household_id"].nunique()
    found = (
        registry.measures_after_exit(snapshot(store, DAY)).set_index("month").loc[12]
    )
    assert (found["households"], found["helped"]) == (len(followed), held)


def test_debt_incomes_cadres_and_reach(store):
    debts = registry.student_debt(snapshot(store, DAY))
    assert (
        len(debts)
        and (debts["debt"] > 0).all()
        and debts["household_id"].is_unique
        and set(debts.columns).isdisjoint({"name", "school", "person_id"})
    )
    assert (
        registry.student_debt(snapshot(store, DAY, county="210727"))["county"]
        .eq("210727")
        .all()
    )
    incomes = registry.village_incomes(snapshot(store, DAY))
    assert (
        len(incomes)
        == registry.table(snapshot(store, DAY), "village")
        .query("snapshot == 2018")["area_code"]
        .nunique()
    )
    assert len(registry.village_cadres(snapshot(store, DAY))) == len(
        registry.table(snapshot(store, DAY), "cadre")
    )
    reach = registry.department_reach(snapshot(store, DAY))
    assert (
        reach["projects"].sum()
        == registry.table(snapshot(store, DAY), "project")["started_on"].notna().sum()
        and (reach["linked"] <= reach["projects"]).all()
    )


def test_benefits_have_each_household_once_a_year(store):
    found = registry.benefits(snapshot(store, DAY))
    income = registry.table(snapshot(store, DAY), "income")
    assert len(found) == len(
        income.merge(
            registry.table(snapshot(store, DAY), "household")[
                ["household_id", "snapshot"]
            ]
        )
    )
    assert found["transfer"].sum() == income["transfer_income"].sum()


def test_income_from_industry_is_summed_over_the_households_that_have_every_part(store):
    rows = registry.industry_income(snapshot(store, "2018-09-30")).set_index("county")
    homes, income = (
        registry.table(snapshot(store, "2018-09-30"), name)
        for name in ("household", "income")
    )
    measure = registry.table(snapshot(store, "2018-09-30"), "measure")
    last = homes["snapshot"].max()
    mine = homes[
        (homes["snapshot"] == last)
        & homes["household_id"].isin(
            measure.loc[measure["measure_type"] == "industry", "household_id"]
        )
    ]
    mine = mine.merge(
        income[income["snapshot"] == last].drop(columns="county"),
        on="household_id",
        how="left",
    )
    yuan = mine["business_income"] - mine["business_expense"] + mine["asset_dividend"]
    whole = yuan.notna() & (mine["net_income"] > 0)
    county = rows.index[rows["households"].argmax()]
    here = mine["county"] == county
    assert (
        rows.at[county, "households"] == here.sum()
        and rows.at[county, "known"] == (here & whole).sum()
    )
    assert rows.at[county, "industry"] / rows.at[county, "net"] == pytest.approx(
        yuan[here & whole].sum() / mine.loc[here & whole, "net_income"].sum()
    )
    assert 0 < rows.at[county, "lasting"] < rows.at[county, "households"]
