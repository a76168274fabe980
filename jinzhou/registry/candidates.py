"""Who may be missing from the registry, and who may be counted in it wrongly: candidates with their evidence.

A candidate is somebody to ask about in the village. Nothing here removes or adds anybody.
"""

from __future__ import annotations

import pandas as pd

from jinzhou.registry.frames import LISTED, ROSTER
from jinzhou.registry.ledgers import query, relation
from jinzhou.registry.snapshot import Snapshot

_PLACE = "(select household_id, town, village from household where snapshot = $year)"


def omitted_members(snapshot: Snapshot) -> pd.DataFrame:
    """People on a registered household's hukou or insurance list who stand in no registered household (R19).

    Returns
    -------
    DataFrame
        `household_id`, `county`, `town`, `village`, `roster_id`, `age`, `sex`, `relation_to_head`,
        `on_hukou`, `insured`, `was_on_record` (year in which the number last stood in the
        household, missing when never), `strength`: ``strong`` (on both lists and never on record)
        or ``weak``. Empty when no list was delivered. See `frames.ROSTER`.
    """
    return relation(
        snapshot,
        ROSTER,
        f"""r.household_id, r.county, p.town, p.village, r.roster_id, r.age::int as age, r.sex, r.relation_to_head,
        coalesce(r.on_hukou, false) as on_hukou, coalesce(r.insured, false) as insured, r.was_on_record::int as was_on_record,
        case when r.on_both_lists then 'strong' else 'weak' end as strength
        from {{rows}} r join {_PLACE} p using (household_id) where not r.in_registry
        order by strength, r.county, p.town, p.village, r.household_id, r.roster_id""",
    )


def split_members(snapshot: Snapshot) -> pd.DataFrame:
    """Grown children counted in a household that the hukou list shows in a family of their own (R20).

    「在户口簿上已分家单过的子女」: 18 and over, not at school, related to the head as child or child's
    spouse, with a family number other than the head's.

    Returns
    -------
    DataFrame
        `household_id`, `county`, `town`, `village`, `person_id`, `age`, `relation_to_head`,
        `work_months`, `own_spouse_or_child` (whether a child's spouse or a grandchild of the head is
        in the record too), `strength`: ``strong`` when the list has the person as head of that
        family, or six months of work and more away from the county are on record, else ``weak``.
        See `frames.LISTED`.
    """
    return relation(
        snapshot,
        LISTED,
        f"""m.household_id, m.county, p.town, p.village, m.case_id as person_id, m.age::int as age, m.relation_to_head,
        m.work_months::int as work_months, m.own_spouse_or_child, case when m.heads_a_family or m.works_away then 'strong' else 'weak' end as strength
        from {{rows}} m join {_PLACE} p using (household_id) where m.own_family
        order by strength, m.county, p.town, p.village, m.household_id, person_id""",
    )


def unsupported_parents(snapshot: Snapshot) -> pd.DataFrame:
    """Households of people of 60 and over alone whose hukou or insurance list shows grown children (R67).

    Returns
    -------
    DataFrame
        `household_id`, `county`, `town`, `village`, `members`, `children` (18-59 on the family's
        list and in no registered household), `other_transfer` (yuan; support from children would
        stand there, missing when unknown).
    """
    return relation(
        snapshot,
        ROSTER,
        f"""o.household_id, o.county, p.town, p.village, o.members::int as members, g.children::int as children,
        i.other_transfer::double as other_transfer
        from (select household_id, min(county) as county, count(*) as members from member where snapshot = $year and change_kind is distinct from 'natural_decrease'
              group by household_id having min(date_sub('year', birth_date, make_date($year, 9, 30))) >= 60) o
        join (select household_id, count(*) as children from {{rows}} where not in_registry and age between 18 and 59
              and relation_to_head in ('son', 'daughter', 'son_in_law', 'daughter_in_law') group by household_id) g using (household_id)
        join {_PLACE} p using (household_id) left join income i on i.household_id = o.household_id and i.snapshot = $year
        order by o.county, p.town, p.village, o.household_id""",
    )


def unregistered_households(snapshot: Snapshot) -> pd.DataFrame:
    """Households on another office's list and in no registry year (R18, 应纳尽纳).

    Returns
    -------
    DataFrame
        `household_id`, `county`, `town`, `village` (missing: such a list has no village), `list`
        (``housing``: dangerous dwelling of grade C or D; ``spot_check``: found missed;
        ``monitoring``), `known_on` (day), `income_found` (yuan per person, missing when unknown).
    """
    return query(
        snapshot,
        """
        with known as (select distinct household_id from household), lists as (
        select household_id, county, 'housing' as list, max(appraised_on) as known_on, null::double as income_found
        from housing where grade in ('C', 'D') group by all
        union all select household_id, county, 'spot_check', max(checked_on), min(income_found)::double from spot_check
        where list_contains(found, 'missed') group by household_id, county
        union all select household_id, county, 'monitoring', max(identified_on), min(income_at_identification)::double from monitoring group by household_id, county)
        select household_id, county, null::varchar as town, null::varchar as village, list, known_on::timestamp as known_on, income_found
        from lists where household_id not in (select household_id from known) order by county, list, household_id""",
    )
