-- A wall poster checked in the calendar year: the stored columns; case_id is the household.
select *, household_id as case_id from stored.wall where year(checked_on) = getvariable('year')
