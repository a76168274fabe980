-- A member on record in the registry year: see relation.person and relation.identity.
--   case_id                        the person
--   at_school                      a blank is no pupil: the rules ask for what is on record
--   health_values                  how many health values are marked; healthy: is one of them
--   registration_status, household_category, first_identified_on, exit_year, household_known
--                                  of the household
--   times_in_city, times_in_county, times_in_household     how often the number stands there
--   years_above_head               age over that of the head
--   school_last_year, school_two_years_ago, seen_last_year
--   childs_family                  children-in-law and grandchildren in the household
with on_record as (
    select * from relation.person where snapshot = getvariable('year')
), doubled as (
    select person_key, count(*) as times from on_record where person_key is not null
    group by person_key
    having count(*) > 1
), twice as (
    select distinct household_id, county, person_key, times,
        count(*) over (partition by person_key, county) as in_county,
        count(*) over (partition by person_key, household_id) as in_household
    from on_record join doubled using (person_key)
), homes as (
    select household_id, max(birth_date) filter (where relation_to_head = 'head') as head_born,
        count(*)
            filter (
                where relation_to_head
                    in ('daughter_in_law', 'son_in_law', 'grandson', 'granddaughter'))
            as childs_family
    from on_record group by household_id
), a as (
    select person_id, school_status from stored.member where snapshot = getvariable('year') - 1
), b as (
    select person_id, school_status from stored.member
    where snapshot = getvariable('year') - 2 and school_status is not null
)
select m.* exclude (person_id) replace (coalesce(m.at_school, false) as at_school),
    m.person_id as case_id, n.* exclude (person_id),
    list_contains(m.health_status, 'healthy') as healthy, len(m.health_status) as health_values,
    h.registration_status, h.household_category, h.first_identified_on, h.exit_year,
    case when m.person_key is not null then coalesce(t.times, 1) end as times_in_city,
    case when m.person_key is not null then coalesce(t.in_county, 1) end as times_in_county,
    case when m.person_key is not null then coalesce(t.in_household, 1) end as times_in_household,
    m.age - date_sub('year', p.head_born, make_date(getvariable('year'), 9, 30))
        as years_above_head, a.school_status as school_last_year,
    b.school_status as school_two_years_ago, a.person_id is not null as seen_last_year,
    h.household_id is not null as household_known, p.childs_family
from on_record m left join (
    select * from stored.household where snapshot = getvariable('year')) h using (
        household_id, county)
left join relation.identity n using (person_id) left join homes p using (household_id)
left join twice t on t.person_key = m.person_key and t.household_id = m.household_id
    and t.county = m.county
left join a on a.person_id = m.person_id left join b on b.person_id = m.person_id
