"""Services for the ill: three batches, six ones, screening, and clinics with a doctor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from jinzhou.result import Result
from jinzhou.statistics.shares import share_by
from jinzhou.words import Words

SIX = (
    "health_card",
    "health_record",
    "designated_hospital",
    "family_doctor",
    "contract",
    "checkup",
)
"""The six ones of docs/requirements.md R39, in its order."""
SERIOUS = "serious_illness_treated"
CHRONIC = "chronic_contracted"
SAFETY_NET = "safety_net"
SHARE = ("share", "ci_low", "ci_high")
SERVICES = ["group", "service", "ill", "have", *SHARE]
BATCHES = ["group", "batch", "needed", "reached", *SHARE]
Needs = Mapping[str, tuple[np.ndarray, np.ndarray]]
"""Batch -> who needs it and whom it reaches, bool arrays (n,)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HealthServices(Result):
    """What the ill have and lack.

    Attributes
    ----------
    services : DataFrame
        `group` (``all`` last), `service` (one of `SIX`, ``all_six``), `ill`, `have`, `share`,
        `ci_low`, `ci_high`.
    batches : DataFrame
        `group`, `batch`, `needed`, `reached`, `share`, `ci_low`, `ci_high`.
    missing : DataFrame
        The ill persons who lack something: `person_id`, `household_id`, `county`, township and
        village, `lacks` and `batch_lacks` (names, comma between: services, and batches that the
        person's illness calls for), `listed` (in the service ledger at all).
    unlisted : int
        Ill persons without a row of the ledger: in the list of those who lack something, in no
        share.
    status : str
        ``determined``, or ``not determined`` when no service ledger was delivered.
    """

    shown: ClassVar[str] = "services"
    kinds: ClassVar[Mapping[str, str]] = dict.fromkeys(SHARE, "share") | {
        "service": "label:service"
    }
    services: pd.DataFrame
    batches: pd.DataFrame
    missing: pd.DataFrame
    unlisted: int
    status: str

    def sentence(self, words: Words) -> str:
        """Ill persons with all six services, and those who lack something."""
        if self.status != "determined":
            return words("summary.HealthServices.unknown")
        whole = self.services[self.services["group"] == "all"].set_index("service")
        last = whole.loc["all_six"]
        return words(
            "summary.HealthServices.text",
            have=last["have"],
            ill=last["ill"],
            share=last["share"],
            lacking=len(self.missing),
        )


def health_services(
    ill: pd.DataFrame,
    *,
    line: float,
    by: str = "county",
    cluster: str = "area_code",
    level: float = 0.95,
) -> HealthServices:
    """Three batches and six ones of every ill registered person.

    Parameters
    ----------
    ill : DataFrame
        `registry.ill_persons`: one row per ill person, a bool column for each of `SIX`, `serious`,
        `chronic`, `batch`, `own_yuan`, `listed`.
    line : float
        Yuan: a serious illness whose stays cost the patient more needs the safety net.

    Notes
    -----
    Definitions of `reference/indicators.csv`: a serious illness is treated, or carried by the
    safety net; a chronic one is under contract; the safety net is for serious illness with own
    payments of the year above the line. Who is not on the ledger is unknown: in no share, but in
    the list.

    References
    ----------
    docs/requirements.md R05, R06, R39.
    """
    listed = ill["listed"].to_numpy(bool)
    have = ill[list(SIX)].to_numpy(bool)
    needs = _needs(ill, line)
    missing = _missing(ill, have, needs)
    if not listed.any():
        return HealthServices(
            services=pd.DataFrame(columns=SERVICES),
            batches=pd.DataFrame(columns=BATCHES),
            missing=missing.iloc[:0],
            unlisted=len(ill),
            status="not determined",
        )

    def shares(rows: np.ndarray, hit: np.ndarray) -> pd.DataFrame:
        found = share_by(ill[rows], hit[rows], by=by, cluster=cluster, level=level)
        return found.reset_index(names="group")

    every = dict(zip(SIX, have.T, strict=True)) | {"all_six": have.all(axis=1)}
    services = [shares(listed, hit).assign(service=name) for name, hit in every.items()]
    batches = [
        shares(needed & listed, reached).assign(batch=name)
        for name, (needed, reached) in needs.items()
        if (needed & listed).any()
    ]
    return HealthServices(
        services=_stacked(services, {"rows": "ill", "hits": "have"}, SERVICES),
        batches=_stacked(batches, {"rows": "needed", "hits": "reached"}, BATCHES),
        missing=missing,
        unlisted=int((~listed).sum()),
        status="determined",
    )


def _needs(ill: pd.DataFrame, line: float) -> Needs:
    """Who needs each batch, and whom it reaches."""
    batch = ill["batch"].fillna("").to_numpy()
    serious = ill["serious"].to_numpy(bool)
    costly = ill["own_yuan"].to_numpy(float) > line
    return {
        SERIOUS: (serious, np.isin(batch, (SERIOUS, SAFETY_NET))),
        CHRONIC: (ill["chronic"].to_numpy(bool), ill["contract"].to_numpy(bool)),
        SAFETY_NET: (serious & costly, batch == SAFETY_NET),
    }


def _missing(ill: pd.DataFrame, have: np.ndarray, needs: Needs) -> pd.DataFrame:
    """Ill persons who lack a service or a batch, with the names of what they lack."""
    names = np.array(SIX, dtype=object)
    batch_lacks = [
        ",".join(k for k, (needed, got) in needs.items() if needed[i] and not got[i])
        for i in range(len(ill))
    ]
    found = ill.assign(
        lacks=[",".join(names[~row]) for row in have], batch_lacks=batch_lacks
    )
    some = ~have.all(axis=1) | (found["batch_lacks"] != "")
    return found[some].reset_index(drop=True)


def _stacked(
    parts: list[pd.DataFrame], named: Mapping[str, str], columns: list[str]
) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True).rename(columns=named)[columns]


def screening(
    people: pd.DataFrame,
    *,
    by: str = "county",
    cluster: str = "area_code",
    level: float = 0.95,
) -> pd.DataFrame:
    """Registered persons screened, by the care that they had.

    Parameters
    ----------
    people : DataFrame
        `registry.screened_persons`: `screened` (health on record, or a check-up or health record),
        `care` of the last twelve months: ``inpatient``, ``outpatient``, ``none``.

    Returns
    -------
    DataFrame, indexed by group
        `rows`, `hits`, `share`, `ci_low`, `ci_high` (screened), and persons by care.

    References
    ----------
    docs/requirements.md R39.
    """
    found = share_by(people, people["screened"], by=by, cluster=cluster, level=level)
    care = pd.crosstab(people[by], people["care"]).reindex(
        columns=["inpatient", "outpatient", "none"], fill_value=0
    )
    care.loc["all"] = care.sum()
    return found.join(care)


def clinics(villages: pd.DataFrame, *, by: str = "county") -> pd.DataFrame:
    """Village clinics with a practising doctor.

    Returns
    -------
    DataFrame, indexed by group
        `villages`, `clinic`, `doctor` (with both), `unknown` (a field blank), `share` (doctor /
        villages with the fields filled; missing when none is).

    Notes
    -----
    Whether township hospitals are up to standard is not in the registry: not determined. Counted
    are the villages whose own table names a clinic, and among them those with a doctor.

    References
    ----------
    docs/requirements.md R43.
    """
    known = villages["clinic"].notna() & villages["doctors"].notna()
    work = pd.DataFrame(
        {
            by: villages[by],
            "villages": 1,
            "clinic": (villages["clinic"] > 0) & known,
            "doctor": (villages["clinic"] > 0) & (villages["doctors"] > 0) & known,
            "unknown": ~known,
        }
    )
    counts = work.groupby(by).sum().astype("int64")
    counts.loc["all"] = counts.sum()
    known_villages = (counts["villages"] - counts["unknown"]).replace(0, np.nan)
    return counts.assign(share=counts["doctor"] / known_villages)
