"""The bills: which can be used, who pays them step by step, and what the patient is left with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import chdtri, xlogy

from jinzhou.errors import ParameterError
from jinzhou.statistics.estimates import estimates, ratio
from jinzhou.statistics.health_spending import TOLERANCE
from jinzhou.statistics.intervals import normal_quantile, wilson
from jinzhou.statistics.survey import SurveyDesign, tally

PAYERS = (
    # step of the ladder, columns of the settlement that pay for it
    ("basic", ("hifp_pay",)),
    ("catastrophic", ("hifmi_pay",)),
    ("aid", ("maf_pay",)),
    ("other", ("hifes_pay", "hifob_pay", "cvlserv_pay", "oth_pay")),
    ("hospital", ("hosp_part_amt",)),
)
OUTSIDE = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt")
"""Parts of the cost that the policy does not cover: wholly own, above the price limit, own part first."""
IDENTITIES = (
    # name, left column, columns whose sum it must be (dictionary section 8)
    ("cost", "medfee_sumamt", ("inscp_scp_amt", *OUTSIDE)),
    ("payers", "medfee_sumamt", ("fund_pay_sumamt", "hosp_part_amt", "psn_part_amt")),
    (
        "funds",
        "fund_pay_sumamt",
        (
            "hifp_pay",
            "cvlserv_pay",
            "hifes_pay",
            "hifmi_pay",
            "hifob_pay",
            "maf_pay",
            "oth_pay",
        ),
    ),
    ("patient", "psn_part_amt", ("acct_pay", "psn_cash_pay")),
)
MONEY = (
    "medfee_sumamt",
    "inscp_scp_amt",
    *OUTSIDE,
    "act_pay_dedc",
    "hifp_pay",
    "cvlserv_pay",
    "hifes_pay",
    "hifmi_pay",
    "hifob_pay",
    "maf_pay",
    "oth_pay",
    "fund_pay_sumamt",
    "hosp_part_amt",
    "psn_part_amt",
    "acct_pay",
    "psn_cash_pay",
)
OTHER_UNIT = 1_000.0
"""A cost so many times below or above the median of its kind of visit is in another unit of money (元, 万元, 分)."""
TAIL_MONTHS = 24
"""Months after the exit in which the policy goes on (speech: 脱贫后政策享用两年)."""
FEWEST_STAYS = 10
"""Fewer stays than this since the exit carry no share."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bills:
    """Settlements that can be used, and why the others cannot.

    Attributes
    ----------
    rows : DataFrame
        The settlements used, as they came.
    left_out : DataFrame
        `reason`, `bills`, `yuan` (their stated total cost); with `rows` it sums to the settlements given.
    identities : DataFrame
        `identity`, `tested`, `broken` (by more than 0.05 yuan), `largest` (yuan), `status`: ``holds``,
        ``broken``, or ``not testable`` where a column is wholly missing. Bills with a broken identity are used and counted.
    quarters : tuple of str
        Quarters between the first and the last admission without any bill.
    status : str
        ``usable``, ``no bills``, or ``all zero`` when no bill has a cost.
    """

    rows: pd.DataFrame
    left_out: pd.DataFrame
    identities: pd.DataFrame
    quarters: tuple[str, ...]
    status: str

    def table(self) -> pd.DataFrame:
        """A copy of `left_out`, safe to format."""
        return self.left_out.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        why = (
            ", ".join(f"{r.reason} {r.bills}" for r in self.left_out.itertuples())
            or "none"
        )
        return f"{len(self.rows):,} bills used ({self.status}); left out: {why}; quarters without bills: {len(self.quarters)}."


def checked_bills(visits: pd.DataFrame, *, by: str = "med_type") -> Bills:
    """Leave out what cannot be a bill in yuan, and say so.

    Parameters
    ----------
    visits : DataFrame
        Columns of the settlement table in yuan, with `setl_id`, `person_key`, `admitted_on`, `discharged_on`.
    by : str
        Kind of visit within which costs are of one order.

    Notes
    -----
    In this order: a settlement number that came before; another number for the same person, days and
    cost (the first by number is kept); total cost or own payment missing; a negative amount; a total
    cost of zero; own payment above the total cost (by more than 0.05 yuan); a cost a thousand times
    below or above the median of its kind, which is another unit of money.

    Raises
    ------
    ParameterError
        `medfee_sumamt` or `psn_part_amt` is absent.
    """
    absent = [c for c in ("medfee_sumamt", "psn_part_amt") if c not in visits]
    if absent:
        raise ParameterError(
            f"结算表缺少 {'、'.join(absent)}。",
            f"the settlements lack {', '.join(absent)}.",
        )
    rows = (
        visits.sort_values("setl_id", kind="stable") if "setl_id" in visits else visits
    )
    total, own = (
        rows["medfee_sumamt"].to_numpy(float),
        rows["psn_part_amt"].to_numpy(float),
    )
    same = [
        c
        for c in (
            "person_key",
            "admitted_on",
            "discharged_on",
            "med_type",
            "medfee_sumamt",
        )
        if c in rows
    ]
    twice = (
        rows.duplicated(same).to_numpy() & rows["person_key"].notna().to_numpy()
        if "person_key" in rows and "admitted_on" in rows
        else np.zeros(len(rows), bool)
    )
    number = (
        rows.duplicated("setl_id").to_numpy()
        if "setl_id" in rows
        else np.zeros(len(rows), bool)
    )
    negative = (rows[[c for c in MONEY if c in rows]].to_numpy(float) < 0).any(axis=1)
    plausible = np.isfinite(total) & (total > 0) & ~number & ~twice
    kind = rows[by].fillna("").to_numpy() if by in rows else np.full(len(rows), "")
    middle = (
        pd.Series(np.where(plausible, total, np.nan))
        .groupby(kind)
        .transform("median")
        .to_numpy()
        if len(rows)
        else total
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.abs(np.log(total / middle)) > np.log(OTHER_UNIT)
    reason = np.select(
        [
            number,
            twice,
            ~np.isfinite(total) | ~np.isfinite(own),
            negative,
            total == 0,
            own > total + TOLERANCE,
            far,
        ],
        [
            "settlement number repeated",
            "same stay settled twice",
            "amount missing",
            "negative amount",
            "no cost",
            "own payment above total cost",
            "another unit of money",
        ],
        "",
    )
    used = rows[reason == ""]
    left = (
        pd.DataFrame({"reason": reason, "yuan": np.nan_to_num(total)})[reason != ""]
        .groupby("reason", sort=True)["yuan"]
        .agg(["size", "sum"])
        .reset_index()
    )
    left.columns = ["reason", "bills", "yuan"]
    status = (
        "no bills"
        if not len(rows)
        else "all zero"
        if not (np.nan_to_num(total) > 0).any()
        else "usable"
    )
    return Bills(
        rows=used.sort_index(),
        left_out=left,
        identities=_identities(used),
        quarters=_empty_quarters(used),
        status=status,
    )


def _identities(rows: pd.DataFrame) -> pd.DataFrame:
    found = []
    for name, left, parts in IDENTITIES:
        columns = [left, *parts]
        lacking = [c for c in columns if c not in rows or not rows[c].notna().any()]
        if lacking:
            found.append((name, 0, 0, np.nan, "not testable"))
            continue
        tested = rows[list(columns)].dropna(subset=[left])
        gap = (tested[left] - tested[list(parts)].fillna(0).sum(axis=1)).abs().round(6)
        broken = int((gap > TOLERANCE).sum())
        found.append(
            (
                name,
                len(tested),
                broken,
                float(gap.max()) if len(tested) else np.nan,
                "broken" if broken else "holds",
            )
        )
    return pd.DataFrame(
        found, columns=["identity", "tested", "broken", "largest", "status"]
    )


def _empty_quarters(rows: pd.DataFrame) -> tuple[str, ...]:
    if not len(rows) or "admitted_on" not in rows:
        return ()
    seen = rows["admitted_on"].dropna().dt.to_period("Q")
    return (
        tuple(
            str(q)
            for q in pd.period_range(seen.min(), seen.max(), freq="Q").difference(
                pd.PeriodIndex(seen.unique())
            )
        )
        if len(seen)
        else ()
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PayerLadder:
    """Who pays a bill, from the whole to what the patient is left with.

    Attributes
    ----------
    steps : DataFrame, one row per step
        `step` (total, basic, catastrophic, aid, other, hospital, patient), `yuan`, `share` of the
        total, `left` (yuan still unpaid after the step).
    gaps : DataFrame, one row per part of the cost
        `part` (wholly_own, above_limit, own_first, deductible, shared: the rest within policy that no
        basic, catastrophic or aid fund pays), `yuan`, `share` of the total: what the first three
        payers leave to supplement, hospital and patient. It sums to `left` after aid.
    of_total, of_policy : float
        Reimbursement: funds over the total cost, and over the cost within policy. Both are called
        报销比例; they are never printed without their name.
    settlements, broken : int
        Rows used, and rows whose identities fail by more than 0.05 yuan.
    dropped : int
        Rows without total cost or own payment.
    """

    steps: pd.DataFrame
    gaps: pd.DataFrame
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
        return (
            f"{self.settlements:,} settlements: funds pay {self.of_total:.1%} of the total and "
            f"{self.of_policy:.1%} of the cost within policy; {self.broken} identities broken."
        )


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
    needed = [
        "medfee_sumamt",
        "inscp_scp_amt",
        "fund_pay_sumamt",
        "hosp_part_amt",
        "psn_part_amt",
    ]
    absent = [c for c in needed if c not in visits]
    if absent:
        raise ParameterError(
            f"结算表缺少 {'、'.join(absent)}。",
            f"the settlements lack {', '.join(absent)}.",
        )
    rows = visits[visits["medfee_sumamt"].notna() & visits["psn_part_amt"].notna()]

    def yuan(*columns: str) -> float:
        return float(sum(rows[c].fillna(0).sum() for c in columns if c in rows))

    total = yuan("medfee_sumamt")

    def part_of_total(value: float) -> float:
        return value / total if total else np.nan

    steps, left = [("total", total, part_of_total(total), total)], total
    for name, columns in PAYERS:
        paid = yuan(*columns)
        left -= paid
        steps.append((name, paid, part_of_total(paid), left))
    patient = yuan("psn_part_amt")
    steps.append(("patient", patient, part_of_total(patient), left - patient))
    after_aid = steps[3][3]
    gaps = [
        (name, yuan(c))
        for name, c in zip(("wholly_own", "above_limit", "own_first"), OUTSIDE)
    ] + [("deductible", yuan("act_pay_dedc"))]
    gaps.append(("shared", after_aid - sum(value for _, value in gaps)))
    gap = (
        rows["medfee_sumamt"]
        - rows["fund_pay_sumamt"].fillna(0)
        - rows["hosp_part_amt"].fillna(0)
        - rows["psn_part_amt"]
    )
    funds, policy = yuan("fund_pay_sumamt"), yuan("inscp_scp_amt")
    return PayerLadder(
        steps=pd.DataFrame(steps, columns=["step", "yuan", "share", "left"]),
        gaps=pd.DataFrame(
            [(name, value, part_of_total(value)) for name, value in gaps],
            columns=["part", "yuan", "share"],
        ),
        of_total=part_of_total(funds),
        of_policy=funds / policy if policy else np.nan,
        settlements=len(rows),
        broken=int((gap.abs().round(6) > TOLERANCE).sum()),
        dropped=len(visits) - len(rows),
    )


def cost_shares(
    visits: pd.DataFrame,
    *,
    by: str | None = "county",
    cluster: str = "area_code",
    level: float = 0.95,
) -> pd.DataFrame:
    """Own share of the cost and both reimbursement ratios by group, with errors that allow for villages.

    Returns
    -------
    DataFrame
        Columns of `measures.tally.estimates`: `group` (``all`` last), `measure` (``own`` payment /
        total cost, ``of_total`` funds / total cost, ``of_policy`` funds / cost within policy), `value`, `se`, `ci_low`, `ci_high`, `households` (bills).
    """
    amounts = {
        c: visits[c].fillna(0).to_numpy(float)
        for c in ("psn_part_amt", "fund_pay_sumamt", "medfee_sumamt", "inscp_scp_amt")
    }
    sums = tally(
        visits, amounts, reasons={}, by=by, design=SurveyDesign(clusters=cluster)
    )
    parts = []
    for one in ([sums] if by else []) + [sums.ungrouped()]:
        parts.append(
            estimates(
                one,
                {
                    "own": ratio(one, "psn_part_amt", "medfee_sumamt", most=1.0),
                    "of_total": ratio(
                        one, "fund_pay_sumamt", "medfee_sumamt", most=1.0
                    ),
                    "of_policy": ratio(one, "fund_pay_sumamt", "inscp_scp_amt"),
                },
                level=level,
            )
        )
    return pd.concat(parts, ignore_index=True)


def share_by(
    rows: pd.DataFrame,
    hit: pd.Series | np.ndarray,
    *,
    by: str | None,
    cluster: str = "area_code",
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of rows with a property by group and over all (last row ``all``), with a score interval that allows for clusters.

    Returns
    -------
    DataFrame, indexed by group
        `rows`, `hits`, `share`, `ci_low`, `ci_high`.
    """
    sums = tally(
        rows,
        {"hit": np.asarray(hit, float)},
        counts={"hits": np.asarray(hit, float)},
        reasons={},
        by=by,
        design=SurveyDesign(clusters=cluster),
    )
    parts = []
    for one in ([sums] if by else []) + [sums.ungrouped()]:
        found = estimates(
            one, {"share": ratio(one, "hit", share=True)}, level=level
        ).set_index("group")
        hits = pd.Series(one.by_group("hits"), index=one.labels["group"])
        parts.append(
            pd.DataFrame(
                {
                    "rows": found["households"],
                    "hits": hits.reindex(found.index).astype("int64"),
                    "share": found["value"],
                    "ci_low": found["ci_low"],
                    "ci_high": found["ci_high"],
                }
            )
        )
    made = pd.concat(parts)
    made.index.name = by or "group"
    return made


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ZeroBurden:
    """The zero-burden test of registered in-patients.

    Attributes
    ----------
    counts : DataFrame, indexed by group with a last row of the sum
        `stays`, `above_zero`, `share_zero`, `ci_low`, `ci_high`, `yuan` (own payment of the stays above zero).
    stays : DataFrame
        The stays above zero, the largest own payment first, with what each payer of `PAYERS` gave (yuan; a missing payer gave nothing).
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


def zero_burden(
    visits: pd.DataFrame,
    *,
    by: str = "county",
    cluster: str | None = None,
    level: float = 0.95,
) -> ZeroBurden:
    """In-patient stays for which the patient paid nothing after all payers (R37: zero, not little).

    `cluster`: villages whose stays are alike; without it the interval is Wilson's.
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
    above = above.assign(
        **{
            name: above[[c for c in columns if c in above]].fillna(0).sum(axis=1)
            for name, columns in PAYERS
        }
    )
    keys = [c for c in ("household_id", "setl_id") if c in above]
    above = above.sort_values(
        ["psn_part_amt", *keys], ascending=[False, *(True for _ in keys)], kind="stable"
    )
    return ZeroBurden(
        counts=counts[
            ["stays", "above_zero", "share_zero", "ci_low", "ci_high", "yuan"]
        ],
        stays=above,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PolicyStart:
    """When the bills of each group begin to cost most patients nothing.

    Attributes
    ----------
    groups : DataFrame, indexed by group
        `start` (first day of a month, missing when there is none), `stays`, `before`, `after` (share at
        zero), `status`: ``begun``, ``not begun``, ``begun before the data``, ``too few stays``.
    common : Timestamp
        Month in which all groups that began may have begun together; missing when the bills say otherwise.
    """

    groups: pd.DataFrame
    common: pd.Timestamp

    @property
    def day(self) -> str:
        """The common day, empty when there is none."""
        return "" if pd.isna(self.common) else self.common.date().isoformat()

    @property
    def quarters(self) -> dict[str, int | None]:
        """Number of the starting quarter by group (None: not begun); groups without a verdict are left out."""
        told = self.groups[self.groups["status"].isin(("begun", "not begun"))]
        return {
            name: None if pd.isna(day) else day.year * 4 + day.quarter - 1
            for name, day in told["start"].items()
        }

    def table(self) -> pd.DataFrame:
        """A copy of `groups`, safe to format."""
        return self.groups.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return f"zero burden in the bills: {self.groups['status'].value_counts().to_dict()}; common start {self.day or 'none'}."


def zero_burden_start(
    stays: pd.DataFrame, *, by: str = "county", alike: float = 0.99
) -> PolicyStart:
    """Month from which most stays cost the patient nothing, by group, as the bills show it.

    The document that begins the policy is not in the registry, so the month is read from the bills: the
    one that splits the stays best into mostly above zero before and mostly at zero after (largest
    binomial likelihood). Groups are given one common month unless their likelihoods together refuse it.
    Stays of an unknown group are left out.

    Parameters
    ----------
    alike : float
        Level of the likelihood-ratio test of one common month (chi-squared, groups less one degrees of
        freedom: a rough guide, since a month is no smooth parameter).
    """
    stays = stays[stays[by].notna() & (stays[by] != "unknown")]
    month = (
        stays["admitted_on"].dt.year * 12 + stays["admitted_on"].dt.month - 1
    ).to_numpy()
    columns = ["start", "stays", "before", "after", "status"]
    if not len(stays):
        return PolicyStart(
            groups=pd.DataFrame(columns=columns).rename_axis(by), common=pd.NaT
        )
    first, months = int(month.min()), int(np.ptp(month)) + 1
    zero = (stays["psn_part_amt"] == 0).to_numpy(float)
    codes, names = pd.factorize(stays[by], sort=True)
    cell = codes * months + month - first
    n = (
        np.bincount(cell, minlength=len(names) * months)
        .reshape(len(names), months)
        .astype(float)
    )
    z = np.bincount(cell, zero, minlength=len(names) * months).reshape(
        len(names), months
    )

    def likelihood(hits, tested):
        share = hits / np.maximum(tested, 1)
        return xlogy(hits, share) + xlogy(tested - hits, 1 - share)

    left_n, left_z = np.cumsum(n, axis=1)[:, :-1], np.cumsum(z, axis=1)[:, :-1]
    right_n, right_z = (
        n.sum(axis=1, keepdims=True) - left_n,
        z.sum(axis=1, keepdims=True) - left_z,
    )
    possible = (
        (left_n > 0) & (right_n > 0) & (left_z <= left_n / 2) & (right_z > right_n / 2)
    )
    value = np.where(
        possible, likelihood(left_z, left_n) + likelihood(right_z, right_n), -np.inf
    )
    few = n.sum(axis=1) < FEWEST_STAYS
    begun = possible.any(axis=1) & ~few
    status = np.select(
        [few, begun, z.sum(axis=1) > n.sum(axis=1) / 2],
        ["too few stays", "begun", "begun before the data"],
        "not begun",
    )
    best = value.argmax(axis=1) if months > 1 else np.zeros(len(names), int)
    common = -1
    if begun.any():
        together = np.where(
            np.isfinite(value[begun]).all(axis=0), value[begun].sum(axis=0), -np.inf
        )
        lost = 2 * (value[begun].max(axis=1).sum() - together.max())
        if lost <= chdtri(max(1, int(begun.sum()) - 1), 1 - alike):
            common = int(together.argmax())
            best = np.where(begun, common, best)
    day = lambda at: pd.Timestamp(
        year=(first + at + 1) // 12, month=(first + at + 1) % 12 + 1, day=1
    )
    rows = [
        (
            day(int(b)) if ok else pd.NaT,
            int(k.sum()),
            left_z[g, b] / max(left_n[g, b], 1) if ok else np.nan,
            right_z[g, b] / max(right_n[g, b], 1) if ok else np.nan,
            what,
        )
        for g, (b, ok, k, what) in enumerate(zip(best, begun, n, status))
    ]
    return PolicyStart(
        groups=pd.DataFrame(rows, columns=columns, index=pd.Index(names, name=by)),
        common=day(common) if common >= 0 else pd.NaT,
    )


def own_share_series(stays: pd.DataFrame) -> pd.Series:
    """Own payment / total cost by month of admission, indexed by every month; missing where nobody was admitted."""
    month = stays["admitted_on"].dt.to_period("M")
    sums = stays.groupby(month)[["psn_part_amt", "medfee_sumamt"]].sum()
    if len(sums):
        sums = sums.reindex(
            pd.period_range(sums.index.min(), sums.index.max(), freq="M")
        )
    return sums["psn_part_amt"] / sums["medfee_sumamt"]


def own_share_quarters(stays: pd.DataFrame, *, by: str = "county") -> pd.DataFrame:
    """Own payment / total cost by group and quarter: `by`, `quarter` (number), `value`."""
    quarter = stays["admitted_on"].dt.year * 4 + stays["admitted_on"].dt.quarter - 1
    sums = (
        stays.assign(quarter=quarter)
        .groupby([by, "quarter"])[["psn_part_amt", "medfee_sumamt"]]
        .sum()
        .reset_index()
    )
    return sums.assign(value=sums["psn_part_amt"] / sums["medfee_sumamt"])[
        [by, "quarter", "value"]
    ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChronicBurden:
    """What out-patients with a chronic disease pay themselves in a year.

    Attributes
    ----------
    years : DataFrame, indexed by the last day of the year
        `patients`, `yuan` per patient with `ci_low`, `ci_high`; `above` (households whose chronic
        out-patient payment is above the threshold of income), `households` (with income known), `share`,
        `share_ci_low`, `share_ci_high`, `no_income`.
    threshold : float
    """

    years: pd.DataFrame
    threshold: float

    def table(self) -> pd.DataFrame:
        """A copy of `years`, safe to format."""
        return self.years.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return (
            "; ".join(
                f"{day}: {int(r.patients):,} chronic out-patients pay {r.yuan:.0f} yuan each, {r.share:.1%} of households above {self.threshold:.0%} of income"
                for day, r in self.years.iterrows()
            )
            + "."
        )


def chronic_burden(
    years: Mapping[str, pd.DataFrame],
    *,
    threshold: float = 0.10,
    cluster: str = "area_code",
    level: float = 0.95,
) -> ChronicBurden:
    """Own payments of chronic out-patients by year (R40): a lower bound, for drugs bought elsewhere are in no settlement.

    Parameters
    ----------
    years : mapping, last day -> DataFrame
        `registry.yearly_bills` of that day: one row per household, `chronic_patients`, `chronic_own` in yuan of the year, `income`.

    Notes
    -----
    A household whose income is zero or less is above the threshold when it paid anything, and counted;
    one whose income is blank is in no share. A payment exactly at the threshold is not above it.
    """
    rows = {}
    for day, every in years.items():
        homes = every[every["chronic_patients"] > 0]
        if not len(homes):
            rows[day] = {"patients": 0}
            continue
        sums = tally(
            homes,
            {k: homes[k].to_numpy(float) for k in ("chronic_own", "chronic_patients")},
            reasons={},
            design=SurveyDesign(clusters=cluster),
        )
        mean = estimates(
            sums, {"mean": ratio(sums, "chronic_own", "chronic_patients")}, level=level
        ).iloc[0]
        known = homes[homes["income"].notna()]
        above = np.where(
            known["income"] > 0,
            known["chronic_own"] > threshold * known["income"],
            known["chronic_own"] > 0,
        )
        share = (
            share_by(known, above, by=None, cluster=cluster, level=level).loc["all"]
            if len(known)
            else dict.fromkeys(("share", "ci_low", "ci_high"), np.nan)
        )
        rows[day] = {
            "patients": int(homes["chronic_patients"].sum()),
            "yuan": mean["value"],
            "ci_low": mean["ci_low"],
            "ci_high": mean["ci_high"],
            "above": int(above.sum()),
            "households": len(known),
            "share": share["share"],
            "share_ci_low": share["ci_low"],
            "share_ci_high": share["ci_high"],
            "no_income": int((known["income"] <= 0).sum()),
        }
    counts = ["patients", "above", "households", "no_income"]
    frame = pd.DataFrame.from_dict(rows, orient="index").reindex(
        columns=[
            "patients",
            "yuan",
            "ci_low",
            "ci_high",
            "above",
            "households",
            "share",
            "share_ci_low",
            "share_ci_high",
            "no_income",
        ]
    )
    return ChronicBurden(
        years=frame.rename_axis("year")
        .astype(dict.fromkeys(counts, float))
        .fillna(dict.fromkeys(counts, 0))
        .astype(dict.fromkeys(counts, "int64")),
        threshold=threshold,
    )


def persons_treated(
    stays: pd.DataFrame, *, as_of: str, official: int = 0
) -> pd.DataFrame:
    """Distinct persons treated in the year of `as_of`, by every way of counting, beside the reported figure (R36).

    Returns
    -------
    DataFrame
        `count` (name of the way), `persons`, `difference` to `official` (missing when none was reported).
        Ways: ``discharged`` (in-patients admitted this year, discharged and settled by `as_of`), ``admitted``
        (in-patients admitted this year), ``stays`` (stays, not persons), ``placed`` (discharged, and a household
        of the registry is known).
    """
    year = stays[
        (stays["admitted_on"] >= f"{as_of[:4]}-01-01") & (stays["admitted_on"] <= as_of)
    ]
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PolicyTail:
    """Whether the policy goes on after the exit: zero-burden stays by months since it.

    Attributes
    ----------
    months : DataFrame, indexed by the first month of each group of months (-1: not exited)
        `stays`, `zero`, `share`, `ci_low`, `ci_high`, `change` (against the group before), `change_ci_low`,
        `change_ci_high`, `step`: ``down`` when the interval of the change lies below zero, ``none seen``,
        ``too few``, ``first``.
    verdict : {"holds", "step down", "not determined"}
        Over the groups that end by 24 months; not determined when a step lacks stays on either side.
    unknown : int
        Stays of exited households whose exit day is not on record.
    """

    months: pd.DataFrame
    verdict: str
    unknown: int

    def table(self) -> pd.DataFrame:
        """A copy of `months`, safe to format."""
        return self.months.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return f"policy after the exit: {self.verdict}; {self.unknown} stays without a day of exit."


def policy_tail(
    stays: pd.DataFrame,
    *,
    width: int = 6,
    cluster: str = "area_code",
    level: float = 0.95,
) -> PolicyTail:
    """Share of in-patient stays at zero own payment by months since the household's exit (R38).

    Parameters
    ----------
    stays : DataFrame
        In-patient stays since the policy began: `psn_part_amt`, `months_since_exit` (missing when the
        household has not exited or its day is unknown), `status` (``exited`` or not) on the day of admission.
    width : int
        Months in a group; 24 is a multiple of it.

    Notes
    -----
    A step down before 24 months is a fall between neighbouring groups whose interval, widened so
    that it holds for all steps together (Bonferroni), lies below zero.
    """
    if TAIL_MONTHS % width:
        raise ParameterError(
            f"width={width}；应整除{TAIL_MONTHS}个月。",
            f"width={width}; expected a divisor of {TAIL_MONTHS} months.",
        )
    exited = stays[stays["status"] == "exited"]
    unknown = int(exited["months_since_exit"].isna().sum())
    known = exited[exited["months_since_exit"].notna()]
    group = np.minimum(
        known["months_since_exit"] // width * width, TAIL_MONTHS + 2 * width
    ).astype("int64")
    rows = pd.concat(
        [stays[stays["status"] != "exited"].assign(_g=-1), known.assign(_g=group)]
    )
    steps = TAIL_MONTHS // width
    empty = pd.DataFrame(
        columns=[
            "stays",
            "zero",
            "share",
            "ci_low",
            "ci_high",
            "change",
            "change_ci_low",
            "change_ci_high",
            "step",
        ]
    ).rename_axis("months")
    if not len(rows):
        return PolicyTail(months=empty, verdict="not determined", unknown=unknown)
    zero = (rows["psn_part_amt"] == 0).to_numpy(float)
    table = (
        share_by(rows, zero, by="_g", cluster=cluster, level=level)
        .drop(index="all")
        .rename(columns={"rows": "stays", "hits": "zero"})
    )
    sums = tally(
        rows, {"zero": zero}, reasons={}, by="_g", design=SurveyDesign(clusters=cluster)
    )
    errors = estimates(
        sums, {"z": ratio(sums, "zero", share=True)}, level=level
    ).set_index("group")["se"]
    z = normal_quantile(1 - (1 - level) / max(1, steps - 1))
    table[["change", "change_ci_low", "change_ci_high"]], table["step"] = (
        np.nan,
        "first",
    )
    after = [g for g in table.index if g >= 0]
    for earlier, later in zip(after, after[1:]):
        if min(table.at[earlier, "stays"], table.at[later, "stays"]) < FEWEST_STAYS:
            table.at[later, "step"] = "too few"
            continue
        moved = table.at[later, "share"] - table.at[earlier, "share"]
        half = z * np.hypot(errors[earlier], errors[later])
        table.loc[later, ["change", "change_ci_low", "change_ci_high"]] = (
            moved,
            moved - half,
            moved + half,
        )
        table.at[later, "step"] = "down" if moved + half < 0 else "none seen"
    table.index.name = "months"
    inside = table.loc[[g for g in after if g < TAIL_MONTHS]]
    tested = inside[inside["step"].isin(("down", "none seen"))]
    if (inside["step"] == "down").any():
        return PolicyTail(months=table, verdict="step down", unknown=unknown)
    if len(tested) < steps - 1:
        return PolicyTail(months=table, verdict="not determined", unknown=unknown)
    return PolicyTail(months=table, verdict="holds", unknown=unknown)
