-- A measure begun in the calendar year of the registry year.
--   m.*, case_id     the stored columns; household and day
--   registered, registration_status, project_known
--   times            how often the same measure is on record
select m.*, m.household_id || ' ' || m.started_on as case_id,
    h.household_id is not null as registered, h.registration_status,
    count(*) over (partition by m.household_id, m.measure_type, m.started_on, m.project_id)
        as times, j.project_id is not null as project_known
from stored.measure m
left join stored.household h on h.household_id = m.household_id and h.snapshot = getvariable('year')
left join stored.project j on j.project_id = m.project_id
where year(m.started_on) = getvariable('year')
