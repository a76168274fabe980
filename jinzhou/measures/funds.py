"""Money: allocated, paid, grown, and what one exit costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.measures.intervals import normal_quantile


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PaymentRates:
    """Allocation and payment, one row per group.

    Attributes
    ----------
    rates : DataFrame, indexed by group with a last row of the sum
        `allocated`, `paid`, `carried` (yuan), `rate` (paid / allocated), `carried_rate`.
    unmatched : float
        Yuan paid that belong to no allocation given.
    """

    rates: pd.DataFrame
    unmatched: float

    def table(self) -> pd.DataFrame:
        """A copy of `rates`, safe to format."""
        return self.rates.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.rates.iloc[-1]
        return f"paid {last['rate']:.1%} of {last['allocated'] / 1e4:,.0f} x 10,000 yuan; {self.unmatched:,.0f} yuan unmatched."


def payment_rates(fund: pd.DataFrame, payment: pd.DataFrame, *, by: str = "county") -> PaymentRates:
    """Share of allocated money that has been paid, and what is carried over (R52).

    Parameters
    ----------
    fund : DataFrame
        `fund_id`, `allocated_amount` (yuan), the group.
    payment : DataFrame
        `fund_id`, `paid_amount` (yuan). A payment without its allocation is not put to any group;
        its amount is reported.
    """
    paid = payment.groupby("fund_id")["paid_amount"].sum()
    rows = fund.assign(paid=fund["fund_id"].map(paid).fillna(0.0))
    rates = rows.groupby(by)[["allocated_amount", "paid"]].sum()
    rates.columns = ["allocated", "paid"]
    rates.loc["all"] = rates.sum()
    rates["carried"] = rates["allocated"] - rates["paid"]
    base = rates["allocated"].replace(0, np.nan)
    rates["rate"], rates["carried_rate"] = rates["paid"] / base, rates["carried"] / base
    rates.index.name = by
    return PaymentRates(rates=rates, unmatched=float(paid[~paid.index.isin(fund["fund_id"])].sum()))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Growth:
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

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        count = self.rows["status"].value_counts()
        return (f"{self.year}: {count.get('pass', 0)} areas grew no less than the province ({self.province:.1%}), "
                f"{count.get('fail', 0)} less, {count.get('undefined', 0)} undefined.")


def growth(fund_year: pd.DataFrame, *, year: int) -> Growth:
    """Whether each budget grew no less than the province's (R50: 不低于, so equality passes).

    A base of zero or an absent year is undefined, and says so; it is neither pass nor fail.
    """
    wide = fund_year[fund_year["year"].isin([year - 1, year])].pivot_table(
        index=["level", "area"], columns="year", values="amount", aggfunc="sum").reindex(columns=[year - 1, year])
    rows = wide.reset_index().set_axis(["level", "area", "before", "now"], axis=1)
    why = np.select([rows["before"].isna() | rows["now"].isna(), rows["before"] == 0],
                    ["a year is missing", "the base is zero"], "")
    rows["growth"] = np.where(why == "", rows["now"] / rows["before"].replace(0, np.nan) - 1, np.nan)
    province = rows.loc[rows["level"] == "province", "growth"]
    base = float(province.iloc[0]) if len(province) else np.nan
    rows["against"] = rows["growth"] - base
    rows["why"] = np.where((why == "") & np.isnan(base), "the province's growth is unknown", why)
    rows["status"] = np.where(rows["why"] != "", "undefined", np.where(rows["against"] >= -1e-12, "pass", "fail"))
    rows = rows[rows["level"] != "province"]
    order = rows["level"].map({"city": 0, "county": 1})
    rows = rows.assign(_o=order).sort_values(["_o", "area"]).drop(columns="_o").reset_index(drop=True)
    return Growth(rows=rows[["area", "level", "before", "now", "growth", "against", "status", "why"]], year=year, province=base)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExitCost:
    """Money per exit, one row per group.

    Attributes
    ----------
    costs : DataFrame, indexed by group with a last row of the sum
        `spent` (yuan), `exits`, `lasting`, `observed` (exits whose months are up), `cost_per_exit`,
        `cost_low`, `cost_high`, `lasting_share`, `cost_per_lasting`, `lasting_low`, `lasting_high`.
        Missing where nobody exited, or no exit has been observed long enough.
    months : int
        Months without return that make an exit lasting.
    level : float
    """

    costs: pd.DataFrame
    months: int
    level: float

    def table(self) -> pd.DataFrame:
        """A copy of `costs`, safe to format."""
        return self.costs.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.costs.iloc[-1]
        return f"{last['cost_per_exit']:,.0f} yuan per exit, {last['cost_per_lasting']:,.0f} per exit lasting {self.months} months."


def cost_per_exit(
    spent: pd.DataFrame, exits: pd.DataFrame, *, by: str = "county", cluster: str = "town", months: int = 24,
    draws: int = 400, seed: int = 2018, level: float = 0.95,
) -> ExitCost:
    """Money paid over persons who exited, and over those whose exit lasted (R52, R53).

    Parameters
    ----------
    spent : DataFrame
        `yuan`, the group and the cluster (township).
    exits : DataFrame
        One row per exit: `persons`, the group and the cluster, `counted` (in the period of the
        spending), `lasting` (True, False, or missing when fewer than `months` months have passed).
    draws, seed : int
        Bootstrap over townships, which are drawn whole with their money and their exits.

    Notes
    -----
    A ratio of what happened, not an effect: harder places cost more. The cost per lasting exit is
    the cost per exit over the share of observed exits that lasted; with no exit observed long
    enough it is missing. Percentile intervals; missing with fewer than five townships.
    """
    normal_quantile(level)
    money = spent.groupby([by, cluster])["yuan"].sum()
    work = exits.assign(counted=exits["counted"].astype(float) * exits["persons"], observed=exits["lasting"].notna() * exits["persons"],
                        lasted=exits["lasting"].astype("boolean").fillna(False).astype(float) * exits["persons"])
    people = work.groupby([by, cluster])[["counted", "observed", "lasted"]].sum()
    units = people.join(money.rename("spent"), how="outer").fillna(0.0)
    rng = np.random.default_rng(seed)
    rows = {}
    for group in [*units.index.get_level_values(0).unique(), "all"]:
        block = units if group == "all" else units.loc[[group]]
        rows[group] = _ratio_row(block[["spent", "counted", "observed", "lasted"]].to_numpy(), rng, draws, level)
    costs = pd.DataFrame.from_dict(rows, orient="index", columns=[
        "spent", "exits", "observed", "lasting", "cost_per_exit", "cost_low", "cost_high", "lasting_share",
        "cost_per_lasting", "lasting_low", "lasting_high"])
    costs[["exits", "observed", "lasting"]] = costs[["exits", "observed", "lasting"]].astype("int64")
    costs.index.name = by
    return ExitCost(costs=costs, months=months, level=level)


def _ratio_row(units: np.ndarray, rng: np.random.Generator, draws: int, level: float) -> list[float]:
    """Ratios of one group, and their bootstrap intervals; `units` is (townships, 4)."""

    def ratios(total):
        spent, exits, observed, lasted = total.T
        with np.errstate(divide="ignore", invalid="ignore"):
            per_exit = np.where(exits > 0, spent / exits, np.nan)
            share = np.where(observed > 0, lasted / observed, np.nan)
            return per_exit, share, np.where(share > 0, per_exit / share, np.nan)

    total = units.sum(axis=0)
    per_exit, share, per_lasting = (float(x[0]) for x in ratios(total[None, :]))
    low = high = lasting_low = lasting_high = np.nan
    if len(units) >= 5:
        drawn = units[rng.integers(0, len(units), (draws, len(units)))].sum(axis=1)
        a, _, b = ratios(drawn)
        tail = [(1 - level) / 2, (1 + level) / 2]
        if np.isfinite(a).all():
            low, high = np.quantile(a, tail)
        if np.isfinite(b).all():
            lasting_low, lasting_high = np.quantile(b, tail)
    return [total[0], total[1], total[2], total[3], per_exit, low, high, share, per_lasting, lasting_low, lasting_high]
