"""Poverty with its errors and its parts: rates, indices, contributions of groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.result import Result
from jinzhou.statistics.estimates import (
    Estimates,
    Measure,
    estimates,
    parts_of_whole,
    ratio,
)
from jinzhou.statistics.inequality import Ranked, ranked
from jinzhou.statistics.survey import (
    ROWS_ALONE,
    Frames,
    SurveyDesign,
    Tally,
    column,
    groups_of,
    require_unit,
    tallied,
    tally,
)
from jinzhou.words import Words

EDGES = ("<", "<=")
SEN = ("limit", "1976")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PovertyRates(Result):
    """Weighted FGT poverty, one row per group.

    Attributes
    ----------
    rates : DataFrame, indexed by group
        `rate` (0-1; a gap can pass 1 where income is negative), `se`, `ci_low`,
        `ci_high`, `households` (rows used), `weight` (sum of weights), `no_income`
        (rows used whose income is zero or less), `status` (see `Estimates`).
    line, alpha, edge : float, int, str
        Yuan per person per year; 0 headcount, 1 gap, 2 severity; ``<`` or ``<=``.
    dropped : Series, indexed by reason
        Rows left out; with `households` it sums to the rows given.
    """

    shown: ClassVar[str] = "rates"
    kinds: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("rate", "se", "ci_low", "ci_high"), "share"
    )
    rates: pd.DataFrame
    line: float
    alpha: int
    edge: str
    dropped: pd.Series

    def sentence(self, words: Words) -> str:
        """Measure, line, rows used and left out."""
        return words(
            "summary.PovertyRates",
            alpha=self.alpha,
            line=f"{self.line:g}",
            edge=self.edge,
            households=int(self.rates["households"].sum()),
            dropped=int(self.dropped.sum()),
            no_income=int(self.rates["no_income"].sum()),
        )


def poverty_rates(
    households: Frames,
    *,
    line: float,
    alpha: int = 0,
    income: str = "net_income_pc",
    by: str | None = None,
    edge: str = "<",
    design: SurveyDesign = ROWS_ALONE,
) -> PovertyRates:
    """Share, gap or severity of poverty among households, by group, with errors.

    Parameters
    ----------
    households : DataFrame, or partitions one after the other
    line : float
        Yuan per person per year, in the same year's prices as `income`. Always given,
        never derived from the rows passed in, so that a township is held to the
        county's line.
    design : SurveyDesign
        With persons per household as weights the share is one of persons, else one of
        households.
    edge : {"<", "<="}
        Whether a household exactly at the line is poor.

    Raises
    ------
    ParameterError
        `alpha` is not 0, 1 or 2, the line is not positive, the edge is unknown, a
        column is missing, or incomes and line are in different units of money.

    Notes
    -----
    Entry is below the line (<), exit and clearing are above it (>): a household exactly
    at the line keeps the status it has. A measure of a whole population says which edge
    it uses. Income of zero or less is poor, with a gap of 1 or more. Foster, Greer and
    Thorbecke (1984), Econometrica 52(3), 761-766; errors as in
    `intervals.design_errors`.
    """
    fgt = FGT(line=line, alpha=alpha, income=income, edge=edge)
    sums = fgt.sums(households, by, design)
    frame = estimates(
        sums, {"rate": ratio(sums, "gap", share=fgt.share)}, level=design.level
    ).set_index("group")
    frame["no_income"] = pd.Series(
        sums.by_group("no_income").astype("int64"), index=sums.names
    ).reindex(frame.index)
    rates = frame.rename(columns={"value": "rate"})[
        [
            "rate",
            "se",
            "ci_low",
            "ci_high",
            "households",
            "weight",
            "no_income",
            "status",
        ]
    ]
    return PovertyRates(
        rates=rates, line=line, alpha=alpha, edge=edge, dropped=sums.dropped
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FGT:
    """One Foster-Greer-Thorbecke measure: line, power, income column, edge."""

    line: float
    alpha: int
    income: str
    edge: str

    def __post_init__(self) -> None:
        if self.alpha not in (0, 1, 2):
            raise ParameterError("statistics.poverty.alpha", found=self.alpha)
        check_line(self.line, self.edge)

    @property
    def share(self) -> bool:
        """Whether the measure is a share of rows."""
        return self.alpha == 0

    def sums(self, households: Frames, by: str | None, design: SurveyDesign) -> Tally:
        """Sums (`gap`) and counts without income, by group and cluster."""

        def rows(part: pd.DataFrame) -> Tally:
            y = column(part, self.income)
            check_unit(part, y, self.line, by)
            return tally(
                part,
                {"gap": shortfall(y, self.line, self.alpha, self.edge)},
                counts={"no_income": y <= 0},
                reasons={"income missing": ~np.isfinite(y)},
                by=by,
                design=design,
            )

        return tallied(households, rows)


def check_line(line: float, edge: str) -> None:
    """Refuse a line that is not positive, and an edge that is none."""
    if not 0 < line < np.inf:
        raise ParameterError("statistics.poverty.line", found=line)
    if edge not in EDGES:
        raise ParameterError("statistics.poverty.edge", found=edge, known=EDGES)


def check_unit(
    part: pd.DataFrame, income: np.ndarray, line: float, by: str | None
) -> None:
    """Refuse incomes in another unit of money than the line."""
    require_unit(
        income,
        line,
        least=0.01,
        most=100,
        message="statistics.poverty.unit",
        group=groups_of(part, by),
    )


def is_poor(income: np.ndarray, line: np.ndarray | float, edge: str) -> np.ndarray:
    """Below the line; with the edge ``<=`` at it too."""
    return income < line if edge == "<" else income <= line


def shortfall(
    income: np.ndarray, line: np.ndarray | float, alpha: int, edge: str
) -> np.ndarray:
    """(1 - income / line) ** alpha where poor, else 0."""
    poor = is_poor(income, line, edge)
    if alpha == 0:
        return poor.astype(float)
    gap = np.where(poor, 1 - income / line, 0.0)
    return gap if alpha == 1 else gap * gap


def poverty_indices(
    households: Frames,
    *,
    line: float,
    income: str = "net_income_pc",
    by: str | None = None,
    edge: str = "<",
    sen: str = "limit",
    design: SurveyDesign = ROWS_ALONE,
) -> Estimates:
    """FGT 0, 1, 2, Watts, Sen and Sen-Shorrocks-Thon, by group, with errors.

    Parameters
    ----------
    sen : {"limit", "1976"}
        ``limit`` is H (I + (1 - I) G), G the Gini of the poor's incomes, which does not
        move when every household is doubled; ``1976`` multiplies G by q / (q + 1) for q
        poor households, as in Sen's paper.
    others
        As `poverty_rates`.

    Returns
    -------
    Estimates
        `headcount`, `gap`, `severity`, `watts`, `sen`, `sst`.

    Notes
    -----
    Watts is the mean of ln(line / income) over the poor and 0 over the others; it has
    no value at an income of zero or less, so those households are left out of it alone
    and its status says how many (it is then too low). SST is the mean gap times 1 plus
    the Gini of the gaps (0 for those not poor). The Gini is that of `inequality`.

    References
    ----------
    Watts (1968). Sen (1976), Econometrica 44, 219-231. Shorrocks (1995), Econometrica
    63, 1225-1230. Thon (1979).
    """
    check_line(line, edge)
    if sen not in SEN:
        raise ParameterError("statistics.poverty.sen", found=sen, known=SEN)

    def rows(part: pd.DataFrame) -> Tally:
        y = column(part, income)
        check_unit(part, y, line, by)
        return tally(
            part,
            {},
            value=y,
            reasons={"income missing": ~np.isfinite(y)},
            by=by,
            design=design,
        )

    sums = tallied(households, rows)
    y, w = sums.cells["value"].to_numpy(), sums.cells["weight"].to_numpy()
    gap = shortfall(y, line, 1, edge)
    poor = is_poor(y, line, edge)
    measures = {
        "headcount": ratio(sums, w * poor, share=True),
        "gap": ratio(sums, w * gap),
        "severity": ratio(sums, w * gap * gap),
        "watts": _watts(sums, y, poor, line),
    }
    gaps = ranked(sums, gap, w, w * gap)
    scale = np.ones(sums.groups)
    if sen == "1976":
        q = sums.by_group(sums.cells["rows"].to_numpy() * poor)
        scale = q / (q + 1)
    among = ranked(sums, y, w * poor, w * y * poor)  # the poor's incomes; 0 without any
    measures["sen"] = _sen(sums, measures, among, scale / line)
    measures["sst"] = Measure(
        value=gaps.mean + gaps.spread, influence=gaps.d_mean + gaps.d_spread, least=0.0
    )
    return Estimates(
        estimates=estimates(sums, measures, level=design.level),
        dropped=sums.dropped,
        level=design.level,
        name=f"poverty at {line:g} (income {edge} line)",
    )


def _watts(sums: Tally, y: np.ndarray, poor: np.ndarray, line: float) -> Measure:
    """The Watts index of households with an income, and how many have none."""
    w, earns = sums.cells["weight"].to_numpy(), y > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        log_gap = np.where(poor & earns, np.log(line / y), 0.0)
    without = sums.by_group(sums.cells["rows"].to_numpy() * ~earns)
    said = [
        f"households without income left out: {int(n)}" if n else "" for n in without
    ]
    return ratio(sums, w * log_gap, w * earns, status=np.array(said, object))


def _sen(
    sums: Tally, fgt: Mapping[str, Measure], among: Ranked, scale: np.ndarray
) -> Measure:
    """The Sen index: gap plus headcount x spread of the poor's incomes."""
    h, gap = fgt["headcount"], fgt["gap"]
    spread, d_spread = np.nan_to_num(among.spread), np.nan_to_num(among.d_spread)
    moved = sums.each(spread) * h.influence + sums.each(h.value) * d_spread
    return Measure(
        value=gap.value + scale * h.value * spread,
        influence=gap.influence + sums.each(scale) * moved,
        least=0.0,
    )


def poverty_contributions(
    households: Frames,
    *,
    line: float,
    by: str,
    alpha: int = 0,
    income: str = "net_income_pc",
    edge: str = "<",
    design: SurveyDesign = ROWS_ALONE,
) -> Estimates:
    """Poverty by group as parts of the whole: FGT is the mean of its groups.

    Returns
    -------
    Estimates
        For each group `size` (its share of all weight), `rate`, and `contribution` (its
        share of all poverty; the contributions sum to 1); for ``all`` the `rate`.
        Parameters, errors and rules as `poverty_rates`.

    Notes
    -----
    Foster, Greer and Thorbecke (1984). Without any poverty no group contributes and
    none is defined.
    """
    fgt = FGT(line=line, alpha=alpha, income=income, edge=edge)
    sums = fgt.sums(households, by, design)
    own = estimates(
        sums, {"rate": ratio(sums, "gap", share=fgt.share)}, level=design.level
    )
    whole = sums.ungrouped()
    frame = pd.concat(
        [
            own,
            *parts_of_whole(sums, "gap", level=design.level),
            estimates(
                whole,
                {"rate": ratio(whole, "gap", share=fgt.share)},
                level=design.level,
            ),
        ],
        ignore_index=True,
    )
    order = {label: k for k, label in enumerate([*own["group"], "all"])}
    frame = frame.sort_values(
        ["group", "measure"],
        key=lambda s: s.map(order | {"size": 0, "rate": 1, "contribution": 2}),
        kind="stable",
        ignore_index=True,
    )
    return Estimates(
        estimates=frame,
        dropped=sums.dropped,
        level=design.level,
        name=f"FGT{alpha} at {line:g} (income {edge} line), parts of the whole",
    )
