-- A graduate of a registered household.
--   g.*, case_id     the stored columns; the person
--   household_id, county, census_day
select g.* exclude (county), g.person_id as case_id, m.household_id, m.county,
    make_date(getvariable('year'), 9, 30) as census_day
from stored.graduate g
join stored.member m on m.person_id = g.person_id and m.snapshot = getvariable('year')
