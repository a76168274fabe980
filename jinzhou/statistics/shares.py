"""Share of rows with a property, by group and over all, with errors that allow for clusters."""

import numpy as np
import pandas as pd

from jinzhou.statistics.estimates import estimates, ratio
from jinzhou.statistics.survey import SurveyDesign, Tally, tally


def with_whole(sums: Tally, by: str | None) -> list[Tally]:
    """The groups' sums, where there are groups, and those of all rows after them."""
    return ([sums] if by else []) + [sums.ungrouped()]


def share_by(
    rows: pd.DataFrame,
    hit: pd.Series | np.ndarray,
    *,
    by: str | None,
    cluster: str | None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of rows with a property by group, with a score interval.

    Parameters
    ----------
    hit : Series or array of bool (n,)
        Which rows have the property.
    by : str, optional
        Column of groups; without it the row of all stands alone.
    cluster : str, optional
        Column of clusters of rows that resemble each other; without it each row is one.

    Returns
    -------
    DataFrame, indexed by group, ``all`` last
        `rows`, `hits`, `share`, `ci_low`, `ci_high`.
    """
    values = np.asarray(hit, float)
    sums = tally(
        rows,
        {"hit": values},
        counts={"hits": values},
        reasons={},
        by=by,
        design=SurveyDesign(clusters=cluster),
    )
    parts = []
    for groups in with_whole(sums, by):
        share = ratio(groups, "hit", share=True)
        found = estimates(groups, {"share": share}, level=level).set_index("group")
        hits = pd.Series(groups.by_group("hits"), index=groups.labels["group"])
        parts.append(
            pd.DataFrame(
                {
                    "rows": found["households"],
                    "hits": hits.reindex(found.index).astype("int64"),
                    "share": found["value"],
                    "ci_low": found["ci_low"],
                    "ci_high": found["ci_high"],
                }
            )
        )
    made = pd.concat(parts)
    made.index.name = by or "group"
    return made
