"""Words that every chapter shares."""

import ast
from pathlib import Path

import numpy as np
import pytest

from jinzhou import exhibits
from jinzhou.publish.chapter import in_brackets


@pytest.mark.parametrize(
    ("low", "high", "zh", "en"),
    [
        (0.1, 0.2, "（95%区间10.0%–20.0%）", " (95% interval 10.0%–20.0%)"),
        (np.nan, 0.2, "（区间未能判定）", " (interval not determined)"),
        (np.nan, np.nan, "（区间未能判定）", " (interval not determined)"),
    ],
)
def test_an_interval_that_is_unknown_is_said_and_never_empty_brackets(
    low, high, zh, en
):
    assert (in_brackets(low, high, "share"), in_brackets(low, high, "share", "en")) == (
        zh,
        en,
    )


def test_no_exhibit_reaches_for_the_private_names_of_another():
    folder = Path(exhibits.__file__).parent
    reached = [
        f"{path.name}: {name}"
        for path in sorted(folder.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("jinzhou.exhibits")
        for name in (a.name for a in node.names)
        if name.startswith("_")
    ]
    assert not reached
