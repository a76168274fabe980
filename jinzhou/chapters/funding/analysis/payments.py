"""Money allocated, paid and carried over; budgets against the province's; integrated money."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.words import Words

UNIT_FACTOR = 1_000.0
"""Amounts of one project in two ledgers that differ by this factor and more are in two units."""
YEARS_KEPT = 2
"""Full years after which unspent money is handed back (docs/requirements.md R52)."""
EQUAL = 1e-12
"""Growth this little below the province's is equal to it."""
_AGES = ("fresh", "older", "lapsed")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PaymentRates(Result):
    """Allocation, payment and what is carried over, one row per group.

    Attributes
    ----------
    rates : DataFrame, indexed by group with a last row of the sum
        `allocated`, `paid`, `carried` (yuan), `rate` (paid / allocated), `carried_rate`, and what
        is carried by its age: `fresh` (allocated less than a year ago), `older` (one to two years),
        `lapsed` (two years and more: to be handed back), `projects`, `status`: ``paid``, ``nothing
        allocated``, ``payments not known`` (no payment of any allocation is known, not even that it
        was none: what was paid and carried over is missing).
    early : DataFrame
        `fund_id`, `project_id`, the group, `allocated_on`, `yuan`: paid before the day of the
        allocation.
    mixed : tuple of str
        Allocations left out because the payments from them are in another unit (`UNIT_FACTOR`).
    as_of : str
    """

    shown: ClassVar[str] = "rates"
    rates: pd.DataFrame
    early: pd.DataFrame
    mixed: tuple[str, ...]
    as_of: str

    def sentence(self, words: Words) -> str:
        """What of the allocated money was paid."""
        last = self.rates.iloc[-1]
        key = "paid" if last["status"] == "paid" else "unknown"
        return words(
            f"summary.PaymentRates.{key}",
            allocated=last["allocated"],
            rate=last["rate"],
            lapsed=last["lapsed"],
            mixed=len(self.mixed),
            status=words.label("status", last["status"]),
        )


def payment_rates(
    fund: pd.DataFrame,
    *,
    as_of: str,
    by: str = "county",
    groups: Sequence[str] = (),
    years: int = YEARS_KEPT,
) -> PaymentRates:
    """Share of allocated money that has been paid, and what is carried over by age.

    Parameters
    ----------
    fund : DataFrame
        `fund_id`, `project_id`, `allocated_amount` (yuan), `allocated_on`, `paid`, `paid_early`,
        the group (see `registry.allocations`).
    groups : sequence of str
        Groups to show even when nothing was allocated to them.
    years : int
        Full years after which unspent money is to be handed back.

    Notes
    -----
    Paid is counted from the payments, not from the ledger's own figure of what was carried over,
    which keeps no history. A payment without an allocation is in no group: `trace_funds` counts it.
    An allocation and its payments that differ by `UNIT_FACTOR` and more are in two units; nothing
    is converted, they are left out and named.

    References
    ----------
    docs/requirements.md R52.
    """
    known = (fund["allocated_amount"] > 0) & (fund["paid"] > 0)
    ratio = fund["paid"] / fund["allocated_amount"].where(known)
    mixed = known & ~ratio.between(1 / UNIT_FACTOR, UNIT_FACTOR, inclusive="neither")
    rows = fund[~mixed]
    rows = rows.assign(**_carried_by_age(rows, as_of=as_of, years=years))
    sums = rows.groupby(by)[["allocated_amount", "paid", *_AGES]].sum()
    sums["projects"] = rows.groupby(by)["project_id"].nunique()
    rates = sums.reindex(sorted({*sums.index, *groups})).fillna(0.0)
    rates = rates.rename(columns={"allocated_amount": "allocated"})
    rates.loc["all"] = rates.sum()
    rates["carried"] = rates["allocated"] - rates["paid"]
    base = rates["allocated"].replace(0, np.nan)
    rates["rate"], rates["carried_rate"] = rates["paid"] / base, rates["carried"] / base
    rates["projects"] = rates["projects"].astype("int64")
    unknown = len(fund) > 0 and bool(fund["paid"].isna().all())
    if unknown:
        rates[["paid", "carried", "rate", "carried_rate", *_AGES]] = np.nan
    rates["status"] = np.select(
        [rates["allocated"] <= 0, np.full(len(rates), unknown)],
        ["nothing allocated", "payments not known"],
        "paid",
    )
    rates.index.name = by
    return PaymentRates(
        rates=rates,
        early=_paid_early(rows, by),
        mixed=tuple(fund.loc[mixed, "fund_id"]),
        as_of=as_of,
    )


def _carried_by_age(
    rows: pd.DataFrame, *, as_of: str, years: int
) -> dict[str, np.ndarray]:
    """Yuan not paid of each allocation, in the column of its age."""
    left = (rows["allocated_amount"] - rows["paid"]).to_numpy()
    day = pd.Timestamp(as_of)
    lapsed = (rows["allocated_on"] + pd.DateOffset(years=years) <= day).to_numpy()
    a_year = (rows["allocated_on"] + pd.DateOffset(years=1) <= day).to_numpy()
    older = a_year & ~lapsed
    of_age = {"fresh": ~older & ~lapsed, "older": older, "lapsed": lapsed}
    return {age: np.where(chosen, left, 0.0) for age, chosen in of_age.items()}


def _paid_early(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    columns = ["fund_id", "project_id", by, "allocated_on", "paid_early"]
    early = rows.loc[rows["paid_early"] > 0, columns]
    return early.rename(columns={"paid_early": "yuan"}).reset_index(drop=True)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Growth(Result):
    """Growth of city and county money against the province's.

    Attributes
    ----------
    rows : DataFrame, one row per area
        `area`, `level`, `before`, `now` (yuan), `growth` (0.1 is +10 %), `against` (growth less the
        province's), `status`: ``pass``, ``fail`` or ``undefined``, `why`.
    year : int
    province : float
        Growth of the province's money, NaN when undefined.
    """

    rows: pd.DataFrame
    year: int
    province: float

    def sentence(self, words: Words) -> str:
        """How many budgets grew no less than the province's."""
        count = self.rows["status"].value_counts()
        return words(
            "summary.Growth",
            passed=count.get("pass", 0),
            failed=count.get("fail", 0),
            undefined=count.get("undefined", 0),
            province=self.province,
        )


def growth(fund_year: pd.DataFrame, *, year: int) -> Growth:
    """Whether each budget grew no less than the province's; equality passes.

    A base of zero or an absent year is undefined, and says so; it is neither pass nor fail.

    References
    ----------
    docs/requirements.md R50.
    """
    two_years = fund_year[fund_year["year"].isin([year - 1, year])]
    wide = two_years.pivot_table(
        index=["level", "area"], columns="year", values="amount", aggfunc="sum"
    ).reindex(columns=[year - 1, year])
    rows = wide.reset_index().set_axis(["level", "area", "before", "now"], axis=1)
    why = np.select(
        [rows["before"].isna() | rows["now"].isna(), rows["before"] == 0],
        ["a year is missing", "the base is zero"],
        "",
    )
    grown = rows["now"] / rows["before"].replace(0, np.nan) - 1
    rows["growth"] = grown.where(why == "")
    of_province = rows.loc[rows["level"] == "province", "growth"]
    base = float(of_province.iloc[0]) if len(of_province) else np.nan
    rows["against"] = rows["growth"] - base
    rows["why"] = np.where(
        (why == "") & np.isnan(base), "the province's growth is unknown", why
    )
    rows["status"] = np.select(
        [rows["why"] != "", rows["against"] >= -EQUAL], ["undefined", "pass"], "fail"
    )
    rows = rows[rows["level"] != "province"]
    order = rows["level"].map({"city": 0, "county": 1})
    rows = rows.assign(order=order).sort_values(["order", "area"], ignore_index=True)
    columns = ["area", "level", "before", "now", "growth", "against", "status", "why"]
    return Growth(rows=rows[columns], year=year, province=base)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Integration(Result):
    """Integrated agricultural money by plan year.

    Attributes
    ----------
    rows : DataFrame, indexed by plan year
        `allocated`, `integrated` (yuan), `share`, `status`: ``shown``, ``no level recorded`` (no
        allocation of the year says its level).
    unknown : float
        Yuan of allocations without a level; they are in `allocated`.
    """

    rows: pd.DataFrame
    unknown: float

    def sentence(self, words: Words) -> str:
        """The share of the latest year."""
        if not len(self.rows):
            return words("summary.Integration.none")
        last = self.rows.iloc[-1]
        return words(
            "summary.Integration.share",
            year=self.rows.index[-1],
            share=last["share"],
            unknown=self.unknown,
        )


def integration(fund: pd.DataFrame) -> Integration:
    """Share of the year's allocations that was integrated agricultural money.

    Parameters
    ----------
    fund : DataFrame
        `plan_year`, `level`, `allocated_amount`.

    Notes
    -----
    The ledger does not say which money could have been integrated, so the base is all that was
    allocated, and the share understates it.

    References
    ----------
    docs/requirements.md R51.
    """
    rows = fund.dropna(subset=["plan_year"])
    year = rows["plan_year"].astype(int).rename("year")
    integrated = rows["allocated_amount"].where(rows["level"] == "integrated", 0.0)
    made = pd.DataFrame(
        {
            "allocated": rows["allocated_amount"].groupby(year).sum(),
            "integrated": integrated.groupby(year).sum(),
            "levels": rows["level"].groupby(year).count(),
        }
    )
    known = (made["levels"] > 0) & (made["allocated"] > 0)
    share = made["integrated"] / made["allocated"].replace(0, np.nan)
    made["share"] = share.where(known)
    made["status"] = np.where(made["levels"] > 0, "shown", "no level recorded")
    return Integration(
        rows=made[["allocated", "integrated", "share", "status"]],
        unknown=float(rows.loc[rows["level"].isna(), "allocated_amount"].sum()),
    )
