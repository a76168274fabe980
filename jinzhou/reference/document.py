"""Write the parts of docs/ that follow from the reference files.

``python -m jinzhou.reference.document [docs]`` fills, in place, the field tables of
``data-dictionary.md`` (between ``<!-- fields: TABLE -->`` and ``<!-- end -->``), its
relations (between ``<!-- relations -->`` and ``<!-- end -->``, from the first lines of
their SQL files) and the lines *Answered in* of ``requirements.md``; everything else on
those pages is written by hand.
"""

import re
import sys
import textwrap
from itertools import takewhile
from pathlib import Path

from jinzhou.reference.indicators import Indicator, indicators
from jinzhou.reference.vocabulary import TABLES, Column, Table

WIDTH = 100
RELATIONS = Path(__file__).parents[1] / "registry" / "relations"
_RELATIONS = re.compile(r"(<!-- relations -->\n).*?(<!-- end -->)", re.DOTALL)
_FIELDS = re.compile(r"(<!-- fields: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_ANSWERED = re.compile(
    r"(^### (R\d\d)$.*?^- \*\*Answered in\.\*\* [\w, ]+)[.:].*?(?=\n\n|\n?\Z)",
    re.DOTALL | re.MULTILINE,
)


def data_dictionary(text: str) -> str:
    """The page with the fields of the tables that it names, and the relations, filled in.

    Raises
    ------
    KeyError
        The page names a table that the vocabulary does not know.
    """
    made = _FIELDS.sub(
        lambda found: f"{found[1]}\n{_fields(TABLES[found[2]])}\n{found[3]}", text
    )
    return _RELATIONS.sub(lambda found: f"{found[1]}\n{_relations()}{found[2]}", made)


def requirements(text: str) -> str:
    """The page with tables and indicators of every requirement filled in."""
    records: dict[str, list[Indicator]] = {}
    for record in indicators():
        records.setdefault(record.requirement, []).append(record)
    return _ANSWERED.sub(
        lambda found: _wrapped(found[1], _answers(records.get(found[2], []))), text
    )


PAGES = {"data-dictionary.md": data_dictionary, "requirements.md": requirements}


def _wrapped(start: str, answer: str) -> str:
    """The last line of `start` with the answer behind it, folded."""
    *before, line = start.split("\n")
    full = f"{line}: {answer}." if answer else f"{line}."
    folded = textwrap.wrap(full, WIDTH, subsequent_indent="  ", break_long_words=False)
    return "\n".join([*before, *folded])


def _answers(records: list[Indicator]) -> str:
    shown = dict.fromkeys(name for record in records for name in record.shown_in)
    counted = [f"`{record.id}`" for record in records if record.object]
    tables = ", ".join(f"`{name}`" for name in shown)
    return tables + (f"; indicators {', '.join(counted)}" if counted else "")


def _relations() -> str:
    """What the first lines of every relation's file say of its rows and columns."""
    parts = []
    for path in sorted(RELATIONS.glob("*.sql")):
        lines = path.read_text(encoding="utf-8").splitlines()
        said = [line[3:] for line in takewhile(lambda x: x.startswith("--"), lines)]
        text = "\n".join(line for line in said if line != "kept")
        parts.append(f"### relation.{path.stem}\n\n```text\n{text}\n```\n\n")
    return "".join(parts)


def _fields(table: Table) -> str:
    rows = [
        f"Key: {', '.join(f'`{name}`' for name in table.key)}. "
        f"Title of the export: {table.zh}.",
        "",
        "| Field | Heading | Kind | Unit |",
        "|---|---|---|---|",
        *(_field(column) for column in table.columns),
        "",
    ]
    for column in table.columns:
        if column.labels:
            labels = " · ".join(f"{k} `{v}`" for k, v in column.labels.items())
            rows += textwrap.wrap(
                f"- `{column.name}`: {labels}",
                WIDTH,
                subsequent_indent="  ",
                break_long_words=False,
            )
    return "\n".join(rows).rstrip() + "\n"


def _field(column: Column) -> str:
    kind = column.kind + (", private" if column.private else "")
    kind += ", signature" if column.signature else ""
    headings = "、".join((column.zh, *column.aliases))
    return f"| `{column.name}` | {headings} | {kind} | {column.unit} |"


def main(folder: str = "docs") -> None:
    """Rewrite the pages of a folder in place."""
    for name, page in PAGES.items():
        path = Path(folder) / name
        path.write_text(page(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
