-- A graduate of a household on the registry: the stored columns, case_id, and the household's
-- place.
select g.* exclude (county, source_id, source_row), g.person_id as case_id, m.household_id,
    m.county, m.town, m.area_code
from stored.graduate g left join indicators.person m using (person_id)
