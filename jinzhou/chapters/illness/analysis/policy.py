"""When the zero-burden policy began in the bills, and whether it outlasts the exit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.special import chdtri, xlogy

from jinzhou.errors import ParameterError
from jinzhou.result import Result
from jinzhou.statistics.estimates import estimates, ratio
from jinzhou.statistics.intervals import normal_quantile
from jinzhou.statistics.shares import share_by
from jinzhou.statistics.survey import SurveyDesign, tally
from jinzhou.words import Words

TAIL_MONTHS = 24
"""Months after the exit in which the policy goes on (docs/requirements.md R38)."""
FEWEST_STAYS = 10
"""Fewer stays than this since the exit carry no share."""
START = ("start", "stays", "before", "after", "status")
CHANGE = ("change", "change_ci_low", "change_ci_high")
TAIL = ("stays", "zero", "share", "ci_low", "ci_high", *CHANGE, "step")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PolicyStart(Result):
    """When the bills of each group begin to cost most patients nothing.

    Attributes
    ----------
    groups : DataFrame, indexed by group
        `start` (first day of a month, missing when there is none), `stays`, `before`, `after`
        (share at zero), `status`: ``begun``, ``not begun``, ``begun before the data``,
        ``too few stays``.
    common : Timestamp
        Month in which all groups that began may have begun together; missing when the bills say
        otherwise.
    """

    shown: ClassVar[str] = "groups"
    kinds: ClassVar[Mapping[str, str]] = {
        "before": "share",
        "after": "share",
        "status": "label:reason",
    }
    groups: pd.DataFrame
    common: pd.Timestamp

    @property
    def day(self) -> str:
        """The common day, empty when there is none."""
        return "" if pd.isna(self.common) else self.common.date().isoformat()

    @property
    def quarters(self) -> dict[str, int | None]:
        """Number of the starting quarter by group, None where it has not begun.

        Groups without a verdict are left out.
        """
        known = self.groups[self.groups["status"].isin(("begun", "not begun"))]
        return {
            name: None if pd.isna(day) else day.year * 4 + day.quarter - 1
            for name, day in known["start"].items()
        }

    def sentence(self, words: Words) -> str:
        """Groups by status, and the common start."""
        counts = self.groups["status"].value_counts()
        return words(
            "summary.PolicyStart.text",
            statuses=[
                words("summary.PolicyStart.each", status=label, groups=n)
                for label, n in zip(
                    (words.label("reason", status) for status in counts.index),
                    counts,
                    strict=True,
                )
            ],
            day=self.day or words("none"),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Splits:
    """Stays before and after each month, by group; arrays (groups, months - 1).

    Attributes
    ----------
    first : int
        Number of the first month (year x 12 + month - 1).
    stays, zero : arrays (groups,)
        All stays, and those at zero.
    left, left_zero, right, right_zero : arrays
        Stays up to the month and after it, and those of them at zero.
    """

    names: pd.Index
    first: int
    stays: np.ndarray
    zero: np.ndarray
    left: np.ndarray
    left_zero: np.ndarray
    right: np.ndarray
    right_zero: np.ndarray

    def day(self, place: int) -> pd.Timestamp:
        """First day of the month after a split."""
        month = self.first + place + 1
        return pd.Timestamp(year=month // 12, month=month % 12 + 1, day=1)

    def likelihood(self) -> np.ndarray:
        """Log likelihood of each split; -inf unless mostly above zero before, at zero after."""
        possible = (
            (self.left > 0)
            & (self.right > 0)
            & (self.left_zero <= self.left / 2)
            & (self.right_zero > self.right / 2)
        )
        value = _binomial(self.left_zero, self.left) + _binomial(
            self.right_zero, self.right
        )
        return np.where(possible, value, -np.inf)


def zero_burden_start(
    stays: pd.DataFrame, *, by: str = "county", level: float = 0.99
) -> PolicyStart:
    """Month from which most stays cost the patient nothing, by group, as the bills show it.

    Parameters
    ----------
    level : float
        Level of the likelihood-ratio test of one common month (chi-squared, groups less one degrees
        of freedom: a rough guide, since a month is no smooth parameter).

    Notes
    -----
    The document that begins the policy is not in the registry, so the month is read from the bills:
    the one that splits the stays best into mostly above zero before and mostly at zero after
    (largest binomial likelihood). Groups are given one common month unless their likelihoods
    together refuse it. Stays of an unknown group are left out.
    """
    stays = stays[stays[by].notna() & (stays[by] != "unknown")]
    if not len(stays):
        none = pd.DataFrame(columns=list(START)).rename_axis(by)
        return PolicyStart(groups=none, common=pd.NaT)
    splits = _splits(stays, by)
    value = splits.likelihood()
    few = splits.stays < FEWEST_STAYS
    begun = np.isfinite(value).any(axis=1) & ~few
    status = np.select(
        [few, begun, splits.zero > splits.stays / 2],
        ["too few stays", "begun", "begun before the data"],
        "not begun",
    )
    common = _common_month(value[begun], level)
    best = value.argmax(axis=1) if value.shape[1] else np.zeros(len(value), int)
    if common is not None:
        best = np.where(begun, common, best)
    return PolicyStart(
        groups=_starts(splits, best, status).rename_axis(by),
        common=pd.NaT if common is None else splits.day(common),
    )


def _splits(stays: pd.DataFrame, by: str) -> _Splits:
    """Stays of each group before and after each month but the last."""
    admitted = stays["admitted_on"]
    month = (admitted.dt.year * 12 + admitted.dt.month - 1).to_numpy()
    first, months = int(month.min()), int(np.ptp(month)) + 1
    codes, names = pd.factorize(stays[by], sort=True)
    shape = (len(names), months)
    cell = codes * months + month - first
    zero = (stays["psn_part_amt"] == 0).to_numpy(float)
    n = np.bincount(cell, minlength=len(names) * months).reshape(shape).astype(float)
    z = np.bincount(cell, zero, minlength=len(names) * months).reshape(shape)
    left, left_zero = np.cumsum(n, axis=1)[:, :-1], np.cumsum(z, axis=1)[:, :-1]
    return _Splits(
        names=pd.Index(names),
        first=first,
        stays=n.sum(axis=1),
        zero=z.sum(axis=1),
        left=left,
        left_zero=left_zero,
        right=n.sum(axis=1, keepdims=True) - left,
        right_zero=z.sum(axis=1, keepdims=True) - left_zero,
    )


def _binomial(hits: np.ndarray, tested: np.ndarray) -> np.ndarray:
    """Log likelihood of counts at their own share."""
    share = hits / np.maximum(tested, 1)
    return xlogy(hits, share) + xlogy(tested - hits, 1 - share)


def _common_month(value: np.ndarray, level: float) -> int | None:
    """The split that serves all groups (g, months), None where their bills refuse one."""
    if not len(value):
        return None
    finite = np.isfinite(value).all(axis=0)
    together = np.where(finite, value.sum(axis=0), -np.inf)
    lost = 2 * (value.max(axis=1).sum() - together.max())
    if lost <= chdtri(max(1, len(value) - 1), 1 - level):
        return int(together.argmax())
    return None


def _starts(splits: _Splits, best: np.ndarray, status: np.ndarray) -> pd.DataFrame:
    """One row per group: its month, stays, and shares at zero before and after."""
    rows = []
    for g, (place, said) in enumerate(zip(best, status, strict=True)):
        day, before, after = pd.NaT, np.nan, np.nan
        if said == "begun":
            day = splits.day(int(place))
            before = splits.left_zero[g, place] / max(splits.left[g, place], 1)
            after = splits.right_zero[g, place] / max(splits.right[g, place], 1)
        rows.append((day, int(splits.stays[g]), before, after, said))
    return pd.DataFrame(rows, columns=list(START), index=splits.names)


def out_of_pocket_by_month(stays: pd.DataFrame) -> pd.Series:
    """Own payment / total cost by month of admission.

    Indexed by every month; missing where nobody was admitted.
    """
    month = stays["admitted_on"].dt.to_period("M")
    sums = stays.groupby(month)[["psn_part_amt", "medfee_sumamt"]].sum()
    if len(sums):
        every = pd.period_range(sums.index.min(), sums.index.max(), freq="M")
        sums = sums.reindex(every)
    return sums["psn_part_amt"] / sums["medfee_sumamt"]


def out_of_pocket_by_quarter(
    stays: pd.DataFrame, *, by: str = "county"
) -> pd.DataFrame:
    """Own payment / total cost by group and quarter: `by`, `quarter` (number), `value`."""
    quarter = stays["admitted_on"].dt.year * 4 + stays["admitted_on"].dt.quarter - 1
    sums = (
        stays.assign(quarter=quarter)
        .groupby([by, "quarter"])[["psn_part_amt", "medfee_sumamt"]]
        .sum()
        .reset_index()
    )
    value = sums["psn_part_amt"] / sums["medfee_sumamt"]
    return sums.assign(value=value)[[by, "quarter", "value"]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PolicyTail(Result):
    """Whether the policy goes on after the exit: zero-burden stays by months since it.

    Attributes
    ----------
    months : DataFrame, indexed by the first month of each group of months (-1: not exited)
        `stays`, `zero`, `share`, `ci_low`, `ci_high`, `change` (against the group before),
        `change_ci_low`, `change_ci_high`, `step`: ``down`` when the interval of the change lies
        below zero, ``none seen``, ``too few``, ``first``.
    verdict : {"holds", "step down", "not determined"}
        Over the groups that end by 24 months; not determined when a step lacks stays on a side.
    unknown : int
        Stays of exited households whose exit day is not on record.
    """

    shown: ClassVar[str] = "months"
    kinds: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("share", "ci_low", "ci_high", *CHANGE), "share"
    ) | {"step": "label:reason"}
    months: pd.DataFrame
    verdict: str
    unknown: int

    def sentence(self, words: Words) -> str:
        """The verdict, and stays that could not be placed."""
        return words(
            "summary.PolicyTail",
            verdict=words.label("reason", self.verdict),
            unknown=self.unknown,
        )


def policy_tail(
    stays: pd.DataFrame,
    *,
    width: int = 6,
    cluster: str = "area_code",
    level: float = 0.95,
) -> PolicyTail:
    """Share of in-patient stays at zero own payment by months since the household's exit.

    Parameters
    ----------
    stays : DataFrame
        In-patient stays since the policy began: `psn_part_amt`, `months_since_exit` (missing when
        the household has not exited or its day is unknown), `status` (``exited`` or not) on the day
        of admission.
    width : int
        Months in a group; 24 is a multiple of it.

    Raises
    ------
    ParameterError
        24 months are no multiple of `width`.

    Notes
    -----
    A step down before 24 months is a fall between neighbouring groups whose interval, widened so
    that it holds for all steps together (Bonferroni), lies below zero.

    References
    ----------
    docs/requirements.md R38.
    """
    if TAIL_MONTHS % width:
        raise ParameterError("chapters.policy.width", found=width, months=TAIL_MONTHS)
    exited = stays[stays["status"] == "exited"]
    unknown = int(exited["months_since_exit"].isna().sum())
    rows = _by_months(stays, width)
    if not len(rows):
        empty = pd.DataFrame(columns=list(TAIL)).rename_axis("months")
        return PolicyTail(months=empty, verdict="not determined", unknown=unknown)
    steps = TAIL_MONTHS // width
    zero = (rows["psn_part_amt"] == 0).to_numpy(float)
    table = share_by(rows, zero, by="months", cluster=cluster, level=level)
    table = table.drop(index="all").rename(columns={"rows": "stays", "hits": "zero"})
    errors = _share_errors(rows, zero, cluster)
    quantile = normal_quantile(1 - (1 - level) / max(1, steps - 1))
    table = _with_steps(table, errors, quantile)
    return PolicyTail(months=table, verdict=_verdict(table, steps), unknown=unknown)


def _by_months(stays: pd.DataFrame, width: int) -> pd.DataFrame:
    """Stays with the first month of their group: -1 before the exit; unknown days left out."""
    exited = stays[stays["status"] == "exited"]
    known = exited[exited["months_since_exit"].notna()]
    group = np.minimum(
        known["months_since_exit"] // width * width, TAIL_MONTHS + 2 * width
    ).astype("int64")
    return pd.concat(
        [
            stays[stays["status"] != "exited"].assign(months=-1),
            known.assign(months=group),
        ]
    )


def _share_errors(rows: pd.DataFrame, zero: np.ndarray, cluster: str) -> pd.Series:
    """Standard error of the share at zero of each group of months."""
    design = SurveyDesign(clusters=cluster)
    sums = tally(rows, {"zero": zero}, reasons={}, by="months", design=design)
    found = estimates(sums, {"zero": ratio(sums, "zero", share=True)})
    return found.set_index("group")["se"]


def _with_steps(
    table: pd.DataFrame, errors: pd.Series, quantile: float
) -> pd.DataFrame:
    """The table with each group's change against the group before, and what it shows."""
    made = table.assign(**dict.fromkeys(CHANGE, np.nan), step="first")
    after = [group for group in made.index if group >= 0]
    for earlier, later in zip(after, after[1:], strict=False):
        if min(made.at[earlier, "stays"], made.at[later, "stays"]) < FEWEST_STAYS:
            made.at[later, "step"] = "too few"
            continue
        moved = made.at[later, "share"] - made.at[earlier, "share"]
        half = quantile * np.hypot(errors[earlier], errors[later])
        made.loc[later, list(CHANGE)] = (moved, moved - half, moved + half)
        made.at[later, "step"] = "down" if moved + half < 0 else "none seen"
    return made


def _verdict(table: pd.DataFrame, steps: int) -> str:
    """Whether the share held over the groups that end by 24 months."""
    inside = table[(table.index >= 0) & (table.index < TAIL_MONTHS)]
    if (inside["step"] == "down").any():
        return "step down"
    tested = inside["step"].isin(("down", "none seen")).sum()
    return "not determined" if tested < steps - 1 else "holds"
