"""How lasting exits rise with money, by arm: a county's projects of one category.

A description of projects that look alike in what was recorded; an effect only if nothing else moved both money and exits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.statistics.intervals import normal_quantile
from jinzhou.statistics.units import listed, two_units

ARM = ["county", "category"]
FEW_PROJECTS = 3
"""An arm with fewer projects is held at today's money."""
PRIOR = {"county": 0.3, "elasticity": 0.2, "arm": 0.3, "cluster": 0.3}
"""Standard deviations that each block of deviations starts from, with the weight of `PRIOR_LEVELS` levels: chosen, so that a variance which few levels
cannot tell from zero is not taken for zero."""
PRIOR_LEVELS = 2
FEW_ROWS = 30
"""Fewer projects than this in all identify no response."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Response:
    """Lasting exits as a function of money: exits_a x (yuan / reference_a)^elasticity_a in arm a.

    Attributes
    ----------
    arms : DataFrame, indexed by (county, category)
        `reference` (yuan a year at which `exits` is stated), `exits` (persons a year, expected), `ci_low`, `ci_high`, `elasticity` (0-1: exits
        rise by this many percent with one percent more money), `lower`, `upper` (yuan within which such projects were seen), `projects`,
        `status`: ``estimated``, ``too few projects``, ``no effect of money`` (the interval of the category's elasticity reaches zero), or ``no effect found`` (`with_effect`).
    exits, elasticity : arrays (draws, arms)
        Joint draws of what the data allow, in the order of `arms`; one draw when the response is known.
    status : str
        ``estimated`` or ``not identified``.
    why : tuple of str
        Codes of what is missing, empty when estimated: ``few projects``, ``no lasting exits``, ``one amount``, ``no overlap``, ``no effect of money``, ``no effect found``,
        ``money in two units`` (`excluded` names the projects), ``collinear controls`` (`collinear` names them).
    coefficients : DataFrame, indexed by term
        `value`, `se`, `ci_low`, `ci_high` of the pooled elasticity, of each category's, and of the controls; empty when not identified.
    dispersion : float
        alpha: a project's exits have variance mean + alpha x mean^2.
    clipped : float
        Share of drawn elasticities above 1 (increasing returns), which are taken as 1.
    unmeasured : float
        Standard deviation of the log multiplier that differences between arms which nobody recorded may have put on their exits; part of the draws.
    n : int
    dropped : Series, indexed by reason
        With `n` it sums to the projects given.
    excluded : Series, indexed by project
        The same by name: project -> reason (``missing value``, ``no money``, ``no households``, ``negative outcome``).
    collinear : tuple of str
        Controls that the categories and the controls before them make up.
    counts : str
        ``all`` exits of the people reached, or ``additional`` ones (`with_effect`).
    """

    arms: pd.DataFrame
    exits: np.ndarray
    elasticity: np.ndarray
    status: str
    why: tuple[str, ...]
    coefficients: pd.DataFrame
    dispersion: float
    clipped: float
    unmeasured: float
    n: int
    dropped: pd.Series
    excluded: pd.Series
    collinear: tuple[str, ...] = ()
    counts: str = "all"

    def table(self) -> pd.DataFrame:
        """A copy of `arms`, safe to format."""
        return self.arms.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        if self.status != "estimated":
            return (
                f"response not identified ({', '.join(self.why)}), {self.n} projects."
            )
        pooled = (
            f"elasticity {self.coefficients.loc['elasticity', 'value']:.2f}, "
            if "elasticity" in self.coefficients.index
            else ""
        )
        return f"response of {int((self.arms['status'] == 'estimated').sum())} of {len(self.arms)} arms: {pooled}{self.n} projects, {len(self.exits)} draws."


def known_response(
    arms: pd.DataFrame,
    *,
    reference: str = "reference",
    exits: str = "exits",
    elasticity: str = "elasticity",
) -> Response:
    """A response that is given, not estimated (a truth, or an office's own assumption).

    Parameters
    ----------
    arms : DataFrame
        Columns `county`, `category`, and those named: yuan, persons at that yuan, elasticity above 0 and at most 1.

    Raises
    ------
    ParameterError
        An elasticity is outside (0, 1], or an amount is not above zero.
    """
    frame = arms.set_index(ARM)
    wrong = frame.index[
        ~(
            frame[elasticity].between(0, 1)
            & (frame[elasticity] > 0)
            & (frame[reference] > 0)
            & (frame[exits] >= 0)
        )
    ]
    if len(wrong):
        raise ParameterError(
            f"{listed(wrong)}：弹性应在0与1之间，金额应大于0。",
            f"{listed(wrong)}: expected an elasticity above 0 and at most 1, and amounts above zero.",
        )
    table = pd.DataFrame(
        {
            "reference": frame[reference].astype(float),
            "exits": frame[exits].astype(float),
            "ci_low": np.nan,
            "ci_high": np.nan,
            "elasticity": frame[elasticity].astype(float),
            "lower": 0.0,
            "upper": np.inf,
            "projects": 0,
            "status": "estimated",
        }
    )
    return Response(
        arms=table,
        exits=table[["exits"]].to_numpy().T,
        elasticity=table[["elasticity"]].to_numpy().T,
        status="estimated",
        why=(),
        coefficients=pd.DataFrame(columns=["value", "se", "ci_low", "ci_high"]),
        dispersion=np.nan,
        clipped=0.0,
        unmeasured=0.0,
        n=0,
        dropped=pd.Series(dtype="int64"),
        excluded=pd.Series(dtype=str),
    )


def money_response(
    projects: pd.DataFrame,
    *,
    outcome: str = "lasting",
    years: float = 1.0,
    controls: Sequence[str] = ("poverty",),
    cluster: str | None = "town",
    unmeasured: float = 0.2,
    draws: int = 200,
    seed: int = 2018,
    level: float = 0.95,
) -> Response:
    """How lasting exits, or the persons reached, rise with money, from past projects.

    Parameters
    ----------
    projects : DataFrame
        One row per project (or per township's projects of a category): `county`, `category`, `yuan` paid, `households` taken in, the outcome, the
        controls, and `cluster`.
    outcome : str
        ``lasting`` (persons of these households whose exit has lasted the full months, or is expected to), or ``persons`` taken in, to be multiplied by what help adds for a
        person (`with_effect`): then nobody's exit is counted who would have exited anyway.
    years : float
        Years that the projects span: `reference` and `exits` are per year.
    controls : sequence of str
        Numbers known before the money came (starting poverty, remoteness, illness). What money itself changes (households taken in) must not be among them.
    cluster : str, optional
        Column of places whose projects resemble one another.
    unmeasured : float
        See `Response`: 0.2 lets unrecorded differences between arms account for a factor of 0.67 to 1.5. It is chosen, not estimated.
    draws, seed : int

    Raises
    ------
    ParameterError
        A column is missing, or `level`, `years` or `draws` make no sense.
    Notes
    -----
    Counts with variance mean + alpha mean^2: log E[lasting] = category + county + arm + cluster + (elasticity + category's deviation) x log(yuan) + controls. Deviations of counties, arms, clusters
    and elasticities are drawn towards zero by as much as their estimated variances ask (Breslow and Clayton 1993, JASA 88, 9-25; variances by EM from a weak prior, `PRIOR`).
    Money was not drawn by lot: the elasticity says how exits differed between projects with more and less money that look alike in what was
    recorded, and is an effect only if nothing unrecorded moved both. It is not identified, and no plan follows, with few projects, without
    lasting exits, when all projects of all categories have nearly the same amount, when counties share no amounts, or when no category's elasticity has an interval above zero.
    """
    z = normal_quantile(level)
    columns = [
        *ARM,
        "yuan",
        "households",
        outcome,
        *controls,
        *([cluster] if cluster else []),
    ]
    missing = [c for c in columns if c not in projects.columns]
    if missing:
        raise ParameterError(
            f"没有这些列：{', '.join(missing)}。",
            f"no such columns: {', '.join(missing)}.",
        )
    if not years > 0 or draws < 1 or unmeasured < 0:
        raise ParameterError(
            f"years={years}、draws={draws}、unmeasured={unmeasured}；年数和次数应大于0，未测差异不小于0。",
            f"years={years}, draws={draws}, unmeasured={unmeasured}; expected years and draws above zero, unmeasured not below it.",
        )
    numbers = projects[["yuan", "households", outcome, *controls]].astype(float)
    reason = np.select(
        [
            (~np.isfinite(numbers)).any(axis=1) | projects[columns].isna().any(axis=1),
            numbers["yuan"] <= 0,
            numbers["households"] <= 0,
            numbers[outcome] < 0,
        ],
        ["missing value", "no money", "no households", "negative outcome"],
        "",
    )
    mixed = two_units(numbers.loc[reason == "", "yuan"])
    reason = np.where(
        projects.index.isin(mixed) & (reason == ""), "money in two units", reason
    )
    used = projects[reason == ""]
    excluded = pd.Series(reason, index=projects.index)[reason != ""]
    keys = pd.MultiIndex.from_frame(used[ARM])
    table = (
        used.groupby(ARM).agg(reference=("yuan", "sum"), projects=("yuan", "size"))
        if len(used)
        else pd.DataFrame(
            columns=["reference", "projects"],
            index=pd.MultiIndex.from_arrays([[], []], names=ARM),
        )
    )
    table["reference"] = table["reference"].astype(float) / years
    table["status"] = np.where(
        table["projects"] >= FEW_PROJECTS, "estimated", "too few projects"
    )

    def answer(why=(), **found):
        given = dict(
            exits=np.empty((0, len(table))),
            elasticity=np.empty((0, len(table))),
            coefficients=pd.DataFrame(columns=["value", "se", "ci_low", "ci_high"]),
            dispersion=np.nan,
            clipped=0.0,
        )
        arms = found.pop(
            "arms",
            table.assign(
                exits=np.nan,
                ci_low=np.nan,
                ci_high=np.nan,
                elasticity=np.nan,
                lower=np.nan,
                upper=np.nan,
            ),
        )
        return Response(
            arms=arms[
                [
                    "reference",
                    "exits",
                    "ci_low",
                    "ci_high",
                    "elasticity",
                    "lower",
                    "upper",
                    "projects",
                    "status",
                ]
            ],
            status="not identified" if why else "estimated",
            why=tuple(why),
            unmeasured=unmeasured,
            n=len(used),
            dropped=excluded.value_counts(),
            excluded=excluded,
            **(given | found),
        )

    amount = np.log(used["yuan"].to_numpy(float))
    why = ["money in two units"] if len(mixed) else _unidentified(used, amount, outcome)
    if why:
        return answer(why)
    categories, counties = (
        sorted(used["category"].unique()),
        sorted(used["county"].unique()),
    )
    middle = np.array(
        [np.median(amount[used["category"] == c]) for c in used["category"]]
    )
    slope = amount - middle
    dummies = (
        used["category"].to_numpy()[:, None] == np.array(categories, dtype=object)
    ).astype(float)
    scaled = used[list(controls)].to_numpy(float)
    scaled = (scaled - scaled.mean(axis=0)) / np.where(
        scaled.std(axis=0) > 0, scaled.std(axis=0), 1.0
    )
    fixed = np.column_stack([dummies, slope, scaled])
    first = len(categories) + 1
    collinear = tuple(
        name
        for i, name in enumerate(controls)
        if np.linalg.matrix_rank(fixed[:, : first + i + 1])
        == np.linalg.matrix_rank(fixed[:, : first + i])
    )
    if collinear:
        return answer(["collinear controls"], collinear=collinear)
    codes = table.index.get_indexer(keys)
    blocks = {
        "county": (
            used["county"].to_numpy()[:, None] == np.array(counties, dtype=object)
        ).astype(float),
        "elasticity": dummies * slope[:, None],
        "arm": (codes[:, None] == np.arange(len(table))).astype(float),
    }
    if cluster:
        blocks["cluster"] = (
            used[cluster].to_numpy()[:, None]
            == np.array(sorted(used[cluster].unique()), dtype=object)
        ).astype(float)
    fit = _mixed_counts(
        used[outcome].to_numpy(float),
        fixed,
        list(blocks.values()),
        np.array([PRIOR[name] for name in blocks]),
    )
    f, c, k = fixed.shape[1], len(counties), len(categories)
    se = np.sqrt(np.diag(fit.cov))
    place = {"elasticity": k, **{name: k + 1 + i for i, name in enumerate(controls)}}
    value = {name: (fit.beta[i], se[i]) for name, i in place.items()}
    for i, name in enumerate(categories):
        at = [k, f + c + i]
        value[f"elasticity: {name}"] = (
            fit.beta[at].sum(),
            float(np.sqrt(fit.cov[np.ix_(at, at)].sum())),
        )
    coefficients = pd.DataFrame(
        [(v, s, v - z * s, v + z * s) for v, s in value.values()],
        index=list(value),
        columns=["value", "se", "ci_low", "ci_high"],
    )
    coefficients.index.name = "term"
    flat = [
        name
        for name in categories
        if coefficients.loc[f"elasticity: {name}", "ci_low"] <= 0
    ]
    table["status"] = table["status"].mask(
        (table["status"] == "estimated")
        & table.index.get_level_values("category").isin(flat),
        "no effect of money",
    )
    if not (table["status"] == "estimated").any():
        return answer(
            ["few projects" if not len(flat) else "no effect of money"],
            coefficients=coefficients,
            dispersion=fit.dispersion,
        )
    rng = np.random.default_rng(seed)
    theta = np.vstack(
        [fit.beta, rng.multivariate_normal(fit.beta, fit.cov, draws, method="eigh")]
    )
    eta = theta @ np.column_stack([fixed, *blocks.values()]).T  # (draws + 1, rows)
    exits = np.zeros((len(theta), len(table)))
    for a in range(len(table)):
        exits[:, a] = np.exp(eta[:, codes == a]).sum(axis=1) / years
    of = np.array(
        [categories.index(name) for name in table.index.get_level_values("category")]
    )
    elasticity = theta[:, [k]] + theta[:, f + c + of]
    expected, best = exits[0], np.clip(elasticity[0], 0.02, 1.0)
    drawn, clipped = (
        np.clip(elasticity[1:], 0.02, 1.0),
        float((elasticity[1:] > 1).mean()),
    )
    exits = exits[1:] * np.exp(
        rng.normal(0, unmeasured, exits[1:].shape) - unmeasured**2 / 2
    )
    seen = np.array(
        [
            np.exp(np.quantile(slope[used["category"] == name], [0.05, 0.95]))
            for name in categories
        ]
    )[of]
    tail = (1 - level) / 2
    low, high = np.quantile(exits, [tail, 1 - tail], axis=0)
    arms = table.assign(
        exits=expected,
        ci_low=low,
        ci_high=high,
        elasticity=best,
        lower=table["reference"] * seen[:, 0],
        upper=table["reference"] * seen[:, 1],
    )
    return answer(
        arms=arms,
        exits=exits,
        elasticity=drawn,
        coefficients=coefficients,
        dispersion=fit.dispersion,
        clipped=clipped,
    )


def with_effect(
    reach: Response, effects: pd.DataFrame, *, level: float = 0.95, seed: int = 2018
) -> Response:
    """Additional lasting exits: the persons that money reaches times what help adds for one of them.

    Parameters
    ----------
    reach : Response
        From `money_response` with ``outcome="persons"``.
    effects : DataFrame, indexed by category
        `effect`, `effect_ci_low`, `effect_ci_high`: additional lasting exits per person helped beside alike persons who were not (`models.compare_kinds`).
    level : float
        Of that interval; its errors and those of the reach are taken as independent.

    Notes
    -----
    A category whose interval is missing or reaches zero supports no shift of money in either direction: its arms have the status ``no effect found``. That is
    not to say that its money does nothing; roads, schools and clinics are not built for exits within the time seen.
    """
    z = normal_quantile(level)
    if reach.status != "estimated":
        return replace(reach, counts="additional")
    of = effects.reindex(reach.arms.index.get_level_values("category"))
    found = (of["effect_ci_low"] > 0).to_numpy()
    status = reach.arms["status"].where(
        (reach.arms["status"] != "estimated") | found, "no effect found"
    )
    if not (status == "estimated").any():
        return replace(
            reach,
            status="not identified",
            why=("no effect found",),
            arms=reach.arms.assign(status=status),
            counts="additional",
        )
    categories = sorted(set(of.index[found]))
    rng = np.random.default_rng(seed)
    known = effects.loc[categories]
    drawn = known["effect"].to_numpy() + (
        known["effect_ci_high"] - known["effect_ci_low"]
    ).to_numpy() / (2 * z) * rng.standard_normal((len(reach.exits), len(categories)))
    effect = np.zeros(reach.exits.shape)
    effect[:, found] = np.maximum(drawn, 0.0)[
        :, [categories.index(name) for name in of.index[found]]
    ]
    exits = reach.exits * effect
    low, high = np.quantile(exits, [(1 - level) / 2, (1 + level) / 2], axis=0)
    blank = ~(status == "estimated").to_numpy()
    arms = reach.arms.assign(
        exits=reach.arms["exits"] * of["effect"].to_numpy(),
        ci_low=low,
        ci_high=high,
        status=status,
    )
    arms.loc[blank, ["exits", "ci_low", "ci_high"]] = np.nan
    return replace(reach, arms=arms, exits=exits, counts="additional")


def _unidentified(used: pd.DataFrame, amount: np.ndarray, outcome: str) -> list[str]:
    """Codes of what keeps a response from being estimated."""
    if len(used) < FEW_ROWS:
        return ["few projects"]
    if used[outcome].sum() <= 0:
        return ["no lasting exits"]
    within = (
        amount
        - pd.Series(amount)
        .groupby(used["category"].to_numpy())
        .transform("mean")
        .to_numpy()
    )
    if within.std() < 0.05:
        return ["one amount"]
    ranges = (
        pd.DataFrame({"county": used["county"].to_numpy(), "amount": amount})
        .groupby("county")["amount"]
        .agg(["min", "max"])
        .sort_values("min")
    )
    if (
        len(ranges) > 1
        and (
            ranges["min"].to_numpy()[1:] > ranges["max"].cummax().to_numpy()[:-1]
        ).all()
    ):
        return ["no overlap"]
    return []


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Mixed:
    """`beta` (p,) fixed then each block; `cov` (p, p); `dispersion` alpha of the variance mu + alpha mu^2; `variances` of the blocks."""

    beta: np.ndarray
    cov: np.ndarray
    dispersion: float
    variances: np.ndarray


def _mixed_counts(
    y: np.ndarray,
    fixed: np.ndarray,
    blocks: Sequence[np.ndarray],
    prior: np.ndarray,
    *,
    rounds: int = 60,
) -> _Mixed:
    """Counts with log link and variance mu + alpha mu^2 (alpha by Pearson's statistic); each block's coefficients are normal around zero with a variance
    found by EM, begun at prior^2."""
    X = np.column_stack([fixed, *blocks])
    f, sizes = fixed.shape[1], [b.shape[1] for b in blocks]
    edges = np.cumsum([f, *sizes])
    variances, alpha = prior**2, 0.0
    beta = np.zeros(X.shape[1])
    beta[:f] = np.linalg.lstsq(fixed, np.log(y + 0.5), rcond=None)[0]
    for _ in range(rounds):
        penalty = np.concatenate([np.zeros(f), np.repeat(1 / variances, sizes)])
        for _ in range(50):
            mu = np.exp(np.minimum(X @ beta, 30))
            weight = 1 / (1 + alpha * mu)
            data = X.T @ (X * (mu * weight)[:, None])
            step = np.linalg.solve(
                data + np.diag(penalty), X.T @ ((y - mu) * weight) - penalty * beta
            )
            beta = beta + step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-12))
            if np.abs(step).max() < 1e-8:
                break
        cov = np.linalg.inv(data + np.diag(penalty))
        left = max(len(y) - np.trace(cov @ data), 1.0)
        low, high = 0.0, 1e3
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (
                (middle, high)
                if ((y - mu) ** 2 / (mu + middle * mu**2)).sum() > left
                else (low, middle)
            )
        new = np.array(
            [
                (beta[a:b] @ beta[a:b] + np.trace(cov[a:b, a:b]) + PRIOR_LEVELS * s**2)
                / (b - a + PRIOR_LEVELS)
                for a, b, s in zip(edges[:-1], edges[1:], prior)
            ]
        )
        still = np.abs(np.log(new / variances)).max() < 1e-3 and abs(low - alpha) < 1e-4
        variances, alpha = new, low
        if still:
            break
    return _Mixed(beta=beta, cov=cov, dispersion=alpha, variances=variances)
