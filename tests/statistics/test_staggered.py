"""Early units against later ones: known effects, placebo periods, answers that refuse."""

import numpy as np
import pandas as pd
import pytest
from illness_studies import staggered_study
from numpy.testing import assert_allclose

from jinzhou.statistics.staggered import staggered_did


def did(data: pd.DataFrame, **options):
    return staggered_did(
        data, unit="county", period="quarter", outcome="value", **options
    )


def rows(
    starts: dict[str, float | None],
    effect: float = -1.0,
    periods: int = 10,
    noise: float = 0.0,
    seed: int = 5,
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    made = []
    for k, (place, start) in enumerate(starts.items()):
        for t in range(periods):
            made.append(
                (
                    place,
                    t,
                    k
                    + 0.3 * t
                    + (effect if start is not None and t >= start else 0.0)
                    + noise * rng.normal(),
                )
            )
    return pd.DataFrame(made, columns=["county", "quarter", "value"])


STARTS = (
    {f"a{i}": 4 for i in range(4)}
    | {f"b{i}": 7 for i in range(4)}
    | {f"n{i}": None for i in range(4)}
)


def test_group_time_effects_without_noise_are_exact():
    found = did(rows(STARTS), starts=STARTS)
    assert_allclose(found.effect, -1.0)
    assert_allclose(
        found.groups.loc[found.groups["period"] >= found.groups["start"], "effect"],
        -1.0,
    )
    assert_allclose(found.events.loc[found.events.index < 0, "effect"], 0.0, atol=1e-12)
    assert_allclose(found.before, 0.0, atol=1e-12)


def test_effects_that_grow_are_not_averaged_away():
    """Early places are no comparison for late ones where effects grow."""
    growing = rows(STARTS, effect=0.0)
    start = growing["county"].map(STARTS).astype(float)
    growing["value"] += np.where(
        growing["quarter"] >= start, -(growing["quarter"] - start + 1.0), 0.0
    )
    found = did(growing, starts=STARTS)
    assert_allclose(
        found.events.loc[found.events.index >= 0, "effect"],
        -(found.events.index[found.events.index >= 0] + 1.0),
    )
    dummies = pd.get_dummies(
        growing[["county", "quarter"]].astype(str), drop_first=True, dtype=float
    ).assign(one=1.0, treated=(growing["quarter"] >= start).astype(float))
    two_way = np.linalg.lstsq(
        dummies.to_numpy(), growing["value"].to_numpy(), rcond=None
    )[0][-1]
    assert abs(two_way - found.effect) > 0.4


@pytest.mark.parametrize(
    ("starts", "reason"),
    [
        (dict.fromkeys(STARTS, 4), "all places began together"),
        (dict.fromkeys(STARTS, None), "no place began inside the data"),
        (dict.fromkeys(STARTS, 0), "no place began inside the data"),
        ({**dict.fromkeys(STARTS, 4), "n3": None}, "too few places to compare"),
    ],
)
def test_no_variation_is_answered_with_the_reason(starts, reason):
    found = did(rows(starts), starts=starts)
    assert (found.status, found.reason) == ("not identified", reason) and np.isnan(
        found.effect
    )


def test_places_not_used_are_counted():
    early = {**STARTS, "a0": 0}
    data = rows(early)
    data = data[~((data["county"] == "b0") & (data["quarter"] == 3))]
    found = did(data, starts=early)
    assert found.left_out.to_dict() == {
        "a period without a value": 1,
        "began before the data do": 1,
    }
    assert did(rows({"a": 4}), starts={"a": 4}).reason == "only one place"
    few = did(rows(STARTS), starts=STARTS, cluster={k: k[0] for k in STARTS})
    assert (few.status, few.reason) == ("not identified", "too few clusters")


def test_intervals_hold_the_effect_in_small_and_placebos_are_quiet():
    """The full study, 200 replications, is printed by `make bench`."""
    found = staggered_study(range(25))
    assert (
        found["interval"] >= 0.84
        and found["placebo_periods"] <= 0.16
        and found["placebo_date"] <= 0.16
    )


def test_no_bill_at_all_is_no_comparison():
    nothing = pd.DataFrame(
        {
            "unit": pd.Series(dtype=str),
            "period": pd.Series(dtype=int),
            "outcome": pd.Series(dtype=float),
        }
    )
    found = staggered_did(
        nothing, unit="unit", period="period", outcome="outcome", starts={}
    )
    assert found.status == "not identified" and found.clusters == 0
