"""Whether the numbers can be true: ledgers against incomes, copied or rounded amounts."""

import pandas as pd

from jinzhou import registry
from jinzhou.chapters.review import data
from jinzhou.chapters.review.analysis.arithmetic import check_figures
from jinzhou.chapters.review.analysis.numbers import number_tests
from jinzhou.chapters.review.analysis.reconciliation import reconcile
from jinzhou.publish.section import Page, Section, section
from jinzhou.publish.table import Table
from jinzhou.reference import lines, statements
from jinzhou.reference.vocabulary import FORENSIC_TESTS
from jinzhou.registry.snapshot import Snapshot
from jinzhou.statistics.forensics import Forensics
from jinzhou.words import percent, trimmed

PAYMENTS = ("education_aid", "public_job", "social_protection")
"""Comparisons of a ledger of payments with the income sheet of the household."""
AMOUNTS = ("ledger", "recorded", "gap", "explained", "unexplained")
HEAPED = 0.30
"""Above this share of multiples of 100 yuan a break at the line may be rounding."""
SMALLEST_P = 0.001


@section("household", "income")
def reconciliation(snapshot: Snapshot) -> Section:
    """Amounts that one ledger has and another has not, explained and unexplained."""
    found = reconcile(registry.reconciliation(snapshot))
    whole = found.rows[found.rows["county"] == "all"].round(2)
    by = found.rows[(found.rows["county"] != "all") & (found.rows["open"] > 0)]
    by = by.sort_values(["open", "county"], ascending=[False, True])
    most = by.drop_duplicates("comparison").set_index("comparison")["county"]
    page = Page("review.reconciliation", snapshot)
    counties = whole["comparison"].map(most)
    rows = whole.assign(
        most=[page.county(c) if isinstance(c, str) else "" for c in counties]
    )
    paid = found.open[found.open["comparison"].isin(PAYMENTS)]
    return page.section(
        findings=[
            page.finding(
                "unexplained",
                tables="reconciliation",
                cases=len(paid),
                yuan=paid["gap"].sum(),
            )
        ],
        tables=[
            page.table(
                "reconciliation",
                rows,
                {"comparison": "label:comparison", "cases": "count"}
                | dict.fromkeys(AMOUNTS, "yuan")
                | {"open": "count", "most": "text"},
                # some comparisons count persons or loans in the columns of amounts
                counts=("cases", *AMOUNTS, "open"),
            )
        ],
        result=found,
    )


@section("household")
def stated_figures(snapshot: Snapshot) -> Section:
    """Whether the figures of the speech agree with one another."""
    found = check_figures(statements.statements(), statements.figures()).rows
    page = Page("review.stated_figures", snapshot)
    unsaid = page.text("unsaid")
    rows = found.assign(
        text=found[snapshot.lang],
        left=[trimmed(v, 2) if v == v else unsaid for v in found["left"]],
        right=[trimmed(v, 2) if v == v else unsaid for v in found["right"]],
        result=[page.text(f"results.{r.replace(' ', '_')}") for r in found["result"]],
    )
    columns = ("id", "text", "left", "relation", "right", "result")
    return page.section(
        tables=[page.table("speech_arithmetic", rows, dict.fromkeys(columns, "text"))],
        result=found,
    )


@section("household", "income")
def forensics(snapshot: Snapshot) -> Section:
    """Copied, rounded or jumping amounts, beside what honest data would show.

    Every village is compared with all others of the city, also where one county is asked for.
    """
    city = snapshot.everywhere
    line = lines.poverty_line(
        data.rules(snapshot).year, series=snapshot.series, synthetic=snapshot.synthetic
    )
    found = number_tests(
        registry.income_history(city),
        visits=registry.visit_days(city),
        amounts=registry.spending(city, since=data.FIRST_PAYMENTS),
        lines=registry.remeasured(city),
        line=line.yuan,
    ).of(snapshot.county)
    honest = found.tests["null_findings"].max()
    page = Page(
        "review.forensics",
        snapshot,
        tests=int(found.tests["units"].sum()),
        villages=len(found.flagged("village")),
        rate=percent(found.level),
        heaped=percent(HEAPED),
    )
    beside = page.text(
        "beside.simulated" if honest == honest else "beside.unknown", honest=honest
    )
    return page.section(
        findings=[
            page.finding(
                "found", tables=("forensic_tests", "forensic_villages"), beside=beside
            )
        ],
        tables=[
            _tests_table(page, found.tests),
            _villages_table(page, found),
            _line_table(page, found.rows[found.rows["test"] == "line"]),
        ],
        result=found,
    )


def _tests_table(page: Page, tests: pd.DataFrame) -> Table:
    rows = tests.assign(
        null=tests["test"], fewest=[FORENSIC_TESTS[key].fewest for key in tests["test"]]
    )
    return page.table(
        "forensic_tests",
        rows,
        {"test": "label:forensic_test", "null": "label:forensic_null"}
        | dict.fromkeys(("fewest", "units", "too_few", "findings"), "count")
        | {"null_findings": "share"},
    )


def _villages_table(page: Page, found: Forensics) -> Table:
    rows = found.flagged("village").rename(columns={"group": "county"})
    names = data.villages(page.snapshot)
    said = page.words
    rows = rows.assign(
        town=rows["unit"].map(names["town"]).fillna(""),
        village=rows["unit"].map(names["village"]).fillna(""),
        found=[
            said.join(said.label("forensic_test", key) for key in keys)
            for keys in rows["tests"]
        ],
        q=[_probability(q) for q in rows["q"]],
    )
    return page.table(
        "forensic_villages",
        rows,
        {"county": "place"} | dict.fromkeys(("town", "village", "found", "q"), "text"),
    )


def _line_table(page: Page, rows: pd.DataFrame) -> Table:
    shown = rows.assign(
        q=[_probability(q) for q in rows["q"]],
        mccrary_p=[_probability(p) for p in rows["mccrary_p"]],
    )
    return page.table(
        "line_breaks",
        shown,
        {"unit": "label:income_group", "n": "count", "statistic": "number"}
        | {"q": "text", "mccrary_p": "text", "rounded": "share"}
        | {"status": "label:forensic_status"},
    )


def _probability(p: float) -> str:
    """A probability as a reader is shown it."""
    if p != p:
        return ""
    return f"<{SMALLEST_P}" if p < SMALLEST_P else f"{p:.3f}"
