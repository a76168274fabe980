-- A household on the registry on the day: see relation.status, relation.people,
-- relation.dwelling.
--   case_id, exit_year
--   able               members able to work; unknown when none is and a labour capacity is blank
--   net_income_pc, net_income, transfer_income
--   industry, student_aid, helped_now       by measures on record
--   years_paid         registry years with a dividend
--   has_helper, helped (households of the helper), helper_unit
--   helper_poor        the helper's telephone is that of a registered household
with help as (
    select household_id, bool_or(measure_type = 'industry') as industry,
        bool_or(measure_type = 'education') as student_aid,
        bool_or(ended_on is null or ended_on >= getvariable('day')) as helped_now
    from stored.measure group by household_id
), paying as (
    select household_id, count(*) filter (where asset_dividend > 0) as years_paid
    from stored.income group by household_id
), load as (
    select helper_id, count(*) as helped from stored.household
    where snapshot = getvariable('year') and helper_id is not null
    group by helper_id
), poor_phones as (
    select distinct p.phone from side.household p
    join relation.status using (household_id)
    where p.snapshot = getvariable('year') and p.phone is not null
), helpers as (
    select h.helper_id, l.helped, h.unit,
        p.phone in (select phone from poor_phones) as helper_poor
    from stored.helper h left join load l using (helper_id)
    left join side.helper p using (helper_id)
)
select s.household_id, s.household_id as case_id, s.county, s.town, s.area_code, s.poor, s.exited,
    s.persons, h.exit_year, s.exited_on,
    p.* exclude (household_id, snapshot) replace (
        case when able > 0 or labour_known = members then able end as able), h.helper_id,
    k.helped, k.unit as helper_unit, k.helper_poor, h.helper_id is not null as has_helper,
    g.dwelling_grade, g.safe_water, g.unsafe_dwelling, g.accepted_on, g.appraised_on,
    g.dwelling_ok, i.net_income_pc::double as net_income_pc, i.net_income::double as net_income,
    i.transfer_income::double as transfer_income, coalesce(a.industry, false) as industry,
    coalesce(a.student_aid, false) as student_aid, coalesce(a.helped_now, false) as helped_now,
    coalesce(y.years_paid, 0) as years_paid
from relation.status s left join (
    select * from stored.household where snapshot = getvariable('year')) h using (household_id)
left join (
    select * from relation.people where snapshot = getvariable('year')) p using (household_id)
left join (
    select * from relation.dwelling where snapshot = getvariable('year')) g using (household_id)
left join (
    select * from stored.income where snapshot = getvariable('year')) i using (household_id)
left join help a using (household_id) left join paying y using (household_id)
left join helpers k on k.helper_id = h.helper_id
