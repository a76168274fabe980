"""Doubts about numbers: copied villages are found, honest ones are left alone, and the limits are said."""

import numpy as np
import pandas as pd
import pytest
import studies

from jinzhou import registry
from jinzhou.chapters.review.analysis.numbers import number_tests
from jinzhou.errors import ParameterError
from jinzhou.reference.vocabulary import FORENSIC_TESTS
from jinzhou.statistics.density import density_test
from jinzhou.statistics.forensics import benjamini_hochberg
from tests.snapshots import snapshot


def test_honest_registries_carry_few_doubts_and_copied_villages_do():
    """Small version of the 200-seed study of `make bench`."""
    assert studies.forensic_study(10)["honest"] <= 0.05
    planted = studies.forensic_study(10, copied=0.1)
    assert planted["copied"] >= 0.9 and planted["honest"] <= 0.05


def test_the_copied_villages_of_the_registry_are_found(
    tmp_path_factory, exports, store
):
    """Of the synthetic registry's three villages that copy a sheet, and of no other."""
    found = number_tests(
        registry.income_history(snapshot(store, "2018-09-30"))
    ).flagged("village")
    true = set(
        pd.read_csv(exports / "truth" / "copied_villages.csv", dtype=str)["area_code"]
    )
    assert set(found["unit"]) == true and len(true) == 3


@pytest.fixture(scope="module")
def honest():
    return studies.village_incomes(3)[0]


def doubted(incomes, **more):
    rows = number_tests(incomes, **more).rows
    return {(r.test, r.unit) for r in rows[rows["status"] == "finding"].itertuples()}


def one_village(frame):
    return frame["area_code"].value_counts().index[0]


def test_one_growth_for_a_whole_village_is_seen(honest):
    village = one_village(honest)
    frame = honest.copy()
    rows = frame["area_code"] == village
    frame.loc[rows, "net_income_pc"] = frame.loc[rows, "net_before"] * 1.08
    assert ("growth", village) in doubted(frame) and not doubted(honest)


def test_invented_last_digits_are_seen(honest):
    village = one_village(honest)
    frame = honest.copy()
    rows = frame["area_code"] == village
    for part in ("wage_income", "business_income"):
        frame.loc[rows, part] = np.floor(frame.loc[rows, part] / 10) * 10 + 7
    assert ("digits", village) in doubted(frame)


def test_heaps_are_compared_with_other_villages(honest):
    village = one_village(honest)
    frame = honest.copy()
    rows = frame["area_code"] == village
    for part in ("wage_income", "business_income"):
        frame.loc[rows, part] = np.round(frame.loc[rows, part], -2)
    assert ("heaping", village) in doubted(frame)
    # where everybody rounds, rounding is no doubt
    everywhere = honest.assign(
        wage_income=honest["wage_income"].round(-2),
        business_income=honest["business_income"].round(-2),
    )
    assert not {t for t, _ in doubted(everywhere)} & {"heaping", "digits"}


def test_aid_that_comes_once_in_the_exit_year_is_seen(honest):
    village = one_village(honest)
    frame = honest.copy()
    rows = frame["area_code"] == village
    frame.loc[rows, "aid"] = (
        frame.loc[rows, ["aid_before", "aid_after"]].max(axis=1) * 2 + 400
    )
    assert ("exit_jump", village) in doubted(frame)


def test_forty_visits_in_a_day_are_seen():
    rng = np.random.default_rng(4)
    visits = pd.DataFrame(
        {
            "county": "210727",
            "area_code": np.repeat([f"v{i}" for i in range(20)], 30),
            "households": 1 + rng.poisson(1.5, 600),
        }
    )
    visits.loc[5, "households"] = 40
    incomes = studies.village_incomes(3)[0]
    assert {u for t, u in doubted(incomes, visits=visits) if t == "speed"} == {"v0"}


def test_benford_is_used_only_where_it_is_valid(honest):
    rng = np.random.default_rng(5)
    narrow = pd.DataFrame({"county": "a", "yuan": rng.lognormal(8, 0.3, 1_000)})
    wide = pd.DataFrame({"county": "b", "yuan": 10 ** rng.uniform(1, 6, 1_000)})
    invented = pd.DataFrame(
        {
            "county": "c",
            "yuan": np.concatenate(
                [
                    5 * 10 ** rng.integers(1, 6, 800).astype(float),
                    10 ** rng.uniform(0, 7, 200),
                ]
            ),
        }
    )
    few = wide.head(50).assign(county="d")
    rows = number_tests(
        honest, amounts=pd.concat([narrow, wide, invented, few])
    ).rows.set_index("unit")
    assert (
        rows.loc["a", "status"] == "not valid"
        and "orders of magnitude" in rows.loc["a", "why"]
    )
    assert (
        rows.loc["b", "status"],
        rows.loc["c", "status"],
        rows.loc["d", "status"],
    ) == ("no finding", "finding", "too few")


def test_a_village_with_few_rows_is_not_judged(honest):
    small = honest[honest["area_code"] == one_village(honest)].head(5)
    rows = number_tests(small).rows
    assert (
        set(rows["status"]) == {"too few"}
        and rows["p"].isna().all()
        and (rows["why"] != "").all()
    )


def test_each_test_says_how_many_units_and_what_honest_data_show(honest):
    found = number_tests(honest)
    assert found.tests["test"].tolist() == list(FORENSIC_TESTS)
    done = found.tests.set_index("test").loc[["copies", "growth", "digits", "heaping"]]
    assert (done["units"] > 0).all() and (done["null_findings"] <= 0.05).all()
    tested = found.rows[found.rows["status"].isin(["finding", "no finding"])]
    assert (
        len(tested) == found.tests["units"].sum() and (tested["q"] >= tested["p"]).all()
    )
    for kind in FORENSIC_TESTS.values():
        assert kind.unit and kind.fewest > 0


def test_the_same_seed_gives_the_same_result(honest):
    pd.testing.assert_frame_equal(number_tests(honest).rows, number_tests(honest).rows)


def test_one_county_is_judged_beside_the_whole_city(honest):
    found = number_tests(honest)
    part = found.of("210727")
    assert set(part.rows["group"]) == {"210727"} and found.of("") is found
    whole = found.rows[found.rows["group"] == "210727"].reset_index(drop=True)
    pd.testing.assert_frame_equal(part.rows, whole)
    assert (
        part.tests["units"].sum()
        == part.rows["q"].notna().sum()
        < found.tests["units"].sum()
    )


def test_nothing_to_test_is_said_as_nothing():
    empty = studies.village_incomes(3)[0].iloc[:0]
    found = number_tests(empty)
    assert (
        len(found.rows) == 0
        and found.tests["units"].sum() == 0
        and len(found.flagged("village")) == 0
    )


def test_level_out_of_range(honest):
    with pytest.raises(ParameterError, match="零与一"):
        number_tests(honest, level=0)


def test_benjamini_hochberg_by_hand():
    """Benjamini and Hochberg's own example (1995, section 3.2): four of fifteen are rejected at 5 %."""
    p = np.array(
        [
            0.0001,
            0.0004,
            0.0019,
            0.0095,
            0.0201,
            0.0278,
            0.0298,
            0.0344,
            0.0459,
            0.3240,
            0.4262,
            0.5719,
            0.6528,
            0.7590,
            1.0,
        ]
    )
    assert (benjamini_hochberg(p) <= 0.05).sum() == 4


def test_density_test_agrees_with_its_authors_package():
    """rddensity 3.0: rddensity(X=x, c=2995, h=h), jackknife: hat 0.000257/0.000242, T -0.1406; 0.000314/0.000245, T -0.9084."""
    rng = np.random.default_rng(20181130)
    x = np.round(3000 * np.exp(rng.normal(0.25, 0.45, 1500)), 2)
    for h, below, above, statistic, left, right in (
        (500, 177, 200, -0.140562, 0.000257, 0.000242),
        (900, 302, 343, -0.908368, 0.000314, 0.000245),
    ):
        found = density_test(x, line=2995, bandwidth=h)
        assert (found.n_below, found.n_above) == (below, above)
        assert found.statistic == pytest.approx(statistic, abs=0.005)
        from jinzhou.statistics.density import _side

        slopes = [
            _side(np.sort(x) - 2995, h, order=3, above=side)[0]
            for side in (False, True)
        ]
        assert slopes == pytest.approx([left, right], abs=1e-6)


def test_density_test_keeps_its_level_and_sees_a_pile():
    rejected = piled = 0
    for seed in range(120):
        rng = np.random.default_rng([seed, 9])
        x = 3000 * np.exp(rng.normal(0.25, 0.45, 1_500))
        rejected += density_test(x, line=2995).p < 0.05
        moved = (x < 2995) & (x > 2550) & (rng.random(1_500) < 0.5)
        x[moved] = 2995 * rng.uniform(1.0, 1.07, moved.sum())
        piled += density_test(x, line=2995).p < 0.05
    assert rejected <= 12 and piled >= 115


def test_density_test_says_when_it_cannot_tell():
    rng = np.random.default_rng(1)
    assert density_test(rng.normal(3_000, 300, 60), line=2995).status == "too few"
    assert np.isnan(density_test(np.full(500, 3_000.0), line=2995).p)
    rounded = density_test(
        np.round(rng.normal(3_000, 600, 4_000), -2), line=2950, bandwidth=1_500
    )
    assert rounded.status == "rounded" and rounded.rounded == 1
    with pytest.raises(ParameterError):
        density_test(rng.normal(3_000, 300, 600), line=2995, bandwidth=0)


def test_a_value_at_the_line_counts_as_above():
    x = np.concatenate([np.linspace(2_000, 2_994, 300), np.linspace(2_995, 4_000, 300)])
    assert density_test(x, line=2_995, bandwidth=500).n_above == np.sum(
        (x >= 2_995) & (x <= 3_495)
    )
