"""Services for the ill: three batches, six ones, screening, and clinics with a doctor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.chapters.illness.analysis.bills import share_by

SIX = (
    "health_card",
    "health_record",
    "designated_hospital",
    "family_doctor",
    "contract",
    "checkup",
)
"""The six ones (六个一工程), in the order of the speech."""
SERIOUS, CHRONIC, SAFETY_NET = (
    "serious_illness_treated",
    "chronic_contracted",
    "safety_net",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HealthServices:
    """What the ill have and lack.

    Attributes
    ----------
    services : DataFrame
        `group` (``all`` last), `service` (one of `SIX`, ``all_six``), `ill`, `have`, `share`, `ci_low`, `ci_high`.
    batches : DataFrame
        `group`, `batch`, `needed`, `reached`, `share`, `ci_low`, `ci_high`.
    missing : DataFrame
        The ill persons who lack something: `person_id`, `household_id`, `county`, place, `lacks` and `batch_lacks` (names,
        comma between: services, and batches that the person's illness calls for), `listed` (in the service ledger at all).
    unlisted : int
        Ill persons without a row of the ledger: in the list of those who lack something, in no share.
    status : str
        ``determined``, or ``not determined`` when no service ledger was delivered.
    """

    services: pd.DataFrame
    batches: pd.DataFrame
    missing: pd.DataFrame
    unlisted: int
    status: str

    def table(self) -> pd.DataFrame:
        """A copy of `services`, safe to format."""
        return self.services.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        if self.status != "determined":
            return "services for the ill: not determined, no ledger was delivered."
        last = self.services[
            (self.services["group"] == "all") & (self.services["service"] == "all_six")
        ].iloc[0]
        return f"{last['have']:,} of {last['ill']:,} ill persons have all six services ({last['share']:.1%}); {len(self.missing):,} lack something."


def health_services(
    ill: pd.DataFrame,
    *,
    line: float,
    by: str = "county",
    cluster: str = "area_code",
    level: float = 0.95,
) -> HealthServices:
    """Three batches and six ones of every ill registered person (R05, R06, R39).

    Parameters
    ----------
    ill : DataFrame
        `registry.ill_persons`: one row per ill person, a bool column for each of `SIX`, `serious`,
        `chronic`, `batch`, `own_yuan`, `listed`.
    line : float
        Yuan: a serious illness whose stays cost the patient more needs the safety net.

    Notes
    -----
    Definitions of `reference/indicators.csv`: a serious illness is treated, or carried by the safety
    net; a chronic one is under contract; the safety net is for serious illness with own payments of
    the year above the line. Who is not on the ledger is unknown: in no share, but in the list.
    """
    known = ill[ill["listed"].to_numpy(bool)]
    have = ill[list(SIX)].to_numpy(bool)
    batch = ill["batch"].fillna("").to_numpy()
    serious, chronic, dear = (
        ill["serious"].to_numpy(bool),
        ill["chronic"].to_numpy(bool),
        ill["own_yuan"].to_numpy(float) > line,
    )
    wants = {
        SERIOUS: (serious, np.isin(batch, (SERIOUS, SAFETY_NET))),
        CHRONIC: (chronic, ill["contract"].to_numpy(bool)),
        SAFETY_NET: (serious & dear, batch == SAFETY_NET),
    }
    lacks = np.array(SIX, dtype=object)
    found = ill.assign(
        lacks=[",".join(lacks[~row]) for row in have],
        batch_lacks=[
            ",".join(
                name
                for name, (needed, reached) in wants.items()
                if needed[i] and not reached[i]
            )
            for i in range(len(ill))
        ],
    )
    missing = found[(~have.all(axis=1)) | (found["batch_lacks"] != "")].reset_index(
        drop=True
    )
    columns = ["share", "ci_low", "ci_high"]
    if not len(known):
        return HealthServices(
            services=pd.DataFrame(
                columns=["group", "service", "ill", "have", *columns]
            ),
            batches=pd.DataFrame(
                columns=["group", "batch", "needed", "reached", *columns]
            ),
            missing=missing.iloc[:0],
            unlisted=len(ill),
            status="not determined",
        )
    services, batches, listed = [], [], ill["listed"].to_numpy(bool)
    for name, hit in [*zip(SIX, have.T), ("all_six", have.all(axis=1))]:
        rows = share_by(
            known, hit[listed], by=by, cluster=cluster, level=level
        ).reset_index(names="group")
        services.append(
            rows.rename(columns={"rows": "ill", "hits": "have"}).assign(service=name)
        )
    for name, (needed, reached) in wants.items():
        due = needed & listed
        if due.any():
            rows = share_by(
                ill[due], reached[due], by=by, cluster=cluster, level=level
            ).reset_index(names="group")
            batches.append(
                rows.rename(columns={"rows": "needed", "hits": "reached"}).assign(
                    batch=name
                )
            )
    return HealthServices(
        services=pd.concat(services, ignore_index=True)[
            ["group", "service", "ill", "have", *columns]
        ],
        missing=missing,
        unlisted=len(ill) - len(known),
        status="determined",
        batches=pd.concat(batches, ignore_index=True)[
            ["group", "batch", "needed", "reached", *columns]
        ]
        if batches
        else pd.DataFrame(columns=["group", "batch", "needed", "reached", *columns]),
    )


def screening(
    people: pd.DataFrame,
    *,
    by: str = "county",
    cluster: str = "area_code",
    level: float = 0.95,
) -> pd.DataFrame:
    """Registered persons screened, and told apart by the care they had (R39).

    Parameters
    ----------
    people : DataFrame
        `registry.screened_persons`: `screened` (health on record, or a check-up or health record),
        `care` of the last twelve months: ``inpatient``, ``outpatient``, ``none``.

    Returns
    -------
    DataFrame, indexed by group
        `rows`, `hits`, `share`, `ci_low`, `ci_high` (screened), and persons by care.
    """
    found = share_by(people, people["screened"], by=by, cluster=cluster, level=level)
    care = pd.crosstab(people[by], people["care"]).reindex(
        columns=["inpatient", "outpatient", "none"], fill_value=0
    )
    care.loc["all"] = care.sum()
    return found.join(care)


def clinics(villages: pd.DataFrame, *, by: str = "county") -> pd.DataFrame:
    """Village clinics with a practising doctor (R43).

    Whether township hospitals are up to standard is not in the registry: 未能判定. Counted are the
    villages whose own table names a clinic, and among them those with a doctor.

    Returns
    -------
    DataFrame, indexed by group
        `villages`, `clinic`, `doctor` (with both), `unknown` (a field blank), `share` (doctor / villages with the fields
        filled; missing when none is).
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
