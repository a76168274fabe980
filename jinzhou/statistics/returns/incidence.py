"""The next quarters, one by one: cumulative incidence when leaving competes with it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import EstimationError
from jinzhou.result import Result
from jinzhou.statistics.hazard import Likelihood, fit, inverse_link
from jinzhou.statistics.intervals import normal_quantile
from jinzhou.statistics.returns.delay import (
    FEWEST_EVENTS,
    recorded_offset,
    reported_share,
)
from jinzhou.statistics.returns.fitting import EVENTS_A_TERM, level_of
from jinzhou.statistics.returns.history import FrailtyHistory
from jinzhou.statistics.returns.return_risk import at_risk_on
from jinzhou.statistics.returns.terms import (
    Covariate,
    design_matrix,
    make_design,
    scored_values,
)
from jinzhou.words import Words

RECENT = 4
"""Latest quarters with labels on which each hazard's level is set."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Incidence(Result):
    """Cumulative incidence of the households at risk.

    Attributes
    ----------
    rows : DataFrame, one row per household at risk at `as_of`
        `household_id`, `county`, `returned_1`..`returned_L` and `left_1`..`left_L`:
        probability of the event within so many quarters, without visits, the other
        event competing.
    ignoring : Series, indexed by 1..L
        Mean probability of a return when leaving is taken for staying at risk: too
        high.
    expected, expected_ci_low, expected_ci_high : float
        Returns expected within L quarters, with a 95 % interval that holds the draw and
        the error of the level (`events` known returns).
    events : tuple of int
        Returns in the training rows of each lead.
    as_of : str
    """

    rows: pd.DataFrame
    ignoring: pd.Series
    expected: float
    expected_ci_low: float
    expected_ci_high: float
    events: tuple[int, ...]
    as_of: str

    def table(self) -> pd.DataFrame:
        """Mean probabilities by quarter ahead."""
        leads = range(1, len(self.events) + 1)
        return pd.DataFrame(
            {
                "returned": [self.rows[f"returned_{k}"].mean() for k in leads],
                "left": [self.rows[f"left_{k}"].mean() for k in leads],
                "ignoring": self.ignoring.to_numpy(),
                "events": self.events,
            },
            index=pd.Index(leads, name="quarters"),
        )

    def sentence(self, words: Words) -> str:
        """Households, and returns expected within the horizon with their interval."""
        return words(
            "summary.Incidence",
            households=len(self.rows),
            quarters=len(self.events),
            expected=self.expected,
            ci_low=self.expected_ci_low,
            ci_high=self.expected_ci_high,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Landmark:
    """Labels of both events by row of the panel, quarter by quarter ahead."""

    panel: pd.DataFrame
    covariates: Sequence[Covariate]
    as_of: str
    labels: pd.DataFrame
    past: np.ndarray
    scored: pd.DataFrame
    reported: tuple[float, ...]

    def ahead(self, lead: int) -> pd.DataFrame:
        """Labels of each row's household `lead` quarters on (1: the row's own)."""
        ends = self.panel["quarter_end"].dt
        quarter = ends.year * 4 + ends.quarter
        homes = self.panel["household_id"]
        labels = self.labels.set_axis(pd.MultiIndex.from_arrays([homes, quarter]))
        if lead == 1:
            return labels
        return labels.reindex(pd.MultiIndex.from_arrays([homes, quarter + lead - 1]))

    def hazard(
        self, y: np.ndarray, lead: int, reported: tuple[float, ...]
    ) -> np.ndarray:
        """Probability of the event in one quarter ahead among those still at risk.

        The constant alone when events are few.
        """
        used = self.past & np.isfinite(y)
        rows, label = self.panel[used], y[used]
        if not label.any():
            return np.zeros(len(self.scored))
        design = make_design(rows, self.covariates)
        moved = rows.assign(
            quarter_end=rows["quarter_end"] + pd.offsets.QuarterEnd(lead - 1)
            if lead > 1
            else rows["quarter_end"]
        )
        offset = recorded_offset(moved, reported, pd.Timestamp(self.as_of), 1)
        few = int(label.sum()) < EVENTS_A_TERM * design.Z.shape[1]
        terms = () if few else design.terms
        Z = np.ones((len(rows), 1)) if few else design.Z
        found = fit(Likelihood(Z, label, offset=offset))
        X, _ = scored_values(self.scored, terms)
        eta = design_matrix(X, terms) @ found.beta
        if not few and rows["quarter_end"].nunique() > 1:
            seen = Z @ found.beta + offset
            history = FrailtyHistory(rows, label, np.ones(len(label)), 1)
            history.learn(seen)
            eta = eta + sum(past.log_mean for past in history.of(self.scored))
            seen = seen + sum(past.log_mean for past in history.of(rows))
            eta = eta + level_of(rows, label, seen, quarters=RECENT)
        return inverse_link(eta, "cloglog")


def incidence(
    panel: pd.DataFrame,
    *,
    as_of: str,
    covariates: Sequence[Covariate],
    leads: int = 4,
    returned: str | pd.Series = "returned_1",
    left: str | pd.Series = "left_1",
    county: str = "",
) -> Incidence:
    """Probability of a return within 1, 2, ... quarters, from what is known today.

    For each quarter ahead a hazard of its own is fitted on today's covariates among
    those still at risk then (landmarking), for the return and for leaving the registry;
    the two are joined by their cause-specific survival. So an illness of today counts
    for less in the third quarter when it has done so before.

    Raises
    ------
    EstimationError
        Fewer than 30 returns are known for one of the quarters ahead.

    References
    ----------
    van Houwelingen (2007), Scandinavian Journal of Statistics 34, 70-85.
    """
    given = {"returned": returned, "left": left}
    labels = {k: panel[v] if isinstance(v, str) else v for k, v in given.items()}
    past = (panel["quarter_end"] <= pd.Timestamp(as_of)).to_numpy()
    mark = _Landmark(
        panel=panel,
        covariates=covariates,
        as_of=as_of,
        labels=pd.DataFrame(labels, index=panel.index),
        past=past & panel["at_risk"].to_numpy(bool),
        scored=at_risk_on(panel, as_of, county),
        reported=reported_share(panel, as_of=as_of),
    )
    n = len(mark.scored)
    survival, alone = np.ones(n), np.ones(n)
    total = {"returned": np.zeros(n), "left": np.zeros(n)}
    frame = mark.scored[["household_id", "county"]].reset_index(drop=True)
    ignoring, events = [], []
    for lead in range(1, leads + 1):
        ahead = mark.ahead(lead)
        y = ahead["returned"].to_numpy(float)
        events.append(_known_events(y[mark.past & np.isfinite(y)], lead))
        hazard = {
            "returned": mark.hazard(y, lead, mark.reported),
            "left": mark.hazard(ahead["left"].to_numpy(float), lead, (1.0,)),
        }
        for kind, h in hazard.items():
            total[kind] += survival * h
            frame[f"{kind}_{lead}"] = total[kind]
        survival *= np.maximum(1 - hazard["returned"] - hazard["left"], 0)
        alone *= 1 - hazard["returned"]
        ignoring.append(float((1 - alone).mean()))
    p = frame[f"returned_{leads}"].to_numpy()
    expected = float(p.sum())
    # the draw (Poisson-binomial) and the level, known to 1 / sqrt(known returns)
    variance = float((p * (1 - p)).sum()) + expected**2 / events[0]
    spread = normal_quantile(0.95) * np.sqrt(variance)
    return Incidence(
        rows=frame,
        ignoring=pd.Series(ignoring, index=range(1, leads + 1)),
        expected=expected,
        expected_ci_low=max(0.0, expected - spread),
        expected_ci_high=expected + spread,
        events=tuple(events),
        as_of=as_of,
    )


def _known_events(y: np.ndarray, lead: int) -> int:
    events = int(y.sum())
    if events < FEWEST_EVENTS:
        raise EstimationError(
            "statistics.incidence.few", lead=lead, found=events, fewest=FEWEST_EVENTS
        )
    return events
