-- Households of the latest registry year: their bills of the twelve months to the day, yuan.
with bill as (
    select person_key, med_type = 'chronic_outpatient' as chronic, medfee_sumamt::double as total,
        psn_part_amt::double as own
    from relation.bill where admitted_on > getvariable('day') - interval 12 month
        and admitted_on <= getvariable('day')
), patient as (
    select person_key, household_id from relation.patient_year
    where snapshot = getvariable('year')
), spent as (
    select household_id, count(distinct person_key)::double as treated, sum(total) as total,
        sum(own) as own,
        count(distinct person_key) filter (where chronic)::double as chronic_patients,
        sum(own) filter (where chronic) as chronic_own
    from bill join patient using (person_key) group by 1
)
select h.household_id, h.county, h.area_code, coalesce(s.treated, 0) as treated,
    coalesce(s.total, 0) as total, coalesce(s.own, 0) as own,
    coalesce(s.chronic_patients, 0) as chronic_patients,
    coalesce(s.chronic_own, 0) as chronic_own,
    i.net_income_pc::double * h.household_size as income
from stored.household h left join stored.income i using (household_id, snapshot)
left join spent s using (household_id)
where h.snapshot = getvariable('year') and h.household_size > 0
order by h.household_id
