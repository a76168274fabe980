"""Exits against targets, who is still poor, what villages and exited households lack."""

import pandas as pd

from jinzhou import registry
from jinzhou.chapters.exit import data
from jinzhou.chapters.exit.analysis.targets import exit_progress as held_to_targets
from jinzhou.chapters.exit.analysis.targets import stock_question, village_scores
from jinzhou.chapters.exit.sections.wording import state
from jinzhou.publish.section import Page, Section, section
from jinzhou.publish.table import Table
from jinzhou.reference import areas, targets
from jinzhou.reference.indicators import shown_in
from jinzhou.registry.snapshot import Snapshot


@section("event", "household")
def exit_progress(snapshot: Snapshot, *, round: str = "") -> Section:
    """Persons and villages that have exited, against the plan of the year.

    Parameters
    ----------
    round : str
        Name of the look-back whose persons may or may not be in the planned stock.
    """
    city = snapshot.everywhere
    parts = {
        kind: held_to_targets(
            rows,
            targets=targets.targets(f"exit_{kind}"),
            units=targets.target_units(f"exit_{kind}"),
            as_of=snapshot.as_of,
        ).rows
        for kind, rows in (
            ("persons", registry.exited_persons(city)),
            ("villages", registry.exited_villages(city)),
        )
    }
    found = registry.found_by_round(city, round=round)
    question = stock_question(
        int(registry.stock(city).sum()),
        found=int(found["persons"].sum()),
        targets=targets.targets("exit_persons"),
    )
    page = Page("exit.exit_progress", snapshot)
    persons = parts["persons"]
    findings = []
    if len(persons):
        first = persons.iloc[0]
        values = {c: int(first[c]) for c in ("year", "target", "done")}
        findings = [page.finding("done", tables="exit_progress", **values)]
    progress = pd.concat([rows.assign(kind=kind) for kind, rows in parts.items()])
    progress = progress.assign(status=[state(page, s) for s in progress["status"]])
    return page.section(
        findings=findings,
        tables=[
            page.table(
                "exit_progress",
                progress,
                {"year": "text", "kind": "label:exit_kind", "target": "count"}
                | {"done": "count", "share": "share", "due": "share"}
                | {"behind": "count", "status": "text"},
            ),
            _county_table(page, registry.exits_by_county(snapshot)),
            page.table(
                "stock_question",
                question,
                {"answer": "label:stock_answer"}
                | dict.fromkeys(("stock", "planned", "short"), "count"),
            ),
        ],
        result=persons,
    )


def _county_table(page: Page, exits: pd.DataFrame) -> Table:
    """Exits on record by county and year."""
    wide = exits.pivot_table(
        index="county",
        columns="year",
        values=["persons", "villages"],
        aggfunc="sum",
        fill_value=0,
    ).astype(int)
    names = {f"{kind}_{year}": (kind, year) for kind, year in wide.columns}
    wide.columns = list(names)
    wide.loc["all"] = wide.sum()
    columns = {
        name: page.text(f"exits_{kind}", year=year)
        for name, (kind, year) in names.items()
    }
    return page.table(
        "exit_counties",
        wide.rename_axis("county"),
        {"county": "place"} | dict.fromkeys(columns, "count"),
        counts=[name for name in columns if name.startswith("persons")],
        headings=columns,
        total="all",
    )


def indicator_shares(page: Page, name: str) -> Table:
    """The indicators that say they are shown in a table, as shares by county."""
    rows = data.judged(page.snapshot).rows
    ids = list(shown_in(name))
    rows = rows[rows["level"].isin(("county", "city")) & rows["indicator"].isin(ids)]
    codes = areas.ordered(rows["county"])
    wide = rows.pivot_table(
        index="indicator",
        columns="county",
        values="value",
        aggfunc="first",
        dropna=False,
    ).reindex(index=ids, columns=["all", *codes])
    whole = rows[rows["level"] == "city"].set_index("indicator").reindex(ids)
    frame = pd.DataFrame(
        {
            "what": [page.indicators[i] for i in ids],
            "met": whole["met"].to_numpy(),
            "known": (whole["counted"] - whole["unknown"]).to_numpy(),
            "unknown": whole["unknown"].to_numpy(),
            **{code: wide[code].to_numpy() for code in wide},
        }
    )
    counts = ("met", "known", "unknown")
    return page.table(
        name,
        frame,
        {"what": "text"}
        | dict.fromkeys(counts, "count")
        | dict.fromkeys(wide.columns, "share"),
        counts=counts,
        headings=county_headings(page, wide.columns),
    )


def county_headings(page: Page, codes) -> dict[str, str]:
    """A heading for each county code, the sum as the whole city."""
    return {c: page.words("city") if c == "all" else page.county(c) for c in codes}


@section("household", "member")
def still_poor(snapshot: Snapshot) -> Section:
    """Who is still poor, and what deep-poor villages lack."""
    page = Page("exit.still_poor", snapshot)
    villages = village_scores(registry.village_needs(snapshot), registry.VILLAGE_ITEMS)
    known = [item for item in registry.VILLAGE_ITEMS if item in villages]
    page.values |= {
        "items": len(known),
        "names": [page.words.label("item", item) for item in known],
    }
    missing = villages[known].eq(False).fillna(False)
    lacks = [
        page.words.join(page.words.label("item", i) for i in known if row[i])
        for _, row in missing.iterrows()
    ]
    return page.section(
        tables=[
            indicator_shares(page, "hard_core"),
            page.table(
                "deep_villages",
                villages.assign(what=lacks),
                {"rank": "count", "county": "place", "town": "text", "village": "text"}
                | dict.fromkeys(("persons", "lacks", "unknown"), "count")
                | {"what": "text"},
                counts=("persons",),
            ),
        ],
        result=villages,
    )


@section("household", "member", "living")
def exited_guarantees(snapshot: Snapshot) -> Section:
    """Whether exited households have the two worries and three guarantees."""
    page = Page("exit.exited_guarantees", snapshot)
    return page.section(tables=[indicator_shares(page, "guarantees")])
