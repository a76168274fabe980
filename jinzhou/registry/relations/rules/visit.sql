-- A settlement of the calendar year.
--   v.*, case_id               the stored columns; its number
--   household_id, county       of the patient by the registry; registered: whether there is one
--   earlier_discharge          of the stay before, of the same kind
--   inpatient, nights
--   funds                      paid by funds beyond the basic insurance
select v.* exclude (county), v.setl_id as case_id, p.household_id, p.county,
    p.household_id is not null as registered,
    lag(v.discharged_on)
        over (partition by v.person_key, v.med_type order by v.admitted_on, v.setl_id)
        as earlier_discharge, v.med_type = 'inpatient' as inpatient,
    date_diff('day', v.admitted_on, v.discharged_on) as nights,
    coalesce(hifp_pay, 0) + coalesce(cvlserv_pay, 0) + coalesce(hifes_pay, 0)
        + coalesce(hifmi_pay, 0) + coalesce(hifob_pay, 0) + coalesce(maf_pay, 0)
        + coalesce(oth_pay, 0) as funds
from stored.visit v left join relation.patient p using (person_key)
where year(v.setl_time) = getvariable('year')
