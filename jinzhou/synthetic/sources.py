"""What every table of the registry is written from."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.synthetic.history import History
from jinzhou.synthetic.housing import Dwellings
from jinzhou.synthetic.parameters import SNAPSHOTS, Targets, World
from jinzhou.synthetic.people import Places

STATUS_AFTER = {
    "identified": "poor",
    "newly_identified": "poor",
    "returned": "returned",
    "exited": "exited",
    "removed": None,
    "natural_decrease": None,
    "monitored": "exited",
}
"""Registry state of a household after its last event."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sources:
    """The households and what happened to them, and the stream that the tables are drawn from.

    Attributes
    ----------
    status : dict of DataFrame
        By registry year: `status` code or None, `exit_year`, one row per household.
    size : dict of array (H,)
        Persons on the record, by registry year.
    """

    rng: np.random.Generator
    homes: pd.DataFrame
    places: Places
    dwellings: Dwellings
    past: History
    world: World
    targets: Targets
    status: dict[int, pd.DataFrame]
    size: dict[int, np.ndarray]

    def kept(self, year: int) -> np.ndarray:
        """Households in the registry of a year."""
        return np.flatnonzero(self.status[year]["status"].notna())

    def registered(self, year: int) -> np.ndarray:
        """Whether each person stands in the registry of a year."""
        people, day = self.past.members, registry_day(year)
        here = ((people["enter"] <= day) & (people["leave"] > day)).to_numpy()
        return here & self.status[year]["status"].notna().to_numpy()[people["home"]]

    @property
    def numbers(self) -> np.ndarray:
        """Household numbers."""
        return self.homes["household_id"].to_numpy()

    @property
    def heads(self) -> pd.DataFrame:
        """The head of each household, in the order of the households."""
        people = self.past.members
        return people[people["place"] == 0].set_index("home").sort_index()


def registry_day(year: int) -> np.datetime64:
    """Day on which the registry of a year is closed."""
    return np.datetime64(f"{year}-09-30")


def persons_at(past: History, homes: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Members on the record of each household on a day (entered by it, not yet left)."""
    asked = pd.DataFrame({"home": homes, "day": days, "row": np.arange(len(homes))})
    joined = asked.merge(past.members[["home", "enter", "leave"]], on="home")
    on_record = (joined["enter"] <= joined["day"]) & (joined["leave"] > joined["day"])
    return np.bincount(joined["row"], on_record, len(homes)).astype(int)


def status_at(homes: pd.DataFrame, past: History, year: int) -> pd.DataFrame:
    """Registry state of each household on 30 September: `status` code or None, `exit_year`."""
    known = past.events["recorded_on"] <= registry_day(year)
    rows = past.events[(past.events["person"] < 0) & known]
    last = rows.sort_values("recorded_on").groupby("home").last()
    start = np.where(past.exited_before, "exited", "poor")
    state = pd.Series(start, index=homes.index, dtype=object)
    state[homes["new"]] = None
    state[last.index] = last["kind"].map(STATUS_AFTER)
    exits = rows[rows["kind"] == "exited"].groupby("home")["recorded_on"].max()
    exit_year = pd.Series(np.where(past.exited_before, 2014, 0), index=homes.index)
    exit_year[exits.index] = pd.to_datetime(exits).dt.year
    if year == SNAPSHOTS[-1]:
        state[past.planned & state.isin(["poor", "returned"])] = "planned_exit"
    return pd.DataFrame(
        {"status": state, "exit_year": exit_year.where(state == "exited", 0)}
    )
