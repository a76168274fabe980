"""Allison (2009): the fixed-effects logit of teen poverty, to four decimals."""

from pathlib import Path

import pandas as pd
from numpy.testing import assert_allclose

from jinzhou.chapters.validation.analysis.teen import teen_fixed_effects


def test_fixed_effects_logit_matches_allison_2009():
    found = teen_fixed_effects(pd.read_csv(Path(__file__).parent / "teen_poverty.csv"))
    assert (found.persons, found.rows, found.no_variation) == (1_151, 5_755, 324)
    # one unit of the fourth decimal: the table prints -0.7477 where the maximum is at -0.747758
    assert_allclose(
        found.coefficients["beta"],
        [0.5824, -0.7477, 0.2719, -0.0196, 0.3318, 0.3350, 0.4328, 0.4025],
        atol=1e-4,
    )
    assert_allclose(
        found.coefficients.loc[["inschool", "hours"], "se"], [0.113, 0.003], atol=6e-4
    )
