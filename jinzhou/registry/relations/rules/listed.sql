-- Grown children on record, out of school, whose own family and the head's the hukou list names.
--   m.*, case_id           see relation.person; the person
--   heads_a_family         the list has the person as head of a family
--   own_family             which is another than that of the household's head
--   own_spouse_or_child    a child's spouse or a grandchild of the head is on record too
--   works_away             six months of work and more outside the county on record
with on_record as (
    select * from relation.person where snapshot = getvariable('year')
), grown as (
    select * from on_record m
    where m.relation_to_head in ('son', 'daughter', 'son_in_law', 'daughter_in_law')
        and m.age >= 18 and coalesce(m.school_status, 'not_in_school') = 'not_in_school'
        and m.person_key is not null
), asked as (
    select m.household_id, m.person_key from on_record m
    semi join grown using (household_id)
    where m.relation_to_head = 'head' and m.person_key is not null
    union all
    select household_id, person_key from grown
), listed as (
    select person_key, min(family_id) as family_id,
        bool_or(relation_to_head = 'head') as heads_a_family
    from stored.roster semi join asked using (person_key) where on_hukou group by person_key
    having min(family_id) = max(family_id)
), heads as (
    select m.household_id, min(l.family_id) as family_of_head from on_record m
    join listed l using (person_key)
    where m.relation_to_head = 'head'
    group by m.household_id
), kin as (
    select household_id,
        bool_or(
                relation_to_head in ('son_in_law', 'daughter_in_law', 'grandson', 'granddaughter'))
            as own_spouse_or_child
    from on_record semi join grown using (household_id) group by household_id
)
select m.* exclude (person_id), m.person_id as case_id, l.heads_a_family,
    l.family_id <> h.family_of_head as own_family, k.own_spouse_or_child,
    coalesce(m.work_months >= 6 and m.work_place in ('province', 'outside'), false) as works_away
from grown m join listed l using (person_key) join heads h using (household_id)
join kin k using (household_id)
