"""The model card: what the list rests on, made from the run itself."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from jinzhou.chapters.risk import data, estimates
from jinzhou.chapters.risk.analysis.rivals import first_recall
from jinzhou.chapters.risk.estimates import DEFAULT, Options
from jinzhou.chapters.risk.sections.backtests import (
    FEWEST_RETURNS,
    estimate,
    group_recall,
)
from jinzhou.chapters.risk.sections.wording import (
    group_words,
    metric_words,
    term_words,
    variable_words,
)
from jinzhou.publish.section import Page, Section, delivered_names, section
from jinzhou.registry.snapshot import Snapshot
from jinzhou.statistics.returns.backtest import MODEL, Backtest
from jinzhou.statistics.returns.return_risk import ReturnRisk
from jinzhou.words import number

MOST_IMPUTED = 3
"""Terms named with the largest share of imputed values."""
Rows = list[tuple[str, str]]


@section("household")
def model_card(snapshot: Snapshot, *, options: Options = DEFAULT) -> Section:
    """Method, data, tests and limits of the list on one page."""
    page = Page("risk.model_card", snapshot)
    words = term_words(page, snapshot, options)
    writer = _Card(page, variable_words(page, words))
    scored = estimates.scoring(snapshot, options)
    tested = estimates.backtest(snapshot, options)
    rows = [*writer.model(scored), writer.tables(snapshot)]
    if tested is not None:
        rows += writer.tests(tested)
    rows += writer.limits(snapshot, options, scored)
    return page.section(
        tables=[
            page.table(
                "risk_card",
                pd.DataFrame(rows, columns=["item", "content"]),
                {"item": "text", "content": "text"},
                whole=True,
            )
        ],
        result=scored,
    )


@dataclass(frozen=True, slots=True)
class _Card:
    """Writes the card's rows in the words of a page."""

    page: Page
    terms: Mapping[str, str]

    def row(self, item: str, content: object = "", **values: object) -> tuple[str, str]:
        """An item and its content: the text given, or that of the item, filled."""
        said = str(content) or self.page.text(f"contents.{item}", **values)
        return self.page.text(f"items.{item}"), said

    def named(self, names) -> str:
        """Terms in words, or that there are none."""
        said = self.page.words.join(self.terms.get(n, n) for n in names)
        return said or self.page.words("nothing")

    def model(self, scored: ReturnRisk) -> Rows:
        """Method, outcome, training rows, terms, corrections."""
        if scored.method == "rules":
            return [self.row("method", self.page.text("contents.method_rules"))]
        return [
            self.row("method"),
            self.row("outcome", quarters=scored.horizon_quarters),
            self.row(
                "trained",
                rows=scored.n,
                returns=scored.events,
                households=scored.clusters,
            ),
            self.row("dropped", self._dropped(scored)),
            self.row("calendar", self.named(scored.calendar)),
            self.row("penalised", self._penalised(scored)),
            self.row("imputed", self._imputed(scored)),
            self.row("late", shares=[number(s, "share") for s in scored.reported]),
            self.row(
                "frailty",
                village=f"{scored.village_frailty_variance:.2f}",
                household=f"{scored.household_frailty_variance:.2f}",
            ),
            self.row("shift", f"{scored.shift:+.2f}"),
        ]

    def tables(self, snapshot: Snapshot) -> tuple[str, str]:
        """Tables that the rows rest on, and those that were not delivered."""
        given = [n for n in data.PANEL_TABLES if n in snapshot.store.tables]
        missing = [n for n in data.PANEL_TABLES if n not in given]
        said = self.page.words
        content = self.page.text(
            "contents.tables_missing" if missing else "contents.tables",
            tables=delivered_names(given, said),
            missing=delivered_names(missing, said),
        )
        return self.row("tables", content)

    def _dropped(self, scored: ReturnRisk) -> str:
        page = self.page
        said = page.words.join(
            page.text(
                "contents.dropped",
                term=self.terms.get(name, name),
                reason=page.words.label("dropped", why),
            )
            for name, why in scored.dropped.items()
        )
        return said or page.words("nothing")

    def _penalised(self, scored: ReturnRisk) -> str:
        why = scored.penalised
        if not why:
            return self.page.words("no")
        known = ("few returns", "separation")
        said = (
            self.page.words.label("penalised", why)
            if why in known
            else self.named(why.split(", "))
        )
        return self.page.text("contents.penalised", why=said)

    def _imputed(self, scored: ReturnRisk) -> str:
        rows = max(scored.n, 1)
        said = self.page.words.join(
            f"{self.terms.get(name, name)} {number(count / rows, 'share')}"
            for name, count in scored.missing.nlargest(MOST_IMPUTED).items()
            if count
        )
        return said or self.page.words("nothing")

    def tests(self, tested: Backtest) -> Rows:
        """The backtest's main metrics and the group with the lowest recall."""
        rows = [
            (metric_words(self.page, metric), self._metric(tested, metric))
            for metric in ("auc", first_recall(tested), "slope", "in_the_large")
        ]
        enough = tested.groups[tested.groups["returns"] >= FEWEST_RETURNS]
        rows += [
            self.row(
                "lowest",
                group=group_words(self.page, r.partition, r.group),
                recall=group_recall(r),
            )
            for r in enough.nsmallest(1, "recall").itertuples()
        ]
        return rows

    def _metric(self, tested: Backtest, metric: str) -> str:
        found = estimate(tested, MODEL, metric)
        known = found.low is not None and found.low == found.low
        return self.page.text(
            "contents.metric" if known else "contents.metric_alone",
            value=found.value,
            low=found.low,
            high=found.high,
        )

    def limits(self, snapshot: Snapshot, options: Options, scored: ReturnRisk) -> Rows:
        """Visits, detection, stability, leaks, and what the list is not for."""
        fitted = scored.method == "hazard"
        visits = fitted and estimates.visits(snapshot, options).identified
        found = estimates.detection(snapshot).identified
        changes = estimates.watch_list(snapshot, options).explained()
        page = self.page
        return [
            self.row("visits", page.text(f"contents.visits_{_known(visits)}")),
            self.row("detection", page.text(f"contents.detection_{_known(found)}")),
            self.row("least_stable", self._least_stable(snapshot, options)),
            self.row("changes", number(changes, "share")),
            self.row("leaks", self._leaks(snapshot, options)),
            self.row("not_for"),
        ]

    def _least_stable(self, snapshot: Snapshot, options: Options) -> str:
        rows = estimates.drift(snapshot, options).rows
        if not len(rows):
            return self.page.words("nothing")
        index = rows["psi"].astype(float)
        name = index.idxmax()
        words = {"score": self.page.text("score")} | dict(self.terms)
        return f"{words.get(name, name)} PSI {index[name]:.2f}"

    def _leaks(self, snapshot: Snapshot, options: Options) -> str:
        found = estimates.leaks(snapshot, options)
        if found is None:
            return self.page.text("contents.leaks_not_run")
        if found.passed:
            return self.page.text("contents.leaks_passed")
        failed = found.rows.index[~found.rows["passed"]]
        return self.page.text(
            "contents.leaks_failed",
            checks=[self.page.words.label("check", name) for name in failed],
        )


def _known(identified: bool) -> str:
    return "identified" if identified else "not_identified"
