"""What stands between a county and its exit: the six indicators, the targets, the housing list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.measures.spot_check import combined, exact_interval
from jinzhou.policy import Threshold, threshold

INDICATORS = ("incidence", "housing", "education", "health", "road", "culture")
"""「一率五落实」: one rate and five guarantees, each one a veto."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExitCard:
    """The six indicators of one county.

    Attributes
    ----------
    rows : DataFrame, one row per indicator
        `indicator`, `numerator`, `denominator`, `value`, `low`, `high` (0-1), `direction`,
        `threshold`, `status` (``pass``, ``fail``, ``unknown``), `missing` (what is missing), `rest`
        (units that still stand between the value and 100 %, or persons still counted poor).
    status : str
        ``fail`` when any fails, else ``unknown`` when any is unknown, else ``pass``.
    """

    rows: pd.DataFrame
    status: str

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        count = self.rows["status"].value_counts()
        return f"{count.get('pass', 0)} pass, {count.get('fail', 0)} fail, {count.get('unknown', 0)} unknown: {self.status}."


def exit_card(shares: Mapping[str, Mapping[str, float]], *, incidence: Mapping[str, float], level: float = 0.95) -> ExitCard:
    """Hold six indicators against their thresholds (R01-R09).

    Parameters
    ----------
    shares : mapping, indicator -> {"done", "all", "unknown"}
        Units that meet the indicator, all units, and units without data. With any unit unknown the
        indicator passes only if it would pass with all of them failing, and fails only if it would
        fail with all of them passing; between the two it is unknown.
    incidence : mapping
        `poor` (registered persons still poor), `population` (rural persons), `checked_exited`,
        `wrong_exits`, `exited` (persons exited), `checked_unregistered`, `missed`, `unregistered`.
        Without checks of both kinds the indicator is unknown.

    Notes
    -----
    Comprehensive incidence = (registered poor + wrongly exited + missed) / rural population, the
    two error terms as checked rate x population; it passes only when its upper bound does (R01).
    「低于」 is strict, 「不低于」 is not. The interval joins the exact ones of the two error rates by
    MOVER (`spot_check.combined`).
    """
    rows = [_incidence_row(incidence, threshold("exit_incidence"), level)]
    for name in INDICATORS[1:]:
        given = shares.get(name)
        rows.append(_share_row(name, given, threshold(f"exit_{name}")))
    frame = pd.DataFrame(rows, columns=["indicator", "numerator", "denominator", "value", "low", "high",
                                        "direction", "threshold", "status", "missing", "rest"])
    found = set(frame["status"])
    return ExitCard(rows=frame, status="fail" if "fail" in found else "unknown" if "unknown" in found else "pass")


def _incidence_row(given: Mapping[str, float], limit: Threshold, level: float) -> tuple:
    missing = [name for name, count in (("spot check of exited households", given.get("checked_exited")),
                                        ("spot check of unregistered households", given.get("checked_unregistered")),
                                        ("rural population", given.get("population"))) if not count]
    if missing:
        return ("incidence", given.get("poor"), given.get("population") or np.nan, np.nan, np.nan, np.nan,
                limit.direction, limit.value, "unknown", "; ".join(missing), given.get("poor"))
    terms = [(given[persons], given[wrong] / given[checked], *exact_interval(int(given[wrong]), int(given[checked]), max(int(given[persons]), int(given[checked])), level=level))
             for wrong, checked, persons in (("wrong_exits", "checked_exited", "exited"), ("missed", "checked_unregistered", "unregistered"))]
    numerator, low, high = (given["poor"] + part for part in combined(*np.array(terms, float).T))
    people = given["population"]
    status = "pass" if limit.passes(numerator / people) and limit.passes(high / people) else \
        "fail" if not limit.passes(numerator / people) else "unknown"
    missing = "the upper bound is above the threshold: too few households checked" if status == "unknown" else ""
    return ("incidence", round(numerator), people, numerator / people, low / people, high / people, limit.direction,
            limit.value, status, missing, round(numerator))


def _share_row(name: str, given: Mapping[str, float] | None, limit: Threshold) -> tuple:
    if not given or not given.get("all"):
        return (name, np.nan, np.nan, np.nan, np.nan, np.nan, limit.direction, limit.value, "unknown", "no data", np.nan)
    done, every, unknown = given["done"], given["all"], given.get("unknown", 0)
    worst, best = done / every, (done + unknown) / every
    status = "pass" if limit.passes(worst) else "fail" if not limit.passes(best) else "unknown"
    known = every - unknown
    value = done / known if known else np.nan
    return (name, done, every, value, worst, best, limit.direction, limit.value, status,
            f"{unknown} units without data" if unknown else "", every - done)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExitProgress:
    """Exits against the year's target.

    Attributes
    ----------
    rows : DataFrame, one row per target year
        `year`, `target`, `done`, `share`, `due` (share of the year gone by the cut), `behind`
        (persons short of the straight path; 0 when ahead), `status` (``on path``, ``behind``, ``done``).
    """

    rows: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """A copy of `rows`, safe to format."""
        return self.rows.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        return "; ".join(f"{r.year}: {r.done:,} of {r.target:,} ({r.status})" for r in self.rows.itertuples())


def exit_progress(done: Mapping[int, int], *, targets: Mapping[int, int], as_of: str) -> ExitProgress:
    """Persons or villages exited in each target year against a straight path (R11).

    Raises
    ------
    ParameterError
        A target is not positive.
    """
    day = pd.Timestamp(as_of)
    rows = []
    for year, target in sorted(targets.items()):
        if target <= 0:
            raise ParameterError(f"{year} 年目标为 {target}；应为正数。", f"target of {year} is {target}; expected positive.")
        start = pd.Timestamp(year, 1, 1)
        due = float(np.clip((day - start).days + 1, 0, 365) / 365)
        count = int(done.get(year, 0))
        behind = max(0, round(due * target) - count)
        status = "done" if count >= target else "not begun" if due == 0 else "behind" if behind else "on path"
        rows.append((year, target, count, count / target, due, behind, status))
    return ExitProgress(rows=pd.DataFrame(rows, columns=["year", "target", "done", "share", "due", "behind", "status"]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HousingClearance:
    """The dangerous-housing list.

    Attributes
    ----------
    batches : DataFrame, one row per lot
        `batch`, `households`, `official` (the number that was funded, missing when none was named),
        `difference`.
    overlap, union : int
        Households in both named lots; in either.
    funnel : DataFrame, indexed by group with a last row of the sum
        `listed`, `started`, `completed`, `accepted`, `occupied` (households), `rest` (listed, not
        completed), `grade_d`, `rest_d` (the same of grade D: 清底 asks for zero).
    rest : DataFrame
        Households of grade D not completed.
    """

    batches: pd.DataFrame
    overlap: int
    union: int
    funnel: pd.DataFrame
    rest: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """A copy of `funnel`, safe to format."""
        return self.funnel.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        last = self.funnel.iloc[-1]
        return (f"{int(last['listed']):,} households, {int(last['completed']):,} completed, grade D left "
                f"{int(last['rest_d'])}; {self.overlap} households in both lots.")


def housing_clearance(housing: pd.DataFrame, *, official: Mapping[str, int], by: str = "county") -> HousingClearance:
    """Lots matched by household, and the way from appraisal to occupation (R44-R46).

    Parameters
    ----------
    housing : DataFrame
        Rows of the housing ledger as known: a household in two lots has two rows.
    official : mapping, lot -> households
        What the lots are said to hold; NaN where nothing is said, as for a single county.
    """
    lots = housing.dropna(subset=["funding_batch"]).groupby("funding_batch")["household_id"].agg(lambda s: frozenset(s))
    names = sorted(set(lots.index) | set(official))
    batches = pd.DataFrame({"batch": names, "households": [len(lots.get(n, ())) for n in names],
                            "official": [official.get(n, np.nan) for n in names]})
    batches["difference"] = batches["households"] - batches["official"]
    named = [lots.get(n, frozenset()) for n in official]
    overlap = len(frozenset.intersection(*named)) if named else 0
    union = len(frozenset.union(*named)) if named else 0
    steps = ["started", "completed", "accepted", "occupied"]
    homes = housing.assign(**{s: housing[f"{s}_on"].notna() for s in steps}, grade_d=housing["grade"] == "D") \
        .groupby("household_id").agg({by: "first", **{s: "max" for s in steps}, "grade_d": "max"}).reset_index()
    homes["listed"] = 1
    homes["rest"] = ~homes["completed"].astype(bool)
    homes["rest_d"] = homes["rest"] & homes["grade_d"].astype(bool)
    columns = ["listed", *steps, "rest", "grade_d", "rest_d"]
    funnel = homes.groupby(by)[columns].sum().astype("int64")
    funnel.loc["all"] = funnel.sum()
    rest = homes.loc[homes["rest_d"], [by, "household_id", "started"]].reset_index(drop=True)
    return HousingClearance(batches=batches, overlap=overlap, union=union, funnel=funnel, rest=rest)
