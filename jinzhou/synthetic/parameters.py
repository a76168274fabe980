"""Every number the synthetic registry is built from, with where it comes from.

``speech``: said in the speech of autumn 2018. ``study``: the simulation by which the risk
estimators are judged (docs/methods.md, simulated registry). ``chosen``: neither; a plausible
value, free to change.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

FIRST_QUARTER = 2015 * 4
"""Number (year x 4 + quarter - 1) of 2015Q1; the simulation runs for `QUARTERS` quarters."""
QUARTERS = 16
SNAPSHOTS = (2014, 2015, 2016, 2017, 2018)
CAMPAIGN = 2018 * 4 + 2 - FIRST_QUARTER
"""Index of 2018Q3, the quarter of the look-back."""
DEFAULT_HOUSEHOLDS = 31_000
POLICY_START = "2018-01-01"
"""Day from which registered in-patients pay nothing (chosen; the speech names no day)."""
SUPPLEMENT_START = "2017-07-01"
"""Day from which a supplementary insurance pays part of a stay (chosen)."""
DATA_END = "2018-12-31"
"""Day of the export: nothing recorded later is in it (chosen)."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """True coefficients of the quarterly log(-log(1-h)) of a return (study)."""

    intercept: float = -4.05
    log_margin: float = -2.60
    ill_now: float = 1.45
    ill_last: float = 0.90
    chronic: float = 0.60
    job_loss: float = 0.95
    disaster: float = 0.60
    dibao: float = -0.70
    elderly: float = 0.35
    disabled: float = 0.40
    labour: float = -0.55
    dwelling_grade: float = 0.25
    deep_village: float = 0.30
    quarters_since_exit: float = -0.09
    aid: float = -0.60
    winter: float = 0.15
    visit: float = -0.80
    unrecorded: float = 0.45
    village_sd: float = 0.25


@dataclass(frozen=True, slots=True)
class Targets:
    """Counts to hit exactly at the default size; other sizes scale them (speech)."""

    returned: int = 1_419
    newly_identified: int = 1_240
    omitted: int = 804
    poor_persons: int = 17_000
    planned_exit: int = 8_300
    batch_950: int = 950
    batch_938: int = 938
    batch_overlap: int = 36  # chosen: the speech does not say whether the lots overlap
    microcredit_yuan: int = 2_140_000
    treated: int = 5_011
    villages_2018: int = 56
    villages_2019: int = 28
    deep_villages: int = 15

    def scaled(self, share: float) -> Targets:
        """Targets for a registry `share` times the default size; villages are not scaled."""
        fixed = {"villages_2018", "villages_2019", "deep_villages"}
        return Targets(
            **{
                k: v if k in fixed or share == 1 else max(1, round(v * share))
                for k, v in asdict(self).items()
            }
        )


@dataclass(frozen=True, slots=True)
class World:
    """Everything else that is true in the synthetic registry."""

    hazard: Hazard = field(default_factory=Hazard)
    detection_unvisited: float = 0.55  # study
    detection_visited: float = 0.95  # study
    delay_shares: tuple[float, ...] = (
        0.45,
        0.30,
        0.15,
        0.10,
    )  # chosen: record 0-3 quarters later
    visit_capacity: float = (
        0.06  # study: share of exited households visited in a quarter
    )
    random_slice: float = 0.10  # study: share of the visits drawn at random
    disaster_summer: float = 0.09  # study
    disaster_else: float = 0.01  # study
    income_rho: float = 0.72  # study
    income_noise: float = 0.06  # study: sd of log reporting error
    aid_margin: float = 0.10  # chosen: log income gained from an industry project
    aid_quarters: int = 10  # chosen: how long the gain and the hazard effect last
    yuan_per_aided_household: float = (
        9_000  # chosen: industry money that reaches one household
    )
    township_efficiency_sd: float = (
        0.35  # chosen: half-normal sd of log inefficiency of townships
    )
    supplement_share: float = (
        0.40  # chosen: part of the rest that the supplement pays from mid-2017
    )
    zero_burden_county: float = (
        0.97  # chosen: stays in the county that cost the patient nothing
    )
    zero_burden_outside: float = 0.80  # chosen: the same for stays elsewhere
    chronic_visits: float = (
        0.55  # chosen: with stays, 3-4 settlements per ill person and year
    )
    pressed_up: float = 0.85  # chosen: exited under the line, written just above it
    pressed_down: float = (
        0.25  # chosen: poor just above the line, written just below it
    )
    health_blank: float = 0.21  # public exports (docs/sources.md): 11,233 of 53,030
    labour_blank: float = 0.53  # public exports (docs/sources.md): 28,110 of 53,030
    education_blank: float = 0.99  # public exports (docs/sources.md): 52,506 of 53,030
    copied_villages: int = 3  # chosen
    duplicate_share: float = 0.01  # study


VILLAGES_PER_TOWNSHIP = 5
