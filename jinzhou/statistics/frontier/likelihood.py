"""Log-likelihood of a composed error, noise less inefficiency, with its gradient.

One likelihood serves the cross-section, panels whose inefficiency decays, and
determinants of inefficiency: each unit i has T_i rows e_it = v_it - eta_it u_i, with v
normal and u half-normal, truncated normal with mean mu_i, or exponential. Gradients are
analytic.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import erfcx, log_ndtr


def log_mills(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """L(z) = log Phi(z) + z^2 / 2 and its derivative, without cancellation in a tail."""
    scaled = erfcx(np.minimum(z, 35.0) / -np.sqrt(2))
    value = np.log(scaled / 2)
    far = z > 5
    if np.any(far):
        value = np.where(far, log_ndtr(np.where(far, z, 0.0)) + z * z / 2, value)
    return value, np.sqrt(2 / np.pi) / scaled + z


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """What the likelihood is made of at some parameters.

    Attributes
    ----------
    e, eta : ndarray (n,)
        Residuals, and the path of inefficiency.
    slope : ndarray (n,), optional
        Derivative of `eta`, with decay.
    mu : ndarray (units,) or float
    v, u : float
        Standard deviations of noise and of inefficiency before truncation.
    S1, S2, See, T : ndarray (units,)
        Sums of eta e, eta^2 and e^2, and the number of rows.
    """

    e: np.ndarray
    eta: np.ndarray
    slope: np.ndarray | None
    mu: np.ndarray
    v: float
    u: float
    S1: np.ndarray
    S2: np.ndarray
    See: np.ndarray
    T: np.ndarray | float


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """Value by unit and derivatives: of residuals by z, log v, log u, mu by row, eta.

    `e` multiplies eta on each row; `delta` is None where there is no mu.
    """

    value: np.ndarray
    e: np.ndarray
    a: np.ndarray
    b: np.ndarray
    delta: np.ndarray | None
    eta: np.ndarray | None


class Likelihood:
    """Log-likelihood and gradient in scaled coordinates.

    theta = beta (k) on an orthonormal basis, mu or delta (q) likewise, log sigma_v,
    log sigma_u, eta.

    Parameters
    ----------
    y : ndarray (n,)
    X : ndarray (n, k)
    M : ndarray (units, q)
        Columns of mu.
    exponential : bool
        Inefficiency is exponential, not a truncated normal.
    group : ndarray of int (n,), optional
        Unit of each row; None when each row is a unit.
    back : ndarray (n,), optional
        Periods until the last one, with decay.
    """

    def __init__(
        self,
        y: np.ndarray,
        X: np.ndarray,
        M: np.ndarray,
        *,
        exponential: bool,
        group: np.ndarray | None,
        back: np.ndarray | None,
    ) -> None:
        self.y, self.X, self.M = y, X, M
        self.exponential, self.group, self.back = exponential, group, back
        self.n, self.k, self.q = len(y), X.shape[1], M.shape[1]
        self.common = bool((M == M[:1]).all())
        self.units = self.n if group is None else int(group.max()) + 1
        self.rows: np.ndarray | float = 1.0
        if group is not None:
            self.rows = np.bincount(group, minlength=self.units).astype(float)

    @property
    def scales(self) -> slice:
        """Where log sigma_v and log sigma_u stand in theta."""
        return slice(self.k + self.q, self.k + self.q + 2)

    def total(self, values: np.ndarray) -> np.ndarray:
        """Sum over the rows of each unit."""
        if self.group is None:
            return values
        return np.bincount(self.group, values, self.units)

    def by_row(self, values: np.ndarray) -> np.ndarray:
        """A value of each unit on each of its rows."""
        return values if self.group is None else values[self.group]

    def sums(self, theta: np.ndarray) -> _Sums:
        """Residuals and sums at some parameters."""
        e = self.y - self.X @ theta[: self.k]
        eta, slope = np.ones(self.n), None
        if self.back is not None:
            eta = np.exp(theta[-1] * self.back)
            slope = self.back * eta
        delta = theta[self.k : self.k + self.q]
        # one mu for all is worked out once
        mu = self.M[0] @ delta if self.common else self.M @ delta
        v, u = np.exp(theta[self.scales])
        return _Sums(
            e=e,
            eta=eta,
            slope=slope,
            mu=mu,
            v=v,
            u=u,
            S1=self.total(eta * e),
            S2=self.total(eta * eta),
            See=self.total(e * e),
            T=self.rows,
        )

    def conditional(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """mu* and sigma* (units,) of each unit's inefficiency given its residuals."""
        s = self.sums(theta)
        v, u = s.v, s.u
        if self.exponential:
            return -(s.S1 + v * v / u) / s.S2, v / np.sqrt(s.S2)
        D = v * v + u * u * s.S2
        return (s.mu * v * v - u * u * s.S1) / D, u * v / np.sqrt(D)

    def __call__(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Minus the log-likelihood and minus its gradient."""
        wild = np.abs(theta[self.scales]).max() > 40
        if self.back is not None:
            wild = wild or abs(theta[-1]) * self.back.max() > 300
        if wild:
            return np.inf, np.zeros(len(theta))
        s = self.sums(theta)
        p = self._exponential(s) if self.exponential else self._truncated(s)
        g_e = self.by_row(p.e) * s.eta - s.e / s.v**2
        gradient = [-(self.X.T @ g_e)]
        if self.q:
            gradient.append(self.M.T @ p.delta)
        gradient.append(np.array([np.sum(p.a), np.sum(p.b)]))
        if p.eta is not None:
            gradient.append(np.array([np.sum(p.eta)]))
        with np.errstate(invalid="ignore"):
            total = float(np.sum(p.value))
        return (-total if np.isfinite(total) else np.inf), -np.concatenate(gradient)

    def _exponential(self, s: _Sums) -> _Pieces:
        v, u, T = s.v, s.u, s.T
        root = v * np.sqrt(s.S2)
        z = -(s.S1 + v * v / u) / root
        L, h = log_mills(z)
        value = (
            -(T - 1) / 2 * np.log(2 * np.pi)
            - (T - 1) * np.log(v)
            - np.log(u)
            - np.log(s.S2) / 2
            + L
            - s.See / (2 * v * v)
        )
        eta = None
        if s.slope is not None:
            S1, S2 = self.total(s.slope * s.e), 2 * self.total(s.slope * s.eta)
            eta = -S2 / (2 * s.S2) + h * (-S1 / root - z * S2 / (2 * s.S2))
        return _Pieces(
            value=value,
            e=h * (-1 / root),
            a=-(T - 1) + s.See / v**2 + h * ((s.S1 - v * v / u) / root),
            b=-1 + h * (v * v / u / root),
            delta=None,
            eta=eta,
        )

    def _truncated(self, s: _Sums) -> _Pieces:
        v, u, mu, T = s.v, s.u, s.mu, s.T
        D = v * v + u * u * s.S2
        root = u * v * np.sqrt(D)
        z, m = (mu * v * v - u * u * s.S1) / root, mu / u
        L, h = log_mills(z)
        Lm, hm = log_mills(m)
        value = (
            -T / 2 * np.log(2 * np.pi)
            - (T - 1) * np.log(v)
            - np.log(D) / 2
            - Lm
            + L
            - s.See / (2 * v * v)
        )
        eta = None
        if s.slope is not None:
            S1 = self.total(s.slope * s.e)
            D_ = 2 * u * u * self.total(s.slope * s.eta)
            eta = -D_ / (2 * D) + h * (-u * u * S1 / root - z * D_ / (2 * D))
        by_v = 2 * mu * v * v / root - z * (1 + v * v / D)
        by_u = 2 * u * u * s.S1 / root + z * (1 + u * u * s.S2 / D)
        return _Pieces(
            value=value,
            e=h * (-u * u / root),
            a=-(T - 1) - v * v / D + s.See / v**2 + h * by_v,
            b=-u * u * s.S2 / D + hm * m - h * by_u,
            delta=h * v * v / root - hm / u,
            eta=eta,
        )

    def by_rows(self, theta: np.ndarray) -> np.ndarray:
        """mu*, sigma* and eta_it on each row (3, n)."""
        mean, spread = self.conditional(theta)
        every = np.broadcast_to(self.by_row(spread), (self.n,))
        return np.stack([self.by_row(mean), every, self.sums(theta).eta])

    def information(self, theta: np.ndarray) -> np.ndarray:
        """Observed information (p, p).

        Central differences of the gradient, error of the order of step^4.
        """
        p = len(theta)
        out = np.empty((p, p))
        for j in range(p):
            step = np.zeros(p)
            step[j] = 1e-3
            g = [self(theta + c * step)[1] for c in (-2, -1, 1, 2)]
            out[j] = (g[0] - 8 * g[1] + 8 * g[2] - g[3]) / (12 * 1e-3)
        return (out + out.T) / 2
