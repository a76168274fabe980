-- In-patient stays admitted from a day on, with the chapter of the diagnosis (ICD-10) and the place
-- of the hospital, and nothing that could name a person.
-- $since: day; $chapters, $patterns: keys of the chapters and what their codes look like
with codes as (
    select distinct diag_code from side.visit
), chapters as (
    select diag_code, $chapters[list_position(list_transform($patterns,
        lambda p: regexp_matches(upper(diag_code), p)), true)] as chapter
    from codes
)
select coalesce(c.chapter, 'unknown') as chapter, v.hospital_place,
    coalesce(p.county, 'unknown') as county, h.area_code
from stored.visit v left join side.visit d using (setl_id) left join chapters c using (diag_code)
left join relation.patient p using (person_key) left join relation.home h using (household_id)
where v.med_type = 'inpatient' and v.admitted_on >= $since::date
order by all
