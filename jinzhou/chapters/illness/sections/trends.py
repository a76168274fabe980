"""How stays and own payments move from quarter to quarter, and what is still to be recorded."""

import pandas as pd

from jinzhou.chapters.illness import data, figures
from jinzhou.chapters.illness.analysis.policy import zero_burden_start
from jinzhou.publish.section import Page, Section, Sentence, section
from jinzhou.publish.table import Table
from jinzhou.registry.household_panel import quarter_text
from jinzhou.registry.snapshot import Snapshot
from jinzhou.statistics.trend import Trend, quarterly_trend
from jinzhou.words import Estimate

QUARTERS = 12
COLUMNS = (
    "observed",
    "expected",
    "ci_low",
    "ci_high",
    "adjusted",
    "adjusted_ci_low",
    "adjusted_ci_high",
)


@section("visit", "member")
def stays_trend(snapshot: Snapshot) -> Section:
    """Stays and own payments by quarter of admission, with what is still to be recorded."""
    stays, day = data.stays(snapshot).all, snapshot.as_of
    start = zero_burden_start(stays)
    counted = quarterly_trend(stays, as_of=day)
    paid = quarterly_trend(stays, as_of=day, value="psn_part_amt", breaks=[start.day])
    page = Page("illness.stays_trend", snapshot)
    found = _nowcast_finding(page, counted)
    return page.section(
        findings=[found] if found else [],
        tables=[
            trend_table(page, "stays_trend", counted, kind="count"),
            trend_table(page, "payments_trend", paid, kind="wan_yuan"),
        ],
        figures=[page.figure("stays_trend", figures.nowcast(counted, page))]
        if len(counted.rows)
        else [],
        result=counted,
    )


def _nowcast_finding(page: Page, trend: Trend) -> Sentence | None:
    """What is recorded of the quarter and what is expected in the end."""
    names = [quarter_text(number) for number in trend.rows.index]
    rows = trend.rows.set_axis(names)
    quarter = page.snapshot.quarter
    if quarter not in rows.index or not rows.at[quarter, "observed"] > 0:
        return page.finding("none", tables="stays_trend")
    last = rows.loc[quarter]
    if last["status"] != "preliminary":
        return None
    return page.finding(
        "expected",
        tables="stays_trend",
        observed=last["observed"],
        expected=Estimate(last["expected"], last["ci_low"], last["ci_high"]),
    )


def trend_table(page: Page, name: str, trend: Trend, *, kind: str) -> Table:
    """A quarterly trend with its preliminary quarters and its forecast."""
    rows = trend.rows.tail(QUARTERS)
    semicolon = page.words("semicolon")
    notes = [
        semicolon.join(
            text
            for text in (
                page.words.label("reason", status),
                page.words.label("reason", why),
            )
            if text
        )
        for status, why in zip(rows["status"], rows["reason"], strict=True)
    ]
    frame = rows.assign(
        quarter=[quarter_text(number) for number in rows.index], note=notes
    )
    ahead = trend.forecast
    if len(ahead):
        future = ahead.rename(columns={"value": "expected"}).assign(
            quarter=[quarter_text(number) for number in ahead.index],
            note=page.words("forecast"),
        )
        frame = pd.concat([frame, future])
    said = [page.words("trend.method")]
    said += [
        page.words.label("reason", why) + page.words("stop")
        for why in (trend.not_adjusted, trend.not_forecast)
        if why
    ]
    if len(trend.backtest):
        inside = int(trend.backtest["inside"].sum())
        said.append(page.words("trend.past", n=len(trend.backtest), inside=inside))
    own = page.optional(f"tables.{name}.note")
    return page.table(
        name,
        frame,
        {"quarter": "text"} | dict.fromkeys(COLUMNS, kind) | {"note": "text"},
        note=page.words("between").join([*said, own] if own else said),
    )
