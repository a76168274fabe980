"""The likelihood of a discrete-time hazard: arrays in, arrays out, no column names.

Newton's method with the observed information, started from a stratified sample of the rows, so
that the full data are read only a few times; exact compression to weighted cells where rows
repeat; Firth's penalty where events are few; cluster-robust errors; empirical-Bayes multipliers
for what a village's or a household's own past says beyond its covariates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import digamma, gammaln, polygamma

CHUNK = 32_768
MAX_STEPS = 60
SEPARATED = 12.0
"""A coefficient this large (per standard deviation of its column) means that the likelihood has no maximum."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """A maximised likelihood.

    Attributes
    ----------
    beta : array (k,)
        As many as the columns of Z; the caller's Z holds the constant.
    inverse : array (k, k)
        Inverse of the (penalised) observed information.
    loglik : float
    iterations : int
        Passes over all rows (or cells).
    converged : bool
    separated : array of int
        Columns whose coefficient runs away.
    """

    beta: np.ndarray
    inverse: np.ndarray
    loglik: float
    iterations: int
    converged: bool
    separated: np.ndarray


def inverse_link(eta: np.ndarray, link: str) -> np.ndarray:
    """Probability of the linear predictor; ``cloglog`` or ``logit``."""
    return -np.expm1(-np.exp(np.minimum(eta, 30))) if link == "cloglog" else 1 / (1 + np.exp(-eta))


def derivatives(eta: np.ndarray, y: np.ndarray, link: str, odds: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log-likelihood of each row, its first and its negative second derivative in eta.

    Non-events are the many, and have simple forms: with the complementary log-log link the
    likelihood of a non-event is exp(-exp(eta)). With `odds` other than 1 events were sampled so
    many times as often as non-events: the odds of an event among the sampled are multiplied by it
    (Prentice and Pyke 1979, Biometrika 66, 403-411), whatever the link.
    """
    if odds != 1:
        mu = np.exp(np.minimum(eta, 30))
        p = np.maximum(-np.expm1(-mu), 1e-300)
        theta = np.log(odds) + (eta if link == "logit" else np.log(p) + mu)
        slope, bend = (1.0, 0.0) if link == "logit" else (mu / p, mu / p * (1 - mu * np.exp(-mu) / p))
        sampled = 1 / (1 + np.exp(-theta))
        return y * theta - np.logaddexp(0, theta), (y - sampled) * slope, sampled * (1 - sampled) * slope**2 - (y - sampled) * bend
    if link == "logit":
        p = 1 / (1 + np.exp(-eta))
        return y * eta - np.logaddexp(0, eta), y - p, p * (1 - p)
    mu = np.exp(np.minimum(eta, 30))
    value, first, second = -mu * (1 - y), -mu * (1 - y), mu * (1 - y)
    hit = np.flatnonzero(y)
    m, share = mu[hit], y[hit]
    p = np.maximum(-np.expm1(-m), 1e-300)
    ratio = m * np.exp(-m) / p
    value[hit] += share * np.log(p)
    first[hit] += share * ratio
    second[hit] += share * ratio * (m / p - 1)
    return value, first, second


def compress(Z: np.ndarray, y: np.ndarray, weight: np.ndarray, offset: np.ndarray):
    """Equal rows become one cell with the sum of their weights: exact, and only where it pays.

    Returns `(Z, y, weight, offset)` of the cells, y being the weighted share of events, or the
    arguments when the first 20,000 rows already differ by more than a quarter.
    """
    sample = np.column_stack([Z, offset])[:: max(1, len(Z) // 20_000)]
    if len(Z) < 50_000 or len(np.unique(sample, axis=0)) > len(sample) / 4:
        return Z, y, weight, offset
    key, levels = np.zeros(len(Z), dtype=np.int64), 1
    for column in (*Z.T, offset):
        codes, values = pd.factorize(column)
        if levels > 2**62 // max(1, len(values)):
            key, values_so_far = pd.factorize(key)
            levels = len(values_so_far)
        key, levels = key * len(values) + codes, levels * len(values)
    cell, found = pd.factorize(key)
    first = np.full(len(found), -1)
    first[cell[::-1]] = np.arange(len(cell))[::-1]
    total = np.bincount(cell, weight)
    share = np.bincount(cell, weight * y) / np.maximum(total, 1e-300)
    return Z[first], share, total, offset[first]


def fit(
    Z: np.ndarray, y: np.ndarray, *, link: str = "cloglog", weight: np.ndarray | None = None, offset: np.ndarray | None = None,
    ridge: np.ndarray | None = None, firth: bool = False, odds: float = 1.0,
) -> Fit:
    """Maximise the likelihood.

    Parameters
    ----------
    Z : array (n, k)
        Terms, the constant among them.
    y : array (n,)
        0 or 1 (a share of events in a cell).
    weight, offset : array (n,)
    ridge : array (k,)
        Twice the penalty on each squared coefficient is subtracted: a normal prior of precision `ridge`.
    firth : bool
        Add half the log determinant of the information (Firth 1993, Biometrika 80, 27-38; Heinze
        and Schemper 2002, Statistics in Medicine 21, 2409-2419): finite under separation. The
        penalty of the logit is used for both links, exact for the logit and, hazards being small,
        nearly so for the complementary log-log.
    odds : float
        How many times as often events were sampled as non-events.
    """
    n, k = Z.shape
    weight = np.ones(n) if weight is None else weight
    offset = np.zeros(n) if offset is None else offset
    ridge = np.zeros(k) if ridge is None else ridge
    if not firth:
        Z, y, weight, offset = compress(Z, y, weight, offset)
    beta = np.zeros(k)
    scale = np.sqrt(np.maximum(np.einsum("ij,ij->j", Z, Z) / len(Z), 1e-300))
    if len(y) > 200_000:                            # all events and every so many of the others, weighted
        many = np.flatnonzero(y == 0)
        step = max(1, len(many) // 40_000)
        few = np.concatenate([np.flatnonzero(y > 0), many[::step]])
        lift = np.where(y[few] > 0, 1, len(many) / len(many[::step]))
        beta = _newton(Z[few], y[few], weight[few] * lift, offset[few], ridge, (link, odds), beta, scale, False, tolerance=1e-4).beta
    return _newton(Z, y, weight, offset, ridge, (link, odds), beta, scale, firth, tolerance=1e-9)


def _newton(Z, y, weight, offset, ridge, sampled, beta, scale, firth, *, tolerance) -> Fit:
    link, _ = sampled
    if not beta.any():                                   # the constant, when there is one, starts at the base rate
        mean = np.clip(float(weight @ y / weight.sum()), 1e-9, 1 - 1e-9)
        constant = np.flatnonzero((Z[0] == 1) & (Z.min(axis=0) == Z.max(axis=0)))
        if len(constant):
            beta = beta.copy()
            beta[constant[0]] = np.log(-np.log1p(-mean)) if link == "cloglog" else np.log(mean / (1 - mean))
    value, gradient, information = _pass(Z, y, weight, offset, ridge, sampled, beta, firth)
    converged, passes = False, 1
    while passes < MAX_STEPS:
        step = _solve(information, gradient)
        largest = np.abs(step * scale).max()
        step *= min(1.0, 3.0 / max(largest, 1e-300))
        if abs(gradient @ step) < tolerance * max(1.0, abs(value)) * 1e-3 or largest < 1e-9:
            beta, converged = beta + step, True
            break
        for _ in range(12):
            new = beta + step
            found = _pass(Z, y, weight, offset, ridge, sampled, new, firth)
            passes += 1
            if found[0] >= value - 1e-9 * abs(value):
                break
            step = step / 2
        beta, (value, gradient, information) = new, found
        if np.abs(beta * scale).max() > 3 * SEPARATED:
            break
    inverse = _solve(information, np.eye(len(beta)))
    runaway = np.abs(beta * scale) > SEPARATED
    # a column whose information has vanished at a large value is separated too
    flat = (np.diag(inverse) * scale**2 > 400) & (np.abs(beta * scale) > 4)
    return Fit(beta=beta, inverse=inverse, loglik=float(value), iterations=passes, converged=converged, separated=np.flatnonzero(runaway | flat))


def _solve(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    size = np.sqrt(np.maximum(np.diag(matrix), 1e-300))
    scaled = matrix / np.outer(size, size)
    right = right / (size if right.ndim == 1 else size[:, None])
    try:
        found = np.linalg.solve(scaled, right)
    except np.linalg.LinAlgError:
        found = np.linalg.lstsq(scaled, right, rcond=1e-10)[0]
    return found / (size if right.ndim == 1 else size[:, None])


def _pass(Z, y, weight, offset, ridge, sampled, beta, firth):
    """Value, gradient and negative Hessian in one reading of the rows."""
    link, odds = sampled
    k = len(beta)
    value, gradient, information = 0.0, np.zeros(k), np.zeros((k, k))
    for start in range(0, len(y), CHUNK):
        part = slice(start, start + CHUNK)
        rows = Z[part]
        v, first, second = derivatives(rows @ beta + offset[part], y[part], link, odds)
        w = weight[part]
        value += float(w @ v)
        gradient += rows.T @ (w * first)
        information += rows.T @ (rows * (w * second)[:, None])
    if firth:
        added, more = _jeffreys(Z, weight, offset, link, beta)
        value, gradient = value + added, gradient + more
    value -= 0.5 * float(ridge @ beta**2)
    return value, gradient - ridge * beta, information + np.diag(ridge)


def _jeffreys(Z, weight, offset, link, beta):
    """Half the log determinant of the expected information, and its gradient.

    Expected weights: p(1-p) for the logit; mu^2 (1-p) / p for the complementary log-log.
    """
    eta = Z @ beta + offset
    p = np.clip(inverse_link(eta, link), 1e-12, 1 - 1e-12)
    if link == "logit":
        W, slope = p * (1 - p), 1 - 2 * p
    else:
        mu = np.exp(np.minimum(eta, 30))
        W = np.maximum(mu**2 * (1 - p) / p, 1e-300)
        slope = 2 - mu - mu * (1 - p) / p                       # d log W / d eta
    information = Z.T @ (Z * (weight * W)[:, None])
    inverse = _solve(information, np.eye(Z.shape[1]))
    leverage = np.einsum("ij,jk,ik->i", Z, inverse, Z) * weight * W
    sign, logdet = np.linalg.slogdet(information)
    return 0.5 * logdet, 0.5 * Z.T @ (leverage * slope)


def cluster_cov(Z: np.ndarray, y: np.ndarray, *, beta: np.ndarray, clusters: np.ndarray, link: str = "cloglog",
                weight: np.ndarray | None = None, offset: np.ndarray | None = None, odds: float = 1.0) -> np.ndarray:
    """Sandwich covariance (k, k) with clusters; observed information as bread.

    The small-sample factor is G / (G - 1) x (n - 1) / (n - k), as in Stata and statsmodels
    (Liang and Zeger 1986, Biometrika 73, 13-22).
    """
    k, G, n = len(beta), int(clusters.max()) + 1, len(y)
    bread, score = np.zeros((k, k)), np.zeros((G, k))
    # rows of one cluster usually stand together: then their scores are added in one stroke
    together = bool((np.diff(clusters) >= 0).all())
    for start in range(0, n, CHUNK):
        part = slice(start, start + CHUNK)
        rows, w = Z[part], 1.0 if weight is None else weight[part]
        _, first, second = derivatives(rows @ beta + (0 if offset is None else offset[part]), y[part], link, odds)
        bread += rows.T @ (rows * (w * second)[:, None])
        gradient, here = rows * (w * first)[:, None], clusters[part]
        if together:
            starts = np.flatnonzero(np.diff(here, prepend=here[0] - 1))
            score[here[starts]] += np.add.reduceat(gradient, starts, axis=0)
        else:
            np.add.at(score, here, gradient)
    inverse = _solve(bread, np.eye(k))
    return G / (G - 1) * (n - 1) / (n - k) * inverse @ (score.T @ score) @ inverse


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Multipliers:
    """What a group's own past says beyond its covariates: gamma multipliers of the hazard.

    Attributes
    ----------
    variance : float
        Variance of the multipliers (mean 1).
    events, expected : arrays (G,)
        Events of the group, and those its covariates let expect.
    shape, rate : arrays (G,)
        Posterior gamma of each group's multiplier.
    """

    variance: float
    events: np.ndarray
    expected: np.ndarray
    shape: np.ndarray
    rate: np.ndarray

    @property
    def prior(self) -> Multipliers:
        """The multiplier of one group without a past."""
        shape = np.array([1 / self.variance])
        return Multipliers(variance=self.variance, events=np.zeros(1), expected=np.zeros(1), shape=shape, rate=shape)

    @property
    def mean(self) -> np.ndarray:
        """Posterior mean of the multiplier."""
        return self.shape / self.rate

    @property
    def log_centre(self) -> np.ndarray:
        """Posterior mean of the logarithm of the multiplier."""
        return digamma(self.shape) - np.log(self.rate)

    @property
    def log_variance(self) -> np.ndarray:
        """Posterior variance of the logarithm of the multiplier."""
        return polygamma(1, self.shape)


def multipliers(events: np.ndarray, expected: np.ndarray) -> Multipliers:
    """Empirical-Bayes gamma multipliers of groups from events and expected events.

    Given its multiplier a group's events are Poisson with mean multiplier x expected, where a
    quarter with an event counts half its exp(eta): the event ends the exposure, and
    1 - exp(-z mu) = z mu exp(-z mu / 2) up to the third order. The multiplier is gamma with mean 1.
    Its variance is averaged over the marginal (negative binomial) likelihood with a half-normal
    prior of scale 1 on its square root (Gelman 2006, Bayesian Analysis 1, 515-534): with little
    data a maximum is often 0, which would call every group the same for want of evidence.

    Meyer (1990), Econometrica 58, 757-782; Clayton (1978), Biometrika 65, 141-151.
    """
    known = expected > 0
    pair, count = np.unique(np.column_stack([events[known], np.round(expected[known], 4)]), axis=0, return_counts=True)
    D, M = pair[:, 0], np.maximum(pair[:, 1], 5e-5)

    deviation = np.geomspace(0.02, 3.0, 36)
    value = np.empty(len(deviation))
    for i, a in enumerate(1 / deviation**2):                   # shape and rate of the prior gamma
        value[i] = count @ (gammaln(D + a) - gammaln(a) + a * np.log(a) - (D + a) * np.log(a + M))
    weight = np.exp(value - value.max()) * np.exp(-deviation**2 / 2) * deviation         # the grid is geometric
    variance = float((weight * deviation**2).sum() / weight.sum())
    return Multipliers(variance=variance, events=events, expected=expected, shape=1 / variance + events, rate=1 / variance + expected)
