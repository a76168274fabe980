-- Recorded changes of the stock after a day; births, deaths, members added and departures only of
-- households that were poor on the record at the time.
-- $since: day
with states as (
    select household_id, make_date(snapshot, 9, 30) as known, '' as record,
        registration_status in ('poor', 'planned_exit', 'returned') as poor
    from stored.household where registration_status is not null
    union all
    select household_id, recorded_on, event_id, state = 'poor' from relation.change
), changes as (
    select * from stored.event where recorded_on > $since::date
        and kind
            in (
                'newly_identified', 'identified', 'returned', 'exited', 'removed', 'member_added',
                'natural_increase', 'natural_decrease')
)
select household_id, county,
    case kind when 'identified' then 'newly_identified' else kind end as kind, reason,
    coalesce(persons, 1)::bigint as persons, happened_on::timestamp as happened_on,
    recorded_on::timestamp as recorded_on, source_round
from (
    select c.*,
        (
            select arg_max(s.poor, (s.known, s.record)) from states s
            where s.household_id = c.household_id
                and (
                    s.known < c.recorded_on
                        or (s.known = c.recorded_on and s.record < c.event_id and s.record <> '')))
            as was_poor
    from changes c)
where kind in ('newly_identified', 'identified', 'returned', 'exited') or coalesce(was_poor, false)
order by recorded_on, household_id, event_id
