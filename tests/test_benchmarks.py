"""Every benchmark and study can be started."""

import importlib
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"


@pytest.mark.parametrize("name", sorted(p.stem for p in FOLDER.glob("*.py")))
def test_a_benchmark_can_be_imported_and_says_what_it_measures(name):
    assert importlib.import_module(name).__doc__
