"""Rows of sums: whether what is printed below a column is what stands above it."""

from collections.abc import Iterable

import pandas as pd

from jinzhou.publish.table import Table

ROUNDED = 0.5e-6
"""Largest difference that counts as equal in a table, whose cells were rounded."""


def column_sums(tables: Iterable[Table]) -> pd.DataFrame:
    """The counted columns of the tables that have a row of sums, before anything is withheld.

    Returns
    -------
    DataFrame
        One row per column: `table`, `column`, `parts` (what the other rows add up to), `total`
        (what the row of sums says), `equal`. Where a cell is missing `equal` is missing:
        neither true nor false.
    """
    rows = []
    for table in tables:
        last = table.frame.iloc[:, 0].astype(str) == table.total
        if not table.total or last.sum() != 1:
            continue
        for column in (c for c in table.counts if c in table.frame):
            values = pd.to_numeric(table.frame[column], errors="coerce").astype(float)
            parts, total = values[~last].sum(skipna=False), values[last].item()
            difference = abs(parts - total)
            equal = pd.NA if pd.isna(difference) else difference <= ROUNDED
            rows.append((table.name, column, parts, total, equal))
    return pd.DataFrame(rows, columns=["table", "column", "parts", "total", "equal"])
