"""Words that every chapter shares."""

import numpy as np
import pytest

from jinzhou.exhibits.chapter import in_brackets


@pytest.mark.parametrize(("low", "high", "zh", "en"), [
    (0.1, 0.2, "（95%区间10.0%–20.0%）", " (95% interval 10.0%–20.0%)"), (np.nan, 0.2, "（区间未能判定）", " (interval not determined)"),
    (np.nan, np.nan, "（区间未能判定）", " (interval not determined)")])
def test_an_interval_that_is_unknown_is_said_and_never_empty_brackets(low, high, zh, en):
    assert (in_brackets(low, high, "share"), in_brackets(low, high, "share", "en")) == (zh, en)
