"""The registry's sheets of households, year by year: who they are, and how they live."""

import numpy as np
import pandas as pd

from jinzhou.synthetic.history import given
from jinzhou.synthetic.parameters import SNAPSHOTS
from jinzhou.synthetic.sources import Sources, registry_day

AT_HOME = ("power_production", "power_home", "broadcast")
IN_GROUPS = ("in_cooperative", "led_by_enterprise", "led_by_leader")


def households(src: Sources, helper_of: np.ndarray) -> pd.DataFrame:
    """The sheets of all years, below one another."""
    standing, moved_on = _standing(src, helper_of)
    frames = []
    for year in SNAPSHOTS:
        now, keep = src.status[year], src.kept(year)
        state = now["status"].to_numpy()[keep]
        exited = state == "exited"
        gone = (moved_on <= pd.Timestamp(registry_day(year))).to_numpy()[keep]
        frames.append(
            standing.iloc[keep].assign(
                snapshot=year,
                household_size=src.size[year][keep],
                registration_status=state,
                exit_year=given(exited, now["exit_year"].to_numpy()[keep]),
                household_type=np.where(exited, "exited", "ordinary"),
                relocated=gone,
                relocated_on=moved_on.iloc[keep].where(gone),
            )
        )
    return pd.concat(frames, ignore_index=True)


def _standing(src: Sources, helper_of: np.ndarray) -> tuple[pd.DataFrame, pd.Series]:
    """What does not change from year to year, and the days of relocation (NaT: never)."""
    rng, homes, past = src.rng, src.homes, src.past
    H = len(homes)
    village = src.places.villages.iloc[homes["village_index"]].reset_index(drop=True)
    heads = src.heads
    tekun = heads["tekun"].to_numpy()
    no_labour = np.bincount(past.members["home"], past.members["able"], H) == 0
    serial = rng.permutation(H)
    phone = given(serial % 97 != 0, [f"1394{i:07d}" for i in serial])
    phone[serial % 193 == 1] = "13940000001"  # the village office's number
    second = _second_causes(src)
    identified = _identified_on(src)
    martyr, moved = rng.random(H) < 0.006, rng.random(H) < 0.012
    days = pd.to_timedelta(rng.integers(0, 400, H), unit="D")
    moved_on = pd.Series(pd.Timestamp("2017-05-01") + days).where(moved)
    national = rng.random(H) < 0.97
    frame = pd.DataFrame(
        {
            "county_name": village["county_name"],
            "town": village["town"],
            "village": village["village"],
            "area_code": village["area_code"],
            "hamlet": [f"{i % 6 + 1}组" for i in range(H)],
            "household_id": homes["household_id"],
            "head_name": heads["name"].to_numpy(),
            "head_id_number": heads["id_number"].to_numpy(),
            "head_person_id": heads["person_id"].to_numpy(),
            "phone": phone,
            "bank_name": "农村信用社",
            "bank_account": [f"62210799{i:011d}" for i in range(H)],
            "identification_standard": np.where(national, "national", "provincial"),
            "first_identified_on": identified,
            "household_category": np.select(
                [tekun, past.dibao], ["tekun", "dibao"], "ordinary"
            ),
            "monitoring_category": None,
            "primary_cause": homes["cause"],
            "secondary_causes": second,
            "is_martyr_family": martyr,
            "all_without_labour": no_labour & (tekun | past.dibao),
            "helper_id": helper_of,
        }
    )
    return frame, moved_on


def _second_causes(src: Sources) -> list[tuple[str, ...]]:
    kinds = ["illness", "disability", "labour", "skills", "capital", "motivation"]
    cause = src.rng.choice(kinds, len(src.homes))
    some = src.rng.random(len(src.homes)) < 0.4
    has = some & (cause != src.homes["cause"]).to_numpy()
    return [(str(c),) if h else () for c, h in zip(cause, has, strict=True)]


def _identified_on(src: Sources) -> pd.Series:
    """Month of first identification: of 2013 and 2014, or of the event."""
    first = ["2013-12-01", "2014-03-01", "2014-04-01", "2014-06-01"]
    days = pd.Series(pd.to_datetime(src.rng.choice(first, len(src.homes))))
    new = src.past.events[src.past.events["kind"] == "newly_identified"]
    recorded = pd.to_datetime(new["recorded_on"]).dt.to_period("M").dt.to_timestamp()
    days[new["home"]] = recorded.to_numpy()
    return days


def living(src: Sources) -> pd.DataFrame:
    """Land, dwelling, water, roads and power, year by year."""
    rng, homes = src.rng, src.homes
    n = len(homes)
    land = np.round(rng.gamma(3, 2.2, n), 1)
    forest = homes["forest_mu"].to_numpy()
    area = np.where(rng.random(n) < 0.01, 0, rng.integers(35, 120, n)).astype(float)
    water, toilet = rng.random(n), rng.random(n)
    road = np.round(rng.exponential(0.5, n), 1)
    surfaces = ["concrete", "asphalt", "gravel", "earth", "brick"]
    surface = rng.choice(surfaces, n, p=[0.50, 0.15, 0.18, 0.10, 0.07])
    fuel = rng.choice(["firewood", "coal", "clean"], n, p=[0.6, 0.3, 0.1])
    shares = dict(
        zip(AT_HOME + IN_GROUPS, (0.985, 0.999, 0.98, 0.3, 0.2, 0.15), strict=True)
    )
    has = {name: rng.random(n) < share for name, share in shares.items()}
    frames = []
    for year in SNAPSHOTS:
        keep = src.kept(year)
        grade = src.dwellings.grade_on(registry_day(year))[keep]
        columns = {
            "snapshot": year,
            "household_id": src.numbers[keep],
            "arable_mu": land[keep],
            "forest_mu": forest[keep],
            "reforested_mu": homes["reforested_mu"].to_numpy()[keep],
            "orchard_mu": np.round(forest[keep] * 0.2, 1),
            "pasture_mu": 0.0,
            "water_mu": 0.0,
            "dwelling_m2": area[keep],
            "unsafe_dwelling": grade >= 2,
            "dwelling_grade": np.array(list("ABCD"), dtype=object)[grade],
            "safe_water": water[keep] < 0.965 + 0.008 * (year - 2014),
            **{name: has[name][keep] for name in AT_HOME},
            "access_road": surface[keep],
            "road_distance_km": road[keep],
            "fuel": fuel[keep],
            "toilet": toilet[keep] < 0.42 + 0.04 * (year - 2014),
            **{name: has[name][keep] for name in IN_GROUPS},
        }
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)
