"""Overlap-weighted means of two sides: propensity scores, weights, influence.

The logit is solved here and not by statsmodels or scikit-learn: with a covariate that
leaves no row on one side its coefficient runs away, and what must settle is the fitted
probabilities, which both libraries do not watch; dozens of fits share one scaled
matrix.
"""

from dataclasses import dataclass

import numpy as np

BALANCED = 0.1
"""Standardised difference below which a covariate counts as balanced."""
STEPS = 40


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OverlapMeans:
    """Overlap-weighted means of q outcomes on both sides, and their influence.

    Attributes
    ----------
    mean, mean_rest : arrays (q,)
    influence, influence_rest : arrays (clusters, q)
        Sums over the cluster's rows of the influence on the mean.
    effective_sample_size, effective_sample_size_rest : float
    before, after : arrays (k,)
        Standardised differences of the covariates, unweighted and weighted.
    converged : bool
        The scores settled and the weights balance every covariate.
    """

    mean: np.ndarray
    mean_rest: np.ndarray
    influence: np.ndarray
    influence_rest: np.ndarray
    effective_sample_size: float
    effective_sample_size_rest: float
    before: np.ndarray
    after: np.ndarray
    converged: bool


def overlap_means(
    z: np.ndarray, X: np.ndarray, w: np.ndarray, Y: np.ndarray, cluster: np.ndarray
) -> OverlapMeans:
    """Overlap-weighted means of outcomes where z holds and where it does not.

    Parameters
    ----------
    z : bool array (n,)
    X : array (n, k + 1)
        Begins with ones.
    w : array (n,)
        Persons.
    Y : array (n, q)
    cluster : int array (n,)
        Codes from 0.

    References
    ----------
    Li, Morgan and Zaslavsky (2018), Journal of the American Statistical Association
    113, 390-400. Lunceford and Davidian (2004), Statistics in Medicine 23, 2937-2960.
    """
    if z.all() or not z.any():
        return _nothing(X.shape[1] - 1, Y.shape[1], len(np.unique(cluster)))
    treated = z.astype(float)
    C, varies = _scaled(X)
    S = np.vstack([np.ones(len(z)), C[varies]])
    e, settled = propensity_scores(treated, S, w)
    a, b = w * treated * (1 - e), w * (1 - treated) * e
    D, Dr = a.sum(), b.sum()
    mean, rest = a @ Y / D, b @ Y / Dr
    v = w * e * (1 - e)
    slopes = np.column_stack(
        [
            -S @ ((v * treated)[:, None] * (Y - mean)) / D,
            S @ ((v * (1 - treated))[:, None] * (Y - rest)) / Dr,
        ]
    )
    q, moved = Y.shape[1], np.linalg.solve(_information(S, v, w), slopes)
    by_beta = S.T @ moved * (w * (treated - e))[:, None]  # (n, 2 q): through the logit
    influence = a[:, None] * (Y - mean) / D + by_beta[:, :q]
    influence_rest = b[:, None] * (Y - rest) / Dr + by_beta[:, q:]
    before, after = _differences(C, w, treated, a / D, b / Dr)
    # where the sides share no kind of row no weight can balance them
    balanced = not len(after) or np.abs(after).max() < BALANCED
    return OverlapMeans(
        mean=mean,
        mean_rest=rest,
        influence=_by_cluster(influence, cluster),
        influence_rest=_by_cluster(influence_rest, cluster),
        effective_sample_size=float(D**2 / (a**2).sum()),
        effective_sample_size_rest=float(Dr**2 / (b**2).sum()),
        before=before,
        after=after,
        converged=bool(settled and min(D, Dr) >= 1 and balanced),
    )


def _nothing(k: int, q: int, clusters: int) -> OverlapMeans:
    """One side is empty."""
    nothing, zero = np.full(q, np.nan), np.zeros((clusters, q))
    return OverlapMeans(
        mean=nothing,
        mean_rest=nothing,
        influence=zero,
        influence_rest=zero,
        effective_sample_size=0.0,
        effective_sample_size_rest=0.0,
        before=np.full(k, np.nan),
        after=np.full(k, np.nan),
        converged=False,
    )


def _scaled(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Covariates (k, n) centred and scaled, and which of them vary."""
    C = np.ascontiguousarray(X[:, 1:].T)
    C -= C.mean(axis=1)[:, None]
    scale = C.std(axis=1)[:, None]
    C /= np.where(scale > 0, scale, 1.0)
    return C, scale[:, 0] > 0


def _differences(
    C: np.ndarray, w: np.ndarray, z: np.ndarray, own: np.ndarray, rest: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Standardised differences (k,), unweighted and with the weights of both sides."""
    one, other = w * z / (w * z).sum(), w * (1 - z) / (w * (1 - z)).sum()
    spread = np.sqrt((C * C @ (one + other) - (C @ one) ** 2 - (C @ other) ** 2) / 2)
    spread = np.where(spread > 0, spread, 1.0)
    return C @ (one - other) / spread, C @ (own - rest) / spread


def _by_cluster(influence: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    count = cluster.max() + 1
    return np.column_stack([np.bincount(cluster, f, count) for f in influence.T])


def propensity_scores(
    z: np.ndarray, S: np.ndarray, w: np.ndarray
) -> tuple[np.ndarray, bool]:
    """Fitted probabilities (n,) of z given S (k + 1, n), and whether they settled.

    Newton with halved steps; a coefficient may run away while the scores settle.
    """
    beta = np.zeros(len(S))
    beta[0] = np.log((w * z).sum() / (w * (1 - z)).sum())

    def value(b):
        eta = b @ S
        return (
            w * (z * eta - np.maximum(eta, 0) - np.log1p(np.exp(-np.abs(eta))))
        ).sum(), eta

    now, eta = value(beta)
    e = _logistic(eta)
    for _ in range(STEPS):
        step = np.linalg.solve(_information(S, w * e * (1 - e), w), S @ (w * (z - e)))
        for _ in range(30):
            better, eta = value(beta + step)
            if better >= now - 1e-10 * abs(now):
                break
            step = step / 2
        beta, now, before, e = beta + step, better, e, _logistic(eta)
        if np.abs(e - before).max() < 1e-6:
            return e, True
    return e, False


def _information(S: np.ndarray, v: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Of the logit's coefficients (k + 1, k + 1), with a trace of ridge."""
    return (S * v) @ S.T + 1e-9 * w.sum() * np.eye(len(S))


def _logistic(eta: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(eta, -30, 30)))
