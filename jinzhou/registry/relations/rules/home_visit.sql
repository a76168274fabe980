-- A home visit of the calendar year.
--   *, case_id       the stored columns; the household
--   consistent, findings (how many), days_to_record
select *, household_id as case_id, date_diff('day', visited_on, recorded_on) as days_to_record,
    list_contains(found, 'consistent') as consistent, len(found) as findings
from stored.home_visit where year(visited_on) = getvariable('year')
