"""Which settlements can be used as bills in yuan, and why the others cannot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.result import Result
from jinzhou.statistics.health_spending import TOLERANCE
from jinzhou.words import Words

OUTSIDE = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt")
"""Parts of the cost outside the policy: wholly own, above the price limit, own part first."""
FUNDS = (
    "hifp_pay",
    "cvlserv_pay",
    "hifes_pay",
    "hifmi_pay",
    "hifob_pay",
    "maf_pay",
    "oth_pay",
)
"""What the funds pay, fund by fund."""
IDENTITIES = (
    # name, left column, columns whose sum it must be (docs/data-dictionary.md)
    ("cost", "medfee_sumamt", ("inscp_scp_amt", *OUTSIDE)),
    ("payers", "medfee_sumamt", ("fund_pay_sumamt", "hosp_part_amt", "psn_part_amt")),
    ("funds", "fund_pay_sumamt", FUNDS),
    ("patient", "psn_part_amt", ("acct_pay", "psn_cash_pay")),
)
MONEY = (
    "medfee_sumamt",
    "inscp_scp_amt",
    *OUTSIDE,
    "act_pay_dedc",
    *FUNDS,
    "fund_pay_sumamt",
    "hosp_part_amt",
    "psn_part_amt",
    "acct_pay",
    "psn_cash_pay",
)
STAY = ("person_key", "admitted_on", "discharged_on", "med_type", "medfee_sumamt")
"""Two settlements alike in all of these are of one stay."""
OTHER_UNIT = 1_000.0
"""A cost so many times below or above the median of its kind of visit is in another unit."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bills(Result):
    """Settlements that can be used, and why the others cannot.

    Attributes
    ----------
    rows : DataFrame
        The settlements used, as they came.
    left_out : DataFrame
        `reason`, `bills`, `yuan` (their stated total cost); with `rows` it sums to the settlements
        given.
    identities : DataFrame
        `identity`, `tested`, `broken` (by more than 0.05 yuan), `largest` (yuan), `status`:
        ``holds``, ``broken``, or ``not testable`` where a column is wholly missing. Bills with a
        broken identity are used and counted.
    quarters : tuple of str
        Quarters between the first and the last admission without any bill.
    status : str
        ``usable``, ``no bills``, or ``all zero`` when no bill has a cost.
    """

    shown: ClassVar[str] = "left_out"
    kinds: ClassVar[Mapping[str, str]] = {"reason": "label:reason", "yuan": "wan_yuan"}
    rows: pd.DataFrame
    left_out: pd.DataFrame
    identities: pd.DataFrame
    quarters: tuple[str, ...]
    status: str

    def sentence(self, words: Words) -> str:
        """Bills used, left out by reason, and quarters without any."""
        reasons = [
            words(
                "summary.Bills.reason",
                reason=words.label("reason", r.reason),
                bills=r.bills,
            )
            for r in self.left_out.itertuples()
        ]
        return words(
            "summary.Bills.text",
            used=len(self.rows),
            status=words.label("bills", self.status),
            reasons=reasons or words("none"),
            quarters=len(self.quarters),
        )


def checked_bills(visits: pd.DataFrame, *, by: str = "med_type") -> Bills:
    """Leave out what cannot be a bill in yuan, and say so.

    Parameters
    ----------
    visits : DataFrame
        Columns of the settlement table in yuan, with `setl_id`, `person_key`, `admitted_on`,
        `discharged_on`.
    by : str
        Kind of visit within which costs are of one order.

    Raises
    ------
    ParameterError
        `medfee_sumamt` or `psn_part_amt` is absent.

    Notes
    -----
    In this order: a settlement number that came before; another number for the same person, days
    and cost (the first by number is kept); total cost or own payment missing; a negative amount; a
    total cost of zero; own payment above the total cost (by more than 0.05 yuan); a cost a thousand
    times below or above the median of its kind, which is another unit of money.
    """
    require_columns(visits, ("medfee_sumamt", "psn_part_amt"))
    numbered = "setl_id" in visits
    rows = visits.sort_values("setl_id", kind="stable") if numbered else visits
    reason = _reasons(rows, by)
    used = rows[reason == ""]
    cost = np.nan_to_num(rows["medfee_sumamt"].to_numpy(float))
    return Bills(
        rows=used.sort_index(),
        left_out=_left_out(reason, cost),
        identities=_identities(used),
        quarters=_empty_quarters(used),
        status=_status(cost),
    )


def require_columns(visits: pd.DataFrame, columns: Sequence[str]) -> None:
    """Refuse settlements without a column that the answer rests on.

    Raises
    ------
    ParameterError
        A column is absent.
    """
    absent = [c for c in columns if c not in visits]
    if absent:
        raise ParameterError("chapters.bills.columns", missing=absent)


def _reasons(rows: pd.DataFrame, by: str) -> np.ndarray:
    """Why each row cannot be a bill, the first that holds; empty where it can."""
    total = rows["medfee_sumamt"].to_numpy(float)
    own = rows["psn_part_amt"].to_numpy(float)
    repeated, twice = _number_repeated(rows), _settled_twice(rows)
    amounts = rows[[c for c in MONEY if c in rows]].to_numpy(float)
    plausible = np.isfinite(total) & (total > 0) & ~repeated & ~twice
    kind = rows[by].fillna("").to_numpy() if by in rows else np.full(len(rows), "")
    checks = {
        "settlement number repeated": repeated,
        "same stay settled twice": twice,
        "amount missing": ~np.isfinite(total) | ~np.isfinite(own),
        "negative amount": (amounts < 0).any(axis=1),
        "no cost": total == 0,
        "own payment above total cost": own > total + TOLERANCE,
        "another unit of money": _another_unit(total, plausible, kind),
    }
    return np.select(list(checks.values()), list(checks), "")


def _number_repeated(rows: pd.DataFrame) -> np.ndarray:
    if "setl_id" not in rows:
        return np.zeros(len(rows), bool)
    return rows.duplicated("setl_id").to_numpy()


def _settled_twice(rows: pd.DataFrame) -> np.ndarray:
    """Rows of a known person that repeat an earlier row's stay."""
    if not {"person_key", "admitted_on"}.issubset(rows):
        return np.zeros(len(rows), bool)
    same = [c for c in STAY if c in rows]
    return rows.duplicated(same).to_numpy() & rows["person_key"].notna().to_numpy()


def _another_unit(
    total: np.ndarray, plausible: np.ndarray, kind: np.ndarray
) -> np.ndarray:
    """Costs a thousand times off the median of the plausible ones of their kind."""
    if not len(total):
        return np.zeros(0, bool)
    costs = pd.Series(np.where(plausible, total, np.nan))
    middle = costs.groupby(kind).transform("median").to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.abs(np.log(total / middle)) > np.log(OTHER_UNIT)


def _left_out(reason: np.ndarray, cost: np.ndarray) -> pd.DataFrame:
    rows = pd.DataFrame({"reason": reason, "yuan": cost})[reason != ""]
    counted = rows.groupby("reason", sort=True)["yuan"].agg(["size", "sum"])
    made = counted.reset_index()
    made.columns = pd.Index(["reason", "bills", "yuan"])
    return made


def _status(cost: np.ndarray) -> str:
    if not len(cost):
        return "no bills"
    return "usable" if (cost > 0).any() else "all zero"


def _identities(rows: pd.DataFrame) -> pd.DataFrame:
    """Whether the sums that a bill must obey hold."""
    found: list[tuple[str, int, int, float, str]] = []
    for name, left, parts in IDENTITIES:
        columns = [left, *parts]
        lacking = [c for c in columns if c not in rows or not rows[c].notna().any()]
        if lacking:
            found.append((name, 0, 0, np.nan, "not testable"))
            continue
        tested = rows[columns].dropna(subset=[left])
        gap = (tested[left] - tested[list(parts)].fillna(0).sum(axis=1)).abs().round(6)
        broken = int((gap > TOLERANCE).sum())
        largest = float(gap.max()) if len(tested) else np.nan
        status = "broken" if broken else "holds"
        found.append((name, len(tested), broken, largest, status))
    return pd.DataFrame(
        found, columns=["identity", "tested", "broken", "largest", "status"]
    )


def _empty_quarters(rows: pd.DataFrame) -> tuple[str, ...]:
    """Quarters between the first and the last admission without any."""
    if not len(rows) or "admitted_on" not in rows:
        return ()
    seen = rows["admitted_on"].dropna().dt.to_period("Q")
    if not len(seen):
        return ()
    every = pd.period_range(seen.min(), seen.max(), freq="Q")
    return tuple(str(q) for q in every.difference(pd.PeriodIndex(seen.unique())))
