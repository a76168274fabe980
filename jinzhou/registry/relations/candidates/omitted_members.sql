-- Persons of rules.roster who stand in no registered household, with the household's place.
select r.household_id, r.county, p.town, p.village, r.roster_id, r.age::int as age, r.sex,
    r.relation_to_head, coalesce(r.on_hukou, false) as on_hukou,
    coalesce(r.insured, false) as insured, r.was_on_record::int as was_on_record,
    case when r.on_both_lists then 'strong' else 'weak' end as strength
from rules.roster r join (
    select household_id, town, village from stored.household where snapshot = getvariable('year'))
    p using (household_id)
where not r.in_registry
order by strength, r.county, p.town, p.village, r.household_id, r.roster_id
