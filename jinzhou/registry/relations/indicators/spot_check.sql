-- A spot check: case_id, the household's place, sample_frame, found, persons.
select c.household_id as case_id, c.household_id, c.county, s.town, s.area_code, c.sample_frame,
    c.found, coalesce(c.persons, 1) as persons
from stored.spot_check c left join relation.status s using (household_id)
