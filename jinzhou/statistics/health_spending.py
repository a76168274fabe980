"""Illness among the poor and the returned, and what its costs do to households."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.statistics.intervals import design_effect, wilson
from jinzhou.statistics.poverty import check_line, check_unit, is_poor, shortfall
from jinzhou.statistics.survey import (
    Frames,
    Tally,
    column,
    estimates,
    groups_of,
    ratio,
    require_unit,
    tallied,
    tally,
)

TOLERANCE = 0.05
"""Yuan; the platform's own tolerance of its identities (dictionary section 8)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IllnessShare:
    """Share of rows with illness, one row per group.

    Attributes
    ----------
    shares : DataFrame, indexed by group
        `rows`, `with_illness`, `share`, `ci_low`, `ci_high` (0-1), `persons` and `persons_with_illness`
        when persons were given.
    level : float
    clustered : bool
        Whether the interval allows for clusters.
    dropped : int
        Rows whose illness is unknown.
    """

    shares: pd.DataFrame
    level: float
    clustered: bool
    dropped: int

    def table(self) -> pd.DataFrame:
        """A copy of `shares`, safe to format."""
        return self.shares.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        n, k = self.shares["rows"].sum(), self.shares["with_illness"].sum()
        return f"illness in {k:,} of {n:,} rows ({k / max(1, n):.1%}); {self.dropped} unknown."


def illness_share(
    frame: pd.DataFrame,
    *,
    illness: str,
    by: str | list[str],
    persons: str | None = None,
    cluster: str | None = None,
    level: float = 0.95,
) -> IllnessShare:
    """Share and number of rows (households or events) with illness, with a score interval.

    Parameters
    ----------
    illness : str
        Boolean column; a missing value is unknown, left out and counted.
    cluster : str, optional
        Column of villages: the interval widens by the design effect of the whole frame.

    Notes
    -----
    Intervals are Wilson's with the effective sample size (Korn and Graubard 1998 use the same
    device for exact intervals).
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
class HealthSpending:
    """Households whose own payment is large against their means.

    Attributes
    ----------
    rates : DataFrame, one row per group and measure
        `group`, `measure`, `households`, `affected` (a count of households), `share` with `se`, `ci_low`, `ci_high`, `overshoot` (mean excess
        over all households, as a share) and `mean_positive_overshoot` (over the affected), each
        with `_se`, `_ci_low`, `_ci_high`; `status` (see `Estimates`).
    dropped : Series, indexed by reason
        Rows left out.
    no_income : int
        Households with income of zero or less: counted as affected when they paid anything.
    """

    rates: pd.DataFrame
    dropped: pd.Series
    no_income: int

    def table(self) -> pd.DataFrame:
        """A copy of `rates`, safe to format."""
        return self.rates.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        text = ", ".join(
            f"{r.measure} {r.share:.1%}"
            for r in self.rates.itertuples()
            if r.group == self.rates["group"].iloc[0]
        )
        return f"own payment too large: {text}; {self.no_income} households without income, {int(self.dropped.sum()):,} left out."


def catastrophic(
    households: Frames,
    *,
    line: float,
    payment: str = "oop_year",
    income_pc: str = "net_income_pc",
    size: str = "household_size",
    thresholds: tuple[float, ...] = (0.10, 0.25),
    capacity: float = 0.40,
    discretionary_line: float | None = None,
    food: str | None = None,
    cost: str | None = None,
    weights: str | None = None,
    by: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    level: float = 0.95,
) -> HealthSpending:
    """Catastrophic own payment: above 10 % and 25 % of income, and above 40 % of capacity to pay.

    Parameters
    ----------
    households : DataFrame, or partitions one after the other
        One row each; payment in yuan per household and year, income (or consumption) in yuan per person and year.
    line : float
        Yuan per person per year; income above the line is the capacity to pay.
    discretionary_line : float, optional
        The societal poverty line in yuan per person per year: adds ``discretionary 40%``, the
        SDG indicator 3.8.2 as redefined in March 2025. Always given: it depends on the median consumption of the country, not on these rows.
    food : str, optional
        Column of food spending, yuan per household and year: where it is less than the line it is
        what capacity leaves aside, as the WHO defines it for surveys.
    cost : str, optional
        Column of total medical cost, yuan per household and year: a payment above it leaves the row out.
    weights, by, strata, clusters
        As `poverty_rates`. The SDG indicators count persons: ``weights="household_size"``.

    Notes
    -----
    The registry has no consumption, so income stands for it (「按纯收入口径」) and the poverty line
    for subsistence. A household whose income or capacity is not positive is affected when it paid
    anything; its overshoot counts as the whole (1 less the threshold), since the ratio has no bound.
    A payment exactly at a threshold is not above it. Wagstaff and van Doorslaer (2003), Health
    Economics 12, 921-934; Xu and others (2003), Lancet 362, 111-117 (whose subsistence also uses an equivalence scale,
    not used here); SDG 3.8.2 as defined to 2025: 10 % and 25 % of consumption or income. From 2025: a positive payment
    above 40 % of consumption or income less the societal poverty line (WHO, Global Health Observatory, indicator metadata 376:
    the higher of the international line and 1.15 dollars and half of the median, 2017 PPP). How the custodians
    turn those dollars into yuan for a county was not checked: the line is the caller's, and so is the doubt.
    """
    named = [(f"income {t:.0%}", t) for t in thresholds] + [
        (f"capacity {capacity:.0%}", capacity)
    ]
    named += [("discretionary 40%", 0.40)] if discretionary_line is not None else []

    def rows(part: pd.DataFrame) -> Tally:
        pay, n, reasons = _payments(
            part,
            line=line,
            payment=payment,
            income_pc=income_pc,
            size=size,
            cost=cost,
            by=by,
        )
        income = column(part, income_pc) * n
        aside = line * n
        if food:
            eaten = column(part, food)
            aside, reasons = (
                np.minimum(eaten, aside),
                reasons | {"food missing or negative": ~(eaten >= 0)},
            )
        means = (
            [income] * len(thresholds)
            + [income - aside]
            + (
                [income - discretionary_line * n]
                if discretionary_line is not None
                else []
            )
        )
        sums, counts = {}, {"no_income": income <= 0}
        for (name, t), held in zip(named, means):
            with np.errstate(divide="ignore", invalid="ignore"):
                share = np.where(held > 0, pay / held, np.where(pay > 0, 1.0, 0.0))
            affected = np.where(held > 0, share > t, pay > 0)
            sums |= {
                name: affected,
                f"over {name}": np.where(affected, np.minimum(share, 1.0) - t, 0.0),
            }
            counts |= {f"affected {name}": affected}
        return tally(
            part,
            sums,
            counts=counts,
            reasons=reasons,
            weights=weights,
            by=by,
            strata=strata,
            clusters=clusters,
        )

    sums = tallied(households, rows)
    columns = {
        "": "share",
        "overshoot_": "overshoot",
        "mean_positive_overshoot_": "mean_positive_overshoot",
    }
    parts = []
    for name, _ in named:
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
        wide = {
            c: found[found["measure"] == c].reset_index(drop=True)
            for c in columns.values()
        }
        frame = wide["share"][["group", "measure", "households"]].assign(measure=name)
        affected = dict(
            zip(sums.labels["group"], sums.by_group(f"affected {name}").astype("int64"))
        )
        frame["affected"] = [affected[g] for g in frame["group"]]
        for prefix, c in columns.items():
            frame[c] = wide[c]["value"]
            frame[[f"{prefix}{x}" for x in ("se", "ci_low", "ci_high")]] = wide[c][
                ["se", "ci_low", "ci_high"]
            ]
        parts.append(
            frame.assign(weight=wide["share"]["weight"], status=wide["share"]["status"])
        )
    rates = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
    return HealthSpending(
        rates=rates,
        dropped=sums.dropped,
        no_income=int(sums.by_group("no_income").sum()),
    )


def _payments(
    part: pd.DataFrame,
    *,
    line: float,
    payment: str,
    income_pc: str,
    size: str,
    cost: str | None,
    by: str | None,
):
    """Own payment, household size, and the rows to leave out by reason; refuses two units of money."""
    pay, income, n = column(part, payment), column(part, income_pc), column(part, size)
    reasons = {
        "payment missing": ~np.isfinite(pay),
        "payment negative": pay < 0,
        "income missing": ~np.isfinite(income),
        "size missing or zero": ~(n > 0),
    }
    if cost:
        reasons["payment above the total cost"] = pay > column(part, cost) + TOLERANCE
    check_unit(part, income, line, by)
    require_unit(
        pay,
        income * n,
        low=1e-5,
        high=2,
        zh="自付与家庭收入之比",
        en="own payment over household income",
        group=groups_of(part, by),
    )
    return pay, n, reasons


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Impoverishing:
    """Households that their own payments push under the line or further below it.

    Attributes
    ----------
    counts : DataFrame, indexed by group with a last row of the sum
        `households`, `poor_before`, `poor_after`, `pushed` (under the line by payment), `further`
        (already under it and paying); `gap_before`, `gap_after` (mean gap as a share of the line).
    shares : DataFrame, one row per group (and ``all``) and measure
        The same as shares with their errors, and `gap_change`; columns as `Estimates`.
    pushed : DataFrame
        The rows pushed under, with `after` (income per head less own payment, yuan).
    dropped : Series, indexed by reason
    """

    counts: pd.DataFrame
    shares: pd.DataFrame
    pushed: pd.DataFrame
    dropped: pd.Series

    def table(self) -> pd.DataFrame:
        """A copy of `counts`, safe to format."""
        return self.counts.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.counts.iloc[-1]
        return (
            f"{int(last['pushed']):,} of {int(last['households']):,} households pushed under the line by own payments; "
            f"{int(self.dropped.sum()):,} left out."
        )


def impoverishing(
    households: Frames,
    *,
    line: float,
    payment: str = "oop_year",
    income_pc: str = "net_income_pc",
    size: str = "household_size",
    by: str | None = "county",
    weights: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    cost: str | None = None,
    edge: str = "<",
    level: float = 0.95,
) -> Impoverishing:
    """Compare poverty before and after the household's own medical payment (R41).

    Parameters
    ----------
    by : str, optional
        Column of groups; None for all households alone.
    edge : {"<", "<="}
        Whether a household exactly at the line is poor.
    others
        As `catastrophic`. Counts are of households whatever the weights; gaps and shares are weighted.

    Notes
    -----
    Pushed: not poor by the income per head before, poor after. Further: poor before, and paying. Income before
    stands for means: the registry's net income is not reduced by the payment. Wagstaff and van Doorslaer
    (2003), Health Economics 12, 921-934; chapter 19 of Wagstaff and others (2011), Health equity and
    financial protection, for the edge (``<``) and persons as weights.
    """
    check_line(line, edge)
    pushed_rows = []

    def rows(part: pd.DataFrame) -> Tally:
        pay, n, reasons = _payments(
            part,
            line=line,
            payment=payment,
            income_pc=income_pc,
            size=size,
            cost=cost,
            by=by,
        )
        before = column(part, income_pc)
        with np.errstate(divide="ignore", invalid="ignore"):
            after = before - pay / n
        poor, poorer = is_poor(before, line, edge), is_poor(after, line, edge)
        flags = {
            "poor_before": poor,
            "poor_after": poorer,
            "pushed": ~poor & poorer,
            "further": poor & (pay > 0),
        }
        gaps = {
            f"gap_{when}": shortfall(y, line, 1, edge)
            for when, y in (("before", before), ("after", after))
        }
        sums = tally(
            part,
            flags | gaps,
            counts={f"n_{k}": v for k, v in flags.items()},
            reasons=reasons,
            weights=weights,
            by=by,
            strata=strata,
            clusters=clusters,
        )
        kept = flags["pushed"] & ~np.logical_or.reduce(
            [*reasons.values(), ~(column(part, weights) > 0)]
        )
        pushed_rows.append(part[kept].assign(after=after[kept]))
        return sums

    sums = tallied(households, rows)
    flags = ["poor_before", "poor_after", "pushed", "further"]
    tables, counts = [], []
    for part in ([sums] if by else []) + [sums.ungrouped()]:
        measures = {k: ratio(part, k, share=True) for k in flags} | {
            k: ratio(part, k) for k in ("gap_before", "gap_after")
        }
        measures["gap_change"] = ratio(
            part, part.cells["gap_after"] - part.cells["gap_before"]
        )
        tables.append(estimates(part, measures, level=level))
        numbers = {"households": part.by_group("rows").astype("int64")} | {
            k: part.by_group(f"n_{k}").astype("int64") for k in flags
        }
        numbers |= {k: measures[k].value for k in ("gap_before", "gap_after")}
        counts.append(pd.DataFrame(numbers, index=part.labels["group"]).sort_index())
    table = pd.concat(counts)
    table.index.name = by
    return Impoverishing(
        counts=table,
        shares=pd.concat(tables, ignore_index=True),
        pushed=pd.concat(pushed_rows),
        dropped=sums.dropped,
    )
