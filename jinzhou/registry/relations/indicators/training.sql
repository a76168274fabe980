-- A course of a member on the registry: the stored columns, case_id, and the household's place.
select t.* exclude (county, source_id, source_row), t.person_id as case_id, m.household_id,
    m.county, m.town, m.area_code
from stored.training t left join indicators.person m using (person_id)
