"""The next quarters, one by one: cumulative incidence of a return when leaving competes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import EstimationError
from jinzhou.statistics.hazard import fit, inverse_link
from jinzhou.statistics.returns.return_risk import (
    COVARIATES,
    EVENTS_A_TERM,
    FEWEST_EVENTS,
    Covariate,
    _design,
    _History,
    _late,
    _pieces,
    _recalibrated,
    _values,
    reported_share,
)

RECENT = 4
"""Latest quarters with labels on which each hazard's level is set."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Incidence:
    """Cumulative incidence of the households at risk.

    Attributes
    ----------
    rows : DataFrame, one row per household at risk at `as_of`
        `household_id`, `county`, `returned_1`..`returned_L` and `left_1`..`left_L`: probability of
        the event within so many quarters, without visits, the other event competing.
    ignoring : Series, indexed by 1..L
        Mean probability of a return when leaving is taken for staying at risk: too high.
    expected, expected_ci_low, expected_ci_high : float
        Returns expected within L quarters, with a 95 % interval that holds the draw and the error
        of the level (`events` known returns).
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

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return (
            f"{len(self.rows):,} households at risk: {self.expected:.0f} returns expected within {len(self.events)} quarters "
            f"[{self.expected_ci_low:.0f}, {self.expected_ci_high:.0f}]."
        )


def incidence(
    panel: pd.DataFrame,
    *,
    as_of: str,
    leads: int = 4,
    covariates: Sequence[Covariate] = COVARIATES,
    returned: str | pd.Series = "returned_1",
    left: str | pd.Series = "left_1",
    county: str = "",
) -> Incidence:
    """Probability of a return within 1, 2, ... quarters, from what is known today.

    For each quarter ahead a hazard of its own is fitted on today's covariates among those still at
    risk then (landmarking, van Houwelingen 2007, Scandinavian Journal of Statistics 34, 70-85), for
    the return and for leaving the registry; the two are joined by their cause-specific survival.
    So an illness of today counts for less in the third quarter when it has done so before.

    Raises
    ------
    EstimationError
        Fewer than 30 returns are known for one of the quarters ahead.
    """
    day = pd.Timestamp(as_of)
    labels = pd.DataFrame(
        {
            name: panel[value] if isinstance(value, str) else value
            for name, value in (("returned", returned), ("left", left))
        },
        index=panel.index,
    )
    quarter = panel["quarter_end"].dt.year * 4 + panel["quarter_end"].dt.quarter
    key = pd.MultiIndex.from_arrays([panel["household_id"], quarter])
    known = pd.DataFrame(
        {
            "at": np.arange(len(panel)),
            "returned": labels["returned"].to_numpy(),
            "left": labels["left"].to_numpy(),
        },
        index=key,
    )
    past = (panel["quarter_end"] <= day).to_numpy() & panel["at_risk"].to_numpy(bool)
    scored = panel[
        (panel["quarter_end"] == day).to_numpy() & panel["at_risk"].to_numpy(bool)
    ]
    scored = scored[scored["county"] == county] if county else scored
    survival = np.ones(len(scored))
    alone = np.ones(len(scored))
    total = {"returned": np.zeros(len(scored)), "left": np.zeros(len(scored))}
    frame = scored[["household_id", "county"]].reset_index(drop=True)
    ignoring, events = [], []
    reported = reported_share(panel, as_of=as_of)
    for lead in range(1, leads + 1):
        ahead = (
            known.reindex(
                pd.MultiIndex.from_arrays([panel["household_id"], quarter + lead - 1])
            )
            if lead > 1
            else known
        )
        hazard = {}
        for kind in ("returned", "left"):
            y = ahead[kind].to_numpy(float)
            rows = past & np.isfinite(y)
            if kind == "returned":
                events.append(int(y[rows].sum()))
                if events[-1] < FEWEST_EVENTS:
                    raise EstimationError(
                        f"提前{lead}个季度只有{events[-1]}次返贫记录，少于{FEWEST_EVENTS}，不能预测。请缩短预测期。",
                        f"only {events[-1]} returns are known {lead} quarters ahead, fewer than {FEWEST_EVENTS}; shorten the horizon.",
                    )
            hazard[kind] = _hazard(
                panel,
                rows,
                y,
                scored,
                covariates,
                day,
                reported if kind == "returned" else (1.0,),
                lead,
            )
        total["returned"] += survival * hazard["returned"]
        total["left"] += survival * hazard["left"]
        survival *= np.maximum(1 - hazard["returned"] - hazard["left"], 0)
        alone *= 1 - hazard["returned"]
        ignoring.append(float((1 - alone).mean()))
        frame[f"returned_{lead}"], frame[f"left_{lead}"] = (
            total["returned"],
            total["left"],
        )
    p = frame[f"returned_{leads}"].to_numpy()
    expected = float(p.sum())
    # the draw (Poisson-binomial) and the level, known to 1 / sqrt(returns of all leads' first quarter)
    spread = 1.96 * np.sqrt(float((p * (1 - p)).sum()) + expected**2 / events[0])
    return Incidence(
        rows=frame,
        ignoring=pd.Series(ignoring, index=range(1, leads + 1)),
        expected=expected,
        expected_ci_low=max(0.0, expected - spread),
        expected_ci_high=expected + spread,
        events=tuple(events),
        as_of=as_of,
    )


def _hazard(panel, rows, y, scored, covariates, day, reported, lead) -> np.ndarray:
    """Probability of the event in one quarter ahead; the constant alone when events are few."""
    train, label = panel[rows], y[rows]
    design = _design(train, covariates)
    terms = [c for c in covariates if c.name not in design.dropped]
    quarter_ends = (
        train.assign(quarter_end=train["quarter_end"] + pd.offsets.QuarterEnd(lead - 1))
        if lead > 1
        else train
    )
    offset = _late(quarter_ends, reported, day, 1)
    Z = _pieces(design.values, terms)
    few = int(label.sum()) < EVENTS_A_TERM * Z.shape[1]
    if few:
        terms, Z = [], np.ones((len(train), 1))
    if not label.any():
        return np.zeros(len(scored))
    found = fit(Z, label, offset=offset)
    X, _ = _values(scored, terms)
    for j, c in enumerate(terms):
        if c.set_to is not None:
            X[:, j] = c.set_to
    eta = _pieces(X, terms) @ found.beta
    if not few and train["quarter_end"].nunique() > 1:
        seen = Z @ found.beta + offset
        history = _History(train, label, np.ones(len(label)), 1)
        history.learn(seen)
        eta, seen = (
            given + sum(past.log_mean for past in history.of(rows))
            for given, rows in ((eta, scored), (seen, train))
        )
        eta = eta + _recalibrated(
            train, label, seen, np.ones(len(label)), "cloglog", RECENT
        )
    return inverse_link(eta, "cloglog")
