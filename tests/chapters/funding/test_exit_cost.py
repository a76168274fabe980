"""Cost per exit and per lasting exit, and the ranks that intervals allow."""

import numpy as np
import pandas as pd
import pytest

from jinzhou import registry
from jinzhou.chapters.funding.analysis.exit_cost import (
    cost_per_exit,
    expected_lasting,
)
from jinzhou.chapters.funding.analysis.ranking import rank_ranges
from tests.snapshots import query, snapshot


def exits(
    states, *, seen=None, persons=2, towns="uvwxyz", counted=True
) -> pd.DataFrame:
    months = {"lasting": 24, "returned": 5, "not yet known": 10, "left": 3}
    return pd.DataFrame(
        {
            "county": "a",
            "town": list(towns)[: len(states)],
            "persons": persons,
            "counted": counted,
            "state": states,
            "months_seen": seen or [months[s] for s in states],
        }
    )


SPENT = pd.DataFrame({"county": "a", "town": list("uvwxyz"), "yuan": [100.0] * 6})


def test_cost_per_exit_and_per_lasting_exit():
    found = cost_per_exit(
        SPENT,
        exits(["lasting", "lasting", "lasting", "returned", "lasting", "lasting"]),
    ).costs.loc["a"]
    assert found["cost_per_exit"] == pytest.approx(50) and found[
        "lasting_share"
    ] == pytest.approx(5 / 6)
    assert (
        found["cost_per_lasting"] == pytest.approx(60)
        and found["cost_ci_low"] <= 50 <= found["cost_ci_high"]
    )
    assert (
        found[["lasting", "returned", "unknown"]].tolist() == [10, 2, 0]
        and found["status"] == "shown"
    )


def test_an_exit_too_young_to_tell_is_never_lasting():
    """It counts for the months for which it was seen: a return in month 5 of three at risk, then one left at risk."""
    found = cost_per_exit(
        SPENT, exits(["lasting", "returned", "not yet known"])
    ).costs.loc["a"]
    assert found[["lasting", "returned", "unknown"]].tolist() == [2, 2, 2] and found[
        "lasting_share"
    ] == pytest.approx(2 / 3)
    young = cost_per_exit(SPENT, exits(["not yet known"] * 6)).costs.loc["a"]
    assert (
        young["status"] == "not known"
        and np.isnan(young["cost_per_lasting"])
        and young["cost_per_exit"] == pytest.approx(50)
        and young["lasting"] == 0
    )


def test_groups_without_exits_money_or_places_say_so():
    found = cost_per_exit(SPENT, exits(["lasting"], towns="u"), groups=["b"]).costs
    assert found.loc["b", "status"] == "no exits" and np.isnan(
        found.loc["b", "cost_per_exit"]
    )
    alone = cost_per_exit(SPENT.head(1), exits(["lasting"], towns="u")).costs.loc["a"]
    assert (
        alone["status"] == "no interval"
        and alone["cost_per_lasting"] == pytest.approx(50)
        and np.isnan(alone["cost_ci_low"])
    )
    free = cost_per_exit(
        SPENT.assign(yuan=0.0), exits(["lasting"], towns="u")
    ).costs.loc["a"]
    assert free["status"] == "nothing spent" and np.isnan(free["cost_per_exit"])


def test_money_unit_only_scales_the_cost():
    rows = exits(
        ["lasting", "lasting", "lasting", "returned", "lasting", "not yet known"]
    )
    one, two = (
        cost_per_exit(SPENT.assign(yuan=SPENT["yuan"] * k), rows).costs
        for k in (1, 10_000)
    )
    money = [
        "cost_per_exit",
        "cost_ci_low",
        "cost_ci_high",
        "cost_per_lasting",
        "lasting_ci_low",
        "lasting_ci_high",
    ]
    np.testing.assert_allclose(two[money], 10_000 * one[money])


def test_cost_interval_covers_when_townships_differ():
    rng = np.random.default_rng(5)
    inside = 0
    for _ in range(100):
        n = rng.poisson(40, 12) + 1
        spent = pd.DataFrame(
            {
                "county": "a",
                "town": range(12),
                "yuan": 50.0 * n * rng.lognormal(0, 0.4, 12),
            }
        )
        rows = pd.DataFrame(
            {
                "county": "a",
                "town": np.repeat(range(12), n),
                "persons": 1,
                "counted": True,
            }
        )
        back = rng.random(len(rows)) < 0.1
        rows = rows.assign(
            state=np.where(back, "returned", "lasting"),
            months_seen=np.where(back, 6, 24),
        )
        row = cost_per_exit(spent, rows).costs.loc["a"]
        inside += (
            row["lasting_ci_low"] <= 50 * np.exp(0.08) / 0.9 <= row["lasting_ci_high"]
        )
    assert 0.88 <= inside / 100 <= 1.0


def test_the_chance_of_lasting_is_an_expectation():
    past = exits(["lasting", "lasting", "lasting", "returned"], seen=[24, 24, 24, 12])
    rows = pd.DataFrame(
        {
            "state": ["lasting", "returned", None, "not yet known", "not yet known"],
            "months_seen": [24, 3, np.nan, 6, 20],
        }
    )
    assert expected_lasting(rows, past).tolist() == pytest.approx([1, 0, 0, 0.75, 1])


def test_ranks_are_shown_only_where_intervals_part():
    frame = pd.DataFrame(
        {
            "v": [1.0, 1.1, 5.0, 2.0],
            "l": [0.9, 1.0, 4.0, np.nan],
            "h": [1.2, 1.3, 6.0, np.nan],
        },
        index=list("abcd"),
    )
    rows = rank_ranges(frame, value="v", ci_low="l", ci_high="h").rows
    assert rows.loc[["a", "b", "c"], ["first", "last"]].to_numpy().tolist() == [
        [1, 2],
        [1, 2],
        [3, 3],
    ]
    assert rows["status"].to_dict() == {
        "a": "ranked",
        "b": "ranked",
        "c": "ranked",
        "d": "no interval",
    }
    same = rank_ranges(frame.head(2), value="v", ci_low="l", ci_high="h").rows
    assert (same["status"] == "not separated").all()


def test_one_definition_of_a_lasting_exit(store):
    """Exits younger than 24 months are not yet known everywhere; townships count none of them as lasting."""
    now, since = snapshot(store, "2018-09-30"), "2015-12-31"
    rows = registry.exits(now, since=since)
    young = rows["happened_on"] + pd.DateOffset(months=24) > pd.Timestamp("2018-09-30")
    assert (
        young.any()
        and rows.loc[young, "lasting"].fillna(False).sum() == 0
        and set(rows.loc[young, "state"]) <= {"not yet known", "returned", "left"}
    )
    assert (
        rows["lasting"].isna() == rows["state"].isin(["not yet known", "left"])
    ).all()
    units = registry.townships(now, registry.cohort(now, since=since), since=since)
    lasting = (
        rows[
            rows["state"].eq("lasting")
            & (rows["happened_on"] + pd.DateOffset(months=24) > "2015-12-31")
        ]
        .groupby("town")["persons"]
        .sum()
    )
    assert units["lasting"].sum() == lasting.reindex(units.index).sum() > 0
    assert (units["lasting"] + units["unknown"]).sum() < rows["persons"].sum()


def test_a_return_on_the_very_day_undoes_the_exit(store):
    """By hand over the ledger: a return up to and on the last day of the 24 months."""
    rows = registry.exits(snapshot(store, "2018-09-30"), since="2015-12-31")
    events = query(
        snapshot(store, "2018-09-30"),
        "select household_id, kind, happened_on::timestamp as day from event where person_id is null",
    )
    back = (
        events[events["kind"].isin(["returned", "reverted"])]
        .groupby("household_id")["day"]
        .apply(list)
    )
    for row in rows.itertuples():
        days = [d for d in back.get(row.household_id, []) if d > row.happened_on]
        undone = any(d <= row.happened_on + pd.DateOffset(months=24) for d in days)
        assert (row.state == "returned") == undone
