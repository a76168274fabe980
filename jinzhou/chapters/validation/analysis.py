"""The same estimators on real data that nobody here made.

Preparation of two public panels, and the fixed-effects logit that reproduces a published table.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from jinzhou.statistics.frontier.bootstrap import dea_intervals
from jinzhou.statistics.frontier.cost import cost_efficiency
from jinzhou.statistics.frontier.dea import dea
from jinzhou.statistics.frontier.measures import sbm
from jinzhou.statistics.frontier.model import DeaModel
from jinzhou.statistics.frontier.sfa import StochasticFrontier, StochasticModel, sfa
from jinzhou.statistics.health_spending import (
    HealthSpending,
    Impoverishing,
    PaymentColumns,
    catastrophic,
    impoverishing,
)
from jinzhou.statistics.multidimensional import multidimensional
from jinzhou.statistics.poverty import poverty_indices
from jinzhou.statistics.returns.backtest import (
    Backtest,
    backtest,
    boosting,
    income_rule,
    ridge_logit,
)
from jinzhou.statistics.returns.return_risk import Covariate
from jinzhou.statistics.survey import SurveyDesign

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


def _plain(name: str):
    return lambda panel: panel[name].to_numpy(float)


def _yes(name: str):
    return lambda panel: panel[name].to_numpy(float) == 1


EPH_COVARIATES: tuple[Covariate, ...] = (
    Covariate(
        "log_margin",
        lambda p: np.clip(p["log_margin"].to_numpy(float), 0, 2),
        "income",
        knots=(0.2, 0.5, 1.0),
    ),
    Covariate("past_margin", _plain("past_margin"), "income", knots=(-0.4, 0.0)),
    Covariate("poor_share", _plain("poor_share"), "history"),
    Covariate("poor_last", _plain("poor_last"), "history"),
    Covariate(
        "size",
        lambda p: np.log(np.maximum(p["IX_TOT"].to_numpy(float), 1)),
        "labour",
        missing=1.2,
    ),
    Covariate(
        "children",
        lambda p: (
            p["IX_MEN10"].fillna(0).to_numpy(float)
            / np.maximum(p["IX_TOT"].to_numpy(float), 1)
        ),
        "labour",
    ),
    Covariate(
        "crowding",
        lambda p: np.log(
            np.maximum(p["IX_TOT"].to_numpy(float), 1)
            / np.clip(p["II2"].to_numpy(float), 1, 10)
        ),
        "housing",
    ),
    Covariate("owner", _yes("II7"), "housing"),
    Covariate("roof", lambda p: p["IV4"].to_numpy(float) >= 4, "housing"),
    Covariate("floor", lambda p: p["IV3"].to_numpy(float) >= 2, "housing"),
    Covariate("drain", lambda p: p["IV11"].to_numpy(float) >= 2, "housing"),
    Covariate("own_bathroom", _yes("IV8"), "housing"),
    Covariate("flush", _yes("IV10"), "housing"),
    *(
        Covariate(name, _yes(name), "protection")
        for name in (
            "V1",
            "V2",
            "V5",
            "V6",
            "V7",
            "V8",
            "V12",
            "V13",
            "V14",
            "V15",
            "V16",
            "V17",
        )
    ),
    Covariate("winter", lambda p: p["TRIMESTRE"].to_numpy(float) == 3),
)
"""Terms of the hazard on the Argentine panel; original INDEC names where they are used as they are.

Chosen by cross-validation on the quarters up to the end of 2005; the later ones judge.
"""


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
        (agglomeration), `quarter_end`, `at_risk`, `income_margin`, `log_margin`, `past_margin` (mean
        logarithm at the earlier visits, each held within -1.5 and 2), `poor_last`, `poor_share` (of earlier visits), `returned_1` (missing when not seen next quarter), and
        the original columns.

    Notes
    -----
    Poor is below 60 % of the quarter's weighted median income per head. Source: INDEC, Encuesta
    Permanente de Hogares; rotation 2-2-2.
    """
    rows = frame.sort_values(["hh", "ANO4", "TRIMESTRE"]).reset_index(drop=True)
    number = rows["ANO4"].astype(int) * 4 + rows["TRIMESTRE"].astype(int) - 1
    lines = {
        n: 0.6
        * _weighted_median(g["IPCF"].to_numpy(float), g["PONDERA"].to_numpy(float))
        for n, g in rows.groupby(number)
    }
    line = number.map(lines)
    income = rows["IPCF"].astype(float)
    poor = income < line
    margin = np.log(np.maximum(income, 1) / line)
    same = rows["hh"].eq(rows["hh"].shift())
    visits = rows.groupby("hh").cumcount()
    earlier = poor.groupby(rows["hh"]).cumsum() - poor
    held = margin.clip(-1.5, 2.0)
    following = rows["hh"].eq(rows["hh"].shift(-1)) & (number.shift(-1) == number + 1)
    rows = rows.assign(
        household_id=rows["hh"].astype("int64").astype(str),
        county=rows["AGLOMERADO"].astype(str),
        area_code=rows["AGLOMERADO"].astype(str),
        at_risk=True,
        quarter_end=[
            pd.Timestamp(year=int(n) // 4, month=int(n) % 4 * 3 + 3, day=1)
            + pd.offsets.MonthEnd(0)
            for n in number
        ],
        income_margin=income / line - 1,
        log_margin=margin,
        past_margin=(held.groupby(rows["hh"]).cumsum() - held)
        / visits.replace(0, np.nan),
        poor_last=poor.shift().where(same).astype(float),
        poor_share=earlier / visits.replace(0, np.nan),
        returned_1=poor.shift(-1).where(following).astype(float),
    )
    exited = ~poor & (earlier > 0)
    return (
        rows[exited].sort_values(["household_id", "quarter_end"]).reset_index(drop=True)
    )


def eph_labels(panel: pd.DataFrame, *, first: str) -> pd.DataFrame:
    """What was known at each quarter's end from `first` on: the label of a row is known one quarter later.

    The last column holds all labels and judges (see `backtest`).
    """
    ends = sorted(
        day for day in panel["quarter_end"].unique() if day >= pd.Timestamp(first)
    )
    columns = {
        pd.Timestamp(day).date().isoformat(): panel["returned_1"].where(
            panel["quarter_end"] < day
        )
        for day in ends
    }
    return pd.DataFrame(columns | {"final": panel["returned_1"]}, index=panel.index)


def eph_backtest(
    file: str | Path, *, first: str = "2006-03-31", draws: int = 60, seed: int = 2018
) -> Backtest | None:
    """Rolling backtest on the Argentine panel from `first` on; None when the file is not there.

    Temporal split inside 2003-2009: each quarter is scored by a hazard, and by the
    challengers on its rows and terms, fitted on labels known by then.
    """
    if not Path(file).is_file():
        return None
    panel = eph_exited(pd.read_parquet(file))
    return backtest(
        panel,
        eph_labels(panel, first=first),
        covariates=EPH_COVARIATES,
        rules={"income margin": income_rule},
        challengers={"boosting": boosting, "ridge logit": ridge_logit},
        draws=draws,
        seed=seed,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VietNam:
    """Health spending and poverty in the Viet Nam living standards survey of 1998.

    Attributes
    ----------
    spending : HealthSpending
        Households whose health spending passes 5, 10, 15 and 25 % of total expenditure, and 40 % of what is not food; unweighted.
    poverty : dict, line -> Impoverishing
        Before and after health spending, persons as weights, communes as clusters.
    elasticities : DataFrame
        `method` (least squares, or the quantile), `elasticity` of health spending by total expenditure.
    """

    spending: HealthSpending
    poverty: dict[float, Impoverishing]
    elasticities: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """A copy of the spending rates, safe to format."""
        return self.spending.table()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return self.spending.summary()


VIET_NAM_LINES = (941.77296, 1883.5459)
"""Thousand dong a head and year: 1.08 and 2.15 dollars a day, as in the World Bank's do-files."""


def viet_nam(survey: pd.DataFrame) -> VietNam:
    """Measures and elasticities on Ecdat's VietNamH, total expenditure standing for income.

    Parameters
    ----------
    survey : DataFrame
        Logarithms `lntotal`, `lnmed` (0 when nothing was spent), `lnrlfood`, `lnexp12m` (missing when nothing was
        spent), thousand dong per household and year; `hhsize`, `commune`, `urban`.

    Notes
    -----
    Cameron and Trivedi (2005), Microeconometrics, section 4.6; the extract has no sampling weights.
    """
    from statsmodels.regression.quantile_regression import QuantReg

    spent = np.where(survey["lnmed"] > 0, np.exp(survey["lnmed"]), 0.0)
    households = pd.DataFrame(
        {
            "oop_year": spent,
            "net_income_pc": np.exp(survey["lntotal"]) / survey["hhsize"],
            "household_size": survey["hhsize"],
            "food": np.exp(survey["lnrlfood"]),
            "commune": survey["commune"],
        }
    )
    # a line above what anyone eats, so that capacity is all that is not food
    spending = catastrophic(
        households,
        line=1e5,
        thresholds=(0.05, 0.10, 0.15, 0.25),
        columns=PaymentColumns(food="food"),
        design=SurveyDesign(clusters="commune"),
    )
    poverty = {
        z: impoverishing(
            households,
            line=z,
            by=None,
            design=SurveyDesign(weights="household_size", clusters="commune"),
        )
        for z in VIET_NAM_LINES
    }
    both = survey[["lnexp12m", "lntotal"]].dropna().to_numpy(float)
    X = np.column_stack([np.ones(len(both)), both[:, 1]])
    slopes = [("least squares", np.linalg.lstsq(X, both[:, 0], rcond=None)[0][1])]
    slopes += [
        (f"quantile {q}", QuantReg(both[:, 0], X).fit(q=q).params[1])
        for q in (0.1, 0.5, 0.9)
    ]
    return VietNam(
        spending=spending,
        poverty=poverty,
        elasticities=pd.DataFrame(slopes, columns=["method", "elasticity"]),
    )


HANDBOOK = {
    "A": (100, 100, 150, 150),
    "B": (124, 124, 150, 150),
    "C": (100, 110, 150, 160),
}
"""Haughton and Khandker (2009), Handbook on Poverty and Inequality, chapter 4: incomes of four persons; line 125."""


def worked_examples() -> dict[str, float]:
    """FGT of the World Bank handbook's chapter 4 and the Alkire-Foster example, by the names of the exhibit."""
    found = {}
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


def envelopment(sites: pd.DataFrame, plants_file: str | Path) -> dict[str, list[float]]:
    """Scores of data envelopment whose figures are published, by table.

    Parameters
    ----------
    sites : DataFrame
        Program Follow Through: `program`, inputs `x1`..`x5`, outputs `y1`..`y3`. Charnes, Cooper and Rhodes (1981).
    plants_file : path
        Illinois electric plants: `plant`, `labor`, `fuel`, `capital`, `output`. Färe, Grosskopf and Kokkelenberg (1989), used by Simar and
        Wilson (1998) with bandwidth 0.014. Left out when the file is not there.

    Notes
    -----
    The small examples are typed here: Coelli (1996), A Guide to DEAP 2.1, examples 1 to 3; Andersen and Petersen (1993); Tone
    (2001); Tone (2002), six power plants.
    """

    def frame(rows: list, columns: str) -> pd.DataFrame:
        return pd.DataFrame(rows, columns=list(columns), dtype=float)

    kw = {"inputs": [f"x{i}" for i in range(1, 6)], "outputs": ["y1", "y2", "y3"]}
    pft, nft = (
        dea(
            sites[sites["program"] == p], DeaModel(**kw, returns_to_scale="constant")
        ).scores["score"]
        for p in ("PFT", "NFT")
    )
    pooled = [
        dea(sites, DeaModel(returns_to_scale=r, orientation=o, **kw))
        .scores["score"]
        .mean()
        for r, o in (
            ("constant", "input"),
            ("variable", "input"),
            ("variable", "output"),
        )
    ]
    guide = frame([(2, 5, 1), (2, 4, 2), (6, 6, 3), (3, 2, 1), (6, 2, 2)], "xzy")
    second = frame([(2, 1), (4, 2), (3, 3), (5, 4), (6, 5)], "xy")
    costs = cost_efficiency(
        guide,
        DeaModel(inputs=["x", "z"], outputs=["y"], returns_to_scale="constant"),
        prices={"x": 1, "z": 3},
    ).scores
    rivals = frame([(2, 12, 1), (2, 8, 1), (5, 5, 1), (10, 4, 1), (10, 6, 1)], "xzy")
    five = frame(
        [(4, 3, 2, 3), (6, 3, 2, 3), (8, 1, 6, 2), (8, 1, 6, 1), (2, 4, 1, 4)], "xzyq"
    )
    power = frame(
        [
            (80, 600, 54, 8, 90, 5),
            (65, 200, 97, 1, 58, 1),
            (83, 400, 72, 4, 60, 7),
            (40, 1000, 75, 7, 80, 10),
            (52, 600, 20, 3, 72, 8),
            (94, 700, 36, 5, 96, 6),
        ],
        "abcdyq",
    )
    found = {
        "pft": [float((pft > 1 - 1e-6).sum()), pft.mean()],
        "nft": [float((nft > 1 - 1e-6).sum()), nft.mean()],
        "pooled": pooled,
        "deap_1": list(costs["technical"]),
        "deap_3_allocative": list(costs["allocative"]),
        "deap_3_cost": list(costs["cost"]),
    }
    found |= {
        f"deap_2_{r}": list(
            dea(
                second, DeaModel(inputs=["x"], outputs=["y"], returns_to_scale=r)
            ).scores["score"]
        )
        for r in ("constant", "variable", "decreasing")
    }
    found["andersen_petersen"] = list(
        dea(
            rivals,
            DeaModel(inputs=["x", "z"], outputs=["y"], returns_to_scale="constant"),
            super_efficiency=True,
        ).scores["score"]
    )
    found["tone_2001"] = list(
        sbm(
            five,
            DeaModel(
                inputs=["x", "z"],
                outputs=["y", "q"],
                orientation="none",
                returns_to_scale="constant",
            ),
        ).scores["score"]
    )
    found |= {
        name: list(
            sbm(
                power,
                DeaModel(
                    inputs=list("abcd"),
                    outputs=["y", "q"],
                    orientation=o,
                    returns_to_scale="constant",
                ),
                super_efficiency=True,
            ).scores["score"]
        )
        for name, o in (("tone_2002", "none"), ("tone_2002_input", "input"))
    }
    if Path(plants_file).is_file():
        plants = pd.read_csv(plants_file, index_col="plant")
        scores = dea_intervals(
            plants,
            DeaModel(inputs=["labor", "fuel", "capital"], outputs=["output"]),
            convention="shephard",
            bandwidth=0.014,
            seed=1,
        ).scores.iloc[:6]
        found |= {
            "simar_wilson": list(scores["score"]),
            "simar_wilson_corrected": list(scores["corrected"]),
        }
    return found


def stochastic_frontiers(
    firms: pd.DataFrame, farms: pd.DataFrame
) -> dict[str, StochasticFrontier]:
    """Frontiers whose figures are published: example 1 of FRONTIER 4.1, and the Philippine rice farms in six ways.

    Parameters
    ----------
    firms : DataFrame
        `output`, `capital`, `labour`: Coelli (1996), A Guide to FRONTIER Version 4.1.
    farms : DataFrame
        `farm`, `year`, `output`, `area`, `labour`, `npk`, `schooling`, `bantog`: Coelli, Rao, O'Donnell and Battese (2005).
    """
    rice = {"outcome": "output", "terms": ["area", "labour", "npk"]}
    panel = {"unit": "farm", "time": "year"}
    moved = {"determinants": ["schooling", "bantog"]}
    return {
        "FRONTIER 4.1": sfa(
            firms, StochasticModel(outcome="output", terms=["capital", "labour"])
        ),
        "cross-section": sfa(farms, StochasticModel(**rice)),
        "BC92": sfa(farms, StochasticModel(**rice, **panel)),
        "BC92 decay": sfa(farms, StochasticModel(**rice, **panel, decay=True)),
        "BC92 decay, truncated": sfa(
            farms,
            StochasticModel(
                **rice, **panel, decay=True, distribution="truncated normal"
            ),
        ),
        "BC95": sfa(farms, StochasticModel(**rice, **moved)),
        "BC95 without constant": sfa(
            farms, StochasticModel(**rice, **moved, determinants_constant=False)
        ),
    }


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(cumulative, 0.5 * cumulative[-1])])
