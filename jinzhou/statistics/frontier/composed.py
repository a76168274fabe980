"""Maximum likelihood of a composed error: arrays in, arrays out, no column names.

statsmodels has no stochastic frontier, and no kept library of Python fits panels of
them with the observed information and with a status where the data cannot answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jinzhou.statistics.frontier.likelihood import Likelihood

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

DISTRIBUTIONS = ("half normal", "truncated normal", "exponential")
STATUSES = (
    "estimated",
    "no inefficiency found",
    "no noise found",
    "mu not identified",
    "not converged",
)
GRID = (0.05, 0.2, 0.4, 0.6, 0.75, 0.85, 0.93, 0.98)
"""Shares of variance due to inefficiency at which the search may start."""
NOTHING = 1e-4
"""A likelihood ratio against least squares below this is no inefficiency found."""
LOOSE = 3.0
"""A standard error of log sigma above this: a scale known to less than a factor of
twenty is not known."""
RUNAWAY = -15.0
"""mu / sigma_u below this: the truncated normal is an exponential to three digits."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Composed:
    """A maximised likelihood.

    Attributes
    ----------
    theta : ndarray (p,)
        beta (k), mu or delta (q), sigma2 = sigma_v^2 + sigma_u^2, gamma = sigma_u^2 /
        sigma2, and eta when decay is estimated.
    cov : ndarray (p, p)
        Inverse of the observed information; NaN where there is none (`status`).
    least_squares : ndarray (k + 1,)
        beta and RSS / n of least squares.
    loglik, ols_loglik : float
    skewness : float
        Of the least-squares residuals, signed so that inefficiency makes it negative.
    status : str
        One of `STATUSES`.
    iterations : int
    mean, spread : ndarray (n,)
        mu* and sigma* of the unit's u given its residuals, a normal truncated at zero;
        NaN when nothing was found.
    path : ndarray (n,)
        eta_it; ones without decay.
    around : ndarray (2p, 3, n)
        The same three at points that stand for the errors of the estimates (all with
        equal weight), or (1, 3, n) without errors.
    """

    theta: np.ndarray
    cov: np.ndarray
    least_squares: np.ndarray
    loglik: float
    ols_loglik: float
    skewness: float
    status: str
    iterations: int
    mean: np.ndarray
    spread: np.ndarray
    path: np.ndarray
    around: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComposedData:
    """Data of y = X beta + v - sign x eta u.

    Attributes
    ----------
    y : ndarray (n,)
        In logarithms.
    X : ndarray (n, k)
        Of full column rank; holds the constant.
    sign : {1, -1}
        1 for production (inefficiency lowers y), -1 for cost.
    group : ndarray of int (n,), optional
        Unit of each row (0, 1, ...), for a panel; None when each row is a unit of its
        own.
    back : ndarray (n,), optional
        Periods until the panel's last one; inefficiency is exp(eta x back) times that
        of the last.
    Z : ndarray (n, q), optional
        Determinants of mu; rows are independent, so `group` is None.
    """

    y: np.ndarray
    X: np.ndarray
    sign: int = 1
    group: np.ndarray | None = None
    back: np.ndarray | None = None
    Z: np.ndarray | None = None

    def mu_columns(self, distribution: str) -> np.ndarray:
        """Columns (units, q) of the mean before truncation; none where it is zero."""
        if self.Z is not None:
            return self.Z
        units = len(self.y) if self.group is None else int(self.group.max()) + 1
        return np.ones((units, int(distribution == "truncated normal")))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _LeastSquares:
    """Least squares: `beta` (k,), RSS / n, signed skewness of residuals, likelihood."""

    beta: np.ndarray
    variance: float
    skewness: float
    loglik: float

    @property
    def sd(self) -> float:
        return float(np.sqrt(self.variance))


def fit_composed(data: ComposedData, *, distribution: str = "half normal") -> Composed:
    """Maximise the likelihood of a composed error.

    Parameters
    ----------
    data : ComposedData
    distribution : str
        One of `DISTRIBUTIONS`; with determinants the truncated normal is used.

    Returns
    -------
    Composed

    Notes
    -----
    With a skewness of the wrong sign least squares is a local maximum of the likelihood
    (Waldman 1982) and is returned as it is.

    References
    ----------
    Aigner, Lovell and Schmidt (1977), J. of Econometrics 6, 21-37; Stevenson
    (1980), J. of Econometrics 13, 57-66; Waldman (1982), J. of Econometrics 18,
    275-279; Battese and Coelli (1992), J. of Productivity Analysis 3, 153-169, and
    (1995), Empirical Economics 20, 325-332.
    """
    plain = _least_squares(data)
    M = data.mu_columns(distribution)
    n, q = len(data.y), M.shape[1]
    if plain.sd == 0 or (plain.skewness >= 0 and data.group is None and q == 0):
        return _nothing(data, plain, q, iterations=0)
    scaled = _scale(data, M, plain, exponential=distribution == "exponential")
    theta, iterations = _search(scaled, data, plain)
    theta, information, converged = _polish(scaled.likelihood, theta)
    loglik = -scaled.likelihood(theta)[0] - n * np.log(plain.sd)
    if 2 * (loglik - plain.loglik) < NOTHING:
        return _nothing(data, plain, q, iterations=iterations)
    status = _status(scaled, theta, information, converged)
    p = len(theta)
    cov, points = np.full((p, p), np.nan), [theta]
    if status == "estimated":
        inner = np.linalg.inv(information)
        jacobian = scaled.jacobian(theta)
        cov = jacobian @ inner @ jacobian.T
        points = scaled.cubature(theta, inner)
    unit = np.array([plain.sd, plain.sd, 1.0])[:, None]
    mean, spread, path = scaled.likelihood.by_rows(theta) * unit
    around = [scaled.likelihood.by_rows(point) * unit for point in points]
    return Composed(
        theta=scaled.natural(theta),
        cov=cov,
        least_squares=np.append(plain.beta, plain.variance),
        loglik=loglik,
        ols_loglik=plain.loglik,
        skewness=plain.skewness,
        status=status,
        iterations=iterations,
        mean=mean,
        spread=spread,
        path=path,
        around=np.array(around),
    )


def _least_squares(data: ComposedData) -> _LeastSquares:
    n = len(data.y)
    beta = np.linalg.lstsq(data.X, data.y, rcond=None)[0]
    residual = data.sign * (data.y - data.X @ beta)
    variance = float(residual @ residual) / n
    if not variance > 0:
        return _LeastSquares(beta=beta, variance=0.0, skewness=0.0, loglik=np.inf)
    return _LeastSquares(
        beta=beta,
        variance=variance,
        skewness=float((residual**3).mean() / np.sqrt(variance) ** 3),
        loglik=-n / 2 * (np.log(2 * np.pi) + np.log(variance) + 1),
    )


def _nothing(
    data: ComposedData, plain: _LeastSquares, q: int, *, iterations: int
) -> Composed:
    """Least squares, with no inefficiency found."""
    (n, k), decay = data.X.shape, data.back is not None
    p = k + q + 2 + decay
    theta = np.full(p, np.nan)
    theta[:k], theta[k + q : k + q + 2] = plain.beta, [plain.variance, 0.0]
    cov = np.full((p, p), np.nan)
    if plain.sd > 0:
        cov[:k, :k] = plain.variance * np.linalg.inv(data.X.T @ data.X)
        cov[k + q, k + q] = 2 * plain.variance**2 / n
    return Composed(
        theta=theta,
        cov=cov,
        least_squares=np.append(plain.beta, plain.variance),
        loglik=plain.loglik,
        ols_loglik=plain.loglik,
        skewness=plain.skewness,
        status="no inefficiency found",
        iterations=iterations,
        mean=np.full(n, np.nan),
        spread=np.full(n, np.nan),
        path=np.ones(n),
        around=np.full((1, 3, n), np.nan),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Scaled:
    """The likelihood in scaled coordinates, and the way back.

    Attributes
    ----------
    likelihood : Likelihood
    RX, RM : ndarray (k, k), (q, q)
        What the orthonormal columns of X and M are multiplied by.
    sd : float
        What y is divided by.
    """

    likelihood: Likelihood
    RX: np.ndarray
    RM: np.ndarray
    sd: float

    def variances(self, theta: np.ndarray) -> tuple[float, float]:
        """sigma_v^2 and sigma_u^2, scaled."""
        v, u = np.exp(theta[self.likelihood.scales])
        return v * v, u * u

    def natural(self, theta: np.ndarray) -> np.ndarray:
        """beta, mu or delta, sigma2, gamma and eta (p,) in the units of the data."""
        k, q = self.likelihood.k, self.likelihood.q
        v2, u2 = self.variances(theta)
        return np.concatenate(
            [
                self.sd * np.linalg.solve(self.RX, theta[:k]),
                self.sd * np.linalg.solve(self.RM, theta[k : k + q]),
                [self.sd**2 * (v2 + u2), u2 / (v2 + u2)],
                theta[k + q + 2 :],
            ]
        )

    def jacobian(self, theta: np.ndarray) -> np.ndarray:
        """Derivative (p, p) of `natural`."""
        k, q, p = self.likelihood.k, self.likelihood.q, len(theta)
        v2, u2 = self.variances(theta)
        gamma, a = u2 / (v2 + u2), k + q
        out = np.zeros((p, p))
        out[:k, :k] = self.sd * np.linalg.inv(self.RX)
        out[k:a, k:a] = self.sd * np.linalg.inv(self.RM)
        out[a, a : a + 2] = 2 * self.sd**2 * v2, 2 * self.sd**2 * u2
        out[a + 1, a : a + 2] = -2 * gamma * (1 - gamma), 2 * gamma * (1 - gamma)
        out[a + 2 :, a + 2 :] = np.eye(p - a - 2)
        return out

    def cubature(self, theta: np.ndarray, cov: np.ndarray) -> list[np.ndarray]:
        """Points with the mean and covariance of the estimates.

        They lie sqrt(p) standard errors along the axes, to either side (third degree).
        """
        axes = np.sqrt(len(theta)) * np.linalg.cholesky(cov).T
        scales = self.likelihood.scales
        axes[:, scales] = np.clip(axes[:, scales], -LOOSE, LOOSE)
        return [theta + step for step in np.vstack([axes, -axes])]


def _scale(
    data: ComposedData, M: np.ndarray, plain: _LeastSquares, *, exponential: bool
) -> _Scaled:
    n, q = len(data.y), M.shape[1]
    QX, RX = np.linalg.qr(data.sign * data.X)
    QM, RM = np.linalg.qr(M) if q else (M, np.empty((0, 0)))
    likelihood = Likelihood(
        data.sign * data.y / plain.sd,
        QX * np.sqrt(n),
        QM * np.sqrt(len(M)),
        exponential=exponential,
        group=data.group,
        back=data.back,
    )
    return _Scaled(
        likelihood=likelihood,
        RX=RX / np.sqrt(n),
        RM=RM / np.sqrt(len(M)),
        sd=plain.sd,
    )


def _search(
    scaled: _Scaled, data: ComposedData, plain: _LeastSquares
) -> tuple[np.ndarray, int]:
    """The highest of the maxima uphill from the starts, and the steps taken."""
    likelihood = scaled.likelihood
    starts = _starts(scaled, data, plain)
    iterations = 0
    if likelihood.q and data.Z is None:
        # mu = 0 is the half-normal: begin where that ends
        nested = Likelihood(
            likelihood.y,
            likelihood.X,
            likelihood.M[:, :0],
            exponential=False,
            group=data.group,
            back=data.back,
        )
        found = _climb(nested, np.delete(starts[0], likelihood.k))
        starts[0], iterations = np.insert(found.x, likelihood.k, 0.0), found.nit
    climbed = [_climb(likelihood, start) for start in starts]
    iterations += sum(found.nit for found in climbed)
    best = min(climbed, key=lambda found: found.fun)
    return best.x, iterations


def _climb(likelihood: Likelihood, start: np.ndarray) -> OptimizeResult:
    """The nearest maximum uphill from `start`."""
    from scipy.optimize import minimize

    return minimize(
        likelihood,
        start,
        jac=True,
        method="BFGS",
        options={"gtol": 1e-4 * likelihood.n, "maxiter": 400},
    )


def _starts(
    scaled: _Scaled, data: ComposedData, plain: _LeastSquares
) -> list[np.ndarray]:
    """Least squares moved up by the mean inefficiency, at the best shares of variance.

    mu starts at zero and, where it is free, also below it.
    """
    likelihood, X = scaled.likelihood, data.X
    q, n = likelihood.q, likelihood.n
    base = scaled.RX @ (plain.beta / plain.sd)
    # what moves the fitted values by one
    level = scaled.RX @ np.linalg.lstsq(X, np.ones(len(X)), rcond=None)[0]
    constant = np.empty(0)
    if q:
        ones = np.ones(len(likelihood.M))
        constant = np.linalg.lstsq(likelihood.M, ones, rcond=None)[0]
    mean, lost = np.sqrt(2 / np.pi), 2 / np.pi
    if likelihood.exponential:
        mean, lost = 1.0, 0.0
    choices: list[tuple[float, tuple[float, ...]]] = [(0.0, GRID)]
    if q:
        choices.append((-2.0, GRID))
        if n < 1_000:  # with few rows the maximum may lie where nothing is noise
            choices.append((0.0, (0.999,)))
    starts = []
    for below, grid in choices:
        tried = []
        for gamma in grid:
            total = 1 / (1 - lost * gamma)
            u = np.sqrt(gamma * total)
            theta = np.concatenate(
                [
                    base + level * data.sign * (mean * u / (1 - below)),
                    constant * below * u,
                    np.log([np.sqrt((1 - gamma) * total), u]),
                    [0.0] * (likelihood.back is not None),
                ]
            )
            tried.append((likelihood(theta)[0], theta))
        starts.append(min(tried, key=lambda pair: pair[0])[1])
    return starts


def _polish(
    likelihood: Likelihood, theta: np.ndarray
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Damped Newton steps to the last digit, the information there, and convergence.

    The information is NaN when it has no inverse.
    """
    value, gradient = likelihood(theta)
    for _ in range(30):
        information = likelihood.information(theta)
        if not np.isfinite(information).all():
            break
        roots, axes = np.linalg.eigh(information)
        if np.abs(gradient).max() < 1e-9 * likelihood.n:
            break
        curve = np.maximum(np.abs(roots), 1e-6 * likelihood.n)
        step = axes @ ((axes.T @ gradient) / curve)
        for _ in range(12):
            trial = theta - step
            new = likelihood(trial)
            if new[0] <= value:
                break
            step = step / 2
        else:
            break
        theta, (value, gradient) = trial, new
    sound = bool(np.isfinite(information).all())
    if sound:
        sound = bool(np.linalg.eigvalsh(information)[0] > 1e-9 * likelihood.n)
    if not sound:
        information = np.full_like(information, np.nan)
    return theta, information, bool(np.abs(gradient).max() < 1e-6 * likelihood.n)


def _status(
    scaled: _Scaled, theta: np.ndarray, information: np.ndarray, converged: bool
) -> str:
    likelihood = scaled.likelihood
    v2, u2 = scaled.variances(theta)
    gamma = u2 / (v2 + u2)
    if gamma > 1 - 1e-7:
        return "no noise found"
    if likelihood.q:
        mu = likelihood.M @ theta[likelihood.k : likelihood.k + likelihood.q]
        runaway = float(mu.max()) / np.sqrt(u2) < RUNAWAY
        if runaway or gamma < 1e-6 or not np.isfinite(information).all():
            return "mu not identified"
        errors = np.sqrt(np.diag(np.linalg.inv(information))[likelihood.scales])
        if errors.max() > LOOSE:
            return "mu not identified"
    return "estimated" if converged else "not converged"
