-- A check of a household's file: the stored columns; case_id is the household.
select *, household_id as case_id from stored.file_check
