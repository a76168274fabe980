-- An event recorded in the registry year.
--   e.*, case_id          the stored columns; its number
--   exited_before         the registry or an earlier event has the household as exited
--   identified_on, household_known      of the household
--   times                 how often the same event is on record
--   days_to_record, days_of_posting
with earlier as (
    select e.event_id, coalesce(bool_or(h.registration_status = 'exited'), false) as exited_before
    from stored.event e left join stored.household h on h.household_id = e.household_id
        and make_date(h.snapshot::int, 9, 30) < e.recorded_on
    group by e.event_id
), exits as (
    select household_id, min(happened_on) as first_exit from stored.event where kind = 'exited'
    group by household_id
), known as (
    select household_id, min(first_identified_on) as identified_on, count(*) as years
    from stored.household group by household_id
)
select e.*, e.event_id as case_id,
    x.exited_before or coalesce(f.first_exit < e.happened_on, false) as exited_before,
    k.identified_on, k.years is not null as household_known,
    count(*) over (partition by e.household_id, e.person_id, e.kind, e.happened_on) as times,
    date_diff('day', e.happened_on, e.recorded_on) as days_to_record,
    date_diff('day', e.first_public_on, e.second_public_on) as days_of_posting
from stored.event e left join earlier x using (event_id)
left join exits f on f.household_id = e.household_id
left join known k on k.household_id = e.household_id
where year(e.recorded_on) = getvariable('year')
