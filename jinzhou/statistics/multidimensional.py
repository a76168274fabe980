"""Poverty in several dimensions at once: how many households fall short in enough of them, and in which."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.statistics.survey import (
    Estimates,
    Frames,
    Tally,
    column,
    combine,
    estimates,
    parts_of_whole,
    ratio,
    tallied,
    tally,
)

GUARANTEES = {
    "income_ok": 1,
    "school_ok": 1,
    "medical_ok": 1,
    "dwelling_ok": 1,
    "water_ok": 1,
}
"""Two worries and three guarantees as yes or no (R34), each with its cut-off: a no lies below 1."""


def multidimensional(
    households: Frames,
    *,
    cutoffs: Mapping[str, float] = GUARANTEES,
    k: float | Fraction,
    dimension_weights: Mapping[str, float] | None = None,
    depth: bool = False,
    weights: str | None = None,
    by: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    level: float = 0.95,
) -> Estimates:
    """Alkire-Foster headcount H, intensity A and adjusted headcount M0, with contributions, by group, with errors.

    Parameters
    ----------
    cutoffs : mapping, dimension -> cut-off
        Columns of the dimensions; a household is deprived where its value is below the cut-off. Yes
        and no are 1 and 0 with cut-off 1.
    k : float or Fraction
        Share of the dimensions' weight, above 0 to 1: a household is poor when it is deprived in k or
        more. Taken as the nearest fraction with a denominator up to 1,000 and compared in whole
        numbers, so that 1/3 and 0.3333 both mean a third.
    dimension_weights : mapping, optional
        Equal when not given.
    depth : bool
        Adds `m1` and `m2` (normalised gaps to the power 1 and 2), for dimensions that are measured.
    weights, by, strata, clusters, level
        As `poverty_rates`.

    Returns
    -------
    Estimates
        `headcount`, `intensity`, `m0` (= headcount x intensity), `m1`, `m2`; for each dimension `deprived d`, `censored d`
        (deprived and poor) and `contribution d` (share of m0; they sum to 1); with `by` also `size` and `contribution` of the
        group to m0. `headcount_least` and `headcount_most`: the headcount of all households, those with an unknown dimension
        too, were every unknown met or missed. A household with an unknown dimension enters nothing else and is counted in `dropped`.

    Raises
    ------
    ParameterError
        `k` outside (0, 1], weights that are not positive or not of the dimensions, fewer than one dimension.

    Notes
    -----
    Alkire and Foster (2011), Journal of Public Economics 95, 476-487. In the registry 「两不愁」 (food and clothing) is known only
    by income at or above the line, a proxy.
    """
    names = list(cutoffs)
    given = (
        dict.fromkeys(names, 1)
        if dimension_weights is None
        else dict(dimension_weights)
    )
    if not names or set(given) != set(names) or not all(v > 0 for v in given.values()):
        raise ParameterError(
            f"维度权重 {given} 与维度 {names} 不符；每个维度应有一个正的权重。",
            f"dimension weights {given} do not fit {names}; expected one positive weight for each dimension.",
        )
    exact, at = (
        [Fraction(given[d]).limit_denominator(1_000) for d in names],
        Fraction(k).limit_denominator(1_000),
    )
    if not 0 < at <= 1:
        raise ParameterError(
            f"k={k}；应为大于0、不超过1的份额（维度权重之和的份额）。",
            f"k={k}; expected a share of the dimensions' weight, above 0 to 1.",
        )
    units = np.lcm.reduce([f.denominator for f in exact])
    share = np.array([int(f * int(units)) for f in exact])
    enough = -(
        -share.sum() * at.numerator // at.denominator
    )  # least whole score that reaches k
    every: list[Tally] = []

    def rows(part: pd.DataFrame) -> Tally:
        x = np.column_stack([column(part, d) for d in names])
        z = np.array([float(cutoffs[d]) for d in names])
        unknown, below = np.isnan(x), x < z
        score = below @ share
        poor = score >= enough
        design = {"weights": weights, "by": by, "strata": strata, "clusters": clusters}
        every.append(
            tally(
                part,
                {"least": poor, "most": score + unknown @ share >= enough},
                reasons={},
                **design,
            )
        )
        sums = {"poor": poor, "score": poor * score / share.sum()}
        for j, d in enumerate(names):
            sums |= {
                f"deprived {d}": below[:, j],
                f"censored {d}": poor & below[:, j],
                f"part {d}": poor * below[:, j] * share[j] / share.sum(),
            }
        if depth:
            gap = np.where(below, (z - x) / z, 0.0)
            sums |= {
                "m1": poor * (gap @ share) / share.sum(),
                "m2": poor * (gap**2 @ share) / share.sum(),
            }
        return tally(
            part,
            sums,
            reasons={f"{d} unknown": unknown[:, j] for j, d in enumerate(names)},
            **design,
        )

    sums = tallied(households, rows)
    none = np.where(sums.by_group("poor") > 0, "", "none poor").astype(object)
    measures = {
        "headcount": ratio(sums, "poor", share=True),
        "intensity": ratio(sums, "score", "poor", most=1.0, status=none),
        "m0": ratio(sums, "score", most=1.0),
    }
    measures |= {m: ratio(sums, m, most=1.0) for m in ("m1", "m2") if depth}
    for d in names:
        measures |= {
            f"deprived {d}": ratio(sums, f"deprived {d}", share=True),
            f"censored {d}": ratio(sums, f"censored {d}", share=True),
            f"contribution {d}": ratio(
                sums, f"part {d}", "score", most=1.0, status=none
            ),
        }
    whole = combine(every)
    frames = [
        estimates(sums, measures, level=level),
        estimates(
            whole,
            {
                "headcount_least": ratio(whole, "least", share=True),
                "headcount_most": ratio(whole, "most", share=True),
            },
            level=level,
        ),
    ]
    if by:
        frames.extend(parts_of_whole(sums, "score", level=level))
    frame = pd.concat(frames, ignore_index=True)
    order = {g: i for i, g in enumerate(frames[0]["group"].unique())}
    frame = frame.iloc[frame["group"].map(order).argsort(kind="stable")].reset_index(
        drop=True
    )
    return Estimates(
        estimates=frame,
        dropped=sums.dropped,
        level=level,
        name=f"deprived in {at} or more of {len(names)} dimensions",
    )
