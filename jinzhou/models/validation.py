"""The same estimators on real data that nobody here made.

Preparation of two public panels, and the fixed-effects logit that reproduces a published table.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from jinzhou.models.backtest import Backtest, backtest, boosting, income_rule, ridge_logit
from jinzhou.models.return_risk import Covariate

WAVES = 5
TEEN_TERMS = ("mother", "spouse", "inschool", "hours")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FixedEffects:
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

    coefficients: pd.DataFrame
    persons: int
    rows: int
    no_variation: int

    def table(self) -> pd.DataFrame:
        """A copy of `coefficients`, safe to format."""
        return self.coefficients.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return f"{self.persons:,} persons, {self.no_variation:,} without variation left out."


def teen_fixed_effects(wide: pd.DataFrame) -> FixedEffects:
    """Fixed-effects logit of poverty on motherhood, spouse, school and hours, with wave dummies.

    Parameters
    ----------
    wide : DataFrame
        One row per person: `id`, and `pov1`..`pov5` with the four terms of each wave.

    Notes
    -----
    Allison (2009), Fixed Effects Regression Models; 1,151 girls of the NLSY79, five waves.
    """
    from statsmodels.discrete.conditional_models import ConditionalLogit

    long = pd.concat([
        wide[["id"]].assign(wave=wave, pov=wide[f"pov{wave}"], **{t: wide[f"{t}{wave}"] for t in TEEN_TERMS}) for wave in range(1, WAVES + 1)
    ], ignore_index=True)
    varies = long.groupby("id")["pov"].transform("nunique") > 1
    used = long[varies].sort_values(["id", "wave"])
    waves = pd.get_dummies(used["wave"], prefix="wave", drop_first=True, dtype=float)
    X = pd.concat([used[list(TEEN_TERMS)].astype(float), waves], axis=1)
    fit = ConditionalLogit(used["pov"].to_numpy(), X, groups=used["id"].to_numpy()).fit(method="newton", maxiter=100, tol=1e-10, disp=False)
    coefficients = pd.DataFrame({"beta": np.asarray(fit.params), "se": np.asarray(fit.bse)}, index=X.columns)
    return FixedEffects(coefficients=coefficients, persons=wide["id"].nunique(), rows=len(long),
                        no_variation=int(wide["id"].nunique() - used["id"].nunique()))


def _plain(name: str):
    return lambda panel: panel[name].to_numpy(float)


def _yes(name: str):
    return lambda panel: panel[name].to_numpy(float) == 1


def _region(code: int):
    return lambda panel: panel["REGION"].to_numpy(float) == code


EPH_COVARIATES: tuple[Covariate, ...] = (
    Covariate("log_margin", lambda p: np.clip(p["log_margin"].to_numpy(float), 0, 2), "income", knots=(0.2, 0.5, 1.0)),
    Covariate("last_margin", lambda p: np.clip(p["last_margin"].to_numpy(float), -1.5, 1.5), "income", knots=(-0.4, 0.0)),
    Covariate("poor_share", _plain("poor_share"), "history"),
    Covariate("poor_last", _plain("poor_last"), "history"),
    Covariate("size", lambda p: np.log(np.maximum(p["IX_TOT"].to_numpy(float), 1)), "labour", missing=1.2, knots=(1.2,)),
    Covariate("children", lambda p: p["IX_MEN10"].fillna(0).to_numpy(float) / np.maximum(p["IX_TOT"].to_numpy(float), 1), "labour"),
    Covariate("crowding", lambda p: np.log(np.maximum(p["IX_TOT"].to_numpy(float), 1) / np.clip(p["II2"].to_numpy(float), 1, 10)), "housing"),
    Covariate("owner", _yes("II7"), "housing"),
    Covariate("roof", lambda p: p["IV4"].to_numpy(float) >= 4, "housing"),
    Covariate("floor", lambda p: p["IV3"].to_numpy(float) >= 2, "housing"),
    Covariate("drain", lambda p: p["IV11"].to_numpy(float) >= 2, "housing"),
    *(Covariate(name, _yes(name), "protection") for name in ("V1", "V2", "V5", "V6", "V7", "V8", "V12", "V13", "V14", "V15", "V16", "V17")),
    *(Covariate(f"region_{code}", _region(code), "place") for code in (1, 40, 41, 42, 44)),
    Covariate("winter", lambda p: p["TRIMESTRE"].to_numpy(float) == 3),
)
"""Terms of the hazard on the Argentine panel; original INDEC names where they are used as they are."""


def eph_exited(frame: pd.DataFrame) -> pd.DataFrame:
    """Households that were poor at an earlier visit and are not poor now, with whether they are poor next quarter.

    Parameters
    ----------
    frame : DataFrame
        Household-quarters with INDEC names: `hh`, `ANO4`, `TRIMESTRE`, `IPCF` (pesos a month per
        head), `PONDERA`, and the columns of `EPH_COVARIATES`.

    Returns
    -------
    DataFrame
        One row per such household and quarter: `household_id`, `county` and `area_code`
        (agglomeration), `quarter_end`, `at_risk`, `income_margin`, `log_margin`, `last_margin`, `poor_last`,
        `poor_share` (of earlier visits), `returned_1` (missing when not seen next quarter), and
        the original columns.

    Notes
    -----
    Poor is below 60 % of the quarter's weighted median income per head. Source: INDEC, Encuesta
    Permanente de Hogares; rotation 2-2-2.
    """
    rows = frame.sort_values(["hh", "ANO4", "TRIMESTRE"]).reset_index(drop=True)
    number = rows["ANO4"].astype(int) * 4 + rows["TRIMESTRE"].astype(int) - 1
    lines = {n: 0.6 * _weighted_median(g["IPCF"].to_numpy(float), g["PONDERA"].to_numpy(float)) for n, g in rows.groupby(number)}
    line = number.map(lines)
    income = rows["IPCF"].astype(float)
    poor = income < line
    margin = np.log(np.maximum(income, 1) / line)
    same = rows["hh"].eq(rows["hh"].shift())
    visits = rows.groupby("hh").cumcount()
    earlier = poor.groupby(rows["hh"]).cumsum() - poor
    following = rows["hh"].eq(rows["hh"].shift(-1)) & (number.shift(-1) == number + 1)
    rows = rows.assign(
        household_id=rows["hh"].astype("int64").astype(str), county=rows["AGLOMERADO"].astype(str), area_code=rows["AGLOMERADO"].astype(str), at_risk=True,
        quarter_end=[pd.Timestamp(year=int(n) // 4, month=int(n) % 4 * 3 + 3, day=1) + pd.offsets.MonthEnd(0) for n in number],
        income_margin=income / line - 1, log_margin=margin, last_margin=margin.shift().where(same), poor_last=poor.shift().where(same).astype(float),
        poor_share=earlier / visits.replace(0, np.nan), returned_1=poor.shift(-1).where(following).astype(float))
    exited = ~poor & (earlier > 0)
    return rows[exited].sort_values(["household_id", "quarter_end"]).reset_index(drop=True)


def eph_labels(panel: pd.DataFrame, *, first: str) -> pd.DataFrame:
    """What was known at each quarter's end from `first` on: the label of a row is known one quarter later.

    The last column holds all labels and judges (see `backtest`).
    """
    ends = sorted(day for day in panel["quarter_end"].unique() if day >= pd.Timestamp(first))
    columns = {pd.Timestamp(day).date().isoformat(): panel["returned_1"].where(panel["quarter_end"] < day) for day in ends}
    return pd.DataFrame(columns | {"final": panel["returned_1"]}, index=panel.index)


def eph_backtest(file: str | Path, *, first: str = "2006-03-31", draws: int = 60, seed: int = 2018) -> Backtest | None:
    """Rolling backtest on the Argentine panel from `first` on; None when the file is not there.

    Temporal split inside 2003-2009: each quarter is scored by a hazard, and by the
    challengers on its rows and terms, fitted on labels known by then.
    """
    if not Path(file).is_file():
        return None
    panel = eph_exited(pd.read_parquet(file))
    return backtest(panel, eph_labels(panel, first=first), covariates=EPH_COVARIATES, rules={"income margin": income_rule},
                    challengers={"boosting": boosting, "ridge logit": ridge_logit}, draws=draws, seed=seed)


def elasticity(spending: pd.Series, expenditure: pd.Series) -> float:
    """Least-squares slope of one logarithm on another, rows with both."""
    both = pd.concat([spending, expenditure], axis=1).dropna().to_numpy(float)
    return float(np.polyfit(both[:, 1], both[:, 0], 1)[0])


def viet_nam_households(frame: pd.DataFrame) -> pd.DataFrame:
    """Viet Nam living standards survey as the measures ask: health spending and total expenditure.

    `frame` has logarithms `lnmed` (0 when nothing was spent), `lntotal`; total expenditure stands
    for income, per household.
    """
    spent = np.where(frame["lnmed"] > 0, np.exp(frame["lnmed"]), 0.0)
    return pd.DataFrame({"oop_year": spent, "net_income_pc": np.exp(frame["lntotal"]), "household_size": 1})


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(cumulative, 0.5 * cumulative[-1])])
