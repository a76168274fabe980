"""Which returns to scale the data allow: a test by the smoothed bootstrap.

It asks for both frontiers of every pseudo-sample, which no library of Python solves at
once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.statistics.frontier.bootstrap import check_numbers
from jinzhou.statistics.frontier.dea import dea
from jinzhou.statistics.frontier.model import DeaModel, prepare
from jinzhou.statistics.frontier.resampling import pseudo_scores, silverman


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReturnsTest:
    """Which returns to scale the data allow.

    Attributes
    ----------
    tests : DataFrame, indexed by null hypothesis
        ``constant`` and, when that is rejected, ``decreasing`` (non-increasing):
        `statistic` (mean score under the null over mean score under variable returns, 1
        when they agree), `critical` (rejected below), `p_value`, `rejected`.
    returns_to_scale : str
        Not rejected: ``constant``, ``decreasing`` or ``variable``; ``unknown`` when
        every unit is efficient under the null.
    orientation : str
    level : float
    replications, n : int
    enough : bool
        As in `dea.Frontier`.
    """

    tests: pd.DataFrame
    returns_to_scale: str
    orientation: str
    level: float
    replications: int
    n: int
    enough: bool

    def table(self) -> pd.DataFrame:
        """A copy of `tests`, safe to format."""
        return self.tests.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        tested = "; ".join(
            f"{name}: ratio {row.statistic:.3f}, p {row.p_value:.3f}"
            for name, row in self.tests.iterrows()
        )
        return (
            f"Returns to scale of {self.n} units: {self.returns_to_scale} ({tested})."
        )


def returns_to_scale_test(
    units: pd.DataFrame,
    model: DeaModel,
    *,
    replications: int = 1000,
    level: float = 0.95,
    nulls: Sequence[str] = ("constant", "decreasing"),
    seed: int = 2018,
) -> ReturnsTest:
    """Test constant, then non-increasing, against variable returns to scale.

    Parameters
    ----------
    units, model
        As in `dea`; the orientation is input or output, the model's own returns to
        scale are not used.
    nulls : sequence of str
        Tested in this order until one is not rejected; ``("constant",)`` asks only
        whether scale matters, and ``variable`` is then the answer to its rejection.

    Returns
    -------
    ReturnsTest

    Raises
    ------
    ParameterError
        An option that is not among those allowed, or what `dea` refuses.

    Notes
    -----
    The statistic is the ratio of mean scores within (0, 1]; its distribution
    under the null comes from pseudo-units of the null's frontier.

    References
    ----------
    Simar and Wilson (2002), European J. of Operational Research 139, 115-132.
    """
    model.check(orientation=("input", "output"))
    check_numbers(replications, level)
    column = "reciprocal" if model.output else "score"
    scores = {
        r: dea(units, model.without_options(returns_to_scale=r))
        for r in (*nulls, "variable")
    }
    frame = pd.DataFrame({r: f.scores[column] for r, f in scores.items()}).dropna()
    variable = model.without_options(returns_to_scale="variable")
    given = prepare(units.loc[frame.index], variable)
    most = np.minimum(frame["variable"].to_numpy(), 1.0).mean()
    rows, answer = {}, "variable"
    for null in nulls:
        theta = np.minimum(frame[null].to_numpy(), 1.0)
        h = silverman(1 / theta)
        if not h > 0:
            answer = "unknown"
            break
        pieces = pseudo_scores(
            given,
            1 / theta,
            returns_to_scale=(null, "variable"),
            output=model.output,
            bandwidth=h,
            replications=replications,
            rng=np.random.default_rng(seed),
        )
        draws = np.concatenate(list(pieces), axis=1)
        ratio = np.nanmean(draws[0], axis=1) / np.nanmean(draws[1], axis=1)
        rows[null] = _test(float(theta.mean() / most), ratio, level)
        if not rows[null]["rejected"]:
            answer = null
            break
    columns = ["statistic", "critical", "p_value", "rejected"]
    return ReturnsTest(
        tests=pd.DataFrame.from_dict(rows, orient="index", columns=columns),
        returns_to_scale=answer,
        orientation=model.orientation,
        level=level,
        replications=replications,
        n=len(frame),
        enough=scores["variable"].enough,
    )


def _test(statistic: float, ratio: np.ndarray, level: float) -> dict[str, object]:
    """One row of `tests`: the statistic against its draws (B,) under the null."""
    p = float((1 + (ratio <= statistic).sum()) / (1 + len(ratio)))
    return {
        "statistic": statistic,
        "critical": float(np.quantile(ratio, 1 - level)),
        "p_value": p,
        "rejected": p < 1 - level,
    }
