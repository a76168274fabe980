"""Envelopment: published scores, properties, a second solver."""

from dataclasses import replace
from pathlib import Path

import envelope
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import linprog

from jinzhou.errors import ParameterError
from jinzhou.statistics.frontier.dea import dea
from jinzhou.statistics.frontier.model import DeaModel

PUBLISHED = Path(__file__).parents[2] / "published"


def units(x, y):
    frame = pd.DataFrame(np.column_stack([x, y]).astype(float))
    frame.columns = [
        f"x{i}" for i in range(np.asarray(x).reshape(len(frame), -1).shape[1])
    ] + ["y"]
    return frame, [c for c in frame if c != "y"]


def test_deap_2_1_guide_example_1():
    frame, x = units([(2, 5), (2, 4), (6, 6), (3, 2), (6, 2)], [1, 2, 3, 1, 2])
    found = dea(frame, DeaModel(inputs=x, outputs=["y"], returns_to_scale="constant"))
    assert_allclose(found.scores["score"], [0.5, 1, 0.833, 0.714, 1], atol=5e-4)
    assert_allclose(found.slacks.loc[0], [0, 0.5, 0], atol=1e-6)
    assert found.peers.groupby("unit")["peer"].agg(list).to_dict() == {
        0: [1],
        1: [1],
        2: [1, 4],
        3: [1, 4],
        4: [4],
    }


def test_deap_2_1_guide_example_2():
    frame, x = units([2, 4, 3, 5, 6], [1, 2, 3, 4, 5])
    assert_allclose(
        dea(
            frame, DeaModel(inputs=x, outputs=["y"], returns_to_scale="constant")
        ).scores["score"],
        [0.5, 0.5, 1, 0.8, 0.833],
        atol=5e-4,
    )
    assert_allclose(
        dea(
            frame, DeaModel(inputs=x, outputs=["y"], returns_to_scale="variable")
        ).scores["score"],
        [1, 0.625, 1, 0.9, 1],
        atol=5e-4,
    )


def test_program_follow_through_of_charnes_cooper_rhodes_1981():
    frame = pd.read_csv(PUBLISHED / "charnes_1981.csv", index_col="unit")
    x, y = [f"x{i}" for i in range(1, 6)], ["y1", "y2", "y3"]
    pft, nft = (
        dea(
            frame[frame["program"] == p],
            DeaModel(inputs=x, outputs=y, returns_to_scale="constant"),
        ).scores["score"]
        for p in ("PFT", "NFT")
    )
    assert ((pft > 1 - 1e-6).sum(), (nft > 1 - 1e-6).sum()) == (17, 8)
    assert_allclose([pft.mean(), nft.mean()], [0.944803, 0.958195], atol=1e-6)
    assert_allclose(
        pft.iloc[:8], [1, 0.90, 0.99, 0.90, 1, 0.91, 0.89, 0.91], atol=0.0051
    )
    pooled = dea(frame, DeaModel(inputs=x, outputs=y, returns_to_scale="constant"))
    assert_allclose(pooled.scores["score"].mean(), 0.937765, atol=1e-6)
    assert_allclose(
        dea(frame, DeaModel(inputs=x, outputs=y, returns_to_scale="variable"))
        .scores["score"]
        .mean(),
        0.953431,
        atol=1e-6,
    )
    assert_allclose(
        dea(
            frame,
            DeaModel(
                inputs=x, outputs=y, returns_to_scale="variable", orientation="output"
            ),
        )
        .scores["score"]
        .mean(),
        1.05278,
        atol=1e-5,
    )


def test_deap_2_1_guide_example_2_non_increasing_returns():
    frame, x = units([2, 4, 3, 5, 6], [1, 2, 3, 4, 5])
    assert_allclose(
        dea(
            frame, DeaModel(inputs=x, outputs=["y"], returns_to_scale="decreasing")
        ).scores["score"],
        [0.5, 0.5, 1, 0.9, 1],
        atol=5e-4,
    )


def test_andersen_and_petersen_1993():
    frame, x = units([(2, 12), (2, 8), (5, 5), (10, 4), (10, 6)], [1] * 5)
    found = dea(
        frame,
        DeaModel(inputs=x, outputs=["y"], returns_to_scale="constant"),
        super_efficiency=True,
    ).scores
    assert_allclose(found["score"], [1, 1.3158, 1.2, 1.25, 0.75], atol=5e-5)
    assert found["status"].tolist() == [
        "weakly efficient",
        "efficient",
        "efficient",
        "efficient",
        "inefficient",
    ]


RANDOM = pd.DataFrame(
    np.random.default_rng(1).uniform(1, 10, (40, 4)), columns=list("abcd")
)
WAYS = [(o, r) for o in ("input", "output") for r in ("constant", "variable")]
SHAPES = {
    "plain": (30, 2, 2),
    "ties and doubles": (30, 3, 2),
    "zeros": (30, 3, 3),
    "one unit": (1, 2, 1),
    "eight inputs": (15, 8, 1),
    "two units": (2, 1, 1),
    "hamlets and cities": (30, 3, 2),
    "one mix": (12, 2, 2),
}


def made(shape, seed):
    """Units of a shape; columns from 1e-3 to 1e6 in size."""
    n, m, s = SHAPES[shape]
    rng = np.random.default_rng(seed)
    values = np.exp(rng.normal(size=(n, m + s)))
    if shape == "ties and doubles":
        values = np.ceil(2 * values)
        values[n // 2 :] = values[: n - n // 2]
    if shape == "zeros":
        values[rng.uniform(size=values.shape) < 0.3] = 0.0
        values[:, [0, m]] += 0.1
    if shape == "hamlets and cities":
        values *= 10.0 ** rng.uniform(-3, 3, (n, 1))
    if shape == "one mix":
        values = np.outer(rng.integers(1, 9, n), rng.integers(1, 9, m + s)).astype(
            float
        )
    frame = pd.DataFrame(values * 10.0 ** rng.integers(-3, 7, m + s))
    return frame, list(range(m)), list(range(m, m + s))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "returns", ["constant", "variable", "decreasing", "increasing"]
)
@pytest.mark.parametrize("orientation", ["input", "output"])
def test_a_second_solver_agrees(orientation, returns, shape):
    for seed, alone in ((1, False), (2, True)):
        frame, x, y = made(shape, seed)
        found = dea(
            frame,
            DeaModel(
                inputs=x, outputs=y, orientation=orientation, returns_to_scale=returns
            ),
            super_efficiency=alone,
        ).scores
        for o in range(0, len(frame), 4):
            X, Y = (
                frame[c].to_numpy()
                / np.where(
                    frame.loc[o, c] > 0, frame.loc[o, c], frame[c].mean()
                ).astype(float)
                for c in (x, y)
            )
            want = envelope.radial(
                X,
                Y,
                o,
                orientation=orientation,
                returns=returns,
                skip=o if alone else None,
            )
            if found["status"].iloc[o] == "infeasible":
                assert np.isnan(want)
            elif found["status"].iloc[o] == "no comparable unit":
                assert want == np.inf or want < 1e-9
            else:
                assert_allclose(found["score"].iloc[o], want, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("shape", ["plain", "ties and doubles", "zeros"])
def test_slacks_are_the_largest_that_the_score_leaves(shape):
    frame, x, y = made(shape, 3)
    scaled = frame / frame.mean()
    found = dea(frame, DeaModel(inputs=x, outputs=y, returns_to_scale="variable"))
    X, Y, n = scaled[x].to_numpy(), scaled[y].to_numpy(), len(frame)
    for o in range(0, n, 5):
        theta = found.scores["score"][o] + 1e-10
        own = -(X.sum(axis=1) - Y.sum(axis=1))  # the sum of slacks, less what is given
        most = linprog(
            -own,
            A_ub=np.vstack([X.T, -Y.T]),
            b_ub=np.concatenate([theta * X[o], -Y[o]]),
            A_eq=np.ones((1, n)),
            b_eq=[1],
        ).fun
        assert_allclose(
            (found.slacks / frame.mean()).loc[o].sum(),
            theta * X[o].sum() - Y[o].sum() - most,
            atol=1e-6,
        )
    assert set(found.scores["status"]) <= {
        "efficient",
        "weakly efficient",
        "inefficient",
    }


@pytest.mark.parametrize("returns", ["constant", "variable"])
def test_a_second_solver_agrees_on_fixed_and_undesirable_columns_and_an_outside_reference(
    returns,
):
    X, Y = RANDOM[["a", "b"]].to_numpy(), RANDOM[["c", "d"]].to_numpy()
    kw = dict(outputs=["c", "d"], returns_to_scale=returns)
    fixed = dea(
        RANDOM,
        DeaModel(inputs=["a", "b"], fixed=["b"], **kw),
    ).scores["score"]
    strong, weak = (
        dea(
            RANDOM,
            DeaModel(
                inputs=["a"],
                undesirable=["b"],
                orientation="output",
                disposal=d,
                **kw,
            ),
        ).scores["score"]
        for d in ("strong", "weak")
    )
    outside = dea(
        RANDOM[:20],
        DeaModel(inputs=["a", "b"], **kw),
        reference=RANDOM[20:],
    ).scores["score"]
    for o in range(0, 20, 3):
        assert_allclose(
            fixed[o],
            envelope.radial(X, Y, o, orientation="input", returns=returns, fixed=[1]),
            rtol=1e-9,
        )
        assert_allclose(
            strong[o],
            envelope.radial(X, Y, o, orientation="output", returns=returns),
            rtol=1e-9,
        )
        assert_allclose(
            weak[o],
            envelope.radial(X, Y, o, orientation="output", returns=returns, weak=[1]),
            rtol=1e-9,
        )
        assert_allclose(
            outside[o],
            envelope.radial(
                X[20:],
                Y[20:],
                None,
                x=X[o],
                y=Y[o],
                orientation="input",
                returns=returns,
            ),
            rtol=1e-9,
        )
    assert (
        returns == "variable" or (weak <= strong + 1e-9).all()
    )  # under variable returns abated activity is a point of its own


def test_restrictions_agree_with_the_multiplier_program():
    X, Y, (low, high) = (
        RANDOM[["a", "b"]].to_numpy(),
        RANDOM[["c", "d"]].to_numpy(),
        (0.5, 2.0),
    )
    found = dea(
        RANDOM,
        DeaModel(
            inputs=["a", "b"],
            outputs=["c", "d"],
            restrictions={("a", "b"): (low, high), ("c", "d"): (low, high)},
            returns_to_scale="constant",
        ),
    ).scores["score"]
    bounds = [[-1, low, 0, 0], [1, -high, 0, 0], [0, 0, -1, low], [0, 0, 1, -high]]
    for o in range(0, 40, 5):
        want = linprog(
            np.concatenate([[0, 0], -Y[o]]),
            A_ub=np.vstack([np.hstack([-X, Y]), bounds]),
            b_ub=np.zeros(44),
            A_eq=[[*X[o], 0, 0]],
            b_eq=[1],
        )
        assert_allclose(found[o], -want.fun, rtol=1e-9)
    assert (
        found
        <= dea(
            RANDOM,
            DeaModel(
                inputs=["a", "b"], outputs=["c", "d"], returns_to_scale="constant"
            ),
        ).scores["score"]
        + 1e-9
    ).all()
    scaled = dea(
        RANDOM * [1e6, 1, 1, 1e-3],
        DeaModel(
            inputs=["a", "b"],
            outputs=["c", "d"],
            restrictions={
                ("a", "b"): (low / 1e6, high / 1e6),
                ("c", "d"): (low / 1e3, high / 1e3),
            },
            returns_to_scale="constant",
        ),
    )
    assert_allclose(scaled.scores["score"], found, rtol=1e-8)


def test_free_disposal_hull_is_the_best_single_unit():
    X, Y = RANDOM[["a", "b"]].to_numpy(), RANDOM[["c", "d"]].to_numpy()
    kw = dict(inputs=["a", "b"], outputs=["c", "d"])
    hull = DeaModel(**kw, returns_to_scale="fdh")
    theta, phi, gamma = (
        dea(RANDOM, replace(hull, orientation=o)) for o in ("input", "output", "graph")
    )
    for o in range(40):
        more, less = (Y >= Y[o]).all(axis=1), (X <= X[o]).all(axis=1)
        assert_allclose(theta.scores["score"][o], (X[more] / X[o]).max(axis=1).min())
        assert_allclose(phi.scores["score"][o], (Y[less] / Y[o]).min(axis=1).max())
        assert_allclose(
            gamma.scores["score"][o],
            np.maximum((X / X[o]).max(axis=1), (Y[o] / Y).max(axis=1)).min(),
        )
    assert (theta.peers["weight"] == 1).all() and (
        theta.scores["score"] >= dea(RANDOM, DeaModel(**kw)).scores["score"] - 1e-9
    ).all()
    alone = dea(RANDOM, hull, super_efficiency=True).scores
    assert set(alone["status"]) == {"efficient", "inefficient", "infeasible"} and alone[
        "score"
    ].isna().equals(alone["status"] == "infeasible")


@pytest.mark.parametrize(
    "returns", ["constant", "variable", "decreasing", "increasing", "fdh"]
)
def test_graph_score_moves_inputs_and_outputs_by_one_factor(returns):
    model = DeaModel(inputs=["a", "b"], outputs=["c", "d"], returns_to_scale=returns)
    found = dea(RANDOM, replace(model, orientation="graph"))
    gamma = found.scores["score"]
    for beyond, step in (
        (False, 1 + 1e-8),
        (True, 1 - 1e-6),
    ):  # the point is on the frontier: within reach before it, out of reach after
        at = gamma * step
        moved = pd.concat(
            [RANDOM[["a", "b"]].mul(at, axis=0), RANDOM[["c", "d"]].div(at, axis=0)],
            axis=1,
        )
        theta = dea(moved, model, reference=RANDOM).scores["score"]
        assert (theta.isna() | (theta > 1)).eq(beyond).all()
    if returns == "constant":
        assert_allclose(gamma**2, dea(RANDOM, model).scores["score"], rtol=1e-10)


@pytest.mark.parametrize(("orientation", "returns"), WAYS)
def test_units_of_measurement_do_not_matter(orientation, returns):
    one = dea(
        RANDOM,
        DeaModel(
            inputs=["a", "b"],
            outputs=["c", "d"],
            orientation=orientation,
            returns_to_scale=returns,
        ),
    )
    scale = pd.Series({"a": 1e9, "b": 1e-3, "c": 1e6, "d": 1e-6})
    two = dea(
        RANDOM * scale,
        DeaModel(
            inputs=["a", "b"],
            outputs=["c", "d"],
            orientation=orientation,
            returns_to_scale=returns,
        ),
    )
    assert_allclose(one.scores["score"], two.scores["score"], rtol=1e-7)
    assert_allclose(one.slacks * scale, two.slacks, rtol=1e-4, atol=1e-3)


def test_order_of_rows_does_not_matter_and_conventions_hold():
    shuffled = RANDOM.sample(frac=1, random_state=2)
    for orientation, returns in WAYS:
        model = DeaModel(
            inputs=["a", "b"],
            outputs=["c", "d"],
            orientation=orientation,
            returns_to_scale=returns,
        )
        one, two = dea(RANDOM, model).scores, dea(shuffled, model).scores
        assert_allclose(one["score"], two["score"].reindex(one.index), rtol=1e-7)
        assert (
            (one["score"] <= 1 + 1e-7).all()
            if orientation == "input"
            else (one["score"] >= 1 - 1e-7).all()
        )
    ccr_in, ccr_out = (
        dea(
            RANDOM,
            DeaModel(
                inputs=["a", "b"],
                outputs=["c", "d"],
                orientation=o,
                returns_to_scale="constant",
            ),
        ).scores
        for o in ("input", "output")
    )
    assert_allclose(ccr_in["score"], ccr_out["reciprocal"], rtol=1e-7)
    bcc = dea(
        RANDOM,
        DeaModel(inputs=["a", "b"], outputs=["c", "d"], returns_to_scale="variable"),
    )
    assert (ccr_in["score"] <= bcc.scores["score"] + 1e-9).all()
    assert set(bcc.scores.loc[bcc.peers["peer"], "status"]) == {"efficient"}
    assert (bcc.targets[["a", "b"]] <= RANDOM[["a", "b"]] + 1e-6).all(axis=None)
    assert (bcc.targets[["c", "d"]] >= RANDOM[["c", "d"]] - 1e-6).all(axis=None)


def test_rows_that_cannot_be_compared_are_counted_by_reason():
    frame = pd.DataFrame({"x": [1, 2, np.nan, -1, 0, 3], "y": [1, 1, 1, 1, 1, 0.0]})
    found = dea(
        frame, DeaModel(inputs=["x"], outputs=["y"], returns_to_scale="constant")
    )
    assert found.dropped.to_dict() == {
        "missing value": 1,
        "negative value": 1,
        "no input": 1,
        "no output": 1,
    }
    assert found.n + found.dropped.sum() == len(frame) and not found.enough


def test_a_zero_among_several_inputs_is_a_value():
    frame = pd.DataFrame({"a": [0.0, 1, 2], "b": [2.0, 1, 2], "y": [1.0, 1, 1]})
    found = dea(
        frame, DeaModel(inputs=["a", "b"], outputs=["y"], returns_to_scale="constant")
    ).scores
    assert found["status"].tolist() == ["efficient", "efficient", "inefficient"]


def test_units_left_out_are_named():
    frame = pd.DataFrame(
        {"x": [1, np.nan, -1, 3], "y": [1, 1, 1, 0.0]},
        index=["甲镇", "乙镇", "丙镇", "丁镇"],
    )
    found = dea(
        frame, DeaModel(inputs=["x"], outputs=["y"], returns_to_scale="constant")
    )
    assert found.excluded.to_dict() == {
        "乙镇": "missing value",
        "丙镇": "negative value",
        "丁镇": "no output",
    }


def test_what_is_no_number_is_missing_or_refused():
    frame = pd.DataFrame(
        {"x": pd.array([1, None, 3], dtype="Int64"), "y": [1.0, 1, 1]},
        index=["甲镇", "乙镇", "丙镇"],
    )
    assert dea(
        frame, DeaModel(inputs=["x"], outputs=["y"], returns_to_scale="constant")
    ).excluded.to_dict() == {"乙镇": "missing value"}
    assert (
        dea(
            frame.assign(y=["1", "2", "3"]),
            DeaModel(inputs=["x"], outputs=["y"], returns_to_scale="constant"),
        ).n
        == 2
    )
    with pytest.raises(ParameterError, match="不是数字"):
        dea(
            frame.assign(y=["1", "2", "三"]),
            DeaModel(inputs=["x"], outputs=["y"], returns_to_scale="constant"),
        )


def test_too_few_units_are_said_to_say_nothing():
    frame, x = units([(2, 5), (2, 4), (6, 6), (3, 2), (6, 2)], [1, 2, 3, 1, 2])
    found = dea(frame, DeaModel(inputs=x, outputs=["y"], returns_to_scale="constant"))
    assert not found.enough and "not informative" in found.summary()
    assert dea(
        pd.concat([frame] * 2, ignore_index=True),
        DeaModel(inputs=x, outputs=["y"], returns_to_scale="constant"),
    ).enough


def test_unreachable_units_have_a_status_and_no_score():
    frame = pd.DataFrame({"a": [1.0, 2, 3], "b": [2.0, 1, 3], "y": [1.0, 2, 9]})
    alone = dea(
        frame,
        DeaModel(inputs=["a", "b"], outputs=["y"], returns_to_scale="variable"),
        super_efficiency=True,
    ).scores
    assert alone["status"].tolist() == [
        "efficient",
        "efficient",
        "infeasible",
    ] and np.isnan(alone.loc[2, "score"])
    only = dea(
        frame.iloc[:1],
        DeaModel(inputs=["a", "b"], outputs=["y"], returns_to_scale="constant"),
        super_efficiency=True,
    ).scores
    assert only["status"].tolist() == ["infeasible"]
    free = pd.DataFrame(
        {"a": [0.0, 2, 3], "b": [1.0, 1, 3], "y": [1.0, 2, 9]}
    )  # who else does without a?
    lone = dea(
        free,
        DeaModel(
            inputs=["a", "b"],
            outputs=["y"],
            orientation="output",
            returns_to_scale="constant",
        ),
        super_efficiency=True,
    ).scores
    assert lone.loc[0, "status"] == "no comparable unit" and np.isnan(
        lone.loc[0, "score"]
    )


def test_no_unit_is_an_empty_answer():
    found = dea(
        RANDOM.iloc[:0],
        DeaModel(inputs=["a"], outputs=["c"], returns_to_scale="constant"),
    )
    assert found.n == 0 and len(found.table()) == 0 and len(found.peers) == 0


def test_columns_that_repeat_each_other_are_named_and_change_nothing():
    double = RANDOM.assign(e=3 * RANDOM["a"])
    one, two = (
        dea(
            RANDOM,
            DeaModel(
                inputs=["a", "b"], outputs=["c", "d"], returns_to_scale="constant"
            ),
        ),
        dea(
            double,
            DeaModel(
                inputs=["a", "b", "e"], outputs=["c", "d"], returns_to_scale="constant"
            ),
        ),
    )
    assert two.collinear == ("e",) and one.collinear == () and "e" in two.summary()
    assert dea(
        RANDOM.assign(e=RANDOM["a"] + RANDOM["b"]),
        DeaModel(inputs=["a", "b", "e"], outputs=["c"], returns_to_scale="constant"),
    ).collinear == ("e",)
    assert_allclose(one.scores["score"], two.scores["score"], rtol=1e-10)


@pytest.mark.parametrize(
    "wrong",
    [
        {"orientation": "sideways"},
        {"returns_to_scale": "vrs"},
        {"inputs": []},
        {"disposal": "free"},
        {"inputs": ["nothing"]},
        {"fixed": ["d"]},
        {"inputs": ["a", "c"]},
        {"super_efficiency": True, "reference": RANDOM},
        {"reference": RANDOM[["a"]]},
        {"reference": -RANDOM},
        {"restrictions": {("a", "c"): (1, 2)}},
        {"restrictions": {("a", "b"): (2, 1)}, "inputs": ["a", "b"]},
        {
            "restrictions": {("a", "b"): (1, 2)},
            "inputs": ["a", "b"],
            "returns_to_scale": "fdh",
        },
        {"fixed": ["a"]},
        {"disposal": "weak", "returns_to_scale": "fdh"},
    ],
)
def test_dea_lists_what_it_accepts(wrong):
    with pytest.raises(ParameterError):
        given = {"inputs": ["a"], "outputs": ["c"]} | wrong
        call = {
            k: given.pop(k) for k in ("super_efficiency", "reference") if k in given
        }
        dea(RANDOM, DeaModel(**given), **call)


def test_the_solver_prints_nothing(capfd):
    dea(
        pd.DataFrame({"x": [1.0, 2.0, 4.0], "y": [1.0, 3.0, 2.0]}),
        DeaModel(inputs=["x"], outputs=["y"], returns_to_scale="constant"),
    )
    assert capfd.readouterr() == ("", "")
