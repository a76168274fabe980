"""Poverty rates, the stock and its flows, the look-back, and how complete a table is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError

FLOWS = ("exited", "returned", "newly_identified", "member_added", "removed", "natural_increase", "natural_decrease")
"""Kinds of flow in the order of the bridge."""
SIGNS = {"exited": -1, "returned": 1, "newly_identified": 1, "member_added": 1, "removed": -1,
         "natural_increase": 1, "natural_decrease": -1}
LOOKBACK = ("returned", "newly_identified", "member_added")
"""The three kinds that the look-back of 2018 found."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PovertyRates:
    """Weighted FGT poverty, one row per group.

    Attributes
    ----------
    rates : DataFrame, indexed by group
        `rate` (0-1), `households` (rows used), `weight` (sum of weights).
    line, alpha, edge : float, int, str
        Yuan per person per year; 0 headcount, 1 gap, 2 severity; ``<`` or ``<=``.
    dropped : Series, indexed by reason
        Rows left out; with `households` it sums to the rows given.
    """

    rates: pd.DataFrame
    line: float
    alpha: int
    edge: str
    dropped: pd.Series

    def table(self) -> pd.DataFrame:
        """A copy of `rates`, safe to format."""
        return self.rates.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return (f"FGT{self.alpha} at {self.line:g} yuan (income {self.edge} line): "
                f"{self.rates['households'].sum():,} households, {int(self.dropped.sum()):,} left out.")


def poverty_rates(
    households: pd.DataFrame, *, line: float, alpha: int = 0, income: str = "net_income_pc",
    weights: str | None = None, by: str | None = None, edge: str = "<",
) -> PovertyRates:
    """Share, gap or severity of poverty among households (one row each), by group.

    Parameters
    ----------
    line : float
        Yuan per person per year, in the same year's prices as `income`. Always given, never
        derived from the rows passed in, so that a township is held to the county's line.
    weights : str, optional
        Column of persons per household, for a share of persons; else a share of households.
    edge : {"<", "<="}
        Whether a household exactly at the line is poor.

    Raises
    ------
    ParameterError
        `alpha` is not 0, 1 or 2, the line is not positive, or the edge is unknown.

    Notes
    -----
    Entry is below the line (<), exit and clearing are above it (>): a household exactly at the
    line keeps the status it has. A measure of a whole population says which edge it uses.
    Foster, Greer and Thorbecke (1984), Econometrica 52(3), 761-766.
    """
    if alpha not in (0, 1, 2):
        raise ParameterError(f"alpha={alpha}；应为 0、1 或 2。", f"alpha={alpha}; expected 0, 1 or 2.")
    if not line > 0:
        raise ParameterError(f"贫困线为 {line}；应为正数（元/人/年）。", f"line={line}; expected yuan per person per year, positive.")
    if edge not in ("<", "<="):
        raise ParameterError(f"edge={edge!r}；应为 < 或 <=。", f"edge={edge!r}; expected '<' or '<='.")
    y = households[income].to_numpy(float)
    w = households[weights].to_numpy(float) if weights else np.ones(len(y))
    reason = np.select([~np.isfinite(y), ~np.isfinite(w) | (w <= 0)], ["income missing", "weight missing or zero"], "")
    used = reason == ""
    poor = y < line if edge == "<" else y <= line
    gap = np.where(poor, np.clip((line - y) / line, 0, None) ** alpha, 0.0)
    group = households[by].to_numpy() if by else np.full(len(y), "all")
    frame = pd.DataFrame({"group": group, "gap": gap * w, "weight": w})[used]
    sums = frame.groupby("group", dropna=False).agg(gap=("gap", "sum"), weight=("weight", "sum"), households=("gap", "size"))
    rates = pd.DataFrame({"rate": sums["gap"] / sums["weight"], "households": sums["households"], "weight": sums["weight"]})
    return PovertyRates(rates=rates, line=line, alpha=alpha, edge=edge, dropped=pd.Series(reason[~used]).value_counts())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StockFlow:
    """The stock of poor persons and what moved it, one row per group.

    Attributes
    ----------
    flows : DataFrame, indexed by group with a last row of the sum
        `opening`, the kinds of `FLOWS` (persons, unsigned), `expected` (opening and flows),
        `closing` (counted by itself), `difference` (closing - expected).
    closes : bool
        Whether every difference is zero.
    """

    flows: pd.DataFrame
    closes: bool

    def table(self) -> pd.DataFrame:
        """A copy of `flows`, safe to format."""
        return self.flows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.flows.iloc[-1]
        return (f"stock {int(last['opening']):,} -> {int(last['closing']):,} persons; "
                f"{'closes' if self.closes else 'does not close'}, difference {int(last['difference']):+,}.")


def stock_flow(
    flows: pd.DataFrame, *, opening: pd.Series, closing: pd.Series, by: str = "county",
    kind: str = "kind", persons: str = "persons",
) -> StockFlow:
    """Hold the stock at the end against the stock before plus what was recorded (R12).

    Parameters
    ----------
    flows : DataFrame
        One row per recorded change of the stock, with its kind and persons (unsigned).
    opening, closing : Series, indexed by group
        Persons, each counted by itself; a difference is shown, never spread.

    Raises
    ------
    ParameterError
        A kind that is not in `FLOWS`.
    """
    unknown = sorted(set(flows[kind]) - set(FLOWS))
    if unknown:
        raise ParameterError(f"变动类型 {unknown} 无法计入存量；应为 {'、'.join(FLOWS)}。",
                             f"kinds {unknown} cannot be put to the stock; expected {', '.join(FLOWS)}.")
    counted = flows.pivot_table(index=by, columns=kind, values=persons, aggfunc="sum", fill_value=0)
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


def stock_flow_years(years: Mapping[int, tuple[pd.DataFrame, pd.Series, pd.Series]], *, by: str = "county") -> pd.DataFrame:
    """`stock_flow` of several years, one row per year and group (R12).

    Parameters
    ----------
    years : mapping, year -> (changes, opening, closing)
        As `registry.stock_by_year` gives them.

    Returns
    -------
    DataFrame
        `year`, the group (its sum as ``all``), and the columns of `StockFlow.flows`.
    """
    parts = [stock_flow(changes, opening=opening, closing=closing, by=by).flows.rename_axis(by).reset_index().assign(year=year)
             for year, (changes, opening, closing) in years.items()]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["year", by, "opening", *FLOWS, "expected", "closing", "difference"])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lookback:
    """Persons that a checking round found, one row per group.

    Attributes
    ----------
    counts : DataFrame, indexed by group with a last row of the sum
        `returned`, `newly_identified`, `member_added`, `total` (their sum).
    twice : int
        Persons or households counted under two kinds.
    round : str
    """

    counts: pd.DataFrame
    twice: int
    round: str

    def table(self) -> pd.DataFrame:
        """A copy of `counts`, safe to format."""
        return self.counts.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.counts.iloc[-1]
        return (f"{self.round}: {last['returned']:,} + {last['newly_identified']:,} + {last['member_added']:,}"
                f" = {last['total']:,} persons; {self.twice} counted twice.")


def lookback(events: pd.DataFrame, *, round: str, by: str = "county") -> Lookback:
    """Count what a round found: returned, newly identified, omitted members (R17).

    Parameters
    ----------
    events : DataFrame
        Rows of the event table: `kind`, `persons` (1 where a row names a person), `household_id`,
        `source_round`.
    round : str
        Name of the round in `source_round`; the columns read zero when no row carries it.
    """
    rows = events[(events["source_round"] == round) & events["kind"].isin(LOOKBACK)]
    counts = rows.assign(persons=rows["persons"].fillna(1)).pivot_table(
        index=by, columns="kind", values="persons", aggfunc="sum", fill_value=0)
    counts = counts.reindex(columns=list(LOOKBACK), fill_value=0).sort_index()
    counts.loc["all"] = counts.sum()
    counts["total"] = counts[list(LOOKBACK)].sum(axis=1)
    counts = counts.astype("int64")
    counts.columns.name, counts.index.name = None, by
    twice = int((rows.groupby("household_id")["kind"].nunique() > 1).sum())
    return Lookback(counts=counts, twice=twice, round=round)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Completeness:
    """Share of required fields that are filled, one row per field.

    Attributes
    ----------
    fields : DataFrame
        `field`, `rows`, `filled`, `share` (0-1), `status`: ``tested`` or ``not testable``.
    """

    fields: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """A copy of `fields`, safe to format."""
        return self.fields.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        tested = self.fields[self.fields["status"] == "tested"]
        share = tested["filled"].sum() / max(1, tested["rows"].sum())
        return f"{share:.1%} of the required fields are filled ({len(tested)} of {len(self.fields)} fields testable)."


def completeness(fields: Mapping[str, pd.Series]) -> Completeness:
    """How many rows fill each required field (R23). A field without rows is not testable.

    Parameters
    ----------
    fields : mapping, field -> Series
        Values of the rows that must fill it; missing is a blank.
    """
    rows = []
    for field, values in fields.items():
        filled = int(values.notna().sum())
        rows.append((field, len(values), filled, filled / len(values) if len(values) else np.nan,
                     "tested" if len(values) else "not testable"))
    return Completeness(fields=pd.DataFrame(rows, columns=["field", "rows", "filled", "share", "status"]))
