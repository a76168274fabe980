"""Dwellings: their grade over time, and the ledger of rebuilding that changes it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.synthetic.history import given
from jinzhou.synthetic.parameters import DATA_END, Targets

NEVER = np.datetime64("2099-12-31")
A, B, C, D = range(4)
EARLIER_SHARE = 0.88
"""Unsafe dwellings outside the lots of 2018 that were rebuilt in 2015-2017 (chosen)."""
LOTS = {
    # lot: (appraised from, money given, share started, slowness of the work) - chosen,
    # in the order of the speech
    "2015": ("2015-03-10", "2015-06-15", 1.0, 1.0),
    "2016": ("2016-03-10", "2016-06-15", 1.0, 1.0),
    "2017": ("2017-03-10", "2017-06-15", 1.0, 1.0),
    "batch_950": ("2017-12-01", "2018-02-10", 0.99, 1.0),
    "batch_938": ("2018-05-10", "2018-08-06", 0.93, 0.62),
    "lookback": ("2018-07-20", "2018-09-01", 0.90, 0.62),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dwellings:
    """Dwellings of H households.

    Attributes
    ----------
    first : array (H,)
        Grade at the start, 0 (A) to 3 (D).
    damaged_on, renewed_on : array (H,)
        Days on which a dwelling became D, and was rebuilt and accepted.
    renewed_to : array (H,)
        Grade afterwards.
    ledger : DataFrame
        The `housing` table, with `home`.
    """

    first: np.ndarray
    damaged_on: np.ndarray
    renewed_on: np.ndarray
    renewed_to: np.ndarray
    ledger: pd.DataFrame

    def grade_on(self, day: np.datetime64) -> np.ndarray:
        """Grade of every dwelling on a day."""
        now = np.where(self.damaged_on <= day, D, self.first)
        return np.where(self.renewed_on <= day, self.renewed_to, now)


def dwellings(
    rng: np.random.Generator, homes: pd.DataFrame, targets: Targets
) -> Dwellings:
    """Grades and the ledger: earlier years, the two lots of 2018, and what the look-back found."""
    H = len(homes)
    first = homes["grade"].to_numpy()
    known = ~homes["new"].to_numpy()
    unsafe = np.flatnonzero((first >= C) & known)
    unsafe = unsafe[
        np.argsort(-(first[unsafe] + 1.2 * rng.random(len(unsafe))))
    ]  # D first, mostly
    wanted = targets.batch_950 + targets.batch_938 - targets.batch_overlap
    earlier = rng.permutation(
        unsafe[: int(EARLIER_SHARE * (len(unsafe) - wanted)) + wanted]
    )
    listed, earlier = earlier[:wanted], earlier[wanted:]
    both = listed[targets.batch_950 - targets.batch_overlap : targets.batch_950]
    broken = rng.choice(
        np.flatnonzero((first < C) & known),
        max(3, targets.batch_950 // 12),
        replace=False,
    )
    parts = [
        (group, str(year))
        for year, group in zip(
            (2015, 2016, 2017), np.array_split(earlier, 3), strict=True
        )
    ]
    parts += [
        (listed[: targets.batch_950], "batch_950"),
        (np.concatenate([listed[targets.batch_950 :], np.sort(both)]), "batch_938"),
        (broken, "lookback"),
    ]
    ledger = pd.concat(
        [_lot(rng, group, lot) for group, lot in parts if len(group)], ignore_index=True
    )
    damaged_on = np.full(H, NEVER)
    damaged_on[broken] = np.datetime64("2018-07-05")
    ledger["grade"] = np.where(
        ledger["funding_batch"] == "lookback",
        "D",
        np.array(list("ABCD"))[first[ledger["home"]]],
    )
    done = (
        ledger[ledger["acceptance"] == "pass"]
        .sort_values("accepted_on")
        .drop_duplicates("home")
    )
    renewed_on, renewed_to = np.full(H, NEVER), np.full(H, A)
    renewed_on[done["home"]] = done["accepted_on"].to_numpy(dtype="datetime64[D]")
    renewed_to[done["home"]] = np.where(done["method"] == "rebuild", A, B)
    ledger.insert(0, "household_id", homes["household_id"].to_numpy()[ledger["home"]])
    return Dwellings(
        first=first,
        damaged_on=damaged_on,
        renewed_on=renewed_on,
        renewed_to=renewed_to,
        ledger=ledger.sort_values(["household_id", "appraised_on"], ignore_index=True),
    )


def _lot(rng: np.random.Generator, group: np.ndarray, lot: str) -> pd.DataFrame:
    """One lot of money: the days of each dwelling from appraisal to moving in."""
    appraised, money_from, share, slow = LOTS[lot]
    n = len(group)
    funded = np.datetime64(money_from)

    def after(day: np.ndarray, low: int, high: int, chance: float) -> np.ndarray:
        later = day + rng.integers(low, high, n)
        return np.where(
            (rng.random(n) < chance) & (later <= np.datetime64(DATA_END)),
            later,
            np.datetime64("NaT"),
        )

    started = after(np.full(n, funded), 10, 60, share)
    completed = after(started, int(35 * slow), int(100 * slow), 0.97)
    accepted = after(completed, 5, 30, 0.96)
    occupied = after(accepted, 3, 40, 0.93)
    built, passed = ~np.isnat(completed), ~np.isnat(accepted)
    defect = given(
        built & (rng.random(n) < 0.02),
        rng.choice(["inferior_material", "skimped_work", "below_standard"], n),
    )
    method = rng.choice(["rebuild", "repair", "exchange"], n, p=[0.55, 0.40, 0.05])
    subject = rng.choice(
        ["registered", "dibao", "tekun", "disabled"], n, p=[0.70, 0.18, 0.04, 0.08]
    )
    return pd.DataFrame(
        {
            "home": group,
            "appraised_on": pd.to_datetime(
                np.datetime64(appraised) + rng.integers(0, 25, n)
            ),
            "appraiser": "市房屋鉴定中心",
            "grade": "",
            "subject_class": subject,
            "funding_batch": lot
            if lot in ("batch_950", "batch_938", "lookback")
            else "other",
            "allocated_on": pd.to_datetime(np.full(n, funded)),
            "method": given(~np.isnat(started), method),
            "started_on": pd.to_datetime(started),
            "completed_on": pd.to_datetime(completed),
            "accepted_on": pd.to_datetime(accepted),
            "acceptance": given(passed, np.where(pd.isna(defect), "pass", "fail")),
            "occupied_on": pd.to_datetime(occupied),
            "subsidy": np.where(
                built, np.where(method == "repair", 6_000.0, 18_000.0), np.nan
            ),
            "defect": defect,
            "old_demolished": given(~np.isnat(occupied), rng.random(n) < 0.95),
        }
    )
