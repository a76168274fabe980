-- A petition: case_id, place, the days on which it came and was closed.
select petition_id as case_id, null::varchar as household_id, county, town, area_code,
    received_on, closed_on
from stored.petition
