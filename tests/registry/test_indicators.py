"""The indicator engine: planted values, levels, days, tables not delivered, villages that moved, changed files."""

import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from jinzhou import registry
from jinzhou.chapters.exit.analysis.housing import housing_builders
from jinzhou.chapters.exit.analysis.indicators import judge
from jinzhou.errors import ParameterError, RegistryError
from jinzhou.reference import indicators, offices
from jinzhou.reference.files import file_of
from jinzhou.words import REFERENCE_VARIABLE
from tests.snapshots import snapshot

DAY = "2018-09-30"


@pytest.fixture(scope="module")
def counted(store):
    return registry.count_indicators(snapshot(store, DAY))


def test_the_sentence_names_the_day_and_counts_the_indicators(counted):
    for lang in ("zh", "en"):
        said = counted.summary(lang)
        assert DAY in said and str(counted.table()["indicator"].nunique()) in said


def altered(store, folder: Path, table: str, select: str) -> Path:
    """A copy of the store whose table is another selection of its rows."""
    shutil.copytree(store, folder)
    for file in (folder / table).glob("*.parquet"):
        with duckdb.connect() as con:
            con.execute(
                f"copy (select {select} from read_parquet('{file}')) to '{file}.new' (format parquet)"
            )
        Path(f"{file}.new").replace(file)
    return folder


def record(**changes) -> indicators.Indicator:
    given = dict(
        id="x",
        requirement="R07",
        object="village",
        zh="村",
        en="villages",
        counted="true",
        met="paved_road",
        weight="1",
        done_on="",
        threshold="exit_road",
        clearing="",
        veto="road",
        office="transport",
        deadline="",
        unit="villages",
        first=0,
        last=9999,
        shown_in=("indicators",),
        source="test",
    )
    return indicators.Indicator(**(given | changes))


def test_planted_values_are_reproduced_exactly(counted, exports):
    truth = (
        pd.read_csv(exports / "truth" / "indicators.csv", dtype={"county": str})
        .set_index(["indicator", "county"])
        .sort_index()
    )
    found = counted.counts[counted.counts["level"] == "county"].set_index(
        ["indicator", "county"]
    )[["met", "counted", "unknown"]]
    found = (
        found.loc[found.index.get_level_values(0).isin(truth.index.get_level_values(0))]
        .query("counted > 0")
        .sort_index()
        .astype("int64")
    )
    assert len(truth) > 60
    pd.testing.assert_frame_equal(found, truth)


def test_the_stock_is_the_registrys(store):
    """To the person on a registry day; between them the indicator counts members on record, the stock the persons written into events."""
    for day, apart in (
        ("2016-09-30", 0),
        ("2017-12-31", 2),
        ("2018-06-30", 2),
        (DAY, 0),
        ("2018-12-31", 2),
    ):
        found = registry.count_indicators(
            snapshot(store, day),
            records=[r for r in indicators.indicators() if r.id == "poor_persons"],
        ).counts.query("level == 'county' and county != 'unknown'")
        known = registry.stock(snapshot(store, day))
        assert (found.set_index("county")["met"] - known).abs().max() <= apart, day


def test_every_level_adds_up_to_the_whole(counted):
    sums = counted.counts.groupby(["indicator", "level"])[
        ["met", "counted", "unknown", "rows"]
    ].sum()
    for level in ("county", "town", "village"):
        pd.testing.assert_frame_equal(
            sums.xs(level, level="level"), sums.xs("city", level="level")
        )


def test_one_county_is_the_same_alone(store, counted):
    alone = registry.count_indicators(snapshot(store, DAY, county="210727"))
    pd.testing.assert_frame_equal(
        alone.at("210727")[["met", "counted", "unknown"]],
        counted.at("210727")[["met", "counted", "unknown"]],
    )


def test_the_rest_behind_a_rate_is_a_list(counted):
    marked = [
        r.id
        for r in indicators.indicators()
        if r.threshold and r.object and r.weight == "1" and r.id not in counted.absent
    ]
    whole = counted.at().loc[marked]
    sizes = counted.rest.groupby("indicator").size().reindex(marked, fill_value=0)
    assert (sizes == (whole["counted"] - whole["met"])).all()
    assert (
        counted.rest.groupby("indicator")["state"]
        .apply(lambda s: (s == "unknown").sum())
        .reindex(marked, fill_value=0)
        == whole["unknown"]
    ).all()


def test_a_table_that_was_not_delivered_is_unknown_with_its_name(store, tmp_path):
    copy = tmp_path / "store"
    shutil.copytree(store, copy, ignore=shutil.ignore_patterns("health_service"))
    found = registry.count_indicators(snapshot(copy, DAY))
    assert (
        found.absent["six_ones"] == "health_service"
        and found.absent["petitions"] == "petition"
        and "safe_housing" not in found.absent
    )
    row = (
        judge(found.counts, indicators.indicators(), as_of=DAY, absent=found.absent)
        .at("210727")
        .loc["six_ones"]
    )
    assert (row["status"], row["missing"], row["absent"]) == (
        "unknown",
        "table",
        "health_service",
    )


def test_a_blank_is_unknown_and_neither_met_nor_failed(store, counted, tmp_path):
    copy = altered(
        store,
        tmp_path / "store",
        "village",
        "* replace (case when county = '210727' then null else paved_road end as paved_road)",
    )
    found = (
        registry.count_indicators(snapshot(copy, DAY)).at("210727").loc["paved_road"]
    )
    assert (found["met"], found["unknown"]) == (0, found["counted"]) and found[
        "counted"
    ] == counted.at("210727").at["paved_road", "counted"]


def test_a_village_that_changed_county_is_shown_and_counted_where_its_households_are(
    store, counted, tmp_path
):
    code = counted.counts.query(
        "level == 'village' and county == '210727' and indicator == 'paved_road'"
    )["village"].iloc[0]
    copy = altered(
        store,
        tmp_path / "store",
        "village",
        f"* replace (case when area_code = '{code}' and snapshot < 2018 then '210726' else county end as county)",
    )
    assert len(counted.moved) == 0
    found = registry.count_indicators(snapshot(copy, DAY)).moved
    assert found[["village", "before", "county"]].values.tolist() == [
        [code, "210726", "210727"]
    ]
    before = (
        registry.count_indicators(snapshot(copy, "2017-09-30"))
        .counts.query("level == 'village' and indicator == 'paved_road'")
        .set_index("village")
    )
    assert before.at[code, "county"] == "210727"


def test_an_older_store_without_a_column_has_it_unknown(store, tmp_path):
    copy = altered(store, tmp_path / "store", "housing", "* exclude (builder)")
    assert registry.table(snapshot(copy, DAY), "housing")["builder"].isna().all()


def test_the_careless_builder_stands_apart(store, exports):
    known = pd.read_csv(exports / "truth" / "careless_builders.csv")["builder"].tolist()
    found = housing_builders(registry.table(snapshot(store, "2018-12-31"), "housing"))
    assert found.loc[found["apart"], "builder"].tolist() == known


def test_wrong_records_are_refused(store):
    with pytest.raises(ParameterError, match="指标对象"):
        registry.count_indicators(snapshot(store, DAY), records=[record(object="barn")])
    with pytest.raises(ParameterError, match="indicators.csv"):
        registry.count_indicators(
            snapshot(store, DAY), records=[record(met="no_such_column")]
        )
    with pytest.raises(ParameterError, match="thresholds"):
        registry.count_indicators(
            snapshot(store, DAY), records=[record(met="doctors > {nothing}")]
        )
    with pytest.raises(RegistryError, match="没有任何户信息"):
        registry.count_indicators(snapshot(store, "2010-01-01"))


def test_a_changed_mark_date_or_office_changes_the_board_without_a_change_of_code(
    store, counted, tmp_path, monkeypatch
):
    before = judge(
        counted.counts, indicators.indicators(), as_of=DAY, offices=offices.offices()
    ).at()
    for name, old, new in (
        ("thresholds", "in_county_stays,0.9", "in_county_stays,0.1"),
        ("deadlines", "housing_deadline,2018-10-31", "housing_deadline,2018-09-01"),
        ("offices", "transport,交通局", "transport,公路局"),
        (
            "offices",
            "culture,文广局,Culture Bureau\n",
            "culture,文广局,Culture Bureau\nculture,旅游局,Tourism Bureau\n",
        ),
        ("indicators", ",petitions,", ",,"),
    ):
        file = tmp_path / f"{name}.csv"
        text = (file if file.exists() else file_of(name)).read_text(encoding="utf-8")
        assert text.count(old) >= 1
        file.write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setenv(REFERENCE_VARIABLE, str(tmp_path))
    found = registry.count_indicators(snapshot(store, DAY))
    after = judge(
        found.counts,
        indicators.indicators(),
        as_of=DAY,
        absent=found.absent,
        offices=offices.answering(),
    ).at()
    assert (
        before.at["in_county_stays", "status"],
        after.at["in_county_stays", "status"],
    ) == ("fail", "pass")
    assert (
        before.at["grade_d_cleared", "overdue"],
        after.at["grade_d_cleared", "overdue"],
    ) == (False, True) and after.at["grade_d_cleared", "days_left"] == -29
    assert (
        offices.office("transport") == "公路局"
        and offices.office("culture") == "文广局、旅游局"
        and after.at["culture_centre", "offices"] == 2
    )


def test_indicators_cost_one_scan_a_table(store, monkeypatch):
    """Each stored table is read once, whatever the number of indicators."""
    from jinzhou.registry import indicators as room

    statements = []
    scan = room._scan
    monkeypatch.setattr(
        room,
        "_scan",
        lambda *given: statements.append((given[1], len(given[2]))) or scan(*given),
    )
    registry.count_indicators(snapshot(store, DAY))
    assert (
        len(statements) == len({name for name, _ in statements}) <= len(room.OBJECTS)
        and sum(n for _, n in statements) > 55
    )
