"""Productivity between periods: whether units came nearer the frontier, and whether the frontier moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.models.dea import choice, dea

FRONTIERS = ("contemporaneous", "global")
_PARTS = ("index", "efficiency", "technical", "pure", "scale")


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
        Geometric means over units ``compared``, `units` of them, and `left_out`.
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

    def table(self) -> pd.DataFrame:
        """A copy of `changes`, safe to format."""
        return self.changes.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.means.iloc[-1]
        few = "" if self.enough else " Too few units: not informative."
        before, after = self.means.index[-1]
        return (f"{before} to {after}, {self.orientation}-oriented, {self.returns} returns, {self.frontier} frontier: index {last['index']:.3f} = "
                f"efficiency {last['efficiency']:.3f} x technical {last['technical']:.3f}; {last['units']:.0f} units, {last['left_out']:.0f} left out.{few}")


def malmquist(
    panel: pd.DataFrame, *, unit: str, period: str, inputs: Sequence[str], outputs: Sequence[str], orientation: str = "input", returns: str = "constant",
    frontier: str = "contemporaneous",
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

    Raises
    ------
    ParameterError
        Fewer than two periods, a unit twice in a period, an unknown option or column.

    Notes
    -----
    Färe, Grosskopf, Norris and Zhang (1994), AER 84, 66-83; Ray and Desli (1997), AER 87, 1033-1039;
    Pastor and Lovell (2005), Economics Letters 88, 266-271.
    """
    choice("orientation", orientation, ("input", "output"))
    choice("returns", returns, ("constant", "variable"))
    choice("frontier", frontier, FRONTIERS)
    unknown = [c for c in (unit, period, *inputs, *outputs) if c not in panel]
    if unknown:
        raise ParameterError(f"没有这些列：{'、'.join(map(str, unknown))}；请核对列名。", f"no such columns: {', '.join(map(str, unknown))}; check the names.")
    if panel[[unit, period]].isna().any(axis=None):
        raise ParameterError("有的行没有单元名称或时期；请补齐或剔除。", "some rows have no unit or no period; fill or remove them.")
    if panel.duplicated([unit, period]).any():
        again = panel.loc[panel.duplicated([unit, period]), unit].iloc[0]
        raise ParameterError(f"单元 {again} 在同一时期有两行；每期每单元应一行。", f"unit {again} has two rows in one period; expected one.", unit=again)
    periods = sorted(panel[period].unique())
    if len(periods) < 2:
        found = "、".join(map(str, periods)) or "无"
        raise ParameterError(f"只有一个时期（{found}）；变化至少需要两个时期。", f"only one period ({found}); a change needs at least two.")
    frames = {p: rows.set_index(unit) for p, rows in panel.groupby(period)}
    kw = dict(inputs=inputs, outputs=outputs, orientation=orientation)
    own = {p: dea(f, **kw) for p, f in frames.items()}
    excluded = pd.concat({p: f.excluded for p, f in own.items()}, names=[period, unit])
    sound = {p: frames[p].loc[f.scores.index] for p, f in own.items()}
    pooled = pd.concat(sound) if frontier == "global" else None

    def within(rows: pd.DataFrame, reference: pd.DataFrame, one: str) -> pd.Series:
        scores = dea(rows, reference=reference, returns=one, **kw).scores
        return scores["reciprocal" if orientation == "output" else "score"]

    parts = []
    for before, after in zip(periods, periods[1:]):
        units = pd.Index(frames[before].index.union(frames[after].index), name=unit)
        both = sound[before].index.intersection(sound[after].index)
        a, b, A, B = sound[before].loc[both], sound[after].loc[both], sound[before], sound[after]
        e = {}
        for one in ("constant", "variable"):
            catch = within(b, B, one) / within(a, A, one)
            if frontier == "global":
                e[one] = catch, within(b, pooled, one) / within(a, pooled, one) / catch
            else:
                shift = (within(b, A, one) / within(b, B, one) * within(a, A, one) / within(a, B, one)) ** 0.5 if one == returns or one == "constant" else np.nan
                e[one] = catch, shift
        (ec, tc), (pure, tv) = e["constant"], e["variable"]
        index = ec * tc
        technical = tc if returns == "constant" else tv
        efficiency = index / technical
        row = pd.DataFrame({"index": index, "efficiency": efficiency, "technical": technical, "pure": pure, "scale": efficiency / pure}, index=both).reindex(units)
        missing = ~units.isin(both)
        row["status"] = np.select([missing, row[list(_PARTS)].isna().any(axis=1)], ["one period", "infeasible"], "compared")
        row.insert(0, "before", before)
        row.insert(1, "after", after)
        parts.append(row.reset_index())
    changes = pd.concat(parts, ignore_index=True)
    compared = changes[changes["status"] == "compared"].groupby(["before", "after"])[list(_PARTS)]
    means = compared.agg(lambda v: float(np.exp(np.log(v).mean()))).reindex(pd.MultiIndex.from_tuples(zip(periods, periods[1:]), names=["before", "after"]))
    total = changes.groupby(["before", "after"]).size()
    means["units"] = compared.size().reindex(means.index, fill_value=0)
    means["left_out"] = total - means["units"]
    return Malmquist(changes=changes, means=means, inputs=tuple(inputs), outputs=tuple(outputs), orientation=orientation, returns=returns, frontier=frontier,
                     enough=all(f.enough for f in own.values()), excluded=excluded)
