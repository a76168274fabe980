"""Words that several sections of the risk chapter share: terms, groups, metrics."""

from collections.abc import Mapping

import pandas as pd

from jinzhou.chapters.risk import data
from jinzhou.chapters.risk.estimates import Options
from jinzhou.chapters.risk.model import TERMS
from jinzhou.publish.section import Page, Section
from jinzhou.reference.lines import monitored_period
from jinzhou.registry.snapshot import Snapshot
from jinzhou.words import percent

ELDERLY = 60
"""Age from which the panel counts a member as elderly."""
PIECE = " > "
"""Between a smooth term and the knot at which one of its pieces begins."""


def term_words(page: Page, snapshot: Snapshot, options: Options) -> dict[str, str]:
    """What a household with a high term is said to have; rules have own names."""
    rules = data.triggers(snapshot, options.rules_on).rules[snapshot.lang]
    said = {n: page.text(f"labels.term.{n}", elderly_age=ELDERLY) for n in TERMS}
    return said | dict(rules)


def variable_words(page: Page, terms: Mapping[str, str]) -> dict[str, str]:
    """What each term measures, where that is not what a high risk is said to have."""
    own = page.words.find("labels.variable")
    return dict(terms) | (dict(own) if isinstance(own, Mapping) else {})


def piece_words(name: str, terms: Mapping[str, str]) -> str:
    """A term, or a piece of a smooth one."""
    term, bend, knot = name.partition(PIECE)
    return terms.get(term, term) + (bend + knot if bend else "")


def line_words(page: Page) -> str:
    """The line that incomes are held to on the day: of poverty, or of monitoring."""
    period = "after" if monitored_period(page.snapshot.as_of) else "before"
    return page.words.label("line", period)


def metric_words(page: Page, metric: str) -> str:
    """A metric of the backtest: ``auc``, ``recall_5``, ``recall_5_quota``."""
    kind, _, rest = metric.partition("_")
    if kind not in ("recall", "precision"):
        return page.words.label("metric", metric)
    share, *quota = rest.split("_")
    said = page.text(f"metrics.{kind}", capacity=percent(float(share) / 100))
    return said + page.text("metrics.quota") if quota else said


def group_words(page: Page, partition: str, group: str) -> str:
    """A county, or the households with or without something."""
    if partition == "county":
        return page.county(group)
    labels = "group" if group == "True" else "not_group"
    return page.text(f"labels.{labels}.{partition}", elderly_age=ELDERLY)


def too_few(page: Page) -> Section:
    """The section when too few returns are known for an estimate."""
    return page.section(findings=[page.finding("too_few")], notes=[])


def of_shares(frame: pd.DataFrame, *columns: str) -> dict[str, str]:
    """Columns written as shares."""
    return dict.fromkeys(columns or frame.columns, "share")
