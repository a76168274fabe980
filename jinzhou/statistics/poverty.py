"""Poverty with its errors, its parts and its change; the stock and its flows, the look-back, how complete a table is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.statistics.inequality import ranked
from jinzhou.statistics.survey import (
    Estimates,
    Frames,
    Measure,
    Tally,
    column,
    combine,
    estimates,
    groups_of,
    parts_of_whole,
    ratio,
    require_unit,
    tallied,
    tally,
)

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
LOOKBACK = ("returned", "newly_identified", "member_added")
"""The three kinds that the look-back of 2018 found."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PovertyRates:
    """Weighted FGT poverty, one row per group.

    Attributes
    ----------
    rates : DataFrame, indexed by group
        `rate` (0-1; a gap can pass 1 where income is negative), `se`, `ci_low`, `ci_high`, `households`
        (rows used), `weight` (sum of weights), `no_income` (rows used whose income is zero or less),
        `status` (see `Estimates`).
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
        return (
            f"FGT{self.alpha} at {self.line:g} yuan (income {self.edge} line): "
            f"{self.rates['households'].sum():,} households, {int(self.dropped.sum()):,} left out, {int(self.rates['no_income'].sum()):,} without income."
        )


def poverty_rates(
    households: Frames,
    *,
    line: float,
    alpha: int = 0,
    income: str = "net_income_pc",
    weights: str | None = None,
    by: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    edge: str = "<",
    level: float = 0.95,
) -> PovertyRates:
    """Share, gap or severity of poverty among households (one row each), by group, with errors.

    Parameters
    ----------
    households : DataFrame, or partitions one after the other
    line : float
        Yuan per person per year, in the same year's prices as `income`. Always given, never
        derived from the rows passed in, so that a township is held to the county's line.
    weights : str, optional
        Column of persons per household, for a share of persons; else a share of households.
    strata, clusters : str, optional
        Columns of the design; a cluster is named within its stratum. Without clusters each
        household is one.
    edge : {"<", "<="}
        Whether a household exactly at the line is poor.

    Raises
    ------
    ParameterError
        `alpha` is not 0, 1 or 2, the line is not positive, the edge is unknown, a column is missing,
        or incomes and line are in different units of money.

    Notes
    -----
    Entry is below the line (<), exit and clearing are above it (>): a household exactly at the
    line keeps the status it has. A measure of a whole population says which edge it uses.
    Income of zero or less is poor, with a gap of 1 or more. Foster, Greer and Thorbecke (1984),
    Econometrica 52(3), 761-766; errors as in `intervals.design_errors`.
    """
    sums = _fgt(
        households,
        line,
        alpha,
        edge,
        income,
        weights=weights,
        by=by,
        strata=strata,
        clusters=clusters,
    )
    frame = estimates(
        sums, {"rate": ratio(sums, "gap", share=alpha == 0)}, level=level
    ).set_index("group")
    frame["no_income"] = pd.Series(
        sums.by_group("no_income").astype("int64"), index=sums.labels["group"]
    ).reindex(frame.index)
    rates = frame.rename(columns={"value": "rate"})[
        [
            "rate",
            "se",
            "ci_low",
            "ci_high",
            "households",
            "weight",
            "no_income",
            "status",
        ]
    ]
    return PovertyRates(
        rates=rates, line=line, alpha=alpha, edge=edge, dropped=sums.dropped
    )


def _fgt(
    households: Frames,
    line: float,
    alpha: int,
    edge: str,
    income: str,
    **design: str | None,
) -> Tally:
    """Sums of FGT (`gap`) and counts of households without income, by group and cluster."""
    _check_alpha(alpha)
    check_line(line, edge)

    def rows(part: pd.DataFrame) -> Tally:
        y = column(part, income)
        check_unit(part, y, line, design["by"])
        return tally(
            part,
            {"gap": shortfall(y, line, alpha, edge)},
            counts={"no_income": y <= 0},
            reasons={"income missing": ~np.isfinite(y)},
            **design,
        )

    return tallied(households, rows)


def _check_alpha(alpha: int) -> None:
    if alpha not in (0, 1, 2):
        raise ParameterError(
            f"alpha={alpha}；应为 0、1 或 2。", f"alpha={alpha}; expected 0, 1 or 2."
        )


def check_line(line: float, edge: str) -> None:
    """Refuse a line that is not positive, and an edge that is none."""
    if not 0 < line < np.inf:
        raise ParameterError(
            f"贫困线为 {line}；应为正数（元/人/年）。",
            f"line={line}; expected yuan per person per year, positive.",
        )
    if edge not in ("<", "<="):
        raise ParameterError(
            f"edge={edge!r}；应为 < 或 <=。", f"edge={edge!r}; expected '<' or '<='."
        )


def check_unit(
    part: pd.DataFrame, income: np.ndarray, line: float, by: str | None
) -> None:
    """Refuse incomes in another unit of money than the line: the median of a group a hundred times above or below it."""
    require_unit(
        income,
        line,
        low=0.01,
        high=100,
        zh="收入与贫困线之比",
        en="income over line",
        group=groups_of(part, by),
    )


def is_poor(income: np.ndarray, line: np.ndarray | float, edge: str) -> np.ndarray:
    """Below the line; with the edge ``<=`` at it too."""
    return income < line if edge == "<" else income <= line


def shortfall(
    income: np.ndarray, line: np.ndarray | float, alpha: int, edge: str
) -> np.ndarray:
    """(1 - income / line) ** alpha where poor, else 0."""
    poor = is_poor(income, line, edge)
    if alpha == 0:
        return poor.astype(float)
    gap = np.where(poor, 1 - income / line, 0.0)
    return gap if alpha == 1 else gap * gap


def poverty_indices(
    households: Frames,
    *,
    line: float,
    income: str = "net_income_pc",
    weights: str | None = None,
    by: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    edge: str = "<",
    sen: str = "limit",
    level: float = 0.95,
) -> Estimates:
    """FGT 0, 1, 2, Watts, Sen and Sen-Shorrocks-Thon, by group, with errors.

    Parameters
    ----------
    sen : {"limit", "1976"}
        ``limit`` is H (I + (1 - I) G), G the Gini of the poor's incomes, which does not move when
        every household is doubled; ``1976`` multiplies G by q / (q + 1) for q poor households, as in Sen's paper.
    others
        As `poverty_rates`.

    Returns
    -------
    Estimates
        `headcount`, `gap`, `severity`, `watts`, `sen`, `sst`.

    Notes
    -----
    Watts is the mean of ln(line / income) over the poor and 0 over the others; it has no value at an
    income of zero or less, so those households are left out of it alone and its status says how many
    (it is then too low). SST is the mean gap times 1 plus the Gini of the gaps (0 for those not
    poor). The Gini is that of `inequality`. Watts (1968); Sen (1976), Econometrica 44, 219-231;
    Shorrocks (1995), Econometrica 63, 1225-1230; Thon (1979).
    """
    check_line(line, edge)
    if sen not in ("limit", "1976"):
        raise ParameterError(
            f"sen={sen!r}；应为 limit 或 1976。",
            f"sen={sen!r}; expected 'limit' or '1976'.",
        )

    def rows(part: pd.DataFrame) -> Tally:
        y = column(part, income)
        check_unit(part, y, line, by)
        return tally(
            part,
            {},
            value=y,
            reasons={"income missing": ~np.isfinite(y)},
            weights=weights,
            by=by,
            strata=strata,
            clusters=clusters,
        )

    sums = tallied(households, rows)
    y, w, used = (sums.cells[name].to_numpy() for name in ("value", "weight", "rows"))
    poor, gap, earns = is_poor(y, line, edge), shortfall(y, line, 1, edge), y > 0
    fgt = {
        "headcount": ratio(sums, w * poor, share=True),
        "gap": ratio(sums, w * gap),
        "severity": ratio(sums, w * gap * gap),
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        log_gap = np.where(poor & earns, np.log(line / y), 0.0)
    without = sums.by_group(used * ~earns)
    watts = ratio(
        sums,
        w * log_gap,
        w * earns,
        status=np.array(
            [
                f"households without income left out: {int(n)}" if n else ""
                for n in without
            ],
            object,
        ),
    )
    gaps = ranked(sums, gap, w, w * gap)
    among = ranked(
        sums, y, w * poor, w * y * poor
    )  # generalised Gini of the poor's incomes; 0 without any poor
    q = sums.by_group(used * poor)
    h, scale = (
        fgt["headcount"],
        (np.ones(sums.groups) if sen == "limit" else q / (q + 1)) / line,
    )
    spread, d_spread = np.nan_to_num(among.spread), np.nan_to_num(among.d_spread)
    index = Measure(
        value=fgt["gap"].value + scale * h.value * spread,
        influence=fgt["gap"].influence
        + sums.each(scale)
        * (sums.each(spread) * h.influence + sums.each(h.value) * d_spread),
        least=0.0,
    )
    sst = Measure(
        value=gaps.mean + gaps.spread, influence=gaps.d_mean + gaps.d_spread, least=0.0
    )
    return Estimates(
        estimates=estimates(
            sums, fgt | {"watts": watts, "sen": index, "sst": sst}, level=level
        ),
        dropped=sums.dropped,
        level=level,
        name=f"poverty at {line:g} yuan (income {edge} line)",
    )


def poverty_contributions(
    households: Frames,
    *,
    line: float,
    by: str,
    alpha: int = 0,
    income: str = "net_income_pc",
    weights: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    edge: str = "<",
    level: float = 0.95,
) -> Estimates:
    """Poverty by group as parts of the whole: FGT is the mean of its groups, weighted by their size.

    Returns
    -------
    Estimates
        For each group `size` (its share of all weight), `rate`, and `contribution` (its share of all
        poverty; the contributions sum to 1); for ``all`` the `rate`. Parameters, errors and rules as `poverty_rates`.

    Notes
    -----
    Foster, Greer and Thorbecke (1984). Without any poverty no group contributes and none is defined.
    """
    sums = _fgt(
        households,
        line,
        alpha,
        edge,
        income,
        weights=weights,
        by=by,
        strata=strata,
        clusters=clusters,
    )
    own = estimates(sums, {"rate": ratio(sums, "gap", share=alpha == 0)}, level=level)
    whole = sums.ungrouped()
    frame = pd.concat(
        [
            own,
            *parts_of_whole(sums, "gap", level=level),
            estimates(
                whole, {"rate": ratio(whole, "gap", share=alpha == 0)}, level=level
            ),
        ],
        ignore_index=True,
    )
    order = {label: k for k, label in enumerate([*own["group"], "all"])}
    frame = frame.sort_values(
        ["group", "measure"],
        key=lambda s: s.map(order | {"size": 0, "rate": 1, "contribution": 2}),
        kind="stable",
        ignore_index=True,
    )
    return Estimates(
        estimates=frame,
        dropped=sums.dropped,
        level=level,
        name=f"FGT{alpha} at {line:g} yuan (income {edge} line), parts of the whole",
    )


def poverty_change(
    before: Frames,
    after: Frames,
    *,
    line_before: float,
    line_after: float,
    alpha: int = 0,
    income: str = "net_income_pc",
    weights: str | None = None,
    by: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    edge: str = "<",
    level: float = 0.95,
) -> Estimates:
    """Change of FGT poverty between two dates, split into growth and redistribution.

    Incomes are divided by the line of their own date, so `growth` is what the mean, measured in
    lines, would have done to poverty with the shape of incomes unchanged, and `redistribution` what
    the shape would have done with the mean unchanged. Each is the average over both orders
    (Shapley), so the two sum to the change without a residual.

    Returns
    -------
    Estimates
        `before`, `after`, `change`, `growth`, `redistribution`; households and weight of both dates together. Parameters as `poverty_rates`.

    Notes
    -----
    Clusters with the same name at both dates are the same cluster, and errors allow for it. The error
    of a headcount's components needs the density of incomes at the line: a normal kernel on log
    incomes with Silverman's bandwidth. A mean of zero or less at either date leaves the components
    undefined. Datt and Ravallion (1992), Journal of Development Economics 38, 275-295; Shorrocks
    (2013), Journal of Economic Inequality 11, 99-126.
    """
    _check_alpha(alpha)
    check_line(line_before, edge)
    check_line(line_after, edge)

    def rows(line: float, moment: int) -> Callable[[pd.DataFrame], Tally]:
        def of(part: pd.DataFrame) -> Tally:
            y = column(part, income)
            check_unit(part, y, line, by)
            moments = {
                f"moment_{m}": np.full(len(y), float(m == moment)) for m in (0, 1)
            }
            return tally(
                part,
                moments,
                value=y / line,
                reasons={"income missing": ~np.isfinite(y)},
                weights=weights,
                by=by,
                strata=strata,
                clusters=clusters,
            )

        return of

    sums = combine(
        [tallied(before, rows(line_before, 0)), tallied(after, rows(line_after, 1))]
    )
    x, g = sums.cells["value"].to_numpy(), sums.cells["group"].to_numpy()
    w = [sums.cells[f"moment_{m}"].to_numpy() for m in (0, 1)]
    mean = [ratio(sums, w[m] * x, w[m], least=-np.inf) for m in (0, 1)]
    with np.errstate(divide="ignore", invalid="ignore"):
        r = mean[1].value / mean[0].value  # growth of the mean, in lines
        r = np.where((mean[0].value > 0) & (mean[1].value > 0), r, np.nan)
        scaled = [
            x,
            x * sums.each(r),
            x / sums.each(r),
            x,
        ]  # date 0; 0 with mean 1; 1 with mean 0; date 1
        a, c, d, b = (
            ratio(sums, w[m] * shortfall(s, 1.0, alpha, edge), w[m], share=alpha == 0)
            for s, m in zip(scaled, (0, 0, 1, 1))
        )
        # a scaled distribution moves with the ratio of the means too
        slopes = [
            _elasticity(scaled[1], w[0], g, sums.groups, alpha, edge),
            -_elasticity(scaled[2], w[1], g, sums.groups, alpha, edge),
        ]
        d_log = np.nan_to_num(
            mean[1].influence / sums.each(mean[1].value)
            - mean[0].influence / sums.each(mean[0].value)
        )
    d_c, d_d = (
        m.influence + sums.each(slope) * d_log for m, slope in zip((c, d), slopes)
    )
    undefined = np.where(
        np.isnan(r), "a mean is zero or less, or a date has no rows", ""
    ).astype(object)
    blank = np.where(np.isnan(r), np.nan, 0.0)
    measures = {
        "before": a,
        "after": b,
        "change": Measure(value=b.value - a.value, influence=b.influence - a.influence),
        "growth": Measure(
            value=blank + (c.value - a.value + b.value - d.value) / 2,
            influence=(d_c - a.influence + b.influence - d_d) / 2,
            status=undefined,
        ),
        "redistribution": Measure(
            value=blank + (d.value - a.value + b.value - c.value) / 2,
            influence=(d_d - a.influence + b.influence - d_c) / 2,
            status=undefined,
        ),
    }
    return Estimates(
        estimates=estimates(sums, measures, level=level),
        dropped=sums.dropped,
        level=level,
        name=f"change of FGT{alpha} from {line_before:g} to {line_after:g} yuan (income {edge} line)",
    )


def _elasticity(
    x: np.ndarray, w: np.ndarray, group: np.ndarray, groups: int, alpha: int, edge: str
) -> np.ndarray:
    """Derivative of each group's FGT at the line 1 by the logarithm of a factor on all incomes x."""
    total = np.bincount(group, w, minlength=groups)
    if alpha:
        return (
            -np.bincount(
                group,
                w * alpha * x * shortfall(x, 1.0, alpha - 1, edge),
                minlength=groups,
            )
            / total
        )
    u, slopes = np.log(np.maximum(x, 1e-300)), np.zeros(groups)
    for k in range(groups):
        of = (group == k) & (w > 0) & (x > 0)
        if of.sum() < 2:
            continue
        v, p = u[of], w[of] / total[k]
        order = np.argsort(v)
        low, high = np.interp([0.25, 0.75], np.cumsum(p[order]) / p.sum(), v[order])
        spread = min(
            np.sqrt(np.average((v - np.average(v, weights=p)) ** 2, weights=p)),
            (high - low) / 1.349 or np.inf,
        )
        width = 0.9 * spread * of.sum() ** -0.2
        if width > 0:
            slopes[k] = -float((p * np.exp(-0.5 * (v / width) ** 2)).sum()) / (
                width * np.sqrt(2 * np.pi)
            )
    return slopes


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
        return (
            f"stock {int(last['opening']):,} -> {int(last['closing']):,} persons; "
            f"{'closes' if self.closes else 'does not close'}, difference {int(last['difference']):+,}."
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

    Raises
    ------
    ParameterError
        A kind that is not in `FLOWS`.
    """
    unknown = sorted(set(flows[kind]) - set(FLOWS))
    if unknown:
        raise ParameterError(
            f"变动类型 {unknown} 无法计入存量；应为 {'、'.join(FLOWS)}。",
            f"kinds {unknown} cannot be put to the stock; expected {', '.join(FLOWS)}.",
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
        return (
            f"{self.round}: {last['returned']:,} + {last['newly_identified']:,} + {last['member_added']:,}"
            f" = {last['total']:,} persons; {self.twice} counted twice."
        )


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
        index=by, columns="kind", values="persons", aggfunc="sum", fill_value=0
    )
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
