"""Separation is found by a linear programme, whatever the iterations would have done."""

import numpy as np
import pytest

from jinzhou.statistics.separation import separated_columns


def rows(n=3_000, seed=1):
    rng = np.random.default_rng(seed)
    Z = np.column_stack(
        [np.ones(n), rng.normal(size=(n, 2)), rng.integers(0, 2, (n, 2))]
    ).astype(float)
    y = (rng.random(n) < 1 / (1 + np.exp(4 - Z[:, 1]))).astype(float)
    return Z, y


def test_outcomes_that_overlap_separate_by_no_column():
    assert not len(separated_columns(*rows()))


def test_a_column_equal_to_the_outcome_is_named():
    Z, y = rows()
    Z[:, 3] = y
    assert list(separated_columns(Z, y)) == [3]


def test_a_group_without_any_event_is_named():
    """Quasi-complete separation: the other rows overlap."""
    Z, y = rows()
    Z[:, 4] = np.arange(len(y)) % 50 == 0
    y[Z[:, 4] > 0] = 0
    assert list(separated_columns(Z, y)) == [4]


def test_a_rare_group_outside_the_first_rows_is_found():
    """The first programme holds a part of the rows; the group stands outside it."""
    Z, y = rows(n=40_000)
    quiet = np.flatnonzero(y == 0)[1:4]
    Z[:, 4] = 0.0
    Z[quiet, 4] = 1.0
    assert list(separated_columns(Z, y)) == [4]


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_the_unit_of_a_column_does_not_matter(unit):
    Z, y = rows()
    Z[:, 3] = y
    Z[:, 1:] *= unit
    assert list(separated_columns(Z, y)) == [3]


def test_two_columns_that_separate_together_are_both_named():
    Z, y = rows(n=400)
    Z[:, 3] = np.where(y > 0, 1.0, 0.0) + Z[:, 2]
    assert set(separated_columns(Z, y)) == {2, 3}
