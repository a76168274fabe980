"""The cliff at the line by hand, and bands too thin to speak of."""

import pandas as pd
import pytest

from jinzhou.chapters.exit.analysis.behaviour import benefit_cliff


def rows(n, income, poor, transfer, year=2018):
    return pd.DataFrame(
        {
            "county": "a",
            "snapshot": year,
            "poor": poor,
            "persons": 1,
            "net_income_pc": float(income),
            "transfer_pc": float(transfer),
            "transfer": float(transfer),
            "net_income": float(income),
            "measures_pc": 0.0,
        },
        index=range(n),
    )


def test_the_loss_at_the_line_and_the_shares_by_year():
    frame = pd.concat(
        [
            rows(40, 1_050, True, 400),
            rows(40, 1_050, False, 100),
            rows(40, 960, True, 500),
            rows(10, 1_500, True, 900),
            rows(5, 1_000, True, 200, 2017),
        ],
        ignore_index=True,
    )
    found = benefit_cliff(frame, line=1_000)
    assert found.loss == pytest.approx(300) and (
        found.just_under,
        found.just_above,
    ) == (40, 0)
    band = found.bands.set_index(found.bands["band"].round(1))
    assert (
        band.at[0.9, "poor_benefit"] == 500
        and pd.isna(band.at[1.5, "poor_benefit"])
        and band.at[1.5, "poor"] == 10
    )
    shares = found.shares.set_index(["year", "group"])["share"]
    assert shares[2017, "poor"] == pytest.approx(0.2) and shares[
        2018, "exited"
    ] == pytest.approx(100 / 1_050)


def test_too_few_at_the_line_is_unknown_and_no_income_is_left_out():
    frame = pd.concat(
        [rows(5, 1_050, True, 400), rows(40, 1_050, False, 100), rows(1, 0, True, 0)],
        ignore_index=True,
    )
    found = benefit_cliff(frame, line=1_000)
    assert (
        pd.isna(found.loss)
        and found.shares.set_index("group").at["poor", "households"] == 5
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_cliff_says_itself(lang):
    frame = pd.concat([rows(40, 1_050, True, 400), rows(40, 1_050, False, 100)])
    found = benefit_cliff(frame.reset_index(drop=True), line=1_000)
    assert "300" in found.summary(lang) and "<table>" in found._repr_html_()
