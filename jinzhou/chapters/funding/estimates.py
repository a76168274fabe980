"""Estimates that several sections rest on, each made once for a snapshot."""

from collections.abc import Sequence

import numpy as np

from jinzhou import registry
from jinzhou.chapters.funding import data
from jinzhou.chapters.funding.analysis.exit_cost import ExitCost, cost_per_exit
from jinzhou.chapters.funding.analysis.money_response import ResponseModel
from jinzhou.chapters.funding.analysis.money_response import (
    money_response as response_to_money,
)
from jinzhou.chapters.funding.analysis.payments import (
    Growth,
    PaymentRates,
    growth,
    payment_rates,
)
from jinzhou.chapters.funding.analysis.plan import CONTROLS, past_projects
from jinzhou.chapters.funding.analysis.response import Response, with_effect
from jinzhou.chapters.funding.analysis.trace import FundTrace, trace_funds
from jinzhou.reference.thresholds import threshold
from jinzhou.registry.snapshot import Snapshot, per_snapshot
from jinzhou.statistics.comparison import OverlapComparison
from jinzhou.statistics.frontier.dea import Frontier, dea
from jinzhou.statistics.frontier.model import DeaModel
from jinzhou.statistics.frontier.outliers import LeaveOneOut, leave_one_out
from jinzhou.statistics.frontier.sfa import StochasticModel
from jinzhou.statistics.matching import (
    compare_kinds,
    compare_units,
    income_per_yuan,
)

COVARIATES: Sequence[str] = registry.ALIKE
"""What households are matched on."""
INPUTS = ("paid", "cadres", "poor")
TOWNSHIPS = DeaModel(inputs=INPUTS, outputs=("exits", "lasting"), orientation="output")
"""The townships' frontier: the most outputs with no more inputs, variable returns to scale."""
TOWNSHIP_YEARS = DeaModel(
    inputs=INPUTS,
    outputs=("exits",),
    orientation="output",
    returns_to_scale="constant",
)
"""The frontiers of two years: what lasts is not yet known of the second."""
LASTING_EXITS = StochasticModel(
    outcome="lasting", terms=("paid", "poor"), linear=("cadres",)
)
"""Lasting exits of townships by money, persons poor and cadres, chance set apart."""
REPLICATIONS = 200
"""Draws of every bootstrap; 2000 for figures that are published."""
SEED = 2018


@per_snapshot
def paid(snapshot: Snapshot) -> PaymentRates:
    """Payment of this year's plan."""
    rows = data.allocations(snapshot)
    return payment_rates(
        rows[rows["plan_year"] == snapshot.year],
        as_of=snapshot.as_of,
        groups=data.counties(snapshot),
    )


@per_snapshot
def traced(snapshot: Snapshot, *, since: str) -> FundTrace:
    """Payments followed through the six links."""
    return trace_funds(
        data.traced_payments(snapshot, since=since),
        target=float(threshold("fund_trace").value),
        groups=data.counties(snapshot),
    )


@per_snapshot
def budget_growth(snapshot: Snapshot) -> Growth:
    """Growth of budgets against the province's."""
    return growth(data.budgets(snapshot), year=snapshot.year)


@per_snapshot
def county_costs(snapshot: Snapshot, *, since: str) -> ExitCost:
    """Cost of an exit by county."""
    return cost_per_exit(
        data.spending(snapshot, since=since),
        data.exits(snapshot, since=since),
        groups=data.counties(snapshot),
    )


@per_snapshot
def counties(snapshot: Snapshot, *, since: str) -> OverlapComparison:
    """Cost of a lasting exit in each county beside matched households elsewhere."""
    return compare_units(
        data.poor(snapshot, since=since), by="county", covariates=COVARIATES
    )


@per_snapshot
def townships(snapshot: Snapshot, *, since: str) -> OverlapComparison:
    """Cost of a lasting exit in each township beside matched households elsewhere."""
    return compare_units(
        data.poor(snapshot, since=since),
        by="town",
        covariates=COVARIATES,
        cluster="area_code",
        shared=True,
    )


@per_snapshot
def project_types(snapshot: Snapshot, *, since: str) -> OverlapComparison:
    """Additional lasting exits by type of project, beside matched households."""
    return compare_kinds(
        data.rounds(snapshot, since=since),
        data.helped_by_round(snapshot, since=since),
        covariates=COVARIATES,
    )


@per_snapshot
def income(snapshot: Snapshot, *, since: str) -> OverlapComparison:
    """Income gained by type of project, beside matched households."""
    return income_per_yuan(
        data.income_gains(snapshot, since=since),
        data.helped_by_year(snapshot, since=since),
        covariates=COVARIATES,
    )


@per_snapshot
def frontier(snapshot: Snapshot, *, since: str) -> Frontier:
    """Scores, peers and targets of the townships, returns to scale variable."""
    return dea(data.townships(snapshot, since=since), TOWNSHIPS)


@per_snapshot
def without_each_peer(snapshot: Snapshot, *, since: str) -> LeaveOneOut:
    """What the scores of the others change by when one township is left out."""
    return leave_one_out(data.townships(snapshot, since=since), TOWNSHIPS)


@per_snapshot
def money_response(snapshot: Snapshot, *, since: str, seed: int) -> Response:
    """How lasting exits are taken to rise with money."""
    years = data.plan_years(snapshot, since=since)
    past = past_projects(
        data.projects(snapshot),
        data.poor(snapshot, since=since),
        first_year=years.start,
        last_year=snapshot.year,
    )
    model = ResponseModel(
        outcome="persons", years=max(1, len(years)), controls=list(CONTROLS)
    )
    reach = response_to_money(past, model, seed=seed)
    types = project_types(snapshot, since=since).rows
    return with_effect(reach, types[types["status"] == "separated"])


def largest(values) -> float:
    """The largest of some numbers, missing when there is none."""
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    return float(known.max()) if len(known) else np.nan
