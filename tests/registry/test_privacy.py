"""Numbers, masks and the key: nobody is named, everybody is told apart."""

import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinzhou.errors import RegistryError
from jinzhou.registry.privacy import (
    broken_by_excel,
    check_character,
    mask_name,
    normal_number,
    pseudonym,
    read_key,
)


def test_check_character_of_the_standard():
    """The example of GB 11643-1999, annex."""
    assert (
        check_character("11010519491231002") == "X"
        and check_character("44052418800101001") == "4"
    )


def test_old_numbers_and_disability_cards_name_the_same_person():
    body = "21079919500101001"
    whole = body + check_character(body)
    assert (
        normal_number("210799500101001")
        == whole
        == normal_number(whole.lower())
        == normal_number(whole + "43")
    )


@given(st.integers(0, 10**14 - 1))
def test_numbers_rounded_by_excel_are_never_repaired(head):
    text = f"{head:014d}"[:14] + "1000"
    if broken_by_excel(text):
        assert normal_number(text) is None
    assert normal_number("2.10799E+17") is None


def test_a_pseudonym_depends_on_the_key_and_hides_the_number():
    one, two = (
        pseudonym("210799195001010018", b"a" * 32),
        pseudonym("210799195001010018", b"b" * 32),
    )
    assert one != two and len(one) == 32 and "210799" not in one


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三丰", "张*丰"),
        ("张三", "张*"),
        ("欧阳娜娜", "欧阳**"),
        ("", ""),
        ("甲", "甲"),
    ],
)
def test_masked_names(name, masked):
    assert mask_name(name) == masked


def test_the_key_is_made_once_and_for_its_owner(tmp_path):
    file = tmp_path / "office" / "jinzhou.key"
    assert read_key(file) == read_key(file) and len(read_key(file)) == 32
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_damaged_key_is_refused_and_not_repeated(tmp_path):
    file = tmp_path / "jinzhou.key"
    file.write_text("not a key")
    with pytest.raises(RegistryError) as caught:
        read_key(file)
    assert "密钥文件 jinzhou.key 已损坏" in caught.value.said(
        "zh"
    ) and "not a key" not in str(caught.value.args)
