"""Projects, the money behind them, the households they take in, measures and small loans.

Money has a true effect: an industry project takes in as many households as its paid money and the
township's true efficiency allow, and a household taken in earns more and returns less often.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.synthetic.history import History, day_in
from jinzhou.synthetic.parameters import (
    DATA_END,
    FIRST_QUARTER,
    QUARTERS,
    Targets,
    World,
)
from jinzhou.synthetic.people import Places

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
    able : array (H,) of bool
        Someone in the household can work; others are not taken into industry projects.
    """
    villages = places.villages
    project = _projects(rng, villages)
    fund, payment = _flows(rng, project)
    towns = villages.drop_duplicates("town")[["town", "county"]].reset_index(drop=True)
    towns["efficiency"] = np.exp(
        -np.abs(rng.normal(0, world.township_efficiency_sd, len(towns)))
    )
    efficiency = towns.set_index("town")["efficiency"]
    paid = payment.groupby("project_id").agg(
        yuan=("paid_amount", "sum"), first=("paid_on", "min")
    )
    home_town = villages["town"].to_numpy()[homes["village_index"]]
    waiting = {
        town: list(rng.permutation(rows))
        for town, rows in pd.Series(
            np.flatnonzero(able & ~homes["new"].to_numpy())
        ).groupby(home_town[able & ~homes["new"].to_numpy()])
    }
    aid_from, aid_project = np.full(len(homes), NO_AID), np.full(len(homes), -1)
    industry = project.index[
        (project["project_type"] == "industry") & project["project_id"].isin(paid.index)
    ]
    spent = pd.Series(0.0, index=towns["town"])
    for row in industry[
        np.argsort(
            paid.loc[project.loc[industry, "project_id"], "first"].to_numpy(),
            kind="stable",
        )
    ]:
        number, town = project.at[row, "project_id"], project.at[row, "town"]
        yuan = paid.at[number, "yuan"] * 10_000
        spent[town] += yuan
        places_left = int(yuan * efficiency[town] / world.yuan_per_aided_household)
        taken = [
            waiting[town].pop()
            for _ in range(min(places_left, len(waiting.get(town, ()))))
        ]
        first = paid.at[number, "first"]
        aid_from[taken] = (
            first.year * 4 + first.quarter - FIRST_QUARTER
        )  # the quarter after the first payment
        aid_project[taken] = row
    towns["industry_yuan"] = spent.to_numpy().round(2)
    towns["aided"] = (
        pd.Series(home_town[aid_project >= 0])
        .value_counts()
        .reindex(towns["town"])
        .fillna(0)
        .astype(int)
        .to_numpy()
    )
    return Programme(
        project=project,
        fund=fund,
        payment=payment,
        fund_year=_fund_years(rng, villages),
        aid_from=aid_from,
        aid_project=aid_project,
        townships=towns,
    )


def _projects(rng, villages: pd.DataFrame) -> pd.DataFrame:
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
    share = {level: np.round(budget * part, 2) for level, part in SPLIT.items()}
    planned = pd.to_datetime([f"{y}-03-15" for y in year]) + pd.to_timedelta(
        rng.integers(0, 60, n), unit="D"
    )
    ahead = year == 2019
    started = pd.Series(
        planned + pd.to_timedelta(rng.integers(-5, 70, n), unit="D")
    ).mask(ahead)
    finished = started + pd.to_timedelta(rng.integers(60, 260, n), unit="D")
    accepted = finished + pd.to_timedelta(rng.integers(10, 90, n), unit="D")
    end = pd.Timestamp(DATA_END)
    subtype, content, office = ([KINDS[k][i] for k in kind] for i in (1, 2, 3))
    households = rng.integers(10, 120, n)
    return pd.DataFrame(
        {
            "project_id": [f"XM{y}{i:04d}" for i, y in enumerate(year, 1)],
            "project_name": place["village"] + np.array(subtype) + "项目",
            "project_type": kind,
            "project_subtype": subtype,
            "county_name": place["county_name"],
            "town": place["town"],
            "village": place["village"],
            "area_code": place["area_code"],
            "build_kind": np.where(rng.random(n) < 0.9, "new", "continued"),
            "content": np.where(rng.random(n) < 0.985, content, None),
            "department": office,
            "implementer": place["town"] + "人民政府",
            "plan_year": year,
            "planned_start": planned,
            "planned_end": planned + pd.Timedelta(days=200),
            "started_on": started.where(started <= end),
            "finished_on": finished.where(finished <= end),
            "accepted_on": accepted.where(accepted <= end),
            "budget_total": budget,
            **{f"budget_{level}": part for level, part in share.items()},
            "budget_county": np.round(budget - sum(share.values()), 2),
            "budget_other": 0.0,
            "beneficiary_households": households,
            "beneficiary_persons": np.round(
                households * rng.uniform(2.0, 2.8, n)
            ).astype(int),
            "perf_target": "带动增收",
            "perf_self_score": pd.Series(np.round(rng.uniform(78, 99, n), 1)).mask(
                ahead
            ),
            "disclosed_plan_on": pd.Series(planned - pd.Timedelta(days=20)).mask(ahead),
            "disclosed_done_on": accepted.where(
                (accepted <= end) & (rng.random(n) < 0.95)
            ),
        }
    )


def _flows(rng, project: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Allocations by level and year, and the payments made from them; some late, some carried over."""
    end = pd.Timestamp(DATA_END)
    begun = project[project["plan_year"] < 2019].reset_index(drop=True)
    fund = (
        pd.concat(
            [
                pd.DataFrame(
                    {
                        "project": begun.index,
                        "level": level,
                        "allocated_amount": begun[f"budget_{level}"],
                        "allocated_on": begun["planned_start"]
                        - pd.to_timedelta(rng.integers(5, 60, len(begun)), unit="D"),
                    }
                )
                for level in (*SPLIT, "county")
            ]
        )
        .query("allocated_amount > 0")
        .sort_values(["project", "level"], ignore_index=True)
    )
    fund.insert(0, "fund_id", [f"ZJ{i:06d}" for i in range(1, len(fund) + 1)])
    fund["project_id"] = begun["project_id"].to_numpy()[fund["project"]]
    # integrated agricultural money is allocated under the county's name and its own level
    mixed = (fund["level"] == "county") & (rng.random(len(fund)) < 0.3)
    fund["level"] = fund["level"].mask(mixed, "integrated")
    fund["allocation_doc"] = [
        f"锦扶发〔{y}〕{d}号"
        for y, d in zip(
            begun["plan_year"].to_numpy()[fund["project"]],
            rng.integers(1, 41, len(fund)),
        )
    ]
    begun_on = begun["started_on"].to_numpy(dtype="datetime64[D]")[fund["project"]]
    parts = []
    for share, low, high in ((0.5, 5, 60), (0.35, 60, 200), (0.15, 150, 420)):
        day = pd.Series(pd.to_datetime(begun_on + rng.integers(low, high, len(fund))))
        value = (
            fund["allocated_amount"]
            * share
            * np.where(share < 0.2, rng.uniform(0, 1, len(fund)), 1)
        ).round(4)
        parts.append(
            pd.DataFrame(
                {
                    "fund_id": fund["fund_id"],
                    "project_id": fund["project_id"],
                    "paid_on": day,
                    "paid_amount": value,
                }
            )[(day <= end) & (value > 0) & (rng.random(len(fund)) < 0.94)]
        )
    payment = pd.concat(parts).sort_values(["paid_on", "fund_id"], ignore_index=True)
    payment.insert(0, "payment_id", [f"ZF{i:06d}" for i in range(1, len(payment) + 1)])
    payment["payee"] = payment["project_id"].map(
        project.set_index("project_id")["implementer"]
    )
    payment["pay_method"] = "国库直接支付"
    paid = payment.groupby("fund_id")["paid_amount"].sum()
    fund["carried_over"] = (
        fund["allocated_amount"] - fund["fund_id"].map(paid).fillna(0)
    ).round(4)
    return fund[
        [
            "fund_id",
            "project_id",
            "allocation_doc",
            "level",
            "allocated_on",
            "allocated_amount",
            "carried_over",
        ]
    ], payment


def _fund_years(rng, villages: pd.DataFrame) -> pd.DataFrame:
    """Yearly input of province, city and counties; one district starts from nothing."""
    rows = [
        ("辽宁省", y, "province", v)
        for y, v in zip((2016, 2017, 2018), (120_000.0, 138_000.0, 158_700.0))
    ]
    rows += [
        ("锦州市", y, "city", v)
        for y, v in zip((2016, 2017, 2018), (2_600.0, 3_000.0, 3_420.0))
    ]
    base = {
        "210726": 800,
        "210727": 1_150,
        "210781": 760,
        "210782": 700,
        "210711": 140,
        "210703": 40,
        "210702": 0,
    }
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


def measures(
    rng,
    homes: pd.DataFrame,
    places: Places,
    past: History,
    plan: Programme,
    helper_of: np.ndarray,
    people: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measures by household, and which project carries which household.

    The industry measure is the true aid; the others follow cause and members. Some households get
    a measure that does not answer their cause, and some none.
    """
    H = len(homes)
    town = places.villages["town"].to_numpy()[homes["village_index"]]
    cause = homes["cause"].to_numpy()

    def any_member(flag) -> np.ndarray:
        return np.bincount(people["home"], flag, H) > 0

    def some(where: np.ndarray, share: float) -> np.ndarray:
        return np.flatnonzero(where & (rng.random(H) < share))

    labour = any_member(people["able"])
    groups = []

    def add(
        chosen: np.ndarray,
        kind: str,
        quarter: np.ndarray,
        amount: float,
        days: int,
        income: float = np.nan,
    ) -> None:
        day = day_in(rng, quarter, (0, 1, 2), len(chosen))
        groups.append(
            pd.DataFrame(
                {
                    "home": chosen,
                    "measure_type": kind,
                    "started_on": pd.to_datetime(day),
                    "ended_on": pd.to_datetime(day + days) if days else pd.NaT,
                    "expected_income": income,
                    "amount_yuan": np.round(
                        amount * rng.choice([0.8, 1.0, 1.2, 1.5], len(chosen)), 2
                    ),
                }
            )
        )

    aided = np.flatnonzero((plan.aid_from < QUARTERS) & (plan.aid_project >= 0))
    add(aided, "industry", plan.aid_from[aided], 1_500.0, 900, 1_000.0)
    for chosen, kind, low, amount, days, income in (
        (some(cause == "illness", 0.75), "health", 2, 600.0, 0, np.nan),
        (some(cause == "disability", 0.60), "social_protection", 2, 1_320.0, 0, np.nan),
        (some(labour, 0.13), "employment", 2, 800.0, 365, 3_000.0),
        (some(labour, 0.03), "public_job", 4, 6_000.0, 365, 6_000.0),
        (some(any_member(people["pupil"]), 0.55), "education", 1, 3_000.0, 365, np.nan),
        (some(np.ones(H, bool), 0.04), "living_conditions", 2, 900.0, 0, np.nan),
    ):
        add(
            chosen,
            kind,
            rng.integers(low, QUARTERS - 1, len(chosen)),
            amount,
            days,
            income,
        )
    protected = np.flatnonzero(past.dibao)
    add(protected, "social_protection", np.zeros(len(protected), int), 1_920.0, 0)
    frame = pd.concat(groups, ignore_index=True)
    # projects of the township of that kind, begun before the measure, carry most of them
    project = plan.project
    number = project["project_id"].to_numpy(dtype=object)
    frame["project_id"] = None
    industry = (frame["measure_type"] == "industry").to_numpy()
    linked = np.full(len(frame), None, dtype=object)
    linked[industry] = number[plan.aid_project[frame["home"].to_numpy()[industry]]]
    linked[industry & (rng.random(len(frame)) < 0.04)] = (
        None  # a broken link of the audit
    )
    begun = project[project["started_on"].notna()]
    offers = {key: rows for key, rows in begun.groupby(["town", "project_type"])}
    started = frame["started_on"].to_numpy()
    for (key_town, kind), rows in frame[~industry].groupby(
        [town[frame["home"]][~industry], "measure_type"]
    ):
        offer = offers.get((key_town, kind))
        if offer is None:
            continue
        pick = offer.iloc[rng.integers(0, len(offer), len(rows))]
        fits = (pick["started_on"].to_numpy() <= started[rows.index]) & (
            rng.random(len(rows)) < 0.85
        )
        linked[rows.index[fits]] = pick["project_id"].to_numpy(dtype=object)[fits]
    frame["project_id"] = linked
    frame["household_id"] = homes["household_id"].to_numpy()[frame["home"]]
    frame["funded_by"] = rng.choice(
        ["central", "province", "city", "county"], len(frame)
    )
    frame["helper_id"] = helper_of[frame["home"]]
    frame = frame.sort_values(
        ["started_on", "household_id", "measure_type"], ignore_index=True
    ).drop_duplicates(["household_id", "measure_type", "started_on"], ignore_index=True)
    links = frame[frame["project_id"].notna()].drop_duplicates(
        ["project_id", "household_id"], ignore_index=True
    )
    links = pd.DataFrame(
        {
            "project_id": links["project_id"],
            "household_id": links["household_id"],
            "link_mechanism": np.where(
                links["measure_type"] == "industry",
                rng.choice(["入股分红", "订单收购", "土地流转"], len(links)),
                "直接受益",
            ),
        }
    )
    return frame[
        [
            "household_id",
            "measure_type",
            "started_on",
            "ended_on",
            "project_id",
            "amount_yuan",
            "funded_by",
            "helper_id",
            "expected_income",
        ]
    ], links


POSTED, NAMED, NO_SITE = 0.70, 0.65, 0.04
"""Shares of next year's pool whose plan is posted, of posted household projects that name households, and without a place (chosen)."""
REBUILT_LINKED = 0.96
"""Share of the dwellings begun that a housing project of the township names (chosen)."""
NO_HOUSEHOLDS, NO_MEASURE = 0.03, 0.02
"""Shares of projects that lose all their households, and of measures that lose their project, in the books (chosen)."""


def chains(
    rng: np.random.Generator, tables: dict[str, pd.DataFrame]
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Housing projects name the households they rebuild for, part of next year's pool is ready, and some links are broken.

    Parameters
    ----------
    tables : dict of DataFrame
        True tables; a changed copy is returned.

    Returns
    -------
    tables, truth
        Truth: `link` (``household``: the project lost its households, ``measure``: the measure lost its project), `project_id`, `household_id`, and the
        projects of the pool by `link` = ``ready``.
    """
    project, links, measure = (
        tables["project"].copy(),
        tables["project_household"],
        tables["measure"].copy(),
    )
    town = (
        tables["household"]
        .sort_values("snapshot")
        .drop_duplicates("household_id", keep="last")
        .set_index("household_id")["town"]
    )
    # housing: the dwelling belongs to the township's latest housing project begun before it
    homes = (
        tables["housing"]
        .dropna(subset=["started_on"])
        .drop_duplicates("household_id")[["household_id", "started_on"]]
    )
    homes = (
        homes[rng.random(len(homes)) < REBUILT_LINKED]
        .assign(town=lambda f: f["household_id"].map(town))
        .dropna(subset=["town"])
        .sort_values("started_on", kind="stable")
    )
    begun = project[
        (project["project_type"] == "housing") & project["started_on"].notna()
    ][["project_id", "town", "started_on"]].sort_values(["started_on", "project_id"])
    begun = begun.assign(
        town=begun["town"].astype(object),
        started_on=begun["started_on"].astype(homes["started_on"].dtype),
    )
    found = pd.merge_asof(
        homes.assign(town=homes["town"].astype(object)),
        begun,
        on="started_on",
        by="town",
        direction="backward",
    ).dropna(subset=["project_id"])
    named = pd.DataFrame(
        {
            "project_id": found["project_id"],
            "household_id": found["household_id"],
            "link_mechanism": "直接受益",
        }
    )
    # the pool: posted plans, named households, a few without a place
    pool = project.index[project["plan_year"] == PLAN_YEARS[-1]]
    posted = rng.random(len(pool)) < POSTED
    project.loc[pool[posted], "disclosed_plan_on"] = (
        project.loc[pool[posted], "planned_start"]
        - pd.to_timedelta(rng.integers(170, 260, int(posted.sum())), unit="D")
    ).to_numpy()
    nowhere = pool[rng.random(len(pool)) < NO_SITE]
    project.loc[nowhere, ["village", "area_code"]] = None
    poor = (
        tables["household"]
        .query(
            "snapshot == 2018 and registration_status in ('poor', 'planned_exit', 'returned')"
        )
        .groupby("town")["household_id"]
        .apply(list)
    )
    parts = []
    for row in project.loc[pool[posted]].itertuples():
        waiting = poor.get(row.town, [])
        if row.project_type != "infrastructure" and waiting and rng.random() < NAMED:
            chosen = rng.choice(
                waiting, min(len(waiting), int(rng.integers(5, 40))), replace=False
            )
            parts.append(
                pd.DataFrame(
                    {
                        "project_id": row.project_id,
                        "household_id": chosen,
                        "link_mechanism": "直接受益",
                    }
                )
            )
    # broken links of the audit
    lost = links["project_id"].drop_duplicates().sort_values().to_numpy()
    lost = lost[rng.random(len(lost)) < NO_HOUSEHOLDS]
    kept = links[~links["project_id"].isin(lost)]
    carried = measure.index[
        measure["project_id"].notna() & ~measure["project_id"].isin(lost)
    ]
    cut = carried[rng.random(len(carried)) < NO_MEASURE]
    broken = measure.loc[cut, ["project_id", "household_id"]].drop_duplicates()
    measure.loc[
        measure.set_index(["project_id", "household_id"]).index.isin(
            pd.MultiIndex.from_frame(broken)
        ),
        "project_id",
    ] = None
    links = pd.concat([kept, named, *parts], ignore_index=True).drop_duplicates(
        ["project_id", "household_id"], ignore_index=True
    )
    pooled = project.loc[pool]
    ready = pooled[
        posted
        & pooled["area_code"].notna()
        & pooled["content"].notna()
        & (
            pooled["project_type"].eq("infrastructure")
            | pooled["project_id"].isin(links["project_id"])
        )
    ]
    truth = pd.concat(
        [
            pd.DataFrame({"link": "household", "project_id": lost}),
            broken.assign(link="measure"),
            pd.DataFrame({"link": "ready", "project_id": ready["project_id"]}),
        ],
        ignore_index=True,
    )
    return {
        **tables,
        "project": project,
        "project_household": links,
        "measure": measure,
    }, truth[["link", "project_id", "household_id"]]


def as_recorded(
    measure: pd.DataFrame, income: pd.DataFrame, dibao: np.ndarray
) -> pd.DataFrame:
    """Amounts that the paying office has in its books, equal to what honest villages write down as income.

    Student aid is the year's other transfers; the minimum income the dibao payment, and what the
    disabled get the other transfers, of the latest year on record; the wage of a public job at most
    the year's wages; where there is no such income the amount is left blank.
    """
    year = measure["started_on"].dt.year + (
        measure["started_on"].dt.strftime("%m%d") > "0930"
    )
    of_year = (
        measure[["household_id"]]
        .assign(snapshot=year)
        .merge(
            income[
                ["household_id", "snapshot", "other_transfer", "wage_income"]
            ].drop_duplicates(["household_id", "snapshot"]),
            how="left",
        )
    )
    last = (
        income.sort_values("snapshot")
        .drop_duplicates("household_id", keep="last")
        .set_index("household_id")
    )
    kind, amount = measure["measure_type"], measure["amount_yuan"]
    protected = (
        (kind == "social_protection")
        & measure["household_id"].isin(dibao)
        & (measure["started_on"] < "2015-07-01")
    )
    paid = np.select(
        [
            kind == "education",
            protected,
            kind == "social_protection",
            kind == "public_job",
        ],
        [
            of_year["other_transfer"],
            measure["household_id"].map(last["dibao_payment"]),
            measure["household_id"].map(last["other_transfer"]),
            np.minimum(amount, of_year["wage_income"]),
        ],
        amount,
    )
    return measure.assign(
        amount_yuan=pd.Series(paid, index=measure.index).where(paid > 0).round(2)
    )


def loans(rng, homes: pd.DataFrame, past: History, targets: Targets) -> pd.DataFrame:
    """Small loans; those of 2018 add up to the speech's figure exactly and end before the brief."""
    amounts, left = [], targets.microcredit_yuan
    while left > 0:
        amounts.append(min(left, int(rng.integers(2, 11)) * 5_000))
        left -= amounts[-1]
    now = len(amounts)
    earlier = max(4, now * 2)
    amounts = np.array(
        amounts + [int(x) * 5_000 for x in rng.integers(2, 11, earlier)], float
    )
    n = len(amounts)
    people = past.members
    heads = people[(people["place"] == 0)].set_index("home")
    age = heads["age_2016"].to_numpy()
    able = np.flatnonzero(
        heads["able"].to_numpy()
        & (age > 20)
        & (age < 57)
        & ~homes["new"].to_numpy()[heads.index]
    )
    chosen = heads.index.to_numpy()[rng.choice(able, n, replace=False)]
    year = np.concatenate(
        [np.full(now, 2018), rng.choice([2015, 2016, 2017], earlier, p=[0.2, 0.5, 0.3])]
    )
    first = np.array([f"{y}-01-10" for y in year], dtype="datetime64[D]")
    day = first + rng.integers(0, np.where(year == 2018, 255, 340))
    due = day + rng.choice([365, 730, 1_095], n, p=[0.2, 0.5, 0.3])
    end = np.datetime64(DATA_END)
    ended = due < end
    overdue = ended & (rng.random(n) < 0.06)
    enterprise = (year < 2018) & (rng.random(n) < 0.08)
    balance = np.where(ended & ~overdue, 0, amounts)
    return pd.DataFrame(
        {
            "loan_id": [f"DK{i:05d}" for i in range(1, n + 1)],
            "household_id": homes["household_id"].to_numpy()[chosen],
            "borrower_id": heads["id_number"].reindex(chosen).to_numpy(),
            "bank": rng.choice(
                ["农村信用联社", "邮储银行", "农业银行"], n, p=[0.7, 0.2, 0.1]
            ),
            "contract_amount": amounts,
            "disbursed_on": pd.to_datetime(day),
            "due_on": pd.to_datetime(due),
            "rate": 4.35,
            "subsidised": ~enterprise,
            "subsidy_amount": np.where(enterprise, 0, np.round(amounts * 0.0435, 2)),
            "purpose": rng.choice(
                ["crops", "livestock", "processing", "trade"], n, p=[0.4, 0.4, 0.1, 0.1]
            ),
            "own_use": np.where(enterprise, "enterprise", "own"),
            "balance": balance,
            "overdue_principal": np.where(overdue, np.round(amounts * 0.6, 2), 0),
            "overdue_days": np.where(overdue, (end - due).astype(int), 0),
            "npl": overdue & ((end - due).astype(int) > 90),
            "extended": ended & (rng.random(n) < 0.05),
            "renewed": rng.random(n) < 0.04,
            "risk_compensated": 0.0,
        }
    )
