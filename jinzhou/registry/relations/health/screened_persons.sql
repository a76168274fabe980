-- Members of the latest registry year: whether their health is known, and their care of twelve
-- months.
with seen as (
    select person_key, bool_or(med_type = 'inpatient') as inpatient from stored.visit
    where admitted_on > getvariable('day') - interval 12 month
        and admitted_on <= getvariable('day') and person_key is not null
    group by 1
)
select m.county, h.area_code,
    m.health_status is not null and len(m.health_status) > 0 or s.checkup_on is not null
        or s.health_record_on is not null as screened,
    case when v.inpatient then 'inpatient' when v.person_key is not null then 'outpatient'
        else 'none' end as care
from relation.person m join stored.household h using (household_id, snapshot)
left join seen v using (person_key) left join (
    select person_id, max(checkup_on) as checkup_on, max(health_record_on) as health_record_on
    from stored.health_service group by 1) s using (person_id)
where m.snapshot = getvariable('year')
order by m.person_id
