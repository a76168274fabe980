"""Units that began a policy early against units that began later.

Where all begin on one day there is nobody to compare with, and the answer says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from jinzhou.result import Result
from jinzhou.words import Words

FEWEST_CLUSTERS = 4
"""Fewer clusters than this do not tell how far units differ."""
FEWEST_UNITS = 2
"""Units of one starting date, or not yet begun, that a comparison needs."""
GROUPS = ("start", "period", "effect", "treated", "compared")
EVENTS = ("since", "effect", "ci_low", "ci_high", "units")
NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StaggeredDid(Result):
    """Effect of a policy that units began at different times.

    Attributes
    ----------
    status : {"estimated", "not identified"}
    reason : str
    effect, ci_low, ci_high : float
        Mean over the units that began and the periods since.
    before, before_ci_low, before_ci_high : float
        The same over the placebo periods before the start: far from zero, the
        comparison is doubtful.
    groups : DataFrame
        `start`, `period`, `effect`, `treated`, `compared` (units): group-time effects.
    events : DataFrame, indexed by periods since the start
        `effect`, `ci_low`, `ci_high`, `units`; -1 is the reference and zero.
    left_out : Series, indexed by reason
        Units not used.
    clusters : int
    """

    shown: ClassVar[str] = "events"
    kinds: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("effect", "ci_low", "ci_high"), "score"
    )
    status: str
    reason: str
    effect: float
    ci_low: float
    ci_high: float
    before: float
    before_ci_low: float
    before_ci_high: float
    groups: pd.DataFrame
    events: pd.DataFrame
    left_out: pd.Series
    clusters: int

    def sentence(self, words: Words) -> str:
        """Effect with its interval, or why there is none."""
        if self.status != "estimated":
            reason = words.label("reasons", self.reason)
            return words("summary.StaggeredDid.unknown", reason=reason)
        return words(
            "summary.StaggeredDid.estimated",
            effect=self.effect,
            ci_low=self.ci_low,
            ci_high=self.ci_high,
            groups=len(self.groups),
            clusters=self.clusters,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Used:
    """Outcomes Y (units, periods) of the units used, their start (NaN: not begun)."""

    units: pd.Index
    periods: np.ndarray
    Y: np.ndarray
    start: np.ndarray
    left_out: pd.Series

    @property
    def cohorts(self) -> np.ndarray:
        return np.unique(self.start[~np.isnan(self.start)])


def staggered_did(
    rows: pd.DataFrame,
    *,
    starts: Mapping[str, int | None],
    unit: str,
    period: str,
    outcome: str,
    cluster: Mapping[str, str] | None = None,
    level: float = 0.95,
) -> StaggeredDid:
    """Group-time effects against the units that have not begun yet.

    Parameters
    ----------
    rows : DataFrame
        One row per unit and period (an integer), with the outcome.
    starts : mapping, unit -> period of its start
        None (or NaN) for a unit that has not begun.
    cluster : mapping, unit -> cluster, optional
        Where the policy is decided above the units; by default each unit is its own.

    Notes
    -----
    ATT(g, t) is the mean change since the period before g of those that began in g,
    less that of those that have not begun by t. Two-way fixed effects would use early
    units as comparison for late ones and are not offered. Errors from the influence of
    each unit, each cohort's by n / (n - 1), summed by cluster, with t quantiles.

    References
    ----------
    Callaway and Sant'Anna (2021), Journal of Econometrics 225, 200-230.
    Goodman-Bacon (2021), Journal of Econometrics 225, 254-277.
    """
    wide = rows.pivot_table(index=unit, columns=period, values=outcome, aggfunc="mean")
    if wide.empty:
        return _unknown("no place began inside the data", pd.Series(dtype="int64"))
    used = _usable(wide, pd.Series(starts, dtype="float64"))
    reason = _why_not(used)
    if reason:
        return _unknown(reason, used.left_out)
    groups, phi = _group_time(used)
    after = (groups["period"] >= groups["start"]).to_numpy()
    if not after.any():
        return _unknown("too few places to compare", used.left_out)
    names = pd.Series(used.units)
    codes = pd.factorize(names.map(cluster) if cluster else names)[0]
    clusters = int(codes.max()) + 1
    if clusters < FEWEST_CLUSTERS:
        return _unknown("too few clusters", used.left_out)
    df = clusters - len(used.cohorts) - int(np.isnan(used.start).any())
    quantile = stdtrit(max(1, df), 0.5 + level / 2)

    def mean(chosen: np.ndarray) -> tuple[float, float, float]:
        return _mean(groups, phi, codes, chosen, quantile)

    effect, low, high = mean(after)
    before, before_low, before_high = mean(~after)
    since = (groups["period"] - groups["start"]).to_numpy()
    events = [
        (e, *mean(since == e), int(groups["treated"].to_numpy()[since == e].sum()))
        for e in sorted(set(since))
    ]
    events.append((-1, 0.0, 0.0, 0.0, int((~np.isnan(used.start)).sum())))
    return StaggeredDid(
        status="estimated",
        reason="",
        effect=effect,
        ci_low=low,
        ci_high=high,
        before=before,
        before_ci_low=before_low,
        before_ci_high=before_high,
        groups=groups,
        events=pd.DataFrame(events, columns=list(EVENTS))
        .sort_values("since")
        .set_index("since"),
        left_out=used.left_out,
        clusters=clusters,
    )


def _usable(wide: pd.DataFrame, begun: pd.Series) -> _Used:
    """Units with a value in every period that did not begin before the data do."""
    periods = wide.columns.to_numpy()
    reason = pd.Series("", index=wide.index)
    reason[wide.isna().any(axis=1)] = "a period without a value"
    first = begun.reindex(wide.index)
    reason[(first <= periods.min()) & (reason == "")] = "began before the data do"
    used = wide[(reason == "").to_numpy()]
    first = first.reindex(used.index)
    return _Used(
        units=used.index,
        periods=periods,
        Y=used.to_numpy(float),
        start=first.where(first <= periods.max()).to_numpy(float),
        left_out=reason[reason != ""].value_counts(),
    )


def _why_not(used: _Used) -> str:
    if not len(used.cohorts):
        return "no place began inside the data"
    if len(used.units) == 1:
        return "only one place"
    if len(used.cohorts) == 1 and not np.isnan(used.start).any():
        return "all places began together"
    return ""


def _group_time(used: _Used) -> tuple[pd.DataFrame, np.ndarray]:
    """Group-time effects, and the influence of each unit on each (effects, units)."""
    groups, influence = [], []
    for g in used.cohorts:
        base = np.flatnonzero(used.periods < g)
        treated = used.start == g
        for at, t in enumerate(used.periods):
            if not len(base) or at == base[-1]:
                continue
            free = ~treated & (np.isnan(used.start) | (used.start > max(t, g)))
            if min(treated.sum(), free.sum()) < FEWEST_UNITS:
                continue
            change = used.Y[:, at] - used.Y[:, base[-1]]
            effect = change[treated].mean() - change[free].mean()
            influence.append(_side(change, treated) - _side(change, free))
            groups.append((int(g), int(t), effect, int(treated.sum()), int(free.sum())))
    return pd.DataFrame(groups, columns=list(GROUPS)), np.array(influence)


def _side(change: np.ndarray, here: np.ndarray) -> np.ndarray:
    """Influence of each unit on the mean change of one side."""
    part, n = np.zeros(len(change)), here.sum()
    part[here] = (change[here] - change[here].mean()) / n * np.sqrt(n / (n - 1))
    return part


def _mean(
    groups: pd.DataFrame,
    phi: np.ndarray,
    codes: np.ndarray,
    chosen: np.ndarray,
    quantile: float,
) -> tuple[float, float, float]:
    """Mean of chosen effects weighted by the units treated, with its interval."""
    if not chosen.any():
        return NAN, NAN, NAN
    weight = groups["treated"].to_numpy(float) * chosen
    weight /= weight.sum()
    value = float(weight @ groups["effect"])
    half = quantile * np.sqrt((np.bincount(codes, weight @ phi) ** 2).sum())
    return value, value - half, value + half


def _unknown(why: str, left_out: pd.Series) -> StaggeredDid:
    return StaggeredDid(
        status="not identified",
        reason=why,
        effect=NAN,
        ci_low=NAN,
        ci_high=NAN,
        before=NAN,
        before_ci_low=NAN,
        before_ci_high=NAN,
        groups=pd.DataFrame(columns=list(GROUPS)),
        events=pd.DataFrame(columns=list(EVENTS[1:])),
        left_out=left_out,
        clusters=0,
    )
