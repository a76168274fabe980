"""The registry's sheet of villages, year by year."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.synthetic.income_sheet import POOR
from jinzhou.synthetic.parameters import SNAPSHOTS
from jinzhou.synthetic.sources import Sources, registry_day
from jinzhou.synthetic.units import exit_county


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Services:
    """What each village has, arrays (villages,); `..._from` are years."""

    paved_from: np.ndarray
    culture_from: np.ndarray
    culture_unknown: np.ndarray
    doctor: np.ndarray
    clinic: np.ndarray
    school: np.ndarray
    bus: np.ndarray
    collective: np.ndarray


def villages(src: Sources) -> pd.DataFrame:
    """The sheets of all years, below one another."""
    services = _services(src)
    frames = [
        pd.DataFrame(_standing(src, year) | _counted(src, services, year))
        for year in SNAPSHOTS
    ]
    return pd.concat(frames, ignore_index=True)


def _services(src: Sources) -> Services:
    rng, v = src.rng, src.places.villages
    n = len(v)
    poor = v["is_poor"]
    late, early = rng.integers(2016, 2020, n), rng.integers(2013, 2018, n)
    culture, missing = rng.integers(2013, 2019, n), rng.random(n) < 0.008
    return Services(
        paved_from=np.where(v["is_deep"], late, np.where(poor, early, 2013)),
        culture_from=np.where(poor, culture, 2013 + 6 * missing),
        culture_unknown=(
            (v["county"] == exit_county()) & (rng.random(n) < 0.04)
        ).to_numpy(),
        doctor=rng.random(n),
        clinic=rng.random(n) < 0.985,
        school=rng.random(n) < 0.4,
        bus=rng.random(n) < 0.92,
        collective=rng.gamma(1.2, 3.0, n)
        * (rng.random(n) > np.where(poor, 0.45, 0.22)),
    )


def _standing(src: Sources, year: int) -> dict[str, object]:
    v = src.places.villages
    households = (v["population"] / 3.1).astype(int)
    poor, village = v["is_poor"], src.homes["village_index"].to_numpy()
    counted = src.status[year]["status"].isin(POOR).to_numpy()
    persons = np.bincount(village[counted], src.size[year][counted], len(v))
    return {
        "snapshot": year,
        "county_name": v["county_name"],
        "town": v["town"],
        "village": v["village"],
        "area_code": v["area_code"],
        "is_poor_village": poor,
        "exited": poor & (v["exit_year"].fillna(9999) < year),
        "exit_year": v["exit_year"].where(poor),
        "is_deep_poor": v["is_deep"],
        "households": households,
        "population": v["population"],
        "poor_households": np.bincount(village[counted], minlength=len(v)),
        "poor_persons": persons.astype(int),
        "dibao_households": (households * 0.05).astype(int),
        "dibao_persons": (households * 0.08).astype(int),
        "tekun_persons": (households * 0.01).astype(int),
        "disabled_persons": (v["population"] * 0.045).astype(int),
    }


def _counted(src: Sources, services: Services, year: int) -> dict[str, object]:
    rng, v, since = src.rng, src.places.villages, year - 2014
    n, village = len(v), src.homes["village_index"].to_numpy()
    here = src.status[year]["status"].notna().to_numpy()
    unsafe = here & (src.dwellings.grade_on(registry_day(year)) >= 2)
    culture = pd.Series((services.culture_from <= year).astype(int), dtype=object)
    # not yet checked in the county that is to exit
    culture[services.culture_unknown & (year == SNAPSHOTS[-1])] = None
    doctors = services.clinic & (services.doctor < 0.85 + 0.025 * since)
    unsafe_water = rng.poisson(1.5 * 0.8**since, n)
    others = rng.poisson(1.0, n)
    return {
        "collective_income": np.round(services.collective * 1.12**since, 2),
        "paved_road": services.paved_from <= year,
        "bus": services.bus,
        "unsafe_water_households": unsafe_water,
        "unsafe_dwellings": np.bincount(village[unsafe], minlength=n) + others,
        "clinic": services.clinic.astype(int),
        "doctors": doctors.astype(int),
        "culture_rooms": culture,
        "school": services.school.astype(int),
        "insured_pension": (v["population"] * 0.6).astype(int),
        "resident_cadres": np.where(v["is_poor"] & (year >= 2015), 3, 0),
        "land_mu": np.round(v["population"] * 2.4, 0),
    }
