"""Frames about illness.

Settlements with the household's state, services of the ill, bills of a year.
"""

import pandas as pd

from jinzhou.reference.vocabulary import ICD_CHAPTERS
from jinzhou.registry.relations import ask
from jinzhou.registry.snapshot import Snapshot


def settlements(snapshot: Snapshot, *, since: str, kind: str = "") -> pd.DataFrame:
    """Settlements of registered persons admitted from `since` on, in yuan.

    Of one `kind` (med_type) or of all.

    `household_id`, `area_code` and `county` come through the pseudonym of the number; where the
    registry's own number is damaged the household is missing and the county is ``unknown``.
    `status` is the household's state on the day of admission (``exited``, ``poor``, missing when no
    record is that old) by all that was known at `as_of`; `months_since_exit` counts whole months
    from the day of the exit: the event's, or 31 December of the exit year.
    """
    return ask(snapshot, "health/settlements", since=since, kind=kind)


def stays_by_chapter(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """One row per in-patient stay with the chapter of its diagnosis and the place of the hospital.

    No number of a person or settlement is in it (R42).

    Returns
    -------
    DataFrame
        `chapter` (key of `vocabulary.ICD_CHAPTERS`, ``unknown`` without a code),
        `hospital_place`, `county`, `area_code`, in no order of persons.
    """
    return ask(
        snapshot,
        "health/stays_by_chapter",
        since=since,
        chapters=list(ICD_CHAPTERS),
        patterns=[pattern for pattern, _, _ in ICD_CHAPTERS.values()],
    )


def ill_persons(snapshot: Snapshot) -> pd.DataFrame:
    """Every ill member of the latest registry year with the services on the ledger.

    What `measures.health_services` reads.

    `serious`, `chronic`, `batch`, `listed` (a row of the service ledger), `own_yuan` (own payment
    of stays since the registry year began, 0 without a stay), and a flag for each of the six ones.
    Definitions as `reference/indicators.csv` (R05, R06).
    """
    return ask(snapshot, "health/ill_persons")


def screened_persons(snapshot: Snapshot) -> pd.DataFrame:
    """Every member of the latest registry year.

    `screened` (health on record, or a check-up or record on the ledger), `care` of twelve months.
    """
    return ask(snapshot, "health/screened_persons")


def village_clinics(snapshot: Snapshot) -> pd.DataFrame:
    """Villages of the latest year with `clinic` and `doctors` (numbers, missing when blank)."""
    return ask(snapshot, "health/village_clinics")


def yearly_bills(snapshot: Snapshot) -> pd.DataFrame:
    """One row per household of the latest registry year.

    Its bills of the twelve months to `as_of`, as known then, and its income.

    Returns
    -------
    DataFrame
        `household_id`, `county`, `area_code`, `treated` (persons with a bill), `total`, `own` (yuan
        of the year), `chronic_patients` and `chronic_own` (of chronic out-patient visits alone),
        `income` (yuan per household and year, missing when blank). Bills without cost, or with an
        own payment below zero or above the cost, are left out; so is a person whose number two
        households carry.
    """
    return ask(snapshot, "health/yearly_bills")
