"""Whatever stands in a file: no crash, no lost row, no personal value in a message, nothing outside the store."""

import io
import tempfile
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jinzhou import registry
from jinzhou.chapters.review.load_report import load_report
from jinzhou.errors import RegistryError
from jinzhou.reference.vocabulary import TABLES
from jinzhou.registry.headings import FILE
from jinzhou.registry.load_report import SKIPPED

PERSONAL = ("欧阳震华", "210799195001010019", "13904160000", "6221079900000000001")
HEADINGS = sorted(
    {
        c.zh
        for name in ("household", "member", "income", "visit")
        for c in TABLES[name].columns
    }
)
MAY_APPEAR = {"store", "jinzhou.key", FILE}
SLOW = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)

cells = st.one_of(
    st.none(),
    st.sampled_from(PERSONAL),
    st.integers(-(10**16), 10**16),
    st.floats(allow_nan=True),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.text(max_size=12),
    st.sampled_from(
        [
            "合计",
            "填表人：某",
            "=1/0",
            "=SUM(A1:A9)",
            '="210799195001010019"',
            "１２３",
            "1.2万",
            "—",
            "是",
            "未脱贫",
            "2.10799E+17",
            "\x00",
            "#REF!",
        ]
    ),
)
heading_rows = st.lists(st.sampled_from(HEADINGS), min_size=1, max_size=25)


def survives(files: dict[str, bytes]) -> None:
    """Load the files; check every promise."""
    with tempfile.TemporaryDirectory() as place:
        exports, store = Path(place) / "in" / "exports", Path(place) / "out" / "store"
        exports.mkdir(parents=True)
        store.parent.mkdir()
        for name, data in files.items():
            (exports / name).write_bytes(data)
        try:
            report = registry.load(exports, store)
        except RegistryError as error:
            said = error.said("zh") + error.said("en") + repr(error)
            assert not store.exists()
        else:
            rows = report.sheets
            assert (
                rows["rows"] == rows[["accepted", "rejected", *SKIPPED]].sum(axis=1)
            ).all()
            stored = registry.open_store(store).manifest["rows"]
            assert (
                sum(stored.values()) == rows["accepted"].sum()
                and len(report.rejects) == rows["rejected"].sum()
            )
            said = report.summary() + "".join(
                str(sheet.frame.to_dict("records")) + sheet.note
                for sheet in load_report(report)
            )
        if (store.parent / FILE).exists():
            said += (store.parent / FILE).read_text(encoding="utf-8-sig")
        assert not [value for value in PERSONAL if value in said]
        assert {p.name for p in store.parent.iterdir()} <= MAY_APPEAR
        assert {p.name for p in Path(place).iterdir()} == {"in", "out"} and {
            p.name for p in exports.iterdir()
        } == set(files)


def workbook(
    rows: list[list],
    merged: list[tuple[int, int, int, int]] = (),
    *,
    hide: bool = False,
) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for r, row in enumerate(rows, 1):
        for c, value in enumerate(row, 1):
            try:
                sheet.cell(r, c).value = value
            except (ValueError, openpyxl.utils.exceptions.IllegalCharacterError):
                pass
    for top, left, tall, wide in merged:
        try:
            sheet.merge_cells(
                start_row=top,
                start_column=left,
                end_row=top + tall,
                end_column=left + wide,
            )
        except (ValueError, AttributeError):
            pass
    if hide:
        book.create_sheet("显示")
        sheet.sheet_state = "hidden"
        sheet.row_dimensions[3].hidden = True
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@SLOW
@given(
    heading_rows,
    st.lists(st.lists(cells, max_size=25), max_size=12),
    st.lists(
        st.tuples(
            st.integers(1, 8), st.integers(1, 8), st.integers(0, 3), st.integers(0, 3)
        ),
        max_size=3,
    ),
    st.integers(0, 4),
    st.booleans(),
)
def test_any_workbook(headings, rows, merged, above, hide):
    survives(
        {"户.xlsx": workbook([["标题"]] * above + [headings] + rows, merged, hide=hide)}
    )


GOOD = ["年度", "县(市、区、旗)", "户编号", "户主姓名", "家庭人口数", "脱贫属性"]


@SLOW
@given(
    st.lists(st.tuples(cells, cells, cells, cells, cells, cells), max_size=15),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    st.sampled_from([",", "\t", ";"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_csv(rows, encoding, comma, end):
    """A recognised household table whose cells hold anything."""
    text = end.join(
        comma.join("" if c is None else str(c) for c in row) for row in [GOOD, *rows]
    )
    survives({"户.csv": text.encode(encoding, errors="replace")})


@SLOW
@given(st.binary(max_size=400))
def test_any_bytes(data):
    survives({"户.xlsx": data, "户.csv": data, "户.xls": data})


@pytest.fixture(scope="module")
def good() -> bytes:
    return workbook(
        [
            ["建档立卡户信息"],
            GOOD,
            ["2018", "义县", "2107270000001", PERSONAL[0], 2, "未脱贫"],
        ]
    )


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.99])
def test_a_truncated_workbook(good, share):
    survives({"户.xlsx": good[: int(len(good) * share)]})


def test_a_workbook_with_macros_is_read_and_runs_nothing(good, tmp_path):
    stream = io.BytesIO(good)
    with zipfile.ZipFile(stream, "a") as book:
        book.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + b"macro" * 100)
    survives({"户.xlsm": stream.getvalue()})


def test_a_zip_that_wants_out_writes_nothing(good, tmp_path):
    stream = io.BytesIO(good)
    with zipfile.ZipFile(stream, "a") as book:
        book.writestr("../../evil.txt", "x")
        book.writestr(str(tmp_path / "evil.txt"), "x")
    survives({"户.xlsx": stream.getvalue()})
    assert not (tmp_path / "evil.txt").exists()


@pytest.mark.parametrize("rows", [0, 1_000])
def test_no_rows_and_a_thousand(rows):
    survives(
        {
            "户.xlsx": workbook(
                [["建档立卡户信息"], GOOD]
                + [
                    ["2018", "义县", f"2107270{i:06d}", PERSONAL[0], i, "未脱贫"]
                    for i in range(rows)
                ]
            )
        }
    )


def test_three_hundred_columns():
    survives(
        {
            "户.xlsx": workbook(
                [GOOD + [f"列{PERSONAL[1]}{i}" for i in range(294)]]
                + [["2018", "义县", "2107270000001", *PERSONAL] * 60]
            )
        }
    )


def test_an_empty_file_and_a_file_of_another_kind():
    survives({"户.xlsx": b"", "户.csv": b""})
    survives({"户.xlsx": b"%PDF-1.4 " + PERSONAL[0].encode()})
