"""Which cells of a table are withheld because they count too few persons or households."""

from collections.abc import Mapping

import pandas as pd

from jinzhou.publish.table import Table

ROUNDS = 20
"""Most rounds of withholding second cells; every round hides at least one more."""


def withhold(table: Table, min_cell: int) -> pd.DataFrame:
    """Which cells of a table are withheld, as a frame of booleans like `table.frame`.

    Small counts first; then, until nothing changes, the smallest further count in each row and
    column that would otherwise hold a single withheld cell beside a sum; then the shares in rows
    that lost a count.
    """
    frame, counts = table.frame, [c for c in table.counts if c in table.frame]
    hidden = pd.DataFrame(False, index=frame.index, columns=frame.columns)
    if not counts:
        return hidden
    values = frame[counts].astype(float)
    hidden[counts] = (values > 0) & (values < min_cell)
    hidden.iloc[list(table.impersonal)] = False
    if table.total:
        body = frame.iloc[:, 0].astype("string") != table.total
        _hide_what_follows(hidden, values, body, min_cell)
    lost = hidden[counts].any(axis=1)
    for column in frame:
        if table.formats.get(column) == "share":
            hidden.loc[lost, column] = True
    return hidden


def _hide_what_follows(
    hidden: pd.DataFrame, values: pd.DataFrame, body: pd.Series, min_cell: int
) -> None:
    """Hide further cells until none follows from a sum of its row or column."""
    for _ in range(ROUNDS):
        before = int(hidden.to_numpy().sum())
        for column in values:
            inside = hidden.loc[body, column]
            known = values.loc[body & hidden[column], column].sum()
            # several whose sum leaves no choice: all of them 1, or all the most withheld
            forced = known in (inside.sum(), inside.sum() * (min_cell - 1))
            if inside.sum() == 1 or (inside.any() and forced):
                _hide_next(hidden, values.loc[body & ~hidden[column], column])
        if values.shape[1] > 1:
            _hide_in_rows(hidden, values)
        if int(hidden.to_numpy().sum()) == before:
            return


def _hide_in_rows(hidden: pd.DataFrame, values: pd.DataFrame) -> None:
    """A second cell in each row with a single withheld one."""
    columns = list(values)
    for row in hidden.index[hidden[columns].sum(axis=1) == 1]:
        others = values.loc[row, [c for c in columns if not hidden.at[row, c]]]
        others = others[others > 0]
        if len(others):
            hidden.at[row, others.idxmin()] = True


def _hide_next(hidden: pd.DataFrame, candidates: pd.Series) -> None:
    """The smallest of the candidates that is not zero."""
    candidates = candidates[candidates > 0]
    if len(candidates):
        hidden.at[candidates.idxmin(), candidates.name] = True


def withheld_counties(
    columns: Mapping[str, Mapping[str, str]], *, min_cell: int, word: str
) -> dict[str, dict[str, str]]:
    """Columns beside the counties, withheld by the same rule.

    Texts that are no whole number pass; `word` stands in place of a withheld one.
    """
    made = {}
    for heading, texts in columns.items():
        whole = {code: int(t) for code, t in texts.items() if t.isdigit()}
        frame = pd.DataFrame({"code": list(whole), "n": list(whole.values())})
        table = Table(name="county", title="", frame=frame, counts=("n",), total="all")
        lost = set(frame.loc[withhold(table, min_cell)["n"], "code"])
        made[heading] = {c: word if c in lost else text for c, text in texts.items()}
    return made
