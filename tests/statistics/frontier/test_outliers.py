"""Partial frontiers and peers left out."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from jinzhou.errors import ParameterError
from jinzhou.statistics.frontier.dea import dea
from jinzhou.statistics.frontier.model import DeaModel
from jinzhou.statistics.frontier.outliers import leave_one_out, order_m

RNG = np.random.default_rng(3)
UNITS = pd.DataFrame({"x": RNG.uniform(1, 10, 80), "z": RNG.uniform(1, 10, 80)}).assign(
    y=lambda f: np.sqrt(f["x"] * f["z"]) * np.exp(-RNG.exponential(0.2, 80))
)
WRONG = UNITS.assign(
    y=UNITS["y"].where(UNITS.index != 7, UNITS["y"] * 10)
)  # one cipher too many
KW = dict(inputs=["x", "z"], outputs=["y"])


@pytest.mark.parametrize("orientation", ["input", "output"])
def test_order_m_is_the_mean_over_draws(orientation):
    found = order_m(
        UNITS, DeaModel(orientation=orientation, **KW), sizes=(1, 20)
    ).scores
    X, Y, rng = (
        UNITS[["x", "z"]].to_numpy(),
        UNITS[["y"]].to_numpy(),
        np.random.default_rng(0),
    )
    for o in (1, 3, 11):
        others = np.arange(80) != o
        if orientation == "input":
            ratio = (X[others & (Y >= Y[o]).all(axis=1)] / X[o]).max(axis=1)
            draws = rng.choice(ratio, (40_000, 20)).min(axis=1)
        else:
            ratio = (Y[others & (X <= X[o]).all(axis=1)] / Y[o]).min(axis=1)
            draws = rng.choice(ratio, (40_000, 20)).max(axis=1)
        assert found["comparable"][o] == len(ratio)
        assert_allclose(found[1][o], ratio.mean())
        assert_allclose(found[20][o], draws.mean(), atol=5 * draws.std() / 200 + 1e-12)


def test_order_m_becomes_the_free_disposal_hull():
    for orientation in ("input", "output"):
        found = order_m(
            UNITS, DeaModel(orientation=orientation, **KW), sizes=(100_000,)
        ).scores
        alone = dea(
            UNITS,
            DeaModel(returns_to_scale="fdh", orientation=orientation, **KW),
            super_efficiency=True,
        ).scores
        assert_allclose(found[100_000], alone["score"], atol=1e-6)
        assert (
            (found["status"] == "no comparable unit")
            == (alone["status"] == "infeasible")
        ).all()


def test_a_wrong_number_stands_out():
    partial = order_m(WRONG, DeaModel(orientation="output", **KW), sizes=(10, 40))
    assert partial.scores[40].idxmin() == 7 and partial.scores[40][7] < 0.5
    first = leave_one_out(WRONG, DeaModel(**KW)).peers
    assert (
        first.index[0] == 7
        and first["mean_change"].iloc[0] > 5 * first["mean_change"].iloc[1]
    )


@pytest.mark.parametrize("orientation", ["input", "output"])
def test_leaving_a_peer_out_is_scoring_without_it(orientation):
    found = leave_one_out(UNITS, DeaModel(orientation=orientation, **KW))
    plain = dea(
        UNITS, DeaModel(returns_to_scale="variable", orientation=orientation, **KW)
    ).scores["score"]
    for peer in found.peers.index[:3]:
        rest = UNITS.drop(index=peer)
        without = dea(
            rest, DeaModel(returns_to_scale="variable", orientation=orientation, **KW)
        ).scores["score"]
        change = (without - plain.drop(index=peer)).abs()
        assert_allclose(
            found.peers.loc[peer, ["mean_change", "largest_change"]].astype(float),
            [change.mean(), change.max()],
            atol=1e-9,
        )
        assert found.peers.loc[peer, "unit"] == change.idxmax()


def test_outliers_refuse_what_they_cannot_do():
    with pytest.raises(ParameterError, match="正整数"):
        order_m(UNITS, DeaModel(**KW), sizes=(0,))
    with pytest.raises(ParameterError):
        leave_one_out(UNITS, DeaModel(returns_to_scale="fdh", **KW))
    assert "No unit" in leave_one_out(UNITS.iloc[:1], DeaModel(**KW)).summary()
    assert order_m(
        UNITS.assign(x=[np.nan, *UNITS["x"][1:]]), DeaModel(**KW)
    ).excluded.to_dict() == {0: "missing value"}
