"""What visits hide: yesterday's help lowers the recorded risk of those who got it.

Every household is scored without a visit. That is right when visits follow what is
recorded. When field workers visit on what they know and the registry does not, no
adjustment repairs it; this module says how strong such a selection would have to be to
matter, what a random slice of visits shows, and how large a slice would have to be.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.statistics.returns.return_risk import ReturnRisk
from jinzhou.words import Words

Z95 = 1.959964
STRONGEST = np.log(0.10)
"""No visit is believed to prevent more than nine returns in ten: bounds the hidden
selection when no random slice does."""
MOST_FOUND = np.log(2.0)
"""A visit finds at most twice as many of the returns as the ordinary course does, and not fewer."""
NEEDED_HALF_WIDTH = np.log(1.5)
"""A random slice is large enough when its 95 % interval of the effect is this narrow
(log scale): half to twice is too wide to act on."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VisitEffect(Result):
    """What the data say about visits.

    Attributes
    ----------
    fitted, fitted_ci_low, fitted_ci_high : float
        Coefficient of a visit in the hazard (log), with its interval: effect, selection
        and better detection together.
    random, random_ci_low, random_ci_high : float
        Effect from the random slice (log of the ratio of hazards); NaN when there is
        none or it says nothing.
    random_rows, random_events : int
        Household-quarters and returns of those drawn at random.
    needed_rows : int
        Household-quarters that the slice must hold for an interval of a factor 1.5
        either way; 0 when there are no returns to plan by.
    identified : bool
        The random slice is that large.
    top_visited : float
        Share visited in the top decile of risk.
    tipping_ratio : float
        Ratio of the no-visit risk of visited to that of unvisited households with the
        same records at which the mean risk of the top decile is 20 % higher than
        scored.
    ratio_ci_low, ratio_ci_high : float
        The ratios that the data allow with `STRONGEST` and `MOST_FOUND`.
    band_ci_low, band_ci_high : float
        Factors on the scored mean risk of the top decile between which the truth lies.
    """

    fitted: float
    fitted_ci_low: float
    fitted_ci_high: float
    random: float
    random_ci_low: float
    random_ci_high: float
    random_rows: int
    random_events: int
    needed_rows: int
    identified: bool
    top_visited: float
    tipping_ratio: float
    ratio_ci_low: float
    ratio_ci_high: float
    band_ci_low: float
    band_ci_high: float

    def table(self) -> pd.DataFrame:
        """One row a source: `effect` (ratio of hazards), `ci_low`, `ci_high`."""
        rows = [
            ("fitted", self.fitted, self.fitted_ci_low, self.fitted_ci_high),
            ("random", self.random, self.random_ci_low, self.random_ci_high),
        ]
        return pd.DataFrame(
            [(name, *np.exp(values)) for name, *values in rows],
            columns=["source", "effect", "ci_low", "ci_high"],
        ).set_index("source")

    def sentence(self, words: Words) -> str:
        """Whether the effect is identified, and what a hidden selection could do."""
        if not self.top_visited:
            return words("summary.VisitEffect.none")
        key = "identified" if self.identified else "unknown"
        return words(
            f"summary.VisitEffect.{key}",
            rows=self.random_rows,
            events=self.random_events,
            needed=self.needed_rows,
            tipping=self.tipping_ratio,
            low=self.band_ci_low,
            high=self.band_ci_high,
        )


NO_VISITS = VisitEffect(
    fitted=np.nan,
    fitted_ci_low=np.nan,
    fitted_ci_high=np.nan,
    random=np.nan,
    random_ci_low=np.nan,
    random_ci_high=np.nan,
    random_rows=0,
    random_events=0,
    needed_rows=0,
    identified=False,
    top_visited=0.0,
    tipping_ratio=np.nan,
    ratio_ci_low=1.0,
    ratio_ci_high=1.0,
    band_ci_low=1.0,
    band_ci_high=1.0,
)
"""The answer where no visit is recorded: nothing is known and nothing can be hidden."""


def visit_effect(
    panel: pd.DataFrame,
    risk: ReturnRisk,
    *,
    outcome: str | pd.Series = "returned_1",
    change: float = 0.20,
) -> VisitEffect:
    """Effect of visits as fitted and as a random slice shows it.

    Parameters
    ----------
    panel : DataFrame
        The rows that `risk` was fitted on; `visited_now`, and `visit_random` when the
        ledger marks draws.
    change : float
        Relative change of the top decile's mean risk that would matter.

    Notes
    -----
    Let R be the ratio of the no-visit hazard of visited to that of unvisited households
    with the same covariates, and p the share visited. The model reads the no-visit
    hazard off the unvisited, so the true mean is 1 + p (R - 1) times the scored one.
    The fitted coefficient is log R plus the visit's effect on what is recorded (it
    prevents returns and finds more of them), hence R = exp(fitted - effect). That
    effect is read off the random slice when it is large enough, and otherwise bounded
    by `STRONGEST` and `MOST_FOUND`.

    Random slice: with A returns expected among the not drawn had all been visited
    (those of the drawn, scaled), U returns of the unvisited and V of the visited among
    the not drawn, A = exp(effect) U + V. Quarters are scaled one by one, as the share
    drawn differs. Variances are Poisson (delta method); a household counts in several
    quarters, which for rare returns matters little.
    """
    day = pd.Timestamp(risk.as_of)
    label = panel[outcome] if isinstance(outcome, str) else outcome
    if "visited_now" not in risk.coefficients.index or not risk.top_visited > 0:
        return NO_VISITS
    train = panel[((panel["quarter_end"] <= day) & label.notna()).to_numpy()]
    fitted, se = (
        float(v) for v in risk.coefficients.loc["visited_now", ["beta", "se"]]
    )
    drawn = _random_slice(train, label[train.index].to_numpy(float), fitted)
    identified = bool(
        np.isfinite(drawn.effect) and drawn.half_width <= NEEDED_HALF_WIDTH
    )
    low_effect, high_effect = min(STRONGEST, fitted), MOST_FOUND
    error = Z95 * se
    if identified:
        low_effect = drawn.effect - drawn.half_width
        high_effect = drawn.effect + drawn.half_width
        error = 0.0
    ratio_ci_low = float(np.exp(fitted - error - high_effect))
    ratio_ci_high = float(np.exp(fitted + error - low_effect))
    top = risk.top_visited
    return VisitEffect(
        fitted=fitted,
        fitted_ci_low=fitted - Z95 * se,
        fitted_ci_high=fitted + Z95 * se,
        random=drawn.effect,
        random_ci_low=drawn.effect - drawn.half_width,
        random_ci_high=drawn.effect + drawn.half_width,
        random_rows=drawn.rows,
        random_events=drawn.events,
        needed_rows=drawn.needed_rows,
        identified=identified,
        top_visited=top,
        tipping_ratio=1 + change / top,
        ratio_ci_low=ratio_ci_low,
        ratio_ci_high=ratio_ci_high,
        band_ci_low=1 + top * (ratio_ci_low - 1),
        band_ci_high=1 + top * (ratio_ci_high - 1),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _RandomSlice:
    """What those drawn at random show: the effect (log), half its 95 % interval."""

    rows: int
    events: int
    effect: float = np.nan
    half_width: float = np.nan
    needed_rows: int = 0


def _random_slice(train: pd.DataFrame, y: np.ndarray, fitted: float) -> _RandomSlice:
    """The effect in the slice of visits drawn at random, and how large it must be."""
    visited = train["visited_now"].to_numpy(bool)
    drawn = np.zeros(len(train), bool)
    if "visit_random" in train:
        drawn = train["visit_random"].to_numpy(bool) & visited
    rows, events = int(drawn.sum()), int(y[drawn].sum())
    if not rows:
        return _RandomSlice(rows=rows, events=events)
    codes = pd.factorize(train["quarter_end"])[0]
    n_drawn, n_rest = np.bincount(codes, drawn), np.bincount(codes, ~drawn)
    used = (n_drawn > 0)[codes]  # quarters with a draw
    lift = np.divide(
        n_rest, n_drawn, out=np.zeros(len(n_rest), float), where=n_drawn > 0
    )[codes]
    A = float((lift * y)[drawn & used].sum())
    var_A = float((lift**2 * y)[drawn & used].sum())
    U = float(y[used & ~drawn & ~visited].sum())
    V = float(y[used & ~drawn & visited].sum())
    effect = half_width = np.nan
    if A > V and U > 0:
        effect = float(np.log((A - V) / U))
        half_width = Z95 * float(np.sqrt((var_A + V) / (A - V) ** 2 + 1 / U))
    return _RandomSlice(
        rows=rows,
        events=events,
        effect=effect,
        half_width=half_width,
        needed_rows=_needed_rows(U, V, fitted, float(n_rest[n_drawn > 0].sum())),
    )


def _needed_rows(U: float, V: float, fitted: float, rest: float) -> int:
    """Rows to draw when the effect is as fitted, from the returns of the not drawn.

    `U` and `V` are those of the unvisited and of the visited, `rest` their rows.
    """
    expected = np.exp(fitted) * U + V
    variance = (
        (NEEDED_HALF_WIDTH / Z95) ** 2
        - 1 / max(U, 1)
        - V / max(expected - V, 1e-9) ** 2
    )
    if not U > 0 or not variance > 0:
        return 0
    # the variance of the returns expected of all is rest x expected / rows drawn
    return int(np.ceil(rest * expected / (variance * (expected - V) ** 2)))
