"""The brief's own failures: a chapter that is missing, a page that cannot be set, a full disk."""

import json
from pathlib import Path

import pytest
import typst

from jinzhou.errors import ReleaseError
from jinzhou.publish import documents
from jinzhou.publish.chapter import Chapter
from jinzhou.publish.documents import write_brief
from jinzhou.publish.release import release

CHAPTERS = (
    "registry_review",
    "return_risk",
    "illness_poverty",
    "funding_efficiency",
    "exit_readiness",
    "monitoring",
)


@pytest.fixture
def out(tmp_path):
    for name in CHAPTERS:
        release(tmp_path, Chapter(name=name, title=name, lang="zh"), synthetic=True)
    return tmp_path


def brief(out, **changes):
    return write_brief(
        out,
        **{"as_of": "2018-09-30", "sources": (), "synthetic": True} | changes,
    )


def test_empty_chapters_still_make_a_brief(out):
    assert brief(out).html.is_file() and (out / "brief.pdf").read_bytes().startswith(
        b"%PDF"
    )
    assert "防止返贫监测工作简报" in brief(out, as_of="2023-06-30").html.read_text(
        encoding="utf-8"
    )


def test_the_annex_names_the_files_that_no_table_knew(out):
    read = {
        "name": "户.csv",
        "sheet": "",
        "table": "household",
        "rows": 3,
        "accepted": 2,
        "rejected": 1,
        "sha256": "a" * 64,
    }
    page = brief(
        out,
        sources=[
            read
            | {
                "name": "收入.csv",
                "table": "",
                "accepted": 0,
                "rejected": 0,
                "rows": 1478,
            },
            read,
        ],
    ).html.read_text(encoding="utf-8")
    assert page.index("户.csv") < page.index("收入.csv") < page.index("未识别")


def test_a_missing_chapter_is_named(out):
    (out / "released" / "illness_poverty.json").unlink()
    with pytest.raises(ReleaseError, match="尚未发布「illness_poverty」"):
        brief(out)
    assert not (out / "brief.html").exists()


def test_a_page_that_cannot_be_set_is_one_message(out, monkeypatch):
    monkeypatch.setitem(documents.FORMATS, "brief.html", lambda model, out: b"")
    record = json.loads(
        (out / "released" / "registry_review.json").read_text(encoding="utf-8")
    )
    record["figures"] = [
        {"name": "bridge", "title": "", "alt": "", "note": ""}
    ]  # its drawing is gone
    (out / "released" / "registry_review.json").write_text(
        json.dumps(record), encoding="utf-8"
    )
    with pytest.raises(ReleaseError, match="排版失败：.*bridge.svg"):
        brief(out)


def test_a_warning_of_the_typesetter_is_an_error(out, monkeypatch):
    class Warned:
        message = "unknown font family: nothing"

    monkeypatch.setattr(
        typst, "compile_with_warnings", lambda *a, **k: (b"%PDF", [Warned])
    )
    with pytest.raises(ReleaseError, match="排版有警告：unknown font"):
        brief(out)


def test_a_full_disk_is_one_message(out, monkeypatch):
    def full(self, *arguments, **more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ReleaseError, match="检查磁盘空间"):
        brief(out)


def test_the_manifest_names_the_offices_own_reference_files(tmp_path, monkeypatch):
    from jinzhou.publish.manifest import checksum, write_manifest
    from jinzhou.words import REFERENCE_VARIABLE

    own, out = tmp_path / "own", tmp_path / "out"
    own.mkdir()
    out.mkdir()
    (own / "thresholds.csv").write_text("key\n", encoding="utf-8")
    for folder, expected in (
        ("", {}),
        (str(own), {"thresholds.csv": checksum(own / "thresholds.csv")}),
    ):
        monkeypatch.setenv(REFERENCE_VARIABLE, folder)
        write_manifest(out, inputs=(), parameters={}, notebooks=tmp_path)
        assert (
            json.loads((out / "manifest.json").read_text(encoding="utf-8"))["reference"]
            == expected
        )


def test_a_brief_shown_in_a_notebook_says_no_path():
    from jinzhou.publish.documents import Brief

    brief = Brief(folder=Path("/somewhere/2018Q3"), lang="zh")
    assert "somewhere" not in repr(brief) + brief._repr_html_()
