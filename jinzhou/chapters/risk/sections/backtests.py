"""Would the list have worked: recall beside its rivals, level, groups, windows."""

import pandas as pd

from jinzhou.chapters.risk import estimates, figures
from jinzhou.chapters.risk.analysis.rivals import (
    best_rival,
    first_recall,
    observed_over_predicted,
)
from jinzhou.chapters.risk.estimates import DEFAULT, Options
from jinzhou.chapters.risk.sections.wording import (
    group_words,
    metric_words,
    of_shares,
    too_few,
)
from jinzhou.publish.section import Page, Section, section
from jinzhou.publish.table import Table
from jinzhou.reference.lines import monitored_period
from jinzhou.registry.snapshot import Snapshot
from jinzhou.statistics.returns.backtest import MODEL, Backtest
from jinzhou.words import Estimate, percent

FEWEST_RETURNS = 10
"""A group with fewer returns is not called the one with the lowest recall."""
DIGITS = 4
"""Decimals of the metrics in the table."""


def estimate(tested: Backtest, score: str, metric: str) -> Estimate:
    """A metric of a score with its interval."""
    found = tested.value(score, metric)
    return Estimate(found["value"], found["ci_low"], found["ci_high"])


def group_recall(row) -> Estimate:
    """Recall of a group; draws that all agree (nobody caught) give no interval."""
    if row.ci_low == row.ci_high:
        return Estimate(row.recall)
    return Estimate(row.recall, row.ci_low, row.ci_high)


@section("household", "event")
def backtest(snapshot: Snapshot, *, options: Options = DEFAULT) -> Section:
    """Share of later returns that lists of earlier dates would have held."""
    tested = estimates.backtest(snapshot, options)
    page = Page("risk.backtest", snapshot)
    if tested is None:
        return too_few(page)
    rival, metric = best_rival(tested), first_recall(tested)
    rows = tested.metrics
    shown = rows.assign(
        metric=[metric_words(page, name) for name in rows["metric"]],
        **{c: rows[c].round(DIGITS) for c in ("value", "ci_low", "ci_high")},
    )
    found = page.finding(
        "covered",
        tables="risk_rivals",
        capacity=percent(tested.capacities[0]),
        recall=estimate(tested, MODEL, metric),
        rival=page.words.label("score", rival),
        rival_recall=estimate(tested, rival, metric),
    )
    return page.section(
        findings=[found],
        tables=[
            _rivals(page, tested),
            page.table(
                "risk_backtest",
                shown,
                {"score": "label:score", "metric": "text"}
                | dict.fromkeys(("value", "ci_low", "ci_high"), "score"),
                values={
                    "dates": len(tested.splits),
                    "returns": int(tested.splits["test_events"].sum()),
                    "draws": tested.draws,
                },
            ),
        ],
        figures=[page.figure("risk_recall", figures.recall(tested.recall, page))],
        result=tested,
    )


def _rivals(page: Page, tested: Backtest) -> Table:
    """One row a score: recall and precision of the smallest list, and the AUC."""
    metric = first_recall(tested)
    rows = []
    for score in dict.fromkeys(tested.metrics["score"]):
        recall = estimate(tested, score, metric)
        precision = estimate(tested, score, metric.replace("recall", "precision"))
        area = estimate(tested, score, "auc")
        rows.append(
            (score, recall.value, recall.low, recall.high, precision.value, area.value)
        )
    names = ["score", "recall", "ci_low", "ci_high", "precision", "auc"]
    return page.table(
        "risk_rivals",
        pd.DataFrame(rows, columns=names),
        {"score": "label:score"}
        | dict.fromkeys(("recall", "ci_low", "ci_high", "precision"), "share")
        | {"auc": "score"},
        values={"capacity": percent(tested.capacities[0])},
    )


@section("household", "event")
def calibration(snapshot: Snapshot, *, options: Options = DEFAULT) -> Section:
    """Predicted risk against the share that returned, in ten groups of equal size."""
    tested = estimates.backtest(snapshot, options)
    page = Page("risk.calibration", snapshot)
    if tested is None:
        return too_few(page)
    after = monitored_period(snapshot.as_of)
    found = page.finding(
        "after" if after else "campaign",
        tables="risk_deciles",
        ratio=observed_over_predicted(tested),
    )
    groups = tested.calibration
    return page.section(
        findings=[found],
        tables=[
            page.table(
                "risk_deciles",
                groups.assign(decile=[str(n) for n in range(1, len(groups) + 1)]),
                {"decile": "text", "rows": "count", "events": "count"}
                | of_shares(groups, "predicted", "observed"),
                counts=("rows", "events"),
            )
        ],
        figures=[page.figure("risk_calibration", figures.calibration(groups, page))],
        result=tested,
    )


@section("household", "event")
def groups(snapshot: Snapshot, *, options: Options = DEFAULT) -> Section:
    """Recall of the list within counties and groups, and the cost of equal recall."""
    tested = estimates.backtest(snapshot, options)
    page = Page("risk.groups", snapshot)
    if tested is None:
        return too_few(page)
    rows = tested.groups
    shown = rows.assign(
        group=[group_words(page, r.partition, r.group) for r in rows.itertuples()]
    )
    enough = shown[shown["returns"] >= FEWEST_RETURNS]
    findings = [
        page.finding(
            "lowest",
            tables="risk_groups",
            group=row.group,
            recall=group_recall(row),
        )
        for row in enough.nsmallest(1, "recall").itertuples()
    ]
    return page.section(
        findings=findings or [page.finding("none", tables="risk_groups")],
        tables=[
            page.table(
                "risk_groups",
                shown,
                {"group": "text", "returns": "count", "listed": "count"}
                | of_shares(
                    rows, "recall", "ci_low", "ci_high", "share_listed", "equal_recall"
                ),
                counts=("returns", "listed"),
                values={
                    "capacity": percent(tested.capacities[0]),
                    "recall": tested.value(MODEL, first_recall(tested))["value"],
                },
            )
        ],
        result=tested,
    )


@section("household", "event")
def windows(snapshot: Snapshot, *, options: Options = DEFAULT) -> Section:
    """Which rows trained and which judged at each date of the backtest."""
    tested = estimates.backtest(snapshot, options)
    page = Page("risk.windows", snapshot)
    if tested is None:
        return too_few(page)
    rows: pd.DataFrame = tested.splits
    counted = ("train_rows", "train_events", "test_rows", "test_events", "not_final")
    return page.section(
        tables=[
            page.table(
                "risk_splits", rows, {"date": "text"} | dict.fromkeys(counted, "count")
            )
        ],
        figures=[page.figure("risk_splits", figures.windows(rows, page))],
        result=tested,
    )
