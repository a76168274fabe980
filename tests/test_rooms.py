"""Imports run one way: registry -> chapters, with statistics -> publish."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "jinzhou"
LIBRARIES = {"pandas", "numpy"}

MAY = {
    # room: (rooms it may import, libraries outside the standard one)
    "words.py": (set(), set()),
    "errors.py": ({"words"}, set()),
    "result.py": ({"errors", "words"}, {"pandas"}),
    "reference": ({"errors", "words"}, set()),
    "registry": (
        {"errors", "words", "reference", "result"},
        LIBRARIES | {"duckdb", "pyarrow", "fastexcel", "xlsxwriter"},
    ),
    "statistics": (
        {"errors", "words", "result"},
        LIBRARIES | {"scipy", "highspy", "statsmodels", "sklearn"},
    ),
    "publish": (
        {"errors", "words", "reference"},
        LIBRARIES
        | {"matplotlib", "typst", "xlsxwriter", "jinja2", "pylopdf_fonts_zh_cn"},
    ),
    "chapters": (
        {
            "errors",
            "words",
            "reference",
            "result",
            "registry",
            "statistics",
            "publish",
        },
        LIBRARIES | {"scipy", "highspy", "statsmodels", "sklearn", "matplotlib"},
    ),
}
FILES = [
    (room, path)
    for room in MAY
    for path in (
        [PACKAGE / room]
        if room.endswith(".py")
        else sorted((PACKAGE / room).rglob("*.py"))
    )
]


def imported(path: Path) -> set[str]:
    """Dotted names a file imports, leaving out those that only a type checker reads."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) in {
            "TYPE_CHECKING",
            "typing.TYPE_CHECKING",
        }:
            node.body = []
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: write imports in full"
            names.add(node.module)
    return names


@pytest.mark.parametrize(
    ("room", "path"), FILES, ids=lambda v: v.name if isinstance(v, Path) else v
)
def test_imports_run_one_way(room, path):
    rooms, libraries = MAY[room]
    own = room.removesuffix(".py")
    for name in imported(path):
        head, *rest = name.split(".")
        if head == "jinzhou":
            if rest:
                assert rest[0] in rooms | {own}, f"{path.name} imports {name}"
        else:
            assert head in libraries or head in sys.stdlib_module_names, (
                f"{path.name} imports {name}"
            )


def test_no_chapter_imports_another():
    for path in sorted((PACKAGE / "chapters").glob("*/**/*.py")):
        own = path.relative_to(PACKAGE / "chapters").parts[0]
        for name in imported(path):
            if name.startswith("jinzhou.chapters."):
                assert name.split(".")[2] == own, f"{path.name} imports {name}"


def test_every_room_opens_with_its_sentence():
    for room in ("registry", "statistics", "chapters", "publish"):
        text = ast.get_docstring(
            ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8"))
        )
        assert text and text.startswith("This room") and "leaves" in text, room


def test_importing_the_package_is_light():
    heavy = "pandas", "matplotlib", "statsmodels", "papermill", "duckdb"
    code = f"import sys, jinzhou; print([m for m in {heavy!r} if m in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
