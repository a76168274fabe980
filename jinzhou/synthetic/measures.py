"""Measures by household, the projects that carry them, and small loans."""

import numpy as np
import pandas as pd

from jinzhou.synthetic.history import day_in
from jinzhou.synthetic.money import Programme
from jinzhou.synthetic.parameters import DATA_END, QUARTERS
from jinzhou.synthetic.sources import Sources

COLUMNS = [
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
KINDS = (
    # measure, share of those it is for, first quarter, yuan, days, expected yuan - chosen
    ("health", 0.75, 2, 600.0, 0, np.nan),
    ("social_protection", 0.60, 2, 1_320.0, 0, np.nan),
    ("employment", 0.13, 2, 800.0, 365, 3_000.0),
    ("public_job", 0.03, 4, 6_000.0, 365, 6_000.0),
    ("education", 0.55, 1, 3_000.0, 365, np.nan),
    ("living_conditions", 0.04, 2, 900.0, 0, np.nan),
)


def measures(
    src: Sources, plan: Programme, helper_of: np.ndarray
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measures by household, and which project carries which household.

    The industry measure is the true aid; the others follow cause and members. Some households get
    a measure that does not answer their cause, and some none.
    """
    rng = src.rng
    frame = _given(src, plan)
    frame["project_id"] = _carriers(src, plan, frame)
    frame["household_id"] = src.numbers[frame["home"]]
    levels = ["central", "province", "city", "county"]
    frame["funded_by"] = rng.choice(levels, len(frame))
    frame["helper_id"] = helper_of[frame["home"]]
    key = ["household_id", "measure_type", "started_on"]
    frame = frame.sort_values(
        ["started_on", "household_id", "measure_type"], ignore_index=True
    ).drop_duplicates(key, ignore_index=True)
    carried = frame[frame["project_id"].notna()].drop_duplicates(
        ["project_id", "household_id"], ignore_index=True
    )
    ways = rng.choice(["入股分红", "订单收购", "土地流转"], len(carried))
    industry = carried["measure_type"] == "industry"
    links = carried[["project_id", "household_id"]].assign(
        link_mechanism=np.where(industry, ways, "直接受益")
    )
    return frame[COLUMNS], links


def _given(src: Sources, plan: Programme) -> pd.DataFrame:
    """Which household got which measure, when and for how much."""
    rng, past, H = src.rng, src.past, len(src.homes)
    cause, people = src.homes["cause"].to_numpy(), past.members

    def any_member(flag: str) -> np.ndarray:
        return np.bincount(people["home"], people[flag], H) > 0

    labour, pupil = any_member("able"), any_member("pupil")
    fitting = (
        cause == "illness",
        cause == "disability",
        labour,
        labour,
        pupil,
        np.ones(H, bool),
    )

    def group(
        homes: np.ndarray, kind: str, quarter: np.ndarray, yuan: float, days: int
    ) -> pd.DataFrame:
        day = day_in(rng, quarter, (0, 1, 2), len(homes))
        amount = yuan * rng.choice([0.8, 1.0, 1.2, 1.5], len(homes))
        columns = {
            "home": homes,
            "measure_type": kind,
            "started_on": pd.to_datetime(day),
            "ended_on": pd.to_datetime(day + days) if days else pd.NaT,
            "expected_income": np.nan,
            "amount_yuan": np.round(amount, 2),
        }
        return pd.DataFrame(columns)

    aided = np.flatnonzero((plan.aid_from < QUARTERS) & (plan.aid_project >= 0))
    first = group(aided, "industry", plan.aid_from[aided], 1_500.0, 900)
    groups = [first.assign(expected_income=1_000.0)]
    chosen = [
        np.flatnonzero(who & (rng.random(H) < share))
        for who, (_, share, *_) in zip(fitting, KINDS, strict=True)
    ]
    for homes, (kind, _, low, yuan, days, income) in zip(chosen, KINDS, strict=True):
        quarter = rng.integers(low, QUARTERS - 1, len(homes))
        rows = group(homes, kind, quarter, yuan, days)
        groups.append(rows.assign(expected_income=income))
    protected = np.flatnonzero(past.dibao)
    start = np.zeros(len(protected), int)
    groups.append(group(protected, "social_protection", start, 1_920.0, 0))
    return pd.concat(groups, ignore_index=True)


def _carriers(src: Sources, plan: Programme, frame: pd.DataFrame) -> np.ndarray:
    """Project of each measure: of the township and the kind, begun before the measure, or none."""
    rng, project = src.rng, plan.project
    number = project["project_id"].to_numpy(dtype=object)
    villages = src.places.villages["town"].to_numpy()
    home = frame["home"].to_numpy()
    town = villages[src.homes["village_index"].to_numpy()[home]]
    industry = (frame["measure_type"] == "industry").to_numpy()
    linked = np.full(len(frame), None, dtype=object)
    linked[industry] = number[plan.aid_project[home[industry]]]
    # a broken link of the audit
    linked[industry & (rng.random(len(frame)) < 0.04)] = None
    begun = project[project["started_on"].notna()]
    offers = {key: rows for key, rows in begun.groupby(["town", "project_type"])}
    started = frame["started_on"].to_numpy()
    others = frame[~industry].groupby([town[~industry], "measure_type"])
    for key, rows in others:
        offer = offers.get(key)
        if offer is None:
            continue
        pick = offer.iloc[rng.integers(0, len(offer), len(rows))]
        earlier = pick["started_on"].to_numpy() <= started[rows.index]
        fits = earlier & (rng.random(len(rows)) < 0.85)
        linked[rows.index[fits]] = pick["project_id"].to_numpy(dtype=object)[fits]
    return linked


def as_recorded(
    measure: pd.DataFrame, income: pd.DataFrame, dibao: np.ndarray
) -> pd.DataFrame:
    """Amounts in the books of the paying office, equal to what honest villages write as income.

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


def loans(src: Sources) -> pd.DataFrame:
    """Small loans; those of 2018 add up to the speech's figure exactly and end before the brief."""
    rng, amounts, left = src.rng, [], src.targets.microcredit_yuan
    while left > 0:
        amounts.append(min(left, int(rng.integers(2, 11)) * 5_000))
        left -= amounts[-1]
    now = len(amounts)
    earlier = max(4, now * 2)
    amounts += [int(x) * 5_000 for x in rng.integers(2, 11, earlier)]
    amount, n = np.array(amounts, float), len(amounts)
    heads = src.past.members.query("place == 0").set_index("home")
    age, able = heads["age_2016"].to_numpy(), heads["able"].to_numpy()
    new = src.homes["new"].to_numpy()[heads.index]
    open_to = np.flatnonzero(able & (age > 20) & (age < 57) & ~new)
    chosen = heads.index.to_numpy()[rng.choice(open_to, n, replace=False)]
    years = rng.choice([2015, 2016, 2017], earlier, p=[0.2, 0.5, 0.3])
    year = np.concatenate([np.full(now, 2018), years])
    first = np.array([f"{y}-01-10" for y in year], dtype="datetime64[D]")
    day = first + rng.integers(0, np.where(year == 2018, 255, 340))
    due = day + rng.choice([365, 730, 1_095], n, p=[0.2, 0.5, 0.3])
    late = (np.datetime64(DATA_END) - due).astype(int)
    ended = late > 0
    overdue = ended & (rng.random(n) < 0.06)
    enterprise = (year < 2018) & (rng.random(n) < 0.08)
    banks, purposes = (
        ["农村信用联社", "邮储银行", "农业银行"],
        ["crops", "livestock", "processing", "trade"],
    )
    return pd.DataFrame(
        {
            "loan_id": [f"DK{i:05d}" for i in range(1, n + 1)],
            "household_id": src.numbers[chosen],
            "borrower_id": heads["id_number"].reindex(chosen).to_numpy(),
            "bank": rng.choice(banks, n, p=[0.7, 0.2, 0.1]),
            "contract_amount": amount,
            "disbursed_on": pd.to_datetime(day),
            "due_on": pd.to_datetime(due),
            "rate": 4.35,
            "subsidised": ~enterprise,
            "subsidy_amount": np.where(enterprise, 0, np.round(amount * 0.0435, 2)),
            "purpose": rng.choice(purposes, n, p=[0.4, 0.4, 0.1, 0.1]),
            "own_use": np.where(enterprise, "enterprise", "own"),
            "balance": np.where(ended & ~overdue, 0, amount),
            "overdue_principal": np.where(overdue, np.round(amount * 0.6, 2), 0),
            "overdue_days": np.where(overdue, late, 0),
            "npl": overdue & (late > 90),
            "extended": ended & (rng.random(n) < 0.05),
            "renewed": rng.random(n) < 0.04,
            "risk_compensated": 0.0,
        }
    )
