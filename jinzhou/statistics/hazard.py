"""The likelihood of a discrete-time hazard: arrays in, arrays out, no column names.

Newton's method with the observed information, started from a stratified sample of the
rows; exact compression to weighted cells where rows repeat. No kept library serves:
Firth's penalty, a shrinking prior, frailty and clustered errors are needed in one pass
over the rows (statsmodels takes 25 times the CPU for the fit alone, and glum has no
clusters).
"""

from dataclasses import KW_ONLY, dataclass, replace

import numpy as np
import pandas as pd

CHUNK = 32_768
MAX_STEPS = 300
RUNAWAY = 36.0
"""Iterations stop at a coefficient this large per standard deviation of its column."""


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
    """

    beta: np.ndarray
    inverse: np.ndarray
    loglik: float
    iterations: int
    converged: bool


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """Rows, and what the likelihood of their events is.

    Attributes
    ----------
    Z : array (n, k)
        Terms, the constant among them.
    y : array (n,)
        0 or 1 (a share of events in a cell).
    link : {"cloglog", "logit"}
    weight, offset : arrays (n,), optional
    ridge : array (k,), optional
        Half of it times each squared coefficient is subtracted: a normal prior of
        precision `ridge`.
    firth : bool
        Add half the log determinant of the information (Firth 1993, Biometrika 80,
        27-38; Heinze and Schemper 2002, Statistics in Medicine 21, 2409-2419): finite
        under separation.
    odds : float
        How many times as often events were sampled as non-events.
    """

    Z: np.ndarray
    y: np.ndarray
    _: KW_ONLY
    link: str = "cloglog"
    weight: np.ndarray | None = None
    offset: np.ndarray | None = None
    ridge: np.ndarray | None = None
    firth: bool = False
    odds: float = 1.0

    @property
    def weights(self) -> np.ndarray:
        """The weight of each row (n,)."""
        return np.ones(len(self.y)) if self.weight is None else self.weight

    @property
    def offsets(self) -> np.ndarray:
        """The offset of each row (n,)."""
        return np.zeros(len(self.y)) if self.offset is None else self.offset

    @property
    def precision(self) -> np.ndarray:
        """Precision of the normal prior of each coefficient (k,)."""
        return np.zeros(self.Z.shape[1]) if self.ridge is None else self.ridge


def inverse_link(eta: np.ndarray, link: str) -> np.ndarray:
    """Probability of the linear predictor; ``cloglog`` or ``logit``."""
    return (
        -np.expm1(-np.exp(np.minimum(eta, 30)))
        if link == "cloglog"
        else 1 / (1 + np.exp(-eta))
    )


def derivatives(
    eta: np.ndarray, y: np.ndarray, link: str, odds: float = 1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log-likelihood of each row, its first and its negative second derivative in eta.

    Non-events are the many, and have simple forms: with the complementary log-log link
    the likelihood of a non-event is exp(-exp(eta)). With `odds` other than 1 events
    were sampled so many times as often as non-events: the odds of an event among the
    sampled are multiplied by it (Prentice and Pyke 1979, Biometrika 66, 403-411),
    whatever the link.
    """
    if odds != 1:
        mu = np.exp(np.minimum(eta, 30))
        p = np.maximum(-np.expm1(-mu), 1e-300)
        theta = np.log(odds) + (eta if link == "logit" else np.log(p) + mu)
        slope, bend = (
            (1.0, 0.0)
            if link == "logit"
            else (mu / p, mu / p * (1 - mu * np.exp(-mu) / p))
        )
        sampled = 1 / (1 + np.exp(-theta))
        return (
            y * theta - np.logaddexp(0, theta),
            (y - sampled) * slope,
            sampled * (1 - sampled) * slope**2 - (y - sampled) * bend,
        )
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
    """Equal rows become one cell with the sum of their weights, where it pays.

    Returns `(Z, y, weight, offset)` of the cells, y being the weighted share of events,
    or the arguments when more than a quarter of 20,000 rows are different.
    """
    if len(Z) < 50_000:
        return Z, y, weight, offset
    step = len(Z) // 20_000
    # rows that differ differ in a sum with irrational weights
    sample = Z[::step] @ np.sqrt(np.arange(2, Z.shape[1] + 2)) + np.pi * offset[::step]
    if len(np.unique(sample)) > len(sample) / 4:
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


def fit(rows: Likelihood, *, start: np.ndarray | None = None) -> Fit:
    """Maximise the likelihood, from the coefficients `start` (k,) when they are given."""
    k = rows.Z.shape[1]
    rows = replace(rows, weight=rows.weights, offset=rows.offsets)
    if not rows.firth:
        Z, y, weight, offset = compress(rows.Z, rows.y, rows.weights, rows.offsets)
        rows = replace(rows, Z=Z, y=y, weight=weight, offset=offset)
    beta = np.zeros(k) if start is None else start
    scale = np.sqrt(
        np.maximum(np.einsum("ij,ij->j", rows.Z, rows.Z) / len(rows.Z), 1e-300)
    )
    if start is None and len(rows.y) > 50_000:
        beta = _newton(_thinned(rows), beta, scale, tolerance=1e-4).beta
    return _newton(rows, beta, scale, tolerance=1e-9)


def _thinned(rows: Likelihood) -> Likelihood:
    """All events and every so many of the other rows, weighted; without Firth's penalty."""
    many = np.flatnonzero(rows.y == 0)
    step = max(1, len(many) // 20_000)
    few = np.concatenate([np.flatnonzero(rows.y > 0), many[::step]])
    lift = np.where(rows.y[few] > 0, 1, len(many) / len(many[::step]))
    return replace(
        rows,
        Z=rows.Z[few],
        y=rows.y[few],
        weight=rows.weights[few] * lift,
        offset=rows.offsets[few],
        firth=False,
    )


def _newton(
    rows: Likelihood, beta: np.ndarray, scale: np.ndarray, *, tolerance: float
) -> Fit:
    if not beta.any():
        beta = _base_rate(rows, beta)
    value, gradient, information = _pass(rows, beta)
    converged, passes = False, 1
    while passes < MAX_STEPS:
        step = _solve(information, gradient)
        largest = np.abs(step * scale).max()
        step *= min(1.0, 3.0 / max(largest, 1e-300))
        if (
            abs(gradient @ step) < tolerance * max(1.0, abs(value)) * 1e-3
            or largest < 1e-9
        ):
            beta, converged = beta + step, True
            break
        for _ in range(12):
            new = beta + step
            found = _pass(rows, new)
            passes += 1
            if found[0] >= value - 1e-9 * abs(value):
                break
            step = step / 2
        beta, (value, gradient, information) = new, found
        if np.abs(beta * scale).max() > RUNAWAY:
            break
    return Fit(
        beta=beta,
        inverse=_solve(information, np.eye(len(beta))),
        loglik=float(value),
        iterations=passes,
        converged=converged,
    )


def _base_rate(rows: Likelihood, beta: np.ndarray) -> np.ndarray:
    """Coefficients whose constant, when there is one, starts at the base rate."""
    Z, weight = rows.Z, rows.weights
    mean = np.clip(float(weight @ rows.y / weight.sum()), 1e-9, 1 - 1e-9)
    constant = np.flatnonzero((Z[0] == 1) & (Z.min(axis=0) == Z.max(axis=0)))
    if len(constant):
        beta = beta.copy()
        beta[constant[0]] = (
            np.log(-np.log1p(-mean))
            if rows.link == "cloglog"
            else np.log(mean / (1 - mean))
        )
    return beta


def _solve(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    size = np.sqrt(np.maximum(np.diag(matrix), 1e-300))
    scaled = matrix / np.outer(size, size)
    right = right / (size if right.ndim == 1 else size[:, None])
    try:
        found = np.linalg.solve(scaled, right)
    except np.linalg.LinAlgError:
        found = np.linalg.lstsq(scaled, right, rcond=1e-10)[0]
    return found / (size if right.ndim == 1 else size[:, None])


def _pass(rows: Likelihood, beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Value, gradient and negative Hessian in one reading of the rows."""
    k, weight, offset, ridge = len(beta), rows.weights, rows.offsets, rows.precision
    value, gradient, information = 0.0, np.zeros(k), np.zeros((k, k))
    for start in range(0, len(rows.y), CHUNK):
        part = slice(start, start + CHUNK)
        Z, w = rows.Z[part], weight[part]
        v, first, second = derivatives(
            Z @ beta + offset[part], rows.y[part], rows.link, rows.odds
        )
        value += float(w @ v)
        gradient += Z.T @ (w * first)
        information += Z.T @ (Z * (w * second)[:, None])
    if rows.firth:
        # Fisher scoring: the observed information vanishes where events separate
        added, more, information = _jeffreys(rows, beta)
        value, gradient = value + added, gradient + more
    value -= 0.5 * float(ridge @ beta**2)
    return value, gradient - ridge * beta, information + np.diag(ridge)


def _jeffreys(
    rows: Likelihood, beta: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Half the log determinant of the expected information, its gradient, itself.

    Expected weights: p(1-p) for the logit; mu^2 (1-p) / p for the complementary
    log-log.
    """
    Z, weight = rows.Z, rows.weights
    eta = Z @ beta + rows.offsets
    p = np.clip(inverse_link(eta, rows.link), 1e-12, 1 - 1e-12)
    if rows.link == "logit":
        W, slope = p * (1 - p), 1 - 2 * p
    else:
        mu = np.exp(np.minimum(eta, 30))
        W = np.maximum(mu**2 * (1 - p) / p, 1e-300)
        slope = 2 - mu - mu * (1 - p) / p  # d log W / d eta
    information = Z.T @ (Z * (weight * W)[:, None])
    inverse = _solve(information, np.eye(Z.shape[1]))
    leverage = np.einsum("ij,jk,ik->i", Z, inverse, Z) * weight * W
    logdet = float(np.linalg.slogdet(information)[1])
    return 0.5 * logdet, 0.5 * Z.T @ (leverage * slope), information


def prior_precision(Z: np.ndarray, found: Fit, *, free: np.ndarray) -> np.ndarray:
    """Precision (k,) of a normal prior whose width the coefficients themselves give.

    Per standard deviation of its column a coefficient is normal around zero with one
    common variance; given it, the estimate is normal with the inverse information. The
    variance maximises the likelihood of the estimates (Efron and Morris 1973, JASA 68,
    117-130, with their joint covariance). A coefficient that is clearly larger than the
    others has a prior of its own width, its square less its variance, so that it is not
    drawn to them (the limited translation of Efron and Morris 1972, JASA 67, 130-139).
    With many events a term it hardly moves anything; with few it keeps a list from
    following chance. `free` (k,) marks columns without a prior (the constant among
    them).
    """
    scale = np.sqrt(
        np.maximum(
            np.einsum("ij,ij->j", Z, Z) / len(Z)
            - (np.einsum("ij->j", Z) / len(Z)) ** 2,
            0,
        )
    )
    held = ~free & (scale > 0)
    b, V = (
        found.beta[held] * scale[held],
        found.inverse[np.ix_(held, held)] * np.outer(scale[held], scale[held]),
    )
    values, vectors = np.linalg.eigh(V)
    squares = (vectors.T @ b) ** 2
    widths = np.geomspace(0.01, 10, 121) ** 2
    spread = np.maximum(values, 0)[None, :] + widths[:, None]
    best = widths[np.argmax(-0.5 * (np.log(spread) + squares / spread).sum(axis=1))]
    precision = np.zeros(len(free))
    precision[held] = scale[held] ** 2 / np.maximum(best, b**2 - np.diag(V))
    return precision


def cluster_cov(
    rows: Likelihood, *, beta: np.ndarray, clusters: np.ndarray
) -> np.ndarray:
    """Sandwich covariance (k, k) with clusters; observed information as bread.

    The small-sample factor is G / (G - 1) x (n - 1) / (n - k), as in Stata and
    statsmodels (Liang and Zeger 1986, Biometrika 73, 13-22).
    """
    k, G, n = len(beta), int(clusters.max()) + 1, len(rows.y)
    weight, offset = rows.weights, rows.offsets
    bread, score = np.diag(rows.precision), np.zeros((G, k))
    # rows of one cluster usually stand together: their scores are added in one stroke
    together = bool((np.diff(clusters) >= 0).all())
    for start in range(0, n, CHUNK):
        part = slice(start, start + CHUNK)
        Z, w = rows.Z[part], weight[part]
        _, first, second = derivatives(
            Z @ beta + offset[part], rows.y[part], rows.link, rows.odds
        )
        bread += Z.T @ (Z * (w * second)[:, None])
        gradient, here = Z * (w * first)[:, None], clusters[part]
        if together:
            starts = np.flatnonzero(np.diff(here, prepend=here[0] - 1))
            score[here[starts]] += np.add.reduceat(gradient, starts, axis=0)
        else:
            np.add.at(score, here, gradient)
    inverse = _solve(bread, np.eye(k))
    return G / (G - 1) * (n - 1) / (n - k) * inverse @ (score.T @ score) @ inverse


NODES = np.linspace(-4.5, 4.5, 46)
"""Standard normal values at which the integrals over a frailty are summed."""
DEVIATIONS = np.geomspace(0.02, 2.5, 30)
"""Standard deviations of the logarithm that are weighed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frailty:
    """What the past of groups says beyond their covariates: lognormal, with mean 1.

    Attributes
    ----------
    log_mean : array (G,)
        Logarithm of the posterior mean of each group's frailty.
    log_centre, log_variance : arrays (G,)
        Posterior mean and variance of its logarithm.
    """

    log_mean: np.ndarray
    log_centre: np.ndarray
    log_variance: np.ndarray


def frailty_variance(events: np.ndarray, expected: np.ndarray) -> float:
    """Variance of log frailty among groups, from events (G,) and expected events (G,).

    Given its frailty z a group's events are Poisson with mean z x expected, where a
    quarter with an event counts half its exp(eta): the event ends the exposure, and 1 -
    exp(-z mu) = z mu exp(-z mu / 2) up to the third order. log z is normal. The
    variance is averaged over the marginal likelihood with a prior on its square root s
    that falls to zero at zero, s exp(-s^2 / 2) (Chung and others 2013, Psychometrika
    78, 685-709): with little data a maximum is often 0, which would call every group
    the same for want of evidence. Expected events are held to two digits here.

    Meyer (1990), Econometrica 58, 757-782; Clayton (1978), Biometrika 65, 141-151.
    """
    known = expected > 0
    cells, count = np.unique(
        _pairs(events[known], _digits(expected[known], 2)), return_counts=True
    )
    value = np.empty(len(DEVIATIONS))
    for i, deviation in enumerate(DEVIATIONS):
        joint = _joint(cells.real, cells.imag, deviation)
        top = joint.max(axis=1)
        value[i] = count @ (top + np.log(np.exp(joint - top[:, None]).sum(axis=1)))
    weight = (
        np.exp(value - value.max()) * np.exp(-(DEVIATIONS**2) / 2) * DEVIATIONS**2
    )  # once for the prior, once for the geometric grid
    return float((weight * DEVIATIONS**2).sum() / weight.sum())


def frailty_posterior(
    events: np.ndarray, expected: np.ndarray, variance: float
) -> Frailty:
    """Posterior frailty of groups (G,) given the variance of its logarithm."""
    pairs, at = np.unique(_pairs(events, _digits(expected, 4)), return_inverse=True)
    deviation = np.sqrt(variance)
    joint = _joint(pairs.real, pairs.imag, deviation)
    posterior = np.exp(joint - joint.max(axis=1)[:, None])
    posterior /= posterior.sum(axis=1)[:, None]
    log_z = deviation * NODES - variance / 2
    centre = posterior @ log_z
    found = (
        np.log(posterior @ np.exp(log_z)),
        centre,
        posterior @ log_z**2 - centre**2,
    )
    log_mean, log_centre, log_variance = (part[at] for part in found)
    return Frailty(log_mean=log_mean, log_centre=log_centre, log_variance=log_variance)


def _pairs(events: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """One sortable key a pair, as a complex number: faster than sorting two columns."""
    return events + 1j * expected


def _digits(values: np.ndarray, digits: int) -> np.ndarray:
    """Rounded to so many significant digits; 0 stays 0."""
    unit = 10.0 ** (digits - 1 - np.floor(np.log10(np.maximum(values, 1e-12))))
    return np.round(values * unit) / unit


def _joint(events, expected, deviation) -> np.ndarray:
    """Log of prior x likelihood (groups, nodes), constants left out."""
    log_z = deviation * NODES - deviation**2 / 2
    return (
        -(NODES[None, :] ** 2) / 2
        + events[:, None] * log_z[None, :]
        - expected[:, None] * np.exp(log_z)[None, :]
    )


def mean_frailty(
    events: np.ndarray, expected: np.ndarray, variance: float
) -> np.ndarray:
    """Posterior mean of a gamma frailty with the lognormal's mean and variance."""
    shape = 1 / np.expm1(variance)
    return (shape + events) / (shape + expected)


def sum_before(groups: np.ndarray, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sum (n,) of a group's values at earlier times; both are codes from 0."""
    G, T = int(groups.max()) + 1, int(times.max()) + 1
    cell = groups * T + times
    total = np.bincount(cell, values, G * T).reshape(G, T)
    return (np.cumsum(total, axis=1) - total).ravel()[cell]
