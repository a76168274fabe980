"""Poverty in several dimensions at once: who falls short in enough of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.statistics.estimates import (
    Estimates,
    Measure,
    estimates,
    parts_of_whole,
    ratio,
)
from jinzhou.statistics.survey import (
    ROWS_ALONE,
    Frames,
    SurveyDesign,
    Tally,
    column,
    combine,
    tallied,
    tally,
)


def multidimensional(
    households: Frames,
    *,
    cutoffs: Mapping[str, float],
    k: float | Fraction,
    dimension_weights: Mapping[str, float] | None = None,
    depth: bool = False,
    by: str | None = None,
    design: SurveyDesign = ROWS_ALONE,
) -> Estimates:
    """Alkire-Foster headcount H, intensity A and adjusted headcount M0, by group.

    Parameters
    ----------
    cutoffs : mapping, dimension -> cut-off
        Columns of the dimensions; a household is deprived where its value is below the
        cut-off. Yes and no are 1 and 0 with cut-off 1.
    k : float or Fraction
        Share of the dimensions' weight, above 0 to 1: a household is poor when it is
        deprived in k or more. Taken as the nearest fraction with a denominator up to
        1,000 and compared in whole numbers, so that 1/3 and 0.3333 both mean a third.
    dimension_weights : mapping, optional
        Equal when not given.
    depth : bool
        Adds `m1` and `m2` (normalised gaps to the power 1 and 2), for dimensions that
        are measured.
    by, design
        As `poverty_rates`.

    Returns
    -------
    Estimates
        `headcount`, `intensity`, `m0` (= headcount x intensity), `m1`, `m2`; for each
        dimension `deprived d`, `censored d` (deprived and poor) and `contribution d`
        (share of m0; they sum to 1); with `by` also `size` and `contribution` of the
        group to m0. `headcount_least` and `headcount_most`: the headcount of all
        households, those with an unknown dimension too, were every unknown met or
        missed. A household with an unknown dimension enters nothing else and is counted
        in `dropped`.

    Raises
    ------
    ParameterError
        `k` outside (0, 1], weights that are not positive or not of the dimensions,
        fewer than one dimension.

    Notes
    -----
    Alkire and Foster (2011), Journal of Public Economics 95, 476-487.
    """
    scoring = _Scoring.of(cutoffs, k, dimension_weights)
    every: list[Tally] = []

    def rows(part: pd.DataFrame) -> Tally:
        unknown, sums, least_most = scoring.rows(part, depth)
        every.append(tally(part, least_most, reasons={}, by=by, design=design))
        reasons = {f"{d} unknown": unknown[:, j] for j, d in enumerate(scoring.names)}
        return tally(part, sums, reasons=reasons, by=by, design=design)

    sums = tallied(households, rows)
    whole = combine(every)
    bounds = {
        "headcount_least": ratio(whole, "least", share=True),
        "headcount_most": ratio(whole, "most", share=True),
    }
    frames = [
        estimates(sums, _measures(sums, scoring.names, depth), level=design.level),
        estimates(whole, bounds, level=design.level),
    ]
    if by:
        frames.extend(parts_of_whole(sums, "score", level=design.level))
    frame = pd.concat(frames, ignore_index=True)
    order = {g: i for i, g in enumerate(frames[0]["group"].unique())}
    turn = frame["group"].map(order).argsort(kind="stable")
    return Estimates(
        estimates=frame.iloc[turn].reset_index(drop=True),
        dropped=sums.dropped,
        level=design.level,
        name=f"deprived in {scoring.k} or more of {len(scoring.names)} dimensions",
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Scoring:
    """Dimensions: cut-offs z (d,), whole weights `share` (d,), least score `enough`."""

    names: list[str]
    z: np.ndarray
    share: np.ndarray
    enough: int
    k: Fraction

    @classmethod
    def of(
        cls,
        cutoffs: Mapping[str, float],
        k: float | Fraction,
        dimension_weights: Mapping[str, float] | None,
    ) -> _Scoring:
        names = list(cutoffs)
        given: dict[str, float] = dict(dimension_weights or dict.fromkeys(names, 1))
        if not names or set(given) != set(names) or min(given.values()) <= 0:
            raise ParameterError(
                "statistics.multidimensional.weights", found=list(given), known=names
            )
        at = Fraction(k).limit_denominator(1_000)
        if not 0 < at <= 1:
            raise ParameterError("statistics.multidimensional.k", found=k)
        exact = [Fraction(given[d]).limit_denominator(1_000) for d in names]
        units = int(np.lcm.reduce([f.denominator for f in exact]))
        share = np.array([int(f * units) for f in exact])
        return cls(
            names=names,
            z=np.array([float(cutoffs[d]) for d in names]),
            share=share,
            enough=int(-(-share.sum() * at.numerator // at.denominator)),
            k=at,
        )

    def rows(
        self, part: pd.DataFrame, depth: bool
    ) -> tuple[np.ndarray, dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Unknown dimensions (n, d), sums of a tally, bounds of the headcount."""
        x = np.column_stack([column(part, d) for d in self.names])
        unknown, below = np.isnan(x), x < self.z
        score, whole = below @ self.share, self.share.sum()
        poor = score >= self.enough
        sums = {"poor": poor, "score": poor * score / whole}
        for j, d in enumerate(self.names):
            sums |= {
                f"deprived {d}": below[:, j],
                f"censored {d}": poor & below[:, j],
                f"part {d}": poor * below[:, j] * self.share[j] / whole,
            }
        if depth:
            gap = np.where(below, (self.z - x) / self.z, 0.0)
            sums |= {
                "m1": poor * (gap @ self.share) / whole,
                "m2": poor * (gap**2 @ self.share) / whole,
            }
        most = score + unknown @ self.share >= self.enough
        return unknown, sums, {"least": poor, "most": most}


def _measures(sums: Tally, names: list[str], depth: bool) -> dict[str, Measure]:
    """Headcount, intensity, adjusted headcount and the parts of the dimensions."""
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
    return measures
