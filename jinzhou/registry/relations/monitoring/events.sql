-- Days of finding, record, first measure and departure of each case, and its measures since the
-- entry; `cases` holds case, household_id, identified_on, cleared_on.
select c."case", min(e.recorded_on)::timestamp as recorded_on,
    arg_min(e.happened_on, e.recorded_on)::timestamp as found_on,
    min(m.started_on)::timestamp as measured_on,
    count(distinct m.measure_type || m.started_on::varchar) as measures,
    min(l.recorded_on)::timestamp as left_on
from cases c left join stored.event e on e.household_id = c.household_id and e.kind = 'monitored'
    and e.person_id is null and e.recorded_on >= c.identified_on
    and e.recorded_on < c.identified_on + interval 1 month
left join stored.measure m on m.household_id = c.household_id and m.started_on >= c.identified_on
    and m.started_on < coalesce(
        c.cleared_on + interval 1 month, getvariable('day') + interval 1 day)
left join stored.event l on l.household_id = c.household_id and l.kind = 'natural_decrease'
    and l.person_id is null
    and l.recorded_on < coalesce(
        c.cleared_on + interval 1 month, getvariable('day') + interval 1 day)
group by c."case"
order by c."case"
