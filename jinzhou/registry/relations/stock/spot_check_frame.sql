-- Households registered as exited, with what a draw needs of them.
select household_id, county, town, village, household_size::int as household_size,
    exit_year::int as exit_year
from stored.household where registration_status = 'exited' and snapshot = getvariable('year')
order by household_id
