"""Productivity between periods: whether units came nearer the frontier, and whether the frontier moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import EstimationError, ParameterError
from jinzhou.statistics.frontier.dea import choice, dea
from jinzhou.statistics.frontier.simplex import OPTIMAL, UNSOLVED
from jinzhou.statistics.frontier.technology import move, technology
from jinzhou.statistics.intervals import normal_quantile

FRONTIERS = ("contemporaneous", "global")
_PARTS = ("index", "efficiency", "technical", "pure", "scale")
_MEANS = _PARTS[:3]
_LIMITS = tuple(f"{part}_{end}" for part in _MEANS for end in ("ci_low", "ci_high"))
FEWEST = 20
"""Fewer units than this give no interval of a mean."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Malmquist:
    """Change of each unit between neighbouring periods; above 1 is progress, in every column.

    Attributes
    ----------
    changes : DataFrame
        `unit`, `before`, `after` (periods), `index` = `efficiency` x `technical`, `efficiency` = `pure` x `scale` (for
        variable returns see `malmquist`), and `status`: ``compared``, ``infeasible`` (a cross-period score does
        not exist) or ``one period`` (the unit is missing or unsound in one of the two, see `excluded`).
    means : DataFrame, indexed by (before, after)
        Geometric means over units ``compared``, `units` of them, and `left_out`; `index_ci_low`, `index_ci_high`, and the same of `efficiency` and `technical`: their intervals (missing
        without `groups`, and with fewer than `FEWEST` units).
    status : str
        ``compared``; ``too few units`` (compared, but not informative: fewer than three times the inputs and outputs in a period); ``nobody compared`` (no unit is sound in two
        neighbouring periods); ``one period`` (a change needs two: `changes` and `means` are empty).
    level : float
        Of the intervals.
    excluded : Series, indexed by (period, unit)
        Rows that could not be used, with their reason.
    """

    changes: pd.DataFrame
    means: pd.DataFrame
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    orientation: str
    returns: str
    frontier: str
    enough: bool
    excluded: pd.Series
    status: str
    level: float

    def table(self) -> pd.DataFrame:
        """A copy of `changes`, safe to format."""
        return self.changes.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        if self.status in ("one period", "nobody compared"):
            return f"change between periods: {self.status}."
        last = self.means.iloc[-1]
        few = "" if self.enough else " Too few units: not informative."
        before, after = self.means.index[-1]
        return (
            f"{before} to {after}, {self.orientation}-oriented, {self.returns} returns, {self.frontier} frontier: index {last['index']:.3f} = "
            f"efficiency {last['efficiency']:.3f} x technical {last['technical']:.3f}; {last['units']:.0f} units, {last['left_out']:.0f} left out.{few}"
        )


def malmquist(
    panel: pd.DataFrame,
    *,
    unit: str,
    period: str,
    inputs: Sequence[str],
    outputs: Sequence[str],
    orientation: str = "input",
    returns: str = "constant",
    frontier: str = "contemporaneous",
    groups: int = 0,
    level: float = 0.95,
    seed: int = 2018,
) -> Malmquist:
    """Malmquist index of total factor productivity, taken apart.

    Parameters
    ----------
    panel : DataFrame
        One row per unit and period; periods are ordered by their values.
    orientation : {"input", "output"}
    returns : {"constant", "variable"}
        Constant: `technical` is the shift of the constant-returns frontier, `efficiency` splits into `pure` (variable
        returns) and `scale`. Variable (Ray and Desli): `technical` is the shift of the variable-returns frontier, `efficiency` is
        `pure` x `scale` with `scale` what remains of the constant-returns index; its cross-period
        scores may be infeasible.
    frontier : {"contemporaneous", "global"}
        Global: one frontier of all periods together; the index is circular and always feasible.
    groups : int
        Parts into which the units are dealt; each is left out in turn, frontiers and all, for intervals of the means. 0: none.
    level, seed : float, int

    Raises
    ------
    ParameterError
        A unit twice in a period, an unknown option or column, or one group.
    EstimationError
        The solver reached no answer.

    Notes
    -----
    Intervals: delete-a-group jackknife of the mean logarithm with Student's t (Kott 2001, J. of Official Statistics 17, 521-526). The spread of the units alone is not
    enough: it leaves out the error of the frontiers. In 100 simulated panels of 78 units with a nominal 95 % it held the shift of the frontier in 45, the jackknife in all
    (too wide there), and the jackknife held the efficiency in 93 and the index in 91 (`make bench`).
    Färe, Grosskopf, Norris and Zhang (1994), AER 84, 66-83; Ray and Desli (1997), AER 87, 1033-1039;
    Pastor and Lovell (2005), Economics Letters 88, 266-271.
    """
    choice("orientation", orientation, ("input", "output"))
    choice("returns", returns, ("constant", "variable"))
    choice("frontier", frontier, FRONTIERS)
    unknown = [c for c in (unit, period, *inputs, *outputs) if c not in panel]
    if unknown:
        raise ParameterError(
            f"没有这些列：{'、'.join(map(str, unknown))}；请核对列名。",
            f"no such columns: {', '.join(map(str, unknown))}; check the names.",
        )
    if panel[[unit, period]].isna().any(axis=None):
        raise ParameterError(
            "有的行没有单元名称或时期；请补齐或剔除。",
            "some rows have no unit or no period; fill or remove them.",
        )
    if panel.duplicated([unit, period]).any():
        again = panel.loc[panel.duplicated([unit, period]), unit].iloc[0]
        raise ParameterError(
            f"单元 {again} 在同一时期有两行；每期每单元应一行。",
            f"unit {again} has two rows in one period; expected one.",
            unit=again,
        )
    if groups < 0 or groups == 1:
        raise ParameterError(
            f"groups={groups}；应为0（不给区间）或不少于2。",
            f"groups={groups}; expected 0 (no intervals) or at least 2.",
        )
    normal_quantile(level)
    periods = sorted(panel[period].unique())
    columns = ["unit", "before", "after", *_PARTS, "status"]
    rest = dict(
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        orientation=orientation,
        returns=returns,
        frontier=frontier,
        level=level,
    )
    if len(periods) < 2:
        means = pd.DataFrame(columns=[*_PARTS, "units", "left_out", *_LIMITS])
        return Malmquist(
            changes=pd.DataFrame(columns=columns),
            means=means,
            enough=False,
            excluded=pd.Series(dtype=str),
            status="one period",
            **rest,
        )
    frames = {p: rows.set_index(unit) for p, rows in panel.groupby(period)}
    kw = dict(inputs=inputs, outputs=outputs, orientation=orientation)
    own = {p: dea(f, **kw) for p, f in frames.items()}
    excluded = pd.concat({p: f.excluded for p, f in own.items()}, names=[period, unit])
    sound = {p: frames[p].loc[f.scores.index] for p, f in own.items()}
    parts, means = [], []
    for before, after in zip(periods, periods[1:]):
        units = pd.Index(frames[before].index.union(frames[after].index), name=unit)
        found = _between(sound, before, after, returns, frontier, kw)
        row = found.reindex(units)
        missing = ~units.isin(found.index)
        row["status"] = np.select(
            [missing, row[list(_PARTS)].isna().any(axis=1)],
            ["one period", "infeasible"],
            "compared",
        )
        row.insert(0, "before", before)
        row.insert(1, "after", after)
        parts.append(row.reset_index())
        good = np.log(found.dropna())
        mean = np.exp(good.mean())
        wide = (
            _jackknife(
                sound, good, before, after, returns, frontier, kw, groups, level, seed
            )
            if groups and len(good) >= max(FEWEST, groups)
            else {}
        )
        means.append(
            {
                **mean,
                "units": len(good),
                "left_out": len(units) - len(good),
                **(dict.fromkeys(_LIMITS, np.nan) | wide),
            }
        )
    changes = pd.concat(parts, ignore_index=True)
    means = pd.DataFrame(
        means,
        index=pd.MultiIndex.from_tuples(
            zip(periods, periods[1:]), names=["before", "after"]
        ),
    )
    enough = all(f.enough for f in own.values())
    status = (
        "nobody compared"
        if not means["units"].any()
        else "compared"
        if enough
        else "too few units"
    )
    return Malmquist(
        changes=changes,
        means=means,
        enough=enough,
        excluded=excluded,
        status=status,
        **rest,
    )


def _between(
    sound: dict,
    before,
    after,
    returns: str,
    frontier: str,
    kw: dict,
    *,
    split: bool = True,
) -> pd.DataFrame:
    """Changes of the units that are sound in both periods; without `split` the parts of efficiency are left out."""
    output = kw["orientation"] == "output"
    columns, m = [*kw["inputs"], *kw["outputs"]], len(kw["inputs"])
    A, B = (sound[p][columns].to_numpy(float) for p in (before, after))
    pooled = (
        np.vstack([f[columns].to_numpy(float) for f in sound.values()])
        if frontier == "global"
        else None
    )
    both = sound[before].index.intersection(sound[after].index)
    if not len(both):
        return pd.DataFrame(
            columns=list(_PARTS if split else _MEANS), index=both, dtype=float
        )
    a, b = (sound[p].loc[both, columns].to_numpy(float) for p in (before, after))
    e = {}
    for one in (
        ("constant", "variable") if split or returns == "variable" else ("constant",)
    ):

        def within(rows, reference):
            return _distance(rows, reference, m, one, output)

        ahead, behind = within(b, B), within(a, A)
        catch = ahead / behind
        if frontier == "global":
            e[one] = catch, within(b, pooled) / within(a, pooled) / catch
        else:
            e[one] = (
                catch,
                (within(b, A) / ahead * behind / within(a, B)) ** 0.5
                if one == returns or one == "constant"
                else np.nan,
            )
    index = e["constant"][0] * e["constant"][1]
    technical = e[returns][1]
    found = pd.DataFrame(
        {"index": index, "efficiency": index / technical, "technical": technical},
        index=both,
    )
    return (
        found.assign(pure=e["variable"][0], scale=index / technical / e["variable"][0])
        if split
        else found
    )


def _distance(
    rows: np.ndarray, reference: np.ndarray, m: int, returns: str, output: bool
) -> np.ndarray:
    """Shares (k,) of the best within a reference, 1 on its frontier; rows and reference hold m inputs, then outputs. NaN where there is no score."""
    scale = reference.mean(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    t = technology(reference[:, :m] / scale[:m], reference[:, m:] / scale[m:], returns)
    X, Y = rows[:, :m] / scale[:m], rows[:, m:] / scale[m:]
    found = move(
        t,
        X,
        Y,
        np.zeros_like(X) if output else X,
        Y if output else np.zeros_like(Y),
        inside=False,
    )
    if (found.status == UNSOLVED).any():
        raise EstimationError(
            "求解未得结果；请检查数据的数量级。",
            "the solver reached no answer; check the size of the data.",
        )
    score = np.where(
        (found.status == OPTIMAL) & (found.beta > -1 if output else found.beta < 1),
        1 + found.beta if output else 1 - found.beta,
        np.nan,
    )
    return 1 / score if output else score


def _jackknife(
    sound: dict,
    good: pd.DataFrame,
    before,
    after,
    returns: str,
    frontier: str,
    kw: dict,
    groups: int,
    level: float,
    seed: int,
) -> dict[str, float]:
    """Limits of the geometric means of index, efficiency and technical change."""
    from scipy.stats import t as student

    whole = good[list(_MEANS)].mean()
    units = sorted(set(sound[before].index) | set(sound[after].index))
    group = pd.Series(
        np.random.default_rng(seed).permutation(len(units)) % groups, index=units
    )
    needed = {
        p: f for p, f in sound.items() if frontier == "global" or p in (before, after)
    }
    without = []
    for g in range(groups):
        rest = {p: f[group[f.index].to_numpy() != g] for p, f in needed.items()}
        without.append(
            np.log(
                _between(
                    rest, before, after, returns, frontier, kw, split=False
                ).dropna()
            ).mean()
        )
    spread = pd.DataFrame(without)
    half = student.ppf(0.5 + level / 2, groups - 1) * np.sqrt(
        (groups - 1) / groups * ((spread - spread.mean()) ** 2).sum()
    )
    return {
        f"{part}_{end}": float(np.exp(whole[part] + sign * half[part]))
        for part in _MEANS
        for end, sign in (("ci_low", -1), ("ci_high", 1))
    }
