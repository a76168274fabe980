"""Envelopment: published scores, properties, a second solver."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import linprog

from jinzhou.errors import ParameterError
from jinzhou.models import dea

PUBLISHED = Path(__file__).parents[1] / "published"


def units(x, y):
    frame = pd.DataFrame(np.column_stack([x, y]).astype(float))
    frame.columns = [f"x{i}" for i in range(np.asarray(x).reshape(len(frame), -1).shape[1])] + ["y"]
    return frame, [c for c in frame if c != "y"]


def test_deap_2_1_guide_example_1():
    frame, x = units([(2, 5), (2, 4), (6, 6), (3, 2), (6, 2)], [1, 2, 3, 1, 2])
    found = dea(frame, inputs=x, outputs=["y"])
    assert_allclose(found.scores["score"], [0.5, 1, 0.833, 0.714, 1], atol=5e-4)
    assert_allclose(found.slacks.loc[0], [0, 0.5, 0], atol=1e-6)
    assert found.peers.groupby("unit")["peer"].agg(list).to_dict() == {0: [1], 1: [1], 2: [1, 4], 3: [1, 4], 4: [4]}


def test_deap_2_1_guide_example_2():
    frame, x = units([2, 4, 3, 5, 6], [1, 2, 3, 4, 5])
    assert_allclose(dea(frame, inputs=x, outputs=["y"]).scores["score"], [0.5, 0.5, 1, 0.8, 0.833], atol=5e-4)
    assert_allclose(dea(frame, inputs=x, outputs=["y"], returns="variable").scores["score"], [1, 0.625, 1, 0.9, 1], atol=5e-4)


def test_program_follow_through_of_charnes_cooper_rhodes_1981():
    frame = pd.read_csv(PUBLISHED / "charnes_1981.csv", index_col="unit")
    x, y = [f"x{i}" for i in range(1, 6)], ["y1", "y2", "y3"]
    pft, nft = (dea(frame[frame["program"] == p], inputs=x, outputs=y).scores["score"] for p in ("PFT", "NFT"))
    assert ((pft > 1 - 1e-6).sum(), (nft > 1 - 1e-6).sum()) == (17, 8)
    assert_allclose([pft.mean(), nft.mean()], [0.944803, 0.958195], atol=1e-6)
    assert_allclose(pft.iloc[:8], [1, 0.90, 0.99, 0.90, 1, 0.91, 0.89, 0.91], atol=0.0051)
    pooled = dea(frame, inputs=x, outputs=y)
    assert_allclose(pooled.scores["score"].mean(), 0.937765, atol=1e-6)
    assert_allclose(dea(frame, inputs=x, outputs=y, returns="variable").scores["score"].mean(), 0.953431, atol=1e-6)
    assert_allclose(dea(frame, inputs=x, outputs=y, returns="variable", orientation="output").scores["score"].mean(), 1.05278, atol=1e-5)


RANDOM = pd.DataFrame(np.random.default_rng(1).uniform(1, 10, (40, 4)), columns=list("abcd"))
WAYS = [(o, r) for o in ("input", "output") for r in ("constant", "variable")]


@pytest.mark.parametrize(("orientation", "returns"), WAYS)
def test_a_second_solver_agrees(orientation, returns):
    found = dea(RANDOM, inputs=["a", "b"], outputs=["c", "d"], orientation=orientation, returns=returns).scores["score"]
    X, Y, n = RANDOM[["a", "b"]].to_numpy(), RANDOM[["c", "d"]].to_numpy(), len(RANDOM)
    for o in range(0, n, 7):
        first = np.concatenate([[0.0] * 2, -Y[o]]) if orientation == "output" else np.concatenate([-X[o], [0.0] * 2])
        A = np.column_stack([first if orientation == "input" else np.concatenate([[0, 0], Y[o]]), np.vstack([X.T, -Y.T])])
        b = np.concatenate([X[o], [0, 0]]) if orientation == "output" else np.concatenate([[0, 0], -Y[o]])
        c = np.zeros(n + 1)
        c[0] = -1 if orientation == "output" else 1
        equal = dict(A_eq=np.concatenate([[0], np.ones(n)])[None], b_eq=[1]) if returns == "variable" else {}
        assert_allclose(found.iloc[o], linprog(c, A_ub=A, b_ub=b, **equal).x[0], atol=1e-7)


@pytest.mark.parametrize(("orientation", "returns"), WAYS)
def test_units_of_measurement_do_not_matter(orientation, returns):
    one = dea(RANDOM, inputs=["a", "b"], outputs=["c", "d"], orientation=orientation, returns=returns)
    scale = pd.Series({"a": 1e9, "b": 1e-3, "c": 1e6, "d": 1e-6})
    two = dea(RANDOM * scale, inputs=["a", "b"], outputs=["c", "d"], orientation=orientation, returns=returns)
    assert_allclose(one.scores["score"], two.scores["score"], rtol=1e-7)
    assert_allclose(one.slacks * scale, two.slacks, rtol=1e-4, atol=1e-3)


def test_order_of_rows_does_not_matter_and_conventions_hold():
    shuffled = RANDOM.sample(frac=1, random_state=2)
    for orientation, returns in WAYS:
        kw = dict(inputs=["a", "b"], outputs=["c", "d"], orientation=orientation, returns=returns)
        one, two = dea(RANDOM, **kw).scores, dea(shuffled, **kw).scores
        assert_allclose(one["score"], two["score"].reindex(one.index), rtol=1e-7)
        assert (one["score"] <= 1 + 1e-7).all() if orientation == "input" else (one["score"] >= 1 - 1e-7).all()
    ccr_in, ccr_out = (dea(RANDOM, inputs=["a", "b"], outputs=["c", "d"], orientation=o).scores for o in ("input", "output"))
    assert_allclose(ccr_in["score"], ccr_out["reciprocal"], rtol=1e-7)
    bcc = dea(RANDOM, inputs=["a", "b"], outputs=["c", "d"], returns="variable")
    assert (ccr_in["score"] <= bcc.scores["score"] + 1e-9).all()
    assert set(bcc.scores.loc[bcc.peers["peer"], "status"]) == {"efficient"}
    assert (bcc.targets[["a", "b"]] <= RANDOM[["a", "b"]] + 1e-6).all(axis=None)
    assert (bcc.targets[["c", "d"]] >= RANDOM[["c", "d"]] - 1e-6).all(axis=None)


def test_rows_that_cannot_be_compared_are_counted_by_reason():
    frame = pd.DataFrame({"x": [1, 2, np.nan, -1, 0, 3], "y": [1, 1, 1, 1, 1, 0.0]})
    found = dea(frame, inputs=["x"], outputs=["y"])
    assert found.dropped.to_dict() == {"missing value": 1, "negative value": 1, "no input": 1, "no output": 1}
    assert found.n + found.dropped.sum() == len(frame) and not found.enough


def test_a_zero_among_several_inputs_is_a_value():
    frame = pd.DataFrame({"a": [0.0, 1, 2], "b": [2.0, 1, 2], "y": [1.0, 1, 1]})
    found = dea(frame, inputs=["a", "b"], outputs=["y"]).scores
    assert found["status"].tolist() == ["efficient", "efficient", "inefficient"]


@pytest.mark.parametrize("wrong", [
    {"orientation": "sideways"}, {"returns": "vrs"}, {"inputs": []}, {"disposal": "free"}, {"inputs": ["nothing"]}, {"fixed": ["d"]}, {"inputs": ["a", "c"]},
    {"super_efficiency": True, "reference": RANDOM}, {"reference": RANDOM[["a"]]}, {"reference": -RANDOM}, {"restrictions": {("a", "c"): (1, 2)}},
    {"restrictions": {("a", "b"): (2, 1)}, "inputs": ["a", "b"]}, {"restrictions": {("a", "b"): (1, 2)}, "inputs": ["a", "b"], "returns": "fdh"}, {"fixed": ["a"]}, {"disposal": "weak", "returns": "fdh"}])
def test_dea_lists_what_it_accepts(wrong):
    with pytest.raises(ParameterError):
        dea(RANDOM, **({"inputs": ["a"], "outputs": ["c"]} | wrong))
    with pytest.raises(ParameterError, match="重复"):
        dea(RANDOM.set_axis([0] * len(RANDOM)), inputs=["a"], outputs=["c"])


def test_the_solver_prints_nothing(capfd):
    dea(pd.DataFrame({"x": [1.0, 2.0, 4.0], "y": [1.0, 3.0, 2.0]}), inputs=["x"], outputs=["y"])
    assert capfd.readouterr() == ("", "")
