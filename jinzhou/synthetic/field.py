"""What people in the field write down: home visits, spot checks, and who is monitored."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.reference.lines import poverty_line
from jinzhou.synthetic.history import History, day_in, given
from jinzhou.synthetic.parameters import (
    CAMPAIGN,
    DATA_END,
    DEFAULT_HOUSEHOLDS,
    FIRST_QUARTER,
    QUARTERS,
)
from jinzhou.synthetic.sources import Sources

CHECK_COLUMNS = [
    "check_id",
    "household_id",
    "sample_frame",
    "sample_seed",
    "stratum",
    "weight",
    "checked_on",
    "checker",
    "found",
    "persons",
    "income_found",
    "corrected_on",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Visits:
    """Home visits, arrays (n,): which household, when, and why it was chosen."""

    home: np.ndarray
    quarter: np.ndarray
    drawn: np.ndarray
    listed: np.ndarray


def home_visits(
    rng: np.random.Generator, homes: pd.DataFrame, past: History
) -> pd.DataFrame:
    """Visits by list and at random to exited households, and routine visits to others."""
    visits = _chosen(rng, len(homes), past)
    home, quarter, n = visits.home, visits.quarter, len(visits.home)
    day = day_in(rng, quarter, (0, 1, 2), n)
    soon, early, late = rng.random(n), rng.integers(0, 12, n), rng.integers(12, 75, n)
    recorded = day + np.where(soon < 0.85, early, late)
    result, weak = _results(rng, visits, past)
    reason = np.select(
        [visits.drawn, visits.listed, rng.random(n) < 0.12, rng.random(n) < 0.05],
        ["random", "list", "must_visit", "requested"],
        "routine",
    )
    found = _findings(rng, weak)
    years = range(2015, 2019)
    lines = np.array([poverty_line(y, series="nbs").yuan for y in years])[quarter // 4]
    income = np.round(lines * np.exp(past.margin[home, quarter]), 0)
    probability = np.round(past.draw_probability[quarter], 6)
    measure = {"at_risk": "落实帮扶措施", "returned": "上报返贫"}
    frame = pd.DataFrame(
        {
            "household_id": homes["household_id"].to_numpy()[home],
            "visited_on": pd.to_datetime(day),
            "visitor": "驻村工作队",
            "visit_reason": reason,
            "list_id": _list_names(visits, homes["county"].to_numpy()),
            "draw_probability": np.where(visits.drawn, probability, np.nan),
            "found": found,
            "measure_taken": [measure.get(r, "宣传政策") for r in result],
            "income_found": np.where(result == "unreachable", np.nan, income),
            "result": result,
            "recorded_on": pd.to_datetime(recorded),
        }
    )
    frame = frame.drop_duplicates(["household_id", "visited_on"])
    frame = frame[frame["recorded_on"] <= DATA_END]
    return frame.sort_values(["visited_on", "household_id"], ignore_index=True)


def _chosen(rng: np.random.Generator, H: int, past: History) -> Visits:
    home, quarter = np.nonzero(past.visited)
    other = rng.choice(H, H // 4, replace=False)
    other_quarter = rng.integers(1, QUARTERS, len(other))
    routine = ~past.visited[other, other_quarter]
    neither = np.zeros(routine.sum(), bool)
    at_random = past.random_visit[home, quarter]
    return Visits(
        home=np.concatenate([home, other[routine]]),
        quarter=np.concatenate([quarter, other_quarter[routine]]),
        drawn=np.concatenate([at_random, neither]),
        listed=np.concatenate([~at_random, neither]),
    )


def _results(
    rng: np.random.Generator, visits: Visits, past: History
) -> tuple[np.ndarray, np.ndarray]:
    """What the visitor concludes, and whether the household is weak."""
    home, quarter = visits.home, visits.quarter
    truth = past.hazards.loc[past.hazards["returned"], ["home", "quarter"]]
    asked = pd.MultiIndex.from_arrays([home, FIRST_QUARTER + quarter])
    gone_back = asked.isin(pd.MultiIndex.from_frame(truth))
    weak = (past.margin[home, quarter] < 0.08) | past.ill[home, quarter]
    draw = rng.random(len(home))
    result = np.select(
        [draw < 0.015, draw < 0.02, gone_back & (draw < 0.8), weak],
        ["unreachable", "untrue", "returned", "at_risk"],
        "stable",
    )
    return result, weak


def _findings(rng: np.random.Generator, weak: np.ndarray) -> np.ndarray:
    n = len(weak)
    shares = {
        "income_wrong": 0.5,
        "policy_not_applied": 0.2,
        "housing_untrue": 0.12,
        "insurance": 0.1,
        "member_missing": 0.08,
    }
    issue = rng.choice(list(shares), n, p=list(shares.values()))
    found = np.empty(n, dtype=object)
    for i, bad in enumerate(weak & (rng.random(n) < 0.25)):
        found[i] = (issue[i],) if bad else ("consistent",)
    return found


def _list_names(visits: Visits, county: np.ndarray) -> np.ndarray:
    number = FIRST_QUARTER + visits.quarter
    counties = county[visits.home]
    names = [
        f"MD{q // 4}Q{q % 4 + 1}-{c}" for q, c in zip(number, counties, strict=True)
    ]
    return given(visits.listed, names)


def spot_checks(src: Sources) -> pd.DataFrame:
    """One stratified round of 2018: exited, poor and unregistered households of each unit."""
    rng = src.rng
    frame = _sample(src)
    n, line = len(frame), poverty_line(2018, series="nbs").yuan
    found = _errors(rng, frame)
    # a missed or wrongly exited household is under the line
    low = np.isin(found, ["missed", "wrongly_exited"])
    under = np.round(line * rng.uniform(0.6, 0.98, n), 0)
    day = pd.to_datetime(np.datetime64("2018-08-20") + rng.integers(0, 30, n))
    corrected = pd.Series(day + pd.to_timedelta(rng.integers(10, 60, n), unit="D"))
    mended = (found != "consistent") & (rng.random(n) < 0.7)
    return frame.assign(
        check_id="CC2018Q3",
        sample_seed=20180820,
        weight=frame["weight"].round(4),
        checked_on=day,
        checker="第三方评估组",
        income_found=np.where(low, under, frame["income_found"]),
        found=[(f,) for f in found],
        corrected_on=corrected.where(mended),
    )[CHECK_COLUMNS]


def _sample(src: Sources) -> pd.DataFrame:
    """Households drawn by unit and sampling frame, with what each frame can find wrong."""
    rng, past = src.rng, src.past
    state, size = src.status[2018]["status"], src.size[2018]
    county = src.homes["county"].to_numpy()
    share = min(1.0, len(county) / DEFAULT_HOUSEHOLDS)
    line = poverty_line(2018, series="nbs").yuan
    parts = []
    for code, rows in src.places.villages.groupby("county"):
        stratum = rows["county_name"].iloc[0]
        for frame, states, wrong in (
            ("exited", ["exited"], "wrongly_exited"),
            ("poor", ["poor", "planned_exit"], "wrongly_identified"),
        ):
            pool = np.flatnonzero((county == code) & state.isin(states).to_numpy())
            count = min(len(pool), int(260 * share) + 20)
            chosen = np.sort(rng.choice(pool, count, replace=False))
            income = line * np.exp(past.margin[chosen, CAMPAIGN])
            income = income * rng.uniform(0.9, 1.1, len(chosen))
            drawn = {
                "household_id": src.numbers[chosen],
                "sample_frame": frame,
                "stratum": stratum,
                "weight": len(pool) / max(1, len(chosen)),
                "error": wrong,
                "chance": 0.012,
                "persons": size[chosen],
                "income_found": income.round(0),
            }
            parts.append(pd.DataFrame(drawn))
        n = int(420 * share) + 30
        unregistered = {
            "household_id": [f"{code}9{i:06d}" for i in range(n)],
            "sample_frame": "unregistered",
            "stratum": stratum,
            "weight": rows["population"].sum() / 3.1 / n,
            "error": "missed",
            "chance": 0.003,
            "persons": rng.integers(1, 5, n),
            "income_found": np.round(rng.lognormal(9.0, 0.35, n), -2),
        }
        parts.append(pd.DataFrame(unregistered))
    return pd.concat(parts, ignore_index=True)


def _errors(rng: np.random.Generator, frame: pd.DataFrame) -> np.ndarray:
    """What the checkers find: the frame's own error, another one, or nothing."""
    shares = {
        "income_wrong": 0.5,
        "member_missing": 0.15,
        "housing_untrue": 0.1,
        "policy_not_applied": 0.15,
        "education": 0.05,
        "water": 0.05,
    }
    draw = rng.random(len(frame))
    other = rng.choice(list(shares), len(frame), p=list(shares.values()))
    registered = frame["sample_frame"] != "unregistered"
    rest = np.where((draw < 0.045) & registered, other, "consistent")
    return np.where(draw < frame["chance"], frame["error"], rest)


def monitoring(
    rng: np.random.Generator, homes: pd.DataFrame, past: History
) -> pd.DataFrame:
    """The pilot of 2018; the same entries stand in the event ledger."""
    rows = past.events[past.events["kind"] == "monitored"].reset_index(drop=True)
    n = len(rows)
    month = pd.to_datetime(rows["recorded_on"]).dt.to_period("M").dt.to_timestamp()
    line = poverty_line(2018, series="nbs").yuan
    cleared = rng.random(n) < 0.1
    return pd.DataFrame(
        {
            "household_id": homes["household_id"].to_numpy()[rows["home"]],
            "monitoring_category": "unstable_exit",
            "identified_on": month,
            "risk_1": rows["reason"],
            "risk_2": given(rng.random(n) < 0.2, "labour"),
            "source": rng.choice(
                ["self_report", "cadre_check", "department_warning"], n
            ),
            "income_at_identification": np.round(line * rng.uniform(0.7, 1.3, n), 2),
            "compliant_oop": np.where(
                rows["reason"] == "illness", rng.integers(5, 90, n) * 100.0, 0.0
            ),
            "school_ok": True,
            "medical_ok": rng.random(n) < 0.85,
            "dwelling_ok": rng.random(n) < 0.95,
            "water_ok": True,
            "risk_cleared": cleared,
            "clear_mode": given(cleared, "natural"),
            "cleared_on": (month + pd.DateOffset(months=1)).where(cleared),
            "contact": "村干部",
            "phone": "13904160000",
        }
    ).sort_values("household_id", ignore_index=True)
