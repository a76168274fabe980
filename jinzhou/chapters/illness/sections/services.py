"""Which services the ill have: six ones, three batches, screening, village clinics."""

import pandas as pd

from jinzhou.chapters.illness import data
from jinzhou.chapters.illness.analysis.health_service import (
    clinics as count_clinics,
)
from jinzhou.chapters.illness.analysis.health_service import (
    health_services as judge_services,
)
from jinzhou.chapters.illness.analysis.health_service import (
    screening as count_screened,
)
from jinzhou.chapters.illness.sections.lists import ANSWERS, county_sheets
from jinzhou.publish.section import Page, Section, section
from jinzhou.registry.snapshot import Snapshot
from jinzhou.words import Estimate


@section("health_service", "member")
def health_services(snapshot: Snapshot) -> Section:
    """The six ones and three batches among registered persons who are ill."""
    line = data.poverty_line(snapshot).yuan
    found = judge_services(data.ill_persons(snapshot), line=line)
    known = found.status == "determined"
    lacking = len(found.missing)
    page = Page(
        "illness.health_services", snapshot, unlisted=found.unlisted, lacking=lacking
    )
    services = found.services[found.services["group"] == "all"]
    batches = found.batches[found.batches["group"] == "all"]
    columns = ["service", "due", "reached", "share", "ci_low", "ci_high"]
    rows = pd.concat(
        [
            services.rename(columns={"ill": "due", "have": "reached"})[columns],
            batches.rename(columns={"batch": "service", "needed": "due"})[columns],
        ]
    )
    findings = []
    if known:
        six = services.set_index("service").loc["all_six"]
        share = Estimate(six["share"], six["ci_low"], six["ci_high"])
        findings = [page.finding("all_six", tables="six_ones", share=share)]
    return page.section(
        findings=findings,
        tables=[
            page.table(
                "six_ones",
                rows,
                {"service": "label:service", "due": "count", "reached": "count"}
                | dict.fromkeys(("share", "ci_low", "ci_high"), "share"),
                counts=("due", "reached"),
                note=page.text("tables.six_ones." + ("note" if known else "note_none")),
            )
        ],
        steps=[
            page.step(
                "complete", office="health", deadline="next_quarter", basis="six_ones"
            )
        ]
        if lacking
        else [],
        lists=_missing_sheets(page, found.missing),
        result=found,
    )


def _missing_sheets(page: Page, missing: pd.DataFrame):
    """Ill persons who lack a service, by village; no diagnosis."""
    people = missing.sort_values(
        ["town", "village", "household_id", "person_id"], kind="stable"
    )
    lacks = people["lacks"].str.split(",") + people["batch_lacks"].str.split(",")
    made = pd.DataFrame(
        {
            "county": people["county"],
            "town": people["town"].fillna(""),
            "village": people["village"].fillna(""),
            "household_id": people["household_id"],
            "head": people["household_id"].map(data.masked_heads(page.snapshot)),
            "person_id": people["person_id"],
            "lacks": [
                page.words.join(page.words.label("service", k) for k in keys if k)
                for keys in lacks
            ],
            "evidence": [
                page.text("evidence." + ("blank" if listed else "unlisted"))
                for listed in people["listed"]
            ],
            "office": page.office("health"),
        }
    )
    return county_sheets(page, "services", made.fillna({"head": ""}), inputs=ANSWERS)


@section("health_service", "member", "visit")
def screening(snapshot: Snapshot) -> Section:
    """Persons screened, and the care that they had, by county."""
    found = count_screened(data.screened_persons(snapshot))
    page = Page("illness.screening", snapshot)
    counts = ("rows", "hits", "inpatient", "outpatient", "none")
    return page.section(
        tables=[
            page.table(
                "screening",
                found.rename_axis("county"),
                {"county": "place", "rows": "count", "hits": "count"}
                | dict.fromkeys(("share", "ci_low", "ci_high"), "share")
                | dict.fromkeys(counts[2:], "count"),
                counts=counts,
                total="all",
            )
        ],
        result=found,
    )


@section("village")
def clinics(snapshot: Snapshot) -> Section:
    """Villages with a clinic and a doctor, by county."""
    found = count_clinics(data.village_clinics(snapshot))
    page = Page("illness.clinics", snapshot)
    counts = ("villages", "clinic", "doctor", "unknown")
    return page.section(
        tables=[
            page.table(
                "clinics",
                found.rename_axis("county"),
                {"county": "place"}
                | dict.fromkeys(counts, "count")
                | {"share": "share"},
                total="all",
            )
        ],
        result=found,
    )
