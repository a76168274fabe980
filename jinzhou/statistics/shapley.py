"""Exact decomposition of the change of a product: what each factor's change adds."""

from itertools import permutations

import numpy as np


def product_change(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Part of each factor in the change of the product of all.

    Parameters
    ----------
    before, after : arrays (..., k)
        The factors; the product runs over the last axis.

    Returns
    -------
    array (..., k)
        Sums over the last axis to the change of the product.

    Notes
    -----
    A factor's part is the mean, over all orders in which the factors can change, of what
    its change adds: no order is preferred, no remainder is left.

    References
    ----------
    Shapley (1953), Contributions to the Theory of Games 2, 307-317; Shorrocks (2013),
    Journal of Economic Inequality 11, 99-126.

    Examples
    --------
    >>> product_change(np.array([2.0, 3.0]), np.array([4.0, 5.0]))
    array([8., 6.])
    """
    parts = np.zeros_like(before)
    start = before.prod(axis=-1)
    orders = list(permutations(range(before.shape[-1])))
    for order in orders:
        now, value = before.copy(), start
        for j in order:
            now[..., j] = after[..., j]
            moved = now.prod(axis=-1)
            parts[..., j] += (moved - value) / len(orders)
            value = moved
    return parts
