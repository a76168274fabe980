"""What docs/ says agrees with the package: requirements, tables, sources, names, references."""

import ast
import contextlib
import csv
import io
import re
import tomllib
from pathlib import Path

import pytest

from jinzhou.reference import document
from jinzhou.reference.indicators import indicators
from jinzhou.reference.vocabulary import TABLES

ROOT = Path(__file__).parents[1]
PACKAGE, DOCS = ROOT / "jinzhou", ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), *ROOT.glob("*.md")])


def page(name):
    return (DOCS / name).read_text(encoding="utf-8")


def package_files(*endings):
    return [p for p in sorted(PACKAGE.rglob("*")) if p.suffix in endings]


@pytest.mark.parametrize("name", sorted(document.PAGES))
def test_generated_parts_are_up_to_date(name):
    assert document.PAGES[name](page(name)) == page(name), (
        "run: python -m jinzhou.reference.document"
    )


def test_every_requirement_stands_once_and_says_where_it_is_answered():
    text = page("requirements.md")
    assert re.findall(r"^### (R\d\d)$", text, re.MULTILINE) == [
        f"R{n:02d}" for n in range(1, 81)
    ]
    answered = re.findall(r"\*\*Answered in\.\*\* ([^`]*?): `", text)
    assert len(answered) == 80
    rooms = {p.name for p in (PACKAGE / "chapters").iterdir() if p.is_dir()}
    assert {r for a in answered for r in a.split(", ")} <= rooms | {"publish"}


def test_what_answers_a_requirement_is_made_by_a_chapter():
    made = "".join(
        path.read_text(encoding="utf-8")
        for path in sorted((PACKAGE / "chapters").rglob("*"))
        if path.suffix in (".py", ".toml")
    )
    for record in indicators():
        for name in record.shown_in:
            if "." not in name:
                parts = name.split("_")
                begun = ["_".join(parts[:n]) + "_{" for n in range(1, len(parts))]
                assert re.search(rf"\b{name}\b", made) or any(
                    start in made for start in begun
                ), f"{record.id}: {name}"


def test_every_requirement_cited_in_the_package_exists():
    known = set(re.findall(r"^### (R\d\d)$", page("requirements.md"), re.MULTILINE))
    for path in package_files(".py", ".csv", ".toml", ".sql"):
        cited = set(re.findall(r"\bR\d\d\b", path.read_text(encoding="utf-8")))
        assert cited <= known, f"{path.name} cites {sorted(cited - known)}"


def test_the_dictionary_describes_every_table():
    assert set(re.findall(r"<!-- fields: (\w+) -->", page("data-dictionary.md"))) == (
        set(TABLES)
    )


def reference_rows():
    for path in sorted((PACKAGE / "reference").rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), 2):
                yield f"{path.name}:{number}", row


def test_every_source_of_a_reference_row_is_explained():
    cited_as = re.findall(r"^Cited as: ((?:.+\n)+)", page("sources.md"), re.MULTILINE)
    known = [name for names in cited_as for name in re.findall(r"`([^`]+)`", names)]
    assert len(known) > 20
    marks = set(re.findall(r"^\| `(\w+)`", page("sources.md"), re.MULTILINE))
    marks |= set(re.findall(r"`(\w+)`, `\w+` \|", page("sources.md")))
    marks |= set(re.findall(r", `(\w+)` \|", page("sources.md")))
    for where, row in reference_rows():
        source, mark = row.get("source"), row.get("mark")
        if source:
            assert any(name in source for name in known), f"{where}: {source}"
        if mark:
            assert mark.split(";")[0] in marks, f"{where}: {mark}"


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if re.match(r"https?:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file) if file else path
        assert found.exists(), f"{path.name}: {target}"
        if anchor:
            assert anchor in anchors(found), f"{path.name}: {target}"


def anchors(path):
    """Anchors that a renderer gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        for heading in headings
    }


def test_docs_cited_in_the_package_exist():
    for path in package_files(".py", ".csv", ".toml", ".sql"):
        text = path.read_text(encoding="utf-8")
        for name, anchor in re.findall(r"docs/([\w-]+\.md)(?:#([\w-]+))?", text):
            assert (DOCS / name).exists(), f"{path.name}: docs/{name}"
            if anchor:
                assert anchor in anchors(DOCS / name), f"{path.name}: {name}#{anchor}"


ELSEWHERE = re.compile(
    r"data dictionary,? (?:section )?\d|practice,? (?:section )?\d|facts\.md|\.\./shared"
    r"|(?:risk|statistics)-notes"
)


def test_nothing_is_cited_that_the_repository_does_not_hold():
    for path in [*package_files(".py", ".csv", ".toml", ".sql"), *PAGES]:
        found = ELSEWHERE.search(path.read_text(encoding="utf-8"))
        assert not found, f"{path.relative_to(ROOT)}: {found[0]}"


def docstrings_and_comments(path):
    """Prose of a module: its docstrings, plain strings of several words, comments."""
    source = path.read_text(encoding="utf-8")
    found = [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    found += re.findall(r"#\s(.*)", source)
    return " ".join(" ".join(found).split())


NAME = r"(?:(?:van |De )?[A-Z][\w'’-]*[a-zé])"
CITED = re.compile(
    rf"({NAME}(?:(?:, {NAME})* and {NAME}|, {NAME}| and others| et al\.)*),? "
    r"\(?((?:19|20)\d\d)(?=\)|[,;.]|$)"
)
NO_AUTHORS = set(
    "After Before From In On Since Until Spring Summer Autumn Winter January February"
    " March April May June July August September October November December".split()
)


def test_every_work_cited_in_a_docstring_is_in_the_bibliography():
    keys = re.findall(
        r"^- \*\*(.+?) \((\d{4})\)\*\*", page("bibliography.md"), re.MULTILINE
    )
    assert len(keys) > 90
    known = {(year, re.sub(r"’", "'", key)) for key, year in keys}
    cited = 0
    for path in package_files(".py"):
        if "synthetic" in path.parts:
            continue
        for authors, year in CITED.findall(docstrings_and_comments(path)):
            last = re.findall(NAME, authors.replace("’", "'").replace("'s", ""))
            if not last or last[0].split()[-1] in NO_AUTHORS:
                continue
            cited += 1
            keys = [key for y, key in known if y == year]
            first = [key for key in keys if last[0] in key and "et al." in key]
            assert first or any(last[-1] in key for key in keys), (
                f"{path.relative_to(PACKAGE)}: {authors} {year}"
            )
    assert cited > 60


def test_methods_and_bibliography_agree():
    keys = set(re.findall(r"^- \*\*(.+?)\*\*", page("bibliography.md"), re.MULTILINE))
    plain = " ".join(page("methods.md").split())
    for entry in re.findall(r"- \*\*Source\.\*\* (.+?)(?= - \*\*|$)", plain):
        for work in re.findall(rf"({NAME}[^;()]*? \(\d{{4}}\))", entry):
            assert work in keys, work


def test_methods_name_functions_and_modules_of_the_package():
    defined = {
        name
        for path in package_files(".py")
        for name in re.findall(r"^def (\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    where = re.findall(
        r"^- \*\*Where\.\*\* ((?:.+\n(?:  .+\n)*))", page("methods.md"), re.M
    )
    assert len(where) > 25
    for entry in where:
        names = re.findall(r"`([^`]+)`", entry)
        for name in names:
            if "/" in name:
                assert (PACKAGE / name).exists(), name
            else:
                assert name in defined, name


def test_glossary_names_exist_and_say_where_they_are_used():
    text = "".join(
        path.read_text(encoding="utf-8")
        for path in package_files(".py", ".csv", ".toml", ".sql")
    )
    rows = re.findall(
        r"^\| (.+?) \| (.+?) \| (.*?) ?\| (.+?) \|$", page("glossary.md"), re.M
    )
    assert len(rows) > 180
    for chinese, english, _, where in rows:
        for name in re.findall(r"`(\w+)`", english):
            assert re.search(rf"\b{name}\b", text), f"{chinese}: {name}"
        for name in re.findall(r"table `(\w+)`", where):
            assert name in TABLES, f"{chinese}: {name}"
        for name in re.findall(r"(?<!table )`([\w/.]+)`", where):
            assert (PACKAGE / name).exists(), f"{chinese}: {name}"


def test_the_code_of_the_analysts_guide_runs(store):
    blocks = re.findall(r"```python\n(.*?)```", page("analyst.zh.md"), re.DOTALL)
    assert len(blocks) > 5
    code = "\n".join(blocks).replace('"data/store"', repr(str(store)))
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "analyst.zh.md", "exec"), {})  # our own page
    assert "零负担" in said.getvalue()
    written = re.search(r"```toml\n(.*?)```", page("analyst.zh.md"), re.DOTALL)[1]
    text = (PACKAGE / "chapters" / "illness" / "text.zh.toml").read_text("utf-8")
    known = tomllib.loads(text)
    for key, lines in tomllib.loads(written).items():
        assert set(lines) <= set(known[key])


def test_the_page_on_architecture_says_what_each_room_may_import():
    from test_rooms import MAY

    rows = re.findall(
        r"^\| `([\w.]+)/?` \| .+? \| (.+?) \|$", page("architecture.md"), re.MULTILINE
    )
    said = {room: set(may.split(", ")) for room, may in rows if room in MAY}
    above = {room.removesuffix(".py") for room in MAY} - {"chapters"}
    for room, (rooms, _) in MAY.items():
        if said[room] == {"all of the above"}:
            assert rooms <= above, room
        else:
            assert said[room] - {"nothing"} == rooms, room


def test_the_page_on_architecture_names_every_chapter_and_notebook():
    rows = dict(
        re.findall(
            r"^\| `(\w+)` \| .+? \| `(\w+)`.* \|$",
            page("architecture.md"),
            re.MULTILINE,
        )
    )
    folders = {p.parent.name for p in PACKAGE.glob("chapters/*/__init__.py")}
    assert set(rows) == folders
    books = {p.stem for p in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(rows.values()) <= books
