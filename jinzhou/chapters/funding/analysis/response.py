"""A response of lasting exits to money: estimated, given, or made of an effect.

What `money_response` estimates and `allocation` plans with.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.statistics.intervals import normal_quantile
from jinzhou.statistics.units import listed

ARM = ["county", "category"]
COEFFICIENTS = ["value", "se", "ci_low", "ci_high"]
"""Columns of `Response.coefficients`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Response:
    """Lasting exits as a function of money.

    exits_a x (yuan / reference_a)^elasticity_a in arm a.

    Attributes
    ----------
    arms : DataFrame, indexed by (county, category)
        `reference` (yuan a year at which `exits` is stated), `exits` (persons a year,
        expected), `ci_low`, `ci_high`, `elasticity` (0-1: exits rise by this many percent with
        one percent more money), `lower`, `upper` (yuan within which such projects were seen),
        `projects`, `status`: ``estimated``, ``too few projects``, ``no effect of money`` (the
        interval of the category's elasticity reaches zero), or ``no effect found``
        (`with_effect`).
    exits, elasticity : ndarray (draws, arms)
        Joint draws of what the data allow, in the order of `arms`; one draw when the response
        is known.
    status : str
        ``estimated`` or ``not identified``.
    why : tuple of str
        Codes of what is missing, empty when estimated: ``few projects``, ``no lasting exits``,
        ``one amount``, ``no overlap``, ``no effect of money``, ``no effect found``, ``money in
        two units`` (`excluded` names the projects), ``collinear controls`` (`collinear` names
        them).
    coefficients : DataFrame, indexed by term
        `value`, `se`, `ci_low`, `ci_high` of the pooled elasticity, of each category's, and of
        the controls; empty when not identified.
    dispersion : float
        alpha: a project's exits have variance mean + alpha x mean^2.
    clipped : float
        Share of drawn elasticities above 1 (increasing returns), which are taken as 1.
    unmeasured : float
        Standard deviation of the log factor that differences between arms which nobody
        recorded may have put on their exits; part of the draws.
    n : int
    dropped : Series, indexed by reason
        With `n` it sums to the projects given.
    excluded : Series, indexed by project
        The same by name: project -> reason (``missing value``, ``no money``, ``no
        households``, ``negative outcome``).
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
            why = ", ".join(self.why)
            return f"response not identified ({why}), {self.n} projects."
        pooled = ""
        if "elasticity" in self.coefficients.index:
            pooled = f"elasticity {self.coefficients.loc['elasticity', 'value']:.2f}, "
        estimated = int((self.arms["status"] == "estimated").sum())
        return (
            f"response of {estimated} of {len(self.arms)} arms: "
            f"{pooled}{self.n} projects, {len(self.exits)} draws."
        )


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
        Columns `county`, `category`, and those named: yuan, persons at that yuan, elasticity
        above 0 and at most 1.

    Returns
    -------
    Response

    Raises
    ------
    ParameterError
        An elasticity is outside (0, 1], or an amount is not above zero.
    """
    frame = arms.set_index(ARM)
    sound = frame[elasticity].between(0, 1) & (frame[elasticity] > 0)
    sound &= (frame[reference] > 0) & (frame[exits] >= 0)
    if not sound.all():
        raise ParameterError(
            "chapters.money_response.known", arms=listed(frame.index[~sound])
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
        coefficients=pd.DataFrame(columns=COEFFICIENTS),
        dispersion=np.nan,
        clipped=0.0,
        unmeasured=0.0,
        n=0,
        dropped=pd.Series(dtype="int64"),
        excluded=pd.Series(dtype=str),
    )


def with_effect(
    reach: Response, effects: pd.DataFrame, *, level: float = 0.95, seed: int = 2018
) -> Response:
    """Additional lasting exits: persons that money reaches times what help adds for one.

    Parameters
    ----------
    reach : Response
        From `money_response` with ``outcome="persons"``.
    effects : DataFrame, indexed by category
        `effect`, `effect_ci_low`, `effect_ci_high`: additional lasting exits per person helped
        beside matched persons who were not (`statistics.matching.compare_kinds`).
    level : float
        Of that interval; its errors and those of the reach are taken as independent.

    Returns
    -------
    Response

    Notes
    -----
    A category whose interval is missing or reaches zero supports no shift of money in either
    direction: its arms have the status ``no effect found``. That is not to say that its money
    does nothing; roads, schools and clinics are not built for exits within the time seen.
    """
    z = normal_quantile(level)
    if reach.status != "estimated":
        return replace(reach, counts="additional")
    of = effects.reindex(reach.arms.index.get_level_values("category"))
    found = (of["effect_ci_low"] > 0).to_numpy()
    without = (reach.arms["status"] == "estimated") & ~found
    status = reach.arms["status"].mask(without, "no effect found")
    if not (status == "estimated").any():
        return replace(
            reach,
            status="not identified",
            why=("no effect found",),
            arms=reach.arms.assign(status=status),
            counts="additional",
        )
    categories = sorted(set(of.index[found]))
    known = effects.loc[categories]
    se = (known["effect_ci_high"] - known["effect_ci_low"]).to_numpy() / (2 * z)
    shape = (len(reach.exits), len(categories))
    noise = np.random.default_rng(seed).standard_normal(shape)
    drawn = np.maximum(known["effect"].to_numpy() + se * noise, 0.0)
    effect = np.zeros(reach.exits.shape)
    effect[:, found] = drawn[:, [categories.index(name) for name in of.index[found]]]
    exits = reach.exits * effect
    low, high = np.quantile(exits, [(1 - level) / 2, (1 + level) / 2], axis=0)
    arms = reach.arms.assign(
        exits=reach.arms["exits"] * of["effect"].to_numpy(),
        ci_low=low,
        ci_high=high,
        status=status,
    )
    arms.loc[status != "estimated", ["exits", "ci_low", "ci_high"]] = np.nan
    return replace(reach, arms=arms, exits=exits, counts="additional")
