-- An in-patient stay of the calendar year with a usable bill, of a person on the registry.
--   case_id, household_id and its place, hospital_place, own_yuan, admitted_on
--   exited_on, months_since_exit      of the household
select v.setl_id as case_id, p.household_id, h.county, h.town, h.area_code, v.hospital_place,
    v.psn_part_amt::double as own_yuan, v.admitted_on, h.exited_on,
    date_sub('month', h.exited_on, v.admitted_on) as months_since_exit
from relation.bill v join (
    select person_key, household_id from relation.patient_year
    where snapshot = getvariable('year')) p using (person_key)
join relation.status h using (household_id)
where v.med_type = 'inpatient' and year(v.admitted_on) = year(getvariable('day'))
