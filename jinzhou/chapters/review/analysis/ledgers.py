"""What the ledgers add up to: stock and flows, a round's finds, filled fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.registry.stocks import FOUND_KINDS
from jinzhou.result import Result
from jinzhou.words import Words

FLOWS = (
    "exited",
    "returned",
    "newly_identified",
    "member_added",
    "removed",
    "natural_increase",
    "natural_decrease",
)
"""Kinds of flow in the order of the bridge."""
SIGNS = {
    "exited": -1,
    "returned": 1,
    "newly_identified": 1,
    "member_added": 1,
    "removed": -1,
    "natural_increase": 1,
    "natural_decrease": -1,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StockFlow(Result):
    """The stock of poor persons and what moved it, one row per group.

    Attributes
    ----------
    flows : DataFrame, indexed by group with a last row of the sum
        `opening`, the kinds of `FLOWS` (persons, unsigned), `expected` (opening and
        flows), `closing` (counted by itself), `difference` (closing - expected).
    closes : bool
        Whether every difference is zero.
    """

    shown: ClassVar[str] = "flows"
    flows: pd.DataFrame
    closes: bool

    def sentence(self, words: Words) -> str:
        """Stock at both ends and what does not close."""
        last = self.flows.iloc[-1]
        return words(
            "summary.StockFlow",
            opening=int(last["opening"]),
            closing=int(last["closing"]),
            difference=int(last["difference"]),
        )


def stock_flow(
    flows: pd.DataFrame,
    *,
    opening: pd.Series,
    closing: pd.Series,
    by: str = "county",
    kind: str = "kind",
    persons: str = "persons",
) -> StockFlow:
    """Hold the stock at the end against the stock before plus what was recorded (R12).

    Parameters
    ----------
    flows : DataFrame
        One row per recorded change of the stock, with its kind and persons (unsigned).
    opening, closing : Series, indexed by group
        Persons, each counted by itself; a difference is shown, never spread.

    by, kind, persons : str
        Columns of the group, the kind and the persons.

    Returns
    -------
    StockFlow

    Raises
    ------
    ParameterError
        A kind that is not in `FLOWS`.
    """
    unknown = sorted(set(flows[kind]) - set(FLOWS))
    if unknown:
        raise ParameterError(
            "chapters.stock_flow.kinds", found=unknown, known=list(FLOWS)
        )
    counted = flows.pivot_table(
        index=by, columns=kind, values=persons, aggfunc="sum", fill_value=0
    )
    groups = sorted(set(opening.index) | set(closing.index) | set(counted.index))
    table = counted.reindex(index=groups, columns=list(FLOWS), fill_value=0)
    table.insert(0, "opening", opening.reindex(groups, fill_value=0))
    table.loc["all"] = table.sum()
    table["expected"] = table["opening"] + sum(SIGNS[k] * table[k] for k in FLOWS)
    ends = closing.reindex(groups, fill_value=0)
    table["closing"] = pd.concat([ends, pd.Series({"all": ends.sum()})])
    table["difference"] = table["closing"] - table["expected"]
    table = table.astype("int64")
    table.columns.name, table.index.name = None, by
    return StockFlow(flows=table, closes=bool((table["difference"] == 0).all()))


def stock_flow_years(
    years: Mapping[int, tuple[pd.DataFrame, pd.Series, pd.Series]],
    *,
    by: str = "county",
) -> pd.DataFrame:
    """`stock_flow` of several years, one row per year and group (R12).

    Parameters
    ----------
    years : mapping, year -> (changes, opening, closing)
        As `registry.stock_by_year` gives them.
    by : str
        Column of the group.

    Returns
    -------
    DataFrame
        `year`, the group (its sum as ``all``), and the columns of `StockFlow.flows`.
    """
    parts = [
        stock_flow(changes, opening=opening, closing=closing, by=by)
        .flows.rename_axis(by)
        .reset_index()
        .assign(year=year)
        for year, (changes, opening, closing) in years.items()
    ]
    return (
        pd.concat(parts, ignore_index=True)
        if parts
        else pd.DataFrame(
            columns=["year", by, "opening", *FLOWS, "expected", "closing", "difference"]
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lookback(Result):
    """Persons that a checking round found, one row per group.

    Attributes
    ----------
    counts : DataFrame, indexed by group with a last row of the sum
        `returned`, `newly_identified`, `member_added`, `total` (their sum).
    twice : int
        Persons or households counted under two kinds.
    round : str
    """

    shown: ClassVar[str] = "counts"
    counts: pd.DataFrame
    twice: int
    round: str

    def sentence(self, words: Words) -> str:
        """Persons found by kind, and those under two kinds."""
        last = {k: int(v) for k, v in self.counts.iloc[-1].items()}
        return words("summary.Lookback", round=self.round, twice=self.twice, **last)


def lookback(found: pd.DataFrame, *, round: str, by: str = "county") -> Lookback:
    """Count what a round found: returned, newly identified, omitted members (R17).

    Parameters
    ----------
    found : DataFrame
        Rows of `registry.found_by_round`: `kind`, `persons`, `household_id`, the group; without
        rows every count is zero.
    round : str
        Name of the round.
    by : str
        Column of the group.

    Returns
    -------
    Lookback
    """
    kinds = list(FOUND_KINDS)
    counts = found.pivot_table(
        index=by, columns="kind", values="persons", aggfunc="sum", fill_value=0
    )
    counts = counts.reindex(columns=kinds, fill_value=0).sort_index()
    counts.loc["all"] = counts.sum()
    counts["total"] = counts[kinds].sum(axis=1)
    counts = counts.astype("int64")
    counts.columns.name, counts.index.name = None, by
    twice = int((found.groupby("household_id")["kind"].nunique() > 1).sum())
    return Lookback(counts=counts, twice=twice, round=round)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Completeness(Result):
    """Share of required fields that are filled, one row per field.

    Attributes
    ----------
    fields : DataFrame
        `field`, `rows`, `filled`, `share` (0-1), `status`: ``tested`` or ``not
        testable``.
    """

    shown: ClassVar[str] = "fields"
    kinds: ClassVar[Mapping[str, str]] = {"share": "share"}
    fields: pd.DataFrame

    def sentence(self, words: Words) -> str:
        """Share filled over the fields that can be tested."""
        tested = self.fields[self.fields["status"] == "tested"]
        return words(
            "summary.Completeness",
            share=tested["filled"].sum() / max(1, tested["rows"].sum()),
            tested=len(tested),
            fields=len(self.fields),
        )


def completeness(fields: Mapping[str, pd.Series]) -> Completeness:
    """How many rows fill each required field (R23); without rows it is not testable.

    Parameters
    ----------
    fields : mapping, field -> Series
        Values of the rows that must fill it; missing is a blank.

    Returns
    -------
    Completeness
    """
    rows = []
    for field, values in fields.items():
        filled = int(values.notna().sum())
        rows.append(
            (
                field,
                len(values),
                filled,
                filled / len(values) if len(values) else np.nan,
                "tested" if len(values) else "not testable",
            )
        )
    return Completeness(
        fields=pd.DataFrame(
            rows, columns=["field", "rows", "filled", "share", "status"]
        )
    )
