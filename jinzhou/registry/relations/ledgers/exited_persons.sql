-- Persons of each exit, by the year of the record.
select county, year(recorded_on)::int as year, coalesce(persons, 1)::bigint as persons
from stored.event where kind = 'exited' and person_id is null
