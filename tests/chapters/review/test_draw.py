"""A spot check drawn, filled in and loaded again: the same seed gives the same list."""

import openpyxl
import pandas as pd
import pytest

from jinzhou import registry
from jinzhou.__main__ import main
from jinzhou.statistics.spot_check import spot_check_plan, spot_check_rates
from tests.snapshots import snapshot


def draw(store, out, *more):
    return main(
        [
            "draw",
            "--store",
            str(store),
            "--as-of",
            "2018-09-30",
            "--out",
            str(out),
            *more,
        ]
    )


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_list(
    store, tmp_path
):
    for name, seed in (("a", "5"), ("b", "5"), ("c", "6")):
        assert draw(store, tmp_path / name, "--seed", seed, "--households", "20") == 0
    one, two, other = ((tmp_path / n / "draw_210727.xlsx").read_bytes() for n in "abc")
    assert one == two != other


def test_a_filled_list_can_be_loaded_and_gives_a_rate(store, exports, tmp_path):
    assert (
        draw(
            store,
            tmp_path / "out",
            "--seed",
            "5",
            "--households",
            "30",
            "--county",
            "210727",
        )
        == 0
    )
    book = openpyxl.load_workbook(tmp_path / "out" / "draw_210727.xlsx")
    sheet = book.active
    headings = {cell.value: cell.column for cell in sheet[3]}
    for row in range(4, sheet.max_row + 1):
        sheet.cell(row, headings["检查日期"]).value = "2018-10-20"
        sheet.cell(row, headings["发现问题"]).value = "错退" if row == 4 else "一致"
    folder = tmp_path / "exports"
    folder.mkdir()
    book.save(folder / "filled.xlsx")
    for path in exports.glob("2018年户信息.*"):
        (folder / path.name).write_bytes(path.read_bytes())
    registry.load(folder, tmp_path / "store")
    checks = registry.table(snapshot(tmp_path / "store", "2018-12-31"), "spot_check")
    rows = spot_check_rates(checks, threshold=0.02).rows.set_index(["rate", "county"])
    exited = registry.exited_households(snapshot(store, "2018-09-30"))["210727"]
    assert rows.loc[("wrong_exit", "210727"), ["checked", "found"]].tolist() == [30, 1]
    assert (
        rows.loc[("wrong_exit", "210727"), "population"] == exited and len(checks) == 30
    )


def test_without_a_size_the_plan_decides(store, tmp_path, capsys):
    assert draw(store, tmp_path, "--seed", "5", "--county", "210727") == 0
    frame = registry.spot_check_frame(snapshot(store, "2018-09-30", county="210727"))
    plan = spot_check_plan(pd.Series({"210727": len(frame)}), rate=0.02, found=(1,))
    assert f"已抽取 {int(plan.loc['210727', 'n_1'])} 户" in capsys.readouterr().out


@pytest.mark.parametrize("county", ["999999"])
def test_no_household_to_draw_from(store, tmp_path, capsys, county):
    assert draw(store, tmp_path, "--seed", "5", "--county", county) == 1
    assert "没有已脱贫户可抽" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["check"], ["draw", "--seed", "1"]])
def test_a_day_that_is_none_is_named(store, tmp_path, capsys, command):
    assert (
        main(
            [
                *command,
                "--store",
                str(store),
                "--as-of",
                "去年",
                "--out",
                str(tmp_path / "out"),
            ]
        )
        == 1
    )
    assert "2018-09-30" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_a_county_that_is_not_there_is_named(store, tmp_path, capsys):
    assert (
        main(
            [
                "check",
                "--store",
                str(store),
                "--as-of",
                "2018-09-30",
                "--county",
                "999999",
                "--out",
                str(tmp_path / "out"),
            ]
        )
        == 1
    )
    assert "210727" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written_is_named(store, tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    assert draw(store, tmp_path / "file", "--seed", "1", "--households", "2") == 1
    assert (
        "无法写入" in capsys.readouterr().err and (tmp_path / "file").read_text() == "x"
    )
