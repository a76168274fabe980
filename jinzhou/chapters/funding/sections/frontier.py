"""Which townships are on the frontier, what others could copy, and how far to trust it."""

import numpy as np
import pandas as pd

from jinzhou.chapters.funding import data, estimates, figures
from jinzhou.chapters.funding.sections.shared import EXITS, answer
from jinzhou.errors import EstimationError
from jinzhou.publish.section import Page, Section, Sentence, section
from jinzhou.publish.table import Table
from jinzhou.registry.snapshot import Snapshot
from jinzhou.statistics.frontier.bootstrap import FrontierIntervals, dea_intervals
from jinzhou.statistics.frontier.dea import Frontier
from jinzhou.statistics.frontier.malmquist import Malmquist, malmquist
from jinzhou.statistics.frontier.outliers import LeaveOneOut
from jinzhou.statistics.frontier.scale_test import ReturnsTest, returns_to_scale_test
from jinzhou.statistics.frontier.second_stage import SecondStage, second_stage
from jinzhou.statistics.frontier.sfa import StochasticFrontier, sfa
from jinzhou.words import Estimate, percent

LEANS = 0.05
"""Mean change of the other scores from which the frontier leans on one township (chosen)."""
SIGNIFICANT = 0.05
"""p-value below which an association, or inefficiency, is taken as found."""
CIRCUMSTANCES = ["ill", "able", "remote"]
FIRST_REPLICATIONS = 100
"""Draws of the first stage and the fewest of a test."""
GROUPS = 10
"""Groups of townships that the intervals of productivity leave out in turn."""
OFF_FRONTIER = ("inefficient", "weakly efficient")
PEERS_NAMED = 3
SCORES = ("score", "corrected", "ci_low", "ci_high", "reciprocal")


@section(*EXITS, "village")
def township_frontier(
    snapshot: Snapshot,
    *,
    since: str = data.SINCE,
    replications: int = estimates.REPLICATIONS,
    seed: int = estimates.SEED,
) -> Section:
    """Townships that no other does better than, and what the others could see at their peers.

    References
    ----------
    docs/requirements.md R53; docs/methods.md, data envelopment analysis.
    """
    found = estimates.frontier(snapshot, since=since)
    intervals = dea_intervals(
        data.townships(snapshot, since=since),
        estimates.TOWNSHIPS,
        replications=replications,
        seed=seed,
    )
    corrected = intervals.scores["corrected"].dropna()
    page = Page(
        "funding.township_frontier",
        snapshot,
        townships=found.n,
        best=int((found.scores["status"] == "efficient").sum()),
        judged=len(corrected),
        gap=corrected.mean() - 1 if len(corrected) else np.nan,
        size=intervals.size,
        replications=intervals.replications,
        convention=intervals.convention,
    )
    return answer(
        page,
        findings=[_frontier_finding(page, found)],
        tables=[
            _scores_table(page, found, intervals),
            _peers_table(page, found),
        ],
        figures=[page.figure("dea_townships", _scores_figure(page, intervals))]
        if found.enough and len(corrected)
        else [],
        result=intervals,
    )


def _frontier_finding(page: Page, found: Frontier) -> Sentence:
    if not found.enough:
        return page.finding("too_few", tables="dea_townships")
    everyone = page.values["judged"] == found.n
    of_those = "" if everyone else page.text("judged_alone")
    tables = ("dea_townships", "dea_peers")
    return page.finding("gap", tables=tables, of_those=of_those)


def _scores_figure(page: Page, intervals: FrontierIntervals):
    scores = intervals.scores.replace(np.inf, np.nan)
    county = data.of_county(page.snapshot, scores.index)
    return figures.scores(scores.assign(county=county), page)


def _scores_table(page: Page, found: Frontier, intervals: FrontierIntervals) -> Table:
    """Scores with their correction and interval, and the range of ranks."""
    scores = intervals.scores.replace(np.inf, np.nan)
    county = data.of_county(page.snapshot, scores.index)
    frame = scores.assign(county=county, town=scores.index)
    formats = {"county": "place", "town": "text"} | dict.fromkeys(SCORES, "score")
    formats |= {"status": "label:efficiency"}
    if intervals.ranks is not None:
        ranks = intervals.ranks.reindex(scores.index)
        frame["rank_range"] = [
            page.text("rank_range", first=int(low), last=int(high))
            if low == low
            else page.words("none")
            for low, high in zip(ranks["ci_low"], ranks["ci_high"], strict=True)
        ]
        formats |= {"rank_range": "text"}
    parts = [] if found.enough else [page.text("few")]
    if intervals.reason:
        reason = page.words.label("no_intervals", intervals.reason)
        parts.append(page.text("no_intervals", reason=reason))
    smoothed = intervals.convention != "subsampling"
    page.values["how"] = page.text("smoothed" if smoothed else "subsampled")
    parts.append(page.text("tables.dea_townships.note"))
    if len(found.excluded):
        parts.append(page.text("left_out", names=_left_out(page, found.excluded)))
    note = "".join(parts)
    return page.table("dea_townships", frame, formats, note=note)


def _left_out(page: Page, excluded: pd.Series) -> list[str]:
    return [
        page.text("left_out_one", town=town, why=page.words.label("left_out", why))
        for town, why in excluded.items()
    ]


def _peers_table(page: Page, found: Frontier) -> Table:
    """What each township off the frontier could see at its peers."""
    others = found.peers[found.peers["unit"] != found.peers["peer"]]
    others = others.sort_values(
        ["unit", "weight"], ascending=[True, False], kind="stable"
    )
    peers = {unit: rows for unit, rows in others.groupby("unit")}
    off = found.scores.index[found.scores["status"].isin(OFF_FRONTIER)]
    rows = [
        _gap(page, found, unit, peers[unit].head(PEERS_NAMED))
        for unit in off
        if unit in peers
    ]
    formats = {"county": "place", "town": "text", "peers": "text"}
    formats |= {"exits": "number", "lasting": "number"}
    formats |= {"paid": "wan_yuan", "cadres": "number"}
    return page.table("dea_peers", pd.DataFrame(rows, columns=list(formats)), formats)


def _gap(page: Page, found: Frontier, unit: str, peers: pd.DataFrame) -> dict:
    """One township's peers with their weights, and its distance from their level."""
    target, slack = found.targets.loc[unit], found.slacks.loc[unit]
    score = found.scores.at[unit, "score"]
    return {
        "county": data.of_county(page.snapshot, pd.Index([unit]))[0],
        "town": unit,
        "peers": page.words.join(
            f"{peer} {100 * weight:.0f}%"
            for peer, weight in zip(peers["peer"], peers["weight"], strict=True)
        ),
        **{o: target[o] - (target[o] - slack[o]) / score for o in found.outputs},
        "paid": slack["paid"],
        "cadres": slack["cadres"],
    }


@section(*EXITS, "village")
def frontier_checks(
    snapshot: Snapshot,
    *,
    since: str = data.SINCE,
    replications: int = estimates.REPLICATIONS,
    seed: int = estimates.SEED,
) -> Section:
    """Whether the frontier has moved, whether scale is a reason, whether one township decides it.

    References
    ----------
    docs/methods.md, Malmquist index and returns to scale.
    """
    moved = malmquist(
        data.township_years(snapshot),
        estimates.TOWNSHIP_YEARS,
        unit="town",
        period="period",
        groups=GROUPS,
        seed=seed,
    )
    scale = returns_to_scale_test(
        data.townships(snapshot, since=since),
        estimates.TOWNSHIPS,
        replications=max(FIRST_REPLICATIONS, replications // 2),
        nulls=["constant"],
        seed=seed,
    )
    leave = estimates.without_each_peer(snapshot, since=since)
    enough = estimates.frontier(snapshot, since=since).enough
    page = Page(
        "funding.frontier_checks",
        snapshot,
        level_of_change=percent(moved.level),
        replications=scale.replications,
        leans=LEANS,
    )
    return answer(
        page,
        findings=[
            _checks_finding(page, moved, scale, leave)
            if enough
            else page.finding("too_few", tables="frontier_checks")
        ],
        tables=[
            _checks_table(page, moved, scale, leave),
            page.table(
                "dea_sensitivity",
                leave.peers.assign(
                    county=data.of_county(snapshot, leave.peers.index),
                    town=leave.peers.index,
                ),
                {"county": "place", "town": "text", "followers": "count"}
                | dict.fromkeys(("mean_change", "largest_change"), "score"),
            ),
        ],
        result=moved,
    )


def _checks_finding(
    page: Page, moved: Malmquist, scale: ReturnsTest, leave: LeaveOneOut
) -> Sentence:
    front = movement(page, moved, "technical")
    if moved.status == "compared":
        last = moved.means.iloc[-1]
        if last["technical_ci_low"] == last["technical_ci_low"]:
            parts = ("technical", "technical_ci_low", "technical_ci_high")
            change = Estimate(*(last[c] - 1 for c in parts))
            front += page.text("change_interval", change=change)
            front += page.text("not_better") if last["technical_ci_low"] > 1 else ""
    return page.finding(
        "checks",
        tables="frontier_checks",
        moved=front,
        scale=scale_reason(page, scale),
        leaning=leaning(page, leave),
    )


def movement(page: Page, moved: Malmquist, part: str) -> str:
    """Whether the frontier moved, or townships came nearer to it; else why it cannot be said."""
    reason = "" if moved.status == "compared" else moved.status
    if not reason and moved.means[f"{part}_ci_low"].isna().iloc[-1]:
        reason = "too few units"
    if reason:
        said = page.words.label("not_compared", reason)
        return page.text("moved_unknown", reason=said)
    last = moved.means.iloc[-1]
    side = "same"
    if last[f"{part}_ci_low"] > 1:
        side = "up"
    elif last[f"{part}_ci_high"] < 1:
        side = "down"
    return page.text(f"moved.{part}.{side}", amount=abs(last[part] - 1))


def scale_reason(page: Page, scale: ReturnsTest) -> str:
    """Whether the size of townships is a reason for their scores."""
    if not len(scale.tests) or not scale.enough:
        return page.text("scale.unknown")
    test = scale.tests.loc["constant"]
    key = "reason" if test["rejected"] else "none"
    return page.text(f"scale.{key}", cost=1 - test["statistic"], p=test["p_value"])


def leaning(page: Page, leave: LeaveOneOut) -> str:
    """Whether one township decides the frontier."""
    if not len(leave.peers) or not leave.enough:
        return page.text("leaning.unknown")
    name, most = leave.peers.index[0], leave.peers["mean_change"].iloc[0]
    key = "one" if most >= LEANS else "none"
    return page.text(f"leaning.{key}", town=name, most=most)


def _checks_table(
    page: Page, moved: Malmquist, scale: ReturnsTest, leave: LeaveOneOut
) -> Table:
    """What the frontier stands on: since last year, scale, single townships."""
    none = (np.nan, np.nan, np.nan)
    compared = moved.status == "compared"

    def change(part: str) -> tuple[float, ...]:
        columns = [part, f"{part}_ci_low", f"{part}_ci_high"]
        return tuple(moved.means[columns].iloc[-1]) if compared else none

    ratio = scale.tests["statistic"].iloc[0] if len(scale.tests) else np.nan
    most = leave.peers["mean_change"].iloc[0] if len(leave.peers) else np.nan
    rows = {
        "technical": (change("technical"), movement(page, moved, "technical")),
        "efficiency": (change("efficiency"), movement(page, moved, "efficiency")),
        "scale": (
            (ratio if scale.enough else np.nan, *none[1:]),
            scale_reason(page, scale),
        ),
        "leaning": (
            (most if leave.enough else np.nan, *none[1:]),
            leaning(page, leave),
        ),
    }
    frame = pd.DataFrame(
        [
            {
                "question": page.text(f"questions.{key}"),
                "measure": page.text(f"measures.{key}"),
                "value": value,
                "ci_low": low,
                "ci_high": high,
                "answer": answer,
            }
            for key, ((value, low, high), answer) in rows.items()
        ]
    )
    formats = dict.fromkeys(frame.columns, "text")
    scores = dict.fromkeys(("value", "ci_low", "ci_high"), "score")
    return page.table("frontier_checks", frame, formats | scores)


@section(*EXITS, "village")
def township_circumstances(
    snapshot: Snapshot,
    *,
    since: str = data.SINCE,
    replications: int = estimates.REPLICATIONS,
    seed: int = estimates.SEED,
) -> Section:
    """What the scores of townships go with: illness, labour, distance.

    References
    ----------
    Simar and Wilson (2007), Journal of Econometrics 136, 31-64.
    """
    page = Page("funding.township_circumstances", snapshot)
    found = _second_stage(snapshot, since, replications, seed)
    if found is None:
        return page.section(findings=[page.finding("too_few")])
    page.values |= {"algorithm": found.algorithm, "replications": found.replications}
    rows = found.coefficients.loc[CIRCUMSTANCES]
    apart = rows[rows["p_value"] < SIGNIFICANT]
    parts = [
        page.text(
            "worse" if row["beta"] > 0 else "better",
            circumstance=page.words.label("circumstance", name),
        )
        for name, row in apart.iterrows()
    ]
    key = "some" if parts else "none"
    return answer(
        page,
        findings=[page.finding(key, tables="dea_circumstances", parts=parts)],
        tables=[
            page.table(
                "dea_circumstances",
                found.coefficients.assign(term=found.coefficients.index),
                {"term": "label:circumstance"}
                | dict.fromkeys(("beta", "ci_low", "ci_high", "p_value"), "score"),
            )
        ],
        result=found,
    )


def _second_stage(
    snapshot: Snapshot, since: str, replications: int, seed: int
) -> SecondStage | None:
    """The regression of scores, None with too few townships off the frontier."""
    try:
        return second_stage(
            data.townships(snapshot, since=since),
            estimates.TOWNSHIPS,
            covariates=CIRCUMSTANCES,
            first_replications=FIRST_REPLICATIONS,
            replications=replications,
            seed=seed,
        )
    except EstimationError:
        return None


@section(*EXITS, "village")
def stochastic_frontier(snapshot: Snapshot, *, since: str = data.SINCE) -> Section:
    """The same townships with chance set apart, or said not to be separable.

    References
    ----------
    docs/methods.md, stochastic frontier.
    """
    found = sfa(data.townships(snapshot, since=since), estimates.LASTING_EXITS)
    scored = bool(found.rows["efficiency"].notna().any())
    page = Page(
        "funding.stochastic_frontier",
        snapshot,
        townships=found.n,
        efficiency=found.rows["efficiency"].mean() if scored else np.nan,
        ratio=found.lr,
        p=found.lr_p,
        level_of_scores=percent(found.level),
    )
    page.values["status"] = page.words.label("stochastic", found.status)
    tables = [_terms_table(page, found)]
    if scored:
        tables.append(_efficiency_table(page, found))
    return answer(
        page, findings=[_chance_finding(page, found)], tables=tables, result=found
    )


def _chance_finding(page: Page, found: StochasticFrontier) -> Sentence:
    """Whether inefficiency was found, and how much."""
    if found.status == "estimated" and found.lr_p <= SIGNIFICANT:
        return page.finding("found", tables=("sfa_terms", "sfa_townships"))
    why = page.values["status"]
    if found.status == "estimated":
        why = page.text("chance_alone")
    elif found.collinear:
        why = page.text("collinear", status=why, terms=_terms(page, found.collinear))
    return page.finding("open", tables="sfa_terms", why=why)


def _terms(page: Page, names: tuple[str, ...]) -> list[str]:
    return [page.words.label("term", name) for name in names]


def _terms_table(page: Page, found: StochasticFrontier) -> Table:
    note = page.text("tables.sfa_terms.note")
    if found.wrong_sign:
        note += page.text("wrong_sign", terms=_terms(page, found.wrong_sign))
    columns = ("value", "se", "ci_low", "ci_high", "p")
    return page.table(
        "sfa_terms",
        found.coefficients.reset_index(),
        {"term": "label:term"} | dict.fromkeys(columns, "score"),
        note=note,
    )


def _efficiency_table(page: Page, found: StochasticFrontier) -> Table:
    rows = found.rows
    frame = rows.assign(
        county=data.of_county(page.snapshot, rows.index), town=rows.index
    )
    return page.table(
        "sfa_townships",
        frame,
        {"county": "place", "town": "text"}
        | dict.fromkeys(("efficiency", "ci_low", "ci_high"), "score")
        | {"status": "label:stochastic"},
    )
