-- Grown children of rules.listed with a family of their own, with the household's place.
select m.household_id, m.county, p.town, p.village, m.case_id as person_id, m.age::int as age,
    m.relation_to_head, m.work_months::int as work_months, m.own_spouse_or_child,
    case when m.heads_a_family or m.works_away then 'strong' else 'weak' end as strength
from rules.listed m join (
    select household_id, town, village from stored.household where snapshot = getvariable('year'))
    p using (household_id)
where m.own_family
order by strength, m.county, p.town, p.village, m.household_id, person_id
