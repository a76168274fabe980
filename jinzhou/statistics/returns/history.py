"""Frailty of villages and households: what their past says beyond their covariates."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.statistics.hazard import (
    Frailty,
    frailty_posterior,
    frailty_variance,
    mean_frailty,
    sum_before,
)


@dataclass(frozen=True, slots=True, eq=False)
class RowFrailty:
    """Frailty of rows: log of the mean, centre and variance of the log, each (n,)."""

    log_mean: np.ndarray
    centre: np.ndarray
    variance: np.ndarray


class FrailtyHistory:
    """What villages and households had before, beyond their covariates.

    A village speaks through its other households alone, so that a household's own past
    counts once.
    """

    def __init__(
        self, train: pd.DataFrame, y: np.ndarray, weight: np.ndarray, horizon: int
    ):
        self.y, self.share = y, weight / horizon
        self.times = np.unique(train["quarter_end"], return_inverse=True)[1]
        self.home, names = pd.factorize(train["household_id"])
        self.homes = pd.Index(names)
        self.village, self.villages = np.zeros(len(train), int), None
        if "area_code" in train:
            self.village, names = pd.factorize(
                train["area_code"], use_na_sentinel=False
            )
            self.villages = pd.Index(names)

    def learn(self, eta: np.ndarray) -> None:
        """Posteriors given the linear predictor of every row."""
        D, M = self._spread(*self._exposure(eta))
        self.own = frailty_posterior(D, M, self.household_frailty_variance)

    def _spread(
        self, hits: np.ndarray, mu: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Both variances and the villages' frailty; events and expected ones."""
        D, M = np.bincount(self.home, hits), np.bincount(self.home, mu)
        self.village_frailty_variance = 0.0
        self.place = Frailty(
            log_mean=np.zeros(len(D)),
            log_centre=np.zeros(len(D)),
            log_variance=np.zeros(len(D)),
        )
        if self.villages is not None:
            self.events, self.expected = (
                np.bincount(self.village, hits),
                np.bincount(self.village, mu),
            )
            self.village_frailty_variance = frailty_variance(self.events, self.expected)
            lives = np.empty(len(D), int)
            lives[self.home] = self.village
            self.place = frailty_posterior(
                np.maximum(self.events[lives] - D, 0),
                np.maximum(self.expected[lives] - M, 0),
                self.village_frailty_variance,
            )
        M = M * np.exp(self.place.log_mean)
        self.household_frailty_variance = frailty_variance(D, M)
        return D, M

    def of(self, rows: pd.DataFrame) -> tuple[RowFrailty, RowFrailty]:
        """Village's and household's frailty of rows; the prior without a past."""
        at = self.homes.get_indexer(rows["household_id"])
        own = RowFrailty(
            log_mean=np.where(at >= 0, self.own.log_mean[at], 0.0),
            centre=np.where(
                at >= 0, self.own.log_centre[at], -self.household_frailty_variance / 2
            ),
            variance=np.where(
                at >= 0, self.own.log_variance[at], self.household_frailty_variance
            ),
        )
        place = RowFrailty(
            *(
                np.where(at >= 0, part[at], 0.0)
                for part in (
                    self.place.log_mean,
                    self.place.log_centre,
                    self.place.log_variance,
                )
            )
        )
        new = np.flatnonzero(at < 0)
        if len(new) and self.villages is not None:
            there = self.villages.get_indexer(rows["area_code"].iloc[new])
            found = frailty_posterior(
                np.where(there >= 0, self.events[there], 0.0),
                np.where(there >= 0, self.expected[there], 0.0),
                self.village_frailty_variance,
            )
            place.log_mean[new], place.centre[new], place.variance[new] = (
                found.log_mean,
                found.log_centre,
                found.log_variance,
            )
        return place, own

    def earlier(self, eta: np.ndarray) -> np.ndarray:
        """What the past of each row's village and household says, as an offset.

        The probability of a quarter given the past holds the frailty's mean given the
        past, so this offset makes the rows' product the likelihood of the whole
        history: terms that follow from earlier returns (time since the exit) no longer
        stand in for what is not recorded.
        """
        hits, mu = self._exposure(eta)
        self._spread(hits, mu)
        D, M = (sum_before(self.home, self.times, v) for v in (hits, mu))
        place = np.ones(len(eta))
        if self.villages is not None:
            others, expected = (
                np.maximum(sum_before(self.village, self.times, v) - own, 0)
                for v, own in ((hits, D), (mu, M))
            )
            place = mean_frailty(others, expected, self.village_frailty_variance)
        return np.log(
            place
            * mean_frailty(
                D,
                sum_before(self.home, self.times, mu * place),
                self.household_frailty_variance,
            )
        )

    def _exposure(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.y * self.share, np.exp(np.minimum(eta, 3)) * (
            1 - self.y / 2
        ) * self.share  # an event ends the exposure
