"""Money written in two units: ten thousands of yuan among yuan, or the reverse."""

import numpy as np
import pandas as pd

WAN = 4.0
"""log10 of 10,000: the factor between the two units in which ledgers are kept."""


def two_units(amounts: pd.Series) -> pd.Index:
    """Names of the rows whose amounts look like 10,000 yuan among yuan.

    Empty when all seem to be in one unit.

    Parameters
    ----------
    amounts : Series
        Money of one column; zero, negative and missing amounts are not judged.

    Notes
    -----
    Rows are named when a gap of more than 30-fold parts the amounts in two, and the
    medians of the parts differ by 10,000 within a factor of five. The dictionary says
    that mixing units is an error, not a guess: nothing is converted here.
    """
    known = amounts[amounts > 0]
    logs = np.log10(known.to_numpy(float))
    if len(logs) < 2:
        return known.index[:0]
    order = np.argsort(logs, kind="stable")
    cut = int(np.argmax(np.diff(logs[order]))) + 1
    low, high = logs[order[:cut]], logs[order[cut:]]
    parted = high[0] - low[-1] > 1.5 and abs(
        np.median(high) - np.median(low) - WAN
    ) < np.log10(5)
    return known.index[np.sort(order[:cut])] if parted else known.index[:0]


def listed(names) -> str:
    """Names of at most five units for a message, and how many more."""
    texts = [
        " ".join(map(str, name)) if isinstance(name, tuple) else str(name)
        for name in names
    ]
    return ", ".join(texts[:5]) + (f" (+{len(texts) - 5})" if len(texts) > 5 else "")
