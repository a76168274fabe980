-- A course that a registered member finished in the calendar year.
--   t.*, case_id     the stored columns; the person
--   household_id, county, age_trained, labour_capacity, census_day
select t.* exclude (county), t.person_id as case_id, m.household_id, m.county,
    date_sub('year', m.birth_date, t.finished_on) as age_trained, m.labour_capacity,
    make_date(getvariable('year'), 9, 30) as census_day
from stored.training t
join stored.member m on m.person_id = t.person_id and m.snapshot = getvariable('year')
where year(t.finished_on) = getvariable('year')
