"""The Argentine household panel (INDEC, EPH): households that were poor and are not now."""

from pathlib import Path

import numpy as np
import pandas as pd

from jinzhou.registry.covariates import income_rule
from jinzhou.statistics.returns.backtest import (
    Backtest,
    Sampling,
    backtest,
    boosting,
    ridge_logit,
)
from jinzhou.statistics.returns.terms import Covariate


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
    """Households poor at an earlier visit and not now, and whether they are poor next quarter.

    Parameters
    ----------
    frame : DataFrame
        Household-quarters with INDEC names: `hh`, `ANO4`, `TRIMESTRE`, `IPCF` (pesos a month per
        head), `PONDERA`, and the columns of `EPH_COVARIATES`.

    Returns
    -------
    DataFrame
        One row per such household and quarter: `household_id`, `county` and `area_code`
        (agglomeration), `quarter_end`, `at_risk`, `income_margin`, `log_margin`, `past_margin`
        (mean logarithm at the earlier visits, each held within -1.5 and 2), `poor_last`,
        `poor_share` (of earlier visits), `returned_1` (missing when not seen next quarter), and
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
    """What was known at each quarter's end from `first` on: a label is known a quarter later.

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
        sampling=Sampling(draws=draws, seed=seed),
    )


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(cumulative, 0.5 * cumulative[-1])])
