"""Small ledgers of the offices: cadres, duties, graduates, training, postings, walls, files."""

import numpy as np
import pandas as pd

from jinzhou.synthetic.history import LOOKBACK, given
from jinzhou.synthetic.parameters import DEFAULT_HOUSEHOLDS
from jinzhou.synthetic.people import Places
from jinzhou.synthetic.sources import Sources

WALL = ("贫困户信息", "帮扶措施", "脱贫成效")
FILES = ("申请书", "收入核算表", "评议会记录", "帮扶手册", "退出确认书")
DUTIES = (
    # department, task, target, share done by the end of August - chosen; housing: its ledger
    ("扶贫办", "动态调整数据录入", 100.0, 0.62),
    ("卫计委", "六个一工程落实人数", 20_000.0, 0.86),
    ("农委", "产业项目带动户数", 6_000.0, 0.55),
    ("民政局", "低保兜底户数", 5_200.0, 0.90),
    ("人社局", "劳动力培训人数", 2_400.0, 0.48),
    ("教育局", "教育普查建档人数", 9_000.0, 0.93),
    ("金融办", "小额信贷投放万元", 1_000.0, 0.20),
)


def small_ledgers(src: Sources) -> dict[str, pd.DataFrame]:
    """Cadres, duties, graduates, training, postings, walls and files."""
    rng, people = src.rng, src.past.members
    ledger = src.dwellings.ledger
    return {
        "cadre": _cadres(rng, src.places),
        "duty": _duties(rng, ledger, len(src.homes) / DEFAULT_HOUSEHOLDS),
        "graduate": _graduates(rng, people),
        "training": _training(rng, people),
        "disclosure": _postings(src),
        **_walls_and_files(rng, src.numbers),
    }


def _cadres(rng: np.random.Generator, places: Places) -> pd.DataFrame:
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


def _duties(
    rng: np.random.Generator, housing: pd.DataFrame, scale: float
) -> pd.DataFrame:
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
            for p, day in zip(path, weeks, strict=True)
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


def _graduates(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
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
            "reason": given(
                state == "unemployed", rng.choice(["正在求职", "备考", "因病"], n)
            ),
            "employed_on": (
                done + pd.to_timedelta(rng.integers(10, 90, n), unit="D")
            ).where(state == "employed"),
            "employer": given(state == "employed", "某企业"),
        }
    )


def _training(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
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


def _postings(src: Sources) -> pd.DataFrame:
    """First and second posting and notice: by household in the look-back, by village for exits."""
    rng, homes, events = src.rng, src.homes, src.past.events
    rounds = events[(events["source_round"] == LOOKBACK) & (events["person"] < 0)]
    exits = events[events["kind"] == "exited"]
    year = pd.to_datetime(exits["recorded_on"]).dt.year
    village = homes["village_index"].to_numpy()[exits["home"]]
    by_village = pd.DataFrame({"village": village, "year": year}).drop_duplicates()
    by_village = by_village.sort_values(["year", "village"])
    codes = src.places.villages["area_code"].to_numpy(dtype=object)
    numbers = homes["household_id"].to_numpy(dtype=object)
    objects = np.concatenate([numbers[rounds["home"]], codes[by_village["village"]]])
    ends = pd.to_datetime(by_village["year"].astype(str) + "-11-20").to_numpy()
    last = np.concatenate([pd.to_datetime(rounds["recorded_on"]).to_numpy(), ends])
    n, parts = len(objects), []
    for kind, before, share in (
        ("first", 32, 0.99),
        ("second", 18, 0.97),
        ("announcement", 6, 0.98),
    ):
        lead = pd.to_timedelta(before + rng.integers(0, 4, n), unit="D")
        short, days = rng.random(n) < 0.03, rng.integers(3, 7, n)
        frame = pd.DataFrame(
            {
                "object_id": objects,
                "kind": kind,
                "posted_on": pd.to_datetime(last) - lead,
                "days": np.where(short, days, 7),
                "place": rng.choice(["村务公开栏", "乡镇公示栏"], n),
                "objections": np.where(rng.random(n) < 0.01, 1, 0),
            }
        )
        parts.append(frame[rng.random(n) < share])
    posted = pd.concat(parts).drop_duplicates(["object_id", "kind", "posted_on"])
    return posted.sort_values(["posted_on", "object_id"], ignore_index=True)


def _walls_and_files(
    rng: np.random.Generator, numbers: np.ndarray
) -> dict[str, pd.DataFrame]:
    H = len(numbers)
    some = np.sort(rng.choice(H, H // 10, replace=False))
    numbers = numbers[some]
    # the same households fail on paper and on the wall
    careless = rng.random(len(some)) < 0.1
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
