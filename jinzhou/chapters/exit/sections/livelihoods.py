"""Industry, work and villages' own income; what benefits do at the line and after the exit."""

import numpy as np
import pandas as pd

from jinzhou import registry
from jinzhou.chapters.exit import data, figures
from jinzhou.chapters.exit.analysis.behaviour import BenefitCliff, benefit_cliff
from jinzhou.chapters.exit.sections.lists import debt_sheets
from jinzhou.chapters.exit.sections.progress import indicator_shares
from jinzhou.publish.section import Page, Section, section
from jinzhou.publish.table import Table
from jinzhou.reference import lines, thresholds
from jinzhou.registry.snapshot import Snapshot
from jinzhou.words import percent

MONTHS_SHOWN = (0, 3, 6, 9, 12, 18, 24, 30, 36)
NEAR_THE_LINE = 0.05


@section("household", "measure", "income")
def livelihoods(snapshot: Snapshot) -> Section:
    """Industry, training, work and graduates; income from industry."""
    page = Page("exit.livelihoods", snapshot)
    rows = registry.industry_income(snapshot).set_index("county")
    rows = pd.concat([rows, rows.sum().rename("all").to_frame().T])
    shown = rows.assign(
        lasting=rows["lasting"] / rows["households"].where(rows["households"] > 0),
        share=rows["industry"] / rows["net"].where(rows["net"] > 0),
        blank=rows["households"] - rows["known"],
    )
    return page.section(
        tables=[
            indicator_shares(page, "livelihoods"),
            page.table(
                "industry_income",
                shown.rename_axis("county"),
                {"county": "place", "households": "count", "lasting": "share"}
                | {"share": "share", "blank": "count"},
                counts=("households", "blank"),
                total="all",
            ),
        ],
        result=rows,
    )


@section("village")
def village_incomes(snapshot: Snapshot) -> Section:
    """Villages' own income and their resident cadres; described, not ranked."""
    least = float(thresholds.threshold("cadre_days").value)
    page = Page("exit.village_incomes", snapshot, least=f"{least:.0f}")
    incomes = registry.village_incomes(snapshot)
    cadres = registry.village_cadres(snapshot)
    return page.section(
        tables=[
            page.table(
                "collective_income",
                _grouped(incomes, _income_row).rename_axis("county"),
                {"county": "place", "villages": "count", "blank": "count"}
                | {"zero": "count", "median": "wan_yuan", "growth": "share"},
            ),
            page.table(
                "cadres",
                _grouped(cadres, lambda g: _cadre_row(g, least)).rename_axis("county"),
                {"county": "place", "cadres": "count", "days": "count", "few": "count"}
                | {"blank": "count", "share_before": "share", "share": "share"},
            ),
        ],
        result=incomes,
    )


def _grouped(rows: pd.DataFrame, of) -> pd.DataFrame:
    """One row a county and one of all."""
    groups = {code: of(part) for code, part in rows.groupby("county", sort=True)}
    return pd.DataFrame.from_dict(groups | {"all": of(rows)}, orient="index")


def _income_row(rows: pd.DataFrame) -> dict[str, float]:
    both = rows.dropna(subset=["yuan", "yuan_before"])
    before = both["yuan_before"].sum()
    return {
        "villages": len(rows),
        "blank": int(rows["yuan"].isna().sum()),
        "zero": int((rows["yuan"] == 0).sum()),
        "median": rows["yuan"].median(),
        "growth": both["yuan"].sum() / before - 1 if before else np.nan,
    }


def _cadre_row(rows: pd.DataFrame, least: float) -> dict[str, float]:
    return {
        "cadres": len(rows),
        "days": rows["days"].median(),
        "few": int((rows["days"] < least).sum()),
        "blank": int(rows["days"].isna().sum()),
        "share_before": rows["share_before"].mean(),
        "share": rows["share"].mean(),
    }


@section("household", "income")
def benefits(snapshot: Snapshot) -> Section:
    """Benefits on both sides of the poverty line, and the share of transfers in income."""
    year = data.counted(snapshot).year
    line = lines.poverty_line(
        year, series=snapshot.series, synthetic=snapshot.synthetic
    )
    cliff: BenefitCliff = benefit_cliff(registry.benefits(snapshot), line=line.yuan)
    page = Page(
        "exit.benefits",
        snapshot,
        loss=cliff.loss,
        under=cliff.just_under,
        above=cliff.just_above,
        near=percent(NEAR_THE_LINE),
    )
    return page.section(
        tables=[
            page.table(
                "transfer_share",
                cliff.shares,
                {"year": "text", "group": "label:poor_or_exited"}
                | {"households": "count", "share": "share"},
                counts=("households",),
            )
        ],
        figures=[page.figure("benefit_cliff", figures.cliff(cliff.bands, page))],
        result=cliff,
    )


@section("household", "measure")
def measures_after_exit(snapshot: Snapshot) -> Section:
    """Households that still have a measure, by months since the exit."""
    months = int(thresholds.threshold("policy_tail_medical").value)
    curve = registry.measures_after_exit(snapshot)
    page = Page("exit.measures_after_exit", snapshot, months=months)
    shown = curve[curve["month"].isin(MONTHS_SHOWN)]
    return page.section(
        tables=[
            page.table(
                "measure_tail",
                shown.assign(share=shown["helped"] / shown["households"]),
                {"month": "count", "households": "count", "helped": "count"}
                | {"share": "share"},
                counts=("households", "helped"),
            )
        ],
        figures=[
            page.figure(
                "measure_tail_curve", figures.measures_after_exit(curve, months, page)
            )
        ],
        result=curve,
    )


@section("graduate", "household", "income")
def student_debt(snapshot: Snapshot, *, exit_county: str = "") -> Section:
    """Households with a student loan, and how heavy it is.

    Parameters
    ----------
    exit_county : str
        Code of the county that is to exit, whose list is written; empty for the one by plan.
    """
    debts = registry.student_debt(snapshot)
    page = Page("exit.student_debt", snapshot)
    known = debts["ratio"].dropna()
    counts = {
        "with_loan": len(debts),
        "unemployed": int((debts["unemployed"] > 0).sum()),
        "above_income": int((known > 1).sum()),
        "unknown": int(debts["ratio"].isna().sum()),
    }
    rows = pd.DataFrame({"what": list(counts), "households": list(counts.values())})
    return page.section(
        tables=[_debt_table(page, rows)],
        lists=debt_sheets(page, debts, data.exit_county(snapshot, exit_county)),
        result=debts,
    )


def _debt_table(page: Page, rows: pd.DataFrame) -> Table:
    return page.table(
        "student_debt",
        rows,
        {"what": "label:debt", "households": "count"},
        counts=("households",),
    )
