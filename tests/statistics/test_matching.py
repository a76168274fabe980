"""Like with like: exact balance, a known effect, coverage, and what nobody recorded."""

import gain_studies
import numpy as np
import pandas as pd
import pytest

from jinzhou import registry
from jinzhou.chapters.funding.analysis.exit_cost import expected_lasting
from jinzhou.errors import ParameterError
from jinzhou.statistics.comparison import e_value
from jinzhou.statistics.matching import (
    compare_kinds,
    compare_units,
    income_per_yuan,
)
from jinzhou.statistics.overlap import overlap_means
from jinzhou.synthetic import build
from tests.snapshots import snapshot


def households(
    seed: int, *, n: int = 1_500, effect: float = 0.10, hidden: float = 0.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sicker households are helped more and leave less; help adds `effect` to each household's chance."""
    rng = np.random.default_rng(seed)
    place = rng.integers(0, 60, n)
    ill, margin, u = (
        rng.poisson(0.6, n).astype(float),
        rng.normal(0, 0.4, n),
        rng.normal(0, 1, n),
    )
    taken = rng.random(n) < 1 / (
        1 + np.exp(0.8 - 0.8 * ill + 0.5 * margin - hidden * u)
    )
    chance = np.clip(
        0.45
        - 0.08 * ill
        + 0.25 * margin
        + 0.03 * (place % 5 - 2)
        + 0.08 * hidden * u
        + effect * taken,
        0.01,
        0.99,
    )
    rows = pd.DataFrame(
        {
            "household_id": np.arange(n).astype(str),
            "day": pd.Timestamp("2016-09-30"),
            "persons": rng.integers(1, 5, n).astype(float),
            "area_code": place,
            "ill": ill,
            "margin": margin,
            "lasting": (rng.random(n) < chance).astype(float),
        }
    )
    helped = rows.loc[taken, ["household_id", "day"]].assign(
        project_type="industry", yuan=rows.loc[taken, "persons"] * 1_000.0
    )
    return rows, helped


def test_weights_make_both_sides_alike_exactly():
    rows, helped = households(1)
    found = compare_kinds(rows, helped, covariates=["ill", "margin"])
    assert (
        found.balance["before"].abs().max() > 0.3
        and found.balance["after"].abs().max() < 1e-6
    )


def test_a_known_effect_is_recovered_where_the_raw_difference_is_wrong():
    raw, like, inside, dear = [], [], 0, 0
    for seed in range(60):
        row = compare_kinds(*households(seed), covariates=["ill", "margin"]).rows.loc[
            "industry"
        ]
        raw.append(row["raw"] - row["raw_rest"])
        like.append(row["effect"])
        inside += row["effect_ci_low"] <= 0.10 <= row["effect_ci_high"]
        dear += (
            not np.isfinite(row["extra_ci_high"])
            or row["extra_ci_low"] <= 1_000 / 0.10 <= row["extra_ci_high"]
        )
    assert (
        np.mean(like) == pytest.approx(0.10, abs=0.01)
        and abs(np.mean(raw) - 0.10) > 0.03
    )
    assert inside >= 53 and dear >= 53


def test_no_effect_has_no_upper_end_and_is_called_real_rarely():
    found = [
        compare_kinds(
            *households(100 + seed, effect=0.0), covariates=["ill", "margin"]
        ).rows.loc["industry"]
        for seed in range(60)
    ]
    assert sum(row["status"] == "separated" for row in found) <= 7
    plain = next(
        row for row in found if row["effect_ci_low"] < 0 < row["effect_ci_high"]
    )
    assert (
        np.isnan(plain["extra_ci_high"])
        and plain["e_limit"] == 1
        and plain["status"] == "not separated"
    )


def test_what_nobody_recorded_biases_and_the_e_value_says_how_little_it_needs():
    rows = [
        compare_kinds(
            *households(200 + seed, effect=0.0, hidden=0.8),
            covariates=["ill", "margin"],
        ).rows.loc["industry"]
        for seed in range(10)
    ]
    assert (
        np.mean([r["effect"] for r in rows]) > 0.02
        and max(r["e_value"] for r in rows) < 2.5
    )


def test_e_value_of_the_published_example():
    """VanderWeele and Ding (2017): a risk ratio of 3.9 asks for 7.26, its limit 1.8 for 3.0; below 1 the ratio is turned over."""
    assert e_value(3.9) == pytest.approx(7.26, abs=0.005) and e_value(
        1.8
    ) == pytest.approx(3.0, abs=0.01)
    assert (
        e_value(1 / 3.9) == pytest.approx(e_value(3.9))
        and e_value(1.0) == 1
        and np.isnan(e_value(0.0))
    )


def units(seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = 4_000
    town = rng.integers(0, 40, n)
    county = np.array(["a", "b", "c", "d"])[town // 10]
    ill = rng.poisson(np.where(county == "a", 1.5, 0.4)).astype(float)
    money = np.where(county == "d", 2.0, 1.0) * (1 + 0.2 * (town % 10 - 4.5) / 4.5)
    chance = np.clip(0.6 - 0.15 * ill, 0.05, 1)
    return pd.DataFrame(
        {
            "county": county,
            "town": town,
            "persons": 1.0,
            "ill": ill,
            "yuan": money,
            "lasting": (rng.random(n) < chance).astype(float),
        }
    )


def test_a_county_with_sicker_households_is_not_dear_like_with_like():
    frame = units()
    found = compare_units(
        frame[frame["county"] != "d"], by="county", covariates=["ill"]
    ).rows.loc["a"]
    assert (
        found["cost_ratio_raw"] > 1.2
        and found["cost_ci_low"] < 1 < found["cost_ci_high"]
        and found["status"] == "not separated"
    )
    dear = compare_units(frame, by="county", covariates=["ill"]).rows.loc["d"]
    assert dear["status"] == "separated" and dear["cost_ratio"] == pytest.approx(
        2.0, rel=0.15
    )


def test_money_unit_and_order_of_rows_do_not_matter():
    frame = units()
    one = compare_units(frame, by="county", covariates=["ill"]).rows
    other = compare_units(
        frame.assign(yuan=frame["yuan"] * 1e4).sample(frac=1, random_state=1),
        by="county",
        covariates=["ill"],
    ).rows
    np.testing.assert_allclose(
        other[["cost_ratio", "cost_ci_low", "cost_ci_high"]],
        one[["cost_ratio", "cost_ci_low", "cost_ci_high"]],
        rtol=1e-6,
    )
    np.testing.assert_allclose(
        other["cost_adjusted"], one["cost_adjusted"] * 1e4, rtol=1e-6
    )


def test_units_without_an_answer_say_why():
    frame = units()
    few = compare_units(
        frame[(frame["county"] != "a") | (frame["town"] < 2)],
        by="county",
        covariates=["ill"],
    ).rows
    assert (
        few.loc["a", "status"] == "no interval"
        and np.isnan(few.loc["a", "cost_ci_low"])
        and np.isfinite(few.loc["a", "cost_ratio"])
    )
    alone = compare_units(
        frame[frame["county"] == "a"], by="county", covariates=["ill"]
    ).rows
    assert alone.loc["a", "status"] == "no overlap" and np.isnan(
        alone.loc["a", "cost_ratio"]
    )
    nobody = compare_units(frame.iloc[:0], by="county", covariates=["ill"])
    assert not len(nobody.rows) and nobody.summary("en") == "nobody to compare."
    other_world = compare_units(
        frame.assign(ill=np.where(frame["county"] == "a", 9.0, 0.0)),
        by="county",
        covariates=["ill"],
    ).rows
    assert other_world.loc["a", "status"] == "no overlap"


def test_a_condition_known_of_nobody_is_named_and_rows_without_a_value_leave_an_answer():
    frame = units()
    found = compare_units(
        frame.assign(poor_village=np.nan),
        by="county",
        covariates=["ill", "poor_village"],
    )
    assert (
        found.unknown == ("poor_village",)
        and found.covariates == ("ill",)
        and not len(found.dropped)
    )
    np.testing.assert_allclose(
        found.rows["ratio"],
        compare_units(frame, by="county", covariates=["ill"]).rows["ratio"],
    )
    rows, helped = households(1)
    none = compare_kinds(rows.assign(lasting=np.nan), helped, covariates=["ill"])
    assert none.rows["status"].tolist() == [
        "no overlap"
    ] and none.dropped.to_dict() == {"missing lasting": len(rows)}
    unpaid = compare_kinds(
        rows, helped.assign(yuan=0.0), covariates=["ill", "margin"]
    ).rows.loc["industry"]
    assert (
        unpaid["effect"] > 0
        and np.isnan(
            unpaid[["cost_extra", "extra_ci_low", "extra_ci_high"]].astype(float)
        ).all()
    )


def test_missing_rows_are_counted_and_missing_columns_named():
    frame = units()
    frame.loc[:4, "ill"] = np.nan
    found = compare_units(frame, by="county", covariates=["ill"])
    assert (
        found.dropped.to_dict() == {"missing ill": 5}
        and found.rows["households"].sum() == len(frame) - 5
    )
    with pytest.raises(ParameterError, match="remote"):
        compare_units(frame, by="county", covariates=["remote"])


def test_a_covariate_that_one_side_lacks_does_not_stop_the_weights():
    rng = np.random.default_rng(0)
    z = np.arange(600) < 100
    x = np.where(z, 0.0, rng.integers(0, 2, 600))
    fit = overlap_means(
        z,
        np.column_stack([np.ones(600), x]),
        np.ones(600),
        (rng.random((600, 1)) < 0.4).astype(float),
        np.arange(600) % 20,
    )
    assert fit.converged and abs(fit.after[0]) < 1e-4


def test_weights_settle_when_nearly_all_helped_households_share_what_few_others_have():
    rng = np.random.default_rng(4)
    n = 6_000
    x = (rng.random(n) < 0.15).astype(float)
    z = rng.random(n) < np.where(x > 0, 0.4, 0.0004)
    more = rng.normal(0, 1, (n, 3)) + 0.3 * z[:, None]
    fit = overlap_means(
        z,
        np.column_stack([np.ones(n), x, more]),
        np.ones(n),
        (rng.random((n, 1)) < 0.4).astype(float),
        np.arange(n) % 40,
    )
    assert fit.before[0] > 3 and fit.converged and np.abs(fit.after).max() < 1e-6


def test_a_kind_that_took_in_everybody_is_no_comparison_and_a_constant_covariate_changes_nothing():
    rows, helped = households(5)
    everybody = pd.concat(
        [helped, rows[["household_id", "day"]].assign(project_type="roads", yuan=1.0)]
    )
    found = compare_kinds(
        rows.assign(same=1.0), everybody, covariates=["same", "ill", "margin"]
    )
    assert found.rows.loc["roads", "status"] == "no overlap" and np.isnan(
        found.rows.loc["roads", "effect"]
    )
    plain = compare_kinds(rows, helped, covariates=["ill", "margin"])
    assert found.rows.loc["industry", "effect"] == pytest.approx(
        plain.rows.loc["industry", "effect"]
    )
    same = found.balance[found.balance["unit"] == "industry"].set_index("covariate")[
        "before"
    ]
    assert same["same"] == 0 and same["ill"] == pytest.approx(
        plain.balance.set_index("covariate").loc["ill", "before"]
    )


def test_influence_of_places_agrees_with_leaving_each_out():
    """With the part that goes through the logit, without which the two do not agree where gains rest on what help rests on."""
    rng = np.random.default_rng(8)
    place, x = np.arange(3_000) % 100, rng.normal(0, 1, 3_000)
    z = rng.random(3_000) < 1 / (1 + np.exp(-1.2 * x))
    X, w, Y = (
        np.column_stack([np.ones(3_000), x]),
        rng.integers(1, 4, 3_000).astype(float),
        (3 * x + rng.normal(0, 1, 3_000))[:, None],
    )
    fit = overlap_means(z, X, w, Y, place)
    without = [
        overlap_means(z[k], X[k], w[k], Y[k], pd.factorize(place[k])[0])
        for k in (place != p for p in range(100))
    ]
    for whole, left in (
        (
            fit.influence - fit.influence_rest,
            np.array([one.mean - one.mean_rest for one in without]),
        ),
        (fit.influence, np.array([one.mean for one in without])),
    ):
        assert np.sqrt((whole**2).sum()) == pytest.approx(
            np.sqrt(99 / 100 * ((left - left.mean(axis=0)) ** 2).sum()), rel=0.05
        )


def test_a_known_income_per_yuan_is_recovered_where_the_raw_figure_is_wrong():
    found = gain_studies.world_study(40)
    assert (
        found["estimate"] == pytest.approx(0.08, abs=0.005)
        and abs(found["raw"] - 0.08) > 0.015
        and found["holds"] >= 34 / 40
    )
    nothing = gain_studies.world_study(40, per_yuan=0.0)
    assert (
        abs(nothing["estimate"]) < 0.005
        and nothing["holds"] >= 34 / 40
        and nothing["separated"] <= 6 / 40
    )


def test_income_per_yuan_is_one_number_told_in_four_ways():
    gains, helped = gain_studies.world(1)
    rows = income_per_yuan(gains, helped, covariates=["ill", "margin"]).rows
    assert (
        rows.index.tolist() == ["industry", "infrastructure", "all"]
        and rows["ratio"].isna().all()
    )
    one = rows.loc["all"]
    assert (
        one["effect"] == pytest.approx(one["adjusted"] - one["adjusted_rest"])
        and one["per_yuan"] == pytest.approx(one["effect"] / one["yuan"])
        and one["cost_extra"] == pytest.approx(1 / one["per_yuan"])
    )
    assert (
        one["extra_ci_low"] == pytest.approx(1 / one["per_yuan_ci_high"])
        and one["per_yuan_ci_low"] < one["per_yuan"] < one["per_yuan_ci_high"]
    )
    assert (
        one["e_value"] > one["e_limit"] > 1
        and rows.loc["infrastructure", "e_limit"] == 1
        and rows.loc["infrastructure", "status"] == "not separated"
    )
    wan = income_per_yuan(
        gains.assign(gain=gains["gain"] / 1e4),
        helped.assign(yuan=helped["yuan"] / 1e4),
        covariates=["ill", "margin"],
    ).rows.loc["all"]
    assert wan["per_yuan"] == pytest.approx(one["per_yuan"]) and wan[
        "e_value"
    ] == pytest.approx(one["e_value"])
    negative = income_per_yuan(
        gains.assign(gain=gains["gain"] - 9_000), helped, covariates=["ill", "margin"]
    ).rows.loc["all"]
    assert negative["per_yuan"] == pytest.approx(
        one["per_yuan"]
    )  # everybody may have lost


def test_who_was_helped_later_is_on_neither_side_and_unpaid_help_is_none():
    gains, helped = gain_studies.world(2)
    later = helped["day"] > gains["day"].iloc[0]
    found = income_per_yuan(gains, helped, covariates=["ill", "margin"]).rows.loc["all"]
    again = income_per_yuan(
        gains.assign(
            gain=gains["gain"].mask(
                gains["household_id"].isin(helped.loc[later, "household_id"]), 1e6
            )
        ),
        helped,
        covariates=["ill", "margin"],
    ).rows.loc["all"]
    assert later.sum() > 100 and again["effect"] == pytest.approx(found["effect"])
    unpaid = income_per_yuan(
        gains,
        pd.concat(
            [
                helped,
                gains[["household_id", "day"]].assign(
                    project_type="industry", village_wide=False, yuan=0.0
                ),
            ]
        ),
        covariates=["ill", "margin"],
    )
    assert unpaid.rows.loc["all", "effect"] == pytest.approx(found["effect"])


def test_income_per_yuan_without_an_answer_says_why():
    gains, helped = gain_studies.world(3)
    few = income_per_yuan(
        gains.assign(town=gains["town"] % 4), helped, covariates=["ill", "margin"]
    ).rows.loc["all"]
    assert (
        few["status"] == "no interval"
        and np.isnan(few["per_yuan_ci_low"])
        and np.isfinite(few["per_yuan"])
    )
    everybody = gains[["household_id", "day"]].assign(
        project_type="industry", village_wide=False, yuan=100.0
    )
    assert (
        income_per_yuan(gains, everybody, covariates=["ill"]).rows["status"].tolist()
        == ["no overlap"] * 2
    )
    nobody = income_per_yuan(gains, helped.iloc[:0], covariates=["ill"])
    assert not len(nobody.rows) and nobody.day == gain_studies.DAY
    early = income_per_yuan(gains.iloc[:0], helped, covariates=["ill"])
    assert early.day is None
    blank = income_per_yuan(
        gains.assign(gain=gains["gain"].mask(gains.index < 7)),
        helped,
        covariates=["ill"],
    )
    assert blank.dropped.to_dict() == {"missing gain": 7}


def test_income_per_yuan_of_the_synthetic_registry_holds_its_truth(store):
    """`build` of the same seed keeps the true incomes: an industry project adds 10 % for ten quarters, and nothing else that money buys moves an income."""
    gains, helped = gain_studies.registry_gains(store)
    rows = income_per_yuan(gains, helped, covariates=registry.ALIKE).rows
    truth = gain_studies.registry_truth(
        build(households_count=3_000, seed=7), gains, helped
    )
    for kind in ("industry", "all"):
        assert (
            truth[kind] > 0.01
            and rows.at[kind, "per_yuan_ci_low"]
            <= truth[kind]
            <= rows.at[kind, "per_yuan_ci_high"]
        )
    assert set(rows["status"].drop(["industry", "all", "housing"])) <= {
        "not separated",
        "no overlap",
        "no interval",
    }


def test_only_industry_helps_in_the_synthetic_registry(store):
    """Its truth (`World`): an industry project raises the income of those it takes in; health, education, employment projects and roads move nobody."""
    now, since = snapshot(store, "2018-09-30"), "2015-12-31"
    exits, rounds = (
        registry.exits(now, since=since),
        registry.exit_rounds(now, registry.cohort(now, since=since), since=since),
    )
    rounds["lasting"] = expected_lasting(rounds, exits)
    helped = registry.helped(
        snapshot(store, "2018-09-30"), days=rounds["day"].astype(str).unique()
    )
    rows = compare_kinds(rounds, helped, covariates=registry.ALIKE).rows
    assert (
        rows.loc["industry", "status"] == "separated"
        and rows.loc["industry", "effect_ci_low"] > 0
    )
    assert set(rows["status"].drop(["industry", "housing"])) <= {
        "not separated",
        "no overlap",
    }
