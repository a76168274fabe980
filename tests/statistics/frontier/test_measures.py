"""Slacks-based, additive, directional and cost measures: published scores, and programs written out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import linprog

from jinzhou.errors import ParameterError
from jinzhou.statistics.frontier.cost import cost_efficiency
from jinzhou.statistics.frontier.dea import dea
from jinzhou.statistics.frontier.measures import additive, directional, sbm
from jinzhou.statistics.frontier.model import DeaModel

TONE_2001 = pd.DataFrame(
    [(4, 3, 2, 3), (6, 3, 2, 3), (8, 1, 6, 2), (8, 1, 6, 1), (2, 4, 1, 4)],
    columns=list("abcd"),
)
POWER_PLANTS = pd.DataFrame(
    [
        (80, 600, 54, 8, 90, 5),
        (65, 200, 97, 1, 58, 1),
        (83, 400, 72, 4, 60, 7),
        (40, 1000, 75, 7, 80, 10),
        (52, 600, 20, 3, 72, 8),
        (94, 700, 36, 5, 96, 6),
    ],
    columns=list("abcdef"),
)
RANDOM = pd.DataFrame(
    np.random.default_rng(4).uniform(1, 10, (30, 4)), columns=list("abcd")
)
KW = dict(inputs=["a", "b"], outputs=["c", "d"])
MODEL = {
    additive: DeaModel(**KW),
    directional: DeaModel(**KW),
    sbm: DeaModel(**KW, orientation="none", returns_to_scale="constant"),
}


def test_sbm_of_tone_2001():
    found = sbm(
        TONE_2001, DeaModel(**KW, orientation="none", returns_to_scale="constant")
    )
    assert_allclose(found.scores["score"], [0.798, 0.568, 1, 0.667, 1], atol=5e-4)
    assert_allclose(
        dea(TONE_2001, DeaModel(**KW, returns_to_scale="constant")).scores["score"],
        [0.9, 0.83333, 1, 1, 1],
        atol=5e-6,
    )
    x, y = (
        found.slacks[["a", "b"]] / TONE_2001[["a", "b"]],
        found.slacks[["c", "d"]] / TONE_2001[["c", "d"]],
    )
    assert_allclose(
        (1 - x.mean(axis=1)) / (1 + y.mean(axis=1)), found.scores["score"]
    )  # the measure, from its own slacks
    assert_allclose(found.targets, TONE_2001 + found.slacks * [-1, -1, 1, 1])


def test_super_sbm_of_tone_2002():
    kw = dict(inputs=list("abcd"), outputs=list("ef"))
    assert_allclose(
        sbm(
            POWER_PLANTS,
            DeaModel(**kw, orientation="none", returns_to_scale="constant"),
            super_efficiency=True,
        ).scores["score"],
        [1.01162, 1.41463, 1.07813, 1.15625, 1.58585, 1.01981],
        atol=5e-6,
    )
    assert_allclose(
        sbm(
            POWER_PLANTS,
            DeaModel(orientation="input", **kw, returns_to_scale="constant"),
            super_efficiency=True,
        ).scores["score"],
        [1.01162, 1.70833, 1.07813, 1.15625, 1.79881, 1.01981],
        atol=5e-6,
    )
    variable = sbm(
        POWER_PLANTS,
        DeaModel(orientation="output", **kw),
        super_efficiency=True,
    ).scores
    assert set(variable["status"]) == {"efficient", "infeasible"} and variable[
        "score"
    ].isna().equals(variable["status"] == "infeasible")


def test_cost_efficiency_of_the_deap_2_1_guide_example_3():
    frame = pd.DataFrame(
        [(2, 5, 1), (2, 4, 2), (6, 6, 3), (3, 2, 1), (6, 2, 2)], columns=list("xzy")
    )
    found = cost_efficiency(
        frame,
        DeaModel(inputs=["x", "z"], outputs=["y"], returns_to_scale="constant"),
        prices={"x": 1, "z": 3},
    )
    assert_allclose(found.scores["technical"], [0.5, 1, 0.833, 0.714, 1], atol=5e-4)
    assert_allclose(
        found.scores["allocative"], [0.706, 0.857, 0.900, 0.933, 1], atol=5e-4
    )
    assert_allclose(found.scores["cost"], [0.353, 0.857, 0.75, 0.667, 1], atol=5e-4)
    assert_allclose((found.targets * [1, 3]).sum(axis=1), found.scores["least"])
    by_column = cost_efficiency(
        frame.assign(p=1.0, q=3.0),
        DeaModel(inputs=["x", "z"], outputs=["y"], returns_to_scale="constant"),
        prices={"x": "p", "z": "q"},
    )
    assert_allclose(by_column.scores["cost"], found.scores["cost"])


@pytest.mark.parametrize(
    "returns", ["constant", "variable", "decreasing", "increasing"]
)
def test_programs_written_out_agree(returns):
    X, Y, n = RANDOM[["a", "b"]].to_numpy(), RANDOM[["c", "d"]].to_numpy(), len(RANDOM)
    convex = dict(A_eq=np.ones((1, n)), b_eq=[1.0]) if returns == "variable" else {}
    bound = {
        "decreasing": (np.ones((1, n)), [1.0]),
        "increasing": (-np.ones((1, n)), [-1.0]),
    }.get(returns, (np.zeros((0, n)), []))
    total, step = (
        additive(RANDOM, DeaModel(returns_to_scale=returns, **KW)),
        directional(
            RANDOM,
            DeaModel(returns_to_scale=returns, **KW),
            direction={"b": 2.0, "c": 1.0},
        ),
    )
    cheap = cost_efficiency(
        RANDOM, DeaModel(returns_to_scale=returns, **KW), prices={"a": 2.0, "b": 0.5}
    )
    inside, outside = (
        sbm(RANDOM, DeaModel(returns_to_scale=returns, orientation=o, **KW))
        for o in ("input", "output")
    )
    mean = RANDOM.mean().to_numpy()

    def least(cost, A, b, extra=0):
        A, b = (
            np.vstack([A, np.hstack([bound[0], np.zeros((len(bound[1]), extra))])]),
            np.concatenate([b, bound[1]]),
        )
        equal = {
            k: np.hstack([v, np.zeros((1, extra))]) if k == "A_eq" else v
            for k, v in convex.items()
        }
        return linprog(
            cost, A_ub=A, b_ub=b, bounds=[(0, None)] * len(cost), **equal
        ).fun

    for o in range(0, n, 4):
        A, b = np.vstack([X.T, -Y.T]), np.concatenate([X[o], -Y[o]])
        weight = np.concatenate(
            [(X / mean[:2]).sum(axis=1) - (Y / mean[2:]).sum(axis=1)]
        )
        own = (X[o] / mean[:2]).sum() - (Y[o] / mean[2:]).sum()
        assert_allclose(total.scores["score"][o], own - least(weight, A, b), atol=1e-9)
        assert_allclose(
            cheap.scores["least"][o],
            least(X @ [2.0, 0.5], np.hstack([-Y.T]), -Y[o]),
            rtol=1e-9,
        )
        assert_allclose(
            step.scores["score"][o],
            -least(
                np.append(np.zeros(n), -1.0),
                np.hstack([A, [[0], [2.0], [1.0], [0]]]),
                b,
                1,
            ),
            atol=1e-9,
        )
        assert_allclose(
            inside.scores["score"][o], least((X / X[o]).mean(axis=1), A, b), atol=1e-9
        )
        assert_allclose(
            1 / outside.scores["score"][o],
            -least(-(Y / Y[o]).mean(axis=1), A, b),
            atol=1e-9,
        )
    assert (
        sbm(
            RANDOM, DeaModel(returns_to_scale=returns, **KW, orientation="none")
        ).scores["score"]
        <= inside.scores["score"] + 1e-9
    ).all()
    assert (
        inside.scores["score"]
        <= dea(RANDOM, DeaModel(returns_to_scale=returns, **KW)).scores["score"] + 1e-9
    ).all()


@pytest.mark.parametrize("measure", [additive, directional, sbm])
def test_units_of_measurement_do_not_matter(measure):
    scaled = RANDOM * [1e9, 1e-3, 1e6, 1e-6]
    assert_allclose(
        measure(RANDOM, MODEL[measure]).scores["score"],
        measure(scaled, MODEL[measure]).scores["score"],
        atol=1e-9,
    )


def test_directional_score_and_radial_score_are_one_thing():
    beta = directional(
        RANDOM,
        DeaModel(
            inputs=["a", "b"], outputs=["c"], fixed=["c"], returns_to_scale="variable"
        ),
    ).scores["score"]
    assert_allclose(
        1 - beta,
        dea(
            RANDOM,
            DeaModel(inputs=["a", "b"], outputs=["c"], returns_to_scale="variable"),
        ).scores["score"],
        atol=1e-10,
    )


def test_returned_persons_are_an_output_to_reduce():
    frame = RANDOM.rename(
        columns={"a": "money", "b": "cadres", "c": "exits", "d": "returned"}
    )
    kw = dict(inputs=["money", "cadres"], outputs=["exits"])
    for disposal in ("strong", "weak"):
        found = directional(
            frame, DeaModel(undesirable=["returned"], disposal=disposal, **kw)
        )
        assert (found.targets["returned"] <= frame["returned"] + 1e-9).all() and (
            found.targets["exits"] >= frame["exits"] - 1e-9
        ).all()
    free = frame.assign(
        returned=[0.0, *frame["returned"][1:]]
    )  # none returned: nothing left to reduce
    assert (
        directional(free, DeaModel(undesirable=["returned"], **kw))
        .scores["status"]
        .isin(["efficient", "weakly efficient", "inefficient"])
        .all()
    )


def test_zero_amounts_have_no_share_in_sbm():
    frame = TONE_2001.assign(a=[0.0, 6, 8, 8, 2], c=[2.0, 0, 6, 6, 1])
    found = sbm(
        frame,
        DeaModel(**KW, orientation="none", returns_to_scale="constant"),
        super_efficiency=True,
    )
    assert found.scores["status"].tolist() == [
        "infeasible",
        "inefficient",
        "efficient",
        "inefficient",
        "inefficient",
    ]  # who else does without a?


def test_what_measures_refuse():
    with pytest.raises(ParameterError, match="价格"):
        cost_efficiency(
            RANDOM, DeaModel(**KW, returns_to_scale="constant"), prices={"a": 1}
        )
    with pytest.raises(ParameterError, match="单元 3"):
        cost_efficiency(
            RANDOM.assign(p=[1.0, 1, 1, -1] + [1.0] * 26),
            DeaModel(**KW, returns_to_scale="constant"),
            prices={"a": "p", "b": 1},
        )
    for direction in ({"nothing": 1}, {"a": -1}, {"a": 0}):
        with pytest.raises(ParameterError, match="方向"):
            directional(RANDOM, DeaModel(**KW), direction=direction)
    with pytest.raises(ParameterError, match="弱可处置性"):
        directional(
            RANDOM,
            DeaModel(
                inputs=["a"],
                outputs=["c"],
                undesirable=["d"],
                disposal="weak",
                returns_to_scale="fdh",
            ),
        )
    for call in (additive, sbm):
        with pytest.raises(ParameterError, match="returns"):
            call(RANDOM, replace(MODEL[call], returns_to_scale="fdh"))
