"""The police and insurance offices' list of families with a registered member, 1 January 2018."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.synthetic.history import LOOKBACK, History
from jinzhou.synthetic.people import Places, id_numbers

DAY = np.datetime64("2018-01-01")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Listed:
    """Who is on the list and why, arrays (persons,) of bool.

    `late`: omitted from the registry until the look-back; `gone`: has left the registry;
    `apart`: a grown child with a family of its own.
    """

    late: np.ndarray
    gone: np.ndarray
    apart: np.ndarray
    listed: np.ndarray


def roster(
    rng: np.random.Generator, homes: pd.DataFrame, places: Places, past: History
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Families with a registered member as the police and the insurance office list them.

    The list has the members that the registry omits until the look-back, grown children of
    registered households who keep a family of their own, and people who belong to no registered
    household: married out, or dead and not struck off.

    Returns
    -------
    roster : DataFrame
    omitted, split : DataFrame
        The truth: `person_id` and `household_id` of members omitted by mid-2018, and of members
        counted in a household that they have left for their own.
    """
    who = _listed(rng, past)
    rows = _registered(rng, past.members, who)
    frame = pd.concat([rows, _married_out(rng, len(homes))])
    frame = frame.sort_values(
        ["home", "family_id", "birth_date", "certno"], ignore_index=True
    )
    at = homes["village_index"].to_numpy()[frame["home"]]
    village = places.villages.iloc[at].reset_index(drop=True)
    frame.insert(0, "roster_id", [f"MC{i:07d}" for i in range(1, len(frame) + 1)])
    for column in ("county_name", "town", "village", "area_code"):
        frame[column] = village[column]
    frame["listed_on"] = pd.Timestamp("2018-01-01")
    home = past.members["home"].to_numpy()

    def truth(flag: np.ndarray) -> pd.DataFrame:
        persons = past.members["person_id"].to_numpy()[flag]
        numbers = homes["household_id"].to_numpy()[home[flag]]
        return pd.DataFrame({"person_id": persons, "household_id": numbers})

    return frame.drop(columns="home"), truth(who.late), truth(who.apart)


def _listed(rng: np.random.Generator, past: History) -> Listed:
    people, n = past.members, len(past.members)
    events = past.events
    added = (events["kind"] == "member_added") & (events["source_round"] == LOOKBACK)
    late = np.zeros(n, bool)
    late[events.loc[added, "person"].to_numpy()] = True
    left, entered = people["leave"].to_numpy(), people["enter"].to_numpy()
    gone = (left <= DAY) & (left > np.datetime64("2015-01-01"))
    on_record = (entered <= DAY) & (left > DAY)
    age = people["age_2016"].to_numpy() + 1.25
    child = people["relation"].isin(["son", "daughter"]).to_numpy()
    grown = child & (age > 24) & (age < 50) & ~people["disabled"].to_numpy()
    apart = on_record & grown & (rng.random(n) < 0.03)
    listed = (
        on_record & (rng.random(n) < 0.985)
        | late & (rng.random(n) < 0.99)
        | gone & (rng.random(n) < 0.3)
        | apart
    )
    return Listed(late=late, gone=gone, apart=apart, listed=listed)


def _registered(
    rng: np.random.Generator, people: pd.DataFrame, who: Listed
) -> pd.DataFrame:
    """Rows of persons whom the registry holds, held, or will hold."""
    row = np.flatnonzero(who.listed)
    n, here = len(row), people.iloc[row]
    home, own = here["home"].to_numpy(), who.apart[row]
    late, dead = who.late[row], who.gone[row]
    family = np.char.add("JT", np.char.zfill(home.astype(str), 6)).astype(object)
    family[own] = [f"{f}B" for f in family[own]]
    insured = np.where(late, rng.random(n) < 0.88, rng.random(n) < 0.97) & ~dead
    hukou = np.where(late, rng.random(n) < 0.93, rng.random(n) < 0.985) | dead
    return pd.DataFrame(
        {
            "home": home,
            "family_id": family,
            "name": here["name"].to_numpy(),
            "certno": here["id_number"].to_numpy(),
            "sex": np.where(here["male"], "male", "female"),
            "birth_date": pd.to_datetime(here["birth_date"].to_numpy()),
            "relation_to_head": np.where(own, "head", here["relation"]),
            "on_hukou": hukou,
            "insured": insured,
        }
    )


def _married_out(rng: np.random.Generator, H: int) -> pd.DataFrame:
    """Daughters and sons who have married out and are still on their parents' list."""
    home = np.flatnonzero(rng.random(H) < 0.012)
    n = len(home)
    male = rng.random(n) < 0.3
    birth = np.datetime64("1984-01-01") + rng.integers(0, 12 * 365, n)
    dates = pd.Series(birth).dt.strftime("%Y%m%d").to_numpy(dtype=str)
    return pd.DataFrame(
        {
            "home": home,
            "family_id": [f"JT{h:06d}" for h in home],
            "name": "某某",
            "certno": id_numbers(dates, 600 + np.arange(n) % 99 * 2 + male),
            "sex": np.where(male, "male", "female"),
            "birth_date": pd.to_datetime(birth),
            "relation_to_head": np.where(male, "son", "daughter"),
            "on_hukou": rng.random(n) < 0.35,
            "insured": rng.random(n) < 0.9,
        }
    )
