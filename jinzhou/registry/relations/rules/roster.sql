-- A person on the hukou and insurance list of a registered household's family: the household that
-- most of the family's numbers are in. Someone born on the day of a member whose number is
-- unreadable or on no list is taken to be that member: the number is wrong, not the person.
--   r.*, case_id           the stored columns; the line of the list
--   household_id, county, age
--   in_registry            a member on record of any registered household
--   was_on_record          last year in which the household had the number; missing when never
--   on_both_lists          on both lists and never on record
with on_record as (
    select * from relation.person where snapshot = getvariable('year')
), pairs as (
    select r.family_id, m.household_id, min(m.county) as county, count(*) as persons
    from stored.roster r join on_record m using (person_key) group by r.family_id, m.household_id
), best as (
    select family_id,
        min(struct_pack(fewest := -persons, household := household_id, county := county)) as b
    from pairs group by family_id
), families as (
    select family_id, b.household as household_id, b.county as county from best
), placed as (
    select r.* exclude (county), f.household_id, f.county, n.person_key is not null as has_number
    from stored.roster r join families f using (family_id)
    left join (select distinct person_key from on_record) n using (person_key)
    where r.person_key is not null
), absent as (
    select person_key, household_id from placed where not has_number
), unmatched as (
    select distinct m.household_id, m.birth_date from on_record m
    join (select distinct household_id from absent) using (household_id)
    left join stored.roster r using (person_key)
    where r.roster_id is null
), earlier as (
    select m.person_key, m.household_id, max(m.snapshot) as was_on_record from stored.member m
    join absent using (person_key, household_id)
    where m.snapshot < getvariable('year') or m.snapshot = getvariable('year')
        and m.change_kind = 'natural_decrease'
    group by all
)
select r.* exclude (person_key, has_number), r.roster_id as case_id,
    date_sub('year', r.birth_date, make_date(getvariable('year'), 9, 30)) as age,
    r.has_number or u.household_id is not null as in_registry, e.was_on_record,
    coalesce(r.on_hukou, false) and coalesce(r.insured, false)
        and e.was_on_record is null as on_both_lists
from placed r left join unmatched u on not r.has_number and u.household_id = r.household_id
    and u.birth_date = r.birth_date
left join earlier e on not r.has_number and e.person_key = r.person_key
    and e.household_id = r.household_id
