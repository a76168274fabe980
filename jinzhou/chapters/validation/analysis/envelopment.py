"""Scores of data envelopment whose figures are published, by table.

The small examples are typed here: Coelli (1996), DEAP 2.1, examples 1 to 3; Andersen and Petersen
(1993); Tone (2001); Tone (2002), six power plants.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from jinzhou.statistics.frontier.bootstrap import dea_intervals
from jinzhou.statistics.frontier.cost import cost_efficiency
from jinzhou.statistics.frontier.dea import dea
from jinzhou.statistics.frontier.measures import sbm
from jinzhou.statistics.frontier.model import DeaModel
from jinzhou.statistics.tolerance import SOLVED

SITES = DeaModel(
    inputs=[f"x{i}" for i in range(1, 6)],
    outputs=["y1", "y2", "y3"],
    returns_to_scale="constant",
)
"""Program Follow Through: columns of Charnes, Cooper and Rhodes (1981)."""
PLANTS = DeaModel(inputs=["labor", "fuel", "capital"], outputs=["output"])
BANDWIDTH = 0.014
"""Of Simar and Wilson (1998) on the Illinois plants."""
SHOWN = 6
"""Plants whose scores Simar and Wilson (1998) print first."""
Scores = dict[str, list[float]]


def _frame(rows: Sequence[Sequence[float]], columns: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns), dtype=float)


GUIDE = [(2, 5, 1), (2, 4, 2), (6, 6, 3), (3, 2, 1), (6, 2, 2)]
SECOND = [(2, 1), (4, 2), (3, 3), (5, 4), (6, 5)]
RIVALS = [(2, 12, 1), (2, 8, 1), (5, 5, 1), (10, 4, 1), (10, 6, 1)]
FIVE = [(4, 3, 2, 3), (6, 3, 2, 3), (8, 1, 6, 2), (8, 1, 6, 1), (2, 4, 1, 4)]
POWER = [
    (80, 600, 54, 8, 90, 5),
    (65, 200, 97, 1, 58, 1),
    (83, 400, 72, 4, 60, 7),
    (40, 1000, 75, 7, 80, 10),
    (52, 600, 20, 3, 72, 8),
    (94, 700, 36, 5, 96, 6),
]


def envelopment(sites: pd.DataFrame, plants_file: str | Path) -> Scores:
    """Every published score computed anew, by table.

    Parameters
    ----------
    sites : DataFrame
        Program Follow Through: `program`, inputs `x1`..`x5`, outputs `y1`..`y3`.
    plants_file : path
        Illinois electric plants: `plant`, `labor`, `fuel`, `capital`, `output`. Left out when
        the file is not there.

    References
    ----------
    Charnes, Cooper and Rhodes (1981); Coelli (1996); Andersen and Petersen (1993); Tone (2001);
    Tone (2002); Färe, Grosskopf and Kokkelenberg (1989); Simar and Wilson (1998).
    """
    found = follow_through(sites) | coelli() | super_efficiency() | slacks_based()
    if Path(plants_file).is_file():
        found |= electric_plants(pd.read_csv(plants_file, index_col="plant"))
    return found


def _scores(frame: pd.DataFrame, model: DeaModel, **options) -> pd.Series:
    return dea(frame, model, **options).scores["score"]


def follow_through(sites: pd.DataFrame) -> Scores:
    """Efficient sites and mean scores of each program, and means of the two pooled."""
    found = {}
    for program in ("PFT", "NFT"):
        part = sites[sites["program"] == program]
        scores = _scores(part, SITES)
        efficient = float((scores > 1 - SOLVED).sum())
        found[program.lower()] = [efficient, float(scores.mean())]
    ways = (("constant", "input"), ("variable", "input"), ("variable", "output"))
    found["pooled"] = [
        float(_scores(sites, replace(SITES, returns_to_scale=r, orientation=o)).mean())
        for r, o in ways
    ]
    return found


def coelli() -> Scores:
    """The three examples of Coelli's guide to DEAP."""
    model = DeaModel(inputs=["x", "z"], outputs=["y"], returns_to_scale="constant")
    costs = cost_efficiency(_frame(GUIDE, "xzy"), model, prices={"x": 1, "z": 3}).scores
    second = _frame(SECOND, "xy")
    one = DeaModel(inputs=["x"], outputs=["y"])
    return {
        "deap_1": list(costs["technical"]),
        "deap_3_allocative": list(costs["allocative"]),
        "deap_3_cost": list(costs["cost"]),
    } | {
        f"deap_2_{r}": list(_scores(second, replace(one, returns_to_scale=r)))
        for r in ("constant", "variable", "decreasing")
    }


def super_efficiency() -> Scores:
    """The five units of Andersen and Petersen."""
    model = DeaModel(inputs=["x", "z"], outputs=["y"], returns_to_scale="constant")
    scores = _scores(_frame(RIVALS, "xzy"), model, super_efficiency=True)
    return {"andersen_petersen": list(scores)}


def slacks_based() -> Scores:
    """The examples of Tone: slacks-based scores, and those of super-efficiency."""
    plain = DeaModel(
        inputs=["x", "z"],
        outputs=["y", "q"],
        orientation="none",
        returns_to_scale="constant",
    )
    found = {"tone_2001": list(sbm(_frame(FIVE, "xzyq"), plain).scores["score"])}
    for name, orientation in (("tone_2002", "none"), ("tone_2002_input", "input")):
        model = DeaModel(
            inputs=list("abcd"),
            outputs=["y", "q"],
            orientation=orientation,
            returns_to_scale="constant",
        )
        scored = sbm(_frame(POWER, "abcdyq"), model, super_efficiency=True)
        found[name] = list(scored.scores["score"])
    return found


def electric_plants(plants: pd.DataFrame) -> Scores:
    """Scores of the first Illinois plants, and corrected for bias by the bootstrap."""
    scores = dea_intervals(
        plants,
        PLANTS,
        convention="shephard",
        bandwidth=BANDWIDTH,
        seed=1,
    ).scores.iloc[:SHOWN]
    return {
        "simar_wilson": list(scores["score"]),
        "simar_wilson_corrected": list(scores["corrected"]),
    }
