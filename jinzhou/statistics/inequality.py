"""Gini and concentration indices: one kernel of weighted mean ranks, linearised.

No kept library has them with errors under strata and clusters, or over partitions.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.statistics.estimates import Estimates, Measure, estimates
from jinzhou.statistics.survey import (
    ROWS_ALONE,
    Frames,
    SurveyDesign,
    Tally,
    column,
    tallied,
    tally,
)


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """Twice the covariance of a variable with the rank, and its mean, for each group.

    Attributes
    ----------
    spread, mean : arrays (groups,)
        2 cov(h, R), which is the mean times the concentration index; the mean of h.
    d_spread, d_mean : arrays (cells,)
        Influence of each cell on them.
    """

    spread: np.ndarray
    mean: np.ndarray
    d_spread: np.ndarray
    d_mean: np.ndarray


def ranked(sums: Tally, value: np.ndarray, w: np.ndarray, wh: np.ndarray) -> Ranked:
    """Concentration of h over the ranks of `value` within each group.

    Parameters
    ----------
    value, w, wh : arrays (cells,)
        What ranks; the weight; the weight times h.

    Notes
    -----
    The fractional rank R of a row is the weight below it and half the weight of those
    that tie with it, over all weight: rows that tie share a mean rank, so the order of
    the file does not matter, and the mean of R is one half. With M = W R and S = sum w
    h M, 2 cov(h, R) = 2 S / W^2 - H / W; adding a row moves S by h M for its own rank
    and by the h above it (half of it in its tie) for the ranks of others. Lerman and
    Yitzhaki (1989), Journal of Econometrics 42, 43-47; Kakwani, Wagstaff and van
    Doorslaer (1997), Journal of Econometrics 77, 87-103.
    """
    group = sums.cells["group"].to_numpy()
    order = np.argsort(value) if sums.groups == 1 else np.lexsort((value, group))
    ahead, ranks = group[order], value[order]
    new = np.ones(len(order), bool)
    new[1:] = (ranks[1:] != ranks[:-1]) | (ahead[1:] != ahead[:-1])
    tie = np.cumsum(new) - 1
    of_tie = ahead[new]
    at = np.empty(len(order), np.int64)
    at[order] = tie

    def below(sums_of: np.ndarray) -> np.ndarray:
        """Sum below each tie in its group, and half of the tie itself."""
        here = np.bincount(tie, sums_of[order], minlength=len(of_tie))
        before = np.cumsum(here) - here
        start = (
            before[np.searchsorted(of_tie, np.arange(sums.groups))[of_tie]]
            if len(of_tie)
            else before
        )
        return before - start + here / 2

    m, under = below(w)[at], below(wh)[at]
    total, h, s = sums.by_group(w), sums.by_group(wh), sums.by_group(wh * m)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, spread = h / total, 2 * s / total**2 - h / total
        W, H, S = sums.each(total), sums.each(h), sums.each(s)
        d_spread = (
            2 * (wh * m + w * (H - under)) / W**2
            - 4 * S * w / W**3
            - wh / W
            + H * w / W**2
        )
        d_mean = (wh - (H / W) * w) / W
    return Ranked(
        spread=spread,
        mean=mean,
        d_spread=np.nan_to_num(d_spread),
        d_mean=np.nan_to_num(d_mean),
    )


def _index(
    sums: Tally,
    r: Ranked,
    value: np.ndarray,
    by_spread: np.ndarray,
    by_mean: np.ndarray,
    undefined: np.ndarray,
    why: str,
) -> Measure:
    """An index from its value and its derivatives by spread and mean."""
    return Measure(
        value=np.where(undefined, np.nan, value),
        influence=np.nan_to_num(
            sums.each(by_spread) * r.d_spread + sums.each(by_mean) * r.d_mean
        ),
        status=np.where(undefined, why, "").astype(object),
    )


def inequality(
    households: Frames,
    *,
    value: str = "net_income_pc",
    by: str | None = None,
    design: SurveyDesign = ROWS_ALONE,
) -> Estimates:
    """Gini of a variable, by group, with errors.

    Returns
    -------
    Estimates
        `gini`, and `mean` of the variable. The status counts values of zero or less,
        which stay in; with negative values the Gini can pass 1, and with a mean of zero
        or less it is not defined.

    Notes
    -----
    Half the mean difference of two rows drawn with replacement, over the mean: sum_ij
    w_i w_j |y_i - y_j| / (2 mean W^2). No factor n / (n - 1); equal to laeken's
    formula, not to convey's. Langel and Tillé (2013), Journal of the Royal Statistical
    Society A 176, 521-540.
    """
    sums = tallied(
        households,
        lambda part: _rank_cells(
            part, (value, value), by=by, design=design, names=(value, "value")
        ),
    )
    y, w, used = (sums.cells[name].to_numpy() for name in ("value", "weight", "rows"))
    r = ranked(sums, y, w, sums.cells["h"].to_numpy())
    with np.errstate(divide="ignore", invalid="ignore"):
        gini = _index(sums, r, *_relative(r))
    none = sums.by_group(used * (y <= 0))
    said = np.where(
        ~(r.mean > 0),
        "mean of zero or less",
        [f"values of zero or less: {int(n)}" if n else "" for n in none],
    ).astype(object)
    measures = {
        "gini": Measure(value=gini.value, influence=gini.influence, status=said),
        "mean": Measure(value=r.mean, influence=r.d_mean),
    }
    return Estimates(
        estimates=estimates(sums, measures, level=design.level),
        dropped=sums.dropped,
        level=design.level,
        name=f"inequality of {value}",
    )


def concentration(
    households: Frames,
    *,
    value: str,
    rank: str = "net_income_pc",
    bounds: tuple[float, float] | None = None,
    by: str | None = None,
    design: SurveyDesign = ROWS_ALONE,
) -> Estimates:
    """Concentration of a variable over the ranks of another, by group, with errors.

    Parameters
    ----------
    value, rank : str
        Columns: what is shared out, and what the rows are ranked by, poorest first. An
        index below zero means that the poor carry more than their share.
    bounds : (low, high), optional
        Least and largest possible value, (0, 1) for yes or no: adds the indices of
        bounded variables.
    others
        As `poverty_rates`.

    Returns
    -------
    Estimates
        `standard` C, `generalised` (mean x C); with bounds `erreygers` (4 mean C /
        (high - low)) and `wagstaff` (mean C (high - low) / ((high - mean) (mean -
        low)), for a share C / (1 - mean)).

    Raises
    ------
    ParameterError
        Bounds that are none, or values outside them.

    Notes
    -----
    Mean ranks in ties (see `ranked`); errors by full linearisation, ranks included, as
    in the delta method of Kakwani, Wagstaff and van Doorslaer (1997) but under strata
    and clusters. Not defined: C where the mean is not above zero (all payments zero),
    Wagstaff's where it is at a bound. Wagstaff (2005), Health Economics 14, 429-432;
    Erreygers (2009), Journal of Health Economics 28, 504-515.
    """
    if bounds is not None and not bounds[0] < bounds[1]:
        raise ParameterError("statistics.inequality.bounds", found=bounds)

    def rows(part: pd.DataFrame) -> Tally:
        if bounds is not None:
            h = column(part, value)
            outside = int(((h < bounds[0]) | (h > bounds[1])).sum())
            if outside:
                raise ParameterError(
                    "statistics.inequality.outside",
                    column=value,
                    found=outside,
                    bounds=bounds,
                )
        return _rank_cells(
            part, (rank, value), by=by, design=design, names=(rank, value)
        )

    sums = tallied(households, rows)
    r = ranked(
        sums,
        sums.cells["value"].to_numpy(),
        sums.cells["weight"].to_numpy(),
        sums.cells["h"].to_numpy(),
    )
    one, none = np.ones(sums.groups), np.isnan(r.mean)
    with np.errstate(divide="ignore", invalid="ignore"):
        measures = {
            "standard": _index(sums, r, *_relative(r)),
            "generalised": _index(sums, r, r.spread, one, 0 * one, none, "no rows"),
        }
        if bounds is not None:
            measures |= _bounded(sums, r, *bounds)
    return Estimates(
        estimates=estimates(sums, measures, level=design.level),
        dropped=sums.dropped,
        level=design.level,
        name=f"concentration of {value} over {rank}",
    )


def _relative(
    r: Ranked,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, str]:
    """Spread over the mean: value, derivatives, where undefined, why."""
    return (
        r.spread / r.mean,
        1 / r.mean,
        -r.spread / r.mean**2,
        ~(r.mean > 0),
        "mean of zero or less",
    )


def _bounded(sums: Tally, r: Ranked, low: float, high: float) -> dict[str, Measure]:
    """Indices of a variable that lies between bounds."""
    one, wide = np.ones(sums.groups), high - low
    room = (high - r.mean) * (r.mean - low)
    by_mean = -r.spread * wide * (high + low - 2 * r.mean) / room**2
    return {
        "erreygers": _index(
            sums,
            r,
            4 * r.spread / wide,
            one * 4 / wide,
            0 * one,
            np.isnan(r.mean),
            "no rows",
        ),
        "wagstaff": _index(
            sums,
            r,
            r.spread * wide / room,
            wide / room,
            by_mean,
            ~(room > 0),
            "mean at a bound",
        ),
    }


def _rank_cells(
    part: pd.DataFrame,
    columns: tuple[str, str],
    *,
    by: str | None,
    design: SurveyDesign,
    names: tuple[str, str],
) -> Tally:
    """Rows with what ranks them and what is shared out (`h`)."""
    rank, h = (column(part, c) for c in columns)
    missing = {
        f"{names[0]} missing": ~np.isfinite(rank),
        f"{names[1]} missing": ~np.isfinite(h),
    }
    return tally(part, {"h": h}, value=rank, reasons=missing, by=by, design=design)
