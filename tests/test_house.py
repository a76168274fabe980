"""The figures of `make house` do not grow back."""

import subprocess
import sys

import house
import pytest

TABLE = house.table()


@pytest.mark.parametrize("key", house.READ)
def test_no_figure_passes_what_was_reached(key):
    found = house.figure(key)
    if found is not None:
        assert found <= TABLE[key]["limit"], (
            f"{TABLE[key]['label']}: {found:g}; see `benchmarks/house.py --list {key}`"
        )


def test_every_figure_has_a_goal_and_a_way_to_measure_it():
    measured = house.READ.keys() | house.SLOW.keys() | {"brief_cpu_seconds"}
    assert measured == TABLE.keys()
    assert all(row["goal"] >= 0 and row["label"] for row in TABLE.values())


def test_the_exempt_files_exist():
    for name in house.exempt_files():
        assert (house.ROOT / name).is_file(), name
    for name in house.exempt_modules():
        path = house.ROOT / name.replace(".", "/")
        assert path.with_suffix(".py").is_file() or path.is_dir(), name


def test_a_module_hidden_by_a_function_of_its_name_is_found(tmp_path, monkeypatch):
    package = tmp_path / "jinzhou" / "room"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("from jinzhou.room.dea import dea, score\n")
    (package / "dea.py").write_text("def dea():\n    return 1\n")
    monkeypatch.setattr(house, "ROOT", tmp_path)
    monkeypatch.setattr(house, "PACKAGE", tmp_path / "jinzhou")
    monkeypatch.setattr(house, "tracked", lambda: tuple(package.glob("*.py")))
    assert house.shadowed_modules() == ["jinzhou.room.dea"]


def test_a_chinese_character_takes_two_columns():
    assert house.columns("县 a") == 4


def test_the_quick_table_prints_every_figure():
    command = [sys.executable, house.__file__, "--quick"]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for row in TABLE.values():
        assert row["label"] in out
