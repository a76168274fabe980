"""Who may be missing from the registry, and who may be counted in it wrongly: candidates with their evidence.

A candidate is somebody to ask about in the village. Nothing here removes or adds anybody.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from jinzhou.registry.ledgers import query
from jinzhou.registry.store import Store

_LATEST = """last as (select max(snapshot) as year from household),
on_record as (select m.* from member m, last where m.snapshot = last.year and m.change_kind is distinct from 'natural_decrease'),
place as (select household_id, town, village, registration_status from household h, last where h.snapshot = last.year)"""
_AGE = "date_sub('year', {0}.birth_date, $1::date)"
CHILDREN = "('son', 'daughter', 'son_in_law', 'daughter_in_law')"


def omitted_members(store: str | Path | Store, *, as_of: str, county: str = "") -> pd.DataFrame:
    """People on a registered household's hukou or insurance list who stand in no registered household (R19).

    A family of the list (`roster`) belongs to the registered household that most of its numbers are
    in. Someone whose birth date and sex are those of a member with an unreadable number is taken to
    be that member.

    Returns
    -------
    DataFrame
        `household_id`, `county`, `town`, `village`, `roster_id`, `age`, `sex`, `relation_to_head`,
        `on_hukou`, `insured`, `was_on_record` (year in which the number last stood in the
        household, missing when never), `strength`: ``strong`` (on both lists and never on record)
        or ``weak``. Empty when no list was delivered.
    """
    return query(store, f"""
        with {_LATEST},
        families as (select r.family_id, m.household_id, count(*) as persons from roster r join on_record m using (person_key)
                     group by r.family_id, m.household_id
                     qualify row_number() over (partition by r.family_id order by count(*) desc, m.household_id) = 1),
        earlier as (select person_key, household_id, max(snapshot) as year from member, last where snapshot < last.year
                    or change_kind = 'natural_decrease' group by person_key, household_id)
        select f.household_id, m.county, p.town, p.village, r.roster_id, {_AGE.format('r')}::int as age, r.sex, r.relation_to_head,
            coalesce(r.on_hukou, false) as on_hukou, coalesce(r.insured, false) as insured, e.year::int as was_on_record,
            case when r.on_hukou and r.insured and e.year is null then 'strong' else 'weak' end as strength
        from roster r join families f using (family_id) join place p using (household_id)
        join (select household_id, min(county) as county from on_record group by household_id) m using (household_id)
        left join earlier e on e.person_key = r.person_key and e.household_id = f.household_id
        where r.person_key is not null and not exists (select 1 from on_record o where o.person_key = r.person_key)
        and not exists (select 1 from on_record o where o.household_id = f.household_id and o.person_key is null
                        and o.birth_date = r.birth_date and o.sex = r.sex)
        order by strength, m.county, p.town, p.village, f.household_id, r.roster_id""", as_of=as_of, county=county, values=(as_of,))


def split_members(store: str | Path | Store, *, as_of: str, county: str = "") -> pd.DataFrame:
    """Grown children counted in a household that the hukou list shows in a family of their own (R20).

    「在户口簿上已分家单过的子女」: 18 and over, not at school, related to the head as child or child's
    spouse, with a family number other than the head's.

    Returns
    -------
    DataFrame
        `household_id`, `county`, `town`, `village`, `person_id`, `age`, `relation_to_head`,
        `work_months`, `own_spouse_or_child` (whether a child's spouse or a grandchild of the head is
        in the record too), `strength`: ``strong`` when the list has the person as head of that
        family or with six months of work and more away, else ``weak``.
    """
    return query(store, f"""
        with {_LATEST},
        listed as (select person_key, min(family_id) as family_id, bool_or(relation_to_head = 'head') as heads from roster
                   where person_key is not null and on_hukou group by person_key having count(distinct family_id) = 1),
        heads as (select m.household_id, min(l.family_id) as family_id from on_record m join listed l using (person_key)
                  where m.relation_to_head = 'head' group by m.household_id),
        kin as (select household_id, bool_or(relation_to_head in ('son_in_law', 'daughter_in_law', 'grandson', 'granddaughter')) as kin from on_record group by household_id)
        select m.household_id, m.county, p.town, p.village, m.person_id, {_AGE.format('m')}::int as age, m.relation_to_head, m.work_months::int as work_months,
            k.kin as own_spouse_or_child,
            case when l.heads or coalesce(m.work_months, 0) >= 6 and m.work_place in ('province', 'outside') then 'strong' else 'weak' end as strength
        from on_record m join listed l using (person_key) join heads h using (household_id) join place p using (household_id) join kin k using (household_id)
        where l.family_id <> h.family_id and m.relation_to_head in {CHILDREN} and {_AGE.format('m')} >= 18
        and coalesce(m.school_status, 'not_in_school') = 'not_in_school'
        order by strength, m.county, p.town, p.village, m.household_id, m.person_id""", as_of=as_of, county=county, values=(as_of,))


def unsupported_parents(store: str | Path | Store, *, as_of: str, county: str = "") -> pd.DataFrame:
    """Households of people of 60 and over alone whose hukou or insurance list shows grown children (R67).

    Returns
    -------
    DataFrame
        `household_id`, `county`, `town`, `village`, `members`, `children` (18-59 on the family's
        list and in no registered household), `other_transfer` (yuan; support from children would
        stand there, missing when unknown).
    """
    return query(store, f"""
        with {_LATEST},
        old as (select household_id, min(county) as county, count(*) as members from on_record group by household_id
                having min({_AGE.format('on_record')}) >= 60),
        families as (select distinct m.household_id, r.family_id from roster r join on_record m using (person_key) join old using (household_id)),
        grown as (select f.household_id, count(*) as children from families f join roster r using (family_id)
                  where r.relation_to_head in {CHILDREN} and {_AGE.format('r')} between 18 and 59
                  and not exists (select 1 from on_record o where o.person_key = r.person_key) group by f.household_id)
        select o.household_id, o.county, p.town, p.village, o.members::int as members, g.children::int as children, i.other_transfer::double as other_transfer
        from old o join grown g using (household_id) join place p using (household_id)
        left join income i on i.household_id = o.household_id and i.snapshot = (select year from last)
        order by o.county, p.town, p.village, o.household_id""", as_of=as_of, county=county, values=(as_of,))


def unregistered_households(store: str | Path | Store, *, as_of: str, county: str = "") -> pd.DataFrame:
    """Households on another office's list and in no registry year (R18, 应纳尽纳).

    Returns
    -------
    DataFrame
        `household_id`, `county`, `town`, `village` (missing: such a list has no village), `list`
        (``housing``: dangerous dwelling of grade C or D; ``spot_check``: found missed;
        ``monitoring``), `known_on` (day), `income_found` (yuan per person, missing when unknown).
    """
    return query(store, """
        with known as (select distinct household_id from household), lists as (
        select household_id, county, 'housing' as list, max(appraised_on) as known_on, null::double as income_found
        from housing where grade in ('C', 'D') group by all
        union all select household_id, county, 'spot_check', max(checked_on), min(income_found)::double from spot_check
        where list_contains(found, 'missed') group by household_id, county
        union all select household_id, county, 'monitoring', max(identified_on), min(income_at_identification)::double from monitoring group by household_id, county)
        select household_id, county, null::varchar as town, null::varchar as village, list, known_on::timestamp as known_on, income_found
        from lists where household_id not in (select household_id from known) order by county, list, household_id""", as_of=as_of, county=county)
