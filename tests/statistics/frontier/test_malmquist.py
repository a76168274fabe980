"""Change between periods."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from frontier_study import shift_study, shift_world
from numpy.testing import assert_allclose

from jinzhou.errors import ParameterError
from jinzhou.statistics.frontier.dea import dea
from jinzhou.statistics.frontier.malmquist import malmquist
from jinzhou.statistics.frontier.model import DeaModel

RNG = np.random.default_rng(6)
FIRST = pd.DataFrame(RNG.uniform(1, 10, (25, 3)), columns=["x", "z", "y"])
KW = dict(inputs=["x", "z"], outputs=["y"])
OF = dict(unit="town", period="year")
CONSTANT = DeaModel(**KW, returns_to_scale="constant")
WAYS = [(o, f) for o in ("input", "output") for f in ("contemporaneous", "global")]


def panel(*frames):
    return pd.concat(
        [
            f.assign(town=[f"镇{i}" for i in f.index], year=2015 + k)
            for k, f in enumerate(frames)
        ],
        ignore_index=True,
    )


@pytest.mark.parametrize(("orientation", "frontier"), WAYS)
def test_a_frontier_that_moves_by_a_tenth_is_technical_change_of_a_tenth(
    orientation, frontier
):
    found = malmquist(
        panel(FIRST, FIRST.assign(y=FIRST["y"] * 1.1)),
        replace(CONSTANT, orientation=orientation),
        **OF,
        frontier=frontier,
    ).changes
    assert_allclose(found["index"], 1.1)
    assert_allclose(found["efficiency"], 1.0)
    assert_allclose(found["technical"], 1.1)


@pytest.mark.parametrize("returns", ["constant", "variable"])
@pytest.mark.parametrize(("orientation", "frontier"), WAYS)
def test_the_parts_multiply_to_the_index(orientation, frontier, returns):
    later = FIRST * RNG.uniform(0.8, 1.2, FIRST.shape)
    found = malmquist(
        panel(FIRST, later),
        DeaModel(orientation=orientation, returns_to_scale=returns, **KW),
        **OF,
        frontier=frontier,
    )
    good = found.changes[found.changes["status"] == "compared"]
    assert_allclose(good["efficiency"] * good["technical"], good["index"])
    assert_allclose(good["pure"] * good["scale"], good["efficiency"])
    assert (
        len(good) == found.means["units"].iloc[0]
        and len(found.changes) == len(good) + found.means["left_out"].iloc[0]
    )
    assert_allclose(found.means["index"].iloc[0], np.exp(np.log(good["index"]).mean()))
    assert (
        frontier == "contemporaneous" or found.means["left_out"].iloc[0] == 0
    )  # a global frontier always has an answer


def test_index_from_its_definition():
    later = FIRST * RNG.uniform(0.8, 1.2, FIRST.shape)
    found = malmquist(panel(FIRST, later), CONSTANT, **OF).changes
    e = lambda rows, reference: (
        dea(
            rows,
            DeaModel(inputs=["x", "z"], outputs=["y"], returns_to_scale="constant"),
            reference=reference,
        )
        .scores["score"]
        .to_numpy()
    )
    assert_allclose(
        found.sort_values("town", key=lambda s: s.str[1:].astype(int))["index"],
        np.sqrt(e(later, FIRST) / e(FIRST, FIRST) * e(later, later) / e(FIRST, later)),
    )


def test_global_index_is_circular():
    frames = [FIRST * RNG.uniform(0.8, 1.2, FIRST.shape) for _ in range(3)]
    steps = malmquist(panel(*frames), CONSTANT, **OF, frontier="global")
    chained = steps.changes.pivot(index="town", columns="before", values="index").prod(
        axis=1
    )
    frame = panel(*frames)
    pooled = frame.set_index(["year", "town"])
    first, last = (
        dea(
            pooled.loc[year],
            DeaModel(inputs=["x", "z"], outputs=["y"], returns_to_scale="constant"),
            reference=pooled,
        ).scores["score"]
        for year in (2015, 2017)
    )
    assert_allclose(chained, (last / first).reindex(chained.index))


def test_infeasible_scores_and_single_periods_have_a_status():
    first = pd.DataFrame(
        {"x": [2.0, 3, 4, 5], "z": 1.0, "y": [2.0, 3, 4, 5]}, index=list("abcd")
    )
    later = pd.DataFrame(
        {"x": [1.0, 3, 4, np.nan], "z": 1.0, "y": [9.0, 3, 4, 5]}, index=list("abce")
    )
    found = malmquist(panel(first, later), DeaModel(**KW), **OF)
    by = found.changes.set_index("town")
    assert (
        by.loc["镇a", "status"] == "infeasible"
        and by.loc["镇b", "status"] == "compared"
    )
    assert by.loc["镇d", "status"] == by.loc["镇e", "status"] == "one period"
    assert found.excluded.to_dict() == {(2016, "镇e"): "missing value"}
    assert "left out" in found.summary()


def test_a_change_that_cannot_be_told_is_a_status():
    one = malmquist(panel(FIRST), CONSTANT, **OF)
    assert (
        one.status == "one period"
        and one.changes.empty
        and one.means.empty
        and "one period" in one.summary()
    )
    none = malmquist(
        panel(FIRST, FIRST.assign(x=np.nan)),
        CONSTANT,
        **OF,
    )
    assert (
        none.status == "nobody compared"
        and none.means["units"].tolist() == [0]
        and "nobody" in none.summary()
    )
    few = malmquist(
        panel(FIRST.head(5), FIRST.head(5)),
        CONSTANT,
        **OF,
        groups=2,
    )
    assert (
        few.status == "too few units"
        and few.means.filter(like="_low").isna().all(axis=None)
        and "not informative" in few.summary()
    )
    assert malmquist(panel(FIRST, FIRST), CONSTANT, **OF).status == "compared"


def test_intervals_of_the_means_hold_the_error_of_the_frontier():
    """One technology in both periods: the spread of the units alone held a shift of nothing in a third of such panels."""
    found = shift_study(20)
    assert (
        min(found["technical"], found["efficiency"], found["index"]) >= 16 / 20
        and found["spread alone"] <= 0.6
    )
    frame = shift_world(3)
    one, again = (
        malmquist(
            rows,
            DeaModel(
                inputs=["a", "b", "c"],
                outputs=["y"],
                orientation="output",
                returns_to_scale="constant",
            ),
            unit="unit",
            period="period",
            groups=10,
        ).means
        for rows in (frame, frame.sample(frac=1, random_state=1))
    )
    pd.testing.assert_frame_equal(one, again, rtol=1e-9)
    assert (one["technical_ci_low"] < one["technical"]).all() and (
        one["technical"] < one["technical_ci_high"]
    ).all()


def test_what_malmquist_refuses():
    with pytest.raises(ParameterError, match="镇0"):
        malmquist(
            pd.concat([panel(FIRST, FIRST)] * 2),
            CONSTANT,
            **OF,
        )
    with pytest.raises(ParameterError, match="没有这些列"):
        malmquist(
            panel(FIRST, FIRST),
            CONSTANT,
            **OF | {"unit": "village"},
        )
    with pytest.raises(ParameterError, match="没有单元名称或时期"):
        malmquist(
            panel(FIRST, FIRST).assign(year=[np.nan] + [2015] * 49),
            CONSTANT,
            **OF,
        )
    for wrong in (
        {"frontier": "sequential"},
        {"groups": 1},
        {"groups": -1},
        {"level": 95},
    ):
        with pytest.raises(ParameterError):
            malmquist(panel(FIRST, FIRST), CONSTANT, **OF, **wrong)
    for wrong in ({"returns_to_scale": "fdh"}, {"orientation": "graph"}):
        with pytest.raises(ParameterError):
            malmquist(panel(FIRST, FIRST), replace(CONSTANT, **wrong), **OF)
