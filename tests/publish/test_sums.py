"""Rows of sums are held to their columns, and a release says which do not add up."""

import json

import numpy as np
import pandas as pd

from jinzhou.publish.chapter import Chapter
from jinzhou.publish.release import release
from jinzhou.publish.sums import column_sums
from jinzhou.publish.table import Table


def table(values, name="t"):
    frame = pd.DataFrame({"县": ["甲", "乙", "合计"], "人": values})
    return Table(name=name, title="", frame=frame, counts=("人",), total="合计")


def test_a_column_is_its_sum_or_not_or_not_known():
    found = [
        column_sums([table(v)])["equal"].item()
        for v in ([1, 2, 3], [1, 2, 4], [1, np.nan, 3])
    ]
    assert found[:2] == [True, False] and pd.isna(found[2])
    plain = Table(name="t", title="", frame=pd.DataFrame({"a": [1]}))
    assert column_sums([plain]).empty


def test_a_release_names_the_columns_that_do_not_add_up(tmp_path):
    tables = (table([10, 20, 30]), table([10, 20, 40], "u"))
    chapter = Chapter(name="c", title="章", lang="zh", tables=tables)
    found = release(tmp_path, chapter, synthetic=True)
    assert found.unequal == ("u: 人",) and "u: 人" in found.summary()
    record = json.loads((tmp_path / "released" / "c.json").read_text(encoding="utf-8"))
    assert record["sums"] == {"columns": 2, "unequal": ["u: 人"]}
