"""Small loans: how many of those they are meant for have one, and what may not come back (R54, R55)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Microcredit:
    """Loans by county, and by bank.

    Attributes
    ----------
    counties : DataFrame, indexed by county with a last row of the sum
        `lent` (yuan lent in the year), `loans` (in the year), `eligible`, `with_loan`, `running` (households), `reach` = with_loan / eligible,
        `per_eligible` (yuan of the year per eligible household), `balance`, `overdue` (yuan), `overdue_rate` = overdue / balance, `bad` (loans),
        `bad_rate` (balance of bad loans / balance), `enterprise` (loans of 户贷企用), `enterprise_share` (of the balance), `due_next` (yuan of balance due in
        the quarters ahead), `subsidy` (yuan, year's loans), `status`: ``shown``, ``no loan``, ``no eligible household``, ``eligible not known`` (no borrower is known anywhere: what counts them is missing).
    banks : DataFrame, indexed by bank
        `loans`, `balance`, `share` of the balance, `overdue_rate`.
    concentration : float
        Sum of squared shares of the banks (1 is one bank); missing without a balance.
    warned : DataFrame
        Loans overdue, bad, 户贷企用 with a balance, or due in the quarters ahead, as given, with `why` (tuple of ``overdue``, ``bad``, ``enterprise``, ``due next``).
    said, difference : float
        Yuan that were reported to have been lent in the year, and the ledger less that; missing when nothing was said.
    year, quarters : int
    """

    counties: pd.DataFrame
    banks: pd.DataFrame
    concentration: float
    warned: pd.DataFrame
    said: float
    difference: float
    year: int
    quarters: int

    def table(self) -> pd.DataFrame:
        """A copy of `counties`, safe to format."""
        return self.counties.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.counties.iloc[-1]
        return f"{self.year}: {last['lent']:,.0f} yuan lent; {last['reach']:.2%} of eligible households have had a loan; overdue {last['overdue_rate']:.2%} of the balance."


def microcredit(
    loans: pd.DataFrame,
    borrowers: pd.DataFrame,
    *,
    as_of: str,
    quarters: int = 2,
    said: float = float("nan"),
) -> Microcredit:
    """Small loans against the households they are meant for, arrears, concentration, use by firms, what falls due.

    Parameters
    ----------
    loans, borrowers : DataFrame
        See `registry.loans` and `registry.borrowers`. Counties are those of the borrowers, and of loans. Without any borrower the households meant are not known, not none.
    quarters : int
        Quarters ahead of `as_of` whose due days are counted.
    said : float
        Yuan reported for the year, for comparison.
    """
    day = pd.Timestamp(as_of)
    year = loans["disbursed_on"].dt.year == day.year
    until = day + pd.offsets.QuarterEnd(quarters)
    running = loans["balance"] > 0
    next_due = running & (loans["due_on"] > day) & (loans["due_on"] <= until)
    firm = loans["enterprise"].astype("boolean").fillna(False).astype(bool) & running
    parts = (
        pd.DataFrame(
            {
                "county": loans["county"],
                "lent": loans["contract_amount"].where(year, 0.0),
                "loans": year,
                "balance": loans["balance"].fillna(0.0),
                "overdue": loans["overdue"],
                "bad": loans["bad"],
                "bad_balance": loans["balance"].where(loans["bad"], 0.0),
                "enterprise": firm,
                "enterprise_balance": loans["balance"].where(firm, 0.0),
                "due_next": loans["balance"].where(next_due, 0.0),
                "subsidy": loans["subsidy_amount"].where(year, 0.0),
            }
        )
        .groupby("county")
        .sum()
    )
    people = borrowers.set_index("county")[["eligible", "with_loan", "running"]]
    rows = parts.join(people, how="outer").fillna(0.0)
    rows.index.name = "county"
    rows.loc["all"] = rows.sum()
    owed = rows["balance"].where(rows["balance"] > 0)
    eligible = rows["eligible"].where(rows["eligible"] > 0)
    rows["reach"], rows["per_eligible"] = (
        rows["with_loan"] / eligible,
        rows["lent"] / eligible,
    )
    rows["overdue_rate"], rows["bad_rate"], rows["enterprise_share"] = (
        rows["overdue"] / owed,
        rows["bad_balance"] / owed,
        rows["enterprise_balance"] / owed,
    )
    known = len(borrowers) > 0
    counts = [
        "loans",
        "bad",
        "enterprise",
        *(["eligible", "with_loan", "running"] if known else []),
    ]
    rows[counts] = rows[counts].astype("int64")
    if not known:
        rows[["eligible", "with_loan", "running"]] = np.nan
    none = ~rows.index.isin([*loans["county"], *(["all"] if len(loans) else [])])
    rows["status"] = np.select(
        [rows["eligible"].isna(), rows["eligible"] == 0, none],
        ["eligible not known", "no eligible household", "no loan"],
        "shown",
    )
    banks = (
        loans.assign(bank=loans["bank"].fillna("unknown"), n=1)
        .groupby("bank")[["n", "balance", "overdue"]]
        .sum()
        .rename(columns={"n": "loans"})
    )
    total = banks["balance"].sum()
    banks["share"] = banks["balance"] / total if total > 0 else np.nan
    banks["overdue_rate"] = banks["overdue"] / banks["balance"].where(
        banks["balance"] > 0
    )
    banks = banks.sort_values(["balance", "loans"], ascending=False, kind="stable")
    flags = {
        "overdue": loans["overdue"] > 0,
        "bad": loans["bad"].astype(bool),
        "enterprise": firm,
        "due next": next_due,
    }
    chosen = (
        np.logical_or.reduce([f.to_numpy(bool) for f in flags.values()])
        if len(loans)
        else np.zeros(0, bool)
    )
    why = [
        tuple(name for name, flag in flags.items() if bool(flag.iloc[i]))
        for i in np.flatnonzero(chosen)
    ]
    warned = (
        loans[chosen]
        .assign(why=why)
        .sort_values(
            ["overdue", "due_on", "loan_id"],
            ascending=[False, True, True],
            kind="stable",
        )
        .reset_index(drop=True)
    )
    return Microcredit(
        counties=rows.drop(columns=["bad_balance", "enterprise_balance"]),
        banks=banks[["loans", "balance", "share", "overdue_rate"]],
        concentration=float((banks["share"] ** 2).sum()) if total > 0 else np.nan,
        warned=warned,
        said=said,
        difference=float(rows.loc["all", "lent"] - said),
        year=day.year,
        quarters=quarters,
    )
