-- Changes of the calendar year: those entered, and those that the field found and nobody entered.
with found as (
    select household_id, county, 'returned' as kind, max(visited_on) as day
    from stored.home_visit
    where result = 'returned' and year(visited_on) = year(getvariable('day'))
    group by all
    union all
    select household_id, county,
        case when list_contains(found, 'missed') then 'newly_identified' else 'returned' end,
        max(checked_on)
    from stored.spot_check
    where (list_contains(found, 'missed') or list_contains(found, 'wrongly_exited'))
        and year(checked_on) = year(getvariable('day'))
    group by all
)
select event_id, recorded_on::timestamp as recorded_on, household_id,
    coalesce(county, 'unknown') as county, kind
from stored.event where year(recorded_on) = year(getvariable('day'))
union all
select null, null, household_id, coalesce(min(county), 'unknown'), min(kind) from found f
where not exists (
        select 1 from stored.event e
        where e.household_id = f.household_id and e.recorded_on >= f.day)
group by household_id
order by county, household_id, event_id
