"""Has what the model reads changed? Population stability of every term and the score."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.statistics.returns.return_risk import ReturnRisk
from jinzhou.words import Words

WATCH, ACT = 0.10, 0.25
"""Customary thresholds of the index: stable, to be watched, to be explained before use."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drift(Result):
    """Stability of the inputs.

    Attributes
    ----------
    rows : DataFrame, indexed by term (``score`` first)
        `psi`, `missing_before`, `missing` (shares), `reading`: ``stable``, ``watch``,
        ``changed``.
    """

    rows: pd.DataFrame

    def sentence(self, words: Words) -> str:
        """Inputs compared, and those that are not stable."""
        moved = list(self.rows.index[self.rows["reading"] != "stable"])
        return words(
            "summary.Drift", inputs=len(self.rows), moved=moved or words("none")
        )


def drift(risk: ReturnRisk, previous: ReturnRisk | None, *, groups: int = 10) -> Drift:
    """Population stability index between the households scored before and now.

    Notes
    -----
    Sum over groups of (p - q) log(p / q), p and q the shares of a term's values now and
    before in groups of equal size before (missing values are a group of their own);
    half a household is added to each group, so that an empty one does not give
    infinity. A term with few values has as many groups. Without an earlier scoring
    there are no rows.
    """
    if previous is None:
        return Drift(
            rows=pd.DataFrame(columns=["psi", "missing_before", "missing", "reading"])
        )
    found = {
        "score": (
            _psi(
                previous.scores["eta"].to_numpy(), risk.scores["eta"].to_numpy(), groups
            ),
            0.0,
            0.0,
        )
    }
    for name in [t for t in risk.inputs.columns if t in previous.inputs.columns]:
        before, now = (
            previous.inputs[name].to_numpy(float),
            risk.inputs[name].to_numpy(float),
        )
        found[name] = (
            _psi(before, now, groups),
            float(np.isnan(before).mean()),
            float(np.isnan(now).mean()),
        )
    rows = pd.DataFrame.from_dict(
        found, orient="index", columns=["psi", "missing_before", "missing"]
    )
    rows["reading"] = np.select(
        [rows["psi"] >= ACT, rows["psi"] >= WATCH], ["changed", "watch"], "stable"
    )
    return Drift(rows=rows)


def _psi(before: np.ndarray, now: np.ndarray, groups: int) -> float:
    known = before[np.isfinite(before)]
    values = np.unique(known)
    edges = (
        values[1:]
        if len(values) <= groups
        else np.unique(np.quantile(known, np.linspace(0, 1, groups + 1)[1:-1]))
    )

    def shares(x: np.ndarray) -> np.ndarray:
        missing = ~np.isfinite(x)
        counts = (
            np.append(
                np.bincount(
                    np.searchsorted(edges, x[~missing], side="right"),
                    minlength=len(edges) + 1,
                ),
                missing.sum(),
            )
            + 0.5
        )
        return counts / counts.sum()

    p, q = shares(now), shares(before)
    return float(((p - q) * np.log(p / q)).sum())
