"""Frames behind the exit chapter, against plain counts of the same tables."""

import pandas as pd
import pytest

from jinzhou import registry

DAY = "2018-09-30"


def test_exits_by_county_add_up_to_the_city(store):
    found = (
        registry.exits_by_county(store, as_of=DAY)
        .groupby("year")[["persons", "villages"]]
        .sum()
    )
    assert found["persons"][found["persons"] > 0].to_dict() == registry.exited_persons(
        store, as_of=DAY
    )
    assert found["villages"][
        found["villages"] > 0
    ].to_dict() == registry.exited_villages(store, as_of=DAY)


def test_the_fifteen_deep_villages_of_yixian(store):
    found = registry.village_needs(store, as_of=DAY)
    assert (
        len(found) == 15
        and set(found["county"]) == {"210727"}
        and found[list(registry.VILLAGE_ITEMS)].notna().to_numpy().any()
    )
    whole = (
        registry.table(store, "village", as_of=DAY)
        .query("snapshot == 2018")
        .set_index("area_code")
    )
    assert (
        found.set_index("area_code")["paved_road"]
        == whole["paved_road"].reindex(found["area_code"])
    ).all()


def test_measures_after_the_exit_by_hand(store):
    events, measures = (
        registry.table(store, "event", as_of=DAY),
        registry.table(store, "measure", as_of=DAY),
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
    found = registry.measures_after_exit(store, as_of=DAY).set_index("month").loc[12]
    assert (found["households"], found["helped"]) == (len(followed), held)


def test_debt_incomes_cadres_and_reach(store):
    debts = registry.student_debt(store, as_of=DAY)
    assert (
        len(debts)
        and (debts["debt"] > 0).all()
        and debts["household_id"].is_unique
        and set(debts.columns).isdisjoint({"name", "school", "person_id"})
    )
    assert (
        registry.student_debt(store, as_of=DAY, county="210727")["county"]
        .eq("210727")
        .all()
    )
    incomes = registry.village_incomes(store, as_of=DAY)
    assert (
        len(incomes)
        == registry.table(store, "village", as_of=DAY)
        .query("snapshot == 2018")["area_code"]
        .nunique()
    )
    assert len(registry.village_cadres(store, as_of=DAY)) == len(
        registry.table(store, "cadre", as_of=DAY)
    )
    reach = registry.department_reach(store, as_of=DAY)
    assert (
        reach["projects"].sum()
        == registry.table(store, "project", as_of=DAY)["started_on"].notna().sum()
        and (reach["linked"] <= reach["projects"]).all()
    )


def test_benefits_have_each_household_once_a_year(store):
    found = registry.benefits(store, as_of=DAY)
    income = registry.table(store, "income", as_of=DAY)
    assert len(found) == len(
        income.merge(
            registry.table(store, "household", as_of=DAY)[["household_id", "snapshot"]]
        )
    )
    assert found["transfer"].sum() == income["transfer_income"].sum()


def test_income_from_industry_is_summed_over_the_households_that_have_every_part(store):
    rows = registry.industry_income(store, as_of="2018-09-30").set_index("county")
    homes, income = (
        registry.table(store, name, as_of="2018-09-30")
        for name in ("household", "income")
    )
    measure = registry.table(store, "measure", as_of="2018-09-30")
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
