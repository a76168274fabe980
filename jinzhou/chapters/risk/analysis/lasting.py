"""How long exits last: the survival curve of the registry's panel."""

from collections.abc import Sequence

import pandas as pd

from jinzhou.statistics.survival import SurvivalCurve, survival_curve

YEAR = "exit_year"


def still_out(
    panel: pd.DataFrame,
    *,
    by: str = YEAR,
    months: Sequence[int] = (12, 24, 36),
    outcome: str = "returned_1",
) -> SurvivalCurve:
    """Share of exited households that have not returned, by group (R16).

    Parameters
    ----------
    panel : DataFrame
        One row per household and quarter: `quarters_since_exit`, `quarter_end`, the
        outcome.
    by : str
        A column, or ``exit_year``: the year of the spell's own exit.
    """
    ends = panel["quarter_end"].dt.year * 4 + panel["quarter_end"].dt.quarter - 1
    year = ((ends - panel["quarters_since_exit"]) // 4).astype("Int64").astype("string")
    return survival_curve(
        panel.assign(exit_year=year) if by == YEAR else panel,
        elapsed="quarters_since_exit",
        outcome=outcome,
        by=by,
        months=months,
    )
