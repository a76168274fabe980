-- A line of the ledger of health services.
--   s.*, case_id     the stored columns; the person
--   household_id, county, chronic, serious      of the member
select s.* exclude (person_id, county), s.person_id as case_id, m.household_id, m.county,
    m.chronic, m.serious
from stored.health_service s join relation.person m using (person_id, snapshot)
where s.snapshot = getvariable('year')
