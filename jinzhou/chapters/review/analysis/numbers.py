"""Whether the registry's numbers can be true: the tests on its columns."""

from collections.abc import Mapping, Sequence

import pandas as pd

from jinzhou.reference.vocabulary import FORENSIC_TESTS
from jinzhou.statistics.forensic_tests import ForensicColumns
from jinzhou.statistics.forensics import ForensicData, Forensics, forensics

COLUMNS = ForensicColumns(
    unit="area_code",
    group="county",
    parts=("wage_income", "business_income", "property_income", "transfer_income"),
    earned=("wage_income", "business_income"),
    income="net_income_pc",
    income_before="net_before",
    aid="aid",
    aid_before="aid_before",
    aid_after="aid_after",
    visited="households",
    amount="yuan",
)


def number_tests(
    incomes: pd.DataFrame,
    *,
    visits: pd.DataFrame | None = None,
    amounts: pd.DataFrame | None = None,
    lines: Mapping[str, Sequence[float]] | None = None,
    line: float = float("nan"),
    level: float = 0.05,
    seed: int = 7,
) -> Forensics:
    """Every test that the registry's data allow, villages within counties.

    Parameters
    ----------
    incomes, visits, amounts, lines : as the registry gives them
        `registry.income_history`, `visit_days`, `spending`, `remeasured`.
    line : float
        Poverty line of the year.
    """
    data = ForensicData(
        incomes=incomes, visits=visits, amounts=amounts, lines=lines or {}, line=line
    )
    return forensics(
        data, tests=FORENSIC_TESTS, columns=COLUMNS, level=level, seed=seed
    )
