"""Every text file: the same keys in every language, the same fields, and no digit typed in."""

import re
import string
import tomllib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "jinzhou"
FILES = sorted(PACKAGE.rglob("*.zh.toml"))
NAMES_WITH_DIGITS = re.compile(r"ICD-10|GB/T ?\d+|10,000 yuan")
"""Names of classifications, standards and units (万元); everything else that is a digit is a field."""
ONE_LANGUAGE = {"event", "entered", "month", "month_number"}
"""Fields of one language: a Chinese sentence does without the verb, a date without a name."""


def leaves(tree: dict, path: str = "") -> dict[str, str]:
    found = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            found |= leaves(value, f"{path}{key}.")
        else:
            found[path + key] = " ".join(value) if isinstance(value, list) else value
    return found


def read(path: Path) -> dict[str, str]:
    return leaves(tomllib.loads(path.read_text(encoding="utf-8")))


def fields(text: str) -> set[str]:
    """Fields of a text; the texts of a reference row (`matter_zh`, `matter_en`) are one field."""
    names = (name for _, name, _, _ in string.Formatter().parse(text) if name)
    return {re.sub(r"_(zh|en)$", "", name) for name in names}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_both_languages_have_the_same_keys_and_fields(path):
    chinese = read(path)
    english = read(path.with_name(path.name.replace(".zh.", ".en.")))
    assert chinese.keys() == english.keys()
    for key, text in chinese.items():
        differ = fields(text) ^ fields(english[key])
        assert differ <= ONE_LANGUAGE or not fields(english[key]), key


@pytest.mark.parametrize(
    "path",
    [p for q in FILES for p in (q, q.with_name(q.name.replace(".zh.", ".en.")))],
    ids=lambda p: str(p.relative_to(PACKAGE)),
)
def test_no_digit_is_typed_in_a_text(path):
    typed = {}
    for key, text in read(path).items():
        bare = re.sub(r"\{[^{}]*\}", "", NAMES_WITH_DIGITS.sub("", text))
        if re.search(r"\d", bare):
            typed[key] = text
    assert not typed
