-- Households of people of 60 and over alone with grown children on the family's list.
select o.household_id, o.county, p.town, p.village, o.members::int as members,
    g.children::int as children, i.other_transfer::double as other_transfer
from (
    select household_id, min(county) as county, count(*) as members from relation.person
    where snapshot = getvariable('year')
    group by household_id
    having min(age) >= 60) o
join (
    select household_id, count(*) as children from rules.roster
    where not in_registry and age between 18 and 59
        and relation_to_head in ('son', 'daughter', 'son_in_law', 'daughter_in_law')
    group by household_id) g using (household_id)
join (
    select household_id, town, village from stored.household where snapshot = getvariable('year'))
    p using (household_id)
left join stored.income i on i.household_id = o.household_id and i.snapshot = getvariable('year')
order by o.county, p.town, p.village, o.household_id
