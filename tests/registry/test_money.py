"""Frames of money against the books' truth, and by hand."""

import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from jinzhou import registry
from jinzhou.chapters.funding.analysis.loans import microcredit
from jinzhou.chapters.funding.analysis.projects import project_progress, readiness
from jinzhou.chapters.funding.analysis.trace import trace_funds
from jinzhou.errors import ParameterError
from tests.snapshots import query, snapshot

DAY, SINCE = "2018-12-31", "2015-12-31"


@pytest.fixture(scope="module")
def truth(exports) -> pd.DataFrame:
    return pd.read_csv(exports / "truth" / "money_links.csv", dtype=str)


def test_every_yuan_is_somewhere(store):
    rows = registry.fund_trace(snapshot(store, DAY), since=SINCE)
    found = trace_funds(rows, target=0.95).rows
    parts = [
        "village",
        "traced",
        "fund",
        "project",
        "household",
        "measure",
        "helper",
        "result",
    ]
    np.testing.assert_allclose(found[parts].sum(axis=1), found["paid"], atol=0.01)
    paid = query(
        snapshot(store, "2018-12-31"),
        "select sum(paid_amount)::double as yuan from payment",
    )["yuan"].iloc[0]
    assert found.loc["all", "paid"] == pytest.approx(paid) and found.loc[
        "all", "status"
    ] in ("pass", "fail")


def test_links_that_the_books_lost_are_found(store, truth):
    broken = trace_funds(
        registry.fund_trace(snapshot(store, DAY), since=SINCE), target=0.95
    ).broken
    paid = registry.projects(snapshot(store, "2018-12-31")).set_index("project_id")[
        "paid"
    ]
    for link in ("household", "measure"):
        lost = set(truth.loc[truth["link"] == link, "project_id"])
        lost = {p for p in lost if paid.get(p, 0) > 0}
        named = set(broken.loc[broken["link"] == link, "project_id"])
        assert lost and lost <= named, (link, lost - named)
    lost = truth[truth["link"] == "measure"].groupby("project_id").size()
    found = (
        broken[broken["link"] == "measure"]
        .set_index("project_id")["households"]
        .reindex(lost.index)
        .dropna()
    )
    assert (found >= lost.reindex(found.index)).all() and (
        broken.loc[broken["link"] == "household", "households"].isna()
    ).all()
    # a project without households that is neither planted nor served no household is the books' own
    mine = truth.loc[truth["link"] == "household", "project_id"]
    rows = registry.projects(snapshot(store, "2018-12-31"))
    others = rows[
        (rows["linked_households"] == 0)
        & ~rows["village_wide"]
        & (rows["paid"] > 0)
        & ~rows["project_id"].isin(mine)
    ]
    assert set(others["project_id"]) == set(
        broken.loc[broken["link"] == "household", "project_id"]
    ) - set(mine)


def test_ready_projects_are_those_that_the_truth_calls_ready(store, truth):
    rows = registry.projects(snapshot(store, "2018-12-31"))
    ready = set(truth.loc[truth["link"] == "ready", "project_id"])
    assert (
        ready
        and set(rows.loc[rows["ready"] & (rows["plan_year"] == 2019), "project_id"])
        == ready
    )
    found = readiness(
        rows,
        year=2019,
        budget=pd.Series({"210727": 1.0, "210702": 0.0}),
        groups=["999999"],
    )
    assert found.rows.loc["all", "ready"] == len(ready) and len(
        found.gaps
    ) == found.rows.loc["all", "projects"] - len(ready)
    assert (
        found.rows.loc["210727", "status"] == "pass"
        and found.rows.loc["999999", "status"] == "no pool"
    )
    assert all(why for why in found.gaps["why"])


def test_stages_by_hand(store):
    rows = registry.projects(snapshot(store, "2018-09-30"))
    late = (
        rows["finished_on"].fillna(pd.Timestamp("2018-09-30")) - rows["planned_end"]
    ).dt.days.clip(lower=0)
    assert (rows["late_end"] == late).all()
    assert (
        rows["stage"]
        == np.select(
            [
                rows["accepted_on"].notna(),
                rows["finished_on"].notna(),
                rows["started_on"].notna(),
            ],
            ["accepted", "finished", "begun"],
            "pool",
        )
    ).all()
    # the rules of the registry review and the chapter see the same projects
    report = registry.check(snapshot(store, "2018-09-30"))
    flagged = set(
        report.failures.loc[report.failures["rule"] == "Q-fund-001d", "case_id"]
    )
    now = rows[rows["plan_year"] <= 2018]
    assert (
        set(
            now.loc[
                now["paid_unaccepted"].astype("boolean").fillna(False), "project_id"
            ]
        )
        == flagged
    )
    found = project_progress(rows, years=(2016, 2017, 2018), groups=["999999"])
    assert (
        found.stages.loc["999999", "status"] == "no project"
        and found.stages.loc["999999", "projects"] == 0
    )
    assert (
        found.stages.drop("all")[["projects", "begun", "late"]].sum()
        == found.stages.loc["all", ["projects", "begun", "late"]]
    ).all()


def test_a_project_without_households_is_listed_and_named(store):
    rows = registry.projects(snapshot(store, "2018-09-30"))
    bare = rows[
        (rows["linked_households"] == 0)
        & ~rows["village_wide"]
        & (rows["stage"] != "pool")
        & rows["plan_year"].between(2016, 2018)
    ]
    listed = project_progress(rows, years=(2016, 2017, 2018)).late.set_index(
        "project_id"
    )["why"]
    assert len(bare) and all("no households" in listed[p] for p in bare["project_id"])


def test_money_of_a_project_in_two_units_is_not_compared(store):
    rows = registry.projects(snapshot(store, "2018-09-30"))
    one = rows.index[rows["paid_unaccepted"].notna() & (rows["paid"] > 0)][0]
    changed = rows.assign(
        paid=rows["paid"].where(rows.index != one, rows["paid"] * 10_000),
        paid_unaccepted=rows["paid_unaccepted"].where(rows.index != one, True),
    )
    found = project_progress(changed, years=(2016, 2017, 2018))
    assert found.mixed == (rows.at[one, "project_id"],)
    assert rows.at[one, "project_id"] not in set(
        found.late.loc[
            ["paid without acceptance" in w for w in found.late["why"]], "project_id"
        ]
    )


def test_payments_without_an_allocation_or_a_project_are_broken_links(store, tmp_path):
    copy = tmp_path / "data" / "store"
    shutil.copytree(store, copy)
    file = next((copy / "payment").glob("*.parquet"))
    with duckdb.connect() as con:
        con.execute(f"""copy (select * replace (case when payment_id = 'ZF000001' then 'nowhere' else fund_id end as fund_id,
            case when payment_id = 'ZF000002' then 'nowhere' else project_id end as project_id) from read_parquet('{file}')) to '{file}.new' (format parquet)""")
    Path(f"{file}.new").replace(file)
    rows = registry.fund_trace(snapshot(copy, DAY), since=SINCE).set_index("payment_id")
    assert (
        rows.loc[["ZF000001", "ZF000002"], "reason"].tolist()
        == ["no_fund", "no_project"]
        and rows.loc[["ZF000001", "ZF000002"], "traced"].sum() == 0
    )
    found = trace_funds(rows.reset_index(), target=0.95)
    assert (
        found.rows.loc["all", "fund"] == rows.at["ZF000001", "yuan"]
        and found.rows.loc["unknown", "project"] == rows.at["ZF000002", "yuan"]
    )


def test_a_cohort_knows_nothing_that_came_later(store):
    early, late = (
        registry.cohort(snapshot(store, day), since="2015-12-31")
        for day in ("2017-12-31", "2018-12-31")
    )
    known = ["household_id", "persons", *registry.ALIKE]
    pd.testing.assert_frame_equal(early[known], late[known])
    assert (early["exited_on"].dropna() <= pd.Timestamp("2017-12-31")).all()
    with pytest.raises(ParameterError, match="2015-11-30"):
        registry.cohort(snapshot(store, "2018-09-30"), since="2015-11-30")
    nobody = registry.cohort(snapshot(store, "2018-09-30"), since="2010-12-31")
    assert not len(nobody) and not len(
        registry.exit_rounds(snapshot(store, "2018-09-30"), nobody, since="2010-12-31")
    )


def test_money_is_divided_among_those_helped(store):
    rows = registry.helped(snapshot(store, "2018-09-30"), days=["2017-09-30"])
    links = query(
        snapshot(store, "2018-09-30"),
        """
        with began as (select l.project_id, min(coalesce(m.started_on, p.started_on)) as first, max(coalesce(m.started_on, p.started_on)) as last
            from project_household l join project p using (project_id) left join measure m using (project_id, household_id) where p.project_type = 'industry' group by 1),
        paid as (select project_id, sum(paid_amount)::double as yuan from payment where paid_on > date '2016-09-30' and paid_on <= date '2017-09-30' group by 1)
        select coalesce(sum(yuan) filter (where first <= date '2017-09-30'), 0) as most, coalesce(sum(yuan) filter (where last <= date '2017-09-30'), 0) as least
        from began join paid using (project_id)""",
    ).iloc[0]
    spent = rows.loc[rows["project_type"] == "industry", "yuan"].sum()
    assert 0 < links["least"] <= spent + 0.01 and spent <= links["most"] + 0.01
    assert not rows.duplicated(["household_id", "day", "project_type"]).any()


def test_help_since_a_day_is_all_that_was_paid_up_to_the_last_day(store):
    rows = registry.helped(
        snapshot(store, "2018-12-31"),
        days=["2017-09-30", "2018-09-30"],
        since="2015-12-31",
    )
    last = rows[rows["day"] == "2018-09-30"]
    paid = query(
        snapshot(store, "2018-12-31"),
        """select sum(y.paid_amount)::double as yuan from payment y join project p using (project_id) where p.project_type = 'industry' and y.paid_on > date '2015-12-31'
        and y.paid_on <= date '2018-09-30' and p.project_id in (select project_id from project_household join measure using (project_id, household_id) where started_on <= date '2018-09-30')
        and p.project_id not in (select project_id from project_household join measure using (project_id, household_id) where started_on > date '2018-09-30')""",
    )["yuan"].iloc[0]
    spent = last.loc[last["project_type"] == "industry", "yuan"].sum()
    assert 0 < paid <= spent + 0.01
    both = rows.pivot_table(
        index=["household_id", "project_type"], columns="day", values="yuan"
    ).dropna()
    assert (
        len(both) and (both.iloc[:, 1] >= both.iloc[:, 0] - 0.01).all()
    )  # more projects, the same window
    assert set(last.loc[last["village_wide"], "project_type"]) == {"infrastructure"}


def test_income_gains_by_hand(store):
    poor = registry.cohort(snapshot(store, "2018-09-30"), since="2015-12-31")
    rows = registry.income_gains(
        snapshot(store, "2018-09-30"), poor, since="2015-12-31"
    )
    assert (
        rows["household_id"].tolist() == poor["household_id"].tolist()
        and set(rows["day"]) == {pd.Timestamp("2017-09-30")}
        and set(rows["until"]) == {pd.Timestamp("2018-09-30")}
    )
    income = registry.table(snapshot(store, "2018-12-31"), "income").set_index(
        ["household_id", "snapshot"]
    )["net_income_pc"]
    one = rows[rows["gain"].notna()].iloc[0]
    assert one["gain"] == pytest.approx(
        income[one["household_id"], 2018] - income[one["household_id"], 2015]
    )
    for lost in rows.loc[rows["gain"].isna(), "household_id"].head(20):
        assert not {2015, 2018} <= {
            year
            for year in (2015, 2018)
            if (lost, year) in income.index and 0 < income[lost, year] <= 100_000
        }
    year_before = registry.income_gains(
        snapshot(store, "2018-06-30"), poor, since="2015-12-31"
    )
    assert set(year_before["until"]) == {
        pd.Timestamp("2017-09-30")
    }  # the income of 2018 is not known yet
    early = registry.income_gains(
        snapshot(store, "2016-12-31"), poor, since="2015-12-31"
    )
    assert not len(early) and {"day", "until", "gain"} <= set(early.columns)


def test_township_years_by_hand(store):
    rows = registry.township_years(snapshot(store, "2018-09-30"))
    assert (
        rows["period"].unique().tolist() == ["2017-09-30", "2018-09-30"]
        and not rows.duplicated(["town", "period"]).any()
    )
    paid = query(
        snapshot(store, "2018-12-31"),
        "select sum(paid_amount)::double as yuan from payment y join project p using (project_id) where paid_on > date '2017-09-30' and paid_on <= date '2018-09-30' and p.town is not null",
    )
    assert rows.loc[rows["period"] == "2018-09-30", "paid"].sum() == pytest.approx(
        paid["yuan"].iloc[0]
    )
    poor = query(
        snapshot(store, "2018-12-31"),
        "select sum(household_size)::double as n from household where snapshot = 2016 and registration_status in ('poor', 'returned', 'planned_exit')",
    )["n"].iloc[0]
    assert (
        rows.loc[rows["period"] == "2017-09-30", "poor"].sum() == poor
    )  # every township was paid something
    gone = query(
        snapshot(store, "2018-12-31"),
        "select sum(persons)::double as n from event where kind = 'exited' and person_id is null and recorded_on > date '2017-09-30' and recorded_on <= date '2018-09-30'",
    )
    assert rows.loc[rows["period"] == "2018-09-30", "exits"].sum() == gone["n"].iloc[0]
    assert registry.township_years(snapshot(store, "2016-09-30"))[
        "period"
    ].unique().tolist() == ["2016-09-30"]  # no payment is known from the year before
    assert set(
        registry.township_years(snapshot(store, "2018-09-30", county="210727"))[
            "county"
        ]
    ) == {"210727"}


def test_an_income_that_cannot_be_one_is_left_out(store, tmp_path):
    copy = shutil.copytree(store, tmp_path / "store")
    poor = registry.cohort(snapshot(store, "2018-09-30"), since="2015-12-31")
    one, other = poor["household_id"].iloc[:2]
    con = duckdb.connect()  # its own: the module's is shared with whatever ran before
    for file in (copy / "income").glob("*.parquet"):
        con.execute(f"""copy (select * replace (case when household_id = '{one}' then 0 when household_id = '{other}' then 41000000 else net_income_pc end as net_income_pc)
            from read_parquet('{file}')) to '{file}.new' (format parquet)""")
        Path(f"{file}.new").replace(file)
    rows = registry.income_gains(
        snapshot(copy, "2018-09-30"), poor, since="2015-12-31"
    ).set_index("household_id")
    assert (
        rows.loc[[one, other], ["income_before", "income_after", "gain"]]
        .isna()
        .all(axis=None)
    )


def test_loans_by_hand(store):
    rows, people = (
        registry.loans(snapshot(store, "2018-09-30")),
        registry.borrowers(snapshot(store, "2018-09-30")),
    )
    found = microcredit(rows, people, as_of="2018-09-30", reported=1_000.0)
    year = rows[rows["disbursed_on"].dt.year == 2018]
    assert (
        found.counties.loc["all", "lent"] == year["contract_amount"].sum()
        and found.difference == year["contract_amount"].sum() - 1_000
    )
    assert (rows.loc[rows["due_on"] > "2018-09-30", "overdue"] == 0).all()
    due = rows[
        (rows["balance"] > 0)
        & (rows["due_on"] > "2018-09-30")
        & (rows["due_on"] <= "2019-03-31")
    ]
    assert found.counties.loc["all", "due_next"] == due["balance"].sum()
    assert (found.counties["with_loan"] <= found.counties["eligible"]).all()
    nobody = microcredit(rows.iloc[:0], people, as_of="2018-09-30")
    assert (
        (nobody.counties["status"] == "no loan").all()
        and np.isnan(nobody.concentration)
        and nobody.counties["overdue_rate"].isna().all()
    )


def test_help_paid_is_of_the_last_closed_year_and_loses_no_yuan(store):
    rows = registry.help_paid(snapshot(store, "2018-09-30"))
    assert (
        set(rows["year"]) == {2017}
        and (rows["yuan"] > 0).all()
        and rows["household_id"].dropna().is_unique
    )
    paid = query(
        snapshot(store, "2018-09-30"),
        """select sum(y.paid_amount)::double as yuan from payment y join project p using (project_id)
        where year(y.paid_on) = 2017 and p.project_type not in ('infrastructure', 'administration')""",
    )["yuan"].iloc[0]
    assert rows["yuan"].sum() == pytest.approx(paid)
    assert (
        0 < rows.loc[rows["household_id"].isna(), "yuan"].sum() < paid
    )  # paid before the household's measure begins
    assert set(registry.help_paid(snapshot(store, "2018-12-31"))["year"]) == {2018}
    county = rows["county"].dropna().iloc[0]
    assert registry.help_paid(snapshot(store, "2018-09-30", county=county))[
        "yuan"
    ].sum() == pytest.approx(rows.loc[rows["county"] == county, "yuan"].sum())


def test_a_day_that_is_none_is_named(store):
    with pytest.raises(ParameterError, match="'abc'"):
        registry.exits(snapshot(store, "2018-09-30"), since="abc")
