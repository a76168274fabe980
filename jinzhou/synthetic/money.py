"""Projects, the money behind them and the households they take in.

Money has a true effect: an industry project takes in as many households as its paid money and the
township's true efficiency allow, and a household taken in earns more and returns less often.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.reference import areas
from jinzhou.synthetic.history import given
from jinzhou.synthetic.parameters import (
    DATA_END,
    FIRST_QUARTER,
    QUARTERS,
    World,
)
from jinzhou.synthetic.people import Places
from jinzhou.synthetic.units import units

KINDS = {
    # type: (share of projects, subtype, content, office) - chosen
    "industry": (0.38, "种植养殖", "建设特色种养基地", "县农委"),
    "infrastructure": (0.24, "村组道路", "硬化村组道路", "县交通局"),
    "education": (0.08, "学生资助", "资助贫困学生", "县教育局"),
    "health": (0.10, "医疗救助", "患病人口救治", "县卫计局"),
    "housing": (0.12, "危房改造", "改造危险房屋", "县住建局"),
    "employment": (0.08, "技能培训", "组织务工培训", "县人社局"),
}
SPLIT = {"central": 0.38, "province": 0.30, "city": 0.14}
"""Shares of a budget; the county pays the rest (chosen)."""
NO_AID = QUARTERS + 99
PLAN_YEARS = (2016, 2017, 2018, 2019)
"""2019 is next year's pool: planned, no money yet."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Programme:
    """Projects and their money.

    Attributes
    ----------
    project, fund, payment, fund_year : DataFrame
        Tables of the vocabulary.
    aid_from, aid_project : array (H,)
        Quarter index from which an industry project takes the household in (`NO_AID`: never), and
        the row of that project.
    townships : DataFrame
        The truth: `town`, `county`, `industry_yuan` paid, `aided` households, `efficiency` (0-1).
    """

    project: pd.DataFrame
    fund: pd.DataFrame
    payment: pd.DataFrame
    fund_year: pd.DataFrame
    aid_from: np.ndarray
    aid_project: np.ndarray
    townships: pd.DataFrame


def programme(
    rng: np.random.Generator,
    homes: pd.DataFrame,
    able: np.ndarray,
    places: Places,
    world: World,
) -> Programme:
    """Projects of the townships, poorer ones more; money by level; which households they take in.

    Parameters
    ----------
    rng : Generator
    homes : DataFrame
    able : array (H,) of bool
        Someone in the household can work; others are not taken into industry projects.
    places : Places
    world : World
    """
    villages = places.villages
    project = _projects(rng, villages)
    fund, payment = _flows(rng, project)
    towns = villages.drop_duplicates("town")[["town", "county"]].reset_index(drop=True)
    loss = np.abs(rng.normal(0, world.township_efficiency_sd, len(towns)))
    towns["efficiency"] = np.exp(-loss)
    town_of = villages["town"].to_numpy()[homes["village_index"]]
    open_to = np.flatnonzero(able & ~homes["new"].to_numpy())
    waiting = {
        town: list(rng.permutation(rows))
        for town, rows in pd.Series(open_to).groupby(town_of[open_to])
    }
    aid_from, aid_project = np.full(len(homes), NO_AID), np.full(len(homes), -1)
    spent = pd.Series(0.0, index=towns["town"])
    efficiency = towns.set_index("town")["efficiency"]
    for row, town, yuan, first in _industry(project, payment):
        spent[town] += yuan
        room = int(yuan * efficiency[town] / world.yuan_per_aided_household)
        count = min(room, len(waiting.get(town, ())))
        taken = [waiting[town].pop() for _ in range(count)]
        # the quarter after the first payment
        aid_from[taken] = first.year * 4 + first.quarter - FIRST_QUARTER
        aid_project[taken] = row
    aided = pd.Series(town_of[aid_project >= 0]).value_counts()
    towns["industry_yuan"] = spent.to_numpy().round(2)
    towns["aided"] = aided.reindex(towns["town"]).fillna(0).astype(int).to_numpy()
    return Programme(
        project=project,
        fund=fund,
        payment=payment,
        fund_year=_fund_years(rng, villages),
        aid_from=aid_from,
        aid_project=aid_project,
        townships=towns,
    )


def _industry(
    project: pd.DataFrame, payment: pd.DataFrame
) -> list[tuple[int, str, float, pd.Timestamp]]:
    """Row, township, yuan paid and first payment of the industry projects, earliest first."""
    paid = payment.groupby("project_id").agg(
        yuan=("paid_amount", "sum"), first=("paid_on", "min")
    )
    industry = project["project_type"] == "industry"
    rows = project.index[industry & project["project_id"].isin(paid.index)]
    of_row = paid.loc[project.loc[rows, "project_id"]]
    order = np.argsort(of_row["first"].to_numpy(), kind="stable")
    return [
        (
            rows[i],
            project.at[rows[i], "town"],
            of_row["yuan"].iloc[i] * 10_000,
            of_row["first"].iloc[i],
        )
        for i in order
    ]


def _projects(rng: np.random.Generator, villages: pd.DataFrame) -> pd.DataFrame:
    need = villages.groupby("town")["is_poor"].mean()
    of_town = {town: rows.index.to_numpy() for town, rows in villages.groupby("town")}
    rows = [
        (year, rng.choice(of_town[town]))
        for year in PLAN_YEARS
        for town in villages["town"].unique()
        for _ in range(1 + rng.poisson(1.2 + 2.5 * need[town]))
    ]
    n = len(rows)
    year = np.array([r[0] for r in rows])
    place = villages.iloc[[r[1] for r in rows]].reset_index(drop=True)
    kind = rng.choice(list(KINDS), n, p=[k[0] for k in KINDS.values()])
    budget = np.round(rng.lognormal(3.6, 0.6, n), 2)  # 万元
    planned, days = _project_days(rng, year)
    subtype, content, office = ([KINDS[k][i] for k in kind] for i in (1, 2, 3))
    households = rng.integers(10, 120, n)
    frame = pd.DataFrame(
        {
            "project_id": [f"XM{y}{i:04d}" for i, y in enumerate(year, 1)],
            "project_name": place["village"] + np.array(subtype) + "项目",
            "project_type": kind,
            "project_subtype": subtype,
            **{c: place[c] for c in ("county_name", "town", "village", "area_code")},
            "build_kind": np.where(rng.random(n) < 0.9, "new", "continued"),
            "content": given(rng.random(n) < 0.985, content),
            "department": office,
            "implementer": place["town"] + "人民政府",
            "plan_year": year,
            "planned_start": planned,
            "planned_end": planned + pd.Timedelta(days=200),
            **days,
            **_budget(budget),
            "beneficiary_households": households,
        }
    )
    accepted, ahead = frame["accepted_on"], year == PLAN_YEARS[-1]
    persons = np.round(households * rng.uniform(2.0, 2.8, n)).astype(int)
    score = pd.Series(np.round(rng.uniform(78, 99, n), 1))
    posted = pd.Series(planned - pd.Timedelta(days=20))
    return frame.assign(
        beneficiary_persons=persons,
        perf_target="带动增收",
        perf_self_score=score.mask(ahead),
        disclosed_plan_on=posted.mask(ahead),
        disclosed_done_on=accepted.where(rng.random(n) < 0.95),
    )


def _project_days(
    rng: np.random.Generator, year: np.ndarray
) -> tuple[pd.DatetimeIndex, dict[str, pd.Series]]:
    """Planned start, and the days of start, end and acceptance up to the export."""
    n, end = len(year), pd.Timestamp(DATA_END)

    def after(low: int, high: int) -> pd.TimedeltaIndex:
        return pd.to_timedelta(rng.integers(low, high, n), unit="D")

    planned = pd.to_datetime([f"{y}-03-15" for y in year]) + after(0, 60)
    started = pd.Series(planned + after(-5, 70)).mask(year == PLAN_YEARS[-1])
    finished = started + after(60, 260)
    accepted = finished + after(10, 90)
    days = {"started_on": started, "finished_on": finished, "accepted_on": accepted}
    return planned, {name: day.where(day <= end) for name, day in days.items()}


def _budget(total: np.ndarray) -> dict[str, object]:
    share = {level: np.round(total * part, 2) for level, part in SPLIT.items()}
    return {
        "budget_total": total,
        **{f"budget_{level}": part for level, part in share.items()},
        "budget_county": np.round(total - sum(share.values()), 2),
        "budget_other": 0.0,
    }


def _flows(
    rng: np.random.Generator, project: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Allocations by level and year, and the payments made from them, some of them late."""
    begun = project[project["plan_year"] < PLAN_YEARS[-1]].reset_index(drop=True)
    fund = _allocations(rng, begun)
    payment = _payments(rng, fund, begun)
    offices = project.set_index("project_id")["implementer"]
    payment["payee"] = payment["project_id"].map(offices)
    payment["pay_method"] = "国库直接支付"
    paid = payment.groupby("fund_id")["paid_amount"].sum()
    left = fund["allocated_amount"] - fund["fund_id"].map(paid).fillna(0)
    fund["carried_over"] = left.round(4)
    columns = ["fund_id", "project_id", "allocation_doc", "level", "allocated_on"]
    return fund[[*columns, "allocated_amount", "carried_over"]], payment


def _allocations(rng: np.random.Generator, begun: pd.DataFrame) -> pd.DataFrame:
    n, parts = len(begun), []
    for level in (*SPLIT, "county"):
        lead = pd.to_timedelta(rng.integers(5, 60, n), unit="D")
        allocation = {
            "project": begun.index,
            "level": level,
            "allocated_amount": begun[f"budget_{level}"],
            "allocated_on": begun["planned_start"] - lead,
        }
        parts.append(pd.DataFrame(allocation))
    fund = pd.concat(parts).query("allocated_amount > 0")
    fund = fund.sort_values(["project", "level"], ignore_index=True)
    fund.insert(0, "fund_id", [f"ZJ{i:06d}" for i in range(1, len(fund) + 1)])
    fund["project_id"] = begun["project_id"].to_numpy()[fund["project"]]
    # integrated agricultural money is allocated under the county's name and its own level
    mixed = (fund["level"] == "county") & (rng.random(len(fund)) < 0.3)
    fund["level"] = fund["level"].mask(mixed, "integrated")
    years = begun["plan_year"].to_numpy()[fund["project"]]
    documents = rng.integers(1, 41, len(fund))
    fund["allocation_doc"] = [
        f"锦扶发〔{y}〕{d}号" for y, d in zip(years, documents, strict=True)
    ]
    return fund


def _payments(
    rng: np.random.Generator, fund: pd.DataFrame, begun: pd.DataFrame
) -> pd.DataFrame:
    n, end = len(fund), pd.Timestamp(DATA_END)
    started = begun["started_on"].to_numpy(dtype="datetime64[D]")[fund["project"]]
    parts = []
    for share, low, high in ((0.5, 5, 60), (0.35, 60, 200), (0.15, 150, 420)):
        day = pd.Series(pd.to_datetime(started + rng.integers(low, high, n)))
        part = rng.uniform(0, 1, n)  # only the last payment is not full
        full = fund["allocated_amount"] * share
        value = (full * part if share < 0.2 else full).round(4)
        paid = {
            "fund_id": fund["fund_id"],
            "project_id": fund["project_id"],
            "paid_on": day,
            "paid_amount": value,
        }
        made = (day <= end) & (value > 0) & (rng.random(n) < 0.94)
        parts.append(pd.DataFrame(paid)[made])
    payment = pd.concat(parts).sort_values(["paid_on", "fund_id"], ignore_index=True)
    payment.insert(0, "payment_id", [f"ZF{i:06d}" for i in range(1, len(payment) + 1)])
    return payment


def _fund_years(rng: np.random.Generator, villages: pd.DataFrame) -> pd.DataFrame:
    """Yearly input of province, city and counties; one district starts from nothing."""
    rows = [
        (areas.province().zh, y, "province", v)
        for y, v in zip(
            (2016, 2017, 2018), (120_000.0, 138_000.0, 158_700.0), strict=True
        )
    ]
    rows += [
        (areas.city().zh, y, "city", v)
        for y, v in zip((2016, 2017, 2018), (2_600.0, 3_000.0, 3_420.0), strict=True)
    ]
    base = {code: unit.own_funds for code, unit in units().items()}
    for code, name in villages.drop_duplicates("county")[
        ["county", "county_name"]
    ].itertuples(index=False):
        for i, year in enumerate((2016, 2017, 2018)):
            value = (
                base[code] * (1 + rng.uniform(0.04, 0.26)) ** i
                if base[code]
                else (0.0, 0.0, 30.0)[i]
            )
            rows.append((name, year, "county", round(value, 2)))
    return pd.DataFrame(rows, columns=["area", "year", "level", "amount"])
