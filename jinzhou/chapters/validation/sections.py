"""The sections of the validation chapter: published and computed figures side by side."""

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from jinzhou.chapters.validation.analysis.argentina import eph_backtest
from jinzhou.chapters.validation.analysis.envelopment import envelopment as scores
from jinzhou.chapters.validation.analysis.stochastic import stochastic_frontiers
from jinzhou.chapters.validation.analysis.teen import teen_fixed_effects
from jinzhou.chapters.validation.analysis.viet_nam import VIET_NAM_LINES
from jinzhou.chapters.validation.analysis.viet_nam import viet_nam as measures
from jinzhou.chapters.validation.analysis.worked import worked_examples
from jinzhou.chapters.validation.data import Figure, Material, published
from jinzhou.publish.section import Page, Section, Sentence, section
from jinzhou.publish.table import Table
from jinzhou.statistics.frontier.sfa import StochasticFrontier
from jinzhou.words import percent

Computed = Mapping[str, Sequence[float]]
EXAMPLE = "FRONTIER 4.1"
"""Name of the frontier of Coelli's first example among those fitted."""
POVERTY = ("poor_before", "poor_after", "gap_before", "gap_after")


def _compared(page: Page, table: str, computed: Computed) -> tuple[Table, Sentence]:
    """A section's figures beside the published ones, and how many agree.

    A figure agrees when it differs by no more than one unit of the last decimal published.
    """
    known = [f for f in published(page.section_key) if f.name in computed]
    several = {
        name for name, count in Counter(f.name for f in known).items() if count > 1
    }
    seen: Counter[str] = Counter()
    rows = []
    for figure in known:
        value = float(computed[figure.name][seen[figure.name]])
        seen[figure.name] += 1
        order = f" {seen[figure.name]}" if figure.name in several else ""
        label = page.words.label(page.section_key, figure.name) + order
        apart = abs(value - figure.value)
        rows.append(
            {
                "figure": label,
                "source": figure.source,
                "published": _plain(figure.value),
                "computed": _plain(round(value, figure.digits)),
                "agrees": apart <= _unit(figure),
                "apart": apart / abs(figure.value),
            }
        )
    frame = pd.DataFrame(rows)
    frame[["published", "computed"]] = frame[["published", "computed"]].astype(object)
    shown = dict.fromkeys(("figure", "source", "published", "computed"), "text")
    made = page.table(table, frame, shown, whole=True, source=page.text("origin"))
    return made, _agreement(page, table, frame)


def _agreement(page: Page, table: str, frame: pd.DataFrame) -> Sentence:
    """How many figures agree, and how far the worst of the others is off."""
    rest = frame[~frame["agrees"]]
    said = {"figures": len(frame), "agree": int(frame["agrees"].sum())}
    if not len(rest):
        return page.finding("all_agree", tables=table, **said)
    worst = rest.loc[rest["apart"].idxmax()]
    return page.finding(
        "agree",
        tables=table,
        largest=float(worst["apart"]),
        name=worst["figure"],
        **said,
    )


def _plain(value: float) -> float | int:
    """A whole number without decimals."""
    return int(value) if value == int(value) else value


def _unit(figure: Figure) -> float:
    """One unit of the last decimal that is published, a little more for rounding."""
    decimals = len(repr(_plain(figure.value)).partition(".")[2])
    return 1.000001 * 10.0**-decimals


def _section(
    page: Page,
    table: str,
    computed: Computed,
    result: object,
    notes: Sequence[str] = (),
) -> Section:
    made, found = _compared(page, table, computed)
    said = [page.finding(key) for key in notes]
    return page.section(findings=[found, *said], tables=[made], result=result)


@section()
def teen(material: Material) -> Section:
    """Fixed-effects logit of teen poverty."""
    found = teen_fixed_effects(material.read("teen_poverty"))
    computed = {str(t): [b] for t, b in found.coefficients["beta"].items()}
    computed["no_variation"] = [float(found.no_variation)]
    return _section(
        Page("validation.teen", material), "validation_teen", computed, found
    )


@section()
def envelopment(material: Material) -> Section:
    """Scores of data envelopment analysis."""
    sites = material.read("charnes_1981", index_col="unit")
    computed = scores(sites, material.plants_file)
    page = Page("validation.envelopment", material)
    absent = [] if "simar_wilson" in computed else ["no_plants"]
    return _section(page, "validation_dea", computed, computed, absent)


@section()
def stochastic(material: Material) -> Section:
    """Stochastic frontiers."""
    fits = stochastic_frontiers(
        material.read("frontier_41"), material.read("rice_philippines")
    )
    computed = {name: [fit.loglik] for name, fit in fits.items() if name != EXAMPLE}
    computed |= _example(fits[EXAMPLE])
    page = Page("validation.stochastic", material)
    return _section(page, "validation_sfa", computed, fits)


def _example(fit: StochasticFrontier) -> dict[str, list[float]]:
    """Coefficients, standard errors and fit of Coelli's first example."""
    coefficients = fit.coefficients.droplevel("part")
    values = {str(t): [v] for t, v in coefficients["value"].items()}
    errors = {f"{t}_se": [v] for t, v in coefficients["se"].items()}
    return (
        values
        | errors
        | {
            "loglik": [fit.loglik],
            "ols_loglik": [fit.ols_loglik],
            "lr": [fit.lr],
            "efficiency": [float(fit.rows["efficiency"].mean())],
        }
    )


@section()
def viet_nam(material: Material, *, survey: pd.DataFrame | None = None) -> Section:
    """Health spending, poverty before and after it, and elasticities (`survey`: VietNamH)."""
    page = Page("validation.viet_nam", material)
    if survey is None:
        return page.section(findings=[page.finding("no_survey")])
    found = measures(survey)
    rates = found.spending.rates.set_index("measure")["share"]
    computed = {str(name): [share] for name, share in rates.items()}
    for line in VIET_NAM_LINES:
        shares = found.poverty[line].shares.set_index("measure")["value"]
        computed |= {f"{m} {line}": [shares[m]] for m in POVERTY}
    computed |= {m: [v] for m, v in found.elasticities.itertuples(index=False)}
    return _section(page, "validation_viet_nam", computed, found)


@section()
def worked(material: Material) -> Section:
    """Worked examples of poverty measures."""
    found = worked_examples()
    page = Page("validation.worked", material)
    computed = {name: [value] for name, value in found.items()}
    return _section(page, "validation_worked", computed, found)


@section()
def argentina(material: Material) -> Section:
    """Backtest of the hazard on the Argentine household panel."""
    page = Page("validation.argentina", material)
    tested = eph_backtest(material.panel_file, draws=material.draws)
    if tested is None:
        return page.section(findings=[page.finding("no_panel")])
    baseline = {f.name: f.value for f in published("argentina")}
    rows = tested.metrics
    names = rows["score"] + " " + rows["metric"]
    shown = rows.assign(
        score=[page.words.label("score", s) for s in rows["score"]],
        metric=[_metric(page, m) for m in rows["metric"]],
        published=[baseline.get(name) for name in names],
        **{c: rows[c].round(4) for c in ("value", "ci_low", "ci_high")},
    )
    area = tested.value("hazard", "auc")
    return page.section(
        findings=[page.finding("area", tables="validation_eph", area=area["value"])],
        tables=[
            page.table(
                "validation_eph",
                shown,
                {"score": "text", "metric": "text"}
                | dict.fromkeys(("published", "value", "ci_low", "ci_high"), "score"),
                whole=True,
                source=page.text("origin"),
                values={
                    "dates": len(tested.splits),
                    "rows": int(tested.splits["test_rows"].sum()),
                },
            )
        ],
        result=tested,
    )


def _metric(page: Page, metric: str) -> str:
    """A metric of the backtest in words."""
    kind, _, share = metric.partition("_")
    if kind not in ("recall", "precision"):
        return page.words.label("metric", metric)
    number, *quota = share.split("_")
    said = page.text(f"metrics.{kind}", capacity=percent(float(number) / 100))
    return said + page.text("metrics.quota") if quota else said
