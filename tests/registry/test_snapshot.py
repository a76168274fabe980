"""A snapshot: one day, its quarter, the same store earlier, and work that is done once."""

import pytest

from jinzhou.errors import ParameterError
from jinzhou.registry import open_store
from jinzhou.registry.snapshot import per_snapshot


def test_a_snapshot_knows_its_quarter_and_the_ones_before(store):
    now = open_store(store).at("2018-09-30")
    assert now.quarter == "2018Q3" and now.before(3).quarter == "2017Q4"
    assert now.quarter_back(4) == "2017Q3" and now.quarters_back(1) == "2018-06-30"


@pytest.mark.parametrize("wrong", [{"as_of": "30.9.2018"}, {"lang": "fr"}])
def test_a_wrong_day_or_language_is_named(store, wrong):
    with pytest.raises(ParameterError, match="应"):
        open_store(store).at(**{"as_of": "2018-09-30"} | wrong)


def test_work_is_done_once_per_snapshot_and_arguments(store):
    done = []

    @per_snapshot
    def counted(snapshot, *, kind=""):
        done.append(kind)
        return len(done)

    now = open_store(store).at("2018-09-30")
    assert counted(now) == counted(now) == 1
    assert counted(now, kind="a") == 2 and counted(now.before(1)) == 3
