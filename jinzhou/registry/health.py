"""Frames about illness: settlements with the household's state, services of the ill, bills of a year."""

from __future__ import annotations

import pandas as pd

from jinzhou.reference.vocabulary import ICD_CHAPTERS, TABLES
from jinzhou.registry.frames import BILLS
from jinzhou.registry.ledgers import PATIENTS, query
from jinzhou.registry.snapshot import Snapshot

_LATEST = "(select max(snapshot) from household)"
_LEFT = "('removed', 'natural_decrease')"


def settlements(snapshot: Snapshot, *, since: str, kind: str = "") -> pd.DataFrame:
    """Settlements of registered persons admitted from `since` on, in yuan; of one `kind` (med_type) or of all.

    `household_id`, `area_code` and `county` come through the pseudonym of the number; where the
    registry's own number is damaged the household is missing and the county is ``unknown``. `status` is the
    household's state on the day of admission (``exited``, ``poor``, missing when no record is that old) by all that was known at `as_of`;
    `months_since_exit` counts whole months from the day of the exit: the event's, or 31 December of the exit year.
    """
    money = ", ".join(
        f"v.{c.name}::double as {c.name}"
        for c in TABLES["visit"].columns
        if c.kind == "money"
    )
    return query(
        snapshot,
        f"""
        with patient as materialized (select p.person_key, p.household_id, p.county, h.area_code
            from {PATIENTS} p left join (select household_id, arg_max(area_code, snapshot) as area_code from household group by 1) h using (household_id)),
        dated as (
            select household_id, happened_on, event_id, case when kind = 'exited' then 'exited' when kind in {_LEFT} then 'outside' else 'poor' end as state
            from event where person_id is null and kind in ('exited', 'identified', 'newly_identified', 'returned', 'reverted', 'removed', 'natural_decrease')
            union all
            select household_id, make_date(exit_year, 12, 31), '', 'exited' from household h where exit_year is not null
                and not exists (select 1 from event e where e.household_id = h.household_id and e.kind = 'exited' and e.person_id is null)
            union all
            select household_id, min(first_identified_on), '', 'poor' from household where first_identified_on is not null group by 1
        ), states as (select household_id, happened_on, arg_max(state, (event_id, state)) as state from dated group by all)
        select p.household_id, coalesce(p.county, 'unknown') as county, p.area_code, v.person_key, v.setl_id, v.med_type, v.hospital_place,
            v.admitted_on, v.discharged_on, v.setl_time, s.state as status,
            case when s.state = 'exited' then date_diff('month', s.happened_on, v.admitted_on) - (day(v.admitted_on) < day(s.happened_on) and day(v.admitted_on) < day(last_day(v.admitted_on)))::int
                end::double as months_since_exit, {money}
        from visit v left join patient p using (person_key)
        asof left join states s on s.household_id = p.household_id and v.admitted_on >= s.happened_on
        where v.admitted_on >= ?::date and ? in ('', v.med_type) order by v.setl_id""",
        values=(since, kind),
    )


def stays_by_chapter(snapshot: Snapshot, *, since: str) -> pd.DataFrame:
    """One row per in-patient stay with the chapter of its diagnosis (ICD-10) and the place of the hospital; no number of a person or settlement (R42).

    Returns
    -------
    DataFrame
        `chapter` (key of `vocabulary.ICD_CHAPTERS`, ``unknown`` without a code), `hospital_place`, `county`, `area_code`, in no order of persons.
    """
    con = snapshot.store.connect(
        as_of=pd.Timestamp(snapshot.as_of).date(),
        tables=["household", "member", "visit"],
    )
    snapshot.store.side_views(con)
    cases = " ".join(
        f"when regexp_matches(upper(d.diag_code), '{pattern}') then '{key}'"
        for key, (pattern, _, _) in ICD_CHAPTERS.items()
    )
    rows = con.execute(
        f"""select case {cases} else 'unknown' end as chapter, v.hospital_place, coalesce(p.county, 'unknown') as county, h.area_code
        from visit v left join private_visit d using (setl_id) left join {PATIENTS} p using (person_key)
        left join (select household_id, arg_max(area_code, snapshot) as area_code from household group by 1) h using (household_id)
        where v.med_type = 'inpatient' and v.admitted_on >= ?::date order by all""",
        [since],
    ).df()
    con.close()
    return (
        rows[rows["county"] == snapshot.county].reset_index(drop=True)
        if snapshot.county
        else rows
    )


def ill_persons(snapshot: Snapshot) -> pd.DataFrame:
    """Every ill member of the latest registry year with the services on the ledger: what `measures.health_services` reads.

    `serious`, `chronic`, `batch`, `listed` (a row of the service ledger), `own_yuan` (own payment of stays since the registry
    year began, 0 without a stay), and a flag for each of the six ones. Definitions as `reference/indicators.csv` (R05, R06).
    """
    return query(
        snapshot,
        f"""
        select m.person_id, m.household_id, m.county, h.area_code, h.town, h.village, list_contains(m.health_status, 'serious') as serious,
            list_contains(m.health_status, 'chronic') as chronic, s.person_id is not null as listed, s.batch, coalesce(v.own_yuan, 0) as own_yuan,
            s.health_card_on is not null as health_card, s.health_record_on is not null as health_record, s.designated_hospital is not null as designated_hospital,
            s.family_doctor_team is not null as family_doctor, s.contract_signed_on is not null as contract, s.checkup_on is not null as checkup
        from member m join household h using (household_id, snapshot)
        left join (select distinct on (person_id) * from health_service where snapshot = (select max(snapshot) from health_service) order by person_id, source_row) s using (person_id)
        left join (select person_key, sum(psn_part_amt)::double as own_yuan from {BILLS} where med_type = 'inpatient' and admitted_on > make_date({_LATEST}::int - 1, 9, 30) group by 1) v using (person_key)
        where m.snapshot = {_LATEST} and m.change_kind is distinct from 'natural_decrease'
        and (list_contains(m.health_status, 'serious') or list_contains(m.health_status, 'chronic'))
        order by m.person_id""",
    )


def screened_persons(snapshot: Snapshot) -> pd.DataFrame:
    """Every member of the latest registry year: `screened` (health on record, or a check-up or record on the ledger), `care` of twelve months."""
    return query(
        snapshot,
        f"""
        with seen as (select person_key, bool_or(med_type = 'inpatient') as inpatient from visit
                      where admitted_on > ?::date - interval 12 month and admitted_on <= ?::date and person_key is not null group by 1)
        select m.county, h.area_code, m.health_status is not null and len(m.health_status) > 0 or s.checkup_on is not null or s.health_record_on is not null as screened,
            case when v.inpatient then 'inpatient' when v.person_key is not null then 'outpatient' else 'none' end as care
        from member m join household h using (household_id, snapshot) left join seen v using (person_key)
        left join (select person_id, max(checkup_on) as checkup_on, max(health_record_on) as health_record_on from health_service group by 1) s using (person_id)
        where m.snapshot = {_LATEST} and m.change_kind is distinct from 'natural_decrease' order by m.person_id""",
        values=(snapshot.as_of, snapshot.as_of),
    )


def village_clinics(snapshot: Snapshot) -> pd.DataFrame:
    """Villages of the latest year with `clinic` and `doctors` (numbers, missing when blank)."""
    return query(
        snapshot,
        """select county, area_code, clinic::double as clinic, doctors::double as doctors from village
        where snapshot = (select max(snapshot) from village) order by area_code""",
    )


def yearly_bills(snapshot: Snapshot) -> pd.DataFrame:
    """One row per household of the latest registry year: its bills of the twelve months to `as_of`, as known then, and its income.

    Returns
    -------
    DataFrame
        `household_id`, `county`, `area_code`, `treated` (persons with a bill), `total`, `own` (yuan of the year), `chronic_patients`
        and `chronic_own` (of chronic out-patient visits alone), `income` (yuan per household and year, missing when blank). Bills without
        cost, or with an own payment below zero or above the cost, are left out; so is a person whose number two households carry.
    """
    return query(
        snapshot,
        f"""
        with bill as (select person_key, med_type = 'chronic_outpatient' as chronic, medfee_sumamt::double as total, psn_part_amt::double as own from {BILLS}
                      where admitted_on > ?::date - interval 12 month and admitted_on <= ?::date),
        patient as (select person_key, min(household_id) as household_id from member where snapshot = {_LATEST} and person_key is not null
                    group by 1 having count(distinct household_id) = 1),
        spent as (select household_id, count(distinct person_key)::double as treated, sum(total) as total, sum(own) as own,
                      count(distinct person_key) filter (where chronic)::double as chronic_patients, sum(own) filter (where chronic) as chronic_own
                  from bill join patient using (person_key) group by 1)
        select h.household_id, h.county, h.area_code, coalesce(s.treated, 0) as treated, coalesce(s.total, 0) as total, coalesce(s.own, 0) as own,
            coalesce(s.chronic_patients, 0) as chronic_patients, coalesce(s.chronic_own, 0) as chronic_own, i.net_income_pc::double * h.household_size as income
        from household h left join income i using (household_id, snapshot) left join spent s using (household_id)
        where h.snapshot = {_LATEST} and h.household_size > 0 order by h.household_id""",
        values=(snapshot.as_of, snapshot.as_of),
    )
