"""A result of the exit chapter shows itself in Chinese: every heading and verdict a word."""

import re

import pytest

from jinzhou.chapters.exit import data
from jinzhou.chapters.exit.analysis.behaviour import benefit_cliff
from jinzhou.chapters.exit.analysis.duties import duty_board
from jinzhou.chapters.exit.analysis.housing import housing_burn, housing_clearance
from jinzhou.chapters.exit.analysis.targets import exit_progress
from jinzhou.reference.targets import duty_units
from jinzhou.registry import benefits, open_store, table

DAY = "2018-09-30"
HEADING = re.compile(r"<th>([^<]*)</th>")


@pytest.fixture(scope="module")
def results(store):
    now = open_store(store).at(DAY)
    homes = data.housing(now)
    duties = table(now, "duty")
    return [
        data.judged(now),
        data.card(now, data.exit_county(now)),
        housing_clearance(homes, official={}),
        housing_burn(homes, as_of=DAY, deadline="2018-10-31"),
        duty_board(duties, units=duty_units(), as_of=DAY),
        exit_progress({2018: 1}, targets={2018: 2}, as_of=DAY),
        benefit_cliff(benefits(now), line=3_200.0),
    ]


def test_every_heading_is_chinese(results):
    for result in results:
        headings = HEADING.findall(result._repr_html_())
        plain = [h for h in headings if re.search("[a-z]", h)]
        assert headings and not plain, (type(result).__name__, plain)


def test_every_sentence_is_chinese(results):
    for result in results:
        assert not re.search("[a-z]{2,}", result.summary("zh")), type(result).__name__
