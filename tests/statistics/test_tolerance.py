"""Comparisons of computed numbers, and the same answers on other BLAS kernels."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.stats import rankdata

from jinzhou.statistics.tolerance import ROUNDING, SOLVED, below, passes, ranks


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=30), st.integers(0, 2**31))
def test_ranks_do_not_see_rounding_noise(values, seed):
    exact = np.array(values, dtype=float)
    noisy = exact + 1e-12 * np.random.default_rng(seed).standard_normal(len(exact))
    assert_array_equal(ranks(noisy), rankdata(exact, method="min"))


def test_ranks_of_rows_and_of_infinite_values():
    table = np.array([[1.0, np.inf, np.inf, 1 + 1e-7], [2.0, 1.0, 0.0, -np.inf]])
    assert ranks(table, SOLVED).tolist() == [[1, 3, 3, 1], [4, 3, 2, 1]]
    assert ranks(table, ROUNDING).tolist() == [[1, 3, 3, 2], [4, 3, 2, 1]]


def test_a_computed_number_equal_to_the_threshold_is_not_below_it():
    assert not below(0.1 + 0.2, 0.3) and not below(0.3 - 1e-12, 0.3)
    assert below(0.29, 0.3) and not below(float("nan"), 0.3)
    assert passes(0.3 - 1e-12, 0.3, ">=") and not passes(0.3 - 1e-12, 0.3, "<")
    assert not passes(float("nan"), 0.3, ">=") and passes(0.29, 0.3, "<")


TOWNSHIPS = """
import sys
from pathlib import Path
import numpy as np, pandas as pd
from jinzhou.publish.chapter import Chapter, Table
from jinzhou.publish.release import release
from jinzhou.statistics.frontier.bootstrap import dea_intervals
from jinzhou.statistics.frontier.model import DeaModel
from jinzhou.statistics.frontier.outliers import leave_one_out
rng = np.random.default_rng(2)
units = pd.DataFrame(rng.lognormal(sigma=0.4, size=(40, 4)), columns=list("abcd"))
units["c"] += units["a"]
units = pd.concat([units, 3 * units.head(10)], ignore_index=True)
sides = dict(inputs=["a", "b"], outputs=["c", "d"])
constant = DeaModel(**sides, returns_to_scale="constant")
found = dea_intervals(units, constant, replications=100)
peers = leave_one_out(units, DeaModel(**sides)).table()
tables = tuple(
    Table(name=name, title=name, frame=frame.reset_index())
    for name, frame in {"s": found.scores, "r": found.ranks, "p": peers}.items()
)
out = Path(sys.argv[1])
release(out, Chapter(name="x", title="x", lang="zh", tables=tables), synthetic=False)
"""


def kernels() -> list[str]:
    """BLAS kernels that this processor can run."""
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="ignore") as file:
            flags = set(file.read().split())
    except OSError:
        return []
    return [
        name
        for name, needs in (("Haswell", "avx2"), ("SkylakeX", "avx512vl"))
        if needs in flags
    ]


@pytest.mark.skipif(len(kernels()) < 1, reason="the processor runs one kernel only")
def test_a_published_table_is_the_same_bytes_on_another_blas_kernel(tmp_path):
    """Units of equal efficiency tie on every kernel, and no digit of the table is noise."""
    written = {}
    for kernel in ("", "Prescott", *kernels()):
        out = tmp_path / (kernel or "own")
        env = {k: v for k, v in os.environ.items() if k != "OPENBLAS_CORETYPE"}
        env |= {"OPENBLAS_CORETYPE": kernel} if kernel else {}
        subprocess.run([sys.executable, "-c", TOWNSHIPS, out], env=env, check=True)
        written[kernel] = {p.name: p.read_bytes() for p in out.glob("tables/*.csv")}
    own = written.pop("")
    assert len(own) == 3
    for kernel, files in written.items():
        assert files == own, kernel
