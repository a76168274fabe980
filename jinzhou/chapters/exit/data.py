"""What the exit chapter reads: every indicator counted and judged, the card of one county."""

import pandas as pd

from jinzhou import registry
from jinzhou.chapters.exit.analysis.card import ExitCard, exit_card, incidence_counts
from jinzhou.chapters.exit.analysis.indicators import IndicatorStatus, judge
from jinzhou.chapters.exit.analysis.pace import Progress, exit_forecast
from jinzhou.reference import areas, indicators, offices, thresholds
from jinzhou.registry.snapshot import Snapshot, per_snapshot
from jinzhou.statistics.forecast import Forecast


def exit_county(snapshot: Snapshot, asked: str = "") -> str:
    """The county whose exit is judged: that of the brief, that asked for, or the one by plan."""
    return snapshot.county or asked or areas.exit_county(snapshot.year)


@per_snapshot
def counted(snapshot: Snapshot):
    """Every indicator counted at every level."""
    return registry.count_indicators(snapshot)


@per_snapshot
def judged(snapshot: Snapshot) -> IndicatorStatus:
    """Every indicator held to its threshold."""
    found = counted(snapshot)
    return judge(
        found.counts,
        indicators.indicators(),
        as_of=snapshot.as_of,
        absent=found.absent,
        offices=offices.answering(as_of=snapshot.as_of),
    )


@per_snapshot
def card(snapshot: Snapshot, county: str) -> ExitCard:
    """The exit card of a county."""
    return exit_card(
        judged(snapshot).at(county),
        indicators.vetoes(),
        incidence=incidence_counts(counted(snapshot).at(county)),
    )


def forecast(snapshot: Snapshot, county: str, *, years: int, seed: int) -> Forecast:
    """Whether each part of the card is met by the day of the exit."""
    found = counted(snapshot)
    progress = Progress(
        county=county,
        now=found.at(county),
        past=registry.indicator_history(
            snapshot.of(county), years=years, records=indicators.veto_records()
        ),
        paths=found.paths,
    )
    return exit_forecast(
        card(snapshot, county),
        progress,
        as_of=snapshot.as_of,
        deadline=thresholds.day_of("county_exit_deadline"),
        seed=seed,
    )


@per_snapshot
def housing(snapshot: Snapshot) -> pd.DataFrame:
    """The ledger of dangerous dwellings."""
    return registry.table(snapshot, "housing")


@per_snapshot
def village_names(snapshot: Snapshot) -> pd.Series:
    """Name of each village by area code."""
    rows = registry.table(snapshot.everywhere, "village")
    return rows.drop_duplicates("area_code").set_index("area_code")["village"]


@per_snapshot
def masked_heads(snapshot: Snapshot) -> pd.Series:
    """Masked name of each household's head, for lists."""
    return registry.masked_heads(snapshot.store)
