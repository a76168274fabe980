"""Truncated normal regression of many samples at once: arrays in, arrays out.

statsmodels has no truncated regression, and its generic likelihood fits one sample at a
time; the bootstrap of `second_stage` fits thousands.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, ndtri_exp

_ROOT = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truncated:
    """Fits of B samples.

    Attributes
    ----------
    beta : ndarray (B, k)
    sigma, loglik : ndarray (B,)
    converged : ndarray of bool (B,)
    """

    beta: np.ndarray
    sigma: np.ndarray
    loglik: np.ndarray
    converged: np.ndarray


def truncated_regression(D: np.ndarray, Z: np.ndarray, *, steps: int = 60) -> Truncated:
    """Maximum likelihood of d = z beta + e given d >= 1, e normal, for many samples.

    Parameters
    ----------
    D : ndarray (B, n)
        At least 1.
    Z : ndarray (n, k)
        One design for all.

    Notes
    -----
    Newton's method on gamma = beta / sigma and theta = 1 / sigma, in which the
    likelihood is concave, halving a step that does not rise.

    References
    ----------
    Orme and Ruud (2002), Economics Letters 75, 209-213.
    """
    gamma = np.linalg.lstsq(Z, D.T, rcond=None)[0].T
    theta = 1 / np.maximum((D - gamma @ Z.T).std(axis=1), 1e-8)
    gamma = gamma * theta[:, None]
    loglik = _loglik(D, Z, gamma, theta)
    done, left = np.zeros(len(D), dtype=bool), np.arange(len(D))
    for _ in range(steps):
        at = _Point(D[left], Z, gamma[left], theta[left], loglik[left])
        gamma[left], theta[left], loglik[left], rise = at.stepped()
        done[left] = rise < 1e-10
        left = left[~done[left]]
        if not len(left):
            break
    return Truncated(
        beta=gamma / theta[:, None],
        sigma=1 / theta,
        loglik=loglik,
        converged=done & np.isfinite(loglik),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Point:
    """Samples (b, n) at a point: gamma (b, k), theta (b,) and log-likelihood (b,)."""

    d: np.ndarray
    Z: np.ndarray
    gamma: np.ndarray
    theta: np.ndarray
    loglik: np.ndarray

    def derivatives(self) -> tuple[np.ndarray, np.ndarray]:
        """Gradient (b, k + 1) and Hessian (b, k + 1, k + 1), gamma first."""
        d, Z, t = self.d, self.Z, self.theta
        n, k = Z.shape
        m = self.gamma @ Z.T
        r, u = t[:, None] * d - m, m - t[:, None]
        mills = np.exp(-0.5 * u * u - _ROOT - log_ndtr(u))
        curve = mills * (mills + u)
        last = n / t - (r * d - mills).sum(axis=1)
        gradient = np.column_stack([(r - mills) @ Z, last])
        outer = (Z[:, :, None] * Z[:, None, :]).reshape(n, k * k)
        hessian = np.empty((len(d), k + 1, k + 1))
        hessian[:, :k, :k] = -((1 - curve) @ outer).reshape(-1, k, k)
        hessian[:, :k, k] = hessian[:, k, :k] = (d - curve) @ Z
        hessian[:, k, k] = -n / t**2 - (d * d - curve).sum(axis=1)
        most = np.abs(hessian).max(axis=(1, 2), keepdims=True)
        return gradient, hessian - 1e-10 * np.eye(k + 1) * most

    def stepped(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Gamma, theta and log-likelihood after a step, and the rise in prospect."""
        gradient, hessian = self.derivatives()
        k = self.Z.shape[1]
        step = -np.linalg.solve(hessian, gradient[:, :, None])[:, :, 0]
        rise = (gradient * step).sum(axis=1)
        inside = self.theta + step[:, k] > 0
        room = -0.5 * self.theta / np.minimum(step[:, k], -1e-300)
        length = np.where(inside, 1.0, room)

        def moved(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            gamma = self.gamma[rows] + length[rows, None] * step[rows, :k]
            return gamma, self.theta[rows] + length[rows] * step[rows, k]

        every = np.ones(len(self.d), dtype=bool)
        new = _loglik(self.d, self.Z, *moved(every))
        for _ in range(30):
            asked = self.loglik + 1e-4 * length * rise - 1e-9 * np.abs(self.loglik)
            worse = ~(new >= asked)
            if not worse.any():
                break
            length[worse] /= 2
            new[worse] = _loglik(self.d[worse], self.Z, *moved(worse))
        return *moved(every), new, rise


def truncated_draws(
    middle: np.ndarray, sigma: float, replications: int, rng: np.random.Generator
) -> np.ndarray:
    """Draws (replications, n) of normal(middle, sigma) given that they are at least 1."""
    tail = log_ndtr((middle - 1) / sigma)
    uniform = rng.uniform(size=(replications, len(middle)))
    return np.maximum(middle - sigma * ndtri_exp(tail + np.log(uniform)), 1.0)


def _loglik(
    D: np.ndarray, Z: np.ndarray, gamma: np.ndarray, theta: np.ndarray
) -> np.ndarray:
    m = gamma @ Z.T
    t = theta[:, None]
    return (np.log(t) - _ROOT - 0.5 * (t * D - m) ** 2 - log_ndtr(m - t)).sum(axis=1)
