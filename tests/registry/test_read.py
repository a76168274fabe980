"""Exports in every shape that offices deliver: each cell read or listed, each row accounted for."""

import datetime as dt
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinzhou.chapters.review.load_report import load_report
from jinzhou.errors import RegistryError
from jinzhou.reference.vocabulary import TABLES
from jinzhou.registry import load, table
from jinzhou.registry.cells import clean, convert
from jinzhou.registry.read import Sheet, read_sheet
from tests.snapshots import snapshot

HEADINGS = [
    "年度",
    "县(市、区、旗)",
    "户编号",
    "户主姓名",
    "户主证件号码",
    "家庭人口数",
    "脱贫属性",
    "首次识别时间",
]
ROW = [
    "2018",
    "义县",
    "2107270000001",
    "甲",
    "210799195001010018",
    "3",
    "未脱贫",
    "201409",
]


def sheet(*rows, name="户"):
    return Sheet(
        file="a.xlsx",
        name=name,
        rows=pd.DataFrame([list(r) for r in rows], dtype=object),
    )


def row(**changes):
    return [changes.get(h, v) for h, v in zip(HEADINGS, ROW)]


def money(*texts, unit=""):
    return convert(
        TABLES["income"]["wage_income"], np.array(texts, dtype=object), unit=unit
    )


def dates(*texts):
    return convert(TABLES["household"]["relocated_on"], np.array(texts, dtype=object))


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1200", 120_000),
        ("1,200.50", 120_050),
        ("１２００", 120_000),
        ('="1200"', 120_000),
        ("1.2万", 1_200_000),
        ("1200元", 120_000),
        (" 1200 ", 120_000),
        ("1.2e3", 120_000),
        ("-30.10", -3_010),
        ("0.005", 0),
        ("'1200", 120_000),
    ],
)
def test_money_as_offices_write_it(text, fen):
    made = money(text)
    assert made.values[0] == fen and made.problems.empty


def test_the_unit_of_the_heading_counts():
    assert money("1.2", unit="万元").values[0] == 1_200_000
    rows = read_sheet(
        sheet(
            ["年度", "户编号", "工资性收入(万元)", "纯收入（元）"],
            ["2018", "H1", "0.5", "7000"],
        )
    ).frame
    assert rows.loc[0, ["wage_income", "net_income"]].tolist() == [500_000, 700_000]


@pytest.mark.parametrize("text", ["1.2万", "1.2万元", "12000元"])
def test_a_cell_with_a_unit_of_its_own_under_ten_thousands_is_no_guess(text):
    made = money("3", text, unit="万元")
    assert (
        made.values[0] == 3_000_000
        and np.isnan(made.values[1])
        and made.problems.to_dict() == {1: "the cell names a unit of its own"}
    )


def test_an_old_xls_workbook_is_read(tmp_path):
    """households.xls holds two invented rows, saved as Excel 97-2003."""
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "户.xls").write_bytes(
        (Path(__file__).parent / "households.xls").read_bytes()
    )
    report = load(tmp_path / "exports", tmp_path / "store")
    assert report.sheets["accepted"].sum() == 2 and report.sheets["rejected"].sum() == 0


@pytest.mark.parametrize("text", ["约三千", "1.2.3", "12-5", "--5", "1,2,x"])
def test_what_is_no_amount_is_listed_not_guessed(text):
    made = money("1", text)
    assert np.isnan(made.values[1]) and made.problems.to_dict() == {1: "not a number"}


@pytest.mark.parametrize("text", ["", "无", "/", "—", None, "NULL"])
def test_blank_words_are_missing_and_no_problem(text):
    made = money(text)
    assert np.isnan(made.values[0]) and made.problems.empty


@given(st.integers(-(10**13), 10**13))
def test_every_amount_comes_back_to_the_fen(fen):
    for text in (f"{fen / 100:.2f}", f"{fen / 100:,.2f}", f'="{fen / 100:.2f}"'):
        assert money(text).values[0] == fen


@pytest.mark.parametrize(
    "text",
    [
        "2018-09-30",
        "2018/9/30",
        "2018年9月30日",
        "20180930",
        "2018.9.30",
        "43373",
        "2018-09-30 00:00:00",
    ],
)
def test_dates_as_offices_write_them(text):
    assert dates(text).values[0] == dt.date(2018, 9, 30)


@given(st.dates(dt.date(1900, 3, 1), dt.date(2100, 12, 31)))
def test_every_day_comes_back_from_its_serial_number_and_text(day):
    serial = (day - dt.date(1899, 12, 30)).days
    texts = [
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
    ] + ([str(serial)] if serial >= 10_000 else [])
    assert set(dates(*texts).values) == {day}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2018-02-30", "no such day"),
        ("去年", "not a date"),
        ("1850-01-01", "no such day"),
    ],
)
def test_days_that_do_not_exist_are_listed(text, why):
    assert dates(text).problems.tolist() == [why]


def test_labels_become_codes_and_unknown_ones_are_listed():
    column = TABLES["household"]["registration_status"]
    made = convert(
        column, np.array(["未脱贫", " 未脱贫\u3000", "半脱贫"], dtype=object)
    )
    assert made.values[0] == made.values[1] and made.values[0] in set(
        column.labels.values()
    )
    assert made.values[2] is None and made.problems.to_dict() == {2: "unknown label"}


def test_an_identity_number_that_excel_rounded_is_reported_never_repaired():
    column = TABLES["household"]["head_id_number"]
    made = convert(
        column,
        np.array(
            ["2.10799E+17", "210799195001011000", "210799195001010018"], dtype=object
        ),
    )
    assert (
        made.values[0] is None
        and made.values[1] is None
        and made.values[2] == "210799195001010018"
    )
    assert set(made.problems) == {
        "identity number rounded by a spreadsheet"
    } and not any("2107" in p for p in made.problems)


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text):
    once = clean(text)
    assert once is None or clean(once) == once or once.startswith(("'", '="'))


def test_titles_repeated_headings_sums_footers_and_blanks_are_no_data():
    made = read_sheet(
        sheet(
            ["建档立卡户信息"] + [None] * 7,
            [None] * 8,
            HEADINGS,
            row(),
            HEADINGS,
            row(户编号="2107270000002"),
            ["合计", None, None, None, None, "6", None, None],
            [None] * 8,
            ["填表人：某某"] + [None] * 7,
        )
    )
    assert made.counts == {
        "rows": 6,
        "blank": 1,
        "heading": 1,
        "sum": 1,
        "footer": 1,
        "rejected": 0,
        "accepted": 2,
    }
    assert made.frame["source_row"].tolist() == [4, 6]  # as Excel numbers them


def test_a_row_without_its_key_is_rejected_with_its_address():
    made = read_sheet(sheet(HEADINGS, row(), row(户编号=None), row(年度="二〇一八")))
    assert made.counts["accepted"] == 1
    assert made.rejects[["file", "sheet", "row", "column"]].to_numpy().tolist() == [
        ["a.xlsx", "户", 3, "户编号"],
        ["a.xlsx", "户", 4, "年度"],
    ]


def test_an_unreadable_cell_keeps_its_row_and_has_an_address():
    made = read_sheet(sheet(HEADINGS, row(), row(家庭人口数="三口")))
    assert made.counts["accepted"] == 2 and np.isnan(
        made.frame.loc[1, "household_size"]
    )
    assert made.problems[["sheet", "row", "column", "reason"]].to_numpy().tolist() == [
        ["户", 3, "家庭人口数", "not a number"]
    ]


def test_headings_in_another_order_with_notes_and_wraps():
    order = [3, 2, 7, 0, 6, 5, 4, 1]
    headings = [
        HEADINGS[i].replace("户编号", "户编号\n（必填）")
        if i == 2
        else f" {HEADINGS[i]} "
        for i in order
    ]
    made = read_sheet(sheet(headings, [ROW[i] for i in order]))
    assert (
        made.table == "household"
        and made.frame.loc[0, "household_id"] == ROW[2]
        and made.frame.loc[0, "household_size"] == 3
    )


def write(folder, name, rows, encoding="utf-8"):
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(
        "\r\n".join(",".join("" if c is None else c for c in r) for r in rows).encode(
            encoding
        )
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_every_encoding_gives_the_same_store(tmp_path, encoding):
    write(
        tmp_path / "in",
        "户.csv",
        [HEADINGS, row(), row(户编号="2107270000002")],
        encoding,
    )
    report = load(tmp_path / "in", tmp_path / "store")
    rows = table(snapshot(tmp_path / "store", "2030-12-31"), "household")
    assert (
        report.sheets["accepted"].sum() == 2
        and rows["county"].tolist() == ["210727"] * 2
        and rows["town"].isna().all()
    )


def test_several_sheets_hidden_ones_and_text_numbers_in_a_workbook(tmp_path):
    (tmp_path / "in").mkdir()
    book = openpyxl.Workbook()
    one, two, other = book.active, book.create_sheet("二"), book.create_sheet("说明")
    for page, number in ((one, "2107270000001"), (two, "2107270000002")):
        page.append(["建档立卡户信息"])
        page.merge_cells("A1:H1")
        page.append(HEADINGS)
        page.append(
            [int(c) if h == "年度" else c for h, c in zip(HEADINGS, row(户编号=number))]
        )
    one.row_dimensions[3].hidden = True
    one.column_dimensions["C"].hidden = True
    two.sheet_state = "hidden"
    other.append(["本表由系统导出"])
    book.save(tmp_path / "in" / "随便起名.xlsx")
    report = load(tmp_path / "in", tmp_path / "store")
    assert report.sheets.set_index("sheet")["accepted"].to_dict() == {
        "Sheet": 1,
        "二": 1,
        "说明": 0,
    }
    assert report.sheets.set_index("sheet").loc["说明", "not recognised"] == 1
    assert sorted(
        table(snapshot(tmp_path / "store", "2030-12-31"), "household")["household_id"]
    ) == ["2107270000001", "2107270000002"]


def test_every_row_of_a_damaged_folder_is_accounted_for(exports, tmp_path):
    report = load(exports, tmp_path / "store")
    sheets = report.sheets
    parts = sheets.drop(columns=["file", "sheet", "table", "rows"]).sum(axis=1)
    assert (parts == sheets["rows"]).all() and sheets["rejected"].sum() == len(
        report.rejects
    ) > 0
    assert (
        f"{sheets['rows'].sum()} = 读入 {sheets['accepted'].sum()} + 拒收 {len(report.rejects)}"
        in report.summary()
    )
    assert report.rejects[["file", "row", "column", "reason"]].notna().all(axis=None)


def test_the_same_key_twice_is_rejected_and_says_whether_the_rows_agree(tmp_path):
    write(tmp_path / "in", "户.csv", [HEADINGS, row(), row(), row(家庭人口数="5")])
    report = load(tmp_path / "in", tmp_path / "store")
    assert report.rejects["reason"].tolist() == [
        "duplicate of an accepted row",
        "same key as an accepted row, other values",
    ]
    assert table(snapshot(tmp_path / "store", "2030-12-31"), "household")[
        "household_size"
    ].tolist() == [3]


def test_a_household_in_no_county_is_rejected(tmp_path):
    county = "县(市、区、旗)"
    rows = [row(户编号=str(n), **{county: name}) for n, name in ((8, "火星"), (9, ""))]
    write(tmp_path / "in", "户.csv", [HEADINGS, row(), *rows])
    report = load(tmp_path / "in", tmp_path / "store")
    assert report.rejects["reason"].tolist() == ["unknown county"] * 2
    assert report.unlisted.empty


def test_a_county_that_the_areas_do_not_list_is_kept_and_reported(tmp_path):
    """By its code where the export has one, else by its own name; a malformed code is none."""
    county, area = "县(市、区、旗)", "行政区划代码"
    headings = [*HEADINGS, area]
    given = [
        ("8", "无此县", ""),
        ("9", "邻县", "451302101201"),
        ("10", "", "451302"),
        ("11", "", "45130"),
        ("12", "", "451300101201"),
        ("13", "锦州市", ""),
    ]
    rows = [
        [*row(户编号=number, **{county: name}), code] for number, name, code in given
    ]
    write(tmp_path / "in", "户.csv", [headings, [*row(), "210727101201"], *rows])
    report = load(tmp_path / "in", tmp_path / "store")
    assert len(report.rejects) == 3
    assert report.unlisted.to_dict("records") == [
        {"county": "451302", "households": 2},
        {"county": "无此县", "households": 1},
    ]
    sheet = load_report(report)[-1]
    assert sheet.frame.to_numpy().tolist() == [["451302", 2], ["无此县", 1]]
    assert "451302、无此县 共 3 户" in report.summary("zh")
    assert "451302, 无此县: 3 households" in report.summary("en")
    kept = table(snapshot(tmp_path / "store", "2030-12-31"), "household")
    assert sorted(kept["county"]) == ["210727", "451302", "451302", "无此县"]


def test_headings_of_another_year_name_the_nearest_table_and_what_is_missing(tmp_path):
    write(
        tmp_path / "in",
        "户.csv",
        [["年度", "户编号", "户主姓名", "贫困状态2013"], ["2013", "1", "甲", "是"]],
    )
    with pytest.raises(RegistryError) as caught:
        load(tmp_path / "in", tmp_path / "store")
    assert (
        "最接近的是" in caught.value.said("zh")
        and "脱贫属性" in caught.value.said("zh")
        and "甲" not in caught.value.said("zh")
    )


def test_all_broken_files_are_named_at_once(tmp_path):
    write(tmp_path / "in", "户.csv", [HEADINGS, row()])
    for name in ("一.xlsx", "二.xls"):
        (tmp_path / "in" / name).write_bytes(b"PK\x03\x04 no more")
    with pytest.raises(RegistryError) as caught:
        load(tmp_path / "in", tmp_path / "store")
    assert (
        "一.xlsx" in str(caught.value)
        and "二.xls" in str(caught.value)
        and not (tmp_path / "store").exists()
    )


def test_an_amount_too_large_to_be_one_is_left_blank_with_its_reason():
    """An identity number in a shifted column."""
    from jinzhou.reference.vocabulary import TABLES
    from jinzhou.registry.cells import convert

    column = next(c for c in TABLES["visit"].columns if c.name == "medfee_sumamt")
    found = convert(
        column,
        np.array(["210799198711030001", "1e99", "1234.5", "1e400"], dtype=object),
    )
    assert found.problems.to_dict() == {0: "too large", 1: "too large", 3: "too large"}
    assert found.values[2] == 123450 and np.isnan(found.values[[0, 1, 3]]).all()
