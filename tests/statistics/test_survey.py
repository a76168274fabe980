"""Partitions combine exactly; rows are used or accounted for; bad input has one clear answer."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal
from survey_world import DESIGN, GUARANTEES, LINE, survey

from jinzhou import errors
from jinzhou.errors import ParameterError
from jinzhou.statistics.health_spending import catastrophic, impoverishing
from jinzhou.statistics.inequality import concentration, inequality
from jinzhou.statistics.multidimensional import multidimensional
from jinzhou.statistics.poverty import (
    poverty_contributions,
    poverty_indices,
    poverty_rates,
)
from jinzhou.statistics.poverty_change import poverty_change
from jinzhou.statistics.survey import SurveyDesign, combine, tally

ROWS = survey(11, counties=4, villages=15, size=6).assign(
    net_income_pc=lambda f: f["net_income_pc"].mask(f.index % 37 == 5)
)
MEASURES = {
    "rates": lambda rows, **design: poverty_rates(rows, line=LINE, alpha=1, **design),
    "indices": lambda rows, **design: poverty_indices(rows, line=LINE, **design),
    "contributions": lambda rows, **design: poverty_contributions(
        rows, line=LINE, alpha=2, **(design | {"by": "town"})
    ),
    "change": lambda rows, **design: poverty_change(
        rows,
        [ROWS.assign(net_income_pc=ROWS["net_income_pc"] * 1.1)],
        lines=(LINE, LINE),
        **design,
    ),
    "inequality": lambda rows, **design: inequality(rows, **design),
    "concentration": lambda rows, **design: concentration(
        rows, value="ill", bounds=(0, 1), **design
    ),
    "catastrophic": lambda rows, **design: catastrophic(rows, line=LINE, **design),
    "impoverishing": lambda rows, **design: impoverishing(rows, line=LINE, **design),
    "multidimensional": lambda rows, **design: multidimensional(
        rows, cutoffs=GUARANTEES, k=0.4, **design
    ),
}


def same(found, whole, **how):
    assert_series_equal(found.dropped, whole.dropped)
    for name in ("estimates", "rates", "shares", "counts", "pushed"):
        if hasattr(whole, name):
            assert_frame_equal(getattr(found, name), getattr(whole, name), **how)


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("by", [None, "town"])
def test_partitions_by_county_give_the_same_bits(name, by):
    """A cluster lies in one partition: nothing is added in another order. Partitions come one after the other, each read once."""
    whole = MEASURES[name](ROWS, by=by, design=DESIGN)
    same(
        MEASURES[name](
            (part for _, part in ROWS.groupby("county")), by=by, design=DESIGN
        ),
        whole,
        check_exact=True,
    )


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize(
    "design",
    [
        SurveyDesign(weights="persons", clusters="village"),
        SurveyDesign(weights="persons"),
        SurveyDesign(),
    ],
)
def test_partitions_that_cut_clusters_agree_to_rounding(name, design):
    parts = [ROWS.iloc[:50], ROWS.iloc[50:51], ROWS.iloc[51:51], ROWS.iloc[51:]]
    same(
        MEASURES[name](parts, by=None, design=design),
        MEASURES[name](ROWS, by=None, design=design),
        rtol=1e-12,
    )


def test_sums_add_and_means_of_means_would_not():
    parts = [ROWS[ROWS["county"] == c] for c in "0123"]
    one = (
        poverty_rates(parts, line=LINE, design=SurveyDesign(weights="persons"))
        .rates["rate"]
        .iloc[0]
    )
    each = [
        poverty_rates(p, line=LINE, design=SurveyDesign(weights="persons"))
        .rates["rate"]
        .iloc[0]
        for p in parts
    ]
    assert one == pytest.approx(
        poverty_rates(ROWS, line=LINE, design=SurveyDesign(weights="persons"))
        .rates["rate"]
        .iloc[0],
        rel=1e-14,
    ) and one != pytest.approx(np.mean(each), rel=1e-4)


def test_clusters_named_alike_in_two_strata_are_two():
    one = poverty_rates(ROWS, line=LINE, design=DESIGN).rates
    named = ROWS.assign(village=ROWS["county"] + ROWS["village"])
    assert_frame_equal(
        one, poverty_rates(named, line=LINE, design=DESIGN).rates, rtol=1e-13
    )
    assert_frame_equal(
        one,
        poverty_rates(
            named.assign(village=named["village"].astype("category")),
            line=LINE,
            design=DESIGN,
        ).rates,
        rtol=1e-13,
    )


@pytest.mark.parametrize("name", MEASURES)
def test_every_row_is_used_or_accounted_for_and_the_frame_is_left_as_it_came(name):
    before = ROWS.copy()
    found = MEASURES[name](ROWS, by=None, design=DESIGN)
    frame = next(
        getattr(found, x) for x in ("shares", "rates", "estimates") if hasattr(found, x)
    ).reset_index()
    rows = 2 * len(ROWS) if name == "change" else len(ROWS)
    used = frame.loc[frame["group"] == "all", "households"].iloc[0]
    if name != "multidimensional":  # its dimensions are all known here
        assert (
            used + found.dropped.sum() == rows
            and found.dropped.sum()
            == rows // len(ROWS) * ROWS["net_income_pc"].isna().sum()
            > 0
        )
    assert_frame_equal(ROWS, before)


@pytest.mark.parametrize("name", MEASURES)
def test_missing_zero_and_negative_weights_leave_their_rows_out_by_reason(name):
    rows = ROWS.dropna().reset_index(drop=True)
    rows.loc[[0, 1], "persons"], rows.loc[2, "persons"], rows.loc[3, "persons"] = (
        np.nan,
        0.0,
        -1.0,
    )
    found = MEASURES[name](rows, by=None, design=DESIGN)
    assert found.dropped[["weight missing", "weight not positive"]].tolist() == [2, 2]
    nothing = MEASURES[name](rows.assign(persons=np.nan), by=None, design=DESIGN)
    frame = next(
        getattr(nothing, x)
        for x in ("shares", "rates", "estimates")
        if hasattr(nothing, x)
    )
    if name not in ("change", "contributions"):
        assert set(frame["status"]) == {"no rows"}
    with pytest.raises(ParameterError, match="没有列 people"):
        MEASURES[name](rows, by=None, design=replace(DESIGN, weights="people"))


@pytest.mark.parametrize("name", MEASURES)
def test_no_rows_is_an_answer_and_no_partition_is_an_error(name):
    found = MEASURES[name](ROWS.iloc[:0], by=None, design=DESIGN)
    assert "left out" in found.summary("en") and found.table() is not None
    with pytest.raises(ParameterError, match="分区为空"):
        MEASURES[name]([], by=None, design=DESIGN)


def test_a_missing_group_is_a_group_of_its_own():
    rows = ROWS.assign(town=ROWS["town"].mask(ROWS.index < 5))
    found = poverty_rates(rows, line=LINE, by="town").rates
    assert (
        found.index.isna().tolist() == [False, False, True]
        and found["households"].sum() == ROWS["net_income_pc"].notna().sum()
    )


def test_words_in_a_number_column_are_named_without_their_value():
    with pytest.raises(ParameterError, match="net_income_pc") as caught:
        poverty_rates(pd.DataFrame({"net_income_pc": ["3000", "约三千"]}), line=LINE)
    assert "约三千" not in str(caught.value)
    errors.speak("en")
    assert "no numbers" in str(caught.value)


@pytest.mark.parametrize("factor", [1e-4, 100.0])
@pytest.mark.parametrize(
    "name",
    [
        k
        for k in MEASURES
        if k not in ("inequality", "concentration", "multidimensional")
    ],
)
def test_incomes_in_another_unit_than_the_line_are_refused(name, factor):
    with pytest.raises(ParameterError, match="单位"):
        MEASURES[name](
            ROWS.assign(net_income_pc=ROWS["net_income_pc"] * factor), by=None
        )


def test_a_county_in_another_unit_is_named():
    mixed = ROWS.assign(
        net_income_pc=ROWS["net_income_pc"] * np.where(ROWS["county"] == "2", 1e-4, 1)
    )
    with pytest.raises(ParameterError, match="（2）；") as caught:
        poverty_rates(mixed, line=LINE, by="county")
    assert list(caught.value.details["groups"]) == ["2"]


@pytest.mark.parametrize("name", ["catastrophic", "impoverishing"])
@pytest.mark.parametrize("factor", [1e-5, 100.0])
def test_payments_in_another_unit_than_incomes_are_refused(name, factor):
    """Told only where the median leaves what a year's payments can be: 0.00001 to 2 of the household's income."""
    with pytest.raises(ParameterError, match="自付"):
        MEASURES[name](ROWS.assign(oop_year=ROWS["oop_year"] * factor), by=None)
    few = ROWS.head(20).assign(
        oop_year=lambda f: f["oop_year"] * factor
    )  # too few to tell a unit from a hard year
    assert (
        MEASURES[name](few, by=None).dropped.sum() == few["net_income_pc"].isna().sum()
    )


def test_tallies_keep_the_codes_of_their_partition():
    parts = [
        tally(
            part,
            {"y": part["ill"].to_numpy()},
            reasons={},
            by="town",
            design=SurveyDesign(clusters="village"),
        )
        for part in (ROWS[ROWS["county"] == "3"], ROWS[ROWS["county"] == "0"])
    ]
    both = combine(parts)
    assert (
        both.by_group("y").sum()
        == ROWS.loc[ROWS["county"].isin(["0", "3"]), "ill"].sum()
        and len(both.labels["cluster"]) == 15
    )
