"""Published and computed figures side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.publish.chapter import Chapter, Table, words

if TYPE_CHECKING:
    from jinzhou.chapters.validation.analysis import FixedEffects, VietNam
    from jinzhou.statistics.frontier.sfa import StochasticFrontier
    from jinzhou.statistics.returns.backtest import Backtest

TEEN = {
    "mother": 0.5824,
    "spouse": -0.7477,
    "inschool": 0.2719,
    "hours": -0.0196,
    "wave_2": 0.3318,
    "wave_3": 0.3350,
    "wave_4": 0.4328,
    "wave_5": 0.4025,
}
"""Allison (2009): coefficients of the fixed-effects logit."""
ENVELOPMENT = {
    "pft": (
        "CCR 1981 PFT：有效单元数、平均得分",
        "CCR 1981, PFT: efficient sites, mean score",
        (17, 0.944803),
    ),
    "nft": (
        "CCR 1981 NFT：有效单元数、平均得分",
        "CCR 1981, NFT: efficient sites, mean score",
        (8, 0.958195),
    ),
    "pooled": (
        "CCR 1981 合并：CCR、BCC投入、BCC产出平均",
        "CCR 1981, pooled: mean CCR, BCC input, BCC output",
        (0.937765, 0.953431, 1.05278),
    ),
    "deap_1": (
        "DEAP 指南例1 技术效率",
        "DEAP guide, example 1, technical",
        (0.5, 1, 0.833, 0.714, 1),
    ),
    "deap_2_constant": (
        "DEAP 指南例2 规模报酬不变",
        "DEAP guide, example 2, constant returns",
        (0.5, 0.5, 1, 0.8, 0.833),
    ),
    "deap_2_variable": (
        "DEAP 指南例2 规模报酬可变",
        "DEAP guide, example 2, variable returns",
        (1, 0.625, 1, 0.9, 1),
    ),
    "deap_2_decreasing": (
        "DEAP 指南例2 规模报酬非递增",
        "DEAP guide, example 2, non-increasing returns",
        (0.5, 0.5, 1, 0.9, 1),
    ),
    "deap_3_allocative": (
        "DEAP 指南例3 配置效率",
        "DEAP guide, example 3, allocative",
        (0.706, 0.857, 0.9, 0.933, 1),
    ),
    "deap_3_cost": (
        "DEAP 指南例3 成本效率",
        "DEAP guide, example 3, cost",
        (0.353, 0.857, 0.75, 0.667, 1),
    ),
    "andersen_petersen": (
        "Andersen、Petersen 1993 超效率",
        "Andersen and Petersen 1993, super-efficiency",
        (1, 1.3158, 1.2, 1.25, 0.75),
    ),
    "tone_2001": ("Tone 2001 SBM", "Tone 2001, SBM", (0.798, 0.568, 1, 0.667, 1)),
    "tone_2002": (
        "Tone 2002 超效率SBM",
        "Tone 2002, super-SBM",
        (1.01162, 1.41463, 1.07813, 1.15625, 1.58585, 1.01981),
    ),
    "tone_2002_input": (
        "Tone 2002 超效率SBM（投入）",
        "Tone 2002, super-SBM, input",
        (1.01162, 1.70833, 1.07813, 1.15625, 1.79881, 1.01981),
    ),
    "simar_wilson": (
        "Simar、Wilson 1998 电厂得分",
        "Simar and Wilson 1998, electric plants, score",
        (0.86913, 1, 1, 0.93065, 1, 0.90714),
    ),
    "simar_wilson_corrected": (
        "Simar、Wilson 1998 纠偏得分（自助法，±0.005）",
        "Simar and Wilson 1998, corrected (bootstrap, +-0.005)",
        (0.85348, 0.94225, 0.95242, 0.91896, 0.94507, 0.89287),
    ),
}
"""By table of `models.validation.envelopment`: Chinese and English name, figures in order. Charnes, Cooper and Rhodes (1981); Coelli (1996), DEAP
2.1; Andersen and Petersen (1993); Tone (2001, 2002); the electric plants' figures are those of the R package deaR at the paper's bandwidth."""
FRONTIER_41 = {
    "constant": (0.56161963, 0.20261668),
    "capital": (0.28110205, 0.047643365),
    "labour": (0.53647981, 0.045251553),
    "sigma2": (0.21700046, 0.063909106),
    "gamma": (0.79720730, 0.13642399),
}
"""Coelli (1996), FRONTIER 4.1, listing of example 1: estimates and standard errors."""
FRONTIER_41_FIT = {
    "loglik": -17.027229,
    "ols_loglik": -18.446849,
    "lr": 2.8392402,
    "efficiency": 0.74057,
}
RICE = {
    "cross-section": -86.20268,
    "BC92": -86.43042,
    "BC92 decay": -84.55036,
    "BC92 decay, truncated": -84.40678,
    "BC95": -77.31363,
    "BC95 without constant": -77.84954,
}
"""Log-likelihoods of the R package frontier on the rice farms."""
VIET_NAM = {
    "income 5%": 0.4271,
    "income 10%": 0.2782,
    "income 15%": 0.1965,
    "income 25%": 0.1095,
    "capacity 40%": 0.1675,
}
"""Households whose health spending passes a share of total expenditure (of what is not food), unweighted, same 5,999 rows: a
second computation of the same definition, not a published table (which used weights)."""
VIET_NAM_POVERTY = {
    941.77296: (0.0416, 0.0878, 0.0075, 0.0652),
    1883.5459: (0.3532, 0.4371, 0.0924, 0.1589),
}
"""Line: share of persons below it and mean gap, before and after health spending; same standing as `VIET_NAM`."""
ELASTICITY = {
    "least squares": 0.57365,
    "quantile 0.1": 0.1512,
    "quantile 0.5": 0.6211,
    "quantile 0.9": 0.8004,
}
"""Cameron and Trivedi (2005), section 4.6: .57, and from .15 to .80 over the quantiles; more digits by a second computation."""
WORKED = {
    "A P0": 0.5,
    "A P1": 0.10,
    "A P2": 0.02,
    "B P0": 0.5,
    "B P1": 0.004,
    "B P2": 0.000032,
    "C P0": 0.5,
    "C P1": 0.08,
    "C P2": 0.0136,
    "H": 0.5,
    "A": 0.75,
    "M0": 0.375,
    "M1": 0.205529,
    "M2": 0.165457,
}
"""Haughton and Khandker (2009), chapter 4, line 125; Alkire and Foster (2011), four persons and dimensions, k = 2."""
EPH_BASELINE = {
    ("hazard", "auc"): 0.7051,
    ("hazard", "average_precision"): 0.4939,
    ("hazard", "recall_5"): 0.109,
    ("hazard", "recall_10"): 0.196,
    ("hazard", "brier"): 0.1881,
    ("hazard", "slope"): 0.91,
}
"""A ridge logit on later quarters of the same panel (2011-2013): a reading aid, not the same rows."""


def validation(
    *,
    teen: FixedEffects,
    envelopment: Mapping[str, Sequence[float]],
    stochastic: Mapping[str, StochasticFrontier],
    viet_nam: VietNam,
    worked: Mapping[str, float],
    eph: Backtest | None,
    lang: str = "zh",
) -> Chapter:
    """Tables of published and computed figures; `eph` is None when the panel is not at hand."""
    w = words(lang)
    what, published, computed = (
        w("项目", "Figure"),
        w("已发表或参考", "Published or reference"),
        w("本程序", "Computed"),
    )
    c = teen.coefficients
    rows = [
        (
            w(f"系数 {name}", f"coefficient {name}"),
            value,
            round(float(c.loc[name, "beta"]), 4),
        )
        for name, value in TEEN.items()
    ]
    rows.append(
        (w("无变化而剔除的人数", "persons without variation"), 324, teen.no_variation)
    )
    tables = [
        Table(
            name="validation_teen",
            title=w(
                "固定效应模型：青少年贫困（Allison 2009）",
                "Fixed effects: teen poverty (Allison 2009)",
            ),
            frame=pd.DataFrame(rows, columns=[what, published, computed]),
        )
    ]
    rows = [
        (f"{w(zh, en)} {i}", value, round(float(score), 6))
        for key, (zh, en, values) in ENVELOPMENT.items()
        if key in envelopment
        for i, (value, score) in enumerate(
            zip(values, envelopment[key], strict=True), 1
        )
    ]
    tables.append(
        Table(
            name="validation_dea",
            title=w(
                "数据包络分析（CCR 1981；DEAP 2.1；Tone；Simar、Wilson）",
                "DEA (CCR 1981; DEAP 2.1; Tone; Simar and Wilson)",
            ),
            frame=pd.DataFrame(rows, columns=[what, published, computed]),
            note=""
            if "simar_wilson" in envelopment
            else w(
                "没有找到伊利诺伊电厂数据，Simar、Wilson 1998 未对照。",
                "The Illinois electric plants were not found; Simar and Wilson 1998 is not compared.",
            ),
        )
    )
    tables.append(_stochastic(stochastic, w, what, published, computed))
    found = viet_nam.spending.rates.set_index("measure")["share"]
    rows = [
        (
            w(
                f"医疗支出超过{'非食品支出' if m.startswith('capacity') else '总支出'}{m.split()[1]}的户",
                f"households above {m.split()[1]} of {'non-food ' if m.startswith('capacity') else ''}expenditure",
            ),
            value,
            round(float(found[m]), 4),
        )
        for m, value in VIET_NAM.items()
    ]
    for line, values in VIET_NAM_POVERTY.items():
        last = viet_nam.poverty[line].shares.set_index("measure")["value"]
        for value, m, text in zip(
            values,
            ("poor_before", "poor_after", "gap_before", "gap_after"),
            (
                w("支出前贫困人口", "persons poor before"),
                w("支出后贫困人口", "persons poor after"),
                w("支出前缺口", "gap before"),
                w("支出后缺口", "gap after"),
            ),
        ):
            rows.append((f"{text}, {line:g}", value, round(float(last[m]), 4)))
    rows += [
        (
            w(f"医疗支出弹性（{m}）", f"elasticity of health spending ({m})"),
            ELASTICITY[m],
            round(float(value), 5 if m == "least squares" else 4),
        )
        for m, value in viet_nam.elasticities.itertuples(index=False)
    ]
    tables.append(
        Table(
            name="validation_viet_nam",
            title=w(
                "越南住户医疗支出（Cameron、Trivedi 2005 所用数据）",
                "Viet Nam health spending (data of Cameron and Trivedi 2005)",
            ),
            frame=pd.DataFrame(rows, columns=[what, published, computed]),
            note=w(
                "非食品支出一行相差1户：食品支出超过总支出而又有医疗支出的户，本程序计入。",
                "The row of non-food expenditure differs by one household: it eats more than its total and paid, and counts here.",
            ),
        )
    )
    tables.append(
        Table(
            name="validation_worked",
            title=w(
                "贫困指数算例（世界银行手册第4章；Alkire、Foster 2011）",
                "Worked examples of poverty (World Bank handbook, ch. 4; Alkire and Foster 2011)",
            ),
            frame=pd.DataFrame(
                [(m, value, round(worked[m], 6)) for m, value in WORKED.items()],
                columns=[what, published, computed],
            ),
        )
    )
    if eph is not None:
        m = eph.metrics
        tables.append(
            Table(
                name="validation_eph",
                title=w(
                    "阿根廷住户面板：曾贫困、现不贫困者下季是否再贫困",
                    "Argentine panel: poor before, not now; poor next quarter?",
                ),
                frame=pd.DataFrame(
                    {
                        w("方法", "Score"): m["score"],
                        w("指标", "Metric"): m["metric"],
                        w(
                            "参考（后期同一调查）",
                            "Reference (later quarters of the survey)",
                        ): [
                            EPH_BASELINE.get((s, k))
                            for s, k in zip(m["score"], m["metric"])
                        ],
                        computed: m["value"].round(4),
                        w("区间下限", "Low"): m["ci_low"].round(4),
                        w("区间上限", "High"): m["ci_high"].round(4),
                    }
                ),
                note=w(
                    f"滚动截止日{len(eph.splits)}个，检验{int(eph.splits['test_rows'].sum())}行。",
                    f"{len(eph.splits)} rolling dates, {int(eph.splits['test_rows'].sum())} rows judged.",
                ),
            )
        )
    missing = (
        ()
        if eph is not None
        else (
            w(
                "没有找到阿根廷住户面板，该项未运行。",
                "The Argentine panel was not found; that part did not run.",
            ),
        )
    )
    return Chapter(
        name="validation",
        title=w("验证", "Validation"),
        lang=lang,
        tables=tuple(tables),
        notes=missing,
    )


def _stochastic(
    fits: Mapping[str, StochasticFrontier], w, what: str, published: str, computed: str
) -> Table:
    """Stochastic frontiers beside their published figures."""
    one = fits["FRONTIER 4.1"]
    c = one.coefficients.droplevel("part")
    rows = []
    for term, (value, error) in FRONTIER_41.items():
        rows.append(
            (
                w(f"FRONTIER 4.1 例1 {term}", f"FRONTIER 4.1 example 1, {term}"),
                value,
                round(float(c.loc[term, "value"]), 8),
            )
        )
        rows.append(
            (
                w(f"　{term} 标准误", f"　standard error of {term}"),
                error,
                round(float(c.loc[term, "se"]), 8),
            )
        )
    names = {
        "loglik": w("对数似然", "log-likelihood"),
        "ols_loglik": w("最小二乘对数似然", "log-likelihood of least squares"),
        "lr": w("似然比", "likelihood ratio"),
        "efficiency": w("平均效率", "mean efficiency"),
    }
    values = {
        "loglik": one.loglik,
        "ols_loglik": one.ols_loglik,
        "lr": one.lr,
        "efficiency": float(one.rows["efficiency"].mean()),
    }
    rows += [
        (
            w(f"FRONTIER 4.1 例1 {names[k]}", f"FRONTIER 4.1 example 1, {names[k]}"),
            value,
            round(values[k], 7),
        )
        for k, value in FRONTIER_41_FIT.items()
    ]
    rows += [
        (
            w(f"菲律宾稻农对数似然（{name}）", f"rice farms, log-likelihood ({name})"),
            value,
            round(fits[name].loglik, 5),
        )
        for name, value in RICE.items()
    ]
    return Table(
        name="validation_sfa",
        title=w(
            "随机前沿（Coelli FRONTIER 4.1；菲律宾稻农）",
            "Stochastic frontiers (Coelli's FRONTIER 4.1; Philippine rice farms)",
        ),
        frame=pd.DataFrame(rows, columns=[what, published, computed]),
        note=w(
            "例1系数第六位起略有不同，原因见 tests/published/README.md；标准误：原程序用迭代近似，本程序用观测信息阵。",
            "Example 1 differs from the sixth digit on, see tests/published/README.md; standard errors: an approximation of the search there, the observed information here.",
        ),
    )
