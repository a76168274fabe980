-- A spot check of the calendar year.
--   *, case_id       the stored columns; its number
--   consistent, findings (how many), days_to_correct
select *, check_id as case_id, list_contains(found, 'consistent') as consistent,
    len(found) as findings, date_diff('day', checked_on, corrected_on) as days_to_correct
from stored.spot_check where year(checked_on) = getvariable('year')
