"""Persons who join during the window: children, and members omitted until the look-back."""

import numpy as np
import pandas as pd

from jinzhou.synthetic.history import FOREVER, LOOKBACK, Event, Joining
from jinzhou.synthetic.people import id_numbers


def add_persons(
    rng: np.random.Generator,
    members: pd.DataFrame,
    homes: pd.DataFrame,
    joining: list[Joining],
) -> tuple[pd.DataFrame, list[Event]]:
    """Members with those who join, and the events of their joining."""
    if not joining:
        return members, []
    joiners = pd.DataFrame(joining)
    found = pd.concat(
        [members, _persons(rng, members, homes, joiners)], ignore_index=True
    )
    events = []
    for person, row in enumerate(joining, len(members)):
        late = row.reason == "omitted"
        events.append(
            Event(
                row.home,
                person,
                "member_added" if late else "natural_increase",
                "omitted" if late else "birth",
                row.day - 8 if row.birth is None else row.birth,
                row.day,
                LOOKBACK if late else "",
            )
        )
    return found, events


def _persons(
    rng: np.random.Generator,
    members: pd.DataFrame,
    homes: pd.DataFrame,
    joiners: pd.DataFrame,
) -> pd.DataFrame:
    """Rows of the members' frame for those who join."""
    n, home = len(joiners), joiners["home"]
    omitted = (joiners["reason"] == "omitted").to_numpy()
    days = joiners["day"].to_numpy(dtype="datetime64[D]")
    age, birth = _ages(rng, joiners, omitted, days)
    male = rng.random(n) < 0.5
    heads = members[members["place"] == 0].set_index("home")
    relation = _relations(age, male, heads["age_2016"].reindex(home).to_numpy())
    male &= relation != "mother"
    place = members.groupby("home")["place"].max().reindex(home).to_numpy() + 1
    place = place + joiners.groupby("home").cumcount().to_numpy()
    dates = pd.Series(birth).dt.strftime("%Y%m%d").to_numpy(dtype=str)
    same_day = pd.DataFrame({"d": dates, "m": male}).groupby(["d", "m"])
    turn = 400 + same_day.cumcount().to_numpy()
    numbers = homes["household_id"].to_numpy()[home]
    given = rng.choice(list("宝欣怡浩宇晨涵"), n)
    return pd.DataFrame(
        {
            "home": home,
            "place": place,
            "person_id": [
                f"{h}{p + 1:02d}" for h, p in zip(numbers, place, strict=True)
            ],
            "tekun": False,
            "name": [heads["name"][h][0] + g for h, g in zip(home, given, strict=True)],
            "id_number": id_numbers(dates, turn % 500 * 2 + male),
            "male": male,
            "birth_date": birth,
            "age_2016": (np.datetime64("2016-09-30") - birth).astype(float) / 365.25,
            "relation": relation,
            "pupil": (age >= 6) & (age < 17),
            "chronic": omitted & (age > 60),
            "serious": False,
            "disabled": False,
            "disability_grade": 0,
            "able": (age > 18) & (age < 60),
            "migrant": (age > 19) & (age < 46),
            "enter": days,
            "leave": FOREVER,
        }
    )


def _ages(
    rng: np.random.Generator,
    joiners: pd.DataFrame,
    omitted: np.ndarray,
    days: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Ages on the day of joining, and days of birth."""
    n = len(joiners)
    young, grown, old = (
        rng.uniform(*bounds, n) for bounds in ((3, 18), (20, 45), (62, 85))
    )
    age = np.where(omitted, rng.choice([young, grown, old]), 0)
    born = pd.to_datetime(joiners["birth"]).fillna(pd.Timestamp("2016-01-01"))
    back = days - (age * 365.25).astype("timedelta64[D]")
    return age, np.where(omitted, back, born.to_numpy(dtype="datetime64[D]"))


def _relations(age: np.ndarray, male: np.ndarray, head_age: np.ndarray) -> np.ndarray:
    """Relation to the head; a generation lies between parent and child, or it is another."""
    old = age > 60
    relation = np.where(
        old,
        np.where(age > head_age + 16, "mother", "other"),
        np.where(male, "grandson", "granddaughter"),
    )
    child = np.where(age < head_age - 16, np.where(male, "son", "daughter"), "other")
    return np.where((age > 19) & ~old, child, relation)
