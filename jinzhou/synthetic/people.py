"""Places, households and their members at the start of the window, and who joins later."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError
from jinzhou.reference import areas
from jinzhou.registry.privacy import CHECKS, WEIGHTS
from jinzhou.synthetic.parameters import VILLAGES_PER_TOWNSHIP, Targets
from jinzhou.synthetic.units import exit_county, units, urban_counties

SURNAMES = np.array(
    list(
        "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    )
    + ["欧阳", "上官"]
)
GIVEN = np.array(
    list(
        "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂玉兰凤洁梅琳素云莲真环雪荣爱妹香月莺媛艾瑞凡佳"
    )
)
TOWN_WORDS = np.array(
    list("东兴安平前进光明永红旗新民福河山林石泉柳杨松岭海大长青龙凤金银双")
)
CAUSES = (
    "illness",
    "disability",
    "schooling",
    "disaster",
    "land",
    "skills",
    "labour",
    "capital",
    "other",
)
CAUSE_SHARES = (0.441, 0.14, 0.03, 0.03, 0.02, 0.07, 0.16, 0.08, 0.029)
"""Illness share: national registry, end of 2015 (facts, section 7); the rest chosen."""
EARLIER_POOR_VILLAGES = 60
"""Poor villages that left before 2018 (chosen)."""


@dataclass(frozen=True, slots=True)
class Places:
    """Villages (one row each) with their true random effect, and how many households each holds."""

    villages: pd.DataFrame


def places(rng: np.random.Generator, targets: Targets, village_sd: float) -> Places:
    """Villages of the counties: `area_code`, names, poverty flags, true effect."""
    rows = []
    used: set[str] = set()

    def name(suffix: str, length: int = 2) -> str:
        while True:
            word = "".join(rng.choice(TOWN_WORDS, length)) + suffix
            if word not in used:
                used.add(word)
                return word

    for county, unit in units().items():
        for t in range(unit.townships):
            town = name("镇" if t % 3 else "乡")
            for v in range(VILLAGES_PER_TOWNSHIP):
                rows.append(
                    (
                        county,
                        areas.name(county, "zh"),
                        town,
                        name("村"),
                        f"{county}{100 + t:03d}{200 + v:03d}",
                        unit.rural_population
                        // (unit.townships * VILLAGES_PER_TOWNSHIP),
                    )
                )
    villages = pd.DataFrame(
        rows,
        columns=["county", "county_name", "town", "village", "area_code", "population"],
    )
    villages["population"] = (
        villages["population"] * rng.uniform(0.7, 1.3, len(villages))
    ).astype(int)
    villages["effect"] = rng.normal(0, village_sd, len(villages))
    _poor_villages(rng, villages, targets)
    return Places(villages)


def _poor_villages(
    rng: np.random.Generator, villages: pd.DataFrame, targets: Targets
) -> None:
    """Which villages are poor or deep-poor, and the year in which each leaves."""
    rural = villages.index[~villages["county"].isin(urban_counties())]
    count = targets.villages_2018 + targets.villages_2019 + EARLIER_POOR_VILLAGES
    if len(rural) < count:
        raise ParameterError(
            "synthetic.people.few_villages",
            found=len(rural),
            needed=count,
            each=VILLAGES_PER_TOWNSHIP,
        )
    drawn = rng.choice(rural, count, replace=False)
    last = exit_county()
    first = [v for v in drawn if villages.at[v, "county"] == last]
    extra = [
        v for v in rural if villages.at[v, "county"] == last and v not in set(drawn)
    ]
    deep = (first + extra)[: targets.deep_villages]
    poor = list(dict.fromkeys([*deep, *drawn]))
    left = targets.villages_2018 + targets.villages_2019
    villages["is_poor"] = False
    villages.loc[poor, "is_poor"] = True
    villages["is_deep"] = False
    villages.loc[deep, "is_deep"] = True
    villages["exit_year"] = pd.array([pd.NA] * len(villages), dtype="Int64")
    remaining = poor[:left]
    # the deep-poor villages leave last
    villages.loc[remaining[: targets.villages_2019], "exit_year"] = 2019
    villages.loc[remaining[targets.villages_2019 :], "exit_year"] = 2018
    villages.loc[poor[left:], "exit_year"] = rng.choice(
        [2015, 2016, 2017], len(poor) - left
    )


def households(
    rng: np.random.Generator, count: int, world_places: Places, new_share: float
) -> pd.DataFrame:
    """Households, one row each, in the order of their numbers.

    `joins` is the number of quarters after the window's start in which a household can first be
    identified (-1: before the window).
    """
    villages = world_places.villages
    share = villages["county"].map({c: u.household_share for c, u in units().items()})
    weight = share / villages.groupby("county")["area_code"].transform("size")
    weight = weight * np.where(villages["is_poor"], 1.8, 1.0)
    village = np.sort(rng.choice(len(villages), count, p=weight / weight.sum()))
    county = villages["county"].to_numpy()[village]
    serial = pd.Series(np.arange(count)).groupby(county).cumcount().to_numpy() + 1
    frame = pd.DataFrame(
        {
            "household_id": [
                f"{c}{s:07d}" for c, s in zip(county, serial, strict=True)
            ],
            "village_index": village,
            "county": county,
            "size": np.minimum(1 + rng.poisson(1.35, count), 8),
            "u": rng.normal(0, 1, count),
            "level": rng.normal(0.12, 0.40, count),
            "grade": rng.choice(4, count, p=[0.53, 0.32, 0.10, 0.05]),
            "cause": rng.choice(
                CAUSES, count, p=np.array(CAUSE_SHARES) / sum(CAUSE_SHARES)
            ),
        }
    )
    frame["village_effect"] = villages["effect"].to_numpy()[village]
    frame["deep"] = villages["is_deep"].to_numpy()[village]
    frame["new"] = rng.random(count) < new_share
    frame["forest_mu"] = np.round(
        np.where(rng.random(count) < 0.3, rng.gamma(2, 2, count), 0), 1
    )
    frame["reforested_mu"] = np.where(
        rng.random(count) < 0.3, np.round(frame["forest_mu"] * 0.6, 1), 0
    )
    return frame


def members(rng: np.random.Generator, households: pd.DataFrame) -> pd.DataFrame:
    """Members, one row each: relation, sex, birth date, true health, labour and schooling.

    The unrecorded truth (`chronic`, `serious`, `disabled`, `able`) is kept in full; what the
    registry writes of it is decided when the export is made.
    """
    H, size = len(households), households["size"].to_numpy()
    home = np.repeat(np.arange(H), size)
    place = np.arange(len(home)) - np.repeat(np.cumsum(size) - size, size)
    n = len(home)
    head_age = np.clip(rng.normal(58, 13, H), 22, 92)[home]
    relation = _relations(place, rng.random(n), head_age)
    age = _ages(rng, relation, head_age)
    male = _sexes(relation, (rng.random(H) < 0.8)[home])
    cause = households["cause"].to_numpy()[home]
    health = _health(rng, home, place, age, cause)
    pupil = (age >= 6) & (age < 16) | (age >= 16) & (age < 22) & (rng.random(n) < 0.45)
    severe = health["disabled"] & (health["disability_grade"] <= 2)
    able = (age >= 16) & (age < 60) & ~pupil & ~health["serious"] & ~severe
    birth = np.datetime64("2016-09-30") - (age * 365.25).astype("timedelta64[D]")
    dates = pd.Series(birth).dt.strftime("%Y%m%d").to_numpy(dtype=str)
    # no two persons of one birth day share a serial
    same_day = pd.DataFrame({"d": dates, "m": male}).groupby(["d", "m"])
    serial = same_day.cumcount().to_numpy() % 500 * 2 + np.where(male, 1, 0)
    names = _names(rng, relation, home)
    single = (size == 1) & (head_age[place == 0] > 66)
    alone = single & (rng.random(H) < 0.25)
    numbers = households["household_id"].to_numpy()[home]
    return pd.DataFrame(
        {
            "home": home,
            "place": place,
            "tekun": alone[home],
            "person_id": [
                f"{h}{p + 1:02d}" for h, p in zip(numbers, place, strict=True)
            ],
            "name": names,
            "id_number": id_numbers(dates, serial),
            "male": male,
            "birth_date": birth,
            "age_2016": age,
            "relation": relation,
            "pupil": pupil,
            **health,
            "able": able,
            "migrant": able & (rng.random(n) < 0.42),
        }
    )


def _relations(place: np.ndarray, draw: np.ndarray, head_age: np.ndarray) -> np.ndarray:
    relation = np.select(
        [
            place == 0,
            (place == 1) & (draw < 0.72),
            draw < 0.45,
            draw < 0.72,
            draw < 0.86,
            draw < 0.93,
        ],
        ["head", "spouse", "son", "daughter", "grandson", "granddaughter"],
        "mother",
    ).astype(object)
    relation[(relation == "mother") & (head_age > 68)] = "daughter_in_law"
    return relation


def _ages(
    rng: np.random.Generator, relation: np.ndarray, head_age: np.ndarray
) -> np.ndarray:
    """Ages on 30 September 2016, a generation apart where they have to be."""
    n = len(relation)
    spouse = head_age + rng.normal(-1, 3, n)
    child = head_age - rng.uniform(21, 34, n)
    grandchild = head_age - rng.uniform(44, 58, n)
    mother = head_age + rng.uniform(18, 27, n)
    other = head_age - rng.uniform(20, 32, n)
    age = np.select(
        [
            relation == "head",
            relation == "spouse",
            np.isin(relation, ["son", "daughter"]),
            np.isin(relation, ["grandson", "granddaughter"]),
            relation == "mother",
        ],
        [head_age, spouse, child, grandchild, mother],
        other,
    )
    young, oldest = rng.uniform(0.2, 15, n), 92 + rng.uniform(0, 7, n)
    return np.where(age < 1, young, np.minimum(age, oldest))


def _sexes(relation: np.ndarray, head_male: np.ndarray) -> np.ndarray:
    sons = np.isin(relation, ["son", "grandson"])
    kinds = [relation == "head", relation == "spouse", sons]
    return np.select(kinds, [head_male, ~head_male, True], False)


def _health(
    rng: np.random.Generator,
    home: np.ndarray,
    place: np.ndarray,
    age: np.ndarray,
    cause: np.ndarray,
) -> dict[str, np.ndarray]:
    """True illness and disability; a household of either cause has someone who is."""
    n, H = len(home), home[-1] + 1
    old, first = age >= 60, place == 0
    ill_home, disabled_home = cause == "illness", cause == "disability"
    grown = ill_home * (age > 15)
    chronic = rng.random(n) < np.clip(0.05 + 0.20 * old + 0.17 * grown, 0, 1)
    serious = rng.random(n) < 0.012 + 0.02 * old + 0.05 * grown
    disabled = rng.random(n) < 0.05 + 0.05 * old + 0.35 * disabled_home * first
    someone_ill = np.bincount(home, chronic | serious, H) > 0
    chronic |= first & ill_home & ~someone_ill[home]
    someone_disabled = np.bincount(home, disabled, H) > 0
    disabled |= first & disabled_home & ~someone_disabled[home]
    return {
        "chronic": chronic,
        "serious": serious,
        "disabled": disabled,
        "disability_grade": np.where(disabled, rng.integers(1, 5, n), 0),
    }


def _names(
    rng: np.random.Generator, relation: np.ndarray, home: np.ndarray
) -> list[str]:
    n, H = len(home), home[-1] + 1
    given = rng.choice(GIVEN, n)
    two, second = rng.random(n) < 0.75, rng.choice(GIVEN, n)
    surname = rng.choice(SURNAMES, H)[home]
    surname = np.where(relation == "spouse", rng.choice(SURNAMES, n), surname)
    second = np.where(two, second, "")
    return [a + b + c for a, b, c in zip(surname, given, second, strict=True)]


def fitting_causes(households: pd.DataFrame, members: pd.DataFrame) -> pd.Series:
    """Primary causes, each one that the members make possible.

    缺技术 stands in place of 因学 without a pupil, and of 缺劳动力 where more than half can work.
    """
    n = len(households)
    pupils, able = (
        np.bincount(members["home"], members[c], n) for c in ("pupil", "able")
    )
    cause = households["cause"]
    return cause.mask(
        (cause == "schooling") & (pupils == 0)
        | (cause == "labour") & (able > households["size"] / 2),
        "skills",
    )


def id_numbers(dates: np.ndarray, serials: np.ndarray) -> list[str]:
    """18-character numbers with the city's unassigned county code and a valid check character.

    GB 11643-1999; the place code belongs to no place, so the numbers belong to no person.
    """
    code = areas.unassigned_code()
    body = [f"{code}{d}{s:03d}" for d, s in zip(dates, serials, strict=True)]
    digits = np.array([list(map(int, b)) for b in body])
    checks = np.array(list(CHECKS))[(digits @ WEIGHTS) % 11]
    return [b + c for b, c in zip(body, checks, strict=True)]
