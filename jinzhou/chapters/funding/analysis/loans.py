"""Small loans: how many of those they are meant for have one, and what may not come back."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.chapters.funding.analysis.projects import flagged
from jinzhou.result import Result
from jinzhou.words import Words

QUARTERS_AHEAD = 2
"""Quarters ahead whose due loans are counted."""
_HOUSEHOLDS = ("eligible", "with_loan", "running")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Microcredit(Result):
    """Loans by county, and by bank.

    Attributes
    ----------
    counties : DataFrame, indexed by county with a last row of the sum
        `lent` (yuan lent in the year), `loans` (in the year), `eligible`, `with_loan`, `running`
        (households), `reach` = with_loan / eligible, `per_eligible` (yuan of the year per eligible
        household), `balance`, `overdue` (yuan), `overdue_rate` = overdue / balance, `bad` (loans),
        `bad_rate` (balance of bad loans / balance), `enterprise` (loans that firms use),
        `enterprise_share` (of the balance), `due_next` (yuan of balance due in the quarters ahead),
        `subsidy` (yuan, year's loans), `status`: ``shown``, ``no loan``, ``no eligible household``,
        ``eligible not known`` (no borrower is known anywhere: what counts them is missing).
    banks : DataFrame, indexed by bank
        `loans`, `balance`, `share` of the balance, `overdue_rate`.
    concentration : float
        Sum of squared shares of the banks (1 is one bank); missing without a balance.
    warned : DataFrame
        Loans overdue, bad, used by a firm with a balance, or due in the quarters ahead, as given,
        with `why` (tuple of ``overdue``, ``bad``, ``enterprise``, ``due next``).
    reported, difference : float
        Yuan that were reported to have been lent in the year, and the ledger less that; missing
        when nothing was reported.
    year, quarters : int
    """

    shown: ClassVar[str] = "counties"
    counties: pd.DataFrame
    banks: pd.DataFrame
    concentration: float
    warned: pd.DataFrame
    reported: float
    difference: float
    year: int
    quarters: int

    def sentence(self, words: Words) -> str:
        """What was lent, to how many, and what is overdue."""
        last = self.counties.iloc[-1]
        return words(
            "summary.Microcredit",
            year=self.year,
            lent=last["lent"],
            reach=last["reach"],
            overdue_rate=last["overdue_rate"],
        )


def microcredit(
    loans: pd.DataFrame,
    borrowers: pd.DataFrame,
    *,
    as_of: str,
    quarters: int = QUARTERS_AHEAD,
    reported: float = float("nan"),
) -> Microcredit:
    """Small loans against the households they are meant for: arrears, banks, what falls due.

    Parameters
    ----------
    loans, borrowers : DataFrame
        See `registry.loans` and `registry.borrowers`. Counties are those of the borrowers, and of
        loans. Without any borrower the households meant are not known, not none.
    quarters : int
        Quarters ahead of `as_of` whose due days are counted.
    reported : float
        Yuan reported for the year, for comparison.

    References
    ----------
    docs/requirements.md R54, R55.
    """
    day = pd.Timestamp(as_of)
    until = day + pd.offsets.QuarterEnd(quarters)
    running = loans["balance"] > 0
    flags = {
        "overdue": loans["overdue"] > 0,
        "bad": loans["bad"].astype(bool),
        "enterprise": loans["enterprise"].astype("boolean").fillna(False).astype(bool)
        & running,
        "due next": running & (loans["due_on"] > day) & (loans["due_on"] <= until),
    }
    this_year = loans["disbursed_on"].dt.year == day.year
    rows = _counties(loans, borrowers, flags, this_year)
    banks, concentration = _banks(loans)
    chosen, why = flagged(flags, len(loans))
    warned = loans[chosen].assign(why=why)
    warned = warned.sort_values(
        ["overdue", "due_on", "loan_id"], ascending=[False, True, True], kind="stable"
    )
    return Microcredit(
        counties=rows,
        banks=banks,
        concentration=concentration,
        warned=warned.reset_index(drop=True),
        reported=reported,
        difference=float(rows.loc["all", "lent"] - reported),
        year=day.year,
        quarters=quarters,
    )


def _counties(
    loans: pd.DataFrame,
    borrowers: pd.DataFrame,
    flags: dict[str, pd.Series],
    this_year: pd.Series,
) -> pd.DataFrame:
    """Loans and borrowers by county, with a row of the sum."""
    balance, bad, firm = loans["balance"], flags["bad"], flags["enterprise"]
    parts = pd.DataFrame(
        {
            "county": loans["county"],
            "lent": loans["contract_amount"].where(this_year, 0.0),
            "loans": this_year,
            "balance": balance.fillna(0.0),
            "overdue": loans["overdue"],
            "bad": bad,
            "bad_balance": balance.where(bad, 0.0),
            "enterprise": firm,
            "enterprise_balance": balance.where(firm, 0.0),
            "due_next": balance.where(flags["due next"], 0.0),
            "subsidy": loans["subsidy_amount"].where(this_year, 0.0),
        }
    )
    people = borrowers.set_index("county")[list(_HOUSEHOLDS)]
    rows = parts.groupby("county").sum().join(people, how="outer").fillna(0.0)
    rows.index.name = "county"
    rows.loc["all"] = rows.sum()
    owed = rows["balance"].where(rows["balance"] > 0)
    eligible = rows["eligible"].where(rows["eligible"] > 0)
    rows["reach"] = rows["with_loan"] / eligible
    rows["per_eligible"] = rows["lent"] / eligible
    rows["overdue_rate"] = rows["overdue"] / owed
    rows["bad_rate"] = rows["bad_balance"] / owed
    rows["enterprise_share"] = rows["enterprise_balance"] / owed
    households = list(_HOUSEHOLDS)
    if len(borrowers):
        rows[households] = rows[households].astype("int64")
    else:
        rows[households] = np.nan
    counts = ["loans", "bad", "enterprise"]
    rows[counts] = rows[counts].astype("int64")
    lenders = [*loans["county"], *(["all"] if len(loans) else [])]
    rows["status"] = np.select(
        [
            rows["eligible"].isna(),
            rows["eligible"] == 0,
            ~rows.index.isin(lenders),
        ],
        ["eligible not known", "no eligible household", "no loan"],
        "shown",
    )
    return rows.drop(columns=["bad_balance", "enterprise_balance"])


def _banks(loans: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Loans by bank, and the sum of squared shares of the balance."""
    banks = (
        loans.assign(bank=loans["bank"].fillna("unknown"), loans=1)
        .groupby("bank")[["loans", "balance", "overdue"]]
        .sum()
    )
    total = banks["balance"].sum()
    banks["share"] = banks["balance"] / total if total > 0 else np.nan
    owed = banks["balance"].where(banks["balance"] > 0)
    banks["overdue_rate"] = banks["overdue"] / owed
    banks = banks.sort_values(["balance", "loans"], ascending=False, kind="stable")
    concentration = float((banks["share"] ** 2).sum()) if total > 0 else np.nan
    return banks[["loans", "balance", "share", "overdue_rate"]], concentration
