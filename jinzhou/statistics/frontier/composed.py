"""The likelihood of a composed error, noise less inefficiency: arrays in, arrays out, no column names.

One likelihood serves the cross-section, the panels of Battese and Coelli (1992) and the determinants of
Battese and Coelli (1995): each unit i has T_i rows e_it = v_it - eta_it u_i, with v normal and u half-normal,
truncated normal with mean mu_i, or exponential. Gradients are analytic; the observed information is the
fourth-order central difference of the gradient in scaled coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import erfcx, log_ndtr, ndtri_exp

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
"""A standard error of log sigma above this: a scale known to less than a factor of twenty is not known."""
RUNAWAY = -15.0
"""mu / sigma_u below this: the truncated normal is an exponential distribution to three digits."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Composed:
    """A maximised likelihood.

    Attributes
    ----------
    theta : array (p,)
        beta (k), mu or delta (q), sigma2 = sigma_v^2 + sigma_u^2, gamma = sigma_u^2 / sigma2, and eta when decay is estimated.
    cov : array (p, p)
        Inverse of the observed information; NaN where there is none (`status`).
    least_squares : array (k + 1,)
        beta and RSS / n of least squares.
    loglik, ols_loglik : float
    skewness : float
        Of the least-squares residuals, signed so that inefficiency makes it negative.
    status : str
        One of `STATUSES`.
    iterations : int
    mean, spread : arrays (n,)
        mu* and sigma* of the unit's u given its residuals, a normal truncated at zero; NaN when nothing was found.
    path : array (n,)
        eta_it; ones without decay.
    around : arrays (2p, 3, n)
        The same three at points that stand for the errors of the estimates (all with equal weight), or (1, 3, n) without errors.
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


def log_mills(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """L(z) = log Phi(z) + z^2 / 2 and its derivative, without cancellation in either tail."""
    scaled = erfcx(np.minimum(z, 35.0) / -np.sqrt(2))
    value = np.log(scaled / 2)
    far = z > 5
    if np.any(far):
        value = np.where(far, log_ndtr(np.where(far, z, 0.0)) + z * z / 2, value)
    return value, np.sqrt(2 / np.pi) / scaled + z


class _Likelihood:
    """Log-likelihood and gradient in scaled coordinates.

    theta = beta (k) on an orthonormal basis, mu or delta (q) likewise, log sigma_v, log sigma_u, eta.
    """

    def __init__(self, y, X, M, *, exponential: bool, group, back):
        self.y, self.X, self.M, self.exponential, self.group, self.back = (
            y,
            X,
            M,
            exponential,
            group,
            back,
        )
        self.n, self.k, self.q = len(y), X.shape[1], M.shape[1]
        self.common = bool((M == M[:1]).all())
        self.units = self.n if group is None else int(group.max()) + 1
        self.rows = (
            1.0
            if group is None
            else np.bincount(group, minlength=self.units).astype(float)
        )

    def total(self, values):
        """Sum over the rows of each unit."""
        return (
            values
            if self.group is None
            else np.bincount(self.group, values, self.units)
        )

    def spread_out(self, values):
        """A value of each unit on each of its rows."""
        return values if self.group is None else values[self.group]

    def parts(self, theta):
        """Residuals, eta_it and its derivative, mu and the sums that the likelihood is made of."""
        e = self.y - self.X @ theta[: self.k]
        eta = np.ones(self.n) if self.back is None else np.exp(theta[-1] * self.back)
        slope = None if self.back is None else self.back * eta
        delta = theta[self.k : self.k + self.q]
        mu = (
            self.M[0] @ delta if self.common else self.M @ delta
        )  # one mu for all is worked out once
        return e, eta, slope, mu, self.total(eta * e), self.total(eta * eta)

    def conditional(self, theta):
        """mu* and sigma* of each unit."""
        _, _, _, mu, S1, S2 = self.parts(theta)
        v, u = np.exp(theta[self.k + self.q : self.k + self.q + 2])
        if self.exponential:
            return -(S1 + v * v / u) / S2, v / np.sqrt(S2)
        D = v * v + u * u * S2
        return (mu * v * v - u * u * S1) / D, u * v / np.sqrt(D)

    def __call__(self, theta):
        """Minus the log-likelihood and minus its gradient."""
        k, q = self.k, self.q
        if np.abs(theta[k + q : k + q + 2]).max() > 40 or (
            self.back is not None and abs(theta[-1]) * self.back.max() > 300
        ):
            return np.inf, np.zeros(len(theta))
        e, eta, slope, mu, S1, S2 = self.parts(theta)
        v, u = np.exp(theta[k + q : k + q + 2])
        See, T = self.total(e * e), self.rows
        if self.exponential:
            root = v * np.sqrt(S2)
            z = -(S1 + v * v / u) / root
            L, h = log_mills(z)
            value = (
                -(T - 1) / 2 * np.log(2 * np.pi)
                - (T - 1) * np.log(v)
                - np.log(u)
                - np.log(S2) / 2
                + L
                - See / (2 * v * v)
            )
            z_e, z_a, z_b = -1 / root, (S1 - v * v / u) / root, v * v / u / root
            g_a, g_b = -(T - 1) + See / v**2 + h * z_a, -1 + h * z_b
            if slope is not None:
                S1_, S2_ = self.total(slope * e), 2 * self.total(slope * eta)
                g_eta = -S2_ / (2 * S2) + h * (-S1_ / root - z * S2_ / (2 * S2))
        else:
            D = v * v + u * u * S2
            root = u * v * np.sqrt(D)
            z, m = (mu * v * v - u * u * S1) / root, mu / u
            L, h = log_mills(z)
            Lm, hm = log_mills(m)
            value = (
                -T / 2 * np.log(2 * np.pi)
                - (T - 1) * np.log(v)
                - np.log(D) / 2
                - Lm
                + L
                - See / (2 * v * v)
            )
            z_e = -u * u / root
            g_a = (
                -(T - 1)
                - v * v / D
                + See / v**2
                + h * (2 * mu * v * v / root - z * (1 + v * v / D))
            )
            g_b = (
                -u * u * S2 / D
                + hm * m
                - h * (2 * u * u * S1 / root + z * (1 + u * u * S2 / D))
            )
            if slope is not None:
                S1_, D_ = self.total(slope * e), 2 * u * u * self.total(slope * eta)
                g_eta = -D_ / (2 * D) + h * (-u * u * S1_ / root - z * D_ / (2 * D))
        g_e = self.spread_out(h * z_e) * eta - e / v**2
        gradient = [-(self.X.T @ g_e)]
        if q:
            gradient.append(self.M.T @ (h * v * v / root - hm / u))
        gradient.append([np.sum(g_a), np.sum(g_b)])
        if slope is not None:
            gradient.append([np.sum(g_eta)])
        with np.errstate(invalid="ignore"):
            total = float(np.sum(value))
        return (-total if np.isfinite(total) else np.inf), -np.concatenate(gradient)

    def rows_given(self, theta):
        """mu*, sigma* and eta_it on each row (3, n)."""
        mean, spread = self.conditional(theta)
        return np.stack(
            [
                self.spread_out(mean),
                np.broadcast_to(self.spread_out(spread), (self.n,)),
                self.parts(theta)[1],
            ]
        )

    def information(self, theta):
        """Observed information: central differences of the gradient, error of the order of step^4."""
        p = len(theta)
        out = np.empty((p, p))
        for j in range(p):
            step = np.zeros(p)
            step[j] = 1e-3
            g = [self(theta + c * step)[1] for c in (-2, -1, 1, 2)]
            out[j] = (g[0] - 8 * g[1] + 8 * g[2] - g[3]) / (12 * 1e-3)
        return (out + out.T) / 2


def fit_composed(
    y: np.ndarray,
    X: np.ndarray,
    *,
    sign: int = 1,
    distribution: str = "half normal",
    group: np.ndarray | None = None,
    back: np.ndarray | None = None,
    Z: np.ndarray | None = None,
) -> Composed:
    """Maximise the likelihood of y = X beta + v - sign x eta u.

    Parameters
    ----------
    y : array (n,)
        In logarithms.
    X : array (n, k)
        Of full column rank; holds the constant.
    sign : {1, -1}
        1 for production (inefficiency lowers y), -1 for cost.
    distribution : one of `DISTRIBUTIONS`
        With `Z` the truncated normal is used.
    group : array (n,) of int, optional
        Unit of each row (0, 1, ...), for a panel; None when each row is a unit of its own.
    back : array (n,), optional
        Periods until the panel's last one; inefficiency is exp(eta x back) times that of the last.
    Z : array (n, q), optional
        Determinants of mu (Battese and Coelli 1995); rows are independent, so `group` is None.

    Notes
    -----
    Aigner, Lovell and Schmidt (1977), Journal of Econometrics 6, 21-37; Stevenson (1980), JE 13, 57-66; Battese and Coelli
    (1992), Journal of Productivity Analysis 3, 153-169, and (1995), Empirical Economics 20, 325-332. With a skewness of the
    wrong sign least squares is a local maximum of the likelihood (Waldman 1982, JE 18, 275-279) and is returned as it is.
    """
    n, k = X.shape
    beta_ols = np.linalg.lstsq(X, y, rcond=None)[0]
    residual = sign * (y - X @ beta_ols)
    variance = float(residual @ residual) / n
    sd = np.sqrt(variance)
    skewness = float((residual**3).mean() / sd**3) if sd > 0 else 0.0
    ols_loglik = (
        -n / 2 * (np.log(2 * np.pi) + np.log(variance) + 1) if sd > 0 else np.inf
    )
    ones = np.ones((n if group is None else int(group.max()) + 1, 1))
    M = (
        Z
        if Z is not None
        else ones
        if distribution == "truncated normal"
        else ones[:, :0]
    )
    q, p = M.shape[1], k + M.shape[1] + 2 + (back is not None)
    nothing = np.concatenate(
        [beta_ols, np.full(q, np.nan), [variance, 0.0], [np.nan] * (back is not None)]
    )
    cov = np.full((p, p), np.nan)
    if sd > 0:
        cov[:k, :k] = variance * np.linalg.inv(X.T @ X)
        cov[k + q, k + q] = 2 * variance**2 / n
    empty = dict(
        least_squares=np.append(beta_ols, variance),
        ols_loglik=ols_loglik,
        skewness=skewness,
    )
    unknown = dict(
        mean=np.full(n, np.nan),
        spread=np.full(n, np.nan),
        path=np.ones(n),
        around=np.full((1, 3, n), np.nan),
    )
    if sd == 0 or (skewness >= 0 and group is None and q == 0):
        return Composed(
            theta=nothing,
            cov=cov,
            loglik=ols_loglik,
            status="no inefficiency found",
            iterations=0,
            **empty,
            **unknown,
        )
    QX, RX = np.linalg.qr(sign * X)
    QM, RM = np.linalg.qr(M) if q else (M, np.empty((0, 0)))
    QX, RX, QM, RM = (
        QX * np.sqrt(n),
        RX / np.sqrt(n),
        QM * np.sqrt(len(M)),
        RM / np.sqrt(len(M)),
    )
    likelihood = _Likelihood(
        sign * y / sd,
        QX,
        QM,
        exponential=distribution == "exponential",
        group=group,
        back=back,
    )
    starts = _starts(likelihood, X, RX, RM, beta_ols, sign, sd, distribution)
    best, iterations = None, 0
    if q and Z is None:  # mu = 0 is the half-normal: begin where that ends
        nested = _Likelihood(
            likelihood.y, QX, QM[:, :0], exponential=False, group=group, back=back
        )
        found = _climb(nested, np.delete(starts[0], k))
        starts[0], iterations = np.insert(found.x, k, 0.0), found.nit
    for start in starts:
        found = _climb(likelihood, start)
        iterations += found.nit
        best = found if best is None or found.fun < best.fun else best
    theta, information, converged = _polish(likelihood, best.x)
    loglik = -likelihood(theta)[0] - n * np.log(sd)
    v, u = np.exp(theta[k + q : k + q + 2])
    s2, gamma = v * v + u * u, u * u / (v * v + u * u)
    if 2 * (loglik - ols_loglik) < NOTHING:
        return Composed(
            theta=nothing,
            cov=cov,
            loglik=ols_loglik,
            status="no inefficiency found",
            iterations=iterations,
            **empty,
            **unknown,
        )
    ratio = float((QM @ theta[k : k + q]).max()) / u if q else 0.0
    status = "estimated" if converged else "not converged"
    if gamma > 1 - 1e-7:
        status = "no noise found"
    elif q and (
        ratio < RUNAWAY
        or gamma < 1e-6
        or not np.isfinite(information).all()
        or np.sqrt(np.diag(np.linalg.inv(information))[k + q : k + q + 2]).max() > LOOSE
    ):
        status = "mu not identified"
    natural = np.concatenate(
        [
            sd * np.linalg.solve(RX, theta[:k]),
            sd * np.linalg.solve(RM, theta[k : k + q]),
            [sd**2 * s2, gamma],
            theta[k + q + 2 :],
        ]
    )
    scaled, points = np.full((p, p), np.nan), [theta]
    if status == "estimated":
        inner = np.linalg.inv(information)
        jacobian = np.zeros((p, p))
        jacobian[:k, :k], jacobian[k : k + q, k : k + q] = (
            sd * np.linalg.inv(RX),
            sd * np.linalg.inv(RM),
        )
        a = k + q
        jacobian[a, a : a + 2] = 2 * sd**2 * v * v, 2 * sd**2 * u * u
        jacobian[a + 1, a : a + 2] = -2 * gamma * (1 - gamma), 2 * gamma * (1 - gamma)
        jacobian[a + 2 :, a + 2 :] = np.eye(p - a - 2)
        scaled = jacobian @ inner @ jacobian.T
        # the points +-sqrt(p) standard errors along the axes have the mean and covariance of the estimates (third-degree cubature)
        axes = np.sqrt(p) * np.linalg.cholesky(inner).T
        axes[:, a : a + 2] = np.clip(axes[:, a : a + 2], -LOOSE, LOOSE)
        points = [theta + move for move in np.vstack([axes, -axes])]
    unit = np.array([sd, sd, 1.0])[:, None]
    mean, spread, path = likelihood.rows_given(theta) * unit
    return Composed(
        theta=natural,
        cov=scaled,
        loglik=loglik,
        status=status,
        iterations=iterations,
        mean=mean,
        spread=spread,
        path=path,
        around=np.array([likelihood.rows_given(point) * unit for point in points]),
        **empty,
    )


def _climb(likelihood: _Likelihood, start: np.ndarray):
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
    likelihood: _Likelihood, X, RX, RM, beta_ols, sign, sd, distribution
) -> list[np.ndarray]:
    """Least squares moved up by the mean inefficiency at the best of `GRID`, with mu at zero and, where it is free, below it."""
    q = likelihood.q
    base = RX @ (beta_ols / sd)
    level = np.linalg.lstsq(X, np.ones(len(X)), rcond=None)[
        0
    ]  # what moves the fitted values by one
    constant = (
        np.linalg.lstsq(likelihood.M, np.ones(len(likelihood.M)), rcond=None)[0]
        if q
        else np.empty(0)
    )
    mean, lost = (
        (1.0, 0.0) if distribution == "exponential" else (np.sqrt(2 / np.pi), 2 / np.pi)
    )
    starts = []
    # with few rows the maximum may lie where nothing is noise
    choices = (
        [(0.0, GRID)]
        if not q
        else [
            (0.0, GRID),
            (-2.0, GRID),
            *([(0.0, (0.999,))] if likelihood.n < 1_000 else []),
        ]
    )
    for below, grid in choices:
        tried = []
        for gamma in grid:
            total = 1 / (1 - lost * gamma)
            u = np.sqrt(gamma * total)
            shift = mean * u / (1 - below)
            theta = np.concatenate(
                [
                    base + RX @ level * sign * shift,
                    constant * below * u,
                    np.log([np.sqrt((1 - gamma) * total), u]),
                    [0.0] * (likelihood.back is not None),
                ]
            )
            tried.append((likelihood(theta)[0], theta))
        starts.append(min(tried, key=lambda pair: pair[0])[1])
    return starts


def _polish(
    likelihood: _Likelihood, theta: np.ndarray
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Damped Newton steps to the last digit; the information is NaN when it has no inverse there."""
    value, gradient = likelihood(theta)
    for _ in range(30):
        information = likelihood.information(theta)
        if not np.isfinite(information).all():
            break
        roots, axes = np.linalg.eigh(information)
        if np.abs(gradient).max() < 1e-9 * likelihood.n:
            break
        step = axes @ (
            (axes.T @ gradient) / np.maximum(np.abs(roots), 1e-6 * likelihood.n)
        )
        for _ in range(12):
            trial = theta - step
            new = likelihood(trial)
            if new[0] <= value:
                break
            step = step / 2
        else:
            break
        theta, (value, gradient) = trial, new
    sound = (
        np.isfinite(information).all()
        and np.linalg.eigvalsh(information)[0] > 1e-9 * likelihood.n
    )
    return (
        theta,
        information if sound else np.full_like(information, np.nan),
        bool(np.abs(gradient).max() < 1e-6 * likelihood.n),
    )


def efficiency(
    mean: np.ndarray, spread: np.ndarray, path: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """E[exp(-eta u) | e] (Battese and Coelli 1988) and E[eta u | e] (Jondrow and others 1982), rows."""
    z = mean / spread
    shifted = z - path * spread
    # both tails are far out together: the difference of L keeps the digits that log Phi would lose
    expected = np.exp(log_mills(shifted)[0] - log_mills(z)[0])
    return expected, path * spread * log_mills(z)[1]


def quantiles(around: np.ndarray, share: float) -> np.ndarray:
    """exp(-eta u) at the point that eta u exceeds with probability `share` given the residuals and the errors of the estimates.

    Parameters
    ----------
    around : array (J, 3, n)
        mu*, sigma* and eta_it at points of equal weight; one point takes the estimates as known (Horrace and Schmidt 1996, JPA 7, 257-282).
    """
    mean, spread, path = around[:, 0], around[:, 1], around[:, 2]
    below = log_ndtr(mean / spread)
    each = path * np.maximum(mean - spread * ndtri_exp(np.log(share) + below), 0.0)
    if len(around) == 1:
        return np.exp(-each[0])
    low, high, x = each.min(axis=0), each.max(axis=0), each.mean(axis=0)
    left = np.arange(len(x))
    for _ in range(
        60
    ):  # Newton's steps, held between the quantiles of the mixture's parts, on the rows that still move
        now, m, s, p, b = (
            x[left],
            mean[:, left],
            spread[:, left],
            path[:, left],
            below[:, left],
        )
        w = (m - now / p) / s
        beyond = np.exp(log_ndtr(w) - b).mean(axis=0) - share
        density = (np.exp(-w * w / 2 - b) / (s * p)).mean(axis=0) / np.sqrt(2 * np.pi)
        low[left], high[left] = (
            np.where(beyond > 0, now, low[left]),
            np.where(beyond > 0, high[left], now),
        )
        step = now + beyond / np.maximum(density, 1e-300)
        x[left] = np.where(
            (step > low[left]) & (step < high[left]), step, (low[left] + high[left]) / 2
        )
        left = left[np.abs(x[left] - now) > 1e-6]
        if not len(left):
            break
    return np.exp(-x)
