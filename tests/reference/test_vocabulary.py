"""The data dictionary as files: consistent, and an office's own in their place."""

import os
import shutil
import subprocess
import sys

import pytest

from jinzhou.reference.files import FOLDER, rows
from jinzhou.reference.vocabulary import KINDS, TABLES, codes, columns_by_heading

COLUMNS = [(t.name, c) for t in TABLES.values() for c in t.columns]


def test_every_column_has_a_known_kind_and_a_table():
    assert {row["table"] for row in rows("columns")} == set(TABLES)
    for table, column in COLUMNS:
        assert column.kind in KINDS, (table, column.name)
        assert (column.kind in ("code", "set")) == bool(column.labels), column.name
        assert (column.kind == "money") == (column.unit in ("元", "万元")), column.name


def test_keys_and_dates_name_columns_of_the_table():
    for table in TABLES.values():
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names) and set(table.key) <= set(names)
        assert table.known in ("", "snapshot", *names)
        assert {c.dated_by for c in table.columns} <= {"", *names}
        assert any(column.signature for column in table.columns)


def test_every_list_of_codes_is_used_and_has_no_label_twice():
    used = {row["codes"] for row in rows("columns")} - {""}
    assert used == {path.stem for path in (FOLDER / "codes").glob("*.csv")}
    for name in used:
        given = [row["label"] for row in rows(f"codes/{name}")]
        assert len(set(given)) == len(given) == len(codes(name)), name


def test_the_first_label_of_a_code_is_written():
    column = TABLES["member"]["labour_capacity"]
    assert column.label("lost") == "丧失劳动力"
    with pytest.raises(KeyError):
        column.label("nobody")


def test_a_heading_is_known_by_any_of_its_names():
    known = columns_by_heading("member")
    assert {known[h].name for h in ("证件号码", "身份证号", "id_number")} == {
        "id_number"
    }


def test_an_office_adds_a_heading_by_a_file_of_its_own(tmp_path):
    """Read when the package starts, so in a process of its own."""
    shutil.copy(FOLDER / "columns.csv", tmp_path)
    file = tmp_path / "columns.csv"
    given = file.read_text(encoding="utf-8")
    old = "household,household_size,家庭人口数,integer,人数|"
    assert old in given
    file.write_text(given.replace(old, f"{old}共几口人|"), encoding="utf-8")
    code = (
        "from jinzhou.reference.vocabulary import columns_by_heading as known;"
        "print(known('household')['共几口人'].name)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"JINZHOU_REFERENCE": str(tmp_path)},
    )
    assert found.stdout.strip() == "household_size"
