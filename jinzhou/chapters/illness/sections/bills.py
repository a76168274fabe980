"""Which bill: who pays for stays, where they are, what is left to the patient."""

from typing import NamedTuple

import pandas as pd

from jinzhou.chapters.illness import data, figures
from jinzhou.chapters.illness.analysis.checks import Bills
from jinzhou.chapters.illness.analysis.payments import (
    PAYERS,
    cost_shares,
    payer_ladder,
    persons_treated,
)
from jinzhou.chapters.illness.analysis.payments import (
    zero_burden as judge_zero_burden,
)
from jinzhou.chapters.illness.sections.lists import ANSWERS, county_sheets
from jinzhou.publish.section import Page, Section, section
from jinzhou.publish.table import Table
from jinzhou.reference.thresholds import threshold
from jinzhou.registry.snapshot import Snapshot
from jinzhou.statistics.shares import share_by
from jinzhou.words import Estimate

RATIOS = ("own", "of_total", "of_policy")
TOLERANCE_YUAN = 0.05


@section("visit", "member")
def payers(snapshot: Snapshot) -> Section:
    """Who pays for this year's stays, layer by layer, and what the layers leave."""
    stays = data.stays(snapshot)
    ladder, before = payer_ladder(stays.year), payer_ladder(stays.year_before)
    cost = cost_shares(stays.year)
    places = cost_shares(stays.year, by="hospital_place")
    widest = ladder.steps.iloc[1:].sort_values("share", ascending=False).iloc[0]
    own = cost[(cost["group"] == "all") & (cost["measure"] == "own")].iloc[0]
    page = Page(
        "illness.payers",
        snapshot,
        settlements=ladder.settlements,
        broken=ladder.broken,
        tolerance=TOLERANCE_YUAN,
        of_total=ladder.of_total,
        of_policy=ladder.of_policy,
        widest=widest["share"],
        patient=ladder.steps.iloc[-1]["share"],
        patient_before=before.steps.iloc[-1]["share"],
        own=Estimate(own["value"], own["ci_low"], own["ci_high"]),
    )
    page.values["payer"] = page.words.label("payer", widest["step"])
    finding = (
        page.finding("who", tables=("payer_ladder", "payer_gaps"))
        if ladder.settlements
        else page.finding("none", tables="payer_ladder")
    )
    steps = ladder.steps.assign(share_before=before.steps["share"])
    return page.section(
        findings=[finding],
        tables=[
            _checked_table(page, stays.bills),
            page.table(
                "payer_ladder",
                steps,
                {"step": "label:payer", "yuan": "wan_yuan", "share": "share"}
                | {"left": "wan_yuan", "share_before": "share"},
            ),
            _gaps_table(page, ladder.gaps),
            _reimbursement_table(page, cost, places),
        ],
        figures=[page.figure("payer_ladder", figures.ladder(ladder.steps, page))],
        result=ladder,
    )


class _Checked(NamedTuple):
    item: str
    bills: float
    broken: float
    result: str


def _checked_table(page: Page, bills: Bills) -> Table:
    """Bills left out by reason, and the identities that they must obey."""
    none = float("nan")
    rows = [_Checked(page.text("checked.used"), len(bills.rows), none, "")]
    rows += [
        _Checked(
            page.text("checked.left_out", reason=page.words.label("reason", r.reason)),
            r.bills,
            none,
            "",
        )
        for r in bills.left_out.itertuples()
    ]
    rows += [
        _Checked(
            page.text(f"identities.{r.identity}"),
            r.tested,
            r.broken,
            page.words.label("reason", r.status),
        )
        for r in bills.identities.itertuples()
    ]
    rows += [
        _Checked(
            page.text("checked.empty", quarter=quarter),
            0,
            none,
            page.text("checked.empty_result"),
        )
        for quarter in bills.quarters
    ]
    return page.table(
        "bills_checked",
        pd.DataFrame(rows, columns=_Checked._fields),
        {"item": "text", "bills": "count", "broken": "count", "result": "text"},
    )


def _gaps_table(page: Page, gaps: pd.DataFrame) -> Table:
    """What basic insurance, catastrophic insurance and aid leave, by part of the cost."""
    total = {"part": "all", "yuan": gaps["yuan"].sum(), "share": gaps["share"].sum()}
    rows = pd.concat([gaps, pd.DataFrame([total])], ignore_index=True)
    return page.table(
        "payer_gaps", rows, {"part": "label:gap", "yuan": "wan_yuan", "share": "share"}
    )


def _reimbursement_table(page: Page, cost: pd.DataFrame, places: pd.DataFrame) -> Table:
    """Own share and both reimbursement ratios by county and by the hospital's place."""
    parts = []
    for rows, name in (
        (cost, page.county),
        (places[places["group"] != "all"], lambda g: _hospital(page, g)),
    ):
        wide = rows.pivot(
            index="group", columns="measure", values=["value", "ci_low", "ci_high"]
        ).reindex(rows["group"].unique())
        part = pd.DataFrame(
            {
                f"{ratio}_{column}": wide[column, ratio]
                for ratio in RATIOS
                for column in ("value", "ci_low", "ci_high")
            }
        )
        own = rows[rows["measure"] == "own"].set_index("group")
        part.insert(0, "stays", own["households"])
        part.insert(0, "unit", [name(group) for group in part.index])
        parts.append(part)
    frame = pd.concat(parts, ignore_index=True)
    return page.table(
        "reimbursement",
        frame,
        {"unit": "text", "stays": "count"} | dict.fromkeys(frame.columns[2:], "share"),
        counts=("stays",),
    )


def _hospital(page: Page, code: object) -> str:
    known = isinstance(code, str)
    word = page.words.label("hospital_place", code) if known else page.words("unknown")
    return page.text("hospital", place=word)


@section("visit", "member")
def treated(snapshot: Snapshot) -> Section:
    """Persons treated, and stays in the county by chapter of the diagnosis."""
    stays = data.stays(snapshot)
    by_chapter = data.stays_by_chapter(snapshot)
    near = share_by(
        by_chapter,
        by_chapter["hospital_place"] == "county",
        by="chapter",
        cluster="area_code",
    )
    required = float(threshold("in_county_stays").value)
    official = data.reported_treated(snapshot)
    ways = persons_treated(stays.all, as_of=snapshot.as_of, official=official)
    persons = int(ways["persons"].iloc[0])
    page = Page(
        "illness.treated",
        snapshot,
        persons=persons,
        official=official,
        difference=abs(persons - official),
        threshold=required,
    )
    key = "alone" if not official else "same" if persons == official else "differs"
    body = near.drop(index="all").sort_values("rows", ascending=False, kind="stable")
    rows = pd.concat([body, near.loc[["all"]]]).rename_axis("chapter")
    rows["verdict"] = [
        _verdict(low, high, required)
        for low, high in zip(rows["ci_low"], rows["ci_high"], strict=True)
    ]
    return page.section(
        findings=[page.finding(key, tables="persons_treated")],
        tables=[
            page.table(
                "in_county",
                rows,
                {"chapter": "label:icd_chapter", "rows": "count", "hits": "count"}
                | dict.fromkeys(("share", "ci_low", "ci_high"), "share")
                | {"verdict": "label:passes"},
                counts=("rows", "hits"),
                total="all",
            ),
            page.table(
                "persons_treated",
                ways,
                {"count": "label:way", "persons": "count", "difference": "count"},
                note=page.text(
                    "tables.persons_treated." + ("note" if official else "note_alone")
                ),
            ),
        ],
        result=ways,
    )


def _verdict(low: float, high: float, required: float) -> str:
    """Passed or not only where the whole interval lies on one side."""
    if low >= required:
        return "yes"
    return "no" if high < required else "not_determined"


@section("visit", "member")
def zero_burden(snapshot: Snapshot) -> Section:
    """In-patient stays of registered persons with any out-of-pocket payment.

    References
    ----------
    docs/requirements.md R36, R37.
    """
    stays = data.stays(snapshot)
    found = judge_zero_burden(stays.quarter, cluster="area_code")
    before = judge_zero_burden(stays.quarter_before).counts.iloc[-1]["share_zero"]
    total = found.counts.iloc[-1]
    above = int(total["above_zero"])
    page = Page(
        "illness.zero_burden",
        snapshot,
        quarter=snapshot.quarter,
        stays=total["stays"],
        above=above,
        share=total["share_zero"],
        before=before,
    )
    shares = ("share_zero", "ci_low", "ci_high")
    return page.section(
        tables=[
            page.table(
                "zero_burden",
                found.counts.rename_axis("county"),
                {"county": "place", "stays": "count", "above_zero": "count"}
                | dict.fromkeys(shares, "share")
                | {"yuan": "yuan"},
                counts=("stays", "above_zero"),
                total="all",
            )
        ],
        facts=[page.fact("zero_burden" if total["stays"] else "zero_burden_unknown")],
        steps=[
            page.step(
                "check", office="health", deadline="next_month", basis="zero_burden"
            )
        ]
        if above
        else [],
        lists=_zero_burden_sheets(page, found.stays),
        county=page.counties("above_zero", found.counts["above_zero"]),
        result=found,
    )


def _zero_burden_sheets(page: Page, rows: pd.DataFrame):
    """Stays that cost the patient something, the largest payment first; no diagnosis."""
    money = {"total": "medfee_sumamt", "patient": "psn_part_amt"}
    made = pd.DataFrame(
        {
            "county": rows["county"],
            "household_id": rows["household_id"].fillna(""),
            "head": rows["household_id"].map(data.masked_heads(page.snapshot)),
            "admitted": rows["admitted_on"].dt.strftime("%Y-%m"),
            "settled": rows["setl_time"].dt.strftime("%Y-%m").fillna(""),
            "hospital_place": [
                page.words.label("hospital_place", p) for p in rows["hospital_place"]
            ],
            **{
                payer: rows[money.get(payer, payer)].round(2)
                for payer in ("total", *(name for name, _ in PAYERS), "patient")
            },
            "office": page.office("health"),
        }
    )
    return county_sheets(page, "above_zero", made.fillna({"head": ""}), inputs=ANSWERS)
