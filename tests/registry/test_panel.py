"""The panel: one row per household and quarter, nothing from after its quarter, labels closed."""

import shutil

import duckdb
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from jinzhou import registry
from jinzhou.chapters.illness.analysis.checks import checked_bills
from jinzhou.errors import ParameterError, RegistryError
from tests.snapshots import snapshot

AS_OF = "2018-09-30"


def test_one_row_per_household_and_quarter(panel):
    assert not panel.duplicated(["household_id", "quarter"]).any()
    assert panel["quarter_end"].max() == pd.Timestamp(AS_OF)
    keys = panel[["household_id", "quarter"]]
    pd.testing.assert_frame_equal(
        keys, keys.sort_values(["household_id", "quarter"], ignore_index=True)
    )


def test_features_of_a_quarter_do_not_change_when_later_records_arrive(store, panel):
    earlier = registry.panel(snapshot(store, "2017-12-31"))
    same = panel[panel["quarter"] <= earlier["quarter"].max()].reset_index(drop=True)
    features = [
        c
        for c in panel
        if not c.startswith(("returned_", "left_", "next_", "already_"))
    ]
    pd.testing.assert_frame_equal(earlier[features], same[features])


def test_label_is_known_only_when_its_window_has_closed(panel):
    last = panel["quarter"].max()
    assert panel.loc[panel["quarter"] == last, "returned_1"].isna().all()
    assert panel.loc[panel["quarter"] > last - 4, "returned_4"].isna().all()
    open_rows = panel[(panel["quarter"] <= last - 4) & panel["at_risk"]]
    assert open_rows["returned_4"].notna().mean() > 0.95
    assert 0 < open_rows["returned_4"].mean() < 0.2


def test_label_counts_events_in_the_window_only(panel):
    rows = panel[panel["returned_4"] == 1]
    ends = rows["quarter"].map(lambda n: registry.quarter_end(int(n) + 4))
    assert (rows["next_return_on"] > rows["quarter_end"]).all() and (
        rows["next_return_on"] <= ends
    ).all()
    assert (rows["next_return_recorded_on"] <= pd.Timestamp(AS_OF)).all()


def test_households_not_at_risk_have_no_label(panel):
    assert (
        panel.loc[~panel["at_risk"], ["returned_1", "returned_4"]].isna().all(axis=None)
    )


def test_outcomes_as_known_earlier_never_use_later_records(panel):
    early = "2017-12-31"
    labels = registry.outcomes(panel, as_of=[early, AS_OF], horizon_quarters=4)
    closed = panel["quarter"].map(
        lambda n: registry.quarter_end(int(n) + 4)
    ) <= pd.Timestamp(early)
    assert labels.loc[~closed, early].isna().all()
    known = labels[early] == 1
    assert (panel.loc[known, "next_return_recorded_on"] <= pd.Timestamp(early)).all()
    np.testing.assert_array_equal(labels[AS_OF], panel["returned_4"])


def test_incomes_use_the_line_that_is_asked_for(store, panel):
    other = registry.panel(snapshot(store, AS_OF, line_series="registry"))
    last = panel["quarter"].max()
    assert set(panel.loc[panel["quarter"] == last, "line"]) == {2995.0}
    assert set(other.loc[other["quarter"] == last, "line"]) == {3535.0}


@pytest.mark.parametrize("text", ["2018", "2018Q5", "18Q3", "Q3", ""])
def test_misspelt_quarter_is_named(text):
    with pytest.raises(ParameterError, match="2018Q3"):
        registry.quarter_number(text)


def test_quarters_count_from_text_to_day():
    assert registry.quarter_text(registry.quarter_number("2018q3")) == "2018Q3"
    assert registry.quarter_end("2018Q1") == pd.Timestamp("2018-03-31")


def test_date_before_all_data_is_refused(store):
    with pytest.raises(RegistryError, match="没有任何户信息"):
        registry.panel(snapshot(store, "2009-12-31"))
    with pytest.raises(ParameterError, match="2018-09-30"):
        registry.panel(snapshot(store, "last autumn"))


def test_quarter_without_data_names_the_quarters_there_are(store):
    with pytest.raises(ParameterError, match="没有数据.*2018Q"):
        registry.require_quarter(registry.open_store(store), "2031Q1")


def test_unknown_county_lists_the_known_ones(store):
    with pytest.raises(ParameterError, match="210727 义县"):
        registry.require_quarter(registry.open_store(store), "2018Q3", county="110101")


def test_rows_at_risk_are_those_of_the_whole_panel(store, panel):
    found = registry.panel(snapshot(store, "2018-09-30"), at_risk=True)
    assert_frame_equal(found, panel[panel["at_risk"]].reset_index(drop=True))


def test_quarters_of_a_year_that_was_not_delivered_are_named(store):
    with pytest.raises(
        RegistryError, match="属于 2022 年度，数据库只有 2014 至 2018 年度"
    ):
        registry.panel(
            snapshot(store, "2023-06-30", line_series="nbs"),
            since="2023-01-01",
            need_line=False,
        )


def test_a_county_that_is_not_there_names_those_that_are(store):
    with pytest.raises(
        ParameterError, match="县区代码为 '999999'；数据中有：.*210727 义县"
    ):
        registry.panel(snapshot(store, AS_OF, county="999999"))


def test_nobody_at_risk_is_an_empty_panel(store, tmp_path):
    folder = shutil.copytree(store, tmp_path / "store")
    con = duckdb.connect()
    for path in [*folder.glob("household/*.parquet"), *folder.glob("event/*.parquet")]:
        column = "registration_status" if path.parent.name == "household" else "kind"
        con.execute(
            f"copy (select * replace (case when {column} = 'exited' then null else {column} end as {column}) from read_parquet('{path}')) to '{path}.new' (format parquet)"
        )
        path.with_name(path.name + ".new").replace(path)
    empty = registry.panel(snapshot(folder, AS_OF), at_risk=True)
    assert len(empty) == 0 and {"returned_1", "left_4"} <= set(empty.columns)


def test_a_settlement_that_comes_twice_and_an_impossible_amount_are_paid_by_nobody(
    store, tmp_path
):
    folder = shutil.copytree(store, tmp_path / "store")
    (path,) = folder.glob("visit/*.parquet")
    con = duckdb.connect()
    again = f"select * replace ('~' || setl_id as setl_id) from read_parquet('{path}')"  # the same stays under other numbers
    negative = f"select * replace ('~~' || setl_id as setl_id, -psn_part_amt as psn_part_amt, -medfee_sumamt as medfee_sumamt) from read_parquet('{path}')"
    con.execute(
        f"copy (select * from read_parquet('{path}') union all {again} union all {negative}) to '{path}.new' (format parquet)"
    )
    path.with_name(path.name + ".new").replace(path)
    since = "2018-06-30"
    assert registry.panel(snapshot(store, AS_OF), since=since)["oop_year"].sum() > 0
    pd.testing.assert_frame_equal(
        registry.panel(snapshot(folder, AS_OF), since=since),
        registry.panel(snapshot(store, AS_OF), since=since),
    )
    for read in (registry.yearly_bills, registry.ill_persons):
        pd.testing.assert_frame_equal(
            read(snapshot(folder, AS_OF)), read(snapshot(store, AS_OF))
        )


def test_usable_bills_are_those_that_the_check_of_bills_keeps(store, tmp_path):
    """SQL sums the payments of households, `checked_bills` tells of the stays what was left out: both keep the same ones."""
    folder = shutil.copytree(store, tmp_path / "store")
    (path,) = folder.glob("visit/*.parquet")
    con = duckdb.connect()
    spoilt = {
        "'a'": {},
        "'b'": {"psn_part_amt": "-psn_part_amt - 1"},
        "'c'": {"psn_part_amt": "medfee_sumamt + 1"},
        "'d'": {"medfee_sumamt": "0", "psn_part_amt": "0"},
        "'e'": {"psn_part_amt": "null"},
    }
    parts = [
        f"select * replace ({', '.join([f'{mark} || setl_id as setl_id', *(f'({value})::decimal(18,2) as {name}' for name, value in change.items())])}) from stays"
        for mark, change in spoilt.items()
    ]
    con.execute(
        f"create view stays as select * from read_parquet('{path}') where med_type = 'inpatient' and person_key is not null"
    )
    con.execute(
        f"copy (select * from stays union all {' union all '.join(parts)}) to '{path}.new' (format parquet)"
    )
    path.with_name(path.name + ".new").replace(path)
    views = snapshot(folder, "2030-12-31").views
    number, own = views.first(
        "select count(*), sum(psn_part_amt)::double from relation.bill"
    )
    kept = checked_bills(
        registry.settlements(
            snapshot(folder, "2030-12-31"), since="2000-01-01", kind="inpatient"
        )
    ).rows
    kept = kept[kept["person_key"].notna()]
    assert number == len(kept) > 100 and own == pytest.approx(
        kept["psn_part_amt"].sum()
    )
