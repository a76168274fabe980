"""Worked examples of poverty measures whose results are printed in textbooks."""

import pandas as pd

from jinzhou.statistics.multidimensional import multidimensional
from jinzhou.statistics.poverty import poverty_indices

HANDBOOK = {
    "A": (100, 100, 150, 150),
    "B": (124, 124, 150, 150),
    "C": (100, 110, 150, 160),
}
"""Incomes of four persons in three countries; the line is 125."""


def worked_examples() -> dict[str, float]:
    """Foster-Greer-Thorbecke indices and multidimensional poverty, by name in ``published.csv``.

    References
    ----------
    Haughton and Khandker (2009), chapter 4; Alkire and Foster (2011).
    """
    found: dict[str, float] = {}
    for country, incomes in HANDBOOK.items():
        rates = poverty_indices(
            pd.DataFrame({"net_income_pc": incomes}), line=125
        ).estimates.set_index("measure")["value"]
        found |= {
            f"{country} P{alpha}": float(rates[m])
            for alpha, m in enumerate(("headcount", "gap", "severity"))
        }
    persons = pd.DataFrame(
        {
            "income": [13.1, 15.2, 12.5, 20],
            "schooling": [14, 7, 10, 11],
            "health": [4, 5, 1, 3],
            "access": [1, 0, 0, 1],
        }
    )
    several = multidimensional(
        persons,
        cutoffs={"income": 13, "schooling": 12, "health": 3, "access": 1},
        k=0.5,
        depth=True,
    )
    several = several.estimates.set_index("measure")["value"]
    return found | {
        name: float(several[m])
        for name, m in (
            ("H", "headcount"),
            ("A", "intensity"),
            ("M0", "m0"),
            ("M1", "m1"),
            ("M2", "m2"),
        )
    }
