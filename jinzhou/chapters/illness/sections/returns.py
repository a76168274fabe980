"""How many households return because of illness, and how many of the poor are ill."""

import pandas as pd

from jinzhou.chapters.illness import data, figures
from jinzhou.chapters.illness.analysis.attribution import (
    STANDING,
    attributable_fraction,
)
from jinzhou.chapters.illness.sections.trends import trend_table
from jinzhou.publish.section import Page, Section, Sentence, section
from jinzhou.registry.snapshot import Snapshot
from jinzhou.statistics.health_spending import illness_share
from jinzhou.statistics.returns.fitting import HazardOptions
from jinzhou.statistics.returns.return_risk import if_enough
from jinzhou.statistics.shares import share_by
from jinzhou.statistics.trend import quarterly_trend
from jinzhou.words import Estimate

PRELIMINARY = 2
"""Last quarters whose late records are still to come."""
QUARTERS = 12
COUNTS = ("rows", "with_illness", "persons", "persons_with_illness")
SHARE = {"share": "share", "ci_low": "share", "ci_high": "share"}


def event_word(snapshot: Snapshot) -> str:
    """What is counted: after 2020 nobody is registered as returned but enters monitoring."""
    return "monitored" if snapshot.year > 2020 else "returned"


@section("event")
def returns_by_illness(snapshot: Snapshot) -> Section:
    """Share of returns registered as by illness, by quarter of the record and by county."""
    returned = data.returns(snapshot)
    quarters = _shares(returned, "quarter").tail(QUARTERS)
    counties = _shares(returned[returned["quarter"] == snapshot.quarter], "county")
    page = Page("illness.returns_by_illness", snapshot, quarter=snapshot.quarter)
    word = event_word(snapshot)
    page.values |= {
        "event": page.words.label("event", word),
        "entered": page.words.label("entered", word),
    }
    late = quarters.index[-PRELIMINARY:]
    rows = quarters.assign(
        note=[page.text("preliminary") if q in late else "" for q in quarters.index]
    ).rename_axis("quarter")
    formats = {"quarter": "text"} | dict.fromkeys(COUNTS, "count") | SHARE
    ordinary = returned[returned["illness"].fillna(False) & (returned["round"] == "")]
    trend = quarterly_trend(
        ordinary,
        as_of=snapshot.as_of,
        happened="happened_on",
        recorded="recorded_on",
    )
    return page.section(
        findings=[_share_finding(page, quarters)],
        tables=[
            page.table(
                "illness_trend", rows, formats | {"note": "text"}, counts=COUNTS
            ),
            page.table(
                "illness_counties",
                counties.rename_axis("county"),
                {"county": "place"} | dict.fromkeys(COUNTS, "count") | SHARE,
                counts=COUNTS,
            ),
            trend_table(page, "ill_returns_trend", trend, kind="count"),
        ],
        figures=[
            page.figure(
                "illness_trend", figures.share_trend(quarters, page, PRELIMINARY)
            )
        ],
        result=quarters,
    )


def _shares(returned: pd.DataFrame, by: str) -> pd.DataFrame:
    """Share of the returns registered as by illness, by quarter or county."""
    return illness_share(
        returned, illness="illness", by=by, persons="persons", cluster="area_code"
    ).shares


def _share_finding(page: Page, quarters: pd.DataFrame) -> Sentence:
    """Returns of the quarter, how many by illness, and against the quarter before."""
    if page.snapshot.quarter not in quarters.index:
        return page.finding("none", tables="illness_trend")
    position = quarters.index.get_loc(page.snapshot.quarter)
    now = quarters.iloc[position]
    before = quarters["share"].iloc[position - 1] if position else None
    return page.finding(
        "share",
        tables="illness_trend",
        rows=now["rows"],
        with_illness=now["with_illness"],
        share=Estimate(now["share"], now["ci_low"], now["ci_high"], before),
    )


@section("event", "household", "member", "income", "visit")
def attributed_returns(snapshot: Snapshot) -> Section:
    """Share of the last year's returns that would not have happened without illness."""
    returned = data.returns(snapshot)
    recent = returned[returned["recorded_on"] > snapshot.quarters_back(4)]
    crude = share_by(
        recent, recent["illness"].fillna(False), by="county", cluster="area_code"
    )
    fitted = if_enough(
        attributable_fraction, data.panel(snapshot), as_of=snapshot.as_of
    )
    rows = crude.rename(
        columns={"share": "crude", "ci_low": "crude_ci_low", "ci_high": "crude_ci_high"}
    )
    model = {"fraction": "model", "ci_low": "model_ci_low", "ci_high": "model_ci_high"}
    fractions = (
        fitted.rows if fitted else pd.DataFrame(columns=list(model), dtype=float)
    )
    rows = rows.join(fractions[list(model)].rename(columns=model)).rename_axis("county")
    page = Page("illness.attributed_returns", snapshot)
    found = []
    if fitted:
        whole = rows.loc["all"]
        found.append(
            page.finding(
                "share",
                tables="illness_attribution",
                model=Estimate(
                    whole["model"], whole["model_ci_low"], whole["model_ci_high"]
                ),
                crude=whole["crude"],
            )
        )
    measures = [
        f"{kind}{end}"
        for kind in ("crude", "model")
        for end in ("", "_ci_low", "_ci_high")
    ]
    return page.section(
        findings=found,
        tables=[
            page.table(
                "illness_attribution",
                rows,
                {"county": "place", "rows": "count"} | dict.fromkeys(measures, "share"),
                counts=("rows",),
                total="all",
            )
        ],
        figures=[page.figure("illness_attribution", figures.attribution(rows, page))]
        if len(rows)
        else [],
        result=fitted,
    )


@section("household", "member")
def ill_poor_households(snapshot: Snapshot) -> Section:
    """Poor households with an ill member, and the share that a model attributes to illness."""
    poor = data.poor_households(snapshot)
    stock = illness_share(
        poor, illness="ill", by="county", persons="household_size", cluster="area_code"
    )
    fitted = _attributed_poor(snapshot)
    model = {"fraction": "model", "ci_low": "model_ci_low", "ci_high": "model_ci_high"}
    fractions = (
        fitted.rows if fitted else pd.DataFrame(columns=list(model), dtype=float)
    )
    rows = stock.shares.join(fractions[list(model)].rename(columns=model))
    page = Page("illness.ill_poor_households", snapshot, dropped=stock.dropped)
    note = page.text("tables.illness_stock.note")
    if fitted:
        whole = fitted.rows.iloc[-1]
        note += page.text(
            "tables.illness_stock.note_all",
            share=Estimate(whole["fraction"], whole["ci_low"], whole["ci_high"]),
        )
    return page.section(
        tables=[
            page.table(
                "illness_stock",
                rows.rename_axis("county"),
                {"county": "place"}
                | dict.fromkeys(COUNTS, "count")
                | SHARE
                | dict.fromkeys(model.values(), "share"),
                counts=COUNTS,
                note=note,
            )
        ],
        result=stock,
    )


def _attributed_poor(snapshot: Snapshot):
    """The model of who is still poor; None where bills or incomes were not delivered."""
    needed = set(attributed_returns.needs)
    if not needed.issubset(snapshot.store.tables):
        return None
    now = data.households(snapshot)
    return if_enough(
        attributable_fraction,
        now,
        as_of=snapshot.as_of,
        outcome=(now["status"] == "poor").astype(float),
        covariates=STANDING,
        late=False,
        options=HazardOptions(link="logit", cluster="area_code"),
    )
