"""How many are registered as poor, what moved the number, and whether it adds up."""

import pandas as pd

from jinzhou import registry
from jinzhou.chapters.review import data, figures
from jinzhou.chapters.review.analysis.ledgers import lookback as count_found
from jinzhou.chapters.review.analysis.ledgers import stock_flow_years
from jinzhou.publish.section import Fact, Page, Section, section
from jinzhou.publish.table import Table
from jinzhou.registry.snapshot import Snapshot
from jinzhou.statistics.health_spending import illness_share
from jinzhou.words import Estimate

FLOWS = (*figures.FLOWS, "difference")
FOUND = ("returned", "newly_identified", "member_added", "total")


@section("household", "member", "event")
def stock(snapshot: Snapshot) -> Section:
    """Registered poor persons and what moved their number in the quarter."""
    flow = data.quarter_flow(snapshot)
    city = flow.flows.iloc[-1]
    page = Page("review.stock", snapshot)
    drawing, from_zero = figures.stock_bridge(city, page)
    year_ago = int(registry.stock(snapshot.before(4)).sum())
    return page.section(
        tables=[_flow_table(page, "stock_flow", flow.flows)],
        figures=[
            page.figure(
                "bridge", drawing, axis="" if from_zero else page.text("figure.axis")
            )
        ],
        facts=[
            page.fact(
                "stock",
                trend=registry.stock_series(snapshot),
                poor=Estimate(city["closing"], before=city["opening"]),
                year_ago=Estimate(city["closing"], before=year_ago),
            ),
            _returned_fact(page, city["returned"]),
        ],
        county=page.counties("poor", flow.flows["closing"])
        | page.counties("returned", flow.flows["returned"]),
        result=flow,
    )


def _returned_fact(page: Page, returned: float) -> Fact:
    """Persons returned in the quarter, and how many because of illness."""
    snapshot = page.snapshot
    shares = illness_share(
        registry.returned_illness(snapshot),
        illness="illness",
        by="quarter",
        persons="persons",
        cluster="area_code",
    ).shares
    by_illness = ""
    if snapshot.quarter in shares.index:
        ill = shares.loc[snapshot.quarter]
        by_illness = page.text(
            "by_illness",
            persons=ill["persons_with_illness"],
            share=Estimate(ill["share"], ill["ci_low"], ill["ci_high"]),
        )
    return page.fact(
        "returned",
        returned=Estimate(returned, before=data.returned_last_quarter(snapshot)),
        by_illness=by_illness,
    )


def _flow_table(page: Page, name: str, flows: pd.DataFrame) -> Table:
    """Stock and flows by county."""
    return page.table(
        name,
        flows.rename_axis("county"),
        {"county": "place"} | dict.fromkeys(FLOWS, "count"),
        counts=figures.FLOWS,
        total="all",
    )


@section("event")
def lookback(snapshot: Snapshot, *, round: str = "") -> Section:
    """What a look-back found, in persons.

    Parameters
    ----------
    round : str
        Its name in the ledger of changes; empty for the latest one on record.
    """
    events = registry.table(snapshot, "event")
    round = round or _latest_round(events)
    found = count_found(registry.found_by_round(snapshot, round=round), round=round)
    counts = found.counts
    look = counts.iloc[-1]
    removed = data.quarter_flow(snapshot).flows.iloc[-1]["removed"]
    page = Page(
        "review.lookback", snapshot, round=round, removed=removed, **look.to_dict()
    )
    some = int(look["total"]) > 0
    return page.section(
        opening=[page.finding("found", tables="lookback")] if some else [],
        tables=[
            page.table(
                "lookback",
                counts.rename_axis("county"),
                {"county": "place"} | dict.fromkeys(FOUND, "count"),
                counts=FOUND,
                total="all",
            )
        ],
        result=found,
    )


def _latest_round(events: pd.DataFrame) -> str:
    """The round named by the latest record, empty when none is named."""
    named = events[events["source_round"].fillna("") != ""]
    if not len(named):
        return ""
    return str(named.sort_values("recorded_on", kind="stable")["source_round"].iloc[-1])


@section("household", "member", "event")
def stock_by_year(snapshot: Snapshot) -> Section:
    """Whether stock and flows agree from one 30 September to the next."""
    flow = data.year_flow(snapshot)
    gap = int(flow.flows.iloc[-1]["difference"])
    page = Page("review.stock_by_year", snapshot, gap=gap)
    years = stock_flow_years(registry.stock_by_year(snapshot))
    city = years[years["county"] == "all"]
    counties = years[(years["county"] != "all") & (years["difference"] != 0)]
    off = counties.groupby("year")["county"].nunique()
    rows = city.assign(
        year=city["year"].astype(str),
        counties_off=city["year"].map(off).fillna(0).astype(int),
    )
    return page.section(
        findings=[page.finding("differs" if gap else "agrees", tables="stock_year")],
        tables=[
            _flow_table(page, "stock_year", flow.flows),
            page.table(
                "stock_years",
                rows,
                {"year": "text"} | dict.fromkeys((*FLOWS, "counties_off"), "count"),
                counts=figures.FLOWS,
            ),
        ],
        result=flow,
    )
