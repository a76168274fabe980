"""Stochastic frontiers whose figures are published."""

from dataclasses import replace

import pandas as pd

from jinzhou.statistics.frontier.sfa import StochasticFrontier, StochasticModel, sfa


def stochastic_frontiers(
    firms: pd.DataFrame, farms: pd.DataFrame
) -> dict[str, StochasticFrontier]:
    """Example 1 of FRONTIER 4.1, and the Philippine rice farms in six ways.

    Parameters
    ----------
    firms : DataFrame
        `output`, `capital`, `labour`.
    farms : DataFrame
        `farm`, `year`, `output`, `area`, `labour`, `npk`, `schooling`, `bantog`.

    References
    ----------
    Coelli (1996); Coelli, Rao, O'Donnell and Battese (2005).
    """
    cross = StochasticModel(outcome="output", terms=["area", "labour", "npk"])
    panel = replace(cross, unit="farm", time="year")
    moving = replace(panel, decay=True)
    explained = replace(cross, determinants=["schooling", "bantog"])
    firm = StochasticModel(outcome="output", terms=["capital", "labour"])
    return {
        "FRONTIER 4.1": sfa(firms, firm),
        "cross-section": sfa(farms, cross),
        "BC92": sfa(farms, panel),
        "BC92 decay": sfa(farms, moving),
        "BC92 decay, truncated": sfa(
            farms, replace(moving, distribution="truncated normal")
        ),
        "BC95": sfa(farms, explained),
        "BC95 without constant": sfa(
            farms, replace(explained, determinants_constant=False)
        ),
    }
