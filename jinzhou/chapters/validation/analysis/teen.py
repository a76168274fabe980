"""Fixed-effects logit of teen poverty, whose coefficients are published."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.words import Words

WAVES = 5
"""Waves of the survey."""
TEEN_TERMS = ("mother", "spouse", "inschool", "hours")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FixedEffects(Result):
    """A conditional (fixed-effects) logit.

    Attributes
    ----------
    coefficients : DataFrame, indexed by term
        `beta`, `se`.
    persons, rows : int
        Given.
    no_variation : int
        Persons whose outcome never changes: they say nothing in a conditional likelihood.
    """

    shown: ClassVar[str] = "coefficients"
    coefficients: pd.DataFrame
    persons: int
    rows: int
    no_variation: int

    def sentence(self, words: Words) -> str:
        """Persons given, and those who say nothing."""
        return words(
            "summary.FixedEffects", persons=self.persons, out=self.no_variation
        )


def teen_fixed_effects(wide: pd.DataFrame) -> FixedEffects:
    """Fixed-effects logit of poverty on motherhood, spouse, school, hours and wave.

    Parameters
    ----------
    wide : DataFrame
        One row per person: `id`, and `pov1`..`pov5` with the four terms of each wave.

    Returns
    -------
    FixedEffects

    Notes
    -----
    1,151 girls of the NLSY79, five waves.

    References
    ----------
    Allison (2009), Fixed Effects Regression Models.
    """
    from statsmodels.discrete.conditional_models import ConditionalLogit

    long = pd.concat(
        [
            wide[["id"]].assign(
                wave=wave,
                pov=wide[f"pov{wave}"],
                **{t: wide[f"{t}{wave}"] for t in TEEN_TERMS},
            )
            for wave in range(1, WAVES + 1)
        ],
        ignore_index=True,
    )
    varies = long.groupby("id")["pov"].transform("nunique") > 1
    used = long[varies].sort_values(["id", "wave"])
    waves = pd.get_dummies(used["wave"], prefix="wave", drop_first=True, dtype=float)
    X = pd.concat([used[list(TEEN_TERMS)].astype(float), waves], axis=1)
    fit = ConditionalLogit(used["pov"].to_numpy(), X, groups=used["id"].to_numpy()).fit(
        method="newton", maxiter=100, tol=1e-10, disp=False
    )
    coefficients = pd.DataFrame(
        {"beta": np.asarray(fit.params), "se": np.asarray(fit.bse)}, index=X.columns
    )
    return FixedEffects(
        coefficients=coefficients,
        persons=wide["id"].nunique(),
        rows=len(long),
        no_variation=int(wide["id"].nunique() - used["id"].nunique()),
    )
