"""A check workbook goes out, comes back answered, and the next check counts what became of it."""

import openpyxl
import pandas as pd
import pytest

from jinzhou import registry
from jinzhou.__main__ import main
from jinzhou.errors import RegistryError
from jinzhou.reference.vocabulary import CHECK_HEADINGS
from tests.snapshots import snapshot

COUNTY = "210727"


@pytest.fixture(scope="module")
def sent(store, tmp_path_factory):
    """Folder with one county's workbook."""
    out = tmp_path_factory.mktemp("check")
    assert (
        main(
            [
                "check",
                "--store",
                str(store),
                "--as-of",
                "2018-09-30",
                "--out",
                str(out),
                "--county",
                COUNTY,
            ]
        )
        == 0
    )
    return out


@pytest.fixture(scope="module")
def report(store):
    return registry.check(snapshot(store, "2018-09-30"))


def shown(report):
    from jinzhou.chapters.review.found import found_text

    tables = report.results.set_index("rule")["table"]
    return report.failures.apply(
        lambda f: found_text(tables[f["rule"]], f["found"], "zh"), axis=1
    )


def test_every_finding_of_the_county_stands_in_its_workbook(sent, report):
    rows = registry.read_answers(sent)
    mine = report.of(COUNTY)
    assert set(rows["county"]) == {COUNTY} and (rows["answer"] == "").all()
    expected = mine.failures.fillna("").drop_duplicates(
        ["rule", "household_id", "case_id"]
    )
    assert len(rows) == len(expected) > 100


def test_the_summary_names_families_and_adds_up(sent, report):
    book = openpyxl.load_workbook(sent / f"check_{COUNTY}.xlsx")
    assert book.sheetnames[:3] == ["总览", "先改十项", "规则结果"]
    rows = list(book["总览"].iter_rows(min_row=4, values_only=True))
    assert rows[-1][0] == "合计" and rows[-1][1] == len(report.results)
    assert (
        rows[-1][-1]
        == sum(row[-1] for row in rows[:-1])
        == len(report.of(COUNTY).failures)
    )
    assert (
        "演示数据" in book["总览"]["A2"].value
        and "供核查参考" in book["总览"]["A2"].value
    )


def test_candidates_have_their_sheets_and_no_name(sent, store):
    book = openpyxl.load_workbook(sent / f"check_{COUNTY}.xlsx")
    assert {"疑似遗漏", "疑似分户"} <= set(book.sheetnames)
    sheet = book["疑似遗漏"]
    headings = [cell.value for cell in sheet[3]]
    assert {"户籍在册", "参保在册", "证据", "核实结果"} <= set(
        headings
    ) and "姓名" not in headings
    assert sheet.max_row - 3 == len(
        registry.omitted_members(snapshot(store, "2018-09-30", county=COUNTY))
    )
    everything = "".join(
        str(cell.value) for one in book for row in one.iter_rows() for cell in row
    )
    for number in (
        registry.open_store(store)
        .private("roster", ["certno"])["certno"]
        .dropna()
        .head(3_000)
    ):
        assert number not in everything


def test_what_is_repeated_in_a_village_stands_together(sent, report):
    book = openpyxl.load_workbook(sent / f"check_{COUNTY}.xlsx")
    rows = list(book["同村重复"].iter_rows(min_row=4, values_only=True))
    assert (
        rows
        and all(row[5] >= 5 for row in rows)
        and [row[5] for row in rows] == sorted((row[5] for row in rows), reverse=True)
    )


def answer(sent, tmp_path, text, note):
    """A copy of the workbook with the first finding about incomes answered."""
    book = openpyxl.load_workbook(sent / f"check_{COUNTY}.xlsx")
    sheet = book["收入"]
    headings = {cell.value: cell.column for cell in sheet[3]}
    sheet.cell(4, headings["答复"]).value = text
    sheet.cell(4, headings["答复说明"]).value = note
    book.save(tmp_path / "returned.xlsx")
    return {
        name: sheet.cell(4, headings[heading[0]]).value or ""
        for name, heading in CHECK_HEADINGS.items()
    }


@pytest.mark.parametrize(
    ("text", "note", "outcome"),
    [
        ("情况属实", "临时救助一次性发放", "explained"),
        ("情况属实", "", "open"),
        ("已更正", "", "open"),
        ("正在核实", "", "open"),
    ],
)
def test_an_answer_alone_corrects_nothing(
    sent, report, store, tmp_path, text, note, outcome
):
    """A finding that still fails stays open, whatever was ticked, unless a reason was written."""
    key = answer(sent, tmp_path, text, note)
    rows = registry.answered(
        registry.open_store(store),
        report,
        registry.read_answers(tmp_path),
        found=shown(report),
    )
    one = rows[
        (rows["rule"] == key["rule"]) & (rows["household_id"] == key["household_id"])
    ].iloc[0]
    assert one["outcome"] == outcome and set(rows["outcome"]) <= {"open", outcome}


def test_what_no_longer_fails_is_corrected_and_what_was_deleted_is_gone(
    sent, report, store
):
    answers = registry.read_answers(sent)
    kept = report.failures.iloc[len(report.failures) :]
    repaired = registry.rules.RuleReport(
        results=report.results, counts=report.counts, failures=kept, year=report.year
    )
    stranger = answers.iloc[:1].assign(household_id="2107279999999")
    rows = registry.answered(
        registry.open_store(store),
        repaired,
        pd.concat([answers, stranger]),
        found=shown(report).iloc[:0],
    )
    assert rows["outcome"].iloc[-1] == "gone"
    assert "corrected" in set(rows["outcome"]) and "open" not in set(rows["outcome"])


def test_changed_values_open_an_explained_finding_again(sent, report, store, tmp_path):
    key = answer(sent, tmp_path, "情况属实", "说明")
    rows = registry.answered(
        registry.open_store(store),
        report,
        registry.read_answers(tmp_path),
        found=shown(report) + "1",
    )
    assert rows[
        (rows["rule"] == key["rule"]) & (rows["household_id"] == key["household_id"])
    ]["outcome"].tolist() == ["open"]


def test_a_rule_that_tests_nothing_now_says_so(sent, report, store):
    silent = registry.rules.RuleReport(
        results=report.results.assign(tested=0),
        counts=report.counts,
        failures=report.failures.iloc[:0],
        year=2018,
    )
    rows = registry.answered(
        registry.open_store(store),
        silent,
        registry.read_answers(sent),
        found=pd.Series(dtype=str),
    )
    assert set(rows["outcome"]) == {"not testable"}


def test_an_answer_that_is_none_is_named_by_its_cell(sent, tmp_path):
    answer(sent, tmp_path, "没问题", "")
    with pytest.raises(RegistryError, match=r"returned.xlsx 收入 L4.*已更正"):
        registry.read_answers(tmp_path)


def test_a_folder_without_check_workbooks_says_what_was_expected(tmp_path):
    (tmp_path / "a.csv").write_text("甲,乙\n1,2\n", encoding="utf-8")
    with pytest.raises(RegistryError, match="没有核查工作簿.*规则"):
        registry.read_answers(tmp_path)
    (tmp_path / "b.xlsx").write_bytes(b"PK not a book")
    with pytest.raises(RegistryError, match="无法打开"):
        registry.read_answers(tmp_path)


def test_an_explained_finding_keeps_its_answer_in_the_next_workbook(
    sent, store, tmp_path, capsys
):
    (tmp_path / "answers").mkdir()
    key = answer(sent, tmp_path / "answers", "情况属实", "说明")
    assert (
        main(
            [
                "check",
                "--store",
                str(store),
                "--as-of",
                "2018-09-30",
                "--out",
                str(tmp_path / "next"),
                "--county",
                COUNTY,
                "--answers",
                str(tmp_path / "answers"),
            ]
        )
        == 0
    )
    assert "已说明 1" in capsys.readouterr().out
    again = registry.read_answers(tmp_path / "next")
    one = again[
        (again["rule"] == key["rule"]) & (again["household_id"] == key["household_id"])
    ].iloc[0]
    assert one["answer"] == "explained" and one["note"] == "说明"
    book = openpyxl.load_workbook(tmp_path / "next" / f"check_{COUNTY}.xlsx")
    assert "上次已说明" in [cell.value for cell in book["总览"][3]]


def test_the_english_workbook_reads_back_too(store, tmp_path):
    assert (
        main(
            [
                "check",
                "--store",
                str(store),
                "--as-of",
                "2018-09-30",
                "--out",
                str(tmp_path),
                "--county",
                "210702",
                "--lang",
                "en",
            ]
        )
        == 0
    )
    assert len(registry.read_answers(tmp_path))
