"""The monitoring period: a registry of 2023 whose cases are known, and faulty records."""

import json
import re
import shutil
import zipfile
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from jinzhou import errors, registry
from jinzhou.__main__ import main
from jinzhou.chapters import monitoring as monitoring_chapter
from jinzhou.chapters.monitoring import data as chapter_data
from jinzhou.chapters.monitoring.analysis.monitoring import (
    monitoring_delays,
    monitoring_flow,
    monitoring_moves,
)
from jinzhou.chapters.monitoring.analysis.relative_poverty import relative_poverty
from jinzhou.errors import ParameterError
from jinzhou.reference import lines, scope
from jinzhou.registry.cases import VERDICTS
from jinzhou.run import NOTEBOOKS, run_quarter
from tests.snapshots import snapshot

AS_OF = "2023-06-30"


@pytest.fixture(scope="module")
def exports(tmp_path_factory) -> Path:
    """Exports of 1,500 households as of December 2023."""
    folder = tmp_path_factory.mktemp("monitored") / "exports"
    assert main(["synth", str(folder), "--households", "1500", "--year", "2023"]) == 0
    return folder


@pytest.fixture(scope="module")
def store(exports) -> Path:
    assert (
        main(["load", str(exports), "--store", str(exports.parent / "data" / "store")])
        == 0
    )
    return exports.parent / "data" / "store"


@pytest.fixture(scope="module")
def found(store):
    return registry.monitoring(snapshot(store, AS_OF))


def test_the_result_says_itself_in_both_languages(found):
    for lang in ("zh", "en"):
        assert str(len(found.cases)) in found.summary(lang)
    assert AS_OF in found._repr_html_()


@pytest.fixture(scope="module")
def truth(exports) -> pd.DataFrame:
    days = [
        "first_fired",
        "identified_on",
        "recorded_on",
        "found_on",
        "measured_on",
        "cleared_on",
    ]
    rows = pd.read_csv(
        exports / "truth" / "monitoring.csv",
        dtype={"household_id": str},
        parse_dates=days,
    )
    return rows.fillna({"group": "", "fails": "", "unknown": ""}).set_index(
        "household_id"
    )


def test_every_planted_case_is_judged_exactly(found, truth):
    cases = found.cases.set_index("household_id").sort_index()
    planted = truth[truth["identified_on"].notna()].sort_index()
    assert list(cases.index) == list(planted.index) and len(planted) > 50
    for column in (
        "fails",
        "unknown",
        "first_fired",
        "identified_on",
        "recorded_on",
        "found_on",
        "measured_on",
        "cleared_on",
    ):
        assert (
            cases[column].astype(object).where(cases[column].notna(), None).tolist()
            == planted[column]
            .astype(object)
            .where(planted[column].notna(), None)
            .tolist()
        ), column
    assert (cases["category"] == planted["group"]).all() and (
        cases["fault"] == ""
    ).all()
    closed, bad, unclear = (
        planted["cleared_on"].notna(),
        planted["fails"] != "",
        planted["unknown"] != "",
    )
    expected = np.select(
        [closed & bad, closed, bad, unclear],
        ["cleared too early", "cleared", "may not be cleared", "not known"],
        "may be cleared",
    )
    assert cases["verdict"].tolist() == expected.tolist()
    assert set(expected) == set(VERDICTS) - {"clearing not known"}
    late = (planted["recorded_on"] - planted["first_fired"]).dt.days.clip(lower=0)
    assert cases["days_late"].tolist() == late.tolist() and late.max() > 90


def test_every_household_that_nobody_entered_is_found_and_no_other(found, truth):
    h = found.households.set_index("household_id")
    missed = truth[truth["scenario"].str.startswith("missed")]
    assert (
        set(h.index[h["state"] == "missed"]) == set(missed.index) and len(missed) >= 5
    )
    assert (h.loc[missed.index, "rules_group"] == missed["group"]).all() and (
        h.loc[missed.index, "first_fired"] == missed["first_fired"]
    ).all()
    assert set(h.index[h["state"] == "monitored"]) == set(
        truth.index[truth["identified_on"].notna() & truth["cleared_on"].isna()]
    )


def test_a_household_without_the_data_is_not_testable(found, truth, store):
    h = found.households.set_index("household_id")
    planted = truth.index[truth["scenario"] == "untestable"]
    years = (
        registry.table(snapshot(store, AS_OF), "income")
        .groupby("household_id")["snapshot"]
        .max()
    )
    assert (h.loc[planted, "state"] == "not testable").all() and all(
        "income_near_line" in m for m in h.loc[planted, "missing"]
    )
    others = h[(h["state"] == "not testable") & ~h.index.isin(planted)]
    assert (
        (others["missing"] == "income_cut").all()
        and others["income_change"].isna().all()
        and years.reindex(others.index).eq(2022).all()
    )
    assert set(h["state"]) <= {
        "monitored",
        "cleared",
        "missed",
        "not testable",
        "no rule",
    }


def test_flows_and_moves_sum(found):
    flow = monitoring_flow(found.cases, since="2023-03-31", as_of=AS_OF)
    assert (
        flow.closes
        and flow.groups.loc["all", "entered"] > 0
        and flow.groups.loc["all", "cleared"] > 0
    )
    assert (
        flow.groups[["ready", "not_ready", "not_known"]].sum(axis=1)
        == flow.groups["closing"]
    ).all()
    moves = monitoring_moves(found.moves)
    assert (
        moves.closes
        and moves.households.loc["exited", "unstable_exit"] > 0
        and moves.households.loc["exited", "left"] > 0
    )
    parts = moves.households.drop(columns="all")
    assert (parts.sum(axis=1) == moves.households["all"]).all() and (
        parts.drop(index="all").sum() == parts.loc["all"]
    ).all()


def test_every_result_says_itself_in_words(found):
    """Sentence and page of each result, in both languages, without a code on screen."""
    cases = found.cases
    for result in (
        monitoring_flow(cases, since="2023-03-31", as_of=AS_OF),
        monitoring_delays(cases, since="2022-06-30", limit=20),
        monitoring_moves(found.moves),
        relative_poverty(found.households),
    ):
        assert result.summary("zh") != result.summary("en")
        cells = re.findall("<t[hd]>(.*?)</t[hd]>", result._repr_html_())
        assert cells and not [c for c in cells if re.match("[a-z_]+$", c)]


def test_delays_are_those_planted(found, truth):
    delays = monitoring_delays(found.cases, since="2022-06-30", limit=20)
    recent = truth[(truth["identified_on"] > "2022-06-30")]
    days = np.busday_count(
        recent["found_on"].to_numpy("datetime64[D]"),
        recent["recorded_on"].to_numpy("datetime64[D]"),
    )
    row = delays.rows.loc["all"]
    assert (row["entries"], row["timed"], row["in_time"]) == (
        len(recent),
        len(recent),
        (days <= 20).sum(),
    ) and 0 < row["in_time"] < len(recent)
    assert (
        row["measured"]
        == (
            recent["measured_on"] <= recent["recorded_on"] + pd.DateOffset(months=1)
        ).sum()
    )


def test_what_is_recorded_later_changes_nothing(store, found):
    """On an earlier day the engine knows no later clearing, entry or sheet."""
    before = registry.monitoring(snapshot(store, "2022-12-31")).cases
    assert before["cleared_on"].dropna().max() <= pd.Timestamp("2022-12-31") and len(
        before
    ) < len(found.cases)
    both = before.merge(found.cases, on="household_id", suffixes=("", "_later"))
    assert (both["first_fired"] == both["first_fired_later"]).all()


def copy_of(store: Path, tmp_path: Path, table: str, change) -> Path:
    """The store with one table changed by a function of its frame."""
    target = tmp_path / "store"
    shutil.copytree(store, target)
    for path in sorted((target / table).glob("*.parquet")):
        change(pd.read_parquet(path)).to_parquet(
            path, index=False, schema=pq.read_schema(path)
        )
    return target


def test_a_clearing_before_the_entry_is_not_counted(store, tmp_path):
    def earlier(rows: pd.DataFrame) -> pd.DataFrame:
        first = rows.index[rows["cleared_on"].notna()][0]
        rows.loc[first, "cleared_on"] = (
            pd.Timestamp(rows.at[first, "identified_on"]) - pd.DateOffset(months=2)
        ).date()
        return rows

    found = registry.monitoring(
        snapshot(copy_of(store, tmp_path, "monitoring", earlier), AS_OF)
    )
    bad = found.cases[found.cases["fault"] == "cleared before entry"]
    assert len(bad) == 1 and (bad["verdict"] == "clearing not known").all()
    assert monitoring_flow(
        found.cases, since="2023-03-31", as_of=AS_OF
    ).dropped.to_dict() == {"cleared before entry": 1}


def test_a_clearing_without_a_date_is_not_known_to_have_happened(
    store, tmp_path, found
):
    def undated(rows: pd.DataFrame) -> pd.DataFrame:
        first = rows.index[rows["cleared_on"].notna()][0]
        rows.loc[first, "cleared_on"] = None
        return rows

    again = registry.monitoring(
        snapshot(copy_of(store, tmp_path, "monitoring", undated), AS_OF)
    )
    assert (
        again.cases["closed"].sum() == found.cases["closed"].sum() - 1
        and again.cases["verdict"].isin(VERDICTS).all()
    )


def test_a_clearing_without_a_date_is_found_by_its_rule_as_of_a_day(store, tmp_path):
    """Of two flags without their date the one of a case entered by the day is found, no other."""
    lost = []

    def undated(rows: pd.DataFrame) -> pd.DataFrame:
        month = pd.to_datetime(rows["identified_on"])
        dated = rows[rows["cleared_on"].notna() & (month < "2023-01-01")].sort_values(
            "identified_on"
        )  # the registry year known by the day is 2022
        for row in (dated.index[0], dated.index[-1]):
            lost.append(
                (
                    rows.at[row, "household_id"],
                    pd.Timestamp(rows.at[row, "identified_on"]),
                )
            )
            rows.loc[row, "cleared_on"] = None
        return rows

    clean = (
        registry.check(snapshot(store, AS_OF))
        .results.set_index("rule")
        .loc["Q-monitor-004b"]
    )
    assert (clean["status"], clean["failed"]) == ("clean", 0) and clean["tested"] > 0
    changed = copy_of(store, tmp_path, "monitoring", undated)
    (first, early), (last, late) = lost
    day = late - pd.Timedelta(days=1)
    assert early <= day
    for as_of, found in ((f"{day:%Y-%m-%d}", [first]), (AS_OF, sorted([first, last]))):
        failures = registry.check(snapshot(changed, as_of)).failures
        assert (
            sorted(failures.loc[failures["rule"] == "Q-monitor-004b", "household_id"])
            == found
        )


def test_a_category_of_another_year_or_kind_of_household_is_a_fault(store, tmp_path):
    def other(rows: pd.DataFrame) -> pd.DataFrame:
        rows.loc[rows.index[:1], ["monitoring_category", "identified_on"]] = [
            "sudden_hardship",
            pd.Timestamp("2021-02-01").date(),
        ]
        exits = rows.index[
            (rows["monitoring_category"] == "unstable_exit") & (rows.index > 0)
        ]
        rows.loc[exits[0], "monitoring_category"] = "marginal"
        ordinary = rows.index[
            (rows["monitoring_category"] == "marginal")
            & (rows.index > 0)
            & (rows.index != exits[0])
        ]
        rows.loc[ordinary[0], "monitoring_category"] = "unstable_exit"
        return rows

    faults = (
        registry.monitoring(
            snapshot(copy_of(store, tmp_path, "monitoring", other), AS_OF)
        )
        .cases["fault"]
        .value_counts()
    )
    assert faults.drop("").to_dict() == {
        "group not yet in force": 1,
        "registered household entered as marginal": 1,
        "ordinary household entered as unstable exit": 1,
    }


def test_a_record_without_an_entry_date_is_rejected_at_the_door_and_its_household_shown(
    exports, store, tmp_path
):
    from jinzhou.reference.vocabulary import TABLES
    from jinzhou.synthetic.exports import Sheet, write_workbook

    folder = tmp_path / "exports"
    folder.mkdir()
    for name in (
        "户信息",
        "家庭成员",
        "家庭收入",
        "生产生活条件",
    ):  # one registry year is enough here
        for path in exports.glob(f"2022年{name}.*"):
            shutil.copy(path, folder)
    rows = registry.table(snapshot(store, AS_OF), "monitoring")
    marked = registry.table(snapshot(store, AS_OF), "household").query(
        "snapshot == 2022 and monitoring_category.notna()"
    )["household_id"]
    lost = rows["household_id"].isin(marked) & (rows["household_id"] == marked.iloc[0])
    assert lost.sum() == 1
    keep = [c.name for c in TABLES["monitoring"].columns if not c.private]
    undated = rows[keep].assign(
        identified_on=pd.to_datetime(rows["identified_on"]).mask(lost),
        cleared_on=pd.to_datetime(rows["cleared_on"]),
    )
    write_workbook(
        folder / "行业部门台账.xlsx",
        {"monitoring": Sheet(table=TABLES["monitoring"], frame=undated)},
    )
    report = registry.load(folder, tmp_path / "again" / "store")
    rejected = report.rejects[report.rejects["file"] == "行业部门台账.xlsx"]
    assert rejected["reason"].tolist() == ["key is missing or unreadable"]
    found = registry.monitoring(snapshot(tmp_path / "again" / "store", AS_OF))
    h = found.households.set_index("household_id")
    assert h.at[marked.iloc[0], "state"] in {
        "no entry on record",
        "missed",
    } and marked.iloc[0] not in set(found.cases["household_id"])


def test_without_the_line_of_a_year_nothing_is_decided_by_income(store, tmp_path):
    """Real data may not use an assumed line, and no other year's line stands in."""
    target = tmp_path / "store"
    shutil.copytree(store, target)
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    (target / "manifest.json").write_text(
        json.dumps(manifest | {"synthetic": False}), encoding="utf-8"
    )
    found = registry.monitoring(snapshot(target, AS_OF))
    rules = found.triggers.rules
    now = found.households
    assert (
        now["monitoring_line"].isna().all()
        and not now["fired"].str.contains("income_near_line").any()
    )
    assert (
        now["missing"].str.contains("income_near_line").all()
        and (now["state"] == "no rule").sum() == 0
    )
    assert (
        rules.loc["income_near_line", "unknown"] > 0
        and found.cases["unknown"].str.contains("income").any()
    )
    with pytest.raises(
        ParameterError, match="没有 2022 年的监测线.*不能用别年的线代替"
    ):
        registry.panel(snapshot(target, AS_OF))
    errors.speak("en")
    with pytest.raises(ParameterError, match="no monitoring line for 2022"):
        lines.poverty_line(2022, series="monitoring")


def test_lines_are_by_year_and_province():
    assert (
        lines.poverty_line(2021, series="monitoring").yuan == 6000
        and not lines.poverty_line(2021, series="monitoring").to_verify
    )
    assert lines.poverty_line(2023, series="monitoring", province="520000").yuan == 7300
    assumed = lines.poverty_line(2023, series="monitoring", synthetic=True)
    assert assumed.mark == "demo" and assumed.to_verify
    assert (
        lines.monitoring_lines(AS_OF)[2023] is None
        and lines.monitoring_lines(AS_OF)[2021].yuan == 6000
    )
    assert (
        lines.line_series("2020-12-31") == "nbs"
        and lines.line_series("2021-03-31") == "monitoring"
    )


def test_before_the_groups_began_and_before_the_registry_begins(store):
    with pytest.raises(ParameterError, match="三类监测对象始于 2020-03-20"):
        registry.monitoring(snapshot(store, "2019-12-31"))
    assert (
        main(
            [
                "brief",
                "2019Q4",
                "--store",
                str(store),
                "--out",
                str(store.parent / "early"),
            ]
        )
        == 1
    )
    assert not (store.parent / "early").exists()


def test_the_exit_card_is_refused_after_2020():
    scope.require_scope("exit_card", "2020-12-31")
    with pytest.raises(ParameterError, match="适用至 2020-12-31"):
        scope.require_scope("exit_card", AS_OF)
    with pytest.raises(ParameterError, match="scope.csv"):
        scope.require_scope("nothing", AS_OF)
    assert {"exit_card", "housing_lots"} <= {
        s.key for s in scope.not_applicable(AS_OF)
    } and not scope.not_applicable("2018-09-30")


def test_another_year_of_synthetic_data_is_refused(tmp_path, capsys):
    assert main(["synth", str(tmp_path), "--year", "2019"]) == 1
    assert "2018、2023" in capsys.readouterr().err


def test_relative_poverty_is_a_share_of_the_median():
    rows = pd.DataFrame(
        {
            "county": ["a"] * 5 + ["b"],
            "net_income_pc": [1000.0, 4000, 5000, 10000, np.nan, 8000],
            "household_size": [1, 1, 1, 2, 1, 3],
        }
    )
    found = relative_poverty(rows, shares=(0.4, 0.8))
    a = found.rows.set_index(["county", "share"])
    assert (
        a.loc[("a", 0.8), "median"] == 5000 and a.loc[("a", 0.8), "poor_persons"] == 1
    )  # exactly at the line is not below it
    assert (
        a.loc[("all", 0.4), "persons"] == 8
        and found.dropped.to_dict() == {"income missing": 1}
        and found.source == "registry"
    )
    given = relative_poverty(rows, shares=(0.5,), medians={"a": 12000, "b": 12000})
    assert (
        given.source == "given"
        and given.rows.set_index("county").loc["a", "poor_households"] == 3
    )
    with pytest.raises(ParameterError, match="0.4"):
        relative_poverty(rows, shares=(1.2,))
    with pytest.raises(ParameterError, match="没有 b 的"):
        relative_poverty(rows, medians={"a": 1.0})


@pytest.fixture(scope="module")
def quarter(store, tmp_path_factory) -> Path:
    """The brief of 2023Q2, with a short backtest and no leak checks in the risk chapter."""
    books = tmp_path_factory.mktemp("books") / "notebooks"
    shutil.copytree(NOTEBOOKS, books)
    risk = books / "return_risk.ipynb"
    text = risk.read_text(encoding="utf-8")
    for name, short in (
        ("folds=8,", "folds=2,"),
        ("draws=60,", "draws=5,"),
        ("leak_checks=True,", "leak_checks=False,"),
    ):
        assert name in text
        text = text.replace(name, short)
    risk.write_text(text, encoding="utf-8")
    return run_quarter(
        "2023Q2", store=store, out=books.parent / "2023Q2", notebooks=books
    ).folder


def test_the_quarter_runs_end_to_end(quarter):
    """Every chapter of 2023Q2 runs, and none shows what has ended as if it held."""
    html = (quarter / "brief.html").read_text(encoding="utf-8")
    for words in (
        "防止返贫监测工作简报",
        "脱贫不稳定户",
        "边缘易致贫户",
        "突发严重困难户",
        "演示假定，待核实",
        "乡村振兴局",
        "适用至2020-12-31",
        "新纳入监测",
    ):
        assert words in html, words
    assert not any(
        words in html
        for words in ("扶贫办", "卫计委", "脱贫攻坚工作简报", "nan", "（）")
    )
    tables = {p.stem for p in (quarter / "tables").glob("*.csv")}
    assert {
        "monitoring_groups",
        "monitoring_moves",
        "relative_poverty",
        "not_applicable",
    } <= tables
    assert not tables & {
        "exit_card",
        "exit_progress",
        "housing_batches",
        "stock_flow",
        "lookback",
        "cost_per_exit",
        "speech_arithmetic",
        "zero_burden",
    }
    assert (quarter / "notebooks" / "monitoring.ipynb").is_file() and not (
        quarter / "notebooks" / "exit_readiness.ipynb"
    ).exists()
    assert list((quarter / "lists").glob("monitoring_*.xlsx"))


def test_no_clear_name_or_number_leaves_in_the_lists(quarter, store):
    heads = (
        registry.open_store(store)
        .private("household", ["head_name"])["head_name"]
        .dropna()
    )
    long = set(heads[heads.str.len() >= 3])
    for path in sorted((quarter / "lists").glob("monitoring_*.xlsx")):
        with zipfile.ZipFile(path) as book:
            words = book.read("xl/sharedStrings.xml").decode("utf-8")
        assert (
            "供核查参考" in words
            and "演示数据" in words
            and "nan" not in words
            and not re.search(r"\d{17}[0-9X]", words)
        )
        assert not any(name in words for name in long)


def test_the_chapter_is_written_in_english_too(store):
    """Without the demonstration's assumed line the board says that it is unknown."""
    now = registry.open_store(store).at(AS_OF, lang="en")
    now.keep(
        (chapter_data.monitoring_lines.__wrapped__, (), ()),
        lambda: lines.monitoring_lines(AS_OF),
    )
    made = [section(now) for section in monitoring_chapter.CHAPTER.sections]
    said = [s.text for section in made for s in section.findings]
    said += [t.title + " ".join(t.headings.values()) for s in made for t in s.tables]
    said += [n for s in made for n in (*s.notes, *(x.title for x in s.lists))]
    said += [f.label + f.text + f.change + f.year_change for s in made for f in s.facts]
    assert not [text for text in said if re.search(r"[\u4e00-\u9fff]", text)]
    assert "line of 2023: unknown (rules on the line are not tested)" in said[0]


def test_income_exactly_at_the_line_neither_enters_nor_clears(
    store, tmp_path, found, truth
):
    """纳入「低于」, 消除「超过」: at the line a household keeps the status it has."""
    quiet = found.households.loc[
        (found.households["state"] == "no rule")
        & (found.households["oop_year"] == 0)
        & (found.households["income_change"] > -0.1),
        "household_id",
    ].iloc[0]
    watched = truth.index[truth["scenario"] == "may_clear"][0]
    line = lines.poverty_line(2023, series="monitoring", synthetic=True).yuan

    def at(yuan: float):
        def change(rows: pd.DataFrame) -> pd.DataFrame:
            here = rows["household_id"].isin([quiet, watched]) & (
                rows["snapshot"] == 2022
            )
            rows["net_income_pc"] = [
                Decimal(str(yuan)).quantize(Decimal("0.01")) if h else v
                for h, v in zip(here, rows["net_income_pc"], strict=True)
            ]
            return rows

        return change

    for yuan, named, over in (
        (line, False, False),
        (line - 0.01, True, False),
        (line + 0.01, False, True),
    ):
        again = registry.monitoring(
            snapshot(copy_of(store, tmp_path / str(yuan), "income", at(yuan)), AS_OF)
        )
        assert (
            again.households.set_index("household_id")
            .at[quiet, "fired"]
            .startswith("income_near_line")
            == named
        )
        case = again.cases.set_index("household_id").loc[watched]
        assert (
            bool(case["is_income"]) == over
            and ("income" in case["fails"].split(";")) != over
        )


def test_another_line_in_the_offices_own_file_changes_the_board(
    store, tmp_path, monkeypatch, found
):
    """The province's own line, in a folder of the office's: no code changes."""
    rows = "province,year,value,zh,source,mark\n" + "".join(
        f"210000,{year},9500,,document of the province,published\n"
        for year in (2020, 2021, 2022, 2023)
    )
    (tmp_path / "monitoring_lines.csv").write_text(rows, encoding="utf-8")
    monkeypatch.setenv("JINZHOU_REFERENCE", str(tmp_path))
    again = registry.monitoring(snapshot(store, AS_OF))
    assert (
        again.households["monitoring_line"] == 9500
    ).all() and lines.monitoring_lines(AS_OF)[2023].mark == "published"
    named = again.households["fired"].str.contains("income_near_line").sum()
    assert named > found.households["fired"].str.contains("income_near_line").sum()
    income = again.households["net_income_pc"]
    assert named == (income < 9500).sum()
