"""What a lasting exit costs, as it happened and beside matched households elsewhere."""

import pandas as pd

from jinzhou.chapters.funding import data, estimates, figures
from jinzhou.chapters.funding.analysis.exit_cost import (
    FEWEST_CLUSTERS,
    UNKNOWN,
    ExitCost,
    cost_per_exit,
)
from jinzhou.chapters.funding.analysis.ranking import Ranking, rank_ranges
from jinzhou.chapters.funding.sections.shared import (
    EXITS,
    MATCHED,
    answer,
    estimate,
)
from jinzhou.publish.section import Page, Section, Sentence, section
from jinzhou.publish.table import Table
from jinzhou.registry.snapshot import Snapshot
from jinzhou.statistics.comparison import OverlapComparison
from jinzhou.statistics.overlap import BALANCED

COSTS = {
    "spent": "wan_yuan",
    "exits": "count",
    "lasting": "count",
    "returned": "count",
    "unknown": "count",
    "cost_per_exit": "yuan",
    "cost_ci_low": "yuan",
    "cost_ci_high": "yuan",
    "lasting_share": "share",
    "cost_per_lasting": "yuan",
    "lasting_ci_low": "yuan",
    "lasting_ci_high": "yuan",
}
COMPARED = ("separated", "not separated")
"""Statuses of a comparison that gave an answer."""
YUAN = ("raw", "cost_adjusted", "adjusted_ci_low", "adjusted_ci_high")
RATIOS = ("cost_ratio_raw", "cost_ratio", "p_joint", "e_value")


@section(*EXITS)
def exit_cost(snapshot: Snapshot, *, since: str = data.SINCE) -> Section:
    """Money over persons who exited, and over those whose exit lasts, by county.

    References
    ----------
    docs/requirements.md R52, R53.
    """
    found = estimates.county_costs(snapshot, since=since)
    whole = found.costs.loc["all"]
    page = Page(
        "funding.exit_cost",
        snapshot,
        months=found.months,
        fewest=FEWEST_CLUSTERS,
        cost=estimate(whole, "cost_per_lasting", "lasting"),
        per_exit=whole["cost_per_exit"],
    )
    page.values["status"] = page.words.label("cost_status", whole["status"])
    unknown = whole["status"] in UNKNOWN
    return answer(
        page,
        findings=[
            page.finding("unknown" if unknown else "cost", tables="cost_per_exit")
        ],
        tables=[
            page.table(
                "cost_per_exit",
                found.costs.assign(note=found.costs["status"]),
                {"county": "place"} | COSTS | {"note": "label:cost_status"},
                counts=("exits", "lasting", "returned", "unknown"),
                total="all",
            )
        ],
        result=found,
    )


@section(*EXITS, "project_household")
def exit_cost_by_type(snapshot: Snapshot, *, since: str = data.SINCE) -> Section:
    """The same by type of project that had taken the household in."""
    exits = data.exits(snapshot, since=since).explode("project_types")
    found = cost_per_exit(
        data.spending(snapshot, since=since),
        exits.rename(columns={"project_types": "project_type"}),
        by="project_type",
    )
    costs = found.costs.drop(index="all")
    known = int((~costs["status"].isin(UNKNOWN)).sum())
    exited = int(costs["cost_per_exit"].notna().sum())
    page = Page(
        "funding.exit_cost_by_type",
        snapshot,
        known=known,
        exited=exited,
        types=len(costs),
        months=found.months,
        fewest=FEWEST_CLUSTERS,
    )
    shown = {c: k for c, k in COSTS.items() if c not in ("returned", "lasting_share")}
    key = "known" if known else "exited" if exited else "none"
    return answer(
        page,
        findings=[page.finding(key, tables="cost_by_type")],
        tables=[
            page.table(
                "cost_by_type",
                costs.assign(note=costs["status"]),
                {"project_type": "label:project_type"}
                | shown
                | {"note": "label:cost_by_type"},
                counts=("exits", "lasting", "unknown"),
            )
        ],
        result=found,
    )


@section(*MATCHED)
def county_comparison(snapshot: Snapshot, *, since: str = data.SINCE) -> Section:
    """Cost of a lasting exit in each county beside matched households elsewhere.

    References
    ----------
    docs/requirements.md R53; Li, Morgan and Zaslavsky (2018), JASA 113, 390-400.
    """
    found = estimates.counties(snapshot, since=since)
    costs = estimates.county_costs(snapshot, since=since).costs
    rows = found.rows.sort_index()
    rows = rows.assign(raw=costs["cost_per_lasting"].reindex(rows.index))
    page = Page("funding.county_comparison", snapshot)
    page.values |= {
        "covariates": [page.words.label("covariate", c) for c in found.covariates],
        "before": estimates.largest(rows["balance_before"]),
        "after": estimates.largest(rows["balance_after"]),
        "unknown": unmatched(page, found),
    }
    formats = {"county": "place", "households": "count"}
    formats |= dict.fromkeys(YUAN, "yuan") | dict.fromkeys(RATIOS, "score")
    whole = float(costs.at["all", "cost_per_lasting"])
    drawing = figures.costs(rows, page, whole=whole) if len(rows) else None
    return answer(
        page,
        findings=[_counties_finding(page, rows)],
        tables=[
            page.table(
                "cost_alike",
                rows.rename_axis("county"),
                formats | {"status": "label:compared"},
                counts=("households",),
            )
        ],
        figures=[page.figure("cost_alike", drawing)] if drawing else [],
        result=found,
    )


def unmatched(page: Page, found: OverlapComparison) -> str:
    """What nobody delivered and matched households may therefore differ in."""
    names = [page.words.label("covariate", c) for c in found.unknown]
    return page.text("not_matched", names=names) if names else ""


def _counties_finding(page: Page, rows: pd.DataFrame) -> Sentence:
    """Which counties lie below or above matched households elsewhere, and how many neither."""
    tables = "cost_alike"
    if not rows["status"].isin(COMPARED).any():
        return page.finding("none", tables=tables)
    apart = rows[rows["status"] == "separated"]
    if not len(apart):
        return page.finding("not_separated", tables=tables)
    sides = {"lower": apart["cost_ratio"] < 1, "higher": apart["cost_ratio"] > 1}
    parts = [
        page.text(side, counties=[page.county(c) for c in apart.index[chosen]])
        for side, chosen in sides.items()
        if chosen.any()
    ]
    rest = int((rows["status"] == "not separated").sum())
    return page.finding("separated", tables=tables, sides=parts, rest=rest)


@section(*MATCHED)
def township_comparison(snapshot: Snapshot, *, since: str = data.SINCE) -> Section:
    """The same by township, with the ranks that joint intervals allow."""
    found = estimates.townships(snapshot, since=since)
    cost = cost_per_exit(
        data.spending(snapshot, since=since),
        data.exits(snapshot, since=since),
        by="town",
        cluster="area_code",
        shared=True,
    )
    ranks = rank_ranges(
        found.rows,
        value="cost_adjusted",
        ci_low="adjusted_ci_low",
        ci_high="adjusted_ci_high",
    )
    status = ranks.rows["status"]
    ranked = ranks.rows[status == "ranked"]
    stuck = int((status == "not separated").sum())
    page = Page(
        "funding.township_comparison",
        snapshot,
        townships=len(status),
        ranked=len(ranked),
        stuck=stuck,
        width=(ranked["last"] - ranked["first"] + 1).mean(),
    )
    page.values["stuck_count"] = page.text("stuck_count") if stuck else ""
    key = "none"
    if len(ranked):
        key = "all_ranked" if len(ranked) == len(status) else "ranked"
    elif stuck:
        key = "not_separated"
    return answer(
        page,
        findings=[page.finding(key, tables="cost_towns")],
        tables=[_towns_table(page, found, cost, ranks)],
        result=ranks,
    )


def _towns_table(
    page: Page, found: OverlapComparison, cost: ExitCost, ranks: Ranking
) -> Table:
    rows = found.rows
    rank = ranks.rows.reindex(rows.index)
    none = page.words("none")
    frame = rows.assign(
        county=data.of_county(page.snapshot, rows.index),
        town=rows.index,
        raw=cost.costs["cost_per_lasting"].reindex(rows.index),
        rank_range=[
            page.text("rank_range", first=int(r.first), last=int(r.last))
            if r.status == "ranked"
            else none
            for r in rank.itertuples()
        ],
    )
    formats = {"county": "place", "town": "text", "households": "count"}
    return page.table(
        "cost_towns",
        frame.reset_index(drop=True).sort_values(["county", "town"], kind="stable"),
        formats
        | dict.fromkeys(YUAN, "yuan")
        | {"rank_range": "text", "status": "label:compared"},
        counts=("households",),
    )


@section(*MATCHED)
def covariate_balance(snapshot: Snapshot, *, since: str = data.SINCE) -> Section:
    """What the matched sides differed in before weighting, and what is left after it."""
    sides = {
        "counties": estimates.counties(snapshot, since=since),
        "townships": estimates.townships(snapshot, since=since),
        "project_types": estimates.project_types(snapshot, since=since),
        "income": estimates.income(snapshot, since=since),
    }
    largest = {
        side: found.balance.assign(
            before=found.balance["before"].abs(), after=found.balance["after"].abs()
        )
        .groupby("covariate")[["before", "after"]]
        .max()
        for side, found in sides.items()
    }
    used = {c for found in sides.values() for c in found.covariates}
    known = [c for c in estimates.COVARIATES if c in used]
    left = pd.concat([one["after"].reindex(known) for one in largest.values()], axis=1)
    rows = pd.DataFrame(
        {
            "covariate": known,
            **{
                side: one["before"].reindex(known).to_numpy(float)
                for side, one in largest.items()
            },
            "after": left.max(axis=1).to_numpy(float),
        }
    )
    largest_left = estimates.largest(rows["after"])
    page = Page(
        "funding.covariate_balance",
        snapshot,
        dropped=int(sides["counties"].dropped.sum()),
        balanced=BALANCED,
        left=largest_left,
    )
    key = "none"
    if rows["after"].isna().all():
        rows = rows.iloc[:0]
    else:
        key = "balanced" if largest_left < BALANCED else "open"
    return answer(
        page,
        findings=[page.finding(key, tables="balance")],
        tables=[
            page.table(
                "balance",
                rows,
                {"covariate": "label:covariate"}
                | dict.fromkeys((*sides, "after"), "score"),
            )
        ],
        result=rows,
    )
