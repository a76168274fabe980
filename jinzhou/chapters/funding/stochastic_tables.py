"""The stochastic frontier of townships: chance separated from inefficiency, or said not to be separable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.publish.chapter import Sentence, Table, county_name, number, words
from jinzhou.reference.vocabulary import FRONTIER_STATUSES

if TYPE_CHECKING:
    from jinzhou.statistics.frontier.sfa import StochasticFrontier

TERMS = {
    "paid": ("支出（对数）", "Paid (log)"),
    "poor": ("起始贫困人口（对数）", "Poor at the start (log)"),
    "cadres": ("驻村干部（人）", "Cadres"),
    "constant": ("常数", "constant"),
    "mu": ("无效率均值", "mean of inefficiency"),
    "eta": ("随时间变化", "change over time"),
    "sigma2": ("总方差", "total variance"),
    "gamma": ("无效率所占方差", "share of inefficiency"),
}


def tables(
    fit: StochasticFrontier, *, places: pd.Series, lang: str
) -> tuple[Table, ...]:
    """Elasticities and scores; `places` is the county of each township."""
    return _terms(fit, lang), _scores(fit, places, lang)


def sentence(fit: StochasticFrontier, *, lang: str) -> Sentence:
    """Whether inefficiency was found, and how much."""
    w = words(lang)
    if fit.status != "estimated" or not fit.lr_p <= 0.05:
        which = w("、", ", ").join(w(*TERMS.get(t, (t, t))) for t in fit.collinear)
        why = (
            w(*FRONTIER_STATUSES[fit.status])
            + (w(f"：{which}", f": {which}") if which else "")
            if fit.status != "estimated"
            else w("差异与偶然分不开", "differences cannot be told from chance")
        )
        return Sentence(
            text=w(
                f"把偶然因素分开后（随机前沿）：{why}，不据此评价乡镇。",
                f"With chance set apart (stochastic frontier): {why}; no township is judged by it.",
            ),
            tables=("sfa_terms",),
        )
    return Sentence(
        text=w(
            f"把偶然因素分开后（随机前沿），{fit.n}个乡镇平均效率{number(fit.rows['efficiency'].mean(), 'share')}（无效率检验p={fit.lr_p:.3f}），各乡镇区间见表。",
            f"With chance set apart (stochastic frontier) the mean efficiency of {fit.n} townships is {number(fit.rows['efficiency'].mean(), 'share')} (test of no inefficiency p = {fit.lr_p:.3f}); each has an interval.",
        ),
        tables=("sfa_terms", "sfa_townships"),
    )


def _terms(fit: StochasticFrontier, lang: str) -> Table:
    w = words(lang)
    c = fit.coefficients.reset_index()
    frame = pd.DataFrame(
        {
            w("项", "Term"): [w(*TERMS.get(t, (t, t))) for t in c["term"]],
            w("估计值", "Estimate"): c["value"].to_numpy(),
            w("标准误", "Standard error"): c["se"].to_numpy(),
            w("下限", "Low"): c["ci_low"].to_numpy(),
            w("上限", "High"): c["ci_high"].to_numpy(),
            w("p值", "p"): c["p"].to_numpy(),
        }
    )
    wrong = w(
        "；".join(w(*TERMS.get(t, (t, t))) for t in fit.wrong_sign),
        "; ".join(w(*TERMS.get(t, (t, t))) for t in fit.wrong_sign),
    )
    return Table(
        name="sfa_terms",
        title=w(
            "随机前沿：投入与稳定脱贫", "Stochastic frontier: inputs and lasting exits"
        ),
        frame=frame,
        formats=dict.fromkeys(frame.columns[1:], "score"),
        note=w(
            f"状态：{w(*FRONTIER_STATUSES[fit.status])}；对“没有无效率”的似然比{number(fit.lr, 'number')}，混合卡方p={number(fit.lr_p, 'score')}。取对数的投入，系数为弹性；是相伴关系，不是花钱的效果。{'方向不合常理：' + wrong + '。' if wrong else ''}",
            f"Status: {w(*FRONTIER_STATUSES[fit.status])}; likelihood ratio against no inefficiency {number(fit.lr, 'number')}, mixed chi-square p = {number(fit.lr_p, 'score')}. Elasticities for inputs in logarithms; they go together and are no "
            f"effect of money.{' Of the wrong sign: ' + wrong + '.' if wrong else ''}",
        ),
    )


def _scores(fit: StochasticFrontier, places: pd.Series, lang: str) -> Table:
    w = words(lang)
    r = fit.rows
    frame = pd.DataFrame(
        {
            w("县（市、区）", "County"): [
                county_name(places.get(t, ""), lang) for t in r.index
            ],
            w("乡镇", "Township"): r.index,
            w("效率", "Efficiency"): r["efficiency"].to_numpy(),
            w("下限", "Low"): r["ci_low"].to_numpy(),
            w("上限", "High"): r["ci_high"].to_numpy(),
            w("说明", "Note"): [w(*FRONTIER_STATUSES[s]) for s in r["status"]],
        }
    )
    return Table(
        name="sfa_townships",
        title=w(
            "乡镇效率（随机前沿）", "Efficiency of townships (stochastic frontier)"
        ),
        frame=frame,
        formats=dict.fromkeys(frame.columns[2:5], "score"),
        note=w(
            f"效率为与前沿产出之比的期望，{fit.level:.0%}区间含估计误差；区间重叠的乡镇分不出先后，不排名。",
            f"Expected output over the frontier's, with {fit.level:.0%} intervals that hold the errors of the estimates; townships whose intervals overlap are not ranked.",
        ),
    )
