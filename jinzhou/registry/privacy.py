"""Pseudonyms, masks and the key file: what keeps personal values out of everything downstream."""

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

import numpy as np

from jinzhou.errors import RegistryError

WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
CHECKS = "10X98765432"
COMPOUND_SURNAMES = frozenset(
    "欧阳 上官 司马 诸葛 夏侯 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 东方 端木 南宫".split()
)


def read_key(file: Path) -> bytes:
    """The key of the pseudonyms; made at first use, readable by its owner only.

    Raises
    ------
    RegistryError
        The file holds something else than a key.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(32) + "\n")
    text = file.read_text(encoding="ascii", errors="replace").strip()
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise RegistryError("registry.privacy.key", file=file.name, length=64)
    return bytes.fromhex(text)


def pseudonym(number: str, key: bytes) -> str:
    """Keyed hash (HMAC-SHA256, 32 hexadecimal characters) of a normalised identity number."""
    return hmac.new(key, number.encode(), hashlib.sha256).hexdigest()[:32]


def check_character(body: str) -> str:
    """Check character of the first 17 digits (GB 11643-1999)."""
    return CHECKS[int(np.dot(np.array(list(map(int, body))), WEIGHTS)) % 11]


def normal_number(text: str) -> str | None:
    """The 18-character number behind a cell, or None when it cannot be read for certain.

    A disability card of 20 or 22 characters gives its first 18; a 15-digit number of before 1999
    is upgraded; a wrong check character is left as it is (it still names one person in the file,
    and a rule reports it). A number that Excel has rounded is never repaired.
    """
    text = text.upper()
    if re.fullmatch(r"\d{15}", text):
        body = text[:6] + "19" + text[6:]
        return body + check_character(body)
    if re.fullmatch(
        r"\d{17}[\dX]([1-7][1-4]([A-Z]\d|\d{2})?)?", text
    ) and not broken_by_excel(text):
        return text[:18]
    return None


def broken_by_excel(text: str) -> bool:
    """Whether a spreadsheet has rounded the number.

    2.10799E+17, or an end of 000 that fails the check.
    """
    text = text.upper()
    if re.fullmatch(r"\d(\.\d+)?E\+?\d+", text):
        return True
    return (
        bool(re.fullmatch(r"\d{15}000\d{0,2}", text))
        and check_character(text[:17]) != text[17]
    )


def mask_name(name: str) -> str:
    """张三丰 -> 张*丰, 张三 -> 张*, 欧阳娜娜 -> 欧阳**."""
    if not name:
        return ""
    if name[:2] in COMPOUND_SURNAMES and len(name) > 2:
        return name[:2] + "*" * (len(name) - 2)
    if len(name) <= 2:
        return name[0] + "*" * (len(name) - 1)
    return name[0] + "*" * (len(name) - 2) + name[-1]
