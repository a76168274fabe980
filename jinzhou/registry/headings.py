"""Headings that no table knows: columns they resemble, and the file in which they are confirmed."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from jinzhou.errors import RegistryError, message
from jinzhou.reference.vocabulary import (
    NO,
    TABLES,
    YES,
    Column,
    columns_by_heading,
    plain_heading,
)
from jinzhou.words import LANGUAGES

FILE = "表头对照.csv"
"""Beside the store; made when a load meets headings that it does not know."""
FIELDS = ("表", "表头", "建议对应", "相似度", "确认", "见于")
CLOSE = 0.6
"""Similarity from which a column is proposed (ours)."""
LIKE_A_HEADING = 0.5
"""Similarity below which a cell of an unknown sheet may be a value and is not repeated."""


@dataclass(frozen=True, slots=True, order=True)
class Unknown:
    """One heading that its table does not know; `proposed` is a column's heading or empty."""

    table: str
    heading: str
    proposed: str
    similarity: float
    place: str


Confirmed = Mapping[str, Mapping[str, Column]]
"""Table -> plain heading -> column, as confirmed by the office."""


def read_confirmed(
    path: Path,
) -> tuple[Confirmed, dict[tuple[str, str], dict[str, str]]]:
    """Confirmed headings, and every row of the file by (table, heading).

    「确认」 may be 是 (take the proposal), 否 (leave the column out), blank (not decided) or
    another heading of the table.

    Raises
    ------
    RegistryError
        The file is no such file, names a table that does not exist, or confirms a heading that the
        table does not have.
    """
    if not path.is_file():
        return {}, {}
    names = {table.zh: table.name for table in TABLES.values()}
    confirmed: dict[str, dict[str, Column]] = {}
    known: dict[tuple[str, str], dict[str, str]] = {}
    wrong: list[tuple[str, dict[str, object]]] = []
    for number, row in enumerate(_rows(path), 2):
        table, heading, word = (
            names.get((row["表"] or "").strip(), ""),
            row["表头"] or "",
            (row["确认"] or "").strip(),
        )
        if not table:
            wrong.append(("no_table", {"row": number, "name": row["表"]}))
            continue
        known[table, plain_heading(heading)] = row
        if not word or word.lower() in NO:
            continue
        target = columns_by_heading(table).get(
            plain_heading(row["建议对应"] or "" if word.lower() in YES else word)
        )
        if target is None:
            asked = row["建议对应"] if word.lower() in YES else word
            wrong.append(
                (
                    "no_heading",
                    {"row": number, "name": asked, "table": TABLES[table].zh},
                )
            )
            continue
        confirmed.setdefault(table, {})[plain_heading(heading)] = target
    if wrong:
        raise _wrong_rows(wrong)
    return confirmed, known


def _rows(path: Path) -> list[dict[str, str]]:
    """Rows of the file of confirmed headings, in UTF-8 or as Excel saves it in Chinese."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    rows = list(csv.DictReader(io.StringIO(text)))
    if any(set(FIELDS[:5]) - set(row) for row in rows):
        raise RegistryError("registry.headings.fields", file=FILE, fields=FIELDS)
    return rows


def _wrong_rows(wrong: Sequence[tuple[str, Mapping[str, object]]]) -> RegistryError:
    """The error for rows that cannot be followed: the first five of them in words."""
    return RegistryError(
        "registry.headings.rows",
        file=FILE,
        count=len(wrong),
        first={
            lang: [
                message(f"registry.headings.{key}", lang, **values)
                for key, values in wrong[:5]
            ]
            for lang in LANGUAGES
        },
    )


def propose(
    table: str, headings: Sequence[str], *, taken: set[str], place: str
) -> list[Unknown]:
    """The column that each heading resembles most among those not taken.

    Each column is proposed once.
    """
    free = {
        plain: column
        for plain, column in columns_by_heading(table).items()
        if column.name not in taken
    }
    scored = sorted(
        (
            (similarity(plain_heading(h), plain), h, column)
            for h in headings
            for plain, column in free.items()
        ),
        key=lambda s: (-s[0], s[1], s[2].name),
    )
    best: dict[str, tuple[float, str]] = {}
    given: set[str] = set()
    for score, heading, column in scored:
        if score >= CLOSE and heading not in best and column.name not in given:
            best[heading] = score, column.zh
            given.add(column.name)
    return [
        Unknown(
            table,
            h,
            best.get(h, (0.0, ""))[1],
            round(best.get(h, (0.0, ""))[0], 2),
            place,
        )
        for h in dict.fromkeys(headings)
    ]


@cache
def similarity(one: str, two: str) -> float:
    """0-1: twice the characters that two plain headings share in order, over all their characters.

    Ratcliff and Metzener (1988), Dr. Dobb's Journal 13(7), 46.
    """
    return SequenceMatcher(None, one, two, autojunk=False).ratio()


def looks_like_heading(text: str) -> bool:
    """Whether a cell resembles a heading of any table and may be repeated in a message."""
    plain = plain_heading(text)
    if not plain or len(plain) > 40 or re.search(r"\d{5}", plain):
        return False
    matcher = SequenceMatcher(None, "", plain, autojunk=False)
    for known in _all_headings():
        matcher.set_seq1(known)
        if (
            matcher.real_quick_ratio() >= LIKE_A_HEADING
            and matcher.quick_ratio() >= LIKE_A_HEADING
            and matcher.ratio() >= LIKE_A_HEADING
        ):
            return True
    return False


@cache
def _all_headings() -> frozenset[str]:
    return frozenset(known for table in TABLES for known in columns_by_heading(table))


def write_unknown(
    path: Path,
    found: Sequence[Unknown],
    known: Mapping[tuple[str, str], Mapping[str, str]],
) -> int:
    """Add headings that the file does not list yet.

    What the office wrote stays. Returns how many wait for an answer.

    Raises
    ------
    RegistryError
        The file cannot be written, most often because it is open in Excel.
    """
    rows = dict(known)
    for one in sorted(found):
        rows.setdefault(
            (one.table, plain_heading(one.heading)),
            {
                "表": TABLES[one.table].zh,
                "表头": one.heading,
                "建议对应": one.proposed,
                "相似度": f"{one.similarity:.2f}" if one.proposed else "",
                "确认": "",
                "见于": one.place,
            },
        )
    if len(rows) > len(known):
        text = io.StringIO()
        writer = csv.DictWriter(
            text, FIELDS, extrasaction="ignore", lineterminator="\r\n"
        )
        writer.writeheader()
        writer.writerows(rows[key] for key in sorted(rows))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(("\ufeff" + text.getvalue()).encode())
        except OSError as error:
            raise RegistryError(
                "registry.headings.write",
                file=FILE,
                reason=error.strerror or type(error).__name__,
            ) from error
    return sum(not (row["确认"] or "").strip() for row in rows.values())
