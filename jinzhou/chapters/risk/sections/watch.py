"""Whom to visit, where and why; who came onto the list and who left it."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from jinzhou.chapters.risk import estimates, figures
from jinzhou.chapters.risk.analysis.rivals import recall_at
from jinzhou.chapters.risk.estimates import DEFAULT, Options
from jinzhou.chapters.risk.sections.sheets import Sheets
from jinzhou.chapters.risk.sections.wording import term_words
from jinzhou.publish.figure import Figure
from jinzhou.publish.section import Fact, Page, Section, Step, section
from jinzhou.registry.snapshot import Snapshot
from jinzhou.statistics.returns.return_risk import ReturnRisk
from jinzhou.statistics.returns.watch_list import WatchList
from jinzhou.words import percent

REASONS_SAID = 3
"""First reasons that a sentence names."""


@section("household")
def watch_list(snapshot: Snapshot, *, options: Options = DEFAULT) -> Section:
    """Households to visit this quarter, by county and reason; a list a county."""
    scored = estimates.scoring(snapshot, options)
    watch = estimates.watch_list(snapshot, options)
    rows, by_rules = watch.rows, scored.method == "rules"
    share = len(rows) / max(1, len(scored.scores))
    page = Page(
        "risk.watch_list",
        snapshot,
        listed=len(rows),
        share=share,
        new=int((rows["change"] == "new").sum()),
        left=len(watch.left),
        interval=percent(scored.interval),
    )
    terms = term_words(page, snapshot, options)
    sheets = Sheets(page=page, snapshot=snapshot, terms=terms, by_rules=by_rules)
    county = _by_county(scored, watch)
    said = _first_reasons(rows, terms, page)
    first = bool((rows["change"] == "first").all())
    found = page.finding(
        "first_list" if first else "listed",
        tables=("risk_counties", "risk_reasons"),
        reasons=list(said["reason"].head(REASONS_SAID)),
    )
    kinds = {"at_risk": "count", "expected": "number", "listed": "count"}
    if by_rules:
        kinds.pop("expected")
    else:
        kinds["risk"] = "share"
    return page.section(
        findings=[found, *([page.finding("too_few")] if by_rules else [])],
        tables=[
            page.table(
                "risk_counties",
                county,
                {"county": "place"} | kinds,
                counts=("at_risk", "listed"),
                total="all",
            ),
            page.table(
                "risk_reasons",
                said,
                {"reason": "text", "households": "count"},
                counts=("households",),
            ),
        ],
        figures=[] if by_rules else _map(page, county),
        facts=[_fact(page, snapshot, options, share=share, first=first)],
        steps=_steps(page, rows),
        lists=sheets.made(watch),
        county=page.counties("listed", county["listed"]),
        result=watch,
    )


def _by_county(scored: ReturnRisk, watch: WatchList) -> pd.DataFrame:
    """Households scored, expected returns, households listed and their mean risk."""
    all_scores, rows = scored.scores, watch.rows
    county = all_scores.groupby("county").agg(
        at_risk=("risk", "size"), expected=("risk", "sum")
    )
    listed = rows.groupby("county")["risk"].agg(listed="size", risk="mean")
    county = county.join(listed)
    county["listed"] = county["listed"].fillna(0)
    county.loc["all"] = [
        len(all_scores),
        all_scores["risk"].sum(),
        len(rows),
        rows["risk"].mean(),
    ]
    return county


def _first_reasons(
    rows: pd.DataFrame, terms: Mapping[str, str], page: Page
) -> pd.DataFrame:
    """Households listed by their first reason."""
    reasons = rows["reason_1"].value_counts()
    other = page.words.label("reason", "other")
    return pd.DataFrame(
        {
            "reason": [terms.get(name, other) for name in reasons.index],
            "households": reasons.to_numpy(),
        }
    )


def _map(page: Page, county: pd.DataFrame) -> list[Figure]:
    """Mean risk by county; nothing to compare when there is one."""
    counties = county.drop("all")
    if len(counties) < 2:
        return []
    share = (counties["expected"] / counties["at_risk"]).sort_values()
    ends = {
        end: {f"{end}_county": page.county(code), end: share[code]}
        for end, code in (("lowest", share.index[0]), ("highest", share.index[-1]))
    }
    drawing = figures.county_map(share, page)
    return [
        page.figure("risk_map", drawing, **ends["lowest"], **ends["highest"]),
    ]


def _fact(
    page: Page, snapshot: Snapshot, options: Options, *, share: float, first: bool
) -> Fact:
    """The figure of page one: the list, who is new, what such a list would hold."""
    tested = estimates.backtest(snapshot, options)
    covered = recall_at(tested, share) if tested else float("nan")
    fact = page.fact("watch", covered=covered)
    return replace(
        fact,
        change=page.text("facts.watch.first") if first else fact.change,
        year_change=fact.year_change if tested else "",
    )


def _steps(page: Page, rows: pd.DataFrame) -> list[Step]:
    """Each office visits the households whose first reason it answers for."""
    return [
        page.step(
            "visit",
            office=str(key),
            deadline="next_quarter",
            basis="risk_counties",
            households=int(count),
        )
        for key, count in rows["office"].value_counts().items()
    ]


@section("household", "event")
def list_changes(snapshot: Snapshot, *, options: Options = DEFAULT) -> Section:
    """Why households entered the list and left it since the last one."""
    watch = estimates.watch_list(snapshot, options)
    explained = watch.explained()
    known = explained == explained
    page = Page("risk.list_changes", snapshot, explained=explained)
    terms = term_words(page, snapshot, options)
    parts = {
        "entered": watch.rows[watch.rows["change"] == "new"],
        "left": watch.left,
    }
    none = page.words("none")
    frame = pd.DataFrame(
        [
            (page.words.label("way", way), page.words.label("why", why), term, count)
            for way, part in parts.items()
            for (why, name), count in part[["why", "why_term"]].value_counts().items()
            if why
            for term in [terms.get(name, none) if name else none]
        ],
        columns=["way", "why", "term", "households"],
    )
    return page.section(
        findings=[
            page.finding("explained", tables="risk_changes")
            if known
            else page.finding("none")
        ],
        tables=[
            page.table(
                "risk_changes",
                frame,
                dict.fromkeys(("way", "why", "term"), "text") | {"households": "count"},
                counts=("households",),
                note=page.text("tables.risk_changes.note") if known else "",
            )
        ]
        if known
        else [],
        result=watch,
    )
