"""Who answers: the duties that offices report, and the same matters measured by county."""

import pandas as pd

from jinzhou import registry
from jinzhou.chapters.exit import data, figures
from jinzhou.chapters.exit.analysis.duties import DutyBoard, duty_board, score_card
from jinzhou.chapters.exit.sections.progress import county_headings, indicator_shares
from jinzhou.chapters.exit.sections.wording import (
    IMPERSONAL,
    missing_text,
    month_day,
    office_text,
    state,
    threshold_text,
)
from jinzhou.publish.section import Page, Section, Step, section
from jinzhou.publish.table import Table
from jinzhou.reference import areas, thresholds
from jinzhou.reference.indicators import indicators as records
from jinzhou.reference.indicators import score_weights, shown_in
from jinzhou.reference.targets import duty_units
from jinzhou.registry.snapshot import Snapshot
from jinzhou.words import number


@section("duty")
def duties(snapshot: Snapshot) -> Section:
    """What the offices report of their duties: late, too slow, not determined."""
    board = duty_board(
        registry.table(snapshot.everywhere, "duty"),
        units=duty_units(),
        as_of=snapshot.as_of,
        first_day=thresholds.day_of("hundred_days_start"),
        days=int(thresholds.threshold("hundred_days").value),
    )
    rows = board.rows
    slow = rows[(rows["status"] == "open") & (rows["pace"] < rows["needed"])]
    page = Page(
        "exit.duties",
        snapshot,
        duties=len(rows),
        late=int((rows["status"] == "late").sum()),
        slow=len(slow),
        unknown=int((rows["status"] == "unknown").sum()),
        day=board.day,
        days=board.days,
    )
    page.values["slow_names"] = list(slow["task"]) or page.text("none")
    page.values["hundred_days"] = _hundred_days(page, board)
    urgent = rows[(rows["status"] == "late") | rows.index.isin(slow.index)]
    return page.section(
        findings=[page.finding("reported", tables="duty_board")],
        tables=[_board_table(page, rows)],
        figures=[page.figure("duty_page", figures.duties(_bars(page, rows)))],
        steps=[_duty_step(page, row) for row in urgent.itertuples()],
        result=board,
    )


def _hundred_days(page: Page, board: DutyBoard) -> str:
    """Which day of the hundred it is, and how the first one is known."""
    if not board.day:
        return page.text("hundred.unknown")
    if board.day > board.days:
        said = page.text("hundred.over")
    elif board.day > 0:
        said = page.text("hundred.day")
    else:
        said = page.text("hundred.unknown")
    return said + (page.text("hundred.assumed") if board.assumed else "")


def _board_table(page: Page, rows: pd.DataFrame) -> Table:
    city = page.words("city")
    shown = rows.assign(
        where=[city if c == "all" else page.county(c) for c in rows["county"]],
        due=[month_day(d) for d in rows["due_on"]],
        reported=rows["reported_on"].dt.strftime("%m-%d"),
        status=[state(page, s) for s in rows["status"]],
        missing=[missing_text(page, m) for m in rows["missing"]],
    )
    return page.table(
        "duty_board",
        shown,
        {"department": "text", "task": "text", "where": "text", "target": "count"}
        | {"value": "count", "share": "share", "left": "count", "due": "text"}
        | {"days_left": "count", "needed": "number", "pace": "number"}
        | {"reported": "text", "status": "text", "missing": "text"},
    )


def _bars(page: Page, rows: pd.DataFrame) -> pd.DataFrame:
    """Label, share and text of each duty's bar."""
    texts = []
    for row in rows.itertuples():
        lacking = missing_text(page, row.missing)
        time = lacking or page.text("days_left", left=number(row.days_left, "count"))
        texts.append(
            page.text(
                "bar",
                status=state(page, row.status),
                time=time,
                left=number(row.left, "count"),
                unit=row.unit,
            )
        )
    return pd.DataFrame(
        {
            "label": rows["department"] + "·" + rows["task"],
            "share": rows["share"],
            "status": rows["status"],
            "text": texts,
        }
    )


def _duty_step(page: Page, row) -> Step:
    return Step(
        matter=row.task,
        office=row.department,
        target=page.text(
            "steps.duty.target", left=number(row.left, "count"), unit=row.unit
        ),
        deadline=month_day(row.due_on),
        basis="duty_board",
    )


@section("household", "member")
def duties_by_county(snapshot: Snapshot) -> Section:
    """Each office's measured matters by county, and the indicators past their day."""
    judged = data.judged(snapshot)
    page = Page("exit.duties_by_county", snapshot)
    overdue = int(judged.at(snapshot.county)["overdue"].sum())
    return page.section(
        findings=[page.finding("overdue", tables="duty_counties", overdue=overdue)]
        if overdue
        else [],
        tables=[_county_board(page, judged.rows), indicator_shares(page, "helpers")],
        result=judged,
    )


def _county_board(page: Page, rows: pd.DataFrame) -> Table:
    """Share met of each matter by county, marked where it fails or is not determined."""
    rows = rows[
        rows["level"].isin(("county", "city"))
        & rows["threshold"].notna()
        & (rows["status"] != "not in force")
    ]
    text = [
        (number(v, "share") if v == v else "") + page.text(f"signs.{s}")
        for v, s in zip(rows["value"], rows["status"], strict=True)
    ]
    codes = areas.ordered(rows["county"])
    wide = (
        rows.assign(text=text)
        .pivot_table(
            index="indicator",
            columns="county",
            values="text",
            aggfunc="first",
            sort=False,
        )
        .reindex(columns=["all", *codes])
        .fillna(page.words("none"))
    )
    first = rows.drop_duplicates("indicator").set_index("indicator").loc[wide.index]
    frame = pd.DataFrame(
        {
            "office": [office_text(page, k) for k in first["office"]],
            "matter": [page.indicators[i] for i in wide.index],
            "by": first["deadline"].to_numpy(),
            **{code: wide[code].to_numpy() for code in wide},
        }
    ).sort_values("office", kind="stable", ignore_index=True)
    return page.table(
        "duty_counties",
        frame,
        dict.fromkeys(frame, "text"),
        headings=county_headings(page, wide.columns),
    )


@section("project")
def department_reach(snapshot: Snapshot) -> Section:
    """Departments' projects that reach registered households."""
    reach = registry.department_reach(snapshot)
    page = Page("exit.department_reach", snapshot)
    shown = reach.assign(
        department=reach["department"].replace("unknown", page.text("no_department")),
        share=reach["linked"] / reach["projects"],
    )
    return page.section(
        tables=[
            page.table(
                "department_reach",
                shown,
                {"department": "text", "projects": "count", "linked": "count"}
                | {"share": "share", "households": "count"},
                counts=("households",),
            )
        ],
        result=reach,
    )


@section("household", "member")
def indicators(snapshot: Snapshot, *, exit_county: str = "") -> Section:
    """Every measured indicator with its verdict; what each township still lacks.

    Parameters
    ----------
    exit_county : str
        Code of the county whose townships are shown; empty for the one that exits by plan.
    """
    judged, counted = data.judged(snapshot), data.counted(snapshot)
    county = data.exit_county(snapshot, exit_county)
    page = Page("exit.indicators", snapshot, moved=len(counted.moved))
    page.values["area"] = page.county(county)
    moved = [page.finding("moved", tables="indicators")] if len(counted.moved) else []
    return page.section(
        findings=moved,
        tables=[
            _town_table(page, judged.rows, snapshot.county or county),
            _indicator_table(page, judged.at(snapshot.county).reset_index()),
        ],
        result=judged,
    )


def _town_table(page: Page, rows: pd.DataFrame, county: str) -> Table:
    """Rows of each township that do not meet an indicator, or of which it is not known."""
    ids = list(shown_in("exit_towns"))
    rows = rows[(rows["level"] == "town") & (rows["county"] == county)]
    rows = rows[rows["indicator"].isin(ids)]
    wide = (
        rows.assign(left=rows["rest"] + rows["unknown"])
        .pivot_table(
            index="town",
            columns="indicator",
            values="left",
            aggfunc="sum",
            fill_value=0,
        )
        .reindex(columns=ids, fill_value=0)
    )
    wide.loc[page.words("all")] = wide.sum()
    wide = wide.rename(index={"unknown": page.words("unknown")}).rename_axis("town")
    units = {one.id: one.unit for one in records()}
    return page.table(
        "exit_towns",
        wide,
        {"town": "text"} | dict.fromkeys(ids, "count"),
        counts=[i for i in ids if units[i] not in IMPERSONAL],
        headings={i: page.indicators[i] for i in ids},
        total="all",
    )


def _indicator_table(page: Page, rows: pd.DataFrame) -> Table:
    rows = rows[rows["indicator"].isin(shown_in("indicators"))].reset_index(drop=True)
    units = {one.id: one.unit for one in records()}
    past = page.text("past")
    shown = rows.assign(
        name=rows["indicator"].map(page.indicators),
        unit=[page.words.label("unit", units[i]) for i in rows["indicator"]],
        threshold_text=[
            threshold_text(page, d, t)
            for d, t in zip(rows["direction"], rows["threshold"], strict=True)
        ],
        status=[state(page, s) for s in rows["status"]],
        cleared=[state(page, s) for s in rows["cleared"]],
        missing=[
            missing_text(page, m, unknown=u, absent=a)
            for m, u, a in zip(
                rows["missing"], rows["unknown"], rows["absent"], strict=True
            )
        ],
        office=[office_text(page, k) for k in rows["office"]],
        by=rows["deadline"].where(~rows["overdue"], rows["deadline"] + past),
    )
    return page.table(
        "indicators",
        shown,
        {"requirement": "text", "name": "text", "met": "count", "counted": "count"}
        | {"unit": "text", "value": "share", "threshold_text": "text"}
        | dict.fromkeys(("status", "cleared", "missing", "office", "by"), "text"),
        counts=("met", "counted"),
        whole=True,
        impersonal=tuple(
            i for i, k in enumerate(rows["indicator"]) if units[k] in IMPERSONAL
        ),
    )


@section("household")
def scores(snapshot: Snapshot) -> Section:
    """The score card, where weights with a document are given; else why there is none."""
    found = score_card(data.judged(snapshot).rows, score_weights())
    page = Page("exit.scores", snapshot)
    if found.refused:
        rows = pd.DataFrame([{"result": page.text("refused"), "why": page.text("why")}])
        return page.section(
            findings=[page.finding("refused", tables="score_card")],
            tables=[
                page.table("score_card", rows, dict.fromkeys(rows, "text"), note="")
            ],
        )
    return page.section(
        tables=[
            page.table(
                "score_card",
                found.scores.rename_axis("county"),
                {"county": "place", "score": "number", "known": "share"}
                | {"lower": "number", "upper": "number"},
            )
        ],
        result=found,
    )


@section("household")
def requirements(snapshot: Snapshot) -> Section:
    """Where each requirement is answered, from the indicator records."""
    page = Page("exit.requirements", snapshot)
    return page.section(tables=[_index_table(page, snapshot.year)])


def _index_table(page: Page, year: int) -> Table:
    rows: dict[str, dict[str, list[str]]] = {}
    for one in records():
        row = rows.setdefault(one.requirement, {"what": [], "shown": [], "office": []})
        row["what"].append(getattr(one, page.words.lang))
        later = page.text("later", year=one.first) if one.first > year else ""
        row["shown"] += [
            n + later for n in one.shown_in if n + later not in row["shown"]
        ]
        if one.office and one.office not in row["office"]:
            row["office"].append(one.office)
    semicolon = page.words("semicolon")
    frame = pd.DataFrame(
        [
            {
                "requirement": key,
                "what": row["what"][0]
                + (page.text("more") if len(row["what"]) > 1 else ""),
                "shown": page.words.join(row["shown"]),
                "office": semicolon.join(
                    page.offices.get(o, "") for o in row["office"]
                ),
            }
            for key, row in sorted(rows.items())
        ]
    )
    return page.table(
        "requirements_index",
        frame,
        dict.fromkeys(frame, "text"),
        whole=True,
        links=("shown",),
    )
