"""Change of poverty between two dates, split into growth and redistribution."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from jinzhou.statistics.estimates import Estimates, Measure, estimates, ratio
from jinzhou.statistics.poverty import FGT, check_unit, shortfall
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


def poverty_change(
    before: Frames,
    after: Frames,
    *,
    lines: tuple[float, float],
    alpha: int = 0,
    income: str = "net_income_pc",
    by: str | None = None,
    edge: str = "<",
    design: SurveyDesign = ROWS_ALONE,
) -> Estimates:
    """Change of FGT poverty between two dates, split into growth and redistribution.

    Incomes are divided by the line of their own date, so `growth` is what the mean,
    measured in lines, would have done to poverty with the shape of incomes unchanged,
    and `redistribution` what the shape would have done with the mean unchanged. Each is
    the average over both orders (Shapley), so the two sum to the change without a
    residual.

    Parameters
    ----------
    lines : (float, float)
        Of the two dates.
    others
        As `poverty_rates`.

    Returns
    -------
    Estimates
        `before`, `after`, `change`, `growth`, `redistribution`; households and weight
        of both dates together.

    Notes
    -----
    Clusters with the same name at both dates are the same cluster, and errors allow for
    it. The error of a headcount's components needs the density of incomes at the line:
    a normal kernel on log incomes with Silverman's bandwidth. A mean of zero or less at
    either date leaves the components undefined.

    References
    ----------
    Datt and Ravallion (1992), Journal of Development Economics 38, 275-295. Shorrocks
    (2013), Journal of Economic Inequality 11, 99-126.
    """
    for line in lines:
        FGT(line=line, alpha=alpha, income=income, edge=edge)

    def rows(moment: int) -> Callable[[pd.DataFrame], Tally]:
        def of(part: pd.DataFrame) -> Tally:
            y = column(part, income)
            check_unit(part, y, lines[moment], by)
            return tally(
                part,
                {f"moment_{m}": np.full(len(y), float(m == moment)) for m in (0, 1)},
                value=y / lines[moment],
                reasons={"income missing": ~np.isfinite(y)},
                by=by,
                design=design,
            )

        return of

    sums = combine([tallied(before, rows(0)), tallied(after, rows(1))])
    return Estimates(
        estimates=estimates(sums, _split(sums, alpha, edge), level=design.level),
        dropped=sums.dropped,
        level=design.level,
        name=f"change of FGT{alpha} from {lines[0]:g} to {lines[1]:g}",
    )


def _split(sums: Tally, alpha: int, edge: str) -> dict[str, Measure]:
    """Both dates, the change and its two components, each with its influence."""
    x, g = sums.cells["value"].to_numpy(), sums.cells["group"].to_numpy()
    w = [sums.cells[f"moment_{m}"].to_numpy() for m in (0, 1)]
    mean = [ratio(sums, w[m] * x, w[m], least=-np.inf) for m in (0, 1)]
    with np.errstate(divide="ignore", invalid="ignore"):
        r = mean[1].value / mean[0].value  # growth of the mean, in lines
        r = np.where((mean[0].value > 0) & (mean[1].value > 0), r, np.nan)
        # date 0; 0 with the mean of 1; 1 with the mean of 0; date 1
        scaled = [x, x * sums.each(r), x / sums.each(r), x]
        a, c, d, b = (
            ratio(sums, w[m] * shortfall(s, 1.0, alpha, edge), w[m], share=alpha == 0)
            for s, m in zip(scaled, (0, 0, 1, 1), strict=True)
        )
        # a scaled distribution moves with the ratio of the means too
        slopes = (
            _elasticity(scaled[1], w[0], g, sums.groups, alpha, edge),
            -_elasticity(scaled[2], w[1], g, sums.groups, alpha, edge),
        )
        d_log = np.nan_to_num(
            mean[1].influence / sums.each(mean[1].value)
            - mean[0].influence / sums.each(mean[0].value)
        )
    d_c, d_d = (
        m.influence + sums.each(slope) * d_log
        for m, slope in zip((c, d), slopes, strict=True)
    )
    status = np.where(
        np.isnan(r), "a mean is zero or less, or a date has no rows", ""
    ).astype(object)
    blank = np.where(np.isnan(r), np.nan, 0.0)
    return {
        "before": a,
        "after": b,
        "change": Measure(value=b.value - a.value, influence=b.influence - a.influence),
        "growth": Measure(
            value=blank + (c.value - a.value + b.value - d.value) / 2,
            influence=(d_c - a.influence + b.influence - d_d) / 2,
            status=status,
        ),
        "redistribution": Measure(
            value=blank + (d.value - a.value + b.value - c.value) / 2,
            influence=(d_d - a.influence + b.influence - d_c) / 2,
            status=status,
        ),
    }


def _elasticity(
    x: np.ndarray, w: np.ndarray, group: np.ndarray, groups: int, alpha: int, edge: str
) -> np.ndarray:
    """Derivative of each group's FGT at line 1 by the log of a factor on incomes."""
    total = np.bincount(group, w, minlength=groups)
    if alpha:
        return (
            -np.bincount(
                group,
                w * alpha * x * shortfall(x, 1.0, alpha - 1, edge),
                minlength=groups,
            )
            / total
        )
    u, slopes = np.log(np.maximum(x, 1e-300)), np.zeros(groups)
    for k in range(groups):
        of = (group == k) & (w > 0) & (x > 0)
        if of.sum() < 2:
            continue
        v, p = u[of], w[of] / total[k]
        order = np.argsort(v)
        quartiles = np.interp([0.25, 0.75], np.cumsum(p[order]) / p.sum(), v[order])
        spread = min(
            np.sqrt(np.average((v - np.average(v, weights=p)) ** 2, weights=p)),
            (quartiles[1] - quartiles[0]) / 1.349 or np.inf,
        )
        width = 0.9 * spread * of.sum() ** -0.2
        if width > 0:
            slopes[k] = -float((p * np.exp(-0.5 * (v / width) ** 2)).sum()) / (
                width * np.sqrt(2 * np.pi)
            )
    return slopes
