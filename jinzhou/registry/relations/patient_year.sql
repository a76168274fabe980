-- The household of a person by pseudonym in a registry year; a number that two households carry
-- belongs to neither.
select person_key, snapshot, min(household_id) as household_id, min(county) as county
from stored.member where person_key is not null
group by person_key, snapshot having min(household_id) = max(household_id)
