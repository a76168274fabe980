"""A registry of returns whose hazard is known, for the studies of the risk estimators.

One row per household at risk and quarter, in the columns of `registry.panel` that the terms below
read. Processes and numbers: the project's simulation notes, section 4.2, with the coefficients of
`registry.synthetic`; everything that the notes leave open is written here as a named number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.statistics.returns.terms import Covariate
from jinzhou.synthetic.parameters import Hazard

TRUTH = Hazard()
TERMS = (
    "log_margin",
    "ill_now",
    "ill_last",
    "chronic",
    "job_loss",
    "disaster",
    "dibao",
    "elderly",
    "disabled",
    "labour",
    "dwelling_grade",
    "deep_village",
    "quarters_since_exit",
    "aid",
    "winter",
)
"""Named terms of the true hazard; the visit stands apart."""


def _column(name: str):
    return lambda panel: panel[name].to_numpy(float)


GROUPS = {
    "log_margin": "income",
    "ill_now": "illness",
    "ill_last": "illness",
    "chronic": "illness",
    "job_loss": "labour",
    "disaster": "place",
    "dibao": "protection",
    "elderly": "age",
    "disabled": "disability",
    "labour": "labour",
    "dwelling_grade": "housing",
    "deep_village": "place",
    "quarters_since_exit": "history",
    "aid": "income",
    "winter": "",
    "visited_now": "",
}
WORLD_COVARIATES = tuple(
    Covariate(
        name,
        _column(name),
        GROUPS[name],
        set_to=0.0 if name == "visited_now" else None,
    )
    for name in (*TERMS, "visited_now")
)
HISTORY = (Covariate("past_margin", _column("past_margin"), "income"),)
"""Mean of the household's earlier reported margins: the level behind the quarter's report."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Who is visited.

    `chosen_by` is ``random``, ``records`` (the office's rule on what is recorded) or ``hidden`` (the
    rule also sees what is never recorded); `capacity` a share of the households at risk; `effect` the
    true effect on the linear predictor; `random_slice` the share of visits drawn at random.
    """

    chosen_by: str = "records"
    capacity: float = 0.06
    effect: float = -0.80
    random_slice: float = 0.10


def world(
    seed: int,
    *,
    households: int = 74_000,
    quarters: int = 20,
    policy: Policy = Policy(),
    unrecorded: float = TRUTH.unrecorded,
    village_sd: float = TRUTH.village_sd,
    income_error: float = 0.06,
    detection: tuple[float, float] = (1.0, 1.0),
    campaign: int | None = None,
    leave: float = 0.003,
) -> pd.DataFrame:
    """Simulate and return the rows at risk.

    Parameters
    ----------
    detection : (float, float)
        Probability that a return of an unvisited, of a visited household is recorded.
    campaign : int, optional
        Quarter in which every return of the last six quarters that had not been recorded is looked
        for and found with the detection of a visit.

    Returns
    -------
    DataFrame
        `household_id`, `county`, `area_code`, `quarter` (0..), `quarter_end`, `at_risk`, the terms,
        `visited_now`, `visit_random`, `visit_probability`, `returned_1` (recorded), `left_1`,
        `next_return_round` ("" or the campaign's name); and the truth: `h0`, `eta`, `true_<term>`
        where a record differs, `true_return`.
    """
    rng = np.random.default_rng([seed, households])
    H = households
    villages = 400
    village = rng.integers(0, villages, H)
    county = village % 4
    deep = (village % 4 == 0) & (village // 4 < 15)
    village_effect = rng.normal(0, village_sd, villages)[village]
    u = rng.normal(0, 1, H)
    chronic, disabled, elderly = (
        rng.random(H) < 0.38,
        rng.random(H) < 0.14,
        rng.random(H) < 0.45,
    )
    labour = rng.random(H) < 0.70
    migrant = rng.random(H) < 0.35
    grade = rng.choice([0, 1, 2, 3], H, p=[0.45, 0.35, 0.17, 0.03])
    level = rng.normal(0.42, 0.28, H) - 0.10 * chronic - 0.10 * disabled + 0.12 * labour
    dibao = rng.random(H) < 0.12 + 0.12 * disabled + 0.05 * elderly
    ar = rng.normal(0, 0.22, H)
    since = rng.integers(0, 8, H)
    aid = rng.random(H) < 0.3
    ill_last = rng.random(H) < 0.06
    away = np.zeros(H, int)  # quarters left in poverty after a return
    gone = np.zeros(H, bool)
    index = np.arange(H)
    parts = []
    for t in range(quarters):
        winter, summer = t % 4 in (0, 3), t % 4 == 2
        ar = 0.72 * ar + rng.normal(0, 0.22 * np.sqrt(1 - 0.72**2), H)
        aid ^= rng.random(H) < 0.03
        margin = level + ar
        ill = rng.random(H) < 1 / (
            1 + np.exp(3.55 - 0.9 * chronic - 0.5 * elderly - 0.3 * winter)
        )
        job = migrant & (rng.random(H) < 0.035)
        hit = rng.random(villages) < (0.09 if summer else 0.01)
        disaster = hit[village] & (rng.random(H) < 0.5)
        at_risk = (away == 0) & ~gone
        true = {
            "log_margin": np.clip(margin, -0.5, 1.2),
            "ill_now": ill,
            "ill_last": ill_last,
            "chronic": chronic,
            "job_loss": job,
            "disaster": disaster,
            "dibao": dibao,
            "elderly": elderly,
            "disabled": disabled,
            "labour": labour,
            "dwelling_grade": grade,
            "deep_village": deep,
            "quarters_since_exit": np.minimum(since, 12),
            "aid": aid,
            "winter": np.full(H, winter),
        }
        eta = (
            TRUTH.intercept
            + sum(getattr(TRUTH, k) * v for k, v in true.items())
            + unrecorded * u
            + village_effect
        )
        h0 = 1 - np.exp(-np.exp(eta))
        pool = index[at_risk]
        room = int(policy.capacity * len(pool))
        drawn = (
            rng.choice(pool, int(policy.random_slice * room), replace=False)
            if room
            else pool[:0]
        )
        seen = (
            0.8 * ill_last
            + 0.5 * chronic
            + 0.4 * disabled
            - 1.0 * margin
            + rng.normal(0, 0.8, H)
        )
        if policy.chosen_by == "random":
            seen = rng.random(H)
        elif policy.chosen_by == "hidden":
            seen = seen + 1.0 * u
        rest = np.setdiff1d(pool, drawn, assume_unique=True)
        visited, random = np.zeros(H, bool), np.zeros(H, bool)
        visited[rest[np.argsort(-seen[rest], kind="stable")][: room - len(drawn)]] = (
            True
        )
        visited[drawn] = random[drawn] = True
        h = 1 - np.exp(-np.exp(eta + policy.effect * visited))
        returned = at_risk & (rng.random(H) < h)
        seen_now = rng.random(H) < np.where(visited, detection[1], detection[0])
        left = at_risk & ~returned & (rng.random(H) < leave)
        report = margin + rng.normal(0, income_error, H)
        near = (
            (report < 0) & (report > -0.08) & (rng.random(H) < 0.6)
        )  # heaping just above the line
        report[near] = np.abs(report[near]) * 0.5
        frame = {k: v for k, v in true.items() if k != "log_margin"} | {
            "log_margin": np.clip(report, -0.5, 1.2)
        }
        parts.append(
            pd.DataFrame(
                {
                    "household": index,
                    "quarter": t,
                    "village": village,
                    "county": county,
                    **frame,
                    "true_log_margin": true["log_margin"],
                    "visited_now": visited,
                    "visit_random": random,
                    "returned": returned,
                    "seen": returned & seen_now,
                    "left": left,
                    "h0": h0,
                    "eta": eta,
                    "u": u,
                    "village_effect": village_effect,
                    "single_person": elderly & ~labour,
                }
            )[at_risk]
        )
        ar[returned] -= 0.35
        away = np.maximum(away - 1, 0)
        away[returned] = 4
        since = np.where(returned, 0, since + (away == 0))
        gone |= left
        ill_last = ill
    rows = pd.concat(parts, ignore_index=True)
    rows["next_return_round"] = ""
    if campaign is not None:
        late = (
            rows["returned"]
            & ~rows["seen"]
            & rows["quarter"].between(campaign - 6, campaign)
            & (rng.random(len(rows)) < detection[1])
        )
        rows.loc[late, "next_return_round"] = "look-back"
        rows["seen"] |= late
    rows = rows.sort_values(["household", "quarter"], kind="stable", ignore_index=True)
    reports = rows.groupby("household")["log_margin"]
    rows["past_margin"] = (
        (reports.cumsum() - rows["log_margin"]) / reports.cumcount().replace(0, np.nan)
    ).fillna(rows["log_margin"])
    ends = {
        t: pd.Timestamp("2014-03-31") + pd.offsets.QuarterEnd(t)
        for t in range(quarters)
    }
    return rows.assign(
        household_id=("H" + rows["household"].astype(str).str.zfill(6)),
        county=np.array(["210727", "210726", "210781", "210782"])[rows["county"]],
        area_code=("V" + rows["village"].astype(str).str.zfill(3)),
        quarter_end=rows["quarter"].map(ends),
        at_risk=True,
        returned_1=rows["seen"].astype(float),
        left_1=rows["left"].astype(float),
        true_return=rows["returned"],
    )


def captured(rows: pd.DataFrame, score: np.ndarray, share: float) -> float:
    """Share of the expected returns without a visit that the first `share` of each quarter's rows hold, all quarters together."""
    caught = total = 0.0
    for _, at in rows.assign(s=score).groupby("quarter"):
        order = np.argsort(-at["s"].to_numpy(), kind="stable")
        h0 = at["h0"].to_numpy()
        caught += h0[order[: round(share * len(at))]].sum()
        total += h0.sum()
    return caught / total
