"""How far a list reaches, and which rival of the model reaches farthest."""

import numpy as np

from jinzhou.statistics.returns.backtest import MODEL, Backtest


def first_recall(backtest: Backtest) -> str:
    """The metric that lists are judged by: recall at the first capacity."""
    return f"recall_{100 * backtest.capacities[0]:g}"


def best_rival(backtest: Backtest) -> str:
    """Name of the score other than the model's with the highest recall of those run.

    Challengers and simple rules compete alike; of equal ones the first run is named.
    """
    rows = backtest.metrics
    judged = rows[(rows["score"] != MODEL) & (rows["metric"] == first_recall(backtest))]
    return str(judged.loc[judged["value"].idxmax(), "score"])


def recall_at(backtest: Backtest, share: float) -> float:
    """Recall of the model's list of a share of households, read off its curve."""
    return float(np.interp(share, backtest.recall["share"], backtest.recall[MODEL]))


def observed_over_predicted(backtest: Backtest) -> float:
    """Returns observed for each one that was predicted."""
    groups = backtest.calibration
    return float(groups["events"].sum() / (groups["predicted"] * groups["rows"]).sum())
