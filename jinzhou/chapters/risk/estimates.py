"""The fits that several sections of the risk chapter share, made once for a snapshot.

An answer is None where too few returns are known for it.
"""

from dataclasses import dataclass

from jinzhou import registry
from jinzhou.chapters.risk import data
from jinzhou.chapters.risk.model import COVARIATES, OFFICES, rules_for
from jinzhou.registry.covariates import GROUPS
from jinzhou.registry.snapshot import Snapshot, per_snapshot
from jinzhou.statistics.returns.backtest import Backtest, Sampling
from jinzhou.statistics.returns.backtest import backtest as run_backtest
from jinzhou.statistics.returns.detection import Detection
from jinzhou.statistics.returns.detection import detection as estimate_detection
from jinzhou.statistics.returns.drift import Drift
from jinzhou.statistics.returns.drift import drift as compare_inputs
from jinzhou.statistics.returns.fitting import HazardOptions
from jinzhou.statistics.returns.incidence import Incidence
from jinzhou.statistics.returns.incidence import incidence as cumulative_incidence
from jinzhou.statistics.returns.leakcheck import LeakCheck, leakcheck
from jinzhou.statistics.returns.return_risk import (
    ReturnRisk,
    if_enough,
    return_risk,
    rule_risk,
)
from jinzhou.statistics.returns.visits import VisitEffect, visit_effect
from jinzhou.statistics.returns.watch_list import WatchList
from jinzhou.statistics.returns.watch_list import watch_list as choose


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What an office chooses for the list and for the tests of it.

    Attributes
    ----------
    capacity : int
        Households that can be visited; 0 for one in twenty of those at risk.
    county_share, town_share : float
        Least share of its households at risk that each county, each township has
        on the list.
    rules_on : str
        Day whose monitoring rules are applied; empty for those of each quarter.
    horizon_quarters : int
        Quarters ahead for which a return is predicted.
    folds, draws, seed : int
        Dates of the backtest; draws and seed of its bootstrap.
    leak_checks : bool
        Whether to check that the list knows nothing of the future.
    """

    capacity: int = 0
    county_share: float = 0.0
    town_share: float = 0.0
    rules_on: str = "2021-05-14"
    horizon_quarters: int = 1
    folds: int = 8
    draws: int = 60
    seed: int = 2018
    leak_checks: bool = True


DEFAULT = Options()
HOUSEHOLDS_A_PLACE = 20
"""One household in so many at risk is listed when no capacity is given."""


@per_snapshot
def hazard(snapshot: Snapshot, day: str, horizon_quarters: int) -> ReturnRisk | None:
    """The hazard and its scores as of a day."""
    return if_enough(
        return_risk,
        data.at_risk(snapshot),
        as_of=day,
        covariates=COVARIATES,
        outcome=data.outcome(snapshot, day, horizon_quarters),
        options=HazardOptions(horizon_quarters=horizon_quarters, offices=OFFICES),
        county=snapshot.county,
    )


@per_snapshot
def scoring(snapshot: Snapshot, options: Options) -> ReturnRisk:
    """Scores of the day: by the hazard, or by the rules when few returns are known."""
    fitted = hazard(snapshot, snapshot.as_of, options.horizon_quarters)
    if fitted is not None:
        return fitted
    rules = data.triggers(snapshot, options.rules_on)
    return rule_risk(
        data.at_risk(snapshot),
        rules.fired,
        rules.rules,
        as_of=snapshot.as_of,
        offices=OFFICES,
        county=snapshot.county,
    )


@per_snapshot
def previous(snapshot: Snapshot, options: Options) -> ReturnRisk | None:
    """Scores of the last earlier day whose outcome is known by now."""
    ahead = options.horizon_quarters
    return hazard(snapshot, snapshot.quarters_back(ahead), ahead)


@per_snapshot
def watch_list(snapshot: Snapshot, options: Options) -> WatchList:
    """The households to visit, and what changed since the earlier list."""
    scored = scoring(snapshot, options)
    share = len(scored.scores) // HOUSEHOLDS_A_PLACE
    return choose(
        scored,
        capacity=options.capacity or max(1, share),
        previous=previous(snapshot, options),
        county_share=options.county_share,
        town_share=options.town_share,
    )


@per_snapshot
def _rolled(
    snapshot: Snapshot,
    rules_on: str,
    horizon_quarters: int,
    folds: int,
    draws: int,
    seed: int,
) -> Backtest | None:
    panel = data.panel(snapshot, rules_on)
    return if_enough(
        run_backtest,
        panel,
        data.outcomes(snapshot, folds, horizon_quarters),
        covariates=COVARIATES,
        rules=rules_for(panel),
        groups=GROUPS,
        options=HazardOptions(horizon_quarters=horizon_quarters),
        sampling=Sampling(draws=draws, seed=seed),
    )


def backtest(snapshot: Snapshot, options: Options) -> Backtest | None:
    """How the hazard and its rivals would have done on earlier dates, everywhere."""
    return _rolled(
        snapshot,
        options.rules_on,
        options.horizon_quarters,
        options.folds,
        options.draws,
        options.seed,
    )


@per_snapshot
def leaks(snapshot: Snapshot, options: Options) -> LeakCheck | None:
    """The checks that the list knows nothing of the future; None when not asked for."""
    if not options.leak_checks:
        return None
    return if_enough(
        leakcheck,
        data.at_risk(snapshot),
        registry.builder(snapshot.everywhere),
        registry.known_returns,
        early=snapshot.quarters_back(options.horizon_quarters + 1),
        late=snapshot.as_of,
        covariates=COVARIATES,
    )


@per_snapshot
def visits(snapshot: Snapshot, options: Options) -> VisitEffect:
    """What the data say about the effect of visits."""
    return visit_effect(
        data.at_risk(snapshot),
        scoring(snapshot, options),
        outcome=data.outcome(snapshot, snapshot.as_of, options.horizon_quarters),
    )


@per_snapshot
def detection(snapshot: Snapshot) -> Detection:
    """Share of returns that the ordinary course records."""
    return estimate_detection(data.at_risk(snapshot), as_of=snapshot.as_of)


@per_snapshot
def drift(snapshot: Snapshot, options: Options) -> Drift:
    """Stability of the inputs since the earlier scoring."""
    return compare_inputs(scoring(snapshot, options), previous(snapshot, options))


@per_snapshot
def incidence(snapshot: Snapshot) -> Incidence | None:
    """Probability of a return within each of the next four quarters."""
    return if_enough(
        cumulative_incidence,
        data.at_risk(snapshot),
        as_of=snapshot.as_of,
        covariates=COVARIATES,
        county=snapshot.county,
    )
