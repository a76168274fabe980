"""What people in the field write down: home visits, spot checks, monitoring, and the small ledgers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jinzhou.reference.policy import poverty_line
from jinzhou.synthetic.history import LOOKBACK, History, day_in
from jinzhou.synthetic.parameters import (
    CAMPAIGN,
    DATA_END,
    FIRST_QUARTER,
    QUARTERS,
)
from jinzhou.synthetic.people import Places, id_numbers

WALL = ("贫困户信息", "帮扶措施", "脱贫成效")
FILES = ("申请书", "收入核算表", "评议会记录", "帮扶手册", "退出确认书")
DUTIES = (
    # department, task, target, share done by the end of August - chosen; housing comes from its ledger
    ("扶贫办", "动态调整数据录入", 100.0, 0.62),
    ("卫计委", "六个一工程落实人数", 20_000.0, 0.86),
    ("农委", "产业项目带动户数", 6_000.0, 0.55),
    ("民政局", "低保兜底户数", 5_200.0, 0.90),
    ("人社局", "劳动力培训人数", 2_400.0, 0.48),
    ("教育局", "教育普查建档人数", 9_000.0, 0.93),
    ("金融办", "小额信贷投放万元", 1_000.0, 0.20),
)


def home_visits(rng, homes: pd.DataFrame, past: History) -> pd.DataFrame:
    """Visits by list and at random to exited households, and the helpers' routine visits to others."""
    home, quarter = np.nonzero(past.visited)
    other = rng.choice(len(homes), len(homes) // 4, replace=False)
    other_quarter = rng.integers(1, QUARTERS, len(other))
    routine = ~past.visited[other, other_quarter]
    drawn = np.concatenate(
        [past.random_visit[home, quarter], np.zeros(routine.sum(), bool)]
    )
    listed = np.concatenate(
        [~past.random_visit[home, quarter], np.zeros(routine.sum(), bool)]
    )
    home, quarter = (
        np.concatenate([home, other[routine]]),
        np.concatenate([quarter, other_quarter[routine]]),
    )
    n = len(home)
    day = day_in(rng, quarter, (0, 1, 2), n)
    recorded = day + np.where(
        rng.random(n) < 0.85, rng.integers(0, 12, n), rng.integers(12, 75, n)
    )
    truth = past.hazards.loc[past.hazards["returned"], ["home", "quarter"]]
    gone_back = pd.MultiIndex.from_arrays([home, FIRST_QUARTER + quarter]).isin(
        pd.MultiIndex.from_frame(truth)
    )
    weak = (past.margin[home, quarter] < 0.08) | past.ill[home, quarter]
    line = np.array([poverty_line(y, series="nbs").yuan for y in range(2015, 2019)])[
        quarter // 4
    ]
    draw = rng.random(n)
    result = np.select(
        [draw < 0.015, draw < 0.02, gone_back & (draw < 0.8), weak],
        ["unreachable", "untrue", "returned", "at_risk"],
        "stable",
    )
    reason = np.select(
        [drawn, listed, rng.random(n) < 0.12, rng.random(n) < 0.05],
        ["random", "list", "must_visit", "requested"],
        "routine",
    )
    found = np.empty(n, dtype=object)
    issue = rng.choice(
        [
            "income_wrong",
            "policy_not_applied",
            "housing_untrue",
            "insurance",
            "member_missing",
        ],
        n,
        p=[0.5, 0.2, 0.12, 0.1, 0.08],
    )
    for i, bad in enumerate(weak & (rng.random(n) < 0.25)):
        found[i] = (issue[i],) if bad else ("consistent",)
    county = homes["county"].to_numpy()[home]
    frame = pd.DataFrame(
        {
            "household_id": homes["household_id"].to_numpy()[home],
            "visited_on": pd.to_datetime(day),
            "visitor": "驻村工作队",
            "visit_reason": reason,
            "list_id": np.where(
                listed,
                [
                    f"MD{(FIRST_QUARTER + q) // 4}Q{(FIRST_QUARTER + q) % 4 + 1}-{c}"
                    for q, c in zip(quarter, county)
                ],
                None,
            ),
            "draw_probability": np.where(
                drawn, np.round(past.draw_probability[quarter], 6), np.nan
            ),
            "found": found,
            "measure_taken": np.where(
                result == "at_risk",
                "落实帮扶措施",
                np.where(result == "returned", "上报返贫", "宣传政策"),
            ),
            "income_found": np.where(
                result == "unreachable",
                np.nan,
                np.round(line * np.exp(past.margin[home, quarter]), 0),
            ),
            "result": result,
            "recorded_on": pd.to_datetime(recorded),
        }
    )
    frame = frame.drop_duplicates(["household_id", "visited_on"])
    return frame[frame["recorded_on"] <= DATA_END].sort_values(
        ["visited_on", "household_id"], ignore_index=True
    )


def spot_checks(
    rng,
    homes: pd.DataFrame,
    past: History,
    state: pd.Series,
    size: np.ndarray,
    places: Places,
) -> pd.DataFrame:
    """One stratified round of 2018: exited, poor and unregistered households of each unit.

    Parameters
    ----------
    state : Series (H,)
        Registry status on 30 September 2018.
    size : array (H,)
        Registered persons then.
    """
    county, share = homes["county"].to_numpy(), min(1.0, len(homes) / 31_000)
    line = poverty_line(2018, series="nbs").yuan
    parts = []
    for code, rows in places.villages.groupby("county"):
        name = rows["county_name"].iloc[0]
        for frame, states, wrong in (
            ("exited", ["exited"], "wrongly_exited"),
            ("poor", ["poor", "planned_exit"], "wrongly_identified"),
        ):
            pool = np.flatnonzero((county == code) & state.isin(states).to_numpy())
            chosen = np.sort(
                rng.choice(pool, min(len(pool), int(260 * share) + 20), replace=False)
            )
            income = (
                line
                * np.exp(past.margin[chosen, CAMPAIGN])
                * rng.uniform(0.9, 1.1, len(chosen))
            )
            parts.append(
                pd.DataFrame(
                    {
                        "household_id": homes["household_id"].to_numpy()[chosen],
                        "sample_frame": frame,
                        "stratum": name,
                        "weight": len(pool) / max(1, len(chosen)),
                        "error": wrong,
                        "chance": 0.012,
                        "persons": size[chosen],
                        "income_found": income.round(0),
                    }
                )
            )
        n = int(420 * share) + 30
        parts.append(
            pd.DataFrame(
                {
                    "household_id": [f"{code}9{i:06d}" for i in range(n)],
                    "sample_frame": "unregistered",
                    "stratum": name,
                    "weight": rows["population"].sum() / 3.1 / n,
                    "error": "missed",
                    "chance": 0.003,
                    "persons": rng.integers(1, 5, n),
                    "income_found": np.round(rng.lognormal(9.0, 0.35, n), -2),
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    n = len(frame)
    draw = rng.random(n)
    other = rng.choice(
        [
            "income_wrong",
            "member_missing",
            "housing_untrue",
            "policy_not_applied",
            "education",
            "water",
        ],
        n,
        p=[0.5, 0.15, 0.1, 0.15, 0.05, 0.05],
    )
    found = np.where(
        draw < frame["chance"],
        frame["error"],
        np.where(
            (draw < 0.045) & (frame["sample_frame"] != "unregistered"),
            other,
            "consistent",
        ),
    )
    # a missed or wrongly exited household is under the line
    low = np.isin(found, ["missed", "wrongly_exited"])
    frame["income_found"] = np.where(
        low, np.round(line * rng.uniform(0.6, 0.98, n), 0), frame["income_found"]
    )
    day = pd.to_datetime(np.datetime64("2018-08-20") + rng.integers(0, 30, n))
    corrected = pd.Series(
        day + pd.to_timedelta(rng.integers(10, 60, n), unit="D")
    ).where((found != "consistent") & (rng.random(n) < 0.7))
    order = [
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
    return frame.assign(
        check_id="CC2018Q3",
        sample_seed=20180820,
        weight=frame["weight"].round(4),
        checked_on=day,
        checker="第三方评估组",
        found=[(f,) for f in found],
        corrected_on=corrected,
    )[order]


def roster(
    rng, homes: pd.DataFrame, places: Places, past: History
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The police and insurance offices' list of families with a registered member, on 1 January 2018.

    It has the members that the registry omits until the look-back, grown children of registered
    households who keep a family of their own, and people who are on the list and belong to no
    registered household: married out, or dead and not struck off.

    Returns
    -------
    roster : DataFrame
    omitted, split : DataFrame
        The truth: `person_id` and `household_id` of members omitted by mid-2018, and of members
        counted in a household that they have left for their own.
    """
    people, day = past.members, np.datetime64("2018-01-01")
    added = past.events[
        (past.events["kind"] == "member_added")
        & (past.events["source_round"] == LOOKBACK)
    ]["person"].to_numpy()
    late = np.zeros(len(people), bool)
    late[added] = True
    gone = (people["leave"] <= day).to_numpy() & (
        people["leave"] > np.datetime64("2015-01-01")
    ).to_numpy()
    on_record = ((people["enter"] <= day) & (people["leave"] > day)).to_numpy()
    home, age = people["home"].to_numpy(), people["age_2016"].to_numpy() + 1.25
    child = people["relation"].isin(["son", "daughter"]).to_numpy()
    apart = (
        on_record
        & child
        & (age > 24)
        & (age < 50)
        & ~people["disabled"].to_numpy()
        & (rng.random(len(people)) < 0.03)
    )
    listed = (
        on_record & (rng.random(len(people)) < 0.985)
        | late & (rng.random(len(people)) < 0.99)
        | gone & (rng.random(len(people)) < 0.3)
        | apart
    )
    row = np.flatnonzero(listed)
    n = len(row)
    family = np.char.add("JT", np.char.zfill(home[row].astype(str), 6)).astype(object)
    own = apart[row]
    family[own] = [f"{f}B" for f in family[own]]
    dead = gone[row]
    insured = np.where(late[row], rng.random(n) < 0.88, rng.random(n) < 0.97) & ~dead
    hukou = np.where(late[row], rng.random(n) < 0.93, rng.random(n) < 0.985) | dead
    # daughters and sons who have married out and are still on their parents' list
    out = np.flatnonzero(rng.random(len(homes)) < 0.012)
    k = len(out)
    male = rng.random(k) < 0.3
    birth = np.datetime64("1984-01-01") + rng.integers(0, 12 * 365, k)
    dates = pd.Series(birth).dt.strftime("%Y%m%d").to_numpy(dtype=str)
    guests = pd.DataFrame(
        {
            "home": out,
            "family_id": [f"JT{h:06d}" for h in out],
            "name": "某某",
            "certno": id_numbers(dates, 600 + np.arange(k) % 99 * 2 + male),
            "sex": np.where(male, "male", "female"),
            "birth_date": pd.to_datetime(birth),
            "relation_to_head": np.where(male, "son", "daughter"),
            "on_hukou": rng.random(k) < 0.35,
            "insured": rng.random(k) < 0.9,
        }
    )
    listed_people = people.iloc[row]
    frame = pd.concat(
        [
            pd.DataFrame(
                {
                    "home": home[row],
                    "family_id": family,
                    "name": listed_people["name"].to_numpy(),
                    "certno": listed_people["id_number"].to_numpy(),
                    "sex": np.where(listed_people["male"], "male", "female"),
                    "birth_date": pd.to_datetime(
                        listed_people["birth_date"].to_numpy()
                    ),
                    "relation_to_head": np.where(
                        own, "head", listed_people["relation"]
                    ),
                    "on_hukou": hukou,
                    "insured": insured,
                }
            ),
            guests,
        ]
    )
    frame = frame.sort_values(
        ["home", "family_id", "birth_date", "certno"], ignore_index=True
    )
    village = places.villages.iloc[
        homes["village_index"].to_numpy()[frame["home"]]
    ].reset_index(drop=True)
    frame.insert(0, "roster_id", [f"MC{i:07d}" for i in range(1, len(frame) + 1)])
    for column in ("county_name", "town", "village", "area_code"):
        frame[column] = village[column]
    frame["listed_on"] = pd.Timestamp("2018-01-01")
    numbers = homes["household_id"].to_numpy()

    def truth(who: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "person_id": people["person_id"].to_numpy()[who],
                "household_id": numbers[home[who]],
            }
        )

    return frame.drop(columns="home"), truth(late), truth(apart)


def monitoring(rng, homes: pd.DataFrame, past: History) -> pd.DataFrame:
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
            "risk_2": np.where(rng.random(n) < 0.2, "labour", None),
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
            "clear_mode": np.where(cleared, "natural", None),
            "cleared_on": (month + pd.DateOffset(months=1)).where(cleared),
            "contact": "村干部",
            "phone": "13904160000",
        }
    ).sort_values("household_id", ignore_index=True)


def small_ledgers(
    rng, homes: pd.DataFrame, places: Places, past: History, housing: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Cadres, duties, graduates, training, postings, walls and files."""
    people = past.members
    return {
        "cadre": _cadres(rng, places),
        "duty": _duties(rng, housing, len(homes) / 31_000),
        "graduate": _graduates(rng, people),
        "training": _training(rng, people),
        "disclosure": _postings(rng, homes, places, past),
        **_walls_and_files(rng, homes),
    }


def _cadres(rng, places: Places) -> pd.DataFrame:
    v = places.villages[places.villages["is_poor"]].reset_index(drop=True)
    n = len(v)
    return pd.DataFrame(
        {
            "cadre_id": [f"ZC{i:04d}" for i in range(1, n + 1)],
            "name": [f"驻村干部{i}" for i in range(1, n + 1)],
            "county_name": v["county_name"],
            "town": v["town"],
            "village": v["village"],
            "area_code": v["area_code"],
            "unit": rng.choice(["市直机关", "县直机关", "企业", "高校"], n),
            "post": "第一书记",
            "from_on": pd.Timestamp("2016-04-01")
            + pd.to_timedelta(rng.integers(0, 800, n), unit="D"),
            "days_in_village": rng.integers(90, 260, n),
        }
    )


def _duties(rng, housing: pd.DataFrame, scale: float) -> pd.DataFrame:
    """Weekly reports of the eight offices during the hundred days."""
    weeks = pd.date_range("2018-07-27", "2018-12-14", freq="7D")
    due = pd.Timestamp("2018-11-30")
    rows = []
    for office, task, target, august in DUTIES:
        target = target if target == 100 else round(target * scale)
        path = august + (1 - august) * (
            (weeks - pd.Timestamp("2018-08-31")).days.to_numpy() / 91
        )
        path = np.maximum.accumulate(
            np.clip(path * rng.uniform(0.96, 1.0, len(weeks)), 0, 1)
        )
        rows += [
            (office, task, float(target), due, float(np.floor(target * p)), day)
            for p, day in zip(path, weeks)
        ]
    lots = housing[housing["funding_batch"].isin(["batch_950", "batch_938"])]
    rows += [
        (
            "住建委",
            "危房改造竣工户数",
            float(lots["household_id"].nunique()),
            pd.Timestamp("2018-10-31"),
            float(lots.loc[lots["completed_on"] <= day, "household_id"].nunique()),
            day,
        )
        for day in weeks
    ]
    return pd.DataFrame(
        rows, columns=["department", "task", "target", "due_on", "value", "reported_on"]
    )


def _graduates(rng, people: pd.DataFrame) -> pd.DataFrame:
    young = people[
        (people["age_2016"] > 18.5) & (people["age_2016"] < 23.5) & people["pupil"]
    ]
    n = len(young)
    year = np.clip(
        2016 + np.round(22 - young["age_2016"].to_numpy()).astype(int), 2016, 2018
    )
    state = rng.choice(
        ["employed", "unemployed", "further_study", "army"],
        n,
        p=[0.66, 0.22, 0.10, 0.02],
    )
    done = pd.Series(pd.to_datetime([f"{y}-07-01" for y in year]))
    return pd.DataFrame(
        {
            "person_id": young["person_id"].to_numpy(),
            "school": rng.choice(["省内高校", "省外高校", "职业学院"], n),
            "degree": rng.choice(["本科", "大专"], n),
            "graduated_on": done,
            "loan": rng.choice([0.0, 8_000.0, 24_000.0], n, p=[0.4, 0.3, 0.3]),
            "job_state": state,
            "reason": np.where(
                state == "unemployed", rng.choice(["正在求职", "备考", "因病"], n), None
            ),
            "employed_on": (
                done + pd.to_timedelta(rng.integers(10, 90, n), unit="D")
            ).where(state == "employed"),
            "employer": np.where(state == "employed", "某企业", None),
        }
    )


def _training(rng, people: pd.DataFrame) -> pd.DataFrame:
    able = people[people["able"]]
    trained = able.iloc[np.sort(rng.choice(len(able), len(able) // 8, replace=False))]
    n = len(trained)
    certificate = rng.random(n) < 0.6
    finished = pd.Timestamp("2016-03-15") + pd.to_timedelta(
        rng.integers(0, 990, n), unit="D"
    )
    job = pd.Series(rng.random(n) < 0.28 + 0.2 * certificate, dtype=object)
    job[finished > pd.Timestamp("2018-06-20")] = None  # six months have not passed
    return pd.DataFrame(
        {
            "person_id": trained["person_id"].to_numpy(),
            "course": rng.choice(
                ["种植技术", "养殖技术", "家政服务", "电焊", "电子商务"], n
            ),
            "days": rng.integers(3, 30, n),
            "finished_on": finished,
            "certificate": certificate,
            "job_within_6m": job,
        }
    )


def _postings(rng, homes: pd.DataFrame, places: Places, past: History) -> pd.DataFrame:
    """First posting, second posting and notice: by household in the look-back, by village for exits."""
    rounds = past.events[
        (past.events["source_round"] == LOOKBACK) & (past.events["person"] < 0)
    ]
    exits = past.events[past.events["kind"] == "exited"]
    year = pd.to_datetime(exits["recorded_on"]).dt.year
    by_village = (
        pd.DataFrame(
            {"village": homes["village_index"].to_numpy()[exits["home"]], "year": year}
        )
        .drop_duplicates()
        .sort_values(["year", "village"])
    )
    objects = np.concatenate(
        [
            homes["household_id"].to_numpy(dtype=object)[rounds["home"]],
            places.villages["area_code"].to_numpy(dtype=object)[by_village["village"]],
        ]
    )
    last = np.concatenate(
        [
            pd.to_datetime(rounds["recorded_on"]).to_numpy(),
            pd.to_datetime(by_village["year"].astype(str) + "-11-20").to_numpy(),
        ]
    )
    parts = []
    for kind, before, days, share in (
        ("first", 32, 7, 0.99),
        ("second", 18, 7, 0.97),
        ("announcement", 6, 7, 0.98),
    ):
        n = len(objects)
        frame = pd.DataFrame(
            {
                "object_id": objects,
                "kind": kind,
                "posted_on": pd.to_datetime(last)
                - pd.to_timedelta(before + rng.integers(0, 4, n), unit="D"),
                "days": np.where(rng.random(n) < 0.03, rng.integers(3, 7, n), days),
                "place": rng.choice(["村务公开栏", "乡镇公示栏"], n),
                "objections": np.where(rng.random(n) < 0.01, 1, 0),
            }
        )
        parts.append(frame[rng.random(n) < share])
    return (
        pd.concat(parts)
        .drop_duplicates(["object_id", "kind", "posted_on"])
        .sort_values(["posted_on", "object_id"], ignore_index=True)
    )


def _walls_and_files(rng, homes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    some = np.sort(rng.choice(len(homes), len(homes) // 10, replace=False))
    numbers = homes["household_id"].to_numpy()[some]
    careless = (
        rng.random(len(some)) < 0.1
    )  # the same households fail on paper and on the wall
    w, f = np.repeat(careless, len(WALL)), np.repeat(careless, len(FILES))
    day = np.where(
        rng.random(len(some)) < 0.5,
        np.datetime64("2018-06-12"),
        np.datetime64("2018-09-10"),
    )
    wall = pd.DataFrame(
        {
            "household_id": np.repeat(numbers, len(WALL)),
            "item": WALL * len(some),
            "checked_on": pd.to_datetime(np.repeat(day, len(WALL))),
            "present": rng.random(len(w)) < np.where(w, 0.6, 0.97),
        }
    )
    files = pd.DataFrame(
        {
            "household_id": np.repeat(numbers, len(FILES)),
            "item": FILES * len(some),
            "complete": rng.random(len(f)) < np.where(f, 0.6, 0.98),
            "consistent": rng.random(len(f)) < np.where(f, 0.7, 0.97),
        }
    )
    return {"wall": wall, "file_check": files}
