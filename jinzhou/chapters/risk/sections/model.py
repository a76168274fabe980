"""What the model rests on: its terms, the stability of its inputs, checks for leaks."""

import re

import numpy as np
import pandas as pd

from jinzhou.chapters.risk import estimates, figures
from jinzhou.chapters.risk.estimates import DEFAULT, Options
from jinzhou.chapters.risk.sections.wording import (
    piece_words,
    term_words,
    too_few,
    variable_words,
)
from jinzhou.publish.section import Page, Section, section
from jinzhou.registry.snapshot import Snapshot
from jinzhou.statistics.returns.drift import ACT, WATCH

DIGITS = 3
"""Decimals of the hazard ratios in the table."""
CLEAREST = 3
"""Terms that the sentence names each way: the largest ratios of estimate to error."""
RATIO = ("hazard_ratio", "ci_low", "ci_high")


@section("household", "event")
def terms(snapshot: Snapshot, *, options: Options = DEFAULT) -> Section:
    """Hazard ratio of each term: what goes with more returns, or fewer."""
    scored = estimates.scoring(snapshot, options)
    said = Page("risk.terms", snapshot)
    if scored.method == "rules":
        return too_few(said)
    words = term_words(said, snapshot, options)
    variables = variable_words(said, words)
    dropped = [variables.get(name, name) for name in scored.dropped]
    page = Page(
        "risk.terms",
        snapshot,
        rows=scored.n,
        returns=scored.events,
        dropped=dropped or said.words("nothing"),
    )
    fitted = scored.coefficients.drop(index="intercept")
    ratios = pd.DataFrame(
        {
            "term": [piece_words(name, variables) for name in fitted.index],
            "hazard_ratio": fitted["hazard_ratio"].to_numpy(),
            "ci_low": np.exp(fitted["ci_low"]).to_numpy(),
            "ci_high": np.exp(fitted["ci_high"]).to_numpy(),
            "strength": fitted["z"].abs().to_numpy(),
        }
    )
    clearest = ratios.sort_values("strength", ascending=False, kind="stable")
    more = clearest[clearest["ci_low"] > 1].head(CLEAREST)
    fewer = clearest[clearest["ci_high"] < 1].head(CLEAREST)
    finding = (
        page.finding(
            "clearest",
            tables="risk_terms",
            more=list(more["term"]) or said.words("nothing"),
            fewer=list(fewer["term"]) or said.words("nothing"),
        )
        if len(more) + len(fewer)
        else page.finding("none", tables="risk_terms")
    )
    return page.section(
        findings=[finding],
        tables=[
            page.table(
                "risk_terms",
                ratios.round(dict.fromkeys(RATIO, DIGITS)),
                {"term": "text"} | dict.fromkeys(RATIO, "number"),
                whole=True,
            )
        ],
        figures=[page.figure("risk_terms", figures.hazard_ratios(ratios, page))],
        result=scored,
    )


@section("household", "event")
def drift(snapshot: Snapshot, *, options: Options = DEFAULT) -> Section:
    """Stability of the terms and of the score since the last list."""
    found = estimates.drift(snapshot, options)
    page = Page("risk.drift", snapshot, watch=f"{WATCH:.2f}", act=f"{ACT:.2f}")
    if not len(found.rows):
        return page.section(findings=[page.finding("none")], result=found)
    words = variable_words(page, term_words(page, snapshot, options))
    words |= {"score": page.text("score")}
    rows = found.rows.astype({c: float for c in ("psi", "missing_before", "missing")})
    shown = rows.assign(term=[words.get(name, name) for name in rows.index])
    changed = list(shown.loc[shown["reading"] == "changed", "term"])
    return page.section(
        findings=[
            page.finding("changed", tables="risk_drift", terms=changed)
            if changed
            else page.finding("stable", tables="risk_drift")
        ],
        tables=[
            page.table(
                "risk_drift",
                shown,
                {
                    "term": "text",
                    "psi": "score",
                    "missing_before": "share",
                    "missing": "share",
                    "reading": "label:stability",
                },
                whole=True,
            )
        ],
        figures=[page.figure("risk_drift", figures.stability(shown, page))],
        result=found,
    )


@section("household", "event")
def leak_checks(snapshot: Snapshot, *, options: Options = DEFAULT) -> Section:
    """Whether the list knows anything that was recorded later than its day."""
    found = estimates.leaks(snapshot, options)
    page = Page("risk.leak_checks", snapshot)
    if found is None:
        key = "too_few" if options.leak_checks else "not_run"
        return page.section(findings=[page.finding(key)])
    rows = found.rows
    words = term_words(page, snapshot, options)
    shown = pd.DataFrame(
        {
            "check": rows.index,
            "passed": ["passed" if p else "failed" for p in rows["passed"]],
            "found": [
                _found(page, str(check), text, words)
                for check, text in rows["found"].items()
            ],
        }
    )
    failed = [page.words.label("check", c) for c in rows.index[~rows["passed"]]]
    return page.section(
        findings=[
            page.finding("failed", tables="risk_leaks", checks=failed)
            if failed
            else page.finding("passed", tables="risk_leaks", checks=len(rows))
        ],
        tables=[
            page.table(
                "risk_leaks",
                shown,
                {"check": "label:check", "passed": "label:passed", "found": "text"},
                values={"early": found.early, "late": found.late},
            )
        ],
        result=found,
    )


def _found(page: Page, check: str, text: str, words: dict[str, str]) -> str:
    """What a check found: names of terms, numbers, or a reason in words."""
    if not text:
        return ""
    names = text.split(", ")
    if all(name in words for name in names):
        return page.words.join(words[name] for name in names)
    known = page.words.find("labels.leak_found")
    if isinstance(known, dict) and text in known:
        return page.words.label("leak_found", text)
    numbers = page.words.join(re.findall(r"\d+(?:\.\d+)?%?", text))
    return page.text("found", what=page.words.label("leak_number", check), n=numbers)
