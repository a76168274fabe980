"""Illness among units, and payments that are catastrophic or impoverish."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.statistics.estimates import Measure, estimates, ratio
from jinzhou.statistics.intervals import design_effect, wilson
from jinzhou.statistics.poverty import check_line, check_unit, is_poor, shortfall
from jinzhou.statistics.survey import (
    ROWS_ALONE,
    Frames,
    SurveyDesign,
    Tally,
    column,
    groups_of,
    require_unit,
    tallied,
    tally,
)
from jinzhou.words import Words, number

TOLERANCE = 0.05
"""Yuan by which a payment may pass the total cost: rounding of the bills."""
FLAGS = ("poor_before", "poor_after", "pushed", "further")
SHARES = dict.fromkeys(("share", "ci_low", "ci_high"), "share")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentColumns:
    """Columns of a household's payment and means.

    Attributes
    ----------
    payment : str
        Own payment, yuan per household and year.
    income : str
        Income (or consumption), yuan per person and year.
    size : str
        Persons.
    food : str, optional
        Food spending, yuan per household and year: where it is less than the line it is
        what capacity leaves aside, as the WHO defines it for surveys.
    cost : str, optional
        Total medical cost, yuan per household and year: a payment above it leaves the
        row out.
    """

    payment: str = "oop_year"
    income: str = "net_income_pc"
    size: str = "household_size"
    food: str | None = None
    cost: str | None = None


BY_INCOME = PaymentColumns()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IllnessShare(Result):
    """Share of rows with illness, one row per group.

    Attributes
    ----------
    shares : DataFrame, indexed by group
        `rows`, `with_illness`, `share`, `ci_low`, `ci_high` (0-1), `persons` and
        `persons_with_illness` when persons were given.
    level : float
    clustered : bool
        Whether the interval allows for clusters.
    dropped : int
        Rows whose illness is unknown.
    """

    shown: ClassVar[str] = "shares"
    kinds: ClassVar[Mapping[str, str]] = SHARES
    shares: pd.DataFrame
    level: float
    clustered: bool
    dropped: int

    def sentence(self, words: Words) -> str:
        """Rows with illness among all known ones."""
        n, k = int(self.shares["rows"].sum()), int(self.shares["with_illness"].sum())
        return words(
            "summary.IllnessShare",
            ill=k,
            rows=n,
            share=k / max(1, n),
            unknown=self.dropped,
        )


def illness_share(
    frame: pd.DataFrame,
    *,
    illness: str,
    by: str | list[str],
    persons: str | None = None,
    cluster: str | None = None,
    level: float = 0.95,
) -> IllnessShare:
    """Share and number of rows with illness, with a score interval.

    Parameters
    ----------
    illness : str
        Boolean column; a missing value is unknown, left out and counted.
    cluster : str, optional
        Column of villages: the interval widens by the design effect of the whole frame.

    Notes
    -----
    Intervals are Wilson's with the effective sample size (Korn and Graubard 1998 use
    the same device for exact intervals).
    """
    known = frame[frame[illness].notna()]
    y = known[illness].to_numpy(float)
    deff = (
        design_effect(
            y, known[cluster].astype("string").fillna("").to_numpy(), np.ones(len(y))
        )
        if cluster
        else 1.0
    )
    columns = {"rows": (illness, "size"), "with_illness": ("_y", "sum")}
    work = known.assign(_y=y)
    if persons:
        work["_p"] = work[persons].fillna(1).to_numpy(float)
        work["_py"] = work["_p"] * y
        columns |= {"persons": ("_p", "sum"), "persons_with_illness": ("_py", "sum")}
    shares = work.groupby(by, dropna=False).agg(**columns)
    counts = [c for c in shares if c != "share"]
    shares[counts] = shares[counts].astype("int64")
    shares["share"] = shares["with_illness"] / shares["rows"]
    shares["ci_low"], shares["ci_high"] = wilson(
        shares["with_illness"], shares["rows"], level=level, design=deff
    )
    return IllnessShare(
        shares=shares,
        level=level,
        clustered=cluster is not None,
        dropped=len(frame) - len(known),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HealthSpending(Result):
    """Households whose own payment is large against their means.

    Attributes
    ----------
    rates : DataFrame, one row per group and measure
        `group`, `measure`, `households`, `affected` (a count of households), `share`
        with `se`, `ci_low`, `ci_high`, `overshoot` (mean excess over all households, as
        a share) and `mean_positive_overshoot` (over the affected), each with `_se`,
        `_ci_low`, `_ci_high`; `status` (see `Estimates`).
    dropped : Series, indexed by reason
        Rows left out.
    no_income : int
        Households with income of zero or less: counted as affected when they paid
        anything.
    """

    shown: ClassVar[str] = "rates"
    kinds: ClassVar[Mapping[str, str]] = SHARES | {"overshoot": "share"}
    rates: pd.DataFrame
    dropped: pd.Series
    no_income: int

    def sentence(self, words: Words) -> str:
        """Share of households above each threshold, in the first group."""
        first = self.rates[self.rates["group"] == self.rates["group"].iloc[0]]
        shares = [
            f"{measure} {number(share, 'share')}"
            for measure, share in zip(first["measure"], first["share"], strict=True)
        ]
        return words(
            "summary.HealthSpending",
            shares=shares,
            no_income=self.no_income,
            dropped=int(self.dropped.sum()),
        )


def catastrophic(
    households: Frames,
    *,
    line: float,
    columns: PaymentColumns = BY_INCOME,
    thresholds: tuple[float, ...] = (0.10, 0.25),
    capacity: float = 0.40,
    discretionary_line: float | None = None,
    by: str | None = None,
    design: SurveyDesign = ROWS_ALONE,
) -> HealthSpending:
    """Catastrophic payment: above 10 % and 25 % of income, 40 % of capacity to pay.

    Parameters
    ----------
    households : DataFrame, or partitions one after the other
        One row each.
    line : float
        Yuan per person per year; income above the line is the capacity to pay.
    discretionary_line : float, optional
        The societal poverty line in yuan per person per year: adds ``discretionary
        40%``, the SDG indicator 3.8.2 as redefined in March 2025. Always given: it
        depends on the median consumption of the country, not on these rows.
    by, design
        As `poverty_rates`. The SDG indicators count persons, with household size as
        weight.

    Notes
    -----
    Where there is no consumption, income stands for it and the poverty line for
    subsistence. A household whose income or capacity is not positive is affected when
    it paid anything; its overshoot counts as the whole (1 less the threshold), since
    the ratio has no bound. A payment exactly at a threshold is not above it. How the
    custodians of 3.8.2 turn their dollars into yuan for a county was not checked: the
    line is the caller's.

    References
    ----------
    Wagstaff and van Doorslaer (2003), Health Economics 12, 921-934. Xu et al. (2003),
    Lancet 362, 111-117, whose subsistence also uses an equivalence scale.
    """
    marks = [(f"income {t:.0%}", t) for t in thresholds]
    marks.append((f"capacity {capacity:.0%}", capacity))
    if discretionary_line is not None:
        marks.append(("discretionary 40%", 0.40))

    def rows(part: pd.DataFrame) -> Tally:
        pay, n, reasons = _payments(part, columns, line, by)
        income, aside = column(part, columns.income) * n, line * n
        if columns.food:
            eaten = column(part, columns.food)
            aside = np.minimum(eaten, aside)
            reasons["food missing or negative"] = ~(eaten >= 0)
        means = [income] * len(thresholds) + [income - aside]
        if discretionary_line is not None:
            means.append(income - discretionary_line * n)
        sums: dict[str, np.ndarray] = {}
        counts = {"no_income": income <= 0}
        for (name, threshold), held in zip(marks, means, strict=True):
            affected, over = _above(pay, held, threshold)
            sums |= {name: affected, f"over {name}": over}
            counts[f"affected {name}"] = affected
        return tally(part, sums, counts=counts, reasons=reasons, by=by, design=design)

    sums = tallied(households, rows)
    parts = [_spending(sums, name, design.level) for name, _ in marks]
    return HealthSpending(
        rates=pd.concat(parts).sort_index(kind="stable").reset_index(drop=True),
        dropped=sums.dropped,
        no_income=int(sums.by_group("no_income").sum()),
    )


def _above(
    pay: np.ndarray, held: np.ndarray, threshold: float
) -> tuple[np.ndarray, np.ndarray]:
    """Whether a payment is above a share of the means, and by how much (0-1)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(held > 0, pay / held, np.where(pay > 0, 1.0, 0.0))
    affected = np.where(held > 0, share > threshold, pay > 0)
    return affected, np.where(affected, np.minimum(share, 1.0) - threshold, 0.0)


def _spending(sums: Tally, name: str, level: float) -> pd.DataFrame:
    """One measure of every group: share, overshoot, mean positive overshoot."""
    none = np.where(sums.by_group(name) > 0, "", "none affected").astype(object)
    found = estimates(
        sums,
        {
            "share": ratio(sums, name, share=True),
            "overshoot": ratio(sums, f"over {name}", most=1.0),
            "mean_positive_overshoot": ratio(
                sums, f"over {name}", name, most=1.0, status=none
            ),
        },
        level=level,
    )
    wide = {m: part.reset_index(drop=True) for m, part in found.groupby("measure")}
    share = wide["share"]
    frame = share[["group", "measure", "households"]].assign(measure=name)
    counts = sums.by_group(f"affected {name}").astype("int64")
    affected = dict(zip(sums.names, counts, strict=True))
    frame["affected"] = [affected[g] for g in frame["group"]]
    for prefix, measure in (
        ("", "share"),
        ("overshoot_", "overshoot"),
        ("mean_positive_overshoot_", "mean_positive_overshoot"),
    ):
        frame[measure] = wide[measure]["value"]
        for limit in ("se", "ci_low", "ci_high"):
            frame[f"{prefix}{limit}"] = wide[measure][limit]
    return frame.assign(weight=share["weight"], status=share["status"])


def _payments(
    part: pd.DataFrame, columns: PaymentColumns, line: float, by: str | None
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Own payment, size, rows to leave out by reason; refuses two units of money."""
    pay, income, n = (
        column(part, c) for c in (columns.payment, columns.income, columns.size)
    )
    reasons = {
        "payment missing": ~np.isfinite(pay),
        "payment negative": pay < 0,
        "income missing": ~np.isfinite(income),
        "size missing or zero": ~(n > 0),
    }
    if columns.cost:
        above = pay > column(part, columns.cost) + TOLERANCE
        reasons["payment above the total cost"] = above
    check_unit(part, income, line, by)
    require_unit(
        pay,
        income * n,
        least=1e-5,
        most=2,
        message="statistics.health_spending.unit",
        group=groups_of(part, by),
    )
    return pay, n, reasons


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Impoverishing(Result):
    """Households that their own payments push under the line or further below it.

    Attributes
    ----------
    counts : DataFrame, indexed by group with a last row of the sum
        `households`, `poor_before`, `poor_after`, `pushed` (under the line by payment),
        `further` (already under it and paying); `gap_before`, `gap_after` (mean gap as
        a share of the line).
    shares : DataFrame, one row per group (and ``all``) and measure
        The same as shares with their errors, and `gap_change`; columns as `Estimates`.
    pushed : DataFrame
        The rows pushed under, with `after` (income per head less own payment, yuan).
    dropped : Series, indexed by reason
    """

    shown: ClassVar[str] = "counts"
    kinds: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("gap_before", "gap_after"), "share"
    )
    counts: pd.DataFrame
    shares: pd.DataFrame
    pushed: pd.DataFrame
    dropped: pd.Series

    def sentence(self, words: Words) -> str:
        """Households pushed under the line, and rows left out."""
        last = self.counts.iloc[-1]
        return words(
            "summary.Impoverishing",
            pushed=int(last["pushed"]),
            households=int(last["households"]),
            dropped=int(self.dropped.sum()),
        )


def impoverishing(
    households: Frames,
    *,
    line: float,
    columns: PaymentColumns = BY_INCOME,
    by: str | None = "county",
    edge: str = "<",
    design: SurveyDesign = ROWS_ALONE,
) -> Impoverishing:
    """Compare poverty before and after the household's own medical payment (R41).

    Parameters
    ----------
    by : str, optional
        Column of groups; None for all households alone.
    edge : {"<", "<="}
        Whether a household exactly at the line is poor.
    others
        As `catastrophic`. Counts are of households whatever the weights; gaps and
        shares are weighted.

    Notes
    -----
    Pushed: not poor by the income per head before, poor after. Further: poor before,
    and paying. Income before stands for means: it is not reduced by the payment.

    References
    ----------
    Wagstaff and van Doorslaer (2003), Health Economics 12, 921-934. Wagstaff et al.
    (2011), chapter 19, for the edge (``<``) and persons as weights.
    """
    check_line(line, edge)
    pushed_rows = []

    def rows(part: pd.DataFrame) -> Tally:
        pay, n, reasons = _payments(part, columns, line, by)
        before = column(part, columns.income)
        with np.errstate(divide="ignore", invalid="ignore"):
            after = before - pay / n
        poor, poorer = is_poor(before, line, edge), is_poor(after, line, edge)
        flags = dict(
            zip(FLAGS, (poor, poorer, ~poor & poorer, poor & (pay > 0)), strict=True)
        )
        gaps = {
            "gap_before": shortfall(before, line, 1, edge),
            "gap_after": shortfall(after, line, 1, edge),
        }
        sums = tally(
            part,
            flags | gaps,
            counts={f"n_{k}": v for k, v in flags.items()},
            reasons=reasons,
            by=by,
            design=design,
        )
        out = [*reasons.values(), ~(column(part, design.weights) > 0)]
        kept = flags["pushed"] & ~np.logical_or.reduce(out)
        pushed_rows.append(part[kept].assign(after=after[kept]))
        return sums

    sums = tallied(households, rows)
    parts = [*([sums] if by else []), sums.ungrouped()]
    counts = pd.concat([_pushed_counts(part) for part in parts])
    counts.index.name = by
    shares = [
        estimates(part, _pushed_shares(part), level=design.level) for part in parts
    ]
    return Impoverishing(
        counts=counts,
        shares=pd.concat(shares, ignore_index=True),
        pushed=pd.concat(pushed_rows),
        dropped=sums.dropped,
    )


def _pushed_shares(part: Tally) -> dict[str, Measure]:
    moved = part.cells["gap_after"] - part.cells["gap_before"]
    return (
        {k: ratio(part, k, share=True) for k in FLAGS}
        | {k: ratio(part, k) for k in ("gap_before", "gap_after")}
        | {"gap_change": ratio(part, moved)}
    )


def _pushed_counts(part: Tally) -> pd.DataFrame:
    numbers = {"households": part.by_group("rows").astype("int64")}
    numbers |= {k: part.by_group(f"n_{k}").astype("int64") for k in FLAGS}
    numbers |= {k: ratio(part, k).value for k in ("gap_before", "gap_after")}
    return pd.DataFrame(numbers, index=part.names).sort_index()
