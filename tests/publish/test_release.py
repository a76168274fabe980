"""Release: small cells withheld for good, raw numbers kept, equal bytes, honest failures."""

import io
import json
import re
import zipfile
from dataclasses import replace

import pandas as pd
import pytest

from jinzhou.errors import ParameterError, ReleaseError
from jinzhou.publish import drawing as drawing_room
from jinzhou.publish.chapter import (
    Chapter,
    ListSheet,
    Problem,
    Sentence,
    Table,
)
from jinzhou.publish.figure import Figure
from jinzhou.publish.release import release, withhold
from jinzhou.publish.workbook import workbook


def table(rows, total="合计", **more):
    frame = pd.DataFrame(rows, columns=["县", "甲", "乙"])
    return Table(
        name="t",
        title="表",
        frame=frame,
        counts=("甲", "乙"),
        total=total,
        formats={"甲": "count", "乙": "count"},
        **more,
    )


def test_a_withheld_cell_cannot_be_had_from_the_sums():
    hidden = withhold(
        table([("A", 3, 40), ("B", 50, 60), ("C", 70, 80), ("合计", 123, 180)]), 5
    )
    assert hidden.loc[0, "甲"]
    for column in ("甲", "乙"):
        inside = hidden.loc[:2, column].sum()
        assert inside == 0 or inside >= 2 or hidden.loc[3, column]
    assert hidden.loc[0, ["甲", "乙"]].sum() >= 2


def test_zero_and_large_counts_are_shown():
    assert (
        not withhold(table([("A", 0, 5), ("B", 9, 6), ("合计", 9, 11)]), 5)
        .to_numpy()
        .any()
    )


def test_shares_go_with_the_count_they_would_betray():
    frame = pd.DataFrame({"县": ["A", "B"], "户": [3, 90], "占比": [0.3, 0.5]})
    hidden = withhold(
        Table(
            name="t", title="", frame=frame, counts=("户",), formats={"占比": "share"}
        ),
        5,
    )
    assert hidden["占比"].tolist() == [True, False]


def figure_of(name, title, drawing):
    drawing_room.checked_glyphs(drawing, title)
    return Figure(name=name, title=title, drawing=drawing, alt=title)


def chapter(lang="zh"):
    listed = pd.DataFrame(
        {"排名": [1], "村": ["=1+1"], "户编号": ["2107270000001"], "风险": [0.123]}
    )
    flows = pd.Series(
        {
            "opening": 100,
            "exited": 0,
            "returned": 5,
            "newly_identified": 3,
            "member_added": 0,
            "removed": 2,
            "natural_increase": 1,
            "natural_decrease": 1,
            "closing": 106,
            "expected": 106,
        }
    )
    labels = {key: key for key in flows.index[:-1]}
    drawn, _ = drawing_room.bridge(flows, labels, down=("exited", "removed"), unit="")
    return Chapter(
        name="registry_review",
        title="核查",
        lang=lang,
        tables=(
            table([("A", 3, 40), ("B", 50, 60), ("C", 70, 80), ("合计", 123, 180)]),
        ),
        figures=(figure_of("bridge", "桥图", drawn),),
        problems=(
            Problem(
                title="x",
                sentences=(Sentence(text="y", tables=("t",)),),
                office="扶贫办",
            ),
        ),
        lists=(
            ListSheet(
                name="risk_210727",
                title="名单",
                county="210727",
                frame=listed,
                inputs={"走访结果": ("稳定", "有风险")},
            ),
        ),
        county={"人": {"210727": "3", "210726": "60", "210781": "70", "all": "133"}},
    )


def test_two_releases_give_the_same_bytes(tmp_path):
    one, two = (release(tmp_path / n, chapter(), synthetic=True) for n in "ab")
    assert one.files == two.files and len(one.files) == 4
    for name in one.files:
        assert (tmp_path / "a" / name).read_bytes() == (
            tmp_path / "b" / name
        ).read_bytes(), name


def test_csv_opens_in_excel_and_says_what_is_withheld(tmp_path):
    release(tmp_path, chapter(), synthetic=True)
    data = (tmp_path / "tables" / "t.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and "隐去" in data.decode("utf-8-sig")
    county = json.loads(
        (tmp_path / "released" / "registry_review.json").read_text(encoding="utf-8")
    )["county"]["人"]
    assert county["210727"] == county["210726"] == "隐去" and county["all"] == "133"


def test_registry_text_never_becomes_a_formula(tmp_path):
    release(tmp_path, chapter(), synthetic=True)
    with zipfile.ZipFile(tmp_path / "lists" / "risk_210727.xlsx") as book:
        sheet, strings = (
            book.read("xl/worksheets/sheet1.xml").decode(),
            book.read("xl/sharedStrings.xml").decode(),
        )
    assert "<f>" not in sheet and "=1+1" in strings and "2107270000001" in strings
    assert (
        "演示数据" in strings and "供核查参考" in strings and "dataValidation" in sheet
    )


def test_a_real_registry_is_not_called_a_demonstration(tmp_path):
    release(tmp_path, chapter(), synthetic=False)
    with zipfile.ZipFile(tmp_path / "lists" / "risk_210727.xlsx") as book:
        assert "演示数据" not in book.read("xl/sharedStrings.xml").decode()


def titled(text):
    """The smallest figure: a text above empty axes."""
    drawing = drawing_room.canvas(3, 2)
    drawing.subplots().set_title(text)
    return figure_of("f", "图", drawing)


def test_tables_and_figures_of_a_demonstration_say_so(tmp_path):
    figure = titled("甲")
    one = replace(chapter(), figures=(figure,))
    for synthetic in (True, False):
        release(tmp_path / str(synthetic), one, synthetic=synthetic)
    shown, real = (
        (tmp_path / name / "tables" / "t.csv")
        .read_text(encoding="utf-8-sig")
        .splitlines()
        for name in ("True", "False")
    )
    assert (
        shown[0].endswith(",演示数据")
        and all(line.endswith(",是") for line in shown[1:])
        and "演示数据" not in "".join(real)
    )
    heights = [
        float(re.search(rb'height="([\d.]+)pt"', figure.svg(mark=mark)).group(1))
        for mark in ("", "演示数据")
    ]
    assert heights[1] > heights[0] and (
        tmp_path / "True" / "figures" / "f.svg"
    ).read_bytes() == figure.svg(mark="演示数据")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "tables").write_text("a file stands where the folder should be")
    with pytest.raises(ReleaseError, match="无法写入"):
        release(tmp_path, chapter(), synthetic=True)
    with pytest.raises(ParameterError, match="最小单元格"):
        release(tmp_path, chapter(), synthetic=True, min_cell=0)
    with pytest.raises(ParameterError, match="'five'"):
        release(tmp_path, chapter(), synthetic=True, min_cell="five")


def test_a_missing_glyph_is_an_error():
    with pytest.raises(ReleaseError, match="字形缺失"):
        titled("\U0001f9a5")


def test_every_text_that_is_drawn_has_our_fonts():
    drawing = drawing_room.canvas(6, 3)
    axes = drawing.subplots()
    axes.plot(range(100_000))  # ticks are chosen when drawn, their labels with them
    figure = figure_of("x", "x", drawing)
    axes.set_xlim(0, 17)  # an analyst looks closer: other ticks, more of them
    figure.svg()
    texts = drawing.findobj(lambda artist: hasattr(artist, "get_fontfamily"))
    assert len(texts) > 20 and all(
        text.get_fontfamily() == drawing_room._family() for text in texts
    )


def test_a_unit_stands_on_a_line_of_its_own():
    sheet = ListSheet(
        name="x",
        county="210727",
        tab="表",
        title="表",
        frame=pd.DataFrame(
            {"户编号（全）": ["2107270000001"], "近一年医疗自付（元）": [11_899]}
        ),
        inputs={},
    )
    with zipfile.ZipFile(
        io.BytesIO(workbook([sheet], lang="zh", synthetic=True))
    ) as book:
        strings, widths = (
            book.read("xl/sharedStrings.xml").decode(),
            book.read("xl/worksheets/sheet1.xml").decode(),
        )
    assert (
        "近一年医疗自付\n（元）" in strings and "户编号（全）" in strings
    )  # texts wrap by themselves
    assert (
        float(re.search(r'<col min="2" max="2" width="([\d.]+)"', widths).group(1))
        >= 14
    )


def test_fonts_cover_gb2312():
    from fontTools.ttLib import TTFont

    known = TTFont(drawing_room.font_files()[-2]).getBestCmap()
    characters = [
        bytes([a, b]).decode("gb2312")
        for a in range(0xB0, 0xF8)
        for b in range(0xA1, 0xFF)
        if not (a == 0xD7 and b > 0xF9)
    ]
    assert len(characters) == 6_763 and not [
        c for c in characters if ord(c) not in known
    ]


def test_a_table_of_a_chapter_by_its_name():
    one = Chapter(
        name="x",
        title="",
        lang="zh",
        tables=(Table(name="t", title="", frame=pd.DataFrame()),),
    )
    assert one.table("t").name == "t"
    with pytest.raises(ParameterError, match="现有：t"):
        one.table("u")


def test_hidden_cells_whose_sum_leaves_no_choice_hide_one_more():
    """Three cells of 1 add up to 3: each would be known."""
    for value in (1, 4):
        frame = pd.DataFrame(
            {
                "县": ["甲", "乙", "丙", "丁", "戊", "合计"],
                "户": [value, value, value, 20, 30, 50 + 3 * value],
            }
        )
        hidden = withhold(
            Table(name="t", title="", frame=frame, counts=("户",), total="合计"), 5
        )["户"]
        assert hidden.tolist() == [True, True, True, True, False, False]
    frame = pd.DataFrame({"县": ["甲", "乙", "丙", "合计"], "户": [1, 2, 20, 23]})
    assert withhold(
        Table(name="t", title="", frame=frame, counts=("户",), total="合计"), 5
    )["户"].tolist() == [True, True, False, False]


def test_a_column_in_ten_thousands_holds_ten_thousands_in_the_csv(tmp_path):
    money = Table(
        name="money",
        title="资金",
        frame=pd.DataFrame({"县": ["甲"], "下达（万元）": [30_000_000.0]}),
        formats={"下达（万元）": "wan_yuan"},
    )
    release(
        tmp_path,
        Chapter(name="x", title="x", lang="zh", tables=(money,)),
        synthetic=False,
    )
    assert (tmp_path / "tables" / "money.csv").read_text(
        encoding="utf-8-sig"
    ).splitlines()[1] == "甲,3000.0"


def test_csv_numbers_have_ten_significant_digits(tmp_path):
    """The digits behind them are the processor's rounding; whole numbers keep all of theirs."""
    table = Table(
        name="t",
        title="表",
        frame=pd.DataFrame(
            {"县": ["甲", "乙"], "值": [2 / 3, 0.1 + 0.2], "元": [123456789012.0, 0.5]}
        ),
    )
    release(
        tmp_path,
        Chapter(name="x", title="x", lang="zh", tables=(table,)),
        synthetic=False,
    )
    assert (tmp_path / "tables" / "t.csv").read_text(encoding="utf-8-sig").splitlines()[
        1:
    ] == ["甲,0.6666666667,123456789012.0", "乙,0.3,0.5"]


def test_a_list_of_few_rows_does_not_tell_how_many(tmp_path):
    sheets = [
        ListSheet(
            name=f"l{n}",
            title="名单",
            county="210727",
            frame=pd.DataFrame({"户编号": ["H"] * n}),
        )
        for n in (2, 7)
    ]
    release(
        tmp_path,
        Chapter(name="x", title="x", lang="zh", lists=tuple(sheets)),
        synthetic=True,
    )
    record = json.loads((tmp_path / "released" / "x.json").read_text(encoding="utf-8"))
    assert [x["rows"] for x in record["lists"]] == [None, 7]
