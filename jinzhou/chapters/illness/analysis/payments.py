"""Who pays the bills step by step, and what the patient is left with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.chapters.illness.analysis.checks import OUTSIDE, require_columns
from jinzhou.result import Result
from jinzhou.statistics.estimates import estimates, ratio
from jinzhou.statistics.health_spending import TOLERANCE
from jinzhou.statistics.intervals import wilson
from jinzhou.statistics.shares import share_by, with_whole
from jinzhou.statistics.survey import SurveyDesign, tally
from jinzhou.words import Words

PAYERS = (
    # step of the ladder, columns of the settlement that pay for it
    ("basic", ("hifp_pay",)),
    ("catastrophic", ("hifmi_pay",)),
    ("aid", ("maf_pay",)),
    ("other", ("hifes_pay", "hifob_pay", "cvlserv_pay", "oth_pay")),
    ("hospital", ("hosp_part_amt",)),
)
LADDER = (
    "medfee_sumamt",
    "inscp_scp_amt",
    "fund_pay_sumamt",
    "hosp_part_amt",
    "psn_part_amt",
)
"""Columns without which there is no ladder."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PayerLadder(Result):
    """Who pays a bill, from the whole to what the patient is left with.

    Attributes
    ----------
    steps : DataFrame, one row per step
        `step` (total, basic, catastrophic, aid, other, hospital, patient), `yuan`, `share` of the
        total, `left` (yuan still unpaid after the step).
    gaps : DataFrame, one row per part of the cost
        `part` (wholly_own, above_limit, own_first, deductible, shared: the rest within policy that
        no basic, catastrophic or aid fund pays), `yuan`, `share` of the total: what the first three
        payers leave to supplement, hospital and patient. It sums to `left` after aid.
    of_total, of_policy : float
        Reimbursement: funds over the total cost, and over the cost within policy. Both are called
        reimbursement rates; they are never printed without their name.
    settlements, broken : int
        Rows used, and rows whose identities fail by more than 0.05 yuan.
    dropped : int
        Rows without total cost or own payment.
    """

    shown: ClassVar[str] = "steps"
    kinds: ClassVar[Mapping[str, str]] = {
        "step": "label:payer",
        "yuan": "wan_yuan",
        "share": "share",
        "left": "wan_yuan",
    }
    steps: pd.DataFrame
    gaps: pd.DataFrame
    of_total: float
    of_policy: float
    settlements: int
    broken: int
    dropped: int

    def sentence(self, words: Words) -> str:
        """Both reimbursement rates, and identities that fail."""
        return words(
            "summary.PayerLadder",
            settlements=self.settlements,
            of_total=self.of_total,
            of_policy=self.of_policy,
            broken=self.broken,
        )


def payer_ladder(visits: pd.DataFrame) -> PayerLadder:
    """Sum settlements step by step.

    Parameters
    ----------
    visits : DataFrame
        Columns of the settlement table in yuan; a missing payer counts as nothing paid.

    Raises
    ------
    ParameterError
        A column of the identity is absent.

    References
    ----------
    docs/requirements.md R37.
    """
    require_columns(visits, LADDER)
    rows = visits[visits["medfee_sumamt"].notna() & visits["psn_part_amt"].notna()]
    total = _yuan(rows, "medfee_sumamt")
    steps = _steps(rows, total)
    gaps = _gaps(rows, steps.set_index("step").at["aid", "left"])
    gap = (
        rows["medfee_sumamt"]
        - rows["fund_pay_sumamt"].fillna(0)
        - rows["hosp_part_amt"].fillna(0)
        - rows["psn_part_amt"]
    )
    funds, policy = _yuan(rows, "fund_pay_sumamt"), _yuan(rows, "inscp_scp_amt")
    return PayerLadder(
        steps=steps,
        gaps=gaps.assign(share=[_over(value, total) for value in gaps["yuan"]]),
        of_total=_over(funds, total),
        of_policy=_over(funds, policy),
        settlements=len(rows),
        broken=int((gap.abs().round(6) > TOLERANCE).sum()),
        dropped=len(visits) - len(rows),
    )


def _yuan(rows: pd.DataFrame, *columns: str) -> float:
    return float(sum(rows[c].fillna(0).sum() for c in columns if c in rows))


def _over(part: float, whole: float) -> float:
    return part / whole if whole else np.nan


def _steps(rows: pd.DataFrame, total: float) -> pd.DataFrame:
    """What each payer pays, and what is still unpaid after it."""
    left = total
    steps = [("total", total, _over(total, total), total)]
    for name, columns in PAYERS:
        paid = _yuan(rows, *columns)
        left -= paid
        steps.append((name, paid, _over(paid, total), left))
    patient = _yuan(rows, "psn_part_amt")
    steps.append(("patient", patient, _over(patient, total), left - patient))
    return pd.DataFrame(steps, columns=["step", "yuan", "share", "left"])


def _gaps(rows: pd.DataFrame, after_aid: float) -> pd.DataFrame:
    """The parts of the cost that basic, catastrophic and aid funds leave."""
    names = ("wholly_own", "above_limit", "own_first", "deductible")
    columns = (*OUTSIDE, "act_pay_dedc")
    gaps = [(n, _yuan(rows, c)) for n, c in zip(names, columns, strict=True)]
    gaps.append(("shared", after_aid - sum(value for _, value in gaps)))
    return pd.DataFrame(gaps, columns=["part", "yuan"])


def cost_shares(
    visits: pd.DataFrame,
    *,
    by: str | None = "county",
    cluster: str = "area_code",
    level: float = 0.95,
) -> pd.DataFrame:
    """Own share of the cost and both reimbursement rates by group.

    Errors allow for villages.

    Returns
    -------
    DataFrame
        Columns of `statistics.estimates.Estimates`: `group` (``all`` last), `measure` (``own``
        payment / total cost, ``of_total`` funds / total cost, ``of_policy`` funds / cost within
        policy), `value`, `se`, `ci_low`, `ci_high`, `households` (bills).
    """
    columns = ("psn_part_amt", "fund_pay_sumamt", "medfee_sumamt", "inscp_scp_amt")
    amounts = {c: visits[c].fillna(0).to_numpy(float) for c in columns}
    design = SurveyDesign(clusters=cluster)
    sums = tally(visits, amounts, reasons={}, by=by, design=design)
    parts = []
    for groups in with_whole(sums, by):
        measures = {
            "own": ratio(groups, "psn_part_amt", "medfee_sumamt", most=1.0),
            "of_total": ratio(groups, "fund_pay_sumamt", "medfee_sumamt", most=1.0),
            "of_policy": ratio(groups, "fund_pay_sumamt", "inscp_scp_amt"),
        }
        parts.append(estimates(groups, measures, level=level))
    return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ZeroBurden(Result):
    """The zero-burden test of registered in-patients.

    Attributes
    ----------
    counts : DataFrame, indexed by group with a last row of the sum
        `stays`, `above_zero`, `share_zero`, `ci_low`, `ci_high`, `yuan` (own payment of the stays
        above zero).
    stays : DataFrame
        The stays above zero, the largest own payment first, with what each payer of `PAYERS` gave
        (yuan; a missing payer gave nothing).
    """

    shown: ClassVar[str] = "counts"
    kinds: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("share_zero", "ci_low", "ci_high"), "share"
    ) | {"yuan": "wan_yuan"}
    counts: pd.DataFrame
    stays: pd.DataFrame

    def sentence(self, words: Words) -> str:
        """Stays that cost the patient something, among all."""
        last = self.counts.iloc[-1]
        return words(
            "summary.ZeroBurden",
            above=int(last["above_zero"]),
            stays=int(last["stays"]),
        )


def zero_burden(
    visits: pd.DataFrame,
    *,
    by: str = "county",
    cluster: str | None = None,
    level: float = 0.95,
) -> ZeroBurden:
    """In-patient stays for which the patient paid nothing after all payers: zero, not little.

    Parameters
    ----------
    cluster : str, optional
        Column of villages whose stays resemble each other; without it the interval is Wilson's.

    References
    ----------
    docs/requirements.md R37.
    """
    stays = visits[(visits["med_type"] == "inpatient") & visits["psn_part_amt"].notna()]
    above = stays[stays["psn_part_amt"] > 0]
    counts = pd.DataFrame({"stays": stays.groupby(by).size()})
    counts["above_zero"] = above.groupby(by).size().reindex(counts.index, fill_value=0)
    counts["yuan"] = (
        above.groupby(by)["psn_part_amt"].sum().reindex(counts.index, fill_value=0.0)
    )
    counts.loc["all"] = counts.sum()
    counts[["stays", "above_zero"]] = counts[["stays", "above_zero"]].astype("int64")
    counts["share_zero"] = 1 - counts["above_zero"] / counts["stays"].replace(0, np.nan)
    if cluster and len(stays):
        counts[["ci_low", "ci_high"]] = share_by(
            stays, stays["psn_part_amt"] == 0, by=by, cluster=cluster, level=level
        )[["ci_low", "ci_high"]]
    else:
        counts["ci_low"], counts["ci_high"] = wilson(
            counts["stays"] - counts["above_zero"], counts["stays"], level=level
        )
    counts.index.name = by
    columns = ["stays", "above_zero", "share_zero", "ci_low", "ci_high", "yuan"]
    return ZeroBurden(counts=counts[columns], stays=_by_payment(above))


def _by_payment(above: pd.DataFrame) -> pd.DataFrame:
    """Stays by own payment, the largest first, with what each payer gave."""
    given = {
        name: above[[c for c in columns if c in above]].fillna(0).sum(axis=1)
        for name, columns in PAYERS
    }
    keys = [c for c in ("household_id", "setl_id") if c in above]
    order = [False, *(True for _ in keys)]
    return above.assign(**given).sort_values(
        ["psn_part_amt", *keys], ascending=order, kind="stable"
    )


def persons_treated(
    stays: pd.DataFrame, *, as_of: str, official: int = 0
) -> pd.DataFrame:
    """Distinct persons treated in the year of a day, by every way of counting.

    Parameters
    ----------
    official : int
        The figure that was reported, 0 when none was.

    Returns
    -------
    DataFrame
        `count` (name of the way), `persons`, `difference` to `official` (missing when none was
        reported). Ways: ``discharged`` (in-patients admitted this year, discharged and settled by
        `as_of`), ``admitted`` (in-patients admitted this year), ``stays`` (stays, not persons),
        ``placed`` (discharged, and a household of the registry is known).

    References
    ----------
    docs/requirements.md R36.
    """
    admitted = stays["admitted_on"]
    year = stays[(admitted >= f"{as_of[:4]}-01-01") & (admitted <= as_of)]
    inside = year[year["med_type"] == "inpatient"]
    done = inside[inside["discharged_on"] <= as_of]
    counts = {
        "discharged": done["person_key"].nunique(),
        "admitted": inside["person_key"].nunique(),
        "placed": done.loc[done["household_id"].notna(), "person_key"].nunique(),
        "stays": len(done),
    }
    rows = pd.DataFrame({"count": list(counts), "persons": list(counts.values())})
    rows["difference"] = rows["persons"] - official if official else np.nan
    return rows
