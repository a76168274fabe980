-- A dwelling in the ledger of dangerous housing by the registry year.
--   d.*, case_id    the stored columns; the household
--   lots            batches that have the household
--   registered, registration_status, due_day
select d.*, d.household_id as case_id,
    count(distinct funding_batch) over (partition by d.household_id) as lots,
    h.household_id is not null as registered, h.registration_status,
    make_date(getvariable('year'), 10, 31) as due_day
from stored.housing d
left join stored.household h on h.household_id = d.household_id and h.snapshot = getvariable('year')
where year(d.appraised_on) <= getvariable('year')
