"""Many small programs at once: what is kept, what goes to the second solver, what has no answer."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import OptimizeResult

from jinzhou.errors import EstimationError
from jinzhou.statistics.frontier import simplex
from jinzhou.statistics.frontier.dea import dea
from jinzhou.statistics.frontier.model import DeaModel
from jinzhou.statistics.frontier.programs import (
    INFEASIBLE,
    OPTIMAL,
    UNBOUNDED,
    Programs,
)
from jinzhou.statistics.frontier.simplex import solve

RANDOM = pd.DataFrame(
    np.random.default_rng(1).uniform(1, 10, (40, 4)), columns=list("abcd")
)
KW = dict(inputs=["a", "b"], outputs=["c", "d"])


def one_row(cost, coefficient, b, own=1.0):
    """min cost z, coefficient lam + own z = b."""
    return Programs(
        shared=np.array([[[coefficient]]]),
        own=np.array([[[own]]]),
        b=np.array([[b]]),
        costs=(np.array([[cost]]),),
        start=np.array([-1]),
    )


def test_each_program_has_its_own_status():
    assert solve(one_row(1.0, 1.0, 2.0)).status[0] == OPTIMAL
    assert solve(one_row(1.0, 1.0, -2.0)).status[0] == INFEASIBLE
    assert solve(one_row(-1.0, -1.0, 2.0)).status[0] == UNBOUNDED
    answer = solve(one_row(1.0, 0.0, 2.0, own=-1.0))
    assert answer.status[0] == INFEASIBLE and len(answer.unit) == 0


def test_groups_are_solved_each_with_its_own_columns():
    rng = np.random.default_rng(0)
    shared, b = rng.uniform(1, 2, (3, 2, 5)), rng.uniform(1, 2, (12, 2))
    kw = dict(
        own=np.hstack([np.eye(2), -np.eye(2)])[None],
        costs=(np.ones((1, 4)),),
        start=np.array([0, 1]),
    )
    together = solve(Programs(shared=shared, b=b, **kw))
    for g in range(3):
        alone = solve(Programs(shared=shared[g : g + 1], b=b[4 * g : 4 * g + 4], **kw))
        assert_allclose(
            together.objective[4 * g : 4 * g + 4], alone.objective, atol=1e-12
        )
    assert together.fallbacks == 0  # all proved here


@pytest.mark.parametrize("orientation", ["input", "output", "graph"])
def test_what_cannot_be_proved_goes_to_highs_and_comes_back_the_same(
    orientation, monkeypatch
):
    plain = dea(RANDOM, DeaModel(orientation=orientation, **KW))
    monkeypatch.setattr(
        simplex, "_singular", lambda matrix: np.ones(len(matrix), dtype=bool)
    )
    other = dea(RANDOM, DeaModel(orientation=orientation, **KW))
    assert_allclose(plain.scores["score"], other.scores["score"], atol=1e-8)
    assert plain.scores["status"].equals(other.scores["status"])
    assert_allclose(
        (plain.slacks / RANDOM.mean()).sum(axis=1),
        (other.slacks / RANDOM.mean()).sum(axis=1),
        atol=1e-6,
    )


def test_a_program_without_answer_names_its_unit(monkeypatch):
    monkeypatch.setattr(
        simplex, "_singular", lambda matrix: np.ones(len(matrix), dtype=bool)
    )
    monkeypatch.setattr(
        "scipy.optimize.linprog", lambda *args, **kw: OptimizeResult(status=4)
    )
    with pytest.raises(EstimationError, match="单元 甲镇"):
        dea(
            RANDOM.rename(index={0: "甲镇"}),
            DeaModel(**KW),
        )


def test_columns_enter_until_none_would_help():
    many = pd.DataFrame(
        np.random.default_rng(2).uniform(1, 10, (700, 4)), columns=list("abcd")
    )
    found = dea(many, DeaModel(**KW)).scores["score"]  # grows its reference set
    whole = simplex.START
    try:
        simplex.START = 10_000  # prices every column in every step
        assert_allclose(
            found,
            dea(many, DeaModel(**KW)).scores["score"],
            atol=1e-11,
        )
    finally:
        simplex.START = whole
