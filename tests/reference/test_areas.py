"""Areas of a city from its file: names, order, tiles, and what is refused."""

import os

import pytest

from jinzhou.cli import main
from jinzhou.errors import ParameterError
from jinzhou.reference import areas
from jinzhou.reference.files import FOLDER, rows

HEAD = "code,level,parent,zh,en,aliases,tile_column,tile_row,source\n"
OTHER = (
    HEAD
    + "450000,province,,某省,Some Province,,,,\n"
    + "451300,city,450000,某市,Some City,,,,\n"
    + "451302,county,451300,甲区,First District,旧甲区|甲,,,\n"
    + "451321,county,451300,乙县,Second County,,,,\n"
)


@pytest.fixture
def office(tmp_path, monkeypatch):
    """A function that makes another areas.csv the office's own."""

    def use(text: str):
        (tmp_path / "areas.csv").write_text(text, encoding="utf-8")
        monkeypatch.setenv("JINZHOU_REFERENCE", str(tmp_path))
        return tmp_path

    return use


def test_a_county_has_its_names_and_aliases():
    assert areas.name("210727", "zh") == "义县"
    assert areas.name("210727", "en") == "Yixian County"
    assert areas.county_code("北宁市") == areas.county_code("Beizhen City") == "210782"
    assert areas.city().code == "210700" and areas.partition() == "2107"


def test_counties_keep_the_order_of_the_file_and_others_follow():
    found = ["无此县", "210727", "all", "999901", "unknown", "210702"]
    assert areas.ordered(found) == ["210702", "210727", "999901", "无此县"]


def test_a_county_without_a_tile_gets_a_row_below():
    placed = areas.tiles(["999901"])
    assert placed["210727"] == (1, 0) and placed["999901"] == (0, 2)
    assert len(set(placed.values())) == len(placed) == 8


def test_the_county_that_exits_next_or_last():
    assert areas.exit_county(2018) == areas.exit_county(2021) == "210727"


def test_another_city_replaces_this_one(office):
    office(OTHER)
    assert list(areas.counties()) == ["451302", "451321"]
    assert areas.county_code("旧甲区") == "451302"
    assert areas.name("210727", "zh") == "210727"
    assert areas.tiles() == {"451302": (0, 0), "451321": (1, 0)}


def test_the_numbers_of_one_city_do_not_answer_for_another(office):
    folder = office(OTHER)
    with pytest.raises(ParameterError) as caught:
        rows("targets")
    assert "targets.csv" in caught.value.said("zh")
    assert "city/targets.csv" in caught.value.said("en")
    given = (FOLDER / "city" / "targets.csv").read_text(encoding="utf-8")
    (folder / "targets.csv").write_text(given, encoding="utf-8")
    assert rows("targets") and rows("thresholds")


def test_the_same_city_with_one_more_name_needs_no_other_file(office):
    given = (FOLDER / "city" / "areas.csv").read_text(encoding="utf-8")
    office(given.replace(",锦县,", ",锦县|大凌河县,"))
    assert areas.county_code("大凌河县") == "210781" and rows("targets")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("451302,county", "45132,county"),
        ("451302,county", "451300,county"),
        ("451302,county", "451321,county"),
        ("451302,county", "451302,district"),
        ("451300,city", "451300,county"),
    ],
)
def test_a_wrong_file_is_refused(office, old, new):
    office(OTHER.replace(old, new))
    with pytest.raises(ParameterError, match="areas.csv"):
        areas.areas()


def test_a_command_asks_for_a_folder_that_is_there(tmp_path, monkeypatch, capsys):
    """A misspelt folder would otherwise be read as none, with this city's numbers."""
    monkeypatch.setenv("JINZHOU_REFERENCE", "nowhere")
    assert main(["load", str(tmp_path), "--store", str(tmp_path / "store")]) == 1
    assert "nowhere" in capsys.readouterr().err
    (tmp_path / "office").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JINZHOU_REFERENCE", "office")
    assert main(["load", str(tmp_path), "--store", str(tmp_path / "store")]) == 1
    assert os.environ["JINZHOU_REFERENCE"] == str((tmp_path / "office").resolve())
