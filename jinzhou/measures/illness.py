"""Illness among the poor and the returned, what it costs, and which payer leaves the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.measures.intervals import design_effect, wilson

PAYERS = (
    # step of the ladder, columns of the settlement that pay for it
    ("basic", ("hifp_pay",)), ("catastrophic", ("hifmi_pay",)), ("aid", ("maf_pay",)),
    ("other", ("hifes_pay", "hifob_pay", "cvlserv_pay", "oth_pay")), ("hospital", ("hosp_part_amt",)),
)
TOLERANCE = 0.05
"""Yuan; the platform's own tolerance of its identities (dictionary section 8)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IllnessShare:
    """Share of rows with illness, one row per group.

    Attributes
    ----------
    shares : DataFrame, indexed by group
        `rows`, `with_illness`, `share`, `low`, `high` (0-1), `persons` and `persons_with_illness`
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
    frame: pd.DataFrame, *, illness: str, by: str | list[str], persons: str | None = None,
    cluster: str | None = None, level: float = 0.95,
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
    deff = design_effect(y, known[cluster].astype("string").fillna("").to_numpy(), np.ones(len(y))) if cluster else 1.0
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
    shares["low"], shares["high"] = wilson(shares["with_illness"], shares["rows"], level=level, design=deff)
    return IllnessShare(shares=shares, level=level, clustered=cluster is not None, dropped=len(frame) - len(known))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HealthSpending:
    """Households whose own payment is large against their means.

    Attributes
    ----------
    rates : DataFrame, one row per measure
        `measure`, `households`, `affected`, `share`, `low`, `high`, `overshoot` (mean excess over
        all households, as a share), `mean_positive_overshoot` (over the affected).
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
        text = ", ".join(f"{r.measure} {r.share:.1%}" for r in self.rates.itertuples())
        return f"own payment too large: {text}; {self.no_income} households without income."


def catastrophic(
    households: pd.DataFrame, *, line: float, payment: str = "oop_year", income_pc: str = "net_income_pc",
    size: str = "household_size", thresholds: tuple[float, ...] = (0.10, 0.25), capacity: float = 0.40,
    level: float = 0.95,
) -> HealthSpending:
    """Catastrophic own payment: above 10 % and 25 % of income, and above 40 % of capacity to pay.

    Parameters
    ----------
    households : DataFrame
        One row each; payment in yuan per household and year, income in yuan per person and year.
    line : float
        Yuan per person per year; income above the line is the capacity to pay.

    Notes
    -----
    The registry has no consumption, so income stands for it (「按纯收入口径」) and the poverty line
    for subsistence. A household whose income or capacity is not positive is affected when it paid
    anything; its overshoot counts as the whole (1 less the threshold), since the ratio has no bound.
    A payment exactly at a threshold is not above it. Wagstaff and van Doorslaer (2003), Health
    Economics 12, 921-934; Xu and others (2003), Lancet 362, 111-117; SDG 3.8.2 as defined to 2025.
    """
    pay, income = households[payment].to_numpy(float), households[income_pc].to_numpy(float)
    n = households[size].to_numpy(float)
    reason = np.select([~np.isfinite(pay), ~np.isfinite(income), ~(n > 0)],
                       ["payment missing", "income missing", "size missing or zero"], "")
    used = reason == ""
    pay, income, n = pay[used], income[used] * n[used], n[used]
    rows = []
    measures = [(f"income {t:.0%}", income, t) for t in thresholds] + [(f"capacity {capacity:.0%}", income - line * n, capacity)]
    for name, means, t in measures:
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(means > 0, pay / means, np.where(pay > 0, 1.0, 0.0))
        affected = np.where(means > 0, ratio > t, pay > 0)
        over = np.where(affected, np.minimum(ratio, 1.0) - t, 0.0)
        low, high = wilson(affected.sum(), len(pay), level=level)
        rows.append((name, len(pay), int(affected.sum()), affected.mean() if len(pay) else np.nan, float(low), float(high),
                     over.mean() if len(pay) else np.nan, over[affected].mean() if affected.any() else np.nan))
    columns = ["measure", "households", "affected", "share", "low", "high", "overshoot", "mean_positive_overshoot"]
    return HealthSpending(rates=pd.DataFrame(rows, columns=columns), dropped=pd.Series(reason[~used]).value_counts(),
                          no_income=int((income <= 0).sum()))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Impoverishing:
    """Households that their own payments push under the line or further below it.

    Attributes
    ----------
    counts : DataFrame, indexed by group with a last row of the sum
        `households`, `poor_before`, `poor_after`, `pushed` (under the line by payment), `further`
        (already under it and paying), `gap_before`, `gap_after` (mean gap as a share of the line).
    pushed : DataFrame
        The rows pushed under, with `after` (income per head less own payment, yuan).
    dropped : Series, indexed by reason
    """

    counts: pd.DataFrame
    pushed: pd.DataFrame
    dropped: pd.Series

    def table(self) -> pd.DataFrame:
        """A copy of `counts`, safe to format."""
        return self.counts.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.counts.iloc[-1]
        return f"{int(last['pushed']):,} of {int(last['households']):,} households pushed under the line by own payments."


def impoverishing(
    households: pd.DataFrame, *, line: float, payment: str = "oop_year", income_pc: str = "net_income_pc",
    size: str = "household_size", by: str = "county",
) -> Impoverishing:
    """Compare poverty before and after the household's own medical payment (edge ``<``; R41).

    Pushed: income per head at or above the line before, below it after. Wagstaff and van Doorslaer
    (2003), Health Economics 12, 921-934.
    """
    pay, income = households[payment].to_numpy(float), households[income_pc].to_numpy(float)
    n = households[size].to_numpy(float)
    reason = np.select([~np.isfinite(pay), ~np.isfinite(income), ~(n > 0)],
                       ["payment missing", "income missing", "size missing or zero"], "")
    used = reason == ""
    rows = households[used].copy()
    before, after = income[used], income[used] - pay[used] / n[used]
    rows["after"] = after
    work = pd.DataFrame({
        "group": rows[by].to_numpy(), "households": 1, "poor_before": before < line, "poor_after": after < line,
        "pushed": (before >= line) & (after < line), "further": (before < line) & (pay[used] > 0),
        "gap_before": np.clip(line - before, 0, None) / line, "gap_after": np.clip(line - after, 0, None) / line})
    counts = work.groupby("group").sum()
    counts.loc["all"] = counts.sum()
    counts[["gap_before", "gap_after"]] = counts[["gap_before", "gap_after"]].div(counts["households"], axis=0)
    integers = ["households", "poor_before", "poor_after", "pushed", "further"]
    counts[integers] = counts[integers].astype("int64")
    counts.index.name = by
    return Impoverishing(counts=counts, pushed=rows[work["pushed"].to_numpy()],
                         dropped=pd.Series(reason[~used]).value_counts())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PayerLadder:
    """Who pays a bill, from the whole to what the patient is left with.

    Attributes
    ----------
    steps : DataFrame, one row per step
        `step` (total, basic, catastrophic, aid, other, hospital, patient), `yuan`, `share` of the
        total, `left` (yuan still unpaid after the step).
    of_total, of_policy : float
        Reimbursement: funds over the total cost, and over the cost within policy. Both are called
        报销比例; they are never printed without their name.
    settlements, broken : int
        Rows used, and rows whose identities fail by more than 0.05 yuan.
    dropped : int
        Rows without total cost or own payment.
    """

    steps: pd.DataFrame
    of_total: float
    of_policy: float
    settlements: int
    broken: int
    dropped: int

    def table(self) -> pd.DataFrame:
        """A copy of `steps`, safe to format."""
        return self.steps.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return (f"{self.settlements:,} settlements: funds pay {self.of_total:.1%} of the total and "
                f"{self.of_policy:.1%} of the cost within policy; {self.broken} identities broken.")


def payer_ladder(visits: pd.DataFrame) -> PayerLadder:
    """Sum settlements step by step (R37).

    Parameters
    ----------
    visits : DataFrame
        Columns of the settlement table in yuan; a missing payer counts as nothing paid.

    Raises
    ------
    ParameterError
        A column of the identity is absent.
    """
    needed = ["medfee_sumamt", "inscp_scp_amt", "fund_pay_sumamt", "hosp_part_amt", "psn_part_amt"]
    absent = [c for c in needed if c not in visits]
    if absent:
        raise ParameterError(f"结算表缺少 {'、'.join(absent)}。", f"the settlements lack {', '.join(absent)}.")
    rows = visits[visits["medfee_sumamt"].notna() & visits["psn_part_amt"].notna()]

    def yuan(*columns: str) -> float:
        return float(sum(rows[c].fillna(0).sum() for c in columns if c in rows))

    total = yuan("medfee_sumamt")
    steps, left = [("total", total, 1.0 if total else np.nan, total)], total
    for name, columns in PAYERS:
        paid = yuan(*columns)
        left -= paid
        steps.append((name, paid, paid / total if total else np.nan, left))
    patient = yuan("psn_part_amt")
    steps.append(("patient", patient, patient / total if total else np.nan, left - patient))
    gap = rows["medfee_sumamt"] - rows["fund_pay_sumamt"].fillna(0) - rows["hosp_part_amt"].fillna(0) - rows["psn_part_amt"]
    funds, policy = yuan("fund_pay_sumamt"), yuan("inscp_scp_amt")
    return PayerLadder(
        steps=pd.DataFrame(steps, columns=["step", "yuan", "share", "left"]),
        of_total=funds / total if total else np.nan, of_policy=funds / policy if policy else np.nan,
        settlements=len(rows), broken=int((gap.abs() > TOLERANCE).sum()), dropped=len(visits) - len(rows))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ZeroBurden:
    """The zero-burden test of registered in-patients.

    Attributes
    ----------
    counts : DataFrame, indexed by group with a last row of the sum
        `stays`, `above_zero`, `share_zero`, `low`, `high`, `yuan` (own payment of the stays above zero).
    stays : DataFrame
        The stays above zero.
    """

    counts: pd.DataFrame
    stays: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """A copy of `counts`, safe to format."""
        return self.counts.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.counts.iloc[-1]
        return f"{int(last['above_zero']):,} of {int(last['stays']):,} stays cost the patient something."


def zero_burden(visits: pd.DataFrame, *, by: str = "county", level: float = 0.95) -> ZeroBurden:
    """In-patient stays for which the patient paid nothing after all payers (R37: zero, not little)."""
    stays = visits[(visits["med_type"] == "inpatient") & visits["psn_part_amt"].notna()]
    above = stays[stays["psn_part_amt"] > 0]
    counts = pd.DataFrame({"stays": stays.groupby(by).size()})
    counts["above_zero"] = above.groupby(by).size().reindex(counts.index, fill_value=0)
    counts["yuan"] = above.groupby(by)["psn_part_amt"].sum().reindex(counts.index, fill_value=0.0)
    counts.loc["all"] = counts.sum()
    counts[["stays", "above_zero"]] = counts[["stays", "above_zero"]].astype("int64")
    counts["share_zero"] = 1 - counts["above_zero"] / counts["stays"].replace(0, np.nan)
    counts["low"], counts["high"] = wilson(counts["stays"] - counts["above_zero"], counts["stays"], level=level)
    counts.index.name = by
    return ZeroBurden(counts=counts[["stays", "above_zero", "share_zero", "low", "high", "yuan"]], stays=above)
