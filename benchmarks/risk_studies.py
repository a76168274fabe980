"""Simulation studies of the return risk, run in full by `make bench` and in small by the tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from return_world import (
    HISTORY,
    TERMS,
    TRUTH,
    WORLD_COVARIATES,
    Policy,
    captured,
    world,
)

from jinzhou.chapters.risk.model import OFFICES
from jinzhou.statistics.hazard import inverse_link
from jinzhou.statistics.returns.detection import detection
from jinzhou.statistics.returns.fitting import HazardOptions
from jinzhou.statistics.returns.incidence import incidence
from jinzhou.statistics.returns.return_risk import ReturnRisk, return_risk
from jinzhou.statistics.returns.visits import visit_effect
from jinzhou.statistics.returns.watch_list import watch_list

SHARES = (0.02, 0.05, 0.10)
TRAINED = 14
"""Quarters whose returns train; the others judge."""


def day_of(rows: pd.DataFrame, quarter: int) -> str:
    """Last day of a quarter of the simulated world."""
    return (
        rows.loc[rows["quarter"] == quarter, "quarter_end"].iloc[0].date().isoformat()
    )


WHOLE = HazardOptions(offices=OFFICES)
PASTLESS = HazardOptions(frailty=False, recalibrate_quarters=0)


def scored(
    rows: pd.DataFrame,
    quarter: int,
    covariates=(*WORLD_COVARIATES, *HISTORY),
    options: HazardOptions = WHOLE,
    **more,
) -> ReturnRisk:
    """Scores of the households at risk in a quarter, fitted on the returns of the earlier ones."""
    return return_risk(
        rows,
        as_of=day_of(rows, quarter),
        outcome=rows["returned_1"].where(rows["quarter"] < quarter),
        covariates=covariates,
        options=options,
        **more,
    )


def true_score(rows: pd.DataFrame) -> np.ndarray:
    """Linear predictor of everything but the household's unrecorded effect."""
    terms = sum(
        getattr(TRUTH, k)
        * rows["true_log_margin" if k == "log_margin" else k].to_numpy(float)
        for k in TERMS
    )
    return TRUTH.intercept + terms + rows["village_effect"].to_numpy()


def ceiling(rows: pd.DataFrame, quarter: int, effect: float) -> np.ndarray:
    """The best that anybody can know: every coefficient, true incomes, the villages, and the exact
    posterior of the household's unrecorded effect given its past."""
    past, here = rows[rows["quarter"] < quarter], rows[rows["quarter"] == quarter]
    codes, names = pd.factorize(past["household"])
    mu = np.exp(true_score(past) + effect * past["visited_now"].to_numpy()) * (
        1 - past["returned_1"].to_numpy() / 2
    )
    M, D = np.bincount(codes, mu), np.bincount(codes, past["returned_1"])
    x, w = np.polynomial.hermite_e.hermegauss(21)
    z = np.exp(TRUTH.unrecorded * x)
    like = w * np.exp(-M[:, None] * z) * z ** D[:, None]
    mean = pd.Series((like * z).sum(axis=1) / like.sum(axis=1), index=names)
    return true_score(here) + np.log(
        here["household"]
        .map(mean)
        .fillna(float(np.exp(TRUTH.unrecorded**2 / 2)))
        .to_numpy()
    )


QUARTERS = (14, 16, 18)
"""Quarters whose lists are judged, each fitted on the quarters before it."""
MODELS = {
    "full": {},
    "plain": {
        "covariates": WORLD_COVARIATES,
        "options": PASTLESS,
    },
    "naive": {
        "covariates": tuple(c for c in WORLD_COVARIATES if c.name != "visited_now"),
        "options": PASTLESS,
    },
}


def oracle_study(
    seeds: Sequence[int], *, households: int = 74_000, policy: Policy = Policy()
) -> pd.DataFrame:
    """Recall of lists as a share of the oracle's, and level of the top decile, by score.

    The oracle knows the true hazard, the household's unrecorded effect with it. Rows: `full` (this
    package), `plain` (cloglog without past and history), `naive` (plain without the visit),
    `ceiling`; columns: share of the oracle at 2, 5, 10 %, `top_decile` (mean predicted over true).
    """
    found: dict[str, list] = {}
    for seed in seeds:
        rows = world(seed, households=households, policy=policy)
        for quarter in QUARTERS:
            here = rows[rows["quarter"] == quarter]
            h0 = here["h0"].to_numpy()
            scores = {
                name: here["household_id"]
                .map(
                    scored(rows, quarter, score_all=False, **options).scores.set_index(
                        "household_id"
                    )["risk"]
                )
                .to_numpy()
                for name, options in MODELS.items()
            } | {
                "ceiling": inverse_link(
                    ceiling(rows, quarter, policy.effect), "cloglog"
                )
            }
            for name, p in scores.items():
                top = np.argsort(-p, kind="stable")[: len(p) // 10]
                found.setdefault(name, []).append(
                    [captured(here, p, s) / captured(here, h0, s) for s in SHARES]
                    + [p[top].mean() / h0[top].mean()]
                )
    return pd.DataFrame(
        {name: np.mean(values, axis=0) for name, values in found.items()},
        index=["2 %", "5 %", "10 %", "top_decile"],
    ).T


def hidden_study(
    seeds: Sequence[int],
    *,
    households: int = 74_000,
    policy: Policy = Policy(chosen_by="hidden", capacity=0.15, effect=-1.6),
) -> pd.DataFrame:
    """Visits on hidden knowledge: top decile scored over true, and whether the printed band holds the truth."""
    found = []
    for seed in seeds:
        rows = world(seed, households=households, policy=policy)
        risk = scored(rows, TRAINED)
        effect = visit_effect(
            rows, risk, outcome=rows["returned_1"].where(rows["quarter"] < TRAINED)
        )
        here = (
            rows[rows["quarter"] == TRAINED]
            .set_index("household_id")
            .loc[risk.scores["household_id"]]
        )
        top = slice(0, len(here) // 10)
        ratio = (
            risk.scores["risk"].to_numpy()[top].mean()
            / here["h0"].to_numpy()[top].mean()
        )
        found.append(
            (
                seed,
                ratio,
                effect.band_ci_low,
                effect.band_ci_high,
                effect.identified,
                effect.random_events,
                effect.needed_rows,
                effect.random_rows,
                effect.tipping_ratio,
                effect.band_ci_low <= 1 / ratio <= effect.band_ci_high,
            )
        )
    return pd.DataFrame(
        found,
        columns=[
            "seed",
            "scored_over_true",
            "band_ci_low",
            "band_ci_high",
            "identified",
            "random_events",
            "needed_rows",
            "random_rows",
            "tipping_ratio",
            "inside",
        ],
    )


def coverage_study(
    seeds: Sequence[int], *, households: int = 12_000, quarters: int = 10
) -> tuple[pd.Series, float]:
    """Share of 95 % intervals that hold each true coefficient, and of households' 90 % intervals that hold their hazard.

    Incomes are reported without error here: an error in them biases their coefficient, which no
    interval repairs (`attenuation` of the notes).
    """
    inside, homes = [], []
    for seed in seeds:
        rows = world(seed, households=households, quarters=quarters, income_error=0.0)
        risk = scored(rows, quarters - 1, WORLD_COVARIATES)
        c = risk.coefficients
        inside.append(
            {
                k: c.loc[k, "ci_low"] <= getattr(TRUTH, k) <= c.loc[k, "ci_high"]
                for k in TERMS
                if k in c.index
            }
        )
        h0 = (
            rows[rows["quarter"] == quarters - 1]
            .set_index("household_id")["h0"]
            .loc[risk.scores["household_id"]]
            .to_numpy()
        )
        homes.append(
            float(
                (
                    (risk.scores["risk_ci_low"] <= h0)
                    & (h0 <= risk.scores["risk_ci_high"])
                ).mean()
            )
        )
    return pd.DataFrame(inside).mean(), float(np.mean(homes))


def stability_study(
    seeds: Sequence[int], *, households: int = 74_000, share: float = 0.05
) -> dict[str, float]:
    """Overlap (Jaccard) of consecutive quarters' lists over the oracle's own (ours, and the ceiling's), and entries and departures explained."""
    over, best, explained = [], [], []
    for seed in seeds:
        rows = world(seed, households=households)
        before, now = scored(rows, 16), scored(rows, 17)
        room = int(share * len(now.scores))
        listed = watch_list(now, capacity=room, previous=before)
        sets = [set(r.scores.head(room)["household_id"]) for r in (before, now)]
        oracle = [
            set(rows[rows["quarter"] == q].nlargest(room, "h0")["household_id"])
            for q in (16, 17)
        ]
        known = [
            set(
                h.iloc[
                    np.argsort(-ceiling(rows, q, Policy().effect), kind="stable")[:room]
                ]["household_id"]
            )
            for q, h in ((q, rows[rows["quarter"] == q]) for q in (16, 17))
        ]
        jaccard = [len(a & b) / len(a | b) for a, b in (sets, oracle, known)]
        over.append(jaccard[0] / jaccard[1])
        best.append(jaccard[2] / jaccard[1])
        explained.append(listed.explained())
    return {
        "over_oracle": float(np.mean(over)),
        "ceiling_over_oracle": float(np.mean(best)),
        "explained": float(np.mean(explained)),
    }


def reason_study(
    seeds: Sequence[int], *, households: int = 74_000, high: float = 0.05
) -> dict[str, float]:
    """Largest error of the sum of contributions, and share of truly high-risk households whose reasons hold the largest true term."""
    errors, held = [], []
    for seed in seeds:
        rows = world(seed, households=households)
        risk = scored(rows, TRAINED)
        errors.append(
            float(
                (
                    risk.contributions.sum(axis=1)
                    + risk.reference_eta
                    - risk.scores["eta"]
                )
                .abs()
                .max()
            )
        )
        here = (
            rows[rows["quarter"] == TRAINED]
            .set_index("household_id")
            .loc[risk.scores["household_id"]]
        )
        named = [t for t in TERMS if t != "winter"]
        true = pd.DataFrame(
            {
                t: getattr(TRUTH, t)
                * (
                    here["true_log_margin" if t == "log_margin" else t].astype(float)
                    - risk.reference.get(t, 0.0)
                )
                for t in named
            }
        )
        top = (here["h0"] >= here["h0"].quantile(1 - high)).to_numpy()
        largest = true.to_numpy().argmax(axis=1)
        reasons = (
            risk.scores[["reason_1", "reason_2", "reason_3"]]
            .replace({"past_margin": "log_margin"})
            .to_numpy()
        )
        held.append(
            float(np.mean([named[k] in r for k, r in zip(largest[top], reasons[top])]))
        )
    return {"sum_error": max(errors), "largest_term_held": float(np.mean(held))}


def case_control_study(
    seeds: Sequence[int],
    *,
    households: int = 74_000,
    ratios: Sequence[int] = (1, 5, 20),
) -> pd.Series:
    """Mean risk of all rows over the true rate, from case-control samples of 1 : ratio with prior correction (mean of the seeds)."""
    found = {}
    for seed in seeds:
        rows = world(seed, households=households, unrecorded=0.0, village_sd=0.0)
        past = rows[rows["quarter"] < TRAINED]
        y = past["returned_1"].to_numpy()
        Z = np.column_stack(
            [np.ones(len(past)), *(c.value(past) for c in WORLD_COVARIATES)]
        ).astype(float)
        rng = np.random.default_rng(seed)
        for ratio in ratios:
            use = np.concatenate(
                [
                    np.flatnonzero(y > 0),
                    rng.choice(
                        np.flatnonzero(y == 0), int(ratio * y.sum()), replace=False
                    ),
                ]
            )
            sample = past.iloc[np.sort(use)]
            at = _numbered(rows, sample)
            risk = return_risk(
                at,
                as_of=day_of(rows, TRAINED),
                outcome=at["returned_1"].where(at["quarter"] < TRAINED),
                covariates=WORLD_COVARIATES,
                options=HazardOptions(event_share=float(y.mean()), frailty=False),
            )
            mean = inverse_link(
                Z @ risk.coefficients["beta"].to_numpy() + risk.shift, "cloglog"
            ).mean()
            found.setdefault(f"1:{ratio}", []).append(mean / y.mean())
    return pd.DataFrame(found).mean()


def _numbered(rows: pd.DataFrame, sample: pd.DataFrame) -> pd.DataFrame:
    """The sample with the quarter that is scored."""
    return pd.concat([sample, rows[rows["quarter"] == TRAINED]])


def incidence_study(
    seeds: Sequence[int], *, households: int = 74_000, leads: int = 4
) -> dict[str, float]:
    """Mean cumulative incidence within four quarters over what happens, in a world without visits, and the same when leaving is ignored."""
    level, ignoring = [], []
    for seed in seeds:
        rows = world(
            seed, households=households, policy=Policy(capacity=0.0), leave=0.02
        )
        quarter = 15
        covariates = tuple(
            c for c in (*WORLD_COVARIATES, *HISTORY) if c.name != "visited_now"
        )
        known = rows["quarter"] < quarter
        found = incidence(
            rows,
            as_of=day_of(rows, quarter),
            leads=leads,
            covariates=covariates,
            returned=rows["returned_1"].where(known),
            left=rows["left_1"].where(known),
        )
        ahead = rows[rows["quarter"].between(quarter, quarter + leads - 1)].sort_values(
            "quarter"
        )
        first = (
            ahead[(ahead["returned_1"] > 0) | (ahead["left_1"] > 0)]
            .drop_duplicates("household_id")
            .set_index("household_id")["returned_1"]
        )
        happened = found.rows["household_id"].map(first).fillna(0.0).mean()
        level.append(found.rows[f"returned_{leads}"].mean() / happened)
        ignoring.append(found.ignoring.iloc[-1] / happened)
    return {
        "over_truth": float(np.mean(level)),
        "ignoring_leaving": float(np.mean(ignoring)),
    }


def detection_study(seeds: Sequence[int], *, households: int = 74_000) -> pd.DataFrame:
    """Returns that happened over those recorded in the ordinary course, true and estimated from a look-back."""
    found = []
    for seed in seeds:
        rows = world(seed, households=households, detection=(0.55, 0.95), campaign=17)
        answer = detection(rows, as_of=day_of(rows, 19), delay_quarters=0)
        window = rows["quarter"].between(12, 17)
        ordinary = (rows["returned_1"] > 0) & (rows["next_return_round"] == "")
        found.append(
            (
                seed,
                answer.factor,
                answer.factor_ci_low,
                answer.factor_ci_high,
                (rows["true_return"] & window).sum() / (ordinary & window).sum(),
            )
        )
    return pd.DataFrame(found, columns=["seed", "factor", "ci_low", "ci_high", "true"])
