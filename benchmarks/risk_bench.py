"""What the return risk reaches and costs, beside what it was meant to: `make bench` runs this.

`speed` times one fit beside statsmodels and glum, `backtest` the rolling backtest, `studies` runs
the simulations in full, `panel` the real households. Each part is a process of its own.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import risk_studies as studies
from return_world import TERMS, WORLD_COVARIATES, Policy, world

from jinzhou.chapters.risk.model import rules_for
from jinzhou.chapters.validation.analysis.argentina import eph_backtest
from jinzhou.registry.covariates import GROUPS
from jinzhou.statistics.hazard import Likelihood, fit
from jinzhou.statistics.returns.backtest import backtest
from jinzhou.statistics.returns.return_risk import return_risk
from jinzhou.statistics.returns.watch_list import watch_list

EPH = Path(__file__).parents[2] / "shared" / "data" / "eph_households_2003_2009.parquet"


def line(what: str, found: str, target: str, reached: bool, why: str = "") -> None:
    """One row: found, to reach, and the reason where it falls short."""
    print(
        f"{what:<74}{found:<34}{target:<30}{'reached' if reached else 'FALLS SHORT' + (': ' + why if why else '')}",
        flush=True,
    )


def cpu(work, *arguments, **options):
    """CPU seconds of a call, and its answer."""
    start = time.process_time()
    answer = work(*arguments, **options)
    return time.process_time() - start, answer


def speed() -> None:
    """A million household-quarters of sixteen terms, one run."""
    import statsmodels.api as sm
    from glum import GeneralizedLinearRegressor

    rows = world(1, households=54_800, policy=Policy())
    rows = rows.iloc[:1_000_000]
    Z = np.column_stack(
        [np.ones(len(rows)), *(c.value(rows) for c in WORLD_COVARIATES)]
    ).astype(float)
    y = rows["returned_1"].to_numpy()
    ours, found = cpu(fit, Likelihood(Z, y))
    family = sm.families.Binomial(sm.families.links.CLogLog())
    theirs, reference = cpu(lambda: sm.GLM(y, Z, family=family).fit())
    glum, _ = cpu(
        lambda: GeneralizedLinearRegressor(
            family="binomial", link="cloglog", alpha=0, gradient_tol=1e-8
        ).fit(Z[:, 1:], y)
    )
    print(
        f"{len(rows):,} rows x {Z.shape[1]}: CPU s ours {ours:.2f}, glum {glum:.2f}, statsmodels GLM {theirs:.1f}; largest difference to statsmodels {np.abs(found.beta - reference.params).max():.1e}"
    )
    line(
        "core fit over statsmodels GLM",
        f"1/{theirs / ours:.0f}",
        "1/15 at most",
        theirs / ours >= 15,
    )
    line("core fit over glum", f"{ours / glum:.2f}", "1 at most", ours <= glum)
    last = rows["quarter"].max()
    day = studies.day_of(rows, last)
    label = rows["returned_1"].where(rows["quarter"] < last)

    def whole():
        risk = return_risk(rows, as_of=day, outcome=label, covariates=WORLD_COVARIATES)
        return watch_list(risk, capacity=2_000)

    seconds, _ = cpu(whole)
    line(
        "fit with clustered errors, scores, reasons, list: CPU s",
        f"{seconds:.2f}",
        "3 at most",
        seconds <= 3,
    )


def backtest_of_eight_dates() -> None:
    """Eight dates of the same million rows, in a process of its own."""
    rows = world(1, households=54_800, policy=Policy()).iloc[:1_000_000]
    rows = rows[
        [
            "household_id",
            "county",
            "area_code",
            "quarter",
            "quarter_end",
            "at_risk",
            *TERMS,
            "visited_now",
            "single_person",
            "returned_1",
        ]
    ]
    rows = rows.assign(income_margin=np.expm1(rows["log_margin"]), serious=0.0)
    last = rows["quarter"].max()
    dates = [studies.day_of(rows, q) for q in range(last - 8, last + 1)]
    labels = pd.DataFrame(
        {
            d: rows["returned_1"].where(rows["quarter_end"] < pd.Timestamp(d))
            for d in dates
        },
        index=rows.index,
    )
    start, before = time.perf_counter(), time.process_time()
    backtest(
        rows, labels, covariates=WORLD_COVARIATES, rules=rules_for(rows), groups=GROUPS
    )
    wall, used = time.perf_counter() - start, time.process_time() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line(
        "backtest, eight dates, 100 draws, challenger, rules: wall s",
        f"{wall:.0f} ({used:.0f} CPU)",
        "60 at most",
        wall <= 60,
    )
    line(
        "peak memory with the simulation: MB",
        f"{memory:.0f}",
        "2,000 at most",
        memory <= 2_000,
    )


def full_studies() -> None:
    """Simulations with a known truth."""
    oracle = studies.oracle_study(range(10))
    print(oracle.round(4).to_string())
    for at, target in zip(("2 %", "5 %", "10 %"), (0.95, 0.96, 0.97)):
        line(
            f"share of the oracle's recall, list of {at} (plain {oracle.loc['plain', at]:.3f})",
            f"{oracle.loc['full', at]:.3f}",
            f"{target}",
            oracle.loc["full", at] >= target,
            f"whoever knew all but the household's unrecorded effect would reach {oracle.loc['ceiling', at]:.3f}; of that {oracle.loc['full', at] / oracle.loc['ceiling', at]:.3f}",
        )
    line(
        f"top decile, predicted over true (naive {oracle.loc['naive', 'top_decile']:.2f})",
        f"{oracle.loc['full', 'top_decile']:.3f}",
        "0.95-1.05",
        0.95 <= oracle.loc["full", "top_decile"] <= 1.05,
    )
    strong = studies.oracle_study(
        range(3), policy=Policy(capacity=0.15, effect=-1.6)
    ).loc[["full", "naive"], "top_decile"]
    line(
        f"the same, visits of 15 % and effect -1.6 (naive {strong['naive']:.2f})",
        f"{strong['full']:.3f}",
        "0.95-1.05",
        0.95 <= strong["full"] <= 1.05,
    )
    hidden = studies.hidden_study(range(20))
    line(
        f"hidden selection: truth inside the band (scored over true {hidden['scored_over_true'].mean():.2f})",
        f"{hidden['inside'].mean():.2f}",
        "0.90",
        hidden["inside"].mean() >= 0.90,
    )
    inside, homes = studies.coverage_study(range(200))
    print("95 % intervals, 200 replications:", inside.round(3).to_dict())
    line(
        "average coverage of the true terms' intervals",
        f"{inside.mean():.3f}",
        "0.94-0.96",
        0.94 <= inside.mean() <= 0.96,
    )
    line(
        "least coverage",
        f"{inside.min():.3f} ({inside.idxmin()})",
        "0.91",
        inside.min() >= 0.91,
    )
    line(
        "households' 90 % intervals that hold their hazard",
        f"{homes:.3f}",
        "0.88-0.92",
        0.88 <= homes <= 0.92,
    )
    stable = studies.stability_study(range(10))
    line(
        "lists of two quarters, overlap over the oracle's own",
        f"{stable['over_oracle']:.3f}",
        "0.95",
        stable["over_oracle"] >= 0.95,
        f"true incomes and coefficients would give {stable['ceiling_over_oracle']:.3f}; reported incomes move between quarters without a cause",
    )
    line(
        "entries and departures with a named changed input",
        f"{stable['explained']:.3f}",
        "0.90",
        stable["explained"] >= 0.90,
    )
    reasons = studies.reason_study(range(4))
    line(
        "reasons: largest error of their sum",
        f"{reasons['sum_error']:.0e}",
        "1e-9",
        reasons["sum_error"] <= 1e-9,
    )
    line(
        "reasons that hold the largest true term, high-risk households",
        f"{reasons['largest_term_held']:.3f}",
        "0.85",
        reasons["largest_term_held"] >= 0.85,
    )
    sampled = studies.case_control_study(range(20))
    line(
        "case-control samples, mean risk over the true rate",
        ", ".join(f"{k} {v:.3f}" for k, v in sampled.items()),
        "within 1 %",
        bool((sampled - 1).abs().max() <= 0.01),
    )
    ahead = studies.incidence_study(range(6))
    line(
        f"four quarters ahead, mean risk over what happened (leaving ignored {ahead['ignoring_leaving']:.3f})",
        f"{ahead['over_truth']:.3f}",
        "within 2 %",
        abs(ahead["over_truth"] - 1) <= 0.02,
    )
    found = studies.detection_study(range(8))
    off = (found["factor"] / found["true"] - 1).abs().max()
    line(
        "level of true returns from a look-back, largest error of 8",
        f"{off:.3f}",
        "0.10",
        off <= 0.10,
    )


def panel() -> None:
    """The Argentine households."""
    found = eph_backtest(EPH, draws=200)
    if found is None:
        print(
            "Argentine panel: not measured, the file is not beside the project (../shared/data)"
        )
        return
    value = found.metrics.pivot(index="score", columns="metric", values="value")
    print(
        value[
            [
                "auc",
                "average_precision",
                "recall_5",
                "recall_10",
                "brier",
                "slope",
                "in_the_large",
            ]
        ]
        .round(4)
        .to_string()
    )
    low, high = found.value("hazard", "recall_10")[["ci_low", "ci_high"]]
    returns = int(found.splits["test_events"].sum())
    for metric in ("auc", "recall_10"):
        best = value.loc[["boosting", "ridge logit"], metric]
        gap = best.max() - value.loc["hazard", metric]
        line(
            f"Argentine panel, {metric}: ridge logit {best['ridge logit']:.4f}, boosting {best['boosting']:.4f}",
            f"{value.loc['hazard', metric]:.4f}",
            "above both",
            gap < 0,
            f"{gap * returns:.1f} of {returns} returns behind {best.idxmax()}; the interval is {low:.3f}-{high:.3f}"
            if metric == "recall_10"
            else "",
        )
    line(
        "Argentine panel, AUC below the best black box",
        f"{value.loc['boosting', 'auc'] - value.loc['hazard', 'auc']:+.4f}",
        "0.002 at most",
        value.loc["boosting", "auc"] - value.loc["hazard", "auc"] <= 0.002,
    )
    line(
        "Argentine panel, calibration in the large",
        f"{value.loc['hazard', 'in_the_large']:+.3f}",
        "within 0.03",
        abs(value.loc["hazard", "in_the_large"]) <= 0.03,
    )


PARTS = {
    "speed": speed,
    "backtest": backtest_of_eight_dates,
    "studies": full_studies,
    "panel": panel,
}

if __name__ == "__main__":
    print(f"\nReturn risk: {sys.argv[1]}")
    PARTS[sys.argv[1]]()
