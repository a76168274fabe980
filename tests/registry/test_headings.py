"""Headings of other years: proposed, confirmed by the office, then read."""

import openpyxl
import pandas as pd
import pytest

from jinzhou import registry
from jinzhou.__main__ import main
from jinzhou.chapters.review import load_report
from jinzhou.errors import RegistryError
from jinzhou.registry.headings import FIELDS, FILE, looks_like_heading, propose
from jinzhou.words import words
from tests.snapshots import snapshot

HEAD = "年度,县(市、区、旗),户编号,家庭人口数,脱贫属性,户主姓名,户内总人数说明,主要致贫的原因"
ROWS = "2018,义县,2107270000001,2,未脱贫,甲,无,因病\n2018,义县,2107270000002,3,已脱贫,乙,无,因残\n"


@pytest.fixture
def exports(tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "户.csv").write_text(f"{HEAD}\n{ROWS}", encoding="utf-8")
    return folder


def decide(tmp_path, words: dict[str, str]):
    path = tmp_path / FILE
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    rows["确认"] = [words.get(h, "") for h in rows["表头"]]
    rows.to_csv(path, index=False, encoding="gb18030")  # as Excel saves it
    return rows


def causes(store) -> list:
    return registry.table(snapshot(store, "2018-12-31"), "household")[
        "primary_cause"
    ].tolist()


def test_a_heading_of_another_year_is_proposed_and_read_once_confirmed(
    exports, tmp_path
):
    first = registry.load(exports, tmp_path / "store")
    assert first.waiting == 2 and pd.isna(causes(tmp_path / "store")[0])
    rows = decide(tmp_path, {"主要致贫的原因": "是", "户内总人数说明": "否"})
    assert (
        rows.loc[rows["表头"] == "主要致贫的原因", "建议对应"].item() == "主要致贫原因"
    )
    second = registry.load(exports, tmp_path / "store")
    assert second.waiting == 0 and causes(tmp_path / "store") == [
        "illness",
        "disability",
    ]


def test_the_office_may_name_another_column(exports, tmp_path):
    registry.load(exports, tmp_path / "store")
    decide(tmp_path, {"户内总人数说明": "户类型", "主要致贫的原因": "主要致贫原因"})
    registry.load(exports, tmp_path / "store")
    assert causes(tmp_path / "store") == ["illness", "disability"]


def test_what_the_office_wrote_stays_when_new_headings_come(exports, tmp_path):
    registry.load(exports, tmp_path / "store")
    decide(tmp_path, {"主要致贫的原因": "是"})
    (exports / "更多.csv").write_text(
        "年度,户编号,人编号,姓名,证件号码,健康的状况\n2018,2107270000001,210727000000101,甲,,健康\n",
        encoding="utf-8",
    )
    registry.load(exports, tmp_path / "store")
    rows = pd.read_csv(tmp_path / FILE, keep_default_na=False).set_index("表头")
    assert rows.loc["主要致贫的原因", "确认"] == "是" and "健康的状况" in rows.index


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("建档立卡户信息,某列,主要致贫原因,0.9,没有的列,户.csv", "没有「没有的列」"),
        ("没有的表,某列,主要致贫原因,0.9,是,户.csv", "没有「没有的表」"),
    ],
)
def test_a_confirmation_that_leads_nowhere_is_named_by_its_row(
    exports, tmp_path, row, message
):
    (tmp_path / FILE).write_text(",".join(FIELDS) + "\n" + row + "\n", encoding="utf-8")
    with pytest.raises(RegistryError, match=f"第2行：.*{message}"):
        registry.load(exports, tmp_path / "store")


def test_a_file_that_is_no_mapping_says_so(exports, tmp_path):
    (tmp_path / FILE).write_text("甲,乙\n1,2\n", encoding="utf-8")
    with pytest.raises(RegistryError, match="表头不对"):
        registry.load(exports, tmp_path / "store")


def test_a_mapping_open_elsewhere_is_named(exports, tmp_path):
    (tmp_path / FILE).mkdir()
    with pytest.raises(RegistryError, match="关闭"):
        registry.load(exports, tmp_path / "store")


def test_a_sheet_recognised_by_nothing_gets_proposals_for_what_is_missing(tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "户.csv").write_text(
        HEAD.replace("脱贫属性", "脱贫的属性").replace("户编号", "户的编号")
        + "\n"
        + ROWS,
        encoding="utf-8",
    )
    with pytest.raises(RegistryError, match=FILE):
        registry.load(folder, tmp_path / "store")
    decide(tmp_path, {"脱贫的属性": "是", "户的编号": "是"})
    assert registry.load(folder, tmp_path / "store").sheets["accepted"].sum() == 2


def test_a_sheet_without_headings_repeats_no_value(tmp_path):
    """The fullest row of such a sheet is a person, not a heading."""
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "户.csv").write_text(
        "欧阳震华,210799195001010019,13904160000,太和里五组12号\n", encoding="utf-8"
    )
    with pytest.raises(RegistryError) as caught:
        registry.load(folder, tmp_path / "store")
    for text in (str(caught.value), caught.value.said("en")):
        assert not any(
            value in text
            for value in ("欧阳震华", "210799195001010019", "13904160000", "太和里")
        )
    assert not (tmp_path / FILE).exists()


def test_each_column_is_proposed_once_and_never_one_that_is_there():
    made = propose(
        "household",
        ["主要致贫的原因", "主要致贫原因说明"],
        taken={"household_size"},
        place="",
    )
    assert (
        "主要致贫原因" in {one.proposed for one in made}
        and len({one.proposed for one in made}) == 2
    )
    assert (
        not propose("household", ["家庭人口数量"], taken={"household_size"}, place="")[
            0
        ].proposed
        == "家庭人口数"
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("证件号", True),
        ("家庭人口", True),
        ("欧阳震华", False),
        ("210799195001010019", False),
        ("", False),
    ],
)
def test_only_what_resembles_a_heading_is_repeated(text, found):
    assert looks_like_heading(text) is found


def test_a_file_whose_key_column_was_renamed_is_named(exports, tmp_path, capsys):
    (exports / "收入.csv").write_text(
        "年度,农户代号,工资性收入\n2018,2107270000001,100\n2018,2107270000002,200\n",
        encoding="utf-8",
    )
    assert main(["load", str(exports), "--store", str(tmp_path / "store")]) == 0
    assert (
        "未读入的文件或工作表：收入.csv（3 行）" in (said := capsys.readouterr().out)
        and "import_report.xlsx" in said
    )
    assert (
        main(["load", str(exports), "--store", str(tmp_path / "store"), "--lang", "en"])
        == 0
    )
    assert (
        "Not read: 收入.csv (3 rows)" in (said := capsys.readouterr().out)
        and "rows = 2 read + 0 rejected" in said
    )


def test_the_import_report_leads_to_every_cell_and_shows_no_value(tmp_path, capsys):
    folder = tmp_path / "exports"
    folder.mkdir()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "义县"
    for row in (
        ["建档立卡户信息"],
        [None],
        HEAD.split(",")[:6],
        ["2018", "义县", "2107270000001", "2", "说不清", "甲"],
        ["2018", "义县", None, "2", "未脱贫", "乙"],
        ["2018", "火星", "2107270000003", "两", "未脱贫", "丙"],
        ["合计", 3],
    ):
        sheet.append(row)
    book.save(folder / "户.xlsx")
    assert main(["load", str(folder), "--store", str(tmp_path / "store")]) == 0
    report = openpyxl.load_workbook(tmp_path / "store" / "import_report.xlsx")
    total = [cell.value for cell in list(report["总览"].iter_rows())[-1]]
    assert total[0] == "合计" and total[3] == sum(total[4:]) == 4
    cells = {
        row[2]: row[4]
        for row in report["留空的单元格"].iter_rows(min_row=4, values_only=True)
    }
    assert (
        cells["[户.xlsx]义县!E4"] == "不在可选范围内的填法"
        and cells["[户.xlsx]义县!D6"] == "不是数字"
    )
    rejects = {
        row[2]: row[4]
        for row in report["拒收的行"].iter_rows(min_row=4, values_only=True)
    }
    assert rejects["[户.xlsx]义县!C5"].startswith("编号缺失") and rejects[
        "[户.xlsx]义县!6:6"
    ].startswith("所属县")
    shown = (
        "".join(
            str(cell.value) for one in report for row in one.iter_rows() for cell in row
        )
        + capsys.readouterr().out
    )
    assert (
        "说不清" not in shown and "火星" not in shown and "2107270000001" not in shown
    )


def test_every_reason_has_its_chinese():
    import re
    from pathlib import Path

    text = "".join(
        path.read_text(encoding="utf-8")
        for path in (
            Path(registry.__file__).parent / name
            for name in ("cells.py", "read.py", "write.py")
        )
    )
    used = set(
        re.findall(
            r'_refuse\("([^"]+)"\)|"reason": "([^"]+)"|"(duplicate[^"]+|same key[^"]+)"|\] = "(not [^"]+|too [^"]+)"',
            text,
        )
    )
    named = {"".join(parts) for parts in used}
    for lang in ("zh", "en"):
        said = words(load_report.TEXT, lang)
        assert len(named) == len(said.find("reasons"))
        assert all(load_report.reason(text, said) for text in named)
