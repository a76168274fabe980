"""A positive and a negative case of every rule, generated from its own definition.

For each rule, rows of the columns that it names are drawn from its own literals, their neighbours
and blanks. Some row must fail and some row must pass, so no rule is dead, and none fires on
everything. What a rule means is tested by hand elsewhere, and by the planted errors.
"""

import re

import duckdb
import numpy as np
import pytest

from jinzhou.reference.vocabulary import TABLES
from jinzhou.registry.rules import DELIVERED, catalogue
from tests.snapshots import snapshot

DRAWS = 10_000
SAME = {
    "school_last_year": "school_status",
    "school_two_years_ago": "school_status",
    "status_last_year": "registration_status",
}
LABELS = {
    c.name: sorted(set(c.labels.values()))
    for t in TABLES.values()
    for c in t.columns
    if c.labels
}


@pytest.fixture(scope="module")
def types(store):
    """Columns of each object's relation, with their types."""
    views = snapshot(store, "2018-12-31").views
    found = {}
    for name in DELIVERED:
        rows = views.frame(f"describe select * from rules.{name}")
        found[name] = dict(zip(rows["column_name"], rows["column_type"], strict=True))
    return found


def pool(column: str, kind: str, text: str) -> list:
    """Values worth trying for a column: literals of the rule and their neighbours, labels, blanks."""
    if kind == "BOOLEAN":
        return ["true", "false", "null"]
    if kind.startswith("DATE") or kind.startswith("TIMESTAMP"):
        days = [
            d
            for found in re.findall(r"date '(\d{4}-\d{2}-\d{2})'", text)
            for d in (found,)
        ] + [
            "1950-05-05",
            "1998-06-06",
            "2005-01-01",
            "2016-01-15",
            "2018-03-01",
            "2018-09-30",
            "2018-10-20",
            "2018-12-15",
            "2019-03-01",
        ]
        return [f"date '{d}'" for d in days] + ["null"]
    words = re.findall(r"'([a-zA-Z0-9_%]+)'", text)
    if kind == "VARCHAR":
        values = (
            [w.replace("%", "") for w in words]
            + LABELS.get(SAME.get(column, column), [])[:40]
            + ["some", "210727", "210727101201"]
        )
        return [f"'{v}'" for v in dict.fromkeys(values)] + ["null"] * (
            1 + len(values) // 4
        )
    if kind.endswith("[]"):
        items = [w for w in words] + LABELS.get(column, [])
        return (
            [f"['{a}']" for a in dict.fromkeys(items)]
            + [f"['{a}', '{b}']" for a in items[:4] for b in items[:4] if a != b]
            + ["null", "[]"]
            + [f"['{a}', '{b}', '{c}']" for a, b, c in zip(items, items[1:], items[2:])]
        )
    numbers = [
        float(n)
        for n in re.findall(r"(?<![\w'])-?\d+(?:\.\d+)?", text.replace("$line", "2995"))
    ]
    near = (
        {n + d for n in numbers for d in (-1, 0, 1)}
        | {n * f for n in numbers for f in (0.5, 2)}
        | {0, 1, 2, 3, 5, 30, 100, 1_000, 5_000, 2014, 2018}
    )
    if kind in ("BIGINT", "INTEGER", "HUGEINT", "SMALLINT"):
        near = {int(n) for n in near}
    return (
        [f"{n}" for n in sorted(near)] + ["null"] + ["0"] * (len(near) // 2)
    )  # sums must sometimes close


@pytest.mark.parametrize("rule", catalogue(), ids=lambda r: r.id)
def test_a_case_that_fails_and_a_case_that_passes(rule, types):
    text = f"{rule.tested} {rule.failed}"
    bare = re.sub(r"'[^']*'", "''", text)
    names = [c for c in types[rule.object] if re.search(rf"\b{c}\b", bare)]
    assert names or text.strip() in ("true true",), "a rule looks at its columns"
    rng = np.random.default_rng(sum(map(ord, rule.id)))
    columns = []
    for name in names:
        values = pool(name, types[rule.object][name], text)
        columns.append(rng.choice(np.array(values, dtype=object), DRAWS))
    rows = ", ".join("(" + ", ".join(row) + ")" for row in dict.fromkeys(zip(*columns)))
    cast = ", ".join(f"{c}::{types[rule.object][c]} as {c}" for c in names)
    sql = (
        (
            f"select case when {rule.tested} then ({rule.failed}) end as verdict, count(*) from (select {cast} from (values {rows}) v({', '.join(names)})) group by 1"
        )
        .replace("$line", "2995")
        .replace("$year", "2018")
    )
    counts = dict(duckdb.connect().execute(sql).fetchall())
    assert counts.get(True), f"never fails: {text}"
    assert counts.get(False), f"never passes: {text}"
